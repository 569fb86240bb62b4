"""A small law of several days, bases and schemes, and its dossiers, held to the exact evaluator column by column."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

from petite_loi import TEXTES, VOCABULAIRE

from aid_rules.engine import columnar
from aid_rules.engine.environnement import Ligne, Lignes
from aid_rules.engine.facts import Faits
from aid_rules.engine.moteur import Engine
from aid_rules.language.tree import FAUX, VRAI
from aid_rules.testing.accord import attendu

AUTRES = "".join(f"    f{k}: {{libelle: f{k}}}\n" for k in range(70))
LISTES = VOCABULAIRE.replace(
    "  finalite: {essai: {libelle: essai}, autre: {libelle: autre}}\n",
    "  finalite:\n    essai: {libelle: essai}\n    autre: {libelle: autre}\n" + AUTRES,
)
FAITS = """  depuis_le: {type: date, libelle: depuis, question: "Depuis ?", texte: loi, ref: "1"}
"""
TETE = "genre: {genre}\nintitule: Essai\ntexte: loi\nverifie_le: 2026-11-23\n"
COMMUNES = """conditions:
  - {id: k1, si: verte, ref: "1"}
  - {id: k2, si: contrefactuel, ref: "1"}
"""
VOLET = "volets: [{{id: v, intitule: V, finalites: {0}, intensite: {1}}}]\n"
TAUX = (
    "{base: [{id: un, si: 'taille = petite', taux: 40, ref: '1'}, {id: deux, taux: 20, ref: '1', au: 2020-12-31}, "
    "{id: deux, taux: 30, ref: '1', du: 2021-01-01}]}"
)
BASE = """intensite:
  base:
    - {id: un, si: "taille = petite", taux: 40, ref: "1"}
    - {id: deux, taux: 20, ref: "1", au: 2020-12-31}
    - {id: deux, taux: 30, ref: "1", du: 2021-01-01}
"""
REGLES = {
    "c1": "id: critere.un\nrang: 1\nconditions: [{id: a, si: zone, ref: '1'}, {id: b, si: verte, ref: '1'}]\n",
    "c2": "id: critere.deux\nrang: 2\nconditions: [{id: a, si: contrefactuel, ref: '1'}]\ndu: 2021-01-01\n",
    "r1": "id: loi.un\n" + COMMUNES + VOLET.format("[essai]", TAUX),
    "r5": "id: loi.cinq\nfinalites: [essai]\n" + COMMUNES + BASE,
    "r6": "id: loi.six\ndu: 2020-06-01\n" + COMMUNES + "  - {id: k3, si: zone, ref: '1'}\n"
    + VOLET.format("[essai, autre]", TAUX).replace("]\n", ", {id: w, intitule: W, finalites: [autre], conditions: "
    "[{id: c, si: 'marge_eur <= 5 EUR', ref: '1'}], montant: [{id: m, montant_eur: 7, ref: '1'}]}]\n"),
    "r7": "id: loi.sept\nau: 2020-12-31\nconditions:\n"
    "  - {id: k3, si: zone, ref: '1'}\n  - {id: k1, si: verte, ref: '1'}\n"
    + VOLET.format("[autre]", TAUX),
    "r8": "id: loi.huit\n" + COMMUNES + "  - {id: k3, si: zone, ref: '1'}\n"
    + VOLET.format("[f5, essai]", TAUX),
    "r2": "id: loi.deux\nfinalites: [autre, f69]\n" + COMMUNES + "  - {id: k3, si: zone, ref: '1'}\n" + BASE
    + "plafonds: [{id: p, montant: 'marge_eur', ref: '1'}]\n",
    "r3": "id: loi.trois\nfinalites: tous\ndu: 2020-06-01\n" + COMMUNES
    + "montant: [{id: m, si: 'depuis_le > date_octroi - 36 mois', montant_eur: 500, ref: '1'}]\n",
    "r4": """id: loi.quatre
conditions: [{id: k3, si: zone, ref: "1"}]
seuil_notification: [{id: haut, grandeur: couts_totaux, montant_eur: 2000, ref: "1"}]
volets:
  - id: a
    intitule: A
    finalites: [essai]
    assiette: {postes: [{valeurs: [machines], ref: "1"}]}
    conditions: [{id: c1, si: "taille dans [petite, moyenne]", ref: "1"}]
    intensite: {base: [{id: b, si: "duree_ans >= 3", taux: 20, ref: "1"}]}
  - id: b
    intitule: B
    finalites: [autre, essai]
    conditions: [{id: c3, si: "marge_eur <= 5 EUR", ref: "1"}]
    intensite: {base: [{id: tous, taux: taux_carte, ref: "1"}]}
  - {id: c, intitule: C, finalites: [f5], conditions: [{id: c4, si: verte, ref: "1"}]}
""",
    "d1": """id: aide.un
repose_sur: [loi.quatre, loi.un]
operateur: Essai
besoin: innover
volets:
  - id: x
    intitule: X
    finalites: [essai]
    conditions: [{id: c, si: "duree_ans >= 2", ref: "1"}]
    intensite: {base: [{id: b, taux: 50, ref: "1"}]}
  - id: y
    intitule: Y
    finalites: [autre]
    repose_sur: [loi.deux, hors_aide]
    intensite: {base: [{id: b, taux: 25, ref: "1"}]}
""",
    "d2": "id: aide.deux\nfinalites: tous\nrepose_sur: [hors_aide, loi.trois]\noperateur: Essai\nbesoin: innover\n"
    "conditions: [{id: c, si: verte, ref: '1'}]\n",
    "d3": "id: aide.trois\nfinalites: [essai]\nrepose_sur: [loi.trois]\noperateur: Essai\nbesoin: innover\n"
    "du: 2021-01-01\nmontant: [{id: m, montant_eur: 300, ref: '1'}]\n",
}  # fmt: skip
GENRES = {"c": "critere", "r": "regime", "d": "dispositif"}


def moteur(folder, regles=REGLES):
    """The engine of the small law, alone, or of other rules of the same facts."""
    (folder / "textes.yaml").write_text(TEXTES)
    (folder / "vocabulaire.yaml").write_text(LISTES + FAITS)
    for name, text in regles.items():
        (folder / f"{name}.yaml").write_text(TETE.format(genre=GENRES[name[0]]) + text)
    return Engine(folder, seul=True)


def lire(engine, jour, lines, facts):
    """A dossier as the exact evaluator reads it: `lines` (finalite, poste, cents), None when it tells no costs."""
    slots = engine.slots
    rows = [
        Ligne(f"l{i}", finalite, poste, (0, None) if cents is None else (cents, cents))
        for i, (finalite, poste, cents) in enumerate(lines or ())
    ]
    costs = Lignes(rows, completes=lines is not None)
    env = list(slots.blank)
    env[0] = jour.toordinal()
    env[slots.index["couts_totaux"]] = costs.choisir(None, None).total
    for name, value in facts.items():
        fact = slots.facts[name]
        if isinstance(value, bool):
            value = VRAI if value else FAUX  # noqa: PLW2901
        elif isinstance(value, date):
            value = value.toordinal()  # noqa: PLW2901
        elif isinstance(value, str):
            value = fact.bit(value)  # noqa: PLW2901
        elif isinstance(value, list):
            value = sum(map(fact.bit, value))  # noqa: PLW2901
        env[slots.index[name]] = value
    return Faits(env, costs, *[None] * 5)


def table(engine, dossiers):
    return columnar.depuis_faits(engine, [lire(engine, *one) for one in dossiers])


def blocs(engine, dossiers):
    """What the exact evaluator tells of each dossier, block by block."""
    return [attendu(engine, SimpleNamespace(date_octroi=one[0]), lire(engine, *one)) for one in dossiers]


def larges(frame):
    """What a wide table tells of each dossier, block by block."""
    found = []
    for row in frame.iter_rows(named=True):
        told = {}
        for name, value in row.items():
            told.setdefault(name.rpartition(".")[0] or name, []).append(value)
        found.append({name: tuple(values) for name, values in told.items() if values[0] is not None})
    return found


J1, J2, J3 = date(2020, 1, 1), date(2020, 6, 1), date(2021, 1, 1)
VEILLES = (date(2020, 5, 31), date(2020, 12, 31))
TOUT = {
    "verte": True, "contrefactuel": True, "zone": True, "taille": "petite", "duree_ans": 300, "marge_eur": 500,
    "taux_carte": (1_000, 1_000), "depuis_le": date(2019, 1, 1),
}  # fmt: skip


def sans(*names):
    return {name: value for name, value in TOUT.items() if name not in names}


MACHINES, TERRAINS = ("essai", "machines", 50_001), ("autre", "terrains", 70_000)
LIGNES = [
    (MACHINES,), (TERRAINS,), (MACHINES, TERRAINS), (("essai", "machines", None),), ((None, "machines", 900),),
    (("essai", None, 900), TERRAINS), (), None, (("f69", "machines", 10_000),), (("f5", "machines", 10_000),),
    (("essai", "machines", 200_001),), (("inconnue", "inconnu", 1_000),), (("f70", "machines", 5),),
]  # fmt: skip
FAITS_DE = [
    TOUT, {}, *(sans(name) for name in TOUT), *(TOUT | {name: False} for name in ("verte", "contrefactuel", "zone")),
    TOUT | {"taille": "moyenne"}, TOUT | {"taille": ["petite", "moyenne"]}, TOUT | {"taille": ["moyenne", "grande"]},
    TOUT | {"taille": "grande"}, TOUT | {"duree_ans": 299}, TOUT | {"duree_ans": 199}, TOUT | {"marge_eur": 501},
    TOUT | {"marge_eur": 0}, TOUT | {"taux_carte": (1_000, None)}, TOUT | {"taux_carte": (0, 3_333)},
    sans("verte") | {"contrefactuel": False}, sans("verte", "contrefactuel"), sans("verte", "zone"),
    sans("zone") | {"marge_eur": 501}, TOUT | {"depuis_le": date(2017, 6, 1)}, TOUT | {"depuis_le": date(2018, 1, 2)},
    TOUT | {"zone": False, "verte": False}, TOUT | {"taille": "grande", "marge_eur": 501},
]  # fmt: skip
DOSSIERS = [
    (jour, lines, facts)
    for k, facts in enumerate(FAITS_DE)
    for n, lines in enumerate(LIGNES)
    for jour in ((J1, J2, J3, *VEILLES)[(k + n) % 5], (J3, J1, J2)[(k + 2 * n) % 3])
]
