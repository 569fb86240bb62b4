"""The columns and the cost lines of a table, as the vector machine reads them: each made once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from aid_rules.engine.columnar_lines import Ensembles
from aid_rules.engine.columnar_table import CONNUS, Table, decaler, inconnue
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


def vecteurs(
    table: Table, slots: Slots, columns: Iterable[Colonne], registre: Registre, purposes: Ensembles, types: Ensembles
) -> Vecteurs:
    """Return what programs read of a table: some columns of facts, and the cost lines row after row."""
    numbers = registre.numeros
    u, i = np.zeros(len(numbers["U"]), np.int64), np.zeros(len(numbers["I"]), np.int64)
    sizes = np.zeros(len(numbers["I"]), np.int64)
    kept = []
    for column in columns:
        bank, number = column[0], registre.numero(column)
        if column not in table.vecteurs:
            table.vecteurs[column] = _vecteur(table, slots, column)
        array = table.vecteurs[column]
        kept.append(array)
        (u if bank == "U" else i)[number] = array.ctypes.data
        if bank == "I":
            sizes[number] = array.itemsize
    if "couts" not in table.vecteurs:
        table.vecteurs["couts"] = _couts(table, purposes, types)
    starts, aims, kinds, amounts, untold = table.vecteurs["couts"]
    s = np.zeros(len(numbers["S"]), np.int64)
    sets = purposes.statuts(), types.statuts()
    return Vecteurs(Donnees(u, i, sizes, s, starts, aims, kinds, amounts, untold, *sets), kept)


def _vecteur(table: Table, slots: Slots, column: Colonne) -> NDArray[Any]:
    """Return a column without null, of numbers as short as they can be."""
    bank, name = column
    base, *moves = name.split("|")
    if base not in table.faits.columns:
        if bank == "U":
            return np.full(table.height, 1, np.uint8)
        return np.full(table.height, inconnue(slots, base), np.int64)
    found = table.faits[base]
    if bank == "U":
        return (found.cast(pl.UInt8) * 3).fill_null(1).to_numpy()
    if found.dtype == pl.UInt8:
        return found.to_numpy()
    if moves:
        found = _deplaces(found, moves)
    elif found.dtype == pl.UInt64:
        return found.to_numpy().view(np.int64)
    if moves or _court(table, base):
        return found.cast(pl.Int32).fill_null(NUL32).to_numpy()
    return found.cast(pl.Int64).fill_null(NUL).to_numpy()


def _court(table: Table, name: str) -> bool:
    """Tell whether the numbers of a column are held in four bytes."""
    held = table.etendues[name]
    return held.mini is None or (held.mini > NUL32 and held.maxi < -NUL32)


def _couts(table: Table, purposes: Ensembles, types: Ensembles) -> tuple[NDArray[Any], ...]:
    """Return where the cost lines of each row start, their purposes, types and amounts, and who does not tell them."""
    lines, owners = table.couts, table.couts["ligne"].to_numpy()
    if (owners[1:] < owners[:-1]).any():
        lines = lines.sort("ligne", maintain_order=True)
    starts = np.zeros(table.height + 1, dtype=np.int64)
    np.cumsum(np.bincount(owners, minlength=table.height), out=starts[1:])
    amounts = lines["montant"]
    return (
        starts,
        purposes.lire(lines["finalite"]),
        types.lire(lines["poste"]),
        (amounts.fill_null(NUL) if amounts.null_count() else amounts).to_numpy(),
        (~table.faits[CONNUS].to_numpy()).view(np.uint8),
    )


def _deplaces(days: pl.Series, moves: Sequence[str]) -> pl.Series:
    """Return days moved by some times: a number and its unit each."""
    days = days.cast(pl.Int64)
    for ecart, unite in zip(moves[::2], moves[1::2], strict=True):
        days = decaler(days, int(ecart), unite)
    return days
