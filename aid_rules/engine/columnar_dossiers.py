"""Dossiers as a table, through the very facts that the exact evaluator reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import polars as pl

from aid_rules.engine.columnar_table import CONNUS, COUTS_SCHEMA, Table, fabriquer, rangs, type_de
from aid_rules.engine.facts import Faits
from aid_rules.language.tree import INCONNU, VRAI

if TYPE_CHECKING:
    from aid_rules.dossier import Dossier
    from aid_rules.engine.moteur import Engine

_AUTRE = 65_535
"""Rank of a purpose or a type of cost that the vocabulary does not hold."""


def to_table(engine: Engine, dossiers: Iterable[Dossier]) -> Table:
    """Return dossiers as a table, each read by the law of its award date. Raises `ValueError` as `fabriquer` does."""
    return depuis_faits(engine, (engine.at(d.date_octroi).reader.read(d) for d in dossiers))


def depuis_faits(engine: Engine, lus: Iterable[Faits]) -> Table:
    """Return a table from the facts of dossiers, as the exact evaluator reads them."""
    slots, ranks = engine.slots, rangs(engine.book.vocabulaire.listes)
    names = [None, *slots.facts]
    columns: dict[str, tuple[list[int], list[Any]]] = {}
    days: list[int] = []
    known: list[bool] = []
    lines: dict[str, list[Any]] = {name: [] for name in COUTS_SCHEMA}
    for row, faits in enumerate(lus):
        days.append(faits.env[0])
        known.append(faits.lignes.completes)
        for name, value, blank in zip(names, faits.env, slots.blank, strict=True):
            if name is not None and value != blank and name != "couts_totaux":
                rows, values = columns.setdefault(name, ([], []))
                rows.append(row)
                values.append(value)
        for line in faits.lignes.lignes:
            lines["ligne"].append(row)
            lines["finalite"].append(None if line.finalite is None else ranks["finalite"].get(line.finalite, _AUTRE))
            lines["poste"].append(None if line.poste is None else ranks["poste"].get(line.poste, _AUTRE))
            lines["montant"].append(line.montant[1])
    facts: dict[str, pl.Series] = {
        "date_octroi": pl.Series(days, dtype=pl.Int64),
        CONNUS: pl.Series(known, dtype=pl.Boolean),
    }
    for name, (rows, values) in columns.items():
        facts |= _colonnes(slots.facts[name], len(days), rows, values)
    return fabriquer(pl.DataFrame(facts), pl.DataFrame(lines, schema=COUTS_SCHEMA))


def _colonnes(fact: Any, height: int, rows: list[int], values: list[Any]) -> dict[str, pl.Series]:  # noqa: ANN401
    if fact.type in ("ensemble", "texte"):
        return {}
    if fact.intervalle:
        lows, highs = [0] * height, [None] * height
        for row, (low, high) in zip(rows, values, strict=True):
            lows[row], highs[row] = low, high
        return {
            f"{fact.nom}.min": pl.Series(lows, dtype=pl.Int64),
            f"{fact.nom}.max": pl.Series(highs, dtype=pl.Int64),
        }
    filled: list[Any] = [fact.masque() if fact.type == "choix" else None] * height
    for row, value in zip(rows, values, strict=True):
        filled[row] = None if fact.type == "booleen" and value == INCONNU else value
        if fact.type == "booleen" and value != INCONNU:
            filled[row] = value == VRAI
    return {fact.nom: pl.Series(filled, dtype=type_de(fact))}
