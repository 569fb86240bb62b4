"""Our engine on the shared task: the generated code dossier by dossier, and the columnar evaluator."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from aid_rules.engine.columnar import Longue, evaluate_long, fabriquer
from aid_rules.engine.environnement import Ligne, Lignes
from aid_rules.engine.moteur import Engine, Loi
from aid_rules.language.tree import VRAI
from tests.benchmarks.tache import JOUR, TAILLES, Demande, Reponse

REGLES = Path(__file__).parent / "regles"
_FAITS = (
    ("effectif", "effectif"), ("chiffre_affaires_tache_eur", "chiffre_affaires"), ("bilan_tache_eur", "bilan"),
    ("recu_1_le", "recu_1_le"), ("recu_1_eur", "recu_1"), ("recu_2_le", "recu_2_le"), ("recu_2_eur", "recu_2"),
)  # fmt: skip


@cache
def moteur() -> Engine:
    """Return the engine of the shared task."""
    return Engine(REGLES, seul=True)


def charger_un_par_un(demandes: Sequence[Demande]) -> list[tuple[list[Any], Lignes]]:
    """Return what the exact evaluator reads."""
    slots = moteur().slots
    zones = slots.facts["zone_tache"]
    found = []
    for d in demandes:
        env = list(slots.blank)
        env[0] = JOUR.toordinal()
        for name, field in _FAITS:
            env[slots.index[name]] = getattr(d, field)
        env[slots.index["non_economique"]] = VRAI if d.non_economique else 0
        env[slots.index["remboursable"]] = VRAI if d.remboursable else 0
        env[slots.index["zone_tache"]] = zones.bit(d.zone)
        found.append((env, Lignes([Ligne("c", d.finalite, "actifs_corporels", (d.couts, d.couts))], completes=True)))
    return found


def un_par_un(loaded: Sequence[tuple[list[Any], Lignes]]) -> list[Reponse]:
    """Run the generated code on each dossier."""
    law: Loi = moteur().at(JOUR)
    run = law.verdicts.run
    found = []
    for env, lines in loaded:
        criteria, bases = run(env, lines)
        size = (*criteria.values(), VRAI).index(VRAI)
        _, rate, amount = bases[f"tache.{lines.lignes[0].finalite}"]
        _, _, room = bases["tache.marge"]
        found.append((TAILLES[size], rate[0], amount[0], room[0]))
    return found


def charger_colonnes(demandes: Sequence[Demande]) -> Any:
    """Return the table of the columnar evaluator."""
    engine = moteur()
    zones = engine.slots.facts["zone_tache"]
    facts: dict[str, Any] = {name: [getattr(d, field) for d in demandes] for name, field in _FAITS}
    frame = pl.DataFrame(facts).with_columns(
        date_octroi=pl.lit(JOUR.toordinal(), dtype=pl.Int64),
        couts_connus=pl.lit(value=True),
        non_economique=pl.Series([d.non_economique for d in demandes]),
        remboursable=pl.Series([d.remboursable for d in demandes]),
        zone_tache=pl.Series([zones.bit(d.zone) for d in demandes], dtype=pl.UInt8),
    )
    lists = engine.book.vocabulaire.listes
    ranks = {value: i for i, value in enumerate(lists["finalite"])}
    costs = pl.DataFrame(
        {
            "ligne": pl.int_range(len(demandes), dtype=pl.UInt32, eager=True),
            "finalite": pl.Series([ranks[d.finalite] for d in demandes], dtype=pl.UInt16),
            "poste": pl.Series([0] * len(demandes), dtype=pl.UInt16),
            "montant": pl.Series([d.couts for d in demandes], dtype=pl.Int64),
        }
    )
    return fabriquer(frame, costs)


def en_colonnes(table: Any) -> Longue:
    """Run the columnar evaluator, as a portfolio does: criteria, then one row per dossier and basis concerned."""
    return evaluate_long(moteur(), table)


def lire_colonnes(result: Longue) -> list[Reponse]:
    """Return the answers of the columnar evaluator."""
    criteria, long = result
    size = pl.lit(TAILLES[3])
    names = [c.id for c in moteur().at(JOUR).loi.criteres]
    for name, label in reversed(list(zip(names, TAILLES, strict=False))):
        size = pl.when(pl.col(f"{name}.verdict") == VRAI).then(pl.lit(label)).otherwise(size)
    rows = criteria.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("ligne"), taille=size)
    room = pl.col("base").cast(pl.String) == "tache.marge"
    aid = long.filter(~room).select("ligne", taux="taux_min", montant="montant_min")
    left = long.filter(room).select("ligne", marge="montant_min")
    joined = rows.join(aid, on="ligne", maintain_order="left").join(left, on="ligne", maintain_order="left")
    return joined.drop("ligne").rows()
