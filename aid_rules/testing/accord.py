"""The two evaluators compared: columns must give what the exact evaluator gives, to the cent and to the reason.

`python -m aid_rules.testing.accord [--dossiers N] [--graine N] [--regles DIR]` compares them on random dossiers, and
the exact evaluator with the second reading of the files on some of them. Needs Polars (extra `portefeuille`).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from aid_rules.dossier import Dossier
from aid_rules.engine import columnar
from aid_rules.engine.appuis import HORS_AIDE, VoletBorne, borner, cle_volet, synthese
from aid_rules.engine.columnar_motifs import motif, motif_volet
from aid_rules.engine.exact import RegimeEvalue, all_of, any_of
from aid_rules.engine.facts import Faits
from aid_rules.engine.intervalles import Interval
from aid_rules.engine.moteur import Engine
from aid_rules.language.tree import FAUX, INCONNU, NON, VRAI
from aid_rules.testing.relecture import relire
from aid_rules.testing.strategies import Generateur

LOT = 5_000
"""Dossiers compared at a time."""

RELUS = 50
"""One dossier in so many is read a second time, file by file: some tenths of a second each."""

Bloc = tuple[int | None, ...]
HORS: Bloc = (FAUX, 0, None, None, None, None)


def _bloc(verdict: int, reason: int, rate: Interval | None, amount: Interval | None) -> Bloc:
    return (verdict, reason, *(rate or (None, None)), *(amount or (None, None)))


def attendu(engine: Engine, dossier: Dossier, faits: Faits) -> dict[str, Bloc]:
    """What the exact evaluator says of every basis in force, and a plain reading of what the schemes rest on."""
    found = engine.at(dossier.date_octroi).programme.run(faits.env, faits.lignes)
    aid = all_of([c.verdict for c in found.criteres])
    statuses = {name: r.verdict for name, r in found.regimes.items()}
    statuses[HORS_AIDE] = NON[aid] if found.criteres else INCONNU
    blocks: dict[str, Bloc] = {HORS_AIDE: (statuses[HORS_AIDE],)}
    for criterion in found.criteres:
        first = next((i for i, s in enumerate(criterion.conditions, 1) if s == criterion.verdict != VRAI), -1)
        blocks[criterion.critere.id] = (criterion.verdict, first)
    for name, regime in found.regimes.items():
        blocks[name] = _bloc(regime.verdict, motif(regime), regime.taux, regime.montant) if regime.examine else HORS
        for rank, volet in enumerate(regime.regime.volets):
            blocks[f"{name}:{volet.id}"] = HORS
            if regime.examine:
                one = regime.volets[rank]
                blocks[f"{name}:{volet.id}"] = _bloc(one.verdict, motif_volet(regime, rank), one.taux, one.montant)
    for name, scheme in found.dispositifs.items():
        blocks |= _dispositif(name, scheme, borner(scheme, statuses, found.regimes))
    return blocks


def _dispositif(name: str, scheme: RegimeEvalue, volets: Sequence[VoletBorne]) -> dict[str, Bloc]:
    if not scheme.examine:
        return {name: HORS} | {cle_volet(name, v.id): HORS for v in scheme.regime.volets}
    borne = [v.appui for v in volets]
    verdicts = [v.propre & b for v, b in zip(volets, borne, strict=True)]
    whole = synthese(scheme, volets, {v.cle: status for v, status in zip(volets, verdicts, strict=True)})
    blocks: dict[str, Bloc] = {name: _bloc(any_of(verdicts), motif(scheme, borne), whole.taux, whole.montant)}
    for rank, volet in enumerate(volets):
        if volet.cle == name:
            continue
        blocks[volet.cle] = _bloc(verdicts[rank], motif_volet(scheme, rank, borne), volet.taux, volet.montant)
    return blocks


class Desaccord(AssertionError):
    """A dossier on which two evaluations differ: it is shown with both."""

    def __init__(self, dossier: Dossier, ecarts: object) -> None:
        super().__init__(f"{dossier.model_dump_json(exclude_none=True, by_alias=True)}\n{ecarts}")


def comparer(engine: Engine, made: Sequence[Dossier]) -> int:
    """Compare both evaluators on a table; return how many blocks were compared. Raises `Desaccord`."""
    lus = [engine.at(d.date_octroi).reader.read(d) for d in made]
    table = columnar.evaluate_table(engine, columnar.depuis_faits(engine, lus), volets=True)
    blocks: dict[str, list[int]] = {}
    for index, column in enumerate(table.columns):
        blocks.setdefault(column.rpartition(".")[0] or column, []).append(index)
    spans = {name: slice(places[0], places[-1] + 1) for name, places in blocks.items()}
    compared = 0
    for dossier, faits, row in zip(made, lus, table.iter_rows(), strict=True):
        expected = attendu(engine, dossier, faits)
        alive = {name: row[span] for name, span in spans.items() if row[span.start] is not None}
        if alive.keys() != expected.keys():
            raise Desaccord(dossier, f"(colonnes, exact) : {alive.keys() ^ expected.keys()}")
        wrong = {name: (alive[name], value) for name, value in expected.items() if alive[name] != value}
        if wrong:
            raise Desaccord(dossier, f"(colonnes, exact) : {wrong}")
        compared += len(expected)
    return compared


def accorder(engine: Engine, lot: Sequence[Dossier]) -> tuple[int, int]:
    """Compare the three readings; return how many blocks were compared and bases read again. Raises `Desaccord`."""
    blocks, reread = comparer(engine, lot), 0
    for dossier in lot[::RELUS]:
        read, differences = relire(engine, dossier)
        reread += read
        if differences:
            raise Desaccord(dossier, differences)
    return blocks, reread


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare on random dossiers; 1 at the first difference."""
    parser = argparse.ArgumentParser(prog="python -m aid_rules.testing.accord", description=(__doc__ or "").strip())
    parser.add_argument("--dossiers", type=int, default=100_000, metavar="N", help="combien de dossiers")
    parser.add_argument("--graine", type=int, default=0, metavar="N", help="la même graine donne les mêmes dossiers")
    parser.add_argument("--regles", type=Path, action="append", default=[], metavar="DIR", help="règles par-dessus")
    options = parser.parse_args(arguments)
    engine = Engine(*options.regles)
    made = Generateur(engine).serie(options.graine, options.dossiers)
    done = blocks = reread = 0
    while lot := list(islice(made, LOT)):
        try:
            compared, read = accorder(engine, lot)
        except Desaccord as difference:
            sys.stderr.write(f"{difference}\n")
            return 1
        blocks, reread = blocks + compared, reread + read
        done += len(lot)
        sys.stdout.write(f"{done} dossiers : {blocks} blocs comparés, {reread} bases relues, aucun écart.\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
