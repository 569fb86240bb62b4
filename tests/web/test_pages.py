"""The pages without a browser: state carried by the page, nothing lost, nothing kept, hostile input refused."""

from __future__ import annotations

import html
import json
import logging
import re
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from aid_rules.engine.moteur import Engine
from aid_rules.faults import FaultsError
from aid_rules.language.positions import read_text
from aid_rules.language.reading import dossier_of
from aid_rules.report import libelles as mots
from aid_rules.report.resultat import resultat
from aid_rules.testing.cas import read_models
from aid_rules.web import chemins, saisie
from aid_rules.web.api import EXEMPLE
from aid_rules.web.etapes import CHAMPS, ETAPES
from aid_rules.web.formulaire import Champ, Tableau
from aid_rules.web.vues import etape_de

MODELES = Path(__file__).parent.parent / "cas" / "modeles.yaml"


def porte(text: str) -> dict[str, str]:
    """Return the hidden fields of a page."""
    found = re.findall(r'<input type="hidden" name="(dossier|etape|parcours|page)" value="([^"]*)"', text)
    return {name: html.unescape(value) for name, value in found}


def envoyer(client: TestClient, data: dict[str, object], **champs: str) -> str:
    """Send a page of the questionnaire."""
    carried = {"dossier": json.dumps(data), "etape": "projet", "action": "suivant"}
    return client.post("/questionnaire", data=carried | champs).text


@pytest.mark.parametrize("adresse", ["/", "/questionnaire", "/expert", "/api", "/a-propos", "/static/piece.css"])
def test_pages_answer(client: TestClient, adresse: str) -> None:
    """Each page answers, in French, under the content policy."""
    found = client.get(adresse)
    assert found.status_code == 200
    assert "default-src 'none'" in found.headers["content-security-policy"]
    if found.headers["content-type"].startswith("text/html"):
        assert '<html lang="fr">' in found.text
        assert not re.search(r"<(script|img|link)[^>]*(src|href)=\"https?:", found.text)
        assert not re.search(r"\son\w+=|style=\"", found.text)


def test_an_unknown_page_is_a_page(client: TestClient) -> None:
    """Outside the API, an error is a page in French."""
    found = client.get("/rien")
    assert found.status_code == 404
    assert "Cette adresse n'existe pas" in html.unescape(found.text)


@pytest.mark.parametrize("modele", ["pme_saine", "grande_saine"])
def test_opened_dossier_says_what_the_engine_says(client: TestClient, engine: Engine, modele: str) -> None:
    """A dossier opened in the page gets the verdicts and amounts of the engine."""
    data = read_models(MODELES)[modele] | {"intitule": "Essai"}
    data["projet"] = data["projet"] | {"couts": EXEMPLE["projet"]["couts"]}
    expected = resultat(engine, engine.evaluate(dossier_of(data, engine.book.vocabulaire, engine.book.bases)))
    text = " ".join(html.unescape(client.post("/ouvrir", data={"texte": saisie.en_yaml(data)}).text).split())
    assert mots.CONCLUSIONS[expected.qualification.conclusion][0] in text
    for base in expected.regimes:
        if base.examine:
            assert f'{mots.VERDICTS[base.verdict]}</span> <span class="nom">{base.intitule}' in text
            if base.verdict != "non_mobilisable":
                assert " ".join(mots.montant(base.montant_min_eur, base.montant_max_eur).split()) in text


def test_the_zone_can_be_said_beside_the_commune(client: TestClient) -> None:
    """Where no list of communes is loaded, the user says the zone on the first page, and it is carried on."""
    assert 'name="projet.zone_afr"' in client.get("/questionnaire").text
    sent = {"date_octroi": "2025-10-03", "projet.commune": "59350", "projet.zone_afr": "c"}
    carried = json.loads(porte(envoyer(client, {}, **sent))["dossier"])
    assert carried["projet"] == {"commune": "59350", "zone_afr": "c"}


def test_a_wrong_file_is_told_with_its_lines(client: TestClient) -> None:
    """A faulty dossier is refused with each fault, its line and its path."""
    found = client.post("/ouvrir", files={"fichier": ("d.yaml", b"date_octroi: demain\nprojets: 1\n")})
    text = html.unescape(found.text)
    assert found.status_code == 422
    assert "Ligne 1" in text
    assert "Ligne 2" in text
    assert "projets" in text


def test_what_no_form_shows_is_kept(client: TestClient) -> None:
    """Going through a page changes only what it shows."""
    data = {
        "date_octroi": "2019-11-18",
        "mesure": {"mesure_generale": "non"},
        "projet": {"couts": [{"id": "a", "montant_eur": 1.5}], "faits": {"aide_ad_hoc": "oui"}},
    }
    carried = porte(envoyer(client, data, intitule="Nouveau", date_octroi="2019-11-18"))
    assert json.loads(carried["dossier"]) == data | {"intitule": "Nouveau"}
    assert carried["etape"] == "entreprise"


def test_removing_a_cost_frees_the_aids() -> None:
    """A cost line removed is no longer named by any aid: the dossier stays readable."""
    data = {
        "date_octroi": "2019-11-18",
        "projet": {"couts": [{"id": "a"}, {"id": "b", "montant_eur": 2}]},
        "aides": [{"id": "x", "couts": ["a", "b"]}, {"id": "y", "couts": ["a"]}],
    }
    saisie.retirer(data, "projet.couts", 0)
    assert data["projet"] == {"couts": [{"id": "b", "montant_eur": 2}]}
    assert [a["couts"] for a in data["aides"]] == [["b"], None]


def test_none_at_all_is_an_answer() -> None:
    """« Aucune aide de minimis » is an empty list, not an unknown."""
    step = next(e for e in ETAPES if e.id == "aides")
    data: dict[str, object] = {}
    saisie.appliquer(data, {"lignes:de_minimis": ["1"], "aucun:de_minimis": ["1"], "lignes:aides": ["1"]}, step)
    assert data == {"de_minimis": []}


def test_a_form_cannot_write_elsewhere(client: TestClient) -> None:
    """A field that the step does not ask is not read."""
    carried = porte(envoyer(client, {"date_octroi": "2019-11-18"}, **{"beneficiaire.categorie": "micro"}))
    assert "beneficiaire" not in json.loads(carried["dossier"])


@pytest.mark.parametrize(
    ("champ", "valeur"),
    [
        ("dossier", "{"),
        ("dossier", "[1]"),
        ("dossier", "[" * 100_000),
        ("etape", "ailleurs"),
        ("parcours", "x"),
        ("parcours", '[["__class__[0]..x"]]'),
        ("parcours", json.dumps([[]] * 1000)),
    ],
)
def test_a_tampered_page_is_refused(client: TestClient, champ: str, valeur: str) -> None:
    """What a page carries is read as any input: refused in French when it cannot be."""
    carried = {"dossier": '{"date_octroi": "2019-11-18"}', "etape": "projet"} | {champ: valeur}
    found = client.post("/questionnaire", data=carried)
    assert found.status_code == 422
    assert "Dossier invalide" in found.text


def test_user_text_is_escaped(client: TestClient) -> None:
    """No text of a dossier becomes markup."""
    data = {"intitule": "<script>alert(1)</script>", "date_octroi": "2019-11-18"}
    text = client.post("/ouvrir", data={"texte": json.dumps(data)}).text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


def test_no_answer_in_the_logs(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing of a dossier is written to the logs."""
    with caplog.at_level(logging.DEBUG):
        client.post("/ouvrir", data={"texte": '{"intitule": "Secret de fabrique", "date_octroi": "x"}'})
        client.post("/ouvrir", data={"texte": '{"intitule": "Secret de fabrique", "date_octroi": "2019-11-18"}'})
    assert "Secret" not in caplog.text
    assert "Secret" not in client.get("/mesures").text


def test_no_cookie_no_storage(client: TestClient) -> None:
    """No cookie is ever set: two users share nothing."""
    found = client.post("/ouvrir", data={"texte": '{"date_octroi": "2019-11-18"}'})
    assert "set-cookie" not in found.headers


@pytest.mark.parametrize("format_", ["yaml", "json", "html", "pdf", "docx"])
def test_downloads(client: TestClient, format_: str) -> None:
    """The dossier and its documents are downloaded under a plain name."""
    found = client.post("/telecharger", data={"dossier": json.dumps(EXEMPLE), "etape": "resultat", "format": format_})
    assert found.status_code == 200
    assert re.search(r'filename="[a-z0-9_]+\.' + format_ + '"', found.headers["content-disposition"])
    if format_ in ("yaml", "json"):
        assert yaml.safe_load(found.text) == EXEMPLE


def test_search_offers_communes_and_activities(client: TestClient) -> None:
    """A commune is found by name or postal code, an activity by word or code."""
    for champ, texte, code in (
        ("projet.commune", "neufchatel-en-bray", "76462"),
        ("projet.commune", "76270", "76462"),
        ("beneficiaire.naf", "mécanique industrielle", "25.62B"),
        ("beneficiaire.naf", "2562B", "25.62B"),
    ):
        found = client.post("/chercher", data={"champ": champ, f"recherche:{champ}": texte})
        assert f'value="{code}"' in found.text


def test_several_finds_wait_for_a_choice(client: TestClient) -> None:
    """A search that several communes answer is not settled by guess."""
    sent = {"date_octroi": "2019-11-18", "recherche:projet.commune": "saint-denis"}
    text = html.unescape(envoyer(client, {"date_octroi": "2019-11-18"}, **sent))
    assert "choisissez dans la liste" in text.lower()
    assert 'value="93066"' in text


def test_expert_view_counts_add_up(client: TestClient, engine: Engine) -> None:
    """Every dossier of a file has its row, the invalid ones with their faults; the export has as many."""
    dossiers = [EXEMPLE, {"date_octroi": "x"}, {"date_octroi": "2024-03-01"}]
    found = client.post("/expert", files={"fichiers": ("d.json", json.dumps(dossiers).encode())})
    assert found.text.count('<th scope="row">') == 3
    assert found.text.count("Dossier invalide</span>") == 1
    export = client.post("/expert/exporter", data={"dossiers": json.dumps(dossiers), "format": "csv"})
    assert len(export.text.strip().splitlines()) == 4
    results = client.post("/expert/exporter", data={"dossiers": json.dumps(dossiers), "format": "json"}).json()
    expected = resultat(engine, engine.evaluate(dossier_of(EXEMPLE, engine.book.vocabulaire, engine.book.bases)))
    assert results[0] == json.loads(expected.model_dump_json())


def test_every_form_field_exists_in_a_dossier(engine: Engine) -> None:
    """Each field of the forms stands at a path that dossiers know, with a list that the vocabulary knows."""
    for champ in CHAMPS.values():
        fault_paths(engine, champ.chemin)
    for etape in ETAPES:
        for bloc in etape.blocs:
            champs: tuple[Champ, ...] = bloc.champs
            assert all(not c.liste or c.liste in engine.book.vocabulaire.listes for c in champs)
            if isinstance(bloc, Tableau):
                for champ in champs:
                    fault_paths(engine, f"{bloc.chemin}[0].{champ.chemin}")


def fault_paths(engine: Engine, chemin: str) -> None:
    """Hold that a path is known: a wrong value is a fault of the value, never an unknown key."""
    data: dict[str, object] = {"date_octroi": "2019-11-18"}
    chemins.poser(data, chemins.lire(chemin), "\x00")
    with pytest.raises(FaultsError) as refus:
        dossier_of(data, engine.book.vocabulaire)
    assert not [f for f in refus.value.faults if "clé inconnue" in f.message]


@settings(deadline=None)
@given(st.integers(0, 10**13), st.booleans())
def test_amounts_are_read_as_they_are_shown(cents: int, euro: bool) -> None:
    """An amount shown by a form and sent back is the same amount, to the cent."""
    champ = Champ("montant_eur", "", "montant")
    value = Decimal(cents).scaleb(-2)
    exact = int(value) if value == value.to_integral_value() else value
    shown = saisie.affichage(champ, exact) + (" €" if euro else "")
    assert saisie.lire(champ, [shown]) == exact


NOMS = st.text("abc_", min_size=1, max_size=3)
JSON = st.recursive(
    st.none() | st.text(max_size=8) | st.integers(0, 10**6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc_", min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["projet", "aides", "intitule", "beneficiaire"]), JSON, max_size=4))
def test_a_dossier_carried_and_kept_comes_back(data: dict[str, object]) -> None:
    """What a page carries, and what a file keeps, reads back the same."""
    plain = chemins.elaguer(data)
    assert saisie.charger(saisie.porter(data)) == plain
    assert yaml.safe_load(saisie.en_yaml(data)) == plain
    assert json.loads(saisie.en_json(data)) == plain


def test_kept_yaml_reads_by_the_command_line() -> None:
    """The YAML that the page gives is the YAML that the command line takes."""
    text = saisie.en_yaml(EXEMPLE)
    assert read_text(text, "dossier.yaml").data == EXEMPLE


def test_a_siren_is_checked_beside_its_field(client: TestClient) -> None:
    """The number is told right or wrong as it stands, without waiting for the next page; an empty one tells nothing."""

    def dit(number: str, champ: str = "beneficiaire.siren") -> str:
        return client.post("/verifier", data={"champ": champ, champ: number}).text.strip()

    assert "Numéro valide" in dit("732 829 320")
    assert "clé de contrôle" in dit("732829321")
    assert "clé de contrôle" in dit("bonjour", "beneficiaire.liens[3].siren")
    assert dit("") == ""
    assert client.post("/verifier", data={"champ": "<b>", "<b>": "1"}).status_code == 422


@pytest.mark.parametrize("numero", ["732829320", "732829321"])
def test_a_siren_is_checked_without_script(client: TestClient, numero: str) -> None:
    """The page itself says the same under the field when it is shown again."""
    data: dict[str, object] = {"date_octroi": "2024-03-01", "beneficiaire": {"siren": numero}}
    text = envoyer(client, data, etape="entreprise", **{"beneficiaire.siren": numero, "action": "chercher:x"})
    right = numero.endswith("0")
    assert ("Numéro valide" in text) == right


def test_tables_have_headers_and_named_fields(client: TestClient) -> None:
    """Costs and aids stand in real tables: headers for columns and rows, and a label of its own for each field."""
    data: dict[str, object] = {
        "date_octroi": "2024-03-01",
        "projet": {"couts": [{"id": "a", "montant_eur": 1}, {"id": "b", "montant_eur": 2}]},
        "aides": [{"id": "x", "montant_eur": 1}],
    }
    for step, headers in (("couts", 4), ("aides", 4)):
        text = envoyer(client, data, etape=step, action="chercher:x")
        table = text[text.index("<table") : text.index("</table>")]
        assert table.count('scope="col"') == headers + 2
        fields = re.findall(r'<(?:input|select)(?: type="checkbox")? id="([^"]+)"', table)
        labels = re.findall(r'<label for="([^"]+)"[^>]*>(.*?)</label>', table)
        assert {name for name, _ in labels} == set(fields)
        assert len({words for _, words in labels}) == len(labels)


def test_questions_come_in_the_order_of_the_result(client: TestClient, engine: Engine) -> None:
    """The page asks first what the result ranks first, and says what each question decides of."""
    data: dict[str, object] = {
        "date_octroi": "2024-03-01",
        "beneficiaire": {"activite_economique": "oui"},
        "projet": {"couts": [{"id": "a", "finalite": "formation", "montant_eur": 1000}]},
    }
    result = resultat(engine, engine.evaluate(dossier_of(data, engine.book.vocabulaire, engine.book.bases)))
    text = envoyer(client, data, action="aller:questions")
    asked = json.loads(porte(text)["parcours"])[0]
    ranked = [q.chemin for q in result.questions if not etape_de(q.chemin)]
    assert asked == ranked[: len(asked)]
    assert text.count("Peut décider s&#39;il y a aide d&#39;État ou non.") == len(asked)
