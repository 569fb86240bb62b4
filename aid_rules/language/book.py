"""Rules made ready once: what a run needs of them, cached on disk so that a run parses nothing.

The cache is a speed-up only: a missing, foreign or damaged entry is rebuilt from the YAML files.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import pickle
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, Any

from aid_rules.language.references import Texte
from aid_rules.language.rulefiles import rule_files, stamp
from aid_rules.language.slices import LoiDuJour, period
from aid_rules.language.vocabulary import Vocabulary

if TYPE_CHECKING:
    from aid_rules.language.loader import RuleSet


@dataclass(frozen=True)
class Book:
    """What every run needs of a ruleset, whatever the date.

    `empreinte` is the SHA-256 of its files; `versions` and `fins` give, by text, when each version starts and when the
    text ends.
    """

    vocabulaire: Vocabulary
    textes: dict[str, Texte]
    bases: tuple[str, ...]
    empreinte: str
    changements: tuple[date, ...]
    versions: dict[str, tuple[date, ...]]
    fins: dict[str, date]


class Library:
    """Opens the rulesets of some folders, through the cache."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self.folders = tuple(folders)
        self._paths = rule_files(self.folders)
        self._cache = Cache(f"{stamp(self._paths)}{_code_stamp()}")
        self._rules: RuleSet | None = None
        found = self._cache.read("livre")
        self.book: Book = found if isinstance(found, Book) else self._make()

    @property
    def rules(self) -> RuleSet:
        """The whole rules, all dates together; read from the files when first asked."""
        if self._rules is None:
            from aid_rules.language.loader import load  # noqa: PLC0415 - a cached run never parses

            self._rules = load(*self.folders)
        return self._rules

    def _make(self) -> Book:
        from aid_rules.language.cut import boundaries  # noqa: PLC0415 - a cached run never parses

        rules = self.rules
        book = Book(
            rules.vocabulaire,
            {
                name: Texte(text.abrege or text.intitule, text.url, text.entier or text.intitule)
                for name, text in rules.textes.items()
            },
            (*rules.regimes, *rules.dispositifs),
            rules.empreinte,
            boundaries(rules),
            {name: tuple(v.du for v in text.versions) for name, text in rules.textes.items()},
            {name: text.fin for name, text in rules.textes.items() if text.fin},
        )
        self._cache.write("livre", book)
        return book

    def law(self, jour: date, de_minimis: bool = False) -> tuple[LoiDuJour, CodeType | None]:
        """Return the law of a day, or its de minimis rules alone, with its compiled code when it is cached."""
        found = self._cache.read(_entry(period(self.book.changements, jour)[0], de_minimis))
        if isinstance(found, tuple):
            loi, code = found
            return loi, marshal.loads(code)  # noqa: S302 - written by this very program, in the user's own folder
        if de_minimis:
            return de_minimis_seul(self.law(jour)[0]), None
        from aid_rules.language.cut import cut  # noqa: PLC0415 - a cached run never parses

        return cut(self.rules, jour), None

    def keep(self, loi: LoiDuJour, code: CodeType, de_minimis: bool = False) -> None:
        """Cache a law with its compiled code."""
        self._cache.write(_entry(loi.du, de_minimis), (loi, marshal.dumps(code)))


def _entry(start: date, de_minimis: bool) -> str:
    return f"{start.isoformat()}{'.de_minimis' if de_minimis else ''}"


def de_minimis_seul(loi: LoiDuJour) -> LoiDuJour:
    """Return the de minimis rules alone of a law: what a ledger needs."""
    return replace(
        loi,
        criteres=(),
        regimes=tuple(regime for regime in loi.regimes if regime.de_minimis),
        dispositifs=(),
        obligations=(),
        incompatibilites=(),
        derogations=(),
        regimes_cadres=(),
        regles_cumul={},
        parametres_ecrits={},
    )


class Cache:
    """Pickles in the user's cache folder, one folder per content of the rules and of the program.

    `AID_RULES_CACHE` names another folder, or « non » for none. Only files of the user's own are read.
    """

    def __init__(self, key: str) -> None:
        named = os.environ.get("AID_RULES_CACHE", "")
        root = Path(named) if named else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "aid-rules"
        self.folder = None if named == "non" else root / hashlib.sha256(key.encode()).hexdigest()[:32]

    def read(self, name: str) -> Any:  # noqa: ANN401 - whatever was written
        """Return an entry, None when there is none to trust."""
        if self.folder is None:
            return None
        path = self.folder / f"{name}.pickle"
        try:
            if hasattr(os, "getuid") and path.stat().st_uid != os.getuid():
                return None
            return pickle.loads(path.read_bytes())  # noqa: S301 - the user's own file, checked just above
        except Exception:  # noqa: BLE001 - a damaged entry raises anything at all; it is rebuilt
            return None

    def write(self, name: str, value: Any) -> None:  # noqa: ANN401 - whatever pickles
        """Write an entry whole, or not at all."""
        if self.folder is None:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            import tempfile  # noqa: PLC0415 - only what writes pays for it

            handle, temporary = tempfile.mkstemp(dir=self.folder)
            with os.fdopen(handle, "wb") as stream:
                pickle.dump(value, stream, protocol=pickle.HIGHEST_PROTOCOL)
            Path(temporary).replace(self.folder / f"{name}.pickle")
        except OSError:
            return


def _code_stamp() -> str:
    """Return what tells one state of the program from another: its files' sizes and dates, and Python's version."""
    package = Path(__file__).resolve().parent.parent
    files = sorted(p for folder in ("language", "engine") for p in (package / folder).glob("*.py"))
    return f"{sys.version}{stamp({p.name: p for p in files})}"
