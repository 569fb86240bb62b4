"""From a dossier to what the evaluator reads: what is not said stays unknown, what is computed is not guessed."""

from __future__ import annotations

from datetime import date

import pytest

from aid_rules.engine.facts import bases_of, lines_of, verite
from aid_rules.language.reading import dossier_of
from aid_rules.language.tree import FAUX, INCONNU, VRAI
from aid_rules.report.groupe import grant_equivalents


def facts(engine, **data):
    dossier = dossier_of({"date_octroi": "2024-03-15", **data}, engine.book.vocabulaire, engine.book.bases)
    found = engine.at(dossier.date_octroi).reader.read(dossier)
    return {name: found.env[place] for name, place in engine.slots.index.items()}


def test_nothing_said_is_nothing_known(engine):
    """With a date alone, no direct fact is true, false or zero."""
    found = facts(engine)
    assert found["date_octroi"] == date(2024, 3, 15).toordinal()
    for name, fact in engine.slots.facts.items():
        if fact.derive:
            continue
        if fact.type == "booleen":
            assert found[name] == INCONNU, name
        elif fact.type == "choix":
            assert found[name] == fact.masque(), name
        elif fact.type != "ensemble":
            assert found[name] is None, name


@pytest.mark.parametrize(("expected", "said"), [(VRAI, True), (FAUX, False), (INCONNU, None)])
def test_answers(expected, said):
    """Yes, no, and nothing."""
    assert verite(said) == expected


def test_exact_forms(engine):
    """Cents, bits of a choice, one truth value per member of a set."""
    categories = engine.slots.facts["beneficiaire.categorie"]
    found = facts(
        engine,
        beneficiaire={"categorie": "moyenne", "activite_economique": True, "secteurs": ["transport"]},
        projet={
            "zone_afr": "c",
            "demande_aide_le": "2024-01-02",
            "faits": {"cout_contrefactuel_eur": "12.50", "nature_investissement": ["extension_capacites"]},
        },
    )
    assert found["beneficiaire.categorie"] == categories.bit("moyenne")
    assert found["beneficiaire.activite_economique"] == VRAI
    assert found["beneficiaire.secteurs.transport"] == VRAI
    assert found["beneficiaire.secteurs.charbon"] == FAUX
    assert found["projet.zone_afr"] == engine.slots.facts["projet.zone_afr"].bit("c")
    assert found["projet.demande_aide_le"] == date(2024, 1, 2).toordinal()
    assert found["cout_contrefactuel_eur"] == 1250
    assert found["nature_investissement.extension_capacites"] == VRAI
    assert found["nature_investissement.remplacement"] == FAUX


def test_unknown_cost_lines(engine):
    """No `couts` is not an empty list; a line without amount is not a line of zero."""
    assert facts(engine)["couts_totaux"] == (0, None)
    assert facts(engine, projet={"couts": []})["couts_totaux"] == (0, 0)
    one = {"id": "a", "montant_eur": 10}
    assert facts(engine, projet={"couts": [one]})["couts_totaux"] == (1000, 1000)
    assert facts(engine, projet={"couts": [one, {"id": "b"}]})["couts_totaux"] == (1000, None)


def test_lines(engine):
    """Each line keeps its purpose, its type and its amount, or their absence."""
    dossier = dossier_of(
        {"date_octroi": "2024-03-15", "projet": {"couts": [{"id": "a", "poste": "terrains"}]}}, engine.book.vocabulaire
    )
    lines = lines_of(dossier)
    (line,) = lines.lignes
    assert (line.id, line.finalite, line.poste, line.montant) == ("a", None, "terrains", (0, None))
    assert lines.completes


def test_bases_of_a_day(engine):
    """What an aid may name on a day: the bases and the schemes in force."""
    loi = engine.at(date(2024, 3, 15)).loi
    assert "rgec.17" in bases_of(loi)
    assert len(set(bases_of(loi))) == len(list(bases_of(loi)))


@pytest.mark.parametrize(
    ("naf", "octroi", "faits", "cents"),
    [
        ("25.62B", "2019-11-18", {}, 7_200_000),
        ("25.62B", None, {}, 7_200_000),
        ("49.41A", None, {}, 7_200_000),
        ("49.41A", "2019-11-18", {"activite_aidee_separee": True}, 7_200_000),
        ("49.41A", "2019-11-18", {}, None),
        (None, "2019-11-18", {}, None),
    ],
)
def test_an_aid_already_granted_counts_by_the_law_of_its_day(engine, naf, octroi, faits, cents):
    """Règlement 1407/2013, article 4(3)(b): half the amounts in road haulage, until the end of 2023."""
    terms = {"duree_mois": 24, "suretes_couverture_pct": 60}
    aide = {"id": "a", "forme": "pret", "montant_eur": 900_000, "base": "de_minimis.general", "conditions": terms}
    aide |= {"statut": "octroyee" if octroi else "prevue", "octroyee_le": octroi}
    beneficiaire = {"naf": naf, "categorie": "petite", "situation_financiere": {"procedure_collective": False}}
    data = {"date_octroi": "2024-06-03", "beneficiaire": beneficiaire, "projet": {"faits": faits}, "aides": [aide]}
    dossier = dossier_of(data, engine.book.vocabulaire, engine.book.bases)
    law = engine.at(dossier.date_octroi)
    assert law.reader.read(dossier).esb["a"] == ((0, 90_000_000) if cents is None else (cents, cents))
    (shown,) = grant_equivalents(dossier, law.reader.read(dossier), law.reader.parametres_au)
    assert ("200 000" in shown.calcul[0].replace("\u202f", " ") if shown.calcul else None) == (
        None if cents is None else octroi is not None
    )


@pytest.mark.parametrize(
    ("economic", "share", "expected"),
    [
        (True, None, 0),
        (False, None, 10_000),
        (None, None, None),
        (True, 15, 1_500),
        (False, 15, 1_500),
        (None, 15, 1_500),
    ],
)
def test_a_plain_answer_is_about_the_whole_activity(engine, economic, share, expected):
    """RGEC 2(83): economic or not, said without a share, is said of all of it; a share that is given stands."""
    said = {"activite_economique": economic, "part_non_economique_pct": share}
    assert facts(engine, beneficiaire=said)["beneficiaire.part_non_economique_pct"] == expected


def test_sectors_of_a_code(engine):
    """NAF 70.22Z: no sector that a text singles out; without a code, any sector may be."""
    assert facts(engine)["beneficiaire.secteurs.transport"] == INCONNU
    assert facts(engine, beneficiaire={"naf": "70.22Z"})["beneficiaire.secteurs.transport"] == FAUX
    assert facts(engine, beneficiaire={"naf": "49.41A"})["beneficiaire.secteurs.transport"] == VRAI


@pytest.mark.parametrize(
    ("naf", "said", "primary", "advice"),
    [
        ("03.11Z", {}, VRAI, INCONNU),
        ("70.22Z", {}, INCONNU, INCONNU),
        ("03.11Z", {"peche_production_primaire": False}, FAUX, INCONNU),
        ("70.22Z", {"gestion_ou_conseil_intragroupe": True}, INCONNU, VRAI),
        ("70.22Z", {"gestion_ou_conseil_intragroupe": False}, INCONNU, FAUX),
    ],
)
def test_what_a_code_says_of_other_facts_yields_to_the_dossier(engine, naf, said, primary, advice):
    """Règlement 2023/2831, article 2(1)(f), RGEC 13(d): fishing is primary production; a stated answer wins."""
    found = facts(engine, beneficiaire={"naf": naf}, projet={"faits": said})
    assert (found["peche_production_primaire"], found["gestion_ou_conseil_intragroupe"]) == (primary, advice)


@pytest.mark.parametrize(
    ("commune", "zone", "zones", "rup", "rates"),
    [
        ("02003", None, ["c"], FAUX, [(3000, 3000), (2000, 2000), (1000, 1000)]),
        ("97411", None, ["a"], VRAI, [(6500, 6500), (5500, 5500), (4500, 4500)]),
        ("76462", None, ["aucune"], FAUX, [(0, 0)] * 3),
        ("02003", "a", ["a"], FAUX, [(0, None)] * 3),  # a zone without any rate in that territory
        (None, None, ["a", "c", "aucune"], INCONNU, [(0, 9000), (0, 8000), (0, 7000)]),
    ],
)
def test_regional_aid_of_a_place(engine, commune, zone, zones, rup, rates):
    """RGEC 14(12), décret 2014-758: nothing outside the map, the rate of a zone, unknown when none is described."""
    dossier = {"date_octroi": "2019-11-18", "projet": {"commune": commune, "zone_afr": zone}}
    found = facts(engine, **dossier)
    assert found["projet.zone_afr"] == sum(map(engine.slots.facts["projet.zone_afr"].bit, zones))
    assert found["projet.rup"] == rup
    assert [found[f"afr.taux_{size}"] for size in ("petite", "moyenne", "grande")] == rates


def test_difficulty_of_risk_finance_is_told_apart(engine):
    """RGEC 2(18): a start-up that an intermediary has checked is in difficulty for what is not risk finance alone."""
    lost = {
        "forme": "responsabilite_limitee",
        "cree_le": "2018-01-02",
        "premiere_vente_le": "2020-01-02",
        "procedure_collective": False,
    }
    lost |= {"capital_souscrit_eur": 100, "capitaux_propres_eur": -900, "controle_prealable_financement_risques": True}
    found = facts(engine, beneficiaire={"categorie": "petite", "situation_financiere": lost})
    assert found["beneficiaire.en_difficulte"] == VRAI
    assert found["beneficiaire.en_difficulte_financement_risques"] == INCONNU


def test_aids_read_again_leave_the_rest_and_the_first_reading(engine):
    """Other aids of the same dossier: only what depends on them changes, and what was read before stays."""
    data = {"date_octroi": "2024-03-15", "projet": {"faits": {"cout_contrefactuel_eur": 5}}}
    grant = {"id": "a", "forme": "subvention", "montant_eur": 100, "financeur": {"type": "etat"}}
    loan = {"id": "b", "forme": "pret", "montant_eur": 900, "esb_eur": 30, "financeur": {"type": "prive"}}
    reader = engine.at(date(2024, 3, 15)).reader
    one, other = (dossier_of(data | {"aides": [aid]}, engine.book.vocabulaire) for aid in (grant, loan))
    first = reader.read(one)
    before = list(first.env)
    again = reader.relire(first, other)
    assert again.env == reader.read(other).env
    assert again.esb == {"b": (3_000, 3_000)}
    assert (first.env, first.esb) == (before, {"a": (10_000, 10_000)})
    assert again.env[engine.slots.index["aide.montant_max"]] == 3_000
    assert again.env[engine.slots.index["aide.ressources_publiques"]] == FAUX
    assert again.env[engine.slots.index["cout_contrefactuel_eur"]] == 500


def test_a_stated_choice_is_one_value(engine):
    """A choice that the dossier states excludes the others."""
    fact = engine.slots.facts["beneficiaire.notation"]
    assert facts(engine, beneficiaire={"notation": "bbb"})["beneficiaire.notation"] == fact.bit("bbb")
    assert facts(engine)["beneficiaire.notation"] == fact.masque()


@pytest.mark.parametrize(("jour", "cents"), [("2019-11-18", 130_000), ("2024-06-03", 130_000), ("2013-06-03", 30_000)])
def test_de_minimis_received_by_regulation(engine, jour, cents):
    """Règlements 1407/2013, 5(1), and 2023/2831, 5(2): farming aid counts under the general ceiling; not before."""
    year = int(jour[:4])
    who = {"siren": "732829320", "entreprise_unique": ["732829320"], "operations": [], "exercices": []}
    aids = [
        {"octroye_le": f"{year - 1}-02-01", "montant_eur": 300, "reglement": "general"},
        {"octroye_le": f"{year - 1}-02-01", "montant_eur": 1_000, "reglement": "agricole"},
        {"octroye_le": f"{year - 5}-02-01", "montant_eur": 7, "reglement": "general"},
    ]
    found = facts(engine, date_octroi=jour, beneficiaire=who, de_minimis=aids)
    assert found["de_minimis.recu_general"] == (cents, cents)
