"""How far a run is: a bar on a terminal, plain lines elsewhere, nothing for a short one."""

from __future__ import annotations

from io import StringIO

import pytest

from aid_rules.portfolio import progress


class Terminal(StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


class Horloge:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def horloge(monkeypatch: pytest.MonkeyPatch) -> Horloge:
    clock = Horloge()
    monkeypatch.setattr(progress, "time", clock)
    return clock


def test_barre_sur_un_terminal(horloge: Horloge, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: a terminal shows a bar with the rows done, their rate, and the time left."""
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with progress.suivre(1000, stream) as tell:
        horloge.now += 2
        tell(500, 3000)
    said = stream.getvalue()
    assert "Évaluation" in said
    assert "50%" in said
    assert "3\u202f000 lignes, 1\u202f500 par seconde, reste" in said


def test_lignes_ailleurs(horloge: Horloge) -> None:
    """Promise: elsewhere, a plain line every five seconds, with rate and time left."""
    stream = StringIO()
    with progress.suivre(1000, stream) as tell:
        horloge.now += 1
        tell(100, 1200)
        assert not stream.getvalue(), "too soon"
        horloge.now += 9
        tell(500, 6000)
        horloge.now += 1
        tell(600, 7000)
        horloge.now += 9
        tell(1000, 12_000)
    assert stream.getvalue().splitlines() == [
        "50 % : 6\u202f000 lignes, 600 par seconde, reste environ 10 s",
        "100 % : 12\u202f000 lignes, 600 par seconde, reste environ 0 s",
    ]


def test_court_sans_ligne(horloge: Horloge) -> None:
    """Promise: a short run, or an empty input, says nothing of its progress."""
    stream = StringIO()
    with progress.suivre(0, stream) as tell:
        horloge.now += 4
        tell(0, 0)
    assert not stream.getvalue()
