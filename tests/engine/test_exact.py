"""The exact evaluator: base + bonuses under ceilings, reductions, groups, ranges, caps, and rounding down."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from petite_loi import Loi

from aid_rules.engine import codegen, exact
from aid_rules.engine.environnement import Ligne, Lignes
from aid_rules.engine.exact import all_of, any_of
from aid_rules.language.tree import FAUX, INCONNU, VRAI

INTENSITE = """
finalites: [essai]
conditions:
  - {id: verte, si: verte, ref: "1"}
assiette:
  postes: [{valeurs: [machines, terrains], ref: "1"}]
intensite:
  base:
    - {id: zone, si: zone, taux: 30, ref: "1"}
    - {id: autres, taux: 20, ref: "1"}
  majorations:
    - {id: petite, si: "taille = petite", points: 20, ref: "1", groupe: taille}
    - {id: pme, si: "taille dans [petite, moyenne]", points: 10, ref: "1", groupe: taille}
    - {id: marge, si: "marge_eur <= 1000 EUR", points: 7.5, ref: "1"}
    - {id: apres, si: zone, points: 5, ref: "1", apres_reduction: oui}
  reductions:
    - {id: moitie, si: "non contrefactuel", facteur_pct: 50, ref: "1"}
  plafonds:
    - {id: plafond, taux: 55, ref: "1"}
    - {id: plafond_grande, si: "taille = grande", taux: 25, ref: "1"}
"""
MACHINES = ("essai", "machines", 100_000_01)
CERTAIN = {"verte": True, "zone": False, "taille": "grande", "marge_eur": 200_000, "contrefactuel": True}


@pytest.fixture
def loi(tmp_path):
    return lambda body: Loi(tmp_path, body)


@pytest.mark.parametrize(
    ("expected", "facts"),
    [
        (2000, {}),
        (2500, {"zone": True}),
        (3000, {"taille": "moyenne"}),
        (4000, {"taille": "petite"}),
        (5500, {"taille": "petite", "zone": True}),
        (4750, {"taille": "petite", "marge_eur": 100_000}),
        (4000, {"taille": "petite", "marge_eur": 100_001}),
        (1000, {"contrefactuel": False}),
        (1500, {"taille": "moyenne", "contrefactuel": False}),
        (2500, {"taille": "moyenne", "zone": True, "contrefactuel": False}),
        (2375, {"taille": "petite", "marge_eur": 0, "contrefactuel": False}),
    ],
)
def test_intensity(loi, expected, facts):
    """Base + bonuses (the highest of a group), times reductions, + what is added after, under ceilings."""
    found = loi(INTENSITE).run(MACHINES, **(CERTAIN | facts))
    assert found.taux == (expected, expected)
    assert found.verdict == VRAI
    assert found.montant == (10_000_001 * expected // 10_000,) * 2


@pytest.mark.parametrize(
    ("expected", "facts"),
    [
        ((2000, 2500), {"zone": INCONNU}),
        ((2000, 4000), {"taille": ["petite", "moyenne", "grande"]}),
        ((3000, 4000), {"taille": ["petite", "moyenne"]}),
        ((2000, 2500), {"marge_eur": None}),
        ((1000, 2000), {"contrefactuel": INCONNU}),
        ((2000, 4750), {"taille": ["petite", "grande"], "marge_eur": None}),
    ],
)
def test_ranges(loi, expected, facts):
    """What is unknown gives a range, from the least to the most that it may turn out to be: never a guess."""
    found = loi(INTENSITE).run(MACHINES, **(CERTAIN | facts))
    assert found.taux == expected
    assert found.montant == tuple(10_000_001 * rate // 10_000 for rate in expected)


@given(st.integers(0, 10**13), st.integers(1, 10_000))
def test_a_maximum_is_never_rounded_up(cents, rate):
    """A maximum amount loses the fraction of a cent."""
    from aid_rules.engine.intervalles import part  # noqa: PLC0415 - one function

    low, high = part((rate, rate), (cents, cents))
    assert low == high
    assert high * 10_000 <= cents * rate < (high + 1) * 10_000


@pytest.mark.parametrize(
    ("verdict", "total", "lines"),
    [
        (VRAI, (300, 300), [("essai", "machines", 100), ("essai", "terrains", 200)]),
        (VRAI, (100, 100), [("essai", "machines", 100), ("essai", "personnel", 200), ("autre", "machines", 400)]),
        (FAUX, (0, 0), [("essai", "personnel", 200)]),
        (FAUX, (0, 0), [("autre", "machines", 200)]),
        (FAUX, (0, 0), []),
        (INCONNU, (0, 200), [("essai", None, 200)]),
        (INCONNU, (0, 200), [(None, "machines", 200)]),
        (VRAI, (100, 300), [("essai", "machines", 100), (None, "machines", 200)]),
        (VRAI, (0, None), [("essai", "machines", None)]),
        (VRAI, (100, None), [("essai", "machines", 100), ("essai", "machines", None)]),
    ],
)
def test_cost_lines(loi, verdict, total, lines):
    """Lines count by purpose and type; what is not told of a line leaves a range."""
    found = loi(INTENSITE).run(*lines, **CERTAIN)
    assert found.verdict == verdict
    if found.examine:
        assert found.volets[0].assiette == total


def test_no_cost_lines_known(loi):
    """A dossier that gives no cost line is not a dossier without costs."""
    found = loi(INTENSITE).run(complete=False, **CERTAIN)
    assert found.verdict == INCONNU
    assert found.volets[0].assiette == (0, None)


def test_what_no_line_concerns_is_not_read(loi):
    """The conditions of a regime that no cost line concerns are read only when asked."""
    law = loi(INTENSITE)
    assert law.run(("autre", "machines", 5), **CERTAIN).examine is False
    shown = law.run(("autre", "machines", 5), tout=True, **CERTAIN)
    assert shown.examine is True
    assert shown.verdict == FAUX
    assert shown.conditions == ()
    assert shown.volets[0].conditions == (VRAI,)


def test_a_known_failure_settles_the_verdict(loi):
    """One condition known to fail is enough, whatever else is unknown."""
    assert loi(INTENSITE).run(MACHINES, verte=False).verdict == FAUX


def test_everything_unknown_is_unknown(loi):
    """Nothing said: neither usable nor unusable."""
    found = loi(INTENSITE).run(MACHINES)
    assert found.verdict == INCONNU
    assert found.taux == (1000, 5500)


def test_no_rate_no_aid(loi):
    """When no base rate can apply, the regime is not usable; when one may, it is « à vérifier »."""
    law = loi('finalites: [essai]\nintensite:\n  base: [{id: b, si: zone, taux: 30, ref: "1"}]\n')
    assert law.run(MACHINES, zone=False).verdict == FAUX
    assert law.run(MACHINES).verdict == INCONNU
    assert law.run(MACHINES, zone=True).verdict == VRAI


def test_methods(loi):
    """The first method that applies gives the eligible costs; none known to apply, the regime waits; none, it fails."""
    law = loi(
        """
finalites: [essai]
assiette:
  montant:
    - {id: surcout, si: contrefactuel, montant: "couts - marge_eur", ref: "1"}
    - {id: tout, si: zone, montant: couts, ref: "1"}
intensite: {base: [{id: b, taux: 50, ref: "1"}]}
"""
    )
    lines = ("essai", "machines", 1000)
    assert law.run(lines, contrefactuel=True, marge_eur=400).volets[0].assiette == (600, 600)
    assert law.run(lines, contrefactuel=True, marge_eur=1400).volets[0].assiette == (0, 0)
    assert law.run(lines, contrefactuel=False, zone=True).volets[0].assiette == (1000, 1000)
    assert law.run(lines, zone=True, marge_eur=400).volets[0].assiette == (600, 1000)
    assert law.run(lines, contrefactuel=True).volets[0].assiette == (0, 1000)
    assert law.run(lines, contrefactuel=False).verdict == INCONNU
    assert law.run(lines, contrefactuel=False, zone=False).verdict == FAUX


def test_rates_of_the_map(loi):
    """A rate may be a fact known between two bounds; the base of a large project follows it."""
    law = loi('finalites: [essai]\nintensite: {base: [{id: carte, taux: taux_carte, ref: "1"}]}\n')
    assert law.run(MACHINES, taux_carte=(1000, 1000)).taux == (1000, 1000)
    assert law.run(MACHINES, taux_carte=(0, 3000)).taux == (0, 3000)
    assert law.run(MACHINES).taux == (0, 10_000)


def test_amounts_and_caps(loi):
    """A flat amount, under the least of the caps that apply; a cap that may apply leaves a range."""
    law = loi(
        """
finalites: [essai]
montant:
  - {id: zone, si: zone, montant_eur: 500, ref: "1"}
  - {id: autres, montant_eur: 100, ref: "1"}
plafonds:
  - {id: general, montant: "couts - marge_eur", ref: "1"}
  - {id: grande, si: "taille = grande", montant_eur: 50, ref: "1"}
"""
    )
    costs = ("essai", "machines", 100_000)
    known = {"zone": True, "taille": "petite", "marge_eur": 0}
    assert law.run(costs, **known).montant == (50_000, 50_000)
    assert law.run(costs, **(known | {"zone": False})).montant == (10_000, 10_000)
    assert law.run(costs, **(known | {"marge_eur": 60_000})).montant == (40_000, 40_000)
    assert law.run(costs, **(known | {"marge_eur": 160_000})).montant == (0, 0)
    assert law.run(costs, **(known | {"taille": "grande"})).montant == (5_000, 5_000)
    assert law.run(costs, **(known | {"taille": ["petite", "grande"]})).montant == (5_000, 50_000)
    assert law.run(costs, **(known | {"zone": INCONNU})).montant == (10_000, 50_000)
    assert law.run(costs, **(known | {"marge_eur": None})).montant == (0, 50_000)
    assert law.run(costs, **known).taux is None


def test_notification_thresholds(loi):
    """A threshold on the aid caps it; a threshold on the costs closes the regime above it, not at it."""
    law = loi(
        """
finalites: [essai]
intensite: {base: [{id: b, taux: 50, ref: "1"}]}
seuil_notification:
  - {id: aide, montant_eur: 300, ref: "1"}
  - {id: couts, montant_eur: 1000, grandeur: couts, ref: "1"}
  - {id: totaux, montant_eur: 2000, grandeur: couts_totaux, ref: "1"}
"""
    )
    assert law.run(("essai", "machines", 50_000)).montant == (25_000, 25_000)
    at = law.run(("essai", "machines", 100_000))
    assert (at.verdict, at.montant) == (VRAI, (30_000, 30_000))
    assert law.run(("essai", "machines", 100_001)).verdict == FAUX
    assert law.run(("essai", "machines", 1), ("autre", "machines", 200_000)).verdict == FAUX
    assert law.run(("essai", "machines", 1), ("autre", "machines", 199_999)).verdict == VRAI
    assert law.run(("essai", "machines", None)).verdict == INCONNU


def test_several_purposes(loi):
    """Each volet has its lines and its rate; caps of the whole apply to the sum."""
    law = loi(
        """
conditions: [{id: verte, si: verte, ref: "1"}]
intensite:
  majorations: [{id: petite, si: "taille = petite", points: 10, ref: "1"}]
plafonds: [{id: total, montant_eur: 6, ref: "1"}]
volets:
  - {id: un, intitule: Un, finalites: [essai], intensite: {base: [{id: b, taux: 50, ref: "1"}]}}
  - id: deux
    intitule: Deux
    finalites: [autre]
    conditions: [{id: zone, si: zone, ref: "1"}]
    intensite: {base: [{id: b, taux: 25, ref: "1"}]}
"""
    )
    lines = (("essai", "machines", 1000), ("autre", "machines", 1000))
    known = {"verte": True, "zone": True, "taille": "grande"}
    both = law.run(*lines, **known)
    assert [v.taux for v in both.volets] == [(5000, 5000), (2500, 2500)]
    assert [v.montant for v in both.volets] == [(500, 500), (250, 250)]
    assert both.montant == (600, 600)
    assert both.taux == (2500, 5000)
    one = law.run(*lines, **(known | {"zone": False}))
    assert [v.verdict for v in one.volets] == [VRAI, FAUX]
    assert (one.verdict, one.montant, one.taux) == (VRAI, (500, 500), (5000, 5000))
    assert law.run(*lines, **(known | {"verte": False})).verdict == FAUX
    assert law.run(*lines, **(known | {"taille": "petite"})).volets[1].taux == (3500, 3500)


DEUX = """
volets:
  - {id: un, intitule: Un, finalites: [essai], intensite: {base: [{id: b, taux: 50, ref: "1"}]}}
  - id: deux
    intitule: Deux
    finalites: [autre]
    conditions: [{id: zone, si: zone, ref: "1"}]
    intensite: {base: [{id: b, taux: taux_carte, ref: "1"}]}
  - {id: trois, intitule: Trois, finalites: [essai], conditions: [{id: verte, si: verte, ref: "1"}]}
"""


def test_the_sum_of_purposes(loi):
    """What the live purposes allow is added, over all their costs; one that nothing limits leaves the sum unlimited.

    The least counts only those that hold; when none is sure, the least of them, since one must hold.
    """
    law = loi(DEUX)
    lines = (("essai", "machines", 1000), ("autre", "machines", 400))
    known = {"verte": False, "zone": True, "taux_carte": (1000, 3000)}
    both = law.run(*lines, **known)
    assert (both.assiette, both.taux, both.montant) == ((1400, 1400), (1000, 5000), (540, 620))
    doubtful = law.run(*lines, **(known | {"zone": INCONNU}))
    assert (doubtful.verdict, doubtful.assiette, doubtful.montant) == (VRAI, (1000, 1400), (500, 620))
    free = law.run(*lines, **(known | {"verte": INCONNU}))
    assert (free.verdict, free.assiette, free.montant) == (VRAI, (1400, 2400), (540, None))
    both_free = law.run(lines[1], **(known | {"zone": INCONNU, "verte": INCONNU}))
    assert (both_free.verdict, both_free.montant) == (INCONNU, (40, 120))
    three = law.run(*lines, **(known | {"verte": True}))
    assert (three.assiette, three.taux, three.montant) == ((2400, 2400), (1000, 5000), None)
    open_rate = law.run(*lines, **(known | {"taux_carte": (1000, None)}))
    assert open_rate.taux == (1000, 10_000)
    one = law.run(*lines, **(known | {"zone": False}))
    assert (one.verdict, one.assiette, one.taux, one.montant) == (VRAI, (1000, 1000), (5000, 5000), (500, 500))
    alone = law.run(lines[1], **(known | {"zone": False}))
    assert (alone.verdict, alone.assiette, alone.taux, alone.montant) == (FAUX, (0, 0), None, (0, 0))
    left = law.run(lines[1], **(known | {"zone": INCONNU}))
    assert (left.verdict, left.assiette, left.taux, left.montant) == (INCONNU, (400, 400), (1000, 3000), (40, 120))


def test_a_threshold_on_the_costs_of_all_purposes(loi):
    """Above it the whole regime is closed, whatever each purpose says; at it, it is not."""
    law = loi(DEUX + 'seuil_notification: [{id: couts, montant_eur: 20, grandeur: couts, ref: "1"}]\n')
    known = {"verte": False, "zone": False}
    assert law.run(("essai", "machines", 1000), ("autre", "machines", 1000), **known).verdict == VRAI
    assert law.run(("essai", "machines", 1000), ("autre", "machines", 1001), **known).verdict == FAUX
    assert law.run(("essai", "machines", 1000), ("autre", "machines", None), **known).verdict == INCONNU


def test_what_the_shape_of_a_regime_asks_for(loi):
    """A line of its purposes always; a type, a method or a rate only where the regime restricts them."""
    plain = 'finalites: [essai]\nintensite: {base: [{id: b, taux: 50, ref: "1"}]}\n'
    (volet,) = loi(plain).run(MACHINES).volets
    assert volet.synthese == (("finalite", VRAI),)
    (volet,) = loi(INTENSITE).run(("essai", "personnel", 5)).volets
    assert volet.synthese == (("finalite", VRAI), ("postes", FAUX))
    asked = plain.replace("{id: b,", "{id: b, si: zone,") + (
        'assiette: {montant: [{id: m, si: verte, montant: couts, ref: "1"}]}\n'
    )
    (volet,) = loi(asked).run(MACHINES, verte=True).volets
    assert volet.synthese == (("finalite", VRAI), ("methode", VRAI), ("taux", INCONNU))
    flat = 'finalites: [essai]\nmontant: [{id: m, si: zone, montant_eur: 5, ref: "1"}]\n'
    (volet,) = loi(flat).run(MACHINES, zone=False).volets
    assert volet.synthese == (("finalite", VRAI), ("taux", FAUX))


def test_nothing_is_told_of_a_regime_not_examined(loi):
    """No cost line is of its purposes: closed, without costs, rate or amount."""
    found = loi(INTENSITE).run(("autre", "machines", 5), **CERTAIN)
    assert (found.verdict, found.examine, found.volets) == (FAUX, False, ())
    assert (found.assiette, found.taux, found.montant) == ((0, 0), None, None)


def test_a_law_already_written_is_not_written_again(loi, monkeypatch):
    """The code kept from another run is run as it is."""
    law = loi(INTENSITE)
    monkeypatch.setattr(codegen, "generate", lambda *_: pytest.fail("écrite une seconde fois"))
    again = exact.Programme(law.programme.loi, law.slots, law.programme.code)
    law.programme = again
    assert law.run(MACHINES, **CERTAIN).taux == (2000, 2000)


def test_what_is_remembered_of_purposes_is_bounded(loi, monkeypatch):
    """The bases that a set of purposes concerns are worked out once; past a bound, all are forgotten."""
    monkeypatch.setattr(exact, "_KEPT", 2)
    programme = loi(DEUX).programme
    sets = [Lignes([Ligne("a", name, "machines", (1, 1))], completes=True) for name in ("essai", "autre", "x")]
    first = [programme._split(lines) for lines in sets[:2]]
    assert [programme._split(lines) for lines in sets[:2]] == first
    assert all(programme._split(lines) is kept for lines, kept in zip(sets, first, strict=False))
    assert len(programme._concerned) == 2
    assert programme.concernees(sets[2]) == []
    assert len(programme._concerned) == 1
    assert programme.concernees(sets[0]) == ["loi.essai"]


def test_an_unlimited_amount_is_none(loi):
    """A regime without rate, amount or cap limits nothing: None, never zero."""
    assert loi("finalites: [essai]\n").run(MACHINES).montant is None


def test_a_rate_never_passes_one_hundred(loi):
    """Bonuses never give more than the costs."""
    law = loi(
        'finalites: [essai]\nintensite: {base: [{id: b, taux: 90, ref: "1"}], '
        'majorations: [{id: m, si: zone, points: 30, ref: "1"}]}\n'
    )
    assert law.run(MACHINES, zone=True).taux == (10_000, 10_000)


def test_conjunction_and_disjunction():
    """Nothing at all holds for « all », not for « any »; unknown yields to what decides."""
    assert (all_of([]), any_of([])) == (VRAI, FAUX)
    assert (all_of([VRAI, INCONNU]), all_of([INCONNU, FAUX])) == (INCONNU, FAUX)
    assert (any_of([FAUX, INCONNU]), any_of([INCONNU, VRAI])) == (INCONNU, VRAI)


MULTIPLES = """
finalites: [essai]
montant:
  - {id: petite, si: "taille = petite", montant_eur: 100, ref: "1"}
  - {id: autre, montant_eur: 80, ref: "1"}
facteurs:
  - {id: double, sur: [montant], si: verte, facteur_pct: 200, ref: "1", lecture: "doublé"}
  - {id: moitie_en_plus, sur: [petite], si: zone, facteur_pct: 150, ref: "1", lecture: "moitié en plus"}
  - {id: tiers, sur: [petite], facteur: "10 ans / max(5 ans, min(10 ans, duree_ans))", ref: "1", lecture: "dix ans"}
  - {id: ancien, sur: [montant], facteur_pct: 1, au: 2019-12-31, ref: "1", lecture: "ne vaut plus"}
"""
TOUT = {"taille": "petite", "verte": True, "zone": True, "duree_ans": 1000}


@pytest.mark.parametrize(
    ("expected", "facts"),
    [
        ((300_00, 300_00), {}),
        ((150_00, 150_00), {"verte": False}),
        ((200_00, 200_00), {"zone": False}),
        ((600_00, 600_00), {"duree_ans": 300}),
        ((428_57, 428_57), {"duree_ans": 700}),
        ((300_00, 600_00), {"duree_ans": None}),
        ((150_00, 300_00), {"verte": None}),
        ((160_00, 160_00), {"taille": "grande"}),
        ((160_00, 300_00), {"taille": None}),
    ],
)
def test_factors(loi, expected, facts):
    """Factors multiply the amounts they name, one after the other, rounded down; unknown ones give a range."""
    known = {name: value for name, value in (TOUT | facts).items() if value is not None}
    assert loi(MULTIPLES).run(MACHINES, **known).montant == expected
