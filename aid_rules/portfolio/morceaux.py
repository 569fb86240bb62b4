"""What is read of a user's file: pieces of text cells, or of whole dossiers, and rows set aside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl


@dataclass(frozen=True)
class Rejet:
    """A row set aside, with its reason."""

    ligne: int
    motif: str
    identifiant: str | None = None


@dataclass(frozen=True)
class Morceau:
    """A piece of the input: text cells with the line of each row, or whole dossiers (JSON lines).

    `avance` says how far the input was read, in the units of `Source.total`.
    """

    numero: int
    lignes: Sequence[int]
    cellules: pl.DataFrame | None
    dossiers: Sequence[Mapping[str, Any]] = ()
    rejets: Sequence[Rejet] = ()
    avance: int = 0

    @property
    def lues(self) -> int:
        """Return how many rows were read, those set aside included."""
        return len(self.lignes) + len(self.rejets)


@dataclass(frozen=True)
class Source:
    """A file to read: its headers, its size (`total`, in bytes or rows), and how (`lire`).

    `imbriquees` are the columns that hold blocks or bytes, with their type: no cell can be read of them.
    """

    chemin: Path
    genre: str
    entetes: tuple[str, ...]
    total: int
    lire: Callable[[Source, int], Iterator[Morceau]]
    options: Mapping[str, str] = field(default_factory=dict)
    imbriquees: Mapping[str, str] = field(default_factory=dict)

    def morceaux(self, taille: int) -> Iterator[Morceau]:
        """Yield the input in pieces of at most `taille` rows. Raises `WorkError` when it cannot be read."""
        return self.lire(self, taille)


def uniques(headers: Sequence[str]) -> tuple[str, ...]:
    """Name each column once: a second « montant » becomes « montant (2) »."""
    seen: dict[str, int] = {}
    found = []
    for rank, header in enumerate(headers, start=1):
        name = header or f"colonne {rank}"
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(found)
