"""The verdicts of a piece by the columnar evaluator: the same frames as dossier by dossier, for many at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from aid_rules.dossier import Dossier
from aid_rules.engine.columnar import depuis_faits, evaluate_long
from aid_rules.engine.columnar_table import Table
from aid_rules.engine.columnar_table import periodes as periodes_de
from aid_rules.engine.moteur import Engine
from aid_rules.language.tree import FAUX, INCONNU, VRAI
from aid_rules.portfolio.evaluation import BASES, DOSSIERS, MANQUANTS, Verdicts, entrees
from aid_rules.portfolio.plans import Conclus, Dossiers, alertes, loi_de, plans

_BASES = pl.Schema(BASES)


def evaluer_dossiers(engine: Engine, dossiers: Sequence[Dossier]) -> Verdicts:
    """Evaluate dossiers together."""
    table = depuis_faits(engine, (engine.at(d.date_octroi).reader.read(d) for d in dossiers))
    return evaluer_table(engine, table, plans(dossiers), lambda ranks: [dossiers[r] for r in ranks])


def evaluer_table(engine: Engine, table: Table, planned: pl.DataFrame, dossiers: Dossiers) -> Verdicts:
    """Evaluate a table. Only the plans that hold something odd are read one by one, by the exact evaluator."""
    said = evaluate_long(engine, table)
    hors_aide = said.criteres["hors_aide"].cast(pl.Int64)
    words = {FAUX: "aide_etat", INCONNU: "indetermine", VRAI: "pas_aide_etat"}
    people = pl.DataFrame(
        {
            "rang": pl.int_range(table.height, dtype=pl.UInt32, eager=True),
            "conclusion": hors_aide.replace_strict(words, return_dtype=pl.String),
            "categorie": _categories(engine, table),
        },
        DOSSIERS,
    )
    periodes = _periodes(engine, table)
    live = said.bases.lazy().filter(pl.col("verdict") > FAUX).rename({"ligne": "rang"}).collect()
    live = live.with_columns(pl.col("base").cast(pl.String), periodes.gather(live["rang"]).alias("periode"))
    reasons = _raisons(engine, live)
    schemes = {d.id for p in periodes.unique() for d in loi_de(engine, int(p)).dispositifs}
    regimes = live.filter(~_nom_de(live, schemes)).join(
        reasons.select("periode", "base", "motif", "nom").unique(),
        on=["periode", "base", "motif"],
        how="left",
        maintain_order="left",
    )
    found = pl.concat(
        [
            regimes.select(
                "rang",
                "base",
                pl.lit("regime").alias("genre"),
                "verdict",
                pl.col("nom").alias("motif"),
                "taux_min",
                "taux_max",
                "montant_min",
                "montant_max",
            ).cast(_BASES),
            _dispositifs(live, schemes),
        ]
    ).sort("rang", maintain_order=True)
    alerts = alertes(engine, table, planned, dossiers, Conclus(hors_aide, periodes, found))
    return Verdicts(people, found, alerts, _manquants(engine, table, regimes, reasons))


def _categories(engine: Engine, table: Table) -> pl.Series:
    """Return the category of each row, null when several may be."""
    fact = engine.slots.facts["beneficiaire.categorie"]
    if fact.nom not in table.faits.columns:
        return pl.Series([None], dtype=pl.String).new_from_index(0, table.height)
    words = {fact.bit(value): value for value in fact.valeurs}
    return table.faits[fact.nom].cast(pl.Int64).replace_strict(words, default=None, return_dtype=pl.String)


def _periodes(engine: Engine, table: Table) -> pl.Series:
    """Return the number of the period of the law that each row is read under."""
    return periodes_de(table.faits["date_octroi"], [d.toordinal() for d in engine.book.changements])


def _raisons(engine: Engine, live: pl.DataFrame) -> pl.DataFrame:
    """Return what each reason present means: its name, and the facts that would settle it, a row each."""
    rows: list[tuple[Any, ...]] = []
    for period, base, number in (
        live.filter(pl.col("motif") > 0).select("periode", "base", "motif").unique().iter_rows()
    ):
        regime = next((r for r in loi_de(engine, period).regimes if r.id == base), None)
        if regime is not None:
            name, facts = entrees(regime)[number]
            rows += [(period, base, number, name, fact) for fact in facts or (None,)]
    schema = {"periode": pl.Int64, "base": pl.String, "motif": pl.Int16, "nom": pl.String, "fait": pl.String}
    return pl.DataFrame(rows, schema, orient="row")


def _nom_de(live: pl.DataFrame, schemes: set[str]) -> pl.Expr:
    """Tell which blocks are those of a scheme, or of one of its volets."""
    names = [n for n in live["base"].unique() if n in schemes or n.partition(".")[0] in schemes]
    return pl.col("base").is_in(names)


def _dispositifs(live: pl.DataFrame, schemes: set[str]) -> pl.DataFrame:
    """Return one row per scheme: the best verdict of its volets, the span of their rates, the sum of their amounts."""
    whole = {n: n.partition(".")[0] for n in live["base"].unique()}
    several = [n for n in whole.values() if any(v != n and w == n for v, w in whole.items())]
    own = _nom_de(live, schemes) & ~pl.col("base").is_in(several)
    mine = live.filter(own).with_columns(pl.col("base").replace_strict(whole, return_dtype=pl.String))
    known = pl.col("taux_min").is_not_null()
    limited = pl.col("montant_min").is_not_null()
    return (
        mine.group_by("rang", "base", maintain_order=True)
        .agg(
            pl.col("verdict").max(),
            taux_min=pl.col("taux_min").min(),
            taux_max=pl.when((known & pl.col("taux_max").is_null()).any())
            .then(None)
            .otherwise(pl.col("taux_max").max()),
            montant_min=pl.when(limited.all()).then(pl.col("montant_min").sum()),
            montant_max=pl.when(pl.col("montant_max").is_not_null().all()).then(pl.col("montant_max").sum()),
        )
        .select(
            "rang",
            "base",
            pl.lit("dispositif").alias("genre"),
            "verdict",
            pl.lit(None, dtype=pl.String).alias("motif"),
            "taux_min",
            "taux_max",
            "montant_min",
            "montant_max",
        )
        .cast(_BASES)
    )


def _manquants(engine: Engine, table: Table, regimes: pl.DataFrame, reasons: pl.DataFrame) -> pl.DataFrame:
    """Return the unknown facts of the first unknown condition of each basis to be checked."""
    wanted = (
        regimes.filter(pl.col("verdict") == INCONNU)
        .join(
            reasons.filter(pl.col("fait").is_not_null()).drop("nom"),
            on=["periode", "base", "motif"],
            maintain_order="left",
        )
        .select("rang", "base", "fait")
    )
    parts = [wanted.clear().with_columns(pl.lit(None, dtype=pl.String).alias("chemin"))]
    for (fact,), rows in wanted.group_by("fait", maintain_order=True):
        path = engine.slots.facts[str(fact)].chemin if fact in engine.slots.facts else str(fact)
        unknown = _inconnus(engine, table, str(fact))
        kept = rows if unknown is None else rows.filter(unknown.gather(rows["rang"]))
        parts.append(kept.with_columns(chemin=pl.lit(path)))
    return pl.concat(parts).sort("rang", maintain_order=True).select(MANQUANTS.keys())


def _inconnus(engine: Engine, table: Table, fact: str) -> pl.Series | None:
    """Tell for which rows a fact is unknown; None for all."""
    faits = table.faits
    if fact == "projet.couts":
        return None
    if fact == "date_octroi":
        return pl.Series([False]).new_from_index(0, table.height)
    kind = engine.slots.facts[fact]
    if kind.intervalle:
        low, high = f"{fact}.min", f"{fact}.max"
        return None if low not in faits.columns else faits.select(~pl.col(low).eq_missing(pl.col(high))).to_series()
    if fact not in faits.columns:
        return None
    mask = pl.col(fact)
    known = (mask & (mask - 1)) == 0 if kind.type == "choix" else mask.is_not_null()
    return faits.select(~known).to_series()
