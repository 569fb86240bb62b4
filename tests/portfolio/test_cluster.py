"""On several processes, one of them killed on the way: nothing lost, nothing doubled."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import polars as pl
import pytest

from aid_rules.engine.moteur import Engine
from aid_rules.faults import WorkError
from aid_rules.portfolio import cluster, run
from aid_rules.portfolio.journal import Fait

distributed = pytest.importorskip("distributed")

SIRENS = ["732829320", "552100554", "123456782", ""]


def _partitions(folder: Path) -> Path:
    for part in range(3):
        pl.DataFrame(
            {
                "date_octroi": [f"20{19 + row % 6}-0{1 + row % 9}-15" if row % 17 else "x" for row in range(60)],
                "beneficiaire.siren": [SIRENS[(row + part) % 4] for row in range(60)],
                "beneficiaire.categorie": [("petite", "grande", None)[row % 3] for row in range(60)],
                "projet.couts[0].finalite": ["investissement_initial"] * 60,
                "projet.couts[0].montant_eur": [1000 * (row + 1) for row in range(60)],
                "aides[0].base": [("rgec.17", "de_minimis.general")[row % 2] for row in range(60)],
                "aides[0].forme": ["subvention"] * 60,
                "aides[0].montant_eur": [900 * (row + 1) for row in range(60)],
            }
        ).write_parquet(folder / f"p{part}.parquet")
    return folder


def test_un_travailleur_tue(engine: Engine, tmp_path: Path) -> None:
    """Promise: the same outputs as on one machine, to the byte of each table, though a worker dies."""
    (tmp_path / "entree").mkdir()
    source, correspondance, _ = run.preparer(engine, _partitions(tmp_path / "entree"), None)
    here, there = tmp_path / "ici.parquet", tmp_path / "ailleurs.parquet"
    alone = run.traiter(engine, source, correspondance, here, lambda *_: None, 12)
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as local:
        victims = [worker.pid for worker in local.workers.values()]

        def tell(avance: int, lignes: int) -> None:
            del avance
            if lignes and victims:
                os.kill(victims.pop(), signal.SIGKILL)
                victims.clear()

        far = cluster.traiter_ailleurs(local.scheduler_address, engine, source, correspondance, there, tell, 12)
        assert not victims
    assert (far.lues, far.traitees, far.rejetees) == (alone.lues, alone.traitees, alone.rejetees)
    assert far.lues == 180
    assert far.rejetees > 0
    for name in ("", ".alertes", ".manquants", ".rejets", ".statistiques"):
        one, other = (pl.read_parquet(p.with_name(f"{p.stem}{name}.parquet")) for p in (here, there))
        assert one.equals(other), name
    alerts = pl.read_parquet(tmp_path / "ailleurs.alertes.parquet")
    assert "cumul_de_minimis_portefeuille" in alerts["code"].to_list()


def test_ordonnanceur_absent(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: a scheduler that does not answer is told in French."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError("refus")

    source, correspondance, _ = run.preparer(engine, _partitions(tmp_path), None)
    monkeypatch.setattr(distributed, "Client", refuse)
    with pytest.raises(WorkError, match="injoignable"):
        cluster.traiter_ailleurs("tcp://x:1", engine, source, correspondance, tmp_path / "s.csv", lambda *_: None)


def test_executer_une_tache(engine: Engine, tmp_path: Path) -> None:
    """Promise: a worker does a piece as this process does, and does not do again one that was done on the same rows."""
    (tmp_path / "entree").mkdir()
    source, correspondance, _ = run.preparer(engine, _partitions(tmp_path / "entree"), None)
    (tmp_path / "travail").mkdir()
    work = list(cluster.taches(source, tmp_path / "travail", engine, correspondance, 25))
    assert [(t.numero, t.debut, t.avant) for t in work] == [
        (i, 25 * (i % 3), 60 * (i // 3)) for i in range(9)
    ]  # fmt: skip
    done = cluster.executer(work[4], None)
    assert (done.numero, done.lues) == (4, 25)
    files = {path.name: path.read_bytes() for path in (tmp_path / "travail").iterdir()}
    assert len(files) == 5
    for path in (tmp_path / "travail").iterdir():
        path.unlink()
    assert cluster.executer(work[4], done) == done
    assert not list((tmp_path / "travail").iterdir()), "kept, not done again"
    assert cluster.executer(work[4], Fait(4, "autre", 25, 25, 0)) == done
    assert {path.name: path.read_bytes() for path in (tmp_path / "travail").iterdir()} == files


def test_reprise_et_echec_distribues(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: what fails far away is told in French, the pieces done are kept, and the next run goes on from them."""
    (tmp_path / "entree").mkdir()
    source, correspondance, _ = run.preparer(engine, _partitions(tmp_path / "entree"), None)
    out = tmp_path / "s.parquet"
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None) as local:
        real = cluster.executer

        def failing(tache: cluster.Tache, deja: Fait | None) -> Fait:
            if tache.numero == 2:
                raise WorkError("panne")
            return real(tache, deja)

        monkeypatch.setattr(cluster, "executer", failing)
        monkeypatch.setattr(cluster, "_ESSAIS", 0)
        with pytest.raises(WorkError, match=r"panne.*reprendre"):
            cluster.traiter_ailleurs(local.scheduler_address, engine, source, correspondance, out, lambda *_: None, 60)
        assert not out.exists()
        monkeypatch.undo()
        bilan = cluster.traiter_ailleurs(
            local.scheduler_address, engine, source, correspondance, out, lambda *_: None, 60
        )
    assert bilan.lues == 180
    assert 1 <= bilan.reprises <= 2
    assert not (tmp_path / ".s.parquet.reprise").exists()
