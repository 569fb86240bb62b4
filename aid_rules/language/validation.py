"""Pydantic errors said in French, placed in the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from aid_rules.faults import Fault, FaultsError, nearest
from aid_rules.language.positions import Document, Steps

Model = TypeVar("Model", bound=BaseModel)

NEIGHBOURS = 100
"""Faults of a file for which the nearest known name is looked for: beyond, the search would cost more than it tells."""

_MESSAGES = {
    "missing": "clé obligatoire absente",
    "model_type": "un bloc de clés est attendu",
    "model_attributes_type": "un bloc de clés est attendu",
    "dict_type": "un bloc de clés est attendu",
    "tuple_type": "une liste est attendue (« - … » ou « [..., ...] »)",
    "list_type": "une liste est attendue (« - … » ou « [..., ...] »)",
    "string_type": "un texte est attendu",
    "int_type": "un nombre entier est attendu",
    "int_parsing": "un nombre entier est attendu",
    "int_from_float": "un nombre entier est attendu",
    "too_short": "la liste est trop courte",
    "too_long": "la liste est trop longue",
    "string_pattern_mismatch": "des minuscules sans accent, chiffres, « _ » et « . » sont attendus",
}


def validate(model: type[Model], document: Document, context: Mapping[str, Any]) -> Model:
    """Build `model` from a document. Raises `FaultsError` with every fault, in French, placed."""
    try:
        return model.model_validate(document.data, context=dict(context))
    except ValidationError as error:
        raise FaultsError(list(faults_of(error, model, document))) from None


def faults_of(error: ValidationError, model: type[BaseModel], document: Document) -> Iterator[Fault]:
    """Yield the faults of a pydantic error."""
    for rank, detail in enumerate(error.errors(include_url=False)):
        steps = _real_steps(document.data, detail["loc"])
        kind, context = detail["type"], detail.get("ctx", {})
        if kind == "extra_forbidden":
            known = _keys(model, steps[:-1])
            near = nearest(str(steps[-1]), known) if rank < NEIGHBOURS else ""
            message = f"clé inconnue « {steps[-1]} »{near} ; clés admises : {', '.join(known)}"
        elif kind == "missing":
            message = f"clé obligatoire « {detail['loc'][-1]} » absente"
        elif kind == "value_error":
            message = str(context.get("error", detail["msg"]))
        elif kind == "literal_error":
            message = f"valeur inconnue ; attendu : {context.get('expected', '')}".replace(" or ", " ou ")
        else:
            message = _MESSAGES.get(kind, "valeur non admise")
        yield document.fault(message, steps)


def _real_steps(data: object, loc: Iterable[str | int]) -> Steps:
    """Return the steps of `loc` that stand in the file: pydantic adds names for unions and validators."""
    steps: list[str | int] = []
    for step in loc:
        table: Any = data if isinstance(data, dict) else dict(enumerate(data)) if isinstance(data, list) else {}
        if step in table:
            data = table[step]
            steps.append(step)
    return tuple(steps)


def _keys(model: type[BaseModel], steps: Steps) -> list[str]:
    """Return the keys admitted at `steps`, by walking the annotations."""
    current: Any = model
    for step in steps:
        if isinstance(step, int):
            continue
        field = next((f for n, f in current.model_fields.items() if step in (n, f.alias)), None)
        if field is None:
            return []
        current = _model_in(field.annotation)
        if current is None:
            return []
    return [field.alias or name for name, field in current.model_fields.items()]


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in get_args(annotation):
        found = _model_in(argument)
        if found is not None:
            return found
    return None
