"""Verdicts alone are those of the exact evaluator, on any dossier and any day, known or not."""

from __future__ import annotations

from random import Random

import pytest

from aid_rules.engine.environnement import Ligne, Lignes
from aid_rules.engine.moteur import Engine, Loi
from aid_rules.testing.strategies import Generateur

QUANTITES = (0, 1, 300, 5000, 20_000, 730_000, 10**8, 2 * 10**9)


@pytest.fixture(scope="module")
def generateur(engine: Engine) -> Generateur:
    return Generateur(engine)


def comparer(law: Loi, env: list, lignes: Lignes) -> int:
    full = law.programme.run(env, lignes)
    found = law.verdicts.run(env, lignes)
    examined = {n: r for n, r in {**full.regimes, **full.dispositifs}.items() if r.examine}
    assert found.bases == {n: (r.verdict, r.taux, r.montant) for n, r in examined.items()}
    assert found.criteres == {c.critere.id: c.verdict for c in full.criteres}
    return len(found.bases)


def repondu(engine: Engine, env: list, rng: Random) -> list:
    """Give every fact that is not known a value at random."""
    slots, known = engine.slots, list(env)
    for name, fact in slots.facts.items():
        if slots.known(env, name):
            continue
        if fact.type in {"booleen", "ensemble"}:
            value = rng.choice((0, 3))
        elif fact.type == "choix":
            value = 1 << rng.randrange(fact.masque().bit_length())
        elif fact.type == "date":
            value = rng.randint(735_000, 742_000)
        else:
            value = rng.choice(QUANTITES)
            value = (value, value) if fact.intervalle else value
        known[slots.index[name]] = value
    return known


@pytest.mark.parametrize("graine", range(2))
def test_same_verdicts_rates_and_amounts(engine: Engine, generateur: Generateur, graine: int) -> None:
    """Promise: the quick entry gives the verdict, rate and amount of each basis that the full evaluation examines."""
    compared = 0
    for dossier in generateur.serie(graine, 150):
        law = engine.at(dossier.date_octroi)
        facts = law.reader.read(dossier)
        compared += comparer(law, facts.env, facts.lignes)
    assert compared > 1000


@pytest.mark.parametrize("graine", range(2))
def test_straight_code_on_known_facts(engine: Engine, generateur: Generateur, graine: int) -> None:
    """Promise: the same where everything is known, and straight code then answers for most bases."""
    rng = Random(graine)  # noqa: S311 - tests
    compared = answered = 0
    for dossier in generateur.serie(100 + graine, 150):
        law = engine.at(dossier.date_octroi)
        facts = law.reader.read(dossier)
        posts = sorted(engine.book.vocabulaire.listes["poste"])
        purposes = sorted(engine.book.vocabulaire.listes["finalite"])
        lines = Lignes(
            [
                Ligne(f"c{i}", rng.choice(purposes), rng.choice(posts), (amount, amount))
                for i in range(rng.randint(1, 4))
                for amount in (rng.choice(QUANTITES),)
            ],
            completes=True,
        )
        env = repondu(engine, facts.env, rng)
        compared += comparer(law, env, lines)
        answered += sum(quick(env, lines.lignes) is not None for _, quick in law.verdicts.concernes(lines))
    assert answered > compared // 2
