"""What a page of the questionnaire carries from one request to the next: everything, since the server keeps nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from aid_rules.faults import Fault, FaultsError
from aid_rules.web import chemins, saisie
from aid_rules.web.etapes import ORDRE, QUESTIONS
from aid_rules.web.saisie import Champs

PAR_PAGE = 5
MAX_PAGES = 200


@dataclass
class Etat:
    """`parcours` holds the paths asked on each page of questions, `page` the one shown."""

    data: dict[str, Any]
    etape: str = ORDRE[0]
    parcours: list[list[str]] = field(default_factory=list)
    page: int = 0

    def poses(self) -> set[str]:
        """Return every path already asked."""
        return {chemin for page in self.parcours for chemin in page}

    def porte(self) -> dict[str, str]:
        """Return the hidden fields of the page."""
        return {
            "dossier": saisie.porter(self.data),
            "etape": self.etape,
            "parcours": json.dumps(self.parcours),
            "page": str(self.page),
        }


def lire(envoi: Champs) -> Etat:
    """Read the state that a form carries. Raises `FaultsError` when it was tampered with."""

    def un(name: str) -> str:
        return envoi.get(name, [""])[0]

    etape = un("etape") or ORDRE[0]
    if etape not in ORDRE:
        raise FaultsError([Fault("cette étape du questionnaire n'existe pas")])
    parcours = _parcours(un("parcours"))
    page = chemins.rang(un("page")) or 0
    return Etat(saisie.charger(un("dossier")), etape, parcours, min(page, max(len(parcours) - 1, 0)))


def _parcours(texte: str) -> list[list[str]]:
    try:
        found = json.loads(texte or "[]")
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or len(found) > MAX_PAGES:
        raise FaultsError([Fault("le fil des questions que porte la page est illisible ; recommencez-les")])
    pages = [[c for c in page if isinstance(c, str)][:PAR_PAGE] for page in found if isinstance(page, list)]
    for page in pages:
        for chemin in page:
            chemins.lire(chemin)
    return pages


def voisine(etat: Etat, sens: int) -> str:
    """Return the step before or after the one shown."""
    rank = ORDRE.index(etat.etape) + sens
    return ORDRE[max(0, min(rank, len(ORDRE) - 1))]


def avancer(etat: Etat) -> None:
    """Go one page forward; in the questions, to the next page, already asked or new."""
    if etat.etape == QUESTIONS:
        etat.page += 1
    else:
        etat.etape = voisine(etat, 1)


def reculer(etat: Etat) -> None:
    """Go one page back."""
    if etat.etape == QUESTIONS and etat.page > 0:
        etat.page -= 1
    else:
        etat.etape = voisine(etat, -1)
