"""The laws that always hold, tried on dossiers made for the purpose: any date, any basis, whole or partial."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aid_rules.testing.domaines import dossiers
from aid_rules.testing.epreuves import VERSIONS, eprouver, une
from aid_rules.testing.proprietes import PROPRIETES

REGLAGES = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
ALEAS = st.integers(0, 2**32).map(Random)


@pytest.mark.parametrize("nom", PROPRIETES)
def test_it_holds(nom, engine):
    """The law holds whatever the dossier."""
    tried = 0

    @REGLAGES
    @given(dossiers(engine), ALEAS)
    def holds(data, alea):
        nonlocal tried
        PROPRIETES[nom].verifier(engine, data, alea)
        tried += 1

    holds()
    assert tried >= REGLAGES.max_examples


@pytest.mark.parametrize("jour", VERSIONS, ids=str)
def test_the_laws_hold_on_every_basis_of_every_version(jour, engine):
    """Each legal basis and each scheme in force has its dossier; the laws are tried on them in turn."""
    assert eprouver(engine, jour, choisir=une) > 40


def test_each_law_is_named_and_said():
    """The library is documented: a sentence per law."""
    assert len(PROPRIETES) >= 11
    assert all(len(p.enonce) > 30 and p.enonce.endswith(".") for p in PROPRIETES.values())
