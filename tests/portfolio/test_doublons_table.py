"""Rows that bear the same identifier, set aside or not."""

from __future__ import annotations

import polars as pl
import pytest

from aid_rules.portfolio import doublons


def _lignes(*rows: tuple[int, str | None]) -> pl.LazyFrame:
    return pl.LazyFrame(list(rows), {"ligne": pl.Int64, "identifiant": pl.String}, orient="row")


def test_lignes_rejetees_comprises() -> None:
    """Promise: a row set aside is compared too, and told as such; no identifier is no likeness."""
    found = doublons.alertes(
        _lignes((2, "A"), (3, "B"), (5, None), (6, ""), (9, "A")), _lignes((4, "A"), (7, "B"), (8, None))
    )
    told = [(line, text.partition(" portent")[0]) for line, text in found.select("ligne", "message").rows()]
    assert told == [
        (2, "Les lignes 2 et 4 (rejetée)"), (3, "Les lignes 3 et 7 (rejetée)"), (4, "Les lignes 2 et 4 (rejetée)"),
        (7, "Les lignes 3 et 7 (rejetée)"), (9, "Les lignes 2 et 9"),
    ]  # fmt: skip


def test_sans_double() -> None:
    """Promise: identifiers that differ, by a letter or its case, are told of nothing."""
    assert doublons.alertes(_lignes((2, "A"), (3, "a")), _lignes((4, "B"))).is_empty()


@pytest.mark.parametrize("taille", [1, 2, 5])
def test_par_lots(taille: int) -> None:
    """Promise: compared a few rows at a time, the same likenesses are told, in the order of the lines."""
    rows = _lignes(*((n, f"R{n % 7}") for n in range(2, 23)), (30, "seul"), (31, None))
    aside = _lignes((40, "R3"), (41, "autre"))
    assert doublons.alertes(rows, aside, taille).equals(doublons.alertes(rows, aside))
    assert doublons.alertes(rows, aside, taille).height == 22
