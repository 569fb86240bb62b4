"""Official data imported by the user."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from aid_rules.cli.commun import Jour
from aid_rules.language.places import donnees as shipped
from aid_rules.law import carte_afr


@click.group()
def donnees() -> None:
    """Importe des données officielles qui ne sont pas livrées avec le moteur."""


@donnees.group()
def importer() -> None:
    """Importe un fichier officiel, contrôlé en entier avant d'être retenu."""


@importer.command()
@click.argument("fichier", type=click.Path(path_type=Path), metavar="FICHIER")
@click.option(
    "--arrete-le", type=Jour(), default=carte_afr.DEBUT.isoformat(), show_default=True, help="Date de la liste."
)
def afr(fichier: Path, arrete_le: date) -> None:
    """Importe la liste officielle des communes AFR 2022-2027 (data.gouv.fr : insee_com, lib_com, classement_afr)."""
    report = carte_afr.importer(fichier, carte_afr.dossier_donnees(), donnees=shipped(), arrete_le=arrete_le)
    click.echo(
        f"{report.lignes} communes lues : {report.integralement} intégralement classées, "
        f"{report.partiellement} partiellement, {report.non_classees} non classées."
    )
    for text in report.avertissements:
        click.echo(f"! {text}")
    click.echo(f"Table écrite : {report.table}. La zone AFR se trouve désormais par la commune.")
