"""A test bench: a few files of law, changed at will, run on worked cases without the rest of the law."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from types import CodeType, SimpleNamespace
from typing import Any, cast

from aid_rules.dossier import Dossier
from aid_rules.engine.appuis import HORS_AIDE, borner, synthese
from aid_rules.engine.exact import all_of
from aid_rules.engine.facts import Faits
from aid_rules.engine.moteur import Assessment, Engine
from aid_rules.language.book import Library, de_minimis_seul
from aid_rules.language.cut import boundaries, cut
from aid_rules.language.files import Base, Commun, Critere, Cumul, Dispositif, Parametres, Regime
from aid_rules.language.loader import RuleSet
from aid_rules.language.positions import Document
from aid_rules.language.reading import read_dossier
from aid_rules.language.slices import LoiDuJour
from aid_rules.language.tree import FAUX, INCONNU, NON, VRAI
from aid_rules.report.ecriture import VERITES
from aid_rules.report.resultat_bases import BasesWriter
from aid_rules.testing.cas import Cas, compare, run

SIMPLES = {"regimes", "dispositifs", "qualification", "tout", "date_octroi"}
"""Parts of an expectation that need neither the inference nor the plan."""


class _Fixe:
    """A library whose rules are in memory."""

    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules

    def law(self, jour: date, de_minimis: bool = False) -> tuple[LoiDuJour, CodeType | None]:
        loi = cut(self.rules, jour)
        return de_minimis_seul(loi) if de_minimis else loi, None

    def keep(self, loi: LoiDuJour, code: CodeType, de_minimis: bool = False) -> None:
        """Keep nothing."""


class Banc(Engine):
    """An engine on rules in memory, with the vocabulary and the texts of `engine`.

    `lus` keeps the facts of each case from one bench to the next, when what is changed plays no part in reading them.
    """

    def __init__(self, engine: Engine, rules: RuleSet, empreinte: str, lus: dict[int, Faits] | None = None) -> None:
        self.lus = lus
        self.folders = engine.folders
        self.library = cast("Library", _Fixe(rules))
        self.book = replace(
            engine.book,
            bases=(*rules.regimes, *rules.dispositifs),
            empreinte=empreinte,
            changements=boundaries(rules),
        )
        self.slots, self.french, self.references = engine.slots, engine.french, engine.references
        self._laws = {}
        self._ledgers = {}
        self._lock = threading.Lock()

    def ecarts(self, cas: Cas, dossier: Dossier) -> list[str]:
        """Return the differences of a case; `dossier` is its dossier, already read."""
        if not SIMPLES.issuperset(cas.attendu):
            return run(cas, self)
        loi = self.at(dossier.date_octroi)
        faits = self.lus.get(id(dossier)) if self.lus is not None else None
        if faits is None:
            faits = loi.reader.read(dossier)
        if self.lus is not None:
            self.lus[id(dossier)] = faits
        found = loi.programme.run(faits.env, faits.lignes, "tout" in cas.attendu)
        aid = all_of([c.verdict for c in found.criteres])
        outside = NON[aid] if found.criteres else INCONNU
        statuses = {name: r.verdict for name, r in found.regimes.items()} | {HORS_AIDE: outside}
        bounded = {name: borner(d, statuses, found.regimes) for name, d in found.dispositifs.items()}
        own = {v.cle: v.propre & v.appui for volets in bounded.values() for v in volets}
        seen = SimpleNamespace(
            faits=faits,
            loi=loi,
            dossier=dossier,
            verdicts_dispositifs={n: synthese(d, bounded[n], own).verdict for n, d in found.dispositifs.items()},
            inference=SimpleNamespace(dispositifs=own),
        )
        writer = BasesWriter(self, cast("Assessment", seen))
        wanted = {name for key in ("regimes", "dispositifs") for name in cas.attendu.get(key, {})}
        conclusion = {VRAI: "pas_aide_etat", FAUX: "aide_etat"}.get(outside, "indetermine")
        result = {
            "date_octroi": dossier.date_octroi.isoformat(),
            "regimes": [_json(writer.regime(r)) for n, r in found.regimes.items() if n in wanted],
            "dispositifs": [_json(writer.scheme(d, bounded[n])) for n, d in found.dispositifs.items() if n in wanted],
            "qualification": {
                "conclusion": conclusion,
                "criteres": [
                    {"id": c.critere.id.rpartition(".")[2], "verdict": VERITES[c.verdict]} for c in found.criteres
                ],
            },
        }
        return list(compare(cas.attendu, result))


def _json(part: Any) -> dict[str, Any]:  # noqa: ANN401 - a part of the public result
    found: dict[str, Any] = json.loads(part.model_dump_json())
    return found


def lire_dossier(engine: Engine, cas: Cas) -> Dossier:
    """Read the dossier of a case. Raises `FaultsError`."""
    return read_dossier(Document(cas.dossier, {(): (cas.ligne, 1)}, str(cas.fichier)), engine.book.vocabulaire)


def reduire(rules: RuleSet, noms: Iterable[str]) -> RuleSet:
    """Keep of the rules the named bases, what they rest on, and the common provisions."""
    wanted = set(noms)
    for name in list(wanted):
        scheme = rules.dispositifs.get(name)
        if scheme is not None:
            wanted |= {*scheme.repose_sur, *(s for volet in scheme.volets for s in volet.repose_sur)}
    return replace(
        rules,
        regimes={n: r for n, r in rules.regimes.items() if n in wanted},
        dispositifs={n: d for n, d in rules.dispositifs.items() if n in wanted},
    )


def poser(rules: RuleSet, law: Base) -> RuleSet:
    """Put one file of law in the place of the one that bears its identifier."""
    if isinstance(law, Dispositif):
        return replace(rules, dispositifs={**rules.dispositifs, law.id: law})
    if isinstance(law, Regime):
        return replace(rules, regimes={**rules.regimes, law.id: law})
    if isinstance(law, Commun):
        return replace(rules, communs=tuple(law if old.id == law.id else old for old in rules.communs))
    if isinstance(law, Critere):
        return replace(rules, criteres=tuple(law if old.id == law.id else old for old in rules.criteres))
    assert isinstance(law, Cumul)
    return replace(rules, cumuls=tuple(law if old.id == law.id else old for old in rules.cumuls))


def parametrer(rules: RuleSet, book: Parametres) -> RuleSet:
    """Put one file of thresholds in the place of the one that bears its identifier."""
    kept = {name: known for name, known in rules.parametres.items() if name.partition(".")[0] != book.id}
    written = {f"{book.id}.{name}": (book.texte, parametre) for name, parametre in book.parametres.items()}
    return replace(rules, parametres=kept | written)


def concernes(cas: Iterable[Cas], law: Base | Parametres, fichier: str) -> Iterator[Cas]:
    """Yield the cases that expect something of a file of law: those that name it, and those of the file of its name.

    Thresholds are read by whole computations: the cases that expect more than verdicts concern them too.
    """
    for case in cas:
        if isinstance(law, Parametres) and not SIMPLES.issuperset(case.attendu):
            yield case
            continue
        named = {n for key in ("regimes", "dispositifs") for n in case.attendu.get(key, {})}
        if law.id in named or case.fichier.with_suffix("").as_posix().endswith(fichier):
            yield case
