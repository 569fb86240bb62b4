"""What the planned aids say together: form, amounts, terms. Several aids that differ leave a fact open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any, NamedTuple

from aid_rules.amounts import BP_PER_UNIT
from aid_rules.dossier import Aide, Dossier
from aid_rules.engine.intervalles import UNKNOWN, Interval
from aid_rules.language.tree import FAUX, INCONNU, VRAI
from aid_rules.language.vocabulary import FactDefinition
from aid_rules.law.esb import Contexte, equivalent_subvention

PRIVE = frozenset({"prive", "union_directe"})
"""Funders whose money is no State resource (RGEC 8(2) for the funds that the Union manages itself)."""

_LENT = frozenset({"pret", "garantie", "avance_recuperable", "bonification_interets"})
_TERMS = {
    "aide.methode_approuvee": "methode_approuvee",
    "aide.plafond_integre": "plafond_integre",
    "aide.pertes_partagees": "pertes_partagees",
}


def planned(dossier: Dossier) -> list[Aide]:
    """Return the aids of the plan that are not granted yet."""
    return [aide for aide in dossier.aides or () if aide.statut != "octroyee"]


class Etat(NamedTuple):
    """What the grant equivalents take from the other computations, three-valued: SME, in difficulty, road haulage."""

    est_pme: int
    en_difficulte: int
    fret_routier: int


ParametresAu = Callable[[date], Mapping[str, int]]
"""Gives the parameters in force on a day."""


def contexte(dossier: Dossier, index: int, parametres_au: ParametresAu, donnees: Path, etat: Etat) -> Contexte:
    """Return what the grant equivalent of the aid at `index` is computed from: the law of the day of its own grant."""
    aide = (dossier.aides or ())[index]
    base = aide.base or ""
    # an activity kept apart from road haulage has the amounts of the others
    apart = dossier.projet.faits.get("activite_aidee_separee") is True
    return Contexte(
        dossier.date_octroi,
        parametres_au(aide.octroyee_le or dossier.date_octroi),
        donnees,
        dossier.beneficiaire,
        etat.est_pme,
        etat.en_difficulte,
        FAUX if apart else etat.fret_routier,
        reglement=base.partition(".")[2] if base.startswith("de_minimis.") else None,
        chemin=f"aides[{index}]",
    )


def equivalents(dossier: Dossier, parametres_au: ParametresAu, donnees: Path, etat: Etat) -> dict[str, Interval]:
    """Return the gross grant equivalent of each aid in cents, between two bounds; None above when nothing bounds it."""
    found: dict[str, Interval] = {}
    for index, aide in enumerate(dossier.aides or ()):
        counted = equivalent_subvention(aide, contexte(dossier, index, parametres_au, donnees, etat))
        low = counted.montant or 0
        found[aide.id] = (low, counted.maximum if counted.montant is None else counted.montant)
    return found


def facts(aids: Sequence[Aide], esb: Mapping[str, Interval], forme: FactDefinition) -> Iterator[tuple[str, Any]]:
    """Yield the facts of the planned aids: name, value as the evaluator reads it.

    Beside State aid, money that is none (private, or of the Union's own funds) says nothing of its form and terms.
    """
    public = [INCONNU if a.financeur.type is None else FAUX if a.financeur.type in PRIVE else VRAI for a in aids]
    yield "aide.ressources_publiques", reduce(or_, public) if public else INCONNU
    aids = [a for a, status in zip(aids, public, strict=True) if status != FAUX] or aids
    forms = [forme.bit(a.forme) if a.forme else forme.masque() for a in aids]
    yield "aide.forme", reduce(or_, forms) if forms else forme.masque()
    highs = [esb.get(a.id, UNKNOWN) for a in aids]
    known = bool(highs) and all(lo == hi for lo, hi in highs)
    yield "aide.montant_max", max(lo for lo, _ in highs) if known else None
    for name, term in _TERMS.items():
        yield name, _agreed([getattr(a.conditions, term) for a in aids])
    lent = [a for a in aids if a.forme is None or a.forme in _LENT]
    yield "aide.nominal_max_eur", _greatest([a.montant for a in lent])
    yield "aide.duree_max_mois", _greatest([_hundredths(a.conditions.duree_mois) for a in lent])
    yield "aide.quotite_garantie_pct", _greatest([a.conditions.quotite_garantie_pct for a in _guaranteed(lent)])
    yield "aide.montant_garanti_max_eur", _greatest([_guaranteed_amount(a) for a in _guaranteed(lent)])
    covers = [a.conditions.suretes_couverture_pct for a in lent]
    yield (
        "aide.suretes_couverture_pct",
        None if None in covers or not covers else min(c for c in covers if c is not None),
    )


def _agreed(answers: Sequence[bool | None]) -> int:
    """Return the answer that every aid gives; unknown when they differ or when there is none."""
    if not answers or None in answers or len(set(answers)) > 1:
        return INCONNU
    return VRAI if answers[0] else FAUX


def _greatest(values: Sequence[int | None]) -> int | None:
    return None if not values or None in values else max(v for v in values if v is not None)


def _hundredths(months: int | None) -> int | None:
    return None if months is None else months * 100


def _guaranteed(aids: Iterable[Aide]) -> list[Aide]:
    return [a for a in aids if a.forme in (None, "garantie")]


def _guaranteed_amount(aide: Aide) -> int | None:
    """Return what is guaranteed in cents, rounded up: it is held against a ceiling."""
    share = aide.conditions.quotite_garantie_pct
    return None if aide.montant is None or share is None else -(-aide.montant * share // BP_PER_UNIT)
