"""The engine's own part: which law is compiled and kept, which facts an aid is read with, what chains to what."""

from __future__ import annotations

import sys
from dataclasses import FrozenInstanceError
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from dossiers import aide, dossier, ligne, recherche
from evalues import base, volet

from aid_rules.engine import moteur
from aid_rules.engine.appuis import HORS_AIDE, borner
from aid_rules.engine.exact import Programme
from aid_rules.engine.facts import Reader
from aid_rules.engine.moteur import Engine
from aid_rules.language.book import Library
from aid_rules.language.places import rulesets
from aid_rules.language.tree import FAUX, INCONNU, VRAI

JOUR = date(2024, 3, 15)
COUTS = [ligne("m", 1000)]


@pytest.fixture
def neuf() -> Engine:
    return Engine()


def test_a_ledger_compiles_de_minimis_rules_alone(neuf):
    """Of another day, only what counts de minimis aid; the whole law when it stands compiled already."""
    ledger = neuf.de_minimis(JOUR)
    assert {r.id for r in ledger.loi.regimes} >= {"de_minimis.general", "de_minimis.agricole"}
    assert all(r.id.startswith("de_minimis.") for r in ledger.loi.regimes)
    assert neuf.de_minimis(date(2024, 3, 16)) is ledger
    assert neuf.de_minimis(date(2020, 3, 16)) is not ledger
    whole = neuf.at(JOUR)
    assert whole is not ledger
    assert "rgec.17" in {r.id for r in whole.loi.regimes}
    assert neuf.de_minimis(JOUR) is whole
    assert whole.reseau.cle != ledger.reseau.cle


@pytest.mark.parametrize("alone", [True, False])
def test_a_law_compiled_once_is_kept(neuf, monkeypatch, alone):
    """What was not in the cache goes there, under the name it is asked by; what comes from it does not go back."""
    loi, code = neuf.library.law(JOUR, alone)
    code = code or Programme(loi, neuf.slots).code
    kept = []
    monkeypatch.setattr(Library, "keep", lambda _, law, found, part: kept.append((law.du, found.co_name, part)))
    for cached, expected in ((None, [(loi.du, code.co_name, alone)]), (code, [])):
        monkeypatch.setattr(Library, "law", lambda *_, given=cached: (loi, given))
        engine = Engine()
        kept.clear()
        (engine.de_minimis if alone else engine.at)(JOUR)
        assert kept == expected


def test_shipped_rules_come_first_unless_asked_alone(neuf):
    """Without a folder, the shipped rules are all the law there is; alone, the folders given are."""
    assert neuf.folders == (rulesets(),)
    assert Engine(rulesets(), seul=True).folders == (rulesets(),)


@pytest.mark.parametrize(
    ("mesure", "conclusion"), [({}, "indetermine"), ({"conditions_de_marche": True}, "pas_aide_etat")]
)
def test_the_conclusion(engine, mesure, conclusion):
    """Criteria unknown, or one that fails."""
    found = engine.evaluate(dossier(engine, COUTS, [], mesure=mesure, beneficiaire={"activite_economique": None}))
    assert found.conclusion == conclusion
    assert found.hors_aide == {"indetermine": INCONNU, "pas_aide_etat": VRAI}[conclusion]


def test_an_aid_to_an_enterprise(engine):
    """Every criterion met: a State aid, and its obligations; the same money on market terms owes none of them."""
    found = engine.evaluate(dossier(engine, COUTS, [aide("x", 100, "rgec.17", ["m"])]))
    assert (found.conclusion, found.hors_aide, found.bloquante) == ("aide_etat", FAUX, False)
    legal = {o.id for o in found.loi.loi.obligations if not found.evaluation.regimes.keys().isdisjoint(o.declencheurs)}
    due = {name for name, status in found.inference.obligations.items() if status and name in legal}
    assert "pieces_justificatives" in due
    market = dossier(engine, COUTS, [aide("x", 100, "rgec.17", ["m"])], mesure={"conditions_de_marche": True})
    free = engine.evaluate(market)
    assert free.conclusion == "pas_aide_etat"
    assert not any(free.inference.obligations[name] for name in due)


def test_one_blocking_alert_is_enough(engine):
    """An overrun blocks; what is only to be checked does not."""
    doubtful = [aide("y", 10, None, ["m"])]
    assert engine.evaluate(dossier(engine, COUTS, doubtful)).plan.alertes
    assert not engine.evaluate(dossier(engine, COUTS, doubtful)).bloquante
    assert engine.evaluate(dossier(engine, COUTS, [*doubtful, aide("x", 500, "rgec.17", ["m"])])).bloquante


def test_a_day_may_be_asked(engine):
    """The law of the award date, unless another day is asked; conditions of foreign bases only when asked."""
    read = dossier(engine, COUTS, [])
    assert engine.evaluate(read).loi is engine.at(read.date_octroi)
    moved = engine.evaluate(read, JOUR)
    assert (moved.loi, moved.dossier.date_octroi) == (engine.at(JOUR), JOUR)
    assert moved.loi is not engine.at(read.date_octroi)
    assert not moved.evaluation.regimes["rgec.31"].examine
    assert engine.evaluate(read, JOUR, tout=True).evaluation.regimes["rgec.31"].examine


def test_verdicts_alone_are_those_of_the_law(engine):
    """Made when first asked, and kept with the law."""
    law = engine.at(JOUR)
    assert law.verdicts is law.verdicts
    found = engine.evaluate(dossier(engine, COUTS, []), JOUR)
    alone = law.verdicts.run(found.faits.env, found.faits.lignes)
    assert alone.bases["rgec.17"][0] == found.verdict("rgec.17")
    for one in (law, found):
        with pytest.raises(FrozenInstanceError):
            one.loi = None


def test_aids_are_read_again_beside_those_already_granted(engine, monkeypatch):
    """The law of a day for some aids: taken as planned, beside what was granted and is not asked about."""
    seen = []
    for name in ("read", "relire"):
        real = getattr(Reader, name)

        def spy(reader, *given, name=name, real=real):
            seen.append((name, given[-1]))
            return real(reader, *given)

        monkeypatch.setattr(Reader, name, spy)
    aids = [
        aide("x", 100, "rgec.17", ["m"]),
        aide("y", 50, "rgec.17", ["m"], statut="octroyee", octroyee_le="2018-05-02"),
        aide("z", 20, "rgec.17", ["m"], statut="octroyee", octroyee_le="2018-05-02"),
    ]
    full = dossier(engine, COUTS, aids)
    found = engine.evaluate(full)
    lire = engine.relire(full, INCONNU, found.faits)
    x, y, z = full.aides
    today = full.date_octroi
    for asked, day, name, others in (((x,), today, "relire", (y, z)), ((y,), date(2018, 5, 2), "read", (z,))):
        seen.clear()
        read = lire(asked, day)
        ((how, given),) = seen
        assert (how, given.date_octroi) == (name, day)
        assert given.aides == (*(a.model_copy(update={"statut": "prevue"}) for a in asked), *others)
        assert read.nom == ("" if day == today else "2018-05-02:")
        assert read.evaluation.regimes.keys() == {r.id for r in engine.at(day).loi.regimes}
    empty = full.model_copy(update={"aides": None})
    assert engine.relire(empty, INCONNU, found.faits)((), today).nom == ""


@pytest.mark.parametrize("outside", [FAUX, INCONNU, VRAI])
def test_a_scheme_read_again_knows_whether_the_funding_is_an_aid(engine, outside):
    """What it may rest on when the funding is no State aid holds as far as that does."""
    costs = [recherche("rd", 1000)]
    full = dossier(engine, costs, [aide("x", 100, "ademe_connaissance", ["rd"])], date_octroi="2024-03-15")
    read = engine.relire(full, outside, engine.evaluate(full).faits)(full.aides, full.date_octroi)
    (one,) = (one for one in read.bornes["ademe_connaissance"] if one.cle.endswith("developpement_experimental"))
    assert [(a.base, a.statut) for a in one.appuis] == [("rgec.25", VRAI), (HORS_AIDE, outside)]


def test_own_conditions_of_schemes():
    """Each volet by its name; one of a scheme that no cost line concerns is closed."""
    live = base("aide", volet("a"), volet("b", verdict=INCONNU))
    away = base("autre", volet())._replace(examine=False)
    bounded = {"aide": borner(live, {}, {}), "autre": borner(away, {}, {})}
    own = moteur._own({"aide": live, "autre": away}, bounded, {})
    assert own == {"aide.a": VRAI, "aide.b": INCONNU, "autre": FAUX}


def test_a_basis_that_holds_by_other_purposes_bears_no_scheme_for_certain():
    """The inference knows a basis as a whole: the scheme is told as the purposes that share its costs are."""
    regime = base("r", volet("x", finalites=["x"]), volet("y", finalites=["y"], verdict=INCONNU))
    scheme = base("aide", *(volet(n, finalites=[n], repose_sur=["r", "s"]) for n in ("x", "y", "z")))
    statuses = {"r": VRAI, "s": FAUX}
    bounded = {"aide": borner(scheme, statuses, {"r": regime})}
    own = moteur._own({"aide": scheme}, bounded, statuses)
    assert own == {"aide.x": VRAI, "aide.y": INCONNU, "aide.z": FAUX}
    closed = {"aide": borner(scheme, {"r": FAUX, "s": FAUX}, {"r": regime})}
    assert moteur._own({"aide": scheme}, closed, {"r": FAUX, "s": FAUX})["aide.x"] == VRAI


@pytest.mark.parametrize(
    ("triggers", "status", "aid", "due"),
    [
        (("r",), VRAI, VRAI, VRAI),
        (("r",), VRAI, INCONNU, INCONNU),
        (("r",), VRAI, FAUX, FAUX),
        (("r",), FAUX, VRAI, FAUX),
        (("controle.x", "r"), VRAI, FAUX, FAUX),
        (("controle.x",), VRAI, FAUX, VRAI),
        ((), INCONNU, FAUX, INCONNU),
    ],
)
def test_obligations_of_a_legal_basis_need_an_aid(triggers, status, aid, due):
    """What a control or a scheme triggers is due whether or not the funding is a State aid."""
    law = SimpleNamespace(obligations=[SimpleNamespace(id="o", declencheurs=triggers)])
    read = SimpleNamespace(regimes={"r": None}, obligations=(status,))
    assert moteur._duties(law, read, aid) == {"o": due}


def test_links_of_a_law(neuf):
    """A scheme rests on what is in force, an obligation on each volet of the schemes that trigger it."""
    law = neuf.at(JOUR)
    known = {HORS_AIDE, *(r.id for r in law.loi.regimes)}
    links = law.reseau.appuis
    assert links["ademe_connaissance.recherche_industrielle"] == ("rgec.25", HORS_AIDE)
    assert {name for names in links.values() for name in names} <= known
    assert "de_minimis.general" in links["ademe_connaissance.etudes_generales"]
    assert law.reseau.obligations["declaration_de_minimis"] == ("de_minimis.general", "de_minimis.sieg")
    assert law.reseau.alertes["alerte.cumul_intensite"] == ("controle.cumul_intensite",)
    assert law.reseau.alertes["alerte.incompatibilite.ademe_cofinancee"] == (
        "controle.incompatibilite.ademe_cofinancee",
    )


def test_the_worst_alert_of_each_control(engine):
    """A control holds the worst of its alerts: certain before doubtful; none, it is respected."""
    law = engine.at(JOUR).loi
    told = [SimpleNamespace(code=code, statut=status) for code, status in (
        ("depassement_base", INCONNU), ("depassement_base", VRAI), ("cumul_intensite", INCONNU))]  # fmt: skip
    found = moteur._ceilings(law, SimpleNamespace(alertes=told))
    assert (found["controle.depassement_base"], found["controle.cumul_intensite"]) == (VRAI, INCONNU)
    assert found["controle.incompatibilite.ademe_cofinancee"] == FAUX
    assert sorted(set(found.values())) == [FAUX, INCONNU, VRAI]
