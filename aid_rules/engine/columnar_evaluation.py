"""Runs the law over a table: each version of each basis over the rows of its days that it concerns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import polars as pl
from numpy.typing import NDArray

from aid_rules.engine import vector_kernel as machine
from aid_rules.engine import vector_rows as tri
from aid_rules.engine.appuis import HORS_AIDE, cle_volet
from aid_rules.engine.columnar_lines import Ensembles
from aid_rules.engine.columnar_programmes import PREALABLE, Calcul, Programmes
from aid_rules.engine.columnar_selection import Selection
from aid_rules.engine.columnar_table import Table
from aid_rules.engine.columnar_vectors import NON_ECRIT, TablePrete, Tampons, Vecteurs
from aid_rules.engine.vector_kernel import VECTEUR, Donnees, Ecrits
from aid_rules.engine.vector_program import LARGEUR, Colonne

if TYPE_CHECKING:
    from aid_rules.engine.moteur import Engine

T = TypeVar("T")

_FILS = 2
"""Pieces of a table computed side by side."""

_MORCEAU = 1 << 17
"""Rows of a piece: bounds what is held besides the table and the results."""

_ENTIERE = 1 << 19
"""Rows up to which a table is made ready whole, and kept so; a longer one, part after part."""


@dataclass(frozen=True, slots=True)
class Bloc:
    """What one basis, or one of its volets, gives: `rang` is that of its computation, `numero` 0 for the basis."""

    nom: str
    rang: int
    numero: int


@dataclass(frozen=True, slots=True)
class Morceau:
    """What the law gives to some rows of a table: their criteria, and the blocks of the bases.

    `rangs` tells which rows these are. Among them, those that a block concerns are `lignes[bornes[k] : bornes[k + 1]]`,
    its fields the same stretch of `champs`; `places` gives for each the place of its period in the plan.
    """

    rangs: NDArray[np.uint32]
    criteres: pl.DataFrame
    places: NDArray[np.int16]
    lignes: NDArray[np.uint32]
    champs: Ecrits
    bornes: NDArray[np.int64]


class Plan:
    """What to run over the rows of some periods, laid out for the machine."""

    def __init__(self, levels: Sequence[Sequence[Calcul]], periodes: int, purposes: Ensembles, *, volets: bool) -> None:
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
        self.ecrites = sorted(written)
        self.criteres = sorted(name for bank, name in written if bank == "U" and not name.startswith(PREALABLE))
        self.partiels = self._partiels(frozenset(range(periodes)))
        self.premiers = np.array([0, *accumulate(c.blocs for c in self.calculs)], dtype=np.int64)
        self.selection = Selection(self.calculs, periodes, purposes)
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

    def _partiels(self, days: frozenset[int]) -> frozenset[str]:
        """Return the criteria that the law of some days has not."""
        told: dict[str, set[int]] = {name: set() for name in self.criteres}
        for calcul in self.calculs:
            for _, name in calcul.programme.ecrites:
                if name in told and calcul.finalites is None:
                    told[name].update(calcul.places)
        return frozenset(name for name, places in told.items() if places != days)


def _taille(height: int) -> int:
    """Return how many rows a piece of a table has: as many pieces for each thread, of about the same length."""
    rounds = max(1, -(-height // (_FILS * _MORCEAU)))
    return max(min(VECTEUR, _MORCEAU), -(-height // (_FILS * rounds)))


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
        self._connues: WeakKeyDictionary[Table, TablePrete] = WeakKeyDictionary()

    def evaluer(
        self,
        table: Table | TablePrete,
        rendre: Callable[[Plan, Morceau], T],
        bases: Iterable[str] | None = None,
        *,
        volets: bool = False,
        prete: bool = True,
    ) -> Iterator[T]:
        """Evaluate every row at its own award date, and yield what is made of each piece.

        `bases` restricts to some bases, `volets` details their volets. The next piece is written over the rows of this
        one, and over its fields unless `prete` is false: what is kept of them is copied.
        """
        for ready in self._pretes(table):
            yield from self._evaluer(ready, rendre, None if bases is None else frozenset(bases), volets, prete)

    def preparer(self, table: Table) -> TablePrete:
        """Return a table made ready, the same as long as the table lasts."""
        if table not in self._connues:
            self._connues[table] = TablePrete(table, self.engine.slots)
        return self._connues[table]

    def _pretes(self, table: Table | TablePrete) -> Iterator[TablePrete]:
        """Yield what to evaluate: the whole, or piece after piece when it is too long to be held twice."""
        if isinstance(table, TablePrete):
            yield table
        elif table.height <= _ENTIERE:
            yield self.preparer(table)
        else:
            for rank, part in enumerate(table.morceaux(_ENTIERE)):
                yield TablePrete(part, self.engine.slots, rank * _ENTIERE)

    def _evaluer(
        self,
        table: TablePrete,
        rendre: Callable[[Plan, Morceau], T],
        wanted: frozenset[str] | None,
        volets: bool,
        prete: bool,
    ) -> Iterator[T]:
        programs = self.programmes
        programs.adapter(table.drapeaux, table.etats)
        present, places = table.periodes([d.toordinal() for d in self.engine.book.changements])
        key = (present, wanted, volets, id(programs.profil))
        if key not in self._plans:
            levels = programs.calculs(present, wanted, volets=volets)
            self._plans = {key: Plan(levels, len(present), programs.finalites, volets=volets)}
        plan = self._plans[key]
        held = table.vecteurs(plan, plan.lues, programs.registre, programs.finalites, programs.postes)
        size = _taille(table.height)

        def run(start: int) -> T:
            buffers = self._tampons.pop() if self._tampons else Tampons()
            rows = slice(start, start + size)
            fields = buffers if prete else Tampons()
            piece = self._morceau(plan, held.tranche(start, size), table.rangs[rows], places[rows], buffers, fields)
            found = rendre(plan, piece)
            self._tampons.append(buffers)
            return found

        with ThreadPoolExecutor(_FILS) as threads:
            yield from threads.map(run, range(0, max(table.height, 1), size))

    def _morceau(
        self,
        plan: Plan,
        held: Vecteurs,
        rows: NDArray[np.uint32],
        places: NDArray[np.int16],
        buffers: Tampons,
        fields: Tampons,
    ) -> Morceau:
        data = held.donnees
        written = self._ecrites(plan, data, len(rows), buffers)
        index, firsts, sizes = plan.selection.lignes(data, places, buffers)
        bounds, starts = _blocs_de(plan, sizes)
        height = int(bounds[-1])
        amounts, rates, reasons, verdicts = fields.ensemble(
            "champs", ((2, height), np.int64), ((2, height), np.int16), ((height,), np.int16), ((height,), np.uint8)
        )
        told = Ecrits(verdicts, reasons, rates, amounts)
        where = buffers.prendre("places", (len(plan.cites), len(rows)), np.int32)
        cites = _citer(plan, index, firsts, sizes, where)
        units, ends = _unites(plan, firsts, sizes)
        for first, last in plan.niveaux:
            level = units[ends[first] : ends[last]]
            machine.executer(plan.code, level, index, data, told, cites, where, starts)
        return Morceau(rows, _criteres(plan, written), places, _lignes(plan, index, firsts, sizes), told, bounds)

    def _ecrites(self, plan: Plan, data: Donnees, height: int, buffers: Tampons) -> dict[Colonne, NDArray[Any]]:
        """Give the programs where to write the columns that others read, and return them."""
        found: dict[Colonne, NDArray[Any]] = {}
        for bank, addresses, kind in (("U", data.u, np.uint8), ("S", data.s, np.int16)):
            for column in plan.ecrites:
                if column[0] != bank:
                    continue
                hidden = column[1].startswith(PREALABLE)  # what is shown is kept: the next piece is not written there
                array = buffers.prendre(f"{bank} {column[1]}", (height,), kind) if hidden else np.empty(height, kind)
                found[column] = array
                addresses[self.programmes.registre.numero(column)] = array.ctypes.data
        for name in plan.partiels:
            found["U", name][:] = NON_ECRIT
        return found


def _blocs_de(plan: Plan, sizes: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the ends of the blocks, in the order in which they are written, and where each starts, by computation."""
    ranks = np.array([b.rang for b in plan.ordre], dtype=np.int64)
    bounds = np.concatenate([[0], np.cumsum(sizes[ranks])]).astype(np.int64)
    starts = np.zeros(plan.premiers[-1] + 1, dtype=np.int64)
    starts[[plan.premiers[b.rang] + b.numero for b in plan.ordre]] = bounds[:-1]
    return bounds, starts


def _citer(
    plan: Plan,
    index: NDArray[np.uint32],
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
    plan: Plan, firsts: NDArray[np.int64], sizes: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return what the machine runs, each program over vectors of its rows, and where these start by computation."""
    counts = -(-sizes // VECTEUR)
    ends = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    ranks = np.repeat(np.arange(len(sizes)), counts)
    at = (np.arange(len(ranks)) - ends[ranks]) * VECTEUR
    length = np.minimum(sizes[ranks] - at, VECTEUR)
    columns = (plan.instructions[ranks], (firsts[ranks] + at)[:, None], length[:, None], plan.premiers[ranks][:, None])
    return np.hstack([*columns, at[:, None], plan.registres[ranks]]).astype(np.int64), ends


def _lignes(
    plan: Plan, index: NDArray[np.uint32], firsts: NDArray[np.int64], sizes: NDArray[np.int64]
) -> NDArray[np.uint32]:
    """Return the rows of the blocks that are shown, one after the other."""
    runs: list[slice] = []
    for bloc in plan.blocs:
        start, end = int(firsts[bloc.rang]), int(firsts[bloc.rang] + sizes[bloc.rang])
        if runs and runs[-1].stop == start:
            runs[-1] = slice(runs[-1].start, end)
        else:
            runs.append(slice(start, end))
    return index[runs[0]] if len(runs) == 1 else np.concatenate([index[:0], *(index[run] for run in runs)])


def _criteres(plan: Plan, written: Mapping[Colonne, NDArray[Any]]) -> pl.DataFrame:
    """Return the criteria of each row, null where the law of its day has no such criterion."""
    columns = []
    for name in plan.criteres:
        reason = f"{name.removesuffix('verdict')}motif"
        values = written["U", name]
        absent = np.flatnonzero(values == NON_ECRIT) if name in plan.partiels else ()
        for told, array in ((name, values), *(() if name == HORS_AIDE else ((reason, written["S", reason]),))):
            found = pl.Series(told.replace("|", "."), array)
            columns.append(found.scatter(absent, None) if len(absent) else found)
    return pl.DataFrame(columns)
