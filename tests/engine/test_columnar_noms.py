"""The names of the bases in the long form: repeated or looked up one by one, they are the same; what is kept."""

from __future__ import annotations

import petite_table as p
import pytest

from aid_rules.engine import columnar
from aid_rules.engine.moteur import Engine
from aid_rules.language.tree import FAUX


@pytest.mark.parametrize("seuil", [0, 10**9])
def test_each_row_has_the_name_of_its_basis(tmp_path, monkeypatch, seuil):
    """As many rows as dossiers that a cost line concerns, basis by basis, with what the exact evaluator says."""
    monkeypatch.setattr(columnar, "_LONGUES", seuil)
    loi = p.moteur(tmp_path)
    lot = p.DOSSIERS[::5]
    found = columnar.evaluate_long(loi, p.table(loi, lot)).bases
    assert found["base"].n_chunks() == 1
    wanted = p.blocs(loi, lot)
    told = found.select("ligne", "base", "verdict", "motif").rows()
    assert all(wanted[ligne][base][:2] == (verdict, motif) for ligne, base, verdict, motif in told)
    live = {(k, n) for k, one in enumerate(wanted) for n, b in one.items() if ":" not in n and len(b) > 2}
    live = {(k, n) for k, n in live if wanted[k][n] != (FAUX, 0, None, None, None, None)}
    assert {(ligne, base) for ligne, base, *_ in told} == live
    assert len(told) == len(live)


def test_what_an_engine_compiles_is_kept(tmp_path):
    """One evaluator serves each engine, as long as it lasts, and no other."""
    one, other = p.moteur(tmp_path), Engine(tmp_path, seul=True)
    held = columnar._evaluator(one)
    assert columnar._evaluator(one) is held
    assert columnar._evaluator(other) is not held
    assert held.engine is one
    assert columnar._evaluator(one) is held
