"""References said as lawyers write them, with their link on EUR-Lex or Légifrance."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Texte:
    """A text that references point to: how it is written, where it is read, how a decision names it in full."""

    titre: str
    lien: str | None
    entier: str = ""


SUFFIXES = {
    "a": "bis", "b": "ter", "c": "quater", "d": "quinquies", "e": "sexies", "f": "septies", "g": "octies",
    "h": "nonies", "i": "decies", "j": "undecies",
}  # fmt: skip
"""Letter that European numbering adds to a number → its French name."""

_ARTICLE = re.compile(r"(\d+[a-j]?)((?:\([^)]*\))*)$")
_INSERE = re.compile(r"(\d+|(?![ivx]+$)[a-z])([a-j])$")
"""An inserted number or letter (`1a`, `sa`); `iv` and the like are Roman numerals."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A provision: identifier (`rgec:17(6)(a)`), as written in French, link when known."""

    id: str
    texte: str
    lien: str | None


class References:
    """Writes the references of a ruleset."""

    def __init__(self, textes: Mapping[str, Texte]) -> None:
        self.textes = textes
        self._known: dict[str, Reference] = {}

    def write(self, ref: str) -> Reference:
        """Return one reference as lawyers write it."""
        if ref not in self._known:
            name, _, path = ref.partition(":")
            text = self.textes.get(name)
            title = text.titre if text else name
            self._known[ref] = Reference(ref, f"{title}, {provision(path)}", text.lien if text else None)
        return self._known[ref]


def provision(path: str) -> str:
    """Write a path of the citation grammar in French: `36a(4)(b)` → `art. 36 bis, § 4, b)`."""
    if path.startswith("annexe_"):
        name, _, rest = path.partition("/")
        written = f"annexe {name.removeprefix('annexe_')}"
        return f"{written}, {provision(rest)}" if rest else written
    found = _ARTICLE.fullmatch(path)
    if not found:
        return f"n° {path}" if path[:1].isdigit() else path.replace("_", " ")
    number, rest = found.groups()
    steps = [numero(step) for step in re.findall(r"\(([^)]*)\)", rest)]
    article = f"art. {numero(number)}"
    if not steps:
        return article
    first = f"point {steps[0]}" if number == "2" else f"§ {steps[0]}"
    return ", ".join([article, first, *(f"{step})" if not step.startswith("tiret") else step for step in steps[1:])])


def numero(written: str) -> str:
    """Write a number of European numbering in French: `36a` → `36 bis`, `sa` → `s bis`; others as they are."""
    found = _INSERE.fullmatch(written)
    return f"{found[1]} {SUFFIXES[found[2]]}" if found else written
