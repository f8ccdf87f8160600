"""How many customers and calls are worked on at once, so that a limit of memory holds."""

from __future__ import annotations

from dataclasses import dataclass

from plan_rules.errors import PlanRulesError
from plan_rules.periods import DAYS_PER_WEEK, CycleLength, CycleUnit
from plan_rules.tariff.book import TariffBook

MIB = 1 << 20

DEFAULT_MEMORY = 1024 * MIB
"""The limit where nobody gives one, in bytes."""

LIBRARIES = 440 * MIB
"""Bytes that Python, the libraries, the kernels and the rows being read take, once compiled."""

ROOM = 32 * MIB
"""Bytes that have to be left for calls and their bills."""

BILLS_ROOM = 256 * MIB
"""Bytes for bills at most: more of them are not priced at once, whatever the limit."""

BILLS_SHARE = 3
"""Of what is left bills get one part in so many, up to `BILLS_ROOM`."""

HELD_CALL_BYTES = 26
"""Bytes of a call that is held: 24 as columns, and what it takes to find it."""

CELL_BYTES = 200
"""Bytes of one bill of one plan while it is priced, adjusted, laid out, and written."""

RANKED_CELL_BYTES = 100
"""Bytes of one bill of one plan that is only ranked by."""

CYCLES_OVER = 2
"""Cycles that a history touches beyond those it is long."""

SHORTEST_MONTH = 28


class MemoryTooSmall(PlanRulesError, ValueError):
    """The limit leaves no room: `limit` and `needed` are bytes, the least that would do."""

    def __init__(self, *, limit: int, needed: int) -> None:
        """Keep both."""
        self.limit = limit
        self.needed = needed
        super().__init__(
            f"a memory limit of {limit // MIB} MiB is too small; give at least "
            f"{-(-needed // MIB)} MiB, or price the customers in shards"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryPlan:
    """What fits into a limit: calls held at once, and bytes for bills at once."""

    limit: int
    calls: int
    bills: int

    @classmethod
    def of(cls, limit: int, *, customers_size: int) -> MemoryPlan:
        """Divide a limit in bytes: of what is left a third goes to bills, up to a bound.

        Raises `MemoryTooSmall` if the customers leave less than 32 MiB.
        """
        taken = LIBRARIES + customers_size
        if limit - taken < ROOM:
            raise MemoryTooSmall(limit=limit, needed=taken + ROOM)
        left = limit - taken
        bills = min(left // BILLS_SHARE, BILLS_ROOM)
        return cls(limit=limit, calls=(left - bills) // HELD_CALL_BYTES, bills=bills)

    def parts(self, calls: int) -> int:
        """Return into how many parts so many calls are to be divided."""
        return max(1, -(-calls // self.calls))

    def customers_at_once(self, book: TariffBook, *, days: int, with_bills: bool) -> int:
        """Return how many customers with a history of so many days are priced at once.

        In a table of bills every cycle has a cell for every plan, however it is cut.
        """
        billings = [tariff.plan.billing for tariff in book.plans.values()]
        if with_bills:
            cuts = {(each.length, each.calendar) for each in billings}
            cycles = sum(_cycles(length, days) for length, _ in cuts) * len(billings)
            return max(1, self.bills // max(1, cycles * CELL_BYTES))
        cycles = sum(_cycles(each.length, days) for each in billings)
        return max(1, self.bills // max(1, cycles * RANKED_CELL_BYTES))


def _cycles(length: CycleLength, days: int) -> int:
    """Return how many cycles a history of so many days touches at most."""
    return days // shortest_days(length) + CYCLES_OVER


def shortest_days(length: CycleLength) -> int:
    """Return the days that a cycle of a length has at least."""
    match length.unit:
        case CycleUnit.MONTH:
            return SHORTEST_MONTH * length.count
        case CycleUnit.WEEK:
            return DAYS_PER_WEEK * length.count
        case CycleUnit.DAY:
            return length.count
