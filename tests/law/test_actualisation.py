"""Discounting, schedules and fractions, worked by hand."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import ceil

import pytest

from aid_rules.law.actualisation import actualiser, avantage, echeancier, fraction_du_plafond


def plan(duree: int, differe: int = 0, periodicite: int = 12, in_fine: bool = False) -> list[tuple[int, int, int]]:
    return [
        (round(left), months, end)
        for left, months, end in echeancier(1_200, duree, differe, periodicite, in_fine=in_fine)
    ]


@pytest.mark.parametrize(
    ("periodes", "attendu"),
    [
        (plan(24), [(1_200, 12, 12), (600, 12, 24)]),
        (plan(30), [(1_200, 12, 12), (800, 12, 24), (400, 6, 30)]),
        (plan(36, 12), [(1_200, 12, 12), (1_200, 12, 24), (600, 12, 36)]),
        (plan(36, 11), [(1_200, 12, 12), (800, 12, 24), (400, 12, 36)]),
        (plan(24, 24), [(1_200, 12, 12), (1_200, 12, 24)]),
        (plan(36, 48), [(1_200, 12, 12), (1_200, 12, 24), (1_200, 12, 36)]),
        (plan(24, in_fine=True), [(1_200, 12, 12), (1_200, 12, 24)]),
        (plan(6, periodicite=3), [(1_200, 3, 3), (600, 3, 6)]),
        (plan(6), [(1_200, 6, 6)]),
        (plan(0), []),
    ],
)
def test_what_stays_outstanding(periodes: list[tuple[int, int, int]], attendu: list[tuple[int, int, int]]) -> None:
    """Equal parts at each due date after the deferral, or all at the end."""
    assert periodes == attendu


def test_nothing_is_saved_without_a_gap() -> None:
    """A loan at the reference rate or above holds no aid."""
    periods = echeancier(100_000, 12, 0, 12, in_fine=True)
    assert [avantage(periods, gap, 122) for gap in (-1, 0)] == [0, 0]
    assert avantage(periods, 1, 0) == 10
    assert avantage(periods, 100, 122) == ceil(Fraction(100_000, 100) / (1 + Fraction(122, 10_000)))
    assert avantage([(Decimal(100_000), 6, 6)], 200, 0) == 1_000


def test_payments_are_brought_to_the_day_of_the_grant() -> None:
    """A day before the grant is worth that of the grant; a negative rate makes later money worth more."""
    assert actualiser([(100, -30, 500), (100, 0, 500)]) == 200
    assert actualiser([(10_000, 365, 100)]) == ceil(Fraction(10_000) / Fraction(101, 100))
    assert actualiser([(10_000, 730, -100)]) == ceil(Fraction(10_000) / Fraction(99, 100) ** 2)
    assert actualiser([]) == 0


def test_the_fraction_of_a_ceiling_is_rounded_up() -> None:
    """Règlement 2023/2831, article 4(3)(b): in proportion to the amount and to the months."""
    assert fraction_du_plafond(30_000_000, 150_000_000, 60, 150_000_000, 5) == 30_000_000
    assert fraction_du_plafond(30_000_000, 75_000_000, 120, 150_000_000, 5) == 30_000_000
    assert fraction_du_plafond(30_000_000, 1, 1, 150_000_000, 5) == 1
