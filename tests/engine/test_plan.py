"""The best legal plan: never beaten by a legal plan found at random, never alerted by the exact evaluator."""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

import pytest

from aid_rules.engine import plan_modele
from aid_rules.engine.plan import proposer
from aid_rules.faults import WorkError

pytest.importorskip("ortools")
sys.path.insert(0, str(Path(__file__).parent))
from dossiers import aide, dossier, ligne, recherche

COUTS = [ligne("m", 100000), recherche("rd", 60000), recherche("ri", 40000, "recherche_industrielle")]
FINANCEURS = [
    {
        "id": "region",
        "nom": "Région",
        "type": "region",
        "bases": ["rgec.17", "rgec.25", "de_minimis.general"],
        "enveloppe_eur": 40000,
    },
    {"id": "etat", "nom": "État", "type": "etat", "bases": ["rgec.25", "rgec.17"], "plafond_eur": 30000},
    {
        "id": "bpi",
        "nom": "Bpifrance",
        "type": "organisme_designe",
        "bases": ["rgec.25"],
        "couts": ["ri"],
        "enveloppe_eur": 30000,
    },
]


def best(engine, couts=COUTS, aides=(), financeurs=FINANCEURS, recu=190000, **plan):
    """The best plan of a dossier, with how it was asked."""
    received = [{"octroye_le": "2018-06-01", "montant_eur": recu, "reglement": "general"}]
    block = {"financeurs": financeurs, **plan}
    asked = dossier(engine, couts, list(aides), de_minimis=received, plan=block)
    return proposer(engine, engine.evaluate(asked)), asked


def judged(engine, asked, found):
    """The alerts that the evaluator raises on a plan."""
    aids = [aide(a.id, a.montant / 100, a.base, list(a.couts), financeur={"type": a.type}) for a in found.aides]
    granted = [a for a in asked.aides or () if a.statut == "octroyee"]
    read = dossier(
        engine, COUTS, aids, de_minimis=[{"octroye_le": "2018-06-01", "montant_eur": 190000, "reglement": "general"}]
    )
    full = read.model_copy(update={"aides": (*(read.aides or ()), *granted)})
    return [a for a in engine.evaluate(full).plan.alertes if a.gravite != "information"]


def test_best_plan_passes_the_evaluator(engine):
    """No alert stands on the plan, and its amounts are those of the law to the cent."""
    found, asked = best(engine)
    assert judged(engine, asked, found) == []
    # 20 % of m, 45 % of rd and 70 % of ri are all within reach of the envelopes
    assert found.statut == "optimal"
    assert found.total == 7500000
    assert sum(a.montant for a in found.aides if a.financeur == "region") <= 4000000


def test_no_random_legal_plan_is_better(engine):
    """A random search over the same funders, bases and lines never finds a legal plan with more aid."""
    found, asked = best(engine)
    rng = random.Random(5)  # noqa: S311 - a search that can be run again
    for _ in range(60):
        aids = []
        for funder in FINANCEURS:
            left = funder.get("enveloppe_eur", 10**6)
            for base in rng.sample(funder["bases"], rng.randint(1, len(funder["bases"]))):
                costs = rng.sample(
                    funder.get("couts", ["m", "rd", "ri"]), rng.randint(1, len(funder.get("couts", "123")))
                )
                amount = min(
                    left, funder.get("plafond_eur", 10**6), rng.choice([5000, 10000, 20000, 27000, 28000, 30000, 40000])
                )
                if amount:
                    left -= amount
                    aids.append(aide(f"{funder['id']}/{base}", amount, base, costs, financeur={"type": funder["type"]}))
        read = dossier(engine, COUTS, aids)
        read = read.model_copy(update={"de_minimis": asked.de_minimis})
        alerts = [a for a in engine.evaluate(read).plan.alertes if a.gravite != "information"]
        if not alerts:
            assert sum(a["montant_eur"] for a in aids) * 100 <= found.total


def test_binding_limits_are_worth_what_solving_again_says(engine):
    """One more euro of a limit is worth what a new plan gains."""
    found, _ = best(engine, financeurs=FINANCEURS[:1])
    (envelope,) = [x for x in found.limites if x.id == "enveloppe.region"]
    assert (envelope.plafond, envelope.gain) == (4000000, 100)


def test_requested_amount_is_met_exactly(engine):
    """A reachable amount is met to the cent; the Région's share can be the least."""
    found, asked = best(engine, montant_demande_eur=30000)
    assert found.total == 3000000
    assert found.limites
    assert {x.gain for x in found.limites} == {0}
    spared, _ = best(engine, montant_demande_eur=30000, objectif="minimiser_region")
    assert (spared.total, spared.region) == (3000000, 0)
    assert judged(engine, asked, spared) == []


def test_impossible_request_names_the_rules(engine):
    """Infeasible: a least set of conflicting rules, without which it would be possible."""
    found, _ = best(engine, montant_demande_eur=300000)
    assert found.statut == "infaisable"
    assert found.possible == 7500000
    assert {x.genre for x in found.conflits} <= {"base", "cumul", "de_minimis", "financeur"}
    assert found.conflits


def test_own_contribution(engine):
    """The beneficiary keeps the share that the request asks for."""
    found, _ = best(engine, contribution_propre_min_pct=80)
    assert found.total == 4000000


def test_granted_aid_takes_its_room(engine):
    """An aid already granted counts against the lines it funds."""
    granted = aide("avant", 15000, "rgec.17", ["m"], statut="octroyee", octroyee_le="2019-10-01")
    found, _ = best(engine, aides=[granted], financeurs=[{"id": "r", "type": "region", "bases": ["rgec.17"]}])
    assert found.total == 500000


def test_twelve_aids_over_twenty_lines_in_two_seconds(engine):
    """A large plan is solved at once."""
    costs = [ligne(f"l{i}", 100000 + 7 * i) if i % 2 else recherche(f"l{i}", 90000 + 11 * i) for i in range(20)]
    funders = [
        {
            "id": f"f{i}",
            "type": "region" if i % 3 else "etat",
            "bases": ["rgec.17" if i % 2 else "rgec.25"],
            "enveloppe_eur": 30000 + 1000 * i,
            "couts": [f"l{(i + k) % 20}" for k in range(7)],
        }
        for i in range(12)
    ]
    asked = engine.evaluate(dossier(engine, costs, [], plan={"financeurs": funders}))
    proposer(engine, asked, prix=False)  # the solver is imported and the law compiled once
    spent = []
    for _ in range(3):  # the best of three: another process may hold the machine
        start = time.perf_counter()
        found = proposer(engine, asked)
        spent.append(time.perf_counter() - start)
    assert min(spent) < 2
    assert found.statut == "optimal"
    assert len(found.aides) >= 10


def test_parity_of_state_and_region(engine):
    """PIA: the Région and the State give the same, whatever the envelope of the richer."""
    outil = [ligne("a", 300000, "outil_mutualise_filiere")]
    facts = dict.fromkeys(
        ["porteur_unique_beneficiaire", "acces_ouvert_plusieurs_utilisateurs", "plan_affaires_autonome"], "oui"
    ) | {"duree_amorcage_ans": 3, "droits_vote_filiere_pct": 60, "profite_plusieurs_pme_eti": "oui"}
    funders = [
        {"id": "r", "type": "region", "bases": ["pia_filieres"], "enveloppe_eur": 20000},
        {"id": "b", "type": "organisme_designe", "bases": ["pia_filieres"], "enveloppe_eur": 90000},
    ]
    asked = dossier(engine, outil, [], projet={"couts": outil, "faits": facts}, plan={"financeurs": funders})
    found = proposer(engine, engine.evaluate(asked))
    assert [a.montant for a in found.aides] == [2000000, 2000000]


def test_impossible_request_names_the_aids_kept_apart(engine):
    """A request that only the schemes' own rules forbid says which aids may not meet."""
    costs = [ligne("f", 100000, "formation_demandeurs_emploi", "formation")]
    facts = {"appel_exige_cofinancement": "oui", "taux_annonce_financeur_pct": 60}
    funders = [
        {"id": "r", "type": "region", "bases": ["pic_regional"], "plafond_eur": 40000},
        {"id": "e", "type": "etat", "bases": ["pic_national"], "plafond_eur": 40000},
    ]
    asked = dossier(
        engine,
        costs,
        [],
        projet={"couts": costs, "faits": facts},
        beneficiaire={"activite_economique": "non"},
        plan={"financeurs": funders, "montant_demande_eur": 60000},
    )
    found = proposer(engine, engine.evaluate(asked))
    assert (found.statut, found.possible) == ("infaisable", 4000000)
    named = {x.libelle: (x.genre, x.plafond) for x in found.conflits}
    assert named["cumul de e/pic_national et de r/pic_regional sur les mêmes coûts"] == ("cumul", 0)


def test_costs_must_be_known(engine):
    """Without the amount of a line there is nothing to plan on."""
    with pytest.raises(WorkError, match="montant de chaque ligne"):
        best(
            engine,
            couts=[{"id": "m", "poste": "actifs_corporels", "finalite": "investissement_initial"}],
            financeurs=FINANCEURS[:2],
        )


def test_missing_solver_is_said(engine, monkeypatch):
    """Without OR-Tools the message says what to install."""
    monkeypatch.setitem(sys.modules, "ortools.sat.python", None)
    with pytest.raises(WorkError, match="OR-Tools"):
        plan_modele.solveur()
    with pytest.raises(WorkError, match=r"aid-rules\[plan\]"):
        best(engine)


def test_union_funds_stay_and_count_under_their_rate(engine):
    """RGEC 8(2): the plan keeps the Union's own funds, and all public funding stays under the Union's rate."""
    fund = aide("u", 40000, None, ["rd"], financeur={"type": "union_directe"}, taux_max_pct=75)
    funder = {"id": "r", "type": "region", "bases": ["rgec.25"]}
    found, _ = best(engine, couts=[recherche("rd", 60000)], aides=[fund], financeurs=[funder])
    assert found.total == 500000
    (limit,) = [x for x in found.limites if x.libelle.startswith("taux le plus favorable")]
    assert (limit.plafond, limit.gain) == (4500000, 100)
    assert "rgec:8(2)" in limit.references


def test_an_old_overrun_leaves_the_other_lines_free(engine):
    """What was granted beyond a ceiling stays, leaves nothing on its line, and takes nothing from the others."""
    granted = aide("avant", 25000, "rgec.17", ["m"], statut="octroyee", octroyee_le="2019-10-01")
    found, asked = best(
        engine, aides=[granted], financeurs=[{"id": "r", "type": "region", "bases": ["rgec.17", "rgec.25"]}]
    )
    assert {line for a in found.aides for line, _ in a.repartition} == {"rd", "ri"}
    assert found.total == 5500000
    assert [a.aides for a in judged(engine, asked, found)] == [("avant",)]


def test_what_a_funder_has_granted_leaves_its_envelope(engine):
    """The envelope is what a funder has in all for the project, aids already granted included."""
    granted = aide(
        "avant",
        15000,
        "rgec.17",
        ["m"],
        financeur={"nom": "Région", "type": "region"},
        statut="octroyee",
        octroyee_le="2019-10-01",
    )
    found, _ = best(engine, aides=[granted], financeurs=FINANCEURS[:1])
    assert found.total == 2500000


def test_the_ceiling_of_an_older_law_is_not_for_new_aid(engine):
    """A grant of 2021 to a heat network, without rate, lends its ceiling to no aid of 2024: 30 % of the costs."""
    costs = [ligne("m", 1000, "reseau_chaleur_distribution")]
    facts = {"reseau_chaleur_efficace": "oui", "marge_exploitation_eur": 100, "methode_couts": "couts_totaux"}
    facts |= {
        "calcul_ex_ante_ou_recuperation": "oui",
        "seulement_renouvelable_ou_residuelle": "non",
        "reseau_chaleur_fossile": "non",
    }
    asked = dossier(
        engine,
        costs,
        [aide("x", 1, "rgec.46", ["m"], statut="octroyee", octroyee_le="2021-11-22")],
        modele="grande_saine",
        date_octroi="2024-05-15",
        projet={"couts": costs, "zone_afr": "aucune", "faits": facts},
        plan={"financeurs": [{"id": "r", "type": "region", "bases": ["rgec.46"]}]},
    )
    found = proposer(engine, engine.evaluate(asked))
    assert (found.statut, found.total, found.alertes) == ("optimal", 29900, ())
