"""Every law that always holds, tried on every legal basis and scheme of a day, with dossiers aimed at each.

`python -m aid_rules.testing.epreuves [--jour AAAA-MM-JJ …] [--exemples N] [--regles DIR]` tries them all and prints how
many checks held; a contradiction is shown with its dossier, made as small as it can be. Needs Hypothesis (extra
`test`).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aid_rules.engine.moteur import Engine
from aid_rules.testing.ecriture import Donnees
from aid_rules.testing.favorables import favorables
from aid_rules.testing.proprietes import PROPRIETES, Contradiction, Propriete

VERSIONS = (date(2015, 3, 2), date(2018, 3, 2), date(2021, 3, 2), date(2022, 3, 2), date(2024, 3, 2))
"""A day in each version of the RGEC."""


def toutes(rang: int) -> Iterable[Propriete]:
    """Choose every law, whatever the rank of the basis."""
    del rang
    return PROPRIETES.values()


def une(rang: int) -> Iterable[Propriete]:
    """Choose one law for each basis, each in its turn."""
    every = list(PROPRIETES.values())
    return [every[rang % len(every)]]


def eprouver(
    engine: Engine, jour: date, exemples: int = 1, choisir: Callable[[int], Iterable[Propriete]] = toutes
) -> int:
    """Try laws on each basis in force that day; return how many checks held. Raises `Contradiction`."""
    law = engine.at(jour).loi
    return sum(
        _eprouver(engine, favorables(engine, base.id, jour), exemples, list(choisir(rank)))
        for rank, base in enumerate((*law.regimes, *law.dispositifs))
    )


def _eprouver(
    engine: Engine, dossiers: st.SearchStrategy[Donnees], exemples: int, proprietes: Sequence[Propriete]
) -> int:
    held = 0

    @settings(max_examples=exemples, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(dossiers, st.integers(0, 2**32))
    def hold(data: Donnees, graine: int) -> None:
        nonlocal held
        for propriete in proprietes:
            propriete.verifier(engine, data, Random(graine))  # noqa: S311 - tests
            held += 1

    hold()
    return held


def main(arguments: Sequence[str] | None = None) -> int:
    """Try every law on every basis of each day; 1 at the first contradiction."""
    parser = argparse.ArgumentParser(prog="python -m aid_rules.testing.epreuves", description=(__doc__ or "").strip())
    parser.add_argument("--jour", type=date.fromisoformat, action="append", metavar="AAAA-MM-JJ", help="jour de la loi")
    parser.add_argument("--exemples", type=int, default=3, metavar="N", help="dossiers par base")
    parser.add_argument("--regles", type=Path, action="append", default=[], metavar="DIR", help="règles par-dessus")
    options = parser.parse_args(arguments)
    engine = Engine(*options.regles)
    for jour in options.jour or VERSIONS:
        try:
            held = eprouver(engine, jour, options.exemples)
        except Contradiction as contradiction:
            sys.stderr.write(f"{jour} : {contradiction}\n")
            return 1
        sys.stdout.write(f"{jour} : {held} vérifications de {len(PROPRIETES)} lois, toutes tenues.\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
