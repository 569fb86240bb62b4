"""Mergers, acquisitions and splits that the rows of a portfolio tell, and whose aids they bring to whose awards.

From the day of a merger or an acquisition, the earlier aids of each enterprise count for the other (règlement
2023/2831, article 3(8); 1407/2013, the same). What a split leaves to each (article 3(9)) is what a row says of the aid;
where none does, it may count. So does what an operation without date brings; one without SIREN may bring anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

import polars as pl

from aid_rules.dossier import Beneficiaire
from aid_rules.law.rattachement import SCISSION

OPERATION = pl.Struct({"nature": pl.String, "le": pl.Date, "siren": pl.String})
PORTEES: dict[str, Any] = {
    "cle": pl.UInt32, "autre": pl.String, "sur": pl.Boolean, "raison": pl.String, "depuis": pl.Date,
    "inconnue": pl.Boolean, "jusque": pl.Date,
}  # fmt: skip
"""The other undertakings whose aids count, or may count (`sur`), on the day of an award. `autre` is null for what is
said of the undertaking itself: `depuis`, that a split leaves uncertain what it received until that day; `inconnue`,
that an operation brings the aids of an enterprise that is not named. `depuis` also tells another that was split;
`jusque`, that only the aids of that other until that day may count, before a split."""


class Arete(NamedTuple):
    """What brings the aids of `autre` (None: not named) to an undertaking, from `le` on (None: unknown day)."""

    autre: str | None
    le: date | None
    nature: str | None
    siren: str | None


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
            name, day, kind = operation["siren"], operation["le"], operation["nature"]
            if name is None:
                found.setdefault(own, []).append(Arete(None, day, kind, None))
                continue
            other = representants.get(name, name)
            if kind == SCISSION:
                edges = dict.fromkeys([(own, Arete(other, day, kind, name)), (other, Arete(other, day, kind, name))])
            else:
                edges = dict.fromkeys([(own, Arete(other, day, kind, name)), (other, Arete(own, day, kind, siren))])
            for start, edge in edges:
                if (start != edge.autre or kind == SCISSION) and edge not in found.get(start, ()):
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


class _Atteinte(NamedTuple):
    """How an undertaking is reached: surely or not, what is to be asked, and until when its aids may count."""

    sur: bool
    raison: str | None = None
    jusque: date | None = None

    def par(self, edge: Arete) -> _Atteinte:
        """Return how the next undertaking is reached."""
        sure = self.sur and edge.le is not None and edge.nature is not None and edge.nature != SCISSION
        before = edge.le - timedelta(days=1) if edge.nature == SCISSION and edge.le is not None else None
        ends = [day for day in (self.jusque, before) if day is not None]
        return _Atteinte(sure, None if sure else self.raison or _raison(edge), min(ends, default=None))

    def plus_large(self, autre: _Atteinte) -> bool:
        """Tell whether this says more than another way to the same undertaking."""
        if self.jusque is None or autre.jusque is None:
            longer = self.jusque is None and autre.jusque is not None
        else:
            longer = self.jusque > autre.jusque
        return (self.sur and not autre.sur) or (longer and self.sur == autre.sur)


def _atteintes(start: str, jour: date, edges: Mapping[str, list[Arete]], *, certain: bool) -> Iterator[tuple[Any, ...]]:
    reached = {start: _Atteinte(certain)}
    splits: dict[str, date] = {}
    said: list[tuple[Any, ...]] = []
    waiting = [start]
    while waiting:
        node = waiting.pop()
        for edge in edges.get(node, ()):
            if edge.le is not None and edge.le > jour:
                continue
            if edge.autre is None:
                said.append((None, False, _raison(edge), None, True, None))
            elif edge.autre == node:
                until = jour if edge.le is None else edge.le - timedelta(days=1)
                splits[node] = max(until, splits.get(node, until))
                if node == start:
                    said.append((None, False, _raison(edge), until, False, None))
            else:
                way, known = reached[node].par(edge), reached.get(edge.autre)
                if known is None or (edge.autre != start and way.plus_large(known)):
                    reached[edge.autre] = way
                    waiting.append(edge.autre)
    yield from dict.fromkeys(said)
    for other, way in reached.items():
        if other != start:
            yield other, way.sur, way.raison, splits.get(other), False, way.jusque


def _raison(edge: Arete) -> str:
    """Say what the portfolio cannot know."""
    kind = {SCISSION: "scission", "fusion": "fusion", "acquisition": "acquisition"}.get(edge.nature or "", "opération")
    if edge.siren is None:
        return f"{kind} avec une société dont le SIREN n'est pas dit : quel est-il"
    if edge.nature == SCISSION:
        return f"scission de la société {edge.siren}, dont la part reprise n'est pas connue des autres lignes"
    if edge.le is None or edge.nature is None:
        return f"{kind} avec la société {edge.siren}, dont la date ou la nature manque"
    return f"{kind} avec la société {edge.siren}, dont le règlement de ce jour ne dit rien"
