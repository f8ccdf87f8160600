"""One call through one row of a tariff: the rules of DESIGN section 6, one function each.

A call is walked increment by increment, but never one at a time where several are alike. An
increment is atomic and has the price of the band and tier in force when it starts, as in
CGRateS (calldesc.go) and rate-o-mat (rate-o-mat.pl). Allowances are asked first, in draw
order; what none of them takes is paid by the rate. Nothing is drawn from a meter until the
whole call is known to be admitted.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from plan_rules.catalog.plan import Volume, VolumeUnit
from plan_rules.catalog.rate import Rate
from plan_rules.money import Rounding
from plan_rules.rating.charge import Charge, Draw, Outcome, Part
from plan_rules.rating.placing import PlacedCall
from plan_rules.tariff.book import AllowanceUse, Schedule, Treatment
from plan_rules.tariff.meters import UNLIMITED, CycleState, MeterKind, MeterSpec

SIXTY = 60


@dataclass(frozen=True, slots=True)
class Meters:
    """What a plan may draw from in this cycle: its meters, their limits, the chosen country.

    `volumes` pairs each volume price with the meter of its units.
    """

    specs: tuple[MeterSpec, ...]
    limits: tuple[int, ...]
    volumes: tuple[tuple[Volume, int], ...]
    chosen: str


class Unpriced(Exception):
    """The walk met a second for which no price is in force."""


class Refused(Exception):
    """The walk met an allowance that blocks what it does not cover; `maker` is the allowance."""

    def __init__(self, maker: int) -> None:
        """Keep who refused."""
        self.maker = maker
        super().__init__(maker)


@dataclass(slots=True)
class Source:
    """An allowance during one call: the room it has left, and what it gave so far."""

    use: AllowanceUse
    kind: MeterKind
    room: int
    seconds: int = 0

    @property
    def counts_calls(self) -> bool:
        """Whether the allowance covers a call as a whole."""
        return self.kind is MeterKind.CALLS

    def whole_steps(self, *, elapsed: int, seconds: int) -> int:
        """Return the seconds of whole increments the allowance gives towards `seconds` more."""
        if self.counts_calls:
            wanted = self._rounded(elapsed, seconds)
            return wanted if self.room > 0 else 0
        wanted = self._rounded(elapsed, seconds)
        if self.room >= wanted:
            return wanted
        if elapsed:
            return self.room // self.use.next * self.use.next
        if self.room < self.use.first:
            return 0
        return self.use.first + (self.room - self.use.first) // self.use.next * self.use.next

    def step(self, elapsed: int) -> int:
        """Return the length of the increment that starts at `elapsed`."""
        return self.use.next if elapsed else self.use.first

    def take(self, seconds: int) -> None:
        """Draw seconds from the room; an allowance of calls covers any number of them."""
        self.seconds += seconds
        if not self.counts_calls:
            self.room -= seconds

    def _rounded(self, elapsed: int, seconds: int) -> int:
        first, following = self.use.first, self.use.next
        if elapsed:
            return -(-seconds // following) * following
        if seconds <= first:
            return first
        return first - (first - seconds) // following * following


@dataclass(slots=True)
class Walk:
    """One call under way: elapsed seconds, what the allowances gave, what is to be paid.

    `paid` counts seconds and sixtieths of a micro by maker.
    """

    placed: PlacedCall
    schedule: Schedule | None
    seconds: int
    sources: list[Source]
    elapsed: int = 0
    paid_seconds: int = 0
    paid_sixtieths: int = 0
    runs: tuple[tuple[int, int], ...] = field(default_factory=tuple)

    def go(self) -> None:
        """Walk the whole call; raises `Unpriced` or `Refused`."""
        while self.elapsed < self.seconds:
            if not self._draw():
                self._pay()

    def _draw(self) -> bool:
        """Let the first allowance with room take what it can; return whether one did."""
        for index, source in enumerate(self.sources):
            if source.room <= 0 and not source.use.blocks:
                continue
            wanted = self.seconds - self.elapsed
            given = source.whole_steps(elapsed=self.elapsed, seconds=wanted)
            if given < wanted and source.use.blocks:
                raise Refused(source.use.maker)
            if given:
                source.take(given)
                self.elapsed += given
                return True
            if not source.use.forfeits:
                self._share(index)
                return True
        return False

    def _share(self, index: int) -> None:
        """Split one increment: the allowance gives its last seconds, the rest is passed on.

        The rest stays one piece: the next allowances may take it, at last it is paid at the
        price in force where the increment started.
        """
        left = self.sources[index].step(self.elapsed)
        for source in self.sources[index:]:
            if source.room >= left or (source.counts_calls and source.room > 0):
                source.take(left)
                left = 0
            elif source.use.blocks:
                raise Refused(source.use.maker)
            elif source.room > 0 and not source.use.forfeits:
                left -= source.room
                source.take(source.room)
            if not left:
                break
        start = self.elapsed
        self.elapsed += self.sources[index].step(start)
        if left:
            rate, _ = self._rate_at(start)
            self._add(left, _price_at(rate, start))

    def _pay(self) -> None:
        """Pay increments by the rate: to the end, or one where an allowance may come back."""
        one = any(source.room >= source.use.next for source in self.sources)
        while self.elapsed < self.seconds:
            rate, until = self._rate_at(self.elapsed)
            if self.elapsed == 0:
                self._add(rate.increment.first, rate.first_price)
                self.elapsed = rate.increment.first
            else:
                price, step, until = _tier_at(rate, self.elapsed, until)
                steps = 1 if one else -(-(until - self.elapsed) // step)
                self._add(steps * step, price)
                self.elapsed += steps * step
            if one:
                return

    def _add(self, seconds: int, price: int) -> None:
        self.paid_seconds += seconds
        self.paid_sixtieths += seconds * price

    def _rate_at(self, elapsed: int) -> tuple[Rate, int]:
        """Return the rate in force at an elapsed second, and the second at which its band ends."""
        if self.schedule is None:
            raise Unpriced
        until = self.seconds
        rate = self.schedule.rates[0]
        if self.schedule.band_set >= 0:
            band = -1
            for start, index in self.placed.runs(self.schedule.band_set):
                if start > elapsed:
                    until = start
                    break
                band = index
            rate = self.schedule.rate_in(band)
        if rate is None:
            raise Unpriced
        return rate, until


def _tier_at(rate: Rate, elapsed: int, until: int) -> tuple[int, int, int]:
    """Return price, step and end of the tier in force at an elapsed second."""
    price, step = rate.price, rate.increment.next
    for tier in rate.tiers:
        if tier.after > elapsed:
            return price, step, min(until, tier.after)
        price = tier.price
        step = rate.increment.next if tier.increment is None else tier.increment
    return price, step, until


def _price_at(rate: Rate, elapsed: int) -> int:
    """Return the price of an increment that starts at an elapsed second."""
    return _tier_at(rate, elapsed, elapsed + 1)[0] if elapsed else rate.first_price


def rate_call(  # noqa: PLR0911  one return for each way a call can end
    placed: PlacedCall,
    treatment: Treatment,
    chain: tuple[AllowanceUse, ...],
    *,
    meters: Meters,
    state: CycleState,
    rounding: Rounding,
) -> Charge:
    """Rate one call and move the meters of `state`.

    A call of 0 seconds costs nothing, takes no fee and draws nothing. A restriction refuses
    the whole call, before coverage is asked. A call that is blocked, uncovered or unrated
    costs nothing and draws nothing.
    """
    seconds = placed.call.seconds
    if seconds == 0:
        return Charge(placed, Outcome.RATED)
    if treatment.simple is not None and not chain:
        return _simple_charge(placed, *treatment.simple, rounding)
    if treatment.refused_by >= 0:
        return Charge(placed, Outcome.BLOCKED, reason=treatment.refused_by)
    if treatment.outside_of >= 0:
        return Charge(placed, Outcome.UNCOVERED, reason=treatment.outside_of)
    if chain:
        chain = tuple(use for use in chain if not use.chosen or _is_chosen(placed, meters.chosen))
    if treatment.schedule is None and treatment.volume < 0 and not chain:
        return Charge(placed, Outcome.UNCOVERED)
    chain = tuple(use for use in chain if use.band_set < 0 or _is_timely(placed, use))
    sources = [
        Source(use, meters.specs[use.meter].kind, _room(use, placed, meters, state))
        for use in chain
        if meters.specs[use.meter].kind is not MeterKind.MICROS
    ]
    walk = Walk(placed, treatment.schedule, seconds, sources)
    try:
        walk.go()
    except Unpriced:
        return Charge(placed, Outcome.UNRATED)
    except Refused as refusal:
        return Charge(placed, Outcome.BLOCKED, reason=refusal.maker)
    parts = _parts(walk, treatment, meters)
    rounded = rounding.apply(numerator=sum(part.sixtieths for part in parts), denominator=SIXTY)
    draws = _draw_time(walk.sources, placed, meters, state)
    credits_drawn = _draw_money(rounded, chain, placed, meters, state)
    if treatment.volume >= 0 and walk.paid_seconds:
        volume, meter = meters.volumes[treatment.volume]
        state.used[meter] += walk.paid_seconds if volume.unit is VolumeUnit.MINUTES else 1
    return Charge(
        placed,
        Outcome.RATED,
        amount_micros=rounded - sum(draw.amount for draw in credits_drawn),
        rounded_micros=rounded,
        billed_seconds=walk.paid_seconds + sum(source.seconds for source in walk.sources),
        paid_seconds=walk.paid_seconds,
        parts=parts,
        draws=draws + credits_drawn,
    )


def _simple_charge(placed: PlacedCall, rate: Rate, maker: int, rounding: Rounding) -> Charge:
    """Price a call that neither hour, length nor allowance can change: one multiplication.

    It is the closed form of the walk for such a rate; a property holds the two equal.
    """
    billed = rate.increment.billed(placed.call.seconds)
    sixtieths = billed * rate.price
    parts: tuple[Part, ...] = (Part(maker, billed, sixtieths),)
    if rate.connection_fee:
        fee = SIXTY * rate.connection_fee
        parts += (Part(maker + 1, 0, fee),)
        sixtieths += fee
    amount = rounding.apply(numerator=sixtieths, denominator=SIXTY)
    return Charge(placed, Outcome.RATED, amount, amount, billed, billed, parts)


def _is_chosen(placed: PlacedCall, chosen: str) -> bool:
    return placed.destination is not None and placed.destination.country == chosen


def _is_timely(placed: PlacedCall, use: AllowanceUse) -> bool:
    """Whether a call starts in the hours of an allowance."""
    return placed.runs(use.band_set)[0][1] in use.bands


def _room(use: AllowanceUse, placed: PlacedCall, meters: Meters, state: CycleState) -> int:
    """Return what an allowance can still give this call: its amount left, within its limits.

    Limits joined by *any* bite as soon as one is reached; joined by *all*, only when every one
    is. A limit of minutes leaves room up to it; a limit of calls or of distinct numbers admits
    the whole call or none of it.
    """
    left = meters.limits[use.meter] - state.used[use.meter]
    if not use.limits:
        return left
    rooms = []
    for limit in use.limits:
        used = state.used[limit.meter]
        match meters.specs[limit.meter].kind:
            case MeterKind.NUMBERS:
                known = placed.call.number in state.numbers.get(limit.meter, ())
                rooms.append(UNLIMITED if known or used < limit.amount else 0)
            case MeterKind.CALLS:
                rooms.append(UNLIMITED if used < limit.amount else 0)
            case _:
                rooms.append(limit.amount - used)
    return min(left, max(rooms) if use.needs_all else min(rooms))


def _parts(walk: Walk, treatment: Treatment, meters: Meters) -> tuple[Part, ...]:
    """Return what each maker adds, in the order of the bill, before rounding.

    Price and inside prices, then the connection fee once if at least a second is paid, then
    surcharges on every billed second, then minimum and cap on the sum.
    """
    parts = [
        Part(source.use.maker, source.seconds, source.seconds * source.use.inside_price)
        for source in walk.sources
        if source.seconds
    ]
    billed = walk.paid_seconds + sum(source.seconds for source in walk.sources)
    rate = None
    schedule = walk.schedule
    if walk.paid_seconds and schedule is not None:
        rate = _starting_rate(walk, schedule)
        if treatment.volume >= 0:
            maker = meters.specs[meters.volumes[treatment.volume][1]].maker
            parts.append(Part(maker, walk.paid_seconds, 0))
        else:
            parts.append(Part(schedule.maker, walk.paid_seconds, walk.paid_sixtieths))
        if rate is not None and rate.connection_fee:
            parts.append(Part(schedule.maker + 1, 0, SIXTY * rate.connection_fee))
    parts += [
        Part(each.maker, 0, billed * each.per_minute + SIXTY * each.per_call)
        for each in treatment.surcharges
    ]
    if rate is not None and schedule is not None:
        total = sum(part.sixtieths for part in parts)
        if total < SIXTY * rate.minimum:
            parts.append(Part(schedule.maker + 2, 0, SIXTY * rate.minimum - total))
            total = SIXTY * rate.minimum
        if rate.cap is not None and total > SIXTY * rate.cap:
            parts.append(Part(schedule.maker + 3, 0, SIXTY * rate.cap - total))
    return tuple(parts)


def _starting_rate(walk: Walk, schedule: Schedule) -> Rate | None:
    """Return the rate in force when the call starts: its fee, minimum and cap hold."""
    if schedule.band_set < 0:
        return schedule.rates[0]
    return schedule.rate_in(walk.placed.runs(schedule.band_set)[0][1])


def _draw_time(
    sources: list[Source], placed: PlacedCall, meters: Meters, state: CycleState
) -> tuple[Draw, ...]:
    """Move the meters of the allowances that gave something, and of their limits."""
    draws = []
    for source in sources:
        if not source.seconds:
            continue
        amount = 1 if source.counts_calls else source.seconds
        state.used[source.use.meter] += amount
        draws.append(Draw(source.use.maker, source.use.meter, amount))
        for limit in source.use.limits:
            match meters.specs[limit.meter].kind:
                case MeterKind.NUMBERS:
                    admitted = state.numbers.setdefault(limit.meter, set())
                    admitted.add(placed.call.number)
                    state.used[limit.meter] = len(admitted)
                case MeterKind.CALLS:
                    state.used[limit.meter] += 1
                case _:
                    state.used[limit.meter] += source.seconds
    return tuple(draws)


def _draw_money(
    rounded: int,
    chain: tuple[AllowanceUse, ...],
    placed: PlacedCall,
    meters: Meters,
    state: CycleState,
) -> tuple[Draw, ...]:
    """Draw the rounded charge from money allowances, in their order."""
    draws = []
    for use in chain:
        if meters.specs[use.meter].kind is not MeterKind.MICROS:
            continue
        amount = min(rounded, max(0, _room(use, placed, meters, state)))
        if amount > 0:
            state.used[use.meter] += amount
            rounded -= amount
            draws.append(Draw(use.maker, use.meter, amount))
    return tuple(draws)
