"""The plan as an integer programme (OR-Tools CP-SAT): exact amounts, one named limit per rule."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import reduce
from itertools import product
from math import gcd
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from aid_rules.dossier import FinanceurDuPlan
from aid_rules.engine.controle_couts import ControleCouts
from aid_rules.engine.plan_demande import Candidat, Probleme
from aid_rules.engine.plan_lu import REGION
from aid_rules.faults import WorkError
from aid_rules.law.plafonds import ECHELLE

EURO = 100
Genre = Literal["cumul", "base", "de_minimis", "financeur", "contribution", "cout", "seuil", "demande"]
Statut = Literal["optimal", "trouve", "infaisable"]
_SANS_LIGNE = ""


def solveur() -> Any:  # noqa: ANN401 - the module of an optional dependency
    """Return OR-Tools' CP-SAT. Raises `WorkError` when it is not installed."""
    try:
        from ortools.sat.python import cp_model  # noqa: PLC0415 - optional, and slow to import
    except ImportError:
        raise WorkError(
            "Le meilleur plan demande le solveur OR-Tools, qui n'est pas installé : pip install 'aid-rules[plan]'."
        ) from None
    return cp_model


class Limite(NamedTuple):
    """One limit: the aids and lines whose sum it bounds, in ten-thousandths of a cent.

    `avec` are groups of them: the limit holds only where one of each group stands.
    """

    id: str
    genre: Genre
    libelle: str
    plafond: int
    couples: frozenset[tuple[str, str]]
    references: tuple[str, ...] = ()
    avec: tuple[frozenset[tuple[str, str]], ...] = ()


class Solution(NamedTuple):
    """What the solver gives: cents of each aid, and their spread over the lines in ten-thousandths of a cent."""

    statut: Statut
    montants: Mapping[str, int] = MappingProxyType({})
    repartition: Mapping[tuple[str, str], int] = MappingProxyType({})
    conflit: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """Return the aid of the plan, in cents."""
        return sum(self.montants.values())


class Modele:
    """The limits of a problem, solved as often as needed with some raised, added or lifted."""

    def __init__(
        self,
        probleme: Probleme,
        paires: Sequence[tuple[str, str]],
        parites: Sequence[tuple[str, str]] = (),
        delai: float = 10.0,
    ) -> None:
        self.probleme = probleme
        self.paires = paires
        self.parites = parites
        self.delai = delai
        self.couples = [(c.id, line) for c in probleme.candidats for line in c.lignes or (_SANS_LIGNE,)]
        granted = [a.sur_ses_couts() for a in (*probleme.acquises, *probleme.union)]
        self.acquises = {a.id: a for a in granted if a.identifiable}
        self.fixes = [(name, line) for name, a in self.acquises.items() for line in sorted(a.lignes)]
        self.limites: list[Limite] = list(self._limites())
        self.cp = solveur()
        self.debord = _Execution(self, {}, frozenset(), None, False).debordement()
        """What is granted beyond the limits, in ten-thousandths of a cent: it stays, and leaves no room to the plan."""

    @property
    def exclusions(self) -> Mapping[str, str]:
        """Return what the schemes' own rules forbid between two aids: in words, by the name that a core gives it."""
        apart = {_paire(a, b): f"cumul de {a} et de {b} sur les mêmes coûts" for a, b in map(sorted, self.paires)}
        return apart | {f"parite.{a}.{b}": f"écart entre {a} et {b}" for a, b in self.parites}

    def ajouter(self, limite: Limite) -> None:
        """Add a limit that the exact evaluator asks for, in place of the one of its name."""
        self.retirer(limite.id)
        self.limites.append(limite)

    def retirer(self, name: str) -> None:
        """Take a limit away, if there is one of this name."""
        self.limites = [x for x in self.limites if x.id != name]

    def _limites(self) -> Iterable[Limite]:
        problem = self.probleme
        for funder in problem.financeurs:
            mine = [c for c in problem.candidats if c.financeur is funder]
            name = funder.nom or funder.id
            if funder.enveloppe is not None:
                left = max(0, funder.enveloppe - self._deja(funder))
                yield self._limite(f"enveloppe.{funder.id}", "financeur", f"enveloppe de {name}", left, mine)
            for candidate in mine:
                tops = [funder.plafond, (funder.plafond_par_base or {}).get(candidate.base)]
                known = [top for top in tops if top is not None]
                if known:
                    text = f"plafond de {name} sous {candidate.base}"
                    yield self._limite(f"plafond.{candidate.id}", "financeur", text, min(known), [candidate])
        yield from self._contributions()
        yield from self._bases()
        yield from self._de_minimis()
        yield from self._lignes()

    def _deja(self, funder: FinanceurDuPlan) -> int:
        """Return what a funder, known by its name or its identifier, has already granted to the project, in cents."""
        called = {name.casefold() for name in (funder.nom, funder.id) if name}
        mine = [a for a in self.probleme.acquises if (a.aide.financeur.nom or "").casefold() in called]
        return sum(a.montant[0] if a.montant[1] is None else a.montant[1] for a in mine)

    def _limite(
        self,
        name: str,
        genre: Genre,
        text: str,
        cents: int,
        candidates: Iterable[Candidat],
        lines: Collection[str] | None = None,
        refs: tuple[str, ...] = (),
        scale: int = ECHELLE,
        fixed: bool = False,
    ) -> Limite:
        names = {c.id for c in candidates}
        couples = {(a, line) for a, line in self.couples if a in names and (lines is None or line in lines)}
        if fixed:
            couples |= {(a, line) for a, line in self.fixes if lines is None or line in lines}
        return Limite(name, genre, text, cents * scale, frozenset(couples), refs)

    def _contributions(self) -> Iterable[Limite]:
        share = self.probleme.demande.contribution_propre_min_pct
        whole = sum(self.probleme.couts.values())
        everything = list(self.probleme.candidats)
        if share:
            text = "contribution propre du bénéficiaire"
            yield self._limite(
                "contribution", "contribution", text, whole * (ECHELLE - share), everything, scale=1, fixed=True
            )
        for line, cost in self.probleme.couts.items():
            yield self._limite(f"cout.{line}", "cout", f"coût de « {line} »", cost, everything, {line}, fixed=True)

    def _bases(self) -> Iterable[Limite]:
        """Yield what each basis allows, line by line and in all, whoever uses it."""
        groups: dict[str, list[Candidat]] = {}
        for candidate in self.probleme.candidats:
            if candidate.plafonds is not None:
                groups.setdefault(candidate.base, []).append(candidate)
        for base, mine in groups.items():
            names = {*(c.id for c in mine), *(a.id for a in self.probleme.acquises if a.base == base)}
            pairs = [(a, line) for a, line in (*self.couples, *self.fixes) if a in names]
            for candidate in {id(c.lue.lecture): c for c in mine}.values():
                assert candidate.plafonds is not None
                low = candidate.plafonds.bas
                served = sorted({line for c in mine for line in c.lignes})
                volets = {frozenset(p.couts) & frozenset(served) for p in low.possibilites}
                sets = dict.fromkeys([*(frozenset({line}) for line in served), *volets, frozenset(served)])
                for lines in sorted(filter(None, sets), key=lambda s: (len(s), sorted(s))):
                    top = low.exact(lines)
                    if top is None:
                        continue
                    where = f"« {next(iter(lines))} »" if len(lines) == 1 else "ses coûts"
                    text = f"maximum de {base} sur {where}"
                    here = frozenset(pair for pair in pairs if pair[1] in lines)
                    yield Limite(f"base.{base}.{'+'.join(sorted(lines))}", "base", text, top, here)

    def _de_minimis(self) -> Iterable[Limite]:
        small = [c for c in self.probleme.candidats if c.de_minimis]
        for ceiling in self.probleme.de_minimis:
            mine = [c for c in small if c.lue.reglement in ceiling.compte]
            own = any(c.lue.reglement == ceiling.reglement for c in mine)
            if mine and (own or ceiling.commun or ceiling.recu_propre[1] != 0):
                text = f"reste du {ceiling.intitule}"
                yield self._limite(
                    f"de_minimis.{ceiling.reglement}", "de_minimis", text, ceiling.reste[0], mine, refs=ceiling.refs
                )

    def _lignes(self) -> Iterable[Limite]:
        """Yield the highest ceiling of each line (article 8), for all its aids and for those of the newest laws."""
        if self.probleme.hors_aide:
            return
        whole = self.probleme.communs
        for number, check in enumerate((whole, *whole.parties)):
            yield from self._sommes(check, f".{number}" if number else "")
        rate = whole.plafonds_union(self.probleme.union)
        union = {a.id for a in self.probleme.union}
        others = {a.id for a in (*whole.etat, *whole.de_minimis)}
        for line in self.probleme.couts if rate is not None else ():
            here = [pair for pair in (*self.couples, *self.fixes) if pair[1] == line]
            funds = frozenset(pair for pair in here if pair[0] in union)
            public = frozenset(pair for pair in here if pair[0] in others)
            if funds and public and rate is not None:
                top = rate.bas.exact(frozenset({line})) or 0
                text = f"taux le plus favorable du droit de l'Union sur « {line} »"
                refs = whole.loi.regles_cumul.get("fonds_union", ())
                yield Limite(f"union.{line}", "cumul", text, top, funds | public, refs, (funds, public))

    def _sommes(self, check: ControleCouts, suffixe: str) -> Iterable[Limite]:
        """Yield the sums of a check on each line: de minimis aid joins where State aid stands."""
        apart = {a.id for a in check.etat if a not in check.ordinaires and a not in check.handicap}
        state = {a.id for a in check.etat} - apart
        handicap = {a.id for a in check.handicap}
        small = {a.id for a in check.de_minimis}
        rules = check.loi.regles_cumul
        for line, cost in self.probleme.couts.items():
            top = check.plafonds_communs.bas.exact(frozenset({line})) or 0
            here = [pair for pair in (*self.couples, *self.fixes) if pair[1] == line]
            aid = frozenset(pair for pair in here if pair[0] in state)
            if not aid:
                continue
            text = f"plafond le plus élevé applicable à « {line} »"
            ordinary = frozenset(pair for pair in aid if pair[0] not in handicap)
            yield Limite(f"cumul.{line}{suffixe}", "cumul", text, top, ordinary, rules.get("memes_couts", ()))
            if ordinary != aid:
                whole = max(top, cost * ECHELLE)
                yield Limite(f"handicap.{line}{suffixe}", "cumul", f"totalité de « {line} »", whole, aid)
            if both := frozenset(pair for pair in here if pair[0] in small):
                refs = rules.get("de_minimis", ())
                name = f"cumul.{line}{suffixe}.de_minimis"
                yield Limite(name, "cumul", text, top, aid | both, refs, (aid, both))

    def resoudre(
        self,
        releve: Mapping[str, int] | None = None,
        sans: Collection[str] = (),
        cible: int | None = None,
        minimiser: Literal["region", "nombre"] | None = None,
        noyau: bool = False,
    ) -> Solution:
        """Solve: the most aid, or the least of something once the total is `cible` cents.

        `releve` raises limits, `sans` lifts them; `noyau` asks which limits conflict when nothing fits.
        """
        run = _Execution(self, releve or {}, frozenset(sans), cible, noyau)
        return run.resoudre(minimiser)


def _paire(one: str, other: str) -> str:
    return f"incompatibilite.{min(one, other)}.{max(one, other)}"


class _Execution:
    """One run of the solver."""

    def __init__(
        self, modele: Modele, releve: Mapping[str, int], sans: frozenset[str], cible: int | None, noyau: bool
    ) -> None:
        self.modele = modele
        self.cp = modele.cp
        self.model = modele.cp.CpModel()
        self.noyau = noyau
        self.sans = sans
        self.literals: dict[int, str] = {}
        problem = modele.probleme
        limits = [
            Limite(x.id, x.genre, x.libelle, x.plafond + releve.get(x.id, 0), x.couples, avec=x.avec)
            for x in modele.limites
            if x.id not in sans
        ]
        # amounts that are whole cents everywhere need no finer unit
        self.unit = reduce(gcd, (x.plafond for x in limits), ECHELLE)
        scale = ECHELLE // self.unit
        # what no aid passes must not be a limit that has no name: what is asked for, or raised, stays within it
        free = [x.plafond // ECHELLE for x in modele.limites if x.genre == "de_minimis"]
        top = max([sum(problem.couts.values()), *free]) + sum(releve.values()) // ECHELLE + (cible or 0)
        every = (*modele.couples, *modele.fixes)
        self.x = {pair: self.model.new_int_var(0, top * scale, str(pair)) for pair in every}
        self.amount = {}
        for candidate in problem.candidats:
            total = self.model.new_int_var(0, top, candidate.id)
            self.model.add(sum(self.x[p] for p in modele.couples if p[0] == candidate.id) == total * scale)
            self.amount[candidate.id] = total
        self.beyond = []
        for name, aide in modele.acquises.items():
            known = aide.montant[1] if aide.montant[1] is not None else aide.montant[0]
            over = self.model.new_int_var(0, known * scale, f"+{name}")
            self.beyond.append(over)
            self.model.add(sum(self.x[p] for p in modele.fixes if p[0] == name) + over == known * scale)
        self.used: dict[tuple[str, str], Any] = {}
        for limit in limits:
            self._limiter(limit)
        self._incompatibilites()
        self.total = sum(self.amount.values())
        if cible is not None:
            self._sous(self.model.add(self.total == cible), "demande")

    def _sous(self, constraint: Any, name: str, present: Sequence[Any] = ()) -> None:  # noqa: ANN401 - solver's own
        """Hold a constraint under a literal that may be blamed, and under those that say when it applies."""
        held = list(present)
        if self.noyau:
            held.append(self._blame(name))
        constraint.only_enforce_if(*held)

    def _blame(self, name: str) -> Any:  # noqa: ANN401 - a variable of the solver
        literal = self.model.new_bool_var(name)
        self.model.add_assumption(literal)
        self.literals[literal.index] = name
        return literal

    def _limiter(self, limit: Limite) -> None:
        terms = [self.x[pair] for pair in sorted(limit.couples)]
        bound = limit.plafond // self.unit
        for present in product(*map(sorted, limit.avec)):
            self._sous(self.model.add(sum(terms) <= bound), limit.id, [self._present(pair) for pair in present])

    def _present(self, pair: tuple[str, str]) -> Any:  # noqa: ANN401 - a variable of the solver
        """Return a literal that holds as soon as an aid falls on a line."""
        if pair not in self.used:
            literal = self.model.new_bool_var(str(pair))
            self.model.add(self.x[pair] == 0).only_enforce_if(literal.negated())
            self.used[pair] = literal
        return self.used[pair]

    def _incompatibilites(self) -> None:
        for one, other in self.modele.parites:
            name = f"parite.{one}.{other}"
            if name not in self.sans:
                self._sous(self.model.add(self.amount[one] == self.amount[other]), name)
        for one, other in self.modele.paires:
            name = _paire(one, other)
            if name in self.sans:
                continue
            lines = {x for a, x in self.x if a == one} & {x for a, x in self.x if a == other}
            for line in sorted(lines):
                apart = (self._present((one, line)).negated(), self._present((other, line)).negated())
                self._sous(self.model.add_bool_or(*apart), name)

    def debordement(self) -> int:
        """Return the least that must be left beyond the limits of what is granted, in ten-thousandths of a cent."""
        self.model.minimize(sum(self.beyond))
        solver, _ = self._solve()
        least: int = round(solver.objective_value)
        return least * self.unit

    def _solveur(self) -> Any:  # noqa: ANN401 - solver's own
        solver = self.cp.CpSolver()
        solver.parameters.max_time_in_seconds = self.modele.delai
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 0
        # limits that hold only together are otherwise searched cent by cent, and time runs out far from the best
        solver.parameters.linearization_level = 2
        solver.parameters.optimize_with_lb_tree_search = True
        solver.parameters.cp_model_presolve = False
        return solver

    def _solve(self) -> Any:  # noqa: ANN401 - solver's own
        """Return the solver and its status. Raises `WorkError` when time runs out before anything is known."""
        solver = self._solveur()
        status = solver.solve(self.model)
        if status not in (self.cp.OPTIMAL, self.cp.FEASIBLE, self.cp.INFEASIBLE):
            raise WorkError("Le solveur n'a trouvé aucun plan dans le temps imparti : réduisez la demande.")
        return solver, status

    def resoudre(self, minimiser: str | None) -> Solution:
        # a finer unit than that of the limits may be asked for by one that the evaluator adds
        self.model.add(sum(self.beyond) <= -(-self.modele.debord // self.unit))
        if minimiser == "region":
            region = {c.id for c in self.modele.probleme.candidats if c.financeur.type == REGION}
            self.model.minimize(sum(v for name, v in self.amount.items() if name in region))
        elif minimiser == "nombre":
            flags = []
            for name, amount in self.amount.items():
                flag = self.model.new_bool_var(f"!{name}")
                self.model.add(amount == 0).only_enforce_if(flag.negated())
                flags.append(flag)
            self.model.minimize(sum(flags))
        elif not self.noyau:  # which limits conflict is told best without a goal
            self.model.maximize(self.total)
        solver, status = self._solve()
        if status == self.cp.INFEASIBLE:
            core = solver.sufficient_assumptions_for_infeasibility() if self.noyau else ()
            return Solution("infaisable", conflit=tuple(dict.fromkeys(self.literals[i] for i in core)))
        return Solution(
            "optimal" if status == self.cp.OPTIMAL else "trouve",
            {name: solver.value(v) for name, v in self.amount.items()},
            {pair: solver.value(v) * self.unit for pair, v in self.x.items() if solver.value(v)},
        )
