"""One customer, 100 calls on 50 plans: the readable engine beside naive `Decimal`.

The naive rater is what one writes first: walk a dictionary for the longest prefix, round the
duration up, multiply decimals. It knows increments, connection fee and one shared allowance
and nothing else, so the plans compared have nothing else either, and both are checked to
give the same amounts before any time is printed. Repeats are interleaved in one run. The
sample catalog, with all it has, is then timed alone.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from pathlib import Path

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
)
from plan_rules.destinations import ORDINARY, Destination, NumberingPlan, parse_selector
from plan_rules.loading import load_catalog
from plan_rules.money import MICROS
from plan_rules.periods import cycle_at
from plan_rules.rating import place_calls, rate_cycle
from plan_rules.tariff import compile_catalog
from plan_rules.usage import Call, Customer, read_calls

ROOT = Path(__file__).parents[2]
PLANS, CALLS, REPEATS = 50, 100, 9
INCREMENTS = ((60, 60), (1, 1), (30, 6), (30, 30), (60, 1))
CUSTOMER = Customer(id="bench", home="US", zone="America/New_York", anchor=date(2026, 1, 1))
START = datetime(2026, 1, 2, 15, tzinfo=UTC)
INCLUDED = {Destination(country, line) for country in ("MX", "US") for line in ORDINARY}


def prefixes() -> dict[str, int]:
    """Return 1,000 prefixes with prices per minute in micros."""
    known = sorted(NumberingPlan.standard().prefixes)
    return {prefix: 10_000 + 137 * (index % 900) for index, prefix in enumerate(known[::11])}


def catalog_of(rates: dict[str, int]) -> Catalog:
    rows = tuple(
        RateEntry(selector=parse_selector("+" + prefix), terms=Dated.always(RateTerms(price=price)))
        for prefix, price in rates.items()
    )
    tables, plans = {}, {}
    for index, (first, following) in enumerate(INCREMENTS):
        fee = 10_000 * (index % 2)
        defaults = RateTerms(increment=Increment(first, following), connection_fee=fee)
        tables[f"table-{index}"] = RateTable(id=f"table-{index}", entries=rows, defaults=defaults)
    for index in range(PLANS):
        first, following = INCREMENTS[index % len(INCREMENTS)]
        included = Allowance(
            id="included",
            unit=AllowanceUnit.SECONDS,
            amount=60 * (100 + index),
            to=(parse_selector("MX"), parse_selector("US")),
            increment=Increment(first, following),
        )
        plan = Plan(
            id=f"plan-{index:02d}",
            name="",
            kind=PlanKind.PAY_PER_MINUTE,
            summary="",
            fee=Dated.always(0),
            rates=f"table-{index % len(INCREMENTS)}",
            allowances=(included,) if index % 2 else (),
        )
        plans[plan.id] = plan
    return Catalog(id="bench", currency="USD", zone="UTC", plans=plans, rate_tables=tables)


def made(rates: dict[str, int]) -> list[Call]:
    """Return 100 calls to 40 numbers that have a rate, of a minute to half an hour each."""
    numbers = ["+" + prefix.ljust(11, "5") for prefix in sorted(rates)[:: max(1, len(rates) // 40)]]
    return [
        Call(START + timedelta(hours=6 * n), numbers[n * 7 % len(numbers)], 61 + n * 97 % 1800)
        for n in range(CALLS)
    ]


def naive(catalog: Catalog, rates: dict[str, int], calls: list[Call]) -> dict[str, list[int]]:
    """Rate every call on every plan in decimals, one call and plan at a time."""
    decimals = {prefix: Decimal(price) / MICROS for prefix, price in rates.items()}
    numbering = catalog.numbering_plan()
    totals = {}
    for plan in catalog.plans.values():
        defaults = catalog.rate_tables[plan.rates].defaults
        step = defaults.increment or Increment(60, 60)
        fee = Decimal(defaults.connection_fee or 0) / MICROS
        left = Decimal(plan.allowances[0].amount or 0) if plan.allowances else Decimal(0)
        amounts = []
        for call in calls:
            digits = call.number[1:]
            while digits not in decimals:
                digits = digits[:-1]
            seconds = Decimal(call.seconds)
            billed = Decimal(step.first)
            if seconds > billed:
                more = ((seconds - billed) / step.next).to_integral_value(ROUND_CEILING)
                billed += more * step.next
            where = numbering.lookup(call.number)
            drawn = Decimal(0)
            if left and where in INCLUDED:
                drawn = min(left, billed)
                left -= drawn
            cost = Decimal(0)
            if billed > drawn:
                cost = decimals[digits] * (billed - drawn) / 60 + fee
            micro = (cost * MICROS).to_integral_value(ROUND_HALF_UP)
            amounts.append(int(micro))
        totals[plan.id] = amounts
    return totals


def clocked(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    rates = prefixes()
    catalog, calls = catalog_of(rates), made(rates)
    book = compile_catalog(catalog)

    def ours() -> dict[str, list[int]]:
        placed = place_calls(book, calls, zone=CUSTOMER.zone)
        cycle = cycle_at(
            date(2026, 1, 2), anchor=CUSTOMER.anchor, length=catalog.plans["plan-00"].billing.length
        )
        return {
            plan_id: [
                charge.amount_micros
                for charge in rate_cycle(book, tariff, cycle=cycle, placed=placed).charges
            ]
            for plan_id, tariff in book.plans.items()
        }

    if ours() != naive(catalog, rates, calls):
        message = "the two raters do not agree; there is nothing to compare"
        raise SystemExit(message)
    pairs = [(clocked(ours), clocked(lambda: naive(catalog, rates, calls))) for _ in range(REPEATS)]
    mine, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(b / a for a, b in pairs)
    print(f"{CALLS} calls x {PLANS} plans, amounts equal")
    print(f"{'readable engine':<28}{mine * 1000:>10.2f} ms")
    print(f"{'naive Decimal':<28}{other * 1000:>10.2f} ms")
    print(f"{'naive / readable':<28}{ratio:>10.2f} x")

    sample = load_catalog(ROOT / "catalog")
    compiling = statistics.median(clocked(lambda: compile_catalog(sample)) for _ in range(3))
    whole = compile_catalog(sample)
    history = read_calls(ROOT / "docs" / "examples" / "calls-six-months.csv").calls[:CALLS]

    def all_features() -> None:
        placed = place_calls(whole, history, zone=CUSTOMER.zone)
        for tariff in whole.plans.values():
            cycle = cycle_at(
                placed[0].day, anchor=CUSTOMER.anchor, length=tariff.plan.billing.length
            )
            rate_cycle(whole, tariff, cycle=cycle, placed=placed)

    took = statistics.median(clocked(all_features) for _ in range(REPEATS))
    print(f"sample catalog, {len(whole.plans)} plans: compiled in {compiling * 1000:.0f} ms,")
    print(f"{CALLS} calls on every plan in {took * 1000:.2f} ms; {whole.class_count} classes")


if __name__ == "__main__":
    main()
