"""YAML and JSON read with the line and column of each node, nothing guessed.

Plain scalars follow YAML 1.2: `non` and `oui` stay text (the type of the field decides), numbers are exact
(`int` or `Decimal`), dates stay text. Duplicate keys, anchors, aliases and tags are refused.
"""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from aid_rules.faults import Fault, FaultsError, WorkError

Steps = tuple[str | int, ...]
Positions = dict[Steps, tuple[int, int]]

MAX_BYTES = 20_000_000
MAX_DEPTH = 40

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9_]*)")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9_]*)\.[0-9]+")

_PROBLEMS = {
    "',' or ']'": "une liste n'est pas refermée, ou une virgule manque",
    "',' or '}'": "un bloc n'est pas refermé, ou une virgule manque",
    "end of stream": "le fichier s'arrête au milieu d'un texte entre guillemets",
    "mapping values": "un « : » est de trop, ou un texte qui en contient n'est pas entre guillemets",
    "cannot start any token": "ce caractère ne peut pas commencer une valeur ; une tabulation, peut-être",
    "expected ':'": "il manque un « : » après une clé",
    "expected key": "une clé est attendue ici",
    "'-' indicator": "un élément de liste « - » est attendu ici",
    "block sequence": "un élément de liste « - » n'est pas admis ici",
    "escape": "une barre oblique inverse est mal employée ; préférez les guillemets simples",
}
"""What libyaml says → in French."""

_TROP_PROFOND = f"plus de {MAX_DEPTH} niveaux d'imbrication"

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def path_text(steps: Steps) -> str:
    """Write a path as users read it: `projet.couts[2].montant_eur`."""
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


class Document:
    """A parsed file: plain data, and where each node stands."""

    def __init__(self, data: Any, positions: Positions, file: str) -> None:  # noqa: ANN401 - any YAML value
        self.data = data
        self.positions = positions
        self.file = file

    def fault(self, message: str, steps: Steps = ()) -> Fault:
        """Return the fault of the node at `steps`, placed at its nearest known ancestor."""
        known = steps
        while known and known not in self.positions:
            known = known[:-1]
        line, column = self.positions.get(known, (0, 0))
        return Fault(message, path_text(steps), self.file, line, column)


def read_file(path: Path) -> Document:
    """Read one YAML or JSON file. Raises `FaultsError`, or `WorkError` when it cannot be opened."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise WorkError(f"{path} : fichier illisible ({error.strerror or error})") from None
    return read_bytes(raw, str(path))


def read_bytes(raw: bytes, file: str) -> Document:
    """Read YAML or JSON bytes in UTF-8. Raises `FaultsError`."""
    if len(raw) > MAX_BYTES:
        raise FaultsError([Fault(f"fichier trop gros ({len(raw)} octets, {MAX_BYTES} au plus)", file=file)])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = "octets qui ne sont pas de l'UTF-8 ; enregistrez le fichier en UTF-8"
        raise FaultsError([Fault(message, file=file, line=line, column=1)]) from None
    return read_text(text, file)


def read_text(text: str, file: str) -> Document:
    """Read YAML or JSON text. Raises `FaultsError`."""
    loader = _Loader(text)
    try:
        events = _Reader(loader, file)
        return events.document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        if "nesting depth" in (error.problem or ""):  # recent versions of libyaml look further ahead than is read here
            raise FaultsError([Fault(_TROP_PROFOND, file=file, line=line, column=column)]) from None
        problem = next((french for words, french in _PROBLEMS.items() if words in (error.problem or "")), "")
        said = f" ({problem})" if problem else ""
        message = f"YAML mal formé{said} ; vérifiez l'indentation et les guillemets"
        raise FaultsError([Fault(message, file=file, line=line, column=column)]) from None
    except yaml.reader.ReaderError as error:
        code = error.character if isinstance(error.character, int) else ord(error.character)
        line = text.count("\n", 0, text.find(chr(code))) + 1
        message = f"caractère interdit dans du YAML (U+{code:04X})"
        raise FaultsError([Fault(message, file=file, line=line, column=1)]) from None
    finally:
        loader.dispose()


class _Reader:
    """Builds plain data from parser events: no recursion on hostile depth, no alias expansion."""

    def __init__(self, loader: Any, file: str) -> None:  # noqa: ANN401 - PyYAML is untyped here
        self.loader = loader
        self.file = file
        self.positions: Positions = {}
        self.faults: list[Fault] = []

    def document(self) -> Document:
        self.loader.get_event()  # stream start
        if self.loader.check_event(yaml.StreamEndEvent):
            raise FaultsError([Fault("fichier vide", file=self.file, line=1, column=1)])
        self.loader.get_event()  # document start
        data = self.node((), 0)
        self.loader.get_event()  # document end
        if not self.loader.check_event(yaml.StreamEndEvent):
            mark = self.loader.peek_event().start_mark
            self.fault("un seul document par fichier est attendu (« --- » de trop)", mark, ())
        if self.faults:
            raise FaultsError(self.faults)
        return Document(data, self.positions, self.file)

    def fault(self, message: str, mark: Any, steps: Steps) -> None:  # noqa: ANN401
        self.faults.append(Fault(message, path_text(steps), self.file, mark.line + 1, mark.column + 1))

    def node(self, steps: Steps, depth: int) -> Any:  # noqa: ANN401 - any YAML value
        event = self.loader.get_event()
        mark = event.start_mark
        if depth > MAX_DEPTH:
            place = Fault(_TROP_PROFOND, path_text(steps[:6]), self.file, mark.line + 1)
            raise FaultsError([place])
        self.positions[steps] = (mark.line + 1, mark.column + 1)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self.fault("les ancres et alias YAML (& et *) ne sont pas admis : écrivez la valeur", mark, steps)
        tag = getattr(event, "tag", None)
        if tag not in (None, "!"):
            self.fault(f"étiquette YAML « {tag} » non admise", mark, steps)
        if isinstance(event, yaml.ScalarEvent):
            return scalar(event.value) if event.style in (None, "") else event.value
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Any] = []
            while not self.loader.check_event(yaml.SequenceEndEvent):
                items.append(self.node((*steps, len(items)), depth + 1))
            self.loader.get_event()
            return items
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(steps, depth)
        return None

    def mapping(self, steps: Steps, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not self.loader.check_event(yaml.MappingEndEvent):
            event = self.loader.get_event()
            if not isinstance(event, yaml.ScalarEvent):
                self.fault("une clé est un simple mot", event.start_mark, steps)
                raise FaultsError(self.faults)
            key = event.value
            if key in found:
                self.fault("clé écrite deux fois", event.start_mark, (*steps, key))
            found[key] = self.node((*steps, key), depth + 1)
            start: Any = event.start_mark
            self.positions[(*steps, key)] = (start.line + 1, start.column + 1)
        self.loader.get_event()
        return found


def scalar(text: str) -> Any:  # noqa: ANN401 - null, boolean, number or text
    """Read a plain scalar by the core schema of YAML 1.2, exact: no float."""
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE"):
        return True
    if text in ("false", "False", "FALSE"):
        return False
    if len(text) <= 30:  # noqa: PLR2004 - longer digits are no amount; they stay text and are refused as such
        if _INTEGER.fullmatch(text):
            return int(text)
        if _DECIMAL.fullmatch(text):
            return Decimal(text.replace("_", ""))
    return text
