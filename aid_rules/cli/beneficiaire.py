"""The beneficiary alone: category, difficulty, place."""

from __future__ import annotations

from pathlib import Path

import click

from aid_rules.cli.commun import open_dossier, regles_option
from aid_rules.law.questions import poser
from aid_rules.report.beneficiaire import describe
from aid_rules.report.resultat import resultat


@click.command()
@click.argument("dossier", metavar="DOSSIER")
@click.option("--format", "format_", type=click.Choice(["texte", "json"]), default="texte", help="Forme du résultat.")
@regles_option
def beneficiaire(dossier: str, format_: str, regles_dirs: tuple[Path, ...]) -> None:
    """Dit la catégorie du bénéficiaire de DOSSIER, ligne à ligne, sa difficulté et sa zone."""
    engine, read = open_dossier(dossier, regles_dirs)
    whole = resultat(engine, engine.evaluate(read))
    found = whole.beneficiaire
    if format_ == "json":
        click.echo(found.model_dump_json(indent=2))
        return
    asked = [path for path in found.manquants if path.startswith("beneficiaire.")]
    questions = {path: poser(path, read.beneficiaire).texte for path in asked}
    questions |= {q.chemin: q.question for q in whole.questions}
    click.echo(describe(found, engine.book.vocabulaire.listes["secteur"], questions))
