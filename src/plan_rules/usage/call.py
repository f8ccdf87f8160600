"""One call, as a customer made it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal

from plan_rules.destinations.number import is_e164
from plan_rules.errors import InvalidValue
from plan_rules.periods import epoch_seconds


@dataclass(frozen=True, slots=True)
class Call:
    """A call: when it was answered, the number dialed, and how long it lasted.

    `start` is aware (with a zone or an offset); `number` is E.164 with a plus sign; `seconds`
    are whole seconds of real time, 0 for a call nobody answered. Anything else raises
    `InvalidValue`. Use `whole_seconds` for durations with a fraction.

    >>> from datetime import datetime, UTC
    >>> Call(start=datetime(2026, 3, 1, 18, 30, tzinfo=UTC), number="+525512345678", seconds=95)
    ... # doctest: +ELLIPSIS
    Call(start=..., number='+525512345678', seconds=95, customer_id='')
    """

    start: datetime
    number: str
    seconds: int
    customer_id: str = ""
    epoch: int = field(init=False, repr=False, compare=False)
    """Seconds from 1970-01-01 UTC to the start; derived."""

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
        object.__setattr__(self, "epoch", epoch_seconds(self.start))


def whole_seconds(duration: Decimal | int | timedelta) -> int:
    """Return a duration in whole seconds; a started second counts as a whole one.

    Raises `InvalidValue` for a negative duration, and for one that is no finite number.
    """
    if isinstance(duration, timedelta):
        seconds, negative = -(-duration // timedelta(seconds=1)), duration < timedelta()
    elif isinstance(duration, Decimal) and not duration.is_finite():
        raise InvalidValue(name="seconds", value=str(duration), expected="a number of seconds")
    else:
        exact = Decimal(duration)
        seconds, negative = int(exact.to_integral_value(rounding=ROUND_CEILING)), exact < 0
    if negative:
        raise InvalidValue(name="seconds", value=str(duration), expected="0 seconds or more")
    return seconds
