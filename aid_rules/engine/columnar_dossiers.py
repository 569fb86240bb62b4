"""Dossiers as a table, through the very facts that the exact evaluator reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from aid_rules.engine.columnar_table import CONNUS, COUTS_SCHEMA, Table, fabriquer, rangs, type_de
from aid_rules.engine.facts import Faits
from aid_rules.language.tree import FAUX, INCONNU, VRAI
from aid_rules.language.vocabulary import FactDefinition

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
    columns: dict[str, dict[int, Any]] = {}
    days: list[int] = []
    known: list[bool] = []
    lines: dict[str, list[Any]] = {name: [] for name in COUTS_SCHEMA}
    for row, faits in enumerate(lus):
        days.append(faits.env[0])
        known.append(faits.lignes.completes)
        for name, value, blank in zip(names, faits.env, slots.blank, strict=True):
            if name is not None and value != blank and name != "couts_totaux":
                columns.setdefault(name, {})[row] = value
        for line in faits.lignes.lignes:
            lines["ligne"].append(row)
            lines["finalite"].append(None if line.finalite is None else ranks["finalite"].get(line.finalite, _AUTRE))
            lines["poste"].append(None if line.poste is None else ranks["poste"].get(line.poste, _AUTRE))
            lines["montant"].append(line.montant[1])
    facts: dict[str, pl.Series] = {
        "date_octroi": pl.Series(days, dtype=pl.Int64),
        CONNUS: pl.Series(known, dtype=pl.Boolean),
    }
    for name, told in columns.items():
        blank = slots.blank[slots.index[name]]
        facts |= colonnes(slots.facts[name], [told.get(row, blank) for row in range(len(days))])
    return fabriquer(pl.DataFrame(facts), pl.DataFrame(lines, schema=COUTS_SCHEMA))


def colonnes(fact: FactDefinition, values: Sequence[Any]) -> dict[str, pl.Series]:
    """Return the columns of a fact, from its values as the exact evaluator reads them."""
    if fact.type in ("ensemble", "texte"):
        return {}
    if fact.intervalle:
        return {
            f"{fact.nom}.min": pl.Series([low for low, _ in values], dtype=pl.Int64),
            f"{fact.nom}.max": pl.Series([high for _, high in values], dtype=pl.Int64),
        }
    if fact.type == "booleen":
        return {fact.nom: pl.Series([_BOOLEENS[value] for value in values], dtype=pl.Boolean)}
    return {fact.nom: pl.Series(values, dtype=type_de(fact))}


_BOOLEENS = {VRAI: True, FAUX: False, INCONNU: None}
