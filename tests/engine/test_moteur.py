"""The engine: each day's law compiled once, shared between threads, the same answer every time."""

from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from aid_rules.engine.moteur import Engine
from aid_rules.faults import WorkError
from aid_rules.language.reading import dossier_of
from aid_rules.report.resultat import resultat

DOSSIER = {
    "date_octroi": "2024-03-15",
    "beneficiaire": {"categorie": "petite"},
    "projet": {
        "couts": [
            {"id": "a", "poste": "actifs_corporels", "finalite": "investissement_initial", "montant_eur": 1000},
            {"id": "b", "poste": "personnel", "finalite": "recherche_industrielle", "montant_eur": 1000},
        ]
    },
}


@pytest.fixture
def dossier(engine):
    return dossier_of(DOSSIER, engine.book.vocabulaire, engine.book.bases)


def test_a_law_is_compiled_once_per_period(engine):
    """Two days of one period share a law; a day of another does not."""
    assert engine.at(date(2024, 3, 15)) is engine.at(date(2024, 3, 16))
    assert engine.at(date(2024, 3, 15)) is not engine.at(date(2020, 3, 15))


def test_the_dossier_is_left_as_it_is(engine, dossier):
    """An evaluation changes nothing of what it reads."""
    before = copy.deepcopy(dossier)
    engine.evaluate(dossier, date(2020, 3, 15))
    assert dossier == before


def test_verdicts_by_name(engine, dossier):
    """A basis or a scheme is asked by its name; an unknown one is an error."""
    found = engine.evaluate(dossier)
    assert found.verdict("rgec.17") == found.evaluation.regimes["rgec.17"].verdict
    assert all(found.verdict(name) in (0, 1, 3) for name in found.verdicts_dispositifs)
    with pytest.raises(KeyError):
        found.verdict("rgec.999")


def test_threads_share_an_engine(dossier):
    """Eight threads on a new engine and several periods give what one thread gives."""
    engine, alone = Engine(), Engine()
    days = [date(year, 3, 15) for year in range(2015, 2027)] * 2
    expected = [resultat(alone, alone.evaluate(dossier, day)).model_dump_json() for day in days]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda day: resultat(engine, engine.evaluate(dossier, day)).model_dump_json(), days))
    assert found == expected


def test_the_conclusion_follows_the_criteria(engine, dossier):
    """With criteria unknown nothing is concluded; one known to fail is enough for no aid."""
    assert engine.evaluate(dossier).conclusion == "indetermine"
    market = dossier_of({**DOSSIER, "mesure": {"conditions_de_marche": True}}, engine.book.vocabulaire)
    assert engine.evaluate(market).conclusion == "pas_aide_etat"


def test_before_any_law(engine, dossier):
    """A day before every text gives no basis of the RGEC, and does not fail."""
    found = engine.evaluate(dossier, date(1995, 1, 1))
    assert not [name for name in found.evaluation.regimes if name.startswith("rgec.")]


def test_a_folder_that_does_not_exist(tmp_path):
    """Work that cannot be done."""
    with pytest.raises(WorkError):
        Engine(tmp_path / "absent")
