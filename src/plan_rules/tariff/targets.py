"""Every number there is, cut into the targets that a catalog can tell apart."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import repeat
from typing import NamedTuple

from plan_rules.destinations.number import prefix_range
from plan_rules.destinations.plan import Destination, NumberingPlan


class Cut(NamedTuple):
    """Numbers from `start` (a sort key) to the next cut: all alike to the catalog."""

    start: int
    destination: Destination | None
    prefixes: tuple[str, ...]


def cuts(numbering: NumberingPlan, prefixes: Iterable[str]) -> tuple[Cut, ...]:
    """Merge the numbering plan and the selectors' prefixes into one sorted interval table.

    The first cut starts at 0. `prefixes` of a cut are longest first. Prefixes nest or lie
    apart, so that one sweep with a stack of open prefixes finds what covers each interval.
    """
    ranges = sorted(
        ((prefix_range(prefix), prefix) for prefix in set(prefixes)),
        key=lambda row: (row[0][0], -row[0][1]),
    )
    if not ranges:
        return tuple(map(Cut, numbering.starts, numbering.destinations, repeat(())))
    leads = dict(zip(numbering.starts, numbering.destinations, strict=True))
    edges = {edge for bounds, _ in ranges for edge in bounds}
    found: list[Cut] = []
    open_prefixes: list[tuple[int, str]] = []
    covering: tuple[str, ...] = ()
    destination: Destination | None = None
    upcoming = 0
    for start in sorted(edges.union(leads)):
        destination = leads.get(start, destination)
        if start in edges:
            while open_prefixes and open_prefixes[-1][0] <= start:
                open_prefixes.pop()
            while upcoming < len(ranges) and ranges[upcoming][0][0] == start:
                (_, end), prefix = ranges[upcoming]
                open_prefixes.append((end, prefix))
                upcoming += 1
            covering = tuple(prefix for _, prefix in reversed(open_prefixes))
        found.append(Cut(start, destination, covering))
    return tuple(found)
