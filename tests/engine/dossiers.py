"""Base dossiers of the worked cases, for tests that vary the financing plan."""

from __future__ import annotations

from pathlib import Path

from aid_rules.dossier import Dossier
from aid_rules.engine.moteur import Engine
from aid_rules.language.reading import dossier_of
from aid_rules.testing.cas import merge, read_models

MODELES = read_models(Path(__file__).parents[1] / "cas" / "modeles.yaml")
FAITS = {
    "nature_investissement": ["extension_capacites"],
    "travaux_rd_conformes": "oui",
    "couts_part_projet": "oui",
    "frais_generaux_au_forfait": "non",
    "categorie_rd_principale": "developpement_experimental",
    "projet_eureka_ou_entreprise_commune": "non",
    "collaboration_effective": "non",
    "large_diffusion_resultats": "non",
    "prestataire_etude_independant": "oui",
    "retour_informations_ademe": "oui",
}


def ligne(nom: str, montant: int, finalite: str = "investissement_initial", poste: str = "actifs_corporels") -> dict:
    return {"id": nom, "poste": poste, "finalite": finalite, "montant_eur": montant}


def recherche(nom: str, montant: int, finalite: str = "developpement_experimental") -> dict:
    return ligne(nom, montant, finalite, "personnel")


def aide(nom: str, montant: int | None, base: str | None, couts: list[str] | None = None, **autres: object) -> dict:
    given = {"id": nom, "financeur": {"nom": nom, "type": "region"}, "forme": "subvention", "statut": "prevue"}
    given |= {"montant_eur": montant} if montant is not None else {}
    given |= {"base": base} if base else {}
    given |= {"couts": couts} if couts is not None else {}
    return given | autres


def dossier(
    engine: Engine, couts: list[dict], aides: list[dict], modele: str = "pme_saine", **autres: object
) -> Dossier:
    """A dossier whose investment and research are open to articles 17 and 25."""
    over = {"projet": {"couts": couts, "faits": FAITS}, "aides": aides}
    return dossier_of(merge(merge(MODELES[modele], over), autres), engine.book.vocabulaire)


def alertes(engine: Engine, couts: list[dict], aides: list[dict], **autres: object) -> list:
    """The alerts of such a dossier."""
    return list(engine.evaluate(dossier(engine, couts, aides, **autres)).plan.alertes)
