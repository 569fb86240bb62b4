"""Errors of the API as problem+json (RFC 9457), in French, with the paths that the command line gives."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from aid_rules.faults import Fault, FaultsError, WorkError

MEDIA = "application/problem+json"

_TITRES = {
    400: "Requête mal formée",
    403: "Requête refusée",
    404: "Adresse inconnue",
    405: "Méthode non admise",
    408: "Envoi trop lent",
    413: "Contenu trop gros",
    415: "Type de contenu non admis",
    422: "Dossier invalide",
    500: "Erreur du service",
    503: "Service occupé",
}


_DETAILS = {
    400: "La demande ne peut pas être lue.",
    404: "Cette adresse n'existe pas.",
    405: "Cette adresse n'admet pas cette méthode HTTP.",
}


class Faute(BaseModel):
    """One fault of a dossier, where it stands."""

    message: str
    chemin: str = Field("", description="Chemin dans le dossier, par exemple projet.couts[2].montant_eur")
    ligne: int = Field(0, description="Ligne du texte envoyé, 0 si elle n'est pas connue")
    colonne: int = 0


class Probleme(BaseModel):
    """What every error of the API holds."""

    type: str = Field(examples=["urn:aid-rules:probleme:422"])
    title: str
    status: int
    detail: str
    fautes: list[Faute] = Field(default_factory=list)


class ProblemeError(Exception):
    """An error that the API answers as it stands."""

    def __init__(self, status: int, detail: str, fautes: Iterable[Fault] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.fautes = tuple(fautes)


def corps(status: int, detail: str, fautes: Iterable[Fault] = ()) -> dict[str, Any]:
    """Return the body of a problem."""
    return Probleme(
        type=f"urn:aid-rules:probleme:{status}",
        title=titre(status),
        status=status,
        detail=detail,
        fautes=[Faute(message=f.message, chemin=f.path, ligne=f.line, colonne=f.column) for f in fautes],
    ).model_dump()


def repondre(status: int, detail: str, fautes: Iterable[Fault] = ()) -> JSONResponse:
    """Return the answer of a problem."""
    headers = {"Retry-After": "5"} if status == 503 else {}  # noqa: PLR2004 - HTTP
    return JSONResponse(corps(status, detail, fautes), status, headers, MEDIA)


def des_fautes(error: FaultsError) -> ProblemeError:
    """Return the problem of an invalid dossier."""
    count = len(error.faults)
    plural = "s" if count > 1 else ""
    return ProblemeError(422, f"{count} faute{plural} dans le dossier : rien n'a été calculé.", error.faults)


def titre(status: int) -> str:
    """Return the name of a kind of error."""
    return _TITRES.get(status, "Erreur")


def de(error: Exception) -> ProblemeError:
    """Return the problem that an exception is; a defect of the program tells nothing of the dossier."""
    if isinstance(error, ProblemeError):
        return error
    if isinstance(error, FaultsError):
        return des_fautes(error)
    if isinstance(error, HTTPException):
        return ProblemeError(error.status_code, _DETAILS.get(error.status_code, titre(error.status_code) + "."))
    if isinstance(error, RequestValidationError):
        faults = [Fault("valeur non admise pour ce paramètre", str(item["loc"][-1])) for item in error.errors()]
        return ProblemeError(422, "Un paramètre de l'adresse n'est pas admis.", faults)
    if isinstance(error, WorkError):
        return ProblemeError(500, str(error))
    return ProblemeError(500, "Une erreur imprévue est survenue ; rien n'a été calculé.")
