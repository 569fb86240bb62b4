"""The beneficiary alone: category, difficulty, place."""

from __future__ import annotations

from pathlib import Path

import click

from aid_rules.cli.commun import open_dossier, regles_option
from aid_rules.report.beneficiaire import describe
from aid_rules.report.resultat import resultat


@click.command()
@click.argument("dossier", metavar="DOSSIER")
@click.option("--format", "format_", type=click.Choice(["texte", "json"]), default="texte", help="Forme du résultat.")
@regles_option
def beneficiaire(dossier: str, format_: str, regles_dirs: tuple[Path, ...]) -> None:
    """Dit la catégorie du bénéficiaire de DOSSIER, ligne à ligne, sa difficulté et sa zone."""
    engine, read = open_dossier(dossier, regles_dirs)
    found = resultat(engine, engine.evaluate(read)).beneficiaire
    labels = engine.book.vocabulaire.listes["secteur"]
    click.echo(found.model_dump_json(indent=2) if format_ == "json" else describe(found, labels))
