"""The columns and the cost lines of some rows of a table, as the vector machine reads them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from aid_rules.engine.columnar_lines import Ensembles
from aid_rules.engine.columnar_table import CONNUS, Table, decaler, inconnue
from aid_rules.engine.environnement import Slots
from aid_rules.engine.vector_kernel import Donnees
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


def vecteurs(
    table: Table,
    slots: Slots,
    columns: Iterable[Colonne],
    registre: Registre,
    purposes: Ensembles,
    types: Ensembles,
    tampons: Tampons,
) -> Donnees:
    """Return what programs read of a table: some columns of facts, and the cost lines row after row."""
    height = table.height
    u = tampons.prendre("u", (len(registre.numeros["U"]), height), np.uint8)
    i = tampons.prendre("i", (len(registre.numeros["I"]), height), np.int64)
    s = tampons.prendre("s", (len(registre.numeros["S"]), height), np.int16)
    held = {column.name: column for column in table.vecteurs.get_columns()}
    for bank, name in columns:
        number = registre.numero((bank, name))
        base, *moves = name.split("|")
        if base not in held:
            (u if bank == "U" else i)[number] = 1 if bank == "U" else inconnue(slots, base)
        elif bank == "U":
            u[number] = held[base].to_numpy()
        else:
            i[number] = (_deplaces(table.faits[base], moves) if moves else held[base]).to_numpy()
    lines, owners = table.couts, table.couts["ligne"].to_numpy()
    if (owners[1:] < owners[:-1]).any():
        lines = lines.sort("ligne", maintain_order=True)
    starts = np.zeros(height + 1, dtype=np.int64)
    np.cumsum(np.bincount(owners, minlength=height), out=starts[1:])
    amounts = lines["montant"]
    return Donnees(
        u,
        i,
        s,
        starts,
        purposes.lire(lines["finalite"]),
        types.lire(lines["poste"]),
        (amounts.fill_null(NUL) if amounts.null_count() else amounts).to_numpy(),
        (~table.faits[CONNUS].to_numpy()).view(np.uint8),
        purposes.statuts(),
        types.statuts(),
    )


def _deplaces(days: pl.Series, moves: Sequence[str]) -> pl.Series:
    """Return days moved by some times: a number and its unit each."""
    days = days.cast(pl.Int64)
    for ecart, unite in zip(moves[::2], moves[1::2], strict=True):
        days = decaler(days, int(ecart), unite)
    return days.fill_null(NUL)
