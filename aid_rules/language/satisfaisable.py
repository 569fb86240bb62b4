"""Tells whether conditions can hold together: the values of a choice exclude one another, numbers are ordered.

A small search over finite domains. It answers « no » only when it is certain; what it does not know (two facts that
the law ties together, a date moved by months) only makes it miss a contradiction, never invent one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

from aid_rules.language import tree as t
from aid_rules.language.vies import Vie
from aid_rules.language.vocabulary import STRUCTURAL, Vocabulary

BUDGET = 400
"""Branches after which conditions are taken as possible together."""

_OCTROI = ((t.Fait("date_octroi", "date"), Fraction(1)),)

Clause = tuple[Any, ...]
"""`("et", items)`, `("ou", items)`, or `("atome", variable, mask)` in negation normal form."""

_VRAI: Clause = ("et", ())
_FAUX: Clause = ("ou", ())


@dataclass(frozen=True, slots=True)
class _Comparaison:
    """A linear combination compared with a constant."""

    variable: tuple[tuple[t.Num, Fraction], ...]
    operateur: t.Operator
    seuil: Fraction


_MIROIR: dict[t.Operator, t.Operator] = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _lineaire(node: t.Num) -> tuple[dict[t.Num, Fraction], Fraction]:
    """Return a quantity as coefficients of opaque terms, and a constant."""
    match node:
        case t.Nombre(valeur):
            return {}, Fraction(valeur)
        case t.Somme(termes):
            total: dict[t.Num, Fraction] = {}
            constant = Fraction(0)
            for sign, term in termes:
                inside, own = _lineaire(term)
                constant += sign * own
                for key, value in inside.items():
                    total[key] = total.get(key, Fraction(0)) + sign * value
            return total, constant
        case t.Produit(facteur, base):
            return _scaled(base, Fraction(facteur))
        case t.PartDe(t.Nombre(valeur), base):
            return _scaled(base, Fraction(valeur, 10_000))
        case t.Decalage(base, nombre, "jours"):
            inside, own = _lineaire(base)
            return inside, own + nombre
        case _:
            return {node: Fraction(1)}, Fraction(0)


def _scaled(node: t.Num, factor: Fraction) -> tuple[dict[t.Num, Fraction], Fraction]:
    inside, own = _lineaire(node)
    return {key: value * factor for key, value in inside.items()}, own * factor


def _comparaison(node: t.Compare) -> _Comparaison | bool:
    """Return the comparison with its terms on the left, or its truth when it has none."""
    left, a = _lineaire(node.gauche)
    right, b = _lineaire(node.droite)
    for key, value in right.items():
        left[key] = left.get(key, Fraction(0)) - value
    terms = sorted(((k, v) for k, v in left.items() if v), key=lambda pair: repr(pair[0]))
    if not terms:
        return _compare(a - b, node.operateur, Fraction(0))
    lead = terms[0][1]
    operator = node.operateur if lead > 0 else _MIROIR[node.operateur]
    return _Comparaison(tuple((k, v / lead) for k, v in terms), operator, (b - a) / lead)


def _compare(left: Fraction, operator: t.Operator, right: Fraction) -> bool:
    return {
        "=": left == right,
        "!=": left != right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
    }[operator]


class Logique:
    """The conditions of one set of rules: compiled once, asked many times."""

    def __init__(self, vocabulary: Vocabulary, conditions: Iterable[t.Bool]) -> None:
        self.vocabulary = vocabulary
        cuts: dict[Any, set[Fraction]] = {}
        for condition in conditions:
            for node in t.walk(condition):
                if isinstance(node, t.Compare) and isinstance(found := _comparaison(node), _Comparaison):
                    cuts.setdefault(found.variable, set()).add(found.seuil)
        self._cuts: dict[Any, list[Fraction]] = {key: sorted(values) for key, values in cuts.items()}
        self._numbers: dict[Any, int] = {}
        self._full: list[int] = []
        self._clauses: dict[tuple[int, bool], tuple[t.Bool, Clause]] = {}
        self._left = 0

    def possible(self, conditions: Sequence[t.Bool], contre: Sequence[t.Bool] = (), vie: Vie | None = None) -> bool:
        """Tell whether all of `conditions` may hold and all of `contre` fail, on some award date of `vie`."""
        pending = [self._clause(c, True) for c in conditions] + [self._clause(c, False) for c in contre]
        self._left = BUDGET
        domains: dict[int, int] = {}
        if vie is not None and _OCTROI in self._cuts:
            award = self._number(_OCTROI)
            domains[award] = self._between(vie)
            if not domains[award]:
                return False
        return self._search(pending, domains)

    def _clause(self, node: t.Bool, positive: bool) -> Clause:
        key = (id(node), positive)
        if key not in self._clauses:
            self._clauses[key] = (node, self._build(node, positive))
        return self._clauses[key][1]

    def _build(self, node: t.Bool, positive: bool) -> Clause:
        match node:
            case t.Non(item):
                return self._clause(item, not positive)
            case t.Tous(items) | t.UnDe(items):
                both = isinstance(node, t.Tous) == positive
                return ("et" if both else "ou", tuple(self._clause(item, positive) for item in items))
            case t.EstVrai(fait):
                return self._atom(fait, 0b10, positive)
            case t.Dans(fait, _, masque):
                return self._atom(fait, masque, positive)
        found = _comparaison(node)
        if isinstance(found, bool):
            return _VRAI if found == positive else _FAUX
        return self._atom(found.variable, self._region(found), positive)

    def _atom(self, variable: Any, mask: int, positive: bool) -> Clause:  # noqa: ANN401 - a fact or a combination
        number = self._number(variable)
        return ("atome", number, mask if positive else self._full[number] & ~mask)

    def _number(self, variable: Any) -> int:  # noqa: ANN401
        """Return the number of a variable, whose possible values are the bits of `_full[number]`."""
        if variable not in self._numbers:
            self._numbers[variable] = len(self._full)
            self._full.append(self._everything(variable))
        return self._numbers[variable]

    def _everything(self, variable: Any) -> int:  # noqa: ANN401
        if isinstance(variable, str):
            fact = self.vocabulary.faits.get(variable)
            return fact.masque() if fact and fact.type == "choix" else 0b11
        cuts = self._cuts[variable]
        whole = len(variable) == 1
        positive = all(factor > 0 and self._positive(term) for term, factor in variable)
        mask = 0
        for index in range(2 * len(cuts) + 1):
            low = cuts[index // 2 - 1] if index >= 2 else None  # noqa: PLR2004 - region 0 has no lower cut
            high = cuts[index // 2] if index // 2 < len(cuts) else None
            if index % 2:
                point = cuts[index // 2]
                kept = not (positive and point < 0) and not (whole and point.denominator != 1)
            else:
                kept = not (positive and high is not None and high <= 0)
                if kept and whole and low is not None and high is not None:
                    kept = floor(low) + 1 < high
            mask |= kept << index
        return mask

    def _positive(self, term: t.Num) -> bool:
        if isinstance(term, t.Fait):
            return term.genre != "date" and not term.nom.startswith(STRUCTURAL)
        return isinstance(term, t.Couts | t.Assiette)

    def _region(self, found: _Comparaison) -> int:
        cuts = self._cuts[found.variable]
        point = 2 * bisect_left(cuts, found.seuil) + 1
        below, here = (1 << point) - 1, 1 << point
        full = self._full[self._number(found.variable)]
        return (
            full
            & {
                "=": here,
                "!=": ~here,
                "<": below,
                "<=": below | here,
                ">": ~(below | here),
                ">=": ~below,
            }[found.operateur]
        )

    def _between(self, vie: Vie) -> int:
        """Return the regions of the award date that `vie` meets."""
        cuts = self._cuts[_OCTROI]
        first, last = vie.du.toordinal(), vie.au.toordinal()
        mask = 0
        for index in range(2 * len(cuts) + 1):
            if index % 2:
                kept = first <= cuts[index // 2] <= last
            else:
                low = floor(cuts[index // 2 - 1]) + 1 if index else first
                high = ceil(cuts[index // 2]) - 1 if index // 2 < len(cuts) else last
                kept = max(low, first) <= min(high, last)
            mask |= kept << index
        return mask

    def _search(self, pending: list[Clause], domains: dict[int, int]) -> bool:
        """Apply what is certain, then try each way of satisfying the shortest alternative left."""
        pending = list(pending)
        choices: list[Clause] = []
        while pending:
            clause = pending.pop()
            if clause[0] == "et":
                pending += clause[1]
            elif clause[0] == "atome":
                _, variable, mask = clause
                before = domains.get(variable, self._full[variable])
                if not before & mask:
                    return False
                if before & mask != before:
                    domains[variable] = before & mask
                    pending += choices
                    choices = []
            else:
                values = [(self._value(item, domains), item) for item in clause[1]]
                left = tuple(item for value, item in values if value != t.FAUX)
                if not left:
                    return False
                if len(left) == 1:
                    pending.append(left[0])
                elif all(value != t.VRAI for value, _ in values):
                    choices.append(("ou", left))
        if not choices:
            return True
        choices.sort(key=lambda c: len(c[1]))
        for item in choices[0][1]:
            self._left -= 1
            if self._left < 0 or self._search([item, *choices[1:]], dict(domains)):
                return True
        return False

    def _value(self, clause: Clause, domains: dict[int, int]) -> int:
        kind = clause[0]
        if kind == "atome":
            now = domains.get(clause[1], self._full[clause[1]])
            return t.FAUX if not now & clause[2] else t.INCONNU if now & ~clause[2] else t.VRAI
        decided = t.FAUX if kind == "et" else t.VRAI
        found = t.VRAI - decided
        for item in clause[1]:
            value = self._value(item, domains)
            if value == decided:
                return decided
            if value == t.INCONNU:
                found = t.INCONNU
        return found
