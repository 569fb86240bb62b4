"""The rules site: static pages of the whole ruleset, each basis at each date, its history, its references, search."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from aid_rules import __version__
from aid_rules.assessment import AVERTISSEMENT
from aid_rules.engine.moteur import Engine
from aid_rules.faults import WorkError
from aid_rules.language.references import numero
from aid_rules.language.slices import LAST, LoiDuJour, RegimeDuJour
from aid_rules.report import libelles as mots
from aid_rules.report.html import GABARITS, environnement
from aid_rules.report.site_regles import Periode, Regles, Section

COMMUN = "regles_communes"


@dataclass
class Page:
    """The page of one basis, its periods oldest first."""

    id: str
    intitule: str
    genre: str
    texte: str
    article: str
    verifie_le: date | None
    periodes: list[Periode]

    @property
    def fichier(self) -> str:
        """Return the name of its file."""
        return f"{self.id}.html"

    @property
    def cherche(self) -> str:
        """Return the words that find it."""
        return " ".join([self.id, self.intitule, self.texte, *self.periodes[-1].textes()]).lower()


def ecrire(engine: Engine, sortie: Path) -> int:
    """Write the site in the folder `sortie`, which must be empty or hold a former site; return the count of pages.

    Raises `WorkError` when the folder holds something else, or cannot be written.
    """
    _preparer(sortie)
    pages = lire(engine)
    env = environnement()
    common: dict[str, Any] = {
        "mots": mots,
        "avertissement": AVERTISSEMENT,
        "version": __version__,
        "empreinte": engine.book.empreinte,
        "dernier": LAST,
    }
    (sortie / "index.html").write_text(
        env.get_template("site_index.html").render(
            titre="Les règles des aides d'État", groupes=_groupes(pages), **common
        ),
        encoding="utf-8",
    )
    for page in pages:
        text = env.get_template("site_page.html").render(titre=page.intitule, page=page, **common)
        (sortie / page.fichier).write_text(text, encoding="utf-8")
    facts = sorted(engine.book.vocabulaire.faits.values(), key=lambda f: f.nom)
    text = env.get_template("site_faits.html").render(titre="Les faits et leurs questions", faits=facts, **common)
    (sortie / "faits.html").write_text(text, encoding="utf-8")
    for name in ("piece.css", "site.css", "site.js"):
        shutil.copyfile(GABARITS / name, sortie / name)
    return len(pages) + 2


def _preparer(sortie: Path) -> None:
    try:
        sortie.mkdir(parents=True, exist_ok=True)
        strangers = [p.name for p in sortie.iterdir() if p.suffix not in (".html", ".css", ".js")]
    except OSError as error:
        raise WorkError(f"{sortie} : dossier inutilisable ({error.strerror})") from None
    if strangers:
        raise WorkError(f"{sortie} contient autre chose qu'un site ({strangers[0]}) : donnez un dossier vide.")


def lire(engine: Engine) -> list[Page]:
    """Return the pages of the ruleset: the common rules first, then the bases and schemes."""
    writer = Regles(engine)
    pages: dict[str, Page] = {}
    for loi in _lois(engine):
        _ajouter(pages, COMMUN, "Règles communes", writer.commun(loi), loi, None)
        for base in (*loi.regimes, *loi.dispositifs):
            _ajouter(pages, base.id, base.intitule, writer.base(base, loi), loi, base)
    for page in pages.values():
        page.periodes = _comparer(page.periodes)
    texts = engine.book.textes
    for page in pages.values():
        page.texte = texts[page.texte].titre if page.texte in texts else page.texte
    return list(pages.values())


def _lois(engine: Engine) -> Iterator[LoiDuJour]:
    for day in engine.book.changements:
        yield engine.library.law(day)[0]


def _ajouter(
    pages: dict[str, Page],
    name: str,
    intitule: str,
    sections: tuple[Section, ...],
    loi: LoiDuJour,
    base: RegimeDuJour | None,
) -> None:
    """Add the state of a basis over one period, merged with the period before when nothing changed."""
    page = pages.setdefault(name, Page(name, intitule, "commun", "", "", None, []))
    if base is not None:
        page.intitule, page.genre, page.texte = base.intitule, base.genre, base.texte
        page.article, page.verifie_le = numero(base.article), base.verifie_le
    last = page.periodes[-1] if page.periodes else None
    if last and last.sections == sections and last.intitule == intitule and (loi.du - last.au).days == 1:
        page.periodes[-1] = replace(last, au=loi.au)
    elif sections or last:
        page.periodes.append(Periode(loi.du, loi.au, intitule, sections))


def _comparer(periodes: Iterable[Periode]) -> list[Periode]:
    """Tell each period from the one before."""
    found: list[Periode] = []
    for periode in periodes:
        if found:
            before, after = found[-1].textes(), periode.textes()
            added = tuple(t for t in after if t not in before)
            gone = tuple(t for t in before if t not in after)
            found.append(replace(periode, ajouts=added, retraits=gone))
        else:
            found.append(periode)
    return found


def _groupes(pages: Iterable[Page]) -> list[tuple[str, list[Page]]]:
    names = {"commun": "Règles communes", "regime": "Bases légales", "dispositif": "Dispositifs"}
    found = list(pages)
    return [(title, [p for p in found if p.genre == kind and p.periodes]) for kind, title in names.items()]
