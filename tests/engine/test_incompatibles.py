"""Aids that a scheme's own rules forbid together, or signal: each pair once, on costs that both may fund."""

from __future__ import annotations

import sys
from dataclasses import FrozenInstanceError
from datetime import date
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from evalues import evaluation

from aid_rules.amounts import euros
from aid_rules.dossier import Dossier
from aid_rules.engine.alertes import verifier
from aid_rules.language.slices import IncompatibiliteDuJour, LoiDuJour
from aid_rules.language.tree import FAUX, INCONNU, VRAI

JOUR = date(2020, 1, 1)
MESSAGE = "Ces deux aides ne vont pas ensemble."


def loi(**rule):
    """A law of one incompatibility, between `a` and `b`."""
    told = {"id": "essai", "intitule": "Essai", "si": None, "refs": ("loi:1",), "entre": (("a",), ("b",)),
            "gravite": "bloquante", "message": MESSAGE} | rule  # fmt: skip
    return LoiDuJour(JOUR, JOUR, (), (), (), (), (IncompatibiliteDuJour(**told),), (), ())


def aide(nom, base, eur=100, financeur="region", couts=("m",)):
    return {"id": nom, "base": base, "montant_eur": eur, "financeur": {"type": financeur}, "couts": couts}


def trouver(*aides, status=VRAI, lignes=("m", "n"), inconnus=(), **rule):
    """The incompatibilities told among these aids; those of `inconnus` have no amount yet."""
    data = {"date_octroi": JOUR, "aides": list(aides)}
    data["projet"] = {"couts": [{"id": name, "montant_eur": 1000} for name in lignes]}
    dossier = Dossier.model_validate(data)
    esb = {a.id: (0, None) if a.id in inconnus else (a.montant, a.montant) for a in dossier.aides}
    read = evaluation()._replace(incompatibilites=(status,))
    plan = verifier(dossier, read, loi(**rule), esb, VRAI)
    return [a for a in plan.alertes if a.code.startswith("incompatibilite")]


def test_two_aids_on_the_same_costs():
    """The pair, the costs they share, and where it is written."""
    (found,) = trouver(aide("x", "a", couts=("m", "n")), aide("y", "b", couts=("n",)))
    assert found == ("incompatibilite.essai", "bloquante", VRAI, MESSAGE, ("x", "y"), ("n",), None, None, None, (
        "loi:1",), ())  # fmt: skip


def test_aids_apart():
    """Neither on other costs, nor of other bases, nor one aid beside itself; funds of the Union follow other rules."""
    x, y = aide("x", "a"), aide("y", "b")
    assert trouver(x, aide("y", "b", couts=("n",))) == []
    assert trouver(x, aide("y", "a")) == []
    assert trouver(y, aide("x", "c")) == []
    assert trouver(x, entre=(("a",), ("a",))) == []
    assert trouver(x, aide("y", "b", financeur="union_directe")) == []
    assert trouver(x, y, status=FAUX) == []


def test_without_cost_lines_any_two_aids_meet():
    """A dossier that gives no cost line does not tell the aids apart."""
    (found,) = trouver(aide("x", "a", couts=None), aide("y", "b", couts=None), lignes=())
    assert (found.aides, found.couts) == (("x", "y"), ())


def test_a_pair_is_told_once():
    """Three aids of one scheme that bars itself make three pairs, whatever the side each is on."""
    found = trouver(*(aide(n, "a") for n in "xyz"), entre=(("a",), ("a",)))
    assert [a.aides for a in found] == [("x", "y"), ("x", "z"), ("y", "z")]


def test_a_doubtful_rule_blocks_nothing():
    """What turns it on is not known: it is to be checked."""
    (found,) = trouver(aide("x", "a"), aide("y", "b"), status=INCONNU)
    assert (found.gravite, found.statut) == ("attention", INCONNU)


@pytest.mark.parametrize(
    ("one", "other", "gap"),
    [
        ((100, "region"), (60, "etat"), 40_00),
        ((60, "etat"), (100, "region"), 40_00),
        ((100, "region"), (99.99, "etat"), 1),
        ((100, "region"), (100, "etat"), None),
        ((100, "region"), (60, "region"), None),
        ((100, "region"), (60, None), None),
        ((100, "etat"), (60, None), None),
        ((100, "etat"), (60, "organisme_designe"), None),
    ],
)
def test_parity_between_the_region_and_another_funder(one, other, gap):
    """Their shares must be equal: a gap is told to the cent, and only between the Région and somebody else."""
    x, y = aide("x", "a", *one), aide("y", "b", *other)
    (found,) = trouver(x, y, parite=True, gravite="information")
    assert (found.depassement, found.gravite) == (gap, "attention" if gap else "information")
    assert (found.message == MESSAGE) is (gap is None)
    (plain,) = trouver(x, y, gravite="information")
    assert (plain.depassement, plain.gravite, plain.message) == (None, "information", MESSAGE)


def test_the_gap_is_written():
    """In euros, after the message of the rule."""
    (found,) = trouver(aide("x", "a"), aide("y", "b", 60, "etat"), parite=True)
    assert found.message == f"{MESSAGE} Ici, {euros(40_00)} les séparent."


@pytest.mark.parametrize("inconnus", ["x", "y", "xy"])
def test_no_gap_while_an_amount_is_unknown(inconnus):
    """An aid whose amount is not told is not an aid of nothing."""
    (found,) = trouver(aide("x", "a"), aide("y", "b", 60, "etat"), parite=True, inconnus=inconnus)
    assert (found.depassement, found.message) == (None, MESSAGE)


def test_a_plan_checked_does_not_change():
    """What was checked is read by several: nothing may be put in its place."""
    dossier = Dossier.model_validate({"date_octroi": JOUR, "projet": {"couts": [{"id": "m", "montant_eur": 9}]}})
    plan = verifier(dossier, evaluation()._replace(incompatibilites=(VRAI,)), loi(), {}, VRAI)
    assert (plan.alertes, plan.marges) == ((), {})
    with pytest.raises(FrozenInstanceError):
        plan.alertes = ()
