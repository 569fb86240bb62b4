"""The outputs: CSV, Parquet, JSON lines, and an Excel workbook made for people. Each is written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from aid_rules.assessment import AVERTISSEMENT
from aid_rules.faults import WorkError
from aid_rules.portfolio.extras import exiger
from aid_rules.portfolio.results import lisible

FORMATS = (".csv", ".parquet", ".jsonl", ".xlsx")
LIGNES_EXCEL = 1_048_575
"""Rows of a sheet, headers left out."""

_FORMULE = r"^[=+\-@\t\r]"
_LIBELLES = {
    "ligne": "Ligne", "identifiant": "Identifiant", "intitule": "Intitulé", "siren": "SIREN",
    "date_octroi": "Date d'octroi",
    "region": "Région", "categorie": "Catégorie", "conclusion": "Qualification", "etat": "État",
    "base_prevue": "Base prévue", "verdict_base_prevue": "Verdict de la base prévue",
    "aide_prevue_eur": "Aide prévue (€)", "mobilisables": "Bases mobilisables", "a_verifier": "Bases à vérifier",
    "meilleure_base": "Meilleure base", "taux_max_pct": "Taux maximal (%)", "montant_max_eur": "Montant maximal (€)",
    "dispositifs_mobilisables": "Dispositifs mobilisables", "dispositifs_a_verifier": "Dispositifs à vérifier",
    "alertes_bloquantes": "Alertes bloquantes", "alertes": "Alertes", "faits_manquants": "Faits manquants",
    "premier_fait_manquant": "Premier fait manquant", "code": "Code", "gravite": "Gravité", "certaine": "Certaine",
    "message": "Message", "aides": "Aides", "plafond_eur": "Plafond (€)", "total_eur": "Total (€)",
    "depassement_eur": "Dépassement (€)", "chemin": "Fait", "question": "Question", "bases": "Bases en attente",
    "rubrique": "Rubrique", "valeur": "Valeur", "nombre": "Nombre", "montant_eur": "Aide prévue (€)", "motif": "Motif",
}  # fmt: skip
_LARGEURS = {
    "intitule": 34, "message": 90, "mobilisables": 34, "a_verifier": 40, "motif": 90, "question": 70, "chemin": 38,
    "dispositifs_mobilisables": 30, "dispositifs_a_verifier": 30, "bases": 40, "valeur": 40,
    "premier_fait_manquant": 36,
}  # fmt: skip


@dataclass(frozen=True)
class Tableaux:
    """Everything that is to be written, read lazily from the pieces; `regles` says which rules were applied."""

    resultats: pl.LazyFrame
    alertes: pl.LazyFrame
    manquants: pl.LazyFrame
    statistiques: pl.DataFrame
    rejets: pl.LazyFrame
    regles: str


def format_de(path: Path) -> str:
    """Return the format of an output, by its name. Raises `WorkError` when it is none of those written."""
    if path.suffix.lower() not in FORMATS:
        raise WorkError(f"{path} : format de sortie inconnu ; formats admis : {', '.join(FORMATS)}")
    return path.suffix.lower()


def ecrire(sortie: Path, tables: Tableaux) -> list[Path]:
    """Write the results and, beside them, alerts, missing facts, statistics and rows set aside; return the files.

    A workbook holds them all in its sheets. Files appear together once all are complete.
    """
    kind = format_de(sortie)
    with _ensemble() as pending:
        if kind == ".xlsx":
            _classeur(pending.ouvrir(sortie), tables)
            return [sortie]
        written = [sortie]
        _table(pending.ouvrir(sortie), tables.resultats, kind)
        for name, frame in (
            ("alertes", tables.alertes), ("manquants", tables.manquants), ("statistiques", tables.statistiques.lazy()),
            ("rejets", tables.rejets),
        ):  # fmt: skip
            path = sortie.with_name(f"{sortie.stem}.{name}{kind}")
            _table(pending.ouvrir(path), frame, kind)
            written.append(path)
    return written


class _Attente:
    """Files being written under another name, until all are complete."""

    def __init__(self) -> None:
        self.paires: list[tuple[Path, Path]] = []

    def ouvrir(self, path: Path) -> Path:
        try:
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        except OSError as error:
            raise WorkError(f"{path} : écriture impossible ({error.strerror})") from None
        os.close(handle)
        self.paires.append((Path(name), path))
        return Path(name)


@contextmanager
def _ensemble() -> Iterator[_Attente]:
    pending = _Attente()
    try:
        yield pending
        umask = os.umask(0)
        os.umask(umask)
        for temporary, final in reversed(pending.paires):  # the main file last: it says that all is there
            temporary.chmod(0o666 & ~umask)
            temporary.replace(final)
    except OSError as error:
        raise WorkError(f"écriture impossible : {error.strerror or error}") from None
    finally:
        for temporary, _ in pending.paires:
            temporary.unlink(missing_ok=True)


def _table(path: Path, frame: pl.LazyFrame, kind: str) -> None:
    if kind == ".parquet":
        lisible(frame).sink_parquet(path, compression="zstd")
    elif kind == ".jsonl":
        lisible(frame, flottants=True).sink_ndjson(path)
    else:
        _inerte(lisible(frame)).sink_csv(path, separator=";", include_bom=True, decimal_comma=True)


def _inerte(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Put an apostrophe before the texts that a spreadsheet would run as a formula."""
    texts = [name for name, kind in frame.collect_schema().items() if kind == pl.String]
    return frame.with_columns(
        pl.when(pl.col(n).str.contains(_FORMULE)).then(pl.lit("'") + pl.col(n)).otherwise(pl.col(n)).alias(n)
        for n in texts
    )


def _classeur(path: Path, tables: Tableaux) -> None:
    (xlsxwriter,) = exiger("portefeuille", "xlsxwriter")
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(path, options)
    styles = {
        "titre": book.add_format(
            {"bold": True, "bg_color": "#1F3864", "font_color": "#FFFFFF", "valign": "vcenter", "text_wrap": True}
        ),
        "jour": book.add_format({"num_format": "dd/mm/yyyy"}),
        "euros": book.add_format({"num_format": "#,##0.00"}),
        "texte": book.add_format({"num_format": "@"}),
        "alerte_bloquante": book.add_format({"bg_color": "#F8CBAD"}),
        "mobilisable": book.add_format({"bg_color": "#C6E0B4"}),
        "a_verifier": book.add_format({"bg_color": "#FFE699"}),
    }
    for name, frame in (
        ("Résultats", tables.resultats), ("Alertes", tables.alertes), ("Faits manquants", tables.manquants),
        ("Statistiques", tables.statistiques.lazy()), ("Lignes rejetées", tables.rejets),
    ):  # fmt: skip
        _feuille(book, name, lisible(frame), styles)
    about = book.add_worksheet("À lire")
    about.set_column(0, 0, 100)
    for row, text in enumerate(("Pré-analyse d'un portefeuille d'aides", AVERTISSEMENT, tables.regles)):
        about.write_string(row, 0, text, styles["titre"] if row == 0 else None)
    book.close()


def _feuille(book: Any, name: str, frame: pl.LazyFrame, styles: Mapping[str, Any]) -> None:  # noqa: ANN401 - untyped library
    schema = frame.collect_schema()
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 2 if name == "Résultats" else 1)
    sheet.set_row(0, 32)
    for column, header in enumerate(schema.names()):
        label = _LIBELLES.get(header, header)
        style = (
            styles["jour"] if schema[header] == pl.Date else styles["euros"] if schema[header].is_decimal() else None
        )
        sheet.set_column(column, column, _LARGEURS.get(header, max(11, min(len(label) + 2, 24))), style)
        sheet.write_string(0, column, label, styles["titre"])
    row = 0
    for part in frame.collect_batches(chunk_size=20_000, maintain_order=True):
        for values in part.iter_rows():
            row += 1
            if row > LIGNES_EXCEL:
                limit = f"Plus de {LIGNES_EXCEL} lignes dans la feuille « {name} »"
                raise WorkError(f"{limit} : choisissez une sortie .parquet ou .csv.")
            for column, value in enumerate(values):
                _cellule(sheet, row, column, value, styles)
    sheet.autofilter(0, 0, max(row, 1), len(schema) - 1)


def _cellule(sheet: Any, row: int, column: int, value: object, styles: Mapping[str, Any]) -> None:  # noqa: ANN401
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_string(row, column, "oui" if value else "non")
    elif isinstance(value, int):
        sheet.write_number(row, column, value)
    elif isinstance(value, Decimal):
        sheet.write_number(row, column, value, styles["euros"])
    elif isinstance(value, str):
        sheet.write_string(row, column, value[:32_767], styles.get(value))
    else:
        sheet.write_datetime(row, column, value, styles["jour"])
