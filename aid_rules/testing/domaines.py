"""Hypothesis strategies of whole dossiers: valid, complete or partial, at any date, for any basis, near its thresholds.

Each gives plain data, as a dossier file holds it: it shrinks towards what is absent, and prints as YAML ready to paste.
`parties.lire` makes a dossier of it. Needs Hypothesis (extra `test`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from hypothesis import strategies as st

from aid_rules.engine.moteur import Engine
from aid_rules.testing.ecriture import Donnees
from aid_rules.testing.favorables import dire, favorable, favorables
from aid_rules.testing.parties import (
    COMMUNES,
    aides,
    autour,
    beneficiaires,
    bloc,
    faits,
    jours,
    lecture,
    lignes,
    mesures,
    recues,
)


def dossiers(
    engine: Engine,
    *,
    regime: str | None = None,
    jour: date | None = None,
    complet: bool = False,
    groupe: bool = True,
    plan: bool = True,
    de_minimis: bool = True,
) -> st.SearchStrategy[Donnees]:
    """Valid dossiers.

    `regime` aims at one basis (its costs, its facts near what decides or answered so that it applies), `jour` fixes
    the award date; a basis not in force that day is then simply not aimed at. `complet` tells everything that the basis
    reads. `groupe`, `plan` and `de_minimis` say whether linked enterprises, planned aids and past aid may stand in it.
    The healthy ones of `favorables` are among them, unless one of these narrows them.
    """

    @st.composite
    def make(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Donnees:
        day: date = jour or draw(jours(engine))
        loi = engine.at(day).loi
        aimed = next((r for r in (*loi.regimes, *loi.dispositifs) if r.id == regime), None)
        if aimed is None and regime is None and loi.regimes:
            aimed = draw(st.none() | st.sampled_from((*loi.regimes, *loi.dispositifs)))
        lu = lecture(aimed) if aimed else None
        data = Donnees(date_octroi=day)
        data["mesure"] = draw(mesures(complet=complet))
        data["beneficiaire"] = draw(beneficiaires(engine, day, complet=complet, groupe=groupe))
        known = lu.faits if lu else {}
        fields: dict[str, st.SearchStrategy[Any]] = {
            "demande_aide_le": autour(day), "debut_travaux_le": autour(day), "fin_le": autour(day),
        }  # fmt: skip
        place = draw(
            st.fixed_dictionaries({"zone_afr": st.sampled_from(["aucune", "c", "a"])})
            | st.just({})
            | st.fixed_dictionaries({"commune": st.sampled_from(COMMUNES)})
        )
        project = place | draw(bloc(complet, **fields))
        costs = draw(lignes(engine, lu, complet=complet))
        project |= {"couts": costs, "faits": draw(faits(engine, day, lu, complet=complet))}
        data["projet"] = project
        if aimed is not None and (complet or draw(st.booleans())):
            dire(engine, data, favorable(draw, engine, aimed))
        if plan:
            data["aides"] = draw(aides(engine, day, [c["id"] for c in costs]))
        if de_minimis and (complet or any(n.startswith("de_minimis") for n in known) or draw(st.booleans())):
            data["de_minimis"] = draw(recues(engine, day))
        return Donnees({k: v for k, v in data.items() if v not in ({}, None)})

    everything = groupe and plan and de_minimis and not complet
    return make() | favorables(engine, regime, jour) if everything else make()
