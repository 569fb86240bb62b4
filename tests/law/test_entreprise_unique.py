"""Single undertaking: règlement 2023/2831, article 2(2), and its predecessors."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from en_vigueur import parametres_au

from aid_rules.dossier import Beneficiaire
from aid_rules.law.base import INCONNU, VRAI
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


def test_declared_list_is_compared_with_the_links() -> None:
    """What is declared counts, what is linked counts, and each difference is said."""
    result = unique(holding(), entreprise_unique=[BRAY, SOEUR])
    assert result.sirens == {BRAY, HOLDING, SOEUR}
    assert len(result.alertes) == 2
    assert unique(holding(), entreprise_unique=[BRAY, HOLDING]).alertes == ()
