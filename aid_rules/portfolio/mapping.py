"""The mapping file: which column of the user's table says which thing of a dossier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aid_rules.faults import Fault, FaultsError, nearest
from aid_rules.language.positions import Document, read_file
from aid_rules.portfolio.fields import FAITS, IDENTIFIANT, Place, Places, chemins
from aid_rules.portfolio.values import FORMES_DE_DATE

CLES = ("identifiant", "colonnes", "constantes", "valeurs", "lecture")
LECTURE = ("separateur", "encodage", "feuille", "dates")


@dataclass(frozen=True)
class Correspondance:
    """What to read where.

    `colonnes` gives the column of each path, `constantes` what every row holds (raw), `valeurs` the words of the
    user's table for each path, `lecture` how the file is to be read.
    """

    identifiant: str | None = None
    colonnes: Mapping[str, str] = field(default_factory=dict)
    constantes: Mapping[str, Any] = field(default_factory=dict)
    valeurs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    lecture: Mapping[str, str] = field(default_factory=dict)

    @property
    def places(self) -> tuple[str, ...]:
        """Return every path that a row fills."""
        return tuple(dict.fromkeys([*self.constantes, *self.colonnes]))


def lire(path: Path, places: Places) -> Correspondance:
    """Read a mapping file. Raises `FaultsError` with every fault, in French, placed."""
    document = read_file(path)
    data = document.data
    if not isinstance(data, dict):
        raise FaultsError([document.fault("un bloc de clés est attendu, dont « colonnes »")])
    faults = [
        document.fault(f"clé inconnue « {key} »{nearest(str(key), CLES)} ; clés admises : {', '.join(CLES)}", (key,))
        for key in data
        if key not in CLES
    ]
    colonnes = _bloc(document, "colonnes", faults)
    constantes = _bloc(document, "constantes", faults)
    valeurs = _bloc(document, "valeurs", faults)
    lecture = _bloc(document, "lecture", faults)
    for bloc, name in ((colonnes, "colonnes"), (constantes, "constantes"), (valeurs, "valeurs")):
        for chemin in list(bloc):
            faults += _place(document, places, name, chemin, bloc[chemin])
    for key, value in lecture.items():
        if key not in LECTURE:
            message = f"clé inconnue « {key} »{nearest(str(key), LECTURE)} ; clés admises : {', '.join(LECTURE)}"
            faults.append(document.fault(message, ("lecture", key)))
        elif key == "dates" and value not in FORMES_DE_DATE:
            message = f"forme de date inconnue ; formes admises : {', '.join(FORMES_DE_DATE)}"
            faults.append(document.fault(message, ("lecture", key)))
    # constants alone complete dossiers that say their own day
    if not faults and (colonnes or not constantes) and "date_octroi" not in {*colonnes, *constantes}:
        faults.append(document.fault("il manque la colonne de « date_octroi » : le droit appliqué en dépend"))
    if faults:
        raise FaultsError(faults)
    return Correspondance(
        data.get(IDENTIFIANT) and str(data[IDENTIFIANT]),
        {chemin: str(column) for chemin, column in colonnes.items()},
        constantes,
        valeurs,
        {key: str(value) for key, value in lecture.items()},
    )


def _bloc(document: Document, name: str, faults: list[Fault]) -> dict[str, Any]:
    value = document.data.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        faults.append(document.fault("un bloc de clés (chemin: valeur) est attendu", (name,)))
        return {}
    return {str(key): item for key, item in value.items() if item is not None}


def _place(document: Document, places: Places, bloc: str, chemin: str, value: object) -> list[Fault]:
    if bloc == "constantes" and value == [] and chemin in ("de_minimis", "aides", "projet.couts"):
        return []
    try:
        place = places.trouver(chemin)
    except ValueError as error:
        return [document.fault(str(error), (bloc, chemin))]
    if bloc == "colonnes" and not isinstance(value, str | int):
        return [document.fault("le nom d'une colonne est attendu", (bloc, chemin))]
    if bloc == "valeurs" and not isinstance(value, dict):
        return [document.fault("un bloc « mot du tableau: valeur » est attendu", (bloc, chemin))]
    answers = [value] if bloc == "constantes" else list(value.values()) if isinstance(value, dict) else []
    for answer in answers:
        try:
            _lue(place, answer)
        except ValueError as error:
            return [document.fault(str(error), (bloc, chemin))]
    return []


def _lue(place: Place, value: object) -> None:
    if value is not None:
        place.lire(value)


def devinee(entetes: Sequence[str], places: Places) -> tuple[Correspondance, list[str]]:
    """Map the columns that already bear the path of a dossier; the others are returned, ignored.

    Raises `WorkError`-free: a table without `date_octroi` is told by the caller.
    """
    found: dict[str, str] = {}
    ignored: list[str] = []
    identifiant = None
    for name in entetes:
        if name == IDENTIFIANT:
            identifiant = name
            continue
        try:
            places.trouver(name)
        except ValueError as error:
            near = str(error).partition("vouliez-vous dire")[2]
            ignored.append(f"« {name} »" + (f" (vouliez-vous dire{near.removesuffix(' ?')} ?)" if near else ""))
        else:
            found[name] = name
    return Correspondance(identifiant, found), ignored


_PREMIERS = (
    "date_octroi", "intitule", "beneficiaire.nom", "beneficiaire.siren", "beneficiaire.entreprise_unique",
    "beneficiaire.naf", "beneficiaire.categorie", "beneficiaire.exercices[0].effectif_uta",
    "beneficiaire.exercices[0].chiffre_affaires_eur", "beneficiaire.exercices[0].total_bilan_eur",
    "beneficiaire.exercices[0].clos_le", "beneficiaire.activite_economique", "beneficiaire.en_difficulte",
    "beneficiaire.injonction_recuperation", "projet.commune", "projet.zone_afr", "projet.demande_aide_le",
    "projet.debut_travaux_le", "projet.couts[0].finalite", "projet.couts[0].poste", "projet.couts[0].montant_eur",
    "aides[0].base", "aides[0].forme", "aides[0].montant_eur", "aides[0].esb_eur", "aides[0].financeur.type",
)  # fmt: skip


def modele(places: Places) -> str:
    """Return an empty mapping file, explained: the usual places first, then all the others as comments."""
    lines = [
        "# Correspondance : à gauche, la place dans le dossier ; à droite, le nom de la colonne de votre tableau.",
        "# Laissez vide ce que votre tableau ne dit pas : ce sera « inconnu », jamais « non » ni zéro.",
        "# Seule date_octroi est obligatoire. Les listes se numérotent : projet.couts[0], projet.couts[1]…",
        "# Dans une cellule qui porte plusieurs valeurs, séparez-les par « ; » ou « | ».",
        "",
        "identifiant:    # colonne qui nomme chaque dossier ; à défaut, le numéro de ligne",
        "",
        "colonnes:",
    ]
    facts = {fact.chemin: fact.question for fact in places.vocabulaire.faits.values()}
    for chemin in _PREMIERS:
        question = facts.get(chemin)
        lines.append(f"  {chemin}:" + (f"    # {question}" if question else ""))
    lines += ["  # Autres places du dossier (ôtez le # pour vous en servir) :"]
    lines += [f"  # {chemin}:" for chemin in chemins() if chemin not in _PREMIERS]
    lines += ["  # Faits propres aux régimes :"]
    lines += [
        f"  # {FAITS}{name}:    # {fact.question}" for name, fact in places.vocabulaire.faits.items() if fact.libre
    ]
    lines += [
        "",
        "# Ce qui vaut pour toutes les lignes, par exemple :",
        "#   aides[0].forme: subvention",
        "#   de_minimis: []          # aucune aide de minimis reçue auparavant",
        "constantes:",
        "",
        "# Vos mots, et ceux du moteur, par exemple :",
        "#   beneficiaire.categorie: {PE: petite, ME: moyenne, ETI: grande}",
        "valeurs:",
        "",
        "# Comment lire le fichier ; vide : c'est reconnu. Feuille : celle du classeur Excel, par son nom.",
        "lecture:",
        "  separateur:",
        "  encodage:",
        "  feuille:",
        f"  dates:    # {' | '.join(FORMES_DE_DATE)} ; vide : AAAA-MM-JJ ou JJ/MM/AAAA",
    ]
    return "\n".join(lines) + "\n"
