"""Ground of the gross grant equivalent: what it needs, what it gives, and the questions it asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from aid_rules.amounts import euros
from aid_rules.law.base import FAUX, INCONNU, Motif, Parametres, Question, texte_de_minimis
from aid_rules.law.taux import taux_de_base

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from aid_rules.dossier import Aide, Beneficiaire

_QUESTIONS = {
    "forme": "Sous quelle forme l'aide serait-elle versée : subvention, prêt, garantie, avance récupérable… ?",
    "montant_eur": "Quel est le montant nominal de l'aide (prêt, prêt garanti, avance, subvention) ?",
    "esb_eur": "Quel est l'équivalent-subvention brut, calculé par la méthode approuvée ou par un expert indépendant ?",
    "conditions.duree_mois": "Sur combien de mois le prêt ou la garantie courent-ils ?",
    "conditions.taux_pct": "Quel est le taux d'intérêt annuel du prêt (0 pour un prêt à taux zéro) ?",
    "conditions.amortissement": "Le capital est-il remboursé par parts égales (constant) ou en une fois (in_fine) ?",
    "conditions.suretes": "Les sûretés du prêt sont-elles élevées, normales ou faibles ?",
    "conditions.suretes_couverture_pct": "Quelle part du prêt les sûretés couvrent-elles ?",
    "conditions.quotite_garantie_pct": "Quelle part du prêt est garantie ?",
    "conditions.prime_annuelle_pct": "Quelle prime annuelle l'entreprise paie-t-elle, sur le montant garanti ?",
    "conditions.pertes_partagees": "Le prêteur et le garant supportent-ils les pertes dans la même proportion ?",
    "conditions.methode_approuvee": "La méthode de calcul a-t-elle été notifiée à la Commission et approuvée ?",
    "conditions.plafond_integre": "La mesure prévoit-elle un plafond d'aide par entreprise ?",
    "conditions.taux_base_pct": "Quel était le taux de base de la Commission pour la France à la date d'octroi ?",
    "conditions.tranches": "À quelle date et pour quel montant chaque tranche est-elle versée ?",
    "notation": "Quelle est la notation de crédit de l'entreprise (« aucune » si elle n'a ni note ni historique) ?",
    "categorie": "L'entreprise est-elle une PME ou une grande entreprise ?",
    "secteurs": "L'entreprise transporte-t-elle des marchandises par route pour le compte d'autrui ?",
    "procedure_collective": "L'entreprise est-elle en procédure collective, ou en remplit-elle les conditions ?",
    "en_difficulte": "L'entreprise est-elle en difficulté ?",
}
_LIEUX = {
    "notation": "beneficiaire.notation",
    "categorie": "beneficiaire.categorie",
    "secteurs": "beneficiaire.secteurs",
    "procedure_collective": "beneficiaire.situation_financiere.procedure_collective",
    "en_difficulte": "beneficiaire.situation_financiere",
}


class Contexte(NamedTuple):
    """What the computation needs beyond the aid: date, law in force, tables, and what is known of the beneficiary.

    `reglement` is None under the RGEC, else `general`, `agricole`, `peche` or `sieg`; the truth values are those of the
    other computations. `chemin` is where the dossier holds the aid.
    """

    date_octroi: date
    parametres: Parametres
    donnees: Path
    beneficiaire: Beneficiaire
    est_pme: int = INCONNU
    en_difficulte: int = INCONNU
    fret_routier: int = FAUX
    reglement: str | None = None
    chemin: str = "aides[0]"


class EquivalentSubvention(NamedTuple):
    """The gross grant equivalent in cents; None until the questions are answered, `maximum` bounding it.

    `transparente` tells whether the aid can be computed in advance without weighing the risk (RGEC article 5, règlement
    2023/2831 article 4). `lignes` is the computation in French.
    """

    montant: int | None
    maximum: int | None
    methode: str
    transparente: int
    lignes: tuple[str, ...] = ()
    motifs: tuple[Motif, ...] = ()
    questions: tuple[Question, ...] = ()
    alertes: tuple[str, ...] = ()


class Socle:
    """One computation under way: the aid, its terms and its context."""

    def __init__(self, aide: Aide, contexte: Contexte) -> None:
        self.aide = aide
        self.c = aide.conditions
        self.x = contexte
        self.p = contexte.parametres

    # what is common to all forms

    def ref(self, rgec: str, de_minimis: str) -> str:
        """Return the provision of the text under which the aid is counted."""
        if self.x.reglement is None:
            return f"rgec:{rgec}"
        return f"{texte_de_minimis(self.x.reglement, self.x.date_octroi)}:{de_minimis}"

    def question(self, name: str) -> Question:
        """Return the question of a fact, where the dossier would hold the answer."""
        return Question(_LIEUX.get(name, f"{self.x.chemin}.{name}"), _QUESTIONS[name])

    def demander(
        self, methode: str, *names: str, transparente: int = INCONNU, plafond: int | None = None
    ) -> EquivalentSubvention:
        """Return an amount to be settled: the questions, and the nominal amount (or `plafond`) as bound."""
        bound = self.aide.montant if plafond is None else plafond
        return EquivalentSubvention(
            None, bound, methode, transparente, questions=tuple(self.question(name) for name in dict.fromkeys(names))
        )

    def resultat(
        self, montant: int, nominal: int, methode: str, transparente: int, *, lignes: list[str], motif: Motif
    ) -> EquivalentSubvention:
        """Return a settled amount, never above the nominal one."""
        kept = min(montant, nominal)
        lines = (*lignes, f"équivalent-subvention brut : {euros(kept)}")
        return EquivalentSubvention(kept, kept, methode, transparente, lines, (motif,))

    def declare(self, esb: int) -> EquivalentSubvention:
        """Return the amount that the dossier states."""
        nominal = self.aide.montant
        over = nominal is not None and esb > nominal
        alerts = (f"L'équivalent-subvention déclaré ({euros(esb)}) dépasse le montant nominal.",) if over else ()
        motif = Motif("équivalent-subvention brut donné par le dossier", self.ref("2(22)", "3(5)"))
        return EquivalentSubvention(esb, esb, "declare", INCONNU, motifs=(motif,), alertes=alerts)

    def base(self, jour: date) -> int | None:
        """Return the base rate of a day in basis points: the table's, else the one the dossier states for the grant."""
        found = taux_de_base(jour, self.x.donnees)
        if found is not None:
            return found.points
        return self.c.taux_base_pct if jour == self.x.date_octroi else None

    def actualisation(self, jour: date) -> int | None:
        """Return the discount rate of a day in basis points, or None when its base rate is unknown."""
        base = self.base(jour)
        return None if base is None else base + self.p["esb.marge_actualisation"]
