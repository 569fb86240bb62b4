"""The regional aid maps as they are read: dates, rates, thresholds and lists, on a small map and on those shipped."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from aid_rules.faults import WorkError
from aid_rules.law.tables_afr import Inscription, Vigueur, carte_du, cartes

DONNEES = Path(__file__).parents[2] / "rulesets" / "donnees"

CARTE = """\
id: donnees.afr_x
intitule: carte d'essai
du: 2014-07-03
au: 2021-12-31
ref: decret
textes:
  decret: {intitule: le décret}
  decision: {intitule: la décision}
liste: {fichier: liste.csv, cog: 2012-01-01}
zones:
  - {zone: a, du: 2014-07-03, au: 2021-12-31, ref: "decret:annexe_2"}
  - {zone: c, du: 2015-01-02, au: 2020-12-30, approuvee_le: 2014-12-01, ref: decision}
taux:
  - {zone: a, territoires: ["972"], grande: 45, moyenne: 55, petite: 65, confiance: haute, ref: "decret:annexe_3"}
  - {zone: c, territoires: ["35"], grande: 10, moyenne: 20, petite: 30, au: 2016-06-30, confiance: haute, ref: decret}
  - {zone: c, territoires: ["35"], grande: 12, moyenne: 22, petite: 32, du: 2016-07-01, confiance: basse, ref: decision}
  - {zone: c, grande: 15, moyenne: 25, petite: 35, confiance: haute, ref: decret}
seuils:
  - {grande: 10, seuil_eur: 7500000, au: 2016-06-30, confiance: moyenne, ref: decret}
  - {grande: 10, seuil_eur: 8250000, du: 2016-07-01, confiance: haute, ref: decision}
  - {grande: 15, seuil_eur: 11250000, confiance: haute, ref: decision}
incertitudes:
  extension: {du: 2015-10-31, au: 2017-04-25, regions: ["11", "28"], ref: decret, suite: decision}
  attribution: {du: 2015-10-31, au: 2017-04-25, ref: decret}
"""
LISTE = """\
code;zone;du;partiel;detail;confiance;cog_2021
02003;c;2014-07-03;non;;haute;
35001;c;2015-10-31;oui;quartier nord;moyenne;
972;a;2014-07-03;non;;haute;
97209;c;2016-01-01;non;;basse;
"""


@pytest.fixture
def carte(tmp_path):
    """Return the small map, read from its files."""
    (tmp_path / "afr_x.yaml").write_text(CARTE, encoding="utf-8")
    (tmp_path / "liste.csv").write_text(LISTE, encoding="utf-8")
    (one,) = cartes(tmp_path)
    return one


def test_a_map_is_read_whole(carte, tmp_path):
    """Its name, days, texts and list; what it does not say is nothing."""
    assert (carte.id, carte.intitule, carte.ref) == ("donnees.afr_x", "carte d'essai", "decret")
    assert (carte.du, carte.au) == (date(2014, 7, 3), date(2021, 12, 31))
    assert carte.textes == {"decret": "le décret", "decision": "la décision"}
    assert carte.liste == tmp_path / "liste.csv"
    assert carte.zones[0] == Vigueur("a", date(2014, 7, 3), date(2021, 12, 31), None, "decret:annexe_2")
    assert carte.zones[1].approuvee_le == date(2014, 12, 1)
    assert carte.territoires_a() == {"972"}


@pytest.mark.parametrize(
    ("ref", "cite"),
    [
        ("decret", "le décret"),
        ("decret:annexe_1", "le décret, annexe 1"),
        ("decision:4(1)(a)", "la décision, article 4(1)(a)"),
    ],
)
def test_references_as_users_read_them(carte, ref, cite):
    """An article is named so, an annex by its own name."""
    assert carte.citer(ref) == cite


@pytest.mark.parametrize(
    ("jour", "zones"),
    [
        ("2014-07-02", ""),
        ("2014-07-03", "a"),
        ("2015-01-01", "a"),
        ("2015-01-02", "ac"),
        ("2020-12-30", "ac"),
        ("2020-12-31", "a"),
        ("2021-12-31", "a"),
        ("2022-01-01", ""),
    ],
)
def test_first_and_last_day_of_each_zone(carte, jour, zones):
    """Both days are within; without a zone in force there is no rate."""
    day = date.fromisoformat(jour)
    found = {zone: carte.vigueur(zone, day) for zone in "ac"}
    assert "".join(zone for zone, one in found.items() if one) == zones
    assert all(one is None or one.zone == zone for zone, one in found.items())
    assert "".join(zone for zone in "ac" if carte.taux_de(zone, None, day)) == zones


@pytest.mark.parametrize(
    ("zone", "territoire", "jour", "grandes"),
    [
        ("c", "35", "2015-01-01", []),
        ("c", "35", "2016-06-30", [1000]),
        ("c", "35", "2016-07-01", [1200]),
        ("c", "76", "2016-07-01", [1500]),
        ("c", "2A", "2016-07-01", [1500]),
        ("c", "972", "2016-07-01", []),
        ("a", "972", "2016-07-01", [4500]),
        ("a", "974", "2016-07-01", []),
        ("a", "35", "2016-07-01", []),
        ("c", None, "2016-06-30", [1000, 1500]),
        ("c", None, "2016-07-01", [1200, 1500]),
    ],
)
def test_rates_of_a_territory(carte, zone, territoire, jour, grandes):
    """Its own, else that of all others, which is never one of an overseas territory; all of them when none is told."""
    found = carte.taux_de(zone, territoire, date.fromisoformat(jour))
    assert [rate.plafonds["grande"] for rate in found] == grandes


def test_rates_and_thresholds_are_exact(carte):
    """Basis points for each size, and cents."""
    (rate,) = carte.taux_de("c", "35", date(2016, 7, 1))
    assert rate.plafonds == {"grande": 1200, "moyenne": 2200, "petite": 3200}
    assert (rate.confiance, rate.ref, rate.territoires) == ("basse", "decision", {"35"})
    before, after = carte.seuil_de(1000, date(2016, 6, 30)), carte.seuil_de(1000, date(2016, 7, 1))
    assert (before.cents, before.confiance, before.ref) == (7_500_000_00, "moyenne", "decret")
    assert (after.cents, after.confiance, after.ref) == (8_250_000_00, "haute", "decision")
    assert carte.seuil_de(1500, date(2014, 1, 1)).cents == carte.seuil_de(1500, date(2030, 1, 1)).cents
    assert carte.seuil_de(1200, date(2016, 7, 1)) is None


@pytest.mark.parametrize(
    ("jour", "connu"),
    [("2015-10-30", True), ("2015-10-31", False), ("2017-04-25", False), ("2017-04-26", True)],
)
def test_a_doubt_has_its_first_and_last_day(carte, jour, connu):
    """Another name has none."""
    day = date.fromisoformat(jour)
    assert (carte.doute("extension", day) is None) == connu
    assert carte.doute("liste_incomplete", day) is None
    if not connu:
        told = carte.doute("extension", day)
        assert (told.regions, told.ref, told.suite) == ({"11", "28"}, "decret", "decision")
        assert (carte.doute("attribution", day).regions, carte.doute("attribution", day).suite) == (frozenset(), "")


def test_lines_of_the_list(carte):
    """That of the commune, else that of its whole territory; none for a commune left out, or without a list."""
    whole = Inscription("972", "a", date(2014, 7, 3), False, "", "haute")
    assert carte.inscription("02003", "02") == Inscription("02003", "c", date(2014, 7, 3), False, "", "haute")
    partial = Inscription("35001", "c", date(2015, 10, 31), True, "quartier nord", "moyenne")
    assert carte.inscription("35001", "35") == partial
    assert carte.inscription("97201", "972") == whole
    assert carte.inscription("97209", "972").zone == "c"
    assert carte.inscription("76462", "76") is None
    assert carte._replace(liste=None).inscription("02003", "02") is None


def test_the_map_of_a_day(carte, tmp_path):
    """From its first to its last day, oldest first; a map without a list has none."""
    later = CARTE.replace("2014-07-03\nau: 2021-12-31", "2022-01-01\nau: 2027-12-31").replace("afr_x", "afr_y")
    bare = "\n".join(line for line in later.splitlines() if not line.startswith("liste"))
    (tmp_path / "afr_y.yaml").write_text(bare, encoding="utf-8")
    assert [one.id for one in cartes(tmp_path)] == ["donnees.afr_x", "donnees.afr_y"]
    days = [date(2014, 7, 2), carte.du, carte.au, date(2022, 1, 1), date(2027, 12, 31), date(2028, 1, 1)]
    found = [carte_du(tmp_path, day) for day in days]
    assert [one and one.id[-1] for one in found] == [None, "x", "x", "y", "y", None]
    assert found[3].liste is None


def test_a_table_that_changes_is_read_again(carte, tmp_path):
    """What was read before is not kept."""
    (tmp_path / "afr_x.yaml").write_text(CARTE.replace("carte d'essai", "carte nouvelle"), encoding="utf-8")
    assert cartes(tmp_path)[0].intitule == "carte nouvelle"
    assert carte.intitule == "carte d'essai"


@pytest.mark.parametrize(
    ("ancien", "nouveau", "message"),
    [
        ("cog: 2012-01-01", "cog: 2013-01-01", "code officiel géographique au 2012-01-01"),
        ("intitule: carte d'essai\n", "", "abîmée"),
        ("zones:", "zones: 3\nautres:", "abîmée"),
        ("textes:", "textes: rien\nautres:", "abîmée"),
        ("zones:", "zones: [", "abîmée"),
    ],
)
def test_a_damaged_map_is_told(tmp_path, ancien, nouveau, message):
    """With its file and why; its list must follow the communes of the day it was written for."""
    (tmp_path / "afr_x.yaml").write_text(CARTE.replace(ancien, nouveau, 1), encoding="utf-8")
    with pytest.raises(WorkError, match=message):
        cartes(tmp_path)


@pytest.mark.parametrize("place", ["", "nulle_part"])
def test_no_map_at_all_is_told(tmp_path, place):
    """An empty folder, or none."""
    with pytest.raises(WorkError, match="aucune carte"):
        cartes(tmp_path / place)


def test_martinique_from_2024():
    """Its rates rise on 1 January 2024, with the decision of November 2023."""
    rates = [carte_du(DONNEES, day).taux_de("a", "972", day) for day in (date(2023, 12, 31), date(2024, 1, 1))]
    assert [[rate.plafonds["petite"] for rate in found] for found in rates] == [[6000], [7000]]
