"""Each entry of a basis in columns: methods, rates, bonuses, cuts, caps, thresholds, as the exact evaluator does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import petite_table as p
import pytest
from petite_loi import DEUX_METHODES, TEXTES, VOCABULAIRE
from test_columnar_algebre import ecarts, quantites, verites

from aid_rules.engine import columnar, columnar_regimes
from aid_rules.engine.moteur import Engine
from aid_rules.language import tree as t
from aid_rules.language.tree import FAUX, VRAI

JOUR = date(2020, 1, 1)
TETES = (
    "finalites: [essai]\n", "  - {id: propre, si: zone, ref: '1'}\nfinalites: [essai]\n",
    ("  - {id: propre, si: 'marge_eur <= 10 EUR', ref: '1'}\nfinalites: [autre]\n"
    "seuil_notification: [{id: lignes, grandeur: couts, montant_eur: 600, ref: '1'}]\n"),
)  # fmt: skip
"""What follows conditions that several bases share: they are worked out once for all."""
CORPS = {
    "taux": """
finalites: [essai]
assiette: {postes: [{valeurs: [machines, terrains], ref: "1"}]}
intensite:
  base: [{id: zone, si: zone, taux: 30, ref: "1"}, {id: autres, taux: 20, ref: "1"}]
  majorations:
    - {id: petite, si: "taille = petite", points: 20, ref: "1", groupe: taille}
    - {id: pme, si: "taille dans [petite, moyenne]", points: 10, ref: "1", groupe: taille}
    - {id: marge, si: "marge_eur <= 10 EUR", points: 7.5, ref: "1"}
    - {id: apres, si: verte, points: 5, ref: "1", apres_reduction: oui}
  reductions: [{id: moitie, si: "non contrefactuel", facteur_pct: 50, ref: "1"}]
  plafonds:
    - {id: plafond, si: contrefactuel, taux: 55, ref: "1"}
    - {id: grande, si: "taille = grande", taux: 25, ref: "1"}
""",
    "plein": """
finalites: [essai]
intensite:
  base: [{id: carte, taux: taux_carte, ref: "1"}]
  majorations: [{id: marge, si: verte, points: 90, ref: "1", apres_reduction: oui}]
""",
    "methode": DEUX_METHODES + """\
    conditions: [{id: assez, si: "assiette >= 400 EUR", ref: "1"}]
    intensite: {base: [{id: b, taux: 50, ref: "1"}]}
    plafonds: [{id: p, si: verte, montant: "20 % de assiette + 100 EUR", ref: "1"}]
    seuil_notification:
      - {id: aide, si: "taille = grande", montant_eur: 60, ref: "1"}
      - {id: lignes, si: zone, grandeur: couts, montant_eur: 500, ref: "1"}
      - {id: tout, si: "non verte", grandeur: couts_totaux, montant_eur: 1200, ref: "1"}
      - {id: toujours, grandeur: couts, montant_eur: 2000, ref: "1"}
  - id: b
    intitule: B
    finalites: [autre]
    montant:
      - {id: m, si: verte, montant: marge_eur, ref: "1"}
      - {id: n, si: zone, montant: "couts - marge_eur", ref: "1"}
""",
    "ensemble": """
conditions: [{id: k, si: "couts >= 500 EUR", ref: "1"}, {id: l, si: "couts_totaux < 5000 EUR", ref: "1"}]
plafonds: [{id: p, si: zone, montant: "50 % de couts", ref: "1"}, {id: q, montant_eur: 900, ref: "1"}]
seuil_notification:
  - {id: aide, si: verte, montant: "marge_eur + 300 EUR", ref: "1"}
  - {id: lignes, si: contrefactuel, grandeur: couts, montant_eur: 1100, ref: "1"}
  - {id: tout, grandeur: couts_totaux, montant_eur: 2500, ref: "1"}
volets:
  - {id: a, intitule: A, finalites: [essai], intensite: {base: [{id: b, si: "taille = petite", taux: 60, ref: "1"}]}}
  - {id: b, intitule: B, finalites: [autre], conditions: [{id: c, si: verte, ref: "1"}],
     intensite: {base: [{id: b, taux: 80, ref: "1"}]}}
  - {id: c, intitule: C, finalites: [essai, autre], conditions: [{id: c, si: zone, ref: "1"}],
     montant: [{id: m, montant: "10 % de couts", ref: "1"}]}
""",
    "libre": """
volets:
  - {id: a, intitule: A, finalites: [essai], conditions: [{id: c, si: zone, ref: "1"}]}
  - {id: b, intitule: B, finalites: [essai, autre], conditions: [{id: c, si: verte, ref: "1"}],
     intensite: {base: [{id: b, taux: 40, ref: "1"}]}}
""",
    "bornes": """
seuil_notification: [{id: aide, si: zone, montant_eur: 150, ref: "1"}]
volets:
  - {id: a, intitule: A, finalites: [essai], intensite: {base: [{id: b, taux: taux_carte, ref: "1"}]}}
  - {id: b, intitule: B, finalites: [autre, essai], montant: [{id: m, si: verte, montant_eur: 3, ref: "1"},
     {id: n, montant: "taux_carte de couts + marge_eur", ref: "1"}]}
""",
    "seul": "finalites: tous\nplafonds: [{id: p, si: zone, montant_eur: 40, ref: '1'}]\n",
    "tous": """
finalites: tous
assiette: {postes: [{valeurs: [terrains], ref: "1"}]}
conditions: [{id: c, si: zone, ref: "1"}]
intensite: {base: [{id: b, taux: 30, ref: "1"}]}
""",
    **{f"tete_{k}": p.COMMUNES + suite for k, suite in enumerate(TETES)},
}  # fmt: skip
"""Bases by name: what each asks for and gives."""

ESSAI, AUTRE = ("essai", "machines", 50_000), ("autre", "terrains", 60_001)
LIGNES = [
    (ESSAI,), (AUTRE,), (ESSAI, AUTRE), (("essai", "terrains", 33_333),), (("essai", "machines", 50_001), AUTRE),
    (("essai", "machines", 120_000),), (("essai", "machines", 120_001),), (("essai", "machines", 200_001), AUTRE),
    (("essai", "machines", None), AUTRE), ((None, "machines", 50_001),), (("essai", None, 50_000), ("autre", None, 7)),
    None,
    (("essai", "machines", 200_000), ("essai", "personnel", 50_001)), (("essai", "machines", 40_499),),
]  # fmt: skip
TOUT = {
    "verte": True, "contrefactuel": True, "zone": True, "taille": "petite", "duree_ans": 300, "marge_eur": 1_000,
    "taux_carte": (2_500, 2_500),
}  # fmt: skip


def sans(*names):
    return {name: value for name, value in TOUT.items() if name not in names}


FAITS = [
    TOUT, {}, *(sans(name) for name in TOUT), *(TOUT | {name: False} for name in ("verte", "contrefactuel", "zone")),
    *(TOUT | {"taille": taille} for taille in ("moyenne", "grande", ["moyenne", "grande"], ["petite", "grande"])),
    TOUT | {"marge_eur": 1_001}, TOUT | {"marge_eur": 60_000, "zone": False}, TOUT | {"taux_carte": (1_000, 12_000)},
    TOUT | {"taux_carte": (0, None), "verte": False}, sans("verte") | {"zone": False}, sans("zone") | {"verte": False},
    TOUT | {"contrefactuel": False, "zone": False, "taille": "grande"}, sans("verte", "zone"),
    sans("contrefactuel") | {"zone": False, "verte": False}, sans("taille", "verte") | {"contrefactuel": False},
    TOUT | {"verte": False, "zone": False, "contrefactuel": False, "taille": "moyenne"},
]  # fmt: skip
DOSSIERS = [(JOUR, lines, facts) for facts in FAITS for lines in LIGNES]
SEUL = (JOUR, (ESSAI,), TOUT | {"taille": "moyenne", "marge_eur": 1_001, "verte": False})
CERTAINS = [one for one in DOSSIERS if one[2].keys() == TOUT.keys() and one[1] in LIGNES[:8]]
"""Those that leave little unknown: what never happens in a table is not computed."""


@pytest.fixture(scope="module")
def loi(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bases")
    (folder / "textes.yaml").write_text(TEXTES)
    (folder / "vocabulaire.yaml").write_text(VOCABULAIRE)
    for name, text in CORPS.items():
        (folder / f"{name}.yaml").write_text(f"id: loi.{name}\n" + p.TETE.format(genre="regime") + text)
    return Engine(folder, seul=True)


@pytest.mark.parametrize(
    "lot", [DOSSIERS, CERTAINS, CERTAINS[::8], DOSSIERS[:1], [SEUL], DOSSIERS[14:28], DOSSIERS[11::14]]
)
def test_each_block_of_each_dossier(loi, lot):
    """Same verdict, reason, rate and amount, basis by basis and purpose by purpose, whatever the rest of the table."""
    found = p.larges(columnar.evaluate_table(loi, p.table(loi, lot), volets=True))
    for dossier, mine, wanted in zip(lot, found, p.blocs(loi, lot), strict=True):
        assert mine == wanted, dossier


@pytest.mark.parametrize("dossier", [SEUL, DOSSIERS[0], (JOUR, (ESSAI, AUTRE), TOUT | {"verte": False})])
def test_one_dossier_alone(loi, dossier):
    """What is the same everywhere is worked out once, as it is written: same answer."""
    neuf = Engine(*loi.folders, seul=True)
    assert p.larges(columnar.evaluate_table(neuf, p.table(neuf, [dossier]), volets=True)) == p.blocs(neuf, [dossier])


def regime(loi, name):
    return next(r for r in loi.at(JOUR).loi.regimes if r.id == f"loi.{name}")


def test_every_tree_of_a_basis_is_read(loi):
    """Conditions, amounts and rates, wherever they stand: what is compiled holds for the facts that they read."""

    def faits(name):
        return {fact for tree in columnar_regimes.arbres(regime(loi, name)) for fact in t.facts_of(tree)}

    assert faits("taux") == {"zone", "taille", "marge_eur", "verte", "contrefactuel"}
    assert faits("plein") == {"taux_carte", "verte"}
    assert faits("methode") == {"contrefactuel", "marge_eur", "zone", "verte", "taille"}
    assert faits("ensemble") == {"couts_totaux", "zone", "verte", "marge_eur", "contrefactuel", "taille"}
    trees = list(columnar_regimes.arbres(regime(loi, "seul")))
    assert trees == [t.EstVrai("zone"), t.Nombre(4_000, "montant", "40", "EUR")]
    for name in CORPS:
        assert None not in list(columnar_regimes.arbres(regime(loi, name)))


def test_the_purposes_of_a_basis(loi):
    """Those of all its volets; none is named when one takes any."""
    assert columnar_regimes.finalites_de(regime(loi, "ensemble")) == {"essai", "autre"}
    assert columnar_regimes.finalites_de(regime(loi, "plein")) == {"essai"}
    assert columnar_regimes.finalites_de(regime(loi, "tous")) is None
    assert columnar_regimes.finalites_de(replace(regime(loi, "tous"), volets=())) == frozenset()


MASQUES = [verites()[k] for k in (0, 1, 4)]
"""True, false, one or the other: what is never unknown."""
PREMIERS = quantites((0, 4, 7), ((0, None), (0, 0), (0, 4), (4, 7), (7, None)), ((0, 0), (0, 7), (4, 4), (4, 7)))
SECONDS = quantites((0, 5, 8), ((0, 0), (3, None), (3, 4)), ((0, 0), (4, 8), (8, 9)))


def _elargi(pick, *pairs):
    held = [value for status, value in pairs if status == VRAI]
    if not held:
        return 0, 0
    highs = [high for _, high in held]
    return pick(low for low, _ in held), None if None in highs else max(highs)


@pytest.mark.parametrize(("plus_grand", "pick"), [(False, min), (True, max)])
def test_several_amounts_widened_where_they_hold(plus_grand, pick):
    """From the least of them (the greatest) to the greatest, open as soon as one is; zero where none holds."""
    assert not ecarts(
        lambda s, a, t, b: columnar_regimes.elargir([(s, a), (t, b)], plus_grand=plus_grand),
        lambda s, a, t, b: _elargi(pick, (s, a), (t, b)),
        MASQUES, PREMIERS, MASQUES, SECONDS, partage=False,
    )  # fmt: skip
    assert columnar_regimes.elargir([], plus_grand=plus_grand) == (0, 0)


def test_an_amount_that_does_not_hold_is_zero():
    """Known exactly, it stays so."""
    assert not ecarts(
        columnar_regimes.ou_zero, lambda s, a: a if s != FAUX else (0, 0), MASQUES, PREMIERS, partage=False
    )
