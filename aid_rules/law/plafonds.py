"""The highest aid that some cost lines may bear, over all the bases that serve them (RGEC article 8(3)(b)).

Each group of lines served by the same purposes takes the most favourable of them; a cap of a purpose or of a basis
holds over all its lines together. Sums are kept in ten-thousandths of a cent: only the total is rounded down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from aid_rules.amounts import BP_PER_UNIT

ECHELLE = BP_PER_UNIT
"""Units in a cent: an amount times a rate in basis points is then whole."""


class Possibilite(NamedTuple):
    """One purpose of a basis: its rate in basis points on the eligible amount of each line, in cents.

    `plafond` caps the purpose and `plafond_base` the whole basis; None for no cap, and for an amount without bound.
    """

    base: str
    taux: int
    couts: Mapping[str, int | None]
    plafond: int | None = None
    plafond_base: int | None = None


class Plafond:
    """The ceiling of any set of lines, on one side: what is allowed for certain, or at most.

    `ailleurs` is the ceiling of a line that nothing serves: 0, or None for no limit.
    """

    def __init__(self, possibilites: Iterable[Possibilite], ailleurs: int | None = 0) -> None:
        self.possibilites: tuple[Possibilite, ...] = tuple(possibilites)
        self.ailleurs = ailleurs
        self._serving: dict[str, tuple[int, ...]] = {}
        for number, possible in enumerate(self.possibilites):
            for line in possible.couts:
                self._serving[line] = (*self._serving.get(line, ()), number)
        self._known: dict[frozenset[str], int | None] = {}

    def exact(self, lignes: frozenset[str]) -> int | None:
        """Return the ceiling of the lines in ten-thousandths of a cent; None for no limit."""
        if lignes not in self._known:
            self._known[lignes] = self._best(lignes)
        return self._known[lignes]

    def cents(self, lignes: frozenset[str]) -> int | None:
        """Return the ceiling of the lines, rounded down to the cent; None for no limit."""
        found = self.exact(lignes)
        return None if found is None else found // ECHELLE

    def _best(self, lignes: frozenset[str]) -> int | None:
        groups: dict[tuple[int, ...], list[str]] = {}
        rest = 0
        for line in sorted(lignes):
            serving = self._serving.get(line, ())
            if serving:
                groups.setdefault(serving, []).append(line)
            elif self.ailleurs is None:
                return None
            else:
                rest += self.ailleurs * ECHELLE
        choices = [[(number, self._sum(number, lines)) for number in serving] for serving, lines in groups.items()]
        found = self._assign(choices)
        return None if found is None else found + rest

    def _sum(self, number: int, lines: Sequence[str]) -> int | None:
        """Return what one purpose gives on some lines, its caps aside."""
        possible = self.possibilites[number]
        amounts = [possible.couts[line] for line in lines]
        if None in amounts:
            return None if possible.taux else 0
        return possible.taux * sum(a for a in amounts if a is not None)

    def _assign(self, choices: Sequence[Sequence[tuple[int, int | None]]]) -> int | None:
        """Return the best total over every way of giving one purpose to each group; a bound cuts the search."""
        alone = [[self.total({number: value}) for number, value in options] for options in choices]
        if any(None in values for values in alone):
            return None
        tops = [max(v for v in values if v is not None) for values in alone]
        if len(choices) < 2 or not self._shared(choices):  # noqa: PLR2004 - nothing to share
            return sum(tops)
        rest = [sum(tops[index:]) for index in range(len(tops))]
        best = 0

        def walk(index: int, sums: dict[int, int | None]) -> None:
            nonlocal best
            now = self.total(sums) or 0
            if index == len(choices):
                best = max(best, now)
                return
            if now + rest[index] <= best:
                return
            for number, value in choices[index]:
                old = sums.get(number, 0)
                walk(index + 1, {**sums, number: None if old is None or value is None else old + value})

        walk(0, {})
        return best

    def _shared(self, choices: Sequence[Sequence[tuple[int, int | None]]]) -> bool:
        """Tell whether a cap bears on several groups."""
        capped: list[str] = []
        for options in choices:
            names = {
                self.possibilites[n].base
                for n, _ in options
                if self.possibilites[n].plafond is not None or self.possibilites[n].plafond_base is not None
            }
            capped += names
        return len(capped) > len(set(capped))

    def total(self, sums: Mapping[int, int | None]) -> int | None:
        """Return the sum of what purposes give, each within its caps and those of its basis."""
        bases: dict[str, int | None] = {}
        caps: dict[str, int | None] = {}
        for number, value in sums.items():
            possible = self.possibilites[number]
            within = _least(value, possible.plafond)
            old = bases.get(possible.base, 0)
            bases[possible.base] = None if old is None or within is None else old + within
            caps[possible.base] = possible.plafond_base
        found = 0
        for base, value in bases.items():
            within = _least(value, caps[base])
            if within is None:
                return None
            found += within
        return found

    def choix(self, lignes: frozenset[str]) -> dict[str, int]:
        """Return the purpose that gives each line the most, taken whole: one lawful choice, hence a lower bound."""
        groups: dict[tuple[int, ...], list[str]] = {}
        for line in sorted(lignes):
            serving = self._serving.get(line, ())
            if serving:
                groups.setdefault(serving, []).append(line)
        found = {}
        for serving, lines in groups.items():
            values = [(self.total({n: self._sum(n, lines)}), n) for n in serving]
            best = max(values, key=lambda pair: (pair[0] is None, pair[0] or 0))[1]
            found.update(dict.fromkeys(lines, best))
        return found


def _least(value: int | None, cap: int | None) -> int | None:
    """Bring an amount in ten-thousandths of a cent under a cap in cents."""
    if cap is None:
        return value
    return cap * ECHELLE if value is None else min(value, cap * ECHELLE)
