"""What the result page shows: the answer first, then the reasons, each with its provision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aid_rules import assessment as out
from aid_rules.dossier import Dossier
from aid_rules.report import graphiques
from aid_rules.report import libelles as mots
from aid_rules.report.fiche_plan import meilleur_plan, registre
from aid_rules.report.noms import Noms
from aid_rules.web import vues

DISPOSITIFS = 6
_GRAVITES = ("bloquante", "attention", "information")


def contexte(result: out.Resultat, dossier: Dossier) -> dict[str, Any]:
    """Return the context of the result page."""
    regimes = sorted((b for b in result.regimes if b.examine), key=mots.ordre)
    schemes = sorted((b for b in result.dispositifs if b.examine), key=mots.ordre)
    questions = {q.chemin: q.question for q in result.questions}
    noms = Noms(result, dossier)
    shown = [_base(b, questions) for b in schemes if b.verdict != "non_mobilisable"]
    return {
        "r": result,
        "noms": noms,
        "enjeux": vues.enjeux(result),
        "regimes": [_base(b, questions) for b in regimes],
        "dispositifs": shown[:DISPOSITIFS],
        "autres_dispositifs": shown[DISPOSITIFS:],
        "non_examinees": sum(not b.examine for b in result.regimes),
        "alertes": sorted(result.cumul.alertes, key=lambda a: _GRAVITES.index(a.gravite)),
        "marges": [(noms.objet(m), mots.montant(m.montant_min_eur, m.montant_max_eur)) for m in result.cumul.marges],
        "obligations": sorted(result.obligations, key=lambda o: (o.statut != "vrai", o.echeance is None, o.echeance)),
        "graphique_plan": graphiques.plan(dossier, (*result.regimes, *result.dispositifs)),
        "registres": [b for r in result.cumul.registres for b in registre(r, result.date_octroi, noms)],
        "meilleur_plan": list(meilleur_plan(result.meilleur_plan)),
    }


def _base(base: out.Base, questions: Mapping[str, str]) -> dict[str, Any]:
    every = mots.conditions(base)
    charts = []
    owners: list[out.Base | out.Volet] = [base, *base.volets]
    for owner in owners:
        if owner.verdict != "non_mobilisable":
            chart = graphiques.intensite(owner.detail_intensite, owner.intensite_min_pct, owner.intensite_max_pct)
            if chart:
                charts.append(chart)
    return {
        "base": base,
        "groupes": [
            (titre, [c for c in every if c.verdict == verdict])
            for verdict, titre in (("faux", "Ce qui bloque"), ("inconnu", "À vérifier"), ("vrai", "Rempli"))
        ],
        "graphiques": charts,
        "manquants": [questions[m] for m in base.manquants if m in questions],
        "taux": mots.taux(base.intensite_min_pct, base.intensite_max_pct),
        "montant": mots.montant(base.montant_min_eur, base.montant_max_eur),
    }
