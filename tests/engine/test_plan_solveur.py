"""What the integer programme does of its limits, one by one: no evaluator comes after to make good what it misses."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from aid_rules.engine import plan_modele
from aid_rules.engine.plan import proposer
from aid_rules.engine.plan_demande import poser
from aid_rules.engine.plan_modele import Limite, Modele
from aid_rules.faults import WorkError
from aid_rules.law.cumul import Plafonds
from aid_rules.law.plafonds import Plafond, Possibilite

pytest.importorskip("ortools")
sys.path.insert(0, str(Path(__file__).parent))
from dossiers import FAITS, aide, dossier, ligne
from test_controle_couts import EMPLOI, HANDICAP, OUTRE_MER, SURCOUTS
from test_plan_modele import COUTS, INVEST, MINIMIS, R17, REGION, assess, limits

AVANT = {"statut": "octroyee", "octroyee_le": "2019-10-01"}
STATE = {"id": "e", "type": "etat", "bases": ["rgec.17"]}
INVEST_E = "e/rgec.17"


def model(engine, financeurs, aides=(), couts=COUTS[:1], paires=(), parites=(), recu=(), **plan):
    problem = poser(engine, assess(engine, financeurs, aides, couts, list(recu), **plan))
    return Modele(problem, list(paires), list(parites))


def amounts(solution):
    return {name: amount for name, amount in solution.montants.items() if amount}


@pytest.mark.parametrize("unit", [10000, 2500, 1])
@pytest.mark.parametrize("already", [0, 5000, 15000, 20000, 25000, 200000])
def test_a_grant_takes_its_room_whatever_the_unit(engine, already, unit):
    """What is granted leaves its line whole, in cents or in fractions of one, and never more than the line has."""
    granted = aide("avant", already, "rgec.17", ["m"], **AVANT)
    run = model(engine, [STATE], [granted])
    run.ajouter(Limite("fraction", "cumul", "", 10**12 + unit, frozenset({(INVEST_E, "m")})))
    found = run.resoudre()
    assert (found.statut, found.total) == ("optimal", max(0, 20000 - already) * 100)
    assert run.debord == max(0, already - 20000) * 100 * 10000


def test_a_grant_beyond_its_ceilings_stays_on_its_own_line(engine):
    """What cannot fit stays outside, and no more of it than that: the rest of the grant keeps its line."""
    lines = [ligne("a", 100000), ligne("b", 1000)]
    granted = aide("avant", 25000, "rgec.17", ["a"], **AVANT)
    run = model(engine, [STATE], [granted], lines)
    assert run.debord == 5000 * 100 * 10000
    assert (run.resoudre().total, run.resoudre().repartition[INVEST_E, "b"]) == (20000, 200000000)


def test_a_grant_of_unknown_worth_counts_for_what_it_may_be(engine):
    """A loan of 15 000 € without its terms takes up to that; a grant without amount takes what is sure, nothing."""
    loan = aide("avant", 15000, "rgec.17", ["m"], forme="pret", **AVANT)
    assert model(engine, [STATE], [loan]).resoudre().total == 500000
    unsaid = aide("avant", None, "rgec.17", ["m"], financeur={"nom": "e", "type": "etat"}, **AVANT)
    run = model(engine, [STATE | {"enveloppe_eur": 12000}], [unsaid])
    assert (run.limites[0].plafond, run.resoudre().total) == (12000 * 100 * 10000, 1200000)


def test_fractions_of_a_cent_are_never_granted(engine):
    """A limit of a fraction of a cent leaves the cents below it; what is raised is raised alone."""
    run = model(engine, [STATE])
    couples = frozenset({(INVEST_E, "m")})
    run.ajouter(Limite("fraction", "cumul", "", 99999, couples))
    assert (run.resoudre().total, run.resoudre({"autre": 1}).total, run.resoudre({"fraction": 1}).total) == (9, 9, 10)
    run.ajouter(Limite("fraction", "cumul", "", 40000, couples))
    assert [x.plafond for x in run.limites if x.id == "fraction"] == [40000]
    run.retirer("fraction")
    assert run.resoudre().total == 2000000


def test_the_costs_are_a_limit_that_may_be_raised(engine):
    """Nothing but named limits holds the plan: raised or lifted, none leaves another behind it."""
    run = model(engine, [STATE])
    others = [x.id for x in run.limites if x.id != "cout.m"]
    assert run.resoudre(sans=others).total == 10000000
    assert run.resoudre({"cout.m": 100 * 10000}, others).total == 10000100
    assert run.resoudre(sans=[*others, "cout.m"], cible=30000000).total == 30000000


def test_aids_kept_apart_share_no_line(engine):
    """Two aids that exclude each other on the same costs stand on different lines, unless the rule is lifted."""
    lines = [ligne("a", 1000), ligne("b", 2000), ligne("c", 500)]
    funders = [STATE | {"couts": ["a", "b"]}, R17 | {"couts": ["b", "c"], "plafond_eur": 400}]
    pairs = [(INVEST, INVEST_E), (INVEST_E, INVEST)]
    run = model(engine, funders, couts=lines, paires=pairs)
    name = f"incompatibilite.{INVEST_E}.{INVEST}"
    assert run.exclusions == {name: f"cumul de {INVEST_E} et de {INVEST} sur les mêmes coûts"}
    assert run.resoudre().repartition == {
        (INVEST_E, "a"): 200000000,
        (INVEST_E, "b"): 400000000,
        (INVEST, "c"): 100000000,
    }
    run = model(engine, [funders[0] | {"plafond_eur": 300}, funders[1] | {"couts": ["b"]}], couts=lines, paires=pairs)
    assert (run.resoudre().total, run.resoudre(sans=[name]).total) == (60000, 60000)
    run = model(engine, [STATE | {"plafond_eur": 100}, R17 | {"plafond_eur": 50}], couts=lines[:1], paires=pairs)
    assert (run.resoudre().total, run.resoudre(sans=[name]).total) == (10000, 15000)
    assert name in run.resoudre(cible=15000, noyau=True).conflit


def test_equal_shares_bind_unless_lifted(engine):
    """Two shares asked to be equal are those of the poorer; lifted, each gives what it has."""
    run = model(engine, [STATE | {"plafond_eur": 100}, R17 | {"plafond_eur": 50}], parites=[(INVEST, INVEST_E)])
    name = f"parite.{INVEST}.{INVEST_E}"
    assert run.exclusions == {name: f"écart entre {INVEST} et {INVEST_E}"}
    assert amounts(run.resoudre()) == {INVEST: 5000, INVEST_E: 5000}
    assert amounts(run.resoudre(sans=[name])) == {INVEST: 5000, INVEST_E: 10000}
    assert name in run.resoudre(cible=15000, noyau=True).conflit


def test_the_least_of_something_once_the_total_is_reached(engine):
    """Of the plans of a total, the one with the fewest aids, or with the least from the Région."""
    funders = [{"id": f"e{i}", "type": "etat", "bases": ["rgec.17"], "plafond_eur": 30} for i in range(5)]
    run = model(engine, [*funders, R17 | {"plafond_eur": 50}])
    for total, fewest in ((5000, 1), (3000, 1), (8000, 2), (9000, 3), (11000, 3), (15000, 5)):
        assert len(amounts(run.resoudre(cible=total, minimiser="nombre"))) == fewest
    assert run.resoudre(cible=16000, minimiser="region").montants[INVEST] == 1000
    assert run.resoudre().total == 20000


def test_the_core_leaves_out_what_has_no_part(engine):
    """Which limits conflict: those of the two funders, and not those of the other lines and bases."""
    run = model(engine, [STATE | {"enveloppe_eur": 100}, R17 | {"enveloppe_eur": 50}], couts=COUTS)
    found = run.resoudre(cible=10**6, noyau=True)
    assert (found.statut, found.montants) == ("infaisable", {})
    assert set(found.conflit) == {"demande", "enveloppe.e", "enveloppe.r"}
    assert run.resoudre(cible=10**6).conflit == ()


@pytest.mark.parametrize("answer", ["FEASIBLE", "OPTIMAL", "UNKNOWN"])
def test_a_plan_not_proven_the_best_is_told_so(engine, monkeypatch, answer):
    """When time runs out, the plan found so far is told as found; without any, the request is to be made smaller."""
    run = model(engine, [STATE])
    real = plan_modele._Execution._solveur

    def solver(execution):
        found = real(execution)

        def solve(asked):
            found.solve(asked)
            return getattr(run.cp, answer)

        return SimpleNamespace(solve=solve, value=found.value)

    monkeypatch.setattr(plan_modele._Execution, "_solveur", solver)
    if answer == "UNKNOWN":
        with pytest.raises(WorkError, match="temps imparti"):
            run.resoudre()
    else:
        expected = {"FEASIBLE": "trouve", "OPTIMAL": "optimal"}[answer]
        assert (run.resoudre().statut, run.resoudre().total) == (expected, 2000000)


def test_two_rooms_of_de_minimis_aid_on_no_particular_cost(engine):
    """Aid of no particular cost is held by its own ceiling, each by its regulation's, whatever the costs."""
    funders = [{"id": "r", "type": "region", "bases": ["de_minimis.general", "de_minimis.sieg"], "couts": []}]
    problem = poser(
        engine, assess(engine, [REGION | {"couts": []} | {"bases": funders[0]["bases"]}], (), COUTS[:1], [])
    )
    (general,) = [x for x in problem.de_minimis if x.reglement == "general"]
    (mine,) = [c for c in problem.candidats if c.base == "de_minimis.general"]
    other = mine._replace(
        base="x", lue=mine.lue._replace(reglement="x", aide=mine.lue.aide.model_copy(update={"id": "x"}))
    )
    small = general._replace(reglement="x", compte=frozenset({"x"}), plafond=(300, 300))
    both = problem._replace(candidats=(mine, other), de_minimis=(small, general))
    found = Modele(both, [])
    assert {x.id: (x.plafond, len(x.couples)) for x in found.limites if x.genre == "de_minimis"} == {
        "de_minimis.x": (3000000, 1),
        "de_minimis.general": (200000 * 10**6, 1),
    }
    assert amounts(found.resoudre()) == {MINIMIS: 20000000, "x": 300}
    # a ceiling that several share binds them together, another regulation's only when it has received some
    shared = general._replace(reglement="y", compte=frozenset({"general", "x"}), plafond=(500, 700))
    for ceiling, bound in (
        (shared, False),
        (shared._replace(commun=True), True),
        (shared._replace(recu_propre=(0, 10)), True),
        (shared._replace(recu_propre=(10, None)), True),
        (shared._replace(reglement="x"), True),
        (shared._replace(compte=frozenset({"z"}), commun=True), False),
    ):
        run = Modele(both._replace(de_minimis=(small, general, ceiling)), [])
        assert run.resoudre().total == (500 if bound else 20000300)


def test_de_minimis_aid_alone_has_no_common_ceiling(engine):
    """RGEC 8(5): on a line that no State aid bears there is no ceiling to share, nor any to tell."""
    found = limits(engine, assess(engine, [REGION | {"bases": ["de_minimis.general"]}]))
    assert list(found) == ["cout.m", "cout.rd", "de_minimis.general"]


def test_aid_for_disabled_workers_reaches_the_whole_cost(engine):
    """RGEC 8(6): article 33 and other aid together up to the costs; the common ceiling binds the other aid alone."""
    funders = [{"id": "r", "type": "region", "bases": ["rgec.33", "de_minimis.general"]}]
    asked = dossier(
        engine,
        HANDICAP[:1],
        [],
        projet={"couts": HANDICAP[:1], "faits": EMPLOI},
        plan={"financeurs": funders},
        de_minimis=[],
    )
    problem = poser(engine, engine.evaluate(asked))
    found = {x.id: (x.plafond, sorted(x.couples)) for x in Modele(problem, []).limites}
    mine = [("r/rgec.33", "s")]
    assert found["cumul.s"] == (75000 * 10000, [])
    assert found["handicap.s"] == (100000 * 10000, mine)
    assert found["cumul.s.de_minimis"] == (75000 * 10000, [("r/de_minimis.general", "s"), *mine])
    without = limits(engine, assess(engine, [REGION]))
    assert not [name for name in without if name.startswith("handicap")]


def test_operating_aid_overseas_stays_out_of_the_common_ceiling(engine):
    """RGEC 8(7): its own ceiling holds it, and the common one only the other aid."""
    project = {"commune": "97105", "zone_afr": None, "couts": SURCOUTS, "faits": FAITS | OUTRE_MER}
    funders = [{"id": "r", "type": "region", "bases": ["rgec.15", "de_minimis.general"]}]
    asked = dossier(engine, SURCOUTS, [], projet=project, plan={"financeurs": funders}, de_minimis=[])
    found = proposer(engine, engine.evaluate(asked))
    problem = poser(engine, engine.evaluate(asked))
    names = [x.id for x in Modele(problem, []).limites]
    assert "base.rgec.15.s" in names
    assert not [name for name in names if name.startswith("cumul.s")]
    assert {a.base: a.montant for a in found.aides} == {"de_minimis.general": 20000000, "rgec.15": 60000000}


def test_outside_state_aid_no_ceiling_of_article_8_holds(engine):
    """TFEU 107(1): what is no State aid meets the costs and its funders' ceilings, not those of the RGEC."""
    fund = aide("u", 40000, None, ["m"], financeur={"type": "union_directe"}, taux_max_pct=50)
    small = aide("d", 10, "de_minimis.general", ["m"], **AVANT)
    problem = poser(engine, assess(engine, [STATE], [fund, small], COUTS[:1], []))
    inside = {x.id for x in Modele(problem, []).limites}
    outside = {x.id for x in Modele(problem._replace(hors_aide=True), []).limites}
    assert inside - outside == {"cumul.m", "cumul.m.de_minimis", "union.m"}
    assert outside == {"cout.m", "base.rgec.17.m"}


def basis(engine, *possible):
    """A problem of one basis on three lines, whose ceilings are those given."""
    lines = [ligne(name, 1000) for name in "abc"]
    problem = poser(engine, assess(engine, [STATE], (), lines, []))
    (one,) = problem.candidats
    side = Plafond(possible)
    return problem._replace(candidats=(one._replace(plafonds=Plafonds(side, side), lignes=("a", "b")),), hors_aide=True)


def test_each_purpose_of_a_basis_has_its_own_ceiling(engine):
    """What a purpose allows on the lines that the plan may fund: line by line, purpose by purpose, and in all."""
    of = Possibilite("rgec.17", 5000, {"a": 100000, "b": 100000, "c": 100000}, 70000)
    found = {x.id: (x.libelle, x.plafond // 10000) for x in Modele(basis(engine, of), []).limites if x.genre == "base"}
    assert found == {
        "base.rgec.17.a": ("maximum de rgec.17 sur « a »", 50000),
        "base.rgec.17.b": ("maximum de rgec.17 sur « b »", 50000),
        "base.rgec.17.a+b": ("maximum de rgec.17 sur ses coûts", 70000),
    }
    other = Possibilite("rgec.17", 1000, {"c": 100000})
    assert [x.id for x in Modele(basis(engine, other), []).limites if x.genre == "base"] == [
        "base.rgec.17.a",
        "base.rgec.17.b",
        "base.rgec.17.a+b",
    ]


def test_a_line_without_limit_has_none(engine):
    """A basis that sets no amount on a line sets no limit there, nor on lines that hold it."""
    of = Possibilite("rgec.17", 5000, {"a": 100000, "b": None})
    run = Modele(basis(engine, of), [])
    assert [x.id for x in run.limites if x.genre == "base"] == ["base.rgec.17.a"]
    assert run.resoudre().total == 150000


def test_a_line_that_no_basis_serves_leaves_nothing(engine):
    """A common ceiling of nothing is nothing, not a fraction of a cent."""
    granted = aide("avant", 10, "rgec.17", ["m"], **AVANT)
    problem = poser(engine, assess(engine, [STATE], [granted], COUTS[:1], []))
    nothing = Plafond(())
    whole = problem.communs
    check = SimpleNamespace(
        etat=whole.etat,
        ordinaires=whole.ordinaires,
        handicap=(),
        de_minimis=(),
        loi=whole.loi,
        parties=(),
        plafonds_communs=Plafonds(nothing, nothing),
        plafonds_union=lambda _: Plafonds(nothing, nothing),
    )
    (union,) = poser(
        engine,
        assess(engine, [STATE], [aide("u", 5, None, ["m"], financeur={"type": "union_directe"})], COUTS[:1], []),
    ).union
    run = Modele(problem._replace(communs=check, union=(union,)), [])
    assert {x.id: x.plafond for x in run.limites if x.genre == "cumul"} == {"cumul.m": 0, "union.m": 0}
