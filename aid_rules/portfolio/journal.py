"""The journal of a run: pieces finished are not done again when an interrupted run is started again."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

from aid_rules.faults import WorkError
from aid_rules.portfolio.morceaux import Morceau

PARTIES = ("resultats", "alertes", "manquants", "rejets", "octrois")


@dataclass(frozen=True)
class Fait:
    """One piece done: its digest, how many rows were read, done and set aside."""

    numero: int
    empreinte: str
    lues: int
    traitees: int
    rejetees: int


def empreinte(morceau: Morceau, cle: str) -> str:
    """Return the SHA-256 of a piece with what it is evaluated with (`cle`)."""
    total = hashlib.sha256(cle.encode())
    total.update(json.dumps([list(morceau.lignes), [asdict(r) for r in morceau.rejets]]).encode())
    if morceau.cellules is None:
        total.update(json.dumps(list(morceau.dossiers), sort_keys=True, default=str).encode())
    else:
        buffer = BytesIO()
        morceau.cellules.rechunk().write_ipc(buffer)
        total.update(buffer.getbuffer())
    return total.hexdigest()


class Journal:
    """The work folder of an output, beside it: one set of Parquet files per piece, and the list of those done."""

    def __init__(self, sortie: Path) -> None:
        self.dossier = sortie.parent / f".{sortie.name}.reprise"
        self.faits: dict[int, Fait] = {}

    def ouvrir(self) -> None:
        """Open the folder, and read what an interrupted run left. Raises `WorkError` when it cannot be written."""
        try:
            self.dossier.mkdir(exist_ok=True)
        except OSError as error:
            raise WorkError(f"{self.dossier} : écriture impossible ({error.strerror})") from None
        path = self.dossier / "journal.jsonl"
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            try:
                done = Fait(**json.loads(line))
            except (ValueError, TypeError):
                continue  # the last line of a run that was cut
            self.faits[done.numero] = done

    def tient(self, numero: int, empreinte: str) -> Fait | None:
        """Return a piece when it was done on the very same input and rules."""
        done = self.faits.get(numero)
        if done is None or done.empreinte != empreinte:
            return None
        return done if all(self.partie(numero, name).exists() for name in PARTIES) else None

    def partie(self, numero: int, name: str) -> Path:
        """Return the file of one part of a piece."""
        return self.dossier / f"{name}-{numero:06d}.parquet"

    def noter(self, fait: Fait, parties: Mapping[str, pl.DataFrame]) -> None:
        """Write the parts of a piece, then that it is done."""
        ecrire_parties(self.dossier, fait.numero, parties)
        self.inscrire(fait)

    def inscrire(self, fait: Fait) -> None:
        """Write that a piece is done: its parts are there."""
        with (self.dossier / "journal.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(asdict(fait)) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        self.faits[fait.numero] = fait

    def lire(self, name: str, numeros: list[int], schema: Mapping[str, Any]) -> pl.LazyFrame:
        """Return one part of every piece, in order, read when asked for."""
        files = [self.partie(n, name) for n in numeros]
        return pl.scan_parquet(files) if files else pl.LazyFrame(schema=dict(schema))

    def lacher(self) -> None:
        """Leave no work folder behind a run that did no piece."""
        if not self.faits:
            self.fermer()

    def fermer(self) -> None:
        """Remove the work folder: the outputs are there."""
        shutil.rmtree(self.dossier, ignore_errors=True)


def ecrire_parties(folder: Path, numero: int, parties: Mapping[str, pl.DataFrame]) -> None:
    """Write the parts of a piece, each whole: a piece done twice leaves the same files."""
    for name, frame in parties.items():
        final = folder / f"{name}-{numero:06d}.parquet"
        temporary = final.with_name(f".{final.name}.{os.getpid()}")
        frame.write_parquet(temporary)
        temporary.replace(final)
