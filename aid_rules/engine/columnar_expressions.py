"""Columns of exact integers and truth values, constants folded: the algebra in which the law is written in columns.

A truth value is a Python constant (True, False, None: unknown) or a `Bit`, a status per row. A quantity is an int or a
`Col`, in which `NUL` says that nothing bounds it. Each column knows between which bounds it stands, so that a product
that 64 bits cannot hold is computed in 128.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

from aid_rules.engine import vector_ops as o
from aid_rules.engine.vector_kernel import SATURE
from aid_rules.engine.vector_ops import NUL, Expr, const

_MAX = 2**63 - 1
SANS_LIMITE = 2**60
"""Low bound that stands for « nothing limits the amount » until the results are written."""

_FAUX, _INCONNU, _VRAI = const(0), const(1), const(3)


@dataclass(frozen=True, slots=True, eq=False)
class Bit:
    """A truth value per row; `nul` tells whether it may be unknown."""

    expr: Expr
    nul: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Col:
    """A whole number per row, between `mini` and `maxi`; `NUL`, when `nul`, for no bound."""

    expr: Expr
    mini: int
    maxi: int
    nul: bool = False


Verite = bool | None | Bit
Entier = int | Col


def bit_expr(value: Verite) -> Expr:
    """Return the expression of a truth value."""
    if isinstance(value, Bit):
        return value.expr
    return _INCONNU if value is None else _VRAI if value else _FAUX


def col_expr(value: Entier | None) -> Expr:
    """Return the expression of a quantity; None is null."""
    if isinstance(value, Col):
        return value.expr
    return const(NUL if value is None else value)


def peut_manquer(value: Verite) -> bool:
    """Tell whether a truth value may be unknown."""
    return value.nul if isinstance(value, Bit) else value is None


def non(value: Verite) -> Verite:
    """Return the negation."""
    if isinstance(value, Bit):
        return Bit(Expr(o.UNOT, (value.expr,)), value.nul)
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
    terms = [b.expr for b in kept] + ([_INCONNU] if unknown else [])
    op = o.UOR if absorbant else o.UAND
    expr = reduce(lambda one, other: Expr(op, (one, other)), terms)
    return Bit(expr, unknown or any(b.nul for b in kept)) if len(terms) > 1 else kept[0]


def certain(value: Verite) -> bool | Bit:
    """Tell where a truth value is true for certain."""
    if isinstance(value, Bit):
        return Bit(Expr(o.UCERT, (value.expr,)), nul=False) if value.nul else value
    return value is True


def possible(value: Verite) -> bool | Bit:
    """Tell where a truth value is not false."""
    if isinstance(value, Bit):
        return Bit(Expr(o.UPOSS, (value.expr,)), nul=False) if value.nul else value
    return value is not False


def incertain(value: Verite) -> bool | Bit:
    """Tell where a truth value is unknown."""
    if isinstance(value, Bit):
        return Bit(Expr(o.UINC, (value.expr,)), nul=False) if value.nul else False
    return value is None


def etabli(vrai: bool | Bit, faux: bool | Bit) -> Verite:
    """Return what is true where `vrai`, false where `faux` only, unknown elsewhere; neither argument is unknown."""
    return ou([vrai, et([non(faux), None])])


def choisir(masque: bool | Bit, oui: Entier | None, sinon: Entier | None) -> Entier | None:
    """Return `oui` where the mask holds, `sinon` elsewhere; the mask is never unknown, None is null."""
    if isinstance(masque, bool):
        return oui if masque else sinon
    if oui is sinon or (isinstance(oui, int) and isinstance(sinon, int) and oui == sinon):
        return oui
    bounds = [bornes(v) for v in (oui, sinon) if v is not None]
    expr = Expr(o.ISEL, (masque.expr, col_expr(oui), col_expr(sinon)))
    empty = oui is None or sinon is None or nul(oui) or nul(sinon)
    return Col(expr, min(b[0] for b in bounds), max(b[1] for b in bounds), empty)


def bornes(value: Entier) -> tuple[int, int]:
    """Return the bounds between which a quantity stands, whatever the row."""
    return (value, value) if isinstance(value, int) else (value.mini, value.maxi)


def nul(value: Entier) -> bool:
    """Tell whether a quantity may be null."""
    return isinstance(value, Col) and value.nul


def est_nul(value: Entier | None) -> bool | Bit:
    """Tell where a quantity is null."""
    if value is None or isinstance(value, int):
        return value is None
    return Bit(Expr(o.UNUL, (value.expr,)), nul=False) if value.nul else False


def remplir(value: Entier, defaut: int) -> Entier:
    """Return a quantity, `defaut` where it is null."""
    if not isinstance(value, Col) or not value.nul:
        return value
    expr = Expr(o.IFILL, (value.expr, const(defaut)))
    return Col(expr, min(value.mini, defaut), max(value.maxi, defaut))


def _propager(expr: Expr, values: Iterable[Entier]) -> Expr:
    """Make an expression null wherever one of the quantities is."""
    for value in values:
        if isinstance(value, Col) and value.nul:
            expr = Expr(o.INULP, (expr, value.expr))
    return expr


def somme(terms: Sequence[tuple[int, Entier]]) -> Entier:
    """Return a sum of signed quantities; null as soon as one is.

    Unlimited amounts may go round 64 bits: what reads their sum puts it aside.
    """
    constant = sum(sign * value for sign, value in terms if isinstance(value, int))
    columns = sorted(((sign, v) for sign, v in terms if isinstance(v, Col)), key=lambda term: -term[0])
    if not columns:
        return constant
    ends = [(sign * v.mini, sign * v.maxi) for sign, v in columns]
    low = constant + sum(min(e) for e in ends)
    high = constant + sum(max(e) for e in ends)
    sign, first = columns[0]
    if sign > 0:
        total = Expr(o.IADD, (first.expr, const(constant))) if constant else first.expr
    else:
        total = Expr(o.IRSUB, (first.expr, const(constant)))
    for sign, value in columns[1:]:
        total = Expr(o.IADD if sign > 0 else o.ISUB, (total, value.expr))
    if len(columns) == 1 and sign > 0 and not constant:
        return first
    total = _propager(total, [v for _, v in columns])
    return Col(total, max(low, -_MAX), min(high, _MAX), any(v.nul for _, v in columns))


def produit(left: Entier, right: Entier) -> Entier:
    """Return a product; null as soon as one is."""
    if isinstance(left, int) and isinstance(right, int):
        return left * right
    for one, other in ((left, right), (right, left)):
        if isinstance(one, int) and one in (0, 1) and not nul(other):
            return other if one else 0
    if isinstance(left, int):
        left, right = right, left
    ends = [a * b for a in bornes(left) for b in bornes(right)]
    large = max(map(abs, ends)) > _MAX
    expr = _propager(Expr(o.IMULS if large else o.IMUL, (col_expr(left), col_expr(right))), (left, right))
    return Col(expr, *_saturer(min(ends), max(ends), large), nul(left) or nul(right))


def _saturer(low: int, high: int, large: bool) -> tuple[int, int]:
    return (max(min(low, SATURE), -SATURE), max(min(high, SATURE), -SATURE)) if large else (low, high)


def proportion(value: Entier, facteur: Entier, diviseur: Entier) -> Entier:
    """Return `value * facteur // diviseur`; null as soon as one is. What varies in the divisor is never under one."""
    ends = [a * b for a in bornes(value) for b in bornes(facteur)]
    if max(map(abs, ends)) <= _MAX:
        return quotient(produit(value, facteur), diviseur)
    least, most = bornes(diviseur)
    whole = [end // max(d, 1) for end in ends for d in (least, most)]
    args = (value, facteur, diviseur)
    expr = _propager(Expr(o.IMULDIV, tuple(map(col_expr, args))), args)
    return Col(expr, *_saturer(min(whole), max(whole), large=True), any(map(nul, args)))


def quotient(value: Entier, diviseur: Entier) -> Entier:
    """Return a quotient rounded down; a divisor that varies is never under one."""
    if isinstance(value, int) and isinstance(diviseur, int):
        return value // diviseur
    if isinstance(value, int):
        expr = Expr(o.IMULDIV, (const(value), const(1), col_expr(diviseur)))
        return Col(_propager(expr, [diviseur]), min(0, value), max(0, value), nul(diviseur))
    ends = [a // max(b, 1) for a in bornes(value) for b in bornes(diviseur)]
    expr = _propager(Expr(o.IDIV, (value.expr, col_expr(diviseur))), (value, diviseur))
    return Col(expr, min(ends), max(ends), value.nul or nul(diviseur))


def extremum(values: Sequence[Entier], *, plus_petit: bool) -> Entier:
    """Return the least or the greatest of the quantities that are not null; null where all are."""
    numbers = [v for v in values if isinstance(v, int)]
    columns = [v for v in values if isinstance(v, Col)]
    pick = min if plus_petit else max
    if not columns:
        return pick(numbers)
    if len(values) == 1:
        return columns[0]
    lows, highs = zip(*map(bornes, values), strict=True)
    # a null column leaves the others alone: their own bounds count too
    low = min(lows) if plus_petit or any(map(nul, values)) else max(lows)
    high = max(highs) if not plus_petit or any(map(nul, values)) else min(highs)
    expr = columns[0].expr
    op = o.IMIN if plus_petit else o.IMAXN if any(v.nul for v in columns) else o.IMAX
    for other in (*(v.expr for v in columns[1:]), *([const(pick(numbers))] if numbers else [])):
        expr = Expr(op, (expr, other))
    return Col(expr, low, high, not numbers and all(v.nul for v in columns))


def positif(value: Entier) -> Entier:
    """Return a quantity brought to zero when negative; null stays null."""
    if isinstance(value, int):
        return max(value, 0)
    if value.mini >= 0:
        return value
    return Col(Expr(o.IMAX, (value.expr, const(0))), 0, max(value.maxi, 0), value.nul)


def nul_si(value: Entier, autres: Iterable[Entier]) -> Entier:
    """Return a quantity made null wherever one of the others is."""
    others = [v for v in autres if isinstance(v, Col) and v.nul]
    if not others:
        return value
    expr = _propager(col_expr(value), others)
    return Col(expr, *bornes(value), nul=True)


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
    # a null left is above any right that is not
    return certain(et([comparer("<" if strict else "<=", left, right), non(est_nul(right))]))


def comparer(operator: str, left: Entier, right: Entier) -> Bit:
    """Compare two quantities of which one at least is a column, null being the greatest of all."""
    if isinstance(left, int):
        operator, left, right = _RETOURNES[operator], right, left
    if not isinstance(right, int) and operator in (">", ">="):
        operator, left, right = _RETOURNES[operator], right, left
    return Bit(Expr(_OPERATIONS[operator], (col_expr(left), col_expr(right))), nul=False)


def si_connus(value: Bit, terms: Iterable[Entier]) -> Bit:
    """Return a truth value, unknown where one of these quantities is."""
    for term in terms:
        if isinstance(term, Col) and term.nul:
            value = Bit(Expr(o.UNULK, (value.expr, term.expr)))
    return value


_RETOURNES = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_OPERATIONS = {"=": o.EQ, "!=": o.NE, "<": o.LT, "<=": o.LE, ">": o.GT, ">=": o.GE}
