"""Each aid against its own basis: verdict, rate and amount on the costs it names, notification thresholds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from aid_rules.engine.codes import (
    A_VERIFIER,
    BASE,
    NON_MOBILISABLE,
    NOTIFICATION,
    SANS_BASE,
    Alerte,
    gravite,
    limite,
    montant,
    noms,
)
from aid_rules.engine.couverture import Lecture, couverture, est_de_minimis, lignes_de, memes_plafonds, reduits, servies
from aid_rules.engine.exact import RegimeEvalue
from aid_rules.engine.intervalles import Interval
from aid_rules.engine.intervalles import total as somme
from aid_rules.engine.plan_lu import AideLue, PlanLu
from aid_rules.language.slices import LoiDuJour
from aid_rules.language.tree import FAUX, INCONNU, VRAI
from aid_rules.law import cumul


def controler_bases(plan: PlanLu, loi: LoiDuJour) -> Iterator[Alerte]:
    """Yield the alerts on each basis: closed, to be checked, exceeded. Article 5 of the de minimis is told apart."""
    aids = [a for a in plan.aides if a.nature != "union"]
    for aide in plan.prevues:
        if aide.base is None and aide.nature != "hors_aide":
            message = f"L'aide {aide.id} n'a pas de base légale : indiquez sous quel régime elle serait accordée."
            yield Alerte(SANS_BASE, "attention", INCONNU, message, (aide.id,), aide.aide.couts or ())
    for base in dict.fromkeys(a.base for a in aids):
        if base is None:
            continue
        mine = [a for a in aids if a.base == base and (a.nature != "hors_aide" or base in a.lecture.bornes)]
        yield from _verdicts(base, mine)
        if not est_de_minimis(base):
            yield from _sous_chaque_loi(base, mine)
    yield from _seuils(plan, aids, loi)


def _verdicts(base: str, mine: Sequence[AideLue]) -> Iterator[Alerte]:
    for past in (False, True):
        for lecture in dict.fromkeys(a.lecture for a in mine if a.octroyee == past):
            told = [a for a in mine if a.octroyee == past and a.lecture is lecture]
            names = tuple(a.id for a in told)
            costs = tuple(dict.fromkeys(c for a in told for c in a.aide.couts or ()))
            verdict = lecture.verdict(base)
            if verdict == VRAI or (past and verdict == INCONNU):
                continue
            if past:
                what = (
                    "n'était pas ouverte à ce projet le jour de l'octroi" if verdict == FAUX else "n'existait pas alors"
                )
                message = f"{noms(names)}, déjà octroyée : la base {base} {what}. Vérifiez la décision d'octroi."
                yield Alerte(NON_MOBILISABLE, "attention", INCONNU, message, names, costs)
            elif verdict == INCONNU:
                message = f"{noms(names)} : la base {base} reste à vérifier. Répondez aux questions qui la concernent."
                yield Alerte(A_VERIFIER, "attention", INCONNU, message, names, costs)
            else:
                why = "n'est pas mobilisable pour ce projet" if verdict == FAUX else "n'est pas en vigueur ce jour-là"
                message = f"{noms(names)} : la base {base} {why}. Choisissez une autre base."
                yield Alerte(NON_MOBILISABLE, "bloquante", VRAI, message, names, costs)


def _sous_chaque_loi(base: str, mine: Sequence[AideLue]) -> Iterator[Alerte]:
    """Check the aids of one basis, then without some of an older law: the ceiling it left covers them alone."""
    today = [a.lecture for a in mine if not a.lecture.nom]
    old = {a.lecture.nom for a in mine if a.lecture.nom and not any(memes_plafonds(a.lecture, t, base) for t in today)}
    told: list[Alerte] = []
    for kept in (frozenset(old), *reduits(old)):
        for alert in _depassements(base, [a for a in mine if a.lecture.nom not in old - kept]):
            if not any(_redit(alert, before) for before in told):
                told.append(alert)
    yield from told


def _redit(alert: Alerte, before: Alerte) -> bool:
    """Tell whether an alert was told as surely, on no more costs."""
    return before.code == alert.code and set(before.couts) <= set(alert.couts) and before.statut >= alert.statut


def _depassements(base: str, mine: Sequence[AideLue]) -> Iterator[Alerte]:
    """Check the aids of one basis, granted ones included, against what it allows on their costs."""
    readings: dict[int, Lecture] = {id(a.lecture): a.lecture for a in mine if a.lecture.verdict(base)}
    if not readings:
        return
    limits = couverture(((reading, base) for reading in readings.values()), ailleurs=0)
    served = servies(limits)
    on_costs = [cumul.AideSurCouts(a.id, a.montant, a.lignes if a.aide.couts else served) for a in mine]
    loose = {a.id for a in mine if a.floue}
    doubtful = {a.id for a in mine if a.lecture.verdict(base) == INCONNU}
    planned = {a.id for a in mine if not a.octroyee}
    over = [d for d in cumul.depassements(on_costs, limits, memes_couts=False) if planned.isdisjoint(d.aides)]
    # what is already over with no planned aid hides no wider set that a planned aid overruns
    over += cumul.depassements(on_costs, limits, (frozenset(planned),), memes_couts=False)
    for found in over:
        high, top = found.total[1], found.plafond[1]
        if (
            not found.certain
            and doubtful.intersection(found.aides)
            and high is not None
            and (top is None or high <= top)
        ):
            continue  # already told as « à vérifier »
        sure = found.certain and not planned.isdisjoint(found.aides)
        total = found.total[0] if found.certain else high
        limit = found.plafond[1] if found.certain else found.plafond[0]
        evaluated = next(iter(readings.values())).evaluation
        regime = evaluated.regimes.get(base) or evaluated.dispositifs[base]
        over_threshold = any(limit in s.montant for s in _seuils_lus(regime) if s.statut == VRAI)
        code, what = BASE, f"le maximum permis par {base} sur {noms(sorted(found.lignes))}"
        excess = found.excedent if total is not None else None
        cure = f"Réduisez de {montant(excess)} ou changez de base." if excess else "Précisez le montant de l'aide."
        if over_threshold:
            code, what = NOTIFICATION, f"le seuil de notification de {base}"
            cure = "Réduisez l'aide, changez de base, ou notifiez-la à la Commission avant de l'octroyer."
        if outside := sorted(found.lignes - served):
            cure += f" Cette base ne couvre pas {noms(outside)}."
        verb = "dépasse" if found.certain else "pourrait dépasser"
        ceiling = limite(found.plafond, found.certain)
        message = f"{noms(found.aides)} : {montant(total)} {verb} {what} ({ceiling}). {cure}"
        grave, status = gravite(sure and not (loose.intersection(found.aides) and len(served) < len(found.lignes)))
        costs = tuple(sorted(found.lignes))
        yield Alerte(code, grave, status, message, found.aides, costs, limit, total, excess, _refs(regime))


class _Seuil(NamedTuple):
    """A notification threshold that applies, or may apply: the cost lines whose aid it bears on, in cents."""

    lignes: frozenset[str]
    montant: Interval
    refs: tuple[str, ...]
    statut: int


def _seuils_lus(regime: RegimeEvalue) -> Iterator[_Seuil]:
    """Yield the thresholds of a basis as a whole, then those of its purposes, each on its own costs."""
    live = [v for v in regime.volets if v.verdict != FAUX]
    served = frozenset(line for v in live for line in lignes_de(v))
    told = [(served, regime.regime.seuils, regime.seuils)]
    for volet in live:
        lines = served if len(live) == 1 else frozenset(volet.couts.lignes)
        if lines or len(live) == 1:
            told.append((lines, volet.volet.seuils, volet.seuils))
    for lines, written, (statuses, amounts) in told:
        rules = [rule for rule in written if rule.grandeur == "aide"]
        for rule, status, amount in zip(rules, statuses, amounts, strict=True):
            if status != FAUX:
                yield _Seuil(lines, amount, rule.refs, status)


def _seuils(plan: PlanLu, aids: Sequence[AideLue], loi: LoiDuJour) -> Iterator[Alerte]:
    """Check notification thresholds against all the State aid on the costs of a basis (RGEC article 8(1))."""
    state = [a.sur_ses_couts() for a in aids if a.nature == "etat"]
    for base in dict.fromkeys(a.base for a in state if not a.octroyee):
        regime = plan.lecture.evaluation.regimes.get(base or "")
        if regime is None or regime.verdict == FAUX:
            continue
        seuils = list(_seuils_lus(regime))
        for lines in dict.fromkeys(seuil.lignes for seuil in seuils):
            inside = [a for a in state if a.lignes <= lines]
            if all(a.base == base for a in inside):  # one basis alone is told against itself
                continue
            over = _franchi([s for s in seuils if s.lignes == lines], somme(a.montant for a in inside))
            if over is None:
                continue
            certain, amount, limit, own = over
            names = tuple(a.id for a in inside)
            message = (
                f"{noms(names)} : les aides d'État au projet comptent ensemble, {montant(amount)}, et "
                f"{'dépassent' if certain else 'pourraient dépasser'} le seuil de notification de {base} "
                f"({montant(limit)}). Réduisez-les de {montant(amount - limit)}, ou notifiez l'aide à la Commission "
                "avant de l'octroyer."
            )
            refs = (*loi.regles_cumul.get("seuils", ()), *own)
            costs = tuple(sorted(frozenset().union(*(a.lignes for a in inside))))
            grave, status = gravite(certain)
            yield Alerte(NOTIFICATION, grave, status, message, names, costs, limit, amount, amount - limit, refs)


def _franchi(seuils: Sequence[_Seuil], aides: Interval) -> tuple[bool, int, int, tuple[str, ...]] | None:
    """Return the threshold that aids exceed, for certain, or else may exceed: whether, their sum, it, its provision.

    An aid that nothing bounds raises no doubt here: its amount is asked for by the control of its own basis.
    """
    sure = [(s.montant[1], s.refs) for s in seuils if s.statut == VRAI and s.montant[1] is not None]
    low, high = aides
    if sure and low > min(sure)[0]:
        return True, low, *min(sure)
    limit, refs = min((s.montant[0], s.refs) for s in seuils)
    return None if high is None or high <= limit else (False, high, limit, refs)


def _refs(regime: RegimeEvalue) -> tuple[str, ...]:
    rules = [r for v in regime.regime.volets for r in (*v.plafonds, *v.seuils)]
    rules += [*regime.regime.plafonds, *regime.regime.seuils]
    return tuple(dict.fromkeys(ref for rule in rules for ref in rule.refs))
