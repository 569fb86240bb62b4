"""The documents of a dossier, as the page gives them: the same fiche as the command line."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from aid_rules.web import chemins
from aid_rules.web.guichet import Guichet
from aid_rules.web.problemes import ProblemeError

DOCUMENTS = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/html; charset=utf-8",
}


def ecrire_fiche(guichet: Guichet, data: dict[str, Any], format_: str) -> tuple[bytes, str]:
    """Return the fiche of a dossier and its media type. Raises `FaultsError`, `WorkError` or `ProblemeError`."""
    if format_ not in DOCUMENTS:
        raise ProblemeError(422, "Ce format de document n'existe pas.")
    from aid_rules.report.fiche import fiche  # noqa: PLC0415 - only documents pay for it

    assessment = guichet.engine.evaluate(guichet.lire_donnees(chemins.elaguer(data)))
    piece = fiche(guichet.engine, assessment, guichet.ecrire_complet(assessment))
    content: bytes = import_module(f"aid_rules.report.{format_}").ecrire([piece])
    return content, DOCUMENTS[format_]
