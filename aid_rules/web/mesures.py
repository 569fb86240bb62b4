"""Counts and durations of requests by route, as Prometheus reads them. No address, no content."""

from __future__ import annotations

import threading
from collections import Counter

BORNES = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0)


class Mesures:
    """Counters shared by the threads of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requetes: Counter[tuple[str, str, int]] = Counter()
        self._durees: dict[str, list[int]] = {}
        self._sommes: Counter[str] = Counter()

    def noter(self, methode: str, route: str, statut: int, secondes: float) -> None:
        """Count one request."""
        with self._lock:
            self._requetes[(methode, route, statut)] += 1
            rangs = self._durees.setdefault(route, [0] * (len(BORNES) + 1))
            rangs[next((i for i, borne in enumerate(BORNES) if secondes <= borne), len(BORNES))] += 1
            self._sommes[route] += round(secondes * 1_000_000)

    def texte(self) -> str:
        """Return the text exposition format."""
        lines = ["# TYPE aid_rules_requetes_total counter"]
        with self._lock:
            for (methode, route, statut), nombre in sorted(self._requetes.items()):
                lines.append(
                    f'aid_rules_requetes_total{{methode="{methode}",route="{route}",statut="{statut}"}} {nombre}'
                )
            lines.append("# TYPE aid_rules_duree_secondes histogram")
            for route, rangs in sorted(self._durees.items()):
                total = 0
                for borne, nombre in zip((*BORNES, "+Inf"), rangs, strict=True):
                    total += nombre
                    lines.append(f'aid_rules_duree_secondes_bucket{{route="{route}",le="{borne}"}} {total}')
                lines.append(f'aid_rules_duree_secondes_sum{{route="{route}"}} {self._sommes[route] / 1_000_000}')
                lines.append(f'aid_rules_duree_secondes_count{{route="{route}"}} {total}')
        return "\n".join(lines) + "\n"
