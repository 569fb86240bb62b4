"""The command line: one module per family of commands, imported only when called."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from importlib import import_module

import click

from aid_rules import __version__
from aid_rules.cli import francais
from aid_rules.faults import FaultsError, WorkError

francais.install()
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # none is used, and looking for them is slow

COMMANDS = {
    "evaluer": ("aid_rules.cli.evaluer", "Évalue un dossier : aide ou non, bases légales, montants, cumul."),
    "questions": ("aid_rules.cli.evaluer", "Dit ce qui manque à un dossier, le plus décisif d'abord."),
    "expliquer": ("aid_rules.cli.evaluer", "Explique le verdict d'une base légale ou d'un dispositif."),
    "beneficiaire": ("aid_rules.cli.beneficiaire", "Catégorie d'entreprise, difficulté, groupe."),
    "esb": ("aid_rules.cli.esb", "Calcule l'équivalent-subvention brut d'un prêt, d'une garantie, d'une avance…"),
    "portefeuille": ("aid_rules.cli.portefeuille", "Évalue de nombreux dossiers : CSV, Excel, Parquet, lignes JSON."),
    "plan": ("aid_rules.cli.plan", "Cherche le meilleur plan de financement légal."),
    "regles": ("aid_rules.cli.regles", "La loi elle-même : lister, montrer, vérifier, comparer."),
    "serveur": ("aid_rules.cli.serveur", "Ouvre le questionnaire et l'API dans un navigateur."),
    "donnees": ("aid_rules.cli.donnees", "Importe des données officielles."),
    "schema": ("aid_rules.cli.schema", "Écrit le schéma JSON d'un dossier."),
}
"""Commands by name: where they stand, and their line of help (so that --help imports none of them)."""


LONG = frozenset({"portefeuille", "serveur"})
"""Commands that run long enough for memory to be worth collecting."""


class LazyGroup(click.Group):
    """A group whose commands are imported when called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order of use."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        if cmd_name in LONG:
            gc.enable()
        found: click.Command = getattr(import_module(COMMANDS[cmd_name][0]), cmd_name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from the table alone."""
        del ctx
        with formatter.section("Commandes"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Commencez par : aid-rules evaluer examples/bresle_2019.yaml",
)
@click.version_option(__version__, prog_name="aid-rules", message="%(prog)s %(version)s")
def cli() -> None:
    """Aides d'État : savoir, avant de signer, si un financement public est une aide, sur quelle base, combien au plus.

    La loi appliquée est celle du jour d'octroi. Chaque résultat est une pré-analyse, datée, avec ses références.
    """


def main() -> None:
    """Run the command line; no traceback reaches a user."""
    gc.disable()  # a run is short and frees nothing worth collecting, not even at its end
    atexit.register(gc.freeze)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        cli(prog_name="aid-rules")
    except FaultsError as error:
        for fault in error.faults:
            click.echo(str(fault), err=True)
        count = len(error.faults)
        click.echo(f"{count} faute{'s' if count > 1 else ''} : rien n'a été calculé.", err=True)
        sys.exit(2)
    except WorkError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
