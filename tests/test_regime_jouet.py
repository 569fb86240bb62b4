"""A regime, a fact and a scheme are a YAML edit: laid over the shipped rules, they are part of the engine."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from aid_rules.cli import cli
from aid_rules.engine.moteur import Engine
from aid_rules.faults import FaultsError
from aid_rules.language.checks import check
from aid_rules.language.loader import load
from aid_rules.language.places import rulesets
from aid_rules.language.reading import dossier_of
from aid_rules.report.resultat import resultat

FICHIERS = {
    "vocabulaire/jouets.yaml": """
id: vocabulaire.jouets
genre: vocabulaire
verifie_le: 2026-11-23
listes:
  finalite:
    fabrication_jouets: {libelle: "fabrication de jouets en bois"}
faits:
  bois_certifie:
    type: booleen
    libelle: "bois issu d'une forêt gérée durablement"
    question: "Le bois des jouets vient-il d'une forêt gérée durablement ?"
    texte: loi_jouets
    ref: "3"
  jouets_par_an:
    type: nombre
    libelle: "jouets fabriqués par an"
    question: "Combien de jouets l'atelier fabrique-t-il par an ?"
    texte: loi_jouets
    ref: "3"
""",
    "textes_jouets.yaml": """
id: textes_jouets
genre: textes
verifie_le: 2026-11-23
textes:
  - {id: loi_jouets, intitule: "Règlement des jouets", abrege: Jouets, debut: 2020-01-01, fin: 2025-12-31}
""",
    "jouets/atelier.yaml": """
id: jouets.atelier
genre: regime
intitule: Aides aux ateliers de jouets
texte: loi_jouets
article: "4"
famille: pme
verifie_le: 2026-11-23
finalites: [fabrication_jouets]
conditions:
  - {id: bois, si: bois_certifie, ref: "4(1)"}
  - {id: artisanal, si: "jouets_par_an <= 1000", ref: "4(2)", au: 2022-12-31}
  - {id: artisanal, si: "jouets_par_an <= 2000", ref: "4(2)", du: 2023-01-01}
assiette:
  postes: [{valeurs: [actifs_corporels], ref: "4(3)"}]
intensite:
  base: [{id: base, taux: 30, ref: "4(4)"}]
  majorations:
    - {id: petite, si: "beneficiaire.categorie dans [micro, petite]", points: 10, ref: "4(5)"}
plafonds:
  - {id: par_projet, montant_eur: 50000, par: [projet], ref: "4(6)"}
""",
    "jouets/prime.yaml": """
id: prime_jouets
genre: dispositif
intitule: Prime aux ateliers de jouets
texte: loi_jouets
operateur: Commune des Jouets
besoin: innover
verifie_le: 2026-11-23
finalites: [fabrication_jouets]
repose_sur: [jouets.atelier]
conditions:
  - {id: production, si: "jouets_par_an >= 100", ref: "5"}
intensite:
  base: [{id: base, taux: 60, ref: "5"}]
action: Demander la prime à la mairie.
""",
}

DOSSIER = {
    "intitule": "Atelier de toupies",
    "date_octroi": "2022-06-01",
    "beneficiaire": {"categorie": "petite"},
    "projet": {
        "couts": [
            {"id": "tour", "poste": "actifs_corporels", "finalite": "fabrication_jouets", "montant_eur": 30000.5},
            {"id": "paie", "poste": "personnel", "finalite": "fabrication_jouets", "montant_eur": 9000},
        ],
        "faits": {"bois_certifie": "oui", "jouets_par_an": 800},
    },
}


@pytest.fixture(scope="module")
def regles(tmp_path_factory) -> Path:
    """A folder that holds the toy law, and nothing else."""
    folder = tmp_path_factory.mktemp("regles")
    for name, text in FICHIERS.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def jouets(regles) -> Engine:
    """The engine on the shipped rules with the toy law over them."""
    return Engine(regles)


def bases(engine, data, jour=None):
    dossier = dossier_of(data, engine.book.vocabulaire, engine.book.bases)
    found = resultat(engine, engine.evaluate(dossier, jour))
    return {b.id: b for b in (*found.regimes, *found.dispositifs)}, found


def sans(data, name):
    """The same dossier, one fact left out."""
    projet = data["projet"]
    return {**data, "projet": {**projet, "faits": {k: v for k, v in projet["faits"].items() if k != name}}}


def avec(data, **faits):
    projet = data["projet"]
    return {**data, "projet": {**projet, "faits": {**projet["faits"], **faits}}}


def test_the_toy_law_passes_the_checks(regles):
    """What a funder writes is held to the same checks as the shipped law, and is without fault."""
    faults = [f for f in check(load(rulesets(), regles)) if Path(f.file).is_relative_to(regles)]
    assert faults == []


def test_it_is_evaluated(jouets):
    """30 % + 10 points for a small firm, on the admissible line alone, rounded down to the cent."""
    found, _ = bases(jouets, DOSSIER)
    base = found["jouets.atelier"]
    assert base.verdict == "mobilisable"
    assert base.intensite_min_pct == base.intensite_max_pct == 40
    assert str(base.montant_max_eur) == "12000.20"
    assert base.assiette.lignes == ("tour",)
    assert base.assiette.lignes_exclues == ("paie",)


def test_the_scheme_is_bounded_by_the_regime(jouets):
    """The prime would give 60 %; the regime that it rests on gives 40 %, and decides."""
    found, result = bases(jouets, DOSSIER)
    prime = found["prime_jouets"]
    assert prime.verdict == "mobilisable"
    assert prime.intensite_max_pct == 40
    assert str(prime.montant_max_eur) == "12000.20"
    assert prime.appuis == ("jouets.atelier",)
    steps = [e for e in result.trace if "prime_jouets" in e.conclusion]
    assert any("jouets.atelier" in " ".join(e.depuis) for e in steps)


def test_the_cap_in_euros_applies(jouets):
    """A cap in euros holds whatever the rate gives."""
    data = avec(DOSSIER)
    data["projet"] = {
        **data["projet"],
        "couts": [{"id": "tour", "poste": "actifs_corporels", "finalite": "fabrication_jouets", "montant_eur": 900000}],
    }
    found, _ = bases(jouets, data)
    assert found["jouets.atelier"].montant_max_eur == 50000
    assert found["jouets.atelier"].intensite_max_pct == 40


def test_versions_are_dated(jouets):
    """The threshold rises on 1 January 2023, the text begins in 2020 and ends in 2025."""
    data = avec(DOSSIER, jouets_par_an=1500)
    assert bases(jouets, data, date(2022, 12, 31))[0]["jouets.atelier"].verdict == "non_mobilisable"
    assert bases(jouets, data, date(2023, 1, 1))[0]["jouets.atelier"].verdict == "mobilisable"
    assert "jouets.atelier" in bases(jouets, data, date(2020, 1, 1))[0]
    assert "jouets.atelier" in bases(jouets, data, date(2025, 12, 31))[0]
    assert "jouets.atelier" not in bases(jouets, data, date(2019, 12, 31))[0]
    assert "jouets.atelier" not in bases(jouets, data, date(2026, 1, 1))[0]


def test_an_unknown_fact_is_asked(jouets):
    """A fact left out makes the regime and its scheme « à vérifier », and its own question is asked."""
    found, result = bases(jouets, sans(DOSSIER, "bois_certifie"))
    assert found["jouets.atelier"].verdict == "a_verifier"
    assert found["prime_jouets"].verdict == "a_verifier"
    assert found["jouets.atelier"].manquants == ("projet.faits.bois_certifie",)
    (question,) = [q for q in result.questions if q.chemin == "projet.faits.bois_certifie"]
    assert question.question == "Le bois des jouets vient-il d'une forêt gérée durablement ?"
    assert "jouets.atelier" in question.pour


def test_a_wrong_fact_is_refused_with_its_neighbour(jouets):
    """The vocabulary of the toy is the vocabulary of the dossier: a misspelt fact is told its neighbour."""
    with pytest.raises(FaultsError, match="« bois_certifie »"):
        bases(jouets, avec(DOSSIER, bois_certifies="oui"))


@pytest.fixture
def fichier(tmp_path) -> Path:
    path = tmp_path / "toupies.yaml"
    path.write_text(yaml.safe_dump(sans(DOSSIER, "jouets_par_an"), allow_unicode=True), encoding="utf-8")
    return path


def lance(*args):
    done = CliRunner().invoke(cli, [str(a) for a in args], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_command_line_knows_it(fichier, regles):
    """evaluer, questions, expliquer, lister, montrer, schema: all of them see the toy law with --regles."""
    over = ("--regles", regles)
    result = json.loads(lance("evaluer", fichier, "--format", "json", *over))
    assert {b["id"]: b["verdict"] for b in result["regimes"]}["jouets.atelier"] == "a_verifier"
    assert "jouets.atelier" in lance("evaluer", fichier, *over)
    assert "Combien de jouets l'atelier fabrique-t-il par an ?" in lance("questions", fichier, *over)
    explained = " ".join(lance("expliquer", fichier, "jouets.atelier", *over).split())
    assert "jouets fabriqués par an : au plus 1000 [Jouets, art. 4, § 2]" in explained
    assert "manque : projet.faits.jouets_par_an" in explained
    assert "prime_jouets" in lance("expliquer", fichier, "prime_jouets", *over)
    listed = lance("regles", "lister", "--date", "2022-06-01", *over)
    assert "jouets.atelier" in listed
    assert "prime_jouets" in listed
    assert "jouets.atelier" not in lance("regles", "lister", "--date", "2022-06-01")
    assert "40" not in lance("regles", "montrer", "prime_jouets", "--date", "2022-06-01", *over)
    shown = lance("regles", "montrer", "jouets.atelier", "--date", "2022-06-01", *over)
    assert "jouets fabriqués par an : au plus 1000" in " ".join(shown.split())
    schema = json.loads(lance("schema", *over))
    assert "bois_certifie" in schema["$defs"]["Projet"]["properties"]["faits"]["properties"]
    assert "fabrication_jouets" in json.dumps(schema)


def test_alone_it_still_needs_the_common_vocabulary(regles):
    """A folder of rules that stands alone without the list of cost types is refused, with the reason."""
    with pytest.raises(FaultsError, match=r"beneficiaire\.categorie"):
        Engine(regles, seul=True)
