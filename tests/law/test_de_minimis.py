"""De minimis windows: when an aid counts, and the first day it no longer does (2023/2831 article 3(2), 1407/2013)."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from aid_rules.language.tree import FAUX, INCONNU, VRAI
from aid_rules.law.de_minimis import Fenetre, Recue, dans_la_fenetre, sortie, total
from aid_rules.law.rattachement import Rattachement

GLISSANTE = Fenetre("glissante", 3)
EXERCICES = Fenetre("exercices", 3)
days = st.dates(date(2014, 1, 1), date(2030, 12, 31))
closings = st.sampled_from([None, (12, 31), (6, 30), (2, 28)])


@pytest.mark.parametrize(
    ("octroi", "fenetre", "clos", "attendu"),
    [
        (date(2024, 3, 4), GLISSANTE, None, date(2027, 3, 4)),
        (date(2024, 2, 29), GLISSANTE, None, date(2027, 3, 1)),
        (date(2021, 3, 1), EXERCICES, (12, 31), date(2024, 1, 1)),
        (date(2021, 12, 31), EXERCICES, (12, 31), date(2024, 1, 1)),
        (date(2021, 3, 1), EXERCICES, (6, 30), date(2023, 7, 1)),
        (date(2021, 3, 1), EXERCICES, None, date(2024, 3, 1)),
    ],
)
def test_first_day_out(octroi, fenetre, clos, attendu):
    """Three years to the day, or the current financial year and the two before it."""
    assert attendu == sortie(octroi, fenetre, clos)


@given(days, st.sampled_from([GLISSANTE, EXERCICES]), closings)
@settings(max_examples=200, deadline=None)
def test_the_day_before_it_may_still_count(octroi, fenetre, clos):
    """The day found is the first: it may count the day before, and never after."""
    day = sortie(octroi, fenetre, clos)
    assert day is not None
    assert dans_la_fenetre(octroi, day - timedelta(days=1), fenetre, clos) != FAUX
    assert dans_la_fenetre(octroi, day, fenetre, clos) == FAUX
    assert dans_la_fenetre(octroi, day + timedelta(days=400), fenetre, clos) == FAUX


def test_unknown_day_stays_unknown():
    """Without its day, an aid may count and has no day to leave."""
    assert sortie(None, GLISSANTE, None) is None
    assert dans_la_fenetre(None, date(2024, 1, 1), GLISSANTE, None) == INCONNU


def test_only_the_regulations_of_the_ceiling_count():
    """General and agricultural aid share the general ceiling; a regulation not told may count."""
    aids = [
        Recue(date(2024, 1, 2), 100, "general"),
        Recue(date(2024, 1, 2), 10, "agricole"),
        Recue(date(2024, 1, 2), 1, "sieg"),
        Recue(date(2024, 1, 2), 1000, None),
    ]
    counted = frozenset({"general", "agricole"})
    assert total(aids, date(2024, 5, 1), GLISSANTE, counted, None) == (110, 1110)
    assert total(None, date(2024, 5, 1), GLISSANTE, counted, None) == (0, None)
    assert dans_la_fenetre(date(2024, 1, 2), date(2024, 5, 1), GLISSANTE, None) == VRAI


@pytest.mark.parametrize(
    ("octroi", "jour", "fenetre", "clos", "attendu"),
    [
        # three years, day for day
        (date(2024, 3, 4), date(2024, 3, 3), GLISSANTE, None, FAUX),
        (date(2024, 3, 4), date(2024, 3, 4), GLISSANTE, None, VRAI),
        (date(2024, 3, 4), date(2027, 3, 3), GLISSANTE, None, VRAI),
        (date(2024, 3, 4), date(2027, 3, 4), GLISSANTE, None, FAUX),
        # whatever the financial year
        (date(2024, 3, 4), date(2027, 3, 3), GLISSANTE, (12, 31), VRAI),
        # the current financial year and the two before it
        (date(2022, 1, 1), date(2024, 1, 1), EXERCICES, (12, 31), VRAI),
        (date(2021, 12, 31), date(2024, 1, 1), EXERCICES, (12, 31), FAUX),
        (date(2021, 12, 31), date(2023, 12, 31), EXERCICES, (12, 31), VRAI),
        (date(2023, 12, 31), date(2023, 12, 31), EXERCICES, (12, 31), VRAI),
        (date(2024, 1, 1), date(2023, 12, 31), EXERCICES, (12, 31), FAUX),
        (date(2021, 7, 1), date(2024, 6, 30), EXERCICES, (6, 30), VRAI),
        (date(2021, 7, 1), date(2024, 7, 1), EXERCICES, (6, 30), FAUX),
        (date(2022, 7, 1), date(2024, 7, 1), EXERCICES, (6, 30), VRAI),
        (date(2022, 6, 30), date(2024, 7, 1), EXERCICES, (6, 30), FAUX),
        # a year that closes on 29 February closes on the 28th in the years between
        (date(2021, 3, 1), date(2024, 2, 29), EXERCICES, (2, 29), VRAI),
        (date(2021, 2, 28), date(2024, 2, 29), EXERCICES, (2, 29), FAUX),
        (date(2022, 3, 1), date(2024, 3, 1), EXERCICES, (2, 29), VRAI),
        (date(2022, 2, 28), date(2024, 3, 1), EXERCICES, (2, 29), FAUX),
        (date(2022, 3, 1), date(2025, 2, 28), EXERCICES, (2, 29), VRAI),
        (date(2022, 2, 28), date(2025, 2, 28), EXERCICES, (2, 29), FAUX),
        # without its closing day, some financial year holds it, or none does
        (date(2022, 3, 4), date(2024, 3, 4), EXERCICES, None, VRAI),
        (date(2022, 3, 3), date(2024, 3, 4), EXERCICES, None, INCONNU),
        (date(2021, 3, 5), date(2024, 3, 4), EXERCICES, None, INCONNU),
        (date(2021, 3, 4), date(2024, 3, 4), EXERCICES, None, FAUX),
        (date(2024, 3, 4), date(2024, 3, 4), EXERCICES, None, VRAI),
        (date(2024, 3, 5), date(2024, 3, 4), EXERCICES, None, FAUX),
    ],
)
def test_first_and_last_day_of_each_window(octroi, jour, fenetre, clos, attendu):
    """2023/2831 article 3(2): any three years; 1407/2013: three financial years, the current one included."""
    assert dans_la_fenetre(octroi, jour, fenetre, clos) == attendu


def passed(start, end, closing):
    """Count the closings of financial years from a day on, before another."""
    month, day = closing
    days = [date(year, month, 28 if (month, day) == (2, 29) and year % 4 else day) for year in range(2020, 2030)]
    return sum(start <= one < end for one in days)


@pytest.mark.parametrize("closing", [(12, 31), (6, 30), (2, 28), (2, 29)])
def test_a_window_holds_three_financial_years(closing):
    """Day by day, against the plain reading: an aid counts until the third closing since."""
    octroi = date(2023, 5, 17)
    for offset in range(1200):
        day = octroi + timedelta(days=offset)
        attendu = VRAI if passed(octroi, day, closing) < 3 else FAUX
        assert dans_la_fenetre(octroi, day, EXERCICES, closing) == attendu


@pytest.mark.parametrize("octroi", [date(2022, 3, 4), date(2022, 2, 28), date(2022, 3, 1), date(2024, 2, 29)])
def test_without_its_closing_every_financial_year_is_thought_of(octroi):
    """An aid counts for certain when it does whatever the closing day, and no more when it does for none."""
    closings = [((day := date(2024, 1, 1) + timedelta(days=n)).month, day.day) for n in range(366)]
    for years, offset in product((0, 2, 3), range(-2, 3)):
        day = octroi + relativedelta(years=years) + timedelta(days=offset)
        if day >= octroi:
            known = {passed(octroi, day, closing) < 3 for closing in closings}
            attendu = INCONNU if len(known) > 1 else VRAI if known == {True} else FAUX
            assert dans_la_fenetre(octroi, day, EXERCICES, None) == attendu


def test_sums_of_what_counts():
    """Parts count from their least to their most; an amount unknown has no bound, once within the window."""
    day, after, general = date(2024, 1, 2), date(2024, 6, 1), frozenset({"general"})

    def sums(*aids):
        return total(aids, date(2024, 5, 1), GLISSANTE, general, None)

    assert sums() == (0, 0)
    assert sums(Recue(day, None, "general"), Recue(day, 5, "general")) == (5, None)
    assert sums(Recue(after, None, "general"), Recue(day, None, "sieg"), Recue(day, 5, "general")) == (5, 5)
    assert sums(Recue(None, 7, "general"), Recue(day, 5, "general")) == (5, 12)
    part = Recue(day, 9, "general", rattachement=Rattachement(VRAI, (3, 9)))
    assert sums(part, Recue(day, 5, "general")) == (8, 14)
    perhaps = Recue(day, 9, "general", rattachement=Rattachement(INCONNU, (0, 9)))
    assert sums(perhaps, Recue(day, 5, "general")) == (5, 14)
    no = Recue(day, 9, "general", rattachement=Rattachement(FAUX, (0, 0)))
    assert sums(no, Recue(day, 5, "general")) == (5, 5)
