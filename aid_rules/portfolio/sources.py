"""The user's files: CSV of any usual separator and encoding, Excel, Parquet, JSON lines.

Every reader yields `Morceau`s, so that a file larger than memory is never held whole.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from aid_rules.faults import WorkError
from aid_rules.portfolio import lecture_csv, lecture_excel, lecture_json, lecture_parquet
from aid_rules.portfolio.morceaux import Source


def ouvrir(chemin: Path, options: Mapping[str, str]) -> Source:
    """Recognise a file by its name and content. Raises `WorkError`, in French."""
    if not chemin.exists():
        raise WorkError(f"{chemin} : fichier introuvable")
    suffix = chemin.suffix.lower()
    try:
        if chemin.is_dir() or suffix == ".parquet":
            return lecture_parquet.ouvrir(chemin, options)
        if suffix in lecture_excel.SUFFIXES:
            return lecture_excel.ouvrir(chemin, options)
        if suffix in lecture_json.SUFFIXES:
            return lecture_json.ouvrir(chemin, options)
        return lecture_csv.ouvrir(chemin, options)
    except OSError as error:
        raise WorkError(f"{chemin} : lecture impossible ({error.strerror or error})") from None
    except csv.Error as error:
        raise WorkError(f"{chemin} : CSV illisible ({error})") from None
