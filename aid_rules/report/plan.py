"""The best plan as text: the answer first, then the aids, what binds, and what was set aside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

import click

from aid_rules import assessment as out
from aid_rules.amounts import euros
from aid_rules.report.texte import title, wrap


def plan_lines(found: out.MeilleurPlan) -> Iterator[str]:
    """Yield the best plan as text: the answer first, then the aids, what binds, and what was set aside."""
    yield title("Meilleur plan légal")
    if found.statut == "infaisable":
        yield click.style(
            f"  Impossible : {_euros(found.demande_eur)} demandés, {_euros(found.possible_eur)} possibles au plus.",
            fg="red",
            bold=True,
        )
        yield "  Ces règles, ensemble, l'empêchent :"
        for limit in found.conflits:
            yield wrap(f"✘ {limit.libelle} : {_euros(limit.plafond_eur)}{_cited(limit.references)}", 4)
    else:
        share = f", dont Région {_euros(found.region_eur)}" if found.region_eur else ""
        proof = "" if found.statut == "optimal" else " (non prouvé optimal dans le temps imparti)"
        yield click.style(
            f"  {_euros(found.total_eur)} d'aide{share}, pour {_euros(found.cout_total_eur)} de coûts{proof}.",
            bold=True,
        )
        if found.deja_octroye_eur:
            yield f"  S'y ajoutent {_euros(found.deja_octroye_eur)} déjà octroyés."
        for aide in found.aides:
            spread = ", ".join(f"{p.cout} {_euros(p.montant_eur)}" for p in aide.repartition)
            yield wrap(
                f"• {aide.nom} : {_euros(aide.montant_eur)} sous {aide.base}{f' ({spread})' if spread else ''}", 2
            )
        if not found.aides:
            yield "  Aucune aide possible avec ces financeurs et ces bases."
    if found.limites:
        yield "  Ce qui le limite :"
        for limit in found.limites:
            yield wrap(
                f"! {limit.libelle} : {_euros(limit.plafond_eur)}{_gain(limit, found)}{_cited(limit.references)}", 4
            )
    for alert in found.alertes:
        yield wrap(f"i {alert.message}", 2)
    if found.ecartees:
        yield "  Bases écartées :"
        for base in found.ecartees:
            yield wrap(f"- {base.base} ({base.financeur}) : {base.motif}", 4)
    if found.comparaison and found.actuel_eur:
        yield ""
        verdict = "sans alerte bloquante" if found.actuel_conforme else "avec une alerte bloquante"
        yield title("Plan donné et meilleur plan")
        yield f"  Plan donné : {_euros(found.actuel_eur)}, {verdict}."
        for row in found.comparaison:
            sign = "+" if row.difference_eur > 0 else ""
            change = f"{sign}{_euros(row.difference_eur)}" if row.difference_eur else "inchangé"
            yield f"  {row.financeur} : {_euros(row.actuel_eur)} → {_euros(row.meilleur_eur)} ({change})"


def _gain(limit: out.LimiteDuPlan, found: out.MeilleurPlan) -> str:
    if limit.gain_par_euro is None:
        return ""
    if not limit.gain_par_euro:
        return " ; un euro de plus n'y changerait rien seul"
    value = euros(int(limit.gain_par_euro * 100))
    if found.objectif == "minimiser_region":
        return f" ; un euro de plus épargnerait {value} à la Région"
    return f" ; un euro de plus donnerait {value} d'aide"


def _euros(value: Decimal | None) -> str:
    return "un montant inconnu" if value is None else euros(int(value * 100))


def _cited(refs: Iterable[out.Reference]) -> str:
    texts = [r.texte for r in refs]
    return f" [{' ; '.join(texts)}]" if texts else ""
