"""Evaluate a dossier, list what it lacks, explain a basis."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from aid_rules.cli.commun import Jour, emit, known_base, open_dossier, regles_option
from aid_rules.cli.documents import DOCUMENTS, write_documents
from aid_rules.report.resultat import resultat
from aid_rules.report.texte import Texte

dossier_argument = click.argument("dossier", metavar="DOSSIER")


@click.command()
@dossier_argument
@click.option(
    "--date", "dates", type=Jour(), multiple=True, help="Évaluer au droit de ce jour (deux fois pour comparer)."
)
@click.option(
    "--format", "format_", type=click.Choice(["texte", "json", *DOCUMENTS]), default="texte", help="Forme du résultat."
)
@click.option("--sortie", type=click.Path(path_type=Path, dir_okay=False), metavar="F", help="Fichier où écrire.")
@regles_option
@click.option("--strict", is_flag=True, help="Code de sortie 3 si une alerte bloquante demeure.")
@click.option("--tout", is_flag=True, help="Montrer aussi les bases que le projet ne concerne pas.")
def evaluer(
    dossier: str,
    dates: tuple[date, ...],
    format_: str,
    sortie: Path | None,
    regles_dirs: tuple[Path, ...],
    strict: bool,
    tout: bool,
) -> None:
    """Évalue DOSSIER (fichier YAML ou JSON, « - » pour l'entrée standard).

    Dit s'il y a aide d'État, sur quelles bases elle peut être accordée, combien au plus, et ce que le cumul interdit.
    """
    engine, read = open_dossier(dossier, regles_dirs)
    found = [engine.evaluate(read, jour, tout) for jour in dates or (None,)]
    results = [resultat(engine, one, autres_versions=True) for one in found]
    if format_ in DOCUMENTS:
        write_documents(engine, found, results, format_, sortie)
        text = None
    elif format_ == "json":
        texts = [result.model_dump_json(indent=2) for result in results]
        text = texts[0] if len(texts) == 1 else "[\n" + ",\n".join(texts) + "\n]"
    else:
        writer = Texte(engine, tout=tout)
        text = "\n\n".join(writer.write(result) for result in results)
        if len(results) == 2:  # noqa: PLR2004 - two dates compare
            text += "\n\n" + writer.compare(*results)
    if text is not None:
        emit(text, sortie)
    if strict and any(one.bloquante for one in found):
        sys.exit(3)


@click.command()
@dossier_argument
@click.option("--format", "format_", type=click.Choice(["texte", "json"]), default="texte", help="Forme du résultat.")
@regles_option
def questions(dossier: str, format_: str, regles_dirs: tuple[Path, ...]) -> None:
    """Dit ce qui manque à DOSSIER, la question qui tranche le plus de verdicts d'abord."""
    engine, read = open_dossier(dossier, regles_dirs)
    result = resultat(engine, engine.evaluate(read))
    if format_ == "json":
        click.echo("[\n" + ",\n".join(q.model_dump_json(indent=2) for q in result.questions) + "\n]")
    else:
        click.echo(Texte(engine).questions(result.questions))


@click.command()
@dossier_argument
@click.argument("regime", metavar="REGIME")
@click.option("--date", "jour", type=Jour(), help="Expliquer au droit de ce jour.")
@regles_option
def expliquer(dossier: str, regime: str, jour: date | None, regles_dirs: tuple[Path, ...]) -> None:
    """Explique le verdict de REGIME (par exemple rgec.17) pour DOSSIER, condition par condition."""
    engine, read = open_dossier(dossier, regles_dirs)
    known_base(engine, jour or read.date_octroi, regime)
    result = resultat(engine, engine.evaluate(read, jour, tout=True))
    base = next(b for b in (*result.regimes, *result.dispositifs) if b.id == regime)
    click.echo(Texte(engine).explain(base, result))
