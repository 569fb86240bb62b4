"""Cumulation arithmetic (RGEC article 8, de minimis article 5): sums per cost base, to the cent.

Aids are spread over the cost lines they name in any way; a set of lines is overrun when the aids that can only fall
within it exceed its ceiling. Checking every union of the aids' lines is exact: pairs of aids would miss overruns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

Interval = tuple[int, int | None]

MAX_SETS = 4096


@dataclass(frozen=True, slots=True)
class AideSurCouts:
    """One public aid: amount bounds in cents, and the cost lines it may fund."""

    id: str
    montant: Interval
    lignes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Depassement:
    """A set of cost lines whose aids may exceed the ceiling; `certain` when they do whatever is unknown."""

    lignes: frozenset[str]
    aides: tuple[str, ...]
    total: Interval
    plafond: Interval
    certain: bool

    @property
    def excedent(self) -> int:
        """Cents over the ceiling: the least possible when certain, the greatest otherwise (0 when unbounded)."""
        if self.certain:
            assert self.plafond[1] is not None
            return self.total[0] - self.plafond[1]
        return max(0, (self.total[1] or 0) - self.plafond[0])


Plafond = Callable[[frozenset[str]], Interval]


def unions(sets: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    """Return every union of the sets, smallest first; beyond 4,096 only the sets and their connected unions."""
    base = list(dict.fromkeys(s for s in sets if s))
    closed: dict[frozenset[str], None] = {}
    for item in base:
        new = [item, *(item | other for other in closed)]
        closed.update(dict.fromkeys(new))
        if len(closed) > MAX_SETS:
            closed = dict.fromkeys([*base, *_components(base)])
            break
    return sorted(closed, key=lambda s: (len(s), sorted(s)))


def _components(sets: Sequence[frozenset[str]]) -> list[frozenset[str]]:
    found: list[frozenset[str]] = []
    for item in sets:
        touching = [c for c in found if c & item]
        found = [c for c in found if not c & item]
        found.append(item.union(*touching))
    return found


def total(aides: Iterable[AideSurCouts], lignes: frozenset[str]) -> tuple[Interval, tuple[str, ...]]:
    """Return the sum of the aids that can only fall within `lignes`, and their names."""
    low = 0
    high: int | None = 0
    names = []
    for aide in aides:
        if aide.lignes <= lignes:
            low += aide.montant[0]
            high = None if high is None or aide.montant[1] is None else high + aide.montant[1]
            names.append(aide.id)
    return (low, high), tuple(names)


def depassements(aides: Sequence[AideSurCouts], plafond: Plafond) -> list[Depassement]:
    """Return the sets of lines that are, or may be, overrun; a set is left out when a part of it says as much."""
    found: list[Depassement] = []
    for lignes in unions(aide.lignes for aide in aides):
        (low, high), names = total(aides, lignes)
        floor, ceiling = plafond(lignes)
        certain = ceiling is not None and low > ceiling
        doubtful = high is None or high > floor
        if not certain and not doubtful:
            continue
        if any(d.lignes < lignes and d.certain >= certain for d in found):
            continue
        found.append(Depassement(lignes, names, (low, high), (floor, ceiling), certain))
    return found


def marges(aides: Sequence[AideSurCouts], lignes: Iterable[str], plafond: Plafond) -> Mapping[str, Interval]:
    """Return what may still be granted on each line: the least room of the sets of lines that hold it."""
    families = unions([*(aide.lignes for aide in aides), *(frozenset({ligne}) for ligne in lignes)])
    rooms: dict[str, Interval] = {}
    for group in families:
        (low, high), _ = total(aides, group)
        floor, ceiling = plafond(group)
        least = 0 if high is None else max(0, floor - high)
        most = None if ceiling is None else max(0, ceiling - low)
        for ligne in group:
            old = rooms.get(ligne, (least, most))
            highest = old[1] if most is None else most if old[1] is None else min(old[1], most)
            rooms[ligne] = (min(old[0], least), highest)
    return rooms
