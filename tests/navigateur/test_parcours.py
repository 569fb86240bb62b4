"""Three journeys from end to end in a real browser, and the ways people really use a page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from parcours import CONTINUER, aller, choisir, continuer, onglet

from aid_rules.assessment import Resultat
from aid_rules.cli import cli
from aid_rules.engine.moteur import Engine
from aid_rules.language.reading import dossier_of
from aid_rules.report import libelles as mots
from aid_rules.report.resultat import resultat

EXEMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))


def telecharger(page: Any, format_: str) -> Path:
    """Download the dossier or its document."""
    with page.expect_download() as found:
        page.locator(f'button[name="format"][value="{format_}"]').click()
    return Path(found.value.path())


def attendu(engine: Engine, data: dict[str, Any]) -> Any:
    """Evaluate a dossier as the command line does."""
    return resultat(engine, engine.evaluate(dossier_of(data, engine.book.vocabulaire, engine.book.bases)))


def meme_resultat(page: Any, expected: Any) -> None:
    """Hold that the page says what the engine says: conclusion, verdict and amount of each basis, alerts."""
    text = page.locator("main").inner_text()
    assert mots.CONCLUSIONS[expected.qualification.conclusion][0] in text
    cards = page.locator(".resultat details.base > summary").all_text_contents()
    shown = " ".join(" ".join(cards).split())
    for base in expected.regimes:
        if base.examine:
            said = f"{mots.VERDICTS[base.verdict]} {base.intitule}"
            if base.verdict != "non_mobilisable":
                said += f" {mots.montant(base.montant_min_eur, base.montant_max_eur)}"
            assert " ".join(said.split()) in shown
    for alerte in expected.cumul.alertes:
        assert alerte.message in text


def pme_en_zone(page: Any, adresse: str, attendre: bool = True) -> None:
    """Fill the journey of a SME of the Bray, with or without scripts."""
    page.goto(f"{adresse}/questionnaire")
    page.fill('[name="intitule"]', "Modernisation de l'atelier")
    page.fill('[name="date_octroi"]', "2019-11-18")
    page.fill('[name="recherche:projet.commune"]', "neufchatel en b")
    if attendre:
        page.get_by_label("Neufchâtel-en-Bray (76270").wait_for()
    else:
        page.locator('button[value="chercher:projet.commune"]').click()
    page.get_by_label("Neufchâtel-en-Bray (76270").check()
    page.fill('[name="projet.demande_aide_le"]', "2019-06-01")
    page.fill('[name="projet.debut_travaux_le"]', "2019-09-02")
    continuer(page, "L'entreprise")
    page.fill('[name="beneficiaire.nom"]', "Mécanique du Bray")
    page.fill('[name="beneficiaire.siren"]', "732 829 320")
    page.fill('[name="recherche:beneficiaire.naf"]', "25.62B")
    choisir(page, "beneficiaire.activite_economique", "oui")
    continuer(page, "Ses chiffres et son groupe")
    for rank, closed in enumerate(("2018-12-31", "2017-12-31")):
        if rank:
            page.locator('button[value="ajouter:beneficiaire.exercices"]').click()
            page.locator('[name="beneficiaire.exercices[1].clos_le"]').wait_for()
        row = f"beneficiaire.exercices[{rank}]"
        page.fill(f'[name="{row}.clos_le"]', closed)
        page.fill(f'[name="{row}.effectif_uta"]', "42,5")
        page.fill(f'[name="{row}.chiffre_affaires_eur"]', "6 200 000")
        page.fill(f'[name="{row}.total_bilan_eur"]', "4 100 000")
    page.get_by_label("L'entreprise ne détient aucune autre société").check()
    continuer(page, "Les coûts")
    page.fill('[name="projet.couts[0].intitule"]', "Machines")
    page.select_option('[name="projet.couts[0].poste"]', "actifs_corporels")
    page.select_option('[name="projet.couts[0].finalite"]', "investissement_initial")
    page.fill('[name="projet.couts[0].montant_eur"]', "800 000,50")
    continuer(page, "Les aides")
    page.fill('[name="aides[0].financeur.nom"]', "Région Normandie")
    page.select_option('[name="aides[0].financeur.type"]', "region")
    page.select_option('[name="aides[0].forme"]', "subvention")
    page.fill('[name="aides[0].montant_eur"]', "300 000")
    page.select_option('[name="aides[0].base"]', "rgec.17")
    page.get_by_label("Machines").check()
    page.get_by_label("L'entreprise et son groupe n'ont reçu aucune").check()
    continuer(page, "Les questions qui restent")
    aller(page, "resultat", "Modernisation de l'atelier")


def test_pme_en_zone(navigateur: Any, adresse: str, engine: Engine) -> None:
    """A SME in a zone goes through every page, and the result is that of the engine on the dossier downloaded."""
    with onglet(navigateur, adresse) as page:
        pme_en_zone(page, adresse)
        data = yaml.safe_load(telecharger(page, "yaml").read_text(encoding="utf-8"))
        assert data["projet"]["commune"] == "76462"
        assert data["beneficiaire"]["naf"] == "25.62B"
        assert data["beneficiaire"]["liens"] == []
        assert data["projet"]["couts"] == [
            {
                "id": "machines",
                "intitule": "Machines",
                "poste": "actifs_corporels",
                "finalite": "investissement_initial",
                "montant_eur": 800000.5,
            }
        ]
        meme_resultat(page, attendu(engine, data))
        assert telecharger(page, "pdf").read_bytes().startswith(b"%PDF")
        assert telecharger(page, "docx").read_bytes().startswith(b"PK")


def test_sans_script(navigateur: Any, adresse: str, engine: Engine) -> None:
    """The same journey works without JavaScript, and ends on the same result."""
    with onglet(navigateur, adresse, java_script_enabled=False) as page:
        pme_en_zone(page, adresse, attendre=False)
        data = json.loads(telecharger(page, "json").read_text(encoding="utf-8"))
        assert (data["projet"]["commune"], data["beneficiaire"]["naf"]) == ("76462", "25.62B")
        meme_resultat(page, attendu(engine, data))


def test_collectivite_effet_local(navigateur: Any, adresse: str, engine: Engine) -> None:
    """A local facility answers the questions on its local effect: the five criteria are no longer all met."""
    with onglet(navigateur, adresse) as page:
        page.goto(adresse)
        page.get_by_role("link", name="Commencer le questionnaire").click()
        page.fill('[name="intitule"]', "Piscine intercommunale")
        page.fill('[name="date_octroi"]', "2024-03-01")
        continuer(page, "L'entreprise")
        choisir(page, "beneficiaire.activite_economique", "oui")
        aller(page, "questions", "Les questions qui restent")
        wanted = {
            "mesure.effet_purement_local.zone_locale": "oui",
            "mesure.effet_purement_local.clientele_autres_etats": "non",
            "mesure.effet_purement_local.investissements_transfrontaliers": "non",
        }
        for _ in range(8):
            for path, answer in list(wanted.items()):
                field = page.locator(f'input[name="{path}"][value="{answer}"]')
                if field.count():
                    field.check()
                    del wanted[path]
            if not wanted:
                break
            before = page.locator('input[name="page"]').input_value()
            page.locator(CONTINUER).last.click()
            page.wait_for_function("p => document.querySelector('input[name=page]')?.value !== p", arg=before)
        assert wanted == {}
        aller(page, "resultat", "Piscine intercommunale")
        page.get_by_text(mots.CONCLUSIONS["pas_aide_etat"][0]).first.wait_for()
        data = json.loads(telecharger(page, "json").read_text(encoding="utf-8"))
        assert attendu(engine, data).qualification.conclusion == "pas_aide_etat"


def test_jeune_pousse_qui_sait_peu(navigateur: Any, adresse: str, engine: Engine) -> None:
    """A start-up who knows little passes everything: nothing is supposed, nothing is refused, nothing is « oui »."""
    with onglet(navigateur, adresse) as page:
        page.goto(f"{adresse}/questionnaire")
        page.fill('[name="date_octroi"]', "2024-03-01")
        for title in ("L'entreprise", "Ses chiffres et son groupe", "Les coûts"):
            continuer(page, title)
        page.fill('[name="projet.couts[0].intitule"]', "Prototype")
        page.select_option('[name="projet.couts[0].finalite"]', "developpement_experimental")
        continuer(page, "Les aides")
        continuer(page, "Les questions qui restent")
        first = page.locator("form fieldset.champ, form div.champ").count()
        assert 1 <= first <= 5
        page.locator(CONTINUER).last.click()
        page.locator('input[name="page"][value="1"]').wait_for(state="attached")
        aller(page, "resultat", "Dossier sans titre")
        data = json.loads(telecharger(page, "json").read_text(encoding="utf-8"))
        assert set(data) == {"date_octroi", "projet"}
        meme_resultat(page, attendu(engine, data))
        assert not [b for b in attendu(engine, data).regimes if b.verdict == "mobilisable" and b.examine]


def test_arriere_et_avant_ne_perdent_rien(navigateur: Any, adresse: str) -> None:
    """Going back and forward, by our buttons or the browser's, keeps every answer."""
    with onglet(navigateur, adresse) as page:
        page.goto(f"{adresse}/questionnaire")
        page.fill('[name="intitule"]', "Projet d'essai")
        continuer(page, "L'entreprise")
        page.fill('[name="beneficiaire.nom"]', "Société d'essai")
        continuer(page, "Ses chiffres et son groupe")
        page.locator('button[value="precedent"]').click()
        page.get_by_role("heading", level=1, name="L'entreprise").wait_for()
        assert page.input_value('[name="beneficiaire.nom"]') == "Société d'essai"
        page.locator('button[value="precedent"]').click()
        page.get_by_role("heading", level=1, name="Le projet").wait_for()
        assert page.input_value('[name="intitule"]') == "Projet d'essai"
        page.go_back()
        page.get_by_role("heading", level=1, name="L'entreprise").wait_for()
        assert page.input_value('[name="beneficiaire.nom"]') == "Société d'essai"


def test_clavier_seul(navigateur: Any, adresse: str) -> None:
    """With the keyboard alone: skip link, fields in order, Enter goes on, the focus is always seen."""
    with onglet(navigateur, adresse) as page:
        page.goto(f"{adresse}/questionnaire")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Aller au contenu"
        seen = []
        for _ in range(60):
            page.keyboard.press("Tab")
            name = page.evaluate("document.activeElement.getAttribute('name')")
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert (name, outline != "none") == (name, True)
            if name and name not in seen:
                seen.append(name)
            if name == "intitule":
                page.keyboard.type("Au clavier")
            if name == "projet.fin_le":
                break
        assert [n for n in seen if n in ("intitule", "date_octroi", "projet.fin_le")] == [
            "intitule",
            "date_octroi",
            "projet.fin_le",
        ]
        page.focus('[name="intitule"]')
        page.keyboard.press("Enter")
        page.get_by_role("heading", level=1, name="L'entreprise").wait_for()
        page.locator('button[value="precedent"]').focus()
        page.keyboard.press("Enter")
        page.get_by_role("heading", level=1, name="Le projet").wait_for()
        assert page.input_value('[name="intitule"]') == "Au clavier"


def test_reponse_fausse_dite_a_sa_place(navigateur: Any, adresse: str) -> None:
    """A wrong answer keeps the user on the page, says what is expected beside the field, and loses nothing."""
    with onglet(navigateur, adresse) as page:
        page.goto(f"{adresse}/questionnaire")
        continuer(page, "L'entreprise")
        page.fill('[name="beneficiaire.nom"]', "Société d'essai")
        page.fill('[name="beneficiaire.siren"]', "732829321")
        page.locator(CONTINUER).last.click()
        page.locator("#fautes").wait_for()
        field = page.locator('[name="beneficiaire.siren"]')
        assert field.get_attribute("aria-invalid") == "true"
        assert field.input_value() == "732829321"
        assert page.input_value('[name="beneficiaire.nom"]') == "Société d'essai"
        field.fill("732829320")
        continuer(page, "Ses chiffres et son groupe")


def test_groupe_dessine_a_mesure(navigateur: Any, adresse: str) -> None:
    """The group is drawn as firms are added."""
    with onglet(navigateur, adresse) as page:
        page.goto(f"{adresse}/questionnaire")
        continuer(page, "L'entreprise")
        page.fill('[name="beneficiaire.nom"]', "Mécanique du Bray")
        continuer(page, "Ses chiffres et son groupe")
        page.fill('[name="beneficiaire.liens[0].nom"]', "Holding du Bray")
        page.select_option('[name="beneficiaire.liens[0].sens"]', "amont")
        page.locator(".groupe .amont", has_text="Holding du Bray").wait_for()
        page.locator('button[value="ajouter:beneficiaire.liens"]').click()
        page.fill('[name="beneficiaire.liens[1].nom"]', "Bray Outillage")
        page.select_option('[name="beneficiaire.liens[1].sens"]', "aval")
        page.locator(".groupe .aval", has_text="Bray Outillage").wait_for()
        page.locator('button[value="retirer:beneficiaire.liens:0"]').click()
        page.locator('[name="beneficiaire.liens[1].nom"]').wait_for(state="detached")
        assert page.input_value('[name="beneficiaire.liens[0].nom"]') == "Bray Outillage"


def test_rouvrir_un_dossier(navigateur: Any, adresse: str, engine: Engine, tmp_path: Path) -> None:
    """A dossier saved by the page reopens with every answer, those that no form shows included."""
    data = {
        "intitule": "Dossier gardé",
        "date_octroi": "2019-11-18",
        "mesure": {"compensation_sieg": {"obligations_definies": "non"}},
        "projet": {
            "couts": [{"id": "m", "finalite": "investissement_initial", "montant_eur": 12500.5}],
            "faits": {"aide_ad_hoc": "non"},
        },
        "de_minimis": [{"octroye_le": "2018-03-01", "montant_eur": 80000, "reglement": "general"}],
    }
    path = tmp_path / "dossier.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    with onglet(navigateur, adresse) as page:
        page.goto(adresse)
        page.set_input_files("#fichier", path)
        page.get_by_role("button", name="Ouvrir le dossier").click()
        page.get_by_role("heading", level=1, name="Dossier gardé").wait_for()
        meme_resultat(page, attendu(engine, data))
        aller(page, "couts", "Les coûts")
        assert page.input_value('[name="projet.couts[0].montant_eur"]') == "12\u202f500,5"
        for title in ("Les aides", "Les questions qui restent"):
            continuer(page, title)
        aller(page, "resultat", "Dossier gardé")
        again = yaml.safe_load(telecharger(page, "yaml").read_text(encoding="utf-8"))
        assert again == data


def test_vue_des_financeurs(navigateur: Any, adresse: str, tmp_path: Path) -> None:
    """Several dossiers at once: seen, filtered, one opened, exported without a formula."""
    header = "intitule;date_octroi;beneficiaire.activite_economique\n"
    lines = header + "=1+1;2019-11-18;oui\nÉcole;2024-03-01;non\nFaux;2024;oui\n"
    path = tmp_path / "dossiers.csv"
    path.write_text(lines, encoding="utf-8")
    with onglet(navigateur, adresse) as page:
        page.goto(f"{adresse}/expert")
        page.set_input_files("#fichiers", path)
        page.get_by_role("button", name="Évaluer").click()
        page.get_by_role("heading", name="3 dossiers").wait_for()
        assert page.locator("tbody tr").count() == 3
        assert page.locator("tbody").get_by_text("Dossier invalide").count() == 1
        content = telecharger(page, "csv").read_text(encoding="utf-8-sig")
        assert content.splitlines()[1].startswith("'=1+1;")
        page.select_option("#f-conclusion", "pas_aide_etat")
        page.get_by_role("button", name="Filtrer").click()
        page.get_by_text("1 dossier affiché").wait_for()
        page.get_by_role("button", name="École").click()
        page.get_by_role("heading", level=1, name="École").wait_for()


@pytest.mark.parametrize("path", EXEMPLES, ids=lambda p: p.stem)
def test_chaque_exemple_dit_pareil(navigateur: Any, adresse: str, path: Path) -> None:
    """Each example, opened in the browser, shows what the command line writes, and saves as it was."""
    done = CliRunner().invoke(cli, ["evaluer", str(path), "--format", "json"], catch_exceptions=False)
    expected = json.loads(done.stdout)
    with onglet(navigateur, adresse) as page:
        page.goto(adresse)
        page.set_input_files("#fichier", path)
        page.get_by_role("button", name="Ouvrir le dossier").click()
        page.get_by_role("heading", level=1, name=expected["dossier"]).wait_for()
        meme_resultat(page, Resultat.model_validate(expected))
        kept = yaml.safe_load(telecharger(page, "yaml").read_text(encoding="utf-8"))
        assert json.dumps(kept, default=str) == json.dumps(yaml.safe_load(path.read_text("utf-8")), default=str)
