"""Worked cases: what an expectation says is compared with what was found, and nothing else."""

from __future__ import annotations

import pytest

from aid_rules.testing.cas import compare

VOLET = {"id": "etudes", "conditions": [{"id": "pme", "verdict": "faux", "phrase": "PME"}]}
RESULT = {"regimes": [{"id": "rgec.18", "conditions": [], "volets": [VOLET]}]}


@pytest.mark.parametrize(
    ("wanted", "differences"),
    [
        ({"pme": "faux"}, []),
        ({"grande": "absente"}, []),
        ({"pme": "absente"}, ["rgec.18/etudes, condition pme : attendu absente, trouvé faux"]),
        ({"grande": "vrai"}, ["rgec.18/etudes, condition grande : attendu vrai, trouvé absente"]),
    ],
)
def test_conditions_of_a_volet(wanted, differences):
    """A condition expected of a volet is found there, or is said « absente » when that volet has none of that name."""
    expected = {"regimes": {"rgec.18": {"volets": {"etudes": {"conditions": wanted}}}}}
    assert list(compare(expected, RESULT)) == differences
