"""What every test shares: the shipped rules, loaded once."""

from __future__ import annotations

from pathlib import Path

import pytest

from aid_rules.engine.moteur import Engine

CAS = Path(__file__).parent / "cas"


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The engine on the shipped rulesets."""
    return Engine()
