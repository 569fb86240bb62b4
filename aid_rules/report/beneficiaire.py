"""The beneficiary and the grant equivalents as text: the arithmetic as an officer would write it in the file."""

from __future__ import annotations

from collections.abc import Mapping

from aid_rules.assessment import Beneficiaire, Equivalent
from aid_rules.language.vocabulary import Valeur
from aid_rules.report import libelles as mots
from aid_rules.report.texte import amount, title, wrap

_DIFFICULTE = {"vrai": "oui", "faux": "non", "inconnu": "à vérifier"}


def describe(found: Beneficiaire, secteurs: Mapping[str, Valeur], questions: Mapping[str, str]) -> str:
    """Return category, difficulty, sectors, single undertaking and place, each with its reasons.

    `secteurs` is the vocabulary's list of sectors, for their labels; `questions` the question of each missing path.
    """
    names = mots.ou(mots.CATEGORIES[c] for c in found.categories_possibles)
    lines = [title("Catégorie d'entreprise"), f"  {names}"]
    lines += [wrap(line, 4) for line in found.calcul]
    lines += [wrap(f"• {text}", 4) for text in found.motifs_categorie]
    lines += ["", title("Entreprise en difficulté"), f"  {_DIFFICULTE[found.en_difficulte]}"]
    lines += [wrap(f"• {text}", 4) for text in found.motifs_difficulte]
    lines += ["", title("Secteurs"), f"  {' ; '.join(secteurs[s].libelle for s in found.secteurs) or 'aucun établi'}"]
    if found.secteurs_possibles:
        lines.append(wrap(f"à vérifier : {' ; '.join(secteurs[s].libelle for s in found.secteurs_possibles)}", 2))
    lines += [wrap(f"• {text}", 4) for text in found.motifs_secteurs]
    lines += ["", title("Entreprise unique (de minimis)"), *(wrap(f"• {name}", 4) for name in found.entreprise_unique)]
    lines += ["", title("Territoire"), f"  {mots.ou(mots.ZONES[z] for z in found.zones_afr_possibles)}"]
    lines += [wrap(f"• {text}", 4) for text in found.motifs_zone]
    lines += ["", *(wrap(f"! {text}") for text in found.alertes)] if found.alertes else []
    if found.manquants:
        lines += ["", title("Ce qui trancherait")]
        lines += [wrap(f"• {questions[p]} ({p})" if p in questions else f"• {p}", 4) for p in found.manquants]
    return "\n".join(lines)


def describe_equivalent(found: Equivalent) -> str:
    """Return the grant equivalent of one aid, computed line by line."""
    shown = amount(found.minimum_eur, found.maximum_eur)
    lines = [title(f"Aide « {found.aide} »"), f"  Équivalent-subvention brut : {shown} (méthode : {found.methode})"]
    lines += [wrap(line, 4) for line in found.calcul]
    lines += [wrap(f"• {text}", 4) for text in found.motifs]
    lines += [wrap(f"? {text}", 4) for text in found.questions]
    lines += [wrap(f"! {text}", 4) for text in found.alertes]
    return "\n".join(lines)
