"""Aids on the same costs (RGEC article 8, de minimis article 5): what counts together, against which ceiling."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from aid_rules.amounts import BP_PER_UNIT
from aid_rules.engine.codes import CUMUL, SANS_COUTS, UNION, Alerte, gravite, limite, montant, noms
from aid_rules.engine.couverture import (
    Lecture,
    couverture,
    est_de_minimis,
    memes_plafonds,
    nets,
    part_des_couts,
    reduits,
    servies,
)
from aid_rules.engine.exact import Evaluation
from aid_rules.engine.intervalles import Interval, least, together, total
from aid_rules.engine.plan_lu import AideLue, PlanLu
from aid_rules.language.slices import DerogationDuJour, LoiDuJour
from aid_rules.language.tree import FAUX, VRAI
from aid_rules.law import cumul

Effet = Literal["sans_couts", "jusqu_au_taux", "a_part", "deduit"]


class ControleCouts:
    """Checks a plan, whatever the funders, on the costs that its aids share."""

    def __init__(
        self, plan: PlanLu, loi: LoiDuJour, evaluation: Evaluation, entier: ControleCouts | None = None
    ) -> None:
        self.plan = plan
        self.entier = entier or self
        self.loi = loi
        self.derogations = [
            rule for rule, status in zip(loi.derogations, evaluation.derogations, strict=True) if status != FAUX
        ]
        self.sans_couts = self._bases("sans_couts")
        self.a_part = self._bases("a_part")
        self.jusqu_au_taux = self._bases("jusqu_au_taux")
        self.deduites = self._bases("deduit")
        counted = [
            a.sur_ses_couts()
            for a in plan.aides
            if a.identifiable and a.lignes and a.nature not in ("hors_aide", "union")
        ]
        self.etat = [a for a in counted if a.nature == "etat" and not self._est(a, self.sans_couts | self.deduites)]
        self.de_minimis = [a for a in counted if a.nature == "de_minimis"]
        self.handicap = [a for a in self.etat if self._est(a, self.jusqu_au_taux)]
        self.ordinaires = [a for a in self.etat if not self._est(a, self.jusqu_au_taux | self.a_part)]
        aside = self.sans_couts | self.deduites
        bases = list(self._bases_utiles(plan, aside))
        self.deduits = self._deductions(counted)
        self.plafonds = nets(couverture(bases, ailleurs=None), self.deduits)
        apart = ((reading, base) for reading, base in bases if base not in self.a_part)
        shared = couverture(apart, ailleurs=None) if self.a_part and self._a_part(counted) else None
        self.plafonds_communs = self.plafonds if shared is None else nets(shared, self.deduits)
        self.parties: tuple[ControleCouts, ...] = ()
        """The same check without some aids of an older law: the ceiling that such a law left covers them alone."""
        if entier is None:
            self.parties = tuple(self._parties(bases, loi, evaluation))

    def _parties(
        self, bases: Sequence[tuple[Lecture, str]], loi: LoiDuJour, evaluation: Evaluation
    ) -> Iterator[ControleCouts]:
        old = {lecture.nom for lecture, _ in bases if lecture.nom}
        for kept in reduits(old):
            # de minimis aid left no ceiling: it is not set aside with those that did
            aside = old - kept
            aids = tuple(a for a in self.plan.aides if a.nature == "de_minimis" or a.lecture.nom not in aside)
            yield ControleCouts(self.plan._replace(aides=aids), loi, evaluation, self)

    def _bases(self, effet: Effet) -> frozenset[str]:
        return frozenset(base for rule in self.derogations if rule.effet == effet for base in rule.bases)

    def _a_part(self, counted: Iterable[AideLue]) -> bool:
        return any(self._est(a, self.a_part) for a in counted)

    @staticmethod
    def _est(aide: AideLue, bases: frozenset[str]) -> bool:
        """Tell whether an aid is of some bases, itself or through its scheme."""
        if aide.base is None or not bases:
            return False
        supports = {name for name in aide.lecture.appuis(aide.base, aide.lignes) if not est_de_minimis(name)}
        return bool(supports) and supports <= bases

    @staticmethod
    def _bases_utiles(plan: PlanLu, aside: frozenset[str]) -> Iterator[tuple[Lecture, str]]:
        """Yield the exempting regimes whose ceiling may apply: today's, and those of the aids' own readings."""
        own: dict[str, Lecture] = {}
        old: list[tuple[Lecture, str]] = []
        for aide in plan.aides:
            if aide.base is None or aide.nature != "etat":
                continue
            for name in aide.lecture.appuis(aide.base, aide.lignes):
                if name in aside or est_de_minimis(name) or name not in aide.lecture.evaluation.regimes:
                    continue
                if aide.lecture.nom:
                    old.append((aide.lecture, name))
                else:
                    own.setdefault(name, aide.lecture)
        for name in plan.lecture.evaluation.regimes:
            if name not in aside and not est_de_minimis(name):
                yield own.get(name, plan.lecture), name
        for reading, name in {(reading.nom, name): (reading, name) for reading, name in old}.values():
            if not memes_plafonds(reading, own.get(name, plan.lecture), name):
                yield reading, name

    def _deductions(self, counted: Iterable[AideLue]) -> dict[str, Interval]:
        """Return what InvestEU funding takes off each cost line: its nominal amount, in proportion to the costs.

        At least off the greatest cost of the line, the others being the greatest; at most off the least, the others
        being the least. A nominal amount that is not known may take all.
        """
        found: dict[str, Interval] = {}
        for aide in counted:
            nominal = aide.aide.montant
            if not self._est(aide, self.deduites) or nominal == 0:
                continue
            low, high = total(self.plan.couts[line] for line in aide.lignes)
            for line in aide.lignes:
                cost, most = self.plan.couts[line]
                least = nominal * most // high if nominal and most and high else 0
                top = None if nominal is None else -(-nominal * cost // low) if low else 0  # what is left rounds down
                found[line] = total((found.get(line, (0, 0)), (least, top)))
        return found

    def alertes(self) -> Iterator[Alerte]:
        """Yield the alerts of the sums, principle by principle; a set of lines is told once, at its widest."""
        told: dict[tuple[tuple[str, ...], str], Alerte] = {}
        for check in (self, *self.parties):
            for alert in (*check._avec_de_minimis(), *check._memes_couts(), *check._handicap()):  # noqa: SLF001
                told.setdefault((alert.couts, alert.gravite), alert)
        yield from told.values()
        yield from self._union()
        yield from self._sans_couts()

    def _memes_couts(self) -> Iterator[Alerte]:
        refs = self.loi.regles_cumul.get("memes_couts", ())
        useful = self._utiles(self.ordinaires)
        yield from self._depassements(useful, self.plafonds_communs, (), refs)

    def _utiles(self, aids: Iterable[AideLue]) -> list[AideLue]:
        served = servies(self.plafonds)
        return [a for a in aids if not a.lignes.isdisjoint(served)]

    def _avec_de_minimis(self) -> Iterator[Alerte]:
        """Check de minimis aid together with State aid: what other costs cannot bear of it falls on the same ones."""
        state = [a for a in self.etat if not self._est(a, self.a_part)]
        reached = frozenset().union(*(a.lignes for a in state)) if state else frozenset()
        small, limits = self._petites(reached)
        refs = self.loi.regles_cumul.get("de_minimis", ())
        needed = (frozenset(a.id for a in state), frozenset(a.id for a in small))
        free = frozenset().union(*(a.lignes for a in small)) - reached
        served = servies(limits)
        aids = [a for a in (*state, *small) if not a.lignes.isdisjoint(served)]
        yield from self._depassements(aids, limits, needed, refs, free)

    def _petites(self, atteintes: frozenset[str]) -> tuple[list[AideLue], cumul.Plafonds]:
        """Return the de minimis aids that may meet State aid on some lines, and the ceilings to hold them to.

        Lines without State aid have no intensity: they bear de minimis aid up to their whole cost, and no more.
        """
        small: list[AideLue] = []
        lines = atteintes
        while near := [a for a in self.de_minimis if a not in small and not a.lignes.isdisjoint(lines)]:
            small += near
            lines = lines.union(*(a.lignes for a in near))
        free = {line: self.plan.couts[line] for line in sorted(lines - atteintes)}
        if not free:
            return small, self.plafonds_communs
        return small, part_des_couts(free, BP_PER_UNIT, self.plafonds_communs)

    def _handicap(self) -> Iterator[Alerte]:
        """Check aid for disabled workers with other exempted aid, up to the whole costs (RGEC article 8(6))."""
        if not self.handicap:
            return
        rule = next(r for r in self.derogations if r.effet == "jusqu_au_taux")
        limits = part_des_couts(self.plan.couts, rule.taux, self.plafonds)
        others = [a for a in self.etat if not self._est(a, self.a_part)]
        yield from self._depassements(others, limits, (frozenset(a.id for a in self.handicap),), rule.refs)

    def _depassements(
        self,
        aids: Sequence[AideLue],
        limits: cumul.Plafonds,
        needed: Sequence[frozenset[str]],
        refs: tuple[str, ...],
        libres: frozenset[str] = frozenset(),
    ) -> Iterator[Alerte]:
        for found, members in self._partages(aids, limits, needed):
            planned = [a for a in members if not a.octroyee]
            loose = any(a.floue for a in members)
            grave, status = gravite(found.certain and not loose)
            total = found.total[0] if found.certain else found.total[1]
            limit = found.plafond[1] if found.certain else found.plafond[0]
            excess = None if total is None else found.excedent
            several = len(members) > 1
            verb = ("dépassent" if several else "dépasse") if found.certain else _POURRAIT[several]
            free = sorted(libres & found.lignes)
            whole = f" (coût entier de {noms(free)}, sans aide d'État, compris)" if free else ""
            message = (
                f"{'Les aides' if several else 'L’aide'} {noms(found.aides)} sur les mêmes coûts "
                f"({noms(sorted(found.lignes))}) {verb} l'intensité ou le montant le plus élevé applicable : "
                f"{montant(total)} pour un plafond de {limite(found.plafond, found.certain)}{whole}. "
                f"{self._remede(found, planned)}"
            )
            yield Alerte(
                CUMUL,
                grave,
                status,
                message,
                found.aides,
                tuple(sorted(found.lignes)),
                limit,
                total,
                excess,
                refs,
            )

    def _partages(
        self, aids: Sequence[AideLue], limits: cumul.Plafonds, needed: Sequence[frozenset[str]]
    ) -> list[tuple[cumul.Depassement, list[AideLue]]]:
        """Return the least sets overrun that are told here, with their aids.

        Left to the checks of each basis: what was granted, under its own law, and one basis alone on its costs, save
        what InvestEU takes off them. What is left so hides no wider set.
        """
        by_id = {a.id: a for a in aids}
        sums = [a.sur_couts() for a in aids]
        wanted = [*needed, frozenset(a.id for a in aids if not a.octroyee)]
        while True:
            found = [(one, [by_id[name] for name in one.aides]) for one in cumul.depassements(sums, limits, wanted)]
            alone = {(m[0].base, m[0].lignes) for one, m in found if self._seule(one, m)}
            if not alone:
                return found
            wanted += [frozenset(a.id for a in aids if (a.base, a.lignes) != key) for key in alone]

    def _seule(self, found: cumul.Depassement, members: Sequence[AideLue]) -> bool:
        alone = len({(a.base, a.lignes) for a in members}) == 1
        whole = self.deduits.keys().isdisjoint(found.lignes)
        return alone and whole and (members[0].base is not None or not found.certain)

    def _remede(self, found: cumul.Depassement, planned: Sequence[AideLue]) -> str:
        names = noms((a.id for a in planned), "ou")
        cure = f"Réduisez {names} de {montant(found.excedent)}" if found.excedent else f"Réduisez {names}"
        rooms = [
            (room[0], line) for line, room in self.entier.marges().items() if line not in found.lignes and room[0] > 0
        ]
        if rooms:
            room, line = max(rooms)
            return f"{cure}, ou portez-en une partie sur « {line} », où {montant(room)} restent possibles."
        return f"{cure}, ou portez-en une partie sur d'autres coûts."

    def _union(self) -> Iterator[Alerte]:
        """Check Union funds managed directly: not counted, but all public funding stays under the Union's rate."""
        funds = [a for a in self.plan.aides if a.nature == "union"]
        if not funds:
            return
        refs = self.loi.regles_cumul.get("fonds_union", ())
        names = tuple(a.id for a in funds)
        message = (
            f"{noms(names)} : ces fonds, gérés directement par la Commission, ne comptent pas comme aide ; "
            "le total des financements publics doit rester sous le taux le plus favorable du droit de l'Union."
        )
        yield Alerte(UNION, "information", VRAI, message, names, references=refs)
        state = [*self.etat, *self.de_minimis]
        limits = self.plafonds_union(funds)
        if limits is None:
            return
        needed = (frozenset(names), frozenset(a.id for a in state))
        everything = [a for a in (*state, *funds) if a.lignes and a.identifiable]
        for found in cumul.depassements([a.sur_couts() for a in everything], limits, needed):
            grave, status = gravite(found.certain)
            total = found.total[0] if found.certain else found.total[1]
            limit = found.plafond[1] if found.certain else found.plafond[0]
            excess = None if total is None else found.excedent
            text = (
                f"{noms(found.aides)} : les financements publics des mêmes coûts ({noms(sorted(found.lignes))}) "
                f"{'dépassent' if found.certain else _POURRAIT[True]} le taux le plus favorable du droit de l'Union : "
                f"{montant(total)} pour {limite(found.plafond, found.certain)}. Réduisez-les"
                f"{f' de {montant(excess)}' if excess else ''}."
            )
            untold = [a.id for a in funds if a.aide.taux_max is None and a.id in found.aides]
            if untold and not found.certain:
                text += f" Dites d'abord le taux maximal du programme de {noms(untold)}."
            costs = tuple(sorted(found.lignes))
            yield Alerte(UNION, grave, status, text, found.aides, costs, limit, total, excess, refs)

    def plafonds_union(self, funds: Iterable[AideLue]) -> cumul.Plafonds | None:
        """Return the most favourable rate of Union law for all public funding; None when no fund bears on costs.

        A fund whose rate is not told may reach the whole cost, and raises nothing for certain.
        """
        rates = [a.aide.taux_max for a in funds if a.aide.couts != ()]
        if not rates:
            return None
        known = max((r for r in rates if r is not None), default=0)
        sure = part_des_couts(self.plan.couts, known, self.plafonds)
        most = part_des_couts(self.plan.couts, BP_PER_UNIT if None in rates else known, self.plafonds)
        return cumul.Plafonds(sure.bas, most.haut)

    def _sans_couts(self) -> Iterator[Alerte]:
        """Check aids without identifiable costs together: up to the highest of their ceilings (RGEC article 8(4))."""
        for rule in self.derogations:
            if rule.effet == "sans_couts":
                yield from self._ensemble(rule)

    def _ensemble(self, rule: DerogationDuJour) -> Iterator[Alerte]:
        bases = frozenset(rule.bases) - frozenset(rule.libres)
        mine = [a for a in self.plan.aides if a.nature == "etat" and self._est(a, bases)]
        named = {a.base for a in mine}
        if len(named) < 2:  # noqa: PLR2004 - one basis alone is told against itself
            return
        limits = [
            regime
            for name, regime in self.plan.lecture.evaluation.regimes.items()
            if name in bases and regime.verdict != FAUX and regime.examine
        ]
        highest = together([r.verdict for r in limits], [r.montant for r in limits], [[i] for i in range(len(limits))])
        if not limits or highest is None:
            return
        low, top = highest
        lowest, most = total(a.montant for a in mine)
        certain, amount, limit = (True, lowest, top) if top is not None and lowest > top else (False, most, low)
        if amount is not None and amount <= limit:
            return
        grave, status = gravite(certain)
        excess = None if amount is None else amount - limit
        names = tuple(a.id for a in mine)
        message = (
            f"{noms(names)} : ces aides sans coûts identifiables "
            f"{'dépassent' if certain else _POURRAIT[True]} ensemble le plus élevé de leurs plafonds : "
            f"{montant(amount)} pour {limite((low, top), certain)}. Réduisez-les"
            f"{f' de {montant(excess)}' if excess else ''}, ou n'en gardez qu'une."
        )
        yield Alerte(SANS_COUTS, grave, status, message, names, (), limit, amount, excess, rule.refs)

    def marges(self) -> Mapping[str, Interval]:
        """Return what may still be granted as State aid on each line that a regime serves, in cents."""
        rooms = [check._marges() for check in (self, *self.parties)]  # noqa: SLF001
        return {line: least([room[line] for room in rooms if line in room]) for line in rooms[0]}

    def _marges(self) -> Mapping[str, Interval]:
        served = [line for line in self.plan.couts if line in servies(self.plafonds)]
        state = [a for a in self.etat if not self._est(a, self.a_part)]
        reached = frozenset().union(*(a.lignes for a in state)) if state else frozenset()
        found = {}
        for line in served:
            near, limits = self._petites(reached | {line})
            counted = [a.sur_couts() for a in (*state, *near)]
            found[line] = cumul.marge(counted, line, limits)
        return found


_POURRAIT = {False: "pourrait dépasser", True: "pourraient dépasser"}
