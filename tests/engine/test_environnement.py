"""Cost lines that a volet may count, and days moved: what is certain, what is possible, what is out."""

from __future__ import annotations

from datetime import date

import pytest

from aid_rules.engine.environnement import Ligne, Lignes, Slots, shift
from aid_rules.language.tree import FAUX, INCONNU, VRAI

LIGNES = [
    Ligne("a", "rd", "personnel", (100, 100)),
    Ligne("b", "rd", "conseil", (10, 20)),
    Ligne("c", "rd", None, (5, 7)),
    Ligne("d", None, "personnel", (3, 3)),
    Ligne("e", "formation", "personnel", (1000, 1000)),
    Ligne("f", "rd", "personnel", (1, 2)),
]
RD, PERSONNEL = frozenset({"rd"}), frozenset({"personnel"})


def test_lines_of_a_purpose_and_a_type():
    """A line of unknown purpose or type may count: it raises the upper bound only; another type is told as out."""
    found = Lignes(LIGNES, completes=True).choisir(RD, PERSONNEL)
    assert (found.lignes, found.possibles, found.exclues) == (("a", "f"), ("c", "d"), ("b",))
    assert (found.statut, found.statut_postes) == (VRAI, VRAI)
    assert found.total == (101, 112)
    assert found.montants == {"a": (100, 100), "c": (0, 7), "d": (0, 3), "f": (1, 2)}
    assert found.poste("personnel") == (101, 112)
    assert found.poste("conseil") == (0, 0)


def test_any_purpose_and_any_type():
    """Nothing is out then, and a line of unknown type may be of any type asked."""
    found = Lignes(LIGNES, completes=True).choisir(None, None)
    assert found.total == (1119, 1132)
    assert (found.statut, found.possibles, found.exclues) == (VRAI, (), ())
    assert found.poste("conseil") == (10, 27)
    assert found.poste("terrains") == (0, 7)


def test_any_purpose_of_some_types_asks_for_such_a_cost():
    """Any purpose will do, not any cost: one of an admissible type must be there, told or not."""
    everything, machines = Lignes(LIGNES, completes=True), frozenset({"machines"})
    assert (everything.choisir(None, PERSONNEL).statut_postes, everything.choisir(None, PERSONNEL).statut) == (
        VRAI,
        VRAI,
    )
    assert everything.choisir(None, machines).statut_postes == INCONNU
    typed = Lignes(LIGNES[:2], completes=True)
    assert (typed.choisir(None, machines).statut_postes, typed.choisir(None, machines).statut) == (FAUX, VRAI)
    assert Lignes([], completes=False).choisir(None, machines).statut_postes == INCONNU
    assert Lignes([], completes=True).choisir(None, None).statut_postes == VRAI


def test_unknown_amounts_leave_no_upper_bound():
    """A line whose amount is unknown opens the total, its type, and every type when its type is unknown too."""
    found = Lignes([Ligne("a", "rd", "personnel", (5, None)), Ligne("b", "rd", None, (1, 1))], completes=True)
    assert found.choisir(RD, None).total == (6, None)
    assert found.choisir(RD, None).poste("personnel") == (5, None)
    assert found.choisir(RD, None).poste("conseil") == (0, 1)
    untyped = Lignes([Ligne("a", "rd", None, (5, None)), Ligne("b", "rd", None, (1, 1))], completes=True)
    assert untyped.choisir(RD, None).poste("conseil") == (0, None)


def test_a_dossier_without_costs_may_hold_any():
    """No line given is not no line: the status is unknown, no amount is bounded."""
    found = Lignes([], completes=False).choisir(RD, PERSONNEL)
    assert (found.statut, found.statut_postes, found.total) == (INCONNU, INCONNU, (0, None))
    assert found.poste("personnel") == (0, None)


def test_costs_of_other_purposes_only():
    """Costs all known and all of other purposes: the volet is out, for nothing; one unknown purpose keeps it in."""
    out = Lignes(LIGNES[4:5], completes=True)
    assert out.hors_sujet(RD)
    found = out.choisir(RD, PERSONNEL)
    assert (found.statut, found.statut_postes, found.total, found.poste("personnel")) == (FAUX, FAUX, (0, 0), (0, 0))
    assert found.complets
    assert not out.hors_sujet(None)
    maybe = Lignes([LIGNES[3]], completes=True).choisir(RD, PERSONNEL)
    assert (maybe.statut, maybe.statut_postes, maybe.total, maybe.possibles) == (INCONNU, INCONNU, (0, 3), ("d",))


def test_a_choice_is_worked_out_once():
    """The regimes of a law ask for the same lines again and again."""
    lignes = Lignes(LIGNES, completes=True)
    assert lignes.choisir(RD, PERSONNEL) is lignes.choisir(RD, PERSONNEL)
    assert lignes.choisir(RD, None) != lignes.choisir(RD, PERSONNEL)


@pytest.mark.parametrize(
    ("unite", "nombre", "fin"),
    [
        ("jours", 30, "2024-03-30"), ("jours", -1, "2024-02-28"), ("mois", 12, "2025-02-28"),
        ("jours_ouvrables", 2, "2024-03-04"), ("jours_ouvrables", -1, "2024-02-28"),
    ],
)  # fmt: skip
def test_a_day_is_moved(unite, nombre, fin):
    """29 February 2024, a Thursday: a year later is 28 February, two working days later is Monday."""
    assert shift(date(2024, 2, 29).toordinal(), nombre, unite) == date.fromisoformat(fin).toordinal()
    assert shift(None, nombre, unite) is None


def test_what_is_fully_known(engine):
    """The date is always known; a fact of a blank dossier never is, of whatever kind; one value only makes it known."""
    vocabulary = engine.book.vocabulaire
    slots = Slots(vocabulary)
    env = [739000, *slots.blank[1:]]
    assert slots.known(env, "date_octroi")
    for name, fact in vocabulary.faits.items():
        assert not slots.known(env, name)
        known = FAUX if fact.type == "booleen" else 2 if fact.type == "choix" else (7, 7) if fact.intervalle else 0
        env[slots.index[name]] = known
        assert slots.known(env, name)
