"""Cumulation arithmetic (RGEC article 8, de minimis article 5): sums per cost base, to the cent.

Aids are spread over the cost lines they name in any way; a set of lines is overrun when the aids that can only fall
within it exceed its ceiling. Every union of the aids' lines counts: pairs of aids would miss overruns. A minimum cut
proves that no union is overrun; when one may be, unions are listed, or searched by branch and bound when too many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from aid_rules.law.flot import INFINI, Reseau
from aid_rules.law.plafonds import ECHELLE, Plafond

Interval = tuple[int, int | None]

MAX_UNIONS = 4096
"""Unions listed one by one; beyond, they are searched."""
PEU_DE_BLOCS = 4
"""Sets of lines so few that listing their unions costs less than a cut."""
MAX_TROUVES = 32
"""Overrun sets told when unions are searched: one is never missed, their list may stop there."""
MAX_RECHERCHES = 256
"""Searches for other overrun sets, once one is found."""
MAX_ESSAIS = 20_000
"""Trials of a search; what they leave open is told as doubtful, never left out."""


class AideSurCouts(NamedTuple):
    """One public aid: amount bounds in cents, and the cost lines it may fund."""

    id: str
    montant: Interval
    lignes: frozenset[str]


class Depassement(NamedTuple):
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


class Plafonds(NamedTuple):
    """The ceiling of any set of lines: allowed for certain (`bas`), at most (`haut`)."""

    bas: Plafond
    haut: Plafond

    def intervalle(self, lignes: frozenset[str]) -> Interval:
        """Return the least and greatest ceiling, in cents."""
        return (self.bas.cents(lignes) or 0, self.haut.cents(lignes))


class _Bloc(NamedTuple):
    """The aids that name the same lines, on one side: amount in ten-thousandths of a cent."""

    lignes: frozenset[str]
    montant: int
    marques: int


def total(aides: Iterable[AideSurCouts], lignes: frozenset[str]) -> tuple[Interval, tuple[str, ...]]:
    """Return the sum of the aids that can only fall within `lignes`, and their names."""
    low = 0
    high: int | None = 0
    names = []
    for aide in aides:
        if aide.lignes and aide.lignes <= lignes:
            low += aide.montant[0]
            high = None if high is None or aide.montant[1] is None else high + aide.montant[1]
            names.append(aide.id)
    return (low, high), tuple(names)


def unions(sets: Iterable[frozenset[str]], limite: int = MAX_UNIONS) -> list[frozenset[str]] | None:
    """Return every union of the sets, smallest first; None when there are more than `limite`."""
    closed: dict[frozenset[str], None] = {}
    for item in dict.fromkeys(s for s in sets if s):
        new = [item, *(item | other for other in closed)]
        closed.update(dict.fromkeys(new))
        if len(closed) > limite:
            return None
    return sorted(closed, key=lambda s: (len(s), sorted(s)))


def depassements(
    aides: Sequence[AideSurCouts],
    plafonds: Plafonds,
    exige: Sequence[frozenset[str]] = (),
    memes_couts: bool = True,
) -> list[Depassement]:
    """Return the least sets of lines that are, or may be, overrun, smallest first.

    `exige` lists groups of aids: a set counts only when it holds one aid of each. With `memes_couts` the aids of a set
    must share lines, one with the next; otherwise a ceiling may bind aids on distinct costs. A set that may be overrun
    is left out when a part of it is overrun for certain.
    """
    parts = list(_tenants(aides)) if memes_couts else [aides]
    doubtful = [s for part in parts for s in _Recherche(part, plafonds.bas, exige, memes_couts, haut=True).minimaux()]
    if not doubtful:
        return []
    certain = [s for part in parts for s in _Recherche(part, plafonds.haut, exige, memes_couts, haut=False).minimaux()]
    found = [(lines, True) for lines in certain]
    found += [(lines, False) for lines in doubtful if not any(sure <= lines for sure in certain)]
    told = []
    for lines, sure in sorted(found, key=lambda pair: (len(pair[0]), sorted(pair[0]))):
        amount, names = total(aides, lines)
        told.append(Depassement(lines, names, amount, plafonds.intervalle(lines), sure))
    return told


def marge(aides: Sequence[AideSurCouts], ligne: str, plafonds: Plafonds) -> Interval:
    """Return what may still be granted on a line, in cents: the least room of the sets of lines that hold it."""
    near = _proches(aides, ligne)
    least = _Recherche(near, plafonds.bas, (), memes_couts=True, haut=True).reste(ligne)
    most = _Recherche(near, plafonds.haut, (), memes_couts=True, haut=False).reste(ligne)
    return (0 if least is None else least, most)


def _proches(aides: Sequence[AideSurCouts], ligne: str) -> list[AideSurCouts]:
    """Return the aids that share costs with a line, one through another."""
    near = {ligne}
    while True:
        wider = near.union(*(a.lignes for a in aides if not near.isdisjoint(a.lignes)))
        if wider == near:
            return [a for a in aides if a.lignes <= near]
        near = wider


def _tenants(aides: Iterable[AideSurCouts]) -> Iterator[list[AideSurCouts]]:
    """Yield the aids by groups that share no costs: no set of aids joined one with the next is over two of them."""
    rest = [aide for aide in aides if aide.lignes]
    while rest:
        part = _proches(rest, next(iter(rest[0].lignes)))
        yield part
        rest = [aide for aide in rest if aide not in part]


def _d_un_tenant(sets: Iterable[frozenset[str]]) -> bool:
    """Tell whether sets of lines are joined, one with the next."""
    rest = list(sets)
    reached = rest.pop() if rest else frozenset()
    while rest:
        near = [s for s in rest if not reached.isdisjoint(s)]
        if not near:
            return False
        reached = reached.union(*near)
        rest = [s for s in rest if reached.isdisjoint(s)]
    return True


class _Recherche:
    """Overrun sets on one side: greatest amounts against the least ceiling, or the reverse."""

    def __init__(
        self,
        aides: Sequence[AideSurCouts],
        plafond: Plafond,
        exige: Sequence[frozenset[str]],
        memes_couts: bool,
        haut: bool,
    ) -> None:
        self.plafond = plafond
        self.memes_couts = memes_couts
        self.haut = haut
        self.essais = 0
        self.requises = (1 << len(exige)) - 1
        merged: dict[frozenset[str], tuple[int, int]] = {}
        for aide in aides:
            amount = aide.montant[1] if haut else aide.montant[0]
            scaled = INFINI >> 20 if amount is None else amount * ECHELLE
            marks = sum(1 << index for index, group in enumerate(exige) if aide.id in group)
            old = merged.get(aide.lignes, (0, 0))
            if aide.lignes and scaled:
                merged[aide.lignes] = (old[0] + scaled, old[1] | marks)
        self.blocs = [_Bloc(lines, amount, marks) for lines, (amount, marks) in merged.items()]

    def minimaux(self) -> list[frozenset[str]]:
        """Return the overrun sets of which no part is overrun."""
        if not self._admis(self.blocs):
            return []
        if len(self.blocs) > PEU_DE_BLOCS and self._coupe(frozenset(), frozenset(), None)[0] <= 0:
            return []
        families = unions(bloc.lignes for bloc in self.blocs)
        if families is None:
            return self._chercher_tous()
        found: list[frozenset[str]] = []
        for lines in families:
            if not any(part <= lines for part in found) and self.depasse(lines):
                found.append(lines)
        return found

    def depasse(self, lignes: frozenset[str]) -> bool:
        """Tell whether the aids confined to some lines exceed their ceiling."""
        ceiling = self.plafond.exact(lignes)
        inside = [bloc for bloc in self.blocs if bloc.lignes <= lignes]
        if ceiling is None or sum(b.montant for b in inside) <= ceiling or not self._admis(inside):
            return False
        return not self.memes_couts or _d_un_tenant(bloc.lignes for bloc in inside)

    def _admis(self, blocs: Iterable[_Bloc]) -> bool:
        marks = 0
        for bloc in blocs:
            marks |= bloc.marques
        return marks == self.requises

    def _chercher_tous(self) -> list[frozenset[str]]:
        found: list[frozenset[str]] = []
        stack: list[frozenset[int]] = [frozenset()]
        seen = set(stack)
        while stack and len(found) < MAX_TROUVES and len(seen) < MAX_RECHERCHES and self.essais <= MAX_ESSAIS:
            out = stack.pop()
            worst = self.pire(hors=out)
            if worst is None:
                continue
            least = self._reduire(worst)
            lines = frozenset().union(*(self.blocs[i].lignes for i in least))
            if not any(part <= lines for part in found):
                found = [*(part for part in found if not lines <= part), lines]
            for number in least:
                if (branch := out | {number}) not in seen:
                    seen.add(branch)
                    stack.append(branch)
        return found

    def _reduire(self, numbers: frozenset[int]) -> frozenset[int]:
        """Drop blocks one by one while the rest is still overrun: the widest first, for the narrow hide within them."""
        for number in sorted(numbers, key=lambda i: len(self.blocs[i].lignes), reverse=True):
            less = numbers - {number}
            lines = frozenset().union(*(self.blocs[i].lignes for i in less))
            if self.depasse(lines):
                numbers = less
        return numbers

    def pire(self, hors: frozenset[int] = frozenset()) -> frozenset[int] | None:
        """Return the blocks of an overrun set, None when there is none: cuts bound, blocks are tried in and out.

        Beyond the trials allowed, a set that may be overrun is given on the side that doubts, none on the one sure.
        """
        stack: list[tuple[frozenset[int], frozenset[int]]] = [(frozenset(), hors)]
        while stack:
            inside, out = stack.pop()
            if not self._admis(bloc for i, bloc in enumerate(self.blocs) if i not in out):
                continue
            bound, taken = self._coupe(inside, out, None)
            if bound <= 0:
                continue
            lines = frozenset().union(*(self.blocs[i].lignes for i in taken))
            self.essais += 1
            if self.depasse(lines):
                return taken
            if self.essais > MAX_ESSAIS:
                return taken if self.haut else None
            if (choice := self._brancher(inside, out, taken)) is not None:
                stack += [(inside, out | {choice}), (inside | {choice}, out)]
        return None

    def reste(self, ligne: str) -> int | None:
        """Return the least room, in cents, of the sets that hold a line; None when nothing limits it."""
        own = frozenset({ligne})
        if len(self.blocs) <= PEU_DE_BLOCS:
            families = unions(bloc.lignes for bloc in self.blocs) or ()
            rooms = [room for lines in (own, *families) if (room := self._place(ligne, own | lines)) is not None]
            return max(0, min(rooms) // ECHELLE) if rooms else None
        best: int | None = None
        stack: list[tuple[frozenset[int], frozenset[int]]] = [(frozenset(), frozenset())]
        while stack:
            inside, out = stack.pop()
            bound, taken = self._coupe(inside, out, ligne)
            if bound <= -(INFINI >> 2) or (best is not None and -bound >= best):
                continue
            self.essais += 1
            room = self._place(ligne, own.union(*(self.blocs[i].lignes for i in taken)))
            if self.essais > MAX_ESSAIS:
                if not self.haut:
                    break  # what was found is the most that there may be; the bound is the least
                best = -bound
            elif room is not None:
                best = room if best is None else min(best, room)
            if best is not None and best <= 0:
                return 0
            if (choice := self._brancher(inside, out, taken)) is not None:
                stack += [(inside, out | {choice}), (inside | {choice}, out)]
        return None if best is None else best // ECHELLE

    def _place(self, ligne: str, lignes: frozenset[str]) -> int | None:
        """Return the room of a set that holds a line; None when nothing limits it, or when its aids are apart."""
        ceiling = self.plafond.exact(lignes)
        within = [bloc for bloc in self.blocs if bloc.lignes <= lignes]
        if ceiling is None or not _d_un_tenant([frozenset({ligne}), *(bloc.lignes for bloc in within)]):
            return None
        return ceiling - sum(bloc.montant for bloc in within)

    def _brancher(self, inside: frozenset[int], out: frozenset[int], taken: frozenset[int]) -> int | None:
        free = [i for i in range(len(self.blocs)) if i not in inside and i not in out]
        return max(free, key=lambda i: (i in taken, self.blocs[i].montant), default=None)

    def _coupe(self, inside: frozenset[int], out: frozenset[int], ligne: str | None) -> tuple[int, frozenset[int]]:
        """Bound the excess of every set between `inside` and all but `out`: what a minimum cut leaves.

        The purpose of each line is fixed to a lawful one: the ceiling is then least, and the excess greatest.
        """
        network = Reseau()
        used = [i for i in range(len(self.blocs)) if i not in out]
        lines = frozenset().union(*(self.blocs[i].lignes for i in used), () if ligne is None else (ligne,))
        nodes = dict(self._lignes(network, lines))
        amount = 0
        starts = {}
        for number in used:
            starts[number] = node = network.noeud()
            bloc = self.blocs[number]
            amount += bloc.montant
            network.arc(Reseau.SOURCE, node, INFINI if number in inside else bloc.montant)
            for line in bloc.lignes:
                network.arc(node, nodes[line], INFINI)
        if ligne is not None:
            network.arc(Reseau.SOURCE, nodes[ligne], INFINI)
        cut, side = network.coupe()
        return amount - cut, frozenset(n for n, node in starts.items() if node in side)

    def _lignes(self, network: Reseau, lines: frozenset[str]) -> Iterator[tuple[str, int]]:
        chosen = self.plafond.choix(lines)
        purposes: dict[int, int] = {}
        bases: dict[str, int] = {}
        for line in lines:
            node = network.noeud()
            yield line, node
            number = chosen.get(line)
            if number is None:
                free = self.plafond.ailleurs
                network.arc(node, Reseau.PUITS, INFINI if free is None else free * ECHELLE)
                continue
            possible = self.plafond.possibilites[number]
            if possible.base not in bases:
                bases[possible.base] = network.noeud()
                network.arc(bases[possible.base], Reseau.PUITS, _capacite(possible.plafond_base))
            if number not in purposes:
                purposes[number] = network.noeud()
                network.arc(purposes[number], bases[possible.base], _capacite(possible.plafond))
            cost = possible.couts[line]
            capacity = INFINI if cost is None and possible.taux else possible.taux * (cost or 0)
            network.arc(node, purposes[number], capacity)


def _capacite(cap: int | None) -> int:
    return INFINI if cap is None else cap * ECHELLE


def marges(aides: Sequence[AideSurCouts], lignes: Iterable[str], plafonds: Plafonds) -> Mapping[str, Interval]:
    """Return what may still be granted on each line, in cents."""
    return {ligne: marge(aides, ligne, plafonds) for ligne in lignes}
