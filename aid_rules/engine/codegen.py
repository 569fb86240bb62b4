"""From the tree to Python: each regime of a day becomes one function over exact integers and truth values.

Only trees already typed are written out: names are slot numbers and literals are integers, so nothing of a ruleset
file reaches the source as text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import count

from aid_rules.engine.environnement import Slots
from aid_rules.language import tree as t
from aid_rules.language.slices import LoiDuJour, RegimeDuJour, Regle, RegleMontant, VoletDuJour

PYTHON_OPERATOR: dict[str, str] = {"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


class Emitter:
    """Writes trees as Python expressions; expressions used by several regimes are computed once, in `K`."""

    def __init__(self, slots: Slots) -> None:
        self.slots = slots
        self.shared: dict[t.Bool, int] = {}
        self.temporaries = (f"t{number}" for number in count())
        self.postes: dict[str, str] | None = None
        self.sets: dict[frozenset[str], str] = {}

    def fact(self, name: str) -> str:
        return f"f[{self.slots.index[name]}]"

    def truth(self, node: t.Bool | None) -> str:
        """Return the expression of a truth value; None always holds."""
        if node is None:
            return "3"
        if node in self.shared:
            return f"K[{self.shared[node]}]"
        return self.bare(node)

    def bare(self, node: t.Bool) -> str:
        match node:
            case t.EstVrai(fait):
                return self.fact(fait)
            case t.Non(item):
                return f"NON[{self.truth(item)}]"
            case t.Tous(items):
                return "(" + " & ".join(map(self.truth, items)) + ")"
            case t.UnDe(items):
                return "(" + " | ".join(map(self.truth, items)) + ")"
            case t.Dans(fait, _, masque):
                fact, rest = self.fact(fait), ~masque & self.slots.facts[fait].masque()
                return f"(3 if not {fact} & {rest} else 1 if {fact} & {masque} else 0)"
            case t.Compare(operateur, gauche, droite):
                return self.comparison(operateur, gauche, droite)

    def comparison(self, operator: str, left: t.Num, right: t.Num) -> str:
        if not t.is_scalar(left) or not t.is_scalar(right):
            scaled = any(isinstance(n, t.PartDe) for side in (left, right) for n in t.walk(side))
            return compared(operator, self.interval(left, scaled), self.interval(right, scaled))
        tests, values = [], []
        for side in (left, right):
            if isinstance(side, t.Nombre):
                values.append(str(side.valeur))
                continue
            name = next(self.temporaries)
            tests.append(f"({name} := {self.scalar(side)}) is None")
            values.append(name)
        # `|` and not `or`: both temporaries must be bound
        unknown = " | ".join(f"({test})" for test in tests)
        return f"(1 if {unknown} else 3 if {values[0]} {PYTHON_OPERATOR[operator]} {values[1]} else 0)"

    def scalar(self, node: t.Num) -> str:
        match node:
            case t.Fait(nom):
                return self.fact(nom)
            case t.Decalage(base, nombre, unite):
                return f"shift({self.scalar(base)}, {nombre}, {unite!r})"
            case t.Nombre(valeur):
                return str(valeur)
            case _:
                raise AssertionError(node)

    def interval(self, node: t.Num, scaled: bool = False) -> str:
        """Return the expression of a pair of bounds; `scaled` in ten-thousandths, for exact comparisons."""
        if isinstance(node, t.PartDe):
            name = "exact_part" if scaled else "part"
            rate = self.interval(node.taux)
            bounded = rate if isinstance(node.taux, t.Nombre) else f"share_bounds({rate})"
            return f"{name}({bounded}, {self.interval(node.base)})"
        if scaled:
            match node:
                case t.Somme() | t.Extremum():
                    pass
                case t.Produit(facteur, base):
                    return f"times({facteur}, {self.interval(base, scaled)})"
                case _:
                    return f"times(10000, {self.interval(node)})"
        match node:
            case t.Nombre(valeur):
                return f"({valeur}, {valeur})"
            case t.Fait(nom, _, intervalle):
                if intervalle:
                    return self.fact(nom)
                name = next(self.temporaries)
                return f"(UNKNOWN if ({name} := {self.fact(nom)}) is None else ({name}, {name}))"
            case t.Couts(poste):
                return self.poste(poste) if poste else "C.total"
            case t.Assiette():
                return "A"
            case t.Somme(termes):
                return f"plus(({', '.join(f'({s}, {self.interval(x, scaled)})' for s, x in termes)},))"
            case t.Extremum(plus_petit, items):
                inside = ", ".join(self.interval(item, scaled) for item in items)
                return f"{'least' if plus_petit else 'greatest'}(({inside},))"
            case t.Produit(facteur, base):
                return f"times({facteur}, {self.interval(base)})"
            case t.Multiple(base, t.Rapport(over, under), si):
                parts = ", ".join(self.interval(part) for part in (base, over, under))
                return f"multiple({self.truth(si)}, {parts})"
            case t.Decalage():
                name = next(self.temporaries)
                return f"(UNKNOWN if ({name} := {self.scalar(node)}) is None else ({name}, {name}))"
            case _:
                raise AssertionError(node)

    def poste(self, name: str) -> str:
        """Return the amount of one type of cost: within a purpose, read once."""
        if self.postes is None:
            return f"C.poste({name!r})"
        return self.postes.setdefault(name, f"C{len(self.postes)}")

    def set(self, values: frozenset[str] | None) -> str:
        """Return the name of a set, made once for the whole law."""
        return "None" if values is None else self.sets.setdefault(values, f"S{len(self.sets)}")

    def first(self, statuses: str, values: Sequence[t.Num]) -> str:
        """Return the first value that applies; one that cannot is not worked out."""
        items = []
        for index, value in enumerate(values):
            written = self.interval(value)
            items.append(written if isinstance(value, t.Nombre) else f"({written} if {statuses}[{index}] else UNKNOWN)")
        return f"first({statuses}, {_tuple(items)})"

    def amounts(self, rules: Iterable[RegleMontant]) -> str:
        return _tuple(self.interval(rule.montant) for rule in rules)

    def truths(self, rules: Iterable[Regle]) -> str:
        return _tuple(self.truth(rule.si) for rule in rules)


def compared(operator: str, left: str, right: str) -> str:
    """Return the comparison of two written intervals."""
    match operator:
        case "<":
            return f"below({left}, {right})"
        case "<=":
            return f"at_most({left}, {right})"
        case ">":
            return f"below({right}, {left})"
        case ">=":
            return f"at_most({right}, {left})"
        case "=":
            return f"equal({left}, {right})"
    return f"NON[equal({left}, {right})]"


def _tuple(items: Iterable[str]) -> str:
    found = list(items)
    return f"({', '.join(found)},)" if found else "()"


def generate(loi: LoiDuJour, slots: Slots) -> str:
    """Return the source of the day's law: `shared(f)`, then one function per criterion, regime and obligation."""
    emitter = Emitter(slots)
    shared = _shared_nodes(loi)
    lines = ["def shared(f):", "    return " + _tuple(emitter.bare(node) for node in shared)]
    emitter.shared = {node: index for index, node in enumerate(shared)}
    for index, critere in enumerate(loi.criteres):
        lines += [f"def critere_{index}(f, K):", f"    return {emitter.truths(critere.conditions)}"]
    lines += ["def obligations(f, K):", "    return " + _tuple(emitter.truth(o.si) for o in loi.obligations)]
    lines += ["def incompatibilites(f, K):", "    return " + emitter.truths(loi.incompatibilites)]
    lines += ["def derogations(f, K):", "    return " + emitter.truths(loi.derogations)]
    for index, regime in enumerate((*loi.regimes, *loi.dispositifs)):
        lines += _regime(emitter, index, regime)
    constants = [f"{name} = frozenset({sorted(values)!r})" for values, name in emitter.sets.items()]
    return "\n".join([*constants, *lines]) + "\n"


def _shared_nodes(loi: LoiDuJour) -> list[t.Bool]:
    """Return the conditions that several regimes hold and that need no cost line, in order of first use."""
    counts: Counter[t.Bool] = Counter()
    for regime in (*loi.regimes, *loi.dispositifs):
        rules = [
            *regime.conditions,
            *(r for v in regime.volets for r in (*v.conditions, *v.majorations, *v.reductions)),
        ]
        mine = {rule.si for rule in rules if rule.si is not None}
        counts.update(sorted(mine, key=repr))
    heavy = (
        node for node, n in counts.items() if n > 1 and not t.reads_costs(node) and not isinstance(node, t.EstVrai)
    )
    return list(heavy)


def _regime(emitter: Emitter, index: int, regime: RegimeDuJour) -> list[str]:
    lines = [f"def regime_{index}(f, K, L):"]
    purposes = [v.finalites for v in regime.volets]
    union = None if None in purposes else frozenset().union(*(p for p in purposes if p is not None))
    caps = emitter.amounts(regime.plafonds)
    aid = [s for s in regime.seuils if s.grandeur == "aide"]
    thresholds = emitter.amounts(aid)
    own = [
        f"    cc = {emitter.truths(regime.conditions)}",
        f"    pp = ({emitter.truths(regime.plafonds)}, {caps})",
        f"    ss = ({emitter.truths(aid)}, {thresholds})",
        f"    gg = {_cost_thresholds(emitter, regime.seuils)}",
    ]
    if _needs_costs((*regime.conditions, *regime.plafonds, *regime.seuils)):
        lines += [f"    C = L.choisir({emitter.set(union)}, None)", "    A = C.total"]
    lines += own
    names = []
    for number, volet in enumerate(regime.volets):
        lines += _volet(emitter, number, volet)
        names.append(f"v{number}")
    lines.append(f"    return cc, gg, pp, ss, {_tuple(names)}")
    return lines


def _cost_thresholds(emitter: Emitter, rules: Iterable[RegleMontant]) -> str:
    """Return the truth values of the thresholds on costs: above them the regime does not apply."""
    found = []
    for rule in rules:
        if rule.grandeur == "aide":
            continue
        measured = emitter.fact("couts_totaux") if rule.grandeur == "couts_totaux" else "C.total"
        within = compared("<=", measured, emitter.interval(rule.montant))
        found.append(within if rule.si is None else f"(NON[{emitter.truth(rule.si)}] | {within})")
    return _tuple(found)


def _volet(emitter: Emitter, number: int, volet: VoletDuJour) -> list[str]:
    emitter.postes = {}
    aid = [s for s in volet.seuils if s.grandeur == "aide"]
    after = [m for m in volet.majorations if m.apres_reduction]
    before = [m for m in volet.majorations if not m.apres_reduction]
    lines = []
    if volet.assiette:
        chosen = emitter.first("m", [rule.montant for rule in volet.assiette])
        lines += [f"    m = {emitter.truths(volet.assiette)}", f"    A = positive({chosen})"]
    else:
        lines.append("    m = ()")
    lines += [
        f"    c = {emitter.truths(volet.conditions)}",
        f"    b = {emitter.truths(volet.base)}",
        f"    j = {emitter.truths(before)}",
        f"    k = {emitter.truths(after)}",
        f"    r = {emitter.truths(volet.reductions)}",
        f"    q = {emitter.truths(volet.plafonds_taux)}",
        f"    n = {emitter.truths(volet.montant)}",
    ]
    lines += _rate(emitter, volet, before, after)
    if volet.montant:
        lines.append(f"    M = positive({emitter.first('n', [rule.montant for rule in volet.montant])})")
    else:
        lines.append("    M = part(T, A)" if volet.base else "    M = None")
    lines += [
        f"    p{number} = ({emitter.truths(volet.plafonds)}, {emitter.amounts(volet.plafonds)})",
        f"    s{number} = ({emitter.truths(aid)}, {emitter.amounts(aid)})",
        f"    h = {_cost_thresholds(emitter, volet.seuils)}",
        f"    v{number} = (C, A, m, c, h, b, j, k, r, q, n, T, M, p{number}, s{number})",
    ]
    costs = [f"    {name} = C.poste({poste!r})" for poste, name in emitter.postes.items()]
    emitter.postes = None
    chosen = f"    C = L.choisir({emitter.set(volet.finalites)}, {emitter.set(volet.postes)})"
    return [chosen, "    A = C.total", *costs, *lines]


def _rate(emitter: Emitter, volet: VoletDuJour, before: Sequence[Regle], after: Sequence[Regle]) -> list[str]:
    if not volet.base:
        return ["    T = None"]
    rates = [x.taux for x in volet.base]
    if volet.base[0].si is None:
        lines = [f"    T = {emitter.interval(rates[0])}"]
    else:
        lines = [f"    T = {emitter.first('b', rates)}"]
    if before:
        lines.append(f"    T = plus(((1, T), (1, bonuses(j, {_points(before)}))))")
    if volet.reductions:
        lines.append(f"    T = reduce(T, r, {tuple(x.facteur for x in volet.reductions)})")
    if after:
        lines.append(f"    T = plus(((1, T), (1, bonuses(k, {_points(after)}))))")
    if volet.plafonds_taux:
        lines.append(f"    T = cap(T, q, {_tuple(emitter.interval(x.taux) for x in volet.plafonds_taux)})")
    lines.append("    T = under(T, FULL)")
    return lines


def _points(rules: Sequence[Regle]) -> str:
    groups = list(dict.fromkeys(r.groupe for r in rules))  # type: ignore[attr-defined]
    points = tuple(r.points for r in rules)  # type: ignore[attr-defined]
    return f"{points}, {tuple(groups.index(r.groupe) for r in rules)}"  # type: ignore[attr-defined]


def _needs_costs(rules: Iterable[Regle]) -> bool:
    for rule in rules:
        if rule.si is not None and t.reads_costs(rule.si):
            return True
        if isinstance(rule, RegleMontant) and (rule.grandeur == "couts" or t.reads_costs(rule.montant)):
            return True
    return False
