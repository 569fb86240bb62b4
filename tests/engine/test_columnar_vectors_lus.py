"""What programs read of a table, address by address: the shortest numbers, days moved, what no column holds, a part."""

from __future__ import annotations

import ctypes
from datetime import date

import numpy as np
import polars as pl
import pytest
from petite_loi import TEXTES, VOCABULAIRE

from aid_rules.engine.columnar_lines import Ensembles
from aid_rules.engine.columnar_table import CONNUS, COUTS_SCHEMA, fabriquer
from aid_rules.engine.columnar_vectors import NON_ECRIT, TablePrete, Tampons
from aid_rules.engine.environnement import Slots
from aid_rules.engine.vector_kernel import NUL32
from aid_rules.engine.vector_ops import NUL
from aid_rules.engine.vector_program import Registre
from aid_rules.language.loader import load
from aid_rules.language.tree import FAUX, INCONNU, VRAI

JOUR = date(2020, 2, 29).toordinal()
SIGNES = {1: ctypes.c_int8, 4: ctypes.c_int32, 8: ctypes.c_int64}


@pytest.fixture(scope="module")
def slots(tmp_path_factory):
    folder = tmp_path_factory.mktemp("regles")
    (folder / "textes.yaml").write_text(TEXTES)
    (folder / "vocabulaire.yaml").write_text(VOCABULAIRE)
    return Slots(load(folder).vocabulaire)


def prete(slots, jours=(JOUR, JOUR, JOUR), lignes=(), rang=(), **columns):
    """A table made ready, of some days and columns; `lignes` are (row, purpose, type, cents), `rang` its first row."""
    facts = {"date_octroi": pl.Series(jours, dtype=pl.Int64), CONNUS: [True] * len(jours)} | columns
    couts = pl.DataFrame(lignes, schema=COUTS_SCHEMA, orient="row")
    return TablePrete(fabriquer(pl.DataFrame(facts, schema_overrides={CONNUS: pl.Boolean}), couts), slots, *rang)


def lire(ready, *columns):
    """The size in bytes and the values of each column, as the machine reads them."""
    registre, sets = numeros(columns), Ensembles({str(k): k for k in range(9)})
    data = ready.vecteurs(columns, columns, registre, sets, sets).donnees
    return [valeurs(data, registre, column, ready.height) for column in columns]


def numeros(columns):
    """The numbers of some columns, as programs that are compiled give them."""
    registre = Registre()
    for column in columns:
        registre.numero(column)
    return registre


def valeurs(data, registre, column, height):
    bank, number = column[0], registre.numero(column)
    if bank == "U":
        return 1, list((ctypes.c_uint8 * height).from_address(int(data.u[number])))
    size = int(data.octets[number])
    return size, list((SIGNES[size] * height).from_address(int(data.i[number])))


def test_numbers_are_as_short_as_they_can_be(slots):
    """One byte for a short choice, four when all fit beside the one that stands for unknown, eight otherwise."""
    ready = prete(
        slots,
        taille=pl.Series([1, 6, 7], dtype=pl.UInt8),
        seize=pl.Series([1, 2**15, 7], dtype=pl.UInt16),
        trente=pl.Series([1, 2**31, 7], dtype=pl.UInt32),
        longue=pl.Series([1, 2**63, 2**40], dtype=pl.UInt64),
        courte=pl.Series([1, 2, 3], dtype=pl.UInt64),
        marge_eur=pl.Series([-5, None, 2**31 - 1], dtype=pl.Int64),
        duree_ans=pl.Series([-5, None, 2**31], dtype=pl.Int64),
        basse=pl.Series([-(2**31), None, 9], dtype=pl.Int64),
        moins=pl.Series([-(2**31) + 1, None, 9], dtype=pl.Int64),
        nulle=pl.Series([None] * 3, dtype=pl.Int64),
    )
    names = ("taille", "seize", "trente", "longue", "courte", "marge_eur", "duree_ans", "basse", "moins", "nulle")
    assert lire(ready, *(("I", name) for name in names)) == [
        (1, [1, 6, 7]), (4, [1, 2**15, 7]), (8, [1, 2**31, 7]), (8, [1, -(2**63), 2**40]), (8, [1, 2, 3]),
        (4, [-5, NUL32, 2**31 - 1]), (8, [-5, NUL, 2**31]), (8, [-(2**31), NUL, 9]), (4, [-(2**31) + 1, NUL32, 9]),
        (4, [NUL32] * 3),
    ]  # fmt: skip


def test_what_no_column_holds_is_unknown_everywhere(slots):
    """An absent truth value is neither yes nor no, a choice may take each of its values, a number is not told."""
    ready = prete(slots, zone=[True, None, False])
    columns = [("I", "taille"), ("U", "verte"), ("I", "marge_eur"), ("U", "zone"), ("I", "taux_carte.min")]
    assert lire(ready, *columns) == [
        (8, [7, 7, 7]), (1, [INCONNU] * 3), (8, [NUL] * 3), (1, [VRAI, INCONNU, FAUX]), (8, [0] * 3),
    ]  # fmt: skip


def test_each_program_finds_its_own_columns(slots):
    """Each bank has its numbers: a truth value read after numbers changes nothing of them."""
    ready = prete(slots, zone=[True, None, False], duree_ans=[2**40, 1, None], marge_eur=[4, 5, 6])
    orders = ["marge_eur", "duree_ans", "zone", CONNUS], [CONNUS, "zone", "duree_ans", "marge_eur"]
    whole = {
        "marge_eur": (4, [4, 5, 6]),
        "duree_ans": (8, [2**40, 1, NUL]),
        "zone": (1, [3, 1, 0]),
        CONNUS: (1, [3] * 3),
    }
    for names in orders:
        columns = [("U" if name in ("zone", CONNUS) else "I", name) for name in names]
        assert lire(ready, *columns) == [whole[name] for name in names]


def test_days_moved_more_than_once(slots):
    """Each move starts from the day that the one before gives; nobody's day stays so."""
    first, second = date(2020, 1, 31), date(2021, 3, 15)
    ready = prete(slots, depuis=[first.toordinal(), None, second.toordinal()])
    moves = "1|mois", "1|mois|1|mois", "1|mois|2|jours", "2|jours|1|mois", "1|mois|1|mois|-3|jours"
    found = lire(ready, *(("I", f"depuis|{move}") for move in moves))
    wanted = [
        (date(2020, 2, 29), date(2021, 4, 15)), (date(2020, 3, 29), date(2021, 5, 15)),
        (date(2020, 3, 2), date(2021, 4, 17)), (date(2020, 3, 2), date(2021, 4, 17)),
        (date(2020, 3, 26), date(2021, 5, 12)),
    ]  # fmt: skip
    assert found == [(4, [one.toordinal(), NUL32, other.toordinal()]) for one, other in wanted]


def test_lines_stand_by_award_date_in_the_order_of_their_dossier(slots):
    """The lines of a dossier keep their order, whatever the order in which the table gives the dossiers."""
    count = 300
    lines = [(k % 3, k % 9, k % 5, 10_000 + k) for k in range(count)]
    ready = prete(slots, (JOUR + 2, JOUR, JOUR + 1), lines)
    sets = Ensembles({str(k): k for k in range(9)})
    data = ready.vecteurs("plan", [], Registre(), sets, sets).donnees
    wanted = [k for row in (1, 2, 0) for k in range(count) if k % 3 == row]
    assert data.montant.tolist() == [10_000 + k for k in wanted]
    assert data.finalite.tolist() == [k % 9 for k in wanted]
    assert data.poste.tolist() == [k % 5 for k in wanted]
    assert data.debuts.tolist() == [0, 100, 200, 300]
    assert ready.rangs.tolist() == [1, 2, 0]


def test_a_part_of_the_rows(slots):
    """It starts at its own row: in each column, whatever the size of its numbers, and among the cost lines."""
    columns = [("U", "zone"), ("I", "taille"), ("I", "marge_eur"), ("I", "duree_ans")]
    jours = [JOUR + k for k in range(5)]
    lines = [(0, 1, 1, 5), (1, 2, 1, 6), (1, 3, 1, 7), (3, 4, 1, 8), (4, 5, 1, None)]
    ready = prete(
        slots, jours, lines,
        **{CONNUS: [True, False, True, False, True]},
        zone=[True, False, None, False, True], taille=pl.Series([1, 2, 4, 3, 7], dtype=pl.UInt8),
        marge_eur=[10, 20, 30, 40, 50], duree_ans=[2**40, 2**41, 2**42, 2**43, 2**44],
    )  # fmt: skip
    registre, sets = numeros(columns), Ensembles({str(k): k for k in range(9)})
    whole = ready.vecteurs("plan", columns, registre, sets, sets)
    part = whole.tranche(2, 2)
    assert [valeurs(part.donnees, registre, column, 2) for column in columns] == [
        (1, [1, 0]), (1, [4, 3]), (4, [30, 40]), (8, [2**42, 2**43]),
    ]  # fmt: skip
    assert part.colonnes is whole.colonnes
    assert part.donnees.debuts.tolist() == [3, 3, 4]
    assert part.donnees.montant.tolist() == [5, 6, 7, 8, NUL]
    assert part.donnees.inconnus.tolist() == [0, 1]
    assert whole.donnees.inconnus.tolist() == [0, 1, 0, 1, 0]
    assert whole.donnees.debuts.tolist() == [0, 1, 3, 3, 4, 5]
    assert ready.vecteurs("plan", columns, registre, sets, sets) is whole


def test_periods_that_some_dossier_is_of(slots):
    """The days before the second change are of the first period; a change takes effect on its own day."""
    jours = [JOUR - 1, JOUR, JOUR, JOUR + 4, JOUR + 5]
    present, places = prete(slots, jours).periodes([JOUR - 50, JOUR - 20, JOUR, JOUR + 2, JOUR + 5])
    assert (present, places.tolist()) == ((1, 2, 3, 4), [0, 1, 1, 2, 3])
    present, places = prete(slots, [JOUR - 90, JOUR + 90]).periodes([JOUR - 50, JOUR, JOUR + 60])
    assert (present, places.tolist()) == ((0, 2), [0, 1])


def test_a_table_numbers_its_own_rows(slots):
    """From its first, which is 0 unless told otherwise; an empty one has none."""
    ready = prete(slots)
    assert (ready.rangs.tolist(), ready.rangs.dtype) == ([0, 1, 2], np.uint32)
    assert prete(slots, (JOUR + 2, JOUR, JOUR + 1), rang=[100]).rangs.tolist() == [101, 102, 100]
    empty = prete(slots, (), marge_eur=pl.Series([], dtype=pl.Int64))
    assert (empty.height, empty.rangs.tolist(), empty.periodes([JOUR, JOUR + 1])[0]) == (0, [], ())
    assert lire(empty, ("I", "marge_eur"), ("U", CONNUS)) == [(4, []), (1, [])]


def test_arrays_that_serve_again():
    """The same room serves again while it is large enough, under each name its own; contents are kept by nobody."""
    held = Tampons()
    first = held.prendre("a", (2, 3), np.int32)
    assert (first.shape, first.dtype) == ((2, 3), np.int32)
    assert np.shares_memory(first, held.prendre("a", (3, 2), np.int32))
    assert not np.shares_memory(first, held.prendre("b", (6,), np.int32))
    more = held.prendre("a", (40,), np.int32)
    assert more.shape == (40,)
    assert not np.shares_memory(first, more)
    assert np.shares_memory(more, held.prendre("a", (5,), np.int32))
    assert held.prendre("vide", (0,), np.int64).shape == (0,)


@pytest.mark.parametrize("height", [0, 1, 5])
def test_arrays_of_one_stretch_of_memory(height):
    """Each has its shape and its kind, none stands on another, and they fill the stretch."""
    held = Tampons()
    asked = [((2, height), np.int64), ((height,), np.int16), ((height,), np.uint8)]
    found = held.ensemble("a", *asked)
    assert [(one.shape, one.dtype) for one in found] == [(shape, np.dtype(kind)) for shape, kind in asked]
    for rank, one in enumerate(found):
        one[:] = rank + 1
    assert [set(one.ravel().tolist()) for one in found] == [{rank + 1} if height else set() for rank in range(3)]
    assert sum(one.nbytes for one in found) == height * 19
    again = held.ensemble("a", *asked)
    assert all(np.shares_memory(one, other) == bool(height) for one, other in zip(found, again, strict=True))


def test_what_is_not_written_is_no_truth_value():
    """It fits the status of a row, and is none of the three."""
    assert np.full(1, NON_ECRIT, np.uint8)[0] not in (FAUX, INCONNU, VRAI)
