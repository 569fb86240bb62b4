"""Rows to dossiers: the same from a table and from flat JSON, and every fault told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aid_rules.engine.moteur import Engine
from aid_rules.faults import WorkError
from aid_rules.portfolio.fields import Places
from aid_rules.portfolio.mapping import Correspondance, lire
from aid_rules.portfolio.reading import Lecteur, Lus
from aid_rules.portfolio.run import preparer
from aid_rules.portfolio.sources import ouvrir

COLONNES = {
    "date_octroi": "Jour", "beneficiaire.categorie": "Taille", "projet.couts[0].id": "L1",
    "projet.couts[0].montant_eur": "M1", "projet.couts[1].id": "L2", "aides[0].montant_eur": "Aide",
    "aides[0].couts": "Sur",
}  # fmt: skip
CONSTANTES = {"aides[0].forme": "subvention", "de_minimis": [], "beneficiaire.categorie": "grande"}
LIGNES = [
    {
        "N": "a",
        "Jour": "18/11/2019",
        "Taille": "PE",
        "L1": "x",
        "M1": "1 000,50",
        "L2": "y",
        "Aide": "10",
        "Sur": "x;y",
    },
    {"N": "b", "Jour": "18/11/2019", "Taille": "", "L1": "x", "M1": "", "L2": "x", "Aide": "10", "Sur": ""},
    {"N": "c", "Jour": "18/11/2019", "Taille": "", "L1": "x", "M1": "", "L2": "", "Aide": "10", "Sur": "z"},
    {"N": "d", "Jour": "", "Taille": "PE", "L1": "x", "M1": "", "L2": "", "Aide": "", "Sur": ""},
    {"N": "e", "Jour": "hier", "Taille": "XL", "L1": "x", "M1": "-1", "L2": "", "Aide": "", "Sur": ""},
    {"N": "f", "Jour": "2024-02-01", "Taille": "", "L1": "", "M1": "", "L2": "", "Aide": "", "Sur": ""},
]


def _lire(engine: Engine, folder: Path, suffixe: str) -> tuple[Lecteur, Lus]:
    path = folder / f"t.{suffixe}"
    if suffixe == "csv":
        lines = [";".join(LIGNES[0]), *(";".join(f'"{cell}"' for cell in row.values()) for row in LIGNES)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in LIGNES), encoding="utf-8")
    reader = Lecteur(
        engine, Correspondance("N", COLONNES, CONSTANTES, {"beneficiaire.categorie": {"PE": "petite"}}, {})
    )
    (piece,) = ouvrir(path, {}).morceaux(10)
    return reader, reader.lire(piece)


def test_json_plat_comme_un_tableau(engine: Engine, tmp_path: Path) -> None:
    """Promise: flat JSON read through a mapping gives the dossiers, names and rejects of the same table."""
    found = [_lire(engine, tmp_path, suffixe) for suffixe in ("csv", "jsonl")]
    (table, flat) = (reader.dossiers(read) for reader, read in found)
    assert table == flat
    for _, read in found:
        assert list(read.identifiants) == ["a", "f"]
        assert [r.identifiant for r in read.rejets] == ["b", "c", "d", "e"]
        for reject, said in zip(
            read.rejets, ("« x » pris deux fois", "« z » inconnue", "date d'octroi", "XL"), strict=True
        ):
            assert said in reject.motif
    assert table[0].beneficiaire.categorie == "petite"
    assert table[1].beneficiaire.categorie == "grande", "a constant stands where the row says nothing"
    assert table[0].projet.couts is not None
    assert table[0].projet.couts[0].montant == 100_050
    assert table[0].de_minimis == ()


def test_quelques_rangs(engine: Engine, tmp_path: Path) -> None:
    """Promise: the dossiers of some rows are those rows, whatever the input."""
    for suffixe in ("csv", "jsonl"):
        reader, read = _lire(engine, tmp_path, suffixe)
        assert reader.dossiers(read, [1]) == reader.dossiers(read)[1:]


def test_colonnes_absentes(engine: Engine) -> None:
    """Promise: a mapping that names columns which are not there is refused, all of them told, with the nearest."""
    reader = Lecteur(engine, Correspondance("Numero", {"date_octroi": "Jours", "beneficiaire.nom": "Nom"}))
    with pytest.raises(WorkError, match=r"« Jours ».*« Jour ».*« Numero »") as caught:
        reader.verifier(["Jour", "Nom"])
    assert "« Nom »" not in str(caught.value).partition("Colonnes présentes")[0]


@pytest.mark.parametrize("suffixe", ["csv", "jsonl"])
@pytest.mark.parametrize("imbrique", [False, True])
def test_activite_contredite(engine: Engine, tmp_path: Path, suffixe: str, imbrique: bool) -> None:
    """Promise: an activity told economic, and none of it economic, sets the row aside and says what to correct."""
    rows = [("oui", "100"), ("oui", "99,99"), ("non", "100"), ("", "100"), ("oui", "")]
    path = tmp_path / f"t.{suffixe}"
    names = ("beneficiaire.activite_economique", "beneficiaire.part_non_economique_pct")
    if suffixe == "csv":
        path.write_text("J;A;P\n" + "".join(f"2024-02-01;{a};{p}\n" for a, p in rows), encoding="utf-8")
    else:
        flat = [{"J": "2024-02-01", "A": a, "P": p} for a, p in rows]
        deep = [
            {
                "date_octroi": "2024-02-01",
                "beneficiaire": {n.partition(".")[2]: v for n, v in zip(names, row, strict=True) if v},
            }
            for row in rows
        ]
        path.write_text("".join(json.dumps(row) + "\n" for row in (deep if imbrique else flat)), encoding="utf-8")
    columns = {"date_octroi": "J", names[0]: "A", names[1]: "P"}
    named = {} if imbrique and suffixe == "jsonl" else columns
    (piece,) = ouvrir(path, {}).morceaux(10)
    read = Lecteur(engine, Correspondance(None, named)).lire(piece)
    (aside,) = read.rejets
    assert aside.ligne == (2 if suffixe == "csv" else 1)
    assert aside.motif.startswith("beneficiaire.activite_economique : « oui » ne va pas avec")
    assert len(read.lignes) == 4


def _json(engine: Engine, path: Path, text: str, *rows: dict[str, object]) -> tuple[Lecteur, Lus]:
    """Rows of whole dossiers, read with a mapping file through the front door."""
    path.with_suffix(".yaml").write_text(text, encoding="utf-8")
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    places = Places(engine.book.vocabulaire, engine.book.bases)
    source, correspondance, _ = preparer(engine, path, lire(path.with_suffix(".yaml"), places))
    (piece,) = source.morceaux(10)
    reader = Lecteur(engine, correspondance)
    return reader, reader.lire(piece)


def test_constantes_de_dossiers_entiers(engine: Engine, tmp_path: Path) -> None:
    """Promise: constants alone complete whole dossiers where they are silent, and never what they say."""
    text = (
        "constantes:\n  beneficiaire.categorie: moyenne\n  beneficiaire.en_difficulte: non\n  de_minimis: []\n"
        "  aides[0].forme: subvention\n  aides[0].base: rgec.17\n  projet.faits.aide_ad_hoc: non\n"
    )
    rows: tuple[dict[str, object], ...] = (
        {"date_octroi": "2024-02-01"},
        {
            "date_octroi": "2024-02-02",
            "beneficiaire": {"categorie": "petite", "en_difficulte": None},
            "aides": [{"id": "x", "base": "rgec.18"}, {"id": "y"}],
            "de_minimis": [{"montant_eur": 5}],
        },
        {"date_octroi": "2024-02-03", "aides": []},
    )
    reader, read = _json(engine, tmp_path / "t.jsonl", text, *rows)
    assert read.rejets == ()
    one, two, three = reader.dossiers(read)
    assert [d.beneficiaire.categorie for d in (one, two, three)] == ["moyenne", "petite", "moyenne"]
    assert [d.beneficiaire.en_difficulte for d in (one, two, three)] == [False, False, False]
    assert [[(a.id, a.forme, a.base) for a in d.aides or ()] for d in (one, two, three)] == [
        [("aide1", "subvention", "rgec.17")], [("x", "subvention", "rgec.18"), ("y", None, None)], [],
    ]  # fmt: skip
    assert [len(d.de_minimis or ()) for d in (one, two, three)] == [0, 1, 0]
    assert all(d.projet.faits == {"aide_ad_hoc": False} for d in (one, two, three))


@pytest.mark.parametrize(
    ("bloc", "dit"),
    [("valeurs: {beneficiaire.categorie: {PE: petite}}", "« valeurs »"), ("lecture: {dates: AAAAMMJJ}", "dates")],
)
def test_ce_qui_ne_sert_pas_est_dit(engine: Engine, tmp_path: Path, bloc: str, dit: str) -> None:
    """Promise: what a mapping says of columns, over whole dossiers that have none, is refused and not ignored."""
    text = f"constantes: {{de_minimis: []}}\n{bloc}\n"
    with pytest.raises(WorkError, match=dit):
        _json(engine, tmp_path / "t.jsonl", text, {"date_octroi": "2024-02-01"})


def test_constantes_seules_d_un_tableau(engine: Engine, tmp_path: Path) -> None:
    """Promise: a table still needs the column of the award date."""
    path = tmp_path / "t.csv"
    path.write_text("A;B\n1;2\n", encoding="utf-8")
    with pytest.raises(WorkError, match="date_octroi"):
        preparer(engine, path, Correspondance(None, {}, {"de_minimis": []}))
