"""Alerts on the financing plan: each aid against its basis, all aids on the same costs, what may not be combined."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from aid_rules.amounts import euros, share
from aid_rules.assessment import Gravite
from aid_rules.dossier import Aide, Dossier
from aid_rules.engine.exact import Evaluation, RegimeEvalue, VoletEvalue
from aid_rules.engine.faits_aides import PRIVE
from aid_rules.engine.intervalles import Interval
from aid_rules.language.slices import LoiDuJour
from aid_rules.language.tree import FAUX, INCONNU, VRAI
from aid_rules.law import cumul

CUMUL = "cumul_intensite"
BASE = "depassement_base"
DE_MINIMIS = "depassement_de_minimis"
NON_MOBILISABLE = "base_non_mobilisable"
A_VERIFIER = "base_a_verifier"
UNION = "fonds_union_directs"
SANS_BASE = "aide_sans_base"
NOTIFICATION = "seuil_notification"
CODES = (CUMUL, BASE, DE_MINIMIS, NOTIFICATION, NON_MOBILISABLE, A_VERIFIER, UNION, SANS_BASE)

_GRANTED = "octroyee"


@dataclass(frozen=True, slots=True)
class Alerte:
    """One alert; amounts in cents, `statut` VRAI when certain, INCONNU when missing facts leave it open."""

    code: str
    gravite: Gravite
    statut: int
    message: str
    aides: tuple[str, ...] = ()
    couts: tuple[str, ...] = ()
    plafond: int | None = None
    total: int | None = None
    depassement: int | None = None
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The financing plan checked: alerts, and what may still be granted on each cost line, in cents."""

    alertes: tuple[Alerte, ...]
    marges: Mapping[str, Interval] = field(default_factory=dict)


def verifier(
    dossier: Dossier, evaluation: Evaluation, loi: LoiDuJour, esb: Mapping[str, Interval], hors_aide: int
) -> Plan:
    """Check the plan of a dossier; `esb` gives the grant equivalent of each aid, in cents.

    `hors_aide` is VRAI when the funding is no State aid at all: nothing is then to be checked.
    """
    aids = dossier.aides or ()
    if hors_aide == VRAI:
        return Plan(())
    public = [aide for aide in aids if aide.financeur.type not in PRIVE]
    lines = [c.id for c in dossier.projet.couts or ()]
    checker = _Checker(evaluation, loi, esb)
    alerts = list(checker.union(aids))
    alerts += checker.bases(public)
    on_costs = [a for a in public if a.couts != ()]
    counted = [cumul.AideSurCouts(a.id, esb[a.id], frozenset(a.couts or lines)) for a in on_costs]
    counted = [a for a in counted if a.lignes]
    alerts += checker.overruns(counted, {a.id for a in on_costs if a.couts is None})
    alerts += checker.incompatible(public, lines)
    covered = [line for line in lines if checker.covered(line)]
    return Plan(tuple(alerts), cumul.marges(counted, covered, checker.ceiling))


class _Checker:
    def __init__(self, evaluation: Evaluation, loi: LoiDuJour, esb: Mapping[str, Interval]) -> None:
        self.evaluation = evaluation
        self.loi = loi
        self.esb = esb
        self.covers: dict[str, list[tuple[RegimeEvalue, VoletEvalue]]] = {}
        for regime in evaluation.regimes.values():
            if regime.verdict == FAUX or regime.regime.texte.startswith("de_minimis"):
                continue
            for volet in regime.volets:
                if volet.verdict != FAUX:
                    for line in (*volet.couts.lignes, *volet.couts.possibles):
                        self.covers.setdefault(line, []).append((regime, volet))

    def covered(self, line: str) -> bool:
        return line in self.covers

    def ceiling(self, lines: frozenset[str]) -> Interval:
        """Return the highest aid that the regimes serving these lines allow, least and greatest, in cents."""
        groups: dict[tuple[int, ...], list[str]] = {}
        for line in lines:
            serving = self.covers.get(line, [])
            groups.setdefault(tuple(id(volet) for _, volet in serving), []).append(line)
        low = 0
        high: int | None = 0
        for members in groups.values():
            bounds = [self.allowed(regime, volet, members) for regime, volet in self.covers.get(members[0], [])]
            low += max((b[0] for b in bounds), default=0)
            highs = [b[1] for b in bounds] or [None]
            high = None if high is None or None in highs else high + max(h for h in highs if h is not None)
        return (low, high)

    @staticmethod
    def allowed(regime: RegimeEvalue, volet: VoletEvalue, members: list[str]) -> Interval:
        """Return what one volet allows on some of its lines: its rate on them, within its amount."""
        total = _line_total(volet, members)
        rate = volet.taux or (0, 10_000)
        high = None if total[1] is None or rate[1] is None else share(total[1], rate[1])
        low = share(total[0], rate[0])
        for limit in (volet.montant, regime.montant):
            if limit is not None:
                low = min(low, limit[0])
                high = limit[1] if high is None else high if limit[1] is None else min(high, limit[1])
        certain = regime.verdict == VRAI and volet.verdict == VRAI
        return (low if certain else 0, high)

    def overruns(self, aids: Sequence[cumul.AideSurCouts], loose: set[str]) -> Iterable[Alerte]:
        useful = [a for a in aids if any(map(self.covered, a.lignes))]
        for found in cumul.depassements(useful, self.ceiling):
            if len(found.aides) == 1 and not found.certain:
                continue  # one aid alone is told against its own basis
            sure = found.certain and loose.isdisjoint(found.aides)
            total = found.total[0] if found.certain else found.total[1]
            limit = found.plafond[1] if found.certain else found.plafond[0]
            verb = "dépassent" if found.certain else "pourraient dépasser"
            head = "Les aides" if len(found.aides) > 1 else "L'aide"
            verb = verb if len(found.aides) > 1 else {"dépassent": "dépasse"}.get(verb, "pourrait dépasser")
            message = (
                f"{head} {', '.join(found.aides)} sur les mêmes coûts ({', '.join(sorted(found.lignes))}) {verb} "
                f"l'intensité ou le montant le plus élevé applicable : {_amount(total)} pour un plafond de "
                f"{_amount(limit)}. Réduisez l'une des aides, ou affectez-la à d'autres coûts."
            )
            yield Alerte(
                CUMUL,
                "bloquante" if sure else "attention",
                VRAI if sure else INCONNU,
                message,
                found.aides,
                tuple(sorted(found.lignes)),
                limit,
                total,
                found.excedent,
                ("rgec:8(3)(b)",),
            )

    def bases(self, aids: Sequence[Aide]) -> Iterable[Alerte]:
        """Check each planned aid against the verdict of its basis, and their sum against its amount."""
        known = {**self.evaluation.regimes, **self.evaluation.dispositifs}
        planned = [aide for aide in aids if aide.statut != _GRANTED]
        for aide in planned:
            if aide.base is None:
                message = f"L'aide {aide.id} n'a pas de base légale : indiquez sous quel régime elle serait accordée."
                yield Alerte(SANS_BASE, "attention", INCONNU, message, (aide.id,), aide.couts or ())
        for base in dict.fromkeys(a.base for a in planned if a.base in known):
            assert base is not None
            found = known[base]
            mine = [a for a in planned if a.base == base]
            names = tuple(a.id for a in mine)
            costs = tuple(dict.fromkeys(c for a in mine for c in a.couts or ()))
            listed = ", ".join(names)
            if found.verdict == FAUX:
                message = f"{listed} : la base {base} n'est pas mobilisable pour ce projet. Choisissez une autre base."
                yield Alerte(NON_MOBILISABLE, "bloquante", VRAI, message, names, costs)
                continue
            if found.verdict == INCONNU:
                message = f"{listed} : la base {base} reste à vérifier. Répondez aux questions qui la concernent."
                yield Alerte(A_VERIFIER, "attention", INCONNU, message, names, costs)
            if found.montant is not None:
                yield from self.over_base(base, found, mine, costs)

    def over_base(
        self, base: str, found: RegimeEvalue, mine: Sequence[Aide], costs: tuple[str, ...]
    ) -> Iterable[Alerte]:
        amounts = [self.esb[a.id] for a in mine]
        low = sum(lo for lo, _ in amounts)
        highs = [hi for _, hi in amounts]
        high = None if None in highs else sum(h for h in highs if h is not None)
        assert found.montant is not None
        floor, ceiling = found.montant
        certain = ceiling is not None and low > ceiling
        if not certain and high is not None and high <= floor:
            return
        if not certain and found.verdict == INCONNU and high is not None and ceiling is not None and high <= ceiling:
            return  # already told as « à vérifier »
        names = tuple(a.id for a in mine)
        threshold = _least_threshold(found)
        de_minimis = base.startswith("de_minimis.")
        total, limit = (low, ceiling) if certain else (high, floor)
        excess = max(0, total - limit) if total is not None and limit is not None else None
        what = "ce que laisse le plafond de minimis" if de_minimis else f"le maximum permis par {base}"
        verb = "dépasse" if certain else "pourrait dépasser"
        code = DE_MINIMIS if de_minimis else BASE
        if threshold is not None and limit == threshold:
            code, what = NOTIFICATION, f"le seuil de notification de {base}"
        cure = (
            "L'aide qui ferait dépasser le plafond doit être refusée en entier ou réduite avant octroi."
            if de_minimis
            else "Réduisez l'aide, changez de base, ou notifiez-la à la Commission avant de l'octroyer."
            if code == NOTIFICATION
            else "Réduisez l'aide ou changez de base."
        )
        message = f"{', '.join(names)} : {_amount(total)} {verb} {what} ({_amount(limit)}). {cure}"
        yield Alerte(
            code,
            "bloquante" if certain else "attention",
            VRAI if certain else INCONNU,
            message,
            names,
            costs,
            limit,
            total,
            excess,
            _ceiling_refs(found),
        )

    def union(self, aids: Iterable[Aide]) -> Iterable[Alerte]:
        names = tuple(a.id for a in aids if a.financeur.type == "union_directe")
        if names:
            message = (
                f"{', '.join(names)} : ces fonds, gérés directement par la Commission, ne comptent pas comme aide ; "
                "le total des financements publics doit rester sous le taux le plus favorable du droit de l'Union."
            )
            yield Alerte(UNION, "information", VRAI, message, names, references=("rgec:8(2)",))

    def incompatible(self, aids: Sequence[Aide], lines: list[str]) -> Iterable[Alerte]:
        for rule, status in zip(self.loi.incompatibilites, self.evaluation.incompatibilites, strict=True):
            if status == FAUX:
                continue
            left = [a for a in aids if a.base in rule.entre[0]]
            right = [a for a in aids if a.base in rule.entre[1]]
            for one in left:
                for other in right:
                    common = set(one.couts if one.couts is not None else lines) & set(
                        other.couts if other.couts is not None else lines
                    )
                    if one.id != other.id and (common or not lines):
                        grave: Gravite = rule.gravite if status == VRAI else "attention"
                        yield Alerte(
                            f"incompatibilite.{rule.id}",
                            grave,
                            status,
                            rule.message,
                            (one.id, other.id),
                            tuple(sorted(common)),
                            references=rule.refs,
                        )


def _line_total(volet: VoletEvalue, members: list[str]) -> Interval:
    """Return the eligible amount of some lines of a volet, within its eligible costs."""
    amounts = volet.couts.montants
    low = sum(amounts[m][0] for m in members if m in amounts)
    highs = [amounts[m][1] for m in members if m in amounts]
    high = None if None in highs else sum(h for h in highs if h is not None)
    top = volet.assiette[1]
    return (min(low, volet.assiette[0]), top if high is None else high if top is None else min(high, top))


def _least_threshold(found: RegimeEvalue) -> int | None:
    """Return the least notification threshold that applies for certain."""
    bounds = [found.seuils, *(v.seuils for v in found.volets)]
    values = [lo for statuses, caps in bounds for s, (lo, _) in zip(statuses, caps, strict=True) if s == VRAI]
    return min(values, default=None)


def _ceiling_refs(found: RegimeEvalue) -> tuple[str, ...]:
    refs = [ref for v in found.regime.volets for rule in (*v.plafonds, *v.seuils) for ref in rule.refs]
    return tuple(dict.fromkeys(refs))


def _amount(cents: int | None) -> str:
    return "un montant inconnu" if cents is None else euros(cents)
