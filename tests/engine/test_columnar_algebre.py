"""The algebra of columns on every form of a quantity: constant, known, open, wide; the plain intervals decide."""

from __future__ import annotations

from itertools import product

import pytest
from test_columnar_intervals import calculer

from aid_rules.engine import columnar_expressions as x
from aid_rules.engine import columnar_intervals as civ
from aid_rules.engine import columnar_regimes as regimes
from aid_rules.engine import intervalles as iv
from aid_rules.engine import vector_ops as o
from aid_rules.engine.columnar_expressions import Bit, Col
from aid_rules.engine.vector_kernel import SATURE
from aid_rules.engine.vector_ops import Expr, const, nombre, statut
from aid_rules.language.tree import FAUX, INCONNU, NON, VRAI

CONSTANTES = {True: VRAI, False: FAUX, None: INCONNU}
POINTS = (-3, 0, 4, 7)
OUVERTS = ((-3, None), (0, 0), (0, 4), (4, 4), (4, 7), (7, None))
FERMES = ((-3, 0), (0, 0), (0, 7), (4, 4), (4, 7), (7, 9))


def _ecrire(name, values, *, nul):
    told = [v for v in values if v is not None]
    return Col(nombre(name), min(told), max(told), nul)


def quantites(points=POINTS, ouverts=OUVERTS, fermes=FERMES):
    """Each form that an interval takes in columns: how it is written under a name, and the values of its rows."""

    def connue(name):
        col = _ecrire(f"{name}0", points, nul=False)
        return col, col

    def bornee(values, *, nul):
        lows, highs = zip(*values, strict=True)
        return lambda name: (_ecrire(f"{name}0", lows, nul=False), _ecrire(f"{name}1", highs, nul=nul))

    forms = [
        (connue, [(p, p) for p in points]),
        (bornee(ouverts, nul=True), ouverts),
        (bornee(fermes, nul=False), fermes),
    ]
    same, low, high = points[-2], ouverts[0][0], points[-1]
    forms += [(lambda _name, v=v: v, [v]) for v in ((same, same), (low, high), (low, None))]
    forms.append((lambda name: (_ecrire(f"{name}0", points, nul=False), None), [(p, None) for p in points]))
    return forms


def verites():
    """Each form of a truth value."""
    forms = [(lambda _name, v=v: v, [status]) for v, status in CONSTANTES.items()]
    forms.append((lambda name: Bit(statut(name)), [FAUX, INCONNU, VRAI]))
    forms.append((lambda name: Bit(statut(name), nul=False), [FAUX, VRAI]))
    return forms


def _lire(found, columns):
    """The rows of a result, held to what its columns tell of themselves."""
    if found is None or isinstance(found, bool | Bit):
        if not isinstance(found, Bit):
            return [CONSTANTES[found]] * len(columns["rang"])
        least = Expr(o.ISEL, (Expr(o.UPOSS, (found.expr,)), const(INCONNU), const(FAUX)))
        values = calculer(Expr(o.ISEL, (Expr(o.UCERT, (found.expr,)), const(VRAI), least)), columns)
        assert found.nul or INCONNU not in values
        return values
    values = calculer(x.col_expr(found), columns)
    low, high = x.bornes(found)
    assert all(low <= v <= high for v in values if v is not None), (low, high, values)
    assert x.nul(found) or None not in values
    return values


def _borne(found, columns):
    low, high = found
    lows = _lire(low, columns)
    if high is None:
        return [(v, None) for v in lows]
    return lows, lows if high is low else _lire(high, columns)


def _connu(write):
    """Tell whether a form is that of a quantity or of a truth value known exactly."""
    value = write("v")
    if isinstance(value, tuple):
        return value[0] is value[1] or value[0] == value[1]
    return value is not None and not getattr(value, "nul", False)


def ecarts(colonnes, exact, *operandes, partage=True, lire=lambda value: value):
    """Return where an operation on columns parts from the plain one, for each form of each operand, row by row.

    What is known exactly stays written once, unless `partage` is false; `lire` reads what is written.
    """
    parted = []
    for forms in product(*operandes):
        rows = list(product(*(values for _, values in forms)))
        columns = {"rang": list(range(len(rows)))}
        for k, (_, values) in enumerate(forms):
            name = f"v{k}"
            held = [row[k] for row in rows]
            if isinstance(values[0], tuple):
                columns |= {f"{name}{end}": [v[end] for v in held] for end in (0, 1)}
            else:
                columns[name] = held
        found = colonnes(*(write(f"v{k}") for k, (write, _) in enumerate(forms)))
        if partage and isinstance(found, tuple) and all(_connu(write) for write, _ in forms):
            parted += [] if found[0] is found[1] or found[0] == found[1] else [("written twice", found)]
        wanted = [exact(*row) for row in rows]
        if isinstance(found, tuple):
            told = _borne(found, columns)
            told = told if isinstance(told, list) else list(zip(*told, strict=True))
        else:
            told = _lire(found, columns)
        compared = zip(rows, map(lire, told), wanted, strict=True)
        parted += [(row, got, due, found) for row, got, due in compared if got != due]
    return parted


UNE, DEUX = (
    quantites(),
    quantites((-2, 0, 4, 8), ((-5, None), (0, 0), (0, 4), (3, 4), (4, None)), ((0, 4), (4, 4), (4, 7), (5, 8))),
)
TAUX = quantites((0, 2_500, 10_000), ((0, None), (2_500, 2_500), (12_000, None), (1, 3)), ((0, 10_000), (333, 333)))
SOMMES = quantites((0, 99, 10**9), ((0, None), (7, 99), (10**16, 10**16)), ((0, 9), (3, 10**17)))


@pytest.mark.parametrize("operator", ["<", "<=", ">", ">=", "=", "!="])
def test_comparisons_are_the_same_in_columns(operator):
    """True for all their values, false for none, unknown otherwise: whatever is known of each side."""
    assert not ecarts(lambda a, b: civ.compare(operator, a, b), lambda a, b: iv.compare(operator, a, b), UNE, DEUX)


@pytest.mark.parametrize("signs", [(1, 1), (1, -1), (-1, 1), (-1, -1)])
def test_sums_are_the_same_in_columns(signs):
    """A term that nothing bounds opens the side on which it counts, and that side only."""

    def pair(a, b):
        return [(signs[0], a), (signs[1], b), (1, (5, 5))]

    assert not ecarts(lambda a, b: civ.plus(pair(a, b)), lambda a, b: iv.plus(pair(a, b)), UNE, DEUX)


def test_rates_are_the_same_in_columns():
    """A rate of an amount, rounded or not, a share, a multiple, an amount kept from below zero."""
    assert not ecarts(lambda r, b: civ.part(r, b, arrondi=True), iv.part, TAUX, SOMMES)
    few = quantites((0, 99, 10**9), ((0, None), (7, 99)), ((0, 9), (3, 10**9)))
    assert not ecarts(lambda r, b: civ.part(r, b, arrondi=False), iv.exact_part, TAUX, few)
    assert not ecarts(civ.share_bounds, iv.share_bounds, TAUX)
    assert not ecarts(lambda b: civ.times(4, b), lambda b: iv.times(4, b), UNE)
    assert not ecarts(civ.positive, iv.positive, UNE)


def test_extremes_are_the_same_in_columns():
    """The least of quantities is open when all are, the greatest as soon as one is."""
    assert not ecarts(lambda a, b: civ.least([a, b]), lambda a, b: iv.least([a, b]), UNE, DEUX)
    assert not ecarts(lambda a, b: civ.greatest([a, b]), lambda a, b: iv.greatest([a, b]), UNE, DEUX)


def test_the_first_that_applies_is_the_same_in_columns():
    """What may apply widens what applies after it; nothing applies: zero."""
    plus_que_zero = quantites((0, 4, 7), ((0, None), (4, 4), (4, 7)), ((0, 7), (4, 4)))
    for values in (UNE, plus_que_zero):
        assert not ecarts(
            lambda s, a, t, b: civ.first([s, t], [a, b]),
            lambda s, a, t, b: iv.first([s, t], [a, b]),
            verites(), values, verites(), DEUX, partage=False,
        )  # fmt: skip


def test_caps_are_the_same_in_columns():
    """A cap that may apply lowers the low bound only; one that applies lowers both; two in a row."""
    assert not ecarts(
        lambda v, s, a: civ.cap(v, [s, True], [a, (6, 6)]),
        lambda v, s, a: iv.cap(v, [s, VRAI], [a, (6, 6)]),
        UNE, verites(), DEUX,
    )  # fmt: skip
    assert not ecarts(
        lambda s, a, b: civ.cap(civ.cap(civ.SANS, [True], [a]), [s], [b]),
        lambda s, a, b: iv.cap(iv.cap(None, [VRAI], [a]), [s], [b]),
        verites(), UNE, DEUX, partage=False,
    )  # fmt: skip


def test_bonuses_and_cuts_are_the_same_in_columns():
    """Within a group the highest bonus that applies counts; a cut that may apply lowers the low bound only."""
    points, groups = [500, 1_000, 1], ["a", "a", "b"]
    assert not ecarts(
        lambda *s: civ.bonuses(s, points, groups), lambda *s: iv.bonuses(s, points, groups),
        verites(), verites(), verites(),
    )  # fmt: skip
    assert not ecarts(
        lambda v, s, t: civ.reduce(v, [s, t], [5_000, 3_333]), lambda v, s, t: iv.reduce(v, [s, t], [5_000, 3_333]),
        TAUX, verites(), verites(),
    )  # fmt: skip


def test_multiples_are_the_same_in_columns():
    """An amount times a quotient, sure, in doubt or not at all."""
    under = quantites((1, 3, 8), ((1, None), (3, 3), (2, 8)), ((1, 2), (3, 3)))[:5]
    assert not ecarts(
        civ.multiple, iv.multiple, verites(), UNE[:6], DEUX[:6], [*under[:3], (lambda _n: (2, 4), [(2, 4)])]
    )


def test_truth_values_are_the_same_in_columns():
    """And, or, not, known for certain, possible, in doubt: three values, constants folded."""
    assert not ecarts(lambda a, b: x.et([a, b]), lambda a, b: a & b, verites(), verites())
    assert not ecarts(lambda a, b: x.ou([a, b]), lambda a, b: a | b, verites(), verites())
    assert not ecarts(x.non, lambda a: NON[a], verites())
    assert not ecarts(x.certain, lambda a: VRAI if a == VRAI else FAUX, verites())
    assert not ecarts(x.possible, lambda a: FAUX if a == FAUX else VRAI, verites())
    assert not ecarts(x.incertain, lambda a: VRAI if a == INCONNU else FAUX, verites())


def _limite(value):
    """An amount that nothing limits is None for the plain intervals."""
    return None if value[0] == x.SANS_LIMITE else value


@pytest.mark.parametrize("sums", [[(0, 1)], [(0,), (1,)]])
def test_the_purposes_of_a_basis_together_are_the_same_in_columns(sums):
    """At least what those that hold give, at most what those that may; nothing limits what one leaves free."""
    rows = ((0, None), (4, 4), (4, 7), (x.SANS_LIMITE, None))
    values = quantites((0, 4, x.SANS_LIMITE), rows, ((0, 7), (4, 4)))[1:6]
    libre = (lambda _name: civ.SANS, [civ.SANS])

    def exact(s, a, t, b):
        return iv.together([s, t], [_limite(a), _limite(b)], sums)

    assert not ecarts(
        lambda s, a, t, b: regimes.ensemble([s, t], [a, b], sums), exact,
        verites(), [*values, libre], verites(), [*values, libre], partage=False, lire=_limite,
    )  # fmt: skip


def entiers(*points, constantes=True, vide=True):
    """Each form of one quantity: a column, one that may be null, constants."""
    forms = [(lambda name: _ecrire(name, points, nul=False), points)]
    if vide:
        forms.append((lambda name: _ecrire(name, points, nul=True), (*points, None)))
    return forms + [(lambda _name, v=v: v, (v,)) for v in points if constantes]


def _si_connus(operation):
    return lambda *values: None if None in values else operation(*values)


def test_products_and_quotients_are_the_same_in_columns():
    """Rounded down below zero as above, null as soon as one is, exact where 64 bits would not hold the product."""
    small, large, divisors = entiers(-7, 0, 1, 5), entiers(-(10**14), 3, 10**14), entiers(1, 3, 10_000)
    for values in (small, large):
        assert not ecarts(x.produit, _si_connus(int.__mul__), values, entiers(-2, 0, 1, 6))
        assert not ecarts(x.quotient, _si_connus(int.__floordiv__), values, divisors)
    bounded = _si_connus(lambda a, b: min(max(a * b, -SATURE), SATURE))
    assert not ecarts(
        x.produit, bounded, entiers(-(10**14), 10**14, constantes=False), entiers(-3, 10**11, constantes=False)
    )
    by = _si_connus(lambda v, f, d: v * f // d)
    assert not ecarts(x.proportion, by, large, entiers(0, 7, 20_000), entiers(100, 10_000))
    assert not ecarts(
        x.proportion, by, entiers(3, 10**14, constantes=False), entiers(10**5, 10**6), entiers(10**6, 10**7)
    )


def test_choices_and_comparisons_are_the_same_in_columns():
    """Null is the greatest of all, and is told; a mask chooses one or the other."""
    one, other = entiers(-2, 0, 3), entiers(-2, 1, 3)
    mask = verites()[-1:]
    assert not ecarts(
        x.choisir, lambda m, a, b: a if m == VRAI else b, mask, one, [*other, (lambda _name: None, (None,))]
    )
    for strict, holds in ((True, int.__lt__), (False, int.__le__)):
        assert not ecarts(
            lambda a, b, strict=strict: x.inferieur(a, b, strict=strict),
            lambda a, b, holds=holds: VRAI if None not in (a, b) and holds(a, b) else FAUX,
            one, other,
        )  # fmt: skip
    assert not ecarts(x.est_nul, lambda a: VRAI if a is None else FAUX, one)
    assert not ecarts(lambda a: x.remplir(a, 9), lambda a: 9 if a is None else a, one)
    assert not ecarts(x.positif, _si_connus(lambda a: max(a, 0)), one)
    assert not ecarts(lambda a, b: x.nul_si(a, [b]), _si_connus(lambda a, _b: a), one, other)
    for least, pick in ((True, min), (False, max)):
        assert not ecarts(
            lambda a, b, least=least: x.extremum([a, b], plus_petit=least),
            lambda a, b, pick=pick: pick((v for v in (a, b) if v is not None), default=None),
            one, other,
        )  # fmt: skip
