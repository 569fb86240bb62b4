"""The cost lines of a dossier in columns, summed as `Lignes.choisir` does: what a basis reads of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from aid_rules.engine import vector_ops as o
from aid_rules.engine.columnar_expressions import Bit, Col, Verite
from aid_rules.engine.columnar_intervals import Bornes
from aid_rules.engine.vector_ops import Expr

TOTAL_MAX = 10**14
"""Largest sum of cost lines or of aids in one row, in cents: sums and products then stay within 63 bits."""


class Drapeaux(NamedTuple):
    """What is unknown somewhere in the table: what never happens is not computed."""

    incomplets: bool
    finalite: bool
    poste: bool
    montant: bool


class Ensembles:
    """Numbers sets of values of a closed list, and tells the status of each code in each."""

    def __init__(self, codes: Mapping[str, int]) -> None:
        self.codes = codes
        self._numeros: dict[frozenset[str] | None, int] = {None: 0}

    def numero(self, values: frozenset[str] | None) -> int:
        """Return the number of a set; None holds any value, told or not."""
        return self._numeros.setdefault(values, len(self._numeros))

    def statuts(self) -> NDArray[np.uint8]:
        """Return a row per set: the status of each code, then of any other value, then of one that is not told."""
        found = np.zeros((len(self._numeros), self.largeur), dtype=np.uint8)
        for values, row in self._numeros.items():
            if values is None:
                found[row] = 3
                continue
            found[row, [self.codes[v] for v in values if v in self.codes]] = 3
            found[row, -1] = 1
        return found

    @property
    def largeur(self) -> int:
        """Return how many codes `statuts` tells of."""
        return len(self.codes) + 2

    def porte(self, values: frozenset[str]) -> NDArray[np.bool_]:
        """Tell of each code whether it is, or may be, one of some values."""
        found = np.zeros(self.largeur, dtype=bool)
        found[[*(self.codes[v] for v in values if v in self.codes), -1]] = True
        return found

    def lire(self, codes: pl.Series) -> NDArray[np.int32]:
        """Return codes as `statuts` numbers them."""
        other = len(self.codes)
        if not codes.null_count():
            told: NDArray[np.int32] = codes.to_numpy().astype(np.int32)
            return np.minimum(told, other, dtype=np.int32)
        return codes.cast(pl.Int32).clip(upper_bound=other).fill_null(other + 1).to_numpy()


class Agregats:
    """The cost lines that a basis reads. `union` holds the purposes of its volets, None when one takes any line."""

    def __init__(
        self, drapeaux: Drapeaux, finalites: Ensembles, postes: Ensembles, union: frozenset[str] | None
    ) -> None:
        self.drapeaux = drapeaux
        self.finalites = finalites
        self.postes = postes
        self.union = union

    def choisir(self, finalites: frozenset[str] | None, postes: frozenset[str] | None) -> Choix:
        """Return the lines of some purposes and types, None for any."""
        return Choix(self, finalites, postes)


class Choix:
    """Some lines of a dossier."""

    def __init__(self, agregats: Agregats, finalites: frozenset[str] | None, postes: frozenset[str] | None) -> None:
        self.finalites = finalites
        self.postes = postes
        self._agregats = agregats
        self._connu = agregats.drapeaux
        self._lu = agregats.finalites.numero(finalites)

    @property
    def statut(self) -> Verite:
        """Tell whether a line is of the purposes."""
        known = self._connu
        if self.finalites is None:
            return True
        if self.finalites == self._agregats.union and not known.finalite and not known.incomplets:
            return True  # a dossier without any such line is not read
        return self._un(None, nul=known.finalite or known.incomplets)

    @property
    def statut_postes(self) -> Verite:
        """Tell whether a line is of the purposes and of an admissible type."""
        known = self._connu
        if self.postes is None:
            return self.statut
        return self._un(self.postes, nul=self._doute or known.incomplets)

    def total(self) -> Bornes:
        """Return the amount of the lines; `couts_totaux` when the choice takes them all."""
        known = self._connu
        return self._bornes(self.postes, self._doute or known.montant or known.incomplets, known.incomplets)

    def poste(self, nom: str) -> Bornes:
        """Return the amount of the lines of one type."""
        if self.postes is not None and nom not in self.postes:
            return 0, 0
        known = self._connu
        large = self._doute or known.montant or known.poste or known.incomplets
        return self._bornes(frozenset({nom}), large, known.incomplets)

    @property
    def _doute(self) -> bool:
        """Tell whether it may be unknown whether a line counts."""
        return (self.finalites is not None and self._connu.finalite) or (self.postes is not None and self._connu.poste)

    def _un(self, postes: frozenset[str] | None, *, nul: bool) -> Bit:
        return Bit(Expr(o.LIGNE, (), (self._lu, self._agregats.postes.numero(postes))), nul)

    def _bornes(self, postes: frozenset[str] | None, large: bool, nul: bool) -> Bornes:
        types = self._agregats.postes.numero(postes)
        low = Col(Expr(o.SOMME, (), (self._lu, types, 0)), 0, TOTAL_MAX)
        if not large:
            return low, low
        return low, Col(Expr(o.SOMME, (), (self._lu, types, 1)), 0, TOTAL_MAX, nul or self._connu.montant)
