"""Aid given through a scheme that rests, or may rest, on a de minimis regulation: what a single dossier is told."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from aid_rules.dossier import Dossier
from aid_rules.engine.moteur import Engine
from aid_rules.language.reading import dossier_of
from aid_rules.portfolio import de_minimis, run
from aid_rules.portfolio.evaluation import SEUIL
from aid_rules.portfolio.octrois import octrois

SIREN = "732829320"
OUVERT, SEUL = "diagnostic_industrie_futur", "animateur_eit"
COUTS = {
    OUVERT: {"id": "c", "finalite": "conseil_pme", "poste": "conseil_externe", "montant_eur": 100_000},
    SEUL: {"id": "c", "finalite": "animation_ecologie_industrielle", "poste": "personnel", "montant_eur": 200_000},
    "de_minimis.general": {"id": "c", "finalite": "conseil_pme", "poste": "conseil_externe", "montant_eur": 400_000},
}


def _dossier(engine: Engine, jour: date, *aids: dict[str, Any], **said: Any) -> Dossier:
    lines = [COUTS[a["base"]] | {"id": a["id"]} for a in aids]
    data = {
        "date_octroi": jour,
        "beneficiaire": {"siren": SIREN, "categorie": "petite", "naf": "25.62B", "entreprise_unique": [SIREN]},
        "projet": {"couts": lines},
        "aides": [{"forme": "subvention", "couts": [a["id"]], "financeur": {"type": "region"}} | a for a in aids],
    }
    return dossier_of(data | said, engine.book.vocabulaire, engine.book.bases)


def _aide(base: str, euros: int, **said: Any) -> dict[str, Any]:
    return {"id": base.replace(".", "_"), "base": base, "montant_eur": euros} | said


def _sommes(engine: Engine, rows: list[Dossier]) -> pl.DataFrame:
    found = octrois(engine, rows, range(len(rows)), [None] * len(rows))
    return de_minimis.sommes(found).sort("ligne")


@pytest.mark.parametrize(("base", "bas"), [(SEUL, 60_000), (OUVERT, 0)])
@pytest.mark.parametrize("demain", [1_000, 139_999, 140_001, 200_001])
def test_comme_un_dossier_seul(engine: Engine, base: str, bas: int, demain: int) -> None:
    """1407/2013, article 3: the awards of two rows make the sum that one dossier with both is told, and its alert."""
    first, then = date(2019, 3, 1), date(2019, 11, 18)
    small = _aide("de_minimis.general", demain)
    rows = [_dossier(engine, first, _aide(base, 60_000)), _dossier(engine, then, small)]
    sums = _sommes(engine, rows)
    low, high = (100 * demain + 100 * bas, 100 * demain + 6_000_000)
    assert sums.select("total_bas", "total_haut").row(1) == (low, high)
    before = _aide(base, 60_000, statut="octroyee", octroyee_le=first)
    alone = engine.evaluate(_dossier(engine, then, before, small, de_minimis=[]))
    room = alone.evaluation.regimes["de_minimis.general"].montant
    assert room == (20_000_000 - (high - 100 * demain), 20_000_000 - (low - 100 * demain))
    told = {a.gravite for a in alone.plan.alertes if a.code == "depassement_de_minimis"}
    alerts = de_minimis.alertes(sums).filter(pl.col("ligne") == 1)
    assert set(alerts["gravite"]) == told
    if base == OUVERT and told == {"attention"}:
        assert "À vérifier : sous quelle base" in alerts["message"][0]


def test_seule_base_ouverte(engine: Engine) -> None:
    """Promise: a scheme that only may rest on de minimis is never a sure excess of its own, but may be one."""
    big = _aide("de_minimis.general", 190_000)
    rows = [_dossier(engine, date(2019, 3, 1), big), _dossier(engine, date(2019, 4, 1), _aide(OUVERT, 60_000))]
    sums = _sommes(engine, rows)
    assert sums.select("total_bas", "total_haut").row(1) == (19_000_000, 25_000_000)
    assert set(de_minimis.alertes(sums).filter(pl.col("ligne") == 1)["certaine"]) <= {False}


def test_financeur_prive(engine: Engine) -> None:
    """Promise: private money through a public scheme's name is no de minimis aid."""
    rows = [_dossier(engine, date(2019, 3, 1), _aide(SEUL, 60_000, financeur={"type": "prive"}))]
    assert _sommes(engine, rows).is_empty()


def test_aide_recue_qui_est_la_meme(engine: Engine) -> None:
    """Promise: an aid received that is the same as the scheme's settles what it was given under, and counts once."""
    past = {"octroye_le": date(2019, 3, 1), "montant_eur": 60_000, "reglement": "general", "deja_au_plan": True}
    rows = [_dossier(engine, date(2019, 3, 1), _aide(OUVERT, 60_000), de_minimis=[past])]
    assert _sommes(engine, rows).select("total_bas", "total_haut").rows() == [(6_000_000, 6_000_000)]


@pytest.mark.parametrize("base", [SEUL, OUVERT])
def test_en_colonnes_aussi(engine: Engine, tmp_path: Path, base: str) -> None:
    """Promise: a plain table of many rows counts them too."""
    rows = SEUIL + 10
    pl.DataFrame(
        {
            "date_octroi": ["2019-03-01"] * rows,
            "beneficiaire.siren": [SIREN] * rows,
            "beneficiaire.categorie": ["petite"] * rows,
            "projet.couts[0].finalite": [COUTS[base]["finalite"]] * rows,
            "projet.couts[0].poste": [COUTS[base]["poste"]] * rows,
            "projet.couts[0].montant_eur": ["100000"] * rows,
            "aides[0].base": [base] * (rows - 1) + ["de_minimis.general"],
            "aides[0].forme": ["subvention"] * rows,
            "aides[0].montant_eur": ["1000"] * rows,
        }
    ).write_csv(tmp_path / "t.csv")
    source, correspondance, _ = run.preparer(engine, tmp_path / "t.csv", None)
    run.traiter(engine, source, correspondance, tmp_path / "s.parquet", lambda *_: None)
    told = pl.read_parquet(tmp_path / "s.alertes.parquet").filter(pl.col("code") == de_minimis.CODE)
    last = told.filter(pl.col("ligne") == rows + 1)
    assert last["certaine"].to_list() == [base == SEUL]


def test_plafond_du_transport_routier(engine: Engine) -> None:
    """1407/2013, article 3(2): rows that differ by their activity have each its own ceiling, read once for many."""
    day, small = date(2019, 3, 1), _aide("de_minimis.general", 1_000)
    said: list[dict[str, Any]] = [
        {"naf": "49.41A"}, {"naf": "25.62B"}, {"naf": "49.41A"}, {}, {"secteurs": ["transport_routier_marchandises"]},
    ]  # fmt: skip
    rows = [_dossier(engine, day, small, beneficiaire={"siren": SIREN} | one) for one in said]
    apart = _dossier(engine, day, small, beneficiaire={"siren": SIREN, "naf": "49.41A"})
    free = apart.model_copy(
        update={"projet": apart.projet.model_copy(update={"faits": {"activite_aidee_separee": True}})}
    )
    found = octrois(engine, [*rows, free], range(6), [None] * 6)
    low, high = 10_000_000, 20_000_000
    assert found.select("plafond_bas", "plafond_haut").rows() == [
        octrois(engine, [row], [0], [None]).select("plafond_bas", "plafond_haut").row(0) for row in [*rows, free]
    ]
    assert found["plafond_bas"].to_list() == [low, high, low, low, low, high]
