"""The dossier: what goes in. Every key but `date_octroi` is optional; absent or null means unknown.

Amounts are integer cents, percentages basis points, headcounts hundredths of UTA; the aliases (`montant_eur`) are
the public names of the input. `Dossier.model_validate(..., context={"listes": ...})` checks the closed lists.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from aid_rules.amounts import to_basis_points
from aid_rules.champs import (
    Booleen,
    Centiemes,
    Champs,
    Commune,
    Entier,
    Jour,
    Montant,
    MontantSigne,
    Naf,
    Part,
    Siren,
    Texte,
    liste,
    read_integer,
    read_text,
)


def _read_siret(value: object) -> str:
    from stdnum.fr import siret  # noqa: PLC0415 - only dossiers that hold one pay for it

    text = siret.compact(read_text(value))
    if not siret.is_valid(text):
        raise ValueError(f"« {text} » n'est pas un numéro SIRET : quatorze chiffres, dont une clé, sont attendus")
    return text


def _read_rate(value: object) -> int:
    points = to_basis_points(value)
    if not -10_000 <= points <= 10_000:  # noqa: PLR2004 - 100 %
        raise ValueError("un taux annuel de -100 à 100 est attendu")
    return points


def _read_months(value: object) -> int:
    months = read_integer(value)
    if not 0 <= months <= 1200:  # noqa: PLR2004 - a century
        raise ValueError("un nombre de mois, de 0 à 1200, est attendu")
    return months


Mois = Annotated[int, BeforeValidator(_read_months)]
Siret = Annotated[str, BeforeValidator(_read_siret)]
Taux = Annotated[int, BeforeValidator(_read_rate), Field(json_schema_extra={"unite": "%"})]


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
    compensation_sieg: CompensationSieg = Field(default_factory=CompensationSieg)
    mesure_generale: Booleen | None = None
    secteur_ouvert_concurrence: Booleen | None = None
    effet_purement_local: EffetLocal = Field(default_factory=EffetLocal)


class Exercice(Champs):
    """One closed financial year of one enterprise; headcount in UTA (RGEC annexe I, articles 4 to 6)."""

    clos_le: Jour | None = None
    duree_mois: Mois | None = None
    """Length of the year; 12 when absent. Turnover is brought back to twelve months."""
    estime: Booleen | None = None
    """True for the good-faith estimate of a new enterprise that has closed no accounts."""
    consolide: Booleen | None = None
    """True when the figures are those of the consolidated accounts."""
    effectif_consolide: Booleen | None = None
    """False when the consolidated accounts hold no headcount: the one given is the enterprise's own."""
    effectif_uta: Centiemes | None = None
    chiffre_affaires: Montant | None = Field(None, alias="chiffre_affaires_eur")
    total_bilan: Montant | None = Field(None, alias="total_bilan_eur")


class Lien(Champs):
    """A partner or linked enterprise, upstream or downstream (RGEC annexe I, article 3).

    The percentages are those that the upstream side holds in the downstream side. Entries with the same SIREN, or
    without one the same name, are one and the same enterprise: cross-holdings and cycles are written that way. The
    figures stand here for the last closed year, or in `exercices` for several.
    """

    nom: Texte | None = None
    siren: Siren | None = None
    pays: Texte | None = None
    """Member State of the seat, two letters (FR)."""
    type: liste("type_lien") | None = None  # type: ignore[valid-type]
    nature: liste("nature_lien") | None = None  # type: ignore[valid-type]
    sens: liste("sens_lien") | None = None  # type: ignore[valid-type]
    """`amont`: this enterprise holds the one it is attached to; `aval`: it is held by it."""
    avec: Texte | None = None
    """Name or SIREN of the enterprise it is attached to; by default the one whose list holds the entry."""
    depuis_le: Jour | None = None
    """When the link was made."""
    droits_de_vote_pct: Part | None = None
    capital_pct: Part | None = None
    controle: Booleen | None = None
    """Control by appointment, dominant influence or agreement (article 3(3)(b) to (d))."""
    marche_commun: Booleen | None = None
    """Same market as the group, or one directly upstream or downstream (links through natural persons)."""
    concert: Texte | None = None
    """Natural persons with the same word here act jointly."""
    organisme_public: Booleen | None = None
    investissement: Montant | None = Field(None, alias="investissement_eur")
    """What a business angel has invested in the enterprise."""
    budget_annuel: Montant | None = Field(None, alias="budget_annuel_eur")
    habitants: Entier | None = None
    repris_par_consolidation: Booleen | None = None
    """True when the figures are already in the consolidated accounts of another enterprise of the group."""
    consolide: Booleen | None = None
    effectif_consolide: Booleen | None = None
    effectif_uta: Centiemes | None = None
    chiffre_affaires: Montant | None = Field(None, alias="chiffre_affaires_eur")
    total_bilan: Montant | None = Field(None, alias="total_bilan_eur")
    exercices: tuple[Exercice, ...] | None = None
    liens: tuple[Lien, ...] | None = None


class ExerciceFinancier(Champs):
    """What the ratios of a large undertaking need, for one year (RGEC article 2, point 18(e))."""

    clos_le: Jour | None = None
    emprunts: Montant | None = Field(None, alias="emprunts_eur")
    capitaux_propres: MontantSigne | None = Field(None, alias="capitaux_propres_eur")
    ebitda: MontantSigne | None = Field(None, alias="ebitda_eur")
    charges_interets: Montant | None = Field(None, alias="charges_interets_eur")


class SituationFinanciere(Champs):
    """What tells an undertaking in difficulty (RGEC article 2, point 18, and article 1(4)(c))."""

    forme: liste("forme_responsabilite") | None = None  # type: ignore[valid-type]
    cree_le: Jour | None = None
    premiere_vente_le: Jour | None = None
    """First commercial sale (risk finance aid)."""
    controle_prealable_financement_risques: Booleen | None = None
    """Due diligence of the selected financial intermediary passed (risk finance aid)."""
    capital_souscrit: Montant | None = Field(None, alias="capital_souscrit_eur")
    """Subscribed capital, share premiums included unless `primes_emission_eur` states them apart."""
    primes_emission: Montant | None = Field(None, alias="primes_emission_eur")
    """Share premiums that `capital_souscrit_eur` does not hold."""
    capitaux_propres: MontantSigne | None = Field(None, alias="capitaux_propres_eur")
    pertes_accumulees: Montant | None = Field(None, alias="pertes_accumulees_eur")
    procedure_collective: Booleen | None = None
    """Insolvency proceedings, or their conditions met unless `conditions_procedure_collective` states it apart."""
    conditions_procedure_collective: Booleen | None = None
    """True when creditors could already ask for insolvency proceedings."""
    aide_sauvetage_en_cours: Booleen | None = None
    """Rescue aid not repaid, or restructuring plan running unless `aide_restructuration_en_cours` states it apart."""
    aide_restructuration_en_cours: Booleen | None = None
    exercices: tuple[ExerciceFinancier, ...] | None = None
    en_difficulte_au_2019_12_31: Booleen | None = None
    en_difficulte_depuis_le: Jour | None = None


class Operation(Champs):
    """A merger, an acquisition or a split: whose the earlier de minimis aid now is (2023/2831, article 3(8), (9))."""

    nature: liste("nature_operation") | None = None  # type: ignore[valid-type]
    le: Jour | None = None
    """When it took effect."""
    siren: Siren | None = None
    """The enterprise merged or acquired by the single undertaking; for a split, the one that was split."""
    capital_repris: Montant | None = Field(None, alias="capital_repris_eur")
    """Split: book value, on that day, of the equity of the new enterprises that are in the single undertaking."""
    capital_total: Montant | None = Field(None, alias="capital_total_eur")
    """Split: book value, on that day, of the equity of all the new enterprises."""


class Beneficiaire(Champs):
    """The undertaking that would receive the aid, with its group."""

    nom: Texte | None = None
    siren: Siren | None = None
    siret: Siret | None = None
    pays: Texte | None = None
    naf: Naf | None = None
    secteurs: tuple[liste("secteur"), ...] | None = None  # type: ignore[valid-type]
    activite_economique: Booleen | None = None
    part_non_economique_pct: Part | None = None
    activites_separees: Booleen | None = None
    categorie: liste("categorie") | None = None  # type: ignore[valid-type]
    exercices: tuple[Exercice, ...] | None = None
    liens: tuple[Lien, ...] | None = None
    repris_par_consolidation: Booleen | None = None
    """True when its figures are already in the consolidated accounts of a member of the group."""
    groupe_modifie_le: Jour | None = None
    """When the undertaking last joined or left a group, or a member did."""
    notation: liste("notation") | None = None  # type: ignore[valid-type]
    notation_societe_mere: liste("notation") | None = None  # type: ignore[valid-type]
    situation_financiere: SituationFinanciere = Field(default_factory=SituationFinanciere)
    en_difficulte: Booleen | None = None
    injonction_recuperation: Booleen | None = None
    entreprise_unique: tuple[Siren, ...] | None = None
    operations: tuple[Operation, ...] | None = None


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


class Tranche(Champs):
    """One payment of an aid, or one repayment of a loan."""

    le: Jour | None = None
    montant: Montant | None = Field(None, alias="montant_eur")


class ConditionsFinancieres(Champs):
    """Terms of an aid that is no plain grant: what its gross grant equivalent is computed from.

    `montant_eur` of the aid is then the nominal amount: the loan, the guaranteed loan, the advance.
    """

    duree_mois: Mois | None = None
    differe_mois: Mois | None = None
    """Months without repayment of the capital; 0 when absent."""
    amortissement: liste("amortissement") | None = None  # type: ignore[valid-type]
    periodicite_mois: Mois | None = None
    """Months between two due dates; 12 when absent."""
    taux_pct: Taux | None = None
    """Annual interest rate of the loan."""
    suretes: liste("suretes") | None = None  # type: ignore[valid-type]
    suretes_couverture_pct: Part | None = None
    """Share of the loan that the collateral covers."""
    quotite_garantie_pct: Part | None = None
    prime_annuelle_pct: Part | None = None
    """Annual guarantee premium, on the guaranteed amount outstanding."""
    pertes_partagees: Booleen | None = None
    """Losses and recoveries shared in proportion by the lender and the guarantor."""
    methode_approuvee: Booleen | None = None
    """Method notified to the Commission and approved before the measure was applied."""
    plafond_integre: Booleen | None = None
    """The measure holds a ceiling that keeps the aid under the threshold (tax advantages, other forms)."""
    tranches: tuple[Tranche, ...] | None = None
    taux_base_pct: Taux | None = None
    """Base rate of the Commission at the grant date, when the table holds none."""


class Aide(Champs):
    """One aid of the financing plan: planned, or already granted."""

    id: Texte
    financeur: Financeur = Field(default_factory=Financeur)
    forme: liste("forme_aide") | None = None  # type: ignore[valid-type]
    montant: Montant | None = Field(None, alias="montant_eur")
    esb: Montant | None = Field(None, alias="esb_eur")
    conditions: ConditionsFinancieres = Field(default_factory=ConditionsFinancieres)
    taux_max: Part | None = Field(None, alias="taux_max_pct")
    """Highest funding rate of the programme, for funds that the Union manages itself (RGEC article 8(2))."""
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
    financeur: Financeur = Field(default_factory=Financeur)
    apres_scission: liste("apres_scission") | None = None  # type: ignore[valid-type]
    """Who took over the activities that it was used for, when the enterprise that received it was split."""
    deja_au_plan: Booleen | None = None
    """True when the financing plan holds the same aid, false when it is another one that looks like it."""


class FinanceurDuPlan(Champs):
    """One funder that may take part in the plan, with what it can grant."""

    id: Texte
    nom: Texte | None = None
    type: liste("financeur") | None = None  # type: ignore[valid-type]
    forme: liste("forme_aide") | None = None  # type: ignore[valid-type]
    """A grant when absent. Amounts of the plan are grant equivalents."""
    bases: tuple[Texte, ...] | None = None
    """Legal bases and schemes that it may use; every usable legal basis when absent."""
    couts: tuple[Texte, ...] | None = None
    """Cost lines that it may fund; all when absent, none in particular when empty (de minimis aid only)."""
    enveloppe: Montant | None = Field(None, alias="enveloppe_eur")
    """What it has in all for the project, aids already granted included."""
    plafond: Montant | None = Field(None, alias="plafond_eur")
    """Highest amount of one of its aids."""
    plafond_par_base: dict[str, Montant] | None = Field(None, alias="plafond_par_base_eur")
    """Highest amount under one basis or scheme."""


class DemandePlan(Champs):
    """What is asked of the best plan: which goal, how much, with which funders."""

    objectif: Literal["maximiser", "atteindre", "minimiser_region"] | None = None
    montant_demande: Montant | None = Field(None, alias="montant_demande_eur")
    contribution_propre_min_pct: Part | None = None
    """Least share of the costs that the beneficiary bears without public support."""
    financeurs: tuple[FinanceurDuPlan, ...] | None = None
    """The funders of the planned aids when absent."""


class Dossier(Champs):
    """One project to assess; the law applied is the law in force on `date_octroi`."""

    intitule: Texte | None = None
    date_octroi: Jour
    mesure: Mesure = Field(default_factory=Mesure)
    beneficiaire: Beneficiaire = Field(default_factory=Beneficiaire)
    projet: Projet = Field(default_factory=Projet)
    aides: tuple[Aide, ...] | None = None
    de_minimis: tuple[AideDeMinimis, ...] | None = None
    plan: DemandePlan | None = None
