"""Where the project is: its regional aid zone on the day of the grant, and what the maps give for it.

What the tables do not settle stays open: several possible zones, each with its reason, never a guess.

- Mergers: a list names communes of 2012; a commune of today takes the zones of all the communes it is made of.
- The 14 communes added in December 2019 are not known: from 12 December 2019 a mainland commune that is not in the
  list is « aucune » or « c », however unlikely the second (14 communes out of some 31 000).
- The 58 communes added in 2015 and 2017 are known, not which came first: between the two decrees, « aucune » or « c ».
- From 2022, zones « c » are known only once the official list is imported (`carte_afr.importer`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from aid_rules.law import carte_afr, communes
from aid_rules.law.communes import COG_ORIGINE, Commune, chercher_communes, commune, territoire_de
from aid_rules.law.tables_afr import CONFIANCES, TAILLES, Carte, Inscription, carte_du, cartes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from pathlib import Path

__all__ = ["ZONES", "Commune", "SituationAfr", "Territoire", "chercher_communes", "commune", "situation_afr"]

ZONES = frozenset({"a", "c", "aucune"})
"""The zones of TFUE 107(3)(a) and (c), and none."""

_COMMUNE, _ZONE = "projet.commune", "projet.zone_afr"


class Territoire(NamedTuple):
    """What the place is, whatever the map: outermost region (TFUE 349 and 355), Corsica; None when unknown."""

    code: str | None = None
    rup: bool | None = None
    corse: bool | None = None


class SituationAfr(NamedTuple):
    """The regional aid situation of a project on one day.

    `zones_possibles` has one element when the zone is certain. `taux` gives, for each size of undertaking, the lowest
    and highest maximum intensity over the possible zones, in basis points (0 outside any zone; projects up to 50 M€);
    None when the project is certainly outside, or when no rate is known. `seuil_notification` is the lowest threshold
    of the possible zones, in cents. `manquants` are the paths of the dossier that would settle the zone or the rates.
    `carte_importee` is the SHA-256 of the official list, when it was used.
    """

    jour: date
    commune: Commune | None
    zones_possibles: frozenset[str]
    taux: dict[str, tuple[int, int] | None]
    seuil_notification: int | None
    territoire: Territoire
    partielle: bool
    detail: str
    contradiction: bool
    motifs: tuple[str, ...]
    manquants: tuple[str, ...]
    confiance: str
    carte_importee: str | None = None


@dataclass
class _Lecture:
    """The question, and what the tables say so far."""

    donnees: Path
    importees: Path
    jour: date
    zones: set[str] = field(default_factory=set)
    motifs: list[str] = field(default_factory=list)
    manquants: list[str] = field(default_factory=list)
    confiance: str = "haute"
    partielle: bool = False
    detail: str = ""
    contradiction: bool = False
    carte_importee: str | None = None

    def ajouter(self, zones: Iterable[str], motif: str = "", confiance: str = "haute") -> None:
        self.zones.update(zones)
        if motif and motif not in self.motifs:
            self.motifs.append(motif)
        self.confiance = min(self.confiance, confiance, key=CONFIANCES.index)


def situation_afr(
    donnees: Path,
    commune: str | None,
    zone_declaree: str | None,
    jour: date,
    *,
    importees: Path | None = None,
) -> SituationAfr:
    """Return the zone, rates and threshold of a place on the day of the grant (RGEC 2(27), 14(12)).

    Takes the folder of the tables (`rulesets/donnees`), the INSEE code and the stated zone of the dossier, either of
    them None when unknown, and the folder of the imported list (the user's data folder by default). A stated zone
    wins over the tables; a contradiction is told. Raises `WorkError` when a table is missing or damaged.
    """
    carte = carte_du(donnees, jour)
    lieu = communes.commune(donnees, commune, jour) if commune else None
    lecture = _Lecture(donnees, importees or carte_afr.dossier_donnees(), jour)
    if commune and lieu is None:
        motif = f"Le code « {commune} » n'est celui d'aucune commune connue depuis 2012 : vérifiez le code INSEE."
        lecture.motifs.append(motif)
    if carte is None:
        lecture.ajouter(ZONES, _hors_cartes(donnees, jour), "inconnue")
    elif lieu is None:
        _sans_commune(lecture, carte, dite=bool(commune or zone_declaree))
    else:
        _situer(lecture, carte, lieu)
    if zone_declaree is not None:
        _declarer(lecture, carte, lieu, zone_declaree)
    territoire = _territoire(lieu, carte, zone_declaree if zone_declaree in ZONES else None)
    taux, seuil = _plafonds(lecture, carte, territoire.code)
    if len(lecture.zones) > 1 and _ZONE not in lecture.manquants:
        lecture.manquants.append(_ZONE)
    return SituationAfr(
        jour=jour,
        commune=lieu,
        zones_possibles=frozenset(lecture.zones),
        taux=taux,
        seuil_notification=seuil,
        territoire=territoire,
        partielle=lecture.partielle,
        detail=lecture.detail,
        contradiction=lecture.contradiction,
        motifs=tuple(lecture.motifs),
        manquants=tuple(lecture.manquants),
        confiance=lecture.confiance,
        carte_importee=lecture.carte_importee,
    )


def _jour(jour: date) -> str:
    return jour.strftime("%d/%m/%Y")


def _hors_cartes(donnees: Path, jour: date) -> str:
    premiere, *_ = cartes(donnees)
    if jour < premiere.du:
        return (
            f"Avant le {_jour(premiere.du)} ({premiere.citer(premiere.ref)}), la carte des aides à finalité "
            "régionale n'est pas décrite ici : la zone est à confirmer."
        )
    return f"Aucune carte des aides à finalité régionale n'est décrite au {_jour(jour)} : la zone est à confirmer."


def _sans_commune(lecture: _Lecture, carte: Carte, *, dite: bool) -> None:
    en_vigueur = {zone for zone in ("a", "c") if carte.vigueur(zone, lecture.jour)}
    motif = "" if dite else "La commune du projet n'est pas donnée : la zone est inconnue."
    lecture.ajouter(en_vigueur | {"aucune"}, motif, "inconnue")
    lecture.manquants += (_COMMUNE, _ZONE)
    if "c" not in en_vigueur:
        lecture.motifs.append(_sans_zone_c(carte, lecture.jour))


def _sans_zone_c(carte: Carte, jour: date) -> str:
    suivante = next((v for v in carte.zones if v.zone == "c" and v.du > jour), None)
    if suivante is None:
        return f"Aucune zone « c » n'est en vigueur le {_jour(jour)}."
    return (
        f"Aucune zone « c » n'est en vigueur le {_jour(jour)} : celles de la {carte.intitule} ne le sont que depuis "
        f"le {_jour(suivante.du)} ({carte.citer(suivante.ref)})."
    )


def _situer(lecture: _Lecture, carte: Carte, lieu: Commune) -> None:
    """Read the zone of a known commune from the map of the day."""
    jour = lecture.jour
    _dire_la_commune(lecture, lieu)
    if lieu.departement in carte.territoires_a():
        vigueur = carte.vigueur("a", jour)
        assert vigueur is not None  # a map opens with its zones « a »
        motif = f"{lieu.departement_nom} : tout le territoire est en zone « a » ({carte.citer(vigueur.ref)})."
        lecture.ajouter({"a"}, motif)
    elif lieu.statut not in ("metropole", "corse"):
        lecture.ajouter({"aucune"}, f"{lieu.departement_nom} n'est pas dans le champ de la {carte.intitule}.")
    elif carte.vigueur("c", jour) is None:
        approuvee = any(v.approuvee_le and v.approuvee_le <= jour < v.du for v in carte.zones)
        lecture.ajouter({"aucune"}, _sans_zone_c(carte, jour), "moyenne" if approuvee else "haute")
    elif carte.liste is not None:
        _selon_liste(lecture, carte, lieu)
    else:
        _selon_import(lecture, carte, lieu)


def _dire_la_commune(lecture: _Lecture, lieu: Commune) -> None:
    """Say what the code means that day, when it does not mean what it means today."""
    if lieu.en_vigueur(lecture.jour):
        actuelle = communes.periodes(lecture.donnees, lieu.code)[-1]
        if actuelle.origines != lieu.origines:
            lecture.motifs.append(
                f"Le {_jour(lecture.jour)}, le code {lieu.code} désigne {lieu.nom} ; il désigne ensuite "
                f"{actuelle.nom}, dont le territoire n'est pas le même : vérifiez la commune d'alors."
            )
    elif lieu.au is not None and lieu.au < lecture.jour:
        lecture.motifs.append(
            f"{lieu.nom} ({lieu.code}) n'est plus une commune après le {_jour(lieu.au)} : "
            "c'est le classement de l'ancienne commune qui est lu."
        )


def _selon_liste(lecture: _Lecture, carte: Carte, lieu: Commune) -> None:
    """Read a list whose lines are communes of 2012 (décret n° 2014-758, annexe 1)."""
    noms: dict[str, list[str]] = {}
    for code in lieu.origines:
        origine = communes.commune(lecture.donnees, code, COG_ORIGINE)
        inscrite = carte.inscription(code, territoire_de(code))
        zones, motif, confiance = _inscrite(carte, inscrite, lecture.jour)
        if inscrite is not None and inscrite.partielle and len(zones) > 1:
            lecture.partielle = True
            lecture.detail = " ; ".join(filter(None, (lecture.detail, inscrite.detail)))
        lecture.ajouter(zones, confiance=confiance)
        noms.setdefault(motif, []).append(f"{origine.nom if origine else lieu.nom} ({code})")
    lecture.motifs += (f"{motif} : {', '.join(nommees)}." for motif, nommees in noms.items())
    if len(noms) > 1:
        _dire_la_fusion(lecture, lieu)


def _inscrite(carte: Carte, inscrite: Inscription | None, jour: date) -> tuple[set[str], str, str]:
    """Return the possible zones of one commune of 2012, why (before its name) and how sure that is."""
    annexe = carte.citer(next(v.ref for v in carte.zones if v.zone == "c"))
    if inscrite is None:
        incomplete = carte.doute("liste_incomplete", jour)
        if incomplete is None:
            return {"aucune"}, f"Hors de la liste des zones « c » ({annexe})", "haute"
        motif = (
            f"Hors de la liste connue des zones « c » ({annexe}), qui n'a pas les communes ajoutées par le "
            f"{carte.citer(incomplete.ref)} ; cette exclusion, très probable, est à confirmer"
        )
        return {"aucune", "c"}, motif, "moyenne"
    if inscrite.du > carte.du:
        ajout = carte.doutes["attribution"]
        annexe = f"{annexe}, modifiée par le {carte.citer(ajout.ref)} ou le {carte.citer(ajout.suite)}"
        if jour < ajout.du:
            return {"aucune"}, f"Hors de la liste des zones « c » à cette date (ajout postérieur : {annexe})", "haute"
        if jour < inscrite.du:
            return {"aucune", "c"}, f"Zone « c » dès 2015 ou depuis 2017 seulement, à confirmer ({annexe})", "basse"
        if inscrite.confiance == "basse":
            return {"aucune", "c"}, f"Zone « c » probable, à confirmer ({annexe})", "basse"
    if inscrite.partielle:
        motif = f"Zone « c » pour une partie de la commune ({inscrite.detail} ; {annexe}), situez-y le projet"
        return {"aucune", "c"}, motif, inscrite.confiance
    return {inscrite.zone}, f"Zone « {inscrite.zone} » ({annexe})", inscrite.confiance


def _dire_la_fusion(lecture: _Lecture, lieu: Commune) -> None:
    if len(lecture.zones) > 1:
        lecture.partielle = True
        lecture.motifs.append(
            f"{lieu.nom} réunit {len(lieu.origines)} anciennes communes, dont le classement n'est pas le même "
            "ou n'est pas sûr : dites dans laquelle le projet a lieu (son ancien code INSEE)."
        )
        lecture.manquants.append(_COMMUNE)


def _selon_import(lecture: _Lecture, carte: Carte, lieu: Commune) -> None:
    """Read the official list that the user imported (décret n° 2022-968, annexe 1)."""
    annexe = carte.citer(next(v.ref for v in carte.zones if v.zone == "c"))
    liste = carte_afr.lire(lecture.importees)
    if liste is None:
        lecture.ajouter(
            {"aucune", "c"},
            f"Zone à confirmer : regardez si la commune figure dans la liste des zones « c » ({annexe}) et donnez la "
            "zone ; qui installe l'outil peut charger cette liste (« aid-rules donnees importer afr FICHIER »).",
            "basse",
        )
        return
    lecture.carte_importee = liste.empreinte
    direct = communes.est_arrondissement(lieu.code) and liste.classement(lieu.code) is not None
    codes = (lieu.code,) if direct else communes.composantes(lecture.donnees, lieu, liste.arrete_le)
    for code in codes:
        classement = liste.classement(code)
        if classement == "I":
            lecture.ajouter({"c"}, f"La commune {code} est entièrement en zone « c » (liste importée ; {annexe}).")
        elif classement == "P":
            lecture.partielle = True
            motif = f"La commune {code} n'est en zone « c » que pour une partie (liste importée ; {annexe})"
            lecture.ajouter({"aucune", "c"}, f"{motif} : situez-y le projet.")
        else:
            lecture.ajouter({"aucune"}, f"La commune {code} n'est pas en zone « c » (liste importée ; {annexe}).")
    if len({liste.classement(code) for code in codes}) > 1:
        _dire_la_fusion(lecture, lieu)
    _dire_l_extension(lecture, carte, lieu, liste.arrete_le)


def _dire_l_extension(lecture: _Lecture, carte: Carte, lieu: Commune, arrete_le: date) -> None:
    """Open the zone when the imported list and the grant stand on either side of an extension of the map."""
    extension = carte.doutes.get("extension")
    if extension is None or lieu.region not in extension.regions:
        return
    anterieure = arrete_le < extension.du
    if anterieure == (lecture.jour < extension.du):
        return
    if anterieure and "aucune" in lecture.zones:
        raison = f"mais la liste importée est celle du {_jour(arrete_le)}"
    elif not anterieure and "c" in lecture.zones:
        raison = f"et la liste importée, du {_jour(arrete_le)}, est postérieure à la date d'octroi"
    else:
        return
    motif = f"Des communes de cette région ont été ajoutées ({carte.citer(extension.ref)}), {raison} : à confirmer."
    lecture.ajouter({"aucune", "c"}, motif, "moyenne")


def _declarer(lecture: _Lecture, carte: Carte | None, lieu: Commune | None, zone: str) -> None:
    """Let the stated zone win, and say when the tables exclude it."""
    if zone not in ZONES:
        lecture.motifs.append(f"La zone déclarée « {zone} » est inconnue : « a », « c » ou « aucune » est attendu.")
        return
    if zone in lecture.zones:
        lecture.motifs.append(f"La zone « {zone} » est celle que déclare le dossier.")
        lecture.confiance = "haute" if len(lecture.zones) == 1 else "moyenne"
    else:
        lecture.contradiction = True
        tables = " ou ".join(f"« {z} »" for z in sorted(lecture.zones))
        ou = f"pour {lieu.nom}" if lieu else "à cette date"
        lecture.motifs.append(
            f"Contradiction : le dossier déclare la zone « {zone} » au {_jour(lecture.jour)}, les tables donnent "
            f"{tables} {ou}. La déclaration est suivie : à vérifier."
        )
        lecture.confiance = "basse"
    lecture.zones = {zone}
    lecture.manquants.clear()
    if lieu is None and zone != "aucune" and carte is not None:
        bornes = {t.plafonds["grande"] for t in carte.taux_de(zone, None, lecture.jour)}
        lecture.manquants += [_COMMUNE] if len(bornes) > 1 else []


def _territoire(lieu: Commune | None, carte: Carte | None, zone: str | None) -> Territoire:
    """Say what the place is: by its commune, else by the stated zone, since zones « a » are the outermost regions."""
    if lieu is not None:
        return Territoire(lieu.departement, lieu.statut == "rup", lieu.statut == "corse")
    if carte is None or zone is None:
        return Territoire()
    return Territoire(None, zone == "a", False if zone == "a" else None)


def _plafonds(
    lecture: _Lecture, carte: Carte | None, territoire: str | None
) -> tuple[dict[str, tuple[int, int] | None], int | None]:
    """Return the bounds of the rates for each size, and the lowest notification threshold."""
    lignes = [t for z in sorted(lecture.zones) for t in (carte.taux_de(z, territoire, lecture.jour) if carte else ())]
    if carte is None or not lignes:
        return dict.fromkeys(TAILLES), None
    for ligne in lignes:
        lecture.ajouter((), confiance=ligne.confiance)
    dehors = [0] if "aucune" in lecture.zones else []
    taux: dict[str, tuple[int, int] | None] = {}
    for taille in TAILLES:
        valeurs = [ligne.plafonds[taille] for ligne in lignes] + dehors
        taux[taille] = (min(valeurs), max(valeurs))
    seuils = [carte.seuil_de(ligne.plafonds["grande"], lecture.jour) for ligne in lignes]
    for seuil in seuils:
        lecture.ajouter((), confiance=seuil.confiance if seuil else "basse")
    return taux, min((seuil.cents for seuil in seuils if seuil), default=None)
