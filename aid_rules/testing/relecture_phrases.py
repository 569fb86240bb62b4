"""A second reading of the expressions of the rules, straight from their text: slow, plain, and its own from end to end.

It shares with the engine neither grammar, nor tree, nor generated code, so that an error in one shows against the
other. Truth is True, False or None for unknown; a quantity is its two bounds, None above when nothing bounds it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

from dateutil.relativedelta import relativedelta

from aid_rules.engine.environnement import Slots
from aid_rules.language.tree import FAUX, INCONNU
from aid_rules.law.jours_ouvrables import ouvrable

Verite = bool | None
_WORDS = re.compile(r"\d{4}-\d{2}-\d{2}|\d+(?:\.\d+)?|<=|>=|!=|[=<>()\[\],*/+-]|%|[A-Za-z_][A-Za-z0-9_.]*")
_INFINITE = Fraction(10**18)


class Quantite(NamedTuple):
    """What is known of a quantity; `entiere` when it is either wholly known or wholly unknown (a date, a number)."""

    bas: Fraction
    haut: Fraction | None
    entiere: bool = False


INCONNUE = Quantite(Fraction(0), None)


def tous(values: Sequence[Verite]) -> Verite:
    """Return whether all hold."""
    return False if False in values else None if None in values else True


def un_de(values: Sequence[Verite]) -> Verite:
    """Return whether one holds."""
    return True if True in values else None if None in values else False


def non(value: Verite) -> Verite:
    """Return the contrary."""
    return None if value is None else not value


class Monde(NamedTuple):
    """What an expression may speak of: the facts, the costs counted (by type), the eligible costs."""

    slots: Slots
    env: Sequence[Any]
    couts: Callable[[str], Quantite]
    assiette: Quantite


def condition(block: Any, monde: Monde) -> Verite:  # noqa: ANN401 - any YAML value
    """Read what stands under `si:`, text or lists; nothing always holds."""
    if block is None:
        return True
    if isinstance(block, str):
        return _Phrase(block, monde, exact=True).condition()
    if isinstance(block, list):
        return tous([condition(item, monde) for item in block])
    found = []
    for key, items in block.items():
        values = [condition(item, monde) for item in items]
        found.append(tous(values) if key == "tous" else un_de(values) if key == "un_de" else non(un_de(values)))
    return tous(found)


def montant(text: str, monde: Monde) -> Quantite:
    """Read an amount; each share of an amount is rounded down to the cent."""
    return _Phrase(text, monde, exact=False).somme()


def rapport(text: str, monde: Monde) -> tuple[Quantite, Quantite]:
    """Read what multiplies an amount: a rate over the whole, or one number over another."""
    phrase = _Phrase(text, monde, exact=True)
    over = phrase.somme()
    return over, phrase.somme() if phrase.take("/") else _known(Fraction(10_000))


def fait(name: str, monde: Monde) -> Quantite:
    """Read a fact that is a quantity."""
    value = monde.env[monde.slots.index[name]]
    if isinstance(value, tuple):
        return Quantite(Fraction(value[0]), None if value[1] is None else Fraction(value[1]))
    return Quantite(Fraction(0), None, entiere=True) if value is None else _known(Fraction(value))


def _known(value: Fraction) -> Quantite:
    return Quantite(value, value, entiere=True)


@cache
def _words(text: str) -> list[str]:
    return _WORDS.findall(text)


class _Phrase:
    def __init__(self, text: str, monde: Monde, *, exact: bool) -> None:
        self.words = _words(text)
        self.at = 0
        self.monde = monde
        self.exact = exact

    @property
    def next(self) -> str:
        return self.words[self.at] if self.at < len(self.words) else ""

    def take(self, *words: str) -> bool:
        if self.next in words:
            self.at += 1
            return True
        return False

    def word(self) -> str:
        self.at += 1
        return str(self.words[self.at - 1])

    def condition(self) -> Verite:
        values = [self.all()]
        while self.take("ou"):
            values.append(self.all())
        return un_de(values)

    def all(self) -> Verite:
        values = [self.one()]
        while self.take("et"):
            values.append(self.one())
        return tous(values)

    def one(self) -> Verite:
        if self.take("non"):
            return non(self.one())
        if self.next == "(" and not self.quantity_between_brackets():
            self.word()
            value = self.condition()
            self.take(")")
            return value
        return self.comparison()

    def quantity_between_brackets(self) -> bool:
        depth = 0
        for place in range(self.at, len(self.words)):
            depth += {"(": 1, ")": -1}.get(self.words[place], 0)
            if depth == 0:
                after = self.words[place + 1] if place + 1 < len(self.words) else ""
                return after in {"<", "<=", ">", ">=", "=", "!=", "+", "-"}
        return False

    def comparison(self) -> Verite:
        name, follow = self.next, self.words[self.at + 1 : self.at + 3]
        known = self.monde.slots.facts.get(name)
        if known is not None and known.type == "choix":
            self.at += 2
            values = [self.word()]
            if values == ["["]:
                values = []
                while not self.take("]"):
                    values += [] if self.take(",") else [self.word()]
            inside = self.choice(name, values)
            return inside if follow[0] in {"=", "dans"} else non(inside)
        if follow[:1] == ["contient"]:
            self.at += 3
            return self.yes(f"{name}.{follow[1]}")
        if known is not None and known.type == "booleen":
            self.at += 1
            return self.yes(name)
        left = self.somme()
        operator = self.word()
        return _compare(operator, left, self.somme())

    def yes(self, name: str) -> Verite:
        value = self.monde.env[self.monde.slots.index[name]]
        return None if value == INCONNU else value != FAUX

    def choice(self, name: str, values: Sequence[str]) -> Verite:
        fact = self.monde.slots.facts[name]
        bits = self.monde.env[self.monde.slots.index[name]]
        possible = {value for value in fact.valeurs if bits & fact.bit(value)}
        return True if possible <= set(values) else None if possible & set(values) else False

    def somme(self) -> Quantite:
        first = self.terme()
        if self.next not in {"+", "-"}:
            return first
        low, high = first.bas, first.haut
        while self.next in {"+", "-"}:
            sign = self.word()
            if len(self.words) > self.at + 1 and self.words[self.at + 1] in _DURATIONS:
                number, unit = int(self.word()), self.word()
                return self.moved(first, -number if sign == "-" else number, unit)
            term = self.terme()
            below, above = (term.bas, term.haut) if sign == "+" else (_minus(term.haut), -term.bas)
            low = -_INFINITE if below is None or low == -_INFINITE else low + below
            high = None if high is None or above is None else high + above
        return Quantite(low, high)

    def moved(self, day: Quantite, number: int, unit: str) -> Quantite:
        if day.haut is None:
            return day
        start = date.fromordinal(int(day.bas))
        if self.take("ouvrable", "ouvrables"):
            return _known(Fraction(_worked(start, number).toordinal()))
        end: date = start + number * _DURATIONS[unit]
        return _known(Fraction(end.toordinal()))

    def terme(self) -> Quantite:
        word = self.word()
        if word == "(":
            inside = self.somme()
            self.take(")")
            return inside
        if word in {"min", "max"} and self.take("("):
            items = [self.somme()]
            while self.take(","):
                items.append(self.somme())
            self.take(")")
            return _least(items) if word == "min" else _greatest(items)
        if word[0].isdigit():
            return self.number(word)
        if word == "couts" or word.startswith("couts."):
            return self.monde.couts(word.partition(".")[2])
        if word == "assiette":
            return self.monde.assiette
        found = fait(word, self.monde)
        return self.share(found) if self.take("de") else found

    def number(self, word: str) -> Quantite:
        if "-" in word:
            return _known(Fraction(date.fromisoformat(word).toordinal()))
        if self.take("*"):
            times, base = Fraction(word), self.terme()
            return Quantite(base.bas * times, None if base.haut is None else base.haut * times)
        if self.next and self.next not in _AFTER_A_NUMBER:
            unit = self.word()  # amounts, rates and numbers are all held in hundredths
            if unit in {"an", "ans"} and self.in_months():
                return _known(Fraction(word) * 1200)
        value = _known(Fraction(word) * 100)
        return self.share(value) if self.take("de") else value

    def in_months(self) -> bool:
        """Tell whether what stands here is compared with months: years are then written for them."""
        ends = [place for place, word in enumerate(self.words) if word in {"et", "ou"}]
        first = max((place for place in ends if place < self.at), default=0)
        last = min((place for place in ends if place >= self.at), default=len(self.words))
        facts = map(self.monde.slots.facts.get, self.words[first:last])
        return any(fact is not None and fact.unite == "mois" for fact in facts)

    def share(self, rate: Quantite) -> Quantite:
        base = self.terme()
        top = max(rate.bas, Fraction(10_000)) if rate.haut is None else rate.haut
        bounds = (base.bas * rate.bas / 10_000, None if base.haut is None else base.haut * top / 10_000)
        if self.exact:
            return Quantite(*bounds)
        return Quantite(Fraction(bounds[0] // 1), None if bounds[1] is None else Fraction(bounds[1] // 1))


def _worked(start: date, number: int) -> date:
    """Return the day on which the last of some working days falls, counted one by one."""
    day = start
    for _ in range(abs(number)):
        day += _DAY if number > 0 else -_DAY
        while not ouvrable(day):
            day += _DAY if number > 0 else -_DAY
    return day


_DAY, _WEEK = relativedelta(days=1), relativedelta(weeks=1)
_MONTH, _YEAR = relativedelta(months=1), relativedelta(years=1)
_DURATIONS = {
    "jour": _DAY, "jours": _DAY, "semaine": _WEEK, "semaines": _WEEK, "mois": _MONTH, "an": _YEAR, "ans": _YEAR,
}  # fmt: skip
_AFTER_A_NUMBER = {")", "]", ",", "+", "-", "/", "<", "<=", ">", ">=", "=", "!=", "et", "ou", "de"}


def _minus(value: Fraction | None) -> Fraction | None:
    return None if value is None else -value


def _least(items: Sequence[Quantite]) -> Quantite:
    tops = [q.haut for q in items if q.haut is not None]
    return Quantite(min(q.bas for q in items), min(tops, default=None))


def _greatest(items: Sequence[Quantite]) -> Quantite:
    tops = [q.haut for q in items if q.haut is not None]
    return Quantite(max(q.bas for q in items), max(tops) if len(tops) == len(items) else None)


def _compare(operator: str, left: Quantite, right: Quantite) -> Verite:
    if left.entiere and right.entiere and None in {left.haut, right.haut}:
        return None
    top = _INFINITE**2
    a, b = left.bas, top if left.haut is None else left.haut
    c, d = right.bas, top if right.haut is None else right.haut
    always, never = {
        "<": (b < c, a >= d and d != top),
        "<=": (b <= c and b != top, a > d),
        ">": (a > d, b <= c and b != top),
        ">=": (a >= d and d != top, b < c),
        "=": (a == b == c == d, b < c or d < a),
        "!=": (b < c or d < a, a == b == c == d),
    }[operator]
    return True if always else False if never else None
