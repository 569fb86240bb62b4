"""Every figure of the rules stands in the provision it cites, on every date it applies."""

from __future__ import annotations

import json

import pytest
from copie import planter, poser

from aid_rules.faults import WorkError
from aid_rules.language.citations import holds, verifier_citations
from aid_rules.language.loader import load
from aid_rules.language.places import rulesets


@pytest.fixture(scope="module")
def regles():
    return load(rulesets())


@pytest.fixture(scope="module")
def bilan(regles):
    return verifier_citations(regles)


def messages(rules, folder):
    """Return the faults of the files laid in `folder`."""
    return [str(fault) for fault in verifier_citations(rules).fautes if fault.file.startswith(str(folder))]


def test_every_figure_is_found_or_explained(bilan):
    """100 % of the cited figures are found in their provision, or say why they are not."""
    assert [str(f) for f in bilan.fautes] == []


def test_the_check_sees_the_figures(bilan):
    """The check reads the whole law: it would otherwise pass in silence."""
    assert len(bilan.prouvees) > 800
    assert len(bilan.expliquees) > 50
    assert bilan.references > 2500
    counts = [len(bilan.de(s)) for s in ("prouvee", "expliquee", "non_verifiable", "faute")]
    assert sum(counts) == len(bilan.verifications)


def test_most_figures_are_literally_there(bilan):
    """`lecture:` stays the exception: figures read otherwise are under a fifth of those proved."""
    assert len(bilan.expliquees) * 5 < len(bilan.prouvees)


def test_explained_figures_say_why(bilan):
    """Each explained figure gives its reason, so that they can be listed."""
    assert all(v.chiffre.lecture for v in bilan.expliquees)


def test_texts_not_held_are_counted_apart(bilan):
    """A figure of a text whose figures are not held is neither proved nor silently accepted."""
    texts = {v.chiffre.refs[0].partition(":")[0] for v in bilan.non_verifiables if v.chiffre.principal}
    assert "de_minimis_2013" in texts
    assert not texts & {"rgec", "de_minimis_2023"}


def test_a_wrong_rate_is_caught(tmp_path):
    """17(6)(a) gives 20 %: 25 % is a fault that names the file, the line and what the provision holds."""
    rules = planter(tmp_path, "rgec/17.yaml", "taux: 20,", "taux: 25,")
    (message,) = messages(rules, tmp_path)
    lines = (tmp_path / "rgec/17.yaml").read_text().splitlines()
    line = next(n for n, text in enumerate(lines, 1) if "taux: 25" in text)
    assert f"rgec/17.yaml:{line}:" in message
    for words in ("25\u00a0%", "rgec:17(6)(a)", "20 %", "lecture"):
        assert words in message


def test_a_wrong_provision_is_caught(tmp_path):
    """The rate of small firms is not in 17(6)(b): the message names the provision that holds it."""
    rules = planter(tmp_path, "rgec/17.yaml", 'taux: 20, ref: "17(6)(a)"', 'taux: 20, ref: "17(6)(b)"')
    (message,) = messages(rules, tmp_path)
    assert "20\u00a0% n'est pas dans rgec:17(6)(b)" in message
    assert "ce chiffre est au 17(6)(a)" in message


def test_a_provision_that_does_not_exist_is_caught(tmp_path):
    """17(9) exists in no version, whatever `lecture` says."""
    rules = planter(tmp_path, "rgec/17.yaml", 'taux: 20, ref: "17(6)(a)"', 'taux: 20, lecture: "x", ref: "17(9)"')
    assert any("la disposition 17(9) n'existe pas" in message for message in messages(rules, tmp_path))


def test_a_wrong_date_is_caught(tmp_path):
    """The threshold of 4(1)(s) doubled on 2023-07-01: one day more for the old one is a fault."""
    text = (rulesets() / "rgec/41.yaml").read_text()
    old = next(line for line in text.splitlines() if "montant_eur: 15000000" in line)
    late = old.replace("2023-06-30", "2023-07-01")
    assert late != old
    rules = poser(tmp_path, "rgec/41.yaml", text.replace(old, late))
    (message,) = messages(rules, tmp_path)
    assert "version du 2023-07-01" in message
    assert "30000000 EUR" in message


def test_a_wrong_date_inside_a_condition_is_caught(tmp_path):
    """1(4)(c) counts difficulties from 2020-01-01: another day, in a parameter, is a fault."""
    rules = planter(tmp_path, "parametres/difficulte.yaml", "valeur: 2020-01-01", "valeur: 2020-01-02")
    (message,) = messages(rules, tmp_path)
    assert "2020-01-02 n'est pas dans rgec:1(4)(c)" in message


def test_a_deleted_provision_is_caught(tmp_path):
    """Article 37 was deleted on 2023-07-01: an entry that goes on after it cites nothing."""
    text = (rulesets() / "rgec/37.yaml").read_text().replace("au: 2023-06-30\n", "au: 2026-12-31\n", 1)
    assert any(
        "37" in m and "version du 2023-07-01" in m for m in messages(poser(tmp_path, "rgec/37.yaml", text), tmp_path)
    )


@pytest.mark.parametrize(
    ("figures", "formes", "expected"),
    [
        (("20 %", "3 an"), ("20 %",), True),
        (("20 points",), ("20 %",), False),
        (("20 %",), ("20 points", "20 %"), True),
        (("250",), ("250 ?",), True),
        (("2 exercice",), ("2 ?",), True),
        (("2 %",), ("2 ?",), False),
        (("2000000 EUR",), ("2000000 ?",), False),
        (("15 jour ouvrable",), ("15 jour",), False),
        ((), ("5 an",), False),
    ],
)
def test_forms_of_a_figure(figures, formes, expected):
    """A figure is only found under its own unit: a rate is no number of years, a day no working day."""
    assert holds(figures, formes) is expected


def test_unreadable_figures_of_the_texts(tmp_path, regles):
    """Without the figures of the texts, nothing is declared proved: the work fails and says which file is missing."""
    with pytest.raises(WorkError, match=r"rgec_2014-06-17\.json"):
        verifier_citations(regles, tmp_path)


def test_the_figures_hold_no_sentence():
    """The shipped figures are figures: no provision of them runs beyond short forms."""
    for path in (rulesets() / "citations").glob("*.json"):
        for provision, figures in json.loads(path.read_bytes()).items():
            assert provision == "comme" or all(len(form.split()) <= 5 for form in (figures or "").split("; "))


def test_a_draft_brings_its_own_figures(tmp_path):
    """A draft version of a text, with its figures beside it, is checked against them: 20 % is no longer in 17(6)(a)."""
    figures = json.loads((rulesets() / "citations/rgec_2023-07-01.json").read_bytes())
    figures["17(6)(a)"] = "25 %"
    (tmp_path / "citations").mkdir()
    (tmp_path / "citations/projet.json").write_text(json.dumps(figures))
    last = "{du: 2023-07-01, citations: rgec_2023-07-01,"
    text = (rulesets() / "textes.yaml").read_text()
    assert text.count(last) == 1
    rules = poser(tmp_path, "textes.yaml", text.replace(last, "{du: 2023-07-01, citations: projet,"))
    found = [str(fault) for fault in verifier_citations(rules).fautes]
    assert len(found) == 1
    assert "20\u00a0% n'est pas dans rgec:17(6)(a), version du 2023-07-01 (25 %)" in found[0]
