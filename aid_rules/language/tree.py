"""The typed tree of an expression: one meaning, read by the evaluators, the French rendering and the checks.

Truth values are FAUX = 0, INCONNU = 1, VRAI = 3: conjunction is `&`, disjunction is `|`. Amounts are cents, rates
basis points, numbers hundredths, dates ordinals.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

FAUX, INCONNU, VRAI = 0, 1, 3
NON = (VRAI, INCONNU, INCONNU, FAUX)
"""Negation: `NON[value]`."""

UniteDeDelai = Literal["mois", "jours", "jours_ouvrables"]
Kind = Literal["booleen", "choix", "ensemble", "montant", "pourcentage", "nombre", "date", "texte"]
Operator = Literal["=", "!=", "<", "<=", ">", ">="]

OPPOSITE: dict[Operator, Operator] = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


@dataclass(frozen=True)
class Tous:
    """Every item holds."""

    items: tuple[Bool, ...]


@dataclass(frozen=True)
class UnDe:
    """At least one item holds."""

    items: tuple[Bool, ...]


@dataclass(frozen=True)
class Non:
    """The item does not hold."""

    item: Bool


@dataclass(frozen=True)
class EstVrai:
    """A boolean fact, or the membership `fact.member` of a set."""

    fait: str


@dataclass(frozen=True)
class Dans:
    """A choice is one of `valeurs`; `masque` has their bits, in the order of the vocabulary."""

    fait: str
    valeurs: tuple[str, ...]
    masque: int


@dataclass(frozen=True)
class Compare:
    """Two quantities of the same kind compared."""

    operateur: Operator
    gauche: Num
    droite: Num


@dataclass(frozen=True)
class Nombre:
    """A literal: `valeur` in the exact unit of `genre`, `texte` as written, `unite` as written."""

    valeur: int
    genre: Kind
    texte: str
    unite: str = ""


@dataclass(frozen=True)
class Fait:
    """A fact that holds a quantity; `intervalle` facts are known between two bounds."""

    nom: str
    genre: Kind
    intervalle: bool = False


@dataclass(frozen=True)
class Couts:
    """Admissible cost lines of the regime, of one `poste` when given."""

    poste: str = ""


@dataclass(frozen=True)
class Assiette:
    """Eligible costs of the regime, as its method gives them."""


@dataclass(frozen=True)
class Somme:
    """Sum of signed terms."""

    termes: tuple[tuple[int, Num], ...]


@dataclass(frozen=True)
class PartDe:
    """A rate of an amount."""

    taux: Nombre | Fait
    base: Num


@dataclass(frozen=True)
class Extremum:
    """The least or the greatest of several quantities."""

    plus_petit: bool
    items: tuple[Num, ...]


@dataclass(frozen=True)
class Produit:
    """A whole number times a quantity."""

    facteur: int
    base: Num


@dataclass(frozen=True)
class Decalage:
    """A date moved by months, days or working days; `nombre` may be negative."""

    base: Num
    nombre: int
    unite: UniteDeDelai
    texte: str


@dataclass(frozen=True)
class Rapport:
    """What an amount is multiplied by: a rate over 100 %, or one number over another, which is never zero."""

    numerateur: Num
    denominateur: Num


@dataclass(frozen=True)
class Multiple:
    """An amount multiplied when `si` holds (None: always), rounded down; left as it is otherwise."""

    base: Num
    rapport: Rapport
    si: Bool | None = None


CENT = Nombre(10_000, "pourcentage", "100", "%")
"""The whole: what a rate is over."""

Bool = Tous | UnDe | Non | EstVrai | Dans | Compare
Num = Nombre | Fait | Couts | Assiette | Somme | PartDe | Extremum | Produit | Decalage | Multiple
Node = Bool | Num | Rapport


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes right below `node`."""
    match node:
        case Tous(items) | UnDe(items) | Extremum(_, items):
            return tuple(items)
        case Non(item):
            return (item,)
        case Compare(_, gauche, droite):
            return (gauche, droite)
        case Somme(termes):
            return tuple(terme for _, terme in termes)
        case PartDe(taux, base):
            return (taux, base)
        case Produit(_, base) | Decalage(base):
            return (base,)
        case Rapport(numerateur, denominateur):
            return (numerateur, denominateur)
        case Multiple(base, rapport, si):
            return (base, rapport) if si is None else (base, rapport, si)
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """Yield `node` and every node below it, in reading order."""
    yield node
    for child in children(node):
        yield from walk(child)


def facts_of(node: Node) -> tuple[str, ...]:
    """Return the facts that `node` reads, in reading order, each once."""
    names = [n.nom if isinstance(n, Fait) else n.fait for n in walk(node) if isinstance(n, Fait | EstVrai | Dans)]
    return tuple(dict.fromkeys(names))


def reads_costs(node: Node) -> bool:
    """Tell whether `node` depends on the cost lines of the regime it stands in."""
    return any(isinstance(n, Couts | Assiette) for n in walk(node))


def is_scalar(node: Num) -> bool:
    """Tell whether the quantity is known or unknown as a whole: a fact, a literal, a date moved."""
    match node:
        case Decalage(base):
            return is_scalar(base)
        case Fait(intervalle=intervalle):
            return not intervalle
        case _:
            return isinstance(node, Nombre)


def kind_of(node: Num) -> Kind:
    """Return the kind of quantity that `node` gives."""
    match node:
        case Nombre(genre=genre) | Fait(genre=genre):
            return genre
        case Couts() | Assiette() | PartDe() | Multiple():
            return "montant"
        case Decalage():
            return "date"
        case Produit(_, base):
            return kind_of(base)
        case Extremum(_, items):
            return kind_of(items[0])
        case Somme(termes):
            return kind_of(termes[0][1])
