"""What other versions of the RGEC open: article 58, a possibility and never the verdict."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from aid_rules.engine.transitions import Possibilite, _rang, possibilites, utiles
from aid_rules.language.reading import dossier_of
from aid_rules.language.tree import FAUX, INCONNU, VRAI
from aid_rules.testing.cas import merge, read_models

MODELES = read_models(Path(__file__).parent.parent / "cas" / "modeles.yaml")


def options(engine, modele, **changes):
    dossier = dossier_of(merge(MODELES[modele], changes), engine.book.vocabulaire)
    found = engine.evaluate(dossier)
    return found, {(o.base, o.disposition): o for o in possibilites(engine, found)}


def solar(jour, **facts):
    return {
        "date_octroi": jour,
        "projet": {
            "zone_afr": "a",
            "faits": {"methode_couts": "contrefactuel", **facts},
            "couts": [
                {"id": "s", "poste": "actifs_corporels", "finalite": "energie_renouvelable", "montant_eur": 200000}
            ],
        },
    }


def test_scheme_keeps_the_former_version_for_six_months(engine):
    """58(5): in October 2023 a scheme of 2021 still reaches 80 % under article 41; the verdict stays at 65 %."""
    found, seen = options(engine, "pme_saine", **solar("2023-10-15", regime_entree_en_vigueur_le="2021-01-01"))
    assert found.evaluation.regimes["rgec.41"].taux == (6500, 6500)
    assert seen["rgec.41", "58(5)"].taux == 8000


def test_six_months_over(engine):
    """58(5): in February 2024 the former version no longer serves."""
    _, seen = options(engine, "pme_saine", **solar("2024-02-15", regime_entree_en_vigueur_le="2021-01-01"))
    assert ("rgec.41", "58(5)") not in seen


def test_scheme_born_with_the_amendment_has_no_former_version(engine):
    """58(5): a scheme that entered into force on the day of the amendment follows the new version."""
    _, seen = options(engine, "pme_saine", **solar("2023-10-15", regime_entree_en_vigueur_le="2023-07-01"))
    assert ("rgec.41", "58(5)") not in seen


def test_later_version_covers_an_earlier_aid(engine):
    """58(1): a study of June 2023 at 50 % may reach 60 % under the version of July; the verdict stays at 50 %."""
    changes = {
        "date_octroi": "2023-06-15",
        "projet": {
            "couts": [
                {"id": "e", "poste": "conseil_externe", "finalite": "etude_environnementale", "montant_eur": 80000}
            ],
            "faits": {"etude_part_admissible_pct": 100},
        },
    }
    found, seen = options(engine, "grande_saine", **changes)
    assert found.evaluation.regimes["rgec.49"].taux == (5000, 5000)
    assert seen["rgec.49", "58(1)"].taux == 6000


def test_end_of_the_regulation(engine):
    """58(4): after 31 December 2026 no article is in force, but a scheme keeps its exemption until 30 June 2027."""
    found, seen = options(engine, "pme_saine", **solar("2027-03-01", regime_entree_en_vigueur_le="2024-01-01"))
    assert "rgec.41" not in found.evaluation.regimes
    assert ("rgec.41", "58(4)") in seen
    _, late = options(engine, "pme_saine", **solar("2027-07-01", regime_entree_en_vigueur_le="2024-01-01"))
    assert ("rgec.41", "58(4)") not in late
    _, born_after = options(engine, "pme_saine", **solar("2027-03-01", regime_entree_en_vigueur_le="2027-01-15"))
    assert ("rgec.41", "58(4)") not in born_after


def test_a_possibility_is_never_a_refusal(engine):
    """Only bases that another version does not refuse are told."""
    _, seen = options(engine, "pme_saine", **solar("2019-11-18"))
    assert all(option.verdict != FAUX for option in seen.values())


def basis(verdict=VRAI, montant=(100, 100), taux=(5000, 5000), texte="rgec", examine=True):
    """One basis as evaluated: cents and basis points."""
    regime = SimpleNamespace(texte=texte)
    return SimpleNamespace(regime=regime, verdict=verdict, montant=montant, taux=taux, examine=examine)


def opened(jour, mine, other, versions=(), fin=None, **faits):
    """What other versions open when they give `other` for a basis, and the law of the day `mine`."""
    dossier = SimpleNamespace(date_octroi=date.fromisoformat(jour), projet=SimpleNamespace(faits=faits))
    evaluation = SimpleNamespace(regimes={} if mine is None else {"rgec.41": mine})
    found = SimpleNamespace(dossier=dossier, evaluation=evaluation, faits=SimpleNamespace(lignes=()))
    regimes = SimpleNamespace(regimes={"rgec.41": other})
    law = SimpleNamespace(
        programme=SimpleNamespace(run=lambda _env, _lines: regimes),
        reader=SimpleNamespace(read=lambda _dossier: SimpleNamespace(env=[])),
    )
    book = SimpleNamespace(
        versions={"rgec": tuple(map(date.fromisoformat, versions))}, fins={"rgec": fin} if fin else {}
    )
    return possibilites(SimpleNamespace(book=book, at=lambda _day: law), found)


def paragraphs(jour, versions=(), fin=None, **faits):
    """The paragraphs of article 58 that open a version on a day, with the day of the version."""
    seen = []
    for only in [(v,) for v in versions] or [()]:
        seen += [(o.disposition, o.version.isoformat()) for o in opened(jour, None, basis(), only, fin, **faits)]
    return seen


@pytest.mark.parametrize(
    ("jour", "seen"),
    [
        ("2023-06-30", [("58(1)", "2023-07-01")]),
        ("2023-07-01", [("58(5)", "2023-06-30")]),
        ("2023-12-31", [("58(5)", "2023-06-30")]),
        ("2024-01-01", []),
    ],
)
def test_each_day_around_an_amendment(jour, seen):
    """58(1): up to the eve; 58(5): for six months from the day of the amendment, the version of the eve."""
    assert paragraphs(jour, ["2023-07-01"]) == seen


@pytest.mark.parametrize(
    ("version", "seen"), [("2017-07-09", []), ("2017-07-10", [("58(5)", "2017-07-09")]), ("2014-07-01", [])]
)
def test_paragraph_5_is_that_of_the_amendment_of_2017(version, seen):
    """58(5) was added on 10 July 2017: it serves that amendment and those after it."""
    assert paragraphs("2017-08-01" if version > "2015" else "2014-08-01", [version]) == seen


@pytest.mark.parametrize(
    ("faits", "kept"),
    [
        ({}, True),
        ({"regime_entree_en_vigueur_le": date(2023, 6, 30)}, True),
        ({"regime_entree_en_vigueur_le": date(2023, 7, 1)}, False),
        ({"aide_ad_hoc": True}, False),
        ({"aide_ad_hoc": False}, True),
        ({"aide_ad_hoc": True, "regime_entree_en_vigueur_le": date(2020, 1, 1)}, False),
    ],
)
def test_only_a_scheme_of_the_former_version_keeps_it(faits, kept):
    """58(5): a scheme, in force before the amendment; when that is not told, it remains possible."""
    assert paragraphs("2023-10-15", ["2023-07-01"], **faits) == ([("58(5)", "2023-06-30")] if kept else [])


@pytest.mark.parametrize(
    ("jour", "faits", "kept"),
    [
        ("2026-12-31", {}, False),  # still in force
        ("2027-01-01", {}, True),
        ("2027-06-30", {}, True),
        ("2027-07-01", {}, False),
        ("2027-01-01", {"aide_ad_hoc": True}, False),
        ("2027-01-01", {"aide_ad_hoc": False}, True),
        ("2027-03-01", {"regime_entree_en_vigueur_le": date(2026, 12, 31)}, True),
        ("2027-03-01", {"regime_entree_en_vigueur_le": date(2027, 1, 1)}, False),
    ],
)
def test_six_months_after_the_end(jour, faits, kept):
    """58(4): a scheme exempted on the last day, until 30 June 2027."""
    seen = paragraphs(jour, (), date(2026, 12, 31), **faits)
    assert seen == ([("58(4)", "2026-12-31")] if kept else [])


def test_a_text_without_end_has_no_adjustment_period():
    """58(4) needs an end."""
    assert paragraphs("2027-03-01") == []


@pytest.mark.parametrize(
    ("mine", "other", "better"),
    [
        (None, basis(), True),
        (None, basis(INCONNU), True),
        (None, basis(FAUX), False),
        (None, basis(examine=False), False),
        (None, basis(texte="de_minimis_2023"), False),
        (basis(FAUX), basis(INCONNU), True),
        (basis(INCONNU), basis(VRAI), True),
        (basis(INCONNU), basis(INCONNU), False),
        (basis(VRAI), basis(VRAI), False),
        (basis(VRAI), basis(INCONNU), False),
        (basis(VRAI, (0, 100)), basis(VRAI, (0, 101)), True),
        (basis(VRAI, (0, 101)), basis(VRAI, (0, 100)), False),
        (basis(VRAI, (0, 100)), basis(VRAI, (100, 100)), False),  # the same at most, however sure
        (basis(VRAI, (0, 100)), basis(VRAI, (0, None)), True),
        (basis(VRAI, (0, 100)), basis(VRAI, None), True),
        (basis(VRAI, (0, None)), basis(VRAI, (0, 100)), False),
        (basis(VRAI, None), basis(VRAI, (0, 100)), False),
        (basis(VRAI, (0, None)), basis(VRAI, (0, None)), False),
        (basis(VRAI, (0, 100)), basis(INCONNU, (0, 200)), True),
        (basis(INCONNU, (0, None), (0, 3000)), basis(INCONNU, (0, None), (0, 4000)), True),
        (basis(INCONNU, (0, None), (0, 4000)), basis(INCONNU, (0, None), (0, 3000)), False),
        (basis(INCONNU, None, None), basis(INCONNU, (0, None), (0, 3000)), False),
        (basis(INCONNU, (0, None), (0, 3000)), basis(INCONNU, None, None), False),
        (basis(INCONNU, (0, 100), (0, 3000)), basis(INCONNU, (0, 100), (0, 4000)), False),  # a cap binds both
    ],
)
def test_a_version_is_told_when_it_opens_a_basis_or_allows_more(mine, other, better):
    """Open where it was not, certain where it was not, or a higher amount at most; never what it refuses.

    Of costs that are not told, the rate speaks for the amount.
    """
    assert bool(opened("2023-10-15", mine, other, ["2023-07-01"])) is better


def test_what_is_told_of_a_possibility():
    """Its basis, version, paragraph and verdict, its highest rate and amount; nothing for what has no bound."""
    (told,) = opened("2023-10-15", None, basis(INCONNU, (1, 200), (4000, 6000)), ["2023-07-01"])
    assert told[:6] == ("rgec.41", date(2023, 6, 30), "58(5)", INCONNU, 6000, 200)
    assert "garde l'ancienne version six mois" in told.motif
    (bare,) = opened("2023-10-15", None, basis(montant=None, taux=None), ["2023-07-01"])
    assert (bare.taux, bare.montant) == (None, None)


def test_the_surest_possibilities_come_first(engine):
    """Usable before to be checked whatever the amounts, then the highest; what nothing bounds comes last."""
    _, seen = options(engine, "pme_saine", **solar("2023-10-15", regime_entree_en_vigueur_le="2021-01-01"))
    ranks = [(o.verdict != VRAI, o.montant is None, -(o.montant or 0)) for o in seen.values()]
    assert ranks == sorted(ranks)
    made = [Possibilite("b", date(2023, 7, 1), "58(1)", v, None, m, "") for v, m in (
        (INCONNU, 900), (VRAI, None), (VRAI, 5), (INCONNU, None), (VRAI, 7))]  # fmt: skip
    assert [(o.verdict, o.montant) for o in sorted(made, key=_rang)] == [
        (VRAI, 7), (VRAI, 5), (VRAI, None), (INCONNU, 900), (INCONNU, None),
    ]  # fmt: skip


def test_two_versions_that_open_the_same_are_told_once():
    """58(1): the first later version is named when the next ones give no more."""
    found = opened("2014-07-01", None, basis(), ["2017-07-10", "2020-07-27"])
    assert [(o.disposition, o.version) for o in found] == [("58(1)", date(2017, 7, 10))]
    assert isinstance(found[0], Possibilite)


@pytest.mark.parametrize(
    ("bases", "worth"),
    [
        ([], True),
        ([basis(FAUX)], True),
        ([basis(INCONNU)], True),
        ([basis(VRAI)], False),
        ([basis(FAUX), basis(VRAI)], False),
        ([basis(VRAI, texte="de_minimis_2023")], True),
        ([basis(VRAI, examine=False)], True),
    ],
)
def test_other_versions_are_worth_a_look_when_no_article_is_usable(bases, worth):
    """An article that the costs concern and that is certain makes article 58 needless; a de minimis rule does not."""
    found = SimpleNamespace(evaluation=SimpleNamespace(regimes=dict(enumerate(bases))))
    assert utiles(found) is worth
