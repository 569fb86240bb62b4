"""The table of dossiers: what its columns hold, its totals, its pieces, its days moved, held to explicit figures."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import polars as pl
import pytest
from petite_loi import TEXTES, VOCABULAIRE

from aid_rules.engine import columnar_table as tables
from aid_rules.engine.columnar_lines import TOTAL_MAX, Drapeaux
from aid_rules.engine.columnar_table import Etendue, Table
from aid_rules.engine.columnar_trees import Etat
from aid_rules.engine.environnement import Slots
from aid_rules.engine.vector_ops import NUL
from aid_rules.language.loader import load

ENSEMBLE = """  zones: {type: ensemble, liste: taille, libelle: zones, question: "Zones ?", texte: loi, ref: "1"}
  depuis_le: {type: date, libelle: depuis, question: "Depuis ?", texte: loi, ref: "1"}
"""
JOUR = date(2020, 1, 1).toordinal()


@pytest.fixture(scope="module")
def slots(tmp_path_factory):
    folder = tmp_path_factory.mktemp("regles")
    (folder / "textes.yaml").write_text(TEXTES)
    (folder / "vocabulaire.yaml").write_text(VOCABULAIRE + ENSEMBLE)
    return Slots(load(folder).vocabulaire)


def lignes(*rows):
    """Cost lines, each the row of its dossier and its amount; `rows` may tell purpose and type as well."""
    told = [(row[0], *(row[2:] or (0, 0)), row[1]) for row in rows]
    return pl.DataFrame(told, schema=tables.COUTS_SCHEMA, orient="row")


def faits(height=3, **columns):
    days = pl.Series([JOUR] * height, dtype=pl.Int64)
    return pl.DataFrame({"date_octroi": days, tables.CONNUS: [True] * height} | columns)


COLONNES = {
    "taille": pl.Series([1, 4, 2], dtype=pl.UInt8),
    "taille2": pl.Series([1, 6, None], dtype=pl.UInt8),
    "taux_carte.min": pl.Series([5, 7, None]),
    "taux_carte.max": pl.Series([5, 7, None]),
    "couts_totaux.min": pl.Series([5, 7, 8]),
    "couts_totaux.max": pl.Series([5, 7, 9]),
    "marge_eur": pl.Series([None] * 3, dtype=pl.Int64),
    "duree_ans": pl.Series([100, 100, None]),
    "zone": pl.Series([True, True, True]),
    "verte": pl.Series([True, None, False]),
    "contrefactuel": pl.Series([True, False, False]),
    "zones.petite": pl.Series([True, True, True]),
    "inventee": pl.Series([1, 1, 1]),
    "inventee.min": pl.Series([1, 1, 1]),
    "inventee.max": pl.Series([1, 1, 1]),
}


def test_what_each_column_holds():
    """Unknowns, least and greatest values; of a choice, whether a row leaves several values open."""
    held = Table(faits(**COLONNES), lignes()).etendues
    assert held["taille"] == Etendue(0, 1, 4, False)
    assert held["taille2"] == Etendue(1, 1, 6, True)
    assert held["duree_ans"] == Etendue(1, 100, 100, False)
    assert held["verte"] == Etendue(1, False, True, False)
    assert Table(faits(0), lignes()).etendues == {}
    assert Table(faits(2), lignes()).etendues["date_octroi"] == Etendue(0, JOUR, JOUR, False)
    assert Table(faits(**COLONNES), lignes()).egales == {"taux_carte", "inventee"}


def test_what_is_the_same_everywhere_is_told(slots):
    """A constant, an unknown everywhere, a column without doubt, one with; what no rule reads is left out."""
    found = tables.etats(Table(faits(**COLONNES), lignes()), slots)
    assert found == {
        "date_octroi": Etat(constante=JOUR),
        "taille": Etat(colonne=True, complet=True),
        "taux_carte.min": Etat(colonne=True, complet=False),
        "taux_carte.max": Etat(colonne=True, complet=False),
        "taux_carte": Etat(complet=True),
        "couts_totaux.min": Etat(colonne=True, complet=True),
        "couts_totaux.max": Etat(colonne=True, complet=True),
        "couts_totaux": Etat(complet=False),
        "marge_eur": Etat(),
        "duree_ans": Etat(colonne=True, complet=False),
        "zone": Etat(constante=True),
        "verte": Etat(colonne=True, complet=False),
        "contrefactuel": Etat(colonne=True, complet=True),
        "zones.petite": Etat(constante=True),
    }
    doubt = faits(2, taille=pl.Series([1, 6], dtype=pl.UInt8))
    assert tables.etats(Table(doubt, lignes()), slots)["taille"] == Etat(colonne=True, complet=False)
    assert tables.etats(Table(faits(0), lignes()), slots) == {}


def test_what_was_compiled_for_one_table_serves_another():
    """States that hold for two tables: alike ones stay, others become columns, without doubt when neither has any."""
    trois, quatre = Etat(constante=3), Etat(constante=4)
    sure, doubt = Etat(colonne=True, complet=True), Etat(colonne=True, complet=False)
    known = {"a": trois, "b": trois, "c": trois, "d": sure, "e": sure, "f": trois, "z": sure}
    new = {"a": trois, "b": quatre, "c": Etat(), "d": doubt, "e": trois, "z": sure}
    known |= {"t.min": sure, "t.max": sure, "t": Etat(complet=True), "v.min": sure, "v": Etat(complet=True)}
    new |= {"t.min": trois, "t.max": doubt, "t": Etat(complet=False)}
    found = tables.elargir(known, new)
    assert found == {
        "a": trois, "b": sure, "c": doubt, "d": doubt, "e": sure, "f": doubt, "z": sure,
        "t.min": sure, "t.max": doubt, "t": Etat(complet=False), "v.min": doubt, "v": Etat(complet=False),
    }  # fmt: skip
    assert tables.elargir(new, known) == found
    assert (tables.largeur(found), tables.largeur({"a": trois, "t": Etat(complet=True)})) == (9, 0)


@pytest.mark.parametrize(
    "rows", [[(0, 5), (2, 6), (0, 7), (2, None), (4, 1)], [(0, 5), (0, 7), (2, 6), (2, None), (4, 1)]]
)
def test_pieces_number_their_rows_from_zero(rows):
    """Each piece has the lines of its dossiers, in their order, and tells of the whole table what it holds."""
    table = Table(faits(5, duree_ans=[100, 200, 300, 400, 500]), lignes(*rows))
    assert [*table.morceaux(5)] == [table]
    found = list(table.morceaux(2))
    assert [p.faits["duree_ans"].to_list() for p in found] == [[100, 200], [300, 400], [500]]
    told = [list(zip(p.couts["ligne"], p.couts["montant"], strict=True)) for p in found]
    assert told == [[(0, 5), (0, 7)], [(0, 6), (0, None)], [(0, 1)]]
    assert {p.etendues["duree_ans"] for p in found} == {Etendue(0, 100, 500, False)}
    assert {p.egales for p in found} == {frozenset()}
    assert [p.height for p in table.morceaux(4)] == [4, 1]
    assert found[0].couts.schema == pl.Schema(tables.COUTS_SCHEMA)


@pytest.mark.parametrize(
    ("known", "rows", "wanted"),
    [
        ([True, True], [(0, 5), (1, 6)], [(5, 5), (6, 6)]),
        ([True, False], [(0, 5), (1, None)], [(5, 5), (0, None)]),
        ([True, False], [(0, None), (1, 7)], [(0, None), (7, None)]),
        ([True, True], [(1, 5), (0, 6)], [(6, 6), (5, 5)]),
        ([True, True], [(0, 5), (0, 6)], [(11, 11), (0, 0)]),
        ([True, True], [(1, 5), (1, None), (1, 2)], [(0, 0), (7, None)]),
        ([False, False], [(1, 5), (1, 7), (1, 2)], [(0, None), (14, None)]),
        ([None, True], [], [(0, None), (0, 0)]),
    ],
)
def test_the_total_of_the_costs(known, rows, wanted):
    """The amounts told, at most that when all are told and no line can lack; nothing spent without a line."""
    made = tables.fabriquer(faits(2).with_columns(pl.Series(tables.CONNUS, known, dtype=pl.Boolean)), lignes(*rows))
    assert made.faits.select("couts_totaux.min", "couts_totaux.max").rows() == wanted
    assert made.couts.height == len(rows)


def test_a_total_beyond_what_is_held_is_refused():
    """A thousand billion euros at most, and the dossier is told as a person counts."""
    table = tables.fabriquer(faits(2), lignes((1, TOTAL_MAX - 1), (1, 1)))
    assert table.faits["couts_totaux.max"].to_list() == [0, TOTAL_MAX]
    with pytest.raises(ValueError, match=r"^dossier 2 : le total des coûts dépasse 1 000 milliards"):
        tables.fabriquer(faits(3), lignes((1, TOTAL_MAX), (1, 1), (2, TOTAL_MAX + 1)))


@pytest.mark.parametrize(
    ("known", "line", "wanted"),
    [
        (True, (0, 5, 1, 1), Drapeaux(False, False, False, False)),
        (False, (0, 5, 1, 1), Drapeaux(True, False, False, False)),
        (True, (0, 5, None, 1), Drapeaux(False, True, False, False)),
        (True, (0, 5, 1, None), Drapeaux(False, False, True, False)),
        (True, (0, None, 1, 1), Drapeaux(False, False, False, True)),
    ],
)
def test_what_is_unknown_somewhere(known, line, wanted):
    """Each doubt about the cost lines is told apart."""
    told = faits(2).with_columns(pl.Series(tables.CONNUS, [True, known]))
    assert tables.drapeaux(Table(told, lignes(line, (1, 5, 1, 1)))) == wanted


def jour(text):
    return date.fromisoformat(text).toordinal()


@pytest.mark.parametrize(
    ("start", "ecart", "unite", "wanted"),
    [
        ("2020-02-29", 12, "mois", "2021-02-28"),
        ("2020-03-31", -1, "mois", "2020-02-29"),
        ("2020-02-29", 1, "jours", "2020-03-01"),
        ("2020-02-29", -30, "jours", "2020-01-30"),
        ("2020-12-24", 1, "jours_ouvrables", "2020-12-28"),
        ("2020-12-26", 1, "jours_ouvrables", "2020-12-28"),
        ("2020-12-26", -1, "jours_ouvrables", "2020-12-24"),
        ("2020-12-26", 0, "jours_ouvrables", "2020-12-26"),
        ("2020-05-22", -1, "jours_ouvrables", "2020-05-20"),
        ("2020-02-29", 0, "mois", "2020-02-29"),
    ],
)
@pytest.mark.parametrize("others", [[], ["2019-01-01"], ["2020-01-01"] * 3])
def test_days_are_moved(start, ecart, unite, wanted, others):
    """By months (28 February when the 29th lacks), days or working days, one day or many, the same or not."""
    days = pl.Series([jour(start)] * 2 + [jour(other) for other in others], dtype=pl.Int64)
    moved = tables.decaler(days, ecart, unite)
    assert moved[:2].to_list() == [jour(wanted)] * 2
    assert moved.dtype == pl.Int64


@pytest.mark.parametrize("many", [1, 40])
def test_the_period_of_each_day(many):
    """The day of a change is the first of its period; -1 before the first of all."""
    days = pl.Series([99, 100, 109, 110, 119, 120, 131] * many, dtype=pl.Int64)
    assert tables.periodes(days, [100, 110, 120]).to_list() == [-1, 0, 0, 1, 1, 2, 2] * many


def test_what_depends_on_the_day_is_computed_once_for_each():
    """As many days as rows at least, they are taken one by one; fewer, each is computed once."""
    seen = []

    def double(days):
        seen.append(days.to_list())
        return days * 2

    assert tables.par_jour(pl.Series([5, 7, 5]), double).to_list() == [10, 14, 10]
    assert tables.par_jour(pl.Series([5, 8, 5]), double).to_list() == [10, 16, 10]
    assert tables.par_jour(pl.Series([], dtype=pl.Int64), double).to_list() == []
    assert tables.par_jour(pl.Series([7, 5, 7, None]), double).to_list() == [14, 10, 14, None]
    assert seen == [[5, 6, 7], [5, 8, 5], [], [5, 6, 7]]


def test_what_a_column_holds_of_what_is_not_known(slots):
    """Every value of a choice, nothing at least of what has bounds, no number otherwise."""
    names = ("taille", "marge_eur", "taux_carte.min", "taux_carte.max", "depuis_le", "zone")
    assert [tables.inconnue(slots, name) for name in names] == [7, NUL, 0, NUL, NUL, NUL]
    with pytest.raises(AssertionError):
        tables.inconnue(slots, "inventee")


@pytest.mark.parametrize(
    ("size", "kind"),
    [(8, pl.UInt8()), (9, pl.UInt16()), (16, pl.UInt16()), (17, pl.UInt32()), (32, pl.UInt32()), (33, pl.UInt64())],
)
def test_a_choice_takes_as_many_bits_as_values(size, kind):
    """One bit a value, in the shortest form."""
    assert tables.type_de(SimpleNamespace(type="choix", valeurs=["v"] * size)) == kind
    assert tables.type_de(SimpleNamespace(type="booleen")) == pl.Boolean()
    assert tables.type_de(SimpleNamespace(type="montant")) == pl.Int64()


def test_purposes_and_types_are_numbered_in_their_order():
    """The first is zero."""
    listes = {"finalite": {"b": 0, "a": 0}, "poste": {"c": 0}, "autre": {"x": 0}}
    assert tables.rangs(listes) == {"finalite": {"b": 0, "a": 1}, "poste": {"c": 0}}
