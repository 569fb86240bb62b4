"""The JSON Schema of a dossier, with the facts and closed lists of the vocabulary."""

from __future__ import annotations

from typing import Any

from aid_rules.dossier import Dossier
from aid_rules.language.vocabulary import STRUCTURAL, FactDefinition, Vocabulary

_TYPES: dict[str, list[dict[str, Any]]] = {
    "booleen": [{"type": "boolean"}, {"enum": ["oui", "non"]}],
    "montant": [{"type": "number", "minimum": 0}, {"type": "string"}],
    "pourcentage": [{"type": "number", "minimum": 0}, {"type": "string"}],
    "nombre": [{"type": "number", "minimum": 0}],
    "date": [{"type": "string", "format": "date"}],
    "texte": [{"type": "string"}],
}


def dossier_schema(vocabulary: Vocabulary) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a dossier, descriptions in French."""
    schema = Dossier.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Dossier"
    _close_lists(schema, vocabulary)
    _describe(schema, vocabulary)
    facts = {name: fact_schema(fact) for name, fact in vocabulary.faits.items() if fact.libre}
    schema["$defs"]["Projet"]["properties"]["faits"] = {
        "type": "object",
        "description": "Faits dont un régime a besoin",
        "properties": facts,
        "additionalProperties": False,
    }
    return schema


def fact_schema(fact: FactDefinition) -> dict[str, Any]:
    """Return the schema of one fact: its type, its question, its values."""
    text = " ".join(filter(None, (fact.question, fact.aide)))
    found: dict[str, Any] = {"title": fact.libelle, "description": text}
    if fact.unite:
        found["x-unite"] = fact.unite
    if fact.type == "choix":
        return found | {"enum": [*fact.valeurs, None]}
    if fact.type == "ensemble":
        return found | {"type": ["array", "null"], "items": {"enum": list(fact.valeurs)}}
    return found | {"anyOf": [*_TYPES[fact.type], {"type": "null"}]}


def _close_lists(node: Any, vocabulary: Vocabulary) -> None:  # noqa: ANN401 - any JSON value
    if isinstance(node, dict):
        name = node.pop("liste", None) if isinstance(node.get("liste"), str) else None
        if name is not None:
            node["enum"] = list(vocabulary.listes[name])
        for value in node.values():
            _close_lists(value, vocabulary)
    elif isinstance(node, list):
        for value in node:
            _close_lists(value, vocabulary)


def _describe(schema: dict[str, Any], vocabulary: Vocabulary) -> None:
    """Put the question of each structural fact on its key."""
    for fact in vocabulary.faits.values():
        if not fact.nom.startswith(STRUCTURAL) or fact.derive:
            continue
        node: Any = schema
        for step in fact.nom.split("."):
            node = _resolve(node, schema).get("properties", {}).get(step)
            if node is None:
                break
        if node is not None:
            node["description"] = " ".join(filter(None, (fact.question, fact.aide)))


def _resolve(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    for option in [node, *node.get("anyOf", [])]:
        if "$ref" in option:
            found: dict[str, Any] = schema["$defs"][option["$ref"].rpartition("/")[2]]
            return found
    return node
