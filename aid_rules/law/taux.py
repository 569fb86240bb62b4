"""Reference and discount rates (communication 2008/C 14/02): the base rate of the date, and the margins."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import yaml

from aid_rules.amounts import to_basis_points
from aid_rules.faults import WorkError
from aid_rules.law.communes import octets

if TYPE_CHECKING:
    from pathlib import Path

    from aid_rules.law.base import Parametres
from aid_rules.law.tables import lire_table

_CLASSES = {"aaa": "a", "aa": "a", "b_moins": "b", "defaut": "ccc"}
"""Ratings that share the margins of another."""


class TauxDeBase(NamedTuple):
    """One base rate, in basis points, from `du` to the last day established, `au`."""

    du: date
    au: date
    points: int
    confiance: str
    source: str


def taux_de_base(jour: date, donnees: Path) -> TauxDeBase | None:
    """Return the base rate in force on the day, or None when the table holds none: it is then to be asked for.

    Raises `WorkError` when the table `taux_reference.yaml` of the folder cannot be read.
    """
    path = donnees / "taux_reference.yaml"
    try:
        table = _lire(octets(path))
    except (KeyError, TypeError, ValueError, AttributeError, yaml.YAMLError) as error:
        raise WorkError(f"la table {path} est abîmée : {error}") from error
    return next((rate for rate in table if rate.du <= jour <= rate.au), None)


def marge(notation: str | None, suretes: str | None, mere: str | None, parametres: Parametres) -> int | None:
    """Return the margin of the reference rate in basis points, or None when a rating or the collateral is unknown.

    A borrower without history bears a minimum margin, never lower than that of its parent (`mere`).
    """
    if notation == "aucune":
        floor = parametres["esb.marge_sans_historique"]
        if mere in {None, "aucune"}:
            return floor
        worst = marge(mere, suretes or "faibles", None, parametres)
        if suretes is None and worst is not None and worst > floor:
            return None
        return max(floor, worst or floor)
    if notation is None or suretes is None:
        return None
    return parametres[f"esb.marge_{_CLASSES.get(notation, notation)}_{suretes}"]


def prime_refuge(notation: str, mere: str | None, parametres: Parametres) -> int | None:
    """Return the safe-harbour premium of a guarantee in basis points a year, or None when a rating has none.

    That of a borrower without history is never lower than that of its parent (`mere`).
    """
    if notation == "aucune" and mere not in {None, "aucune"}:
        above = parametres.get(f"esb.prime_{mere}")
        return None if above is None else max(parametres["esb.prime_aucune"], above)
    return parametres.get(f"esb.prime_{notation}")


@lru_cache(maxsize=4)
def _lire(raw: bytes) -> tuple[TauxDeBase, ...]:
    rows = lire_table(raw)["taux_de_base"]
    return tuple(
        TauxDeBase(row["du"], row["au"], to_basis_points(row["taux_pct"]), row["confiance"], row["source"])
        for row in rows
    )
