"""Cases of plain columns: what the law works out once for many rows is what it works out for each dossier alone."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import date
from decimal import Decimal
from itertools import product

import polars as pl
import pytest

from aid_rules.dossier import Dossier
from aid_rules.engine import columnar_cases
from aid_rules.engine.columnar_cases import Lecture
from aid_rules.engine.columnar_dossiers import to_table
from aid_rules.engine.columnar_flat import columns_from_flat
from aid_rules.engine.columnar_table import CONNUS
from aid_rules.engine.moteur import Engine
from aid_rules.language.places import donnees
from aid_rules.law.tailles import CATEGORIES
from aid_rules.law.territoire import situation_afr

JOUR = date(2019, 5, 2)
B, F = "beneficiaire.", "beneficiaire.situation_financiere."
EFFECTIF, CA, BILAN = B + "effectif_uta", B + "chiffre_affaires_eur", B + "total_bilan_eur"
CREE = F + "cree_le"

ENTIERS = (EFFECTIF, CA, BILAN, B + "part_non_economique_pct", "aide.montant_eur", "aide.esb_eur")
DATES = ("date_octroi", CREE, F + "premiere_vente_le", F + "en_difficulte_depuis_le")
BOOLEENS = (
    B + "en_difficulte", B + "injonction_recuperation", B + "activite_economique", F + "procedure_collective",
    F + "aide_sauvetage_en_cours", F + "controle_prealable_financement_risques",
)  # fmt: skip
TYPES = {
    **dict.fromkeys(ENTIERS, pl.Int64), **dict.fromkeys(DATES, pl.Date), **dict.fromkeys(BOOLEENS, pl.Boolean),
    B + "secteurs": pl.List(pl.String),
}  # fmt: skip


def colonnes(rows):
    """The plain columns of some rows: those that a row at least names."""
    names = dict.fromkeys(name for row in rows for name in ("date_octroi", *row))
    schema = {name: TYPES.get(name, pl.String) for name in names}
    return pl.DataFrame([{"date_octroi": JOUR} | row for row in rows], schema=schema)


def euros(value):
    return None if value is None else Decimal(value) / 100


def dossier(row):
    """The dossier of a row, as a user writes it."""
    raw = {"date_octroi": row.get("date_octroi", JOUR), "beneficiaire": {}, "projet": {}}
    for path, value in row.items():
        if path in (EFFECTIF, CA, BILAN) and value is not None:
            raw["beneficiaire"].setdefault("exercices", [{}])[0][path.removeprefix(B)] = euros(value)
        elif path.startswith(("beneficiaire.", "projet.")) and path not in (EFFECTIF, CA, BILAN):
            *steps, last = path.split(".")
            place = raw
            for step in steps:
                place = place.setdefault(step, {})
            place[last] = euros(value) if last.endswith("_pct") else value
    told = {path.removeprefix("aide."): value for path, value in row.items() if path.startswith("aide.")}
    if any(value is not None for value in told.values()):
        aid = {"id": "a", "forme": told.get("forme"), "financeur": {"type": told.get("financeur")}}
        raw["aides"] = [aid | {name: euros(told.get(name)) for name in ("montant_eur", "esb_eur")}]
    return Dossier.model_validate(raw)


def faits(engine, rows):
    return columns_from_flat(engine, colonnes(rows)).faits


def blanc(engine, column):
    """What a column that is not there says."""
    fact = engine.slots.facts.get(column)
    return fact.masque() if fact is not None and fact.type == "choix" else 0 if column.endswith(".min") else None


def memes(engine, rows):
    """Hold each fact of each row to what its dossier alone says; return the columns."""
    found, wanted = faits(engine, rows), to_table(engine, map(dossier, rows)).faits
    for name in dict.fromkeys((*found.columns, *wanted.columns)):
        mine, theirs = (
            f[name].to_list() if name in f.columns else [blanc(engine, name)] * len(rows) for f in (found, wanted)
        )
        assert mine == theirs, name
    return found


def choisis(engine, found, name):
    """The values that a choice leaves open, row by row."""
    fact = engine.slots.facts[name]
    return [{v for v in fact.valeurs if mask & fact.bit(v)} for mask in found[name].to_list()]


MICRO, PETITE, MOYENNE, GRANDE = CATEGORIES


def tailles(engine, rows):
    """The category of each row: that which is settled once stated, be it that of the figures."""
    stated = [row | {B + "categorie": one} for one in CATEGORIES for row in rows]
    open_ = choisis(engine, memes(engine, stated), "beneficiaire.categorie")
    told = list(zip(stated, open_, strict=True))
    return [[r[B + "categorie"] for r, o in told[k :: len(rows)] if len(o) == 1] for k in range(len(rows))]


def test_headcount_on_its_ceilings(engine):
    """Headcount must stay under the ceiling (annexe I, article 2): the figure itself is already beyond."""
    figures = {0: MICRO, 999: MICRO, 1_000: PETITE, 4_999: PETITE, 5_000: MOYENNE, 24_999: MOYENNE, 25_000: GRANDE}
    assert tailles(engine, [{EFFECTIF: n, CA: 0, BILAN: 0} for n in figures]) == [[one] for one in figures.values()]


@pytest.mark.parametrize(
    ("figure", "other", "tops"),
    [(CA, BILAN, (200_000_000, 10**9, 5 * 10**9)), (BILAN, CA, (200_000_000, 10**9, 43 * 10**8))],
)
def test_amounts_on_their_ceilings(engine, figure, other, tops):
    """Turnover and the balance sheet may reach the ceiling, not exceed it."""
    values = [0, *(top + more for top in tops for more in (-1, 0, 1))]
    found = tailles(engine, [{EFFECTIF: 0, figure: n, other: 10**12} for n in values])
    assert found == [[MICRO]] * 3 + [[PETITE]] * 3 + [[MOYENNE]] * 3 + [[GRANDE]]


def test_a_category_stated_or_not(engine):
    """What is stated settles what the figures leave open; unknown figures are no zero."""
    figures = ((None, None), (0, None), (None, 0), (500, 0), (500, 10**12), (2_000, None))
    rows = [
        {B + "categorie": stated, EFFECTIF: people, CA: sales, BILAN: sales}
        for stated in (None, PETITE)
        for people, sales in figures
    ]
    found = choisis(engine, memes(engine, rows), "beneficiaire.categorie")
    everything = set(CATEGORIES)
    assert found[:6] == [everything] * 6
    assert found[6:] == [{PETITE}, {PETITE}, {PETITE}, everything, everything, {PETITE}]


def test_a_category_that_nobody_tells_is_no_column(engine):
    """What is unknown for all takes no column."""
    found = memes(engine, [{B + "injonction_recuperation": True}, {B + "injonction_recuperation": None}])
    rates = [f"afr.taux_{size}.{end}" for size in columnar_cases.TAILLES for end in ("min", "max")]
    always = ["date_octroi", CONNUS, "projet.zone_afr", "projet.rup", *rates, "couts_totaux.min", "couts_totaux.max"]
    assert set(found.columns) == {"beneficiaire.injonction_recuperation", *always}


AUTRES = """
id: vocabulaire.de_plus
genre: vocabulaire
verifie_le: 2026-11-23
faits:
"""
FAIT = '  {0}: {{type: {1}, libelle: {0}, question: "Oui ?", ref: "2(18)"}}\n'
DE_PLUS = {
    "forme": "choix, liste: forme_responsabilite", "aide_sauvetage_en_cours": "booleen", "premiere_vente_le": "date",
    "controle_prealable_financement_risques": "booleen",
}  # fmt: skip
DIFFICULTE, RISQUES = "beneficiaire.en_difficulte", "beneficiaire.en_difficulte_financement_risques"
JEUNE = {
    F + "forme": "responsabilite_limitee", F + "aide_sauvetage_en_cours": False, F + "procedure_collective": False,
    B + "categorie": PETITE,
}  # fmt: skip


@pytest.fixture(scope="module")
def finances(tmp_path_factory):
    """The engine, with columns of the financial situation that the shipped rules do not ask for."""
    folder = tmp_path_factory.mktemp("regles")
    told = "".join(FAIT.format(F + name, kind) for name, kind in DE_PLUS.items())
    (folder / "finances.yaml").write_text(AUTRES + told)
    return Engine(folder)


def test_the_age_of_the_enterprise(finances):
    """A young SME, losses unknown, is not in difficulty until the day of its third year (RGEC 2(18)(a))."""
    births = [date(2017, 5, 2), date(2017, 5, 3), date(2016, 2, 29)]
    days = [date(2020, 5, 1), date(2020, 5, 2), date(2020, 5, 3), date(2019, 2, 28), date(2019, 2, 27)]
    rows = [JEUNE | {CREE: birth, "date_octroi": day} for birth in births for day in days]
    found = memes(finances, rows)[DIFFICULTE].to_list()
    assert found[:5] == [False, None, None, False, False]
    assert found[5:10] == [False, False, None, False, False]
    assert found[10:] == [None, None, None, None, False]


def test_days_on_which_the_law_changes(finances):
    """An SME of less than ten years is backed by risk finance from 1 July 2023, not the day before (RGEC 21(3)(b))."""
    backed = JEUNE | {CREE: date(2015, 5, 2), F + "controle_prealable_financement_risques": True}
    days = [date(2023, 6, 30), date(2023, 7, 1), date(2023, 5, 2), date(2024, 2, 1), date(2022, 6, 1)]
    found = memes(finances, [backed | {"date_octroi": day} for day in days])
    assert found[RISQUES].to_list() == [None, False, None, False, None]
    assert DIFFICULTE not in found.columns


@pytest.mark.parametrize(("years", "day"), [(1, date(2018, 5, 2)), (40, date(2057, 5, 2))])
def test_the_ages_that_a_law_may_ask_for(finances, monkeypatch, years, day):
    """From one year to forty."""
    before = day.replace(day=1)
    for one in (before, day):
        monkeypatch.setitem(finances.at(one).loi.parametres, "difficulte.anciennete_pme", years)
    found = memes(finances, [JEUNE | {CREE: date(2017, 5, 2), "date_octroi": one} for one in (before, day)])
    assert found[DIFFICULTE].to_list() == [False, None]


def test_the_first_days_of_the_law(finances, monkeypatch):
    """What changes on the second day of change is not read before; a day before them all has the first law."""
    first, second, *_ = finances.book.changements
    monkeypatch.setitem(finances.at(second).loi.parametres, "difficulte.anciennete_pme", 5)
    days = [date.fromordinal(first.toordinal() - 1), first, date.fromordinal(second.toordinal() - 1), second]
    rows = [JEUNE | {CREE: day.replace(year=day.year - 4), "date_octroi": day} for day in days]
    rows += [JEUNE | {CREE: date(2002, 6, 1), "date_octroi": day} for day in days[2:]]
    assert memes(finances, rows)[DIFFICULTE].to_list() == [None, None, None, False, None, False]


def test_what_the_beneficiary_says_of_itself(engine):
    """Each answer counts, alone or with the others."""
    told = (None, True, False)
    names = (B + "en_difficulte", B + "injonction_recuperation", F + "procedure_collective", B + "activite_economique")
    rows = [dict(zip(names, answers, strict=True)) for answers in product(told, repeat=4)]
    rows += [{F + "en_difficulte_depuis_le": date(2020, 1, 1), B + "part_non_economique_pct": n} for n in (0, 2_000)]
    found = memes(engine, rows)
    assert found[DIFFICULTE].to_list()[:9] == [None] * 3 + [True] * 3 + [None] * 3
    assert {found[DIFFICULTE][i] for i, row in enumerate(rows) if row.get(F + "procedure_collective")} == {True}
    assert found["beneficiaire.part_non_economique_pct"].to_list()[:3] == [None, 0, 10_000]


NAF, SECTEURS = B + "naf", B + "secteurs"


def test_sectors_of_each_day(engine):
    """What a code means may change with the day: lignite is told apart from 1 July 2023, ships no longer are."""
    days = (date(2023, 6, 30), date(2023, 7, 1), date(2016, 1, 1), date(2026, 11, 24))
    codes = ("05.20Z", "30.11Z", "01.11Z", "99.99Z", None)
    found = memes(engine, [{NAF: code, "date_octroi": day} for code in codes for day in days])
    assert found[f"{SECTEURS}.lignite"].to_list()[:4] == [False, True, False, True]
    assert found[f"{SECTEURS}.construction_navale"].to_list()[4:8] == [True, False, True, False]
    assert found[f"{SECTEURS}.agriculture_primaire"].to_list()[8:12] == [True] * 4
    assert found[f"{SECTEURS}.agriculture_primaire"].to_list()[12:] == [None] * 8


def test_sectors_stated(engine):
    """A list is complete, in any order; an empty one is no list that is not told."""
    lists = (None, [], ["energie"], ["energie", "transport"], ["transport", "energie"], ["transport"])
    found = memes(engine, [{NAF: code, SECTEURS: one} for code in (None, "35.11Z") for one in lists])
    assert found[f"{SECTEURS}.energie"].to_list() == [
        None,
        False,
        True,
        True,
        True,
        False,
        True,
        None,
        *[True] * 3,
        None,
    ]
    assert found[f"{SECTEURS}.transport"].to_list()[:6] == [None, False, False, True, True, True]


def test_a_line_of_sectors_that_ends(engine, tmp_path, monkeypatch):
    """The day after the last day of a line is another day, though no line starts."""
    shutil.copytree(donnees(), tmp_path, dirs_exist_ok=True)
    text = (tmp_path / "naf_secteurs.yaml").read_text(encoding="utf-8")
    line = (
        '  - {secteur: peche_aquaculture, certitude: certain, naf: ["62.01Z"], ref: "rgec:1(3)(a)", au: 2022-05-05}\n'
    )
    (tmp_path / "naf_secteurs.yaml").write_text(text.replace("lignes:\n", "lignes:\n" + line), encoding="utf-8")
    days = [date(2022, 5, day) for day in (4, 5, 6, 7)]
    monkeypatch.setattr(columnar_cases, "donnees", lambda: tmp_path)
    monkeypatch.setattr(engine.at(days[0]).reader, "donnees", tmp_path)
    found = memes(engine, [{NAF: "62.01Z", "date_octroi": day} for day in days])
    assert found[f"{SECTEURS}.peche_aquaculture"].to_list() == [True, True, False, False]


COMMUNE, ZONE = "projet.commune", "projet.zone_afr"
JOURS = [
    date(1995, 5, 2), date(2014, 7, 2), date(2014, 7, 3), date(2017, 4, 26), date(2017, 4, 27), date(2021, 12, 31),
    date(2022, 1, 1), date(2022, 7, 2), date(2022, 7, 3), date(2027, 12, 31), date(2028, 1, 1), date(2035, 5, 2),
]  # fmt: skip


def test_the_map_of_each_day(engine):
    """Zone, outermost region and rates: a place by its commune, its zone, both or neither, on each side of a change."""
    places = [*product((None, "97411", "76462", "14654", "2A004", "00000"), (None, "a", "c", "aucune"))]
    rows = [{COMMUNE: one, ZONE: zone, "date_octroi": day} for one, zone in places for day in JOURS]
    found = memes(engine, rows)
    zones, start = choisis(engine, found, ZONE), 4 * len(JOURS)
    everywhere = {"a", "c", "aucune"}
    assert zones[start : start + len(JOURS)] == [everywhere] * 2 + [{"a"}] * 8 + [everywhere] * 2
    assert found["projet.rup"].to_list()[start : start + 12] == [True] * 12
    for size, rates in (("petite", (6_500, 7_000)), ("moyenne", (5_500, 6_000)), ("grande", (4_500, 5_000))):
        for end in ("min", "max"):
            told = found[f"afr.taux_{size}.{end}"].to_list()[start + 2 : start + 10]
            assert told == [rates[0]] * 4 + [rates[1]] * 4
    outside = [i for i, zone in enumerate(zones) if zone == {"aucune"}]
    assert outside
    assert {found[f"afr.taux_{size}.max"][i] for size in columnar_cases.TAILLES for i in outside} == {0}


@pytest.mark.parametrize("name", [COMMUNE, ZONE, None])
def test_a_place_told_by_one_column(engine, name):
    """The other column need not be there."""
    values = {COMMUNE: ["97411", "14654", None], ZONE: ["a", "c", None]}.get(name, [None] * 3)
    rows = [{"date_octroi": day} | ({name: one} if name else {}) for day in JOURS[1:4] for one in values]
    assert len(choisis(engine, memes(engine, rows), ZONE)) == 9


def test_a_commune_that_changes(engine, recwarn):
    """A merger counts from its day, whatever the map; other communes of the table do not move; nothing is said."""
    days = [date(2016, 1, 1), date(2015, 12, 31), date(2017, 1, 1), date(2016, 12, 31)]
    codes = ("05118", "08053", "08116", None, "14654")
    zones = choisis(engine, memes(engine, [{COMMUNE: code, "date_octroi": d} for code in codes for d in days]), ZONE)
    c, doubt, out = {"c"}, {"aucune", "c"}, {"aucune"}
    assert zones[:12] == [doubt, c, doubt, doubt, c, c, doubt, c, doubt, out, doubt, doubt]
    assert [str(one.message) for one in recwarn] == []


def test_a_commune_that_comes_back(engine, tmp_path, monkeypatch):
    """The day on which a line starts counts, though no line ends on the day before."""
    shutil.copytree(donnees(), tmp_path, dirs_exist_ok=True)
    lines = (tmp_path / "communes.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("14654;")]
    mine = ["14654;Avant;;;2015-12-31;;76462\n", "14654;Encore;;2018-03-01;;14654 76462;\n"]
    text = kept[0] + "".join(sorted([*kept[1:], *mine], key=lambda line: line[:5]))
    (tmp_path / "communes.csv").write_text(text, encoding="utf-8")
    monkeypatch.setattr(columnar_cases, "donnees", lambda: tmp_path)
    days = [date(2018, 3, 1), date(2018, 2, 28), date(2018, 3, 2), date(2017, 6, 1)]
    found = faits(engine, [{COMMUNE: "14654", "date_octroi": day} for day in days])
    wanted = [set(situation_afr(tmp_path, "14654", None, day).zones_possibles) for day in days]
    assert choisis(engine, found, ZONE) == wanted == [{"aucune", "c"}, {"c"}, {"aucune", "c"}, {"c"}]


FORME, FINANCEUR, MONTANT, ESB = columnar_cases.AIDE


def test_the_planned_aid(engine):
    """A grant is worth its amount, any aid its stated equivalent; a loan has a nominal amount too."""
    forms = (None, *engine.book.vocabulaire.listes["forme_aide"])
    rows = [
        {FORME: form, FINANCEUR: funder, MONTANT: amount, ESB: worth}
        for form in forms
        for funder in (None, "etat", "prive")
        for amount, worth in ((None, None), (50_000, None), (70_000, None), (None, 300), (50_000, 300), (50_000, 400))
    ]
    found = memes(engine, rows)
    grants = [i for i, row in enumerate(rows) if row[FORME] == "subvention"]
    worth = found["aide.montant_max"].to_list()
    assert [worth[i] for i in grants] == [None, 50_000, 70_000, 300, 300, 400] * 3
    assert {worth[i] for i, row in enumerate(rows) if row[ESB] == 300} == {300}
    assert {found["aide.nominal_max_eur"][i] for i in grants} == {None}
    assert [found["aide.nominal_max_eur"][i] for i, row in enumerate(rows) if row[FORME] == "pret"][1:3] == [
        50_000,
        70_000,
    ]


@pytest.mark.parametrize("names", [(FORME,), (FINANCEUR,), (MONTANT,), (ESB,), (FORME, MONTANT), (FINANCEUR, ESB), ()])
def test_a_planned_aid_told_in_part(engine, names):
    """Columns that are not there say nothing, and nothing is said of an aid that none tells."""
    values = {
        FORME: ("subvention", "pret", None),
        FINANCEUR: ("etat", "prive", None),
        MONTANT: (5, 7, None),
        ESB: (1, 2, None),
    }
    rows = [{name: values[name][i] for name in names} for i in range(3)]
    found = memes(engine, rows)
    assert any(name.startswith("aide.") for name in found.columns) is bool(names)


class Compteur:
    """Counts what is worked out."""

    def __init__(self, monkeypatch):
        self.fois = Counter()
        for place, name in ((Lecture, "_lire"), (columnar_cases, "_situation")):
            monkeypatch.setattr(place, name, self.compter(name, getattr(place, name)))

    def compter(self, name, function):
        def counted(*arguments):
            self.fois[name] += 1
            return function(*arguments)

        return counted


def test_what_makes_no_difference_is_read_once(engine, monkeypatch):
    """The rank of a figure, the age of an event, the members of a list, the period of a day: not what they are."""
    count = Compteur(monkeypatch)
    births = [date(2010, 1, 1), date(2010, 2, 14), date(2010, 3, 31)]
    rows = [
        {
            EFFECTIF: n, CA: 1_000 * n, BILAN: 200_000_000 - n, CREE: births[n % 3], COMMUNE: "97411",
            SECTEURS: [["energie", "transport"], ["transport", "energie"]][n % 2], FORME: "subvention", MONTANT: n + 1,
            "date_octroi": date.fromordinal(date(2018, 5, 2).toordinal() + n),
        }
        for n in range(60)
    ]  # fmt: skip
    memes(engine, rows)
    assert count.fois == {"_lire": 4, "_situation": 1}
