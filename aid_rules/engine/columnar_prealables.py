"""What many bases ask for alike, at the head of their conditions, and the criteria of a State aid: once per row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from aid_rules.engine import columnar_expressions as x
from aid_rules.engine.appuis import HORS_AIDE
from aid_rules.engine.columnar_expressions import Bit, Verite
from aid_rules.engine.columnar_lines import en_statut
from aid_rules.engine.columnar_raisons import Prealable, dire, premier
from aid_rules.engine.columnar_trees import Etat, Lecteur
from aid_rules.engine.environnement import Slots
from aid_rules.language import tree as t
from aid_rules.language.slices import CritereDuJour, LoiDuJour, RegimeDuJour, Regle

_PARTAGE = 3
"""Bases that must ask for a condition alike for it to be computed apart."""


def partagees(regime: RegimeDuJour, law: LoiDuJour) -> tuple[Regle, ...]:
    """Return the first conditions of a basis, as long as several bases ask for each."""
    asked = Counter(rule.si for base in law.regimes for rule in base.conditions)
    kept: list[Regle] = []
    for rule in regime.conditions:
        if rule.si is None or asked[rule.si] < _PARTAGE or t.reads_costs(rule.si):
            break
        kept.append(rule)
    return tuple(kept)


@dataclass(frozen=True, slots=True)
class CalculPrealables:
    """Preliminary conditions ready to run: facts to read, stages, and the columns to write."""

    faits: tuple[str, ...]
    etages: tuple[tuple[pl.Expr, ...], ...]
    sorties: Mapping[str, pl.Expr]

    def executer(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Run over a frame that holds the facts."""
        lazy = frame.lazy()
        for stage in self.etages:
            lazy = lazy.with_columns(stage)
        # the day keeps the height where every value is a constant
        return lazy.select("date_octroi", **self.sorties).collect(optimizations=x.OPTIONS)


def compiler(
    blocs: Mapping[str, Sequence[Regle]],
    slots: Slots,
    etats: Mapping[str, Etat],
    usages: Mapping[str, int] | None = None,
) -> CalculPrealables:
    """Write the columns of several heads of conditions, by name; `usages` as for `Etages`."""
    trees = [rule.si for rules in blocs.values() for rule in rules if rule.si is not None]
    reader = Lecteur(slots, etats, Counter(n for tree in trees for n in t.walk(tree)), usages)
    outputs: dict[str, pl.Expr] = {}
    for name, rules in blocs.items():
        statuses = reader.verites(rules)
        verdict = reader.etages.bit(x.et(statuses))
        entries = list(enumerate(statuses, start=1))
        failing, unknown = (premier(entries, 0, faux=faux) for faux in (True, False))
        whole, code = Prealable(name, len(rules)).colonnes
        outputs[whole] = x.bit_expr(verdict)
        outputs[code] = _code(verdict, failing, unknown).cast(pl.Int8)
    columns = ["date_octroi", *(name for name in reader.colonnes if name != "date_octroi")]
    found = CalculPrealables(tuple(columns), tuple(map(tuple, reader.etages.etages)), outputs)
    if usages is not None:
        return found
    read = x.usages([*(e for stage in found.etages for e in stage), *outputs.values()])
    return compiler(blocs, slots, etats, read)


def compiler_criteres(criteres: Sequence[CritereDuJour], slots: Slots, etats: Mapping[str, Etat]) -> CalculPrealables:
    """Write the criteria of a State aid as columns: `id|verdict`, `id|motif` (-1 none), and `hors_aide`."""
    trees = [c.si for critere in criteres for c in critere.conditions if c.si is not None]
    reader = Lecteur(slots, etats, Counter(n for tree in trees for n in t.walk(tree)))
    outputs: dict[str, pl.Expr] = {}
    verdicts: list[Verite] = []
    for critere in criteres:
        statuses = reader.verites(critere.conditions)
        verdict = reader.etages.bit(x.et(statuses))
        verdicts.append(verdict)
        outputs[f"{critere.id}|verdict"] = en_statut(verdict)
        outputs[f"{critere.id}|motif"] = dire(verdict, list(enumerate(statuses, start=1)))
    outputs[HORS_AIDE] = en_statut(x.non(x.et(verdicts)) if criteres else None)
    columns = ("date_octroi", *(name for name in reader.colonnes if name != "date_octroi"))
    return CalculPrealables(columns, tuple(map(tuple, reader.etages.etages)), outputs)


def _code(verdict: Verite, failing: pl.Expr, unknown: pl.Expr) -> pl.Expr:
    zero = x.numero(0)
    if not isinstance(verdict, Bit):
        return zero if verdict is True else -unknown if verdict is None else failing
    chain = pl.when(verdict.expr).then(zero)
    if verdict.nul:
        return chain.when(verdict.expr.is_null()).then(-unknown).otherwise(failing)
    return chain.otherwise(failing)
