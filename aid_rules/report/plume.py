"""What every part of the result is written with: references, sentences, what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import cached_property

from aid_rules import assessment as out
from aid_rules.amounts import decimal_euros
from aid_rules.engine.environnement import Couts
from aid_rules.engine.interprete import Interprete
from aid_rules.engine.intervalles import Interval
from aid_rules.engine.moteur import Assessment, Engine
from aid_rules.language import tree as t
from aid_rules.language.slices import Regle
from aid_rules.language.vocabulary import FactDefinition
from aid_rules.report.ecriture import VERITES


class Plume:
    """Writes the small parts of a result for one assessment."""

    def __init__(self, engine: Engine, found: Assessment) -> None:
        self.engine = engine
        self.found = found
        self.slots = engine.slots
        self.env = found.faits.env

    @cached_property
    def everything(self) -> Couts:
        """All the cost lines: what conditions of the whole dossier read."""
        return self.found.faits.lignes.choisir(None, None)

    def refs(self, refs: Iterable[str]) -> tuple[out.Reference, ...]:
        written = (self.engine.references.write(ref) for ref in dict.fromkeys(refs))
        return tuple(out.Reference.model_construct(id=r.id, texte=r.texte, lien=r.lien) for r in written)

    def reader(self, couts: Couts | None = None, assiette: Interval | None = None) -> Interprete:
        costs = couts or self.everything
        return Interprete(self.slots, self.env, costs, costs.total if assiette is None else assiette)

    def paths(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return where the dossier says each fact: of the paths that settle a computed one, the first that lacks."""
        facts = self.slots.facts
        return tuple(dict.fromkeys(self._path(facts[n]) if n in facts else n for n in names))

    def _path(self, fact: FactDefinition) -> str:
        lacking = (path for path in fact.demander if path in self.found.faits.afr.manquants)
        return next(lacking, fact.chemin) if fact.derive else fact.chemin

    def condition(self, rule: Regle, status: int, reader: Interprete) -> out.Condition:
        missing = reader.manquants(rule.si) if status == t.INCONNU else []
        return out.Condition.model_construct(
            id=rule.id,
            intitule=rule.intitule,
            verdict=VERITES[status],
            phrase=self.failing(rule.si, reader) if status == t.FAUX else self.phrase(rule.si),
            references=self.refs(rule.refs),
            manquants=self.paths(missing),
        )

    def failing(self, node: t.Bool | None, reader: Interprete) -> str:
        """Write a condition that fails; of several that would each do, none does, the closest first."""
        if not isinstance(node, t.UnDe):
            return self.phrase(node)
        return self.engine.french.none_of(sorted(node.items, key=reader.ecart))

    def phrase(self, node: t.Bool | None) -> str:
        return self.engine.french.condition(node) if node is not None else "dans tous les cas"


def missing_of(conditions: Iterable[out.Condition]) -> tuple[str, ...]:
    """Return what the conditions still wait for."""
    return tuple(dict.fromkeys(m for c in conditions if c.verdict == "inconnu" for m in c.manquants))


def euros_or_none(cents: int | None) -> Decimal | None:
    """Return euros from cents; None stays None."""
    return None if cents is None else decimal_euros(cents)
