"""Columns of exact integers and truth values, constants folded, common parts computed once, stage by stage.

A truth value is a Python constant (True, False, None: unknown) or a `Bit`, a Boolean column whose nulls are unknown:
Polars computes `&`, `|` and `~` on them as Kleene does. A quantity is an int or a `Col`, whose nulls say that nothing
bounds it. Each column knows between which bounds it stands, so that a product that 64 bits cannot hold takes 128.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce

import polars as pl

_MAX = 2**63 - 1
SANS_LIMITE = 2**62
"""Low bound that stands for « nothing limits the amount » until the results are written."""

OPTIONS = pl.QueryOptFlags.none(projection_pushdown=True)
"""What is written here shares its parts already: to look for more would cost more than it gains."""


@dataclass(frozen=True, slots=True, eq=False)
class Bit:
    """A truth value per row; `niveau` is the first stage that can compute it, `nul` tells whether it may be unknown."""

    expr: pl.Expr
    niveau: int
    nul: bool = True
    pose: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Col:
    """A whole number per row, between `mini` and `maxi`; null, when `nul`, for no bound."""

    expr: pl.Expr
    niveau: int
    mini: int
    maxi: int
    nul: bool = False
    pose: bool = False

    @property
    def large(self) -> bool:
        """Tell whether 64 bits may be too few."""
        return self.mini < -_MAX or self.maxi > _MAX


Verite = bool | None | Bit
Entier = int | Col


class Etages:
    """The stages of a computation: the columns of a stage rest on those of the stages before it only.

    `usages` tells how many times each name is read, from a first writing of the same computation: what is read once
    then stays where it is read.
    """

    def __init__(self, usages: Mapping[str, int] | None = None) -> None:
        self.etages: list[list[pl.Expr]] = []
        self._usages = usages
        self._count = 0

    def bit(self, value: Verite) -> Verite:
        """Give a name to a truth value that several others use."""
        if not isinstance(value, Bit) or value.pose:
            return value
        expr, level = self._nommer(value.expr, value.niveau)
        return Bit(expr, level, value.nul, pose=True)

    def col(self, value: Entier) -> Entier:
        """Give a name to a quantity that several others use."""
        if not isinstance(value, Col) or value.pose:
            return value
        expr, level = self._nommer(value.expr, value.niveau)
        return Col(expr, level, value.mini, value.maxi, value.nul, pose=True)

    def _nommer(self, expr: pl.Expr, level: int) -> tuple[pl.Expr, int]:
        name = f"_{self._count}"
        self._count += 1
        if self._usages is not None and self._usages.get(name, 0) <= 1:
            return expr, level
        while len(self.etages) <= level:
            self.etages.append([])
        self.etages[level].append(expr.alias(name))
        return pl.col(name), level + 1


def usages(exprs: Iterable[pl.Expr]) -> Counter[str]:
    """Count how many times each column is read."""
    return Counter(name for expr in exprs for name in expr.meta.root_names())


@lru_cache(maxsize=4096)
def lit(value: int, large: bool = False) -> pl.Expr:
    """Return a whole number as a literal."""
    return pl.lit(value, dtype=pl.Int128 if large or abs(value) > _MAX else pl.Int64)


NUL = pl.lit(None, dtype=pl.Boolean)
"""Unknown everywhere."""


@lru_cache(maxsize=1024)
def numero(value: int) -> pl.Expr:
    """Return the number of an entry as a literal."""
    return pl.lit(value, dtype=pl.Int16)


@lru_cache(maxsize=4)
def statut(value: int) -> pl.Expr:
    """Return a status as a literal."""
    return pl.lit(value, dtype=pl.UInt8)


def bit_expr(value: Verite) -> pl.Expr:
    """Return the expression of a truth value."""
    if isinstance(value, Bit):
        return value.expr
    return NUL if value is None else pl.lit(value, dtype=pl.Boolean)


def col_expr(value: Entier | None, large: bool = False) -> pl.Expr:
    """Return the expression of a quantity, in 128 bits when `large`; None is null."""
    if value is None:
        return pl.lit(None, dtype=pl.Int128 if large else pl.Int64)
    if isinstance(value, int):
        return lit(value, large)
    return value.expr.cast(pl.Int128) if large and not value.large else value.expr


def niveau(*values: Verite | Entier) -> int:
    """Return the first stage at which all these are known."""
    return max((v.niveau for v in values if isinstance(v, Bit | Col)), default=0)


def peut_manquer(value: Verite) -> bool:
    """Tell whether a truth value may be unknown."""
    return value.nul if isinstance(value, Bit) else value is None


def non(value: Verite) -> Verite:
    """Return the negation."""
    if isinstance(value, Bit):
        return Bit(~value.expr, value.niveau, value.nul)
    return None if value is None else not value


def et(values: Iterable[Verite]) -> Verite:
    """Return the conjunction; of nothing, true."""
    return _plier(values, absorbant=False)


def ou(values: Iterable[Verite]) -> Verite:
    """Return the disjunction; of nothing, false."""
    return _plier(values, absorbant=True)


def _plier(values: Iterable[Verite], *, absorbant: bool) -> Verite:
    kept: list[Bit] = []
    unknown = False
    for value in values:
        if isinstance(value, Bit):
            kept.append(value)
        elif value is None:
            unknown = True
        elif value is absorbant:
            return absorbant
    if not kept:
        return None if unknown else not absorbant
    terms = [b.expr for b in kept] + ([NUL] if unknown else [])
    expr = reduce(pl.Expr.__or__ if absorbant else pl.Expr.__and__, terms)
    return Bit(expr, niveau(*kept), unknown or any(b.nul for b in kept)) if len(terms) > 1 else kept[0]


def certain(value: Verite) -> bool | Bit:
    """Tell where a truth value is true for certain."""
    if isinstance(value, Bit):
        return Bit(value.expr.fill_null(value=False), value.niveau, nul=False) if value.nul else value
    return value is True


def possible(value: Verite) -> bool | Bit:
    """Tell where a truth value is not false."""
    if isinstance(value, Bit):
        return Bit(value.expr.fill_null(value=True), value.niveau, nul=False) if value.nul else value
    return value is not False


def etabli(vrai: bool | Bit, faux: bool | Bit) -> Verite:
    """Return what is true where `vrai`, false where `faux` only, unknown elsewhere; neither argument is null."""
    return ou([vrai, et([non(faux), None])])


def choisir(masque: bool | Bit, oui: Entier | None, sinon: Entier | None) -> Entier | None:
    """Return `oui` where the mask holds, `sinon` elsewhere; the mask is never null, None is null."""
    if isinstance(masque, bool):
        return oui if masque else sinon
    if oui is sinon or (isinstance(oui, int) and isinstance(sinon, int) and oui == sinon):
        return oui
    bounds = [bornes(v) for v in (oui, sinon) if v is not None]
    low, high = min(b[0] for b in bounds), max(b[1] for b in bounds)
    large = low < -_MAX or high > _MAX
    expr = pl.when(masque.expr).then(col_expr(oui, large)).otherwise(col_expr(sinon, large))
    level = max(niveau(masque), *(niveau(v) for v in (oui, sinon) if v is not None))
    return Col(expr, level, low, high, oui is None or sinon is None or nul(oui) or nul(sinon))


def bornes(value: Entier) -> tuple[int, int]:
    """Return the bounds between which a quantity stands, whatever the row."""
    return (value, value) if isinstance(value, int) else (value.mini, value.maxi)


def nul(value: Entier) -> bool:
    """Tell whether a quantity may be null."""
    return isinstance(value, Col) and value.nul


def somme(terms: Sequence[tuple[int, Entier]]) -> Entier:
    """Return a sum of signed quantities; null as soon as one is."""
    constant = sum(sign * value for sign, value in terms if isinstance(value, int))
    columns = [(sign, value) for sign, value in terms if isinstance(value, Col)]
    if not columns:
        return constant
    ends = [(sign * v.mini, sign * v.maxi) for sign, v in columns]
    low = constant + sum(min(e) for e in ends)
    high = constant + sum(max(e) for e in ends)
    # every partial sum stands within the sum of the magnitudes
    large = abs(constant) + sum(max(abs(a), abs(b)) for a, b in ends) > _MAX
    total = col_expr(columns[0][1], large) if columns[0][0] > 0 else -col_expr(columns[0][1], large)
    for sign, value in columns[1:]:
        term = col_expr(value, large)
        total = total + term if sign > 0 else total - term
    if constant:
        total = total + lit(constant, large)
    found = Col(total, niveau(*(v for _, v in columns)), low, high, any(v.nul for _, v in columns))
    return _retrecir(found, large)


def produit(left: Entier, right: Entier) -> Entier:
    """Return a product; null as soon as one is."""
    if isinstance(left, int) and isinstance(right, int):
        return left * right
    for one, other in ((left, right), (right, left)):
        if isinstance(one, int) and one in (0, 1) and not nul(other):
            return other if one else 0
    ends = [a * b for a in bornes(left) for b in bornes(right)]
    large = max(map(abs, ends)) > _MAX
    expr = col_expr(left, large) * col_expr(right, large)
    return Col(expr, niveau(left, right), min(ends), max(ends), nul(left) or nul(right))


def quotient(value: Entier, diviseur: Entier) -> Entier:
    """Return a quotient rounded down; a divisor that varies is never under one, nor what it divides under zero."""
    if isinstance(diviseur, Col):
        large = diviseur.large or max(map(abs, bornes(value))) > _MAX
        expr = col_expr(value, large) // col_expr(diviseur, large)
        level = niveau(value, diviseur)
        top = bornes(value)[1] // max(diviseur.mini, 1)
        return _retrecir(Col(expr, level, 0, top, nul(value) or diviseur.nul), large)
    if isinstance(value, int):
        return value // diviseur
    found = Col(
        value.expr // lit(diviseur, value.large),
        value.niveau,
        value.mini // diviseur,
        value.maxi // diviseur,
        value.nul,
    )
    return _retrecir(found, value.large)


def _retrecir(value: Col, large: bool) -> Col:
    """Come back to 64 bits when the result holds in them."""
    if not large or value.large:
        return value
    return Col(value.expr.cast(pl.Int64), value.niveau, value.mini, value.maxi, value.nul)


def extremum(values: Sequence[Entier], *, plus_petit: bool) -> Entier:
    """Return the least or the greatest of the quantities that are not null; null where all are."""
    numbers = [v for v in values if isinstance(v, int)]
    columns = [v for v in values if isinstance(v, Col)]
    pick = min if plus_petit else max
    if not columns:
        return pick(numbers)
    lows, highs = zip(*map(bornes, values), strict=True)
    # a null column leaves the others alone: their own bounds count too
    low = min(lows) if plus_petit or any(map(nul, values)) else max(lows)
    high = max(highs) if not plus_petit or any(map(nul, values)) else min(highs)
    large = min(lows) < -_MAX or max(highs) > _MAX
    terms = [col_expr(v, large) for v in columns] + ([lit(pick(numbers), large)] if numbers else [])
    if len(terms) == 1:
        return columns[0]
    expr = pl.min_horizontal(terms) if plus_petit else pl.max_horizontal(terms)
    found = Col(expr, niveau(*columns), low, high, not numbers and all(v.nul for v in columns))
    return _retrecir(found, large)


def positif(value: Entier) -> Entier:
    """Return a quantity brought to zero when negative; null stays null."""
    if isinstance(value, int):
        return max(value, 0)
    if value.mini >= 0:
        return value
    found = Col(value.expr.clip(lower_bound=0), value.niveau, 0, max(value.maxi, 0), value.nul)
    return _retrecir(found, value.large)


def nul_si(value: Entier, autres: Iterable[Entier]) -> Entier:
    """Return a quantity made null wherever one of the others is."""
    open_ones = [v for v in autres if isinstance(v, Col) and v.nul]
    if not open_ones:
        return value
    mask = reduce(pl.Expr.__and__, [v.expr.is_not_null() for v in open_ones])
    found = choisir(Bit(mask, niveau(*open_ones), nul=False), value, None)
    assert found is not None
    return found


def inferieur(left: Entier | None, right: Entier | None, *, strict: bool) -> bool | Bit:
    """Tell where `left < right` (`<=` unless strict); false where either is null."""
    if left is None or right is None:
        return False
    low, high = bornes(left), bornes(right)
    may_be_null = nul(left) or nul(right)
    if (low[1] < high[0] if strict else low[1] <= high[0]) and not may_be_null:
        return True
    if low[0] >= high[1] if strict else low[0] > high[1]:
        return False
    large = any(isinstance(v, Col) and v.large for v in (left, right)) or max(map(abs, (*low, *high))) > _MAX
    one, other = col_expr(left, large), col_expr(right, large)
    expr = one < other if strict else one <= other
    return Bit(expr.fill_null(value=False) if may_be_null else expr, niveau(left, right), nul=False)
