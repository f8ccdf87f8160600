"""The calls still to come in a cycle, if a customer goes on calling as in the last weeks.

The rule, in one sentence: the rest of the cycle repeats the customer's last four weeks, call by
call, at the same weekday, the same wall clock, to the same number and as long. Four weeks hold
every weekday equally often. Where less is known, the whole weeks that are known are repeated;
where not even one is, nothing is projected.

Calls are projected, and not amounts, so that a projected amount is what rating says of them:
increments, order of allowances, limits and blocks included.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from plan_rules.periods import DAYS_PER_WEEK, epoch_seconds, local_moment
from plan_rules.usage.call import Call

LONGEST_WEEKS = 4
"""Weeks that are repeated at most."""


def repeated_weeks(calls: Iterable[Call], *, as_of: datetime, zone: ZoneInfo) -> int:
    """Return how many whole weeks before `as_of` can be repeated: 0 to 4.

    What is known begins on the local day of the first call: nobody can tell a quiet week from
    missing data.
    """
    first = min((call.epoch for call in calls), default=None)
    if first is None:
        return 0
    today = as_of.astimezone(zone).date()
    known = (today - local_moment(first, zone=zone).date()).days
    return max(0, min(LONGEST_WEEKS, known // DAYS_PER_WEEK))


def calls_to_come(
    calls: Iterable[Call], *, as_of: datetime, end: date, zone: ZoneInfo
) -> tuple[Call, ...]:
    """Return the calls from `as_of` to the local day `end` (exclusive), in no certain order.

    `calls` are those before `as_of`. A wall clock that daylight saving skips is moved on with
    it; of one that it repeats the first is meant.
    """
    known = tuple(calls)
    weeks = repeated_weeks(known, as_of=as_of, zone=zone)
    if not weeks:
        return ()
    step = timedelta(days=weeks * DAYS_PER_WEEK)
    now = as_of.astimezone(zone).replace(tzinfo=None)
    found = []
    for call in known:
        wall = local_moment(call.epoch, zone=zone).replace(tzinfo=None)
        if wall < now - step:
            continue
        wall += step
        while wall.date() < end:
            start = wall.replace(tzinfo=zone)
            if epoch_seconds(start) >= epoch_seconds(as_of):
                found.append(replace(call, start=start))
            wall += step
    return tuple(found)
