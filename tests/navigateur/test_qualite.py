"""Accessibility, narrow screens, print: held on every kind of page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from parcours import aller, onglet
from test_parcours import pme_en_zone

from aid_rules.engine.moteur import Engine
from aid_rules.report import site

PORTEFEUILLE = Path(__file__).parents[2] / "examples" / "portefeuille"
FIXES = ("/", "/questionnaire", "/expert", "/api", "/a-propos", "/inconnue")
ETAPES = {
    "projet": "Le projet",
    "entreprise": "L'entreprise",
    "groupe": "Ses chiffres et son groupe",
    "couts": "Les coûts",
    "aides": "Les aides",
    "questions": "Les questions qui restent",
    "resultat": "Modernisation de l'atelier",
}


def graves(page: Any, axe: str) -> list[str]:
    """Return what axe-core finds against WCAG 2.1 A and AA, and its best practices when serious."""
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']})")
    assert len(found["passes"]) > 5
    return [
        f"{v['id']} : {node['target']}"
        for v in found["violations"]
        if v["impact"] in ("serious", "critical") or "wcag2a" in v["tags"] or "wcag2aa" in v["tags"]
        for node in v["nodes"]
    ]


def debords(page: Any) -> int:
    """Return how many pixels the page is wider than its window."""
    found: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found


@pytest.mark.parametrize("largeur", [1280, 320])
def test_pages_fixes(navigateur: Any, adresse: str, axe: str, largeur: int) -> None:
    """No page without a dossier has a serious fault, or scrolls sideways at 320 pixels."""
    with onglet(navigateur, adresse, viewport={"width": largeur, "height": 800}, bypass_csp=True) as page:
        for path in FIXES:
            page.goto(adresse + path)
            assert (path, graves(page, axe)) == (path, [])
            assert (path, debords(page)) == (path, 0)


@pytest.mark.parametrize("largeur", [1280, 320])
def test_pages_du_parcours(navigateur: Any, adresse: str, axe: str, largeur: int) -> None:
    """No page of the journey has a serious fault, every detail open, or scrolls sideways at 320 pixels."""
    with onglet(navigateur, adresse, viewport={"width": 1280, "height": 800}, bypass_csp=True) as page:
        pme_en_zone(page, adresse)
        for name, title in ETAPES.items():
            page.set_viewport_size({"width": 1280, "height": 800})
            aller(page, name, title)
            page.set_viewport_size({"width": largeur, "height": 800})
            page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            assert (name, graves(page, axe)) == (name, [])
            assert (name, debords(page)) == (name, 0)


@pytest.mark.parametrize("largeur", [1280, 320])
def test_portefeuille(navigateur: Any, adresse: str, axe: str, largeur: int) -> None:
    """A table with its mapping shows its states, its rows and an export, without a serious fault, at 320 pixels too."""
    with onglet(navigateur, adresse, viewport={"width": largeur, "height": 800}, bypass_csp=True) as page:
        page.goto(f"{adresse}/expert")
        page.set_input_files("#fichiers", [PORTEFEUILLE / "regions.csv", PORTEFEUILLE / "regions.correspondance.yaml"])
        page.get_by_role("button", name="Évaluer").click()
        page.get_by_role("heading", level=1, name="regions.csv").wait_for()
        assert graves(page, axe) == []
        assert debords(page) == 0
        with page.expect_download() as found:
            page.get_by_role("button", name="en CSV").click()
        assert Path(found.value.path()).read_bytes().startswith(b"PK")


def test_impression(navigateur: Any, adresse: str) -> None:
    """On paper the result keeps its answer and its reasons, and loses its buttons."""
    with onglet(navigateur, adresse) as page:
        pme_en_zone(page, adresse)
        page.emulate_media(media="print")
        assert page.locator(".bouton:visible").count() == 0
        assert page.locator(".reponse").is_visible()
        assert page.pdf().startswith(b"%PDF")


def test_politique_de_contenu(navigateur: Any, adresse: str) -> None:
    """The content policy is enforced: a script written into the page does not run."""
    context = navigateur.new_context()
    page = context.new_page()
    page.goto(adresse)
    violated = page.evaluate(
        "() => new Promise(done => {"
        " addEventListener('securitypolicyviolation', e => done(e.effectiveDirective));"
        " const s = document.createElement('script'); s.textContent = 'window.entre = true';"
        " document.body.append(s); setTimeout(() => done(null), 3000); })"
    )
    assert violated == "script-src-elem"
    assert page.evaluate("window.entre === undefined")
    context.close()


def test_site_des_regles(navigateur: Any, engine: Engine, axe: str, tmp_path: Path) -> None:
    """The rules site has no serious fault, fits 320 pixels, and its search finds an article by its words."""
    site.ecrire(engine, tmp_path)
    context = navigateur.new_context(locale="fr-FR", viewport={"width": 320, "height": 800}, bypass_csp=True)
    page = context.new_page()
    for name in ("index.html", "rgec.17.html", "regles_communes.html"):
        page.goto((tmp_path / name).as_uri())
        assert (name, graves(page, axe)) == (name, [])
        assert (name, debords(page)) == (name, 0)
    page.goto((tmp_path / "index.html").as_uri())
    page.fill("#cherche", "investissement pme rgec.17")
    page.locator("#compte", has_text="résultat").wait_for()
    assert page.locator("li[data-cherche]:visible").count() < 10
    page.locator("li:visible a", has_text="Aides à l'investissement en faveur des PME").click()
    page.get_by_role("heading", level=1, name="Aides à l'investissement en faveur des PME").wait_for()
    context.close()
