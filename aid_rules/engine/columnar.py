"""The columnar evaluator: millions of dossiers, same verdicts, rates, amounts and reasons as the exact one.

`to_table` turns dossiers into columns, `columns_from_flat` plain columns; `evaluate_table` gives one block of columns
per basis, `evaluate_long` one row per dossier and basis that concerns it. Rates are basis points, amounts cents.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

import polars as pl

from aid_rules.engine.appuis import cle_volet
from aid_rules.engine.columnar_dossiers import depuis_faits, to_table
from aid_rules.engine.columnar_evaluation import Evaluateur, Resultat, Resultats
from aid_rules.engine.columnar_flat import columns_from_flat
from aid_rules.engine.columnar_motifs import HORS_SUJET
from aid_rules.engine.columnar_sorties import CHAMPS, TYPES
from aid_rules.engine.columnar_table import Table, fabriquer
from aid_rules.language.tree import FAUX

if TYPE_CHECKING:
    from aid_rules.engine.moteur import Engine

__all__ = [
    "Longue", "Table", "columns_from_flat", "depuis_faits", "evaluate_long", "evaluate_table", "fabriquer", "to_table",
]  # fmt: skip

_MORCEAU = 1 << 18
"""Rows evaluated at once: bounds what is held besides the table and the verdicts."""

_evaluators: WeakKeyDictionary[Engine, Evaluateur] = WeakKeyDictionary()


def _evaluator(engine: Engine) -> Evaluateur:
    if engine not in _evaluators:
        _evaluators[engine] = Evaluateur(engine)
    return _evaluators[engine]


def evaluate_table(
    engine: Engine,
    table: Table,
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
    results = _evaluator(engine).evaluer(table, bases, volets=volets)
    rows = None if results.ordre is None else results.ordre.arg_sort()
    blocks = _criteres(results, rows)
    for name, parts in _blocs(results, volets=volets).items():
        blocks += _bloc(results, rows, name, parts, champs)
    return pl.DataFrame(blocks)


class Longue(NamedTuple):
    """The criteria, a row per dossier (`critere.verdict`, `critere.motif`, `hors_aide`), and the bases, by `ligne`."""

    criteres: pl.DataFrame
    bases: pl.DataFrame


def evaluate_long(engine: Engine, table: Table, *, bases: Iterable[str] | None = None) -> Longue:
    """Evaluate a table: the criteria, and one row per dossier and basis that one of its cost lines concerns.

    Columns of the bases: `ligne` (row of the table), `base`, and the fields of `evaluate_table`. A basis in force that
    is not there for a dossier concerns none of its costs: it may not be used.
    """
    wanted = None if bases is None else frozenset(bases)
    criteria: list[pl.DataFrame] = []
    frames: list[tuple[str, pl.DataFrame]] = []
    for start, piece in zip(range(0, max(table.height, 1), _MORCEAU), table.morceaux(_MORCEAU), strict=True):
        results = _evaluator(engine).evaluer(piece, wanted)
        rows = results.ordre
        criteria.append(pl.DataFrame(_criteres(results, None if rows is None else rows.arg_sort())))
        for name, parts in _blocs(results, volets=False).items():
            frames += [(name, _numeroter(_lire(part, prefix, CHAMPS), rows, start)) for part, prefix in parts]
    names = pl.Enum(list(dict.fromkeys(name for name, _ in frames)))
    labels = {name: pl.Series("base", [name], dtype=names) for name, _ in frames}
    named = [frame.insert_column(1, labels[name].new_from_index(0, frame.height)) for name, frame in frames]
    schema = {"ligne": pl.UInt32(), "base": names, **TYPES}
    return Longue(
        pl.concat(criteria, how="diagonal") if len(criteria) > 1 else criteria[0],
        pl.concat(named) if named else pl.DataFrame(schema=schema),
    )


def _numeroter(frame: pl.DataFrame, rows: pl.Series | None, start: int) -> pl.DataFrame:
    """Number the rows of a block as the table does, from the row of the piece where it stood."""
    if rows is None and not start:
        return frame
    numbers = frame["ligne"] if rows is None else rows.gather(frame["ligne"])
    return frame.replace_column(0, (numbers.cast(pl.UInt32) + start).cast(pl.UInt32).alias("ligne"))


def _criteres(results: Resultats, rows: pl.Series | None) -> list[pl.Series]:
    frame = results.criteres if rows is None else results.criteres[rows]
    return [s.alias(s.name.replace("|", ".")) for s in frame.get_columns()]


Parts = list[tuple[Resultat, str]]


def _blocs(results: Resultats, *, volets: bool) -> dict[str, Parts]:
    """Return by name of block the results that make it, and what prefixes its columns in them."""
    blocks: dict[str, Parts] = {}
    for found in results.bases:
        regime = found.regime
        scheme = regime.genre == "dispositif"
        blocks.setdefault(regime.id, []).append((found, ""))
        if scheme:
            for rank, volet in enumerate(regime.volets):
                if cle_volet(regime.id, volet.id) != regime.id:
                    blocks.setdefault(cle_volet(regime.id, volet.id), []).append((found, f"{rank}|"))
        elif volets and not scheme:
            for rank, volet in enumerate(regime.volets):
                blocks.setdefault(f"{regime.id}:{volet.id}", []).append((found, f"{rank}|"))
    return blocks


def _lire(part: Resultat, prefix: str, champs: Sequence[str]) -> pl.DataFrame:
    """Return some fields of a block, null where the law gives none."""
    held = part.frame.columns
    if all(f"{prefix}{champ}" in held for champ in champs) and part.frame.height:
        found = part.frame[["ligne", *(f"{prefix}{champ}" for champ in champs)]]
        found.columns = ["ligne", *champs]
        return found
    columns = [part.frame["ligne"]]
    for champ in champs:
        name = f"{prefix}{champ}"
        values = part.frame[name] if name in held else pl.Series([None]).new_from_index(0, part.frame.height)
        columns.append(values.cast(TYPES[champ]).alias(champ))
    return pl.DataFrame(columns)


def _bloc(
    results: Resultats, rows: pl.Series | None, name: str, parts: Parts, champs: Sequence[str]
) -> list[pl.Series]:
    """Return the columns of a block for every row: in force or not, concerned or not."""
    alive = {place for part, _ in parts for place in part.periodes}
    spans = [(i in alive, end - start) for i, (start, end) in enumerate(results.tranches)]
    frames = [_lire(part, prefix, champs) for part, prefix in parts]
    found: list[pl.Series] = []
    for champ in champs:
        default = {"verdict": FAUX, "motif": HORS_SUJET}.get(champ)
        blank = [pl.Series([default if live else None], dtype=TYPES[champ]).new_from_index(0, n) for live, n in spans]
        column = pl.concat(blank).rechunk() if blank else pl.Series(dtype=TYPES[champ])
        for frame in frames:
            column = (
                frame[champ]
                if frame.height == len(column) and frame["ligne"].is_sorted()
                else column.scatter(frame["ligne"], frame[champ])
            )
        found.append(column.alias(f"{name}.{champ}"))
    return found if rows is None else pl.DataFrame(found)[rows].get_columns()
