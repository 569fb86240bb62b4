"""Questions in plain French for what the computations of the beneficiary lack."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aid_rules.law.base import Question

if TYPE_CHECKING:
    from aid_rules.dossier import Beneficiaire

_QUESTIONS = {
    "exercices": "Quels sont l'effectif, le chiffre d'affaires et le bilan des deux derniers exercices clos ({qui}) ?",
    "liens": "Quelles entreprises détiennent au moins 25 % de celle-ci, ou sont détenues ainsi par elle ({qui}) ?",
    "effectif_uta": "Quel est l'effectif, en unités de travail par an, du dernier exercice clos ({qui}) ?",
    "chiffre_affaires_eur": "Quel est le chiffre d'affaires hors taxes du dernier exercice clos ({qui}) ?",
    "total_bilan_eur": "Quel est le total du bilan du dernier exercice clos ({qui}) ?",
    "droits_de_vote_pct": "Quelle part des droits de vote la participation représente-t-elle ({qui}) ?",
    "capital_pct": "Quelle part du capital la participation représente-t-elle ({qui}) ?",
    "sens": "Détient-elle l'entreprise à laquelle elle est rattachée, ou est-elle détenue par elle ({qui}) ?",
    "marche_commun": "Exerce-t-elle sur le même marché que le groupe, ou juste en amont ou en aval ({qui}) ?",
    "repris_par_consolidation": "Ses chiffres sont-ils déjà dans les comptes consolidés du groupe ({qui}) ?",
    "organisme_public": "Est-elle un organisme public, ou sous contrôle public ({qui}) ?",
    "investissement_eur": "Combien cet investisseur a-t-il placé dans l'entreprise ({qui}) ?",
    "budget_annuel_eur": "Quel est le budget annuel de la collectivité ({qui}) ?",
    "habitants": "Combien d'habitants la collectivité compte-t-elle ({qui}) ?",
    "pays": "Dans quel pays le siège se trouve-t-il ({qui}) ?",
    "nature": "L'entreprise est-elle liée par le contrôle, partenaire ou autonome ({qui}) ?",
    "categorie": "L'entreprise est-elle micro, petite, moyenne ou grande, groupe compris ?",
    "naf": "Quel est le code NAF de l'activité aidée ?",
    "secteurs": "De quels secteurs l'activité aidée relève-t-elle ?",
    "forme": "Les associés répondent-ils des dettes sur leurs biens propres, ou dans la limite de leurs apports ?",
    "cree_le": "À quelle date l'entreprise a-t-elle été créée ?",
    "capital_souscrit_eur": "Quel est le capital souscrit, primes d'émission comprises ?",
    "capitaux_propres_eur": "Quels sont les capitaux propres du dernier bilan ?",
    "pertes_accumulees_eur": "À combien les pertes accumulées s'élèvent-elles ?",
    "procedure_collective": "L'entreprise est-elle en procédure collective, ou en remplit-elle les conditions ?",
    "aide_sauvetage_en_cours": "Une aide au sauvetage ou un plan de restructuration sont-ils en cours ?",
    "en_difficulte_depuis_le": "Depuis quelle date l'entreprise est-elle en difficulté ?",
    "situation_financiere.exercices": (
        "Quels étaient, sur les deux derniers exercices, les emprunts, les capitaux propres, l'EBITDA et les intérêts ?"
    ),
}

_LIEN = re.compile(r"liens\[(\d+)\]")
_INDICE = re.compile(r"\[\d+\]$")


def poser(chemin: str, beneficiaire: Beneficiaire) -> Question:
    """Return the question of a path that a computation of the beneficiary reported missing.

    Raises `KeyError` for a path that no computation reports.
    """
    steps = _INDICE.sub("", chemin).split(".")
    key = "situation_financiere.exercices" if "situation_financiere.exercices" in chemin else steps[-1]
    year = re.search(r"exercices\[(\d+)\]", chemin)
    who = _nom(chemin, beneficiaire) + (
        f", exercice n° {int(year[1]) + 1} en remontant" if year and year[1] != "0" else ""
    )
    return Question(chemin, _QUESTIONS[key].format(qui=who))


def _nom(chemin: str, beneficiaire: Beneficiaire) -> str:
    liens, name = beneficiaire.liens or (), beneficiaire.nom or "le bénéficiaire"
    for index in _LIEN.findall(chemin):
        lien = liens[int(index)]
        name, liens = (
            lien.nom or (f"SIREN {lien.siren}" if lien.siren else f"lien n° {int(index) + 1}"),
            lien.liens or (),
        )
    return name
