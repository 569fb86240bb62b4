"""The verdicts of a piece: one row per dossier and legal basis concerned, alerts of the plans, facts that are missing.

Both evaluators give the same frames. Rows are numbered within the piece.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from aid_rules.dossier import Dossier
from aid_rules.engine import columnar_motifs as motifs
from aid_rules.engine.alertes import Alerte
from aid_rules.engine.exact import RegimeEvalue
from aid_rules.engine.moteur import Assessment, Engine
from aid_rules.language import tree as t
from aid_rules.language.slices import RegimeDuJour

BASES: dict[str, Any] = {
    "rang": pl.UInt32, "base": pl.String, "genre": pl.String, "verdict": pl.UInt8, "motif": pl.String,
    "taux_min": pl.Int64, "taux_max": pl.Int64, "montant_min": pl.Int64, "montant_max": pl.Int64,
}  # fmt: skip
ALERTES: dict[str, Any] = {
    "rang": pl.UInt32, "code": pl.String, "gravite": pl.String, "certaine": pl.Boolean, "message": pl.String,
    "aides": pl.String, "plafond": pl.Int64, "total": pl.Int64, "depassement": pl.Int64,
}  # fmt: skip
MANQUANTS: dict[str, Any] = {"rang": pl.UInt32, "chemin": pl.String, "base": pl.String}
DOSSIERS: dict[str, Any] = {"rang": pl.UInt32, "conclusion": pl.String, "categorie": pl.String}


@dataclass(frozen=True)
class Verdicts:
    """What one piece gives. `bases` holds the bases that are usable or to be checked; the others are not usable."""

    dossiers: pl.DataFrame
    bases: pl.DataFrame
    alertes: pl.DataFrame
    manquants: pl.DataFrame


SEUIL = 300
"""Dossiers under which one by one is the faster way."""


def evaluer(engine: Engine, dossiers: Sequence[Dossier]) -> Verdicts:
    """Evaluate dossiers, one by one when they are few, in columns otherwise: the verdicts are the same."""
    if len(dossiers) < SEUIL:
        return evaluer_un_par_un(engine, dossiers)
    from aid_rules.portfolio.columns import evaluer_dossiers  # noqa: PLC0415 - few dossiers do without it

    return evaluer_dossiers(engine, dossiers)


def evaluer_un_par_un(engine: Engine, dossiers: Sequence[Dossier]) -> Verdicts:
    """Evaluate dossiers one by one with the exact evaluator."""
    people: list[tuple[Any, ...]] = []
    bases: list[tuple[Any, ...]] = []
    alerts: list[tuple[Any, ...]] = []
    missing: list[tuple[Any, ...]] = []
    for rank, dossier in enumerate(dossiers):
        found = engine.evaluate(dossier)
        people.append((rank, found.conclusion, _categorie(found)))
        bases += [(rank, *row) for row in _bases(found)]
        alerts += [ligne_alerte(rank, a) for a in found.plan.alertes]
        missing += [(rank, *row) for row in _manquants(engine, found)]
    return Verdicts(
        pl.DataFrame(people, DOSSIERS, orient="row"),
        pl.DataFrame(bases, BASES, orient="row"),
        pl.DataFrame(alerts, ALERTES, orient="row"),
        pl.DataFrame(missing, MANQUANTS, orient="row"),
    )


def ligne_alerte(rang: int, alerte: Alerte) -> tuple[Any, ...]:
    """Return the row of an alert."""
    a = alerte
    aids = ", ".join(a.aides)
    return (rang, a.code, a.gravite, a.statut == t.VRAI, a.message, aids, a.plafond, a.total, a.depassement)


def _bases(found: Assessment) -> Iterator[tuple[Any, ...]]:
    for name, regime in found.evaluation.regimes.items():
        if regime.examine and regime.verdict != t.FAUX:
            yield (name, "regime", regime.verdict, _motif(regime), *_bornes(regime.taux), *_bornes(regime.montant))
    for name, scheme in found.evaluation.dispositifs.items():
        verdict = found.verdicts_dispositifs[name]
        if scheme.examine and verdict != t.FAUX:
            live = [v for v in found.dispositifs[name] if found.inference.dispositifs[v.cle] != t.FAUX]
            yield (
                name,
                "dispositif",
                verdict,
                None,
                *_plage([v.taux for v in live]),
                *_somme([v.montant for v in live]),
            )


def _bornes(value: tuple[int, int | None] | None) -> tuple[int | None, int | None]:
    return (None, None) if value is None else value


def _plage(values: Sequence[tuple[int, int | None] | None]) -> tuple[int | None, int | None]:
    known = [v for v in values if v is not None]
    highs = [hi for _, hi in known]
    if not known:
        return (None, None)
    return (min(lo for lo, _ in known), None if None in highs else max(h for h in highs if h is not None))


def _somme(values: Sequence[tuple[int, int | None] | None]) -> tuple[int | None, int | None]:
    known = [v for v in values if v is not None]
    if len(known) < len(values):
        return (None, None)
    highs = [hi for _, hi in known]
    return (sum(lo for lo, _ in known), None if None in highs else sum(h for h in highs if h is not None))


def _motif(regime: RegimeEvalue) -> str | None:
    number = motifs.motif(regime)
    return None if number == motifs.AUCUN else entrees(regime.regime)[number][0]


def _categorie(found: Assessment) -> str | None:
    """Return the category that the verdicts rest on, None when several may be."""
    kept = found.faits.categorie.retenues
    return next(iter(kept)) if len(kept) == 1 else None


_ENTREES: dict[int, tuple[RegimeDuJour, tuple[tuple[str, tuple[str, ...]], ...]]] = {}


def entrees(regime: RegimeDuJour) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return what a basis asks for, by the number of its reasons: its name, and the facts that settle it."""
    if id(regime) not in _ENTREES:  # hashing a whole regime would cost more than the answer
        _ENTREES[id(regime)] = (regime, _lire_entrees(regime))
    return _ENTREES[id(regime)][1]


def _lire_entrees(regime: RegimeDuJour) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = []
    for entry in motifs.entrees(regime):
        volet = next((v for v in regime.volets if v.id == entry.volet), None)
        owner = volet or regime
        rules: list[Any] = []
        facts: list[str] = []
        if entry.genre == "condition":
            rules = [rule for rule in owner.conditions if rule.id == entry.id]
        elif volet is not None and entry.id == "methode":
            rules = list(volet.assiette)
        elif volet is not None and entry.id == "taux":
            rules = [*volet.base, *volet.montant]
        else:
            facts = ["projet.couts"]
        for rule in rules:
            if rule.si is not None:
                facts += t.facts_of(rule.si)
                facts += ["projet.couts"] if t.reads_costs(rule.si) else []
        found.append((entry.id, tuple(dict.fromkeys(facts))))
    return tuple(found)


def _manquants(engine: Engine, found: Assessment) -> Iterator[tuple[str, str]]:
    """Yield what keeps each basis from being settled: the unknown facts of its first unknown condition."""
    slots, env = engine.slots, found.faits.env
    for name, regime in found.evaluation.regimes.items():
        if not regime.examine or regime.verdict != t.INCONNU:
            continue
        for fact in entrees(regime.regime)[motifs.motif(regime)][1]:
            if fact == "projet.couts":
                yield fact, name
            elif not slots.known(env, fact):
                yield slots.facts[fact].chemin, name
