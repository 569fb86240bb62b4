"""Columns multiply and count days as plain integers do: same bounds, same rounding, same unknown."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aid_rules.engine import columnar_expressions as x
from aid_rules.engine import columnar_intervals as civ
from aid_rules.engine import intervalles as iv
from aid_rules.engine import vector_ops
from aid_rules.engine.columnar_expressions import Bit, Col
from aid_rules.engine.columnar_table import decaler
from aid_rules.engine.environnement import shift
from aid_rules.engine.vector_kernel import SATURE, Donnees, Ecrits, executer, muldiv
from aid_rules.engine.vector_ops import NUL, nombre, statut
from aid_rules.engine.vector_program import Registre, Sortie, ecrire
from aid_rules.language.tree import FAUX, INCONNU, VRAI

GRAND = 10**14


def intervals(least, most):
    """Pairs of bounds, known, open or wide."""
    return st.tuples(st.integers(least, most), st.none() | st.integers(0, most)).map(
        lambda pair: (pair[0], None if pair[1] is None else pair[0] + pair[1])
    )


ROWS = st.lists(
    st.tuples(
        st.sampled_from([FAUX, INCONNU, VRAI]), intervals(-5, GRAND), intervals(-5, 30_000), intervals(1, 20_000)
    ),
    min_size=1,
    max_size=8,
)


def adresses(columns):
    """Return where each column starts."""
    return np.array([column.ctypes.data for column in columns], np.int64)


def calculer(expr, columns):
    """Run one expression of the vector machine over plain columns of whole numbers; None is null."""
    registre = Registre()
    program = ecrire([Sortie(vector_ops.OUTA, expr)], registre)
    count = len(next(iter(columns.values())))
    held = np.zeros((len(registre.numeros["I"]), count), np.int64)
    truth = np.zeros((len(registre.numeros["U"]), count), np.uint8)
    for (bank, name), number in ((c, registre.numero(c)) for c in program.colonnes):
        values = [NUL if v is None else v for v in columns[name]]
        (truth if bank == "U" else held)[number] = values
    none, sets = np.zeros(0, np.int64), np.zeros((1, 2), np.uint8)
    codes = np.zeros(0, np.int32)
    data = Donnees(
        adresses(truth), adresses(held), np.full(len(held), 8), none, np.zeros(count + 1, np.int64), codes, codes, none,
        np.zeros(count, np.uint8), sets, sets,
    )  # fmt: skip
    written = Ecrits(
        np.zeros(count, np.uint8), np.zeros(count, np.int16), np.zeros((2, count), np.int16),
        np.zeros((2, count), np.int64),
    )  # fmt: skip
    units = np.array([[0, len(program.code), 0, count, 0, 0, *(program.registres[b] for b in "UIS")]])
    executer(
        program.code, units, np.arange(count, dtype=np.uint32), data, written, np.zeros((1, 2), np.int64),
        np.zeros((1, count), np.int32), np.zeros(1, np.int64),
    )  # fmt: skip
    return [None if v == NUL else int(v) for v in written.montant[0]]


@settings(deadline=None)
@given(ROWS)
def test_multiple_is_the_same_in_columns(rows):
    """An amount times a quotient has the same bounds, row by row, whatever is known."""
    columns = {"s": [s for s, *_ in rows]}
    for k, name in enumerate("bou", start=1):
        for end in (0, 1):
            columns[f"{name}{end}"] = [row[k][end] for row in rows]

    def pair(name, least, most):
        return Col(nombre(f"{name}0"), least, most), Col(nombre(f"{name}1"), least, 2 * most, nul=True)

    found = civ.multiple(Bit(statut("s")), pair("b", -5, GRAND), pair("o", -5, 30_000), pair("u", 1, 20_000))
    low, high = (calculer(x.col_expr(end), columns) for end in found)
    assert list(zip(low, high, strict=True)) == [iv.multiple(*row) for row in rows]


@settings(deadline=None)
@given(st.integers(-(2**62), 2**62), st.integers(-(2**62), 2**62), st.integers(1, 2**62))
def test_a_product_that_64_bits_cannot_hold_is_exact(one, other, divisor):
    """What is multiplied then divided is exact below the largest quantity, and stays there above."""
    assert muldiv(one, other, divisor) == min(max(one * other // divisor, -SATURE), SATURE)


@example([date(2000, 1, 1)], 0, "jours_ouvrables")
@given(
    st.lists(st.dates(date(1990, 1, 1), date(2099, 12, 31)), min_size=1, max_size=9),
    st.integers(-30, 30),
    st.sampled_from(["mois", "jours", "jours_ouvrables"]),
)
def test_dates_move_the_same_in_columns(days, number, unit):
    """A day moved by months, days or working days is the same day, one by one or in a column."""
    column = pl.Series([d.toordinal() for d in days], dtype=pl.Int64)
    assert decaler(column, number, unit).to_list() == [shift(d.toordinal(), number, unit) for d in days]
