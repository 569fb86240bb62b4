"""What a column tells of itself, its bounds and whether it may be null, and what is folded as it is written."""

from __future__ import annotations

import pytest
from test_columnar_intervals import calculer

from aid_rules.engine import columnar_expressions as x
from aid_rules.engine import vector_ops as o
from aid_rules.engine.columnar_expressions import Bit, Col
from aid_rules.engine.vector_kernel import SATURE
from aid_rules.engine.vector_ops import NUL, nombre, statut
from aid_rules.language.tree import FAUX, INCONNU, VRAI

LARGE = 2**63 - 1


def col(low, high, *, nul=False, name="v"):
    return Col(nombre(name), low, high, nul)


def dit(value):
    """The bounds of a column, and whether it may be null."""
    return value.mini, value.maxi, value.nul


def calcul(value, **colonnes):
    """The values of a column over these rows."""
    return calculer(x.col_expr(value), colonnes)


@pytest.mark.parametrize(("value", "written"), [(False, FAUX), (None, INCONNU), (True, VRAI)])
def test_truth_values_that_are_the_same_everywhere(value, written):
    """False, unknown and true are written 0, 1 and 3; a column as it is; an amount as itself, nothing as null."""
    assert x.bit_expr(value).constante == written
    bit = Bit(statut("b"))
    assert x.bit_expr(bit) is bit.expr
    assert x.col_expr(written).constante == written
    assert x.col_expr(None).constante == NUL


def test_what_is_told_for_certain_is_never_unknown():
    """Certain, possible, in doubt, null, compared: a plain yes or no; what is never unknown is left as it is."""
    bit, sure = Bit(statut("b")), Bit(statut("s"), nul=False)
    told = [x.certain(bit), x.possible(bit), x.incertain(bit), x.est_nul(col(0, 1, nul=True))]
    told.append(x.comparer("<", col(0, 1, nul=True), 1))
    assert [x.peut_manquer(value) for value in told] == [False] * 5
    assert x.certain(sure) is x.possible(sure) is sure
    assert x.incertain(sure) is x.est_nul(col(0, 1)) is x.est_nul(3) is False
    assert x.est_nul(None) is True
    assert [x.peut_manquer(v) for v in (True, None, bit, sure, x.non(bit), x.non(sure))] == [
        False, True, True, False, True, False,
    ]  # fmt: skip
    assert [x.peut_manquer(x.et(v)) for v in ([bit, sure], [sure, sure], [sure, None])] == [True, False, True]


def test_what_changes_nothing_adds_nothing():
    """The conjunction, the sum, the extreme of one is itself; so is what is multiplied by one or never below zero."""
    bit, one, other, open_ = Bit(statut("b")), col(0, 7), col(-3, 7), col(0, 7, nul=True)
    assert x.et([bit]) is x.ou([bit]) is x.et([True, bit]) is x.ou([False, bit]) is bit
    assert x.somme([(1, other)]) is x.somme([(1, other), (1, 2), (-1, 2)]) is other
    assert x.produit(other, 1) is x.produit(1, other) is x.extremum([other], plus_petit=False) is other
    assert x.produit(other, 0) == x.produit(0, other) == 0
    assert isinstance(x.produit(open_, 0), Col)
    assert calcul(x.produit(open_, 0), v=[None, 3]) == [None, 0]
    assert x.positif(one) is x.remplir(one, 9) is x.nul_si(one, [other, 3]) is one
    assert x.remplir(5, 9) == x.nul_si(5, [one]) == 5
    assert x.choisir(bit, one, one) is one
    assert x.choisir(bit, 4, 4) == 4
    assert x.si_connus(bit, [3, one]) is bit


@pytest.mark.parametrize(("value", "told"), [
    (lambda: x.somme([(1, col(1, 7)), (-1, col(2, 5)), (1, 10)]), (6, 15, False)),
    (lambda: x.somme([(-1, col(2, 5, nul=True))]), (-5, -2, True)),
    (lambda: x.somme([(1, col(-2**62, 2**62, name=n)) for n in "abc"]), (-LARGE, LARGE, False)),
    (lambda: x.produit(col(-7, 3), col(2, 5)), (-35, 15, False)),
    (lambda: x.produit(col(-7, 3), col(2, 5, nul=True)), (-35, 15, True)),
    (lambda: x.produit(col(1, 7), LARGE // 7), (LARGE // 7, LARGE, False)),
    (lambda: x.produit(col(0, 2**32), col(0, 2**31)), (0, SATURE, False)),
    (lambda: x.produit(col(2**40, 2**41), col(2**40, 2**41)), (SATURE, SATURE, False)),
    (lambda: x.produit(col(2**40, 2**41), -(2**40)), (-SATURE, -SATURE, False)),
    (lambda: x.produit(col(-(2**40), 2**41), 2**40), (-SATURE, SATURE, False)),
    (lambda: x.proportion(col(10, 10**14), col(1, 10**6), 1), (10, SATURE, False)),
    (lambda: x.proportion(col(-(10**14), 10**14), 10**6, col(10**6, 10**7)), (-(10**14), 10**14, False)),
    (lambda: x.proportion(col(0, 10**14), 10**6, col(1, 9, nul=True)), (0, SATURE, True)),
    (lambda: x.proportion(col(3, 9), 100, col(4, 10, nul=True)), (30, 225, True)),
    (lambda: x.quotient(7, col(1, 9)), (0, 7, False)), (lambda: x.quotient(-7, col(1, 9, nul=True)), (-7, 0, True)),
    (lambda: x.quotient(col(-7, 9), col(0, 2)), (-7, 9, False)),
    (lambda: x.quotient(col(7, 9, nul=True), 2), (3, 4, True)),
    (lambda: x.extremum([col(0, 5), col(3, 9)], plus_petit=True), (0, 5, False)),
    (lambda: x.extremum([col(0, 5), col(3, 9)], plus_petit=False), (3, 9, False)),
    (lambda: x.extremum([col(0, 5), 4], plus_petit=True), (0, 4, False)),
    (lambda: x.extremum([col(5, 9, nul=True), col(3, 4)], plus_petit=False), (3, 9, False)),
    (lambda: x.extremum([col(0, 5, nul=True), col(3, 9)], plus_petit=True), (0, 9, False)),
    (lambda: x.extremum([col(0, 5, nul=True), col(3, 9, nul=True)], plus_petit=True), (0, 9, True)),
    (lambda: x.extremum([col(0, 5, nul=True), 7], plus_petit=False), (0, 7, False)),
    (lambda: x.positif(col(-9, -3)), (0, 0, False)), (lambda: x.positif(col(-9, 4, nul=True)), (0, 4, True)),
    (lambda: x.positif(col(-1, 4)), (0, 4, False)),
    (lambda: x.remplir(col(3, 9, nul=True), 0), (0, 9, False)),
    (lambda: x.remplir(col(3, 9, nul=True), 12), (3, 12, False)),
    (lambda: x.nul_si(col(3, 9), [col(0, 1, nul=True)]), (3, 9, True)),
    (lambda: x.nul_si(5, [col(0, 1, nul=True)]), (5, 5, True)),
    (lambda: x.choisir(Bit(statut("b")), col(3, 9), 1), (1, 9, False)),
    (lambda: x.choisir(Bit(statut("b")), 3, None), (3, 3, True)),
    (lambda: x.choisir(Bit(statut("b")), col(3, 9, nul=True), 12), (3, 12, True)),
])  # fmt: skip
def test_the_bounds_of_what_is_computed(value, told):
    """As narrow as those of what is read allow, within what 64 bits hold; null only where it may be."""
    assert dit(value()) == told


def test_a_product_is_computed_in_128_bits_only_when_it_must():
    """At the last number of 64 bits it need not; one beyond, it must, or it would go round."""
    assert x.produit(col(0, 7), LARGE // 7).expr.op == o.IMUL
    assert x.proportion(col(0, 7), LARGE // 7, 10).expr.op == o.IDIV
    beyond = x.produit(col(0, 2**31), col(0, 2**32, name="w"))
    assert beyond.expr.op == o.IMULS
    assert calcul(beyond, v=[2**31, 3, 0], w=[2**32, 5, 2**32]) == [SATURE, 15, 0]
    shared = x.proportion(col(0, 2**31), col(0, 2**32, name="w"), 2**32)
    assert shared.expr.op == o.IMULDIV
    assert calcul(shared, v=[2**31, 2**31, 3], w=[2**32, 2**31, 2**31]) == [2**31, 2**30, 1]
    small_ends = x.produit(col(0, 2**40), col(0, 2**40, name="w"))
    assert calcul(small_ends, v=[2**40, 7], w=[2**40, 6]) == [SATURE, 42]


def test_a_null_column_leaves_the_others_alone():
    """The greatest of what is known, the other's own bounds included."""
    greatest = x.extremum([col(5, 9, nul=True), col(3, 4, name="w")], plus_petit=False)
    assert calcul(greatest, v=[None, 6, 9], w=[3, 4, 3]) == [3, 6, 9]
    least = x.extremum([col(0, 5, nul=True), col(3, 9, name="w")], plus_petit=True)
    assert calcul(least, v=[None, 0, 5], w=[9, 9, 3]) == [9, 0, 3]


def test_a_comparison_that_the_bounds_settle_is_settled():
    """True or false everywhere, at the bounds themselves; null is below nothing."""
    low, high, open_ = col(0, 5), col(5, 9), col(0, 5, nul=True)
    assert x.inferieur(low, high, strict=False) is True
    assert isinstance(x.inferieur(low, high, strict=True), Bit)
    assert x.inferieur(low, 6, strict=True) is True
    assert x.inferieur(high, low, strict=True) is False
    assert isinstance(x.inferieur(high, low, strict=False), Bit)
    assert x.inferieur(6, low, strict=False) is False
    assert isinstance(x.inferieur(open_, high, strict=False), Bit)
    assert isinstance(x.inferieur(3, open_, strict=False), Bit)
    assert x.inferieur(None, low, strict=False) is x.inferieur(low, None, strict=False) is False
