"""The dated entries that ruleset files hold, and how their values are read: conditions, amounts, rates, references.

Expressions become trees while the file is read; every fault keeps its place in the file.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

from aid_rules.amounts import percent, to_basis_points, to_cents
from aid_rules.champs import Booleen, Jour, Texte
from aid_rules.language import tree as t
from aid_rules.language.expressions import parse_amount, parse_block, parse_date, parse_ratio, rate_fact
from aid_rules.language.vocabulary import Vocabulary

if TYPE_CHECKING:
    from aid_rules.language.files import Base

Identifiant = Annotated[str, Field(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)*$")]


def _vocabulary(info: ValidationInfo) -> Vocabulary:
    found: Vocabulary = (info.context or {})["vocabulaire"]
    return found


def _condition(value: object, info: ValidationInfo) -> t.Bool:
    return value if isinstance(value, t.Bool) else parse_block(value, _vocabulary(info))


def _amount(value: object, info: ValidationInfo) -> t.Num:
    return value if isinstance(value, t.Num) else parse_amount(str(value), _vocabulary(info))


def _ratio(value: object, info: ValidationInfo) -> t.Rapport:
    return value if isinstance(value, t.Rapport) else parse_ratio(str(value), _vocabulary(info))


def _date(value: object, info: ValidationInfo) -> t.Num:
    return value if isinstance(value, t.Num) else parse_date(str(value), _vocabulary(info))


def _rate(value: object, info: ValidationInfo) -> t.Nombre | t.Fait:
    if isinstance(value, t.Nombre | t.Fait):
        return value
    if isinstance(value, str):
        return rate_fact(value, _vocabulary(info))
    return t.Nombre(to_basis_points(value), "pourcentage", str(value), "%")


def _refs(value: object) -> tuple[str, ...]:
    items = value if isinstance(value, list | tuple) else [value]
    if not items or not all(isinstance(item, str | int) and str(item) for item in items):
        raise ValueError("une référence, ou une liste de références, est attendue, par exemple « 17(6)(a) »")
    return tuple(str(item) for item in items)


def _positive(value: int) -> int:
    if value <= 0:
        raise ValueError("un nombre positif est attendu")
    return value


Condition = Annotated[Any, BeforeValidator(_condition)]
Montant = Annotated[Any, BeforeValidator(_amount)]
Rapport = Annotated[Any, BeforeValidator(_ratio)]
Echeance = Annotated[Any, BeforeValidator(_date)]
Taux = Annotated[Any, BeforeValidator(_rate)]
Refs = Annotated[tuple[str, ...], BeforeValidator(_refs)]
Cents = Annotated[int, BeforeValidator(to_cents)]
Points = Annotated[int, BeforeValidator(to_basis_points), AfterValidator(_positive)]


class Model(BaseModel):
    """Base: unknown keys refused."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)


class Item(Model):
    """One dated entry of a list, with its reference; `lecture` says why a figure is not literally in the provision."""

    id: Identifiant = ""
    intitule: Texte | None = None
    du: Jour | None = None
    au: Jour | None = None
    ref: Refs
    lecture: Texte | None = None
    confiance: Literal["haute", "moyenne", "basse"] = "haute"

    @model_validator(mode="after")
    def _ordered(self) -> Item:
        if self.du and self.au and self.du > self.au:
            raise ValueError(f"« du » ({self.du}) vient après « au » ({self.au})")
        return self

    def en_vigueur(self, jour: date) -> bool:
        """Tell whether the entry is in force that day."""
        return (self.du is None or self.du <= jour) and (self.au is None or jour <= self.au)


class Si(Item):
    """A dated entry that applies when its condition holds."""

    si: Condition | None = None


class Vise(Model):
    """Which regimes a common provision aims at."""

    textes: tuple[str, ...] = ()
    familles: tuple[str, ...] = ()
    seulement: tuple[str, ...] = ()
    sauf: tuple[str, ...] = ()

    def vise(self, regime: Base) -> bool:
        """Tell whether the provision aims at `regime`."""
        if regime.id in self.sauf:
            return False
        if self.seulement:
            return regime.id in self.seulement
        named = not self.textes or regime.texte in self.textes
        return named and (not self.familles or regime.famille in self.familles)


class ConditionItem(Item):
    """A condition that must hold."""

    id: Identifiant
    si: Condition
    vise: Vise | None = None


class Postes(Item):
    """Admissible cost types."""

    valeurs: Annotated[tuple[str, ...], Field(min_length=1)]


class MontantItem(Si):
    """An amount: literal euros, or an expression."""

    montant_eur: Cents | None = None
    montant: Montant | None = None

    @model_validator(mode="after")
    def _one(self) -> MontantItem:
        if (self.montant_eur is None) == (self.montant is None):
            raise ValueError("« montant_eur » ou « montant », l'un des deux, est attendu")
        return self

    def valeur(self) -> t.Num:
        """Return the amount as a tree."""
        if self.montant is not None:
            found: t.Num = self.montant
            return found
        assert self.montant_eur is not None
        return t.Nombre(self.montant_eur, "montant", str(self.montant_eur // 100), "EUR")


class Plafond(MontantItem):
    """A cap in euros on the aid, or a notification threshold."""

    par: tuple[str, ...] = ()
    grandeur: Literal["aide", "couts", "couts_totaux"] = "aide"


class BaseTaux(Si):
    """A base rate."""

    taux: Taux


class Majoration(Si):
    """Added points."""

    points: Points
    groupe: str = ""
    apres_reduction: Booleen = False
    vise: Vise | None = None


class Reduction(Si):
    """A factor on base and bonuses."""

    facteur_pct: Points


class Facteur(Si):
    """What multiplies some amounts, caps or thresholds when `si` holds.

    `sur` names them, or a whole list that stands beside the factor: `montant`, `plafonds`, `seuil_notification`.

    `facteur_pct` is written (200: doubled); `facteur` is a rate or a quotient of durations. The factors of one amount
    apply in the order of the list, each rounded down.
    """

    id: Identifiant
    sur: Annotated[tuple[str, ...], Field(min_length=1)]
    facteur_pct: Points | None = None
    facteur: Rapport | None = None

    @model_validator(mode="after")
    def _one(self) -> Facteur:
        if (self.facteur_pct is None) == (self.facteur is None):
            raise ValueError("« facteur_pct » ou « facteur », l'un des deux, est attendu")
        return self

    def rapport(self) -> t.Rapport:
        """Return the factor as a tree."""
        if self.facteur_pct is None:
            assert isinstance(self.facteur, t.Rapport)
            return self.facteur
        rate = t.Nombre(self.facteur_pct, "pourcentage", percent(self.facteur_pct), "%")
        return t.Rapport(rate, t.CENT)


class PlafondTaux(Si):
    """A rate never exceeded."""

    taux: Taux
    vise: Vise | None = None


class AssietteSection(Model):
    """Eligible costs."""

    postes: tuple[Postes, ...] = ()
    montant: tuple[MontantItem, ...] = ()


class Intensite(Model):
    """Base rates, bonuses, reductions, ceilings."""

    base: tuple[BaseTaux, ...] = ()
    majorations: tuple[Majoration, ...] = ()
    reductions: tuple[Reduction, ...] = ()
    plafonds: tuple[PlafondTaux, ...] = ()


class PlafondDeMinimis(Si):
    """A de minimis ceiling over its window."""

    montant_eur: Cents
    fenetre: Literal["exercices", "glissante"]
    ans: int
    compte: tuple[str, ...] = ()
    """Regulations whose aid counts against the ceiling; its own by default."""
