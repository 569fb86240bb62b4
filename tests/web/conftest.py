"""The application under test, on the shipped rules."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from aid_rules.engine.moteur import Engine
from aid_rules.web.application import creer


@pytest.fixture(scope="session")
def client(engine: Engine) -> Iterator[TestClient]:
    """A client of the application."""
    with TestClient(creer(engine)) as found:
        yield found
