"""A title above the headers: the line where they stand is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from xlsxwriter import Workbook

from aid_rules.engine.moteur import Engine
from aid_rules.faults import WorkError
from aid_rules.portfolio.mapping import Correspondance
from aid_rules.portfolio.run import preparer

RANGS = [
    ["Aides de la Région, été 2024", "", ""],
    ["", "", ""],
    ["Dossier", "Décision ", "Aide"],
    ["A", "03/06/2024", "5"],
]
CORRESPONDANCE = Correspondance("Dossier", {"date_octroi": "Décision", "aides[0].montant_eur": "Aide"})


def _classeur(path: Path) -> None:
    with Workbook(path) as book:
        sheet = book.add_worksheet()
        for rank, row in enumerate(RANGS):
            sheet.write_row(rank, 0, row)


@pytest.mark.parametrize("titre", ["Aides de la Région, été 2024;;", "Aides de la Région, été 2024"])
def test_titre_au_dessus_des_entetes_csv(engine: Engine, tmp_path: Path, titre: str) -> None:
    """Promise: a title above the headers, alone on its line or padded, is told with the line of the headers."""
    text = "\n".join([titre, *(";".join(row) for row in RANGS[1:])])
    (tmp_path / "t.csv").write_bytes(text.encode("latin-1"))
    with pytest.raises(WorkError, match="les en-têtes sont à la ligne 3 ; supprimez ce qui les précède"):
        preparer(engine, tmp_path / "t.csv", CORRESPONDANCE)


def test_cellule_longue_sous_les_entetes(engine: Engine, tmp_path: Path) -> None:
    """Promise: a cell longer than the csv module reads by itself does not hide where the headers are."""
    rows = [*RANGS[:3], ["A" * 200_000, "03/06/2024", "5"]]
    (tmp_path / "t.csv").write_text("\n".join(";".join(row) for row in rows), encoding="utf-8")
    with pytest.raises(WorkError, match="les en-têtes sont à la ligne 3 ; supprimez ce qui les précède"):
        preparer(engine, tmp_path / "t.csv", CORRESPONDANCE)


def test_titre_au_dessus_des_entetes_excel(engine: Engine, tmp_path: Path) -> None:
    """Promise: the same in a workbook."""
    _classeur(tmp_path / "t.xlsx")
    with pytest.raises(WorkError, match="les en-têtes sont à la ligne 3 ; supprimez ce qui les précède"):
        preparer(engine, tmp_path / "t.xlsx", CORRESPONDANCE)


def test_colonne_absente_de_toute_ligne(engine: Engine, tmp_path: Path) -> None:
    """Promise: when no line bears all the names, the missing columns are told."""
    (tmp_path / "t.csv").write_text("Dossier;Décision\nA;03/06/2024\n", encoding="utf-8")
    with pytest.raises(WorkError, match="Colonnes absentes du tableau : « Aide »"):
        preparer(engine, tmp_path / "t.csv", CORRESPONDANCE)
