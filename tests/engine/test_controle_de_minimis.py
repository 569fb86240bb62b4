"""De minimis aid of the plan against the ceilings that count it, and what is said of the aids received."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from dossiers import FAITS, aide, alertes, dossier, ligne, recherche

from aid_rules.amounts import euros
from aid_rules.engine.controle_de_minimis import plafonds

COUTS = [ligne("m", 1000), recherche("rd", 1000)]
CODE = "depassement_de_minimis"


def petite(nom, montant, reglement="general", couts=(), **autres):
    return aide(nom, montant, f"de_minimis.{reglement}", list(couts), **autres)


def recue(le, montant, reglement, **autres):
    told = {"octroye_le": le, "montant_eur": montant, "reglement": reglement}
    return {name: value for name, value in told.items() if value is not None} | autres


def told(engine, aids, received=(), **autres) -> list:
    """The overruns of a plan of de minimis aid, in 2024 unless told otherwise."""
    given = {"date_octroi": "2024-03-04", "de_minimis": None if received is None else list(received)} | autres
    return [a for a in alertes(engine, COUTS, aids, **given) if a.code == CODE]


def said(found) -> list[tuple]:
    return [(a.gravite, a.aides, a.plafond, a.total, a.depassement) for a in found]


def both_sectors(engine, aids, received) -> list:
    """The overruns of a farmer who also fishes, in 2019: 20 000 € and 30 000 €, 30 000 € together."""
    sectors = {"secteurs": ["agriculture_primaire", "peche_aquaculture"], "exercices": [{"clos_le": "2018-12-31"}]}
    facts = {"activite_aidee_separee": "oui", "peche_production_primaire": "oui", "aide_fixee_prix_quantite": "non"}
    project = {"couts": COUTS, "faits": FAITS | facts | {"operation_peche_exclue": "non"}}
    return told(engine, aids, received, date_octroi="2019-11-18", beneficiaire=sectors, projet=project)


def test_the_ceiling_and_one_euro_more(engine):
    """2023/2831, article 3(2): 300 000 € over three years; one aid beyond is refused whole."""
    assert told(engine, [petite("x", 300_000)]) == []
    (over,) = told(engine, [petite("x", 300_001)])
    assert said([over]) == [("bloquante", ("x",), 30_000_000, 30_000_100, 100)]
    assert over.references == ("de_minimis_2023:3(2)", "de_minimis_2023:5(2)")
    assert (
        f"{euros(30_000_100)} dépasse ce que laisse le plafond de_minimis.general ({euros(30_000_000)})" in over.message
    )
    assert "x est à réduire avant octroi" in over.message
    assert "commun à plusieurs règlements" not in over.message


def test_which_awards_do_not_fit(engine):
    """Each award counts whole or not at all, in the order of the plan: a later and smaller one may still fit."""
    costs = [petite("x", 200_000, couts=["m"]), petite("y", 150_000, couts=["m", "rd"]), petite("z", 100_000)]
    (one,) = told(engine, costs)
    assert said([one]) == [("bloquante", ("x", "y", "z"), 30_000_000, 45_000_000, 15_000_000)]
    assert one.couts == ("m", "rd")
    assert " : y est à réduire" in one.message
    (two,) = told(engine, [petite("x", 200_000), petite("y", 150_000), petite("z", 150_000)])
    assert " : y et z sont à réduire" in two.message
    (edge,) = told(engine, [petite("x", 200_000), petite("y", 100_000), petite("z", 1)])
    assert " : z est à réduire" in edge.message


def test_what_is_not_known_may_exceed(engine):
    """A loan not valued counts at most for its amount; an aid without amount may be any; neither blocks."""
    assert told(engine, [petite("x", 300_000, forme="pret")]) == []
    loans = told(engine, [petite("x", 250_000), petite("y", 100_000, forme="pret")])
    assert said(loans) == [("attention", ("x", "y"), 30_000_000, 35_000_000, 5_000_000)]
    assert "pourrait dépasser" in loans[0].message
    (none,) = told(engine, [petite("x", None)])
    assert said([none]) == [("attention", ("x",), 30_000_000, None, None)]
    assert "L'aide qui ferait dépasser le plafond doit être refusée" in none.message
    mixed = told(engine, [petite("x", 100), petite("y", None)])
    assert said(mixed) == [("attention", ("x", "y"), 30_000_000, None, None)]


def test_what_was_received_is_not_known(engine):
    """What was received counts as all that it may be: the room is a range, told against its least."""
    for received, least in (
        (None, 0),
        ([recue("2023-05-02", None, "general")], 0),
        ([recue("2023-05-02", 250_000, None)], 5_000_000),
        ([recue(None, 250_000, "general")], 5_000_000),
    ):
        (alert,) = told(engine, [petite("x", 100_000)], received)
        assert said([alert]) == [("attention", ("x",), least, 10_000_000, 10_000_000 - least)]
        assert f"({euros(least)} à {euros(30_000_000)})" in alert.message
    (sure,) = told(engine, [petite("x", 300_001)], [recue(None, 250_000, "general")])
    assert said([sure]) == [("bloquante", ("x",), 30_000_000, 30_000_100, 100)]


def test_nothing_is_told_of_a_closed_regulation(engine):
    """2023/2831, article 1(1): a farmer without separate activity has no such ceiling; its basis is told closed."""
    facts = {"couts": COUTS, "faits": FAITS | {"activite_aidee_separee": "non"}}
    farmer = {"secteurs": ["agriculture_primaire"]}
    assert told(engine, [petite("x", 400_000)], beneficiaire=farmer, projet=facts) == []
    two = [petite("x", 400_000), petite("y", 10_000, "agricole")]
    assert told(engine, two, beneficiaire=farmer, projet=facts) == []


def test_another_regulation_meets_a_ceiling_once_it_holds_aid(engine):
    """1407/2013, article 5(1): general aid received holds farm aid to 200 000 €; without any, only its own ceiling."""
    farm = [petite("x", 6_000, "agricole")]
    assert both_sectors(engine, farm, []) == []
    over = both_sectors(engine, farm, [recue("2018-05-02", 195_000, "general")])
    assert said(over) == [("bloquante", ("x",), 500_000, 600_000, 100_000)]
    doubt = both_sectors(engine, farm, [recue(None, 195_000, "general")])
    assert said(doubt) == [("attention", ("x",), 500_000, 600_000, 100_000)]
    (own,) = both_sectors(engine, [petite("x", 20_001, "agricole")], [])
    assert own.references == ("de_minimis_agricole:3(2)",)
    (alone,) = both_sectors(engine, [petite("x", 200_001, "agricole")], [])
    assert alone.references == ("de_minimis_agricole:3(2)",)
    beyond = both_sectors(engine, [petite("x", 200_001, "agricole")], [recue(None, 1, "general")])
    assert [a.gravite for a in beyond] == ["attention", "bloquante"]


def test_common_ceiling_of_two_regulations(engine):
    """1408/2013 and 717/2014, articles 5(1): the higher of both, for both together, each under its own first."""
    two = [petite("x", 15_000, "agricole"), petite("y", 15_000, "peche")]
    assert both_sectors(engine, two, []) == []
    (over,) = both_sectors(engine, [*two, petite("z", 1, "peche")], [])
    assert said([over]) == [("bloquante", ("x", "y", "z"), 3_000_000, 3_000_100, 100)]
    assert over.references == ("de_minimis_agricole:5(1)", "de_minimis_peche:5(1)")
    assert "le plafond commun agriculture et pêche, commun à plusieurs règlements" in over.message


def test_common_ceiling_meets_what_was_received(engine):
    """Fishery aid received leaves 5 000 € to farm aid; one whose day is not known leaves a doubt, not silence."""
    farm = [petite("x", 6_000, "agricole")]
    (sure,) = both_sectors(engine, farm, [recue("2018-05-02", 25_000, "peche")])
    assert said([sure]) == [("bloquante", ("x",), 500_000, 600_000, 100_000)]
    (doubt,) = both_sectors(engine, farm, [recue(None, 25_000, "peche")])
    assert said([doubt]) == [("attention", ("x",), 500_000, 600_000, 100_000)]
    assert doubt.references == ("de_minimis_agricole:5(1)", "de_minimis_peche:5(1)")
    assert both_sectors(engine, [petite("x", 5_000, "agricole")], [recue(None, 25_000, "peche")]) == []


def test_common_ceiling_repeats_no_doubt(engine):
    """When nothing is known of the aids received, the common ceiling adds nothing to that of farm aid."""
    found = both_sectors(engine, [petite("x", 6_000, "agricole")], None)
    assert {a.gravite for a in found} == {"attention"}
    assert ("de_minimis_agricole:5(1)", "de_minimis_peche:5(1)") not in [a.references for a in found]
    own_first = both_sectors(engine, [petite("x", 31_000, "agricole")], [recue(None, 25_000, "peche")])
    assert said(own_first) == [
        ("bloquante", ("x",), 2_000_000, 3_100_000, 1_100_000),
        ("attention", ("x",), 500_000, 3_100_000, 2_600_000),
    ]


def test_aids_of_several_regulations_share_the_general_ceiling(engine):
    """2023/2831, article 5(2): general and farm aid planned together, told as shared."""
    farmer = {"secteurs": ["agriculture_primaire"]}
    facts = {"couts": COUTS, "faits": FAITS | {"activite_aidee_separee": "oui"}}
    aids = [petite("x", 290_000), petite("y", 15_000, "agricole")]
    (over,) = told(engine, aids, beneficiaire=farmer, projet=facts)
    assert said([over]) == [("bloquante", ("x", "y"), 30_000_000, 30_500_000, 500_000)]
    assert "le plafond de_minimis.general, commun à plusieurs règlements" in over.message


def test_a_plan_without_de_minimis_says_nothing_of_it(engine):
    """Without any de minimis aid, planned or received, no ledger is looked at; the other aids are not in question."""
    merged = {"siren": "732829320", "operations": [{"nature": "fusion", "le": "2018-02-01", "siren": "552100554"}]}
    assert alertes(engine, COUTS, [aide("x", 100, "rgec.17", ["m"])], beneficiaire=merged) == []
    conseil = [ligne("c", 100_000, "conseil_pme", "conseil_externe")]
    scheme = aide("v", 10_000, "diagnostic_industrie_futur", ["c"], statut="octroyee", octroyee_le="2019-03-01")
    assert "de_minimis_rattachement" not in [a.code for a in alertes(engine, conseil, [scheme])]


def codes(found) -> list[tuple]:
    return [(a.code, a.gravite, a.statut, a.aides, a.total) for a in found]


FUSION = {
    "siren": "732829320",
    "entreprise_unique": ["732829320"],
    "operations": [{"nature": "fusion", "le": "2024-02-01", "siren": "552100554"}],
}


def test_an_aid_of_a_merged_company_is_told_once(engine):
    """2023/2831, article 3(8): past aid of what was absorbed counts, and is said once for all the ceilings."""
    received = [recue("2023-05-02", 100_000, "agricole", siren="552100554")]
    found = alertes(engine, COUTS, [], date_octroi="2024-06-03", beneficiaire=FUSION, de_minimis=received)
    assert codes(found) == [("de_minimis_rattachement", "information", 3, (), 10_000_000)]
    assert found[0].message.startswith(f"Aide de minimis du 02/05/2023 ({euros(10_000_000)}) : ")
    assert "Tant que ce n'est pas dit" not in found[0].message
    twice = [*received, recue("2023-06-02", 100_000, "agricole", siren="552100554")]
    two = alertes(engine, COUTS, [], date_octroi="2024-06-03", beneficiaire=FUSION, de_minimis=twice)
    assert len(two) == 2


@pytest.mark.parametrize("received", [recue("2021-06-03", 100_000, "general"), recue("2023-05-02", 100_000, None)])
def test_what_no_ceiling_counts_is_left_unsaid(engine, received):
    """An aid out of the window is not told; one whose regulation is unknown may be of any, and is."""
    entry = [received | {"siren": "552100554"}]
    found = alertes(engine, COUTS, [], date_octroi="2024-06-03", beneficiaire=FUSION, de_minimis=entry)
    assert len(found) == (0 if received.get("reglement") else 1)


def test_a_company_not_placed_is_asked_about(engine):
    """Whether another company belongs to the single undertaking is asked; until then the sure room counts its aid."""
    alone = {"siren": "732829320", "entreprise_unique": None, "operations": []}
    received = [recue("2023-05-02", 100_000, "general", siren="552100554")]
    (found,) = alertes(engine, COUTS, [], date_octroi="2024-06-03", beneficiaire=alone, de_minimis=received)
    assert codes([found]) == [("de_minimis_rattachement", "attention", 1, (), 10_000_000)]
    assert "Tant que ce n'est pas dit" in found.message
    assert found.questions


def test_an_aid_written_twice(engine):
    """2023/2831, article 6: an award is known by its authority, day, amount and regulation; it counts once."""
    granted = petite("deja", 60_000, statut="octroyee", octroyee_le="2024-02-05")
    same = recue("2024-02-05", 60_000, "general", financeur={"nom": "deja"})
    (sure,) = alertes(engine, COUTS, [granted], date_octroi="2024-06-03", de_minimis=[same])
    assert codes([sure]) == [("de_minimis_double", "information", 3, ("deja",), None)]
    assert "l'aide reçue n° 1 et l'aide « deja » du plan sont la même" in sure.message
    close = recue("2024-02-05", 60_000, "general")
    (doubt,) = alertes(engine, COUTS, [granted], date_octroi="2024-06-03", de_minimis=[close])
    assert codes([doubt]) == [("de_minimis_double", "attention", 1, ("deja",), None)]
    assert "de_minimis[0].deja_au_plan" in doubt.message
    assert doubt.message.startswith("Comptée deux fois ? L'aide reçue n° 1 et l'aide « deja » du plan se ressemblent.")
    assert [q.chemin for q in doubt.questions] == ["de_minimis[0].deja_au_plan"]


def test_ceilings_of_a_day(engine):
    """The ceilings of November 2019: amounts, what each counts, what was received under it and under the others."""
    received = [recue("2018-05-02", 10_000, "agricole"), recue("2018-06-02", 5_000, "peche")]
    asked = dossier(engine, COUTS, [], de_minimis=received, beneficiaire={"exercices": [{"clos_le": "2018-12-31"}]})
    found = engine.evaluate(asked)
    read = {p.reglement: p for p in plafonds(found.evaluation, found.loi.loi, asked, {})}
    assert {name: (p.plafond[0], p.recu, p.recu_propre, p.commun) for name, p in read.items()} == {
        "general": (20_000_000, (1_500_000, 1_500_000), (0, 0), False),
        "agricole": (2_000_000, (1_000_000, 1_000_000), (1_000_000, 1_000_000), False),
        "peche": (3_000_000, (500_000, 500_000), (500_000, 500_000), False),
        "sieg": (50_000_000, (1_500_000, 1_500_000), (0, 0), False),
        "agriculture_peche": (3_000_000, (1_500_000, 1_500_000), (0, 0), True),
    }
    assert [read[name].droit for name in ("general", "agriculture_peche")] == ["general", "agricole"]
    assert read["agriculture_peche"].compte == {"agricole", "peche"}
    assert read["agricole"].reste == (1_000_000, 1_000_000)
    assert read["peche"].refs == ("de_minimis_peche:3(2)",)


def test_room_is_never_negative(engine):
    """More received than the ceiling leaves nothing, not less than nothing."""
    asked = dossier(engine, COUTS, [], de_minimis=[recue("2018-05-02", 250_000, "general")])
    found = engine.evaluate(asked)
    general = next(p for p in plafonds(found.evaluation, found.loi.loi, asked, {}) if p.reglement == "general")
    assert general.reste == (0, 0)
    assert general._replace(plafond=(20_000_000, None)).reste == (0, None)
