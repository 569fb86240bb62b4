"""Each aid against its own basis: what is told of it, on which costs, and how surely."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from dossiers import FAITS, aide, alertes, ligne, recherche

from aid_rules.language.tree import INCONNU, VRAI

M = [ligne("m", 1000)]
MACHINE_ET_RECHERCHE = [*M, recherche("rd", 1000)]
REMPLACEMENT = {"couts": M, "faits": FAITS | {"nature_investissement": ["remplacement"]}}
NATURE_INCONNUE = {"couts": M, "faits": FAITS | {"nature_investissement": None}}
RESEAU = [ligne(nom, 1000, "reseau_chaleur_distribution") for nom in ("m", "n")]
CHALEUR = {
    "reseau_chaleur_efficace": "oui",
    "marge_exploitation_eur": 100,
    "calcul_ex_ante_ou_recuperation": "oui",
    "methode_couts": "couts_totaux",
    "seulement_renouvelable_ou_residuelle": "non",
    "reseau_chaleur_fossile": "non",
}


def octroyee(nom, montant, couts, le="2019-10-01", base="rgec.17"):
    return aide(nom, montant, base, couts, statut="octroyee", octroyee_le=le)


def said(found) -> list[tuple]:
    """What each alert tells, without its sentences."""
    return [(a.code, a.gravite, a.aides, a.couts, a.plafond, a.total, a.depassement) for a in found]


def heat(engine, aids) -> list:
    """The alerts of aids to a heat network in 2024, some of them granted before the rates of July 2023."""
    facts = {"couts": RESEAU, "zone_afr": "aucune", "faits": CHALEUR}
    return alertes(engine, RESEAU, aids, modele="grande_saine", date_octroi="2024-05-15", projet=facts)


def test_aid_without_a_basis_is_told_on_its_costs(engine):
    """RGEC article 1: no aid is exempted without a basis; what is asked bears on the costs that the aid names."""
    found = alertes(engine, M, [aide("x", 100, None, ["m"])])
    assert said(found) == [("aide_sans_base", "attention", ("x",), ("m",), None, None, None)]
    assert alertes(engine, M, [aide("x", 100, None)])[0].couts == ()


def test_a_closed_basis_blocks(engine):
    """RGEC 17(3): mere replacement is no initial investment; a basis of a later law is not in force yet."""
    (found,) = alertes(engine, M, [aide("x", 100, "rgec.17", ["m"])], projet=REMPLACEMENT)
    assert said([found]) == [("base_non_mobilisable", "bloquante", ("x",), ("m",), None, None, None)]
    assert "n'est pas mobilisable" in found.message
    (later,) = alertes(engine, M, [aide("x", 100, "rgec.36b", ["m"])])
    assert said([later]) == said([found])
    assert "n'est pas en vigueur" in later.message


def test_a_basis_to_verify_is_told_once(engine):
    """What an open basis would allow is not in doubt a second time; what no answer can allow still blocks."""
    told = ("base_a_verifier", "attention", ("x",), ("m",), None, None, None)
    for amount in (100, 200):
        assert said(alertes(engine, M, [aide("x", amount, "rgec.17", ["m"])], projet=NATURE_INCONNUE)) == [told]
    beyond = alertes(engine, M, [aide("x", 201, "rgec.17", ["m"])], projet=NATURE_INCONNUE)
    assert said(beyond) == [told, ("depassement_base", "bloquante", ("x",), ("m",), 20000, 20100, 100)]
    no_cost = {**NATURE_INCONNUE, "couts": [{k: v for k, v in M[0].items() if k != "montant_eur"}]}
    assert said(alertes(engine, M, [aide("x", 300, "rgec.17", ["m"])], projet=no_cost)) == [told]


def test_an_amount_not_known_may_exceed(engine):
    """A loan whose grant equivalent is to be worked out is held at most to its whole amount, against the least."""
    loan = aide("x", 250, "rgec.17", ["m"], forme="pret")
    told = alertes(engine, M, [loan], projet=NATURE_INCONNUE)
    assert said(told)[1:] == [("depassement_base", "attention", ("x",), ("m",), 0, 25000, 25000)]
    (none,) = alertes(engine, M, [aide("x", None, "rgec.17", ["m"])])
    assert said([none]) == [("depassement_base", "attention", ("x",), ("m",), 20000, None, None)]
    assert "Précisez le montant" in none.message
    unknown = alertes(engine, M, [aide("x", None, "rgec.17", ["m"])], projet=NATURE_INCONNUE)
    assert [a.code for a in unknown] == ["base_a_verifier", "depassement_base"]


def test_the_sure_part_of_an_overrun_is_told(engine):
    """300 € certain and a loan still to be valued: the overrun is that of the 300 €, whatever the loan is worth."""
    aids = [aide("x", 300, "rgec.17", ["m"]), aide("y", 100, "rgec.17", ["m"], forme="pret")]
    over = ("depassement_base", "bloquante", ("x", "y"), ("m",), 20000, 30000, 10000)
    assert said(alertes(engine, M, aids)) == [over]


def test_costs_that_the_basis_does_not_cover_are_named(engine):
    """RGEC 17 serves no research: an aid that names some is told so."""
    (found,) = [
        a
        for a in alertes(engine, MACHINE_ET_RECHERCHE, [aide("x", 300, "rgec.17", ["m", "rd"])])
        if a.gravite == "bloquante"
    ]
    assert "Cette base ne couvre pas rd." in found.message
    (inside,) = alertes(engine, M, [aide("x", 300, "rgec.17", ["m"])])
    assert "ne couvre pas" not in inside.message


def test_an_aid_whose_costs_are_not_told(engine):
    """On the only line there is, an overrun is sure."""
    (found,) = alertes(engine, M, [aide("x", 300, "rgec.17")])
    assert said([found]) == [("depassement_base", "bloquante", ("x",), ("m",), 20000, 30000, 10000)]


def test_a_granted_aid_is_never_blocked(engine):
    """What was granted on a basis closed that day, or that did not exist, is to be verified in its award decision."""
    replaced = alertes(engine, M, [octroyee("v", 100, ["m"])], projet=REMPLACEMENT)
    assert [(a.code, a.gravite, a.statut) for a in replaced] == [("base_non_mobilisable", "attention", INCONNU)]
    assert "n'était pas ouverte" in replaced[0].message
    (before,) = alertes(engine, M, [octroyee("v", 100, ["m"], "2013-11-18")])
    assert (before.code, before.gravite) == ("base_non_mobilisable", "attention")
    assert "n'existait pas alors" in before.message


def test_a_granted_aid_is_not_asked_about_again(engine):
    """The conditions of an award already made were looked at then: a doubt on them is told for planned aid alone."""
    assert alertes(engine, M, [octroyee("v", 100, ["m"])], projet=NATURE_INCONNUE) == []
    same_day = octroyee("v", 50, ["m"], "2019-11-18")
    found = alertes(engine, M, [same_day, aide("x", 50, "rgec.17", ["m"])], projet=NATURE_INCONNUE)
    assert [(a.code, a.aides) for a in found] == [("base_a_verifier", ("x",))]
    closed = alertes(engine, M, [same_day, aide("x", 50, "rgec.17", ["m"])], projet=REMPLACEMENT)
    assert [(a.aides, a.gravite) for a in closed] == [(("x",), "bloquante"), (("v",), "attention")]


def test_granted_aids_on_distinct_costs_share_a_cap(engine):
    """RGEC 4(1)(c): 7.5 million euros for one project, whatever its costs; an award already made is to be verified."""
    usines = [ligne("u1", 20_000_000), ligne("u2", 20_000_000)]
    aids = [octroyee("v", 4_000_000, ["u1"]), octroyee("w", 4_000_000, ["u2"])]
    over = ("seuil_notification", "attention", ("v", "w"), ("u1", "u2"), 750_000_000, 800_000_000, 50_000_000)
    assert said(alertes(engine, usines, aids)) == [over]


def test_an_overrun_of_two_laws_is_told_once(engine):
    """RGEC 46: what exceeds the rate of today exceeds it with or without an aid of the law of 2021, and once."""
    vieux = octroyee("v", 1, ["m"], "2021-11-22", "rgec.46")
    over = ("depassement_base", "bloquante", ("v", "x"), ("m",), 100000, 200100, 100100)
    assert said(heat(engine, [vieux, aide("x", 2000, "rgec.46", ["m"])])) == [over]


def test_aids_of_two_older_laws_keep_each_its_ceiling(engine):
    """RGEC 46: the ceiling of 2021, without rate, does not cover what was granted in 2024 under 30 %."""
    aids = [octroyee("v", 1, ["m"], "2021-11-22", "rgec.46"), octroyee("w", 600, ["m"], "2024-02-05", "rgec.46")]
    over = ("depassement_base", "attention", ("w",), ("m",), 30000, 60000, 30000)
    assert said(heat(engine, aids)) == [over]


def test_outside_state_aid_only_a_scheme_bounds(engine):
    """An association without economic activity: no article of the GBER bounds it, its scheme still does."""
    off = {"beneficiaire": {"activite_economique": "non"}}
    assert alertes(engine, M, [aide("x", 900, "rgec.17", ["m"])], **off) == []
    formation = [ligne("f", 1000, "formation_demandeurs_emploi", "formation")]
    facts = {"couts": formation, "faits": {"appel_exige_cofinancement": "non", "taux_annonce_financeur_pct": 60}}
    found = alertes(engine, formation, [aide("x", 601, "pic_regional", ["f"])], projet=facts, **off)
    assert said(found) == [("depassement_base", "bloquante", ("x",), ("f",), 60000, 60100, 100)]


USINE = [ligne("usine", 60_000_000)]


def test_one_basis_past_its_threshold_is_told_once(engine):
    """RGEC 4(1)(c) and 8(1): two aids under article 17 above 7.5 million euros, told by the basis itself."""
    aids = [aide("x", 7_000_000, "rgec.17", ["usine"]), aide("y", 1_000_000, "rgec.17", ["usine"])]
    (found,) = alertes(engine, USINE, aids)
    over = ("seuil_notification", "bloquante", ("x", "y"), ("usine",), 750_000_000, 800_000_000, 50_000_000)
    assert said([found]) == [over]
    assert "notifiez-la à la Commission" in found.message


def test_thresholds_count_the_aid_of_other_bases(engine):
    """RGEC 8(1): all the State aid to the project counts; what is not sure to exceed does not block."""
    region = aide("x", 7_000_000, "rgec.17", ["usine"])
    all_told = alertes(engine, USINE, [region, aide("y", 1_000_000, None, ["usine"])])
    (found,) = [a for a in all_told if a.code == "seuil_notification"]
    assert (found.gravite, found.statut, found.depassement) == ("bloquante", VRAI, 50_000_000)
    assert "Réduisez-les de 500\u202f000\xa0€" in found.message
    loan = alertes(engine, USINE, [region, aide("y", 1_000_000, None, ["usine"], forme="pret")])
    assert not [a for a in loan if a.gravite == "bloquante"]
    at_most = alertes(engine, USINE, [region, aide("y", 500_000, None, ["usine"])])
    assert [a.code for a in at_most] == ["aide_sans_base"]


def test_threshold_of_a_purpose_bears_on_its_own_costs(engine):
    """RGEC 4(1)(i): 15 million euros for experimental development, 7.5 for studies; each on its own costs."""
    couts = [recherche("rd", 60_000_000), ligne("e", 40_000_000, "etude_faisabilite", "conseil_externe")]

    def over(rd, etude):
        aids = [aide("x", 6_000_000, "rgec.25", ["rd"]), aide("y", rd - 6_000_000, None, ["rd"])]
        aids += [aide("z", 5_000_000, "rgec.25", ["e"]), aide("t", etude - 5_000_000, None, ["e"])] if etude else []
        found = alertes(engine, couts, aids)
        return [(a.aides, a.couts, a.plafond, a.depassement) for a in found if a.code == "seuil_notification"]

    assert over(15_000_000, 0) == []
    assert over(15_000_001, 0) == [(("x", "y"), ("rd",), 1_500_000_000, 100)]
    assert over(7_000_000, 7_500_000) == []
    assert over(7_000_000, 7_500_001) == [(("z", "t"), ("e",), 750_000_000, 100)]


def test_a_threshold_that_may_be_higher_does_not_block(engine):
    """RGEC 4(1)(i)(iv): doubled for a Eureka project; from 25 to 50 million euros when that is not known, in 2024."""
    rd = [recherche("rd", 200_000_000)]

    def blocking(total):
        aids = [aide("x", 10_000_000, "rgec.25", ["rd"]), aide("y", total - 10_000_000, None, ["rd"])]
        found = alertes(engine, rd, aids, date_octroi="2024-05-15")
        return [a.plafond for a in found if a.code == "seuil_notification" and a.gravite == "bloquante"]

    assert blocking(50_000_000) == []
    assert blocking(50_000_001) == [5_000_000_000]


def test_threshold_cites_the_threshold_alone(engine):
    """RGEC 4(1)(w): 20 million euros for a heat network: neither its rate nor the plants' threshold is exceeded."""
    reseau = [ligne("m", 200_000_000, "reseau_chaleur_distribution")]
    facts = {"couts": reseau, "zone_afr": "aucune", "faits": CHALEUR | {"marge_exploitation_eur": 0}}
    aids = [aide("x", 19_000_000, "rgec.46", ["m"]), aide("y", 2_000_000, None, ["m"])]
    found = alertes(engine, reseau, aids, modele="grande_saine", projet=facts)
    (over,) = [a for a in found if a.code == "seuil_notification"]
    assert over.references == ("rgec:8(1)", "rgec:4(1)", "rgec:4(1)(w)")


def test_costs_not_told_leave_the_only_threshold(engine):
    """RGEC 4(1): with no cost line, the threshold of the whole basis holds; that of a study is not research's."""
    for base, other, told in (
        ("rgec.17", 500_000, 0),
        ("rgec.17", 500_001, 1),
        ("rgec.25", 8_000_000, 0),
        ("rgec.25", 8_000_001, 1),
    ):
        aids = [aide("x", 7_000_000, base), aide("y", other, None)]
        found = alertes(engine, [], aids, projet={"couts": None, "faits": FAITS})
        assert [a.gravite for a in found if a.code == "seuil_notification"] == ["bloquante"] * told


def test_the_main_kind_of_research_says_which_threshold(engine):
    """RGEC 4(1)(i)(ii): 20 million euros when the project is mainly industrial research; 15 is not its threshold."""
    ri = [recherche("ri", 60_000_000, "recherche_industrielle")]
    facts = {"couts": ri, "faits": FAITS | {"categorie_rd_principale": "recherche_industrielle"}}
    for other, told in ((13_000_000, []), (13_000_001, [2_000_000_000])):
        aids = [aide("x", 7_000_000, "rgec.25", ["ri"]), aide("y", other, None, ["ri"])]
        assert [a.plafond for a in alertes(engine, ri, aids, projet=facts) if a.code == "seuil_notification"] == told


def test_planned_aids_on_distinct_costs_share_a_threshold(engine):
    """RGEC 4(1)(c): 7.5 million euros for one project: two aids under article 17 on two plants pass it together."""
    usines = [ligne("u1", 20_000_000), ligne("u2", 20_000_000)]
    aids = [aide("x", 4_000_000, "rgec.17", ["u1"]), aide("y", 4_000_000, "rgec.17", ["u2"])]
    over = ("seuil_notification", "bloquante", ("x", "y"), ("u1", "u2"), 750_000_000, 800_000_000, 50_000_000)
    assert said(alertes(engine, usines, aids)) == [over]


def test_a_threshold_that_may_be_passed_is_told_as_a_doubt(engine):
    """RGEC 8(1): what an aid is worth, or whether a threshold applies, may be open: it may be passed, or not.

    Each by itself stays under what its own basis allows; an aid of no known amount at all raises no doubt here.
    """
    site = [ligne("usine", 200_000_000)]

    def thresholds(**loan):
        aids = [aide("x", 5_000_000, "rgec.17", ["usine"]), aide("y", None, None, ["usine"], forme="pret") | loan]
        return [
            (a.gravite, a.statut, a.aides, a.plafond, a.total, a.depassement)
            for a in alertes(engine, site, aids)
            if a.code == "seuil_notification"
        ]

    assert thresholds(montant_eur=2_500_000) == []
    doubt = ("attention", INCONNU, ("x", "y"), 750_000_000, 750_000_001, 1)
    assert thresholds(montant_eur="2500000.01") == [doubt]
    assert thresholds(montant_eur=9_000_000, esb_eur=2_500_000) == []
    assert thresholds(montant_eur=9_000_000, esb_eur="2500000.01") == [("bloquante", VRAI, *doubt[2:])]
    assert thresholds() == []
