"""What the identifiers of a result stand for: readers know their funders and their costs by name, not by key."""

from __future__ import annotations

import re

from aid_rules import assessment as out
from aid_rules.dossier import Dossier


class Noms:
    """The names that one dossier and its result give to aids, cost lines and bases."""

    def __init__(self, result: out.Resultat, dossier: Dossier) -> None:
        self.bases = {b.id: b.intitule for b in (*result.regimes, *result.dispositifs)}
        self.couts = {c.id: c.intitule or c.id for c in dossier.projet.couts or ()}
        self.aides = {a.id: a.financeur.nom or a.id for a in dossier.aides or ()}

    def plafond(self, intitule: str) -> str:
        """Write a ceiling of de minimis aid by the title of its basis."""
        name = intitule.removeprefix("plafond ")
        return self.bases.get(name, name)

    def objet(self, marge: out.Marge) -> str:
        """Write what a margin is left on: a cost line, or the ceiling of a basis."""
        kind, _, name = marge.objet.partition(" ")
        if kind == "coût":
            return self.couts.get(name, name)
        return f"Plafond : {self.bases[name]}" if name in self.bases else marge.objet

    def legende(self, alerte: out.AlerteResultat) -> str:
        """Write the names behind the keys of an alert: `ademe : ADEME ; rgec.38 : Efficacité énergétique`."""
        named = {name: self.aides.get(name, name) for name in alerte.aides}
        named |= {name: self.couts.get(name, name) for name in alerte.couts}
        said = set(re.findall(r"[a-z_0-9.]*[a-z_0-9]", alerte.message))
        named |= {name: title for name, title in self.bases.items() if name in said}
        return " ; ".join(f"{key} : {name}" for key, name in named.items() if key != name and key in alerte.message)
