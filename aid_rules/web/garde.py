"""The guard in front of every request: size, origin, headers, counts."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aid_rules.web import chemins
from aid_rules.web.mesures import Mesures
from aid_rules.web.problemes import ProblemeError, repondre
from aid_rules.web.reglages import Reglages

ENTETES = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_SANS_EFFET = {"GET", "HEAD", "OPTIONS"}
_METHODES = {*_SANS_EFFET, "POST", "PUT", "PATCH", "DELETE", "TRACE"}


class Garde:
    """ASGI layer: refuses what is too big or comes from another site, sets the headers, counts."""

    def __init__(self, app: ASGIApp, reglages: Reglages, mesures: Mesures) -> None:
        self.app = app
        self.reglages = reglages
        self.mesures = mesures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start = time.perf_counter()
        statut = 500

        async def envoyer(message: Message) -> None:
            nonlocal statut
            if message["type"] == "http.response.start":
                statut = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in ENTETES.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "private, no-cache")
            await send(message)

        try:
            refus = self.refuser(scope)
            if refus is not None:
                await repondre(refus.status, refus.detail)(scope, receive, envoyer)
            else:
                await self.app(scope, self.compter(receive, self.limite(scope)), envoyer)
        finally:
            route = getattr(scope.get("route"), "path", "autre")
            methode = scope["method"] if scope["method"] in _METHODES else "autre"
            self.mesures.noter(methode, route, statut, time.perf_counter() - start)

    def refuser(self, scope: Scope) -> ProblemeError | None:
        """Return why a request is refused before it is read, None when it is not."""
        headers = Headers(scope=scope)
        declared = chemins.rang(headers.get("content-length", "0"))
        if declared is None or declared > self.limite(scope):
            return self.trop_gros(self.limite(scope))
        if scope["method"] in _SANS_EFFET:
            return None
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site is not None:
            foreign = site in {"cross-site", "same-site"}
        else:
            foreign = origin is not None and urlsplit(origin).netloc != headers.get("host")
        if foreign:
            return ProblemeError(403, "Cette demande vient d'un autre site : elle n'est pas traitée.")
        return None

    def limite(self, scope: Scope) -> int:
        """Return the size admitted: the view of the funders takes tables."""
        tables = scope["path"].startswith("/expert")
        return self.reglages.tableau_max if tables else self.reglages.corps_max

    def compter(self, receive: Receive, limite: int) -> Receive:
        """Return a `receive` that stops beyond the size admitted."""
        read = 0

        async def recevoir() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > limite:
                raise self.trop_gros(limite)
            return message

        return recevoir

    @staticmethod
    def trop_gros(limite: int) -> ProblemeError:
        """Return the refusal of a body too big."""
        return ProblemeError(413, f"Contenu trop gros : {limite // 1000} ko au plus.")
