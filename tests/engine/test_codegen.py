"""Generated code and plain reading give the same, on any tree and any facts; and unknown is never a lie."""

from __future__ import annotations

import pytest
from arbres import BOOLEENS, JOUR, SLOTS, VOCABULAIRE, amounts, conditions, cost_lines, environments, multiplied
from hypothesis import given, settings
from hypothesis import strategies as st

from aid_rules.engine import intervalles
from aid_rules.engine.codegen import Emitter
from aid_rules.engine.environnement import Lignes, shift
from aid_rules.engine.interprete import Interprete
from aid_rules.language import tree as t

NAMES = {name: getattr(intervalles, name) for name in dir(intervalles)} | {"NON": t.NON, "shift": shift}
ASSIETTES = st.tuples(st.integers(0, 400), st.none() | st.integers(0, 400)).map(
    lambda pair: (pair[0], None if pair[1] is None else pair[0] + pair[1])
)
EMPTY = Lignes((), True)
MANY = settings(max_examples=300, deadline=None)


def compute(source, env, costs, base):
    return eval(source, NAMES | {"f": env, "C": costs, "A": base, "K": ()})  # noqa: S307 - what the engine itself runs


@MANY
@given(conditions(), environments(), cost_lines(), ASSIETTES)
def test_truth_values_agree(node, env, lines, base):
    """A condition has one meaning, whichever way it is read."""
    costs = lines.choisir(None, None)
    expected = Interprete(SLOTS, env, costs, base).verite(node)
    assert compute(Emitter(SLOTS).truth(node), env, costs, base) == expected


@MANY
@given(amounts() | multiplied(), environments(), cost_lines(), ASSIETTES)
def test_amounts_agree(node, env, lines, base):
    """An amount has the same bounds, whichever way it is read."""
    costs = lines.choisir(None, None)
    expected = Interprete(SLOTS, env, costs, base).bornes(node)
    assert compute(Emitter(SLOTS).interval(node), env, costs, base) == expected


@MANY
@given(conditions(), cost_lines(known=True), environments(known=True), st.data())
def test_unknown_only_refines(node, lines, env, data):
    """A verdict reached with facts missing is the verdict once they are known: « oui » and « non » never change."""
    costs = lines.choisir(None, None)
    base = costs.total
    after = Interprete(SLOTS, env, costs, base).verite(node)
    assert after != t.INCONNU
    before = list(env)
    for name in VOCABULAIRE.faits:
        if data.draw(st.booleans(), label=f"oublie {name}"):
            before[SLOTS.index[name]] = SLOTS.blank[SLOTS.index[name]]
    assert Interprete(SLOTS, before, costs, base).verite(node) in (t.INCONNU, after)


@MANY
@given(multiplied(), cost_lines(known=True), environments(known=True), st.data())
def test_a_factor_holds_every_value_that_unknown_facts_allow(node, lines, env, data):
    """What is multiplied is one amount when all is known, and stands within the bounds given before it is."""
    costs = lines.choisir(None, None)
    low, high = Interprete(SLOTS, env, costs, costs.total).bornes(node)
    assert low == high
    before = list(env)
    for name in ("b0", "b1", "n", "p_pct", "m_eur"):
        if data.draw(st.booleans(), label=f"oublie {name}"):
            before[SLOTS.index[name]] = SLOTS.blank[SLOTS.index[name]]
    least, most = Interprete(SLOTS, before, costs, costs.total).bornes(node)
    assert least <= low
    assert most is None or low <= most


@MANY
@given(multiplied(), environments(), cost_lines())
def test_only_the_factors_that_count_are_told(node, env, lines):
    """Without the factors that do not apply, and the conditions of those that do, the amount is the same."""
    costs = lines.choisir(None, None)
    reader = Interprete(SLOTS, env, costs, costs.total)
    kept = reader.retenu(node)
    assert reader.bornes(kept) == reader.bornes(node)
    told = [n for n in t.walk(kept) if isinstance(n, t.Multiple)]
    assert all(n.si is None or reader.verite(n.si) == t.INCONNU for n in told)


@MANY
@given(conditions(), environments(), cost_lines(), ASSIETTES)
def test_missing_facts_are_named_when_and_only_when_unknown_matters(node, env, lines, base):
    """A condition « à vérifier » names at least one fact that is really missing."""
    costs = lines.choisir(None, None)
    reader = Interprete(SLOTS, env, costs, base)
    if reader.verite(node) == t.INCONNU:
        missing = [name for name in reader.manquants(node) if name != "projet.couts"]
        assert all(not SLOTS.known(env, name) for name in missing)
        assert reader.manquants(node) or base[0] != base[1]


@given(conditions(), environments())
def test_negation_is_an_involution(node, env):
    """Not not, and De Morgan, hold in three values."""
    costs = EMPTY.choisir(None, None)
    reader = Interprete(SLOTS, env, costs, (0, 0))
    assert reader.verite(t.Non(t.Non(node))) == reader.verite(node)
    other = t.EstVrai(BOOLEENS[0])
    both = reader.verite(t.Non(t.Tous((node, other))))
    assert both == reader.verite(t.UnDe((t.Non(node), t.Non(other))))


def test_shared_conditions_are_computed_once():
    """A condition of several regimes is a slot of `K`, and means the same."""
    node = t.Non(t.EstVrai("b0"))
    emitter = Emitter(SLOTS)
    bare = emitter.truth(node)
    emitter.shared = {node: 2}
    assert emitter.truth(node) == "K[2]"
    assert emitter.truth(t.Tous((node, node))) == "(K[2] & K[2])"
    assert bare == f"NON[f[{SLOTS.index['b0']}]]"


def test_no_text_of_a_file_reaches_the_source():
    """Names become slots and literals integers: nothing of a ruleset is executed."""
    node = t.Compare("<=", t.Fait("m_eur", "montant"), t.Nombre(5, "montant", "__import__('os')", "EUR"))
    source = Emitter(SLOTS).truth(node)
    assert "import" not in source
    assert "m_eur" not in source


LE_PREMIER = t.Nombre(JOUR, "date", "2020-01-01")


@pytest.mark.parametrize("known", [JOUR + 59, JOUR + 60, JOUR + 61, None])
@pytest.mark.parametrize("operator", ["<", "<=", "=", "!=", ">=", ">"])
def test_days_moved_agree(operator, known):
    """A day written in the rule and moved, and the earliest of two days, one of them moved: read alike."""
    d1, d2 = t.Fait("d1_le", "date"), t.Fait("d2_le", "date")
    env = list(SLOTS.blank)
    env[SLOTS.index["d1_le"]], env[SLOTS.index["d2_le"]] = known, JOUR + 60
    costs = EMPTY.choisir(None, None)
    moved = t.Decalage(LE_PREMIER, 2, "mois", "2 mois")
    earliest = t.Extremum(True, (t.Decalage(d1, 0, "jours", "0"), t.Decalage(d2, 5, "jours", "5")))
    for node in (t.Compare(operator, d1, moved), t.Compare(operator, earliest, d2)):
        truth = compute(Emitter(SLOTS).truth(node), env, costs, (0, 0))
        assert truth == Interprete(SLOTS, env, costs, (0, 0)).verite(node)
        if known is not None:
            expected = {"<": known < JOUR + 60, "<=": known <= JOUR + 60, "=": known == JOUR + 60}
            expected |= {"!=": not expected["="], ">=": not expected["<"], ">": not expected["<="]}
            assert truth == (t.VRAI if expected[operator] else t.FAUX)


@pytest.mark.parametrize(("cents", "truth"), [(10, t.VRAI), (11, t.FAUX)])
def test_a_share_is_compared_before_it_is_rounded(cents, truth):
    """50 % of 21 cents is more than 10 cents and less than 11, on whichever side it stands."""
    half = t.PartDe(t.Nombre(5000, "pourcentage", "50", "%"), t.Nombre(21, "montant", "0.21", "EUR"))
    m = t.Fait("m_eur", "montant")
    env = list(SLOTS.blank)
    env[SLOTS.index["m_eur"]] = cents
    costs = EMPTY.choisir(None, None)
    for node in (t.Compare("<", m, half), t.Compare(">", half, m)):
        assert compute(Emitter(SLOTS).truth(node), env, costs, (0, 0)) == truth
