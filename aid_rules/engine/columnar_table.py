"""The table of dossiers that the columnar evaluator reads: one row of facts each, and their cost lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from aid_rules.engine.columnar_lines import TOTAL_MAX, Drapeaux
from aid_rules.engine.columnar_trees import EPOQUE, INCONNU_PARTOUT, Etat
from aid_rules.engine.environnement import Slots
from aid_rules.language.vocabulary import FactDefinition

CONNUS = "couts_connus"
INTERVALLES = (".min", ".max")


@dataclass(frozen=True, slots=True)
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

    def morceaux(self, taille: int) -> Iterator[Table]:
        """Yield the table by pieces of so many rows, itself when it is no longer; each numbers its rows from 0."""
        if self.height <= taille:
            yield self
            return
        lines = self.couts if self.couts["ligne"].is_sorted() else self.couts.sort("ligne")
        for start in range(0, self.height, taille):
            first, last = (int(lines["ligne"].search_sorted(row)) for row in (start, start + taille))
            own = lines.slice(first, last - first)
            yield Table(
                self.faits.slice(start, taille),
                own.with_columns(pl.col("ligne") - pl.lit(start, dtype=pl.UInt32)),
            )


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
    names = [name for name in table.faits.columns if name == "date_octroi" or _fait(slots, name) is not None]
    stats = table.faits.select(
        *(pl.col(name).null_count().alias(f"{name}|nuls") for name in names),
        *(pl.col(name).min().alias(f"{name}|min") for name in names),
        *(pl.col(name).max().alias(f"{name}|max") for name in names),
        *(
            (pl.col(name) & (pl.col(name) - 1)).max().alias(f"{name}|doute")
            for name in names
            if name in slots.facts and slots.facts[name].type == "choix"
        ),
    ).row(0, named=True)
    for name in names:
        missing, low, high = stats[f"{name}|nuls"], stats[f"{name}|min"], stats[f"{name}|max"]
        if missing == table.height:
            found[name] = Etat()
        elif missing == 0 and low == high:
            found[name] = Etat(constante=low)
        else:
            found[name] = Etat(colonne=True, complet=missing == 0 and not stats.get(f"{name}|doute"))
    for name in names:
        base = name.removesuffix(".min")
        if base != name:
            same = table.faits[name].equals(table.faits[f"{base}.max"])
            found[base] = Etat(complet=same)
    return found


def elargir(known: Mapping[str, Etat], new: Mapping[str, Etat]) -> dict[str, Etat]:
    """Return states that hold for two tables: what was compiled for them serves both."""
    found: dict[str, Etat] = {}
    for name in known.keys() | new.keys():
        one, other = known.get(name, INCONNU_PARTOUT), new.get(name, INCONNU_PARTOUT)
        full = all(state.complet or state.constante is not None for state in (one, other))
        if one == other:
            found[name] = one
        elif any(name.endswith(end) for end in INTERVALLES) or f"{name}.min" not in known.keys() | new.keys():
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


def decaler(jours: pl.Series, mois: int) -> pl.Series:
    """Move days (ordinals) by some months, as `environnement.shift` does."""

    def move(days: pl.Series) -> pl.Series:
        return (days - EPOQUE).cast(pl.Int32).cast(pl.Date).dt.offset_by(f"{mois}mo").cast(pl.Int32) + EPOQUE

    return par_jour(jours, move).cast(pl.Int64)


def par_jour(jours: pl.Series, calcul: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Return what depends on the day alone, computed once for each when that is less."""
    first, last = jours.min(), jours.max()
    if not isinstance(first, int) or not isinstance(last, int) or last - first >= len(jours):
        return calcul(jours)
    return calcul(pl.int_range(first, last + 1, dtype=pl.Int64, eager=True)).gather(jours - first)


def inconnue(slots: Slots, column: str, height: int) -> pl.Series:
    """Return the column of a fact of which nothing is known."""
    fact = _fait(slots, column)
    assert fact is not None
    value = fact.masque() if fact.type == "choix" else 0 if fact.intervalle and column.endswith(".min") else None
    return pl.Series(column, [value], dtype=type_de(fact)).new_from_index(0, height)


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


class Tranchee:
    """A frame sorted by `ligne`, cut once at the end of each period."""

    def __init__(self, frame: pl.DataFrame, ends: Sequence[int]) -> None:
        self.frame = frame
        inner = pl.Series(ends[:-1], dtype=pl.UInt32)
        cuts = frame["ligne"].search_sorted(inner).to_list() if frame.height else [0] * len(inner)
        self.cuts = [0, *cuts, frame.height] if ends else [0]

    def tranches(self, places: Iterable[int]) -> list[pl.DataFrame]:
        """Return the rows of some periods, adjacent ones together."""
        found: list[tuple[int, int]] = []
        for place in places:
            start, end = self.cuts[place], self.cuts[place + 1]
            if found and found[-1][1] == start:
                found[-1] = (found[-1][0], end)
            elif end > start:
                found.append((start, end))
        return [self.frame.slice(a, b - a) for a, b in found if b > a]


def une_par_dossier(owners: pl.Series) -> bool:
    """Tell whether no two lines are of one dossier; the rows of their dossiers come in order."""
    return not len(owners) or not bool((owners.head(len(owners) - 1) == owners.slice(1)).any())


def reunir(cuts: Sequence[pl.DataFrame], frame: pl.DataFrame) -> pl.DataFrame:
    """Return several cuts of a frame as one."""
    return pl.concat(cuts) if len(cuts) > 1 else cuts[0] if cuts else frame.clear()


def reordonner(table: Table, order: pl.Series) -> Table:
    """Number the rows by period, so that those of a period follow one another."""
    places = pl.Series([0], dtype=pl.UInt32).new_from_index(0, table.height)
    places = places.scatter(order, pl.int_range(table.height, dtype=pl.UInt32, eager=True))
    lines = table.couts.with_columns(ligne=places.gather(table.couts["ligne"]))
    return Table(table.faits[order], lines.sort("ligne"))
