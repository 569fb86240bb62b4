"""The full ruleset in columns: rows per second and memory, from 10^4 to 10^6 rows, one process per size.

`python -m tests.benchmarks.complet N` prints one JSON line.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from datetime import date
from pathlib import Path

import polars as pl

from aid_rules.engine.columnar import evaluate_long, preparer, to_table
from aid_rules.engine.columnar_table import Table, fabriquer
from aid_rules.engine.moteur import Engine
from aid_rules.faults import FaultsError
from aid_rules.language.reading import dossier_of
from aid_rules.testing.cas import read_cases, read_models

RACINE = Path(__file__).resolve().parents[1]
_MODELES = 400
TOURS = 5


def modele(engine: Engine) -> Table:
    """Return a table of varied dossiers: those of the worked cases, a fixed draw of them."""
    models = read_models(RACINE / "cas" / "modeles.yaml")
    found = []
    for path in sorted((RACINE / "cas").rglob("*.yaml")):
        if path.name == "modeles.yaml":
            continue
        for case in read_cases(path, models):
            try:
                found.append(dossier_of(case.dossier, engine.book.vocabulaire))
            except FaultsError:
                continue  # a case of another kind: what it holds is no dossier
    draw = random.Random(651)  # noqa: S311 - reproducible, no secret
    return to_table(engine, draw.sample(found, min(_MODELES, len(found))))


def agrandir(table: Table, n: int) -> Table:
    """Return `n` rows drawn from a table, on days of 2015 to 2026, costs of all sizes."""
    rows = pl.int_range(n, eager=True).sample(n, shuffle=True, seed=1) % table.height
    first, last = date(2015, 1, 1).toordinal(), date(2026, 11, 23).toordinal()
    days = first + (pl.int_range(n, eager=True).sample(n, shuffle=True, seed=2) % (last - first))
    facts = table.faits[rows].with_columns(days.cast(pl.Int64).alias("date_octroi"))
    facts = facts.drop("couts_totaux.min", "couts_totaux.max", strict=False)
    index = pl.DataFrame({"ligne": rows.cast(pl.UInt32), "neuve": pl.int_range(n, dtype=pl.UInt32, eager=True)})
    lines = index.join(table.couts, on="ligne", how="inner", maintain_order="left")
    scale = (pl.col("neuve").cast(pl.Int64) % 17 + 1) * pl.col("montant") // 9
    return fabriquer(facts, lines.select(pl.col("neuve").alias("ligne"), "finalite", "poste", scale.alias("montant")))


def mesurer(n: int) -> dict[str, float]:
    """Return the best of some rounds: rows per second, and the peak of memory of the process in GiB."""
    engine = Engine()
    drawn = modele(engine)
    evaluate_long(engine, agrandir(drawn, 10_000))
    table = preparer(engine, agrandir(drawn, n))
    best, height = 0.0, 0
    for _ in range(TOURS):
        start = time.perf_counter()
        found = evaluate_long(engine, table)
        best = max(best, n / (time.perf_counter() - start))
        height = found.bases.height
        del found
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return {"lignes": n, "par_seconde": best, "memoire_gio": peak, "verdicts": height}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(mesurer(int(sys.argv[1]))) + "\n")
