"""Cumulation arithmetic against a plain listing of every set of lines (RGEC article 8, de minimis article 5)."""

from __future__ import annotations

from itertools import chain, combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aid_rules.law import cumul
from aid_rules.law.cumul import AideSurCouts, Depassement, Plafonds, depassements, marge, marges, unions
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


@pytest.fixture
def cherche(monkeypatch):
    """Have everything searched by cuts, as when there are too many unions to list."""
    monkeypatch.setattr(cumul, "PEU_DE_BLOCS", -1)
    monkeypatch.setattr(cumul, "unions", lambda _: None)


def aide(name, amount, lines):
    """Return an aid of known amount, or between two."""
    return AideSurCouts(name, amount if isinstance(amount, tuple) else (amount, amount), frozenset(lines))


def both(*possibilites, ailleurs=0):
    """Return the same ceiling on both sides."""
    plafond = Plafond(possibilites, ailleurs)
    return Plafonds(plafond, plafond)


@pytest.mark.parametrize(
    ("total", "plafond", "certain", "excedent"),
    [
        ((100, 200), (50, 80), True, 20),
        ((100, None), (50, 80), True, 20),
        ((10, 200), (50, 80), False, 150),
        ((10, None), (50, None), False, 0),
        ((0, None), (0, 0), False, 0),
        ((0, 40), (50, 80), False, 0),
    ],
)
def test_cents_over_the_ceiling(total, plafond, certain, excedent):
    """The least excess there can be when it is sure, the greatest when it is not, none when it has no bound."""
    assert Depassement(frozenset("a"), ("1",), total, plafond, certain).excedent == excedent


def test_an_interval_around_the_ceiling_is_a_doubt():
    """The greatest amount against the least ceiling says perhaps; the least amount against the greatest, for sure."""
    low, high = Plafond([Possibilite("x", 5000, {"a": 100})]), Plafond([Possibilite("x", 5000, {"a": 200})])
    limits = Plafonds(low, high)
    assert limits.intervalle(frozenset("a")) == (50, 100)
    assert both(ailleurs=None).intervalle(frozenset("a")) == (0, None)
    assert depassements([aide("1", (0, 50), "a")], limits) == []
    (perhaps,) = depassements([aide("1", (100, 101), "a")], limits)
    assert (perhaps.certain, perhaps.excedent) == (False, 51)
    (sure,) = depassements([aide("1", (60, 60), "a"), aide("2", (41, 90), "a")], limits)
    assert (sure.certain, sure.total, sure.aides, sure.excedent) == (True, (101, 150), ("1", "2"), 1)


def test_many_aids_that_may_be_over_and_none_for_sure():
    """Beyond the few sets that are listed at once, a cut proves one side only."""
    limits = both(Possibilite("x", 5000, dict.fromkeys("abcde", 100)))
    found = depassements([aide(line, (10, 51), line) for line in "abcde"], limits)
    assert [(d.aides, d.certain, d.excedent) for d in found] == [((line,), False, 1) for line in "abcde"]


def test_as_many_unions_as_the_limit_are_listed():
    """Three, of two sets; the limit itself is allowed."""
    sets = [frozenset("a"), frozenset("b")]
    assert unions(sets, 3) == [*sets, frozenset("ab")]
    assert unions(sets, 2) is None


def over_a_ceiling_under_the_cent(line):
    """The lines over their ceiling: of the cost of the aids, of one ten-thousandth less for one, of nothing for it."""
    costs = dict.fromkeys("abcdef", 1)
    aids = [*(aide(name, 1, name) for name in "abcdef"), aide("z", 1, "abcdefg")]
    free = Possibilite("x", 10_000, {"g": 1})
    whole = both(Possibilite("x", 10_000, costs), free)
    short = both(Possibilite("x", 10_000, costs | {line: 0}), Possibilite("y", 9_999, {line: 1}), free)
    bare = both(Possibilite("x", 10_000, costs | {line: 0}), free)
    return [[(d.lignes, d.excedent) for d in depassements(aids, limits)] for limits in (whole, short, bare)]


@pytest.mark.parametrize("line", "af")
def test_a_ceiling_under_the_cent_is_rounded_down_among_many_aids(line):
    """One ten-thousandth over is over, and a line without eligible cost bears nothing."""
    over = (frozenset(line), 1)
    assert over_a_ceiling_under_the_cent(line) == [[], [over], [over]]


@pytest.mark.usefixtures("cherche")
@pytest.mark.parametrize("line", "af")
def test_a_ceiling_under_the_cent_is_rounded_down_when_searched(line):
    """The same when sets are searched."""
    over = (frozenset(line), 1)
    assert over_a_ceiling_under_the_cent(line) == [[], [over], [over]]


def test_every_overrun_is_told_when_they_can_be_listed():
    """Thirty-six aids on pairs of nine lines, each over its ceiling: all are told."""
    limits = both(Possibilite("x", 5000, dict.fromkeys("abcdefghi", 10)))
    aids = [aide("".join(pair), 11, pair) for pair in combinations("abcdefghi", 2)]
    found = depassements(aids, limits)
    assert {d.aides for d in found} == {(a.id,) for a in aids}
    assert len(found) == 36


@pytest.mark.usefixtures("cherche")
def test_the_list_of_overruns_searched_may_stop(monkeypatch):
    """Not before the number of sets allowed, nor after."""
    limits = both(Possibilite("x", 5000, dict.fromkeys("abcd", 10)))
    aids = [aide("".join(pair), 11, pair) for pair in combinations("abcd", 2)]
    assert len(depassements(aids, limits)) == 6
    monkeypatch.setattr(cumul, "MAX_TROUVES", 2)
    assert len(depassements(aids, limits)) == 2


@pytest.mark.usefixtures("cherche")
def test_the_overruns_searched_are_told_as_few_as_they_are(monkeypatch):
    """Stopped early, the search tells a least set still, and as many as the searches allowed."""
    limits = both(Possibilite("x", 5000, dict.fromkeys("abc", 10)))
    aids = [*(aide(line, 11, line) for line in "abc"), aide("z", 1, "abc")]
    assert [len(d.lignes) for d in depassements(aids, limits)] == [1, 1, 1]
    assert [len(d.lignes) for d in depassements(aids, limits, memes_couts=False)] == [1, 1, 1]
    monkeypatch.setattr(cumul, "MAX_RECHERCHES", 2)
    assert [len(d.lignes) for d in depassements(aids, limits, memes_couts=False)] == [1]
    assert [len(d.lignes) for d in depassements(aids[:3], limits)] == [1, 1, 1]


@pytest.mark.usefixtures("cherche")
def test_a_set_that_holds_an_overrun_one_is_not_told():
    """A wide aid over on its own, on costs of which one is over already."""
    limits = both(Possibilite("x", 5000, dict.fromkeys("abc", 10)))
    (found,) = depassements([aide("c", 11, "c"), aide("z", 20, "abc")], limits)
    assert (found.lignes, found.aides) == (frozenset("c"), ("c",))


@pytest.mark.usefixtures("cherche")
def test_thirty_two_overruns_at_most_are_searched():
    """Of thirty-six; all are told when they are listed."""
    limits = both(Possibilite("x", 5000, dict.fromkeys("abcdefghi", 10)))
    aids = [aide("".join(pair), 11, pair) for pair in combinations("abcdefghi", 2)]
    assert len(depassements(aids, limits)) == 32


@pytest.mark.parametrize("few", [4, -1])
def test_the_least_set_is_one_of_joined_costs(monkeypatch, few):
    """Two aids apart are no set, though a third joins them over a wider one."""
    monkeypatch.setattr(cumul, "PEU_DE_BLOCS", few)
    limits = both(Possibilite("x", 10_000, dict.fromkeys("abcd", 100), plafond=120))
    aids = [aide("a", 70, "a"), aide("c", 70, "c"), aide("z", 1, "abc"), aide("d", 1, "bd")]
    (found,) = depassements(aids, limits)
    assert (found.lignes, found.total) == (frozenset("abc"), (141, 141))


@pytest.mark.parametrize("few", [4, -1])
def test_an_aid_of_nothing_or_of_no_line_counts_in_no_set(monkeypatch, few):
    """It joins no costs, takes no room and is not told among the aids of a set."""
    monkeypatch.setattr(cumul, "PEU_DE_BLOCS", few)
    limits = both(Possibilite("x", 10_000, dict.fromkeys("ab", 100), plafond=120))
    aids = [aide("a", 70, "a"), aide("b", 70, "b")]
    assert depassements([*aids, aide("nothing", 0, "ab")], limits) == []
    nowhere = aide("nowhere", 1000, "")
    assert depassements([*aids, nowhere], limits) == []
    assert marge([*aids, nowhere], "a", limits) == (30, 30)
    (found,) = depassements([*aids, nowhere], limits, memes_couts=False)
    assert (found.aides, found.total, found.excedent) == (("a", "b"), (140, 140), 20)


@pytest.mark.usefixtures("cherche")
@pytest.mark.parametrize(("wanted", "told"), [("abc", True), ("z", False)])
def test_required_aids_searched(wanted, told):
    """The set found holds one aid of each group asked for, or is none."""
    limits = both(Possibilite("x", 5000, dict.fromkeys("abc", 10)))
    aids = [aide("a", 6, "a"), aide("b", 5, "b"), aide("c", 5, "c"), aide("z", 0, "abc")]
    found = depassements(aids, limits, (frozenset(wanted),))
    assert [d.aides for d in found] == [("a",)] * told
    wide = [*aids[:3], aide("w", 5, "abc")]
    (found,) = depassements(wide, limits, (frozenset("b"),))
    assert found.aides == ("a", "b", "c", "w")


TWO_PURPOSES = both(Possibilite("x", 5000, dict.fromkeys("ab", 100), 60), Possibilite("y", 4000, {"b": 100}))
"""Ninety cents on both lines; a cut, which takes one purpose for each line, proves sixty only."""


@pytest.mark.usefixtures("cherche")
@pytest.mark.parametrize(("trials", "told"), [(0, True), (1, True), (2, False), (3, False)])
def test_what_the_trials_leave_open_is_a_doubt(monkeypatch, trials, told):
    """Two trials settle that an aid is within its ceiling; with fewer it may be over, and never is for sure."""
    monkeypatch.setattr(cumul, "MAX_ESSAIS", trials)
    found = depassements([aide("1", 70, "ab")], TWO_PURPOSES)
    assert [(d.lignes, d.certain) for d in found] == [(frozenset("ab"), False)] * told


@pytest.mark.usefixtures("cherche")
def test_an_overrun_seen_is_sure_whatever_the_trials(monkeypatch):
    """The set first tried is over: no other trial is needed, and a cap holds aids that share no costs apart."""
    limits = both(Possibilite("x", 10_000, dict.fromkeys("abc", 100), plafond=120))
    alone = [aide(line, 50, line) for line in "abc"]
    assert depassements([*alone, aide("z", 1, "ab")], limits) == []
    monkeypatch.setattr(cumul, "MAX_ESSAIS", 0)
    (sure,) = depassements([*alone, aide("z", 1, "abc")], limits)
    assert (sure.lignes, sure.certain, sure.excedent) == (frozenset("abc"), True, 31)


def test_aids_that_share_nothing_are_not_searched_together():
    """A cap binds the aids on the same costs: twenty-four on costs of their own, however many subsets they make."""
    lines = [f"l{i}" for i in range(24)]
    limits = both(Possibilite("x", 10_000, dict.fromkeys(lines, 1000), plafond=1000))
    aids = [aide(line, 900, [line]) for line in lines]
    assert depassements(aids, limits) == []
    (found,) = depassements([*aids, aide("z", 1, lines[:2])], limits)
    assert (found.lignes, found.aides, found.total) == (frozenset(lines[:2]), ("l0", "l1", "z"), (1801, 1801))


ROOMS = [
    (both(Possibilite("x", 5000, {"a": 200, "b": 100})), [("1", 30, "a")], {"a": 70, "b": 50}),
    (both(Possibilite("x", 5000, {"a": 200, "b": 100})), [("1", 100, "a")], {"a": 0, "b": 50}),
    (both(Possibilite("x", 5000, {"a": 200, "b": 100})), [("1", 120, "a")], {"a": 0, "b": 50}),
    (both(Possibilite("x", 5000, {"a": 200, "b": 100})), [("1", 120, "ab")], {"a": 30, "b": 30}),
    (both(Possibilite("x", 5000, {"a": 200, "b": 100})), [("1", 90, "ab"), ("2", 45, "b")], {"a": 15, "b": 5}),
    (both(Possibilite("x", 5000, {"a": 200, "b": 100}, plafond=80)), [("1", 60, "ab")], {"a": 20, "b": 20}),
    (both(Possibilite("x", 5000, {"a": 200, "b": 100}, plafond_base=80)), [("1", 60, "ab")], {"a": 20, "b": 20}),
    (both(Possibilite("x", 5000, {"a": 200, "b": 100}, plafond=80)), [("1", 60, "a")], {"a": 20, "b": 50}),
    (
        both(Possibilite("x", 9000, {"a": 100}, 85, 80), Possibilite("x", 5000, {"b": 100}, 90, 80)),
        [("1", 60, "ab")],
        {"a": 20, "b": 20},
    ),
    (both(Possibilite("x", 3333, {"a": 1, "b": 2}), ailleurs=7), [("1", 3, "c")], {"a": 0, "b": 0, "c": 4}),
    (both(Possibilite("x", 5000, {"a": 0})), [], {"a": 0}),
    (both(Possibilite("x", 0, {"a": None})), [], {"a": 0}),
    (both(Possibilite("x", 5000, {"a": None})), [("1", 60, "a")], {"a": None}),
    (both(ailleurs=None), [("1", 60, "a")], {"a": None}),
]


@pytest.mark.parametrize(("limits", "aids", "rooms"), ROOMS)
def test_room_of_each_line(limits, aids, rooms):
    """What may still be granted on a line, given the aids that share its costs; (0, None) when nothing limits it."""
    told = {line: (0, None) if room is None else (room, room) for line, room in rooms.items()}
    assert marges([aide(*one) for one in aids], rooms, limits) == told


@pytest.mark.usefixtures("cherche")
@pytest.mark.parametrize(("limits", "aids", "rooms"), ROOMS)
def test_room_of_each_line_searched(limits, aids, rooms):
    """The same when sets are searched."""
    told = {line: (0, None) if room is None else (room, room) for line, room in rooms.items()}
    assert marges([aide(*one) for one in aids], rooms, limits) == told


@pytest.mark.usefixtures("cherche")
@pytest.mark.parametrize(("limits", "aids", "rooms"), ROOMS)
def test_room_without_any_trial(monkeypatch, limits, aids, rooms):
    """What a cut proves is free for certain; nothing is said of the most. One purpose, or one cap: the cut is exact."""
    monkeypatch.setattr(cumul, "MAX_ESSAIS", 0)
    for line, room in rooms.items():
        assert marge([aide(*one) for one in aids], line, limits) == (room or 0, None)


@pytest.mark.usefixtures("cherche")
@pytest.mark.parametrize(("trials", "room"), [(0, (40, None)), (1, (40, 70)), (2, (50, 70)), (3, (50, 50))])
def test_room_with_few_trials_holds_the_room_there_is(monkeypatch, trials, room):
    """Three find it; with fewer, what the cut proves is sure, and what was tried bounds the rest."""
    aids = [aide("1", 20, "ab")]
    assert marge(aids, "a", TWO_PURPOSES) == (50, 50)
    monkeypatch.setattr(cumul, "MAX_ESSAIS", trials)
    assert marge(aids, "a", TWO_PURPOSES) == room


@pytest.mark.parametrize("few", [4, -1])
def test_costs_apart_leave_the_room_of_a_line_whole(monkeypatch, few):
    """An aid on other costs under the same cap takes nothing from the line, though a third joins them more widely."""
    monkeypatch.setattr(cumul, "PEU_DE_BLOCS", few)
    limits = both(Possibilite("x", 10_000, {"a": 100, "b": 100}, 80), Possibilite("y", 10_000, {"c": 1000}))
    aids = [aide("1", 70, "a"), aide("2", 1, "abc")]
    assert marges(aids, "abc", limits) == {"a": (10, 10), "b": (80, 80), "c": (1000, 1000)}


def test_room_between_two_ceilings():
    """The greatest amounts under the least ceiling are what is sure; the least under the greatest, what may be."""
    limits = Plafonds(Plafond([Possibilite("x", 5000, {"a": 100})]), Plafond([Possibilite("x", 5000, {"a": 200})]))
    assert marge([aide("1", (10, 30), "a")], "a", limits) == (20, 90)
    assert marge([aide("1", (10, None), "a")], "a", limits) == (0, 90)


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
