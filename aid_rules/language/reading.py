"""Reads a dossier: the public model and the vocabulary at once, every fault together, in French, placed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from pydantic import ValidationError

from aid_rules import champs
from aid_rules.amounts import to_cents
from aid_rules.dossier import Dossier
from aid_rules.faults import Fault, FaultsError, nearest
from aid_rules.language.positions import Document
from aid_rules.language.validation import NEIGHBOURS, faults_of
from aid_rules.language.vocabulary import FactDefinition, Vocabulary

TOUT_NON_ECONOMIQUE = 10_000
"""Share of an activity that is none of it economic, in basis points."""
ACTIVITE_CONTREDITE = (
    "« oui » ne va pas avec une part_non_economique_pct de 100 % ; attendu : « non », ou une part de moins de 100 %"
)


def read_dossier(document: Document, vocabulary: Vocabulary, bases: Iterable[str] = ()) -> Dossier:
    """Build a dossier from a document; `bases` are the legal bases and schemes that an aid may name.

    Raises `FaultsError` with every fault of the file.
    """
    data = document.data
    if not isinstance(data, dict):
        raise FaultsError([document.fault("un dossier est un bloc de clés, dont « date_octroi »")])
    faults: list[Fault] = []
    facts, fact_faults = _facts(document, vocabulary)
    faults += fact_faults
    dossier = None
    try:
        dossier = Dossier.model_validate(_with_facts(data, facts), context={"listes": vocabulary.libelles()})
    except ValidationError as error:
        faults += faults_of(error, Dossier, document)
    faults += _cross_checks(document, frozenset(bases))
    if faults or dossier is None:
        raise FaultsError(faults)
    return dossier


def dossier_of(data: Mapping[str, Any], vocabulary: Vocabulary, bases: Iterable[str] = ()) -> Dossier:
    """Build a dossier from plain data (no positions). Raises `FaultsError`."""
    return read_dossier(Document(dict(data), {}, ""), vocabulary, bases)


def _with_facts(data: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    projet = data.get("projet")
    return {**data, "projet": {**projet, "faits": facts}} if isinstance(projet, dict) else data


def _facts(document: Document, vocabulary: Vocabulary) -> tuple[dict[str, Any], list[Fault]]:
    projet = document.data.get("projet")
    raw = projet.get("faits") if isinstance(projet, dict) else None
    if raw is None:
        return {}, []
    place = ("projet", "faits")
    if not isinstance(raw, dict):
        return {}, [document.fault("un bloc de faits (nom: valeur) est attendu", place)]
    free = [name for name, fact in vocabulary.faits.items() if fact.libre]
    found: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, value in raw.items():
        fact = vocabulary.faits.get(name)
        if fact is None or not fact.libre:
            near = nearest(str(name), free) if len(faults) < NEIGHBOURS else ""
            where = f" : il se dit sous « {fact.chemin} »" if fact else near
            faults.append(document.fault(f"fait « {name} » inconnu sous projet.faits{where}", (*place, name)))
        elif value is not None:
            try:
                found[name] = exact_fact(fact, value)
            except ValueError as error:
                faults.append(document.fault(str(error), (*place, name)))
    return found, faults


def exact_fact(fact: FactDefinition, value: object) -> bool | int | str | date | tuple[str, ...]:
    """Return a fact in its exact form: cents, basis points, hundredths, date. Raises `ValueError`, in French."""
    match fact.type:
        case "booleen":
            return champs.read_boolean(value)
        case "montant":
            return to_cents(value)
        case "pourcentage":
            return champs.read_hundredths(value)
        case "nombre":
            return champs.read_hundredths(value)
        case "date":
            return champs.read_day(value)
        case "choix":
            return _member(fact, value)
        case "ensemble":
            if not isinstance(value, list | tuple):
                raise ValueError("une liste de valeurs est attendue")  # noqa: TRY004 - one French error class
            return tuple(_member(fact, item) for item in value)
        case _:
            return champs.read_text(value)


def _member(fact: FactDefinition, value: object) -> str:
    text = champs.read_text(value)
    if text not in fact.valeurs:
        known = ", ".join(fact.valeurs)
        raise ValueError(f"valeur « {text} » inconnue{nearest(text, fact.valeurs)} ; valeurs admises : {known}")
    return text


def _cross_checks(document: Document, bases: frozenset[str]) -> Iterator[Fault]:
    data = document.data
    projet = data.get("projet") if isinstance(data.get("projet"), dict) else {}
    lines = [c.get("id") for c in _mappings(projet.get("couts"))]
    aids = list(_mappings(data.get("aides")))
    yield from _doubles(document, ("projet", "couts"), lines)
    yield from _doubles(document, ("aides",), [a.get("id") for a in aids])
    yield from _plan_checks(document, lines, bases)
    if _activite_contredite(data.get("beneficiaire")):
        yield document.fault(ACTIVITE_CONTREDITE, ("beneficiaire", "activite_economique"))
    for index, aid in enumerate(aids):
        named = aid.get("couts")
        for place, line in enumerate(named if isinstance(named, list) else ()):
            if line not in lines:
                known = [str(item) for item in lines if item is not None]
                message = f"ligne de coût « {line} » inconnue{nearest(str(line), known)}"
                yield document.fault(message, ("aides", index, "couts", place))
        base = aid.get("base")
        if bases and isinstance(base, str) and base not in bases:
            message = f"base « {base} » inconnue{nearest(base, bases)} ; « aid-rules regles lister » les donne toutes"
            yield document.fault(message, ("aides", index, "base"))


def _activite_contredite(beneficiaire: object) -> bool:
    """Tell whether an activity is said to be economic, and none of it economic."""
    said = beneficiaire if isinstance(beneficiaire, dict) else {}
    economic, share = said.get("activite_economique"), said.get("part_non_economique_pct")
    if economic is None or share is None:
        return False
    try:
        return champs.read_boolean(economic) and champs.read_hundredths(share) == TOUT_NON_ECONOMIQUE
    except ValueError:  # told where it stands
        return False


def _plan_checks(document: Document, lines: list[Any], bases: frozenset[str]) -> Iterator[Fault]:
    plan = document.data.get("plan")
    funders = list(_mappings(plan.get("financeurs"))) if isinstance(plan, dict) else []
    yield from _doubles(document, ("plan", "financeurs"), [f.get("id") for f in funders])
    for index, funder in enumerate(funders):
        place = ("plan", "financeurs", index)
        caps, listed = funder.get("plafond_par_base_eur"), funder.get("bases")
        named: list[tuple[str | int, object]] = [(base, base) for base in caps] if isinstance(caps, dict) else []
        steps = [("plafond_par_base_eur", *pair) for pair in named]
        steps += [("bases", i, base) for i, base in enumerate(listed)] if isinstance(listed, list) else []
        for key, step, base in steps:
            if bases and isinstance(base, str) and base not in bases:
                yield document.fault(f"base « {base} » inconnue{nearest(base, bases)}", (*place, key, step))
        costs = funder.get("couts")
        for number, line in enumerate(costs if isinstance(costs, list) else ()):
            if line not in lines:
                known = [str(item) for item in lines if item is not None]
                message = f"ligne de coût « {line} » inconnue{nearest(str(line), known)}"
                yield document.fault(message, (*place, "couts", number))


def _mappings(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield item if isinstance(item, dict) else {}


def _doubles(document: Document, place: tuple[str, ...], names: list[Any]) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name is not None and str(name) in seen:
            yield document.fault(f"identifiant « {name} » déjà pris par un autre élément", (*place, index, "id"))
        seen.add(str(name))
