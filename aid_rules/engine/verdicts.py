"""Verdicts, rates and amounts alone, without the trace: what a caller asks who puts the question very often.

Where everything that a basis reads is known, straight code over plain integers answers, written from the same trees as
the exact evaluator's; any unknown, and what is written here for no code, goes through the exact evaluator itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from aid_rules.engine.codegen import PYTHON_OPERATOR
from aid_rules.engine.environnement import Ligne, Lignes, Slots, shift
from aid_rules.engine.exact import Programme
from aid_rules.engine.intervalles import Interval
from aid_rules.language import tree as t
from aid_rules.language.slices import CritereDuJour, RegimeDuJour, Regle, RegleMajoration, RegleMontant, VoletDuJour

Verdict = tuple[int, Interval | None, Interval | None]
"""Truth value, rate in basis points, amount in cents: those of `RegimeEvalue`."""


class Verdicts(NamedTuple):
    """Each criterion of TFUE 107(1), and each basis or scheme; those that no cost line concerns are left out."""

    criteres: dict[str, int]
    bases: dict[str, Verdict]


class VerdictsSeuls:
    """Answers with verdicts alone, under one law."""

    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        loi, slots = programme.loi, programme.slots
        self._criteres = _compile(_criteres, loi.criteres, slots)
        self._bases = {r.id: r for r in (*loi.regimes, *loi.dispositifs)}
        self._written: dict[str, Callable[..., Any]] = {}
        self._kept: dict[frozenset[str | None], list[tuple[str, Callable[..., Any]]]] = {}

    def run(self, env: Sequence[Any], lignes: Lignes) -> Verdicts:
        """Return the verdicts on the facts that `facts.Reader` gives."""
        if not lignes.toutes_connues:
            return self._whole(env, lignes)
        lines = lignes.lignes
        for _, _, poste, (low, high) in lines:
            if poste is None or low != high:
                return self._whole(env, lignes)
        criteres = self._criteres(env)
        if criteres is None:
            return self._whole(env, lignes)
        bases = {}
        for name, quick in self._kept.get(lignes.finalites) or self.concernes(lignes):
            found = bases[name] = quick(env, lines)
            if found is None:
                return self._whole(env, lignes)
        return _new(Verdicts, (criteres, bases))

    def concernes(self, lignes: Lignes) -> list[tuple[str, Callable[..., Any]]]:
        """Return the bases that known cost lines concern, each with its straight code: None is no answer."""
        if len(self._kept) >= _KEPT:
            self._kept.clear()
        found = self._kept[lignes.finalites] = [(n, self._quick(n)) for n in self.programme.concernees(lignes)]
        return found

    def _quick(self, name: str) -> Callable[..., Any]:
        if name not in self._written:
            self._written[name] = _compile(_regime, self._bases[name], self.programme.slots)
        return self._written[name]

    def _whole(self, env: Sequence[Any], lignes: Lignes) -> Verdicts:
        """Return the verdicts as the exact evaluator gives them."""
        found = self.programme.run(env, lignes)
        bases = {**found.regimes, **found.dispositifs}
        return Verdicts(
            {c.critere.id: c.verdict for c in found.criteres},
            {name: (one.verdict, one.taux, one.montant) for name, one in bases.items() if one.examine},
        )


_new = tuple.__new__  # the constructor of a named tuple costs twice as much
_KEPT = 4096
"""Sets of purposes remembered."""


class _NotWritten(Exception):
    """What is not written as straight code."""


def _compile(write: Callable[[Any, Any], list[str]], what: Any, slots: Slots) -> Callable[..., Any]:  # noqa: ANN401
    """Return the straight code of a criterion or a basis, which gives None when it needs what is not known."""
    writer = _Writer(slots)
    try:
        body = write(writer, what)
    except _NotWritten:
        return _unknown
    reads = [f"    x{index} = f[{index}]" for index in sorted(writer.reads)]
    checks = [f"    if {' or '.join(writer.checks.values())}: return None"] if writer.checks else []
    days = [f"    {name} = {written}" for written, name in writer.days.items()]
    source = "\n".join(["def quick(f, L=()):", *reads, *checks, *days, *body])
    names: dict[str, Any] = {**writer.constants, **{name: values for values, name in writer.sets.items()}}
    exec(source, names)  # noqa: S102 - written from typed trees, never from text
    quick: Callable[..., Any] = names["quick"]
    return quick


def _unknown(_env: Sequence[Any], _lines: Sequence[Ligne] = ()) -> None:
    return None


class _Writer:
    """Writes trees over known facts, read once; `checks` tells when one of them is not, `days` holds the days moved."""

    def __init__(self, slots: Slots) -> None:
        self.slots = slots
        self.reads: set[int] = set()
        self.checks: dict[str, str] = {}
        self.days: dict[str, str] = {}
        self.sets: dict[frozenset[str], str] = {}
        self.constants: dict[str, Any] = {"shift": shift}

    def set(self, values: frozenset[str]) -> str:
        return self.sets.setdefault(values, f"S{len(self.sets)}")

    def fact(self, name: str, check: str) -> str:
        index = self.slots.index[name]
        self.reads.add(index)
        read = f"x{index}"
        self.checks.setdefault(name, check.format(read))
        return read

    def truth(self, node: t.Bool | None) -> str:
        match node:
            case None:
                return "True"
            case t.EstVrai(fait):
                return f"{self.fact(fait, '{} == 1')} == 3"
            case t.Non(item):
                return f"(not {self.truth(item)})"
            case t.Tous(items):
                return f"({' and '.join(map(self.truth, items))})"
            case t.UnDe(items):
                return f"({' or '.join(map(self.truth, items))})"
            case t.Dans(fait, _, masque):
                return f"({self.fact(fait, '(not {0} or {0} & ({0} - 1))')} & {masque} != 0)"
            case t.Compare(operateur, gauche, droite):
                if any(isinstance(n, t.PartDe) for side in (gauche, droite) for n in t.walk(side)):
                    raise _NotWritten  # compared in ten-thousandths of a cent
                return f"({self.number(gauche)} {PYTHON_OPERATOR[operateur]} {self.number(droite)})"
        raise _NotWritten

    def number(self, node: t.Num) -> str:
        match node:
            case t.Nombre(valeur):
                return f"{valeur}"
            case t.Fait(nom, _, intervalle):
                if intervalle:
                    return f"{self.fact(nom, '{0}[0] != {0}[1]')}[0]"
                return self.fact(nom, "{} is None")
            case t.Decalage(base, nombre, unite):
                return self.days.setdefault(f"shift({self.number(base)}, {nombre}, {unite!r})", f"d{len(self.days)}")
            case t.Assiette():
                return "A"
            case t.Couts(poste) if not poste:
                return "C"
            case t.Somme(termes):
                return "(" + " ".join(("+ " if s == 1 else "- ") + self.number(x) for s, x in termes) + ")"
            case t.Extremum(plus_petit, items):
                return f"{'min' if plus_petit else 'max'}([{', '.join(map(self.number, items))}])"
            case t.Produit(facteur, base):
                return f"({facteur} * {self.number(base)})"
            case t.PartDe(taux, base):
                return f"({self.number(base)} * {self.number(taux)} // 10000)"
        raise _NotWritten

    def first(self, rules: Sequence[tuple[t.Bool | None, t.Num]]) -> str:
        """Return the value of the first entry that applies, zero when none does."""
        written = "0"
        for si, value in reversed(rules):
            written = self.number(value) if si is None else f"({self.number(value)} if {self.truth(si)} else {written})"
        return written

    def caps(self, name: str, rules: Iterable[tuple[t.Bool | None, t.Num]]) -> list[str]:
        """Bring a value, never negative, under each cap that applies."""
        lines = []
        for si, value in rules:
            written = self.number(value)
            least = written if isinstance(value, t.Nombre) else f"max({written}, 0)"
            lines.append(f"    if {name} > (w := {least}) and {self.truth(si)}: {name} = w")
        return lines


def _criteres(writer: _Writer, criteres: Sequence[CritereDuJour]) -> list[str]:
    writer.constants["N"] = tuple(c.id for c in criteres)
    items = [f"N[{i}]: 3 if {_all(writer, c.conditions)} else 0" for i, c in enumerate(criteres)]
    return [f"    return {{{', '.join(items)}}}"]


def _all(writer: _Writer, rules: Iterable[Regle]) -> str:
    return " and ".join([writer.truth(r.si) for r in rules]) or "True"


def _amounts(rules: Iterable[RegleMontant]) -> list[tuple[t.Bool | None, t.Num]]:
    return [(rule.si, rule.montant) for rule in rules]


def _regime(writer: _Writer, regime: RegimeDuJour) -> list[str]:
    """Write a basis of one purpose, whose thresholds bear on the aid."""
    if len(regime.volets) != 1 or any(s.grandeur != "aide" for s in (*regime.seuils, *regime.volets[0].seuils)):
        raise _NotWritten
    (volet,) = regime.volets
    own = (*regime.conditions, *regime.plafonds, *regime.seuils)
    if any(r.si is not None and t.reads_costs(r.si) for r in own):
        raise _NotWritten  # read on costs of every type
    if any(t.reads_costs(r.montant) for r in (*regime.plafonds, *regime.seuils)):
        raise _NotWritten
    lines = _volet(writer, volet)
    lines += writer.caps("M", _amounts((*volet.plafonds, *volet.seuils, *regime.plafonds, *regime.seuils)))
    verdict = f"3 if {_all(writer, regime.conditions)} else 0"
    rate = "(T, T)" if volet.base else "None"
    return [*lines, f"    return {verdict}, {rate}, None if M == {_SANS_LIMITE} else (M, M)"]


_SANS_LIMITE = 10**18
"""Above any amount: what a basis gives that nothing limits."""
_CLOSED = "return 0, None, (0, 0)"


def _volet(writer: _Writer, volet: VoletDuJour) -> list[str]:
    lines = _costs(writer, volet)
    if volet.assiette:
        lines += [f"    A = {writer.first(_amounts(volet.assiette))}", "    if A < 0: A = 0"]
    needed = [writer.truth(r.si) for r in volet.conditions]
    alone = [rules for rules in (volet.assiette, volet.base or volet.montant) if rules and rules[-1].si is not None]
    needed += [f"({' or '.join(writer.truth(r.si) for r in rules)})" for rules in alone]
    if needed:
        lines.append(f"    if not ({' and '.join(needed)}): {_CLOSED}")
    if volet.base:
        lines += [*_rate(writer, volet), "    M = A * T // 10000"]
    else:
        lines.append(f"    M = {_SANS_LIMITE}")
    if volet.montant:
        lines += [f"    M = {writer.first(_amounts(volet.montant))}", "    if M < 0: M = 0"]
    return lines


def _costs(writer: _Writer, volet: VoletDuJour) -> list[str]:
    """Write the sum of the lines of the volet's purposes and types; without one, the volet is closed."""
    asked = {"p": volet.finalites, "q": volet.postes}
    tests = [f"{name} in {writer.set(values)}" for name, values in asked.items() if values is not None]
    loop = "    for _, p, q, (value, _) in L:"
    if not tests:
        return ["    C = 0", loop, "        C += value", "    A = C"]
    lines = ["    C, seen = 0, False", loop, f"        if {' and '.join(tests)}:"]
    lines += ["            C += value", "            seen = True"]
    return [*lines, f"    if not seen: {_CLOSED}", "    A = C"]


def _rate(writer: _Writer, volet: VoletDuJour) -> list[str]:
    lines = [f"    T = {writer.first([(r.si, r.taux) for r in volet.base])}"]
    for last in (False, True):
        groups: dict[str, list[RegleMajoration]] = {}
        for rule in volet.majorations:
            if rule.apres_reduction == last:
                groups.setdefault(rule.groupe, []).append(rule)
        for rules in groups.values():  # the highest that applies
            highest = sorted(rules, key=lambda rule: -rule.points)
            lines.append("    T += " + "".join(f"{r.points} if {writer.truth(r.si)} else " for r in highest) + "0")
        if not last:
            lines += [f"    if {writer.truth(r.si)}: T = T * {r.facteur} // 10000" for r in volet.reductions]
    lines += writer.caps("T", [(r.si, r.taux) for r in volet.plafonds_taux])
    return [*lines, "    if T > 10000: T = 10000", "    if T < 0: T = 0"]
