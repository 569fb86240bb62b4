"""The import of the official list of communes of the 2022-2027 map, and what it settles."""

from __future__ import annotations

import errno
import hashlib
import os
from datetime import date
from pathlib import Path

import pytest

from aid_rules.faults import FaultsError, WorkError
from aid_rules.law import carte_afr, communes
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
        ("02003;Acy;Intégralement", "99999;Acy;X", [(2, "« 99999 » inconnu"), (2, "« X » inconnu")]),
        (
            "59350;Lille;Partiellement\n35238;Rennes;",
            "02003;Acy;Partiellement\n02003;Acy;",
            [(3, "déjà donnée ligne 2"), (4, "déjà donnée ligne 2")],
        ),
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
    assert {faute.column for faute in erreur.value.faults} == {1}
    assert not importees.exists()


@pytest.mark.parametrize(
    ("contenu", "message", "ligne"),
    [
        ("", "fichier vide", 1),
        (" \n" + OFFICIEL, "fichier vide", 1),
        ("insee_com\tlib_com\tclassement_afr\n02003\tAcy\tIntégralement\n", "séparateur de colonnes inconnu", 1),
        ("insee_com lib_com\n" + OFFICIEL, "séparateur de colonnes inconnu", 1),
        ("insee_com;lib_com;classement_afr\n", "aucune commune classée", 0),
        ("insee_com;lib_com;classement_afr\n02003;Acy;Non classée\n", "aucune commune classée", 0),
        (b"\xff\xfe" + "insee_com;lib_com".encode("utf-16-le"), "absente", 1),
        (b"PK\x03\x04;\x00\x00", "absente", 1),
        ('insee_com;"' + "x" * 200_000, "ligne de titres illisible", 1),
        (OFFICIEL + '02009;"' + "x" * 200_000, "ligne illisible", 9),
    ],
)
def test_a_file_that_is_no_list_is_refused(tmp_path, importees, contenu, message, ligne):
    """Empty, tabs, UTF-16, a spreadsheet: said where it is seen, if it is on a line, and nothing written."""
    with pytest.raises(FaultsError, match=message) as erreur:
        importer(tmp_path, importees, contenu)
    assert {(faute.line, faute.column) for faute in erreur.value.faults} == {(ligne, min(ligne, 1))}
    assert not importees.exists()


@pytest.mark.parametrize(("octets", "faute"), [(20_000_000, FaultsError), (20_000_001, WorkError)])
def test_a_file_beyond_twenty_megabytes_is_not_read(tmp_path, importees, octets, faute):
    """Twenty million bytes are still read, one more is not; neither is a list here."""
    with pytest.raises(faute, match="dépasse 20 Mo" if faute is WorkError else "séparateur"):
        importer(tmp_path, importees, b"x" * octets)


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
    with pytest.raises(WorkError, match=rf"absent\.csv ne peut pas être lu : {os.strerror(errno.ENOENT)}"):
        carte_afr.importer(tmp_path / "absent.csv", importees, donnees=DONNEES)
    bouchon = tmp_path / "bouchon"
    bouchon.write_text("", encoding="utf-8")
    with pytest.raises(WorkError, match=f"ne peut pas être écrite : {os.strerror(errno.EEXIST)}"):
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


def test_no_list_is_none(tmp_path, importees):
    """Without import there is no list: neither an error nor an empty one."""
    assert carte_afr.lire(importees) is None
    assert zones("02003", "2023-06-01", importees) == {"aucune", "c"}
    importer(tmp_path, importees, OFFICIEL, arrete_le=date(2024, 1, 2))
    liste = carte_afr.lire(importees)
    assert liste is not None
    assert liste.arrete_le == date(2024, 1, 2)
    assert [liste.classement(code) for code in ("02003", "59350", "76462")] == ["I", "P", None]


@pytest.mark.parametrize(
    ("ancien", "nouveau"),
    [
        (b"# arrete_le", b"arrete_le"),
        (b"97411;I\n", b"97411;I\n97412;I"),
        (b"97411;I\n", b"97411;I\n97412;I\n"),
        (b"97411;I\n", b"97411;I"),
        (b";lignes=6\n", b"\n"),
    ],
)
def test_a_table_edited_by_hand_is_refused(tmp_path, importees, ancien, nouveau):
    """A head that is not the import's, a line more, less or cut: import again."""
    importer(tmp_path, importees, OFFICIEL)
    table = importees / carte_afr.NOM
    assert ancien in table.read_bytes()
    table.write_bytes(table.read_bytes().replace(ancien, nouveau))
    with pytest.raises(WorkError, match="importez de nouveau"):
        carte_afr.lire(importees)


def liste(classement: str, codes: list[str]) -> str:
    return "insee_com;lib_com;classement_afr\n" + "".join(f"{code};x;{classement}\n" for code in codes)


@pytest.mark.parametrize(("nombre", "courte"), [(999, True), (1_000, False)])
def test_a_short_list_is_said(tmp_path, importees, nombre, courte):
    """Fewer than a thousand communes in a zone: perhaps not the whole list."""
    mainland = sorted(code for code in communes.codes(DONNEES) if code < "20")
    rapport = importer(tmp_path, importees, liste("Partiellement", mainland[:nombre]))
    assert any("si la liste n'est pas entière" in dit for dit in rapport.avertissements) is courte
    assert len(rapport.avertissements) == courte
    assert (rapport.integralement, rapport.partiellement, rapport.non_classees) == (0, nombre, 0)


def test_overseas_communes_out_of_zone_are_named(tmp_path, importees):
    """Décret 2022-968 annexe 1: the outermost regions are wholly in; five of those that are not are named."""
    reunion = [f"974{n:02}" for n in range(1, 8)]
    autres = "97701;Saint-Barthélemy;Non classée\n98735;Papeete;Non classée\n59350;Lille;Partiellement\n"
    rapport = importer(tmp_path, importees, liste("Non classée", reunion[::-1]) + autres)
    (_, dit) = rapport.avertissements
    assert dit.startswith("7 communes")
    assert f"({', '.join(reunion[:5])}…)" in dit
    rapport = importer(tmp_path, importees, liste("Intégralement", reunion) + autres)
    assert not any("outre-mer" in dit for dit in rapport.avertissements)


def test_the_report_tells_what_was_read(tmp_path, importees):
    """The file, the table, the day, the numbers and the fingerprint of the file itself."""
    rapport = importer(tmp_path, importees, OFFICIEL, arrete_le=date(2025, 3, 12))
    assert (rapport.fichier, rapport.table) == (tmp_path / "afr_2022.csv", importees / carte_afr.NOM)
    assert rapport.arrete_le == date(2025, 3, 12)
    assert rapport.empreinte == hashlib.sha256(OFFICIEL.encode()).hexdigest()
    tete = rapport.table.read_text(encoding="utf-8").splitlines()[0]
    assert tete == f"# arrete_le=2025-03-12;sha256={rapport.empreinte};lignes=6"


@pytest.mark.parametrize("jour", [date(2022, 7, 3), date(2027, 12, 31)])
def test_a_list_of_the_first_and_last_day_is_taken(tmp_path, importees, jour):
    """Décret 2022-968: from its first day to the end of the map."""
    assert importer(tmp_path, importees, OFFICIEL, arrete_le=jour).arrete_le == jour


@pytest.mark.parametrize("jour", [date(2022, 7, 2), date(2028, 1, 1)])
def test_a_list_of_the_day_before_or_after_is_not(tmp_path, importees, jour):
    """The day that is wrong is named, and nothing is written."""
    with pytest.raises(FaultsError, match="entre 2022-07-03 et 2027-12-31"):
        importer(tmp_path, importees, OFFICIEL, arrete_le=jour)
    assert not importees.exists()


@pytest.mark.parametrize(
    ("ecrit", "lu"),
    [
        ("TOTALEMENT", "I"),
        ("intégralement  classée", "I"),
        ("Intégralement éligible", "I"),
        ("Partiellement zonée", "P"),
        ("partiellement", "P"),
        ("Non", None),
        ("hors zone AFR", None),
        ("non éligible", None),
    ],
)
def test_a_class_is_read_as_people_write_it(tmp_path, importees, ecrit, lu):
    """Accents, case, spaces and the usual words."""
    importer(tmp_path, importees, OFFICIEL.replace("Partiellement", ecrit))
    read = carte_afr.lire(importees)
    assert read is not None
    assert read.classement("59350") == lu


@pytest.mark.parametrize(
    ("lignes", "attendue"),
    [
        # Les Hauts-Talican of 2023 holds three communes of 2012, split again in 2024
        ("60054;x;Intégralement\n60455;x;Intégralement\n60694;x;Intégralement\n", "I"),
        ("60455;x;Intégralement\n60694;x;Intégralement\n", "P"),
        ("60455;x;Partiellement\n60694;x;Partiellement\n60054;x;Partiellement\n", "P"),
        ("60455;x;Non\n60694;x;Non\n60054;x;Non\n", None),
        ("60455;x;Intégralement\n60694;x;Intégralement\n60054;x;Non\n", "P"),
    ],
)
def test_former_communes_make_the_one_that_holds_them(tmp_path, importees, lignes, attendue):
    """Wholly in when all that it is made of is, in part when a piece is not or is not told."""
    base = OFFICIEL.replace("60054;Les Hauts-Talican;Intégralement\n", "")
    importer(tmp_path, importees, base + lignes, arrete_le=date(2023, 1, 1))
    read = carte_afr.lire(importees)
    assert read is not None
    assert read.classement("60054") == attendue


def test_the_city_that_the_list_names_is_followed(tmp_path, importees):
    """Marseille named in part is so, whatever its arrondissements say; a city of which nothing is said is out."""
    arrondissements = "".join(f"132{n:02};Marseille;Intégralement\n" for n in range(1, 17))
    importer(tmp_path, importees, OFFICIEL + arrondissements + "13055;Marseille;Partiellement\n")
    read = carte_afr.lire(importees)
    assert read is not None
    assert [read.classement(code) for code in ("13055", "13216", "75056", "69123")] == ["P", "I", None, None]
    importer(tmp_path, importees, OFFICIEL + arrondissements)
    read = carte_afr.lire(importees)
    assert read is not None
    assert read.classement("13055") == "I"


def test_the_folder_is_made_with_those_above_it(tmp_path):
    """The user's data folder need not exist, nor what holds it."""
    loin = tmp_path / "a" / "b" / "c"
    importer(tmp_path, loin, OFFICIEL)
    assert [fichier.name for fichier in loin.iterdir()] == [carte_afr.NOM]


def test_communes_that_parted_are_each_read_by_their_own_line(tmp_path, importees):
    """Bihorel and Bois-Guillaume, one commune in 2012, are two of the list: each has its own class."""
    importer(tmp_path, importees, OFFICIEL + "76095;Bihorel;Intégralement\n76108;Bois-Guillaume;Non classée\n")
    assert zones("76095", "2023-06-01", importees) == {"c"}
    assert zones("76108", "2023-06-01", importees) == {"aucune"}


@pytest.mark.parametrize(
    ("ancienne", "attendues", "manquants"),
    [
        ("Intégralement", {"c"}, ()),
        ("Non classée", {"aucune", "c"}, ("projet.commune", "projet.zone_afr")),
        ("Partiellement", {"aucune", "c"}, ("projet.commune", "projet.zone_afr")),
    ],
)
def test_a_merger_after_the_list_asks_for_the_former_commune(tmp_path, importees, ancienne, attendues, manquants):
    """Bézac absorbed Saint-Amans in 2023: where their classes differ, the former commune settles it."""
    importer(tmp_path, importees, OFFICIEL + f"09056;Bézac;Intégralement\n09255;Saint-Amans;{ancienne}\n")
    bezac = situation_afr(DONNEES, "09056", None, date(2024, 6, 1), importees=importees)
    assert (bezac.zones_possibles, bezac.manquants) == (attendues, manquants)
    assert bezac.partielle is bool(manquants)
    assert any("réunit 2 anciennes communes" in motif for motif in bezac.motifs) is bool(manquants)
    assert zones("09056", "2022-07-03", importees) == {"c"}


@pytest.mark.parametrize(
    ("arrete_le", "commune", "jour", "attendues"),
    [
        ("2025-03-11", "76462", "2025-03-11", {"aucune"}),
        ("2025-03-11", "76462", "2025-03-12", {"aucune", "c"}),
        ("2025-03-12", "76462", "2025-03-12", {"aucune"}),
        ("2025-03-12", "02003", "2025-03-11", {"aucune", "c"}),
        ("2025-03-12", "02003", "2025-03-12", {"c"}),
        ("2025-03-12", "76462", "2025-03-11", {"aucune"}),  # out after the extension, out before it
        ("2025-03-11", "02003", "2025-03-12", {"c"}),  # in before the extension, in after it
        ("2025-03-12", "35238", "2025-03-11", {"c"}),  # no commune of this region was added
    ],
)
def test_a_list_and_a_grant_on_either_side_of_the_extension(tmp_path, importees, arrete_le, commune, jour, attendues):
    """Décision of 12 March 2025: what was in stays in, what is still out was out; the rest is to be confirmed."""
    importer(tmp_path, importees, OFFICIEL, arrete_le=date.fromisoformat(arrete_le))
    found = situation_afr(DONNEES, commune, None, date.fromisoformat(jour), importees=importees)
    assert found.zones_possibles == attendues
    assert found.confiance == ("moyenne" if len(attendues) > 1 else "haute")
    assert any("12 mars 2025" in motif for motif in found.motifs) is (len(attendues) > 1)


def test_what_the_list_says_of_a_commune_is_told(tmp_path, importees):
    """Wholly, in part, not: with the annex that says so."""
    importer(tmp_path, importees, OFFICIEL)
    for commune, dit in (("02003", "entièrement"), ("59350", "que pour une partie"), ("76462", "n'est pas en zone")):
        found = situation_afr(DONNEES, commune, None, date(2023, 7, 1), importees=importees)
        assert dit in found.motifs[0]
        assert "décret n° 2022-968 du 30 juin 2022, annexe 1" in found.motifs[0]
        assert found.partielle is (commune == "59350")
        assert found.confiance == "haute"


def test_an_arrondissement_is_read_by_its_own_line_only_when_it_has_one(tmp_path, importees):
    """Else by that of its city; a commune that bears no arrondissement has its line whatever they say."""
    importer(tmp_path, importees, OFFICIEL + "13055;Marseille;Partiellement\n13201;Marseille 1er;Intégralement\n")
    assert zones("13201", "2023-06-01", importees) == {"c"}
    assert zones("13202", "2023-06-01", importees) == {"aucune", "c"}
