"""The API: same answers as the engine, errors as problem+json in French, limits held."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import date

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from aid_rules import __version__
from aid_rules.engine.moteur import Engine
from aid_rules.language.reading import dossier_of
from aid_rules.report.resultat import resultat
from aid_rules.web.api import EXEMPLE
from aid_rules.web.application import creer
from aid_rules.web.guichet import Guichet
from aid_rules.web.reglages import Reglages

POSTES = ("evaluer", "questions", "plan", "beneficiaire")


def test_evaluer_says_what_the_engine_says(client: TestClient, engine: Engine) -> None:
    """The API adds nothing to the engine and hides nothing of it."""
    dossier = dossier_of(EXEMPLE, engine.book.vocabulaire, engine.book.bases)
    expected = json.loads(resultat(engine, engine.evaluate(dossier), autres_versions=True).model_dump_json())
    assert expected == client.post("/api/v1/evaluer", json=EXEMPLE).json()


@pytest.mark.parametrize("poste", POSTES)
def test_each_answer_names_the_rules(client: TestClient, engine: Engine, poste: str) -> None:
    """Each answer carries the version and the digest of the rules applied."""
    found = client.post(f"/api/v1/{poste}", json=EXEMPLE).json()["regles"]
    assert (found["version"], found["sha256"]) == (__version__, engine.book.empreinte)


def test_another_date_is_another_law(client: TestClient) -> None:
    """The parameter `date` evaluates under the law of that day."""
    found = client.post("/api/v1/evaluer?date=2024-03-01", json=EXEMPLE).json()
    assert found["date_octroi"] == "2024-03-01"
    assert found["regles"]["en_vigueur_du"] <= "2024-03-01" <= found["regles"]["en_vigueur_au"]


def test_yaml_is_read_as_json(client: TestClient) -> None:
    """A dossier may be sent in YAML, as the command line takes it."""
    raw = "date_octroi: 2019-11-18\nbeneficiaire: {activite_economique: non}\n"
    yaml = client.post("/api/v1/evaluer", content=raw, headers={"content-type": "application/yaml"}).json()
    data = {"date_octroi": "2019-11-18", "beneficiaire": {"activite_economique": False}}
    assert yaml == client.post("/api/v1/evaluer", json=data).json()


def test_faults_are_told_together_with_their_paths(client: TestClient) -> None:
    """All the faults of a dossier come at once, in French, with the paths of the command line."""
    data = {"date_octroi": "18/11/2019", "projet": {"couts": [{"id": "a", "montant_eur": -1}]}, "datte": 1}
    found = client.post("/api/v1/evaluer", json=data)
    assert found.status_code == 422
    assert found.headers["content-type"] == "application/problem+json"
    assert {f["chemin"] for f in found.json()["fautes"]} == {"date_octroi", "projet.couts[0].montant_eur", "datte"}
    assert all(f["ligne"] == 1 for f in found.json()["fautes"])


@pytest.mark.parametrize(
    ("methode", "adresse", "corps", "entetes", "statut"),
    [
        ("GET", "/api/v1/evaluer", None, {}, 405),
        ("GET", "/api/v1/inconnue", None, {}, 404),
        ("POST", "/api/v1/evaluer", b"a", {"content-type": "text/plain"}, 415),
        ("POST", "/api/v1/evaluer", b"", {"content-type": "application/json"}, 422),
        ("POST", "/api/v1/evaluer", b"\xff", {"content-type": "application/json"}, 422),
        ("POST", "/api/v1/evaluer", b"[" * 100_000, {"content-type": "application/json"}, 422),
        ("POST", "/api/v1/evaluer", b"{a: &x [1], b: *x}", {"content-type": "application/yaml"}, 422),
        ("POST", "/api/v1/evaluer", b" " * 1_000_001, {"content-type": "application/json"}, 413),
        ("POST", "/api/v1/evaluer", b"{}", {"content-type": "application/json", "origin": "https://ailleurs.fr"}, 403),
        ("POST", "/api/v1/evaluer", b"{}", {"sec-fetch-site": "cross-site"}, 403),
        ("GET", "/api/v1/regimes?date=demain", None, {}, 422),
    ],
)
def test_refusals_are_problems_in_french(
    client: TestClient, methode: str, adresse: str, corps: bytes | None, entetes: dict[str, str], statut: int
) -> None:
    """Each refusal has its status, the media type of RFC 9457 and a French sentence."""
    found = client.request(methode, adresse, content=corps, headers=entetes)
    assert found.status_code == statut
    assert found.headers["content-type"] == "application/problem+json"
    assert found.json()["status"] == statut
    assert found.json()["detail"].endswith((".", "json."))


def test_a_stream_without_length_stops_at_the_limit(client: TestClient) -> None:
    """A body sent by pieces is refused as soon as it is too big."""

    def pieces() -> Iterator[bytes]:
        for _ in range(1_100):
            yield b" " * 1_000

    found = client.post("/api/v1/evaluer", content=pieces(), headers={"content-type": "application/json"})
    assert found.status_code == 413


def test_a_long_computation_is_answered_for(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the time limit the answer is 503, and the client is told to come back."""
    monkeypatch.setattr(Guichet, "complet", lambda *_: time.sleep(0.5))
    with TestClient(creer(engine, Reglages(attente_s=0.05))) as client:
        found = client.post("/api/v1/evaluer", json=EXEMPLE)
    assert found.status_code == 503
    assert found.headers["retry-after"] == "5"


def test_a_full_queue_is_answered_for(engine: Engine) -> None:
    """When too many requests wait, the next one is told so at once."""
    with TestClient(creer(engine, Reglages(places=0))) as client:
        assert client.post("/api/v1/evaluer", json=EXEMPLE).status_code == 503


def test_a_defect_tells_nothing_of_the_dossier(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unforeseen error answers 500 without the content of the dossier."""

    def casser(*_: object) -> None:
        raise RuntimeError("Mécanique du Bray")

    monkeypatch.setattr(Guichet, "complet", casser)
    with TestClient(creer(engine), raise_server_exceptions=False) as client:
        found = client.post("/api/v1/evaluer", json=EXEMPLE)
    assert found.status_code == 500
    assert "Bray" not in found.text


def test_plan_says_what_blocks(client: TestClient) -> None:
    """An aid on a basis that cannot serve makes the plan non-compliant, and the alert names the aid."""
    aide = {**EXEMPLE["aides"][0], "base": "rgec.48"}
    found = client.post("/api/v1/plan", json={**EXEMPLE, "aides": [aide]}).json()
    assert found["conforme"] is False
    assert found["aides"][0]["alertes"] == ["base_non_mobilisable"]


def test_regimes_of_a_day(client: TestClient, engine: Engine) -> None:
    """The list of the bases is that of the law of the day asked."""
    found = client.get("/api/v1/regimes?date=2019-11-18").json()
    loi = engine.at(date(2019, 11, 18)).loi
    assert [r["id"] for r in found["regimes"]] == [r.id for r in loi.regimes]
    assert [r["id"] for r in found["dispositifs"]] == [r.id for r in loi.dispositifs]


def test_health_and_metrics(client: TestClient) -> None:
    """The service says that it lives and what it answered, by route, without any content."""
    assert client.get("/api/v1/sante").json()["etat"] == "bon"
    client.post("/api/v1/evaluer", json=EXEMPLE)
    text = client.get("/mesures").text
    assert 'aid_rules_requetes_total{methode="POST",route="/api/v1/evaluer",statut="200"}' in text
    assert "Bray" not in text


def test_headers_forbid_everything_foreign(client: TestClient) -> None:
    """The content policy admits nothing but our own files, no inline script, no frame."""
    policy = client.get("/api/v1/sante").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


# One example per optional key of a dossier, thousands of them, would say no more than drawing them, and takes over four
# minutes; the addresses without a dossier are gone through whole.
sans_inventaire = schemathesis.Config.from_dict({"phases": {"coverage": {"enabled": False}}})
schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", creer(Engine()), config=sans_inventaire)


entier = schemathesis.openapi.from_asgi("/api/v1/openapi.json", creer(Engine()))


@entier.include(method="GET").parametrize()
@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_no_answer_of_a_reading_out_of_the_description(case: schemathesis.Case) -> None:
    """Every shape of every parameter, missing, doubled or foreign: no undocumented answer from what is only read."""
    found = case.call_and_validate(
        checks=[not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
    )
    assert found.status_code < 500


@schema.parametrize()
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_no_answer_out_of_the_description(case: schemathesis.Case) -> None:
    """Whatever is sent, no server error and no answer that the OpenAPI description does not announce."""
    found = case.call_and_validate(
        checks=[
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_schema_conformance,
        ]
    )
    assert found.status_code < 500
