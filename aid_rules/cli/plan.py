"""The best legal financing plan of a dossier."""

from __future__ import annotations

from pathlib import Path

import click

from aid_rules.cli.commun import emit, open_dossier, regles_option
from aid_rules.engine.plan import proposer
from aid_rules.report.meilleur_plan import ecrire_plan
from aid_rules.report.plan import plan_lines


@click.command()
@click.argument("dossier", metavar="DOSSIER")
@click.option("--format", "format_", type=click.Choice(["texte", "json"]), default="texte", help="Forme du résultat.")
@click.option("--sortie", type=click.Path(path_type=Path, dir_okay=False), metavar="F", help="Fichier où écrire.")
@regles_option
def plan(dossier: str, format_: str, sortie: Path | None, regles_dirs: tuple[Path, ...]) -> None:
    """Cherche le meilleur plan de financement légal de DOSSIER (clé « plan » : objectif, financeurs, enveloppes).

    Respecte bases, intensités, cumul, de minimis et seuils, au centime ; dit ce qui limite, ou ce qui empêche.
    """
    engine, read = open_dossier(dossier, regles_dirs)
    found = engine.evaluate(read)
    written = ecrire_plan(engine, found, proposer(engine, found))
    if format_ == "json":
        emit(written.model_dump_json(indent=2), sortie)
        return
    emit("\n".join(plan_lines(written)), sortie)
