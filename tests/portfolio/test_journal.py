"""What an interrupted run leaves, and what is kept of it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from aid_rules.faults import WorkError
from aid_rules.portfolio.journal import PARTIES, Fait, Journal, empreinte
from aid_rules.portfolio.morceaux import Morceau, Rejet

UN = Fait(0, "e", 3, 2, 1)


def _noter(folder: Path) -> Journal:
    journal = Journal(folder / "s.parquet")
    journal.ouvrir()
    journal.noter(UN, {name: pl.DataFrame({"a": [1]}) for name in PARTIES})
    return journal


def test_ligne_coupee(tmp_path: Path) -> None:
    """Promise: a journal cut in the middle of a line keeps the pieces before it."""
    journal = _noter(tmp_path)
    with (journal.dossier / "journal.jsonl").open("a", encoding="utf-8") as stream:
        stream.write('{"numero": 1, "empr')
    again = Journal(tmp_path / "s.parquet")
    again.ouvrir()
    assert again.faits == {0: UN}
    assert again.tient(0, "e") == UN
    assert again.tient(0, "autre") is None
    assert again.tient(1, "e") is None


@pytest.mark.parametrize("partie", PARTIES)
def test_partie_perdue(tmp_path: Path, partie: str) -> None:
    """Promise: a piece of which any file is gone is done again."""
    journal = _noter(tmp_path)
    journal.partie(0, partie).unlink()
    assert journal.tient(0, "e") is None


def test_dossier_impossible(tmp_path: Path) -> None:
    """Promise: a folder that cannot be written is told in French, before any work."""
    (tmp_path / ".s.csv.reprise").write_text("", encoding="utf-8")
    with pytest.raises(WorkError, match="écriture impossible"):
        Journal(tmp_path / "s.csv").ouvrir()


def test_empreinte_de_tout_ce_qui_compte() -> None:
    """Promise: cells, lines, rejects, dossiers and rules: what changes any of them is another piece."""
    cells = pl.DataFrame({"a": ["1"]})
    pieces = [
        (Morceau(0, [2], cells), "r"), (Morceau(0, [3], cells), "r"), (Morceau(0, [2], cells), "s"),
        (Morceau(0, [2], pl.DataFrame({"a": ["2"]})), "r"), (Morceau(0, [2], pl.DataFrame({"b": ["1"]})), "r"),
        (Morceau(0, [2], cells, (), [Rejet(4, "x")]), "r"), (Morceau(0, [2], None, [{"a": 1}]), "r"),
        (Morceau(0, [2], None, [{"a": 2}]), "r"),
    ]  # fmt: skip
    assert len({empreinte(*piece) for piece in pieces}) == len(pieces)
    assert empreinte(Morceau(5, [2], cells, avance=9), "r") == empreinte(*pieces[0])
