"""The law itself: list, show, check."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from aid_rules.cli.commun import Jour, known_base, regles_option
from aid_rules.engine.moteur import Engine
from aid_rules.faults import FaultsError
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
@click.option("--detail", is_flag=True, help="Lister aussi les chiffres lus autrement, et ceux sans texte stocké.")
@regles_option
def verifier(detail: bool, regles_dirs: tuple[Path, ...]) -> None:
    """Contrôle les règles : noms, types, périodes, conditions impossibles, et chaque chiffre contre le texte cité."""
    from aid_rules.language.checks import avertissements, check  # noqa: PLC0415 - this command alone needs them
    from aid_rules.language.citations import verifier_citations  # noqa: PLC0415 - this command alone needs it

    rules = Engine(*regles_dirs).library.rules
    bilan = verifier_citations(rules)
    for warning in avertissements(rules):
        click.echo(f"! {warning}")
    for heading, items in (("Lus autrement", bilan.expliquees), ("Sans texte stocké", bilan.non_verifiables)):
        for item in items if detail else ():
            figure = item.chiffre
            click.echo(f"{heading} : {figure.texte} [{', '.join(figure.refs)}] {figure.lecture or ''}".rstrip())
    faults = [*check(rules), *bilan.fautes]
    if faults:
        raise FaultsError(faults)
    click.echo(
        f"{len(rules.regimes)} régimes, {len(rules.dispositifs)} dispositifs, {len(rules.vocabulaire.faits)} faits : "
        "rien à signaler."
    )
    click.echo(
        f"{len(bilan.verifications)} chiffres cités : {len(bilan.prouvees)} trouvés dans la disposition citée, "
        f"{len(bilan.expliquees)} lus autrement et expliqués, {len(bilan.non_verifiables)} sans texte stocké."
    )


@regles.command()
@click.option("--cas", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Dossier des cas d'essai.")
@click.option("--markdown", is_flag=True, help="Résumé en Markdown.")
@regles_option
def couverture(cas: Path | None, markdown: bool, regles_dirs: tuple[Path, ...]) -> None:
    """Dit, article par article et version par version, ce qui est encodé, prouvé et essayé."""
    from aid_rules.language import couverture as module  # noqa: PLC0415 - this command alone needs it

    here = Path("tests/cas")
    found = module.couverture(Engine(*regles_dirs).library.rules, cas or (here if here.is_dir() else None))
    click.echo(module.en_markdown(found) if markdown else module.en_texte(found))


@regles.command()
@click.argument("avant", type=Jour(), metavar="AVANT")
@click.argument("apres", type=Jour(), metavar="APRES")
@click.option("--article", metavar="N", help="Un seul article, par exemple 41 ou « 36 bis ».")
@click.option(
    "--projet",
    type=click.Path(path_type=Path, file_okay=False),
    multiple=True,
    metavar="DIR",
    help="Règles en projet, posées par-dessus pour APRES seulement.",
)
@regles_option
def comparer(
    avant: date, apres: date, article: str | None, projet: tuple[Path, ...], regles_dirs: tuple[Path, ...]
) -> None:
    """Dit ce qui change entre deux dates, taux par taux et condition par condition."""
    from aid_rules.language import comparaison  # noqa: PLC0415 - this command alone needs it

    before = Engine(*regles_dirs)
    after = Engine(*regles_dirs, *projet) if projet else before
    changes = comparaison.comparer(
        before.at(avant).loi,
        after.at(apres).loi,
        before.french,
        before.references,
        article,
        french_apres=after.french,
    )
    click.echo(comparaison.en_texte(changes))


@regles.command()
@click.argument("sortie", type=click.Path(path_type=Path, file_okay=False), metavar="DOSSIER_SORTIE")
@regles_option
def site(sortie: Path, regles_dirs: tuple[Path, ...]) -> None:
    """Écrit dans DOSSIER_SORTIE des pages statiques : chaque base à chaque date, son histoire, ses références."""
    from aid_rules.report.site import ecrire  # noqa: PLC0415 - an extra

    count = ecrire(Engine(*regles_dirs), sortie)
    click.echo(f"{count} pages écrites : {sortie / 'index.html'}")
