"""Paths of a dossier: `projet.couts[2].montant_eur` read, followed, set; empty branches pruned."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from aid_rules.faults import Fault, FaultsError

Pas = tuple[str | int, ...]

MAX_INDEX = 200
_FORME = re.compile(r"[a-z_0-9]+(?:\[\d{1,3}\])?(?:\.[a-z_0-9]+(?:\[\d{1,3}\])?)*")
_RANG = re.compile(r"[0-9]{1,9}")
_PAS = re.compile(r"([a-z_0-9]+)|\[(\d+)\]")


def lire(chemin: str) -> Pas:
    """Cut a path into its steps. Raises `FaultsError`."""
    if len(chemin) > 300 or not _FORME.fullmatch(chemin):  # noqa: PLR2004 - longer than any path
        raise FaultsError([Fault(f"« {chemin[:80]} » n'est pas un chemin de dossier")])
    steps = tuple(name or int(index) for name, index in _PAS.findall(chemin))
    if any(isinstance(step, int) and step >= MAX_INDEX for step in steps):
        raise FaultsError([Fault(f"plus de {MAX_INDEX} lignes", chemin)])
    return steps


def rang(texte: str) -> int | None:
    """Return the rank that a form sends, None when the text is no plain number of nine digits at most."""
    return int(texte) if _RANG.fullmatch(texte) else None


def prendre(data: Any, pas: Pas) -> Any:  # noqa: ANN401 - any value of a dossier
    """Return what stands at a path, None when nothing does."""
    for step in pas:
        if isinstance(step, int):
            data = data[step] if isinstance(data, list) and step < len(data) else None
        else:
            data = data.get(step) if isinstance(data, dict) else None
    return data


def poser(data: dict[str, Any], pas: Pas, valeur: Any) -> None:  # noqa: ANN401
    """Set a value at a path, making the blocks and lists on the way; None removes it."""
    node: Any = data
    for step, after in pairwise(pas):
        fresh: Any = [] if isinstance(after, int) else {}
        if isinstance(step, int):
            while len(node) <= step:
                node.append({})
            if not isinstance(node[step], type(fresh)):
                node[step] = fresh
        elif not isinstance(node.get(step), type(fresh)):
            node[step] = fresh
        node = node[step]
    last = pas[-1]
    if isinstance(last, int):
        while len(node) <= last:
            node.append({})
        node[last] = valeur
    elif valeur is None:
        node.pop(last, None)
    else:
        node[last] = valeur


def elaguer(data: Any) -> Any:  # noqa: ANN401
    """Return the data without null values and empty blocks; an empty list is an answer, and stays."""
    if isinstance(data, dict):
        kept = {key: elaguer(value) for key, value in data.items()}
        return {key: value for key, value in kept.items() if value is not None and value != {}}
    if isinstance(data, list):
        return [elaguer(item) for item in data]
    return data
