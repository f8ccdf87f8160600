"""What a customer's calls look like: by cycle, by destination, by number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from plan_rules.destinations.line_type import LineType
from plan_rules.destinations.plan import NumberingPlan
from plan_rules.periods import Cycle, CycleLength, cycle_at, cycles_between, local_moment, time_zone
from plan_rules.usage.call import Call
from plan_rules.usage.customer import Customer


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleUsage:
    """Calls and called seconds of one billing cycle; `complete` if it ended by `as_of`."""

    cycle: Cycle
    complete: bool
    calls: int
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationUsage:
    """Calls and seconds to one country and line, and how many different numbers there.

    `country` is empty and `line` is `None` for numbers that belong to no known destination.
    """

    country: str
    line: LineType | None
    calls: int
    seconds: int
    numbers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A customer's answered calls before `as_of`, counted.

    `cycles` are in order, without gaps, from that of the first call; `destinations` by
    descending seconds. `unanswered` calls count nowhere else, nor do `later` ones, on `as_of`
    or after.
    """

    customer_id: str
    as_of: date
    cycles: tuple[CycleUsage, ...]
    destinations: tuple[DestinationUsage, ...]
    calls: int
    seconds: int
    distinct_numbers: int
    unanswered: int
    later: int

    @property
    def complete_cycles(self) -> int:
        """How many cycles are complete."""
        return sum(each.complete for each in self.cycles)


def profile(
    calls: Iterable[Call],
    *,
    customer: Customer,
    as_of: date,
    numbering: NumberingPlan,
    length: CycleLength | None = None,
) -> Profile:
    """Count a customer's calls by destination and by billing cycle, of a month if not said.

    Days and cycles are in the customer's zone. The order of the calls does not matter.
    """
    zone = time_zone(customer.zone)
    cut = length or CycleLength()
    dated = [(local_moment(call.epoch, zone=zone).date(), call) for call in calls]
    before = [(day, call) for day, call in dated if day < as_of]
    answered = [(day, call) for day, call in before if call.seconds]
    by_start: dict[date, list[Call]] = {}
    by_place: dict[tuple[str, LineType | None], list[Call]] = {}
    for day, call in answered:
        cycle = cycle_at(day, anchor=customer.anchor, length=cut)
        by_start.setdefault(cycle.start, []).append(call)
        where = numbering.lookup(call.number)
        place = ("", None) if where is None else (where.country, where.line)
        by_place.setdefault(place, []).append(call)
    cycles: tuple[CycleUsage, ...] = ()
    if before:
        first = min(day for day, _ in before)
        start = cycle_at(first, anchor=customer.anchor, length=cut).start
        cycles = tuple(
            CycleUsage(
                cycle=cycle,
                complete=cycle.end <= as_of,
                calls=len(by_start.get(cycle.start, ())),
                seconds=sum(call.seconds for call in by_start.get(cycle.start, ())),
            )
            for cycle in cycles_between(start, as_of, anchor=customer.anchor, length=cut)
        )
    places = [
        DestinationUsage(
            country=country,
            line=line,
            calls=len(group),
            seconds=sum(call.seconds for call in group),
            numbers=len({call.number for call in group}),
        )
        for (country, line), group in by_place.items()
    ]
    return Profile(
        customer_id=customer.id,
        as_of=as_of,
        cycles=cycles,
        destinations=tuple(
            sorted(places, key=lambda each: (-each.seconds, each.country, each.line or ""))
        ),
        calls=len(answered),
        seconds=sum(call.seconds for _, call in answered),
        distinct_numbers=len({call.number for _, call in answered}),
        unanswered=len(before) - len(answered),
        later=len(dated) - len(before),
    )
