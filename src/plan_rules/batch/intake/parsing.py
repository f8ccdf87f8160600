"""Texts of call files as numbers, a whole column at a time.

The same texts are accepted as by the readers of call files, less what asks for a declared
home or zone: numbers are E.164 with a plus sign, timestamps are ISO 8601 with an offset.
A text that cannot be read has the value `UNREADABLE`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from plan_rules.batch.compiled import compiled

Bytes = npt.NDArray[np.uint8]
Integers = npt.NDArray[np.int64]

UNREADABLE = np.iinfo(np.int64).min
NAIVE = UNREADABLE + 1
"""The value of a timestamp without an offset."""

MOST_DIGITS = 15
SPACE, PLUS, MINUS, DOT, COLON = 32, 43, 45, 46, 58
ZERO, NINE, UPPER_T, UPPER_Z, LOWER_Z = 48, 57, 84, 90, 122
MONTH_DAYS = np.array([31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.int64)
BEFORE_MONTH = np.array([306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275], dtype=np.int64)
"""Days of a year that begins in March before each month, January first."""


@compiled
def trimmed(data: Bytes, start: int, end: int) -> tuple[int, int]:
    """Return the bounds of a text without spaces and tabs around it."""
    while start < end and data[start] in (SPACE, 9):
        start += 1
    while end > start and data[end - 1] in (SPACE, 9):
        end -= 1
    return start, end


@compiled
def digits_at(data: Bytes, start: int, end: int, count: int) -> int:
    """Return the number that exactly `count` digits from `start` on make, or -1."""
    if start + count > end:
        return -1
    value = 0
    for at in range(start, start + count):
        if not ZERO <= data[at] <= NINE:
            return -1
        value = 10 * value + int(data[at]) - ZERO
    return value


@compiled
def read_numbers(offsets: Integers, data: Bytes) -> Integers:
    """Return the digits of E.164 texts, such as `+525512345678`, as integers."""
    found = np.full(len(offsets) - 1, UNREADABLE, dtype=np.int64)
    for row in range(len(found)):
        start, end = trimmed(data, offsets[row], offsets[row + 1])
        if end - start < 2 or data[start] != PLUS or end - start - 1 > MOST_DIGITS:
            continue
        value = digits_at(data, start + 1, end, end - start - 1)
        if value >= 0 and data[start + 1] != ZERO:
            found[row] = value
    return found


@compiled
def read_seconds(offsets: Integers, data: Bytes) -> Integers:
    """Return durations such as `95` or `95.2` in whole seconds, a started one as a whole."""
    found = np.full(len(offsets) - 1, UNREADABLE, dtype=np.int64)
    for row in range(len(found)):
        start, end = trimmed(data, offsets[row], offsets[row + 1])
        point = start
        while point < end and data[point] != DOT:
            point += 1
        if not 1 <= point - start <= MOST_DIGITS or end - point > MOST_DIGITS + 1:
            continue
        value = digits_at(data, start, end, point - start)
        is_sound, more = value >= 0, 0
        for at in range(point + 1, end):
            is_sound = is_sound and ZERO <= data[at] <= NINE
            more = 1 if data[at] != ZERO else more
        if is_sound:
            found[row] = value + more
    return found


@compiled
def days_before(year: int, month: int, day: int) -> int:
    """Return the days from 1970-01-01 to a date of the Gregorian calendar."""
    if month <= 2:
        year -= 1
    leaps = year // 4 - year // 100 + year // 400
    return 365 * year + leaps + int(BEFORE_MONTH[month - 1]) + day - 719_469


@compiled
def read_date(data: Bytes, start: int, end: int) -> int:
    """Return the days from 1970-01-01 to a date such as `2026-03-01`, or `UNREADABLE`."""
    year = digits_at(data, start, end, 4)
    month, day = digits_at(data, start + 5, end, 2), digits_at(data, start + 8, end, 2)
    if year < 1 or data[start + 4] != MINUS or data[start + 7] != MINUS:
        return UNREADABLE
    if not 1 <= month <= 12 or not 1 <= day <= MONTH_DAYS[month - 1]:
        return UNREADABLE
    if month == 2 and day == 29 and (year % 4 or (year % 100 == 0 and year % 400)):
        return UNREADABLE
    return days_before(year, month, day)


@compiled
def read_clock(data: Bytes, start: int, end: int) -> tuple[int, int]:
    """Return the seconds of a time such as `18:30:05.25` (rounded down), and where it ends.

    Seconds and their fraction may be left out. -1 stands for what is no time.
    """
    hour, minute = digits_at(data, start, end, 2), digits_at(data, start + 3, end, 2)
    if not 0 <= hour < 24 or not 0 <= minute < 60 or data[start + 2] != COLON:
        return -1, start
    at, second = start + 5, 0
    if at < end and data[at] == COLON:
        second = digits_at(data, at + 1, end, 2)
        if not 0 <= second < 60:
            return -1, start
        at += 3
        if at < end and data[at] == DOT:
            first = at + 1
            at = first
            while at < end and ZERO <= data[at] <= NINE:
                at += 1
            if not 1 <= at - first <= 9:
                return -1, start
    return 3600 * hour + 60 * minute + second, at


@compiled
def read_offset(data: Bytes, start: int, end: int) -> int:
    """Return the seconds that `Z`, `+05`, `+0530` or `-05:00` is ahead, or `UNREADABLE`."""
    if end - start == 1 and data[start] in (UPPER_Z, LOWER_Z):
        return 0
    if end - start not in (3, 5, 6) or data[start] not in (PLUS, MINUS):
        return UNREADABLE
    hours, minutes = digits_at(data, start + 1, end, 2), 0
    if end - start > 3:
        minutes = digits_at(data, end - 2, end, 2)
    if end - start == 6 and data[start + 3] != COLON:
        return UNREADABLE
    if not 0 <= hours < 24 or not 0 <= minutes < 60:
        return UNREADABLE
    ahead = 3600 * hours + 60 * minutes
    return ahead if data[start] == PLUS else -ahead


@compiled
def read_starts(offsets: Integers, data: Bytes) -> Integers:
    """Return timestamps in whole seconds from 1970-01-01 UTC; `NAIVE` for one without offset."""
    found = np.full(len(offsets) - 1, UNREADABLE, dtype=np.int64)
    for row in range(len(found)):
        start, end = trimmed(data, offsets[row], offsets[row + 1])
        if end - start < 16 or data[start + 10] not in (UPPER_T, SPACE):
            continue
        day = read_date(data, start, end)
        second, at = read_clock(data, start + 11, end)
        if day == UNREADABLE or second < 0:
            continue
        if at == end:
            found[row] = NAIVE
            continue
        if data[at] == SPACE:
            at += 1
        ahead = read_offset(data, at, end)
        if ahead != UNREADABLE:
            found[row] = 86_400 * day + second - ahead
    return found


@compiled
def read_dates(offsets: Integers, data: Bytes) -> Integers:
    """Return dates such as `2026-03-01` in days from 1970-01-01."""
    found = np.full(len(offsets) - 1, UNREADABLE, dtype=np.int64)
    for row in range(len(found)):
        start, end = trimmed(data, offsets[row], offsets[row + 1])
        if end - start == 10:
            found[row] = read_date(data, start, end)
    return found
