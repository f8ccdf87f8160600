"""What a customer's calls look like: by cycle, by destination, by number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from plan_rules.destinations.line_type import LineType
from plan_rules.destinations.plan import Destination, NumberingPlan
from plan_rules.errors import InvalidValue
from plan_rules.periods import Cycle, CycleLength, cycle_at, cycles_between, local_moment, time_zone
from plan_rules.usage.call import Call
from plan_rules.usage.customer import Customer


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleUsage:
    """The answered calls of one billing cycle, in the order they are rated.

    `complete` says whether the history holds the whole cycle: only such cycles may be averaged.
    """

    cycle: Cycle
    calls: tuple[Call, ...]
    complete: bool

    @property
    def seconds(self) -> int:
        """Called seconds."""
        return sum(call.seconds for call in self.calls)


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationUsage:
    """Answered calls and seconds to one country and line; `numbers` counts the different ones."""

    country: str
    line: LineType
    calls: int
    seconds: int
    numbers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A customer's answered calls from the start of the history to `as_of`, counted.

    `cycles` are in order and without gaps; `destinations` by descending seconds, then country
    and line. `calls`, `seconds` and `distinct_numbers` are of the answered calls, of which
    `unknown` lead to no known destination. What is counted apart: `unanswered` calls, `earlier`
    ones before the declared start, `later` ones on `as_of` or after. Every call given is in
    exactly one of `calls`, `unanswered`, `earlier` and `later`.
    """

    customer_id: str
    as_of: date
    cycles: tuple[CycleUsage, ...]
    destinations: tuple[DestinationUsage, ...]
    calls: int
    seconds: int
    distinct_numbers: int
    unknown: int
    unanswered: int
    earlier: int
    later: int

    @property
    def complete_cycles(self) -> tuple[CycleUsage, ...]:
        """The cycles that the history holds whole, in order."""
        return tuple(each for each in self.cycles if each.complete)


def profile(
    calls: Iterable[Call],
    *,
    customer: Customer,
    numbering: NumberingPlan,
    as_of: date,
    length: CycleLength | None = None,
    start: date | None = None,
) -> Profile:
    """Count a customer's calls by destination and by billing cycle, of a month if not said.

    Days and cycles are in the customer's zone; the order of the calls does not matter. `start`
    is the first day of which every call is at hand. A cycle is complete if it begins on `start`
    or later and ends on `as_of` or before, also without any call. Nobody can tell a quiet week
    from missing data, so that without `start` the history is taken to begin with the cycle of
    the first call, which counts as complete.

    Raises `InvalidValue` if `start` is not before `as_of`.
    """
    if start is not None and start >= as_of:
        raise InvalidValue(name="start", value=start.isoformat(), expected=f"a date before {as_of}")
    zone = time_zone(customer.zone)
    cut = length or CycleLength()
    anchor = customer.anchor
    dated = [(local_moment(call.epoch, zone=zone).date(), call) for call in sorted(calls)]
    known = [(day, call) for day, call in dated if day < as_of]
    within = [(day, call) for day, call in known if start is None or start <= day]
    answered = [(day, call) for day, call in within if call.seconds]
    by_cycle: dict[Cycle, list[Call]] = {}
    first = start or (within[0][0] if within else as_of)
    begun = start or cycle_at(first, anchor=anchor, length=cut).start
    for cycle in cycles_between(first, as_of, anchor=anchor, length=cut):
        by_cycle[cycle] = []
    for day, call in answered:
        by_cycle[cycle_at(day, anchor=anchor, length=cut)].append(call)
    called = [call for _, call in answered]
    destinations = _destinations(called, numbering)
    return Profile(
        customer_id=customer.id,
        as_of=as_of,
        cycles=tuple(
            CycleUsage(
                cycle=cycle,
                calls=tuple(group),
                complete=begun <= cycle.start and cycle.end <= as_of,
            )
            for cycle, group in by_cycle.items()
        ),
        destinations=destinations,
        calls=len(called),
        seconds=sum(call.seconds for call in called),
        distinct_numbers=len({call.number for call in called}),
        unknown=len(called) - sum(each.calls for each in destinations),
        unanswered=len(within) - len(answered),
        earlier=len(known) - len(within),
        later=len(dated) - len(known),
    )


def _destinations(calls: list[Call], numbering: NumberingPlan) -> tuple[DestinationUsage, ...]:
    by_place: dict[Destination, list[Call]] = {}
    for call in calls:
        place = numbering.lookup(call.number)
        if place is not None:
            by_place.setdefault(place, []).append(call)
    found = [
        DestinationUsage(
            country=place.country,
            line=place.line,
            calls=len(group),
            seconds=sum(call.seconds for call in group),
            numbers=len({call.number for call in group}),
        )
        for place, group in by_place.items()
    ]
    return tuple(sorted(found, key=lambda each: (-each.seconds, each.country, each.line)))
