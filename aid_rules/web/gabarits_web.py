"""Renders the templates of the pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse

from aid_rules import __version__
from aid_rules.assessment import AVERTISSEMENT
from aid_rules.report import libelles as mots
from aid_rules.report.html import environnement

GABARITS = Path(__file__).parent / "gabarits"


def groupe(number: int) -> str:
    """Write a count with its digits grouped."""
    return f"{number:,}".replace(",", "\u202f")


class Rendu:
    """The templates, with the words they share."""

    def __init__(self, empreinte: str) -> None:
        self.env = environnement(GABARITS)
        self.env.filters.update(
            {"capitaliser": mots.majuscule, "groupe": groupe, "extrait": lambda key, table: table[key]}
        )
        self.env.globals.update(
            {
                "mots": mots,
                "avertissement": AVERTISSEMENT,
                "version": __version__,
                "empreinte": empreinte,
            }
        )

    def page(self, gabarit: str, statut: int = 200, **contexte: Any) -> HTMLResponse:  # noqa: ANN401
        """Return a whole page."""
        return HTMLResponse(self.env.get_template(gabarit).render(**contexte), statut)

    def fragment(self, gabarit: str, **contexte: Any) -> HTMLResponse:  # noqa: ANN401
        """Return a part of a page, for the enhancement."""
        return HTMLResponse(self.env.get_template(gabarit).render(**contexte))
