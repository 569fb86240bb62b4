"""The command line."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from aid_rules.faults import FaultsError
from aid_rules.language.loader import load
from aid_rules.language.places import rulesets


@click.group()
def main() -> None:
    """Aides d'État."""


@main.group()
def regles() -> None:
    """La loi elle-même."""


@regles.command()
def verifier() -> None:
    """Contrôle les règles."""
    try:
        found = load(Path(rulesets()))
    except FaultsError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    click.echo(f"{len(found.regimes)} régimes, {len(found.vocabulaire.faits)} faits : rien à signaler")
