"""What a ruleset file may hold: one model per genre, checked by pydantic with the vocabulary at hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from aid_rules.champs import Booleen, Jour, Texte
from aid_rules.language.entries import (
    AssietteSection,
    ConditionItem,
    Echeance,
    Facteur,
    Identifiant,
    Intensite,
    Item,
    Majoration,
    Model,
    MontantItem,
    Plafond,
    PlafondDeMinimis,
    PlafondTaux,
    Refs,
    Si,
    Taux,
    Vise,
)


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
