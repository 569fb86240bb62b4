"""SME category: RGEC annexe I."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from en_vigueur import parametres_au
from hypothesis import given, settings
from hypothesis import strategies as st

from aid_rules.dossier import Beneficiaire
from aid_rules.law.base import FAUX, INCONNU, VRAI
from aid_rules.law.pme import Categorisation, categoriser
from aid_rules.law.tailles import CATEGORIES, categories_possibles, retenir

JOUR = date(2024, 6, 3)
PARAMETRES = parametres_au(JOUR)
MILLION = 1_000_000


def exercice(effectif: Any = 20, ca: Any = 3 * MILLION, bilan: Any = 3 * MILLION, **more: Any) -> dict[str, Any]:
    return {"effectif_uta": effectif, "chiffre_affaires_eur": ca, "total_bilan_eur": bilan, **more}


def calcul(**beneficiaire: Any) -> Categorisation:
    """Categorise a beneficiary without links, unless it is given some."""
    return categoriser(Beneficiaire.model_validate({"liens": [], **beneficiaire}), JOUR, PARAMETRES)


def test_unknown_links_leave_room_for_a_group():
    """No list of links says nothing: a group may stand behind small figures (annexe I, article 6)."""
    found = categoriser(Beneficiaire.model_validate({"exercices": [exercice(), exercice()]}), JOUR, PARAMETRES)
    assert found.possibles == {"petite", "moyenne", "grande"}
    assert "beneficiaire.liens" in found.manquants


def seule(effectif: Any = 0, ca: Any = 0, bilan: Any = 0) -> str | None:
    return calcul(exercices=[exercice(effectif, ca, bilan)]).categorie


@pytest.mark.parametrize(
    ("effectif", "ca", "bilan", "attendue"),
    [
        ("9.99", 2 * MILLION, "2000000.01", "micro"),
        (10, 0, 0, "petite"),
        (9, "2000000.01", "2000000.01", "petite"),
        (9, "2000000.01", 2 * MILLION, "micro"),
        ("49.99", 10 * MILLION, 43 * MILLION, "petite"),
        (50, 0, 0, "moyenne"),
        (49, "10000000.01", "10000000.01", "moyenne"),
        (49, "10000000.01", 10 * MILLION, "petite"),
        ("249.99", 50 * MILLION, "43000000.01", "moyenne"),
        ("249.99", "50000000.01", 43 * MILLION, "moyenne"),
        ("249.99", "50000000.01", "43000000.01", "grande"),
        (250, 0, 0, "grande"),
    ],
)
def test_ceilings_on_both_sides(effectif: Any, ca: Any, bilan: Any, attendue: str) -> None:
    """Annexe I, article 2: headcount strictly under, and one of the two amounts at most at its ceiling."""
    assert seule(effectif, ca, bilan) == attendue


def lien(effectif: Any = 0, ca: Any = 0, bilan: Any = 0, **more: Any) -> dict[str, Any]:
    return {**exercice(effectif, ca, bilan), **more}


@pytest.mark.parametrize(
    ("votes", "attendue"),
    [("24.99", "petite"), (25, "moyenne"), (50, "moyenne"), ("50.01", "grande")],
)
def test_shares_on_both_sides(votes: Any, attendue: str) -> None:
    """Annexe I, articles 3 and 6: nothing under 25 %, in proportion to 50 %, in full above."""
    result = calcul(exercices=[exercice(10)], liens=[lien(240, nom="Aval", sens="aval", droits_de_vote_pct=votes)])
    assert result.categorie == attendue


def test_the_higher_of_capital_and_votes_counts() -> None:
    """Annexe I, article 6(2): the higher of the two percentages."""
    tie = lien(100, nom="Amont", sens="amont", droits_de_vote_pct=30, capital_pct=45)
    result = calcul(exercices=[exercice(10)], liens=[tie])
    assert result.lignes[-1].effectif.bas == (10 * 10_000 + 100 * 4_500) * 100


def test_lines_read_as_an_officer_writes_them() -> None:
    """The arithmetic is shown line by line, its total last."""
    result = calcul(
        nom="Bray",
        exercices=[exercice(12, 1000, 2000)],
        liens=[lien(10, 300, 400, nom="Fille", sens="aval", droits_de_vote_pct=30)],
    )
    assert [line.texte.replace("\xa0", " ") for line in result.lignes] == [
        "Bray : 12 UTA, chiffre d'affaires 1 000 €, total du bilan 2 000 €".replace("1 000", "1\u202f000").replace(
            "2 000", "2\u202f000"
        ),
        "Fille (entreprise partenaire) × 30 % : 3 UTA, chiffre d'affaires 90 €, total du bilan 120 €",
        "Total : 15 UTA, chiffre d'affaires 1\u202f090 €, total du bilan 2\u202f120 €",
    ]


def test_a_chain_of_any_depth_counts() -> None:
    """Annexe I, article 3(3): enterprises linked through others are linked."""
    chain: list[dict[str, Any]] = [
        lien(1, nom=f"N{i}", avec=f"N{i - 1}" if i else None, sens="amont", droits_de_vote_pct=100) for i in range(300)
    ]
    assert calcul(exercices=[exercice(1)], liens=chain[::-1]).lignes[-1].effectif.bas == 301 * 10_000 * 100


def test_partner_of_a_partner_does_not_count_but_its_linked_does() -> None:
    """Annexe I, article 6(2) and (3): only partners next to the enterprise, with 100 % of their own linked ones."""
    partner = lien(
        100,
        nom="Partenaire",
        sens="amont",
        droits_de_vote_pct=40,
        liens=[
            lien(1000, nom="Partenaire du partenaire", sens="amont", droits_de_vote_pct=30),
            lien(50, nom="Fille du partenaire", sens="aval", droits_de_vote_pct=80),
        ],
    )
    result = calcul(exercices=[exercice(10)], liens=[partner])
    assert result.lignes[-1].effectif.bas == (10 * 10_000 + 150 * 4_000) * 100


def test_partner_of_a_linked_enterprise_counts_in_proportion() -> None:
    """Annexe I, article 6(3): partners of linked enterprises are added in proportion."""
    mother = lien(
        20,
        nom="Mère",
        nature="liee",
        sens="amont",
        liens=[lien(100, nom="Cousine", sens="aval", capital_pct=25, droits_de_vote_pct=25)],
    )
    assert calcul(exercices=[exercice(10)], liens=[mother]).lignes[-1].effectif.bas == (30 * 10_000 + 100 * 2_500) * 100


def test_linked_enterprises_hold_together() -> None:
    """Annexe I, article 3(2) and (3): held by linked enterprises, 15 + 15 % make a partner, 30 + 30 % a linked one."""

    def total(votes: int) -> int:
        second = lien(100, nom="B", sens="amont", droits_de_vote_pct=votes, avec="Le Bray")
        first = lien(
            100, nom="A", sens="amont", droits_de_vote_pct=votes, liens=[lien(nom="B", nature="liee", sens="aval")]
        )
        return calcul(nom="Le Bray", exercices=[exercice(10)], liens=[first, second]).lignes[-1].effectif.bas // 100

    assert [total(12), total(15), total(30)] == [100_000, 100_000 + 200 * 3_000, 100_000 + 200 * 10_000]


def test_cycles_count_once() -> None:
    """Cross-holdings neither loop nor count twice."""
    ring = [
        lien(5, nom="A", droits_de_vote_pct=60, sens="amont"),
        lien(5, nom="B", droits_de_vote_pct=60, sens="amont", avec="A"),
        {"nom": "Bray", "droits_de_vote_pct": 60, "sens": "amont", "avec": "B"},
    ]
    assert calcul(nom="Bray", exercices=[exercice(10)], liens=ring).lignes[-1].effectif.bas == 20 * 10_000 * 100


@pytest.mark.parametrize(
    ("marche", "attendues"),
    [(True, {"grande"}), (False, {"petite"}), (None, {"petite", "moyenne", "grande"})],
)
def test_natural_person_links_on_the_same_market(marche: bool | None, attendues: set[str]) -> None:
    """Annexe I, article 3(3): a natural person links enterprises only on the same or an adjacent market."""
    owner = {
        "nom": "Mme Durand",
        "type": "personne_physique",
        "droits_de_vote_pct": 80,
        "liens": [lien(300, nom="Autre société", sens="aval", droits_de_vote_pct=70, marche_commun=marche)],
    }
    result = calcul(exercices=[exercice(20)], liens=[owner])
    assert result.possibles == attendues
    assert ("beneficiaire.liens[0].liens[0].marche_commun" in result.manquants) == (marche is None)


def test_persons_acting_jointly_add_up() -> None:
    """Annexe I, article 3(3): persons who act jointly are taken together; apart, 30 % each controls nothing."""

    def persons(concert: str | None) -> list[dict[str, Any]]:
        return [
            {
                "nom": name,
                "type": "personne_physique",
                "concert": concert,
                "droits_de_vote_pct": 30,
                "liens": [lien(300, nom="X", sens="aval", droits_de_vote_pct=30, marche_commun=True)],
            }
            for name in ("Anne", "Bruno")
        ]

    assert calcul(exercices=[exercice(20)], liens=persons("famille")).categorie == "grande"
    assert calcul(exercices=[exercice(20)], liens=persons(None)).categorie == "petite"


@pytest.mark.parametrize(
    ("public", "attendue"),
    [
        ({"type": "organisme_public", "capital_pct": "24.99", "droits_de_vote_pct": 0}, "petite"),
        ({"type": "organisme_public", "capital_pct": 25, "droits_de_vote_pct": 0}, "grande"),
        ({"type": "universite", "capital_pct": 50, "droits_de_vote_pct": 50}, "petite"),
        ({"type": "societe_publique_participation", "capital_pct": 50, "droits_de_vote_pct": 50}, "petite"),
        ({"type": "societe_publique_participation", "capital_pct": 51, "droits_de_vote_pct": 51}, "grande"),
        (
            {
                "type": "autorite_locale",
                "capital_pct": 40,
                "droits_de_vote_pct": 40,
                "habitants": 4999,
                "budget_annuel_eur": "9999999.99",
            },
            "petite",
        ),
        (
            {
                "type": "autorite_locale",
                "capital_pct": 40,
                "droits_de_vote_pct": 40,
                "habitants": 5000,
                "budget_annuel_eur": 1,
            },
            "grande",
        ),
    ],
)
def test_public_bodies(public: dict[str, Any], attendue: str) -> None:
    """Annexe I, article 3(4): a quarter under public control is no SME, but for the investors of article 3(2)."""
    assert calcul(exercices=[exercice(20)], liens=[lien(nom="Public", **public)]).categorie == attendue


def test_public_bodies_count_together_and_through_what_they_control() -> None:
    """Annexe I, article 3(4): jointly, directly or indirectly."""
    liens = [
        {"nom": "Ville", "type": "organisme_public", "droits_de_vote_pct": 10, "capital_pct": 10},
        lien(
            1,
            nom="SEM",
            sens="amont",
            droits_de_vote_pct=15,
            capital_pct=15,
            liens=[{"nom": "Département", "type": "organisme_public", "droits_de_vote_pct": 60}],
        ),
    ]
    assert calcul(exercices=[exercice(20)], liens=liens).categorie == "grande"
    assert calcul(exercices=[exercice(20)], liens=liens[:1]).categorie == "petite"


def test_capital_is_added_to_capital_and_votes_to_votes() -> None:
    """Annexe I, article 3(4): 25 % of the capital or of the votes; 20 % of one and 20 % of the other make neither."""

    def bodies(capital: Any, votes: Any) -> Categorisation:
        liens = [
            {"nom": "Ville", "type": "organisme_public", "capital_pct": 20, "droits_de_vote_pct": 0},
            {"nom": "Pays", "type": "organisme_public", "capital_pct": capital, "droits_de_vote_pct": votes},
        ]
        return calcul(exercices=[exercice(20)] * 2, liens=liens)

    assert [bodies(0, 20).categorie, bodies("4.99", 24).categorie, bodies(5, 0).categorie] == [
        "petite",
        "petite",
        "grande",
    ]
    unknown = bodies(None, 20)
    assert unknown.possibles == {"petite", "moyenne", "grande"}
    assert "beneficiaire.liens[1].capital_pct" in unknown.manquants


def test_joint_holdings_of_linked_enterprises_add_like_to_like() -> None:
    """Annexe I, article 3(2): 15 % of the capital and 15 % of the votes are 25 % of neither; unknown, they may be."""

    def shares(**autre: Any) -> Categorisation:
        first = lien(100, nom="M1", sens="amont", capital_pct=15, droits_de_vote_pct=0)
        second = lien(100, nom="M2", sens="amont", capital_pct=0, droits_de_vote_pct=15)
        second.update(autre)
        tie = lien(nom="M2", nature="liee", sens="aval", avec="M1")
        return calcul(nom="Bray", exercices=[exercice(20)] * 2, liens=[first, second, tie])

    assert shares().lignes[-1].effectif.bas == shares().lignes[-1].effectif.haut == 20 * 10_000 * 100
    unknown = shares(capital_pct=None)
    assert [(m.part_min, m.part_max) for m in unknown.membres[1:]] == [(0, 3_000)] * 2
    assert [p for p in unknown.manquants if "exercices" not in p] == ["beneficiaire.liens[1].capital_pct"]
    assert shares(capital_pct=15).lignes[-1].effectif.bas == (20 * 10_000 + 200 * 3_000) * 100


@pytest.mark.parametrize(
    ("detenteur", "attendues"),
    [
        ({"type": "organisme_public", "droits_de_vote_pct": 30}, {"petite", "moyenne", "grande"}),
        ({"type": "organisme_public", "droits_de_vote_pct": "24.99"}, {"petite"}),
        ({"type": "organisme_public", "droits_de_vote_pct": 60}, {"grande"}),
        ({"type": "universite", "droits_de_vote_pct": 30}, {"petite"}),
    ],
)
def test_a_quarter_of_the_parent_is_to_be_checked(detenteur: dict[str, Any], attendues: set[str]) -> None:
    """Annexe I, article 3(4): control may be indirect; a public quarter of the parent leaves a question."""
    body = {"nom": "Région", "sens": "amont", **exercice(0, 0, 0), **detenteur}
    mother = {
        "nom": "Mère",
        "sens": "amont",
        "droits_de_vote_pct": 100,
        "exercices": [exercice(10, 0, 0)] * 2,
        "liens": [body],
    }
    result = calcul(exercices=[exercice(20)] * 2, liens=[mother])
    assert result.possibles == attendues
    if len(attendues) > 1:
        assert result.manquants == ("beneficiaire.liens[0].capital_pct", "beneficiaire.liens[0].organisme_public")
        answered = calcul(exercices=[exercice(20)] * 2, liens=[{**mother, "organisme_public": False}])
        assert answered.possibles == {"petite"}


def test_a_link_made_after_the_grant_does_not_count() -> None:
    """Annexe I, article 4(1): the group is that of the day; the link to come is said."""
    mother = lien(300, nom="Mère", nature="liee", sens="amont", depuis_le="2024-06-04")
    result = calcul(exercices=[exercice(20)] * 2, liens=[mother])
    assert (result.categorie, len(result.membres)) == ("petite", 1)
    assert result.alertes == ("Mère : lien noué après la date d'octroi ; il n'est pas retenu.",)
    assert calcul(exercices=[exercice(20)] * 2, liens=[{**mother, "depuis_le": "2024-06-03"}]).categorie == "grande"


@pytest.mark.parametrize(("investi", "attendue"), [(1_250_000, "petite"), ("1250000.01", "grande")])
def test_business_angels(investi: Any, attendue: str) -> None:
    """Annexe I, article 3(2)(a): up to 1.25 M€ in the same enterprise."""
    angel = lien(900, nom="BA", type="business_angel", droits_de_vote_pct=30, investissement_eur=investi)
    assert calcul(exercices=[exercice(20)], liens=[angel]).categorie == attendue


def test_venture_capital_above_half_is_linked() -> None:
    """Annexe I, article 3(2): the exception stands only while the investor is not linked."""
    fund = lien(300, nom="Fonds", type="capital_risque", droits_de_vote_pct=50)
    assert calcul(exercices=[exercice(20)], liens=[fund]).categorie == "petite"
    assert calcul(exercices=[exercice(20)], liens=[{**fund, "droits_de_vote_pct": "50.01"}]).categorie == "grande"


def ans(*effectifs: int, **more: Any) -> Categorisation:
    years = [exercice(n, clos_le=f"{2023 - i}-12-31") for i, n in enumerate(effectifs)]
    return calcul(exercices=years, **more)


@pytest.mark.parametrize(
    ("effectifs", "attendue"),
    [
        ((300, 200, 200), "moyenne"),
        ((300, 300, 200), "grande"),
        ((200, 300, 300), "grande"),
        ((200, 200, 300), "moyenne"),
        ((300, 200, 300), "grande"),
        ((200, 300, 200), "moyenne"),
        ((300, 200), "moyenne"),
        ((300, 300), "grande"),
        ((5, 300), "grande"),
    ],
)
def test_two_consecutive_years(effectifs: tuple[int, ...], attendue: str) -> None:
    """Annexe I, article 4(2): one year over or under a ceiling changes nothing, two do."""
    assert ans(*effectifs).categorie == attendue


def test_the_past_that_the_rule_rests_on_is_asked_for() -> None:
    """Annexe I, article 4(2): with a single crossing, the years before could tell otherwise."""
    result = ans(300, 200)
    assert (result.selon_passe, result.a_confirmer) == ({"moyenne", "grande"}, ("beneficiaire.exercices[2]",))
    assert (ans(20).selon_passe, ans(20).a_confirmer) == (set(CATEGORIES), ("beneficiaire.exercices[1]",))
    assert ans(300, 300).a_confirmer == ()
    first = ans(20, situation_financiere={"cree_le": "2023-03-01"})
    assert (first.selon_passe, first.a_confirmer) == ({"petite"}, ())


def test_joining_a_group_takes_effect_at_once() -> None:
    """Annexe I, article 4(2): the two-year rule does not smooth a change of control."""
    mother = lien(300, nom="Mère", nature="liee", sens="amont")
    assert ans(20, 20, liens=[{**mother, "depuis_le": "2023-06-01"}]).categorie == "grande"
    years = [exercice(0, clos_le="2023-12-31"), exercice(0, clos_le="2022-12-31")]
    kept = {"nom": "Mère", "nature": "liee", "sens": "amont", "exercices": [exercice(300), exercice(200)]}
    assert calcul(exercices=years, liens=[kept]).categorie == "moyenne"
    assert calcul(exercices=years, liens=[kept], groupe_modifie_le="2023-06-01").categorie == "grande"


def test_unknown_figures_of_the_year_before_leave_the_range_open() -> None:
    """Unknown is not false: a group whose earlier figures are missing may have been larger."""
    result = ans(20, 20, liens=[lien(10, nom="Mère", nature="liee", sens="amont")])
    assert result.possibles == {"petite", "moyenne", "grande"}
    assert result.manquants == ("beneficiaire.liens[0].exercices[1]",)


def test_new_enterprise_is_estimated() -> None:
    """Annexe I, article 4(3): good-faith estimates, only while no accounts are closed."""
    estimate = exercice(5, 100, 100, estime=True)
    assert calcul(exercices=[estimate]).categorie == "micro"
    assert calcul(exercices=[estimate, exercice(60, clos_le="2023-12-31")]).categorie == "moyenne"


def test_year_closed_after_the_grant_is_not_used() -> None:
    """Annexe I, article 4(1): the accounts closed last on the date."""
    result = calcul(exercices=[exercice(300, clos_le="2024-12-31"), exercice(20, clos_le="2023-12-31")])
    assert result.categorie == "petite"
    assert "beneficiaire.exercices[0] : exercice clos après la date d'octroi ; il n'est pas retenu." in result.alertes


def test_years_are_sorted_by_date_and_turnover_brought_to_a_year() -> None:
    """Annexe I, article 4(1): the last closed year, on an annual basis."""
    result = calcul(exercices=[exercice(20, clos_le="2021-12-31"), exercice(60, clos_le="2022-12-31")] * 1)
    assert result.lignes[0].effectif.bas == 60 * 10_000 * 100
    short = exercice(20, 6 * MILLION, 50 * MILLION, duree_mois=6)
    assert calcul(exercices=[short]).categorie == "moyenne"


def test_consolidated_accounts_are_not_counted_twice() -> None:
    """Annexe I, article 6(2): what consolidation has taken up is not added again; the headcount may be (6(4))."""
    child = lien(240, 45 * MILLION, 1, nom="Fille", nature="liee", sens="aval", repris_par_consolidation=True)
    accounts = exercice(245, 48 * MILLION, 40 * MILLION, consolide=True)
    assert calcul(exercices=[accounts], liens=[child]).categorie == "moyenne"
    assert calcul(exercices=[{**accounts, "effectif_consolide": False}], liens=[child]).categorie == "grande"
    unknown = calcul(exercices=[accounts], liens=[{**child, "repris_par_consolidation": None}])
    assert unknown.possibles == {"moyenne", "grande"}
    assert "beneficiaire.liens[0].repris_par_consolidation" in unknown.manquants


def test_the_accounts_of_the_parent_may_hold_those_of_the_beneficiary() -> None:
    """Annexe I, article 6(2): consolidated accounts in which the enterprise is taken up; unknown, it is asked."""
    accounts = {"exercices": [exercice(240, 3 * MILLION, 3 * MILLION, consolide=True)] * 2}
    mother = {"nom": "Mère", "nature": "liee", "sens": "amont", **accounts}
    unknown = calcul(exercices=[exercice(20)] * 2, liens=[mother])
    assert unknown.possibles == {"moyenne", "grande"}
    assert unknown.manquants == ("beneficiaire.repris_par_consolidation",)
    assert calcul(repris_par_consolidation=True, exercices=[exercice(20)] * 2, liens=[mother]).categorie == "moyenne"
    assert calcul(repris_par_consolidation=False, exercices=[exercice(20)] * 2, liens=[mother]).categorie == "grande"
    # a parent does not stand in the accounts of its daughter
    daughter = {**mother, "nom": "Fille", "sens": "aval"}
    assert calcul(exercices=[exercice(20)] * 2, liens=[daughter]).categorie == "grande"


def test_missing_figures_give_a_range_and_ask_only_what_matters() -> None:
    """Missing figures give the categories still possible and the paths that settle them."""
    result = calcul(exercices=[{"effectif_uta": 60}])
    assert result.possibles == {"moyenne", "grande"}
    assert result.est_pme == INCONNU
    assert set(result.manquants) == {
        "beneficiaire.exercices[0].chiffre_affaires_eur",
        "beneficiaire.exercices[0].total_bilan_eur",
    }
    assert calcul(exercices=[{"effectif_uta": 250}] * 2).est_pme == FAUX
    assert calcul(exercices=[{"effectif_uta": 60, "total_bilan_eur": 1}] * 2).est_pme == VRAI
    assert calcul().manquants == ("beneficiaire.exercices",)


def test_declaration_settles_what_figures_leave_open_and_loses_to_them() -> None:
    """Annexe I, article 3(5): a declaration counts; the figures win, and the disagreement is said."""
    assert calcul(categorie="moyenne").categorie == "moyenne"
    assert calcul(categorie="moyenne", exercices=[{"effectif_uta": 60}]).categorie == "moyenne"
    wrong = calcul(categorie="petite", exercices=[exercice(60)])
    assert (wrong.categorie, wrong.contradiction) == ("moyenne", True)
    assert any("Les chiffres l'emportent" in alerte for alerte in wrong.alertes)


def test_declared_nature_loses_to_percentages() -> None:
    """Annexe I, article 3(3)(a): a majority of votes makes linked enterprises, whatever is declared."""
    tie = lien(300, nom="M", sens="amont", nature="partenaire", droits_de_vote_pct=60)
    result = calcul(exercices=[exercice(20)], liens=[tie])
    assert result.categorie == "grande"
    assert len(result.alertes) == 1


def test_majority_of_capital_with_unknown_votes_is_open() -> None:
    """Annexe I, article 3(3)(a): votes make the link, capital alone leaves a question."""
    result = calcul(exercices=[exercice(20)], liens=[lien(300, nom="M", sens="amont", capital_pct=60)])
    assert result.possibles == {"moyenne", "grande"}
    assert "beneficiaire.liens[0].droits_de_vote_pct" in result.manquants


def test_unknown_reference_is_said() -> None:
    """A link attached to nobody is reported, never dropped."""
    result = calcul(exercices=[exercice(20)], liens=[lien(300, nom="M", avec="Personne", nature="liee")])
    assert result.categorie == "grande"
    assert any("« Personne »" in alerte for alerte in result.alertes)


def phrases(result: Categorisation) -> list[str]:
    return [motif.texte for motif in result.motifs]


SEULE = "entreprise autonome"
ENTOUREE = "entreprise qui a des entreprises liées ou partenaires"
CHANGE = "le groupe a changé : les exercices clos avant ce changement ne comptent plus"


def test_reasons_are_those_of_the_case_and_no_others() -> None:
    """Each reason names what was decided, in the words of the file."""
    assert phrases(ans(20, 20)) == [SEULE, "chiffres du dernier exercice clos : petite"]
    assert phrases(ans(20)) == [SEULE, "chiffres du dernier exercice clos : petite"]
    assert phrases(ans(300, 60)) == [
        SEULE,
        "chiffres du dernier exercice clos : grande",
        "un seuil franchi ne compte qu'au deuxième exercice de suite : moyenne",
    ]
    assert phrases(calcul(exercices=[exercice(5, 1, 1, estime=True)])) == [
        SEULE,
        "entreprise nouvelle : chiffres estimés de bonne foi",
    ]
    daughter = lien(1, nom="Fille", sens="aval", droits_de_vote_pct=60)
    changed = ans(20, 300, groupe_modifie_le="2023-06-01", liens=[daughter])
    assert phrases(changed) == [ENTOUREE, "chiffres du dernier exercice clos : petite", CHANGE]
    assert phrases(calcul()) == [SEULE]
    assert [m.reference for m in changed.motifs] == ["rgec:annexe_I/6(2)", "rgec:annexe_I/4(1)", "rgec:annexe_I/4(2)"]


def test_what_public_control_says() -> None:
    """Annexe I, article 3(4): certain or doubtful, the reason tells which."""
    body = {"nom": "Ville", "type": "organisme_public", "droits_de_vote_pct": 30, "capital_pct": 30}
    sure = calcul(exercices=[exercice(20)] * 2, liens=[body]).motifs[-1]
    assert (sure.texte[-18:], sure.valeur) == ("ce n'est pas une PME"[-18:], VRAI)
    doubt = calcul(exercices=[exercice(20)] * 2, liens=[{**body, "type": "universite", "droits_de_vote_pct": 60}])
    assert ("peut-être" in doubt.motifs[-1].texte, doubt.motifs[-1].valeur) == (True, INCONNU)


def test_a_doubt_on_public_control_leaves_the_lower_bound() -> None:
    """Annexe I, article 3(4): a public quarter that is to be checked only adds large undertakings."""
    school = {"nom": "U", "type": "universite", "droits_de_vote_pct": 60, "exercices": [exercice(0, 0, 0)] * 2}
    assert calcul(exercices=[{"effectif_uta": 60}] * 2, liens=[school]).possibles == {"moyenne", "grande"}


def test_unknown_links_widen_an_open_range() -> None:
    """Annexe I, article 6: figures that leave two categories, and a group that may stand behind them."""
    year = {"effectif_uta": 20, "chiffre_affaires_eur": 20 * MILLION}
    found = categoriser(Beneficiaire.model_validate({"exercices": [year] * 2}), JOUR, PARAMETRES)
    assert calcul(exercices=[year] * 2).possibles == {"petite", "moyenne"}
    assert found.possibles == {"petite", "moyenne", "grande"}


def test_a_past_to_be_confirmed_settles_nothing() -> None:
    """Annexe I, article 4(2): a verdict rests on every category that the past would allow."""
    assert (ans(20).retenues, ans(20).est_pme) == (set(CATEGORIES), INCONNU)
    assert (ans(20, 20).retenues, ans(20, 20).est_pme) == ({"petite"}, VRAI)


def test_contradiction_needs_a_declaration() -> None:
    """A declared category among those possible contradicts nothing."""
    assert not calcul(exercices=[exercice(20)] * 2).contradiction
    agreed = calcul(categorie="petite", exercices=[exercice(20)] * 2)
    assert (agreed.contradiction, agreed.alertes, len(agreed.motifs)) == (False, (), 2)
    assert calcul(categorie="grande", exercices=[exercice(20)] * 2).contradiction


@pytest.mark.parametrize(
    ("groupe", "lien_du", "attendue"),
    [
        (None, None, "grande"),
        ("2022-12-31", None, "grande"),
        ("2023-01-01", None, "petite"),
        ("2023-01-01", "2021-01-01", "petite"),
        ("2021-01-01", "2023-01-01", "petite"),
        ("2024-06-03", None, "petite"),
        ("2024-06-04", None, "grande"),
    ],
)
def test_the_last_change_of_the_group_counts(groupe: str | None, lien_du: str | None, attendue: str) -> None:
    """Annexe I, article 4(2): the years closed since the last change, that day included; not a change to come."""
    daughter = {"nom": "Fille", "sens": "aval", "droits_de_vote_pct": 60, "depuis_le": lien_du}
    daughter["exercices"] = [exercice(0, 0, 0)] * 3
    assert ans(20, 300, 300, groupe_modifie_le=groupe, liens=[daughter]).categorie == attendue


def test_the_years_before_the_last_change_are_left_out() -> None:
    """Annexe I, article 4(2): of three years, the two closed since the change."""
    assert ans(20, 300, 20).categorie == "petite"
    assert ans(20, 300, 20, groupe_modifie_le="2022-06-01").categorie == "grande"


@pytest.mark.parametrize(("creation", "passe"), [("2022-01-01", {"moyenne"}), ("2021-12-30", {"petite", "moyenne"})])
def test_the_first_year_has_no_past(creation: str, passe: set[str]) -> None:
    """Annexe I, article 4(2): an enterprise whose first accounts are given is what they say."""
    result = ans(20, 60, situation_financiere={"cree_le": creation})
    assert (result.categorie, result.selon_passe) == ("moyenne", passe)


def test_questions_on_a_tie_are_those_that_settle_it() -> None:
    """Votes, the terms of the exception, the market: each only where it is what lacks."""

    def manquants(*liens: dict[str, Any]) -> tuple[str, ...]:
        return calcul(exercices=[exercice(20)] * 2, liens=list(liens)).manquants

    big = {"exercices": [exercice(300)] * 2}
    place = "beneficiaire.liens[0]"
    assert manquants({"nom": "M", "sens": "amont", **big}) == (f"{place}.droits_de_vote_pct",)
    angel = {"nom": "BA", "type": "business_angel", "droits_de_vote_pct": 30, **big}
    assert manquants(angel) == (f"{place}.investissement_eur", f"{place}.marche_commun")
    rich, silent = {**angel, "droits_de_vote_pct": None, "investissement_eur": 1_300_000}, {"type": "business_angel"}
    assert f"{place}.droits_de_vote_pct" in manquants(rich, {**silent, "droits_de_vote_pct": 1})
    assert "beneficiaire.liens[1].investissement_eur" not in manquants(rich, {**silent, "droits_de_vote_pct": 1})
    town = {"nom": "V", "type": "autorite_locale", "droits_de_vote_pct": 30, "capital_pct": 30}
    assert manquants(town) == (f"{place}.budget_annuel_eur", f"{place}.habitants")
    state = {"nom": "Pays", "type": "organisme_public", "droits_de_vote_pct": 20}
    assert manquants(state, {**state, "nom": "Ville"}) == ()
    assert manquants(state, {**state, "nom": "Ville", "droits_de_vote_pct": None, "capital_pct": 20}) == (
        f"{place}.capital_pct",
        "beneficiaire.liens[1].droits_de_vote_pct",
    )
    large = {**town, "habitants": 6_000, "budget_annuel_eur": 1, "droits_de_vote_pct": 20, "capital_pct": 20}
    assert manquants(large, {"nom": "Pays", "type": "organisme_public"}) == (
        "beneficiaire.liens[1].droits_de_vote_pct",
        "beneficiaire.liens[1].capital_pct",
    )
    school = {"nom": "U", "type": "universite", "droits_de_vote_pct": 60, "capital_pct": 60}
    school["exercices"] = empty = [exercice(0, 0, 0)] * 2
    assert manquants(school, {"nom": "Fille", "sens": "aval", "exercices": empty}) == (f"{place}.organisme_public",)
    other = {"nom": "X", "sens": "aval", "droits_de_vote_pct": 70, **big}
    other["liens"] = [{"nom": "Y", "sens": "aval", "droits_de_vote_pct": 80, "exercices": [exercice(300)] * 2}]
    person = {"nom": "Anne", "type": "personne_physique", "droits_de_vote_pct": 80, "liens": [other]}
    assert manquants(person) == (f"{place}.liens[0].marche_commun",)


# properties

shares = st.one_of(st.none(), st.integers(0, 100))
figures = st.one_of(st.none(), st.integers(0, 400))


@st.composite
def groups(draw: st.DrawFn, largest: int = 7) -> list[dict[str, Any]]:
    """Flat groups: each enterprise tied to the beneficiary or to another, cycles allowed, no consolidation."""
    count = draw(st.integers(0, largest))
    names = [f"E{i}" for i in range(count)]
    ties = []
    for name in names:
        tie: dict[str, Any] = {
            "nom": name,
            "avec": draw(st.sampled_from(["Bray", *names])),
            "sens": draw(st.sampled_from(["amont", "aval", None])),
            "nature": draw(st.sampled_from(["liee", "partenaire", None, None])),
            "type": draw(
                st.sampled_from([None, None, None, "personne_physique", "capital_risque", "organisme_public"])
            ),
            "marche_commun": draw(st.sampled_from([True, False, None])),
            "droits_de_vote_pct": draw(shares),
            "capital_pct": draw(shares),
            "effectif_uta": draw(figures),
            "chiffre_affaires_eur": draw(figures),
        }
        ties.append(tie)
    return ties


def totals(result: Categorisation) -> list[tuple[int, float]]:
    total = result.lignes[-1]
    pairs = (total.effectif, total.chiffre_affaires, total.total_bilan)
    return [(figure.bas, float("inf") if figure.haut is None else figure.haut) for figure in pairs]


def du_groupe(liens: list[dict[str, Any]], **more: Any) -> Categorisation:
    return calcul(**{"nom": "Bray", "exercices": [exercice(20, 10, 10)], "liens": liens, **more})


@settings(max_examples=150, deadline=None)
@given(groups(), st.data())
def test_order_and_names_change_nothing(liens: list[dict[str, Any]], data: st.DataObject) -> None:
    """Renaming or reordering the enterprises changes no total."""
    before = du_groupe(liens)
    names = {"Bray": "Zèbre", **{tie["nom"]: f"F{9 - i} SARL" for i, tie in enumerate(liens)}}
    renamed = [{**tie, "nom": names[tie["nom"]], "avec": names[tie["avec"]]} for tie in liens]
    after = du_groupe(data.draw(st.permutations(renamed)), nom="Zèbre")
    assert (totals(before), before.possibles) == (totals(after), after.possibles)


@settings(max_examples=150, deadline=None)
@given(groups(), st.data())
def test_a_linked_enterprise_never_lowers_a_total(liens: list[dict[str, Any]], data: st.DataObject) -> None:
    """Adding a linked enterprise never lowers a bound of a total."""
    where = data.draw(st.sampled_from(["Bray", *(tie["nom"] for tie in liens)]))
    new = lien(
        data.draw(figures),
        nom="Nouvelle",
        nature="liee",
        avec=where,
        sens=data.draw(st.sampled_from(["amont", "aval"])),
    )
    before, after = totals(du_groupe(liens)), totals(du_groupe([*liens, new]))
    assert all(a[0] >= b[0] and a[1] >= b[1] for a, b in zip(after, before, strict=True))


@settings(max_examples=150, deadline=None)
@given(groups(), st.data())
def test_answering_a_question_never_widens(liens: list[dict[str, Any]], data: st.DataObject) -> None:
    """Kleene: a figure that becomes known only narrows the categories."""
    before = du_groupe(liens)
    known = [
        {
            **tie,
            **{
                key: data.draw(st.integers(0, 400))
                for key in ("effectif_uta", "chiffre_affaires_eur")
                if tie[key] is None
            },
        }
        for tie in liens
    ]
    assert du_groupe(known).possibles <= before.possibles


@given(st.integers(0, 60_000), st.integers(0, 10**10), st.integers(0, 10**10))
def test_plain_columns_agree_with_the_full_computation(effectif: int, ca: int, bilan: int) -> None:
    """One meaning: the plain function that portfolios use gives the same category."""
    year = exercice(Decimal(effectif) / 100, Decimal(ca) / 100, Decimal(bilan) / 100)
    assert categories_possibles(effectif, ca, bilan, PARAMETRES) == calcul(exercices=[year]).possibles


@given(st.lists(st.tuples(st.integers(0, 3)).map(lambda r: (r[0], r[0])), min_size=1, max_size=6))
def test_two_equal_years_settle_the_category(years: list[tuple[int, int]]) -> None:
    """Annexe I, article 4(2): whatever came before, two years alike decide."""
    assert retenir([years[0], years[0], *years], (0, 3)) == years[0]


def par_taille(group: Callable[[int], Beneficiaire], size: int) -> float:
    """Return how many times dearer a group is than one four times smaller: 4 when each enterprise costs the same."""
    models = [group(size // 4), group(size)]
    spent: list[list[float]] = [[], []]
    for _ in range(3):
        for model, durations in zip(models, spent, strict=True):
            start = time.process_time()
            categoriser(model, JOUR, PARAMETRES)
            durations.append(time.process_time() - start)
    return min(spent[1]) / min(spent[0])


def en_cycles(count: int) -> Beneficiaire:
    """Return a group with cycles, in the order that suits it least."""
    liens = []
    for i in range(count):
        liens.append(lien(1, nom=f"E{i}", avec=f"E{i - 1}" if i else "Bray", sens="aval", droits_de_vote_pct=30))
        liens.append({"nom": f"E{i}", "avec": "Bray", "sens": "aval", "droits_de_vote_pct": 30})
    liens.append({"nom": "Bray", "avec": f"E{count - 1}", "sens": "aval", "droits_de_vote_pct": 60})
    liens.append({"nom": "E0", "avec": "Bray", "sens": "aval", "droits_de_vote_pct": 51})
    return Beneficiaire.model_validate({"nom": "Bray", "exercices": [exercice(1)], "liens": liens[::-1]})


def test_an_enterprise_of_a_wide_group_with_cycles_costs_no_more() -> None:
    """2,000 enterprises with cycles are all counted, at a cost that grows with their number, not with its square."""
    assert categoriser(en_cycles(2000), JOUR, PARAMETRES).lignes[-1].effectif.bas == 2001 * 10_000 * 100
    assert par_taille(en_cycles, 2000) < 10


@pytest.mark.parametrize(
    ("kind", "more"),
    [("business_angel", {"investissement_eur": 1}), ("business_angel", {}), ("organisme_public", {})],
)
def test_a_holder_among_two_thousand_costs_no_more(kind: str, more: dict[str, Any]) -> None:
    """A wide group costs no more than a deep one: 2,000 investors of the parent and of the enterprise."""
    part = {"type": kind, "droits_de_vote_pct": "0.01", "capital_pct": "0.01", **more}

    def group(count: int) -> Beneficiaire:
        liens: list[dict[str, Any]] = [{"nom": "Mère", "sens": "amont", "droits_de_vote_pct": 60}]
        for i in range(count // 2):
            liens += [{"nom": f"E{i}", "avec": name, **part} for name in ("Bray", "Mère")]
        return Beneficiaire.model_validate({"nom": "Bray", "exercices": [exercice(1)] * 2, "liens": liens})

    assert len(categoriser(group(2000), JOUR, PARAMETRES).membres) == 2
    assert par_taille(group, 2000) < 10


@settings(max_examples=150, deadline=None)
@given(groups())
def test_what_is_certain_is_possible(liens: list[dict[str, Any]]) -> None:
    """The two perimeters nest: a share is never larger for certain than it can be."""
    result = du_groupe(liens)
    assert all(0 <= member.part_min <= member.part_max <= 10_000 for member in result.membres)
    assert result.possibles <= result.selon_passe
    assert (len(result.possibles) == 1) == (result.categorie is not None)
