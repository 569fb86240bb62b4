"""Hostile bodies on every POST address: refused in French or answered, never a failure, in a bounded time."""

from __future__ import annotations

import copy
import html
import json
import re
from collections.abc import Callable
from time import process_time
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aid_rules.engine.moteur import Engine
from aid_rules.testing.domaines import dossiers
from aid_rules.testing.ecriture import en_yaml
from aid_rules.web import saisie
from aid_rules.web.api import EXEMPLE
from aid_rules.web.etapes import ORDRE
from aid_rules.web.tableaux import Tableau

API = ("evaluer", "questions", "plan", "beneficiaire")
PAGES = (
    "/questionnaire", "/ouvrir", "/apercu", "/verifier", "/chercher", "/telecharger",
    "/expert", "/expert/ouvrir", "/expert/exporter",
)  # fmt: skip
SECONDES = 6
"""Processor time of one answer, on a slow machine."""

ANGLAIS = re.compile(
    r"\b(should|must|expected|invalid|input|the|not|error|field|value|unable|Traceback|object has no)\b"
)
REFUS = {400, 413, 415, 422}

VALEURS: dict[str, Any] = {
    "rien": None, "oui": True, "un": 1, "moins": -1, "bloc": {}, "liste": [], "vide": "", "liste de listes": [[[]]],
    "grand": 10**18, "très grand": 10**300, "démesuré": 10**4000, "petit": -(10**30), "fin": 1e-300,
    "réel": 0.1 + 0.2, "non-nombre": float("nan"), "infini": float("inf"), "moins l'infini": -float("inf"),
    "exposant": "1e999999999", "texte infini": "Infinity", "chiffres arabes": "٢٠٢٤-٠٣-١٥", "demi-largeur": "１０",
    "chiffre en exposant": "²", "nul": "a\x00b", "sens inverse": "\u202efdp.exe", "hors plan": "𝒜🏛️",
    "demi-paire": "\ud800", "marque": "\ufeff", "lignes": "a\u2028b\x85c\r\n", "balise": "<script>alert(1)</script>",
    "formule": "=1+1", "jour": "2024-02-30", "an zéro": "0000-01-01", "an dernier": "9999-12-31", "an un": "0001-01-01",
    "long": "x" * 50_000, "combinants": "e" + "\u0301" * 5_000, "clé vide": {"": ""}, "clé étrange": {"\u202e\x00": 1},
    "attribut": {"__class__": "x", "__proto__": {}}, "liste énorme": [{}] * 3_000, "identiques": [{"id": "a"}] * 1_000,
    "nombres": list(range(3_000)), "clés": {f"c{i}": i for i in range(1_000)},
}  # fmt: skip


def _profond(depth: int, closed: bool) -> str:
    return "[" * depth + ("]" * depth if closed else "")


PROFONDS = [*(_profond(n, closed=True) for n in (30, 300, 900, 3_000)), _profond(90_000, closed=False), '{"a":' * 2_000]
BRUTS = [*PROFONDS, "1e999999999", "-1e-999999999", "0e99999999999", "1" * 4_301, "0." + "1" * 4_301, "1e", "01"]
REPERE = "@ici@"
MEDIAS = [
    "application/json", "application/yaml", "text/yaml; charset=utf-16", "application/json; charset=latin-1",
    "text/plain", "multipart/form-data", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded",
    "", "é".encode("latin-1").decode("latin-1"), "a" * 5_000,
]  # fmt: skip


def _places(node: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the path of everything that stands in a dossier."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(place for key, value in inner for place in _places(value, (*path, key)))]


def _mettre(data: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """Return the dossier with another value at a path."""
    if not path:
        return value
    data = copy.copy(data)
    data[path[0]] = _mettre(data[path[0]], path[1:], value)
    return data


@st.composite
def gates(draw: Callable[..., Any], engine: Engine) -> str:
    """A valid dossier, one to three of its values replaced by hostile ones, as JSON text (NaN and half pairs too)."""
    data = EXEMPLE if draw(st.booleans()) else json.loads(saisie.porter(draw(dossiers(engine))))
    raw = draw(st.none() | st.sampled_from(BRUTS))
    values = [draw(st.sampled_from(sorted(VALEURS))) for _ in range(draw(st.integers(0 if raw else 1, 2)))]
    for value in [*(VALEURS[name] for name in values), *([REPERE] if raw else [])]:
        data = _mettre(data, draw(st.sampled_from(_places(data))), value)
    try:
        text = json.dumps(data, ensure_ascii=draw(st.booleans()))
    except ValueError:  # more digits than Python writes
        text = json.dumps(data, default=str)
    return text.replace(f'"{REPERE}"', raw or "")


@st.composite
def corps(draw: Callable[..., Any], engine: Engine) -> tuple[bytes, str]:
    """A body and its media type: hostile values, or a sound dossier written, cut, encoded or announced badly."""
    if draw(st.booleans()):
        return draw(gates(engine)).encode("utf-8", "surrogatepass"), draw(st.sampled_from(MEDIAS[:2]))
    data = draw(dossiers(engine))
    text = draw(st.sampled_from([en_yaml(data), saisie.porter(data), json.dumps(EXEMPLE)]))
    coding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32-be", "cp1252", "utf-7", "cp500"]))
    raw = text.encode(coding, "replace")
    start, end = draw(st.integers(0, len(raw))), draw(st.integers(0, 3))
    if draw(st.booleans()):
        raw = raw[:start] + draw(st.binary(max_size=3)) + raw[start + end :]
    if draw(st.booleans()):
        raw = raw[: draw(st.integers(0, len(raw)))]
    return raw, draw(st.sampled_from(MEDIAS))


def reproches(found: httpx.Response, started: float) -> list[str]:
    """Return what an answer breaks of the promise: no failure, a refusal in French without a defect, a bounded time."""
    spent = process_time() - started
    faults = [f"{spent:.1f} s"] if spent >= SECONDES else []
    if found.status_code not in {200, 404} | REFUS:
        return [*faults, found.text[:500]]
    if found.status_code == 200:
        return faults
    if found.headers["content-type"] == "application/problem+json":
        said = found.json()
        texts = [said["title"], said["detail"], *(f["message"] for f in said["fautes"])]
    else:
        plain = re.sub(r"<[^>]*>", "\n", found.text.partition("<main")[2].partition("</main>")[0])
        texts = [line for line in html.unescape(plain).splitlines() if line.strip()]
    english = [t for t in texts if ANGLAIS.search(re.sub(r"« .*? »", "", t, flags=re.DOTALL))]
    return [*faults, *english, *([] if texts and all(texts) else ["a refusal without a word"])]


def test_every_post_address_is_tried(client: TestClient) -> None:
    """The addresses below are all those that take a body: a new one must join them."""
    assert isinstance(client.app, FastAPI)
    routers = [getattr(route, "original_router", None) for route in client.app.routes]
    routes = [route for router in routers if router is not None for route in router.routes]
    posts = {route.path for route in routes if isinstance(route, APIRoute) and "POST" in route.methods}
    assert posts == {f"/api/v1/{name}" for name in API} | set(PAGES)


BORNES = {"deadline": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}


@settings(max_examples=150, **BORNES)
@given(st.data())
def test_a_hostile_body_is_refused_or_read(client: TestClient, engine: Engine, data: st.DataObject) -> None:
    """Whatever is put in a dossier, however it is written: the API answers it or refuses it in French, soon."""
    raw, media = data.draw(corps(engine))
    address = f"/api/v1/{data.draw(st.sampled_from(API))}"
    start = process_time()
    assert not reproches(client.post(address, content=raw, headers={"content-type": media.encode("latin-1")}), start)


ACTIONS = ["suivant", "precedent", "ajouter:aides", "ajouter:\x00", "retirer:aides:0", "retirer:aides:²", "aller:x", ""]
TABLEAUX = [
    "{", "[]", '{"nom": "a.csv", "contenu": "eJw=", "correspondance": 1}',
    Tableau("a.csv", b"date_octroi\n2024-03-15\n").porter(),
    Tableau("a.csv", b"\xff\x00;\n", "colonnes: {}").porter(),
    Tableau("\ud800.csv", b"date_octroi\n2024-03-15\n").porter(),
    Tableau("a.xlsx", b"PK\x03\x04").porter(),
]  # fmt: skip
NOMBRES = ["0", "-1", "²", "9" * 5_000, "1e3", "", "\u0663"]
CHEMINS = [
    "beneficiaire.siren", "projet.commune", "beneficiaire.naf", "projet.couts[0].id", "projet.couts[999].id",
    "intitule[0]", "a" * 400, "..", "projet.faits.inconnu", "\ud800".encode("utf-8", "replace").decode(), "date_octroi",
]  # fmt: skip


@st.composite
def formulaires(draw: Callable[..., Any], engine: Engine) -> dict[str, list[str]]:
    """What a page would send, tampered with: the dossier that it carries, and the fields around it."""
    text = draw(gates(engine)).encode("utf-8", "replace").decode()
    path = draw(st.sampled_from(CHEMINS))
    fields = {
        "dossier": [text], "dossiers": [f"[{text}]"], "texte": [text],
        "etape": [draw(st.sampled_from([*ORDRE, "autre"]))], "action": [draw(st.sampled_from(ACTIONS))],
        "page": [draw(st.sampled_from(NOMBRES))], "rang": [draw(st.sampled_from(NOMBRES))],
        "parcours": [draw(st.sampled_from(["[]", json.dumps([CHEMINS[:5]]), "[[1]]", "{", PROFONDS[2], '[["a b"]]']))],
        "champ": [path], path: [draw(st.sampled_from(["x", "²", "9" * 400, "", "rouen"]))],
        f"recherche:{path}": [draw(st.sampled_from(["x", "²", "(", "%", "rouen"]))],
        "format": [draw(st.sampled_from(["yaml", "json", "csv", "xlsx", "pdf?", ""]))],
        "tableau": [draw(st.sampled_from(["", "", "", *TABLEAUX]))],
        "lignes:aides": [draw(st.sampled_from(NOMBRES))], "conclusion": ["x"], "cherche": ["\\"],
    }  # fmt: skip
    kept = draw(st.sets(st.sampled_from(sorted(fields)), min_size=6))
    return {name: value for name, value in fields.items() if name in kept}


@settings(max_examples=80, **BORNES)
@given(st.data())
def test_a_tampered_form_is_refused_or_read(client: TestClient, engine: Engine, data: st.DataObject) -> None:
    """A page that carries anything at all is answered: what it carries is shown with its faults, or refused."""
    fields = data.draw(formulaires(engine))
    address = data.draw(st.sampled_from(PAGES))
    start = process_time()
    assert not reproches(client.post(address, data=fields), start)


@pytest.mark.parametrize("address", [*PAGES, *(f"/api/v1/{name}" for name in API)])
@pytest.mark.parametrize("media", MEDIAS)
def test_a_body_under_any_name(client: TestClient, address: str, media: str) -> None:
    """Noise under any media type is refused at every address, or taken for an empty form."""
    noise = bytes(range(256)) * 2
    start = process_time()
    assert not reproches(client.post(address, content=noise, headers={"content-type": media.encode("latin-1")}), start)


DOSSIER = json.dumps(EXEMPLE)


@pytest.mark.parametrize(
    ("address", "fields", "status"),
    [
        ("/questionnaire", {"page": "²"}, 200),
        ("/questionnaire", {"action": "retirer:aides:²"}, 200),
        ("/questionnaire", {"etape": "aides", "lignes:aides": "9" * 5_000}, 200),
        ("/expert/ouvrir", {"dossiers": f"[{DOSSIER}]", "rang": "²"}, 404),
        ("/questionnaire", {"etape": "couts", "dossier": DOSSIER.replace("2400000", "-Infinity")}, 422),
        ("/questionnaire", {"etape": "couts", "dossier": DOSSIER.replace("2400000", "1e999999999")}, 422),
        ("/questionnaire", {"dossier": r'{"intitule": "\ud800"}'}, 422),
        ("/questionnaire", {"dossier": '{"intitule": ' + "[" * 900 + "]" * 900 + "}"}, 422),
        ("/expert", {"tableau": TABLEAUX[5]}, 422),
    ],
)
def test_a_field_no_page_sends(client: TestClient, address: str, fields: dict[str, str], status: int) -> None:
    """Figures that are no digits, infinite amounts, half characters, bottomless lists: each has its answer."""
    start = process_time()
    found = client.post(address, data=fields)
    assert not reproches(found, start)
    assert found.status_code == status


def test_a_length_that_is_no_number(client: TestClient) -> None:
    """A length announced in exponents is refused before the body is read."""
    found = client.post("/api/v1/evaluer", content=b"{}", headers={"content-length": b"\xb2"})
    assert found.status_code == 413
