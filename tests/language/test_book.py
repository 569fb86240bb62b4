"""The cache of ready rules is a speed-up only: missing, damaged, foreign or disabled, the answer is the same."""

from __future__ import annotations

import os
import pickle
import stat
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from aid_rules.language import book
from aid_rules.language.book import Cache, Library
from aid_rules.language.places import rulesets

JOUR = date(2024, 3, 15)
SMALL = Path(__file__).parent.parent / "erreurs" / "regles" / "socle"


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("AID_RULES_CACHE", str(folder))
    monkeypatch.setattr(book, "_code_stamp", lambda: "ce programme")
    return folder


def pickles(folder):
    return sorted(folder.rglob("*.pickle"))


def never(*_):
    raise AssertionError("les règles ont été relues")


def test_a_second_run_parses_nothing(cache, monkeypatch):
    """What the first run made ready serves the second."""
    first = Library([SMALL])
    loi, code = first.law(JOUR)
    assert code is None
    first.keep(loi, compile("1", "x", "eval"))
    monkeypatch.setattr("aid_rules.language.loader.load", never)
    second = Library([SMALL])
    again, code = second.law(JOUR)
    assert again == loi
    assert eval(code) == 1  # noqa: S307 - the code kept just above
    assert second.book == first.book
    assert len(pickles(cache)) == 2


@pytest.mark.parametrize(
    "damage", [b"", b"pas un pickle", b"\x80\x05.", pickle.dumps("autre chose"), pickle.dumps(None)]
)
def test_a_damaged_entry_is_rebuilt(cache, damage):
    """A cut or foreign file is ignored and written anew."""
    first = Library([SMALL])
    loi, _ = first.law(JOUR)
    first.keep(loi, compile("1", "x", "eval"))
    for path in pickles(cache):
        path.write_bytes(damage)
    again = Library([SMALL])
    assert again.book == first.book
    assert again.law(JOUR) == (loi, None)
    again.keep(loi, compile("1", "x", "eval"))
    assert all(path.read_bytes() != damage for path in pickles(cache))


def test_a_truncated_entry_is_rebuilt(cache):
    """A file cut in the middle, as by a full disk."""
    expected = Library([SMALL]).book
    (path,) = pickles(cache)
    path.write_bytes(path.read_bytes()[:-20])
    assert Library([SMALL]).book == expected


def test_a_foreign_entry_is_not_read(cache, monkeypatch):
    """A pickle that belongs to somebody else could run anything: it is not opened."""
    Library([SMALL])
    assert pickles(cache)
    monkeypatch.setattr(os, "getuid", lambda: 123456)
    monkeypatch.setattr(pickle, "loads", never)
    assert Library([SMALL]).book.textes


def test_the_folder_is_the_user_s_own(cache):
    """Nobody else may write there."""
    Library([SMALL])
    (path,) = pickles(cache)
    assert stat.S_IMODE(path.parent.stat().st_mode) & 0o077 == 0


def test_disabled(tmp_path, monkeypatch):
    """`AID_RULES_CACHE=non` writes nothing, and gives the same."""
    monkeypatch.setenv("AID_RULES_CACHE", "non")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert Library([SMALL]).book.bases == ("loi.socle",)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    """A cache folder that is a file, or cannot be made: no cache, no fault."""
    blocked = tmp_path / "fichier"
    blocked.write_text("")
    monkeypatch.setenv("AID_RULES_CACHE", str(blocked))
    assert Library([SMALL]).book.bases == ("loi.socle",)


def test_the_key_changes_with_rules_and_program(cache, tmp_path, monkeypatch):
    """Another content, another program: another folder, never a stale law."""
    Library([SMALL])
    over = tmp_path / "dessus"
    over.mkdir()
    (over / "regime.yaml").write_text((SMALL / "regime.yaml").read_text().replace("taux: 20", "taux: 35"))
    Library([SMALL, over])
    monkeypatch.setattr(book, "_code_stamp", lambda: "autre programme")
    Library([SMALL])
    assert len({path.parent for path in pickles(cache)}) == 3


def test_entries_are_written_whole(cache):
    """No temporary file is left behind."""
    found = Cache("essai")
    found.write("x", {"a": 1})
    assert found.read("x") == {"a": 1}
    assert [p.name for p in found.folder.iterdir()] == ["x.pickle"]
    assert found.read("absent") is None
    assert cache in found.folder.parents


def test_a_cached_run_imports_no_parser(tmp_path):
    """Neither the grammar nor the models of the files are loaded when the cache serves."""
    program = (
        "import sys; from datetime import date; from aid_rules.engine.moteur import Engine; "
        "Engine().at(date(2024, 3, 15)); "
        "print('lark' in sys.modules, 'aid_rules.language.loader' in sys.modules)"
    )
    env = os.environ | {"AID_RULES_CACHE": str(tmp_path), "PYTHONPATH": str(rulesets().parent)}
    runs = [
        subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert runs == ["True True\n", "False False\n"]
