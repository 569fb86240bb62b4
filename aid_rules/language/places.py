"""Where the rulesets and their tables stand: beside the package in a checkout, inside it once installed."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def rulesets() -> Path:
    """Return the folder of the rulesets shipped with the package."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_rulesets"
    return installed if installed.is_dir() else package.parent / "rulesets"


def donnees() -> Path:
    """Return the folder of the shipped tables."""
    return rulesets() / "donnees"
