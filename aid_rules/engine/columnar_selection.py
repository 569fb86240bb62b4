"""Which rows of a table each computation of a plan goes over: those of its days of which it reads a cost line."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from aid_rules.engine import vector_rows as tri
from aid_rules.engine.columnar_lines import Ensembles
from aid_rules.engine.columnar_programmes import Calcul
from aid_rules.engine.columnar_vectors import Tampons
from aid_rules.engine.vector_kernel import Donnees


class Selection:
    """The computations of a plan, by period and by the purposes that they read."""

    def __init__(self, calculs: Sequence[Calcul], periodes: int, purposes: Ensembles) -> None:
        self._periodes = periodes
        self._calculs = len(calculs)
        chosen = [(rank, c, c.finalites) for rank, c in enumerate(calculs)]
        read = [(rank, c.places, purposes.porte(values)) for rank, c, values in chosen if values is not None]
        whole = [(rank, place) for rank, c, values in chosen if values is None for place in c.places]
        lists = [np.zeros(0, dtype=np.int64)]
        for place in range(periodes):
            alive = [(rank, codes) for rank, places, codes in read if place in places]
            told = [[rank for rank, codes in alive if codes[code]] for code in range(purposes.largeur)]
            lists += [np.array(ranks, dtype=np.int64) for ranks in told]
        bounds = np.cumsum([*map(len, lists)], dtype=np.int64)
        entire = np.array(whole, dtype=np.int64).reshape(-1, 2)
        self._listes = tri.Listes(purposes.largeur, bounds, np.concatenate(lists), entire)

    def lignes(
        self, data: Donnees, places: NDArray[np.int16], buffers: Tampons
    ) -> tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.int64]]:
        """Return the rows of each computation: where they all stand, where each starts, and how many they are."""
        ends = np.searchsorted(places, np.arange(self._periodes + 1, dtype=places.dtype))
        entire = np.stack([ends[self._listes.entiers[:, 1]], ends[self._listes.entiers[:, 1] + 1]], axis=1)
        sizes, firsts = np.zeros(self._calculs, np.int64), np.zeros(self._calculs + 1, np.int64)
        slots = buffers.prendre("cases", (len(places),), np.int32)
        tri.compter(self._listes, data, places, entire, slots, sizes)
        np.cumsum(sizes, out=firsts[1:])
        index = buffers.prendre("index", (int(firsts[-1]),), np.uint32)
        tri.placer(self._listes, data, places, entire, slots, firsts[:-1].copy(), index)
        return index, firsts, sizes
