"""The public result of an evaluation: what comes out, in French, each part with its reason and its reference.

Amounts are euros (exact decimals), rates percentages. `manquants` are paths of the dossier.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, PlainSerializer

AVERTISSEMENT = (
    "Pré-analyse : elle aide à décider, n'engage aucune autorité, et ne remplace ni l'instruction ni un avis juridique."
)

Verite = Literal["vrai", "faux", "inconnu"]
Verdict = Literal["mobilisable", "non_mobilisable", "a_verifier"]
Conclusion = Literal["aide_etat", "pas_aide_etat", "indetermine"]
Gravite = Literal["bloquante", "attention", "information"]
GenreEtape = Literal["base", "majoration", "reduction", "plafond"]
GenreLimite = Literal["plafond", "seuil_notification"]


def _number(value: Decimal | None) -> int | float | None:
    """Write a decimal as a JSON number: whole when it is, two decimals otherwise."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


Euros = Annotated[Decimal, PlainSerializer(_number, return_type=int | float, when_used="json")]
Pourcent = Annotated[Decimal, PlainSerializer(_number, return_type=int | float, when_used="json")]


class Partie(BaseModel):
    """Base of every part of the result."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Reference(Partie):
    """A provision."""

    id: str
    texte: str
    lien: str | None = None


class Condition(Partie):
    """One condition: its sentence comes from the very rule that was evaluated."""

    id: str
    intitule: str = ""
    verdict: Verite
    phrase: str
    references: tuple[Reference, ...] = ()
    manquants: tuple[str, ...] = ()


class Critere(Partie):
    """One criterion of TFUE 107(1)."""

    id: str
    intitule: str
    verdict: Verite
    motifs: tuple[Condition, ...]
    references: tuple[Reference, ...]
    manquants: tuple[str, ...]


class Qualification(Partie):
    """Whether it is a State aid."""

    conclusion: Conclusion
    criteres: tuple[Critere, ...]


class Equivalent(Partie):
    """The gross grant equivalent of one aid; the bounds part when a question remains."""

    aide: str
    minimum_eur: Euros | None
    maximum_eur: Euros | None
    methode: str
    transparente: Verite
    calcul: tuple[str, ...]
    motifs: tuple[str, ...]
    questions: tuple[str, ...]
    alertes: tuple[str, ...]


class Beneficiaire(Partie):
    """The beneficiary: category computed, difficulty, sectors, single undertaking, place."""

    categories_possibles: tuple[str, ...]
    categorie: str | None
    calcul: tuple[str, ...]
    motifs_categorie: tuple[str, ...]
    en_difficulte: Verite
    motifs_difficulte: tuple[str, ...]
    secteurs: tuple[str, ...]
    secteurs_possibles: tuple[str, ...]
    motifs_secteurs: tuple[str, ...]
    entreprise_unique: tuple[str, ...]
    zones_afr_possibles: tuple[str, ...]
    motifs_zone: tuple[str, ...]
    alertes: tuple[str, ...]
    manquants: tuple[str, ...]


class EtapeIntensite(Partie):
    """One step of the intensity: base, bonus, reduction, ceiling."""

    genre: GenreEtape
    id: str
    intitule: str
    verdict: Verite
    valeur: str
    phrase: str
    references: tuple[Reference, ...]


class Limite(Partie):
    """A cap in euros on the aid."""

    genre: GenreLimite
    id: str
    intitule: str
    verdict: Verite
    montant_min_eur: Euros | None
    montant_max_eur: Euros | None
    phrase: str
    references: tuple[Reference, ...]


class Assiette(Partie):
    """Eligible costs."""

    lignes: tuple[str, ...]
    lignes_possibles: tuple[str, ...]
    lignes_exclues: tuple[str, ...]
    montant_min_eur: Euros | None
    montant_max_eur: Euros | None
    methode: str = ""


class Appui(Partie):
    """What a scheme rests on."""

    base: str
    verdict: Verdict
    intensite_max_pct: Pourcent | None
    montant_max_eur: Euros | None


class Volet(Partie):
    """One purpose of a basis, with its own costs and rate."""

    id: str
    intitule: str
    verdict: Verdict
    conditions: tuple[Condition, ...]
    assiette: Assiette
    intensite_min_pct: Pourcent | None
    intensite_max_pct: Pourcent | None
    montant_min_eur: Euros | None
    montant_max_eur: Euros | None
    detail_intensite: tuple[EtapeIntensite, ...]
    limites: tuple[Limite, ...]
    appuis: tuple[Appui, ...] = ()


class RegimeCadre(Partie):
    """The national scheme to cite."""

    sa: str
    intitule: str
    confiance: str


class Base(Partie):
    """A legal basis or a scheme.

    `examine` is false when no cost line concerns it: its conditions were not read. `plafonne` is false when nothing in
    the law limits the amount.
    """

    id: str
    intitule: str
    genre: Literal["regime", "dispositif"]
    regime_cadre: tuple[RegimeCadre, ...]
    verdict: Verdict
    examine: bool
    plafonne: bool
    conditions: tuple[Condition, ...]
    manquants: tuple[str, ...]
    assiette: Assiette | None
    intensite_min_pct: Pourcent | None
    intensite_max_pct: Pourcent | None
    detail_intensite: tuple[EtapeIntensite, ...]
    montant_min_eur: Euros | None
    montant_max_eur: Euros | None
    seuil_notification: tuple[Limite, ...]
    volets: tuple[Volet, ...]
    operateur: str = ""
    besoin: str = ""
    financier: bool = True
    action: str = ""
    appuis: tuple[str, ...] = ()


class AlerteResultat(Partie):
    """One alert on the financing plan."""

    code: str
    gravite: Gravite
    certaine: bool
    message: str
    aides: tuple[str, ...]
    couts: tuple[str, ...]
    plafond_eur: Euros | None
    total_eur: Euros | None
    depassement_eur: Euros | None
    references: tuple[Reference, ...]


class Marge(Partie):
    """What may still be granted on one cost line, or under one de minimis ceiling."""

    objet: str
    montant_min_eur: Euros | None
    montant_max_eur: Euros | None


class MouvementDeMinimis(Partie):
    """One aid of the de minimis ledger; `sort_le` is the first day on which it no longer counts.

    `retenu_min_eur` and `retenu_max_eur` bound what counts of it for the single undertaking; `motif` says why, when it
    has to be said: merged, split, another company's, perhaps written twice.
    """

    octroye_le: date | None
    montant_eur: Euros | None
    reglement: str
    siren: str
    nom: str
    compte: Verite
    sort_le: date | None
    retenu_min_eur: Euros | None
    retenu_max_eur: Euros | None
    motif: str = ""


class EtapeDeMinimis(Partie):
    """One day on which the room under a de minimis ceiling changes."""

    le: date
    plafond_eur: Euros | None
    recu_min_eur: Euros | None
    recu_max_eur: Euros | None
    reste_min_eur: Euros | None
    reste_max_eur: Euros | None
    reste_apres_plan_min_eur: Euros | None
    reste_apres_plan_max_eur: Euros | None


class RegistreDeMinimis(Partie):
    """One de minimis ceiling: what was received, when it leaves, what room there is today and later.

    `refusees` names the planned aids that do not fit: the regulation refuses them whole.
    """

    reglement: str
    intitule: str
    compte: tuple[str, ...]
    entreprises: tuple[str, ...]
    mouvements: tuple[MouvementDeMinimis, ...]
    calendrier: tuple[EtapeDeMinimis, ...]
    prevu_eur: Euros | None
    refusees: tuple[str, ...]
    references: tuple[Reference, ...]


class Cumul(Partie):
    """Cumulation: alerts, room left on each line and under each ceiling, de minimis ledger."""

    alertes: tuple[AlerteResultat, ...]
    marges: tuple[Marge, ...]
    registres: tuple[RegistreDeMinimis, ...] = ()


class Obligation(Partie):
    """What must be done, by when."""

    id: str
    intitule: str
    statut: Verite
    action: str
    echeance: date | None
    phrase: str
    references: tuple[Reference, ...]
    declenchee_par: tuple[str, ...]


class Question(Partie):
    """A missing fact; `verdicts` counts the bases and criteria that wait for it."""

    chemin: str
    question: str
    aide: str
    type: str
    valeurs: dict[str, str]
    verdicts: int
    pour: tuple[str, ...]


class Possibilite(Partie):
    """What another version of the text would allow for a basis: to be weighed, never the verdict (RGEC article 58)."""

    base: str
    version: date
    verdict: Verdict
    intensite_max_pct: Pourcent | None
    montant_max_eur: Euros | None
    motif: str
    references: tuple[Reference, ...]


class Etape(Partie):
    """One step of the inference."""

    ordre: int
    regle: str
    conclusion: str
    statut: Verite
    depuis: tuple[str, ...]


class Regles(Partie):
    """The rules applied: version, digest, period in which they do not change."""

    version: str
    sha256: str
    en_vigueur_du: date
    en_vigueur_au: date


class PartDAide(Partie):
    """What one aid puts on one cost line."""

    cout: str
    montant_eur: Euros


class AideDuPlan(Partie):
    """One aid of the best plan, in grant equivalent."""

    id: str
    financeur: str
    nom: str
    type: str
    forme: str
    base: str
    montant_eur: Euros
    repartition: tuple[PartDAide, ...]


class LimiteDuPlan(Partie):
    """A limit that the plan meets; `gain_par_euro` is what one more euro of it adds, or spares the Région."""

    genre: str
    libelle: str
    plafond_eur: Euros
    gain_par_euro: Euros | None
    references: tuple[Reference, ...]


class BaseEcartee(Partie):
    """A basis that a funder could not use, and why."""

    financeur: str
    base: str
    motif: str


class ComparaisonFinanceur(Partie):
    """What one funder gives in the plan as given, and in the best one."""

    financeur: str
    actuel_eur: Euros
    meilleur_eur: Euros
    difference_eur: Euros


class MeilleurPlan(Partie):
    """The best legal plan: its aids, what binds, or the rules that conflict; beside the plan as given."""

    statut: Literal["optimal", "trouve", "infaisable"]
    objectif: Literal["maximiser", "atteindre", "minimiser_region"]
    demande_eur: Euros | None
    total_eur: Euros
    possible_eur: Euros
    region_eur: Euros
    deja_octroye_eur: Euros
    cout_total_eur: Euros
    aides: tuple[AideDuPlan, ...]
    limites: tuple[LimiteDuPlan, ...]
    conflits: tuple[LimiteDuPlan, ...]
    ecartees: tuple[BaseEcartee, ...]
    alertes: tuple[AlerteResultat, ...]
    actuel_eur: Euros
    actuel_conforme: bool
    comparaison: tuple[ComparaisonFinanceur, ...]


class Resultat(Partie):
    """Everything concluded on one dossier."""

    dossier: str
    date_octroi: date
    regles: Regles
    avertissement: str = AVERTISSEMENT
    qualification: Qualification
    beneficiaire: Beneficiaire
    regimes: tuple[Base, ...]
    dispositifs: tuple[Base, ...]
    equivalents: tuple[Equivalent, ...] = ()
    cumul: Cumul
    obligations: tuple[Obligation, ...]
    possibilites: tuple[Possibilite, ...] = ()
    questions: tuple[Question, ...]
    trace: tuple[Etape, ...]
    meilleur_plan: MeilleurPlan | None = None
    """Only when the dossier holds a `plan:` and the solver is installed."""
