"""The limits of the server: sizes, times, numbers. All have a default that suits one small machine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reglages:
    """`corps_max` bytes of one request; `attente_s` seconds for one answer; `places` requests waiting at most."""

    corps_max: int = 1_000_000
    attente_s: float = 20.0
    lecture_s: float = 15.0
    fils: int = 2
    places: int = 200
    dossiers_max: int = 200
