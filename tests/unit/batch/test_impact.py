"""Comparisons over small populations: who is compared, who is counted apart, what is refused."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from plan_rules.batch import NotComparable, compare_catalogs, price_tables
from plan_rules.batch.impact.comparing import Impact
from plan_rules.batch.impact.drawing import impact_drawing
from plan_rules.batch.impact.explaining import EnginesDisagree, bills_of
from plan_rules.batch.impact.histogram import RANGES
from plan_rules.batch.impact.sides import Incomparable, Sides
from plan_rules.batch.intake.rejecting import RowsRejected
from plan_rules.batch.run.memory import LIBRARIES
from plan_rules.catalog import Catalog
from plan_rules.catalog.catalog import NO_RULES
from plan_rules.catalog.dated import Dated
from plan_rules.errors import InvalidValue, UnknownId
from plan_rules.rating import Bill
from plan_rules.tariff import MakerKind
from plan_rules.testing import UNIVERSE
from tests.unit.batch.batches import AS_OF, population, sample, spoilt

PLAN = "world-saver"
RISE = 500_000


def with_fee(catalog: Catalog, plan: str, fee: int, *, since: date | None = None) -> Catalog:
    """The catalog with another fee of one plan, of all times or, after none, since a day."""
    entries = ((None, fee),) if since is None else ((None, 0), (since, fee))
    changed = replace(catalog.plans[plan], fee=Dated(entries=entries))
    return replace(catalog, plans={**catalog.plans, plan: changed})


def dearer() -> Catalog:
    """The sample catalog, one fee of which is half a dollar higher on the day of the tests."""
    return with_fee(sample(), PLAN, 3_490_000 + RISE)


def without(catalog: Catalog, plan: str) -> Catalog:
    return replace(catalog, plans={k: v for k, v in catalog.plans.items() if k != plan})


@pytest.fixture(scope="module")
def calls() -> pa.Table:
    return pa.Table.from_batches(population().calls())


@pytest.fixture(scope="module")
def people() -> pa.Table:
    """Forty customers on no plan, and the first ten of them on one."""
    table = population().customers_table()
    plans = [PLAN if at < 10 else None for at in range(table.num_rows)]
    at = table.schema.get_field_index("plan")
    return table.set_column(at, "plan", pa.array(plans, pa.string()))


def compared(calls: pa.Table, people: pa.Table, **given: object) -> Impact:
    words: dict[str, object] = {
        "old": sample(), "new": dearer(), "calls": calls, "customers": people, "as_of": AS_OF,
        **given,
    }  # fmt: skip
    return compare_catalogs(**words)  # type: ignore[arg-type]


def unruled(catalog: Catalog) -> Catalog:
    return replace(catalog, rules=NO_RULES)


def test_a_higher_fee_is_the_whole_difference(calls: pa.Table, people: pa.Table) -> None:
    impact = compared(calls, people, old=unruled(sample()), new=unruled(dearer()))
    every = impact.sums.all
    assert (every.compared, every.up, impact.sums.apart.without_plan) == (10, 10, 30)
    assert every.month.difference == 10 * RISE
    assert every.total.difference == every.bills_old * RISE
    assert (impact.money.least, impact.money.greatest) == (RISE, RISE)
    assert [line.id for each in impact.hurt for line in each.lines] == [PLAN] * 10
    assert {span.line > 0 for each in impact.hurt for span in each.lines[0].old.spans} == {True}


def test_a_discount_that_rules_no_longer_give_is_told_line_by_line(
    calls: pa.Table, people: pa.Table
) -> None:
    count = people.num_rows
    known = people.append_column("facts.paperless", pa.array([True, None] * (count // 2)))
    impact = compared(calls, known, old=sample(), new=unruled(sample()))
    assert (impact.sums.all.compared, impact.sums.all.up) == (10, 5 + loyal(people))
    assert {line.kind for each in impact.hurt for line in each.lines} == {MakerKind.DISCOUNT}
    told = [{line.id: line.difference_micros for line in each.lines} for each in impact.hurt]
    assert sum("paperless-discount" in lines for lines in told) == 5
    for each, lines in zip(impact.hurt, told, strict=True):
        assert sum(lines.values()) == each.total.new - each.total.old
        if "paperless-discount" in lines:
            assert lines["paperless-discount"] == 500_000 * each.bills_old


def loyal(people: pa.Table) -> int:
    """How many of every other of the first ten have been on their plan for two years."""
    since = people["since"].to_pylist()[1:10:2] if "since" in people.column_names else []
    return sum(day is not None and (AS_OF - day).days > 731 for day in since)


def test_a_fact_that_cannot_be_is_no_customer(calls: pa.Table, people: pa.Table) -> None:
    late = pa.array([13] * people.num_rows, pa.int64())
    impact = compared(calls, people.append_column("facts.late-payments", late))
    assert impact.customers_rejected.counts == {"bad-fact": people.num_rows}


def test_the_bills_are_those_of_a_batch(calls: pa.Table, people: pa.Table) -> None:
    priced = price_tables(
        catalog=sample(), calls=calls, customers=people, as_of=AS_OF, values_on=AS_OF
    )
    plan = list(sample().plans).index(PLAN)
    mine = people.filter(pc.equal(people["plan"], PLAN))["customer_id"]
    bills = priced.bills.filter(pc.is_in(priced.bills["customer_id"], mine.combine_chunks()))
    amounts = [row[plan] for row in bills["total_micros"].to_pylist() if row[plan] is not None]
    every = compared(calls, people).sums.all
    assert (every.bills_old, every.total.old) == (len(amounts), sum(amounts))


def test_who_made_no_call_is_compared_by_the_fee(people: pa.Table) -> None:
    calls = pa.Table.from_batches(population().calls()).slice(0, 0)
    impact = compared(calls, people, old=unruled(sample()), new=unruled(dearer()))
    every = impact.sums.all
    assert (every.idle, every.bills_old, every.total.old) == (10, 10, 10 * 3_490_000)
    assert every.month.difference == 10 * RISE
    assert impact.sums.best.undecided == 40
    assert all(each.is_idle for each in impact.hurt)
    assert sum(each.bills for each in impact.sums.old_months.values()) == 10


def test_customers_whose_plan_one_side_lacks_are_counted_apart(
    calls: pa.Table, people: pa.Table
) -> None:
    gone = compared(calls, people, new=without(sample(), PLAN))
    assert gone.sums.apart.only_in_old == Counter({PLAN: 10})
    assert gone.sums.all.compared == 0
    assert gone.money.p50 is None
    assert PLAN not in gone.new_plans
    come = compared(calls, people, old=without(sample(), PLAN))
    assert come.sums.apart.only_in_new == Counter({PLAN: 10})
    assert come.customers_rejected.rows == 0


def test_customers_on_no_plan_can_be_taken_to_be_on_one(calls: pa.Table, people: pa.Table) -> None:
    impact = compared(calls, people, assume_plan=PLAN)
    assert (impact.assumed, impact.sums.all.compared) == (30, 40)
    with pytest.raises(UnknownId) as refused:
        compared(calls, people, assume_plan="world-savr")
    assert PLAN in refused.value.closest


def test_callers_are_the_customers_where_there_is_no_table(
    calls: pa.Table, people: pa.Table, tmp_path: Path
) -> None:
    path = tmp_path / "calls.parquet"
    pq.write_table(calls, path, row_group_size=100)
    impact = compared(path, people, customers=None, assume_plan=PLAN)
    callers = len(calls["customer_id"].unique())
    assert (impact.sums.customers, impact.sums.all.compared) == (callers, callers)
    assert (impact.calls, impact.sums.all.idle) == (calls.num_rows, 0)
    with pytest.raises(InvalidValue) as refused:
        compared(calls, people, customers=None)
    assert refused.value.name == "customers"


def test_rows_that_cannot_be_read_are_counted_or_refused(calls: pa.Table, people: pa.Table) -> None:
    bad = spoilt(calls)
    impact = compared(bad, people)
    assert impact.rows == impact.calls + impact.rejected.rows
    assert impact.rejected.rows > 0
    with pytest.raises(RowsRejected):
        compared(bad, people, strict=True)


def test_different_currencies_are_refused(calls: pa.Table, people: pa.Table) -> None:
    with pytest.raises(NotComparable) as refused:
        compared(calls, people, new=replace(sample(), currency="EUR"))
    assert refused.value.reason is Incomparable.CURRENCY
    assert (refused.value.old, refused.value.new) == ("USD", "EUR")


@pytest.mark.parametrize(
    "given", [{"top": -1}, {"threads": 0}, {"as_of": date(1969, 1, 1)}, {"values_on": date.max}]
)
def test_misuse_is_refused(calls: pa.Table, people: pa.Table, given: dict[str, object]) -> None:
    with pytest.raises(InvalidValue) as refused:
        compared(calls, people, **given)
    assert refused.value.name in given


def test_nothing_depends_on_memory(calls: pa.Table, people: pa.Table, tmp_path: Path) -> None:
    whole = compared(calls, people)
    with (
        patch("plan_rules.batch.run.memory.HELD_CALL_BYTES", 1 << 18),
        patch("plan_rules.batch.run.memory.CELL_BYTES", 1 << 16),
    ):
        small = compared(calls, people, memory=LIBRARIES + (80 << 20), scratch=tmp_path, threads=1)
    assert small == whole
    assert not list(tmp_path.iterdir())


def test_calls_may_be_placed_once_for_both_where_their_places_are_the_same(
    calls: pa.Table, people: pa.Table
) -> None:
    assert Sides.of(sample(), dearer()).place_alike
    once = compared(calls, people)
    with patch("plan_rules.batch.impact.sides._place_alike", return_value=False):
        assert compared(calls, people) == once


@pytest.mark.parametrize(
    "change",
    [
        lambda catalog: replace(catalog, zone="Asia/Tokyo"),
        lambda catalog: with_fee(catalog, PLAN, 1, since=date(2026, 3, 3)),
        lambda catalog: replace(catalog, base_numbering=UNIVERSE),
    ],
)
def test_places_are_not_the_same_by_other_days_hours_or_numbers(
    change: Callable[[Catalog], Catalog],
) -> None:
    assert not Sides.of(sample(), change(sample())).place_alike


def test_a_catalog_changes_nothing_against_itself(calls: pa.Table, people: pa.Table) -> None:
    both = compared(calls, people, new=sample(), assume_plan=PLAN).sums
    apart = compared(calls, people, new=with_fee(sample(), "world-saver", 0), assume_plan=PLAN).sums
    assert (both.all.same, both.all.compared) == (40, 40)
    assert both.new_months == both.old_months == apart.old_months
    assert both.all.total.new == both.all.total.old == apart.all.total.old
    assert both.best.compared > 0
    assert both.best.changed == 0


def test_engines_that_disagree_stop_it(calls: pa.Table, people: pa.Table) -> None:
    def one_short(*given: Any, **named: Any) -> tuple[Bill, ...]:
        return bills_of(*given, **named)[1:]

    with (
        patch("plan_rules.batch.impact.hurt.bills_of", one_short),
        pytest.raises(EnginesDisagree) as found,
    ):
        compared(calls, people)
    assert found.value.columnar > found.value.readable


def test_a_drawing_tells_every_count_to_those_who_cannot_see_it(
    calls: pa.Table, people: pa.Table
) -> None:
    impact = compared(calls, people)
    name = "{http://www.w3.org/2000/svg}"
    root = ET.fromstring(impact_drawing(impact))  # noqa: S314  our own text
    assert root.get("role") == "img"
    title, described = root.find(f"{name}title"), root.find(f"{name}desc")
    assert title is not None
    assert described is not None
    assert root.get("aria-labelledby") == f"{title.get('id')} {described.get('id')}"
    for each, count in zip(RANGES, impact.sums.ranges, strict=True):
        assert (str(count) in (described.text or "")) or not count, each
    bars = root.findall(f"{name}rect")[1:]
    assert len(bars) == len(RANGES)
    widths = [int(bar.get("width", "")) for bar in bars]
    assert [width > 0 for width in widths] == [count > 0 for count in impact.sums.ranges]
    assert not [each for each in root.iter() if "href" in "".join(each.attrib)]
