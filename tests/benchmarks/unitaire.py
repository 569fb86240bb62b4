"""One dossier: the exact evaluator against every basis in force, the whole evaluation, and the command line, cold."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from aid_rules.engine.facts import lines_of
from aid_rules.engine.moteur import Engine
from aid_rules.language.positions import read_file
from aid_rules.language.reading import read_dossier
from aid_rules.report.resultat import resultat

RACINE = Path(__file__).resolve().parents[2]
EXEMPLES = ("plan_cumul_2026", "bresle_2019")
"""A dossier of today, and one of 2019 with its group, its zone, its de minimis history and the 35 schemes of then."""


def mesurer(repetitions: int = 200) -> dict[str, float]:
    """Return milliseconds, the median of each, for each example."""
    engine = Engine()
    base = _processus([sys.executable, "-c", "import pydantic"])
    found = {"python -c « import pydantic »": base}
    for name in EXEMPLES:
        path = RACINE / "examples" / f"{name}.yaml"
        dossier = read_dossier(read_file(path), engine.book.vocabulaire)
        law = engine.at(dossier.date_octroi)
        facts = law.reader.read(dossier)
        cold = _processus([sys.executable, "-m", "aid_rules", "evaluer", str(path)])
        found |= {
            f"{name} : évaluateur exact, toutes bases": _mediane(
                lambda law=law, facts=facts, dossier=dossier: law.programme.run(facts.env, lines_of(dossier)),
                repetitions,
            ),
            f"{name} : évaluation entière": _mediane(lambda dossier=dossier: engine.evaluate(dossier), repetitions),
            f"{name} : évaluation entière et résultat rédigé": _mediane(
                lambda dossier=dossier: resultat(engine, engine.evaluate(dossier)), repetitions // 4
            ),
            f"{name} : ligne de commande, à froid": cold,
            f"{name} : ligne de commande ÷ import pydantic": cold / base,
        }
    return found


def _mediane(call: Callable[[], object], times: int) -> float:
    found = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        found.append(1000 * (time.perf_counter() - start))
    return statistics.median(found)


def _processus(command: list[str]) -> float:
    # a shell that forbids bytecode would time the compiler, not the program
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def run() -> None:
        subprocess.run(command, check=True, capture_output=True, cwd=RACINE, env=environment)

    run()
    return _mediane(run, 9)
