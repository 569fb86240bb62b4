"""The best plan against the evaluator that is told of it: on the worked cases of every basis, never an alert."""

from __future__ import annotations

import sys
from copy import deepcopy
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from aid_rules.engine import plan
from aid_rules.engine.plan import proposer
from aid_rules.engine.plan_modele import Modele
from aid_rules.language.reading import dossier_of
from aid_rules.language.tree import VRAI
from aid_rules.testing.cas import read_cases, read_models

pytest.importorskip("ortools")
sys.path.insert(0, str(Path(__file__).parent))
from dossiers import ligne
from test_plan_modele import COUTS, E17, INVEST, R17, RD, REGION, Severe, alert, assess

CAS = Path(__file__).parents[1] / "cas"
PAR_FICHIER = 1


def cases():
    """Some worked cases of each file, the same each time, with the randomness that completes them."""
    models = read_models(CAS / "modeles.yaml")
    rng = Random(8)  # noqa: S311 - a choice that can be made again
    for path in sorted(CAS.rglob("*.yaml")):
        if path.name != "modeles.yaml":
            known = list(read_cases(path, models))
            for case in rng.sample(known, min(PAR_FICHIER, len(known))):
                yield pytest.param(case.dossier, rng.getrandbits(32), id=f"{path.parent.name}-{path.stem}")


def usable(found):
    """The bases and schemes open to a dossier."""
    bases = [name for name, regime in found.evaluation.regimes.items() if regime.verdict == VRAI]
    return bases + [name for name, status in found.verdicts_dispositifs.items() if status == VRAI]


def funder(rng, number, bases, lines):
    """A funder of some of the bases, on some of the lines, with or without an envelope and a ceiling."""
    given = {"id": f"f{number}", "type": rng.choice(["region", "etat", "organisme_designe"])}
    given["bases"] = rng.sample(bases, rng.randint(1, min(3, len(bases))))
    given |= {"enveloppe_eur": rng.choice([10, 5000, Decimal("33.37")])} if rng.random() < 0.3 else {}
    given |= {"plafond_eur": rng.choice([10, 5000, Decimal("33.37")])} if rng.random() < 0.3 else {}
    given |= {"couts": rng.sample(lines, rng.randint(1, len(lines)))} if rng.random() < 0.3 else {}
    return given


def completed(engine, data, rng):
    """A worked case with funders, grants and de minimis aid received; nothing when no basis is open to it."""
    data = {k: v for k, v in deepcopy(dict(data)).items() if k not in ("aides", "plan")}
    costs = data.get("projet", {}).get("couts") or []
    for line in costs:
        line.setdefault("montant_eur", 50000)
    found = engine.evaluate(dossier_of(data, engine.book.vocabulaire))
    open_to, lines, day = usable(found), [line["id"] for line in costs], found.dossier.date_octroi
    if not open_to or not lines:
        return None
    data["plan"] = {"financeurs": [funder(rng, n, open_to, lines) for n in range(rng.randint(1, 3))]}
    data["plan"] |= {"objectif": "minimiser_region"} if rng.random() < 0.2 else {}
    granted = {"forme": "subvention", "statut": "octroyee", "financeur": {"type": "etat"}}
    data["aides"] = [
        granted
        | {"id": f"g{n}", "base": rng.choice(open_to), "montant_eur": rng.choice([100, 5000, Decimal("33.33")])}
        | {"couts": [rng.choice(lines)], "octroyee_le": day - timedelta(days=rng.choice([0, 30, 400, 1500]))}
        for n in range(rng.choice([0, 0, 1]))
    ]
    if rng.random() < 0.4:
        received = {"octroye_le": day - timedelta(days=10), "montant_eur": rng.choice([14000, 190000])}
        data["de_minimis"] = [received | {"reglement": rng.choice(["general", "agricole", "sieg"])}]
    return data


def written(found, data):
    """The dossier with the plan written into it, as its reader would."""
    funders = {f["id"]: f for f in data["plan"]["financeurs"]}
    proposed = [
        {
            "id": a.id,
            "financeur": {"type": funders[a.financeur]["type"]},
            "forme": a.forme,
            "montant_eur": Decimal(a.montant) / 100,
            "base": a.base,
            "couts": list(a.couts),
            "statut": "prevue",
        }
        for a in found.aides
    ]
    return {k: v for k, v in data.items() if k != "plan"} | {"aides": [*proposed, *data["aides"]]}


@pytest.mark.parametrize(("data", "graine"), list(cases()))
def test_the_evaluator_never_contradicts_the_plan(engine, data, graine):
    """No ceiling, cumulation, de minimis room, envelope or cost is passed by a plan, nor a basis used that is not open.

    Without a request there is always a plan, be it of no aid.
    """
    asked = completed(engine, data, Random(graine))  # noqa: S311 - the seed tells the case apart
    if asked is None:
        return
    found = proposer(engine, engine.evaluate(dossier_of(asked, engine.book.vocabulaire)), prix=False)
    assert found.statut != "infaisable"
    proposed = {a.id for a in found.aides}
    again = engine.evaluate(dossier_of(written(found, asked), engine.book.vocabulaire))
    told = [a.message for a in again.plan.alertes if a.gravite != "information" and proposed & set(a.aides)]
    assert told == []
    for given in asked["plan"]["financeurs"]:
        mine = [a.montant for a in found.aides if a.financeur == given["id"]]
        assert sum(mine) <= given.get("enveloppe_eur", 10**9) * 100
        assert max(mine, default=0) <= given.get("plafond_eur", 10**9) * 100
    for line in asked["projet"]["couts"]:
        assert sum(c for a in found.aides for x, c in a.repartition if x == line["id"]) <= line["montant_eur"] * 100
    assert all(sum(c for _, c in a.repartition) <= a.montant for a in found.aides)


def test_time_does_not_run_out_on_two_aids(engine):
    """Clean lorries, a small grant and two bases: the most is proven at once, and is not half of it."""
    models = read_models(CAS / "modeles.yaml")
    cases_36b = read_cases(CAS / "rgec" / "36b.yaml", models)
    data = next(c.dossier for c in cases_36b if c.dossier["projet"]["couts"][0]["id"] == "camions")
    granted = {"id": "g", "financeur": {"type": "etat"}, "forme": "subvention", "montant_eur": 20000}
    granted |= {"statut": "octroyee", "octroyee_le": "2021-06-05", "base": "de_minimis.general", "couts": ["camions"]}
    funder = {"id": "f", "type": "region", "bases": ["de_minimis.general", "rgec.36b"], "forme": "pret"}
    asked = dict(data) | {"date_octroi": "2024-03-01", "aides": [granted], "plan": {"financeurs": [funder]}}
    found = proposer(engine, engine.evaluate(dossier_of(asked, engine.book.vocabulaire)), prix=False)
    assert (found.statut, found.total) == ("optimal", 28000000)


def late(limit):
    """An evaluator that finds nothing on the first plan it is shown, and a limit on all that follow."""
    shown = []

    def judge(amounts):
        shown.append(amounts)
        over = sum(amounts.values()) - limit
        return [alert((INVEST, "e/rgec.17"), ("m",), over)] if over > 0 and len(shown) > 1 else []

    return judge


@pytest.mark.parametrize(("objectif", "region"), [("maximiser", None), ("minimiser_region", 300000)])
def test_a_limit_learnt_late_lowers_the_plan_and_does_not_undo_it(engine, objectif, region):
    """What only the plan with the fewest aids shows is taken off the most, which is looked for again."""
    asked = assess(engine, [R17, E17], objectif=objectif)
    found = proposer(Severe(engine, late(1500000)), asked)
    assert (found.statut, found.total, found.possible, found.conflits) == ("optimal", 1500000, 1500000, ())
    assert region in (None, found.region)


@pytest.mark.parametrize("objectif", ["atteindre", "minimiser_region"])
def test_a_limit_learnt_late_may_put_the_request_out_of_reach(engine, objectif):
    """A request that the evaluator refuses in the end is told with the limit that it found."""
    asked = assess(engine, [R17, E17], montant_demande_eur=18000, objectif=objectif)
    found = proposer(Severe(engine, late(1500000)), asked)
    assert (found.statut, found.possible) == ("infaisable", 1500000)
    assert [x.id for x in found.conflits] == ["controle.severe.e/rgec.17+r/rgec.17.m"]


def test_an_excess_greater_than_the_plan_shuts_the_aid_out(engine):
    """What is granted may alone be beyond the ceiling: the plan then puts nothing there, not a cent."""

    def judge(amounts):
        return [alert((INVEST,), ("m",), 10**12)] if amounts.get(INVEST) else []

    found = proposer(Severe(engine, judge), assess(engine, [REGION | {"bases": ["rgec.17", "rgec.25"]}]))
    assert {a.id: a.montant for a in found.aides} == {RD: 2700000}


def test_each_aid_is_judged_on_its_own_lines(engine):
    """The evaluator is shown each aid on the costs that the plan puts it on, and on no other."""
    shown = []

    class Witness(Severe):
        def evaluate(self, asked):
            shown.append({a.id: a.couts for a in asked.aides or ()})
            return super().evaluate(asked)

    witness = Witness(engine, lambda _: [])
    proposer(witness, assess(engine, [REGION | {"bases": ["rgec.17", "rgec.25"]}]))
    assert shown[-1] == {INVEST: ("m",), RD: ("rd",)}


def test_the_conflict_told_is_the_least(engine, monkeypatch):
    """Whatever the solver blames, only the limits without which the request would be met are told."""
    real = Modele.resoudre

    def blames_all(model, *args, noyau=False, **asked):
        found = real(model, *args, noyau=noyau, **asked)
        return found._replace(conflit=("demande", *(x.id for x in model.limites))) if noyau else found

    monkeypatch.setattr(Modele, "resoudre", blames_all)
    found = proposer(engine, assess(engine, [R17, E17], (), COUTS[:1], montant_demande_eur=27500))
    assert (found.statut, [x.id for x in found.conflits]) == ("infaisable", ["cumul.m"])
    found = proposer(engine, assess(engine, [R17, E17], (), [ligne("m", 10**6)], montant_demande_eur=27500))
    assert [x.id for x in found.conflits] == ["enveloppe.r", "enveloppe.e"]


def test_only_the_first_limits_are_priced(engine, monkeypatch):
    """Beyond so many, a limit is told without its worth: each asks for a plan of its own."""
    monkeypatch.setattr(plan, "MAX_PRIX", 1)
    found = proposer(engine, assess(engine, [R17, E17], (), [ligne("m", 10**6)]))
    assert [(x.id, x.gain) for x in found.limites] == [("enveloppe.r", 100), ("enveloppe.e", None)]
