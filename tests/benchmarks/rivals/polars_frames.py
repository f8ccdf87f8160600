"""Polars, written by hand: one vector expression a plan over calls sorted once.

What makes it fast was tried in turn: a binary search for the number instead of a join; the
prices of a plan gathered from a literal column instead of joined; and, as calls are sorted by
customer and cycle, running totals and groups by differences of one plain `cum_sum`, which takes
a fraction of `cum_sum().over()` and of `group_by`. Rows go in blocks that stay near the caches, and
Polars spreads the plans of a block over its threads.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from tests.benchmarks.rivals.answers import Bills
from tests.benchmarks.rivals.days import (
    DAY,
    DAY_OF_MONTH,
    FIRST_DAY_NUMBER,
    MONTH_LENGTHS,
    MONTH_OF_DAY,
    Offsets,
    cycle_of,
    cycle_start,
    offsets,
)
from tests.benchmarks.rivals.flat import (
    NO_SCHEME,
    OFF_PEAK,
    FlatPlan,
)
from tests.benchmarks.rivals.world import AS_OF, World

BLOCK = 1 << 17
"""Calls that are priced at once."""

NEVER = 1 << 20
"""Elapsed seconds of an edge that no call reaches."""

CYCLES = 16
"""More than the cycles of a customer; customer x `CYCLES` + cycle tells a bill."""

PLAN_BITS, COST_BITS = 6, 44
NUMBER_DIGITS = 15


def column(values: Iterable[object]) -> pl.Expr:
    """Return values as a literal column."""
    return pl.lit(pl.Series(values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Answered calls by customer, cycle and time, and what is known of every customer.

    `first`, `last` and `now` are the cycles of a customer's first and last call and of the day
    asked about.
    """

    calls: pl.DataFrame
    customers: pl.DataFrame


class PolarsFrames:
    """The contender."""

    name = "Polars"

    def __init__(self, world: World) -> None:
        self._world = world
        self._flat = world.flat()

    def write_best(self, out: Path) -> None:
        """Write the three best plans of every customer."""
        out.mkdir()
        placed = self._place(whole=True)
        cycles, usage = self._price(placed.calls)
        best = self._rank(placed, cycles, usage)
        best.write_parquet(out / "best.parquet")

    def bills(self) -> Bills:
        """Return every bill."""
        placed = self._place(whole=False)
        cycles, usage = self._price(placed.calls)
        called = placed.customers.filter(pl.col("last").is_not_null())
        rows = (
            called.select(
                "c",
                "customer_id",
                "dom",
                cycle=pl.int_ranges(pl.col("first"), pl.col("last") + 1, dtype=pl.Int64),
            )
            .explode("cycle")
            .join(cycles.with_columns(usage), on=("c", "cycle"), how="left")
        )
        fees = [plan.fee for plan in self._flat.plans]
        totals = rows.select(
            pl.col(f"p{at}").fill_null(0) + fee for at, fee in enumerate(fees)
        ).to_numpy()
        starts = [cycle_start(dom, cycle) for dom, cycle in rows.select("dom", "cycle").iter_rows()]
        return Bills.of(rows["customer_id"].to_numpy(), np.array(starts, np.int64), totals)

    def _customers(self) -> tuple[pl.DataFrame, list[Offsets]]:
        """Return customers with an index, the day of their anchor, and an index of zones."""
        customers = pl.read_parquet(
            self._world.customers, columns=["customer_id", "zone", "anchor"]
        )
        zones = customers["zone"].unique().sort().to_list()
        days = [cycle_of(day, AS_OF) for day in range(1, 32)]
        dom = pl.col("anchor").dt.day().cast(pl.Int64)
        return customers.select(
            "customer_id",
            c=pl.int_range(pl.len(), dtype=pl.Int64),
            z=pl.col("zone").replace_strict(zones, list(range(len(zones))), return_dtype=pl.Int64),
            dom=dom,
            now=column(days).gather(dom - 1),
        ), [offsets(zone) for zone in zones]

    def _place(self, *, whole: bool) -> Placed:
        """Return the calls in their places; with `whole` only those of complete cycles."""
        customers, zones = self._customers()
        calls = pl.read_parquet(self._world.calls)
        least = 10 ** (self._flat.least_digits - 1)
        if not calls.filter(pl.col("number") < least).is_empty():
            message = "a number is shorter than a prefix"
            raise ValueError(message)
        t = pl.col("t")
        placed = (
            calls.lazy()
            .join(customers.lazy(), on="customer_id", how="left", maintain_order="left")
            .with_columns(t=pl.col("start").dt.epoch("s"))
            .with_columns(day=(t + _offset(zones)) // DAY - FIRST_DAY_NUMBER)
            .with_columns(
                month=column(MONTH_OF_DAY).gather("day"), dim=column(DAY_OF_MONTH).gather("day")
            )
            .with_columns(
                cycle=pl.col("month")
                - (
                    pl.col("dim") < pl.min_horizontal("dom", column(MONTH_LENGTHS).gather("month"))
                ).cast(pl.Int64)
            )
            .select("c", "cycle", "now", "t", "number", pl.col("seconds").cast(pl.Int64))
            .collect()
        )
        spans = placed.group_by("c").agg(first=pl.col("cycle").min(), last=pl.col("cycle").max())
        wanted = pl.col("seconds") > 0
        if whole:
            wanted &= pl.col("cycle") < pl.col("now")
        answered = self._sorted(placed.filter(wanted).drop("now"))
        return Placed(
            calls=self._enriched(answered),
            customers=customers.join(spans, on="c", how="left", maintain_order="left"),
        )

    def _sorted(self, calls: pl.DataFrame) -> pl.DataFrame:
        """Return calls by customer, start, number and duration.

        One key of 64 bits is sorted. Calls of one customer in one second are few, and are put
        in order by themselves.
        """
        key = calls.select(
            k=pl.col("c") * (1 << 32) + (pl.col("t") - pl.col("t").min())
        ).to_series()
        order = key.arg_sort()
        along = key.gather(order)
        same = along == along.shift(1)
        if same.any():
            tied = same.fill_null(value=False) | (along == along.shift(-1)).fill_null(value=False)
            at = tied.arg_true()
            rows = order.gather(at)
            sub = calls.select(pl.col("number", "seconds").gather(rows)).with_columns(
                k=key.gather(rows), row=rows
            )
            order = order.scatter(at, sub.sort("k", "number", "seconds")["row"])
        return calls.select(pl.all().gather(order))

    def _enriched(self, calls: pl.DataFrame) -> pl.DataFrame:
        """Return calls with class, bands, and billed seconds of every increment."""
        flat = self._flat
        digits = sum((pl.col("number") >= 10**size).cast(pl.Int64) for size in range(5, 15)) + 5
        padded = pl.col("number") * column([10**each for each in range(16)]).gather(
            NUMBER_DIGITS - digits
        )
        found = column(flat.starts).search_sorted(padded, side="right") - 1
        local = pl.col("t") + _offset([offsets(flat.zone)], zone=None)
        frame = calls.lazy().with_columns(
            cls=column(flat.classes).gather(found),
            second=local % DAY,
            works=(local // DAY + 3) % 7 < 5,
            bill=pl.col("c") * CYCLES + pl.col("cycle"),
        )
        second, works = pl.col("second"), pl.col("works")
        for at, scheme in enumerate(flat.schemes):
            peak = works & (second >= scheme.start) & (second < scheme.end)
            frame = frame.with_columns(
                (pl.col("cls") * 2 + peak.cast(pl.Int64)).alias(f"band{at}"),
                pl.when(peak)
                .then(scheme.end - second)
                .when(works & (second < scheme.start))
                .then(scheme.start - second)
                .otherwise(NEVER)
                .alias(f"edge{at}"),
            )
        ways = {(plan.first, plan.next, plan.scheme) for plan in flat.plans}
        for first, following, scheme_at in sorted(ways):
            billed = _billed(pl.col("seconds"), first, following)
            frame = frame.with_columns(billed.alias(f"billed_{first}_{following}"))
            if scheme_at != NO_SCHEME:
                before = pl.min_horizontal("seconds", f"edge{scheme_at}")
                name = f"before_{first}_{following}_{scheme_at}"
                frame = frame.with_columns(_billed(before, first, following).alias(name))
        return frame.drop("second", "works").collect()

    def _price(self, calls: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return (customer, cycle) of every bill with answered calls, and its usage by plan."""
        runs = calls["bill"].rle()
        lengths = runs.struct.field("len").cast(pl.Int64)
        ends = lengths.cum_sum()
        bills = runs.struct.field("value")
        pieces = []
        at = 0
        bounds = ends.to_numpy()
        while at < len(bounds):
            start = int(bounds[at - 1]) if at else 0
            upto = max(at + 1, int(np.searchsorted(bounds, start + BLOCK, "right")))
            block = calls.slice(start, int(bounds[upto - 1]) - start)
            pieces.append(self._block(block, lengths[at:upto]))
            at = upto
        cycles = pl.DataFrame({"c": bills // CYCLES, "cycle": bills % CYCLES})
        names = [f"p{at}" for at in range(len(self._flat.plans))]
        empty = pl.DataFrame(schema=dict.fromkeys(names, pl.Int64))
        return cycles, pl.concat([empty, *pieces])

    def _block(self, block: pl.DataFrame, lengths: pl.Series) -> pl.DataFrame:
        """Return the usage of the bills of a block, one column a plan."""
        ends = lengths.cum_sum() - 1
        starts = (ends - lengths + 1).cast(pl.UInt32)
        bill = pl.Series(np.repeat(starts.to_numpy(), lengths.to_numpy()))
        sums = block.with_columns(opening=bill).select(
            _charges(plan).cum_sum().gather(pl.lit(ends)).alias(f"p{at}")
            for at, plan in enumerate(self._flat.plans)
        )
        return sums.select(pl.all().diff().fill_null(pl.all()))

    def _rank(self, placed: Placed, cycles: pl.DataFrame, usage: pl.DataFrame) -> pl.DataFrame:
        """Return the three best plans of each customer with a complete cycle."""
        plans = self._flat.plans
        names = [f"p{at}" for at in range(len(plans))]
        sums = usage.with_columns(cycles["c"]).group_by("c").agg(pl.col(names).sum())
        count = pl.col("count")
        judged = (
            placed.customers.with_columns(count=pl.col("now") - pl.col("first"))
            .filter(count > 0)
            .join(sums, on="c", how="left", maintain_order="left")
            .join(self._missed(placed.calls), on="c", how="left", maintain_order="left")
        )
        packed = [
            (pl.col(f"m{at}").fill_null(0) * (1 << COST_BITS + PLAN_BITS))
            + (plan.fee + (2 * pl.col(f"p{at}").fill_null(0) + count) // (2 * count))
            * (1 << PLAN_BITS)
            + at
            for at, plan in enumerate(plans)
        ]
        ranked = judged.select(
            "customer_id", best=pl.concat_list(packed).list.sort().list.head(3)
        ).with_columns(rank=pl.int_ranges(1, pl.col("best").list.len() + 1, dtype=pl.Int32))
        best = pl.col("best")
        return ranked.explode("best", "rank").select(
            "customer_id",
            "rank",
            plan=column([plan.plan for plan in plans]).gather(best % (1 << PLAN_BITS)),
            monthly_micros=best // (1 << PLAN_BITS) % (1 << COST_BITS),
            missed_calls=(best // (1 << PLAN_BITS + COST_BITS)).cast(pl.Int32),
        )

    def _missed(self, calls: pl.DataFrame) -> pl.DataFrame:
        """Return calls that a plan misses, by customer; equal calls are one."""
        plans = range(len(self._flat.plans))
        misses = pl.DataFrame(
            self._flat.missed(), schema={"cls": pl.Int64, "plan": pl.Int64}, orient="row"
        )
        by_class = (
            calls.filter(pl.col("cls").is_in(misses["cls"].unique().implode()))
            .unique(("c", "t", "number", "seconds"))
            .group_by("c", "cls")
            .len()
            .join(misses, on="cls")
        )
        return by_class.group_by("c").agg(
            pl.col("len").filter(pl.col("plan") == at).sum().cast(pl.Int64).alias(f"m{at}")
            for at in plans
        )


def _offset(zones: list[Offsets], *, zone: str | None = "z") -> pl.Expr:
    """Return the UTC offset at `t`, in the zone whose index is in a column."""
    width = max(len(each.changes) for each in zones)
    forever = 1 << 62
    piece = pl.lit(0, dtype=pl.Int64) if zone is None else pl.col(zone) * width
    for at in range(1, width):
        changes = [(*each.changes, *[forever] * width)[at] for each in zones]
        change = pl.lit(changes[0]) if zone is None else column(changes).gather(zone)
        piece += (pl.col("t") >= change).cast(pl.Int64)
    table = [(*each.seconds, *[0] * width)[at] for each in zones for at in range(width)]
    return column(table).gather(piece)


def _billed(seconds: pl.Expr, first: int, following: int) -> pl.Expr:
    """Return billed seconds of calls of at least a second."""
    if first == following:
        return (seconds + (first - 1)) // first * first
    return first + ((seconds + (following - 1 - first)) // following).clip(0) * following


def _charges(plan: FlatPlan) -> pl.Expr:
    """Return what a plan charges for each call, in micros."""
    billed = pl.col(f"billed_{plan.first}_{plan.next}")
    cls = pl.col("cls")
    drawn: pl.Expr | None = None
    if plan.allowance:
        wanted = billed * column(plan.included).gather(cls)
        total = wanted.cum_sum()
        before = total - wanted
        opening = before.gather("opening")
        drawn = (total - opening).clip(upper_bound=plan.allowance) - (before - opening).clip(
            upper_bound=plan.allowance
        )
    paid = billed if drawn is None else billed - drawn
    if plan.scheme == NO_SCHEME:
        exact = paid * column(plan.prices[OFF_PEAK]).gather(cls)
    else:
        off, peak = plan.prices
        now = np.stack([off, peak], axis=1).reshape(-1)
        change = np.stack([peak - off, off - peak], axis=1).reshape(-1)
        band = pl.col(f"band{plan.scheme}")
        reached = pl.col(f"before_{plan.first}_{plan.next}_{plan.scheme}")
        later = billed - (reached if drawn is None else pl.max_horizontal(reached, drawn))
        exact = paid * column(now).gather(band) + later * column(change).gather(band)
    if plan.connection_fees.any():
        fee = column(60 * plan.connection_fees).gather(cls)
        exact += fee if drawn is None else fee * (paid > 0).cast(pl.Int64)
    if plan.surcharges.any():
        exact += billed * column(plan.surcharges).gather(cls)
    rounded = (exact + plan.bias) // plan.divisor
    return rounded if plan.step == 1 else rounded * plan.step
