"""The questions that remain: the fact that settles most verdicts first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aid_rules.assessment import Base, Critere, Question
from aid_rules.language.vocabulary import FactDefinition, Vocabulary


def rank(
    vocabulary: Vocabulary, criteres: Sequence[Critere], regimes: Sequence[Base], dispositifs: Sequence[Base]
) -> tuple[Question, ...]:
    """Return one question per missing path, those on which most verdicts wait first, criteria before bases."""
    waiting: dict[str, list[str]] = {}
    for name, missing in (
        *((c.id, c.manquants) for c in criteres),
        *((b.id, b.manquants) for b in (*regimes, *dispositifs)),
    ):
        for path in missing:
            waiting.setdefault(path, []).append(name)
    facts = by_path(vocabulary)
    found = [_question(path, names, facts.get(path)) for path, names in waiting.items()]
    first = {c.id for c in criteres}
    return tuple(sorted(found, key=lambda q: (-q.verdicts, first.isdisjoint(q.pour), q.chemin)))


def by_path(vocabulary: Vocabulary) -> dict[str, FactDefinition]:
    """Return the facts by the path where a dossier says them; a computed fact by each path that settles it."""
    found: dict[str, FactDefinition] = {}
    for fact in vocabulary.faits.values():
        for path in fact.demander if fact.derive else (fact.chemin,):
            found.setdefault(path, fact)
    return found


def _question(path: str, names: Iterable[str], fact: FactDefinition | None) -> Question:
    waiting = tuple(dict.fromkeys(names))
    if fact is None:
        return Question.model_construct(
            chemin=path, question=f"Renseignez « {path} ».", aide="", type="texte", valeurs={}, verdicts=len(waiting),
            pour=waiting,
        )  # fmt: skip
    return Question.model_construct(
        chemin=path,
        question=fact.question,
        aide=fact.aide,
        type=fact.type,
        valeurs={key: value.libelle for key, value in fact.valeurs.items()},
        verdicts=len(waiting),
        pour=waiting,
    )
