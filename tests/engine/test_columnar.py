"""The two evaluators agree: columns give what the exact evaluator gives, to the cent and to the reason."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aid_rules.engine.moteur import Engine
from aid_rules.testing.accord import Desaccord, accorder, comparer, main
from aid_rules.testing.strategies import Generateur, dossiers


@pytest.fixture(scope="module")
def generateur(engine: Engine) -> Generateur:
    return Generateur(engine)


@pytest.mark.parametrize("graine", range(2))
def test_columnar_and_exact_agree_on_random_dossiers(engine: Engine, generateur: Generateur, graine: int) -> None:
    """Promise: same verdict, rate, amount and reason for each basis and criterion, whatever the dossier and the day."""
    made = list(generateur.serie(graine, 10_000))
    assert comparer(engine, made) > 1_000_000


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_columnar_and_exact_agree_on_dossiers_that_hypothesis_makes(engine: Engine, data: st.DataObject) -> None:
    """Promise: the same, on dossiers that Hypothesis can make smaller when they disagree."""
    assert comparer(engine, data.draw(st.lists(dossiers(engine), min_size=1, max_size=5))) > 0


PONT = """
id: essai.pont
genre: regime
intitule: Régime d'essai
texte: guide_ti_2019
verifie_le: 2026-11-23
volets:
  - id: a
    intitule: A
    finalites: [recherche_industrielle]
    conditions: [{id: c, si: collaboration_effective, ref: fiche_8}]
    intensite: {base: [{id: tous, taux: 50, ref: fiche_8, lecture: essai}]}
  - id: b
    intitule: B
    finalites: [recherche_industrielle, developpement_experimental]
    conditions: [{id: c, si: beneficiaire.en_difficulte, ref: fiche_8}]
    intensite: {base: [{id: tous, taux: 70, ref: fiche_8, lecture: essai}]}
  - id: c
    intitule: C
    finalites: [developpement_experimental, recherche_fondamentale]
    conditions: [{id: c, si: "beneficiaire.categorie = petite", ref: fiche_8}]
    montant: [{id: tous, montant_eur: 500000, ref: fiche_8, lecture: essai}]
  - {id: d, intitule: D, finalites: [recherche_fondamentale], conditions: [{id: c, si: aide_ad_hoc, ref: fiche_8}]}
"""
SCHEMES = """
id: {nom}
genre: dispositif
intitule: Aide d'essai
texte: guide_ti_2019
operateur: Région
verifie_le: 2026-11-23
{reste}
"""
RESTES = {
    "essai_un": """
volets:
  - id: recherche
    intitule: Recherche
    finalites: [recherche_industrielle, developpement_experimental]
    repose_sur: [rgec.25, essai.pont]
    intensite: {base: [{id: tous, taux: 80, ref: fiche_8, lecture: essai}]}
  - id: amont
    intitule: Amont
    finalites: [recherche_industrielle, recherche_fondamentale]
    repose_sur: [essai.pont]
    intensite: {base: [{id: tous, taux: 80, ref: fiche_8, lecture: essai}]}
""",
    "essai_trois": """
finalites: tous
repose_sur: [hors_aide]
assiette: {postes: [{valeurs: [formation, personnel], ref: fiche_8}]}
""",
    "essai_deux": "finalites: tous\nrepose_sur: [rgec.25, rgec.27, hors_aide, essai.pont]",
}


def test_the_readings_agree_on_purposes_in_doubt(tmp_path) -> None:
    """Purposes that share costs, some in doubt, some without rate or amount, some of any purpose: one answer."""
    (tmp_path / "pont.yaml").write_text(PONT, encoding="utf-8")
    for name, rest in RESTES.items():
        (tmp_path / f"{name}.yaml").write_text(SCHEMES.format(nom=name, reste=rest), encoding="utf-8")
    toy = Engine(tmp_path)
    blocks, read = accorder(toy, list(Generateur(toy).serie(8, 1_000)))
    assert (blocks > 100_000, read > 1_000) == (True, True)


def test_a_difference_is_shown_with_its_dossier(engine: Engine, generateur: Generateur, monkeypatch) -> None:
    """A slip of one evaluator does not pass: the dossier and both answers are told."""
    monkeypatch.setattr("aid_rules.testing.accord.motif", lambda _regime, _borne=None: -7)
    with pytest.raises(Desaccord, match="colonnes, exact"):
        comparer(engine, list(generateur.serie(3, 5)))


def test_the_command_compares_and_tells(capsys) -> None:
    """One command compares as many dossiers as wanted, and says how much was compared."""
    assert main(["--dossiers", "60", "--graine", "5"]) == 0
    assert capsys.readouterr().out.startswith("60 dossiers : ")
