"""`aid-rules esb` and `aid-rules beneficiaire`: each form settled from the options alone, or with its questions."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from aid_rules.cli import cli

PRET = "--forme pret --montant 100000 --duree 60 --taux 0 --amortissement constant --suretes normales --notation bb"
GARANTIE = (
    "--forme garantie --montant 100000 --duree 24 --amortissement constant --quotite 80 --prime 0.5 --notation bb"
    " --categorie petite"
)
PARTAGE = "--base de_minimis.general --pertes-partagees oui"
FORFAIT = "--forme pret --montant 400000 --duree 36 --couverture 60 --categorie petite"


def run(line, *args):
    return CliRunner().invoke(cli, [*line.split(), *args])


def esb(terms, jour="2015-06-15"):
    """Return what the command says in JSON of the one aid described."""
    done = run(f"esb --date {jour} --format json {terms}")
    assert done.exit_code == 0, done.output
    (found,) = json.loads(done.output)
    return found


@pytest.mark.parametrize(
    ("terms", "jour", "euros"),
    [
        ("--forme subvention --montant 1000", "2015-06-15", 1000),
        ("--forme subvention --montant 1000 --tranche 2016-06-14:1000", "2015-06-15", 987.95),
        (PRET, "2015-06-15", 7058.27),
        (f"{PRET} --periodicite 1", "2015-06-15", 6024.34),
        (f"{PRET} --taux-base 3.11", "2024-06-03", None),
        (f"{GARANTIE} --en-difficulte non", "2015-06-15", 1771.17),
        ("--forme avance_recuperable --montant 50000", "2024-06-03", 50000),
        (f"{FORFAIT} --base de_minimis.general", "2024-06-03", 48000),
        (f"{FORFAIT} --base de_minimis.general --naf 25.62B", "2019-11-18", 48000),
        (f"{GARANTIE} {PARTAGE}", "2024-06-03", 4266.67),
        ("--forme avantage_fiscal --montant 500 --plafond-integre oui", "2024-06-03", 500),
    ],
)
def test_each_form_is_settled_by_its_options(terms, jour, euros):
    """RGEC 5(2) and 7(3), règlement 2023/2831 article 4."""
    found = esb(terms, jour)
    assert found["minimum_eur"] == found["maximum_eur"]
    assert euros is None or found["minimum_eur"] == euros


def test_what_lacks_is_asked():
    """No rate is guessed: the questions come instead, and the nominal amount as bound."""
    found = esb(PRET, "2024-06-03")
    assert (found["minimum_eur"], found["maximum_eur"]) == (0, 100_000)
    assert found["questions"] == ["Quel était le taux de base de la Commission pour la France à la date d'octroi ?"]
    assert len(esb(GARANTIE)["questions"]) == 1
    assert "Donnez un DOSSIER" in run("esb").output


def test_insolvency_shuts_the_flat_rule():
    """Règlement 2023/2831, article 4(3)(a)."""
    assert (
        esb(f"{FORFAIT} --base de_minimis.general --procedure-collective oui", "2024-06-03")["transparente"] == "faux"
    )
    assert esb(f"{FORFAIT} --base de_minimis.general --procedure-collective non", "2024-06-03")["questions"] == []


def test_a_bad_term_is_said(tmp_path):
    """A term that cannot be read is a fault of usage, not a trace."""
    done = run("esb --forme subvention --montant 1000 --tranche demain")
    assert done.exit_code != 0
    empty = tmp_path / "vide.yaml"
    empty.write_text("date_octroi: 2024-06-03\n", encoding="utf-8")
    assert run("esb", str(empty)).output == "Le dossier ne décrit aucune aide.\n"


def test_the_beneficiary_alone(sain):
    """Category, difficulty, sectors, single undertaking and place, then what would settle them."""
    text = run("beneficiaire", str(sain)).output
    for title in ("Catégorie d'entreprise", "Entreprise en difficulté", "Secteurs", "Entreprise unique", "Territoire"):
        assert title in text
    assert "Ce qui trancherait" in text
    assert json.loads(run("beneficiaire --format json", str(sain)).output)["categorie"] == "petite"
