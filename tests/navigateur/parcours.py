"""What the journeys share: opening a page that watches itself, going on, answering."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any

CONTINUER = 'button.bouton[value="suivant"]'


@contextmanager
def onglet(navigateur: Any, adresse: str, **options: Any) -> Any:
    """Open a tab; on leaving, no script error, no request to another site."""
    context = navigateur.new_context(locale="fr-FR", **options)
    page = context.new_page()
    page.set_default_timeout(15_000)
    errors: list[str] = []
    foreign: list[str] = []
    page.on("pageerror", lambda e: errors.append(str(e)))
    page.on("console", lambda m: errors.append(m.text) if "Content Security Policy" in m.text else None)
    page.on("request", lambda r: None if r.url.startswith((adresse, "data:")) else foreign.append(r.url))
    try:
        yield page
        assert errors == []
        assert foreign == []
    finally:
        context.close()


def continuer(page: Any, titre: str) -> None:
    """Press « Continuer » and wait for the next page."""
    page.locator(CONTINUER).last.click()
    page.get_by_role("heading", level=1, name=titre).wait_for()


def choisir(page: Any, nom: str, valeur: str) -> None:
    """Tick one answer."""
    page.locator(f'input[name="{nom}"][value="{valeur}"]').check()


def aller(page: Any, nom: str, titre: str) -> None:
    """Go to a step by its name in the outline."""
    page.locator(f'.etapes button[value="aller:{nom}"]').click()
    page.get_by_role("heading", level=1, name=titre).wait_for()
