"""Documents as one HTML file that stands alone: no script, no other file, made to be printed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from aid_rules.faults import WorkError
from aid_rules.report.blocs import Piece
from aid_rules.report.graphiques import Barre, svg

try:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup
except ImportError:
    raise WorkError(
        "Les documents HTML demandent la bibliothèque jinja2, absente : pip install 'aid-rules[documents]'"
    ) from None

GABARITS = Path(__file__).parent / "gabarits"


def environnement(*dossiers: Path) -> Environment:
    """Return the template engine: everything escaped, an unknown name is an error."""
    env = Environment(
        loader=FileSystemLoader([*dossiers, GABARITS]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["svg"] = dessiner
    return env


def dessiner(barre: Barre) -> Markup:
    """Draw one bar for a page."""
    return Markup(svg(barre))  # noqa: S704 - made of numbers and escaped titles


def ecrire(pieces: Sequence[Piece]) -> bytes:
    """Write documents as one HTML page."""
    style = Markup((GABARITS / "piece.css").read_text(encoding="utf-8"))  # noqa: S704 - our own file
    page = environnement().get_template("piece.html").render(pieces=pieces, style=style)
    return page.encode()
