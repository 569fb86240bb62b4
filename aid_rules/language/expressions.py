"""Expressions of the rulesets, parsed by a lark grammar into the typed tree: nothing is ever executed from text."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from aid_rules.faults import nearest
from aid_rules.language import tree as t

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

    from aid_rules.language.vocabulary import FactDefinition, Vocabulary

GRAMMAR = r"""
?start: ou | somme "/" somme -> rapport
?ou: et (_OU et)*
?et: non (_ET non)*
?non: "non" non -> negation | atome
?atome: comparaison | "(" ou ")"
?comparaison: somme OP somme -> compare
    | NOM _DANS "[" _liste "]" -> dans
    | NOM _HORS "[" _liste "]" -> hors
    | NOM _CONTIENT NOM -> contient
    | somme
_liste: NOM ("," NOM)*
?somme: terme (SIGNE terme)*
?terme: nombre | JOUR -> jour | NOM -> nom
    | nombre _DE terme -> part | NOM _DE terme -> part_fait
    | ENTIER "*" terme -> produit
    | "min" "(" somme ("," somme)+ ")" -> minimum
    | "max" "(" somme ("," somme)+ ")" -> maximum
    | "(" somme ")"
nombre: (DECIMAL | ENTIER) UNITE?
_ET: /et\b/
_OU: /ou\b/
_DE: /de\b/
_DANS: /dans\b/
_HORS: /hors\b/
_CONTIENT: /contient\b/
OP: "<=" | ">=" | "!=" | "=" | "<" | ">"
SIGNE: "+" | "-"
JOUR.3: /\d{4}-\d{2}-\d{2}/
DECIMAL.2: /\d+\.\d+/
ENTIER.1: /\d+/
UNITE: "EUR" | "%" | "ans" | "an" | "mois" | "semaines" | "semaine" | /jours? ouvrables?/ | "jours" | "jour"
    | "uta" | "UTA" | "exercices" | "heures" | "points"
    | "km" | "kW" | "MW" | "Mbps" | "Gbps" | "g" | "t" | "MWh" | "kWh"
NOM: /[a-z_][a-z0-9_]*(\.[a-z0-9_]+)*/
%ignore /[ \t\n]+/
"""

UNITS = {
    "ans": "an", "jours": "jour", "semaines": "semaine", "jours ouvrables": "jour ouvrable", "UTA": "uta",
    "exercices": "exercice", "heures": "heure",
}  # fmt: skip
"""Units as written → one name each."""

MAX_DEPTH = 30
"""Levels of one expression: what is deeper cannot be read by a person, nor compiled."""


class ExpressionError(ValueError):
    """An expression that cannot be read; the message, in French, says what was expected."""


@cache
def _parser() -> Lark:
    from lark import Lark  # noqa: PLC0415 - compiled rules are cached: a run that parses nothing never loads it

    return Lark(GRAMMAR, parser="lalr")


def parse_condition(text: str, vocabulary: Vocabulary) -> t.Bool:
    """Read a condition. Raises `ExpressionError` on bad grammar, unknown name or mismatched types."""
    return _Typing(vocabulary).condition(_tree(text))


def parse_amount(text: str, vocabulary: Vocabulary) -> t.Num:
    """Read an amount (`couts - marge_exploitation_eur`). Raises `ExpressionError`."""
    found = _Typing(vocabulary).quantity(_tree(text), "montant")
    if t.kind_of(found) != "montant":
        raise ExpressionError(f"« {text} » ne donne pas un montant")
    return found


def parse_date(text: str, vocabulary: Vocabulary) -> t.Num:
    """Read a date (`date_octroi + 6 mois`). Raises `ExpressionError`."""
    found = _Typing(vocabulary).quantity(_tree(text), "date")
    if t.kind_of(found) != "date":
        raise ExpressionError(f"« {text} » ne donne pas une date")
    return found


def parse_ratio(text: str, vocabulary: Vocabulary) -> t.Rapport:
    """Read a factor: a rate (`100 % - part_consommee_pct`) or a quotient of two numbers of one unit.

    Raises `ExpressionError`, also when the divisor may be zero.
    """
    typing = _Typing(vocabulary)
    node: Any = _tree(text)
    if getattr(node, "data", None) != "rapport":
        rate = typing.quantity(node, "pourcentage")
        if t.kind_of(rate) != "pourcentage":
            raise ExpressionError(f"« {text} » ne donne pas un taux")
        return t.Rapport(rate, t.CENT)
    over, under = (typing.quantity(child, "nombre") for child in node.children)
    if t.kind_of(over) != "nombre" or t.kind_of(under) != "nombre":
        raise ExpressionError(f"« {text} » : un quotient se fait entre deux nombres, de même unité")
    over, under = typing.same_unit(over, under)
    if _least(under) <= 0:
        raise ExpressionError(f"« {text} » : le diviseur pourrait être nul ; bornez-le par « max(1 …, …) »")
    return t.Rapport(over, under)


def _least(node: t.Num) -> int:
    """Return a number that `node` never goes under; zero or less when nothing tells."""
    match node:
        case t.Nombre(valeur):
            return valeur
        case t.Extremum(plus_petit, items):
            return (min if plus_petit else max)(map(_least, items))
        case _:
            return 0


def rate_fact(name: str, vocabulary: Vocabulary) -> t.Fait:
    """Return the rate fact `name`. Raises `ExpressionError`."""
    fact = _Typing(vocabulary).known(name)
    if fact.type != "pourcentage":
        raise ExpressionError(f"« {name} » n'est pas un taux")
    return t.Fait(name, "pourcentage", fact.intervalle)


def parse_block(value: object, vocabulary: Vocabulary) -> t.Bool:
    """Read `si:`: an expression, or nested `tous:` / `un_de:` / `aucun:` lists of them. Raises `ExpressionError`."""
    if isinstance(value, str):
        return parse_condition(value, vocabulary)
    if isinstance(value, list) and value:
        return t.Tous(tuple(parse_block(item, vocabulary) for item in value))
    if not isinstance(value, dict) or not value:
        raise ExpressionError("une expression, ou une liste « tous », « un_de » ou « aucun », est attendue")
    parts: list[t.Bool] = []
    for key, items in value.items():
        if key not in ("tous", "un_de", "aucun") or not isinstance(items, list) or not items:
            message = f"« {key} » : une liste non vide sous « tous », « un_de » ou « aucun » est attendue"
            raise ExpressionError(message + nearest(str(key), ("tous", "un_de", "aucun")))
        nodes = tuple(parse_block(item, vocabulary) for item in items)
        parts.append(t.Tous(nodes) if key == "tous" else t.UnDe(nodes) if key == "un_de" else t.Non(t.UnDe(nodes)))
    return parts[0] if len(parts) == 1 else t.Tous(tuple(parts))


def _tree(text: str) -> Tree[Token] | Token:
    from lark.exceptions import UnexpectedInput  # noqa: PLC0415 - see _parser

    if len(text) > 2000:  # noqa: PLR2004 - a condition that long cannot be read by a person
        raise ExpressionError("expression trop longue : découpez-la en liste « tous » ou « un_de »")
    try:
        found = _parser().parse(text)
    except UnexpectedInput as error:
        place = getattr(error, "column", 0) or 0
        near = text[max(0, place - 1) : place + 20]
        raise ExpressionError(f"expression illisible au caractère {place}, près de « {near} »") from None
    level: list[Any] = [found]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in getattr(node, "children", ())]
    if level:
        raise ExpressionError("expression trop imbriquée : découpez-la en liste « tous » ou « un_de »")
    return found


class _Typing:
    """Gives each name its fact and each number its kind."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary

    def known(self, name: str) -> FactDefinition:
        fact = self.vocabulary.faits.get(name)
        if fact is None:
            raise ExpressionError(f"fait « {name} » inconnu du vocabulaire{nearest(name, self.vocabulary.faits)}")
        return fact

    def condition(self, node: Any) -> t.Bool:  # noqa: ANN401 - lark trees are untyped
        data = getattr(node, "data", None)
        if data == "ou":
            return t.UnDe(tuple(self.condition(child) for child in node.children))
        if data == "et":
            return t.Tous(tuple(self.condition(child) for child in node.children))
        if data == "negation":
            return t.Non(self.condition(node.children[0]))
        if data == "nom":
            name = str(node.children[0])
            if self.known(name).type != "booleen":
                raise ExpressionError(f"« {name} » n'est pas une question oui/non : comparez-le à une valeur")
            return t.EstVrai(name)
        if data in ("dans", "hors"):
            found = self.choice(str(node.children[0]), tuple(str(child) for child in node.children[1:]))
            return found if data == "dans" else t.Non(found)
        if data == "contient":
            return self.member(str(node.children[0]), str(node.children[1]))
        if data == "compare":
            return self.compare(node.children[0], str(node.children[1]), node.children[2])
        raise ExpressionError("une condition vraie ou fausse est attendue, non une quantité")

    def choice(self, name: str, values: tuple[str, ...]) -> t.Dans:
        fact = self.known(name)
        if fact.type != "choix":
            raise ExpressionError(f"« {name} » n'est pas un choix dans une liste")
        for value in values:
            if value not in fact.valeurs:
                raise ExpressionError(f"« {value} » n'est pas une valeur de « {name} »{nearest(value, fact.valeurs)}")
        if len(set(values)) < len(values):
            raise ExpressionError(f"valeur répétée dans la liste de « {name} »")
        mask = sum(fact.bit(value) for value in values)
        if mask == fact.masque():
            raise ExpressionError(f"la condition sur « {name} » est toujours vraie : toutes ses valeurs y sont")
        return t.Dans(name, tuple(sorted(values, key=list(fact.valeurs).index)), mask)

    def member(self, name: str, value: str) -> t.EstVrai:
        fact = self.known(name)
        if fact.type != "ensemble":
            raise ExpressionError(f"« {name} » n'est pas un ensemble")
        if value not in fact.valeurs:
            raise ExpressionError(f"« {value} » n'est pas une valeur de « {name} »{nearest(value, fact.valeurs)}")
        return t.EstVrai(f"{name}.{value}")

    def compare(self, left: Any, operator: str, right: Any) -> t.Bool:  # noqa: ANN401
        if getattr(left, "data", None) == "nom":
            name = str(left.children[0])
            fact = None if name in _BUILTIN or name.startswith("couts.") else self.known(name)
            if fact is not None and fact.type == "choix" and getattr(right, "data", None) == "nom":
                if operator not in ("=", "!="):
                    raise ExpressionError(
                        f"« {fact.nom} » est un choix : seuls « = », « != », « dans » et « hors » vont"
                    )
                found = self.choice(fact.nom, (str(right.children[0]),))
                return found if operator == "=" else t.Non(found)
        kind = self.guess(left) or self.guess(right)
        if kind is None:
            raise ExpressionError("deux nombres comparés entre eux : l'un des deux côtés doit être un fait")
        gauche, droite = self.quantity(left, kind), self.quantity(right, kind)
        if not t.facts_of(gauche) + t.facts_of(droite) and not t.reads_costs(gauche) and not t.reads_costs(droite):
            raise ExpressionError("deux valeurs fixes comparées entre elles : l'un des deux côtés doit être un fait")
        if t.kind_of(gauche) != t.kind_of(droite):
            raise ExpressionError(f"comparaison d'un {t.kind_of(gauche)} et d'un {t.kind_of(droite)}")
        gauche, droite = self.same_unit(gauche, droite)
        return t.Compare(cast("t.Operator", operator), gauche, droite)

    def same_unit(self, left: t.Num, right: t.Num) -> tuple[t.Num, t.Num]:
        """Return both sides in one unit: years are written for months. Raises `ExpressionError`."""
        units = dict.fromkeys(unit for side in (left, right) for n in t.walk(side) if (unit := self.unit(n)))
        if set(units) == {"an", "mois"}:
            left, right = self.in_months(left), self.in_months(right)
        elif len(units) > 1:
            raise ExpressionError(f"unités différentes : {' et '.join(units)}")
        return left, right

    def in_months(self, node: t.Num) -> t.Num:
        match node:
            case t.Nombre(valeur, genre, texte, unite) if self.unit(node) == "an":
                return t.Nombre(valeur * 12, genre, texte, unite)
            case t.Extremum(plus_petit, items):
                return t.Extremum(plus_petit, tuple(map(self.in_months, items)))
            case _ if self.unit(node) == "an":
                raise ExpressionError("unités différentes : an et mois ; seul un nombre d'années s'écrit pour des mois")
            case _:
                return node

    def unit(self, node: t.Node) -> str:
        if isinstance(node, t.Fait):
            unite = self.vocabulary.faits[node.nom].unite if node.nom in self.vocabulary.faits else ""
            return UNITS.get(unite, unite)
        if isinstance(node, t.Nombre) and node.genre == "nombre":
            return UNITS.get(node.unite, node.unite)
        return ""

    def guess(self, node: Any) -> t.Kind | None:  # noqa: ANN401
        """Return the kind of a side, None when it is a bare number."""
        data = getattr(node, "data", None)
        if data == "nom":
            name = str(node.children[0])
            return _BUILTIN.get(name) or ("montant" if name.startswith("couts.") else self.known(name).type)
        if data == "jour":
            return "date"
        if data in ("part", "part_fait"):
            return "montant"
        if data == "nombre":
            unit = str(node.children[1]) if len(node.children) > 1 else ""
            return "montant" if unit == "EUR" else "pourcentage" if unit == "%" else None
        for child in getattr(node, "children", ()):
            kind = self.guess(child) if hasattr(child, "data") else None
            if kind:
                return kind
        return None

    def quantity(self, node: Any, kind: t.Kind) -> t.Num:  # noqa: ANN401
        data = getattr(node, "data", None)
        children = getattr(node, "children", [])
        if data == "nom":
            return self.name(str(children[0]), kind)
        if data == "nombre":
            return _number(node, kind)
        if data == "jour":
            return _day(str(children[0]))
        if data == "part":
            return t.PartDe(_number(children[0], "pourcentage"), self.quantity(children[1], "montant"))
        if data == "part_fait":
            return t.PartDe(rate_fact(str(children[0]), self.vocabulary), self.quantity(children[1], "montant"))
        if data == "produit":
            return t.Produit(int(children[0]), self.quantity(children[1], kind))
        if data in ("minimum", "maximum"):
            return t.Extremum(data == "minimum", tuple(self.quantity(child, kind) for child in children))
        if data == "somme":
            return self.sum(children, kind)
        raise ExpressionError("une quantité est attendue, non une condition")

    def sum(self, children: list[Any], kind: t.Kind) -> t.Num:
        first = self.quantity(children[0], kind)
        if kind == "date":
            for sign, term in zip(children[1::2], children[2::2], strict=True):
                first = _shift(first, -1 if str(sign) == "-" else 1, term)
            return first
        terms = [(1, first)]
        for sign, term in zip(children[1::2], children[2::2], strict=True):
            terms.append((-1 if str(sign) == "-" else 1, self.quantity(term, kind)))
        if len({t.kind_of(term) for _, term in terms}) > 1:
            raise ExpressionError("une somme ne mêle pas des quantités de genres différents")
        return t.Somme(tuple(terms))

    def name(self, name: str, kind: t.Kind) -> t.Num:
        if name == "couts":
            return t.Couts()
        if name == "assiette":
            return t.Assiette()
        if name == "date_octroi":
            return t.Fait("date_octroi", "date")
        if name.startswith("couts."):
            poste = name.removeprefix("couts.")
            known = self.vocabulary.listes.get("poste", {})
            if poste not in known:
                raise ExpressionError(f"poste de coût « {poste} » inconnu{nearest(poste, known)}")
            return t.Couts(poste)
        fact = self.known(name)
        if fact.type not in ("montant", "pourcentage", "nombre", "date"):
            raise ExpressionError(f"« {name} » n'est pas une quantité (attendu : {kind})")
        return t.Fait(name, fact.type, fact.intervalle)


_BUILTIN: dict[str, t.Kind] = {"couts": "montant", "assiette": "montant", "date_octroi": "date"}


def _number(node: Any, kind: t.Kind) -> t.Nombre:  # noqa: ANN401
    return _literal(str(node.children[0]), str(node.children[1]) if len(node.children) > 1 else "", kind)


def _literal(text: str, unit: str, kind: t.Kind) -> t.Nombre:
    if kind == "montant" and unit != "EUR":
        if text == "0" and not unit:
            return t.Nombre(0, "montant", "0")
        raise ExpressionError(f"« {text} {unit} » : un montant s'écrit avec son unité, « {text} EUR »")
    if kind == "pourcentage" and unit != "%":
        raise ExpressionError(f"« {text} {unit} » : un taux s'écrit « {text} % »")
    if kind in ("nombre", "date") and unit in ("EUR", "%"):
        raise ExpressionError(f"« {text} {unit} » comparé à un {kind}")
    if kind == "date":
        raise ExpressionError(f"« {text} » : une date AAAA-MM-JJ est attendue")
    value = Decimal(text) * 100
    if value != value.to_integral_value():
        raise ExpressionError(f"« {text} » : deux décimales au plus")
    return t.Nombre(int(value), kind, text, unit)


def _day(text: str) -> t.Nombre:
    try:
        return t.Nombre(date.fromisoformat(text).toordinal(), "date", text)
    except ValueError:
        raise ExpressionError(f"« {text} » n'est pas une date du calendrier") from None


def _shift(base: t.Num, sign: int, term: Any) -> t.Num:  # noqa: ANN401
    if getattr(term, "data", None) != "nombre" or len(term.children) < 2:  # noqa: PLR2004
        raise ExpressionError("à une date s'ajoute une durée : « + 6 mois », « - 3 ans », « + 20 jours ouvrables »")
    number, unit = str(term.children[0]), UNITS.get(str(term.children[1]), str(term.children[1]))
    if unit not in _DELAIS or not number.isdigit():
        raise ExpressionError("une durée s'écrit en années, mois, semaines, jours ou jours ouvrables entiers")
    name, times = _DELAIS[unit]
    return t.Decalage(base, sign * times * int(number), name, f"{number} {unit}")


_DELAIS: dict[str, tuple[t.UniteDeDelai, int]] = {
    "an": ("mois", 12), "mois": ("mois", 1), "semaine": ("jours", 7), "jour": ("jours", 1),
    "jour ouvrable": ("jours_ouvrables", 1),
}  # fmt: skip
