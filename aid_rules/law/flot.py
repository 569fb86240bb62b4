"""Maximum flow and minimum cut on small graphs, in exact integers (shortest augmenting paths)."""

from __future__ import annotations

from collections import deque

INFINI = 1 << 100
"""A capacity that no sum of amounts reaches."""


class Reseau:
    """A directed graph with capacities; nodes are numbered as they are created, 0 the source and 1 the sink."""

    SOURCE, PUITS = 0, 1

    def __init__(self) -> None:
        self._to: list[int] = []
        self._left: list[int] = []
        self._out: list[list[int]] = [[], []]

    def noeud(self) -> int:
        """Create a node and return its number."""
        self._out.append([])
        return len(self._out) - 1

    def arc(self, depart: int, arrivee: int, capacite: int) -> None:
        """Add an arc; `INFINI` for one that is never cut."""
        self._out[depart].append(len(self._to))
        self._out[arrivee].append(len(self._to) + 1)
        self._to += [arrivee, depart]
        self._left += [capacite, 0]

    def coupe(self) -> tuple[int, frozenset[int]]:
        """Return the value of a minimum cut and the nodes on the side of the source."""
        flow = 0
        while True:
            via = self._search()
            if self.PUITS not in via:
                return flow, frozenset(via)
            path = []
            node = self.PUITS
            while node != self.SOURCE:
                path.append(via[node])
                node = self._to[via[node] ^ 1]
            pushed = min(self._left[arc] for arc in path)
            for arc in path:
                self._left[arc] -= pushed
                self._left[arc ^ 1] += pushed
            flow += pushed

    def _search(self) -> dict[int, int]:
        """Return the arc by which each node is reached from the source."""
        via = {self.SOURCE: -1}
        queue = deque([self.SOURCE])
        while queue:
            node = queue.popleft()
            for arc in self._out[node]:
                other = self._to[arc]
                if self._left[arc] and other not in via:
                    via[other] = arc
                    if other == self.PUITS:
                        return via
                    queue.append(other)
        return via
