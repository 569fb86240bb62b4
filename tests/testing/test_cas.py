"""Worked cases: what an expectation says is compared with what was found, and nothing else."""

from __future__ import annotations

import pytest

from aid_rules.faults import FaultsError
from aid_rules.testing.cas import compare, read_cases

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


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ("mobilisable", "attendu : un bloc « clé: valeur » est attendu"),
        ("{regimes: [rgec.17]}", "attendu.regimes : un bloc"),
        ("{regimes: {rgec.17: mobilisable}}", "attendu.regimes.rgec.17 : un bloc"),
        ("{dispositifs: {x: {conditions: [pme]}}}", "attendu.dispositifs.x.conditions : un bloc"),
        ("{regimes: {rgec.25: {volets: {etudes: 50}}}}", "attendu.regimes.rgec.25.volets.etudes : un bloc"),
        ("{qualification: {criteres: [entreprise]}}", "attendu.qualification.criteres : un bloc"),
        ("{cumul: []}", "attendu.cumul : un bloc"),
        ("{cumul: {alertes: {contient: [{code: x}]}}}", "attendu.cumul.alertes : une liste d'alertes"),
        ("{cumul: {alertes: [depassement]}}", "attendu.cumul.alertes : une liste d'alertes"),
        ("{questions: projet.faits.x}", "attendu.questions : une liste"),
        ("{regimes: {rgec.17: {manquants: {contiens: [a]}}}}", "attendu.regimes.rgec.17.manquants : une liste"),
    ],
)
def test_what_cannot_be_compared_is_said_where_it_stands(expected, said, tmp_path):
    """An expectation in another form would fail with a Python error, or hold whatever is found."""
    path = tmp_path / "cas.yaml"
    path.write_text(f"- cas: un\n  dossier: {{}}\n  attendu: {expected}\n", encoding="utf-8")
    with pytest.raises(FaultsError) as raised:
        list(read_cases(path, {}))
    (fault,) = raised.value.faults
    assert "cas.yaml:3" in str(fault)
    assert said in str(fault)
