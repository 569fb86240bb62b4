"""Maximum flow: what the ceilings of a cumulation rest on, against every cut of a small graph."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aid_rules.law.flot import INFINI, Reseau

ARCS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 9)), max_size=12)


def reseau(arcs):
    """Build five nodes, source and sink included, with these arcs."""
    network = Reseau()
    assert [network.noeud() for _ in range(3)] == [2, 3, 4]
    for arc in arcs:
        network.arc(*arc)
    return network


def coupes(arcs):
    """Return every cut, nodes on the side of the source and value, the plain way."""
    sides = [
        frozenset({0, *(n for n, kept in zip((2, 3, 4), s, strict=True) if kept)}) for s in product((0, 1), repeat=3)
    ]
    return {side: sum(c for a, b, c in arcs if a in side and b not in side) for side in sides}


@given(ARCS)
def test_the_cut_is_the_least_of_all(arcs):
    """The value is that of the least cut, and the side given has that value; it is the smallest such side."""
    value, side = reseau(arcs).coupe()
    known = coupes(arcs)
    assert value == min(known.values()) == known[side]
    assert all(side <= other for other, cost in known.items() if cost == value)


@pytest.mark.parametrize("turn", range(9))
def test_a_path_is_undone_when_better_ones_cross_it(turn):
    """The first path found is the shortest, 0-2-3-1, which lets one through; the two that are best leave its middle."""
    arcs = [(0, 2, 1), (2, 3, 1), (3, 1, 1), (2, 4, 1), (4, 5, 1), (5, 1, 1), (0, 6, 1), (6, 7, 1), (7, 3, 1)]
    network = Reseau()
    assert [network.noeud() for _ in range(6)] == [2, 3, 4, 5, 6, 7]
    for arc in arcs[turn:] + arcs[:turn]:
        network.arc(*arc)
    assert network.coupe() == (2, frozenset({0}))


def test_no_sum_of_amounts_reaches_an_arc_that_is_never_cut():
    """Hundreds of billions, in cents, stay far below."""
    assert reseau([(0, 2, 10**20), (2, 1, INFINI)]).coupe() == (10**20, frozenset({0}))
