"""The plan of a small hand-made law, laid out for the machine, held to explicit figures; and what is kept of it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import petite_table as p
import polars as pl
import pytest

from aid_rules.engine import columnar_evaluation as evaluation
from aid_rules.engine.columnar_evaluation import Bloc, Evaluateur, Plan
from aid_rules.engine.columnar_lines import Ensembles
from aid_rules.engine.columnar_programmes import Calcul
from aid_rules.engine.columnar_vectors import NON_ECRIT, Tampons
from aid_rules.engine.vector_program import LARGEUR, Programme

BUTS = Ensembles({"x": 0, "y": 1})
CRITERES = [("U", "critere.un|verdict"), ("S", "critere.un|motif"), ("U", "hors_aide")]


def calcul(lines, places, read=(), written=(), regime=None, volets=(), **options):
    """A computation of so many instructions, each of which bears their number, as do its registers."""
    program = Programme(
        np.full((lines, LARGEUR), lines), frozenset(read), frozenset(written), {"U": lines, "I": lines + 1, "S": 0}
    )
    if regime:
        genre = "dispositif" if regime.startswith("aide.") else "regime"
        regime = SimpleNamespace(id=regime, genre=genre, volets=[SimpleNamespace(id=v) for v in volets])
    return Calcul(program, places, regime, **options)


def plan(*, volets=False):
    """Two versions of the criteria, shared conditions, three bases (two of which only schemes read), two schemes."""
    deux = [("U", "critere.deux|verdict"), ("S", "critere.deux|motif")]
    levels = [
        [
            calcul(2, (0,), [("I", "a"), ("U", "b")], CRITERES),
            calcul(3, (1, 2), [("I", "a")], [*CRITERES, *deux]),
            calcul(1, (0, 2), [("U", "b")], [("U", "prealable|0")]),
        ],
        [
            calcul(4, (0, 1), [("U", "prealable|0"), ("I", "c")], regime="loi.a", volets="vw", blocs=3, numero=0,
                   finalites=frozenset("x")),
            calcul(5, (2,), regime="loi.b", volets="v", blocs=1, numero=1, voulu=False),
            calcul(2, (0,), regime="loi.c", volets="v", blocs=2, numero=2, voulu=False, finalites=frozenset("xy")),
        ],
        [
            calcul(1, (0, 1, 2), regime="aide.d", volets=("x", "seul"), blocs=3, numero=3),
            calcul(6, (1,), regime="aide.e", volets="y", blocs=2, numero=4, voulu=False),
        ],
    ]  # fmt: skip
    return Plan(levels, 3, BUTS, volets=volets)


VIDE = Plan([[], [], []], 0, BUTS, volets=False)
TAILLES = np.array([5, 0, 4, 2, 3, 1, 9, 0])


def test_what_is_shown_and_what_only_serves():
    """The bases asked for, the volets of regimes when they are, those of schemes unless they are the scheme itself."""
    shown = [Bloc("loi.a", 3, 0), Bloc("aide.d", 6, 0), Bloc("aide.d.x", 6, 1)]
    pieces = [Bloc("loi.a:v", 3, 1), Bloc("loi.a:w", 3, 2)]
    served = [
        Bloc("loi.b", 4, 0), Bloc("loi.c", 5, 0), Bloc("loi.c:v", 5, 1), Bloc("aide.d", 6, 2), Bloc("aide.e", 7, 0),
        Bloc("aide.e.y", 7, 1),
    ]  # fmt: skip
    found = plan()
    assert (found.blocs, found.ordre) == (shown, [*shown, *pieces, *served])
    found = plan(volets=True)
    assert (found.blocs, found.ordre[5:]) == ([shown[0], *pieces, *shown[1:]], served)


def test_where_each_thing_stands():
    """Levels, instructions, registers, first blocks; what is read is told by no program; who is read by others."""
    found = plan()
    assert found.niveaux == [(0, 3), (3, 6), (6, 8)]
    assert found.code[:, 0].tolist() == [2] * 2 + [3] * 3 + [1] + [4] * 4 + [5] * 5 + [2] * 2 + [1] + [6] * 6
    assert found.instructions.tolist() == [
        [0, 2], [2, 5], [5, 6], [6, 10], [10, 15], [15, 17], [17, 18], [18, 24],
    ]  # fmt: skip
    assert found.registres.tolist() == [[n, n + 1, 0] for n in (2, 3, 1, 4, 5, 2, 1, 6)]
    assert found.lues == [("I", "a"), ("I", "c"), ("U", "b")]
    assert found.ecrites == sorted([
        *CRITERES, ("U", "critere.deux|verdict"), ("S", "critere.deux|motif"), ("U", "prealable|0"),
    ])  # fmt: skip
    assert found.criteres == ["critere.deux|verdict", "critere.un|verdict", "hors_aide"]
    assert found.partiels == {"critere.deux|verdict"}
    assert found.premiers.tolist() == [0, 0, 0, 0, 3, 4, 6, 9, 11]
    assert found.cites == [(3, 0), (5, 2), (6, 3), (7, 4)]


def test_nothing_to_run():
    """A plan without any computation has tables of no row."""
    assert (VIDE.niveaux, VIDE.blocs, VIDE.criteres, VIDE.premiers.tolist()) == ([(0, 0)] * 3, [], [], [0])
    assert (VIDE.code.shape, VIDE.instructions.shape, VIDE.registres.shape) == ((0, LARGEUR), (0, 2), (0, 3))
    none = np.zeros(0, np.int64)
    assert [found.tolist() for found in evaluation._blocs_de(VIDE, none)] == [[0], [0]]
    rows = np.zeros(0, np.uint32)
    assert evaluation._citer(VIDE, rows, np.zeros(1, np.int64), none, np.zeros((0, 3), np.int32)).tolist() == [[0, 0]]
    units, ends = evaluation._unites(VIDE, np.zeros(1, np.int64), none)
    assert (units.shape, ends.tolist()) == ((0, 9), [0])
    assert evaluation._lignes(VIDE, rows, np.zeros(1, np.int64), none).tolist() == []


def test_where_each_block_is_written():
    """What is shown comes first, then what only serves; a computation finds its own blocks by their number."""
    bounds, starts = evaluation._blocs_de(plan(), TAILLES)
    assert bounds.tolist() == [0, 2, 11, 20, 22, 24, 27, 28, 29, 38, 38, 38]
    assert starts.tolist() == [0, 20, 22, 24, 27, 28, 2, 11, 29, 38, 38, 0]


def test_where_a_scheme_finds_what_it_rests_on():
    """By the number of a basis: which row of places is its own, and its first block; the place of each row in it."""
    firsts = np.array([0, 5, 5, 9, 11, 14, 15, 24, 24])
    index = np.arange(24, dtype=np.uint32) % 9
    index[9:11], index[14] = (4, 8), 6
    where = np.zeros((4, 9), np.int32)
    assert evaluation._citer(plan(), index, firsts, TAILLES, where).tolist() == [
        [0, 0], [0, 0], [1, 4], [2, 6], [3, 9],
    ]  # fmt: skip
    assert where.tolist() == [
        [-1, -1, -1, -1, 0, -1, -1, -1, 1], [-1, -1, -1, -1, -1, -1, 0, -1, -1],
        [3, 4, 5, 6, 7, 8, 0, 1, 2], [-1] * 9,
    ]  # fmt: skip


def test_each_program_goes_over_vectors_of_its_rows(monkeypatch):
    """A full one, then what is left; none for a computation without any row."""
    monkeypatch.setattr(evaluation, "VECTEUR", 4)
    firsts = np.array([0, 5, 5, 9, 11, 14, 15, 24, 24])
    units, ends = evaluation._unites(plan(), firsts, TAILLES)
    assert ends.tolist() == [0, 2, 2, 3, 4, 5, 6, 9, 9]
    # instructions, first row and how many, first block, place of the first row among those of the program, registers
    assert units.tolist() == [
        [0, 2, 0, 4, 0, 0, 2, 3, 0], [0, 2, 4, 1, 0, 4, 2, 3, 0], [5, 6, 5, 4, 0, 0, 1, 2, 0],
        [6, 10, 9, 2, 0, 0, 4, 5, 0], [10, 15, 11, 3, 3, 0, 5, 6, 0], [15, 17, 14, 1, 4, 0, 2, 3, 0],
        [17, 18, 15, 4, 6, 0, 1, 2, 0], [17, 18, 19, 4, 6, 4, 1, 2, 0], [17, 18, 23, 1, 6, 8, 1, 2, 0],
    ]  # fmt: skip
    assert units.dtype == ends.dtype == np.int64


@pytest.mark.parametrize(("blocs", "rows"), [
    ([3, 6], [9, 10, *range(15, 24)]), ([3], [9, 10]), ([3, 3], [9, 10, 9, 10]), ([3, 4, 5], range(9, 15)),
    ([1, 3], [9, 10]), ([0, 1, 2], range(9)), ([2, 0], [5, 6, 7, 8, 0, 1, 2, 3, 4]), ([], []),
    ([2, 3, 5, 6], [*range(5, 11), *range(14, 24)]),
])  # fmt: skip
def test_the_rows_of_what_is_shown(blocs, rows):
    """One block after the other, each with its own, though several stand side by side."""
    firsts = np.array([0, 5, 5, 9, 11, 14, 15, 24, 24])
    shown = SimpleNamespace(blocs=[Bloc("b", rank, 0) for rank in blocs])
    index = np.arange(24, dtype=np.uint32)
    found = evaluation._lignes(shown, index, firsts, TAILLES)
    assert found.tolist() == list(rows)
    assert np.shares_memory(found, index) == (blocs in ([3], [3, 4, 5], [0, 1, 2]))  # one stretch is not copied


def test_a_criterion_that_the_law_of_the_day_has_not():
    """It is null that day, with its reason; whether there is State aid has no reason."""
    written = {
        ("U", "critere.deux|verdict"): np.array([NON_ECRIT, 3, 0], np.uint8),
        ("S", "critere.deux|motif"): np.array([7, -1, 2], np.int16),
        ("U", "critere.un|verdict"): np.array([1, 3, 0], np.uint8),
        ("S", "critere.un|motif"): np.array([1, -1, 2], np.int16),
        ("U", "hors_aide"): np.array([3, 0, 1], np.uint8),
    }
    assert evaluation._criteres(plan(), written).to_dict(as_series=False) == {
        "critere.deux.verdict": [None, 3, 0], "critere.deux.motif": [None, -1, 2], "critere.un.verdict": [1, 3, 0],
        "critere.un.motif": [1, -1, 2], "hors_aide": [3, 0, 1],
    }  # fmt: skip


@pytest.mark.parametrize(("height", "taille"), [
    (0, 32), (1, 32), (64, 32), (65, 33), (199, 100), (200, 100), (201, 51), (400, 100), (401, 67), (1_000, 100),
])  # fmt: skip
def test_pieces_of_about_the_same_length(monkeypatch, height, taille):
    """As many for each of two threads, none longer than is allowed; a vector at least, or what is allowed."""
    monkeypatch.setattr(evaluation, "_FILS", 2)
    monkeypatch.setattr(evaluation, "_MORCEAU", 100)
    monkeypatch.setattr(evaluation, "VECTEUR", 32)
    assert evaluation._taille(height) == taille
    monkeypatch.setattr(evaluation, "VECTEUR", 300)
    assert evaluation._taille(height) == 100


def test_stretches_put_one_after_the_other():
    """Each starts where the one before ends."""
    assert evaluation._tranches(iter([3, 0, 2])).tolist() == [[0, 3], [3, 3], [3, 5]]
    assert evaluation._tranches([]).shape == (0, 2)


@pytest.fixture(scope="module")
def loi(tmp_path_factory):
    return p.moteur(tmp_path_factory.mktemp("regles"))


LOT = p.DOSSIERS[:50]


def test_a_table_is_made_ready_once_or_part_after_part(loi, monkeypatch):
    """Up to the limit it is one, kept as long as the table; beyond, its parts follow, and each knows its rows."""
    found, table = Evaluateur(loi), p.table(loi, LOT)
    ready = found.preparer(table)
    assert found.preparer(table) is ready
    assert found.preparer(p.table(loi, LOT)) is not ready
    for limit in (50, 51):
        monkeypatch.setattr(evaluation, "_ENTIERE", limit)
        assert [one is ready for one in found._pretes(table)] == [True]
    monkeypatch.setattr(evaluation, "_ENTIERE", 49)
    assert [sorted(one.rangs.tolist()) for one in found._pretes(table)] == [list(range(49)), [49]]
    monkeypatch.setattr(evaluation, "_ENTIERE", 20)
    assert [one.height for one in found._pretes(table)] == [20, 20, 10]
    assert [one is ready for one in found._pretes(ready)] == [True]


def test_pieces_follow_and_are_written_over(loi, monkeypatch):
    """A piece is given the fields of the one before, unless they are to be kept; the plan is the same for all."""
    monkeypatch.setattr(evaluation, "_FILS", 1)
    monkeypatch.setattr(evaluation, "_MORCEAU", 20)
    found, table = Evaluateur(loi), p.table(loi, LOT)

    def shared(**options):
        pieces = list(found.evaluer(table, lambda plan, piece: (plan, piece), **options))
        assert [len(piece.rangs) for _, piece in pieces] == [20, 20, 10]
        assert {id(plan) for plan, _ in pieces} == {id(pieces[0][0])}
        one, other = (piece.champs.montant for _, piece in pieces[1:])
        return pieces[0][0], np.shares_memory(one, other)

    plan, over = shared()
    assert over
    assert shared() == (plan, True)
    assert shared(prete=True) == (plan, True)
    assert shared(prete=False) == (plan, False)
    wider, _ = shared(volets=True)
    assert (len(wider.blocs) > len(plan.blocs), shared(volets=False)[0] is wider) == (True, False)
    assert {b.nom for b in shared(bases=iter(["loi.cinq"]))[0].blocs} == {"loi.cinq"}


@pytest.mark.parametrize(("height", "count"), [(0, 1), (1, 1), (2, 2), (3, 3)])
def test_an_empty_table_is_one_piece(loi, monkeypatch, height, count):
    """There is always one, that tells which columns there are; no other is empty."""
    monkeypatch.setattr(evaluation, "_MORCEAU", 1)
    heights = [len(x) for x in Evaluateur(loi).evaluer(p.table(loi, LOT[:height]), lambda _, piece: piece.rangs)]
    assert (len(heights), sum(heights)) == (count, height)


def test_no_more_room_than_what_is_written(loi):
    """Each field has a row for each of the blocks, those that only serve included; two bounds of rates and amounts."""
    asked = {}

    class Vus(Tampons):
        def prendre(self, name, shape, kind):
            asked[name] = shape
            return super().prendre(name, shape, kind)

    found = Evaluateur(loi)
    found._tampons.append(Vus())
    ((plan, bounds),) = found.evaluer(p.table(loi, LOT), lambda plan, piece: (plan, piece.bornes))
    rows = int(bounds[-1])
    assert len(bounds) == len(plan.ordre) + 1
    assert rows > int(bounds[len(plan.blocs)]) > 0
    bytes_of_a_row = 1 + 2 + 2 * 2 + 2 * 8
    assert {name: asked[name] for name in ("champs", "places")} == {
        "champs": (rows * bytes_of_a_row,),
        "places": (len(plan.cites), 50),
    }


def test_what_is_told_of_criteria_is_kept(loi, monkeypatch):
    """The criteria of a piece stay as they are when the next is computed in the same room."""
    monkeypatch.setattr(evaluation, "_FILS", 1)
    found, table = Evaluateur(loi), p.table(loi, LOT)
    whole = pl.concat(found.evaluer(table, lambda _, piece: piece.criteres))
    monkeypatch.setattr(evaluation, "_MORCEAU", 7)
    pieces = list(found.evaluer(table, lambda _, piece: piece.criteres))
    assert len(pieces) == 8
    assert pl.concat(pieces).equals(whole)
