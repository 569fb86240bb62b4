"""The measured limits of durable_rules 2.0.28, held off one by one by the door that the inference keeps closed."""

from __future__ import annotations

import json
import os
import select
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import durable_rules_engine
import pytest

from aid_rules.engine import _durable_host, inference
from aid_rules.engine._durable_host import DurableHost, Rule, ShortIds, fnv1a32
from aid_rules.engine.inference import Reseau, inferer
from aid_rules.faults import WorkError

FAUX, INCONNU, VRAI = 0, 1, 3
COLLIDING = ("costarring", "liquid")
"""Two words of one 32-bit FNV-1a hash."""

Verdicts = tuple[dict[str, int], dict[str, int], dict[str, int], dict[str, int]]


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test a workshop of its own."""
    monkeypatch.setattr(inference, "_workshop", inference._Workshop())


def network(cle: str, regimes: int = 60, schemes: int = 30, obligations: int = 15, ceilings: int = 10) -> Reseau:
    """Build a chain of the given size: each scheme on three regimes, each obligation on schemes, each alert on all."""
    return Reseau(
        cle=cle,
        appuis={f"d{i}": tuple(f"r{(i + k * 7) % regimes}" for k in range(3)) for i in range(schemes)},
        obligations={f"o{i}": (f"d{i % schemes}", f"r{i % regimes}", f"p{i % ceilings}") for i in range(obligations)},
        alertes={f"a{i}": (f"p{i}", f"o{i % obligations}") for i in range(ceilings)},
    )


def verdicts(reseau: Reseau, statuses: Callable[[], int]) -> Verdicts:
    """Give a status to every fact that the network cites; `statuses` is called for each."""
    cited = {
        s for part in (reseau.appuis, reseau.obligations, reseau.alertes) for sources in part.values() for s in sources
    }
    return (
        {name: statuses() for name in sorted(cited) if name.startswith("r")},
        {name: statuses() for name in reseau.appuis},
        {name: statuses() for name in reseau.obligations},
        {name: statuses() for name in sorted(cited) if name.startswith("p")},
    )


def mixed(seed: int) -> Callable[[], int]:
    """Give a fixed sequence of the three statuses, another one for each seed."""
    ranks = count()
    return lambda: (FAUX, INCONNU, VRAI)[fnv1a32(f"{seed} {next(ranks)}") % 3]


def expected(reseau: Reseau, given: Verdicts) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    """Read the definitions in plain Python."""
    regimes, dispositifs, obligations, plafonds = given
    known = {**regimes, **plafonds}
    found: list[dict[str, int]] = []
    for links, own in (
        (reseau.appuis, dispositifs),
        (reseau.obligations, obligations),
        (reseau.alertes, dict.fromkeys(reseau.alertes, VRAI)),
    ):
        found.append({name: min(own[name], max(known[s] for s in sources)) for name, sources in links.items()})
        known |= found[-1]
    return found[0], found[1], found[2]


def check(reseau: Reseau, given: Verdicts) -> None:
    found = inferer(reseau, *given)
    assert expected(reseau, given) == (found.dispositifs, found.obligations, found.alertes)


def spy(monkeypatch: pytest.MonkeyPatch, **replacements: Any) -> None:
    """Put some functions in place of those of the C core."""
    real = {name: getattr(durable_rules_engine, name) for name in dir(durable_rules_engine)}
    core = SimpleNamespace(**{**real, **replacements})
    monkeypatch.setattr(_durable_host, "durable_rules_engine", core)
    monkeypatch.setattr("durable.engine.durable_rules_engine", core)


def resident_kib() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def definition() -> Iterator[dict[str, Any]]:
    reseau = network("definition", 6, 3, 2, 2)
    inferer(reseau, *verdicts(reseau, lambda: VRAI))
    host = inference._workshop.networks["definition"].host
    rules = host.get_ruleset("inference").get_definition()
    assert len(rules) == 15
    yield from rules.values()


@pytest.mark.parametrize("size", [65, 600])
@pytest.mark.parametrize("status", [INCONNU, VRAI])
def test_networks_larger_than_the_library_bears_in_one_fact(size: int, status: int) -> None:
    """A fact matched by 65 tests fails, 512 tests break a ruleset: 600 regimes and schemes pass, as small facts do."""
    reseau = network(f"grand {size}", size, size, size, size)
    given = verdicts(reseau, lambda: status)
    found = inferer(reseau, *given)
    assert expected(reseau, given) == (found.dispositifs, found.obligations, found.alertes)


def test_rules_are_few_and_in_the_one_shape_that_held() -> None:
    """256 rules on a test, negation, counts, alternatives and joins all fail: 15 rules of one fact, by equality."""
    for rule in definition():
        assert rule.keys() == {"all", "pri"}
        ((antecedent,), *others) = (rule["all"],)
        assert not others
        assert antecedent.keys() == {"m"}
        tests = antecedent["m"]["$and"] if "$and" in antecedent["m"] else [antecedent["m"]]
        for test in tests:
            ((key, value),) = test.items()
            assert key in {"type", "statut", "conditions", "appui"}
            assert isinstance(value, str | int)


def test_actions_take_one_parameter() -> None:
    """A lambda of two parameters is taken for asynchronous and never completes."""
    list(definition())
    host = inference._workshop.networks["definition"].host
    assert all(action._sync for action in host.get_ruleset("inference")._actions.values())


def test_short_ids_never_share_a_hash() -> None:
    """The library tells facts apart by a 32-bit hash: ids that share one, or the library's own, are left out."""
    first, second = COLLIDING
    assert fnv1a32(first) == fnv1a32(second)
    ids = ShortIds()
    names = [ids[rank] for rank in range(100_000)]
    assert len({*map(fnv1a32, [*names, "fin", "sid-0"])}) == 100_002
    narrow = ShortIds(lambda text: fnv1a32(text) % 1009)
    kept = [narrow[rank] for rank in range(500)]
    assert len({fnv1a32(name) % 1009 for name in [*kept, "fin", "sid-0"]}) == 502


def test_two_facts_of_one_hash_are_never_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were two ids to collide all the same, the run fails aloud: the library would have dropped the second fact."""
    monkeypatch.setattr(_durable_host, "_IDS", COLLIDING)
    seen: list[str] = []
    host = DurableHost([Rule("r", {"type": "r"}, seen.append)])
    with pytest.raises(WorkError, match="code 2"):
        host.infer([("r", "a"), ("r", "b")])
    assert host.closed


def test_names_of_one_hash_stay_apart() -> None:
    """Names never enter the C core: two that collide there give each its own conclusion."""
    first, second = COLLIDING
    reseau = Reseau("collision", {"d1": (first,), "d2": (second,)}, {}, {})
    found = inferer(reseau, {first: VRAI, second: FAUX}, {"d1": VRAI, "d2": VRAI}, {}, {})
    assert found.dispositifs == {"d1": VRAI, "d2": FAUX}


def test_odd_names_of_any_length_pass() -> None:
    """Quotes, braces, zero bytes, emoji, ten thousand characters: a name changes nothing."""
    odd = ['"}', "{'a': 1}", "a\x00b", "é🌲", "$and", "", "x" * 10_000, "\\", "],[", "\n"]
    reseau = Reseau("noms", {f"d{name}": (name,) for name in odd}, {}, {"alerte": tuple(odd)})
    for chosen in odd:
        regimes = {name: VRAI if name == chosen else FAUX for name in odd}
        found = inferer(reseau, regimes, {f"d{name}": VRAI for name in odd}, {}, {})
        assert [f"d{chosen}"] == [name for name, status in found.dispositifs.items() if status]
        assert (chosen,) == found.trace[-1].depuis


def test_only_short_ids_and_small_integers_enter_the_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """The core reads « 10 » as less than 250 and loses large integers: it sees generated ids, words and 1 or 3."""
    seen: list[dict[str, object]] = []

    def assert_facts(handle: int, text: str) -> Any:
        seen.extend(json.loads(text))
        return durable_rules_engine.assert_facts(handle, text)

    def assert_fact(handle: int, text: str) -> Any:
        seen.append(json.loads(text))
        return durable_rules_engine.assert_fact(handle, text)

    spy(monkeypatch, assert_facts=assert_facts, assert_fact=assert_fact)
    reseau = network("entrees")
    check(reseau, verdicts(reseau, mixed(3)))
    assert len(seen) > 50
    for fact in seen:
        assert fact.keys() <= {"id", "sid", "type", "statut", "conditions", "appui"}
        assert fact["sid"] == "0"
        assert len(str(fact["id"])) <= 5
        assert {fact.get(key, VRAI) for key in ("statut", "conditions", "appui")} <= {INCONNU, VRAI}
    assert len({fact["id"] for fact in seen}) == len(seen)


def test_no_thread_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library's two timers corrupt states when one is deleted: they never start."""
    here, start = threading.current_thread(), threading.Thread.start
    started: list[threading.Thread] = []

    def record(thread: threading.Thread) -> None:
        if threading.current_thread() is here:  # what other tests left running starts its own
            started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", record)
    reseau = network("fils")
    check(reseau, verdicts(reseau, lambda: VRAI))
    assert started == []
    threading.Timer(0, lambda: None).start()
    assert len(started) == 1, "a timer would have been seen"


def test_the_state_is_deleted_after_each_run() -> None:
    """Nothing of one dossier reaches the next: the one session exists only during a run."""
    reseau = network("etat", 6, 3, 2, 2)
    for status in (VRAI, FAUX, INCONNU):
        check(reseau, verdicts(reseau, lambda status=status: status))
        handle = inference._workshop.networks["etat"].host._engine_handle
        with pytest.raises(durable_rules_engine.error):
            durable_rules_engine.get_state(handle, "0")


def test_a_dossier_without_any_fact_ends_on_the_sentinel() -> None:
    """Deleting a state where no action ran frees a pointer never set: the sentinel's always does."""
    reseau = network("vide")
    given = verdicts(reseau, lambda: FAUX)
    for _ in range(1_100):
        assert inferer(reseau, *given).trace == ()


def test_memory_is_constant_and_no_run_differs() -> None:
    """2,000 dossiers, more than the 1,024 sessions the library bears: all right, and memory does not grow."""
    if not Path("/proc/self/statm").exists():
        pytest.skip("mesure propre à Linux")
    reseau = network("memoire", 20, 10, 5, 5)
    status = mixed(5)

    def run(times: int) -> None:
        for _ in range(times):
            check(reseau, verdicts(reseau, status))

    run(200)
    before = resident_kib()
    run(2_000)
    assert resident_kib() - before < 1_024


def test_a_ruleset_is_registered_once_and_released_when_pushed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ruleset dropped without being deleted leaks: one per network, kept up to a bound, deleted beyond."""
    live: set[int] = set()
    made = 0

    def create_ruleset(name: str, text: str) -> int:
        nonlocal made
        handle = durable_rules_engine.create_ruleset(name, text)
        made += 1
        live.add(handle)
        return int(handle)

    def delete_ruleset(handle: int) -> None:
        live.remove(handle)
        durable_rules_engine.delete_ruleset(handle)

    spy(monkeypatch, create_ruleset=create_ruleset, delete_ruleset=delete_ruleset)
    kept = inference._NETWORKS_KEPT
    for turn in range(3):
        for rank in range(2 * kept):
            reseau = network(f"version {rank}", 6, 3, 2, 2)
            for status in (VRAI, INCONNU):
                check(reseau, verdicts(reseau, lambda status=status: status))
        assert made == 2 * kept * (turn + 1)
        assert len(live) == kept


def test_what_an_action_raises_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library hides what an action raises in the state: here it comes out, and the next run is untouched."""
    reseau = network("exception")
    given = verdicts(reseau, lambda: VRAI)
    check(reseau, given)
    with monkeypatch.context() as patched:
        patched.setattr(inference._Network, "_propose", lambda *_: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            inferer(reseau, *given)
    check(reseau, verdicts(reseau, lambda: INCONNU))
    check(reseau, given)


def test_a_fact_that_no_rule_takes_is_never_lost() -> None:
    """The library answers 1 for a fact that no rule matches and runs the rest: that run fails aloud."""
    seen: list[str] = []
    host = DurableHost([Rule("r", {"type": "r"}, seen.append)])
    host._bodies["r"] = '"type":"inconnu"'
    with pytest.raises(WorkError, match="code 1"):
        host.infer([("r", "a")])
    assert host.closed


@pytest.mark.parametrize("silent", ["start_action_for_state", "complete_and_start_action"])
def test_a_run_cut_short_is_an_error(monkeypatch: pytest.MonkeyPatch, silent: str) -> None:
    """The library stops without a word on what it cannot read: no sentinel, no result, and the next run is right."""
    reseau = network("coupe")
    given = verdicts(reseau, lambda: VRAI)
    with monkeypatch.context() as patched:
        spy(patched, **{silent: lambda *_: None})
        with pytest.raises(WorkError, match="s'est arrêté avant la fin"):
            inferer(reseau, *given)
    check(reseau, given)


def test_an_error_of_the_core_is_told_in_french(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error code of the C core comes out as work that could not be done."""

    def assert_facts(*_: object) -> None:
        raise durable_rules_engine.error("Could not assert facts, error code: 303")

    spy(monkeypatch, assert_facts=assert_facts)
    reseau = network("code")
    with pytest.raises(WorkError, match=r"le moteur d'inférence a échoué .*303"):
        inferer(reseau, *verdicts(reseau, lambda: VRAI))


def test_rules_run_by_priority_whatever_the_order_of_facts() -> None:
    """The order of inference is the order of the rules, also for facts asserted by actions."""
    seen: list[str] = []

    def first(name: str) -> None:
        seen.append(name)
        if name == "a":
            host.add("second", "c")
            host.add("first", "d")

    host = DurableHost(
        [
            Rule("first", {"type": "x", "n": 1}, first),
            Rule("second", {"type": "x", "n": 2}, seen.append),
        ]
    )
    host.infer([("second", "b"), ("first", "a")])
    assert seen[:2] == ["a", "d"]
    assert sorted(seen[2:]) == ["b", "c"]
    host.close()
    assert host.closed
    host.close()  # once released, nothing is left to release
    assert host.closed


def test_threads_share_the_engine() -> None:
    """One dossier at a time per session: eight threads on three networks get each its own right answer."""
    networks = [network(f"fil {rank}", 12 + rank, 8, 5, 4) for rank in range(3)]

    def work(seed: int) -> int:
        status = mixed(seed)
        for turn in range(60):
            reseau = networks[(seed + turn) % 3]
            check(reseau, verdicts(reseau, status))
        return 60

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(work, range(8))) == 480


@pytest.mark.skipif(not hasattr(os, "fork"), reason="pas de fork sur ce système")
def test_a_forked_child_starts_afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fork while another thread infers leaves its lock held and its session half made: the child uses neither."""
    monkeypatch.undo()  # the workshop that the module really uses
    reseau = network("fork")
    given = verdicts(reseau, lambda: VRAI)
    check(reseau, given)
    workshop = inference._workshop
    inherited = workshop.networks["fork"]
    inside, resume = threading.Event(), threading.Event()

    def stop_inside(*_: object) -> None:
        inside.set()
        resume.wait(10)

    real = inherited.host._runs["alerte.etabli"]
    inherited.host._runs["alerte.etabli"] = stop_inside
    other = threading.Thread(target=inferer, args=(reseau, *given))
    other.start()
    assert inside.wait(10)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            check(reseau, given)
            os.write(writer, b"juste" if workshop.networks["fork"] is not inherited else b"ancien")
        finally:
            os._exit(0)
    os.close(writer)
    try:
        ready, _, _ = select.select([reader], [], [], 20)
        assert os.read(reader, 16) == b"juste" if ready else pytest.fail("le fils attend un verrou que nul ne rendra")
    finally:
        resume.set()
        other.join(10)
        inherited.host._runs["alerte.etabli"] = real
        os.close(reader)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    check(reseau, given)
