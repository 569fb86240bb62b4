"""De minimis aids that a dossier tells of: those received, and those of the plan already granted (articles 3 and 6)."""

from __future__ import annotations

from datetime import date

import pytest

from aid_rules.dossier import Aide, AideDeMinimis, Beneficiaire, Dossier, Exercice, Financeur
from aid_rules.law.base import FAUX, INCONNU, VRAI
from aid_rules.law.de_minimis import Recue, cloture, perimetre_de, recues
from aid_rules.law.rattachement import Rattachement

JOUR = date(2024, 6, 3)
AVANT = date(2024, 2, 5)
NOUS, EUX = "732829320", "552100554"
PARAMETRES = {"entreprise_unique.majorite_general": 5000, "pme.seuil_majorite": 5000}
REGION = Financeur.model_construct(nom="Région Normandie", type="region")
AIDE = Recue(AVANT, 100_00, "general", nom="plan")


def _aide(name: str = "plan", **keys: object) -> Aide:
    told = {"id": name, "financeur": REGION, "montant": 100_00, "base": "de_minimis.general", "statut": "octroyee"}
    return Aide.model_construct(**told | {"octroyee_le": AVANT} | keys)  # type: ignore[arg-type]


def _recue(**keys: object) -> AideDeMinimis:
    told = {"octroye_le": AVANT, "montant": 100_00, "reglement": "general", "financeur": REGION}
    return AideDeMinimis.model_construct(**told | keys)  # type: ignore[arg-type]


def _recues(aides, entries, esb=None, appuis=None):
    who = Beneficiaire.model_construct(siren=NOUS, entreprise_unique=(NOUS,), operations=())
    dossier = Dossier.model_construct(date_octroi=JOUR, beneficiaire=who, aides=aides, de_minimis=entries)
    return recues(dossier, PARAMETRES, "general", esb, appuis)


@pytest.mark.parametrize(
    ("aides", "entries", "attendu"),
    [
        (None, None, None),
        ((), None, None),
        ((_aide(statut="prevue"),), None, None),
        ((_aide(base="rgec.17"),), None, None),
        ((_aide(),), None, [AIDE, Recue(None, None, None)]),
        (None, (), []),
        ((_aide(),), (), [AIDE]),
        ((_aide(statut="prevue"), _aide(base="rgec.17"), _aide(base=None)), (), []),
        (None, (_recue(montant=7, octroye_le=None, reglement=None),), [Recue(None, 7, None)]),
        ((_aide(),), (_recue(montant=7),), [Recue(AVANT, 7, "general"), AIDE]),
    ],
)
def test_what_is_received_and_what_the_plan_has_granted(aides, entries, attendu):
    """Nothing told is unknown, an empty list is none; the plan alone never says that there is nothing beside."""
    assert _recues(aides, entries) == attendu


def test_an_aid_told_twice_counts_once():
    """The entry that repeats an aid of the plan is left to the plan, the others stay."""
    assert _recues((_aide(),), (_recue(), _recue(montant=7))) == [Recue(AVANT, 7, "general"), AIDE]


def test_an_aid_that_may_be_told_twice_counts_perhaps():
    """Without the day it was granted, the entry counts from nothing, and the question is asked."""
    one, other = _recues((_aide(octroyee_le=None),), (_recue(),))
    assert (one.compte, one.retenu) == (INCONNU, (0, 100_00))
    assert [q.chemin for q in one.rattachement.questions] == ["de_minimis[0].deja_au_plan"]
    assert other == Recue(None, 100_00, "general", nom="plan")


@pytest.mark.parametrize(
    ("entry", "compte", "retenu"),
    [
        (_recue(siren=NOUS), VRAI, (100_00, 100_00)),
        (_recue(siren=EUX), FAUX, (0, 0)),
        (_recue(apres_scission="autre"), INCONNU, (0, 100_00)),
        (_recue(siren=NOUS, apres_scission="impossible"), INCONNU, (0, 100_00)),
    ],
)
def test_the_aid_of_a_company_counts_as_it_belongs(entry, compte, retenu):
    """Named, the company is of the single undertaking or not; a split shares its aid even when it is not named."""
    plain, linked = _recues((), (_recue(), entry))
    assert (plain.rattachement, plain.compte, plain.retenu) == (None, VRAI, (100_00, 100_00))
    assert linked.rattachement is not None
    assert (linked.compte, linked.retenu, linked.siren) == (compte, retenu, entry.siren)


def test_a_doubt_on_the_company_and_on_the_plan_add_up():
    """Each asks its own question."""
    aides = (_aide(octroyee_le=None),)
    entry = _recue(siren=NOUS, apres_scission="autre")
    one, _ = _recues(aides, (entry,))
    assert [q.chemin for q in one.rattachement.questions] == ["beneficiaire.operations", "de_minimis[0].deja_au_plan"]


SAME = {"deja_au_plan": True, "financeur": Financeur.model_construct()}


@pytest.mark.parametrize(
    ("aide", "entries", "esb", "attendu"),
    [
        ({"esb": 30_00}, (), None, Recue(AVANT, 30_00, "general", nom="plan")),
        ({"esb": 0, "forme": "pret"}, (), (1, 2), Recue(AVANT, 0, "general", nom="plan")),
        ({"montant": None}, (), None, Recue(AVANT, None, "general", None, "plan", Rattachement(VRAI, (0, None)))),
        ({"forme": "subvention"}, (), None, AIDE),
        ({"forme": "pret"}, (), None, Recue(AVANT, 100_00, "general", None, "plan", Rattachement(VRAI, (0, 100_00)))),
        ({"forme": "pret"}, (), (3, 9), Recue(AVANT, 9, "general", None, "plan", Rattachement(VRAI, (3, 9)))),
        ({"forme": "pret"}, (), (9, 9), Recue(AVANT, 9, "general", nom="plan")),
        ({"octroyee_le": None}, (_recue(**SAME),), None, AIDE),
        ({"octroyee_le": date(2024, 2, 6)}, (_recue(**SAME),), None, AIDE._replace(octroye_le=date(2024, 2, 6))),
        ({"forme": "pret", "montant": None}, (_recue(montant=8, **SAME),), (3, 9), AIDE._replace(montant=8)),
        ({"esb": 7, "montant": 8}, (_recue(montant=8, **SAME),), None, AIDE._replace(montant=7)),
    ],
)
def test_an_aid_of_the_plan_counts_for_its_grant_equivalent(aide, entries, esb, attendu):
    """Told, or received under the same name, or computed; a grant is its own, the amount of a loan only bounds it."""
    assert _recues((_aide(**aide),), entries, esb and {"plan": esb}) == [attendu]


def test_the_grant_equivalent_of_another_aid_is_not_taken():
    """Each by its name."""
    loan = Recue(AVANT, 100_00, "general", None, "plan", Rattachement(VRAI, (0, 100_00)))
    assert _recues((_aide(forme="pret"),), (), {"autre": (3, 9)}) == [loan]


APPUIS = {"dispositif": ("general", False), "minimis": ("agricole", True)}


@pytest.mark.parametrize(
    ("aide", "attendu"),
    [
        ({"base": "minimis"}, [AIDE._replace(reglement="agricole")]),
        ({"base": "minimis", "statut": "prevue"}, []),
        ({"base": "minimis", "financeur": Financeur.model_construct(type="prive")}, []),
        ({"base": "minimis", "financeur": Financeur.model_construct(type="union_directe")}, []),
        ({"base": "minimis", "financeur": Financeur.model_construct()}, [AIDE._replace(reglement="agricole")]),
        ({"base": "inconnu"}, []),
        ({"base": None}, []),
        ({}, [AIDE]),
    ],
)
def test_a_scheme_that_rests_on_nothing_else_is_its_regulation(aide, attendu):
    """What it has granted of public money counts whole."""
    assert _recues((_aide(**aide),), (), appuis=APPUIS) == attendu


def test_a_scheme_that_may_rest_on_something_else_counts_perhaps():
    """From nothing to the whole, and the base is asked at the rank of the aid."""
    other, one = _recues((_aide("autre"), _aide(base="dispositif")), (), appuis=APPUIS)
    assert other == AIDE._replace(nom="autre")
    assert (one.compte, one.retenu, one.nom, one.reglement) == (INCONNU, (0, 100_00), "plan", "general")
    assert [q.chemin for q in one.rattachement.questions] == ["aides[1].base"]
    assert "dispositif" in one.rattachement.motif
    assert _recues((_aide(base="dispositif"),), None, appuis=APPUIS) == [
        one._replace(rattachement=_recues((_aide(base="dispositif"),), (), appuis=APPUIS)[0].rattachement),
        Recue(None, None, None),
    ]


def test_an_aid_received_says_under_what_a_scheme_granted_it():
    """The same award, received under the regulation: it counts once, whole; a look-alike settles nothing."""
    assert _recues((_aide(base="dispositif"),), (_recue(),), appuis=APPUIS) == [AIDE]
    entry, one = _recues((_aide(base="dispositif", octroyee_le=None),), (_recue(),), appuis=APPUIS)
    assert entry == Recue(AVANT, 100_00, "general")
    assert (one.compte, one.retenu) == (INCONNU, (0, 100_00))


def test_the_perimeter_is_that_of_the_day_and_regulation():
    """The beneficiary of the dossier, on its day."""
    who = Beneficiaire.model_construct(siren=NOUS)
    found = perimetre_de(Dossier.model_construct(date_octroi=JOUR, beneficiaire=who), PARAMETRES, "general")
    assert (found.beneficiaire, found.jour, found.reglement) == (who, JOUR, "general")
    assert found.unique.sirens == {NOUS}


@pytest.mark.parametrize(
    ("clotures", "attendu"),
    [(None, None), ((), None), ((None,), None), ((date(2023, 6, 30), date(2022, 12, 31)), (6, 30))],
)
def test_the_closing_day_is_that_of_the_last_year_told(clotures, attendu):
    """The latest first; unknown when no year tells it."""
    years = None if clotures is None else tuple(Exercice.model_construct(clos_le=day) for day in clotures)
    who = Beneficiaire.model_construct(exercices=years)
    assert cloture(Dossier.model_construct(date_octroi=JOUR, beneficiaire=who)) == attendu


def test_what_counts_of_an_aid_without_amount_has_no_bound():
    """Nothing for certain, and no most."""
    assert Recue(AVANT, None, "general").retenu == (0, None)
    assert Recue(AVANT, 5, "general").retenu == (5, 5)
    assert Recue(AVANT, 5, "general", rattachement=Rattachement(INCONNU, (0, 5))).compte == INCONNU
