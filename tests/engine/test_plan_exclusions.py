"""What the schemes' own rules ask of the best plan: aids that may not meet, and equal shares."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from aid_rules.engine.plan import _interdits, _parites
from aid_rules.language.tree import FAUX, INCONNU, VRAI

pytest.importorskip("ortools")


def candidate(nom: str, base: str, kind: str | None = "etat") -> SimpleNamespace:
    return SimpleNamespace(id=nom, base=base, financeur=SimpleNamespace(type=kind))


def asked(rules, candidates, granted=()):
    """What is found of some rules `(between, severity, equal shares, status)`, and the problem they bear on."""
    laws = [SimpleNamespace(entre=entre, gravite=gravite, parite=parite) for entre, gravite, parite, _ in rules]
    found = SimpleNamespace(
        loi=SimpleNamespace(loi=SimpleNamespace(incompatibilites=laws)),
        evaluation=SimpleNamespace(incompatibilites=[status for *_, status in rules]),
    )
    kept = tuple(SimpleNamespace(id=nom, base=base) for nom, base in granted)
    return found, SimpleNamespace(candidats=tuple(candidates), acquises=kept)


A_B = (frozenset({"a"}), frozenset({"b"}))


def test_two_schemes_that_exclude_each_other_are_kept_apart():
    """Either order, planned or granted: what one scheme forbids beside the other never shares its costs."""
    candidates = [candidate("x", "a"), candidate("y", "b"), candidate("z", "c")]
    found = asked([(A_B, "bloquante", False, VRAI)], candidates, [("g", "a"), ("h", "c"), ("i", None)])
    assert set(_interdits(*found)) == {("x", "y"), ("y", "x"), ("y", "g")}
    unsure = asked([(A_B, "attention", False, INCONNU)], candidates)
    assert set(_interdits(*unsure)) == {("x", "y"), ("y", "x")}


@pytest.mark.parametrize(("gravite", "status"), [("information", VRAI), ("bloquante", FAUX)])
def test_a_rule_that_only_informs_or_does_not_apply_keeps_nothing_apart(gravite, status):
    """What is only told, or does not hold that day, forbids nothing."""
    found = asked([(A_B, gravite, False, status)], [candidate("x", "a"), candidate("y", "b")])
    assert list(_interdits(*found)) == []


def test_a_scheme_that_stands_alone_on_its_costs_excludes_its_second_aid_not_itself():
    """A scheme excluded with itself keeps two of its aids apart, and no aid from itself."""
    alone = (frozenset({"a"}), frozenset({"a"}))
    found = asked([(alone, "bloquante", False, VRAI)], [candidate("x", "a"), candidate("y", "a")])
    assert set(_interdits(*found)) == {("x", "y"), ("y", "x")}


def test_equal_shares_bind_the_region_and_each_other_funder_of_the_scheme():
    """PIA: the Région's share is that of the State; a funder of unknown kind, or of another scheme, is left out."""
    candidates = [
        candidate("r", "a", "region"),
        candidate("s", "a", "region"),
        candidate("e", "a", "etat"),
        candidate("n", "a", None),
        candidate("q", "b", "region"),
        candidate("f", "b", "etat"),
    ]
    rule = (frozenset({"a"}), frozenset({"b"}))
    assert set(_parites(*asked([(rule, "information", True, VRAI)], candidates))) == {("r", "e"), ("s", "e")}
    for parite, status in ((False, VRAI), (True, FAUX), (False, FAUX)):
        assert list(_parites(*asked([(rule, "information", parite, status)], candidates))) == []
