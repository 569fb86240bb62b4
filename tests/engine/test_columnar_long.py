"""One row per dossier and basis: the same as the wide table, whatever the pieces it is computed by."""

from __future__ import annotations

import polars as pl
import pytest

from aid_rules.engine import columnar, columnar_evaluation
from aid_rules.engine.moteur import Engine
from aid_rules.language.tree import FAUX
from aid_rules.testing.strategies import Generateur


@pytest.mark.parametrize("taille", [10_000, 130])
def test_long_comme_large(engine: Engine, monkeypatch: pytest.MonkeyPatch, taille: int) -> None:
    """Promise: the long form says what the wide one says; a basis that is not there may not be used."""
    monkeypatch.setattr(columnar_evaluation, "_MORCEAU", taille)
    table = columnar.to_table(engine, Generateur(engine).serie(7, 400))
    wide, found = columnar.evaluate_table(engine, table), columnar.evaluate_long(engine, table)
    assert found.criteres.select(sorted(found.criteres.columns)).equals(wide.select(sorted(found.criteres.columns)))
    assert found.bases.select("ligne", "base").is_duplicated().sum() == 0
    seen = 0
    for (name,), rows in found.bases.group_by("base"):
        fields = [f"{name}.{champ}" for champ in columnar.CHAMPS]
        there = wide[rows["ligne"].to_list()].select(fields)
        assert there.rows() == rows.select(columnar.CHAMPS).rows(), name
        others = wide.filter(~pl.int_range(pl.len()).is_in(rows["ligne"].to_list()))
        assert set(others[f"{name}.verdict"].unique()) <= {None, FAUX}
        seen += rows.height
    assert seen == found.bases.height > 5_000
