"""Who counts with the beneficiary, and for how much: the bounds of each share (RGEC annexe I, articles 3 and 6)."""

from __future__ import annotations

from typing import Any

import pytest
from test_pme import calcul, exercice

from aid_rules.law.pme import Categorisation

DEUX = [exercice(20)] * 2
TOUTES = {"petite", "moyenne", "grande"}


def firme(effectif: int = 0, **more: Any) -> dict[str, Any]:
    """Describe an enterprise whose last two years are known."""
    return {"exercices": [exercice(effectif, 0, 0)] * 2, **more}


def avec(*liens: dict[str, Any]) -> Categorisation:
    return calcul(nom="Bray", exercices=DEUX, liens=list(liens))


def parts(*liens: dict[str, Any]) -> list[tuple[str, int, int]]:
    return [(m.role, m.part_min, m.part_max) for m in avec(*liens).membres[1:]]


def parts_publiques(**more: Any) -> dict[str, Any]:
    return {"nom": "Ville", "type": "organisme_public", "droits_de_vote_pct": 0, "capital_pct": 0, **more}


def angel(nom: str, investi: Any, **more: Any) -> dict[str, Any]:
    tie = {"nom": nom, "type": "business_angel", "droits_de_vote_pct": 25, "investissement_eur": investi}
    return {**firme(900), **tie, **more}


@pytest.mark.parametrize(
    ("investis", "roles"),
    [
        ((625_000, 625_000), []),
        ((625_000, "625000.01"), ["partenaire", "partenaire"]),
        ((1_250_001, None), ["partenaire", "partenaire"]),
    ],
)
def test_the_investments_of_business_angels_add_up(investis: tuple[Any, Any], roles: list[str]) -> None:
    """Article 3(2)(a): the ceiling is on the total that the angels invest in one enterprise."""
    found = avec(*(angel(name, value) for name, value in zip("AB", investis, strict=True)))
    assert [m.role for m in found.membres[1:]] == roles
    assert all(m.part_min == m.part_max == 2_500 for m in found.membres[1:])


def test_an_unknown_investment_of_an_angel_is_asked() -> None:
    """Article 3(2)(a): as long as the total may stay under the ceiling, each missing amount is asked."""
    place = "beneficiaire.liens"
    found = avec(angel("A", 625_000), angel("B", None))
    assert [(m.part_min, m.part_max) for m in found.membres[1:]] == [(0, 2_500)] * 2
    assert f"{place}[1].investissement_eur" in found.manquants
    assert f"{place}[0].investissement_eur" not in found.manquants


def test_an_investment_elsewhere_does_not_count_here() -> None:
    """Article 3(2)(a): in one and the same enterprise."""
    here = angel("A", 1_000_000)
    there = angel("A", 9_000_000, avec="Fille")
    daughter = firme(nom="Fille", sens="aval", droits_de_vote_pct=10)
    assert parts(here, daughter, there) == []
    assert parts({**here, "investissement_eur": None}, daughter, there) == [("partenaire", 2_500, 2_500)]


@pytest.mark.parametrize(
    ("tie", "attendue"),
    [
        ({"droits_de_vote_pct": 40, "capital_pct": 60}, [("partenaire", 6_000, 6_000)]),
        ({"droits_de_vote_pct": 40, "capital_pct": 50}, []),
        ({"nature": "partenaire"}, []),
        ({"nature": "liee"}, [("liee", 10_000, 10_000)]),
    ],
)
def test_the_exception_of_investors_stops_at_one_half(tie: dict[str, Any], attendue: list[Any]) -> None:
    """Article 3(2): up to one half of the capital and of the votes."""
    assert parts(firme(300, nom="Fonds", type="capital_risque", **tie)) == attendue


@pytest.mark.parametrize(
    ("tie", "attendue"),
    [
        ({"nature": "partenaire"}, [("partenaire", 2_500, 5_000)]),
        ({"nature": "autonome"}, []),
        ({"capital_pct": 60}, [("liee", 6_000, 10_000)]),
        ({}, [("liee", 0, 10_000)]),
    ],
)
def test_a_share_between_two_bounds(tie: dict[str, Any], attendue: list[Any]) -> None:
    """Article 3: what the declared nature or the capital alone leaves open."""
    assert parts(firme(300, nom="M", sens="amont", **tie)) == attendue


def test_an_unknown_direction_is_read_both_ways() -> None:
    """Articles 3(2) and (3): two linked enterprises may hold 60 % of this one, or be held at 30 % each."""
    first = firme(nom="X", droits_de_vote_pct=30, liens=[firme(nom="Y", sens="aval", droits_de_vote_pct=100)])
    second = firme(nom="Y", droits_de_vote_pct=30, avec="Bray")
    assert parts(first, second) == [("liee", 3_000, 10_000)] * 2


@pytest.mark.parametrize(
    ("mere", "attendues"),
    [
        ({"sens": "aval", "nature": "liee"}, {"grande"}),
        ({"sens": "aval", "droits_de_vote_pct": 60}, {"grande"}),
        ({"sens": "aval", "droits_de_vote_pct": 50}, {"petite"}),
        ({"sens": "aval", "capital_pct": 60}, TOUTES),
        ({"droits_de_vote_pct": 60}, TOUTES),
    ],
)
def test_what_a_public_company_controls_is_public(mere: dict[str, Any], attendues: set[str]) -> None:
    """Article 3(4): indirect control; which of the two holds the other may be unknown."""
    quarter = {"nom": "SEM", "sens": "amont", "droits_de_vote_pct": 30, "capital_pct": 30}
    public = firme(nom="Régie", organisme_public=True, sens="aval", droits_de_vote_pct=1, capital_pct=1)
    found = avec({**firme(), **quarter}, {**public, "liens": [{**firme(nom="SEM"), **mere}]})
    assert found.possibles == attendues


def test_a_quarter_of_unknown_direction_is_to_be_checked() -> None:
    """Article 3(4): a public company that may be held by this one, and not hold it."""
    tie = firme(nom="Régie", organisme_public=True, droits_de_vote_pct=30, capital_pct=30)
    assert (avec(tie).possibles, avec(tie).manquants) == (TOUTES, ("beneficiaire.liens[0].sens",))
    assert avec({**tie, "sens": "amont"}).possibles == {"grande"}
    assert avec({**tie, "sens": "aval"}).possibles == {"petite"}


@pytest.mark.parametrize(("part", "attendues"), [(25, TOUTES), ("24.99", {"petite"})])
def test_a_small_authority_of_unknown_size_at_a_quarter(part: Any, attendues: set[str]) -> None:
    """Articles 3(2)(d) and 3(4)."""
    town = {"nom": "Bourg", "type": "autorite_locale", "droits_de_vote_pct": part, "capital_pct": part}
    assert avec(town).possibles == attendues


@pytest.mark.parametrize(("part", "attendues"), [(25, {"petite"}), (26, TOUTES)])
def test_exempt_investors_with_a_majority_together_are_to_be_checked(part: int, attendues: set[str]) -> None:
    """Article 3(2): the exception stands while they are not linked with the enterprise, alone or jointly."""
    funds = [
        firme(nom=name, type="societe_publique_participation", droits_de_vote_pct=part, capital_pct=part)
        for name in "AB"
    ]
    assert avec(*funds).possibles == attendues


@pytest.mark.parametrize("lacune", ["droits_de_vote_pct", "capital_pct"])
def test_an_unknown_share_is_not_a_share(lacune: str) -> None:
    """Article 3(4): what is unknown adds nothing that is certain."""
    unknown = parts_publiques(nom="Pays", droits_de_vote_pct=None, capital_pct=None)
    assert avec(parts_publiques(**{lacune: "24.99"}), unknown).possibles == TOUTES
    assert avec(parts_publiques(**{lacune: 25}), unknown).possibles == {"grande"}
    other = parts_publiques(nom="Pays", **{lacune: None})
    assert avec(parts_publiques(**{lacune: "24.99"}), other).possibles == {"petite"}


def test_the_highest_share_counts_when_several_reach_a_partner() -> None:
    """Article 6(2): in a cross-holding, the higher percentage."""
    up = firme(100, nom="M", sens="amont", droits_de_vote_pct=30)
    down = firme(100, nom="M", sens="aval", droits_de_vote_pct=45)
    assert parts(up, down) == parts(down, up) == [("partenaire", 4_500, 4_500)]
