"""The limits that bind the best plan, one by one: their amounts, what they bear on, and what a plan does of them."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from aid_rules.engine.codes import Alerte
from aid_rules.engine.plan import proposer
from aid_rules.engine.plan_demande import poser
from aid_rules.engine.plan_modele import Modele
from aid_rules.faults import WorkError
from aid_rules.language.tree import VRAI

pytest.importorskip("ortools")
sys.path.insert(0, str(Path(__file__).parent))
from dossiers import aide, dossier, ligne, recherche

COUTS = [ligne("m", 100000), recherche("rd", 60000)]
RECU = [{"octroye_le": "2018-06-01", "montant_eur": 190000, "reglement": "general"}]
REGION = {"id": "r", "nom": "Région", "type": "region", "bases": ["rgec.17", "rgec.25", "de_minimis.general"]}
R17 = {"id": "r", "type": "region", "bases": ["rgec.17"], "enveloppe_eur": 15000}
E17 = {"id": "e", "type": "etat", "bases": ["rgec.17"], "enveloppe_eur": 12000}
MINIMIS, INVEST, RD = "r/de_minimis.general", "r/rgec.17", "r/rgec.25"


def assess(engine, financeurs, aides=(), couts=COUTS, recu=RECU, **plan):
    block = {"financeurs": financeurs, **plan}
    return engine.evaluate(dossier(engine, list(couts), list(aides), de_minimis=recu, plan=block))


def limits(engine, found):
    """Each limit of a problem: its amount in cents, and the aids and lines that it bears on."""
    model = Modele(poser(engine, found), [])
    return {x.id: (x.plafond / 10000, sorted(x.couples)) for x in model.limites}


def best(engine, financeurs, aides=(), couts=COUTS[:1], **plan):
    return proposer(engine, assess(engine, financeurs, aides, couts, **plan))


def test_each_limit_bears_on_what_it_binds(engine):
    """Envelope, ceilings of a funder, own contribution, costs, bases, de minimis room and articles 8(3) and 8(5)."""
    asked = REGION | {"enveloppe_eur": 30000, "plafond_eur": 25000, "plafond_par_base_eur": {"rgec.17": 12000}}
    found = limits(engine, assess(engine, [asked], contribution_propre_min_pct=75))
    small = [(MINIMIS, "m"), (MINIMIS, "rd")]
    every = [*small, (INVEST, "m"), (RD, "rd")]
    assert found == {
        "enveloppe.r": (3000000, every),
        f"plafond.{INVEST}": (1200000, [(INVEST, "m")]),
        f"plafond.{RD}": (2500000, [(RD, "rd")]),
        f"plafond.{MINIMIS}": (2500000, small),
        "contribution": (4000000, every),
        "cout.m": (10000000, [(MINIMIS, "m"), (INVEST, "m")]),
        "cout.rd": (6000000, [(MINIMIS, "rd"), (RD, "rd")]),
        "base.rgec.17.m": (2000000, [(INVEST, "m")]),
        "base.rgec.25.rd": (2700000, [(RD, "rd")]),
        "de_minimis.general": (1000000, small),
        "cumul.m": (2000000, [(INVEST, "m")]),
        "cumul.m.de_minimis": (2000000, [(MINIMIS, "m"), (INVEST, "m")]),
        "cumul.rd": (2700000, [(RD, "rd")]),
        "cumul.rd.de_minimis": (2700000, [(MINIMIS, "rd"), (RD, "rd")]),
    }


def test_what_is_granted_stands_in_the_limits_that_it_meets(engine):
    """A grant leaves the envelope of its funder, and takes its room of the contribution, its costs and its basis."""
    granted = {"statut": "octroyee", "octroyee_le": "2019-10-01"}
    aids = [
        aide("avant", 15000, "rgec.17", ["m"], financeur={"nom": "RÉGION", "type": "region"}, **granted),
        aide("autre", 1000, "rgec.25", ["rd"], financeur={"nom": "x", "type": "etat"}, **granted),
    ]
    asked = assess(engine, [REGION | {"enveloppe_eur": 30000}], aids, contribution_propre_min_pct=75)
    found = limits(engine, asked)
    whole = [("autre", "rd"), ("avant", "m"), (MINIMIS, "m"), (MINIMIS, "rd"), (INVEST, "m"), (RD, "rd")]
    assert found["enveloppe.r"] == (1500000, whole[2:])
    assert found["contribution"] == (4000000, whole)
    assert found["cout.m"] == (10000000, [("avant", "m"), (MINIMIS, "m"), (INVEST, "m")])
    assert found["base.rgec.17.m"] == (2000000, [("avant", "m"), (INVEST, "m")])
    assert found["base.rgec.25.rd"] == (2700000, [("autre", "rd"), (RD, "rd")])
    assert found["cumul.m"] == (2000000, [("avant", "m"), (INVEST, "m")])
    assert found["cumul.m.de_minimis"] == (2000000, [("avant", "m"), (MINIMIS, "m"), (INVEST, "m")])
    plan = proposer(engine, asked)
    assert (plan.total, plan.acquis, plan.cout_total) == (1500000, 1600000, 16000000)


def test_an_envelope_already_spent_leaves_nothing(engine):
    """What a funder granted beyond its envelope does not make it negative."""
    granted = aide("avant", 15000, "rgec.17", ["m"], statut="octroyee", octroyee_le="2019-10-01")
    granted["financeur"] = {"nom": "r", "type": "region"}
    found = best(engine, [R17 | {"enveloppe_eur": 10000}, E17 | {"enveloppe_eur": 1000}], [granted])
    assert [(a.id, a.montant) for a in found.aides] == [("e/rgec.17", 100000)]


def test_the_plan_as_it_is_told(engine):
    """Each aid with its funder, its form, its basis and its lines; each limit met with its reference and its worth."""
    found = best(engine, [R17 | {"nom": "Région", "forme": "pret"}])
    (aid,) = found.aides
    assert aid == ("r/rgec.17", "r", "Région", "region", "pret", "rgec.17", 1500000, ("m",), (("m", 1500000),))
    assert (found.statut, found.objectif, found.demande, found.possible) == ("optimal", "maximiser", None, 1500000)
    assert (found.total, found.region, found.cout_total, found.acquis) == (1500000, 1500000, 10000000, 0)
    assert (found.conflits, found.ecartes, found.alertes) == ((), (), ())
    assert found.limites == (("enveloppe.r", "financeur", "enveloppe de Région", 1500000, 100, ()),)


def test_limits_of_one_amount_on_the_same_lines_are_told_once(engine):
    """The most of article 17 and the highest ceiling of the line are one limit to the reader, raised together."""
    found = best(engine, [R17 | {"plafond_eur": 9000}, E17 | {"plafond_eur": 11000, "enveloppe_eur": 11500}])
    told = {x.id: (x.plafond, x.gain, x.references) for x in found.limites}
    assert told == {
        "plafond.r/rgec.17": (900000, 0, ()),
        "plafond.e/rgec.17": (1100000, 0, ()),
        "base.rgec.17.m": (2000000, 0, ("rgec:8(3)(b)",)),
    }
    found = best(engine, [R17 | {"enveloppe_eur": 30000}])
    told = {x.id: (x.plafond, x.gain, x.references) for x in found.limites}
    assert told == {"base.rgec.17.m": (2000000, 100, ("rgec:8(3)(b)",))}
    without = proposer(engine, assess(engine, [R17, E17], couts=COUTS[:1]), prix=False)
    assert [x.gain for x in without.limites] == [None, None]


def test_the_region_pays_what_the_others_cannot(engine):
    """The least share of the Région once the total is reached: one more euro of the State's envelope spares it one."""
    asked = best(engine, [R17, E17], montant_demande_eur=18000, objectif="minimiser_region")
    assert [(a.id, a.montant) for a in asked.aides] == [("r/rgec.17", 600000), ("e/rgec.17", 1200000)]
    assert (asked.objectif, asked.demande, asked.total, asked.region) == ("minimiser_region", 1800000, 1800000, 600000)
    assert {x.id: x.gain for x in asked.limites} == {"enveloppe.e": 100}
    most = best(engine, [R17, E17], objectif="minimiser_region")
    assert (most.demande, most.total, most.region) == (None, 2000000, 800000)
    assert {x.id: x.gain for x in most.limites} == {"enveloppe.e": 100, "base.rgec.17.m": 0}
    alone = best(engine, [E17], objectif="minimiser_region")
    assert (alone.statut, alone.total, alone.region) == ("optimal", 1200000, 0)


@pytest.mark.parametrize("region", [[], [R17]])
def test_the_region_spared_the_fewest_aids_stay(engine, region):
    """Once the Région's share is the least, with or without a Région, one funder is asked rather than three."""
    state = [E17 | {"id": f"e{i}", "enveloppe_eur": eur} for i, eur in enumerate([4000, 4000, 4000, 10000])]
    found = best(engine, [*state, *region], montant_demande_eur=10000, objectif="minimiser_region")
    assert [(a.id, a.montant) for a in found.aides] == [("e3/rgec.17", 1000000)]
    assert found.region == 0


def test_a_request_is_met_with_the_fewest_aids(engine):
    """What one funder can give alone is asked of one; what is asked for is met, so more of a limit is worth nothing."""
    one = best(engine, [E17, R17], montant_demande_eur=13000)
    assert [(a.id, a.montant) for a in one.aides] == [("r/rgec.17", 1300000)]
    two = best(engine, [R17, E17], montant_demande_eur=20000)
    assert (two.total, two.possible, len(two.aides)) == (2000000, 2000000, 2)
    assert {x.id: x.gain for x in two.limites if x.id.startswith("base")} == {"base.rgec.17.m": 0}


def test_a_request_does_not_bind_the_most(engine):
    """Asked for the most, the plan gives it whatever amount is written; asked to reach, it needs an amount."""
    found = best(engine, [R17, E17], montant_demande_eur=1000, objectif="maximiser")
    assert (found.demande, found.total) == (None, 2000000)
    with pytest.raises(WorkError, match="montant_demande_eur"):
        best(engine, [R17], objectif="atteindre")


def test_a_limit_within_a_cent_is_not_met(engine):
    """A limit is met when not one more cent fits under it."""
    assert best(engine, [R17], montant_demande_eur=14999.99).limites == ()
    assert [x.id for x in best(engine, [R17], montant_demande_eur=15000).limites] == ["enveloppe.r"]


def test_nothing_asked_is_nothing_planned(engine):
    """A request of nothing is met by no aid."""
    found = best(engine, [R17], montant_demande_eur=0)
    assert (found.statut, found.total, found.aides, found.limites) == ("optimal", 0, (), ())


@pytest.mark.parametrize(
    ("funders", "asked", "core", "possible"),
    [
        ([R17, E17], 20000.01, "base.rgec.17.m", 2000000),
        ([R17], 15000.01, "enveloppe.r", 1500000),
        ([R17 | {"plafond_eur": 14000}], 14000.01, "plafond.r/rgec.17", 1400000),
    ],
)
def test_one_cent_too_many_names_the_one_limit_that_refuses_it(engine, funders, asked, core, possible):
    """A least set of limits: the one that stands in the way, and not those that merely stand beside."""
    found = best(engine, funders, montant_demande_eur=asked)
    assert (found.statut, found.total, found.aides, found.limites) == ("infaisable", 0, (), ())
    named = [(x.id, x.plafond, x.gain) for x in found.conflits]
    if core.startswith("base"):  # either name of the same ceiling
        named = [("base.rgec.17.m" if x == "cumul.m" else x, top, gain) for x, top, gain in named]
    assert named == [(core, possible, None)]
    assert found.possible == possible


@pytest.mark.parametrize("asked", [20000.01, 100000, 100000.01, 300000, 10**9])
def test_a_request_beyond_every_cost_still_names_a_rule(engine, asked):
    """However high the request, one limit of the law says why it is out of reach: never an empty list of conflicts."""
    found = best(engine, [R17 | {"enveloppe_eur": 10**7}], montant_demande_eur=asked)
    assert (found.statut, found.possible) == ("infaisable", 2000000)
    assert len(found.conflits) == 1
    assert found.conflits[0].id in ("base.rgec.17.m", "cumul.m", "cout.m", "enveloppe.r")


def test_two_limits_that_conflict_only_together_are_both_named(engine):
    """Two envelopes, neither enough: each is needed to say why the request is out of reach."""
    funders = [R17 | {"enveloppe_eur": 5000}, E17 | {"enveloppe_eur": 6000}]
    found = best(engine, funders, montant_demande_eur=12000)
    assert {x.id for x in found.conflits} == {"enveloppe.r", "enveloppe.e"}
    assert found.possible == 1100000


def test_own_contribution_counts_what_is_granted(engine):
    """RGEC 14(14): the share kept free of public support is kept from the grants as from the plan, to the cent."""
    granted = aide("avant", 1000, "rgec.17", ["m"], statut="octroyee", octroyee_le="2019-10-01")
    found = best(engine, [R17], [granted], contribution_propre_min_pct=90)
    assert found.total == 900000
    assert {x.id: (x.plafond, x.gain) for x in found.limites} == {"contribution": (1000000, 100)}


def test_union_rate_binds_only_with_public_aid(engine):
    """RGEC 8(2): the Union's rate bounds the public funding of a line that its funds bear, and of no other."""
    fund = aide("u", 40000, None, ["rd"], financeur={"type": "union_directe"}, taux_max_pct=75)
    found = limits(engine, assess(engine, [REGION], [fund]))
    assert found["union.rd"] == (4500000, [(MINIMIS, "rd"), (RD, "rd"), ("u", "rd")])
    assert "union.m" not in found
    assert found["cout.rd"][1] == [(MINIMIS, "rd"), (RD, "rd"), ("u", "rd")]
    assert found["cumul.rd"][1] == [(RD, "rd")]


def test_cents_round_down(engine):
    """20 % of 33.33 € is 6.66 €: what is beyond the cent is never granted."""
    found = best(engine, [R17 | {"bases": ["rgec.17"]}], couts=[ligne("m", 33.33)])
    assert (found.total, [a.repartition for a in found.aides]) == (666, [(("m", 666),)])
    assert {x.id: (x.plafond, x.gain) for x in found.limites} == {"base.rgec.17.m": (666, 100)}


def test_a_grant_counts_to_the_fraction_of_a_cent(engine):
    """20 % of 33.33 € less 1 € already granted is 5.66 €: the grant counts whole beside a ceiling that is not."""
    granted = aide("avant", 1, "rgec.17", ["m"], statut="octroyee", octroyee_le="2019-10-01")
    assert best(engine, [R17], [granted], couts=[ligne("m", 33.33)]).total == 566


def test_a_granted_loan_of_unknown_worth_counts_for_all_it_may_be(engine):
    """RGEC 5(2)(b): without the terms of a loan, the room that it may take is left to it."""
    granted = aide("avant", 15000, "rgec.17", ["m"], statut="octroyee", octroyee_le="2019-10-01", forme="pret")
    found = best(engine, [R17 | {"enveloppe_eur": 20000}], [granted])
    assert (found.total, found.acquis) == (500000, 0)
    granted["financeur"] = {"nom": "R", "type": "region"}
    assert best(engine, [R17 | {"enveloppe_eur": 18000}], [granted]).total == 300000


def test_a_grant_of_no_particular_cost_takes_no_line(engine):
    """1407/2013, 5(2): de minimis aid without identifiable costs meets no State aid."""
    granted = aide("avant", 15000, "de_minimis.general", [], statut="octroyee", octroyee_le="2019-10-01")
    asked = assess(engine, [R17], [granted], COUTS[:1], recu=[])
    assert limits(engine, asked)["cout.m"] == (10000000, [(INVEST, "m")])
    assert proposer(engine, asked).total == 1500000


def test_de_minimis_meets_state_aid_only_where_it_stands(engine):
    """RGEC 8(5): on a line without State aid, de minimis aid may reach the costs; with it, the common ceiling holds."""
    alone = best(engine, [REGION | {"bases": ["de_minimis.general"]}], couts=[ligne("m", 9000)])
    assert alone.total == 900000
    granted = aide("avant", 500, "rgec.17", ["m"], statut="octroyee", octroyee_le="2019-10-01")
    beside = best(engine, [REGION | {"bases": ["de_minimis.general"]}], [granted], couts=[ligne("m", 9000)])
    assert beside.total == 130000


def test_a_limit_of_aids_together_is_not_met_by_one_alone(engine):
    """RGEC 8(5): de minimis aid alone reaches the costs; the ceiling it would share with State aid is not told."""
    found = best(engine, [REGION | {"bases": ["rgec.17", "de_minimis.general"]}], couts=[ligne("m", 9000)])
    assert [(a.base, a.montant) for a in found.aides] == [("de_minimis.general", 900000)]
    assert [(x.id, x.plafond, x.gain) for x in found.limites] == [("cout.m", 900000, 100)]


class Severe:
    """An evaluator that raises one more alert on a plan: what it says becomes a limit."""

    def __init__(self, engine, judge):
        self.engine, self.judge = engine, judge

    def relire(self, *given):
        return self.engine.relire(*given)

    def evaluate(self, asked):
        found = self.engine.evaluate(asked)
        told = (*found.plan.alertes, *self.judge({a.id: a.montant for a in asked.aides or ()}))
        return change(found, plan=change(found.plan, alertes=told))


def change(value, **parts):
    return value._replace(**parts) if hasattr(value, "_replace") else replace(value, **parts)


def alert(aides, couts, excess, gravite="bloquante"):
    return Alerte("severe", gravite, VRAI, "", aides, couts, None, None, excess, ("rgec:8(3)(b)",))


def test_an_alert_of_the_evaluator_becomes_a_limit(engine):
    """What the exact evaluator finds beyond on some aids and lines is taken off there, and nowhere else."""

    def judge(amounts):
        over = amounts.get(INVEST, 0) - 1200000
        return [alert((INVEST, "ailleurs"), ("m",), over)] if over > 0 else [alert(("ailleurs",), ("m",), 1)]

    funders = [REGION | {"bases": ["rgec.17", "rgec.25"]}]
    found = proposer(Severe(engine, judge), assess(engine, funders))
    assert {a.id: a.montant for a in found.aides} == {INVEST: 1200000, RD: 2700000}
    (limit,) = [x for x in found.limites if x.id.startswith("controle")]
    assert limit == (f"controle.severe.{INVEST}.m", "cumul", "severe sur m", 1200000, 100, ("rgec:8(3)(b)",))
    assert found.alertes == ()


def test_an_alert_without_amount_or_line_shuts_the_aid_out(engine):
    """When the evaluator does not say by how much, nor where, the aid is left out of the plan whole."""

    def judge(amounts):
        return [alert((INVEST,), (), None)] if amounts.get(INVEST) else []

    funders = [REGION | {"bases": ["rgec.17", "rgec.25"]}]
    found = proposer(Severe(engine, judge), assess(engine, funders))
    assert {a.id: a.montant for a in found.aides} == {RD: 2700000}


def test_information_stays_with_the_plan(engine):
    """What the evaluator merely tells of an aid of the plan binds nothing, and is told with it."""
    told = [alert((INVEST, "autre"), ("m",), 1, "information"), alert(("autre",), ("m",), 1, "information")]
    found = proposer(Severe(engine, lambda _: told), assess(engine, [R17], couts=COUTS[:1]))
    assert (found.total, found.alertes) == (1500000, (told[0],))


def test_a_plan_that_never_passes_is_not_given(engine):
    """A plan that the evaluator refuses whatever it holds is no plan: the open facts are asked for."""
    judged = []

    def judge(amounts):
        judged.append(amounts)
        return [alert((INVEST,), ("m",), 1)]

    with pytest.raises(WorkError, match="ne passe pas l'évaluation"):
        proposer(Severe(engine, judge), assess(engine, [R17 | {"plafond_eur": 0.1}], couts=COUTS[:1]))
    assert len(judged) == 40


FORMATION = [ligne("f", 100000, "formation_demandeurs_emploi", "formation")]
PIC = {"appel_exige_cofinancement": "oui", "taux_annonce_financeur_pct": 60}


def pic(engine, funders, aides=()):
    """The best plan of a training paid by the national and the regional skills plans."""
    asked = dossier(
        engine,
        FORMATION,
        list(aides),
        projet={"couts": FORMATION, "faits": PIC},
        beneficiaire={"activite_economique": "non"},
        plan={"financeurs": funders},
    )
    return proposer(engine, engine.evaluate(asked))


def test_a_grant_keeps_out_what_its_scheme_forbids(engine):
    """Two schemes that exclude each other: where one was granted, the other adds nothing on the same costs."""
    funder = [{"id": "r", "type": "region", "bases": ["pic_regional"], "plafond_eur": 40000}]
    granted = aide("e", 10000, "pic_national", ["f"], statut="octroyee", octroyee_le="2019-10-01")
    assert pic(engine, funder).total == 4000000
    assert pic(engine, funder, [granted]).total == 0


def test_one_scheme_may_be_paid_by_two_in_unequal_shares(engine):
    """Only a scheme that asks for equal shares gets them; a scheme does not exclude itself."""
    funders = [
        {"id": "r", "type": "region", "bases": ["pic_regional"], "plafond_eur": 10000},
        {"id": "e", "type": "etat", "bases": ["pic_regional"], "plafond_eur": 30000},
    ]
    assert [(a.id, a.montant) for a in pic(engine, funders).aides] == [
        ("r/pic_regional", 1000000),
        ("e/pic_regional", 3000000),
    ]


def test_the_most_is_found_where_limits_hold_only_together(engine):
    """Two funders of investment and de minimis aid beside a grant: the most is proven, not what time left of it."""
    costs = [ligne("m", 2000000)]
    granted = aide("avant", 20000, "de_minimis.general", ["m"], statut="octroyee", octroyee_le="2019-10-01")
    funders = [{"id": x, "type": "etat", "bases": ["de_minimis.general", "rgec.17"]} for x in "abc"]
    found = best(engine, funders, [granted], costs, recu=[])
    assert (found.statut, found.total) == ("optimal", 38000000)
