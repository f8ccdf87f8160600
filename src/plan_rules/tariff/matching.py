"""Which selectors hold for a destination: most specific wins, price never decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from plan_rules.catalog.catalog import Catalog
from plan_rules.catalog.zone import Zone
from plan_rules.destinations.line_type import ORDINARY, LineType
from plan_rules.destinations.plan import Destination
from plan_rules.destinations.selector import Selector, SelectorKind

CHOSEN = frozenset({SelectorKind.CHOSEN, SelectorKind.CHOSEN_LINE})
"""The selectors whose country the customer decides."""

INDEXED = frozenset({SelectorKind.COUNTRY, SelectorKind.COUNTRY_LINE, SelectorKind.PREFIX})
"""The selectors found by what they name; all others are asked one by one."""


@dataclass(frozen=True, slots=True)
class Target:
    """Numbers that no selector tells apart: a destination and the prefixes they begin with.

    `prefixes` are the selectors' prefixes that hold for the numbers, longest first, without
    the plus sign. `lines` are the line types the numbers count as: for `either`, one of
    (`either`, `fixed`) or (`either`, `mobile`), the more specific first.
    """

    country: str
    lines: tuple[LineType, ...]
    prefixes: tuple[str, ...]

    @property
    def is_ordinary(self) -> bool:
        """Whether the numbers are reached without naming their line."""
        return bool(self.lines) and self.lines[-1] in ORDINARY


class _Members:
    """The members of a zone by kind: there are many, and most are found by what they name."""

    def __init__(self, members: tuple[Selector, ...]) -> None:
        def of(kind: SelectorKind) -> Iterator[Selector]:
            return (each for each in members if each.kind is kind)

        self.countries = frozenset(each.country for each in of(SelectorKind.COUNTRY))
        self.country_lines = frozenset(
            (each.country, each.line) for each in of(SelectorKind.COUNTRY_LINE)
        )
        self.prefixes = frozenset(each.prefix for each in of(SelectorKind.PREFIX))
        self.others = tuple(each for each in members if each.kind not in INDEXED)


def targets_of(destination: Destination | None, prefixes: tuple[str, ...]) -> tuple[Target, ...]:
    """Return what a destination counts as: itself, or both readings of an `either` number."""
    if destination is None:
        return (Target("", (), prefixes),)
    if destination.line is LineType.EITHER:
        return tuple(
            Target(destination.country, (LineType.EITHER, line), prefixes)
            for line in (LineType.FIXED, LineType.MOBILE)
        )
    return (Target(destination.country, (destination.line,), prefixes),)


class ZoneMap:
    """Which zones hold a target on one day."""

    def __init__(self, catalog: Catalog, day: date) -> None:
        """Read the version of every zone in force on `day`."""
        self._members: dict[str, tuple[_Members, _Members]] = {}
        for zone_id, zone in catalog.zones.items():
            version = zone.members.at(day)
            if version is not None:
                self._members[zone_id] = (_Members(version.members), _Members(version.without))
        self._known: dict[tuple[str, Target, bool], bool] = {}

    def _holds(self, zone: str, target: Target, *, line_named: bool) -> bool:
        """Whether `target` lies in `zone`; a zone unknown or not yet in force holds nothing."""
        key = (zone, target, line_named)
        known = self._known.get(key)
        if known is None:
            self._known[key] = False
            members = self._members.get(zone)
            known = (
                members is not None
                and self._any(members[0], target, line_named=line_named)
                and not self._any(members[1], target, line_named=line_named)
            )
            self._known[key] = known
        return known

    def _any(self, members: _Members, target: Target, *, line_named: bool) -> bool:
        if target.country in members.countries and (line_named or target.is_ordinary):
            return True
        if members.country_lines and any(
            (target.country, line) in members.country_lines for line in target.lines
        ):
            return True
        if members.prefixes and not members.prefixes.isdisjoint(target.prefixes):
            return True
        return any(self.matches(each, target, line_named=line_named) for each in members.others)

    def matches(self, selector: Selector, target: Target, *, line_named: bool = False) -> bool:
        """Whether one selector holds for a target. `chosen` is the customer's, never decided here.

        A selector without a line reaches ordinary lines only: premium, satellite, toll-free and
        special numbers must be named, by the selector itself or, with `line_named`, by the
        selector that asks about a zone's member.
        """
        if selector.kind is SelectorKind.PREFIX:
            return selector.prefix in target.prefixes
        if selector.kind in CHOSEN:
            return False
        if not self._line_matches(selector, target, line_named=line_named):
            return False
        if selector.country:
            return selector.country == target.country
        if selector.zone:
            named = line_named or selector.line is not None
            return self._holds(selector.zone, target, line_named=named)
        return True

    @staticmethod
    def _line_matches(selector: Selector, target: Target, *, line_named: bool) -> bool:
        if selector.line is not None:
            return selector.line in target.lines
        return target.is_ordinary or (line_named and bool(target.lines))


def specificity(selector: Selector) -> tuple[int, ...]:
    """Return a key that is smaller for a more specific selector of those that hold for a number.

    After the selector's rank, a selector that names `either` outright goes before one that
    names the fixed or the mobile reading of the same number.
    """
    return (*selector.rank, int(selector.line not in {None, LineType.EITHER}))


def prefixes_in(selectors: Iterable[Selector]) -> Iterator[str]:
    """Yield the digits of every prefix selector."""
    for selector in selectors:
        if selector.kind is SelectorKind.PREFIX:
            yield selector.prefix


def zone_prefixes(zone: Zone) -> frozenset[str]:
    """Return the prefixes that any version of a zone names."""
    return frozenset(prefixes_in(zone.selectors()))


def zones_reached(catalog: Catalog, selectors: Iterable[Selector]) -> frozenset[str]:
    """Return the zones that selectors name, and those these zones are made of."""
    reached: set[str] = set()
    upcoming = {each.zone for each in selectors} - {""}
    while upcoming:
        zone = upcoming.pop()
        reached.add(zone)
        named = {each.zone for each in catalog.zones[zone].selectors()} - {""}
        upcoming |= named - reached
    return frozenset(reached)
