"""CSV of any usual separator and encoding, read in pieces."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TextIO

import polars as pl

from aid_rules.faults import WorkError
from aid_rules.portfolio.morceaux import Morceau, Rejet, Source, uniques

SEPARATEURS = (";", ",", "\t", "|")
ENCODAGES = {"utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1", "iso-8859-15", "mac-roman"}
DEBUT = 50
"""Lines from which a file is recognised."""

_CELLULE = 10_000_000
"""Characters of the longest cell that is read."""


def encodage(chemin: Path) -> str:
    """Tell the encoding of a text file: by its mark, else UTF-8 when all of it is, else Windows-1252 or Latin-1."""
    with chemin.open("rb") as stream:
        head = stream.read(4)
        if head.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        stream.seek(0)
        decoders = {name: codecs.getincrementaldecoder(name)() for name in ("utf-8", "cp1252")}
        while decoders:
            block = stream.read(1 << 20)
            for name in list(decoders):
                try:
                    decoders[name].decode(block, final=not block)
                except UnicodeDecodeError:
                    del decoders[name]
            if not block:
                return next(iter(decoders))
    return "latin-1"


def separateur(lines: Sequence[str]) -> str:
    """Tell the separator: the one that cuts the first lines into the most columns, the same number in each."""
    best, score = SEPARATEURS[0], (0.0, 0)
    for candidate in SEPARATEURS:
        widths = [len(row) for row in rangees(csv.reader(lines, delimiter=candidate)) if row]
        if not widths or widths[0] < 2:  # noqa: PLR2004 - it cuts nothing
            continue
        same = sum(w == widths[0] for w in widths) / len(widths)
        if (same, widths[0]) > score:
            best, score = candidate, (same, widths[0])
    return best


def ouvrir(chemin: Path, options: Mapping[str, str]) -> Source:
    """Recognise a CSV file. Raises `WorkError`, in French; `OSError` and `csv.Error` are left to the caller."""
    named = options.get("encodage")
    if named:
        try:
            codecs.lookup(named)
        except LookupError:
            raise WorkError(f"encodage « {named} » inconnu (essayez {', '.join(sorted(ENCODAGES))})") from None
    found = {"encodage": named or encodage(chemin)}
    try:
        with chemin.open(encoding=found["encodage"], newline="") as stream:
            sample = list(islice(stream, DEBUT))
    except UnicodeError:
        raise WorkError(f"{chemin} : ce fichier n'est pas écrit en {found['encodage']}") from None
    found["separateur"] = {"tabulation": "\t", "\\t": "\t"}.get(
        options.get("separateur", ""), options.get("separateur", "")
    )
    if not found["separateur"]:
        found["separateur"] = separateur(sample)
    if len(found["separateur"]) != 1:
        raise WorkError(f"séparateur « {found['separateur']} » : un seul caractère est attendu")
    rows = rangees(csv.reader(sample, delimiter=found["separateur"]))
    headers = tuple(cell.strip() for cell in next((row for row in rows if any(row)), []))
    if not any(headers):
        raise WorkError(f"{chemin} : le fichier est vide ; une ligne d'en-têtes est attendue")
    return Source(chemin, "csv", uniques(headers), chemin.stat().st_size, _morceaux, {**options, **found})


def _morceaux(source: Source, taille: int) -> Iterator[Morceau]:
    width = len(source.entetes)
    encoding = source.options["encodage"]
    with source.chemin.open(encoding=encoding, newline="") as stream:
        reader = csv.reader(_sans_nul(stream), delimiter=source.options["separateur"])
        rows = rangees(reader)
        for row in rows:
            if any(row):
                break
        lines: list[int] = []
        kept: list[list[str]] = []
        aside: list[Rejet] = []
        number = 0
        last = reader.line_num
        try:
            for row in rows:
                first, last = last + 1, reader.line_num
                if not any(row):
                    continue
                if len(row) != width:
                    if len(row) > width and not any(row[width:]):
                        row = row[:width]  # noqa: PLW2901 - trailing separators only
                    else:
                        aside.append(Rejet(first, _largeur(len(row), width, source.options["separateur"])))
                        row = None  # type: ignore[assignment]  # noqa: PLW2901
                if row is not None:
                    kept.append(row)
                    lines.append(first)
                if len(kept) + len(aside) >= taille:
                    yield Morceau(number, lines, _frame(source.entetes, kept), (), aside, _position(stream))
                    number, lines, kept, aside = number + 1, [], [], []
        except UnicodeError:
            raise WorkError(
                f"{source.chemin} : octets qui ne sont pas de l'{encoding}, après la ligne {reader.line_num}"
            ) from None
        except csv.Error as error:
            raise WorkError(f"{source.chemin} : CSV illisible à la ligne {reader.line_num} ({error})") from None
        if lines or aside:
            yield Morceau(number, lines, _frame(source.entetes, kept), (), aside, source.total)


def _largeur(found: int, width: int, separator: str) -> str:
    said = f"{found} cellule{'s' if found > 1 else ''} au lieu de {width}"
    if found < width:
        return said
    mark = "une tabulation" if separator == "\t" else f"« {separator} »"
    return f"{said} ; une cellule qui contient {mark} s'écrit entre guillemets"


def rangees(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    """Yield rows with long cells; the limit of the csv module, which is the whole process's, is put back each time."""
    while True:
        before = csv.field_size_limit(_CELLULE)
        try:
            row = next(reader, None)
        finally:
            csv.field_size_limit(before)
        if row is None:
            return
        yield row


def _sans_nul(stream: TextIO) -> Iterator[str]:
    for line in stream:
        yield line.replace("\0", "")


def _position(stream: TextIO) -> int:
    return stream.buffer.tell()


def _frame(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> pl.DataFrame:
    columns = zip(*rows, strict=True) if rows else ((),) * len(headers)
    return pl.DataFrame({h: pl.Series(h, c, dtype=pl.String) for h, c in zip(headers, columns, strict=True)})
