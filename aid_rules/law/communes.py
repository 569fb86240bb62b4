"""The communes of France since 2012: names, mergers and splits by date (`communes.csv`, `departements.csv`)."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from aid_rules.faults import WorkError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COG_ORIGINE = date(2012, 1, 1)
"""The vintage of the code officiel géographique that `Commune.origines` speaks of."""

MAX_RESULTATS = 100

_ARRONDISSEMENT = re.compile(r"751\d\d|132\d\d|6938\d")
_COLONNES = 7
_TRANSCRIT = str.maketrans({"œ": "oe", "æ": "ae", "’": " ", "'": " ", "-": " "})
_ABREGE = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}


class Commune(NamedTuple):
    """One commune over one period.

    `du` and `au` are its first and last day under this name and extent, None when older than 2012 or still in
    force; `origines` are the communes of 1 January 2012 it is made of; `successeurs` hold its territory after `au`.
    """

    code: str
    nom: str
    departement: str
    departement_nom: str
    region: str
    region_nom: str
    statut: str
    codes_postaux: tuple[str, ...]
    du: date | None
    au: date | None
    origines: tuple[str, ...]
    successeurs: tuple[str, ...]

    def en_vigueur(self, jour: date) -> bool:
        """Tell whether the commune exists, under this name and extent, on `jour`."""
        return (self.du is None or self.du <= jour) and (self.au is None or jour <= self.au)


def territoire_de(code: str) -> str:
    """Return the département or overseas territory of a commune code: `76` for 76462, `974` for 97411."""
    return code[:3] if code.startswith(("97", "98")) else code[:2]


def est_arrondissement(code: str) -> bool:
    """Tell whether the code is a municipal arrondissement of Paris, Lyon or Marseille."""
    return _ARRONDISSEMENT.fullmatch(code) is not None


@lru_cache(maxsize=32)
def _octets(chemin: Path, _modifie: int, _taille: int) -> bytes:
    return chemin.read_bytes()


def octets(chemin: Path) -> bytes:
    """Return the bytes of a table, read again only when the file changed. Raises `WorkError`."""
    try:
        etat = chemin.stat()
        return _octets(chemin, etat.st_mtime_ns, etat.st_size)
    except OSError as error:
        raise WorkError(f"la table {chemin} ne peut pas être lue : {error.strerror or error}") from error


def lignes(table: bytes, code: str) -> list[list[str]]:
    """Return the rows whose first column is `code`, in a table with a header and sorted by its first column."""
    voulu = code.encode()
    bas, haut = table.find(b"\n") + 1, len(table)
    while bas < haut:
        milieu = (bas + haut) // 2
        debut = table.rfind(b"\n", None, milieu) + 1
        if table[debut : table.find(b";", debut)] < voulu:
            bas = _fin(table, milieu) + 1
        else:
            haut = debut
    trouvees = []
    while table.startswith(voulu + b";", bas):
        fin = _fin(table, bas)
        trouvees.append(table[bas:fin].decode().split(";"))
        bas = fin + 1
    return trouvees


def _fin(table: bytes, position: int) -> int:
    """Return where the line of a position ends, be it the last one, without line feed."""
    fin = table.find(b"\n", position)
    return len(table) if fin == -1 else fin


def periodes(donnees: Path, code: str) -> tuple[Commune, ...]:
    """Return every period of a commune code, oldest first; empty when the code never existed since 2012."""
    table = octets(donnees / "communes.csv")
    return tuple([_commune(donnees, champs) for champs in lignes(table, code)])


def commune(donnees: Path, code: str, jour: date) -> Commune | None:
    """Return the commune that a code designates on `jour`, or None when the code is unknown.

    A code that is no commune on that day keeps its last meaning before it (a merged commune is still a place),
    or else its first one after it.
    """
    connues = periodes(donnees, code)
    avant = [c for c in connues if c.du is None or c.du <= jour]
    return avant[-1] if avant else connues[0] if connues else None


def composantes(donnees: Path, lieu: Commune, base: date) -> tuple[str, ...]:
    """Return the codes of the communes of the day `base` that hold the territory of `lieu`, sorted."""
    if lieu.en_vigueur(base) and not est_arrondissement(lieu.code):
        return (lieu.code,)
    table = octets(donnees / "communes.csv")
    trouves = {
        candidat.code
        for origine in lieu.origines
        for candidat in _citant(donnees, table, origine)
        if origine in candidat.origines and candidat.en_vigueur(base) and not est_arrondissement(candidat.code)
    }
    return tuple(sorted(trouves)) or lieu.origines


def codes(donnees: Path) -> frozenset[str]:
    """Return every commune code known since 2012, municipal arrondissements included."""
    return frozenset(ligne.partition(";")[0] for ligne in _corps(donnees))


def chercher_communes(donnees: Path, texte: str, limite: int = 10) -> tuple[Commune, ...]:
    """Find communes by name (accents, case and hyphens do not count), INSEE code or postal code.

    Best first: exact name, then names that start with the text, then names that hold a word that does; communes in
    force before former ones. At most `limite` results (1 to 100); none for an empty text. Raises `WorkError`.
    """
    voulu = _plier(texte)
    if not voulu:
        return ()
    par_code = re.fullmatch(r"\d[\dab]\d{0,3}", voulu) is not None
    rangs: list[tuple[tuple[bool, ...], bool, int, str, str]] = []
    for nom, code, postaux, finie, ligne in _index(donnees, octets(donnees / "communes.csv")):
        rang = _rang_code(voulu.upper(), code, postaux) if par_code else _rang(voulu, nom)
        if rang is not None:
            rangs.append((rang, finie, len(nom), nom, ligne))
    resultats: dict[tuple[str, str], Commune] = {}
    for *_, ligne in sorted(rangs):
        trouvee = _commune(donnees, ligne.split(";"))
        resultats.setdefault((trouvee.code, _plier(trouvee.nom)), trouvee)
        if len(resultats) >= max(1, min(limite, MAX_RESULTATS)):
            break
    return tuple(resultats.values())


def _rang(voulu: str, nom: str) -> tuple[bool, ...] | None:
    """Rank a name that holds the text at the start of a word: the name itself, then its beginning, then the others."""
    return (nom != voulu, not nom.startswith(voulu)) if f" {voulu}" in f" {nom}" else None


def _rang_code(voulu: str, code: str, postaux: str) -> tuple[bool, ...] | None:
    """Rank all the codes that start so alike."""
    return () if any(connu.startswith(voulu) for connu in (code, *postaux.split())) else None


def _plier(texte: str) -> str:
    plat = unicodedata.normalize("NFKD", texte.lower().translate(_TRANSCRIT))
    mots = "".join(c for c in plat if not unicodedata.combining(c)).split()
    return " ".join(_ABREGE.get(mot, mot) for mot in mots)


def _corps(donnees: Path) -> list[str]:
    return octets(donnees / "communes.csv").decode().splitlines()[1:]


@lru_cache(maxsize=2)
def _index(donnees: Path, _table: bytes) -> tuple[tuple[str, str, str, bool, str], ...]:
    lues = ((ligne, ligne.split(";")) for ligne in _corps(donnees))
    return tuple((_plier(champs[1]), champs[0], champs[2], bool(champs[4]), ligne) for ligne, champs in lues)


def _citant(donnees: Path, table: bytes, code: str) -> Iterator[Commune]:
    """Yield the rows that hold a code, wherever it is."""
    position = table.find(code.encode())
    while position != -1:
        debut, fin = table.rfind(b"\n", None, position) + 1, _fin(table, position)
        yield _commune(donnees, table[debut:fin].decode().split(";"))
        position = table.find(code.encode(), fin)


def _commune(donnees: Path, champs: list[str]) -> Commune:
    if len(champs) != _COLONNES:
        raise WorkError(f"la table {donnees / 'communes.csv'} est abîmée : ligne « {';'.join(champs)} »")
    return _nommee(tuple(champs), octets(donnees / "departements.csv"))


@lru_cache(maxsize=4096)
def _nommee(champs: tuple[str, ...], departements: bytes) -> Commune:
    code, nom, postaux, du, au, origines, successeurs = champs
    departement = territoire_de(code)
    connus = lignes(departements, departement)
    _, departement_nom, region, region_nom, statut = connus[0] if connus else (departement, "", "", "", "")
    return Commune(
        code=code,
        nom=nom,
        departement=departement,
        departement_nom=departement_nom,
        region=region,
        region_nom=region_nom,
        statut=statut,
        codes_postaux=tuple(postaux.split()),
        du=date.fromisoformat(du) if du else None,
        au=date.fromisoformat(au) if au else None,
        origines=tuple(origines.split()) or (code,),
        successeurs=tuple(successeurs.split()),
    )
