"""Rows of a portfolio that bear the same identifier: each is evaluated, and told of the other."""

from __future__ import annotations

import polars as pl

from aid_rules.portfolio.evaluation import ALERTES

CODE = "identifiant_en_double"


def alertes(resultats: pl.LazyFrame) -> pl.DataFrame:
    """Return one warning per row whose identifier another row bears, from the `ligne` and `identifiant` of all rows.

    Columns: `ligne`, `identifiant`, then those of the other alerts. A row is told of the first of the others.
    """
    named = resultats.select("ligne", "identifiant").filter(pl.col("identifiant").fill_null("") != "")
    twice = named.group_by("identifiant").agg(pl.len().alias("n"), pl.col("ligne").sort().head(2).alias("premieres"))
    first, second = (pl.col("premieres").list.get(rank) for rank in (0, 1))
    shared = twice.filter(pl.col("n") > 1).with_columns(un=first, deux=second)
    other = pl.when(pl.col("ligne") == pl.col("un")).then("deux").otherwise("un")
    message = pl.format(
        "Les lignes {} et {} portent le même identifiant, « {} » : vérifiez qu'il ne s'agit pas du même dossier.",
        pl.min_horizontal("ligne", other),
        pl.max_horizontal("ligne", other),
        "identifiant",
    )
    values = {
        "code": pl.lit(CODE),
        "gravite": pl.lit("attention"),
        "certaine": pl.lit(value=True),
        "message": message,
    }
    columns = [values.get(c, pl.lit(None)).cast(kind).alias(c) for c, kind in ALERTES.items() if c != "rang"]
    found: pl.DataFrame = (
        named.join(shared, on="identifiant").sort("ligne").select("ligne", "identifiant", *columns).collect()
    )
    return found
