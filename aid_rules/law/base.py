"""What the computations of the beneficiary share: three truth values, exact intervals, lines an officer can read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import NamedTuple

from aid_rules.amounts import BP_PER_UNIT, euros, percent

_REGLEMENTS_2023 = date(2024, 1, 1)

FAUX, INCONNU, VRAI = 0, 1, 3
"""Kleene's three values: AND is `&`, OR is `|`."""

Parametres = Mapping[str, int]
"""Parameters in force on the date, in exact units (hundredths of UTA, cents, basis points, ordinals)."""


def non(value: int) -> int:
    """Return the negation of a truth value; unknown stays unknown."""
    return INCONNU if value == INCONNU else VRAI - value


def verite(value: bool | None) -> int:
    """Return the truth value of a fact: None is unknown."""
    return INCONNU if value is None else VRAI if value else FAUX


class Intervalle(NamedTuple):
    """A figure known exactly (`bas == haut`) or within bounds; `haut` None has no upper bound."""

    bas: int = 0
    haut: int | None = None

    @property
    def exact(self) -> bool:
        """Tell whether the figure is known."""
        return self.bas == self.haut

    def plus(self, other: Intervalle) -> Intervalle:
        """Return the sum."""
        haut = None if self.haut is None or other.haut is None else self.haut + other.haut
        return Intervalle(self.bas + other.bas, haut)

    def fraction(self, low: int, high: int) -> Intervalle:
        """Return `low` to `high` basis points of the figure, in ten-thousandths of its unit: nothing is rounded."""
        haut = 0 if high == 0 else None if self.haut is None else self.haut * high
        return Intervalle(self.bas * low, haut)


INCONNUE = Intervalle()
NULLE = Intervalle(0, 0)


def chiffre(value: int | None) -> Intervalle:
    """Return the interval of a figure: None is unknown."""
    return INCONNUE if value is None else Intervalle(value, value)


class Motif(NamedTuple):
    """One reason, in French, with the provision it rests on."""

    texte: str
    reference: str
    valeur: int = VRAI


class Question(NamedTuple):
    """A fact to ask: its path in the dossier and the question in plain French."""

    chemin: str
    texte: str


class LigneCalcul(NamedTuple):
    """One line of the arithmetic: figures in ten-thousandths of hundredths of UTA and of cents, bounds included."""

    libelle: str
    effectif: Intervalle
    chiffre_affaires: Intervalle
    total_bilan: Intervalle
    reference: str
    part_min: int = BP_PER_UNIT
    part_max: int = BP_PER_UNIT
    chemin: str = ""

    @property
    def texte(self) -> str:
        """Return the line as an officer would write it in the file."""
        if self.part_min == self.part_max:
            part = "" if self.part_min == BP_PER_UNIT else f" × {percent(self.part_min)}"
        else:
            part = f" × {percent(self.part_min)} à {percent(self.part_max)}"
        figures = (
            f"{_ecrire(self.effectif, uta)} UTA",
            f"chiffre d'affaires {_ecrire(self.chiffre_affaires, euros)}",
            f"total du bilan {_ecrire(self.total_bilan, euros)}",
        )
        return f"{self.libelle}{part} : {', '.join(figures)}"


def uta(hundredths: int) -> str:
    """Write a headcount in hundredths as French: `12,5`."""
    whole, rest = divmod(hundredths, 100)
    return f"{whole},{rest:02d}".rstrip("0") if rest else str(whole)


def _ecrire(figure: Intervalle, unit: Callable[[int], str]) -> str:
    if figure.haut is None:
        return "inconnu" if figure.bas == 0 else f"au moins {unit(figure.bas // BP_PER_UNIT)}"
    # an upper bound is never shown lower than it is
    if figure.exact:
        return unit(figure.bas // BP_PER_UNIT)
    return f"de {unit(figure.bas // BP_PER_UNIT)} à {unit(-(-figure.haut // BP_PER_UNIT))}"


def texte_de_minimis(reglement: str, jour: date) -> str:
    """Return the identifier of the de minimis regulation in force on the day, to cite it."""
    if reglement in {"agricole", "peche"}:
        return f"de_minimis_{reglement}"
    if reglement == "sieg":
        return "de_minimis_sieg_2012" if jour < _REGLEMENTS_2023 else "de_minimis_sieg_2023"
    return "de_minimis_2013" if jour < _REGLEMENTS_2023 else "de_minimis_2023"


def sans_doublon(items: Iterable[str]) -> tuple[str, ...]:
    """Return the items once each, in order."""
    return tuple(dict.fromkeys(items))
