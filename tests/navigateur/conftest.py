"""A real browser on a real server: Debian's Chromium through Playwright.

Skipped where Chromium is absent, unless `AID_RULES_NAVIGATEUR=exige`: then its absence is a failure.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from aid_rules.engine.moteur import Engine
from aid_rules.web.application import creer

CHROMIUM = os.environ.get("AID_RULES_CHROMIUM", "/usr/bin/chromium")
OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = "axe-core@4.14.1"


def manque(raison: str) -> None:
    """Skip, or fail where the browser is required."""
    if os.environ.get("AID_RULES_NAVIGATEUR") == "exige":
        pytest.fail(raison)
    pytest.skip(raison)


@pytest.fixture(scope="session")
def adresse(engine: Engine) -> Iterator[str]:
    """The address of a running server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(creer(engine), port=port, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    limit = time.monotonic() + 30
    while not server.started and time.monotonic() < limit:
        time.sleep(0.05)
    assert server.started
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="session")
def navigateur() -> Iterator[object]:
    """Chromium, without a window."""
    if importlib.util.find_spec("playwright") is None:
        manque("playwright n'est pas installé")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - an extra

    if not Path(CHROMIUM).exists():
        manque(f"{CHROMIUM} est absent")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core, from npm unless `AID_RULES_AXE` names a file."""
    named = os.environ.get("AID_RULES_AXE")
    if named:
        return Path(named).read_text(encoding="utf-8")
    npm = shutil.which("npm")
    if npm is None:
        manque("npm est absent : axe-core ne peut pas être installé")
    folder = tmp_path_factory.mktemp("axe")
    done = subprocess.run(
        [npm or "", "pack", AXE, "--silent"], cwd=folder, check=False, capture_output=True, timeout=120
    )
    archives = list(folder.glob("*.tgz"))
    if done.returncode or not archives:
        manque("axe-core n'a pas pu être installé par npm")
    shutil.unpack_archive(archives[0], folder, filter="data")
    return (folder / "package" / "axe.min.js").read_text(encoding="utf-8")
