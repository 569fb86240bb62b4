"""The verdicts of a piece by the columnar evaluator: the same frames as dossier by dossier, for many at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from aid_rules.dossier import Aide, Dossier
from aid_rules.engine import alertes as plan
from aid_rules.engine.columnar import depuis_faits, evaluate_long, evaluate_table
from aid_rules.engine.columnar_table import Table
from aid_rules.engine.facts import Faits
from aid_rules.engine.faits_aides import PRIVE
from aid_rules.engine.moteur import Engine
from aid_rules.language.tree import FAUX, INCONNU, VRAI
from aid_rules.portfolio.evaluation import ALERTES, BASES, DOSSIERS, MANQUANTS, Verdicts, entrees, ligne_alerte

_OCTROYEE = "octroyee"
_BASES = pl.Schema(BASES)


def evaluer_colonnes(engine: Engine, dossiers: Sequence[Dossier]) -> Verdicts:
    """Evaluate dossiers together. Only the plans that hold something odd are read again by the exact evaluator."""
    lus = [engine.at(d.date_octroi).reader.read(d) for d in dossiers]
    table = depuis_faits(engine, lus)
    long = evaluate_long(engine, table).rename({"ligne": "rang"}).with_columns(pl.col("base").cast(pl.String))
    hors_aide = evaluate_table(engine, table, bases=())["hors_aide"]
    conclusions = hors_aide.cast(pl.Int64).replace_strict(
        {FAUX: "aide_etat", INCONNU: "indetermine", VRAI: "pas_aide_etat"}, return_dtype=pl.String
    )
    people = pl.DataFrame(
        {
            "rang": pl.int_range(len(dossiers), dtype=pl.UInt32, eager=True),
            "conclusion": conclusions,
            "categorie": pl.Series([f.categorie.categorie for f in lus], dtype=pl.String),
        },
        DOSSIERS,
    )
    periods = _periodes(engine, table)
    live = long.filter(pl.col("verdict") > FAUX).join(periods, on="rang", how="left", maintain_order="left")
    reasons = _raisons(engine, live)
    schemes = {d.id for p in periods["periode"].unique() for d in _loi(engine, p).dispositifs}
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
    alerts = list(_alertes(engine, dossiers, lus, hors_aide.to_list(), found))
    return Verdicts(
        people, found, pl.DataFrame(alerts, ALERTES, orient="row"), _manquants(engine, table, regimes, reasons)
    )


def _loi(engine: Engine, period: int) -> Any:  # noqa: ANN401 - the law of the period
    return engine.at(engine.book.changements[max(period, 0)]).loi


def _periodes(engine: Engine, table: Table) -> pl.DataFrame:
    """Return the number of the period of the law that each row is read under."""
    days = pl.Series([d.toordinal() for d in engine.book.changements], dtype=pl.Int64)
    found = days.search_sorted(table.faits["date_octroi"], side="right").cast(pl.Int64) - 1
    return pl.DataFrame({"rang": pl.int_range(table.height, dtype=pl.UInt32, eager=True), "periode": found})


def _raisons(engine: Engine, live: pl.DataFrame) -> pl.DataFrame:
    """Return what each reason present means: its name, and the facts that would settle it, a row each."""
    rows: list[tuple[Any, ...]] = []
    for period, base, number in (
        live.filter(pl.col("motif") > 0).select("periode", "base", "motif").unique().iter_rows()
    ):
        regime = next((r for r in _loi(engine, period).regimes if r.id == base), None)
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


# --- alerts ---


def _alertes(
    engine: Engine, dossiers: Sequence[Dossier], lus: Sequence[Faits], hors_aide: Sequence[int], bases: pl.DataFrame
) -> Iterator[tuple[Any, ...]]:
    planned = [rank for rank, dossier in enumerate(dossiers) if dossier.aides]
    if not planned:
        return
    rows = bases.filter((pl.col("genre") == "regime") & pl.col("rang").is_in(planned))
    by_rank: dict[int, dict[str, Base]] = {}
    for rank, base, *found in rows.select("rang", "base", "verdict", "montant_min", "montant_max").iter_rows():
        by_rank.setdefault(rank, {})[base] = (found[0], found[1], found[2])
    for rank in planned:
        dossier = dossiers[rank]
        plain = hors_aide[rank] != VRAI and _tient(dossier, lus[rank], by_rank.get(rank, {}))
        if not plain:
            yield from (ligne_alerte(rank, a) for a in engine.evaluate(dossier).plan.alertes)
            continue
        for aid in dossier.aides or ():
            if by_rank[rank][str(aid.base)][0] != VRAI:
                yield ligne_alerte(rank, _a_verifier(aid))


Base = tuple[int, int | None, int | None]
"""Verdict, least and greatest amount of a basis."""


def _tient(dossier: Dossier, faits: Faits, bases: Mapping[str, Base]) -> bool:
    """Tell whether a plan plainly holds: one grant, on one cost, within its basis and every other that serves the cost.

    Any other plan is read by the exact evaluator.
    """
    aids, lines = dossier.aides or (), dossier.projet.couts or ()
    if len(aids) != 1 or len(lines) != 1 or dossier.de_minimis:
        return False
    aid, line = aids[0], lines[0]
    if (aid.forme, aid.couts, line.finalite is None, line.montant is None) != ("subvention", None, False, False):
        return False
    if aid.statut == _OCTROYEE or aid.financeur.type in PRIVE or aid.base is None or aid.base.startswith("de_minimis"):
        return False
    low, amount = faits.esb[aid.id]
    if low != amount or amount is None or amount > (line.montant or 0) or aid.base not in bases:
        return False
    verdict, floor, _ = bases[aid.base]
    served = [top for name, (_, _, top) in bases.items() if not name.startswith("de_minimis")]
    if any(top is None or amount > top for top in served):
        return False
    return verdict != VRAI or (floor is not None and amount <= floor)


def _a_verifier(aid: Aide) -> plan.Alerte:
    message = f"{aid.id} : la base {aid.base} reste à vérifier. Répondez aux questions qui la concernent."
    return plan.Alerte(plan.A_VERIFIER, "attention", INCONNU, message, (aid.id,))
