"""The user's files, read in pieces: CSV of any usual separator and encoding, Excel, Parquet, JSON lines.

Every reader yields `Morceau`s of text cells, so that a file larger than memory is never held whole.
"""

from __future__ import annotations

import codecs
import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import polars as pl

from aid_rules.faults import WorkError
from aid_rules.portfolio.extras import exiger

SEPARATEURS = (";", ",", "\t", "|")
ENCODAGES = {"utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1", "iso-8859-15", "mac-roman"}
_SAMPLE = 50
_EXCEL = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
_LIGNES_JSON = (".jsonl", ".ndjson")
_CELLULE = 10_000_000
"""Characters of the longest cell that is read."""


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
    """A file to read: its headers, its size (`total`, in bytes or rows), and how.

    `imbriquees` are the columns that hold blocks or bytes, with their type: no cell can be read of them.
    """

    chemin: Path
    genre: str
    entetes: tuple[str, ...]
    total: int
    options: Mapping[str, str] = field(default_factory=dict)
    imbriquees: Mapping[str, str] = field(default_factory=dict)

    def morceaux(self, taille: int) -> Iterator[Morceau]:
        """Yield the input in pieces of at most `taille` rows. Raises `WorkError` when it cannot be read."""
        readers = {"csv": _csv, "parquet": _parquet, "excel": _excel, "lignes_json": _lignes_json}
        return readers[self.genre](self, taille)


def ouvrir(chemin: Path, options: Mapping[str, str]) -> Source:
    """Recognise a file by its name and content. Raises `WorkError`, in French."""
    if not chemin.exists():
        raise WorkError(f"{chemin} : fichier introuvable")
    suffix = chemin.suffix.lower()
    try:
        if chemin.is_dir() or suffix == ".parquet":
            return _ouvrir_parquet(chemin, options)
        if suffix in _EXCEL:
            return _ouvrir_excel(chemin, options)
        if suffix in _LIGNES_JSON:
            return Source(chemin, "lignes_json", (), chemin.stat().st_size, options)
        return _ouvrir_csv(chemin, options)
    except OSError as error:
        raise WorkError(f"{chemin} : lecture impossible ({error.strerror or error})") from None
    except csv.Error as error:
        raise WorkError(f"{chemin} : CSV illisible ({error})") from None


# --- CSV ---


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
        widths = [len(row) for row in _rangees(csv.reader(lines, delimiter=candidate)) if row]
        if not widths or widths[0] < 2:  # noqa: PLR2004 - it cuts nothing
            continue
        same = sum(w == widths[0] for w in widths) / len(widths)
        if (same, widths[0]) > score:
            best, score = candidate, (same, widths[0])
    return best


def _ouvrir_csv(chemin: Path, options: Mapping[str, str]) -> Source:
    named = options.get("encodage")
    if named:
        try:
            codecs.lookup(named)
        except LookupError:
            raise WorkError(f"encodage « {named} » inconnu (essayez {', '.join(sorted(ENCODAGES))})") from None
    found = {"encodage": named or encodage(chemin)}
    try:
        with chemin.open(encoding=found["encodage"], newline="") as stream:
            sample = list(islice(stream, _SAMPLE))
    except UnicodeError:
        raise WorkError(f"{chemin} : ce fichier n'est pas écrit en {found['encodage']}") from None
    found["separateur"] = {"tabulation": "\t", "\\t": "\t"}.get(
        options.get("separateur", ""), options.get("separateur", "")
    )
    if not found["separateur"]:
        found["separateur"] = separateur(sample)
    if len(found["separateur"]) != 1:
        raise WorkError(f"séparateur « {found['separateur']} » : un seul caractère est attendu")
    rows = _rangees(csv.reader(sample, delimiter=found["separateur"]))
    headers = tuple(cell.strip() for cell in next((row for row in rows if any(row)), []))
    if not any(headers):
        raise WorkError(f"{chemin} : le fichier est vide ; une ligne d'en-têtes est attendue")
    return Source(chemin, "csv", _uniques(headers), chemin.stat().st_size, {**options, **found})


def _uniques(headers: Sequence[str]) -> tuple[str, ...]:
    """Name each column once: a second « montant » becomes « montant (2) »."""
    seen: dict[str, int] = {}
    found = []
    for rank, header in enumerate(headers, start=1):
        name = header or f"colonne {rank}"
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(found)


def _csv(source: Source, taille: int) -> Iterator[Morceau]:
    width = len(source.entetes)
    encoding = source.options["encodage"]
    with source.chemin.open(encoding=encoding, newline="") as stream:
        reader = csv.reader(_sans_nul(stream), delimiter=source.options["separateur"])
        rows = _rangees(reader)
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


def _rangees(reader: Iterator[list[str]]) -> Iterator[list[str]]:
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


# --- Parquet ---


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


def _ouvrir_parquet(chemin: Path, options: Mapping[str, str]) -> Source:
    files = partitions(chemin)
    total = sum(map(lignes_parquet, files))
    schema = pl.scan_parquet(files[0]).collect_schema()
    nested = {name: str(kind) for name, kind in schema.items() if _imbriquee(kind)}
    headers = tuple(name for name in schema.names() if name not in nested)
    return Source(chemin, "parquet", headers, total, options, nested)


def _parquet(source: Source, taille: int) -> Iterator[Morceau]:
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


# --- Excel ---


def _ouvrir_excel(chemin: Path, options: Mapping[str, str]) -> Source:
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
    headers = _uniques([str(c.name).strip() for c in loaded.available_columns()])
    return Source(chemin, "excel", headers, total, {**options, "feuille": sheet})


def _excel(source: Source, taille: int) -> Iterator[Morceau]:
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


# --- JSON lines ---


def _lignes_json(source: Source, taille: int) -> Iterator[Morceau]:
    number = 0
    with source.chemin.open("rb") as stream:
        lines: list[int] = []
        kept: list[Mapping[str, Any]] = []
        aside: list[Rejet] = []
        for rank, raw in enumerate(stream, start=1):
            text = raw.strip()
            if not text:
                continue
            try:
                data = json.loads(text.decode("utf-8-sig"), parse_float=_decimal, object_pairs_hook=_objet)
            except _CleDouble as error:
                aside.append(Rejet(rank, str(error)))
                data = None
            except (ValueError, RecursionError):
                data = None
            if isinstance(data, dict):
                kept.append(data)
                lines.append(rank)
            elif not aside or aside[-1].ligne != rank:
                aside.append(Rejet(rank, "ligne qui n'est pas un objet JSON en UTF-8"))
            if len(kept) + len(aside) >= taille:
                yield Morceau(number, lines, None, kept, aside, stream.tell())
                number, lines, kept, aside = number + 1, [], [], []
        if lines or aside:
            yield Morceau(number, lines, None, kept, aside, source.total)


class _CleDouble(ValueError):
    """A key stands twice in an object."""


def _objet(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for i, name in enumerate(names) if name in names[:i])
        raise _CleDouble(f"clé « {twice} » écrite deux fois")
    return found


def _decimal(text: str) -> Any:  # noqa: ANN401 - an exact number
    from decimal import Decimal  # noqa: PLC0415 - only JSON pays for it

    return Decimal(text)
