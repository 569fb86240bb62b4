"""The dossiers of examples/: each gives its expected result, and every command runs on it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from aid_rules.cli import cli
from aid_rules.cli.commun import every_base
from aid_rules.language.positions import read_file
from aid_rules.language.reading import read_dossier
from aid_rules.report.resultat import resultat
from aid_rules.testing.cas import compare

EXAMPLES = Path(__file__).parent.parent / "examples"
DOSSIERS = sorted(EXAMPLES.glob("*.yaml"))


def test_examples_are_found():
    """At least ten dossiers, each with its expected result."""
    assert len(DOSSIERS) >= 10
    assert {p.name for p in DOSSIERS} == {p.name for p in (EXAMPLES / "attendus").glob("*.yaml")}


@pytest.mark.parametrize("path", DOSSIERS, ids=lambda p: p.stem)
def test_expected_result(path, engine):
    """An example concludes what its file of examples/attendus says, to the cent."""
    dossier = read_dossier(read_file(path), engine.book.vocabulaire, every_base(engine))
    found = json.loads(resultat(engine, engine.evaluate(dossier)).model_dump_json())
    expected = read_file(EXAMPLES / "attendus" / path.name).data
    assert not list(compare(expected, found))


@pytest.mark.parametrize("path", DOSSIERS, ids=lambda p: p.stem)
def test_commands_run(path):
    """The text names the dossier and says that it is a pre-analysis; questions and schema come without a fault."""
    text = CliRunner().invoke(cli, ["evaluer", str(path)])
    assert text.exit_code == 0
    assert "Pré-analyse" in text.output
    assert CliRunner().invoke(cli, ["questions", str(path)]).exit_code == 0
