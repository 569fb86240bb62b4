"""The plan command: the plan in both forms, and a clear message when it cannot be made."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from dossiers_cli import SAIN

from aid_rules.cli import cli

pytest.importorskip("ortools")


def asked(tmp_path, plan: str):
    path = tmp_path / "plan.yaml"
    path.write_text(SAIN + plan, encoding="utf-8")
    return str(path)


def test_plan_in_both_forms(tmp_path):
    """`aid-rules plan` writes the same plan as text and as JSON."""
    path = asked(tmp_path, "plan: {financeurs: [{id: region, type: region, bases: [de_minimis.general]}]}\n")
    text = CliRunner().invoke(cli, ["plan", path], catch_exceptions=False)
    found = json.loads(CliRunner().invoke(cli, ["plan", path, "--format", "json"], catch_exceptions=False).stdout)
    assert "Meilleur plan légal" in text.output
    assert found["statut"] in ("optimal", "trouve")
    assert {"aides", "limites", "ecartees", "comparaison"} <= found.keys()


def test_unknown_basis_of_a_funder_is_told(tmp_path):
    """A basis that does not exist is a fault of the dossier, with the nearest name."""
    path = asked(tmp_path, "plan: {financeurs: [{id: region, bases: [rgec.177]}]}\n")
    done = CliRunner().invoke(cli, ["plan", path])
    assert done.exit_code != 0
    assert "rgec.17" in str(done.exception)
