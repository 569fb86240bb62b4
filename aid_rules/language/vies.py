"""When each entry of the rules is in force: its own dates within the life of its volet, its file and its text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from aid_rules.language import entries
from aid_rules.language import files as f
from aid_rules.language import tree as t
from aid_rules.language.loader import RuleSet
from aid_rules.language.positions import Document, Steps

DEBUT, FIN = date(1990, 1, 1), date(2099, 12, 31)
"""Bounds of a life that nothing bounds."""


@dataclass(frozen=True, slots=True, order=True)
class Vie:
    """A period, both days included."""

    du: date = DEBUT
    au: date = FIN

    def avec(self, autre: Vie) -> Vie | None:
        """Return the days common to both, None when there are none."""
        du, au = max(self.du, autre.du), min(self.au, autre.au)
        return Vie(du, au) if du <= au else None

    def contient(self, jour: date) -> bool:
        """Tell whether the day is in the period."""
        return self.du <= jour <= self.au

    def __str__(self) -> str:
        if self.du == DEBUT:
            return "à toute date" if self.au == FIN else f"jusqu'au {self.au}"
        return f"depuis le {self.du}" if self.au == FIN else f"du {self.du} au {self.au}"


def periode(du: date | None, au: date | None) -> Vie:
    """Return a period whose missing ends are open."""
    return Vie(du or DEBUT, au or FIN)


def vie_du_texte(rules: RuleSet, texte: str) -> Vie:
    """Return the life of a text; an undeclared text has no bounds."""
    found = rules.textes.get(texte)
    return periode(found.debut, found.fin) if found else Vie()


def vie_de_la_loi(rules: RuleSet, law: f.Base) -> Vie:
    """Return the life of a file of law: its own dates, by default those of its text."""
    text = vie_du_texte(rules, law.texte)
    return Vie(law.du or text.du, law.au or text.au)


def lendemain(jour: date) -> date:
    """Return the next day, within the calendar of the rules."""
    return jour + timedelta(days=1) if jour < FIN else FIN


@dataclass(frozen=True, slots=True)
class Entree:
    """One dated entry: where it stands, and when it is in force (`vie` is None when it never is)."""

    law: f.Base
    document: Document
    steps: Steps
    item: entries.Item
    vie: Vie | None

    @property
    def nom(self) -> str:
        """Return the identifier of the entry, or its place."""
        return self.item.id or f"n° {int(self.steps[-1]) + 1}"

    @property
    def refs(self) -> tuple[str, ...]:
        """Return the references, each with its text."""
        return completes(self.item.ref, self.law.texte)


def completes(refs: Iterable[str], texte: str) -> tuple[str, ...]:
    """Return references with their text: `17(6)` → `rgec:17(6)`."""
    return tuple(ref if ":" in ref else f"{texte}:{ref}" for ref in refs)


def entrees(rules: RuleSet) -> Iterator[Entree]:
    """Yield every dated entry of every file of law."""
    for law in rules.lois():
        document = rules.documents[law.id]
        life = vie_de_la_loi(rules, law)
        for steps, item in f.dated_items(law):
            around: Vie | None = life
            if steps[0] == "volets" and isinstance(law, f.Regime):
                volet = law.volets[int(steps[1])]
                around = life.avec(periode(volet.du, volet.au))
            own = around.avec(periode(item.du, item.au)) if around else None
            yield Entree(law, document, steps, item, own)


def arbres(item: entries.Item) -> Iterator[tuple[str, t.Node]]:
    """Yield the expressions of an entry, with their key."""
    for key in ("si", "montant", "echeance", "taux", "facteur"):
        node = getattr(item, key, None)
        if node is not None:
            yield key, node
