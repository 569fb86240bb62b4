"""Every figure of the rules looked up in the provision it cites, in each version of the text it applies under.

The figures of each provision stand in `rulesets/citations/`, one file per version of a text: path of the provision →
figures separated by « ; », nothing when it holds none, null when it was deleted, `comme` when the version has the same
figures as another.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

from aid_rules.faults import Fault, WorkError, nearest
from aid_rules.language.chiffres import LIBRE, Chiffre, chiffres
from aid_rules.language.loader import RuleSet
from aid_rules.language.places import rulesets
from aid_rules.language.positions import Document
from aid_rules.language.vies import FIN, Vie, completes, entrees

Statut = Literal["prouvee", "expliquee", "non_verifiable", "faute"]

_AUTRES = (" %", " EUR", " points", " pb")


@cache
def _provisions(folder: Path, stem: str) -> Mapping[str, str | None]:
    path = folder / f"{stem}.json"
    try:
        found: dict[str, str | None] = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise WorkError(f"{path} : chiffres des textes illisibles ({error})") from None
    return _provisions(folder, str(found["comme"])) if "comme" in found else found


def _holder(folders: Sequence[Path], stem: str) -> Path:
    """Return the first folder that holds the figures of a version, by default the last."""
    return next((folder for folder in folders if (folder / f"{stem}.json").is_file()), folders[-1])


@dataclass(frozen=True, slots=True)
class VersionTexte:
    """One version of a text: when it is in force, and its provisions (None when they are not held)."""

    vie: Vie
    provisions: Mapping[str, str | None] | None

    def chiffres(self, chemin: str) -> tuple[str, ...] | None:
        """Return the figures of a provision; None when it does not exist in that version."""
        found = (self.provisions or {}).get(chemin)
        return None if found is None else tuple(found.split("; ")) if found else ()


class Textes:
    """The versions of each text, with the figures of their provisions."""

    def __init__(self, rules: RuleSet, folder: Path | None = None) -> None:
        books = [Path(d.file).parent / "citations" for d in rules.documents.values() if d.data["genre"] == "textes"]
        folders = (folder,) if folder else (*books, rulesets() / "citations")
        self._versions: dict[str, tuple[VersionTexte, ...]] = {}
        for texte in rules.textes.values():
            starts = [v.du for v in texte.versions]
            ends = [start - timedelta(days=1) for start in starts[1:]] + [texte.fin or FIN][: len(starts)]
            self._versions[texte.id] = tuple(
                VersionTexte(
                    Vie(v.du, end), _provisions(_holder(folders, v.citations), v.citations) if v.citations else None
                )
                for v, end in zip(texte.versions, ends, strict=True)
            )

    def versions(self, texte: str, vie: Vie | None = None) -> tuple[VersionTexte, ...]:
        """Return the versions of a text, in force on some day of `vie` when given."""
        return tuple(v for v in self._versions.get(texte, ()) if vie is None or v.vie.avec(vie))

    def tenu(self, texte: str) -> bool:
        """Tell whether the figures of a text are held."""
        return any(v.provisions is not None for v in self._versions.get(texte, ()))

    def le(self, ref: str, jour: date) -> tuple[str, ...] | None:
        """Return the figures of a provision on a day; None when it does not exist then."""
        texte, _, chemin = ref.partition(":")
        version = next((v for v in self._versions.get(texte, ()) if v.vie.contient(jour)), None)
        return version.chiffres(chemin) if version else None


@dataclass(frozen=True, slots=True)
class Verification:
    """One figure and what became of it."""

    chiffre: Chiffre
    statut: Statut
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Bilan:
    """All the figures, by outcome; `fautes` also holds the references that lead to no provision."""

    verifications: tuple[Verification, ...]
    references: int
    fautes: tuple[Fault, ...] = field(default=())

    def de(self, statut: Statut) -> tuple[Verification, ...]:
        """Return the figures of one outcome."""
        return tuple(v for v in self.verifications if v.statut == statut)

    @property
    def prouvees(self) -> tuple[Verification, ...]:
        """Return the figures found in their provision."""
        return self.de("prouvee")

    @property
    def expliquees(self) -> tuple[Verification, ...]:
        """Return the figures that `lecture` explains."""
        return self.de("expliquee")

    @property
    def non_verifiables(self) -> tuple[Verification, ...]:
        """Return the figures of texts whose figures are not held."""
        return self.de("non_verifiable")


def verifier_citations(rules: RuleSet, folder: Path | None = None) -> Bilan:
    """Look every figure up. `folder` holds the figures of the texts.

    By default they are sought in `citations/`, beside the file that declares the texts, then in the shipped rules.
    Raises `WorkError` when they cannot be read.
    """
    textes = Textes(rules, folder)
    found = tuple(_verifier(chiffre, textes) for chiffre in chiffres(rules))
    missing, count = _references(rules, textes)
    return Bilan(found, count, (*(v.fault for v in found if v.fault), *missing))


def _verifier(chiffre: Chiffre, textes: Textes) -> Verification:
    refs = chiffre.refs[:1] if chiffre.principal else chiffre.refs
    held = [ref for ref in refs if textes.tenu(ref.partition(":")[0])]
    if not held:
        return Verification(chiffre, "non_verifiable")
    statut: Statut = "prouvee"
    for jour in _jours(held, chiffre.vie, textes):
        known = [ref for ref in held if textes.le(ref, jour) is not None]
        if any(holds(textes.le(ref, jour) or (), chiffre.formes) for ref in known):
            continue
        if len(held) < len(refs):
            statut = "non_verifiable" if statut == "prouvee" else statut
        elif known and chiffre.lecture:
            statut = "expliquee"
        else:
            message = _message(chiffre, known, held, jour, textes)
            return Verification(chiffre, "faute", chiffre.document.fault(message, chiffre.steps))
    return Verification(chiffre, statut)


def _jours(refs: Iterable[str], vie: Vie, textes: Textes) -> list[date]:
    """Return the first day of each period in which no cited text changes, within `vie`."""
    lives = [v.vie.avec(vie) for ref in refs for v in textes.versions(ref.partition(":")[0], vie)]
    return sorted({life.du for life in lives if life}) or [vie.du]


def holds(figures: Iterable[str], formes: Iterable[str]) -> bool:
    """Tell whether a provision holds a figure in one of its forms."""
    figures = tuple(figures)
    for forme in formes:
        if not forme.endswith(LIBRE):
            if forme in figures:
                return True
            continue
        number = forme.removesuffix(LIBRE)
        if any(g == number or (g.startswith(f"{number} ") and not g.endswith(_AUTRES)) for g in figures):
            return True
    return False


def _message(chiffre: Chiffre, known: list[str], held: list[str], jour: date, textes: Textes) -> str:
    if not known:
        texte, _, chemin = held[0].partition(":")
        version = next((v for v in textes.versions(texte) if v.vie.contient(jour)), None)
        if version is None:
            return f"{chiffre.texte} : le texte « {texte} » n'est pas en vigueur le {jour}"
        return f"{chiffre.texte} : {_absente(chemin, version)}"
    texte, _, chemin = known[0].partition(":")
    version = next(v for v in textes.versions(texte) if v.vie.contient(jour))
    inside = ", ".join(textes.le(known[0], jour) or ()) or "aucun chiffre"
    near = _voisines(version, chemin, chiffre.formes)
    help_ = f" ; ce chiffre est au {' et au '.join(near)}" if near else ""
    return (
        f"{chiffre.texte} n'est pas dans {texte}:{chemin}, version du {version.vie.du} ({inside}){help_} ; "
        "corrigez le chiffre ou la référence, ou dites pourquoi dans « lecture: »"
    )


def _absente(chemin: str, version: VersionTexte) -> str:
    provisions = version.provisions or {}
    if chemin in provisions:
        return f"la disposition {chemin} est supprimée dans la version du {version.vie.du}"
    return (
        f"la disposition {chemin} n'existe pas dans la version du {version.vie.du}"
        f"{nearest(chemin, (p for p in provisions if p.partition('(')[0] == chemin.partition('(')[0]))}"
    )


def _voisines(version: VersionTexte, chemin: str, formes: tuple[str, ...]) -> list[str]:
    """Return the deepest provisions of the same article that hold the figure, nearest first, three at most."""
    article = chemin.partition("(")[0]
    here = [
        p
        for p, figures in (version.provisions or {}).items()
        if p.partition("(")[0] == article and p != chemin and figures and holds(figures.split("; "), formes)
    ]
    deepest = [p for p in here if not any(q != p and q.startswith(p + "(") for q in here)]
    return sorted(deepest, key=lambda p: (-_common(p, chemin), len(p), p))[:3]


def _common(a: str, b: str) -> int:
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _references(rules: RuleSet, textes: Textes) -> tuple[list[Fault], int]:
    """Check that each reference leads to a provision: the first on every date, the others on one at least."""
    faults: list[Fault] = []
    count = 0
    for entree in entrees(rules):
        if entree.vie is None:
            continue
        for index, ref in enumerate(entree.refs):
            texte, _, chemin = ref.partition(":")
            if not textes.tenu(texte):
                continue
            count += 1
            versions = textes.versions(texte, entree.vie)
            lost = [v for v in versions if v.chiffres(chemin) is None]
            if lost and (index == 0 or len(lost) == len(versions)):
                faults.append(entree.document.fault(_absente(chemin, lost[0]), (*entree.steps, "ref")))
    for fact in {(d.fichier, d.ligne): d for d in rules.vocabulaire.faits.values()}.values():
        for ref in completes(fact.ref, "rgec"):
            texte, _, chemin = ref.partition(":")
            if not textes.tenu(texte):
                continue
            count += 1
            versions = textes.versions(texte)
            if all(chemin not in (v.provisions or {}) for v in versions):
                place = Document(None, {(): (fact.ligne, 1)}, fact.fichier)
                faults.append(place.fault(f"fait « {fact.nom} » : {_absente(chemin, versions[-1])}"))
    return faults, count
