"""The table of communes: names, mergers and splits by date, and the search of the web form."""

from __future__ import annotations

import csv
import errno
import os
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aid_rules.faults import WorkError
from aid_rules.law.communes import (
    COG_ORIGINE,
    chercher_communes,
    codes,
    commune,
    composantes,
    est_arrondissement,
    lignes,
    octets,
    periodes,
    territoire_de,
)

RACINE = Path(__file__).parents[2]
DONNEES = RACINE / "rulesets" / "donnees"


def rangees(nom: str) -> list[dict[str, str]]:
    with (DONNEES / nom).open(encoding="utf-8") as fichier:
        return list(csv.DictReader(fichier, delimiter=";"))


def test_a_commune_gives_its_names_and_places():
    """Neufchâtel-en-Bray: département, region and postal code of the official geographic code."""
    lieu = commune(DONNEES, "76462", date(2019, 11, 18))
    assert lieu is not None
    assert lieu.nom == "Neufchâtel-en-Bray"
    assert (lieu.departement, lieu.departement_nom) == ("76", "Seine-Maritime")
    assert (lieu.region, lieu.region_nom) == ("28", "Normandie")
    assert lieu.statut == "metropole"
    assert lieu.codes_postaux == ("76270",)
    assert lieu.origines == ("76462",)


@pytest.mark.parametrize(
    ("code", "jour", "nom", "origines"),
    [
        ("24540", "2015-12-31", "Sorges", ("24540",)),
        ("24540", "2016-01-01", "Sorges et Ligueux en Périgord", ("24239", "24540")),
        ("24239", "2015-12-31", "Ligueux", ("24239",)),
        ("24239", "2020-01-01", "Ligueux", ("24239",)),  # a former commune is still a place
        ("55138", "2010-01-01", "Culey", ("55298",)),  # not yet a commune: its first meaning
        ("55138", "2014-01-01", "Culey", ("55298",)),  # split off Loisey-Culey
        ("60694", "2018-12-31", "Villotran", ("60694",)),
        ("60694", "2024-01-01", "Les Hauts-Talican", ("60455", "60694")),
        ("60054", "2020-06-01", "Les Hauts Talican", ("60054", "60455", "60694")),
        ("60054", "2024-01-01", "Beaumont-les-Nonains", ("60054",)),
        ("51664", "2016-12-31", "Gernicourt", ("02344",)),  # moved to another département for one day
        ("75101", "2019-11-18", "Paris 1er Arrondissement", ("75056",)),
    ],
)
def test_a_code_means_a_place_on_a_date(code, jour, nom, origines):
    """The same code names different territories before and after a merger or a split."""
    lieu = commune(DONNEES, code, date.fromisoformat(jour))
    assert lieu is not None
    assert (nom, origines) == (lieu.nom, lieu.origines)


def test_successors_hold_the_territory():
    """Ligueux went to Sorges et Ligueux en Périgord; Les Hauts-Talican was divided in 2024."""
    assert periodes(DONNEES, "24239")[-1].successeurs == ("24540",)
    assert periodes(DONNEES, "60054")[-2].successeurs == ("60054", "60694")


def test_unknown_code_is_none():
    """No commune, no guess."""
    assert commune(DONNEES, "99999", date(2019, 11, 18)) is None
    assert commune(DONNEES, "", date(2019, 11, 18)) is None
    assert commune(DONNEES, "0100", date(2019, 11, 18)) is None


def test_components_on_another_day():
    """The territory of a commune, in the communes of another vintage."""
    hauts_talican = commune(DONNEES, "60694", date(2026, 11, 20))
    assert hauts_talican is not None
    assert composantes(DONNEES, hauts_talican, COG_ORIGINE) == ("60455", "60694")
    assert composantes(DONNEES, hauts_talican, date(2022, 7, 3)) == ("60054",)
    paris = commune(DONNEES, "75101", date(2026, 11, 20))
    assert paris is not None
    assert composantes(DONNEES, paris, date(2022, 7, 3)) == ("75056",)


@pytest.mark.parametrize(
    ("code", "base", "tenantes"),
    [
        ("15031", "2022-07-03", ("15141",)),  # Celles, in Neussargues en Pinatelle from 2016 to 2024
        ("15031", "2025-01-01", ("15031",)),
        ("14666", "2019-06-01", ("14712",)),  # Sannerville, in Saline for three years
        ("14666", "2022-07-03", ("14666",)),
        ("76095", "2022-07-03", ("76095",)),  # Bihorel, in force again since 2014: not Bois-Guillaume too
        ("76108", "2022-07-03", ("76108",)),
        ("55298", "2022-07-03", ("55298",)),
    ],
)
def test_a_commune_set_up_again_was_held_by_another(code, base, tenantes):
    """A commune that left its merger bears its former code: the list of a day in between names the other one."""
    lieu = commune(DONNEES, code, date(2026, 11, 20))
    assert lieu is not None
    assert lieu.au is None
    assert composantes(DONNEES, lieu, date.fromisoformat(base)) == tenantes


@pytest.mark.parametrize(
    ("texte", "premiere"),
    [
        ("Neufchâtel-en-Bray", "76462"),
        ("neufchatel en bray", "76462"),
        ("NEUFCHATEL-EN-B", "76462"),
        ("76462", "76462"),
        ("2a004", "2A004"),
        ("st denis de la reunion", None),
        ("St-Étienne", "42218"),
        ("l’oudon", "14472"),
        ("oeuf-en-ternois", "62633"),
        ("Ligueux", "33246"),  # the one in force comes before the former one
        ("havre", "76351"),
    ],
)
def test_search_ignores_accents_case_and_hyphens(texte, premiere):
    """The web form finds a commune as people write it."""
    trouvees = chercher_communes(DONNEES, texte, 5)
    assert premiere == (trouvees[0].code if trouvees else None)


def test_search_by_postal_code():
    """A postal code gives every commune it serves."""
    trouvees = chercher_communes(DONNEES, "24420", 50)
    assert len(trouvees) > 5
    assert all("24420" in (lieu.code, *lieu.codes_postaux) for lieu in trouvees)


def test_search_gives_former_communes_after_those_in_force():
    """A project of 2015 may name a commune that no longer exists."""
    noms = [(lieu.nom, lieu.au is None) for lieu in chercher_communes(DONNEES, "ligueux", 10)]
    assert noms == [("Ligueux", True), ("Ligueux", False), ("Sorges et Ligueux en Périgord", True)]


def test_search_is_bounded():
    """At most what was asked, from 1 to 100; nothing for nothing."""
    assert chercher_communes(DONNEES, "  ") == ()
    assert len(chercher_communes(DONNEES, "saint", 3)) == 3
    assert len(chercher_communes(DONNEES, "saint", 0)) == 1
    assert len(chercher_communes(DONNEES, "saint", 10_000)) == 100


@settings(max_examples=40, deadline=None)
@given(texte=st.text(max_size=12))
def test_search_never_fails(texte):
    """Any text gives a bounded answer, without repeats."""
    trouvees = chercher_communes(DONNEES, texte, 4)
    assert len(trouvees) <= 4
    assert len(set(trouvees)) == len(trouvees)


@pytest.mark.parametrize("nom", ["communes.csv", "departements.csv", "afr_2014_2021.csv"])
def test_tables_are_sorted_by_code(nom):
    """The lookup is a binary search: an unsorted table would hide rows."""
    table = octets(DONNEES / nom)
    cles = [ligne.split(b";", 1)[0] for ligne in table.splitlines()[1:]]
    assert len(cles) > 100
    assert cles == sorted(cles)
    assert table.endswith(b"\n")


@settings(max_examples=200, deadline=None)
@given(
    cles=st.lists(st.text("0129A", min_size=1, max_size=3), max_size=30),
    voulue=st.text("0129A", min_size=1, max_size=3),
)
def test_binary_search_finds_exactly_the_rows(cles, voulue):
    """Against a plain reading of the same table, whatever the keys."""
    triees = sorted((cle.encode(), str(numero)) for numero, cle in enumerate(cles))
    rangees_ = [[cle.decode(), numero] for cle, numero in triees]
    table = b"code;n\n" + "".join(f"{cle};{numero}\n" for cle, numero in rangees_).encode()
    assert [rangee for rangee in rangees_ if rangee[0] == voulue] == lignes(table, voulue)


def test_periods_of_a_code_do_not_overlap():
    """On one day, a code is one commune."""
    table = rangees("communes.csv")
    assert len(table) > 37_000
    for avant, apres in pairwise(table):
        if avant["code"] == apres["code"]:
            assert avant["au"] < apres["du"], (avant, apres)


@pytest.mark.parametrize(
    "jour", ["2012-01-01", "2015-12-31", "2016-01-01", "2019-01-01", "2021-01-01", "2022-07-03", "2026-01-01"]
)
def test_communes_of_a_day_cover_those_of_2012(jour):
    """Every commune of 2012 lies in exactly one commune of the day, unless it was split since (three were)."""
    tenues: Counter[str] = Counter()
    origine = set()
    for rangee in rangees("communes.csv"):
        if est_arrondissement(rangee["code"]):
            continue
        if not rangee["du"] and (not rangee["au"] or rangee["au"] >= "2012-01-01"):
            origine.add(rangee["code"])
        if (rangee["du"] or "0") <= jour <= (rangee["au"] or "9"):
            tenues.update(rangee["origines"].split() or [rangee["code"]])
    assert set(tenues) == origine
    assert {code for code, nombre in tenues.items() if nombre > 1} <= {"55298", "76108", "76676"}


def test_successors_of_the_list_agree_with_the_history():
    """Two sources: the successors of 2021 printed in the AFR list, and the history of the communes."""
    lues = 0
    for ligne in rangees("afr_2014_2021.csv"):
        if len(ligne["code"]) == 5:
            origine = commune(DONNEES, ligne["code"], COG_ORIGINE)
            assert origine is not None
            assert composantes(DONNEES, origine, date(2021, 1, 1)) == (ligne["cog_2021"] or ligne["code"],)
            lues += 1
    assert lues == 4655


def test_every_departement_is_known_with_its_status():
    """101 départements and the overseas territories; six outermost regions (TFUE 349 and 355)."""
    table = rangees("departements.csv")
    par_statut = Counter(rangee["statut"] for rangee in table)
    assert par_statut["metropole"] == 94
    assert par_statut["corse"] == 2
    assert {rangee["code"] for rangee in table if rangee["statut"] == "rup"} == {
        "971",
        "972",
        "973",
        "974",
        "976",
        "978",
    }
    connus = {rangee["code"] for rangee in table}
    assert {territoire_de(code) for code in codes(DONNEES)} <= connus


def test_naf_has_every_subclass():
    """NAF rév. 2: 732 sub-classes, each with a label."""
    table = rangees("naf.csv")
    assert sum(len(rangee["code"]) == 6 for rangee in table) == 732
    assert all(rangee["label"] for rangee in table)
    assert {"code": "25.62B", "label": "Mécanique industrielle"} in table


def test_a_missing_or_damaged_table_is_said(tmp_path):
    """The message names the table."""
    with pytest.raises(WorkError, match=rf"communes\.csv ne peut pas être lue : {os.strerror(errno.ENOENT)}"):
        commune(tmp_path, "76462", date(2019, 11, 18))
    (tmp_path / "communes.csv").write_text("code;nom\n76462;X\n", encoding="utf-8")
    with pytest.raises(WorkError, match="abîmée"):
        commune(tmp_path, "76462", date(2019, 11, 18))


PETITE = """code;nom;codes_postaux;du;au;origines;successeurs
01001;Le Bois;01400;;;;
01002;Bois;01410;;2015-12-31;;01003
01003;Bois-Joli;01420 01421;;2015-12-31;;
01003;Bois-Joli;01420 01421;2016-01-01;;01002 01003;"""


@pytest.fixture
def petite(tmp_path):
    """Give the tables of three communes, of which two merged in 2016; the last line has no line feed."""
    (tmp_path / "communes.csv").write_text(PETITE, encoding="utf-8")
    (tmp_path / "departements.csv").write_text("code;nom;region;region_nom;statut\n01;Ain;84;ARA;metropole\n")
    return tmp_path


@pytest.mark.parametrize(
    ("texte", "attendues"),
    [
        ("bois", ["01002", "01003", "01001"]),  # the name itself though former, its beginning, then a word of a name
        ("bois j", ["01003"]),
        ("ois", []),  # no word starts so
        ("0142", ["01003"]),
        ("01421", ["01003"]),
        ("0100", ["01001", "01003", "01002"]),  # in force first, then the shorter name
        ("01400", ["01001"]),
        ("99", []),
    ],
)
def test_search_ranks_the_name_then_its_beginning_then_its_words(petite, texte, attendues):
    """Former communes last among those of the same rank; one answer for a name that two periods bear."""
    assert [lieu.code for lieu in chercher_communes(petite, texte)] == attendues


def test_search_gives_the_period_in_force(petite):
    """Bois-Joli before and after its merger are one answer: the commune of today."""
    (bois_joli,) = chercher_communes(petite, "bois joli")
    assert (bois_joli.du, bois_joli.au) == (date(2016, 1, 1), None)
    (douzy,) = chercher_communes(DONNEES, "Douzy")
    assert douzy.origines == ("08145", "08267")


def test_search_gives_ten_answers_unless_told(petite):
    """The form shows ten lines; the search reads the whole table, its first line included."""
    assert len(chercher_communes(DONNEES, "saint")) == 10
    assert len(chercher_communes(petite, "01")) == 3
    assert codes(petite) == {"01001", "01002", "01003"}


def test_the_last_line_counts_without_line_feed(petite):
    """A table that an editor saved without its last line feed is read whole."""
    assert [lieu.origines for lieu in periodes(petite, "01003")] == [("01003",), ("01002", "01003")]
    ancienne = commune(petite, "01002", date(2014, 1, 1))
    assert ancienne is not None
    assert composantes(petite, ancienne, date(2016, 1, 1)) == ("01003",)
    assert composantes(petite, ancienne, date(2015, 12, 31)) == ("01002",)
    nouvelle = commune(petite, "01003", date(2016, 1, 1))
    assert nouvelle is not None
    assert composantes(petite, nouvelle, date(2015, 12, 31)) == ("01002", "01003")
    assert composantes(petite, nouvelle, COG_ORIGINE) == ("01002", "01003")


def test_a_territory_that_nothing_holds_stays_named_by_its_origins(petite):
    """Origins that the table does not know are returned as they are."""
    ancienne = commune(petite, "01002", date(2014, 1, 1))
    assert ancienne is not None
    assert composantes(petite, ancienne._replace(origines=("01999",)), date(2020, 1, 1)) == ("01999",)


@pytest.mark.parametrize(
    ("jour", "vieille", "neuve"),
    [("2015-12-31", True, False), ("2016-01-01", False, True), ("2000-01-01", True, False)],
)
def test_a_commune_is_in_force_from_its_first_to_its_last_day(petite, jour, vieille, neuve):
    """Both days included; no day bounds what is older than the table or still stands."""
    day = date.fromisoformat(jour)
    assert [lieu.en_vigueur(day) for lieu in periodes(petite, "01003")] == [vieille, neuve]
    assert periodes(petite, "01001")[0].en_vigueur(day)


@pytest.mark.parametrize(
    ("code", "territoire"), [("76462", "76"), ("97411", "974"), ("98735", "987"), ("2A004", "2A"), ("09801", "09")]
)
def test_territory_of_a_code(code, territoire):
    """Two characters, three overseas."""
    assert territoire_de(code) == territoire


def test_origins_are_the_communes_of_the_first_list():
    """Décret n° 2014-758: the list of the first map is written in the communes of 1 January 2012."""
    assert date(2012, 1, 1) == COG_ORIGINE
