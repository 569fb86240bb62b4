"""Each fault of the rules is found, placed, and said with what mends it: one bad file per fault."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from aid_rules.engine import alertes
from aid_rules.language.checks import VALIDITE_JOURS, avertissements, check
from aid_rules.language.checks_noms import CONTROLES
from aid_rules.language.loader import load
from aid_rules.language.places import rulesets

ERREURS = Path(__file__).parent.parent / "erreurs" / "regles"
FIXTURES = sorted(ERREURS.glob("*.yaml"))


def poser(folder, *paths):
    """Load the sound rules with files laid over them."""
    rules = folder / "regles"
    shutil.copytree(ERREURS / "socle", rules)
    for path in paths:
        shutil.copy(path, rules)
    return load(rules)


def test_the_sound_rules_have_no_fault(tmp_path):
    """Neighbour periods, exclusive values and a last general entry are no fault."""
    rules = poser(tmp_path)
    assert check(rules) == []
    assert avertissements(rules, date(2026, 11, 23)) == []


def test_the_fixtures_are_found():
    """The folder of bad files is read: an empty one would pass in silence."""
    assert len(FIXTURES) >= 40


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_one_fault_each(path, tmp_path):
    """The bad file gives one fault, on the line marked « # ici », with the words that its head expects."""
    (fault,) = check(poser(tmp_path, path))
    lines = path.read_text().splitlines()
    text = str(fault)
    for line in lines:
        if line.startswith("# attendu: "):
            assert line.removeprefix("# attendu: ") in text
    marked = [number for number, line in enumerate(lines, 1) if line.endswith("# ici")]
    if marked:
        assert Path(fault.file).name == path.name
        assert [fault.line] == marked
    assert fault.line
    assert fault.column


def test_the_shipped_rules_have_no_fault():
    """The law that ships is whole: no unknown name, no overlap, no unreachable entry, nothing unused."""
    assert [str(fault) for fault in check(load(rulesets()))] == []


def test_controls_are_those_of_the_engine():
    """The controls that an obligation may name are those that the financing plan runs."""
    assert set(CONTROLES) == set(alertes.CODES)


def test_stale_files_are_warnings(tmp_path):
    """A file checked more than 400 days ago is listed, and is no fault."""
    rules = poser(tmp_path)
    assert avertissements(rules, date(2027, 12, 28)) == []
    stale = avertissements(rules, date(2027, 12, 29))
    assert VALIDITE_JOURS == 400
    assert {Path(w.file).name for w in stale} == {"textes.yaml", "regime.yaml"}
    assert all("401 jours" in str(w) and w.line for w in stale)


def test_holes_are_warnings(tmp_path):
    """A hole between two entries of one identifier is listed with its dates: the law may have had one."""
    path = tmp_path / "trou.yaml"
    path.write_text(
        """
id: loi.trou
genre: regime
intitule: Régime
texte: loi
verifie_le: 2026-11-23
finalites: [essai]
conditions:
  - {id: neuf, si: neuf, ref: "1", au: 2018-12-31}
  - {id: neuf, si: neuf, ref: "1", du: 2020-01-01}
"""
    )
    rules = poser(tmp_path, path)
    assert check(rules) == []
    (warning,) = avertissements(rules, date(2026, 11, 23))
    assert "« neuf » n'a pas de valeur du 2019-01-01 au 2019-12-31" in str(warning)
    assert warning.line == 10


def test_a_period_without_threshold_is_a_warning(tmp_path):
    """A regime that has thresholds has one on every date, or is listed."""
    path = tmp_path / "seuil.yaml"
    path.write_text(
        """
id: loi.seuil
genre: regime
intitule: Régime
texte: loi
verifie_le: 2026-11-23
finalites: [essai]
seuil_notification:
  - {id: seuil, montant_eur: 1000000, ref: "4", du: 2016-01-01}
"""
    )
    rules = poser(tmp_path, path)
    assert check(rules) == []
    (warning,) = avertissements(rules, date(2026, 11, 23))
    assert "aucun seuil de notification n'est en vigueur du 2015-01-01 au 2015-12-31" in str(warning)
    assert warning.line == 8


def test_a_finality_without_regime_for_a_time_is_a_warning(tmp_path):
    """A purpose that a regime served, then nothing, then another regime, is listed with the dates."""
    head = "genre: regime\nintitule: Régime\ntexte: loi\nverifie_le: 2026-11-23\nfinalites: [oubliee]\n"
    path, later, words = tmp_path / "a.yaml", tmp_path / "b.yaml", tmp_path / "c.yaml"
    path.write_text(f"id: loi.a\nau: 2017-12-31\n{head}")
    later.write_text(f"id: loi.b\ndu: 2019-01-01\n{head}")
    words.write_text('genre: vocabulaire\nid: v\nlistes: {finalite: {oubliee: {libelle: "oubliée"}}}\n')
    rules = poser(tmp_path, path, later, words)
    assert check(rules) == []
    (warning,) = avertissements(rules, date(2026, 11, 23))
    assert "aucun régime ne sert la finalité « oubliee » du 2018-01-01 au 2018-12-31" in str(warning)
    assert Path(warning.file).name == "b.yaml"
