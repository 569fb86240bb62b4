"""What a scheme may give under each of its bases, and the best of them: bounds in cents and in basis points."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from evalues import base, volet

from aid_rules.engine.appuis import HORS_AIDE, borner, cle_volet, synthese
from aid_rules.language.tree import FAUX, INCONNU, VRAI


def borne(scheme, statuts, *regimes):
    """The only volet of a scheme, bounded by these regimes."""
    (found,) = borner(base("aide", scheme), statuts, {r.regime.id: r for r in regimes})
    return found


def appui(scheme, *volets, montant=None):
    """What a scheme may reach under a regime of these purposes, usable."""
    (found,) = borne(scheme._replace(volet=_sur(scheme, "r")), {"r": VRAI}, base("r", *volets, montant=montant)).appuis
    return found


def _sur(scheme, *bases):
    from dataclasses import replace  # noqa: PLC0415 - one function

    return replace(scheme.volet, repose_sur=bases)


@pytest.mark.parametrize(
    ("taux", "montant", "given"),
    [
        ((3000, 3000), (300, 300), ((2000, 2000), (200, 200))),
        ((1000, 2500), (100, 250), ((1000, 2000), (100, 200))),
        ((1000, 1500), (100, 150), ((1000, 1500), (100, 150))),
        (None, None, (None, (200, 200))),
    ],
)
def test_never_above_the_regime(taux, montant, given):
    """A scheme gives the least of what it says and of what its basis allows; without rate, it takes none from it."""
    one = volet(taux=(2000, 2000), montant=(200, 200))
    found = appui(volet(taux=taux, montant=montant), one)
    assert (found.statut, (found.taux, found.montant)) == (VRAI, given)


@pytest.mark.parametrize("whole", [None, (150, 150)])
def test_a_regime_without_rate_bounds_the_amount_alone(whole):
    """No rate or no amount of the basis is no limit; what the whole basis may give is one."""
    found = appui(volet(taux=(3000, 3000), montant=(300, 300)), volet(), montant=whole)
    assert (found.taux, found.montant) == ((3000, 3000), whole or (300, 300))
    rated = appui(volet(montant=(300, 300)), volet(taux=(2000, 2000)), montant=whole)
    assert (rated.taux, rated.montant) == (None, whole or (300, 300))


def test_the_highest_rate_of_a_regime_bounds_the_scheme():
    """Several purposes of the basis bear the scheme's costs: one of them may have the highest rate, one no rate."""
    mine = volet(taux=(9000, 9000), montant=(900, 900))
    low, high = volet("a", taux=(2000, 3000)), volet("b", taux=(1000, 5000))
    assert appui(mine, low, high).taux == (2000, 5000)
    assert appui(mine, low, high, volet("c")).taux == (9000, 9000)


def test_costs_of_another_purpose_bear_nothing():
    """Only the purposes of the basis that the scheme shares bound it; none shared, the basis is no support."""
    mine = volet(taux=(9000, 9000), montant=(900, 900), finalites=["rd"])
    other, same = (volet(name, taux=(rate, rate), montant=(rate, rate), finalites=[name]) for name, rate in (
        ("formation", 5000), ("rd", 100)))  # fmt: skip
    found = appui(mine, other, same)
    assert (found.taux, found.montant) == ((100, 100), (100, 100))
    anything = appui(mine, volet("x", taux=(700, 700), montant=(7, 7)))
    assert (anything.taux, anything.montant) == ((700, 700), (7, 7))
    everything = appui(mine._replace(volet=volet().volet), other, same)
    assert (everything.taux, everything.montant) == ((5000, 5000), (900, 900))
    assert appui(mine, other) == ("r", FAUX, (0, 0), (0, 0))
    assert appui(mine, same._replace(verdict=FAUX)) == ("r", FAUX, (0, 0), (0, 0))


@pytest.mark.parametrize(
    ("purposes", "montant"),
    [
        ((["a"], ["b"]), (30, 50)),
        ((["a"], ["a"]), (20, 40)),
        ((["a"], None), (20, 40)),
        ((None, ["a"]), (20, 40)),
        ((["a", "b"], ["b", "c"]), (20, 40)),
        ((["a"], ["a", "b"], ["b"]), (25, 46)),
        ((["a"], ["b"], ["a", "b"]), (30, 50)),
        ((["a"], ["b"], ["c"]), (35, 56)),
        ((["a"], ["b"], ["b"]), (30, 50)),
        ((["a"], ["b"], ["c"], ["a"]), (35, 56)),
    ],
)
def test_purposes_on_the_same_costs_are_not_summed(purposes, montant):
    """Two purposes of the basis are added only when no cost can be of both; a third on both takes nothing from them."""
    amounts = [(20, 40), (10, 10), (5, 6), (1, 1)]
    found = appui(
        volet(montant=(900, 900)),
        *(volet(str(i), finalites=f, montant=amounts[i]) for i, f in enumerate(purposes)),
    )
    assert found.montant == montant


@pytest.mark.parametrize(
    ("statuses", "status", "rate", "amount"),
    [
        ((VRAI, VRAI, VRAI), VRAI, (3000, 6000), (40, 70)),
        ((VRAI, INCONNU, FAUX), VRAI, (1000, 6000), (10, 50)),
        ((VRAI, INCONNU, VRAI), VRAI, (2000, 6000), (15, 70)),
        ((INCONNU, VRAI, INCONNU), VRAI, (3000, 6000), (40, 70)),
        ((INCONNU, INCONNU, INCONNU), INCONNU, (1000, 6000), (5, 70)),
        ((INCONNU, FAUX, INCONNU), INCONNU, (1000, 4000), (5, 70)),
    ],
)
def test_a_purpose_in_doubt_gives_nothing_for_certain(statuses, status, rate, amount):
    """At least what the purposes that hold allow, at most what those that may; in doubt of all, the least of them.

    The one in the middle bears the costs of both others: they may always be taken without it.
    """
    rates, amounts = [(1000, 2000), (3000, 6000), (2000, 4000)], [(10, 50), (40, 50), (5, 20)]
    mine = [
        volet(str(i), verdict=s, taux=rates[i], montant=amounts[i], finalites=f)
        for i, (s, f) in enumerate(zip(statuses, (["a"], ["a", "b"], ["b"]), strict=True))
    ]
    found = appui(volet(taux=(9000, 9000), montant=(900, 900)), *mine)
    assert (found.statut, found.taux, found.montant) == (status, rate, amount)


def test_a_basis_bears_a_scheme_by_the_purposes_it_shares():
    """Held by another purpose alone, a basis bears no cost of the scheme for certain; nor its amount."""
    other, same = volet("x", finalites=["x"]), volet("y", verdict=INCONNU, montant=(20, 30), finalites=["y"])
    mine = volet(montant=(90, 90), finalites=["y"], repose_sur=["r"])
    regime = base("r", other, same)
    assert regime.verdict == VRAI
    (found,) = borner(base("aide", mine), {"r": VRAI}, {"r": regime})
    assert (found.appuis[0].statut, found.appui, found.montant) == (INCONNU, INCONNU, (0, 30))


def test_one_purpose_without_amount_leaves_the_scheme_its_own():
    """A purpose that nothing limits bears any amount of the scheme, whatever the others give."""
    mine = volet(montant=(900, 900))
    assert appui(mine, volet("a", montant=(5, 5)), volet("b")).montant == (900, 900)
    assert appui(mine, volet("a", montant=(5, 5)), volet("b", montant=(7, None))).montant == (7, 900)


def test_without_regime_in_force_nothing_bounds():
    """Funding that is no State aid, or a basis of another day: the scheme's own figures, under the status given."""
    mine = volet(taux=(3000, 3000), montant=(300, 300), repose_sur=[HORS_AIDE, "ailleurs", "absent"])
    closed = base(HORS_AIDE, volet(taux=(1, 1), montant=(1, 1)))
    found = borne(mine, {HORS_AIDE: INCONNU, "ailleurs": VRAI}, closed)
    own = ((3000, 3000), (300, 300))
    assert found.appuis == ((HORS_AIDE, INCONNU, *own), ("ailleurs", VRAI, *own), ("absent", FAUX, *own))
    assert (found.taux, found.montant) == own


MEILLEUR = [
    ([(VRAI, (20, 20))], (20, 20)),
    ([(VRAI, None)], None),
    ([(VRAI, (5, 20)), (VRAI, (10, 15))], (10, 20)),
    ([(VRAI, (5, 20)), (INCONNU, (10, 30))], (5, 30)),
    ([(VRAI, (5, 20)), (FAUX, (10, 30))], (5, 20)),
    ([(VRAI, (5, 20)), (FAUX, None)], (5, 20)),
    ([(VRAI, (5, 20)), (INCONNU, (1, None))], (5, None)),
    ([(VRAI, (5, 20)), (INCONNU, None)], (5, None)),
    ([(VRAI, (5, 20)), (VRAI, None)], None),
    ([(INCONNU, (5, 20))], (0, 20)),
    ([(INCONNU, None)], None),
    ([(INCONNU, (5, 20)), (INCONNU, None)], (0, None)),
    ([(FAUX, (5, 20))], (0, 0)),
    ([(FAUX, (5, 20)), (FAUX, None)], (0, 0)),
]


@pytest.mark.parametrize(("values", "best"), MEILLEUR)
def test_the_best_basis(values, best):
    """At least what the bases that hold allow, at most what those that may hold do; nothing when all are closed."""
    names = [f"r{i}" for i in range(len(values))]
    regimes = [base(n, volet(montant=v)) for n, (_, v) in zip(names, values, strict=True)]
    statuses = {n: s for n, (s, _) in zip(names, values, strict=True)}
    # a scheme without limit of its own takes what each basis allows
    found = borne(volet(repose_sur=names), statuses, *regimes)
    assert [a.statut for a in found.appuis] == [s for s, _ in values]
    assert (found.montant, found.taux) == (best, None if any(s for s, _ in values) else (0, 0))


def test_a_volet_without_basis_stands_alone():
    """No basis listed: the scheme's own rate and amount, under its own conditions and those of the whole scheme."""
    one = volet(verdict=INCONNU, taux=(3000, 3000), montant=(300, 300))
    (found,) = borner(base("aide", one, conditions=(VRAI,), seuils_couts=(VRAI,)), {}, {})
    assert (found.cle, found.evalue, found.propre) == ("aide", one, INCONNU)
    assert (found.appuis, found.taux, found.montant) == ((), (3000, 3000), (300, 300))
    for own in ({"conditions": (VRAI, FAUX)}, {"seuils_couts": (FAUX, VRAI)}):
        (closed,) = borner(base("aide", one._replace(verdict=VRAI), **own), {}, {})
        assert closed.propre == FAUX
    assert borner(base("aide", one)._replace(examine=False), {}, {}) == ()


def test_names_of_volets():
    """The only volet of a scheme bears its name."""
    assert (cle_volet("aide", "seul"), cle_volet("aide", "rd")) == ("aide", "aide.rd")


def entier(*volets, statuts=None, regimes=(), **own):
    scheme = base("aide", *volets, **own)
    known = {r.regime.id: r.verdict for r in regimes}
    return synthese(scheme, borner(scheme, known, {r.regime.id: r for r in regimes}), statuts)


def test_a_scheme_sums_its_live_volets():
    """Amounts are added, rates range from the least to the highest; a volet that is closed counts for nothing."""
    one = volet("a", taux=(2000, 2500), montant=(200, 250))
    two = volet("b", taux=(1000, 4000), montant=(100, None), verdict=INCONNU)
    three = volet("c", taux=(500, 9000), montant=(10, 10), verdict=FAUX)
    assert entier(one, three) == (VRAI, (2000, 2500), (200, 250))
    assert entier(one, two, three) == (VRAI, (1000, 4000), (200, None))
    assert entier(one._replace(verdict=INCONNU), two) == (INCONNU, (1000, 4000), (100, None))
    assert entier(one, volet("d", taux=(3000, 3000), montant=(1, 1))) == (VRAI, (2000, 3000), (201, 251))
    assert entier(two, three) == (INCONNU, (1000, 4000), (100, None))
    assert entier(three) == (FAUX, None, (0, 0))
    assert entier(one, volet("d")) == (VRAI, (2000, 2500), None)
    assert entier(volet("d")) == (VRAI, None, None)


def test_statuses_given_take_the_place_of_those_read():
    """What the inference concluded on each volet, when it is given, decides which are live."""
    one, two = (volet(n, taux=(r, r), montant=(r, r)) for n, r in (("a", 100), ("b", 300)))
    assert entier(one, two, statuts={"aide.a": INCONNU, "aide.b": FAUX}) == (INCONNU, (100, 100), (100, 100))


@pytest.mark.parametrize(("propre", "statut", "verdict"), [(VRAI, VRAI, VRAI), (VRAI, INCONNU, INCONNU), (
    INCONNU, VRAI, INCONNU), (VRAI, FAUX, FAUX), (FAUX, VRAI, FAUX), (INCONNU, INCONNU, INCONNU)])  # fmt: skip
def test_a_scheme_needs_its_conditions_and_a_basis(propre, statut, verdict):
    """Its own conditions, and any one of its bases."""
    bases = [base("r", volet(taux=(100, 100), montant=(1, 1)), verdict=statut), base("s", volet(), verdict=FAUX)]
    found = entier(volet(verdict=propre, taux=(200, 200), repose_sur=["r", "s"]), regimes=bases)
    assert found.verdict == verdict


@pytest.mark.parametrize("own", ["plafonds", "seuils"])
def test_caps_of_the_whole_scheme(own):
    """Its own caps and thresholds bear on the sum of its volets, when they apply."""
    one, two = (volet(n, montant=(r, r)) for n, r in (("a", 100), ("b", 300)))
    assert entier(one, two, **{own: ((VRAI,), ((250, 250),))}).montant == (250, 250)
    assert entier(one, two, **{own: ((INCONNU,), ((250, 250),))}).montant == (250, 400)
    assert entier(one, two, **{own: ((FAUX,), ((250, 250),))}).montant == (400, 400)
    assert entier(one, volet("c"), **{own: ((VRAI,), ((250, 250),))}).montant == (250, 250)
    both = {"plafonds": ((VRAI,), ((250, 250),)), "seuils": ((VRAI,), ((120, 120),))}
    assert entier(one, two, **both).montant == (120, 120)
