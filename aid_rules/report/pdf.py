"""Documents as accessible PDF (PDF/UA-1), typeset by Typst: tagged, paginated, dated."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from aid_rules.faults import WorkError
from aid_rules.report.blocs import Bloc, Cellule, Piece
from aid_rules.report.graphiques import TONS
from aid_rules.report.html import GABARITS

try:
    import typst
except ImportError:
    raise WorkError(
        "Les documents PDF demandent la bibliothèque typst, absente : pip install 'aid-rules[documents]'"
    ) from None


def ecrire(pieces: Sequence[Piece]) -> bytes:
    """Write documents as one PDF. Raises `WorkError` when the typesetting fails."""
    data = json.dumps({"pieces": [_piece(p) for p in pieces], "tons": TONS}, ensure_ascii=False)
    try:
        compiler = typst.Compiler(GABARITS / "piece.typ", ignore_system_fonts=True, sys_inputs={"donnees": data})
        found = compiler.compile(format="pdf", pdf_standards=["ua-1"])
    except Exception as error:  # the library raises plain RuntimeError subclasses
        raise WorkError(f"Le PDF n'a pas pu être composé : {error}") from error
    assert isinstance(found, bytes)
    return found


def _piece(piece: Piece) -> dict[str, Any]:
    return {
        "titre": piece.titre,
        "sous_titre": piece.sous_titre,
        "pied": piece.pied,
        "auteur": piece.auteur,
        "blocs": [_bloc(b) for b in piece.blocs],
    }


def _bloc(bloc: Bloc) -> dict[str, Any]:
    found = {"genre": type(bloc).__name__.lower()}
    return found | {name: _valeur(value) for name, value in vars(bloc).items()}


def _valeur(value: Any) -> Any:  # noqa: ANN401 - blocks hold texts, numbers, cells and charts
    if isinstance(value, Cellule):
        return {"texte": value.texte, "ton": value.ton, "refs": _valeur(value.references)}
    if isinstance(value, tuple):
        return [_valeur(item) for item in value]
    if hasattr(value, "model_dump"):
        return value.model_dump()
    if hasattr(value, "__dataclass_fields__"):
        return {name: _valeur(item) for name, item in vars(value).items()}
    return value
