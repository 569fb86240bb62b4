"""Which rows each computation goes over, held to sets of plain Python: in native code, and as Python reads it."""

from __future__ import annotations

from itertools import accumulate

import numpy as np
import pytest

from aid_rules.engine import vector_rows as tri
from aid_rules.engine.columnar_lines import Ensembles
from aid_rules.engine.columnar_programmes import Calcul
from aid_rules.engine.columnar_selection import Selection
from aid_rules.engine.columnar_vectors import Tampons
from aid_rules.engine.vector_kernel import Donnees
from aid_rules.engine.vector_program import Registre, ecrire

CODES = {f"c{rank}": rank for rank in range(190)}
AUTRE, TUE = 190, 191
"""Codes of a purpose that the law does not name, and of one that is not told."""

LIGNES = [
    [0],
    [0, 5],
    [63],
    [64],
    [1, 70, 127],
    [128, 128],
    [],
    [5, TUE],
    [9],
    [64, 0, 64],
    [AUTRE],
    [TUE],
    [],
    [62, 62],
]
"""The purposes of the cost lines of each row."""

INCONNUS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0]
PLACES = [0, 0, 0, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3]
"""The period of each row: none is of the second nor of the last."""

PERIODES = 5
CALCULS = [
    ([0], set()), ([0, 2], {0, 5}), ([1, 2], {64, 70}), ([0, 3], {128, 150}), ([2, 3], None), ([0, 2, 3], {63, 189}),
    ([0, 1, 2, 3], {0, 127}), ([3], set()), ([1], {0}), ([0, 2, 3], {0, 5, 70, 128}), ([1], None), ([0], None),
    ([0, 1, 2, 3, 4], {64}), ([], {0}), ([0, 2, 3], {0, 64, 133}), ([0, 1, 2, 3, 4], None), ([], None),
]  # fmt: skip
"""Its periods and the purposes of each computation, None when it goes over all rows."""


@pytest.fixture(params=["python", "native"])
def native(request, monkeypatch):
    """How to read a function of the module: what is said of one holds of the other."""
    if request.param == "native":
        if not hasattr(tri.compter, "py_func"):
            pytest.skip("native code is turned off")
        return
    for name in ("compter", "placer", "_parcourir", "situer"):
        function = getattr(tri, name)
        monkeypatch.setattr(tri, name, getattr(function, "py_func", function))


def donnees(lines, unknown):
    """What the choice reads of a table: its cost lines."""
    none, empty = np.zeros(0, np.int64), np.zeros((0, 0), np.uint8)
    starts = np.array([0, *accumulate(map(len, lines))], dtype=np.int64)
    codes = np.array([code for row in lines for code in row], np.int32)
    return Donnees(none, none, none, none, starts, codes, codes, none, np.array(unknown, np.uint8), empty, empty)


def choisies(calculs, periods, lines, unknown, places):
    """The rows of each computation, as they are given; and where they start, which leaves no hole."""
    program = ecrire([], Registre())
    asked = [
        Calcul(program, tuple(where), finalites=None if codes is None else frozenset(f"c{code}" for code in codes))
        for where, codes in calculs
    ]
    chosen = Selection(asked, periods, Ensembles(CODES))
    buffers = Tampons()
    for _ in range(2):  # the second time over what the first has left
        index, firsts, sizes = chosen.lignes(donnees(lines, unknown), np.array(places, np.int16), buffers)
    assert firsts.tolist() == [0, *accumulate(sizes.tolist())]
    return [index[at : at + size].tolist() for at, size in zip(firsts, sizes, strict=False)]


def concernees(places, purposes):
    """The rows of some periods that have a line of some purposes or of one that is not told, or tell no costs."""
    rows = [row for row, place in enumerate(PLACES) if place in places]
    if purposes is None:
        return rows
    return [row for row in rows if {*LIGNES[row]} & {*purposes, TUE} or INCONNUS[row]]


@pytest.mark.usefixtures("native")
def test_the_rows_of_each_computation():
    """In their order, each once: of one line, of several or of none, of purposes told or not; all rows."""
    assert choisies(CALCULS, PERIODES, LIGNES, INCONNUS, PLACES) == [concernees(*calcul) for calcul in CALCULS]


@pytest.mark.usefixtures("native")
def test_the_first_rows_and_the_last():
    """A first row without lines, a last one of which nothing is told: each leads where its own lines do."""
    asked = [([0], {0}), ([0], {7}), ([0], None)]
    assert choisies(asked, 1, [[], [7]], [0, 0], [0, 0]) == [[], [1], [0, 1]]
    assert choisies(asked, 1, [[0], []], [0, 1], [0, 0]) == [[0, 1], [1], [0, 1]]


@pytest.mark.usefixtures("native")
@pytest.mark.parametrize("calculs", [CALCULS, []])
def test_no_row_at_all(calculs):
    """A table without rows, a plan without computations: nothing is chosen."""
    assert choisies(calculs, PERIODES, [], [], []) == [[] for _ in calculs]


@pytest.mark.usefixtures("native")
def test_where_the_result_of_a_row_stands():
    """Among those of its computation, from zero; nowhere for a row that it does not concern."""
    index = np.array([9, 4, 1, 3, 2, 0, 4, 5], np.uint32)
    places = np.full((3, 6), 55, np.int32)
    firsts, counts = np.array([1, 4, 4, 5]), np.array([3, 0, 0, 2])
    tri.situer(index, firsts, counts, np.array([3, 0, 2]), places)
    assert places.tolist() == [[0, -1, -1, -1, 1, -1], [-1, 1, -1, 2, 0, -1], [-1] * 6]
