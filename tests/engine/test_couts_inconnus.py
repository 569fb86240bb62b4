"""What is not known of the cost lines is never taken for zero."""

from __future__ import annotations

from aid_rules.engine.environnement import Ligne, Lignes


def test_costs_that_the_dossier_does_not_give_may_hold_any_type():
    """Without a list of costs, the amount of each type is anything from zero up."""
    assert Lignes([], completes=False).choisir(None, None).poste("terrains") == (0, None)
    assert Lignes([], completes=True).choisir(None, None).poste("terrains") == (0, 0)


def test_line_of_unknown_type_may_be_of_any_type():
    """A line whose type is unknown counts up to its amount in each type."""
    lignes = Lignes([Ligne("a", "f", None, (500, 500)), Ligne("b", "f", "terrains", (200, 200))], completes=True)
    couts = lignes.choisir(frozenset({"f"}), None)
    assert couts.poste("terrains") == (200, 700)
    assert couts.poste("personnel") == (0, 500)


def test_type_that_is_not_admitted_counts_for_nothing():
    """A type that the basis does not admit is zero, whatever is unknown."""
    couts = Lignes([Ligne("a", "f", None, (500, 500))], completes=False).choisir(None, frozenset({"terrains"}))
    assert couts.poste("personnel") == (0, 0)
    assert couts.poste("terrains") == (0, None)
