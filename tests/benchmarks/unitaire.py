"""One dossier: the exact evaluator against every regime, the whole evaluation, and the command line, cold."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from aid_rules.engine.moteur import Engine
from aid_rules.language.reading import dossier_of
from aid_rules.report.resultat import resultat
from aid_rules.testing.cas import read_models

RACINE = Path(__file__).resolve().parents[2]
_COUTS = [
    {"id": "machines", "poste": "actifs_corporels", "finalite": "investissement_initial", "montant_eur": 2_400_000},
    {"id": "prototype", "poste": "personnel", "finalite": "developpement_experimental", "montant_eur": 500_000},
]


def mesurer(repetitions: int = 200) -> dict[str, float]:
    """Return milliseconds, the median of each."""
    engine = Engine()
    model = read_models(RACINE / "tests" / "cas" / "modeles.yaml")["pme_saine"]
    model = {**model, "projet": {**model["projet"], "couts": _COUTS}}
    dossier = dossier_of(model, engine.book.vocabulaire)
    law = engine.at(dossier.date_octroi)
    facts = law.reader.read(dossier)
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as stream:
        yaml.safe_dump(_texte(model), stream, allow_unicode=True)
        stream.flush()
        command = [sys.executable, "-m", "aid_rules", "evaluer", stream.name]
        cold = _processus(command)
    base = _processus([sys.executable, "-c", "import pydantic"])
    return {
        "évaluateur exact, toutes bases": _mediane(
            lambda: law.programme.run(facts.env, facts.lignes, True), repetitions
        ),
        "évaluation entière": _mediane(lambda: engine.evaluate(dossier), repetitions),
        "évaluation entière et résultat rédigé": _mediane(
            lambda: resultat(engine, engine.evaluate(dossier)), repetitions // 4
        ),
        "ligne de commande, à froid": cold,
        "python -c « import pydantic »": base,
        "ligne de commande ÷ import pydantic": cold / base,
    }


def _texte(value: object) -> object:
    """Write the exact values of a model back as plain YAML."""
    if isinstance(value, dict):
        return {key: _texte(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_texte(item) for item in value]
    return value if isinstance(value, bool | int | str | type(None)) else str(value)


def _mediane(call: Callable[[], object], times: int) -> float:
    found = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        found.append(1000 * (time.perf_counter() - start))
    return statistics.median(found)


def _processus(command: list[str]) -> float:
    def run() -> None:
        subprocess.run(command, check=True, capture_output=True, cwd=RACINE)

    run()
    return _mediane(run, 7)
