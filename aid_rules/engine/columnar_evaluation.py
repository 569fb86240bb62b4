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
from aid_rules.engine.columnar_programmes import Calcul, Programmes
from aid_rules.engine.columnar_table import Table
from aid_rules.engine.columnar_vectors import NON_ECRIT, TablePrete, Tampons, Vecteurs
from aid_rules.engine.vector_kernel import VECTEUR, Donnees, Ecrits
from aid_rules.engine.vector_program import LARGEUR, Colonne

if TYPE_CHECKING:
    from aid_rules.engine.moteur import Engine

T = TypeVar("T")

_FILS = 2
"""Pieces of a table computed side by side."""

_MORCEAU = 1 << 16
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
        self.ecrites = sorted(written)
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

        `bases` restricts to some bases, `volets` details their volets. Unless `prete` is false, the next piece is
        written over the fields of this one: what is kept of them is copied.
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
            self._plans = {key: Plan(levels, programs.finalites, volets=volets)}
        plan = self._plans[key]
        held = table.vecteurs(plan, plan.lues, programs.registre, programs.finalites, programs.postes)
        size = min(_MORCEAU, max(VECTEUR, -(-table.height // _FILS)))

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
        order = np.arange(len(rows), dtype=np.uint32)
        counts = np.diff(np.searchsorted(places, np.arange(2 + int(plan.places.max(initial=0)))))
        spans = _tranches(counts.tolist())
        index, firsts, sizes = _concernes(plan, data, order, spans, buffers)
        bounds, starts = _blocs_de(plan, sizes)
        height = int(bounds[-1])
        told = Ecrits(
            fields.prendre("verdict", (height,), np.uint8),
            fields.prendre("motif", (height,), np.int16),
            fields.prendre("taux", (2, height), np.int16),
            fields.prendre("montant", (2, height), np.int64),
        )
        where = buffers.prendre("places", (len(plan.cites), len(rows)), np.int32)
        cites = _citer(plan, index, firsts, sizes, where)
        for first, last in plan.niveaux:
            units = _unites(plan, first, last, firsts, sizes)
            machine.executer(plan.code, units, index, data, told, cites, where, starts)
        shown = [slice(firsts[b.rang], firsts[b.rang] + sizes[b.rang]) for b in plan.blocs]
        lines = np.concatenate([np.zeros(0, np.uint32), *(index[cut] for cut in shown)])
        return Morceau(rows, _criteres(plan, written), places, lines, told, bounds)

    def _ecrites(self, plan: Plan, data: Donnees, height: int, buffers: Tampons) -> dict[Colonne, NDArray[Any]]:
        """Give the programs where to write the columns that others read, and return them."""
        found: dict[Colonne, NDArray[Any]] = {}
        for bank, addresses, kind in (("U", data.u, np.uint8), ("S", data.s, np.int16)):
            names = [column for column in plan.ecrites if column[0] == bank]
            held = buffers.prendre(f"ecrites {bank}", (len(names), height), kind)
            for column, array in zip(names, held, strict=True):
                found[column] = array
                addresses[self.programmes.registre.numero(column)] = array.ctypes.data
        for name in plan.criteres:
            found["U", name][:] = NON_ECRIT
        return found


def _concernes(
    plan: Plan, data: Donnees, order: NDArray[np.uint32], spans: NDArray[np.int64], buffers: Tampons
) -> tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of each computation: where they all stand, where each starts, and how many they are."""
    lengths = (spans[:, 1] - spans[:, 0])[plan.places]
    most = np.add.reduceat(lengths, plan.selection[:, 0]) if len(plan.calculs) else np.zeros(0, np.int64)
    firsts = np.concatenate([[0], np.cumsum(most)]).astype(np.int64)
    index = buffers.prendre("index", (int(firsts[-1]) + 1,), np.uint32)
    sizes = np.zeros(len(plan.calculs), np.int64)
    masks = buffers.prendre("masques", (plan.selection.shape[1] - 3, len(order)), np.int64)
    tri.masquer(data.debuts, data.finalite, data.inconnus, masks)
    tri.concernes(masks, order, spans, plan.places, plan.selection, firsts, index, sizes)
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


def _criteres(plan: Plan, written: Mapping[Colonne, NDArray[Any]]) -> pl.DataFrame:
    """Return the criteria of each row, null where the law of its day has no such criterion."""
    columns = []
    for name in plan.criteres:
        values = written["U", name].copy()  # the next piece writes there
        found = pl.Series(name.replace("|", "."), values)
        absent = values == NON_ECRIT
        columns.append(found.scatter(np.flatnonzero(absent), None) if absent.any() else found)
        if name != HORS_AIDE:
            reason = f"{name.removesuffix('verdict')}motif"
            told = pl.Series(reason.replace("|", "."), written["S", reason].copy())
            columns.append(told.scatter(np.flatnonzero(absent), None) if absent.any() else told)
    return pl.DataFrame(columns)
