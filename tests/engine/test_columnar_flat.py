"""Plain columns give what the same dossiers give one by one."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from aid_rules.dossier import Dossier
from aid_rules.engine import columnar
from aid_rules.engine.columnar_motifs import HORS_SUJET
from aid_rules.engine.moteur import Engine

SCHEMA: dict[str, Any] = {
    "date_octroi": pl.Date,
    "beneficiaire.categorie": pl.String,
    "beneficiaire.effectif_uta": pl.Int64,
    "beneficiaire.chiffre_affaires_eur": pl.Int64,
    "beneficiaire.total_bilan_eur": pl.Int64,
    "beneficiaire.naf": pl.String,
    "beneficiaire.secteurs": pl.List(pl.String),
    "beneficiaire.en_difficulte": pl.Boolean,
    "beneficiaire.injonction_recuperation": pl.Boolean,
    "beneficiaire.activite_economique": pl.Boolean,
    "beneficiaire.situation_financiere.cree_le": pl.Date,
    "projet.commune": pl.String,
    "projet.zone_afr": pl.String,
    "projet.demande_aide_le": pl.Date,
    "projet.debut_travaux_le": pl.Date,
    "aide.forme": pl.String,
    "aide.financeur": pl.String,
    "aide.montant_eur": pl.Int64,
    "aide.esb_eur": pl.Int64,
    "aide_ad_hoc": pl.Boolean,
    "methode_couts": pl.String,
    "marge_exploitation_eur": pl.Int64,
    "finalite": pl.String,
    "poste": pl.String,
    "montant_eur": pl.Int64,
}
STRUCTURES = ("beneficiaire.", "projet.")


def _valeur(engine: Engine, rng: Random, name: str, jour: date) -> Any:
    listes = engine.book.vocabulaire.listes
    match name:
        case "beneficiaire.effectif_uta":
            return rng.choice((0, 999, 1_000, 4_999, 5_000, 24_999, 25_000, 90_000))
        case "beneficiaire.naf":
            return rng.choice(("25.62B", "01.11Z", "03.11Z", "24.10Z", "49.41A", "62.01Z", "05.10Z", "99.99Z"))
        case "beneficiaire.secteurs":
            return rng.sample(list(listes["secteur"]), rng.randint(0, 2))
        case "beneficiaire.categorie":
            return rng.choice(list(listes["categorie"]))
        case "projet.commune":
            return rng.choice(("76462", "75056", "59183", "97411", "2A004", "08105", "62193", "14654", "98818"))
        case "projet.zone_afr":
            return rng.choice(("a", "c", "aucune"))
        case "aide.forme":
            return rng.choice(list(listes["forme_aide"]))
        case "aide.financeur":
            return rng.choice(list(listes["financeur"]))
        case "finalite" | "poste":
            return rng.choice(list(listes[name]))
        case "methode_couts":
            return rng.choice(list(engine.slots.facts[name].valeurs))
    if SCHEMA[name] == pl.Boolean:
        return rng.random() < 0.3
    if SCHEMA[name] == pl.Date:
        return jour - timedelta(days=rng.choice((0, 1, 365, 1095, 1096, 1826, 2557, rng.randint(-400, 4_000))))
    return rng.choice((0, 1, 199_999_999, 200_000_000, 200_000_001, 10**9, 43 * 10**8, rng.randint(0, 10**10)))


def _brut(row: dict[str, Any]) -> dict[str, Any]:
    """The dossier of a row, as a user would write it."""

    def euros(value: int | None) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-2)

    raw: dict[str, Any] = {"date_octroi": row["date_octroi"], "beneficiaire": {}, "projet": {"faits": {}}}
    year = {n: euros(row[f"beneficiaire.{n}"]) for n in ("effectif_uta", "chiffre_affaires_eur", "total_bilan_eur")}
    if any(v is not None for v in year.values()):
        raw["beneficiaire"]["exercices"] = [year]
    for name, value in row.items():
        if name.startswith(STRUCTURES) and value is not None and name.rpartition(".")[2] not in year:
            place = raw
            *steps, last = name.split(".")
            for step in steps:
                place = place.setdefault(step, {})
            place[last] = value
    for name in ("aide_ad_hoc", "methode_couts", "marge_exploitation_eur"):
        if row[name] is not None:
            raw["projet"]["faits"][name] = row[name]
    if any(row[n] is not None for n in ("finalite", "poste", "montant_eur")):
        line = {"id": "ligne", "finalite": row["finalite"], "poste": row["poste"]}
        raw["projet"]["couts"] = [line | {"montant_eur": euros(row["montant_eur"])}]
    if any(row[f"aide.{n}"] is not None for n in ("forme", "financeur", "montant_eur", "esb_eur")):
        aid = {"id": "aide", "forme": row["aide.forme"], "financeur": {"type": row["aide.financeur"]}}
        raw["aides"] = [aid | {"montant_eur": euros(row["aide.montant_eur"]), "esb_eur": euros(row["aide.esb_eur"])}]
    return raw


@pytest.mark.parametrize("plein", [0.3, 0.8, 1.0])
def test_plain_columns_give_what_dossiers_give(engine: Engine, plein: float) -> None:
    """Promise: the direct path of portfolios and the dossiers give the same verdicts, rates, amounts and reasons."""
    rng = Random(round(plein * 10))  # noqa: S311
    rows = []
    for _ in range(700):
        jour = date(2014, 7, 1) + timedelta(days=rng.randint(0, 4_560))
        row = {n: _valeur(engine, rng, n, jour) if rng.random() < plein else None for n in SCHEMA}
        rows.append(row | {"date_octroi": jour})
    flat = columnar.columns_from_flat(engine, pl.DataFrame(rows, SCHEMA))
    one_by_one = columnar.to_table(engine, [Dossier.model_validate(_brut(row)) for row in rows])
    got, expected = (columnar.evaluate_table(engine, table, volets=True) for table in (flat, one_by_one))
    assert_frame_equal(got.select(sorted(got.columns)), expected.select(sorted(expected.columns)))
    assert got["rgec.25.verdict"].n_unique() > 1


def test_lines_apart_are_those_of_their_dossier(engine: Engine) -> None:
    """Promise: a dossier may have several cost lines, or none at all when they are given apart."""
    flat = pl.DataFrame({"date_octroi": [date(2019, 5, 2)] * 2}).with_columns(
        pl.lit("petite").alias("beneficiaire.categorie"), pl.lit("subvention").alias("aide.forme")
    )
    line = {"ligne": 1, "finalite": "investissement_initial", "poste": "actifs_corporels"}
    couts = pl.DataFrame([line | {"montant_eur": 30_000_000}, line | {"montant_eur": 15_000_000}])
    table = columnar.evaluate_table(engine, columnar.columns_from_flat(engine, flat, couts), bases=["rgec.17"])
    assert table["rgec.17.montant_max"].to_list() == [None, 9_000_000]
    assert table["rgec.17.motif"][0] == HORS_SUJET


@pytest.mark.parametrize(
    ("column", "values"), [("inconnue", [1]), ("aide.montant_max", [1]), ("methode_couts", ["au_doigt_mouille"])]
)
def test_what_is_not_known_is_refused(engine: Engine, column: str, values: list[Any]) -> None:
    """Promise: nothing is guessed: an unknown column or value is an error that names it."""
    flat = pl.DataFrame({"date_octroi": [date(2019, 5, 2)], column: values})
    with pytest.raises(ValueError, match=f"{column}|{values[0]}"):
        columnar.columns_from_flat(engine, flat)


def test_amounts_beyond_what_integers_hold_are_refused(engine: Engine) -> None:
    """Promise: money is exact: a total that 64 bits could not hold is refused, never wrapped."""
    line = {"ligne": 0, "finalite": "investissement_initial", "poste": "actifs_corporels", "montant_eur": 10**13}
    flat = pl.DataFrame({"date_octroi": [date(2019, 5, 2)]})
    with pytest.raises(ValueError, match="1 000 milliards"):
        columnar.columns_from_flat(engine, flat, pl.DataFrame([line] * 11))
