"""Sets of destinations as bits, for asking at once what covers what.

Every destination that numbers lead to is one bit (a number of line `either` is two: read as
fixed, read as mobile), and so is each part of it that a prefix of a zone or a plan cuts out.
What a selector reaches is then one integer, and covering, overlapping and lacking are `&` and
`~`. What a selector means is said in `tariff.matching`; a property holds the two together.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from datetime import date

from plan_rules.catalog.zone import Zone, ZoneMembers
from plan_rules.destinations.line_type import ORDINARY, LineType
from plan_rules.destinations.number import prefix_range
from plan_rules.destinations.plan import Destination, NumberingPlan
from plan_rules.destinations.selector import Selector, SelectorKind
from plan_rules.tariff.matching import Target, targets_of
from plan_rules.tariff.targets import cuts

SHOWN = 3
"""Destinations named in a message; the others are counted."""


class World:
    """Every destination as a bit, whatever the day."""

    def __init__(self, numbering: NumberingPlan, prefixes: Iterable[str]) -> None:
        """Lay out the bits: destinations first, then what the prefixes cut out of them.

        `bits` are the bits of each destination, as the given prefixes cut it.
        """
        self._numbering = numbering
        self.targets: list[Target] = []
        self.plain: dict[Destination, int] = {}
        self.bits: dict[tuple[Destination | None, tuple[str, ...]], tuple[int, ...]] = {}
        named = {id(each): each for each in numbering.prefixes.values()}
        for destination in sorted(set(named.values())):
            self.plain[destination] = self._add(destination, ())
        self.prefixes = frozenset(prefixes)
        for cut in cuts(numbering, self.prefixes) if self.prefixes else ():
            if cut.prefixes and (cut.destination, cut.prefixes) not in self.bits:
                self._add(cut.destination, cut.prefixes)
        self.all = (1 << len(self.targets)) - 1
        self.lines = {line: self._where(lambda t: line in t.lines) for line in LineType}  # noqa: B023  asked at once
        self.ordinary = self._where(lambda t: bool(t.lines) and t.lines[-1] in ORDINARY)
        self.countries: dict[str, int] = {}
        self._cut: list[tuple[int, tuple[str, ...]]] = []
        for index, target in enumerate(self.targets):
            bit = 1 << index
            self.countries[target.country] = self.countries.get(target.country, 0) | bit
            if target.prefixes:
                self._cut.append((bit, target.prefixes))

    def prefixed(self, prefixes: frozenset[str]) -> int:
        """Return the cut-out parts all of whose numbers begin with one of the prefixes."""
        found = 0
        for bit, stack in self._cut:
            longest = stack[0]
            if any(longest[:length] in prefixes for length in range(1, len(longest) + 1)):
                found |= bit
        return found

    def touched(self, prefixes: Iterable[str]) -> int:
        """Return every destination some of whose numbers begin with one of the prefixes."""
        starts, places = self._numbering.starts, self._numbering.destinations
        met: set[Destination] = set()
        for prefix in prefixes:
            first, end = prefix_range(prefix)
            here = slice(bisect_right(starts, first) - 1, bisect_left(starts, end))
            met.update(place for place in places[here] if place is not None)
        touched = 0
        for place in met:
            touched |= self.plain[place]
        return touched

    def names(self, mask: int) -> str:
        """Return destinations as selectors for a message: the first three, and how many more."""
        lines: dict[str, set[str]] = {}
        for index, target in enumerate(self.targets):
            if mask >> index & 1:
                where = target.country or f"+{target.prefixes[0]}"
                line = target.lines[0].value if target.lines else ""
                lines.setdefault(where, set()).add(line)
        texts: list[str] = []
        for where, found in lines.items():
            whole = self.countries.get(where, 0) & self.ordinary
            if whole and mask & whole == whole:
                texts.append(f"`{where}`")
                found = found - {line.value for line in ORDINARY}  # noqa: PLW2901  what is left
            texts += [f"`{where}/{line}`" if line else f"`{where}`" for line in sorted(found)]
        more = f" and {len(texts) - SHOWN} more" if len(texts) > SHOWN else ""
        return ", ".join(texts[:SHOWN]) + more

    def both_readings(self, mask: int) -> int:
        """Return the mask less numbers of line `either` of which it holds one reading only."""
        either = mask & self.lines[LineType.EITHER]
        fixed = either & self.lines[LineType.FIXED]
        mobile = either & self.lines[LineType.MOBILE]
        kept = fixed & (mobile >> 1)
        return mask & ~either | kept | kept << 1

    def _add(self, destination: Destination | None, prefixes: tuple[str, ...]) -> int:
        first = len(self.targets)
        self.targets += targets_of(destination, prefixes)
        bits = range(first, len(self.targets))
        self.bits[destination, prefixes] = tuple(bits)
        return sum(1 << bit for bit in bits)

    def _where(self, holds: Callable[[Target], bool]) -> int:
        bits = 0
        for index, target in enumerate(self.targets):
            if holds(target):
                bits |= 1 << index
        return bits


class Atlas:
    """What each selector reaches on one day; `None` where that cannot be known."""

    def __init__(self, world: World, zones: Mapping[str, Zone], day: date) -> None:
        """Keep the zones; `zones` has those only that are free of errors."""
        self.world = world
        self._zones = zones
        self.day = day
        self._held: dict[str, int | None] = {}
        self._masks: dict[Selector, int | None] = {}

    def mask(self, selector: Selector) -> int | None:
        """Return what a selector reaches; `chosen` reaches nothing by itself."""
        if selector not in self._masks:
            self._masks[selector] = self._reached(selector, line_named=False)
        return self._masks[selector]

    def reached(self, selectors: Iterable[Selector]) -> int:
        """Return what any of the selectors of a sound catalog reaches."""
        return self.union(selectors) or 0

    def union(self, selectors: Iterable[Selector]) -> int | None:
        """Return what any of the selectors reaches."""
        found = 0
        for selector in selectors:
            mask = self.mask(selector)
            if mask is None:
                return None
            found |= mask
        return found

    def _reached(self, selector: Selector, *, line_named: bool) -> int | None:
        world = self.world
        if selector.kind is SelectorKind.PREFIX:
            return world.prefixed(frozenset([selector.prefix]))
        if selector.kind in {SelectorKind.CHOSEN, SelectorKind.CHOSEN_LINE}:
            return 0
        if selector.line is not None:
            within = world.lines[selector.line]
        else:
            within = world.all if line_named else world.ordinary
        if selector.country:
            return world.countries.get(selector.country, 0) & within
        if selector.zone:
            held = self._zone(selector.zone)
            return None if held is None else held & within
        return within & ~world.countries.get("", 0)

    def _zone(self, zone_id: str) -> int | None:
        """Return all a zone holds, premium and other special lines of its members included."""
        if zone_id not in self._held:
            self._held[zone_id] = None
            zone = self._zones.get(zone_id)
            if zone is not None:
                version = zone.members.at(self.day)
                self._held[zone_id] = 0 if version is None else self._members(version)
        return self._held[zone_id]

    def _members(self, version: ZoneMembers) -> int | None:
        found, taken = 0, 0
        for selector in version.members:
            mask = self._reached(selector, line_named=True)
            if mask is None:
                return None
            found |= mask
        for selector in version.without:
            mask = self._reached(selector, line_named=True)
            if mask is None:
                return None
            taken |= mask
        return found & ~taken
