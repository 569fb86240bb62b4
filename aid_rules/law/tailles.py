"""Size of an undertaking from plain figures: the ceilings and the two-year rule (RGEC annexe I, articles 2 and 4).

A category is a rank from 0 (micro) to 3 (grande). The rank of figures is `max(rank of headcount, min(rank of turnover,
rank of balance sheet))`; as it grows with each figure, bounds on the figures give bounds on the rank.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aid_rules.amounts import BP_PER_UNIT
from aid_rules.law.base import Intervalle, Parametres, chiffre

if TYPE_CHECKING:
    from collections.abc import Iterable

CATEGORIES = ("micro", "petite", "moyenne", "grande")
"""Categories by rank; the SMEs are the first three."""

GRANDE = 3

GRANDEURS = ("effectif", "chiffre_affaires", "total_bilan")

Rangs = tuple[int, int]
"""Least and greatest rank."""


def rang(value: int | None, grandeur: str, parametres: Parametres) -> int:
    """Return the rank of one figure, in ten-thousandths of its unit; None has no bound.

    Headcount must stay under its ceiling; turnover and the balance sheet must not exceed theirs.
    """
    if value is None:
        return GRANDE
    ceilings = [parametres[f"pme.{grandeur}_{size}"] * BP_PER_UNIT for size in CATEGORIES[:GRANDE]]
    if grandeur == "effectif":
        return sum(value >= ceiling for ceiling in ceilings)
    return sum(value > ceiling for ceiling in ceilings)


def rangs(figures: Iterable[Intervalle], parametres: Parametres) -> Rangs:
    """Return the bounds of the rank of headcount, turnover and balance sheet (annexe I, article 2)."""
    bounds = list(zip(GRANDEURS, figures, strict=True))
    low = [rang(figure.bas, name, parametres) for name, figure in bounds]
    high = [rang(figure.haut, name, parametres) for name, figure in bounds]
    return max(low[0], min(low[1:])), max(high[0], min(high[1:]))


def retenir(exercices: Iterable[Rangs], depart: Rangs | None = None) -> Rangs:
    """Apply the two-year rule (annexe I, article 4(2)) to the ranks of the years, the last closed first.

    A category is won or lost only when two years in a row say so: the category of a year is the median of its figures,
    those of the year before, and the category of the year before. `depart` bounds what came before the oldest year;
    without it, the oldest year fixes the first category.
    """
    years = list(exercices)[::-1]
    state = previous = depart or years[0]
    for year in years:
        low, high = (sorted((year[i], previous[i], state[i]))[1] for i in (0, 1))
        state, previous = (low, high), year
    return state


def noms(bounds: Rangs) -> frozenset[str]:
    """Return the categories between two ranks."""
    return frozenset(CATEGORIES[bounds[0] : bounds[1] + 1])


def categories_possibles(
    effectif: int | None, chiffre_affaires: int | None, total_bilan: int | None, parametres: Parametres
) -> frozenset[str]:
    """Return the categories that the figures of one year allow, for an undertaking without links.

    Headcount in hundredths of UTA, amounts in cents, None when unknown.
    """
    figures = (effectif, chiffre_affaires, total_bilan)
    return noms(rangs([chiffre(value).fraction(BP_PER_UNIT, BP_PER_UNIT) for value in figures], parametres))
