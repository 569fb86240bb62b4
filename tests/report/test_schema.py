"""The JSON Schema of a dossier says what the reader admits."""

from __future__ import annotations

from aid_rules.dossier import Dossier
from aid_rules.report.schema import dossier_schema


def test_lists_are_closed(engine):
    """A closed list of the vocabulary is an enumeration of the schema."""
    schema = dossier_schema(engine.book.vocabulaire)
    text = str(schema)
    assert "'liste'" not in text
    for name in ("poste", "categorie", "forme_aide"):
        assert str(list(engine.book.vocabulaire.listes[name])) in text


def test_free_facts_are_all_there(engine):
    """Each free fact has its type, its question, its values; no other is admitted."""
    facts = dossier_schema(engine.book.vocabulaire)["$defs"]["Projet"]["properties"]["faits"]
    free = {name for name, fact in engine.book.vocabulaire.faits.items() if fact.libre}
    assert set(facts["properties"]) == free
    assert facts["additionalProperties"] is False
    for name, part in facts["properties"].items():
        fact = engine.book.vocabulaire.faits[name]
        assert part["description"].startswith(fact.question)
        if fact.type == "choix":
            assert part["enum"] == [*fact.valeurs, None]


def test_structural_facts_bear_their_question(engine):
    """The question of the vocabulary describes the key of the model."""
    schema = dossier_schema(engine.book.vocabulaire)
    beneficiary = schema["$defs"]["Beneficiaire"]["properties"]
    expected = engine.book.vocabulaire.faits["beneficiaire.injonction_recuperation"].question
    assert beneficiary["injonction_recuperation"]["description"].startswith(expected)


def test_keys_are_those_of_the_model(engine):
    """The public names, with their units, and nothing else."""
    schema = dossier_schema(engine.book.vocabulaire)
    assert set(schema["properties"]) == {f.alias or n for n, f in Dossier.model_fields.items()}
    assert "montant_eur" in schema["$defs"]["LigneCout"]["properties"]
    assert schema["required"] == ["date_octroi"]
