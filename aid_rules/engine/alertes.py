"""Alerts on the financing plan: each aid against its basis, all aids on the same costs, what may not be combined."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from aid_rules.assessment import Gravite
from aid_rules.dossier import Dossier
from aid_rules.engine.appuis import VoletBorne
from aid_rules.engine.codes import (
    A_VERIFIER,
    BASE,
    CODES,
    CUMUL,
    DE_MINIMIS,
    NON_MOBILISABLE,
    NOTIFICATION,
    SANS_BASE,
    SANS_COUTS,
    UNION,
    Alerte,
    montant,
)
from aid_rules.engine.controle_bases import controler_bases
from aid_rules.engine.controle_couts import ControleCouts
from aid_rules.engine.controle_de_minimis import controler_de_minimis
from aid_rules.engine.couverture import Lecture
from aid_rules.engine.exact import Evaluation
from aid_rules.engine.intervalles import Interval
from aid_rules.engine.plan_lu import REGION, AideLue, PlanLu, Relire, lire
from aid_rules.language.slices import LoiDuJour
from aid_rules.language.tree import FAUX, VRAI

__all__ = [
    "A_VERIFIER",
    "BASE",
    "CODES",
    "CUMUL",
    "DE_MINIMIS",
    "NON_MOBILISABLE",
    "NOTIFICATION",
    "SANS_BASE",
    "SANS_COUTS",
    "UNION",
    "Alerte",
    "Plan",
    "verifier",
]


@dataclass(frozen=True)
class Plan:
    """The financing plan checked: alerts, and what may still be granted on each cost line, in cents."""

    alertes: tuple[Alerte, ...]
    marges: Mapping[str, Interval] = field(default_factory=dict)


def verifier(
    dossier: Dossier,
    evaluation: Evaluation,
    loi: LoiDuJour,
    esb: Mapping[str, Interval],
    hors_aide: int,
    bornes: Mapping[str, tuple[VoletBorne, ...]] | None = None,
    relire: Relire | None = None,
) -> Plan:
    """Check the plan of a dossier; `esb` gives the grant equivalent of each aid, in cents.

    `hors_aide` is VRAI when the funding is no State aid: only the schemes' own rules are then checked. `bornes` are the
    schemes bounded by `appuis.borner`; `relire` reads the law of an aid granted before, or planned in another form.
    """
    lecture = Lecture(evaluation, bornes or {})
    plan = lire(dossier, lecture, esb, hors_aide, relire)
    alerts = list(controler_bases(plan, loi))
    rooms: Mapping[str, Interval] = {}
    if hors_aide != VRAI:
        costs = ControleCouts(plan, loi, evaluation)
        alerts += controler_de_minimis(plan, dossier, loi)
        alerts += costs.alertes()
        rooms = costs.marges()
    alerts += _incompatibles(plan, evaluation, loi)
    return Plan(tuple(alerts), rooms)


def _incompatibles(plan: PlanLu, evaluation: Evaluation, loi: LoiDuJour) -> Iterable[Alerte]:
    """Yield the pairs of aids that a scheme's own rules forbid, or signal, on the same costs: each pair once."""
    aids = [a for a in plan.aides if a.nature != "union"]
    for rule, status in zip(loi.incompatibilites, evaluation.incompatibilites, strict=True):
        if status == FAUX:
            continue
        told: set[frozenset[str]] = set()
        for one, other in _paires(aids, rule.entre):
            pair = frozenset({one.id, other.id})
            common = one.lignes & other.lignes
            if len(pair) < 2 or pair in told or (plan.couts and not common):  # noqa: PLR2004 - a pair
                continue
            told.add(pair)
            grave: Gravite = rule.gravite if status == VRAI else "attention"
            message, gap = rule.message, _ecart(one, other) if rule.parite else None
            if gap:
                grave = "attention"
                message = f"{rule.message} Ici, {montant(gap)} les séparent."
            yield Alerte(
                f"incompatibilite.{rule.id}",
                grave,
                status,
                message,
                (one.id, other.id),
                tuple(sorted(common)),
                depassement=gap or None,
                references=rule.refs,
            )


def _ecart(one: AideLue, other: AideLue) -> int | None:
    """Return what parts the Région's aid from another funder's, in cents; None when they are not such a pair."""
    types = {one.aide.financeur.type, other.aide.financeur.type}
    (mine, most), (its, its_most) = one.montant, other.montant
    known = mine == most and its == its_most
    return abs(mine - its) if known and REGION in types and types - {REGION, None} else None


def _paires(
    aids: Sequence[AideLue], entre: tuple[tuple[str, ...], tuple[str, ...]]
) -> Iterable[tuple[AideLue, AideLue]]:
    return ((one, other) for one in aids if one.base in entre[0] for other in aids if other.base in entre[1])
