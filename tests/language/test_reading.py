"""A dossier read: every fault of the file together, in French, placed, with the nearest known name."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from aid_rules.faults import FaultsError
from aid_rules.language.positions import read_file, read_text
from aid_rules.language.reading import dossier_of, exact_fact, read_dossier

FIXTURES = sorted((Path(__file__).parent.parent / "erreurs" / "dossiers").glob("*.yaml"))


def read(engine, document):
    return read_dossier(document, engine.book.vocabulaire, engine.book.bases)


def test_the_fixtures_are_found():
    """An empty folder would pass in silence."""
    assert len(FIXTURES) >= 45


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_one_fault_each(path, engine):
    """The bad dossier gives one fault, on the line marked « # ici », with the words that its head expects."""
    with pytest.raises(FaultsError) as caught:
        read(engine, read_file(path))
    (fault,) = caught.value.faults
    lines = path.read_text(encoding="utf-8").splitlines()
    for line in lines:
        if line.startswith("# attendu: "):
            assert line.removeprefix("# attendu: ") in str(fault)
    assert [fault.line] == [number for number, line in enumerate(lines, 1) if line.endswith("# ici")]
    assert fault.column >= 1
    assert fault.file == str(path)


def test_all_the_faults_are_said_together(engine):
    """Model, facts, links between parts: one pass, in the order of the file, and nothing is built."""
    text = """
date_octroi: 2024-02-30
beneficiaire:
  categorie: petit
  siren: "123"
projet:
  couts:
    - {id: a, montant_eur: -1}
    - {id: a, poste: rien}
  faits:
    collaboration_efective: oui
    depasse_normes_union: peut-être
aides:
  - {id: x, couts: [b], base: rgec.999}
inconnu: 1
"""
    with pytest.raises(FaultsError) as caught:
        read(engine, read_text(text, "f.yaml"))
    assert [(f.line, f.path) for f in caught.value.faults] == [
        (2, "date_octroi"),
        (4, "beneficiaire.categorie"),
        (5, "beneficiaire.siren"),
        (8, "projet.couts[0].montant_eur"),
        (9, "projet.couts[1].id"),
        (9, "projet.couts[1].poste"),
        (11, "projet.faits.collaboration_efective"),
        (12, "projet.faits.depasse_normes_union"),
        (14, "aides[0].couts[0]"),
        (14, "aides[0].base"),
        (15, "inconnu"),
    ]


def test_values_are_exact(engine):
    """Amounts are cents, shares basis points, headcounts hundredths: never a float."""
    dossier = read(
        engine,
        read_text(
            """
date_octroi: 2024-03-15
beneficiaire: {part_non_economique_pct: 12.5, exercices: [{effectif_uta: 49.9, chiffre_affaires_eur: "1 234 567,89"}]}
projet:
  couts: [{id: a, montant_eur: 0.1}, {id: b, montant_eur: 12500.50}, {id: c}]
  faits: {cout_contrefactuel_eur: 0.29}
""",
            "f",
        ),
    )
    assert dossier.beneficiaire.part_non_economique_pct == 1250
    assert dossier.beneficiaire.exercices[0].effectif_uta == 4990
    assert dossier.beneficiaire.exercices[0].chiffre_affaires == 123456789
    assert [line.montant for line in dossier.projet.couts] == [10, 1250050, None]
    assert dossier.projet.faits == {"cout_contrefactuel_eur": 29}


@pytest.mark.parametrize(
    ("expected", "word"), [(True, "oui"), (False, "non"), (True, "true"), (False, "False"), (True, "Oui")]
)
def test_yes_and_no(engine, expected, word):
    """oui, non, true, false; nothing else."""
    dossier = read(engine, read_text(f"date_octroi: 2024-03-15\nbeneficiaire: {{activite_economique: {word}}}", "f"))
    assert dossier.beneficiaire.activite_economique is expected


@pytest.mark.parametrize("empty", ["", "null", "~", "{}"])
def test_absent_or_null_is_unknown(engine, empty):
    """A key left empty is a key left out: never false, never zero."""
    full = read(engine, read_text(f"date_octroi: 2024-03-15\nbeneficiaire: {empty}\nprojet:\n  couts:\n", "f"))
    assert full == read(engine, read_text("date_octroi: 2024-03-15", "f"))
    assert full.beneficiaire.activite_economique is None
    assert full.projet.couts is None


def test_no_cost_line_is_not_unknown_cost_lines(engine):
    """An empty list says that there are none."""
    assert read(engine, read_text("date_octroi: 2024-03-15\nprojet: {couts: []}", "f")).projet.couts == ()


def test_json_and_yaml_give_the_same_dossier(engine):
    """A dossier may be written in JSON."""
    data = {
        "date_octroi": "2024-03-15",
        "beneficiaire": {"activite_economique": True, "siren": "732829320"},
        "projet": {"couts": [{"id": "a", "montant_eur": 12.5}]},
    }
    from_json = read(engine, read_text(json.dumps(data), "f.json"))
    from_yaml = read(
        engine,
        read_text(
            "date_octroi: 2024-03-15\nbeneficiaire: {activite_economique: oui, siren: 732 829 320}\n"
            "projet: {couts: [{id: a, montant_eur: 12.50}]}",
            "f.yaml",
        ),
    )
    assert from_json == from_yaml


def test_python_data_needs_no_file(engine):
    """A dossier built in a program has no places; its faults still have their path."""
    found = dossier_of({"date_octroi": "2024-03-15"}, engine.book.vocabulaire)
    assert found.date_octroi == date(2024, 3, 15)
    with pytest.raises(FaultsError) as caught:
        dossier_of(
            {"date_octroi": "2024-03-15", "projet": {"couts": [{"id": "a", "montant_eur": 0.001}]}},
            engine.book.vocabulaire,
        )
    (fault,) = caught.value.faults
    assert (fault.line, fault.path) == (0, "projet.couts[0].montant_eur")


@pytest.mark.parametrize(
    ("name", "expected", "value"),
    [
        ("collaboration_effective", True, "oui"),
        ("cout_contrefactuel_eur", 1250, Decimal("12.50")),
        ("nature_investissement", ("extension_capacites",), ["extension_capacites"]),
        ("methode_couts", "contrefactuel", "contrefactuel"),
    ],
)
def test_free_facts_take_their_type_from_the_vocabulary(engine, name, expected, value):
    """Each kind of fact has one exact form."""
    assert exact_fact(engine.book.vocabulaire.faits[name], value) == expected


def test_a_known_basis_of_another_date_is_no_fault(engine):
    """An aid may name a basis that is not in force that day: the evaluation says so, the reading does not refuse."""
    text = "date_octroi: 2015-03-15\naides: [{id: a, base: rgec.36b}]"
    assert read(engine, read_text(text, "f")).aides[0].base == "rgec.36b"
