"""Why a basis may not be used, column by column: the number of the first entry that stands in the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from aid_rules.engine import columnar_expressions as x
from aid_rules.engine import columnar_motifs as motifs
from aid_rules.engine.columnar_expressions import Bit, Verite

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


def dire(verdict: Verite, entries: Sequence[Entree]) -> pl.Expr:
    """Return the first entry that fails where the verdict is false, the first unknown one where it is unknown."""
    return selon(verdict, premier(entries, motifs.AUCUN, faux=True), premier(entries, motifs.AUCUN, faux=False))


def selon(verdict: Verite, failing: pl.Expr, unknown: pl.Expr) -> pl.Expr:
    """Return one number where a verdict is false, another where it is unknown; -1 where it is true."""
    none = x.numero(motifs.AUCUN)
    if not isinstance(verdict, Bit):
        return none if verdict is True else unknown if verdict is None else failing
    chain = pl.when(verdict.expr).then(none)
    if not verdict.nul:
        return chain.otherwise(failing)
    return chain.when(verdict.expr.is_null()).then(unknown).otherwise(failing)
