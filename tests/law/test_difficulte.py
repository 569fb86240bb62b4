"""Undertaking in difficulty: RGEC articles 2(18) and 1(4)(c), each version."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from en_vigueur import parametres_au
from hypothesis import given, settings
from hypothesis import strategies as st

from aid_rules.dossier import ExerciceFinancier, SituationFinanciere
from aid_rules.law.base import FAUX, INCONNU, VRAI
from aid_rules.law.difficulte import Difficulte, apprecier, perte_capital, perte_fonds_propres, ratios_degrades

SAIN = {
    "forme": "responsabilite_limitee",
    "cree_le": "2001-05-02",
    "capital_souscrit_eur": 800_000,
    "capitaux_propres_eur": 2_100_000,
    "procedure_collective": "non",
    "aide_sauvetage_en_cours": "non",
}
LIEU = "beneficiaire.situation_financiere"


DEPUIS = "2023-01-01"


def situation(jour: str = "2024-06-03", pme: int = VRAI, declaree: bool | None = None, **changes: Any) -> Difficulte:
    day = date.fromisoformat(jour)
    model = SituationFinanciere.model_validate({**SAIN, **changes})
    return apprecier(model, pme, day, parametres_au(day), declaree)


def test_healthy_sme() -> None:
    """The dossier of the contract: own funds above half of the capital, nothing pending."""
    result = situation("2019-11-18")
    assert (result.etat, result.ecartee, result.manquants) == (FAUX, FAUX, ())


@pytest.mark.parametrize(
    ("propres", "attendu"), [("400000", FAUX), ("399999.99", VRAI), (-1, VRAI)], ids=["half", "under", "negative"]
)
def test_half_of_the_capital(propres: Any, attendu: int) -> None:
    """2(18)(a): more than half of the capital lost; exactly half is not more than half."""
    assert situation(capitaux_propres_eur=propres).etat == attendu


def test_premiums_belong_to_the_capital() -> None:
    """2(18)(a): a company whose losses ate its premiums is in difficulty though own funds exceed its capital."""
    assert situation(capitaux_propres_eur=900_000).etat == FAUX
    assert situation(capitaux_propres_eur=900_000, primes_emission_eur=1_100_000).etat == VRAI


@pytest.mark.parametrize(
    ("jour", "attendu"), [("2024-05-01", FAUX), ("2024-05-02", VRAI)], ids=["under three years", "three years"]
)
def test_young_sme_is_spared(jour: str, attendu: int) -> None:
    """2(18)(a) and (b): an SME that exists for less than three years."""
    assert situation(jour, capitaux_propres_eur=0, cree_le="2021-05-02").etat == attendu


def test_young_large_undertaking_is_not_spared() -> None:
    """2(18)(a): the exemption is for SMEs; unknown category, unknown state."""
    years = [{"emprunts_eur": 0, "capitaux_propres_eur": 1, "ebitda_eur": 1, "charges_interets_eur": 0}] * 2
    lost = {"capitaux_propres_eur": 0, "cree_le": "2023-05-02", "exercices": years}
    assert situation(pme=FAUX, **lost).etat == VRAI
    unknown = situation(pme=INCONNU, **lost)
    assert (unknown.etat, unknown.manquants) == (INCONNU, ("beneficiaire.categorie",))


def test_insolvency_spares_no_one() -> None:
    """2(18)(c) and (d): young or not."""
    assert situation(cree_le="2024-01-01", procedure_collective="oui").etat == VRAI
    assert situation(conditions_procedure_collective="oui").etat == VRAI
    assert situation(aide_sauvetage_en_cours="oui").etat == VRAI
    assert situation(aide_restructuration_en_cours="oui").etat == VRAI


@pytest.mark.parametrize(
    ("propres", "pertes", "attendu"), [(100, 100, FAUX), (100, "100.01", VRAI), (-1, None, VRAI), (5, None, INCONNU)]
)
def test_unlimited_liability(propres: Any, pertes: Any, attendu: int) -> None:
    """2(18)(b): more than half of the own funds lost; an unknown loss is asked for."""
    facts = {"capitaux_propres_eur": propres, "pertes_accumulees_eur": pertes, "en_difficulte_depuis_le": DEPUIS}
    result = situation(forme="responsabilite_illimitee", **facts)
    assert result.etat == attendu
    assert result.manquants == ((f"{LIEU}.pertes_accumulees_eur",) if attendu == INCONNU else ())


def ratios(emprunts: Any, ebitda: Any) -> dict[str, Any]:
    return {"emprunts_eur": emprunts, "capitaux_propres_eur": 100, "ebitda_eur": ebitda, "charges_interets_eur": 10}


@pytest.mark.parametrize(
    ("annees", "attendu"),
    [
        ([ratios("750.01", "9.99")] * 2, VRAI),
        ([ratios(750, "9.99")] * 2, FAUX),
        ([ratios("750.01", 10)] * 2, FAUX),
        ([ratios("750.01", "9.99"), ratios(750, 9)], FAUX),
        ([ratios("750.01", "9.99")], INCONNU),
        ([ratios(750, 1)], FAUX),
        ([], INCONNU),
    ],
)
def test_ratios_of_large_undertakings(annees: list[dict[str, Any]], attendu: int) -> None:
    """2(18)(e): debt over 7.5 times own funds and interest covered less than once, both, two years in a row."""
    assert situation(pme=FAUX, exercices=annees).etat == attendu
    assert situation(pme=VRAI, exercices=annees).etat == FAUX


@pytest.mark.parametrize(
    ("jour", "depuis", "attendu"),
    [
        ("2020-07-26", "2020-04-01", VRAI),
        ("2020-07-27", "2020-04-01", FAUX),
        ("2020-07-27", "2019-12-31", VRAI),
        ("2021-07-31", "2021-06-30", FAUX),
        ("2021-07-31", "2021-07-01", VRAI),
        ("2021-08-01", "2021-07-01", FAUX),
        ("2021-12-31", "2021-12-31", FAUX),
        ("2024-06-03", "2021-12-31", FAUX),
        ("2024-06-03", "2022-01-01", VRAI),
    ],
)
def test_derogation_of_2020_and_2021(jour: str, depuis: str, attendu: int) -> None:
    """1(4)(c): sound at the end of 2019, in difficulty within the window of the version in force."""
    result = situation(jour, capitaux_propres_eur=0, en_difficulte_depuis_le=depuis)
    assert (result.etat, result.ecartee) == (VRAI, attendu)


def test_derogation_is_asked_for_and_refused_to_the_already_ailing() -> None:
    """1(4)(c): the date is unknown, so is the derogation; in difficulty at the end of 2019, there is none."""
    unknown = situation(capitaux_propres_eur=0)
    assert (unknown.ecartee, unknown.manquants) == (INCONNU, (f"{LIEU}.en_difficulte_depuis_le",))
    ailing = situation(capitaux_propres_eur=0, en_difficulte_au_2019_12_31="oui", en_difficulte_depuis_le="2020-05-01")
    assert ailing.ecartee == VRAI


@pytest.mark.parametrize(
    ("jour", "vente", "creation", "attendu"),
    [
        ("2023-06-30", "2017-01-01", "2016-01-01", FAUX),
        ("2023-06-30", "2016-06-30", "2014-01-01", VRAI),
        ("2023-07-01", "2015-01-01", "2014-01-01", FAUX),
        ("2024-06-03", "2015-01-01", "2014-06-03", VRAI),
    ],
)
def test_risk_finance_exemption_by_version(jour: str, vente: str, creation: str, attendu: int) -> None:
    """2(18)(a): seven years after the first sale; since July 2023, ten after registration too (risk finance)."""
    facts = {"premiere_vente_le": vente, "cree_le": creation, "controle_prealable_financement_risques": "oui"}
    result = situation(jour, capitaux_propres_eur=0, **facts)
    assert (result.etat, result.etat_financement_risques) == (VRAI, attendu)


def test_nothing_known_is_asked_for() -> None:
    """Unknown is not false: an empty situation is to be checked, with the questions that settle it."""
    day = date(2024, 6, 3)
    result = apprecier(SituationFinanciere(), VRAI, day, parametres_au(day))
    assert result.etat == INCONNU
    assert {f"{LIEU}.forme", f"{LIEU}.capitaux_propres_eur", f"{LIEU}.procedure_collective"} <= set(result.manquants)


def test_declaration_counts_only_where_facts_are_silent() -> None:
    """The applicant's statement settles the unknown; figures contradict it."""
    silent = situation(capitaux_propres_eur=None, declaree=False)
    assert (silent.etat, silent.manquants) == (FAUX, ())
    denied = situation(capitaux_propres_eur=0, declaree=False)
    assert denied.etat == VRAI
    assert len(denied.alertes) == 1


def test_association_has_no_capital_to_lose() -> None:
    """2(18)(a) and (b) speak of companies: the other criteria remain."""
    bare = {"capital_souscrit_eur": None, "capitaux_propres_eur": None}
    assert situation(forme="autre", **bare).etat == FAUX
    assert situation(forme="autre", **bare, procedure_collective="oui").etat == VRAI


PARAMETRES = parametres_au(date(2024, 6, 3))


@pytest.mark.parametrize(
    ("capital", "primes", "propres", "pertes", "attendu"),
    [
        (None, None, None, 0, FAUX),
        (100, 0, None, 1, INCONNU),
        (None, None, 0, None, INCONNU),
        (None, None, -1, None, VRAI),
        (100, 100, 100, None, FAUX),
        (100, 100, 99, None, VRAI),
        (100, None, 50, 1, FAUX),
        (100, None, 49, 1, VRAI),
    ],
)
def test_loss_of_capital(
    capital: int | None, primes: int | None, propres: int | None, pertes: int | None, attendu: int
) -> None:
    """2(18)(a): without losses nothing is lost; negative own funds have lost more than half of any capital."""
    assert perte_capital(capital, primes, propres, pertes, PARAMETRES) == attendu


@pytest.mark.parametrize(
    ("propres", "pertes", "attendu"),
    [(None, 0, FAUX), (None, 1, INCONNU), (0, None, INCONNU), (-1, None, VRAI), (1, 1, FAUX), (1, 2, VRAI)],
)
def test_loss_of_own_funds(propres: int | None, pertes: int | None, attendu: int) -> None:
    """2(18)(b): own funds before the losses are what is left and what was lost."""
    assert perte_fonds_propres(propres, pertes, PARAMETRES) == attendu


@pytest.mark.parametrize(
    ("emprunts", "propres", "ebitda", "interets", "attendu"),
    [
        (751, 100, 9, 10, VRAI),
        (1, 0, 9, 10, VRAI),
        (1, -1, 9, 10, INCONNU),
        (0, -1, 9, 10, FAUX),
        (0, None, 9, 10, FAUX),
        (1, None, 9, 10, INCONNU),
        (None, 100, 9, 10, INCONNU),
        (751, 100, None, 10, INCONNU),
        (751, 100, 9, None, INCONNU),
        (750, 100, None, None, FAUX),
        (None, None, 10, 10, FAUX),
    ],
)
def test_ratios_of_one_year(
    emprunts: int | None, propres: int | None, ebitda: int | None, interets: int | None, attendu: int
) -> None:
    """2(18)(e): both ratios; one that is sound settles the year; a ratio to negative own funds says nothing."""
    year = {"emprunts_eur": emprunts, "capitaux_propres_eur": propres}
    year |= {"ebitda_eur": ebitda, "charges_interets_eur": interets}
    assert ratios_degrades(ExerciceFinancier.model_validate(year), PARAMETRES) == attendu


def test_the_last_two_years_count_whatever_their_order() -> None:
    """2(18)(e): the two years before; with one day missing, the order given stands."""
    bad, good = ratios("750.01", 9), ratios(750, 10)
    years = [{**bad, "clos_le": "2021-12-31"}, {**bad, "clos_le": "2022-12-31"}, {**good, "clos_le": "2023-12-31"}]
    assert situation(pme=FAUX, exercices=years).etat == FAUX
    assert situation(pme=FAUX, exercices=[*years[:2], good]).etat == VRAI
    assert situation(pme=FAUX, exercices=[good, *years[:2]]).etat == FAUX
    last = [{**good, "clos_le": "2021-12-31"}, *({**bad, "clos_le": f"202{i}-12-31"} for i in (2, 3))]
    assert situation(pme=FAUX, exercices=last).etat == VRAI


def test_only_what_lacks_is_asked_of_a_large_undertaking() -> None:
    """2(18)(e): years missing, then figures of a year; the category only when it is unknown."""
    assert situation(pme=FAUX).manquants == (f"{LIEU}.exercices",)
    assert situation(pme=INCONNU).manquants == (f"{LIEU}.exercices", "beneficiaire.categorie")
    assert situation(pme=FAUX, exercices=[ratios(751, 9)]).manquants == (f"{LIEU}.exercices",)
    half = [ratios(751, 9), {"emprunts_eur": 1}]
    assert situation(pme=FAUX, exercices=half).manquants == (f"{LIEU}.exercices[1]",)


def test_the_age_is_asked_only_where_it_may_spare() -> None:
    """2(18)(a): the three years are an exemption of SMEs."""
    years = [ratios(0, 1)] * 2
    lost = {"capitaux_propres_eur": 0, "cree_le": None, "exercices": years}
    assert situation(pme=VRAI, **lost).manquants == (f"{LIEU}.cree_le",)
    blank = {**lost, "capitaux_propres_eur": None}
    assert situation(pme=FAUX, **blank).manquants == (f"{LIEU}.capitaux_propres_eur",)
    assert situation(pme=INCONNU, **blank).manquants == (
        f"{LIEU}.cree_le",
        "beneficiaire.categorie",
        f"{LIEU}.capitaux_propres_eur",
    )


def test_reasons_show_the_figures_and_the_window() -> None:
    """The officer reads the two amounts compared and the dates of the derogation."""
    result = situation(
        "2021-07-31", capitaux_propres_eur=0, primes_emission_eur=1, en_difficulte_depuis_le="2020-05-01"
    )
    texts = [m.texte.replace("\u202f", " ").replace("\xa0", " ") for m in result.motifs]
    assert "(capitaux propres 0 €, capital 800 001 €) : oui" in texts[0]
    assert texts[-1] == "difficulté née entre le 1er janvier 2020 et le 30 juin 2021, qui n'exclut pas : oui"
    assert len(situation().motifs) == len(texts) - 1
    assert "capital 800" not in situation(capitaux_propres_eur=None).motifs[0].texte


def test_no_derogation_for_who_was_born_after_the_window() -> None:
    """1(4)(c): what was created after the window cannot have fallen within it."""
    born = {"capitaux_propres_eur": 0, "en_difficulte_depuis_le": None}
    assert situation("2025-12-31", cree_le="2021-12-31", **born).ecartee == INCONNU
    assert situation("2025-12-31", cree_le="2022-01-01", **born).ecartee == VRAI


def test_a_declaration_that_agrees_is_not_disputed() -> None:
    """The alert is for a statement against the figures; the silent facts of risk finance follow it too."""
    assert situation(declaree=False).alertes == ()
    assert situation(capitaux_propres_eur=0, declaree=True).alertes == ()
    assert len(situation(declaree=True).alertes) == 1
    silent = situation(capitaux_propres_eur=None, declaree=True, en_difficulte_depuis_le=DEPUIS)
    assert (silent.etat, silent.etat_financement_risques) == (VRAI, VRAI)
    backed = {"premiere_vente_le": "2020-01-01", "controle_prealable_financement_risques": "oui"}
    spared = situation(capitaux_propres_eur=None, declaree=True, **backed)
    assert (spared.etat, spared.etat_financement_risques) == (VRAI, FAUX)


@settings(max_examples=200)
@given(st.data())
def test_answering_never_contradicts(data: st.DataObject) -> None:
    """Kleene: what was settled with a fact unknown stays so once it is known."""
    money = st.integers(-200, 200)
    full = {
        "forme": data.draw(st.sampled_from(["responsabilite_limitee", "responsabilite_illimitee", "autre"])),
        "cree_le": data.draw(st.sampled_from(["2001-01-01", "2023-01-01"])),
        "capital_souscrit_eur": data.draw(st.integers(0, 200)),
        "capitaux_propres_eur": data.draw(money),
        "procedure_collective": data.draw(st.booleans()),
        "aide_sauvetage_en_cours": data.draw(st.booleans()),
        "en_difficulte_depuis_le": data.draw(st.sampled_from(["2018-01-01", "2020-06-01", "2023-01-01"])),
    }
    # no one is in difficulty before being born
    full["en_difficulte_depuis_le"] = max(full["en_difficulte_depuis_le"], full["cree_le"])
    hidden = data.draw(st.sets(st.sampled_from(sorted(full))))
    pme = data.draw(st.sampled_from([FAUX, VRAI]))
    partial = situation(pme=data.draw(st.sampled_from([pme, INCONNU])), **{**full, **dict.fromkeys(hidden)})
    settled = situation(pme=pme, **full)
    for name in ("etat", "ecartee", "etat_financement_risques"):
        assert getattr(partial, name) in {INCONNU, getattr(settled, name)}
