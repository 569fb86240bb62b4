"""Arithmetic between two bounds, against trying every value."""

from __future__ import annotations

from itertools import product
from math import inf, prod

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from aid_rules.engine import intervalles as iv
from aid_rules.language.tree import FAUX, INCONNU, VRAI

LOIN = 25
"""How far above its lower bound an open interval is tried."""

BORNES = st.builds(lambda lo, width: (lo, lo + width), st.integers(0, 20), st.integers(0, 6))
OUVERTES = BORNES | st.builds(lambda lo: (lo, None), st.integers(0, 20))
STATUTS = st.sampled_from([FAUX, INCONNU, VRAI])
OPERATIONS = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def values(interval):
    lo, hi = interval
    return range(lo, (lo + LOIN if hi is None else hi) + 1)


def resolutions(statuses):
    """Every way in which the unknown statuses may turn out."""
    return product(*({FAUX: (False,), VRAI: (True,), INCONNU: (False, True)}[s] for s in statuses))


def hull(found):
    found = list(found)
    high = max(found)
    return (min(found), None if high == inf else high)


@given(st.sampled_from(sorted(OPERATIONS)), BORNES, BORNES)
def test_comparison_of_known_bounds(operator, left, right):
    """True when all the values agree that it is, false when all agree that it is not, unknown otherwise."""
    truths = {OPERATIONS[operator](a, b) for a in values(left) for b in values(right)}
    expected = INCONNU if len(truths) == 2 else VRAI if True in truths else FAUX
    assert iv.compare(operator, left, right) == expected


@given(st.sampled_from(sorted(OPERATIONS)), OUVERTES, OUVERTES)
def test_comparison_of_open_bounds_never_lies(operator, left, right):
    """With a bound unknown the answer may be « inconnu », never the wrong one."""
    found = iv.compare(operator, left, right)
    truths = {OPERATIONS[operator](a, b) for a in values(left) for b in values(right)}
    assert {INCONNU: truths, VRAI: {True}, FAUX: {False}}[found] == truths


def test_an_unknown_amount_still_decides():
    """More than 5 against at most 3: what is missing does not matter."""
    assert iv.compare(">", (5, None), (0, 3)) == VRAI
    assert iv.compare("<=", (5, None), (0, 3)) == FAUX
    assert iv.compare("=", (5, None), (0, 3)) == FAUX
    assert iv.compare(">=", (0, None), (0, 0)) == VRAI


@given(st.lists(st.tuples(st.sampled_from([1, -1]), BORNES), min_size=1, max_size=3))
def test_sums(terms):
    """A sum spans exactly what its terms allow."""
    totals = [
        sum(sign * value for (sign, _), value in zip(terms, chosen, strict=True))
        for chosen in product(*(values(term) for _, term in terms))
    ]
    assert iv.plus(terms) == (min(totals), max(totals))


@given(st.lists(st.tuples(st.sampled_from([1, -1]), OUVERTES), min_size=1, max_size=3))
def test_open_sums(terms):
    """What has no bound leaves the sum without that bound."""
    low, high = iv.plus(terms)
    open_below = any(sign < 0 and term[1] is None for sign, term in terms)
    open_above = any(sign > 0 and term[1] is None for sign, term in terms)
    assert (high is None) == open_above
    assert (low < -(10**15)) == open_below


@given(BORNES, BORNES)
def test_rates_of_amounts(rate, base):
    """A rate of an amount is rounded down to the cent; comparisons keep what rounding loses."""
    rate = (rate[0] * 100, rate[1] * 100)
    found = [r * b // 10_000 for r in range(rate[0], rate[1] + 1, 100) for b in values(base)]
    assert iv.part(rate, base) == (min(found), max(found))
    exact = [r * b for r in range(rate[0], rate[1] + 1, 100) for b in values(base)]
    assert iv.exact_part(rate, base) == (min(exact), max(exact))


@given(OUVERTES, OUVERTES)
def test_rates_of_open_amounts(rate, base):
    """No upper bound on either leaves none on the product."""
    assert (iv.part(rate, base)[1] is None) == (rate[1] is None or base[1] is None)
    assert (iv.exact_part(rate, base)[1] is None) == (rate[1] is None or base[1] is None)
    assert iv.times(3, base) == (3 * base[0], None if base[1] is None else 3 * base[1])


@given(st.lists(OUVERTES, min_size=1, max_size=3))
def test_least_and_greatest(items):
    """The least, and the greatest, of quantities known between bounds."""
    top = [inf if hi is None else hi for _, hi in items]
    assert iv.least(items) == hull([min(lo for lo, _ in items), min(top)])
    assert iv.greatest(items) == hull([max(lo for lo, _ in items), max(top)])


@given(st.lists(st.tuples(STATUTS, OUVERTES), min_size=1, max_size=4))
def test_the_first_that_applies(entries):
    """The value of the first entry that applies, over every way the unknown ones may turn out."""
    statuses, intervals = zip(*entries, strict=True)
    found = []
    for applies in resolutions(statuses):
        chosen = next((interval for interval, yes in zip(intervals, applies, strict=True) if yes), None)
        if chosen is not None:
            found += [chosen[0], inf if chosen[1] is None else chosen[1]]
    assert iv.first(statuses, intervals) == (hull(found) if found else (0, 0))


@given(st.lists(st.tuples(STATUTS, st.integers(1, 30), st.integers(0, 2)), max_size=4))
def test_bonuses(entries):
    """Bonuses add up; of one group the highest alone counts."""
    statuses, points, groups = zip(*entries, strict=True) if entries else ((), (), ())
    found = []
    for applies in resolutions(statuses):
        best = {}
        for value, group, yes in zip(points, groups, applies, strict=True):
            if yes:
                best[group] = max(best.get(group, 0), value)
        found.append(sum(best.values()))
    assert iv.bonuses(statuses, points, groups) == (min(found), max(found))


@given(BORNES, st.lists(st.tuples(STATUTS, st.sampled_from([2500, 5000, 9000, 10_000])), max_size=3))
def test_reductions(value, entries):
    """Each factor that applies multiplies, rounding down."""
    statuses, factors = zip(*entries, strict=True) if entries else ((), ())
    value = (value[0] * 100, value[1] * 100)
    found = []
    for applies in resolutions(statuses):
        for start in value:
            left = start
            for factor, yes in zip(factors, applies, strict=True):
                left = left * factor // 10_000 if yes else left
            found.append(left)
    assert iv.reduce(value, statuses, factors) == (min(found), max(found))


@given(OUVERTES | st.none(), st.lists(st.tuples(STATUTS, OUVERTES), max_size=3))
def test_caps(value, entries):
    """A cap that applies is never passed, one that may apply lowers the least; nothing goes below zero."""
    statuses, caps = zip(*entries, strict=True) if entries else ((), ())
    start = (inf, inf) if value is None else (value[0], inf if value[1] is None else value[1])
    found = []
    for applies in resolutions(statuses):
        for end in (0, 1):
            bounds = [(lo, inf if hi is None else hi)[end] for (lo, hi), yes in zip(caps, applies, strict=True) if yes]
            found.append(min([start[end], *bounds]))
    if min(found) == inf:
        assert iv.cap(value, statuses, caps) is None
    else:
        assert iv.cap(value, statuses, caps) == hull(found)


@given(OUVERTES, st.lists(st.tuples(STATUTS, OUVERTES), max_size=3))
def test_a_certain_cap_bounds(value, entries):
    """Whatever else is unknown, the result is never above a cap that applies."""
    statuses, caps = zip(*entries, strict=True) if entries else ((), ())
    found = iv.cap(value, statuses, caps)
    for status, cap in entries:
        if status == VRAI and cap[1] is not None:
            assert found[1] is not None
            assert found[1] <= cap[1]


@pytest.mark.parametrize(
    ("expected", "value"), [((0, 5), (-3, 5)), ((0, 0), (-9, -1)), ((2, None), (2, None)), ((0, None), (-1, None))]
)
def test_amounts_are_positive(expected, value):
    """A loss is no negative aid."""
    assert iv.positive(value) == expected


@given(st.lists(BORNES, min_size=2, max_size=3))
def test_narrower_in_narrower_out(items):
    """Knowing more of an amount never widens what is made of it."""
    assume(prod(hi - lo + 1 for lo, hi in items) > 1)
    (lo, hi), *rest = items
    narrow = [(lo, lo + (hi - lo) // 2), *rest]
    for function in (iv.least, iv.greatest, lambda terms: iv.plus((1, x) for x in terms)):
        wide_low, wide_high = function(items)
        low, high = function(narrow)
        assert wide_low <= low <= high <= wide_high


@pytest.mark.parametrize(("rate", "expected"), [((0, None), (0, 10_000)), ((12_000, None), (12_000, 12_000))])
def test_a_share_not_known_is_at_most_the_whole(rate, expected):
    """An aid rate not told goes up to 100 %, or to what is already known of it."""
    assert iv.share_bounds(rate) == expected
    assert iv.share_bounds((500, 700)) == (500, 700)


@pytest.mark.parametrize(
    ("status", "base", "over", "under", "expected"),
    [
        (FAUX, (7, 9), (3, 4), (2, 5), (7, 9)),
        (VRAI, (7, 9), (3, 4), (2, 5), (4, 18)),
        (VRAI, (7, 9), (3, 3), (2, 2), (10, 13)),
        (INCONNU, (7, 9), (3, 4), (2, 5), (4, 18)),
        (INCONNU, (7, 9), (1, 1), (2, 2), (3, 9)),
        (INCONNU, (7, 9), (4, 4), (2, 2), (7, 18)),
        (VRAI, (7, None), (3, 4), (2, 5), (4, None)),
        (VRAI, (7, 9), (3, None), (2, 5), (4, None)),
        (VRAI, (7, 9), (3, 4), (2, None), (0, 18)),
        (INCONNU, (7, 9), (3, None), (2, 2), (7, None)),
        (INCONNU, (7, None), (3, 4), (2, 2), (7, None)),
        (VRAI, (-7, 9), (-3, 4), (2, 5), (0, 18)),
        (VRAI, (-7, -1), (1, 4), (2, 5), (0, 0)),
        (VRAI, (7, 9), (-4, -1), (2, 5), (0, 0)),
        (VRAI, (-7, 9), (3, 4), (1, 1), (0, 36)),
        (VRAI, (7, 9), (-3, 4), (1, 1), (0, 36)),
    ],
)
def test_an_amount_in_proportion(status, base, over, under, expected):
    """An amount times a ratio, rounded down: with and without it when it is not known whether it applies."""
    assert iv.multiple(status, base, over, under) == expected


@pytest.mark.parametrize(
    ("value", "limit", "expected"),
    [
        (None, (3, 8), (3, 8)),
        (None, (3, None), (3, None)),
        ((5, 9), (3, 8), (3, 8)),
        ((1, 6), (3, 8), (1, 6)),
        ((1, None), (3, 8), (1, 8)),
        ((1, 6), (3, None), (1, 6)),
        ((1, None), (3, None), (1, None)),
        ((5, 8), (5, 8), (5, 8)),
        ((-4, -2), (3, 8), (0, 0)),
        ((-4, 5), (3, 8), (0, 5)),
    ],
)
def test_under_a_cap_that_applies(value, limit, expected):
    """The lesser of both, never below zero; without a value, the cap itself."""
    assert iv.under(value, limit) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [([], None), ([(2, 3)], (2, 3)), ([(2, 3), (1, 5)], (1, 5)), ([(2, None), (4, 5)], (2, None))],
)
def test_bounds_taken_together(values, expected):
    """From the least of all to the greatest, without bound when one has none; nothing of nothing."""
    assert iv.span(values) == expected


def test_sums_by_hand():
    """What is taken off lowers the top by its least and the bottom by its most."""
    assert iv.plus([(1, (5, 8)), (-1, (2, 3))]) == (2, 6)
    assert iv.plus([(1, (5, None)), (-1, (2, 3))]) == (2, None)
    assert iv.plus([(1, (5, 8)), (-1, (2, None))]) == (-(10**18), 6)
    assert iv.plus([(1, (1, None)), (1, (2, 3))]) == (3, None)
    assert iv.plus([(-1, (1, None)), (-1, (2, 3))]) == (-(10**18), -3)
    assert iv.plus([]) == (0, 0)
    assert iv.total([(5, 8), (2, 3)]) == (7, 11)


@pytest.mark.parametrize(
    ("operator", "left", "right", "expected"),
    [
        ("<", (1, 4), (5, 9), VRAI),
        ("<", (1, 5), (5, 9), INCONNU),
        ("<", (9, 12), (5, 9), FAUX),
        ("<", (8, 12), (5, 9), INCONNU),
        ("<=", (1, 5), (5, 9), VRAI),
        ("<=", (1, 6), (5, 9), INCONNU),
        ("<=", (9, 12), (5, 9), INCONNU),
        ("<=", (10, 12), (5, 9), FAUX),
        (">", (5, 9), (1, 4), VRAI),
        (">", (5, 9), (9, 12), FAUX),
        (">=", (5, 9), (1, 5), VRAI),
        (">=", (5, 9), (10, 12), FAUX),
        ("=", (5, 5), (5, 5), VRAI),
        ("=", (5, 6), (5, 6), INCONNU),
        ("=", (5, 6), (6, 7), INCONNU),
        ("=", (6, 7), (5, 6), INCONNU),
        ("=", (5, 6), (7, 8), FAUX),
        ("=", (7, 8), (5, 6), FAUX),
        ("!=", (5, 5), (5, 5), FAUX),
        ("!=", (5, 6), (7, 8), VRAI),
        ("=", (5, None), (5, None), INCONNU),
    ],
)
def test_comparisons_by_hand(operator, left, right, expected):
    """Each comparison on both sides of where it turns."""
    assert iv.compare(operator, left, right) == expected


def test_bonuses_by_hand():
    """Of one group the highest counts, sure ones from below, possible ones from above; groups add up."""
    assert iv.bonuses([VRAI, VRAI, INCONNU, FAUX], [10, 20, 30, 40], [1, 1, 1, 1]) == (20, 30)
    assert iv.bonuses([VRAI, INCONNU, VRAI], [10, 5, 7], [1, 2, 3]) == (17, 22)


def test_reductions_by_hand():
    """A factor that may apply lowers the least alone; a rate without bound stays so."""
    assert iv.reduce((1001, 2001), [VRAI, INCONNU, FAUX], [5000, 5000, 1000]) == (250, 1000)
    assert iv.reduce((1000, None), [VRAI], [5000]) == (500, None)
    assert iv.reduce((1000, 2000), [INCONNU, VRAI], [5000, 9000]) == (450, 1800)


def test_caps_by_hand():
    """A sure cap bounds both sides, a possible one the least alone; what no cap binds has no limit."""
    assert iv.cap(None, [FAUX], [(1, 2)]) is None
    assert iv.cap(None, [INCONNU], [(1, 2)]) == (1, None)
    assert iv.cap((5, 9), [VRAI, INCONNU], [(6, 7), (3, 4)]) == (3, 7)
    assert iv.cap((5, 9), [VRAI], [(-2, -1)]) == (0, 0)
    assert iv.cap((5, None), [VRAI], [(6, None)]) == (5, None)
    assert iv.cap((5, None), [VRAI], [(6, 7)]) == (5, 7)


def test_the_first_by_hand():
    """The first sure entry closes the list; those before it widen the result."""
    assert iv.first([INCONNU, VRAI, VRAI], [(5, 6), (2, 9), (0, 99)]) == (2, 9)
    assert iv.first([FAUX, INCONNU], [(5, 6), (3, None)]) == (3, None)
    assert iv.first([INCONNU, VRAI], [(3, None), (4, 5)]) == (3, None)
    assert iv.first([FAUX], [(5, 6)]) == (0, 0)


def test_extremes_by_hand():
    """The least is bounded by any top, the greatest by all of them."""
    assert iv.least([(2, None), (3, 8), (1, 9)]) == (1, 8)
    assert iv.least([(2, None)]) == (2, None)
    assert iv.greatest([(2, None), (3, 8)]) == (3, None)
    assert iv.greatest([(2, 5), (3, 4)]) == (3, 5)


@pytest.mark.parametrize(
    ("rate", "base", "expected", "exact"),
    [
        ((1500, 2500), (999, 1999), (149, 499), (1_498_500, 4_997_500)),
        ((1500, None), (999, 1999), (149, None), (1_498_500, None)),
        ((1500, 2500), (999, None), (149, None), (1_498_500, None)),
        ((0, 0), (0, 0), (0, 0), (0, 0)),
    ],
)
def test_rates_by_hand(rate, base, expected, exact):
    """A rate in basis points of an amount in cents, rounded down; unrounded to compare; open when either is."""
    assert iv.part(rate, base) == expected
    assert iv.exact_part(rate, base) == exact


def test_multiples_by_hand():
    """A whole number of times an amount, open when the amount is."""
    assert iv.times(12, (1000, 2000)) == (12_000, 24_000)
    assert iv.times(12, (1000, None)) == (12_000, None)
    assert iv.UNKNOWN == (0, None)
