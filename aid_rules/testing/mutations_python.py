"""How strong the tests of a Python module are: each operator, figure, negation and return is changed, one by one.

`python -m aid_rules.testing.mutations_python aid_rules/law/pme.py [ESSAIS…]` runs the given tests on each mutant (those
of the module's name under `tests/`, then those of its folder, otherwise) and prints the score and the survivors.
`--un_sur N` takes one mutant in N. A file of the same path, `aid_rules` left out, under `--expliques` lists the
survivors that change nothing: `{ligne, changement, raison}`, where `ligne` is the text of the line. Texts are left
alone: they are what people read, not what is concluded.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib.abc
import importlib.machinery
import io
import os
import sys
import time
from collections.abc import Iterator, Sequence
from copy import deepcopy
from pathlib import Path
from types import CodeType, ModuleType
from typing import NamedTuple

import pytest

from aid_rules.language.positions import read_file

COMPARAISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
CALCULS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
EXTREMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
PAQUET = "aid_rules"
DELAI = 60
"""Seconds left at least to a mutant: five times what its tests take, past which one that never ends counts as seen."""


class Mutant(NamedTuple):
    """One change of a module."""

    ligne: int
    texte: str
    changement: str
    code: CodeType


def mutants(path: Path) -> Iterator[Mutant]:
    """Yield every mutant of a module, in the order of the file."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    tree = ast.parse(source)
    typed = _for_types(tree)
    for rank, node in enumerate(ast.walk(tree)):
        for variant, told in enumerate([] if node in typed else _changes(node)):
            copy = deepcopy(tree)
            place = next(n for i, n in enumerate(ast.walk(copy)) if i == rank)
            _apply(place, variant)
            line = getattr(node, "lineno", 1)
            code = compile(ast.fix_missing_locations(copy), str(path), "exec")
            yield Mutant(line, lines[line - 1].strip(), told, code)


def _for_types(tree: ast.AST) -> set[ast.AST]:
    """Return what only a type checker reads: annotations, and what stands under `if TYPE_CHECKING`."""
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        match node:
            case (
                ast.arg(annotation=ast.AST() as read)
                | ast.AnnAssign(annotation=read)
                | ast.FunctionDef(returns=ast.AST() as read)
            ):
                found.update(ast.walk(read))
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                found.update(ast.walk(node))
    return found


def _changes(node: ast.AST) -> list[str]:
    match node:
        case ast.Compare(ops=[op]) if type(op) in COMPARAISONS:
            return [f"{_name(op)} → {_name(COMPARAISONS[type(op)]())}"]
        case ast.BinOp(op=op, right=right) if type(op) in CALCULS and not _textual(node) and not _union(right):
            return [f"{_name(op)} → {_name(CALCULS[type(op)]())}"]
        case ast.BoolOp(op=op):
            return ["et → ou" if isinstance(op, ast.And) else "ou → et"]
        case ast.UnaryOp(op=ast.Not()):
            return ["négation retirée"]
        case ast.Constant(value=bool() as value):
            return [f"{value} → {not value}"]
        case ast.Constant(value=int() as value):
            return [f"{value} → {value + 1}"]
        case ast.Call(func=ast.Name(id=name)) if name in EXTREMES:
            return [f"{name} → {EXTREMES[name]}"]
        case ast.If():
            return ["condition toujours vraie", "condition toujours fausse"]
        case ast.Return(value=value) if value is not None and not isinstance(value, ast.Constant):
            return ["ne renvoie rien"]
        case ast.Continue() | ast.Break():
            return ["instruction retirée"]
        case _:
            return []


def _apply(node: ast.AST, variant: int) -> None:
    match node:
        case ast.Compare(ops=[op]):
            node.ops = [COMPARAISONS[type(op)]()]
        case ast.BinOp(op=op):
            node.op = CALCULS[type(op)]()
        case ast.BoolOp(op=op):
            node.op = ast.Or() if isinstance(op, ast.And) else ast.And()
        case ast.UnaryOp():
            node.op, node.operand = ast.Not(), ast.UnaryOp(ast.Not(), node.operand)
        case ast.Constant(value=value):
            assert isinstance(value, int)
            node.value = not value if isinstance(value, bool) else value + 1
        case ast.Call(func=ast.Name() as function):
            function.id = EXTREMES[function.id]
        case ast.If():
            node.test = ast.Constant(variant == 0)
        case ast.Return():
            node.value = ast.Constant(None)
        case ast.Continue() | ast.Break():
            node.__class__ = ast.Pass  # type: ignore[assignment]


def _name(op: ast.AST) -> str:
    return type(op).__name__


def _textual(node: ast.BinOp) -> bool:
    """Tell whether a sum is one of texts."""
    return any(isinstance(n, ast.JoinedStr) or _is_text(n) for n in (node.left, node.right))


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _union(node: ast.AST) -> bool:
    """Tell whether `|` joins types."""
    return isinstance(node, ast.Constant) and node.value is None


class _Mute(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives the mutant wherever the module is imported."""

    def __init__(self, nom: str, code: CodeType) -> None:
        self.nom, self.code = nom, code

    def find_spec(
        self, fullname: str, path: object, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        del path, target
        return importlib.machinery.ModuleSpec(fullname, self) if fullname == self.nom else None

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code, module.__dict__)  # noqa: S102 - the module itself, one operator changed


def survit(nom: str, code: CodeType | None, essais: Sequence[str], delai: float = float("inf")) -> bool:
    """Run the tests on a mutant in a process of its own, for `delai` seconds; return whether they all pass."""
    child = os.fork()
    if child == 0:
        status = 1
        with contextlib.suppress(BaseException), contextlib.redirect_stdout(io.StringIO()):
            for name in [n for n in sys.modules if n.split(".")[0] == "aid_rules"]:
                del sys.modules[name]
            if code is not None:
                sys.meta_path.insert(0, _Mute(nom, code))
            status = int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *essais]))
        os._exit(min(status, 1))
    limit = time.monotonic() + delai
    while time.monotonic() < limit:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.01)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return False


def explications(path: Path) -> set[tuple[str, str]]:
    """Read the explained survivors of a module: text of the line and change. Raises `FaultsError`, `KeyError`."""
    if not path.is_file():
        return set()
    return {(e["ligne"], e["changement"]) for e in read_file(path).data if e["raison"]}


def _essais(path: Path) -> list[list[str]]:
    """Return the tests of a module's name, then all those of its folder."""
    named = [str(p) for p in sorted(Path("tests").rglob(f"test_{path.stem}*.py"))]
    folder = Path("tests", path.parent.name)
    return [essais for essais in (named, [str(folder)] if folder.is_dir() else []) if essais]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the mutants of a module and print the score; 1 when it is below `--minimum`."""
    parser = argparse.ArgumentParser(
        prog="python -m aid_rules.testing.mutations_python", description=(__doc__ or "").strip()
    )
    parser.add_argument("module", type=Path, metavar="MODULE", help="fichier Python (aid_rules/law/pme.py)")
    parser.add_argument("essais", nargs="*", metavar="ESSAIS", help="fichiers de tests ; ceux du même nom, sinon")
    parser.add_argument("--un_sur", type=int, default=1, metavar="N", help="un mutant sur N")
    parser.add_argument("--expliques", type=Path, default=Path("tests/survivants"), metavar="DIR", help="survivants")
    parser.add_argument("--minimum", type=int, default=0, metavar="N", help="score attendu, en pour cent")
    options = parser.parse_args(arguments)
    path: Path = options.module
    nom = ".".join(path.with_suffix("").parts)
    rounds = [options.essais] if options.essais else _essais(path)
    start = time.monotonic()
    if not rounds or not all(survit(nom, None, essais) for essais in rounds):
        sys.stderr.write(f"aucun test pour {path}, ou des tests qui échouent déjà\n")
        return 2
    delai = max(DELAI, 5 * (time.monotonic() - start))
    place = path.relative_to(PAQUET) if path.is_relative_to(PAQUET) else path
    known = explications(options.expliques / place.with_suffix(".yaml"))
    killed = explained = total = 0
    for rank, mutant in enumerate(mutants(path)):
        if rank % options.un_sur:
            continue
        total += 1
        if (mutant.texte, mutant.changement) in known:
            explained += 1
        elif all(survit(nom, mutant.code, essais, delai) for essais in rounds):
            sys.stdout.write(f"    ligne {mutant.ligne} : {mutant.texte} : {mutant.changement}\n")
            sys.stdout.flush()
        else:
            killed += 1
    score = 100 * (killed + explained) // total if total else 100
    sys.stdout.write(f"{path} : {score} % ({killed} tués, {explained} expliqués sur {total})\n")
    return int(score < options.minimum)


if __name__ == "__main__":
    sys.exit(main())
