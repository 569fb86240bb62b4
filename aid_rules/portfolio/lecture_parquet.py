"""Parquet, a file or a folder of them, read in pieces: typed columns become the cells that a user would type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from aid_rules.faults import WorkError
from aid_rules.portfolio.morceaux import Morceau, Source


def partitions(chemin: Path) -> list[Path]:
    """Return the Parquet files of a folder, in the order of their names; the file itself when it is one."""
    if not chemin.is_dir():
        return [chemin]
    found = sorted(p for p in chemin.rglob("*.parquet") if not p.name.startswith((".", "_")))
    if not found:
        raise WorkError(f"{chemin} : aucun fichier .parquet dans ce dossier")
    return found


def lignes_parquet(chemin: Path) -> int:
    """Return the number of rows of a Parquet file. Raises `WorkError`."""
    try:
        count: int = pl.scan_parquet(chemin).select(pl.len()).collect().item()
    except pl.exceptions.PolarsError as error:
        raise WorkError(f"{chemin} : Parquet illisible ({str(error).splitlines()[0]})") from None
    return count


def ouvrir(chemin: Path, options: Mapping[str, str]) -> Source:
    """Recognise a Parquet file, or a folder of them. Raises `WorkError`, in French."""
    files = partitions(chemin)
    total = sum(map(lignes_parquet, files))
    schema = pl.scan_parquet(files[0]).collect_schema()
    nested = {name: str(kind) for name, kind in schema.items() if _imbriquee(kind)}
    headers = tuple(name for name in schema.names() if name not in nested)
    return Source(chemin, "parquet", headers, total, _morceaux, options, nested)


def _morceaux(source: Source, taille: int) -> Iterator[Morceau]:
    number = before = 0
    for file in partitions(source.chemin):
        rows = lignes_parquet(file)
        for start in range(0, rows, taille):
            yield tranche_parquet(file, start, taille, number, before)
            number += 1
        before += rows


def tranche_parquet(file: Path, start: int, taille: int, numero: int, avant: int) -> Morceau:
    """Read some rows of a Parquet file; `avant` rows stand before it in the whole input."""
    frame = pl.scan_parquet(file).slice(start, taille).collect()
    first = avant + start + 1
    return Morceau(numero, range(first, first + frame.height), en_texte(frame), avance=first + frame.height - 1)


def en_texte(frame: pl.DataFrame) -> pl.DataFrame:
    """Write typed columns as the cells that a user would type: whole numbers without decimals, lists with « ; ».

    Columns of blocks or bytes are left out: a mapping that names one is refused when the file is opened.
    """
    written = []
    for name, dtype in frame.schema.items():
        if _imbriquee(dtype):
            continue
        column = pl.col(name)
        if dtype.is_float():
            whole = (column == column.floor()) & (column.abs() < 2**53)
            text = (
                pl.when(whole)
                .then(column.cast(pl.Int64, strict=False).cast(pl.String))
                .otherwise(column.cast(pl.String))
            )
        elif dtype.is_decimal():
            digits = column.cast(pl.String)
            text = (
                pl.when(digits.str.contains(".", literal=True))
                .then(digits.str.strip_chars_end("0").str.strip_chars_end("."))
                .otherwise(digits)
            )
        elif isinstance(dtype, pl.Datetime):
            text = column.dt.strftime("%Y-%m-%d")
        elif isinstance(dtype, pl.List | pl.Array):
            text = column.cast(pl.List(pl.String)).list.join(";")
        else:
            text = column.cast(pl.String)
        written.append(text.alias(name))
    return frame.select(written)


def _imbriquee(dtype: pl.DataType) -> bool:
    kind = dtype.base_type()
    if kind in (pl.List, pl.Array):
        inner: pl.DataType = dtype.inner  # type: ignore[attr-defined]
        return inner.base_type() in (pl.List, pl.Array) or _imbriquee(inner)
    return kind in (pl.Struct, pl.Object, pl.Binary)
