"""The transparency register, screened end to end: what is recognised, what is contradicted, what is not judged."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from aid_rules.engine.moteur import Engine
from aid_rules.faults import WorkError
from aid_rules.portfolio import charts, register, run, sources

EXTRAIT = Path(__file__).resolve().parents[2] / "examples" / "portefeuille" / "registre_tam.csv"


@pytest.fixture(scope="module")
def registre(engine: Engine) -> register.Registre:
    return register.Registre(engine)


@pytest.fixture(scope="module")
def ecran(
    engine: Engine, registre: register.Registre, tmp_path_factory: pytest.TempPathFactory
) -> tuple[run.Bilan, pl.DataFrame, pl.DataFrame]:
    out = tmp_path_factory.mktemp("tam") / "s.parquet"
    source = sources.ouvrir(EXTRAIT, {})
    bilan = run.traiter(engine, source, register.CORRESPONDANCE, out, lambda *_: None, adaptation=registre)
    return bilan, pl.read_parquet(out), pl.read_parquet(out.with_name("s.alertes.parquet"))


@pytest.mark.parametrize(
    ("sa", "objectif", "base", "finalite"),
    [
        ("SA.40391", "Industrial research (Art. 25(2)(b))", "rgec.25", "recherche_industrielle"),
        ("SA.40453", "Investment aid to SMEs (Art. 17)", "rgec.17", "investissement_initial"),
        ("SA.51296", "Aid for maritime ports (Art. 56b)", "rgec.56b", None),
        ("SA.40206", "Regional development", "rgec.56", None),
    ],
)
def test_base_reconnue(registre: register.Registre, sa: str, objectif: str, base: str, finalite: str | None) -> None:
    """Promise: the basis is recognised by the objective, or by a SA number that bears one article only."""
    found = registre.lecture(sa, objectif)
    assert (found.base, found.finalite, found.raison) == (base, finalite, None)


@pytest.mark.parametrize(
    ("sa", "objectif", "dit"),
    [
        (
            "SA.40312",
            "Aid for research and development in the agricultural and forestry sectors (Article 31)",
            "agricole",
        ),
        ("SA.45426", "Article 31 - Aid to productive investments in aquaculture", "pêche"),
        ("SA.36511", "Remedy for a serious disturbance in the economy", "objectif sans article"),
        ("SA.40391", "Research and development", "ne désigne pas"),
    ],
)
def test_non_juge(registre: register.Registre, sa: str, objectif: str, dit: str) -> None:
    """Promise: what no rule here covers is said not to be judged, with the reason."""
    found = registre.lecture(sa, objectif)
    assert found.base is None
    assert dit in str(found.raison)


def test_toutes_les_bases_du_registre_existent(engine: Engine, registre: register.Registre) -> None:
    """Promise: each article and purpose that the objectives point at is a rule that exists."""
    lists = engine.book.vocabulaire.listes["finalite"]
    assert len(registre.mots["objectifs"]) >= 30
    for known in registre.mots["objectifs"]:
        assert known["base"] in engine.book.bases
        assert known.get("finalite") is None or known["finalite"] in lists


def test_ecran_entier(ecran: tuple[run.Bilan, pl.DataFrame, pl.DataFrame]) -> None:
    """Promise: every award is accounted for; amounts over a threshold and schemes that do not fit are told."""
    bilan, found, alerts = ecran
    assert 300 <= bilan.lues == bilan.traitees == found.height <= 400
    assert set(found["etat"].unique()) <= {
        "a_verifier",
        "non_juge",
        "alerte_bloquante",
        "mobilisable",
        "non_mobilisable",
    }
    over = alerts.filter(pl.col("code") == "seuil_notification")
    assert over.height >= 3
    assert over["certaine"].all()
    assert (over["total_eur"] > over["plafond_eur"]).all()
    assert alerts.filter(pl.col("code") == register.AUTRE_ARTICLE).height == 3
    unjudged = found.filter(pl.col("etat") == "non_juge")
    assert unjudged.height == alerts.filter(pl.col("code") == "non_juge").height > 50
    assert unjudged["base_prevue"].null_count() == unjudged.height


def test_regions(registre: register.Registre) -> None:
    """Promise: departments, former regions and capitals are brought to one name; other countries are said so."""
    assert registre.region("ÎLE DE FRANCE") == registre.region("Paris") == ("11", "Île-de-France")
    assert registre.region("Nord - Pas-de-Calais")[0] == registre.region("Aisne")[0] == "32"
    assert registre.region("SUD-OUEST") == ("", "plusieurs régions")
    assert registre.region("Oxfordshire") == ("", "hors de France")


def test_rapport(ecran: tuple[run.Bilan, pl.DataFrame, pl.DataFrame], tmp_path: Path) -> None:
    """Promise: one page that stands alone, in French, escaped, and a PNG per chart."""
    files = charts.rapport(ecran[0].croisement, tmp_path, "Titre <b>", register.notes(), "Règles.")
    assert [f.name for f in files] == ["rapport.html", "base.png", "region.png", "annee.png"]
    page = files[0].read_text(encoding="utf-8")
    assert "Titre &lt;b&gt;" in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert page.count("<svg") == 3
    assert all(f.read_bytes().startswith(b"\x89PNG") for f in files[1:])


def test_autre_table_refusee(registre: register.Registre, tmp_path: Path) -> None:
    """Promise: a table that is not the register is refused, with the columns that it lacks."""
    (tmp_path / "t.csv").write_text("a;b\n1;2\n", encoding="utf-8")
    with pytest.raises(WorkError, match=r"SA\.Number"):
        registre.traduire(next(sources.ouvrir(tmp_path / "t.csv", {}).morceaux(10)))
