"""Which rows each computation goes over, and where the result of a row stands among them: in native code."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def masquer(debuts, finalite, inconnus, masques):
    """Write for each row the set of the purposes of its cost lines, one bit each: all when it tells no costs."""
    for w in range(masques.shape[0]):
        for row in range(masques.shape[1]):
            masques[w, row] = -1 if inconnus[row] else 0
    for row in range(masques.shape[1]):
        for k in range(debuts[row], debuts[row + 1]):
            code = finalite[k]
            masques[code >> 6, row] |= np.int64(1) << (code & 63)


@njit(nogil=True, cache=True)
def concernes(masques, ordre, tranches, places, calculs, debuts, index, comptes):
    """Write for each computation the rows that it concerns: a cost line of its purposes, or costs that are not told.

    `calculs[k]` is (first place, last place, dense, mask…): the rows of these periods, all of them when dense.
    """
    width = masques.shape[0]
    for k in range(calculs.shape[0]):
        at = debuts[k]
        words = 0
        for w in range(width):
            if calculs[k, 3 + w] != 0:
                words += 1
                word = w
        for p in range(calculs[k, 0], calculs[k, 1]):
            start, end = tranches[places[p], 0], tranches[places[p], 1]
            if calculs[k, 2]:
                for i in range(start, end):
                    index[at + i - start] = ordre[i]
                at += end - start
            elif words == 1:
                mask, column = calculs[k, 3 + word], masques[word]
                for i in range(start, end):
                    row = ordre[i]
                    index[at] = row
                    at += (column[row] & mask) != 0
            else:
                for i in range(start, end):
                    row = ordre[i]
                    index[at] = row
                    here = False
                    for w in range(width):
                        here |= (masques[w, row] & calculs[k, 3 + w]) != 0
                    at += here
        comptes[k] = at - debuts[k]


@njit(nogil=True, cache=True)
def situer(index, debuts, comptes, cites, places):
    """Write where the result of each row stands among those of a computation that others cite; -1 where it is not."""
    for c in range(len(cites)):
        places[c, :] = -1
        start = debuts[cites[c]]
        for i in range(comptes[cites[c]]):
            places[c, index[start + i]] = i
