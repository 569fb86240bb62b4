"""The JSON Schema of a dossier."""

from __future__ import annotations

import json
from pathlib import Path

import click

from aid_rules.cli.commun import emit, regles_option
from aid_rules.engine.moteur import Engine
from aid_rules.report.schema import dossier_schema


@click.command()
@click.option("--sortie", type=click.Path(path_type=Path, dir_okay=False), metavar="F", help="Fichier où écrire.")
@regles_option
def schema(sortie: Path | None, regles_dirs: tuple[Path, ...]) -> None:
    """Écrit le schéma JSON d'un dossier, pour les éditeurs et les autres logiciels."""
    found = dossier_schema(Engine(*regles_dirs).book.vocabulaire)
    emit(json.dumps(found, ensure_ascii=False, indent=2), sortie)
