"""Whatever the separator, the encoding or the kind of file, the same rows are read."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from aid_rules.faults import WorkError
from aid_rules.portfolio import lecture_csv, lecture_parquet, sources

ENTETES = ["Décision", "Coûts", "Objet"]
LIGNES = [["18/11/2019", "1 234,50", "prêt à taux zéro"], ["2020-01-02", "7", "« étude »\nsur deux lignes"]]


def _csv(path: Path, separator: str, encoding: str) -> Path:
    rows = [separator.join(f'"{cell}"' for cell in row) for row in [ENTETES, *LIGNES]]
    path.write_bytes(("\n".join(rows) + "\n").encode(encoding))
    return path


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_separateur_et_encodage(tmp_path: Path, separator: str, encoding: str) -> None:
    """Promise: any usual separator and encoding is recognised, line breaks inside cells included."""
    source = sources.ouvrir(_csv(tmp_path / "t.csv", separator, encoding), {})
    (morceau,) = source.morceaux(10)
    assert source.entetes == tuple(ENTETES)
    assert morceau.cellules is not None
    assert [list(row) for row in morceau.cellules.iter_rows()] == LIGNES
    assert list(morceau.lignes) == [2, 3]


def test_excel_parquet_et_lignes_json(tmp_path: Path) -> None:
    """Promise: Excel, Parquet and JSON lines are read as well."""
    book = xlsxwriter.Workbook(tmp_path / "t.xlsx")
    sheet = book.add_worksheet("Aides")
    for r, row in enumerate([ENTETES, *LIGNES]):
        for c, cell in enumerate(row):
            sheet.write_string(r, c, cell)
    book.close()
    pl.DataFrame(LIGNES, ENTETES, orient="row").write_parquet(tmp_path / "t.parquet")
    for name, first in (("t.xlsx", 2), ("t.parquet", 1)):
        (morceau,) = sources.ouvrir(tmp_path / name, {}).morceaux(10)
        assert morceau.cellules is not None
        assert [list(row) for row in morceau.cellules.iter_rows()] == LIGNES
        assert list(morceau.lignes) == [first, first + 1]
    (tmp_path / "t.jsonl").write_text('{"date_octroi": "2020-01-02"}\n\n[1]\n{"a": \n', encoding="utf-8")
    (morceau,) = sources.ouvrir(tmp_path / "t.jsonl", {}).morceaux(10)
    assert [dict(d) for d in morceau.dossiers] == [{"date_octroi": "2020-01-02"}]
    assert [r.ligne for r in morceau.rejets] == [3, 4]


def test_nombres_types_comme_un_utilisateur_les_ecrirait() -> None:
    """Promise: a SIREN stored as a number keeps its nine digits, a day stored with hours is that day."""
    frame = pl.DataFrame({"s": [732829320.0, 12.5], "j": [datetime(2019, 11, 18, 8), None], "l": [["a", "b"], None]})  # noqa: DTZ001
    assert lecture_parquet.en_texte(frame).rows() == [("732829320", "2019-11-18", "a;b"), ("12.5", None, None)]


def test_decimales_d_un_nombre_exact() -> None:
    """Promise: an exact number stored with three decimals or more is written without those that are zero."""
    cells = pl.Series("m", ["12.500", "12.000", "0.125", None]).cast(pl.Decimal(12, 3))
    whole = pl.Series("n", ["1200", "0", "7", None]).cast(pl.Decimal(12, 0))
    assert lecture_parquet.en_texte(pl.DataFrame([cells, whole])).rows() == [
        ("12.5", "1200"), ("12", "0"), ("0.125", "7"), (None, None),
    ]  # fmt: skip


def test_lignes_de_longueur_fautive(tmp_path: Path) -> None:
    """Promise: a row cut short or too long is set aside with its line; empty lines are none; trailing commas pass."""
    (tmp_path / "t.csv").write_text("a;b\n1;2\n1\n;\n\n1;2;3\n1;2;\n", encoding="utf-8")
    (morceau,) = sources.ouvrir(tmp_path / "t.csv", {}).morceaux(10)
    assert list(morceau.lignes) == [2, 7]
    assert [(r.ligne, r.motif) for r in morceau.rejets] == [
        (3, "1 cellule au lieu de 2"),
        (6, "3 cellules au lieu de 2 ; une cellule qui contient « ; » s'écrit entre guillemets"),
    ]  # fmt: skip
    assert morceau.lues == 4


def test_limite_du_module_csv_rendue(tmp_path: Path) -> None:
    """Promise: long cells are read, and the limit that the whole process shares is what it was, between pieces too."""
    before = csv.field_size_limit()
    (tmp_path / "t.csv").write_text("a;b\n" + f"{'x' * (before + 1)};y\n" * 3, encoding="utf-8")
    for morceau in sources.ouvrir(tmp_path / "t.csv", {}).morceaux(2):
        assert csv.field_size_limit() == before
        assert morceau.cellules is not None
        assert set(morceau.cellules["a"].str.len_chars()) == {before + 1}
    (tmp_path / "t.csv").write_text("a;" + "x" * 10_000_001 + "\n", encoding="utf-8")
    with pytest.raises(WorkError, match="CSV illisible"):
        sources.ouvrir(tmp_path / "t.csv", {})
    assert csv.field_size_limit() == before


def test_morceaux_bornes(tmp_path: Path) -> None:
    """Promise: pieces are bounded, numbered, and lose no row."""
    (tmp_path / "t.csv").write_text("a;b\n" + "".join(f"{i};x\n" for i in range(25)), encoding="utf-8")
    pieces = list(sources.ouvrir(tmp_path / "t.csv", {}).morceaux(10))
    assert [p.numero for p in pieces] == [0, 1, 2]
    assert [n for p in pieces for n in p.lignes] == list(range(2, 27))


@pytest.mark.parametrize(
    ("nom", "contenu", "dit"),
    [
        ("absent.csv", None, "introuvable"),
        ("vide.csv", b"", "vide"),
        ("faux.parquet", b"x", "Parquet illisible"),
        ("faux.xlsx", b"x", "classeur illisible"),
    ],
)
def test_fichiers_illisibles(tmp_path: Path, nom: str, contenu: bytes | None, dit: str) -> None:
    """Promise: what cannot be read is told in French, without a traceback."""
    path = tmp_path / nom
    if contenu is not None:
        path.write_bytes(contenu)
    with pytest.raises(WorkError, match=dit):
        sources.ouvrir(path, {})


def test_cle_json_ecrite_deux_fois(tmp_path: Path) -> None:
    """Promise: of two values under one key none is chosen: the row is set aside, with the key."""
    (tmp_path / "t.jsonl").write_text('{"a": 1, "b": {"m": 1, "m": 2}}\n{"a": 1}\n', encoding="utf-8")
    (morceau,) = sources.ouvrir(tmp_path / "t.jsonl", {}).morceaux(10)
    assert [(r.ligne, r.motif) for r in morceau.rejets] == [(1, "clé « m » écrite deux fois")]
    assert list(morceau.lignes) == [2]


def test_json_exact(tmp_path: Path) -> None:
    """Promise: amounts of JSON are read exactly, never through binary floating point."""
    (tmp_path / "t.jsonl").write_text(json.dumps({"m": 0.1}) + "\n", encoding="utf-8")
    (morceau,) = sources.ouvrir(tmp_path / "t.jsonl", {}).morceaux(10)
    assert str(morceau.dossiers[0]["m"]) == "0.1"


@pytest.mark.parametrize(
    ("contenu", "options", "dit"),
    [
        (b"a;b\n", {"encodage": "utf-9"}, "utf-9"),
        ("é;b\n".encode("cp1252"), {"encodage": "utf-8"}, "pas écrit en utf-8"),
        (b"a;b\n", {"separateur": ";;"}, "un seul caract"),
        (b";;\n\n", {}, "en-têtes"),
    ],
)
def test_lecture_demandee_impossible(tmp_path: Path, contenu: bytes, options: dict[str, str], dit: str) -> None:
    """Promise: a reading asked for that cannot be is refused in French."""
    (tmp_path / "t.csv").write_bytes(contenu)
    with pytest.raises(WorkError, match=dit):
        sources.ouvrir(tmp_path / "t.csv", options)


def test_octets_fautifs_plus_loin(tmp_path: Path) -> None:
    """Promise: bytes that are not of the encoding asked for, far in the file, are told with their line."""
    (tmp_path / "t.csv").write_bytes(b"a;b\n" + b"1;2\n" * 5000 + b"\xe9;2\n")
    source = sources.ouvrir(tmp_path / "t.csv", {"encodage": "utf-8"})
    with pytest.raises(WorkError, match="octets"):
        list(source.morceaux(1000))


def test_encodages_reconnus_plus_loin(tmp_path: Path) -> None:
    """Promise: a byte that is none of UTF-8 nor Windows-1252, wherever it stands, leaves Latin-1."""
    path = tmp_path / "t.csv"
    for end, found in ((b"", "utf-8"), (b"\xe9", "cp1252"), (b"\x81", "latin-1")):
        path.write_bytes(b"a;b\n" * 300_000 + end)
        assert lecture_csv.encodage(path) == found


def test_separateur_nomme_et_colonnes_repetees(tmp_path: Path) -> None:
    """Promise: « tabulation » is a tab; a column without name, or named twice, gets one of its own."""
    (tmp_path / "t.txt").write_text("a\ta\t\n1\t2\t3\n", encoding="utf-8")
    source = sources.ouvrir(tmp_path / "t.txt", {"separateur": "tabulation"})
    assert source.entetes == ("a", "a (2)", "colonne 3")
    (morceau,) = source.morceaux(10)
    assert morceau.cellules is not None
    assert morceau.cellules.rows() == [("1", "2", "3")]


def test_feuille_nommee(tmp_path: Path) -> None:
    """Promise: the sheet asked for is read; one that is not there is told with those that are; blank rows are none."""
    book = xlsxwriter.Workbook(tmp_path / "t.xlsx")
    for name, rows in (("Un", ["a", "1"]), ("Deux", ["b", "2", "", "3"])):
        sheet = book.add_worksheet(name)
        for rank, cell in enumerate(rows):
            sheet.write_string(rank, 0, cell)
            sheet.write_string(rank, 1, cell)
    book.close()
    found = list(sources.ouvrir(tmp_path / "t.xlsx", {"feuille": "Deux"}).morceaux(10))
    assert [line for piece in found for line in piece.lignes] == [2, 4]
    with pytest.raises(WorkError, match="Un, Deux"):
        sources.ouvrir(tmp_path / "t.xlsx", {"feuille": "Trois"})


def test_dossier_de_partitions(tmp_path: Path) -> None:
    """Promise: partitions are read in the order of their names, hidden files left out; a folder of none is told."""
    with pytest.raises(WorkError, match=r"aucun fichier \.parquet"):
        sources.ouvrir(tmp_path, {})
    for name, value in (("b", 2), ("a", 1), (".c", 3), ("_d", 4)):
        pl.DataFrame({"x": [value] * 3}).write_parquet(tmp_path / f"{name}.parquet")
    found = list(sources.ouvrir(tmp_path, {}).morceaux(2))
    assert [list(p.lignes) for p in found] == [[1, 2], [3], [4, 5], [6]]
    assert [p.cellules["x"][0] for p in found if p.cellules is not None] == ["1", "1", "2", "2"]


def test_lignes_json_en_morceaux(tmp_path: Path) -> None:
    """Promise: JSON lines come in bounded pieces too, rejects counted; nesting without end is a reject, not a crash."""
    deep = "[" * 100_000
    (tmp_path / "t.jsonl").write_text('{"a": 1}\n' * 3 + f"{deep}\n" + '{"a": 2}\n', encoding="utf-8")
    found = list(sources.ouvrir(tmp_path / "t.jsonl", {}).morceaux(2))
    assert [p.lues for p in found] == [2, 2, 1]
    assert [r.ligne for p in found for r in p.rejets] == [4]
