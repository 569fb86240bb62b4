"""What the planned aids say together: what one does not say, or what they say differently, stays open."""

from __future__ import annotations

from datetime import date

import pytest

from aid_rules.dossier import Aide, Dossier
from aid_rules.engine import faits_aides
from aid_rules.language.tree import FAUX, INCONNU, VRAI

JOUR = date(2024, 6, 3)
ETAT = faits_aides.Etat(VRAI, FAUX, VRAI)
AMOUNTS = (
    "aide.montant_max", "aide.nominal_max_eur", "aide.duree_max_mois", "aide.quotite_garantie_pct",
    "aide.montant_garanti_max_eur", "aide.suretes_couverture_pct",
)  # fmt: skip
ANSWERS = ("aide.ressources_publiques", "aide.methode_approuvee", "aide.plafond_integre", "aide.pertes_partagees")


@pytest.fixture
def said(engine):
    """What aids say together, each given as in a dossier, with their grant equivalents in cents."""
    form = engine.slots.facts["aide.forme"]

    def read(*aids, esb=None):
        plan = [Aide.model_validate({"id": str(n)} | aid) for n, aid in enumerate(aids)]
        return dict(faits_aides.facts(plan, esb or {}, form))

    return read


def test_without_aid_nothing_is_said(engine, said):
    """No plan yet: any form, any amount, public money or not, no term."""
    found = said()
    assert found["aide.forme"] == engine.slots.facts["aide.forme"].masque()
    assert {found[name] for name in AMOUNTS} == {None}
    assert {found[name] for name in ANSWERS} == {INCONNU}


def test_an_aid_without_any_term_leaves_everything_open(engine, said):
    """One aid of no form: all that it may be, and nothing known of it."""
    found = said({})
    assert found["aide.forme"] == engine.slots.facts["aide.forme"].masque()
    assert {found[name] for name in AMOUNTS} == {None}
    assert {found[name] for name in ANSWERS} == {INCONNU}


def test_aids_of_two_forms_may_be_either(engine, said):
    """A grant and a loan: the form is one of the two, no third."""
    form = engine.slots.facts["aide.forme"]
    assert said({"forme": "pret"})["aide.forme"] == form.bit("pret")
    found = said({"forme": "subvention"}, {"forme": "pret"})["aide.forme"]
    assert found == form.bit("subvention") | form.bit("pret")
    assert found.bit_count() == 2


@pytest.mark.parametrize(
    ("esb", "greatest"),
    [
        ({"0": (100, 100), "1": (300, 300)}, 300),
        ({"0": (300, 300), "1": (100, 100)}, 300),
        ({"0": (0, 0), "1": (0, 0)}, 0),
        ({"0": (100, 100), "1": (0, 300)}, None),
        ({"0": (100, 100), "1": (0, None)}, None),
        ({"0": (100, 100)}, None),
    ],
)
def test_the_greatest_aid_is_known_when_every_aid_is(said, esb, greatest):
    """RGEC 9(1)(c): the largest grant equivalent; one that is still open may be larger than all others."""
    assert said({}, {}, esb=esb)["aide.montant_max"] == greatest


@pytest.mark.parametrize(
    ("funders", "public"),
    [
        (["etat"], VRAI),
        (["prive"], FAUX),
        (["union_directe"], FAUX),
        ([None], INCONNU),
        (["prive", "union_directe"], FAUX),
        (["prive", "region"], VRAI),
        (["prive", None], INCONNU),
        (["etat", None], VRAI),
    ],
)
def test_one_public_funder_is_enough(said, funders, public):
    """TFUE 107(1), RGEC 8(2): private money and funds that the Commission manages itself are no State resources."""
    aids = [{"financeur": {"type": funder}} for funder in funders]
    assert said(*aids)["aide.ressources_publiques"] == public


def test_what_is_no_state_aid_says_nothing_of_the_aid(said, engine):
    """RGEC 8(2): the form and the amount are those of the State aids; of all the plan when it holds none."""
    form = engine.slots.facts["aide.forme"]
    bank = {"financeur": {"type": "prive"}, "forme": "pret"}
    life = {"financeur": {"type": "union_directe"}, "forme": "autre"}
    grant = {"financeur": {"type": "region"}, "forme": "subvention"}
    esb = {"0": (900, 900), "1": (800, 800), "2": (100, 100)}
    found = said(bank, life, grant, esb=esb)
    assert (found["aide.forme"], found["aide.montant_max"]) == (form.bit("subvention"), 100)
    found = said(bank, life, {"forme": "garantie"}, esb=esb)
    assert (found["aide.forme"], found["aide.montant_max"]) == (form.bit("garantie"), 100)
    found = said(bank, life, esb=esb)
    assert (found["aide.forme"], found["aide.montant_max"]) == (form.bit("pret") | form.bit("autre"), 900)


@pytest.mark.parametrize("term", ["methode_approuvee", "plafond_integre", "pertes_partagees"])
@pytest.mark.parametrize(
    ("answers", "agreed"),
    [
        ([True], VRAI),
        ([False], FAUX),
        ([True, True], VRAI),
        ([False, False], FAUX),
        ([True, False], INCONNU),
        ([True, None], INCONNU),
        ([None, None], INCONNU),
    ],
)
def test_a_term_holds_when_every_aid_agrees(said, term, answers, agreed):
    """Two aids that differ leave the term open."""
    aids = [{"forme": "garantie", "conditions": {term: answer}} for answer in answers]
    assert said(*aids)[f"aide.{term}"] == agreed


def test_terms_of_loans_and_guarantees(said):
    """Règlement 2023/2831, article 4(3)(b) and 4(6)(b): the longest, the largest, the least covered, without grants."""
    loan = {"forme": "pret", "montant_eur": 1_000, "conditions": {"duree_mois": 24, "suretes_couverture_pct": 60}}
    other = {"forme": "pret", "montant_eur": 3_000, "conditions": {"duree_mois": 12, "suretes_couverture_pct": 50}}
    found = said(loan, other, {"forme": "subvention", "montant_eur": 9_000})
    assert found["aide.nominal_max_eur"] == 3_000_00
    assert found["aide.duree_max_mois"] == 24_00
    assert found["aide.suretes_couverture_pct"] == 50_00
    assert found["aide.quotite_garantie_pct"] is None
    assert found["aide.montant_garanti_max_eur"] is None


@pytest.mark.parametrize("form", ["pret", "garantie", "avance_recuperable", "bonification_interets", None])
def test_what_is_lent_has_a_nominal_amount_and_a_length(said, form):
    """A loan, a guarantee, an advance, an interest subsidy, and an aid that may be one."""
    aid = {"forme": form, "montant_eur": 1_000, "conditions": {"duree_mois": 24}}
    found = said(aid)
    assert (found["aide.nominal_max_eur"], found["aide.duree_max_mois"]) == (1_000_00, 24_00)
    found = said(aid, {"forme": None})
    assert (found["aide.nominal_max_eur"], found["aide.duree_max_mois"]) == (None, None)


def test_a_grant_has_no_term_of_a_loan(said):
    """Its amount is no nominal amount of a loan, its months are no length of one."""
    terms = {"duree_mois": 24, "suretes_couverture_pct": 60, "quotite_garantie_pct": 80}
    found = said({"forme": "subvention", "montant_eur": 1_000, "conditions": terms})
    assert [found[name] for name in AMOUNTS[1:]] == [None] * 5


def test_collateral_not_told_of_one_loan_leaves_it_open(said):
    """One loan whose collateral is unknown may be the least covered."""
    told, untold = ({"forme": "pret", "conditions": {"suretes_couverture_pct": share}} for share in (60, None))
    assert said(told)["aide.suretes_couverture_pct"] == 60_00
    assert said(told, untold)["aide.suretes_couverture_pct"] is None


def test_guarantees(said):
    """Article 4(6)(b): the highest share and the highest amount guaranteed; a loan beside them has none."""
    first = {"forme": "garantie", "montant_eur": 1_000, "conditions": {"quotite_garantie_pct": 80}}
    second = {"forme": None, "montant_eur": 2_000, "conditions": {"quotite_garantie_pct": 50}}
    found = said(first, second, {"forme": "pret", "montant_eur": 9_000})
    assert found["aide.quotite_garantie_pct"] == 80_00
    assert found["aide.montant_garanti_max_eur"] == 1_000_00
    assert said(first)["aide.montant_garanti_max_eur"] == 800_00


@pytest.mark.parametrize("missing", ["montant_eur", "conditions"])
def test_a_guarantee_that_lacks_its_amount_or_share(said, missing):
    """What is guaranteed is not known without both."""
    whole = {"forme": "garantie", "montant_eur": 1_000, "conditions": {"quotite_garantie_pct": 80}}
    part = {key: value for key, value in whole.items() if key != missing}
    assert said(whole, part)["aide.montant_garanti_max_eur"] is None


def test_an_amount_guaranteed_beyond_a_cent_is_over(said):
    """Article 4(6)(b): 80 % of 2 812 500,01 € is over 2 250 000 €; rounded up, as the grant equivalent counts it."""
    aid = {"forme": "garantie", "montant_eur": "2812500.01", "conditions": {"quotite_garantie_pct": 80}}
    assert said(aid)["aide.montant_garanti_max_eur"] == 2_250_000_01


def plan(*aids, faits=None, base=None):
    data = {"date_octroi": JOUR, "projet": {"faits": faits or {}}}
    return Dossier.model_validate(data | {"aides": [{"id": str(n), "base": base} | aid for n, aid in enumerate(aids)]})


def test_an_aid_already_granted_is_not_planned():
    """Planned or not said, it is to come."""
    aids = ({"statut": "octroyee", "octroyee_le": "2023-01-02"}, {"statut": "prevue"}, {})
    assert [aide.id for aide in faits_aides.planned(plan(*aids))] == ["1", "2"]
    assert faits_aides.planned(Dossier.model_validate({"date_octroi": JOUR})) == []


def days(seen):
    def parameters(jour):
        seen.append(jour)
        return {}

    return parameters


@pytest.mark.parametrize(
    ("base", "regulation"),
    [("de_minimis.general", "general"), ("de_minimis.peche", "peche"), ("rgec.17", None), (None, None)],
)
def test_the_regulation_of_an_aid_is_that_of_its_basis(base, regulation):
    """A de minimis basis names its regulation; the RGEC and an aid of no basis have none."""
    found = faits_aides.contexte(plan({}, base=base), 0, days([]), None, ETAT)
    assert found.reglement == regulation


def test_an_aid_is_counted_by_the_law_of_its_own_day():
    """That of its grant, when it has one; else that of the dossier."""
    seen: list[date] = []
    both = plan({"octroyee_le": "2020-03-02", "statut": "octroyee"}, {})
    found = [faits_aides.contexte(both, n, days(seen), None, ETAT) for n in (0, 1)]
    assert seen == [date(2020, 3, 2), JOUR]
    assert [context.chemin for context in found] == ["aides[0]", "aides[1]"]
    assert {context.date_octroi for context in found} == {JOUR}
    assert found[0].beneficiaire is both.beneficiaire
    assert (found[0].est_pme, found[0].en_difficulte) == (VRAI, FAUX)


@pytest.mark.parametrize(("apart", "freight"), [(True, FAUX), (False, VRAI), (None, VRAI)])
def test_road_haulage_counts_unless_the_aided_activity_is_kept_apart(apart, freight):
    """Règlement 1407/2013, article 3(3): the amounts of the other activities need separate accounts."""
    faits = {} if apart is None else {"activite_aidee_separee": apart}
    assert faits_aides.contexte(plan({}, faits=faits), 0, days([]), None, ETAT).fret_routier == freight


@pytest.mark.parametrize(
    ("aid", "bounds"),
    [
        ({"forme": "subvention", "montant_eur": 1_000}, (1_000_00, 1_000_00)),
        ({"forme": "subvention", "montant_eur": 0}, (0, 0)),
        ({"forme": "pret", "montant_eur": 1_000, "esb_eur": 120}, (120_00, 120_00)),
        ({"forme": None, "montant_eur": 1_000}, (0, 1_000_00)),
        ({"forme": "subvention"}, (0, None)),
    ],
)
def test_grant_equivalents_are_bounded_by_what_is_known(aid, bounds):
    """What settles it, else from nothing to the nominal amount, else without bound."""
    assert faits_aides.equivalents(plan(aid, {}), days([]), None, ETAT) == {"0": bounds, "1": (0, None)}


def test_without_plan_there_is_no_grant_equivalent():
    """No list of aids, nothing to count."""
    assert faits_aides.equivalents(Dossier.model_validate({"date_octroi": JOUR}), days([]), None, ETAT) == {}
