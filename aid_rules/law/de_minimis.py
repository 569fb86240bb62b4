"""What de minimis aid counts against a ceiling on the day of a new award (1407/2013 and 2023/2831, article 3).

Amounts are cents. What is not known widens the result: nothing unknown is taken for zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from dateutil.relativedelta import relativedelta

from aid_rules.dossier import Dossier
from aid_rules.language.tree import FAUX, INCONNU, VRAI


@dataclass(frozen=True, slots=True)
class Recue:
    """One aid received: None for what the dossier does not say; `nom` is its name in the plan, when it stands there."""

    octroye_le: date | None
    montant: int | None
    reglement: str | None
    siren: str | None = None
    nom: str = ""


@dataclass(frozen=True, slots=True)
class Fenetre:
    """A window: `glissante` over `ans` years, or the current financial year and the `ans - 1` before it."""

    genre: Literal["exercices", "glissante"]
    ans: int


def recues(dossier: Dossier) -> list[Recue] | None:
    """Return the de minimis aids that the dossier declares as received; None when it says nothing of them.

    Aids of the financing plan already granted on a de minimis basis count with them.
    """
    granted = [
        Recue(
            aide.octroyee_le,
            aide.esb if aide.esb is not None else aide.montant,
            aide.base.partition(".")[2],
            nom=aide.id,
        )
        for aide in dossier.aides or ()
        if aide.statut == "octroyee" and aide.base is not None and aide.base.startswith("de_minimis.")
    ]
    if dossier.de_minimis is None:
        return None
    return [Recue(a.octroye_le, a.montant, a.reglement, a.siren) for a in dossier.de_minimis] + granted


def cloture(dossier: Dossier) -> tuple[int, int] | None:
    """Return the month and day on which the last financial year closed; None when unknown."""
    years = dossier.beneficiaire.exercices or ()
    last = next((year.clos_le for year in years if year.clos_le), None)
    return (last.month, last.day) if last else None


def dans_la_fenetre(octroye_le: date | None, jour: date, fenetre: Fenetre, clos: tuple[int, int] | None) -> int:
    """Tell whether an aid of that day counts on `jour`: VRAI, FAUX, or INCONNU.

    A rolling window holds the days after the same day `ans` years before. Without the closing date of the financial
    year, an aid counts for certain when any financial year would hold it.
    """
    if octroye_le is None:
        return INCONNU
    if octroye_le > jour:
        return FAUX
    if fenetre.genre == "glissante":
        return VRAI if octroye_le > _avant(jour, fenetre.ans) else FAUX
    if clos is None:
        if octroye_le > _avant(jour, fenetre.ans - 1):
            return VRAI
        return INCONNU if octroye_le > _avant(jour, fenetre.ans) else FAUX
    return VRAI if octroye_le > _avant(_debut_exercice(jour, clos), fenetre.ans - 1) else FAUX


def sortie(octroye_le: date | None, fenetre: Fenetre, clos: tuple[int, int] | None) -> date | None:
    """Return the first day on which an aid no longer counts for certain; None when its day is unknown."""
    if octroye_le is None:
        return None
    if fenetre.genre == "exercices" and clos is not None:
        day = _debut_exercice(octroye_le, clos) + relativedelta(years=fenetre.ans)
    else:
        day = octroye_le + relativedelta(years=fenetre.ans)
    while dans_la_fenetre(octroye_le, day, fenetre, clos) != FAUX:
        day += timedelta(days=1)
    return day


@lru_cache(maxsize=1024)
def _avant(jour: date, ans: int) -> date:
    return jour - relativedelta(years=ans)


@lru_cache(maxsize=1024)
def _debut_exercice(jour: date, clos: tuple[int, int]) -> date:
    """Return the last day before the financial year of `jour`."""
    month, day = clos
    closing = date(jour.year, month, min(day, 28)) + relativedelta(day=day)
    return closing if closing < jour else closing - relativedelta(years=1) + relativedelta(day=day)


def total(
    aides: Iterable[Recue] | None,
    jour: date,
    fenetre: Fenetre,
    comptes: frozenset[str],
    clos: tuple[int, int] | None,
) -> tuple[int, int | None]:
    """Return the least and greatest sum of the aids that count; (0, None) when the dossier says nothing of them."""
    if aides is None:
        return (0, None)
    low = 0
    high: int | None = 0
    for aide in aides:
        counts = dans_la_fenetre(aide.octroye_le, jour, fenetre, clos)
        counts &= INCONNU if aide.reglement is None else VRAI if aide.reglement in comptes else FAUX
        if counts == FAUX:
            continue
        if counts == VRAI:
            low += aide.montant or 0
        high = None if high is None or aide.montant is None else high + aide.montant
    return (low, high)
