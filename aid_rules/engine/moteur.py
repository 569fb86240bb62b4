"""The engine: rules loaded once, the law of each day compiled once, a dossier assessed end to end."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from aid_rules.assessment import Conclusion
from aid_rules.dossier import Aide, Dossier
from aid_rules.engine import alertes
from aid_rules.engine.appuis import HORS_AIDE, VoletBorne, borner, cle_volet
from aid_rules.engine.couverture import Lecture
from aid_rules.engine.environnement import Slots
from aid_rules.engine.exact import Evaluation, Programme, RegimeEvalue, all_of, any_of
from aid_rules.engine.facts import Faits, Reader
from aid_rules.engine.inference import Inference, Reseau, inferer
from aid_rules.engine.plan_lu import OCTROYEE, Relire
from aid_rules.language.book import Book, Library
from aid_rules.language.french import French
from aid_rules.language.places import donnees, rulesets
from aid_rules.language.references import References
from aid_rules.language.slices import LoiDuJour, period
from aid_rules.language.tree import FAUX, INCONNU, NON, VRAI

if TYPE_CHECKING:
    from aid_rules.engine.verdicts import VerdictsSeuls


@dataclass(frozen=True)
class Loi:
    """The law of a period, compiled: what evaluates a dossier of any day of it."""

    loi: LoiDuJour
    programme: Programme
    reader: Reader
    reseau: Reseau

    @cached_property
    def verdicts(self) -> VerdictsSeuls:
        """Return what answers with verdicts, rates and amounts alone, many times faster and without the trace."""
        from aid_rules.engine.verdicts import VerdictsSeuls  # noqa: PLC0415 - an explained evaluation writes no code

        return VerdictsSeuls(self.programme)


@dataclass(frozen=True)
class Assessment:
    """What the engine concludes on one dossier, sentences not yet written (`report.resultat` writes them).

    Truth values are FAUX = 0, INCONNU = 1, VRAI = 3; amounts cents, rates basis points.
    """

    dossier: Dossier
    book: Book
    loi: Loi
    faits: Faits
    evaluation: Evaluation
    hors_aide: int
    dispositifs: Mapping[str, tuple[VoletBorne, ...]]
    verdicts_dispositifs: Mapping[str, int]
    plan: alertes.Plan
    inference: Inference

    @property
    def conclusion(self) -> Conclusion:
        """Return whether the funding is a State aid."""
        if self.hors_aide == INCONNU:
            return "indetermine"
        return "pas_aide_etat" if self.hors_aide == VRAI else "aide_etat"

    @property
    def bloquante(self) -> bool:
        """Tell whether a blocking alert stands."""
        return any(alerte.gravite == "bloquante" for alerte in self.plan.alertes)

    def verdict(self, base: str) -> int:
        """Return the verdict of a legal basis or a scheme."""
        if base in self.evaluation.regimes:
            return self.evaluation.regimes[base].verdict
        return self.verdicts_dispositifs[base]


class Engine:
    """Evaluates dossiers against rulesets.

    `folders` are laid over one another, the shipped rulesets first unless `seul` is true. Safe to share between
    threads. Raises `FaultsError` when the rules are faulty, `WorkError` when they cannot be read.
    """

    def __init__(self, *folders: Path, seul: bool = False) -> None:
        self.folders = folders if seul else (rulesets(), *folders)
        self.library = Library(self.folders)
        self.book = self.library.book
        self.slots = Slots(self.book.vocabulaire)
        self.french = French(self.book.vocabulaire)
        self.references = References(self.book.textes)
        self._laws: dict[date, Loi] = {}
        self._ledgers: dict[date, Loi] = {}
        self._lock = threading.Lock()

    def at(self, jour: date) -> Loi:
        """Return the compiled law in force on `jour`."""
        start, _ = period(self.book.changements, jour)
        with self._lock:
            if start not in self._laws:
                self._laws[start] = self._compile(jour)
            return self._laws[start]

    def de_minimis(self, jour: date) -> Loi:
        """Return the de minimis rules alone of the law in force on `jour`: what a ledger needs of another day."""
        start, _ = period(self.book.changements, jour)
        with self._lock:
            if start in self._laws:
                return self._laws[start]
            if start not in self._ledgers:
                self._ledgers[start] = self._compile(jour, de_minimis=True)
            return self._ledgers[start]

    def _compile(self, jour: date, de_minimis: bool = False) -> Loi:
        loi, code = self.library.law(jour, de_minimis)
        programme = Programme(loi, self.slots, code)
        if code is None:
            self.library.keep(loi, programme.code, de_minimis)
        reader = Reader(self.slots, loi, donnees(), lambda day: self.de_minimis(day).loi.parametres)
        return Loi(loi, programme, reader, _network(self.book, loi, de_minimis))

    def evaluate(self, dossier: Dossier, jour: date | None = None, tout: bool = False) -> Assessment:
        """Assess a dossier under the law of its award date, or of `jour` when given.

        `tout` also reads the conditions of the bases that no cost line concerns.
        """
        if jour is not None:
            dossier = dossier.model_copy(update={"date_octroi": jour})
        loi = self.at(dossier.date_octroi)
        faits = loi.reader.read(dossier)
        evaluation = loi.programme.run(faits.env, faits.lignes, tout)
        aid = all_of([c.verdict for c in evaluation.criteres])
        hors_aide = NON[aid] if evaluation.criteres else INCONNU
        statuses = {name: r.verdict for name, r in evaluation.regimes.items()} | {HORS_AIDE: hors_aide}
        bounded = {name: borner(d, statuses, evaluation.regimes) for name, d in evaluation.dispositifs.items()}
        again = self.relire(dossier, hors_aide, faits)
        plan = alertes.verifier(dossier, evaluation, loi.loi, faits.esb, hors_aide, bounded, again)
        inference = inferer(
            loi.reseau,
            statuses,
            _own(evaluation.dispositifs, bounded, statuses),
            _duties(loi.loi, evaluation, aid),
            _ceilings(loi.loi, plan),
        )
        schemes = {
            name: any_of([inference.dispositifs[v.cle] for v in volets]) if volets else FAUX
            for name, volets in bounded.items()
        }
        return Assessment(dossier, self.book, loi, faits, evaluation, hors_aide, bounded, schemes, plan, inference)

    def relire(self, dossier: Dossier, hors_aide: int, faits: Faits) -> Relire:
        """Return what reads the law of a day for some aids of a dossier alone, taken as planned.

        `faits` are the facts of the dossier on its own day: there, only those of the aids are read again.
        """

        def lire(aides: tuple[Aide, ...], jour: date) -> Lecture:
            loi = self.at(jour)
            asked = tuple(aide.model_copy(update={"statut": "prevue"}) for aide in aides)
            before = tuple(aide for aide in dossier.aides or () if aide.statut == OCTROYEE and aide not in aides)
            seen = dossier.model_copy(update={"date_octroi": jour, "aides": (*asked, *before)})
            today = jour == dossier.date_octroi
            read = loi.reader.relire(faits, seen) if today else loi.reader.read(seen)
            evaluation = loi.programme.run(read.env, read.lignes)
            statuses = {name: r.verdict for name, r in evaluation.regimes.items()} | {HORS_AIDE: hors_aide}
            bounded = {name: borner(d, statuses, evaluation.regimes) for name, d in evaluation.dispositifs.items()}
            return Lecture(evaluation, bounded, "" if today else f"{jour}:")

        return lire


def _own(
    schemes: Mapping[str, RegimeEvalue], bounded: Mapping[str, tuple[VoletBorne, ...]], statuses: Mapping[str, int]
) -> dict[str, int]:
    """Return the verdict of the own conditions of each scheme's volet; a scheme not examined concerns no cost line.

    The inference knows a basis as a whole: where the volets of its bases that serve the same costs are worth less,
    so is the scheme's volet.
    """
    found = {}
    for name, scheme in schemes.items():
        own = {}
        for borne in bounded[name]:
            whole = any_of([statuses[a.base] for a in borne.appuis if a.base in statuses])
            own[borne.cle] = borne.propre if borne.appui == whole else borne.propre & borne.appui
        for volet in scheme.regime.volets:
            key = cle_volet(name, volet.id)
            found[key] = own.get(key, FAUX)
    return found


def _duties(loi: LoiDuJour, evaluation: Evaluation, aid: int) -> dict[str, int]:
    """Return the own verdict of each obligation; those that a legal basis triggers need an aid."""
    found = {}
    for rule, status in zip(loi.obligations, evaluation.obligations, strict=True):
        legal = any(name in evaluation.regimes for name in rule.declencheurs)
        found[rule.id] = status & aid if legal else status
    return found


def _network(book: Book, loi: LoiDuJour, de_minimis: bool) -> Reseau:
    known = {HORS_AIDE, *(r.id for r in loi.regimes)}
    volets = {d.id: tuple(cle_volet(d.id, v.id) for v in d.volets) for d in loi.dispositifs}
    codes = [*alertes.CODES, *(f"incompatibilite.{i.id}" for i in loi.incompatibilites)]
    return Reseau(
        cle=f"{book.empreinte}:{loi.du}{':de_minimis' if de_minimis else ''}",
        appuis={
            cle_volet(d.id, v.id): tuple(s for s in v.repose_sur if s in known)
            for d in loi.dispositifs
            for v in d.volets
        },
        obligations={
            o.id: tuple(key for name in o.declencheurs for key in volets.get(name, (name,))) for o in loi.obligations
        },
        alertes={f"alerte.{code}": (f"controle.{code}",) for code in codes},
    )


def _ceilings(loi: LoiDuJour, plan: alertes.Plan) -> dict[str, int]:
    """Return the outcome of each control of the plan: the worst of its alerts."""
    outcome = dict.fromkeys([*alertes.CODES, *(f"incompatibilite.{i.id}" for i in loi.incompatibilites)], FAUX)
    for alerte in plan.alertes:
        outcome[alerte.code] |= alerte.statut
    return {f"controle.{code}": status for code, status in outcome.items()}
