"""Why a basis may not be used, column by column: the number of the first entry that stands in the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aid_rules.engine import columnar_expressions as x
from aid_rules.engine import columnar_motifs as motifs
from aid_rules.engine import vector_ops as o
from aid_rules.engine.columnar_expressions import Bit, Verite
from aid_rules.engine.vector_ops import Expr, const, statut
from aid_rules.language.tree import FAUX, INCONNU, VRAI


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
        return Bit(statut(self.nom))

    @property
    def code(self) -> str:
        """Return the name of the column of codes."""
        return f"{self.nom}|code"


Entree = tuple[int, Verite] | Prealable
"""One entry of a basis with its number, or several at once."""


def cas(value: Verite, statut_voulu: int, oui: Expr, sinon: Expr) -> Expr:
    """Return one number where a truth value has the status wanted, another elsewhere."""
    if isinstance(value, Bit):
        return Expr(o.SSEL, (value.expr, oui, sinon), (statut_voulu,))
    return oui if x.bit_expr(value).constante == statut_voulu else sinon


def premier(entrees: Sequence[Entree], sinon: int, *, faux: bool) -> Expr:
    """Return the number of the first entry that is false (unknown, otherwise); `sinon` where there is none."""
    found = const(sinon)
    for entree in reversed(entrees):
        if isinstance(entree, Prealable):
            code = Expr(o.LDS, nom=entree.code)
            here = Bit(Expr(o.SGT if faux else o.SLT, (code,)), nul=False)
            found = cas(here, VRAI, code if faux else Expr(o.SNEG, (code,)), found)
        else:
            number, value = entree
            found = cas(value, FAUX if faux else INCONNU, const(number), found)
    return found


def dire(verdict: Verite, entries: Sequence[Entree]) -> Expr:
    """Return the first entry that fails where the verdict is false, the first unknown one where it is unknown."""
    return selon(verdict, premier(entries, motifs.AUCUN, faux=True), premier(entries, motifs.AUCUN, faux=False))


def selon(verdict: Verite, failing: Expr, unknown: Expr) -> Expr:
    """Return one number where a verdict is false, another where it is unknown; -1 where it is true."""
    return cas(verdict, VRAI, const(motifs.AUCUN), cas(verdict, INCONNU, unknown, failing))
