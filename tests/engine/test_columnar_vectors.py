"""A table made ready for the vector machine: every number as it is, every row at its own rank."""

from __future__ import annotations

import ctypes
from datetime import date

import numpy as np
import polars as pl
import pytest

from aid_rules.engine import columnar, columnar_evaluation
from aid_rules.engine.columnar_lines import Ensembles
from aid_rules.engine.columnar_table import CONNUS, COUTS_SCHEMA, fabriquer
from aid_rules.engine.columnar_vectors import TablePrete
from aid_rules.engine.moteur import Engine
from aid_rules.engine.vector_kernel import NUL32
from aid_rules.engine.vector_ops import NUL
from aid_rules.engine.vector_program import Registre
from aid_rules.testing.strategies import Generateur

JOUR = date(2020, 2, 29).toordinal()


def lire(engine: Engine, facts: pl.DataFrame, *columns: tuple[str, str]) -> list[list[int]]:
    """Return what programs read of some columns of a table, row after row."""
    couts = pl.DataFrame(schema=COUTS_SCHEMA)
    known = facts.with_columns(pl.lit(value=True).alias(CONNUS))
    ready = TablePrete(fabriquer(known, couts), engine.slots)
    registre, sets = Registre(), Ensembles({})
    for column in columns:
        registre.numero(column)
    data = ready.vecteurs("plan", columns, registre, sets, sets).donnees
    found = []
    for bank, name in columns:
        number = registre.numero((bank, name))
        kind = {1: ctypes.c_uint8, 4: ctypes.c_int32, 8: ctypes.c_int64}[1 if bank == "U" else int(data.octets[number])]
        start = int(data.u[number] if bank == "U" else data.i[number])
        values = list((kind * ready.height).from_address(start))
        found.append([NUL if kind is ctypes.c_int32 and v == NUL32 else v for v in values])
    return found


def dates(count: int) -> pl.Series:
    return pl.Series("date_octroi", [JOUR] * count, dtype=pl.Int64)


@pytest.mark.parametrize("edge", [2**31 - 1, 2**31, -(2**31), -(2**31) + 1, -(2**31) - 1])
def test_numbers_are_kept_whole_around_four_bytes(engine: Engine, edge: int) -> None:
    """Promise: the shortest form that holds a column holds each of its numbers, and its unknowns apart."""
    facts = pl.DataFrame({"date_octroi": dates(3), "aide.montant": pl.Series([edge, None, 7], dtype=pl.Int64)})
    assert lire(engine, facts, ("I", "aide.montant")) == [[edge, NUL, 7]]


def test_statuses_are_three(engine: Engine) -> None:
    """Promise: yes is 3, no 0, and what is not told 1."""
    facts = pl.DataFrame({"date_octroi": dates(3), "aide_ad_hoc": pl.Series([True, None, False])})
    assert lire(engine, facts, ("U", "aide_ad_hoc"), ("U", CONNUS)) == [[3, 1, 0], [3, 3, 3]]


def test_a_day_that_no_column_holds_stays_unknown_once_moved(engine: Engine) -> None:
    """Promise: the day that nobody tells is unknown, as it is and some months later."""
    facts = pl.DataFrame({"date_octroi": dates(2), "projet.debut_travaux_le": pl.Series([JOUR, None], dtype=pl.Int64)})
    later = date(2021, 2, 28).toordinal()
    absent, told = "projet.demande_aide_le", "projet.debut_travaux_le"
    found = lire(
        engine, facts, ("I", absent), ("I", f"{absent}|12|mois"), ("I", told), ("I", f"{told}|12|mois"),
    )  # fmt: skip
    assert found == [[NUL, NUL], [NUL, NUL], [JOUR, NUL], [later, NUL]]


def test_rows_stand_by_award_date(engine: Engine) -> None:
    """Promise: rows are read by award date, and each knows which it was."""
    days = pl.Series("date_octroi", [JOUR + 2, JOUR, JOUR + 1], dtype=pl.Int64)
    facts = pl.DataFrame({"date_octroi": days, CONNUS: [True, False, True], "aide.montant": [30, 10, 20]})
    couts = pl.DataFrame({"ligne": [0, 2, 0], "finalite": [1, 2, 3], "poste": [0, 0, 0], "montant": [5, 6, 7]})
    ready = TablePrete(fabriquer(facts, couts), engine.slots, 100)
    assert ready.rangs.tolist() == [101, 102, 100]
    sets = Ensembles({str(k): k for k in range(9)})
    data = ready.vecteurs("plan", [], Registre(), sets, sets).donnees
    assert data.debuts.tolist() == [0, 0, 1, 3]
    assert (data.finalite.tolist(), data.montant.tolist(), data.inconnus.tolist()) == ([2, 1, 3], [6, 5, 7], [1, 0, 0])
    assert ready.periodes([JOUR - 9, JOUR, JOUR + 1, JOUR + 9]) == ((1, 2), pytest.approx(np.array([0, 1, 1])))


@pytest.mark.parametrize(("piece", "part"), [(10_000, 10_000), (70, 10_000), (70, 150)])
def test_the_same_in_pieces_in_parts_and_made_ready(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, piece: int, part: int
) -> None:
    """Promise: neither the order of the rows nor the pieces they are computed by change what each is told."""
    table = columnar.to_table(engine, Generateur(engine).serie(11, 400))
    shuffled = table.faits["date_octroi"].shuffle(3)
    table = columnar.Table(table.faits.with_columns(shuffled), table.couts)
    wide = columnar.evaluate_table(engine, table)
    assert not table.faits["date_octroi"].is_sorted()
    monkeypatch.setattr(columnar_evaluation, "_MORCEAU", piece)
    monkeypatch.setattr(columnar_evaluation, "_ENTIERE", part)
    again = columnar.Table(table.faits, table.couts)
    found = columnar.evaluate_table(engine, again)
    assert found.select(sorted(found.columns)).equals(wide.select(sorted(wide.columns)))
    ready = columnar.evaluate_table(engine, columnar.preparer(engine, again))
    assert ready.select(sorted(ready.columns)).equals(wide.select(sorted(wide.columns)))
    long, whole = columnar.evaluate_long(engine, again), columnar.evaluate_long(engine, table)
    names = [pl.col("ligne"), pl.col("base").cast(pl.String), *columnar.CHAMPS]
    one, other = (f.bases.select(names).sort("ligne", "base") for f in (long, whole))
    assert one.equals(other)
    names = sorted(long.criteres.columns)
    assert long.criteres.select(names).equals(whole.criteres.select(names))
