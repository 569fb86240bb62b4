"""What many bases ask for alike, at the head of their conditions, and the criteria of a State aid: once per row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from aid_rules.engine import columnar_expressions as x
from aid_rules.engine import vector_ops as o
from aid_rules.engine.appuis import HORS_AIDE
from aid_rules.engine.columnar_expressions import Verite
from aid_rules.engine.columnar_raisons import Prealable, cas, dire, premier
from aid_rules.engine.columnar_trees import Lecteur
from aid_rules.engine.vector_ops import Expr, const
from aid_rules.engine.vector_program import Sortie
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


def ecrire_prealables(blocs: Mapping[str, Sequence[Regle]], reader: Lecteur) -> Iterator[Sortie]:
    """Yield the columns of several heads of conditions, by name."""
    for name, rules in blocs.items():
        statuses = reader.verites(rules)
        verdict = x.et(statuses)
        entries = list(enumerate(statuses, start=1))
        failing = premier(entries, 0, faux=True)
        unknown = premier([(-number, status) for number, status in entries], 0, faux=False)
        code = cas(verdict, t.VRAI, const(0), cas(verdict, t.INCONNU, unknown, failing))
        yield Sortie(o.OUTCU, x.bit_expr(verdict), name)
        yield Sortie(o.OUTCS, code, Prealable(name, len(rules)).code)


def ecrire_criteres(criteres: Sequence[CritereDuJour], reader: Lecteur) -> Iterator[Sortie]:
    """Yield the criteria of a State aid as columns: `id|verdict`, `id|motif` (-1 none), and `hors_aide`."""
    verdicts: list[Verite] = []
    for critere in criteres:
        statuses = reader.verites(critere.conditions)
        verdict = x.et(statuses)
        verdicts.append(verdict)
        yield Sortie(o.OUTCU, x.bit_expr(verdict), f"{critere.id}|verdict")
        yield Sortie(o.OUTCS, dire(verdict, list(enumerate(statuses, start=1))), f"{critere.id}|motif")
    yield Sortie(o.OUTCU, _hors_aide(verdicts), HORS_AIDE)


def _hors_aide(verdicts: Sequence[Verite]) -> Expr:
    return x.bit_expr(x.non(x.et(verdicts)) if verdicts else None)
