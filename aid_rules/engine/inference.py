"""The inference step: from the verdicts of the regimes to usable schemes, obligations due and alerts, with its trace.

The chaining is done by durable_rules, over small facts: a handful of generic rules, each matching one fact by
equality, whose actions assert the next facts. What the rules mean fits in three lines, statuses being 0 (faux),
1 (inconnu) and 3 (vrai), so that « et » is `&` and « ou » is `|`:

- a scheme: its own conditions, and any one of the regimes that can bear it (none listed: its own conditions alone);
- an obligation: its own conditions, and any one of its triggers;
- an alert: any one of its triggers.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from aid_rules.engine._durable_host import DurableHost, Rule

_FAUX, _INCONNU, _VRAI = 0, 1, 3
_REGIME, _PLAFOND, _DISPOSITIF, _OBLIGATION, _ALERTE = "regime", "plafond", "dispositif", "obligation", "alerte"
_FLOORS = {family: floor for floor, family in enumerate((_REGIME, _DISPOSITIF, _OBLIGATION, _ALERTE))}
_NETWORKS_KEPT = 32

# Conditions then trigger, best trigger first: the first conclusion drawn is then the best one.
_WORDS = {
    (_VRAI, _VRAI): "etabli",
    (_INCONNU, _VRAI): "conditions_a_verifier",
    (_VRAI, _INCONNU): "appui_a_verifier",
    (_INCONNU, _INCONNU): "a_verifier",
}


class Reseau(NamedTuple):
    """The network of links of one version of the law.

    `cle`: hash of the rules and of the date-slice, one per content. `appuis`: for each scheme (or `dispositif.volet`),
    the regimes any one of which can bear it. `obligations`: for each, the regimes, schemes and ceilings any one of
    which triggers it. `alertes`: for each, the regimes, schemes, obligations and ceilings any one of which raises it.
    """

    cle: str
    appuis: Mapping[str, tuple[str, ...]]
    obligations: Mapping[str, tuple[str, ...]]
    alertes: Mapping[str, tuple[str, ...]]


class Etape(NamedTuple):
    """One step: the `ordre`-th, by `regle`, concludes that `conclusion` has `statut` (3 or 1), resting on `depuis`.

    `regle` is `famille.mot`: `regime`, `dispositif`, `obligation` or `alerte`, then `etabli`, `a_verifier`,
    `conditions_a_verifier` (only its own conditions are in doubt) or `appui_a_verifier` (only what bears or triggers
    it). `depuis` lists the regimes, schemes, obligations or ceilings that carried the conclusion.
    """

    ordre: int
    regle: str
    conclusion: str
    statut: int
    depuis: tuple[str, ...]


class Inference(NamedTuple):
    """The conclusions, every identifier of the network present, and the trace of those that are 3 or 1."""

    dispositifs: dict[str, int]
    obligations: dict[str, int]
    alertes: dict[str, int]
    trace: tuple[Etape, ...]


def inferer(
    reseau: Reseau,
    regimes: Mapping[str, int],
    dispositifs: Mapping[str, int],
    obligations: Mapping[str, int],
    plafonds: Mapping[str, int],
) -> Inference:
    """Chain the verdicts through `reseau`: regime, scheme, obligation, alert.

    `regimes`: verdict of each regime; `dispositifs` and `obligations`: verdict of the own conditions of each;
    `plafonds`: outcome of each ceiling, computed exactly elsewhere (3 exceeded, 1 cannot be told, 0 respected).
    The result depends on no order of the mappings; safe from several threads and after a fork.

    Raises `ValueError`, in French, on a status other than 0, 1 and 3, on an identifier that the network cites and
    nobody gives (an absent verdict is neither false nor unknown: it is a fault), on a scheme or an obligation given
    and unknown to the network, on one identifier for two things, on one key for two networks. Raises `WorkError` when
    durable_rules itself fails.
    """
    return _workshop.infer(reseau, _Verdicts(regimes, dispositifs, obligations, plafonds))


class _Verdicts(NamedTuple):
    regimes: Mapping[str, int]
    dispositifs: Mapping[str, int]
    obligations: Mapping[str, int]
    plafonds: Mapping[str, int]


class _Network:
    """A network made ready: what each identifier may lead to, and its ruleset in durable_rules."""

    def __init__(self, reseau: Reseau) -> None:
        self.reseau = reseau
        links = {_DISPOSITIF: reseau.appuis, _OBLIGATION: reseau.obligations, _ALERTE: reseau.alertes}
        self._own = {name: family for family, targets in links.items() for name in targets}
        if len(self._own) != sum(map(len, links.values())):
            raise ValueError(_doubles(links.values()))
        self._sources: dict[str, tuple[str, ...]] = {}
        self._targets: dict[str, list[str]] = {}
        for targets in links.values():
            for name in sorted(targets):
                self._sources[name] = tuple(dict.fromkeys(targets[name]))
                for source in self._sources[name]:
                    self._targets.setdefault(source, []).append(name)
        self._cited_regimes = {source for sources in reseau.appuis.values() for source in sources}
        lower = {_OBLIGATION: set(reseau.appuis), _ALERTE: {*reseau.appuis, *reseau.obligations}}
        self._cited_facts = {
            source
            for family in (_OBLIGATION, _ALERTE)
            for sources in links[family].values()
            for source in sources
            if source not in lower[family]
        }
        self._names = [sorted(targets) for targets in links.values()]
        self._status: dict[str, int] = {}
        self._conditions: dict[str, int] = {}
        self._proposed: dict[str, int] = {}
        self._steps: list[tuple[int, str, str, int, tuple[str, ...]]] = []  # floor, conclusion, rule, status, sources
        self.host = DurableHost(list(_rules(self._observe, self._conclude)))

    def check(self, given: _Verdicts) -> None:
        """Raise `ValueError` when the verdicts and the network do not speak of the same things."""
        for statuses in given:
            if not {_FAUX, _INCONNU, _VRAI}.issuperset(statuses.values()):
                name = next(name for name, status in statuses.items() if status not in (_FAUX, _INCONNU, _VRAI))
                raise ValueError(f"« {name} » : un statut vaut 0 (faux), 1 (inconnu) ou 3 (vrai), non {statuses[name]}")
        regimes, dispositifs, obligations, plafonds = given
        outer, own = regimes.keys() | plafonds.keys(), self._own.keys()
        if len(outer) != len(regimes) + len(plafonds) or not outer.isdisjoint(own):
            raise ValueError(_doubles((regimes, plafonds, own)))
        for kind, verdicts, expected in (
            ("du dispositif", dispositifs, self.reseau.appuis),
            ("de l'obligation", obligations, self.reseau.obligations),
        ):
            if verdicts.keys() != expected.keys():
                missing = sorted(expected.keys() - verdicts.keys())
                if missing:
                    raise ValueError(f"le réseau attend le verdict {kind} « {missing[0]} »")
                raise ValueError(f"le réseau ne connaît rien {kind} « {min(verdicts.keys() - expected.keys())} »")
        if absent := self._cited_regimes.difference(regimes) or self._cited_facts.difference(outer):
            raise ValueError(f"le réseau cite « {min(absent)} », dont aucun verdict n'est donné")

    def run(self, given: _Verdicts) -> Inference:
        """Run durable_rules over the verdicts that are not false. The caller holds the lock."""
        regimes, dispositifs, obligations, plafonds = given
        self._status, self._proposed, self._steps = {}, {}, []
        self._conditions = {**dispositifs, **obligations, **dict.fromkeys(self.reseau.alertes, _VRAI)}
        facts = [
            (f"{family}.{_WORDS[status, status]}", name)
            for family, statuses in ((_REGIME, regimes), (_PLAFOND, plafonds))
            for name, status in statuses.items()
            if status
        ]
        facts += [
            (f"{_DISPOSITIF}.{_WORDS[conditions, _VRAI]}", name)
            for name, conditions in dispositifs.items()
            if conditions and not self._sources[name]
        ]
        self.host.infer(sorted(facts))
        # Within one floor nothing rests on anything else: by identifier, whatever the agenda of the library.
        self._steps.sort()
        trace = tuple(
            [
                Etape(rank, rule, name, status, sources)
                for rank, (_, name, rule, status, sources) in enumerate(self._steps, start=1)
            ]
        )
        schemes, due, alerts = ({name: self._status.get(name, _FAUX) for name in names} for names in self._names)
        return Inference(schemes, due, alerts, trace)

    def _observe(self, family: str, word: str, status: int, name: str) -> None:
        self._status[name] = status
        if family == _REGIME:
            self._steps.append((_FLOORS[family], name, f"{family}.{word}", status, ()))
        self._propose(name, status)

    def _conclude(self, family: str, word: str, conditions: int, trigger: int, name: str) -> None:
        if name in self._status:
            return
        self._status[name] = conditions & trigger
        sources = tuple([source for source in self._sources[name] if self._status.get(source) == trigger])
        self._steps.append((_FLOORS[family], name, f"{family}.{word}", conditions & trigger, sources))
        self._propose(name, conditions & trigger)

    def _propose(self, source: str, status: int) -> None:
        for name in self._targets.get(source, ()):
            conditions = self._conditions[name]
            if conditions and self._proposed.get(name, _FAUX) < status:
                self._proposed[name] = status
                self.host.add(f"{self._own[name]}.{_WORDS[conditions, status]}", name)


class _Workshop:
    """The networks made ready in this process, the last used kept, and the lock they share."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Start afresh, releasing nothing: in the child of a fork, a run of the parent may be half done."""
        self._lock = threading.Lock()
        self.networks: OrderedDict[str, _Network] = OrderedDict()

    def infer(self, reseau: Reseau, given: _Verdicts) -> Inference:
        """Check, then run, one at a time."""
        with self._lock:
            network = self._ready(reseau)
            network.check(given)
            return network.run(given)

    def _ready(self, reseau: Reseau) -> _Network:
        network = self.networks.get(reseau.cle)
        if network is not None and network.reseau is not reseau and network.reseau != reseau:
            raise ValueError(f"deux réseaux différents portent la clé « {reseau.cle} »")
        if network is None or network.host.closed:
            network = self.networks[reseau.cle] = _Network(reseau)
        self.networks.move_to_end(reseau.cle)
        while len(self.networks) > _NETWORKS_KEPT:
            self.networks.popitem(last=False)[1].host.close()
        return network


def _rules(
    observe: Callable[[str, str, int, str], None], conclude: Callable[[str, str, int, int, str], None]
) -> Iterable[Rule]:
    """Yield the generic rules, by priority: floor after floor, and within each the best trigger first."""

    def observing(family: str, word: str, status: int) -> Callable[[str], None]:
        return lambda name: observe(family, word, status, name)

    def concluding(family: str, word: str, conditions: int, trigger: int) -> Callable[[str], None]:
        return lambda name: conclude(family, word, conditions, trigger, name)

    for family in (_REGIME, _PLAFOND):
        for status in (_VRAI, _INCONNU):
            word = _WORDS[status, status]
            yield Rule(f"{family}.{word}", {"type": family, "statut": status}, observing(family, word, status))
    for family in (_DISPOSITIF, _OBLIGATION, _ALERTE):
        for (conditions, trigger), word in _WORDS.items():
            if family == _ALERTE and conditions != _VRAI:
                continue  # an alert has no conditions of its own
            when: dict[str, str | int] = {"type": family, "conditions": conditions, "appui": trigger}
            yield Rule(f"{family}.{word}", when, concluding(family, word, conditions, trigger))


def _doubles(families: Iterable[Iterable[str]]) -> str:
    seen: set[str] = set()
    for name in (name for family in families for name in sorted(family)):
        if name in seen:
            return f"« {name} » nomme deux choses dans le réseau : un identifiant n'en désigne qu'une"
        seen.add(name)
    raise AssertionError


_workshop = _Workshop()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_workshop.forget)
