"""How a part of a billing cycle is counted: proration conventions, declared and named.

A convention is a small record; `proration` reads it. What must live here: every named
convention, and nothing that counts. A plan names one by its id (`switching.proration`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from plan_rules.errors import InvalidValue, UnknownId
from plan_rules.money import Rounding, RoundingMode

MOST_SHARE_DECIMALS = 18
MONTH_DAYS = range(28, 32)


class ProrationUnit(StrEnum):
    """What a part of a cycle is counted in: local days, or real seconds."""

    DAY = "day"
    SECOND = "second"


class DayCount(StrEnum):
    """How a part of a cycle is counted, and what it is divided by.

    `actual`: what is left, by what the full enclosing cycle has. `fixed-30`: a month has 30
    days; those used are counted, the rest is left. `actual-over-30`: days left by 30 a month,
    one cycle at most. `strict-30-360`: a month has 30 days, and its last day is the 30th.
    `year-365`: days left by the days of a 365th of the yearly fee, one cycle at most.
    `months-first`: whole months, then the days of the month begun. `date-difference`: days as
    two dates read, every month between them of a fixed number. `whole`: a cycle is never
    parted; it belongs to whoever had its start.
    """

    ACTUAL = "actual"
    FIXED_30 = "fixed-30"
    ACTUAL_OVER_30 = "actual-over-30"
    STRICT_30_360 = "strict-30-360"
    YEAR_365 = "year-365"
    MONTHS_FIRST = "months-first"
    DATE_DIFFERENCE = "date-difference"
    WHOLE = "whole"


class ChangeDay(StrEnum):
    """Whose the day of the switch is; where seconds are counted it is split at the instant."""

    NEW_PLAN = "new-plan"
    OLD_PLAN = "old-plan"


class CreditBasis(StrEnum):
    """What a credit is a share of.

    `full-price`: the full-period price that was billed, net of promotions, by the full
    enclosing cycle; the only basis by which a switch from a plan to itself costs exactly
    nothing. `charged-item`: the amount of the line that was charged, by the days it covered.
    """

    FULL_PRICE = "full-price"
    CHARGED_ITEM = "charged-item"


class StubCycle(StrEnum):
    """Which full cycle a first or last partial cycle is measured by.

    `enclosing`: the cycle it lies in, one definition for everything. `own-edge`: a full cycle
    back from the end of a first partial cycle, and one on from the start of a last one.
    """

    ENCLOSING = "enclosing"
    OWN_EDGE = "own-edge"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProrationConvention:
    """One way to count a part of a cycle and to round its price, once per line.

    `month_days` are the days of a month for `date-difference`. `share_decimals` rounds the
    share itself, half-up, before it meets a price; `None` keeps it exact. Raises
    `InvalidValue` for seconds by anything but actual seconds, for `month_days` outside 28 to
    31, and for `share_decimals` outside 1 to 18.
    """

    id: str
    unit: ProrationUnit = ProrationUnit.DAY
    day_count: DayCount = DayCount.ACTUAL
    change_day: ChangeDay = ChangeDay.NEW_PLAN
    rounding: RoundingMode = RoundingMode.HALF_UP
    credit_basis: CreditBasis = CreditBasis.FULL_PRICE
    stub_cycle: StubCycle = StubCycle.ENCLOSING
    month_days: int = 30
    share_decimals: int | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be counted."""
        if self.unit is ProrationUnit.SECOND and self.day_count is not DayCount.ACTUAL:
            raise InvalidValue(
                name="day_count", value=self.day_count.value, expected="`actual` for seconds"
            )
        if self.month_days not in MONTH_DAYS:
            raise InvalidValue(name="month_days", value=self.month_days, expected="28 to 31")
        decimals = self.share_decimals
        if decimals is not None and not 1 <= decimals <= MOST_SHARE_DECIMALS:
            raise InvalidValue(
                name="share_decimals", value=decimals, expected=f"1 to {MOST_SHARE_DECIMALS}"
            )

    def rounding_to(self, step_micros: int) -> Rounding:
        """Return the rounding of a line: by the convention's mode, to steps of the currency."""
        return Rounding(step_micros=step_micros, mode=self.rounding)


CALENDAR_DAY = ProrationConvention(id="calendar-day")
"""The default: local days left by the days of the cycle; the new plan has the switch day."""

CONVENTIONS: Mapping[str, ProrationConvention] = MappingProxyType(
    {
        each.id: each
        for each in (
            CALENDAR_DAY,
            ProrationConvention(id="calendar-day-old-plan", change_day=ChangeDay.OLD_PLAN),
            ProrationConvention(id="second", unit=ProrationUnit.SECOND),
            ProrationConvention(id="fixed-30", day_count=DayCount.FIXED_30),
            ProrationConvention(id="actual-over-30", day_count=DayCount.ACTUAL_OVER_30),
            ProrationConvention(id="strict-30-360", day_count=DayCount.STRICT_30_360),
            ProrationConvention(id="annualised-365", day_count=DayCount.YEAR_365),
            ProrationConvention(id="months-first", day_count=DayCount.MONTHS_FIRST),
            ProrationConvention(id="none", day_count=DayCount.WHOLE),
        )
    }
)
"""The conventions a plan can name, by id."""


CHARGED_ITEM = ProrationConvention(
    id="charged-item",
    credit_basis=CreditBasis.CHARGED_ITEM,
    stub_cycle=StubCycle.OWN_EDGE,
    share_decimals=9,
)

FOREIGN_CONVENTIONS: Mapping[str, ProrationConvention] = MappingProxyType(
    {
        each.id: each
        for each in (
            CHARGED_ITEM,
            replace(CHARGED_ITEM, id="charged-item-30", day_count=DayCount.DATE_DIFFERENCE),
            ProrationConvention(
                id="second-half-even",
                unit=ProrationUnit.SECOND,
                rounding=RoundingMode.HALF_EVEN,
            ),
        )
    }
)
"""Conventions of other billing systems, to reproduce their figures; no plan can name them.

Under those of the charged item a switch from a plan to itself may cost a cent.
"""


def convention_named(name: str) -> ProrationConvention:
    """Return the convention of that id; raise `UnknownId` with the nearest ids if none has it."""
    if name not in CONVENTIONS:
        raise UnknownId(kind="proration convention", value=name, known=CONVENTIONS)
    return CONVENTIONS[name]
