"""References said as lawyers write them."""

from __future__ import annotations

from datetime import date

import pytest

from aid_rules.language.references import References, Texte, provision


@pytest.mark.parametrize(
    ("expected", "path"),
    [
        ("art. 17, § 6, a)", "17(6)(a)"),
        ("art. 36 bis, § 4, b)", "36a(4)(b)"),
        ("art. 36 ter", "36b"),
        ("art. 56 septies", "56f"),
        ("art. 4, § 1, s bis)", "4(1)(sa)"),
        ("art. 4, § 1, s sexies), iv)", "4(1)(se)(iv)"),
        ("art. 36, § 1 bis", "36(1a)"),
        ("art. 39, § 2 bis, b)", "39(2a)(b)"),
        ("art. 2, point 102 undecies", "2(102j)"),
        ("art. 38 bis, § 6, ii)", "38a(6)(ii)"),
        ("art. 4, § 1, x)", "4(1)(x)"),
        ("art. 2, point 18, a)", "2(18)(a)"),
        ("art. 25, § 6, b), i)", "25(6)(b)(i)"),
        ("annexe I, art. 2, point 1", "annexe_I/2(1)"),
        ("annexe II", "annexe_II"),
        ("art. 13", "13"),
        ("fiche 23", "fiche_23"),
        ("n° 39 decies B", "39 decies B"),
    ],
)
def test_provisions(expected, path):
    """EU numbering becomes French numbering: 36a is 36 bis."""
    assert provision(path) == expected


def test_the_text_comes_first_with_its_link():
    """A reference names its text, by its short title, with the link when it is known."""
    references = References({"rgec": Texte("RGEC", "https://exemple.fr/rgec")})
    found = references.write("rgec:17(6)(a)")
    assert (found.id, found.texte, found.lien) == ("rgec:17(6)(a)", "RGEC, art. 17, § 6, a)", "https://exemple.fr/rgec")
    assert references.write("rgec:17(6)(a)") is found


def test_an_unknown_text_keeps_its_name():
    """A reference to an undeclared text is still readable, without link."""
    found = References({}).write("cgi:44")
    assert (found.texte, found.lien) == ("cgi, art. 44", None)


def test_every_shipped_reference_is_written(engine):
    """No reference of the law of a day is left in the citation grammar."""
    loi = engine.at(date(2024, 3, 15)).loi
    refs = {ref for r in (*loi.regimes, *loi.dispositifs) for c in r.conditions for ref in c.refs}
    refs |= {ref for r in (*loi.regimes, *loi.dispositifs) for v in r.volets for c in v.conditions for ref in c.refs}
    assert len(refs) > 100
    for ref in refs:
        if ref.startswith("rgec:"):
            assert engine.references.write(ref).texte.startswith("RGEC, ")
            assert "(" not in engine.references.write(ref).texte
