"""Which tests run a line of a module, and whether they see a change of it: what Python mutation rests on.

Everything happens in forks of a process that has already imported what the module rests on; Hypothesis neither shrinks
there nor draws at random, so that a score is quick and the same twice.
"""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.machinery
import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import NamedTuple

import pytest
from coverage import Coverage
from hypothesis import Phase, settings

OPTIONS = ("-x", "-q", "--tb=no", "-p", "no:cacheprovider")


class Portee(NamedTuple):
    """What a run of the tests shows: the seconds of each, and by line of the module the tests that run it."""

    durees: Mapping[str, float]
    par_ligne: Mapping[int, frozenset[str]]

    def essais(self, lignes: range) -> list[str]:
        """Return the tests that run one of these lines, quickest first; all of them when it runs on import."""
        seen = frozenset[str]().union(*(self.par_ligne.get(n, frozenset()) for n in lignes))
        return sorted(self.durees if "" in seen else seen & set(self.durees), key=lambda name: self.durees[name])


class _Releve:
    """Pytest plugin: tells coverage which test runs, and times it. What a fixture runs stands for every test."""

    def __init__(self, coverage: Coverage) -> None:
        self.coverage = coverage
        self.durees: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        self.coverage.switch_context(item.nodeid)
        start = time.monotonic()
        try:
            return (yield)
        finally:
            self.durees[item.nodeid] = time.monotonic() - start
            self.coverage.switch_context("")


class _Mute(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives the mutant wherever the module is imported."""

    def __init__(self, nom: str, code: CodeType) -> None:
        self.nom, self.code = nom, code

    def find_spec(
        self, fullname: str, path: object, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        del path, target
        return importlib.machinery.ModuleSpec(fullname, self) if fullname == self.nom else None

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code, module.__dict__)  # noqa: S102 - the module itself, one operator changed


@contextlib.contextmanager
def prepare(nom: str) -> Iterator[None]:
    """Import for a while what the module rests on, which no change of it can touch: the forks need not do it again."""
    paquet, path = nom.partition(".")[0], list(sys.path)
    modules = _retirer(paquet)
    sys.path.insert(0, str(Path.cwd()))
    importlib.invalidate_caches()
    try:
        with contextlib.suppress(ModuleNotFoundError):
            importlib.import_module(nom)
            _oublier(nom)
        yield
    finally:
        _retirer(paquet)
        sys.modules.update(modules)
        sys.path[:] = path


def _retirer(paquet: str) -> dict[str, ModuleType]:
    return {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == paquet}


def _oublier(nom: str) -> None:
    package, _, last = nom.rpartition(".")
    del sys.modules[nom]
    if package:
        delattr(sys.modules[package], last)


def _lancer(essais: Sequence[str], plugin: object = None) -> int:
    settings.register_profile("mutation", phases=(Phase.explicit, Phase.generate), derandomize=True, database=None)
    settings.load_profile("mutation")
    with contextlib.redirect_stdout(io.StringIO()):
        return int(pytest.main([*OPTIONS, *essais], plugins=[plugin] if plugin else []))


def portee(path: Path, essais: Sequence[str]) -> Portee | None:
    """Run the tests on the module as it is; return what they run of it, nothing when one fails or none is found."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "portee.json")
        child = os.fork()
        if child == 0:
            with contextlib.suppress(BaseException):
                _relever(path, essais, out)
            os._exit(0)
        os.waitpid(child, 0)
        if not out.is_file():
            return None
        durees, par_ligne = json.loads(out.read_text(encoding="utf-8"))
        return Portee(durees, {int(n): frozenset(names) for n, names in par_ligne.items()})


def _relever(path: Path, essais: Sequence[str], out: Path) -> None:
    coverage = Coverage(data_file=None, include=[str(path)], config_file=False)
    plugin = _Releve(coverage)
    coverage.start()
    status = _lancer(essais, plugin)
    coverage.stop()
    if status == 0:
        lines = coverage.get_data().contexts_by_lineno(str(path.resolve()))
        out.write_text(json.dumps([plugin.durees, lines]), encoding="utf-8")


def survit(nom: str, code: CodeType, essais: Sequence[str], delai: float) -> bool:
    """Run the tests on a mutant in a process of its own, for `delai` seconds; return whether they all pass."""
    child = os.fork()
    if child == 0:
        status = 1
        with contextlib.suppress(BaseException):
            sys.meta_path.insert(0, _Mute(nom, code))
            status = _lancer(essais)
        os._exit(min(status, 1))
    limit = time.monotonic() + delai
    while time.monotonic() < limit:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.01)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return False
