"""Verdicts written as straight code: those of the exact evaluator, on laws of a few lines, and given without it."""

from __future__ import annotations

import pytest
from petite_loi import Loi

from aid_rules.engine import verdicts
from aid_rules.engine.environnement import Ligne, Lignes
from aid_rules.engine.verdicts import VerdictsSeuls
from aid_rules.language.tree import FAUX, INCONNU, VRAI

CRITERE = """
id: traite.essai
genre: critere
rang: 1
intitule: Critère d'essai
texte: loi
article: "1"
verifie_le: 2026-11-23
conditions: [{id: verte, si: verte, ref: "1"}]
"""
TAUX = 'intensite: {base: [{id: b, taux: 50, ref: "1"}]}\n'
SIMPLE = "finalites: [essai]\n" + TAUX
MACHINES = ("essai", "machines", 1000)
PERSONNEL = ("essai", "personnel", 500)


@pytest.fixture
def loi(tmp_path):
    return lambda body: Loi(tmp_path, body, critere=CRITERE)


def comparer(law, *lines, droit=True, complete=True, **facts):
    """What straight code gives of the regime, the same as the exact evaluator; `droit` when it must do so alone."""
    env, costs = law.lire(*lines, complete=complete, **({"verte": True} | facts))
    full = law.programme.run(env, costs)
    seuls = VerdictsSeuls(law.programme)
    found = seuls.run(env, costs)
    bases = {**full.regimes, **full.dispositifs}
    assert found.bases == {n: (r.verdict, r.taux, r.montant) for n, r in bases.items() if r.examine}
    assert found.criteres == {c.critere.id: c.verdict for c in full.criteres}
    if not droit:
        assert all(quick(env, costs.lignes) is None for _, quick in seuls.concernes(costs))
        return found.bases.get("loi.essai")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(law.programme, "run", lambda *_: pytest.fail("évaluation entière"))
        assert seuls.run(env, costs) == found
        assert VerdictsSeuls(law.programme).run(env, costs) == found
    return found.bases.get("loi.essai")


def test_any_purpose_of_some_types_is_closed_without_such_a_cost(loi):
    """A basis that takes costs of any purpose but of some types is not usable on costs of another type."""
    law = loi('finalites: tous\nassiette: {postes: [{valeurs: [machines], ref: "1"}]}\n' + TAUX)
    assert comparer(law, MACHINES, PERSONNEL) == (VRAI, (5000, 5000), (500, 500))
    assert comparer(law, PERSONNEL) == (FAUX, None, (0, 0))
    assert comparer(law) == (FAUX, None, (0, 0))


def test_all_known_is_answered_alone(loi):
    """Rate and amount, to the cent, without the exact evaluator; nothing is told of a regime of other purposes."""
    law = loi(SIMPLE)
    assert comparer(law, MACHINES, PERSONNEL) == (VRAI, (5000, 5000), (750, 750))
    assert comparer(law, ("autre", "machines", 100)) is None
    assert comparer(law) is None
    assert comparer(law, MACHINES, verte=False) == (VRAI, (5000, 5000), (500, 500))


@pytest.mark.parametrize(
    ("line", "verdict", "montant"),
    [
        ((None, "machines", 200), VRAI, (500, 600)),
        (("essai", None, 200), VRAI, (500, 600)),
        (("essai", "machines", None), VRAI, (500, None)),
        (("essai", "personnel", None), VRAI, (500, 500)),
    ],
)
def test_a_line_half_known_goes_through_the_exact_evaluator(loi, line, verdict, montant):
    """Its purpose, its type or its amount unknown leaves a range, whatever the rest."""
    law = loi(SIMPLE + 'assiette: {postes: [{valeurs: [machines], ref: "1"}]}\n')
    env, costs = law.lire(MACHINES, line, verte=True)
    found = VerdictsSeuls(law.programme).run(env, costs)
    assert found.bases["loi.essai"] == (verdict, (5000, 5000), montant)


def test_no_cost_line_told(loi):
    """A dossier that gives no cost line is not one without costs."""
    law = loi(SIMPLE)
    env, costs = law.lire(complete=False, verte=True)
    assert VerdictsSeuls(law.programme).run(env, costs).bases["loi.essai"] == (INCONNU, (5000, 5000), (0, None))


def test_an_open_criterion_or_condition_goes_through_the_exact_evaluator(loi):
    """Unknown is told as unknown, of a criterion and of a basis alike."""
    law = loi(SIMPLE + 'conditions: [{id: c, si: zone, ref: "1"}]\n')
    env, costs = law.lire(MACHINES, zone=True)
    found = VerdictsSeuls(law.programme).run(env, costs)
    assert (found.criteres, found.bases["loi.essai"][0]) == ({"traite.essai": INCONNU}, VRAI)
    env, costs = law.lire(MACHINES, verte=False)
    found = VerdictsSeuls(law.programme).run(env, costs)
    assert (found.criteres, found.bases["loi.essai"][0]) == ({"traite.essai": FAUX}, INCONNU)


CONDITIONS = [
    ("zone", {"zone": True}, {"zone": False}),
    ("non zone", {"zone": False}, {"zone": True}),
    ("taille = petite", {"taille": "petite"}, {"taille": "grande"}),
    ("taille dans [petite, moyenne]", {"taille": "moyenne"}, {"taille": "grande"}),
    ("{tous: [zone, contrefactuel]}", {"zone": True, "contrefactuel": True}, {"zone": True, "contrefactuel": False}),
    ("{un_de: [zone, contrefactuel]}", {"zone": False, "contrefactuel": True}, {"zone": False, "contrefactuel": False}),
    ("marge_eur <= 10 EUR", {"marge_eur": 1000}, {"marge_eur": 1001}),
    ("marge_eur < 10 EUR", {"marge_eur": 999}, {"marge_eur": 1000}),
    ("marge_eur = 10 EUR", {"marge_eur": 1000}, {"marge_eur": 999}),
    ("marge_eur + 2 EUR - 1 EUR >= couts", {"marge_eur": 900}, {"marge_eur": 899}),
    ("min(marge_eur, 10 EUR) < couts", {"marge_eur": 999}, {"marge_eur": 1000}),
    ("max(marge_eur, 10 EUR) > couts", {"marge_eur": 1001}, {"marge_eur": 1000}),
    ("couts > 2 * marge_eur", {"marge_eur": 499}, {"marge_eur": 500}),
    ("couts_totaux > marge_eur", {"marge_eur": 999}, {"marge_eur": 1000}),
    ("taux_carte >= 10 %", {"taux_carte": (1000, 1000)}, {"taux_carte": (999, 999)}),
    ("duree_ans > 2 ans", {"duree_ans": 201}, {"duree_ans": 200}),
    ("assiette > marge_eur", {"marge_eur": 999}, {"marge_eur": 1000}),
]


@pytest.mark.parametrize(("si", "holds", "fails"), CONDITIONS)
def test_conditions(loi, si, holds, fails):
    """Each kind of condition closes the regime when it fails, and only then."""
    written = si if si.startswith("{") else f'"{si}"'
    law = loi(SIMPLE + f'conditions: [{{id: c, si: {written}, ref: "1"}}]\n')
    assert comparer(law, MACHINES, **holds)[0] == VRAI
    assert comparer(law, MACHINES, **fails)[0] == FAUX


@pytest.mark.parametrize("si", ["zone", "taille = petite", "marge_eur < 5 EUR", "taux_carte < 5 %"])
def test_an_unknown_fact_is_never_guessed(loi, si):
    """A truth value, a choice, an amount, a rate that is not told: no straight answer."""
    law = loi(SIMPLE + f'conditions: [{{id: c, si: "{si}", ref: "1"}}]\n')
    assert comparer(law, MACHINES, droit=False)[0] == INCONNU


def test_a_share_is_compared_to_the_ten_thousandth_of_a_cent(loi):
    """50 % of 21 cents is more than 10 cents: straight code, which rounds, leaves it to the exact evaluator."""
    law = loi(SIMPLE + 'conditions: [{id: c, si: "marge_eur < 50 % de couts", ref: "1"}]\n')
    line = ("essai", "machines", 21)
    assert comparer(law, line, droit=False, marge_eur=10)[0] == VRAI
    assert comparer(law, line, droit=False, marge_eur=11)[0] == FAUX


def test_costs_of_one_type_are_left_to_the_exact_evaluator(loi):
    """A condition on one type of cost does not read them all."""
    law = loi(SIMPLE + 'conditions: [{id: c, si: "couts.machines > 10 EUR", ref: "1"}]\n')
    assert comparer(law, MACHINES, PERSONNEL, droit=False)[0] == FAUX
    assert comparer(law, ("essai", "machines", 1001), droit=False)[0] == VRAI


def test_a_day_moved_is_worked_out_once(loi):
    """A delay counted from the award, the same in two conditions."""
    body = SIMPLE + (
        'conditions:\n  - {id: a, si: "duree_ans > 2 ans", ref: "1"}\n'
        '  - {id: b, si: "date_octroi + 3 mois <= 2020-04-01", ref: "1"}\n'
        '  - {id: c, si: "date_octroi + 3 mois > 2020-03-31", ref: "1"}\n'
    )
    law = loi(body)
    assert comparer(law, MACHINES, duree_ans=300)[0] == VRAI
    law = loi(body.replace("2020-04-01", "2020-03-31"))
    assert comparer(law, MACHINES, duree_ans=300)[0] == FAUX


DEUX_SEUILS = """
seuil_notification:
  - {id: s, montant_eur: 3, ref: "1"}
  - {id: t, montant_eur: 14, grandeur: couts, ref: "1"}
"""


def un_volet(own, commun=""):
    """A regime of one purpose that counts machines only, and what is common to all its purposes."""
    types = 'assiette: {postes: [{valeurs: [machines], ref: "1"}]}'
    return f"{commun}volets:\n  - id: un\n    intitule: Un\n    finalites: [essai]\n    {types}\n    {own}"


@pytest.mark.parametrize(
    ("commun", "droit", "found"),
    [
        ('conditions: [{id: c, si: zone, ref: "1"}]\n', True, (VRAI, (5000, 5000), (500, 500))),
        ('conditions: [{id: c, si: "couts > 12 EUR", ref: "1"}]\n', False, (VRAI, (5000, 5000), (500, 500))),
        ('conditions: [{id: a, si: zone, ref: "1"}, {id: c, si: "couts > 12 EUR", ref: "1"}]\n', False,
         (VRAI, (5000, 5000), (500, 500))),
        ('plafonds: [{id: p, montant_eur: 4, ref: "1"}]\n', True, (VRAI, (5000, 5000), (400, 400))),
        ('plafonds: [{id: p, montant_eur: 4, si: zone, ref: "1"}]\n', True, (VRAI, (5000, 5000), (400, 400))),
        ('plafonds: [{id: p, montant_eur: 4, si: "couts > 12 EUR", ref: "1"}]\n', False,
         (VRAI, (5000, 5000), (400, 400))),
        ('plafonds: [{id: p, montant: "couts - 11 EUR", ref: "1"}]\n', False, (VRAI, (5000, 5000), (400, 400))),
        ('plafonds: [{id: p, montant: "couts - 11 EUR", ref: "1"}, {id: q, montant_eur: 5, ref: "1"}]\n', False,
         (VRAI, (5000, 5000), (400, 400))),
        ('seuil_notification: [{id: s, montant_eur: 3, ref: "1"}]\n', True, (VRAI, (5000, 5000), (300, 300))),
        ('seuil_notification: [{id: s, montant: "couts - 11 EUR", ref: "1"}]\n', False,
         (VRAI, (5000, 5000), (400, 400))),
        ('seuil_notification: [{id: s, montant_eur: 14, grandeur: couts, ref: "1"}]\n', False,
         (FAUX, (5000, 5000), (500, 500))),
        (DEUX_SEUILS, False, (FAUX, (5000, 5000), (300, 300))),
    ],
)  # fmt: skip
def test_what_is_common_bears_on_costs_of_every_type(loi, commun, droit, found):
    """A common rule that reads the costs reads those of types that the purpose leaves out: not the purpose's own."""
    law = loi(un_volet(TAUX, commun))
    assert comparer(law, MACHINES, PERSONNEL, droit=droit, zone=True) == found


def test_thresholds_of_a_purpose(loi):
    """One on its aid caps it; one on its costs closes it, and is left to the exact evaluator."""
    aid = un_volet(TAUX + '    seuil_notification: [{id: s, montant_eur: 3, ref: "1"}]\n')
    assert comparer(loi(aid), MACHINES) == (VRAI, (5000, 5000), (300, 300))
    costs = aid.replace("montant_eur: 3", "montant_eur: 9, grandeur: couts")
    assert comparer(loi(costs), MACHINES, droit=False)[0] == FAUX


def test_several_purposes_are_left_to_the_exact_evaluator(loi):
    """Their amounts are added, their rates are a range."""
    body = "volets:\n" + "".join(
        f'  - {{id: {n}, intitule: {n}, finalites: [{n}], intensite: {{base: [{{id: b, taux: {r}, ref: "1"}}]}}}}\n'
        for n, r in (("essai", 50), ("autre", 20))
    )
    found = comparer(loi(body), MACHINES, ("autre", "machines", 1000), droit=False)
    assert found == (VRAI, (2000, 5000), (700, 700))


RATE = """
finalites: [essai]
intensite:
  base:
    - {id: zone, si: zone, taux: 30, ref: "1"}
    - {id: petite, si: "taille = petite", taux: 20, ref: "1"}
    - {id: autres, si: "duree_ans > 1 ans", taux: 10, ref: "1"}
  majorations:
    - {id: pme, si: "taille dans [petite, moyenne]", points: 10, ref: "1", groupe: taille}
    - {id: petite, si: "taille = petite", points: 20, ref: "1", groupe: taille}
    - {id: marge, si: "marge_eur <= 1000 EUR", points: 0.01, ref: "1"}
    - {id: apres, si: zone, points: 5, ref: "1", apres_reduction: oui}
  reductions:
    - {id: moitie, si: "non contrefactuel", facteur_pct: 50, ref: "1"}
  plafonds:
    - {id: plafond, taux: 55, ref: "1"}
    - {id: grande, si: "taille = grande", taux: 25, ref: "1"}
    - {id: carte, taux: taux_carte, ref: "1"}
"""
CERTAIN = {
    "zone": False, "taille": "petite", "marge_eur": 200_000, "contrefactuel": True, "duree_ans": 200,
    "taux_carte": (9000, 9000),
}  # fmt: skip


@pytest.mark.parametrize(
    ("rate", "facts"),
    [
        (4000, {}),
        (5500, {"zone": True}),
        (3500, {"zone": True, "taux_carte": (3500, 3500)}),
        (2500, {"zone": True, "taille": "grande"}),
        (4001, {"marge_eur": 0}),
        (2000, {"contrefactuel": False}),
        (3000, {"contrefactuel": False, "zone": True}),
        (1000, {"taille": "grande"}),
        (2000, {"taille": "moyenne"}),
        (3000, {"taux_carte": (3000, 3000)}),
    ],
)
def test_rates(loi, rate, facts):
    """The first base that applies, the highest bonus of each group, reductions, what comes after, ceilings."""
    assert comparer(loi(RATE), MACHINES, **(CERTAIN | facts)) == (VRAI, (rate, rate), (rate // 10, rate // 10))


def test_no_base_rate_applies(loi):
    """Without a rate for the case the regime is closed, and gives nothing."""
    facts = CERTAIN | {"taille": "grande", "duree_ans": 100}
    assert comparer(loi(RATE), MACHINES, **facts) == (FAUX, None, (0, 0))


def test_a_rate_stays_between_nothing_and_the_whole(loi):
    """Bonuses never give more than the costs."""
    law = loi(SIMPLE.replace("taux: 50", "taux: 90").replace("]}", '], majorations: [{id: m, points: 30, ref: "1"}]}'))
    assert comparer(law, MACHINES) == (VRAI, (10_000, 10_000), (1000, 1000))


METHODE = """
finalites: [essai]
assiette:
  montant:
    - {id: surcout, si: contrefactuel, montant: "couts - marge_eur", ref: "1"}
    - {id: part, si: zone, montant: "33 % de couts", ref: "1"}
"""


@pytest.mark.parametrize(
    ("facts", "verdict", "base"),
    [
        ({"contrefactuel": True, "marge_eur": 400}, VRAI, 601),
        ({"contrefactuel": True, "marge_eur": 1400}, VRAI, 0),
        ({"zone": True}, VRAI, 330),
        ({}, FAUX, 0),
    ],
)
def test_methods(loi, facts, verdict, base):
    """The first method that applies gives the eligible costs, never negative; without one, nothing is eligible."""
    known = {"contrefactuel": False, "zone": False, "marge_eur": 0} | facts
    line = ("essai", "machines", 1001)
    rate = (5000, 5000) if verdict else None
    assert comparer(loi(METHODE + TAUX), line, **known) == (verdict, rate, (base // 2, base // 2))
    free = METHODE + 'plafonds: [{id: p, montant: assiette, ref: "1"}]\n'
    assert comparer(loi(free), line, **known) == (verdict, None, (base, base))


MONTANT = """
finalites: [essai]
montant:
  - {id: zone, si: zone, montant: "50 EUR - marge_eur", ref: "1"}
  - {id: autres, si: contrefactuel, montant_eur: 10, ref: "1"}
plafonds:
  - {id: couts, montant: "couts - 2 EUR", ref: "1"}
  - {id: grande, si: "taille = grande", montant_eur: 5, ref: "1"}
"""


@pytest.mark.parametrize(
    ("cents", "facts", "found"),
    [
        (100_000, {}, (VRAI, None, (5000, 5000))),
        (100_000, {"marge_eur": 1500}, (VRAI, None, (3500, 3500))),
        (100_000, {"marge_eur": 6000}, (VRAI, None, (0, 0))),
        (100_000, {"zone": False}, (VRAI, None, (1000, 1000))),
        (100_000, {"zone": False, "contrefactuel": False}, (FAUX, None, (0, 0))),
        (100_000, {"taille": "grande"}, (VRAI, None, (500, 500))),
        (700, {}, (VRAI, None, (500, 500))),
        (100, {}, (VRAI, None, (0, 0))),
    ],
)
def test_amounts(loi, cents, facts, found):
    """A flat amount, never negative, under the least of the caps that apply, never negative either."""
    known = {"zone": True, "contrefactuel": True, "marge_eur": 0, "taille": "petite"} | facts
    assert comparer(loi(MONTANT), ("essai", "machines", cents), **known) == found


def test_an_unlimited_amount_is_none(loi):
    """Nothing limits it, unless a cap applies: None, never zero."""
    assert comparer(loi("finalites: [essai]\n"), MACHINES) == (VRAI, None, None)
    capped = loi('finalites: [essai]\nplafonds: [{id: p, si: zone, montant: "couts - marge_eur", ref: "1"}]\n')
    assert comparer(capped, MACHINES, zone=False, marge_eur=0) == (VRAI, None, None)
    assert comparer(capped, MACHINES, zone=True, marge_eur=400) == (VRAI, None, (600, 600))
    assert comparer(capped, MACHINES, zone=True, marge_eur=1400) == (VRAI, None, (0, 0))
    flat = loi('finalites: [essai]\nplafonds: [{id: p, montant_eur: 7, ref: "1"}]\n')
    assert comparer(flat, MACHINES) == (VRAI, None, (700, 700))


@pytest.mark.parametrize(
    ("purposes", "types", "lines", "found"),
    [
        (True, True, [MACHINES, PERSONNEL, ("autre", "machines", 9)], (VRAI, (5000, 5000), (500, 500))),
        (True, True, [PERSONNEL], (FAUX, None, (0, 0))),
        (True, False, [MACHINES, PERSONNEL, ("autre", "machines", 9)], (VRAI, (5000, 5000), (750, 750))),
        (False, True, [MACHINES, PERSONNEL, ("autre", "machines", 100)], (VRAI, (5000, 5000), (550, 550))),
        (False, False, [MACHINES, PERSONNEL, ("autre", "machines", 100)], (VRAI, (5000, 5000), (800, 800))),
        (False, False, [], (VRAI, (5000, 5000), (0, 0))),
    ],
)
def test_lines_that_count(loi, purposes, types, lines, found):
    """By purpose and by type, where the basis restricts them."""
    body = (
        f"finalites: {'[essai]' if purposes else 'tous'}\n"
        + 'assiette: {postes: [{valeurs: [machines], ref: "1"}]}\n' * types
        + TAUX
    )
    assert comparer(loi(body), *lines) == found


def test_a_basis_of_any_purpose_without_a_cost_of_its_types(loi):
    """Nothing counts, and straight code says of it what the exact evaluator says."""
    law = loi('finalites: tous\nassiette: {postes: [{valeurs: [machines], ref: "1"}]}\n' + TAUX)
    assert comparer(law, PERSONNEL)[2] == (0, 0)


def test_what_is_remembered_of_purposes_is_bounded(loi, monkeypatch):
    """Code is written once for each basis; the sets of purposes met are forgotten past a bound."""
    monkeypatch.setattr(verdicts, "_KEPT", 2)
    seuls = VerdictsSeuls(loi(SIMPLE).programme)
    sets = [Lignes([Ligne("a", name, "machines", (1, 1))], completes=True) for name in ("essai", "autre", "x")]
    ((name, quick),) = seuls.concernes(sets[0])
    assert name == "loi.essai"
    assert seuls.concernes(sets[1]) == []
    assert len(seuls._kept) == 2
    assert seuls.concernes(sets[2]) == []
    assert len(seuls._kept) == 1
    assert seuls.concernes(sets[0]) == [(name, quick)]
