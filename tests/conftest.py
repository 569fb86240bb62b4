"""What every test shares: the plugin collects the YAML cases, and opens the shipped rules once (`engine`)."""

from __future__ import annotations

import pytest

pytest_plugins = ["aid_rules.testing.plugin", "pytester"]

MINIMUM_DE_CAS = 500
"""Fewer worked cases than that, in a run of the whole suite, means that some are no longer read."""


def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    """Refuse a whole run that no longer sees the cases: it would pass in silence."""
    whole = session.config.args == session.config.getini("testpaths")
    cases = sum(type(item).__name__ == "Essai" for item in items)
    if whole and not session.config.option.keyword and cases < MINIMUM_DE_CAS:
        raise pytest.UsageError(f"{cases} cas lus dans tests/cas, {MINIMUM_DE_CAS} au moins sont attendus")
