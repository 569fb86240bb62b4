"""The public result: it is what its model says, whole, exact, and the same in text and in JSON."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from aid_rules.assessment import AVERTISSEMENT, Resultat
from aid_rules.language import tree
from aid_rules.language.positions import read_file
from aid_rules.language.reading import dossier_of, read_dossier
from aid_rules.report.plume import Plume
from aid_rules.report.resultat import resultat

CRITERES = {"ressources_publiques", "avantage_selectif", "entreprise", "affectation_echanges", "distorsion_concurrence"}
EXEMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))


def evaluate(engine, data, **options):
    dossier = dossier_of(data, engine.book.vocabulaire, engine.book.bases)
    return resultat(engine, engine.evaluate(dossier, **options))


@pytest.fixture(scope="module")
def results(engine):
    """The result of each example."""
    found = {}
    for path in EXEMPLES:
        dossier = read_dossier(read_file(path), engine.book.vocabulaire, engine.book.bases)
        found[path.stem] = resultat(engine, engine.evaluate(dossier))
    return found


def test_results_are_what_the_model_says(results):
    """The JSON of each example is read back by the strict public model, and gives the same JSON."""
    assert len(results) >= 10
    for name, found in results.items():
        text = found.model_dump_json()
        assert Resultat.model_validate_json(text).model_dump_json() == text, name


def test_the_schema_of_the_output_is_closed():
    """Every key of the output is described: nothing else comes out."""
    schema = Resultat.model_json_schema(mode="serialization")
    assert set(schema["required"]) >= {
        "dossier", "date_octroi", "regles", "qualification", "beneficiaire", "regimes", "dispositifs", "cumul",
        "obligations", "questions", "trace",
    }  # fmt: skip
    for name, part in schema["$defs"].items():
        if part.get("type") == "object":
            assert part["additionalProperties"] is False, name
            assert part.get("description"), name


def test_every_output_says_that_it_is_a_pre_analysis(results):
    """The warning, the digest of the rules and the period in which they hold, in each result."""
    for found in results.values():
        assert found.avertissement == AVERTISSEMENT
        assert len(found.regles.sha256) == 64
        assert found.regles.en_vigueur_du <= found.date_octroi <= found.regles.en_vigueur_au


def test_the_five_criteria_come_first(results):
    """The five criteria of TFUE 107(1), in order, each with its reasons and references."""
    for found in results.values():
        ids = [c.id for c in found.qualification.criteres]
        assert len(ids) == 5
        assert set(ids) == CRITERES
        assert all(c.references for c in found.qualification.criteres)


def test_every_condition_has_its_sentence_and_its_reference(results):
    """No condition without a sentence; every one that a rule wrote cites its provision."""
    implied = {"finalite", "postes", "methode", "taux"}
    seen = 0
    for found in results.values():
        for base in (*found.regimes, *found.dispositifs):
            for condition in (*base.conditions, *(c for v in base.volets for c in v.conditions)):
                seen += 1
                assert condition.phrase
                assert condition.references or condition.id in implied
                assert (condition.verdict == "inconnu") >= bool(condition.manquants)
    assert seen > 100


def test_what_is_unknown_is_named(results):
    """An « à vérifier » basis names what would settle it, and each name is asked as a question."""
    for name, found in results.items():
        asked = {q.chemin for q in found.questions}
        for base in (*found.regimes, *found.dispositifs):
            assert set(base.manquants) <= asked, (name, base.id)
            if base.verdict == "a_verifier":
                assert base.manquants or base.appuis, (name, base.id)


def test_amounts_are_exact_decimals(results):
    """Amounts have two decimals at most, ranges are in order."""
    for found in results.values():
        for base in (*found.regimes, *found.dispositifs):
            for low, high in (
                (base.montant_min_eur, base.montant_max_eur),
                (base.intensite_min_pct, base.intensite_max_pct),
            ):
                if high is not None:
                    assert isinstance(high, Decimal)
                    assert high == high.quantize(Decimal("0.01"))
                    assert low <= high


def test_a_refused_basis_gives_no_amount(results):
    """A basis that is not usable shows neither rate nor amount nor question."""
    for found in results.values():
        for base in found.regimes:
            if base.verdict == "non_mobilisable":
                assert base.montant_max_eur is None
                assert base.intensite_max_pct is None
                assert base.manquants == ()


def test_json_numbers_are_plain(engine):
    """Whole euros are whole numbers, cents are two decimals."""
    found = evaluate(
        engine,
        {
            "date_octroi": "2024-03-15",
            "beneficiaire": {"categorie": "petite"},
            "projet": {
                "couts": [
                    {
                        "id": "a",
                        "poste": "actifs_corporels",
                        "finalite": "investissement_initial",
                        "montant_eur": "100.05",
                    }
                ]
            },
        },
    )
    data = json.loads(found.model_dump_json())
    base = next(b for b in data["regimes"] if b["id"] == "rgec.17")
    assert base["assiette"]["montant_max_eur"] == 100.05
    assert base["intensite_min_pct"] == 20
    assert base["montant_min_eur"] == 20.01


def test_questions_are_ranked(results):
    """The facts that criteria wait for come first, then those of most legal bases; each has its question in French."""
    for found in results.values():
        legal = CRITERES | {b.id for b in found.regimes}
        paying = {b.id for b in found.dispositifs if b.financier}
        weights = [
            (not CRITERES.isdisjoint(q.pour), sum(2 if n in legal else n in paying for n in q.pour))
            for q in found.questions
        ]
        assert weights == sorted(weights, reverse=True)
        for question in found.questions:
            assert question.verdicts == len(question.pour) >= 1
            assert question.question.endswith(("?", "."))
            assert question.question[0].isupper() or question.question[0] in "«ÀÉÊ"
            if question.type == "choix":
                assert len(question.valeurs) >= 2
    assert any(found.questions for found in results.values())


def test_an_empty_dossier_is_all_questions(engine):
    """With a date alone: nothing is usable, nothing with a condition is refused, and much is asked."""
    found = evaluate(engine, {"date_octroi": "2024-03-15"})
    assert found.qualification.conclusion == "indetermine"
    assert not [b.id for b in found.regimes if b.verdict == "mobilisable"]
    assert len(found.questions) > 50


@pytest.mark.parametrize(
    ("projet", "chemin", "type_", "valeurs", "debut"),
    [
        ({}, "projet.commune", "texte", [], "Dans quelle commune"),
        (
            {"commune": "02361"},
            "projet.zone_afr",
            "choix",
            ["a", "c", "aucune"],
            "La commune du projet est-elle en zone",
        ),
    ],
)
def test_the_area_is_asked_for_by_what_lacks(engine, projet, chemin, type_, valeurs, debut):
    """The commune first; once told, its area, when the list of its map is not at hand: never the commune again."""
    costs = [{"id": "c", "finalite": "investissement_initial", "poste": "actifs_corporels", "montant_eur": 1000}]
    found = evaluate(engine, {"date_octroi": "2026-06-15", "projet": {**projet, "couts": costs}})
    asked = {q.chemin: q for q in found.questions}
    places = {"projet.commune", "projet.zone_afr"} & asked.keys()
    assert places == {chemin}
    question = asked[chemin]
    assert (question.type, [*question.valeurs]) == (type_, valeurs)
    assert question.question.startswith(debut)
    assert "rgec.14" in question.pour


def test_the_other_date_is_the_other_law(engine):
    """`--date` applies the law of another day to the same dossier."""
    data = {"date_octroi": "2024-03-15"}
    found = evaluate(engine, data, jour=date(2015, 3, 15))
    assert found.date_octroi == date(2015, 3, 15)
    assert "rgec.36b" not in {b.id for b in found.regimes}
    assert "rgec.36b" in {b.id for b in evaluate(engine, data).regimes}


PROJET_EUREKA = {
    "date_octroi": "2022-01-10",
    "beneficiaire": {"categorie": "grande"},
    "projet": {
        "couts": [{"id": "equipe", "poste": "personnel", "finalite": "recherche_industrielle", "montant_eur": 1000000}],
        "faits": {"categorie_rd_principale": "recherche_industrielle"},
    },
    "aides": [{"id": "aide", "forme": "subvention", "montant_eur": 100000, "statut": "prevue"}],
}


@pytest.mark.parametrize(
    ("eureka", "phrase", "references"),
    [
        (True, "20\u202f000\u202f000\u00a0€, multiplié par 2 (", ["rgec:4(1)(i)(ii)", "rgec:4(1)(i)(iv)"]),
        (False, "20\u202f000\u202f000\u00a0€ (", ["rgec:4(1)(i)(ii)"]),
        (None, "20\u202f000\u202f000\u00a0€, multiplié par 2 si [", ["rgec:4(1)(i)(ii)", "rgec:4(1)(i)(iv)"]),
    ],
)
def test_a_threshold_says_what_multiplies_it_here(engine, eureka, phrase, references):
    """Only the factors that count for this dossier, each with its reference; its condition while it is unknown."""
    data = json.loads(json.dumps(PROJET_EUREKA))
    if eureka is not None:
        data["projet"]["faits"]["projet_eureka_ou_entreprise_commune"] = eureka
    (base,) = (b for b in evaluate(engine, data).regimes if b.id == "rgec.25")
    (limit,) = (found for found in base.seuil_notification if found.id == "industrielle")
    assert limit.phrase.startswith(phrase)
    assert [r.id for r in limit.references] == references


def test_alternatives_that_all_fail_are_told_the_closest_first(engine):
    """No « ou » when none holds: what none of them meets, the one that asks for the least change at the head."""
    costs = [{"id": "p", "poste": "actifs_corporels", "finalite": "pole_innovation_investissement", "montant_eur": 100}]

    def phrase(**facts):
        data = {"date_octroi": "2019-11-18", "projet": {"couts": costs, "faits": {"acces_privilegie": "oui", **facts}}}
        (regime,) = [r for r in evaluate(engine, data).regimes if r.id == "rgec.27"]
        return next((c.verdict, c.phrase) for c in regime.conditions if c.id == "acces_privilegie")

    share, open_ = "financement_acces_privilegie_pct", "acces_privilegie_proportionnel_public"
    verdict, failing = phrase(**{share: 5, open_: "oui"})
    assert (verdict, failing.startswith("aucune de ces conditions n'est remplie : (1) ")) == ("faux", True)
    first, second = failing.partition("(1) ")[2].split(" ; (2) ")
    assert first.endswith(" : non")
    assert " ; et " in second
    assert " ; ou " in phrase(**{open_: "oui"})[1]
    names = ("acces_privilegie", open_, "pole_innovation_conforme")
    data = {"date_octroi": "2019-11-18", "projet": {"couts": costs, "faits": dict.fromkeys(names, "non")}}
    found = engine.evaluate(dossier_of(data, engine.book.vocabulaire, engine.book.bases))
    plume, (a, b, c) = Plume(engine, found), map(tree.EstVrai, names)
    far, near = tree.Tous((a, b)), tree.UnDe((tree.Tous((a, b)), c))
    assert plume.failing(near, plume.reader()) == engine.french.none_of([c, far])
    assert plume.failing(a, plume.reader()) == plume.phrase(a)
