"""De minimis aid of each single undertaking over the whole portfolio, whatever piece or partition a row stands in.

An award counts against the ceiling of its day with every other award of the single undertaking in the window that the
regulation sets (règlement 1407/2013, article 3, then 2023/2831, article 3). What is not known widens the sum. Mergers,
acquisitions and splits that any row tells hold for all (article 3(8) and (9)).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import polars as pl

from aid_rules.amounts import euros
from aid_rules.portfolio.evaluation import ALERTES
from aid_rules.portfolio.operations import aretes, portees
from aid_rules.portfolio.scissions import corrections

CODE = "cumul_de_minimis_portefeuille"


TAILLE = 250_000
"""Awards summed at once: memory follows them, not the portfolio."""


def depassements(octrois: pl.LazyFrame, taille: int = TAILLE) -> pl.DataFrame:
    """Return the alerts of a whole portfolio, so many awards at a time; see `alertes`.

    Undertakings that a link or an operation ties together are always summed together.
    """
    count: int = octrois.select(pl.len()).collect().item()
    parts = -(-count // taille)
    if parts <= 1:
        return alertes(sommes(octrois.collect()))
    own = pl.concat_list("siren")
    beside = (pl.col("liens").list.len() > 0) & (pl.col("liens") != own)
    told = pl.col("operations").list.len() > 0
    others = pl.concat_list(
        "liens", pl.col("operations").list.eval(pl.element().struct.field("siren")).list.drop_nulls()
    )
    ties = _representants(octrois.filter(beside | told).select("siren", liens=others).unique().collect())
    named = pl.LazyFrame({"siren": list(ties), "lot": list(ties.values())}, {"siren": pl.String, "lot": pl.String})
    key = pl.coalesce("lot", "siren", pl.format("ligne {}", "ligne")).hash()
    table = octrois.join(named, on="siren", how="left", maintain_order="left").with_columns(lot=key % parts)
    found = [
        alertes(sommes(table.filter(pl.col("lot") == part).drop("lot").collect(engine="streaming")))
        for part in range(parts)
    ]
    return pl.concat(found).sort("ligne", maintain_order=True)


def groupes(octrois: pl.DataFrame) -> dict[str, str]:
    """Return the representative of each SIREN: those that any row ties together are one undertaking."""
    beside = (pl.col("liens").list.len() > 0) & (pl.col("liens") != pl.concat_list("siren"))
    return _representants(octrois.filter(beside).select("siren", "liens").unique())


def _representants(pairs: pl.DataFrame) -> dict[str, str]:
    """Return the representative of each SIREN that a pair ties to others."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        parent.setdefault(name, name)
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for siren, links in pairs.filter(pl.col("siren").is_not_null()).iter_rows():
        for other in links:
            one, two = sorted((root(siren), root(other)))
            parent[two] = one
    return {name: root(name) for name in list(parent)}


def sommes(octrois: pl.DataFrame) -> pl.DataFrame:
    """Return, for each award of the portfolio, what its single undertaking has received in the window, itself included.

    Columns added: `entreprise` (representative SIREN), `total_bas`, `total_haut` (null: no bound), `octrois` (how many
    may count). A received aid that a row declares, and that the portfolio also holds, counts once.
    """
    table = octrois.with_row_index("cle")
    links = groupes(octrois)
    named = pl.DataFrame(
        {"siren": list(links), "entreprise": list(links.values())}, {"siren": pl.String, "entreprise": pl.String}
    )
    alone = pl.format("ligne {}", "ligne")
    table = table.join(named, on="siren", how="left", maintain_order="left").with_columns(
        pl.coalesce("entreprise", "siren", alone).alias("entreprise"), pl.coalesce("siren", alone).alias("siren")
    )
    awards = table.filter(~pl.col("declaree"))
    counted = pl.concat([awards, _declarees(table)])
    totals = []
    for key, whole in (("entreprise", True), ("siren", False)):
        mine = awards.filter(pl.col("unique").fill_null(value=True) == whole)
        names = links if whole else {}
        brought = portees(mine, aretes(octrois, names), key)
        told = table.filter(pl.col("part_bas").is_not_null())
        totals.append(_cumuler(mine, counted, key, brought, corrections(mine, told, brought, key, names)))
    return awards.join(pl.concat(totals), on="cle", how="left", maintain_order="left").drop("cle")


def _declarees(table: pl.DataFrame) -> pl.DataFrame:
    """Return the declared aids that count: neither those the portfolio holds, nor twice what several rows declare."""
    same = ["entreprise", "jour", "reglement", "haut"]
    ranked = table.filter("declaree").with_columns(n=pl.col("cle").cum_count().over("ligne", *same))
    once = ranked.unique([*same, "n"], keep="first", maintain_order=True)
    awards = table.filter(~pl.col("declaree"))
    held, own = awards.group_by(same).len("tenues"), awards.group_by("ligne", *same).len("propres")
    there = once.join(held, on=same, how="left", nulls_equal=True).join(
        own, on=["ligne", *same], how="left", nulls_equal=True
    )
    aside = pl.when("distincte").then(pl.col("propres").fill_null(0)).otherwise(0)
    kept = there.filter(pl.col("n") > pl.col("tenues").fill_null(0) - aside)
    return kept.select(table.columns)


def _cumuler(
    awards: pl.DataFrame, counted: pl.DataFrame, key: str, brought: pl.DataFrame, dites: pl.DataFrame
) -> pl.DataFrame:
    """Sum the window of each award: running totals per undertaking, read at both ends of the window.

    `brought` (`PORTEES`) tells the other undertakings whose aids count, or may count, with its own; `dites` what the
    rows say of the share of an aid after a split (`scissions.CORRECTIONS`).
    """
    brought = brought.cast({"cle": awards.schema["cle"]})
    own = brought.filter(pl.col("autre").is_null()).group_by("cle").agg(pl.col("depuis").max())
    whose = pl.concat(
        [
            awards.select("cle", key, sur=pl.lit(value=True)).join(own, on="cle", how="left"),
            brought.filter(pl.col("autre").is_not_null()).select(
                "cle", pl.col("autre").alias(key), "sur", "depuis", "jusque"
            ),
        ],
        how="diagonal",
    )
    wanted = (
        whose.join(
            awards.select("cle", "jour", "certain_depuis", "possible_depuis", compte=pl.col("comptes")), on="cle"
        )
        .with_columns(
            certain_depuis=pl.max_horizontal("certain_depuis", "depuis"), jour=pl.min_horizontal("jour", "jusque")
        )
        .explode("compte")
    )
    blank = pl.col("reglement").is_null()
    known = counted.with_columns(
        bas=pl.when(blank | pl.col("jour").is_null()).then(0).otherwise(pl.col("bas")),
        ouvert=pl.col("haut").is_null().cast(pl.Int64),
        doute=pl.col("peut_etre").fill_null(value=False).cast(pl.Int64),
        haut=pl.col("haut").fill_null(0),
    )
    # an aid under an unknown regulation, or of an unknown day, may count everywhere: it only widens the sum
    loose = (
        known.filter(blank | pl.col("jour").is_null())
        .group_by(key)
        .agg(
            pl.col("haut").sum().alias("vague"), pl.col("ouvert").sum().alias("vague_ouvert"), pl.len().alias("vague_n")
        )
    )
    dated = known.filter(~blank & pl.col("jour").is_not_null())
    running = (
        dated.group_by(key, "reglement", "jour")
        .agg(pl.col("bas", "haut", "ouvert", "doute").sum(), n=pl.len().cast(pl.Int64))
        .sort(key, "reglement", "jour")
        .with_columns(pl.col("bas", "haut", "ouvert", "doute", "n").cum_sum().over(key, "reglement"))
        .rename({"reglement": "compte"})
        .sort("jour")
    )
    found = wanted
    for end in ("jour", "certain_depuis", "possible_depuis"):
        suffix = f"_{end}"
        right = running.rename({c: f"{c}{suffix}" for c in ("bas", "haut", "ouvert", "doute", "n")} | {"jour": "le"})
        found = (
            found.sort(end)
            .join_asof(
                right, left_on=end, right_on="le", by=[key, "compte"], strategy="backward", check_sortedness=False
            )
            .drop("le", strict=False)
        )

    def between(column: str, start: str) -> pl.Expr:
        more = pl.col(f"{column}_jour").fill_null(0) - pl.col(f"{column}_{start}").fill_null(0)
        return more.clip(lower_bound=0)  # nothing when the window starts after the last day that may count

    per_award = found.group_by("cle").agg(
        bas=between("bas", "certain_depuis").filter(pl.col("sur")).sum(),
        haut=between("haut", "possible_depuis").sum(),
        ouvert=between("ouvert", "possible_depuis").sum(),
        doute=between("doute", "possible_depuis").sum(),
        n=between("n", "possible_depuis").sum(),
    )
    vague = whose.join(loose, on=key).group_by("cle").agg(pl.col("vague", "vague_ouvert", "vague_n").sum())
    doubts = brought.group_by("cle").agg(
        raison=pl.col("raison").drop_nulls().unique(maintain_order=True).str.join(" ; "),
        inconnue=pl.col("inconnue").any(),
    )
    joined = (
        per_award.join(vague, on="cle", how="left")
        .join(doubts, on="cle", how="left")
        .join(awards.select("cle", propre="bas"), on="cle")
        .join(dites, on="cle", how="left")
    )
    unnamed = pl.col("inconnue").fill_null(value=False)
    open_ = ((pl.col("ouvert") + pl.col("vague_ouvert").fill_null(0)) > 0) | unnamed
    low, high = (pl.col(f"plus_{end}").fill_null(0) for end in ("bas", "haut"))
    return joined.select(
        "cle",
        # a split of unknown day leaves the award itself
        total_bas=pl.max_horizontal("bas", "propre") + low,
        total_haut=pl.when(~open_).then(pl.col("haut") + pl.col("vague").fill_null(0) + high),
        octrois=pl.col("n") + pl.col("vague_n").fill_null(0).cast(pl.Int64),
        raison=pl.when(pl.col("raison") != "").then("raison"),
        doutes=pl.col("doute"),
        sans_nom=unnamed,
    )


def alertes(sums: pl.DataFrame) -> pl.DataFrame:
    """Return one alert per award whose single undertaking goes, or may go, over the ceiling of the day.

    Columns: `ligne`, `identifiant`, then those of the other alerts.
    """
    over = sums.filter(
        pl.col("plafond_bas").is_not_null()
        & ((pl.col("total_haut").is_null()) | (pl.col("total_haut") > pl.col("plafond_bas")))
        & ((pl.col("octrois") > 1) | pl.col("sans_nom"))
    )
    schema = {"ligne": pl.Int64, "identifiant": pl.String} | {k: v for k, v in ALERTES.items() if k != "rang"}
    return pl.DataFrame(list(_ecrire(over.iter_rows(named=True))), schema)


def _ecrire(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        certain = row["total_bas"] > row["plafond_haut"] and not row["peut_etre"]
        total = row["total_bas"] if certain else row["total_haut"]
        limit = row["plafond_haut"] if certain else row["plafond_bas"]
        amount = "un total inconnu" if total is None else euros(total)
        verb = "dépassent" if certain else "pourraient dépasser"
        others = row["octrois"] - 1
        s = "s" if others > 1 else ""
        beside = f"Avec {others} autre{s} aide{s} de minimis du portefeuille ou déclarée{s}, l'" if others else "L'"
        over = f"ses aides {verb} le plafond de {euros(limit)}."
        message = f"{beside}entreprise unique {row['entreprise']} reçoit {amount} sur la période : {over}"
        asked = [*([_sous_quelle_base(row["doutes"])] if row["doutes"] else []), *filter(None, [row["raison"]])]
        if asked and not certain:
            message += f" À vérifier : {' ; '.join(asked)}."
        yield {
            "ligne": row["ligne"], "identifiant": row["identifiant"], "code": CODE,
            "gravite": "bloquante" if certain else "attention", "certaine": certain, "message": message,
            "aides": row["numero"], "plafond": limit, "total": total,
            "depassement": None if total is None else max(0, total - limit),
        }  # fmt: skip


def _sous_quelle_base(nombre: int) -> str:
    """Ask what the awards that only may be de minimis were given under."""
    if nombre > 1:
        return f"sous quelle base ont été données {nombre} aides que leurs dispositifs laissent relever du de minimis"
    return "sous quelle base a été donnée 1 aide que son dispositif laisse relever du de minimis"
