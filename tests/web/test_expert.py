"""The view of the funders on tables: the portfolio code's answer, limits said, hostile files refused in French."""

from __future__ import annotations

import html
import io
import re
import zipfile
from pathlib import Path

import polars as pl
import pytest
from fastapi.testclient import TestClient

from aid_rules.engine.moteur import Engine
from aid_rules.portfolio.mapping import Correspondance
from aid_rules.portfolio.progress import Avancement
from aid_rules.portfolio.run import preparer, traiter
from aid_rules.web.application import creer
from aid_rules.web.reglages import Reglages

EXEMPLES = Path(__file__).parents[2] / "examples" / "portefeuille"
LIGNE = {
    "identifiant": "R",
    "date_octroi": "2024-03-01",
    "beneficiaire.activite_economique": "oui",
    "projet.couts[0].finalite": "formation",
    "projet.couts[0].montant_eur": "10000",
}


def table(count: int) -> pl.DataFrame:
    """A table of `count` dossiers."""
    return pl.DataFrame([LIGNE | {"identifiant": f"R-{i}"} for i in range(count)])


def fichier(name: str, frame: pl.DataFrame) -> bytes:
    """Write a table in the format that its name tells."""
    stream = io.BytesIO()
    if name.endswith(".parquet"):
        frame.write_parquet(stream)
    elif name.endswith(".xlsx"):
        frame.write_excel(stream)
    else:
        frame.write_csv(stream, separator=";")
    return stream.getvalue()


def donner(client: TestClient, *files: tuple[str, bytes]) -> str:
    """Send files to the view; return its page."""
    found = client.post("/expert", files=[("fichiers", file) for file in files])
    assert found.status_code == 200
    return found.text.replace("&#39;", "'")


def porte(page: str) -> str:
    """Return the table that a page carries."""
    found = re.search(r'name="tableau" value="([^"]*)"', page)
    assert found is not None
    return html.unescape(found.group(1))


@pytest.fixture(scope="module")
def court(engine: Engine) -> TestClient:
    """A server that shows three dossiers one by one, and evaluates five rows of a table."""
    return TestClient(creer(engine, Reglages(dossiers_max=3, lignes_max=5)))


@pytest.mark.parametrize("name", ["t.csv", "t.xlsx", "t.parquet"])
def test_a_short_table_is_shown_dossier_by_dossier(court: TestClient, name: str) -> None:
    """Up to the limit, each row of a table is a dossier that opens, whatever the format."""
    page = donner(court, (name, fichier(name, table(3))))
    assert "3 dossiers" in page
    assert page.count('name="rang"') == 3
    assert "R-2" in page


@pytest.mark.parametrize("name", ["t.csv", "t.xlsx", "t.parquet"])
def test_a_long_table_goes_through_the_portfolio_code(court: TestClient, name: str) -> None:
    """Beyond the limit the whole table is evaluated at once; what is left out is said, and what is shown filtered."""
    page = donner(court, (name, fichier(name, table(7))))
    assert "5 lignes lues" in page
    assert "les 5 premières lignes" in page
    data = {"tableau": porte(page), "cherche": "r-4"}
    again = html.unescape(court.post("/expert", data=data).text)
    assert "1 dossier affiché" in again
    assert "R-4" in again
    assert "R-3" not in again


def test_the_view_says_what_the_command_line_says(client: TestClient, engine: Engine, tmp_path: Path) -> None:
    """On the example portfolio with its mapping, each export holds the very rows of `aid-rules portefeuille`."""
    names = ("regions.csv", "regions.correspondance.yaml")
    page = donner(client, *((n, (EXEMPLES / n).read_bytes()) for n in names))
    assert "8 lignes lues" in page
    from aid_rules.portfolio import mapping  # noqa: PLC0415 - next to its use
    from aid_rules.portfolio.fields import Places  # noqa: PLC0415

    given: Correspondance = mapping.lire(EXEMPLES / names[1], Places(engine.book.vocabulaire, engine.book.bases))
    source, found, _ = preparer(engine, EXEMPLES / names[0], given)
    silent: Avancement = lambda *_: None  # noqa: E731
    traiter(engine, source, found, tmp_path / "resultats.parquet", silent)
    expected = pl.read_parquet(tmp_path / "resultats.parquet")
    data = {"tableau": porte(page), "format": "parquet"}
    archive = zipfile.ZipFile(io.BytesIO(client.post("/expert/exporter", data=data).content))
    assert pl.read_parquet(archive.read("resultats.parquet")).equals(expected)
    for row in expected.iter_rows(named=True):
        assert row["identifiant"] in page
        assert (row["meilleure_base"] or "aucune") in page
    book = client.post("/expert/exporter", data=data | {"format": "xlsx"})
    assert zipfile.is_zipfile(io.BytesIO(book.content))


def test_own_column_names_ask_for_a_mapping(client: TestClient) -> None:
    """A table with the user's own headers is refused with what to do, and the empty mapping can be had."""
    page = donner(client, ("t.csv", b"Nom du dossier;Montant\na;1\n"))
    assert "« Nom du dossier », « Montant »" in page
    assert "fichier de correspondance" in page
    assert client.get("/expert/correspondance").text.startswith("# Correspondance")


def _classeur_etendu() -> bytes:
    """A small workbook with one cell at the far corner of its sheet."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        sheet = "<worksheet><sheetData><row><c r='A1'/></row><row><c r='XFD1048576'/></row></sheetData></worksheet>"
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    return stream.getvalue()


def _classeur_gonfle() -> bytes:
    """A small archive that unfolds to a hundred megabytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"<a>" + b" " * 100_000_000)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.xlsx", b"rien", "classeur illisible"),
        ("t.xlsx", fichier("t.xlsx", table(3))[:900], "classeur illisible"),
        ("t.xlsx", _classeur_etendu(), "feuille trop étendue"),
        ("t.xlsx", _classeur_gonfle(), "classeur trop gros"),
        ("t.parquet", b"PAR1" + b"\0" * 40 + b"PAR1", "Parquet illisible"),
        ("t.csv", b"a" * 4_000_001, "fichier trop gros"),
    ],
)
def test_a_hostile_file_is_refused_in_french(client: TestClient, name: str, content: bytes, said: str) -> None:
    """A damaged, inflated or oversized file is told to the user under its own name, and nothing breaks."""
    page = donner(client, (name, content))
    assert said in page
    assert "tableau." not in page
    assert "Traceback" not in page


@pytest.mark.parametrize("carried", ["", "{}", "[1]", '{"nom": "t.csv", "contenu": "AAAA", "correspondance": ""}', "é"])
def test_a_carried_table_that_was_tampered_with_is_refused(client: TestClient, carried: str) -> None:
    """What the page carries is checked as what it was sent."""
    found = client.post("/expert", data={"tableau": carried})
    assert found.status_code == (422 if carried else 200)


def test_the_long_table_leaves_no_file_behind(
    court: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The temporary folder is gone once the answer is sent."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    donner(court, ("t.csv", fichier("t.csv", table(7))))
    assert list(tmp_path.iterdir()) == []
