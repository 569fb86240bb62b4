"""The de minimis awards of the rows of a portfolio, and the aids that they declare as received.

What is not known widens an award: the amount of a loan without grant equivalent, the closing day of the financial year,
a scheme that may rest on a de minimis regulation or on something else. Windows: règlement 1407/2013, article 3, then
2023/2831, article 3.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import polars as pl

from aid_rules.dossier import Aide, AideDeMinimis, Dossier, Operation
from aid_rules.engine.couverture import Lecture, est_de_minimis
from aid_rules.engine.environnement import Couts
from aid_rules.engine.interprete import Interprete
from aid_rules.engine.moteur import Engine, Loi
from aid_rules.engine.plan_lu import lire
from aid_rules.language.places import donnees
from aid_rules.language.slices import RegimeDuJour, RegleDeMinimis
from aid_rules.language.tree import FAUX, INCONNU, VRAI, facts_of, reads_costs
from aid_rules.law import de_minimis as loi
from aid_rules.law.doublons import Double
from aid_rules.law.entreprise_unique import entreprise_unique
from aid_rules.law.rattachement import SCISSION, Perimetre, rattacher
from aid_rules.law.secteurs import secteurs
from aid_rules.portfolio.operations import OPERATION, operations_de

PREFIXE = "de_minimis."
_SECTEURS = "beneficiaire.secteurs."

OCTROIS: dict[str, Any] = {
    "ligne": pl.Int64, "identifiant": pl.String, "numero": pl.String, "siren": pl.String, "reglement": pl.String,
    "jour": pl.Date, "bas": pl.Int64, "haut": pl.Int64, "declaree": pl.Boolean, "liens": pl.List(pl.String),
    "comptes": pl.List(pl.String), "certain_depuis": pl.Date, "possible_depuis": pl.Date, "unique": pl.Boolean,
    "plafond_bas": pl.Int64, "plafond_haut": pl.Int64, "operations": pl.List(OPERATION), "distincte": pl.Boolean,
    "peut_etre": pl.Boolean, "declarant": pl.String, "scission": pl.Date, "part_bas": pl.Int64, "part_haut": pl.Int64,
}  # fmt: skip
"""One row per de minimis award. `declaree`: stated as received before, and only counted. An award counts on the day of
another when it falls after `certain_depuis` (for certain) or `possible_depuis` (perhaps) of that other one.
`distincte`: declared, and told to be no aid of its own row. `peut_etre`: given through a scheme that may as well rest
on something else; it has ceilings of its own only when nothing else surely bears it. `part_bas` and `part_haut` are
what `declarant` says that it holds of the aid of an enterprise split on the day `scission`."""


def a_compter(engine: Engine, head: pl.DataFrame) -> pl.Series:
    """Tell which rows hold an award that counts, or may count, as de minimis, by their day and their basis."""
    days = head["date_octroi"].unique().drop_nulls()
    names = {name for start in {engine.at(day).loi.du for day in days} for name in _appuis(engine, start)}
    planned = head["base_prevue"]
    return (planned.str.starts_with(PREFIXE) | planned.is_in(sorted(names))).fill_null(value=False)


def _appuis(engine: Engine, jour: date) -> loi.AppuisDeMinimis:
    return engine.at(jour).loi.appuis_de_minimis


def octrois(
    engine: Engine, dossiers: Sequence[Dossier], lignes: Sequence[int], identifiants: Sequence[str | None]
) -> pl.DataFrame:
    """Return the de minimis awards of some rows; a row without SIREN counts for none but itself."""
    rows: list[dict[str, Any]] = []
    memo: _Memo = {}
    for dossier, line, name in zip(dossiers, lignes, identifiants, strict=True):
        if dossier.aides or dossier.de_minimis:
            rows += _octrois(engine, dossier, line, name, memo)
    return pl.DataFrame(rows, OCTROIS)


_Memo = dict[Hashable, list[RegleDeMinimis]]
"""The ceilings that may apply, by all that they depend on."""


def _octrois(engine: Engine, dossier: Dossier, line: int, name: str | None, memo: _Memo) -> Iterator[dict[str, Any]]:
    read = loi.nommer(dossier, _appuis(engine, dossier.date_octroi), dossier.aides or ())
    aids = [a for a in read.dossier.aides or () if a.base is not None and a.base.startswith(PREFIXE)]
    if not aids and not dossier.de_minimis:
        return
    open_, judged = _doutes(engine, dossier, read.peut_etre)
    siren = dossier.beneficiaire.siren or (dossier.beneficiaire.siret or "")[:9] or None
    law = engine.at(dossier.date_octroi)
    declared = dossier.beneficiaire.entreprise_unique
    for aid in aids:
        regulation = str(aid.base).removeprefix(PREFIXE)
        day = (aid.octroyee_le if aid.statut == "octroyee" else None) or dossier.date_octroi
        group = entreprise_unique(dossier.beneficiaire, day, engine.at(day).loi.parametres, regulation)
        low, high = _equivalent(engine, dossier, aid)
        rule = _regle(engine, law, dossier, str(aid.base), day, memo)
        if aid.id in open_ and aid.id not in judged:
            rule |= {"plafond_bas": None, "plafond_haut": None}
        yield {
            "ligne": line, "identifiant": name, "numero": aid.id, "siren": siren, "reglement": regulation, "jour": day,
            "bas": 0 if aid.id in open_ else low, "haut": high, "declaree": False,
            "liens": sorted(group.sirens | set(declared or ())), "unique": group.s_applique,
            "operations": operations_de(dossier.beneficiaire), "peut_etre": aid.id in open_, **rule,
        }  # fmt: skip
    yield from _recues(law, dossier, read.doubles, siren, line, name)


def _doutes(engine: Engine, dossier: Dossier, noms: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the aids that only may be de minimis, of those that their schemes leave open, and those to be judged so.

    The bases that hold on its day may leave a scheme nothing but a de minimis regulation; or one that surely bears it.
    """
    if not noms:
        return frozenset(), frozenset()
    found = engine.evaluate(dossier)
    again = engine.relire(dossier, found.hors_aide, found.faits)
    reading = Lecture(found.evaluation, found.dispositifs)
    plan = [a for a in lire(dossier, reading, found.faits.esb, found.hors_aide, again).aides if a.id in noms]
    open_ = [a for a in plan if a.nature != "de_minimis"]
    judged = [
        a.id
        for a in open_
        if a.nature == "etat"
        and VRAI not in {s for b, s in a.lecture.appuis(a.base or "", a.lignes).items() if not est_de_minimis(b)}
    ]
    return frozenset(a.id for a in open_), frozenset(judged)


def _recues(
    law: Loi, dossier: Dossier, repeated: Mapping[int, Double], siren: str | None, line: int, name: str | None
) -> Iterator[dict[str, Any]]:
    """Yield the aids that a row declares as received, for what they count; not those that its plan holds for certain.

    The aid of an enterprise merged stays its own: the operation brings it, from its day on.
    """
    if not dossier.de_minimis:
        return
    scope = loi.perimetre_de(dossier, law.loi.parametres, "general")
    links = sorted(scope.unique.sirens)
    brought = {o.siren for _, o in scope.operations if o.siren}
    split = {o.siren for _, o in scope.operations if o.nature == SCISSION and o.siren}
    for rank, past in enumerate(dossier.de_minimis):
        double = repeated.get(rank)
        if double is not None and double.certain:
            continue
        linked, owner = rattacher(past, rank, scope), past.siren or _scindee(past, scope) or siren
        if linked.compte == FAUX and linked.references and owner not in brought:
            continue  # left to another by a split
        low, high = past.montant or 0, past.montant
        if linked.compte != FAUX and owner not in brought:
            (low, high), owner = linked.part, siren if past.siren not in links else owner
        if double is not None or (linked.compte == INCONNU and owner not in brought):
            low = 0
        told = owner in split and linked.compte != INCONNU and double is None
        yield {
            "ligne": line, "identifiant": name, "numero": None, "siren": owner, "reglement": past.reglement,
            "jour": past.octroye_le, "bas": low, "haut": high, "declaree": True,
            "liens": links if owner == siren or owner in links else [],  # an enterprise outside is not tied by its aid
            "operations": operations_de(dossier.beneficiaire) if owner == siren else [],
            "distincte": past.deja_au_plan is False,
            **({"declarant": siren, "scission": _prise_d_effet(past, scope), "part_bas": linked.part[0],
                "part_haut": linked.part[1]} if told else {}),
        }  # fmt: skip


def _scindee(past: AideDeMinimis, scope: Perimetre) -> str | None:
    """Return the enterprise split that received an aid told to be shared, when only one may be."""
    if past.apres_scission is None:
        return None
    names = {o.siren for o in _scissions(past, scope)}
    return names.pop() if len(names) == 1 else None


def _prise_d_effet(past: AideDeMinimis, scope: Perimetre) -> date | None:
    """Return the day from which what is said of the share of an aid holds."""
    days = [o.le for o in _scissions(past, scope) if o.le is not None and past.siren in {None, o.siren}]
    return max(days, default=None)


def _scissions(past: AideDeMinimis, scope: Perimetre) -> list[Operation]:
    """Return the splits that may have shared an aid: those that came after it."""
    splits = [o for _, o in scope.operations if o.nature == SCISSION]
    return [o for o in splits if o.le is None or past.octroye_le is None or past.octroye_le < o.le]


def _equivalent(engine: Engine, dossier: Dossier, aid: Aide) -> tuple[int, int | None]:
    """Return the grant equivalent of an aid; a plain grant needs no computation."""
    if aid.esb is not None:
        return aid.esb, aid.esb
    if aid.forme == "subvention":
        return aid.montant or 0, aid.montant
    return engine.at(dossier.date_octroi).reader.read(dossier).esb.get(aid.id, (0, None))


def _regle(engine: Engine, law: Loi, dossier: Dossier, base: str, day: date, memo: _Memo) -> dict[str, Any]:
    """Return the ceilings and the window of the regulation on that day; the widest when facts leave it open."""
    regime = next((r for r in law.loi.regimes if r.id == base), None)
    rules = _plafonds(engine, law, dossier, regime, memo) if regime else []
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


def _plafonds(
    engine: Engine, law: Loi, dossier: Dossier, regime: RegimeDuJour, memo: _Memo
) -> Sequence[RegleDeMinimis]:
    """Return the ceilings that may apply; they are read once for all the dossiers that answer alike what they ask."""
    conditions = [rule.si for rule in regime.de_minimis if rule.si is not None]
    names = dict.fromkeys(name for node in conditions for name in facts_of(node))
    if any(map(reads_costs, conditions)) or not all(
        n.startswith(_SECTEURS) or engine.slots.facts[n].libre for n in names
    ):
        return _applicables(engine, law, dossier, regime.de_minimis)
    told = tuple(dossier.projet.faits.get(name) for name in names)
    known = secteurs(dossier.beneficiaire, dossier.date_octroi, donnees()) if names else None
    activity = known and (known.connus, known.certains, known.possibles, tuple(sorted(known.faits.items())))
    key = (law.loi.du, regime.id, told, activity)
    if key not in memo:
        memo[key] = _applicables(engine, law, dossier, regime.de_minimis)
    return memo[key]


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


@lru_cache(maxsize=65_536)
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
