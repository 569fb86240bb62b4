"""De minimis windows: when an aid counts, and the first day it no longer does (2023/2831 article 3(2), 1407/2013)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aid_rules.language.tree import FAUX, INCONNU, VRAI
from aid_rules.law.de_minimis import Fenetre, Recue, dans_la_fenetre, sortie, total

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
