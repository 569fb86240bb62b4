"""An award is known by its authority, day, amount and regulation (2023/2831 article 6(1))."""

from __future__ import annotations

from datetime import date

import pytest

from aid_rules.dossier import Aide, AideDeMinimis, Beneficiaire, Dossier, Financeur
from aid_rules.language.tree import INCONNU, VRAI
from aid_rules.law.doublons import Double, doubles
from aid_rules.law.rattachement import Rattachement

JOUR = date(2024, 2, 5)
NOUS, EUX = "732829320", "552100554"
REGION = Financeur.model_construct(nom="Région Normandie", type="region")


def _aide(name: str = "plan", **keys: object) -> Aide:
    told = {"id": name, "financeur": REGION, "montant": 100_00, "base": "de_minimis.general", "statut": "octroyee"}
    return Aide.model_construct(**told | {"octroyee_le": JOUR} | keys)  # type: ignore[arg-type]


def _recue(**keys: object) -> AideDeMinimis:
    told = {"octroye_le": JOUR, "montant": 100_00, "reglement": "general", "financeur": REGION}
    return AideDeMinimis.model_construct(**told | keys)  # type: ignore[arg-type]


def _dossier(aides: list[Aide], recues: list[AideDeMinimis]) -> Dossier:
    who = Beneficiaire.model_construct(siren=NOUS)
    return Dossier.model_construct(
        date_octroi=date(2024, 6, 3), beneficiaire=who, aides=tuple(aides), de_minimis=tuple(recues)
    )


@pytest.mark.parametrize(
    ("aide", "recue", "attendu"),
    [
        (_aide(), _recue(), True),
        (_aide(), _recue(siren=NOUS), True),
        (_aide(), _recue(siren=EUX), None),
        (_aide(), _recue(reglement="agricole"), None),
        (_aide(), _recue(reglement=None), False),
        (_aide(), _recue(montant=100_01), None),
        (_aide(), _recue(montant=None), None),
        (_aide(montant=900_00, esb=100_00), _recue(), True),
        (_aide(), _recue(octroye_le=date(2024, 2, 6)), None),
        (_aide(octroyee_le=None), _recue(), False),
        (_aide(statut="prevue", octroyee_le=None), _recue(octroye_le=date(2024, 6, 3)), True),
        (_aide(), _recue(financeur=Financeur.model_construct(nom="Région Normandie", type="etat")), None),
        (_aide(), _recue(financeur=Financeur.model_construct(type="region")), False),
        (_aide(octroyee_le=None), _recue(financeur=Financeur.model_construct()), None),
        (_aide(), _recue(deja_au_plan=False), None),
        (_aide(octroyee_le=None), _recue(montant=None, financeur=Financeur.model_construct(), deja_au_plan=True), True),
        (_aide(), _recue(montant=100_01, deja_au_plan=True), None),
        (_aide(base="rgec.17"), _recue(), None),
    ],
)
def test_what_is_told_decides(aide, recue, attendu):
    """The same for certain, perhaps, or too little in common to ask."""
    found = doubles(_dossier([aide], [recue])).get(0)
    assert attendu == (None if found is None else found.certain)


def test_one_entry_repeats_one_aid():
    """Two entries alike beside one aid of the plan: one of them may be it, the other is another award."""
    found = doubles(_dossier([_aide()], [_recue(), _recue()]))
    assert [(d.rang, d.certain) for d in found.values()] == [(0, False)]
    found = doubles(_dossier([_aide("une"), _aide("autre")], [_recue(), _recue()]))
    assert sorted((d.rang, d.aide, d.certain) for d in found.values()) == [(0, "une", False), (1, "autre", False)]


def test_the_answer_comes_first():
    """The entry said to be in the plan takes its aid, whatever entry stands before it."""
    found = doubles(_dossier([_aide()], [_recue(), _recue(deja_au_plan=True)]))
    assert [(d.rang, d.certain) for d in found.values()] == [(1, True)]


def test_a_doubtful_double_counts_from_nothing():
    """The share of a split keeps its top, its reason and its own alert; a plain entry has the one question."""
    double = Double(3, "plan", certain=False)
    plain = double.incertaine(None, 100_00)
    assert (plain.compte, plain.part, plain.propre) == (INCONNU, (0, 100_00), False)
    assert [q.chemin for q in plain.questions] == ["de_minimis[3].deja_au_plan"]
    shared = double.incertaine(Rattachement(VRAI, (40_00, 40_00), "scission", ("de_minimis_2023:3(9)",)), 100_00)
    assert (shared.compte, shared.part, shared.propre) == (INCONNU, (0, 40_00), True)
    assert shared.motif.startswith("scission ; ")
    assert shared.references == ("de_minimis_2023:3(9)",)
    assert [q.chemin for q in shared.questions] == ["de_minimis[3].deja_au_plan"]
