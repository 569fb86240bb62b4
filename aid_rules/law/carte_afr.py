"""The official list of communes of the 2022-2027 regional aid map: checked whole, then kept as a compact table."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from aid_rules.accents import sans_accents
from aid_rules.faults import Fault, FaultsError, WorkError, nearest
from aid_rules.law import communes

if TYPE_CHECKING:
    from collections.abc import Iterator

NOM = "afr_2022_2027_communes.csv"
"""Name of the compact table in the user's data folder."""

COLONNES = ("insee_com", "lib_com", "classement_afr")
DEBUT = date(2022, 7, 3)
"""Day of the list first published (décret n° 2022-968), the one taken when no date is given."""

FIN = date(2027, 12, 31)

MAX_OCTETS = 20_000_000
LIGNES_ATTENDUES = 1_000

_INTEGRAL, _PARTIEL, _HORS = "I", "P", "N"
_CLASSEMENTS = (
    (re.compile(r"(integralement|totalement)( (classee?|eligible|zonee?))?"), _INTEGRAL),
    (re.compile(r"partiellement( (classee?|eligible|zonee?))?"), _PARTIEL),
    (re.compile(r"non|non (classee?|eligible|zonee?)|hors (zone|zonage|afr|zone afr)"), _HORS),
)
_ADMIS = "« Intégralement », « Partiellement », « Non classée »"


class Rapport(NamedTuple):
    """What an import read and wrote; `arrete_le` is the day whose list it is, `empreinte` the SHA-256 of the file."""

    fichier: Path
    table: Path
    arrete_le: date
    lignes: int
    integralement: int
    partiellement: int
    non_classees: int
    empreinte: str
    avertissements: tuple[str, ...]


class CarteImportee(NamedTuple):
    """The imported list: `arrete_le` is the day whose list it is."""

    arrete_le: date
    empreinte: str
    table: bytes

    def classement(self, code: str) -> str | None:
        """Return `I` (wholly in a zone), `P` (in part), or None (not in the list, thus in no zone)."""
        trouvees = communes.lignes(self.table, code)
        return trouvees[0][1] if trouvees else None


def dossier_donnees() -> Path:
    """Return the user's data folder: `$AID_RULES_DONNEES`, else `aid-rules` in the XDG data folder."""
    choisi = os.environ.get("AID_RULES_DONNEES")
    if choisi:
        return Path(choisi)
    xdg = os.environ.get("XDG_DATA_HOME")
    return (Path(xdg) if xdg else Path.home() / ".local" / "share") / "aid-rules"


def lire(dossier: Path) -> CarteImportee | None:
    """Return the list imported into a folder, or None when there is none. Raises `WorkError` when it is damaged."""
    chemin = dossier / NOM
    if not chemin.exists():
        return None
    table = communes.octets(chemin)
    entete = re.match(rb"# arrete_le=(\d{4}-\d\d-\d\d);sha256=([0-9a-f]{64});lignes=(\d+)\n", table)
    if entete is None or not table.endswith(b"\n") or table.count(b"\n") != int(entete[3]) + 1:
        raise WorkError(f"la table {chemin} est abîmée : importez de nouveau le fichier officiel")
    return CarteImportee(date.fromisoformat(entete[1].decode()), entete[2].decode(), table)


def importer(fichier: Path, destination: Path, *, donnees: Path, arrete_le: date = DEBUT) -> Rapport:
    """Check the official file of communes and keep it as a compact table in the folder `destination`.

    Takes a CSV file (`;` or `,`, UTF-8 or Latin-1) with the columns `insee_com`, `lib_com` and `classement_afr`, as
    published on data.gouv.fr; `donnees` is the folder of the tables of the rules, `arrete_le` the day whose list the
    file gives. Nothing is written unless the whole file is sound. Raises `FaultsError` with every fault and its line,
    `WorkError` when a file cannot be read or written. Source: décret n° 2022-968, annexe 1.
    """
    if not DEBUT <= arrete_le <= FIN:
        raise FaultsError(
            [Fault(f"la liste est celle d'un jour entre {DEBUT} et {FIN}, pas du {arrete_le}", "arrete_le")]
        )
    brut = _octets(fichier)
    lues = _controler(fichier, _texte(brut), communes.codes(donnees))
    classees = _a_la_date(donnees, {code: classement for code, (classement, _) in lues.items()}, arrete_le)
    classees = _avec_villes(donnees, classees)
    compte = [sum(c == voulu for c, _ in lues.values()) for voulu in (_INTEGRAL, _PARTIEL, _HORS)]
    empreinte = hashlib.sha256(brut).hexdigest()
    corps = [f"{code};{c}\n" for code, c in sorted(classees.items()) if c != _HORS]
    table = destination / NOM
    _remplacer(table, f"# arrete_le={arrete_le};sha256={empreinte};lignes={len(corps)}\n{''.join(corps)}")
    return Rapport(
        fichier=fichier,
        table=table,
        arrete_le=arrete_le,
        lignes=len(lues),
        integralement=compte[0],
        partiellement=compte[1],
        non_classees=compte[2],
        empreinte=empreinte,
        avertissements=tuple(_avertissements(fichier, donnees, lues)),
    )


def _octets(fichier: Path) -> bytes:
    try:
        if fichier.stat().st_size > MAX_OCTETS:
            raise WorkError(f"{fichier} dépasse {MAX_OCTETS // 1_000_000} Mo : ce n'est pas la liste des communes AFR")
        return fichier.read_bytes()
    except OSError as error:
        raise WorkError(f"{fichier} ne peut pas être lu : {error.strerror or error}") from error


def _texte(brut: bytes) -> str:
    try:
        return brut.decode("utf-8-sig")
    except UnicodeDecodeError:
        return brut.decode("latin-1")


def _controler(fichier: Path, texte: str, connus: frozenset[str]) -> dict[str, tuple[str, int]]:
    """Return the class and the line of each commune; raise every fault at once."""
    nom = str(fichier)
    separateur = _separateur(nom, texte)
    lecteur = csv.reader(io.StringIO(texte, newline=""), delimiter=separateur)
    try:
        entete = [_plat(titre) for titre in next(lecteur)]
    except csv.Error as error:
        raise FaultsError([Fault(f"ligne de titres illisible : {error}", file=nom, line=1, column=1)]) from error
    rangs = _rangs(nom, entete)
    fautes: list[Fault] = []
    lues: dict[str, tuple[str, int]] = {}
    try:
        for champs in lecteur:
            if not any(champ.strip() for champ in champs):
                continue
            ligne = lecteur.line_num
            if len(champs) != len(entete):
                message = f"{len(champs)} colonnes lues au lieu de {len(entete)}"
                fautes.append(Fault(message, file=nom, line=ligne, column=1))
                continue
            code = champs[rangs["insee_com"]].strip().upper()
            ecrit = champs[rangs["classement_afr"]].strip()
            classement = _classement(ecrit)
            avant = len(fautes)
            fautes += (Fault(m, "insee_com", nom, ligne, 1) for m in _fautes_code(code, connus, lues))
            if classement is None:
                message = (
                    f"classement « {ecrit} » inconnu ; valeurs admises : {_ADMIS}" if ecrit else "classement absent"
                )
                fautes.append(Fault(message, "classement_afr", nom, ligne, 1))
            elif len(fautes) == avant:
                lues[code] = (classement, ligne)
    except csv.Error as error:
        fautes.append(Fault(f"ligne illisible : {error}", file=nom, line=lecteur.line_num, column=1))
    if not fautes and not any(classement != _HORS for classement, _ in lues.values()):
        fautes.append(Fault("aucune commune classée : le fichier est vide ou n'est pas la carte AFR", file=nom))
    if fautes:
        raise FaultsError(fautes)
    return lues


def _separateur(nom: str, texte: str) -> str:
    entete = texte.partition("\n")[0]
    for separateur in (";", ","):
        if separateur in entete:
            return separateur
    if not entete.strip():
        message = "fichier vide : la première ligne donne les titres insee_com;lib_com;classement_afr"
    else:
        message = "séparateur de colonnes inconnu : un point-virgule ou une virgule est attendu"
    raise FaultsError([Fault(message, file=nom, line=1, column=1)])


def _rangs(nom: str, entete: list[str]) -> dict[str, int]:
    fautes = [
        Fault(f"colonne « {voulue} » absente{nearest(voulue, entete)}", file=nom, line=1, column=1)
        for voulue in COLONNES
        if voulue not in entete
    ]
    fautes += (
        Fault(f"colonne « {voulue} » présente deux fois", file=nom, line=1, column=1)
        for voulue in COLONNES
        if entete.count(voulue) > 1
    )
    if fautes:
        raise FaultsError(fautes)
    return {voulue: entete.index(voulue) for voulue in COLONNES}


def _fautes_code(code: str, connus: frozenset[str], lues: dict[str, tuple[str, int]]) -> Iterator[str]:
    if not code:
        yield "code INSEE absent"
    elif code not in connus:
        perdu = f" ; un zéro initial perdu ? « 0{code} » existe" if f"0{code}" in connus else ""
        yield f"code INSEE « {code} » inconnu{perdu}"
    elif code in lues:
        yield f"commune {code} déjà donnée ligne {lues[code][1]}"


def _plat(texte: str) -> str:
    return sans_accents(texte.strip().lower())


def _classement(ecrit: str) -> str | None:
    plat = " ".join(_plat(ecrit).split())
    return next((classement for forme, classement in _CLASSEMENTS if forme.fullmatch(plat)), None)


def _a_la_date(donnees: Path, lues: dict[str, str], arrete_le: date) -> dict[str, str]:
    """Carry the class of communes that no longer (or not yet) exist on the day of the list to those that hold them."""
    reportes: dict[str, set[str]] = {}
    couvertes: dict[str, set[str]] = {}
    lieux: dict[str, communes.Commune] = {}
    for code, classement in lues.items():
        lieu = communes.commune(donnees, code, arrete_le)
        if lieu is None or lieu.en_vigueur(arrete_le):
            continue
        for tenante in communes.composantes(donnees, lieu, arrete_le):
            trouvee = communes.commune(donnees, tenante, arrete_le)
            assert trouvee is not None
            lieux[tenante] = trouvee
            reportes.setdefault(tenante, {lues[tenante]} if tenante in lues else set()).add(classement)
            couvertes.setdefault(tenante, {tenante} if tenante in lues else set()).update(lieu.origines)
    resultat = dict(lues)
    for tenante, vus in reportes.items():
        if not set(lieux[tenante].origines) <= couvertes[tenante]:
            vus.add(_HORS)
        resultat[tenante] = next(iter(vus)) if len(vus) == 1 else _PARTIEL
    return resultat


def _avec_villes(donnees: Path, lues: dict[str, str]) -> dict[str, str]:
    """Add Paris, Lyon or Marseille when only their arrondissements are given: wholly in only if all of them are."""
    villes: dict[str, set[str]] = {}
    tous = communes.codes(donnees)
    for code in filter(communes.est_arrondissement, tous):
        lieu = communes.commune(donnees, code, DEBUT)
        assert lieu is not None
        villes.setdefault(lieu.origines[0], set()).add(lues.get(code, _HORS))
    ajouts = {ville: vus.pop() if len(vus) == 1 else _PARTIEL for ville, vus in villes.items() if ville not in lues}
    return lues | {ville: classement for ville, classement in ajouts.items() if classement != _HORS}


def _avertissements(fichier: Path, donnees: Path, lues: dict[str, tuple[str, int]]) -> Iterator[str]:
    classees = [code for code, (classement, _) in lues.items() if classement != _HORS]
    if len(classees) < LIGNES_ATTENDUES:
        yield (
            f"{fichier.name} ne classe que {len(classees)} communes : si la liste n'est pas entière, "
            "les autres communes passeront à tort pour non classées"
        )
    outre_mer = [
        code
        for code, (classement, _) in sorted(lues.items())
        if classement != _INTEGRAL and code.startswith("97") and _rup(donnees, code)
    ]
    if outre_mer:
        yield (
            f"{len(outre_mer)} communes d'outre-mer ne sont pas données comme entièrement classées "
            f"({', '.join(outre_mer[:5])}…) : le décret classe ces territoires en entier, et c'est lui qui est suivi"
        )


def _rup(donnees: Path, code: str) -> bool:
    lieu = communes.commune(donnees, code, DEBUT)
    return lieu is not None and lieu.statut == "rup"


def _remplacer(table: Path, contenu: str) -> None:
    """Write the table whole or not at all."""
    provisoire = None
    try:
        table.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="\n", dir=table.parent, prefix=f".{NOM}.", delete=False
        ) as sortie:
            provisoire = Path(sortie.name)
            sortie.write(contenu)
            sortie.flush()
            os.fsync(sortie.fileno())
        provisoire.replace(table)
    except OSError as error:
        raise WorkError(f"la table {table} ne peut pas être écrite : {error.strerror or error}") from error
    finally:
        if provisoire is not None:
            provisoire.unlink(missing_ok=True)
