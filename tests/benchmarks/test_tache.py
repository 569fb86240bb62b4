"""The shared task of the measures: our engine and its rules give the answers that plain Python gives."""

from __future__ import annotations

import pytest

from tests.benchmarks import concurrents, notre, tache


def test_nos_deux_chemins() -> None:
    """Promise: generated code and columns agree with the reference on every dossier, through rules in YAML."""
    demands = tache.demandes(500)
    expected = [tache.repondre(d) for d in demands]
    assert {size for size, *_ in expected} == set(tache.TAILLES)
    assert notre.un_par_un(notre.charger_un_par_un(demands)) == expected
    assert notre.lire_colonnes(notre.en_colonnes(notre.charger_colonnes(demands))) == expected


@pytest.mark.parametrize("nom", ["python", "polars", "openfisca", "zen", "json_logic", "business_rules", "durable"])
def test_concurrents(nom: str) -> None:
    """Promise: contenders answer the same question: their answers are compared before their speed is."""
    modules = {
        "openfisca": "openfisca_core",
        "zen": "zen",
        "json_logic": "json_logic",
        "business_rules": "business_rules",
    }
    pytest.importorskip(modules.get(nom, "polars"))
    load, run, read = getattr(concurrents, nom)()
    demands = tache.demandes(100)
    assert [tuple(a) for a in read(run(load(demands)))] == [tache.repondre(d) for d in demands]
