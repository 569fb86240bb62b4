"""Rows of a portfolio that bear the same identifier, those set aside included: each is told of the other."""

from __future__ import annotations

import polars as pl

from aid_rules.portfolio.evaluation import ALERTES

CODE = "identifiant_en_double"
TAILLE = 1_000_000
"""Rows compared at once: memory follows them, not the portfolio."""


def alertes(resultats: pl.LazyFrame, rejets: pl.LazyFrame, taille: int = TAILLE) -> pl.DataFrame:
    """Return one warning per row whose identifier another row bears, from the `ligne` and `identifiant` of all rows.

    Columns: `ligne`, `identifiant`, then those of the other alerts. A row is told of the first of the others.
    """
    rows = [
        frame.select("ligne", "identifiant", pl.format("{}{}", "ligne", pl.lit(mark)).alias("nom"))
        for frame, mark in ((resultats, ""), (rejets, " (rejetée)"))
    ]
    named = pl.concat(rows).filter(pl.col("identifiant").fill_null("") != "")
    count: int = named.select(pl.len()).collect(engine="streaming").item()
    parts = max(1, -(-count // taille))
    lot = pl.col("identifiant").hash() % parts
    found = [_partages(named.filter(lot == part) if parts > 1 else named) for part in range(parts)]
    return pl.concat(found).sort("ligne")


def _partages(named: pl.LazyFrame) -> pl.DataFrame:
    """Return the alerts of the rows (`ligne`, `identifiant`, `nom`) that share an identifier."""
    firsts = [pl.col(c).sort_by("ligne").head(2).alias(f"{c}s") for c in ("ligne", "nom")]
    twice = named.group_by("identifiant").agg(pl.len().alias("n"), *firsts)
    shared = twice.filter(pl.col("n") > 1).select(
        "identifiant",
        *(pl.col("lignes").list.get(rank).alias(f"ligne_{rank}") for rank in (0, 1)),
        *(pl.col("noms").list.get(rank).alias(f"nom_{rank}") for rank in (0, 1)),
    )
    first = pl.col("ligne") == pl.col("ligne_0")  # a row told of the first stands after it
    message = pl.format(
        "Les lignes {} et {} portent le même identifiant, « {} » : vérifiez qu'il ne s'agit pas du même dossier.",
        "nom_0",
        pl.when(first).then("nom_1").otherwise("nom"),
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
        named.join(shared, on="identifiant").select("ligne", "identifiant", *columns).collect(engine="streaming")
    )
    return found
