"""The exact lane: any call on any plan, in whole numbers of 64 bits.

The rules of rating, read from the tables of `batch.tables`: what `tariff` means is said there.
An amount before rounding is a whole number of sixtieths of a micro. Nothing here overflows:
`batch.guards` has bounded every sum before a call comes here.
"""

from __future__ import annotations

from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.clocks import BandEdges
from plan_rules.batch.compiled import compiled_bare, wide
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
    PLAN_MAKERS,
    PLAN_METERS,
    PLAN_METERS_END,
    PLAN_MODE,
    PLAN_SLOTS,
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
    T_CHAIN,
    T_CHAIN_USES,
    T_LIMITS,
    T_METER_LIMITS,
    T_METERS,
    T_PLANS,
    T_RATE_OF,
    T_RATES,
    T_SCHEDULES,
    T_SURCHARGES,
    T_TIERS,
    T_TREATMENTS,
    T_USE_BANDS,
    T_USES,
    T_VOLUMES,
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
    at,
)

Integers = NDArray[np.int64]

SIXTY = 60
UNLIMITED = 1 << 60
OTHER_PARTS = 4
"""Parts of a charge that are neither allowances nor surcharges: price, fee, minimum, cap."""

# What a call leaves behind, by position in `CallState.out`.
OUT_AMOUNT, OUT_PAID = 0, 1


# Where each part of a state begins, by the first entries of the state itself. `USED` counts each
# meter of the plan. A number stands in the set of slot s if its entry of `STAMPS` (a row for each
# slot, `NUMBERS` wide) is `CURRENT` of s; `STAMP` is the last one given out. The lines of the
# bill are gathered by maker, `SOURCE_*` are the allowances of the call at hand, `PART_*` the
# parts of its charge, `OUT` its amount and paid seconds.
S_USED, S_CURRENT, S_STAMPS, S_STAMP, S_LINE_SIXTIETHS, S_LINE_AMOUNTS = 0, 1, 2, 3, 4, 5
S_SOURCE_USE, S_SOURCE_ROOM, S_SOURCE_SECONDS, S_PART_MAKER, S_PART_SIXTIETHS = 6, 7, 8, 9, 10
S_OUT, S_NUMBERS = 11, 12


class StateSizes(NamedTuple):
    """How much room the plan needs that needs most: meters, slots, makers, parts of a charge."""

    meters: int
    slots: int
    makers: int
    parts: int

    @classmethod
    def of(cls, tables: PlanTables) -> StateSizes:
        """Return what the plans of some tables need."""
        plans, chain = tables.plans, tables.chain
        surcharges = tables.treatments[:, TREAT_SURCHARGES_END]
        most = (surcharges - tables.treatments[:, TREAT_SURCHARGES]).max(initial=0)
        return cls(
            meters=int((plans[:, PLAN_METERS_END] - plans[:, PLAN_METERS]).max(initial=1)),
            slots=int(plans[:, PLAN_SLOTS].max(initial=0)),
            makers=int(plans[:, PLAN_MAKERS].max(initial=1)),
            parts=int(OTHER_PARTS + most + (chain[:, 1] - chain[:, 0]).max(initial=0)),
        )

    def state(self, numbers: int) -> Integers:
        """Return what one plan keeps while a cycle of at most so many numbers is rated."""
        slots, parts = self.slots, self.parts
        kept = (self.meters, slots, slots * numbers, 1, self.makers, self.makers)
        sizes = (*kept, *(parts,) * 5, 2)
        begins = [*accumulate(sizes, initial=len(sizes) + 1)]
        state = np.zeros(begins[-1], np.int64)
        state[: len(sizes)] = begins[:-1]
        state[S_NUMBERS] = numbers
        return state


class CallAt(NamedTuple):
    """One call: start, whole seconds, the edge of the hours in force, number, country."""

    start: int
    seconds: int
    edge: int
    number: int
    country: int
    chosen: int


@compiled_bare
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


@compiled_bare
def shared(amount: int, numerator: int, whole: int, step: int, mode: int) -> int:
    """Return `amount * numerator / (whole / step)` rounded, no product above 64 bits."""
    size = abs(amount)
    count = size // whole
    rest = size - count * whole
    if numerator != 1:
        rest *= numerator
        count = count * numerator + rest // whole
        rest %= whole
    if mode == HALF_UP:
        count += 2 * rest >= whole
    elif mode == HALF_EVEN:
        count += 2 * rest > whole or (2 * rest == whole and count % 2 == 1)
    elif mode == UP:
        count += rest > 0
    return count * step if amount >= 0 else -count * step


@compiled_bare
def taxed(
    sixtieths: int, amount: int, numerator: int, denominator: int, step: int, mode: int
) -> int:
    """Return the gross of a line; tax never runs against its line."""
    gross = shared(sixtieths, numerator, denominator, step, mode)
    return max(gross, amount) if amount >= 0 else min(gross, amount)


@compiled_bare
def _band_at(hours: BandEdges, band_set: int, edge: int) -> int:
    return wide(hours.bands[edge, band_set])


@compiled_bare
def _rounded_up(first: int, following: int, elapsed: int, seconds: int) -> int:
    if elapsed:
        return -(-seconds // following) * following
    if seconds <= first:
        return first
    return first - (first - seconds) // following * following


@compiled_bare
def _whole_steps(tables: Integers, use: int, room: int, elapsed: int, seconds: int) -> int:
    """Return the seconds of whole increments an allowance gives towards `seconds` more."""
    first, following = at(tables, T_USES, use, USE_FIRST), at(tables, T_USES, use, USE_NEXT)
    wanted = _rounded_up(first, following, elapsed, seconds)
    if at(tables, T_USES, use, USE_KIND) == CALLS:
        return wanted if room > 0 else 0
    if room >= wanted:
        return wanted
    if elapsed:
        return room // following * following
    if room < first:
        return 0
    return first + (room - first) // following * following


@compiled_bare
def _room(tables: Integers, state: Integers, plan: int, epoch: int, use: int, number: int) -> int:
    """Return what an allowance can still give: its amount left, within its limits."""
    meters = at(tables, T_PLANS, plan, PLAN_METERS)
    meter = at(tables, T_USES, use, USE_METER)
    left = at(tables, T_METER_LIMITS, meters + meter, epoch) - state[state[S_USED] + meter]
    first, end = at(tables, T_USES, use, USE_LIMITS), at(tables, T_USES, use, USE_LIMITS_END)
    if first == end:
        return left
    needs_all = at(tables, T_USES, use, USE_NEEDS_ALL)
    within = 0
    for k in range(first, end):
        limit = at(tables, T_LIMITS, k, LIMIT_METER)
        amount, kind = at(tables, T_LIMITS, k, LIMIT_AMOUNT), at(tables, T_LIMITS, k, LIMIT_KIND)
        used = state[state[S_USED] + limit]
        if kind == NUMBERS:
            slot = at(tables, T_METERS, meters + limit, METER_SLOT)
            known = (
                state[state[S_STAMPS] + slot * state[S_NUMBERS] + number]
                == state[state[S_CURRENT] + slot]
            )
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


@compiled_bare
def _is_timely(tables: Integers, hours: BandEdges, use: int, edge: int) -> bool:
    band_set = at(tables, T_USES, use, USE_BAND_SET)
    if band_set < 0:
        return True
    band = _band_at(hours, band_set, edge)
    return at(tables, T_USE_BANDS, at(tables, T_USES, use, USE_BANDS) + 1 + band, 0) != 0


@compiled_bare
def rate_call(
    tables: Integers,
    hours: BandEdges,
    state: Integers,
    plan: int,
    treatment: int,
    chain: int,
    epoch: int,
    call: CallAt,
    gathers: bool,
) -> int:
    """Rate one call, move the meters, and return its outcome; the amount stands in `out`.

    `epoch` is that of the cycle, which the limits of meters are taken from. With `gathers` the
    parts of the charge are added to the lines of the bill.
    """
    state[state[S_OUT] + OUT_AMOUNT] = 0
    state[state[S_OUT] + OUT_PAID] = 0
    seconds = call.seconds
    if seconds == 0:
        return RATED
    step, mode = at(tables, T_PLANS, plan, PLAN_STEP), at(tables, T_PLANS, plan, PLAN_MODE)
    first_use, end_use = at(tables, T_CHAIN, chain, 0), at(tables, T_CHAIN, chain, 1)
    simple = at(tables, T_TREATMENTS, treatment, TREAT_SIMPLE)
    if simple >= 0 and first_use == end_use and not gathers:
        first, following = (
            at(tables, T_RATES, simple, RATE_FIRST),
            at(tables, T_RATES, simple, RATE_NEXT),
        )
        billed = _rounded_up(first, following, 0, seconds)
        sixtieths = billed * at(tables, T_RATES, simple, RATE_PRICE) + SIXTY * at(
            tables, T_RATES, simple, RATE_FEE
        )
        state[state[S_OUT] + OUT_AMOUNT] = rounded(sixtieths, SIXTY * step, step, mode)
        state[state[S_OUT] + OUT_PAID] = billed
        return RATED
    if at(tables, T_TREATMENTS, treatment, TREAT_REFUSED) >= 0:
        return BLOCKED
    if at(tables, T_TREATMENTS, treatment, TREAT_OUTSIDE) >= 0:
        return UNCOVERED
    serving = 0
    sources = 0
    for k in range(first_use, end_use):
        use = at(tables, T_CHAIN_USES, k, 0)
        if at(tables, T_USES, use, USE_CHOSEN) and call.country != call.chosen:
            continue
        serving += 1
        if at(tables, T_USES, use, USE_KIND) == MICROS or not _is_timely(
            tables, hours, use, call.edge
        ):
            continue
        state[state[S_SOURCE_USE] + sources] = use
        state[state[S_SOURCE_ROOM] + sources] = _room(tables, state, plan, epoch, use, call.number)
        state[state[S_SOURCE_SECONDS] + sources] = 0
        sources += 1
    schedule, volume = (
        at(tables, T_TREATMENTS, treatment, TREAT_SCHEDULE),
        at(tables, T_TREATMENTS, treatment, TREAT_VOLUME),
    )
    if schedule < 0 and volume < 0 and serving == 0:
        return UNCOVERED
    refusal = _walk(tables, hours, state, schedule, sources, call)
    if refusal != RATED:
        return refusal
    parts = _parts(tables, hours, state, treatment, sources, call)
    sixtieths = 0
    before = 0
    for k in range(parts):
        sixtieths += state[state[S_PART_SIXTIETHS] + k]
        if gathers:
            reached = rounded(sixtieths, SIXTY * step, step, mode)
            maker = state[state[S_PART_MAKER] + k]
            state[state[S_LINE_SIXTIETHS] + maker] += state[state[S_PART_SIXTIETHS] + k]
            state[state[S_LINE_AMOUNTS] + maker] += reached - before
            before = reached
    amount = rounded(sixtieths, SIXTY * step, step, mode)
    _draw_time(tables, state, plan, sources, call.number)
    amount = _draw_money(tables, hours, state, plan, epoch, chain, call, amount, gathers)
    paid = state[state[S_OUT] + OUT_PAID]
    if volume >= 0 and paid:
        counted = 1 if at(tables, T_VOLUMES, volume, VOLUME_COUNTS_CALLS) else paid
        state[state[S_USED] + at(tables, T_VOLUMES, volume, VOLUME_METER)] += counted
    state[state[S_OUT] + OUT_AMOUNT] = amount
    return RATED


@compiled_bare
def _walk(
    tables: Integers,
    hours: BandEdges,
    state: Integers,
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
            use, room = state[state[S_SOURCE_USE] + k], state[state[S_SOURCE_ROOM] + k]
            blocks = at(tables, T_USES, use, USE_BLOCKS) != 0
            if room <= 0 and not blocks:
                continue
            given = _whole_steps(tables, use, room, elapsed, seconds - elapsed)
            if blocks and given < seconds - elapsed:
                return BLOCKED
            if given:
                state[state[S_SOURCE_SECONDS] + k] += given
                if at(tables, T_USES, use, USE_KIND) != CALLS:
                    state[state[S_SOURCE_ROOM] + k] -= given
                elapsed += given
                drew = True
                break
            if at(tables, T_USES, use, USE_FORFEITS):
                continue
            # Split one increment: the allowances give their last seconds, the rest is paid.
            length = (
                at(tables, T_USES, use, USE_NEXT) if elapsed else at(tables, T_USES, use, USE_FIRST)
            )
            left = length
            for j in range(k, sources):
                other, has = state[state[S_SOURCE_USE] + j], state[state[S_SOURCE_ROOM] + j]
                counts_calls = at(tables, T_USES, other, USE_KIND) == CALLS
                if has >= left or (counts_calls and has > 0):
                    state[state[S_SOURCE_SECONDS] + j] += left
                    if not counts_calls:
                        state[state[S_SOURCE_ROOM] + j] -= left
                    left = 0
                elif at(tables, T_USES, other, USE_BLOCKS):
                    return BLOCKED
                elif has > 0 and not at(tables, T_USES, other, USE_FORFEITS):
                    left -= has
                    state[state[S_SOURCE_SECONDS] + j] += has
                    state[state[S_SOURCE_ROOM] + j] = 0
                if left == 0:
                    break
            if left:
                while hours.edges[edge + 1] <= call.start + elapsed:
                    edge += 1
                rate = _rate_in(tables, hours, schedule, edge)
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
            if state[state[S_SOURCE_ROOM] + k] >= at(
                tables, T_USES, state[state[S_SOURCE_USE] + k], USE_NEXT
            ):
                one = True
        while elapsed < seconds:
            while hours.edges[edge + 1] <= call.start + elapsed:
                edge += 1
            rate = _rate_in(tables, hours, schedule, edge)
            if rate < 0:
                return UNRATED
            if elapsed == 0:
                length = at(tables, T_RATES, rate, RATE_FIRST)
                price = at(tables, T_RATES, rate, RATE_FIRST_PRICE)
            else:
                until = seconds
                if at(tables, T_SCHEDULES, schedule, SCHEDULE_BAND_SET) >= 0:
                    until = min(until, hours.edges[edge + 1] - call.start)
                price, following = (
                    at(tables, T_RATES, rate, RATE_PRICE),
                    at(tables, T_RATES, rate, RATE_NEXT),
                )
                for k in range(
                    at(tables, T_RATES, rate, RATE_TIERS), at(tables, T_RATES, rate, RATE_TIERS_END)
                ):
                    if at(tables, T_TIERS, k, TIER_AFTER) > elapsed:
                        until = min(until, at(tables, T_TIERS, k, TIER_AFTER))
                        break
                    price, following = (
                        at(tables, T_TIERS, k, TIER_PRICE),
                        at(tables, T_TIERS, k, TIER_STEP),
                    )
                steps = 1 if one else -(-(until - elapsed) // following)
                length = steps * following
            paid += length
            sixtieths += length * price
            elapsed += length
            if one:
                break
    state[state[S_OUT] + OUT_PAID] = paid
    state[state[S_OUT] + OUT_AMOUNT] = sixtieths
    return RATED


@compiled_bare
def _rate_in(tables: Integers, hours: BandEdges, schedule: int, edge: int) -> int:
    """Return the rate in force at an edge, or -1."""
    if schedule < 0:
        return -1
    band_set, first = (
        at(tables, T_SCHEDULES, schedule, SCHEDULE_BAND_SET),
        at(tables, T_SCHEDULES, schedule, SCHEDULE_RATES),
    )
    if band_set < 0:
        return at(tables, T_RATE_OF, first, 0)
    return at(tables, T_RATE_OF, first + 1 + _band_at(hours, band_set, edge), 0)


@compiled_bare
def _price_at(tables: Integers, rate: int, elapsed: int) -> int:
    """Return the price of an increment that starts at an elapsed second."""
    if elapsed == 0:
        return at(tables, T_RATES, rate, RATE_FIRST_PRICE)
    price = at(tables, T_RATES, rate, RATE_PRICE)
    for k in range(
        at(tables, T_RATES, rate, RATE_TIERS), at(tables, T_RATES, rate, RATE_TIERS_END)
    ):
        if at(tables, T_TIERS, k, TIER_AFTER) > elapsed:
            break
        price = at(tables, T_TIERS, k, TIER_PRICE)
    return price


@compiled_bare
def _parts(
    tables: Integers,
    hours: BandEdges,
    state: Integers,
    treatment: int,
    sources: int,
    call: CallAt,
) -> int:
    """List what each maker adds, in the order of the bill; return how many parts there are."""
    paid = state[state[S_OUT] + OUT_PAID]
    count = 0
    billed = paid
    total = 0
    for k in range(sources):
        given = state[state[S_SOURCE_SECONDS] + k]
        if given:
            use = state[state[S_SOURCE_USE] + k]
            state[state[S_PART_MAKER] + count] = at(tables, T_USES, use, USE_MAKER)
            state[state[S_PART_SIXTIETHS] + count] = given * at(tables, T_USES, use, USE_PRICE)
            total += state[state[S_PART_SIXTIETHS] + count]
            count += 1
            billed += given
    schedule = at(tables, T_TREATMENTS, treatment, TREAT_SCHEDULE)
    rate = -1
    if paid and schedule >= 0:
        rate = _rate_in(tables, hours, schedule, call.edge)
        if at(tables, T_TREATMENTS, treatment, TREAT_VOLUME) < 0:
            state[state[S_PART_MAKER] + count] = at(tables, T_SCHEDULES, schedule, SCHEDULE_MAKER)
            state[state[S_PART_SIXTIETHS] + count] = state[state[S_OUT] + OUT_AMOUNT]
            total += state[state[S_PART_SIXTIETHS] + count]
            count += 1
        if rate >= 0 and at(tables, T_RATES, rate, RATE_FEE):
            state[state[S_PART_MAKER] + count] = at(
                tables, T_SCHEDULES, schedule, SCHEDULE_FEE_MAKER
            )
            state[state[S_PART_SIXTIETHS] + count] = SIXTY * at(tables, T_RATES, rate, RATE_FEE)
            total += state[state[S_PART_SIXTIETHS] + count]
            count += 1
    for k in range(
        at(tables, T_TREATMENTS, treatment, TREAT_SURCHARGES),
        at(tables, T_TREATMENTS, treatment, TREAT_SURCHARGES_END),
    ):
        state[state[S_PART_MAKER] + count] = at(tables, T_SURCHARGES, k, SURCHARGE_MAKER)
        state[state[S_PART_SIXTIETHS] + count] = billed * at(
            tables, T_SURCHARGES, k, SURCHARGE_PER_MINUTE
        ) + SIXTY * at(tables, T_SURCHARGES, k, SURCHARGE_PER_CALL)
        total += state[state[S_PART_SIXTIETHS] + count]
        count += 1
    if rate >= 0:
        least, cap = (
            SIXTY * at(tables, T_RATES, rate, RATE_MINIMUM),
            at(tables, T_RATES, rate, RATE_CAP),
        )
        if total < least:
            state[state[S_PART_MAKER] + count] = at(
                tables, T_SCHEDULES, schedule, SCHEDULE_MINIMUM_MAKER
            )
            state[state[S_PART_SIXTIETHS] + count] = least - total
            count += 1
            total = least
        if cap >= 0 and total > SIXTY * cap:
            state[state[S_PART_MAKER] + count] = at(
                tables, T_SCHEDULES, schedule, SCHEDULE_CAP_MAKER
            )
            state[state[S_PART_SIXTIETHS] + count] = SIXTY * cap - total
            count += 1
    return count


@compiled_bare
def _draw_time(tables: Integers, state: Integers, plan: int, sources: int, number: int) -> None:
    """Move the meters of the allowances that gave something, and of their limits."""
    meters = at(tables, T_PLANS, plan, PLAN_METERS)
    for k in range(sources):
        given = state[state[S_SOURCE_SECONDS] + k]
        if given == 0:
            continue
        use = state[state[S_SOURCE_USE] + k]
        counts_calls = at(tables, T_USES, use, USE_KIND) == CALLS
        state[state[S_USED] + at(tables, T_USES, use, USE_METER)] += 1 if counts_calls else given
        for j in range(
            at(tables, T_USES, use, USE_LIMITS), at(tables, T_USES, use, USE_LIMITS_END)
        ):
            limit, kind = at(tables, T_LIMITS, j, LIMIT_METER), at(tables, T_LIMITS, j, LIMIT_KIND)
            if kind == NUMBERS:
                slot = at(tables, T_METERS, meters + limit, METER_SLOT)
                if (
                    state[state[S_STAMPS] + slot * state[S_NUMBERS] + number]
                    != state[state[S_CURRENT] + slot]
                ):
                    state[state[S_STAMPS] + slot * state[S_NUMBERS] + number] = state[
                        state[S_CURRENT] + slot
                    ]
                    state[state[S_USED] + limit] += 1
            elif kind == CALLS:
                state[state[S_USED] + limit] += 1
            else:
                state[state[S_USED] + limit] += given


@compiled_bare
def _draw_money(
    tables: Integers,
    hours: BandEdges,
    state: Integers,
    plan: int,
    epoch: int,
    chain: int,
    call: CallAt,
    amount: int,
    gathers: bool,
) -> int:
    """Draw a rounded charge from money allowances, in their order; return what is left of it."""
    for k in range(at(tables, T_CHAIN, chain, 0), at(tables, T_CHAIN, chain, 1)):
        use = at(tables, T_CHAIN_USES, k, 0)
        if at(tables, T_USES, use, USE_KIND) != MICROS:
            continue
        if at(tables, T_USES, use, USE_CHOSEN) and call.country != call.chosen:
            continue
        if not _is_timely(tables, hours, use, call.edge):
            continue
        room = _room(tables, state, plan, epoch, use, call.number)
        drawn = min(amount, max(0, room))
        if drawn > 0:
            state[state[S_USED] + at(tables, T_USES, use, USE_METER)] += drawn
            amount -= drawn
            if gathers:
                state[state[S_LINE_AMOUNTS] + at(tables, T_USES, use, USE_MAKER)] -= drawn
                state[state[S_LINE_SIXTIETHS] + at(tables, T_USES, use, USE_MAKER)] -= SIXTY * drawn
    return amount
