"""Aids on the same costs, whatever the funders: what is summed, what is not, up to which ceiling, and what is said."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from dossiers import FAITS, aide, alertes, ligne, recherche

from aid_rules.amounts import euros

M = [ligne("m", 1000)]
COUTS = [*M, recherche("rd", 1000), recherche("ri", 1000, "recherche_industrielle")]
NATURE_INCONNUE = {"couts": M, "faits": FAITS | {"nature_investissement": None}}


def octroyee(nom, montant, couts, le="2019-10-01", base="rgec.17"):
    return aide(nom, montant, base, couts, statut="octroyee", octroyee_le=le)


def union(nom, montant, couts, taux=None):
    rate = {} if taux is None else {"taux_max_pct": taux}
    return aide(nom, montant, None, couts, financeur={"type": "union_directe"}, **rate)


def said(found, code="cumul_intensite") -> list[tuple]:
    """What the alerts of one code tell, without their sentences."""
    return [(a.gravite, a.aides, a.couts, a.plafond, a.total, a.depassement) for a in found if a.code == code]


def test_the_sure_part_of_a_sum_is_told(engine):
    """RGEC 8(3)(b): 250 € sure over 200 €, whatever a loan still to be valued is worth."""
    aids = [aide("x", 150, "rgec.17", ["m"]), aide("y", 100, None, ["m"]), aide("z", 90, None, ["m"], forme="pret")]
    (found,) = [a for a in alertes(engine, M, aids) if a.code == "cumul_intensite"]
    assert said([found]) == [("bloquante", ("x", "y", "z"), ("m",), 20000, 25000, 5000)]
    assert found.message.startswith("Les aides x, y et z sur les mêmes coûts (m) dépassent ")


def test_a_loan_not_valued_may_exceed(engine):
    """A loan is at most its whole amount: what it may exceed is asked, never blocked."""
    aids = [aide("x", 150, "rgec.17", ["m"]), aide("y", 100, None, ["m"], forme="pret")]
    (found,) = [a for a in alertes(engine, M, aids) if a.code == "cumul_intensite"]
    assert said([found]) == [("attention", ("x", "y"), ("m",), 20000, 25000, 5000)]
    assert "Les aides x et y" in found.message
    assert "pourraient dépasser" in found.message


def test_an_amount_not_known_has_no_excess(engine):
    """An excess that cannot be told is not an excess of zero."""
    aids = [aide("x", 150, "rgec.17", ["m"]), aide("y", None, None, ["m"])]
    (found,) = [a for a in alertes(engine, M, aids) if a.code == "cumul_intensite"]
    assert said([found]) == [("attention", ("x", "y"), ("m",), 20000, None, None)]
    assert "un montant encore inconnu" in found.message


def test_the_least_ceiling_is_told_of_what_may_exceed(engine):
    """A basis still open may leave nothing: what may be exceeded is its least ceiling."""
    aids = [aide("x", 100, "rgec.17", ["m"]), aide("y", 50, None, ["m"])]
    found = alertes(engine, M, aids, projet=NATURE_INCONNUE)
    assert said(found) == [("attention", ("x", "y"), ("m",), 0, 15000, 15000)]


def test_an_aid_whose_costs_are_not_told_never_blocks(engine):
    """Which costs an aid falls on is to be told before its sum with another is sure."""
    aids = [aide("x", 150, "rgec.17", ["m"]), aide("y", 100, None)]
    assert said(alertes(engine, M, aids)) == [("attention", ("x", "y"), ("m",), 20000, 25000, 5000)]


def test_one_aid_without_a_basis_is_held_to_the_highest_ceiling(engine):
    """RGEC 8(3)(b): alone on its costs and without a basis, an aid still passes every ceiling; a doubt is not told."""
    (found,) = [a for a in alertes(engine, M, [aide("x", 201, None, ["m"])]) if a.code == "cumul_intensite"]
    assert said([found]) == [("bloquante", ("x",), ("m",), 20000, 20100, 100)]
    assert found.message.startswith("L’aide x sur les mêmes coûts (m) dépasse ")
    assert said(alertes(engine, M, [aide("x", 201, None, ["m"], forme="pret")])) == []


def test_the_cure_names_the_roomiest_line(engine):
    """What does not fit may go on the line with the most room, when there is one."""
    aids = [aide("x", 150, "rgec.17", ["m"]), aide("y", 100, None, ["m"])]
    (alert,) = [a for a in alertes(engine, COUTS, aids) if a.code == "cumul_intensite"]
    expected = (
        f"Réduisez x ou y de {euros(5000)}, ou portez-en une partie sur « ri », où {euros(70000)} restent possibles."
    )
    assert alert.message.endswith(expected)
    full = [*aids, aide("z", 450, "rgec.25", ["rd"]), aide("t", 700, "rgec.25", ["ri"])]
    (alert,) = [a for a in alertes(engine, COUTS, full) if a.code == "cumul_intensite"]
    assert alert.message.endswith(f"Réduisez x ou y de {euros(5000)}, ou portez-en une partie sur d'autres coûts.")


def test_the_ceiling_of_today_holds_beside_an_older_one(engine):
    """RGEC 4(1)(c): 7.5 million euros until June 2023, 8.25 since; an award of 2019 does not bring 7.5 back."""
    usine = [ligne("usine", 60_000_000)]
    before = octroyee("v", 1_000_000, ["usine"])

    def sums(other):
        aids = [before, aide("x", 7_000_000, "rgec.17", ["usine"]), aide("y", other, None, ["usine"])]
        return said(alertes(engine, usine, aids, date_octroi="2024-03-01"))

    assert sums(250_000) == []
    assert sums(250_001) == [("bloquante", ("v", "x", "y"), ("usine",), 825_000_000, 825_000_100, 100)]


def test_the_same_ceiling_of_two_days_counts_once(engine):
    """RGEC 4(1)(c): an award of last month under the same law adds no second 7.5 million euros."""
    usines = [ligne("u1", 40_000_000), ligne("u2", 40_000_000)]
    aids = [octroyee("v", 1_000_000, ["u1", "u2"]), aide("y", 7_000_000, None, ["u1", "u2"])]
    over = ("bloquante", ("v", "y"), ("u1", "u2"), 750_000_000, 800_000_000, 50_000_000)
    assert said(alertes(engine, usines, aids)) == [over]


def test_a_scheme_that_may_be_de_minimis_lends_no_ceiling(engine):
    """RGEC 18(2): half the advice; what an award of 2019 may owe to de minimis, without rate, raises it for nobody."""
    conseil = [ligne("c", 100_000, "conseil_pme", "conseil_externe")]
    before = octroyee("v", 10_000, ["c"], "2019-03-01", "diagnostic_industrie_futur")
    aids = [before, aide("x", 45_000, "rgec.18", ["c"]), aide("y", 10_000, None, ["c"])]
    facts = {"conseil_permanent_ou_periodique": "non", "conseil_depense_courante": "non"}
    found = alertes(engine, conseil, aids, date_octroi="2024-05-15", projet={"couts": conseil, "faits": FAITS | facts})
    over = ("bloquante", ("v", "x", "y"), ("c",), 5_000_000, 6_500_000, 1_500_000)
    assert said(found) == [over]


SURCOUTS = [ligne("s", 800_000, "fonctionnement_afr", "exploitation")]
OUTRE_MER = {
    "champ_sectoriel_regime": "general",
    "gestion_ou_conseil_intragroupe": "non",
    "activite_dans_la_zone": "oui",
    "surcouts_handicap_permanent": "oui",
    "charges_investissement_aide": "non",
    "valeur_ajoutee_annuelle_zone_eur": 1_000_000,
    "cout_travail_annuel_zone_eur": 1_500_000,
    "chiffre_affaires_annuel_zone_eur": 2_000_000,
    "autres_aides_fonctionnement_eur": 0,
}


def overseas(engine, aids) -> list[tuple]:
    facts = {"commune": "97105", "zone_afr": None, "couts": SURCOUTS, "faits": FAITS | OUTRE_MER}
    return said(alertes(engine, SURCOUTS, aids, projet=facts))


def test_operating_aid_overseas_is_set_apart(engine):
    """RGEC 8(7): beside operating aid overseas its ceiling binds it alone; without any, that of article 15 holds."""
    fonctionnement, autre = aide("f", 500_000, "rgec.15", ["s"]), aide("r", 900_000, None, ["s"])
    assert overseas(engine, [fonctionnement, autre]) == []
    assert overseas(engine, [autre]) == [("bloquante", ("r",), ("s",), 60_000_000, 90_000_000, 30_000_000)]


HANDICAP = [ligne("s", 1000, "emploi_travailleurs_handicapes", "cout_salarial")]
HANDICAP.append(ligne("p", 1000, "surcouts_travailleurs_handicapes"))
EMPLOI = {
    "travailleur_handicape": "oui",
    "augmentation_nette_effectif": "oui",
    "emploi_continu_minimal": "oui",
    "surcouts_handicap_seuls": "oui",
}


def test_aid_for_disabled_workers(engine):
    """RGEC 8(6): with other aid up to the whole cost, on that provision; articles 33 and 34 each keep its own costs."""
    facts = {"couts": HANDICAP, "faits": EMPLOI}
    salaire, poste = aide("x", 750, "rgec.33", ["s"]), aide("y", 1000, "rgec.34", ["p"])
    assert alertes(engine, HANDICAP, [salaire, poste], projet=facts) == []
    found = alertes(engine, HANDICAP, [salaire, poste, aide("z", 251, None, ["s"])], projet=facts)
    assert said(found) == [("bloquante", ("x", "z"), ("s",), 100000, 100100, 100)]
    assert [a.references for a in found if a.code == "cumul_intensite"] == [("rgec:8(6)",)]


POUSSE = [ligne("l", 5_000_000, "jeune_pousse", "cout_admissible_autre")]
POUSSE += [ligne("p", 5_000_000, "plateforme_demarrage", "cout_admissible_autre")]
POUSSE += [ligne("i", 100_000, "cooperation_territoriale", "personnel")]
JEUNE = {
    "entreprise_cotee": "non",
    "enregistree_le": "2020-01-15",
    "benefices_distribues": "non",
    "reprise_activite": "non",
    "acquisition_entreprise": "non",
    "issue_concentration": "non",
    "aide_par_intermediaire": "non",
    "entreprise_zone_afr": "aucune",
    "entreprise_innovante": "non",
    "jeune_pousse_part_consommee_pct": 0,
    "gestionnaire_plateforme": "oui",
    "conditions_jeune_pousse": "oui",
    "projet_interreg": "oui",
    "couts_lies_a_la_cooperation": "oui",
    "conseil_permanent_ou_periodique": "non",
    "conseil_depense_courante": "non",
    "taux_cofinancement_fonds_pct": 80,
}


def young(engine, aids, jour="2021-07-31", **facts) -> list:
    project = {"couts": POUSSE, "faits": FAITS | JEUNE | facts}
    return alertes(engine, POUSSE, aids, date_octroi=jour, projet=project)


def pair(lancement, plateforme, **autres) -> list[dict]:
    return [aide("p", lancement, "rgec.22", ["l"]), aide("b", plateforme, "rgec.23", ["p"], **autres)]


def together(found) -> list[tuple]:
    return said(found, "cumul_sans_couts")


def test_aids_without_identifiable_costs_share_the_highest_ceiling(engine):
    """RGEC 8(4): 400 000 € for a start-up and a trading platform together; at the ceiling nothing is told."""
    assert young(engine, pair(200_000, 200_000)) == []
    over = young(engine, pair(200_000, 200_001))
    assert together(over) == [("bloquante", ("p", "b"), (), 40_000_000, 40_000_100, 100)]
    assert "dépassent ensemble" in over[0].message
    assert over[0].message.endswith(f"Réduisez-les de {euros(100)}, ou n'en gardez qu'une.")


def test_one_of_them_alone_is_its_own_basis_s(engine):
    """Two aids under article 22 are told by article 22, not once more together."""
    found = young(engine, [aide("p", 300_000, "rgec.22", ["l"]), aide("b", 300_000, "rgec.22", ["l"])])
    assert [a.code for a in found] == ["depassement_base"]


def test_what_is_not_known_of_them_may_exceed(engine):
    """A loan not valued, an amount missing, a doubled ceiling still open: told as a doubt, against the least."""
    loan = young(engine, pair(200_000, 300_000, forme="pret"))
    assert together(loan) == [("attention", ("p", "b"), (), 40_000_000, 50_000_000, 10_000_000)]
    assert "pourraient dépasser ensemble" in loan[-1].message
    none = young(engine, pair(200_000, None))
    assert together(none) == [("attention", ("p", "b"), (), 40_000_000, None, None)]
    assert none[-1].message.endswith("Réduisez-les, ou n'en gardez qu'une.")
    open_ = young(engine, pair(300_000, 300_000), entreprise_innovante=None)
    assert together(open_) == [("attention", ("p", "b"), (), 40_000_000, 60_000_000, 20_000_000)]
    sure = young(engine, pair(500_000, 500_000), entreprise_innovante=None)
    assert together(sure) == [("bloquante", ("p", "b"), (), 80_000_000, 100_000_000, 20_000_000)]


def test_the_highest_of_their_ceilings_is_the_one(engine):
    """RGEC 8(4) in 2024: 500 000 € for a start-up, 22 000 € for territorial cooperation; the higher holds for both."""
    coop = aide("i", 20_000, "rgec.20a", ["i"])
    at_most = young(engine, [aide("p", 480_000, "rgec.22", ["l"]), coop], "2024-04-02")
    assert at_most == []
    over = young(engine, [aide("p", 480_001, "rgec.22", ["l"]), coop], "2024-04-02")
    assert together(over) == [("bloquante", ("p", "i"), (), 50_000_000, 50_000_100, 100)]


def test_closed_bases_share_nothing(engine):
    """Neither article open to a listed company: what is told is that, and no ceiling."""
    found = young(engine, pair(300_000, 300_000), entreprise_cotee="oui", conditions_jeune_pousse="non")
    assert [a.code for a in found] == ["base_non_mobilisable", "base_non_mobilisable"]


def test_ceilings_without_identifiable_costs_bind_no_other_aid(engine):
    """RGEC 8(4): start-up aid has no eligible costs; its ceiling is not that of an aid without it on the same lines."""
    found = young(engine, [aide("x", 500_000, None, ["l"])])
    assert [a.code for a in found] == ["aide_sans_base"]


def test_union_funds_under_the_most_favourable_rate(engine):
    """RGEC 8(2): the highest of the rates of the Union; a fund whose rate is not told may reach the whole cost."""
    aids = [union("u", 500, ["m"], 75), union("w", 150, ["m"], 50)]
    assert said(alertes(engine, M, [*aids, aide("x", 100, "rgec.17", ["m"])]), "fonds_union_directs") == [
        ("information", ("u", "w"), (), None, None, None)
    ]
    over = alertes(engine, M, [*aids, aide("x", 101, "rgec.17", ["m"])])
    assert "(m) dépassent le taux le plus favorable" in over[-1].message
    assert said(over, "fonds_union_directs")[1:] == [("bloquante", ("x", "u", "w"), ("m",), 75000, 75100, 100)]
    whole = alertes(engine, M, [union("u", 900, ["m"]), aide("x", 101, "rgec.17", ["m"])])
    assert said(whole, "fonds_union_directs")[1:] == [("bloquante", ("x", "u"), ("m",), 100000, 100100, 100)]


def test_a_rate_of_the_union_that_is_not_told_is_asked_about(engine):
    """RGEC 8(2): under the rates that are told nothing is asked; above, the programme's own may cover the total."""
    grant = aide("x", 100, "rgec.17", ["m"])

    def told(*funds):
        found = alertes(engine, M, [*funds, grant])
        assert said(found, "fonds_union_directs")[0][0] == "information"
        return said(found, "fonds_union_directs")[1:], found[-1].message

    (doubt,), message = told(union("u", 700, ["m"]), union("w", 50, ["m"], 75))
    assert doubt == ("attention", ("x", "u", "w"), ("m",), 75000, 85000, 10000)
    assert message.endswith("Dites d'abord le taux maximal du programme de u.")
    assert told(union("u", 600, ["m"]), union("w", 50, ["m"], 75))[0] == []
    (alone,), _ = told(union("u", 900, ["m"]))
    assert alone == ("attention", ("x", "u"), ("m",), 20000, 100000, 80000)


def test_union_funds_without_costs_are_not_summed(engine):
    """A fund attached to no costs of the project is told, and summed with none."""
    apart = union("u", 900, [], 75)
    for aids in ([apart], [apart, union("w", 650, ["m"], 75)]):
        found = alertes(engine, M, [*aids, aide("x", 100, "rgec.17", ["m"])])
        assert [(a.code, a.gravite) for a in found] == [("fonds_union_directs", "information")]


def test_union_funds_that_may_exceed(engine):
    """RGEC 8(2): a loan not valued, an amount or a cost not told, are asked about."""
    loan = aide("x", 101, "rgec.17", ["m"], forme="pret")
    asked = alertes(engine, M, [union("u", 750, ["m"], 75), loan])[-1]
    assert "(m) pourraient dépasser le taux le plus favorable" in asked.message

    def told(costs, *aids):
        found = alertes(engine, costs, list(aids), projet={"couts": costs, "faits": FAITS})
        return said(found, "fonds_union_directs")[1:]

    assert told(M, union("u", 750, ["m"], 75), loan) == [("attention", ("x", "u"), ("m",), 75000, 85100, 10100)]
    sure = told(M, union("u", 760, ["m"], 75), loan, aide("y", 10, None, ["m"]))
    assert sure == [("bloquante", ("x", "y", "u"), ("m",), 75000, 77000, 2000)]
    grant = aide("x", 101, "rgec.17", ["m"])
    assert told(M, union("u", None, ["m"], 75), grant) == [("attention", ("x", "u"), ("m",), 75000, None, None)]
    no_cost = [{k: v for k, v in M[0].items() if k != "montant_eur"}]
    assert told(no_cost, union("u", 500, ["m"], 75), grant) == [("attention", ("x", "u"), ("m",), 0, 60100, 60100)]


def test_one_aid_beside_investeu_may_exceed_what_is_left(engine):
    """RGEC 8(3)(b): what InvestEU funds is taken off the costs; a loan alone on the rest is asked about."""
    costs = [ligne("m", 100_000)]
    fund = aide("i", 40_000, "rgec.56e", ["m"], forme="pret", esb_eur=1000)
    loan = aide("x", 20_000, "rgec.17", ["m"], forme="pret")
    (found,) = [
        a for a in alertes(engine, costs, [fund, loan], date_octroi="2021-08-01") if a.code == "cumul_intensite"
    ]
    assert said([found]) == [("attention", ("x",), ("m",), 1_200_000, 2_000_000, 800_000)]
    assert found.message.startswith("L’aide x sur les mêmes coûts (m) pourrait dépasser ")


def test_investeu_on_costs_not_told(engine):
    """RGEC 8(3)(b): what falls on a cost that is not told, or of a loan that is not, may be taken off the others.

    The doubt is told; so it is when the cost is between two bounds that the dossier leaves open.
    """
    costs = [{k: v for k, v in ligne("m", 0).items() if k != "montant_eur"}, ligne("n", 100_000)]
    fund = aide("i", 40_000, "rgec.56e", ["m", "n"], forme="pret", esb_eur=1000)
    grant = aide("x", 12_001, "rgec.17", ["n"])
    found = alertes(engine, costs, [fund, grant], date_octroi="2021-08-01")
    assert said(found) == [("attention", ("x",), ("n",), 1_200_000, 1_200_100, 100)]
    assert said(alertes(engine, costs, [fund, aide("x", 12_000, "rgec.17", ["n"])], date_octroi="2021-08-01")) == []
    (over,) = said(alertes(engine, costs, [fund, aide("x", 20_001, "rgec.17", ["n"])], date_octroi="2021-08-01"))
    assert over[:3] == ("bloquante", ("x",), ("n",))
    known = [ligne("m", 300_000), ligne("n", 100_000)]
    shared = alertes(engine, known, [fund, aide("x", 18_001, "rgec.17", ["n"])], date_octroi="2021-08-01")
    assert said(shared) == [("bloquante", ("x",), ("n",), 1_800_000, 1_800_100, 100)]
    odd = aide("i", "100000.01", "rgec.56e", ["m", "n"], forme="pret", esb_eur=1000)
    part = alertes(engine, known, [odd, aide("x", 15_000, "rgec.17", ["n"])], date_octroi="2021-08-01")
    assert said(part) == [("attention", ("x",), ("n",), 1_499_999, 1_500_000, 1)], "20 % of 74,999.9975 euros"
    open_loan = {k: v for k, v in fund.items() if k != "montant_eur"}
    doubt = alertes(engine, known, [open_loan, aide("x", 10_000, "rgec.17", ["n"])], date_octroi="2021-08-01")
    assert [a.gravite for a in doubt if a.code == "cumul_intensite"] == ["attention"]
