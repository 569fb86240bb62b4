"""`python -m tests.benchmarks DOSSIER`: every measure, a table (Markdown, JSON) and charts (SVG, PNG) in a folder."""

# ruff: noqa: PLC0415 - charts are drawn last, and only when asked for

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from tests.benchmarks import concurrents, notre, tache, unitaire
from tests.benchmarks.tache import Demande, Reponse

NOTRE_UN = "aid-rules, code généré, un dossier à la fois"
NOTRE_COL = "aid-rules, en colonnes"
CONCURRENTS: tuple[tuple[str, str, int], ...] = (
    ("Polars, écrit à la main", "polars", 100),
    ("OpenFisca-Core, vectorisé", "openfisca", 100),
    ("Python, écrit à la main", "python", 20),
    ("zen-engine", "zen", 2),
    ("json-logic-qubit", "json_logic", 1),
    ("business-rules", "business_rules", 1),
    ("durable_rules seul", "durable", 1),
)
"""Name, module function, and share in hundredths of the dossiers that it is given: the slow ones take fewer."""
CIBLES = (
    (NOTRE_COL, "OpenFisca-Core, vectorisé", 1.0), (NOTRE_COL, "Polars, écrit à la main", 0.4),
    (NOTRE_UN, "zen-engine", 10.0), (NOTRE_UN, "durable_rules seul", 80.0),
)  # fmt: skip
TOURS = 10
"""Rounds of each engine, the best of which counts: the first ones compile, or ask the system for memory."""


def commune(n: int) -> list[dict[str, Any]]:
    """Run the shared task: dossiers per second of each engine, best of several rounds, every answer compared."""
    demands = tache.demandes(n)
    expected = [tache.repondre(d) for d in demands]
    rows = [
        _chronometrer(NOTRE_COL, demands, expected, notre.charger_colonnes, notre.en_colonnes, notre.lire_colonnes),
        _chronometrer(NOTRE_UN, demands[: n // 20], expected, notre.charger_un_par_un, notre.un_par_un, list),
    ]
    for name, function, share in CONCURRENTS:
        load, run, read = getattr(concurrents, function)()
        count = max(n * share // 100, 100)
        rows.append(_chronometrer(name, demands[:count], expected, load, run, read))
    return sorted(rows, key=lambda r: -r["par_seconde"])


def _chronometrer(
    name: str,
    demands: Sequence[Demande],
    expected: Sequence[Reponse],
    load: Callable[[Sequence[Demande]], Any],
    run: Callable[[Any], Any],
    read: Callable[[Any], list[Reponse]],
) -> dict[str, Any]:
    loaded = load(demands)
    best, found = 0.0, None
    for _ in range(TOURS):
        start = time.perf_counter()
        found = run(loaded)
        best = max(best, len(demands) / (time.perf_counter() - start))
    wrong = sum(tuple(a) != b for a, b in zip(read(found), expected, strict=False))
    return {"moteur": name, "dossiers": len(demands), "par_seconde": best, "desaccords": wrong}


def cibles(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return each target: our rate over another's, and what it must reach."""
    speed = {row["moteur"]: row["par_seconde"] for row in rows}
    return [
        {"notre": ours, "autre": other, "rapport": speed[ours] / speed[other], "cible": wanted}
        for ours, other, wanted in CIBLES
    ]


def plein(sizes: Sequence[int]) -> list[dict[str, Any]]:
    """Run the full ruleset, each size in its own process."""
    found = []
    for n in sizes:
        command = [sys.executable, "-m", "tests.benchmarks.complet", str(n)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found.append(json.loads(done.stdout))
    return found


def machine() -> str:
    """Return the date and the machine, without what would name it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = os.cpu_count()
    return f"{date.today():%d/%m/%Y}, {cores} cœurs, {memory:.0f} Gio, Python {platform.python_version()}"  # noqa: DTZ011


def ecrire(dossier: Path, found: dict[str, Any]) -> None:
    """Write the table and the charts."""
    dossier.mkdir(parents=True, exist_ok=True)
    (dossier / "mesures.json").write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    lines = [
        f"Mesures du {found['machine']}. Les rapports, pris dans un même passage, comptent plus que les valeurs.",
        "",
    ]
    if "commune" in found:
        lines += ["| moteur | dossiers par seconde | réponses en désaccord |", "| --- | ---: | ---: |"]
        lines += [f"| {r['moteur']} | {_nombre(r['par_seconde'])} | {r['desaccords']} |" for r in found["commune"]]
        lines += ["", "| rapport | mesuré | cible |", "| --- | ---: | ---: |"]
        lines += [f"| {c['notre']} ÷ {c['autre']} | {c['rapport']:.2f} | {c['cible']:g} |" for c in found["cibles"]]
    if "complet" in found:
        lines += [
            "",
            "| lignes, règles entières | lignes par seconde | mémoire de pointe (Gio) |",
            "| ---: | ---: | ---: |",
        ]
        lines += [
            f"| {_nombre(r['lignes'])} | {_nombre(r['par_seconde'])} | {r['memoire_gio']:.2f} |"
            for r in found["complet"]
        ]
    if "unitaire" in found:
        lines += ["", "| un dossier | millisecondes |", "| --- | ---: |"]
        lines += [f"| {name} | {value:.3g} |" for name, value in found["unitaire"].items()]
    (dossier / "mesures.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    if "commune" in found:
        _barres(dossier / "commune", found["commune"])
    if "complet" in found:
        _courbe(dossier / "complet", found["complet"])


def _barres(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    import altair as alt

    ours = alt.FieldOneOfPredicate(field="moteur", oneOf=[NOTRE_COL, NOTRE_UN])
    chart = (
        alt.Chart(alt.Data(values=rows), title="Tâche commune : dossiers par seconde")
        .mark_bar()
        .encode(
            x=alt.X("par_seconde:Q", scale=alt.Scale(type="log"), title="Dossiers par seconde (échelle logarithmique)"),
            y=alt.Y("moteur:N", sort="-x", title=None),
            color=alt.condition(ours, alt.value("#1f3864"), alt.value("#9fb3c8")),
        )
        .properties(width=560)
    )
    _dessin(path, chart)


def _courbe(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    import altair as alt

    chart = (
        alt.Chart(alt.Data(values=rows), title="Règles entières, en colonnes")
        .mark_line(point=True)
        .encode(
            x=alt.X("lignes:Q", scale=alt.Scale(type="log"), title="Lignes"),
            y=alt.Y("par_seconde:Q", title="Lignes par seconde"),
        )
        .properties(width=560)
    )
    _dessin(path, chart)


def _dessin(path: Path, chart: Any) -> None:
    import vl_convert

    spec = chart.to_dict()
    path.with_suffix(".svg").write_text(vl_convert.vegalite_to_svg(spec), encoding="utf-8")
    path.with_suffix(".png").write_bytes(vl_convert.vegalite_to_png(spec, scale=1.5))


def _nombre(value: float) -> str:
    return f"{round(value):,}".replace(",", "\u202f")


def main() -> None:
    """Run what is asked, and write it."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="Mesure le moteur et ses concurrents."
    )
    parser.add_argument("dossier", type=Path, help="dossier où écrire")
    parser.add_argument("--dossiers", type=int, default=500_000, help="dossiers de la tâche commune")
    parser.add_argument(
        "--lignes", type=int, nargs="*", default=[10_000, 100_000, 1_000_000], help="tailles, règles entières"
    )
    parser.add_argument("--seulement", choices=("commune", "complet", "unitaire"), nargs="*", help="mesures voulues")
    asked = parser.parse_args()
    wanted = asked.seulement or ("commune", "complet", "unitaire")
    found: dict[str, Any] = {"machine": machine()}
    if "commune" in wanted:
        found["commune"] = commune(asked.dossiers)
        found["cibles"] = cibles(found["commune"])
    if "complet" in wanted:
        found["complet"] = plein(asked.lignes)
    if "unitaire" in wanted:
        found["unitaire"] = unitaire.mesurer()
    ecrire(asked.dossier, found)
    sys.stdout.write((asked.dossier / "mesures.md").read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
