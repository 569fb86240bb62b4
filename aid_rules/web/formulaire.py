"""The kinds of blocks a form of the questionnaire is made of: fields, columns, tables, groups, steps."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Champ:
    """One field; `chemin` is relative to its row inside a table. `genre` says how it is asked and read."""

    chemin: str
    libelle: str
    genre: str
    aide: str = ""
    exemple: str = ""
    liste: str = ""
    obligatoire: bool = False
    valeurs: tuple[tuple[str, str, str], ...] = ()

    def sous(self, prefixe: str) -> Champ:
        """Return the field of one row of a table."""
        return replace(self, chemin=f"{prefixe}.{self.chemin}")


@dataclass(frozen=True)
class Colonne:
    """One column of a table: the header, and the fields that stand under it in each row."""

    titre: str
    champs: tuple[Champ, ...]


@dataclass(frozen=True)
class Tableau:
    """Repeated rows; `aucun` is the sentence by which the user says that there is none."""

    chemin: str
    titre: str
    ligne: str
    ajouter: str
    colonnes: tuple[Colonne, ...]
    intro: str = ""
    aucun: str = ""
    prefixe: str = ""

    @property
    def champs(self) -> tuple[Champ, ...]:
        """Return the fields of one row."""
        return tuple(champ for colonne in self.colonnes for champ in colonne.champs)


@dataclass(frozen=True)
class Groupe:
    """Some fields under a heading."""

    titre: str
    champs: tuple[Champ, ...]
    intro: str = ""


@dataclass(frozen=True)
class Etape:
    """One page of the questionnaire."""

    id: str
    titre: str
    intro: str
    blocs: tuple[Groupe | Tableau, ...]


def seules(*champs: Champ) -> tuple[Colonne, ...]:
    """Return one column per field."""
    return tuple(Colonne(champ.libelle, (champ,)) for champ in champs)
