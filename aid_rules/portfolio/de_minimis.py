"""De minimis aid of each single undertaking over the whole portfolio, whatever piece or partition a row stands in.

An award counts against the ceiling of its day with every other award of the single undertaking in the window that the
regulation sets (règlement 1407/2013, article 3, then 2023/2831, article 3). What is not known widens the sum: the
amount of a loan without grant equivalent, an award without date, the closing day of the financial year.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import polars as pl

from aid_rules.amounts import euros
from aid_rules.dossier import Aide, Dossier
from aid_rules.engine.environnement import Couts
from aid_rules.engine.interprete import Interprete
from aid_rules.engine.moteur import Engine, Loi
from aid_rules.language.slices import RegleDeMinimis
from aid_rules.language.tree import FAUX, INCONNU
from aid_rules.law import de_minimis as loi
from aid_rules.law.entreprise_unique import entreprise_unique
from aid_rules.portfolio.evaluation import ALERTES

CODE = "cumul_de_minimis_portefeuille"
PREFIXE = "de_minimis."

OCTROIS: dict[str, Any] = {
    "ligne": pl.Int64, "identifiant": pl.String, "numero": pl.String, "siren": pl.String, "reglement": pl.String,
    "jour": pl.Date, "bas": pl.Int64, "haut": pl.Int64, "declaree": pl.Boolean, "liens": pl.List(pl.String),
    "comptes": pl.List(pl.String), "certain_depuis": pl.Date, "possible_depuis": pl.Date, "unique": pl.Boolean,
    "plafond_bas": pl.Int64, "plafond_haut": pl.Int64,
}  # fmt: skip
"""One row per de minimis award. `declaree`: stated as received before, and only counted. An award counts on the day of
another when it falls after `certain_depuis` (for certain) or `possible_depuis` (perhaps) of that other one."""


def octrois(
    engine: Engine, dossiers: Sequence[Dossier], lignes: Sequence[int], identifiants: Sequence[str | None]
) -> pl.DataFrame:
    """Return the de minimis awards of some rows; a row without SIREN counts for none but itself."""
    rows: list[dict[str, Any]] = []
    for dossier, line, name in zip(dossiers, lignes, identifiants, strict=True):
        mine = [a for a in dossier.aides or () if a.base is not None and a.base.startswith(PREFIXE)]
        if mine or dossier.de_minimis:
            rows += _octrois(engine, dossier, mine, line, name)
    return pl.DataFrame(rows, OCTROIS)


def _octrois(
    engine: Engine, dossier: Dossier, aids: Sequence[Aide], line: int, name: str | None
) -> Iterator[dict[str, Any]]:
    siren = dossier.beneficiaire.siren or (dossier.beneficiaire.siret or "")[:9] or None
    law = engine.at(dossier.date_octroi)
    declared = dossier.beneficiaire.entreprise_unique
    for aid in aids:
        regulation = str(aid.base).removeprefix(PREFIXE)
        day = (aid.octroyee_le if aid.statut == "octroyee" else None) or dossier.date_octroi
        group = entreprise_unique(dossier.beneficiaire, day, engine.at(day).loi.parametres, regulation)
        low, high = _equivalent(engine, dossier, aid)
        yield {
            "ligne": line, "identifiant": name, "numero": aid.id, "siren": siren, "reglement": regulation, "jour": day,
            "bas": low, "haut": high, "declaree": False, "liens": sorted(group.sirens | set(declared or ())),
            "unique": group.s_applique, **_regle(engine, law, dossier, str(aid.base), day),
        }  # fmt: skip
    links = sorted(entreprise_unique(dossier.beneficiaire, dossier.date_octroi, law.loi.parametres).sirens)
    for past in dossier.de_minimis or ():
        yield {
            "ligne": line, "identifiant": name, "numero": None, "siren": past.siren or siren,
            "reglement": past.reglement, "jour": past.octroye_le, "bas": past.montant or 0, "haut": past.montant,
            "declaree": True, "liens": links,
        }  # fmt: skip


def _equivalent(engine: Engine, dossier: Dossier, aid: Aide) -> tuple[int, int | None]:
    """Return the grant equivalent of an aid; a plain grant needs no computation."""
    if aid.esb is not None:
        return aid.esb, aid.esb
    if aid.forme == "subvention":
        return aid.montant or 0, aid.montant
    return engine.at(dossier.date_octroi).reader.read(dossier).esb.get(aid.id, (0, None))


def _regle(engine: Engine, law: Loi, dossier: Dossier, base: str, day: date) -> dict[str, Any]:
    """Return the ceilings and the window of the regulation on that day; the widest when facts leave it open."""
    regime = next((r for r in law.loi.regimes if r.id == base), None)
    rules = _applicables(engine, law, dossier, regime.de_minimis) if regime else []
    if not rules:
        return {}
    rule, closing = rules[0], loi.cloture(dossier)
    window = loi.Fenetre(rule.fenetre, rule.ans)
    sure, may = bornes_de_la_fenetre(day, window, closing)
    amounts = [r.montant for r in rules]
    return {
        "comptes": sorted(rule.compte), "certain_depuis": sure, "possible_depuis": may,
        "plafond_bas": min(amounts), "plafond_haut": max(amounts),
    }  # fmt: skip


def _applicables(engine: Engine, law: Loi, dossier: Dossier, rules: Sequence[RegleDeMinimis]) -> list[RegleDeMinimis]:
    """Return the ceilings that may apply; every ceiling that does limits the aid, so the least counts."""
    if all(rule.si is None for rule in rules):
        return [min(rules, key=lambda r: r.montant)] if rules else []
    facts = law.reader.read(dossier)
    every: Couts = facts.lignes.choisir(None, None)
    reader = Interprete(engine.slots, facts.env, every, every.total)
    sure = [r for r in rules if reader.verite(r.si) not in (FAUX, INCONNU)]
    may = [r for r in rules if reader.verite(r.si) == INCONNU]
    least = min((r.montant for r in sure), default=None)
    return [r for r in sure if r.montant == least] + [r for r in may if least is None or r.montant < least]


def bornes_de_la_fenetre(jour: date, fenetre: loi.Fenetre, clos: tuple[int, int] | None) -> tuple[date, date]:
    """Return the last days before the window: the one that holds for certain, and the widest that may hold."""
    low, high = date(jour.year - fenetre.ans - 2, 1, 1).toordinal(), jour.toordinal()
    return _avant(jour, fenetre, clos, low, high, INCONNU), _avant(jour, fenetre, clos, low, high, FAUX)


def _avant(jour: date, fenetre: loi.Fenetre, clos: tuple[int, int] | None, low: int, high: int, top: int) -> date:
    """Return the last day whose status is `top` at most: statuses only grow with the day, halving finds it."""
    while high - low > 1:
        middle = (low + high) // 2
        if loi.dans_la_fenetre(date.fromordinal(middle), jour, fenetre, clos) <= top:
            low = middle
        else:
            high = middle
    return date.fromordinal(low)


def groupes(octrois: pl.DataFrame) -> dict[str, str]:
    """Return the representative of each SIREN: those that any row ties together are one undertaking."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        parent.setdefault(name, name)
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    pairs = octrois.filter(pl.col("siren").is_not_null() & (pl.col("liens").list.len() > 0)).select("siren", "liens")
    for siren, links in pairs.unique().iter_rows():
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
    totals = [
        _cumuler(awards.filter(pl.col("unique").fill_null(value=True) == whole), counted, key)
        for key, whole in (("entreprise", True), ("siren", False))
    ]
    return awards.join(pl.concat(totals), on="cle", how="left", maintain_order="left").drop("cle")


def _declarees(table: pl.DataFrame) -> pl.DataFrame:
    """Return the declared aids that count: neither those the portfolio holds, nor twice what several rows declare."""
    same = ["entreprise", "jour", "reglement", "haut"]
    ranked = table.filter("declaree").with_columns(n=pl.col("cle").cum_count().over("ligne", *same))
    once = ranked.unique([*same, "n"], keep="first", maintain_order=True)
    held = table.filter(~pl.col("declaree")).group_by(same).len("tenues")
    kept = once.join(held, on=same, how="left", nulls_equal=True).filter(pl.col("n") > pl.col("tenues").fill_null(0))
    return kept.select(table.columns)


def _cumuler(awards: pl.DataFrame, counted: pl.DataFrame, key: str) -> pl.DataFrame:
    """Sum the window of each award: running totals per undertaking, read at both ends of the window."""
    wanted = awards.select("cle", key, "jour", "certain_depuis", "possible_depuis", compte=pl.col("comptes")).explode(
        "compte"
    )
    blank = pl.col("reglement").is_null()
    known = counted.with_columns(
        bas=pl.when(blank | pl.col("jour").is_null()).then(0).otherwise(pl.col("bas")),
        ouvert=pl.col("haut").is_null().cast(pl.Int64),
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
        .agg(pl.col("bas", "haut", "ouvert").sum(), n=pl.len().cast(pl.Int64))
        .sort(key, "reglement", "jour")
        .with_columns(pl.col("bas", "haut", "ouvert", "n").cum_sum().over(key, "reglement"))
        .rename({"reglement": "compte"})
        .sort("jour")
    )
    found = wanted
    for end in ("jour", "certain_depuis", "possible_depuis"):
        suffix = f"_{end}"
        right = running.rename({c: f"{c}{suffix}" for c in ("bas", "haut", "ouvert", "n")} | {"jour": "le"})
        found = (
            found.sort(end)
            .join_asof(
                right, left_on=end, right_on="le", by=[key, "compte"], strategy="backward", check_sortedness=False
            )
            .drop("le", strict=False)
        )

    def between(column: str, start: str) -> pl.Expr:
        return pl.col(f"{column}_jour").fill_null(0) - pl.col(f"{column}_{start}").fill_null(0)

    per_award = found.group_by("cle").agg(
        bas=between("bas", "certain_depuis").sum(),
        haut=between("haut", "possible_depuis").sum(),
        ouvert=between("ouvert", "possible_depuis").sum(),
        n=between("n", "possible_depuis").sum(),
    )
    joined = per_award.join(awards.select("cle", key), on="cle").join(loose, on=key, how="left")
    open_ = (pl.col("ouvert") + pl.col("vague_ouvert").fill_null(0)) > 0
    return joined.select(
        "cle",
        total_bas="bas",
        total_haut=pl.when(~open_).then(pl.col("haut") + pl.col("vague").fill_null(0)),
        octrois=pl.col("n") + pl.col("vague_n").fill_null(0).cast(pl.Int64),
    )


def alertes(sums: pl.DataFrame) -> pl.DataFrame:
    """Return one alert per award whose single undertaking goes, or may go, over the ceiling of the day.

    Columns: `ligne`, `identifiant`, then those of the other alerts.
    """
    over = sums.filter(
        pl.col("plafond_bas").is_not_null()
        & ((pl.col("total_haut").is_null()) | (pl.col("total_haut") > pl.col("plafond_bas")))
        & (pl.col("octrois") > 1)
    )
    schema = {"ligne": pl.Int64, "identifiant": pl.String} | {k: v for k, v in ALERTES.items() if k != "rang"}
    return pl.DataFrame(list(_ecrire(over.iter_rows(named=True))), schema)


def _ecrire(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        certain = row["total_bas"] > row["plafond_haut"]
        total = row["total_bas"] if certain else row["total_haut"]
        limit = row["plafond_haut"] if certain else row["plafond_bas"]
        amount = "un total inconnu" if total is None else euros(total)
        verb = "dépassent" if certain else "pourraient dépasser"
        others = row["octrois"] - 1
        s = "s" if others > 1 else ""
        message = (
            f"Avec {others} autre{s} aide{s} de minimis du portefeuille ou déclarée{s}, l'entreprise unique "
            f"{row['entreprise']} reçoit {amount} sur la période : ses aides {verb} le plafond de {euros(limit)}."
        )
        yield {
            "ligne": row["ligne"], "identifiant": row["identifiant"], "code": CODE,
            "gravite": "bloquante" if certain else "attention", "certaine": certain, "message": message,
            "aides": row["numero"], "plafond": limit, "total": total,
            "depassement": None if total is None else max(0, total - limit),
        }  # fmt: skip
