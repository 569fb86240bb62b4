"""What the commands share: reading a dossier, opening the engine, writing a file whole."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

from aid_rules.champs import read_day
from aid_rules.dossier import Dossier
from aid_rules.engine.facts import bases_of
from aid_rules.engine.moteur import Engine
from aid_rules.faults import WorkError, nearest
from aid_rules.language.positions import Document, read_bytes, read_file
from aid_rules.language.reading import read_dossier

regles_option = click.option(
    "--regles",
    "regles_dirs",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="DIR",
    help="Dossier de règles posé par-dessus celles du moteur (répétable).",
)


class Jour(click.ParamType[date]):
    """A day written AAAA-MM-JJ."""

    name = "AAAA-MM-JJ"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:  # noqa: ANN401
        """Read a day."""
        try:
            return read_day(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def read_source(source: str) -> Document:
    """Read a dossier from a file, or from standard input for `-`."""
    if source == "-":
        return read_bytes(sys.stdin.buffer.read(), "entrée standard")
    return read_file(Path(source))


def open_dossier(source: str, folders: tuple[Path, ...]) -> tuple[Engine, Dossier]:
    """Read a dossier and the rules. Raises `FaultsError` with every fault."""
    document = read_source(source)
    engine = Engine(*folders)
    return engine, read_dossier(document, engine.book.vocabulaire, every_base(engine))


def every_base(engine: Engine) -> tuple[str, ...]:
    """Return every basis of every date: an aid may name one that is not in force, and is then told so."""
    return engine.book.bases


def known_base(engine: Engine, jour: date, name: str) -> str:
    """Return `name` when it is a basis of that day. Raises `WorkError`, with the nearest name."""
    bases = tuple(bases_of(engine.at(jour).loi))
    if name in bases:
        return name
    if name in every_base(engine):
        raise WorkError(f"« {name} » n'est pas en vigueur le {jour.isoformat()}.")
    raise click.BadParameter(
        f"base « {name} » inconnue{nearest(name, bases)} ; « aid-rules regles lister » les donne toutes"
    )


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all. Raises `WorkError` when it cannot be written."""
    try:
        import tempfile  # noqa: PLC0415 - only what writes pays for it

        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise WorkError(f"{path} : écriture impossible ({error.strerror})") from None
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise WorkError(f"{path} : écriture impossible ({error.strerror})") from None


def emit(text: str, sortie: Path | None) -> None:
    """Write to a file, or to standard output."""
    if sortie is None:
        click.echo(text)
    else:
        write_whole(sortie, (click.unstyle(text) + "\n").encode())
        click.echo(f"Écrit : {sortie}", err=True)
