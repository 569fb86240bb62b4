"""Gross grant equivalent: RGEC articles 5(2) and 7, règlement 2023/2831 article 4, communications of 2008."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

import pytest
from en_vigueur import RULESETS, parametres_au
from hypothesis import given, settings
from hypothesis import strategies as st

from aid_rules.dossier import Aide, Beneficiaire
from aid_rules.law.base import FAUX, INCONNU, VRAI
from aid_rules.law.esb import Contexte, EquivalentSubvention, equivalent_subvention
from aid_rules.law.taux import taux_de_base

DONNEES = RULESETS / "donnees"
CONNU = "2015-06-15"
"""A day whose base rate is in the table: 0.22 %."""


def esb(
    forme: str | None,
    montant: Any,
    jour: str = CONNU,
    reglement: str | None = None,
    ben: dict[str, Any] | None = None,
    pme: int = VRAI,
    fret: int = FAUX,
    difficulte: int = FAUX,
    **conditions: Any,
) -> EquivalentSubvention:
    day = date.fromisoformat(jour)
    aide = Aide.model_validate({"id": "a", "forme": forme, "montant_eur": montant, "conditions": conditions})
    known = {"notation": "bb", "situation_financiere": {"procedure_collective": False}}
    model = Beneficiaire.model_validate({**known, **(ben or {})})
    return equivalent_subvention(
        aide, Contexte(day, parametres_au(day), DONNEES, model, pme, difficulte, fret, reglement, "aides[0]")
    )


PRET = {"duree_mois": 60, "taux_pct": 0, "amortissement": "constant", "suretes": "normales"}


def chemins(result: EquivalentSubvention) -> set[str]:
    return {question.chemin for question in result.questions}


def test_grant_counts_at_its_amount() -> None:
    """RGEC 5(2)(a)."""
    result = esb("subvention", "1234.56")
    assert (result.montant, result.transparente, result.questions) == (123_456, VRAI, ())


def test_instalments_are_discounted_at_the_rate_of_the_grant() -> None:
    """RGEC 7(3): base rate plus 100 basis points, from the grant date."""
    tranches = [{"le": "2015-06-15", "montant_eur": 500}, {"le": "2016-06-14", "montant_eur": 500}]
    expected = ceil(50_000 + Fraction(50_000) / (1 + Fraction(122, 10_000)))
    assert esb("subvention", 1000, tranches=tranches).montant == expected


def test_loan_against_the_reference_rate() -> None:
    """RGEC 5(2)(b): a zero-rate loan of 100 000 € over five years, BB with normal collateral, worked by hand."""
    gap, factor = Fraction(22 + 220, 10_000), 1 + Fraction(122, 10_000)
    expected = ceil(sum(Fraction(10_000_000 - 2_000_000 * t) * gap / factor ** (t + 1) for t in range(5)))
    result = esb("pret", 100_000, **PRET)
    assert (result.montant, result.methode, result.transparente) == (expected, "taux_reference", VRAI)
    assert result.lignes[0].replace("\xa0", " ") == "taux de référence : 0,22 % + 2,2 % = 2,42 %"


def test_bullet_loan_and_deferral_are_worth_more() -> None:
    """What stays outstanding longer is worth more."""
    plain = esb("pret", 100_000, **PRET).montant
    later = esb("pret", 100_000, **{**PRET, "differe_mois": 24}).montant
    bullet = esb("pret", 100_000, **{**PRET, "amortissement": "in_fine"}).montant
    assert plain is not None
    assert later is not None
    assert bullet is not None
    assert plain < later < bullet


def test_loan_at_or_above_the_reference_rate_holds_no_aid() -> None:
    """A gap that is not positive is no aid."""
    assert esb("pret", 100_000, **{**PRET, "taux_pct": "2.42"}).montant == 0
    assert esb("pret", 100_000, **{**PRET, "taux_pct": "2.41"}).montant > 0


@pytest.mark.parametrize(
    ("notation", "suretes", "marge"),
    [
        ("aaa", "elevees", 60),
        ("a", "faibles", 100),
        ("bbb", "normales", 100),
        ("bb", "faibles", 400),
        ("b_moins", "elevees", 220),
        ("ccc", "faibles", 1000),
        ("aucune", None, 400),
    ],
)
def test_margins(notation: str, suretes: str | None, marge: int) -> None:
    """Communication 2008/C 14/02: rating by collateral; without history, 400 basis points at least."""
    result = esb("pret", 100_000, ben={"notation": notation}, **{**PRET, "suretes": suretes})
    assert f"{(22 + marge) / 100:g}".replace(".", ",") in result.lignes[0]


def test_no_history_is_never_cheaper_than_the_parent() -> None:
    """Communication 2008/C 14/02: the margin is that of the parent at least."""
    start_up = {"notation": "aucune", "notation_societe_mere": "ccc"}
    result = esb("pret", 100_000, ben=start_up, **{**PRET, "suretes": "faibles"})
    assert "10,22" in result.lignes[0]


def test_the_margin_of_a_parent_rests_on_the_collateral() -> None:
    """A parent whose margin may pass 400 basis points makes the collateral a question; one that cannot, no."""
    terms = {**PRET, "suretes": None}
    weak = esb("pret", 100_000, ben={"notation": "aucune", "notation_societe_mere": "b"}, **terms)
    assert (weak.montant, chemins(weak)) == (None, {"aides[0].conditions.suretes"})
    strong = esb("pret", 100_000, ben={"notation": "aucune", "notation_societe_mere": "bb"}, **terms)
    assert "4,22" in strong.lignes[0]


@pytest.mark.parametrize(("mere", "prime"), [(None, 380), ("aucune", 380), ("bbb", 380), ("b_moins", 630)])
def test_the_premium_without_history_is_that_of_the_parent_at_least(mere: str | None, prime: int) -> None:
    """Communication 2008/C 155/02, point 3.3: a parent without any premium leaves no safe harbour."""
    terms = {"duree_mois": 12, "amortissement": "in_fine", "quotite_garantie_pct": 80, "prime_annuelle_pct": 0}
    found = esb("garantie", 100_000, ben={"notation": "aucune", "notation_societe_mere": mere}, **terms)
    assert found.montant == ceil(8_000_000 * Fraction(prime, 10_000) / (1 + Fraction(122, 10_000)))
    assert len(found.alertes) == (mere is None)
    barred = esb("garantie", 100_000, ben={"notation": "aucune", "notation_societe_mere": "ccc"}, **terms)
    assert (barred.montant, barred.transparente) == (None, FAUX)


def test_missing_base_rate_is_asked_for_never_guessed() -> None:
    """No rate of the table holds for the date: an explicit question, and the nominal amount as bound."""
    result = esb("pret", 100_000, "2018-03-01", **PRET)
    assert (result.montant, result.maximum) == (None, 10_000_000)
    assert chemins(result) == {"aides[0].conditions.taux_base_pct"}
    assert all(question.texte.endswith("?") for question in result.questions)
    assert esb("pret", 100_000, "2018-03-01", **PRET, taux_base_pct="-0.18").montant is not None


@pytest.mark.parametrize(
    ("jour", "points"),
    [
        ("2008-06-30", None),
        ("2008-07-01", 459),
        ("2015-07-31", 22),
        ("2015-08-01", 17),
        ("2015-12-01", None),
        ("2020-05-31", -31),
        ("2020-06-01", -22),
        ("2024-06-03", None),
    ],
)
def test_base_rates_of_the_table(jour: str, points: int | None) -> None:
    """The rates established by the Official Journal, and nothing between them."""
    found = taux_de_base(date.fromisoformat(jour), DONNEES)
    assert (found.points if found else None) == points


def test_unknown_terms_are_asked_for() -> None:
    """Each missing term of a loan is one question."""
    assert chemins(esb("pret", 1000, ben={"notation": None})) == {
        "aides[0].conditions.duree_mois",
        "aides[0].conditions.taux_pct",
        "aides[0].conditions.amortissement",
        "aides[0].conditions.suretes",
        "beneficiaire.notation",
    }
    assert chemins(esb(None, 1000)) == {"aides[0].forme"}
    assert chemins(esb("pret", None)) == {"aides[0].montant_eur"}


def test_guarantee_by_safe_harbour_premium() -> None:
    """RGEC 5(2)(c)(i): premium of BB 2 %, paid 0.5 %, on 80 % of a loan over two years."""
    terms = {"duree_mois": 24, "amortissement": "constant", "quotite_garantie_pct": 80, "prime_annuelle_pct": "0.5"}
    gap, factor = Fraction(150, 10_000), 1 + Fraction(122, 10_000)
    expected = ceil(8_000_000 * gap / factor + 4_000_000 * gap / factor**2)
    assert esb("garantie", 100_000, **terms).montant == expected


@pytest.mark.parametrize(
    "case",
    [{"ben": {"notation": "ccc"}}, {"difficulte": VRAI}, {"quotite_garantie_pct": "80.01"}, {"pme": FAUX}],
    ids=["rating", "difficulty", "share", "large"],
)
def test_no_safe_harbour_no_figure(case: dict[str, Any]) -> None:
    """Communication 2008/C 155/02: outside the safe harbour the aid may reach what is guaranteed."""
    terms = {"duree_mois": 24, "amortissement": "constant", "quotite_garantie_pct": 80, "prime_annuelle_pct": "0.5"}
    result = esb("garantie", 100_000, **{**terms, **case})
    assert (result.montant, result.transparente) == (None, FAUX)
    assert result.maximum in {8_000_000, 8_001_000}


@pytest.mark.parametrize(
    ("jour", "montant", "mois", "attendu"),
    [
        ("2024-06-03", 1_500_000, 60, 300_000),
        ("2024-06-03", 750_000, 120, 300_000),
        ("2024-06-03", 400_000, 36, 48_000),
        ("2019-11-18", 1_000_000, 60, 200_000),
        ("2019-11-18", 500_000, 120, 200_000),
        ("2023-12-31", 250_000, 60, 50_000),
    ],
)
def test_de_minimis_flat_rule_for_loans(jour: str, montant: int, mois: int, attendu: int) -> None:
    """Règlement 2023/2831, article 4(3)(b), and 1407/2013 before 2024."""
    result = esb("pret", montant, jour, "general", duree_mois=mois, suretes_couverture_pct=50)
    assert (result.montant, result.methode, result.transparente) == (attendu * 100, "forfait_de_minimis", VRAI)


@pytest.mark.parametrize(
    "terms",
    [
        {"montant": "1500000.01", "duree_mois": 60},
        {"montant": 750_001, "duree_mois": 61},
        {"montant": 750_000, "duree_mois": 121},
        {"montant": 1000, "duree_mois": 12, "suretes_couverture_pct": "49.99"},
    ],
)
def test_de_minimis_flat_rule_has_bounds(terms: dict[str, Any]) -> None:
    """Article 4(3)(b): beyond, only the reference rate is left, with its questions."""
    result = esb("pret", jour="2024-06-03", reglement="general", **{"suretes_couverture_pct": 50, **terms})
    assert (result.montant, result.methode) == (None, "taux_reference")
    assert "aides[0].conditions.taux_base_pct" in chemins(result)


def test_de_minimis_flat_rule_for_guarantees() -> None:
    """Article 4(6)(b): 2 250 000 € guaranteed over five years take the whole ceiling."""
    terms = {"quotite_garantie_pct": 80, "pertes_partagees": True}
    whole = esb("garantie", 2_812_500, "2024-06-03", "general", duree_mois=60, **terms)
    assert (whole.montant, whole.methode) == (30_000_000, "forfait_de_minimis")
    small = esb("garantie", 140_625, "2024-06-03", "general", duree_mois=120, **terms)
    assert small.montant == 3_000_000
    beyond = esb("garantie", 140_625, "2024-06-03", "general", duree_mois=120, **{**terms, "quotite_garantie_pct": 81})
    assert (beyond.montant, beyond.transparente) == (None, FAUX)


def test_road_freight_has_half_the_amounts_until_2023() -> None:
    """Règlement 1407/2013, article 4(3)(b): 500 000 € over five years; nothing special since 2024."""
    loan = {"duree_mois": 60, "suretes_couverture_pct": 50}
    assert esb("pret", 500_000, "2019-11-18", "general", fret=VRAI, **loan).montant == 10_000_000
    assert esb("pret", 500_001, "2019-11-18", "general", fret=VRAI, **loan).montant is None
    assert esb("pret", 500_001, "2024-06-03", "general", fret=VRAI, **loan).montant is not None


def test_road_freight_unknown_is_asked_only_where_it_matters() -> None:
    """Règlement 1407/2013, article 4(3)(b): the fraction is the same, the amounts that it takes are half."""
    loan = {"duree_mois": 60, "suretes_couverture_pct": 50}
    assert esb("pret", 500_000, "2019-11-18", "general", fret=INCONNU, **loan).montant == 10_000_000
    between = esb("pret", 500_001, "2019-11-18", "general", fret=INCONNU, **loan)
    assert (between.montant, chemins(between)) == (None, {"beneficiaire.secteurs"})
    assert esb("pret", 500_001, "2024-06-03", "general", fret=INCONNU, **loan).montant is not None


@pytest.mark.parametrize(
    ("ben", "pme", "transparente", "question"),
    [
        ({"situation_financiere": {"procedure_collective": True}}, VRAI, FAUX, "aides[0].esb_eur"),
        (
            {"situation_financiere": {}},
            VRAI,
            INCONNU,
            "beneficiaire.situation_financiere.procedure_collective",
        ),
        ({"notation": "ccc"}, FAUX, FAUX, "aides[0].esb_eur"),
        ({"notation": "b_moins"}, FAUX, VRAI, None),
        ({"notation": None}, FAUX, INCONNU, "beneficiaire.notation"),
        ({"notation": None}, INCONNU, INCONNU, "beneficiaire.categorie"),
    ],
)
def test_de_minimis_solvency(ben: dict[str, Any], pme: int, transparente: int, question: str | None) -> None:
    """Article 4(3)(a): no insolvency, and a rating of B- at least for large undertakings."""
    result = esb("pret", 1000, "2024-06-03", "general", ben, pme, duree_mois=12, suretes_couverture_pct=60)
    assert result.transparente == transparente
    assert chemins(result) == ({question} if question else set())


def test_flat_rule_asks_for_its_own_few_facts() -> None:
    """The shorter way is asked for first: collateral, not a rating and a base rate."""
    result = esb("pret", 1000, "2024-06-03", "general", duree_mois=12)
    assert chemins(result) == {"aides[0].conditions.suretes_couverture_pct"}


def test_recoverable_advance_counts_at_its_nominal_amount() -> None:
    """RGEC 5(2)(j): nominal, unless a method was approved."""
    assert esb("avance_recuperable", 1000).montant == 100_000
    assert chemins(esb("avance_recuperable", 1000, methode_approuvee=True)) == {"aides[0].esb_eur"}


def test_tax_advantage_is_discounted_at_the_rate_of_each_date_until_2017() -> None:
    """RGEC 7(4), struck out on 10 July 2017: each instalment at its own rate; then all at the rate of the grant."""
    tranches = [{"le": "2015-08-14", "montant_eur": 1000}]
    days = Decimal(60) / Decimal(365)
    own = esb("avantage_fiscal", 1000, tranches=tranches, plafond_integre=True)
    assert own.montant == ceil(Decimal(100_000) / Decimal("1.0117") ** days)
    de_minimis = esb("avantage_fiscal", 1000, reglement="general", tranches=tranches, plafond_integre=True)
    assert de_minimis.montant == ceil(Decimal(100_000) / Decimal("1.0122") ** days)


def test_capital_is_transparent_under_the_de_minimis_ceiling() -> None:
    """Règlement 2023/2831, article 4(4)."""
    assert esb("fonds_propres", 300_000, "2024-06-03", "general").transparente == VRAI
    assert esb("fonds_propres", "300000.01", "2024-06-03", "general").transparente == FAUX


def test_declared_equivalent_above_the_nominal_amount_is_said() -> None:
    """The dossier's own figure is kept, and questioned when it cannot be."""
    day = date(2024, 6, 3)
    context = Contexte(day, parametres_au(day), DONNEES, Beneficiaire())
    model = Aide.model_validate({"id": "a", "forme": "pret", "montant_eur": 100, "esb_eur": 101})
    result = equivalent_subvention(model, context)
    assert (result.montant, len(result.alertes)) == (10_100, 1)


@pytest.mark.parametrize("forme", ["rabais_foncier", "autre"])
def test_other_forms_need_an_expert(forme: str) -> None:
    """RGEC 5(2)(k): a value settled by an expert: it is asked for, never computed."""
    found = esb(forme, 1000)
    assert (found.montant, found.maximum, found.methode) == (None, 100_000, "a_preciser")
    assert chemins(found) == {"aides[0].esb_eur"}


def test_instalments_that_do_not_make_the_amount_are_said() -> None:
    """RGEC 7(3): what is paid counts; a total that is not the aid is told."""
    tranches = [{"le": CONNU, "montant_eur": 400}, {"le": CONNU, "montant_eur": 500}]
    short = esb("subvention", 1000, tranches=tranches)
    assert (short.montant, short.methode, len(short.alertes)) == (90_000, "actualisation", 1)
    whole = esb("subvention", 900, tranches=tranches)
    assert (whole.montant, whole.alertes, whole.transparente) == (90_000, (), VRAI)
    assert len(whole.lignes) == 3
    assert whole.motifs[0].reference == "rgec:7(3)"
    assert esb("subvention", 900, reglement="general", tranches=tranches).motifs[0].reference == "de_minimis_2013:3(6)"


@pytest.mark.parametrize("lacune", [{"le": CONNU}, {"montant_eur": 500}])
def test_an_instalment_half_told_is_asked(lacune: dict[str, Any]) -> None:
    """A day or an amount that lacks leaves the whole to be settled."""
    found = esb("subvention", 1000, tranches=[{"le": CONNU, "montant_eur": 500}, lacune])
    assert (found.montant, found.methode, chemins(found)) == (None, "actualisation", {"aides[0].conditions.tranches"})
    later = esb("subvention", 1000, "2018-03-01", tranches=[{"le": "2019-03-01", "montant_eur": 1000}])
    assert chemins(later) == {"aides[0].conditions.taux_base_pct"}


@pytest.mark.parametrize(
    ("plafond", "transparente", "questions"),
    [(True, VRAI, set()), (False, FAUX, set()), (None, INCONNU, {"aides[0].conditions.plafond_integre"})],
)
def test_a_tax_advantage_is_clear_with_a_ceiling(plafond: bool | None, transparente: int, questions: set[str]) -> None:
    """RGEC 5(2)(d): transparent when the measure holds a ceiling."""
    found = esb("avantage_fiscal", 1000, plafond_integre=plafond)
    assert (found.montant, found.transparente, chemins(found)) == (100_000, transparente, questions)


def test_a_tax_instalment_is_dated_by_its_own_rate_until_july_2017() -> None:
    """RGEC 7(4): struck out by règlement 2017/1084."""
    tranches = [{"le": "2015-08-14", "montant_eur": 1000}]
    terms = {"tranches": tranches, "plafond_integre": True, "taux_base_pct": "0"}
    assert esb("avantage_fiscal", 1000, **terms).motifs[0].reference == "rgec:7(4)"
    later = [{"le": "2018-08-14", "montant_eur": 1000}]
    since = esb("avantage_fiscal", 1000, "2018-03-01", **{**terms, "tranches": later})
    assert since.motifs[0].reference == "rgec:7(3)"
    before = esb("avantage_fiscal", 1000, "2017-07-09", **terms)
    assert before.montant is not None


def test_capital_is_weighed_apart_under_the_rgec() -> None:
    """RGEC 5(2)(f): risk finance is transparent under its own article; quasi-equity cites its own paragraph."""
    found = esb("fonds_propres", 300_000, "2024-06-03")
    assert (found.montant, found.transparente) == (30_000_000, INCONNU)
    references = [
        esb(forme, 1000, "2024-06-03", "general").motifs[0].reference
        for forme in ("fonds_propres", "quasi_fonds_propres")
    ]
    assert references == ["de_minimis_2023:4(4)", "de_minimis_2023:4(5)"]


def test_an_approved_method_gives_the_figure() -> None:
    """RGEC 5(2)(c)(ii) and (j): its result is asked for, and the aid is transparent."""
    for forme in ("garantie", "avance_recuperable"):
        found = esb(forme, 1000, methode_approuvee=True)
        assert (found.montant, found.methode, found.transparente) == (None, "methode_approuvee", VRAI)
        assert chemins(found) == {"aides[0].esb_eur"}
    plain = esb("avance_recuperable", 1000)
    assert (plain.methode, plain.transparente, plain.lignes[-1][:11]) == ("nominal", VRAI, "équivalent-")


REFUGE = {"duree_mois": 24, "amortissement": "constant", "quotite_garantie_pct": 80, "prime_annuelle_pct": "0.5"}


@pytest.mark.parametrize(
    ("lacune", "question"),
    [
        ({"duree_mois": None}, "aides[0].conditions.duree_mois"),
        ({"amortissement": None}, "aides[0].conditions.amortissement"),
        ({"prime_annuelle_pct": None}, "aides[0].conditions.prime_annuelle_pct"),
        ({"quotite_garantie_pct": None}, "aides[0].conditions.quotite_garantie_pct"),
        ({"ben": {"notation": None}}, "beneficiaire.notation"),
        ({"pme": INCONNU}, "beneficiaire.categorie"),
        ({"difficulte": INCONNU}, "beneficiaire.situation_financiere"),
        ({"jour": "2018-03-01"}, "aides[0].conditions.taux_base_pct"),
    ],
)
def test_each_term_of_a_guarantee_is_one_question(lacune: dict[str, Any], question: str) -> None:
    """RGEC 5(2)(c)(i): what is guaranteed bounds the aid until the answer."""
    found = esb("garantie", 100_000, **{**REFUGE, **lacune})
    assert (found.montant, found.methode, chemins(found)) == (None, "prime_refuge", {question})
    assert found.maximum == (10_000_000 if "quotite" in question else 8_000_000)
    assert found.transparente == INCONNU


def test_a_guarantee_at_the_safe_harbour_holds_no_aid() -> None:
    """Communication 2008/C 155/02: a premium that reaches the safe harbour; the guaranteed part is rounded up."""
    assert esb("garantie", 100_000, **{**REFUGE, "prime_annuelle_pct": 2}).montant == 0
    found = esb("garantie", "0.01", **{**REFUGE, "prime_annuelle_pct": 0})
    assert (found.montant, found.maximum) == (1, 1)
    assert found.transparente == VRAI
    assert found.motifs[0].reference == "rgec:5(2)(c)(i)"


def test_losses_not_shared_shut_the_flat_rule_of_guarantees() -> None:
    """Règlement 2023/2831, article 4(6)(b): shared in proportion; unknown, it is asked."""
    terms = {"duree_mois": 24, "quotite_garantie_pct": 80}
    shared = esb("garantie", 100_000, "2024-06-03", "general", pertes_partagees=True, **terms)
    assert (shared.methode, shared.transparente) == ("forfait_de_minimis", VRAI)
    apart = esb("garantie", 100_000, "2024-06-03", "general", pertes_partagees=False, **terms)
    assert (apart.methode, apart.montant) == ("prime_refuge", None)
    unknown = esb("garantie", 100_000, "2024-06-03", "general", **terms)
    assert (unknown.montant, chemins(unknown)) == (None, {"aides[0].conditions.pertes_partagees"})


def test_lines_are_those_of_the_file() -> None:
    """The computation is written as an officer would: rates, gap, and the fraction of the ceiling."""
    lines = [line.replace("\xa0", " ").replace("\u202f", " ") for line in esb("pret", 100_000, **PRET).lignes]
    assert lines[1:3] == ["taux du prêt : 0 % ; écart : 2,42 % par an", "actualisation à 1,22 % sur 60 mois"]
    dear = esb("pret", 100_000, **{**PRET, "taux_pct": 3}).lignes[1]
    assert dear.replace("\xa0", " ") == "taux du prêt : 3 % ; écart : 0 % par an"
    flat = esb("pret", 400_000, "2024-06-03", "general", duree_mois=36, suretes_couverture_pct=50)
    assert [line.replace("\xa0", " ").replace("\u202f", " ") for line in flat.lignes] == [
        "300 000 € × 400 000 € ÷ 1 500 000 € × 36 mois ÷ 60 mois",
        "équivalent-subvention brut : 48 000 €",
    ]


def test_solvency_is_a_matter_of_de_minimis_alone() -> None:
    """RGEC 5(2)(b) and (c): the reference rate and the safe harbour ask nothing of insolvency."""
    for state in ({"procedure_collective": True}, {}):
        ben = {"situation_financiere": state}
        assert esb("pret", 100_000, ben=ben, **PRET).montant == esb("pret", 100_000, **PRET).montant
        assert esb("garantie", 100_000, ben=ben, **REFUGE).montant == esb("garantie", 100_000, **REFUGE).montant


def test_without_a_flat_rule_the_reference_rate_is_left() -> None:
    """Règlement 717/2014 and 360/2012: texts whose amounts are not held here leave the reference rate alone."""
    known = esb("pret", 10_000, reglement="peche", **PRET, suretes_couverture_pct=60)
    assert (known.methode, known.transparente) == ("taux_reference", VRAI)
    assert known.montant == esb("pret", 10_000, **PRET).montant
    assert known.motifs[0].reference == "de_minimis_peche:4(3)(c)"


def test_conditions_of_insolvency_count_as_insolvency() -> None:
    """Article 4(3)(a): open, or open to creditors; the reason cites the paragraph of the form."""
    ben = {"situation_financiere": {"procedure_collective": False, "conditions_procedure_collective": True}}
    loan = esb("pret", 1000, "2024-06-03", "general", ben, duree_mois=12, suretes_couverture_pct=60)
    assert (loan.methode, loan.transparente, loan.motifs[0].reference) == ("exclu", FAUX, "de_minimis_2023:4(3)(a)")
    terms = {"duree_mois": 12, "quotite_garantie_pct": 80, "pertes_partagees": True}
    guarantee = esb("garantie", 1000, "2024-06-03", "general", ben, **terms)
    assert guarantee.motifs[0].reference == "de_minimis_2023:4(6)(a)"
    fine = {"situation_financiere": {"procedure_collective": False, "conditions_procedure_collective": False}}
    assert (
        esb("pret", 1000, "2024-06-03", "general", fine, duree_mois=12, suretes_couverture_pct=60).transparente == VRAI
    )


def test_flat_and_other_questions_come_once_each() -> None:
    """What both ways ask is asked once; the flat rule's few questions come rather than the other's many."""
    found = esb("pret", 1000, "2024-06-03", "general", {"situation_financiere": {}, "notation": None})
    paths = [question.chemin for question in found.questions]
    assert paths == [
        "beneficiaire.situation_financiere.procedure_collective",
        "aides[0].conditions.duree_mois",
        "aides[0].conditions.suretes_couverture_pct",
    ]
    large = esb(
        "pret", 1000, "2024-06-03", "general", {"notation": "aucune"}, FAUX, duree_mois=12, suretes_couverture_pct=60
    )
    assert (large.montant, large.transparente, chemins(large)) == (2_000 * 2, INCONNU, {"beneficiaire.notation"})


@pytest.mark.parametrize(
    ("reglement", "jour", "reference"),
    [
        (None, "2024-06-03", "rgec:5(2)(a)"),
        ("general", "2023-12-31", "de_minimis_2013:4(2)"),
        ("general", "2024-01-01", "de_minimis_2023:4(2)"),
        ("agricole", "2024-01-01", "de_minimis_agricole:4(2)"),
        ("peche", "2024-01-01", "de_minimis_peche:4(2)"),
        ("sieg", "2023-12-31", "de_minimis_sieg_2012:4(2)"),
        ("sieg", "2024-01-01", "de_minimis_sieg_2023:4(2)"),
    ],
)
def test_the_provision_is_that_of_the_text_of_the_day(reglement: str | None, jour: str, reference: str) -> None:
    """Each text cites its own provision."""
    assert [m.reference for m in esb("subvention", 1000, jour, reglement).motifs] == [reference]


@pytest.mark.parametrize(
    ("montant", "declare", "alertes"), [(100, 100, 0), (100, "100.01", 1), (None, 100, 0), (100, 0, 0)]
)
def test_a_declared_equivalent_is_kept(montant: Any, declare: Any, alertes: int) -> None:
    """The dossier's own figure; the alert only above a known nominal amount."""
    day = date(2024, 6, 3)
    context = Contexte(day, parametres_au(day), DONNEES, Beneficiaire())
    model = Aide.model_validate({"id": "a", "montant_eur": montant, "esb_eur": declare})
    found = equivalent_subvention(model, context)
    assert (found.montant, found.maximum, len(found.alertes)) == (round(float(declare) * 100),) * 2 + (alertes,)
    assert found.motifs[0].reference == "rgec:2(22)"


def test_an_aid_already_granted_is_worth_what_it_was_on_its_day() -> None:
    """RGEC 5(2)(b): the reference rate of the day of the grant."""
    day = date(2024, 6, 3)
    context = Contexte(day, parametres_au(day), DONNEES, Beneficiaire.model_validate({"notation": "bb"}), VRAI, FAUX)
    model = {"id": "a", "forme": "pret", "montant_eur": 100_000, "conditions": PRET}
    assert equivalent_subvention(Aide.model_validate(model), context).montant is None
    known = equivalent_subvention(Aide.model_validate({**model, "octroyee_le": CONNU}), context)
    assert known.montant == esb("pret", 100_000, **PRET).montant


terms = st.fixed_dictionaries(
    {
        "duree_mois": st.integers(1, 180),
        "differe_mois": st.integers(0, 36),
        "periodicite_mois": st.sampled_from([1, 3, 12]),
        "amortissement": st.sampled_from(["constant", "in_fine"]),
        "taux_pct": st.sampled_from([0, "0.5", 3]),
        "suretes": st.sampled_from(["elevees", "normales", "faibles"]),
        "quotite_garantie_pct": st.integers(0, 80),
        "prime_annuelle_pct": st.sampled_from([0, 1, 3]),
    }
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["pret", "garantie"]), st.integers(0, 10**7), terms, st.sampled_from(["bbb", "b", "aucune"]))
def test_equivalent_never_exceeds_the_nominal_amount(forme: str, montant: int, conditions: Any, notation: str) -> None:
    """An equivalent is between nothing and the nominal amount."""
    result = esb(forme, montant, ben={"notation": notation}, **conditions)
    assert result.montant is not None
    assert 0 <= result.montant <= montant * 100


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["pret", "garantie"]), st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 36), terms)
def test_equivalent_grows_with_amount_and_duration(
    forme: str, montant: int, plus: int, mois: int, conditions: Any
) -> None:
    """A larger or a longer loan is never worth less."""

    def value(amount: int, months: int) -> int:
        found = esb(forme, amount, **{**conditions, "duree_mois": conditions["duree_mois"] + months}).montant
        assert found is not None
        return found

    assert value(montant, 0) <= value(montant + plus, 0)
    assert value(montant, 0) <= value(montant, mois)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 700_000), st.integers(1, 100), st.integers(1, 50_000), st.integers(1, 20))
def test_flat_rule_grows_and_stays_under_the_nominal_amount(montant: int, mois: int, plus: int, encore: int) -> None:
    """The same properties hold for the de minimis fractions."""

    def value(amount: int, months: int) -> int:
        result = esb("pret", amount, "2024-06-03", "general", duree_mois=months, suretes_couverture_pct=50)
        assert result.methode == "forfait_de_minimis"
        assert result.montant is not None
        return result.montant

    low = value(montant, mois)
    assert 0 < low <= montant * 100
    assert low <= value(montant + plus, mois)
    assert low <= value(montant, mois + encore)
