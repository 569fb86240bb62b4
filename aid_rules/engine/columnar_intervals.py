"""The arithmetic of `intervalles`, column by column: same bounds, same rounding, null above for unbounded."""

from __future__ import annotations

from collections.abc import Sequence

from aid_rules.amounts import BP_PER_UNIT
from aid_rules.engine import columnar_expressions as x
from aid_rules.engine.columnar_expressions import SANS_LIMITE, Bit, Entier, Verite
from aid_rules.language.tree import Operator

Bornes = tuple[Entier, Entier | None]
"""Low and high bounds; the very same object twice when the quantity is known exactly."""

INCONNU: Bornes = (0, None)
_OUVERT_EN_BAS = -(10**18)


def exact(value: Bornes) -> bool:
    """Tell whether both bounds are one and the same."""
    low, high = value
    return low is high or (isinstance(low, int) and isinstance(high, int) and low == high)


def plus(terms: Sequence[tuple[int, Bornes]]) -> Bornes:
    """Sum signed intervals; `intervalles.plus`."""
    if all(exact(value) for _, value in terms):
        total = x.somme([(sign, low) for sign, (low, _) in terms])
        return total, total
    lows = [(sign, value[0] if sign > 0 else value[1]) for sign, value in terms]
    highs = [(sign, value[1] if sign > 0 else value[0]) for sign, value in terms]
    low: Entier = _OUVERT_EN_BAS
    known = [(sign, v) for sign, v in lows if v is not None]
    if len(known) == len(lows):
        low = x.remplir(x.somme(known), _OUVERT_EN_BAS)
    closed = [(sign, v) for sign, v in highs if v is not None]
    return low, x.somme(closed) if len(closed) == len(highs) else None


def share_bounds(rate: Bornes) -> Bornes:
    """Return a share of an amount: one that is not known is at most the whole."""
    low, high = rate
    if exact(rate) or (high is not None and not x.nul(high)):
        return rate
    whole = x.extremum([low, BP_PER_UNIT], plus_petit=False)
    if high is None:
        return low, whole
    return low, x.choisir(x.est_nul(high), whole, high)


def part(rate: Bornes, base: Bornes, *, arrondi: bool) -> Bornes:
    """Return a rate of an amount, rounded down to the cent (`part`) or in ten-thousandths (`exact_part`)."""
    low = _part(rate[0], base[0], arrondi)
    if exact(rate) and exact(base):
        return low, low
    (least, most), (start, end) = rate, base
    if x.bornes(start)[0] < 0 and most is not None:
        low = x.extremum([low, _part(most, start, arrondi)], plus_petit=True)
    if most is None or end is None:
        return low, None
    high = _part(most, end, arrondi)
    return low, _plus_grand(high, _part(least, end, arrondi)) if x.bornes(end)[0] < 0 else high


def _part(rate: Entier, base: Entier, arrondi: bool) -> Entier:
    return x.proportion(base, rate, BP_PER_UNIT) if arrondi else x.produit(base, rate)


def times(factor: int, base: Bornes) -> Bornes:
    """Return a positive whole number times an amount."""
    low = x.produit(base[0], factor)
    if exact(base):
        return low, low
    return low, None if base[1] is None else x.produit(base[1], factor)


def multiple(status: Verite, base: Bornes, over: Bornes, under: Bornes) -> Bornes:
    """Return an amount times `over / under`, rounded down, when `status` holds; `intervalles.multiple`."""
    if status is False:
        return base
    low = x.remplir(_ratio(base[0], over[0], under[1]) or 0, 0)
    known = exact(base) and exact(over) and exact(under)
    high = low if known else _ratio(base[1], over[1], under[0])
    if known and not x.peut_manquer(status):
        found = x.choisir(x.certain(status), low, base[0])
        assert found is not None
        return found, found
    sure, may = x.certain(status), x.possible(status)
    wide = None if high is None or base[1] is None else _plus_grand(high, base[1])
    under_ = x.choisir(sure, low, x.choisir(may, x.extremum([low, base[0]], plus_petit=True), base[0]))
    assert under_ is not None
    return under_, x.choisir(sure, high, x.choisir(may, wide, base[1]))


def _ratio(base: Entier | None, over: Entier | None, under: Entier | None) -> Entier | None:
    """Return a quotient rounded down, of what counts from zero up; null as soon as a term is."""
    if base is None or over is None or under is None:
        return None
    return x.proportion(x.positif(base), x.positif(over), under)


def least(items: Sequence[Bornes]) -> Bornes:
    """Return the least of several quantities."""
    low = x.extremum([lo for lo, _ in items], plus_petit=True)
    if all(map(exact, items)):
        return low, low
    highs = [hi for _, hi in items if hi is not None]
    return low, x.extremum(highs, plus_petit=True) if highs else None


def greatest(items: Sequence[Bornes]) -> Bornes:
    """Return the greatest of several quantities."""
    low = x.extremum([lo for lo, _ in items], plus_petit=False)
    if all(map(exact, items)):
        return low, low
    highs = [hi for _, hi in items if hi is not None]
    if len(highs) < len(items):
        return low, None
    return low, x.nul_si(x.extremum(highs, plus_petit=False), highs)


def compare(operator: Operator, left: Bornes, right: Bornes) -> Verite:
    """Compare two intervals."""
    if operator in (">", ">="):
        return compare("<" if operator == ">" else "<=", right, left)
    if operator in ("<", "<="):
        strict = operator == "<"
        sure = x.inferieur(left[1], right[0], strict=strict)
        if exact(left) and exact(right):
            return sure
        # left < right fails for certain when right <= left everywhere
        return x.etabli(sure, x.inferieur(right[1], left[0], strict=not strict))
    apart = x.ou([x.inferieur(left[1], right[0], strict=True), x.inferieur(right[1], left[0], strict=True)])
    if exact(left) and exact(right):
        return x.non(apart) if operator == "=" else apart
    same = x.et([_egales(left[0], right[0]), _egales(left[1], right[1]), _egales(left[0], left[1])])
    equal = x.etabli(x.certain(same), x.certain(apart))
    return equal if operator == "=" else x.non(equal)


def _egales(left: Entier | None, right: Entier | None) -> Verite:
    return x.et([x.inferieur(left, right, strict=False), x.inferieur(right, left, strict=False)])


def first(statuses: Sequence[Verite], values: Sequence[Bornes]) -> Bornes:
    """Return the value of the first entry that applies, widened by those that may."""
    entries = [(s, v) for s, v in zip(statuses, values, strict=True) if s is not False][::-1]
    if all(not x.peut_manquer(s) and exact(v) and x.bornes(v[0])[0] >= 0 for s, v in entries):
        found: Entier = 0
        for status, (value, _) in entries:
            chosen = x.choisir(x.certain(status), value, found)
            assert chosen is not None
            found = chosen
        return found, found
    low: Entier | None = None
    high: Entier | None = 0
    for status, (lo, hi) in entries:
        top = None if hi is None else x.positif(hi)
        under: Entier | None = low
        over: Entier | None = high
        if x.peut_manquer(status):
            lower = lo if low is None else x.extremum([lo, low], plus_petit=True)
            wider = None if top is None or high is None else _plus_grand(top, high)
            may = x.possible(status)
            under, over = x.choisir(may, lower, low), x.choisir(may, wider, high)
        sure = x.certain(status)
        low, high = x.choisir(sure, lo, under), x.choisir(sure, top, over)
    return 0 if low is None else x.remplir(low, 0), high


def _plus_grand(one: Entier, other: Entier) -> Entier:
    return x.nul_si(x.extremum([one, other], plus_petit=False), [one, other])


def positive(value: Bornes) -> Bornes:
    """Return an amount brought to zero when it would be negative."""
    low = x.positif(value[0])
    if exact(value):
        return low, low
    return low, None if value[1] is None else x.positif(value[1])


def bonuses(statuses: Sequence[Verite], points: Sequence[int], groups: Sequence[str]) -> Bornes:
    """Add bonuses; within a group only the highest that applies counts."""
    by_group: dict[str, list[tuple[Verite, int]]] = {}
    for status, value, group in zip(statuses, points, groups, strict=True):
        if status is not False and value > 0:
            by_group.setdefault(group, []).append((status, value))
    low: list[tuple[int, Entier]] = []
    high: list[tuple[int, Entier]] = []
    for members in by_group.values():
        members.sort(key=lambda item: item[1])
        sure = _meilleur([(x.certain(s), v) for s, v in members])
        low.append((1, sure))
        known = not any(x.peut_manquer(s) for s, _ in members)
        high.append((1, sure if known else _meilleur([(x.possible(s), v) for s, v in members])))
    total = x.somme(low)
    return total, total if all(a[1] is b[1] for a, b in zip(low, high, strict=True)) else x.somme(high)


def _meilleur(members: Sequence[tuple[bool | Bit, int]]) -> Entier:
    best: Entier = 0
    for holds, value in members:
        chosen = x.choisir(holds, value, best)
        assert chosen is not None
        best = chosen
    return best


def reduce(value: Bornes, statuses: Sequence[Verite], factors: Sequence[int]) -> Bornes:
    """Multiply a rate by each factor that applies: the low bound when it may apply, the high one when it does."""
    for status, factor in zip(statuses, factors, strict=True):
        if status is False:
            continue
        low, high = value
        cut = x.choisir(x.possible(status), _part(factor, low, arrondi=True), low)
        assert cut is not None
        if exact(value) and not x.peut_manquer(status):
            value = (cut, cut)
            continue
        if high is not None:
            high = x.choisir(x.certain(status), _part(factor, high, arrondi=True), high)
        value = (cut, high)
    return value


def cap(value: Bornes, statuses: Sequence[Verite], caps: Sequence[Bornes]) -> Bornes:
    """Bring a value under each cap that applies; (SANS_LIMITE, None) is a value without limit."""
    for status, (lo, hi) in zip(statuses, caps, strict=True):
        if status is False:
            continue
        low, high = value
        under = x.positif(x.extremum([low, lo], plus_petit=True))
        tops = [v for v in (high, hi) if v is not None]
        over = x.positif(x.extremum(tops, plus_petit=True)) if tops else None
        if not x.peut_manquer(status):
            sure = x.certain(status)
            if exact(value) and exact((lo, hi)):
                both = x.choisir(sure, under, low)
                assert both is not None
                value = (both, both)
                continue
            low_cut, high_cut = x.choisir(sure, under, low), x.choisir(sure, over, high)
        else:
            may, kept = x.possible(status), None if high is None else x.positif(high)
            low_cut = x.choisir(may, under, low)
            high_cut = x.choisir(x.certain(status), over, x.choisir(may, kept, high))
        assert low_cut is not None
        value = (low_cut, high_cut)
    return value


SANS: Bornes = (SANS_LIMITE, None)
"""An amount that nothing limits."""
