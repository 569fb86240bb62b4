"""De minimis aid of each single undertaking over the whole portfolio, whatever piece or partition a row stands in.

An award counts against the ceiling of its day with every other award of the single undertaking in the window that the
regulation sets (règlement 1407/2013, article 3, then 2023/2831, article 3). What is not known widens the sum: the
amount of a loan without grant equivalent, an award without date, the closing day of the financial year. Mergers,
acquisitions and splits that any row tells hold for all (article 3(8) and (9)).
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
from aid_rules.law.doublons import doubles
from aid_rules.law.entreprise_unique import entreprise_unique
from aid_rules.law.rattachement import SCISSION, rattacher
from aid_rules.portfolio.evaluation import ALERTES
from aid_rules.portfolio.operations import OPERATION, aretes, operations_de, portees

CODE = "cumul_de_minimis_portefeuille"
PREFIXE = "de_minimis."

OCTROIS: dict[str, Any] = {
    "ligne": pl.Int64, "identifiant": pl.String, "numero": pl.String, "siren": pl.String, "reglement": pl.String,
    "jour": pl.Date, "bas": pl.Int64, "haut": pl.Int64, "declaree": pl.Boolean, "liens": pl.List(pl.String),
    "comptes": pl.List(pl.String), "certain_depuis": pl.Date, "possible_depuis": pl.Date, "unique": pl.Boolean,
    "plafond_bas": pl.Int64, "plafond_haut": pl.Int64, "operations": pl.List(OPERATION), "distincte": pl.Boolean,
}  # fmt: skip
"""One row per de minimis award. `declaree`: stated as received before, and only counted. An award counts on the day of
another when it falls after `certain_depuis` (for certain) or `possible_depuis` (perhaps) of that other one.
`distincte`: declared, and told to be no aid of its own row."""


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
            "unique": group.s_applique, "operations": operations_de(dossier.beneficiaire),
            **_regle(engine, law, dossier, str(aid.base), day),
        }  # fmt: skip
    yield from _recues(law, dossier, siren, line, name)


def _recues(law: Loi, dossier: Dossier, siren: str | None, line: int, name: str | None) -> Iterator[dict[str, Any]]:
    """Yield the aids that a row declares as received, for what they count; not those that its plan holds for certain.

    The aid of an enterprise merged stays its own: the operation brings it, from its day on.
    """
    if not dossier.de_minimis:
        return
    scope = loi.perimetre_de(dossier, law.loi.parametres, "general")
    links = sorted(scope.unique.sirens)
    merged = {o.siren for _, o in scope.operations if o.nature != SCISSION}
    repeated = doubles(dossier)
    for rank, past in enumerate(dossier.de_minimis):
        double = repeated.get(rank)
        if double is not None and double.certain:
            continue
        linked, owner = rattacher(past, rank, scope), past.siren or siren
        if linked.compte == FAUX and linked.references and owner not in merged:
            continue  # left to another by a split
        low, high = past.montant or 0, past.montant
        if linked.compte != FAUX and owner not in merged:
            (low, high), owner = linked.part, siren if past.siren not in links else owner
        if double is not None or (linked.compte == INCONNU and owner not in merged):
            low = 0
        yield {
            "ligne": line, "identifiant": name, "numero": None, "siren": owner, "reglement": past.reglement,
            "jour": past.octroye_le, "bas": low, "haut": high, "declaree": True,
            "liens": links if owner == siren or owner in links else [],  # an enterprise outside is not tied by its aid
            "operations": operations_de(dossier.beneficiaire) if owner == siren else [],
            "distincte": past.deja_au_plan is False,
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
    totals = []
    for key, whole in (("entreprise", True), ("siren", False)):
        mine = awards.filter(pl.col("unique").fill_null(value=True) == whole)
        edges = aretes(octrois, links if whole else {})
        totals.append(_cumuler(mine, counted, key, portees(mine, edges, key)))
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


def _cumuler(awards: pl.DataFrame, counted: pl.DataFrame, key: str, brought: pl.DataFrame) -> pl.DataFrame:
    """Sum the window of each award: running totals per undertaking, read at both ends of the window.

    `brought` (`PORTEES`) tells the other undertakings whose aids count, or may count, with its own.
    """
    brought = brought.cast({"cle": awards.schema["cle"]})
    whose = pl.concat(
        [
            awards.select("cle", key, sur=pl.lit(value=True)),
            brought.filter(pl.col("autre").is_not_null()).select("cle", pl.col("autre").alias(key), "sur"),
        ]
    )
    wanted = whose.join(
        awards.select("cle", "jour", "certain_depuis", "possible_depuis", compte=pl.col("comptes")), on="cle"
    ).explode("compte")
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
        bas=between("bas", "certain_depuis").filter(pl.col("sur")).sum(),
        haut=between("haut", "possible_depuis").sum(),
        ouvert=between("ouvert", "possible_depuis").sum(),
        n=between("n", "possible_depuis").sum(),
    )
    vague = whose.join(loose, on=key).group_by("cle").agg(pl.col("vague", "vague_ouvert", "vague_n").sum())
    doubts = brought.group_by("cle").agg(
        raison=pl.col("raison").drop_nulls().unique(maintain_order=True).str.join(" ; "),
        scindee=pl.col("autre").is_null().any(),
    )
    joined = (
        per_award.join(vague, on="cle", how="left")
        .join(doubts, on="cle", how="left")
        .join(awards.select("cle", propre="bas"), on="cle")
    )
    open_ = (pl.col("ouvert") + pl.col("vague_ouvert").fill_null(0)) > 0
    return joined.select(
        "cle",
        total_bas=pl.when("scindee").then("propre").otherwise("bas"),
        total_haut=pl.when(~open_).then(pl.col("haut") + pl.col("vague").fill_null(0)),
        octrois=pl.col("n") + pl.col("vague_n").fill_null(0).cast(pl.Int64),
        raison=pl.when(pl.col("raison") != "").then("raison"),
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
        if row["raison"] and not certain:
            message += f" À vérifier : {row['raison']}."
        yield {
            "ligne": row["ligne"], "identifiant": row["identifiant"], "code": CODE,
            "gravite": "bloquante" if certain else "attention", "certaine": certain, "message": message,
            "aides": row["numero"], "plafond": limit, "total": total,
            "depassement": None if total is None else max(0, total - limit),
        }  # fmt: skip
