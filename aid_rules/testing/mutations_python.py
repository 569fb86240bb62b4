"""How strong the tests of Python modules are: each operator, figure, negation and return is changed, one by one.

`python -m aid_rules.testing.mutations_python aid_rules/law/pme.py [ESSAIS…]` runs on each mutant those of the given
tests that run its line (given none: the tests of the module's name and those of its folder), and prints the survivors
and the score. A whole folder (`… mutations_python aid_rules/law`) ends with one line a module. What is computed once
and kept counts for the first test that asks for it: name the tests of a table one by one if need be.
`--un_sur N` takes one mutant in N. A file of the same path, `aid_rules` left out, under `--expliques` lists the
survivors that change nothing: `{ligne, changement, raison}`, where `ligne` is the text of the line. Texts are left
alone: they are what people read, not what is concluded.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Iterator, Sequence
from copy import deepcopy
from itertools import islice
from pathlib import Path
from types import CodeType
from typing import NamedTuple

from aid_rules.language.positions import read_file
from aid_rules.testing.essais_python import portee, prepare, survit

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
DELAI = 20
"""Seconds left at least to a mutant (five times what its tests take): one that never ends counts as seen."""


class Mutant(NamedTuple):
    """One change of a module: its line, the text of it, the change, the lines of its statement, the module changed."""

    ligne: int
    texte: str
    changement: str
    etendue: range
    code: CodeType


class Score(NamedTuple):
    """How many mutants of a module the tests see."""

    module: Path
    total: int
    tues: int
    expliques: int

    @property
    def pour_cent(self) -> int:
        """Return the share that is killed or explained, rounded down."""
        return 100 * (self.tues + self.expliques) // self.total if self.total else 100

    def __str__(self) -> str:
        """Return the line of the module in the table of scores."""
        return f"{self.module} : {self.pour_cent} % ({self.tues} tués, {self.expliques} expliqués sur {self.total})"


def mutants(path: Path) -> Iterator[Mutant]:
    """Yield every mutant of a module, in the order of the file."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    tree = ast.parse(source)
    typed = _for_types(tree)
    spans = _etendues(tree)
    for rank, node in enumerate(ast.walk(tree)):
        for variant, told in enumerate([] if node in typed else _changes(node)):
            copy = deepcopy(tree)
            place = next(n for i, n in enumerate(ast.walk(copy)) if i == rank)
            _apply(place, variant)
            line = getattr(node, "lineno", 1)
            code = compile(ast.fix_missing_locations(copy), str(path), "exec")
            yield Mutant(line, lines[line - 1].strip(), told, spans[node], code)


def _etendues(tree: ast.AST) -> dict[ast.AST, range]:
    """Return the lines of the statement that each node belongs to, without those of the statements under it."""
    found: dict[ast.AST, range] = {}
    for statement in ast.walk(tree):
        if isinstance(statement, ast.stmt):
            first = min([statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", []))])
            body = getattr(statement, "body", None)
            last = body[0].lineno - 1 if body else statement.end_lineno or first
            found.update(dict.fromkeys(ast.walk(statement), range(first, max(first, last) + 1)))
    return found


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


def explications(path: Path) -> set[tuple[str, str]]:
    """Read the explained survivors of a module: text of the line and change. Raises `FaultsError`, `KeyError`."""
    if not path.is_file():
        return set()
    return {(e["ligne"], e["changement"]) for e in read_file(path).data if e["raison"]}


def _essais(path: Path) -> list[str]:
    """Return the tests of a module's name and all those of its folder."""
    folder = Path("tests", path.parent.name)
    named = [p for p in sorted(Path("tests").rglob(f"test_{path.stem}*.py")) if folder not in p.parents]
    return [str(p) for p in [*named, folder] if p.exists()]


def mesurer(path: Path, essais: Sequence[str], options: argparse.Namespace) -> Score | None:
    """Run the mutants of a module, print the survivors; return the score, nothing when the tests do not pass."""
    nom = ".".join(path.with_suffix("").parts)
    with prepare(nom):
        return _compter(nom, path, essais, options)


def _compter(nom: str, path: Path, essais: Sequence[str], options: argparse.Namespace) -> Score | None:
    seen = portee(path, essais)
    if seen is None:
        sys.stderr.write(f"aucun test pour {path}, ou des tests qui échouent déjà\n")
        return None
    place = path.relative_to(PAQUET) if path.is_relative_to(PAQUET) else path
    known = explications(options.expliques / place.with_suffix(".yaml"))
    killed = explained = total = 0
    for mutant in islice(mutants(path), 0, None, options.un_sur):
        total += 1
        chosen = seen.essais(mutant.etendue)
        if (mutant.texte, mutant.changement) in known:
            explained += 1
        elif not chosen or survit(nom, mutant.code, chosen, max(DELAI, 5 * sum(seen.durees[e] for e in chosen))):
            unseen = "" if chosen else " (aucun test n'y passe)"
            sys.stdout.write(f"    ligne {mutant.ligne} : {mutant.texte} : {mutant.changement}{unseen}\n")
            sys.stdout.flush()
        else:
            killed += 1
    return Score(path, total, killed, explained)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the mutants of the modules and print the scores; 1 when one is below `--minimum`, 2 when a test fails."""
    parser = argparse.ArgumentParser(
        prog="python -m aid_rules.testing.mutations_python", description=(__doc__ or "").strip()
    )
    parser.add_argument("module", type=Path, metavar="MODULE", help="fichier ou dossier (aid_rules/law/pme.py)")
    parser.add_argument(
        "essais", nargs="*", metavar="ESSAIS", help="fichiers de tests ; ceux du nom, du dossier, sinon"
    )
    parser.add_argument("--un_sur", type=int, default=1, metavar="N", help="un mutant sur N")
    parser.add_argument("--expliques", type=Path, default=Path("tests/survivants"), metavar="DIR", help="survivants")
    parser.add_argument("--minimum", type=int, default=0, metavar="N", help="score attendu, en pour cent")
    options = parser.parse_args(arguments)
    root: Path = options.module
    modules = sorted(p for p in root.rglob("*.py") if p.name != "__init__.py") if root.is_dir() else [root]
    scores = [mesurer(path, options.essais or _essais(path), options) for path in modules]
    told = [score for score in scores if score is not None]
    sys.stdout.writelines(f"{score}\n" for score in told)
    return 2 if len(told) < len(scores) else int(any(score.pour_cent < options.minimum for score in told))


if __name__ == "__main__":
    sys.exit(main())
