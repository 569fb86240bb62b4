"""The law of a day: dates are inclusive, periods touch without overlapping, and every boundary is known."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from aid_rules.language.cut import boundaries, cut, exact_value
from aid_rules.language.loader import load
from aid_rules.language.places import rulesets
from aid_rules.language.slices import FIRST, LAST, period

JOUR = timedelta(days=1)

LOI = """
id: loi.coupe
genre: regime
intitule: Régime
texte: rgec
verifie_le: 2026-11-23
finalites: [essai]
conditions:
  - {id: avant, si: neuf, ref: "1", au: 2019-12-31}
  - {id: pendant, si: neuf, ref: "1", du: 2020-01-01, au: 2020-12-31}
  - {id: un_jour, si: neuf, ref: "1", du: 2021-06-15, au: 2021-06-15}
  - {id: toujours, si: neuf, ref: "1"}
intensite:
  base:
    - {id: ancien, taux: 20, ref: "1", au: 2019-12-31}
    - {id: nouveau, taux: 30, ref: "1", du: 2020-01-01}
"""
VOC = """
id: vocabulaire.essai
genre: vocabulaire
verifie_le: 2026-11-23
listes:
  finalite:
    essai: {libelle: essai}
faits:
  neuf: {type: booleen, libelle: neuf, question: "Neuf ?", ref: "1"}
"""


@pytest.fixture
def rules(tmp_path):
    """The regime alone, with the texts."""
    shutil.copy(rulesets() / "textes.yaml", tmp_path)
    (tmp_path / "loi.yaml").write_text(LOI)
    (tmp_path / "vocabulaire.yaml").write_text(VOC)
    return load(tmp_path)


def ids(rules, jour):
    return [c.id for r in cut(rules, jour).regimes for c in r.volets[0].conditions]


@pytest.mark.parametrize(
    ("expected", "jour"),
    [
        (None, "2014-06-30"),
        (["avant", "toujours"], "2014-07-01"),
        (["avant", "toujours"], "2019-12-31"),
        (["pendant", "toujours"], "2020-01-01"),
        (["pendant", "toujours"], "2020-12-31"),
        (["toujours"], "2021-01-01"),
        (["toujours"], "2021-06-14"),
        (["un_jour", "toujours"], "2021-06-15"),
        (["toujours"], "2021-06-16"),
        (["toujours"], "2026-12-31"),
        (None, "2027-01-01"),
    ],
)
def test_dates_are_inclusive(rules, expected, jour):
    """An entry holds on its first and on its last day; a regime lives as long as its text."""
    loi = cut(rules, date.fromisoformat(jour))
    assert bool(loi.regimes) == (expected is not None)
    assert ids(rules, date.fromisoformat(jour)) == (expected or [])


def test_rates_follow(rules):
    """The rate changes overnight, without hole."""
    taux = [
        cut(rules, date.fromisoformat(d)).regimes[0].volets[0].base[0].taux.valeur for d in ("2019-12-31", "2020-01-01")
    ]
    assert taux == [2000, 3000]


def test_a_period_is_where_nothing_changes(rules):
    """The law of a day says from when to when it holds; both ends are inclusive."""
    loi = cut(rules, date(2020, 7, 14))
    assert (loi.du, loi.au) == (date(2020, 1, 1), date(2020, 12, 31))
    assert cut(rules, loi.du) == loi == cut(rules, loi.au)
    assert cut(rules, loi.du - JOUR) != loi
    assert cut(rules, loi.au + JOUR) != loi


def test_boundaries_begin_each_period(rules):
    """Every date of every entry is a boundary: the day it begins, the day after it ends."""
    days = boundaries(rules)
    assert days[0] == FIRST
    assert list(days) == sorted(set(days))
    for day in ("2014-07-01", "2020-01-01", "2021-01-01", "2021-06-15", "2021-06-16", "2027-01-01"):
        assert date.fromisoformat(day) in days
    assert date(2019, 12, 31) not in days


def test_period_covers_every_day():
    """From the first day to the last, each day is in one period."""
    days = (FIRST, date(2000, 1, 1), date(2010, 1, 1))
    assert period(days, FIRST) == (FIRST, date(1999, 12, 31))
    assert period(days, date(1999, 12, 31)) == (FIRST, date(1999, 12, 31))
    assert period(days, date(2000, 1, 1)) == (date(2000, 1, 1), date(2009, 12, 31))
    assert period(days, LAST) == (date(2010, 1, 1), LAST)


def test_periods_of_the_shipped_law(engine):
    """On each day on which something changes, and the day before, the law is whole and its period holds it."""
    rules = engine.library.rules
    for day in boundaries(rules):
        for jour in (day, day - JOUR):
            if not date(2014, 7, 1) <= jour <= date(2026, 12, 31):
                continue
            du, au = period(boundaries(rules), jour)
            assert du <= jour <= au
    law = {jour: cut(rules, jour) for jour in (date(2023, 6, 30), date(2023, 7, 1), date(2026, 12, 31))}
    assert all(loi.regimes and len(loi.criteres) == 5 for loi in law.values())
    assert law[date(2023, 7, 1)].du == date(2023, 7, 1)
    assert law[date(2023, 6, 30)].au == date(2023, 6, 30)


@pytest.mark.parametrize("jour", [date(2013, 12, 31), date(2014, 6, 30), date(2027, 1, 1), date(2035, 1, 1)])
def test_no_rgec_outside_its_life(engine, jour):
    """Before 1 July 2014 and after 31 December 2026 no article of the RGEC is applied: never the last known value."""
    assert [r.id for r in cut(engine.library.rules, jour).regimes if r.texte == "rgec"] == []


def test_unknown_day_gives_an_empty_law(rules):
    """A day that no text covers has no law at all, rather than a neighbour's."""
    assert cut(rules, date(1995, 1, 1)).regimes == ()


@pytest.mark.parametrize(
    ("expected", "value", "unite"),
    [
        (25000, "250", "uta"),
        (5_000_000_000, 50000000, "eur"),
        (750, "7.5", "pct"),
        (3, 3, "an"),
        (6, 6, "mois"),
        (date(2019, 12, 31).toordinal(), "2019-12-31", "date"),
        (2, 2, "exercice"),
    ],
)
def test_parameters_are_exact(expected, value, unite):
    """Cents, basis points, hundredths of UTA, whole years and months, days."""
    assert exact_value(value, unite) == expected


def test_common_provisions_reach_what_they_aim_at(engine):
    """`vise` : a common condition stands in the regimes aimed at, and nowhere else."""
    loi = engine.at(date(2024, 3, 15)).loi
    by_id = {r.id: r for r in loi.regimes}
    shared = {c.id for c in by_id["rgec.17"].conditions}
    assert shared
    assert shared.isdisjoint(c.id for c in by_id["de_minimis.general"].conditions)


def test_a_cached_law_is_the_same(engine, tmp_path, monkeypatch):
    """The law read back from the cache equals the law cut from the files."""
    monkeypatch.setenv("AID_RULES_CACHE", str(tmp_path))
    from aid_rules.engine.moteur import Engine  # noqa: PLC0415 - after the cache is named

    first, second = Engine(), Engine()
    jour = date(2024, 3, 15)
    assert first.at(jour).loi == second.at(jour).loi == engine.at(jour).loi
    assert list(Path(tmp_path).rglob("*.pickle"))
