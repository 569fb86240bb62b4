"""JSON lines, a dossier each, read in pieces; a line that is no object is set aside."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from aid_rules.portfolio.morceaux import Morceau, Rejet, Source

SUFFIXES = (".jsonl", ".ndjson")


def ouvrir(chemin: Path, options: Mapping[str, str]) -> Source:
    """Recognise a file of JSON lines."""
    return Source(chemin, "lignes_json", (), chemin.stat().st_size, _morceaux, options)


def _morceaux(source: Source, taille: int) -> Iterator[Morceau]:
    number = 0
    with source.chemin.open("rb") as stream:
        lines: list[int] = []
        kept: list[Mapping[str, Any]] = []
        aside: list[Rejet] = []
        for rank, raw in enumerate(stream, start=1):
            text = raw.strip()
            if not text:
                continue
            try:
                data = json.loads(text.decode("utf-8-sig"), parse_float=_decimal, object_pairs_hook=_objet)
            except _CleDouble as error:
                aside.append(Rejet(rank, str(error)))
                data = None
            except (ValueError, RecursionError):
                data = None
            if isinstance(data, dict):
                kept.append(data)
                lines.append(rank)
            elif not aside or aside[-1].ligne != rank:
                aside.append(Rejet(rank, "ligne qui n'est pas un objet JSON en UTF-8"))
            if len(kept) + len(aside) >= taille:
                yield Morceau(number, lines, None, kept, aside, stream.tell())
                number, lines, kept, aside = number + 1, [], [], []
        if lines or aside:
            yield Morceau(number, lines, None, kept, aside, source.total)


class _CleDouble(ValueError):
    """A key stands twice in an object."""


def _objet(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for i, name in enumerate(names) if name in names[:i])
        raise _CleDouble(f"clé « {twice} » écrite deux fois")
    return found


def _decimal(text: str) -> Any:  # noqa: ANN401 - an exact number
    from decimal import Decimal  # noqa: PLC0415 - only JSON pays for it

    return Decimal(text)
