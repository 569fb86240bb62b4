"""Every missing fact of the beneficiary comes with its question."""

from __future__ import annotations

from datetime import date

import pytest
from en_vigueur import parametres_au
from hypothesis import given, settings
from test_pme import exercice, groups

from aid_rules.dossier import Beneficiaire, SituationFinanciere
from aid_rules.law.base import FAUX, INCONNU
from aid_rules.law.difficulte import apprecier
from aid_rules.law.entreprise_unique import entreprise_unique
from aid_rules.law.pme import categoriser
from aid_rules.law.questions import poser

JOUR = date(2024, 6, 3)
PARAMETRES = parametres_au(JOUR)


@settings(max_examples=150, deadline=None)
@given(groups())
def test_each_missing_path_of_a_group_has_its_question(liens: list[dict[str, object]]) -> None:
    """What the category or the single undertaking lacks is asked in French, with the name of the enterprise."""
    years = [exercice(20, None, None), exercice(20, None, None)]
    model = Beneficiaire.model_validate({"nom": "Bray", "exercices": years, "liens": liens})
    found = categoriser(model, JOUR, PARAMETRES)
    missing = (*found.manquants, *found.a_confirmer, *entreprise_unique(model, JOUR, PARAMETRES).manquants)
    assert all(poser(path, model).texte.endswith("?") for path in missing)


@pytest.mark.parametrize("forme", [None, "responsabilite_limitee", "responsabilite_illimitee", "autre"])
@pytest.mark.parametrize("pme", [FAUX, INCONNU])
def test_each_missing_path_of_a_situation_has_its_question(forme: str | None, pme: int) -> None:
    """What the difficulty lacks is asked too."""
    found = apprecier(SituationFinanciere(forme=forme), pme, JOUR, PARAMETRES)
    assert found.manquants
    assert all(poser(path, Beneficiaire()).texte.endswith("?") for path in found.manquants)


def test_the_question_names_the_enterprise_and_the_year() -> None:
    """The user knows which accounts to look for."""
    model = Beneficiaire.model_validate({"liens": [{"nom": "Mère", "liens": [{"nom": "Fille"}]}]})
    assert "(Fille)" in poser("beneficiaire.liens[0].liens[0].effectif_uta", model).texte
    assert "exercice n° 2 en remontant" in poser("beneficiaire.liens[0].exercices[1]", model).texte
    unnamed = Beneficiaire.model_validate({"liens": [{"nom": "Mère"}, {}, {"siren": "552100554"}]})
    assert "lien n° 2" in poser("beneficiaire.liens[1].effectif_uta", unnamed).texte
    assert "SIREN 552100554" in poser("beneficiaire.liens[2].effectif_uta", unnamed).texte
