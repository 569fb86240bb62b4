"""Which rows each computation goes over, held to sets of plain Python: in native code, and as Python reads it."""

from __future__ import annotations

import numpy as np
import pytest

from aid_rules.engine import vector_rows as tri

LIGNES = [{0}, {0, 5}, {63}, {64}, {1, 70, 127}, {128, 190}, set(), {5, 191}, {9}, {64, 0}]
"""The purposes of the cost lines of each row."""

INCONNUS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 0]
ORDRE = [7, 2, 9, 8, 0, 3, 1, 6, 4, 5]
TRANCHES = [(0, 3), (3, 3), (3, 8), (8, 10)]
"""The rows of each period: stretches of `ORDRE`, the second empty."""

CALCULS = [
    ([0], set()), ([0, 2], {0, 5}), ([1, 2], {64, 70}), ([0, 3], {128, 190}), ([2, 3], None), ([0, 2, 3], {63, 191}),
    ([0, 1, 2, 3], {0, 127}), ([3], set()), ([1], {0}), ([0, 2, 3], {0, 5, 70, 190}), ([1], None), ([0], None),
    ([0, 1, 2, 3], {64}), ([], {0}), ([0, 2, 3], {0, 64, 133}),
]  # fmt: skip
"""Its periods and the purposes of each computation, None when it goes over all rows."""


@pytest.fixture(params=["python", "native"])
def native(request):
    """How to read a function of the module: what is said of one holds of the other."""
    if request.param == "native":
        if not hasattr(tri.masquer, "py_func"):
            pytest.skip("native code is turned off")
        return lambda function: function
    return lambda function: getattr(function, "py_func", function)


def masques(sets, words):
    """One bit for each member, 64 to a word."""
    found = np.zeros((words, len(sets)), np.uint64)
    for row, members in enumerate(sets):
        for code in members:
            found[code // 64, row] |= np.uint64(1 << code % 64)
    return found.view(np.int64)


def test_the_purposes_of_each_row(native):
    """One bit for each purpose of its lines, repeated or not; all of them when it tells no costs, lines or not."""
    sets = [*LIGNES, {3}]
    unknown = np.array([*INCONNUS, 1], np.uint8)
    codes = [code for members in sets for code in (*members, *sorted(members)[:1])]
    ends = np.cumsum([0, *(len(m) + bool(m) for m in sets)])
    held = np.full((3, len(sets)), 77, np.int64)
    native(tri.masquer)(ends, np.array(codes, np.int32), unknown, held)
    wanted = np.where(unknown == 1, -1, masques(sets, 3))
    assert held.tolist() == wanted.tolist()


def concernees(places, purposes):
    """The rows of some periods that have a line of some purposes, or tell no costs."""
    rows = [row for place in places for row in ORDRE[slice(*TRANCHES[place])]]
    if purposes is None:
        return rows
    return [row for row in rows if LIGNES[row] & purposes or (INCONNUS[row] and purposes)]


def test_the_rows_of_each_computation(native):
    """In the order of its periods, from its own start: purposes of one word or several, of none; all rows."""
    held = np.where(np.array(INCONNUS) == 1, -1, masques(LIGNES, 3))
    asked = np.zeros((len(CALCULS), 6), np.int64)
    places, firsts, room = [], [], 2
    for row, (stretches, purposes) in zip(asked, CALCULS, strict=True):
        row[:2] = len(places), len(places) + len(stretches)
        row[2] = purposes is None
        row[3:] = 0 if purposes is None else masques([purposes], 3)[:, 0]
        places += stretches
        firsts.append(room)
        room += 1 + sum(TRANCHES[p][1] - TRANCHES[p][0] for p in stretches)
    index, counts = np.full(room, 99, np.uint32), np.full(len(CALCULS), -5, np.int64)
    native(tri.concernes)(
        held, np.array(ORDRE, np.uint32), np.array(TRANCHES), np.array(places), asked, np.array(firsts), index, counts
    )
    wanted = [concernees(*calcul) for calcul in CALCULS]
    assert counts.tolist() == list(map(len, wanted))
    assert [index[at : at + len(rows)].tolist() for at, rows in zip(firsts, wanted, strict=True)] == wanted
    assert index[:2].tolist() == [99, 99]
    # a stretch left free after the longest answer of each computation stays as it was
    assert all(index[at - 1] == 99 for at in [*firsts[1:], room])


def test_where_the_result_of_a_row_stands(native):
    """Among those of its computation, from zero; nowhere for a row that it does not concern."""
    index = np.array([9, 4, 1, 3, 2, 0, 4, 5], np.uint32)
    places = np.full((3, 6), 55, np.int32)
    firsts, counts = np.array([1, 4, 4, 5]), np.array([3, 0, 0, 2])
    native(tri.situer)(index, firsts, counts, np.array([3, 0, 2]), places)
    assert places.tolist() == [[0, -1, -1, -1, 1, -1], [-1, 1, -1, 2, 0, -1], [-1] * 6]
