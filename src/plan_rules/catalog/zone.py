"""Zones: sets of destinations that the operator names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plan_rules.catalog.dated import Dated
from plan_rules.destinations.selector import Selector
from plan_rules.errors import NOWHERE, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneMembers:
    """What a zone holds: `members` (countries, country/line, prefixes) less `without`."""

    members: tuple[Selector, ...]
    without: tuple[Selector, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A named set of destinations, versioned by date. "EU" is what this operator says it is."""

    id: str
    name: str
    members: Dated[ZoneMembers]
    span: Span = NOWHERE

    def selectors(self) -> Iterator[Selector]:
        """Yield every selector that any version of the zone names."""
        for version in self.members.values:
            yield from version.members
            yield from version.without
