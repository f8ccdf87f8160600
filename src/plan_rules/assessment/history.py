"""A customer's calls before a day, and the complete billing cycles in them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from plan_rules.errors import PlanRulesError
from plan_rules.periods import Cycle, CycleLength, cycle_at, cycles_between
from plan_rules.rating.placing import place_calls
from plan_rules.tariff.book import TariffBook
from plan_rules.usage.call import Call
from plan_rules.usage.customer import Customer


class NotEnoughHistory(PlanRulesError, ValueError):
    """There is no complete billing cycle of calls to judge by.

    `start` and `end` are the days the calls span; `needed` says what would be enough.
    """

    def __init__(self, *, start: date, end: date, needed: str) -> None:
        """Keep what there is and what is needed."""
        self.start = start
        self.end = end
        self.needed = needed
        super().__init__(f"the calls span {start} to {end}; needed: {needed}")


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A customer's calls before `as_of`, from `start` on, in the order they came."""

    customer: Customer
    calls: tuple[Call, ...]
    start: date
    as_of: date

    @classmethod
    def of(
        cls, *, book: TariffBook, customer: Customer, calls: Iterable[Call], as_of: date
    ) -> History:
        """Return the history that complete cycles can be cut from.

        It starts with the monthly cycle, from the customer's anchor, that holds the first
        call. Calls on `as_of` or later are left out.
        """
        placed = place_calls(book, calls, zone=customer.zone)
        before = [each for each in placed if each.day < as_of]
        first = before[0].day if before else as_of
        start = cycle_at(first, anchor=customer.anchor, length=CycleLength()).start
        return cls(
            customer=customer,
            calls=tuple(each.call for each in before),
            start=start,
            as_of=as_of,
        )


def called_countries(book: TariffBook, history: History) -> tuple[str, ...]:
    """Return the codes of the countries called, in order."""
    places = (book.place(call.number) for call in history.calls if call.seconds)
    return tuple(
        sorted({place.destination.country for place in places if place.destination is not None})
    )


def complete_cycles(history: History, *, anchor: date, length: CycleLength) -> tuple[Cycle, ...]:
    """Return the cycles that lie wholly within a history; raise `NotEnoughHistory` for none."""
    found = tuple(
        cycle
        for cycle in cycles_between(history.start, history.as_of, anchor=anchor, length=length)
        if cycle.start >= history.start and cycle.end <= history.as_of
    )
    if not found:
        raise NotEnoughHistory(
            start=history.start,
            end=history.as_of,
            needed=f"one complete cycle of {length.count} {length.unit}(s) before {history.as_of}",
        )
    return found


def cycle_of(day: date, cycles: Sequence[Cycle]) -> Cycle | None:
    """Return which of some cycles, in order and without gaps, holds a day, if any does."""
    index = bisect_right(cycles, day, key=lambda cycle: cycle.start) - 1
    return cycles[index] if index >= 0 and day in cycles[index] else None
