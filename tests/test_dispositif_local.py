"""The example that a funder copies: its rules are sound, its cases pass, and its cases are strong."""

from __future__ import annotations

from pathlib import Path

import pytest

from aid_rules.engine.moteur import Engine
from aid_rules.language.checks import check
from aid_rules.language.loader import load
from aid_rules.language.places import rulesets
from aid_rules.testing.cas import run
from aid_rules.testing.mutations import Epreuve, lire_cas

EXEMPLE = Path(__file__).parents[1] / "examples" / "dispositif_local"
CAS = lire_cas(EXEMPLE / "cas")


@pytest.fixture(scope="module")
def local():
    """The engine with the rules of the example over the shipped ones."""
    return Engine(EXEMPLE / "regles")


def test_its_rules_are_sound():
    """What the guide tells to write passes every check."""
    rules = load(rulesets(), EXEMPLE / "regles")
    assert [str(f) for f in check(rules) if "dispositif_local" in f.file] == []


@pytest.mark.parametrize("cas", CAS, ids=lambda cas: cas.nom)
def test_its_cases_pass(cas, local):
    """Each case of the example."""
    assert run(cas, local) == []


def test_its_cases_are_strong(local):
    """No figure, date or operator of the scheme can change unseen."""
    found = Epreuve(local, CAS, {}).eprouver(local.library.rules.dispositifs["agglo_prime_implantation"])
    assert [m.nom for m in found.survivants] == []
    assert found.total >= 12
