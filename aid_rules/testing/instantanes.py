"""What the rules conclude on a portfolio, recorded; and what a change of the rules changes, dossier by dossier."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from aid_rules.assessment import Base, Resultat
from aid_rules.faults import WorkError

Instantane = dict[str, dict[str, Any]]
"""Dossier → what is concluded on it."""


def photographier(result: Resultat) -> dict[str, Any]:
    """Return what is concluded on one dossier: qualification, each basis that concerns it, alerts, obligations."""
    bases = {b.id: _base(b) for b in (*result.regimes, *result.dispositifs) if b.examine}
    return {
        "date_octroi": result.date_octroi.isoformat(),
        "qualification": result.qualification.conclusion,
        "bases": bases,
        "alertes": sorted(f"{a.code} ({a.gravite}) : {', '.join((*a.aides, *a.couts))}" for a in result.cumul.alertes),
        "obligations": sorted(f"{o.id} : {o.statut}" for o in result.obligations),
    }


def _base(base: Base) -> str:
    text: str = base.verdict
    if base.verdict != "non_mobilisable":
        text += f", {_bounds(base.montant_min_eur, base.montant_max_eur, '€')}"
        if base.intensite_max_pct is not None:
            text += f", {_bounds(base.intensite_min_pct, base.intensite_max_pct, '%')}"
    failing = [c.id for c in base.conditions if c.verdict == "faux"]
    return text + (f" ({', '.join(failing)})" if failing else "")


def _bounds(low: Decimal | None, high: Decimal | None, unit: str) -> str:
    if high is None:
        return f"{unit} sans limite connue"
    return f"{high} {unit}" if low == high else f"{low} à {high} {unit}"


def differences(avant: Mapping[str, Any], apres: Mapping[str, Any]) -> Iterator[str]:
    """Yield what differs between two records of one dossier, one readable line each."""
    for key in ("date_octroi", "qualification"):
        if avant.get(key) != apres.get(key):
            yield f"{key} : {avant.get(key)} → {apres.get(key)}"
    old, new = avant.get("bases", {}), apres.get("bases", {})
    for name in dict.fromkeys([*old, *new]):
        if old.get(name) != new.get(name):
            yield f"{name} : {old.get(name, 'ne concernait pas ce dossier')} → {new.get(name, 'ne le concerne plus')}"
    for key in ("alertes", "obligations"):
        gone, come = (
            set(avant.get(key, [])) - set(apres.get(key, [])),
            set(apres.get(key, [])) - set(avant.get(key, [])),
        )
        yield from (f"{key}, disparue : {text}" for text in sorted(gone))
        yield from (f"{key}, nouvelle : {text}" for text in sorted(come))


def lire(path: Path) -> Instantane:
    """Read a record. Raises `WorkError` when it cannot be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WorkError(f"{path} : instantané illisible ({error}) ; enregistrez-le avec --maj-instantane") from None
    if not isinstance(found, dict):
        raise WorkError(f"{path} : instantané illisible ; enregistrez-le avec --maj-instantane")
    return found


def ecrire(path: Path, found: Instantane) -> None:
    """Write a record, dossiers in order, so that two of them compare line by line."""
    path.write_text(json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
