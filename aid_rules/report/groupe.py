"""The beneficiary and the grant equivalents of the aids, as the public result says them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from aid_rules import assessment as out
from aid_rules.amounts import decimal_euros
from aid_rules.dossier import Dossier
from aid_rules.engine.facts import Faits, etat
from aid_rules.engine.faits_aides import ParametresAu, contexte
from aid_rules.language.places import donnees
from aid_rules.language.tree import VRAI
from aid_rules.language.vocabulary import Valeur
from aid_rules.law.entreprise_unique import entreprise_unique
from aid_rules.law.esb import equivalent_subvention
from aid_rules.report.ecriture import VERITES

_SECTEUR = re.compile(r"(?:(?<= : )|(?<=, )|(?<=« ))[a-z_]+(?=$|,| \(| à | »)")
CATEGORIES = ("micro", "petite", "moyenne", "grande")


def describe_beneficiary(
    dossier: Dossier, faits: Faits, parametres: Mapping[str, int], listes: Mapping[str, Mapping[str, Valeur]]
) -> out.Beneficiaire:
    """Return category, difficulty, sectors, single undertaking and place, each with its reasons.

    `listes` are the closed lists of the vocabulary: reasons name the sectors by their labels.
    """
    categorie, difficulte, secteurs, afr = faits.categorie, faits.difficulte, faits.secteurs, faits.afr
    unique = entreprise_unique(dossier.beneficiaire, dossier.date_octroi, parametres)
    possible = secteurs.possibles - secteurs.certains
    missing = (*categorie.manquants, *categorie.a_confirmer, *difficulte.manquants, *secteurs.manquants, *afr.manquants)
    return out.Beneficiaire.model_construct(
        categories_possibles=tuple(c for c in CATEGORIES if c in categorie.retenues),
        categorie=next(iter(categorie.retenues)) if len(categorie.retenues) == 1 else None,
        calcul=tuple(ligne.texte for ligne in categorie.lignes),
        motifs_categorie=tuple(m.texte for m in categorie.motifs),
        en_difficulte=VERITES[difficulte.ecartee],
        motifs_difficulte=tuple(m.texte for m in difficulte.motifs),
        secteurs=tuple(sorted(secteurs.certains)),
        secteurs_possibles=tuple(sorted(possible)),
        motifs_secteurs=tuple(_en_clair(m.texte, listes["secteur"]) for m in secteurs.motifs),
        entreprise_unique=tuple(
            f"{c.nom}{f' ({c.siren})' if c.siren else ''}{'' if c.compte == VRAI else ', à vérifier'}"
            for c in unique.composants
        ),
        zones_afr_possibles=tuple(sorted(afr.zones_possibles)),
        motifs_zone=afr.motifs,
        alertes=(
            *categorie.alertes,
            *difficulte.alertes,
            *(_en_clair(text, listes["secteur"]) for text in secteurs.alertes),
            *unique.alertes,
        ),
        manquants=tuple(dict.fromkeys(missing)),
    )


def _en_clair(text: str, secteurs: Mapping[str, Valeur]) -> str:
    """Write the sectors that a reason names by their labels; a name stands after a colon, a comma or a guillemet."""

    def label(found: re.Match[str]) -> str:
        known = secteurs.get(found.group())
        return known.libelle if known else found.group()

    return _SECTEUR.sub(label, text)


def grant_equivalents(dossier: Dossier, faits: Faits, parametres_au: ParametresAu) -> tuple[out.Equivalent, ...]:
    """Return the grant equivalent of each aid of the plan, with its computation.

    `parametres_au` gives the parameters in force on a day: those of the grant of each aid.
    """
    found = []
    for index, aide in enumerate(dossier.aides or ()):
        counted = equivalent_subvention(aide, contexte(dossier, index, parametres_au, donnees(), etat(faits)))
        low, high = faits.esb[aide.id]
        found.append(
            out.Equivalent.model_construct(
                aide=aide.id,
                minimum_eur=decimal_euros(low),
                maximum_eur=None if high is None else decimal_euros(high),
                methode=counted.methode,
                transparente=VERITES[counted.transparente],
                calcul=counted.lignes,
                motifs=tuple(m.texte for m in counted.motifs),
                questions=tuple(q.texte for q in counted.questions),
                alertes=counted.alertes,
            )
        )
    return tuple(found)
