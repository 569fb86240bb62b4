"""The law itself: list, show, check."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from aid_rules.cli.commun import Jour, known_base, regles_option
from aid_rules.engine.moteur import Engine
from aid_rules.report.loi import list_bases, show_base

jour_option = click.option("--date", "jour", type=Jour(), help="Droit en vigueur ce jour (par défaut : aujourd'hui).")


@click.group()
def regles() -> None:
    """La loi elle-même : ce que le moteur applique, daté et référencé."""


@regles.command()
@jour_option
@regles_option
def lister(jour: date | None, regles_dirs: tuple[Path, ...]) -> None:
    """Liste les bases légales et les dispositifs en vigueur."""
    engine = Engine(*regles_dirs)
    click.echo(list_bases(engine, jour or date.today()))  # noqa: DTZ011 - the user's own day


@regles.command()
@click.argument("base", metavar="BASE")
@jour_option
@regles_option
def montrer(base: str, jour: date | None, regles_dirs: tuple[Path, ...]) -> None:
    """Montre BASE (par exemple rgec.17) : conditions, taux, plafonds, références."""
    engine = Engine(*regles_dirs)
    when = jour or date.today()  # noqa: DTZ011 - the user's own day
    known_base(engine, when, base)
    click.echo(show_base(engine, base, when))


@regles.command()
@regles_option
def verifier(regles_dirs: tuple[Path, ...]) -> None:
    """Contrôle les règles : noms, types, périodes, références, conditions impossibles."""
    rules = Engine(*regles_dirs).library.rules
    click.echo(
        f"{len(rules.regimes)} régimes, {len(rules.dispositifs)} dispositifs, "
        f"{len(rules.vocabulaire.faits)} faits : rien à signaler."
    )
