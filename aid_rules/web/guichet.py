"""The counter: reads and evaluates on a few threads, with a bounded queue and a bounded wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any, TypeVar

from aid_rules.assessment import Resultat
from aid_rules.dossier import Dossier
from aid_rules.engine.moteur import Assessment, Engine
from aid_rules.language.positions import Document, read_bytes
from aid_rules.language.reading import read_dossier
from aid_rules.report.meilleur_plan import meilleur_plan
from aid_rules.report.resultat import resultat
from aid_rules.web.problemes import ProblemeError
from aid_rules.web.reglages import Reglages

T = TypeVar("T")


class Guichet:
    """One engine shared by every request."""

    def __init__(self, engine: Engine, reglages: Reglages) -> None:
        self.engine = engine
        self.reglages = reglages
        self._fils: ThreadPoolExecutor | None = None
        self._en_cours = 0

    async def faire(self, travail: Callable[[], T], attente_s: float | None = None) -> T:
        """Run a computation on a thread; `attente_s` is how long one waits for it, the usual time by default.

        Raises `ProblemeError` (503) when the queue is full or the wait too long.
        """
        if self._en_cours >= self.reglages.places:
            raise ProblemeError(503, "Trop de demandes en même temps : recommencez dans quelques secondes.")
        future = asyncio.get_running_loop().run_in_executor(self._ouvrir(), travail)
        self._en_cours += 1
        future.add_done_callback(self._libere)
        try:
            return await asyncio.wait_for(asyncio.shield(future), attente_s or self.reglages.attente_s)
        except TimeoutError:
            future.cancel()
            raise ProblemeError(503, "Le calcul prend trop de temps : recommencez, ou allégez le dossier.") from None

    def _ouvrir(self) -> ThreadPoolExecutor:
        if self._fils is None:
            self._fils = ThreadPoolExecutor(self.reglages.fils, thread_name_prefix="evaluation")
        return self._fils

    def _libere(self, future: asyncio.Future[Any]) -> None:
        self._en_cours -= 1
        if not future.cancelled():
            future.exception()  # read, so that a late failure is not logged with its content

    def lire(self, raw: bytes, nom: str = "dossier") -> Dossier:
        """Read a dossier from YAML or JSON bytes. Raises `FaultsError`."""
        return self.lire_document(read_bytes(raw, nom))

    def lire_donnees(self, data: dict[str, Any]) -> Dossier:
        """Read a dossier from plain data. Raises `FaultsError`."""
        return self.lire_document(Document(data, {}, ""))

    def lire_document(self, document: Document) -> Dossier:
        """Read a dossier from a document. Raises `FaultsError`."""
        return read_dossier(document, self.engine.book.vocabulaire, self.engine.book.bases)

    def evaluer(self, dossier: Dossier, jour: date | None = None, tout: bool = False) -> Resultat:
        """Evaluate a dossier."""
        return resultat(self.engine, self.engine.evaluate(dossier, jour, tout), autres_versions=True)

    def complet(self, dossier: Dossier, jour: date | None = None, tout: bool = False) -> Resultat:
        """Evaluate a dossier with what takes longer: the other versions of the text, the best plan when asked."""
        return self.ecrire_complet(self.engine.evaluate(dossier, jour, tout))

    def ecrire_complet(self, found: Assessment) -> Resultat:
        """Write the whole result of an assessment."""
        written = resultat(self.engine, found, autres_versions=True)
        return written.model_copy(update={"meilleur_plan": meilleur_plan(self.engine, found)})

    def fermer(self) -> None:
        """Stop the threads; the next computation starts them again."""
        if self._fils is not None:
            self._fils.shutdown(wait=False, cancel_futures=True)
            self._fils = None
