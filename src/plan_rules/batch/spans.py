"""The times that calls lie in, looked at once and carried along with them."""

from __future__ import annotations

from typing import NamedTuple

from plan_rules.batch.clocks import years_of
from plan_rules.batch.columns import CallColumns
from plan_rules.errors import InvalidValue
from plan_rules.periods import DAY_SECONDS
from plan_rules.usage.call import LAST_EPOCH


class Span(NamedTuple):
    """The times that calls lie in: the first and the last start, and the longest call."""

    earliest: int
    latest: int
    longest: int

    @classmethod
    def nothing(cls) -> Span:
        """Return the span of no calls."""
        return cls(LAST_EPOCH, -1, 0)

    @property
    def is_empty(self) -> bool:
        """Whether there is no call."""
        return self.latest < 0

    @property
    def years(self) -> tuple[int, int]:
        """The years that the calls lie in, with room around for zones and long calls."""
        return (
            years_of(0, 0) if self.is_empty else years_of(self.earliest, self.latest + self.longest)
        )

    @property
    def days(self) -> int:
        """How many days lie between the first call and the last, both included; at least one."""
        return 1 if self.is_empty else (self.latest - self.earliest) // DAY_SECONDS + 1

    def with_(self, other: Span) -> Span:
        """Return the span of both."""
        return Span(
            min(self.earliest, other.earliest),
            max(self.latest, other.latest),
            max(self.longest, other.longest),
        )


def span_of(calls: CallColumns) -> Span:
    """Return the times that calls lie in; raises `InvalidValue` for one that cannot be."""
    if not len(calls):
        return Span.nothing()
    earliest, latest = int(calls.start.min()), int(calls.start.max())
    if earliest < 0 or latest >= LAST_EPOCH:
        raise InvalidValue(
            name="start", value=(earliest, latest), expected="instants from 1970 to 2199"
        )
    return Span(earliest, latest, max(0, int(calls.seconds.max())))


def demand_customers(calls: CallColumns, customers: int) -> None:
    """Raise `InvalidValue` for a call of none of so many customers."""
    if not len(calls):
        return
    least, most = int(calls.customer.min()), int(calls.customer.max())
    if least < 0 or most >= customers:
        raise InvalidValue(
            name="customer",
            value=(least, most),
            expected=f"indexes of the {customers} customers",
        )
