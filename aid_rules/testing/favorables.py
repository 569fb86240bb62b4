"""Hypothesis strategies of dossiers in which a basis is usable, or nearly. Needs Hypothesis (extra `test`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from aid_rules.engine.moteur import Engine
from aid_rules.language import tree as t
from aid_rules.language.slices import RegimeDuJour
from aid_rules.testing.ecriture import Donnees
from aid_rules.testing.parties import jours, lecture, lignes, proprietaires, stables, valeurs


def satisfaire(
    draw: Callable[[st.SearchStrategy[Any]], Any], engine: Engine, node: t.Bool, vrai: bool, dits: dict[str, Any]
) -> None:
    """Say in `dits` (fact → value) what makes a condition hold, or fail; what is said already stays."""
    facts = engine.book.vocabulaire.faits
    match node:
        case t.EstVrai(fait):
            owner, _, member = fait.rpartition(".")
            if owner in facts and facts[owner].type == "ensemble":
                said = dits.setdefault(owner, [])
                if vrai and member not in said:
                    said.append(member)
            else:
                dits.setdefault(fait, vrai)
        case t.Non(item):
            satisfaire(draw, engine, item, not vrai, dits)
        case t.Tous(items) | t.UnDe(items):
            chosen = items if isinstance(node, t.Tous) == vrai else [draw(st.sampled_from(items))]
            for item in chosen:
                satisfaire(draw, engine, item, vrai, dits)
        case t.Dans(fait, names):
            values = [v for v in facts[fait].valeurs if (v in names) == vrai]
            if values:
                dits.setdefault(fait, draw(st.sampled_from(values)))
        case t.Compare(operateur, t.Fait(nom, genre), t.Nombre(valeur)) if nom in facts:
            wanted = operateur if vrai else t.OPPOSITE[operateur]
            step = {"<": -1, ">": 1, "!=": 1}.get(wanted, 0)
            exact = max(valeur + step, 0)
            told = date.fromordinal(min(max(exact, 712_000), 766_000)) if genre == "date" else Decimal(exact).scaleb(-2)
            dits.setdefault(nom, told)


def favorable(draw: Callable[[st.SearchStrategy[Any]], Any], engine: Engine, regime: RegimeDuJour) -> dict[str, Any]:
    """Return what makes the conditions of a basis hold: fact → value."""
    said: dict[str, Any] = {}
    volet = draw(st.sampled_from(regime.volets)) if regime.volets else None
    rules = [*(volet.conditions if volet else ()), *(volet.assiette[:1] if volet else ()), *regime.conditions]
    rules += volet.base[:1] if volet else ()
    for rule in rules:
        if rule.si is not None:
            satisfaire(draw, engine, rule.si, True, said)
    return said


def dire(engine: Engine, data: dict[str, Any], said: Mapping[str, Any]) -> None:
    """Write facts where a dossier says them; those that it computes are left to it, category and zone aside."""
    stated = ("beneficiaire.categorie", "beneficiaire.secteurs", "beneficiaire.en_difficulte", "projet.zone_afr")
    for name, value in said.items():
        fact = engine.book.vocabulaire.faits.get(name)
        if fact is None or (fact.derive and name not in stated):
            continue
        *steps, last = (name if name in stated else fact.chemin).split(".")
        place = data
        for step in steps:
            place = place.setdefault(step, {})
        place[last] = value


def sain(jour: date) -> dict[str, Any]:
    """A dossier that answers favourably what every basis asks, and nothing more; its dates surround the award."""
    return {
        "mesure": {
            "conditions_de_marche": False,
            "compensation_sieg": {"obligations_definies": False},
            "mesure_generale": False,
            "secteur_ouvert_concurrence": True,
            "effet_purement_local": {"zone_locale": False},
        },
        "beneficiaire": {
            "secteurs": ["autre"],
            "activite_economique": True,
            "part_non_economique_pct": 0,
            "categorie": "petite",
            "en_difficulte": False,
            "situation_financiere": {
                "forme": "responsabilite_limitee",
                "cree_le": date(2001, 5, 2),
                "procedure_collective": False,
                "conditions_procedure_collective": False,
                "aide_sauvetage_en_cours": False,
            },
            "injonction_recuperation": False,
        },
        "projet": {
            "zone_afr": "aucune",
            "demande_aide_le": jour - timedelta(days=170),
            "debut_travaux_le": jour - timedelta(days=77),
            "fin_le": jour + timedelta(days=500),
            "faits": {
                "aide_ad_hoc": False,
                "regime_budget_annuel_eur": 50_000_000,
                "regime_entree_en_vigueur_le": date(2015, 1, 1),
                "regime_exclut_injonction": True,
                "aide_liee_exportation": False,
                "preference_produits_nationaux": False,
                "violation_droit_union": False,
                "exploitation_resultats_limitee": False,
                "production_energie_nucleaire": False,
                "projet_scinde": False,
                "demande_aide_complete": True,
                "couts_simplifies": False,
                "esb_pret_taux_reference": True,
                "esb_garantie_primes_refuges": True,
                "avance_nominal_sous_seuil": True,
                "valeur_marche_etablie": True,
            },
        },
        "aides": [
            {
                "id": "aide",
                "financeur": {"type": "region"},
                "forme": "subvention",
                "montant_eur": 50000,
                "statut": "prevue",
            }
        ],
        "de_minimis": [],
    }


def favorables(engine: Engine, regime: str | None = None, jour: date | None = None) -> st.SearchStrategy[Donnees]:
    """Dossiers in which a basis is usable, or nearly: a healthy dossier, what the basis asks, then a few changes."""

    @st.composite
    def make(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Donnees:
        day: date = jour or draw(jours(engine))
        loi = engine.at(day).loi
        named = [r for r in (*loi.regimes, *loi.dispositifs) if regime in (None, r.id)]
        data = Donnees(date_octroi=day, **sain(day))
        known = engine.book.vocabulaire.faits
        own = data["projet"]["faits"]
        data["projet"]["faits"] = {n: v for n, v in own.items() if n in known and known[n].libre}
        if named:
            aimed = draw(st.sampled_from(named))
            lu = lecture(aimed)
            data["projet"]["couts"] = draw(lignes(engine, lu, complet=True))
            dire(engine, data, favorable(draw, engine, aimed))
            changes = {n: v for n, v in proprietaires(engine, lu.faits).items() if known[n].libre}
            if changes:
                for name in draw(st.lists(st.sampled_from(sorted(changes)), unique=True, max_size=3)):
                    data["projet"]["faits"][name] = draw(st.none() | valeurs(known[name], day, changes[name]))
        if draw(st.booleans()):
            data["beneficiaire"].pop("categorie", None)
            data["beneficiaire"] |= {"exercices": draw(stables(day)), "liens": []}
        return data

    return make()
