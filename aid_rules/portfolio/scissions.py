"""What the rows say of the aids of an enterprise that was split: each share, on the day of each award.

Règlement 2023/2831, article 3(9); 1407/2013, the same: an aid goes to the enterprise that took its activity over, or is
shared. What an enterprise says of its own share holds for its awards; what another took is no longer its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

import polars as pl

CORRECTIONS: dict[str, Any] = {"cle": pl.UInt32, "plus_bas": pl.Int64, "plus_haut": pl.Int64}
"""What is to be added to each end of the sum of an award, in cents."""


class Dite(NamedTuple):
    """What an undertaking says that it holds of one aid of an enterprise split, from a day on (None: always)."""

    declarant: str
    jour: date
    reglement: str
    montant: int
    rang: int
    scission: date | None
    bas: int
    haut: int

    @property
    def aide(self) -> tuple[date, str, int, int]:
        """Return what tells the aid from the others of the enterprise."""
        return (self.jour, self.reglement, self.montant, self.rang)


def corrections(
    octrois: pl.DataFrame, dites: pl.DataFrame, portees: pl.DataFrame, cle: str, representants: Mapping[str, str]
) -> pl.DataFrame:
    """Return what the shares told change in the sums of awards that a split touches.

    `dites` are the declared aids with a share told, `portees` what operations bring; `cle` names the column that holds
    the undertaking of an award.
    """
    told = _lire(dites, cle, representants)
    if not told or portees.is_empty():
        return pl.DataFrame(schema=CORRECTIONS)
    sources = portees.filter(~pl.col("inconnue")).sort("depuis", descending=True, nulls_last=True)
    awards = octrois.filter(pl.col("unique").fill_null(value=True)).select(
        pl.col("cle").cast(pl.UInt32), cle, "jour", "comptes", "certain_depuis", "possible_depuis"
    )
    rows = []
    for number, other, sure, until, own, *window in (
        sources.unique(["cle", "autre"], keep="first", maintain_order=True).select("cle", "autre", "sur", "depuis")
        .join(awards, on="cle").iter_rows()
    ):  # fmt: skip
        start = date.min if until is None else until
        low = high = 0
        for more, most in _ecarts(told.get(other or own, []), own, sure or other is None, start, *window):
            low, high = low + more, high + most
        rows.append((number, low, high))
    return pl.DataFrame(rows, CORRECTIONS, orient="row").group_by("cle").sum()


def _lire(dites: pl.DataFrame, cle: str, representants: Mapping[str, str]) -> dict[str, list[Dite]]:
    """Return what is said of the aids of each undertaking; two rows that differ leave the range of both."""
    known = dites.filter(pl.col("jour").is_not_null() & pl.col("reglement").is_not_null() & (pl.col("haut") > 0))
    ranked = known.with_columns(n=pl.col("cle").cum_count().over("ligne", cle, "jour", "reglement", "haut"))
    columns = ("declarant", "jour", "reglement", "haut", "n", "scission", "part_bas", "part_haut")
    merged: dict[tuple[str, str, tuple[object, ...]], Dite] = {}
    for owner, who, *rest in ranked.filter(pl.col("declarant").is_not_null()).select(cle, *columns).iter_rows():
        one = Dite(representants.get(who, who), *rest)
        key = (owner, one.declarant, one.aide)
        if (other := merged.get(key)) is not None:
            one = one._replace(bas=min(one.bas, other.bas), haut=max(one.haut, other.haut))
        merged[key] = one
    found: dict[str, list[Dite]] = {}
    for (owner, _, _), one in merged.items():
        found.setdefault(owner, []).append(one)
    return found


def _ecarts(
    dites: list[Dite], soi: str, sur: bool, depuis: date, jour: date, comptes: list[str] | None, certain: date | None,
    possible: date | None,
) -> Iterator[tuple[int, int]]:  # fmt: skip
    """Yield what each share told adds to both ends; an aid counts whole in them but where a split leaves it open."""
    mine = {one.aide for one in dites if one.declarant == soi}
    for one in dites:
        early = one.scission is not None and one.scission > jour
        if early or certain is None or possible is None or one.jour > jour or one.reglement not in (comptes or ()):
            continue
        if one.jour <= possible:
            continue
        inside = one.jour > certain
        low = one.montant if sur and inside and one.jour > depuis else 0
        if one.declarant == soi:
            yield (one.bas if inside else 0) - low, one.haut - one.montant
        elif one.aide not in mine:
            yield min(0, one.montant - one.bas - low), -one.bas
