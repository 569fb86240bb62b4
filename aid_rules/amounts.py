"""Exact amounts: money is integer cents, rates are integer basis points, never a float."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

MAX_CENTS = 10**13
"""Largest amount accepted: products with basis points then stay within 63 bits."""

_MILLIERS = re.compile(r"\d{1,3}(?:(?:\.\d{3})+,\d{1,2}|(?:\.\d{3}){2,})")
"""Thousands set apart by dots, beyond doubt: `12.500,50`, `1.250.000`."""

_DEUX_SENS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
"""Thousands for one reader, decimals for another: `12.500`."""

BP_PER_UNIT = 10_000
"""Basis points in 100 %."""


def to_cents(value: object) -> int:
    """Read euros (integer, decimal or text) as cents.

    Raises `ValueError` with a French message when the value is no amount, may be read in two ways (`12.500`), has
    more than two decimals, is negative, or exceeds 100 milliards d'euros.
    """
    euros = _decimal(_milliers(value) if isinstance(value, str) else value)
    cents = euros * 100
    if cents != cents.to_integral_value():
        raise ValueError("un montant a deux décimales au plus")
    if cents < 0:
        raise ValueError("un montant est positif ou nul")
    if cents > MAX_CENTS:
        raise ValueError("un montant ne dépasse pas 100 000 000 000 €")
    return int(cents)


def to_basis_points(value: object) -> int:
    """Read a percentage (`12.5`) as basis points (1250). Raises `ValueError`, in French."""
    points = _decimal(value) * 100
    if points != points.to_integral_value():
        raise ValueError("un taux a deux décimales au plus")
    return int(points)


def _milliers(text: str) -> str:
    """Take out the dots that set thousands apart. Raises `ValueError` when they may be decimal points."""
    plain = "".join(text.split())
    if _MILLIERS.fullmatch(plain):
        return plain.replace(".", "")
    if _DEUX_SENS.fullmatch(plain):
        raise ValueError(
            f"ce montant se lit de deux façons : écrivez {plain[:-4]}{plain[-3:]}, ou deux décimales au plus"
        )
    return text


def _decimal(value: object) -> Decimal:
    if isinstance(value, bool):
        raise ValueError("un nombre est attendu")  # noqa: TRY004 - pydantic reads ValueError
    if isinstance(value, float):
        value = repr(value)
    if isinstance(value, str):
        value = value.replace("\u202f", "").replace("\u00a0", "").replace(" ", "").replace("_", "")
        value = value.replace(",", ".") if value.count(",") == 1 and "." not in value else value
    try:
        number = Decimal(value)  # type: ignore[arg-type]
    except (InvalidOperation, TypeError, ValueError):
        raise ValueError("un nombre est attendu, par exemple 12500 ou 12500.50") from None
    if not number.is_finite() or abs(number.adjusted()) > 18:  # noqa: PLR2004 - bounds the cost of the product
        raise ValueError("un nombre fini est attendu")
    return number


def share(cents: int, basis_points: int) -> int:
    """Return `basis_points` of `cents`, rounded down to the cent: a maximum is never rounded up."""
    return cents * basis_points // BP_PER_UNIT


def euros(cents: int) -> str:
    """Write cents as French euros: `1 234 567,89 €`; the cents are left out when zero."""
    sign = "-" if cents < 0 else ""
    whole, rest = divmod(abs(cents), 100)
    grouped = f"{whole:,}".replace(",", "\u202f")
    return f"{sign}{grouped},{rest:02d}\u00a0€" if rest else f"{sign}{grouped}\u00a0€"


def percent(basis_points: int) -> str:
    """Write basis points as a French percentage: `12,5 %`."""
    return f"{decimal(basis_points, 100)}\u00a0%"


def decimal(number: int, over: int) -> str:
    """Write a quotient by a power of ten in French, without useless zeros: `1,5`."""
    text = f"{Decimal(number) / over:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace(".", ",")


def decimal_euros(cents: int) -> Decimal:
    """Return euros as an exact decimal, for output."""
    return Decimal(cents).scaleb(-2)
