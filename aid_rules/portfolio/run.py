"""A portfolio from end to end: read, evaluate, sum over the whole, write; interrupted, it goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from aid_rules import __version__
from aid_rules.engine.moteur import Engine
from aid_rules.faults import WorkError
from aid_rules.portfolio import de_minimis, doublons, entetes, results
from aid_rules.portfolio.columns import evaluer_table
from aid_rules.portfolio.evaluation import SEUIL, evaluer
from aid_rules.portfolio.fields import Places
from aid_rules.portfolio.flat import entete_plate, table_plate
from aid_rules.portfolio.journal import Fait, Journal, empreinte
from aid_rules.portfolio.mapping import Correspondance, devinee
from aid_rules.portfolio.morceaux import Morceau, Source
from aid_rules.portfolio.octrois import OCTROIS, a_compter, octrois
from aid_rules.portfolio.plans import plans_plats
from aid_rules.portfolio.progress import Avancement
from aid_rules.portfolio.reading import Lecteur
from aid_rules.portfolio.sources import ouvrir
from aid_rules.portfolio.writing import Tableaux, ecrire, format_de
from aid_rules.report.questions import by_path

TAILLE = 50_000
"""Rows of a piece."""

_SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "resultats": results.RESULTATS, "alertes": results.PIECE_ALERTES, "manquants": results.PIECE_MANQUANTS,
    "rejets": results.REJETS, "octrois": OCTROIS,
}  # fmt: skip


@dataclass(frozen=True)
class Bilan:
    """What a run did: `lues == traitees + rejetees`, always. `reprises` counts the pieces kept of a former run."""

    lues: int
    traitees: int
    rejetees: int
    reprises: int
    statistiques: pl.DataFrame
    fichiers: tuple[Path, ...]
    croisement: pl.DataFrame


def preparer(
    engine: Engine, entree: Path, correspondance: Correspondance | None
) -> tuple[Source, Correspondance, list[str]]:
    """Open an input with its mapping, guessed from the headers when none is given.

    Returns the columns left unread as well. Raises `WorkError`.
    """
    options = correspondance.lecture if correspondance else {}
    source = ouvrir(entree, options)
    if correspondance is None:
        if source.genre == "lignes_json":
            return source, Correspondance(), []
        correspondance, ignored = devinee(source.entetes, Places(engine.book.vocabulaire, engine.book.bases))
        if "date_octroi" not in correspondance.colonnes:
            raise WorkError(
                f"{entree} : aucune colonne « date_octroi ». Dites quelles colonnes portent quoi : "
                "« aid-rules portefeuille --modele > correspondance.yaml », remplissez, puis --correspondance."
            )
        return source, correspondance, [*ignored, *(f"« {name} » (à aplatir)" for name in source.imbriquees)]
    if source.genre == "lignes_json" and not correspondance.colonnes:
        unread = ["valeurs"] * bool(correspondance.valeurs) + ["lecture: dates"] * ("dates" in correspondance.lecture)
        if unread:
            said = " et ".join(f"« {name} »" for name in unread)
            raise WorkError(f"{entree} : {said} ne sert qu'avec « colonnes » ; ces lignes sont des dossiers entiers.")
    if source.genre != "lignes_json":
        wanted = (*correspondance.colonnes.values(), correspondance.identifiant)
        for name, kind in source.imbriquees.items():
            if name in wanted:
                raise WorkError(f"colonne « {name} » : ce type de colonne ({kind}) ne se lit pas ici ; aplatissez-la")
        named = {name for name in wanted if name}
        line = None if named <= {*source.entetes} else entetes.ligne(source, named)
        if line is not None:
            raise WorkError(
                f"{entree} : les en-têtes sont à la ligne {line} ; supprimez ce qui les précède, puis relancez."
            )
        Lecteur(engine, correspondance).verifier(source.entetes)
    return source, correspondance, []


def cle(engine: Engine, correspondance: Correspondance) -> str:
    """Return what results depend on besides the rows: rules, program, mapping."""
    said = json.dumps(vars(correspondance), sort_keys=True, default=str)
    return hashlib.sha256(f"{__version__}:{engine.book.empreinte}:{said}".encode()).hexdigest()


class Adaptation(Protocol):
    """A published table that is no table of dossiers: turned into one, then completed with what it alone shows."""

    def traduire(self, morceau: Morceau) -> Morceau:
        """Turn a piece of the published table into one that the mapping reads."""

    def completer(self, morceau: Morceau, parties: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
        """Complete the parts of the translated piece."""


def traiter_morceau(
    engine: Engine, lecteur: Lecteur, morceau: Morceau, adaptation: Adaptation | None = None
) -> dict[str, pl.DataFrame]:
    """Evaluate one piece; return its parts."""
    if adaptation is not None:
        morceau = adaptation.traduire(morceau)
        return adaptation.completer(morceau, traiter_morceau(engine, lecteur, morceau))
    lus = lecteur.lire(morceau)
    table = table_plate(lecteur, lus) if len(lus.lignes) >= SEUIL else None
    if table is None or lus.table is None:
        dossiers = lecteur.dossiers(lus)
        head, verdicts = results.entete(dossiers), evaluer(engine, dossiers)
        awards = octrois(engine, dossiers, lus.lignes, lus.identifiants)
    else:
        head = entete_plate(lus.table)
        verdicts = evaluer_table(engine, table, plans_plats(lus.table), lambda ranks: lecteur.dossiers(lus, ranks))
        ranks = a_compter(engine, head).arg_true().to_list()
        lines, names = [lus.lignes[r] for r in ranks], [lus.identifiants[r] for r in ranks]
        awards = octrois(engine, lecteur.dossiers(lus, ranks), lines, names)
    return {
        "resultats": results.resultats(lus, head, verdicts),
        "alertes": results.alertes(lus, verdicts),
        "manquants": results.manquants(lus, verdicts),
        "rejets": results.rejets(lus.rejets),
        "octrois": awards,
    }


def bilan_de(numero: int, digest: str, parties: Mapping[str, pl.DataFrame], lues: int) -> Fait:
    """Return the counts of a piece. Raises `WorkError` when they do not add up: better nothing than a row lost."""
    done, aside = parties["resultats"].height, parties["rejets"].height
    if done + aside != lues:
        raise WorkError(
            f"morceau {numero} : {lues} lignes lues, {done} traitées et {aside} rejetées ; rien n'est écrit"
        )
    return Fait(numero, digest, lues, done, aside)


def traiter(
    engine: Engine,
    source: Source,
    correspondance: Correspondance,
    sortie: Path,
    avancement: Avancement,
    taille: int = TAILLE,
    adaptation: Adaptation | None = None,
) -> Bilan:
    """Run a whole portfolio on this machine. Raises `WorkError`; the work done so far is kept for the next run."""
    format_de(sortie)
    journal = Journal(sortie)
    journal.ouvrir()
    lecteur = Lecteur(engine, correspondance)
    key = f"{cle(engine, correspondance)}:{taille}"
    done: list[Fait] = []
    kept = 0
    try:
        for morceau in source.morceaux(taille):
            digest = empreinte(morceau, key)
            fait = journal.tient(morceau.numero, digest)
            if fait is None:
                parties = traiter_morceau(engine, lecteur, morceau, adaptation)
                fait = bilan_de(morceau.numero, digest, parties, morceau.lues)
                journal.noter(fait, parties)
            else:
                kept += 1
            done.append(fait)
            avancement(morceau.avance, sum(f.lues for f in done))
    finally:
        journal.lacher()
    return conclure(engine, journal, done, sortie, kept)


def conclure(engine: Engine, journal: Journal, done: list[Fait], sortie: Path, kept: int) -> Bilan:
    """Sum over the whole portfolio, write the outputs, and remove the work folder."""
    numbers = sorted(f.numero for f in done)
    read: Callable[[str], pl.LazyFrame] = lambda name: journal.lire(name, numbers, _SCHEMAS[name])  # noqa: E731
    sums = de_minimis.depassements(read("octrois"))
    extra = pl.concat([sums, doublons.alertes(read("resultats"), read("rejets"))])
    found = results.avec_alertes(read("resultats"), extra)
    alerts = pl.concat([read("alertes"), extra.lazy()])
    missing = read("manquants")
    stats = results.statistiques(found, alerts, missing)
    questions = by_path(engine.book.vocabulaire)
    asked = {path: fact.questions.get(path, fact.question) for path, fact in questions.items()}
    table = pl.LazyFrame(
        {"chemin": list(asked), "question": list(asked.values())}, {"chemin": pl.String, "question": pl.String}
    )
    shown = missing.join(table, on="chemin", how="left", maintain_order="left")
    rules = f"Règles {__version__}, empreinte {engine.book.empreinte[:12]}."
    files = ecrire(sortie, Tableaux(found, alerts, shown, stats, read("rejets"), rules))
    total = Bilan(
        sum(f.lues for f in done),
        sum(f.traitees for f in done),
        sum(f.rejetees for f in done),
        kept,
        stats,
        tuple(files),
        results.croiser(found),
    )
    journal.fermer()
    return total
