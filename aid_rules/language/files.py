"""What a ruleset file may hold: one model per genre, checked by pydantic with the vocabulary at hand.

Expressions become trees while the file is read; every fault keeps its place in the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

from aid_rules.amounts import percent, to_basis_points, to_cents
from aid_rules.champs import Booleen, Jour, Texte
from aid_rules.language import tree as t
from aid_rules.language.expressions import parse_amount, parse_block, parse_date, parse_ratio, rate_fact
from aid_rules.language.vocabulary import Vocabulary

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


class Volet(Model):
    """One purpose of a regime: cost lines, conditions, rates and caps of its own."""

    id: Identifiant
    intitule: Texte
    du: Jour | None = None
    au: Jour | None = None
    finalites: tuple[str, ...] = ()
    repose_sur: tuple[str, ...] = ()
    conditions: tuple[ConditionItem, ...] = ()
    assiette: AssietteSection | None = None
    intensite: Intensite = Intensite()
    montant: tuple[MontantItem, ...] = ()
    plafonds: tuple[Plafond, ...] = ()
    seuil_notification: tuple[Plafond, ...] = ()
    facteurs: tuple[Facteur, ...] = ()

    def en_vigueur(self, jour: date) -> bool:
        """Tell whether the volet exists that day."""
        return (self.du is None or self.du <= jour) and (self.au is None or jour <= self.au)


class Base(Model):
    """Keys that every file of law shares."""

    id: Identifiant
    genre: str
    intitule: Texte
    texte: str
    article: str = ""
    famille: str = ""
    du: Jour | None = None
    au: Jour | None = None
    verifie_le: Jour
    confiance: Literal["haute", "moyenne", "basse"] = "haute"
    note: Texte | None = None
    conditions: tuple[ConditionItem, ...] = ()


class Regime(Base):
    """A legal basis."""

    genre: Literal["regime"]
    finalites: tuple[str, ...] | Literal["tous"] = ()
    assiette: AssietteSection = AssietteSection()
    intensite: Intensite = Intensite()
    montant: tuple[MontantItem, ...] = ()
    plafonds: tuple[Plafond, ...] = ()
    seuil_notification: tuple[Plafond, ...] = ()
    facteurs: tuple[Facteur, ...] = ()
    plafond_de_minimis: tuple[PlafondDeMinimis, ...] = ()
    volets: tuple[Volet, ...] = ()


class Dispositif(Regime):
    """A funding scheme, bounded by the regimes it rests on."""

    genre: Literal["dispositif"]  # type: ignore[assignment]
    operateur: Texte
    besoin: str = ""
    financier: Booleen = True
    fiche: int | None = None
    action: Texte | None = None
    repose_sur: tuple[str, ...] = ()
    vers: tuple[str, ...] = ()


class Obligation(Si):
    """What must be done, by when, and what triggers it."""

    id: Identifiant
    intitule: Texte
    declencheurs: Annotated[tuple[str, ...], Field(min_length=1)]
    sauf: tuple[str, ...] = ()
    echeance: Echeance | None = None
    action: Texte


class Commun(Base):
    """Provisions common to several regimes."""

    genre: Literal["commun"]
    vise: Vise = Vise()
    majorations: tuple[Majoration, ...] = ()
    plafonds_intensite: tuple[PlafondTaux, ...] = ()
    obligations: tuple[Obligation, ...] = ()


class Critere(Base):
    """One of the five criteria of TFUE 107(1)."""

    genre: Literal["critere"]
    rang: Annotated[int, Field(ge=1, le=5)]


class Incompatibilite(Si):
    """Aids that may not fund the same costs together."""

    id: Identifiant
    intitule: Texte
    entre: Annotated[tuple[tuple[str, ...], ...], Field(min_length=2, max_length=2)]
    gravite: Literal["bloquante", "attention", "information"]
    message: Texte
    parite: Booleen = False
    """True when the Région must give as much as the other funder."""


class RegleCumul(Item):
    """A principle of cumulation that the checks of the financing plan apply: where it is written, from when."""

    id: Literal["memes_couts", "de_minimis", "fonds_union", "seuils"]


class Derogation(Si):
    """Bases that a principle of cumulation treats apart.

    `sans_couts`: without identifiable costs, counted together but with no other (`libres`: not even together);
    `jusqu_au_taux`: with other exempted aids, up to a rate of the costs; `a_part`: only they count for their ceiling;
    `deduit`: their nominal amount leaves the eligible costs, and they are not counted.
    """

    id: Identifiant
    effet: Literal["sans_couts", "jusqu_au_taux", "a_part", "deduit"]
    bases: Annotated[tuple[str, ...], Field(min_length=1)]
    libres: tuple[str, ...] = ()
    taux: Taux | None = None


class PlafondMixte(Item):
    """De minimis regulations whose aid counts together, up to the highest of their ceilings."""

    id: Identifiant
    reglements: Annotated[tuple[str, ...], Field(min_length=2)]


class Cumul(Base):
    """Rules of cumulation."""

    genre: Literal["cumul"]
    incompatibilites: tuple[Incompatibilite, ...] = ()
    regles: tuple[RegleCumul, ...] = ()
    derogations: tuple[Derogation, ...] = ()
    plafonds_mixtes: tuple[PlafondMixte, ...] = ()


class RegimeCadre(Model):
    """One national scheme to cite, by SA number."""

    sa: Texte
    intitule: Texte
    regimes: tuple[str, ...]
    du: Jour
    au: Jour
    predecesseur: Texte | None = None
    successeur: Texte | None = None
    confiance: Literal["haute", "moyenne", "basse"] = "haute"
    source: Texte
    note: Texte | None = None


class RegimesCadres(Model):
    """A table of national schemes."""

    id: Identifiant
    genre: Literal["regimes_cadres"]
    verifie_le: Jour
    regimes_cadres: tuple[RegimeCadre, ...]


class ValeurDatee(Model):
    """One value of a parameter and its period."""

    valeur: Any
    ref: Refs
    du: Jour | None = None
    au: Jour | None = None
    lecture: Texte | None = None
    confiance: Literal["haute", "moyenne", "basse"] = "haute"
    source: Texte | None = None


class Parametre(Model):
    """A threshold of a computation, with its dated values."""

    unite: Literal["uta", "eur", "pct", "an", "mois", "pb", "nombre", "date", "exercice"]
    valeurs: Annotated[tuple[ValeurDatee, ...], Field(min_length=1)]
    intitule: Texte | None = None


class Parametres(Model):
    """Thresholds read by `aid_rules.law`."""

    id: Identifiant
    genre: Literal["parametres"]
    intitule: Texte | None = None
    texte: str
    verifie_le: Jour
    parametres: dict[str, Parametre]


class Version(Model):
    """One version of a text: in force from `du`, figures in `citations`."""

    du: Jour
    citations: str | None = None
    acte: Texte | None = None
    eli: Texte | None = None


class TexteLoi(Model):
    """One text: name, life, versions, link; `entier` names it as a decision does, with author, day and publication."""

    id: str
    intitule: Texte
    abrege: Texte | None = None
    entier: Texte | None = None
    debut: Jour
    fin: Jour | None = None
    url: Texte | None = None
    celex: Texte | None = None
    url_modele: Texte | None = None
    article_url: Texte | None = None
    note: Texte | None = None
    adaptation_au: Jour | None = None
    versions: tuple[Version, ...] = ()


class Textes(Model):
    """The texts that references point to."""

    id: Identifiant
    genre: Literal["textes"]
    verifie_le: Jour
    textes: tuple[TexteLoi, ...]


LawFile = Regime | Dispositif | Commun | Critere | Cumul
GENRES: dict[str, type[Model]] = {
    "regime": Regime,
    "dispositif": Dispositif,
    "commun": Commun,
    "critere": Critere,
    "cumul": Cumul,
    "regimes_cadres": RegimesCadres,
    "parametres": Parametres,
    "textes": Textes,
}


def dated_items(model: Model) -> Iterator[tuple[tuple[str | int, ...], Item]]:
    """Yield every dated entry below `model` with its path."""
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, Model):
            for steps, item in dated_items(value):
                yield (name, *steps), item
        elif isinstance(value, tuple):
            for index, entry in enumerate(value):
                if isinstance(entry, Item):
                    yield (name, index), entry
                if isinstance(entry, Model):
                    for steps, item in dated_items(entry):
                        yield (name, index, *steps), item
