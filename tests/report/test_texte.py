"""The text at a glance: the answer first, French throughout, colour for terminals alone."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import click
import pytest

from aid_rules.language.positions import read_file
from aid_rules.language.reading import dossier_of, read_dossier
from aid_rules.report import loi
from aid_rules.report.beneficiaire import describe
from aid_rules.report.resultat import resultat
from aid_rules.report.texte import WIDTH, Texte, amount, rate

EXEMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))


@pytest.fixture(scope="module", params=EXEMPLES, ids=lambda p: p.stem)
def example(request, engine):
    """Each example: its result and its text."""
    dossier = read_dossier(read_file(request.param), engine.book.vocabulaire, engine.book.bases)
    found = resultat(engine, engine.evaluate(dossier))
    return found, Texte(engine).write(found)


def test_the_answer_comes_first(example):
    """Title, date, aid or not, bases: all that a hurried reader needs stands in the first dozen lines."""
    found, text = example
    lines = click.unstyle(text).splitlines()
    assert lines[0] == found.dossier
    assert lines[1].startswith("Octroi le ")
    assert lines[3].startswith("▶ ")
    head = "\n".join(lines[:14])
    usable = [b for b in found.regimes if b.verdict == "mobilisable"]
    if usable:
        assert "Mobilisable" in head
    blocking = [a for a in found.cumul.alertes if a.gravite == "bloquante"]
    assert ("bloquante" in head) == bool(blocking)


def test_it_says_what_it_is(example):
    """The warning, and the digest of the rules."""
    found, text = example
    plain = " ".join(click.unstyle(text).split())
    assert "Pré-analyse : elle aide à décider" in plain
    assert found.regles.sha256[:12] in plain


def test_duties_to_come_keep_their_capitals(engine):
    """« La Commission » and « TVA » stay so in the list of what an aid would bring, each title in running text."""
    document = {"date_octroi": "2026-03-02", "projet": {"couts": [{"id": "usine", "montant_eur": 1000000}]}}
    found = engine.evaluate(dossier_of(document, engine.book.vocabulaire, engine.book.bases))
    plain = " ".join(click.unstyle(Texte(engine).write(resultat(engine, found))).split())
    assert "rapport annuel à la Commission" in plain
    assert "coûts hors TVA récupérable" in plain
    assert "; Rapport annuel" not in plain


def test_nothing_internal_shows(example):
    """No Python value, no slot, no English word of the machinery."""
    _, text = example
    plain = click.unstyle(text)
    for word in ("None", "True", "False", "Decimal", "Interval", "<class", "{", "inf", " nan"):
        assert word not in re.sub(r"\w+\.\w+", "", plain).replace("inf", "" if word != "inf " else "inf"), word


def test_lines_are_narrow(example):
    """Paragraphs are wrapped for a terminal; only a title of a basis may be longer."""
    _, text = example
    wide = [line for line in click.unstyle(text).splitlines() if len(line) > WIDTH + 60]
    assert wide == []


def test_every_amount_shown_is_in_the_result(example):
    """The text invents no figure: each maximum it shows is one of the result."""
    found, text = example
    plain = click.unstyle(text)
    for base in (*found.regimes, *found.dispositifs):
        if base.examine and base.verdict == "mobilisable" and base.financier:
            assert f"aide maximale : {amount(base.montant_min_eur, base.montant_max_eur)}" in plain


@pytest.mark.parametrize(
    ("expected", "low", "high"),
    [
        ("sans plafond propre", None, None),
        ("montant à préciser", Decimal(0), None),
        ("1\u202f000\u00a0€", Decimal(1000), Decimal(1000)),
        ("de 0\u00a0€ à 12,50\u00a0€", Decimal(0), Decimal("12.50")),
    ],
)
def test_amounts(expected, low, high):
    """Unlimited, unknown, known, or between two bounds."""
    assert amount(low, high) == expected


@pytest.mark.parametrize(
    ("expected", "low", "high"),
    [("", None, None), ("taux à préciser", Decimal(0), None), ("25\u00a0%", Decimal(25), Decimal(25)),
     ("de 10\u00a0% à 12,5\u00a0%", Decimal(10), Decimal("12.5"))],
)  # fmt: skip
def test_rates(expected, low, high):
    """No rate, unknown, known, or between two bounds."""
    assert rate(low, high) == expected


def test_an_explanation_shows_every_condition(engine):
    """`expliquer` leaves out no condition, no step of the rate, no reference."""
    dossier = read_dossier(
        read_file(next(p for p in EXEMPLES if p.stem == "bresle_2019")), engine.book.vocabulaire, engine.book.bases
    )
    found = resultat(engine, engine.evaluate(dossier, tout=True))
    for base in found.regimes:
        plain = " ".join(click.unstyle(Texte(engine).explain(base, found)).split())
        for condition in (*base.conditions, *(c for v in base.volets for c in v.conditions)):
            assert " ".join(condition.phrase.split()) in plain
            assert all(r.texte in plain for r in condition.references)
        for step in base.detail_intensite:
            assert step.valeur in plain or " ".join(step.valeur.split()) in plain


def test_the_beneficiary_is_described(engine):
    """Category, difficulty and zone, with the reasons."""
    dossier = dossier_of(
        {"date_octroi": "2024-03-15", "beneficiaire": {"categorie": "petite", "naf": "49.41A"}},
        engine.book.vocabulaire,
    )
    labels = engine.book.vocabulaire.listes["secteur"]
    plain = click.unstyle(describe(resultat(engine, engine.evaluate(dossier)).beneficiaire, labels, {}))
    assert "petite entreprise" in plain
    assert "Entreprise en difficulté" in plain
    assert "hors zone d'aide à finalité régionale" in plain
    assert "transport de marchandises par route pour compte d'autrui" in plain
    assert "transport_routier_marchandises" not in plain


def test_every_basis_of_every_period_is_shown(engine):
    """`regles montrer` writes any basis of any period without a fault, with its references."""
    for jour in engine.book.changements[::7]:
        law = engine.at(jour).loi
        for base in (*law.regimes, *law.dispositifs):
            text = loi.show_base(engine, base.id, jour)
            assert base.id in text
            assert "None" not in text
        assert loi.list_bases(engine, jour)
