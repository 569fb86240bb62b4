"""What properties do to the data of a dossier: leave out, shuffle, strip of dates, say one thing more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import date
from random import Random
from typing import Any

Donnees = Mapping[str, Any]


def oublier(data: Donnees, alea: Random) -> dict[str, Any]:
    """Return the dossier with some of what it says left out: what it then does not know."""
    less = deepcopy(dict(data))
    paths = [p for p in feuilles(less) if _oubliable(p)]
    for path in alea.sample(paths, alea.randint(0, min(len(paths), 4))):
        place = less
        for step in path[:-1]:
            place = place[step]  # type: ignore[index]
        place.pop(path[-1], None)  # type: ignore[arg-type]
    return less


def _oubliable(path: tuple[str | int, ...]) -> bool:
    """Tell whether leaving it out is only knowing less: an identity, an aid, a group are statements of their own.

    So is a plain « oui » to the economic activity, which without its share is about the whole of it.
    """
    kept = path[-1] in {"id", "part_non_economique_pct"} or "liens" in path
    return not kept and path[0] in ("mesure", "beneficiaire", "projet")


def feuilles(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:  # noqa: ANN401
    """Yield the path of each plain value, lists of words counted as one."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from feuilles(value, (*path, key))
    elif isinstance(data, list) and any(isinstance(item, dict) for item in data):
        for index, value in enumerate(data):
            yield from feuilles(value, (*path, index))
    else:
        yield path


def melanger(data: Any, alea: Random) -> Any:  # noqa: ANN401 - any YAML value
    """Return the same data with the keys of each block in another order."""
    if isinstance(data, Mapping):
        keys = list(data)
        alea.shuffle(keys)
        return {key: melanger(data[key], alea) for key in keys}
    return [melanger(item, alea) for item in data] if isinstance(data, list) else data


def sans_dates(data: Any) -> Any:  # noqa: ANN401 - any YAML value
    """Return the data without any date but the award date."""
    if isinstance(data, Mapping):
        return {
            k: sans_dates(v)
            for k, v in data.items()
            if k == "date_octroi" or not (isinstance(v, date) or k in ("exercices", "de_minimis"))
        }
    return [sans_dates(item) for item in data] if isinstance(data, list) else data


def poser(data: dict[str, Any], chemin: str, valeur: object) -> None:
    """Say a fact at its path (`projet.faits.x`)."""
    *steps, last = chemin.split(".")
    place = data
    for step in steps:
        place = place.setdefault(step, {})
    place[last] = valeur
