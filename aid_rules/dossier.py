"""The dossier: what goes in. Every key but `date_octroi` is optional; absent or null means unknown.

Amounts are integer cents, percentages basis points, headcounts hundredths of UTA; the aliases (`montant_eur`) are
the public names of the input. `Dossier.model_validate(..., context={"listes": ...})` checks the closed lists.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from aid_rules.champs import (
    Booleen,
    Centiemes,
    Champs,
    Commune,
    Jour,
    Montant,
    MontantSigne,
    Naf,
    Part,
    Siren,
    Texte,
    liste,
)


class CompensationSieg(Champs):
    """The four Altmark criteria (CJUE C-280/00)."""

    obligations_definies: Booleen | None = None
    parametres_prealables: Booleen | None = None
    pas_de_surcompensation: Booleen | None = None
    marche_public_ou_analyse_couts: Booleen | None = None


class EffetLocal(Champs):
    """What makes an effect purely local (communication 2016/C 262/01, points 196 and 197)."""

    zone_locale: Booleen | None = None
    clientele_autres_etats: Booleen | None = None
    investissements_transfrontaliers: Booleen | None = None


class Mesure(Champs):
    """What the five criteria of TFUE 107(1) need, beyond the beneficiary."""

    conditions_de_marche: Booleen | None = None
    compensation_sieg: CompensationSieg = CompensationSieg()
    mesure_generale: Booleen | None = None
    secteur_ouvert_concurrence: Booleen | None = None
    effet_purement_local: EffetLocal = EffetLocal()


class Exercice(Champs):
    """One closed financial year of one enterprise; headcount in UTA."""

    clos_le: Jour | None = None
    effectif_uta: Centiemes | None = None
    chiffre_affaires: Montant | None = Field(None, alias="chiffre_affaires_eur")
    total_bilan: Montant | None = Field(None, alias="total_bilan_eur")


class Lien(Champs):
    """A partner or linked enterprise, upstream or downstream (RGEC annexe I, article 3)."""

    nom: Texte | None = None
    siren: Siren | None = None
    nature: liste("nature_lien") | None = None  # type: ignore[valid-type]
    droits_de_vote_pct: Part | None = None
    capital_pct: Part | None = None
    effectif_uta: Centiemes | None = None
    chiffre_affaires: Montant | None = Field(None, alias="chiffre_affaires_eur")
    total_bilan: Montant | None = Field(None, alias="total_bilan_eur")


class SituationFinanciere(Champs):
    """What tells an undertaking in difficulty (RGEC article 2, point 18)."""

    forme: liste("forme_responsabilite") | None = None  # type: ignore[valid-type]
    cree_le: Jour | None = None
    capital_souscrit: Montant | None = Field(None, alias="capital_souscrit_eur")
    capitaux_propres: MontantSigne | None = Field(None, alias="capitaux_propres_eur")
    procedure_collective: Booleen | None = None
    aide_sauvetage_en_cours: Booleen | None = None


class Beneficiaire(Champs):
    """The undertaking that would receive the aid, with its group."""

    nom: Texte | None = None
    siren: Siren | None = None
    naf: Naf | None = None
    secteurs: tuple[liste("secteur"), ...] | None = None  # type: ignore[misc]
    activite_economique: Booleen | None = None
    part_non_economique_pct: Part | None = None
    activites_separees: Booleen | None = None
    categorie: liste("categorie") | None = None  # type: ignore[valid-type]
    exercices: tuple[Exercice, ...] | None = None
    liens: tuple[Lien, ...] | None = None
    situation_financiere: SituationFinanciere = SituationFinanciere()
    en_difficulte: Booleen | None = None
    injonction_recuperation: Booleen | None = None
    entreprise_unique: tuple[Siren, ...] | None = None


class LigneCout(Champs):
    """One cost line of the project."""

    id: Texte
    intitule: Texte | None = None
    poste: liste("poste") | None = None  # type: ignore[valid-type]
    finalite: liste("finalite") | None = None  # type: ignore[valid-type]
    montant: Montant | None = Field(None, alias="montant_eur")


class Projet(Champs):
    """The project: where, when, what it costs, and the facts that a regime needs."""

    commune: Commune | None = None
    zone_afr: liste("zone_afr") | None = None  # type: ignore[valid-type]
    demande_aide_le: Jour | None = None
    debut_travaux_le: Jour | None = None
    fin_le: Jour | None = None
    couts: tuple[LigneCout, ...] | None = None
    faits: dict[str, Any] = Field(default_factory=dict)


class Financeur(Champs):
    """Who pays."""

    nom: Texte | None = None
    type: liste("financeur") | None = None  # type: ignore[valid-type]


class Aide(Champs):
    """One aid of the financing plan: planned, or already granted."""

    id: Texte
    financeur: Financeur = Financeur()
    forme: liste("forme_aide") | None = None  # type: ignore[valid-type]
    montant: Montant | None = Field(None, alias="montant_eur")
    esb: Montant | None = Field(None, alias="esb_eur")
    base: Texte | None = None
    couts: tuple[Texte, ...] | None = None
    statut: liste("statut_aide") | None = None  # type: ignore[valid-type]
    octroyee_le: Jour | None = None


class AideDeMinimis(Champs):
    """One de minimis aid already received by the single undertaking."""

    octroye_le: Jour | None = None
    montant: Montant | None = Field(None, alias="montant_eur")
    reglement: liste("reglement_de_minimis") | None = None  # type: ignore[valid-type]
    siren: Siren | None = None


class Dossier(Champs):
    """One project to assess; the law applied is the law in force on `date_octroi`."""

    intitule: Texte | None = None
    date_octroi: Jour
    mesure: Mesure = Mesure()
    beneficiaire: Beneficiaire = Beneficiaire()
    projet: Projet = Projet()
    aides: tuple[Aide, ...] | None = None
    de_minimis: tuple[AideDeMinimis, ...] | None = None
