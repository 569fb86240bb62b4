"""What each basis allows on each cost line, as the ceilings that `aid_rules.law.plafonds` combines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from aid_rules.amounts import BP_PER_UNIT, share
from aid_rules.engine.appuis import VoletBorne, borner, synthese
from aid_rules.engine.exact import Evaluation, RegimeEvalue, VoletEvalue, any_of
from aid_rules.engine.intervalles import Interval
from aid_rules.language.tree import FAUX, VRAI
from aid_rules.law.cumul import Plafonds
from aid_rules.law.plafonds import Plafond, Possibilite

_MINIMIS = "de_minimis."

MAX_LOIS = 4
"""Older laws whose every group is checked on its own."""


def est_de_minimis(base: str) -> bool:
    """Tell whether a basis is a de minimis regulation."""
    return base.startswith(_MINIMIS)


@dataclass(frozen=True, eq=False)
class Lecture:
    """The law read for some aids: every basis evaluated, the schemes bounded by what they rest on."""

    evaluation: Evaluation
    bornes: Mapping[str, tuple[VoletBorne, ...]]
    nom: str = ""
    """Tells a reading of another day from today's."""

    def verdict(self, base: str) -> int | None:
        """Return the verdict of a basis or a scheme; None when it is not in force."""
        if base in self.evaluation.regimes:
            return self.evaluation.regimes[base].verdict
        if base in self.evaluation.dispositifs:
            return synthese(self.evaluation.dispositifs[base], self.bornes[base]).verdict
        return None

    def ferme(self, base: str) -> bool:
        """Tell whether a regime is closed: it then allows nothing."""
        regime = self.evaluation.regimes.get(base)
        return regime is not None and regime.verdict == FAUX

    def appuis(self, base: str, lignes: frozenset[str]) -> dict[str, int]:
        """Return what a scheme may rest on for some lines, with the status of each; a regime rests on itself."""
        if base not in self.bornes:
            return {base: self.verdict(base) or FAUX}
        found: dict[str, int] = {}
        for volet in self.bornes[base]:
            served = lignes_de(volet.evalue)
            if served and lignes.isdisjoint(served):
                continue
            for appui in volet.appuis:
                found[appui.base] = any_of([found.get(appui.base, FAUX), volet.propre & appui.statut])
        return {name: status for name, status in found.items() if status != FAUX}

    def possibilites(self, base: str, bas: bool) -> Iterator[Possibilite]:
        """Yield what a basis or a scheme allows on its lines: for certain (`bas`), or at most."""
        if base in self.evaluation.regimes:
            yield from _du_regime(self.evaluation.regimes[base], bas, self.nom + base)
        elif base in self.evaluation.dispositifs:
            bounded = self._certaines(base) if bas else self.bornes[base]
            yield from _du_dispositif(self.evaluation.dispositifs[base], bounded, bas, self.nom + base)

    def _certaines(self, base: str) -> tuple[VoletBorne, ...]:
        """Return a scheme's volets bounded by the purposes of its bases that hold: one in doubt raises no ceiling."""
        cited = [a for one in self.bornes[base] for a in one.appuis]
        statuses = {a.base: any_of([c.statut for c in cited if c.base == a.base]) for a in cited}
        regimes = {name: regime for name in statuses if (regime := self.evaluation.regimes.get(name))}
        sure = {
            name: regime._replace(volets=tuple(v for v in regime.volets if v.verdict == VRAI))
            for name, regime in regimes.items()
        }
        return borner(self.evaluation.dispositifs[base], statuses, sure)


def lignes_de(volet: VoletEvalue) -> tuple[str, ...]:
    """Return the lines that a volet counts, or may count."""
    return (*volet.couts.lignes, *volet.couts.possibles)


def _du_regime(regime: RegimeEvalue, bas: bool, nom: str) -> Iterator[Possibilite]:
    for volet in regime.volets:
        status = regime.verdict & volet.verdict
        if status == FAUX or (bas and status != VRAI):
            continue
        yield _possibilite(volet, volet.taux, volet.montant, regime.montant, bas, nom)


def _du_dispositif(
    dispositif: RegimeEvalue, bornes: Sequence[VoletBorne], bas: bool, nom: str
) -> Iterator[Possibilite]:
    whole = synthese(dispositif, bornes)
    for borne in bornes:
        status = borne.propre & borne.appui
        if status == FAUX or (bas and status != VRAI):
            continue
        yield _possibilite(borne.evalue, borne.taux, borne.montant, whole.montant, bas, nom)


def _possibilite(
    volet: VoletEvalue, taux: Interval | None, montant: Interval | None, total: Interval | None, bas: bool, nom: str
) -> Possibilite:
    """Return one side of a volet; without a rate, an amount may reach the whole cost."""
    side = 0 if bas else 1
    rates = taux or (0 if montant is None else BP_PER_UNIT, BP_PER_UNIT)
    rate = BP_PER_UNIT if rates[side] is None else rates[side]
    assert rate is not None
    base = volet.assiette[side]
    caps = [None if montant is None else montant[side], None if base is None else share(base, rate)]
    known = [cap for cap in caps if cap is not None]
    return Possibilite(
        nom,
        rate,
        {line: volet.couts.montants[line][side] for line in lignes_de(volet)},
        min(known) if known else None,
        None if total is None else total[side],
    )


def couverture(possibles: Iterable[tuple[Lecture, str]], ailleurs: int | None = 0) -> Plafonds:
    """Return the ceilings that some bases make together, each as one reading gives it.

    `ailleurs` is the greatest ceiling of a line that none serves: 0, or None for no limit.
    """
    bases = [(lecture, base) for lecture, base in possibles if not lecture.ferme(base)]
    low = [p for lecture, base in bases for p in lecture.possibilites(base, bas=True)]
    high = [p for lecture, base in bases for p in lecture.possibilites(base, bas=False)]
    return Plafonds(Plafond(low), Plafond(high, ailleurs))


def memes_plafonds(une: Lecture, autre: Lecture, base: str) -> bool:
    """Tell whether two readings give a basis the same ceilings."""
    return all(
        [p._replace(base=base) for p in une.possibilites(base, bas)]
        == [p._replace(base=base) for p in autre.possibilites(base, bas)]
        for bas in (True, False)
    )


def reduits(anciens: Iterable[str]) -> list[frozenset[str]]:
    """Return the groups of older laws, the whole left out, that a check goes through: what keeps only them must hold.

    Beyond a few laws, those left are the latest ones.
    """
    laws = sorted(set(anciens))
    if len(laws) > MAX_LOIS:
        return [frozenset(laws[rank:]) for rank in range(1, len(laws) + 1)]
    return [frozenset(some) for size in range(len(laws)) for some in combinations(laws, size)]


def servies(plafonds: Plafonds) -> frozenset[str]:
    """Return the lines that some basis serves, or may serve."""
    return frozenset(line for possible in plafonds.haut.possibilites for line in possible.couts)


def portee(lecture: Lecture, base: str | None, lignes: frozenset[str]) -> frozenset[str]:
    """Return the lines, of those an aid names, that its basis serves; all of them when it serves none."""
    if base is None or est_de_minimis(base):
        return lignes
    return lignes & servies(couverture([(lecture, base)])) or lignes


def nets(plafonds: Plafonds, deduits: Mapping[str, Interval]) -> Plafonds:
    """Return the same ceilings on costs less what is deducted from each line, in cents.

    At least, of the least costs, and at most, of the greatest; None when all of a line may be deducted.
    """
    return Plafonds(_moins(plafonds.bas, deduits, 1), _moins(plafonds.haut, deduits, 0)) if deduits else plafonds


def _moins(plafond: Plafond, deduits: Mapping[str, Interval], cote: int) -> Plafond:
    def rest(line: str, cost: int | None) -> int | None:
        taken = deduits.get(line, (0, 0))[cote]
        return None if cost is None else 0 if taken is None else max(0, cost - taken)

    return Plafond(
        (
            Possibilite(p.base, p.taux, {k: rest(k, c) for k, c in p.couts.items()}, p.plafond, p.plafond_base)
            for p in plafond.possibilites
        ),
        plafond.ailleurs,
    )


def part_des_couts(couts: Mapping[str, Interval], taux: int, autres: Plafonds | None = None) -> Plafonds:
    """Return the ceiling that is a share of the costs, in basis points, or that of `autres` where it is higher."""
    low = [Possibilite("couts", taux, {line: amount[0] for line, amount in couts.items()})]
    high = [Possibilite("couts", taux, {line: amount[1] for line, amount in couts.items()})]
    if autres is not None:
        low += autres.bas.possibilites
        high += autres.haut.possibilites
    return Plafonds(Plafond(low), Plafond(high, None))
