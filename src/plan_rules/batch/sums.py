"""From the bills of a history to the expected cost of a month, and from there to an order."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.bits import lowest
from plan_rules.batch.compiled import compiled, wide
from plan_rules.batch.cycles import Cut, anchor_of, boundary, cycle_index
from plan_rules.batch.exact import SIXTY, shared
from plan_rules.batch.lanes import WORD, Measures, Units, gross_fee, gross_usage
from plan_rules.batch.packed import NUMBER, PACKED, SECONDS_MASK, SHIFT, START
from plan_rules.batch.tables import (
    HALF_UP,
    PLAN_INTRO_CYCLES,
    PLAN_INTRO_FEE,
    PLAN_VOLUMES,
    PLAN_VOLUMES_END,
    T_FEES,
    T_MINIMUMS,
    T_PLANS,
    TaxTable,
    at,
)

NOT_ASSESSED = -1
"""What stands for the figures of a plan that a customer may not choose."""


class Horizon(NamedTuple):
    """The cycles ahead of each customer: `cycles` of them from `as_of` on.

    `joined` is the cycle in which the customer's present plan `present` began, `NEVER` if not
    known; `epoch_days` the first day of each epoch.
    """

    anchors: NDArray[np.int32]
    present: NDArray[np.int32]
    joined: NDArray[np.int64]
    as_of: int
    cycles: int
    epoch_days: NDArray[np.int64]
    month_starts: NDArray[np.int64]


@compiled
def add_epoch(
    tables: NDArray[np.int64],
    tax: TaxTable,
    cut: Cut,
    horizon: Horizon,
    plans: NDArray[np.int64],
    units: Units,
    first_row: NDArray[np.int64],
    measures: Measures,
    epoch: int,
    denied: NDArray[np.bool_],
    totals: NDArray[np.int64],
) -> None:
    """Add to `totals` [units, plans] the bills of every cycle ahead that starts in an epoch.

    Each such cycle adds the bills of the whole history on the epoch's values, with the intro
    price where it holds: a mean times the number of historic cycles. `denied` tells, by unit
    and plan, who may not join at the intro price; it is empty where all may.
    """
    count_plans = len(plans)
    fees, intro_fees = np.empty(count_plans, np.int64), np.empty(count_plans, np.int64)
    minimums, intro_cycles = np.empty(count_plans, np.int64), np.empty(count_plans, np.int64)
    any_minimum, any_volume = False, False
    for k in range(count_plans):
        plan = plans[k]
        fees[k] = gross_fee(tax, at(tables, T_FEES, plan, epoch))
        intro_fees[k] = gross_fee(tax, at(tables, T_PLANS, plan, PLAN_INTRO_FEE))
        intro_cycles[k] = at(tables, T_PLANS, plan, PLAN_INTRO_CYCLES)
        minimums[k] = at(tables, T_MINIMUMS, plan, epoch)
        any_minimum |= minimums[k] != 0
        any_volume |= at(tables, T_PLANS, plan, PLAN_VOLUMES_END) > at(
            tables, T_PLANS, plan, PLAN_VOLUMES
        )
    bills = np.empty(count_plans, np.int64)
    for u in range(len(units.customer)):
        c = units.customer[u]
        begin, end = first_row[c] + units.shift[u], first_row[c + 1] + units.shift[u]
        if begin == end:
            continue
        anchor = anchor_of(cut, wide(horizon.anchors[c]), horizon.month_starts)
        now = cycle_index(cut, anchor, horizon.as_of, horizon.month_starts)
        first, count = _cycles_of_epoch(cut, horizon, anchor, now, epoch)
        if count == 0:
            continue
        bills[:] = 0
        for row in range(begin, end):
            for k in range(count_plans):
                bills[k] += measures.usage_gross[row, k]
            if any_volume:
                for k in range(count_plans):
                    bills[k] += measures.volume_gross[row, k]
            if any_minimum:
                for k in range(count_plans):
                    spent = measures.usage[row, k] + measures.volume[row, k]
                    missing = max(0, minimums[k] - spent)
                    bills[k] += gross_usage(tax, missing * SIXTY, missing)
        present = wide(horizon.present[c])
        for k in range(count_plans):
            cycle = now + first - horizon.joined[c] if present == plans[k] else first
            introduced = max(0, min(cycle + count, intro_cycles[k]) - max(cycle, 0))
            if len(denied) and denied[u, k] and present != plans[k]:
                introduced = 0
            due = (count - introduced) * fees[k] + introduced * intro_fees[k]
            totals[u, k] += count * bills[k] + (end - begin) * due


@compiled
def _cycles_of_epoch(
    cut: Cut, horizon: Horizon, anchor: int, now: int, epoch: int
) -> tuple[int, int]:
    """Return the first of the cycles ahead that start in an epoch, and how many they are."""
    last = len(horizon.epoch_days) - 1
    first, count = -1, 0
    for ahead in range(horizon.cycles):
        start = max(horizon.as_of, boundary(cut, anchor, now + ahead, horizon.month_starts))
        if epoch < last and start >= horizon.epoch_days[epoch + 1]:
            break
        if start >= horizon.epoch_days[epoch]:
            if count == 0:
                first = ahead
            count += 1
            if epoch == last:
                count = horizon.cycles - first
                break
    return first, count


@compiled
def monthly_costs(
    customers: NDArray[np.int64],
    plans: NDArray[np.int64],
    totals: NDArray[np.int64],
    rows: NDArray[np.int64],
    one_time: NDArray[np.int64],
    present: NDArray[np.int32],
    horizon: int,
    numerator: int,
    denominator: int,
) -> NDArray[np.int64]:
    """Return the expected cost of a month, rounded half-up to a micro; -1 without a cycle.

    `numerator / denominator` are the cycles in a month.
    """
    costs = np.full(totals.shape, NOT_ASSESSED, np.int64)
    for u in range(len(customers)):
        count = rows[customers[u]]
        if count == 0:
            continue
        for k in range(len(plans)):
            total = totals[u, k]
            if present[customers[u]] != plans[k]:
                total += one_time[k] * count
            whole = count * horizon * denominator
            costs[u, k] = shared(total, numerator, whole, 1, HALF_UP)
    return costs


@compiled
def called_countries(
    records: NDArray[np.int64],
    first: NDArray[np.int64],
    days: NDArray[np.int32],
    as_of: int,
    place_country: NDArray[np.int32],
    countries: int,
) -> NDArray[np.bool_]:
    """Return which countries each customer called before `as_of`, unanswered calls left out."""
    found = np.zeros((len(first) - 1, countries), np.bool_)
    for c in range(len(first) - 1):
        for k in range(first[c], first[c + 1]):
            packed = records[k, PACKED]
            country = place_country[packed >> SHIFT]
            if country >= 0 and packed & SECONDS_MASK and days[k] < as_of:
                found[c, country] = True
    return found


@compiled
def count_missed(
    records: NDArray[np.int64],
    first: NDArray[np.int64],
    missed: NDArray[np.uint64],
    row_of: NDArray[np.int32],
    masks: NDArray[np.uint64],
    open_plans: NDArray[np.bool_],
    lost: NDArray[np.int32],
) -> None:
    """Count the calls each plan misses though some other open plan carries them.

    A call counts for a plan only within the plan's complete cycles: `row_of` is by grid and
    call, `masks` tells the plans of each grid. Equal calls are one call.
    """
    grids, words = masks.shape
    zero = np.uint64(0)
    allowed = np.zeros(words, np.uint64)
    for c in range(len(first) - 1):
        for word in range(words):
            allowed[word] = zero
        for plan in range(open_plans.shape[1]):
            if open_plans[c, plan]:
                allowed[plan // WORD] |= np.uint64(1) << np.uint64(plan % WORD)
        k = first[c]
        while k < first[c + 1]:
            if not _misses(missed, k):
                k += 1
                continue
            begin, k = k, k + 1
            while begin > first[c] and _are_equal(records, begin - 1, begin):
                begin -= 1
            while k < first[c + 1] and _are_equal(records, begin, k):
                k += 1
            anyone = False
            for same in range(begin, k):
                for grid in range(grids):
                    for word in range(words):
                        carried = ~missed[same, word] & masks[grid, word] & allowed[word]
                        anyone |= row_of[grid, same] >= 0 and carried != zero
            if not anyone:
                continue
            for word in range(words):
                bits = zero
                for same in range(begin, k):
                    for grid in range(grids):
                        if row_of[grid, same] >= 0:
                            bits |= missed[same, word] & masks[grid, word]
                bits &= allowed[word]
                while bits != zero:
                    lost[c, word * WORD + lowest(bits)] += 1
                    bits &= bits - np.uint64(1)


@compiled
def _misses(missed: NDArray[np.uint64], call: int) -> bool:
    """Whether some plan misses a call."""
    bits = missed[call, 0]
    for word in range(1, missed.shape[1]):
        bits |= missed[call, word]
    return bits != np.uint64(0)


@compiled
def _are_equal(records: NDArray[np.int64], one: int, other: int) -> bool:
    """Whether two records are of equal calls: one start, number and duration."""
    return (
        records[one, START] == records[other, START]
        and records[one, NUMBER] == records[other, NUMBER]
        and records[one, PACKED] == records[other, PACKED]
    )


@compiled
def order_plans(
    open_plans: NDArray[np.bool_],
    offered: NDArray[np.bool_],
    monthly: NDArray[np.int64],
    lost: NDArray[np.int32],
    plan_cycles: NDArray[np.int32],
    present: NDArray[np.int32],
    margin: int,
    order: NDArray[np.int32],
    advised: NDArray[np.int32],
    cycles: NDArray[np.int32],
) -> None:
    """Rank the plans on offer: fewest calls missed, then cheapest, then by index.

    As many ranks are given as `order` has columns, at least one. A customer is left out if some
    open plan, on offer or not, has no complete cycle. Of plans that are not on offer `monthly`
    and `lost` become -1.
    """
    plans, ranks = open_plans.shape[1], order.shape[1]
    for c in range(len(open_plans)):
        ranked = 0
        enough = True
        for plan in range(plans):
            if open_plans[c, plan]:
                enough &= plan_cycles[c, plan] > 0
            if not offered[c, plan]:
                monthly[c, plan] = NOT_ASSESSED
                lost[c, plan] = NOT_ASSESSED
                continue
            at = ranked
            while at > 0:
                before = order[c, at - 1]
                if lost[c, before] < lost[c, plan]:
                    break
                if lost[c, before] == lost[c, plan] and monthly[c, before] <= monthly[c, plan]:
                    break
                if at < ranks:
                    order[c, at] = before
                at -= 1
            if at < ranks:
                order[c, at] = plan
                ranked = min(ranks, ranked + 1)
        if not enough or ranked == 0:
            order[c, :] = -1
            continue
        first = order[c, 0]
        cycles[c] = plan_cycles[c, first]
        advised[c] = first
        now = present[c]
        stays = now >= 0 and lost[c, now] <= lost[c, first]
        if stays and monthly[c, now] - monthly[c, first] < margin:
            advised[c] = now
