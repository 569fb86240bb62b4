"""A portfolio from end to end: counts that add up, outputs whole or absent, no work done twice, the same verdicts."""

from __future__ import annotations

import sys
from pathlib import Path
from zipfile import ZipFile

import fastexcel
import polars as pl
import pytest
from click.testing import CliRunner

from aid_rules.cli import cli
from aid_rules.dossier import Dossier
from aid_rules.engine.moteur import Engine
from aid_rules.faults import WorkError
from aid_rules.portfolio import results, run
from aid_rules.portfolio.columns import evaluer_dossiers, evaluer_table
from aid_rules.portfolio.evaluation import Verdicts, evaluer_un_par_un
from aid_rules.portfolio.flat import entete_plate, table_plate
from aid_rules.portfolio.mapping import Correspondance
from aid_rules.portfolio.plans import plans, plans_plats
from aid_rules.portfolio.reading import Lecteur
from aid_rules.testing.strategies import Generateur

RACINE = Path(__file__).resolve().parents[2]
EXEMPLES = RACINE / "examples" / "portefeuille"
COLONNES = {
    "identifiant": ["A", "B", "=1+1", "D", "E"],
    "date_octroi": ["2019-11-18", "2024-02-01", "18/11/2019", "hier", ""],
    "beneficiaire.siren": ["732829320", "552100554", "", "732829320", ""],
    "beneficiaire.categorie": ["petite", "moyenne", "grande", "petite", "petite"],
    "projet.couts[0].finalite": ["investissement_initial"] * 5,
    "projet.couts[0].montant_eur": ["100000", "200000", "", "5", "5"],
    "aides[0].base": ["rgec.17", "de_minimis.general", "rgec.17", "rgec.17", "rgec.17"],
    "aides[0].forme": ["subvention"] * 5,
    "aides[0].montant_eur": ["20000", "400000", "5000", "1", "1"],
}
"""Three good rows and two faulty ones."""


def _entree(folder: Path, repeter: int = 1) -> Path:
    path = folder / "entree.csv"
    pl.concat([pl.DataFrame(COLONNES)] * repeter).write_csv(path)
    return path


def _traiter(engine: Engine, entree: Path, sortie: Path, taille: int = 50_000) -> run.Bilan:
    source, correspondance, _ = run.preparer(engine, entree, None)
    return run.traiter(engine, source, correspondance, sortie, lambda *_: None, taille)


@pytest.mark.parametrize("suffixe", [".csv", ".parquet", ".jsonl", ".xlsx"])
def test_formats(engine: Engine, tmp_path: Path, suffixe: str) -> None:
    """Promise: each format is written; wrong rows are set aside with their reasons, and the counts add up."""
    out = tmp_path / f"sortie{suffixe}"
    bilan = _traiter(engine, _entree(tmp_path), out)
    assert (bilan.lues, bilan.traitees, bilan.rejetees) == (5, 3, 2)
    assert all(path.exists() for path in bilan.fichiers)
    assert not list(tmp_path.glob(".*")), "nothing is left behind"
    if suffixe == ".xlsx":
        book = fastexcel.read_excel(out)
        assert book.sheet_names[:5] == ["Résultats", "Alertes", "Faits manquants", "Statistiques", "Lignes rejetées"]
        shown = book.load_sheet("Résultats", dtypes="string").to_polars()
        assert shown["Identifiant"].to_list() == ["A", "B", "=1+1"]
        assert book.load_sheet("Lignes rejetées").height == 2
    else:
        assert len(bilan.fichiers) == 5


def test_classeur_fait_pour_lire(engine: Engine, tmp_path: Path) -> None:
    """Promise: headers stay in sight, columns filter, and no cell of the user's is ever a formula."""
    out = tmp_path / "sortie.xlsx"
    _traiter(engine, _entree(tmp_path), out)
    with ZipFile(out) as archive:
        sheets = [archive.read(n).decode() for n in archive.namelist() if n.startswith("xl/worksheets/sheet")]
    assert len(sheets) == 6
    assert not any("<f>" in sheet for sheet in sheets)
    assert all("<autoFilter" in sheet and 'state="frozen"' in sheet and "<cols>" in sheet for sheet in sheets[:5])


def test_csv_sans_formule(engine: Engine, tmp_path: Path) -> None:
    """Promise: a text that a spreadsheet would run is written with an apostrophe."""
    _traiter(engine, _entree(tmp_path), tmp_path / "s.csv")
    assert "'=1+1" in (tmp_path / "s.csv").read_text(encoding="utf-8-sig")


def test_reprise(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: interrupted, nothing is written; started again, the pieces done are kept and the result is the same."""
    entree, whole, cut = _entree(tmp_path, 6), tmp_path / "entier.parquet", tmp_path / "coupe.parquet"
    _traiter(engine, entree, whole, taille=10)
    done = 0
    real = run.traiter_morceau

    def failing(*args: object) -> dict[str, pl.DataFrame]:
        nonlocal done
        done += 1
        if done == 3:
            raise KeyboardInterrupt
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(run, "traiter_morceau", failing)
    with pytest.raises(KeyboardInterrupt):
        _traiter(engine, entree, cut, taille=10)
    assert not cut.exists()
    bilan = _traiter(engine, entree, cut, taille=10)
    assert (bilan.reprises, done) == (2, 4)
    for name in ("", ".alertes", ".manquants", ".rejets", ".statistiques"):
        one, other = (pl.read_parquet(p.with_name(f"{p.stem}{name}.parquet")) for p in (whole, cut))
        assert one.equals(other), name


def test_reprise_refusee_si_l_entree_change(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: a piece is kept only when its rows, the mapping and the rules are the very same."""
    entree, out = _entree(tmp_path, 2), tmp_path / "s.parquet"
    monkeypatch.setattr(run, "conclure", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        _traiter(engine, entree, out)
    monkeypatch.undo()
    entree.write_text(entree.read_text(encoding="utf-8").replace("20000", "20001"), encoding="utf-8")
    assert _traiter(engine, entree, out).reprises == 0


def test_rien_de_fait_rien_de_laisse(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: a run that fails before its first piece leaves nothing behind."""
    entree = _entree(tmp_path)

    def failing(*_: object) -> None:
        raise WorkError("non")

    monkeypatch.setattr(run, "traiter_morceau", failing)
    with pytest.raises(WorkError, match="non"):
        _traiter(engine, entree, tmp_path / "s.csv")
    assert [path.name for path in tmp_path.iterdir()] == [entree.name]


def test_colonnes_imbriquees(engine: Engine, tmp_path: Path) -> None:
    """Promise: a Parquet column of blocks or bytes hinders only the mapping that reads it, which says so."""
    path = tmp_path / "t.parquet"
    pl.DataFrame(
        {"date_octroi": ["2020-01-01"], "s": [{"a": 1}], "l": [[{"a": 1}]], "ll": [[[1]]], "o": [b"\xff"], "m": [["x"]]}
    ).write_parquet(path)
    source, _, ignored = run.preparer(engine, path, None)
    assert source.entetes == ("date_octroi", "m")
    assert [name for name in ignored if "aplatir" in name] == [f"« {n} » (à aplatir)" for n in ("s", "l", "ll", "o")]
    assert _traiter(engine, path, tmp_path / "s.csv").traitees == 1
    for named in (Correspondance("s", {"date_octroi": "date_octroi"}), Correspondance(None, {"date_octroi": "l"})):
        with pytest.raises(WorkError, match="aplatissez"):
            run.preparer(engine, path, named)


def test_compte_faux_refuse() -> None:
    """Promise: a piece whose counts do not add up is refused: better nothing than a row lost."""
    parts = {"resultats": pl.DataFrame({"a": [1]}), "rejets": pl.DataFrame({"a": [1]})}
    with pytest.raises(WorkError) as caught:
        run.bilan_de(0, "", parts, 3)
    assert "3 lignes lues, 1 traitées et 1 rejetées" in str(caught.value)


def test_identifiants_en_double(engine: Engine, tmp_path: Path) -> None:
    """Promise: rows that bear one identifier are all done, and each is warned with both lines, pieces apart or not."""
    bilan = _traiter(engine, _entree(tmp_path, 2), tmp_path / "s.parquet", 4)
    assert bilan.traitees == 6
    alerts = pl.read_parquet(tmp_path / "s.alertes.parquet").filter(pl.col("code") == "identifiant_en_double")
    assert alerts.select("ligne", "identifiant", "gravite").rows() == [
        (line, name, "attention")
        for line, name in zip((*range(2, 7), *range(7, 12)), ("A", "B", "=1+1", "D", "E") * 2, strict=True)
    ]
    assert all("lignes 2 et 7 " in alerts["message"][i] for i in (0, 5))
    assert "lignes 5 (rejetée) et 10 (rejetée) " in alerts["message"][3]
    assert pl.read_parquet(tmp_path / "s.parquet")["alertes"].min() >= 1, "counted with the other alerts"


def test_decoupage_sans_effet(engine: Engine, tmp_path: Path) -> None:
    """Promise: results do not depend on how the input is cut, de minimis sums included."""
    entree = _entree(tmp_path, 5)
    for size in (3, 1000):
        _traiter(engine, entree, tmp_path / f"s{size}.parquet", size)
    for name in ("", ".alertes", ".rejets"):
        one, other = (pl.read_parquet(tmp_path / f"s{size}{name}.parquet") for size in (3, 1000))
        assert one.sort(one.columns).equals(other.sort(other.columns)), name
    alerts = pl.read_parquet(tmp_path / "s3.alertes.parquet")
    assert "cumul_de_minimis_portefeuille" in alerts["code"].to_list()


def _differents(one: Verdicts, other: Verdicts) -> list[str]:
    """Return the tables that are not the same, whatever the order of their rows."""
    names = ("dossiers", "bases", "alertes", "manquants")
    tables = ((name, getattr(one, name), getattr(other, name)) for name in names)
    return [name for name, left, right in tables if not left.sort(left.columns).equals(right.sort(right.columns))]


def test_colonnes_comme_un_par_un(engine: Engine) -> None:
    """Promise: in columns or one by one, the same verdicts, amounts, reasons, alerts and missing facts."""
    found: list[Dossier] = list(Generateur(engine).serie(651, 150))
    assert not _differents(evaluer_un_par_un(engine, found), evaluer_dossiers(engine, found))


def test_colonnes_plates_comme_les_dossiers(engine: Engine, tmp_path: Path) -> None:
    """Promise: columns taken as they are give what dossiers built from them give."""
    varied = {
        **{k: v[:3] for k, v in COLONNES.items()},
        "date_octroi": ["2019-11-18", "2024-02-01", "2022-03-01"],
        "beneficiaire.exercices[0].effectif_uta": ["30", "", "120"],
        "beneficiaire.exercices[0].chiffre_affaires_eur": ["8000000", "5000000", ""],
        "beneficiaire.naf": ["25.62B", "01.11Z", ""],
        "projet.commune": ["76462", "97411", ""],
        "projet.faits.aide_ad_hoc": ["non", "", "oui"],
        "aides[0].financeur.type": ["region", "", "prive"],
    }
    del varied["beneficiaire.categorie"]
    pl.DataFrame(varied).write_csv(tmp_path / "t.csv")
    source, correspondance, _ = run.preparer(engine, tmp_path / "t.csv", None)
    lecteur = Lecteur(engine, correspondance)
    lus = lecteur.lire(next(source.morceaux(10)))
    table, dossiers = table_plate(lecteur, lus), lecteur.dossiers(lus)
    assert table is not None
    assert lus.table is not None
    assert plans_plats(lus.table).equals(plans(dossiers))
    assert entete_plate(lus.table).equals(results.entete(dossiers))
    flat = evaluer_table(engine, table, plans_plats(lus.table), lambda ranks: lecteur.dossiers(lus, ranks))
    assert not _differents(evaluer_un_par_un(engine, dossiers), flat)


def test_lignes_json_imbriquees(engine: Engine, tmp_path: Path) -> None:
    """Promise: JSON lines hold whole dossiers, as `evaluer` reads them; a faulty one is set aside with its faults."""
    (tmp_path / "t.jsonl").write_text(
        '{"date_octroi": "2019-11-18", "identifiant": "x", "projet": {"couts": [{"id": "a", "montant_eur": 10.5}]}}\n'
        '{"date_octroi": "2019-11-18", "projets": {}}\n',
        encoding="utf-8",
    )
    bilan = _traiter(engine, tmp_path / "t.jsonl", tmp_path / "s.parquet")
    assert (bilan.traitees, bilan.rejetees) == (1, 1)
    assert pl.read_parquet(tmp_path / "s.parquet")["identifiant"].to_list() == ["x"]
    assert "projets" in pl.read_parquet(tmp_path / "s.rejets.parquet")["motif"][0]


def test_commande(tmp_path: Path) -> None:
    """Promise: the example of the documentation runs as written, and says what it did in French."""
    done = CliRunner().invoke(
        cli,
        [
            "portefeuille", str(EXEMPLES / "regions.csv"), "--sortie", str(tmp_path / "s.xlsx"),
            "--correspondance", str(EXEMPLES / "regions.correspondance.yaml"),
        ],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "8 lignes lues : 6 traitées, 2 rejetées." in done.output
    assert "Le motif de chaque rejet est dans la feuille « Lignes rejetées »." in done.output
    assert "se traduit sous « valeurs » de la correspondance" in done.output


@pytest.mark.parametrize(
    ("arguments", "dit"),
    [
        (["absent.csv", "--sortie", "s.csv"], "introuvable"),
        (["ENTREE", "--sortie", "s.pdf"], "format de sortie inconnu"),
        (["ENTREE"], "--sortie"),
        (["ENTREE", "--sortie", "s.csv", "--cluster", "tcp://127.0.0.1:1"], "Parquet"),
    ],
)
def test_commande_fautive(tmp_path: Path, arguments: list[str], dit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: what cannot be done is said in French, before any work."""
    entree = _entree(tmp_path)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, ["portefeuille", *(str(entree) if a == "ENTREE" else a for a in arguments)])
    assert done.exit_code != 0
    assert dit in done.output + str(done.exception)


def test_extra_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: when an optional package is missing, the message says what to install."""
    monkeypatch.setitem(sys.modules, "polars", None)
    done = CliRunner().invoke(cli, ["portefeuille", "--modele"])
    assert "aid-rules[portefeuille]" in str(done.exception)
