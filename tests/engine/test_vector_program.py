"""Programs of the vector machine: equal parts once, each operand in its place, registers reused when free."""

from __future__ import annotations

import numpy as np
import pytest

from aid_rules.engine import vector_ops as o
from aid_rules.engine.vector_ops import Expr, choix, const, nombre, statut
from aid_rules.engine.vector_program import LARGEUR, Registre, Sortie, ecrire


def lignes(*sorties):
    """The instructions of a program, and the program."""
    program = ecrire(sorties, Registre())
    return program.code.tolist(), program


def somme(*args, imm=()):
    return Expr(o.IADD, args, imm)


def test_columns_are_numbered_by_bank():
    """From zero in each bank, the same number each time."""
    registre = Registre()
    asked = [("U", "a"), ("U", "b"), ("I", "a"), ("U", "a"), ("S", "a"), ("I", "b")]
    assert [registre.numero(column) for column in asked] == [0, 1, 0, 0, 0, 1]


def test_equal_parts_are_computed_once():
    """Two writings of one expression are one; another name, figure or operand makes another."""
    sortie = Sortie(o.OUTA, somme(nombre("a"), nombre("b")), champ=1, bloc=2)
    again = Sortie(o.OUTA, somme(nombre("a"), nombre("b")), champ=0, bloc=3)
    code, program = lignes(sortie, again)
    assert code == [
        [o.LDI, 0, 0, -1, -1, 0, 0, 0],
        [o.LDI, 1, 1, -1, -1, 0, 0, 0],
        [o.IADD, 2, 0, 1, -1, 0, 0, 0],
        [o.OUTA, 0, 2, 1, 2, 0, 0, 0],
        [o.OUTA, 0, 2, 0, 3, 0, 0, 0],
    ]
    assert program.colonnes == {("I", "a"), ("I", "b")}
    assert (program.ecrites, program.registres) == (frozenset(), {"U": 0, "I": 3, "S": 0})
    other = lignes(sortie, Sortie(o.OUTA, somme(nombre("b"), nombre("a"))))[0]
    assert [row[0] for row in other] == [o.LDI, o.LDI, o.IADD, o.OUTA, o.IADD, o.OUTA]
    masks = lignes(Sortie(o.OUTV, choix("c", 1, 6)), Sortie(o.OUTV, choix("c", 2, 5)))[0]
    assert masks[0] == [o.LDM, 0, 0, -1, -1, 1, 6, 0]
    assert masks[2] == [o.LDM, 0, 0, -1, -1, 2, 5, 0]


@pytest.mark.parametrize(("args", "operands", "given"), [
    ((None, 7, 8), (0, -1, -1), (7, 8, 0)), ((None, None, 8), (0, 1, -1), (0, 8, 0)),
    ((None, 7, None), (0, -1, 1), (7, 0, 0)), ((6, None, None), (-1, 0, 1), (0, 0, 6)),
    ((6, 7, None), (-1, -1, 0), (7, 0, 6)), ((6, None, 8), (-1, 0, -1), (0, 8, 6)),
])  # fmt: skip
def test_each_constant_has_its_place(args, operands, given):
    """The second operand in the first figure, the third in the second, the first in the third."""
    read = [nombre(f"v{k}") if arg is None else const(arg) for k, arg in enumerate(args)]
    code, _ = lignes(Sortie(o.OUTA, Expr(o.IMULDIV, tuple(read))))
    assert code[-2][0] == o.IMULDIV
    assert (tuple(code[-2][2:5]), tuple(code[-2][5:])) == (operands, given)


def test_what_an_operation_must_be_told_besides():
    """An operation with operands is told it in the third figure, a load in all of them; unsigned masks are signed."""
    wanted = Expr(o.SSEL, (statut("a"), const(4), const(5)), (3,))
    assert lignes(Sortie(o.OUTM, wanted))[0][1] == [o.SSEL, 0, 0, -1, -1, 4, 5, 3]
    assert lignes(Sortie(o.OUTA, Expr(o.SOMME, (), (4, 5, 1))))[0][0] == [o.SOMME, 0, -1, -1, -1, 4, 5, 1]
    assert choix("c", 2**63, 2**63 - 1).imm == (-(2**63), 2**63 - 1)
    assert lignes(Sortie(o.OUTV, choix("c", 2**63, 1)))[0][0][5:] == [-(2**63), 1, 0]


def test_a_constant_is_written_as_it_is():
    """Before all, without an instruction of its own; zero as well; to a column or to a block."""
    code, program = lignes(
        Sortie(o.OUTCU, statut("lu"), "ecrit"), Sortie(o.OUTA, const(9), champ=1, bloc=4), Sortie(o.OUTM, const(0)),
        Sortie(o.OUTCS, const(-2), "code"), Sortie(o.OUTCU, const(3), "autre"),
    )  # fmt: skip
    assert code == [
        [o.OUTA, 0, -1, 1, 4, 9, 0, 0],
        [o.OUTM, 0, -1, 0, 0, 0, 0, 0],
        [o.OUTCS, 0, -1, 0, 0, -2, 0, 0],
        [o.OUTCU, 0, -1, 0, 0, 3, 0, 0],
        [o.LDU, 0, 1, -1, -1, 0, 0, 0],
        [o.OUTCU, 0, 0, 2, 0, 0, 0, 0],
    ]
    assert program.ecrites == {("S", "code"), ("U", "autre"), ("U", "ecrit")}
    assert program.colonnes == {("U", "lu")}


def test_registers_are_freed_after_the_last_reading():
    """A value read again later keeps its register; one that nothing reads any more gives it up, and not before."""
    a, b, c = nombre("a"), nombre("b"), nombre("c")
    first = somme(a, b)
    second = somme(first, c)
    code, program = lignes(Sortie(o.OUTA, somme(second, a)))
    assert [row[:4] for row in code[:-1]] == [
        [o.LDI, 0, 0, -1], [o.LDI, 1, 1, -1], [o.IADD, 2, 0, 1],
        [o.LDI, 1, 2, -1], [o.IADD, 3, 2, 1], [o.IADD, 1, 3, 0],
    ]  # fmt: skip
    assert program.registres == {"U": 0, "I": 4, "S": 0}
    twice = somme(a, a)
    code, program = lignes(Sortie(o.OUTA, twice), Sortie(o.OUTA, somme(b, c), bloc=1))
    assert program.registres["I"] == 3
    assert [row[1] for row in code if row[0] != o.OUTA] == [0, 1, 1, 0, 2]
    kinds = lignes(Sortie(o.OUTM, Expr(o.SSEL, (Expr(o.LT, (a, b)), const(1), const(2)), (3,))))[1]
    assert kinds.registres == {"U": 1, "I": 2, "S": 1}


def test_nothing_to_write_is_an_empty_program():
    """No instruction, of the right width."""
    program = lignes()[1]
    assert program.code.shape == (0, LARGEUR)
    assert program.registres == {"U": 0, "I": 0, "S": 0}


def test_what_each_operation_gives():
    """Statuses, numbers, entries, or nothing: the ends of each stretch."""
    ends = {o.LDU: "U", o.SLT: "U", o.LDI: "I", o.INULP: "I", o.LDS: "S", o.SNEG: "S", o.OUTV: "", o.CONST: ""}
    assert {op: o.kind(op) for op in ends} == ends
    assert (const(0).constante, const(5).constante, nombre("a").constante) == (0, 5, None)


def test_null_is_the_greatest_of_all():
    """No number of 64 bits goes beyond it: it is never the least of several quantities."""
    assert np.iinfo(np.int64).max == o.NUL
