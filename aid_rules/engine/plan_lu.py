"""The financing plan as the checks read it: each aid with its amount, its lines, its nature and the law it obeys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Literal, NamedTuple

from aid_rules.dossier import Aide, Dossier
from aid_rules.engine.appuis import HORS_AIDE
from aid_rules.engine.couverture import Lecture, est_de_minimis, portee
from aid_rules.engine.faits_aides import PRIVE
from aid_rules.engine.intervalles import UNKNOWN, Interval
from aid_rules.language.tree import FAUX, VRAI
from aid_rules.law.cumul import AideSurCouts

OCTROYEE = "octroyee"
UNION = "union_directe"
REGION = "region"

Nature = Literal["etat", "de_minimis", "hors_aide", "union"]
Relire = Callable[[tuple[Aide, ...], date], Lecture]
"""Reads the law of a day for some aids, taken as planned."""


class AideLue(NamedTuple):
    """One public aid of the plan.

    `floue` when its lines are not told: it may fall on any; `lecture` is the law that judges it, of its own award day
    when it is already granted.
    """

    aide: Aide
    montant: Interval
    lignes: frozenset[str]
    floue: bool
    identifiable: bool
    nature: Nature
    reglement: str
    lecture: Lecture

    @property
    def id(self) -> str:
        """Return the name of the aid."""
        return self.aide.id

    @property
    def base(self) -> str | None:
        """Return the basis of the aid."""
        return self.aide.base

    @property
    def octroyee(self) -> bool:
        """Tell whether the aid is already granted."""
        return self.aide.statut == OCTROYEE

    def sur_ses_couts(self) -> AideLue:
        """Return the aid on the lines that its basis serves: it can fund no other."""
        return self._replace(lignes=portee(self.lecture, self.base, self.lignes))

    def sur_couts(self) -> AideSurCouts:
        """Return the aid as the cumulation arithmetic reads it."""
        return AideSurCouts(self.id, self.montant, self.lignes)


class PlanLu(NamedTuple):
    """The plan: its aids, the costs of its lines in cents, and today's law."""

    aides: tuple[AideLue, ...]
    couts: Mapping[str, Interval]
    lecture: Lecture
    jour: date

    @property
    def prevues(self) -> list[AideLue]:
        """Return the aids still to be granted, Union funds aside."""
        return [a for a in self.aides if not a.octroyee and a.nature != "union"]


def lire(
    dossier: Dossier, lecture: Lecture, esb: Mapping[str, Interval], hors_aide: int, relire: Relire | None = None
) -> PlanLu:
    """Read the plan of a dossier; `relire` gives the law of an aid that today's reading does not judge alone."""
    lines = frozenset(c.id for c in dossier.projet.couts or ())
    amounts = {c.id: UNKNOWN if c.montant is None else (c.montant, c.montant) for c in dossier.projet.couts or ()}
    public = [a for a in dossier.aides or () if a.financeur.type not in PRIVE or a.financeur.type == UNION]
    readings = dict(_lectures(public, dossier, lecture, relire))
    found = []
    for aide in public:
        reading = readings[aide.id]
        mine = frozenset(aide.couts) & lines if aide.couts else lines
        nature, reglement = nature_de(aide, mine, reading, hors_aide)
        found.append(
            AideLue(
                aide,
                esb[aide.id],
                mine,
                aide.couts is None,
                aide.couts != (),
                nature,
                reglement,
                reading,
            )
        )
    return PlanLu(tuple(found), amounts, lecture, dossier.date_octroi)


def _lectures(
    aides: Iterable[Aide], dossier: Dossier, lecture: Lecture, relire: Relire | None
) -> Iterable[tuple[str, Lecture]]:
    """Yield the reading of each aid: its own day when granted before, with the aids of its basis otherwise."""
    public = list(aides)
    planned = tuple(a for a in public if a.statut != OCTROYEE and a.financeur.type != UNION)
    seen: dict[str | None, Lecture] = {}
    for aide in public:
        if relire is None or aide.base is None or aide.financeur.type == UNION:
            yield aide.id, lecture
        elif aide.statut == OCTROYEE:
            day = aide.octroyee_le or dossier.date_octroi
            yield aide.id, relire((aide,), day) if day < dossier.date_octroi else lecture
        else:
            if aide.base not in seen:
                mine = tuple(a for a in planned if a.base == aide.base)
                seen[aide.base] = lecture if len(mine) == len(planned) else relire(mine, dossier.date_octroi)
            yield aide.id, seen[aide.base]


def de_minimis_nommees(dossier: Dossier, plan: PlanLu) -> Dossier:
    """Return the dossier with each granted aid whose scheme rests on a de minimis regulation put under it."""
    rests = {a.id: f"de_minimis.{a.reglement}" for a in plan.aides if a.octroyee and a.nature == "de_minimis"}
    named = tuple(a.model_copy(update={"base": rests.get(a.id, a.base)}) for a in dossier.aides or ())
    return dossier.model_copy(update={"aides": named})


def nature_de(aide: Aide, lignes: frozenset[str], lecture: Lecture, hors_aide: int) -> tuple[Nature, str]:
    """Return what an aid counts as, and its de minimis regulation."""
    if aide.financeur.type == UNION:
        return "union", ""
    if aide.base is not None and est_de_minimis(aide.base):
        return "de_minimis", aide.base.partition(".")[2]
    if hors_aide == VRAI:
        return "hors_aide", ""
    supports = lecture.appuis(aide.base, lignes) if aide.base is not None else {}
    bases = [name for name, status in supports.items() if status != FAUX and name != HORS_AIDE]
    if bases and all(map(est_de_minimis, bases)):
        return "de_minimis", bases[0].partition(".")[2]
    return "etat", ""
