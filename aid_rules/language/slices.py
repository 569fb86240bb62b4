"""The law of one day: the dated rules cut to what is in force, flat and ready to compile.

Everything here is a plain frozen dataclass, so that a slice can be cached whole.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from aid_rules.language import tree as t

SYNTHETIC = {
    "finalite": "une ligne de coût du projet relève de cette base",
    "postes": "un coût du projet est d'un type admissible",
    "methode": "la méthode de calcul des coûts est admise",
    "taux": "un taux est prévu pour ce cas",
}
"""Conditions that the shape of a regime implies, with their sentence."""


@dataclass(frozen=True)
class Regle:
    """One dated entry, cut to the day: when it applies (`si`, None = always) and where it is written."""

    id: str
    intitule: str
    si: t.Bool | None
    refs: tuple[str, ...]


@dataclass(frozen=True)
class RegleTaux(Regle):
    """A base rate or a ceiling."""

    taux: t.Nombre | t.Fait


@dataclass(frozen=True)
class RegleMajoration(Regle):
    """Added basis points; the highest of a `groupe` applies."""

    points: int
    groupe: str
    apres_reduction: bool


@dataclass(frozen=True)
class RegleReduction(Regle):
    """A factor, in basis points."""

    facteur: int


@dataclass(frozen=True)
class RegleFacteur(Regle):
    """What multiplies some amounts when it applies."""

    rapport: t.Rapport

    @property
    def nom(self) -> str:
        """Return the title of the factor, its identifier when it has none."""
        return self.intitule or self.id


@dataclass(frozen=True)
class RegleMontant(Regle):
    """An amount in cents, as a tree: `montant` holds `facteurs`, what multiplies it, in order."""

    montant: t.Num
    par: tuple[str, ...] = ()
    grandeur: Literal["aide", "couts", "couts_totaux"] = "aide"
    facteurs: tuple[RegleFacteur, ...] = ()

    @property
    def simple(self) -> t.Num:
        """Return the amount before any factor."""
        amount = self.montant
        for _ in self.facteurs:
            assert isinstance(amount, t.Multiple)
            amount = amount.base
        return amount


def facteurs(*listes: Iterable[RegleMontant]) -> tuple[RegleFacteur, ...]:
    """Return the factors of some amounts, each once, in order."""
    return tuple(dict.fromkeys(factor for rules in listes for rule in rules for factor in rule.facteurs))


@dataclass(frozen=True)
class RegleDeMinimis(Regle):
    """A ceiling in cents over a window."""

    montant: int
    fenetre: Literal["exercices", "glissante"]
    ans: int
    compte: tuple[str, ...]


@dataclass(frozen=True)
class VoletDuJour:
    """One purpose of a regime, as it stands that day."""

    id: str
    intitule: str
    finalites: frozenset[str] | None
    repose_sur: tuple[str, ...]
    conditions: tuple[Regle, ...]
    postes: frozenset[str] | None
    postes_refs: tuple[str, ...]
    assiette: tuple[RegleMontant, ...]
    base: tuple[RegleTaux, ...]
    majorations: tuple[RegleMajoration, ...]
    reductions: tuple[RegleReduction, ...]
    plafonds_taux: tuple[RegleTaux, ...]
    montant: tuple[RegleMontant, ...]
    plafonds: tuple[RegleMontant, ...]
    seuils: tuple[RegleMontant, ...]


@dataclass(frozen=True)
class RegimeDuJour:
    """A regime or a scheme as it stands that day."""

    id: str
    genre: Literal["regime", "dispositif"]
    intitule: str
    texte: str
    article: str
    famille: str
    verifie_le: date
    confiance: str
    conditions: tuple[Regle, ...]
    volets: tuple[VoletDuJour, ...]
    plafonds: tuple[RegleMontant, ...]
    seuils: tuple[RegleMontant, ...]
    de_minimis: tuple[RegleDeMinimis, ...]
    operateur: str = ""
    besoin: str = ""
    financier: bool = True
    fiche: int = 0
    action: str = ""


@dataclass(frozen=True)
class CritereDuJour:
    """One criterion of TFUE 107(1)."""

    id: str
    intitule: str
    conditions: tuple[Regle, ...]


@dataclass(frozen=True)
class ObligationDuJour:
    """An obligation, with the identifiers that trigger it."""

    id: str
    intitule: str
    si: t.Bool | None
    refs: tuple[str, ...]
    declencheurs: tuple[str, ...]
    echeance: t.Num | None
    action: str


@dataclass(frozen=True)
class IncompatibiliteDuJour(Regle):
    """Two groups of bases that may not fund the same costs together."""

    entre: tuple[tuple[str, ...], tuple[str, ...]]
    gravite: Literal["bloquante", "attention", "information"]
    message: str
    parite: bool = False


@dataclass(frozen=True)
class DerogationDuJour(Regle):
    """Bases that a principle of cumulation treats apart; `taux` in basis points."""

    effet: Literal["sans_couts", "jusqu_au_taux", "a_part", "deduit"]
    bases: tuple[str, ...]
    libres: tuple[str, ...] = ()
    taux: int = 10_000


@dataclass(frozen=True)
class PlafondMixteDuJour:
    """De minimis regulations whose aid counts together, up to the highest of their ceilings."""

    id: str
    intitule: str
    reglements: tuple[str, ...]
    refs: tuple[str, ...]


@dataclass(frozen=True)
class RegimeCadreDuJour:
    """A national scheme to cite for some bases, by SA number."""

    sa: str
    intitule: str
    regimes: tuple[str, ...]
    confiance: str


@dataclass(frozen=True)
class ParametreDuJour:
    """A threshold of a computation: `valeur` in its exact unit, `unite` as the file says it, where it is written."""

    intitule: str
    valeur: int
    unite: str
    refs: tuple[str, ...]


@dataclass(frozen=True)
class LoiDuJour:
    """All the law in force between `du` and `au`, both included, in which nothing changes."""

    du: date
    au: date
    criteres: tuple[CritereDuJour, ...]
    regimes: tuple[RegimeDuJour, ...]
    dispositifs: tuple[RegimeDuJour, ...]
    obligations: tuple[ObligationDuJour, ...]
    incompatibilites: tuple[IncompatibiliteDuJour, ...]
    derogations: tuple[DerogationDuJour, ...]
    regimes_cadres: tuple[RegimeCadreDuJour, ...]
    parametres: dict[str, int] = field(default_factory=dict)
    regles_cumul: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Where each principle of cumulation in force is written, by its name."""
    plafonds_mixtes: tuple[PlafondMixteDuJour, ...] = ()
    parametres_ecrits: dict[str, ParametreDuJour] = field(default_factory=dict)
    """The same values as `parametres`, as a person reads them."""
    appuis_de_minimis: dict[str, tuple[str, bool]] = field(default_factory=dict)
    """Schemes of any day that may rest on a de minimis regulation: which one, and whether on nothing else."""


FIRST, LAST = date(1990, 1, 1), date(2099, 12, 31)
"""The days that dossiers may bear."""


def period(days: tuple[date, ...], jour: date) -> tuple[date, date]:
    """Return the first and last day of the period of `jour`, in which no rule changes."""
    index = bisect_right(days, jour) - 1
    last = days[index + 1] - timedelta(days=1) if index + 1 < len(days) else LAST
    return days[max(index, 0)], last
