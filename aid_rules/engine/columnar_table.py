"""The table of dossiers that the columnar evaluator reads: one row of facts each, and their cost lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

import polars as pl

from aid_rules.engine.columnar_lines import TOTAL_MAX, Drapeaux
from aid_rules.engine.columnar_trees import INCONNU_PARTOUT, Etat
from aid_rules.engine.environnement import Slots
from aid_rules.engine.vector_ops import NUL
from aid_rules.language.vocabulary import FactDefinition
from aid_rules.law.jours_ouvrables import jours_feries

EPOQUE = 719_163
"""Ordinal of 1 January 1970, from which Polars counts its days."""

CONNUS = "couts_connus"
INTERVALLES = (".min", ".max")


class Etendue(NamedTuple):
    """What a column holds: its nulls, its bounds, and for a choice whether some row leaves several values open."""

    nuls: int
    mini: Any
    maxi: Any
    doute: bool


@dataclass(frozen=True, eq=False)
class Table:
    """Dossiers as columns; what no column holds is unknown for all.

    `faits` has one row per dossier: `date_octroi` and dates are ordinals, amounts cents, rates basis points, numbers
    hundredths, booleans Boolean, null when unknown; a choice is the mask of the values that it may take, a fact known
    between two bounds two columns `.min` and `.max` (null: no bound). `couts_connus` tells whether the dossier states
    its cost lines. `couts` has one row per cost line: `ligne`, the row of its dossier, then `finalite`, `poste` (their
    rank in the vocabulary) and `montant` in cents, null when unknown.
    """

    faits: pl.DataFrame
    couts: pl.DataFrame

    @property
    def height(self) -> int:
        """Return the number of dossiers."""
        return self.faits.height

    @cached_property
    def etendues(self) -> Mapping[str, Etendue]:
        """Return what each column of facts holds: how many unknowns, its least and greatest values."""
        names = self.faits.columns
        choices = [name for name, kind in self.faits.schema.items() if kind.is_unsigned_integer()]
        if not self.height:
            return {}
        counts = self.faits.null_count().row(0)
        lows, highs = self.faits.min().row(0), self.faits.max().row(0)
        doubts = self.faits.select((pl.col(name) & (pl.col(name) - 1)).max() for name in choices)
        doubt = doubts.row(0, named=True) if choices else {}
        told = zip(names, counts, lows, highs, strict=True)
        return {name: Etendue(missing, low, high, bool(doubt.get(name))) for name, missing, low, high in told}

    @cached_property
    def egales(self) -> frozenset[str]:
        """Return the facts known between two bounds that are one and the same everywhere."""
        names = [n.removesuffix(".min") for n in self.faits.columns if n.endswith(".min")]
        return frozenset(n for n in names if self.faits[f"{n}.min"].equals(self.faits[f"{n}.max"]))

    def morceaux(self, taille: int) -> Iterator[Table]:
        """Yield the table by pieces of so many rows, itself when it is no longer; each numbers its rows from 0."""
        if self.height <= taille:
            yield self
            return
        lines = self.couts if self.couts["ligne"].is_sorted() else self.couts.sort("ligne", maintain_order=True)
        for start in range(0, self.height, taille):
            first, last = (int(lines["ligne"].search_sorted(row)) for row in (start, start + taille))
            own = lines.slice(first, last - first)
            piece = Table(
                self.faits.slice(start, taille),
                own.with_columns(pl.col("ligne") - pl.lit(start, dtype=pl.UInt32)),
            )
            piece.__dict__.update(etendues=self.etendues, egales=self.egales)
            yield piece


COUTS_SCHEMA = {"ligne": pl.UInt32, "finalite": pl.UInt16, "poste": pl.UInt16, "montant": pl.Int64}


def fabriquer(faits: pl.DataFrame, couts: pl.DataFrame) -> Table:
    """Return a table, with the total of the costs of each dossier.

    `faits` holds `couts_connus`. Raises `ValueError`, in French, when a total is beyond what the evaluator can hold.
    """
    couts = couts.select(pl.col(name).cast(kind) for name, kind in COUTS_SCHEMA.items())
    known = faits[CONNUS]
    if couts.height == faits.height and bool((couts["ligne"] == pl.int_range(faits.height, eager=True)).all()):
        sums = couts.select(bas=pl.col("montant").fill_null(0), haut="montant")
    else:
        grouped = couts.group_by("ligne").agg(
            bas=pl.col("montant").sum(), haut=pl.when(pl.col("montant").null_count() == 0).then(pl.col("montant").sum())
        )
        rows = pl.DataFrame({"ligne": pl.int_range(faits.height, dtype=pl.UInt32, eager=True)})
        joined = rows.join(grouped, on="ligne", how="left", maintain_order="left")
        none = pl.col("bas").is_null()
        sums = joined.select(
            bas=pl.col("bas").fill_null(0), haut=pl.when(none).then(pl.lit(0, dtype=pl.Int64)).otherwise(pl.col("haut"))
        )
    beyond = sums["bas"] > TOTAL_MAX
    if beyond.any():
        row = int(beyond.arg_true()[0])
        raise ValueError(f"dossier {row + 1} : le total des coûts dépasse 1 000 milliards d'euros")
    faits = faits.with_columns(
        sums["bas"].alias("couts_totaux.min"),
        sums.select(pl.when(known).then(pl.col("haut"))).to_series().alias("couts_totaux.max"),
    )
    return Table(faits, couts)


def drapeaux(table: Table) -> Drapeaux:
    """Tell what is unknown somewhere in the cost lines."""
    return Drapeaux(
        incomplets=not bool(table.faits[CONNUS].all()),
        finalite=table.couts["finalite"].null_count() > 0,
        poste=table.couts["poste"].null_count() > 0,
        montant=table.couts["montant"].null_count() > 0,
    )


def etats(table: Table, slots: Slots) -> dict[str, Etat]:
    """Tell for each fact what its column holds, so that what is the same everywhere is computed once."""
    found: dict[str, Etat] = {}
    if not table.height:
        return found
    names = [name for name in table.etendues if name == "date_octroi" or _fait(slots, name) is not None]
    for name in names:
        held = table.etendues[name]
        if held.nuls == table.height:
            found[name] = Etat()
        elif held.nuls == 0 and held.mini == held.maxi:
            found[name] = Etat(constante=held.mini)
        else:
            found[name] = Etat(colonne=True, complet=held.nuls == 0 and not held.doute)
    for name in names:
        base = name.removesuffix(".min")
        if base != name:
            found[base] = Etat(complet=base in table.egales)
    return found


def elargir(known: Mapping[str, Etat], new: Mapping[str, Etat]) -> dict[str, Etat]:
    """Return states that hold for two tables: what was compiled for them serves both."""
    found: dict[str, Etat] = {}
    for name in known.keys() | new.keys():
        one, other = known.get(name, INCONNU_PARTOUT), new.get(name, INCONNU_PARTOUT)
        if one == other:
            found[name] = one
            continue
        full = all(state.complet or state.constante is not None for state in (one, other))
        if any(name.endswith(end) for end in INTERVALLES) or f"{name}.min" not in known.keys() | new.keys():
            found[name] = Etat(colonne=True, complet=full)
        else:
            found[name] = Etat(complet=full)
    return found


def largeur(states: Mapping[str, Etat]) -> int:
    """Return how many columns must be read."""
    return sum(state.colonne for state in states.values())


def periodes(jours: pl.Series, changements: Sequence[int]) -> pl.Series:
    """Return the place of each day (ordinals) among the days on which the law changes; -1 before the first."""
    ends = pl.Series(changements, dtype=pl.Int64)
    return par_jour(jours, lambda days: ends.search_sorted(days, side="right").cast(pl.Int64) - 1)


def decaler(jours: pl.Series, ecart: int, unite: str) -> pl.Series:
    """Move days (ordinals) by some months, days or working days, as `environnement.shift` does."""

    def move(days: pl.Series) -> pl.Series:
        start = (days - EPOQUE).cast(pl.Int32).cast(pl.Date).dt
        if unite == "mois":
            moved = start.offset_by(f"{ecart}mo")
        elif unite == "jours":
            moved = start.offset_by(f"{ecart}d")
        else:
            roll: Literal["backward", "forward"] = "backward" if ecart > 0 else "forward"
            moved = start.add_business_days(ecart, holidays=jours_feries(), roll=roll)
        return moved.cast(pl.Int32) + EPOQUE

    # no working day to go: even a holiday stays where it is
    return par_jour(jours, move).cast(pl.Int64) if ecart else jours


def par_jour(jours: pl.Series, calcul: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Return what depends on the day alone, computed once for each when that is less."""
    first, last = jours.min(), jours.max()
    if not isinstance(first, int) or not isinstance(last, int) or last - first >= len(jours):
        return calcul(jours)
    return calcul(pl.int_range(first, last + 1, dtype=pl.Int64, eager=True)).gather(jours - first)


def inconnue(slots: Slots, column: str) -> int:
    """Return what the column of a fact holds, as a whole number, where nothing is known of it."""
    fact = _fait(slots, column)
    assert fact is not None
    if fact.type == "choix":
        return fact.masque()
    return 0 if fact.intervalle and column.endswith(".min") else NUL


def _fait(slots: Slots, column: str) -> FactDefinition | None:
    base = column
    for suffix in INTERVALLES:
        if column.endswith(suffix) and column.removesuffix(suffix) in slots.facts:
            base = column.removesuffix(suffix)
    fact = slots.facts.get(base)
    return fact if fact is not None and fact.type not in ("ensemble", "texte") else None


def type_de(fact: FactDefinition) -> pl.DataType:
    """Return the type of the column of a fact."""
    if fact.type == "booleen":
        return pl.Boolean()
    if fact.type != "choix":
        return pl.Int64()
    size = len(fact.valeurs)
    return pl.UInt8() if size <= 8 else pl.UInt16() if size <= 16 else pl.UInt32() if size <= 32 else pl.UInt64()  # noqa: PLR2004


def rangs(listes: Mapping[str, Mapping[str, object]]) -> dict[str, dict[str, int]]:
    """Return the rank of each purpose and of each type of cost."""
    return {name: {value: i for i, value in enumerate(listes[name])} for name in ("finalite", "poste")}
