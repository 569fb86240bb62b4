"""What the computations of the beneficiary share: truth values, intervals, and figures as an officer writes them."""

from __future__ import annotations

from datetime import date

import pytest

from aid_rules.law.base import (
    FAUX,
    INCONNU,
    INCONNUE,
    NULLE,
    VRAI,
    Intervalle,
    LigneCalcul,
    Motif,
    chiffre,
    non,
    sans_doublon,
    texte_de_minimis,
    uta,
    verite,
)  # fmt: skip

UN = 10_000
"""Figures of a line are in ten-thousandths."""


def test_three_values():
    """Unknown is neither true nor false, and its negation stays unknown; a reason holds unless told otherwise."""
    assert (FAUX, INCONNU, VRAI) == (0, 1, 3)
    assert [non(v) for v in (FAUX, INCONNU, VRAI)] == [VRAI, INCONNU, FAUX]
    assert [verite(v) for v in (False, None, True)] == [FAUX, INCONNU, VRAI]
    assert Motif("texte", "reference").valeur == VRAI


def test_intervals():
    """An unknown figure has no upper bound, a null one is known; bounds add up, an unknown one leaves the sum open."""
    assert Intervalle(0, None) == INCONNUE == chiffre(None)
    assert Intervalle(0, 0) == NULLE == chiffre(0)
    assert chiffre(7) == Intervalle(7, 7)
    assert [i.exact for i in (NULLE, INCONNUE, Intervalle(1, 2))] == [True, False, False]
    assert Intervalle(1, 2).plus(Intervalle(10, 20)) == Intervalle(11, 22)
    assert Intervalle(1, 2).plus(INCONNUE) == INCONNUE.plus(Intervalle(1, 2)) == Intervalle(1, None)


def test_shares_of_a_figure():
    """A share between 25 and 50 % bounds the figure on both sides; no share at all is nil even of what is unknown."""
    assert Intervalle(4, 8).fraction(2500, 5000) == Intervalle(10_000, 40_000)
    assert Intervalle(4, None).fraction(2500, 5000) == Intervalle(10_000, None)
    assert INCONNUE.fraction(0, 0) == NULLE
    assert Intervalle(3, 3).fraction(0, 1) == Intervalle(0, 3)


@pytest.mark.parametrize(
    ("effectif", "ecrit"),
    [
        (Intervalle(1250 * UN, 1250 * UN), "12,5 UTA"),
        (Intervalle(1205 * UN, 1205 * UN), "12,05 UTA"),
        (Intervalle(1001 * UN, 1001 * UN), "10,01 UTA"),
        (Intervalle(1000 * UN, 1000 * UN), "10 UTA"),
        (Intervalle(0, None), "inconnu UTA"),
        (Intervalle(1, None), "au moins 0 UTA"),
        (Intervalle(1000 * UN, None), "au moins 10 UTA"),
        (Intervalle(1000 * UN + 1, 2000 * UN + 1), "de 10 à 20,01 UTA"),
        (Intervalle(0, 2000 * UN), "de 0 à 20 UTA"),
    ],
)
def test_an_upper_bound_is_never_shown_lower_than_it_is(effectif, ecrit):
    """Lower bounds are rounded down and upper ones up, so that what is shown holds the figure."""
    line = LigneCalcul("Mère", effectif, NULLE, NULLE, "reference")
    assert line.texte.startswith(f"Mère : {ecrit}, chiffre d'affaires 0")


@pytest.mark.parametrize(
    ("part_min", "part_max", "ecrit"),
    [(UN, UN, "Mère : "), (2500, 2500, "Mère × 25 % : "), (2500, 5000, "Mère × 25 % à 50 % : "), (0, UN, "Mère × 0 %")],
)
def test_the_share_counted_is_written(part_min, part_max, ecrit):
    """The whole of an enterprise needs no share; a share known within bounds shows both."""
    line = LigneCalcul("Mère", NULLE, NULLE, NULLE, "reference", part_min, part_max)
    assert line.texte.replace("\xa0", " ").replace("\u202f", " ").startswith(ecrit)


@pytest.mark.parametrize(("hundredths", "ecrit"), [(0, "0"), (99, "0,99"), (100, "1"), (101, "1,01"), (110, "1,1")])
def test_headcounts_are_written_in_french(hundredths, ecrit):
    """No digit is lost, no zero is kept."""
    assert uta(hundredths) == ecrit


@pytest.mark.parametrize(
    ("reglement", "veille", "lendemain"),
    [
        ("general", "de_minimis_2013", "de_minimis_2023"),
        ("sieg", "de_minimis_sieg_2012", "de_minimis_sieg_2023"),
        ("agricole", "de_minimis_agricole", "de_minimis_agricole"),
        ("peche", "de_minimis_peche", "de_minimis_peche"),
    ],
)
def test_the_regulation_in_force_is_cited(reglement, veille, lendemain):
    """Regulations 2023/2831 and 2023/2832 apply from 1 January 2024."""
    assert texte_de_minimis(reglement, date(2023, 12, 31)) == veille
    assert texte_de_minimis(reglement, date(2024, 1, 1)) == lendemain


def test_repeats_are_dropped_in_order():
    """The order of the first occurrences is kept."""
    assert sans_doublon(["b", "a", "b"]) == ("b", "a")
