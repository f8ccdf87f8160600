"""What a part of a billing cycle costs: a share counted by a convention, rounded once.

Pure functions over exact fractions. A share is counted (`share_left`, `share_of`), then a price
meets it in exactly one rounding (`prorate`); a credit is the same, and never more than was paid
(`credit`). Promotions come off before; one-time fees never come here.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from plan_rules.errors import InvalidValue
from plan_rules.money import Rounding, RoundingMode, round_ratio
from plan_rules.periods import Cycle, Interval, Period, epoch_seconds, local_day, midnight
from plan_rules.switching.convention import ChangeDay, ProrationConvention, ProrationUnit
from plan_rules.switching.counting import count_days
from plan_rules.switching.share import Share, SharePart

DAY = timedelta(days=1)


def share_left(
    *,
    cycle: Cycle | Interval,
    convention: ProrationConvention,
    on: date | None = None,
    at: datetime | None = None,
    zone: ZoneInfo | None = None,
) -> Share:
    """Return what is left of a cycle for the new plan when a switch takes effect.

    The switch is `on` a local day, or `at` an aware moment: one of the two. `zone` is the
    customer's; it is needed to take the day of a moment, and the seconds of a day. On the
    first day the whole cycle is left, whatever the convention; the end of the cycle, which no
    longer belongs to it, leaves nothing.

    Raises `InvalidValue` for a naive moment, a day or moment outside the cycle, both or none
    of them, and a `zone` that is needed and not given.
    """
    when = _when(on=on, at=at)
    if convention.unit is ProrationUnit.SECOND:
        share = _seconds_left(when, whole=_interval(cycle, zone), zone=zone)
    else:
        day = local_day(when, zone=_needed(zone)) if isinstance(when, datetime) else when
        share = _days_left(day, cycle=_cycle(cycle), convention=convention)
    return _to_decimals(share, convention.share_decimals)


def share_of(
    *,
    part: Period | Interval,
    cycle: Cycle | Interval,
    convention: ProrationConvention,
    zone: ZoneInfo | None = None,
) -> Share:
    """Return the share of a full cycle that a `part` of it is, such as a first partial cycle.

    A part is given in days, or as an interval where seconds are counted. Whose the day of a
    switch is has no say here: `part` begins and ends where it says.

    Raises `InvalidValue` for a part that is open or not within the cycle, and for a `zone`
    that is needed and not given.
    """
    if convention.unit is ProrationUnit.SECOND:
        share = _seconds_of(part, whole=_interval(cycle, zone), zone=zone)
    else:
        share = _days_of(part, cycle=_cycle(cycle), convention=convention)
    return _to_decimals(replace(share, part=SharePart.BILLED), convention.share_decimals)


def prorate(*, micros: int, share: Share, rounding: Rounding) -> int:
    """Return the share of a price in micros, rounded once.

    `micros` is the price of a full cycle, net of promotions, 0 or more; a negative one raises
    `InvalidValue`.
    """
    if micros < 0:
        raise InvalidValue(name="micros", value=micros, expected="a price of 0 or more")
    return rounding.apply(numerator=micros * share.numerator, denominator=share.denominator)


def credit(
    *,
    billed_micros: int,
    share: Share,
    paid_micros: int,
    rounding: Rounding,
    credited_micros: int = 0,
) -> int:
    """Return what comes back of a fee, 0 or more, in micros: its share, capped at what was paid.

    `billed_micros` is the full-period price that was billed, net of promotions: not today's
    catalog price. `paid_micros` is what the customer's line came to, which is less for a
    partial cycle, and `credited_micros` what came back of it before.
    """
    due = prorate(micros=billed_micros, share=share, rounding=rounding)
    return capped(micros=due, paid_micros=paid_micros, credited_micros=credited_micros)


def capped(*, micros: int, paid_micros: int, credited_micros: int = 0) -> int:
    """Return a credit of `micros`, at most what was paid and not yet credited, at least 0."""
    return max(0, min(micros, paid_micros - credited_micros))


def days_bought(*, billed_micros: int, share: Share, price_micros: int, cycle_days: int) -> int:
    """Return for how many days what is left of a fee pays for a plan, a day begun in full.

    `billed_micros` is the full-period price of the old plan and `share` what is left of it;
    `price_micros`, above 0, is the new plan's for a cycle of `cycle_days`. The value left is
    not rounded before, so that a switch from a plan to itself buys the days that were left.
    """
    if billed_micros < 0:
        raise InvalidValue(name="billed_micros", value=billed_micros, expected="0 or more")
    if price_micros < 1:
        raise InvalidValue(
            name="price_micros", value=price_micros, expected="above 0: days of it cannot be bought"
        )
    value = billed_micros * share.numerator * cycle_days
    return -(-value // (share.denominator * price_micros))


def _to_decimals(share: Share, decimals: int | None) -> Share:
    if decimals is None:
        return share
    scale = 10**decimals
    numerator = round_ratio(
        numerator=share.numerator * scale,
        denominator=share.denominator,
        mode=RoundingMode.HALF_UP,
    )
    detail = f"{share.words}, to {decimals} decimals"
    return replace(share, numerator=numerator, denominator=scale, detail=detail)


def _seconds_left(when: date | datetime, *, whole: Interval, zone: ZoneInfo | None) -> Share:
    moment = when if isinstance(when, datetime) else midnight(when, zone=_needed(zone))
    left = epoch_seconds(whole.end) - epoch_seconds(moment)
    if not 0 <= left <= whole.seconds:
        name = "at" if isinstance(when, datetime) else "on"
        raise InvalidValue(name=name, value=str(when), expected=f"a moment of {whole}")
    return Share(numerator=left, denominator=whole.seconds, unit=ProrationUnit.SECOND)


def _days_left(day: date, *, cycle: Cycle, convention: ProrationConvention) -> Share:
    if not cycle.start <= day <= cycle.end:
        raise InvalidValue(
            name="on",
            value=str(day),
            expected=f"a day from {cycle.start} to {cycle.end}, the end of the cycle",
        )
    first = day + DAY if convention.change_day is ChangeDay.OLD_PLAN else day
    if first == cycle.start:
        return Share(numerator=cycle.days, denominator=cycle.days)
    return count_days(min(first, cycle.end), cycle.end, cycle=cycle, convention=convention)


def _seconds_of(part: Period | Interval, *, whole: Interval, zone: ZoneInfo | None) -> Share:
    within = part if isinstance(part, Interval) else _interval_of(part, zone)
    starts_in = epoch_seconds(whole.start) <= epoch_seconds(within.start)
    if not starts_in or epoch_seconds(within.end) > epoch_seconds(whole.end):
        raise InvalidValue(name="part", value=str(within), expected=f"an interval of {whole}")
    return Share(numerator=within.seconds, denominator=whole.seconds, unit=ProrationUnit.SECOND)


def _days_of(part: Period | Interval, *, cycle: Cycle, convention: ProrationConvention) -> Share:
    start, end = _closed(part)
    if start < cycle.start or end > cycle.end:
        raise InvalidValue(name="part", value=f"{start} to {end}", expected=f"days within {cycle}")
    return count_days(start, end, cycle=cycle, convention=convention)


def _when(*, on: date | None, at: datetime | None) -> date | datetime:
    """Return the one of a day and an aware moment that is given."""
    if isinstance(on, datetime):
        raise InvalidValue(name="on", value=on, expected="a date; give a moment as `at`")
    if at is None and on is not None:
        return on
    if at is None or on is not None:
        raise InvalidValue(name="on", value=on, expected="a day, or a moment `at`: one of the two")
    if at.utcoffset() is None:
        raise InvalidValue(
            name="at", value=at, expected="a timestamp with a time zone or UTC offset"
        )
    return at


def _needed(zone: ZoneInfo | None) -> ZoneInfo:
    if zone is None:
        raise InvalidValue(name="zone", value=None, expected="the customer's time zone")
    return zone


def _interval(cycle: Cycle | Interval, zone: ZoneInfo | None) -> Interval:
    return cycle if isinstance(cycle, Interval) else cycle.interval(zone=_needed(zone))


def _cycle(cycle: Cycle | Interval) -> Cycle:
    if isinstance(cycle, Interval):
        raise InvalidValue(
            name="cycle",
            value=str(cycle),
            expected="a cycle of days, as the convention counts days",
        )
    return cycle


def _closed(part: Period | Interval) -> tuple[date, date]:
    if isinstance(part, Interval) or part.start is None or part.end is None:
        raise InvalidValue(name="part", value=str(part), expected="days with a start and an end")
    return part.start, part.end


def _interval_of(part: Period, zone: ZoneInfo | None) -> Interval:
    start, end = _closed(part)
    known = _needed(zone)
    return Interval(start=midnight(start, zone=known), end=midnight(end, zone=known))
