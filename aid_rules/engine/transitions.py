"""What another version of the RGEC would allow: a possibility to be weighed, never the verdict (article 58).

- 58(1): a later version covers an earlier individual aid that meets all its conditions, publication aside.
- 58(5): a scheme exempted under the former version keeps it for six months after an amendment.
- 58(4): a scheme exempted when the Regulation ends keeps its exemption for six months; not one born after that.

The dossier keeps its own award date: only the rules are those of the other version.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from aid_rules.dossier import Dossier
from aid_rules.engine.exact import RegimeEvalue
from aid_rules.engine.moteur import Assessment, Engine
from aid_rules.language.tree import FAUX, VRAI

TEXTE = "rgec"
_MOIS = 6
_DEPUIS = date(2017, 7, 10)
"""Paragraph 5 exists from the amendment of 2017."""


class Possibilite(NamedTuple):
    """One basis that another version treats better: its verdict there, rate (basis points) and amount (cents)."""

    base: str
    version: date
    disposition: str
    verdict: int
    taux: int | None
    montant: int | None
    motif: str


def possibilites(engine: Engine, found: Assessment) -> tuple[Possibilite, ...]:
    """Return what the other versions that article 58 opens would allow beyond the law of the award date.

    The most certain first, then the highest: a reader may stop at the first ones.
    """
    dossier = found.dossier
    options: dict[tuple[object, ...], Possibilite] = {}
    for version, disposition, motif in _versions(engine, dossier):
        loi = engine.at(version)
        evaluated = loi.programme.run(loi.reader.read(dossier).env, found.faits.lignes).regimes
        for name, other in evaluated.items():
            mine = found.evaluation.regimes.get(name)
            if other.regime.texte == TEXTE and other.examine and other.verdict != FAUX and _better(other, mine):
                rate = None if other.taux is None else other.taux[1]
                amount = None if other.montant is None else other.montant[1]
                key = (name, disposition, other.verdict, rate, amount)
                options.setdefault(key, Possibilite(name, version, disposition, other.verdict, rate, amount, motif))
    return tuple(sorted(options.values(), key=_rang))


def _rang(option: Possibilite) -> tuple[bool, bool, int]:
    """Return the place of a possibility: certain first, then by amount, those that nothing bounds last."""
    return (option.verdict != VRAI, option.montant is None, -(option.montant or 0))


def utiles(found: Assessment) -> bool:
    """Tell whether the possibilities are worth looking for: no article of the RGEC that the costs concern is usable."""
    articles = [r for r in found.evaluation.regimes.values() if r.regime.texte == TEXTE and r.examine]
    return all(r.verdict != VRAI for r in articles)


def _versions(engine: Engine, dossier: Dossier) -> Iterator[tuple[date, str, str]]:
    """Yield the versions that article 58 opens to this dossier: a day of the version, the paragraph, why."""
    jour = dossier.date_octroi
    starts = engine.book.versions.get(TEXTE, ())
    end = engine.book.fins.get(TEXTE)
    since = dossier.projet.faits.get("regime_entree_en_vigueur_le")
    ad_hoc = dossier.projet.faits.get("aide_ad_hoc")
    for start in starts:
        six_months = start >= _DEPUIS and jour < start + relativedelta(months=_MOIS)
        if start > jour:
            yield start, "58(1)", "une version ultérieure couvre une aide antérieure qui remplit toutes ses conditions"
        elif six_months and not ad_hoc and (since is None or since < start):
            motif = "un régime entré en vigueur avant la modification garde l'ancienne version six mois"
            yield start - timedelta(days=1), "58(5)", motif
    if end is None or ad_hoc or (since is not None and since > end):
        return
    if end < jour <= end + relativedelta(months=_MOIS):
        yield end, "58(4)", "un régime exempté à la fin du règlement garde son exemption six mois"


def _better(other: RegimeEvalue, mine: RegimeEvalue | None) -> bool:
    """Tell whether a version opens a basis, makes it certain, or allows more at most: a higher rate of unknown costs.

    The least amount is not compared: while the basis is to be checked, nothing of it is kept for certain.
    """
    if mine is None or mine.verdict == FAUX:
        return True
    if other.verdict == VRAI and mine.verdict != VRAI:
        return True
    high, low = (None if r.montant is None else r.montant[1] for r in (other, mine))
    if low is None and high is None:
        rate, known = (None if r.taux is None else r.taux[1] for r in (other, mine))
        return rate is not None and known is not None and rate > known
    return low is not None and (high is None or high > low)
