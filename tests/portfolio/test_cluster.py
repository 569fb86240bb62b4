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
