"""What de minimis aid counts against a ceiling on the day of a new award (1407/2013 and 2023/2831, article 3).

Amounts are cents. What is not known widens the result: nothing unknown is taken for zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

from dateutil.relativedelta import relativedelta

from aid_rules.dossier import Aide, AideDeMinimis, Dossier
from aid_rules.law.base import FAUX, INCONNU, VRAI, Parametres, Question
from aid_rules.law.doublons import PREFIXE, Double, doubles, reglement_de
from aid_rules.law.entreprise_unique import entreprise_unique
from aid_rules.law.rattachement import Part, Perimetre, Rattachement, rattacher


class Recue(NamedTuple):
    """One aid received: None for what the dossier does not say; `nom` is its name in the plan, when it stands there.

    `rattachement` tells what counts of it for the single undertaking; all of it when absent.
    """

    octroye_le: date | None
    montant: int | None
    reglement: str | None
    siren: str | None = None
    nom: str = ""
    rattachement: Rattachement | None = None

    @property
    def retenu(self) -> Part:
        """Return what counts of it, in cents, before any window."""
        return self.rattachement.part if self.rattachement else (self.montant or 0, self.montant)

    @property
    def compte(self) -> int:
        """Tell whether some of it counts, before any window: VRAI, FAUX, or INCONNU."""
        return self.rattachement.compte if self.rattachement else VRAI


class Fenetre(NamedTuple):
    """A window: `glissante` over `ans` years, or the current financial year and the `ans - 1` before it."""

    genre: Literal["exercices", "glissante"]
    ans: int


AppuisDeMinimis = Mapping[str, tuple[str, bool]]
"""Schemes that may rest on a de minimis regulation: which one, and whether on nothing else."""

_NON_PUBLICS = frozenset({"prive", "union_directe"})


def recues(
    dossier: Dossier,
    parametres: Parametres,
    reglement: str,
    esb: Mapping[str, Part] | None = None,
    appuis: AppuisDeMinimis | None = None,
) -> list[Recue] | None:
    """Return the de minimis aids that the dossier declares as received; None when it says nothing of any.

    Aids of the financing plan already granted on a de minimis basis count with them, once: an entry that repeats an
    aid of the plan is left to the plan. `reglement` is the one whose ceiling is followed; `parametres` are the day's;
    `esb` is the grant equivalent of the aids of the plan. When only the plan tells of aids, others may stand beside.
    What was granted through a scheme counts as `appuis` says: perhaps, when the scheme also rests on something else.
    """
    read = nommer(dossier, appuis or {}, [a for a in dossier.aides or () if a.statut == "octroyee"])
    named, repeated, perhaps = read.dossier, read.doubles, read.peut_etre
    entries = dossier.de_minimis or ()
    same = {double.aide: entries[double.rang] for double in repeated.values() if double.certain}
    granted = []
    for rank, aide in enumerate(named.aides or ()):
        if aide.statut == "octroyee" and reglement_de(aide):
            one = _du_plan(aide, same.get(aide.id), (esb or {}).get(aide.id))
            granted.append(_peut_etre(one, (dossier.aides or ())[rank], rank) if aide.id in perhaps else one)
    if dossier.de_minimis is None:
        return [*granted, Recue(None, None, None)] if granted else None
    found = []
    perimetre: Perimetre | None = None
    for rank, entry in enumerate(entries):
        double = repeated.get(rank)
        if double is not None and double.certain:
            continue
        linked = None
        if entry.siren is not None or entry.apres_scission is not None:
            perimetre = perimetre or perimetre_de(dossier, parametres, reglement)
            linked = rattacher(entry, rank, perimetre)
        if double is not None:
            linked = double.incertaine(linked, entry.montant)
        found.append(Recue(entry.octroye_le, entry.montant, entry.reglement, entry.siren, rattachement=linked))
    return found + granted


class Nommees(NamedTuple):
    """A dossier whose aids granted through a scheme stand under the de minimis regulation that it may rest on.

    `peut_etre` names those that may as well rest on something else; `doubles` are the aids received that repeat one.
    """

    dossier: Dossier
    doubles: dict[int, Double]
    peut_etre: frozenset[str]


def nommer(dossier: Dossier, appuis: AppuisDeMinimis, aides: Iterable[Aide]) -> Nommees:
    """Put some aids of the plan, those of public funders, under the de minimis regulation that their scheme rests on.

    An aid received that is the same for certain says under what it was granted; one that only looks like it does not.
    """
    public = [a for a in aides if a.financeur.type not in _NON_PUBLICS]
    through = {a.id: appuis[a.base] for a in public if a.base is not None and a.base in appuis}
    named = dossier
    if through:
        bases = {name: f"{PREFIXE}{reglement}" for name, (reglement, _) in through.items()}
        put = tuple(a.model_copy(update={"base": bases.get(a.id, a.base)}) for a in dossier.aides or ())
        named = dossier.model_copy(update={"aides": put})
    repeated = doubles(named)
    same = {double.aide for double in repeated.values() if double.certain}
    perhaps = frozenset(name for name, (_, sure) in through.items() if not sure and name not in same)
    return Nommees(named, {r: double for r, double in repeated.items() if double.aide not in perhaps}, perhaps)


def _peut_etre(recue: Recue, aide: Aide, rang: int) -> Recue:
    """Return an aid granted through a scheme that also rests on something else: counted perhaps, and asked."""
    base = f"{PREFIXE}{recue.reglement}"
    motif = f"l'aide « {aide.id} » du plan, octroyée par {aide.base}, relève peut-être de {base}"
    text = f"L'aide « {aide.id} » a-t-elle été octroyée sous {base}, ou sous une autre base de {aide.base} ?"
    linked = Rattachement(INCONNU, (0, recue.retenu[1]), motif, questions=(Question(f"aides[{rang}].base", text),))
    return recue._replace(rattachement=linked)


def _du_plan(aide: Aide, meme: AideDeMinimis | None, esb: Part | None) -> Recue:
    """Return an aid of the plan already granted, in grant equivalent; `meme` is the entry that repeats it.

    A loan counts for its grant equivalent, which its nominal amount bounds.
    """
    day = aide.octroyee_le or (meme.octroye_le if meme else None)
    told = aide.esb if aide.esb is not None else meme.montant if meme else None
    if told is not None:
        return Recue(day, told, reglement_de(aide), nom=aide.id)
    low, high = esb or ((aide.montant or 0) if aide.forme in {None, "subvention"} else 0, aide.montant)
    linked = None if low == high else Rattachement(VRAI, (low, high))
    return Recue(day, high, reglement_de(aide), nom=aide.id, rattachement=linked)


def perimetre_de(dossier: Dossier, parametres: Parametres, reglement: str) -> Perimetre:
    """Return the single undertaking of the beneficiary on the day of the dossier, under one regulation."""
    jour = dossier.date_octroi
    unique = entreprise_unique(dossier.beneficiaire, jour, parametres, reglement)
    return Perimetre(dossier.beneficiaire, unique, jour, reglement)


def cloture(dossier: Dossier) -> tuple[int, int] | None:
    """Return the month and day on which the last financial year closed; None when unknown."""
    years = dossier.beneficiaire.exercices or ()
    last = next((year.clos_le for year in years if year.clos_le), None)
    return (last.month, last.day) if last else None


def dans_la_fenetre(octroye_le: date | None, jour: date, fenetre: Fenetre, clos: tuple[int, int] | None) -> int:
    """Tell whether an aid of that day counts on `jour`: VRAI, FAUX, or INCONNU.

    A rolling window holds the days after the same day `ans` years before. Without the closing date of the financial
    year, an aid counts for certain when any financial year would hold it.
    """
    if octroye_le is None:
        return INCONNU
    if octroye_le > jour:
        return FAUX
    if fenetre.genre == "glissante":
        return VRAI if octroye_le > _avant(jour, fenetre.ans) else FAUX
    if clos is None:
        if octroye_le + relativedelta(years=fenetre.ans - 1) >= jour:
            return VRAI
        return INCONNU if octroye_le > _avant(jour, fenetre.ans) else FAUX
    return VRAI if octroye_le > _avant(_debut_exercice(jour, clos), fenetre.ans - 1) else FAUX


def sortie(octroye_le: date | None, fenetre: Fenetre, clos: tuple[int, int] | None) -> date | None:
    """Return the first day on which an aid no longer counts for certain; None when its day is unknown."""
    if octroye_le is None:
        return None
    if fenetre.genre == "exercices" and clos is not None:
        day = _debut_exercice(octroye_le, clos) + relativedelta(years=fenetre.ans)
    else:
        day = octroye_le + relativedelta(years=fenetre.ans)
    while dans_la_fenetre(octroye_le, day, fenetre, clos) != FAUX:
        day += timedelta(days=1)
    return day


@lru_cache(maxsize=1024)
def _avant(jour: date, ans: int) -> date:
    return jour - relativedelta(years=ans)


@lru_cache(maxsize=1024)
def _debut_exercice(jour: date, clos: tuple[int, int]) -> date:
    """Return the last day before the financial year of `jour`."""
    month, day = clos
    closing = jour + relativedelta(month=month, day=day)
    return closing if closing < jour else closing + relativedelta(years=-1, day=day)


def total(
    aides: Iterable[Recue] | None,
    jour: date,
    fenetre: Fenetre,
    comptes: frozenset[str],
    clos: tuple[int, int] | None,
) -> tuple[int, int | None]:
    """Return the least and greatest sum of the aids that count; (0, None) when the dossier says nothing of them."""
    if aides is None:
        return (0, None)
    low = 0
    high: int | None = 0
    for aide in aides:
        counts = dans_la_fenetre(aide.octroye_le, jour, fenetre, clos)
        counts &= INCONNU if aide.reglement is None else VRAI if aide.reglement in comptes else FAUX
        counts &= aide.compte
        if counts == FAUX:
            continue
        least, most = aide.retenu
        if counts == VRAI:
            low += least
        high = None if high is None or most is None else high + most
    return (low, high)
