"""Dossiers with one fault, and where it must be said. Needs Hypothesis (extra `test`)."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from aid_rules.engine.moteur import Engine
from aid_rules.testing.domaines import dossiers
from aid_rules.testing.ecriture import Donnees


@dataclass(frozen=True)
class Fautif:
    """A dossier, the path where its fault must be said, and a word that must be in the message."""

    donnees: Donnees
    chemin: str
    mot: str


_VALEURS: tuple[tuple[tuple[str, ...], Any, str], ...] = (
    (("date_octroi",), "2024-02-30", "AAAA-MM-JJ"),
    (("date_octroi",), "1900-01-01", "1950"),
    (("beneficiaire", "categorie"), "moyene", "moyenne"),
    (("beneficiaire", "activite_economique"), "peut-être", "oui"),
    (("beneficiaire", "siren"), "123456789", "SIREN"),
    (("beneficiaire", "part_non_economique_pct"), 101, "0 à 100"),
    (("projet", "zone_afr"), "b", "valeurs admises"),
    (("projet", "commune"), "Paris", "INSEE"),
    (("projet", "debut_travaux_le"), "15/03/2024", "AAAA-MM-JJ"),
    (("mesure",), "non", "bloc"),
    (("aides",), "aucune", "liste"),
    (("beneficaire",), {}, "beneficiaire"),
    (("projet", "cout"), [], "couts"),
)
_LIGNES: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"id": "faux", "montant_eur": -1}, "montant_eur", "positif"),
    ({"id": "faux", "montant_eur": "0.001"}, "montant_eur", "deux décimales"),
    ({"id": "faux", "montant_eur": "NaN"}, "montant_eur", "nombre"),
    ({"id": "faux", "poste": "actif"}, "poste", "inconnue"),
    ({"id": "faux", "montant": 5}, "montant", "montant_eur"),
    ({"montant_eur": 5}, "", "id"),
)


def fautifs(engine: Engine) -> st.SearchStrategy[Fautif]:
    """Valid dossiers in which one thing is made wrong: a value, a key, a cost line, a fact, an aid."""

    @st.composite
    def make(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Fautif:
        data = Donnees(deepcopy(dict(draw(dossiers(engine)))))
        kind = draw(st.sampled_from(["valeur", "ligne", "fait", "aide"]))
        project = data.setdefault("projet", {})
        if kind == "ligne":
            line, key, word = draw(st.sampled_from(_LIGNES))
            costs = project.setdefault("couts", [])
            costs.append(dict(line))
            return Fautif(data, f"projet.couts[{len(costs) - 1}]" + (f".{key}" if key else ""), word)
        if kind == "fait":
            project.setdefault("faits", {})["colaboration_effective"] = True
            return Fautif(data, "projet.faits.colaboration_effective", "collaboration_effective")
        if kind == "aide":
            data["aides"] = [{"id": "fausse", "couts": ["nulle_part"]}]
            return Fautif(data, "aides[0].couts[0]", "nulle_part")
        steps, value, word = draw(st.sampled_from(_VALEURS))
        place: dict[str, Any] = data
        for step in steps[:-1]:
            place = place.setdefault(step, {})
        place[steps[-1]] = value
        return Fautif(data, ".".join(steps), word)

    return make()
