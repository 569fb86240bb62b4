"""Worked legal cases: each YAML case of tests/cas is a test."""

from __future__ import annotations

from pathlib import Path

import pytest

from aid_rules.testing.cas import Cas, read_cases, read_models, run

ROOT = Path(__file__).parent / "cas"
MODELES = read_models(ROOT / "modeles.yaml")
CASES = [
    (path.relative_to(ROOT).with_suffix("").as_posix(), cas)
    for path in sorted(ROOT.rglob("*.yaml"))
    if path.name != "modeles.yaml"
    for cas in read_cases(path, MODELES)
]


@pytest.mark.parametrize(("where", "cas"), CASES, ids=[f"{where}:{cas.ligne}" for where, cas in CASES])
def test_case(where, cas: Cas, engine):
    """The engine concludes what the lawyer wrote."""
    differences = run(cas, engine)
    assert not differences, f"{where} ligne {cas.ligne} — {cas.nom}\n" + "\n".join(differences)


def test_cases_are_found():
    """The suite reads the cases: an empty folder would pass in silence."""
    assert len(CASES) > 1
