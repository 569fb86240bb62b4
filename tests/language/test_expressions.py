"""Expressions of the rules: the grammar, the types, and a message for each fault."""

from __future__ import annotations

import inspect
import re
from contextlib import suppress
from datetime import date
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vocabulaire_essai import VOCABULAIRE

from aid_rules.language import expressions
from aid_rules.language import tree as t
from aid_rules.language.expressions import (
    ExpressionError,
    parse_amount,
    parse_block,
    parse_condition,
    parse_date,
    parse_ratio,
    rate_fact,
)


def condition(text):
    return parse_condition(text, VOCABULAIRE)


def block(value):
    return parse_block(value, VOCABULAIRE)


def amount(text):
    return parse_amount(text, VOCABULAIRE)


def ratio(text):
    return parse_ratio(text, VOCABULAIRE)


NEUF, LOUE = t.EstVrai("neuf"), t.EstVrai("loue")
PRIX = t.Fait("prix_eur", "montant")


def euros(cents, texte):
    return t.Nombre(cents, "montant", texte, "EUR")


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (NEUF, "neuf"),
        (NEUF, "(neuf)"),
        (t.Non(NEUF), "non neuf"),
        (t.Non(t.Non(NEUF)), "non non neuf"),
        (t.Tous((NEUF, LOUE)), "neuf et loue"),
        (t.UnDe((NEUF, LOUE)), "neuf ou loue"),
        (t.UnDe((t.Tous((NEUF, LOUE)), NEUF)), "neuf et loue ou neuf"),
        (t.UnDe((NEUF, t.Tous((t.Non(LOUE), NEUF)))), "neuf ou non loue et neuf"),
        (t.Tous((t.UnDe((NEUF, LOUE)), NEUF)), "(neuf ou loue) et neuf"),
        (t.Dans("taille", ("petite",), 0b0010), "taille = petite"),
        (t.Non(t.Dans("taille", ("grande",), 0b1000)), "taille != grande"),
        (t.Dans("taille", ("micro", "petite"), 0b0011), "taille dans [petite, micro]"),
        (t.Non(t.Dans("taille", ("moyenne", "grande"), 0b1100)), "taille hors [moyenne, grande]"),
        (t.EstVrai("secteurs.peche"), "secteurs contient peche"),
        (t.Compare("<=", PRIX, euros(50_000_000, "500000")), "prix_eur <= 500000 EUR"),
        (t.Compare("<", PRIX, euros(1250, "12.5")), "prix_eur<12.5 EUR"),
        (t.Compare("=", PRIX, t.Nombre(0, "montant", "0")), "prix_eur = 0"),
        (
            t.Compare(">=", t.Fait("part_pct", "pourcentage"), t.Nombre(2500, "pourcentage", "25", "%")),
            "part_pct >= 25 %",
        ),
        (t.Compare("!=", t.Fait("duree_ans", "nombre"), t.Nombre(300, "nombre", "3", "ans")), "duree_ans != 3 ans"),
        (t.Compare(">", t.Fait("duree_ans", "nombre"), t.Nombre(300, "nombre", "3")), "duree_ans > 3"),
        (t.Compare("<=", t.Fait("bail_mois", "nombre"), t.Nombre(3600, "nombre", "3", "ans")), "bail_mois <= 3 ans"),
        (
            t.Compare("<", t.Fait("achete_le", "date"), t.Nombre(date(2019, 12, 31).toordinal(), "date", "2019-12-31")),
            "achete_le < 2019-12-31",
        ),
        (
            t.Compare(
                "<=", t.Fait("achete_le", "date"), t.Decalage(t.Fait("date_octroi", "date"), -36, "mois", "3 an")
            ),
            "achete_le <= date_octroi - 3 ans",
        ),
        (
            t.Compare(">", t.Fait("achete_le", "date"), t.Decalage(t.Fait("vendu_le", "date"), 20, "jours", "20 jour")),
            "achete_le > vendu_le + 20 jours",
        ),
        (
            t.Compare(">=", PRIX, t.PartDe(t.Nombre(2500, "pourcentage", "25", "%"), t.Assiette())),
            "prix_eur >= 25 % de assiette",
        ),
        (t.Compare("=", t.Couts("machines"), t.Nombre(0, "montant", "0")), "couts.machines = 0"),
    ],
)
def test_conditions(expected, text):
    """Each form of condition has one tree; `et` binds tighter than `ou`, `non` tighter than both."""
    assert condition(text) == expected


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (t.Couts(), "couts"),
        (t.Assiette(), "assiette"),
        (PRIX, "prix_eur"),
        (t.Somme(((1, t.Couts()), (-1, PRIX))), "couts - prix_eur"),
        (t.Somme(((1, PRIX), (1, PRIX), (-1, PRIX))), "prix_eur + prix_eur - prix_eur"),
        (t.Produit(2, PRIX), "2 * prix_eur"),
        (t.Extremum(True, (PRIX, t.Couts())), "min(prix_eur, couts)"),
        (t.Extremum(False, (PRIX, euros(100, "1"))), "max(prix_eur, 1 EUR)"),
        (
            t.PartDe(t.Fait("taux_afr", "pourcentage", True), euros(7_500_000_000, "75000000")),
            "taux_afr de 75000000 EUR",
        ),
        (t.PartDe(t.Nombre(1120, "pourcentage", "11.2", "%"), t.Couts()), "11.2 % de couts"),
        (t.Fait("recu_eur", "montant", True), "recu_eur"),
    ],
)
def test_amounts(expected, text):
    """Each form of amount."""
    assert amount(text) == expected


def test_dates():
    """A deadline is a date moved by whole months or days."""
    assert parse_date("date_octroi + 6 mois", VOCABULAIRE) == t.Decalage(
        t.Fait("date_octroi", "date"), 6, "mois", "6 mois"
    )
    assert parse_date("achete_le + 1 an", VOCABULAIRE).nombre == 12
    assert parse_date("2020-02-29", VOCABULAIRE).valeur == date(2020, 2, 29).toordinal()


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (("jours", 42), "date_octroi + 6 semaines"),
        (("jours", -7), "date_octroi - 1 semaine"),
        (("jours_ouvrables", 20), "date_octroi + 20 jours ouvrables"),
        (("jours_ouvrables", 1), "date_octroi + 1 jour ouvrable"),
    ],
)
def test_deadlines_in_weeks_and_working_days(expected, text):
    """Weeks are seven days; working days are counted one by one, on the calendar."""
    found = parse_date(text, VOCABULAIRE)
    assert (found.unite, found.nombre) == expected


DUREE = t.Fait("duree_ans", "nombre")
DIX = t.Nombre(1000, "nombre", "10", "ans")


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (t.Rapport(t.Fait("part_pct", "pourcentage"), t.CENT), "part_pct"),
        (t.Rapport(t.Somme(((1, t.CENT), (-1, t.Fait("part_pct", "pourcentage")))), t.CENT), "100 % - part_pct"),
        (
            t.Rapport(DIX, t.Extremum(False, (t.Nombre(500, "nombre", "5", "ans"), DUREE))),
            "10 ans / max(5 ans, duree_ans)",
        ),
        (t.Rapport(DUREE, DIX), "duree_ans / 10 ans"),
        (
            t.Rapport(
                t.Nombre(12000, "nombre", "10", "ans"),
                t.Extremum(False, (t.Nombre(6000, "nombre", "5", "ans"), t.Fait("bail_mois", "nombre"))),
            ),
            "10 ans / max(5 ans, bail_mois)",
        ),
    ],
)
def test_factors(expected, text):
    """A factor is a rate, or one number over another that is never zero."""
    assert parse_ratio(text, VOCABULAIRE) == expected


def test_blocks():
    """Lists nest; several keys of one block all hold."""
    assert block({"tous": ["neuf", "loue"]}) == t.Tous((NEUF, LOUE))
    assert block({"un_de": ["neuf", {"aucun": ["loue"]}]}) == t.UnDe((NEUF, t.Non(t.UnDe((LOUE,)))))
    assert block({"tous": ["neuf"], "aucun": ["loue"]}) == t.Tous((t.Tous((NEUF,)), t.Non(t.UnDe((LOUE,)))))
    assert block(["neuf", "loue"]) == t.Tous((NEUF, LOUE))


def test_rate_facts():
    """A rate may be the name of a rate fact."""
    assert rate_fact("taux_afr", VOCABULAIRE) == t.Fait("taux_afr", "pourcentage", True)


FAUTES = [
    (condition, "", "expression illisible"),
    (condition, "neuf et", "expression illisible"),
    (condition, "neuf ett loue", "près de"),
    (condition, "(neuf", "expression illisible"),
    (condition, "__import__('os')", "expression illisible"),
    (condition, "neuf; loue", "près de « ; loue »"),
    (condition, "Neuf", "expression illisible"),
    (condition, "prix_eur = 1 EUR = 2 EUR", "expression illisible"),
    (condition, "neuf " + "et neuf " * 400, "expression trop longue"),
    (condition, "non " * 40 + "neuf", "expression trop imbriquée"),
    (condition, "neuff", "fait « neuff » inconnu du vocabulaire ; vouliez-vous dire « neuf » ?"),
    (condition, "prix_eur", "« prix_eur » n'est pas une question oui/non"),
    (condition, "2 * prix_eur", "une condition vraie ou fausse est attendue"),
    (condition, "25 % de couts", "une condition vraie ou fausse est attendue"),
    (condition, "neuf dans [oui]", "« neuf » n'est pas un choix"),
    (condition, "taille dans [petitte, micro]", "pas une valeur de « taille » ; vouliez-vous dire « petite »"),
    (condition, "taille dans [petite, petite]", "valeur répétée dans la liste de « taille »"),
    (condition, "taille dans [micro, petite, moyenne, grande]", "toujours vraie : toutes ses valeurs y sont"),
    (condition, "taille contient petite", "« taille » n'est pas un ensemble"),
    (condition, "secteurs contient pech", "pas une valeur de « secteurs » ; vouliez-vous dire « peche »"),
    (condition, "taille < petite", "« taille » est un choix : seuls"),
    (condition, "1 < 2", "l'un des deux côtés doit être un fait"),
    (condition, "2019-01-01 < 2020-01-01", "deux valeurs fixes comparées entre elles"),
    (condition, "2 * 5 EUR < 25 % de 7 EUR", "deux valeurs fixes comparées entre elles"),
    (condition, "prix_eur < achete_le", "comparé|quantité|comparaison"),
    (condition, "duree_ans = 3 mois", "unités différentes : an et mois"),
    (condition, "duree_ans < effectif", "unités différentes : an et uta"),
    (condition, "neuf = loue", "« neuf » n'est pas une quantité"),
    (condition, "prix_eur < 5", "un montant s'écrit avec son unité, « 5 EUR »"),
    (condition, "part_pct < 5", "un taux s'écrit « 5 % »"),
    (condition, "part_pct = 5 EUR", "un taux s'écrit « 5 % »|comparaison"),
    (condition, "duree_ans = 5 EUR", "« 5 EUR » comparé à un nombre"),
    (condition, "achete_le < 5", "une date AAAA-MM-JJ est attendue"),
    (condition, "prix_eur = 1.234 EUR", "deux décimales au plus"),
    (condition, "achete_le < 2019-02-30", "« 2019-02-30 » n'est pas une date du calendrier"),
    (condition, "achete_le < vendu_le + 3", "à une date s'ajoute une durée"),
    (condition, "achete_le < vendu_le + 3 EUR", "une durée s'écrit en années, mois, semaines"),
    (condition, "achete_le < vendu_le + 1.5 ans", "une durée s'écrit en années, mois, semaines"),
    (condition, "couts.machine = 0", "poste de coût « machine » inconnu ; vouliez-vous dire « machines »"),
    (condition, "prix_eur - part_pct < 1 EUR", "une somme ne mêle pas des quantités de genres différents"),
    (amount, "part_pct", "« part_pct » ne donne pas un montant"),
    (amount, "neuf", "« neuf » n'est pas une quantité"),
    (amount, "neuf et loue", "une quantité est attendue, non une condition"),
    (lambda text: parse_date(text, VOCABULAIRE), "prix_eur", "« prix_eur » ne donne pas une date"),
    (ratio, "prix_eur", "« prix_eur » ne donne pas un taux"),
    (ratio, "prix_eur / duree_ans", "« prix_eur / duree_ans » : un quotient se fait entre deux nombres"),
    (ratio, "10 ans / duree_ans", "le diviseur pourrait être nul"),
    (ratio, "10 mois / max(1 mois, duree_ans)", "unités différentes : an et mois"),
    (condition, "duree_ans / 10 ans", "une condition vraie ou fausse est attendue"),
    (lambda text: rate_fact(text, VOCABULAIRE), "prix_eur", "« prix_eur » n'est pas un taux"),
    (lambda text: rate_fact(text, VOCABULAIRE), "taux_af", "vouliez-vous dire « taux_afr »"),
    (block, {}, "une expression, ou une liste « tous », « un_de » ou « aucun », est attendue"),
    (block, 12, "une expression, ou une liste"),
    (block, None, "une expression, ou une liste"),
    (block, {"tout": ["neuf"]}, "« tout » : une liste non vide sous « tous », « un_de » ou « aucun »"),
    (block, {"tous": []}, "« tous » : une liste non vide"),
    (block, {"tous": "neuf"}, "« tous » : une liste non vide"),
    (block, {"un_dee": ["neuf"]}, "vouliez-vous dire « un_de »"),
]  # fmt: skip


@pytest.mark.parametrize(("read", "text", "words"), FAUTES, ids=[str(text)[:40] for _, text, _ in FAUTES])
def test_faults_are_said(read, text, words):
    """Each wrong expression is told what is wrong and what was expected."""
    with pytest.raises(ExpressionError) as caught:
        read(text)
    assert any(word in str(caught.value) for word in words.split("|"))


def test_every_message_has_its_fault():
    """No message of the module is out of this list's reach."""
    source = inspect.getsource(expressions)
    literals = re.findall(r'ExpressionError\(\s*f?"([^"]+)"', source)
    assert len(literals) >= 25
    said = []
    for read, text, _ in FAUTES:
        with pytest.raises(ExpressionError) as caught:
            read(text)
        said.append(str(caught.value))
    for literal in literals:
        fixed = max(re.split(r"\{[^}]*\}", literal), key=len)
        assert any(fixed in message for message in said), literal


def test_an_empty_list_of_conditions_is_refused():
    """`si: []` would hold for ever without a word."""
    with pytest.raises(ExpressionError):
        block([])


@pytest.mark.parametrize(
    "text", ["(" * 1500 + "neuf" + ")" * 400, "non " * 499 + "neuf", "(neuf et " * 170 + "neuf" + ")" * 170]
)
def test_deep_expressions_end(text):
    """An expression of two thousand characters is refused in a moment, never a stack overflow."""
    start = process_time()
    with pytest.raises(ExpressionError):
        condition(text)
    assert process_time() - start < 2


@given(st.text(alphabet="neuf loueprix_t.a()[]<=>!+-*,%0123456789EUR dansconti\n\té", max_size=60))
def test_any_text_is_a_tree_or_a_fault(text):
    """Whatever the text, a tree or a French message."""
    with suppress(ExpressionError):
        assert isinstance(condition(text), t.Bool)


ATOMES = st.sampled_from(
    [
        "neuf",
        "loue",
        "secteurs contient peche",
        "taille dans [micro, petite]",
        "prix_eur <= 5 EUR",
        "couts > 2 * prix_eur",
    ]
)
CONDITIONS = st.recursive(
    ATOMES,
    lambda inner: (
        st.builds("non ({})".format, inner)
        | st.builds("({}) et ({})".format, inner, inner)
        | st.builds("({}) ou ({})".format, inner, inner)
    ),
    max_leaves=10,
)


@given(CONDITIONS, st.sampled_from([" ", "  ", "\n", "\t"]))
def test_spacing_and_parentheses_change_nothing(text, space):
    """A condition means the same however it is laid out."""
    assert condition(f"(({text.replace(' ', space)}))") == condition(text)
