"""The two evaluators agree: columns give what the exact evaluator gives, to the cent and to the reason."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aid_rules.engine.moteur import Engine
from aid_rules.testing.accord import Desaccord, comparer, main
from aid_rules.testing.strategies import Generateur, dossiers


@pytest.fixture(scope="module")
def generateur(engine: Engine) -> Generateur:
    return Generateur(engine)


@pytest.mark.parametrize("graine", range(2))
def test_columnar_and_exact_agree_on_random_dossiers(engine: Engine, generateur: Generateur, graine: int) -> None:
    """Promise: same verdict, rate, amount and reason for each basis and criterion, whatever the dossier and the day."""
    made = list(generateur.serie(graine, 10_000))
    assert comparer(engine, made) > 1_000_000


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_columnar_and_exact_agree_on_dossiers_that_hypothesis_makes(engine: Engine, data: st.DataObject) -> None:
    """Promise: the same, on dossiers that Hypothesis can make smaller when they disagree."""
    assert comparer(engine, data.draw(st.lists(dossiers(engine), min_size=1, max_size=5))) > 0


def test_a_difference_is_shown_with_its_dossier(engine: Engine, generateur: Generateur, monkeypatch) -> None:
    """A slip of one evaluator does not pass: the dossier and both answers are told."""
    monkeypatch.setattr("aid_rules.testing.accord.motif", lambda _regime, _borne=None: -7)
    with pytest.raises(Desaccord, match="colonnes, exact"):
        comparer(engine, list(generateur.serie(3, 5)))


def test_the_command_compares_and_tells(capsys) -> None:
    """One command compares as many dossiers as wanted, and says how much was compared."""
    assert main(["--dossiers", "60", "--graine", "5"]) == 0
    assert capsys.readouterr().out.startswith("60 dossiers : ")
