"""The forms of the questionnaire: which part of the dossier each step asks, in plain French."""

from __future__ import annotations

from dataclasses import replace

from aid_rules.language.vocabulary import FactDefinition
from aid_rules.web.formulaire import Champ, Colonne, Etape, Groupe, Tableau, seules

_CHIFFRES = (
    Champ("effectif_uta", "Effectif", "nombre", "En équivalents temps plein sur l'année.", "12,5"),
    Champ("chiffre_affaires_eur", "Chiffre d'affaires (€)", "montant", exemple="1 800 000"),
    Champ("total_bilan_eur", "Total du bilan (€)", "montant", exemple="1 250 000"),
)

ETAPES = (
    Etape(
        "projet",
        "Le projet",
        "Le droit appliqué est celui du jour de l'octroi. Tout le reste peut attendre.",
        (
            Groupe(
                "Le projet",
                (
                    Champ("intitule", "Nom du projet", "texte", exemple="Modernisation de l'atelier"),
                    Champ(
                        "date_octroi",
                        "Date d'octroi de l'aide",
                        "date",
                        "Le jour où l'aide est, ou serait, accordée (décision du financeur).",
                        obligatoire=True,
                    ),
                    Champ(
                        "projet.commune",
                        "Commune du projet",
                        "commune",
                        "Elle donne la zone d'aide à finalité régionale. Cherchez par nom, code postal ou code INSEE.",
                        "Neufchâtel-en-Bray ou 76270",
                    ),
                    Champ(
                        "projet.zone_afr",
                        "Zone d'aide à finalité régionale",
                        "choix",
                        "Si vous la connaissez : elle l'emporte alors sur celle de la commune.",
                        liste="zone_afr",
                    ),
                ),
            ),
            Groupe(
                "Le calendrier",
                (
                    Champ(
                        "projet.demande_aide_le",
                        "Date de la demande d'aide",
                        "date",
                        "La demande écrite doit en général précéder le début des travaux.",
                    ),
                    Champ(
                        "projet.debut_travaux_le",
                        "Début des travaux",
                        "date",
                        "Premier chantier ou première commande ferme ; un achat de terrain ou une étude ne compte pas.",
                    ),
                    Champ("projet.fin_le", "Fin prévue du projet", "date"),
                ),
            ),
        ),
    ),
    Etape(
        "entreprise",
        "L'entreprise",
        "Celle qui recevrait l'aide.",
        (
            Groupe(
                "Identité",
                (
                    Champ("beneficiaire.nom", "Nom de l'entreprise", "texte", exemple="Mécanique du Bray"),
                    Champ("beneficiaire.siren", "Numéro SIREN", "siren", "Neuf chiffres.", "732 829 320"),
                    Champ(
                        "beneficiaire.naf",
                        "Activité (code NAF)",
                        "naf",
                        "Certains secteurs suivent d'autres règles. Cherchez par mot ou par code.",
                        "mécanique ou 25.62B",
                    ),
                    Champ(
                        "beneficiaire.activite_economique",
                        "Vend-elle des biens ou des services sur un marché ?",
                        "booleen",
                        "Une association ou une collectivité peut avoir une activité économique.",
                    ),
                ),
            ),
            Groupe(
                "Taille",
                (
                    Champ(
                        "beneficiaire.categorie",
                        "Catégorie d'entreprise",
                        "choix",
                        "Groupe compris. Si vous ne savez pas, elle sera calculée à partir des chiffres de la page "
                        "suivante.",
                        liste="categorie",
                    ),
                ),
            ),
        ),
    ),
    Etape(
        "groupe",
        "Ses chiffres et son groupe",
        "Ils donnent la catégorie d'entreprise et disent si elle est en difficulté.",
        (
            Tableau(
                "beneficiaire.exercices",
                "Derniers exercices clos",
                "Exercice",
                "Ajouter un exercice",
                seules(Champ("clos_le", "Clos le", "date"), *_CHIFFRES),
                "Le plus récent d'abord ; deux exercices suffisent.",
            ),
            Tableau(
                "beneficiaire.liens",
                "Sociétés du groupe",
                "Société",
                "Ajouter une société",
                (
                    Colonne(
                        "Société",
                        (
                            Champ("nom", "Nom", "texte", exemple="Holding du Bray"),
                            Champ("siren", "SIREN", "siren", exemple="552 100 554"),
                        ),
                    ),
                    Colonne(
                        "Lien avec l'entreprise",
                        (
                            Champ("sens", "Sens du lien", "choix_court", liste="sens_lien"),
                            Champ("nature", "Nature du lien", "choix_court", liste="nature_lien"),
                            Champ("droits_de_vote_pct", "Droits de vote (%)", "pourcentage", exemple="100"),
                        ),
                    ),
                    Colonne("Derniers chiffres", _CHIFFRES),
                ),
                "Celles qui détiennent 25 % ou plus de l'entreprise, et celles dont elle détient 25 % ou plus.",
                "L'entreprise ne détient aucune autre société à 25 % ou plus, et aucune ne la détient.",
            ),
            Tableau(
                "beneficiaire.operations",
                "Fusions, acquisitions et scissions",
                "Opération",
                "Ajouter une opération",
                (
                    Colonne("Opération", (Champ("nature", "Opération", "choix_court", liste="nature_operation"),)),
                    Colonne("Date d'effet", (Champ("le", "Date d'effet", "date"),)),
                    Colonne("Société absorbée, achetée ou scindée", (Champ("siren", "SIREN", "siren"),)),
                    Colonne(
                        "Scission : valeur comptable du capital",
                        (
                            Champ("capital_repris_eur", "Capital repris (€)", "montant"),
                            Champ("capital_total_eur", "Capital de toutes les sociétés issues (€)", "montant"),
                        ),
                    ),
                ),
                "Des trois dernières années : elles disent à qui comptent les aides de minimis passées.",
                "Ni l'entreprise ni son groupe n'ont fusionné, acheté ou scindé de société.",
            ),
            Groupe(
                "Situation financière",
                (
                    Champ(
                        "beneficiaire.situation_financiere.forme",
                        "Forme de la société",
                        "choix",
                        liste="forme_responsabilite",
                    ),
                    Champ("beneficiaire.situation_financiere.cree_le", "Date de création", "date"),
                    Champ(
                        "beneficiaire.situation_financiere.capital_souscrit_eur",
                        "Capital souscrit, primes comprises (€)",
                        "montant",
                        exemple="80 000",
                    ),
                    Champ(
                        "beneficiaire.situation_financiere.capitaux_propres_eur",
                        "Capitaux propres (€)",
                        "montant",
                        "Négatifs si les pertes dépassent le capital et les réserves.",
                        "210 000",
                    ),
                    Champ(
                        "beneficiaire.situation_financiere.procedure_collective",
                        "Est-elle en procédure collective, ou en remplit-elle les conditions ?",
                        "booleen",
                        "Sauvegarde, redressement ou liquidation judiciaire.",
                    ),
                    Champ(
                        "beneficiaire.situation_financiere.aide_sauvetage_en_cours",
                        "A-t-elle une aide au sauvetage ou à la restructuration en cours ?",
                        "booleen",
                    ),
                    Champ(
                        "beneficiaire.injonction_recuperation",
                        "Doit-elle encore rembourser une aide déclarée illégale par la Commission ?",
                        "booleen",
                    ),
                ),
            ),
        ),
    ),
    Etape(
        "couts",
        "Les coûts",
        "Ligne par ligne : la nature dit ce qui est payé, la finalité pourquoi. Elles décident des bases légales.",
        (
            Tableau(
                "projet.couts",
                "Coûts du projet",
                "Coût",
                "Ajouter un coût",
                seules(
                    Champ("intitule", "Intitulé", "texte", exemple="Machines"),
                    Champ("poste", "Nature du coût", "choix_court", liste="poste"),
                    Champ("finalite", "Finalité", "choix_court", liste="finalite"),
                    Champ("montant_eur", "Montant hors taxes (€)", "montant", exemple="240 000"),
                ),
                prefixe="cout",
            ),
        ),
    ),
    Etape(
        "aides",
        "Les aides",
        "Ce qui est prévu et ce qui est déjà obtenu : subventions, prêts, garanties, fonds européens.",
        (
            Tableau(
                "aides",
                "Aides du plan de financement",
                "Aide",
                "Ajouter une aide",
                (
                    Colonne(
                        "Financeur",
                        (
                            Champ("financeur.nom", "Nom", "texte", exemple="Région Normandie"),
                            Champ("financeur.type", "Type", "choix_court", liste="financeur"),
                        ),
                    ),
                    Colonne(
                        "Aide",
                        (
                            Champ("forme", "Forme", "choix_court", liste="forme_aide"),
                            Champ("statut", "Statut", "choix_court", liste="statut_aide"),
                            Champ("octroyee_le", "Octroyée le", "date"),
                        ),
                    ),
                    Colonne(
                        "Montant",
                        (
                            Champ("montant_eur", "Montant (€)", "montant", exemple="50 000"),
                            Champ(
                                "esb_eur",
                                "Équivalent-subvention (€)",
                                "montant",
                                "Ce que vaut un prêt, une garantie ou une avance en subvention, s'il est connu.",
                            ),
                        ),
                    ),
                    Colonne(
                        "Base légale et coûts",
                        (
                            Champ("base", "Base légale", "base", "Si elle est déjà choisie."),
                            Champ("couts", "Coûts financés", "lignes", "Ne cochez rien si l'aide n'est pas affectée."),
                        ),
                    ),
                ),
                prefixe="aide",
            ),
            Tableau(
                "de_minimis",
                "Aides de minimis déjà reçues",
                "Aide de minimis",
                "Ajouter une aide de minimis",
                (
                    *seules(
                        Champ("octroye_le", "Octroyée le", "date"),
                        Champ("montant_eur", "Montant (€)", "montant", exemple="20 000"),
                        Champ("reglement", "Règlement", "choix_court", liste="reglement_de_minimis"),
                        Champ("siren", "SIREN de la société aidée", "siren"),
                    ),
                    Colonne(
                        "Précisions",
                        (
                            Champ("financeur.nom", "Financeur", "texte", exemple="Région Normandie"),
                            Champ("deja_au_plan", "Est aussi dans le plan ci-dessus", "booleen"),
                            Champ("apres_scission", "Après une scission", "choix_court", liste="apres_scission"),
                        ),
                    ),
                ),
                "Par l'entreprise et les sociétés liées, sur les trois dernières années. La lettre d'octroi le dit.",
                "L'entreprise et son groupe n'ont reçu aucune aide de minimis.",
            ),
        ),
    ),
)

QUESTIONS = "questions"
RESULTAT = "resultat"
TITRES = {e.id: e.titre for e in ETAPES} | {QUESTIONS: "Les questions qui restent", RESULTAT: "Le résultat"}
ORDRE = (*(e.id for e in ETAPES), QUESTIONS, RESULTAT)
PAR_ID = {e.id: e for e in ETAPES}

BLOCS_D_ETAPE = {
    "aides": "aides",
    "de_minimis": "aides",
    "projet.couts": "couts",
    "beneficiaire.exercices": "groupe",
    "beneficiaire.liens": "groupe",
    "beneficiaire.operations": "groupe",
    "beneficiaire.entreprise_unique": "groupe",
    "beneficiaire.situation_financiere": "groupe",
}
"""Questions that a whole block answers: the step where it is filled."""

CHAMPS = {
    champ.chemin: champ for etape in ETAPES for bloc in etape.blocs if isinstance(bloc, Groupe) for champ in bloc.champs
}


def champ_de(chemin: str, fait: FactDefinition | None) -> Champ:
    """Return the field that asks the fact standing at a path."""
    if chemin in CHAMPS:
        known = CHAMPS[chemin]
        return replace(known, libelle=fait.question, aide=fait.aide or known.aide) if fait else known
    if fait is None:
        return Champ(chemin, f"Renseignez « {chemin} ».", "texte")
    unite = {"montant": "en euros", "pourcentage": "en %"}.get(fait.type, f"en {fait.unite}" if fait.unite else "")
    libelle = f"{fait.question} ({unite})" if unite else fait.question
    valeurs = tuple((key, v.libelle, v.aide) for key, v in fait.valeurs.items())
    return Champ(chemin, libelle, fait.type, fait.aide, valeurs=valeurs)
