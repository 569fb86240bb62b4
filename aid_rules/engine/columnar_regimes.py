"""A basis as a computation over columns: conditions, eligible costs, rate, amount, verdict and reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from aid_rules.amounts import BP_PER_UNIT
from aid_rules.engine import columnar_expressions as x
from aid_rules.engine import columnar_intervals as iv
from aid_rules.engine import columnar_motifs as motifs
from aid_rules.engine.columnar_expressions import Bit, Col, Verite
from aid_rules.engine.columnar_intervals import SANS, Bornes
from aid_rules.engine.columnar_lines import Agregats, Choix
from aid_rules.engine.columnar_raisons import Entree, Prealable
from aid_rules.engine.columnar_trees import Lecteur
from aid_rules.language import tree as t
from aid_rules.language.slices import RegimeDuJour, Regle, RegleMajoration, RegleMontant, RegleTaux, VoletDuJour


@dataclass(frozen=True, slots=True)
class VoletColonnes:
    """One purpose, in columns; `taux` is None when the law gives no rate."""

    verdict: Verite
    entrees: tuple[Verite, ...]
    taux: Bornes | None
    montant: Bornes


Limites = tuple[Sequence[Verite], Sequence[Bornes]]
"""Caps in euros: whether each applies, and how much."""


@dataclass(slots=True)
class RegimeColonnes:
    """A basis, in columns: what all its volets ask for, each of them, and their total."""

    regime: RegimeDuJour
    agregats: Agregats
    lecteur: Lecteur
    communs: tuple[Entree, ...] = ()
    commun: Verite = True
    volets: list[VoletColonnes] = field(default_factory=list)
    plafonds: Limites = ((), ())
    seuils: Limites = ((), ())


def finalites_de(regime: RegimeDuJour) -> frozenset[str] | None:
    """Return the purposes of all the volets; None when one of them takes any."""
    purposes = [v.finalites for v in regime.volets]
    return None if None in purposes else frozenset[str]().union(*(p for p in purposes if p is not None))


def compiler(
    regime: RegimeDuJour, agregats: Agregats, lecteur: Lecteur, prealable: Prealable | None = None
) -> RegimeColonnes:
    """Write a basis as columns; `prealable` stands for its first conditions, computed apart."""
    reader = lecteur
    found = RegimeColonnes(regime, agregats, reader)
    _placer(found, agregats.union, None)
    done = 0 if prealable is None else prealable.nombre
    statuses = [*reader.verites(regime.conditions[done:]), *_seuils_couts(reader, regime.seuils)]
    found.communs = tuple(enumerate(statuses, start=1 + done))
    if prealable is not None:
        found.communs = (prealable, *found.communs)
        statuses.insert(0, prealable.verite)
    found.commun = x.et(statuses)
    found.plafonds, found.seuils = _limites(reader, regime.plafonds), _limites(reader, _aides(regime.seuils))
    found.volets = [_volet(found, volet) for volet in regime.volets]
    return found


def arbres(regime: RegimeDuJour) -> Iterable[t.Node]:
    """Yield every tree of a basis."""
    rules: list[Regle] = [*regime.conditions, *regime.plafonds, *regime.seuils]
    for v in regime.volets:
        rules += (*v.conditions, *v.assiette, *v.base, *v.majorations, *v.reductions, *v.plafonds_taux)
        rules += (*v.montant, *v.plafonds, *v.seuils)
    for rule in rules:
        if rule.si is not None:
            yield rule.si
        if isinstance(rule, RegleMontant):
            yield rule.montant
        if isinstance(rule, RegleTaux):
            yield rule.taux


def _placer(found: RegimeColonnes, finalites: frozenset[str] | None, postes: frozenset[str] | None) -> Choix:
    lines = found.agregats.choisir(finalites, postes)
    everything = finalites is None and postes is None
    found.lecteur.placer(lines, found.lecteur.intervalle("couts_totaux") if everything else lines.total())
    return lines


def _aides(rules: Iterable[RegleMontant]) -> list[RegleMontant]:
    return [rule for rule in rules if rule.grandeur == "aide"]


def _limites(reader: Lecteur, rules: Sequence[RegleMontant]) -> Limites:
    return reader.verites(rules), reader.montants(rules)


def _seuils_couts(reader: Lecteur, rules: Sequence[RegleMontant]) -> list[Verite]:
    found = []
    for rule in motifs.seuils_couts(rules):
        measured = reader.intervalle("couts_totaux") if rule.grandeur == "couts_totaux" else reader.couts
        within = iv.compare("<=", measured, reader.bornes(rule.montant))
        if rule.si is not None:
            within = x.ou([x.non(reader.verite(rule.si)), within])
        found.append(within)
    return found


def _volet(found: RegimeColonnes, volet: VoletDuJour) -> VoletColonnes:
    reader = found.lecteur
    lines = _placer(found, volet.finalites, volet.postes)
    methods = reader.verites(volet.assiette)
    if volet.assiette:
        reader.retenir(iv.positive(iv.first(methods, reader.montants(volet.assiette))))
    conditions = reader.verites(volet.conditions)
    base = reader.verites(volet.base)
    given = reader.verites(volet.montant)
    rate = _taux(reader, volet, base) if volet.base else None
    if volet.montant:
        gross = iv.positive(iv.first(given, reader.montants(volet.montant)))
    else:
        gross = SANS if rate is None else iv.part(rate, reader.assiette, arrondi=True)
    amount = iv.cap(gross, *_limites(reader, volet.plafonds))
    amount = iv.cap(amount, *_limites(reader, _aides(volet.seuils)))
    shape = {
        "finalite": lines.statut,
        "postes": lines.statut_postes,
        "methode": x.ou(methods),
        "taux": x.ou(base or given),
    }
    entries = [shape[name] for name in motifs.synthese(volet)]
    entries += [*conditions, *_seuils_couts(reader, volet.seuils)]
    return VoletColonnes(x.et(entries), tuple(entries), rate, amount)


def _taux(reader: Lecteur, volet: VoletDuJour, base: Sequence[Verite]) -> Bornes:
    before = [m for m in volet.majorations if not m.apres_reduction]
    after = [m for m in volet.majorations if m.apres_reduction]
    rate = iv.first(base, [reader.bornes(r.taux) for r in volet.base])
    if before:
        rate = iv.plus([(1, rate), (1, _bonus(reader, before))])
    if volet.reductions:
        cuts = reader.verites(volet.reductions)
        rate = iv.reduce(rate, cuts, [r.facteur for r in volet.reductions])
    if after:
        rate = iv.plus([(1, rate), (1, _bonus(reader, after))])
    tops = [reader.bornes(r.taux) for r in volet.plafonds_taux]
    rate = iv.cap(rate, reader.verites(volet.plafonds_taux), tops)
    return iv.cap(rate, [True], [(BP_PER_UNIT, BP_PER_UNIT)])


def _bonus(reader: Lecteur, rules: Sequence[RegleMajoration]) -> Bornes:
    statuses = reader.verites(rules)
    return iv.bonuses(statuses, [r.points for r in rules], [r.groupe for r in rules])


def totaliser(
    found: RegimeColonnes,
    statuts: Sequence[Verite],
    amounts: Sequence[Bornes],
    rates: Sequence[tuple[bool | Bit, Bornes]],
) -> tuple[Bornes, tuple[Bornes, bool | Bit] | None]:
    """Sum the amounts of the volets, whose statuses are given, within the caps of the basis, and widen their rates.

    The rate comes with where there is one; None when no volet has any.
    """
    amount = ensemble(statuts, amounts, [range(len(amounts))])
    if found.regime.plafonds or found.regime.seuils:
        amount = iv.cap(iv.cap(amount, *found.plafonds), *found.seuils)
    if not rates:
        return amount, None
    widest = rates[0][1] if len(rates) == 1 else elargir(rates)
    return amount, (widest, x.certain(x.ou([mask for mask, _ in rates])))


def ensemble(statuts: Sequence[Verite], values: Sequence[Bornes], sums: Sequence[Sequence[int]]) -> Bornes:
    """Return what several purposes of one basis give together; `intervalles.together`."""
    live = [x.possible(status) for status in statuts]
    kept = [ou_zero(mask, value) for mask, value in zip(live, values, strict=True)]
    if len(kept) == 1:
        return kept[0]
    low, high = iv.greatest([iv.plus([(1, kept[i]) for i in some]) for some in sums])
    if not any(map(x.peut_manquer, statuts)):
        free = x.certain(x.ou([sans_limite(value) for value in kept]))
        top = x.choisir(free, SANS[0], low)
        assert top is not None
        return top, high
    sure = [x.certain(status) for status in statuts]
    floors = [ou_zero(mask, (value[0], value[0])) for mask, value in zip(sure, values, strict=True)]
    held, _ = iv.greatest([iv.plus([(1, floors[i]) for i in some]) for some in sums])
    held_free = x.choisir(x.certain(x.ou([sans_limite(value) for value in floors])), SANS[0], held)
    least, _ = elargir(list(zip(live, values, strict=True)))
    floor = x.choisir(x.certain(x.ou(sure)), held_free, least)
    assert floor is not None
    return floor, high


def ou_zero(mask: bool | Bit, value: Bornes) -> Bornes:
    """Return an amount where the mask holds, zero elsewhere."""
    low = x.choisir(mask, value[0], 0)
    assert low is not None
    return low, low if iv.exact(value) else x.choisir(mask, value[1], 0)


def sans_limite(value: Bornes) -> bool | Bit:
    """Tell where nothing limits an amount."""
    low = value[0]
    if isinstance(low, int) or low.maxi < x.SANS_LIMITE:
        return low == x.SANS_LIMITE
    return x.comparer("=", low, x.SANS_LIMITE)


def elargir(values: Sequence[tuple[bool | Bit, Bornes]], *, plus_grand: bool = False) -> Bornes:
    """Return the least low bound (the greatest, with `plus_grand`) and the greatest high one where the masks hold.

    (0, 0) where none does.
    """
    low: x.Entier | None = None
    high: x.Entier = 0
    open_at: list[bool | Bit] = []
    for mask, (lo, hi) in values:
        chosen = x.choisir(mask, lo, None)
        if chosen is not None:
            low = chosen if low is None else x.extremum([low, chosen], plus_petit=not plus_grand)
        if hi is None:
            open_at.append(mask)
            continue
        if isinstance(hi, Col) and hi.nul:
            open_at.append(x.certain(x.et([mask, x.est_nul(hi)])))
        top = x.choisir(mask, hi, 0)
        assert top is not None
        high = x.extremum([high, top], plus_petit=False)
    opened = x.certain(x.ou(open_at))
    return 0 if low is None else x.remplir(low, 0), x.choisir(opened, None, high)
