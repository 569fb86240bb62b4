"""The shared task: the dossiers, and the answers that every engine must give.

Investment aid of four purposes by size (or non-economic), area and form; SME category; room left under 200,000 euros
over three years, two aids received. Money is cents, rates basis points, headcount hundredths, days ordinals.
Turnover and balance sheet are whole euros: one contender counts in 32 bits.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta

JOUR = date(2019, 11, 18)
LIMITE = (JOUR - relativedelta(years=3)).toordinal()
FINALITES = ("environnement", "dechets", "renouvelable", "efficacite")
TAUX = {
    "environnement": (5500, 4500, 3500, 5500), "dechets": (5000, 4000, 3000, 5500),
    "renouvelable": (6500, 5500, 4500, 6500), "efficacite": (5000, 4000, 3000, 5000),
}  # fmt: skip
"""Small, medium, large, non-economic."""
ZONES = {"a": 1500, "c": 500, "aucune": 0}
REMBOURSABLE = 1000
PLAFOND = 20_000_000
TAILLES = ("micro", "petite", "moyenne", "grande")

Reponse = tuple[str, int, int, int]
"""Size, rate, amount, room."""


@dataclass(frozen=True, slots=True)
class Demande:
    """One dossier of the shared task."""

    effectif: int
    chiffre_affaires: int
    bilan: int
    non_economique: bool
    finalite: str
    zone: str
    remboursable: bool
    couts: int
    recu_1_le: int
    recu_1: int
    recu_2_le: int
    recu_2: int


def demandes(n: int, graine: int = 651) -> list[Demande]:
    """Return `n` dossiers, the same for a same seed; every size and both sides of each threshold are drawn."""
    draw = random.Random(graine)  # noqa: S311 - reproducible, no secret
    heads = (500, 999, 1000, 3000, 4999, 5000, 12000, 24999, 25000, 80000)
    money = (
        10**8,
        2 * 10**8,
        2 * 10**8 + 100,
        10**9,
        10**9 + 100,
        43 * 10**8,
        43 * 10**8 + 100,
        5 * 10**9,
        5 * 10**9 + 100,
    )
    return [
        Demande(
            draw.choice(heads), draw.choice(money), draw.choice(money), draw.random() < 0.1, draw.choice(FINALITES),
            draw.choice(tuple(ZONES)), draw.random() < 0.3, draw.randrange(10**6, 10**9),
            LIMITE + draw.randrange(-400, 400), draw.randrange(0, 15 * 10**6), LIMITE + draw.randrange(-400, 400),
            draw.randrange(0, 15 * 10**6),
        )
        for _ in range(n)
    ]  # fmt: skip


def repondre(d: Demande) -> Reponse:
    """Answer by plain Python: the reference, and the hand-written contender."""
    if d.effectif < 1000 and (d.chiffre_affaires <= 200_000_000 or d.bilan <= 200_000_000):
        size = 0
    elif d.effectif < 5000 and (d.chiffre_affaires <= 1_000_000_000 or d.bilan <= 1_000_000_000):
        size = 1
    elif d.effectif < 25000 and (d.chiffre_affaires <= 5_000_000_000 or d.bilan <= 4_300_000_000):
        size = 2
    else:
        size = 3
    small, medium, large, other = TAUX[d.finalite]
    rate = other if d.non_economique else small if size < 2 else medium if size == 2 else large
    rate = min(rate + ZONES[d.zone] + (REMBOURSABLE if d.remboursable else 0), 10_000)
    received = (d.recu_1 if d.recu_1_le > LIMITE else 0) + (d.recu_2 if d.recu_2_le > LIMITE else 0)
    return TAILLES[size], rate, d.couts * rate // 10_000, max(PLAFOND - received, 0)
