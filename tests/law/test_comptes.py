"""What each enterprise brings, year by year (RGEC annexe I, articles 4 to 6)."""

from __future__ import annotations

from typing import Any

import pytest
from test_pme import MILLION, calcul, exercice, lien

from aid_rules.law.pme import Categorisation


def effectif(result: Categorisation) -> int:
    return result.lignes[-1].effectif.bas // 1_000_000


@pytest.mark.parametrize(
    ("mois", "attendue"), [(None, "petite"), (12, "petite"), (6, "petite"), (5, "moyenne"), (24, "petite")]
)
def test_turnover_on_an_annual_basis(mois: int | None, attendue: str) -> None:
    """Article 4(1): five millions in six months are ten in a year, in five months twelve."""
    year = exercice(20, 5 * MILLION, 50 * MILLION, duree_mois=mois)
    assert calcul(exercices=[year]).categorie == attendue


def test_accounts_closed_on_the_day_count() -> None:
    """Article 4(1): from the day they are closed; the estimate of a year under way is no closed account."""
    years = [exercice(60, clos_le="2024-06-03"), exercice(20, clos_le="2023-06-03")]
    assert effectif(calcul(exercices=years)) == 60
    later = [exercice(60, clos_le="2024-06-04"), exercice(20, clos_le="2023-06-03")]
    assert (effectif(calcul(exercices=later)), len(calcul(exercices=later).alertes)) == (20, 1)
    assert calcul(exercices=[exercice(60, clos_le="2024-12-31", estime=True)]).alertes == ()


def test_an_estimate_is_no_series() -> None:
    """Article 4(3): the estimate of the year under way stands alone; a second one is no year before."""
    estimates = [exercice(5, 0, 0, estime=True), exercice(300, estime=True)]
    assert calcul(exercices=estimates).categorie == "micro"


def test_a_member_that_may_not_count_is_said_to_be_possible() -> None:
    """The line tells what is certain from what is to be checked."""
    sure = calcul(exercices=[exercice(20)] * 2, liens=[lien(1, nom="F", nature="liee", sens="aval")])
    assert sure.lignes[1].libelle == "F (entreprise liée)"
    perhaps = calcul(exercices=[exercice(20)] * 2, liens=[lien(1, nom="F", sens="aval")])
    assert perhaps.lignes[1].libelle == "F (peut-être entreprise liée)"


def test_years_without_a_day_stay_in_the_order_given() -> None:
    """The last closed stands first, unless every day is known."""
    years = [exercice(60), exercice(20, clos_le="2023-12-31")]
    assert effectif(calcul(exercices=years)) == 60
    assert effectif(calcul(exercices=years[::-1])) == 20
    dated = [exercice(20, clos_le="2022-12-31"), exercice(60, clos_le="2023-12-31")]
    assert effectif(calcul(exercices=dated)) == 60


def test_figures_written_twice_are_said_when_they_differ() -> None:
    """The fuller entry is kept, else the larger."""
    tie = {"nom": "M", "nature": "liee", "sens": "amont"}
    same = [lien(30, **tie), lien(30, **tie)]
    assert calcul(exercices=[exercice(20)] * 2, liens=same).alertes == ()
    for pair in ([lien(30, **tie), lien(40, **tie)], [lien(40, **tie), lien(30, **tie)]):
        found = calcul(exercices=[exercice(20)] * 2, liens=pair)
        assert (effectif(found), len(found.alertes)) == (60, 1)
    bare = [tie, lien(40, **tie)]
    assert (effectif(calcul(exercices=[exercice(20)] * 2, liens=bare)), len(bare)) == (60, 2)
    fuller = [lien(90, **tie), {**tie, "exercices": [exercice(30)] * 2}]
    assert effectif(calcul(exercices=[exercice(20)] * 2, liens=fuller)) == 50


def test_years_win_over_the_figures_of_the_entry() -> None:
    """The list of years says more than the figures beside it; a single figure is better than none."""
    tie = {"nom": "M", "nature": "liee", "sens": "amont"}
    both = {**lien(90, **tie), "exercices": [exercice(30)] * 2}
    assert effectif(calcul(exercices=[exercice(20)] * 2, liens=[both])) == 50
    assert effectif(calcul(exercices=[exercice(20)] * 2, liens=[{**tie, "effectif_uta": 30}])) == 50


def test_earlier_years_written_twice_do_not_rest_on_the_order() -> None:
    """Of two entries alike but for the year before, the larger is kept, and the difference is said."""
    tie = {"nom": "M", "nature": "liee", "sens": "amont"}
    entries = [{**tie, "exercices": [exercice(30), exercice(before)]} for before in (10, 300)]
    for pair in (entries, entries[::-1]):
        found = calcul(exercices=[exercice(20)] * 2, liens=pair)
        assert (found.categorie, len(found.alertes)) == ("grande", 1)


def test_the_total_of_each_amount_ranks_the_group() -> None:
    """Article 2: turnover and balance sheet of the whole group, not of its last member."""
    part = {"nom": "F", "nature": "liee", "sens": "aval"}
    for ca, bilan, attendue in ((6, 6, "moyenne"), (6, 4, "petite"), (4, 6, "petite")):
        year = exercice(20, ca * MILLION, bilan * MILLION)
        liens = [{**part, "exercices": [{**year, "effectif_uta": 0}] * 2}]
        assert calcul(exercices=[year] * 2, liens=liens).categorie == attendue


def test_the_path_of_what_lacks() -> None:
    """The list of years of the beneficiary, the entry of a link, the year of either."""
    tie = {"nom": "M", "nature": "liee", "sens": "amont"}
    place = "beneficiaire.liens[0]"
    assert calcul(liens=[lien(20, **tie)]).manquants[0] == "beneficiaire.exercices"
    assert calcul(exercices=[exercice(20)], liens=[tie]).manquants == (f"{place}.effectif_uta",)
    part = {**tie, "exercices": [exercice(20), {"effectif_uta": 20}]}
    assert calcul(exercices=[exercice(20)] * 2, liens=[part]).manquants == (
        f"{place}.exercices[1].chiffre_affaires_eur",
        f"{place}.exercices[1].total_bilan_eur",
    )


@pytest.mark.parametrize(
    ("consolide", "repris", "attendu", "haut"),
    [(True, True, 20, 20), (True, False, 50, 50), (True, None, 20, 50), (None, True, 20, 50), (None, None, 50, 50)],
)
def test_what_consolidation_has_taken_up(consolide: Any, repris: Any, attendu: int, haut: int) -> None:
    """Article 6(2): counted once; without consolidated accounts in the dossier, the statement leaves a doubt."""
    daughter = lien(30, nom="F", nature="liee", sens="aval", repris_par_consolidation=repris)
    found = calcul(exercices=[exercice(20, consolide=consolide)] * 2, liens=[daughter])
    total = found.lignes[-1].effectif
    assert total.haut is not None
    assert (total.bas, total.haut) == (attendu * 1_000_000, haut * 1_000_000)
    mention = {(20, 20): ", déjà dans", (20, 50): ", peut-être déjà dans", (50, 50): ""}[attendu, haut]
    assert found.lignes[1].libelle == f"F (entreprise liée){mention}{' les comptes consolidés' if mention else ''}"


def test_a_chain_below_consolidated_accounts() -> None:
    """Article 6(2): a daughter of a daughter may be taken up too; a sister on the other side is not."""
    grand = lien(30, nom="G", nature="liee", sens="aval")
    daughter = lien(30, nom="F", nature="liee", sens="aval", repris_par_consolidation=False, liens=[grand])
    found = calcul(exercices=[exercice(20, consolide=True)] * 2, liens=[daughter])
    assert "beneficiaire.liens[0].liens[0].repris_par_consolidation" in [
        *found.manquants,
        *calcul(exercices=[exercice(200, consolide=True)] * 2, liens=[daughter]).manquants,
    ]
    mother = lien(300, nom="M", nature="liee", sens="amont")
    assert calcul(exercices=[exercice(20, consolide=True)] * 2, liens=[mother]).lignes[-1].effectif.exact


def test_references_of_the_lines() -> None:
    """Each line names its paragraph: 6(1) alone, 6(2) and 6(3) with others."""
    ties = [
        lien(1, nom="L", nature="liee", sens="aval"),
        lien(1, nom="P", sens="aval", droits_de_vote_pct=30, capital_pct=30),
    ]
    found = calcul(exercices=[exercice(20)] * 2, liens=ties)
    assert [line.reference[-4:] for line in found.lignes] == ["6(1)", "6(2)", "6(3)", "6(2)"]
    assert [line.reference[-4:] for line in calcul(exercices=[exercice(20)] * 2).lignes] == ["6(1)", "6(1)"]
    assert [found.lignes[-1].chiffre_affaires.bas, found.lignes[-1].total_bilan.bas] == [3 * MILLION * 1_000_000] * 2
