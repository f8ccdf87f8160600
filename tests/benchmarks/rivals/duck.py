"""DuckDB, written by hand: calls placed once, then SQL over a few plans at a time.

The number is found by an ASOF join over the different numbers. Prices stand in one wide table
of classes, of which a statement reads the columns of its plans. Running totals of allowances
share one window, so that bills are cut and sorted once for `TOGETHER` plans, not once for each.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from tests.benchmarks.rivals.answers import Bills
from tests.benchmarks.rivals.days import FIRST_MONTH, cycle_of, cycle_start, offsets
from tests.benchmarks.rivals.flat import NO_SCHEME, OFF_PEAK, PEAK, FlatPlan
from tests.benchmarks.rivals.world import AS_OF, World

THREADS = 2
TOGETHER = 7
"""Plans in one statement."""

NEVER = 1 << 20
"""Elapsed seconds of an edge that no call reaches."""

CYCLES = 16
"""More than the cycles of a customer; customer x `CYCLES` + cycle tells a bill."""

PLAN_BITS, COST_BITS = 6, 44
Plans = list[tuple[int, FlatPlan]]


class Duck:
    """The contender."""

    name = "DuckDB"

    def __init__(self, world: World) -> None:
        self._world = world
        self._flat = world.flat()

    def write_best(self, out: Path) -> None:
        """Write the three best plans of every customer."""
        out.mkdir()
        with self._opened() as base:
            self._place(base, whole=True)
            self._price(base)
            self._missed(base)
            path = str(out / "best.parquet")
            base.execute(f"COPY ({self._ranked()}) TO '{path}' (FORMAT parquet)")

    def bills(self) -> Bills:
        """Return every bill."""
        with self._opened() as base:
            self._place(base, whole=False)
            self._price(base)
            columns = ", ".join(
                f"coalesce(p{at}, 0) + {plan.fee}" for at, plan in enumerate(self._flat.plans)
            )
            rows = base.execute(
                f"""
                WITH due AS (
                    SELECT c, unnest(range(first, last + 1)) AS cycle FROM spans
                )
                SELECT customer_id, dom, cycle, {columns}
                FROM due JOIN customers USING (c)
                LEFT JOIN usage ON usage.bill = due.c * {CYCLES} + due.cycle
                """
            ).fetchnumpy()
        found = [np.asarray(each, np.int64) for each in rows.values()]
        days = zip(found[1].tolist(), found[2].tolist(), strict=True)
        starts = np.array([cycle_start(dom, cycle) for dom, cycle in days], np.int64)
        return Bills.of(found[0], starts, np.stack(found[3:], axis=1))

    def _opened(self) -> duckdb.DuckDBPyConnection:
        """Return a base in memory that holds the price list."""
        flat = self._flat
        base = duckdb.connect(config={"threads": THREADS})
        starts = pa.table({"least": flat.starts, "cls": flat.classes})
        prices = {"cls": np.arange(flat.class_count)}
        for at, plan in enumerate(flat.plans):
            prices |= {
                f"off{at}": plan.prices[OFF_PEAK],
                f"peak{at}": plan.prices[PEAK],
                f"fee{at}": 60 * plan.connection_fees,
                f"extra{at}": plan.surcharges,
                f"inc{at}": plan.included,
            }
        misses = pa.table(
            [pa.array([each[at] for each in flat.missed()], pa.int64()) for at in (0, 1)],
            ["cls", "plan"],
        )
        for name, table in {"starts": starts, "prices": pa.table(prices), "misses": misses}.items():
            base.register(f"given_{name}", table)
            base.execute(f"CREATE TABLE {name} AS SELECT * FROM given_{name}")
            base.unregister(f"given_{name}")
        return base

    def _place(self, base: duckdb.DuckDBPyConnection, *, whole: bool) -> None:
        """Make `customers`, `spans` and `placed`; with `whole` only calls of complete cycles."""
        now = ", ".join(str(cycle_of(day, AS_OF)) for day in range(1, 32))
        base.execute(
            f"""
            CREATE TABLE customers AS
            SELECT file_row_number AS c, customer_id, zone, day(anchor) AS dom,
                [{now}][day(anchor)] AS now
            FROM read_parquet('{self._world.customers}', file_row_number = true)
            """
        )
        zones = [row[0] for row in base.execute("SELECT DISTINCT zone FROM customers").fetchall()]
        months = FIRST_MONTH.year * 12 + FIRST_MONTH.month
        kept = "AND cycle < now" if whole else ""
        base.execute(
            f"""
            CREATE TABLE dated AS
            WITH local AS (
                SELECT c, now, dom, t, number, seconds,
                    DATE '1970-01-01' + ((t + {_offset(zones)}) // 86400)::INTEGER AS day
                FROM (
                    SELECT customer_id, number, seconds, epoch_ms(start) // 1000 AS t
                    FROM '{self._world.calls}'
                ) JOIN customers USING (customer_id)
            )
            SELECT c, now, t, number, seconds,
                year(day) * 12 + month(day) - {months}
                    - (day(day) < least(dom, day(last_day(day))))::INTEGER AS cycle
            FROM local
            """
        )
        base.execute(
            "CREATE TABLE spans AS "
            "SELECT c, min(cycle) AS first, max(cycle) AS last FROM dated GROUP BY c"
        )
        base.execute(
            f"""
            CREATE TABLE numbers AS
            SELECT number, cls FROM (
                SELECT number, {self._padded()} AS padded FROM (SELECT DISTINCT number FROM dated)
            ) ASOF JOIN starts ON padded >= least
            """
        )
        if base.execute(
            f"SELECT min(number) < {10 ** (self._flat.least_digits - 1)} FROM numbers"
        ).fetchall() == [(True,)]:
            message = "a number is shorter than a prefix"
            raise ValueError(message)
        base.execute(
            f"""
            CREATE TABLE placed AS
            WITH clocked AS (
                SELECT c, c * {CYCLES} + cycle AS bill, t, dated.number, seconds, cls,
                    (t + {_pieces("t", self._flat.zone)}) % 86400 AS second,
                    ((t + {_pieces("t", self._flat.zone)}) // 86400 + 3) % 7 < 5 AS works
                FROM dated JOIN numbers USING (number)
                WHERE seconds > 0 {kept}
            ), banded AS (
                SELECT *, {", ".join(self._bands())} FROM clocked
            )
            SELECT * EXCLUDE (second, works), {", ".join(self._billed())}
            FROM banded ORDER BY c, t, number, seconds
            """
        )

    @staticmethod
    def _padded() -> str:
        sizes = " ".join(
            f"WHEN number < {10**size} THEN number * {10 ** (15 - size)}" for size in range(5, 15)
        )
        return f"CASE {sizes} ELSE number END"

    def _bands(self) -> list[str]:
        return [
            text
            for at, scheme in enumerate(self._flat.schemes)
            for text in (
                f"works AND second >= {scheme.start} AND second < {scheme.end} AS peak_{at}",
                (
                    f"(CASE WHEN peak_{at} THEN {scheme.end} - second "
                    f"WHEN works AND second < {scheme.start} THEN {scheme.start} - second "
                    f"ELSE {NEVER} END)::INTEGER AS edge_{at}"
                ),
            )
        ]

    def _billed(self) -> list[str]:
        ways = sorted({(plan.first, plan.next, plan.scheme) for plan in self._flat.plans})
        found = {}
        for first, following, scheme in ways:
            name = f"billed_{first}_{following}"
            found[name] = f"{_billed('seconds', first, following)}::INTEGER AS {name}"
            if scheme != NO_SCHEME:
                name = f"before_{first}_{following}_{scheme}"
                before = f"least(seconds, edge_{scheme})"
                found[name] = f"{_billed(before, first, following)}::INTEGER AS {name}"
        return list(found.values())

    def _price(self, base: duckdb.DuckDBPyConnection) -> None:
        """Make `usage`: what every bill's calls cost, one column a plan."""
        numbered = list(enumerate(self._flat.plans))
        allowing = [each for each in numbered if each[1].allowance]
        plain = [each for each in numbered if not each[1].allowance]
        statements = [
            _charged(group)
            for kind in (allowing, plain)
            for group in (kind[at : at + TOGETHER] for at in range(0, len(kind), TOGETHER))
        ]
        for at, statement in enumerate(statements):
            base.execute(f"CREATE TABLE usage_{at} AS {statement}")
        rest = " ".join(f"JOIN usage_{at} USING (bill)" for at in range(1, len(statements)))
        base.execute(f"CREATE TABLE usage AS SELECT * FROM usage_0 {rest}")

    def _missed(self, base: duckdb.DuckDBPyConnection) -> None:
        """Make `missed`: calls a plan does not carry though another does; equal calls are one."""
        base.execute(
            """
            CREATE TABLE missed AS
            SELECT c, plan, count(*) AS calls FROM (
                SELECT DISTINCT c, cls, t, number, seconds FROM placed
                WHERE cls IN (SELECT cls FROM misses)
            ) JOIN misses USING (cls) GROUP BY c, plan
            """
        )

    def _ranked(self) -> str:
        """Return the query of the three best plans of each customer with a complete cycle."""
        plans = self._flat.plans
        sums = ", ".join(f"sum(p{at})::BIGINT AS p{at}" for at in range(len(plans)))
        lost = ", ".join(
            f"coalesce(sum(calls) FILTER (plan = {at}), 0)::BIGINT AS m{at}"
            for at in range(len(plans))
        )
        packed = ", ".join(
            f"coalesce(m{at}, 0) * {1 << COST_BITS + PLAN_BITS} + "
            f"({plan.fee} + (2 * coalesce(p{at}, 0) + cycles) // (2 * cycles)) * {1 << PLAN_BITS}"
            f" + {at}"
            for at, plan in enumerate(plans)
        )
        names = ", ".join(f"'{plan.plan}'" for plan in plans)
        return f"""
            WITH sums AS (
                SELECT bill // {CYCLES} AS c, {sums} FROM usage GROUP BY ALL
            ), lost AS (
                SELECT c, {lost} FROM missed GROUP BY c
            ), judged AS (
                SELECT c, customer_id, now - first AS cycles
                FROM customers JOIN spans USING (c) WHERE first < now
            ), ranked AS (
                SELECT c, customer_id, list_sort([{packed}])[1:3] AS best
                FROM judged LEFT JOIN sums USING (c) LEFT JOIN lost USING (c)
            ), apart AS (
                SELECT c, customer_id, unnest(range(1, len(best) + 1)) AS rank, unnest(best) AS one
                FROM ranked
            )
            SELECT customer_id, rank::INTEGER AS rank,
                [{names}][one % {1 << PLAN_BITS} + 1] AS plan,
                one // {1 << PLAN_BITS} % {1 << COST_BITS} AS monthly_micros,
                (one // {1 << PLAN_BITS + COST_BITS})::INTEGER AS missed_calls
            FROM apart ORDER BY c, rank
        """


def _pieces(instant: str, zone: str) -> str:
    """Return the UTC offset of a zone as an expression of the instant."""
    known = offsets(zone)
    later = list(zip(known.changes, known.seconds, strict=True))[1:]
    cases = " ".join(f"WHEN {instant} >= {at} THEN {shift}" for at, shift in reversed(later))
    return f"(CASE {cases} ELSE {known.seconds[0]} END)" if cases else f"({known.seconds[0]})"


def _offset(zones: list[str]) -> str:
    cases = " ".join(f"WHEN '{zone}' THEN {_pieces('t', zone)}" for zone in zones)
    return f"(CASE zone {cases} END)"


def _billed(seconds: str, first: int, following: int) -> str:
    """Return billed seconds of calls of at least a second."""
    if first == following:
        return f"(({seconds} + {first - 1}) // {first} * {first})"
    steps = f"({seconds} - {first} + {following - 1}) // {following} * {following}"
    return f"(CASE WHEN {seconds} <= {first} THEN {first} ELSE {first} + {steps} END)"


def _charged(plans: Plans) -> str:
    """Return the statement that charges some plans: one row a bill, one column a plan."""
    columns = {"bill": "bill"}
    wanted, totals, charges = [], [], []
    for at, plan in plans:
        billed = f"billed_{plan.first}_{plan.next}"
        columns[billed] = billed
        columns[f"off{at}"] = f"off{at}"
        drawn = "0"
        if plan.allowance:
            wanted.append(f"{billed} * inc{at} AS w{at}")
            totals.append(f"(sum(w{at}) OVER along)::BIGINT AS t{at}")
            drawn = f"(least(t{at}, {plan.allowance}) - least(t{at} - w{at}, {plan.allowance}))"
        paid = f"({billed} - {drawn})"
        if plan.scheme == NO_SCHEME:
            exact = f"{paid} * off{at}"
        else:
            peak = f"peak_{plan.scheme}"
            before = f"before_{plan.first}_{plan.next}_{plan.scheme}"
            columns |= {peak: peak, before: before, f"peak{at}": f"peak{at}"}
            exact = (
                f"(CASE WHEN {peak} THEN {paid} * peak{at}"
                f" + ({billed} - greatest({before}, {drawn})) * (off{at} - peak{at})"
                f" ELSE {paid} * off{at}"
                f" + ({billed} - greatest({before}, {drawn})) * (peak{at} - off{at}) END)"
            )
        if plan.connection_fees.any():
            columns[f"fee{at}"] = f"fee{at}"
            exact += f" + (CASE WHEN {paid} > 0 THEN fee{at} ELSE 0 END)"
        if plan.surcharges.any():
            columns[f"extra{at}"] = f"extra{at}"
            exact += f" + {billed} * extra{at}"
        charges.append(
            f"sum(({exact} + {plan.bias}) // {plan.divisor} * {plan.step})::BIGINT AS p{at}"
        )
    if not wanted:
        return (
            f"SELECT bill, {', '.join(charges)} FROM placed JOIN prices USING (cls) GROUP BY bill"
        )
    return f"""
        WITH included AS (
            SELECT {", ".join(columns)}, t, number, seconds, {", ".join(wanted)}
            FROM placed JOIN prices USING (cls)
        ), running AS (
            SELECT *, {", ".join(totals)} FROM included
            WINDOW along AS (
                PARTITION BY bill ORDER BY t, number, seconds ROWS UNBOUNDED PRECEDING
            )
        )
        SELECT bill, {", ".join(charges)} FROM running GROUP BY bill
    """
