"""The coverage says what is encoded, and what is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from copie import poser

from aid_rules.language.citations import verifier_citations
from aid_rules.language.couverture import couverture, en_markdown, en_texte
from aid_rules.language.loader import load
from aid_rules.language.places import rulesets

CAS = Path(__file__).parent.parent / "cas"


@pytest.fixture(scope="module")
def regles():
    return load(rulesets())


@pytest.fixture(scope="module")
def mesure(regles):
    return couverture(regles, CAS)


def ligne(mesure, article, texte="rgec"):
    return next(row for row in mesure.tableau(texte).lignes if row.article == article)


def etats(row):
    return [cell.etat for cell in row.cellules]


def test_every_category_of_aid_is_encoded_in_every_version(mesure):
    """Articles 13 to 56f: 100 % of the articles and versions have their rules."""
    rows = [r for r in mesure.tableau("rgec").lignes if r.article[:2].isdigit() and 13 <= int(r.article[:2]) <= 56]
    assert len(rows) == 71
    assert [r.article for r in rows if not r.encodee] == []


def test_identical_versions_are_one(mesure):
    """The versions of 2021-04-05 and 2023-05-25 changed no figure: five columns, not seven."""
    starts = [str(vie.du) for vie in mesure.tableau("rgec").versions]
    assert starts == ["2014-07-01", "2017-07-10", "2020-07-27", "2021-08-01", "2023-07-01"]


def test_articles_live_in_their_versions(mesure):
    """36b was born in 2023, 37 deleted then, 25a born in 2021."""
    assert etats(ligne(mesure, "36b")) == ["inexistant"] * 4 + ["encode"]
    assert etats(ligne(mesure, "37")) == ["encode"] * 4 + ["supprime"]
    assert etats(ligne(mesure, "25a")) == ["inexistant"] * 3 + ["encode"] * 2


def test_conditions_and_figures_of_an_article(mesure):
    """Article 17 carries its rates, all proved, and gains conditions in 2023."""
    cells = ligne(mesure, "17").cellules
    assert cells[0].conditions > 5
    assert cells[-1].conditions > cells[0].conditions
    assert all(cell.chiffres == cell.prouves > 0 for cell in cells)


def test_every_category_has_worked_cases(mesure):
    """At least two worked cases per article that gives an aid; 56d only sets common conditions of 56e and 56f."""
    rows = [r for r in mesure.tableau("rgec").lignes if r.article[:2].isdigit() and 13 <= int(r.article[:2]) <= 56]
    assert [r.article for r in rows if r.cas < 2 and r.article != "56d"] == []
    assert mesure.cas > 250


def test_totals_count_each_figure_once(regles, mesure):
    """The figures of all texts are those of the citation check."""
    bilan = verifier_citations(regles)
    assert sum(t.chiffres for t in mesure.tableaux) == len(bilan.verifications)
    assert sum(t.prouves for t in mesure.tableaux if t.lignes[0].article) == sum(
        v.chiffre.refs[0].split(":")[0] in ("rgec", "de_minimis_2023") for v in bilan.prouvees
    )


def test_an_article_left_out_shows(tmp_path):
    """Without the versions before 2023, article 17 is not encoded there, and the table says so."""
    text = (rulesets() / "rgec/17.yaml").read_text().replace("verifie_le:", "du: 2023-07-01\nverifie_le:", 1)
    found = couverture(poser(tmp_path, "rgec/17.yaml", text))
    assert etats(ligne(found, "17")) == ["absent"] * 4 + ["encode"]
    assert ligne(found, "17").encodee is False
    assert found.cas == 0
    assert next(line for line in en_texte(found).splitlines() if line.startswith("17 ")).count("NON") == 4


def test_rendering(mesure):
    """The table and the summary say the same totals, in French."""
    table = mesure.tableau("rgec")
    text, summary = en_texte(mesure), en_markdown(mesure)
    assert f"{table.encodes} articles encodés sur {len(table.lignes)}" in text
    assert "36 bis" in text
    assert "suppr." in text
    assert f"{mesure.cas} cas travaillés" in text
    rows = summary.splitlines()
    assert len({row.count("|") for row in rows}) == 1
    assert any(f"| {table.encodes} / {len(table.lignes)} |" in row for row in rows)
