"""The forms that pages send: fields and files, read within limits."""

from __future__ import annotations

import asyncio

from fastapi import Request
from starlette.datastructures import UploadFile

from aid_rules.web.guichet import Guichet
from aid_rules.web.problemes import ProblemeError
from aid_rules.web.saisie import Champs


async def lire_envoi(request: Request, guichet: Guichet) -> tuple[Champs, list[tuple[str, bytes]]]:
    """Return the fields and the files of a form, read in a bounded time. Raises `ProblemeError`."""
    try:
        async with asyncio.timeout(guichet.reglages.lecture_s):
            form = await request.form(
                max_files=guichet.reglages.dossiers_max, max_fields=10_000, max_part_size=guichet.reglages.tableau_max
            )
            fields: dict[str, list[str]] = {}
            files = []
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    if value.filename:
                        files.append((value.filename, await value.read()))
                else:
                    fields.setdefault(name, []).append(value)
            return fields, files
    except TimeoutError:
        raise ProblemeError(408, "Le formulaire n'est pas arrivé à temps.") from None
