"""One alert on the financing plan, and the codes that alerts bear."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from aid_rules.amounts import euros
from aid_rules.assessment import Gravite
from aid_rules.engine.intervalles import Interval
from aid_rules.language.tree import INCONNU, VRAI
from aid_rules.law.base import Question

CUMUL = "cumul_intensite"
BASE = "depassement_base"
DE_MINIMIS = "depassement_de_minimis"
NON_MOBILISABLE = "base_non_mobilisable"
A_VERIFIER = "base_a_verifier"
UNION = "fonds_union_directs"
SANS_BASE = "aide_sans_base"
NOTIFICATION = "seuil_notification"
SANS_COUTS = "cumul_sans_couts"
DOUBLE = "de_minimis_double"
RATTACHEMENT = "de_minimis_rattachement"
CODES = (
    CUMUL, BASE, DE_MINIMIS, NOTIFICATION, NON_MOBILISABLE, A_VERIFIER, UNION, SANS_BASE, SANS_COUTS, DOUBLE,
    RATTACHEMENT,
)  # fmt: skip


class Alerte(NamedTuple):
    """One alert; amounts in cents, `statut` VRAI when certain, INCONNU when missing facts leave it open."""

    code: str
    gravite: Gravite
    statut: int
    message: str
    aides: tuple[str, ...] = ()
    couts: tuple[str, ...] = ()
    plafond: int | None = None
    total: int | None = None
    depassement: int | None = None
    references: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()


def gravite(certaine: bool) -> tuple[Gravite, int]:
    """Return the gravity and status of an overrun: blocking when certain."""
    return ("bloquante", VRAI) if certaine else ("attention", INCONNU)


def montant(cents: int | None) -> str:
    """Write an amount that may be unknown."""
    return "un montant encore inconnu" if cents is None else euros(cents)


def limite(bounds: Interval, certaine: bool) -> str:
    """Write a ceiling: what it is at most when the overrun is certain, else all that missing facts leave it."""
    low, high = bounds
    if certaine or low == high:
        return montant(high)
    return f"{euros(low)} ou plus" if high is None else f"{euros(low)} à {euros(high)}"


def noms(items: Iterable[str], conjonction: str = "et") -> str:
    """Write names as a French list."""
    found = list(items)
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} {conjonction} {found[-1]}"
