"""A document as plain blocks: the page, the PDF and the Word file are written from the same ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aid_rules.assessment import Reference
from aid_rules.report.graphiques import Graphique


@dataclass(frozen=True)
class Titre:
    """A heading; `niveau` counts from 2, the title of the document being 1. `ancre` names it for links."""

    texte: str
    niveau: int = 2
    ancre: str = ""


@dataclass(frozen=True)
class Paragraphe:
    """A paragraph, with its references."""

    texte: str
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class Encadre:
    """A boxed statement; `ton` is bon, doute, mauvais or neutre."""

    titre: str
    lignes: tuple[str, ...]
    ton: str = "neutre"


@dataclass(frozen=True)
class Cellule:
    """One cell: words, references, a tone for a verdict."""

    texte: str
    references: tuple[Reference, ...] = ()
    ton: str = ""
    lien: str = ""


@dataclass(frozen=True)
class Tableau:
    """A table with its headers; no caption when the heading above says enough.

    `chiffres` are the columns of amounts, aligned right.

    `poids` shares the width out between the columns, 0 for what the content takes; all equal when empty.
    """

    legende: str
    entetes: tuple[str, ...]
    lignes: tuple[tuple[Cellule, ...], ...]
    chiffres: tuple[int, ...] = ()
    poids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Liste:
    """A list of short paragraphs."""

    items: tuple[Cellule, ...]


@dataclass(frozen=True)
class Figure:
    """A chart."""

    graphique: Graphique


Bloc = Titre | Paragraphe | Encadre | Tableau | Liste | Figure


@dataclass(frozen=True)
class Piece:
    """A document: title, subtitle, blocks, and the line that dates it at the foot of each page."""

    titre: str
    sous_titre: str
    blocs: tuple[Bloc, ...]
    pied: str
    auteur: str = "aid-rules"


def paires(
    legende: str, lignes: Iterable[tuple[str, str]], entetes: tuple[str, str] = ("Rubrique", "Valeur")
) -> Tableau:
    """Return a table of names and values."""
    return Tableau(legende, entetes, tuple((Cellule(k), Cellule(v)) for k, v in lignes), (), (2, 3))
