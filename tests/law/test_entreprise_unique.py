"""Single undertaking: règlement 2023/2831, article 2(2), and its predecessors."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from en_vigueur import parametres_au

from aid_rules.dossier import Beneficiaire
from aid_rules.law.base import FAUX, INCONNU, VRAI
from aid_rules.law.entreprise_unique import EntrepriseUnique, entreprise_unique

BRAY, HOLDING, SOEUR = "732829320", "552100554", "443061841"


def unique(
    *liens: dict[str, Any], jour: str = "2024-06-03", reglement: str = "general", **more: Any
) -> EntrepriseUnique:
    day = date.fromisoformat(jour)
    model = Beneficiaire.model_validate({"nom": "Bray", "siren": BRAY, "liens": list(liens), **more})
    return entreprise_unique(model, day, parametres_au(day), reglement)


def holding(**more: Any) -> dict[str, Any]:
    return {"nom": "Holding", "siren": HOLDING, "sens": "amont", "droits_de_vote_pct": 60, **more}


def soeur(**more: Any) -> dict[str, Any]:
    return {"nom": "Sœur", "siren": SOEUR, "sens": "aval", "droits_de_vote_pct": 60, **more}


def test_control_ties_enterprises_together_through_others() -> None:
    """2(2): majority of votes, also through another enterprise."""
    assert unique(holding(liens=[soeur()])).sirens == {BRAY, HOLDING, SOEUR}


@pytest.mark.parametrize(("votes", "attendu"), [(50, {BRAY}), ("50.01", {BRAY, HOLDING})])
def test_majority_on_both_sides(votes: Any, attendu: set[str]) -> None:
    """2(2)(a): the majority starts above one half; a partner stays out."""
    assert unique(holding(droits_de_vote_pct=votes)).sirens == attendu


@pytest.mark.parametrize("kind", ["personne_physique", "organisme_public"])
def test_persons_and_public_bodies_tie_nothing(kind: str) -> None:
    """2(2) speaks of relations between enterprises: the SME group may be wider."""
    owner = {"nom": "Propriétaire", "type": kind, "droits_de_vote_pct": 100, "liens": [soeur(marche_commun=True)]}
    assert unique(owner).sirens_possibles == {BRAY}


def test_foreign_parent_ties_but_does_not_count() -> None:
    """3(2): the ceiling holds per Member State; French sisters of a foreign parent still count together."""
    parent = {"nom": "Mutter", "pays": "de", "sens": "amont", "droits_de_vote_pct": 100, "liens": [soeur()]}
    result = unique(parent)
    assert [c.nom for c in result.composants] == ["Bray", "Sœur"]


def test_a_link_to_come_ties_nothing_yet() -> None:
    """The single undertaking is that of the day of the grant."""
    assert unique(holding(depuis_le="2024-06-04")).sirens == {BRAY}
    assert unique(holding(depuis_le="2024-06-03")).sirens == {BRAY, HOLDING}


def test_unknown_seat_and_unknown_control_are_asked_for() -> None:
    """Unknown is not false: the enterprise may count, and the question is put."""
    result = unique({"nom": "A", "nature": "liee"}, {"nom": "B", "pays": "FR"})
    assert [c.compte for c in result.composants] == [VRAI, INCONNU, INCONNU]
    assert result.manquants == ("beneficiaire.liens[0].pays", "beneficiaire.liens[1].nature")


@pytest.mark.parametrize(
    ("reglement", "veille", "jour"),
    [
        ("general", "2013-12-31", "2014-01-01"),
        ("agricole", "2013-12-31", "2014-01-01"),
        ("peche", "2014-06-30", "2014-07-01"),
        ("sieg", "2023-12-31", "2024-01-01"),
    ],
)
def test_since_when_each_regulation_knows_it(reglement: str, veille: str, jour: str) -> None:
    """The notion came in 2014, and in 2024 for services of general economic interest."""
    before = unique(holding(), jour=veille, reglement=reglement)
    after = unique(holding(), jour=jour, reglement=reglement)
    assert (before.s_applique, before.sirens) == (False, {BRAY})
    assert (after.s_applique, after.sirens) == (True, {BRAY, HOLDING})


def test_the_establishment_tells_the_enterprise() -> None:
    """The SIREN is the head of the SIRET; without either, the beneficiary has no number."""
    assert unique(siren=None, siret="73282932000074").sirens == {BRAY}
    bare = unique(siren=None)
    assert (bare.sirens, bare.composants[0].siren) == (frozenset(), None)
    assert unique(nom=None).composants[0].nom == "Le bénéficiaire"


@pytest.mark.parametrize(
    ("reglement", "jour", "reference"),
    [
        ("general", "2013-12-31", "de_minimis_2013:2(2)"),
        ("sieg", "2023-12-31", "de_minimis_sieg_2012:2(1)"),
        ("general", "2023-12-31", "de_minimis_2013:2(2)"),
        ("general", "2024-01-01", "de_minimis_2023:2(2)"),
        ("sieg", "2024-01-01", "de_minimis_sieg_2023:2(2)"),
        ("agricole", "2024-01-01", "de_minimis_agricole:2(2)"),
    ],
)
def test_the_reason_cites_the_text_of_the_day(reglement: str, jour: str, reference: str) -> None:
    """Each regulation has its own definition."""
    found = unique(holding(), jour=jour, reglement=reglement)
    assert [m.reference for m in found.motifs] == [reference]


def test_a_foreign_enterprise_is_said_to_stay_out() -> None:
    """3(2): the ceiling of a Member State counts the aid of that State; two countries for one enterprise include it."""
    found = unique({"nom": "Mutter", "pays": "de", "sens": "amont", "droits_de_vote_pct": 100})
    assert [(m.reference, m.valeur) for m in found.motifs[1:]] == [("de_minimis_2023:3(2)", FAUX)]
    both = [holding(pays="DE"), holding(pays="FR")]
    assert unique(*both).sirens == {BRAY, HOLDING}


def test_an_enterprise_that_may_count_is_possible_only() -> None:
    """Unknown control: neither certain nor out, and no difference to tell with the declared list."""
    found = unique(holding(droits_de_vote_pct=None), entreprise_unique=[BRAY])
    assert (found.sirens, found.sirens_possibles, found.alertes) == ({BRAY}, {BRAY, HOLDING}, ())
    assert found.manquants == ("beneficiaire.liens[0].nature",)
    sure = unique(holding(droits_de_vote_pct=None), entreprise_unique=[BRAY, HOLDING])
    assert [(c.siren, c.compte) for c in sure.composants] == [(BRAY, VRAI), (HOLDING, VRAI)]
    assert (sure.composants[1].chemin, sure.alertes) == ("beneficiaire.entreprise_unique", ())


def test_the_difference_with_the_list_is_told_once_each() -> None:
    """What is linked and not declared, then what is declared and not described."""
    found = unique(holding(), soeur(), entreprise_unique=[BRAY, HOLDING])
    assert len(found.alertes) == 1
    assert found.alertes[0].startswith("Sœur")
    assert unique(entreprise_unique=[BRAY, SOEUR]).alertes == (
        f"SIREN {SOEUR} : déclaré dans l'entreprise unique, sans lien décrit au dossier ; il est compté.",
    )
    assert unique(entreprise_unique=[SOEUR], siren=None).alertes == ()
    assert unique(holding()).alertes == ()


def test_declared_list_is_compared_with_the_links() -> None:
    """What is declared counts, what is linked counts, and each difference is said."""
    result = unique(holding(), entreprise_unique=[BRAY, SOEUR])
    assert result.sirens == {BRAY, HOLDING, SOEUR}
    assert len(result.alertes) == 2
    assert unique(holding(), entreprise_unique=[BRAY, HOLDING]).alertes == ()


def test_what_was_looked_at_before_changes_nothing() -> None:
    """Promise: the answer is that of this beneficiary, day, law and regulation, whatever was asked just before."""
    tied, alone = (
        Beneficiaire.model_validate({"nom": "Bray", "siren": BRAY, "liens": liens}) for liens in ([holding()], [])
    )
    before, after = date(2013, 12, 31), date(2020, 1, 1)
    old, new = parametres_au(before), parametres_au(after)
    asked = [(tied, after, new), (alone, after, new), (tied, after, new), (tied, before, old), (tied, after, new)]
    found = [entreprise_unique(*one, reglement) for one in asked for reglement in ("general", "sieg")]
    assert [e.sirens for e in found[:4]] == [{BRAY, HOLDING}, {BRAY}, {BRAY}, {BRAY}]
    assert found[4:6] == found[8:10] == found[:2]
    assert [e.s_applique for e in (found[0], found[1], found[6])] == [True, False, False]
