"""Where the headers of a table stand when a title, a date or a logo was left above them."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Sequence
from itertools import islice

from aid_rules.portfolio.lecture_csv import DEBUT, SEPARATEURS, rangees
from aid_rules.portfolio.morceaux import Source


def ligne(source: Source, noms: Collection[str]) -> int | None:
    """Return the line of a CSV file or of a sheet, among the first, that bears all these names; None when none does."""
    if source.genre == "csv":
        with source.chemin.open(encoding=source.options["encodage"], newline="") as stream:
            sample = list(islice(stream, DEBUT))
        found = (_cherchee(_numerotees(sample, separator), noms) for separator in SEPARATEURS)
        return next((number for number in found if number is not None), None)
    if source.genre == "excel":
        first = next(source.morceaux(DEBUT), None)
        if first is not None and first.cellules is not None:
            return _cherchee(zip(first.lignes, first.cellules.iter_rows(), strict=True), noms)
    return None


def _numerotees(sample: Sequence[str], separator: str) -> Iterable[tuple[int, Sequence[str]]]:
    reader = csv.reader(sample, delimiter=separator)
    last = 0
    for row in rangees(reader):
        yield last + 1, row
        last = reader.line_num


def _cherchee(rows: Iterable[tuple[int, Sequence[str | None]]], noms: Collection[str]) -> int | None:
    return next((n for n, row in rows if set(noms) <= {(cell or "").strip() for cell in row}), None)
