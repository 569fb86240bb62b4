"""The small law over a few hundred explicit dossiers: columns give what the exact evaluator gives, block by block."""

from __future__ import annotations

import petite_table as p
import pytest

from aid_rules.engine import columnar, columnar_evaluation
from aid_rules.engine.moteur import Engine
from aid_rules.language.tree import FAUX


@pytest.fixture(scope="module")
def loi(tmp_path_factory):
    return p.moteur(tmp_path_factory.mktemp("regles"))


def test_each_block_of_each_dossier(loi):
    """Same verdict, reason, rate and amount: whatever is known, on each day, for each purpose."""
    found = p.larges(columnar.evaluate_table(loi, p.table(loi, p.DOSSIERS), volets=True))
    for dossier, mine, wanted in zip(p.DOSSIERS, found, p.blocs(loi, p.DOSSIERS), strict=True):
        assert mine == wanted, dossier


def longues(found):
    """What the long form tells of each dossier, block by block."""
    told = [{} for _ in range(found.criteres.height)]
    for ligne, base, *fields in found.bases.iter_rows():
        assert base not in told[ligne]
        told[ligne][base] = tuple(fields)
    return told


def sans_hors(blocks):
    """The blocks of the bases that some cost line concerns."""
    return {n: b for n, b in blocks.items() if not n.startswith("critere.") and n != "hors_aide" and b != HORS}


def propres(blocks):
    return {n: b for n, b in blocks.items() if ":" not in n}


HORS = (FAUX, 0, None, None, None, None)
CHOISIS = p.DOSSIERS[::7]


def test_the_long_form(loi):
    """A row per dossier and basis that one of its costs concerns; the criteria apart, on the days that have them."""
    found = columnar.evaluate_long(loi, p.table(loi, CHOISIS))
    wanted = p.blocs(loi, CHOISIS)
    assert list(map(sans_hors, longues(found))) == [propres(sans_hors(one)) for one in wanted]
    criteria = p.larges(found.criteres)
    assert criteria == [
        {n: b for n, b in one.items() if n.startswith("critere.") or n == "hors_aide"} for one in wanted
    ]
    assert found.bases.columns == ["ligne", "base", *columnar.CHAMPS]
    assert found.bases["taux_min"].null_count() < found.bases.height


@pytest.mark.parametrize(("piece", "part"), [(60, 100_000), (60, 100), (1, 150), (100_000, 50), (100_000, 130)])
def test_the_same_by_pieces(loi, monkeypatch, piece, part):
    """Whatever the pieces and the parts that a table is computed by: each dossier has its own answer."""
    monkeypatch.setattr(columnar_evaluation, "_MORCEAU", piece)
    monkeypatch.setattr(columnar_evaluation, "_ENTIERE", part)
    monkeypatch.setattr(columnar_evaluation, "VECTEUR", 32)
    lot = CHOISIS[:30] if piece == 1 else p.DOSSIERS[:300]
    wanted = p.blocs(loi, lot)
    table = p.table(loi, lot)
    assert p.larges(columnar.evaluate_table(loi, table)) == list(map(propres, wanted))
    ready = columnar.preparer(loi, p.table(loi, lot))
    for _ in range(2):
        assert p.larges(columnar.evaluate_table(loi, ready, volets=True)) == wanted
    found = columnar.evaluate_long(loi, table)
    assert list(map(sans_hors, longues(found))) == [propres(sans_hors(one)) for one in wanted]


@pytest.mark.parametrize("lot", [CHOISIS[k : k + 4] for k in range(0, 40, 4)] + [[one] for one in CHOISIS[40:60]])
def test_small_tables_one_after_the_other(loi, lot):
    """What is compiled for a table, where many things are the same everywhere, serves the next one as it should."""
    wanted = p.blocs(loi, lot)
    assert p.larges(columnar.evaluate_table(loi, p.table(loi, lot), volets=True)) == wanted
    neuf = Engine(*loi.folders, seul=True)
    assert p.larges(columnar.evaluate_table(neuf, p.table(neuf, lot))) == list(map(propres, wanted))


@pytest.mark.parametrize("bases", [["loi.deux"], ["aide.un"], ["aide.deux", "loi.un"], ["loi.trois", "aide.trois"], []])
def test_some_bases_alone(loi, bases):
    """The bases asked for, and they only, each with all it rests on; a scheme with its volets."""
    found = p.larges(columnar.evaluate_table(loi, p.table(loi, CHOISIS), bases=iter(bases), volets=True))
    for mine, all_blocks in zip(found, p.blocs(loi, CHOISIS), strict=True):
        heads = ("critere.", "hors_aide", *(f"{name}{end}" for name in bases for end in (":", ".")))
        kept = {name: block for name, block in all_blocks.items() if f"{name}.".startswith(heads)}
        assert mine == kept


def test_some_fields_alone(loi):
    """The fields asked for, in their order, by the name of their basis."""
    table = p.table(loi, CHOISIS)
    whole = columnar.evaluate_table(loi, table)
    part = columnar.evaluate_table(loi, table, champs=["montant_max", "verdict"])
    names = [n for n in part.columns if not n.startswith(("critere.", "hors_aide"))]
    assert [n.rpartition(".")[2] for n in names] == ["montant_max", "verdict"] * (len(names) // 2)
    assert not any(n.endswith(("motif", "taux_min")) for n in names)
    assert part.equals(whole.select(part.columns))


def test_no_dossier_at_all(loi):
    """An empty table gives an empty one."""
    assert columnar.evaluate_table(loi, p.table(loi, [])).height == 0
    assert columnar.evaluate_long(loi, p.table(loi, [])).bases.height == 0
