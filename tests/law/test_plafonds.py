"""The highest aid that cost lines may bear (RGEC article 8(3)(b)): amounts without bound, lines that nothing serves."""

from __future__ import annotations

import pytest

from aid_rules.law.plafonds import ECHELLE, Plafond, Possibilite

AB = frozenset("ab")


@pytest.mark.parametrize(
    ("possible", "cents"),
    [
        (Possibilite("x", 2000, {"a": None, "b": 100}), None),
        (Possibilite("x", 0, {"a": None, "b": 100}), 0),
        (Possibilite("x", 2000, {"a": None, "b": 100}, plafond=70), 70),
        (Possibilite("x", 2000, {"a": None, "b": 100}, plafond_base=60), 60),
        (Possibilite("x", 2000, {"a": None, "b": 100}, 70, 60), 60),
        (Possibilite("x", 2000, {"a": 200, "b": 100}, 70, 65), 60),
        (Possibilite("x", 3333, {"a": 1, "b": 1}), 0),
        (Possibilite("x", 5000, {"a": 1, "b": 1}), 1),
    ],
)
def test_one_purpose(possible, cents):
    """Costs without bound have none, unless a cap or a rate of nothing says otherwise; only the total is rounded."""
    assert Plafond([possible]).cents(AB) == cents


@pytest.mark.parametrize(("ailleurs", "cents"), [(0, 20), (5, 25), (None, None)])
def test_a_line_that_nothing_serves(ailleurs, cents):
    """It adds what is allowed elsewhere: nothing, an amount, or no limit at all."""
    plafond = Plafond([Possibilite("x", 2000, {"a": 100})], ailleurs)
    assert plafond.cents(AB) == cents
    assert plafond.cents(frozenset("a")) == 20
    assert plafond.exact(frozenset("a")) == 20 * ECHELLE
    assert plafond.cents(frozenset("b")) == ailleurs


def test_one_cap_over_two_groups():
    """A cap shared by two groups of lines sends one of them to the other basis; an unbounded one takes it whole."""
    shared = [Possibilite("x", 5000, {"a": 100, "b": 100, "c": 100}, plafond_base=60)]
    other = Possibilite("y", 4000, {"b": 100, "c": 100})
    assert Plafond([*shared, other]).cents(frozenset("abc")) == 50 + 80
    loose = Possibilite("x", 5000, {"a": None, "b": 100, "c": 100}, plafond_base=60)
    assert Plafond([loose, other]).cents(frozenset("abc")) == 60 + 80


def test_two_purposes_of_one_basis_share_its_cap():
    """Each purpose within its own cap, both within that of the basis."""
    one = Possibilite("x", 5000, {"a": 100}, 40, 55)
    two = Possibilite("x", 5000, {"b": 100}, 30, 55)
    assert Plafond([one, two]).cents(AB) == 55
    assert Plafond([one, two]).cents(frozenset("a")) == 40
    free = [one._replace(plafond_base=None, plafond=None, couts={"a": None}), two._replace(plafond_base=None)]
    assert Plafond(free).cents(AB) is None


def test_the_purpose_that_gives_most_is_chosen():
    """Line by line group; no bound is more than any amount."""
    low, high = Possibilite("x", 1000, {"a": 100, "b": 100}), Possibilite("y", 2000, {"a": 100})
    assert Plafond([low, high]).choix(AB) == {"a": 1, "b": 0}
    assert exact([low, high], "ab") == exact([high, low], "ab") == (20 + 10) * ECHELLE
    assert Plafond([high._replace(couts={"a": None}), low]).choix(AB) == {"a": 0, "b": 1}
    assert Plafond([high, low._replace(couts={"a": None})]).choix(frozenset("a")) == {"a": 1}
    nothing = [Possibilite("x", 0, {"a": 100}), Possibilite("y", 1, {"a": 1})]
    assert Plafond(nothing).choix(frozenset("a")) == {"a": 1}
    assert Plafond(nothing[::-1]).choix(frozenset("a")) == {"a": 0}


def exact(possibilites, lignes):
    """Return the ceiling in ten-thousandths of a cent."""
    return Plafond(possibilites).exact(frozenset(lignes))


def test_nothing_allowed_is_nothing_to_the_ten_thousandth():
    """A line that nothing serves, a rate of nothing on costs without bound, a shared cap of nothing."""
    assert exact([Possibilite("x", 2000, {"a": 100})], "b") == 0
    assert exact([Possibilite("x", 0, {"a": None})], "a") == 0
    shut = [Possibilite("x", 5000, {"a": 100, "b": 100}, plafond_base=0), Possibilite("y", 0, {"b": 100})]
    assert exact(shut, "ab") == 0


@pytest.mark.parametrize("caps", [{"plafond": 60}, {"plafond_base": 60}, {"plafond": 60, "plafond_base": 60}])
def test_either_cap_over_two_groups_is_spent_once(caps):
    """A cap of the purpose, or of the basis, holds over both groups together, whichever way purposes are given."""
    shared = Possibilite("x", 5000, {"a": 100, "b": 100}, **caps)
    poor, rich = Possibilite("y", 1000, {"b": 100}), Possibilite("z", 4000, {"b": 100})
    assert exact([shared, poor], "ab") == 60 * ECHELLE
    assert exact([poor, shared], "ab") == 60 * ECHELLE
    assert exact([shared, rich], "ab") == exact([rich, shared], "ab") == (50 + 40) * ECHELLE
    assert exact([shared, poor, rich], "ab") == exact([rich, poor, shared], "ab") == (50 + 40) * ECHELLE


def test_groups_add_up_under_a_shared_cap_that_is_not_reached():
    """The cap is searched group by group, and not one ten-thousandth comes or goes on the way."""
    shared = Possibilite("x", 3333, {"a": 1, "b": 1, "c": 1}, plafond=1000)
    others = [Possibilite("y", 1, {"b": 1}), Possibilite("z", 2, {"c": 1})]
    assert exact([shared, *others], "abc") == 3 * 3333
    assert exact([*others, shared], "abc") == 3 * 3333


def test_a_line_that_nothing_serves_has_no_purpose():
    """It is left out of the choice."""
    assert Plafond([Possibilite("x", 1000, {"a": 100})]).choix(AB) == {"a": 0}
