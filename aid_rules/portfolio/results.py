"""What a portfolio gives for people: one line per dossier, its alerts, its missing facts, and the statistics."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import polars as pl

from aid_rules.dossier import Dossier
from aid_rules.language.places import donnees
from aid_rules.language.tree import VRAI
from aid_rules.portfolio.evaluation import ALERTES, Verdicts
from aid_rules.portfolio.morceaux import Rejet
from aid_rules.portfolio.reading import Lus

ETATS = ("alerte_bloquante", "mobilisable", "a_verifier", "non_mobilisable", "hors_aide")
"""State of a dossier, the first that holds: a blocking alert stands, the planned basis is usable (any, when none is
planned), something is to be checked, nothing is usable, no State aid at all."""

NON_JUGE = "non_juge"
"""State of an award that no rule here covers."""

RESULTATS = {
    "ligne": pl.Int64, "identifiant": pl.String, "intitule": pl.String, "siren": pl.String, "date_octroi": pl.Date,
    "region": pl.String, "categorie": pl.String, "conclusion": pl.String, "etat": pl.String, "base_prevue": pl.String,
    "verdict_base_prevue": pl.String, "aide_prevue_eur": pl.Int64, "mobilisables": pl.String,
    "a_verifier": pl.String, "meilleure_base": pl.String, "taux_max_pct": pl.Int64, "montant_max_eur": pl.Int64,
    "dispositifs_mobilisables": pl.String, "dispositifs_a_verifier": pl.String, "alertes_bloquantes": pl.UInt32,
    "alertes": pl.UInt32, "faits_manquants": pl.UInt32, "premier_fait_manquant": pl.String,
}  # fmt: skip
ENTETE: dict[str, Any] = {
    "rang": pl.UInt32, "intitule": pl.String, "siren": pl.String, "date_octroi": pl.Date, "base_prevue": pl.String,
    "aide_prevue_eur": pl.Int64, "region": pl.String,
}  # fmt: skip
PIECE_ALERTES = {"ligne": pl.Int64, "identifiant": pl.String} | {k: v for k, v in ALERTES.items() if k != "rang"}
PIECE_MANQUANTS = {"ligne": pl.Int64, "identifiant": pl.String, "chemin": pl.String, "bases": pl.String}
REJETS = {"ligne": pl.Int64, "identifiant": pl.String, "motif": pl.String}
EUROS = ("aide_prevue_eur", "montant_max_eur", "plafond", "total", "depassement")
VERDICT = {0: "non_mobilisable", 1: "a_verifier", 3: "mobilisable"}


def entete(dossiers: Sequence[Dossier]) -> pl.DataFrame:
    """Return what the results repeat of each dossier: title, SIREN, day, planned aids (cents)."""
    rows = []
    for rank, dossier in enumerate(dossiers):
        planned = [a for a in dossier.aides or () if a.statut != "octroyee"]
        amounts = [a.montant if a.esb is None else a.esb for a in planned]
        total = None if not amounts or None in amounts else sum(a for a in amounts if a is not None)
        bases = ", ".join(dict.fromkeys(a.base for a in planned if a.base)) or None
        title = dossier.intitule or dossier.beneficiaire.nom
        where = region(dossier.projet.commune)
        rows.append((rank, title, dossier.beneficiaire.siren, dossier.date_octroi, bases, total, where))
    return pl.DataFrame(rows, ENTETE, orient="row")


@lru_cache(maxsize=1)
def departements() -> Mapping[str, tuple[str, str, str]]:
    """Return the name, the region's code and the region's name of each department."""
    with (donnees() / "departements.csv").open(encoding="utf-8", newline="") as stream:
        return {r["code"]: (r["nom"], r["region"], r["region_nom"]) for r in csv.DictReader(stream, delimiter=";")}


def region(commune: str | None) -> str | None:
    """Return the region of a commune, None when it is not known."""
    if commune is None:
        return None
    found = departements().get(commune[:2]) or departements().get(commune[:3])
    return found[2] if found else None


def resultats(lus: Lus, head: pl.DataFrame, verdicts: Verdicts) -> pl.DataFrame:
    """Return one row per dossier read."""
    bases = verdicts.bases
    regimes = bases.filter(pl.col("genre") == "regime")
    schemes = bases.filter(pl.col("genre") == "dispositif")
    sure = pl.col("verdict") == VRAI
    lists = regimes.group_by("rang").agg(
        mobilisables=pl.col("base").filter(sure).str.join(", "),
        a_verifier=pl.col("base").filter(~sure).str.join(", "),
    )
    more = schemes.group_by("rang").agg(
        dispositifs_mobilisables=pl.col("base").filter(sure).str.join(", "),
        dispositifs_a_verifier=pl.col("base").filter(~sure).str.join(", "),
    )
    wanted = head.select("rang", base="base_prevue").filter(pl.col("base").is_not_null()).with_columns(prevue=pl.lit(1))
    best = (
        regimes.join(wanted, on=["rang", "base"], how="left", maintain_order="left")
        .with_columns(prevue=pl.col("prevue").fill_null(0), exemption=~pl.col("base").str.starts_with("de_minimis."))
        .sort(
            "rang",
            "prevue",
            sure,
            "exemption",
            "montant_max",
            descending=[False, True, True, True, True],
            nulls_last=True,
            maintain_order=True,
        )
        .group_by("rang", maintain_order=True)
        .first()
        .select("rang", meilleure_base="base", taux_max_pct="taux_max", montant_max_eur="montant_max")
    )
    alerts = verdicts.alertes.group_by("rang").agg(
        alertes_bloquantes=(pl.col("gravite") == "bloquante").sum().cast(pl.UInt32), alertes=pl.len()
    )
    counted = (
        verdicts.manquants.group_by("rang", "chemin")
        .len()
        .sort("rang", "len", "chemin", descending=[False, True, False])
    )
    missing = counted.group_by("rang", maintain_order=True).agg(
        faits_manquants=pl.len(), premier_fait_manquant=pl.col("chemin").first()
    )
    planned = _prevues(head, regimes, schemes)
    frame = head.with_columns(
        ligne=pl.Series(lus.lignes, dtype=pl.Int64), identifiant=pl.Series(lus.identifiants, dtype=pl.String)
    )
    for part in (verdicts.dossiers, lists, more, best, alerts, missing, planned):
        frame = frame.join(part, on="rang", how="left", maintain_order="left")
    frame = frame.with_columns(pl.col("alertes_bloquantes", "alertes", "faits_manquants").fill_null(0))
    return frame.with_columns(etat()).select(pl.col(name).cast(kind) for name, kind in RESULTATS.items())


def _prevues(head: pl.DataFrame, *bases: pl.DataFrame) -> pl.DataFrame:
    """Return the worst verdict of the planned bases of each dossier."""
    named = head.filter(pl.col("base_prevue").is_not_null()).select("rang", base=pl.col("base_prevue").str.split(", "))
    found = named.explode("base").join(
        pl.concat(bases).select("rang", "base", "verdict"), on=["rang", "base"], how="left"
    )
    worst = found.group_by("rang").agg(pl.col("verdict").fill_null(0).min())
    return worst.select("rang", verdict_base_prevue=pl.col("verdict").replace_strict(VERDICT, return_dtype=pl.String))


def etat() -> pl.Expr:
    """Return the state of each dossier, from its other columns."""
    planned = pl.col("verdict_base_prevue")
    some = pl.col("mobilisables").fill_null("") != ""
    others = pl.col("a_verifier").fill_null("") != ""
    return (
        pl.when(pl.col("alertes_bloquantes") > 0).then(pl.lit("alerte_bloquante"))
        .when(pl.col("conclusion") == "pas_aide_etat").then(pl.lit("hors_aide"))
        .when(planned.is_not_null()).then(planned)
        .when(some).then(pl.lit("mobilisable"))
        .when(others).then(pl.lit("a_verifier"))
        .otherwise(pl.lit("non_mobilisable"))
        .alias("etat")
    )  # fmt: skip


def alertes(lus: Lus, verdicts: Verdicts) -> pl.DataFrame:
    """Return the alerts, by line of the input."""
    return _situer(lus, verdicts.alertes).select(PIECE_ALERTES.keys())


def manquants(lus: Lus, verdicts: Verdicts) -> pl.DataFrame:
    """Return the missing facts of each dossier, with the bases that wait for them."""
    grouped = verdicts.manquants.group_by("rang", "chemin", maintain_order=True).agg(
        bases=pl.col("base").str.join(", ")
    )
    return _situer(lus, grouped).select(PIECE_MANQUANTS.keys())


def _situer(lus: Lus, frame: pl.DataFrame) -> pl.DataFrame:
    where = pl.DataFrame(
        {"ligne": pl.Series(lus.lignes, dtype=pl.Int64), "identifiant": pl.Series(lus.identifiants, dtype=pl.String)}
    ).with_row_index("rang")
    return frame.join(where.cast({"rang": pl.UInt32}), on="rang", how="left", maintain_order="left")


def rejets(found: Sequence[Rejet]) -> pl.DataFrame:
    """Return the rows set aside, in the order of the input."""
    rows = [(r.ligne, r.identifiant, r.motif) for r in sorted(found, key=lambda r: r.ligne)]
    return pl.DataFrame(rows, REJETS, orient="row")


def avec_alertes(frame: pl.LazyFrame, extra: pl.DataFrame) -> pl.LazyFrame:
    """Count alerts found after the evaluation with those of each dossier."""
    counts = extra.group_by("ligne").agg(
        plus_bloquantes=(pl.col("gravite") == "bloquante").sum().cast(pl.UInt32), plus=pl.len()
    )
    joined = frame.join(counts.lazy(), on="ligne", how="left", maintain_order="left").with_columns(
        pl.col("alertes_bloquantes") + pl.col("plus_bloquantes").fill_null(0),
        pl.col("alertes") + pl.col("plus").fill_null(0),
    )
    kept = pl.when(pl.col("etat") == NON_JUGE).then(pl.col("etat")).otherwise(etat()).alias("etat")
    return joined.drop("plus", "plus_bloquantes").with_columns(kept)


def statistiques(frame: pl.LazyFrame, alerts: pl.LazyFrame, missing: pl.LazyFrame) -> pl.DataFrame:
    """Return the counts that a reader wants first: `rubrique`, `valeur`, `nombre`, `montant_eur` (cents)."""
    parts = [
        _compter(frame, "état", "etat"),
        _compter(frame, "qualification", "conclusion"),
        _compter(frame, "catégorie", "categorie"),
        _compter(frame.with_columns(annee=pl.col("date_octroi").dt.year().cast(pl.String)), "année", "annee"),
        _compter(frame, "région", "region"),
        _compter(_eclater(frame, "mobilisables"), "base mobilisable", "mobilisables"),
        _compter(_eclater(frame, "a_verifier"), "base à vérifier", "a_verifier"),
        _frequences(alerts, "alerte", "code"),
        _frequences(missing, "fait manquant", "chemin"),
    ]
    found: pl.DataFrame = pl.concat(parts).collect(engine="streaming")
    return found


def croiser(frame: pl.LazyFrame) -> pl.DataFrame:
    """Return what the report is drawn from: `nombre` and `montant` (cents) by state, basis, region and year."""
    keys = ("etat", pl.col("base_prevue").alias("base"), "region", pl.col("date_octroi").dt.year().alias("annee"))
    found = frame.group_by(*keys).agg(nombre=pl.len().cast(pl.Int64), montant=pl.col("aide_prevue_eur").sum())
    rows: pl.DataFrame = found.sort("etat", "base", "region", "annee").collect(engine="streaming")
    return rows


def _eclater(frame: pl.LazyFrame, column: str) -> pl.LazyFrame:
    listed = frame.with_columns(pl.col(column).str.split(", ")).explode(column)
    return listed.filter(pl.col(column).fill_null("") != "")


def _compter(frame: pl.LazyFrame, heading: str, column: str) -> pl.LazyFrame:
    return (
        frame.group_by(valeur=pl.col(column).fill_null("inconnu"))
        .agg(nombre=pl.len().cast(pl.Int64), montant_eur=pl.col("aide_prevue_eur").sum())
        .select(pl.lit(heading).alias("rubrique"), "valeur", "nombre", "montant_eur")
        .sort("nombre", "valeur", descending=[True, False])
    )


def _frequences(frame: pl.LazyFrame, heading: str, column: str) -> pl.LazyFrame:
    counted = frame.group_by(valeur=column).agg(nombre=pl.len().cast(pl.Int64)).sort("nombre", descending=True)
    amount = pl.lit(None, dtype=pl.Int64).alias("montant_eur")
    return counted.select(pl.lit(heading).alias("rubrique"), "valeur", "nombre", amount)


def lisible(frame: pl.LazyFrame, *, flottants: bool = False) -> pl.LazyFrame:
    """Write cents as euros and basis points as percentages: exact decimals, or numbers for JSON."""

    def exact(name: str) -> pl.Expr:
        value = pl.col(name).cast(pl.Decimal(18, 2)) / pl.lit(100, dtype=pl.Decimal(18, 2))
        return value.cast(pl.Decimal(18, 2)) if not flottants else pl.col(name).cast(pl.Float64) / 100

    names = frame.collect_schema().names()
    money = {"plafond": "plafond_eur", "total": "total_eur", "depassement": "depassement_eur"}
    scaled = [exact(n) for n in (*EUROS, "taux_max_pct", "montant_eur") if n in names]
    return frame.with_columns(scaled).rename({k: v for k, v in money.items() if k in names})
