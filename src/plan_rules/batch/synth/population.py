"""A population and its calls, drawn from one seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from plan_rules.batch.synth.habits import (
    FAVOURITE_SHARES,
    SEASON,
    WEEKDAY_HOURS,
    WEEKEND_HOURS,
    Habits,
)
from plan_rules.batch.synth.numbers import Integers, NumberRanges, number_ranges
from plan_rules.destinations.plan import NumberingPlan
from plan_rules.errors import InvalidValue
from plan_rules.periods import DAY_SECONDS, add_months, epoch_seconds, time_zone

Reals = npt.NDArray[np.float64]

FIRST_ID = 1_000_001
HOUR_SECONDS = 3600
UNIX_DAY = date(1970, 1, 1)
SAME_COUNTRY = 0.6
"""The chance that a further favourite lives in the country of the first."""

ANCHOR_MONTHS = 24
"""How far back, in months, the anchors of customers lie at most."""

FAVOURITES = len(FAVOURITE_SHARES)
SIXTEEN = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Some customers and the calls they make from `start` on, for some months.

    `start` is the first of a month. `plans` are ids of which each customer has one as the
    present plan; without any, customers have none. `seed` decides everything: the same
    arguments give the same customers and calls, with one version of NumPy.

    Raises `InvalidValue` for no customer, no month, or a start within a month.

    >>> from datetime import date
    >>> drawn = Population(customers=3, months=1, seed=7, start=date(2026, 1, 1))
    >>> drawn.customers_table().num_rows
    3
    """

    customers: int
    months: int
    seed: int
    start: date
    plans: Sequence[str] = ()
    habits: Habits = field(default_factory=Habits)
    numbering: NumberingPlan = field(default_factory=NumberingPlan.standard)
    _traits: _Traits = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse an empty population and draw what each customer is like."""
        for name in ("customers", "months"):
            if getattr(self, name) < 1:
                raise InvalidValue(name=name, value=getattr(self, name), expected="at least 1")
        if self.seed < 0:
            raise InvalidValue(name="seed", value=self.seed, expected="0 or more")
        if self.start.day != 1:
            raise InvalidValue(name="start", value=self.start, expected="the first of a month")
        object.__setattr__(self, "_traits", _traits(self))

    def customers_table(self) -> pa.Table:
        """Return the customers as a table that `plan_rules.batch` reads."""
        traits, homes = self._traits, self.habits.homes
        columns = {
            "customer_id": pa.array(np.arange(self.customers, dtype=np.int64) + FIRST_ID),
            "home": _taken([home.country for home in homes], traits.home),
            "zone": _taken([home.zone for home in homes], traits.home),
            "anchor": pa.array(traits.anchor.astype("datetime64[D]")),
        }
        if self.plans:
            columns["plan"] = _taken(list(self.plans), traits.plan)
            columns["since"] = pa.array(traits.anchor.astype("datetime64[D]"))
            columns["chosen_country"] = _taken(list(traits.ranges.codes), traits.countries[:, 0])
        return pa.table(columns)

    def calls(self) -> Iterator[pa.RecordBatch]:
        """Yield the calls of each month, in the order of their starts."""
        for index in range(self.months):
            yield self._month(index)

    def _month(self, index: int) -> pa.RecordBatch:
        traits, habits = self._traits, self.habits
        generator = np.random.default_rng([self.seed, index + 1])
        first, end = (add_months(self.start, index + more) for more in (0, 1))
        busy = traits.calls_a_month * SEASON[first.month - 1]
        counts = generator.poisson(busy)
        caller = np.repeat(np.arange(self.customers, dtype=np.int64), counts)
        favourite = _chosen(generator, np.array(FAVOURITE_SHARES), caller.size)
        numbers = traits.numbers[caller, favourite]
        elsewhere = np.flatnonzero(generator.random(caller.size) < habits.elsewhere)
        at = _countries(generator, traits, habits, caller[elsewhere])
        at[generator.random(at.size) < habits.rare] = traits.ranges.rare
        numbers[elsewhere] = traits.ranges.draw(generator, at)
        starts = self._starts(generator, first, end, traits.home[caller])
        seconds = _durations(generator, habits, traits.medians[caller, favourite])
        order = _by_start(starts - starts.min(initial=0))
        return pa.record_batch(
            {
                "customer_id": pa.array((caller + FIRST_ID)[order]),
                "start": pa.array(starts[order].astype("datetime64[s]")).cast(
                    pa.timestamp("s", "UTC")
                ),
                "number": pa.array(numbers[order]),
                "seconds": pa.array(seconds[order]),
            }
        )

    def _starts(
        self, generator: np.random.Generator, first: date, end: date, home: Integers
    ) -> Integers:
        """Return when calls start, in seconds since 1970: by the clock at home, told in UTC."""
        days = [first + timedelta(days=ahead) for ahead in range((end - first).days)]
        weekend = np.array([day.isoweekday() > 5 for day in days])  # noqa: PLR2004  Friday
        shares = np.where(weekend, self.habits.weekend, 1.0)
        day = _chosen(generator, shares, home.size)
        clock = generator.random(home.size)
        hours = np.where(
            weekend[day], _hour(WEEKEND_HOURS, clock), _hour(WEEKDAY_HOURS, clock)
        ).astype(np.int64)
        seconds = (generator.random(home.size) * HOUR_SECONDS).astype(np.int64)
        hour = day * 24 + hours
        offsets = _offsets(tuple(each.zone for each in self.habits.homes), days)
        midnight = (first - UNIX_DAY).days * DAY_SECONDS
        found: Integers = midnight + hour * HOUR_SECONDS + seconds - offsets[home, hour]
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Traits:
    """What each customer is like: one row a customer, one column a favourite number."""

    ranges: NumberRanges
    orders: Integers
    home: Integers
    anchor: Integers
    plan: Integers
    calls_a_month: Reals
    countries: Integers
    numbers: Integers
    medians: Reals


def _traits(population: Population) -> _Traits:
    habits, count = population.habits, population.customers
    generator = np.random.default_rng([population.seed, 0])
    ranges = number_ranges(population.numbering)
    weights = np.array([home.weight for home in habits.homes], dtype=np.float64)
    home = _chosen(generator, weights, count)
    months = generator.integers(-ANCHOR_MONTHS, 0, count)
    firsts = [
        (add_months(population.start, back) - UNIX_DAY).days for back in range(-ANCHOR_MONTHS, 1)
    ]
    lengths = np.array([later - earlier for earlier, later in pairwise(firsts)])
    days = (generator.random(count) * lengths[months + ANCHOR_MONTHS]).astype(np.int64)
    at = np.array(firsts)[months + ANCHOR_MONTHS] + days
    # The mean of a lognormal is exp(spread squared / 2) times its median.
    median = habits.calls_a_month * np.exp(-(habits.spread**2) / 2)
    traits = _Traits(
        ranges=ranges,
        orders=_orders(habits, ranges.codes),
        home=home,
        anchor=at,
        plan=generator.integers(0, max(1, len(population.plans)), count),
        calls_a_month=median * np.exp(habits.spread * generator.standard_normal(count)),
        countries=np.zeros((count, FAVOURITES), dtype=np.int64),
        numbers=np.zeros((count, FAVOURITES), dtype=np.int64),
        medians=habits.median_seconds
        * np.exp(0.5 * generator.standard_normal((count, FAVOURITES))),
    )
    everyone = np.arange(count)
    for index in range(FAVOURITES):
        found = _countries(generator, traits, habits, everyone)
        if index:
            same = generator.random(count) < SAME_COUNTRY
            found[same] = traits.countries[same, 0]
        traits.countries[:, index] = found
        traits.numbers[:, index] = ranges.draw(generator, found)
    return traits


def _orders(habits: Habits, codes: tuple[str, ...]) -> Integers:
    """Return, for each home, all countries from the one called most to the one called least."""
    index = {code: at for at, code in enumerate(codes)}
    rows = []
    for home in habits.homes:
        known = [code for code in dict.fromkeys((*home.corridors, home.country)) if code in index]
        rest = [code for code in codes if code not in known]
        rows.append([index[code] for code in (*known, *rest)])
    return np.array(rows, dtype=np.int64)


def _countries(
    generator: np.random.Generator, traits: _Traits, habits: Habits, callers: Integers
) -> Integers:
    """Return a country for each caller: the further down the order of their home, the rarer."""
    count = traits.orders.shape[1]
    shares = np.arange(1, count + 1, dtype=np.float64) ** -habits.zipf
    return traits.orders[traits.home[callers], _chosen(generator, shares, callers.size)]


def _chosen(generator: np.random.Generator, shares: Reals, count: int) -> Integers:
    """Return `count` indices, each as often as its share says."""
    bounds = np.cumsum(shares) / np.sum(shares)
    found = np.searchsorted(bounds, generator.random(count), side="right")
    return np.minimum(found, len(shares) - 1)


def _hour(weights: tuple[int, ...], clock: Reals) -> Integers:
    bounds = np.cumsum(weights) / sum(weights)
    return np.minimum(np.searchsorted(bounds, clock, side="right"), len(weights) - 1)


def _durations(
    generator: np.random.Generator, habits: Habits, medians: Reals
) -> npt.NDArray[np.int32]:
    """Return whole seconds: 0 for a call nobody answered, else a long tail around the median."""
    drawn = medians * np.exp(habits.duration_spread * generator.standard_normal(medians.size))
    seconds = np.clip(np.ceil(drawn), 1, habits.longest_seconds).astype(np.int32)
    seconds[generator.random(medians.size) < habits.unanswered] = 0
    return seconds


def _offsets(zones: tuple[str, ...], days: list[date]) -> Integers:
    """Return the offset from UTC in seconds of each zone in each hour of the days."""
    clocks = [datetime.combine(day, time(hour)) for day in days for hour in range(24)]
    return np.array(
        [
            [
                epoch_seconds(clock.replace(tzinfo=UTC)) - epoch_seconds(clock.replace(tzinfo=zone))
                for clock in clocks
            ]
            for zone in map(time_zone, zones)
        ],
        dtype=np.int64,
    )


def _by_start(ahead: Integers) -> Integers:
    """Return the stable order of seconds below 2**32, sixteen bits at a time."""
    low = np.argsort((ahead & 0xFFFF).astype(np.uint16), kind="stable")
    high = (ahead >> SIXTEEN).astype(np.uint16)[low]
    return low[np.argsort(high, kind="stable")]


def _taken(words: list[str], at: Integers) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(at.astype(np.int32)), pa.array(words))
