"""Whose a de minimis aid is after a merger, an acquisition or a split (2023/2831 article 3(8) and (9))."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aid_rules.dossier import AideDeMinimis, Beneficiaire, Operation
from aid_rules.language.tree import FAUX, INCONNU, VRAI
from aid_rules.law.entreprise_unique import entreprise_unique
from aid_rules.law.rattachement import Perimetre, rattacher

JOUR = date(2024, 6, 3)
NOUS, EUX = "732829320", "552100554"
PARAMETRES = {"entreprise_unique.majorite_general": 5000, "pme.seuil_majorite": 5000}


def _perimetre(*operations: Operation) -> Perimetre:
    who = Beneficiaire.model_construct(siren=NOUS, entreprise_unique=(NOUS,), operations=operations)
    return Perimetre(who, entreprise_unique(who, JOUR, PARAMETRES), JOUR, "general")


def _aide(**keys: object) -> AideDeMinimis:
    return AideDeMinimis.model_construct(**{"octroye_le": date(2023, 5, 2), "montant": 100_00, "siren": EUX} | keys)  # type: ignore[arg-type]


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**9), min_size=2, max_size=5).filter(any))
@settings(max_examples=100, deadline=None)
def test_shares_of_a_split_hold_the_whole_aid(montant, capitaux):
    """No cent is lost: the shares add up to the aid, each rounded up by less than a cent."""
    shares = [
        rattacher(
            _aide(montant=montant, apres_scission="impossible"), 0, _perimetre(_scission(part, sum(capitaux)))
        ).part
        for part in capitaux
    ]
    assert all(low == high for low, high in shares)
    assert montant <= sum(low for low, _ in shares) <= montant + len(shares) - 1


def _scission(part: int | None, whole: int | None, siren: str | None = EUX, le: date | None = JOUR) -> Operation:
    return Operation.model_construct(nature="scission", le=le, siren=siren, capital_repris=part, capital_total=whole)


@pytest.mark.parametrize(
    ("aide", "scission", "chemin"),
    [
        (_aide(apres_scission="reprise"), _scission(1, 2, le=None), "beneficiaire.operations[0].le"),
        (_aide(apres_scission="reprise"), _scission(1, 2, siren=None), "beneficiaire.operations[0].siren"),
        (_aide(apres_scission="autre", octroye_le=None), _scission(1, 2), "de_minimis[7].octroye_le"),
        (_aide(), _scission(1, 2), "de_minimis[7].apres_scission"),
        (_aide(apres_scission="impossible"), _scission(None, 2), "beneficiaire.operations[0].capital_repris_eur"),
        (_aide(apres_scission="impossible"), _scission(0, 0), "beneficiaire.operations[0].capital_total_eur"),
    ],
)
def test_what_a_split_leaves_open_is_asked(aide, scission, chemin):
    """From nothing to the whole, and the one question that settles it."""
    found = rattacher(aide, 7, _perimetre(scission))
    assert (found.compte, found.part) == (INCONNU, (0, 100_00))
    assert chemin in [q.chemin for q in found.questions]


def test_unknown_amount_of_a_merged_enterprise_has_no_bound():
    """An aid of an unknown amount counts, without any upper bound; another enterprise's does not count at all."""
    merged = Operation.model_construct(nature="fusion", le=JOUR, siren=EUX)
    found = rattacher(_aide(montant=None), 0, _perimetre(merged))
    assert (found.compte, found.part) == (VRAI, (0, None))
    assert rattacher(_aide(montant=None), 0, _perimetre()).compte == FAUX


def test_two_splits_of_unnamed_enterprises_are_told_apart_by_the_siren():
    """An aid said to be shared, without SIREN, may be that of either enterprise."""
    found = rattacher(
        _aide(siren=None, apres_scission="reprise"), 0, _perimetre(_scission(1, 2), _scission(1, 2, siren=NOUS))
    )
    assert [q.chemin for q in found.questions] == ["de_minimis[0].siren"]


@pytest.mark.parametrize(
    ("aide", "operations", "compte"),
    [
        (_aide(siren=NOUS), (_scission(1, 2, siren=None),), VRAI),
        (_aide(apres_scission="reprise"), (_scission(1, 2, siren=NOUS),), FAUX),
        (_aide(siren=None), (_scission(1, 2),), VRAI),
        (_aide(siren=NOUS, octroye_le=JOUR), (_scission(1, 2, siren=NOUS),), VRAI),
    ],
)
def test_a_split_shares_only_what_it_names(aide, operations, compte):
    """Neither the split of another enterprise, nor one of no name, nor one before the award shares an aid."""
    assert rattacher(aide, 0, _perimetre(*operations)).compte == compte


def test_regulations_without_single_undertaking_say_nothing_of_splits():
    """Before 2014, and before 2024 for services of general interest, it is to be checked, whatever was taken over."""
    who = Beneficiaire.model_construct(siren=NOUS, operations=(_scission(1, 2, le=date(2023, 6, 1)),))
    jour = date(2023, 11, 6)
    where = Perimetre(who, entreprise_unique(who, jour, {}, "sieg"), jour, "sieg")
    found = rattacher(_aide(apres_scission="autre"), 0, where)
    assert (found.compte, found.part, found.references) == (INCONNU, (0, 100_00), ())


@pytest.mark.parametrize(
    ("allocation", "part"), [("autre", (0, 0)), ("reprise", (100_00, 100_00)), ("impossible", (33_34, 33_34))]
)
def test_who_took_over_the_activities_decides(allocation, part):
    """None of the aid, all of it, or the share of the equity, a third rounded up."""
    assert rattacher(_aide(apres_scission=allocation), 0, _perimetre(_scission(1, 3))).part == part


@pytest.mark.parametrize("allocation", ["autre", "impossible"])
def test_a_split_that_the_dossier_does_not_tell_is_asked(allocation):
    """Said to be shared, without the split: from nothing to the whole."""
    found = rattacher(_aide(siren=NOUS, apres_scission=allocation), 0, _perimetre())
    assert (found.part, [q.chemin for q in found.questions]) == ((0, 100_00), ["beneficiaire.operations"])
