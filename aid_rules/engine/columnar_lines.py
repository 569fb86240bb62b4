"""The cost lines of many dossiers, summed per dossier as `Lignes.choisir` does for each: one frame per basis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import polars as pl

from aid_rules.engine.columnar_expressions import NUL, OPTIONS, Bit, Col, Verite, statut
from aid_rules.engine.columnar_intervals import Bornes

TOTAL_MAX = 10**14
"""Largest sum of cost lines or of aids in one row, in cents: sums and products then stay within 63 bits."""

_OUVERT = 2**48
"""Stands for an unknown amount in a sum: above any sum of known ones."""


class Drapeaux(NamedTuple):
    """What is unknown somewhere in the table: what never happens is not computed."""

    incomplets: bool
    finalite: bool
    poste: bool
    montant: bool


@dataclass(slots=True)
class Choix:
    """One choice of lines: purposes, types (None for any), and the types whose own amount is read."""

    finalites: frozenset[str] | None
    postes: frozenset[str] | None
    noms: list[str] = field(default_factory=list)


class Agregats:
    """The choices of lines of a basis. `union` holds the purposes of its volets, None when one takes any line."""

    def __init__(
        self, drapeaux: Drapeaux, codes: Mapping[str, Mapping[str, int]], union: frozenset[str] | None
    ) -> None:
        self.drapeaux = drapeaux
        self.codes = codes
        self.union = union
        self.choix: list[Choix] = []
        self._ecrites: tuple[pl.Expr, ...] = ()

    @property
    def dense(self) -> bool:
        """Tell whether every dossier is concerned, whatever its lines."""
        return self.union is None

    def ajouter(self, finalites: frozenset[str] | None, postes: frozenset[str] | None, noms: Iterable[str]) -> int:
        """Return the number of a choice of lines, reading the amounts of the types `noms`."""
        wanted = (finalites, postes)
        index = next((i for i, c in enumerate(self.choix) if (c.finalites, c.postes) == wanted), len(self.choix))
        if index == len(self.choix):
            self.choix.append(Choix(finalites, postes))
        choix = self.choix[index]
        choix.noms += [nom for nom in noms if nom not in choix.noms and (postes is None or nom in postes)]
        return index

    @property
    def lus(self) -> bool:
        """Tell whether a line must be read at all."""
        return any(c.finalites is not None or c.postes is not None or c.noms for c in self.choix)

    def statut(self, index: int) -> Verite:
        """Return whether a line is of the purposes."""
        choix, known = self.choix[index], self.drapeaux
        if choix.finalites is None:
            return True
        if choix.finalites == self.union and not known.finalite and not known.incomplets:
            return True
        return _verite(f"a{index}.statut", known.finalite or known.incomplets)

    def statut_postes(self, index: int) -> Verite:
        """Return whether a line is of the purposes and of an admissible type."""
        choix, known = self.choix[index], self.drapeaux
        if choix.finalites is None or choix.postes is None:
            return self.statut(index)
        return _verite(f"a{index}.postes", known.finalite or known.incomplets or known.poste)

    def total(self, index: int) -> Bornes:
        """Return the amount of the lines; `couts_totaux` when the choice takes them all."""
        known = self.drapeaux
        return self._bornes(f"a{index}", self._doute(index) or known.montant or known.incomplets, known.incomplets)

    def poste(self, index: int, nom: str) -> Bornes:
        """Return the amount of the lines of one type."""
        if nom not in self.choix[index].noms:
            return 0, 0
        return self._bornes(f"a{index}.{nom}", self._large(index), nul=self.drapeaux.incomplets)

    def _bornes(self, name: str, large: bool, nul: bool) -> Bornes:
        low = Col(pl.col(f"{name}.bas"), 0, 0, TOTAL_MAX, pose=True)
        if not large:
            return low, low
        return low, Col(pl.col(f"{name}.haut"), 0, 0, TOTAL_MAX, nul or self.drapeaux.montant, pose=True)

    def _large(self, index: int) -> bool:
        """Tell whether the amount of one type may be known between two bounds only."""
        known = self.drapeaux
        return self._doute(index) or known.montant or known.poste or known.incomplets

    def _doute(self, index: int) -> bool:
        """Tell whether it may be unknown whether a line counts."""
        choix = self.choix[index]
        return (choix.finalites is not None and self.drapeaux.finalite) or (
            choix.postes is not None and self.drapeaux.poste
        )

    def calculer(self, lignes: pl.DataFrame, complets: pl.Series, incomplets: pl.Series, seules: bool) -> pl.DataFrame:
        """Return one row per dossier: its number `ligne`, and the amounts and statuses of each choice.

        `lignes` holds the cost lines to read; `complets` the dossiers without any of them but to evaluate all the same,
        `incomplets` those that do not say their costs; `seules` tells that no dossier has two lines.
        """
        if not self._ecrites:
            self._ecrites = tuple(expr for index in range(len(self.choix)) for expr in self._par_ligne(index))
        columns = self._ecrites
        frame = lignes.lazy().select("ligne", *columns)
        names = [c.meta.output_name() for c in columns]
        if not seules:
            status = [n for n in names if not n.endswith((".bas", ".haut"))]
            sums = [n for n in names if n.endswith((".bas", ".haut"))]
            frame = frame.group_by("ligne").agg(pl.col(status).max(), pl.col(sums).sum())
        highs = [n for n in names if n.endswith(".haut")]
        if highs and self.drapeaux.montant:
            frame = frame.with_columns(pl.when(pl.col(n) < _OUVERT).then(pl.col(n)).alias(n) for n in highs)
        parts = [frame.select("ligne", *names).collect(optimizations=OPTIONS)]
        for rows, known in ((complets, True), (incomplets, False)):
            if len(rows):
                values = [self._sans_ligne(name, known).alias(name) for name in names]
                parts.append(pl.DataFrame({"ligne": rows}).with_columns(values))
        return pl.concat(parts) if len(parts) > 1 else parts[0]

    def _par_ligne(self, index: int) -> list[pl.Expr]:
        choix = self.choix[index]
        by_purpose = self._appartient("finalite", choix.finalites, self.drapeaux.finalite)
        by_type = self._appartient("poste", choix.postes, self.drapeaux.poste)
        certain = by_type if by_purpose is None else by_purpose if by_type is None else by_purpose & by_type
        found: list[pl.Expr] = []
        if isinstance(self.statut(index), Bit):
            found.append((statut(3) if by_purpose is None else by_purpose).alias(f"a{index}.statut"))
        if choix.finalites is not None and choix.postes is not None and by_type is not None:
            status = certain if certain is not None else by_type
            found.append(status.alias(f"a{index}.postes"))
        if choix.finalites is not None or choix.postes is not None:
            exact = self.total(index)[0] is self.total(index)[1]
            found += self._sommes(f"a{index}", certain, None, exact=exact)
        for nom in choix.noms:
            exact = not self._large(index)
            mine = pl.col("poste").eq(self.codes["poste"].get(nom, -1)).fill_null(value=False)
            found += self._sommes(f"a{index}.{nom}", certain, mine, exact=exact)
        return found

    def _sommes(
        self,
        name: str,
        certain: pl.Expr | None,
        mine: pl.Expr | None,
        *,
        exact: bool,
    ) -> Iterable[pl.Expr]:
        amount = pl.col("montant")
        sure = certain.eq(3) if certain is not None else None
        low_mask = _avec(sure, mine)
        low = amount.fill_null(0) if self.drapeaux.montant else amount
        zero = pl.lit(0, dtype=pl.Int64)
        yield (low if low_mask is None else pl.when(low_mask).then(low).otherwise(zero)).alias(f"{name}.bas")
        if exact:
            return
        may = certain.ne(0) if certain is not None else None
        counted = mine
        if mine is not None and self.drapeaux.poste:
            counted = mine | pl.col("poste").is_null()
        high_mask = _avec(may, counted)
        high = amount.fill_null(_OUVERT) if self.drapeaux.montant else amount
        yield (high if high_mask is None else pl.when(high_mask).then(high).otherwise(zero)).alias(f"{name}.haut")

    def _appartient(self, column: str, values: frozenset[str] | None, unknown: bool) -> pl.Expr | None:
        """Return the status of a line as 0, 1 or 3; None when it is 3 for all the lines read."""
        if values is None or (column == "finalite" and values == self.union and not unknown):
            return None
        codes = sorted(self.codes[column][v] for v in values if v in self.codes[column])
        here = pl.col(column)
        inside = here.eq(codes[0]) if len(codes) == 1 else here.is_in(codes)
        return pl.when(here.is_null()).then(statut(1)).when(inside).then(statut(3)).otherwise(statut(0))

    @staticmethod
    def _sans_ligne(name: str, known: bool) -> pl.Expr:
        if name.endswith((".bas", ".haut")):
            return pl.lit(0 if known or name.endswith(".bas") else None, dtype=pl.Int64)
        return statut(0 if known else 1)


def _avec(one: pl.Expr | None, other: pl.Expr | None) -> pl.Expr | None:
    return other if one is None else one if other is None else one & other


def _verite(name: str, nul: bool) -> Bit:
    return de_statut(pl.col(name), 0, nul=nul)


def de_statut(status: pl.Expr, niveau: int, *, nul: bool) -> Bit:
    """Return the truth value of a status written 0, 1 or 3."""
    sure = status.eq(3)
    return Bit(sure | (status.eq(1) & NUL) if nul else sure, niveau, nul)


def en_statut(value: Verite) -> pl.Expr:
    """Write a truth value 0, 1 or 3."""
    if not isinstance(value, Bit):
        return statut(1 if value is None else 3 if value else 0)
    status = value.expr.cast(pl.UInt8) * statut(3)
    return status.fill_null(statut(1)) if value.nul else status


def codes_de(listes: Mapping[str, Sequence[str]]) -> dict[str, dict[str, int]]:
    """Number the values of the closed lists that cost lines bear."""
    return {name: {value: i for i, value in enumerate(values)} for name, values in listes.items()}
