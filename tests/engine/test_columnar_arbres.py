"""Conditions and quantities in columns: each form of a tree over each form of its facts, as a plain reading has it."""

from __future__ import annotations

from itertools import product
from types import SimpleNamespace

import pytest
from arbres import JOUR, SLOTS, VOCABULAIRE
from test_columnar_algebre import _borne, _lire

from aid_rules import champs
from aid_rules.amounts import BP_PER_UNIT, MAX_CENTS
from aid_rules.engine import columnar_expressions as x
from aid_rules.engine import columnar_intervals as civ
from aid_rules.engine.columnar_expressions import Bit, Col
from aid_rules.engine.columnar_lines import TOTAL_MAX
from aid_rules.engine.columnar_trees import Etat, Lecteur, decalee
from aid_rules.engine.environnement import Slots, shift
from aid_rules.engine.interprete import Interprete
from aid_rules.engine.vector_kernel import SATURE
from aid_rules.engine.vector_ops import nombre
from aid_rules.language import tree as t
from aid_rules.language.tree import FAUX, INCONNU, VRAI
from aid_rules.language.vocabulary import FactDefinition, Vocabulary

TAUX_CARTE = FactDefinition("q_pct", "pourcentage", "q", "q", ("1",), intervalle=True)
FAITS = Slots(Vocabulary(dict(VOCABULAIRE.faits) | {"q_pct": TAUX_CARTE}, {"poste": {}}))
assert FAITS.blank[: len(SLOTS.blank)] == SLOTS.blank

SAIT, LU, LU_EN_ENTIER = Etat, Etat(colonne=True), Etat(colonne=True, complet=True)


def _scalaires(constante, *valeurs):
    """Each form of a fact that is known or not: unknown, the same, known in each row, or not in all."""
    return [
        (Etat(), [None]), (SAIT(constante), [constante]), (LU_EN_ENTIER, valeurs), (LU, (*valeurs, None)),
    ]  # fmt: skip


def _bornes(bas, haut, plus_haut):
    """Each form of a fact known between two bounds: the states of both and of the whole, what the rows hold."""
    une, ouvertes = Etat(complet=True), [(0, None), (bas, None), (bas, haut), (haut, haut)]
    return [
        ((Etat(), Etat(), Etat()), [(0, None)]),
        ((SAIT(bas), SAIT(bas), une), [(bas, bas)]),
        ((SAIT(bas), SAIT(haut), Etat()), [(bas, haut)]),
        ((SAIT(bas), Etat(), Etat()), [(bas, None)]),
        ((SAIT(bas), LU, Etat()), [(bas, None), (bas, haut), (bas, bas)]),
        ((SAIT(bas), LU_EN_ENTIER, Etat()), [(bas, haut), (bas, bas)]),
        ((LU_EN_ENTIER, Etat(), Etat()), [(0, None), (haut, None)]),
        ((LU_EN_ENTIER, SAIT(plus_haut), Etat()), [(bas, plus_haut), (haut, plus_haut)]),
        ((LU_EN_ENTIER, LU, Etat()), ouvertes),
        ((LU_EN_ENTIER, LU_EN_ENTIER, Etat()), [(0, 0), (0, haut), (bas, haut), (haut, plus_haut)]),
        ((LU_EN_ENTIER, LU_EN_ENTIER, une), [(0, 0), (bas, bas), (plus_haut, plus_haut)]),
    ]


BOOLEEN = [
    (Etat(), [INCONNU]), (SAIT(constante=True), [VRAI]), (SAIT(0), [FAUX]),
    (LU_EN_ENTIER, [FAUX, VRAI]), (LU, [FAUX, INCONNU, VRAI]),
]  # fmt: skip
FORMES = {
    "b0": BOOLEEN, "b1": BOOLEEN,
    "taille": [
        (Etat(), [15]), *((SAIT(masque), [masque]) for masque in (2, 6, 7, 9, 12)),
        (LU_EN_ENTIER, [1, 2, 4, 8]), (LU, [1, 2, 3, 6, 7, 8, 9, 12, 15]),
    ],
    "n": _scalaires(300, 0, 299, 300, 301, 10**11),
    "m_eur": _scalaires(500, -MAX_CENTS, -1, 0, 499, 500, 501, MAX_CENTS),
    "p_pct": _scalaires(2_500, -(10**11), 0, 1, 2_500, 10_000, 10**11),
    "d1_le": _scalaires(JOUR, JOUR - 31, JOUR, JOUR + 31),
    "d2_le": _scalaires(JOUR + 30, JOUR - 1, JOUR, JOUR + 30),
    "date_octroi": [(SAIT(JOUR), [JOUR]), (LU_EN_ENTIER, [JOUR - 1, JOUR, JOUR + 1]), (Etat(), [JOUR, JOUR + 1])],
    "r_eur": _bornes(4, 500, TOTAL_MAX),
    "q_pct": _bornes(1, 2_500, BP_PER_UNIT),
    "couts_totaux": _bornes(4, 500, TOTAL_MAX),
}  # fmt: skip
LUES = ("couts", "assiette", "machines")
DOUBLES = {"r_eur", "q_pct", "couts_totaux"}


def couts():
    """Each form of an amount of costs, written under its name."""

    def connue(name):
        col = Col(nombre(f"{name}.min"), 0, 501)
        return col, col

    def ouverte(name, *, nul=True):
        return Col(nombre(f"{name}.min"), 0, 500), Col(nombre(f"{name}.max"), 0, 600, nul)

    return [
        (connue, [(0, 0), (500, 500), (501, 501)]), (ouverte, [(0, None), (500, None), (0, 499), (500, 600)]),
        (lambda name: ouverte(name, nul=False), [(0, 499), (500, 600)]), (lambda _name: (500, None), [(500, None)]),
    ]  # fmt: skip


def exact(name, form):
    """Tell whether a form leaves nothing unknown."""
    if name in LUES:
        return form is COUTS[0][0]
    if name == "date_octroi":
        return True
    last = form[2] if name in DOUBLES else form
    return last.complet or (last.constante is not None and (name != "taille" or last.constante.bit_count() == 1))


def noms(node):
    """What a tree reads: its facts, and costs by name."""
    read = {
        "couts" if isinstance(n, t.Couts) else "assiette" for n in t.walk(node) if isinstance(n, t.Couts | t.Assiette)
    }
    if any(isinstance(n, t.Couts) and n.poste for n in t.walk(node)):
        read |= {"machines"}
    return [*t.facts_of(node), *sorted(read)]


COUTS = couts()


def etats(name, state):
    if name in DOUBLES:
        return {f"{name}.min": state[0], f"{name}.max": state[1], name: state[2]}
    return {name: state}


def colonnes(name, values):
    """The columns of a fact, null where it is unknown."""
    if name in DOUBLES or name in LUES:
        return {f"{name}.min": [v[0] for v in values], f"{name}.max": [v[1] for v in values]}
    moved = {} if not name.endswith("_le") and name != "date_octroi" else {
        decalee(name, ecart, unite): [shift(v, ecart, unite) for v in values]
        for ecart, unite in ((1, "mois"), (-30, "jours"), (2, "jours_ouvrables"))
    }  # fmt: skip
    return {name: list(values)} | moved


def situations(node):
    """Each form of what a tree reads: the reader, the columns, and the plain reading of each row."""
    names = noms(node)
    for forms in product(*(COUTS if name in LUES else FORMES[name] for name in names)):
        rows = list(product(*(values for _, values in forms)))
        columns = {"rang": list(range(len(rows)))}
        states, written = {}, {"couts": (0, None), "assiette": (0, None), "machines": (0, None)}
        for name, (form, _), values in zip(names, forms, zip(*rows, strict=True), strict=True):
            columns |= colonnes(name, values)
            if name in LUES:
                written[name] = form(name)
            else:
                states |= etats(name, form)
        reader = Lecteur(FAITS, states)
        reader.placer(SimpleNamespace(poste=lambda _name, told=written: told["machines"]), written["couts"])
        reader.retenir(written["assiette"])
        plain = []
        for row in rows:
            told = dict(zip(names, row, strict=True))
            env = [*FAITS.blank]
            env[0] = JOUR
            for name in names:
                if name not in LUES:
                    env[FAITS.index[name]] = told[name] if told[name] is not None else FAITS.blank[FAITS.index[name]]
            lines = SimpleNamespace(
                total=told.get("couts", (0, None)), poste=lambda _name, told=told: told.get("machines", (0, None))
            )
            plain.append(Interprete(FAITS, env, lines, told.get("assiette", (0, None))))
        varies = any(len(values) > 1 for _, values in forms)
        sure = all(exact(name, form) for name, (form, _) in zip(names, forms, strict=True))
        yield reader, columns, plain, varies, sure


M, R, Q, N, P = (
    t.Fait("m_eur", "montant"), t.Fait("r_eur", "montant", True), t.Fait("q_pct", "pourcentage", True),
    t.Fait("n", "nombre"), t.Fait("p_pct", "pourcentage"),
)  # fmt: skip
D1, D2, OCTROI = (t.Fait(name, "date") for name in ("d1_le", "d2_le", "date_octroi"))
CT = t.Fait("couts_totaux", "montant", True)


def eur(cents):
    return t.Nombre(cents, "montant", str(cents), "EUR")


def pct(points):
    return t.Nombre(points, "pourcentage", str(points), "%")


def nb(hundredths):
    return t.Nombre(hundredths, "nombre", str(hundredths))


def apres(base, ecart, unite):
    return t.Decalage(base, ecart, unite, f"{ecart} {unite}")


def dans(*names):
    return t.Dans("taille", names, sum(FAITS.facts["taille"].bit(name) for name in names))


CONDITIONS = [
    t.EstVrai("b0"), t.Non(t.EstVrai("b0")), t.Tous((t.EstVrai("b0"), t.EstVrai("b1"))),
    t.UnDe((t.EstVrai("b0"), t.EstVrai("b1"))), t.Non(t.Tous((t.EstVrai("b0"), t.Non(t.EstVrai("b1"))))),
    dans("micro"), dans("petite", "moyenne"), dans("micro", "petite", "grande"),
    t.UnDe((dans("petite"), t.EstVrai("b0"))),
    *(t.Compare(op, N, nb(300)) for op in ("=", "!=", "<", "<=", ">", ">=")),
    *(t.Compare(op, nb(300), N) for op in ("=", "<", ">=")),
    t.Compare(">=", N, nb(0)), t.Compare(">=", P, pct(0)), t.Compare("<=", M, eur(500)), t.Compare("=", M, M),
    *(t.Compare(op, D1, D2) for op in ("=", "!=", "<", "<=", ">", ">=")),
    t.Compare("<", apres(D1, 1, "mois"), D2), t.Compare(">=", D1, apres(OCTROI, -30, "jours")),
    t.Compare("<=", OCTROI, apres(D2, 2, "jours_ouvrables")), t.Compare("=", OCTROI, t.Nombre(JOUR, "date", "")),
    t.Compare(">", apres(OCTROI, 1, "mois"), t.Nombre(JOUR + 31, "date", "")),
    *(t.Compare(op, R, eur(500)) for op in ("=", "!=", "<", "<=", ">", ">=")),
    t.Compare("<=", R, R), t.Compare("<", R, CT), t.Compare(">=", Q, pct(2_500)), t.Compare("<=", CT, M),
    t.Compare("<=", M, R), t.Compare("=", Q, P), t.Compare("<=", t.Couts(), eur(500)), t.Compare(">", t.Assiette(), M),
    t.Compare(">", t.Couts("machines"), t.Couts()), t.Compare("<", t.Produit(3, R), eur(1_500)),
    t.Compare(">", t.Produit(2, N), nb(0)), t.Compare("<=", t.PartDe(pct(3_333), M), eur(166)),
    t.Compare("<=", eur(166), t.PartDe(pct(3_333), M)), t.Compare("=", t.PartDe(pct(1), M), t.PartDe(P, eur(500))),
    t.Compare(">", M, t.Somme(((1, t.PartDe(pct(50), R)), (-1, eur(1))))),
    t.Compare("<", t.Produit(3, t.PartDe(pct(3_333), R)), eur(500)),
    t.Compare("<=", t.Extremum(True, (t.PartDe(pct(3_333), M), eur(167))), eur(166)),
    t.Compare(">=", t.Extremum(False, (t.PartDe(Q, eur(501)), eur(2))), eur(125)),
    t.Compare("<=", t.Multiple(R, t.Rapport(pct(15_000), t.CENT), t.EstVrai("b0")), eur(750)),
    t.Compare("<=", t.PartDe(P, eur(999)), t.Multiple(R, t.Rapport(pct(15_000), t.CENT))),
    t.Compare("<=", t.Somme(((1, t.Couts("machines")), (-1, t.PartDe(pct(3_333), t.Assiette())))), eur(333)),
]  # fmt: skip
QUANTITES = [
    nb(3), N, M, P, D1, OCTROI, R, Q, CT, t.Couts(), t.Couts("machines"), t.Assiette(), apres(D1, 1, "mois"),
    apres(OCTROI, -30, "jours"), apres(t.Nombre(JOUR, "date", ""), 1, "mois"), t.PartDe(pct(3_333), M), t.PartDe(P, M),
    t.PartDe(Q, R), t.PartDe(Q, t.Assiette()), t.Produit(4, R), t.Produit(4, t.PartDe(pct(3_333), R)),
    t.Somme(((1, R), (-1, M))), t.Somme(((1, t.Couts()), (-1, t.Couts("machines")), (1, eur(7)))),
    t.Extremum(True, (R, M)), t.Extremum(False, (R, t.Assiette())),
    t.Extremum(False, (t.PartDe(pct(3_333), M), eur(9))),
    t.Multiple(M, t.Rapport(pct(15_000), t.CENT)), t.Multiple(R, t.Rapport(pct(15_000), t.CENT), t.EstVrai("b0")),
    t.Multiple(R, t.Rapport(N, t.Extremum(False, (N, nb(200)))), dans("petite")),
    t.Multiple(t.Couts(), t.Rapport(t.Somme(((1, t.CENT), (-1, Q))), t.CENT), t.EstVrai("b1")),
]  # fmt: skip


@pytest.mark.parametrize("node", CONDITIONS, ids=range(len(CONDITIONS)))
def test_conditions_are_the_same_in_columns(node):
    """True, false or unknown as the plain reading says, row by row; a constant when nothing varies; worked out once."""
    for reader, columns, plain, varies, sure in situations(node):
        found = reader.verite(node)
        assert _lire(found, columns) == [one.verite(node) for one in plain]
        assert varies or not isinstance(found, Bit)
        assert not (sure and x.peut_manquer(found))
        assert reader.verite(node) is found


def _bridee(value):
    """No quantity is taken beyond what columns hold."""
    return None if value is None else max(min(value, SATURE), -SATURE)


@pytest.mark.parametrize("node", QUANTITES, ids=range(len(QUANTITES)))
def test_quantities_are_the_same_in_columns(node):
    """The same bounds, to the cent and in ten-thousandths; what is known exactly is written once."""
    for reader, columns, plain, _, sure in situations(node):
        for precis in (False, True):
            found = reader.bornes(node, precis=precis)
            told = _borne(found, columns)
            told = told if isinstance(told, list) else list(zip(*told, strict=True))
            wanted = [one.precis(node) if precis else one.bornes(node) for one in plain]
            assert [tuple(map(_bridee, one)) for one in told] == [tuple(map(_bridee, one)) for one in wanted]
            assert civ.exact(found) or not sure
            assert all(a is b for a, b in zip(reader.bornes(node, precis=precis), found, strict=True))


def test_what_reads_costs_is_read_again_for_each_purpose():
    """Other lines, other eligible costs: what was worked out for the purpose before no longer holds; the rest does."""
    reader = Lecteur(FAITS, {"b0": LU, "m_eur": LU})
    assert (reader.couts, reader.assiette) == (civ.INCONNU, civ.INCONNU)
    costs, base = t.Compare("<", t.Couts(), eur(500)), t.Compare("<", t.Assiette(), eur(500))
    rest, amount = t.EstVrai("b0"), t.PartDe(pct(50), M)
    kept, part = reader.verite(rest), reader.bornes(amount)
    for first, second, typed in ((499, 500, 7), (500, 499, 8)):
        reader.placer(SimpleNamespace(poste=lambda name, typed=typed: (name, typed)), (first, first))
        assert reader.bornes(t.Couts()) == reader.bornes(t.Assiette()) == (first, first)
        assert (reader.verite(costs), reader.verite(base)) == (first < 500, first < 500)
        reader.retenir((second, second))
        assert (reader.verite(costs), reader.verite(base)) == (first < 500, second < 500)
        assert reader.bornes(t.Couts("machines")) == ("machines", typed)
        assert reader.verite(rest) is kept
        assert reader.bornes(amount)[0] is part[0]


def test_entries_without_condition_always_hold():
    """In the order of the rules, None for no condition; each with its own amount."""
    reader = Lecteur(FAITS, {"b0": Etat(constante=False)})
    rules = [SimpleNamespace(si=si, montant=eur(k)) for k, si in enumerate((None, t.EstVrai("b0"), t.EstVrai("b1")))]
    assert reader.verites(rules) == [True, False, None]
    assert reader.montants(rules) == [(0, 0), (1, 1), (2, 2)]


def test_a_column_holds_what_a_dossier_may_say():
    """Up to the greatest number and amount that a dossier may give, which the bounds of its column take in."""
    reader = Lecteur(FAITS, dict.fromkeys(("n", "m_eur", "p_pct"), LU_EN_ENTIER))
    bounds = {fact: x.bornes(reader.bornes(fact)[0]) for fact in (N, M, P)}
    most = champs.read_hundredths(10**9)
    with pytest.raises(ValueError, match="positif"):
        champs.read_hundredths(10**9 + 1)
    assert bounds == {N: (0, most), M: (-MAX_CENTS, MAX_CENTS), P: (-most, most)}


def test_what_two_tables_hold_alike_is_the_same():
    """States tell apart what is compiled: equal ones are one."""
    assert len({Etat(), Etat(constante=None), LU, Etat(colonne=True), LU_EN_ENTIER, Etat(complet=True)}) == 4


def test_a_day_moved_is_a_column_of_its_own():
    """Named by the day, the time and its unit: many bases read the same."""
    reader = Lecteur(FAITS, {"d1_le": LU})
    low, high = reader.bornes(apres(D1, -30, "jours"))
    assert high.expr.nom == decalee("d1_le", -30, "jours") == "d1_le|-30|jours"
    assert high.nul
    assert not low.nul
    with pytest.raises(AssertionError):
        reader._scalaire(t.Couts())
