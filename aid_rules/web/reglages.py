"""The limits of the server: sizes, times, numbers. All have a default that suits one small machine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reglages:
    """`corps_max` bytes of one request, `tableau_max` of one that brings or carries a table of `fichier_max` bytes.

    `attente_s` seconds for one answer (`attente_tableau_s` for a table), `lecture_s` for one request to arrive;
    `places` requests waiting at most. `dossiers_max` dossiers shown one by one; `lignes_max` rows of a table evaluated
    in one answer.
    """

    corps_max: int = 1_000_000
    tableau_max: int = 6_000_000
    fichier_max: int = 4_000_000
    attente_s: float = 20.0
    attente_tableau_s: float = 90.0
    lecture_s: float = 15.0
    fils: int = 2
    places: int = 200
    dossiers_max: int = 200
    lignes_max: int = 5_000
