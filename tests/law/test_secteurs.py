"""NAF codes and the sectors of each text."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import yaml
from en_vigueur import RULESETS

from aid_rules.dossier import Beneficiaire, Dossier
from aid_rules.law.base import FAUX, INCONNU, VRAI
from aid_rules.law.secteurs import Secteurs, secteurs

DONNEES = RULESETS / "donnees"


def pour(jour: str = "2024-06-03", **beneficiaire: Any) -> Secteurs:
    return secteurs(Beneficiaire.model_validate(beneficiaire), date.fromisoformat(jour), DONNEES)


@pytest.mark.parametrize(
    ("naf", "secteur", "attendu"),
    [
        ("25.62B", "agriculture_primaire", FAUX),
        ("25.62B", "autre", VRAI),
        ("01.13Z", "agriculture_primaire", VRAI),
        ("01.61Z", "agriculture_primaire", INCONNU),
        ("10.51C", "transformation_agricole", VRAI),
        ("10.71C", "transformation_agricole", FAUX),
        ("10.85Z", "transformation_agricole", INCONNU),
        ("03.21Z", "peche_aquaculture", VRAI),
        ("10.20Z", "peche_aquaculture", VRAI),
        ("05.10Z", "charbon", VRAI),
        ("24.10Z", "siderurgie", INCONNU),
        ("24.20Z", "siderurgie", INCONNU),
        ("24.53Z", "siderurgie", FAUX),
        ("49.41A", "transport", VRAI),
        ("49.41A", "transport_routier_marchandises", VRAI),
        ("49.32Z", "transport", FAUX),
        ("49.42Z", "transport", FAUX),
        ("51.22Z", "transport", FAUX),
        ("35.11Z", "energie", VRAI),
        ("61.10Z", "haut_debit", INCONNU),
        ("64.19Z", "banque_assurance", VRAI),
    ],
)
def test_what_a_code_establishes(naf: str, secteur: str, attendu: int) -> None:
    """RGEC 1(3), 2(8) to (13), 2(43) to (45), 13: certain, possible or out."""
    assert pour(naf=naf).contient(secteur) == attendu


@pytest.mark.parametrize(
    ("naf", "secteur", "veille", "jour"),
    [
        ("49.39C", "transport", VRAI, FAUX),
        ("05.20Z", "lignite", FAUX, VRAI),
        ("20.60Z", "fibres_synthetiques", INCONNU, FAUX),
        ("30.11Z", "construction_navale", VRAI, FAUX),
    ],
)
def test_what_changed_in_july_2023(naf: str, secteur: str, veille: int, jour: int) -> None:
    """Règlement 2023/1315: ski lifts leave transport, lignite comes in, fibres and ships go out."""
    assert pour("2023-06-30", naf=naf).contient(secteur) == veille
    assert pour("2023-07-01", naf=naf).contient(secteur) == jour


def test_declared_sectors_without_a_code_stand_alone() -> None:
    """RGEC 1(3): the declared list is complete: nothing else is asked nor possible."""
    result = pour(secteurs=["charbon"])
    assert (result.connus, result.manquants, result.alertes) == (True, (), ())
    assert (result.contient("charbon"), result.contient("transport")) == (VRAI, FAUX)
    assert [m.texte for m in result.motifs] == ["secteurs déclarés : charbon"]


def test_reasons_of_a_code() -> None:
    """What is certain is plain, what is possible is said to be checked, with what it rests on."""
    texts = {m.texte for m in pour(naf="10.41A").motifs}
    assert "code NAF 10.41A : transformation_agricole" in texts
    assert "code NAF 10.41A : peche_aquaculture à vérifier" in texts
    assert any(m.texte.startswith("code NAF 46.21Z") and "(commerc" in m.texte for m in pour(naf="46.21Z").motifs)


def test_nothing_known_excludes_nothing() -> None:
    """Unknown is not false."""
    result = pour()
    assert (result.contient("charbon"), result.manquants) == (INCONNU, ("beneficiaire.naf",))


def test_declared_sectors_settle_what_the_code_leaves_open() -> None:
    """The declaration answers the question that a possible code raises."""
    assert pour(naf="10.85Z").manquants == ("beneficiaire.secteurs",)
    assert pour(naf="10.85Z", secteurs=["autre"]).contient("transformation_agricole") == FAUX
    assert pour(naf="10.85Z", secteurs=["transformation_agricole"]).contient("transformation_agricole") == VRAI


def test_declaration_against_a_certain_code_is_checked() -> None:
    """A contradiction is never settled in favour of the applicant."""
    result = pour(naf="01.13Z", secteurs=["autre"])
    assert result.contient("agriculture_primaire") == INCONNU
    assert len(result.alertes) == 1


def test_unknown_code_is_said() -> None:
    """A code of the right shape that the nomenclature does not hold settles nothing."""
    result = pour(naf="99.98Z")
    assert (result.connus, result.contient("charbon"), result.manquants) == (False, INCONNU, ("beneficiaire.naf",))
    assert "99.98Z" in result.alertes[0]


def test_facts_of_the_code() -> None:
    """Règlement 2023/2831, article 2(1)(f): fishing is primary production, canning is not."""
    assert pour(naf="03.11Z").faits == {"peche_production_primaire": VRAI}
    assert pour(naf="10.20Z").faits == {}
    assert pour(naf="70.10Z").faits == {"gestion_ou_conseil_intragroupe": INCONNU}


def test_every_code_of_the_table_exists_and_every_sector_is_in_the_vocabulary() -> None:
    """No line of the table is dead: its codes are in the NAF, its sectors in the closed list."""
    book = yaml.safe_load((DONNEES / "naf_secteurs.yaml").read_text())
    known = {line.split(";")[0] for line in (DONNEES / "naf.csv").read_text().splitlines()}
    sectors = set(yaml.safe_load((RULESETS / "vocabulaire/commun.yaml").read_text())["listes"]["secteur"])
    rows = book["lignes"] + book["faits"]
    assert len(rows) > 30
    assert {code for row in rows for code in [*row["naf"], *row.get("sauf", ())]} <= known
    assert {row["secteur"] for row in book["lignes"]} == sectors - {"autre"}


@pytest.mark.parametrize(
    ("cle", "valeur", "mot"),
    [("siren", "732829321", "SIREN"), ("siret", "73282932000075", "SIRET"), ("naf", "2562", "NAF")],
)
def test_identifiers_are_checked(cle: str, valeur: str, mot: str) -> None:
    """SIREN and SIRET carry a check digit."""
    with pytest.raises(ValueError, match=mot):
        Dossier.model_validate({"date_octroi": "2024-06-03", "beneficiaire": {cle: valeur}})
