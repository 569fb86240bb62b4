"""Regional aid situation of a place on a day, by the maps of 2014-2021 and 2022-2027."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aid_rules.faults import WorkError
from aid_rules.law.tables_afr import TAILLES, cartes
from aid_rules.law.territoire import ZONES, SituationAfr, situation_afr

DONNEES = Path(__file__).parents[2] / "rulesets" / "donnees"
SANS_IMPORT = Path("/nonexistent")

C, AUCUNE, A, DOUTE = {"c"}, {"aucune"}, {"a"}, {"aucune", "c"}
CLIFFS = [
    date.fromisoformat(jour)
    for jour in (
        "2014-07-03",
        "2015-10-31",
        "2017-04-26",
        "2019-12-12",
        "2022-01-01",
        "2022-07-03",
        "2023-07-01",
        "2024-01-01",
        "2025-03-12",
        "2028-01-01",
    )
]


def situer(commune: str | None, jour: str | date, zone: str | None = None) -> SituationAfr:
    day = date.fromisoformat(jour) if isinstance(jour, str) else jour
    return situation_afr(DONNEES, commune, zone, day, importees=SANS_IMPORT)


def communes_de_la_liste() -> list[dict[str, str]]:
    with (DONNEES / "afr_2014_2021.csv").open(encoding="utf-8") as fichier:
        return list(csv.DictReader(fichier, delimiter=";"))


def bp(grande: int, moyenne: int, petite: int) -> dict[str, tuple[int, int]]:
    return {"grande": (grande, grande), "moyenne": (moyenne, moyenne), "petite": (petite, petite)}


@pytest.mark.parametrize(
    ("commune", "jour", "zones"),
    [
        ("02003", "2014-07-02", ZONES),  # Acy, before the decree is in force
        ("02003", "2014-07-03", C),
        ("02003", "2021-12-31", C),
        ("02003", "2022-01-01", AUCUNE),  # no zone « c » until the decree of June 2022
        ("02003", "2022-07-02", AUCUNE),
        ("02003", "2022-07-03", DOUTE),  # the list is not shipped
        ("02003", "2027-12-31", DOUTE),
        ("02003", "2028-01-01", ZONES),
        ("76462", "2014-07-03", AUCUNE),  # Neufchâtel-en-Bray, not in the list
        ("76462", "2019-12-11", AUCUNE),
        ("76462", "2019-12-12", DOUTE),  # 14 communes added, unknown
        ("76462", "2021-12-31", DOUTE),
        ("02779", "2015-10-30", AUCUNE),  # Vénérolles, added in 2015 or 2017
        ("02779", "2015-10-31", DOUTE),
        ("02779", "2017-04-25", DOUTE),
        ("02779", "2017-04-26", C),
        ("97411", "2014-07-02", ZONES),  # Saint-Denis de La Réunion
        ("97411", "2014-07-03", A),
        ("97411", "2021-12-31", A),
        ("97411", "2022-01-01", A),  # the zones « a » never stop
        ("97411", "2022-07-02", A),
        ("97411", "2027-12-31", A),
        ("97611", "2019-11-18", A),  # Mamoudzou
        ("97801", "2019-11-18", A),  # Saint-Martin
        ("97801", "2026-11-20", A),
        ("97701", "2019-11-18", AUCUNE),  # Saint-Barthélemy left the Union in 2012
        ("97502", "2026-11-20", AUCUNE),
        ("2A004", "2014-07-03", C),  # Ajaccio: the whole of Corsica
        ("2B033", "2021-12-31", C),
        ("2A004", "2022-07-02", AUCUNE),
        ("2A004", "2026-11-20", DOUTE),  # Corsica from 2022: to be confirmed
    ],
)
def test_zone_of_a_commune_by_date(commune, jour, zones):
    """Décrets 2014-758, 2022-167 and 2022-968: each commune on each side of each cliff."""
    assert situer(commune, jour).zones_possibles == frozenset(zones)


@pytest.mark.parametrize(
    ("commune", "jour", "taux", "seuil"),
    [
        ("02003", "2019-11-18", bp(1000, 2000, 3000), 7_500_000_00),
        ("97411", "2019-11-18", bp(4500, 5500, 6500), 33_750_000_00),
        ("97801", "2019-11-18", bp(4500, 5500, 6500), 33_750_000_00),
        ("97302", "2019-11-18", bp(5500, 6500, 7500), 41_250_000_00),
        ("97611", "2019-11-18", bp(7000, 8000, 9000), 52_500_000_00),
        ("97302", "2022-01-01", bp(7000, 8000, 9000), 52_500_000_00),
        ("97411", "2023-06-30", bp(5000, 6000, 7000), 37_500_000_00),
        ("97411", "2023-07-01", bp(5000, 6000, 7000), 41_250_000_00),
        ("97801", "2023-06-30", bp(6000, 7000, 8000), 45_000_000_00),
        ("97801", "2026-11-20", bp(6000, 7000, 8000), 49_500_000_00),
        ("97209", "2023-06-30", bp(4000, 5000, 6000), 30_000_000_00),
        ("97209", "2023-12-31", bp(4000, 5000, 6000), 33_000_000_00),
        ("97209", "2024-01-01", bp(5000, 6000, 7000), 41_250_000_00),
    ],
)
def test_rates_and_threshold_of_a_certain_zone(commune, jour, taux, seuil):
    """Décret 2014-758 annexes 3 and 4, décret 2022-968 annexe 3, RGEC 4(1)(a): Martinique moves on 1 January 2024."""
    situation = situer(commune, jour)
    assert (taux, seuil) == (situation.taux, situation.seuil_notification)
    assert situation.manquants == ()


@pytest.mark.parametrize(
    ("commune", "grande", "avant", "depuis"),
    [
        ("35238", 1000, 7_500_000_00, 8_250_000_00),  # Rennes
        ("73065", 1000, 7_500_000_00, 8_250_000_00),  # Chambéry
        ("78646", 1000, 7_500_000_00, 8_250_000_00),  # Versailles
        ("59350", 1500, 11_250_000_00, 12_380_000_00),  # Lille
    ],
)
def test_mainland_rate_from_2022_hangs_on_the_departement(commune, grande, avant, depuis):
    """Décret 2022-968 annexe 3: 10 % in three départements, 15 % elsewhere; RGEC 4(1)(a) moves in July 2023."""
    avant_2023, depuis_2023 = situer(commune, "2023-06-30"), situer(commune, "2023-07-01")
    assert avant_2023.taux["grande"] == (0, grande)
    assert avant_2023.taux["petite"] == (0, grande + 2000)
    assert (avant, depuis) == (avant_2023.seuil_notification, depuis_2023.seuil_notification)


def test_outside_any_zone_has_no_rate():
    """No rate and no threshold outside the map: None, not zero."""
    situation = situer("76462", "2019-11-18")
    assert situation.taux == dict.fromkeys(TAILLES)
    assert situation.seuil_notification is None


def test_every_line_of_the_list_is_read():
    """Décret 2014-758 annexe 1: each of the 4 655 communes and 8 territories, certain only when wholly in."""
    lignes = communes_de_la_liste()
    assert len(lignes) == 4663
    for ligne in (ligne for ligne in lignes if len(ligne["code"]) == 5):
        # 2014: the code still means the commune of 2012, unless it was split or merged in between
        situation = situer(ligne["code"], "2021-12-31")
        assert "c" in situation.zones_possibles, ligne
        if ligne["partiel"] == "oui" or ligne["confiance"] == "basse":
            assert situation.zones_possibles == DOUTE, ligne


def test_partial_communes_are_never_certain():
    """Décret 2014-758 annexe 1: the ten communes marked « P » are zone « c » in some cantons only."""
    partielles = [ligne for ligne in communes_de_la_liste() if ligne["partiel"] == "oui"]
    assert len(partielles) == 10
    for ligne in partielles:
        situation = situer(ligne["code"], "2019-11-18")
        assert situation.zones_possibles == DOUTE
        assert situation.partielle
        assert situation.detail == ligne["detail"]
        assert situation.manquants == ("projet.zone_afr",)
        assert situation.taux["grande"] == (0, 1000)


def test_declared_zone_settles_a_partial_commune():
    """The project's canton is known to whoever states the zone: no contradiction, one zone, one rate."""
    situation = situer("76351", "2019-11-18", "c")
    assert situation.zones_possibles == C
    assert situation.taux == bp(1000, 2000, 3000)
    assert not situation.contradiction
    assert situation.manquants == ()


@pytest.mark.parametrize(
    ("commune", "jour", "zones", "partielle"),
    [
        ("08198", "2018-06-01", C, False),  # Grandpré: both former communes are in
        ("08145", "2015-09-14", C, False),  # Douzy before the merger
        ("08145", "2015-09-15", DOUTE, True),  # Douzy with Mairy, which is not in
        ("08267", "2018-06-01", AUCUNE, False),  # Mairy, as a former commune
        ("24540", "2015-12-31", C, False),  # Sorges
        ("24540", "2016-01-01", DOUTE, True),  # with Ligueux, whose listing is doubtful
        ("24239", "2018-01-01", DOUTE, False),
        ("49080", "2018-12-31", DOUTE, False),  # Châteauneuf-sur-Sarthe, doubtful by itself
        ("13201", "2018-06-01", AUCUNE, False),  # an arrondissement is read as its city
        ("76095", "2018-06-01", AUCUNE, False),  # Bihorel, split off in 2014
    ],
)
def test_merged_communes_are_read_by_their_former_communes(commune, jour, zones, partielle):
    """A commune nouvelle is in only for the former communes that the list names."""
    situation = situer(commune, jour)
    assert situation.zones_possibles == frozenset(zones)
    assert situation.partielle is partielle


def test_a_partly_listed_merger_names_its_communes_and_asks_for_the_former_one():
    """What must be checked is said: which former communes are in, which are not."""
    situation = situer("08145", "2018-06-01")
    texte = " ".join(situation.motifs)
    assert "Douzy (08145)" in texte
    assert "Mairy (08267)" in texte
    assert situation.manquants == ("projet.commune", "projet.zone_afr")


def test_a_code_that_means_another_place_later_is_told():
    """Before a merger the code is the former commune; the reader who took it from today's list is warned."""
    assert any("désigne ensuite" in motif for motif in situer("24540", "2015-12-31").motifs)
    assert not any("désigne ensuite" in motif for motif in situer("24540", "2018-01-01").motifs)


def test_unknown_commune_is_an_error_not_an_answer():
    """A code that no commune ever had leaves the zone open and says so."""
    situation = situer("99999", "2019-11-18")
    assert situation.zones_possibles == ZONES
    assert "99999" in situation.motifs[0]
    assert situation.commune is None
    assert situation.territoire.rup is None
    assert situation.manquants == ("projet.commune", "projet.zone_afr")


def test_nothing_given_leaves_every_zone_in_force_open():
    """Absent means unknown: all zones of the day; none « c » in the first half of 2022."""
    assert situer(None, "2019-11-18").zones_possibles == ZONES
    assert situer(None, "2022-07-02").zones_possibles == {"a", "aucune"}
    assert situer(None, "2022-07-03").zones_possibles == ZONES
    assert situer(None, "2019-11-18").manquants == ("projet.commune", "projet.zone_afr")
    assert situer(None, "2019-11-18").taux["grande"] == (0, 7000)


@pytest.mark.parametrize(
    ("commune", "jour", "zone", "contradiction", "taux"),
    [
        ("02003", "2019-11-18", "c", False, bp(1000, 2000, 3000)),
        ("02003", "2019-11-18", "aucune", True, dict.fromkeys(TAILLES)),
        ("76462", "2019-11-18", "c", True, bp(1000, 2000, 3000)),
        ("02003", "2019-11-18", "a", True, dict.fromkeys(TAILLES)),  # never the overseas rate on the mainland
        ("97411", "2019-11-18", "c", True, dict.fromkeys(TAILLES)),
        ("02003", "2022-07-02", "c", True, dict.fromkeys(TAILLES)),
        ("59350", "2022-07-03", "c", False, bp(1500, 2500, 3500)),
        ("35238", "2022-07-03", "c", False, bp(1000, 2000, 3000)),
        ("2A004", "2026-11-20", "c", False, bp(1500, 2500, 3500)),
        (None, "2019-11-18", "c", False, bp(1000, 2000, 3000)),
        (None, "2022-07-02", "c", True, dict.fromkeys(TAILLES)),
    ],
)
def test_a_declared_zone_wins_and_a_contradiction_is_told(commune, jour, zone, contradiction, taux):
    """The dossier's `zone_afr` is followed; when the tables exclude it, that is said."""
    situation = situer(commune, jour, zone)
    assert situation.zones_possibles == {zone}
    assert situation.contradiction is contradiction
    assert any(motif.startswith("Contradiction") for motif in situation.motifs) is contradiction
    assert situation.taux == taux


def test_a_declared_zone_without_a_commune_gives_a_range():
    """Rates that hang on the territory stay a range, and the commune is asked for."""
    outre_mer = situer(None, "2019-11-18", "a")
    assert outre_mer.taux == {"grande": (4500, 7000), "moyenne": (5500, 8000), "petite": (6500, 9000)}
    assert outre_mer.seuil_notification == 33_750_000_00
    assert outre_mer.manquants == ("projet.commune",)
    assert situer(None, "2026-11-20", "c").taux["grande"] == (1000, 1500)
    assert situer(None, "2019-11-18", "c").manquants == ()


def test_an_unknown_declared_zone_is_said_and_not_followed():
    """« b » is no zone: the tables speak."""
    situation = situer("02003", "2019-11-18", "b")
    assert situation.zones_possibles == C
    assert any("« b »" in motif for motif in situation.motifs)


@pytest.mark.parametrize(
    ("commune", "zone", "rup", "corse"),
    [
        ("97411", None, True, False),
        ("97801", None, True, False),
        ("97701", None, False, False),  # Saint-Barthélemy
        ("97502", None, False, False),  # Saint-Pierre-et-Miquelon
        ("2A004", None, False, True),
        ("02003", None, False, False),
        ("02003", "a", False, False),  # the place says more than the declaration
        (None, "a", True, False),
        (None, "c", False, None),
        (None, "aucune", False, None),
        (None, None, None, None),
    ],
)
def test_territory_flags(commune, zone, rup, corse):
    """TFUE 349 and 355: outermost regions; Corsica is known by the commune only."""
    territoire = situer(commune, "2019-11-18", zone).territoire
    assert (rup, corse) == (territoire.rup, territoire.corse)


def test_corsica_of_2022_is_low_confidence():
    """Corsica is not said to be in a zone before the official list is read."""
    assert situer("2A004", "2026-11-20").confiance == "basse"
    assert situer("2A004", "2019-11-18").confiance == "haute"


def test_reasons_cite_the_decree():
    """Each reading says on what it rests."""
    assert "décret n° 2014-758" in situer("02003", "2019-11-18").motifs[0]
    assert "décret n° 2022-968" in situer("02003", "2022-07-02").motifs[0]
    assert "11 décembre 2019" in situer("76462", "2020-01-01").motifs[0]


def test_maps_follow_each_other_without_hole_or_overlap():
    """From 3 July 2014 to the end of 2027 there is one map a day."""
    premiere, seconde = cartes(DONNEES)
    assert premiere.du == date(2014, 7, 3)
    assert premiere.au + timedelta(1) == seconde.du
    assert seconde.au == date(2027, 12, 31)


def test_every_rate_has_one_row_and_one_threshold_each_day():
    """No territory has two rates, or none, or no threshold, on any cliff or the day before."""
    jours = {jour - timedelta(avance) for jour in CLIFFS for avance in (0, 1)}
    vus = 0
    for carte in cartes(DONNEES):
        for jour in (jour for jour in jours if carte.du <= jour <= carte.au):
            lieux = [("a", t) for t in carte.territoires_a()]
            lieux += [("c", t) for t in ("02", "2A", "35", "73", "78")] if carte.vigueur("c", jour) else []
            for zone, territoire in lieux:
                (taux,) = carte.taux_de(zone, territoire, jour)
                seuil = carte.seuil_de(taux.plafonds["grande"], jour)
                assert seuil is not None
                assert taux.plafonds["moyenne"] == taux.plafonds["grande"] + 1000
                assert taux.plafonds["petite"] == taux.plafonds["grande"] + 2000
                assert carte.citer(taux.ref)
                assert carte.citer(seuil.ref)
                vus += 1
    assert vus > 100


def test_list_and_rates_name_the_same_zones_a():
    """The territories that the list of 2014 calls zone « a » are those that its rates name."""
    en_a = {ligne["code"] for ligne in communes_de_la_liste() if ligne["zone"] == "a"}
    assert en_a == cartes(DONNEES)[0].territoires_a()


@settings(max_examples=150, deadline=None)
@given(
    commune=st.sampled_from(
        ["02003", "76462", "76351", "24540", "24239", "97411", "2A004", "97701", "75101", "99999", None]
    ),
    zone=st.sampled_from(["a", "c", "aucune", None]),
    jour=st.dates(date(2012, 1, 1), date(2030, 1, 1)),
)
def test_what_is_open_is_asked_and_bounds_are_ordered(commune, zone, jour):
    """At any date: some zone is possible, an open one is asked for, rates lie between 0 and the highest one."""
    situation = situer(commune, jour, zone)
    assert situation.zones_possibles
    assert situation.zones_possibles <= ZONES
    assert (len(situation.zones_possibles) > 1) == ("projet.zone_afr" in situation.manquants)
    assert situation.motifs
    for bornes in situation.taux.values():
        if bornes is not None:
            assert 0 <= bornes[0] <= bornes[1] <= 9000
            assert (bornes[0] == 0) == ("aucune" in situation.zones_possibles)


def test_a_missing_table_is_said(tmp_path):
    """No table, no answer: the error names the folder."""
    with pytest.raises(WorkError, match=str(tmp_path)):
        situation_afr(tmp_path, "02003", None, date(2019, 11, 18))


def test_a_damaged_table_is_said(tmp_path):
    """A map that lacks a key is refused, by name."""
    (tmp_path / "afr_x.yaml").write_text("id: x\n", encoding="utf-8")
    with pytest.raises(WorkError, match=r"afr_x\.yaml est abîmée"):
        situation_afr(tmp_path, None, None, date(2019, 11, 18))
