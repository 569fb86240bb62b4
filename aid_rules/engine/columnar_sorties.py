"""What the columnar evaluator writes of a basis: verdict, reason, rate and amount, for it and for its volets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from aid_rules.engine import columnar_expressions as x
from aid_rules.engine import columnar_motifs as motifs
from aid_rules.engine import vector_ops as o
from aid_rules.engine.columnar_appuis import Cite, VoletAppuye, appuyer
from aid_rules.engine.columnar_expressions import Bit, Verite
from aid_rules.engine.columnar_intervals import Bornes
from aid_rules.engine.columnar_raisons import Entree, cas, dire, premier, selon
from aid_rules.engine.columnar_regimes import RegimeColonnes, sans_limite, totaliser
from aid_rules.engine.vector_ops import Expr, const
from aid_rules.engine.vector_program import Sortie
from aid_rules.language.tree import VRAI

CHAMPS = ("verdict", "motif", "taux_min", "taux_max", "montant_min", "montant_max")

Entrees = Sequence[Entree]


def ecrire_base(found: RegimeColonnes, cites: Mapping[str, Cite], *, volets: bool) -> Iterator[Sortie]:
    """Yield what to write of a basis: block 0, then one block per volet with `volets`, or for a scheme."""
    scheme = found.regime.genre == "dispositif"
    supports = appuyer(found, cites) if scheme else []
    starts = motifs.debuts(found.regime)
    common: Entrees = found.communs
    own: list[list[tuple[int, Verite]]] = []
    own_verdicts: list[Verite] = []
    verdicts: list[Verite] = []
    for rank, volet in enumerate(found.volets):
        entries = (*volet.entrees, supports[rank].appui) if scheme else volet.entrees
        own.append(list(enumerate(entries, start=starts[rank])))
        # the common conditions count in the volets of a scheme, and once for all in a regime
        held = [volet.verdict, supports[rank].appui] if scheme else [volet.verdict]
        own_verdicts.append(x.et(held))
        verdicts.append(x.et([found.commun, *held]) if scheme else own_verdicts[rank])
    verdict = x.et([found.commun, x.ou(verdicts)])
    live = [x.possible(status) for status in verdicts]
    if scheme:
        amounts, rates = [s.montant for s in supports], [s.montrer(m) for s, m in zip(supports, live, strict=True)]
    else:
        amounts = [v.montant for v in found.volets]
        rates = [None if v.taux is None else (m, v.taux) for v, m in zip(found.volets, live, strict=True)]
    sure = [x.et([m, status]) for m, status in zip(live, own_verdicts, strict=True)]
    amount, rate = totaliser(found, sure, amounts, [pair for pair in rates if pair is not None])
    yield Sortie(o.OUTV, x.bit_expr(verdict))
    yield Sortie(o.OUTM, _motif(found, verdict, common, own, verdicts))
    yield from _bornes(0, rate, amount)
    if volets or scheme:
        for rank, volet in enumerate(found.volets):
            status = verdicts[rank] if scheme else x.et([found.commun, volet.verdict])
            yield Sortie(o.OUTV, x.bit_expr(verdicts[rank]), bloc=1 + rank)
            yield Sortie(o.OUTM, dire(status, [*common, *own[rank]]), bloc=1 + rank)
            support = supports[rank] if scheme else None
            yield from _du_volet(1 + rank, volet.taux, volet.montant, support)


def _du_volet(bloc: int, rate: Bornes | None, amount: Bornes, support: VoletAppuye | None) -> Iterator[Sortie]:
    if support is None:
        return _bornes(bloc, None if rate is None else (rate, True), amount)
    rate_shown = support.montrer(True)
    return _bornes(bloc, None if rate_shown is None else (rate_shown[1], rate_shown[0]), support.montant)


def _bornes(bloc: int, rate: tuple[Bornes, bool | Bit] | None, amount: Bornes) -> Iterator[Sortie]:
    (low, high), shown = rate if rate is not None else ((0, 0), False)
    floor = x.choisir(sans_limite(amount), None, amount[0])
    for end, value in enumerate((x.choisir(shown, low, None), x.choisir(shown, high, None))):
        yield Sortie(o.OUTT, x.col_expr(value), champ=end, bloc=bloc)
    for end, value in enumerate((floor, amount[1])):
        yield Sortie(o.OUTA, x.col_expr(value), champ=end, bloc=bloc)


def _premier(entries: Entrees, *, faux: bool) -> Expr:
    return premier(entries, motifs.AUCUN, faux=faux)


def _motif(
    found: RegimeColonnes,
    verdict: Verite,
    common: Entrees,
    own: Sequence[Sequence[tuple[int, Verite]]],
    verdicts: Sequence[Verite],
) -> Expr:
    if not own:
        return const(motifs.HORS_SUJET)
    if len(own) == 1:
        return dire(verdict, [*common, *own[0]])
    failing: list[tuple[bool | Bit, Expr]] = [(x.certain(x.non(found.commun)), _premier(common, faux=True))]
    unknown: list[tuple[bool | Bit, Expr]] = [(x.incertain(found.commun), _premier(common, faux=False))]
    for entries, status in zip(own, verdicts, strict=True):
        failing.append((x.possible(entries[0][1]), _premier(entries, faux=True)))
        unknown.append((x.incertain(status), _premier(entries, faux=False)))
    return selon(verdict, _choix(failing, _premier(own[0], faux=True)), _choix(unknown, const(0)))


def _choix(options: Sequence[tuple[bool | Bit, Expr]], default: Expr) -> Expr:
    chosen = default
    for mask, value in reversed(options):
        chosen = cas(mask, VRAI, value, chosen)
    return chosen
