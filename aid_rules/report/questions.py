"""The questions that remain: the five criteria first, then the fact that settles most verdicts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from aid_rules.assessment import Base, Critere, Question
from aid_rules.engine.codes import Alerte
from aid_rules.language.champs_dossier import champ, nature
from aid_rules.language.vocabulary import FactDefinition, Vocabulary


def rank(
    vocabulary: Vocabulary,
    criteres: Sequence[Critere],
    regimes: Sequence[Base],
    dispositifs: Sequence[Base],
    alertes: Iterable[Alerte] = (),
) -> tuple[Question, ...]:
    """Return one question per missing path, the most decisive first.

    What a criterion of State aid waits for comes first: one that fails settles every basis at once. Legal bases weigh
    more than schemes; a service that pays nothing only orients, and comes last. An alert that a fact would settle asks
    for it too.
    """
    first = {path for c in criteres for path in c.manquants}
    asked = [(alert.code, question) for alert in alertes for question in alert.questions]
    texts = {question.chemin: question.texte for _, question in asked}
    waiting: dict[str, list[str]] = {}
    weights: Counter[str] = Counter()
    for name, missing, weight in (
        *((c.id, c.manquants, 2) for c in criteres),
        *((b.id, b.manquants, 2) for b in regimes),
        *((b.id, b.manquants, 1 if b.financier else 0) for b in dispositifs),
        *((code, (question.chemin,), 1) for code, question in asked),
    ):
        for path in missing:
            waiting.setdefault(path, []).append(name)
            weights[path] += weight
    facts = by_path(vocabulary)
    found = [_question(path, names, facts.get(path), vocabulary, texts.get(path)) for path, names in waiting.items()]
    return tuple(sorted(found, key=lambda q: (q.chemin not in first, -weights[q.chemin], q.chemin)))


def by_path(vocabulary: Vocabulary) -> dict[str, FactDefinition]:
    """Return the facts by the path where a dossier says them; a computed fact by each path that settles it."""
    found: dict[str, FactDefinition] = {}
    for fact in vocabulary.faits.values():
        for path in fact.demander if fact.derive else (fact.chemin,):
            found.setdefault(path, fact)
    return found


def _question(
    path: str, names: Iterable[str], fact: FactDefinition | None, vocabulary: Vocabulary, text: str | None
) -> Question:
    waiting = tuple(dict.fromkeys(names))
    kind, values = ("texte", {}) if fact is None else (str(fact.type), fact.valeurs)
    field = champ(re.sub(r"\[\d+\]", "", path).split("."), public=True)
    if field and (fact is None or (fact.derive and path != fact.nom)):  # another fact of the dossier settles it
        kind, liste = nature(field)
        values = vocabulary.listes[liste] if liste else {}
    return Question.model_construct(
        chemin=path,
        question=fact.questions.get(path, fact.question) if fact else text or f"Renseignez « {path} ».",
        aide=fact.aide if fact else "",
        type=kind,
        valeurs={key: value.libelle for key, value in values.items()},
        verdicts=len(waiting),
        pour=waiting,
    )
