"""The import of the official list of communes of the 2022-2027 map, and what it settles."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from aid_rules.faults import FaultsError, WorkError
from aid_rules.law import carte_afr
from aid_rules.law.territoire import situation_afr

DONNEES = Path(__file__).parents[2] / "rulesets" / "donnees"

OFFICIEL = """insee_com;lib_com;classement_afr
02003;Acy;Intégralement
59350;Lille;Partiellement
35238;Rennes;intégralement
76462;Neufchâtel-en-Bray;Non classée
2A004;Ajaccio;Intégralement
60054;Les Hauts-Talican;Intégralement
97411;Saint-Denis;Intégralement
"""


@pytest.fixture
def importees(tmp_path):
    """Give the user's data folder, empty."""
    return tmp_path / "donnees"


def ecrire(tmp_path: Path, contenu: str | bytes) -> Path:
    fichier = tmp_path / "afr_2022.csv"
    fichier.write_bytes(contenu.encode() if isinstance(contenu, str) else contenu)
    return fichier


def importer(tmp_path: Path, importees: Path, contenu: str | bytes, **dates: date) -> carte_afr.Rapport:
    return carte_afr.importer(ecrire(tmp_path, contenu), importees, donnees=DONNEES, **dates)


def zones(commune: str, jour: str, importees: Path) -> set[str]:
    return set(situation_afr(DONNEES, commune, None, date.fromisoformat(jour), importees=importees).zones_possibles)


@pytest.mark.parametrize(
    "contenu",
    [
        OFFICIEL,
        "\ufeff" + OFFICIEL,
        OFFICIEL.replace(";", ","),
        OFFICIEL.replace("\n", "\r\n"),
        OFFICIEL.encode("latin-1"),
        OFFICIEL.replace("Acy", '"Acy ; le bourg"'),
        OFFICIEL.replace("02003;", "\n02003;"),
        OFFICIEL.replace("insee_com", " INSEE_COM "),
        "\n".join(f"{n};{ligne}" for n, ligne in enumerate(OFFICIEL.splitlines())).replace("0;insee", "N°;insee")
        + "\n",
    ],
    ids=["plain", "bom", "comma", "crlf", "latin-1", "quoted", "blank line", "header case", "more columns"],
)
def test_the_official_file_is_read_in_its_known_shapes(tmp_path, importees, contenu):
    """UTF-8 or Latin-1, `;` or `,`, other columns or not: the same table."""
    rapport = importer(tmp_path, importees, contenu)
    assert (rapport.integralement, rapport.partiellement, rapport.non_classees) == (5, 1, 1)
    assert rapport.lignes == 7
    assert (importees / carte_afr.NOM).read_text(encoding="utf-8").splitlines()[1:] == [
        "02003;I",
        "2A004;I",
        "35238;I",
        "59350;P",
        "60054;I",
        "97411;I",
    ]


@pytest.mark.parametrize(
    ("commune", "jour", "attendues"),
    [
        ("02003", "2022-07-03", {"c"}),
        ("02003", "2022-07-02", {"aucune"}),
        ("02003", "2021-12-31", {"c"}),  # the earlier map, not the imported list
        ("02003", "2028-01-01", {"a", "c", "aucune"}),
        ("59350", "2023-06-01", {"aucune", "c"}),
        ("76462", "2023-06-01", {"aucune"}),
        ("76462", "2025-03-11", {"aucune"}),
        ("76462", "2025-03-12", {"aucune", "c"}),  # Normandie: communes were added, the list is older
        ("51108", "2026-11-20", {"aucune"}),  # Grand Est: none was
        ("2A004", "2026-11-20", {"c"}),
        ("97411", "2026-11-20", {"a"}),
        ("97209", "2026-11-20", {"a"}),  # not in the list: the territory is enough
        ("60694", "2026-11-20", {"c"}),  # made in 2024 out of a commune that is wholly in
        ("60455", "2026-11-20", {"c"}),  # a former commune of it
        ("75101", "2023-06-01", {"aucune"}),
    ],
)
def test_zones_once_the_list_is_imported(tmp_path, importees, commune, jour, attendues):
    """Décret 2022-968 annexe 1: wholly in, in part, and out, since the whole list was imported."""
    importer(tmp_path, importees, OFFICIEL)
    assert attendues == zones(commune, jour, importees)


def test_rates_once_the_list_is_imported(tmp_path, importees):
    """Décret 2022-968 annexe 3: 15 % or, in Ille-et-Vilaine, 10 %, certain."""
    rapport = importer(tmp_path, importees, OFFICIEL)
    acy = situation_afr(DONNEES, "02003", None, date(2023, 7, 1), importees=importees)
    rennes = situation_afr(DONNEES, "35238", None, date(2023, 7, 1), importees=importees)
    assert acy.taux == {"grande": (1500, 1500), "moyenne": (2500, 2500), "petite": (3500, 3500)}
    assert rennes.taux == {"grande": (1000, 1000), "moyenne": (2000, 2000), "petite": (3000, 3000)}
    assert acy.seuil_notification == 12_380_000_00
    assert acy.carte_importee == rapport.empreinte
    assert acy.manquants == ()


def test_a_partly_classified_commune_is_open(tmp_path, importees):
    """In part: possible, to be located; and known not to be certain."""
    importer(tmp_path, importees, OFFICIEL)
    lille = situation_afr(DONNEES, "59350", None, date(2023, 7, 1), importees=importees)
    assert lille.partielle
    assert lille.manquants == ("projet.zone_afr",)


def test_a_later_list_closes_and_opens_the_right_days(tmp_path, importees):
    """Décision of March 2025: a list of 2025 settles later grants, and opens earlier ones of the same regions."""
    importer(tmp_path, importees, OFFICIEL, arrete_le=date(2025, 6, 1))
    assert zones("76462", "2026-11-20", importees) == {"aucune"}
    assert zones("02003", "2026-11-20", importees) == {"c"}
    assert zones("02003", "2023-06-01", importees) == {"aucune", "c"}  # Hauts-de-France: perhaps added since
    assert zones("35238", "2023-06-01", importees) == {"c"}  # Bretagne: none was


def test_a_new_import_replaces_the_former(tmp_path, importees):
    """From then on: the next look-up reads the new list, in the same process."""
    importer(tmp_path, importees, OFFICIEL)
    assert zones("02003", "2023-06-01", importees) == {"c"}
    importer(tmp_path, importees, OFFICIEL.replace("02003;Acy;Intégralement", "02003;Acy;Partiellement"))
    assert zones("02003", "2023-06-01", importees) == {"aucune", "c"}
    assert [fichier.name for fichier in importees.iterdir()] == [carte_afr.NOM]


@pytest.mark.parametrize(
    ("ancien", "nouveau", "messages"),
    [
        ("02003;Acy", "99999;Acy", [(2, "code INSEE « 99999 » inconnu")]),
        ("02003;Acy", "2003;Acy", [(2, "zéro initial perdu ? « 02003 » existe")]),
        ("02003;Acy", ";Acy", [(2, "code INSEE absent")]),
        ("59350;Lille", "02003;Acy", [(3, "commune 02003 déjà donnée ligne 2")]),
        ("Partiellement", "Presque", [(3, "classement « Presque » inconnu")]),
        ("Partiellement", "", [(3, "classement absent")]),
        ("59350;Lille;", "59350;Lille;;", [(3, "4 colonnes lues au lieu de 3")]),
        ("59350;Lille;", "59350,Lille,", [(3, "1 colonnes lues au lieu de 3")]),
        ("classement_afr", "classement_af", [(1, "colonne « classement_afr » absente")]),
        ("insee_com", "code", [(1, "colonne « insee_com » absente")]),
        ("lib_com;", "nom;", [(1, "colonne « lib_com » absente")]),
        (
            "lib_com;",
            "insee_com;",
            [(1, "colonne « lib_com » absente"), (1, "colonne « insee_com » présente deux fois")],
        ),
        ("02003;Acy;Intégralement\n59350", "02003;Acy;X\nY", [(2, "« X » inconnu"), (3, "« Y » inconnu")]),
    ],
)
def test_each_fault_is_told_with_its_line(tmp_path, importees, ancien, nouveau, messages):
    """One wrong file per fault; every fault at once; nothing written."""
    assert ancien in OFFICIEL
    with pytest.raises(FaultsError) as erreur:
        importer(tmp_path, importees, OFFICIEL.replace(ancien, nouveau))
    fautes = [(faute.line, faute.message) for faute in erreur.value.faults]
    assert len(fautes) == len(messages)
    for ligne, message in messages:
        assert any(ligne == lue and message in dit for lue, dit in fautes), fautes
    assert all(faute.file.endswith("afr_2022.csv") for faute in erreur.value.faults)
    assert not importees.exists()


@pytest.mark.parametrize(
    ("contenu", "message"),
    [
        ("", "fichier vide"),
        ("insee_com\tlib_com\tclassement_afr\n02003\tAcy\tIntégralement\n", "séparateur de colonnes inconnu"),
        ("insee_com;lib_com;classement_afr\n", "aucune commune classée"),
        ("insee_com;lib_com;classement_afr\n02003;Acy;Non classée\n", "aucune commune classée"),
        (b"\xff\xfe" + "insee_com;lib_com".encode("utf-16-le"), "absente"),
        (b"PK\x03\x04;\x00\x00", "absente"),
        ('insee_com;"' + "x" * 200_000, "ligne de titres illisible"),
        (OFFICIEL + '02009;"' + "x" * 200_000, "ligne illisible"),
    ],
)
def test_a_file_that_is_no_list_is_refused(tmp_path, importees, contenu, message):
    """Empty, tabs, UTF-16, a spreadsheet: said, and nothing written."""
    with pytest.raises(FaultsError, match=message):
        importer(tmp_path, importees, contenu)
    assert not importees.exists()


def test_a_faulty_file_leaves_the_former_list(tmp_path, importees):
    """Nothing half written: the list imported before still serves."""
    importer(tmp_path, importees, OFFICIEL)
    avant = (importees / carte_afr.NOM).read_bytes()
    with pytest.raises(FaultsError):
        importer(tmp_path, importees, OFFICIEL.replace("02003", "99999"))
    assert avant == (importees / carte_afr.NOM).read_bytes()


def test_a_write_that_fails_leaves_the_former_list(tmp_path, importees, monkeypatch):
    """A full disk on the last step: an error, the former list, no litter."""
    importer(tmp_path, importees, OFFICIEL)
    avant = (importees / carte_afr.NOM).read_bytes()

    def plein(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", plein)
    with pytest.raises(WorkError, match="ne peut pas être écrite"):
        importer(tmp_path, importees, OFFICIEL.replace("Partiellement", "Intégralement"))
    assert avant == (importees / carte_afr.NOM).read_bytes()
    assert [fichier.name for fichier in importees.iterdir()] == [carte_afr.NOM]


def test_a_missing_file_and_an_unusable_folder_are_said(tmp_path, importees):
    """The work could not be done: the message names the path."""
    with pytest.raises(WorkError, match=r"absent\.csv ne peut pas être lu"):
        carte_afr.importer(tmp_path / "absent.csv", importees, donnees=DONNEES)
    bouchon = tmp_path / "bouchon"
    bouchon.write_text("", encoding="utf-8")
    with pytest.raises(WorkError, match="ne peut pas être écrite"):
        importer(tmp_path, bouchon, OFFICIEL)


def test_a_damaged_list_is_refused(tmp_path, importees):
    """A table cut short or edited by hand is not read as « in no zone »."""
    importer(tmp_path, importees, OFFICIEL)
    table = importees / carte_afr.NOM
    table.write_bytes(table.read_bytes()[:-3])
    with pytest.raises(WorkError, match="importez de nouveau"):
        zones("76462", "2023-06-01", importees)


def test_a_list_cut_on_a_line_is_refused(tmp_path, importees):
    """A whole line lost is seen too: the table carries its number of lines."""
    importer(tmp_path, importees, OFFICIEL)
    table = importees / carte_afr.NOM
    table.write_bytes(b"\n".join(table.read_bytes().split(b"\n")[:-2]) + b"\n")
    with pytest.raises(WorkError, match="importez de nouveau"):
        zones("76462", "2023-06-01", importees)


def test_arrondissements_make_the_city(tmp_path, importees):
    """A list that names arrondissements: the city is in part, each arrondissement is what the list says."""
    importer(tmp_path, importees, OFFICIEL + "13201;Marseille 1er;Intégralement\n")
    assert zones("13201", "2023-06-01", importees) == {"c"}
    assert zones("13055", "2023-06-01", importees) == {"aucune", "c"}
    lyon = "".join(f"6938{n};Lyon {n};Intégralement\n" for n in range(1, 10))
    importer(tmp_path, importees, OFFICIEL + lyon)
    assert zones("69123", "2023-06-01", importees) == {"c"}


@pytest.mark.parametrize(
    ("lignes", "attendues"),
    [
        # Bézac absorbed Saint-Amans in 2023: a list of 2023 that still names both, or only one of them
        ("09056;Bézac;Intégralement\n09255;Saint-Amans;Intégralement\n", {"c"}),
        ("09056;Bézac;Intégralement\n09255;Saint-Amans;Non classée\n", {"aucune", "c"}),
        ("09255;Saint-Amans;Intégralement\n", {"aucune", "c"}),
    ],
)
def test_communes_of_an_older_vintage_are_carried_over(tmp_path, importees, lignes, attendues):
    """A list may follow an older geographic code: a former commune counts for the one that absorbed it."""
    importer(tmp_path, importees, OFFICIEL + lignes, arrete_le=date(2024, 6, 1))
    assert attendues == zones("09056", "2024-06-01", importees)


def test_the_report_warns_of_what_is_odd(tmp_path, importees):
    """A short list, an overseas commune out of zone: imported, and said."""
    rapport = importer(
        tmp_path, importees, OFFICIEL.replace("97411;Saint-Denis;Intégralement", "97411;Saint-Denis;Non classée")
    )
    courte, outre_mer = rapport.avertissements
    assert "ne classe que 5 communes" in courte
    assert "97411" in outre_mer
    assert zones("97411", "2023-06-01", importees) == {"a"}


def test_a_list_of_another_period_is_refused(tmp_path, importees):
    """The day of the list lies in the map's own period."""
    with pytest.raises(FaultsError, match="entre 2022-07-03 et 2027-12-31"):
        importer(tmp_path, importees, OFFICIEL, arrete_le=date(2021, 1, 1))


def test_the_data_folder_follows_the_environment(monkeypatch, tmp_path):
    """`AID_RULES_DONNEES`, else XDG, else the home folder; and the look-up reads it by default."""
    monkeypatch.setenv("AID_RULES_DONNEES", str(tmp_path / "a"))
    assert carte_afr.dossier_donnees() == tmp_path / "a"
    importer(tmp_path, carte_afr.dossier_donnees(), OFFICIEL)
    assert situation_afr(DONNEES, "02003", None, date(2023, 6, 1)).zones_possibles == {"c"}
    monkeypatch.delenv("AID_RULES_DONNEES")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "b"))
    assert carte_afr.dossier_donnees() == tmp_path / "b" / "aid-rules"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "c"))
    assert carte_afr.dossier_donnees() == tmp_path / "c" / ".local" / "share" / "aid-rules"
