"""Each operation of the vector machine, in plain Python and in native code: rows follow one another or not."""

from __future__ import annotations

import ctypes
from itertools import product

import numpy as np
import pytest
from llvmlite import ir
from numba import types

from aid_rules.engine import vector_kernel as k
from aid_rules.engine import vector_ops as o
from aid_rules.engine.vector_kernel import NUL32, SATURE, VECTEUR, Donnees, Ecrits
from aid_rules.engine.vector_ops import NUL

POINTEUR = k._pointeur._defn(None, types.int64)
"""What an address is, for native code: its type, and how it is made."""

N = 8
S = [0, 1, 3, 3, 1, 0, 3, 1]
T = [3, 3, 1, 0, 1, 0, 3, 0]
A = [-7, 0, 5, NUL, 12, 3, 20_001, NUL]
B = [2, 0, 5, 4, NUL, 3, -2, NUL]
PETITS = [-7, 0, 5, 40_000, 12, 3, 20_001, 6]
DIVISEURS = [2, 0, 5, 4, 1, 3, -2, 7]
CHOIX = [1, 2, 3, 4, 6, 7, 0, 5]
QUATRE = [5, NUL32, -1, 7, NUL32, 2**31 - 1, 0, 9]
ENTREES, AUTRES = [-3, 0, 4, 0, -1, 9, 1, 2], [7, 6, 5, -4, -5, -6, 8, 0]
FINALITE, POSTE = [0, 1, 2, 0, 3, 0, 1, 0, 2, 1], [0, 0, 1, 1, 0, 2, 2, 0, 0, 2]
MONTANT = [10, 20, NUL, NUL, 50, 60, 70, NUL, 90, 100]
TAUX = [[10, -1, 0, 40, 0, -1], [11, 0, -1, 1, -1, 12]]
MONTANTS = [[100, NUL, 300, 5, 6, NUL], [101, 102, NUL, 7, NUL, 8]]
DEBUTS = [0, 1, 3, 3, 4, 6, 7, 9, 10]
INCONNUS = [0, 0, 1, 0, 0, 1, 0, 0]
FINALITES, POSTES = [[3, 3, 3, 3], [3, 0, 0, 1]], [[3, 3, 3], [3, 0, 1]]


@pytest.fixture(params=["python", "native"])
def machine(request, monkeypatch):
    """The machine as it is, or as Python reads it: what is said of one holds of the other."""
    if request.param == "native":
        if not hasattr(k.executer, "py_func"):
            pytest.skip("native code is turned off")
        return k.executer
    for name in ("muldiv", "_ligne", "_seules", "_somme", "_sortir", "_disperser", "executer"):
        monkeypatch.setattr(k, name, getattr(getattr(k, name), "py_func", getattr(k, name)))
    monkeypatch.setattr(k, "_pointeur", lambda address: ctypes.c_void_p(int(address)))
    return k.executer


def donnees():
    held = {
        "u": [np.array(S, np.uint8), np.array(T, np.uint8), np.zeros(N, np.uint8)],
        "i": [
            *(np.array(v, np.int64) for v in (A, B, PETITS, DIVISEURS)), np.array(CHOIX, np.uint8),
            np.array(CHOIX, np.int32), np.array(CHOIX, np.int64), np.array(QUATRE, np.int32),
        ],
        "s": [np.array(ENTREES, np.int16), np.array(AUTRES, np.int16), np.zeros(N, np.int16)],
    }  # fmt: skip
    where = {bank: np.array([v.ctypes.data for v in vectors], np.int64) for bank, vectors in held.items()}
    sizes = np.array([v.itemsize for v in held["i"]], np.int64)
    data = Donnees(
        where["u"], where["i"], sizes, where["s"], np.array(DEBUTS), np.array(FINALITE, np.int32),
        np.array(POSTE, np.int32), np.array(MONTANT), np.array(INCONNUS, np.uint8), np.array(FINALITES, np.uint8),
        np.array(POSTES, np.uint8),
    )  # fmt: skip
    return data, held


TAILLES = {"U": 3, "I": 5, "S": 3}
"""The registers of each bank."""

OPERANDES = (
    dict.fromkeys((o.LDU, o.LDM, o.LDI, o.LDS, o.LIGNE, o.SOMME, o.LDRU, o.LDRI), "")
    | dict.fromkeys((o.UNOT, o.UCERT, o.UPOSS, o.UINC, o.OUTV, o.OUTCU), "U")
    | dict.fromkeys((o.SNEG, o.SGT, o.SLT, o.OUTM, o.OUTCS), "S")
    | {o.UAND: "UU", o.UOR: "UU", o.ISEL: "UII", o.SSEL: "USS", o.UNULK: "UI", o.OUTT: "I", o.OUTA: "I"}
)
"""The banks that an operation reads; whole numbers unless it is told here."""


def tourner(row, turn):
    """The same instruction over other registers: each is the next one of its bank, `turn` times."""
    op, dst, *others = row
    banks = OPERANDES.get(op, "III")
    for place, (bank, register) in enumerate(zip(banks, others, strict=False)):
        others[place] = (register + turn) % TAILLES[bank] if register >= 0 else -1
    bank = o.kind(op)
    return [op, (dst + turn) % TAILLES[bank] if bank else dst, *others]


def lancer(machine, code, index, *, bloc0=0, offset=0, turn=0):
    """Run instructions over some rows, and return what they wrote."""
    data, held = donnees()
    told = Ecrits(
        np.arange(40, dtype=np.uint8), np.full(40, -9, np.int16), np.full((2, 40), -9, np.int16), np.full((2, 40), -9)
    )
    told.taux[:, :6], told.montant[:, :6] = TAUX, MONTANTS
    rows = np.array([tourner(row + [0] * (8 - len(row)), turn) for row in code], np.int64)
    unit = np.array([[0, len(code), 9, len(index), bloc0, offset, *TAILLES.values()]])
    places = np.full((2, N), -1, np.int32)
    places[1, [0, 2, 5, 7]] = [0, 1, 2, 0]
    cites, blocs = np.array([[0, 0], [1, 2]]), np.array([0, 7, 0, 3, 20, 30])
    machine(rows, unit, np.array([99] * 9 + index, np.uint32), data, told, cites, places, blocs)
    return told, held


CHARGES = [[o.LDU, 0, 0], [o.LDU, 1, 1], *([o.LDI, n, n] for n in range(4)), [o.LDS, 0, 0], [o.LDS, 1, 1]]
U, Q, E = 2, 4, 2
SORTIES = {"U": [o.OUTV, 0, U, 0, 1], "I": [o.OUTA, 0, Q, 1, 1], "S": [o.OUTM, 0, E, 0, 1]}


def status(function):
    return lambda r: 3 if function(r) else 0


def muldiv(a, b, c):
    return min(max(a * b // c, -SATURE), SATURE)


def ou_nul(values, function):
    return lambda r: NUL if values[r] == NUL else function(r)


def lit(r):
    return NUL if QUATRE[r] == NUL32 else QUATRE[r]


CAS = {
    "et": ([o.UAND, U, 0, 1, -1], lambda r: S[r] & T[r]), "et k": ([o.UAND, U, 0, -1, -1, 1], lambda r: S[r] & 1),
    "ou": ([o.UOR, U, 0, 1, -1], lambda r: S[r] | T[r]), "ou k": ([o.UOR, U, 0, -1, -1, 1], lambda r: S[r] | 1),
    "non": ([o.UNOT, U, 0], lambda r: {0: 3, 1: 1, 3: 0}[S[r]]),
    "certain": ([o.UCERT, U, 0], status(lambda r: S[r] == 3)), "possible": ([o.UPOSS, U, 0], status(lambda r: S[r])),
    "incertain": ([o.UINC, U, 0], status(lambda r: S[r] == 1)),
    "lu": ([o.LDU, U, 1], lambda r: T[r]),
    "si": ([o.ISEL, Q, 0, 0, 1], lambda r: A[r] if S[r] == 3 else B[r]),
    "si k2": ([o.ISEL, Q, 0, 0, -1, 8, 9], lambda r: A[r] if S[r] == 3 else 9),
    "si k": ([o.ISEL, Q, 0, -1, 1, 8, 9], lambda r: 8 if S[r] == 3 else B[r]),
    "si k k2": ([o.ISEL, Q, 0, -1, -1, 8, 9], lambda r: 8 if S[r] == 3 else 9),
    "nul": ([o.UNUL, U, 0], status(lambda r: A[r] == NUL)),
    "pas nul": ([o.UNONNUL, U, 0], status(lambda r: A[r] != NUL)),
    "nul sinon": ([o.UNULK, U, 0, 1], lambda r: 1 if B[r] == NUL else S[r]),
    "moins": ([o.ISUB, Q, 2, 3], lambda r: PETITS[r] - DIVISEURS[r]),
    "de k": ([o.IRSUB, Q, 2, -1, -1, 9], lambda r: 9 - PETITS[r]),
    "plus": ([o.IADD, Q, 2, 3], lambda r: PETITS[r] + DIVISEURS[r]),
    "plus k": ([o.IADD, Q, 2, -1, -1, 9], lambda r: PETITS[r] + 9),
    "fois": ([o.IMUL, Q, 2, 3], lambda r: PETITS[r] * DIVISEURS[r]),
    "fois k": ([o.IMUL, Q, 2, -1, -1, 9], lambda r: PETITS[r] * 9),
    "fois s": ([o.IMULS, Q, 2, 3], lambda r: PETITS[r] * DIVISEURS[r]),
    "fois s k": ([o.IMULS, Q, 2, -1, -1, 2**50], lambda r: muldiv(PETITS[r], 2**50, 1)),
    "par": ([o.IDIV, Q, 2, 3], lambda r: PETITS[r] // max(DIVISEURS[r], 1)),
    "par k": ([o.IDIV, Q, 2, -1, -1, 7], lambda r: PETITS[r] // 7),
    "par dix mille un": ([o.IDIV, Q, 2, -1, -1, 10_001], lambda r: PETITS[r] // 10_001),
    "par dix mille": ([o.IDIV, Q, 2, -1, -1, 10_000], lambda r: PETITS[r] // 10_000),
    "fois par": ([o.IMULDIV, Q, 2, 2, 3], lambda r: muldiv(PETITS[r], PETITS[r], max(DIVISEURS[r], 1))),
    "k fois k par": ([o.IMULDIV, Q, -1, -1, 3, 11, 0, 13], lambda r: 143 // max(DIVISEURS[r], 1)),
    "fois par k": ([o.IMULDIV, Q, 2, 3, -1, 0, 6], lambda r: PETITS[r] * DIVISEURS[r] // 6),
    "min": ([o.IMIN, Q, 0, 1], lambda r: min(A[r], B[r])), "min k": ([o.IMIN, Q, 0, -1, -1, 4], lambda r: min(A[r], 4)),
    "max": ([o.IMAX, Q, 0, 1], lambda r: max(A[r], B[r])), "max k": ([o.IMAX, Q, 0, -1, -1, 4], lambda r: max(A[r], 4)),
    "max n": ([o.IMAXN, Q, 0, 1], lambda r: max((v for v in (A[r], B[r]) if v != NUL), default=NUL)),
    "max n k": ([o.IMAXN, Q, 0, -1, -1, 4], lambda r: 4 if A[r] == NUL else max(A[r], 4)),
    "rempli": ([o.IFILL, Q, 0, -1, -1, 4], lambda r: 4 if A[r] == NUL else A[r]),
    "ou nul": ([o.INULP, Q, 2, 1], ou_nul(B, lambda r: PETITS[r])),
    "k ou nul": ([o.INULP, Q, -1, 1, -1, 0, 0, 6], ou_nul(B, lambda _: 6)),
    "un octet": ([o.LDI, Q, 4], lambda r: CHOIX[r]),
    "quatre": ([o.LDI, Q, 7], lit), "huit": ([o.LDI, Q, 6], lambda r: CHOIX[r]),
    "choix": ([o.SSEL, E, 0, 0, 1, 0, 0, 1], lambda r: ENTREES[r] if S[r] == 1 else AUTRES[r]),
    "choix inverse": ([o.SSEL, E, 1, 1, 0, 0, 0, 3], lambda r: AUTRES[r] if T[r] == 3 else ENTREES[r]),
    "choix k2": ([o.SSEL, E, 0, 0, -1, 5, 6, 1], lambda r: ENTREES[r] if S[r] == 1 else 6),
    "choix k": ([o.SSEL, E, 0, -1, 0, 5, 6, 0], lambda r: 5 if S[r] == 0 else ENTREES[r]),
    "choix k k2": ([o.SSEL, E, 0, -1, -1, 5, 6, 3], lambda r: 5 if S[r] == 3 else 6),
    "oppose": ([o.SNEG, E, 0], lambda r: -ENTREES[r]),
    "positif": ([o.SGT, U, 0], status(lambda r: ENTREES[r] > 0)),
    "negatif": ([o.SLT, U, 0], status(lambda r: ENTREES[r] < 0)),
    "plus grand": ([o.GT, U, 0, -1, -1, 5], status(lambda r: A[r] > 5)),
    "au moins": ([o.GE, U, 0, -1, -1, 5], status(lambda r: A[r] >= 5)),
}  # fmt: skip
for _op, _told in ((o.LT, int.__lt__), (o.LE, int.__le__), (o.EQ, int.__eq__), (o.NE, int.__ne__)):
    CAS[f"compare {_told.__name__}"] = [_op, U, 0, 1], status(lambda r, f=_told: f(A[r], B[r]))
    CAS[f"compare k {_told.__name__}"] = [_op, U, 0, -1, -1, 5], status(lambda r, f=_told: f(A[r], 5))
for _column in (4, 5, 6):
    CAS[f"masque {_column}"] = (
        [o.LDM, U, _column, -1, -1, 1, 6],
        lambda r: 3 if not CHOIX[r] & 6 else 1 if CHOIX[r] & 1 else 0,
    )


def lignes(r, aims, kinds):
    return [(aims[FINALITE[n]] & kinds[POSTE[n]], MONTANT[n]) for n in range(DEBUTS[r], DEBUTS[r + 1])]


def somme(r, aims, kinds, haut):
    kept = [amount for held, amount in lignes(r, aims, kinds) if held >= (1 if haut else 3)]
    if haut and (INCONNUS[r] or NUL in kept):
        return NUL
    return sum(amount for amount in kept if amount != NUL)


for _f, _aims in enumerate(FINALITES):
    for _p, _kinds in enumerate(POSTES):
        CAS[f"ligne {_f} {_p}"] = (
            [o.LIGNE, U, -1, -1, -1, _f, _p],
            lambda r, a=_aims, b=_kinds: int(
                np.bitwise_or.reduce([INCONNUS[r], *(held for held, _ in lignes(r, a, b))])
            ),
        )
        for _haut in (0, 1):
            CAS[f"somme {_f} {_p} {_haut}"] = (
                [o.SOMME, Q, -1, -1, -1, _f, _p, _haut],
                (lambda r, a=_aims, b=_kinds, h=_haut: somme(r, a, b, h)),
            )
CITE = {0: 0, 2: 1, 5: 2, 7: 0}
CAS |= {
    "cite": ([o.LDRU, U, -1, -1, -1, 1, 1], lambda r: 3 + CITE[r] if r in CITE else 0),
    "cite 0": ([o.LDRU, U, -1, -1, -1, 1, 0], lambda r: CITE.get(r, 0)),
}


def cite(fields, start):
    """What a computation gave to a row it concerns; a rate under zero is none."""
    return lambda r: NUL if r not in CITE or fields[start + CITE[r]] < 0 else fields[start + CITE[r]]


for _field, _told in enumerate((*TAUX, *MONTANTS)):
    for _block, _start in ((0, 0), (1, 3)):
        CAS[f"cite {_field} {_block}"] = [o.LDRI, Q, -1, -1, -1, 1, _block, _field], cite(_told, _start)
SUITES = [[0, 1, 2, 3, 4, 5, 6, 7], [2, 3, 4], [1, 3, 4, 7], [0, 5, 7, 6], [2, 3, 6], [7], [0, 3, 7], [1, 4, 6], [5]]
"""Rows that follow one another or not; the last three have one cost line each, two, one and costs not told."""


@pytest.mark.parametrize("name", CAS)
def test_each_operation(machine, name):
    """Over all rows, some that follow one another, some that do not: each row has its own result, in its block.

    Whatever the registers: each operand stands in the first one at some turn.
    """
    instruction, wanted = CAS[name]
    bank = o.kind(instruction[0])
    for index, turn in product(SUITES, range(max(TAILLES.values()))):
        told, _ = lancer(machine, [*CHARGES, instruction, SORTIES[bank]], index, bloc0=3, offset=1, turn=turn)
        field = {"U": told.verdict, "I": told.montant[1], "S": told.motif}[bank].tolist()
        assert field[21 : 21 + len(index)] == [wanted(r) for r in index]
        assert field[20] == field[21 + len(index)] + (0 if bank != "U" else -1 - len(index))


@pytest.mark.parametrize("index", SUITES)
def test_what_is_written(machine, index):
    """A constant or a register, in a column or as a field of a block; the other rows are left alone."""
    code = [
        *CHARGES, [o.OUTCU, 0, 0, 2, 0], [o.OUTCS, 0, 0, 2, 0], [o.OUTT, 0, 0, 1, 1], [o.OUTT, 0, -1, 0, 1, 45],
        [o.OUTV, 0, -1, 0, 1, 3], [o.OUTM, 0, -1, 0, 1, -4], [o.OUTA, 0, -1, 0, 1, 77], [o.OUTT, 0, -1, 1, 2, NUL],
    ]  # fmt: skip
    for turn in range(max(TAILLES.values())):
        told, held = lancer(machine, code, index, bloc0=3, offset=1, turn=turn)
        assert held["u"][2].tolist() == [S[r] if r in index else 0 for r in range(N)]
        assert held["s"][2].tolist() == [ENTREES[r] if r in index else 0 for r in range(N)]
        ends = slice(21, 21 + len(index))
        assert told.taux[1, ends].tolist() == [-1 if A[r] == NUL else A[r] for r in index]
        assert told.taux[1, 30 : 32 + len(index)].tolist() == [-9, *[-1] * len(index), -9]
        fields = (told.taux[0], told.verdict, told.motif, told.montant[0])
        assert [set(field[ends].tolist()) for field in fields] == [{45}, {3}, {-4}, {77}]
        for place in (20, 21 + len(index)):
            assert [int(field[place]) for field in fields] == [-9, place, -9, -9]
    told, held = lancer(machine, [[o.OUTCU, 0, -1, 2, 0, 3], [o.OUTCS, 0, -1, 2, 0, -2]], index)
    assert held["u"][2].tolist() == [3 if r in index else 0 for r in range(N)]
    assert held["s"][2].tolist() == [-2 if r in index else 0 for r in range(N)]


def test_a_whole_vector_and_units_of_unequal_registers(machine):
    """As many rows as a vector holds, in every bank; each bank is as wide as the widest unit asks."""
    height = VECTEUR + 3
    rows = np.arange(height)
    u, q, e = (rows % 3 + rows % 3 // 2).astype(np.uint8), 7 * rows - 50, (rows - 500).astype(np.int16)
    where = [np.array([column.ctypes.data]) for column in (u, q, e)]
    none, sets = np.zeros(0, np.int32), np.zeros((1, 1), np.uint8)
    data = Donnees(
        where[0], where[1], np.array([8]), where[2], np.zeros(height + 1, np.int64), none, none, none.astype(np.int64),
        np.zeros(height, np.uint8), sets, sets,
    )  # fmt: skip
    told = Ecrits(
        np.zeros(height, np.uint8), np.zeros(height, np.int16), np.full((2, height), 8, np.int16),
        np.zeros((2, height), np.int64),
    )  # fmt: skip
    charges = [[o.LDU, 5, 0], [o.LDI, 3, 0], [o.LDS, 1, 0], [o.OUTV, 0, 5, 0, 0], [o.OUTA, 0, 3, 1, 0]]
    code = [*charges, [o.OUTM, 0, 1, 0, 0], [o.LDU, 0, 0], [o.OUTV, 0, 0, 0, 0]]
    units = np.array([[0, 6, 0, VECTEUR, 0, 0, 6, 4, 2], [6, 8, VECTEUR, 3, 0, VECTEUR, 1, 0, 0]])
    machine(
        np.array([row + [0] * (8 - len(row)) for row in code]), units, rows[::-1].astype(np.uint32), data, told,
        np.zeros((1, 2), np.int64), np.zeros((1, height), np.int32), np.zeros(1, np.int64),
    )  # fmt: skip
    assert told.verdict.tolist() == u[::-1].tolist()
    assert told.montant[1].tolist() == [*q[::-1][:VECTEUR].tolist(), 0, 0, 0]
    assert told.motif.tolist() == [*e[::-1][:VECTEUR].tolist(), 0, 0, 0]
    assert set(told.montant[0]) | set(told.taux.ravel()) == {0, 8}


def test_an_address_is_that_of_bytes():
    """What native code reads at an address: the bytes that stand there."""
    signature, make = POINTEUR
    assert signature == types.voidptr(types.int64)
    function = ir.Function(ir.Module(), ir.FunctionType(ir.VoidType(), [ir.IntType(64)]), "lire")
    found = make(None, ir.IRBuilder(function.append_basic_block()), None, function.args)
    assert found.type == ir.IntType(8).as_pointer()


GRANDS = (0, 1, -1, 7, -7, 10_000, 2**31, 2**32 - 1, -(2**32), 3 * 2**40 + 5, 2**59 - 1, 2**59, -(2**59), 2**62)


@pytest.mark.parametrize("divisor", [1, 2, 7, 10_000, 2**32 + 1, 2**59, 2**62 + 3])
def test_products_are_exact(machine, divisor):
    """Rounded down, whatever the signs, and never beyond the largest quantity."""
    del machine
    for one in GRANDS:
        for other in GRANDS:
            assert k.muldiv(one, other, divisor) == muldiv(one, other, divisor)
    assert [k.muldiv(n, 1, 1) for n in (2**59, 2**60, -(2**60))] == [2**59, 2**59, -(2**59)]
