"""The vocabulary: each fact that rules may read, its type, its question; and the closed lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aid_rules.language.tree import Kind

KINDS: tuple[Kind, ...] = ("booleen", "choix", "ensemble", "montant", "pourcentage", "nombre", "date", "texte")

STRUCTURAL = ("beneficiaire.", "projet.", "mesure.")
"""Facts so named live at that place of the dossier; the others under `projet.faits`, unless they are derived."""


@dataclass(frozen=True)
class Valeur:
    """One value of a closed list."""

    libelle: str
    aide: str = ""


@dataclass(frozen=True)
class FactDefinition:
    """One fact: name, type, unit, question in plain French, help and reference.

    A computed fact is asked for by the paths of `demander`, the first unless another alone is missing; `questions`
    words its question otherwise for some of them.
    """

    nom: str
    type: Kind
    libelle: str
    question: str
    ref: tuple[str, ...]
    aide: str = ""
    unite: str = ""
    valeurs: Mapping[str, Valeur] = field(default_factory=dict)
    liste: str = ""
    derive: bool = False
    intervalle: bool = False
    demander: tuple[str, ...] = ()
    questions: Mapping[str, str] = field(default_factory=dict)
    appreciation: bool = False
    fichier: str = ""
    ligne: int = 0

    @property
    def chemin(self) -> str:
        """Where the fact stands in a dossier."""
        if self.derive:
            return self.demander[0] if self.demander else self.nom
        return self.nom if self.nom.startswith(STRUCTURAL) else f"projet.faits.{self.nom}"

    @property
    def libre(self) -> bool:
        """Tell whether the fact lives under `projet.faits`."""
        return not self.derive and not self.nom.startswith(STRUCTURAL)

    def bit(self, valeur: str) -> int:
        """Return the bit of a value of a choice."""
        return 1 << list(self.valeurs).index(valeur)

    def masque(self) -> int:
        """Return all the bits of a choice: nothing known."""
        return (1 << len(self.valeurs)) - 1


@dataclass(frozen=True)
class Vocabulary:
    """Facts by name and lists by name."""

    faits: Mapping[str, FactDefinition]
    listes: Mapping[str, Mapping[str, Valeur]]

    def libelles(self) -> Mapping[str, Mapping[str, str]]:
        """Return the lists as the dossier model wants them: value → label."""
        return {nom: {k: v.libelle for k, v in valeurs.items()} for nom, valeurs in self.listes.items()}
