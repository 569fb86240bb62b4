"""Working days in France: every day but Saturdays, Sundays and public holidays (regulation 1182/71, article 2).

Public holidays are those of article L. 3133-1 of the code du travail; the two more days of Alsace-Moselle are left
out, as what is due there the same day elsewhere in France is due.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from dateutil.easter import easter

_FIXES = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
_APRES_PAQUES = (1, 39, 50)
"""Easter Monday, Ascension, Whit Monday."""

_ANNEES = range(1900, 2201)
_SAMEDI = 5


@cache
def feries(annee: int) -> frozenset[int]:
    """Return the public holidays of a year, as ordinals."""
    fixed = {date(annee, month, day).toordinal() for month, day in _FIXES}
    paques = easter(annee).toordinal()
    return frozenset(fixed | {paques + days for days in _APRES_PAQUES})


@cache
def jours_feries() -> tuple[date, ...]:
    """Return the public holidays from 1900 to 2200, in order."""
    return tuple(date.fromordinal(day) for year in _ANNEES for day in sorted(feries(year)))


def ouvrable(jour: date) -> bool:
    """Tell whether a day is a working day."""
    return jour.weekday() < _SAMEDI and jour.toordinal() not in feries(jour.year)


def ajouter_ouvrables(ordinal: int, nombre: int) -> int:
    """Return the last of `nombre` working days after a day, which is not counted (article 3); before it if negative."""
    jour, pas = date.fromordinal(ordinal), timedelta(days=1 if nombre > 0 else -1)
    left = abs(nombre)
    while left:
        jour += pas
        left -= ouvrable(jour)
    return jour.toordinal()
