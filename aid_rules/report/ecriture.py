"""Small words that every view shares: truth values, verdicts, amounts between two bounds."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from aid_rules.amounts import decimal_euros
from aid_rules.language.tree import FAUX, INCONNU, VRAI

if TYPE_CHECKING:
    from aid_rules.assessment import Verdict, Verite
    from aid_rules.engine.intervalles import Interval

VERITES: dict[int, Verite] = {FAUX: "faux", INCONNU: "inconnu", VRAI: "vrai"}
VERDICTS: dict[int, Verdict] = {FAUX: "non_mobilisable", INCONNU: "a_verifier", VRAI: "mobilisable"}


def bounds(value: Interval | None) -> tuple[Decimal | None, Decimal | None]:
    """Return both bounds as decimals: euros from cents, percentages from basis points; None when unlimited."""
    if value is None:
        return None, None
    return decimal_euros(value[0]), None if value[1] is None else decimal_euros(value[1])


def accorde(nombre: int, un: str, plusieurs: str) -> str:
    """Write a count with its words: in the plural from two on."""
    return f"{nombre} {plusieurs if nombre > 1 else un}"
