"""From expressions to a program of the vector machine: equal parts once, registers reused as soon as they are free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from aid_rules.engine import vector_ops as o
from aid_rules.engine.vector_ops import Expr

LARGEUR = 8
"""Numbers of an instruction: operation, destination, three operands, three immediates.

An operand under zero is a constant: the second operand stands in the first immediate, the third in the second, the
first in the third, where stands as well what an operation must be told besides. A load has no operand: it may take all.
"""

_BANQUES = {o.LDU: "U", o.LDM: "I", o.LDI: "I", o.LDS: "S", o.OUTCU: "U", o.OUTCS: "S"}
"""Where stands the column that an operation loads or writes."""

Colonne = tuple[str, str]
"""A bank and the name of a column in it."""


@dataclass(slots=True)
class Registre:
    """The columns that programs load and write, numbered by bank."""

    numeros: dict[str, dict[str, int]] = field(default_factory=lambda: {"U": {}, "I": {}, "S": {}})

    def numero(self, column: Colonne) -> int:
        """Return the number of a column."""
        bank = self.numeros[column[0]]
        return bank.setdefault(column[1], len(bank))


@dataclass(frozen=True, slots=True)
class Sortie:
    """A value to write, by an operation: in a column (`nom`), or as a field of a block (`champ`, `bloc`)."""

    op: int
    expr: Expr
    nom: str = ""
    champ: int = 0
    bloc: int = 0


@dataclass(frozen=True, slots=True)
class Programme:
    """Instructions, the columns that they load and write, and how many registers of each kind they need."""

    code: NDArray[np.int64]
    colonnes: frozenset[Colonne]
    ecrites: frozenset[Colonne]
    registres: Mapping[str, int]


def ecrire(sorties: Sequence[Sortie], columns: Registre) -> Programme:
    """Return the program that computes and writes some values."""
    canon, order = _ordonner([s.expr for s in sorties])
    writing = _Redaction(columns, canon)
    for sortie in sorties:
        if sortie.expr.op == o.CONST:
            writing.sortir(sortie)
    writing.compter(order)
    written: dict[int, list[Sortie]] = {}
    for sortie in sorties:
        written.setdefault(id(canon[id(sortie.expr)]), []).append(sortie)
    for rank, node in enumerate(order):
        writing.instruction(node)
        for sortie in written.get(id(node), ()):
            writing.sortir(sortie)
        writing.liberer(rank, node)
    code = np.array(writing.rows, dtype=np.int64).reshape(-1, LARGEUR)
    return Programme(code, frozenset(writing.loaded), frozenset(writing.written), writing.used)


def _ordonner(roots: Sequence[Expr]) -> tuple[dict[int, Expr], list[Expr]]:
    """Return for each expression the one that stands for all its equals, and these in an order that can be run."""
    canon: dict[int, Expr] = {}
    known: dict[tuple[object, ...], Expr] = {}
    order: list[Expr] = []
    stack = [(root, False) for root in reversed(roots)]
    while stack:
        node, ready = stack.pop()
        if id(node) in canon:
            continue
        if not ready:
            stack.append((node, True))
            stack += [(arg, False) for arg in reversed(node.args)]
            continue
        key = (node.op, node.imm, node.nom, *(id(canon[id(arg)]) for arg in node.args))
        if key not in known and node.op != o.CONST:
            order.append(node)
        canon[id(node)] = known.setdefault(key, node)
    return canon, order


class _Redaction:
    """One program being written."""

    def __init__(self, columns: Registre, canon: Mapping[int, Expr]) -> None:
        self.columns = columns
        self.canon = canon
        self.rows: list[list[int]] = []
        self.loaded: dict[Colonne, None] = {}
        self.written: set[Colonne] = set()
        self.used = {"U": 0, "I": 0, "S": 0}
        self._place: dict[int, int] = {}
        self._free: dict[str, list[int]] = {"U": [], "I": [], "S": []}
        self._last: dict[int, int] = {}

    def compter(self, order: Sequence[Expr]) -> None:
        """Note after which instruction each value is no longer read."""
        for rank, node in enumerate(order):
            for arg in node.args:
                self._last[id(self.canon[id(arg)])] = rank

    def instruction(self, node: Expr) -> None:
        """Write the instruction of a node, its operands being there."""
        operands = [-1, -1, -1]
        if node.nom:
            column = (_BANQUES[node.op], node.nom)
            self.loaded[column] = None
            operands[0] = self.columns.numero(column)
        given = [*node.imm, 0, 0, 0][:3] if not node.args else [0, 0, *node.imm, 0][:3]
        for at, arg in enumerate(node.args):
            value = self.canon[id(arg)]
            if value.op == o.CONST:
                given[at - 1] = value.imm[0]
            else:
                operands[at] = self._place[id(value)]
        kind = o.kind(node.op)
        dst = self._free[kind].pop() if self._free[kind] else self.used[kind]
        self.used[kind] = max(self.used[kind], dst + 1)
        self._place[id(node)] = dst
        self.rows.append([node.op, dst, *operands, *given])

    def sortir(self, sortie: Sortie) -> None:
        """Write the instruction that writes a value."""
        value = self.canon[id(sortie.expr)]
        register = -1 if value.op == o.CONST else self._place[id(value)]
        where = sortie.champ
        if sortie.nom:
            column = (_BANQUES[sortie.op], sortie.nom)
            self.written.add(column)
            where = self.columns.numero(column)
        self.rows.append([sortie.op, 0, register, where, sortie.bloc, value.constante or 0, 0, 0])

    def liberer(self, rank: int, node: Expr) -> None:
        """Free the registers of the values that nothing reads after this instruction."""
        for arg in (*node.args, node):
            value = self.canon[id(arg)]
            if self._last.get(id(value), rank) <= rank and id(value) in self._place:
                self._free[o.kind(value.op)].append(self._place.pop(id(value)))
