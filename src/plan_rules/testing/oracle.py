"""A slow, plain rater for checking the engine, written from the rules and not from the engine.

It reads `Catalog` values only, never a compiled tariff, and walks every call increment by
increment in exact fractions. Where the rules leave a choice, this is what it takes:

- an unanswered call is rated at nothing before anything else is asked;
- a restriction is reported before missing coverage, and that before a missing price;
- allowances come before volume prices, so that a volume counts only paid seconds or calls
  with at least one of them;
- of an `either` number both readings are priced and the dearer one, by the catalog's policy,
  is taken for rate, block, coverage and surcharge alike.

Tax is left out: the oracle promises amounts as priced.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from plan_rules.catalog.allowance import (
    Allowance,
    AllowanceUnit,
    LimitMetric,
    Remnant,
    Reset,
    Share,
    WhenUsedUp,
)
from plan_rules.catalog.catalog import Catalog, EitherPolicy
from plan_rules.catalog.plan import Plan, RestrictionKind, Volume, VolumeModel, VolumeUnit
from plan_rules.catalog.rate import Rate, RateEntry, RateTerms
from plan_rules.destinations.line_type import LineType
from plan_rules.destinations.plan import Destination
from plan_rules.destinations.selector import Selector, SelectorKind, parse_selector
from plan_rules.money import RoundingMode
from plan_rules.periods import cycle_at, cycles_between
from plan_rules.usage.call import Call
from plan_rules.usage.customer import Customer

ORDINARY = {LineType.FIXED, LineType.MOBILE, LineType.EITHER}
CHOSEN = {SelectorKind.CHOSEN, SelectorKind.CHOSEN_LINE}
MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class OracleCall:
    """One call as the oracle rates it: outcome, micros, billed and paid seconds, draws by id."""

    outcome: str
    amount_micros: int
    billed_seconds: int
    paid_seconds: int
    drawn: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OracleBill:
    """One cycle as the oracle rates it; amounts in micros, before tax."""

    start: date
    calls: tuple[OracleCall, ...]
    usage_micros: int
    settled_micros: int

    @property
    def total_micros(self) -> int:
        """The bill before tax."""
        return self.usage_micros + self.settled_micros


@dataclass(slots=True)
class _Used:
    """What was used in a cycle, by plain keys."""

    amounts: dict[tuple[str, str], int] = field(default_factory=dict)
    metrics: dict[tuple[str, str, LimitMetric, Reset], int] = field(default_factory=dict)
    numbers: dict[tuple[str, str, Reset], set[str]] = field(default_factory=dict)
    volumes: dict[str, int] = field(default_factory=dict)
    day: date | None = None


class _Unrated(Exception):  # an end of the walk, not an error
    pass


class _Blocked(Exception):
    pass


def oracle_bills(
    catalog: Catalog, plan_id: str, calls: Iterable[Call], customer: Customer
) -> tuple[OracleBill, ...]:
    """Return what every cycle with calls, and those between, would cost, by the rules alone."""
    plan = catalog.plans[plan_id]
    zone = ZoneInfo(customer.zone)
    anchor = customer.anchor.replace(day=1) if plan.billing.calendar else customer.anchor
    ordered = sorted(calls, key=lambda call: (call.epoch, call.number, call.seconds))
    dated = [(call.start.astimezone(zone).date(), call) for call in ordered]
    if not dated:
        return ()
    length = plan.billing.length
    first = cycle_at(min(day for day, _ in dated), anchor=anchor, length=length)
    last = cycle_at(max(day for day, _ in dated), anchor=anchor, length=length)
    bills = []
    for cycle in cycles_between(first.start, last.end, anchor=anchor, length=length):
        used = _Used()
        rater = _Rater(catalog, plan, customer, used, cycle.start)
        rated = []
        for day, call in dated:
            if day in cycle:
                rated.append(rater.rate(call, day))
        joined = None
        if customer.since is not None and customer.plan in {"", plan_id}:
            joined = cycle_at(customer.since, anchor=anchor, length=length).index
        usage = sum(each.amount_micros for each in rated)
        settled = rater.settle(usage, None if joined is None else cycle.index - joined)
        bills.append(
            OracleBill(
                start=cycle.start,
                calls=tuple(rated),
                usage_micros=usage,
                settled_micros=settled,
            )
        )
    return tuple(bills)


def _round(value: Fraction, step: int, mode: RoundingMode) -> int:
    steps = abs(value) / step
    whole, rest = steps.numerator // steps.denominator, steps % 1
    half = Fraction(1, 2)
    up = {
        RoundingMode.UP: rest > 0,
        RoundingMode.DOWN: False,
        RoundingMode.HALF_UP: rest >= half,
        RoundingMode.HALF_EVEN: rest > half or (rest == half and whole % 2 == 1),
    }[mode]
    return (whole + up) * step * (1 if value >= 0 else -1)


@dataclass(frozen=True, slots=True)
class _Reading:
    """A number read as one line type."""

    digits: str
    destination: Destination | None
    line: LineType | None


class _Rater:
    """Rates the calls of one cycle, one after the other."""

    def __init__(
        self, catalog: Catalog, plan: Plan, customer: Customer, used: _Used, start: date
    ) -> None:
        self.catalog = catalog
        self.plan = plan
        self.customer = customer
        self.used = used
        self.start = start
        self.numbering = catalog.numbering_plan()

    # -- selectors, by brute force ----------------------------------------------------------

    def readings(self, number: str) -> list[_Reading]:
        digits = number[1:]
        prefix = max(
            (each for each in self.numbering.prefixes if digits.startswith(each)),
            key=len,
            default=None,
        )
        if prefix is None:
            return [_Reading(digits, None, None)]
        destination = self.numbering.prefixes[prefix]
        if destination.line is LineType.EITHER:
            return [
                _Reading(digits, destination, LineType.FIXED),
                _Reading(digits, destination, LineType.MOBILE),
            ]
        return [_Reading(digits, destination, destination.line)]

    def matches(self, selector: Selector, reading: _Reading, day: date, *, named: bool) -> bool:
        if selector.kind is SelectorKind.PREFIX:
            return reading.digits.startswith(selector.prefix)
        if reading.destination is None or selector.kind in CHOSEN:
            return False
        if selector.line is None:
            if reading.line not in ORDINARY and not named:
                return False
        elif selector.line not in {reading.line, reading.destination.line}:
            return False
        named = named or selector.line is not None
        if selector.country:
            return selector.country == reading.destination.country
        if selector.zone:
            zone = self.catalog.zones.get(selector.zone)
            members = zone.members.at(day) if zone else None
            return (
                members is not None
                and any(self.matches(each, reading, day, named=named) for each in members.members)
                and not any(
                    self.matches(each, reading, day, named=named) for each in members.without
                )
            )
        return True

    def holds(self, selectors: Iterable[Selector], reading: _Reading, day: date) -> bool:
        return any(self.matches(each, reading, day, named=False) for each in selectors)

    def specificity(self, selector: Selector, reading: _Reading) -> tuple[int, int, int]:
        order = [
            SelectorKind.PREFIX,
            SelectorKind.COUNTRY_LINE,
            SelectorKind.COUNTRY,
            SelectorKind.ZONE_LINE,
            SelectorKind.ZONE,
            SelectorKind.LINE,
            SelectorKind.DEFAULT,
        ]
        line = reading.destination.line if reading.destination else None
        exact = selector.line is None or selector.line is line
        return order.index(selector.kind), -len(selector.prefix), int(not exact)

    def best(self, entries: Iterable[RateEntry], reading: _Reading, day: date) -> RateEntry | None:
        found = [each for each in entries if self.matches(each.selector, reading, day, named=False)]
        if not found:
            return None
        return min(found, key=lambda each: self.specificity(each.selector, reading))

    # -- what holds for a reading on the date of the call -----------------------------------

    def entries(self, reading: _Reading, day: date) -> list[RateEntry]:
        table = self.catalog.rate_tables.get(self.plan.rates)
        found = [self.best(self.plan.overrides, reading, day)]
        if table is not None:
            found.append(self.best(table.entries, reading, day))
        return [each for each in found if each is not None]

    def rate_at(self, entries: list[RateEntry], moment: datetime, day: date) -> Rate | None:
        table = self.catalog.rate_tables.get(self.plan.rates)
        band = ""
        if table is not None and table.bands:
            bands = self.catalog.band_sets[table.bands].bands
            wall = moment.astimezone(ZoneInfo(self.catalog.zone))
            holding = [each for each in bands if each.holds(wall)]
            if holding:
                top = max(each.precedence for each in holding)
                band = next(each.id for each in holding if each.precedence == top)
        terms = RateTerms()
        for entry in entries:
            for name, dated in entry.by_band:
                if name == band:
                    terms = terms.over(dated.at(day) or RateTerms())
            terms = terms.over(entry.terms.at(day) or RateTerms())
        return Rate.of(terms.over(table.defaults if table is not None else RateTerms()))

    def is_blocked(self, reading: _Reading, day: date) -> bool:
        for each in self.plan.restrictions:
            named = self.holds(each.to, reading, day)
            if (each.kind is RestrictionKind.BLOCK and named) or (
                each.kind is RestrictionKind.ALLOW and not named
            ):
                return True
        return False

    def is_outside(self, reading: _Reading, day: date) -> bool:
        return self.plan.coverage is not None and not self.holds(self.plan.coverage, reading, day)

    def surcharges(self, reading: _Reading, day: date) -> tuple[int, int]:
        due = [each for each in self.plan.surcharges if self.holds(each.to, reading, day)]
        return sum(each.per_minute for each in due), sum(each.per_call for each in due)

    def pick(self, readings: list[_Reading], day: date) -> _Reading:
        """Return the reading an `either` number is taken for."""
        if len(readings) == 1:
            return readings[0]
        policy = self.catalog.either
        if policy is EitherPolicy.FIXED:
            return readings[0]
        if policy is EitherPolicy.MOBILE:
            return readings[1]
        keys = [self.dearness(each, day) for each in readings]
        if keys[0] == keys[1]:
            return readings[0]
        dearer = 0 if keys[0] > keys[1] else 1
        return readings[dearer if policy is EitherPolicy.DEARER else 1 - dearer]

    def dearness(self, reading: _Reading, day: date) -> tuple[object, ...]:
        entries = self.entries(reading, day)
        rates: list[Rate | None] = []
        if entries:
            banded = any(each.by_band for each in entries)
            table = self.catalog.rate_tables.get(self.plan.rates)
            names = [""]
            if banded and table is not None:
                names += [each.id for each in self.catalog.band_sets[table.bands].bands]
            rates = [self.rate_in(entries, name, day) for name in names]
        return (
            not entries or self.is_outside(reading, day),
            self.is_blocked(reading, day),
            None in rates,
            max((each.dearness for each in rates if each is not None), default=()),
            sum(self.surcharges(reading, day)),
        )

    def rate_in(self, entries: list[RateEntry], band: str, day: date) -> Rate | None:
        table = self.catalog.rate_tables.get(self.plan.rates)
        terms = RateTerms()
        for entry in entries:
            terms = terms.over(
                (dict(entry.by_band).get(band) or entry.terms).at(day) or RateTerms()
            )
            terms = terms.over(entry.terms.at(day) or RateTerms())
        return Rate.of(terms.over(table.defaults if table is not None else RateTerms()))

    # -- allowances -------------------------------------------------------------------------

    def chain(self, readings: list[_Reading]) -> list[tuple[Allowance, str]]:
        """Return the allowances that cover a number, in draw order, each with its country."""
        found = []
        for allowance in self.plan.allowances:
            ranks = [self.rank(allowance, reading) for reading in readings]
            if None in ranks and self.is_choice(readings):
                ranks = [self.rank(self.with_choice(allowance), reading) for reading in readings]
            if all(rank is not None for rank in ranks):
                worst = max(rank for rank in ranks if rank is not None)
                destination = readings[0].destination
                country = destination.country if destination else ""
                key = country if allowance.share is Share.EACH_COUNTRY else ""
                found.append((allowance.priority, worst, allowance.id, allowance, key))
        return [(row[3], row[4]) for row in sorted(found, key=lambda row: row[:3])]

    def is_choice(self, readings: list[_Reading]) -> bool:
        """Return whether a number lies in the country that the customer was free to choose."""
        chosen = self.customer.chosen_country
        return all(
            reading.destination is not None
            and reading.destination.country == chosen
            and self.holds(self.plan.choose_from, reading, self.start)
            for reading in readings
        )

    def with_choice(self, allowance: Allowance) -> Allowance:
        """Return an allowance with the chosen country written out."""
        chosen = self.customer.chosen_country
        texts = [str(each) for each in allowance.to]
        written = [
            chosen + text.removeprefix("chosen") if text.partition("/")[0] == "chosen" else text
            for text in texts
        ]
        return replace(allowance, to=tuple(parse_selector(text) for text in written))

    def rank(self, allowance: Allowance, reading: _Reading) -> tuple[int, int, int] | None:
        if self.holds(allowance.without, reading, self.start):
            return None
        plain = [
            self.specificity(each, reading)
            for each in allowance.to
            if self.matches(each, reading, self.start, named=False)
        ]
        return min(plain) if plain else None

    def room(self, allowance: Allowance, key: str, call: Call) -> int | None:
        """Return what an allowance can give: seconds or calls, `None` for no bound."""
        left: int | None = None
        if allowance.amount is not None:
            left = allowance.amount - self.used.amounts.get((allowance.id, key), 0)
        rooms: list[int | None] = []
        for limit in allowance.limits.limits:
            if limit.metric is LimitMetric.NUMBERS:
                known = self.used.numbers.get((allowance.id, key, limit.per), set())
                rooms.append(None if call.number in known or len(known) < limit.amount else 0)
                continue
            used = self.used.metrics.get((allowance.id, key, limit.metric, limit.per), 0)
            if limit.metric is LimitMetric.CALLS:
                rooms.append(None if used < limit.amount else 0)
            else:
                rooms.append(limit.amount - used)
        if not rooms:
            return left
        bound: int | None
        if allowance.limits.needs_all:
            bound = None if None in rooms else max(each for each in rooms if each is not None)
        else:
            bounds = [each for each in rooms if each is not None]
            bound = min(bounds) if bounds else None
        if bound is None or left is None:
            return left if bound is None else bound
        return min(left, bound)

    # -- one call ---------------------------------------------------------------------------

    def rate(self, call: Call, day: date) -> OracleCall:
        if self.used.day != day:
            self.used.day = day
            for metric in [key for key in self.used.metrics if key[3] is Reset.DAY]:
                del self.used.metrics[metric]
            for number in [key for key in self.used.numbers if key[2] is Reset.DAY]:
                del self.used.numbers[number]
        if call.seconds == 0:
            return _ended("rated")
        readings = self.readings(call.number)
        dated = call.start.astimezone(ZoneInfo(self.catalog.zone)).date()
        reading = self.pick(readings, dated)
        if self.is_blocked(reading, dated):
            return _ended("blocked")
        if self.is_outside(reading, dated):
            return _ended("uncovered")
        chain = self.chain(readings)
        entries = self.entries(reading, dated)
        volume = self.volume(readings, dated)
        if not entries and not chain and volume is None:
            return _ended("uncovered")
        chain = [(each, key) for each, key in chain if self.is_timely(each, call)]
        try:
            return self.walk(call, entries, chain, reading, readings, dated, volume)
        except _Unrated:
            return _ended("unrated")
        except _Blocked:
            return _ended("blocked")

    def is_timely(self, allowance: Allowance, call: Call) -> bool:
        """Return whether the call starts while one of the allowance's bands is in force."""
        if allowance.hours is None:
            return True
        wall = call.start.astimezone(ZoneInfo(self.catalog.zone))
        bands = self.catalog.band_sets[allowance.hours.bands].bands
        holding = [each for each in bands if each.holds(wall)]
        if not holding:
            return False
        top = max(each.precedence for each in holding)
        return next(each.id for each in holding if each.precedence == top) in allowance.hours.within

    def volume(self, readings: list[_Reading], day: date) -> Volume | None:
        found = []
        for volume in self.plan.volumes:
            ranks = []
            for reading in readings:
                held = [
                    self.specificity(each, reading)
                    for each in volume.to
                    if self.matches(each, reading, day, named=False)
                ]
                ranks.append(min(held) if held else None)
            if None not in ranks:
                found.append((max(each for each in ranks if each), volume.id, volume))
        return min(found, key=lambda row: row[:2])[2] if found else None

    def walk(
        self,
        call: Call,
        entries: list[RateEntry],
        chain: list[tuple[Allowance, str]],
        reading: _Reading,
        readings: list[_Reading],
        day: date,
        volume: Volume | None,
    ) -> OracleCall:
        timed = [each for each in chain if each[0].unit is not AllowanceUnit.MICROS]
        given: dict[str, int] = {}
        paid, cost, elapsed = 0, Fraction(0), 0

        def left(allowance: Allowance, key: str) -> int | None:
            room = self.room(allowance, key, call)
            if room is None or allowance.unit is AllowanceUnit.CALLS:
                return room
            return room - given.get(allowance.id, 0)

        def rate_now(second: int) -> tuple[Rate, int, int]:
            rate = self.rate_at(entries, call.start + timedelta(seconds=second), day)
            if not entries or rate is None:
                raise _Unrated
            if second == 0:
                return rate, rate.first_price, rate.increment.first
            price, step = rate.price, rate.increment.next
            for tier in rate.tiers:
                if tier.after <= second:
                    price = tier.price
                    step = tier.increment or rate.increment.next
            return rate, price, step

        while elapsed < call.seconds:
            piece: int | None = None
            start = elapsed
            for allowance, key in timed:
                room = left(allowance, key)
                first, following = allowance.increment.first, allowance.increment.next
                step = following if elapsed else first
                blocks = allowance.when_used_up is WhenUsedUp.BLOCK
                if piece is None:
                    if blocks and room is not None:
                        rest = call.seconds - elapsed
                        need = (
                            -(-rest // following) * following
                            if elapsed
                            else (
                                first
                                if rest <= first
                                else first - (first - rest) // following * following
                            )
                        )
                        covered = (
                            room > 0 if allowance.unit is AllowanceUnit.CALLS else room >= need
                        )
                        if not covered:
                            raise _Blocked
                    if (
                        room is None
                        or room >= step
                        or (allowance.unit is AllowanceUnit.CALLS and room > 0)
                    ):
                        given[allowance.id] = given.get(allowance.id, 0) + step
                        elapsed += step
                        piece = 0
                        break
                    if room > 0 and allowance.remnant is Remnant.USABLE:
                        given[allowance.id] = given.get(allowance.id, 0) + room
                        piece = step - room
                        elapsed += step
                    continue
                if (
                    room is None
                    or room >= piece
                    or (allowance.unit is AllowanceUnit.CALLS and room > 0)
                ):
                    given[allowance.id] = given.get(allowance.id, 0) + piece
                    piece = 0
                    break
                if blocks:
                    raise _Blocked
                if room > 0 and allowance.remnant is Remnant.USABLE:
                    given[allowance.id] = given.get(allowance.id, 0) + room
                    piece -= room
            if piece == 0:
                continue
            if piece is None:
                _, price, step = rate_now(elapsed)
                paid += step
                cost += Fraction(step * price, MINUTE)
                elapsed += step
            else:
                _, price, _ = rate_now(start)
                paid += piece
                cost += Fraction(piece * price, MINUTE)

        billed = paid + sum(given.values())
        total = Fraction(0) if volume is not None else cost
        for allowance, _ in timed:
            inside = max((self.inside(allowance, each) for each in readings), default=0)
            total += Fraction(given.get(allowance.id, 0) * inside, MINUTE)
        per_minute, per_call = self.surcharges(reading, day)
        total += Fraction(billed * per_minute, MINUTE) + per_call
        if paid:
            rate = self.rate_at(entries, call.start, day)
            if rate is not None:
                total += rate.connection_fee
                total = max(total, Fraction(rate.minimum))
                if rate.cap is not None:
                    total = min(total, Fraction(rate.cap))
        rounding = self.plan.rounding
        amount = _round(total, rounding.step_micros, rounding.mode)
        drawn = self.commit(call, timed, given)
        for allowance, key in chain:
            if allowance.unit is AllowanceUnit.MICROS:
                room = self.room(allowance, key, call)
                part = amount if room is None else min(amount, max(0, room))
                if part:
                    place = (allowance.id, key)
                    self.used.amounts[place] = self.used.amounts.get(place, 0) + part
                    drawn.append((allowance.id, part))
                    amount -= part
        if volume is not None and paid:
            counted = paid if volume.unit is VolumeUnit.MINUTES else 1
            self.used.volumes[volume.id] = self.used.volumes.get(volume.id, 0) + counted
        return OracleCall(
            outcome="rated",
            amount_micros=amount,
            billed_seconds=billed,
            paid_seconds=paid,
            drawn=tuple(drawn),
        )

    def inside(self, allowance: Allowance, reading: _Reading) -> int:
        held = [
            (self.specificity(each.selector, reading), each.price)
            for each in allowance.prices
            if self.matches(each.selector, reading, self.start, named=False)
        ]
        return min(held, key=lambda row: row[0])[1] if held else 0

    def commit(
        self, call: Call, timed: list[tuple[Allowance, str]], given: dict[str, int]
    ) -> list[tuple[str, int]]:
        drawn = []
        for allowance, key in timed:
            seconds = given.get(allowance.id, 0)
            if not seconds:
                continue
            amount = 1 if allowance.unit is AllowanceUnit.CALLS else seconds
            place = (allowance.id, key)
            self.used.amounts[place] = self.used.amounts.get(place, 0) + amount
            drawn.append((allowance.id, amount))
            for metric, per in sorted(
                {(each.metric, each.per) for each in allowance.limits.limits}
            ):
                if metric is LimitMetric.NUMBERS:
                    self.used.numbers.setdefault((allowance.id, key, per), set()).add(call.number)
                else:
                    used = self.used.metrics
                    where = (allowance.id, key, metric, per)
                    add = 1 if metric is LimitMetric.CALLS else seconds
                    used[where] = used.get(where, 0) + add
        return drawn

    # -- the cycle ---------------------------------------------------------------------------

    def settle(self, usage: int, intro_cycle: int | None) -> int:
        total = 0
        rounding = self.plan.rounding
        for volume in self.plan.volumes:
            used = self.used.volumes.get(volume.id, 0)
            if used:
                exact = _volume_price(volume, used)
                total += _round(exact, rounding.step_micros, rounding.mode)
        minimum = self.plan.billing.minimum_spend.at(self.start) or 0
        if minimum:
            total += max(0, minimum - usage - total)
        intro = self.plan.intro
        if intro is not None and intro_cycle is not None and 0 <= intro_cycle < intro.cycles:
            return total + intro.fee
        return total + (self.plan.fee.at(self.start) or 0)


def _volume_price(volume: Volume, used: int) -> Fraction:
    units = Fraction(used, MINUTE) if volume.unit is VolumeUnit.MINUTES else Fraction(used)
    units = max(Fraction(0), units - volume.free)
    if volume.model is VolumeModel.PACKAGE:
        started = -(-units.numerator // (units.denominator * volume.package_size))
        return Fraction(started * volume.package_price)
    total, before = Fraction(0), Fraction(0)
    for tier in volume.tiers:
        top = units if tier.up_to is None else min(units, Fraction(tier.up_to))
        if volume.model is VolumeModel.WHOLE_VOLUME:
            if units and (tier.up_to is None or units <= tier.up_to):
                return units * tier.price + tier.flat
        elif units > before:
            total += (top - before) * tier.price + tier.flat
            before = top
    return total


def _ended(outcome: str) -> OracleCall:
    return OracleCall(outcome=outcome, amount_micros=0, billed_seconds=0, paid_seconds=0, drawn=())
