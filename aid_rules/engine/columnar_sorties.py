"""What the columnar evaluator writes of a basis: verdict, reason, rate and amount, for it and for its volets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from aid_rules.engine import columnar_expressions as x
from aid_rules.engine import columnar_motifs as motifs
from aid_rules.engine.columnar_appuis import VoletAppuye, appuyer, colonne
from aid_rules.engine.columnar_expressions import Bit, Verite
from aid_rules.engine.columnar_intervals import Bornes
from aid_rules.engine.columnar_lines import Agregats, en_statut
from aid_rules.engine.columnar_raisons import Entree, dire, premier, selon
from aid_rules.engine.columnar_regimes import RegimeColonnes, sans_limite, totaliser
from aid_rules.language.slices import RegimeDuJour

CHAMPS = ("verdict", "motif", "taux_min", "taux_max", "montant_min", "montant_max")
TYPES: dict[str, pl.DataType] = {
    "verdict": pl.UInt8(),
    "motif": pl.Int16(),
    "taux_min": pl.Int16(),
    "taux_max": pl.Int16(),
    "montant_min": pl.Int64(),
    "montant_max": pl.Int64(),
}

Entrees = Sequence[Entree]


@dataclass(frozen=True, slots=True)
class Calcul:
    """A basis ready to run: lines to sum, facts to read, stages, and what to write.

    Names of `sorties`: a field of `CHAMPS` for the basis, `k|field` for its volet of rank k.
    """

    regime: RegimeDuJour
    agregats: Agregats
    faits: tuple[str, ...]
    etages: tuple[tuple[pl.Expr, ...], ...]
    sorties: Mapping[str, pl.Expr]

    def executer(self, frame: pl.DataFrame, appuis: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
        """Run over a frame that holds the facts, the sums of lines and `ligne`.

        `appuis` holds the results of the regimes that a scheme rests on.
        """
        parts = [frame.lazy()]
        joins = []
        for name, found in appuis.items():
            columns = [c for c in found.columns if c not in ("ligne", "motif") and not c.endswith("|motif")]
            other = found.lazy().select("ligne", *(pl.col(c).alias(colonne(name, c)) for c in columns))
            if _un_par_ligne(frame["ligne"], found["ligne"]):
                first = found["ligne"][0]
                # one row per dossier: places, rather than a join
                parts.append(other.drop("ligne").select(pl.all().gather(frame["ligne"] - first)))
            else:
                joins.append(other)
        lazy = pl.concat(parts, how="horizontal") if len(parts) > 1 else parts[0]
        for other in joins:
            lazy = lazy.join(other, on="ligne", how="left")
        for stage in self.etages:
            lazy = lazy.with_columns(stage)
        return lazy.select("ligne", **self.sorties).collect(optimizations=x.OPTIONS)

    def usages(self) -> Mapping[str, int]:
        """Count how many times each column is read."""
        return x.usages([*(e for stage in self.etages for e in stage), *self.sorties.values()])


def _un_par_ligne(asked: pl.Series, held: pl.Series) -> bool:
    """Tell whether the rows held follow one another and hold all those asked."""
    if not len(asked) or not len(held) or len(held) != 1 + held[-1] - held[0] or not held.is_sorted():
        return False
    return bool(asked.min() >= held[0] and asked.max() <= held[-1])


def preparer(found: RegimeColonnes, regimes: Mapping[str, RegimeDuJour], *, volets: bool) -> Calcul:
    """Choose what to write of a basis; `volets` adds its volets, always written for a scheme."""
    scheme = found.regime.genre == "dispositif"
    supports = appuyer(found, regimes) if scheme else []
    starts = motifs.debuts(found.regime)
    common: Entrees = found.communs
    own: list[list[tuple[int, Verite]]] = []
    verdicts: list[Verite] = []
    for rank, volet in enumerate(found.volets):
        entries = (*volet.entrees, supports[rank].appui) if scheme else volet.entrees
        own.append(list(enumerate(entries, start=starts[rank])))
        # the common conditions count in the volets of a scheme, and once for all in a regime
        held = [found.commun, volet.verdict, supports[rank].appui] if scheme else [volet.verdict]
        verdicts.append(found.lecteur.etages.bit(x.et(held)))
    verdict = found.lecteur.etages.bit(x.et([found.commun, x.ou(verdicts)]))
    results = {"verdict": en_statut(verdict), "motif": _motif(found, verdict, common, own, verdicts)}
    live = [x.possible(status) for status in verdicts]
    if scheme:
        amounts, rates = [s.montant for s in supports], [s.montrer(m) for s, m in zip(supports, live, strict=True)]
    else:
        amounts = [v.montant for v in found.volets]
        rates = [None if v.taux is None else (m, v.taux) for v, m in zip(found.volets, live, strict=True)]
    amount, rate = totaliser(found, live, amounts, [pair for pair in rates if pair is not None])
    results |= _bornes("", rate, amount)
    if volets or scheme:
        for rank, volet in enumerate(found.volets):
            status = verdicts[rank] if scheme else x.et([found.commun, volet.verdict])
            results[f"{rank}|verdict"] = en_statut(verdicts[rank])
            results[f"{rank}|motif"] = dire(status, [*common, *own[rank]])
            results |= _du_volet(f"{rank}|", volet.taux, volet.montant, supports[rank] if scheme else None)
    return Calcul(
        found.regime,
        found.agregats,
        tuple(found.lecteur.colonnes),
        tuple(map(tuple, found.lecteur.etages.etages)),
        results,
    )


def _du_volet(prefix: str, rate: Bornes | None, amount: Bornes, support: VoletAppuye | None) -> dict[str, pl.Expr]:
    if support is None:
        return _bornes(prefix, None if rate is None else (rate, True), amount)
    rate_shown = support.montrer(True)
    return _bornes(prefix, None if rate_shown is None else (rate_shown[1], rate_shown[0]), support.montant)


def _bornes(prefix: str, rate: tuple[Bornes, bool | Bit] | None, amount: Bornes) -> dict[str, pl.Expr]:
    (low, high), shown = rate if rate is not None else ((0, 0), False)
    limited = x.non(sans_limite(amount))
    floor = x.choisir(x.certain(limited), amount[0], None)
    return {
        f"{prefix}taux_min": x.col_expr(x.choisir(shown, low, None)).cast(pl.Int16),
        f"{prefix}taux_max": x.col_expr(x.choisir(shown, high, None)).cast(pl.Int16),
        f"{prefix}montant_min": x.col_expr(floor).cast(pl.Int64),
        f"{prefix}montant_max": x.col_expr(amount[1]).cast(pl.Int64),
    }


def _premier(entries: Entrees, *, faux: bool) -> pl.Expr:
    return premier(entries, motifs.AUCUN, faux=faux)


def _motif(
    found: RegimeColonnes,
    verdict: Verite,
    common: Entrees,
    own: Sequence[Sequence[tuple[int, Verite]]],
    verdicts: Sequence[Verite],
) -> pl.Expr:
    if not own:
        return x.numero(motifs.HORS_SUJET)
    if len(own) == 1:
        return dire(verdict, [*common, *own[0]])
    failing: list[tuple[bool | Bit, pl.Expr]] = [(x.certain(x.non(found.commun)), _premier(common, faux=True))]
    unknown: list[tuple[bool | Bit, pl.Expr]] = [(_inconnu(found.commun), _premier(common, faux=False))]
    for entries, status in zip(own, verdicts, strict=True):
        failing.append((x.possible(entries[0][1]), _premier(entries, faux=True)))
        unknown.append((_inconnu(status), _premier(entries, faux=False)))
    return selon(verdict, _choix(failing, _premier(own[0], faux=True)), _choix(unknown, x.numero(0)))


def _inconnu(value: Verite) -> bool | Bit:
    if isinstance(value, Bit):
        return Bit(value.expr.is_null(), value.niveau, nul=False) if value.nul else False
    return value is None


def _choix(options: Sequence[tuple[bool | Bit, pl.Expr]], default: pl.Expr) -> pl.Expr:
    chosen = default
    for mask, value in reversed(options):
        if mask is not False:
            chosen = value if mask is True else pl.when(x.bit_expr(mask)).then(value).otherwise(chosen)
    return chosen
