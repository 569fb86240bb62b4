"""Bases and schemes already evaluated, written by hand: what the tests of the bounds and the ceilings start from."""

from __future__ import annotations

from datetime import date

from aid_rules.engine.environnement import Couts
from aid_rules.engine.exact import Evaluation, RegimeEvalue, VoletEvalue, any_of
from aid_rules.engine.intervalles import total
from aid_rules.language.slices import RegimeDuJour, VoletDuJour
from aid_rules.language.tree import VRAI


def volet(
    nom="seul", *, verdict=VRAI, taux=None, montant=None, finalites=None, repose_sur=(), lignes=None, possibles=None,
    assiette=None,
):  # fmt: skip
    """A purpose: what it gives, the lines it counts and those it may count, each with its bounds in cents.

    Its eligible amount is their sum, unknown when it counts none.
    """
    lignes, possibles = lignes or {}, possibles or {}
    known = total((*lignes.values(), *possibles.values())) if lignes or possibles else (0, None)
    purposes = None if finalites is None else frozenset(finalites)
    rule = VoletDuJour(nom, nom, purposes, tuple(repose_sur), (), None, (), (), (), (), (), (), (), (), ())
    amounts = {**lignes, **possibles}
    costs = Couts(verdict, verdict, (0, None), {}, tuple(lignes), tuple(possibles), (), amounts, None, (0, 0), True)
    empty = ((), ())
    return VoletEvalue(
        rule,
        verdict,
        costs,
        assiette or known,
        (),
        (),
        (),
        (),
        (),
        (),
        (),
        (),
        (),
        taux,
        montant,
        empty,
        empty,
        montant,
        (),
    )


def base(nom, *volets, verdict=None, montant=None, conditions=(), seuils_couts=(), **bornes):
    """A basis or a scheme of these purposes; `plafonds` and `seuils` are its own caps, as statuses and bounds."""
    regime = RegimeDuJour(
        nom, "regime", nom, "loi", "1", "", date(2020, 1, 1), "", (), tuple(v.volet for v in volets),
        (), (), (),
    )  # fmt: skip
    status = any_of([v.verdict for v in volets]) if verdict is None else verdict
    return RegimeEvalue(regime, status, True, conditions, seuils_couts, volets=volets, montant=montant, **bornes)


def evaluation(regimes=(), dispositifs=()):
    """What the exact evaluator gives, of these bases alone."""
    return Evaluation((), {r.regime.id: r for r in regimes}, {d.regime.id: d for d in dispositifs}, (), (), ())
