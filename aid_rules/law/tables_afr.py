"""The regional aid maps as data: dates, rates, thresholds and lists of communes (`donnees/afr_*.yaml`, `.csv`)."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from aid_rules.faults import WorkError
from aid_rules.law.communes import COG_ORIGINE, lignes, octets
from aid_rules.law.tables import lire_table

if TYPE_CHECKING:
    from pathlib import Path

TAILLES = ("grande", "moyenne", "petite")
"""Sizes of undertaking that a map gives a rate for; a microenterprise takes the rate of a small one."""

CONFIANCES = ("inconnue", "basse", "moyenne", "haute")
"""How sure a reading is, from the least to the most."""

_PREMIER = date.min
_DERNIER = date.max


class Taux(NamedTuple):
    """Maximum intensities of one zone in basis points, for eligible costs up to 50 M€; no territory: all others."""

    zone: str
    territoires: frozenset[str]
    plafonds: dict[str, int]
    du: date
    au: date
    confiance: str
    ref: str


class Seuil(NamedTuple):
    """Notification threshold in cents, for a rate of large undertakings in basis points."""

    grande: int
    cents: int
    du: date
    au: date
    confiance: str
    ref: str


class Vigueur(NamedTuple):
    """Days on which a kind of zone is in force; `approuvee_le` when the Commission approved it earlier."""

    zone: str
    du: date
    au: date
    approuvee_le: date | None
    ref: str


class Doute(NamedTuple):
    """What is not known of a map between two dates: the provision it comes from, and the one that ends it if any."""

    du: date
    au: date
    ref: str
    suite: str
    regions: frozenset[str]


class Inscription(NamedTuple):
    """One line of a list: a commune of the map's vintage, or a whole territory; `detail` when only a part is in."""

    code: str
    zone: str
    du: date
    partielle: bool
    detail: str
    confiance: str


class Carte(NamedTuple):
    """One regional aid map, from its first to its last day."""

    id: str
    intitule: str
    du: date
    au: date
    ref: str
    textes: dict[str, str]
    liste: Path | None
    zones: tuple[Vigueur, ...]
    taux: tuple[Taux, ...]
    seuils: tuple[Seuil, ...]
    doutes: dict[str, Doute]

    def citer(self, ref: str) -> str:
        """Write a reference as users read it: `decret_2014_758:annexe_1` → « décret n° 2014-758…, annexe 1 »."""
        texte, _, disposition = ref.partition(":")
        if not disposition:
            return self.textes[texte]
        prefixe = "article " if disposition[0].isdigit() else ""
        return f"{self.textes[texte]}, {prefixe}{disposition.replace('_', ' ')}"

    def vigueur(self, zone: str, jour: date) -> Vigueur | None:
        """Return the entry that puts a kind of zone in force on `jour`, or None."""
        return next((v for v in self.zones if v.zone == zone and v.du <= jour <= v.au), None)

    def territoires_a(self) -> frozenset[str]:
        """Return the territories that are zones « a » as a whole."""
        return frozenset(t for taux in self.taux if taux.zone == "a" for t in taux.territoires)

    def taux_de(self, zone: str, territoire: str | None, jour: date) -> tuple[Taux, ...]:
        """Return the rates of a zone on `jour`, in one territory, or in all of them when it is None."""
        if self.vigueur(zone, jour) is None:
            return ()
        du_jour = [t for t in self.taux if t.zone == zone and t.du <= jour <= t.au]
        if territoire is None:
            return tuple(du_jour)
        nommes = tuple(t for t in du_jour if territoire in t.territoires)
        # The rate « of all others » is that of the mainland and Corsica, never of an overseas territory.
        return nommes or tuple(t for t in du_jour if not t.territoires and len(territoire) == len("76"))

    def seuil_de(self, grande: int, jour: date) -> Seuil | None:
        """Return the notification threshold of a rate of large undertakings on `jour`, or None."""
        return next((s for s in self.seuils if s.grande == grande and s.du <= jour <= s.au), None)

    def doute(self, nom: str, jour: date) -> Doute | None:
        """Return what is not known on `jour` under this name, or None."""
        doute = self.doutes.get(nom)
        return doute if doute is not None and doute.du <= jour <= doute.au else None

    def inscription(self, code: str, territoire: str) -> Inscription | None:
        """Return the line of the list for a commune of 1 January 2012, or for the whole of its territory."""
        if self.liste is None:
            return None
        table = octets(self.liste)
        trouvees = lignes(table, code) or lignes(table, territoire)
        if not trouvees:
            return None
        inscrit, zone, du, partiel, detail, confiance, _ = trouvees[0]
        return Inscription(inscrit, zone, date.fromisoformat(du), partiel == "oui", detail, confiance)


def carte_du(donnees: Path, jour: date) -> Carte | None:
    """Return the map of a day, or None when no map is described for it. Raises `WorkError`."""
    return next((c for c in cartes(donnees) if c.du <= jour <= c.au), None)


def cartes(donnees: Path) -> tuple[Carte, ...]:
    """Return every map described, oldest first. Raises `WorkError` when a table is missing or damaged."""
    try:
        fichiers = _fichiers(donnees, donnees.stat().st_mtime_ns)
    except OSError:
        fichiers = ()
    if not fichiers:
        raise WorkError(f"aucune carte des aides à finalité régionale (afr_*.yaml) dans {donnees}")
    return tuple(_carte(fichier, octets(fichier)) for fichier in fichiers)


@lru_cache(maxsize=8)
def _fichiers(donnees: Path, _modifie: int) -> tuple[Path, ...]:
    return tuple(sorted(donnees.glob("afr_*.yaml")))


@lru_cache(maxsize=8)
def _carte(fichier: Path, contenu: bytes) -> Carte:
    try:
        return _lire(fichier, lire_table(contenu))
    except (KeyError, TypeError, ValueError, AttributeError, yaml.YAMLError) as error:
        raise WorkError(f"la table {fichier} est abîmée : {error}") from error


def _lire(fichier: Path, brut: dict[str, Any]) -> Carte:
    liste = brut.get("liste")
    if liste and liste["cog"] != COG_ORIGINE:
        raise ValueError(f"la liste doit suivre le code officiel géographique au {COG_ORIGINE}")
    return Carte(
        id=brut["id"],
        intitule=brut["intitule"],
        du=brut["du"],
        au=brut["au"],
        ref=brut["ref"],
        textes={nom: texte["intitule"] for nom, texte in brut["textes"].items()},
        liste=fichier.with_name(liste["fichier"]) if liste else None,
        zones=tuple(Vigueur(z["zone"], z["du"], z["au"], z.get("approuvee_le"), z["ref"]) for z in brut["zones"]),
        taux=tuple(
            Taux(
                zone=t["zone"],
                territoires=frozenset(t.get("territoires", ())),
                plafonds={taille: t[taille] * 100 for taille in TAILLES},
                du=t.get("du", _PREMIER),
                au=t.get("au", _DERNIER),
                confiance=t["confiance"],
                ref=t["ref"],
            )
            for t in brut["taux"]
        ),
        seuils=tuple(
            Seuil(
                s["grande"] * 100,
                s["seuil_eur"] * 100,
                s.get("du", _PREMIER),
                s.get("au", _DERNIER),
                s["confiance"],
                s["ref"],
            )
            for s in brut["seuils"]
        ),
        doutes={
            nom: Doute(d["du"], d["au"], d["ref"], d.get("suite", ""), frozenset(d.get("regions", ())))
            for nom, d in brut["incertitudes"].items()
        },
    )
