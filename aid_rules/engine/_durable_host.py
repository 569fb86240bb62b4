"""The fenced door to durable_rules: one session, no timers, no negation, no join, state deleted after each run.

The library is a C core last changed in 2020. Each choice below answers a limit that was measured; the tests of the
inference hold them one by one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import NamedTuple

from durable.engine import Host, durable_rules_engine

from aid_rules.faults import WorkError

_SESSION = "0"
_RULESET = "inference"
_SENTINEL = "fin"
_decode = json.JSONDecoder().raw_decode
_STATE_FACT = f"sid-{_SESSION}"
"""Identifier of the fact that the library itself adds to a session."""


def fnv1a32(text: str) -> int:
    """Hash `text` as the library does: by this number alone it tells two facts of a session apart."""
    number = 0x811C9DC5
    for byte in text.encode():
        number = (number ^ byte) * 0x01000193 & 0xFFFFFFFF
    return number


class ShortIds:
    """Short fact identifiers, none of which shares its 32-bit hash with another or with the library's own facts."""

    def __init__(self, hashing: Callable[[str], int] = fnv1a32) -> None:
        self._hash = hashing
        self._taken = {hashing(_SENTINEL), hashing(_STATE_FACT)}
        self._ids: list[str] = []
        self._candidates = (f"f{number:x}" for number in count())

    def __getitem__(self, rank: int) -> str:
        while len(self._ids) <= rank:
            candidate = next(self._candidates)
            number = self._hash(candidate)
            if number not in self._taken:
                self._taken.add(number)
                self._ids.append(candidate)
        return self._ids[rank]


_IDS = ShortIds()


class Rule(NamedTuple):
    """One generic rule: every equality of `when` holds for one fact, then `run` is called with the fact's name."""

    name: str
    when: Mapping[str, str | int]
    run: Callable[[str], None]


class DurableHost(Host):  # type: ignore[misc] # the library carries no types
    """One ruleset of the library and its only session.

    `rules` come by priority, first rule first. Not for two threads at once: the caller holds a lock. The library's own
    loop over actions costs five times this one, swallows what an action raises and reads the clock: it is not used.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        super().__init__()
        self._runs = {rule.name: rule.run for rule in rules}
        self._bodies = {rule.name: json.dumps(dict(rule.when))[1:-1] for rule in rules}
        self._names: dict[str, str] = {}
        definition = {
            rule.name: {
                "all": [{"m": {"$and": [{key: value} for key, value in rule.when.items()]}}],
                "pri": rank,
                "run": _run_here,
            }
            for rank, rule in enumerate(rules, start=1)
        }
        definition[_SENTINEL] = {
            "all": [{"m": {"type": _SENTINEL}}],
            "pri": len(rules) + 1,
            "run": _run_here,
        }
        self.register_rulesets({_RULESET: definition})
        self._engine_handle: int | None = self.get_ruleset(_RULESET)._handle  # noqa: SLF001 # no public name

    def _run(self) -> None:
        """Start no timer: with the two of the library on, deleting a state crashes and some results are wrong."""

    @property
    def closed(self) -> bool:
        """Whether the ruleset was released: by `close`, or because a run failed."""
        return self._engine_handle is None

    def close(self) -> None:
        """Release the ruleset in the C core, which would otherwise leak."""
        handle, self._engine_handle = self._engine_handle, None
        if handle is not None:
            durable_rules_engine.delete_ruleset(handle)

    def infer(self, facts: Sequence[tuple[str, str]]) -> None:
        """Assert `facts`, pairs of rule and name, in one batch, and run every action, until the last-priority sentinel.

        What an action raises is raised here. Raises `WorkError` when the library did not answer as it was measured to.
        After any failure the host is closed: nothing of that run can reach the next.
        """
        handle, finished = self._engine_handle, False
        assert handle is not None
        self._names.clear()
        try:
            texts = [self._fact(rule, name) for rule, name in facts]
            # In every session an action must run: deleting a state where none did frees a pointer never set.
            texts.append(f'{{"id":"{_SENTINEL}","sid":"{_SESSION}","type":"{_SENTINEL}"}}')
            code, state = durable_rules_engine.assert_facts(handle, f"[{','.join(texts)}]")
            _check(code)
            first = durable_rules_engine.start_action_for_state(handle, state)
            last, message = "", first and first[1]
            while message:
                ((last, match),) = _decode(message)[0].items()
                if last != _SENTINEL:
                    self._runs[last](self._names[match["m"]["id"]])
                message = durable_rules_engine.complete_and_start_action(handle, state)
            if last != _SENTINEL:
                raise WorkError("le moteur d'inférence s'est arrêté avant la fin : relancer l'évaluation")
            durable_rules_engine.delete_state(handle, _SESSION)
            finished = True
        except durable_rules_engine.error as error:
            raise WorkError(f"le moteur d'inférence a échoué ({error}) : relancer l'évaluation") from error
        finally:
            if not finished:  # left where it lies: a leak, once, is better than freeing a state half made
                self._engine_handle = None

    def add(self, rule: str, name: str) -> None:
        """From an action: assert one more fact, made to match `rule`."""
        _check(durable_rules_engine.assert_fact(self._engine_handle, self._fact(rule, name))[0])

    def _fact(self, rule: str, name: str) -> str:
        # The name stays here: only generated identifiers and small integers enter the C core.
        short = _IDS[len(self._names)]
        self._names[short] = name
        return f'{{"id":"{short}","sid":"{_SESSION}",{self._bodies[rule]}}}'


def _run_here(_closure: object) -> None:
    """Stand for the action that the library asks of each rule (one parameter: with two it never ends)."""
    raise AssertionError


def _check(code: int) -> None:
    # 1: no rule for a fact, when each is made to match one; 2: two facts taken for one. Either would be a lost fact.
    if code:
        raise WorkError(f"le moteur d'inférence a refusé un fait (code {code}) : relancer l'évaluation")
