"""The files dropped in the view of the funders, turned into dossiers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from aid_rules.faults import Fault, FaultsError
from aid_rules.language.positions import read_bytes
from aid_rules.web import chemins


def lire_dossiers(name: str, raw: bytes) -> Iterator[dict[str, Any]]:
    """Yield the dossiers of a file: one dossier, a list of them, JSON lines, or a table whose columns are paths.

    A workbook or a Parquet file comes here as the CSV that it holds.

    Raises `FaultsError`.
    """
    if name.lower().endswith((".csv", ".xlsx", ".xlsm", ".parquet")):
        yield from _csv(name, raw)
        return
    if name.lower().endswith((".jsonl", ".ndjson")):
        for rank, line in enumerate(raw.splitlines(), 1):
            if line.strip():
                yield _dossier(read_bytes(line, f"{name}, ligne {rank}").data, name)
        return
    data = read_bytes(raw, name).data
    for item in data if isinstance(data, list) else [data]:
        yield _dossier(item, name)


def _dossier(data: Any, name: str) -> dict[str, Any]:  # noqa: ANN401 - raw input
    if not isinstance(data, dict):
        raise FaultsError([Fault("un dossier est un bloc de clés, dont « date_octroi »", file=name)])
    return data


def _csv(name: str, raw: bytes) -> Iterator[dict[str, Any]]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    head = text.partition("\n")[0]
    separator = max(";,\t", key=head.count)
    try:
        rows = csv.DictReader(io.StringIO(text), delimiter=separator)
        _verifier_entetes(name, rows.fieldnames or ())
        for row in rows:
            data: dict[str, Any] = {}
            for column, value in row.items():
                if column and isinstance(value, str) and value.strip():
                    chemins.poser(data, chemins.lire(column.strip()), value.strip())
            identifier = data.pop("identifiant", None)
            if identifier:
                data.setdefault("intitule", identifier)
            _nommer(data)
            yield data
    except csv.Error as error:
        raise FaultsError([Fault(f"CSV mal formé ({error})", file=name)]) from None


def _verifier_entetes(name: str, headers: Iterable[str | None]) -> None:
    """Refuse a table whose columns bear names of the user's own. Raises `FaultsError`."""
    foreign = []
    for header in headers:
        try:
            chemins.lire((header or "").strip() or "vide")
        except FaultsError:
            foreign.append(f"« {header} »")
    if foreign:
        raise FaultsError(
            [
                Fault(
                    f"colonnes {', '.join(foreign[:10])} : ce ne sont pas des réponses d'un dossier. Joignez un "
                    "fichier de correspondance qui dit ce qu'elles portent",
                    file=name,
                )
            ]
        )


def _nommer(data: dict[str, Any]) -> None:
    """Name the cost lines and aids of a row that gives them no identifier."""
    for place, prefix in ((("projet", "couts"), "cout"), (("aides",), "aide")):
        rows = chemins.prendre(data, place)
        for rank, row in enumerate(rows if isinstance(rows, list) else [], 1):
            if isinstance(row, dict):
                row.setdefault("id", f"{prefix}_{rank}")


def est_correspondance(name: str, raw: bytes) -> bool:
    """Tell a mapping file from a dossier: it names columns."""
    if not name.lower().endswith((".yaml", ".yml")):
        return False
    try:
        data = read_bytes(raw, name).data
    except FaultsError:
        return False
    return isinstance(data, dict) and "colonnes" in data


def en_csv(rows: Sequence[Mapping[str, str]]) -> bytes:
    """Write the rows of a workbook as the table of text that they are."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(dict.fromkeys(k for row in rows for k in row)), delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()
