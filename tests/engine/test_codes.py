"""What an alert says: amounts, ceilings and names, as the reader sees them."""

from __future__ import annotations

import pytest

from aid_rules.engine import codes
from aid_rules.language.tree import INCONNU, VRAI


def lisible(text):
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def test_a_certain_overrun_blocks_and_an_open_one_warns():
    """What missing facts leave open is never a refusal."""
    assert codes.gravite(certaine=True) == ("bloquante", VRAI)
    assert codes.gravite(certaine=False) == ("attention", INCONNU)


def test_every_code_is_listed_once():
    """An alert bears one of the codes; no two mean the same."""
    named = {value for name, value in vars(codes).items() if name.isupper() and isinstance(value, str)}
    assert named == set(codes.CODES)
    assert len(codes.CODES) == len(named) > 10


@pytest.mark.parametrize(("cents", "text"), [(None, "un montant encore inconnu"), (0, "0 €"), (1_234_50, "1 234,50 €")])
def test_an_amount_that_may_be_unknown(cents, text):
    """Nothing is an amount of zero, and unknown is not."""
    assert lisible(codes.montant(cents)) == text


@pytest.mark.parametrize(
    ("bounds", "certain", "text"),
    [
        ((100_00, 300_00), True, "300 €"),
        ((100_00, 300_00), False, "100 € à 300 €"),
        ((100_00, None), False, "100 € ou plus"),
        ((100_00, None), True, "un montant encore inconnu"),
        ((300_00, 300_00), False, "300 €"),
        ((0, 0), False, "0 €"),
    ],
)
def test_a_ceiling_is_told_with_all_that_is_left_of_it(bounds, certain, text):
    """A certain overrun is over the highest ceiling; an open one shows both bounds."""
    assert lisible(codes.limite(bounds, certain)) == text


@pytest.mark.parametrize(
    ("items", "text"), [(["a"], "a"), (["a", "b"], "a et b"), (["a", "b", "c"], "a, b et c"), (iter("ab"), "a et b")]
)
def test_names_make_a_french_list(items, text):
    """Commas, then the conjunction before the last."""
    assert codes.noms(items) == text


def test_names_may_be_joined_by_another_word():
    """« ou » when one of them is enough."""
    assert codes.noms(["a", "b"], "ou") == "a ou b"
