"""The reason told is the first entry that fails, else the first in doubt, in the order of the exact evaluator."""

from __future__ import annotations

import pytest
from petite_loi import DEUX_METHODES, VOLET, Loi

from aid_rules.engine import columnar_motifs as motifs
from aid_rules.engine.columnar_motifs import AUCUN, Entree
from aid_rules.language.tree import FAUX, INCONNU, VRAI

LOI = (
    """
conditions: [{id: k1, si: verte, ref: "1"}, {id: k2, si: contrefactuel, ref: "1"}]
seuil_notification:
  - {id: haut, grandeur: couts_totaux, montant_eur: 1000, ref: "1"}
  - {id: aide, montant_eur: 9, ref: "1"}
"""
    + VOLET
    + """\
    conditions: [{id: c1, si: zone, ref: "1"}, {id: c2, si: "taille = petite", ref: "1"}]
    intensite: {base: [{id: b, si: "duree_ans >= 3", taux: 20, ref: "1"}]}
  - id: b
    intitule: B
    finalites: [autre]
    conditions: [{id: c3, si: "marge_eur <= 5 EUR", ref: "1"}]
    intensite: {base: [{id: tous, taux: 20, ref: "1"}]}
"""
)
MACHINES = ("essai", "machines", 50_000)
TOUT = {"verte": True, "contrefactuel": True, "zone": True, "taille": "petite", "duree_ans": 300, "marge_eur": 500}
NUMEROS = [
    Entree("", "synthese", "hors_sujet"), Entree("", "condition", "k1"), Entree("", "condition", "k2"),
    Entree("", "seuil_couts", "haut"), Entree("a", "synthese", "finalite"), Entree("a", "synthese", "postes"),
    Entree("a", "synthese", "taux"), Entree("a", "condition", "c1"), Entree("a", "condition", "c2"),
    Entree("b", "synthese", "finalite"), Entree("b", "condition", "c3"),
]  # fmt: skip


@pytest.fixture
def loi(tmp_path):
    return Loi(tmp_path, LOI)


def sans(*names):
    """The facts, some of them not told."""
    return {name: value for name, value in TOUT.items() if name not in names}


CAS = [
    ((MACHINES,), TOUT, (AUCUN, AUCUN, 9)),
    ((("autre", "terrains", 50_000),), TOUT, (AUCUN, 4, AUCUN)),
    ((MACHINES,), TOUT | {"contrefactuel": False}, (2, 2, 2)),
    ((MACHINES,), sans("contrefactuel"), (2, 2, 9)),
    ((MACHINES,), sans("verte") | {"contrefactuel": False}, (2, 2, 2)),
    ((MACHINES,), sans("verte", "contrefactuel"), (1, 1, 9)),
    ((("essai", "machines", 100_001),), TOUT, (3, 3, 3)),
    ((("essai", "terrains", 50_000),), TOUT, (5, 5, 9)),
    ((MACHINES,), TOUT | {"duree_ans": 299}, (6, 6, 9)),
    ((MACHINES,), sans("duree_ans"), (6, 6, 9)),
    ((MACHINES,), sans("zone") | {"taille": "grande"}, (8, 8, 9)),
    ((MACHINES,), sans("zone", "taille"), (7, 7, 9)),
    ((MACHINES,), sans("zone", "verte"), (1, 1, 9)),
    ((("autre", "terrains", 50_000),), TOUT | {"marge_eur": 501}, (10, 4, 10)),
    ((("autre", "terrains", 50_000),), sans("marge_eur"), (10, 4, 10)),
    ((MACHINES, ("autre", "terrains", 1)), sans("zone") | {"marge_eur": 501}, (7, 7, 10)),
    ((MACHINES, ("autre", "terrains", 1)), sans("marge_eur") | {"zone": False}, (10, 7, 10)),
]


@pytest.mark.parametrize(("lignes", "faits", "attendu"), CAS)
def test_the_reason_of_a_basis_and_of_its_volets(loi, lignes, faits, attendu):
    """What fails comes before what is in doubt, what is common before what a purpose asks; the first of each."""
    found = loi.run(*lignes, **faits)
    assert motifs.entrees(found.regime) == tuple(NUMEROS)
    assert (motifs.motif(found), motifs.motif_volet(found, 0), motifs.motif_volet(found, 1)) == attendu


def test_without_a_line_of_its_purposes_a_basis_is_out_of_the_question(loi):
    """Zero, and minus one when nothing stands in the way: what the tables of results write."""
    assert motifs.motif(loi.run(**TOUT)) == 0
    assert motifs.motif(loi.run(MACHINES, **TOUT)) == -1


@pytest.mark.parametrize(("appuis", "attendu"), [
    ((VRAI, VRAI), (AUCUN, AUCUN, AUCUN)), ((FAUX, VRAI), (AUCUN, 9, AUCUN)), ((VRAI, FAUX), (AUCUN, AUCUN, 11)),
    ((FAUX, FAUX), (9, 9, 11)), ((INCONNU, FAUX), (9, 9, 11)), ((FAUX, INCONNU), (11, 9, 11)),
])  # fmt: skip
def test_what_a_scheme_rests_on_comes_last(loi, appuis, attendu):
    """The status of the bases under each volet is the last thing asked of it."""
    found = loi.run(MACHINES, ("autre", "terrains", 1), **TOUT)
    told = (motifs.motif(found, appuis), *(motifs.motif_volet(found, rank, appuis) for rank in (0, 1)))
    assert told == attendu


METHODES = (
    DEUX_METHODES
    + """\
    conditions: [{id: c1, si: verte, ref: "1"}]
    intensite: {base: [{id: b, taux: 20, ref: "1"}]}
  - id: b
    intitule: B
    finalites: [autre]
    assiette:
      montant: [{id: e, si: contrefactuel, montant: "couts - marge_eur", ref: "1"}, {id: m, montant: couts, ref: "1"}]
    montant: [{id: m, si: "duree_ans >= 3", montant_eur: 7, ref: "1"}]
"""
)


@pytest.mark.parametrize(("faits", "attendu"), [
    (TOUT, (AUCUN, AUCUN, AUCUN)), (TOUT | {"contrefactuel": False, "zone": False}, (AUCUN, 3, AUCUN)),
    (sans("zone") | {"contrefactuel": False}, (AUCUN, 3, AUCUN)), (sans("zone"), (AUCUN, AUCUN, AUCUN)),
    (sans("zone") | {"contrefactuel": False, "duree_ans": 299}, (3, 3, 6)),
    (TOUT | {"verte": False, "duree_ans": 299}, (4, 4, 6)), (sans("verte", "duree_ans"), (4, 4, 6)),
])  # fmt: skip
def test_one_of_the_methods_must_apply(tmp_path, faits, attendu):
    """When the last method has a condition, that one applies is asked for, after the types and before the rate."""
    loi = Loi(tmp_path, METHODES)
    found = loi.run(MACHINES, ("autre", "terrains", 1), **faits)
    shape = [("a", "finalite"), ("a", "postes"), ("a", "methode"), ("a", "c1"), ("b", "finalite"), ("b", "taux")]
    assert [(one.volet, one.id) for one in motifs.entrees(found.regime)] == [("", "hors_sujet"), *shape]
    assert (motifs.motif(found), motifs.motif_volet(found, 0), motifs.motif_volet(found, 1)) == attendu


def test_a_basis_that_is_not_examined_is_out_of_the_question(loi):
    """Whatever is known of its volets; so is one of which no volet was read."""
    found = loi.run(MACHINES, **TOUT)
    assert motifs.motif(found._replace(examine=False)) == motifs.motif(found._replace(volets=())) == motifs.HORS_SUJET


def test_when_no_purpose_is_concerned_the_first_one_speaks(loi):
    """The reason is then that no cost is of its purposes."""
    found = loi.run(("autre", "terrains", 50_000), **TOUT)
    none = [v._replace(synthese=(("finalite", FAUX), *v.synthese[1:])) for v in found.volets]
    assert motifs.motif(found._replace(volets=tuple(none))) == 4
