"""Schemes bounded by what they rest on, in columns: `appuis.borner`, and the statuses that `inference` gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aid_rules.engine import columnar_expressions as x
from aid_rules.engine import columnar_intervals as iv
from aid_rules.engine import vector_ops as o
from aid_rules.engine.appuis import HORS_AIDE, cumulables
from aid_rules.engine.columnar_expressions import SANS_LIMITE, Bit, Col, Verite
from aid_rules.engine.columnar_intervals import SANS, Bornes
from aid_rules.engine.columnar_regimes import RegimeColonnes, VoletColonnes, elargir, ensemble, sans_limite
from aid_rules.engine.vector_ops import Expr, statut
from aid_rules.language.slices import RegimeDuJour, VoletDuJour


@dataclass(frozen=True, slots=True)
class VoletAppuye:
    """A scheme's volet under its bases: status of the bases together, and the best rate and amount they allow."""

    appui: Verite
    taux: Bornes | None
    sans_appui: bool | Bit
    montant: Bornes

    def montrer(self, ou: bool | Bit) -> tuple[bool | Bit, Bornes] | None:
        """Return the rate and where it stands, within `ou`: without rate, only where no basis bears the volet."""
        if self.taux is not None:
            return ou, self.taux
        where = x.certain(x.et([ou, self.sans_appui]))
        return None if where is False else (where, (0, 0))


@dataclass(frozen=True, slots=True)
class _Base:
    """One basis as a volet sees it."""

    statut: Verite
    taux: Bornes | None
    montant: Bornes


@dataclass(frozen=True, slots=True)
class Cite:
    """A regime as the schemes that rest on it read it: what it gives to the same row, by its number."""

    regime: RegimeDuJour
    numero: int

    def verdict(self, volet: int | None = None) -> Bit:
        """Return the verdict of the regime or of one of its volets; false where none of its costs is concerned."""
        return Bit(Expr(o.LDRU, (), (self.numero, _bloc(volet))))

    def taux(self, volet: int) -> Bornes:
        """Return the rate of a volet."""
        return self._bornes(volet, 0)

    def montant(self, volet: int | None = None) -> Bornes:
        """Return the amount of the regime or of one of its volets."""
        return self._bornes(volet, 2)

    def _bornes(self, volet: int | None, champ: int) -> Bornes:
        low, high = (Expr(o.LDRI, (), (self.numero, _bloc(volet), champ + end)) for end in (0, 1))
        return x.remplir(Col(low, 0, SANS_LIMITE, nul=True), SANS_LIMITE), Col(high, 0, 10**18, nul=True)


def _bloc(volet: int | None) -> int:
    return 0 if volet is None else 1 + volet


def appuyer(scheme: RegimeColonnes, cites: Mapping[str, Cite]) -> list[VoletAppuye]:
    """Bound each volet of a scheme by the regimes in force that it rests on."""
    found = []
    for rule, volet in zip(scheme.regime.volets, scheme.volets, strict=True):
        bases = [_base(name, rule, volet, cites.get(name)) for name in rule.repose_sur]
        if bases:
            support = x.ou([b.statut for b in bases])
            none = x.non(x.ou([x.possible(b.statut) for b in bases]))
            rates = [(b.statut, b.taux) for b in bases if b.taux is not None]
            rate = _meilleur(rates) if rates else None
            amount = _meilleur([(b.statut, b.montant) for b in bases])
            found.append(VoletAppuye(support, rate, x.certain(none), amount))
        else:
            found.append(VoletAppuye(True, volet.taux, False, volet.montant))
    return found


def _base(name: str, rule: VoletDuJour, volet: VoletColonnes, cite: Cite | None) -> _Base:
    if name == HORS_AIDE:
        return _Base(Bit(statut(HORS_AIDE)), volet.taux, volet.montant)
    if cite is None:
        return _Base(False, volet.taux, volet.montant)
    mine = [
        (k, v)
        for k, v in enumerate(cite.regime.volets)
        if rule.finalites is None or v.finalites is None or not rule.finalites.isdisjoint(v.finalites)
    ]
    verdicts = [cite.verdict(k) for k, _ in mine]
    status = x.et([x.ou(verdicts), cite.verdict()])
    allowed = ensemble(verdicts, [cite.montant(k) for k, _ in mine], cumulables([v for _, v in mine])) if mine else SANS
    amount = volet.montant
    for limit in (allowed, cite.montant()):
        amount = iv.cap(amount, [x.non(sans_limite(limit))], [limit])
    rate = volet.taux
    if rate is not None and mine:
        rates = [cite.taux(k) if v.base else SANS for k, v in mine]
        widest = ensemble(verdicts, rates, [[rank] for rank in range(len(mine))])
        rate = iv.cap(rate, [x.non(sans_limite(widest))], [widest])
    return _Base(status, rate, amount)


def _meilleur(values: Sequence[tuple[Verite, Bornes]]) -> Bornes:
    """Return what the best basis allows: at least by those that hold, at most by those that may."""
    sure = [x.certain(status) for status, _ in values]
    may = [x.possible(status) for status, _ in values]
    free = [sans_limite(value) for _, value in values]
    low: x.Entier = 0
    for mask, unlimited, (_, value) in zip(sure, free, values, strict=True):
        amount = x.choisir(x.certain(x.et([mask, x.non(unlimited)])), value[0], 0)
        assert amount is not None
        low = x.extremum([low, amount], plus_petit=False)
    _, high = elargir([(mask, value) for mask, (_, value) in zip(may, values, strict=True)])
    open_may = x.ou([x.et([m, f]) for m, f in zip(may, free, strict=True)])
    open_sure = x.ou([x.et([m, f]) for m, f in zip(sure, free, strict=True)])
    limited_may = x.ou([x.et([m, x.non(f)]) for m, f in zip(may, free, strict=True)])
    nothing = x.ou([open_sure, x.et([open_may, x.non(limited_may)])])
    best = x.choisir(x.certain(nothing), SANS_LIMITE, low)
    assert best is not None
    return best, x.choisir(x.certain(nothing), None, high)
