"""The documents of an evaluation: HTML, PDF, Word."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import click

from aid_rules.assessment import Resultat
from aid_rules.cli.commun import write_whole
from aid_rules.engine.moteur import Assessment, Engine
from aid_rules.faults import WorkError

DOCUMENTS = ("html", "pdf", "docx")


def write_documents(
    engine: Engine, found: Sequence[Assessment], results: Sequence[Resultat], format_: str, sortie: Path | None
) -> None:
    """Write one « fiche » per evaluation in one file. Raises `WorkError` when a library is missing."""
    from aid_rules.report.fiche import fiche  # noqa: PLC0415 - only documents pay for it

    pieces = [fiche(engine, one, result) for one, result in zip(found, results, strict=True)]
    content: bytes = import_module(f"aid_rules.report.{format_}").ecrire(pieces)
    if sortie is not None:
        write_whole(sortie, content)
        click.echo(f"Écrit : {sortie}", err=True)
    elif format_ != "html" and sys.stdout.isatty():
        raise WorkError(f"Un document {format_} ne se lit pas dans un terminal : donnez un fichier avec --sortie.")
    else:
        sys.stdout.buffer.write(content)
