"""Sets of purposes and types as columns number them, and what is read of the lines chosen, by explicit figures."""

from __future__ import annotations

from itertools import product

import numpy as np
import petite_table as p
import polars as pl
import pytest

from aid_rules.engine import vector_ops as o
from aid_rules.engine.columnar_flat import columns_from_flat
from aid_rules.engine.columnar_lines import TOTAL_MAX, Agregats, Drapeaux, Ensembles


def codes(count):
    return {f"v{k}": k for k in range(count)}


def test_sets_are_numbered_once():
    """Any value is set 0; a set seen again keeps its number."""
    sets = Ensembles(codes(3))
    seen = [None, frozenset({"v0"}), frozenset({"v1", "v2"}), frozenset({"v0"}), None, frozenset()]
    assert [sets.numero(one) for one in seen] == [0, 1, 2, 1, 0, 3]


def test_the_status_of_each_code():
    """A row per set: each code, then any other value, then one that is not told, unknown but where any will do."""
    sets = Ensembles(codes(3))
    for one in (frozenset({"v0"}), frozenset({"v1", "v2", "ailleurs"}), frozenset()):
        sets.numero(one)
    found = sets.statuts()
    assert found.tolist() == [[3, 3, 3, 3, 3], [3, 0, 0, 0, 1], [0, 3, 3, 0, 1], [0, 0, 0, 0, 1]]
    assert found.dtype == np.uint8


@pytest.mark.parametrize("count", [0, 1, 3, 70])
def test_what_each_code_may_be(count):
    """One place per code, one for any other value, one for a value not told, which may always be one of the set."""
    sets = Ensembles(codes(count))
    assert sets.largeur == count + 2 == sets.statuts().shape[1]
    for chosen in ([], range(0, count, 2), range(count)):
        found = sets.porte(frozenset([*(f"v{k}" for k in chosen), "ailleurs"]))
        assert found.dtype == bool
        assert np.flatnonzero(found).tolist() == [*chosen, count + 1]


def test_codes_of_a_column():
    """A rank beyond the list is any other value; one that is not told comes last."""
    sets = Ensembles(codes(3))
    for kind in (pl.UInt16, pl.Int64):
        assert sets.lire(pl.Series([0, 2, 3, 65_535], dtype=kind)).tolist() == [0, 2, 3, 3]
        assert sets.lire(pl.Series([None, 2, 3, 65_535, 0], dtype=kind)).tolist() == [4, 2, 3, 3, 0]
    for column in ([0, 1], [0, None]):
        assert sets.lire(pl.Series(column, dtype=pl.UInt16)).dtype == np.int32


def test_the_greatest_total(engine):
    """A thousand thousand million euros may be spent, not a cent more."""
    flat = pl.DataFrame({"date_octroi": [p.J1], "montant_eur": [10**14]})
    assert columns_from_flat(engine, flat).faits["couts_totaux.max"].to_list() == [10**14]
    with pytest.raises(ValueError, match="1 000 milliards"):
        columns_from_flat(engine, flat.with_columns(pl.lit(10**14 + 1).alias("montant_eur")))


A, B, M, T = (frozenset(one) for one in ({"essai"}, {"autre"}, {"machines"}, {"machines", "terrains"}))
TOUS_DRAPEAUX = [Drapeaux(*one) for one in product((False, True), repeat=4)]


def agregats(drapeaux, union=A):
    return Agregats(drapeaux, Ensembles({"essai": 0, "autre": 1}), Ensembles({"machines": 0, "terrains": 1}), union)


def lue(bit):
    """What a status reads: its sets, and whether it may be unknown."""
    assert bit.expr.op == o.LIGNE
    return bit.expr.imm, bit.nul


def sommes(bounds):
    """What a quantity reads: its sums, and whether the greater may be unknown; one alone when they are the same."""
    low, high = bounds
    assert (low.expr.op, low.mini, low.maxi, low.nul) == (o.SOMME, 0, TOTAL_MAX, False)
    if high is low:
        return (low.expr.imm,)
    assert (high.expr.op, high.mini, high.maxi) == (o.SOMME, 0, TOTAL_MAX)
    return low.expr.imm, high.expr.imm, high.nul


@pytest.mark.parametrize("known", TOUS_DRAPEAUX)
def test_whether_a_line_is_of_the_purposes(known):
    """Any line will do for any purpose; those of the basis are there, unless some dossier does not tell its lines."""
    doubt = known.finalite or known.incomplets
    assert agregats(known).choisir(None, None).statut is True
    assert agregats(known, None).choisir(None, None).statut is True
    whole = agregats(known).choisir(A, None).statut
    assert lue(whole) == ((1, 0), True) if doubt else whole is True
    assert lue(agregats(known).choisir(B, None).statut) == ((1, 0), doubt)
    assert lue(agregats(known, None).choisir(A, None).statut) == ((1, 0), doubt)


@pytest.mark.parametrize("known", TOUS_DRAPEAUX)
def test_whether_a_line_is_of_the_types(known):
    """Without types, it is enough to be of the purposes; what is not asked for is no doubt."""
    assert agregats(known).choisir(None, None).statut_postes is True
    assert lue(agregats(known).choisir(B, None).statut_postes) == ((1, 0), known.finalite or known.incomplets)
    doubt = known.finalite or known.poste or known.incomplets
    assert lue(agregats(known).choisir(B, M).statut_postes) == ((1, 1), doubt)
    assert lue(agregats(known).choisir(None, M).statut_postes) == ((0, 1), known.poste or known.incomplets)


@pytest.mark.parametrize("known", TOUS_DRAPEAUX)
def test_the_total_of_the_lines(known):
    """One sum when all that counts is told, two otherwise; no greatest one when amounts or lines are not told."""
    for aims, kinds, sets, doubt in (
        (None, None, (0, 0), False), (A, None, (1, 0), known.finalite), (None, M, (0, 1), known.poste),
        (A, M, (1, 1), known.finalite or known.poste),
    ):  # fmt: skip
        found = sommes(agregats(known).choisir(aims, kinds).total())
        if doubt or known.montant or known.incomplets:
            assert found == ((*sets, 0), (*sets, 1), known.montant or known.incomplets)
        else:
            assert found == ((*sets, 0),)


@pytest.mark.parametrize("known", TOUS_DRAPEAUX)
def test_the_amount_of_one_type(known):
    """Nothing when the type is not admissible; its own lines otherwise."""
    assert agregats(known).choisir(A, M).poste("terrains") == (0, 0)
    for aims, kinds, sets in ((None, None, (0, 1)), (A, None, (1, 1)), (A, M, (1, 1)), (None, T, (0, 1))):
        found = sommes(agregats(known).choisir(aims, kinds).poste("machines"))
        if (known.finalite and aims) or known.poste or known.montant or known.incomplets:
            assert found == ((*sets, 0), (*sets, 1), known.montant or known.incomplets)
        else:
            assert found == ((*sets, 0),)
