"""Worked cases: what an expectation says is compared with what was found, and nothing else."""

from __future__ import annotations

import pytest

from aid_rules.testing.cas import compare

VOLET = {"id": "etudes", "conditions": [{"id": "pme", "verdict": "faux", "phrase": "PME"}]}
RESULT = {"regimes": [{"id": "rgec.18", "conditions": [], "volets": [VOLET]}]}


@pytest.mark.parametrize(
    ("wanted", "differences"),
    [
        ({"pme": "faux"}, []),
        ({"grande": "absente"}, []),
        ({"pme": "absente"}, ["rgec.18/etudes, condition pme : attendu absente, trouvé faux"]),
        ({"grande": "vrai"}, ["rgec.18/etudes, condition grande : attendu vrai, trouvé absente"]),
    ],
)
def test_conditions_of_a_volet(wanted, differences):
    """A condition expected of a volet is found there, or is said « absente » when that volet has none of that name."""
    expected = {"regimes": {"rgec.18": {"volets": {"etudes": {"conditions": wanted}}}}}
    assert list(compare(expected, RESULT)) == differences


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ({"equivalents": {"pret": {"montant_eur": None}}}, "« montant_eur » n'y figure pas"),
        ({"equivalents": {"prêt": None}}, "« prêt » n'y figure pas ; vouliez-vous dire « pret » ?"),
        ({"regimes": {"rgec.18": {"intensite_max": None}}}, "rgec.18 : « intensite_max » n'y figure pas"),
        ({"regimes": {"rgec.18": {"volets": {"etudes": {"taux": None}}}}}, "rgec.18/etudes : « taux » n'y figure pas"),
        ({"qualification": {"conclusions": None}}, "vouliez-vous dire « conclusion » ?"),
        ({"cumul": {"total_eur": None}}, "cumul : « total_eur » n'y figure pas"),
        ({"cumul": {"alertes": [{"code": "x", "depassement": None}]}}, "alerte attendue"),
        ({"benefciaire": None}, "« benefciaire » n'y figure pas"),
    ],
)
def test_a_key_that_the_result_has_not_never_holds(expected, said):
    """« Nothing » expected under a misspelt name would hold whatever is found: the name is said."""
    found = {
        **RESULT,
        "equivalents": [{"aide": "pret", "minimum_eur": 0, "maximum_eur": None}],
        "qualification": {"conclusion": None, "criteres": []},
        "cumul": {"alertes": [{"code": "x", "gravite": "attention", "depassement_eur": None, "aides": []}]},
    }
    differences = list(compare(expected, found))
    assert len(differences) == 1
    assert said in differences[0]
    assert not list(compare({"equivalents": {"pret": {"minimum_eur": 0, "maximum_eur": None}}}, found))
