"""The financing plan in a document: charts, de minimis ledgers, alerts, margins, the best plan."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from aid_rules import assessment as out
from aid_rules.dossier import Dossier
from aid_rules.report import graphiques
from aid_rules.report import libelles as mots
from aid_rules.report.blocs import Bloc, Cellule, Encadre, Figure, Liste, Paragraphe, Tableau, Titre, paires
from aid_rules.report.noms import Noms


def plan(dossier: Dossier, result: out.Resultat) -> Iterator[Bloc]:
    """Yield the plan against its ceilings, the ledgers, the alerts, what may still be granted, the best plan."""
    noms = Noms(result, dossier)
    yield Titre("Cumul et plan de financement")
    chart = graphiques.plan(dossier, (*result.regimes, *result.dispositifs))
    if chart:
        yield Figure(chart)
    for ledger in result.cumul.registres:
        yield from registre(ledger, result.date_octroi, noms)
    alerts = result.cumul.alertes
    if alerts:
        order = ("bloquante", "attention", "information")
        rows = tuple(
            (
                Cellule(mots.GRAVITES[a.gravite], ton=mots.ton(a.gravite)),
                Cellule(_dite(a, noms), a.references),
                Cellule(mots.argent(a.depassement_eur) if a.depassement_eur else "—"),
            )
            for a in sorted(alerts, key=lambda a: order.index(a.gravite))
        )
        yield Tableau("Alertes sur le plan de financement", ("Gravité", "Alerte", "Excédent"), rows, (2,), (0, 1, 0))
    else:
        yield Paragraphe("Aucune alerte sur le plan de financement.")
    rooms = result.cumul.marges
    if rooms:
        yield paires(
            "Ce qui peut encore être accordé",
            [(noms.objet(m), mots.montant(m.montant_min_eur, m.montant_max_eur)) for m in rooms],
            ("Objet", "Marge"),
        )
    yield from meilleur_plan(result.meilleur_plan)


def _dite(alerte: out.AlerteResultat, noms: Noms) -> str:
    legend = noms.legende(alerte)
    return f"{alerte.message} ({legend}.)" if legend else alerte.message


def registre(ledger: out.RegistreDeMinimis, day: date, noms: Noms) -> Iterator[Bloc]:
    """Yield a de minimis ledger: its timeline, then the room left today and later."""
    chart = graphiques.de_minimis(ledger, day, noms.plafond(ledger.intitule))
    if chart is None:
        return
    yield Figure(chart)
    rows = tuple(
        (
            Cellule(mots.jour(step.le)),
            Cellule(mots.montant(step.recu_min_eur, step.recu_max_eur)),
            Cellule(mots.montant(step.reste_min_eur, step.reste_max_eur)),
            Cellule(mots.montant(step.reste_apres_plan_min_eur, step.reste_apres_plan_max_eur)),
        )
        for step in ledger.calendrier
    )
    yield Tableau("Ce que laisse le plafond", ("À partir du", "Reçu", "Reste", "Reste après le plan"), rows, (1, 2, 3))
    if told := tuple(Cellule(_compte(m)) for m in ledger.mouvements if m.motif):
        yield Paragraphe("Aides reçues qui ne comptent pas telles quelles :")
        yield Liste(told)
    if ledger.refusees:
        yield Encadre(
            "Aides à refuser en entier", (f"{', '.join(ledger.refusees)} : le plafond serait dépassé.",), "mauvais"
        )


def _compte(move: out.MouvementDeMinimis) -> str:
    """Return why an aid received does not count as it is written, and for how much it does."""
    day = f" du {mots.jour(move.octroye_le)}" if move.octroye_le else ""
    kept = "" if move.compte == "faux" else f" ; retenu : {mots.montant(move.retenu_min_eur, move.retenu_max_eur)}"
    return f"Aide{day} ({mots.argent(move.montant_eur)}) : {move.motif}{kept}."


def meilleur_plan(best: out.MeilleurPlan | None) -> Iterator[Bloc]:
    """Yield the best legal plan beside the plan as given."""
    if best is None:
        return
    yield Titre("Le meilleur plan légal", 3)
    if best.statut == "infaisable":
        asked, possible = mots.argent(best.demande_eur), mots.argent(best.possible_eur)
        lines = (f"{asked} demandés, {possible} possibles au plus. Ces règles, ensemble, l'empêchent :",)
        yield Encadre("Demande impossible", (*lines, *(c.libelle for c in best.conflits)), "mauvais")
        return
    yield Paragraphe(f"{mots.argent(best.total_eur)} d'aide pour {mots.argent(best.cout_total_eur)} de coûts.")
    rows = tuple(
        (
            Cellule(c.financeur),
            Cellule(mots.argent(c.actuel_eur)),
            Cellule(mots.argent(c.meilleur_eur)),
            Cellule(mots.argent(c.difference_eur)),
        )
        for c in best.comparaison
    )
    yield Tableau(
        "Le plan donné et le meilleur plan", ("Financeur", "Plan donné", "Meilleur plan", "Différence"), rows, (1, 2, 3)
    )
    if best.limites:
        yield Paragraphe("Ce qui limite ce plan :")
        yield Liste(tuple(Cellule(f"{x.libelle} : {mots.argent(x.plafond_eur)}", x.references) for x in best.limites))
