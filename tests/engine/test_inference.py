"""The inference step: what it concludes, in what order, on what it rests, and what it refuses."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aid_rules.engine._durable_host import DurableHost
from aid_rules.engine.inference import Etape, Inference, Reseau, inferer

FAUX, INCONNU, VRAI = 0, 1, 3
RESEAU = Reseau(
    cle="essai",
    appuis={
        "fonds_chaleur": ("rgec.41", "rgec.46"),
        "etudes": ("rgec.49",),
        "garantie": (),
    },
    obligations={
        "publication": ("rgec.41", "fonds_chaleur"),
        "notification": ("seuil.rgec.41",),
    },
    alertes={
        "depassement": ("seuil.rgec.41", "plafond.cumul"),
        "a_publier": ("publication",),
    },
)
REGIMES = {"rgec.41": FAUX, "rgec.46": FAUX, "rgec.49": FAUX}
DISPOSITIFS = {"fonds_chaleur": VRAI, "etudes": VRAI, "garantie": FAUX}
OBLIGATIONS = {"publication": VRAI, "notification": VRAI}
PLAFONDS = {"seuil.rgec.41": FAUX, "plafond.cumul": FAUX}

Donnees = tuple[Reseau, dict[str, int], dict[str, int], dict[str, int], dict[str, int]]


def infer(**changes: Mapping[str, int]) -> Inference:
    """Infer over the small network, every fact false but the changes."""
    return inferer(
        RESEAU,
        REGIMES | dict(changes.get("regimes", {})),
        DISPOSITIFS | dict(changes.get("dispositifs", {})),
        OBLIGATIONS | dict(changes.get("obligations", {})),
        PLAFONDS | dict(changes.get("plafonds", {})),
    )


def plain(
    reseau: Reseau,
    regimes: Mapping[str, int],
    dispositifs: Mapping[str, int],
    obligations: Mapping[str, int],
    plafonds: Mapping[str, int],
) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    """Read the same definitions in plain Python, with no engine and no shortcut."""

    def best(sources: tuple[str, ...], known: Mapping[str, int]) -> int:
        return max((known[source] for source in sources), default=FAUX)

    schemes = {
        name: min(own, best(reseau.appuis[name], regimes)) if reseau.appuis[name] else own
        for name, own in dispositifs.items()
    }
    known = {**regimes, **plafonds, **schemes}
    due = {name: min(own, best(reseau.obligations[name], known)) for name, own in obligations.items()}
    known |= due
    return schemes, due, {name: best(sources, known) for name, sources in reseau.alertes.items()}


@st.composite
def donnees(draw: st.DrawFn) -> Donnees:
    """Draw a network, with names of any characters, and the verdicts that feed it."""
    names = draw(st.lists(st.text(max_size=12), unique=True, min_size=5, max_size=40))
    cuts = sorted(draw(st.lists(st.integers(0, len(names)), min_size=4, max_size=4)))
    regimes, plafonds, schemes, obligations, alerts = (
        names[a:b] for a, b in zip([0, *cuts], [*cuts, len(names)], strict=True)
    )

    def some(pool: list[str]) -> st.SearchStrategy[tuple[str, ...]]:
        return st.lists(st.sampled_from(pool), max_size=6).map(tuple) if pool else st.just(())

    def verdicts(keys: list[str]) -> dict[str, int]:
        return {key: draw(st.sampled_from((FAUX, INCONNU, VRAI))) for key in keys}

    facts = regimes + plafonds + schemes
    reseau = Reseau(
        cle="",
        appuis={name: draw(some(regimes)) for name in schemes},
        obligations={name: draw(some(facts)) for name in obligations},
        alertes={name: draw(some(facts + obligations)) for name in alerts},
    )
    return (
        reseau._replace(cle=repr(reseau)),
        verdicts(regimes),
        verdicts(schemes),
        verdicts(obligations),
        verdicts(plafonds),
    )


@settings(max_examples=400, deadline=None)
@given(donnees())
def test_conclusions_equal_a_plain_reading(data: Donnees) -> None:
    """On any network and any verdicts, durable_rules concludes what the definitions say, read without it."""
    found = inferer(*data)
    assert plain(*data) == (found.dispositifs, found.obligations, found.alertes)


@settings(max_examples=150, deadline=None)
@given(donnees())
def test_trace_holds_every_conclusion_once_after_what_it_rests_on(data: Donnees) -> None:
    """The trace goes regime, scheme, obligation, alert; each step rests on earlier ones, true enough to carry it."""
    reseau, regimes, dispositifs, _, plafonds = data
    found = inferer(*data)
    concluded = {**regimes, **found.dispositifs, **found.obligations, **found.alertes}
    assert sorted(name for name, status in concluded.items() if status) == sorted(e.conclusion for e in found.trace)
    assert [e.ordre for e in found.trace] == list(range(1, len(found.trace) + 1))
    floors = ["regime", "dispositif", "obligation", "alerte"]
    reached = [floors.index(e.regle.split(".")[0]) for e in found.trace]
    assert reached == sorted(reached)
    before = dict(plafonds)
    links = {**reseau.appuis, **reseau.obligations, **reseau.alertes}
    for step in found.trace:
        assert step.statut == concluded[step.conclusion]
        sources = set(links.get(step.conclusion, ()))
        best = max((before.get(source, FAUX) for source in sources), default=FAUX)
        assert set(step.depuis) == {source for source in sources if best and before.get(source, FAUX) == best}
        assert step.depuis or step.conclusion in regimes or dispositifs.get(step.conclusion)
        before[step.conclusion] = step.statut


@settings(max_examples=150, deadline=None)
@given(donnees(), st.randoms(use_true_random=False))
def test_no_order_of_mapping_changes_anything(data: Donnees, chance: random.Random) -> None:
    """Conclusions, their order and the trace are the same whatever the order of the five mappings."""

    def shuffled(mapping: Mapping[str, object]) -> dict[str, object]:
        return dict(chance.sample(list(mapping.items()), len(mapping)))

    reseau, *verdicts = data
    again = reseau._replace(
        cle=reseau.cle + "'",
        **{key: shuffled(getattr(reseau, key)) for key in ("appuis", "obligations", "alertes")},
    )
    expected, found = inferer(*data), inferer(again, *map(shuffled, verdicts))
    assert repr(expected) == repr(found)


def test_one_usable_regime_makes_the_scheme_usable_and_the_obligation_due() -> None:
    """A scheme whose conditions hold is usable on one usable regime; what it triggers follows, in order."""
    found = infer(regimes={"rgec.46": VRAI, "rgec.41": INCONNU})
    assert found.dispositifs == {"fonds_chaleur": VRAI, "etudes": FAUX, "garantie": FAUX}
    assert found.obligations == {"publication": VRAI, "notification": FAUX}
    assert found.alertes == {"depassement": FAUX, "a_publier": VRAI}
    assert found.trace == (
        Etape(1, "regime.a_verifier", "rgec.41", INCONNU, ()),
        Etape(2, "regime.etabli", "rgec.46", VRAI, ()),
        Etape(3, "dispositif.etabli", "fonds_chaleur", VRAI, ("rgec.46",)),
        Etape(4, "obligation.etabli", "publication", VRAI, ("fonds_chaleur",)),
        Etape(5, "alerte.etabli", "a_publier", VRAI, ("publication",)),
    )


@pytest.mark.parametrize(
    ("conditions", "regime", "status", "rule"),
    [
        (VRAI, VRAI, VRAI, "dispositif.etabli"),
        (INCONNU, VRAI, INCONNU, "dispositif.conditions_a_verifier"),
        (VRAI, INCONNU, INCONNU, "dispositif.appui_a_verifier"),
        (INCONNU, INCONNU, INCONNU, "dispositif.a_verifier"),
        (FAUX, VRAI, FAUX, None),
        (VRAI, FAUX, FAUX, None),
    ],
)
def test_a_scheme_needs_its_conditions_and_a_regime(conditions: int, regime: int, status: int, rule: str) -> None:
    """Unknown is not false: a doubt on one side, the other not false, leaves the scheme to check, and says which."""
    found = infer(dispositifs={"etudes": conditions}, regimes={"rgec.49": regime})
    assert status == found.dispositifs["etudes"]
    assert ([rule] if rule else []) == [e.regle for e in found.trace if e.conclusion == "etudes"]


@pytest.mark.parametrize("status", [FAUX, INCONNU, VRAI])
def test_a_scheme_without_regime_needs_only_its_conditions(status: int) -> None:
    """A scheme that no regime has to bear stands on its own conditions alone."""
    assert status == infer(dispositifs={"garantie": status}).dispositifs["garantie"]


@pytest.mark.parametrize("status", [FAUX, INCONNU, VRAI])
def test_a_ceiling_exceeded_or_doubtful_raises_an_alert_and_its_obligation(status: int) -> None:
    """A threshold exceeded makes notification due; one that cannot be told leaves it to check."""
    found = infer(plafonds={"seuil.rgec.41": status})
    assert status == found.obligations["notification"]
    assert status == found.alertes["depassement"]
    assert ([("seuil.rgec.41",)] if status else []) == [e.depuis for e in found.trace if e.conclusion == "depassement"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"regimes": {"rgec.41": 2}}, "« rgec.41 » : un statut vaut 0 (faux), 1 (inconnu) ou 3 (vrai), non 2"),
        ({"dispositifs": {"autre": VRAI}}, "le réseau ne connaît rien du dispositif « autre »"),
        ({"obligations": {"autre": VRAI}}, "le réseau ne connaît rien de l'obligation « autre »"),
        ({"regimes": {"plafond.cumul": VRAI}}, "« plafond.cumul » nomme deux choses"),
        ({"plafonds": {"etudes": VRAI}}, "« etudes » nomme deux choses"),
    ],
)
def test_incoherent_verdicts_are_refused(changes: dict[str, dict[str, int]], words: str) -> None:
    """A verdict that the network cannot place is a fault, never a silent no."""
    with pytest.raises(ValueError, match=re.escape(words)):
        infer(**changes)


def test_an_absent_verdict_is_refused() -> None:
    """What the network cites must be given: absent would otherwise read as false."""
    with pytest.raises(ValueError, match=r"le réseau cite « rgec\.49 », dont aucun verdict n'est donné"):
        inferer(RESEAU, {"rgec.41": VRAI, "rgec.46": VRAI}, DISPOSITIFS, OBLIGATIONS, PLAFONDS)
    with pytest.raises(ValueError, match=r"le réseau cite « plafond\.cumul »"):
        inferer(RESEAU, REGIMES, DISPOSITIFS, OBLIGATIONS, {"seuil.rgec.41": FAUX})
    with pytest.raises(ValueError, match="le réseau attend le verdict du dispositif « etudes »"):
        inferer(RESEAU, REGIMES, {"fonds_chaleur": VRAI, "garantie": VRAI}, OBLIGATIONS, PLAFONDS)
    with pytest.raises(ValueError, match="le réseau attend le verdict de l'obligation « notification »"):
        inferer(RESEAU, REGIMES, DISPOSITIFS, {"publication": VRAI}, PLAFONDS)


def test_a_ceiling_bears_no_scheme_and_an_alert_triggers_nothing() -> None:
    """The chain goes one way: a scheme rests on regimes only, an obligation never on an obligation or an alert."""
    for reseau in (
        Reseau("a", {"s": ("p",)}, {}, {}),
        Reseau("b", {"s": ()}, {"o": ("q",), "q": ()}, {}),
        Reseau("c", {"s": ()}, {}, {"a": ("b",), "b": ()}),
    ):
        with pytest.raises(ValueError, match="dont aucun verdict n'est donné"):
            inferer(reseau, {}, {"s": VRAI}, dict.fromkeys(reseau.obligations, VRAI), {"p": VRAI})


def test_one_name_for_two_things_in_the_network_is_refused() -> None:
    """An identifier stands for one thing only: a scheme and an alert of the same name would feed each other."""
    with pytest.raises(ValueError, match="« x » nomme deux choses dans le réseau"):
        inferer(Reseau("doubles", {"x": ()}, {}, {"x": ()}), {}, {"x": VRAI}, {}, {})


def test_one_key_for_two_networks_is_refused() -> None:
    """Networks are kept by key: another content under a known key must not run on the first one's links."""
    infer()
    with pytest.raises(ValueError, match="deux réseaux différents portent la clé « essai »"):
        inferer(RESEAU._replace(alertes={}), REGIMES, DISPOSITIFS, OBLIGATIONS, PLAFONDS)


def test_the_trace_goes_floor_after_floor_whatever_the_names() -> None:
    """Regimes, then schemes, then obligations, then alerts: an alert named before all others comes last."""
    reseau = Reseau("etages", {"c": ("d",)}, {"b": ("c",)}, {"a": ("b",)})
    found = inferer(reseau, {"d": INCONNU}, {"c": VRAI}, {"b": VRAI}, {})
    assert [(e.conclusion, e.regle) for e in found.trace] == [
        ("d", "regime.a_verifier"),
        ("c", "dispositif.appui_a_verifier"),
        ("b", "obligation.appui_a_verifier"),
        ("a", "alerte.appui_a_verifier"),
    ]


def test_only_the_best_trigger_carries_a_conclusion() -> None:
    """A usable regime beside one to be checked bears the scheme alone; two usable ones bear it together."""
    found = infer(regimes={"rgec.41": INCONNU, "rgec.46": VRAI})
    assert [e.depuis for e in found.trace if e.conclusion == "fonds_chaleur"] == [("rgec.46",)]
    found = infer(regimes={"rgec.41": VRAI, "rgec.46": VRAI})
    assert [e.depuis for e in found.trace if e.conclusion == "fonds_chaleur"] == [("rgec.41", "rgec.46")]


def test_what_several_usable_regimes_bear_is_proposed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second trigger no better than the first adds no fact; a better one does."""
    added: list[tuple[str, str]] = []
    real = DurableHost.add

    def add(host: DurableHost, rule: str, name: str) -> None:
        added.append((rule, name))
        real(host, rule, name)

    monkeypatch.setattr(DurableHost, "add", add)
    infer(regimes={"rgec.41": VRAI, "rgec.46": VRAI}, obligations={"publication": FAUX})
    assert added == [("dispositif.etabli", "fonds_chaleur")]


def test_the_first_name_at_fault_is_told() -> None:
    """Of several names unknown, or cited and not given, the first in order: the same message every time."""
    with pytest.raises(ValueError, match="le réseau ne connaît rien du dispositif « b »"):
        infer(dispositifs={"c": VRAI, "b": VRAI})
    with pytest.raises(ValueError, match="le réseau attend le verdict du dispositif « etudes »"):
        inferer(RESEAU, REGIMES, {}, OBLIGATIONS, PLAFONDS)
    with pytest.raises(ValueError, match=r"le réseau cite « rgec\.41 »"):
        inferer(RESEAU, {}, DISPOSITIFS, OBLIGATIONS, PLAFONDS)
    with pytest.raises(ValueError, match=r"le réseau cite « plafond\.cumul »"):
        inferer(RESEAU, REGIMES, DISPOSITIFS, OBLIGATIONS, {})
