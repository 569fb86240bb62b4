"""Parameters and tables as the loader gives them: exact units, in force on a date."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from aid_rules.amounts import to_basis_points, to_cents
from aid_rules.language.positions import read_file

RULESETS = Path(__file__).parents[2] / "rulesets"

_UNITS = {
    "uta": to_basis_points,
    "pct": to_basis_points,
    "eur": to_cents,
    "date": lambda text: date.fromisoformat(text).toordinal(),
}


def parametres_au(day: date) -> dict[str, int]:
    """Return the parameters in force on the day, keyed `pme.effectif_petite`, in exact units."""
    found: dict[str, int] = {}
    for path in sorted((RULESETS / "parametres").glob("*.yaml")):
        book = read_file(path).data
        for name, parametre in book["parametres"].items():
            for value in parametre["valeurs"]:
                if value.get("du", "0001-01-01") <= day.isoformat() <= value.get("au", "9999-12-31"):
                    key = f"{book['id']}.{name}"
                    assert key not in found, f"{key} : deux valeurs le {day}"
                    found[key] = _UNITS.get(parametre["unite"], int)(value["valeur"])
    return found
