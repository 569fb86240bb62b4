"""Faults: what is wrong in a file, said in French, where it stands and what was expected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of one file.

    `path` is the path inside the file (`projet.couts[2].montant_eur`); `line` and `column` count from 1,
    0 when the source has no positions (a dossier built in Python).
    """

    message: str
    path: str = ""
    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        where = self.file or "dossier"
        if self.line:
            where += f":{self.line}:{self.column}"
        return f"{where} : {self.path} : {self.message}" if self.path else f"{where} : {self.message}"


class FaultsError(ValueError):
    """Invalid input: every fault found, in the order of the file."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = sorted(set(faults), key=lambda f: (f.file, f.line, f.column, f.path, f.message))
        super().__init__("\n".join(map(str, self.faults)))


class WorkError(RuntimeError):
    """The work could not be done; the message, in French, says why and what to do."""


def nearest(name: str, known: Iterable[str], seuil: float = 0.6) -> str:
    """Return « ; vouliez-vous dire « x » ? » for the known name nearest to `name`, or nothing.

    `seuil` is the likeness, from 0 to 1, below which no name is near.
    """
    found = get_close_matches(name, list(known), n=1, cutoff=seuil)
    return f" ; vouliez-vous dire « {found[0]} » ?" if found else ""
