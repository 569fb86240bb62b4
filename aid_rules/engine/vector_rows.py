"""Which rows each computation goes over, and where the result of a row stands among them: in native code."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray


class Listes(NamedTuple):
    """The computations that read a cost line, by period and by purpose.

    Those of place `p` and code `c` are `calculs[bornes[i] : bornes[i + 1]]`, `i` being `p * largeur + c`; the last code
    stands for a purpose that is not told, or costs that are not. `entiers` gives the computations that go over every
    row of a place, and that place.
    """

    largeur: int
    bornes: NDArray[np.int64]
    calculs: NDArray[np.int64]
    entiers: NDArray[np.int64]


@njit(nogil=True, cache=True)
def compter(listes, d, places, entiers, cases, ou):
    """Count in `ou` the rows that each computation concerns, and write in `cases` where the lists of each row stand.

    A row is concerned by the computations that read one of its cost lines, by all when it tells no costs: `cases` is -1
    where its lines, none or several, lead to several lists. `d` holds the cost lines, `places` the place of the periods
    of the rows, `entiers` how many rows the computations go over that go over all.
    """
    seen = np.zeros(len(listes.bornes) - 1, dtype=np.int64)
    last = np.full(len(ou), -1, dtype=np.int64)
    for row in range(len(places)):
        base, start, end = places[row] * listes.largeur, np.uint64(d.debuts[row]), np.uint64(d.debuts[row + 1])
        if d.inconnus[row]:
            slot = base + listes.largeur - 1
        elif end - start == 1:
            slot = base + d.finalite[start]
        else:
            cases[row] = -1
            _parcourir(listes, d, base, row, last, ou, cases, False)
            continue
        cases[row] = slot
        seen[np.uint64(slot)] += 1
    for slot in range(len(seen)):
        for t in range(listes.bornes[slot], listes.bornes[slot + 1]):
            ou[listes.calculs[t]] += seen[slot]
    for i in range(len(entiers)):
        ou[listes.entiers[i, 0]] += entiers[i, 1] - entiers[i, 0]


@njit(nogil=True, cache=True)
def placer(listes, d, places, entiers, cases, ou, index):
    """Write in `index` the rows that `compter` has counted, those of each computation from where `ou` tells."""
    last = np.full(len(ou), -1, dtype=np.int64)
    for row in range(len(places)):
        if cases[row] < 0:
            _parcourir(listes, d, places[row] * listes.largeur, row, last, ou, index, True)
            continue
        slot = np.uint64(cases[row])
        for t in range(listes.bornes[slot], listes.bornes[slot + np.uint64(1)]):
            k = np.uint64(listes.calculs[t])
            index[np.uint64(ou[k])] = row
            ou[k] += 1
    for i in range(len(entiers)):
        k, start, count = listes.entiers[i, 0], entiers[i, 0], entiers[i, 1] - entiers[i, 0]
        at = ou[k]
        for row in range(count):
            index[at + row] = start + row
        ou[k] += count


@njit(nogil=True, cache=True)
def _parcourir(listes, d, base, row, last, ou, index, ecrire):
    """Count, or write, a row in each computation that reads one of its cost lines; `last` tells its last row."""
    for line in range(d.debuts[row], d.debuts[row + 1]):
        slot = base + d.finalite[line]
        for t in range(listes.bornes[slot], listes.bornes[slot + 1]):
            k = listes.calculs[t]
            if last[k] != row:  # another of its lines may have led there
                last[k] = row
                if ecrire:
                    index[ou[k]] = row
                ou[k] += 1


@njit(nogil=True, cache=True)
def situer(index, debuts, comptes, cites, places):
    """Write where the result of each row stands among those of a computation that others cite; -1 where it is not."""
    for c in range(len(cites)):
        places[c, :] = -1
        start = debuts[cites[c]]
        for i in range(comptes[cites[c]]):
            places[c, index[start + i]] = i
