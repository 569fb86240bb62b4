"""Schemes bounded by what they rest on: rate and amount never above those of the regime, for the same costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from aid_rules.engine.exact import RegimeEvalue, VoletEvalue, any_of
from aid_rules.engine.intervalles import Interval, cap, span, together, under
from aid_rules.language.slices import VoletDuJour
from aid_rules.language.tree import FAUX, VRAI

HORS_AIDE = "hors_aide"
"""What a scheme may rest on when the funding is no State aid: no regime bounds it then."""


class Appui(NamedTuple):
    """One basis of a scheme's volet: its status, and the rate and amount that the scheme may reach under it."""

    base: str
    statut: int
    taux: Interval | None
    montant: Interval | None


class VoletBorne(NamedTuple):
    """A scheme's volet under each of its bases; `taux` and `montant` are the best that a basis allows."""

    cle: str
    evalue: VoletEvalue
    propre: int
    appuis: tuple[Appui, ...]
    taux: Interval | None
    montant: Interval | None

    @property
    def appui(self) -> int:
        """Return whether one of its bases can bear it; a volet that rests on nothing needs none."""
        return any_of([a.statut for a in self.appuis]) if self.appuis else VRAI


class Synthese(NamedTuple):
    """A scheme as a whole: verdict, and the rate and amount of its live volets within its own caps."""

    verdict: int
    taux: Interval | None
    montant: Interval | None


def cle_volet(dispositif: str, volet: str) -> str:
    """Return the name of a scheme's volet in the inference."""
    return dispositif if volet == "seul" else f"{dispositif}.{volet}"


def borner(
    dispositif: RegimeEvalue, statuts: Mapping[str, int], regimes: Mapping[str, RegimeEvalue]
) -> tuple[VoletBorne, ...]:
    """Bound each volet of an evaluated scheme; `statuts` gives the status of each basis, `hors_aide` included."""
    if not dispositif.examine:
        return ()
    common = _common(dispositif)
    found = []
    for volet in dispositif.volets:
        supports = tuple(_support(name, volet, statuts.get(name, FAUX), regimes) for name in volet.volet.repose_sur)
        if supports:
            rate = _best([(s.statut, s.taux) for s in supports])
            amount = _best([(s.statut, s.montant) for s in supports])
        else:
            rate, amount = volet.taux, volet.montant
        found.append(
            VoletBorne(
                cle_volet(dispositif.regime.id, volet.volet.id), volet, common & volet.verdict, supports, rate, amount
            )
        )
    return tuple(found)


def _common(dispositif: RegimeEvalue) -> int:
    status = VRAI
    for value in (*dispositif.conditions, *dispositif.seuils_couts):
        status &= value
    return status


def _support(name: str, volet: VoletEvalue, statut: int, regimes: Mapping[str, RegimeEvalue]) -> Appui:
    """Return what the volet may reach under one basis: the least of both, over the volets that share its costs.

    A basis that holds by its other volets alone does not bear this one.
    """
    regime = regimes.get(name)
    if name == HORS_AIDE or regime is None:
        return Appui(name, statut, volet.taux, volet.montant)
    purposes = volet.volet.finalites
    mine = [
        v
        for v in regime.volets
        if v.verdict != FAUX
        and (purposes is None or v.volet.finalites is None or not purposes.isdisjoint(v.volet.finalites))
    ]
    if not mine:
        return Appui(name, FAUX, (0, 0), (0, 0))
    statuses = [v.verdict for v in mine]
    widest = together(statuses, [v.taux for v in mine], [[rank] for rank in range(len(mine))])
    amounts = together(statuses, [v.montant for v in mine], cumulables([v.volet for v in mine]))
    rate, amount = volet.taux, volet.montant
    if rate is not None and widest is not None:
        rate = under(rate, widest)
    for limit in (amounts, regime.montant):
        if limit is not None:
            amount = under(amount, limit)
    return Appui(name, statut & any_of(statuses), rate, amount)


def cumulables(volets: Sequence[VoletDuJour]) -> list[list[int]]:
    """Return the sets of volets, by their places, that bear no common cost: what the volets of one set give adds up."""
    sets: list[list[int]] = [[]]
    for place, volet in enumerate(volets):
        apart = [[other for other in one if not _se_touchent(volet, volets[other])] for one in sets]
        sets = [one for one, kept in zip(sets, apart, strict=True) if kept != one]
        sets += [list(one) for one in dict.fromkeys((*kept, place) for kept in apart)]
    return sets


def _se_touchent(one: VoletDuJour, other: VoletDuJour) -> bool:
    return one.finalites is None or other.finalites is None or not one.finalites.isdisjoint(other.finalites)


def synthese(
    dispositif: RegimeEvalue, bornes: Sequence[VoletBorne], statuts: Mapping[str, int] | None = None
) -> Synthese:
    """Return a scheme as a whole; `statuts` gives the status of each volet by its name, read here when absent."""
    known = {v.cle: v.propre & v.appui for v in bornes} if statuts is None else statuts
    live = [v for v in bornes if known[v.cle] != FAUX]
    verdict = any_of([known[v.cle] for v in bornes])
    rate = span([v.taux for v in live if v.taux is not None])
    own = [v.evalue.verdict & v.appui for v in live]
    amount = together(own, [v.montant for v in live], [range(len(live))])
    return Synthese(verdict, rate, cap(cap(amount, *dispositif.plafonds), *dispositif.seuils))


def _best(values: Sequence[tuple[int, Interval | None]]) -> Interval | None:
    """Return what the best basis allows: at least by those that hold, at most by those that may."""
    possible = [value for status, value in values if status != FAUX]
    if not possible:
        return (0, 0)
    certain = [value for status, value in values if status == VRAI]
    if None in certain or possible.count(None) == len(possible):
        return None
    low = max((v[0] for v in certain if v is not None), default=0)
    highs = [None if v is None else v[1] for v in possible]
    return (low, None if None in highs else max(h for h in highs if h is not None))
