"""Naive Decimal: what one writes first. A dictionary walk, a datetime, Decimal, call by call.

It prices whole customers of a sample, because nobody would wait for the rest; what it would
take for all calls is extrapolated from the calls it did price, and said to be.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.benchmarks.rivals.answers import Bills
from tests.benchmarks.rivals.days import cycle_of, cycle_start
from tests.benchmarks.rivals.flat import NO_SCHEME, OFF_PEAK, PEAK, FlatCatalog, FlatPlan
from tests.benchmarks.rivals.world import World

SAMPLE = 3_000
"""Calls after which no further customer is priced."""

MILLION = Decimal(1_000_000)
Made = tuple[int, str, int]
"""A call as it is read: start, number, seconds."""


class Naive:
    """The contender: prices customers of a sample."""

    name = "naive Decimal"

    def __init__(self, world: World, *, most: int = SAMPLE) -> None:
        flat = world.flat()
        self._catalog = ZoneInfo(flat.zone)
        self._flat = flat
        self._prefixes = _prefixes(flat)
        self._plans = [_Plan(plan, flat) for plan in flat.plans]
        self._customers = _sample(world, most)

    @property
    def calls(self) -> int:
        """The calls of the sample."""
        return sum(len(calls) for _, _, calls in self._customers.values())

    def bills(self) -> Bills:
        """Return the bills of the sampled customers."""
        rows = []
        for customer, (zone, anchor, calls) in self._customers.items():
            for cycle, totals in self._priced(ZoneInfo(zone), anchor.day, calls).items():
                rows.append((customer, cycle_start(anchor.day, cycle), *totals))
        table = np.array(rows, np.int64)
        return Bills.of(table[:, 0], table[:, 1], table[:, 2:])

    def _priced(self, zone: ZoneInfo, anchor: int, calls: list[Made]) -> dict[int, list[int]]:
        cycles: dict[int, list[Made]] = {}
        for call in sorted(calls):
            day = datetime.fromtimestamp(call[0], zone).date()
            cycles.setdefault(cycle_of(anchor, day), []).append(call)
        every = range(min(cycles), max(cycles) + 1)
        return {
            cycle: [
                int(plan.bill(cycles.get(cycle, []), self._class_of, self._catalog) * MILLION)
                for plan in self._plans
            ]
            for cycle in every
        }

    def _class_of(self, number: str) -> int:
        for size in range(len(number), 0, -1):
            found = self._prefixes.get(number[:size])
            if found is not None:
                return found
        return self._prefixes[""]


class _Plan:
    """One plan with its prices as decimals of the currency's major unit."""

    def __init__(self, plan: FlatPlan, flat: FlatCatalog) -> None:
        self._plan = plan
        self._fee = Decimal(plan.fee) / MILLION
        self._prices = [[Decimal(each) / MILLION for each in row.tolist()] for row in plan.prices]
        self._fees = [Decimal(each) / MILLION for each in plan.connection_fees.tolist()]
        self._extras = [Decimal(each) / MILLION for each in plan.surcharges.tolist()]
        self._scheme = None if plan.scheme == NO_SCHEME else flat.schemes[plan.scheme]
        self._step = Decimal(plan.step) / MILLION
        self._mode = ROUND_HALF_UP if plan.bias == plan.divisor // 2 else ROUND_CEILING

    def bill(self, calls: list[Made], class_of: object, zone: ZoneInfo) -> Decimal:
        """Return what the calls of one cycle cost, and the fee."""
        assert callable(class_of)
        plan, total, left = self._plan, self._fee, self._plan.allowance
        for start, number, seconds in calls:
            at = class_of(number)
            if not seconds or not plan.carried[at]:
                continue
            billed = self._billed(seconds)
            drawn = min(left, billed) if plan.allowance and plan.included[at] else 0
            left -= drawn
            amount = self._paid(start, seconds, at, billed, drawn, zone)
            if billed > drawn:
                amount += self._fees[at]
            amount += self._extras[at] * billed / 60
            total += (amount / self._step).quantize(Decimal(1), self._mode) * self._step
        return total

    def _billed(self, seconds: int) -> int:
        first, following = self._plan.first, self._plan.next
        if seconds <= first:
            return first
        return first + -(-(seconds - first) // following) * following

    def _paid(
        self, start: int, seconds: int, at: int, billed: int, drawn: int, zone: ZoneInfo
    ) -> Decimal:
        """Return the price of the seconds that were not drawn, by the bands they start in."""
        if self._scheme is None:
            return self._prices[OFF_PEAK][at] * (billed - drawn) / 60
        moment = datetime.fromtimestamp(start, UTC).astimezone(zone)
        second = moment.hour * 3600 + moment.minute * 60 + moment.second
        works = moment.isoweekday() <= 5
        band, edge = OFF_PEAK, seconds
        if works and self._scheme.start <= second < self._scheme.end:
            band, edge = PEAK, self._scheme.end - second
        elif works and second < self._scheme.start:
            edge = self._scheme.start - second
        before = self._billed(min(seconds, edge))
        now, later = self._prices[band][at], self._prices[PEAK - band][at]
        return (now * max(0, before - drawn) + later * (billed - max(before, drawn))) / 60


def _prefixes(flat: FlatCatalog) -> dict[str, int]:
    """Return the intervals of the price list as prefixes, the empty one for all else.

    An interval is cut into the fewest prefixes that make it up.
    """
    found = {"": -1}
    ends = [*flat.starts[1:].tolist(), 10**15]
    for start, end, cls in zip(flat.starts.tolist(), ends, flat.classes.tolist(), strict=True):
        at = start
        while at < end:
            size = 15
            while size and at % 10 ** (16 - size) == 0 and at + 10 ** (16 - size) <= end:
                size -= 1
            found[str(at).zfill(15)[:size]] = cls
            at += 10 ** (15 - size)
    return found


def _sample(world: World, most: int) -> dict[int, tuple[str, date, list[Made]]]:
    """Return customers, evenly spaced, until they have enough calls."""
    table = pq.read_table(world.customers)
    calls = pq.read_table(world.calls)
    ids = table["customer_id"].to_numpy()
    owners = calls["customer_id"].to_numpy()
    counts = np.bincount(np.searchsorted(ids, owners), minlength=len(ids))
    chosen, total = [], 0
    for at in np.random.default_rng(5).permutation(len(ids)).tolist():
        if counts[at] and total + counts[at] <= most:
            chosen.append(at)
            total += int(counts[at])
    if not chosen:
        chosen = [int(np.argmax(counts))]
    wanted = ids[sorted(chosen)]
    mine = np.isin(owners, wanted)
    found: dict[int, tuple[str, date, list[Made]]] = {}
    rows = table.filter(np.isin(ids, wanted)).to_pylist()
    for row in rows:
        found[row["customer_id"]] = (row["zone"], row["anchor"], [])
    starts = calls["start"].cast(pa.timestamp("s", "UTC")).cast(pa.int64()).to_numpy()[mine]
    columns = (
        owners[mine],
        starts,
        calls["number"].to_numpy()[mine],
        calls["seconds"].to_numpy()[mine],
    )
    for owner, start, number, seconds in zip(*(each.tolist() for each in columns), strict=True):
        found[owner][2].append((start, str(number), seconds))
    return found
