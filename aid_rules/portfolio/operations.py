"""Mergers, acquisitions and splits that the rows of a portfolio tell, and whose aids they bring to whose awards.

From the day of a merger or an acquisition, the earlier aids of each enterprise count for the other (règlement
2023/2831, article 3(8); 1407/2013, the same). What a split leaves to each (article 3(9)) no row can tell of the awards
of others: they may count. So does what an operation without date brings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

import polars as pl

from aid_rules.dossier import Beneficiaire
from aid_rules.law.rattachement import SCISSION

OPERATION = pl.Struct({"nature": pl.String, "le": pl.Date, "siren": pl.String})
PORTEES: dict[str, Any] = {"cle": pl.UInt32, "autre": pl.String, "sur": pl.Boolean, "raison": pl.String}
"""The other undertakings whose aids count, or may count (`sur`), on the day of an award. `autre` is null when the
undertaking itself was split: what it received before is then no longer certain."""


class Arete(NamedTuple):
    """What brings the aids of `autre` to an undertaking, from `le` on (None: unknown day)."""

    autre: str
    le: date | None
    nature: str | None
    siren: str


def operations_de(beneficiaire: Beneficiaire) -> list[dict[str, Any]]:
    """Return the operations of a beneficiary as the table of awards holds them."""
    return [{"nature": o.nature, "le": o.le, "siren": o.siren} for o in beneficiaire.operations or ()]


def aretes(octrois: pl.DataFrame, representants: Mapping[str, str]) -> dict[str, list[Arete]]:
    """Return what the operations bring to each undertaking, named by `representants` or by its own SIREN."""
    found: dict[str, list[Arete]] = {}
    told = octrois.filter(pl.col("siren").is_not_null() & (pl.col("operations").list.len() > 0))
    for siren, operations in told.select("siren", "operations").iter_rows():
        own = representants.get(siren, siren)
        for operation in operations:
            if operation["siren"] is None:
                continue
            name, day, kind = operation["siren"], operation["le"], operation["nature"]
            other = representants.get(name, name)
            edges = [(own, Arete(other, day, kind, name))]
            if kind != SCISSION:
                edges.append((other, Arete(own, day, kind, siren)))
            for start, edge in edges:
                if start != edge.autre or (kind == SCISSION and edge not in found.get(start, ())):
                    found.setdefault(start, []).append(edge)
    return found


def portees(octrois: pl.DataFrame, edges: Mapping[str, list[Arete]], cle: str) -> pl.DataFrame:
    """Return what operations bring to each award; `cle` names the column that holds its undertaking.

    A regulation without single undertaking says nothing of operations: what they bring is never certain there.
    """
    touched = octrois.filter(pl.col(cle).is_in(list(edges)))
    rows = [
        (number, *reached)
        for number, start, day, unique in touched.select("cle", cle, "jour", "unique").iter_rows()
        for reached in _atteintes(start, day, edges, certain=unique is not False)
    ]
    return pl.DataFrame(rows, PORTEES, orient="row")


def _atteintes(
    start: str, jour: date, edges: Mapping[str, list[Arete]], *, certain: bool
) -> Iterator[tuple[str | None, bool, str | None]]:
    reached: dict[str, tuple[bool, str | None]] = {start: (certain, None)}
    waiting = [start]
    while waiting:
        node = waiting.pop()
        sure, why = reached[node]
        for edge in edges.get(node, ()):
            if edge.le is not None and edge.le > jour:
                continue
            if edge.autre == node:
                yield None, False, _raison(edge)
                continue
            plain = sure and edge.le is not None and edge.nature is not None and edge.nature != SCISSION
            known = reached.get(edge.autre)
            if known is None or (plain and not known[0]):
                reached[edge.autre] = (plain, None if plain else why or _raison(edge))
                waiting.append(edge.autre)
    yield from ((other, *state) for other, state in reached.items() if other != start)


def _raison(edge: Arete) -> str:
    """Say what the portfolio cannot know."""
    kind = {SCISSION: "scission", "fusion": "fusion", "acquisition": "acquisition"}.get(edge.nature or "", "opération")
    if edge.nature == SCISSION:
        return f"scission de la société {edge.siren}, dont la part reprise n'est pas connue des autres lignes"
    if edge.le is None or edge.nature is None:
        return f"{kind} avec la société {edge.siren}, dont la date ou la nature manque"
    return f"{kind} avec la société {edge.siren}, dont le règlement de ce jour ne dit rien"
