"""The exact evaluator: one dossier, integers and truth values, every intermediate result kept for the explanation.

The reference of the two evaluators. It reads the list that `facts.environment` fills and runs the functions that
`codegen` wrote for the law of the day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import CodeType
from typing import Any, NamedTuple

from aid_rules.engine import intervalles
from aid_rules.engine.environnement import Couts, Lignes, Slots, shift
from aid_rules.engine.intervalles import Interval
from aid_rules.language.slices import CritereDuJour, LoiDuJour, RegimeDuJour, VoletDuJour
from aid_rules.language.tree import FAUX, INCONNU, NON, VRAI

Statuts = tuple[int, ...]
Bornes = tuple[Statuts, tuple[Interval, ...]]


class VoletEvalue(NamedTuple):
    """One purpose of a regime, evaluated: truth value of each entry, in the order of the law, and the amounts.

    `taux` is in basis points, None when the law gives no rate; `montant` in cents, None when nothing limits it.
    """

    volet: VoletDuJour
    verdict: int
    couts: Couts
    assiette: Interval
    methodes: Statuts
    conditions: Statuts
    seuils_couts: Statuts
    base: Statuts
    majorations: Statuts
    majorations_apres: Statuts
    reductions: Statuts
    plafonds_taux: Statuts
    montants: Statuts
    taux: Interval | None
    montant_brut: Interval | None
    plafonds: Bornes
    seuils: Bornes
    montant: Interval | None
    synthese: tuple[tuple[str, int], ...]


class RegimeEvalue(NamedTuple):
    """A regime evaluated; when no cost line can be of its purposes, `examine` is false and nothing else was read."""

    regime: RegimeDuJour
    verdict: int
    examine: bool
    conditions: Statuts = ()
    seuils_couts: Statuts = ()
    plafonds: Bornes = ((), ())
    seuils: Bornes = ((), ())
    volets: tuple[VoletEvalue, ...] = ()
    assiette: Interval = (0, 0)
    taux: Interval | None = None
    montant: Interval | None = None


class CritereEvalue(NamedTuple):
    """One criterion of TFUE 107(1), evaluated."""

    critere: CritereDuJour
    verdict: int
    conditions: Statuts


class Evaluation(NamedTuple):
    """What the exact evaluator gives for one dossier."""

    criteres: tuple[CritereEvalue, ...]
    regimes: dict[str, RegimeEvalue]
    dispositifs: dict[str, RegimeEvalue]
    obligations: Statuts
    incompatibilites: Statuts
    derogations: Statuts


def all_of(statuses: Sequence[int]) -> int:
    """Return the conjunction."""
    return FAUX if FAUX in statuses else INCONNU if INCONNU in statuses else VRAI


def any_of(statuses: Sequence[int]) -> int:
    """Return the disjunction; nothing at all is false."""
    return VRAI if VRAI in statuses else INCONNU if INCONNU in statuses else FAUX


class Programme:
    """The law of a day, compiled."""

    def __init__(self, loi: LoiDuJour, slots: Slots, code: CodeType | None = None) -> None:
        self.loi = loi
        self.slots = slots
        if code is None:
            from aid_rules.engine.codegen import generate  # noqa: PLC0415 - a cached run generates nothing

            code = compile(generate(loi, slots), f"<loi du {loi.du}>", "exec")
        self.code = code
        names: dict[str, Any] = {name: getattr(intervalles, name) for name in _RUNTIME}
        names |= {"NON": NON, "shift": shift}
        exec(self.code, names)  # noqa: S102 - the source is generated from typed trees, never from text
        self._shared: Callable[..., Statuts] = names["shared"]
        self._criteres = [(critere, names[f"critere_{i}"]) for i, critere in enumerate(loi.criteres)]
        self._obligations: Callable[..., Statuts] = names["obligations"]
        self._incompatibilites: Callable[..., Statuts] = names["incompatibilites"]
        self._derogations: Callable[..., Statuts] = names["derogations"]
        runs = [
            _Run(r.id, r, names[f"regime_{i}"], _purposes(r), _alone(r))
            for i, r in enumerate((*loi.regimes, *loi.dispositifs))
        ]
        count = len(loi.regimes)
        self._all = _Parts(
            *(
                ({one.id: RegimeEvalue(one.regime, FAUX, examine=False) for one in part}, part)
                for part in (runs[:count], runs[count:])
            )
        )
        self.ids = frozenset(one.id for one in runs)
        self._concerned: dict[frozenset[str | None], _Parts] = {}

    def run(self, env: Sequence[Any], lignes: Lignes, tout: bool = False) -> Evaluation:
        """Evaluate every basis; `tout` also reads the conditions of those that no cost line concerns."""
        shared = self._shared(env)
        criteres = tuple(
            [CritereEvalue(critere, all_of(statuses := run(env, shared)), statuses) for critere, run in self._criteres]
        )
        found = []
        for skipped, runs in self._all if tout or not lignes.toutes_connues else self._split(lignes):
            part = skipped.copy()
            for one in runs:
                part[one.id] = _evaluate(one, one.run(env, shared, lignes))
            found.append(part)
        regimes, dispositifs = found
        return Evaluation(
            criteres,
            regimes,
            dispositifs,
            self._obligations(env, shared),
            self._incompatibilites(env, shared),
            self._derogations(env, shared),
        )

    def concernees(self, lignes: Lignes) -> list[str]:
        """Return the bases and schemes that the cost lines, their purposes all known, may concern."""
        return [one.id for _, runs in self._split(lignes) for one in runs]

    def _split(self, lignes: Lignes) -> _Parts:
        """Return the regimes and the schemes, and which to run: these purposes leave the others out."""
        known = self._concerned.get(lignes.finalites)
        if known is None:
            kept = [(told, [r for r in runs if not lignes.hors_sujet(r.finalites)]) for told, runs in self._all]
            known = _Parts(*kept)
            if len(self._concerned) >= _KEPT:
                self._concerned.clear()
            self._concerned[lignes.finalites] = known
        return known


class _Run(NamedTuple):
    """A basis ready to run; `alone` tells for each volet whether a method, and a rate, must be shown to apply."""

    id: str
    regime: RegimeDuJour
    run: Callable[..., tuple[Any, ...]]
    finalites: frozenset[str] | None
    alone: tuple[tuple[bool, bool], ...]


class _Parts(NamedTuple):
    """The regimes, then the schemes: each told as left out, in the order of the law, and those to run."""

    regimes: tuple[dict[str, RegimeEvalue], list[_Run]]
    dispositifs: tuple[dict[str, RegimeEvalue], list[_Run]]


_KEPT = 4096
"""Sets of purposes remembered."""

_RUNTIME = (
    "UNKNOWN", "FULL", "plus", "part", "share_bounds", "exact_part", "times", "least", "greatest", "below", "at_most",
    "equal", "first", "positive", "bonuses", "reduce", "cap", "under", "multiple",
)  # fmt: skip


def _purposes(regime: RegimeDuJour) -> frozenset[str] | None:
    purposes = [v.finalites for v in regime.volets]
    return None if None in purposes else frozenset().union(*(p for p in purposes if p is not None))


def _alone(regime: RegimeDuJour) -> tuple[tuple[bool, bool], ...]:
    return tuple((_open(v.assiette), _open(v.base or v.montant)) for v in regime.volets)


def _open(rules: Sequence[Any]) -> bool:
    return bool(rules) and rules[-1].si is not None


def _evaluate(one: _Run, raw: tuple[Any, ...]) -> RegimeEvalue:
    regime = one.regime
    conditions, thresholds, caps, limits, raws = raw
    volets = tuple(map(_volet, regime.volets, raws, one.alone))
    verdict = all_of(conditions)
    if thresholds:
        verdict &= all_of(thresholds)
    live = volets if len(volets) == 1 else [v for v in volets if v.verdict != FAUX]
    if len(live) == 1:
        (volet,) = live
        verdict &= volet.verdict
        counted = volet.verdict != FAUX
        base, rate, amount = volet.assiette, volet.taux if counted else None, volet.montant
        if not counted:
            base, amount = _NOTHING, _NOTHING
    else:
        verdict &= any_of([v.verdict for v in volets])
        statuses, everything = [v.verdict for v in live], [range(len(live))]
        base = intervalles.together(statuses, [v.assiette for v in live], everything) or _NOTHING
        rate, amount = _range(live), intervalles.together(statuses, [v.montant for v in live], everything)
    if caps[0] or limits[0]:
        amount = intervalles.cap(intervalles.cap(amount, *caps), *limits)
    return _new(RegimeEvalue, (regime, verdict, True, conditions, thresholds, caps, limits, volets, base, rate, amount))


_NOTHING: Interval = (0, 0)


def _range(live: Sequence[VoletEvalue]) -> Interval | None:
    """Return the least and greatest rate of the volets that have one."""
    return intervalles.span([v.taux for v in live if v.taux is not None])


def _volet(volet: VoletDuJour, raw: tuple[Any, ...], alone: tuple[bool, bool]) -> VoletEvalue:
    (
        costs,
        base_amount,
        methods,
        conditions,
        thresholds,
        base,
        before,
        after,
        cuts,
        tops,
        given,
        rate,
        gross,
        caps,
        limits,
    ) = raw
    verdict = all_of(conditions) & costs.statut
    if thresholds:
        verdict &= all_of(thresholds)
    synthesis = _FINALITE[costs.statut]
    if volet.postes is not None:
        verdict &= costs.statut_postes
        synthesis = (*synthesis, ("postes", costs.statut_postes))
    if alone[0]:
        status = any_of(methods)
        verdict &= status
        synthesis = (*synthesis, ("methode", status))
    if alone[1]:
        status = any_of(base or given)
        verdict &= status
        synthesis = (*synthesis, ("taux", status))
    amount = gross
    if caps[0]:
        amount = intervalles.cap(amount, *caps)
    if limits[0]:
        amount = intervalles.cap(amount, *limits)
    return _new(VoletEvalue, (
        volet, verdict, costs, base_amount, methods, conditions, thresholds, base, before, after, cuts, tops, given,
        rate, gross, caps, limits, amount, synthesis,
    ))  # fmt: skip


_new = tuple.__new__  # the constructor of a named tuple costs twice as much
_FINALITE: dict[int, tuple[tuple[str, int], ...]] = {s: (("finalite", s),) for s in (FAUX, INCONNU, VRAI)}
