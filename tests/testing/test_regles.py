"""Random rules: whatever a rule file holds, the evaluator gives what a plain reading of the file gives."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aid_rules.faults import FaultsError
from aid_rules.language.positions import read_text
from aid_rules.testing.accord import comparer
from aid_rules.testing.ecriture import en_yaml
from aid_rules.testing.proprietes import PROPRIETES, Contradiction
from aid_rules.testing.regles import ID, moteur_de, regimes
from aid_rules.testing.relecture import Relecture
from aid_rules.testing.strategies import Generateur
from aid_rules.testing.transformations import poser

LU = {0: False, 1: None, 3: True}
REGLAGES = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def met():
    """What the random dossiers met, so that the test cannot pass on nothing."""
    return {"examines": 0, "ouverts": 0}


def test_the_evaluator_reads_any_rule_as_it_is_written(engine, met):
    """Promise: both evaluators give the verdict, rate and amount of the plain reading, whatever the rules."""

    @REGLAGES
    @given(regimes(engine), st.integers(0, 2**32))
    def holds(data, graine):
        own = moteur_de(engine, data)
        made = list(Generateur(own).serie(graine, 4))
        comparer(own, made)
        for dossier in made:
            law = own.at(dossier.date_octroi)
            faits = law.reader.read(dossier)
            found = law.programme.run(faits.env, faits.lignes).regimes[ID]
            lu = Relecture(own, dossier, faits).lire(ID)
            assert lu.verdict == LU[found.verdict], en_yaml(data)
            assert not found.examine or (lu.taux, lu.montant) == (found.taux, found.montant), en_yaml(data)
            met["examines"] += found.examine
            met["ouverts"] += found.verdict != 0

    holds()
    assert met["examines"] > 50
    assert met["ouverts"] > 5


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_random_rules_are_printed_as_a_file_that_reads_back(engine, data):
    """What a failing test shows can be pasted: the printed file gives the same rules."""
    made = data.draw(regimes(engine))
    again = read_text(en_yaml(made), "essai.yaml").data
    assert moteur_de(engine, again).library.rules.regimes == moteur_de(engine, made).library.rules.regimes


def test_a_rule_that_cannot_be_read_is_refused(engine):
    """The engine of a rule is that of a file: the same faults."""
    with pytest.raises(FaultsError, match="inconnu"):
        moteur_de(engine, {"id": ID, "genre": "regime", "conditions": [{"id": "a", "si": "fait_inconnu", "ref": "1"}]})


def test_a_wrong_rate_in_the_evaluator_is_seen(engine, monkeypatch):
    """The plain reading is apart: a slip of the evaluator's arithmetic does not reach it."""
    made = {
        "id": ID, "genre": "regime", "intitule": "Essai", "texte": "rgec", "verifie_le": "2026-11-23", "famille": "x",
        "finalites": ["conseil_pme"], "intensite": {"base": [{"id": "b", "taux": 20, "ref": "1"}]},
    }  # fmt: skip
    own = moteur_de(engine, made)
    data = {"date_octroi": "2024-03-15"}
    poser(data, "projet.couts", [{"id": "c", "finalite": "conseil_pme", "montant_eur": 1000}])
    PROPRIETES["relue_de_meme"].verifier(own, data, None)
    law = own.at(date(2024, 3, 15))
    run = law.programme.run

    def slip(env, lignes, tout=False):
        found = run(env, lignes, tout)
        return found._replace(regimes={ID: found.regimes[ID]._replace(taux=(2001, 2001))})

    monkeypatch.setattr(law.programme, "run", slip)
    with pytest.raises(Contradiction, match="à la lecture du fichier"):
        PROPRIETES["relue_de_meme"].verifier(own, data, None)
