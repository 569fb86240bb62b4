"""A piece whose columns the engine takes as they are: a dossier is built only for a row that needs a closer look."""

from __future__ import annotations

import re

import polars as pl

from aid_rules.engine.columnar import Table, columns_from_flat, fabriquer
from aid_rules.engine.columnar_cases import AIDE, BENEFICIAIRE, CHIFFRES, LIEU
from aid_rules.engine.columnar_table import CONNUS
from aid_rules.portfolio.fields import FAITS
from aid_rules.portfolio.reading import Lecteur, Lus
from aid_rules.portfolio.results import ENTETE, region

_LIGNE = ("finalite", "poste", "montant_eur")
_COUT = re.compile(r"projet\.couts\[(\d+)\]\.(finalite|poste|montant_eur|id|intitule)")
_CLOS = "beneficiaire.exercices[0].clos_le"
_COUTS = "projet.couts"
_PREVUE = "prevue"
_MUETTES = frozenset({
    "intitule", "beneficiaire.nom", "beneficiaire.siren", "beneficiaire.entreprise_unique", "aides[0].id",
    "aides[0].base", "aides[0].financeur.nom", "aides[0].statut", _CLOS,
})  # fmt: skip
"""Places that no rule reads as they are: they name, serve the sums over the whole portfolio, or are read apart."""
_NOMS = {
    "beneficiaire.exercices[0].effectif_uta": "beneficiaire.effectif_uta",
    "beneficiaire.exercices[0].chiffre_affaires_eur": "beneficiaire.chiffre_affaires_eur",
    "beneficiaire.exercices[0].total_bilan_eur": "beneficiaire.total_bilan_eur",
    "aides[0].forme": "aide.forme", "aides[0].financeur.type": "aide.financeur",
    "aides[0].montant_eur": "aide.montant_eur", "aides[0].esb_eur": "aide.esb_eur",
}  # fmt: skip


def table_plate(lecteur: Lecteur, lus: Lus) -> Table | None:
    """Return a piece as the engine's table; None when one of its columns needs dossiers to be built."""
    if lus.table is None or set(lecteur.vides) - {"de_minimis", _COUTS} or not _prevues(lus.table):
        return None
    slots = lecteur.engine.slots
    columns: list[pl.Series] = []
    for series in lus.table.get_columns():
        if series.name in _MUETTES or _COUT.fullmatch(series.name):
            continue
        name = _NOMS.get(series.name, series.name.removeprefix(FAITS))
        fact = slots.facts.get(name)
        special = name in ("date_octroi", *CHIFFRES, *BENEFICIAIRE, *LIEU, *AIDE)
        if not special and (fact is None or fact.derive or fact.type == "texte"):
            return None
        columns.append(series.alias(name))
    flat = _sans_exercice_futur(pl.DataFrame(columns), lus.table)
    if "de_minimis" in lecteur.vides:
        received = [n for n in slots.facts if n.startswith("de_minimis.recu_")]
        zero = pl.lit(0, dtype=pl.Int64)
        flat = flat.with_columns(zero.alias(f"{n}.{end}") for n in received for end in ("min", "max"))
    lines = couts(lus.table)
    table = columns_from_flat(lecteur.engine, flat, lines)
    rows = pl.int_range(table.height, dtype=pl.UInt32, eager=True)
    known = rows.is_in(lines["ligne"].implode())
    if _COUTS in lecteur.vides or known.all():
        return table
    return fabriquer(table.faits.with_columns(known.alias(CONNUS)), table.couts)


def couts(table: pl.DataFrame) -> pl.DataFrame:
    """Return the cost lines of numbered columns: `ligne`, then what each says; one of which nothing is said is none."""
    ranks: dict[int, dict[str, str]] = {}
    for name in table.columns:
        if match := _COUT.fullmatch(name):
            ranks.setdefault(int(match[1]), {})[match[2]] = name
    row = pl.int_range(table.height, dtype=pl.UInt32, eager=True).alias("ligne")
    kinds = {"finalite": pl.String, "poste": pl.String, "montant_eur": pl.Int64}
    parts = [pl.DataFrame(schema={"ligne": pl.UInt32, **kinds})]
    for _, names in sorted(ranks.items()):
        held = [colonne(table, names.get(kind, ""), dtype).alias(kind) for kind, dtype in kinds.items()]
        said = table.select(pl.any_horizontal(pl.col(list(names.values())).is_not_null())).to_series()
        parts.append(pl.DataFrame([row, *held]).filter(said))
    return pl.concat(parts).sort("ligne", maintain_order=True)


def _prevues(table: pl.DataFrame) -> bool:
    """Tell whether every aid is planned: one already granted is read with its own day."""
    return not colonne(table, "aides[0].statut", pl.String).fill_null(_PREVUE).ne(_PREVUE).any()


def _sans_exercice_futur(flat: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
    """Leave out the figures of a financial year that closed after the award: they are not those to be taken."""
    held = [name for name in CHIFFRES if name in flat.columns]
    if _CLOS not in table.columns or not held:
        return flat
    future = (table[_CLOS] > table["date_octroi"]).fill_null(value=False)
    return flat.with_columns(pl.when(~future).then(pl.col(name)).alias(name) for name in held)


def colonne(table: pl.DataFrame, name: str, dtype: type[pl.DataType]) -> pl.Series:
    """Return a column of a piece, all null when it holds none."""
    if name in table.columns:
        return table[name].cast(dtype)
    return pl.Series(name, [None], dtype=dtype).new_from_index(0, table.height)


def entete_plate(table: pl.DataFrame) -> pl.DataFrame:
    """Return what the results repeat of each row; see `results.entete`."""
    communes = colonne(table, "projet.commune", pl.String)
    places = {name: region(name) for name in communes.drop_nulls().unique()}
    amount = pl.coalesce(colonne(table, "aides[0].esb_eur", pl.Int64), colonne(table, "aides[0].montant_eur", pl.Int64))
    return (
        pl.DataFrame({"rang": pl.int_range(table.height, dtype=pl.UInt32, eager=True)})
        .with_columns(
            pl.coalesce(colonne(table, "intitule", pl.String), colonne(table, "beneficiaire.nom", pl.String)).alias(
                "intitule"
            ),
            colonne(table, "beneficiaire.siren", pl.String).alias("siren"),
            table["date_octroi"],
            colonne(table, "aides[0].base", pl.String).alias("base_prevue"),
            amount.alias("aide_prevue_eur"),
            communes.replace_strict(places, return_dtype=pl.String).alias("region"),
        )
        .select(ENTETE.keys())
    )
