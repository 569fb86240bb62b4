"""How strong the worked cases are: each figure, date and operator of the rules is changed, one by one.

`python -m aid_rules.testing.mutations [FICHIERS…] --cas DIR` prints the score and what survived, by file: a case must
fail for each change. Only the cases that concern the file changed are run; for the thresholds of `parametres/`, those
that expect a whole result. `--un_sur N` takes one change in N. A file of the same path under `--expliques DIR` lists
the survivors that change nothing: `{chemin, changement, raison}`, every change of the path when `changement` is absent.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from aid_rules.dossier import Dossier
from aid_rules.engine.facts import Faits
from aid_rules.engine.moteur import Engine
from aid_rules.faults import FaultsError
from aid_rules.language.files import GENRES, Base, Cumul, Parametres
from aid_rules.language.loader import RuleSet
from aid_rules.language.positions import Document, Steps, path_text, read_file
from aid_rules.language.validation import validate
from aid_rules.testing.banc import Banc, concernes, lire_dossier, parametrer, poser, reduire
from aid_rules.testing.cas import Cas, read_cases, read_models

FIGURES = {"taux": 1, "points": 1, "facteur_pct": -1, "montant_eur": 1, "ans": 1, "valeur": 1}
"""Keys that hold a figure → what is added to it."""

OPERATIONS: tuple[tuple[str, str], ...] = (
    (r"<=", "<"), (r">=", ">"), (r"<(?!=)", "<="), (r">(?!=)", ">="), (r"(?<![<>!])=", "!="), (r"!=", "="),
    (r"\bdans\b", "hors"), (r"\bhors\b", "dans"), (r"\bet\b", "ou"), (r"\bou\b", "et"), (r"\bmin\b", "max"),
    (r"\bmax\b", "min"), (r"\bnon ", ""),
)  # fmt: skip
"""What is written → what is put in its place."""

_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_NUMBER = re.compile(r"(?<![\w.-])\d+(?:\.\d+)?(?![\w.]|-\d)")
_FACT = re.compile(r"[a-z][a-z0-9_.]*( contient [a-z0-9_]+)?")


@dataclass(frozen=True)
class Mutant:
    """One change of one file: where, what, and the whole file changed."""

    fichier: str
    chemin: str
    ligne: int
    changement: str
    data: dict[str, Any]


def mutants(document: Document, fichier: str) -> Iterator[Mutant]:
    """Yield every mutant of a file of law, in the order of the file."""
    for steps, changement, value in _changes(document.data, ()):
        data = deepcopy(document.data)
        place: Any = data
        for step in steps[:-1]:
            place = place[step]
        if value is _RETIRER:
            del place[steps[-1]]
        else:
            place[steps[-1]] = value
        line = document.positions.get(steps, (0, 0))[0]
        yield Mutant(fichier, path_text(steps), line, changement, data)


_RETIRER = object()


def _changes(node: Any, steps: Steps) -> Iterator[tuple[Steps, str, Any]]:  # noqa: ANN401 - any YAML value
    if isinstance(node, list):
        for index, item in enumerate(node):
            here = (*steps, index)
            if isinstance(item, dict) and "ref" in item and "valeurs" not in item:
                yield here, "entrée retirée", _RETIRER
            if isinstance(item, str) and any(key in steps for key in ("tous", "un_de", "aucun", "si")):
                yield from ((here, f"« {item} » → « {new} »", new) for new in expressions(item))
            yield from _changes(item, here)
    elif isinstance(node, dict):
        for key, value in node.items():
            here = (*steps, key)
            if key in FIGURES and isinstance(value, int | Decimal) and not isinstance(value, bool):
                yield here, f"{value} → {value + FIGURES[key]}", value + FIGURES[key]
            elif (key in ("du", "au") and len(steps) > 0) or (key == "valeur" and _DAY.fullmatch(str(value))):
                day = date.fromisoformat(str(value)) + timedelta(days=-1 if key == "au" else 1)
                yield here, f"{value} → {day}", day.isoformat()
            elif key in ("si", "montant", "facteur", "echeance") and isinstance(value, str):
                yield from ((here, f"« {value} » → « {new} »", new) for new in expressions(value))
            elif key in ("tous", "un_de") and isinstance(value, list) and len(value) > 1:
                other = "un_de" if key == "tous" else "tous"
                rest = {k: v for k, v in node.items() if k != key}
                yield steps, f"{key} → {other}", {other: value, **rest}
            yield from _changes(value, here)


def expressions(text: str) -> Iterator[str]:
    """Yield the expressions one change away: an operator, a figure, a date, a negation."""
    for pattern, new in OPERATIONS:
        for found in re.finditer(pattern, text):
            yield text[: found.start()] + new + text[found.end() :]
    for found in _DAY.finditer(text):
        with suppress(ValueError):
            day = date.fromisoformat(found[0]) + timedelta(days=1)
            yield text[: found.start()] + day.isoformat() + text[found.end() :]
    for found in _NUMBER.finditer(_DAY.sub(lambda m: "x" * len(m[0]), text)):
        number = Decimal(found[0]) + 1
        yield text[: found.start()] + str(number) + text[found.end() :]
    if _FACT.fullmatch(text):
        yield f"non {text}"


@dataclass(frozen=True)
class Explication:
    """Why no case can see a change, as a file of explained survivors says it."""

    chemin: str
    changement: str | None
    raison: str

    def dit(self, mutant: Mutant) -> bool:
        """Return whether this is about that mutant."""
        return self.chemin == mutant.chemin and self.changement in {None, mutant.changement}


def lire_explications(path: Path) -> list[Explication]:
    """Read the explained survivors of a file of law, none when the file is absent. Raises `FaultsError`, `KeyError`."""
    if not path.is_file():
        return []
    return [Explication(e["chemin"], e.get("changement"), e["raison"]) for e in read_file(path).data]


@dataclass
class Bilan:
    """What became of the mutants of one file."""

    fichier: str
    cas: int
    tues: int = 0
    survivants: tuple[Mutant, ...] = ()
    expliques: int = 0
    sans_objet: tuple[Explication, ...] = ()

    @property
    def total(self) -> int:
        """Return how many mutants could be run."""
        return self.tues + len(self.survivants) + self.expliques


class Epreuve:
    """The rules, the cases, and what is run on what."""

    def __init__(self, engine: Engine, cas: Sequence[Cas], expliques: Path | None = None, un_sur: int = 1) -> None:
        self.engine = engine
        self.rules: RuleSet = engine.library.rules
        self.cas = cas
        self.expliques = expliques
        self.un_sur = un_sur

    def lois(self) -> list[Base | Parametres]:
        """Return the files whose figures are changed: the law, and the thresholds that the computations read."""
        names = dict.fromkeys(key.partition(".")[0] for key in self.rules.parametres)
        books = [self.rules.documents[name] for name in names]
        return [*self.rules.lois(), *(validate(Parametres, book, {}) for book in books)]

    def fichiers(self) -> dict[str, str]:
        """Return the identifiers of the files of law, by their path."""
        return {_fichier(self.engine, law): law.id for law in self.lois()}

    def eprouver(self, law: Base | Parametres) -> Bilan:
        """Run the mutants of a file of law on the cases that concern it. Raises `FaultsError` on a faulty case."""
        fichier = _fichier(self.engine, law)
        document = self.rules.documents[law.id]
        cases = list(concernes(self.cas, law, fichier.removesuffix(".yaml")))
        read: list[tuple[Cas, Dossier]] = [(case, lire_dossier(self.engine, case)) for case in cases]
        named = {n for case in cases for key in ("regimes", "dispositifs") for n in case.attendu.get(key, {})}
        whole = isinstance(law, Cumul) or bool(getattr(law, "obligations", ()))  # they are read with all the bases
        rules = self.rules if whole else reduire(self.rules, {law.id} | named)
        sound = Banc(self.engine, rules, f"{fichier}:0")
        read = [(case, dossier) for case, dossier in read if not sound.ecarts(case, dossier)]
        bilan = Bilan(fichier, len(read))
        reasons = lire_explications(self.expliques / fichier) if self.expliques else []
        used: set[Explication] = set()
        derived = isinstance(law, Parametres) or bool(getattr(law, "plafond_de_minimis", ()))
        lus: dict[int, Faits] | None = None if derived else {}
        for rank, mutant in enumerate(islice(mutants(document, fichier), 0, None, self.un_sur), start=1):
            try:
                changed = validate(
                    GENRES[law.genre],
                    Document(mutant.data, document.positions, document.file),
                    {"vocabulaire": self.rules.vocabulaire},
                )
            except FaultsError:
                continue
            assert isinstance(changed, Base | Parametres)
            other = parametrer(rules, changed) if isinstance(changed, Parametres) else poser(rules, changed)
            bench = Banc(self.engine, other, f"{fichier}:{rank}", lus)
            killer = next((i for i, (case, dossier) in enumerate(read) if _meurt(bench, case, dossier)), None)
            if killer is not None:
                bilan.tues += 1
                read.insert(0, read.pop(killer))  # what killed one often kills the next
            elif said := next((reason for reason in reasons if reason.dit(mutant)), None):
                bilan.expliques += 1
                used.add(said)
            else:
                bilan.survivants += (mutant,)
        bilan.sans_objet = tuple(reason for reason in reasons if reason not in used)
        return bilan


def _meurt(bench: Banc, cas: Cas, dossier: Dossier) -> bool:
    try:
        return bool(bench.ecarts(cas, dossier))
    except (FaultsError, ArithmeticError, LookupError, StopIteration):
        return True  # a rule that can no longer be run is noticed


def _fichier(engine: Engine, law: Base | Parametres) -> str:
    path = Path(engine.library.rules.documents[law.id].file)
    folder = next((f for f in reversed(engine.folders) if path.is_relative_to(f)), path.parent)
    return path.relative_to(folder).as_posix()


def lire_cas(folder: Path) -> list[Cas]:
    """Read the cases of a folder, with its base dossiers. Raises `FaultsError`."""
    models = read_models(folder / "modeles.yaml") if (folder / "modeles.yaml").is_file() else {}
    paths = [p for p in sorted(folder.rglob("*.yaml")) if p.name != "modeles.yaml"]
    return [cas for path in paths for cas in read_cases(path, models)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the mutants and print the score; 1 when it is below `--minimum`."""
    parser = argparse.ArgumentParser(prog="python -m aid_rules.testing.mutations", description=(__doc__ or "").strip())
    parser.add_argument(
        "fichiers", nargs="*", metavar="FICHIER", help="fichiers de règles (rgec/17.yaml) ; tous, sinon"
    )
    parser.add_argument("--cas", type=Path, default=Path("tests/cas"), metavar="DIR", help="dossier des cas")
    parser.add_argument("--regles", type=Path, action="append", default=[], metavar="DIR", help="règles par-dessus")
    parser.add_argument("--expliques", type=Path, default=Path("tests/survivants"), metavar="DIR", help="survivants")
    parser.add_argument("--minimum", type=int, default=0, metavar="N", help="score attendu, en pour cent")
    parser.add_argument("--un_sur", type=int, default=1, metavar="N", help="un changement sur N, pour un sondage")
    options = parser.parse_args(arguments)
    epreuve = Epreuve(Engine(*options.regles), lire_cas(options.cas), options.expliques, max(options.un_sur, 1))
    wanted = [f for f in epreuve.fichiers() if not options.fichiers or any(f.startswith(w) for w in options.fichiers)]
    if not wanted:
        sys.stderr.write("aucun fichier de règles ne porte ce nom\n")
        return 2
    killed = total = 0
    for law in epreuve.lois():
        if _fichier(epreuve.engine, law) not in wanted:
            continue
        bilan = epreuve.eprouver(law)
        killed, total = killed + bilan.tues + bilan.expliques, total + bilan.total
        _print(bilan)
    score = 100 * killed // total if total else 100
    sys.stdout.write(f"\nScore : {killed} mutants tués ou expliqués sur {total}, soit {score} %.\n")
    return int(score < options.minimum)


def _print(bilan: Bilan) -> None:
    share = 100 * (bilan.tues + bilan.expliques) // bilan.total if bilan.total else 100
    score = f"{share} % ({bilan.tues} tués, {bilan.expliques} expliqués sur {bilan.total}, {bilan.cas} cas)"
    sys.stdout.write(f"{bilan.fichier} : {score}\n")
    for mutant in bilan.survivants:
        sys.stdout.write(f"    ligne {mutant.ligne} : {mutant.chemin} : {mutant.changement}\n")
    for reason in bilan.sans_objet:
        sys.stdout.write(f"    explication sans objet : {reason.chemin} : {reason.changement or 'tout'}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
