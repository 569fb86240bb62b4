"""Random typed trees, lists of facts and cost lines over the small vocabulary of the language's tests."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from aid_rules.engine.environnement import Ligne, Lignes, Slots
from aid_rules.language import tree as t
from aid_rules.language.vocabulary import FactDefinition, Valeur, Vocabulary


def _fact(nom, kind, **rest):
    return FactDefinition(nom, kind, nom, nom, ("1",), **rest)


TAILLES = {name: Valeur(name) for name in ("micro", "petite", "moyenne", "grande")}
VOCABULAIRE = Vocabulary(
    {
        f.nom: f
        for f in (
            *(_fact(f"b{i}", "booleen") for i in range(4)),
            _fact("taille", "choix", valeurs=TAILLES),
            _fact("n", "nombre"),
            _fact("m_eur", "montant"),
            _fact("r_eur", "montant", intervalle=True),
            _fact("p_pct", "pourcentage"),
            _fact("d1_le", "date"),
            _fact("d2_le", "date"),
            _fact("couts_totaux", "montant", intervalle=True),
        )
    },
    {"poste": {}},
)
SLOTS = Slots(VOCABULAIRE)
JOUR = date(2020, 1, 1).toordinal()
OPERATEURS = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
BOOLEENS = [f"b{i}" for i in range(4)]


def amounts(max_leaves=4):
    """Amount trees."""
    leaves = st.sampled_from(
        [t.Fait("m_eur", "montant"), t.Fait("r_eur", "montant", True), t.Couts(), t.Couts("machines"), t.Assiette()]
    ) | st.integers(0, 500).map(lambda n: t.Nombre(n, "montant", str(n), "EUR"))
    rates = st.just(t.Fait("p_pct", "pourcentage")) | st.integers(0, 10_000).map(
        lambda n: t.Nombre(n, "pourcentage", str(n), "%")
    )
    return st.recursive(
        leaves,
        lambda inner: (
            st.builds(t.PartDe, rates, inner)
            | st.lists(st.tuples(st.sampled_from([1, -1]), inner), min_size=2, max_size=3).map(
                lambda terms: t.Somme(((1, terms[0][1]), *terms[1:]))
            )
            | st.builds(
                lambda small, items: t.Extremum(small, tuple(items)),
                st.booleans(),
                st.lists(inner, min_size=2, max_size=3),
            )
            | st.builds(t.Produit, st.integers(1, 5), inner)
        ),
        max_leaves=max_leaves,
    )


def ratios():
    """Factors: a rate over 100 %, or one number over another that is never zero."""
    rate = st.integers(0, 30_000).map(lambda n: t.Nombre(n, "pourcentage", str(n), "%"))
    rest = t.Somme(((1, t.CENT), (-1, t.Fait("p_pct", "pourcentage"))))
    numbers = st.integers(1, 5).map(lambda n: t.Nombre(n, "nombre", str(n)))
    fact = t.Fait("n", "nombre")
    return st.builds(lambda over: t.Rapport(over, t.CENT), rate | st.just(rest)) | st.builds(
        lambda over, least: t.Rapport(over, t.Extremum(False, (fact, least))), numbers | st.just(fact), numbers
    )


def multiplied():
    """Amounts multiplied once or twice, always or on a condition: what `facteurs` makes of them."""
    once = st.builds(t.Multiple, amounts(2), ratios(), st.none() | conditions(2))
    return once | st.builds(t.Multiple, once, ratios(), st.none() | conditions(2))


def dates():
    """Date trees."""
    base = st.sampled_from([t.Fait("d1_le", "date"), t.Fait("d2_le", "date"), t.Fait("date_octroi", "date")])
    moved = st.builds(
        lambda node, number, unit: t.Decalage(node, number, unit, f"{abs(number)} {unit}"),
        base,
        st.integers(-40, 40),
        st.sampled_from(["mois", "jours", "jours_ouvrables"]),
    )
    return base | moved | st.integers(JOUR - 60, JOUR + 60).map(lambda n: t.Nombre(n, "date", str(n)))


def atoms():
    """Conditions without connective."""
    return (
        st.sampled_from(BOOLEENS).map(t.EstVrai)
        | st.sets(st.sampled_from(list(TAILLES)), min_size=1, max_size=3).map(
            lambda names: t.Dans("taille", tuple(names), sum(VOCABULAIRE.faits["taille"].bit(name) for name in names))
        )
        | st.builds(t.Compare, OPERATEURS, amounts(), amounts())
        | st.builds(t.Compare, OPERATEURS, dates(), dates())
        | st.builds(
            t.Compare,
            OPERATEURS,
            st.just(t.Fait("n", "nombre")),
            st.integers(0, 5).map(lambda n: t.Nombre(n, "nombre", str(n))),
        )
    )


def fixed(node):
    """Tell whether a comparison reads nothing: the grammar refuses it."""
    return isinstance(node, t.Compare) and not t.facts_of(node) and not t.reads_costs(node)


def conditions(max_leaves=8):
    """Condition trees."""
    return st.recursive(
        atoms().filter(lambda node: not fixed(node)),
        lambda inner: (
            st.builds(t.Non, inner)
            | st.lists(inner, min_size=1, max_size=3).map(lambda items: t.Tous(tuple(items)))
            | st.lists(inner, min_size=1, max_size=3).map(lambda items: t.UnDe(tuple(items)))
        ),
        max_leaves=max_leaves,
    )


@st.composite
def environments(draw, *, known=False):
    """A list of facts; `known` leaves nothing unknown."""
    env = list(SLOTS.blank)
    env[0] = JOUR

    def put(name, value):
        env[SLOTS.index[name]] = value

    maybe = (lambda s: s) if known else (lambda s: st.none() | s)
    for name in BOOLEENS:
        put(name, draw(st.sampled_from([t.FAUX, t.VRAI] if known else [t.FAUX, t.INCONNU, t.VRAI])))
    put("taille", draw(st.sampled_from([1, 2, 4, 8]) if known else st.integers(1, 15)))
    put("n", draw(maybe(st.integers(0, 5))))
    put("m_eur", draw(maybe(st.integers(0, 500))))
    put("p_pct", draw(maybe(st.integers(0, 10_000))))
    for name in ("d1_le", "d2_le"):
        put(name, draw(maybe(st.integers(JOUR - 60, JOUR + 60))))
    for name in ("r_eur", "couts_totaux"):
        low = draw(st.integers(0, 500))
        high = low if known else draw(st.none() | st.integers(low, 600))
        put(name, (low, high))
    return env


def ligne(number, finalite, poste, cents):
    return Ligne(f"l{number}", finalite, poste, (0, None) if cents is None else (cents, cents))


@st.composite
def cost_lines(draw, *, known=False):
    """Cost lines of one or another purpose and type."""
    maybe = (lambda s: s) if known else (lambda s: st.none() | s)
    rows = draw(
        st.lists(
            st.tuples(
                maybe(st.sampled_from(["essai", "autre"])),
                maybe(st.sampled_from(["machines", "terrains"])),
                maybe(st.integers(0, 500)),
            ),
            max_size=4,
        )
    )
    complete = known or draw(st.booleans())
    return Lignes((ligne(i, *row) for i, row in enumerate(rows)), complete or bool(rows))
