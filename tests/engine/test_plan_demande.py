"""What the best plan may choose from: who funds, under which bases, on which costs, and why a basis is left out."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from aid_rules.engine.plan import proposer
from aid_rules.engine.plan_demande import poser
from aid_rules.faults import WorkError

pytest.importorskip("ortools")
sys.path.insert(0, str(Path(__file__).parent))
from dossiers import aide, dossier, ligne, recherche

COUTS = [ligne("m", 100000), recherche("rd", 60000)]
RECU = [{"octroye_le": "2018-06-01", "montant_eur": 190000, "reglement": "general"}]


def region(*bases: str, **autres: object) -> dict:
    return {"id": "r", "type": "region", "bases": list(bases)} | autres


def assess(engine, financeurs=None, aides=(), couts=COUTS, **autres):
    plan = {} if financeurs is None else {"financeurs": financeurs}
    return engine.evaluate(dossier(engine, list(couts), list(aides), plan=plan, **autres))


def open_to(engine, financeurs=None, aides=(), couts=COUTS, **autres):
    """The lines that each candidate may fund."""
    return {c.id: c.lignes for c in poser(engine, assess(engine, financeurs, aides, couts, **autres)).candidats}


def test_funders_of_the_planned_aids_when_none_is_named(engine):
    """Each planned aid lends its funder, its basis and its costs; without a basis, all that are usable are tried."""
    aids = [
        aide("x", 1000, "rgec.17", ["m"]),
        aide("y", 1000, None),
        aide("z", 5, "rgec.17", ["m"], statut="octroyee", octroyee_le="2019-10-01"),
    ]
    problem = poser(engine, assess(engine, aides=aids))
    assert {c.id: c.lignes for c in problem.candidats} == {
        "x/rgec.17": ("m",),
        "y/de_minimis.general": ("m", "rd"),
        "y/rgec.17": ("m",),
        "y/rgec.25": ("rd",),
    }
    assert [a.id for a in problem.acquises] == ["z"]
    assert open_to(engine) == {}


def test_every_usable_basis_when_a_funder_names_none(engine):
    """Bases that no cost concerns, or that are closed, are not tried; one still to be checked is told."""
    problem = poser(engine, assess(engine, [{"id": "r", "type": "region"}]))
    assert [c.base for c in problem.candidats] == ["de_minimis.general", "rgec.17", "rgec.25"]
    assert [base for _, base, _ in problem.ecartes] == ["de_minimis.sieg"]


def test_why_a_basis_is_left_out(engine):
    """Not in force, not usable, still to be checked, or without any amount on the costs: each has its own words."""
    asked = region("rgec.36b", "rgec.18", "de_minimis.sieg", "rgec.25", "rgec.17", "rgec.17", couts=["m"])
    problem = poser(engine, assess(engine, [asked]))
    assert [c.base for c in problem.candidats] == ["rgec.17"]
    assert [(who, base, why.partition(" : ")[0]) for who, base, why in problem.ecartes] == [
        ("r", "rgec.36b", "n'est pas en vigueur ce jour-là"),
        ("r", "rgec.18", "n'est pas mobilisable pour ce projet"),
        ("r", "de_minimis.sieg", "reste à vérifier"),
        ("r", "rgec.25", "n'ouvre aucun montant sur ces coûts"),
    ]


def test_costs_of_nothing_open_nothing(engine):
    """A line that the basis serves but that costs nothing has no ceiling to use."""
    problem = poser(engine, assess(engine, [region("rgec.17", couts=["m"])], couts=[ligne("m", 0), COUTS[1]]))
    assert (problem.candidats, len(problem.ecartes)) == ((), 1)


def test_a_funder_of_some_costs_has_only_those(engine):
    """Of the lines that its basis serves, a funder has those it may fund."""
    couts = [*COUTS, recherche("ri", 40000, "recherche_industrielle")]
    found = open_to(engine, [region("rgec.25", "de_minimis.general", couts=["ri", "m"])], couts=couts)
    assert found == {"r/rgec.25": ("ri",), "r/de_minimis.general": ("m", "ri")}


def test_de_minimis_on_no_cost_in_particular(engine):
    """1407/2013, 3(2): de minimis aid without identifiable costs has what its ceiling leaves, and nothing else."""
    found = assess(engine, [region("de_minimis.general", couts=[])], de_minimis=RECU)
    assert open_to(engine, [region("de_minimis.general", couts=[])]) == {"r/de_minimis.general": ()}
    best = proposer(engine, found)
    assert [(a.montant, a.couts) for a in best.aides] == [(1000000, ())]
    assert [(x.id, x.plafond, x.gain) for x in best.limites] == [("de_minimis.general", 1000000, 100)]
    # the same costs under an exemption: identifiable costs are asked for
    assert open_to(engine, [region("rgec.17", couts=[])]) == {}


@pytest.mark.parametrize("kind", ["prive", "union_directe"])
def test_money_that_is_no_state_resource_is_not_planned(engine, kind):
    """TFEU 107(1): a private funder, or the Union itself, needs no legal basis of State aid."""
    assert open_to(engine, [region("rgec.17", type=kind)]) == {}


@pytest.mark.parametrize("statut", ["prevue", "octroyee"])
def test_private_money_beside_does_not_free_the_plan(engine, statut):
    """TFEU 107(1): private money is no State aid, what the Région would add to it is."""
    private = aide("p", 1000, None, ["m"], financeur={"type": "prive"}, statut=statut)
    found = assess(engine, [region("rgec.17")], [private])
    problem = poser(engine, found)
    assert not problem.hors_aide
    assert [c.lue.nature for c in problem.candidats] == ["etat"]
    assert problem.acquises == ()
    assert proposer(engine, found).total == 2000000


def test_without_economic_activity_no_intensity_binds(engine):
    """TFEU 107(1): funding an activity that is not economic is no State aid; the costs alone bind it."""
    facts = {"couts": [recherche("rd", 1000)], "faits": {"taux_annonce_financeur_pct": 100}}
    found = assess(
        engine, [region("rgec.25")], couts=facts["couts"], projet=facts, beneficiaire={"activite_economique": "non"}
    )
    problem = poser(engine, found)
    assert problem.hors_aide
    assert not any(c.lue.nature == "etat" for c in problem.candidats)


def test_each_form_is_judged_alone(engine):
    """RGEC 5(2): whether equity is transparent says nothing of a grant under the same basis, whoever comes first."""
    funders = [
        {"id": "b", "type": "region", "bases": ["rgec.17"], "forme": "fonds_propres"},
        {"id": "r", "type": "region", "bases": ["rgec.17"]},
    ]
    for asked in (funders, funders[::-1]):
        problem = poser(engine, assess(engine, asked))
        assert [c.id for c in problem.candidats] == ["r/rgec.17"]
        assert [(who, why.partition(" : ")[0]) for who, _, why in problem.ecartes] == [("b", "reste à vérifier")]


def test_costs_must_all_be_known(engine):
    """One unknown amount is enough to plan nothing, and is named; without costs there is nothing to plan on."""
    unknown = {"id": "n", "poste": "actifs_corporels", "finalite": "investissement_initial"}
    with pytest.raises(WorkError, match=r"\(n\) : complétez"):
        poser(engine, assess(engine, [region("rgec.17")], couts=[COUTS[0], unknown]))
    with pytest.raises(WorkError, match="coût : complétez"):
        poser(engine, assess(engine, [region("rgec.17")], couts=[]))


def test_union_funds_without_costs_bind_nothing(engine):
    """RGEC 8(2): the Union's funds meet the plan on the costs they bear; on none, they leave it alone."""
    named = aide("u", 1000, None, ["m"], financeur={"type": "union_directe"})
    apart = aide("v", 1000, None, [], financeur={"type": "union_directe"})
    granted = aide("w", 1000, None, ["m"], financeur={"type": "union_directe"}, statut="octroyee")
    problem = poser(engine, assess(engine, [region("rgec.17")], [named, apart, granted]))
    assert [a.id for a in problem.union] == ["u", "w"]
    assert problem.acquises == ()


def test_a_grant_of_an_older_law_keeps_its_ceiling(engine):
    """RGEC 8(5): de minimis aid joins a grant of 2021 up to the ceiling of that grant's own day, the costs less 100 €.

    Under the law of 2024 heat networks bear 30 % of the costs: taken for the law of the grant, it would leave nothing.
    """
    costs = [ligne("m", 1000, "reseau_chaleur_distribution")]
    facts = {"reseau_chaleur_efficace": "oui", "marge_exploitation_eur": 100, "methode_couts": "couts_totaux"}
    facts |= {
        "calcul_ex_ante_ou_recuperation": "oui",
        "seulement_renouvelable_ou_residuelle": "non",
        "reseau_chaleur_fossile": "non",
    }
    found = assess(
        engine,
        [region("de_minimis.general")],
        [aide("x", 500, "rgec.46", ["m"], statut="octroyee", octroyee_le="2021-11-22")],
        costs,
        modele="grande_saine",
        date_octroi="2024-05-15",
        projet={"couts": costs, "zone_afr": "aucune", "faits": facts},
    )
    assert proposer(engine, found).total == 40000


def test_a_grant_that_bears_the_name_of_a_proposal_keeps_its_own(engine):
    """The aids of an earlier plan, once granted, are not those of the next: what is granted again has another name."""
    granted = {"statut": "octroyee", "octroyee_le": "2019-10-01"}
    aids = [aide(name, 4000, "rgec.17", ["m"], **granted) for name in ("r/rgec.17", "r/rgec.17 (2)")]
    problem = poser(engine, assess(engine, [region("rgec.17", "rgec.25")], aids))
    assert [c.id for c in problem.candidats] == ["r/rgec.17 (3)", "r/rgec.25"]
    assert [a.id for a in problem.acquises] == ["r/rgec.17", "r/rgec.17 (2)"]
    found = proposer(engine, assess(engine, [region("rgec.17")], aids, COUTS[:1]))
    assert (found.acquis, [(a.id, a.montant) for a in found.aides]) == (800000, [("r/rgec.17 (3)", 1200000)])
