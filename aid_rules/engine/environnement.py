"""Where each fact stands in the list that the generated code reads, and the cost lines it may count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from dateutil.relativedelta import relativedelta

from aid_rules.engine.intervalles import UNKNOWN, Interval
from aid_rules.language.tree import FAUX, INCONNU, VRAI, UniteDeDelai
from aid_rules.language.vocabulary import FactDefinition, Vocabulary
from aid_rules.law.jours_ouvrables import ajouter_ouvrables


class Slots:
    """One slot per fact: truth value of a boolean, bits of a choice, exact quantity or None; intervals as pairs."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.facts: Mapping[str, FactDefinition] = vocabulary.faits
        self.index = {"date_octroi": 0} | {name: i for i, name in enumerate(vocabulary.faits, start=1)}
        self.blank: list[Any] = [None, *(self._unknown(fact) for fact in vocabulary.faits.values())]

    @staticmethod
    def _unknown(fact: FactDefinition) -> Any:  # noqa: ANN401 - depends on the kind
        if fact.type == "booleen":
            return INCONNU
        if fact.type == "choix":
            return fact.masque()
        return UNKNOWN if fact.intervalle else None

    def known(self, env: Sequence[Any], name: str) -> bool:
        """Tell whether the fact is fully known in `env`."""
        if name == "date_octroi":
            return True
        value, fact = env[self.index[name]], self.facts[name]
        if fact.type == "booleen":
            return bool(value != INCONNU)
        if fact.type == "choix":
            return bool(value & (value - 1) == 0)
        if fact.intervalle:
            return bool(value[0] == value[1])
        return value is not None


class Ligne(NamedTuple):
    """A cost line: None for what is unknown."""

    id: str
    finalite: str | None
    poste: str | None
    montant: Interval


class Couts(NamedTuple):
    """The cost lines that a volet may count.

    `statut` says whether a line is of its purposes, `statut_postes` whether one is also of an admissible type;
    `lignes` the lines counted for certain, `possibles` those that may count, `exclues` those of another type.
    """

    statut: int
    statut_postes: int
    total: Interval
    postes: Mapping[str, Interval]
    lignes: tuple[str, ...]
    possibles: tuple[str, ...]
    exclues: tuple[str, ...]
    montants: Mapping[str, Interval]
    admis: frozenset[str] | None
    sans_type: Interval
    complets: bool

    def poste(self, nom: str) -> Interval:
        """Return the amount of one type: a line of unknown type may be of it, and unknown costs may hold any."""
        if self.admis is not None and nom not in self.admis:
            return (0, 0)
        low, high = self.postes.get(nom, (0, 0))
        more = self.sans_type[1]
        return (low, None if high is None or more is None or not self.complets else high + more)


class Lignes:
    """The cost lines of a dossier; `completes` is false when the dossier gives none."""

    def __init__(self, lignes: Iterable[Ligne], completes: bool) -> None:
        self.lignes = tuple(lignes)
        self.completes = completes
        self.finalites = frozenset(ligne.finalite for ligne in self.lignes)
        self.toutes_connues = completes and None not in self.finalites
        self._choix: dict[tuple[frozenset[str] | None, frozenset[str] | None], Couts] = {}

    def hors_sujet(self, finalites: frozenset[str] | None) -> bool:
        """Tell whether no line can be of these purposes."""
        return finalites is not None and self.toutes_connues and self.finalites.isdisjoint(finalites)

    def choisir(self, finalites: frozenset[str] | None, postes: frozenset[str] | None) -> Couts:
        """Return the lines of these purposes and types; None for any. Worked out once for each pair."""
        found = self._choix.get((finalites, postes))
        if found is None:
            found = self._choix[finalites, postes] = self._choisir(finalites, postes)
        return found

    def _choisir(self, finalites: frozenset[str] | None, postes: frozenset[str] | None) -> Couts:
        if self.hors_sujet(finalites):
            return Couts(FAUX, FAUX, (0, 0), {}, (), (), (), {}, postes, (0, 0), complets=True)
        none_seen = FAUX if self.completes else INCONNU
        statut = VRAI if finalites is None else none_seen
        statut_postes = statut if postes is None else none_seen
        low, high = 0, 0 if self.completes else None
        sums: dict[str, Interval] = {}
        counted: list[str] = []
        possible: list[str] = []
        excluded: list[str] = []
        amounts: dict[str, Interval] = {}
        untyped: int | None = 0
        for ligne in self.lignes:
            by_purpose = VRAI if finalites is None or ligne.finalite in finalites else FAUX
            if finalites is not None and ligne.finalite is None:
                by_purpose = INCONNU
            if by_purpose == FAUX:
                continue
            statut |= by_purpose
            by_type = VRAI if postes is None or ligne.poste in postes else FAUX
            if postes is not None and ligne.poste is None:
                by_type = INCONNU
            if by_type == FAUX:
                excluded.append(ligne.id)
                continue
            certain = by_purpose & by_type
            statut_postes |= certain
            (counted if certain == VRAI else possible).append(ligne.id)
            lo, hi = ligne.montant
            lo = lo if certain == VRAI else 0
            amounts[ligne.id] = (lo, hi)
            low += lo
            high = None if high is None or hi is None else high + hi
            if ligne.poste:
                old = sums.get(ligne.poste, (0, 0))
                sums[ligne.poste] = (old[0] + lo, None if old[1] is None or hi is None else old[1] + hi)
            else:
                untyped = None if untyped is None or hi is None else untyped + hi
        return Couts(
            statut,
            statut_postes,
            (low, high),
            sums,
            tuple(counted),
            tuple(possible),
            tuple(excluded),
            amounts,
            postes,
            (0, untyped),
            self.completes,
        )


@lru_cache(maxsize=4096)
def shift(ordinal: int | None, number: int, unite: UniteDeDelai) -> int | None:
    """Move a day by months (29 February becomes 28 when it must), days or working days."""
    if ordinal is None:
        return None
    if unite == "jours":
        return ordinal + number
    if unite == "jours_ouvrables":
        return ajouter_ouvrables(ordinal, number)
    moved: date = date.fromordinal(ordinal) + relativedelta(months=number)
    return moved.toordinal()
