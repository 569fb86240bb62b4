"""The group as a graph: who is who, who holds what, and what the dossier contradicts (RGEC annexe I, article 3)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from en_vigueur import parametres_au

from aid_rules.dossier import Beneficiaire
from aid_rules.law.base import FAUX, INCONNU, VRAI
from aid_rules.law.groupe import Detention, Groupe, construire

JOUR = date(2024, 6, 3)
PARAMETRES = parametres_au(JOUR)
QUART, MOITIE, TOUT = 2_500, 5_000, 10_000


def detention(
    votes: int | None = None, capital: int | None = None, nature: str | None = None, controle: bool | None = None
) -> Detention:
    return Detention(1, 0, votes, capital, nature, controle, True, "")


@pytest.mark.parametrize(
    ("facts", "attendu"),
    [
        ({"votes": 5_001}, VRAI),
        ({"votes": 5_000}, FAUX),
        ({"votes": 5_000, "controle": True}, VRAI),
        ({"votes": 1_000, "nature": "liee"}, VRAI),
        ({"nature": "partenaire"}, FAUX),
        ({"nature": "autonome", "capital": 6_000}, FAUX),
        ({"votes": 1_000, "capital": 6_000}, FAUX),
        ({"capital": 5_001}, INCONNU),
        ({"capital": 5_000}, FAUX),
        ({}, INCONNU),
    ],
)
def test_what_makes_linked_enterprises(facts: dict[str, Any], attendu: int) -> None:
    """Article 3(3): a majority of the votes, or control; the capital alone leaves a question above one half."""
    assert detention(**facts).liee(MOITIE) == attendu


@pytest.mark.parametrize(
    ("facts", "votes", "part"),
    [
        ({"votes": 3_000, "capital": 4_000}, (3_000, 3_000), (4_000, 4_000)),
        ({"votes": 4_000, "capital": 3_000}, (4_000, 4_000), (4_000, 4_000)),
        ({"capital": 2_000, "nature": "autonome"}, (0, 0), (2_000, 2_000)),
        ({"capital": 4_000}, (0, 4_000), (4_000, 4_000)),
        ({"nature": "autonome"}, (0, 0), (0, 0)),
        ({"nature": "partenaire"}, (0, MOITIE), (QUART, MOITIE)),
        ({"nature": "liee"}, (0, TOUT), (MOITIE, TOUT)),
        ({}, (0, TOUT), (0, TOUT)),
    ],
)
def test_bounds_of_a_holding(facts: dict[str, Any], votes: tuple[int, int], part: tuple[int, int]) -> None:
    """Articles 3 and 6(2): what the percentages, else the declared nature, leave possible."""
    holding = detention(**facts)
    assert (holding.votes_bornes(MOITIE), holding.part_bornes(QUART, MOITIE)) == (votes, part)


def groupe(*liens: dict[str, Any], **more: Any) -> Groupe:
    return construire(Beneficiaire.model_validate({"nom": "Bray", "liens": list(liens), **more}), JOUR, PARAMETRES)


def arcs(found: Groupe) -> set[tuple[str, str, int | None]]:
    return {(found.noeuds[h.detenteur].nom, found.noeuds[h.detenue].nom, h.votes) for h in found.detentions}


def test_one_siren_or_one_name_is_one_enterprise() -> None:
    """The SIREN tells enterprises apart; without one, the name does, whatever its case and spaces."""
    found = groupe(
        {"nom": "Le  Moulin", "siren": "552100554", "sens": "amont"},
        {"nom": "le moulin", "sens": "amont"},
        {"siren": "552 100 554", "sens": "amont"},
        {"nom": "Four", "sens": "aval"},
        {"nom": "Four", "sens": "aval", "avec": "552 100 554"},
        {"sens": "aval"},
        {"sens": "aval"},
    )
    assert [n.nom for n in found.noeuds] == ["Bray", "Le  Moulin", "Four", "Entreprise sans nom", "Entreprise sans nom"]
    assert [len(n.entrees) for n in found.noeuds] == [0, 3, 2, 1, 1]
    assert ("Le  Moulin", "Four", None) in arcs(found)


def test_one_name_with_two_sirens_is_three_enterprises() -> None:
    """A name that two numbers bear tells nothing: the entry without a number stands apart."""
    found = groupe({"nom": "Moulin", "siren": "552100554"}, {"nom": "Moulin", "siren": "443061841"}, {"nom": "Moulin"})
    assert len(found.noeuds) == 4


def test_the_beneficiary_is_known_by_its_own_siren() -> None:
    """A link that names the beneficiary closes the circle, and a link to itself says nothing."""
    found = groupe(
        {"nom": "Mère", "sens": "amont", "droits_de_vote_pct": 60},
        {"siren": "732829320", "avec": "Mère", "sens": "amont", "droits_de_vote_pct": 40},
        {"nom": "Bray", "sens": "aval", "droits_de_vote_pct": 10},
        siren="732829320",
    )
    assert arcs(found) == {("Mère", "Bray", 6_000), ("Bray", "Mère", 4_000)}
    assert groupe({"siren": "552100554"}).noeuds[1].nom == "SIREN 552100554"


def test_which_holds_the_other() -> None:
    """Without a direction, an investor holds; beneath a person or a public body, an enterprise is held."""
    fund = groupe({"nom": "Fonds", "type": "capital_risque", "droits_de_vote_pct": 30})
    assert (arcs(fund), fund.detentions[0].oriente) == ({("Fonds", "Bray", 3_000)}, True)
    person = {"nom": "Anne", "type": "personne_physique", "droits_de_vote_pct": 80}
    through = groupe({**person, "liens": [{"nom": "Autre", "droits_de_vote_pct": 70}]})
    assert arcs(through) == {("Anne", "Bray", 8_000), ("Anne", "Autre", 7_000)}
    assert all(h.oriente for h in through.detentions)
    open_ = groupe({"nom": "A", "droits_de_vote_pct": 30})
    assert (arcs(open_), open_.detentions[0].oriente) == ({("Bray", "A", 3_000)}, False)


def test_the_kind_may_be_told_by_another_entry() -> None:
    """An enterprise said to be a fund anywhere is one; the first kind told stands."""
    found = groupe(
        {"nom": "F", "sens": "amont"},
        {"nom": "F", "sens": "amont", "type": "capital_risque"},
        {"nom": "F", "sens": "amont", "type": "universite"},
    )
    assert found.noeuds[1].type == "capital_risque"


@pytest.mark.parametrize(
    ("nature", "votes", "alertes"),
    [
        ("partenaire", "50.01", 1),
        ("partenaire", 50, 0),
        ("partenaire", 25, 0),
        ("partenaire", "24.99", 1),
        ("autonome", "24.99", 0),
        ("autonome", 25, 1),
        ("autonome", "50.01", 1),
        ("liee", 10, 0),
        ("partenaire", None, 0),
        ("autonome", None, 0),
        (None, 10, 0),
        (None, 60, 0),
    ],
)
def test_a_nature_against_the_percentages_is_said(nature: str | None, votes: Any, alertes: int) -> None:
    """Article 3: under 25 % no partner, from 25 % no autonomy, above 50 % linked."""
    found = groupe({"nom": "M", "sens": "amont", "nature": nature, "droits_de_vote_pct": votes})
    assert len(found.alertes) == alertes


@pytest.mark.parametrize(
    ("une", "autre", "retenue", "alertes"),
    [
        ({"droits_de_vote_pct": 30}, {"droits_de_vote_pct": 40}, (4_000, None, None), 1),
        ({"droits_de_vote_pct": 40}, {"droits_de_vote_pct": 40}, (4_000, None, None), 0),
        ({"droits_de_vote_pct": 40}, {"capital_pct": 10}, (4_000, 1_000, None), 0),
        ({"capital_pct": 30}, {"capital_pct": 20}, (None, 3_000, None), 1),
        (
            {"droits_de_vote_pct": 5, "capital_pct": 30},
            {"droits_de_vote_pct": 5, "capital_pct": 20},
            (500, 3_000, None),
            1,
        ),
        ({"nature": "partenaire"}, {"nature": "liee"}, (None, None, "liee"), 0),
        ({"nature": "partenaire"}, {"nature": "autonome"}, (None, None, "partenaire"), 0),
        ({"nature": "autonome"}, {}, (None, None, "autonome"), 0),
    ],
)
def test_a_holding_written_twice(
    une: dict[str, Any], autre: dict[str, Any], retenue: tuple[Any, ...], alertes: int
) -> None:
    """The higher percentage and the closer tie are kept, and two different percentages are said."""
    for first, second in ((une, autre), (autre, une)):
        found = groupe({"nom": "M", "sens": "amont", **first}, {"nom": "M", "sens": "amont", **second})
        (holding,) = found.detentions
        assert (holding.votes, holding.capital, holding.nature) == retenue
        assert len(found.alertes) == alertes


def test_control_and_direction_need_saying_once() -> None:
    """Two entries of one holding add up what each says."""
    tie: dict[str, Any] = {"nom": "A", "sens": "aval"}
    for entries in ([{**tie, "controle": True}, tie], [tie, {**tie, "controle": True}]):
        assert groupe(*entries).detentions[0].controle is True
    for entries in ([{"nom": "A"}, tie], [tie, {"nom": "A"}]):
        assert groupe(*entries).detentions[0].oriente


def concert(*parts: dict[str, Any]) -> Detention:
    found = groupe(
        *(
            {"nom": name, "type": "personne_physique", "concert": "famille", **part}
            for name, part in zip(("Anne", "Bruno"), parts, strict=True)
        )
    )
    (holding,) = found.detentions
    assert found.noeuds[holding.detenteur].nom == "Anne et Bruno"
    return holding


@pytest.mark.parametrize(
    ("une", "autre", "votes", "liee"),
    [
        ({"droits_de_vote_pct": 30}, {"droits_de_vote_pct": 30}, 6_000, VRAI),
        ({"droits_de_vote_pct": 60}, {"droits_de_vote_pct": 60}, 10_000, VRAI),
        ({"droits_de_vote_pct": 60}, {}, 6_000, VRAI),
        ({"droits_de_vote_pct": 50}, {}, None, INCONNU),
        ({"nature": "liee"}, {"nature": "autonome"}, None, VRAI),
        ({"nature": "autonome"}, {"nature": "autonome"}, None, INCONNU),
        ({"controle": True}, {}, None, VRAI),
        ({}, {"controle": True}, None, VRAI),
        ({}, {}, None, INCONNU),
    ],
)
def test_persons_acting_jointly_are_one_holder(
    une: dict[str, Any], autre: dict[str, Any], votes: int | None, liee: int
) -> None:
    """Article 3(3): their holdings add up; what one holds is unknown, the sum is too, unless one has the majority."""
    holding = concert(une, autre)
    assert (holding.votes, holding.liee(MOITIE)) == (votes, liee)


def test_only_persons_act_jointly() -> None:
    """The word binds natural persons; an enterprise that bears it stays itself."""
    found = groupe(
        {"nom": "A", "sens": "amont", "concert": "x", "droits_de_vote_pct": 30},
        {"nom": "B", "sens": "amont", "concert": "x", "droits_de_vote_pct": 30},
    )
    assert len(found.detentions) == 2


def test_one_of_the_joint_persons_held_by_the_other() -> None:
    """Persons made one do not hold themselves."""
    found = groupe(
        {"nom": "Anne", "type": "personne_physique", "concert": "x", "droits_de_vote_pct": 30},
        {"nom": "Bruno", "type": "personne_physique", "concert": "x", "avec": "Anne", "sens": "aval"},
    )
    assert arcs(found) == {("Anne et Bruno", "Bray", 3_000)}


def test_who_has_accounts() -> None:
    """Annexe I, article 1: persons and public bodies are no enterprises of the group."""
    kinds = ["personne_physique", "organisme_public", "autorite_locale", "business_angel", "universite", None]
    found = groupe(*({"nom": f"E{i}", "type": kind} for i, kind in enumerate(kinds)))
    assert [found.entreprise(n) for n in range(7)] == [True, False, False, False, False, True, True]


def test_a_link_counts_from_its_day() -> None:
    """A link made on the day counts, one of the morrow does not, and is said."""
    tie = {"nom": "M", "sens": "amont"}
    assert len(groupe({**tie, "depuis_le": "2024-06-03"}).detentions) == 1
    later = groupe({**tie, "depuis_le": "2024-06-04"})
    assert (later.detentions, len(later.alertes)) == ([], 1)


def test_an_unknown_reference_is_attached_above() -> None:
    """It is said, never dropped."""
    found = groupe({"nom": "A", "avec": "Personne", "sens": "aval"})
    assert (arcs(found), len(found.alertes)) == ({("Bray", "A", None)}, 1)
    assert groupe({"nom": "A", "avec": "bray", "sens": "aval"}).alertes == []
