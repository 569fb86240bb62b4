"""How far a run is: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO

from aid_rules.portfolio.extras import exiger

_PAUSE = 5.0
"""Seconds between two plain lines."""


class Avancement(Protocol):
    """Told after each piece: units read so far, rows done so far."""

    def __call__(self, avance: int, lignes: int) -> None:
        """Say how far the run is."""


@contextmanager
def suivre(total: int, flux: TextIO | None = None) -> Iterator[Avancement]:
    """Give what a run calls after each piece; `total` is in the units of the input (bytes or rows)."""
    stream = flux or sys.stderr
    if stream.isatty():
        with _barre(total, stream) as bar:
            yield bar
    else:
        yield _Lignes(total, stream)


@contextmanager
def _barre(total: int, stream: TextIO) -> Iterator[Avancement]:
    rich_progress, rich_console = exiger("portefeuille", "rich.progress", "rich.console")
    bar = rich_progress.Progress(
        rich_progress.TextColumn("{task.description}"),
        rich_progress.BarColumn(),
        rich_progress.TaskProgressColumn(),
        rich_progress.TextColumn("{task.fields[lignes]} lignes, {task.fields[debit]} par seconde, reste"),
        rich_progress.TimeRemainingColumn(),
        console=rich_console.Console(file=stream),
    )
    start = time.monotonic()
    with bar:
        task = bar.add_task("Évaluation", total=total, lignes="0", debit="…")

        def tell(avance: int, lignes: int) -> None:
            rate = lignes / max(time.monotonic() - start, 1e-6)
            bar.update(task, completed=avance, lignes=_nombre(lignes), debit=_nombre(round(rate)))

        yield tell


class _Lignes:
    def __init__(self, total: int, stream: TextIO) -> None:
        self.total = max(total, 1)
        self.stream = stream
        self.start = self.last = time.monotonic()

    def __call__(self, avance: int, lignes: int) -> None:
        now = time.monotonic()
        if now - self.last < _PAUSE and avance < self.total:
            return
        if avance >= self.total and now - self.start < _PAUSE:
            return  # a short run says its counts, and nothing else
        self.last = now
        elapsed = max(now - self.start, 1e-6)
        left = elapsed * (self.total - avance) / max(avance, 1)
        self.stream.write(
            f"{100 * avance // self.total} % : {_nombre(lignes)} lignes, "
            f"{_nombre(round(lignes / elapsed))} par seconde, reste environ {round(left)} s\n"
        )
        self.stream.flush()


def _nombre(value: int) -> str:
    return f"{value:,}".replace(",", "\u202f")
