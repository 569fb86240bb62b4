"""What the dossier model holds at a path: which field, of which kind, from which closed list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from typing import Any, get_args, get_origin

from pydantic import BaseModel, BeforeValidator
from pydantic.fields import FieldInfo

from aid_rules import champs
from aid_rules.dossier import Dossier


def champ(steps: Sequence[str], public: bool = False) -> FieldInfo | None:
    """Return the field of the dossier at a path, None when there is none.

    Steps are the names that the code reads (`capital_souscrit`); with `public`, those that users write
    (`capital_souscrit_eur`).
    """
    model: type[BaseModel] | None = Dossier
    found: FieldInfo | None = None
    for step in steps:
        if model is None:
            return None
        named = {(field.alias or name) if public else name: field for name, field in model.model_fields.items()}
        found = named.get(step)
        if found is None:
            return None
        model = next((a for a in _parts(found.annotation) if isinstance(a, type) and issubclass(a, BaseModel)), None)
    return found


def nature(field: FieldInfo) -> tuple[str, str]:
    """Return the kind of fact that a field holds (`montant`, `choix`…, `entier` for a plain count), and its list."""
    parts = [field, *_parts(field.annotation)]
    extra: dict[str, Any] = {}
    for part in parts:
        for piece in (part, *getattr(part, "__metadata__", ()), *getattr(part, "metadata", ())):
            schema = getattr(piece, "json_schema_extra", None)
            if isinstance(schema, dict):
                extra |= schema
    if "liste" in extra:
        several = any(get_origin(part) is tuple for part in parts)
        return ("ensemble" if several else "choix"), str(extra["liste"])
    if extra.get("unite") in ("EUR", "%"):
        return ("montant" if extra["unite"] == "EUR" else "pourcentage"), ""
    readers = {piece.func for part in parts for piece in _metadata(part) if isinstance(piece, BeforeValidator)}
    for reader, kind in (
        (champs.read_boolean, "booleen"),
        (champs.read_day, "date"),
        (champs.read_hundredths, "nombre"),
        (champs.read_integer, "entier"),
    ):
        if reader in readers:
            return kind, ""
    kinds = {bool: "booleen", date: "date", int: "entier", str: "texte"}
    return next((kinds[part] for part in parts if part in kinds), "bloc"), ""


def _metadata(part: Any) -> tuple[Any, ...]:  # noqa: ANN401 - an annotation
    return (*getattr(part, "__metadata__", ()), *(part.metadata if isinstance(part, FieldInfo) else ()))


def _parts(annotation: Any) -> Iterator[Any]:  # noqa: ANN401
    """Yield an annotation and everything inside it."""
    yield annotation
    for inner in get_args(annotation):
        yield from _parts(inner)


@cache
def listes_du_dossier() -> frozenset[str]:
    """Return the closed lists that the dossier model uses."""
    found: set[str] = set()
    models: list[type[BaseModel]] = [Dossier]
    seen: set[type[BaseModel]] = set()
    while models:
        model = models.pop()
        if model in seen:
            continue
        seen.add(model)
        for field in model.model_fields.values():
            kind, liste = nature(field)
            if kind in ("choix", "ensemble"):
                found.add(liste)
            models += [p for p in _parts(field.annotation) if isinstance(p, type) and issubclass(p, BaseModel)]
    return frozenset(found)
