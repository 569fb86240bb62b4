"""What each basis allows on each line, as ceilings: for certain, and at most."""

from __future__ import annotations

import sys
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from evalues import base, evaluation, volet

from aid_rules.engine.appuis import HORS_AIDE, borner
from aid_rules.engine.couverture import (
    MAX_LOIS,
    Lecture,
    couverture,
    est_de_minimis,
    memes_plafonds,
    nets,
    part_des_couts,
    portee,
    reduits,
    servies,
)
from aid_rules.language.tree import FAUX, INCONNU, VRAI
from aid_rules.law.cumul import Plafonds
from aid_rules.law.plafonds import Plafond, Possibilite

M = {"m": (100, 200)}


def lecture(regimes=(), dispositifs=(), nom="", statuts=None):
    """A reading of these bases, the schemes bounded by the regimes."""
    read = evaluation(regimes, dispositifs)
    statuses = {name: r.verdict for name, r in read.regimes.items()} | (statuts or {})
    return Lecture(read, {d.regime.id: borner(d, statuses, read.regimes) for d in dispositifs}, nom)


def cotes(read, name):
    """What a basis allows for certain, and at most."""
    return tuple(list(read.possibilites(name, bas=low)) for low in (True, False))


def test_each_side_of_a_purpose():
    """For certain the least rate of the least costs, at most the highest of the highest, within what the basis caps."""
    one = volet(taux=(1000, 2000), montant=(15, 50), lignes=M, possibles={"n": (0, 40)}, assiette=(100, 240))
    read = lecture([base("r", one, montant=(12, None))], nom="2021:")
    low, high = cotes(read, "r")
    assert low == [Possibilite("2021:r", 1000, {"m": 100, "n": 0}, 10, 12)]
    assert high == [Possibilite("2021:r", 2000, {"m": 200, "n": 40}, 48, None)]


@pytest.mark.parametrize(
    ("given", "low", "high"),
    [
        ({}, (0, 0, None), (10_000, 240, None)),
        ({"montant": (15, None)}, (10_000, 15, None), (10_000, 240, None)),
        ({"montant": (15, 50)}, (10_000, 15, None), (10_000, 50, None)),
        ({"montant": (300, 400)}, (10_000, 100, None), (10_000, 240, None)),
        ({"taux": (1000, 2000)}, (1000, 10, None), (2000, 48, None)),
        ({"taux": (1000, None)}, (1000, 10, None), (10_000, 240, None)),
        ({"taux": (1000, 2000), "assiette": (100, None)}, (1000, 10, None), (2000, None, None)),
        ({"montant": (15, 50), "assiette": (100, None)}, (10_000, 15, None), (10_000, 50, None)),
        ({"taux": (1000, 2000), "total": (7, 9)}, (1000, 10, 7), (2000, 48, 9)),
    ],
)
def test_rate_and_amount(given, low, high):
    """Without a rate an amount may reach the whole cost; without either, nothing is certain and all is possible."""
    total = given.pop("total", None)
    read = lecture([base("r", volet(lignes=M, **({"assiette": (100, 240)} | given)), montant=total)])
    ((least,), (most,)) = cotes(read, "r")
    assert (least.taux, least.plafond, least.plafond_base) == low
    assert (most.taux, most.plafond, most.plafond_base) == high


@pytest.mark.parametrize(
    ("regime", "purpose", "certain", "possible"),
    [
        (VRAI, VRAI, 1, 1),
        (VRAI, INCONNU, 0, 1),
        (INCONNU, VRAI, 0, 1),
        (INCONNU, INCONNU, 0, 1),
        (VRAI, FAUX, 0, 0),
        (FAUX, VRAI, 0, 0),
    ],
)
def test_only_what_holds_is_certain(regime, purpose, certain, possible):
    """A purpose of a basis counts for certain when both hold, at most when neither fails: so does a scheme's."""
    one = volet("a", verdict=purpose, taux=(1000, 1000), lignes=M)
    other = volet("b", taux=(500, 500), lignes=M)
    found = cotes(lecture([base("r", one, other, verdict=regime)]), "r")
    assert [[p.taux for p in side].count(1000) for side in found] == [certain, possible]
    support = base("r", volet(), verdict=regime)
    scheme = base("aide", one._replace(volet=volet("a", repose_sur=["r", "s"]).volet), other)
    found = cotes(lecture([support, base("s", volet(), verdict=FAUX)], [scheme]), "aide")
    assert [[p.taux for p in side].count(1000) for side in found] == [certain, possible]
    assert [[p.taux for p in side].count(500) for side in found] == [1, 1]


def test_a_scheme_is_told_within_its_own_caps():
    """Each of its volets as its bases bound it, all of them under what the whole scheme may give."""
    one = volet("a", taux=(9000, 9000), lignes=M, assiette=(100, 100), repose_sur=["r"])
    two = volet("b", montant=(30, 30), lignes={"n": (50, 50)}, assiette=(50, 50))
    scheme = base("aide", one, two, plafonds=((VRAI,), ((60, 60),)))
    read = lecture([base("r", volet(taux=(4000, 4000), montant=(40, 40)))], [scheme], "2021:")
    assert cotes(read, "aide")[1] == [
        Possibilite("2021:aide", 4000, {"m": 200}, 40, 60),
        Possibilite("2021:aide", 10_000, {"n": 50}, 30, 60),
    ]


def test_a_purpose_in_doubt_raises_no_certain_ceiling():
    """A basis that holds by one purpose and is in doubt by another, on the same costs, bears the first for certain.

    Never yes when in doubt: a plan that fits only under the second purpose must be told as to be checked.
    """
    sure = volet("a", taux=(2000, 2000), montant=(20, 40))
    doubtful = volet("b", taux=(5000, 5000), montant=(50, 100), verdict=INCONNU)
    scheme = base("aide", volet(taux=(9000, 9000), lignes=M, repose_sur=["r", "s"]))
    read = lecture([base("r", sure, doubtful), base("s", volet(montant=(5, 5)))], [scheme])
    ((low,), (high,)) = cotes(read, "aide")
    assert (low.taux, low.plafond) == (9000, 20)
    assert (high.taux, high.plafond) == (9000, 100)
    alone = base("aide", scheme.volets[0]._replace(volet=volet(repose_sur=["r"]).volet))
    ((low,), (high,)) = cotes(lecture([base("r", sure, doubtful)], [alone]), "aide")
    assert (low.taux, low.plafond) == (2000, 20)
    assert (high.taux, high.plafond) == (5000, 100)
    outside = base("aide", volet(montant=(8, 9), lignes=M, repose_sur=["ailleurs", HORS_AIDE]))
    read = lecture([], [outside], statuts={"ailleurs": FAUX, HORS_AIDE: VRAI})
    assert [[p.plafond for p in side] for side in cotes(read, "aide")] == [[8], [9]]
    apart = volet("c", montant=(7, 7), finalites=["x"]), volet("d", montant=(9, 9), finalites=["y"], verdict=INCONNU)
    ((low,), (high,)) = cotes(lecture([base("r", *apart)], [alone]), "aide")
    assert (low.plafond, high.plafond) == (7, 16)


def test_what_is_not_in_force_allows_nothing():
    """A name that is neither a regime nor a scheme of the day has no verdict and no ceiling; it is not closed."""
    closed = base("r", volet(verdict=FAUX, lignes=M, taux=(1000, 1000)))
    read = lecture([closed, base("t", volet())], [base("aide", volet(verdict=INCONNU))])
    assert (read.verdict("r"), read.verdict("t"), read.verdict("aide"), read.verdict("x")) == (
        FAUX,
        VRAI,
        INCONNU,
        None,
    )
    assert [read.ferme(name) for name in ("r", "t", "aide", "x")] == [True, False, False, False]
    assert cotes(read, "x") == ([], [])
    assert read.appuis("x", frozenset("m")) == {"x": FAUX}


def test_what_a_scheme_rests_on_for_some_lines():
    """A regime rests on itself; a scheme on the bases of its volets that may serve the lines, as far as both hold."""
    regimes = [base(n, volet(), verdict=s) for n, s in (("r", VRAI), ("s", INCONNU), ("t", FAUX))]
    scheme = base(
        "aide",
        volet("a", lignes=M, repose_sur=["r", "s"], verdict=INCONNU),
        volet("b", possibles={"n": (0, 5)}, repose_sur=["r", "t"]),
        volet("c", verdict=FAUX, lignes={"o": (1, 1)}, repose_sur=["s"]),
    )
    read = lecture(regimes, [scheme])
    asked = {names: read.appuis("aide", frozenset(names)) for names in ("m", "n", "o", "mn", "x")}
    assert asked == {"m": {"r": INCONNU, "s": INCONNU}, "n": {"r": VRAI}, "o": {}, "mn": {
        "r": VRAI, "s": INCONNU}, "x": {}}  # fmt: skip
    assert [read.appuis(name, frozenset("m")) for name in "rst"] == [{"r": VRAI}, {"s": INCONNU}, {"t": FAUX}]


def test_a_volet_without_line_may_serve_any():
    """A scheme's volet that counts no line rules none out."""
    read = lecture([base("r", volet())], [base("aide", volet("a", repose_sur=["r"]))])
    assert read.appuis("aide", frozenset("m")) == {"r": VRAI}


def test_a_closed_regime_is_left_out_of_the_ceilings():
    """A regime whose verdict is no serves no line, even where one of its purposes would."""
    one = volet(taux=(1000, 2000), lignes=M)
    both = [(lecture([base("r", one)]), "r"), (lecture([base("s", one, verdict=FAUX)]), "s")]
    found = couverture(both)
    assert [p.base for p in found.haut.possibilites] == ["r"]
    assert (found.bas.cents(frozenset("m")), found.haut.cents(frozenset("m"))) == (10, 40)
    assert (found.bas.cents(frozenset("x")), found.haut.cents(frozenset("x"))) == (0, 0)
    free = couverture(both, ailleurs=None)
    assert (free.bas.cents(frozenset("x")), free.haut.cents(frozenset("x"))) == (0, None)
    assert servies(found) == {"m"}
    assert servies(couverture(both[1:])) == set()


def test_lines_that_a_basis_serves():
    """Of the lines an aid names, its basis serves some; de minimis aid, aid without basis or without use: all."""
    read = lecture([base("r", volet(lignes=M, possibles={"n": (0, 5)})), base("de_minimis.general", volet(lignes=M))])
    lines = frozenset("mno")
    assert portee(read, "r", lines) == {"m", "n"}
    assert portee(read, "r", frozenset("o")) == {"o"}
    assert portee(read, "x", lines) == lines
    assert portee(read, None, lines) == lines
    assert portee(read, "de_minimis.general", lines) == lines
    assert (est_de_minimis("de_minimis.general"), est_de_minimis("rgec.17")) == (True, False)


def test_two_readings_of_one_basis():
    """Another day with the same figures gives the same ceilings; another least, or another most, does not."""
    one = volet(taux=(1000, 2000), lignes=M, assiette=(100, 100))
    today = lecture([base("r", one)])
    assert memes_plafonds(today, lecture([base("r", one)], nom="2021:"), "r")
    for taux in ((1000, 3000), (500, 2000), (500, 3000)):
        assert not memes_plafonds(today, lecture([base("r", one._replace(taux=taux))]), "r")


def test_readings_are_told_apart_and_do_not_change():
    """Two readings of the same figures are two, each a key of its own: several aids share one."""
    one, other = lecture(), lecture()
    assert len({one: 1, other: 2}) == 2
    with pytest.raises(FrozenInstanceError):
        one.nom = "2021:"


def test_groups_of_older_laws():
    """Every group but the whole, up to four laws; beyond, those of the latest laws."""
    laws = [f"202{n}:" for n in range(MAX_LOIS + 1)]
    assert reduits([]) == []
    assert reduits(["b", "a", "b"]) == [frozenset(), {"a"}, {"b"}]
    four = reduits(laws[:4])
    assert (len(four), len(set(four)), max(map(len, four))) == (15, 15, 3)
    assert reduits(reversed(laws)) == [frozenset(laws[n:]) for n in (1, 2, 3, 4, 5)]


def test_what_is_deducted_lowers_the_costs():
    """Ceilings bear on the costs left: never below zero, unknown ones left unknown, the rest as it was."""
    low = Possibilite("r", 1000, {"m": 100, "n": 10, "o": 5}, 7, 9)
    high = Possibilite("r", 2000, {"m": None, "n": 20}, 8, 10)
    given = Plafonds(Plafond([low]), Plafond([high], None))
    found = nets(given, {"m": (20, 30), "n": (15, 15)})
    assert found.bas.possibilites == (low._replace(couts={"m": 70, "n": 0, "o": 5}),)
    assert found.haut.possibilites == (high._replace(couts={"m": None, "n": 5}),)
    assert (found.bas.ailleurs, found.haut.ailleurs) == (0, None)
    assert nets(given, {}) is given
    unsure = nets(given, {"m": (0, None), "n": (5, 6)})
    assert unsure.bas.possibilites == (low._replace(couts={"m": 0, "n": 4, "o": 5}),)
    assert unsure.haut.possibilites == (high._replace(couts={"m": None, "n": 15}),)


def test_a_share_of_the_costs():
    """A rate of each line, or what other ceilings give where it is more; a line without cost told has no limit."""
    share = part_des_couts({"m": (100, 200), "n": (50, None)}, 5000)
    assert [share.bas.cents(frozenset(s)) for s in ("m", "n", "mn", "x")] == [50, 25, 75, 0]
    assert [share.haut.cents(frozenset(s)) for s in ("m", "n", "mn", "x")] == [100, None, None, None]
    others = couverture([(lecture([base("r", volet(taux=(8000, 9000), lignes=M))]), "r")])
    both = part_des_couts({"m": (100, 200), "n": (50, 50)}, 5000, others)
    assert [both.bas.cents(frozenset(s)) for s in ("m", "mn")] == [80, 105]
    assert [both.haut.cents(frozenset(s)) for s in ("m", "mn")] == [180, 205]
