"""The French sentence of a condition, made from the tree that is evaluated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vocabulaire_essai import VOCABULAIRE

from aid_rules.language import tree as t
from aid_rules.language.expressions import parse_block, parse_condition, parse_ratio
from aid_rules.language.french import French, day

FRENCH = French(VOCABULAIRE)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("matériel neuf : oui", "neuf"),
        ("matériel neuf : non", "non neuf"),
        ("secteurs : pêche : oui", "secteurs contient peche"),
        ("taille de l'entreprise : petite entreprise", "taille = petite"),
        ("taille de l'entreprise : autre que « grande entreprise »", "taille != grande"),
        (
            "taille de l'entreprise : microentreprise, petite entreprise ou entreprise moyenne",
            "taille dans [micro, petite, moyenne]",
        ),
        ("prix : au plus 500\u202f000\u00a0€", "prix_eur <= 500000 EUR"),
        ("prix : plus de 12,50\u00a0€", "prix_eur > 12.50 EUR"),
        ("part : au moins 25\u00a0%", "part_pct >= 25 %"),
        ("part : moins de 7,5\u00a0%", "part_pct < 7.5 %"),
        ("durée : 3\u00a0ans", "duree_ans = 3 ans"),
        ("durée : différent de 3\u00a0ans", "duree_ans != 3"),
        ("durée : moins de 3\u00a0ans", "non duree_ans >= 3"),
        ("date d'achat : avant le 1er janvier 2020", "achete_le < 2020-01-01"),
        ("date d'achat : à partir du 29 février 2020", "achete_le >= 2020-02-29"),
        ("date d'achat : au plus tard à « date d'octroi + 6\u00a0mois »", "achete_le <= date_octroi + 6 mois"),
        ("date d'achat : après « date de vente − 20\u00a0jours »", "achete_le > vendu_le - 20 jours"),
        ("date d'achat : après « date de vente + 1\u00a0an »", "achete_le > vendu_le + 1 an"),
        (
            "date d'achat : après « date de vente + 20\u00a0jours ouvrables »",
            "achete_le > vendu_le + 20 jours ouvrables",
        ),
        ("date d'achat : après « date de vente + 1\u00a0jour ouvrable »", "achete_le > vendu_le + 1 jour ouvrable"),
        ("durée : moins de 1\u00a0an", "duree_ans < 1 an"),
        ("bail : au plus 1\u00a0an", "bail_mois <= 1 an"),
        ("bail : au plus 3\u00a0ans", "bail_mois <= 3 ans"),
        ("durée : moins de 1,5\u00a0an", "duree_ans < 1.5"),
        ("durée : moins de 2\u00a0ans", "duree_ans < 2 an"),
        ("coûts admissibles : au moins 25\u00a0% de « prix »", "couts >= 25 % de prix_eur"),
        ("coûts admissibles (machines) : 0\u00a0€", "couts.machines = 0"),
        ("prix : au plus taux de la carte de « assiette retenue »", "prix_eur <= taux_afr de assiette"),
        ("prix : au plus le plus petit de marge et 2 × prix", "prix_eur <= min(marge_eur, 2 * prix_eur)"),
        ("prix − marge : moins de 0\u00a0€", "prix_eur - marge_eur < 0"),
        ("matériel neuf : oui ; et matériel loué : non", "neuf et non loue"),
        ("matériel neuf : oui ; ou matériel loué : oui", "neuf ou loue"),
        ("matériel neuf : oui ; et [matériel loué : oui ; ou matériel neuf : non]", "neuf et (loue ou non neuf)"),
        ("il n'est pas vrai que [matériel neuf : oui ; et matériel loué : oui]", "non (neuf et loue)"),
        ("aucun de ces cas : matériel neuf : oui ; matériel loué : oui", "non (neuf ou loue)"),
    ],
)
def test_sentences(expected, text):
    """Each form of condition reads in French: labels, French figures, oui/non."""
    assert FRENCH.condition(parse_condition(text, VOCABULAIRE)) == expected


def test_alternatives_none_of_which_is_met():
    """Each is numbered, in the order given, and needs no bracket."""
    one, two = (parse_condition(text, VOCABULAIRE) for text in ("neuf et non loue", "prix_eur <= 10 EUR"))
    assert FRENCH.none_of([one, two]) == (
        "aucune de ces conditions n'est remplie : "
        "(1) matériel neuf : oui ; et matériel loué : non ; (2) prix : au plus 10\u00a0€"
    )


def test_lists_read_as_lists():
    """`aucun` reads as none of these cases."""
    tree = parse_block({"aucun": ["neuf", {"tous": ["loue", "neuf"]}]}, VOCABULAIRE)
    assert (
        FRENCH.condition(tree)
        == "aucun de ces cas : matériel neuf : oui ; [matériel loué : oui ; et matériel neuf : oui]"
    )


@pytest.mark.parametrize(
    ("expected", "text", "si"),
    [
        ("prix, multiplié par 2 si [matériel neuf : oui]", "200 %", "neuf"),
        ("prix, multiplié par 1,5", "150 %", None),
        ("prix, multiplié par « 100\u00a0% − part »", "100 % - part_pct", None),
        (
            "prix, multiplié par « 10\u00a0ans / le plus grand de 5\u00a0ans et durée »",
            "10 ans / max(5 ans, duree_ans)",
            None,
        ),
    ],
)
def test_factors_read_in_french(expected, text, si):
    """What multiplies an amount is said with when it does."""
    condition = None if si is None else parse_condition(si, VOCABULAIRE)
    node = t.Multiple(t.Fait("prix_eur", "montant"), parse_ratio(text, VOCABULAIRE), condition)
    assert FRENCH.quantity(node) == expected


def test_the_first_of_the_month():
    """The first day takes « er », the others do not."""
    assert day(737425) == "1er janvier 2020"
    assert day(737426) == "2 janvier 2020"


ATOMES = st.sampled_from(
    ["neuf", "loue", "taille dans [micro, petite]", "prix_eur <= 5 EUR", "secteurs contient peche"]
)
CONDITIONS = st.recursive(
    ATOMES,
    lambda inner: st.builds(
        lambda key, items: {key: items}, st.sampled_from(["tous", "un_de"]), st.lists(inner, min_size=2, max_size=3)
    ),
    max_leaves=6,
)


def flat(node):
    """The same tree without what the sentence cannot show: an item listed in a list of the same kind."""
    if not isinstance(node, t.Tous | t.UnDe):
        return node
    return type(node)(tuple(flat(item) for item in node.items))


@given(CONDITIONS, CONDITIONS)
def test_two_meanings_never_read_the_same(one, other):
    """Two different conditions have two different sentences."""
    left, right = (flat(parse_block(value, VOCABULAIRE)) for value in (one, other))
    assert (FRENCH.condition(left) == FRENCH.condition(right)) == (left == right)


def test_every_shipped_condition_reads_in_french(engine):
    """No sentence of the shipped law shows an identifier, an operator or an unknown label."""
    seen = 0
    for law in engine.library.rules.lois():
        for _, item in _items(law):
            si = getattr(item, "si", None)
            if si is None:
                continue
            seen += 1
            text = engine.french.condition(si)
            assert text
            assert not any(sign in text for sign in ("_eur", "_pct", "_le ", "<=", ">=", "!="))
    assert seen > 500


def _items(law):
    from aid_rules.language.files import dated_items  # noqa: PLC0415 - the models load slowly

    return dated_items(law)
