"""What other versions of the RGEC open: article 58, a possibility and never the verdict."""

from __future__ import annotations

from pathlib import Path

from aid_rules.engine.transitions import possibilites
from aid_rules.language.reading import dossier_of
from aid_rules.language.tree import FAUX
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


def test_a_possibility_is_never_a_refusal(engine):
    """Only bases that another version does not refuse are told."""
    _, seen = options(engine, "pme_saine", **solar("2019-11-18"))
    assert all(option.verdict != FAUX for option in seen.values())
