"""Runs the law over a table: each version of each basis over the rows of its days that it concerns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

import polars as pl

from aid_rules.engine.appuis import HORS_AIDE
from aid_rules.engine.columnar_lines import Drapeaux
from aid_rules.engine.columnar_prealables import CalculPrealables, compiler_criteres, partagees
from aid_rules.engine.columnar_prealables import compiler as compiler_prealables
from aid_rules.engine.columnar_raisons import Prealable
from aid_rules.engine.columnar_regimes import arbres, compiler
from aid_rules.engine.columnar_sorties import Calcul, preparer
from aid_rules.engine.columnar_table import (
    CONNUS,
    Table,
    Tranchee,
    decaler,
    drapeaux,
    elargir,
    etats,
    inconnue,
    largeur,
    periodes,
    rangs,
    reordonner,
    reunir,
    une_par_dossier,
)
from aid_rules.engine.columnar_trees import INCONNU_PARTOUT, Etat
from aid_rules.language import tree as t
from aid_rules.language.slices import CritereDuJour, LoiDuJour, RegimeDuJour, Regle

if TYPE_CHECKING:
    from aid_rules.engine.moteur import Engine

_BLOC = 1 << 18
"""Rows computed at once: bounds the memory of intermediate columns."""

_MARGE = 32
"""Columns of unknowns that a table may be given so that nothing is compiled anew."""

_FILS = 2
"""Bases computed side by side: small ones leave most of the cores idle."""


@dataclass(frozen=True, slots=True)
class Resultat:
    """One version of a basis over the rows that it concerns."""

    regime: RegimeDuJour
    periodes: tuple[int, ...]
    frame: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Resultats:
    """All the results, rows numbered by period: `ordre` gives the row of the table of each.

    `lois` and `tranches` give the law and the rows of each period.
    """

    ordre: pl.Series | None
    lois: tuple[LoiDuJour, ...]
    tranches: tuple[tuple[int, int], ...]
    criteres: pl.DataFrame
    bases: tuple[Resultat, ...]


class Versions:
    """Gives one number to equal things, so that what several periods share is compiled and run once."""

    def __init__(self) -> None:
        self._known: dict[str, list[object]] = {}
        self._numbers: dict[tuple[str, int], int] = {}

    def numero(self, name: str, periode: int, value: object) -> int:
        """Return the number of a version, the same for all periods in which it is equal."""
        key = (name, periode)
        if key not in self._numbers:
            known = self._known.setdefault(name, [])
            if value not in known:
                known.append(value)
            self._numbers[key] = known.index(value)
        return self._numbers[key]


class Evaluateur:
    """The columnar evaluator of an engine: what it compiles is kept for the next tables."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.codes = rangs(engine.book.vocabulaire.listes)
        self._versions = Versions()
        self._calculs: dict[tuple[object, ...], Calcul] = {}
        self._profil: tuple[Drapeaux, dict[str, Etat]] = Drapeaux(False, False, False, False), {}
        self._lus: dict[tuple[object, ...], tuple[str, ...]] = {}
        self._prealables: dict[tuple[object, ...], Prealable | None] = {}
        self._conditions: dict[tuple[Regle, ...], str] = {}
        self._blocs: dict[tuple[object, ...], CalculPrealables] = {}

    def evaluer(self, table: Table, bases: Iterable[str] | None = None, *, volets: bool = False) -> Resultats:
        """Evaluate every row at its own award date; `bases` restricts to some bases, `volets` details their volets."""
        return _Passage(self, table, None if bases is None else frozenset(bases), volets).resultats()

    def profil(self, flags: Drapeaux, states: dict[str, Etat]) -> tuple[Drapeaux, dict[str, Etat]]:
        """Return what to compile for: the table and those before it, when they are alike.

        The pieces of a portfolio differ by what happens to be the same everywhere in each: they share what is compiled.
        """
        known_flags, known = self._profil
        wide = elargir(known, states)
        if known and largeur(wide) <= _MARGE + 2 * largeur(states):
            flags, states = Drapeaux(*map(any, zip(known_flags, flags, strict=True))), wide
        self._profil = flags, states
        return flags, states

    def version(self, name: str, day: int, value: object) -> int:
        """Return the number of the version of a basis in force on a day."""
        return self._versions.numero(name, day, value)

    def prealable(self, key: tuple[object, ...], regime: RegimeDuJour, law: LoiDuJour) -> Prealable | None:
        """Return the first conditions of a version of a basis that others share, when there are any."""
        if key not in self._prealables:
            shared = partagees(regime, law)
            name = self._conditions.setdefault(shared, f"prealable|{len(self._conditions)}")
            self._prealables[key] = Prealable(name, len(shared)) if shared else None
        return self._prealables[key]

    def criteres(self, version: int, rules: tuple[CritereDuJour, ...], states: Mapping[str, Etat]) -> CalculPrealables:
        """Return the computation of the criteria of a version of the law, over facts in such states."""
        key = (version, _etats(states, (r.si for c in rules for r in c.conditions)))
        if key not in self._blocs:
            self._blocs[key] = compiler_criteres(rules, self.engine.slots, states)
        return self._blocs[key]

    def bloc(self, rules: Mapping[str, tuple[Regle, ...]], states: Mapping[str, Etat]) -> CalculPrealables:
        """Return the computation of some preliminary conditions, over facts in such states."""
        key = (tuple(rules), _etats(states, (r.si for some in rules.values() for r in some)))
        if key not in self._blocs:
            self._blocs[key] = compiler_prealables(rules, self.engine.slots, states)
        return self._blocs[key]

    def lus(self, key: tuple[object, ...], regime: RegimeDuJour) -> tuple[str, ...]:
        """Return the facts that a version of a basis reads."""
        if key not in self._lus:
            self._lus[key] = faits_lus(regime)
        return self._lus[key]

    def calcul(self, key: tuple[object, ...], make: Callable[[], Calcul]) -> Calcul:
        """Return what was compiled under this key."""
        if key not in self._calculs:
            self._calculs[key] = make()
        return self._calculs[key]


Groupe = tuple[RegimeDuJour, tuple[int, ...], tuple[object, ...]]
"""A version of a basis, the places of its periods in the table, and what tells it from others."""


class _Passage:
    """One table going through."""

    def __init__(self, owner: Evaluateur, table: Table, wanted: frozenset[str] | None, volets: bool) -> None:
        self.owner = owner
        self.slots = owner.engine.slots
        self.wanted = wanted
        self.volets = volets
        self.drapeaux, self.etats = owner.profil(drapeaux(table), etats(table, self.slots))
        changes = owner.engine.book.changements
        days = table.faits["date_octroi"].cast(pl.Int64)
        same_day = self.etats.get("date_octroi", INCONNU_PARTOUT).constante is not None
        periods = periodes(days.head(1) if same_day else days, [d.toordinal() for d in changes])
        self.ordre: pl.Series | None = None
        if not periods.is_sorted():
            self.ordre = periods.arg_sort()
            table = reordonner(table, self.ordre)
            periods = periods.gather(self.ordre)
        runs = periods.rle()
        lengths = [table.height] if same_day else runs.struct.field("len").to_list()
        ends = list(accumulate(lengths))
        self.debuts: list[int] = [max(p, 0) for p in runs.struct.field("value").to_list()]
        self.tranches = [(end - length, end) for end, length in zip(ends, lengths, strict=True)]
        self.lois = [owner.engine.at(changes[p]).loi for p in self.debuts]
        self.colonnes = {s.name: s for s in table.faits.get_columns()}
        self.rangs = pl.int_range(table.height, dtype=pl.UInt32, eager=True).alias("ligne")
        lines = table.couts if table.couts["ligne"].is_sorted() else table.couts.sort("ligne")
        self.couts = Tranchee(lines, ends)
        self.seules = une_par_dossier(lines["ligne"])
        silent = self.rangs.to_frame()
        silent = silent.filter(~self.colonnes[CONNUS]) if self.drapeaux.incomplets else silent.clear()
        self.sans_couts = Tranchee(silent, ends)
        self.parts: dict[int | None, Tranchee] = {}
        if lines.height:
            parts = lines.partition_by("finalite", as_dict=True)
            self.parts = {None if k[0] is None else int(k[0]): Tranchee(part, ends) for k, part in parts.items()}
        self.parts_seules = {code: self.seules or une_par_dossier(p.frame["ligne"]) for code, p in self.parts.items()}
        self.cites: dict[tuple[str, int], pl.DataFrame] = {}

    def resultats(self) -> Resultats:
        """Evaluate criteria, then regimes, then the schemes that rest on them."""
        criteria = self._criteres()
        self.colonnes[HORS_AIDE] = criteria[HORS_AIDE]
        schemes = self._groupes([law.dispositifs for law in self.lois], self._cle_dispositif, self._voulu)
        cited = {name for scheme, _, _ in schemes for name in _appuis(scheme)}
        regimes = self._groupes([law.regimes for law in self.lois], self._cle, lambda r: self._voulu(r) or r in cited)

        def run_regime(group: Groupe) -> Resultat:
            regime, places, key = group
            detail = self.volets or regime.id in cited
            return Resultat(regime, places, self._executer(regime, places, key, {}, volets=detail))

        def run_scheme(group: Groupe) -> Resultat:
            scheme, places, key = group
            names = _appuis(scheme)
            laws = {r.id: r for r in self.lois[places[0]].regimes if r.id in names}
            return Resultat(scheme, places, self._executer(scheme, places, key, laws, volets=True))

        self._prealables(regimes)
        with ThreadPoolExecutor(_FILS) as threads:
            found = list(threads.map(run_regime, regimes))
            for one in found:
                if one.regime.id in cited:
                    self.cites |= {(one.regime.id, place): one.frame for place in one.periodes}
            done = [one for one in found if self._voulu(one.regime.id)]
            done += threads.map(run_scheme, schemes)
        return Resultats(self.ordre, tuple(self.lois), tuple(self.tranches), criteria, tuple(done))

    def _voulu(self, name: str) -> bool:
        return self.wanted is None or name in self.wanted

    def _groupes(
        self,
        laws: Sequence[Sequence[RegimeDuJour]],
        cle: Callable[[RegimeDuJour, int], tuple[object, ...]],
        wanted: Callable[[str], bool],
    ) -> list[Groupe]:
        found: dict[tuple[object, ...], tuple[RegimeDuJour, list[int]]] = {}
        for place, bases in enumerate(laws):
            for base in bases:
                if wanted(base.id):
                    found.setdefault(cle(base, place), (base, []))[1].append(place)
        return [(base, tuple(places), key) for key, (base, places) in found.items()]

    def _cle(self, base: RegimeDuJour, place: int) -> tuple[object, ...]:
        return base.id, self.owner.version(base.id, self.debuts[place], base)

    def _cle_dispositif(self, base: RegimeDuJour, place: int) -> tuple[object, ...]:
        names = _appuis(base)
        cited = tuple(self._cle(r, place) for r in self.lois[place].regimes if r.id in names)
        return (*self._cle(base, place), cited)

    def _criteres(self) -> pl.DataFrame:
        groups: dict[int, tuple[tuple[CritereDuJour, ...], list[int]]] = {}
        for place, law in enumerate(self.lois):
            version = self.owner.version("", self.debuts[place], law.criteres)
            groups.setdefault(version, (law.criteres, []))[1].append(place)
        parts = []
        for criteria, places in groups.values():
            calcul = self.owner.criteres(version, criteria, self.etats)
            facts = self._faits(calcul.faits)
            for start, end in self._plages(tuple(places)):
                parts.append((start, calcul.executer(facts.slice(start, end - start)).drop("date_octroi")))
        if not parts:
            return pl.DataFrame({HORS_AIDE: []}, schema={HORS_AIDE: pl.UInt8})
        return pl.concat([frame for _, frame in sorted(parts, key=lambda p: p[0])], how="diagonal")

    def _prealables(self, groups: Sequence[Groupe]) -> None:
        """Compute the first conditions that several bases share, for the rows of the periods in which one does."""
        asked: dict[str, tuple[tuple[Regle, ...], set[int]]] = {}
        for regime, places, key in groups:
            head = self.owner.prealable(key, regime, self.lois[places[0]])
            if head is not None:
                asked.setdefault(head.nom, (regime.conditions[: head.nombre], set()))[1].update(places)
        together: dict[tuple[int, ...], dict[str, tuple[Regle, ...]]] = {}
        for name, (rules, alive) in asked.items():
            together.setdefault(tuple(sorted(alive)), {})[name] = rules

        def run(item: tuple[tuple[int, ...], dict[str, tuple[Regle, ...]]]) -> None:
            places, blocs = item
            calcul = self.owner.bloc(blocs, self.etats)
            facts = self._faits(calcul.faits)
            spans = self._plages(places)
            parts = [calcul.executer(facts.slice(start, end - start)) for start, end in spans]
            for name in calcul.sorties:
                self.colonnes[name] = etaler([part[name] for part in parts], spans, facts.height)

        with ThreadPoolExecutor(_FILS) as threads:
            list(threads.map(run, together.items()))

    def _faits(self, names: Iterable[str]) -> pl.DataFrame:
        for name in names:
            if name not in self.colonnes:
                moved = name.partition("|")
                self.colonnes[name] = (
                    decaler(self.colonnes["date_octroi"], int(moved[2])).alias(name)
                    if moved[0] == "date_octroi"
                    else inconnue(self.slots, name, len(self.rangs))
                )
        return pl.DataFrame([self.colonnes[name] for name in names])

    def _plages(self, places: tuple[int, ...]) -> list[tuple[int, int]]:
        """Return the rows of some periods, adjacent ones joined."""
        found: list[tuple[int, int]] = []
        for place in places:
            start, end = self.tranches[place]
            if found and found[-1][1] == start:
                found[-1] = (found[-1][0], end)
            else:
                found.append((start, end))
        return found

    def _executer(
        self,
        regime: RegimeDuJour,
        places: tuple[int, ...],
        key: tuple[object, ...],
        laws: Mapping[str, RegimeDuJour],
        *,
        volets: bool,
    ) -> pl.DataFrame:
        calcul = self._calcul(regime, places, key, laws, volets=volets)
        joins = {name: self.cites[name, places[0]] for name in laws}
        facts = self._faits(calcul.faits)
        parts = []
        if calcul.agregats.dense and not calcul.agregats.lus:
            facts = pl.DataFrame([self.rangs, *facts.get_columns()])
            for start, end in self._plages(places):
                blocks = (facts.slice(low, min(_BLOC, end - low)) for low in range(start, end, _BLOC))
                parts += [calcul.executer(block, joins) for block in blocks]
        elif calcul.agregats.dense:
            # every dossier of these periods has its row: in order, the facts are read in place
            sums, at = self._sommes(calcul, places).sort("ligne"), 0
            for start, end in self._plages(places):
                for low in range(start, end, _BLOC):
                    size = min(_BLOC, end - low)
                    frame = sums.slice(at, size).hstack(facts.slice(low, size).get_columns())
                    parts.append(calcul.executer(frame, joins))
                    at += size
        else:
            sums = self._sommes(calcul, places)
            for low in range(0, sums.height, _BLOC):
                block = sums.slice(low, _BLOC) if sums.height > _BLOC else sums
                frame = block.hstack(facts[block["ligne"]].get_columns()) if calcul.faits else block
                parts.append(calcul.executer(frame, joins))
        if not parts:
            empty = pl.DataFrame(schema={"ligne": pl.UInt32} | dict.fromkeys(calcul.sorties, pl.UInt8))
            return empty.clear()
        return pl.concat(parts) if len(parts) > 1 else parts[0]

    def _calcul(
        self,
        regime: RegimeDuJour,
        places: tuple[int, ...],
        key: tuple[object, ...],
        laws: Mapping[str, RegimeDuJour],
        *,
        volets: bool,
    ) -> Calcul:
        scheme = regime.genre == "dispositif"
        names = self.owner.lus(key, regime)
        states = tuple(self.etats.get(f"{name}{end}") for name in names for end in ("", ".min", ".max"))

        def make(usages: Mapping[str, int] | None = None) -> Calcul:
            head = None if scheme else self.owner.prealable(key, regime, self.lois[places[0]])
            written = compiler(regime, self.slots, self.etats, self.drapeaux, self.owner.codes, usages, head)
            return preparer(written, laws, volets=volets)

        def make_twice() -> Calcul:
            return make(make().usages())

        return self.owner.calcul((key, states, self.drapeaux, volets), make_twice)

    def _sommes(self, calcul: Calcul, places: tuple[int, ...]) -> pl.DataFrame:
        """Return the sums of lines of each dossier concerned."""
        sums = calcul.agregats
        none = self.rangs.clear()
        if sums.dense:
            lines = reunir(self.couts.tranches(places), self.couts.frame)
            everyone = pl.concat([self.rangs.slice(a, b - a) for a, b in self._plages(places)])
            others = everyone.filter(~everyone.is_in(lines["ligne"].implode()))
            known = self.colonnes[CONNUS].gather(others)
            return sums.calculer(lines, others.filter(known), others.filter(~known), self.seules)
        assert sums.union is not None
        ranks = self.owner.codes["finalite"]
        wanted: list[int | None] = [None, *sorted(ranks[f] for f in sums.union if f in ranks)]
        codes = [c for c in wanted if c in self.parts]
        lines = reunir([cut for c in codes for cut in self.parts[c].tranches(places)], self.couts.frame)
        silent = reunir(self.sans_couts.tranches(places), self.sans_couts.frame)["ligne"]
        if not lines.height and not len(silent):
            return lines.select("ligne")
        alone = self.parts_seules[codes[0]] if len(codes) == 1 else self.seules
        return sums.calculer(lines, none, silent, alone)


def _appuis(scheme: RegimeDuJour) -> frozenset[str]:
    return frozenset(name for volet in scheme.volets for name in volet.repose_sur)


def _etats(states: Mapping[str, Etat], trees: Iterable[t.Node | None]) -> tuple[Etat | None, ...]:
    """Return the states of the facts that some trees read."""
    facts = dict.fromkeys(("date_octroi", *(n for tree in trees if tree is not None for n in t.facts_of(tree))))
    return tuple(states.get(f"{name}{end}") for name in facts for end in ("", ".min", ".max"))


def etaler(parts: Sequence[pl.Series], spans: Sequence[tuple[int, int]], height: int) -> pl.Series:
    """Put values back at the rows they are of, null elsewhere."""
    blank = parts[0].clear().extend_constant(None, 1)
    pieces, at = [], 0
    for part, (start, end) in zip(parts, spans, strict=True):
        pieces += [blank.new_from_index(0, start - at), part]
        at = end
    return pl.concat([*pieces, blank.new_from_index(0, height - at)]).rechunk()


def faits_lus(regime: RegimeDuJour) -> tuple[str, ...]:
    """Return the facts that a basis reads."""
    return tuple(
        dict.fromkeys(("date_octroi", "couts_totaux", *(n for tree in arbres(regime) for n in t.facts_of(tree))))
    )
