"""The columnar evaluator: millions of dossiers, same verdicts, rates, amounts and reasons as the exact one.

`to_table` turns dossiers into columns, `columns_from_flat` plain columns; `evaluate_table` gives one block of columns
per basis, `evaluate_long` one row per dossier and basis that concerns it. Rates are basis points, amounts cents.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import polars as pl
from numpy.typing import NDArray

from aid_rules.engine.columnar_dossiers import depuis_faits, to_table
from aid_rules.engine.columnar_evaluation import Evaluateur, Morceau, Plan
from aid_rules.engine.columnar_flat import columns_from_flat
from aid_rules.engine.columnar_motifs import HORS_SUJET
from aid_rules.engine.columnar_sorties import CHAMPS
from aid_rules.engine.columnar_table import Table, fabriquer
from aid_rules.engine.columnar_vectors import TablePrete
from aid_rules.engine.vector_ops import NUL
from aid_rules.language.tree import FAUX

if TYPE_CHECKING:
    from aid_rules.engine.moteur import Engine

__all__ = [
    "Longue", "Table", "TablePrete", "columns_from_flat", "depuis_faits", "evaluate_long", "evaluate_table",
    "fabriquer", "preparer", "to_table",
]  # fmt: skip

_evaluators: WeakKeyDictionary[Engine, Evaluateur] = WeakKeyDictionary()


def _evaluator(engine: Engine) -> Evaluateur:
    if engine not in _evaluators:
        _evaluators[engine] = Evaluateur(engine)
    return _evaluators[engine]


def preparer(engine: Engine, table: Table) -> TablePrete:
    """Return a table ready to be evaluated, again and again: a long one is then read once, and need not be kept."""
    return TablePrete(table, engine.slots)


def evaluate_table(
    engine: Engine,
    table: Table | TablePrete,
    *,
    bases: Iterable[str] | None = None,
    champs: Sequence[str] = CHAMPS,
    volets: bool = False,
) -> pl.DataFrame:
    """Evaluate a table: one row per dossier, in its order, one block of columns `basis.field` per basis in force.

    Fields: `verdict` (0 no, 1 to be checked, 3 yes; null when the basis is not in force that day), `motif` (number of
    the entry of `columnar_motifs.entrees` that stands in the way, -1 none), `taux_min`, `taux_max`, `montant_min`,
    `montant_max`: both null when there is no rate or nothing limits the amount, only the second when its upper bound is
    unknown; null as well where no cost line concerns the basis. A scheme's volet of its own is `scheme.volet`; `volets`
    adds the volets of the regimes as `regime:volet`. The criteria come first: `critere.verdict`, `critere.motif`, then
    `hors_aide`.
    """

    def show(plan: Plan, piece: Morceau) -> pl.DataFrame:
        names = dict.fromkeys(bloc.nom for bloc in plan.blocs)
        columns = (column for name in names for column in _bloc(plan, piece, name, champs))
        return pl.DataFrame([pl.Series(_RANG, piece.rangs), *piece.criteres, *columns])

    return _ranger([*_evaluator(engine).evaluer(table, show, bases, volets=volets)])


_RANG = "|rang"


def _ranger(pieces: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return the rows of all pieces, each at its own rank."""
    found = pl.concat(pieces)
    ranks = found.drop_in_place(_RANG)
    return found if ranks.is_sorted() else found[ranks.arg_sort()]


class Longue(NamedTuple):
    """The criteria, a row per dossier (`critere.verdict`, `critere.motif`, `hors_aide`), and the bases, by `ligne`."""

    criteres: pl.DataFrame
    bases: pl.DataFrame


def evaluate_long(engine: Engine, table: Table | TablePrete, *, bases: Iterable[str] | None = None) -> Longue:
    """Evaluate a table: the criteria, and one row per dossier and basis that one of its cost lines concerns.

    Columns of the bases: `ligne` (row of the table), `base`, and the fields of `evaluate_table`. A basis in force that
    is not there for a dossier concerns none of its costs: it may not be used.
    """
    pieces = list(_evaluator(engine).evaluer(table, _long, bases, prete=False))
    return Longue(_ranger([p.criteres for p in pieces]), pl.concat([p.bases for p in pieces]))


def _long(plan: Plan, piece: Morceau) -> Longue:
    count = len(plan.blocs)
    whole = slice(0, int(piece.bornes[count]))
    names = list(dict.fromkeys(bloc.nom for bloc in plan.blocs))
    sizes = np.diff(piece.bornes[: count + 1])
    told = (_colonne(champ, champ, _valeurs(piece, champ, whole)) for champ in CHAMPS)
    frame = pl.DataFrame([pl.Series("ligne", _rangs(piece)), _noms(plan, names, sizes), *told])
    return Longue(piece.criteres.insert_column(0, pl.Series(_RANG, piece.rangs)), frame)


_LONGUES = 1500
"""Rows of the same basis, on average, from which to repeat its name is quicker than to look each up."""


def _noms(plan: Plan, names: Sequence[str], sizes: NDArray[np.int64]) -> pl.Series:
    """Return the name of each basis as many times as it is given."""
    labels = pl.Series("base", names, dtype=pl.Enum(names))
    ranks = {name: rank for rank, name in enumerate(names)}
    codes = [ranks[bloc.nom] for bloc in plan.blocs]
    if sizes.sum() < _LONGUES * np.count_nonzero(sizes):
        return labels.gather(np.repeat(np.array(codes, dtype=np.uint32), sizes))
    told = zip(codes, sizes.tolist(), strict=True)
    parts = [labels[code : code + 1].new_from_index(0, size) for code, size in told if size]
    return pl.concat([labels[:0], *parts], rechunk=True)


def _rangs(piece: Morceau) -> NDArray[np.uint32]:
    """Return the row of the table that each of a piece's blocks is about."""
    first = piece.rangs[:1].sum(dtype=np.uint32)
    if (piece.rangs == np.arange(first, first + len(piece.rangs), dtype=np.uint32)).all():
        found: NDArray[np.uint32] = np.add(piece.lignes, first)  # quicker than to look each up
    else:
        found = np.take(piece.rangs, piece.lignes)
    return found


def _valeurs(piece: Morceau, champ: str, cut: slice) -> NDArray[Any]:
    """Return a field of a stretch of blocks, as the machine writes it."""
    found = piece.champs
    columns: tuple[NDArray[Any], ...] = (found.verdict, found.motif, *found.taux, *found.montant)
    return columns[CHAMPS.index(champ)][cut]


def _colonne(name: str, champ: str, values: NDArray[Any], parmi: pl.Series | None = None) -> pl.Series:
    """Return a field as a column, null where there is no rate or no amount, and out of `parmi`.

    Done in this thread alone: the engine of Polars takes longer to call others than to fill a column.
    """
    found = pl.Series(name, values)
    masks = [] if parmi is None else [parmi]
    if champ.startswith("taux"):
        masks.append(found >= 0)
    elif champ.startswith("montant"):
        masks.append(found != NUL)
    for told in masks:
        if not told.all():
            found = found.zip_with(told, pl.Series([None], dtype=found.dtype))
    return found


def _bloc(plan: Plan, piece: Morceau, name: str, champs: Sequence[str]) -> list[pl.Series]:
    """Return the columns of a block for every row: in force or not, concerned or not."""
    parts = [(k, bloc) for k, bloc in enumerate(plan.blocs) if bloc.nom == name]
    alive = pl.Series(np.isin(piece.places, [p for _, bloc in parts for p in plan.calculs[bloc.rang].places]))
    found = []
    for champ in champs:
        blank = {"verdict": FAUX, "motif": HORS_SUJET}.get(champ, -1 if champ.startswith("taux") else NUL)
        values = np.full(len(piece.places), blank, dtype=np.dtype(_NUMPY[champ]))
        for k, _ in parts:
            cut = slice(int(piece.bornes[k]), int(piece.bornes[k + 1]))
            values[piece.lignes[cut]] = _valeurs(piece, champ, cut)
        found.append(_colonne(f"{name}.{champ}", champ, values, alive))
    return found


_NUMPY = {"verdict": "u1", "motif": "i2", "taux_min": "i2", "taux_max": "i2", "montant_min": "i8", "montant_max": "i8"}
