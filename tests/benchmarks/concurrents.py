"""The contenders on the shared task: each gives `(load, run, read)`, and `run` alone is timed."""

# ruff: noqa: PLC0415 - a contender that is not installed stops nobody but itself

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import polars as pl

from tests.benchmarks.tache import (
    FINALITES,
    LIMITE,
    PLAFOND,
    REMBOURSABLE,
    TAILLES,
    TAUX,
    ZONES,
    Demande,
    Reponse,
    repondre,
)

Concurrent = tuple[Callable[[Sequence[Demande]], Any], Callable[[Any], Any], Callable[[Any], list[Reponse]]]


def _tel_quel(found: Any) -> Any:
    return found


# --- by hand ---


def python() -> Concurrent:
    """Plain Python, no unknown."""
    return list, lambda demands: [repondre(d) for d in demands], _tel_quel


def polars() -> Concurrent:
    """Polars expressions written by hand, no unknown."""

    def load(demands: Sequence[Demande]) -> pl.DataFrame:
        return pl.DataFrame([asdict(d) for d in demands])

    heads, sales, sheet = pl.col("effectif"), pl.col("chiffre_affaires"), pl.col("bilan")
    micro = (heads < 1000) & ((sales <= 200_000_000) | (sheet <= 200_000_000))
    small = (heads < 5000) & ((sales <= 1_000_000_000) | (sheet <= 1_000_000_000))
    medium = (heads < 25000) & ((sales <= 5_000_000_000) | (sheet <= 4_300_000_000))

    def by_purpose(rank: int) -> pl.Expr:
        chain: Any = pl
        for name in FINALITES[:-1]:
            chain = chain.when(pl.col("finalite") == name).then(pl.lit(TAUX[name][rank]))
        return chain.otherwise(pl.lit(TAUX[FINALITES[-1]][rank]))

    base = (
        pl.when(pl.col("non_economique")).then(by_purpose(3))
        .when(small).then(by_purpose(0)).when(medium).then(by_purpose(1)).otherwise(by_purpose(2))
    )  # fmt: skip
    zone = pl.when(pl.col("zone") == "a").then(ZONES["a"]).when(pl.col("zone") == "c").then(ZONES["c"]).otherwise(0)
    rate = pl.min_horizontal(base + zone + pl.col("remboursable").cast(pl.Int64) * REMBOURSABLE, pl.lit(10_000))
    first = pl.when(pl.col("recu_1_le") > LIMITE).then(pl.col("recu_1")).otherwise(0)
    second = pl.when(pl.col("recu_2_le") > LIMITE).then(pl.col("recu_2")).otherwise(0)
    sizes = pl.when(micro).then(0).when(small).then(1).when(medium).then(2).otherwise(3)

    def run(frame: pl.DataFrame) -> pl.DataFrame:
        return (
            frame.lazy()
            .with_columns(rate=rate)
            .select(
                taille=sizes.cast(pl.UInt8),
                taux="rate",
                montant=pl.col("couts") * pl.col("rate") // 10_000,
                marge=(PLAFOND - first - second).clip(0),
            )
            .collect()
        )

    return load, run, lambda frame: [(TAILLES[t], *rest) for t, *rest in frame.rows()]


# --- OpenFisca ---


def _openfisca() -> Any:
    from openfisca_core import entities, periods, taxbenefitsystems, variables

    entity = entities.Entity("dossier", "dossiers", "", "")
    system = taxbenefitsystems.TaxBenefitSystem([entity])
    day = periods.DateUnit.DAY

    def declare(name: str, kind: type, formula: Callable[..., Any] | None = None) -> None:
        body = {"value_type": kind, "entity": entity, "definition_period": day, "label": name}
        if formula is not None:
            body["formula"] = formula
        system.add_variable(type(name, (variables.Variable,), body))

    for name in (*_ENTIERS, *_EUROS, "finalite_code", "zone_code"):
        declare(name, int)  # 32 bits: cents do not hold the turnover, euros do
    for name in ("non_economique", "remboursable"):
        declare(name, bool)

    def size(d: Any, p: Any) -> Any:
        heads, sales, sheet = d("effectif", p), d("chiffre_affaires", p), d("bilan", p)
        return np.select(
            [
                (heads < 1000) & ((sales <= 2_000_000) | (sheet <= 2_000_000)),
                (heads < 5000) & ((sales <= 10_000_000) | (sheet <= 10_000_000)),
                (heads < 25000) & ((sales <= 50_000_000) | (sheet <= 43_000_000)),
            ],
            [0, 1, 2],
            3,
        )

    table = np.array([[TAUX[f][0], TAUX[f][0], TAUX[f][1], TAUX[f][2], TAUX[f][3]] for f in FINALITES])
    zones = np.array(list(ZONES.values()))

    def rate(d: Any, p: Any) -> Any:
        column = np.where(d("non_economique", p), 4, d("taille", p))
        points = table[d("finalite_code", p), column] + zones[d("zone_code", p)] + d("remboursable", p) * REMBOURSABLE
        return np.minimum(points, 10_000)

    def amount(d: Any, p: Any) -> Any:
        return d("couts", p).astype(np.int64) * d("taux", p) // 10_000

    def room(d: Any, p: Any) -> Any:
        first = np.where(d("recu_1_le", p) > LIMITE, d("recu_1", p), 0)
        second = np.where(d("recu_2_le", p) > LIMITE, d("recu_2", p), 0)
        return np.maximum(PLAFOND - first - second, 0)

    declare("taille", int, size)
    declare("taux", int, rate)
    declare("montant", int, amount)
    declare("marge", int, room)
    return system


_ENTIERS = ("effectif", "couts", "recu_1_le", "recu_1", "recu_2_le", "recu_2")
_EUROS = ("chiffre_affaires", "bilan")


def openfisca() -> Concurrent:
    """OpenFisca-Core, vectorised: one simulation for all, no unknown."""
    from openfisca_core import simulations

    system = _openfisca()

    def load(demands: Sequence[Demande]) -> dict[str, Any]:
        found: dict[str, Any] = {n: np.array([getattr(d, n) for d in demands], dtype=np.int32) for n in _ENTIERS}
        for name in _EUROS:
            found[name] = np.array([getattr(d, name) // 100 for d in demands], dtype=np.int32)
        found["finalite_code"] = np.array([FINALITES.index(d.finalite) for d in demands], dtype=np.int32)
        found["zone_code"] = np.array([list(ZONES).index(d.zone) for d in demands], dtype=np.int32)
        for name in ("non_economique", "remboursable"):
            found[name] = np.array([getattr(d, name) for d in demands])
        return found

    def run(inputs: dict[str, Any]) -> list[Any]:
        count = len(inputs["couts"])
        simulation = simulations.SimulationBuilder().build_default_simulation(system, count)
        for name, values in inputs.items():
            simulation.set_input(name, "2019-11-18", values)
        return [simulation.calculate(name, "2019-11-18") for name in ("taille", "taux", "montant", "marge")]

    def read(found: list[Any]) -> list[Reponse]:
        sizes, *rest = (values.tolist() for values in found)
        return [(TAILLES[s], r, int(a), int(m)) for s, r, a, m in zip(sizes, *rest, strict=True)]

    return load, run, read


# --- rules engines, dossier by dossier ---


def _zen_graphe() -> str:
    """Return the task as one expression node: measured faster than a decision table."""
    size = (
        "effectif < 1000 and (chiffre_affaires <= 200000000 or bilan <= 200000000) ? 'micro' : "
        "effectif < 5000 and (chiffre_affaires <= 1000000000 or bilan <= 1000000000) ? 'petite' : "
        "effectif < 25000 and (chiffre_affaires <= 5000000000 or bilan <= 4300000000) ? 'moyenne' : 'grande'"
    )
    base = "0"
    for name in reversed(FINALITES):
        small, medium, large, other = TAUX[name]
        rates = (
            f"non_economique ? {other} : $.taille == 'grande' ? {large} : $.taille == 'moyenne' ? {medium} : {small}"
        )
        base = f"finalite == '{name}' ? ({rates}) : ({base})"
    zone = "(zone == 'a' ? 1500 : zone == 'c' ? 500 : 0)"
    received = " - ".join(f"(recu_{k}_le > {LIMITE} ? recu_{k} : 0)" for k in (1, 2))
    values = {
        "taille": size,
        "taux": f"min([({base}) + {zone} + (remboursable ? {REMBOURSABLE} : 0), 10000])",
        "montant": "floor(couts * $.taux / 10000)",
        "marge": f"max([{PLAFOND} - {received}, 0])",
    }
    expressions = [{"id": key, "key": key, "value": value} for key, value in values.items()]
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode"},
        {"id": "calc", "name": "calc", "type": "expressionNode", "content": {"expressions": expressions}},
        {"id": "out", "name": "out", "type": "outputNode"},
    ]
    edges = [
        {"id": "1", "type": "edge", "sourceId": "in", "targetId": "calc"},
        {"id": "2", "type": "edge", "sourceId": "calc", "targetId": "out"},
    ]
    return json.dumps({"nodes": nodes, "edges": edges})


def zen() -> Concurrent:
    """zen-engine by its best entry: `engine.evaluate(key, dict)`."""
    import zen as zen_engine

    graph = _zen_graphe()
    engine = zen_engine.ZenEngine({"loader": lambda _: graph})
    engine.evaluate("tache", asdict(Demande(0, 0, 0, False, "dechets", "a", False, 0, 0, 0, 0, 0)))

    def run(inputs: list[dict[str, Any]]) -> list[Any]:
        return [engine.evaluate("tache", d)["result"] for d in inputs]

    def read(found: list[Any]) -> list[Reponse]:
        return [(r["taille"], int(r["taux"]), int(r["montant"]), int(r["marge"])) for r in found]

    return lambda demands: [asdict(d) for d in demands], run, read


def _json_logic_regles() -> dict[str, Any]:
    def var(name: str) -> dict[str, str]:
        return {"var": name}

    def below(head: int, sales: int, sheet: int) -> dict[str, Any]:
        money = {"or": [{"<=": [var("chiffre_affaires"), sales]}, {"<=": [var("bilan"), sheet]}]}
        return {"and": [{"<": [var("effectif"), head]}, money]}

    micro = below(1000, 200_000_000, 200_000_000)
    small = below(5000, 1_000_000_000, 1_000_000_000)
    medium = below(25000, 5_000_000_000, 4_300_000_000)
    branches: list[Any] = []
    for name in FINALITES:
        low, middle, high, other = TAUX[name]
        branches += [
            {"==": [var("finalite"), name]},
            {"if": [var("non_economique"), other, small, low, medium, middle, high]},
        ]
    zone = {"if": [{"==": [var("zone"), "a"]}, 1500, {"==": [var("zone"), "c"]}, 500, 0]}
    base = {"if": [*branches, 0]}
    return {
        "taille": {"if": [micro, "micro", small, "petite", medium, "moyenne", "grande"]},
        "taux": {"min": [{"+": [base, zone, {"if": [var("remboursable"), REMBOURSABLE, 0]}]}, 10_000]},
        "marge": {"max": [{"-": [
            PLAFOND,
            {"+": [{"if": [{">": [var(f"recu_{k}_le"), LIMITE]}, var(f"recu_{k}"), 0]} for k in (1, 2)]},
        ]}, 0]},
    }  # fmt: skip


def json_logic() -> Concurrent:
    """json-logic in Python; the amount, which it cannot round down, is finished outside."""
    from json_logic import jsonLogic

    rules = _json_logic_regles()

    def run(inputs: list[dict[str, Any]]) -> list[Reponse]:
        found = []
        for d in inputs:
            rate = int(jsonLogic(rules["taux"], d))
            size, room = jsonLogic(rules["taille"], d), int(jsonLogic(rules["marge"], d))
            found.append((size, rate, d["couts"] * rate // 10_000, room))
        return found

    return lambda demands: [asdict(d) for d in demands], run, _tel_quel


def business_rules() -> Concurrent:
    """business-rules: JSON rules over declared variables and actions."""
    from business_rules import run_all
    from business_rules.actions import BaseActions, rule_action
    from business_rules.fields import FIELD_NUMERIC, FIELD_TEXT
    from business_rules.variables import (
        BaseVariables,
        boolean_rule_variable,
        numeric_rule_variable,
        string_rule_variable,
    )

    numbers = ("effectif", "chiffre_affaires", "bilan", "recu_1_le", "recu_2_le")

    class Variables(BaseVariables):  # type: ignore[misc]
        def __init__(self, d: Demande) -> None:
            self.d = d

    def field(name: str) -> Callable[[Any], Any]:
        def read(self: Any) -> Any:
            return getattr(self.d, name)

        read.__name__ = name
        return read

    for name in numbers:
        setattr(Variables, name, numeric_rule_variable(field(name)))
    for name in ("finalite", "zone"):
        setattr(Variables, name, string_rule_variable(field(name)))
    for name in ("non_economique", "remboursable"):
        setattr(Variables, name, boolean_rule_variable(field(name)))

    class Actions(BaseActions):  # type: ignore[misc]
        def __init__(self, d: Demande) -> None:
            self.d = d
            self.size, self.base, self.points, self.received = "grande", 0, 0, 0

        @rule_action(params={"taille": FIELD_TEXT})
        def set_size(self, taille: str) -> None:
            self.size = taille

        @rule_action(params={"taux": FIELD_NUMERIC})
        def set_base(self, taux: int) -> None:
            self.base = int(taux)

        @rule_action(params={"points": FIELD_NUMERIC})
        def add(self, points: int) -> None:
            self.points += int(points)

        @rule_action(params={"rang": FIELD_NUMERIC})
        def receive(self, rang: int) -> None:
            self.received += getattr(self.d, f"recu_{int(rang)}")

    rules = _business_rules()

    def run(demands: Sequence[Demande]) -> list[Reponse]:
        found = []
        for d in demands:
            actions = Actions(d)
            run_all(rules, Variables(d), actions, stop_on_first_trigger=False)
            rate = min(actions.base + actions.points, 10_000)
            found.append((actions.size, rate, d.couts * rate // 10_000, max(PLAFOND - actions.received, 0)))
        return found

    return list, run, _tel_quel


def _business_rules() -> list[dict[str, Any]]:
    def test(name: str, operator: str, value: object) -> dict[str, Any]:
        return {"name": name, "operator": operator, "value": value}

    def action(name: str, **params: object) -> list[dict[str, Any]]:
        return [{"name": name, "params": params}]

    bounds = ((1000, 200_000_000, 200_000_000), (5000, 10**9, 10**9), (25000, 5 * 10**9, 43 * 10**8))
    inside = [
        {"all": [test("effectif", "less_than", h), {"any": [
            test("chiffre_affaires", "less_than_or_equal_to", s), test("bilan", "less_than_or_equal_to", b)]}]}
        for h, s, b in bounds
    ]  # fmt: skip
    # the later rule wins: from the widest size to the narrowest
    found = [{"conditions": inside[rank], "actions": action("set_size", taille=TAILLES[rank])} for rank in (2, 1, 0)]
    for name in FINALITES:
        small, medium, large, other = TAUX[name]
        purpose = test("finalite", "equal_to", name)
        for conditions, value in (
            ([purpose], large), ([purpose, inside[2]], medium), ([purpose, inside[1]], small),
            ([purpose, test("non_economique", "is_true", value=True)], other),
        ):  # fmt: skip
            found.append({"conditions": {"all": conditions}, "actions": action("set_base", taux=value)})
    for zone, points in (("a", 1500), ("c", 500)):
        found.append({"conditions": {"all": [test("zone", "equal_to", zone)]}, "actions": action("add", points=points)})
    found.append({
        "conditions": {"all": [test("remboursable", "is_true", value=True)]},
        "actions": action("add", points=REMBOURSABLE),
    })  # fmt: skip
    for rank in (1, 2):
        conditions = {"all": [test(f"recu_{rank}_le", "greater_than", LIMITE)]}
        found.append({"conditions": conditions, "actions": action("receive", rang=rank)})
    return found


def durable() -> Concurrent:
    """durable_rules alone, by its public interface: one fact per dossier, every rule of the task in its network."""
    from durable import lang

    current: dict[str, Any] = {}
    heads = ((1000, 200_000_000, 200_000_000), (5000, 10**9, 10**9), (25000, 5 * 10**9, 43 * 10**8))

    def add(name: str, value: int) -> Callable[[Any], None]:
        def act(_: Any) -> None:
            current[name] = current.get(name, 0) + value

        return act

    def keep(name: str, value: object) -> Callable[[Any], None]:
        def act(_: Any) -> None:
            current[name] = value

        return act

    def receive(name: str) -> Callable[[Any], None]:
        def act(c: Any) -> None:
            current["recu"] = current.get("recu", 0) + getattr(c.m, name)

        return act

    with lang.ruleset("tache"):
        m = lang.m
        inside = [(m.effectif < h) & ((m.chiffre_affaires <= s) | (m.bilan <= b)) for h, s, b in heads]
        outside = [(m.effectif >= h) | ((m.chiffre_affaires > s) & (m.bilan > b)) for h, s, b in heads]
        sizes = (inside[0], outside[0] & inside[1], outside[1] & inside[2], outside[2])
        for label, condition in zip(TAILLES, sizes, strict=True):
            lang.when_all(condition)(keep("taille", label))
        for name in FINALITES:
            small, medium, large, other = TAUX[name]
            here = (m.finalite == name) & (m.non_economique == False)  # noqa: E712 - builds a condition
            lang.when_all((m.finalite == name) & (m.non_economique == True))(keep("base", other))  # noqa: E712
            lang.when_all(here & inside[1])(keep("base", small))
            lang.when_all(here & outside[1] & inside[2])(keep("base", medium))
            lang.when_all(here & outside[2])(keep("base", large))
        lang.when_all(m.zone == "a")(add("points", 1500))
        lang.when_all(m.zone == "c")(add("points", 500))
        lang.when_all(m.remboursable == True)(add("points", REMBOURSABLE))  # noqa: E712
        lang.when_all(m.recu_1_le > LIMITE)(receive("recu_1"))
        lang.when_all(m.recu_2_le > LIMITE)(receive("recu_2"))

    def run(inputs: list[dict[str, Any]]) -> list[Reponse]:
        found = []
        for rank, d in enumerate(inputs):
            current.clear()
            lang.assert_fact("tache", {**d, "sid": rank})
            lang.delete_state("tache", rank)
            rate = min(current["base"] + current.get("points", 0), 10_000)
            room = max(PLAFOND - current.get("recu", 0), 0)
            found.append((current["taille"], rate, d["couts"] * rate // 10_000, room))
        return found

    return lambda demands: [asdict(d) for d in demands], run, _tel_quel
