"""A table made ready for the vector machine: its rows by award date, its columns without null, its cost lines."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from aid_rules.engine.columnar_lines import Ensembles
from aid_rules.engine.columnar_table import CONNUS, Table, decaler, drapeaux, etats, inconnue
from aid_rules.engine.environnement import Slots
from aid_rules.engine.vector_kernel import NUL32, Donnees
from aid_rules.engine.vector_ops import NUL
from aid_rules.engine.vector_program import Colonne, Registre

NON_ECRIT = 255
"""Status of a row that no program has written: that of no truth value."""


class Tampons:
    """Arrays in which the pieces of a table are computed one after the other: new ones cost more than to fill them."""

    def __init__(self) -> None:
        self._tableaux: dict[str, NDArray[Any]] = {}

    def prendre(self, name: str, shape: tuple[int, ...], kind: type[np.generic]) -> NDArray[Any]:
        """Return an array of this shape, whose contents are anything."""
        size = int(np.prod(shape))
        held = self._tableaux.get(name)
        if held is None or len(held) < size:
            held = self._tableaux[name] = np.empty(size + size // 8, dtype=kind)
        return held[:size].reshape(shape)

    def ensemble(self, name: str, *tableaux: tuple[tuple[int, ...], type[np.generic]]) -> list[NDArray[Any]]:
        """Return arrays of these shapes and kinds, the widest kinds first, written in one stretch of memory.

        The system gives a long stretch by pages of two megabytes, many small ones four kilobytes after four: slower.
        """
        sizes = [int(np.prod(shape)) * np.dtype(kind).itemsize for shape, kind in tableaux]
        held = self.prendre(name, (sum(sizes),), np.uint8)
        ends = accumulate(sizes)
        parts = (held[end - size : end] for end, size in zip(ends, sizes, strict=True))
        return [part.view(kind).reshape(shape) for part, (shape, kind) in zip(parts, tableaux, strict=True)]


class Vecteurs(NamedTuple):
    """What programs read of a table. `colonnes` keeps alive what `donnees` holds the addresses of."""

    donnees: Donnees
    colonnes: Sequence[NDArray[Any]]

    def tranche(self, start: int, height: int) -> Vecteurs:
        """Return what programs read of some rows."""
        whole = self.donnees
        part = whole._replace(
            u=whole.u + start,
            i=whole.i + start * whole.octets,
            s=whole.s.copy(),
            debuts=whole.debuts[start : start + height + 1],
            inconnus=whole.inconnus[start : start + height],
        )
        return Vecteurs(part, self.colonnes)


class TablePrete:
    """A table as the vector machine reads it, in the order of the award dates: the same law reads rows that follow.

    It takes about as much memory as the table, and does not keep it. `rangs` tells which row of the table each is.
    """

    def __init__(self, table: Table, slots: Slots, premier: int = 0) -> None:
        """Make a table ready. `premier` is the number of its first row."""
        self.height = table.height
        self.drapeaux, self.etats = drapeaux(table), etats(table, slots)
        self._slots = slots
        self._noms, self._etendues = frozenset(table.faits.columns), table.etendues
        days = table.faits["date_octroi"].cast(pl.Int64)
        self.chronologique = days.is_sorted()
        order = np.arange(self.height) if self.chronologique else days.arg_sort().to_numpy()
        self.rangs = (order + premier).astype(np.uint32)
        self._jours = days.to_numpy() if self.chronologique else days.to_numpy()[order]
        self._colonnes: dict[Colonne, NDArray[Any]] = {}
        for name, kind in table.faits.schema.items():
            vector = self._vecteur(table.faits[name])
            column = "U" if kind == pl.Boolean else "I", name
            self._colonnes[column] = vector if self.chronologique else vector[order]
        self._inconnus = (self._colonnes["U", CONNUS] == 0).view(np.uint8)
        rank = np.empty(self.height, np.uint32)
        rank[order] = np.arange(self.height, dtype=np.uint32)
        self._couts = table.couts.with_columns(pl.Series("ligne", rank[table.couts["ligne"].to_numpy()]))
        if not self._couts["ligne"].is_sorted():
            self._couts = self._couts.sort("ligne", maintain_order=True)
        self._lus: dict[object, Vecteurs] = {}

    def periodes(self, changements: Sequence[int]) -> tuple[tuple[int, ...], NDArray[np.int16]]:
        """Return the periods that some dossier is of (ranks of the days they begin on), and which of them each is."""
        starts = np.searchsorted(self._jours, changements[1:])
        counts = np.diff(np.concatenate([[0], starts, [self.height]]))
        present = np.flatnonzero(counts)
        return tuple(present.tolist()), np.repeat(np.arange(len(present), dtype=np.int16), counts[present])

    def vecteurs(
        self, plan: object, columns: Sequence[Colonne], registre: Registre, purposes: Ensembles, types: Ensembles
    ) -> Vecteurs:
        """Return what the programs of a plan read: some columns of facts, and the cost lines row after row."""
        if plan not in self._lus:
            self._lus[plan] = self._lire(columns, registre, purposes, types)
        return self._lus[plan]

    def _lire(self, columns: Sequence[Colonne], registre: Registre, purposes: Ensembles, types: Ensembles) -> Vecteurs:
        numbers = registre.numeros
        u, i = np.zeros(len(numbers["U"]), np.int64), np.zeros(len(numbers["I"]), np.int64)
        s, sizes = np.zeros(len(numbers["S"]), np.int64), np.zeros(len(numbers["I"]), np.int64)
        kept = []
        for column in columns:
            bank, number = column[0], registre.numero(column)
            if column not in self._colonnes:
                self._colonnes[column] = self._deduite(column)
            array = self._colonnes[column]
            kept.append(array)
            (u if bank == "U" else i)[number] = array.ctypes.data
            if bank == "I":
                sizes[number] = array.itemsize
        lines = self._couts
        starts = np.zeros(self.height + 1, dtype=np.int64)
        np.cumsum(np.bincount(lines["ligne"].to_numpy(), minlength=self.height), out=starts[1:])
        aims, kinds = purposes.lire(lines["finalite"]), types.lire(lines["poste"])
        amounts = lines["montant"].fill_null(NUL).to_numpy()
        sets = purposes.statuts(), types.statuts()
        return Vecteurs(Donnees(u, i, sizes, s, starts, aims, kinds, amounts, self._inconnus, *sets), kept)

    def _vecteur(self, column: pl.Series) -> NDArray[Any]:
        """Return a column without null, of numbers as short as they can be."""
        if column.dtype == pl.Boolean:
            return (column.cast(pl.UInt8) * 3).fill_null(1).to_numpy()
        if column.dtype == pl.UInt8:
            return column.to_numpy()
        if column.dtype == pl.UInt64:
            return column.to_numpy().view(np.int64)
        held = self._etendues.get(column.name)
        if held is None or held.mini is None or (held.mini > NUL32 and held.maxi < -NUL32):
            # Polars takes longer to check that they fit
            return column.cast(pl.Int64).fill_null(NUL32).to_numpy().astype(np.int32)
        return column.cast(pl.Int64).fill_null(NUL).to_numpy()

    def _deduite(self, column: Colonne) -> NDArray[Any]:
        """Return a column that the table does not hold: days moved by some times, or what is unknown everywhere."""
        bank, name = column
        base, *moves = name.split("|")
        if base in self._noms:
            told = pl.Series(self._colonnes["I", base])
            days = told.to_frame().select(pl.when(told != NUL32).then(told).cast(pl.Int64)).to_series()
            for ecart, unite in zip(moves[::2], moves[1::2], strict=True):
                days = decaler(days, int(ecart), unite)
            return days.fill_null(NUL32).to_numpy().astype(np.int32)
        if bank == "U":
            return np.full(self.height, 1, np.uint8)
        return np.full(self.height, inconnue(self._slots, base), np.int64)
