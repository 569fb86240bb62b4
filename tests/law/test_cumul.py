"""Cumulation arithmetic against a plain listing of every set of lines (RGEC article 8, de minimis article 5)."""

from __future__ import annotations

from itertools import chain, combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aid_rules.law import cumul
from aid_rules.law.cumul import AideSurCouts, Plafonds, depassements, marge, unions
from aid_rules.law.flot import Reseau
from aid_rules.law.plafonds import ECHELLE, Plafond, Possibilite

LINES = ("a", "b", "c", "d")


def parts(items):
    return (frozenset(s) for n in range(1, len(items) + 1) for s in combinations(items, n))


@st.composite
def plafonds_uniques(draw) -> Plafond:
    """One side of a ceiling: a few purposes of one or two bases, with rates, costs and caps."""
    possibles = []
    for number in range(draw(st.integers(1, 4))):
        served = draw(st.sets(st.sampled_from(LINES), min_size=1))
        possibles.append(
            Possibilite(
                f"base{number % 2}",
                draw(st.sampled_from([1000, 2000, 3333, 10_000])),
                {line: draw(st.integers(0, 2000)) for line in sorted(served)},
                draw(st.none() | st.integers(0, 600)),
                draw(st.none() | st.integers(0, 600)) if number < 2 else None,
            )
        )
    caps = {p.base: p.plafond_base for p in possibles[:2]}
    return Plafond([Possibilite(p.base, p.taux, p.couts, p.plafond, caps[p.base]) for p in possibles])


@st.composite
def plans(draw) -> list[AideSurCouts]:
    """A few aids of known amount over the lines."""
    return [
        AideSurCouts(
            f"aide{i}",
            (amount := draw(st.integers(0, 900)), amount),
            frozenset(draw(st.sets(st.sampled_from(LINES), min_size=1))),
        )
        for i in range(draw(st.integers(1, 5)))
    ]


def plain_ceiling(plafond: Plafond, lines: frozenset[str]) -> int:
    """Every way of giving one purpose to each group of lines, one by one."""
    groups: dict[tuple[int, ...], list[str]] = {}
    for line in lines:
        serving = tuple(i for i, p in enumerate(plafond.possibilites) if line in p.couts)
        if serving:
            groups.setdefault(serving, []).append(line)
    best = 0
    for choice in product(*groups):
        sums: dict[int, int] = {}
        for number, members in zip(choice, groups.values(), strict=True):
            possible = plafond.possibilites[number]
            sums[number] = sums.get(number, 0) + possible.taux * sum(possible.couts[line] for line in members)
        bases: dict[str, int] = {}
        for number, value in sums.items():
            possible = plafond.possibilites[number]
            within = value if possible.plafond is None else min(value, possible.plafond * ECHELLE)
            bases[possible.base] = bases.get(possible.base, 0) + within
        caps = {p.base: p.plafond_base for p in plafond.possibilites}
        total = sum(v if caps[b] is None else min(v, caps[b] * ECHELLE) for b, v in bases.items())
        best = max(best, total)
    return best


def joined(sets) -> bool:
    reached, rest = set(sets[0]), list(sets[1:])
    while near := [s for s in rest if reached & s]:
        reached |= set(chain.from_iterable(near))
        rest = [s for s in rest if s not in near]
    return not rest


def plain_overruns(aids, plafond: Plafond, least: bool = True) -> set[frozenset[str]]:
    """The overrun sets, or the least of them, by listing the sets of lines."""
    over = []
    for lines in sorted(parts(LINES), key=len):
        inside = [a for a in aids if a.lignes <= lines and a.montant[0]]
        if (
            not inside
            or frozenset().union(*(a.lignes for a in inside)) != lines
            or not joined([a.lignes for a in inside])
        ):
            continue
        hidden = least and any(o <= lines for o in over)
        if not hidden and sum(a.montant[0] for a in inside) * ECHELLE > plain_ceiling(plafond, lines):
            over.append(lines)
    return set(over)


@given(plafonds_uniques(), st.sets(st.sampled_from(LINES), min_size=1))
@settings(max_examples=150, deadline=None)
def test_ceiling_is_the_best_assignment(plafond, lines):
    """RGEC 8(3)(b): the highest intensity or amount applicable, a cap holding over all its lines."""
    assert plafond.exact(frozenset(lines)) == plain_ceiling(plafond, frozenset(lines))


@given(plans(), plafonds_uniques())
@settings(max_examples=150, deadline=None)
def test_every_overrun_is_found(aids, plafond):
    """Sums per set of lines: no overrun is missed, none is invented."""
    found = depassements(aids, Plafonds(plafond, plafond))
    assert {d.lignes for d in found} == plain_overruns(aids, plafond)
    assert all(d.certain for d in found)


@given(plans(), plafonds_uniques())
@settings(max_examples=100, deadline=None)
def test_search_finds_what_listing_finds(aids, plafond):
    """Beyond the unions that can be listed, branch and bound gives the same sets."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cumul, "unions", lambda _: None)
        searched = depassements(aids, Plafonds(plafond, plafond))
    assert {d.lignes for d in searched} == plain_overruns(aids, plafond)


@given(plans(), plafonds_uniques(), st.sampled_from(LINES))
@settings(max_examples=150, deadline=None)
def test_room_is_exact(aids, plafond, line):
    """What the room allows creates no overrun on the line; a cent more does, unless overrun already."""
    low, high = marge(aids, line, Plafonds(plafond, plafond))
    assert low == high
    room = low

    def over(extra: int) -> set[frozenset[str]]:
        return plain_overruns([*aids, AideSurCouts("+", (extra, extra), frozenset({line}))], plafond, least=False)

    before = over(0)
    assert {s for s in over(room) if line in s and not any(b <= s for b in before)} == set()
    assert any(line in s for s in over(room + 1))


def test_more_unions_than_can_be_listed():
    """Thirteen aids on sets of their own make more unions than are listed: the overrun is still found."""
    lines = [f"l{i}" for i in range(26)]
    plafond = Plafond([Possibilite("x", 5000, dict.fromkeys(lines, 1000))])
    aids = [AideSurCouts(f"a{i}", (480, 480), frozenset({lines[i], lines[i + 1]})) for i in range(25)]
    assert unions(a.lignes for a in aids) is None
    assert depassements(aids, Plafonds(plafond, plafond)) == []
    heavier = [*aids, AideSurCouts("trop", (600, 600), frozenset({"l3", "l4"}))]
    found = depassements(heavier, Plafonds(plafond, plafond))
    assert found
    assert all(d.excedent > 0 and {"l3", "l4"} <= d.lignes for d in found)


def test_pairs_miss_what_sets_see():
    """Three aids, none over with another, are over together."""
    plafond = Plafond([Possibilite("x", 5000, dict.fromkeys("abc", 1000))])
    sets = [frozenset("ab"), frozenset("bc"), frozenset("ac")]
    aids = [AideSurCouts(f"a{i}", (600, 600), s) for i, s in enumerate(sets)]
    for pair in combinations(aids, 2):
        assert depassements(list(pair), Plafonds(plafond, plafond)) == []
    (found,) = depassements(aids, Plafonds(plafond, plafond))
    assert (found.lignes, found.total, found.excedent) == (frozenset("abc"), (1800, 1800), 300)


def test_distinct_costs_are_not_summed():
    """RGEC 8(3)(a): a shared cap binds one basis, not aids on distinct costs."""
    plafond = Plafond([Possibilite("x", 10_000, {"a": 1000, "b": 1000}, plafond=1000)])
    aids = [AideSurCouts("1", (900, 900), frozenset("a")), AideSurCouts("2", (900, 900), frozenset("b"))]
    assert depassements(aids, Plafonds(plafond, plafond)) == []
    assert depassements(aids, Plafonds(plafond, plafond), memes_couts=False)


def test_unknown_amounts_are_doubtful():
    """An amount without bound may overrun; it does not for certain."""
    plafond = Plafond([Possibilite("x", 5000, {"a": 1000})])
    (found,) = depassements([AideSurCouts("1", (0, None), frozenset("a"))], Plafonds(plafond, plafond))
    assert not found.certain
    assert found.total == (0, None)


def test_required_aids():
    """A set counts only when it holds one aid of each group asked for."""
    plafond = Plafond([Possibilite("x", 5000, {"a": 1000})])
    aids = [AideSurCouts("1", (600, 600), frozenset("a")), AideSurCouts("2", (100, 100), frozenset("a"))]
    limits = Plafonds(plafond, plafond)
    assert depassements(aids[:1], limits, (frozenset({"2"}),)) == []
    assert depassements(aids, limits, (frozenset({"2"}),))


def test_minimum_cut():
    """The classic example: flow 23, cut after the second floor."""
    network = Reseau()
    a, b, c, d = (network.noeud() for _ in range(4))
    for start, end, capacity in (
        (0, a, 16),
        (0, b, 13),
        (b, a, 4),
        (a, c, 12),
        (c, b, 9),
        (b, d, 14),
        (d, c, 7),
        (c, 1, 20),
        (d, 1, 4),
    ):
        network.arc(start, end, capacity)
    value, side = network.coupe()
    assert value == 23
    assert 0 in side
    assert 1 not in side
