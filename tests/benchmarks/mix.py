"""The mix that the columnar engine is measured on: fifty plans, and calls as people make them.

Plans: increments 60/60 of twenty, 1/1 of twelve, 30/6 of ten, 30/30 of six, 60/1 of two;
twenty-two have peak hours (three schemes); rounding to a micro of twenty, to 0.0001 of nineteen,
to 0.01 of eleven; an allowance of 100 to 3,000 minutes to 5 to 150 countries on twenty-eight;
connection fees, surcharges and blocked countries on some. Each has its own price for the fixed
and mobile lines of every country.

Calls: per customer a lognormal number, 40 a month on average, for three months; countries by
Zipf's law (1.1), 95 in 100 calls to six favourite numbers; durations lognormal, 8 in 100
unanswered. Seeded: the same arguments give the same bytes.
"""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.columns import NO_DAY, CallColumns, CustomerColumns, day_number
from plan_rules.catalog import (
    Allowance,
    AllowanceUnit,
    Catalog,
    Dated,
    Increment,
    Plan,
    PlanKind,
    RateEntry,
    RateTable,
    RateTerms,
    Restriction,
    RestrictionKind,
    Surcharge,
)
from plan_rules.destinations import LineType, NumberingPlan, parse_selector
from plan_rules.money import Rounding, RoundingMode
from plan_rules.periods import BandSet, TimeBand

PLANS = 50
INCREMENTS = ((60, 60),) * 20 + ((1, 1),) * 12 + ((30, 6),) * 10 + ((30, 30),) * 6 + ((60, 1),) * 2
STEPS = (1,) * 20 + (100,) * 19 + (10_000,) * 11
BANDED, ALLOWING, BLOCKING, SURCHARGING = 22, 28, 8, 6
FAVOURITES = 6
ZIPF = 1.1
ANCHOR = date(2026, 1, 1)
FIRST_SECOND = 86_400 * (ANCHOR - date(1970, 1, 1)).days
MONTHS, DAYS = 3, 90
CALLS_A_MONTH = 40
WEEK = frozenset({1, 2, 3, 4, 5})


def _bands() -> dict[str, BandSet]:
    hours = {"office": (8, 18), "day": (7, 19), "evening": (18, 22)}
    return {
        name: BandSet(
            id=name,
            bands=(
                TimeBand(
                    id="peak", weekdays=WEEK, start=start * 3600, end=end * 3600, precedence=1
                ),
                TimeBand(id="off-peak"),
            ),
        )
        for name, (start, end) in hours.items()
    }


def places() -> tuple[tuple[str, LineType], ...]:
    """Return the countries and ordinary lines of the world that are priced."""
    found = {
        (where.country, line)
        for where in NumberingPlan.standard().prefixes.values()
        for line in (LineType.FIXED, LineType.MOBILE)
        if where.line in {line, LineType.EITHER} and len(where.country) == len("XX")
    }
    return tuple(sorted(found))


def catalog(*, plans: int = PLANS, seed: int = 1) -> Catalog:
    """Return the catalog of the mix, or its first plans."""
    chance = np.random.default_rng(seed)
    priced = places()
    countries = sorted({country for country, _ in priced})
    base = np.exp(chance.normal(-2.5, 0.8, len(priced)))
    order = chance.permutation(PLANS)
    tables: dict[str, RateTable] = {}
    made: dict[str, Plan] = {}
    for index in range(PLANS):
        slot = int(order[index])
        increment = Increment(*INCREMENTS[slot])
        plan_id = f"plan-{index:03d}"
        bands = ("office", "day", "evening")[index % 3] if index < BANDED else ""
        prices = base * np.exp(chance.normal(0, 0.25, len(priced)))
        micros = (np.round(prices * 10_000).astype(np.int64) * 100 + 100).tolist()
        tables[plan_id] = _table(plan_id, priced, micros, increment, bands, fee=index % 4 == 0)
        count = int(chance.integers(5, 150))
        included = chance.choice(len(countries), count, replace=False)
        minutes = int(chance.integers(1, 31)) * 100
        barred = chance.choice(len(countries), 4, replace=False)
        made[plan_id] = Plan(
            id=plan_id,
            name=plan_id,
            kind=PlanKind.PAY_PER_MINUTE,
            summary="",
            fee=Dated.always(int(chance.integers(0, 40)) * 500_000),
            rates=plan_id,
            allowances=(
                Allowance(
                    id="included",
                    unit=AllowanceUnit.SECONDS,
                    amount=60 * minutes,
                    to=tuple(parse_selector(countries[each]) for each in included),
                    increment=increment,
                ),
            )
            if PLANS - index <= ALLOWING
            else (),
            restrictions=(
                Restriction(
                    id="barred",
                    kind=RestrictionKind.BLOCK,
                    to=tuple(parse_selector(countries[each]) for each in barred),
                    reason="Not part of this plan.",
                ),
            )
            if index % 6 == 1 and index < 6 * BLOCKING
            else (),
            surcharges=(
                Surcharge(
                    id="remote",
                    to=tuple(parse_selector(countries[each]) for each in barred),
                    per_minute=200_000,
                ),
            )
            if index % 8 == 5 and index < 8 * SURCHARGING
            else (),
            rounding=Rounding(
                step_micros=STEPS[(slot * 7 + 3) % PLANS],
                mode=RoundingMode.UP if index % 5 == 2 else RoundingMode.HALF_UP,
            ),
        )
    kept = dict(list(made.items())[:plans])
    return Catalog(
        id="mix",
        currency="USD",
        zone="America/New_York",
        plans=kept,
        rate_tables={plan.rates: tables[plan.rates] for plan in kept.values()},
        band_sets=_bands(),
    )


def _table(
    table_id: str,
    priced: tuple[tuple[str, LineType], ...],
    micros: list[int],
    increment: Increment,
    bands: str,
    *,
    fee: bool,
) -> RateTable:
    rows = []
    for (country, line), price in zip(priced, micros, strict=True):
        peak = (("peak", Dated.always(RateTerms(price=price * 5 // 4))),) if bands else ()
        rows.append(
            RateEntry(
                selector=parse_selector(f"{country}/{line.value}"),
                terms=Dated.always(RateTerms(price=price)),
                by_band=peak,
            )
        )
    defaults = RateTerms(increment=increment, connection_fee=10_000 if fee else None)
    return RateTable(id=table_id, entries=tuple(rows), defaults=defaults, bands=bands)


def calls(
    count: int, *, seed: int = 2, zones: tuple[str, ...] = ("America/New_York",)
) -> tuple[CustomerColumns, CallColumns]:
    """Return about `count` calls, ordered by start, of as many customers as make them."""
    chance = np.random.default_rng(seed)
    customers = max(1, round(count / (CALLS_A_MONTH * MONTHS)))
    weights = np.exp(chance.normal(0, 0.8, customers))
    made = chance.multinomial(count, weights / weights.sum())
    customer = np.repeat(np.arange(customers, dtype=np.int32), made)
    prefixes = _prefixes(chance)
    favourite = _numbers(prefixes, customers * FAVOURITES, chance)
    pick = np.minimum(chance.geometric(0.4, count) - 1, FAVOURITES - 1)
    number = favourite[customer * FAVOURITES + pick]
    others = chance.random(count) < 0.05
    number[others] = _numbers(prefixes, int(others.sum()), chance)
    seconds = np.ceil(np.exp(chance.normal(5.1, 1.2, count))).clip(1, 14_400).astype(np.int32)
    seconds[chance.random(count) < 0.08] = 0
    hour = np.clip(chance.normal(15, 4, count) % 24, 0, 23.999)
    start = FIRST_SECOND + 86_400 * chance.integers(0, DAYS, count) + (hour * 3600).astype(np.int64)
    order = np.argsort(start, kind="stable")
    who = CustomerColumns(
        zones=zones,
        zone=(np.arange(customers) % len(zones)).astype(np.int32),
        anchor=np.full(customers, day_number(ANCHOR), np.int32)
        + chance.integers(0, 28, customers).astype(np.int32),
        plan=np.full(customers, -1, np.int32),
        since=np.full(customers, NO_DAY, np.int32),
        countries=(),
        chosen=np.full(customers, -1, np.int32),
    )
    return who, CallColumns(
        customer=customer[order], start=start[order], number=number[order], seconds=seconds[order]
    )


def _prefixes(chance: np.random.Generator) -> list[NDArray[np.int64]]:
    """Return the prefixes of each country, countries in a drawn order."""
    by_country: dict[str, list[int]] = {}
    for prefix, where in NumberingPlan.standard().prefixes.items():
        if where.line in {LineType.FIXED, LineType.MOBILE, LineType.EITHER}:
            by_country.setdefault(where.country, []).append(int(prefix))
    names = sorted(by_country)
    return [np.array(by_country[names[each]]) for each in chance.permutation(len(names))]


def _numbers(
    prefixes: list[NDArray[np.int64]], count: int, chance: np.random.Generator
) -> NDArray[np.int64]:
    """Return numbers of eleven or twelve digits, their countries by Zipf's law."""
    weights = 1 / np.arange(1, len(prefixes) + 1) ** ZIPF
    country = chance.choice(len(prefixes), count, p=weights / weights.sum())
    sizes = np.array([len(each) for each in prefixes])
    firsts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    prefix = np.concatenate(prefixes)[firsts[country] + chance.integers(0, sizes[country])]
    digits = np.floor(np.log10(prefix)).astype(np.int64) + 1
    room = 10 ** (chance.integers(11, 13, count) - digits)
    return prefix * room + chance.integers(0, 10**12, count) % room
