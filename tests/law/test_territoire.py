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


def tables(dossier: Path, *changements: tuple[str, str, str]) -> Path:
    """Copy the tables, with a text of one of them changed: (file, former, new)."""
    dossier.mkdir()
    for fichier in (*DONNEES.glob("afr_*"), DONNEES / "departements.csv", DONNEES / "communes.csv"):
        texte = fichier.read_text(encoding="utf-8")
        for nom, ancien, nouveau in changements:
            if nom == fichier.name:
                assert ancien in texte
                texte = texte.replace(ancien, nouveau)
        (dossier / fichier.name).write_text(texte, encoding="utf-8")
    return dossier


@pytest.mark.parametrize(
    ("commune", "jour", "confiance"),
    [
        ("02003", "2019-11-18", "haute"),
        ("76462", "2019-11-18", "haute"),  # surely out
        ("76462", "2019-12-12", "moyenne"),  # one of the 14 communes, very unlikely
        ("02779", "2015-10-30", "haute"),  # added later
        ("02779", "2015-10-31", "basse"),
        ("02779", "2017-04-26", "moyenne"),
        ("24239", "2015-12-31", "basse"),
        ("76351", "2019-11-18", "haute"),  # surely in part
        ("97411", "2019-11-18", "haute"),
        ("97701", "2019-11-18", "haute"),
        ("02003", "2022-05-15", "haute"),  # no zone « c », and none approved
        ("02003", "2022-05-16", "moyenne"),  # approved, not in force
        ("02003", "2022-07-02", "moyenne"),
        ("02003", "2022-07-03", "basse"),  # the list is not shipped
        ("99999", "2019-11-18", "inconnue"),
        (None, "2019-11-18", "inconnue"),
        ("02003", "2014-07-02", "inconnue"),
        ("02003", "2028-01-01", "inconnue"),
    ],
)
def test_how_sure_a_reading_is(commune, jour, confiance):
    """From « haute » down: the least sure of all that the reading rests on."""
    assert situer(commune, jour).confiance == confiance


@pytest.mark.parametrize(
    ("commune", "jour", "zone", "confiance"),
    [
        ("02003", "2019-11-18", "c", "haute"),  # what the tables say
        ("76351", "2019-11-18", "c", "moyenne"),  # one of what they leave open
        ("02003", "2019-11-18", "aucune", "basse"),  # what they exclude
        ("24239", "2015-12-31", "c", "moyenne"),
        (None, "2019-11-18", "a", "moyenne"),
    ],
)
def test_how_sure_a_stated_zone_is(commune, jour, zone, confiance):
    """The tables that agree, that leave it open, that exclude it."""
    assert situer(commune, jour, zone).confiance == confiance


def test_a_stated_zone_says_whose_tables_it_goes_against():
    """The commune when there is one, else the day; every zone that the tables give."""
    pour = situer("24239", "2015-12-31", "a").motifs[-1]
    assert "au 31/12/2015" in pour
    assert "« aucune » ou « c » pour Ligueux" in pour
    assert "« a » ou « aucune » à cette date" in situer(None, "2022-07-02", "c").motifs[-1]
    assert "celle que déclare le dossier" in situer("76351", "2019-11-18", "c").motifs[-1]


@pytest.mark.parametrize(
    ("commune", "jour", "debut"),
    [
        ("02003", "2014-07-02", "Avant le 03/07/2014 (décret n° 2014-758 du 2 juillet 2014), la carte"),
        ("02003", "2028-01-01", "Aucune carte des aides à finalité régionale n'est décrite au 01/01/2028"),
        (None, "2022-07-02", "La commune du projet n'est pas donnée"),
        ("02003", "2022-07-02", "Aucune zone « c » n'est en vigueur le 02/07/2022 : celles de la carte AFR 2022-2027"),
        ("97411", "2019-11-18", "La Réunion : tout le territoire est en zone « a » (décret n° 2014-758"),
        ("97701", "2019-11-18", "Saint-Barthélemy n'est pas dans le champ de la carte AFR 2014-2021"),
        ("99999", "2019-11-18", "Le code « 99999 » n'est celui d'aucune commune"),
        ("02003", "2019-11-18", "Zone « c » (décret n° 2014-758 du 2 juillet 2014, annexe 1) : Acy (02003)."),
        ("76462", "2019-11-18", "Hors de la liste des zones « c » (décret n° 2014-758 du 2 juillet 2014, annexe 1) : "),
        ("76351", "2019-11-18", "Zone « c » pour une partie de la commune (cantons 2 et 5 ; décret n° 2014-758"),
        ("02779", "2015-10-30", "Hors de la liste des zones « c » à cette date (ajout postérieur : décret n° 2014-758"),
        ("02779", "2017-04-25", "Zone « c » dès 2015 ou depuis 2017 seulement, à confirmer (décret n° 2014-758"),
        ("24239", "2018-01-01", "Ligueux (24239) n'est plus une commune après le 31/12/2015"),
        ("2A004", "2026-11-20", "Zone à confirmer : regardez si la commune figure dans la liste des zones « c » ("),
    ],
)
def test_the_first_reason_is_that_of_the_case(commune, jour, debut):
    """Each reading opens with what it rests on: the day, the text, the annex."""
    assert situer(commune, jour).motifs[0].startswith(debut)


def test_an_added_commune_cites_both_decrees():
    """Added in 2015 or in 2017: one of the two, not known which; a commune of the first list cites neither."""
    ajoutee = situer("02779", "2018-06-01").motifs[0]
    assert "décret n° 2015-1391 du 30 octobre 2015 ou le décret n° 2017-648" in ajoutee
    assert "2015-1391" not in situer("02003", "2018-06-01").motifs[0]


def test_without_commune_the_missing_zones_c_are_told_once():
    """In the first half of 2022 there is none; at other times nothing is said of it; a stated zone needs no place."""
    assert len(situer(None, "2022-07-02").motifs) == 2
    assert (
        "celles de la carte AFR 2022-2027 ne le sont que depuis le 03/07/2022" in situer(None, "2022-07-02").motifs[1]
    )
    assert len(situer(None, "2022-07-03").motifs) == 1
    assert len(situer(None, "2019-11-18", "c").motifs) == 1
    assert len(situer("99999", "2019-11-18").motifs) == 1


def test_a_former_commune_is_read_as_it_was_and_told():
    """Mairy until 14 September 2015: after it, the reading says that it is the former commune's."""
    assert not any("n'est plus" in motif for motif in situer("08267", "2015-09-14").motifs)
    assert "n'est plus une commune après le 14/09/2015" in situer("08267", "2015-09-15").motifs[0]
    assert not any("n'est plus" in motif for motif in situer("08145", "2018-06-01").motifs)


def test_a_code_that_does_not_mean_a_commune_yet_is_not_called_former():
    """Before its first day, a code is read with its first meaning, and is no former commune."""
    lieu = situer("76601", "2016-12-31")  # Saint-Lucien, set up on 1 January 2017
    assert lieu.commune is not None
    assert lieu.commune.du == date(2017, 1, 1)
    assert not any("n'est plus" in motif or "désigne ensuite" in motif for motif in lieu.motifs)


def test_two_former_communes_in_for_a_part_give_both_details(tmp_path):
    """A commune made of two that are in for a part: both parts are told, and it is asked which."""
    un = ("afr_2014_2021.csv", "08198;c;2014-07-03;non;;", "08198;c;2014-07-03;oui;canton 1;")
    deux = ("afr_2014_2021.csv", "08441;c;2014-07-03;non;;", "08441;c;2014-07-03;oui;canton 2;")
    situation = situation_afr(tables(tmp_path / "x", un, deux), "08198", None, date(2018, 6, 1), importees=SANS_IMPORT)
    assert (situation.partielle, situation.detail) == (True, "canton 1 ; canton 2")
    assert (situation.zones_possibles, situation.manquants) == (DOUTE, ("projet.commune", "projet.zone_afr"))


def test_a_part_added_later_is_no_part_before(tmp_path):
    """A commune added for a part by the decrees of 2015 and 2017 is wholly out until the first of them."""
    ajout = ("afr_2014_2021.csv", "06088;c;2014-07-03;oui", "06088;c;2017-04-26;oui")
    donnees = tables(tmp_path / "x", ajout)
    for jour, zones, partielle in (("2015-10-30", AUCUNE, False), ("2015-10-31", DOUTE, True)):
        situation = situation_afr(donnees, "06088", None, date.fromisoformat(jour), importees=SANS_IMPORT)
        assert (situation.zones_possibles, situation.partielle) == (zones, partielle)


def test_a_map_whose_zones_c_end_says_that_there_is_none(tmp_path):
    """Zones « c » that end before the map: none is in force, and no later day is named."""
    fin = ("afr_2022_2027.yaml", "{zone: c, du: 2022-07-03, au: 2027-12-31", "{zone: c, du: 2022-07-03, au: 2025-12-31")
    donnees = tables(tmp_path / "x", fin)
    situation = situation_afr(donnees, "02003", None, date(2026, 1, 1), importees=SANS_IMPORT)
    assert situation.zones_possibles == AUCUNE
    assert situation.motifs == ("Aucune zone « c » n'est en vigueur le 01/01/2026.",)
    assert situation.confiance == "haute"


def test_a_rate_without_threshold_is_less_sure(tmp_path):
    """No threshold described for a rate: none is given, and the reading is no longer sure."""
    seuil = ("afr_2014_2021.yaml", "{grande: 10, seuil_eur", "{grande: 11, seuil_eur")
    donnees = tables(tmp_path / "x", seuil)
    situation = situation_afr(donnees, "02003", None, date(2019, 11, 18), importees=SANS_IMPORT)
    assert situation.taux == bp(1000, 2000, 3000)
    assert (situation.seuil_notification, situation.confiance) == (None, "basse")
    ailleurs = situation_afr(donnees, "97411", None, date(2019, 11, 18), importees=SANS_IMPORT)
    assert (ailleurs.seuil_notification, ailleurs.confiance) == (33_750_000_00, "haute")


@pytest.mark.parametrize("table", ["taux", "seuils"])
def test_a_rate_or_threshold_that_is_less_sure_makes_the_reading_so(tmp_path, table):
    """The confidence of the rate and of the threshold counts, as that of the zone."""
    lignes = {
        "taux": ("{zone: c, grande: 10, moyenne: 20, petite: 30, confiance: haute", "confiance: haute"),
        "seuils": ("{grande: 10, seuil_eur: 7500000, confiance: haute", "confiance: haute"),
    }
    entiere, mot = lignes[table]
    donnees = tables(tmp_path / "x", ("afr_2014_2021.yaml", entiere, entiere.replace(mot, "confiance: moyenne")))
    assert situation_afr(donnees, "02003", None, date(2019, 11, 18), importees=SANS_IMPORT).confiance == "moyenne"


def test_what_is_asked_when_the_zone_is_stated_without_commune():
    """Only a rate that hangs on the territory needs the place: not outside the map, nor where there is one rate."""
    assert situer(None, "2019-11-18", "aucune").manquants == ()
    assert situer(None, "2026-11-20", "c").manquants == ("projet.commune",)
    assert situer("59350", "2026-11-20", "c").manquants == ()
    assert situer(None, "2028-01-01", "c").manquants == ()
    assert situer("99999", "2019-11-18", "a").manquants == ("projet.commune",)


@pytest.mark.parametrize(("commune", "jour"), [("02003", "2014-07-02"), (None, "2028-01-01"), ("97411", "2028-01-01")])
def test_outside_the_maps_nothing_is_known_but_the_place(commune, jour):
    """No map: every zone is possible, without rate or threshold; the zone alone is asked for."""
    situation = situer(commune, jour)
    assert situation.zones_possibles == ZONES
    assert situation.taux == dict.fromkeys(TAILLES)
    assert situation.seuil_notification is None
    assert situation.manquants == ("projet.zone_afr",)
    assert situation.territoire.rup is {"02003": False, "97411": True, None: None}[commune]
    assert situer(commune, jour, "a").territoire.rup is {"02003": False, "97411": True, None: None}[commune]


def test_an_unknown_stated_zone_says_nothing_of_the_territory():
    """« b » neither makes an outermost region nor rules one out."""
    assert situer(None, "2019-11-18", "b").territoire.rup is None
    assert situer(None, "2019-11-18", "b").zones_possibles == ZONES


def test_a_merger_of_listed_communes_names_each_and_asks_nothing():
    """Grandpré: both in, one reason that names both."""
    situation = situer("08198", "2018-06-01")
    assert len(situation.motifs) == 1
    assert "(08198), " in situation.motifs[0]
    assert situation.manquants == ()


def test_a_merger_in_doubt_says_of_how_many_communes():
    """Douzy: two former communes, one of them out."""
    assert "Douzy réunit 2 anciennes communes" in situer("08145", "2018-06-01").motifs[-1]


def test_former_communes_listed_at_different_times_ask_nothing_once_both_are_in(tmp_path):
    """Grandpré made of a commune of the first list and of one added in 2017: two reasons, one zone."""
    ajout = ("afr_2014_2021.csv", "08441;c;2014-07-03;non;;haute", "08441;c;2017-04-26;non;;moyenne")
    situation = situation_afr(tables(tmp_path / "x", ajout), "08198", None, date(2018, 6, 1), importees=SANS_IMPORT)
    assert (situation.zones_possibles, situation.partielle, situation.manquants) == (C, False, ())
    assert len(situation.motifs) == 2
    assert situation.confiance == "moyenne"
