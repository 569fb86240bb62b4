"""The plan as the checks read it: which law judges each aid, and what each counts as."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pytest

from aid_rules.engine.couverture import Lecture
from aid_rules.engine.plan_lu import de_minimis_nommees, lire

sys.path.insert(0, str(Path(__file__).parent))
from dossiers import aide, dossier, ligne, recherche

COUTS = [ligne("m", 100000), recherche("rd", 60000)]
UNION = {"type": "union_directe"}


def read(engine, aids, couts=COUTS, **autres):
    """The plan of a dossier of 18 November 2019, with the aids and the day of each law that was opened for it."""
    found = engine.evaluate(dossier(engine, couts, aids, **autres))
    again = engine.relire(found.dossier, found.hors_aide, found.faits)
    opened = []

    def relire(asked, jour):
        opened.append(([a.id for a in asked], jour))
        return again(asked, jour)

    plan = lire(found.dossier, Lecture(found.evaluation, found.dispositifs), found.faits.esb, found.hors_aide, relire)
    return plan, opened


def test_aids_of_one_basis_share_one_reading(engine):
    """Planned aids are judged with those of their basis, once; those without a basis, or of the Union, as the plan."""
    aids = [
        aide("a", 100, "rgec.17", ["m"]),
        aide("b", 100, "rgec.25", ["rd"]),
        aide("c", 100, "rgec.17", ["m"]),
        aide("d", 100, None, ["m"]),
        aide("u", 100, "rgec.18", ["m"], financeur=UNION),
    ]
    plan, opened = read(engine, aids)
    day = date(2019, 11, 18)
    assert opened == [(["a", "c"], day), (["b"], day)]
    laws = {a.id: a.lecture for a in plan.aides}
    assert laws["a"] is laws["c"] is not laws["b"]
    assert laws["d"] is laws["u"] is plan.lecture


def test_a_fund_of_the_union_is_never_read_with_state_aid(engine):
    """RGEC 8(2): even planned under the same basis, a fund that the Commission manages says nothing of the aid.

    A structural fund, that the State or a Region manages, is State aid as any other.
    """
    mine = aide("a", 100, "rgec.17", ["m"])
    loan = aide("u", 900, "rgec.17", ["m"], forme="pret", financeur=UNION)
    plan, opened = read(engine, [mine, loan])
    assert opened == []
    apart, opened = read(engine, [mine, loan, aide("b", 50, "rgec.25", ["rd"])])
    assert [asked for asked, _ in opened] == [["a"], ["b"]]
    alone, _ = read(engine, [mine])
    for found in (plan, apart):
        assert [a.nature for a in found.aides[:2]] == ["etat", "union"]
        assert found.aides[0].lecture.verdict("rgec.17") == alone.lecture.verdict("rgec.17")
    regional, opened = read(engine, [mine, loan | {"financeur": {"type": "fonds_structurel"}}])
    assert [a.nature for a in regional.aides] == ["etat", "etat"]


def test_one_basis_alone_is_judged_by_the_plan(engine):
    """When every planned aid has the same basis, the reading of the plan is theirs."""
    plan, opened = read(engine, [aide("a", 100, "rgec.17", ["m"]), aide("c", 100, "rgec.17", ["m"])])
    assert opened == []
    assert all(a.lecture is plan.lecture for a in plan.aides)


def test_a_granted_aid_has_the_law_of_its_day(engine):
    """An aid granted the day before is judged alone by the law of that day; of today, or undated, by today's."""
    granted = {"couts": ["m"], "statut": "octroyee"}
    aids = [
        aide("veille", 100, "rgec.17", octroyee_le="2019-11-17", **granted),
        aide("jour", 100, "rgec.17", octroyee_le="2019-11-18", **granted),
        aide("sans", 100, "rgec.17", **granted),
    ]
    plan, opened = read(engine, aids)
    assert opened == [(["veille"], date(2019, 11, 17))]
    assert [a.lecture is plan.lecture for a in plan.aides] == [False, True, True]


def test_lines_of_an_aid(engine):
    """Without told lines an aid may fall on any; with none, it bears on no identifiable cost."""
    aids = [aide("a", 100, "rgec.17"), aide("b", 100, "de_minimis.general", []), aide("c", 100, "rgec.17", ["m"])]
    plan, _ = read(engine, aids)
    assert [(a.id, a.floue, a.identifiable, sorted(a.lignes)) for a in plan.aides] == [
        ("a", True, True, ["m", "rd"]),
        ("b", False, False, ["m", "rd"]),
        ("c", False, True, ["m"]),
    ]
    assert plan.aides[0].sur_ses_couts().lignes == {"m"}


def test_planned_aids_leave_the_union_aside(engine):
    """RGEC 8(2): what is still to be granted as public aid, without the granted and without the Union's funds."""
    aids = [
        aide("a", 100, "rgec.17", ["m"]),
        aide("b", 100, "rgec.17", ["m"], statut="octroyee", octroyee_le="2019-10-01"),
        aide("u", 100, None, ["m"], financeur=UNION),
        aide("p", 100, None, ["m"], financeur={"type": "prive"}),
    ]
    plan, _ = read(engine, aids)
    assert [a.id for a in plan.prevues] == ["a"]
    assert [a.id for a in plan.aides] == ["a", "b", "u"]


def test_without_economic_activity_nothing_is_state_aid(engine):
    """TFEU 107(1): no aid where the activity is not economic, save what its grantor calls de minimis."""
    aids = [aide("a", 90000, "rgec.17", ["m"]), aide("b", 100, "de_minimis.general", ["m"]), aide("c", 9, None, ["m"])]
    plan, _ = read(engine, aids, beneficiaire={"activite_economique": "non"})
    assert [a.nature for a in plan.aides] == ["hors_aide", "de_minimis", "hors_aide"]
    assert [a.reglement for a in plan.aides] == ["", "general", ""]


def test_what_a_scheme_can_only_rest_on_is_what_it_is(engine):
    """A scheme of article 18 or de minimis: for a large firm (article 18 is for SMEs) its grant was de minimis."""
    costs = [ligne("conseil", 100000, "conseil_pme", "conseil_externe")]
    before = aide("a", 6000, "diagnostic_industrie_futur", ["conseil"], statut="octroyee", octroyee_le="2019-03-01")
    aids = [before, aide("b", 100, "rgec.18", ["conseil"])]
    facts = {"duree_accompagnement_jours": 5, "taux_annonce_financeur_pct": 50}
    project = {"couts": costs, "faits": facts}
    found = {}
    for model in ("pme_saine", "grande_saine"):
        plan, _ = read(engine, aids, costs, modele=model, projet=project)
        asked = dossier(engine, costs, aids, modele=model, projet=project)
        named = de_minimis_nommees(asked, plan)
        assert [named.model_copy(update={"aides": None}), [a.id for a in named.aides]] == [
            asked.model_copy(update={"aides": None}),
            ["a", "b"],
        ]
        found[model] = [(a.nature, a.reglement) for a in plan.aides], [a.base for a in named.aides]
    assert found == {
        "pme_saine": ([("etat", ""), ("etat", "")], ["diagnostic_industrie_futur", "rgec.18"]),
        "grande_saine": ([("de_minimis", "general"), ("etat", "")], ["de_minimis.general", "rgec.18"]),
    }


@pytest.mark.parametrize(("planned", "grave"), [(194000, []), (194001, ["bloquante"])])
def test_what_was_de_minimis_for_certain_takes_its_room_for_certain(engine, planned, grave):
    """1407/2013, 3(2): 6 000 € that article 18 could not cover leave 194 000 € of the ceiling, to the euro."""
    costs = [ligne("conseil", 400000, "conseil_pme", "conseil_externe")]
    before = aide("a", 6000, "diagnostic_industrie_futur", ["conseil"], statut="octroyee", octroyee_le="2019-03-01")
    project = {"couts": costs, "faits": {"duree_accompagnement_jours": 5, "taux_annonce_financeur_pct": 50}}
    plan = [before, aide("b", planned, "de_minimis.general", [])]
    found = engine.evaluate(dossier(engine, costs, plan, modele="grande_saine", projet=project, de_minimis=[]))
    over = [a for a in found.plan.alertes if a.code == "depassement_de_minimis"]
    assert [a.gravite for a in over] == grave
