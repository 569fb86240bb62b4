"""The plugin: YAML cases are tests, failures read well, third-party rules and records of a portfolio work."""

from __future__ import annotations

import pytest

CAS = """
# Deux cas : le second se trompe.
- cas: Petite entreprise
  dossier:
    date_octroi: 2024-03-15
    beneficiaire: {categorie: petite}
    projet: {couts: [{id: a, poste: actifs_corporels, finalite: investissement_initial, montant_eur: 100}]}
  attendu:
    regimes: {rgec.17: {intensite_min_pct: 20}}
- cas: Grande entreprise
  dossier:
    date_octroi: 2024-03-15
    beneficiaire: {categorie: grande}
    projet: {couts: [{id: a, poste: actifs_corporels, finalite: investissement_initial, montant_eur: 100}]}
  attendu:
    regimes: {rgec.17: {verdict: mobilisable}}
"""
DOSSIER = """
intitule: Un dossier
date_octroi: 2024-03-15
beneficiaire: {categorie: petite}
projet: {couts: [{id: a, poste: actifs_corporels, finalite: investissement_initial, montant_eur: 100}]}
"""


@pytest.fixture
def run(pytester, monkeypatch):
    """Run the plugin in a folder of its own."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    return lambda *args: pytester.runpytest("-p", "aid_rules.testing.plugin", "-p", "no:cacheprovider", *args)


def test_cases_are_tests(pytester, run):
    """Each case is a test under its own name; a failure says what differs, why, and gives the dossier to paste."""
    (pytester.path / "cas.yaml").write_text(CAS, encoding="utf-8")
    done = run("-v")
    done.assert_outcomes(passed=1, failed=1)
    done.stdout.fnmatch_lines(
        [
            "*cas.yaml::3 Petite entreprise PASSED*",
            "*cas.yaml::10 Grande entreprise FAILED*",
            "*cas.yaml:10 — Grande entreprise",
            "rgec.17, verdict : attendu mobilisable, trouvé non_mobilisable",
            "*rgec.17.pme : faux — catégorie d'entreprise : microentreprise, petite entreprise ou entreprise moyenne*",
            "--- dossier évalué ---",
            "date_octroi: '2024-03-15'",
        ]
    )
    assert "Traceback" not in done.stdout.str()


def test_models_are_the_nearest(pytester, run):
    """`modele:` reads the base dossiers of the nearest `modeles.yaml` above."""
    folder = pytester.path / "cas" / "essai"
    folder.mkdir(parents=True)
    (pytester.path / "cas" / "modeles.yaml").write_text("base:\n  date_octroi: 2024-03-15\n", encoding="utf-8")
    (folder / "un.yaml").write_text(
        "- cas: Rien\n  modele: base\n  dossier: {}\n  attendu: {date_octroi: 2024-03-15}\n"
    )
    run().assert_outcomes(passed=1)


def test_a_case_starts_from_one_above(pytester, run):
    """`comme:` takes the dossier of a case above, itself started from a base; an unknown name is told."""
    (pytester.path / "modeles.yaml").write_text("base:\n  date_octroi: 2024-03-15\n")
    first = "- cas: Un\n  modele: base\n  dossier: {intitule: Atelier}\n  attendu: {date_octroi: 2024-03-15}\n"
    second = "- cas: Deux\n  comme: Un\n  dossier: {date_octroi: 2019-11-18}\n  attendu: {date_octroi: 2019-11-18}\n"
    (pytester.path / "a.yaml").write_text(first + second)
    run().assert_outcomes(passed=2)
    (pytester.path / "a.yaml").write_text(second + first)
    run().stdout.fnmatch_lines(["*aucun cas plus haut ne s'appelle « Un »*"])
    (pytester.path / "a.yaml").write_text(first + second.replace("comme: Un", "comme: Un\n  modele: base"))
    run().stdout.fnmatch_lines(["*« comme » et « modele » s'excluent*"])


def test_a_faulty_file_is_said(pytester, run):
    """A case without what it needs, or an unknown base dossier: the place and the reason, no traceback."""
    (pytester.path / "a.yaml").write_text("- cas: Sans dossier\n")
    done = run()
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(["*a.yaml:1:3 : *0* : un cas a les clés « cas », « dossier » et « attendu »"])
    (pytester.path / "a.yaml").write_text("- cas: x\n  modele: absent\n  dossier: {}\n  attendu: {}\n")
    done = run()
    done.stdout.fnmatch_lines(["*modèle « absent » inconnu*"])
    assert "Traceback" not in done.stdout.str()


def test_a_faulty_dossier_is_said(pytester, run):
    """A dossier that cannot be read fails its case with its faults."""
    (pytester.path / "a.yaml").write_text("- cas: x\n  dossier: {date_octroi: demain}\n  attendu: {}\n")
    done = run()
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["*date_octroi : une date existante*"])


def test_other_files_are_left_alone(pytester, run):
    """Rules, dossiers and data are no cases."""
    (pytester.path / "dossier.yaml").write_text(DOSSIER)
    (pytester.path / "regle.yaml").write_text("genre: regime\n")
    (pytester.path / "liste.yaml").write_text("- a\n")
    run().assert_outcomes()


def overlay(pytester, taux):
    """A copy of article 17 with another rate."""
    from aid_rules.language.places import rulesets  # noqa: PLC0415 - only the tests that lay rules over

    folder = pytester.path / "regles" / "rgec"
    folder.mkdir(parents=True, exist_ok=True)
    text = (rulesets() / "rgec" / "17.yaml").read_text(encoding="utf-8")
    (folder / "17.yaml").write_text(text.replace("taux: 20", f"taux: {taux}"), encoding="utf-8")
    return pytester.path / "regles"


def test_third_party_rules(pytester, run):
    """`--regles` runs the same cases on other rules."""
    (pytester.path / "cas.yaml").write_text(CAS.partition("- cas: Grande")[0], encoding="utf-8")
    run().assert_outcomes(passed=1)
    done = run("--regles", overlay(pytester, 35))
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["rgec.17, intensite_min_pct : attendu 20, trouvé 35"])


def test_a_record_shows_what_rules_change(pytester, run):
    """Recorded, then compared with the same rules, then with others: what changes, dossier by dossier."""
    (pytester.path / "un.yaml").write_text(DOSSIER)
    (pytester.path / "deux.yaml").write_text(DOSSIER.replace("petite", "grande"))
    record = pytester.path / "instantane.json"
    run("--instantane", record, "--maj-instantane").assert_outcomes(passed=2)
    run("--instantane", record).assert_outcomes(passed=2)
    done = run("--instantane", record, "--regles", overlay(pytester, 35))
    done.assert_outcomes(passed=1, failed=1)
    done.stdout.fnmatch_lines(["un.yaml, octroi le 2024-03-15 :", "  rgec.17 : a_verifier, 20* → a_verifier, 35*"])


def test_a_record_that_lacks_a_dossier(pytester, run):
    """A new dossier is told; a record that cannot be read too."""
    (pytester.path / "un.yaml").write_text(DOSSIER)
    record = pytester.path / "instantane.json"
    record.write_text("{}")
    done = run("--instantane", record)
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["*dossier absent de l'instantané*"])
    record.write_text("pas du json")
    done = run("--instantane", record)
    done.assert_outcomes(failed=1)
    assert "instantané illisible" in done.stdout.str()
