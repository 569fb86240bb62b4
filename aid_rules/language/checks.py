"""The rules checked whole: names, dates, logic. Each fault says where it stands and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from aid_rules.faults import Fault
from aid_rules.language.checks_dates import fautes_de_dates, trous
from aid_rules.language.checks_logic import fautes_de_logique
from aid_rules.language.checks_noms import fautes_de_noms
from aid_rules.language.loader import RuleSet

VALIDITE_JOURS = 400
"""Days after which `verifie_le` is stale."""


def check(rules: RuleSet) -> list[Fault]:
    """Return the faults of the rules, in the order of the files: what must be mended before they are used.

    The loader has already checked each file alone (keys, types, expressions, missing references).
    """
    return _sorted([*fautes_de_noms(rules), *fautes_de_dates(rules), *fautes_de_logique(rules)])


def avertissements(rules: RuleSet, jour: date | None = None) -> list[Fault]:
    """Return what deserves a look without being wrong: stale `verifie_le` on `jour` (today by default), holes."""
    today = jour or datetime.now(UTC).date()
    return _sorted([*_perimes(rules, today), *trous(rules)])


def _perimes(rules: RuleSet, jour: date) -> Iterator[Fault]:
    for document in rules.documents.values():
        checked = document.data.get("verifie_le")
        if checked is None:
            continue
        age = (jour - date.fromisoformat(str(checked))).days
        if age > VALIDITE_JOURS:
            message = (
                f"vérifié il y a {age} jours (le {checked}) : relisez le texte en vigueur, puis mettez la date à jour"
            )
            yield document.fault(message, ("verifie_le",))


def _sorted(faults: list[Fault]) -> list[Fault]:
    return sorted(set(faults), key=lambda f: (f.file, f.line, f.column, f.path, f.message))
