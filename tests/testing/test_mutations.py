"""Mutation of the rules: every figure, date and operator is changed, and what no case sees is told."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aid_rules.language.positions import read_text
from aid_rules.testing.cas import Cas
from aid_rules.testing.mutations import Epreuve, expressions, lire_cas, main, mutants

FICHIER = """
id: rgec.99
genre: regime
conditions:
  - {id: a, si: "non neuf et prix_eur <= 500 EUR", ref: "1", du: 2020-01-01, au: 2022-12-31}
  - {id: b, si: {un_de: [neuf, "taille dans [petite]"]}, ref: "1"}
intensite:
  base: [{id: c, taux: 20, ref: "1"}]
plafonds: [{id: d, montant_eur: 1000, ref: "1"}]
"""


def test_every_figure_date_and_operator_is_changed():
    """One mutant per rate, amount, date, operator, figure of an expression, list, and entry."""
    found = {(m.chemin, m.changement) for m in mutants(read_text(FICHIER, "f"), "f.yaml")}
    expected = {
        ("conditions[0]", "entrée retirée"),
        ("conditions[0].du", "2020-01-01 → 2020-01-02"),
        ("conditions[0].au", "2022-12-31 → 2022-12-30"),
        ("conditions[1].si", "un_de → tous"),
        ("conditions[1].si.un_de[0]", "« neuf » → « non neuf »"),
        ("conditions[1].si.un_de[1]", "« taille dans [petite] » → « taille hors [petite] »"),
        ("intensite.base[0].taux", "20 → 21"),
        ("plafonds[0].montant_eur", "1000 → 1001"),
        ("plafonds[0]", "entrée retirée"),
    }
    assert expected <= found
    written = "« non neuf et prix_eur <= 500 EUR » → "
    assert {c.removeprefix(written) for p, c in found if p == "conditions[0].si"} == {
        "« non neuf et prix_eur < 500 EUR »",
        "« non neuf ou prix_eur <= 500 EUR »",
        "« neuf et prix_eur <= 500 EUR »",
        "« non neuf et prix_eur <= 501 EUR »",
    }


def test_a_mutant_changes_its_file_alone():
    """The file read is left as it was, and each mutant differs from it in one place."""
    document = read_text(FICHIER, "f")
    before = repr(document.data)
    found = list(mutants(document, "f.yaml"))
    assert repr(document.data) == before
    assert all(repr(m.data) != before for m in found)
    assert len({repr(m.data) for m in found}) == len(found)
    assert all(m.ligne > 1 for m in found)


@given(st.sampled_from(["a <= 5 ans", "x = 2020-02-28", "couts - 25 % de b_eur > 3 EUR", "non a ou b", "min(a, b)"]))
def test_expressions_change_once(text):
    """An operator, a figure, a date or a negation: never nothing, never twice the same."""
    found = list(expressions(text))
    assert found
    assert text not in found
    assert len(set(found)) == len(found)


@pytest.fixture
def cas(tmp_path):
    """Three cases of a very small kind: enough to kill some mutants, not others."""

    def one(nom, categorie, attendu):
        cost = {"id": "a", "poste": "conseil_externe", "finalite": "conseil_pme", "montant_eur": 100000}
        dossier = {"date_octroi": "2024-03-15", "beneficiaire": {"categorie": categorie}, "projet": {"couts": [cost]}}
        return Cas(nom, tmp_path / "x.yaml", 1, dossier, {"regimes": {"rgec.18": attendu}})

    return [
        one("petite", "petite", {"intensite_min_pct": 50, "conditions": {"pme": "vrai"}}),
        one("grande", "grande", {"verdict": "non_mobilisable", "conditions": {"pme": "faux"}}),
    ]


def test_weak_cases_leave_survivors_strong_ones_do_not(engine, cas):
    """The rate that a case expects cannot change unseen; with no case at all, everything survives."""
    law = engine.library.rules.regimes["rgec.18"]
    found = Epreuve(engine, cas).eprouver(law)
    survivors = {m.changement for m in found.survivants}
    assert found.tues > 0
    assert "50 → 51" not in survivors
    assert "2000000 → 2000001" in survivors
    none = Epreuve(engine, []).eprouver(law)
    assert none.tues == 0
    assert len(none.survivants) == none.total > 5


def test_explained_survivors_are_counted_apart(engine, cas, tmp_path):
    """A change that changes nothing is told once, with its reason; a reason that explains nothing is told too."""
    law = engine.library.rules.regimes["rgec.18"]
    survivor = Epreuve(engine, cas).eprouver(law).survivants[0]
    folder = tmp_path / "rgec"
    folder.mkdir()
    told = [
        {"chemin": survivor.chemin, "changement": survivor.changement, "raison": "ne change rien"},
        {"chemin": "nulle_part", "raison": "n'existe pas"},
    ]
    (folder / "18.yaml").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    found = Epreuve(engine, cas, tmp_path).eprouver(law)
    assert found.expliques == 1
    assert survivor.chemin not in {m.chemin for m in found.survivants if m.changement == survivor.changement}
    assert [reason.chemin for reason in found.sans_objet] == ["nulle_part"]


def test_thresholds_are_changed_too(engine, pytestconfig):
    """A threshold, its date and its entry are changed; the cases that expect a category see those of annex I."""
    trial = Epreuve(engine, lire_cas(pytestconfig.rootpath / "tests" / "cas"), un_sur=5)
    law = next(law for law in trial.lois() if law.id == "pme")
    document = engine.library.rules.documents["pme"]
    changes = {(m.chemin, m.changement) for m in mutants(document, "parametres/pme.yaml")}
    assert ("parametres.effectif_micro.valeurs[0].valeur", "10 → 11") in changes
    found = trial.eprouver(law)
    assert found.fichier == "parametres/pme.yaml"
    assert (found.tues, found.survivants) == (3, ())
    none = Epreuve(engine, [], un_sur=5).eprouver(law)
    assert (none.tues, len(none.survivants)) == (0, 3)


def test_the_command(capsys, pytestconfig):
    """One command prints the score and the survivors; an unknown file is said; a score too low is exit code 1."""
    cases = str(pytestconfig.rootpath / "tests" / "cas")
    assert main(["rgec/18.yaml", "--cas", cases, "--minimum", "95"]) == 0
    assert "Score : " in capsys.readouterr().out
    assert main(["rgec/180.yaml", "--cas", cases]) == 2
