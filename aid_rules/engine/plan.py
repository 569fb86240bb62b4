"""The best legal financing plan of a dossier: found by an exact integer programme, checked by the exact evaluator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from aid_rules.dossier import Aide, ConditionsFinancieres, Dossier, Financeur
from aid_rules.engine.codes import Alerte
from aid_rules.engine.moteur import Assessment, Engine
from aid_rules.engine.plan_demande import SUBVENTION, Candidat, Probleme, gardees, poser
from aid_rules.engine.plan_lu import REGION
from aid_rules.engine.plan_modele import EURO, Genre, Limite, Modele, Solution
from aid_rules.faults import WorkError
from aid_rules.language.tree import FAUX
from aid_rules.law.plafonds import ECHELLE

MAX_TOURS = 40
MAX_PRIX = 40
"""Binding limits whose worth is measured by solving again."""

PART_REGION = "part_region"
"""The limit that keeps the Région's share at its least."""

Objectif = Literal["maximiser", "atteindre", "minimiser_region"]


class AideProposee(NamedTuple):
    """One aid of the plan; `repartition` gives its cents line by line, rounded down."""

    id: str
    financeur: str
    nom: str
    type: str
    forme: str
    base: str
    montant: int
    couts: tuple[str, ...]
    repartition: tuple[tuple[str, int], ...]


class LimiteAtteinte(NamedTuple):
    """A limit that the plan meets, in cents; `gain` is what one more euro of it would add to the plan."""

    id: str
    genre: Genre
    libelle: str
    plafond: int
    gain: int | None
    references: tuple[str, ...]


class PlanPropose(NamedTuple):
    """The answer: the aids, what binds, or which rules conflict. Amounts in cents.

    `possible` is the most that a request too high could obtain; `alertes` are those that the evaluator keeps.
    """

    statut: Literal["optimal", "trouve", "infaisable"]
    objectif: Objectif
    demande: int | None
    total: int
    region: int
    cout_total: int
    acquis: int
    aides: tuple[AideProposee, ...]
    limites: tuple[LimiteAtteinte, ...]
    conflits: tuple[LimiteAtteinte, ...]
    possible: int
    ecartes: tuple[tuple[str, str, str], ...]
    alertes: tuple[Alerte, ...]


def proposer(engine: Engine, found: Assessment, prix: bool = True) -> PlanPropose:
    """Return the best plan of an assessed dossier; `prix` also measures what one more euro of each limit gives.

    Raises `WorkError` without OR-Tools, when costs are unknown, or when a requested amount is missing.
    """
    problem = poser(engine, found)
    goal: Objectif = problem.demande.objectif or (
        "maximiser" if problem.demande.montant_demande is None else "atteindre"
    )
    asked = problem.demande.montant_demande
    if goal == "atteindre" and asked is None:
        raise WorkError("plan.objectif « atteindre » demande plan.montant_demande_eur.")
    return _Recherche(engine, found, problem, goal, asked if goal != "maximiser" else None).plan(prix)


class _Recherche:
    def __init__(self, engine: Engine, found: Assessment, problem: Probleme, goal: Objectif, asked: int | None) -> None:
        self.engine = engine
        self.found = found
        self.problem = problem
        self.goal: Objectif = goal
        self.asked = asked
        self.by_id = {c.id: c for c in problem.candidats}
        self.model = Modele(problem, list(_interdits(found, problem)), list(_parites(found, problem)))

    def plan(self, prix: bool) -> PlanPropose:
        while True:
            self.model.retirer(PART_REGION)
            best, assessed = self._verifie(None)
            self.possible = best.total
            if self.asked is not None and best.total < self.asked:
                return self._infaisable()
            best, assessed = self._verifie(best.total if self.asked is None else self.asked)
            if best.statut != "infaisable":
                break  # otherwise the evaluator has just taught limits that the most did not meet
        limits = tuple(self._atteintes(best, prix))
        return self._ecrire(best, limits, (), self._alertes(assessed))

    def _verifie(self, target: int | None) -> tuple[Solution, Assessment]:
        """Solve, then let the exact evaluator judge: each alert it raises becomes a limit, until none stands."""
        for _ in range(MAX_TOURS):
            solution = self._resoudre(target)
            assessed = self.engine.evaluate(self.dossier(solution))
            alerts = list(self._alertes(assessed))
            faults = [a for a in alerts if a.gravite != "information"]
            if not faults or solution.statut == "infaisable":
                return solution, assessed
            for alert in faults:
                self._retenir(alert, solution)
        raise WorkError("Le plan trouvé ne passe pas l'évaluation : précisez les faits qui restent à vérifier.")

    def _resoudre(self, target: int | None) -> Solution:
        if target is None:
            return self.model.resoudre()
        if self.goal == "minimiser_region":
            best = self.model.resoudre(cible=target, minimiser="region")
            share = sum(v for name, v in best.montants.items() if self.by_id[name].financeur.type == REGION)
            region = [c for c in self.problem.candidats if c.financeur.type == REGION]
            couples = frozenset(p for p in self.model.couples if p[0] in {c.id for c in region})
            self.model.ajouter(Limite(PART_REGION, "demande", "part de la Région", share * ECHELLE, couples))
        return self.model.resoudre(cible=target, minimiser="nombre")

    def _retenir(self, alert: Alerte, solution: Solution) -> None:
        """Turn an alert of the evaluator into a limit of the model: what the plan puts there, less the excess."""
        names = {name for name in alert.aides if name in self.by_id}
        lines = frozenset(alert.couts)
        couples = frozenset(p for p in self.model.couples if p[0] in names and (not lines or p[1] in lines))
        spent = sum(v for p, v in solution.repartition.items() if p in couples)
        ceiling = max(0, spent // ECHELLE - alert.depassement) if alert.depassement else 0
        name = f"controle.{alert.code}.{'+'.join(sorted(names))}.{'+'.join(sorted(lines))}"
        text = f"{alert.code} sur {', '.join(sorted(lines)) or 'les aides'}"
        self.model.ajouter(Limite(name, "cumul", text, ceiling * ECHELLE, couples, alert.references))

    def _alertes(self, assessed: Assessment) -> Iterator[Alerte]:
        """Yield the alerts that bear on an aid of the plan."""
        for alert in assessed.plan.alertes:
            if any(name in self.by_id for name in alert.aides):
                yield alert

    def dossier(self, solution: Solution) -> Dossier:
        """Return the dossier with the plan in place of the planned aids."""
        kept = gardees(self.found.dossier)
        return self.found.dossier.model_copy(update={"aides": (*self._aides(solution), *kept)})

    def _aides(self, solution: Solution) -> Iterator[Aide]:
        for name, amount in solution.montants.items():
            if amount:
                candidate = self.by_id[name]
                lines = tuple(x for a, x in solution.repartition if a == name and x)
                forme = candidate.financeur.forme or SUBVENTION
                yield Aide.model_construct(
                    id=name,
                    financeur=Financeur.model_construct(nom=candidate.financeur.nom, type=candidate.financeur.type),
                    forme=forme,
                    montant=amount if forme == SUBVENTION else None,  # what a loan is worth is not what is lent
                    esb=amount,
                    conditions=ConditionsFinancieres(),
                    taux_max=None,
                    base=candidate.base,
                    couts=lines,
                    statut="prevue",
                    octroyee_le=None,
                )

    def _infaisable(self) -> PlanPropose:
        """Say which limits, together, keep the request out of reach: a core of the solver, made least."""
        assert self.asked is not None
        core = list(self.model.resoudre(cible=self.asked, noyau=True).conflit)
        for name in list(core):
            rest = [x for x in core if x != name]
            lifted = {x.id for x in self.model.limites}.union(self.model.exclusions) - set(rest)
            if self.model.resoudre(cible=self.asked, sans=lifted, minimiser="nombre").statut == "infaisable":
                core = rest
        named = {x.id: x for x in self.model.limites}
        conflicts = [
            LimiteAtteinte(x.id, x.genre, x.libelle, x.plafond // ECHELLE, None, x.references)
            for x in (named[name] for name in core if name in named)
        ]
        apart = self.model.exclusions
        conflicts += [LimiteAtteinte(name, "cumul", apart[name], 0, None, ()) for name in core if name in apart]
        return self._ecrire(Solution("infaisable"), (), tuple(conflicts), iter(()))

    def _atteintes(self, best: Solution, prix: bool) -> Iterator[LimiteAtteinte]:
        """Yield the limits that the plan meets; their worth is the gain when one is raised by a euro.

        Limits of the same amount on the same lines are one to the reader, and are raised together.
        """
        met: dict[tuple[int, frozenset[str]], list[Limite]] = {}
        for limit in sorted(self.model.limites, key=lambda x: x.genre == "cumul"):
            if any(best.repartition.keys().isdisjoint(group) for group in limit.avec):
                continue  # what it limits only together does not stand together
            spent = sum(v for pair, v in best.repartition.items() if pair in limit.couples)
            if spent and spent + ECHELLE > limit.plafond and limit.id != PART_REGION:
                met.setdefault((limit.plafond, frozenset(line for _, line in limit.couples)), []).append(limit)
        for number, group in enumerate(met.values()):
            gain = self._gain(group, best) if prix and number < MAX_PRIX else None
            first = group[0]
            refs = tuple(dict.fromkeys(ref for limit in group for ref in limit.references))
            yield LimiteAtteinte(first.id, first.genre, first.libelle, first.plafond // ECHELLE, gain, refs)

    def _gain(self, group: Sequence[Limite], best: Solution) -> int:
        raised = {limit.id: EURO * ECHELLE for limit in group}
        if self.goal == "minimiser_region":
            return self._gain_region(raised, best)
        if self.goal == "atteindre":
            return 0  # what is asked for is met, no more is
        return self.model.resoudre(raised).total - self.possible

    def _gain_region(self, raised: dict[str, int], best: Solution) -> int:
        """Return what one more euro of a limit spares the Région, the total unchanged."""
        richer = self.model.resoudre(raised, [PART_REGION], cible=best.total, minimiser="region")
        return self._region(best) - self._region(richer)

    def _region(self, solution: Solution) -> int:
        return sum(v for name, v in solution.montants.items() if self.by_id[name].financeur.type == REGION)

    def _ecrire(
        self,
        best: Solution,
        limits: tuple[LimiteAtteinte, ...],
        conflicts: tuple[LimiteAtteinte, ...],
        alerts: Iterator[Alerte],
    ) -> PlanPropose:
        problem = self.problem
        return PlanPropose(
            best.statut,
            self.goal,
            self.asked,
            best.total,
            self._region(best),
            sum(problem.couts.values()),
            sum(a.montant[0] for a in problem.acquises),
            tuple(self._proposees(best)),
            limits,
            conflicts,
            self.possible,
            problem.ecartes,
            tuple(alerts),
        )

    def _proposees(self, best: Solution) -> Iterator[AideProposee]:
        for name, amount in best.montants.items():
            if not amount:
                continue
            candidate: Candidat = self.by_id[name]
            spread = tuple((x, v // ECHELLE) for (a, x), v in best.repartition.items() if a == name and x)
            funder = candidate.financeur
            yield AideProposee(
                name,
                funder.id,
                funder.nom or funder.id,
                funder.type or "",
                funder.forme or SUBVENTION,
                candidate.base,
                amount,
                tuple(x for x, _ in spread),
                spread,
            )


def _interdits(found: Assessment, problem: Probleme) -> Iterator[tuple[str, str]]:
    """Yield the candidates that may not share a cost line, by the schemes' own rules."""
    rules = zip(found.loi.loi.incompatibilites, found.evaluation.incompatibilites, strict=True)
    named: Sequence[tuple[str, str]] = [(c.id, c.base) for c in problem.candidats]
    granted = [(a.id, a.base or "") for a in problem.acquises]
    for rule, status in rules:
        if status == FAUX or rule.gravite == "information":
            continue
        for one, base in named:
            for other, its in (*named, *granted):
                pair = (base in rule.entre[0] and its in rule.entre[1]) or (
                    its in rule.entre[0] and base in rule.entre[1]
                )
                if one != other and pair:
                    yield one, other


def _parites(found: Assessment, problem: Probleme) -> Iterator[tuple[str, str]]:
    """Yield the candidates of the Région and of another funder whose scheme asks them for equal shares."""
    for rule, status in zip(found.loi.loi.incompatibilites, found.evaluation.incompatibilites, strict=True):
        if status == FAUX or not rule.parite:
            continue
        mine = [c for c in problem.candidats if c.base in rule.entre[0]]
        for region in mine:
            for other in mine:
                if region.financeur.type == REGION != other.financeur.type and other.financeur.type is not None:
                    yield region.id, other.id
