"""Whose a de minimis aid is after a merger, an acquisition or a split (2023/2831 article 3(8) and (9))."""

from __future__ import annotations

from dataclasses import replace
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


def _hors(*operations: Operation, jour: date = JOUR, reglement: str = "general", **who: object) -> Perimetre:
    """The perimeter of a beneficiary whose own identity may be left out."""
    given_ = {"siren": NOUS, "entreprise_unique": (NOUS,), "operations": operations} | who
    beneficiary = Beneficiaire.model_construct(**given_)  # type: ignore[arg-type]
    return Perimetre(beneficiary, entreprise_unique(beneficiary, jour, PARAMETRES, reglement), jour, reglement)


@pytest.mark.parametrize(
    ("perimetre", "chemins"),
    [
        (_hors(siren=None), ["beneficiaire.siren"]),
        (_hors(siren=None, siret="73282932000074"), []),
        (_hors(entreprise_unique=None), ["beneficiaire.entreprise_unique"]),
        (
            Perimetre(
                Beneficiaire.model_construct(siren=NOUS, entreprise_unique=(NOUS,), operations=None),
                _hors().unique,
                JOUR,
                "general",
            ),
            ["beneficiaire.operations"],
        ),
        (_hors(Operation.model_construct(nature="fusion", le=JOUR, siren=None)), ["beneficiaire.operations[0].siren"]),
        (_hors(Operation.model_construct(nature=None, le=JOUR, siren=EUX)), ["beneficiaire.operations[0].nature"]),
        (_hors(Operation.model_construct(nature=None, le=JOUR, siren=NOUS)), []),
        (_hors(Operation.model_construct(nature="fusion", le=None, siren=EUX)), ["beneficiaire.operations[0].le"]),
    ],
)
def test_what_leaves_another_company_s_aid_open_is_asked(perimetre, chemins):
    """Another company's aid counts for nothing, unless something untold may bring it in: that is then asked."""
    found = rattacher(_aide(), 0, perimetre)
    assert [q.chemin for q in found.questions] == chemins
    assert (found.compte, found.part) == ((INCONNU, (0, 100_00)) if chemins else (FAUX, (0, 0)))
    assert found.motif


@pytest.mark.parametrize(
    ("le", "compte", "part"),
    [(JOUR, VRAI, (100_00, 100_00)), (date(2024, 6, 2), VRAI, (100_00, 100_00)), (date(2024, 6, 4), FAUX, (0, 0))],
)
def test_an_acquisition_brings_the_aids_from_its_day_on(le, compte, part):
    """2023/2831 article 3(8): up to the day of the award it counts whole; an acquisition after it changes nothing."""
    found = rattacher(_aide(), 0, _hors(Operation.model_construct(nature="acquisition", le=le, siren=EUX)))
    assert (found.compte, found.part) == (compte, part)
    assert f"acquisition du {le:%d/%m/%Y}" in found.motif
    assert found.references == ("de_minimis_2023:3(8)",)
    assert found.propre


def test_a_regulation_that_says_nothing_of_mergers_leaves_them_to_check():
    """Before 2024, the regulation on services of general interest has no rule: the aid may count."""
    merged = Operation.model_construct(nature="fusion", le=date(2023, 6, 1), siren=EUX)
    found = rattacher(_aide(), 0, _hors(merged, jour=date(2023, 6, 1), reglement="sieg"))
    assert (found.compte, found.part, found.references) == (INCONNU, (0, 100_00), ())
    assert "n'en dit rien" in found.motif


@pytest.mark.parametrize(("repris", "compte", "part"), [(0, FAUX, (0, 0)), (1, VRAI, (0, None))])
def test_share_of_an_unknown_amount(repris, compte, part):
    """None of the equity taken over, none of the aid; some of it, an aid without bound."""
    found = rattacher(_aide(montant=None, apres_scission="impossible"), 0, _perimetre(_scission(repris, 3)))
    assert (found.compte, found.part) == (compte, part)


def test_more_than_the_whole_equity_is_asked():
    """A share above the whole is a mistake: which of the two is right is asked."""
    found = rattacher(_aide(apres_scission="impossible"), 0, _perimetre(_scission(4, 3)))
    assert [q.chemin for q in found.questions] == ["beneficiaire.operations[0].capital_total_eur"]


@pytest.mark.parametrize(
    ("reglement", "reference"), [("general", "de_minimis_2023:3(8)"), ("peche", "de_minimis_peche:3")]
)
def test_a_paragraph_is_cited_only_where_its_number_is_established(reglement, reference):
    """A merged company's aid rests on article 3(8) of the general regulation, and on article 3 alone of the others."""
    merged = Operation.model_construct(nature="fusion", le=JOUR, siren=EUX)
    perimetre = replace(_perimetre(merged), reglement=reglement)
    assert rattacher(_aide(), 0, perimetre).references == (reference,)


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({}, "l'aide de 100 € du 02/05/2023 a servi"),
        ({"montant": None}, "l'aide du 02/05/2023 a servi"),
        ({"octroye_le": None}, "l'aide de 100 € a servi"),
        ({"octroye_le": None, "montant": None}, "l'aide reçue a servi"),
    ],
)
def test_the_aid_is_told_by_what_is_known_of_it(keys, told):
    """Who took over the activity is asked for one aid: its amount, its day, or neither."""
    found = rattacher(_aide(**keys), 0, _perimetre(_scission(1, 2)))
    assert any(told in q.texte.replace("\u00a0", " ") for q in found.questions)


def test_what_is_open_cites_what_it_rests_on():
    """2023/2831: article 3(9) of a split, 2(2) of a single undertaking in doubt, nothing where nothing is said."""
    split = rattacher(_aide(), 0, _perimetre(_scission(1, 2)))
    assert split.references == ("de_minimis_2023:3(9)",)
    assert "part de l'entreprise encore inconnue" in split.motif
    shared = rattacher(_aide(apres_scission="impossible"), 0, _perimetre(_scission(None, 2)))
    assert shared.references == ("de_minimis_2023:3(9)",)
    assert "prorata du capital encore inconnu" in shared.motif
    doubt = rattacher(_aide(), 0, _hors(entreprise_unique=None))
    assert doubt.references == ("de_minimis_2023:2(2)",)
    assert rattacher(_aide(), 0, _hors()).references == ()
    assert rattacher(_aide(siren=NOUS), 0, _hors()).references == ()


def test_a_later_merger_is_told_and_leaves_the_doubt_of_another():
    """2023/2831 article 3(8): an acquisition to come does not settle a merger without date of the same company."""
    later = Operation.model_construct(nature="acquisition", le=date(2024, 6, 4), siren=EUX)
    found = rattacher(_aide(), 0, _hors(later))
    assert (found.compte, found.references) == (FAUX, ("de_minimis_2023:3(8)",))
    assert "après l'octroi" in found.motif
    undated = Operation.model_construct(nature="fusion", le=None, siren=EUX)
    found = rattacher(_aide(), 0, _hors(later, undated))
    assert (found.compte, [q.chemin for q in found.questions]) == (INCONNU, ["beneficiaire.operations[1].le"])
    assert found.references == ("de_minimis_2023:3(8)",)
    assert "fusion sans date" in found.motif


def test_a_later_merger_under_a_regulation_that_says_nothing_is_not_to_check():
    """Services of general interest before 2024: what comes after the award does not bear on it."""
    later = Operation.model_construct(nature="fusion", le=date(2023, 6, 2), siren=EUX)
    found = rattacher(_aide(), 0, _hors(later, jour=date(2023, 6, 1), reglement="sieg"))
    assert (found.compte, found.part) == (FAUX, (0, 0))


def test_an_acquisition_of_another_company_says_nothing():
    """The operations of a third company neither bring the aid in nor leave it open."""
    third = Operation.model_construct(nature="fusion", le=JOUR, siren="542065479")
    found = rattacher(_aide(), 0, _hors(third))
    assert (found.compte, found.questions) == (FAUX, ())
    assert "hors de l'entreprise unique" in found.motif


def test_a_nil_share_of_an_aid_does_not_count():
    """An aid of nothing, or none of the equity: no part of it."""
    nil = rattacher(_aide(montant=0, apres_scission="impossible"), 0, _perimetre(_scission(1, 3)))
    assert (nil.compte, nil.part) == (FAUX, (0, 0))
    whole = rattacher(_aide(apres_scission="impossible"), 0, _perimetre(_scission(3, 3)))
    assert (whole.compte, whole.part, [q.chemin for q in whole.questions]) == (VRAI, (100_00, 100_00), [])
