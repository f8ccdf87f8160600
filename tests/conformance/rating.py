"""Published rating cases through the real engine: an adapter that only translates.

`python tests/conformance/rating.py FILE` runs every case of a file, prints a line for each
that fails or is refused, closes with the counts, and exits with 1 on a failure. A case
becomes a catalog and calls; nothing here prices anything.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

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
    RateTier,
    Remnant,
    Tax,
    Volume,
    VolumeModel,
    VolumeTier,
    VolumeUnit,
    WhenUsedUp,
)
from plan_rules.destinations import Destination, LineType, NumberingPlan, parse_selector
from plan_rules.money import MICROS, Rounding, RoundingMode, parse_micros
from plan_rules.periods import ALL_WEEKDAYS, DAY_SECONDS, BandSet, TimeBand, parse_clock
from plan_rules.rating import Bill, Outcome, rate
from plan_rules.usage import Call, Customer, whole_seconds

HEAD = "9"
"""Put before every number and prefix of a case, so that all of them are E.164."""

SOMEWHERE = NumberingPlan.from_prefixes({"9": Destination("US", LineType.FIXED)})
DEFAULT_START = "2024-03-13T12:00:00Z"
Case = dict[str, Any]


class Refused(Exception):
    """A case that asks for something the library does not have; the reason is its text."""


@dataclass(frozen=True)
class Verdict:
    """What became of a case: `passed`, `failed` or `refused`, and why."""

    case_id: str
    outcome: str
    why: str = ""


def micros(amount: object, per: Fraction = Fraction(1)) -> int:
    """Return a decimal amount, times `per`, in micros; decimals beyond are rounded."""
    exact = Fraction(str(amount)) * per * MICROS
    return int((Decimal(exact.numerator) / exact.denominator).to_integral_value(ROUND_HALF_UP))


def terms_of(groups: list[Case], connect_fee: object, cap: object = None) -> RateTerms:
    """Return the terms of elapsed-time groups; each group has its own increment."""
    first, *later = groups
    per_minute = [micros(g["rate"], Fraction(60, int(g["rate_unit_s"]))) for g in groups]
    return RateTerms(
        price=per_minute[0],
        increment=Increment(first["increment_s"], first["increment_s"]),
        connection_fee=micros(connect_fee),
        cap=None if cap is None else micros(cap),
        tiers=tuple(
            RateTier(
                after=group["group_interval_start_s"], price=price, increment=group["increment_s"]
            )
            for group, price in zip(later, per_minute[1:], strict=True)
        ),
    )


def cap_of(tariff: Case) -> object:
    """Return the most a call may cost; a cap that would have cut the call short is none."""
    return tariff.get("max_cost") if tariff.get("max_cost_strategy") == "free" else None


def rounding_of(tariff: Case) -> Rounding:
    """Return the declared rounding; none is the finest there is."""
    method, decimals = tariff.get("rounding_method"), tariff.get("rounding_decimals")
    if method is None or decimals is None:
        return Rounding()
    mode = RoundingMode(method.replace("_", "-").replace("math", "half-up"))
    return Rounding(step_micros=max(1, MICROS // 10 ** int(decimals)), mode=mode)


def bands_of(windows: list[Case]) -> BandSet:
    """Return windows as bands; of equal weight the latest start wins."""
    bands = []
    for index, window in enumerate(windows):
        start = parse_clock(window["start_time"])
        end = window["end_time"]
        bands.append(
            TimeBand(
                id=f"band-{index}",
                weekdays=frozenset(window.get("weekdays") or ALL_WEEKDAYS),
                start=start,
                end=DAY_SECONDS if end is None else parse_clock(end),
                precedence=int(window.get("weight", 0)) * DAY_SECONDS + start,
            )
        )
    return BandSet(id="bands", bands=tuple(bands))


def entry(selector: str, terms: RateTerms, by_band: tuple[RateTerms, ...] = ()) -> RateEntry:
    return RateEntry(
        selector=parse_selector(selector),
        terms=Dated.always(terms),
        by_band=tuple((f"band-{index}", Dated.always(each)) for index, each in enumerate(by_band)),
    )


def number_of(destination: object) -> str:
    return ("+" + HEAD + str(destination or "0").lstrip("+")).ljust(6, "0")


def prefixes_of(tariff: Case) -> list[str]:
    return ["+" + HEAD + prefix.lstrip("+") for prefix in tariff.get("prefixes") or []]


def call_of(call: Case) -> Call:
    """Return the call; a fraction of a second is rounded up by the library."""
    if call.get("continuation"):
        raise Refused("continuation calls are not rated apart")
    start = datetime.fromisoformat(call.get("start") or DEFAULT_START)
    seconds = whole_seconds(Decimal(str(call["duration_s"])))
    return Call(start, number_of(call.get("destination")), seconds)


def bills_of(
    calls: list[Call],
    entries: tuple[RateEntry, ...],
    *,
    bands: BandSet | None = None,
    zone: str = "UTC",
    tax: Tax | None = None,
    **plan: Any,
) -> tuple[Bill, ...]:
    """Return the bills of one plan over one table, through the public engine."""
    table = RateTable(id="table", entries=entries, bands="bands" if bands else "")
    only = Plan(
        id="plan",
        name="Plan",
        kind=PlanKind.PAY_PER_MINUTE,
        summary="",
        fee=Dated.always(0),
        rates="table",
        **plan,
    )
    catalog = Catalog(
        id="case",
        currency="XXX",
        zone=zone,
        plans={"plan": only},
        rate_tables={"table": table},
        band_sets={"bands": bands} if bands else {},
        base_numbering=SOMEWHERE,
        tax=tax,
    )
    customer = Customer(id="case", home="US", zone=zone, anchor=date(2000, 1, 1))
    return rate(catalog=catalog, plan="plan", calls=calls, customer=customer)


def run_call(case: Case) -> Iterator[tuple[str, object, object]]:
    tariff = case["tariff"]
    selectors = prefixes_of(tariff) or ["default"]
    if "windows" in tariff:
        windows = tariff["windows"]
        bands = bands_of(windows)
        by_band = tuple(terms_of(w["groups"], w["connect_fee"], cap_of(w)) for w in windows)
        entries = tuple(entry(each, RateTerms(), by_band) for each in selectors)
        rounding = rounding_of(windows[0])
    else:
        bands, rounding = None, rounding_of(tariff)
        terms = terms_of(tariff["groups"], tariff["connect_fee"], cap_of(tariff))
        entries = tuple(entry(each, terms) for each in selectors)
    zone = tariff.get("timezone") or "UTC"
    bills = bills_of([call_of(case["call"])], entries, bands=bands, zone=zone, rounding=rounding)
    yield from compare(case, bills)


def run_buckets(case: Case) -> Iterator[tuple[str, object, object]]:
    tariff, rows = case["tariff"], case.get("buckets", [])
    allowances = tuple(
        Allowance(
            id=row["id"],
            unit=AllowanceUnit.SECONDS,
            amount=row["value_s"],
            to=(parse_selector("default"),),
            priority=row["priority"],
            increment=Increment(row["increment_s"], row["increment_s"]),
            remnant=Remnant.FORFEIT,
            when_used_up=WhenUsedUp.BLOCK if row.get("blocker") else WhenUsedUp.CHARGE,
        )
        for row in rows
    )
    calls = [call_of(each) for each in case["call"].get("calls", [case["call"]])]
    bills = bills_of(
        calls,
        (entry("default", terms_of(tariff["groups"], tariff["connect_fee"])),),
        rounding=rounding_of(tariff),
        allowances=allowances,
    )
    yield from compare(case, bills)
    left = {
        usage.maker.id: (usage.limit or 0) - usage.used
        for bill in bills
        for usage in bill.allowances
    }
    for bucket, expected in case["expected"].get("buckets_after", {}).items():
        yield f"bucket {bucket}", expected, left[bucket]


def run_initial_next(case: Case) -> Iterator[tuple[str, object, object]]:
    tariff = case["tariff"]
    if tariff.get("extra_second") is not None:
        raise Refused("a charge at the n-th second is no part of the grammar")
    allowances: tuple[Allowance, ...] = ()
    if tariff.get("free_time_s") or tariff.get("free_by_package"):
        allowances = (
            Allowance(
                id="free",
                unit=AllowanceUnit.SECONDS,
                amount=tariff.get("free_time_s"),
                to=(parse_selector("default"),),
                increment=Increment(tariff["initial_s"], tariff["next_s"]),
            ),
        )
    percent = Fraction(str(tariff.get("vat_percent") or 0)) / 100
    tax = Tax(usage=percent, fee=percent, rounding=rounding_of(tariff)) if percent else None
    bills = bills_of(
        [call_of(case["call"])],
        (entry("default", initial_next(tariff, tariff["connect_fee"])),),
        rounding=rounding_of(tariff),
        tax=tax,
        allowances=allowances,
    )
    yield from compare(case, bills)
    with_tax = case["expected"].get("cost_with_tax")
    if with_tax is not None:
        yield "cost with tax", parse_micros(with_tax), bills[0].total_micros


def initial_next(rates: Case, connect_fee: object) -> RateTerms:
    per = Fraction(60, int(rates.get("rate_unit_s", 1)))
    return RateTerms(
        price=micros(rates["next_rate"], per),
        first_price=micros(rates["initial_rate"], per),
        increment=Increment(rates["initial_s"], rates["next_s"]),
        connection_fee=micros(connect_fee),
    )


def run_peak_initial_next(case: Case) -> Iterator[tuple[str, object, object]]:
    tariff = case["tariff"]
    windows = tariff["peak_windows"]
    unit = {"rate_unit_s": tariff["rate_unit_s"]}
    by_band = tuple(
        initial_next(
            {**unit, **tariff["peak" if window["peak"] else "offpeak"]}, tariff["connect_fee"]
        )
        for window in windows
    )
    bills = bills_of(
        [call_of(case["call"])],
        (entry("default", RateTerms(), by_band),),
        bands=bands_of(windows),
        rounding=rounding_of(tariff),
    )
    yield from compare(case, bills)


def run_prefix_lookup(case: Case) -> Iterator[tuple[str, object, object]]:
    tariff = case["tariff"]
    increment = Increment(tariff["rate_minimum_s"], tariff["rate_increment_s"])
    entries = tuple(
        entry("+" + HEAD + prefix, RateTerms(price=micros(price), increment=increment))
        for prefix, price in tariff["rates_per_min"].items()
    )
    bills = bills_of([call_of(case["call"])], entries)
    yield from compare(case, bills)


def run_volume_tier(case: Case) -> Iterator[tuple[str, object, object]]:
    tariff, units = case["tariff"], int(case["call"]["units"])
    tiers = tariff.get("tiers", [])
    if units == 0 and any(Fraction(str(tier["flat"])) for tier in tiers[:1]):
        raise Refused("a flat fee of a volume is due only once something is used")
    models = {"graduated": "graduated", "volume": "whole-volume", "package": "package"}
    volume = Volume(
        id="volume",
        to=(parse_selector("default"),),
        model=VolumeModel(models[tariff["model"]]),
        unit=VolumeUnit.CALLS,
        free=tariff.get("free_units", 0),
        tiers=tuple(
            VolumeTier(up_to=t["up_to"], price=micros(t["unit"]), flat=micros(t["flat"]))
            for t in tiers
        ),
        package_size=tariff.get("package_size", 0),
        package_price=micros(tariff.get("package_price", 0)),
    )
    start = datetime(2024, 3, 1, tzinfo=UTC)
    calls = [Call(start + timedelta(minutes=n), number_of(n), 1) for n in range(units)]
    one = RateTerms(price=0, increment=Increment(1, 1))
    bills = bills_of(calls, (entry("default", one),), volumes=(volume,))
    total = sum(bill.total_micros for bill in bills)
    yield "cost", parse_micros(case["expected"]["cost"]), total


def run_max_session(case: Case) -> Iterator[tuple[str, object, object]]:
    raise Refused(f"maximum session length is asked of a switch, not of a rater ({case['id']})")


def compare(case: Case, bills: tuple[Bill, ...]) -> Iterator[tuple[str, object, object]]:
    """Yield (what, expected, found) for everything the case says of cost and billed seconds."""
    expected = case["expected"]
    charges = [charge for bill in bills for charge in bill.charges]
    if "costs" in expected:
        found = [charge.amount_micros for charge in charges]
        yield "costs", [parse_micros(each) for each in expected["costs"]], found
        return
    (charge,) = charges
    if expected["cost"] is None:
        yield "outcome", True, charge.outcome is not Outcome.RATED
        return
    yield "outcome", Outcome.RATED, charge.outcome
    tolerance = micros(expected.get("tolerance", 0))
    wanted = micros(expected["cost"])
    off = abs(charge.amount_micros - wanted)
    yield "cost", wanted, wanted if off <= tolerance else charge.amount_micros
    if "billed_s" in expected:
        yield "billed seconds", expected["billed_s"], charge.billed_seconds
    if "matched_prefix" in expected:
        makers = [bills[0].tariff.makers[part.maker].id for part in charge.parts]
        yield "prefix", "+" + HEAD + expected["matched_prefix"].lstrip("+"), makers[0]


RUNNERS: dict[str, Callable[[Case], Iterator[tuple[str, object, object]]]] = {
    "call": run_call,
    "buckets": run_buckets,
    "sequence": run_buckets,
    "initial_next": run_initial_next,
    "peak_initial_next": run_peak_initial_next,
    "prefix_lookup": run_prefix_lookup,
    "volume_tier": run_volume_tier,
    "max_session": run_max_session,
}


def verdict(case: Case) -> Verdict:
    """Return what became of one case."""
    if not case.get("verified"):
        return Verdict(case["id"], "refused", "not verified by its source")
    runner = RUNNERS.get(case["kind"])
    if runner is None:
        return Verdict(case["id"], "refused", f"unknown kind {case['kind']}")
    try:
        wrong = [
            f"{what}: expected {expected}, found {found}"
            for what, expected, found in runner(case)
            if expected != found
        ]
    except Refused as reason:
        return Verdict(case["id"], "refused", str(reason))
    return Verdict(case["id"], "failed" if wrong else "passed", "; ".join(wrong))


def run(path: Path) -> list[Verdict]:
    """Return the verdict of every case of a file."""
    return [verdict(case) for case in json.loads(path.read_text("utf-8"))["cases"]]


def main() -> int:
    verdicts = run(Path(sys.argv[1]))
    for each in verdicts:
        if each.outcome != "passed":
            print(f"{each.outcome} {each.case_id}: {each.why}")  # noqa: T201
    counts = [
        sum(each.outcome == name for each in verdicts) for name in ("passed", "failed", "refused")
    ]
    print("{} passed, {} failed, {} refused".format(*counts))  # noqa: T201
    return 1 if counts[1] else 0


if __name__ == "__main__":
    sys.exit(main())
