"""The vector machine: runs programs over the rows of a table, piece by piece, in native code.

Every operation goes over a short vector that stays in the processor's cache. The functions here release the
interpreter: several threads may run them over distinct rows.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from llvmlite import ir
from numba import carray, njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from aid_rules.engine.vector_ops import (
    EQ,
    GE,
    GT,
    IADD,
    IDIV,
    IFILL,
    IMAX,
    IMAXN,
    IMIN,
    IMUL,
    IMULDIV,
    IMULS,
    INULP,
    IRSUB,
    ISEL,
    ISUB,
    LDI,
    LDM,
    LDRI,
    LDRU,
    LDS,
    LDU,
    LE,
    LIGNE,
    LT,
    NE,
    NUL,
    OUTA,
    OUTCS,
    OUTCU,
    OUTM,
    OUTT,
    OUTV,
    SGT,
    SLT,
    SNEG,
    SOMME,
    SSEL,
    UAND,
    UCERT,
    UINC,
    UNONNUL,
    UNOT,
    UNUL,
    UNULK,
    UOR,
    UPOSS,
)  # fmt: skip

SATURE = 2**59
"""No quantity is taken beyond: 5.7 million billion euros, above any that a dossier can hold."""

VECTEUR = 1024
"""Rows of a vector."""


NUL32 = -(2**31)
"""Stands for null in a column whose numbers take four bytes."""


class Donnees(NamedTuple):
    """What programs read: the columns of facts by bank, and the cost lines, those of a row following one another.

    A column is the address of its first row: statuses (`u`), numbers of one, four or eight bytes (`i`, `octets`),
    numbers of entries (`s`). Whoever makes them keeps the arrays alive. `finalites` and `postes` tell, for each set of
    purposes and of types, the status of each code a line may bear.
    """

    u: NDArray[np.int64]
    i: NDArray[np.int64]
    octets: NDArray[np.int64]
    s: NDArray[np.int64]
    debuts: NDArray[np.int64]
    finalite: NDArray[np.int32]
    poste: NDArray[np.int32]
    montant: NDArray[np.int64]
    inconnus: NDArray[np.uint8]
    finalites: NDArray[np.uint8]
    postes: NDArray[np.uint8]


class Ecrits(NamedTuple):
    """What programs write, block after block: rates are under zero, and amounts `NUL`, where there is none."""

    verdict: NDArray[np.uint8]
    motif: NDArray[np.int16]
    taux: NDArray[np.int16]
    montant: NDArray[np.int64]


@intrinsic
def _pointeur(_context, address):
    """Return the pointer that an address is."""

    def make(_, builder, _signature, args):
        return builder.inttoptr(args[0], ir.IntType(8).as_pointer())

    return types.voidptr(address), make


@njit(nogil=True, cache=True)
def muldiv(a, b, c):
    """Return `a * b // c`, the product being held in 128 bits, saturated; `c` is never under one."""
    negative = (a < 0) != (b < 0)
    x, y, d = np.uint64(abs(a)), np.uint64(abs(b)), np.uint64(c)
    low_mask, half = np.uint64(0xFFFFFFFF), np.uint64(32)
    x1, x0, y1, y0 = x >> half, x & low_mask, y >> half, y & low_mask
    low = x0 * y0
    middle = x1 * y0 + (low >> half)
    other = x0 * y1 + (middle & low_mask)
    high = x1 * y1 + (middle >> half) + (other >> half)
    low = (other << half) | (low & low_mask)
    if high >= d:
        return -SATURE if negative else SATURE
    quotient, rest = low // d, low % d
    if high > 0:
        quotient, rest = np.uint64(0), high
        one = np.uint64(1)
        for place in range(63, -1, -1):
            rest = (rest << one) | ((low >> np.uint64(place)) & one)
            quotient = quotient << one
            if rest >= d:
                rest -= d
                quotient |= one
    if quotient > np.uint64(SATURE):
        return -SATURE if negative else SATURE
    found = np.int64(quotient)
    if negative:
        found = -found - (1 if rest > 0 else 0)
    return min(max(found, -SATURE), SATURE)


@njit(nogil=True, cache=True)
def _ligne(d, r, n, flut, plut, out):
    """Tell whether a cost line of each dossier is of some purposes and types."""
    purposes, types = d.finalites[flut], d.postes[plut]
    for j in range(n):
        row = r[j]
        found = np.uint8(1) if d.inconnus[row] else np.uint8(0)
        for k in range(d.debuts[row], d.debuts[row + 1]):
            found |= purposes[d.finalite[k]] & types[d.poste[k]]
        out[j] = found


@njit(nogil=True, cache=True)
def _seules(d, r, n):
    """Tell whether each dossier has one cost line, and its costs told."""
    alone = True
    for j in range(n):
        row = np.uint64(r[j])
        alone &= (d.debuts[row + np.uint64(1)] - d.debuts[row] == 1) & (d.inconnus[row] == 0)
    return alone


@njit(nogil=True, cache=True)
def _somme(d, r, n, flut, plut, haut, out):
    """Sum the cost lines of some purposes and types: those that count for certain, or (`haut`) that may count."""
    purposes, types = d.finalites[flut], d.postes[plut]
    least = np.uint8(1) if haut else np.uint8(3)
    lacking = NUL if haut else np.int64(0)
    if _seules(d, r, n):
        for j in range(n):
            at = np.uint64(d.debuts[np.uint64(r[j])])
            counts = purposes[np.uint64(d.finalite[at])] & types[np.uint64(d.poste[at])] >= least
            amount = d.montant[at]
            amount = lacking if amount == NUL else amount
            out[j] = amount if counts else np.int64(0)
        return
    for j in range(n):
        row = r[j]
        total = np.int64(0)
        if haut and d.inconnus[row]:
            total = NUL
        for k in range(d.debuts[row], d.debuts[row + 1]):
            if purposes[d.finalite[k]] & types[d.poste[k]] >= least:
                amount = d.montant[k]
                if amount != NUL:
                    if total != NUL:
                        total += amount
                elif haut:
                    total = NUL
        out[j] = total


@njit(nogil=True, cache=True)
def _sortir(registres, a, constante, out):
    """Write a register where it goes, rows that follow one another; a constant when there is none."""
    if a >= 0:
        x = registres[a]
        for j in range(len(out)):
            out[j] = x[j]
    else:
        out[:] = constante


@njit(nogil=True, cache=True)
def _disperser(registres, a, constante, r, out):
    """Write a register, or a constant, in the rows `r` of a column."""
    for j in range(len(r)):
        out[r[j]] = registres[a, j] if a >= 0 else constante


@njit(nogil=True, cache=True)
def executer(code, unites, index, d, s, cites, places, blocs):
    """Run units, one after the other: a program over a vector of rows each.

    A unit is (first instruction, last one, first row in `index`, number of rows, first block, place in its blocks,
    registers). `d` holds the columns and the cost lines, `s` what is written: a block is a stretch of its columns, that
    `blocs` gives the start of. `cites[k]` is (row of `places`, first block) of a computation that others cite.
    """
    height = len(d.inconnus)
    sizes = np.zeros(3, dtype=np.int64)
    for t in range(unites.shape[0]):
        for b in range(3):
            sizes[b] = max(sizes[b], unites[t, 6 + b])
    # registers a power of two apart would fall in the same places of the cache
    u = np.empty((sizes[0] + 1, VECTEUR + 192), dtype=np.uint8)
    q = np.empty((sizes[1] + 1, VECTEUR + 40), dtype=np.int64)
    e = np.empty((sizes[2] + 1, VECTEUR + 96), dtype=np.int16)
    for t in range(unites.shape[0]):
        n = unites[t, 3]
        r = index[unites[t, 2] : unites[t, 2] + n]
        first = np.int64(r[0])
        suite = np.int64(r[n - 1]) - first == n - 1  # rows that follow one another are read at once
        bloc0, offset = unites[t, 4], unites[t, 5]
        for i in range(unites[t, 0], unites[t, 1]):
            op, dst, a, b, c = code[i, 0], code[i, 1], code[i, 2], code[i, 3], code[i, 4]
            k, k2, k3 = code[i, 5], code[i, 6], code[i, 7]
            if op == UAND:
                x, z = u[a], u[dst]
                if b >= 0:
                    y = u[b]
                    for j in range(n):
                        z[j] = x[j] & y[j]
                else:
                    m = np.uint8(k)
                    for j in range(n):
                        z[j] = x[j] & m
            elif op == UOR:
                x, z = u[a], u[dst]
                if b >= 0:
                    y = u[b]
                    for j in range(n):
                        z[j] = x[j] | y[j]
                else:
                    m = np.uint8(k)
                    for j in range(n):
                        z[j] = x[j] | m
            elif op == ISEL:
                x, w = u[a], q[dst]
                if b >= 0 and c >= 0:
                    f, g = q[b], q[c]
                    for j in range(n):
                        v, v2 = f[j], g[j]  # read both: a choice between values is made several rows at a time
                        w[j] = v if x[j] == 3 else v2
                elif b >= 0:
                    f = q[b]
                    for j in range(n):
                        w[j] = f[j] if x[j] == 3 else k2
                elif c >= 0:
                    g = q[c]
                    for j in range(n):
                        w[j] = k if x[j] == 3 else g[j]
                else:
                    for j in range(n):
                        w[j] = k if x[j] == 3 else k2
            elif op == LDU:
                col, z = carray(_pointeur(d.u[a]), (height,), np.uint8), u[dst]
                if suite:
                    for j in range(n):
                        z[j] = col[first + j]
                else:
                    for j in range(n):
                        z[j] = col[r[j]]
            elif op == LDM:
                z = u[dst]
                if d.octets[a] == 1:
                    col = carray(_pointeur(d.i[a]), (height,), np.uint8)
                    m, m2 = np.uint8(k), np.uint8(k2)
                    for j in range(n):
                        v8 = col[r[j]]
                        z[j] = 3 if v8 & m2 == 0 else (1 if v8 & m != 0 else 0)
                elif d.octets[a] == 4:
                    col4 = carray(_pointeur(d.i[a]), (height,), np.int32)
                    for j in range(n):
                        v = np.int64(col4[r[j]])
                        z[j] = 3 if v & k2 == 0 else (1 if v & k != 0 else 0)
                else:
                    coli = carray(_pointeur(d.i[a]), (height,), np.int64)
                    for j in range(n):
                        v = coli[r[j]]
                        z[j] = 3 if v & k2 == 0 else (1 if v & k != 0 else 0)
            elif op == LDI:
                w = q[dst]
                if d.octets[a] == 1:
                    col = carray(_pointeur(d.i[a]), (height,), np.uint8)
                    for j in range(n):
                        w[j] = col[r[j]]
                elif d.octets[a] == 4:
                    col4 = carray(_pointeur(d.i[a]), (height,), np.int32)
                    if suite:
                        for j in range(n):
                            v = np.int64(col4[first + j])
                            w[j] = NUL if v == NUL32 else v
                    else:
                        for j in range(n):
                            v = np.int64(col4[r[j]])
                            w[j] = NUL if v == NUL32 else v
                else:
                    coli = carray(_pointeur(d.i[a]), (height,), np.int64)
                    if suite:
                        for j in range(n):
                            w[j] = coli[first + j]
                    else:
                        for j in range(n):
                            w[j] = coli[r[j]]
            elif op == SSEL:
                x, h = u[a], e[dst]
                test = np.uint8(k3)
                s1, s2 = np.int16(k), np.int16(k2)
                if b >= 0 and c >= 0:
                    h1, h2 = e[b], e[c]
                    for j in range(n):
                        s1, s2 = h1[j], h2[j]
                        h[j] = s1 if x[j] == test else s2
                elif b >= 0:
                    h1 = e[b]
                    for j in range(n):
                        h[j] = h1[j] if x[j] == test else s2
                elif c >= 0:
                    h2 = e[c]
                    for j in range(n):
                        h[j] = s1 if x[j] == test else h2[j]
                else:
                    for j in range(n):
                        h[j] = s1 if x[j] == test else s2
            elif op == UNOT:
                x, z = u[a], u[dst]
                for j in range(n):
                    v8 = x[j] ^ np.uint8(3)
                    z[j] = ((v8 & np.uint8(1)) << np.uint8(1)) | (v8 >> np.uint8(1))
            elif op == UCERT:
                x, z = u[a], u[dst]
                for j in range(n):
                    z[j] = np.uint8(3) if x[j] == 3 else np.uint8(0)
            elif op == UPOSS:
                x, z = u[a], u[dst]
                for j in range(n):
                    z[j] = np.uint8(3) if x[j] != 0 else np.uint8(0)
            elif op == UINC:
                x, z = u[a], u[dst]
                for j in range(n):
                    z[j] = np.uint8(3) if x[j] == 1 else np.uint8(0)
            elif op == LIGNE:
                _ligne(d, r, n, k, k2, u[dst])
            elif op == SOMME:
                _somme(d, r, n, k, k2, k3, q[dst])
            elif op == LT:
                f, z = q[a], u[dst]
                if b >= 0:
                    g = q[b]
                    for j in range(n):
                        z[j] = np.uint8(3) if f[j] < g[j] else np.uint8(0)
                else:
                    for j in range(n):
                        z[j] = np.uint8(3) if f[j] < k else np.uint8(0)
            elif op == LE:
                f, z = q[a], u[dst]
                if b >= 0:
                    g = q[b]
                    for j in range(n):
                        z[j] = np.uint8(3) if f[j] <= g[j] else np.uint8(0)
                else:
                    for j in range(n):
                        z[j] = np.uint8(3) if f[j] <= k else np.uint8(0)
            elif op == EQ:
                f, z = q[a], u[dst]
                if b >= 0:
                    g = q[b]
                    for j in range(n):
                        z[j] = np.uint8(3) if f[j] == g[j] else np.uint8(0)
                else:
                    for j in range(n):
                        z[j] = np.uint8(3) if f[j] == k else np.uint8(0)
            elif op == NE:
                f, z = q[a], u[dst]
                if b >= 0:
                    g = q[b]
                    for j in range(n):
                        z[j] = np.uint8(3) if f[j] != g[j] else np.uint8(0)
                else:
                    for j in range(n):
                        z[j] = np.uint8(3) if f[j] != k else np.uint8(0)
            elif op == GT:
                f, z = q[a], u[dst]
                for j in range(n):
                    z[j] = np.uint8(3) if f[j] > k else np.uint8(0)
            elif op == GE:
                f, z = q[a], u[dst]
                for j in range(n):
                    z[j] = np.uint8(3) if f[j] >= k else np.uint8(0)
            elif op == UNUL:
                f, z = q[a], u[dst]
                for j in range(n):
                    z[j] = np.uint8(3) if f[j] == NUL else np.uint8(0)
            elif op == UNONNUL:
                f, z = q[a], u[dst]
                for j in range(n):
                    z[j] = np.uint8(0) if f[j] == NUL else np.uint8(3)
            elif op == UNULK:
                x, f, z = u[a], q[b], u[dst]
                for j in range(n):
                    z[j] = np.uint8(1) if f[j] == NUL else x[j]
            elif op == IMIN:
                f, w = q[a], q[dst]
                if b >= 0:
                    g = q[b]
                    for j in range(n):
                        w[j] = f[j] if f[j] < g[j] else g[j]
                else:
                    for j in range(n):
                        w[j] = f[j] if f[j] < k else k
            elif op == IMAX:
                f, w = q[a], q[dst]
                if b >= 0:
                    g = q[b]
                    for j in range(n):
                        w[j] = f[j] if f[j] > g[j] else g[j]
                else:
                    for j in range(n):
                        w[j] = f[j] if f[j] > k else k
            elif op == IMAXN:
                f, w = q[a], q[dst]
                if b >= 0:
                    g = q[b]
                    for j in range(n):
                        v, v2 = f[j], g[j]
                        w[j] = v2 if v == NUL else v if v2 == NUL or v > v2 else v2
                else:
                    for j in range(n):
                        v = f[j]
                        w[j] = k if v == NUL or v < k else v
            elif op == IADD:
                f, w = q[a], q[dst]
                if b >= 0:
                    g = q[b]
                    for j in range(n):
                        w[j] = f[j] + g[j]
                else:
                    for j in range(n):
                        w[j] = f[j] + k
            elif op == ISUB:
                f, g, w = q[a], q[b], q[dst]
                for j in range(n):
                    w[j] = f[j] - g[j]
            elif op == IRSUB:
                f, w = q[a], q[dst]
                for j in range(n):
                    w[j] = k - f[j]
            elif op == IMUL:
                f, w = q[a], q[dst]
                if b >= 0:
                    g = q[b]
                    for j in range(n):
                        w[j] = f[j] * g[j]
                else:
                    for j in range(n):
                        w[j] = f[j] * k
            elif op == IMULS:
                f, w = q[a], q[dst]
                for j in range(n):
                    w[j] = muldiv(f[j], q[b, j] if b >= 0 else k, 1)
            elif op == IDIV:
                f, w = q[a], q[dst]
                if b >= 0:
                    g = q[b]
                    for j in range(n):
                        w[j] = f[j] // max(g[j], 1)
                elif k == 10_000:  # a division by a constant is several times quicker
                    for j in range(n):
                        w[j] = f[j] // 10_000
                else:
                    for j in range(n):
                        w[j] = f[j] // k
            elif op == IMULDIV:
                w = q[dst]
                for j in range(n):
                    v, v2 = q[a, j] if a >= 0 else k3, q[b, j] if b >= 0 else k
                    w[j] = muldiv(v, v2, max(q[c, j], 1) if c >= 0 else k2)
            elif op == IFILL:
                f, w = q[a], q[dst]
                for j in range(n):
                    w[j] = k if f[j] == NUL else f[j]
            elif op == INULP:
                g, w = q[b], q[dst]
                for j in range(n):
                    v = q[a, j] if a >= 0 else k3
                    w[j] = NUL if g[j] == NUL else v
            elif op == LDS:
                cols, h = carray(_pointeur(d.s[a]), (height,), np.int16), e[dst]
                for j in range(n):
                    h[j] = cols[r[j]]
            elif op == SNEG:
                h1, h = e[a], e[dst]
                for j in range(n):
                    h[j] = -h1[j]
            elif op == SGT:
                h1, z = e[a], u[dst]
                for j in range(n):
                    z[j] = np.uint8(3) if h1[j] > 0 else np.uint8(0)
            elif op == SLT:
                h1, z = e[a], u[dst]
                for j in range(n):
                    z[j] = np.uint8(3) if h1[j] < 0 else np.uint8(0)
            elif op == LDRU:
                where, z = places[cites[k, 0]], u[dst]
                start = blocs[cites[k, 1] + k2]
                for j in range(n):
                    at = where[r[j]]
                    z[j] = s.verdict[start + at] if at >= 0 else np.uint8(0)
            elif op == LDRI:
                where, w = places[cites[k, 0]], q[dst]
                start = blocs[cites[k, 1] + k2]
                for j in range(n):
                    at = where[r[j]]
                    w[j] = NUL
                    if at >= 0:
                        if k3 < 2:
                            rate = s.taux[k3, start + at]
                            if rate >= 0:
                                w[j] = rate
                        else:
                            w[j] = s.montant[k3 - 2, start + at]
            elif op == OUTV:
                start = blocs[bloc0 + c] + offset
                _sortir(u, a, np.uint8(k), s.verdict[start : start + n])
            elif op == OUTM:
                start = blocs[bloc0 + c] + offset
                _sortir(e, a, np.int16(k), s.motif[start : start + n])
            elif op == OUTT:
                start = blocs[bloc0 + c] + offset
                told16 = s.taux[b, start : start + n]
                if a >= 0:
                    f = q[a]
                    for j in range(n):
                        told16[j] = np.int16(-1) if f[j] == NUL else np.int16(f[j])
                else:
                    told16[:] = np.int16(-1) if k == NUL else np.int16(k)
            elif op == OUTA:
                start = blocs[bloc0 + c] + offset
                _sortir(q, a, k, s.montant[b, start : start + n])
            elif op == OUTCU:
                col = carray(_pointeur(d.u[b]), (height,), np.uint8)
                if suite:
                    _sortir(u, a, np.uint8(k), col[first : first + n])
                else:
                    _disperser(u, a, np.uint8(k), r, col)
            elif op == OUTCS:
                cols = carray(_pointeur(d.s[b]), (height,), np.int16)
                if suite:
                    _sortir(e, a, np.int16(k), cols[first : first + n])
                else:
                    _disperser(e, a, np.int16(k), r, cols)
