"""Columns multiply and count days as plain integers do: same bounds, same rounding, same unknown."""

from __future__ import annotations

from datetime import date

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from aid_rules.engine import columnar_expressions as x
from aid_rules.engine import columnar_intervals as civ
from aid_rules.engine import intervalles as iv
from aid_rules.engine.columnar_expressions import Bit, Col
from aid_rules.engine.columnar_trees import _decaler
from aid_rules.engine.environnement import shift
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
TYPES = dict.fromkeys(("b0", "b1", "o0", "o1", "u0", "u1"), pl.Int64) | {"s": pl.Boolean}


@settings(deadline=None)
@given(ROWS)
def test_multiple_is_the_same_in_columns(rows):
    """An amount times a quotient has the same bounds, row by row, whatever is known."""
    truth = {FAUX: False, INCONNU: None, VRAI: True}
    table = pl.DataFrame([(*b, *o, *u, truth[s]) for s, b, o, u in rows], schema=TYPES, orient="row")

    def pair(name, least, most):
        low = Col(pl.col(f"{name}0"), 0, least, most)
        return low, Col(pl.col(f"{name}1"), 0, least, 2 * most, nul=True)

    found = civ.multiple(Bit(pl.col("s"), 0), pair("b", -5, GRAND), pair("o", -5, 30_000), pair("u", 1, 20_000))
    written = table.select(low=x.col_expr(found[0]), high=x.col_expr(found[1]))
    assert written.rows() == [iv.multiple(*row) for row in rows]


@given(
    st.lists(st.dates(date(1990, 1, 1), date(2099, 12, 31)), min_size=1, max_size=9),
    st.integers(-30, 30),
    st.sampled_from(["mois", "jours", "jours_ouvrables"]),
)
def test_dates_move_the_same_in_columns(days, number, unit):
    """A day moved by months, days or working days is the same day, one by one or in a column."""
    table = pl.DataFrame({"d": [d.toordinal() for d in days]}, schema={"d": pl.Int64})
    moved = _decaler(Col(pl.col("d"), 0, 0, 4_000_000), number, unit)
    assert table.select(x.col_expr(moved)).to_series().to_list() == [shift(d.toordinal(), number, unit) for d in days]
