"""One call, as a customer made it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, Decimal

from plan_rules.destinations.number import is_e164
from plan_rules.errors import InvalidValue
from plan_rules.periods import epoch_seconds

LAST_EPOCH = epoch_seconds(datetime(2200, 1, 1, tzinfo=UTC))
"""Calls start from 1970 on and before this instant, so that days around them exist."""

LONGEST_SECONDS = 10**12
"""A longer duration is no duration of anything."""


@dataclass(frozen=True, slots=True, order=True)
class Call:
    """A call: when it was answered, the number dialed, and how long it lasted.

    `start` is aware (with a zone or an offset) and kept as given; `number` is E.164 with a plus
    sign; `seconds` are whole seconds of real time, 0 for a call nobody answered. Anything else,
    and a start before 1970 or after 2199, raises `InvalidValue`. Use `whole_seconds` for
    durations with a fraction.

    Calls are ordered as they are rated: by instant in whole seconds, whatever the zone it is
    written in, then number, then duration. Calls that agree in these and in `customer_id` are
    equal.

    >>> from datetime import datetime, UTC
    >>> Call(start=datetime(2026, 3, 1, 18, 30, tzinfo=UTC), number="+525512345678", seconds=95)
    ... # doctest: +ELLIPSIS
    Call(start=..., number='+525512345678', seconds=95, customer_id='')
    """

    epoch: int = field(init=False, repr=False)
    """Whole seconds from 1970-01-01 UTC to the start; derived."""

    start: datetime = field(compare=False)
    number: str
    seconds: int
    customer_id: str = ""

    def __post_init__(self) -> None:
        """Refuse a naive start, a negative duration and a number that is not E.164."""
        if type(self.seconds) is not int or self.seconds < 0:
            raise InvalidValue(
                name="seconds", value=self.seconds, expected="whole seconds, 0 or more"
            )
        if not is_e164(self.number):
            raise InvalidValue(
                name="number", value=self.number, expected="E.164, such as +525512345678"
            )
        if self.start.utcoffset() is None:
            raise InvalidValue(
                name="start",
                value=self.start.isoformat(),
                expected="a timestamp with a time zone or UTC offset",
            )
        epoch = epoch_seconds(self.start)
        if not 0 <= epoch < LAST_EPOCH:
            raise InvalidValue(
                name="start", value=self.start.isoformat(), expected="a year from 1970 to 2199"
            )
        object.__setattr__(self, "epoch", epoch)


def whole_seconds(duration: Decimal | int | timedelta) -> int:
    """Return a duration in whole seconds; a started second counts as a whole one.

    A number is a duration in seconds. Raises `InvalidValue` for a negative duration, for one
    that is no finite number, and for more than 10 ** 12 seconds.

    >>> whole_seconds(Decimal("61.2"))
    62
    """
    if isinstance(duration, timedelta):
        seconds, negative = -(-duration // timedelta(seconds=1)), duration < timedelta()
    else:
        exact = Decimal(duration)
        if not exact.is_finite() or exact > LONGEST_SECONDS:
            raise InvalidValue(
                name="seconds",
                value=str(duration)[:40],
                expected=f"a number of seconds up to {LONGEST_SECONDS}",
            )
        negative = exact < 0
        seconds = 0 if negative else int(exact.to_integral_value(rounding=ROUND_CEILING))
    if negative:
        raise InvalidValue(name="seconds", value=str(duration)[:40], expected="0 seconds or more")
    return seconds
