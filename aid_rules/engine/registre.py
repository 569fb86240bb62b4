"""The de minimis ledger of a dossier: what was received, when it leaves each window, what room there is and will be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from aid_rules.dossier import AideDeMinimis, Dossier
from aid_rules.engine.controle_de_minimis import PlafondLu, plafonds, rencontre
from aid_rules.engine.couverture import Lecture
from aid_rules.engine.facts import Faits
from aid_rules.engine.intervalles import Interval, total
from aid_rules.engine.moteur import Assessment, Engine
from aid_rules.engine.plan_lu import OCTROYEE, AideLue, de_minimis_nommees, lire
from aid_rules.language.slices import LoiDuJour
from aid_rules.language.tree import FAUX, INCONNU, VRAI
from aid_rules.law import de_minimis as loi_dm
from aid_rules.law.entreprise_unique import entreprise_unique


class Mouvement(NamedTuple):
    """One aid on the ledger: `compte` tells whether it counts today; `sort_le` is the first day it no longer does.

    `retenu` is what counts of it for the single undertaking, in cents, and `motif` why that is not the whole.
    """

    octroye_le: date | None
    montant: int | None
    reglement: str | None
    siren: str | None
    nom: str
    compte: int
    sort_le: date | None
    retenu: Interval
    motif: str = ""


class Etape(NamedTuple):
    """One day of the timeline: ceiling, aid received, room without the plan, room once the plan is granted."""

    le: date
    plafond: Interval
    recu: Interval
    reste: Interval
    reste_apres_plan: Interval


class Registre(NamedTuple):
    """One ceiling of the ledger; amounts in cents. `refusees` names the awards that do not fit, refused whole."""

    reglement: str
    intitule: str
    compte: tuple[str, ...]
    mouvements: tuple[Mouvement, ...]
    calendrier: tuple[Etape, ...]
    prevu: Interval
    refusees: tuple[str, ...]
    entreprises: tuple[str, ...]
    references: tuple[str, ...]


def registres(engine: Engine, found: Assessment) -> tuple[Registre, ...]:
    """Return the ledger, ceiling by ceiling; nothing when the dossier holds no de minimis aid at all."""
    dossier = found.dossier
    lecture = Lecture(found.evaluation, found.dispositifs)
    reread = engine.relire(dossier, found.hors_aide, found.faits)
    plan = lire(dossier, lecture, found.faits.esb, found.hors_aide, reread)
    dossier = de_minimis_nommees(dossier, plan)
    planned = [a for a in plan.prevues if a.nature == "de_minimis"]
    return tuple(_registre(engine, found, dossier, ceiling, planned) for ceiling in _utiles(found, dossier, planned))


def _utiles(found: Assessment, dossier: Dossier, planned: Sequence[AideLue]) -> Iterator[PlafondLu]:
    """Yield the ceilings that concern the dossier: planned on, already used, or met under another regulation.

    One that the plan may meet, or not, is told when it may leave less than those planned on.
    """
    own = {a.reglement for a in planned}
    through = found.loi.loi.appuis_de_minimis
    perhaps = {through[a.base][0] for a in dossier.aides or () if a.statut == OCTROYEE and a.base in through}
    ceilings = plafonds(found.evaluation, found.loi.loi, dossier, found.faits.esb)
    for ceiling in ceilings:
        used = ceiling.reglement in own or ceiling.recu_propre[0] > 0 or ceiling.reglement in perhaps
        mine = [a for a in planned if a.reglement in ceiling.compte]
        meets = rencontre(ceiling, mine) if mine else FAUX
        alone = (c.reste[0] for c in ceilings if c.reglement in own & ceiling.compte)
        if used or meets == VRAI or (meets == INCONNU and ceiling.reste[0] < min(alone, default=0)):
            yield ceiling


def _registre(
    engine: Engine, found: Assessment, dossier: Dossier, ceiling: PlafondLu, planned: Sequence[AideLue]
) -> Registre:
    jour = dossier.date_octroi
    closing = loi_dm.cloture(dossier)
    entries = []
    received = loi_dm.recues(
        dossier, found.loi.loi.parametres, ceiling.droit, found.faits.esb, found.loi.loi.appuis_de_minimis
    )
    for aide in sorted(received or (), key=lambda a: a.octroye_le or date.min):
        if aide.reglement is None or aide.reglement in ceiling.compte:
            counts = loi_dm.dans_la_fenetre(aide.octroye_le, jour, ceiling.fenetre, closing) & aide.compte
            leaves = _sortie(engine, aide.octroye_le, ceiling, jour, closing)
            linked = aide.rattachement
            entries.append(
                Mouvement(
                    aide.octroye_le,
                    aide.montant,
                    aide.reglement,
                    aide.siren,
                    aide.nom,
                    counts if aide.reglement else counts & INCONNU,
                    leaves,
                    aide.retenu,
                    linked.motif if linked else "",
                )
            )
    mine = [a for a in planned if a.reglement in ceiling.compte]
    unique = entreprise_unique(dossier.beneficiaire, jour, found.loi.loi.parametres, ceiling.droit)
    return Registre(
        ceiling.reglement,
        ceiling.intitule,
        tuple(sorted(ceiling.compte)),
        tuple(entries),
        tuple(_calendrier(engine, dossier, ceiling, entries, mine)),
        total(a.montant for a in mine),
        tuple(_refusees(mine, ceiling.reste)),
        tuple(c.nom for c in unique.composants),
        ceiling.refs,
    )


def _sortie(
    engine: Engine, octroye_le: date | None, ceiling: PlafondLu, jour: date, closing: tuple[int, int] | None
) -> date | None:
    """Return when an aid leaves the window, as the law of that later day draws it."""
    today = loi_dm.sortie(octroye_le, ceiling.fenetre, closing)
    if today is None or today <= jour:
        return today
    for day in sorted(day for day in _sorties(octroye_le, ceiling, closing) if day > jour):
        rules = next(
            (r.de_minimis for r in engine.de_minimis(day).loi.regimes if r.id == f"de_minimis.{ceiling.reglement}"), ()
        )
        window = loi_dm.Fenetre(rules[0].fenetre, rules[0].ans) if rules else ceiling.fenetre
        if loi_dm.dans_la_fenetre(octroye_le, day, window, closing) == FAUX:
            return day
    return today


def _sorties(octroye_le: date | None, ceiling: PlafondLu, closing: tuple[int, int] | None) -> set[date]:
    """Return the days on which an aid may leave the window, whichever kind of window the law then draws."""
    windows = [loi_dm.Fenetre(genre, ceiling.fenetre.ans) for genre in ("glissante", "exercices")]
    return {day for w in windows if (day := loi_dm.sortie(octroye_le, w, closing))}


def _refusees(mine: Sequence[AideLue], reste: Interval) -> Iterator[str]:
    """Yield the awards that do not fit for certain, in the order of the plan: each counts whole or not at all."""
    left = reste[1]
    for aide in mine:
        if left is not None and aide.montant[0] > left:
            yield aide.id
        elif left is not None:
            left -= aide.montant[0]


def _calendrier(
    engine: Engine, dossier: Dossier, ceiling: PlafondLu, entries: Sequence[Mouvement], mine: Sequence[AideLue]
) -> Iterator[Etape]:
    """Yield the days on which the room changes, from today until the plan itself has left the window."""
    jour, closing = dossier.date_octroi, loi_dm.cloture(dossier)
    ends = (_sortie(engine, jour, ceiling, jour, closing), *(e.sort_le for e in entries))
    last = min(max(day for day in ends if day), jour + relativedelta(years=ceiling.fenetre.ans + 1))
    aids = [jour, *(e.octroye_le for e in entries)]
    moves = {day for le in aids for day in (le, *_sorties(le, ceiling, closing)) if day}
    days = {jour, last, *(day for day in moves if jour < day <= last)}
    changes = [day for day in engine.book.changements if jour < day <= last]
    days.update(o.le for o in dossier.beneficiaire.operations or () if o.le and jour < o.le <= last)
    days.update(_changes(engine, [jour, *changes], ceiling))
    least, most = (_avec_le_plan(dossier, mine, side) for side in (0, 1))
    previous: tuple[object, ...] = ()
    for day in sorted(days):
        alone, with_most, with_least = (d.model_copy(update={"date_octroi": day}) for d in (dossier, most, least))
        reader = engine.de_minimis(day).reader
        faits = reader.read(alone)
        now = _le_jour(engine, alone, faits, ceiling)
        full = _le_jour(engine, with_most, reader.relire(faits, with_most), ceiling)
        same = least == most
        bare = full if same else _le_jour(engine, with_least, reader.relire(faits, with_least), ceiling)
        if now is None or full is None or bare is None:
            continue
        step = Etape(day, now.plafond, now.recu, now.reste, (full.reste[0], bare.reste[1]))
        if (step.plafond, step.recu, step.reste_apres_plan) != previous:
            previous = (step.plafond, step.recu, step.reste_apres_plan)
            yield step


def _avec_le_plan(dossier: Dossier, mine: Sequence[AideLue], side: int) -> Dossier:
    """Return the dossier once the plan is granted, each aid at its least (`side` 0) or at its most (1)."""
    if dossier.de_minimis is None:
        return dossier
    planned = tuple(
        AideDeMinimis.model_construct(
            octroye_le=dossier.date_octroi, montant=a.montant[side], reglement=a.reglement, deja_au_plan=False
        )
        for a in mine
    )
    return dossier.model_copy(update={"de_minimis": (*dossier.de_minimis, *planned)})


def _changes(engine: Engine, days: Sequence[date], ceiling: PlafondLu) -> Iterator[date]:
    """Yield the days on which the de minimis rules change: halves whose ends agree are not opened."""
    first, last = (_regles(engine.de_minimis(day).loi, ceiling) for day in (days[0], days[-1]))
    if len(days) < 2 or first == last:  # noqa: PLR2004
        return
    if len(days) == 2:  # noqa: PLR2004
        yield days[1]
        return
    middle = len(days) // 2
    yield from _changes(engine, days[: middle + 1], ceiling)
    yield from _changes(engine, days[middle:], ceiling)


def _regles(loi: LoiDuJour, ceiling: PlafondLu) -> list[tuple[str, object]]:
    own = [(r.id, r.de_minimis) for r in loi.regimes if r.id == f"de_minimis.{ceiling.reglement}"]
    return [*own, *((p.id, p.reglements) for p in loi.plafonds_mixtes if p.id == ceiling.reglement)]


def _le_jour(engine: Engine, dossier: Dossier, faits: Faits, ceiling: PlafondLu) -> PlafondLu | None:
    """Return the same ceiling on the day of `dossier`, whose facts are `faits`; None when there is none any more."""
    loi = engine.de_minimis(dossier.date_octroi)
    evaluation = loi.programme.run(faits.env, faits.lignes)
    found = plafonds(evaluation, loi.loi, dossier, faits.esb)
    return next((p for p in found if p.reglement == ceiling.reglement), None)
