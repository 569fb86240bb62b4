"""De minimis aid of the plan against every ceiling that counts it: its own regulation's, and those it shares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from aid_rules.dossier import Dossier
from aid_rules.engine.codes import DE_MINIMIS, DOUBLE, RATTACHEMENT, Alerte, gravite, limite, montant, noms
from aid_rules.engine.exact import Evaluation, RegimeEvalue
from aid_rules.engine.intervalles import Interval, cap, greatest, plus, total
from aid_rules.engine.plan_lu import AideLue, PlanLu, de_minimis_nommees
from aid_rules.language.slices import LoiDuJour, RegleDeMinimis
from aid_rules.language.tree import FAUX, INCONNU, VRAI
from aid_rules.law import de_minimis as loi_dm
from aid_rules.law.doublons import Double, doubles
from aid_rules.law.rattachement import Rattachement

_NOMS = {
    "general": "règlement général",
    "agricole": "agriculture",
    "peche": "pêche",
    "sieg": "services d'intérêt économique général",
}


class PlafondLu(NamedTuple):
    """One ceiling on a day: amount in cents, aid received within its window, regulations whose aid counts.

    `recu_propre` is what was received under the regulation itself: another regulation's aid is bound by the ceiling
    only when it meets some. `commun` when the ceiling is that of several regulations and of none.
    """

    reglement: str
    intitule: str
    plafond: Interval
    recu: Interval
    recu_propre: Interval
    compte: frozenset[str]
    fenetre: loi_dm.Fenetre
    refs: tuple[str, ...]
    commun: bool = False

    @property
    def droit(self) -> str:
        """Return the regulation that says whose aid counts: its own, or the first of those that share the ceiling."""
        return min(self.compte) if self.commun else self.reglement

    @property
    def reste(self) -> Interval:
        """Return the room under the ceiling, in cents."""
        low, high = plus([(1, self.plafond), (-1, self.recu)])
        return (max(0, low), None if high is None else max(0, high))


def plafonds(evaluation: Evaluation, loi: LoiDuJour, dossier: Dossier, esb: Mapping[str, Interval]) -> list[PlafondLu]:
    """Return the de minimis ceilings of the day of `dossier`, with what its ledger leaves under each.

    `esb` is the grant equivalent of the aids of its plan.
    """
    closing = loi_dm.cloture(dossier)
    jour = dossier.date_octroi
    found = []
    for regime in evaluation.regimes.values():
        rules = regime.regime.de_minimis
        ceiling = _plafond(regime)
        if not rules or ceiling is None or ceiling[1] is None:
            continue
        name = regime.regime.id.partition(".")[2]
        received = loi_dm.recues(dossier, loi.parametres, name, esb, loi.appuis_de_minimis)
        window = loi_dm.Fenetre(rules[0].fenetre, rules[0].ans)
        counted = frozenset(rules[0].compte)
        found.append(
            PlafondLu(
                name,
                f"plafond {regime.regime.id}",
                ceiling,
                loi_dm.total(received, jour, window, counted, closing),
                loi_dm.total(received, jour, window, frozenset({name}), closing),
                counted,
                window,
                tuple(dict.fromkeys(ref for rule in rules for ref in rule.refs)),
            )
        )
    return [*found, *_mixtes(found, loi, dossier, esb)]


def _mixtes(
    propres: Sequence[PlafondLu], loi: LoiDuJour, dossier: Dossier, esb: Mapping[str, Interval]
) -> Iterator[PlafondLu]:
    by_name = {p.reglement: p for p in propres}
    for rule in loi.plafonds_mixtes:
        parts = [by_name[name] for name in rule.reglements if name in by_name]
        if len(parts) < len(rule.reglements):
            continue
        widest = max(parts, key=lambda p: p.plafond[0])
        closing = loi_dm.cloture(dossier)
        counted = frozenset(rule.reglements)
        received = loi_dm.recues(dossier, loi.parametres, min(counted), esb, loi.appuis_de_minimis)
        counts = loi_dm.total(received, dossier.date_octroi, widest.fenetre, counted, closing)
        yield PlafondLu(
            rule.id,
            f"plafond commun {noms(_NOMS[name] for name in rule.reglements)}",
            greatest([p.plafond for p in parts]),
            counts,
            (0, 0),
            counted,
            widest.fenetre,
            rule.refs,
            commun=True,
        )


def _plafond(regime: RegimeEvalue) -> Interval | None:
    """Return the ceiling that applies, before any aid received."""
    if not regime.volets:
        return None
    rules: tuple[RegleDeMinimis, ...] = regime.regime.de_minimis
    statuses = regime.volets[0].plafonds[0][-len(rules) :] if rules else ()
    return cap(None, statuses, [(rule.montant, rule.montant) for rule in rules])


def controler_de_minimis(plan: PlanLu, dossier: Dossier, loi: LoiDuJour) -> Iterator[Alerte]:
    """Yield the doubts on the aids received, then the ceilings that the planned de minimis aid exceeds.

    An overrun names the awards to refuse whole.
    """
    planned = [a for a in plan.prevues if a.nature == "de_minimis"]
    if not planned and not dossier.de_minimis:
        return
    dossier = de_minimis_nommees(dossier, plan)
    amounts = {a.id: a.montant for a in plan.aides}
    ceilings = plafonds(plan.lecture.evaluation, loi, dossier, amounts)
    yield from controler_recues(ceilings, dossier, loi, amounts)
    told: list[tuple[tuple[str, ...], int]] = []
    for ceiling in ceilings:
        mine = [a for a in planned if a.reglement in ceiling.compte]
        meets = rencontre(ceiling, mine)
        alert = _alerte(ceiling, mine, meets == VRAI) if mine and meets else None
        if alert is None:
            continue
        left = ceiling.reste[0]
        repeats = any(names == alert.aides and floor <= left for names, floor in told)
        if meets == VRAI or not (ceiling.commun and repeats):  # a common ceiling repeats no doubt
            told.append((alert.aides, left))
            yield alert


def rencontre(ceiling: PlafondLu, mine: Sequence[AideLue]) -> int:
    """Tell whether a ceiling binds planned aid: its own, or another regulation's that meets some under it."""
    names = {a.reglement for a in mine}
    if ceiling.commun:
        sure, received = len(names) > 1, ceiling.recu
    else:
        sure, received = ceiling.reglement in names, ceiling.recu_propre
    if sure or received[0] > 0:
        return VRAI
    return FAUX if received[1] == 0 else INCONNU


def controler_recues(
    ceilings: Sequence[PlafondLu], dossier: Dossier, loi: LoiDuJour, esb: Mapping[str, Interval] | None = None
) -> Iterator[Alerte]:
    """Yield what is said of the aids received that do not count as written: written twice, merged, split, outside."""
    told: set[tuple[object, ...]] = set()
    for ceiling in sorted(ceilings, key=lambda c: c.commun):
        for aide in loi_dm.recues(dossier, loi.parametres, ceiling.droit, esb, loi.appuis_de_minimis) or ():
            linked, key = aide.rattachement, (aide.octroye_le, aide.montant, aide.reglement, aide.siren)
            counts = loi_dm.dans_la_fenetre(
                aide.octroye_le, dossier.date_octroi, ceiling.fenetre, loi_dm.cloture(dossier)
            )
            other = aide.reglement is not None and aide.reglement not in ceiling.compte
            if linked is None or not (linked.motif and linked.propre) or counts == FAUX or other or key in told:
                continue
            told.add(key)
            yield _rattachement(aide, linked)
    for double in doubles(dossier).values():
        yield _double(double)


def _rattachement(aide: loi_dm.Recue, linked: Rattachement) -> Alerte:
    day = "" if aide.octroye_le is None else f" du {aide.octroye_le:%d/%m/%Y}"
    open_ = linked.compte == INCONNU
    cure = " Tant que ce n'est pas dit, la marge sûre est celle qui la compte entière." if open_ else ""
    message = f"Aide de minimis{day} ({montant(aide.montant)}) : {linked.motif}.{cure}"
    return Alerte(
        RATTACHEMENT,
        "attention" if open_ else "information",
        INCONNU if open_ else VRAI,
        message,
        total=linked.part[1],
        references=linked.references,
        questions=linked.questions,
    )


def _double(double: Double) -> Alerte:
    entry = f"l'aide reçue n° {double.rang + 1} et l'aide « {double.aide} » du plan"
    if double.certain:
        message = f"Comptée deux fois ? Non : {entry} sont la même ; elle compte une fois."
        return Alerte(DOUBLE, "information", VRAI, message, (double.aide,))
    message = (
        f"Comptée deux fois ? {entry[0].upper()}{entry[1:]} se ressemblent. Dites si c'est la même "
        f"(de_minimis[{double.rang}].deja_au_plan) ; d'ici là, la marge sûre est celle qui compte les deux."
    )
    return Alerte(DOUBLE, "attention", INCONNU, message, (double.aide,), questions=(double.question,))


def _alerte(ceiling: PlafondLu, mine: Sequence[AideLue], meets: bool) -> Alerte | None:
    low, high = total(a.montant for a in mine)
    floor, top = ceiling.reste
    certain, amount, limit = (True, low, top) if meets and top is not None and low > top else (False, high, floor)
    if amount is not None and amount <= limit:
        return None
    if any(a.lecture.verdict(a.base or "") == FAUX for a in mine):
        return None
    excess = None if amount is None else amount - limit
    refused = _refusees(mine, limit)
    names = tuple(a.id for a in mine)
    verb = "dépasse" if certain else "pourrait dépasser"
    shared = "" if len({a.reglement for a in mine}) < 2 and not ceiling.commun else ", commun à plusieurs règlements"  # noqa: PLR2004
    cure = (
        f"Au-delà du plafond, l'aide est refusée en entier, non pour la seule part en trop : {noms(refused)} "
        f"{'sont à réduire' if len(refused) > 1 else 'est à réduire'} avant octroi, ou à différer."
        if refused
        else "L'aide qui ferait dépasser le plafond doit être refusée en entier ou réduite avant octroi."
    )
    left = f"ce que laisse le {ceiling.intitule}{shared} ({limite(ceiling.reste, certain)})"
    message = f"{noms(names)} : {montant(amount)} {verb} {left}. {cure}"
    grave, status = gravite(certain)
    costs = tuple(dict.fromkeys(c for a in mine for c in a.aide.couts or ()))
    return Alerte(DE_MINIMIS, grave, status, message, names, costs, limit, amount, excess, ceiling.refs)


def _refusees(mine: Sequence[AideLue], left: int) -> list[str]:
    """Return the awards that would not fit, taken in the order of the plan: each counts whole, or not at all."""
    refused = []
    for aide in mine:
        amount = aide.montant[0] if aide.montant[1] is None else aide.montant[1]
        if amount > left:
            refused.append(aide.id)
        else:
            left -= amount
    return refused
