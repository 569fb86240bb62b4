"""Schemes bounded by what they rest on, in columns: `appuis.borner`, and the statuses that `inference` gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import polars as pl

from aid_rules.engine import columnar_expressions as x
from aid_rules.engine import columnar_intervals as iv
from aid_rules.engine.appuis import HORS_AIDE
from aid_rules.engine.columnar_expressions import SANS_LIMITE, Bit, Col, Verite
from aid_rules.engine.columnar_intervals import Bornes
from aid_rules.engine.columnar_lines import de_statut
from aid_rules.engine.columnar_regimes import RegimeColonnes, VoletColonnes, elargir, ou_zero, sans_limite
from aid_rules.engine.columnar_trees import Lecteur
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


def colonne(regime: str, *path: str) -> str:
    """Return the name of a result of a regime in the frame of the schemes that rest on it."""
    return "|".join((regime, *path))


def appuyer(scheme: RegimeColonnes, regimes: Mapping[str, RegimeDuJour]) -> list[VoletAppuye]:
    """Bound each volet of a scheme by the regimes in force that it rests on."""
    reader = scheme.lecteur
    found = []
    for rule, volet in zip(scheme.regime.volets, scheme.volets, strict=True):
        bases = [_base(reader, name, rule, volet, regimes.get(name)) for name in rule.repose_sur]
        known = [_statut(reader, name) for name in rule.repose_sur if name == HORS_AIDE or name in regimes]
        support = reader.etages.bit(x.ou(known)) if known else True
        if bases:
            none = x.non(x.ou([x.possible(b.statut) for b in bases]))
            rates = [(b.statut, b.taux) for b in bases if b.taux is not None]
            rate = _meilleur(reader, rates) if rates else None
            amount = _meilleur(reader, [(b.statut, b.montant) for b in bases])
            found.append(VoletAppuye(support, rate, x.certain(none), amount))
        else:
            found.append(VoletAppuye(support, volet.taux, False, volet.montant))
    return found


def _statut(reader: Lecteur, name: str) -> Bit:
    column = HORS_AIDE if name == HORS_AIDE else colonne(name, "verdict")
    if name == HORS_AIDE:
        reader.colonnes[HORS_AIDE] = None
    value = reader.etages.bit(de_statut(pl.col(column).fill_null(0), 0, nul=True))
    assert isinstance(value, Bit)
    return value


def _base(reader: Lecteur, name: str, rule: VoletDuJour, volet: VoletColonnes, regime: RegimeDuJour | None) -> _Base:
    if name == HORS_AIDE:
        return _Base(_statut(reader, name), volet.taux, volet.montant)
    if regime is None:
        return _Base(False, volet.taux, volet.montant)
    mine = [
        (k, v)
        for k, v in enumerate(regime.volets)
        if rule.finalites is None or v.finalites is None or not rule.finalites.isdisjoint(v.finalites)
    ]
    live = [x.certain(reader.etages.bit(_vivant(colonne(name, str(k), "verdict")))) for k, _ in mine]
    status = reader.etages.bit(x.et([x.ou(live), _statut(reader, name)]))
    stages = reader.etages
    amounts = [(m, _joint(colonne(name, str(k), "montant"))) for m, (k, _) in zip(live, mine, strict=True)]
    free = [x.et([m, sans_limite(value)]) for m, value in amounts]
    groups = [_du_groupe(reader, [amounts[i] for i in g], [mine[i][1] for i in g]) for g in _groupes(mine)]
    amount = iv.cap(stages, volet.montant, [x.non(x.ou(free))], [reader.nommer(iv.plus([(1, g) for g in groups]))])
    whole = _joint(colonne(name, "montant"))
    amount = iv.cap(stages, amount, [x.non(sans_limite(whole))], [whole])
    rate = volet.taux
    if rate is not None:
        rated = [(m, _joint(colonne(name, str(k), "taux"))) for m, (k, v) in zip(live, mine, strict=True) if v.base]
        unrated = [m for m, (_, v) in zip(live, mine, strict=True) if not v.base]
        rate = iv.cap(stages, rate, [x.non(x.ou(unrated))], [elargir(reader, rated, plus_grand=True)])
    return _Base(status, rate, amount)


def _groupes(volets: Sequence[tuple[int, VoletDuJour]]) -> list[list[int]]:
    """Return the places of the volets gathered by purpose, as `appuis` gathers the live ones."""
    groups: list[list[int]] = []
    for place, (_, volet) in enumerate(volets):
        touching = [g for g in groups if any(_se_touchent(volet, volets[i][1]) for i in g)]
        groups = [g for g in groups if g not in touching]
        groups.append([*(i for g in touching for i in g), place])
    return groups


def _se_touchent(one: VoletDuJour, other: VoletDuJour) -> bool:
    return one.finalites is None or other.finalites is None or not one.finalites.isdisjoint(other.finalites)


def _du_groupe(reader: Lecteur, amounts: Sequence[tuple[bool | Bit, Bornes]], volets: Sequence[VoletDuJour]) -> Bornes:
    """Return what a group of volets allows: the widest of them, or of what is left of it without those that fail."""
    if all(_se_touchent(one, other) for one, other in combinations(volets, 2)):
        return elargir(reader, amounts, plus_grand=True)
    total: list[tuple[int, Bornes]] = []
    for pattern in product((True, False), repeat=len(volets)):
        here = x.certain(x.et([m if alive else x.non(m) for alive, (m, _) in zip(pattern, amounts, strict=True)]))
        left = [i for i, alive in enumerate(pattern) if alive]
        for group in _groupes([(i, volets[i]) for i in left]):
            widest = elargir(reader, [(here, amounts[left[i]][1]) for i in group], plus_grand=True)
            total.append((1, reader.nommer(ou_zero(here, widest))))
    return iv.plus(total)


def _vivant(column: str) -> Bit:
    return Bit(pl.col(column).fill_null(0).ne(0), 0, nul=False)


def _joint(column: str) -> Bornes:
    low = pl.col(f"{column}_min").cast(pl.Int64).fill_null(SANS_LIMITE)
    high = pl.col(f"{column}_max").cast(pl.Int64)
    return Col(low, 0, 0, SANS_LIMITE), Col(high, 0, 0, 10**18, nul=True)


def _meilleur(reader: Lecteur, values: Sequence[tuple[Verite, Bornes]]) -> Bornes:
    """Return what the best basis allows: at least by those that hold, at most by those that may."""
    sure = [x.certain(status) for status, _ in values]
    may = [x.possible(status) for status, _ in values]
    free = [sans_limite(value) for _, value in values]
    low: x.Entier = 0
    for mask, unlimited, (_, value) in zip(sure, free, values, strict=True):
        amount = x.choisir(x.certain(x.et([mask, x.non(unlimited)])), value[0], 0)
        assert amount is not None
        low = x.extremum([low, amount], plus_petit=False)
    _, high = elargir(reader, [(mask, value) for mask, (_, value) in zip(may, values, strict=True)])
    open_may = x.ou([x.et([m, f]) for m, f in zip(may, free, strict=True)])
    open_sure = x.ou([x.et([m, f]) for m, f in zip(sure, free, strict=True)])
    nothing = x.et([open_may, x.ou([open_sure, x.non(x.ou(sure))])])
    best = x.choisir(x.certain(nothing), SANS_LIMITE, low)
    assert best is not None
    return reader.nommer((best, x.choisir(x.certain(nothing), None, high)))
