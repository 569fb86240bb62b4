"""A sheet of a workbook, read in pieces of text cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from aid_rules.faults import WorkError
from aid_rules.portfolio.extras import exiger
from aid_rules.portfolio.morceaux import Morceau, Source, uniques

SUFFIXES = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")


def ouvrir(chemin: Path, options: Mapping[str, str]) -> Source:
    """Recognise a workbook and its sheet. Raises `WorkError`, in French."""
    (fastexcel,) = exiger("portefeuille", "fastexcel")
    try:
        book = fastexcel.read_excel(chemin)
        sheet = options.get("feuille") or book.sheet_names[0]
        if sheet not in book.sheet_names:
            raise WorkError(f"{chemin} : feuille « {sheet} » introuvable ; feuilles : {', '.join(book.sheet_names)}")
        loaded = book.load_sheet(sheet, dtypes="string", n_rows=0)
        total = book.load_sheet(sheet, dtypes="string").height
    except fastexcel.FastExcelError as error:
        raise WorkError(f"{chemin} : classeur illisible ({error})") from None
    headers = uniques([str(c.name).strip() for c in loaded.available_columns()])
    return Source(chemin, "excel", headers, total, _morceaux, {**options, "feuille": sheet})


def _morceaux(source: Source, taille: int) -> Iterator[Morceau]:
    (fastexcel,) = exiger("portefeuille", "fastexcel")
    sheet = fastexcel.read_excel(source.chemin).load_sheet(source.options["feuille"], dtypes="string")
    frame: pl.DataFrame = sheet.to_polars()
    frame.columns = list(source.entetes)
    frame = frame.with_row_index("_ligne", offset=2)
    for number, start in enumerate(range(0, frame.height, taille)):
        part = frame.slice(start, taille)
        # a row without any cell is no row
        part = (
            part.filter(pl.any_horizontal(pl.exclude("_ligne").str.strip_chars().fill_null("") != ""))
            if frame.width > 1
            else part
        )
        yield Morceau(number, part["_ligne"].to_list(), part.drop("_ligne"), avance=min(start + taille, source.total))
