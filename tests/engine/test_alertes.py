"""Alerts on the financing plan: each principle of cumulation, and the laws that always hold."""

from __future__ import annotations

import sys
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from dossiers import FAITS, aide, alertes, dossier, ligne, recherche

COUTS = [ligne("m", 1000), recherche("rd", 1000), recherche("ri", 1000, "recherche_industrielle")]


def said(found) -> list[tuple]:
    return [(a.code, a.gravite, a.couts, a.plafond, a.total, a.depassement) for a in found]


def test_scheme_rules_hold_without_state_aid(engine):
    """A scheme's own incompatibility is told even when the funding is no State aid."""
    formation = [ligne("f", 100000, "formation_demandeurs_emploi", "formation")]
    aids = [aide("r", 40000, "pic_regional", ["f"]), aide("e", 40000, "pic_national", ["f"])]
    facts = {"projet": {"faits": {"appel_exige_cofinancement": "oui", "taux_annonce_financeur_pct": 60}}}
    found = alertes(engine, formation, aids, beneficiaire={"activite_economique": "non"}, **_over(formation, facts))
    assert "incompatibilite.pic_regional_national" in {a.code for a in found}


def _over(couts, facts) -> dict:
    return {"projet": {"couts": couts, **facts["projet"]}}


def test_a_pair_is_told_once(engine):
    """An incompatibility whose two sides are the same scheme tells each pair once."""
    outil = [ligne("a", 300000, "outil_mutualise_filiere")]
    aids = [aide("e", 1000, "pia_filieres", ["a"]), aide("r", 1000, "pia_filieres", ["a"])]
    found = [a for a in alertes(engine, outil, aids) if a.code == "incompatibilite.parite_pia_filieres"]
    assert [a.aides for a in found] == [("e", "r")]


def test_basis_is_checked_line_by_line(engine):
    """An aid within the basis as a whole may exceed it on the one line it names."""
    costs = [ligne("petite", 1000), ligne("grande", 100000)]
    (found,) = [a for a in alertes(engine, costs, [aide("x", 500, "rgec.17", ["petite"])]) if a.gravite == "bloquante"]
    assert (found.code, found.plafond, found.depassement) == ("depassement_base", 20000, 30000)


def test_basis_does_not_cover_other_costs(engine):
    """What an aid puts on costs foreign to its basis is over its ceiling."""
    found = alertes(engine, COUTS, [aide("x", 300, "rgec.17", ["m", "rd"])])
    assert [(a.code, a.depassement) for a in found if a.gravite == "bloquante"] == [("depassement_base", 10000)]


def test_each_aid_is_judged_in_its_own_form(engine):
    """A loan beside a grant leaves the grant's basis open: article 33 asks for a grant."""
    facts = {
        "faits": {"travailleur_handicape": "oui", "emploi_continu_minimal": "oui", "augmentation_nette_effectif": "oui"}
    }
    costs = [ligne("s", 1000, "emploi_travailleurs_handicapes", "cout_salarial"), ligne("m", 1000)]
    aids = [aide("g", 700, "rgec.33", ["s"]), aide("p", 100, "rgec.17", ["m"], forme="pret", esb_eur=10)]
    found = alertes(engine, costs, aids, projet={"couts": costs, **facts})
    assert not [a for a in found if "g" in a.aides]


def test_de_minimis_alone_has_no_intensity(engine):
    """De minimis aids together, with no State aid on the costs, are under their ceiling only."""
    aids = [aide("x", 700, "de_minimis.general", ["m"]), aide("y", 600, "de_minimis.general", ["m"])]
    assert not alertes(engine, COUTS, aids)


def test_de_minimis_counts_with_state_aid(engine):
    """RGEC 8(5): de minimis aid on the costs of State aid is summed with it."""
    aids = [aide("x", 150, "rgec.17", ["m"]), aide("y", 100, "de_minimis.general", ["m"])]
    (found,) = alertes(engine, COUTS, aids)
    assert (found.code, found.aides, found.depassement) == ("cumul_intensite", ("x", "y"), 5000)
    assert {"rgec:8(5)", "de_minimis_2013:5(2)"} <= set(found.references)


def test_de_minimis_without_costs_joins_any(engine):
    """De minimis 5(3): aid attached to no costs may be combined with any."""
    aids = [aide("x", 200, "rgec.17", ["m"]), aide("y", 100000, "de_minimis.general", [])]
    assert not alertes(engine, COUTS, aids)


def test_union_funds_are_not_counted(engine):
    """RGEC 8(2): not counted, but all public funding stays under the Union's rate."""
    fund = aide("u", 900, None, ["m"], financeur={"type": "union_directe"}, taux_max_pct=100)
    found = alertes(engine, COUTS, [aide("x", 200, "rgec.17", ["m"]), fund])
    assert [(a.gravite, a.depassement) for a in found] == [("information", None), ("bloquante", 10000)]
    assert all(a.code == "fonds_union_directs" for a in found)


def test_granted_aid_keeps_its_law(engine):
    """An aid granted in 2019 on a basis closed since is judged by the law of 2019."""
    before = aide("vieux", 200, "rgec.17", ["m"], statut="octroyee", octroyee_le="2019-11-18")
    found = alertes(engine, COUTS, [before], date_octroi="2024-03-01")
    assert not [a for a in found if a.gravite == "bloquante"]
    again = alertes(engine, COUTS, [before, aide("x", 100, "rgec.17", ["m"])], date_octroi="2020-03-01")
    assert [a.depassement for a in again if a.gravite == "bloquante"] == [10000]


def test_mixed_de_minimis_ceiling(engine):
    """De minimis 5(2): general and agricultural aid share the general ceiling; who does not fit is refused whole."""
    received = [{"octroye_le": "2024-02-01", "montant_eur": 290000, "reglement": "agricole"}]
    found = alertes(
        engine, COUTS, [aide("x", 20000, "de_minimis.general", [])], date_octroi="2024-06-01", de_minimis=received
    )
    (alert,) = [a for a in found if a.code == "depassement_de_minimis"]
    assert (alert.plafond, alert.depassement) == (1000000, 1000000)
    assert "refusée en entier" in alert.message


BASES = {"m": "rgec.17", "rd": "rgec.25", "ri": "rgec.25"}


@st.composite
def plans(draw) -> list[dict]:
    """Aids of all natures, in one form, over the three lines."""
    found = []
    for i in range(draw(st.integers(1, 4))):
        costs = draw(st.sets(st.sampled_from(["m", "rd", "ri"]), min_size=1))
        base = draw(st.sampled_from(["rgec.17", "rgec.25", "de_minimis.general", None]))
        found.append(aide(f"x{i}", draw(st.sampled_from([50, 150, 250, 400, 700])), base, sorted(costs)))
    return found


def covered(alert, before) -> bool:
    """An alert is no news when one of the same code stood before, within its costs and as certain."""
    return any(
        old.code == alert.code
        and (set(old.couts) <= set(alert.couts) or not alert.couts)
        and old.statut >= alert.statut
        for old in before
    )


@given(plans(), st.data())
@settings(max_examples=40, deadline=None)
def test_removing_an_aid_creates_no_alert(engine, aids, data):
    """Less money is never less legal."""
    dropped = data.draw(st.sampled_from(aids))
    before = alertes(engine, COUTS, aids)
    after = alertes(engine, COUTS, [a for a in aids if a is not dropped])
    assert [a for a in after if not covered(a, before)] == []


@given(plans(), st.data())
@settings(max_examples=40, deadline=None)
def test_splitting_an_aid_changes_no_alert(engine, aids, data):
    """Two aids of one funder, basis and costs are one: nothing is gained by splitting."""
    index = data.draw(st.integers(0, len(aids) - 1))
    whole = aids[index]
    part = data.draw(st.integers(1, whole["montant_eur"] - 1))
    halves = [whole | {"montant_eur": part}, whole | {"id": "moitie", "montant_eur": whole["montant_eur"] - part}]
    split = [*aids[:index], *halves, *aids[index + 1 :]]
    kept = [a for a in alertes(engine, COUTS, split) if a.code != "aide_sans_base"]
    assert said(kept) == said([a for a in alertes(engine, COUTS, aids) if a.code != "aide_sans_base"])


def test_one_basis_past_its_costs_hides_no_wider_overrun(engine):
    """What is left to the check of a basis does not hide what the same aids do with another on more costs."""
    aids = [aide(f"x{i}", eur, "rgec.17", costs) for i, (eur, costs) in enumerate([(50, ["m"]), (250, ["m"])])]
    aids.append(aide("x2", 700, None, ["m", "rd"]))
    for kept in (aids, [aids[0], aids[2]]):
        wide = [a for a in alertes(engine, COUTS, kept) if a.code == "cumul_intensite" and set(a.couts) == {"m", "rd"}]
        assert len(wide) == 1


def test_a_line_foreign_to_the_basis_adds_no_room(engine):
    """RGEC 8(3)(b): an aid can fund only what its basis serves; naming other lines lends it none of their ceiling."""
    costs = [recherche("rd", 60000), ligne("e", 20000, "etude_environnementale", "conseil_externe")]
    facts = {"etude_liee_investissement_env": "oui", "audit_energetique_obligatoire": "non"}
    facts["etude_part_admissible_pct"] = 100
    aids = [aide("x", 2000, "rgec.49", ["e", "rd"]), aide("y", 13000, "ademe_etudes", ["e", "rd"])]
    found = alertes(engine, costs, aids, projet={"couts": costs, "faits": FAITS | facts})
    over = [a for a in found if a.gravite == "bloquante"]
    assert [(a.code, a.couts, a.depassement) for a in over] == [("cumul_intensite", ("e",), 100000)]


def test_an_old_overrun_hides_no_planned_one(engine):
    """What was granted beyond a basis does not hide what a planned aid then puts beyond it on more lines."""
    costs = [ligne("m", 1000), ligne("n", 1000)]
    before = aide("vieux", 300, "rgec.17", ["m"], statut="octroyee", octroyee_le="2019-10-01")
    found = alertes(engine, costs, [before, aide("x", 900, "rgec.17", ["m", "n"])])
    over = [a for a in found if a.gravite == "bloquante" and a.code == "depassement_base"]
    assert [(set(a.aides), a.couts, a.depassement) for a in over] == [({"vieux", "x"}, ("m", "n"), 80000)]


def test_de_minimis_overflows_on_the_costs_of_state_aid(engine):
    """RGEC 8(5): a line without State aid bears de minimis aid up to its cost; the rest meets the State aid."""
    costs = [recherche("rd", 100000), ligne("e", 20000, "etude_environnementale", "conseil_externe")]
    state = aide("x", 40000, "rgec.25", ["rd"])
    for small, over in ((25000, []), (25001, [100]), (74381, [4938100])):
        aids = [state, aide("y", small, "de_minimis.general", ["rd", "e"])]
        found = [a for a in alertes(engine, costs, aids) if a.code == "cumul_intensite"]
        assert [a.depassement for a in found] == over
    (alert,) = found
    assert (alert.aides, alert.couts, alert.plafond, alert.total) == (("x", "y"), ("e", "rd"), 6500000, 11438100)
    assert "coût entier de e, sans aide d'État, compris" in alert.message
    assert {"rgec:8(5)", "de_minimis_2013:5(2)"} <= set(alert.references)


def test_other_de_minimis_takes_the_costs_that_bear_it(engine):
    """What one de minimis aid takes of a line without State aid, another cannot put there."""
    costs = [recherche("rd", 100000), ligne("e", 20000, "etude_environnementale", "conseil_externe")]
    aids = [aide("x", 45000, "rgec.25", ["rd"]), aide("y", 15000, "de_minimis.general", ["rd", "e"])]
    assert not alertes(engine, costs, aids)
    found = alertes(engine, costs, [*aids, aide("z", 10000, "de_minimis.general", ["e"])])
    assert [(a.aides, a.depassement) for a in found if a.code == "cumul_intensite"] == [(("x", "y", "z"), 500000)]


def test_room_left_counts_the_de_minimis_that_other_costs_cannot_bear(engine):
    """The room for State aid on a line is its ceiling less the de minimis aid that can only fall there."""
    costs = [recherche("rd", 100000), ligne("e", 20000, "etude_environnementale", "conseil_externe")]
    read = dossier(engine, costs, [aide("y", 30000, "de_minimis.general", ["rd", "e"])])
    assert engine.evaluate(read).plan.marges["rd"] == (3500000, 3500000)


RESEAU = [ligne(nom, 1000, "reseau_chaleur_distribution") for nom in ("m", "n")]
CHALEUR = {
    "reseau_chaleur_efficace": "oui",
    "marge_exploitation_eur": 100,
    "calcul_ex_ante_ou_recuperation": "oui",
    "methode_couts": "couts_totaux",
    "seulement_renouvelable_ou_residuelle": "non",
    "reseau_chaleur_fossile": "non",
}


def of_two_laws(engine, aids) -> list:
    """The alerts of aids to a heat network, some of them granted before the rates of July 2023."""
    facts = {"couts": RESEAU, "zone_afr": "aucune", "faits": CHALEUR}
    return alertes(engine, RESEAU, aids, modele="grande_saine", date_octroi="2024-05-15", projet=facts)


@st.composite
def histories(draw) -> list[dict]:
    """Aids to a heat network, granted under the law of 2021 or 2022, or planned in 2024."""
    found = []
    for i in range(draw(st.integers(2, 4))):
        costs = draw(st.sets(st.sampled_from(["m", "n"]), min_size=1))
        day = draw(st.sampled_from([None, "2021-11-22", "2022-11-22", "2024-02-05"]))
        base = draw(st.sampled_from(["rgec.46", "rgec.46", "de_minimis.general"]))
        given = {"statut": "octroyee", "octroyee_le": day} if day else {}
        found.append(aide(f"x{i}", draw(st.sampled_from([1, 150, 300, 301, 700])), base, sorted(costs), **given))
    return found


@given(histories(), st.data())
@settings(max_examples=40, deadline=None)
def test_removing_an_older_aid_creates_no_alert(engine, aids, data):
    """The ceiling of an older law covers no newer aid: without what was granted under it, nothing new is told."""
    dropped = data.draw(st.sampled_from(aids))
    before = of_two_laws(engine, aids)
    after = of_two_laws(engine, [a for a in aids if a is not dropped])
    assert [a for a in after if not covered(a, before)] == []


def test_de_minimis_of_the_day_of_an_older_aid_meets_the_ceiling_of_a_newer_one(engine):
    """RGEC 8(5): 1 € of 2021, limited by the gap alone, lends no room to 1 € of 2024, at 30 %, beside de minimis aid.

    De minimis aid granted on the day of the older aid leaves no ceiling: it still counts with the newer aid.
    """
    day = {"statut": "octroyee", "octroyee_le": "2021-11-22"}
    old, new = aide("x0", 1, "rgec.46", ["m"], **day), aide("x2", 1, "rgec.46", ["m"])
    small = aide("x1", 300, "de_minimis.general", ["m"], **day)
    for aids in ([small, new], [old, small, new]):
        found = [a for a in of_two_laws(engine, aids) if a.gravite == "bloquante"]
        assert [(a.code, set(a.aides), a.plafond, a.depassement) for a in found] == [
            ("cumul_intensite", {"x1", "x2"}, 30000, 100)
        ]
    assert not [a for a in of_two_laws(engine, [old, small]) if a.gravite == "bloquante"]


def test_room_left_is_that_of_the_day(engine):
    """A small aid of 2021, without rate, leaves to an aid of 2024 the room of article 46 as it now stands: 30 %."""
    old = aide("x", 1, "rgec.46", ["m"], statut="octroyee", octroyee_le="2021-11-22")
    read = dossier(
        engine,
        RESEAU,
        [old, aide("y", 100, "rgec.46", ["m"])],
        modele="grande_saine",
        date_octroi="2024-05-15",
        projet={"couts": RESEAU, "zone_afr": "aucune", "faits": CHALEUR},
    )
    assert engine.evaluate(read).plan.marges["m"] == (20000, 20000)


def test_funding_that_is_no_state_aid_has_no_room_to_keep(engine):
    """Market terms: no intensity, no de minimis ceiling, nothing left to grant on a line; a State aid has them."""
    aids = [aide("x", 100, "rgec.17", ["m"]), aide("y", 400000, "de_minimis.general", ["m"])]
    for market, codes in ((False, {"cumul_intensite", "depassement_de_minimis"}), (True, set())):
        found = engine.evaluate(dossier(engine, COUTS, aids, mesure={"conditions_de_marche": market})).plan
        assert {a.code for a in found.alertes} & {"cumul_intensite", "depassement_de_minimis"} == codes
        assert ("m" in found.marges) is not market
