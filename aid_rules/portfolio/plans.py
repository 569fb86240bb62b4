"""The alerts of the financing plans of a piece: in columns for a plan of one aid that plainly holds, or plainly fails.

One aid planned alone, by a public funder, on all the costs, can only be told that its basis is closed, to be checked,
or exceeded (RGEC article 8, de minimis article 3). Any other plan, and any excess, is read by the exact evaluator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from aid_rules.amounts import BP_PER_UNIT
from aid_rules.dossier import Dossier
from aid_rules.engine import alertes as codes
from aid_rules.engine.columnar_table import Table, rangs
from aid_rules.engine.faits_aides import PRIVE
from aid_rules.engine.moteur import Engine
from aid_rules.engine.plan_lu import OCTROYEE
from aid_rules.language.slices import LoiDuJour, VoletDuJour
from aid_rules.language.tree import INCONNU, VRAI
from aid_rules.portfolio.evaluation import ALERTES, ligne_alerte
from aid_rules.portfolio.flat import colonne
from aid_rules.portfolio.octrois import PREFIXE

Dossiers = Callable[[Sequence[int]], Sequence[Dossier]]
"""Gives the dossiers of some ranks."""

PLANS: dict[str, Any] = {
    "rang": pl.UInt32, "aide": pl.String, "base": pl.String, "montant": pl.Int64, "simple": pl.Boolean,
}  # fmt: skip
"""The planned aids: one row per dossier that has any. `simple`: one aid alone, of a told worth, on all the costs."""

_ABSENT, _OUVERTE = "hors_vigueur", "regime"
_HORS_VIGUEUR, _FERMEE = "n'est pas en vigueur ce jour-là", "n'est pas mobilisable pour ce projet"


@dataclass(frozen=True)
class Conclus:
    """What was found of each dossier: whether it is no State aid, the period of its law, its bases (`BASES`)."""

    hors_aide: pl.Series
    periodes: pl.Series
    bases: pl.DataFrame


def plans(dossiers: Sequence[Dossier]) -> pl.DataFrame:
    """Return the planned aids of dossiers."""
    rows: list[tuple[Any, ...]] = []
    for rank, dossier in enumerate(dossiers):
        aids = dossier.aides or ()
        if not aids:
            continue
        aid = aids[0]
        simple = (
            len(aids) == 1
            and not dossier.de_minimis
            and aid.statut != OCTROYEE
            and aid.couts is None
            and _simple(aid.forme, aid.base, aid.financeur.type, esb=aid.esb is not None)
        )
        rows.append((rank, aid.id, aid.base, aid.montant if aid.esb is None else aid.esb, simple))
    return pl.DataFrame(rows, PLANS, orient="row")


def plans_plats(table: pl.DataFrame) -> pl.DataFrame:
    """Return the planned aids of plain columns: one at most per row."""
    names = [c for c in table.columns if c.startswith("aides[0].")]
    if not names:
        return pl.DataFrame(schema=PLANS)
    esb, nominal = (colonne(table, f"aides[0].{c}", pl.Int64) for c in ("esb_eur", "montant_eur"))
    kinds = ("forme", "base", "financeur", "esb")
    words = [colonne(table, f"aides[0].{c}", pl.String) for c in ("forme", "base", "financeur.type")]
    frame = pl.DataFrame(
        [
            pl.int_range(table.height, dtype=pl.UInt32, eager=True).alias("rang"),
            colonne(table, "aides[0].id", pl.String).fill_null("aide1").alias("aide"),
            *(series.alias(kind) for kind, series in zip(kinds, [*words, esb.is_not_null()], strict=True)),
            esb.zip_with(esb.is_not_null(), nominal).alias("montant"),
            table.select(pl.all_horizontal(pl.col(names).is_null())).to_series().alias("vide"),
        ]
    ).filter(~pl.col("vide"))
    told = frame.select(kinds).unique()
    plain = [_simple(forme, base, funder, esb=given) for forme, base, funder, given in told.iter_rows()]
    joined = frame.join(
        told.with_columns(simple=pl.Series(plain, dtype=pl.Boolean)),
        on=kinds,
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    return joined.select(PLANS.keys())


def _simple(forme: str | None, base: str | None, financeur: str | None, *, esb: bool) -> bool:
    """Tell whether an aid has a basis, is public, and is worth what is told of it."""
    return (forme == "subvention" or esb) and base is not None and financeur not in PRIVE


def alertes(engine: Engine, table: Table, planned: pl.DataFrame, dossiers: Dossiers, conclus: Conclus) -> pl.DataFrame:
    """Return the alerts of the plans, in the order of the rows."""
    if planned.is_empty():
        return pl.DataFrame(schema=ALERTES)
    read = _lire(engine, table, planned, conclus)
    etat = ~pl.col("base").str.starts_with(PREFIXE)
    within, most = pl.col("montant") <= pl.col("montant_min"), pl.col("montant") <= pl.col("montant_max")
    # what the lines allow for certain: the costs told by the basis may be more than they (wages of jobs created)
    sur_couts = pl.col("montant") * BP_PER_UNIT <= pl.col("admis") * pl.col("taux")
    tenu = (
        pl.when(pl.col("verdict").is_null())
        .then(etat & (pl.col("vue") != "autre"))  # a closed de minimis basis may yet meet the ceiling of another
        .when(~etat)
        .then(within)
        .otherwise(sur_couts & pl.when(pl.col("verdict") == VRAI).then(within).otherwise(most))
    )
    read = read.with_columns(tenu=(pl.col("simple") & (pl.col("hors") != VRAI) & tenu).fill_null(value=False))
    plain = read.filter(pl.col("tenu"))
    open_ = plain.filter(pl.col("verdict") == INCONNU)
    closed = plain.filter(pl.col("verdict").is_null())
    why = pl.when(pl.col("vue") == _ABSENT).then(pl.lit(_HORS_VIGUEUR)).otherwise(pl.lit(_FERMEE))
    wait = pl.format("{} : la base {} reste à vérifier. Répondez aux questions qui la concernent.", "aide", "base")
    change = pl.format("{} : la base {} {}. Choisissez une autre base.", "aide", "base", why)
    ranks = read.filter(~pl.col("tenu"))["rang"].to_list()
    rows = [
        ligne_alerte(rank, alert)
        for rank, dossier in zip(ranks, dossiers(ranks), strict=True)
        for alert in engine.evaluate(dossier).plan.alertes
    ]
    return pl.concat(
        [
            open_.select(*_dite(codes.A_VERIFIER, "attention", wait, certaine=False)),
            closed.select(*_dite(codes.NON_MOBILISABLE, "bloquante", change, certaine=True)),
            pl.DataFrame(rows, ALERTES, orient="row"),
        ]
    ).sort("rang", maintain_order=True)


def _dite(code: str, gravite: str, message: pl.Expr, *, certaine: bool) -> list[pl.Expr]:
    """Return the columns of an alert without amount."""
    said = {
        "rang": pl.col("rang"), "code": pl.lit(code), "gravite": pl.lit(gravite), "certaine": pl.lit(value=certaine),
        "message": message, "aides": pl.col("aide"),
    }  # fmt: skip
    return [said.get(name, pl.lit(None)).cast(kind).alias(name) for name, kind in ALERTES.items()]


def _lire(engine: Engine, table: Table, planned: pl.DataFrame, conclus: Conclus) -> pl.DataFrame:
    """Return the plans with what their basis gives, how the law of the day knows it, and the costs it admits.

    `vue` is `regime`, `hors_vigueur`, or `autre` (a scheme); `taux` the rate that `admis` may be aided at.
    """
    regimes = conclus.bases.filter(pl.col("genre") == "regime")
    own = regimes.select("rang", "base", "verdict", "taux_min", "taux_max", "montant_min", "montant_max")
    dated = planned.with_columns(periode=conclus.periodes.gather(planned["rang"]))
    seen = dated.select("periode", "base").unique().filter(pl.col("base").is_not_null())
    views = [_vue(engine, period, base) for period, base in seen.iter_rows()]
    hors = pl.DataFrame({"rang": pl.int_range(table.height, dtype=pl.UInt32, eager=True), "hors": conclus.hors_aide})
    rate = pl.when(pl.col("verdict") == VRAI).then("taux_min").otherwise("taux_max")
    return (
        dated.join(seen.with_columns(vue=pl.Series(views, dtype=pl.String)), on=["periode", "base"], how="left")
        .join(own, on=["rang", "base"], how="left")
        .join(hors, on="rang", how="left")
        .join(_admis(engine, table, dated), on="rang", how="left")
        .with_columns(taux=rate.fill_null(BP_PER_UNIT))
        .sort("rang")
    )


def loi_de(engine: Engine, periode: int) -> LoiDuJour:
    """Return the law of a period, by its number among the days on which the law changes."""
    return engine.at(engine.book.changements[max(periode, 0)]).loi


def _vue(engine: Engine, periode: int, base: str) -> str:
    law = loi_de(engine, periode)
    if any(regime.id == base for regime in law.regimes):
        return _OUVERTE
    return "autre" if any(scheme.id == base for scheme in law.dispositifs) else _ABSENT


def _admis(engine: Engine, table: Table, planned: pl.DataFrame) -> pl.DataFrame:
    """Return the costs that the basis of each plan admits for certain; null when they are not plain to tell.

    Plain: every purpose and amount known, and the lines of the basis all of one volet, worth its costs at its rate.
    """
    wanted = planned.filter("simple").select("rang", "periode", "base")
    lines = table.couts.rename({"ligne": "rang"}).join(wanted, on="rang", how="inner")
    cases = lines.select("periode", "base", "finalite", "poste").unique()
    ranks = rangs(engine.book.vocabulaire.listes)
    names: _Noms = {name: {i: v for v, i in ranks[name].items()} for name in ("finalite", "poste")}
    read = pl.DataFrame(
        [(*row, *_volet(engine, names, *row)) for row in cases.iter_rows()],
        {**cases.schema, "volet": pl.Int64, "compte": pl.Boolean},
        orient="row",
    )
    known = pl.col("finalite").is_not_null() & pl.col("montant").is_not_null() & (pl.col("volet") != _MELE)
    found = lines.join(read, on=["periode", "base", "finalite", "poste"], how="left", nulls_equal=True)
    plain = known.all() & (pl.col("volet").filter(pl.col("volet") >= 0).n_unique() == 1)
    return found.group_by("rang").agg(
        admis=pl.when(plain).then(pl.col("montant").filter(pl.col("compte") & (pl.col("volet") >= 0)).sum())
    )


_AUCUN, _MELE = -1, -2
"""A line of no volet; one that several serve, or whose volet does not simply take a rate of its costs."""


_Noms = Mapping[str, Mapping[int | None, str]]
"""The purposes and the types of cost, by the rank that tables give them."""


def _volet(
    engine: Engine, names: _Noms, periode: int, base: str, finalite: int | None, poste: int | None
) -> tuple[int, bool]:
    """Return the volet of a basis that serves lines of a purpose, and whether it counts those of a type."""
    regime = next((r for r in loi_de(engine, periode).regimes if r.id == base), None)
    if regime is None or finalite is None:
        return _MELE, False
    purpose = names["finalite"].get(finalite)
    serving = [(i, v) for i, v in enumerate(regime.volets) if v.finalites is None or purpose in v.finalites]
    if not serving:
        return _AUCUN, False
    number, volet = serving[0]
    if len(serving) > 1 or not _au_taux(volet):
        return _MELE, False
    return number, volet.postes is None or names["poste"].get(poste) in volet.postes


def _au_taux(volet: VoletDuJour) -> bool:
    """Tell whether a volet gives a rate of its costs, or an amount that only they limit."""
    return not volet.montant or not (volet.base or volet.assiette)
