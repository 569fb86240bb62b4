"""The law as programs of the vector machine: each version of each basis, compiled once for what a table holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aid_rules.engine.columnar_appuis import Cite
from aid_rules.engine.columnar_lines import Agregats, Drapeaux, Ensembles
from aid_rules.engine.columnar_prealables import ecrire_criteres, ecrire_prealables, partagees
from aid_rules.engine.columnar_raisons import Prealable
from aid_rules.engine.columnar_regimes import arbres, compiler, finalites_de
from aid_rules.engine.columnar_sorties import ecrire_base
from aid_rules.engine.columnar_table import elargir, largeur, rangs
from aid_rules.engine.columnar_trees import Etat, Lecteur
from aid_rules.engine.vector_program import Programme, Registre, Sortie, ecrire
from aid_rules.language import tree as t
from aid_rules.language.slices import LoiDuJour, RegimeDuJour, Regle

if TYPE_CHECKING:
    from aid_rules.engine.moteur import Engine

_MARGE = 32
"""Columns of unknowns that a table may be given so that nothing is compiled anew."""

Cle = tuple[str, int]
"""A basis and the number of one of its versions."""


PREALABLE = "prealable|"
"""How the names of the columns start that only programs read."""


@dataclass(frozen=True, slots=True)
class Calcul:
    """A program and the periods (by place) of the rows that it goes over.

    `finalites` restricts it to the dossiers of which a cost line is of these purposes. It writes `blocs` blocks of
    results, which others read by its `numero`. Without `regime`, it writes columns that others read. `voulu` tells
    whether its results are asked for, or only serve others.
    """

    programme: Programme
    places: tuple[int, ...]
    regime: RegimeDuJour | None = None
    finalites: frozenset[str] | None = None
    blocs: int = 0
    numero: int = -1
    voulu: bool = True


@dataclass(frozen=True, slots=True)
class Profil:
    """What programs are compiled for: what is unknown in the cost lines, and what each fact's column holds."""

    drapeaux: Drapeaux
    etats: Mapping[str, Etat]


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


class Programmes:
    """The programs of an engine: what is compiled is kept for the next tables."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.codes = rangs(engine.book.vocabulaire.listes)
        self.finalites = Ensembles(self.codes["finalite"])
        self.postes = Ensembles(self.codes["poste"])
        self.registre = Registre()
        self.profil = Profil(Drapeaux(False, False, False, False), {})
        self._versions = Versions()
        self._programmes: dict[tuple[object, ...], Programme] = {}
        self._numeros: dict[tuple[object, ...], int] = {}
        self._lus: dict[Cle, tuple[str, ...]] = {}
        self._prealables: dict[Cle, Prealable | None] = {}
        self._tetes: dict[tuple[Regle, ...], str] = {}

    def adapter(self, flags: Drapeaux, states: dict[str, Etat]) -> None:
        """Compile from now on for a table, and for those before it when they are alike.

        The tables of a portfolio differ by what happens to be the same everywhere in each: they share what is compiled.
        """
        known = self.profil.etats
        wide = elargir(known, states)
        if known and largeur(wide) <= _MARGE + 2 * largeur(states):
            flags = Drapeaux(*map(any, zip(self.profil.drapeaux, flags, strict=True)))
            states = wide
        if (flags, states) != (self.profil.drapeaux, self.profil.etats):
            self.profil = Profil(flags, states)

    def calculs(
        self, changements: Sequence[int], wanted: frozenset[str] | None, *, volets: bool
    ) -> tuple[list[Calcul], list[Calcul], list[Calcul]]:
        """Return what to run for periods that begin at such changes of the law: each list rests on those before it.

        `wanted` restricts to some bases, `volets` details the volets of the regimes.
        """
        laws = [self.engine.at(self.engine.book.changements[c]).loi for c in changements]
        schemes = self._groupes([law.dispositifs for law in laws], changements, wanted)
        cited = {name for _, scheme, _ in schemes for name in _appuis(scheme)}
        all_regimes = self._groupes([law.regimes for law in laws], changements, None)
        regimes = [g for g in all_regimes if wanted is None or g[1].id in wanted or g[1].id in cited]
        heads = self._tetes_de(regimes, laws)
        first = [*self._criteres(laws, changements), *heads]
        second = [
            replace(
                self._regime(key, regime, places, laws[places[0]], volets=volets or regime.id in cited),
                voulu=wanted is None or regime.id in wanted,
            )
            for key, regime, places in regimes
        ]
        third = []
        for key, scheme, places in schemes:
            names = _appuis(scheme)
            for versions, mine in self._par_version(places, laws, changements, names):
                third.append(self._dispositif(key, scheme, mine, versions))
        return first, second, third

    def _groupes(
        self, laws: Sequence[Sequence[RegimeDuJour]], changements: Sequence[int], wanted: frozenset[str] | None
    ) -> list[tuple[Cle, RegimeDuJour, tuple[int, ...]]]:
        """Gather the periods in which a basis is the same."""
        found: dict[Cle, tuple[RegimeDuJour, list[int]]] = {}
        for place, bases in enumerate(laws):
            for base in bases:
                if wanted is None or base.id in wanted:
                    key = (base.id, self._versions.numero(base.id, changements[place], base))
                    found.setdefault(key, (base, []))[1].append(place)
        return [(key, base, tuple(places)) for key, (base, places) in found.items()]

    def _par_version(
        self, places: Sequence[int], laws: Sequence[LoiDuJour], changements: Sequence[int], names: frozenset[str]
    ) -> list[tuple[dict[str, tuple[Cle, RegimeDuJour]], tuple[int, ...]]]:
        """Gather the periods in which the regimes that a scheme rests on are the same."""
        found: dict[tuple[Cle, ...], tuple[dict[str, tuple[Cle, RegimeDuJour]], list[int]]] = {}
        for place in places:
            there = {
                r.id: ((r.id, self._versions.numero(r.id, changements[place], r)), r)
                for r in laws[place].regimes
                if r.id in names
            }
            found.setdefault(tuple(key for key, _ in there.values()), (there, []))[1].append(place)
        return [(there, tuple(mine)) for there, mine in found.values()]

    def _lecteur(self) -> Lecteur:
        return Lecteur(self.engine.slots, self.profil.etats)

    def _programme(self, key: tuple[object, ...], write: Callable[[], Iterable[Sortie]]) -> Programme:
        if key not in self._programmes:
            self._programmes[key] = ecrire(list(write()), self.registre)
        return self._programmes[key]

    def _criteres(self, laws: Sequence[LoiDuJour], changements: Sequence[int]) -> list[Calcul]:
        groups: dict[int, list[int]] = {}
        for place, law in enumerate(laws):
            groups.setdefault(self._versions.numero("", changements[place], law.criteres), []).append(place)
        found = []
        for version, places in groups.items():
            rules = laws[places[0]].criteres
            key = ("", version, self._etats(r.si for c in rules for r in c.conditions))
            program = self._programme(key, lambda: ecrire_criteres(rules, self._lecteur()))  # noqa: B023 - run at once
            found.append(Calcul(program, tuple(places)))
        return found

    def _tetes_de(
        self, groups: Sequence[tuple[Cle, RegimeDuJour, tuple[int, ...]]], laws: Sequence[LoiDuJour]
    ) -> list[Calcul]:
        """Return the first conditions that several bases share, for the rows of the periods in which one does."""
        asked: dict[str, tuple[tuple[Regle, ...], set[int]]] = {}
        for cle, regime, places in groups:
            head = self._prealable(cle, regime, laws[places[0]])
            if head is not None:
                asked.setdefault(head.nom, (regime.conditions[: head.nombre], set()))[1].update(places)
        together: dict[tuple[int, ...], dict[str, tuple[Regle, ...]]] = {}
        for name, (rules, alive) in asked.items():
            together.setdefault(tuple(sorted(alive)), {})[name] = rules
        found = []
        for places, blocs in together.items():
            key = (tuple(blocs), self._etats(r.si for some in blocs.values() for r in some))
            program = self._programme(key, lambda: ecrire_prealables(blocs, self._lecteur()))  # noqa: B023 - run at once
            found.append(Calcul(program, places))
        return found

    def _prealable(self, key: Cle, regime: RegimeDuJour, law: LoiDuJour) -> Prealable | None:
        """Return the first conditions of a version of a basis that others share, when there are any."""
        if key not in self._prealables:
            shared = partagees(regime, law)
            name = self._tetes.setdefault(shared, f"{PREALABLE}{len(self._tetes)}")
            self._prealables[key] = Prealable(name, len(shared)) if shared else None
        return self._prealables[key]

    def _regime(
        self, cle: Cle, regime: RegimeDuJour, places: tuple[int, ...], law: LoiDuJour, *, volets: bool
    ) -> Calcul:
        head = self._prealable(cle, regime, law)
        return self._base(cle, regime, places, head, {}, volets=volets)

    def _dispositif(
        self, cle: Cle, scheme: RegimeDuJour, places: tuple[int, ...], cited: Mapping[str, tuple[Cle, RegimeDuJour]]
    ) -> Calcul:
        cites = {name: Cite(regime, self._numero(key)) for name, (key, regime) in cited.items()}
        return self._base(cle, scheme, places, None, cites, volets=True)

    def _base(
        self,
        cle: Cle,
        base: RegimeDuJour,
        places: tuple[int, ...],
        head: Prealable | None,
        cites: Mapping[str, Cite],
        *,
        volets: bool,
    ) -> Calcul:
        flags, states = self.profil.drapeaux, self.profil.etats
        if cle not in self._lus:
            self._lus[cle] = faits_lus(base)
        held = tuple(states.get(f"{name}{end}") for name in self._lus[cle] for end in ("", ".min", ".max"))
        union = finalites_de(base)

        def write() -> Iterable[Sortie]:
            lines = Agregats(flags, self.finalites, self.postes, union)
            return ecrire_base(compiler(base, lines, self._lecteur(), head), cites, volets=volets)

        numbers = tuple(c.numero for c in cites.values())
        program = self._programme((cle, held, flags, volets, numbers), write)
        blocs = 1 + (len(base.volets) if volets else 0)
        return Calcul(program, places, base, union, blocs, self._numero(cle))

    def _numero(self, key: Cle) -> int:
        """Return the number by which a program reads the results of a version of a basis."""
        return self._numeros.setdefault(key, len(self._numeros))

    def _etats(self, trees: Iterable[t.Node | None]) -> tuple[Etat | None, ...]:
        """Return the states of the facts that some trees read."""
        facts = dict.fromkeys(("date_octroi", *(n for tree in trees if tree is not None for n in t.facts_of(tree))))
        return tuple(self.profil.etats.get(f"{name}{end}") for name in facts for end in ("", ".min", ".max"))


def _appuis(scheme: RegimeDuJour) -> frozenset[str]:
    return frozenset(name for volet in scheme.volets for name in volet.repose_sur)


def faits_lus(regime: RegimeDuJour) -> tuple[str, ...]:
    """Return the facts that a basis reads."""
    return tuple(
        dict.fromkeys(("date_octroi", "couts_totaux", *(n for tree in arbres(regime) for n in t.facts_of(tree))))
    )
