"""What many bases ask for alike, at the head of their conditions: computed once per row, not once per basis."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from aid_rules.engine import columnar_expressions as x
from aid_rules.engine.columnar_expressions import Bit, Verite
from aid_rules.engine.columnar_trees import Etat, Lecteur
from aid_rules.engine.environnement import Slots
from aid_rules.language import tree as t
from aid_rules.language.slices import LoiDuJour, RegimeDuJour, Regle

_PARTAGE = 3
"""Bases that must ask for a condition alike for it to be computed apart."""

_AUCUN = 32_000
"""Above the number of any entry."""


@dataclass(frozen=True, slots=True)
class Prealable:
    """The first `nombre` conditions of a basis, as two columns of each row: `nom`, their truth, and `code`.

    `code` is 0 where all hold, the number of the first that fails, or minus that of the first that is unknown.
    """

    nom: str
    nombre: int

    @property
    def verite(self) -> Bit:
        """Return the conjunction of the conditions."""
        return Bit(pl.col(self.nom), 0, pose=True)

    @property
    def colonnes(self) -> tuple[str, str]:
        """Return the names of both columns."""
        return self.nom, f"{self.nom}|code"

    def rang(self, *, faux: bool) -> pl.Expr:
        """Return the number of the first condition that is false, or unknown; a large number where none is."""
        code = pl.col(self.colonnes[1]).cast(pl.Int16)
        return pl.when(code > 0 if faux else code < 0).then(code if faux else -code).otherwise(x.numero(_AUCUN))


Entree = tuple[int, Verite] | Prealable
"""One entry of a basis with its number, or several at once."""


def premier(entrees: Sequence[Entree], sinon: int, *, faux: bool) -> pl.Expr:
    """Return the number of the first entry that is false, or unknown where none is false; `sinon` when none can be.

    Meaningful only where there is such an entry.
    """
    none, terms = x.numero(_AUCUN), []
    for entree in entrees:
        if isinstance(entree, Prealable):
            terms.append(entree.rang(faux=faux))
            continue
        number, value = entree
        if isinstance(value, Bit):
            if faux:
                terms.append(pl.when(~value.expr).then(x.numero(number)).otherwise(none))
            elif value.nul:
                # where no entry is false, one that is not true is unknown
                terms.append(pl.when(value.expr).then(none).otherwise(x.numero(number)))
        elif (value is False) if faux else value is None:
            terms.append(x.numero(number))
            break
    if not terms:
        return x.numero(sinon)
    return terms[0] if len(terms) == 1 else pl.min_horizontal(terms)


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


def _code(verdict: Verite, failing: pl.Expr, unknown: pl.Expr) -> pl.Expr:
    zero = x.numero(0)
    if not isinstance(verdict, Bit):
        return zero if verdict is True else -unknown if verdict is None else failing
    chain = pl.when(verdict.expr).then(zero)
    if verdict.nul:
        return chain.when(verdict.expr.is_null()).then(-unknown).otherwise(failing)
    return chain.otherwise(failing)
