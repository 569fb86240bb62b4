"""Exact arithmetic of the gross grant equivalent: discounting, loans and guarantees.

Amounts are cents, rates basis points a year. Decimal arithmetic at 40 digits, the result rounded up to the cent: an aid
is never counted for less than it is worth.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Context, Decimal

from aid_rules.amounts import BP_PER_UNIT

_EXACT = Context(prec=40)
_MOIS = 12
_JOURS = 365
# far below the cent, far above the error of 40 digits
_GRAIN = Decimal("1e-12")


def _facteur(taux: int, annees: Decimal) -> Decimal:
    base = _EXACT.divide(Decimal(BP_PER_UNIT + taux), Decimal(BP_PER_UNIT))
    return _EXACT.power(base, -annees)


def _au_centime(value: Decimal) -> int:
    grain = value.quantize(_GRAIN, context=_EXACT)
    return int(grain.to_integral_value(rounding=ROUND_CEILING))


def actualiser(tranches: list[tuple[int, int, int]]) -> int:
    """Return the present value, in cents, of payments given as (cents, days after the grant, discount rate)."""
    total = Decimal(0)
    for cents, days, rate in tranches:
        years = _EXACT.divide(Decimal(max(days, 0)), Decimal(_JOURS))
        total = _EXACT.add(total, _EXACT.multiply(Decimal(cents), _facteur(rate, years)))
    return _au_centime(total)


def echeancier(
    montant: int, duree: int, differe: int, periodicite: int, *, in_fine: bool
) -> list[tuple[Decimal, int, int]]:
    """Return the outstanding amounts of a loan: (cents outstanding, months of the period, month it ends).

    `duree`, `differe` and `periodicite` in months. The capital is repaid at the end, or in equal parts at each due date
    that follows the deferral.
    """
    ends = [*range(periodicite, duree, periodicite), duree] if duree else []
    repayments = [end for end in ends if end > differe] or ends[-1:]
    left = Decimal(montant)
    part = _EXACT.divide(left, Decimal(len(repayments) or 1))
    periods = []
    start = 0
    for end in ends:
        periods.append((left, end - start, end))
        if not in_fine and end in repayments:
            left = _EXACT.subtract(left, part)
        start = end
    return periods


def avantage(periods: list[tuple[Decimal, int, int]], ecart: int, actualisation: int) -> int:
    """Return the present value, in cents, of `ecart` basis points a year saved on what is outstanding."""
    if ecart <= 0:
        return 0
    total = Decimal(0)
    for left, months, end in periods:
        saved = _EXACT.divide(_EXACT.multiply(left, Decimal(ecart * months)), Decimal(BP_PER_UNIT * _MOIS))
        years = _EXACT.divide(Decimal(end), Decimal(_MOIS))
        total = _EXACT.add(total, _EXACT.multiply(saved, _facteur(actualisation, years)))
    return _au_centime(total)


def fraction_du_plafond(plafond: int, montant: int, duree: int, montant_repere: int, annees_repere: int) -> int:
    """Return the part of a ceiling that a loan or a guarantee takes up, in proportion to its amount and its months.

    Rounded up to the cent (règlement 2023/2831, article 4(3)(b) and 4(6)(b)).
    """
    return -(-plafond * montant * duree // (montant_repere * annees_repere * _MOIS))
