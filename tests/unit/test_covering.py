"""What a number counts as: undecided lines, choices, exceptions, dates."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from plan_rules.catalog import (
    Allowance,
    AllowanceUnit,
    Catalog,
    Dated,
    EitherPolicy,
    Hours,
    Increment,
    Plan,
    PlanKind,
    RateEntry,
    RateTable,
    RateTerms,
    RateTier,
    Zone,
    ZoneMembers,
)
from plan_rules.destinations import Destination, LineType, NumberingPlan, parse_selector
from plan_rules.errors import InvalidValue, UnknownId
from plan_rules.periods import BandSet, TimeBand
from plan_rules.rating import Outcome, rate
from plan_rules.testing import CUSTOMER, UNIVERSE
from plan_rules.usage import Call

MORNING = datetime(2026, 2, 3, 15, tzinfo=UTC)
EITHER_NUMBER = "+12125550100"
MINUTE = Increment(60, 60)


def row(selector: str, **terms: object) -> RateEntry:
    given = RateTerms(**{"increment": MINUTE, **terms})  # type: ignore[arg-type]
    return RateEntry(selector=parse_selector(selector), terms=Dated.always(given))


def catalog_of(*rows: RateEntry, **plan: object) -> Catalog:
    settings: dict[str, object] = {
        "id": "plan",
        "name": "Plan",
        "kind": PlanKind.PAY_PER_MINUTE,
        "summary": "",
        "fee": Dated.always(0),
        "rates": "table",
    }
    made = Plan(**{**settings, **plan})  # type: ignore[arg-type]
    return Catalog(
        id="test",
        currency="USD",
        zone="UTC",
        plans={"plan": made},
        rate_tables={"table": RateTable(id="table", entries=rows)},
        base_numbering=UNIVERSE,
    )


def price_of(catalog: Catalog, seconds: int, *, chosen: str = "", at: datetime = MORNING) -> int:
    customer = replace(CUSTOMER, chosen_country=chosen)
    call = Call(at, EITHER_NUMBER, seconds)
    (bill,) = rate(catalog=catalog, plan="plan", calls=[call], customer=customer)
    return bill.usage_micros


@pytest.mark.parametrize(
    ("policy", "micros"),
    [
        (EitherPolicy.DEARER, 200_000),
        (EitherPolicy.CHEAPER, 100_000),
        (EitherPolicy.FIXED, 200_000),
        (EitherPolicy.MOBILE, 100_000),
    ],
)
def test_the_catalog_says_how_an_undecided_number_is_priced(
    policy: EitherPolicy, micros: int
) -> None:
    catalog = catalog_of(row("US/fixed", price=200_000), row("US/mobile", price=100_000))
    assert price_of(replace(catalog, either=policy), 60) == micros


def test_the_dearer_reading_is_found_behind_a_cap() -> None:
    catalog = catalog_of(
        row("US/fixed", price=290_000, cap=5_000_000),
        row("US/mobile", price=290_000, cap=8_000_000),
    )
    assert price_of(catalog, 3_600) == 8_000_000


def test_the_dearer_reading_is_found_behind_tiers() -> None:
    catalog = catalog_of(
        row("US/fixed", price=290_000, tiers=(RateTier(after=600, price=0),)),
        row("US/mobile", price=290_000, tiers=(RateTier(after=1_200, price=0),)),
    )
    assert price_of(catalog, 1_800) == 5_800_000


def included(*to: str, without: tuple[str, ...] = ()) -> Allowance:
    return Allowance(
        id="included",
        unit=AllowanceUnit.SECONDS,
        amount=6_000,
        to=tuple(map(parse_selector, to)),
        without=tuple(map(parse_selector, without)),
    )


def test_an_allowance_covers_an_undecided_number_by_name_and_by_choice_together() -> None:
    allowance = included("US/fixed", "chosen/mobile")
    choices = tuple(map(parse_selector, ("US", "DE")))
    catalog = catalog_of(row("US", price=290_000), allowances=(allowance,), choose_from=choices)
    assert price_of(catalog, 60, chosen="US") == 0
    assert price_of(catalog, 60, chosen="DE") == 290_000


def test_an_allowance_does_not_cover_what_is_taken_out_of_it() -> None:
    spared = catalog_of(row("US", price=1), allowances=(included("US", without=("US/mobile",)),))
    assert price_of(spared, 60) == 1


def evenings(*rows: RateEntry, **plan: object) -> Catalog:
    """Return a catalog in which minutes hold from 18 to 8 o'clock, by the clock of the catalog."""
    day = TimeBand(id="day", start=8 * 3600, end=18 * 3600, precedence=1)
    bands = BandSet(id="clock", bands=(day, TimeBand(id="evening")))
    hours = Hours(bands="clock", within=("evening",))
    allowance = replace(included("US"), hours=hours, amount=120)
    settings: dict[str, object] = {"allowances": (allowance,), **plan}
    bare = catalog_of(*(rows or (row("US", price=1),)), **{**settings, "allowances": ()})
    made = replace(bare.plans["plan"], allowances=(allowance,))
    return replace(bare, band_sets={"clock": bands}, plans={"plan": made})


@pytest.mark.parametrize(
    ("hour", "minute", "micros"), [(17, 59, 2), (18, 0, 0), (7, 59, 0), (8, 0, 2)]
)
def test_an_allowance_with_hours_serves_calls_that_start_within_them(
    hour: int, minute: int, micros: int
) -> None:
    at = datetime(2026, 2, 3, hour, minute, tzinfo=UTC)
    assert price_of(evenings(), 120, at=at) == micros


def test_outside_of_its_hours_an_allowance_alone_gives_no_price() -> None:
    alone = evenings(rates="")
    night, noon = (datetime(2026, 2, 3, hour, tzinfo=UTC) for hour in (20, 12))
    calls = [Call(noon, EITHER_NUMBER, 60), Call(night, EITHER_NUMBER, 60)]
    (bill,) = rate(catalog=alone, plan="plan", calls=calls, customer=CUSTOMER)
    assert [each.outcome for each in bill.charges] == [Outcome.UNRATED, Outcome.RATED]


def test_hours_name_bands_that_are_there() -> None:
    catalog = evenings()
    with pytest.raises(UnknownId):
        replace(catalog, band_sets={})
    (allowance,) = catalog.plans["plan"].allowances
    late = replace(allowance, hours=Hours(bands="clock", within=("late",)))
    with pytest.raises(UnknownId):
        replace(catalog, plans={"plan": replace(catalog.plans["plan"], allowances=(late,))})
    with pytest.raises(InvalidValue):
        Hours(bands="clock", within=())


def test_a_rate_that_changes_on_a_date_changes_for_every_plan_that_uses_it() -> None:
    before, after = RateTerms(price=1, increment=MINUTE), RateTerms(price=2, increment=MINUTE)
    dated = RateEntry(
        selector=parse_selector("US"), terms=Dated(((None, before), (date(2026, 3, 1), after)))
    )
    catalog = catalog_of(dated)
    assert price_of(catalog, 60) == 1
    assert price_of(catalog, 60, at=datetime(2026, 3, 1, 12, tzinfo=UTC)) == 2


def test_a_catalog_names_only_what_is_there() -> None:
    catalog = catalog_of(row("US", price=1))
    with pytest.raises(UnknownId):
        replace(catalog, rate_tables={})
    with pytest.raises(UnknownId):
        catalog_of(row("nowhere", price=1))
    table = RateTable(id="table", entries=(row("US", price=1),), bands="hours")
    with pytest.raises(UnknownId):
        replace(catalog, rate_tables={"table": table})


def test_no_zone_holds_itself() -> None:
    def zone(name: str, *members: str) -> Zone:
        version = ZoneMembers(members=tuple(map(parse_selector, members)))
        return Zone(id=name, name=name, members=Dated.always(version))

    catalog = catalog_of(row("US", price=1))
    nested = {"a": zone("a", "b", "US"), "b": zone("b", "c"), "c": zone("c", "DE")}
    assert replace(catalog, zones=nested).zones.keys() == nested.keys()
    with pytest.raises(InvalidValue):
        replace(catalog, zones={**nested, "c": zone("c", "a")})


def test_a_range_of_the_catalog_takes_in_what_the_standard_plan_knows_better() -> None:
    satellite = Destination("AU", LineType.SATELLITE)
    plan = NumberingPlan.standard().with_overrides({"61147": satellite})
    assert plan.lookup("+61147123456") == satellite
    assert plan.lookup("+61147000000") == satellite
    assert plan.lookup("+61212345678") != satellite
