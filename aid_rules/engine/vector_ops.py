"""The operations of the vector machine, and expressions made of them: what one column is worth, row by row.

Three kinds of values: `U`, statuses written 0, 1 or 3 (false, unknown, true: AND is `&`, OR is `|`); `I`, whole numbers
of 64 bits, `NUL` for no bound or an unknown; `S`, numbers of entries. A mask is a status that is never unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

NUL = 2**63 - 1
"""Stands for null: as the greatest of all, it never is the least of several quantities."""

Kind = Literal["U", "I", "S", ""]

# statuses
LDU, LDM, LIGNE, LDRU, UAND, UOR, UNOT, UCERT, UPOSS, UINC = range(10)
LT, LE, EQ, NE, GT, GE, UNUL, UNONNUL, UNULK, SGT, SLT = range(10, 21)
# whole numbers
LDI, LDRI, SOMME, IADD, ISUB, IRSUB, IMUL, IMULS, IDIV, IMULDIV, IMIN, IMAX, IMAXN, ISEL, IFILL, INULP = range(21, 37)
# numbers of entries
LDS, SSEL, SNEG = range(37, 40)
# what is written
OUTV, OUTM, OUTT, OUTA, OUTCU, OUTCS = range(40, 46)
CONST = 46


def kind(op: int) -> Kind:
    """Return the kind of value that an operation gives."""
    if op >= OUTV:
        return ""
    return "U" if op < LDI else "I" if op < LDS else "S"


@dataclass(frozen=True, slots=True, eq=False)
class Expr:
    """One operation over others. `nom` is the column that it loads; `imm` what else it needs to be told."""

    op: int
    args: tuple[Expr, ...] = ()
    imm: tuple[int, ...] = ()
    nom: str = ""

    @property
    def constante(self) -> int | None:
        """Return the value of a constant, None for anything else."""
        return self.imm[0] if self.op == CONST else None


def const(value: int) -> Expr:
    """Return a constant, of whatever kind."""
    return Expr(CONST, (), (value,))


def statut(name: str) -> Expr:
    """Load a column of statuses."""
    return Expr(LDU, nom=name)


def nombre(name: str) -> Expr:
    """Load a column of whole numbers."""
    return Expr(LDI, nom=name)


def choix(name: str, mask: int, rest: int) -> Expr:
    """Tell whether a choice is in `mask`, from the column of the values that it may take; `rest` holds the others."""
    return Expr(LDM, (), (_signe(mask), _signe(rest)), name)


def _signe(mask: int) -> int:
    return mask - 2**64 if mask >= 2**63 else mask
