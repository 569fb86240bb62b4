"""The beneficiary as text: the arithmetic as an officer would write it in the file."""

from __future__ import annotations

from aid_rules.assessment import Beneficiaire
from aid_rules.report.texte import mark, title, wrap


def describe(found: Beneficiaire) -> str:
    """Return category, difficulty and place, each with its reasons."""
    names = " ou ".join(found.categories_possibles)
    lines = [title("Catégorie d'entreprise"), f"  {names}"]
    lines += [wrap(line, 4) for line in found.calcul]
    lines += [wrap(f"• {text}", 4) for text in found.motifs_categorie]
    lines += ["", title("Entreprise en difficulté"), f"  {mark(found.en_difficulte)} {found.en_difficulte}"]
    lines += [wrap(f"• {text}", 4) for text in found.motifs_difficulte]
    lines += ["", title("Territoire"), f"  zone AFR : {' ou '.join(found.zones_afr_possibles)}"]
    lines += [wrap(f"• {text}", 4) for text in found.motifs_zone]
    lines += ["", *(wrap(f"! {text}") for text in found.alertes)] if found.alertes else []
    if found.manquants:
        lines += ["", wrap(f"Ce qui trancherait : {', '.join(found.manquants)}")]
    return "\n".join(lines)
