"""The search for contradictions agrees with trying every value of every fact."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aid_rules.language import tree as t
from aid_rules.language.expressions import parse_block
from aid_rules.language.satisfaisable import Logique
from aid_rules.language.vies import Vie
from aid_rules.language.vocabulary import FactDefinition, Valeur, Vocabulary


def fact(nom, kind, **rest):
    return FactDefinition(nom, kind, nom, nom, ("1",), **rest)


TAILLES = {name: Valeur(name) for name in ("petite", "moyenne", "grande")}
VOCABULAIRE = Vocabulary(
    {
        f.nom: f
        for f in (
            fact("neuf", "booleen"),
            fact("loue", "booleen"),
            fact("taille", "choix", valeurs=TAILLES),
            fact("ans", "nombre", unite="ans"),
            fact("achat_le", "date"),
            fact("prix_eur", "montant"),
            fact("beneficiaire.resultat", "montant"),
        )
    },
    {"poste": {}},
)


def expression(text):
    return parse_block(text, VOCABULAIRE)


ATOMES = (
    st.sampled_from(["neuf", "loue"])
    | st.sampled_from(["taille = petite", "taille dans [petite, moyenne]", "taille hors [petite]"])
    | st.builds("ans {} {} ans".format, st.sampled_from(["<", "<=", "=", "!=", ">", ">="]), st.integers(0, 3))
)
BLOCS = st.recursive(
    ATOMES,
    lambda inner: st.builds(
        lambda key, items: {key: items},
        st.sampled_from(["tous", "un_de", "aucun"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=8,
)


def truth(node, values):
    """Evaluate a condition on known values, straight from its meaning."""
    match node:
        case t.Tous(items):
            return all(truth(item, values) for item in items)
        case t.UnDe(items):
            return any(truth(item, values) for item in items)
        case t.Non(item):
            return not truth(item, values)
        case t.EstVrai(nom):
            return values[nom]
        case t.Dans(nom, names):
            return values[nom] in names
        case t.Compare(operator, _, t.Nombre(bound)):
            value = values["ans"]
            return {
                "<": value < bound,
                "<=": value <= bound,
                "=": value == bound,
                "!=": value != bound,
                ">": value > bound,
                ">=": value >= bound,
            }[operator]
    raise AssertionError(node)


@settings(max_examples=150, deadline=None)
@given(st.lists(BLOCS, min_size=1, max_size=4), st.lists(BLOCS, max_size=2))
def test_the_search_agrees_with_enumeration(held, failed):
    """Possible if and only if some values of the facts make all of one list true and all of the other false."""
    yes, no = [expression(b) for b in held], [expression(b) for b in failed]
    worlds = (
        dict(zip(("neuf", "loue", "taille", "ans"), values, strict=True))
        for values in product((False, True), (False, True), TAILLES, range(0, 451, 50))
    )
    expected = any(all(truth(n, w) for n in yes) and not any(truth(n, w) for n in no) for w in worlds)
    assert Logique(VOCABULAIRE, [*yes, *no]).possible(yes, contre=no) is expected


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        (["prix_eur < 0 EUR"], False),
        (["beneficiaire.resultat < 0 EUR"], True),
        (["prix_eur <= 0 EUR", "prix_eur > 0"], False),
        (["achat_le > 2020-01-01", "achat_le < 2020-01-02"], False),
        (["achat_le > 2020-01-01", "achat_le < 2020-01-03"], True),
        (["achat_le <= 2020-01-01", "achat_le > 2020-01-11 - 10 jours"], False),
        (["couts <= prix_eur", "couts - prix_eur > 0 EUR"], False),
        (["2 * couts <= 100 EUR", "couts > 50 EUR"], False),
        (["couts >= 25 % de prix_eur", "prix_eur > 4 * couts"], False),
        (["couts >= 25 % de prix_eur", "prix_eur > 3 * couts"], True),
        (["min(couts, prix_eur) > couts"], True),
        (["achat_le + 6 mois < achat_le"], True),
    ],
)
def test_quantities(conditions, expected):
    """Quantities are ordered, amounts are not negative, days are whole; what is not understood stays possible."""
    trees = [expression(c) for c in conditions]
    assert Logique(VOCABULAIRE, trees).possible(trees) is expected


def test_award_date_within_the_entry():
    """A condition on the award date is read within the dates of its entry."""
    (tree,) = [expression("date_octroi < 2020-01-01")]
    logique = Logique(VOCABULAIRE, [tree])
    after = Vie(date(2020, 1, 1), date(2022, 1, 1))
    around = Vie(date(2019, 12, 31), date(2022, 1, 1))
    assert logique.possible([tree]) is True
    assert logique.possible([tree], vie=after) is False
    assert logique.possible([tree], vie=around) is True
    assert logique.possible([], contre=[tree], vie=after) is True
