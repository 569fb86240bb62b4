"""What the tests of the command line share."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from dossiers_cli import BLOQUANT, SAIN

RACINE = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def lance(tmp_path_factory):
    """Run the whole program in a process of its own; no traceback ever shows."""
    cache = tmp_path_factory.mktemp("cache")

    def run(*args, entree=None, **env):
        done = subprocess.run(
            [sys.executable, "-m", "aid_rules", *map(str, args)],
            input=entree,
            capture_output=True,
            check=False,
            cwd=RACINE,
            timeout=60,
            env=os.environ | {"PYTHONPATH": str(RACINE), "AID_RULES_CACHE": str(cache)} | env,
        )
        assert b"Traceback" not in done.stderr + done.stdout
        return done

    return run


@pytest.fixture
def sain(tmp_path) -> Path:
    """A small sound dossier."""
    path = tmp_path / "dossier é.yaml"
    path.write_text(SAIN, encoding="utf-8")
    return path


@pytest.fixture
def bloquant(tmp_path) -> Path:
    """A dossier whose plan exceeds the de minimis ceiling."""
    path = tmp_path / "bloquant.yaml"
    path.write_text(BLOQUANT, encoding="utf-8")
    return path
