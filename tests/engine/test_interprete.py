"""Which missing facts matter, and what unknown ones leave: trees read one by one, against facts written by hand."""

from __future__ import annotations

from datetime import date

import pytest
from arbres import JOUR, SLOTS, ligne

from aid_rules.engine.environnement import Lignes
from aid_rules.engine.interprete import Interprete
from aid_rules.engine.intervalles import UNKNOWN
from aid_rules.language import tree as t

D1, D2 = t.Fait("d1_le", "date"), t.Fait("d2_le", "date")
M, P, R = t.Fait("m_eur", "montant"), t.Fait("p_pct", "pourcentage"), t.Fait("r_eur", "montant", True)
B0, B1, B2 = (t.EstVrai(f"b{i}") for i in range(3))


def eur(cents):
    return t.Nombre(cents, "montant", str(cents), "EUR")


def lire(*rows, base=(0, 0), complete=True, **facts):
    """A reader of some facts and cost lines; what is not given is unknown."""
    env = list(SLOTS.blank)
    env[0] = JOUR
    for name, value in facts.items():
        env[SLOTS.index[name]] = value
    costs = Lignes((ligne(i, *row) for i, row in enumerate(rows)), complete)
    return Interprete(SLOTS, env, costs.choisir(None, None), base)


@pytest.mark.parametrize("facts", [{"d1_le": 0}, {"d2_le": 0}, {}])
@pytest.mark.parametrize("operator", ["=", "!=", "<", "<=", ">", ">="])
def test_two_dates_are_compared_when_both_are_known(operator, facts):
    """A date not told is before or after any other, the very first included."""
    assert lire(**facts).verite(t.Compare(operator, D1, D2)) == t.INCONNU


@pytest.mark.parametrize(
    ("operator", "known", "truth"),
    [
        ("<=", 10, t.VRAI),
        ("<", 10, t.FAUX),
        (">=", 11, t.FAUX),
        (">", 9, t.VRAI),
        ("=", 10, t.VRAI),
        ("!=", 10, t.FAUX),
    ],
)
def test_amounts_are_compared_exactly(operator, known, truth):
    """In whole cents, and a share of one to the ten-thousandth of a cent: 50 % of 21 cents is more than 10."""
    assert lire(m_eur=10).verite(t.Compare(operator, M, eur(known))) == truth
    half = t.PartDe(t.Nombre(5000, "pourcentage", "50", "%"), eur(21))
    assert lire(m_eur=10).verite(t.Compare("<", M, half)) == t.VRAI
    assert lire(m_eur=11).verite(t.Compare(">", M, half)) == t.VRAI
    assert lire(m_eur=5).verite(t.Compare("=", M, t.PartDe(half.taux, eur(10)))) == t.VRAI
    assert lire(m_eur=10).verite(t.Compare("<", half, t.Somme(((1, M), (1, eur(1)))))) == t.VRAI


@pytest.mark.parametrize("unit", ["jours", "mois", "jours_ouvrables"])
def test_an_unknown_day_stays_unknown_when_moved(unit):
    """Moving a day that nobody knows gives no day; a known one moves."""
    moved = t.Decalage(D1, 3, unit, "3")
    assert lire().bornes(moved) == UNKNOWN
    assert lire().bornes(t.Decalage(moved, 1, unit, "1")) == UNKNOWN
    found = {"jours": date(2020, 1, 4), "mois": date(2020, 4, 1), "jours_ouvrables": date(2020, 1, 4)}[unit].toordinal()
    assert lire(d1_le=JOUR).bornes(moved)[0] >= found
    assert lire(d1_le=JOUR).bornes(t.Decalage(D1, 3, "jours", "3")) == (JOUR + 3, JOUR + 3)


@pytest.mark.parametrize(
    ("node", "missing"),
    [
        (None, []),
        (B0, ["b0"]),
        (B1, []),
        (t.Non(B0), ["b0"]),
        (t.Tous((B0, B1, B2)), ["b0", "b2"]),
        (t.UnDe((t.Non(B1), B2)), ["b2"]),
        (t.Tous((B1, t.UnDe((B1, B0)), B2)), ["b2"]),
        (t.Compare("<", M, eur(5)), ["m_eur"]),
        (t.Compare("<", M, R), ["m_eur", "r_eur"]),
        (t.Compare("<", t.Couts(), M), ["m_eur", "projet.couts"]),
    ],
)
def test_what_keeps_a_condition_open(node, missing):
    """The facts that are not known, of the parts that are not settled only, in reading order."""
    reader = lire(complete=False, b1=t.VRAI)
    assert reader.manquants(node) == missing


ESSAI = [("essai", "machines", 100), ("essai", "terrains", 50)]
SANS_TYPE = [*ESSAI, ("essai", None, 30)]
SANS_MONTANT = [*ESSAI, ("essai", "terrains", None)]


@pytest.mark.parametrize(
    ("rows", "costs", "asked"),
    [
        (ESSAI, t.Couts(), False),
        (ESSAI, t.Couts("machines"), False),
        (ESSAI, t.Assiette(), False),
        (SANS_TYPE, t.Couts(), False),
        (SANS_TYPE, t.Assiette(), False),
        (SANS_TYPE, t.Couts("machines"), True),
        (SANS_TYPE, t.Couts("personnel"), True),
        (SANS_MONTANT, t.Couts(), True),
        (SANS_MONTANT, t.Assiette(), True),
        (SANS_MONTANT, t.Couts("terrains"), True),
        (SANS_MONTANT, t.Couts("machines"), False),
    ],
)
def test_cost_lines_are_asked_for_when_they_matter(rows, costs, asked):
    """The amounts, or the types, of the lines are asked for when what is read of them is not settled: not otherwise."""
    node = t.Compare(">", t.Somme(((1, costs), (1, eur(1)))), eur(0))
    told = lire(*rows).manquants(node)
    assert told == (["projet.couts"] if asked else [])
    assert lire(*rows).manquants(t.Compare(">", M, eur(0))) == ["m_eur"]


TIERS = t.Rapport(t.CENT, t.Extremum(False, (t.Fait("n", "nombre"), t.Nombre(3, "nombre", "3"))))


@pytest.mark.parametrize(
    ("facts", "missing"),
    [
        ({}, ["m_eur", "b0", "n"]),
        ({"b0": t.VRAI}, ["m_eur", "n"]),
        ({"b0": t.FAUX}, ["m_eur"]),
        ({"b0": t.FAUX, "m_eur": 5}, []),
        ({"b0": t.VRAI, "m_eur": 5}, ["n"]),
        ({"m_eur": 5, "n": 2}, ["b0"]),
    ],
)
def test_what_keeps_a_multiplied_amount_open(facts, missing):
    """The amount, whether the factor applies, and the factor itself unless it cannot apply."""
    assert lire(**facts).manquants(t.Multiple(M, TIERS, B0)) == missing
    assert lire(**facts).retenu(t.Multiple(M, TIERS, B0)) == {
        t.FAUX: M, t.INCONNU: t.Multiple(M, TIERS, B0), t.VRAI: t.Multiple(M, TIERS)}[facts.get("b0", 1)]  # fmt: skip


def test_how_far_a_condition_is_from_holding():
    """Two for a plain condition that fails, one for an unknown: all of a list add up, of alternatives the closest."""
    read = lire(b0=t.FAUX, b1=t.VRAI)  # b2 is not known
    tous, un_de = t.Tous((B0, B1, B2)), t.UnDe((B0, B2))
    assert [read.ecart(node) for node in (B0, B1, B2, tous, un_de)] == [2, 0, 1, 3, 1]
    assert [read.ecart(t.Non(node)) for node in (B0, B1, B2, tous, un_de)] == [0, 2, 1, 0, 1]
    assert read.ecart(t.Non(t.UnDe((B0, B1)))) == 2
    assert read.ecart(t.Non(t.Non(tous))) == 3
