"""Cells to exact values, a column at a time: each distinct word is read once, by the very reader of the dossier."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl

from aid_rules.amounts import MAX_CENTS
from aid_rules.portfolio.fields import Place

FORMES_DE_DATE = {"AAAA-MM-JJ": "%Y-%m-%d", "JJ/MM/AAAA": "%d/%m/%Y", "MM/JJ/AAAA": "%m/%d/%Y", "AAAAMMJJ": "%Y%m%d"}

TYPES: Mapping[str, Any] = {
    "booleen": pl.Boolean,
    "montant": pl.Int64,
    "pourcentage": pl.Int64,
    "nombre": pl.Int64,
    "entier": pl.Int64,
    "date": pl.Date,
    "choix": pl.String,
    "texte": pl.String,
    "ensemble": pl.List(pl.String),
}

_YES = frozenset({"1", "o", "y", "yes", "x", "vrai", "oui", "true"})
_NO = frozenset({"0", "n", "no", "faux", "non", "false"})
_SPACES = re.compile(r"[\s\u00a0\u202f]+")
_JOUR_EXCEL = re.compile(r"[1-6]\d{4}(?:[.,]\d+)?")
_PLAIN = r"^(\d{1,11})(?:[.,](\d{1,2}))?$"


def colonne(
    brut: pl.Series, place: Place, mots: Mapping[str, Any], dates: str | None
) -> tuple[pl.Series, pl.DataFrame]:
    """Read a column of text cells.

    `mots` gives the meaning of the user's own words, `dates` the form of the days (strptime), None when to be guessed.
    Returns the exact values, null where nothing is said or readable, and the unreadable cells: `rang`, `motif`.
    """
    cells = brut.str.strip_chars()
    cells = cells.set(cells == "", None)
    dtype = TYPES[place.nature]
    known = _fast(cells, place.nature) if not mots else None
    rest = cells if known is None else cells.set(known.is_not_null(), None)
    words = rest.drop_nulls().unique()
    found: list[Any] = []
    reasons: list[str | None] = []
    for word in words:
        value, reason = _lire(word, place, mots, dates)
        found.append(value)
        reasons.append(reason)
    if not found:
        return (known if known is not None else pl.Series(brut.name, [None] * len(brut), dtype=dtype)), _none()
    table = pl.DataFrame(
        {
            "mot": words,
            "valeur": pl.Series(found, dtype=dtype),
            "motif": pl.Series(reasons, dtype=pl.String),
        }
    )
    joined = pl.DataFrame({"mot": rest}).with_row_index("rang").join(table, on="mot", how="left", maintain_order="left")
    values = joined["valeur"].alias(brut.name)
    if known is not None:
        values = known.zip_with(known.is_not_null(), values)
    return values, joined.filter(pl.col("motif").is_not_null()).select("rang", "mot", "motif")


def _none() -> pl.DataFrame:
    return pl.DataFrame(schema={"rang": pl.get_index_type(), "mot": pl.String, "motif": pl.String})


def _fast(cells: pl.Series, nature: str) -> pl.Series | None:
    """Read plain amounts without going through Python; null for what must be read with care."""
    if nature != "montant":
        return None
    frame = pl.DataFrame({"t": cells}).select(
        entier=pl.col("t").str.extract(_PLAIN, 1).cast(pl.Int64),
        decimales=pl.col("t").str.extract(_PLAIN, 2).str.pad_end(2, "0").cast(pl.Int64).fill_null(0),
    )
    cents = frame["entier"] * 100 + frame["decimales"]
    return cents.set(cents > MAX_CENTS, None).alias(cells.name)


def _lire(word: str, place: Place, mots: Mapping[str, Any], dates: str | None) -> tuple[Any, str | None]:
    try:
        value = place.lire(mise_en_forme(mots.get(word, word), place.nature, dates))
    except ValueError as error:
        return None, str(error)
    return (list(value) if isinstance(value, tuple) else value), None


def mise_en_forme(word: object, nature: str, dates: str | None = None) -> object:
    """Bring the usual ways of writing to the one that the dossier reads; anything else is left as it stands.

    Raises `ValueError`, in French, on a day written in no form that is read.
    """
    if not isinstance(word, str):
        return word
    match nature:
        case "booleen":
            low = word.casefold()
            return True if low in _YES else False if low in _NO else word
        case "montant" | "pourcentage" | "nombre" | "entier":
            return _SPACES.sub("", word).removesuffix("€").removesuffix("EUR").removesuffix("%")
        case "date":
            return _jour(word, dates)
        case "ensemble":
            return [part.strip() for part in re.split(r"[;|]", word.strip("[]")) if part.strip()]
        case _:
            return word


def _jour(word: str, dates: str | None) -> str:
    text = word.partition("T")[0].partition(" ")[0]
    for form in (dates, "%Y-%m-%d") if dates else ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"):
        try:
            return datetime.strptime(text, form).date().isoformat()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    if _JOUR_EXCEL.fullmatch(word):
        raise ValueError("numéro de jour d'Excel ; mettez la colonne au format Date, puis exportez de nouveau")
    known = next((name for name, form in FORMES_DE_DATE.items() if form == dates), "JJ/MM/AAAA ou AAAA-MM-JJ")
    raise ValueError(f"une date existante, écrite {known}, est attendue")
