"""The exact lane: any call on any plan, in whole numbers of 64 bits.

The rules of rating, read from the tables of `batch.tables`: what `tariff` means is said there.
An amount before rounding is a whole number of sixtieths of a micro. Nothing here overflows:
`batch.guards` has bounded every sum before a call comes here.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.clocks import BandClock
from plan_rules.batch.compiled import compiled
from plan_rules.batch.tables import (
    BLOCKED,
    CALLS,
    HALF_EVEN,
    HALF_UP,
    LIMIT_AMOUNT,
    LIMIT_KIND,
    LIMIT_METER,
    METER_SLOT,
    MICROS,
    NUMBERS,
    PLAN_METERS,
    PLAN_MODE,
    PLAN_STEP,
    RATE_CAP,
    RATE_FEE,
    RATE_FIRST,
    RATE_FIRST_PRICE,
    RATE_MINIMUM,
    RATE_NEXT,
    RATE_PRICE,
    RATE_TIERS,
    RATE_TIERS_END,
    RATED,
    SCHEDULE_BAND_SET,
    SCHEDULE_CAP_MAKER,
    SCHEDULE_FEE_MAKER,
    SCHEDULE_MAKER,
    SCHEDULE_MINIMUM_MAKER,
    SCHEDULE_RATES,
    SURCHARGE_MAKER,
    SURCHARGE_PER_CALL,
    SURCHARGE_PER_MINUTE,
    TIER_AFTER,
    TIER_PRICE,
    TIER_STEP,
    TREAT_OUTSIDE,
    TREAT_REFUSED,
    TREAT_SCHEDULE,
    TREAT_SIMPLE,
    TREAT_SURCHARGES,
    TREAT_SURCHARGES_END,
    TREAT_VOLUME,
    UNCOVERED,
    UNRATED,
    UP,
    USE_BAND_SET,
    USE_BANDS,
    USE_BLOCKS,
    USE_CHOSEN,
    USE_FIRST,
    USE_FORFEITS,
    USE_KIND,
    USE_LIMITS,
    USE_LIMITS_END,
    USE_MAKER,
    USE_METER,
    USE_NEEDS_ALL,
    USE_NEXT,
    USE_PRICE,
    VOLUME_COUNTS_CALLS,
    VOLUME_METER,
    PlanTables,
)

SIXTY = 60
UNLIMITED = 1 << 60
LONGEST_CHAIN = 64
"""Allowances that may serve one class, and parts that a charge may have, at most a few more."""

# What a call leaves behind, by position in `CallState.out`.
OUT_AMOUNT, OUT_PAID = 0, 1


class CallState(NamedTuple):
    """What one plan keeps while one customer's cycle is rated, and room to work in.

    `used` counts each meter of the plan. A number stands in the set of slot s if
    `stamps[s, number]` is `current[s]`. `line_sixtieths` and `line_amounts` gather the bill's
    lines by maker. `source_*` are the allowances of the call at hand, `part_*` its parts.
    """

    used: NDArray[np.int64]
    current: NDArray[np.int64]
    stamps: NDArray[np.int64]
    line_sixtieths: NDArray[np.int64]
    line_amounts: NDArray[np.int64]
    source_use: NDArray[np.int64]
    source_room: NDArray[np.int64]
    source_seconds: NDArray[np.int64]
    part_maker: NDArray[np.int64]
    part_sixtieths: NDArray[np.int64]
    out: NDArray[np.int64]


class CallAt(NamedTuple):
    """One call: start, whole seconds, the edge of the clock in force, number, country."""

    start: int
    seconds: int
    edge: int
    number: int
    country: int
    chosen: int


@compiled
def new_state(meters: int, slots: int, numbers: int, makers: int, parts: int) -> CallState:
    """Return a state with room for the plan that needs the most."""
    return CallState(
        np.zeros(meters, np.int64),
        np.zeros(slots, np.int64),
        np.zeros((slots, numbers), np.int64),
        np.zeros(makers, np.int64),
        np.zeros(makers, np.int64),
        np.zeros(parts, np.int64),
        np.zeros(parts, np.int64),
        np.zeros(parts, np.int64),
        np.zeros(parts, np.int64),
        np.zeros(parts, np.int64),
        np.zeros(2, np.int64),
    )


@compiled
def rounded(numerator: int, whole: int, step: int, mode: int) -> int:
    """Return `numerator / (whole / step)` rounded to a multiple of the step; ties by mode."""
    size = abs(numerator)
    count = size // whole
    rest = size - count * whole
    if mode == HALF_UP:
        count += 2 * rest >= whole
    elif mode == HALF_EVEN:
        count += 2 * rest > whole or (2 * rest == whole and count % 2 == 1)
    elif mode == UP:
        count += rest > 0
    return count * step if numerator >= 0 else -count * step


@compiled
def shared(amount: int, numerator: int, whole: int, step: int, mode: int) -> int:
    """Return `amount * numerator / (whole / step)` rounded, no product above 64 bits."""
    size = abs(amount)
    count = size // whole
    rest = (size - count * whole) * numerator
    count = count * numerator + rest // whole
    rest %= whole
    if mode == HALF_UP:
        count += 2 * rest >= whole
    elif mode == HALF_EVEN:
        count += 2 * rest > whole or (2 * rest == whole and count % 2 == 1)
    elif mode == UP:
        count += rest > 0
    return count * step if amount >= 0 else -count * step


@compiled
def taxed(
    sixtieths: int, amount: int, numerator: int, denominator: int, step: int, mode: int
) -> int:
    """Return the gross of a line; tax never runs against its line."""
    gross = shared(sixtieths, numerator, denominator, step, mode)
    return max(gross, amount) if amount >= 0 else min(gross, amount)


@compiled
def _band_at(clock: BandClock, band_set: int, edge: int) -> int:
    return np.int64(clock.bands[edge, band_set])


@compiled
def _rounded_up(first: int, following: int, elapsed: int, seconds: int) -> int:
    if elapsed:
        return -(-seconds // following) * following
    if seconds <= first:
        return first
    return first - (first - seconds) // following * following


@compiled
def _whole_steps(tables: PlanTables, use: int, room: int, elapsed: int, seconds: int) -> int:
    """Return the seconds of whole increments an allowance gives towards `seconds` more."""
    first, following = tables.uses[use, USE_FIRST], tables.uses[use, USE_NEXT]
    wanted = _rounded_up(first, following, elapsed, seconds)
    if tables.uses[use, USE_KIND] == CALLS:
        return wanted if room > 0 else 0
    if room >= wanted:
        return wanted
    if elapsed:
        return room // following * following
    if room < first:
        return 0
    return first + (room - first) // following * following


@compiled
def _room(
    tables: PlanTables, state: CallState, plan: int, epoch: int, use: int, number: int
) -> int:
    """Return what an allowance can still give: its amount left, within its limits."""
    meters = tables.plans[plan, PLAN_METERS]
    meter = tables.uses[use, USE_METER]
    left = tables.meter_limits[meters + meter, epoch] - state.used[meter]
    first, end = tables.uses[use, USE_LIMITS], tables.uses[use, USE_LIMITS_END]
    if first == end:
        return left
    needs_all = tables.uses[use, USE_NEEDS_ALL]
    within = 0
    for k in range(first, end):
        limit = tables.limits[k, LIMIT_METER]
        amount, kind = tables.limits[k, LIMIT_AMOUNT], tables.limits[k, LIMIT_KIND]
        used = state.used[limit]
        if kind == NUMBERS:
            slot = tables.meters[meters + limit, METER_SLOT]
            known = state.stamps[slot, number] == state.current[slot]
            room = UNLIMITED if known or used < amount else 0
        elif kind == CALLS:
            room = UNLIMITED if used < amount else 0
        else:
            room = amount - used
        if k == first:
            within = room
        elif needs_all:
            within = max(within, room)
        else:
            within = min(within, room)
    return min(left, within)


@compiled
def _is_timely(tables: PlanTables, clock: BandClock, use: int, edge: int) -> bool:
    band_set = tables.uses[use, USE_BAND_SET]
    if band_set < 0:
        return True
    band = _band_at(clock, band_set, edge)
    return tables.use_bands[tables.uses[use, USE_BANDS] + 1 + band] != 0


@compiled
def rate_call(
    tables: PlanTables,
    clock: BandClock,
    state: CallState,
    plan: int,
    treatment: int,
    chain: int,
    epoch: int,
    call: CallAt,
    gathers: bool,  # noqa: FBT001  kernels take positions
) -> int:
    """Rate one call, move the meters, and return its outcome; the amount stands in `out`.

    `epoch` is that of the cycle, which the limits of meters are taken from. With `gathers` the
    parts of the charge are added to the lines of the bill.
    """
    out = state.out
    out[OUT_AMOUNT] = 0
    out[OUT_PAID] = 0
    seconds = call.seconds
    if seconds == 0:
        return RATED
    step, mode = tables.plans[plan, PLAN_STEP], tables.plans[plan, PLAN_MODE]
    treat = tables.treatments[treatment]
    first_use, end_use = tables.chain[chain, 0], tables.chain[chain, 1]
    simple = treat[TREAT_SIMPLE]
    if simple >= 0 and first_use == end_use and not gathers:
        rate = tables.rates[simple]
        billed = _rounded_up(rate[RATE_FIRST], rate[RATE_NEXT], 0, seconds)
        sixtieths = billed * rate[RATE_PRICE] + SIXTY * rate[RATE_FEE]
        out[OUT_AMOUNT] = rounded(sixtieths, SIXTY * step, step, mode)
        out[OUT_PAID] = billed
        return RATED
    if treat[TREAT_REFUSED] >= 0:
        return BLOCKED
    if treat[TREAT_OUTSIDE] >= 0:
        return UNCOVERED
    serving = 0
    sources = 0
    for k in range(first_use, end_use):
        use = tables.chain_uses[k]
        if tables.uses[use, USE_CHOSEN] and call.country != call.chosen:
            continue
        serving += 1
        if tables.uses[use, USE_KIND] == MICROS or not _is_timely(tables, clock, use, call.edge):
            continue
        state.source_use[sources] = use
        state.source_room[sources] = _room(tables, state, plan, epoch, use, call.number)
        state.source_seconds[sources] = 0
        sources += 1
    schedule, volume = treat[TREAT_SCHEDULE], treat[TREAT_VOLUME]
    if schedule < 0 and volume < 0 and serving == 0:
        return UNCOVERED
    refusal = _walk(tables, clock, state, schedule, sources, call)
    if refusal != RATED:
        return refusal
    parts = _parts(tables, clock, state, treat, sources, call)
    sixtieths = 0
    before = 0
    for k in range(parts):
        sixtieths += state.part_sixtieths[k]
        if gathers:
            reached = rounded(sixtieths, SIXTY * step, step, mode)
            maker = state.part_maker[k]
            state.line_sixtieths[maker] += state.part_sixtieths[k]
            state.line_amounts[maker] += reached - before
            before = reached
    amount = rounded(sixtieths, SIXTY * step, step, mode)
    _draw_time(tables, state, plan, sources, call.number)
    amount = _draw_money(tables, clock, state, plan, epoch, chain, call, amount, gathers)
    paid = out[OUT_PAID]
    if volume >= 0 and paid:
        counted = 1 if tables.volumes[volume, VOLUME_COUNTS_CALLS] else paid
        state.used[tables.volumes[volume, VOLUME_METER]] += counted
    out[OUT_AMOUNT] = amount
    return RATED


@compiled
def _walk(
    tables: PlanTables,
    clock: BandClock,
    state: CallState,
    schedule: int,
    sources: int,
    call: CallAt,
) -> int:
    """Walk the whole call; `part_sixtieths[0]` and `out` gather what is paid by the rate."""
    elapsed = 0
    paid, sixtieths = 0, 0
    edge = call.edge
    seconds = call.seconds
    while elapsed < seconds:
        # Let the first allowance with room take what it can.
        drew = False
        for k in range(sources):
            use, room = state.source_use[k], state.source_room[k]
            blocks = tables.uses[use, USE_BLOCKS] != 0
            if room <= 0 and not blocks:
                continue
            given = _whole_steps(tables, use, room, elapsed, seconds - elapsed)
            if blocks and given < seconds - elapsed:
                return BLOCKED
            if given:
                state.source_seconds[k] += given
                if tables.uses[use, USE_KIND] != CALLS:
                    state.source_room[k] -= given
                elapsed += given
                drew = True
                break
            if tables.uses[use, USE_FORFEITS]:
                continue
            # Split one increment: the allowances give their last seconds, the rest is paid.
            length = tables.uses[use, USE_NEXT] if elapsed else tables.uses[use, USE_FIRST]
            left = length
            for j in range(k, sources):
                other, has = state.source_use[j], state.source_room[j]
                counts_calls = tables.uses[other, USE_KIND] == CALLS
                if has >= left or (counts_calls and has > 0):
                    state.source_seconds[j] += left
                    if not counts_calls:
                        state.source_room[j] -= left
                    left = 0
                elif tables.uses[other, USE_BLOCKS]:
                    return BLOCKED
                elif has > 0 and not tables.uses[other, USE_FORFEITS]:
                    left -= has
                    state.source_seconds[j] += has
                    state.source_room[j] = 0
                if left == 0:
                    break
            if left:
                while clock.edges[edge + 1] <= call.start + elapsed:
                    edge += 1
                rate = _rate_in(tables, clock, schedule, edge)
                if rate < 0:
                    return UNRATED
                paid += left
                sixtieths += left * _price_at(tables, rate, elapsed)
            elapsed += length
            drew = True
            break
        if drew:
            continue
        # Pay increments by the rate: to the end, or one where an allowance may come back.
        one = False
        for k in range(sources):
            if state.source_room[k] >= tables.uses[state.source_use[k], USE_NEXT]:
                one = True
        while elapsed < seconds:
            while clock.edges[edge + 1] <= call.start + elapsed:
                edge += 1
            rate = _rate_in(tables, clock, schedule, edge)
            if rate < 0:
                return UNRATED
            if elapsed == 0:
                length = tables.rates[rate, RATE_FIRST]
                price = tables.rates[rate, RATE_FIRST_PRICE]
            else:
                until = seconds
                if tables.schedules[schedule, SCHEDULE_BAND_SET] >= 0:
                    until = min(until, clock.edges[edge + 1] - call.start)
                price, following = tables.rates[rate, RATE_PRICE], tables.rates[rate, RATE_NEXT]
                for k in range(tables.rates[rate, RATE_TIERS], tables.rates[rate, RATE_TIERS_END]):
                    if tables.tiers[k, TIER_AFTER] > elapsed:
                        until = min(until, tables.tiers[k, TIER_AFTER])
                        break
                    price, following = tables.tiers[k, TIER_PRICE], tables.tiers[k, TIER_STEP]
                steps = 1 if one else -(-(until - elapsed) // following)
                length = steps * following
            paid += length
            sixtieths += length * price
            elapsed += length
            if one:
                break
    state.out[OUT_PAID] = paid
    state.out[OUT_AMOUNT] = sixtieths
    return RATED


@compiled
def _rate_in(tables: PlanTables, clock: BandClock, schedule: int, edge: int) -> int:
    """Return the rate in force at an edge, or -1."""
    if schedule < 0:
        return -1
    band_set, first = (
        tables.schedules[schedule, SCHEDULE_BAND_SET],
        tables.schedules[schedule, SCHEDULE_RATES],
    )
    if band_set < 0:
        return tables.rate_of[first]
    return tables.rate_of[first + 1 + _band_at(clock, band_set, edge)]


@compiled
def _price_at(tables: PlanTables, rate: int, elapsed: int) -> int:
    """Return the price of an increment that starts at an elapsed second."""
    if elapsed == 0:
        return tables.rates[rate, RATE_FIRST_PRICE]
    price = tables.rates[rate, RATE_PRICE]
    for k in range(tables.rates[rate, RATE_TIERS], tables.rates[rate, RATE_TIERS_END]):
        if tables.tiers[k, TIER_AFTER] > elapsed:
            break
        price = tables.tiers[k, TIER_PRICE]
    return price


@compiled
def _parts(
    tables: PlanTables,
    clock: BandClock,
    state: CallState,
    treat: NDArray[np.int64],
    sources: int,
    call: CallAt,
) -> int:
    """List what each maker adds, in the order of the bill; return how many parts there are."""
    makers, sixtieths = state.part_maker, state.part_sixtieths
    paid = state.out[OUT_PAID]
    count = 0
    billed = paid
    total = 0
    for k in range(sources):
        given = state.source_seconds[k]
        if given:
            use = state.source_use[k]
            makers[count] = tables.uses[use, USE_MAKER]
            sixtieths[count] = given * tables.uses[use, USE_PRICE]
            total += sixtieths[count]
            count += 1
            billed += given
    schedule = treat[TREAT_SCHEDULE]
    rate = -1
    if paid and schedule >= 0:
        rate = _rate_in(tables, clock, schedule, call.edge)
        if treat[TREAT_VOLUME] < 0:
            makers[count] = tables.schedules[schedule, SCHEDULE_MAKER]
            sixtieths[count] = state.out[OUT_AMOUNT]
            total += sixtieths[count]
            count += 1
        if rate >= 0 and tables.rates[rate, RATE_FEE]:
            makers[count] = tables.schedules[schedule, SCHEDULE_FEE_MAKER]
            sixtieths[count] = SIXTY * tables.rates[rate, RATE_FEE]
            total += sixtieths[count]
            count += 1
    for k in range(treat[TREAT_SURCHARGES], treat[TREAT_SURCHARGES_END]):
        makers[count] = tables.surcharges[k, SURCHARGE_MAKER]
        sixtieths[count] = (
            billed * tables.surcharges[k, SURCHARGE_PER_MINUTE]
            + SIXTY * tables.surcharges[k, SURCHARGE_PER_CALL]
        )
        total += sixtieths[count]
        count += 1
    if rate >= 0:
        least, cap = SIXTY * tables.rates[rate, RATE_MINIMUM], tables.rates[rate, RATE_CAP]
        if total < least:
            makers[count] = tables.schedules[schedule, SCHEDULE_MINIMUM_MAKER]
            sixtieths[count] = least - total
            count += 1
            total = least
        if cap >= 0 and total > SIXTY * cap:
            makers[count] = tables.schedules[schedule, SCHEDULE_CAP_MAKER]
            sixtieths[count] = SIXTY * cap - total
            count += 1
    return count


@compiled
def _draw_time(tables: PlanTables, state: CallState, plan: int, sources: int, number: int) -> None:
    """Move the meters of the allowances that gave something, and of their limits."""
    meters = tables.plans[plan, PLAN_METERS]
    for k in range(sources):
        given = state.source_seconds[k]
        if given == 0:
            continue
        use = state.source_use[k]
        counts_calls = tables.uses[use, USE_KIND] == CALLS
        state.used[tables.uses[use, USE_METER]] += 1 if counts_calls else given
        for j in range(tables.uses[use, USE_LIMITS], tables.uses[use, USE_LIMITS_END]):
            limit, kind = tables.limits[j, LIMIT_METER], tables.limits[j, LIMIT_KIND]
            if kind == NUMBERS:
                slot = tables.meters[meters + limit, METER_SLOT]
                if state.stamps[slot, number] != state.current[slot]:
                    state.stamps[slot, number] = state.current[slot]
                    state.used[limit] += 1
            elif kind == CALLS:
                state.used[limit] += 1
            else:
                state.used[limit] += given


@compiled
def _draw_money(
    tables: PlanTables,
    clock: BandClock,
    state: CallState,
    plan: int,
    epoch: int,
    chain: int,
    call: CallAt,
    amount: int,
    gathers: bool,  # noqa: FBT001  kernels take positions
) -> int:
    """Draw a rounded charge from money allowances, in their order; return what is left of it."""
    for k in range(tables.chain[chain, 0], tables.chain[chain, 1]):
        use = tables.chain_uses[k]
        if tables.uses[use, USE_KIND] != MICROS:
            continue
        if tables.uses[use, USE_CHOSEN] and call.country != call.chosen:
            continue
        if not _is_timely(tables, clock, use, call.edge):
            continue
        room = _room(tables, state, plan, epoch, use, call.number)
        drawn = min(amount, max(0, room))
        if drawn > 0:
            state.used[tables.uses[use, USE_METER]] += drawn
            amount -= drawn
            if gathers:
                state.line_amounts[tables.uses[use, USE_MAKER]] -= drawn
                state.line_sixtieths[tables.uses[use, USE_MAKER]] -= SIXTY * drawn
    return amount
