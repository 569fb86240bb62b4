"""Arithmetic on what is known between two bounds: cents, basis points. None above means unbounded.

An unknown amount is (0, None): anything from zero up. Results keep every value that the missing facts allow.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aid_rules.amounts import BP_PER_UNIT
from aid_rules.language.tree import FAUX, INCONNU, NON, VRAI, Operator

Interval = tuple[int, int | None]

UNKNOWN: Interval = (0, None)
FULL = (BP_PER_UNIT, BP_PER_UNIT)


def plus(terms: Iterable[tuple[int, Interval]]) -> Interval:
    """Sum signed intervals; a bound that cannot be told is None above, and below a very negative number."""
    low, high = 0, 0
    open_high = open_low = False
    for sign, (lo, hi) in terms:
        if sign > 0:
            low += lo
            high += hi or 0
            open_high = open_high or hi is None
        else:
            high -= lo
            low -= hi or 0
            open_low = open_low or hi is None
    return (-(10**18) if open_low else low, None if open_high else high)


def total(values: Iterable[Interval]) -> Interval:
    """Return the sum of quantities."""
    return plus((1, value) for value in values)


def share_bounds(rate: Interval) -> Interval:
    """Return a share of an amount: one that is not known is at most the whole."""
    return (rate[0], max(rate[0], BP_PER_UNIT)) if rate[1] is None else rate


def part(rate: Interval, base: Interval) -> Interval:
    """Return a rate of an amount, rounded down to the cent."""
    low, high = exact_part(rate, base)
    return (low // BP_PER_UNIT, None if high is None else high // BP_PER_UNIT)


def exact_part(rate: Interval, base: Interval) -> Interval:
    """Return a rate of an amount in ten-thousandths of a cent, unrounded: for comparisons."""
    least, most = rate
    low = base[0] * (most if base[0] < 0 and most is not None else least)
    if base[1] is None or most is None:
        return (low, None)
    return (low, base[1] * (least if base[1] < 0 else most))


def times(factor: int, base: Interval) -> Interval:
    """Return a positive whole number times an amount."""
    return (factor * base[0], None if base[1] is None else factor * base[1])


def multiple(status: int, base: Interval, over: Interval, under: Interval) -> Interval:
    """Return an amount times `over / under`, rounded down, when `status` holds; every value it allows when unknown.

    What is multiplied counts from zero up; `under` is never zero.
    """
    if status == FAUX:
        return base
    low = 0 if under[1] is None else max(base[0], 0) * max(over[0], 0) // under[1]
    high = None if base[1] is None or over[1] is None else max(base[1], 0) * max(over[1], 0) // under[0]
    return (low, high) if status == VRAI else _hull((low, high), base)


def _hull(one: Interval, other: Interval) -> Interval:
    """Return the bounds of two quantities taken together."""
    return (min(one[0], other[0]), None if one[1] is None or other[1] is None else max(one[1], other[1]))


def least(items: Sequence[Interval]) -> Interval:
    """Return the least of several quantities."""
    highs = [hi for _, hi in items if hi is not None]
    return (min(lo for lo, _ in items), min(highs) if highs else None)


def greatest(items: Sequence[Interval]) -> Interval:
    """Return the greatest of several quantities."""
    highs = [hi for _, hi in items]
    return (max(lo for lo, _ in items), None if None in highs else max(h for h in highs if h is not None))


def span(values: Sequence[Interval]) -> Interval | None:
    """Return the bounds of several quantities taken together; None when there is none."""
    return (min(lo for lo, _ in values), greatest(values)[1]) if values else None


def together(
    statuses: Sequence[int], values: Sequence[Interval | None], sums: Sequence[Iterable[int]]
) -> Interval | None:
    """Return what several purposes of one basis give together; None when nothing limits it.

    `sums` names the purposes that add up: the best of these sums counts. At least what those that hold give, at most
    what those that may hold give. When none is sure, one at least must hold for the basis to serve: the least of them.
    """
    live = [rank for rank, status in enumerate(statuses) if status != FAUX]
    if not live:
        return (0, 0)
    sure = {rank for rank in live if statuses[rank] == VRAI}
    limited = {rank: value for rank in live if (value := values[rank]) is not None}
    if not (sure <= limited.keys() and limited):
        return None
    lows = {rank: low for rank, (low, _) in limited.items()}
    least = max(sum(lows[r] for r in some if r in sure) for some in sums) if sure else min(lows.values())
    highs = {rank: high for rank, (_, high) in limited.items() if high is not None}
    whole = len(highs) == len(live)
    return (least, max(sum(highs.get(r, 0) for r in some) for some in sums) if whole else None)


def below(left: Interval, right: Interval) -> int:
    """Tell whether the first is less than the second: VRAI for all their values, FAUX for none, INCONNU otherwise."""
    if left[1] is not None and left[1] < right[0]:
        return VRAI
    return FAUX if right[1] is not None and left[0] >= right[1] else INCONNU


def at_most(left: Interval, right: Interval) -> int:
    """Tell whether the first is at most the second."""
    if left[1] is not None and left[1] <= right[0]:
        return VRAI
    return FAUX if right[1] is not None and left[0] > right[1] else INCONNU


def equal(left: Interval, right: Interval) -> int:
    """Tell whether two quantities are equal."""
    if left == right and left[0] == left[1]:
        return VRAI
    apart = (left[1] is not None and left[1] < right[0]) or (right[1] is not None and right[1] < left[0])
    return FAUX if apart else INCONNU


def compare(operator: Operator, left: Interval, right: Interval) -> int:
    """Compare two intervals: VRAI when it holds for all their values, FAUX for none, INCONNU otherwise."""
    match operator:
        case "<":
            return below(left, right)
        case "<=":
            return at_most(left, right)
        case ">":
            return below(right, left)
        case ">=":
            return at_most(right, left)
        case "=":
            return equal(left, right)
    return NON[equal(left, right)]


def first(statuses: Sequence[int], values: Sequence[Interval]) -> Interval:
    """Return the value of the first entry that applies; every entry that may apply widens the result.

    (0, 0) when none may apply.
    """
    low: int | None = None
    high: int | None = 0
    for status, (lo, hi) in zip(statuses, values, strict=True):
        if status == FAUX:
            continue
        low = lo if low is None else min(low, lo)
        high = None if high is None or hi is None else max(high, hi)
        if status == VRAI:
            break
    return (low or 0, high)


def positive(value: Interval) -> Interval:
    """Return an amount brought to zero when it would be negative."""
    return (max(value[0], 0), None if value[1] is None else max(value[1], 0))


def bonuses(statuses: Sequence[int], points: Sequence[int], groups: Sequence[int]) -> Interval:
    """Add bonuses; within a group only the highest that applies counts."""
    certain: dict[int, int] = {}
    possible: dict[int, int] = {}
    for status, value, group in zip(statuses, points, groups, strict=True):
        if status == VRAI:
            certain[group] = max(certain.get(group, 0), value)
        if status != FAUX:
            possible[group] = max(possible.get(group, 0), value)
    return (sum(certain.values()), sum(possible.values()))


def reduce(value: Interval, statuses: Sequence[int], factors: Sequence[int]) -> Interval:
    """Multiply a rate by each factor that applies."""
    low, high = value
    for status, factor in zip(statuses, factors, strict=True):
        if status != FAUX:
            low = low * factor // BP_PER_UNIT
            if status == VRAI and high is not None:
                high = high * factor // BP_PER_UNIT
    return (low, high)


def under(value: Interval | None, limit: Interval) -> Interval:
    """Bring a value under a cap that applies; None is a value without limit."""
    low, high = limit
    if value is not None:
        low = min(value[0], low)
        if high is None or (value[1] is not None and value[1] < high):
            high = value[1]
    return (max(low, 0), None if high is None else max(high, 0))


def cap(value: Interval | None, statuses: Sequence[int], caps: Sequence[Interval]) -> Interval | None:
    """Bring a value under each cap that applies; None is a value without limit."""
    for status, (lo, hi) in zip(statuses, caps, strict=True):
        if status == FAUX:
            continue
        low = lo if value is None else min(value[0], lo)
        high = None if value is None else value[1]
        if status == VRAI and hi is not None:
            high = hi if high is None else min(high, hi)
        value = (max(low, 0), None if high is None else max(high, 0))
    return value
