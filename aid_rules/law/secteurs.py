"""Sectors of the aided activity, from its NAF code: which are certain, which are to be asked about.

The table `naf_secteurs.yaml` says, at each date, what a code of the NAF rév. 2 establishes for the texts.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from aid_rules.faults import WorkError
from aid_rules.law.base import FAUX, INCONNU, VRAI, Motif
from aid_rules.law.communes import lignes, octets
from aid_rules.law.tables import lire_table

if TYPE_CHECKING:
    from pathlib import Path

    from aid_rules.dossier import Beneficiaire

AUTRE = "autre"
"""Sector of an activity that no text singles out."""


class LigneNaf(NamedTuple):
    """One line of the table: the codes that fall in a sector, or establish a fact, over a period."""

    nom: str
    certitude: int
    codes: tuple[str, ...]
    sauf: tuple[str, ...]
    du: date
    au: date
    ref: str
    note: str

    def vise(self, code: str, jour: date) -> bool:
        """Tell whether the line holds for a code on a day."""
        inside = self.du <= jour <= self.au and code.startswith(self.codes)
        return inside and not (self.sauf and code.startswith(self.sauf))


class Secteurs(NamedTuple):
    """What is known of the sectors: `certains` hold, `possibles` (certain ones included) may hold, the rest do not.

    `connus` is false when the dossier gives neither code nor sectors: then nothing is excluded. `faits` holds what the
    code says of other facts (VRAI, INCONNU; FAUX when absent).
    """

    connus: bool
    certains: frozenset[str]
    possibles: frozenset[str]
    faits: dict[str, int]
    motifs: tuple[Motif, ...]
    alertes: tuple[str, ...]
    manquants: tuple[str, ...]

    def contient(self, secteur: str) -> int:
        """Tell whether the activity is in the sector (three-valued)."""
        if secteur in self.certains:
            return VRAI
        return INCONNU if not self.connus or secteur in self.possibles else FAUX


def secteurs(beneficiaire: Beneficiaire, jour: date, donnees: Path) -> Secteurs:
    """Return the sectors of the beneficiary on a day, from its declared sectors, else from its NAF code.

    `donnees` is the folder of the tables. A declared list is complete; where the code is certain of a sector that the
    list leaves out, the sector is to be checked and the difference is said. Raises `WorkError`.
    """
    code, declared = beneficiaire.naf, beneficiaire.secteurs
    found = _selon_naf(code, jour, donnees) if code else None
    if declared is None:
        return found or Secteurs(False, frozenset(), frozenset(), {}, (), (), ("beneficiaire.naf",))
    stated = frozenset(declared)
    motifs = (Motif(f"secteurs déclarés : {', '.join(sorted(stated))}", "rgec:1(3)"),)
    if found is None:
        return Secteurs(True, stated, stated, {}, motifs, (), ())
    omitted = found.certains - stated - {AUTRE}
    alerts = tuple(
        f"Le code NAF {code} relève du secteur « {name} », absent des secteurs déclarés." for name in sorted(omitted)
    )
    missing = ("beneficiaire.secteurs",) if omitted else ()
    return Secteurs(True, stated, stated | omitted, found.faits, (*motifs, *found.motifs), alerts, missing)


def _selon_naf(code: str, jour: date, donnees: Path) -> Secteurs:
    if not lignes(octets(donnees / "naf.csv"), code):
        texte = f"Le code {code} n'existe pas dans la NAF rév. 2 : les secteurs restent à préciser."
        return Secteurs(False, frozenset(), frozenset(), {}, (), (texte,), ("beneficiaire.naf",))
    table, facts = _tables(donnees)
    hits = [line for line in table if line.vise(code, jour)]
    sure = frozenset(line.nom for line in hits if line.certitude == VRAI)
    possible = frozenset(line.nom for line in hits)
    if not possible:
        sure = possible = frozenset({AUTRE})
    about = {line.nom: line.certitude for line in facts if line.vise(code, jour)}
    motifs = tuple(Motif(f"code NAF {code} : {_ecrire(line)}", line.ref, line.certitude) for line in hits)
    missing = ("beneficiaire.secteurs",) if possible - sure else ()
    return Secteurs(True, sure, possible, about, motifs, (), missing)


def _ecrire(line: LigneNaf) -> str:
    doubt = "" if line.certitude == VRAI else " à vérifier"
    return f"{line.nom}{doubt}{f' ({line.note})' if line.note else ''}"


def _tables(donnees: Path) -> tuple[tuple[LigneNaf, ...], tuple[LigneNaf, ...]]:
    path = donnees / "naf_secteurs.yaml"
    try:
        return _lire(octets(path))
    except (KeyError, TypeError, ValueError, AttributeError, yaml.YAMLError) as error:
        raise WorkError(f"la table {path} est abîmée : {error}") from error


@lru_cache(maxsize=4)
def _lire(raw: bytes) -> tuple[tuple[LigneNaf, ...], tuple[LigneNaf, ...]]:
    book = lire_table(raw)
    return tuple(_ligne(row, "secteur") for row in book["lignes"]), tuple(_ligne(row, "fait") for row in book["faits"])


def _ligne(row: dict[str, Any], name: str) -> LigneNaf:
    return LigneNaf(
        row[name],
        {"certain": VRAI, "possible": INCONNU}[row["certitude"]],
        tuple(row["naf"]),
        tuple(row.get("sauf", ())),
        row.get("du", date.min),
        row.get("au", date.max),
        row["ref"],
        row.get("note", ""),
    )
