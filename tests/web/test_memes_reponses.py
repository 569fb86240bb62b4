"""Each example: the API answers the JSON of the command line, and the page says what that JSON holds."""

from __future__ import annotations

import html
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient

from aid_rules.cli import cli
from aid_rules.report import libelles as mots

EXEMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))


def en_ligne_de_commande(path: Path) -> Any:
    """Return the JSON that `aid-rules evaluer` writes."""
    done = CliRunner().invoke(cli, ["evaluer", str(path), "--format", "json"], catch_exceptions=False)
    assert done.exit_code == 0
    return json.loads(done.stdout, parse_float=Decimal, parse_int=Decimal)


def mots_de(page: str) -> str:
    """Return the words of a page, spaces made equal."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.mark.parametrize("path", EXEMPLES, ids=lambda p: p.stem)
def test_one_answer_everywhere(client: TestClient, path: Path) -> None:
    """Conclusion, criteria, each basis with verdict and amount, alerts, obligations, questions: nothing differs."""
    expected = en_ligne_de_commande(path)
    raw = path.read_bytes()
    answered = client.post("/api/v1/evaluer", content=raw, headers={"content-type": "application/yaml"})
    assert json.loads(answered.text, parse_float=Decimal, parse_int=Decimal) == expected
    opened = client.post("/ouvrir", files={"fichier": (path.name, raw)})
    assert opened.status_code == 200
    said = mots_de(opened.text)
    head = mots.CONCLUSIONS[expected["qualification"]["conclusion"]][0]
    assert head in said
    for base in expected["regimes"]:
        if base["examine"]:
            shown = f"{mots.VERDICTS[base['verdict']]} {base['intitule']}"
            if base["verdict"] != "non_mobilisable":
                shown += f" {mots.montant(base['montant_min_eur'], base['montant_max_eur'])}"
            assert " ".join(shown.split()) in said
    for alerte in expected["cumul"]["alertes"]:
        assert " ".join(alerte["message"].split()) in said
    for duty in expected["obligations"]:
        assert " ".join(duty["intitule"].split()) in said
    for question in expected["questions"][:10]:
        assert " ".join(question["question"].split()) in said
