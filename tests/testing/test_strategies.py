"""The dossiers that the kit makes: valid, varied, readable, near what decides; the faulty ones are refused in place."""

from __future__ import annotations

import unittest
from collections import Counter
from datetime import date

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from aid_rules.faults import FaultsError
from aid_rules.language.positions import read_text
from aid_rules.language.reading import read_dossier
from aid_rules.testing.domaines import dossiers
from aid_rules.testing.ecriture import en_yaml
from aid_rules.testing.fautifs import fautifs
from aid_rules.testing.favorables import favorables
from aid_rules.testing.machine import machine
from aid_rules.testing.parties import jours, lecture, lire

PEU = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@PEU
@given(st.data())
def test_dossiers_are_valid_and_print_as_yaml(engine, data):
    """Each is read without a fault, and its YAML, pasted, is the same dossier."""
    found = data.draw(dossiers(engine))
    dossier = lire(engine, found)
    pasted = read_dossier(read_text(en_yaml(found), "f.yaml"), engine.book.vocabulaire, engine.book.bases)
    assert pasted == dossier
    assert en_yaml(found) in repr(found)


@PEU
@given(st.data())
def test_days_are_days_of_the_law(engine, data):
    """Any day of the RGEC."""
    assert date(2014, 7, 1) <= data.draw(jours(engine)) <= date(2026, 12, 31)


def test_a_dossier_aims_at_its_basis(engine):
    """Aimed at a basis, dossiers meet its three verdicts."""
    seen: Counter[int] = Counter()

    @settings(PEU, max_examples=60, phases=[Phase.generate], database=None, derandomize=True)
    @given(dossiers(engine, regime="rgec.17", jour=date(2024, 3, 15)))
    def aim(found):
        seen[engine.evaluate(lire(engine, found)).evaluation.regimes["rgec.17"].verdict] += 1

    aim()
    assert set(seen) == {0, 1, 3}


def test_favourable_dossiers_are_often_usable(engine):
    """The basis aimed at is usable in a good share of them."""
    usable = []

    @settings(PEU, max_examples=40, phases=[Phase.generate], database=None, derandomize=True)
    @given(favorables(engine, "rgec.18", date(2024, 3, 15)))
    def aim(found):
        usable.append(engine.evaluate(lire(engine, found)).evaluation.regimes["rgec.18"].verdict == 3)

    aim()
    assert sum(usable) > len(usable) // 10


def test_what_a_basis_reads(engine):
    """The facts, the purposes and the amounts near which it decides."""
    loi = engine.at(date(2024, 3, 15)).loi
    found = lecture(next(r for r in loi.regimes if r.id == "rgec.17"))
    assert "beneficiaire.categorie" in found.faits
    assert found.finalites == {"investissement_initial"}
    assert {825_000_000, 825_000_000 * 5} <= found.montants
    assert found.faits["incorporels_maintien_ans"] == [300]


def test_they_shrink_to_little(engine):
    """The least dossier with a cost line is a few lines of YAML."""
    from hypothesis import find  # noqa: PLC0415 - this test alone

    least = find(
        dossiers(engine, plan=False),
        lambda d: bool(d.get("projet", {}).get("couts")),
        settings=settings(max_examples=100, deadline=None, database=None, suppress_health_check=list(HealthCheck)),
    )
    assert len(en_yaml(least).splitlines()) <= 12


@PEU
@given(st.data())
def test_faulty_dossiers_are_refused_in_place(engine, data):
    """The fault is said at its path, with the word expected."""
    found = data.draw(fautifs(engine))
    with pytest.raises(FaultsError) as caught:
        lire(engine, found.donnees)
    assert any(f.path.startswith(found.chemin) and found.mot in f.message for f in caught.value.faults), found


def test_the_state_machine(engine):
    """A dossier filled, corrected and emptied: what it concludes holds at each step."""
    case = machine(engine).TestCase
    case.settings = settings(
        max_examples=12, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
    )
    found = unittest.TestResult()
    case().run(found)
    assert found.testsRun == 1
    assert found.wasSuccessful(), "\n".join(text for _, text in [*found.errors, *found.failures])
