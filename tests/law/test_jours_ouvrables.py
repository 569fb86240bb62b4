"""Working days: public holidays, Saturdays and Sundays are left out (regulation 1182/71)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aid_rules.law.jours_ouvrables import ajouter_ouvrables, feries, jours_feries, ouvrable

JOURS = st.dates(date(1990, 1, 1), date(2099, 12, 31))


def test_the_holidays_of_2026():
    """Eight fixed days, Easter Monday, Ascension and Whit Monday (code du travail, L. 3133-1)."""
    assert sorted(date.fromordinal(day).isoformat()[5:] for day in feries(2026)) == [
        "01-01", "04-06", "05-01", "05-08", "05-14", "05-25", "07-14", "08-15", "11-01", "11-11", "12-25",
    ]  # fmt: skip


def test_two_holidays_on_one_day_count_once():
    """Ascension fell on 1 May in 2008, on 8 May in 2024 it was the day after."""
    assert len(feries(2008)) == 10
    assert len(feries(2024)) == 11


@pytest.mark.parametrize(
    ("depart", "nombre", "fin"),
    [
        ("2024-03-15", 20, "2024-04-15"),
        ("2024-05-07", 1, "2024-05-10"),
        ("2024-05-04", 1, "2024-05-06"),
        ("2024-05-06", -1, "2024-05-03"),
        ("2024-05-05", -1, "2024-05-03"),
        ("2024-12-24", 1, "2024-12-26"),
        ("2024-05-04", 0, "2024-05-04"),
    ],
)
def test_deadlines(depart, nombre, fin):
    """The first day is not counted, the last is a working day: 20 days from 15 March 2024 skip Easter Monday."""
    assert ajouter_ouvrables(date.fromisoformat(depart).toordinal(), nombre) == date.fromisoformat(fin).toordinal()


@given(JOURS, st.integers(1, 60))
def test_the_period_holds_as_many_working_days_as_asked(jour, nombre):
    """Counted by hand, day after day, the period has that many working days and ends on one."""
    fin = date.fromordinal(ajouter_ouvrables(jour.toordinal(), nombre))
    days = [jour + timedelta(days=n) for n in range(1, (fin - jour).days + 1)]
    assert sum(map(ouvrable, days)) == nombre
    assert ouvrable(fin)


def test_the_list_covers_every_date_of_a_dossier():
    """The columnar evaluator reads one list: in order, without repeats, over all the years."""
    listed = jours_feries()
    assert list(listed) == sorted(set(listed))
    assert (listed[0].year, listed[-1].year) == (1900, 2200)
