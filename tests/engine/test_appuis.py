"""Schemes bounded by what they rest on: sums over purposes, their own caps, the worst of their bases."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from aid_rules.engine.moteur import Engine

sys.path.insert(0, str(Path(__file__).parent))
from dossiers import aide, dossier, ligne, recherche

SCHEME = """
id: essai
genre: dispositif
intitule: Aide d'essai
texte: guide_ti_2019
operateur: Région
verifie_le: 2026-11-23
du: 2019-01-01
au: 2019-12-31
plafonds:
  - {id: par_projet, montant_eur: 400000, ref: fiche_8, lecture: essai}
volets:
  - id: recherche
    intitule: Recherche et développement
    finalites: [recherche_industrielle, developpement_experimental]
    repose_sur: [rgec.25]
    intensite: {base: [{id: tous, taux: 80, ref: fiche_8, lecture: essai}]}
"""
RD = [recherche("rd", 400000), recherche("ri", 400000, "recherche_industrielle")]


@pytest.fixture(scope="module")
def essai(tmp_path_factory) -> Engine:
    """The shipped rules and a scheme whose one purpose rests on two purposes of article 25."""
    folder = tmp_path_factory.mktemp("regles")
    (folder / "essai.yaml").write_text(SCHEME, encoding="utf-8")
    return Engine(folder)


def test_purposes_of_a_regime_are_summed(essai):
    """45 % of development and 70 % of research: their sum bounds the scheme, not the higher of the two."""
    (volet,) = essai.evaluate(dossier(essai, RD, [aide("x", 1, "essai", ["rd"])])).dispositifs["essai"]
    assert volet.montant == (46000000, 46000000)


def test_parent_cap_holds(essai):
    """The scheme's own cap bears on its purposes together."""
    found = essai.evaluate(dossier(essai, RD, [aide("x", 430000, "essai", ["rd", "ri"])]))
    (alert,) = [a for a in found.plan.alertes if a.code == "depassement_base"]
    assert (alert.plafond, alert.depassement) == (40000000, 3000000)


def test_scheme_falls_with_its_bases(engine):
    """A scheme whose only basis is closed is closed."""
    facts = {
        "activite_industrielle": "oui",
        "bien_suramortissement": "robotique",
        "nature_investissement": ["remplacement"],
    }
    costs = [ligne("robot", 500000)]
    plan = [aide("s", 50000, "suramortissement", ["robot"], forme="avantage_fiscal")]
    found = engine.evaluate(dossier(engine, costs, plan, projet={"couts": costs, "faits": facts}))
    assert "base_non_mobilisable" in {a.code for a in found.plan.alertes if a.gravite == "bloquante"}
