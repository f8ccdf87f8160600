"""Facts of usage: what customers called in complete monthly cycles before a day."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.compiled import compiled, wide
from plan_rules.batch.cycles import Cut, boundary, cycle_index
from plan_rules.batch.packed import PACKED, SECONDS_MASK, SHIFT
from plan_rules.batch.rules.places import MOBILE, PREMIUM

MONTH = Cut(1, 0, 0)
"""The cycles that usage is counted in: months from the customer's anchor."""

MINUTE = 60
PERCENT = 100

# Rows of what is found, those of `minutes-to` behind them.
CYCLES, CALLS, MINUTES, COUNTRIES, TOP_COUNTRY, TOP_COUNTRY_SHARE = 0, 1, 2, 3, 4, 5
MOBILE_SHARE, PREMIUM_MINUTES, PREMIUM_CALLS, PLACES = 6, 7, 8, 9

NOWHERE = -1
"""The top country of who called nothing."""

# What is summed up of the months so far.
SUM_CALLS, SUM_SECONDS, SUM_COUNTRIES, SUM_MOBILE, SUM_PREMIUM, SUM_PREMIUM_CALLS = 0, 1, 2, 3, 4, 5
SUMS = 6


class Subjects(NamedTuple):
    """Whose usage is asked for on which days: those of customer c are `first[c]` to `first[c + 1]`.

    `day` ascends within a customer; `version` is that of the zones minutes are counted by.
    """

    first: NDArray[np.int64]
    day: NDArray[np.int64]
    version: NDArray[np.int64]


@compiled
def mean(total: int, count: int) -> int:
    """Return a mean rounded half-up, 0 of nothing; neither is below 0."""
    return 0 if count == 0 else (2 * total + count) // (2 * count)


@compiled
def count_usage(
    records: NDArray[np.int64],
    first: NDArray[np.int64],
    days: NDArray[np.int32],
    place_country: NDArray[np.int32],
    place_line: NDArray[np.int8],
    within: NDArray[np.bool_],
    countries: int,
    anchors: NDArray[np.int32],
    month_starts: NDArray[np.int64],
    subjects: Subjects,
    found: NDArray[np.int64],
) -> None:
    """Write the facts of every subject into the columns of `found`.

    Calls are in the order of rating, by which local days go back by one at most.
    """
    spent = np.zeros(within.shape[1], np.int64)
    sums = np.zeros(SUMS, np.int64)
    seconds_to = np.zeros(countries, np.int64)
    touched = np.zeros(countries, np.int64)
    met_in = np.full(countries, -1, np.int64)
    months = 0
    count_touched = 0
    for c in range(len(first) - 1):
        begin, end = first[c], first[c + 1]
        anchor = wide(anchors[c])
        begun_in, version = 0, -1
        month, at = 0, begin
        for s in range(subjects.first[c], subjects.first[c + 1]):
            day = subjects.day[s]
            k = begin
            while k < end and day <= days[k] <= day + 1:
                k += 1
            if k == end or days[k] > day:
                found[:, s] = 0
                found[TOP_COUNTRY, s] = NOWHERE
                continue
            start = cycle_index(MONTH, anchor, wide(days[k]), month_starts)
            if version != subjects.version[s] or start != begun_in:
                begun_in, version = start, subjects.version[s]
                month, at = start, begin
                sums[:] = 0
                spent[:] = 0
                for j in range(count_touched):
                    seconds_to[touched[j]] = 0
                count_touched = 0
            since = boundary(MONTH, anchor, month, month_starts)
            until = boundary(MONTH, anchor, month + 1, month_starts)
            while until <= day:
                months += 1
                j = at
                while j < end and days[j] <= until:
                    packed = records[j, PACKED]
                    seconds = packed & SECONDS_MASK
                    if since <= days[j] < until and seconds:
                        place = packed >> SHIFT
                        sums[SUM_CALLS] += 1
                        sums[SUM_SECONDS] += seconds
                        country = wide(place_country[place])
                        if country >= 0:
                            if seconds_to[country] == 0:
                                touched[count_touched] = country
                                count_touched += 1
                            seconds_to[country] += seconds
                            if met_in[country] != months:
                                met_in[country] = months
                                sums[SUM_COUNTRIES] += 1
                        if place_line[place] == MOBILE:
                            sums[SUM_MOBILE] += seconds
                        elif place_line[place] == PREMIUM:
                            sums[SUM_PREMIUM] += seconds
                            sums[SUM_PREMIUM_CALLS] += 1
                        for f in range(len(spent)):
                            if within[version, f, place]:
                                spent[f] += seconds
                    j += 1
                while at < end and days[at] < until:
                    at += 1
                month += 1
                since = until
                until = boundary(MONTH, anchor, month + 1, month_starts)
            count = month - begun_in
            top, most = NOWHERE, wide(0)
            for j in range(count_touched):
                country = touched[j]
                size = seconds_to[country]
                if size > most or (size == most and country < top):
                    top, most = country, size
            found[CYCLES, s] = count
            found[CALLS, s] = mean(sums[SUM_CALLS], count)
            found[MINUTES, s] = mean(sums[SUM_SECONDS], count * MINUTE)
            found[COUNTRIES, s] = mean(sums[SUM_COUNTRIES], count)
            found[TOP_COUNTRY, s] = top
            found[TOP_COUNTRY_SHARE, s] = mean(PERCENT * most, sums[SUM_SECONDS])
            found[MOBILE_SHARE, s] = mean(PERCENT * sums[SUM_MOBILE], sums[SUM_SECONDS])
            found[PREMIUM_MINUTES, s] = mean(sums[SUM_PREMIUM], count * MINUTE)
            found[PREMIUM_CALLS, s] = mean(sums[SUM_PREMIUM_CALLS], count)
            for f in range(len(spent)):
                found[PLACES + f, s] = mean(spent[f], count * MINUTE)
        for j in range(count_touched):
            seconds_to[touched[j]] = 0
        count_touched = 0
        sums[:] = 0
        spent[:] = 0
