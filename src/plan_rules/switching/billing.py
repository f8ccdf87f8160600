"""Which parts of which cycles are billed by a day: first and last partial cycles and whole ones.

A fee in advance is due when its cycle begins, one in arrears when it has ended. A subscription
that begins between two boundaries has a first partial cycle, one that ends there a last one.
Nothing here is a price: `proration` turns the share of a billed period into an amount.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from plan_rules.errors import InvalidValue
from plan_rules.periods import Cycle, CycleLength, Period, anchor_for, cycles_between
from plan_rules.switching.convention import ProrationConvention, StubCycle
from plan_rules.switching.proration import share_of
from plan_rules.switching.share import WHOLE, Share


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledPeriod:
    """Days from `start` to `end` that are billed at once, and the full `cycle` they lie in."""

    start: date
    end: date
    cycle: Cycle

    @property
    def is_whole(self) -> bool:
        """Whether the full cycle is billed, at its full price."""
        return (self.start, self.end) == (self.cycle.start, self.cycle.end)

    @property
    def period(self) -> Period:
        """The days that are billed."""
        return Period(start=self.start, end=self.end)

    def measure(self, *, convention: ProrationConvention) -> Cycle:
        """Return the full cycle that the days are measured by."""
        if convention.stub_cycle is StubCycle.ENCLOSING or self.is_whole:
            return self.cycle
        length = self.cycle.length
        if self.start == self.cycle.start:
            end = length.boundary(self.start, 1)
            return Cycle(start=self.start, end=end, index=self.cycle.index, length=length)
        start = length.boundary(self.end, -1)
        return Cycle(start=start, end=self.end, index=self.cycle.index, length=length)

    def share(self, *, convention: ProrationConvention, zone: ZoneInfo | None = None) -> Share:
        """Return the share of a full fee that is billed; a full cycle is the whole of it."""
        if self.is_whole:
            return WHOLE
        cycle = self.measure(convention=convention)
        return share_of(part=self.period, cycle=cycle, convention=convention, zone=zone)


def billed_periods(
    *,
    start: date,
    anchor: date,
    length: CycleLength,
    until: date,
    in_advance: bool,
    end: date | None = None,
) -> tuple[BilledPeriod, ...]:
    """Return, in order, what is billed of a subscription on or before `until`.

    It begins on `start` and, where it is known to end, ends before `end`; `anchor` is the
    stored date its cycles are cut from. Periods touch and never overlap; none is billed
    beyond the end. Before the start nothing is due.

    Raises `InvalidValue` for an end before the start.
    """
    if end is not None and end < start:
        raise InvalidValue(name="end", value=end.isoformat(), expected=f"{start} or later")
    cut = anchor_for(start, anchor=anchor, length=length)
    day_after = date.fromordinal(until.toordinal() + 1)
    last = day_after if end is None else min(end, day_after)
    periods = (
        BilledPeriod(
            start=max(start, cycle.start),
            end=cycle.end if end is None else min(end, cycle.end),
            cycle=cycle,
        )
        for cycle in cycles_between(start, last, anchor=cut, length=length)
    )
    return tuple(each for each in periods if in_advance or each.end <= until)
