"""Plain columns as a table, without building a dossier for each row: what a portfolio of simple dossiers gives.

What the law computes from a few columns (category, difficulty, sectors, zone, terms of the aid) is read once for each
different case (`columnar_cases`), and shared by the rows of that case.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

from aid_rules.engine.columnar_cases import AIDE, BENEFICIAIRE, CHIFFRES, LIEU, Lecture
from aid_rules.engine.columnar_dossiers import colonnes
from aid_rules.engine.columnar_table import CONNUS, EPOQUE, Table, fabriquer, rangs
from aid_rules.language.vocabulary import FactDefinition

if TYPE_CHECKING:
    from aid_rules.engine.moteur import Engine

LIGNE = ("finalite", "poste", "montant_eur")


def columns_from_flat(engine: Engine, flat: pl.DataFrame, couts: pl.DataFrame | None = None) -> Table:
    """Return plain columns as a table; the same as through dossiers of one enterprise without links.

    `flat` has one row per dossier: `date_octroi`; facts by name (dates as Date, choices as text, sets as lists of text,
    the others in exact units: cents, basis points, hundredths; null is unknown); figures of the last year (`CHIFFRES`),
    `BENEFICIAIRE`, `LIEU`; one planned aid (`AIDE`); one cost line (`LIGNE`: when all three are null there is none, and
    the costs are unknown); `de_minimis.recu_*` with `.min` and `.max` when they are known. `couts`, when given, holds
    the cost lines instead: `ligne` (row of `flat`), `finalite`, `poste`, `montant_eur`; a row without any has none.
    Raises `ValueError`, in French, on a column or a value that it does not know.
    """
    return _Plat(engine, flat).table(couts)


class _Plat:
    def __init__(self, engine: Engine, flat: pl.DataFrame) -> None:
        self.engine = engine
        self.faits = engine.slots.facts
        self.flat = flat
        self.lecture = Lecture(engine, flat)
        for name in flat.columns:
            self._connaitre(name)

    def _connaitre(self, name: str) -> None:
        fact = self.faits.get(name)
        special = ("date_octroi", *CHIFFRES, *BENEFICIAIRE, *LIEU, *AIDE, *LIGNE)
        received = name.startswith("de_minimis.recu_") and name.rpartition(".")[0] in self.faits
        if name not in special and not received and (fact is None or fact.derive or fact.type == "texte"):
            raise ValueError(f"colonne « {name} » inconnue")

    def table(self, couts: pl.DataFrame | None) -> Table:
        columns = self._directs()
        for name, series in self.lecture.beneficiaire().items():
            columns[name] = (
                series if name not in columns else columns[name].zip_with(columns[name].is_not_null(), series)
            )
        columns |= self.lecture.lieu() | self.lecture.aide()
        columns["date_octroi"] = self.lecture.jours
        lines, known = self._couts(couts)
        columns[CONNUS] = known
        return fabriquer(pl.DataFrame([s.alias(name) for name, s in columns.items()]), lines)

    def _directs(self) -> dict[str, pl.Series]:
        """Return the facts that a column gives as they are."""
        found: dict[str, pl.Series] = {}
        for series in self.flat.get_columns():
            name = series.name
            fact = self.faits.get(name)
            if name.startswith("de_minimis."):
                low = series.fill_null(0) if name.endswith(".min") else series
                found[name] = low.cast(pl.Int64)
            elif fact is None or fact.derive or name in (*BENEFICIAIRE, *LIEU, *AIDE):
                continue
            elif fact.type == "ensemble":
                found |= {f"{name}.{m}": _membre(series, m) for m in fact.valeurs}
            else:
                found[name] = _exacte(fact, series)
        return found

    def _couts(self, couts: pl.DataFrame | None) -> tuple[pl.DataFrame, pl.Series]:
        height = self.flat.height
        if couts is None:
            given = [name for name in LIGNE if name in self.flat.columns]
            missing = [pl.lit(None).alias(name) for name in LIGNE if name not in given]
            rows = pl.int_range(height, dtype=pl.UInt32, eager=True).alias("ligne")
            lines = self.flat.select(rows, *given).with_columns(missing)
            known = lines.select(pl.any_horizontal(pl.col(LIGNE).is_not_null())).to_series()
            lines = lines if known.all() else lines.filter(known)
        else:
            lines, known = couts, pl.Series([True]).new_from_index(0, height)
        ranks = rangs(self.engine.book.vocabulaire.listes)
        return lines.select(
            "ligne",
            *(_rang(lines[name], ranks[name]).alias(name) for name in ("finalite", "poste")),
            pl.col("montant_eur").cast(pl.Int64).alias("montant"),
        ), known


def _membre(series: pl.Series, member: str) -> pl.Series:
    return series.list.contains(member)


def _exacte(fact: FactDefinition, series: pl.Series) -> pl.Series:
    if fact.type == "date":
        return series.cast(pl.Date).cast(pl.Int32).cast(pl.Int64) + EPOQUE
    if fact.type == "choix":
        bits = colonnes(fact, [fact.bit(v) for v in fact.valeurs])[fact.nom]
        ranks = _rang(series, {v: i for i, v in enumerate(fact.valeurs)}, fact.nom)
        return bits.gather(ranks).fill_null(fact.masque())
    return series.cast(pl.Boolean if fact.type == "booleen" else pl.Int64)


def _rang(series: pl.Series, ranks: Mapping[str, int], name: str | None = None) -> pl.Series:
    kind = pl.Enum(sorted(ranks, key=lambda value: ranks[value]))
    texts = series.cast(pl.String)
    strange = texts.filter(texts.is_not_null() & ~texts.is_in(list(ranks)))
    if len(strange):
        raise ValueError(f"{name or series.name} : valeur « {strange[0]} » inconnue")
    return texts.cast(kind).to_physical().cast(pl.UInt32)
