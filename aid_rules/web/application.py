"""The application: guard, API, pages, static files."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from aid_rules import __version__
from aid_rules.assessment import AVERTISSEMENT
from aid_rules.engine.moteur import Engine
from aid_rules.faults import FaultsError, WorkError
from aid_rules.report.html import GABARITS
from aid_rules.report.schema import dossier_schema
from aid_rules.web import api, expert, pages, problemes
from aid_rules.web.gabarits_web import Rendu
from aid_rules.web.garde import Garde
from aid_rules.web.guichet import Guichet
from aid_rules.web.mesures import Mesures
from aid_rules.web.reglages import Reglages

STATIC = Path(__file__).parent / "static"
PIECE_CSS = GABARITS / "piece.css"


def creer(engine: Engine, reglages: Reglages | None = None) -> FastAPI:
    """Return the application on an engine: questionnaire, result, expert view, API."""
    limits = reglages or Reglages()
    guichet = Guichet(engine, limits)
    mesures = Mesures()

    @asynccontextmanager
    async def vie(_: FastAPI) -> AsyncIterator[None]:
        engine.at(date.today())  # noqa: DTZ011 - the law of the day is compiled before the first request
        yield
        guichet.fermer()

    app = FastAPI(
        title="Aides d'État : pré-analyse",
        version=__version__,
        description=f"{AVERTISSEMENT} Chaque réponse porte la version et l'empreinte des règles appliquées.",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=vie,
    )
    rendu = Rendu(engine.book.empreinte)
    app.include_router(api.routeur(guichet))
    app.include_router(pages.routeur(guichet, rendu))
    app.include_router(expert.routeur(guichet, rendu))

    @app.get("/static/piece.css", include_in_schema=False)
    async def style() -> FileResponse:
        return FileResponse(PIECE_CSS, media_type="text/css")

    @app.get("/mesures", include_in_schema=False)
    async def metriques() -> PlainTextResponse:
        return PlainTextResponse(mesures.texte(), media_type="text/plain; version=0.0.4")

    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    _erreurs(app, rendu)
    app.add_middleware(Garde, reglages=limits, mesures=mesures)
    setattr(app, "openapi", lambda: _openapi(app, engine))  # noqa: B010 - the documented way to extend it
    return app


def _erreurs(app: FastAPI, rendu: Rendu) -> None:
    """Answer errors as problem+json under /api, as pages elsewhere."""

    async def repondre(request: Request, error: Exception) -> Response:
        found = problemes.de(error)
        if request.url.path.startswith("/api/"):
            return problemes.repondre(found.status, found.detail, found.fautes)
        page: HTMLResponse = rendu.page(
            "erreur.html", found.status, titre=problemes.titre(found.status), detail=found.detail, fautes=found.fautes
        )
        return page

    for kind in (problemes.ProblemeError, FaultsError, WorkError, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, repondre)


def _openapi(app: FastAPI, engine: Engine) -> dict[str, Any]:
    if app.openapi_schema is None:
        found = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes, tags=app.openapi_tags
        )
        schemas = found.setdefault("components", {}).setdefault("schemas", {})
        dossier = _deplacer(copy.deepcopy(dossier_schema(engine.book.vocabulaire)))
        schemas.update({f"Dossier.{name}": part for name, part in dossier.pop("$defs").items()})
        dossier.pop("$schema")
        schemas["Dossier"] = dossier
        schemas["Probleme"] = problemes.Probleme.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas["Faute"] = schemas["Probleme"].pop("$defs")["Faute"]
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        app.openapi_schema = found
    return app.openapi_schema


def _deplacer(node: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Point the references of the dossier's schema to the components of the description."""
    if isinstance(node, dict):
        return {
            key: f"#/components/schemas/Dossier.{value.rpartition('/')[2]}"
            if key == "$ref" and isinstance(value, str)
            else _deplacer(value)
            for key, value in node.items()
        }
    return [_deplacer(item) for item in node] if isinstance(node, list) else node
