"""Every number there is, cut into the targets that a catalog can tell apart."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from plan_rules.destinations.number import prefix_range
from plan_rules.destinations.plan import Destination, NumberingPlan


@dataclass(frozen=True, slots=True)
class Cut:
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
    bounds = {0, *numbering.starts}
    for (start, end), _ in ranges:
        bounds |= {start, end}
    found: list[Cut] = []
    open_prefixes: list[tuple[int, str]] = []
    upcoming = 0
    for start in sorted(bounds):
        while open_prefixes and open_prefixes[-1][0] <= start:
            open_prefixes.pop()
        while upcoming < len(ranges) and ranges[upcoming][0][0] == start:
            (_, end), prefix = ranges[upcoming]
            open_prefixes.append((end, prefix))
            upcoming += 1
        found.append(
            Cut(
                start=start,
                destination=_destination_at(numbering, start),
                prefixes=tuple(prefix for _, prefix in reversed(open_prefixes)),
            )
        )
    return tuple(found)


def _destination_at(numbering: NumberingPlan, start: int) -> Destination | None:
    index = bisect_right(numbering.starts, start) - 1
    return numbering.destinations[index] if index >= 0 else None
