"""Schemes bounded by what they rest on, in columns: what the exact evaluator gives, and figures worked out by hand."""

from __future__ import annotations

from itertools import product

import petite_table as p
import pytest

from aid_rules.engine import columnar
from aid_rules.language.tree import FAUX, INCONNU, VRAI

REGIMES = {
    "c1": "id: critere.un\nrang: 1\nconditions: [{id: a, si: contrefactuel, ref: '1'}]\n",
    "r1": """id: loi.taux
finalites: [essai]
conditions: [{id: k, si: verte, ref: "1"}]
intensite: {base: [{id: b, taux: taux_carte, ref: "1"}]}
plafonds: [{id: p, si: zone, montant: marge_eur, ref: "1"}]
""",
    "r2": """id: loi.volets
conditions: [{id: k, si: verte, ref: "1"}]
plafonds: [{id: p, montant_eur: 300, ref: "1"}]
volets:
  - id: a
    intitule: A
    finalites: [essai]
    conditions: [{id: c, si: zone, ref: "1"}]
    intensite: {base: [{id: b, taux: 20, ref: "1"}]}
  - id: b
    intitule: B
    finalites: [essai, autre]
    conditions: [{id: c, si: "duree_ans >= 3", ref: "1"}]
    intensite: {base: [{id: b, taux: 60, ref: "1"}]}
  - id: c
    intitule: C
    finalites: [autre]
    montant: [{id: m, montant_eur: 150, ref: "1"}]
""",
    "r3": "id: loi.prix\nfinalites: tous\nmontant: [{id: m, si: 'marge_eur <= 5 EUR', montant_eur: 200, ref: '1'}]\n",
    "r4": "id: loi.libre\nfinalites: [essai, autre]\nconditions: [{id: k, si: zone, ref: '1'}]\n",
    "r5": "id: loi.neuve\nfinalites: [essai, f5]\ndu: 2021-01-01\nintensite: {base: [{id: b, taux: 10, ref: '1'}]}\n",
    "r6": """id: loi.mixte
conditions: [{id: k, si: zone, ref: "1"}]
volets:
  - {id: a, intitule: A, finalites: [essai], conditions: [{id: c, si: verte, ref: "1"}]}
  - {id: b, intitule: B, finalites: [autre], montant: [{id: m, montant_eur: 90, ref: "1"}]}
  - {id: c, intitule: C, finalites: [f5], intensite: {base: [{id: b, taux: 20, ref: "1"}]}}
""",
}
RATE = "intensite: {{base: [{{id: b, taux: {0}, ref: '1'}}]}}"
VOLET = "  - id: {0}\n    intitule: Volet\n    finalites: {1}\n    repose_sur: [{2}]\n    {3}\n"
RIEN = "conditions: []"
SANS_TAUX = "montant: [{id: m, montant_eur: 250, ref: '1'}]"
SCHEMES = {
    "taux": [
        ("a", "[essai]", "loi.taux", RATE.format(50)), ("b", "[essai]", "loi.taux, loi.libre", RATE.format(50)),
        ("c", "[essai, autre]", "loi.volets", RATE.format(50)),
    ],
    "montants": [
        ("a", "[essai]", "loi.taux", SANS_TAUX), ("b", "[autre]", "loi.prix", SANS_TAUX),
        ("c", "[f5]", "loi.taux", RIEN), ("d", "[autre]", "loi.volets", RIEN),
    ],
    "ouverts": [
        ("a", "[essai]", "loi.libre, loi.prix", RIEN), ("b", "[autre]", "hors_aide, loi.prix", RATE.format(25)),
        ("c", "[essai]", "hors_aide", SANS_TAUX),
    ],
    "neufs": [
        ("a", "[essai]", "loi.neuve", RATE.format(50)), ("b", "[essai]", "loi.neuve", SANS_TAUX),
        ("c", "[essai, f5]", "loi.neuve, loi.taux", RIEN), ("d", "[essai]", "", RATE.format(15)),
        ("e", "[essai]", "", RIEN), ("f", "[autre]", "loi.neuve", SANS_TAUX),
    ],
    "mixtes": [
        ("a", "[essai, autre]", "loi.mixte", RATE.format(50)), ("b", "[essai, autre, f5]", "loi.mixte", SANS_TAUX),
        ("c", "[essai, f5]", "loi.mixte, loi.taux", RIEN), ("d", "[autre]", "loi.mixte", RATE.format(50)),
    ],
    "douteux": [
        ("a", "[essai]", "loi.taux, loi.prix, loi.volets", RATE.format(50)),
        ("b", "[essai]", "loi.prix, loi.libre", "conditions: [{id: c, si: verte, ref: '1'}]"),
    ],
}  # fmt: skip
TETE = "id: aide.{0}\noperateur: Essai\nbesoin: innover\nvolets:\n"
REGLES = REGIMES | {
    f"d{k}": TETE.format(name) + "".join(VOLET.format(*one) for one in volets)
    for k, (name, volets) in enumerate(SCHEMES.items())
}
SEUL = "id: aide.{0}\noperateur: Essai\nbesoin: innover\nfinalites: tous\nrepose_sur: [{1}]\n{2}\n"
REGLES |= {
    "d7": SEUL.format("tous", "loi.volets, loi.taux", RATE.format(30)),
    "d8": SEUL.format("tous_libres", "loi.libre", RATE.format(70)),
    "d9": SEUL.format("tous_prix", "loi.prix, loi.volets", RIEN),
}


@pytest.fixture(scope="module")
def loi(tmp_path_factory):
    return p.moteur(tmp_path_factory.mktemp("regles"), REGLES)


TOUT = {
    "verte": True,
    "contrefactuel": True,
    "zone": True,
    "duree_ans": 300,
    "marge_eur": 500,
    "taux_carte": (1_000, 1_000),
}
FAITS_DE = [
    {}, TOUT, *(TOUT | {name: False} for name in ("verte", "contrefactuel", "zone")),
    *({n: v for n, v in TOUT.items() if n != name} for name in TOUT),
    TOUT | {"taux_carte": (1_000, 8_000)}, TOUT | {"taux_carte": (1_000, None)}, TOUT | {"taux_carte": (9_000, 9_000)},
    TOUT | {"taux_carte": (0, 0)}, TOUT | {"duree_ans": 299}, TOUT | {"marge_eur": 501}, TOUT | {"marge_eur": 0},
    TOUT | {"zone": False, "marge_eur": 501}, TOUT | {"verte": False, "zone": False},
    {"verte": True, "contrefactuel": False, "taux_carte": (1_000, None)}, {"verte": True, "marge_eur": 10_000},
]  # fmt: skip
LIGNES = [
    (("essai", "machines", 50_001),), (("autre", "terrains", 70_000),),
    (("essai", "machines", 50_001), ("autre", "terrains", 70_000)), (("essai", "machines", None),),
    ((None, "machines", 900),), (), None, (("f5", "machines", 10_000),), (("f6", "machines", 10_000),),
]  # fmt: skip
DOSSIERS = list(product((p.J1, p.J3), LIGNES, FAITS_DE))


def ecarts(loi, dossiers):
    """Where the columns do not give what the exact evaluator gives."""
    found = p.larges(columnar.evaluate_table(loi, p.table(loi, dossiers), volets=True))
    return [
        (dossier, {name: (mine.get(name), block) for name, block in wanted.items() if mine.get(name) != block})
        for dossier, mine, wanted in zip(dossiers, found, p.blocs(loi, dossiers), strict=True)
        if mine != wanted
    ]


def test_schemes_of_a_table(loi):
    """Same verdict, reason, rate and amount for each volet of each scheme, whatever is known of what it rests on."""
    assert ecarts(loi, DOSSIERS) == []


ESSAI = (("essai", "machines", 50_001),)
SEULS = [
    (jour, lines, facts)
    for jour in (p.J1, p.J3)
    for lines in (ESSAI, LIGNES[2])
    for facts in (TOUT, TOUT | {"verte": False}, TOUT | {"zone": False, "marge_eur": 501})
]


@pytest.mark.parametrize("dossier", SEULS)
def test_a_dossier_alone(loi, dossier):
    """What is known of every row of a table is not computed, and says the same."""
    assert ecarts(loi, [dossier]) == []


CHIFFRES = {
    "taux.a": (VRAI, 1_000, 1_000, 500, 500),  # the 10 % of the map, within a cap of 5 €
    "taux.b": (VRAI, 5_000, 5_000, 25_000, 25_000),  # the better of two bases: one has no rate
    "taux.c": (VRAI, 5_000, 5_000, 25_000, 25_000),  # the better of two purposes: 60 %
    "montants.b": (FAUX, None, None, 20_000, 20_000),  # 200 € rather than 250 €; no line of the purpose
    "montants.c": (FAUX, 0, 0, 0, 0),  # no purpose in common with its basis
    "ouverts.a": (VRAI, None, None, None, None),  # one of the bases limits nothing
    "mixtes.a": (VRAI, 5_000, 5_000, 25_000, 25_000),  # one of the purposes of its basis limits nothing
    "neufs.a": (FAUX, 0, 0, 0, 0),  # a basis that is not in force yet bears nothing
    "neufs.d": (VRAI, 1_500, 1_500, 7_500, 7_500),  # rests on nothing
    "neufs.e": (VRAI, None, None, None, None),
}
DES_2021 = {"neufs.a": (VRAI, 1_000, 1_000, 5_000, 5_000), "neufs.b": (VRAI, None, None, 5_000, 5_000)}
SANS_VERTE = {"taux.a": (FAUX, 0, 0, 0, 0), "taux.b": (VRAI, 5_000, 5_000, 25_000, 25_000)}
DOUTE = {
    "taux.a": (INCONNU, 0, 5_000, 0, 25_000),  # at least nothing, at most its own rate
    "douteux.a": (INCONNU, 0, 5_000, 0, 25_000),
    "ouverts.c": (INCONNU, None, None, 0, 25_000),  # only if it is no aid
    "neufs.d": (VRAI, 1_500, 1_500, 7_500, 7_500),
}


@pytest.mark.parametrize(
    ("jour", "facts", "wanted"),
    [
        (p.J1, TOUT, CHIFFRES),
        (p.J3, TOUT, {name: told for name, told in CHIFFRES.items() if name != "neufs.a"} | DES_2021),
        (p.J1, TOUT | {"verte": False}, SANS_VERTE),
        (p.J1, {}, DOUTE),
    ],
)
def test_figures_of_schemes(loi, jour, facts, wanted):
    """A scheme gives the best that one of its bases allows, and never more than its own rules."""
    for lot in ([(jour, ESSAI, facts)], [(jour, ESSAI, facts), *DOSSIERS[::9]]):
        found = p.larges(columnar.evaluate_table(loi, p.table(loi, lot), volets=True))[0]
        mine = {name: found[f"aide.{name}"] for name in wanted}
        assert {name: (told[0], *told[2:]) for name, told in mine.items()} == wanted
