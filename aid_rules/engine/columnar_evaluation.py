"""Runs the law over a table: each version of each basis over the rows of its days that it concerns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from aid_rules.engine import vector_kernel as machine
from aid_rules.engine import vector_rows as tri
from aid_rules.engine.appuis import HORS_AIDE, cle_volet
from aid_rules.engine.columnar_lines import Ensembles
from aid_rules.engine.columnar_programmes import Calcul, Programmes
from aid_rules.engine.columnar_table import Table, drapeaux, etats, periodes
from aid_rules.engine.columnar_vectors import NON_ECRIT, Tampons, vecteurs
from aid_rules.engine.vector_kernel import VECTEUR, Donnees, Ecrits
from aid_rules.engine.vector_program import LARGEUR

if TYPE_CHECKING:
    from aid_rules.engine.moteur import Engine

T = TypeVar("T")

_FILS = 2
"""Pieces of a table computed side by side."""

_MORCEAU = 1 << 16
"""Rows of a piece: bounds what is held besides the table and the results."""


@dataclass(frozen=True, slots=True)
class Bloc:
    """What one basis, or one of its volets, gives: `rang` is that of its computation, `numero` 0 for the basis."""

    nom: str
    rang: int
    numero: int


@dataclass(frozen=True, slots=True)
class Morceau:
    """What the law gives to some rows, from the row `debut` of a table: their criteria, and the blocks of the bases.

    The rows that a block concerns are `lignes[bornes[k] : bornes[k + 1]]`, its fields the same stretch of `champs`;
    `places` gives for each row the place of its period in the plan. The next piece is written over `champs`: what is
    kept of them is copied.
    """

    debut: int
    criteres: pl.DataFrame
    places: NDArray[np.int16]
    lignes: NDArray[np.int32]
    champs: Ecrits
    bornes: NDArray[np.int64]


class Plan:
    """What to run over the rows of some periods, laid out for the machine."""

    def __init__(self, levels: Sequence[Sequence[Calcul]], purposes: Ensembles, *, volets: bool) -> None:
        self.calculs = [calcul for level in levels for calcul in level]
        ends = list(accumulate(map(len, levels)))
        self.niveaux = [(end - len(level), end) for end, level in zip(ends, levels, strict=True)]
        self.blocs, hidden = self._blocs(volets=volets)
        self.ordre = [*self.blocs, *hidden]
        programs = [c.programme for c in self.calculs]
        self.code = np.concatenate([np.zeros((0, LARGEUR), dtype=np.int64), *(p.code for p in programs)])
        self.instructions = _tranches(len(p.code) for p in programs)
        self.registres = np.array([[p.registres[b] for b in "UIS"] for p in programs], dtype=np.int64).reshape(-1, 3)
        written = {column for p in programs for column in p.ecrites}
        self.lues = sorted({column for p in programs for column in p.colonnes} - written)
        self.criteres = sorted(name for bank, name in written if bank == "U" and not name.startswith("prealable|"))
        self.premiers = np.array([0, *accumulate(c.blocs for c in self.calculs)], dtype=np.int64)
        self.places = np.array([p for c in self.calculs for p in c.places], dtype=np.int64)
        self.selection = self._selection(purposes)
        self.cites = [(rank, c.numero) for rank, c in enumerate(self.calculs) if c.regime and c.blocs > 1]

    def _blocs(self, *, volets: bool) -> tuple[list[Bloc], list[Bloc]]:
        """Return the blocks that are shown, then those that only the schemes read."""
        shown: list[Bloc] = []
        hidden: list[Bloc] = []
        for rank, calcul in enumerate(self.calculs):
            regime = calcul.regime
            if regime is None:
                continue
            (shown if calcul.voulu else hidden).append(Bloc(regime.id, rank, 0))
            for number, volet in enumerate(regime.volets[: calcul.blocs - 1], start=1):
                scheme = regime.genre == "dispositif"
                name = cle_volet(regime.id, volet.id) if scheme else f"{regime.id}:{volet.id}"
                told = calcul.voulu and (name != regime.id if scheme else volets)
                (shown if told else hidden).append(Bloc(name, rank, number))
        return shown, hidden

    def _selection(self, purposes: Ensembles) -> NDArray[np.int64]:
        """Return for each computation its first and last places, whether it goes over all rows, and its purposes."""
        words = purposes.mots
        found = np.zeros((len(self.calculs), 3 + words), dtype=np.int64)
        found[:, :2] = _tranches(len(c.places) for c in self.calculs)
        for row, calcul in zip(found, self.calculs, strict=True):
            row[2] = calcul.finalites is None
            if calcul.finalites is not None:
                row[3:] = purposes.masque(calcul.finalites)
        return found


def _tranches(lengths: Iterable[int]) -> NDArray[np.int64]:
    """Return where each of several stretches starts and ends, put one after the other."""
    return np.array(list(pairwise([0, *accumulate(lengths)])), dtype=np.int64).reshape(-1, 2)


class Evaluateur:
    """The columnar evaluator of an engine: what it compiles is kept for the next tables."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.programmes = Programmes(engine)
        self._plans: dict[tuple[object, ...], Plan] = {}
        self._tampons: list[Tampons] = []

    def evaluer(
        self,
        table: Table,
        rendre: Callable[[Plan, Morceau], T],
        bases: Iterable[str] | None = None,
        *,
        volets: bool = False,
    ) -> Iterator[T]:
        """Evaluate every row at its own award date, and yield what is made of each piece, in order.

        `bases` restricts to some bases, `volets` details their volets.
        """
        programs = self.programmes
        programs.adapter(drapeaux(table), etats(table, self.engine.slots))
        changes = [d.toordinal() for d in self.engine.book.changements]
        days = table.faits["date_octroi"].cast(pl.Int64)
        periods = np.maximum(periodes(days, changes).to_numpy(), 0)
        present = np.flatnonzero(np.bincount(periods))
        ranks = np.zeros(1 + int(periods.max(initial=0)), dtype=np.int16)
        ranks[present] = np.arange(len(present))
        places = ranks[periods]
        wanted = None if bases is None else frozenset(bases)
        key = (tuple(present.tolist()), wanted, volets, id(programs.profil))
        if key not in self._plans:
            levels = programs.calculs(present.tolist(), wanted, volets=volets)
            self._plans = {key: Plan(levels, programs.finalites, volets=volets)}
        plan = self._plans[key]
        size = min(_MORCEAU, max(VECTEUR, -(-table.height // _FILS)))
        starts = range(0, max(table.height, 1), size)

        def run(start: int, piece: Table) -> T:
            buffers = self._tampons.pop() if self._tampons else Tampons()
            found = rendre(plan, self._morceau(plan, piece, start, places[start : start + piece.height], buffers))
            self._tampons.append(buffers)
            return found

        with ThreadPoolExecutor(_FILS) as threads:
            yield from threads.map(run, starts, table.morceaux(size))

    def _morceau(self, plan: Plan, table: Table, start: int, places: NDArray[np.int16], buffers: Tampons) -> Morceau:
        programs = self.programmes
        registre, purposes, types = programs.registre, programs.finalites, programs.postes
        data = vecteurs(table, self.engine.slots, plan.lues, registre, purposes, types, buffers)
        for name in plan.criteres:
            data.u[registre.numero(("U", name))] = NON_ECRIT
        order = np.argsort(places, kind="stable").astype(np.int32)
        counts = np.bincount(places, minlength=1 + int(plan.places.max(initial=0)))
        spans = _tranches(counts.tolist())
        index, firsts, sizes = _concernes(plan, data, order, spans, buffers)
        bounds, starts = _blocs_de(plan, sizes)
        height = int(bounds[-1])
        fields = Ecrits(
            buffers.prendre("verdict", (height,), np.uint8),
            buffers.prendre("motif", (height,), np.int16),
            buffers.prendre("taux", (2, height), np.int16),
            buffers.prendre("montant", (2, height), np.int64),
        )
        where = buffers.prendre("places", (len(plan.cites), table.height), np.int32)
        cites = _citer(plan, index, firsts, sizes, where)
        for first, last in plan.niveaux:
            units = _unites(plan, first, last, firsts, sizes)
            machine.executer(plan.code, units, index, data, fields, cites, where, starts)
        shown = [slice(firsts[b.rang], firsts[b.rang] + sizes[b.rang]) for b in plan.blocs]
        rows = np.concatenate([np.zeros(0, np.int32), *(index[cut] for cut in shown)])
        return Morceau(start, _criteres(plan, data, self.programmes), places, rows, fields, bounds)


def _concernes(
    plan: Plan, data: Donnees, order: NDArray[np.int32], spans: NDArray[np.int64], buffers: Tampons
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of each computation: where they all stand, where each starts, and how many they are."""
    lengths = (spans[:, 1] - spans[:, 0])[plan.places]
    most = np.add.reduceat(lengths, plan.selection[:, 0]) if len(plan.calculs) else np.zeros(0, np.int64)
    firsts = np.concatenate([[0], np.cumsum(most)]).astype(np.int64)
    index = buffers.prendre("index", (int(firsts[-1]) + 1,), np.int32)
    sizes = np.zeros(len(plan.calculs), np.int64)
    masks = buffers.prendre("masques", (plan.selection.shape[1] - 3, len(order)), np.int64)
    tri.masquer(data.debuts, data.finalite, masks)
    tri.concernes(masks, data.inconnus, order, spans, plan.places, plan.selection, firsts, index, sizes)
    return index, firsts, sizes


def _blocs_de(plan: Plan, sizes: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the ends of the blocks, in the order in which they are written, and where each starts, by computation."""
    ranks = np.array([b.rang for b in plan.ordre], dtype=np.int64)
    bounds = np.concatenate([[0], np.cumsum(sizes[ranks])]).astype(np.int64)
    starts = np.zeros(plan.premiers[-1] + 1, dtype=np.int64)
    starts[[plan.premiers[b.rang] + b.numero for b in plan.ordre]] = bounds[:-1]
    return bounds, starts


def _citer(
    plan: Plan,
    index: NDArray[np.int32],
    firsts: NDArray[np.int64],
    sizes: NDArray[np.int64],
    where: NDArray[np.int32],
) -> NDArray[np.int64]:
    """Write where the result of each row stands in the computations that others read; return their first blocks."""
    table = np.zeros((1 + max((n for _, n in plan.cites), default=0), 2), dtype=np.int64)
    ranks = np.array([rank for rank, _ in plan.cites], dtype=np.int64)
    for row, (rank, number) in enumerate(plan.cites):
        table[number] = row, plan.premiers[rank]
    tri.situer(index, firsts, sizes, ranks, where)
    return table


def _unites(
    plan: Plan, first: int, last: int, firsts: NDArray[np.int64], sizes: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return what the machine runs for some computations: each program over vectors of its rows."""
    counts = -(-sizes[first:last] // VECTEUR)
    ranks = np.repeat(np.arange(first, last), counts)
    rounds = np.arange(len(ranks)) - np.repeat(np.cumsum(counts) - counts, counts)
    at = rounds * VECTEUR
    length = np.minimum(sizes[ranks] - at, VECTEUR)
    columns = (plan.instructions[ranks], (firsts[ranks] + at)[:, None], length[:, None], plan.premiers[ranks][:, None])
    return np.hstack([*columns, at[:, None], plan.registres[ranks]]).astype(np.int64)


def _criteres(plan: Plan, data: Donnees, programs: Programmes) -> pl.DataFrame:
    """Return the criteria of each row, null where the law of its day has no such criterion."""
    numbers = programs.registre.numeros
    columns = []
    for name in plan.criteres:
        values = data.u[numbers["U"][name]].copy()  # the next piece writes there
        found = pl.Series(name.replace("|", "."), values)
        absent = values == NON_ECRIT
        columns.append(found.scatter(np.flatnonzero(absent), None) if absent.any() else found)
        if name != HORS_AIDE:
            reason = f"{name.removesuffix('verdict')}motif"
            told = pl.Series(reason.replace("|", "."), data.s[numbers["S"][reason]].copy())
            columns.append(told.scatter(np.flatnonzero(absent), None) if absent.any() else told)
    return pl.DataFrame(columns)
