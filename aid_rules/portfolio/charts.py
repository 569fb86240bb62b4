"""A short report with charts: the state of the dossiers by basis, region and year. One HTML page, and PNG files."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any

import polars as pl

from aid_rules.assessment import AVERTISSEMENT
from aid_rules.faults import WorkError
from aid_rules.portfolio.extras import exiger

LIBELLES = {
    "mobilisable": "mobilisable", "a_verifier": "à vérifier", "alerte_bloquante": "en alerte bloquante",
    "non_mobilisable": "non mobilisable", "hors_aide": "hors aide d'État", "non_juge": "non jugée",
}  # fmt: skip
_COULEURS = {
    "mobilisable": "#2e7d32", "à vérifier": "#f9a825", "en alerte bloquante": "#c62828",
    "non mobilisable": "#6d4c41", "hors aide d'État": "#78909c", "non jugée": "#cfd8dc",
}  # fmt: skip
_AXES = {"base": "Base légale", "region": "Région", "annee": "Année d'octroi"}
_BARRES = 25
"""Bars of a chart, the most numerous first."""


def rapport(frame: pl.DataFrame, dossier: Path, titre: str, notes: Iterable[str], regles: str) -> list[Path]:
    """Write `rapport.html` and one PNG per chart in a folder; return the files.

    `frame` is what `results.croiser` gives; an axis that holds nothing is not drawn. Raises `WorkError`.
    """
    exiger("graphiques", "altair", "vl_convert")
    try:
        dossier.mkdir(parents=True, exist_ok=True)
        axes = [axis for axis in _AXES if frame[axis].null_count() < frame.height]
        counted = frame.with_columns(etat=pl.col("etat").replace_strict(LIBELLES, default=pl.col("etat")))
        written = []
        figures = []
        for axis in axes:
            svg, png = dessiner(counted, axis)
            path = dossier / f"{axis}.png"
            path.write_bytes(png)
            written.append(path)
            figures.append((_AXES[axis], svg))
        page = dossier / "rapport.html"
        page.write_text(_page(counted, titre, notes, figures, regles), encoding="utf-8")
    except OSError as error:
        raise WorkError(f"{dossier} : écriture impossible ({error.strerror})") from None
    return [page, *written]


def dessiner(frame: pl.DataFrame, axe: str) -> tuple[str, bytes]:
    """Return the chart of the states along one axis, as SVG and as PNG."""
    altair, vl_convert = exiger("graphiques", "altair", "vl_convert")
    held = frame.with_columns(pl.col(axe).cast(pl.String).fill_null("non précisé"))
    counts = held.group_by(axe, "etat").agg(pl.col("nombre").sum())
    totals = held.group_by(axe).agg(pl.col("nombre").sum()).sort("nombre", axe, descending=[True, False])
    top = totals.head(_BARRES)[axe].to_list()
    order = sorted(top) if axe == "annee" else top
    rows = counts.filter(pl.col(axe).is_in(top)).sort(axe, "etat").to_dicts()
    chart = (
        altair.Chart(altair.Data(values=rows), title=f"État des aides par {_AXES[axe].lower()}")
        .mark_bar()
        .encode(
            x=altair.X("nombre:Q", title="Nombre d'aides"),
            y=altair.Y(f"{axe}:N", sort=order, title=_AXES[axe]),
            color=altair.Color(
                "etat:N",
                title="État",
                scale=altair.Scale(domain=list(_COULEURS), range=list(_COULEURS.values())),
            ),
            order=altair.Order("etat:N"),
        )
        .properties(width=620)
    )
    spec: dict[str, Any] = chart.to_dict()
    return vl_convert.vegalite_to_svg(spec, format_locale="fr-FR"), vl_convert.vegalite_to_png(
        spec, scale=1.2, format_locale="fr-FR"
    )


def _page(
    frame: pl.DataFrame, titre: str, notes: Iterable[str], figures: Iterable[tuple[str, str]], regles: str
) -> str:
    total = max(int(frame["nombre"].sum()), 1)
    states = frame.group_by("etat").agg(pl.col("nombre", "montant").sum()).sort("nombre", descending=True)
    rows = "".join(
        f"<tr><th scope='row'>{escape(state)}</th><td>{_nombre(n)}</td><td>{_part(n, total)}</td>"
        f"<td>{_nombre((cents or 0) // 100)} €</td></tr>"
        for state, n, cents in states.iter_rows()
    )
    charts = "".join(f"<figure><figcaption>{escape(name)}</figcaption>{svg}</figure>" for name, svg in figures)
    said = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return f"""<!DOCTYPE html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(titre)}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b; }}
table {{ border-collapse: collapse; }}
th, td {{ padding: .3rem .8rem; border-bottom: 1px solid #ccc; text-align: right; }}
th[scope=row] {{ text-align: left; }} figure {{ margin: 2rem 0; overflow-x: auto; }} figcaption {{ font-weight: 600; }}
footer {{ color: #555; font-size: .9rem; margin-top: 3rem; }}
</style>
</head>
<body>
<h1>{escape(titre)}</h1>
<p>{_nombre(total)} aides examinées, chacune au droit en vigueur le jour de son octroi.</p>
<table>
<thead><tr>
<th scope="col">État</th><th scope="col">Nombre</th><th scope="col">Part</th><th scope="col">Montant des aides</th>
</tr></thead>
<tbody>{rows}</tbody>
</table>
<ul>{said}</ul>
{charts}
<footer><p>{escape(AVERTISSEMENT)} {escape(regles)}</p></footer>
</body>
</html>
"""


def _part(n: int, total: int) -> str:
    return f"{1000 * n // total / 10:.1f}\u00a0%".replace(".", ",")


def _nombre(value: int) -> str:
    return f"{value:,}".replace(",", "\u202f")
