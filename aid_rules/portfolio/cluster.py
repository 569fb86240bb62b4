"""The same portfolio on several processes or machines: Dask distributed runs the pieces, this process sums and writes.

Each piece leaves its files whole, under a name that depends on the piece alone: one done twice, because a worker died
or was slow, leaves the same files, and counts once. Workers need the input and the output folder at the same paths.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from aid_rules.engine.moteur import Engine
from aid_rules.faults import WorkError
from aid_rules.portfolio.extras import exiger
from aid_rules.portfolio.journal import Fait, Journal, ecrire_parties, empreinte
from aid_rules.portfolio.lecture_parquet import lignes_parquet, partitions, tranche_parquet
from aid_rules.portfolio.mapping import Correspondance
from aid_rules.portfolio.morceaux import Source
from aid_rules.portfolio.progress import Avancement
from aid_rules.portfolio.reading import Lecteur
from aid_rules.portfolio.register import Registre
from aid_rules.portfolio.run import TAILLE, Adaptation, Bilan, bilan_de, cle, conclure, traiter_morceau
from aid_rules.portfolio.writing import format_de

_ESSAIS = 10
"""Workers that may die on one piece before it is given up."""


@dataclass(frozen=True)
class Tache:
    """One piece of a partition, as a worker reads it: everything it needs, and nothing else."""

    fichier: Path
    debut: int
    taille: int
    numero: int
    avant: int
    travail: Path
    dossiers: tuple[Path, ...]
    correspondance: Correspondance
    cle: str
    registre: bool


def taches(
    source: Source, travail: Path, engine: Engine, correspondance: Correspondance, taille: int
) -> Iterator[Tache]:
    """Cut the partitions into pieces, numbered as `Source.morceaux` does."""
    key = f"{cle(engine, correspondance)}:{taille}"
    number = before = 0
    for file in partitions(source.chemin):
        rows = lignes_parquet(file)
        for start in range(0, rows, taille):
            yield Tache(
                file.resolve(), start, taille, number, before, travail.resolve(),
                tuple(f.resolve() for f in engine.folders), correspondance, key, registre=False,
            )  # fmt: skip
            number += 1
        before += rows


@lru_cache(maxsize=4)
def _moteur(folders: tuple[Path, ...]) -> Engine:
    return Engine(*folders, seul=True)


def executer(tache: Tache, deja: Fait | None) -> Fait:
    """Do one piece on a worker, unless `deja` says that it was done on the same rows."""
    morceau = tranche_parquet(tache.fichier, tache.debut, tache.taille, tache.numero, tache.avant)
    digest = empreinte(morceau, tache.cle)
    if deja is not None and deja.empreinte == digest:
        return deja
    engine = _moteur(tache.dossiers)
    adaptation: Adaptation | None = Registre(engine) if tache.registre else None
    parties = traiter_morceau(engine, Lecteur(engine, tache.correspondance), morceau, adaptation)
    fait = bilan_de(tache.numero, digest, parties, morceau.lues)
    ecrire_parties(tache.travail, tache.numero, parties)
    return fait


def traiter_ailleurs(
    adresse: str,
    engine: Engine,
    source: Source,
    correspondance: Correspondance,
    sortie: Path,
    avancement: Avancement,
    taille: int = TAILLE,
    adaptation: Adaptation | None = None,
) -> Bilan:
    """Run a whole portfolio on the workers of a Dask scheduler. Raises `WorkError`; the pieces done are kept."""
    format_de(sortie)
    (distributed,) = exiger("cluster", "distributed")
    if source.genre != "parquet":
        raise WorkError("--cluster demande une entrée Parquet : un fichier, ou un dossier de partitions.")
    journal = Journal(sortie)
    journal.ouvrir()
    try:
        client = distributed.Client(adresse, timeout="10s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise WorkError(f"{adresse} : ordonnanceur Dask injoignable ({error})") from None
    with client:
        work = list(taches(source, journal.dossier, engine, correspondance, taille))
        if isinstance(adaptation, Registre):
            work = [Tache(**{**vars(t), "registre": True}) for t in work]
        return _suivre(client, distributed, work, engine, journal, sortie, avancement)


def _suivre(
    client: Any,  # noqa: ANN401 - untyped library
    distributed: Any,  # noqa: ANN401
    work: list[Tache],
    engine: Engine,
    journal: Journal,
    sortie: Path,
    avancement: Avancement,
) -> Bilan:
    known = {
        t.numero: journal.tient(t.numero, journal.faits[t.numero].empreinte) for t in work if t.numero in journal.faits
    }
    futures = [client.submit(executer, t, known.get(t.numero), pure=False, retries=_ESSAIS) for t in work]
    done: dict[int, Fait] = {}
    kept = 0
    for future in distributed.as_completed(futures, loop=client.loop):
        try:
            fait: Fait = future.result()
        except (WorkError, distributed.KilledWorker) as error:
            raise WorkError(
                f"Le calcul distribué a échoué : {error}. Relancez la même commande pour reprendre."
            ) from None
        if known.get(fait.numero) == fait:
            kept += 1
        elif fait.numero not in done:
            journal.inscrire(fait)
        done[fait.numero] = fait
        lues = sum(f.lues for f in done.values())
        avancement(lues, lues)
    return conclure(engine, journal, list(done.values()), sortie, kept)
