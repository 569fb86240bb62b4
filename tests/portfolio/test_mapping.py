"""The mapping file and the cells it names: read once, exact, every fault told with its place."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from aid_rules.dossier import Aide, Dossier
from aid_rules.engine.moteur import Engine
from aid_rules.faults import FaultsError
from aid_rules.portfolio import mapping
from aid_rules.portfolio.fields import Places, construire
from aid_rules.portfolio.values import colonne


@pytest.fixture(scope="module")
def places(engine: Engine) -> Places:
    return Places(engine.book.vocabulaire, engine.book.bases)


def test_modele_relu(tmp_path: Path, places: Places) -> None:
    """Promise: the template is a valid mapping once the date is named, and every commented place exists."""
    text = mapping.modele(places).replace("  date_octroi:", "  date_octroi: Jour", 1)
    path = tmp_path / "c.yaml"
    path.write_text(text, encoding="utf-8")
    assert mapping.lire(path, places).colonnes == {"date_octroi": "Jour"}
    commented = [line.strip("# ").partition(":")[0] for line in text.splitlines() if line.startswith("  # ")]
    paths = [name for name in commented if " " not in name and "." in name]
    assert len(paths) > 300
    for name in paths:
        assert places.trouver(name).chemin == name


def test_fautes_de_correspondance(tmp_path: Path, places: Places) -> None:
    """Promise: every fault of a mapping is told at once, with the nearest known name."""
    path = tmp_path / "c.yaml"
    path.write_text(
        "colonne: {}\ncolonnes: {beneficiaire.sirene: A, projet.faits.aide_adhoc: B}\n"
        "constantes: {beneficiaire.categorie: PE}\nlecture: {date: x}\n",
        encoding="utf-8",
    )
    with pytest.raises(FaultsError) as caught:
        mapping.lire(path, places)
    said = str(caught.value)
    for word in ("« colonnes »", "« beneficiaire.siren »", "« aide_ad_hoc »", "« PE » inconnue", "« dates »"):
        assert word in said
    assert ":2:" in said


def test_date_octroi_obligatoire(tmp_path: Path, places: Places) -> None:
    """Promise: a mapping without the award date is refused: the law depends on it."""
    path = tmp_path / "c.yaml"
    path.write_text("colonnes: {beneficiaire.siren: A}\n", encoding="utf-8")
    with pytest.raises(FaultsError, match="date_octroi"):
        mapping.lire(path, places)


@pytest.mark.parametrize(
    ("chemin", "mot", "valeur"),
    [
        ("date_octroi", "18/11/2019", date(2019, 11, 18)),
        ("date_octroi", "2019-11-18T00:00:00", date(2019, 11, 18)),
        ("projet.couts[0].montant_eur", "1\u202f234,5 €", 123450),
        ("projet.couts[0].montant_eur", "12.34", 1234),
        ("projet.couts[0].montant_eur", "12.500,50", 1250050),
        ("projet.couts[0].montant_eur", "1.250.000", 125000000),
        ("beneficiaire.part_non_economique_pct", "12,5 %", 1250),
        ("beneficiaire.en_difficulte", "Oui", True),
        ("beneficiaire.en_difficulte", "0", False),
        ("beneficiaire.siren", "732 829 320", "732829320"),
        ("beneficiaire.siren", "732\u00a0829\u202f320", "732829320"),
        ("beneficiaire.siren", "732.829.320", "732829320"),
        ("beneficiaire.siret", "732\u00a0829\u00a0320\u00a000074", "73282932000074"),
        ("beneficiaire.entreprise_unique", "732829320;552100554", ["732829320", "552100554"]),
        ("projet.faits.collaboration_effective", "n", False),
        ("beneficiaire.categorie", "", None),
        ("beneficiaire.categorie", " Petite", "petite"),
        ("aides[0].forme", "Avance récupérable", "avance_recuperable"),
        (
            "projet.faits.nature_investissement",
            "Extension-capacités;REMPLACEMENT",
            ["extension_capacites", "remplacement"],
        ),
        ("projet.couts[0].id", "Machine A", "Machine A"),
        ("aides[0].couts", "Machine A;Été", ["Machine A", "Été"]),
    ],
)
def test_cellules(places: Places, chemin: str, mot: str, valeur: object) -> None:
    """Promise: the usual ways of writing are read exactly; an empty cell is unknown."""
    found, bad = colonne(pl.Series("x", [mot]), places.trouver(chemin), {}, None)
    assert bad.is_empty()
    got = found[0]
    assert (got.to_list() if isinstance(got, pl.Series) else got) == valeur


@pytest.mark.parametrize(
    ("chemin", "mot"),
    [
        ("date_octroi", "31/02/2019"),
        ("projet.couts[0].montant_eur", "-5"),
        ("projet.couts[0].montant_eur", "1,234"),
        ("projet.couts[0].montant_eur", "12.500"),
        ("projet.couts[0].montant_eur", "12,500"),
        ("projet.couts[0].montant_eur", "100000000001"),
        ("beneficiaire.siren", "732829321"),
        ("beneficiaire.categorie", "énorme"),
        ("beneficiaire.notation", "BBB-"),
        ("projet.zone_afr", "A+"),
        ("projet.zone_afr", "ª"),
        ("aides[0].base", "rgec.171"),
        ("beneficiaire.en_difficulte", "peut-être"),
    ],
)
def test_cellules_fautives(places: Places, chemin: str, mot: str) -> None:
    """Promise: nothing is guessed: what cannot be read is a fault, with its reason."""
    found, bad = colonne(pl.Series("x", [None, mot]), places.trouver(chemin), {}, None)
    assert found.null_count() == 2
    assert bad["rang"].to_list() == [1]
    assert bad["motif"][0]


@pytest.mark.parametrize(
    ("chemin", "mot", "dates", "dit"),
    [
        ("projet.couts[0].montant_eur", "12.500", None, "se lit de deux façons : écrivez 12500, ou deux décimales"),
        ("projet.couts[0].montant_eur", "12.507 €", None, "écrivez 12507, ou deux décimales"),
        ("aides[0].base", "rgec.171", None, "vouliez-vous dire « rgec.17 » ?"),
        ("aides[0].base", "de minimis", None, "base « de minimis » inconnue ; « aid-rules regles lister »"),
        ("projet.commune", "1004", None, "écrivez 01004"),
        ("date_octroi", "45363", None, "numéro de jour d'Excel ; mettez la colonne au format Date"),
        ("date_octroi", "31/02/2024", None, "écrite JJ/MM/AAAA ou AAAA-MM-JJ"),
        ("date_octroi", "03/06/24", None, "écrite JJ/MM/AAAA ou AAAA-MM-JJ"),
        ("date_octroi", "31/12/2024", "%m/%d/%Y", "écrite MM/JJ/AAAA"),
    ],
)
def test_cellules_fautives_ce_qu_il_faut_ecrire(
    places: Places, chemin: str, mot: str, dates: str | None, dit: str
) -> None:
    """Promise: the reason of a fault says what to write instead, in the forms that a table admits."""
    _, bad = colonne(pl.Series("x", [mot]), places.trouver(chemin), {}, dates)
    assert dit in bad["motif"][0]


def test_date_iso_sous_une_autre_forme(places: Places) -> None:
    """Promise: a form named in the mapping never bars a day that is written year first."""
    found, _ = colonne(pl.Series("x", ["2024-06-03"]), places.trouver("date_octroi"), {}, "%d/%m/%Y")
    assert found.to_list() == [date(2024, 6, 3)]


def test_construire_numerote() -> None:
    """Promise: lines without identifier are named by their rank; empty items are left out."""
    built = construire(
        {
            ("date_octroi",): date(2020, 1, 1),
            ("projet", "couts", 2, "montant"): 500,
            ("aides", 0, "base"): "rgec.17",
        }
    )
    assert [c.id for c in built.projet.couts or ()] == ["cout3"]
    assert [a.id for a in built.aides or ()] == ["aide1"]
    assert built.de_minimis is None


@pytest.mark.parametrize(
    ("texte", "dit"),
    [
        ("- a\n", "bloc de clés"),
        ("colonnes: [a]\n", "chemin: valeur"),
        ("colonnes: {date_octroi: [a]}\n", "nom d'une colonne"),
        ("colonnes: {date_octroi: A}\nvaleurs: {beneficiaire.categorie: PE}\n", "mot du tableau"),
        ("colonnes: {date_octroi: A}\nvaleurs: {beneficiaire.categorie: {PE: minuscule}}\n", "minuscule"),
        ("colonnes: {date_octroi: A}\nlecture: {dates: JJMMAA}\n", "JJ/MM/AAAA"),
        ("colonnes: {date_octroi: A, 'projet.couts[a].montant_eur': B}\n", "n'est pas un chemin"),
    ],
)
def test_correspondances_refusees(tmp_path: Path, places: Places, texte: str, dit: str) -> None:
    """Promise: whatever stands in the wrong shape is told in French."""
    path = tmp_path / "c.yaml"
    path.write_text(texte, encoding="utf-8")
    with pytest.raises(FaultsError, match=dit):
        mapping.lire(path, places)


def test_listes_vides_et_valeurs_vides(tmp_path: Path, places: Places) -> None:
    """Promise: an empty list says that there is none; a word brought to nothing is unknown."""
    path = tmp_path / "c.yaml"
    path.write_text(
        "colonnes: {date_octroi: A, beneficiaire.categorie: B}\nconstantes: {aides: [], projet.couts: []}\n"
        "valeurs: {beneficiaire.categorie: {'?': null}}\n",
        encoding="utf-8",
    )
    read = mapping.lire(path, places)
    assert read.constantes == {"aides": [], "projet.couts": []}
    assert read.valeurs == {"beneficiaire.categorie": {"?": None}}


def test_entetes_devinees(places: Places) -> None:
    """Promise: headers that bear a place are read, the others told with the nearest place."""
    found, ignored = mapping.devinee(["identifiant", "date_octroi", "beneficiaire.sirene", "qzx"], places)
    assert found.identifiant == "identifiant"
    assert found.colonnes == {"date_octroi": "date_octroi"}
    assert ignored == ["« beneficiaire.sirene » (vouliez-vous dire « beneficiaire.siren » ?)", "« qzx »"]


def test_construire_comme_pydantic() -> None:
    """Promise: a dossier built from a table is the one that its model builds, defaults included, and none is shared."""
    built = construire({("date_octroi",): date(2020, 1, 1), ("aides", 0, "base"): "rgec.17"})
    plain = Dossier.model_construct(
        date_octroi=date(2020, 1, 1), aides=(Aide.model_construct(id="aide1", base="rgec.17"),)
    )
    assert built == plain
    assert built.model_dump() == plain.model_dump()
    one, two = (construire({("projet", "commune"): "76462"}).projet for _ in range(2))
    assert one.faits is not two.faits
