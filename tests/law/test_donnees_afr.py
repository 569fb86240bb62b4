"""The figures of the data shipped: the list of décret 2014-758, region by region, and the communes of each year."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from aid_rules.law.communes import est_arrondissement
from aid_rules.law.tables_afr import carte_du, cartes

DONNEES = Path(__file__).parents[2] / "rulesets" / "donnees"

REGIONS = {
    "Alsace": ("67 68", 92, 3),
    "Aquitaine": ("24 33 40 47 64", 379, 1),
    "Auvergne": ("03 15 43 63", 135, 0),
    "Basse-Normandie": ("14 50 61", 261, 0),
    "Bourgogne": ("21 58 71 89", 142, 5),
    "Bretagne": ("22 29 35 56", 224, 0),
    "Centre": ("18 28 36 37 41 45", 175, 2),
    "Champagne-Ardenne": ("08 10 51 52", 444, 3),
    "Franche-Comté": ("25 39 70 90", 138, 3),
    "Haute-Normandie": ("27 76", 120, 7),
    "Île-de-France": ("75 77 78 91 92 93 94 95", 44, 1),
    "Languedoc-Roussillon": ("11 30 34 48 66", 269, 3),
    "Limousin": ("19 23 87", 107, 10),
    "Lorraine": ("54 55 57 88", 445, 3),
    "Midi-Pyrénées": ("09 12 31 32 46 65 81 82", 320, 3),
    "Nord-Pas-de-Calais": ("59 62", 358, 8),
    "Pays de la Loire": ("44 49 53 72 85", 163, 5),
    "Picardie": ("02 60 80", 330, 1),
    "Poitou-Charentes": ("16 17 79 86", 291, 2),
    "Provence-Alpes-Côte d'Azur": ("04 05 06 13 83 84", 55, 1),
    "Rhône-Alpes": ("01 07 26 38 42 69 73 74", 102, 0),
}
"""Regions of 2012 → their départements, their communes in annexe 1 as first published, those added in 2015 and 2017."""

EMPREINTE = "faa94b4e94546f7f379cc668af3a4bd4b2fd326ec7a7064f0b283a6f6c762437"
"""Of `code;zone;du;partiel;confiance`, a line a commune, sorted: worked out from a second transcription of the list."""

AVANT_2023 = {10: 7_500_000, 15: 11_250_000, 40: 30_000_000, 50: 37_500_000, 60: 45_000_000, 70: 52_500_000}
DEPUIS_2023 = {10: 8_250_000, 15: 12_380_000, 40: 33_000_000, 50: 41_250_000, 60: 49_500_000, 70: 57_750_000}
"""Rate of a large undertaking, per cent → notification threshold, euros: map of 2022, before and since July 2023."""


def rangees(nom: str) -> list[dict[str, str]]:
    with (DONNEES / nom).open(encoding="utf-8") as fichier:
        return list(csv.DictReader(fichier, delimiter=";"))


def communes_inscrites() -> list[dict[str, str]]:
    return [ligne for ligne in rangees("afr_2014_2021.csv") if len(ligne["code"]) == 5]


@pytest.mark.parametrize("region", REGIONS)
def test_each_region_has_its_communes(region):
    """Décret 2014-758, annexe 1, and the additions of décrets 2015-1391 and 2017-648: how many, region by region."""
    departements, premieres, ajoutees = REGIONS[region]
    dates = Counter(r["du"] for r in communes_inscrites() if r["code"][:2] in departements.split())
    assert dates == Counter({"2014-07-03": premieres, "2017-04-26": ajoutees})


def test_the_list_has_4594_communes_and_61_added_later():
    """Décret 2014-758, annexe 1: 4 594 codes; then 58 additions, one of them known only as one of four."""
    assert sum(premieres for _, premieres, _ in REGIONS.values()) == 4594
    assert sum(ajoutees for _, _, ajoutees in REGIONS.values()) == 61
    assert sum(r["du"] == "2014-07-03" for r in communes_inscrites()) == 4594


def test_whole_territories_of_the_list():
    """Décret 2014-758, annexes 1 and 2: Corsica is zone « c », the outermost territories zone « a »."""
    entiers = {
        r["code"]: (r["zone"], r["du"], r["partiel"]) for r in rangees("afr_2014_2021.csv") if len(r["code"]) < 5
    }
    assert entiers == {
        **dict.fromkeys(("2A", "2B"), ("c", "2014-07-03", "non")),
        **dict.fromkeys(("971", "972", "973", "974", "976", "978"), ("a", "2014-07-03", "non")),
    }


def test_the_list_is_that_of_the_second_transcription():
    """Each code, zone, date and reservation: one changed, and a commune is not classed as by the décret."""
    lues = sorted((r["code"], r["zone"], r["du"], r["partiel"], r["confiance"]) for r in communes_inscrites())
    assert hashlib.sha256("\n".join(map(";".join, lues)).encode()).hexdigest() == EMPREINTE


@pytest.mark.parametrize(
    ("annee", "nombre"),
    [
        (2012, 36_700),
        (2013, 36_681),
        (2015, 36_658),
        (2016, 35_885),
        (2017, 35_416),
        (2018, 35_357),
        (2019, 34_970),
        (2021, 34_965),
        (2022, 34_955),
        (2023, 34_945),
        (2024, 34_935),
        (2025, 34_875),
    ],
)
def test_communes_of_a_year_are_as_many_as_the_official_code_counts(annee, nombre):
    """Code officiel géographique, 1st of January: communes of the metropolis and of the five overseas départements."""
    jour = f"{annee}-01-01"
    comptees = [
        r["code"]
        for r in rangees("communes.csv")
        if (r["du"] or "0") <= jour <= (r["au"] or "9")
        and not est_arrondissement(r["code"])
        and (r["code"] < "97" or r["code"][:3] in {"971", "972", "973", "974", "976"})
    ]
    assert len(comptees) == nombre


def jours(debut: str, fin: str) -> tuple[date, date]:
    return date.fromisoformat(debut), date.fromisoformat(fin)


def test_zones_are_in_force_as_the_texts_say():
    """Décret 2014-758, prolonged by 2020-1790; décret 2022-968: zones « c » from July 2022, approved in May."""
    ancienne, nouvelle = cartes(DONNEES)
    lues = [(v.zone, v.du, v.au, v.approuvee_le) for carte in (ancienne, nouvelle) for v in carte.zones]
    assert lues == [
        ("a", *jours("2014-07-03", "2021-12-31"), None),
        ("c", *jours("2014-07-03", "2021-12-31"), None),
        ("a", *jours("2022-01-01", "2027-12-31"), None),
        ("c", *jours("2022-07-03", "2027-12-31"), date(2022, 5, 16)),
    ]


def test_what_is_not_known_of_the_lists_is_dated():
    """Additions of 2015 and 2017, list of 2019 not found, six regions extended in March 2025."""
    doutes = {nom: (d.du, d.au, d.regions) for carte in cartes(DONNEES) for nom, d in carte.doutes.items()}
    assert doutes == {
        "attribution": (*jours("2015-10-31", "2017-04-25"), frozenset()),
        "liste_incomplete": (*jours("2019-12-12", "2021-12-31"), frozenset()),
        "extension": (*jours("2025-03-12", "2027-12-31"), frozenset({"11", "28", "32", "75", "76", "84"})),
    }


@pytest.mark.parametrize(
    ("jour", "seuils"),
    [
        ("2014-07-03", {10: 7_500_000, 45: 33_750_000, 55: 41_250_000, 70: 52_500_000}),
        ("2021-12-31", {10: 7_500_000, 45: 33_750_000, 55: 41_250_000, 70: 52_500_000}),
        ("2022-01-01", AVANT_2023),
        ("2023-06-30", AVANT_2023),
        ("2023-07-01", DEPUIS_2023),
        ("2027-12-31", DEPUIS_2023),
    ],
)
def test_each_rate_has_one_threshold_a_day(jour, seuils):
    """Décrets 2014-758 and 2022-167, RGEC 4(1)(a): the adjusted amount, then the table of article 4 since July 2023."""
    day = date.fromisoformat(jour)
    carte = carte_du(DONNEES, day)
    assert carte is not None
    ouverts = [s for s in carte.seuils if s.du <= day <= s.au]
    assert sorted((s.grande, s.cents) for s in ouverts) == [(100 * t, 100 * eur) for t, eur in seuils.items()]


DROM_2022 = {"971": 50, "972": 40, "973": 70, "974": 50, "976": 70, "978": 60}
METROPOLE_2022 = {"35": 10, "73": 10, "78": 10, "59": 15, "2A": 15}


@pytest.mark.parametrize(
    ("jour", "taux"),
    [
        ("2014-07-03", {"971": 45, "972": 45, "973": 55, "974": 45, "976": 70, "978": 45, "59": 10}),
        ("2021-12-31", {"971": 45, "972": 45, "973": 55, "974": 45, "976": 70, "978": 45, "59": 10}),
        ("2022-01-01", DROM_2022),
        ("2023-12-31", DROM_2022 | METROPOLE_2022),
        ("2024-01-01", DROM_2022 | METROPOLE_2022 | {"972": 50}),
        ("2027-12-31", DROM_2022 | METROPOLE_2022 | {"972": 50}),
    ],
)
def test_each_territory_has_its_rate_and_only_one(jour, taux):
    """Annexe 3 of décrets 2014-758 and 2022-968: the rate of a large undertaking, 10 points a step for smaller ones."""
    day = date.fromisoformat(jour)
    carte = carte_du(DONNEES, day)
    assert carte is not None
    ouverts = [t for t in carte.taux if t.du <= day <= t.au]
    for lieu, grande in taux.items():
        zone = "a" if lieu.startswith("97") else "c"
        propres = [t for t in ouverts if t.zone == zone and lieu in t.territoires]
        communs = [t for t in ouverts if t.zone == zone and not t.territoires]
        (trouve,) = propres or communs
        bp = 100 * grande
        assert trouve.plafonds == {"grande": bp, "moyenne": bp + 1000, "petite": bp + 2000}, lieu
        assert trouve.confiance == "haute"
