"""The best plan beside the plan as given: a funder is one funder, however each of them names it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from aid_rules.engine.moteur import Engine
from aid_rules.language.reading import dossier_of
from aid_rules.report.meilleur_plan import meilleur_plan
from aid_rules.testing.cas import read_models

MODELES = Path(__file__).parent.parent / "cas" / "modeles.yaml"


def comparer(engine: Engine, financeur: dict[str, str], demande: dict[str, str]) -> list[tuple[str, int, Decimal]]:
    """Return the rows of the comparison for one planned aid and one funder asked for."""
    aide = {
        "id": "subvention",
        "financeur": financeur,
        "forme": "subvention",
        "montant_eur": 5000,
        "base": "rgec.17",
        "couts": ["m"],
        "statut": "prevue",
    }
    plan = {"financeurs": [{**demande, "bases": ["rgec.17"]}]}
    model = read_models(MODELES)["pme_saine"]
    costs = [{"id": "m", "poste": "actifs_corporels", "finalite": "investissement_initial", "montant_eur": 800000}]
    facts = model["projet"]["faits"] | {"nature_investissement": ["extension_capacites"]}
    project = model["projet"] | {"couts": costs, "faits": facts}
    data = {**model, "projet": project, "aides": [aide], "plan": plan}
    found = meilleur_plan(engine, engine.evaluate(dossier_of(data, engine.book.vocabulaire, engine.book.bases)))
    assert found is not None
    return [(row.financeur, int(row.actuel_eur), row.meilleur_eur) for row in found.comparaison]


@pytest.mark.parametrize(
    ("financeur", "demande"),
    [
        ({"nom": "Région Normandie", "type": "region"}, {"id": "region", "nom": "Région Normandie", "type": "region"}),
        ({"nom": "Région Normandie", "type": "region"}, {"id": "normandie", "nom": "région normandie"}),
        ({"nom": "Région Normandie", "type": "region"}, {"id": "region", "type": "region"}),
        ({"type": "region"}, {"id": "region", "type": "region"}),
        ({"nom": "Région Normandie"}, {"id": "subvention", "type": "region"}),
    ],
)
def test_a_funder_stands_once(engine: Engine, financeur: dict[str, str], demande: dict[str, str]) -> None:
    """Named here and known by its identifier or its type there, a funder has one row with both amounts."""
    rows = comparer(engine, financeur, demande)
    name = financeur.get("nom") or financeur["type"]
    assert [(row[0], row[1]) for row in rows] == [(name, 5000)]
    assert rows[0][2] > 0


def test_two_funders_stay_two(engine: Engine) -> None:
    """Two funders of one kind with different names are never taken for one."""
    rows = comparer(
        engine, {"nom": "Région Normandie", "type": "region"}, {"id": "b", "nom": "Région Bretagne", "type": "region"}
    )
    assert [row[0] for row in rows] == ["Région Normandie", "Région Bretagne"]
