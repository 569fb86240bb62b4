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
