"""The rules of rating, one worked example each."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest

from plan_rules.catalog import (
    Allowance,
    AllowanceUnit,
    Billing,
    Catalog,
    Dated,
    Increment,
    InsidePrice,
    Intro,
    Limit,
    LimitMetric,
    Limits,
    Plan,
    PlanKind,
    RateEntry,
    RateTable,
    RateTerms,
    Remnant,
    Reset,
    Restriction,
    RestrictionKind,
    Surcharge,
    Tax,
    Volume,
    VolumeModel,
    VolumeTier,
    VolumeUnit,
    WhenUsedUp,
    Zone,
    ZoneMembers,
)
from plan_rules.destinations import parse_selector
from plan_rules.errors import InvalidValue, UnknownId
from plan_rules.money import Money, Rounding
from plan_rules.periods import BandSet, TimeBand
from plan_rules.rating import Bill, Outcome, place_calls, rate, resettled
from plan_rules.tariff import MakerKind, compile_catalog, is_monotone, tariff_book
from plan_rules.testing import CUSTOMER, UNIVERSE
from plan_rules.usage import Call

MORNING = datetime(2026, 2, 10, 15, tzinfo=UTC)
MEXICO, LONDON, MOBILE = "+523312345678", "+442079460000", "+447700900000"
EVERYWHERE = (parse_selector("default"),)
MINUTE = Increment(60, 60)
TEN_CENTS = RateTerms(price=100_000, increment=MINUTE)


def entry(selector: str, terms: RateTerms = TEN_CENTS) -> RateEntry:
    return RateEntry(selector=parse_selector(selector), terms=Dated.always(terms))


def plan_of(**given: object) -> Plan:
    settings: dict[str, object] = {
        "id": "plan",
        "name": "Plan",
        "kind": PlanKind.PAY_PER_MINUTE,
        "summary": "",
        "fee": Dated.always(0),
        "rates": "table",
    }
    return Plan(**{**settings, **given})  # type: ignore[arg-type]


def catalog_of(plan: Plan, *entries: RateEntry, **given: object) -> Catalog:
    settings: dict[str, object] = {
        "id": "test",
        "currency": "USD",
        "zone": "UTC",
        "plans": {plan.id: plan},
        "rate_tables": {"table": RateTable(id="table", entries=entries or (entry("default"),))},
        "base_numbering": UNIVERSE,
    }
    return Catalog(**{**settings, **given})  # type: ignore[arg-type]


def allowance(**given: object) -> Allowance:
    settings: dict[str, object] = {
        "id": "included",
        "unit": AllowanceUnit.SECONDS,
        "amount": 90,
        "to": EVERYWHERE,
        "increment": MINUTE,
    }
    return Allowance(**{**settings, **given})  # type: ignore[arg-type]


def bill_of(catalog: Catalog, *made: tuple[str, int]) -> Bill:
    calls = [
        Call(MORNING + timedelta(hours=hour), number, seconds)
        for hour, (number, seconds) in enumerate(made)
    ]
    (bill,) = rate(catalog=catalog, plan="plan", calls=calls, customer=CUSTOMER)
    return bill


def test_an_usable_remnant_gives_its_last_seconds_and_the_rest_is_charged() -> None:
    bill = bill_of(catalog_of(plan_of(allowances=(allowance(),))), (MEXICO, 100))
    (charge,) = bill.charges
    assert (charge.billed_seconds, charge.paid_seconds) == (120, 30)
    assert charge.amount_micros == 50_000


def test_a_forfeit_remnant_stays_unused() -> None:
    plan = plan_of(allowances=(allowance(remnant=Remnant.FORFEIT),))
    bill = bill_of(catalog_of(plan), (MEXICO, 100))
    (charge,) = bill.charges
    assert (charge.billed_seconds, charge.paid_seconds) == (120, 60)
    assert bill.allowances[0].used == 60


def test_what_an_allowance_leaves_of_an_increment_passes_to_the_next() -> None:
    first = allowance(amount=90, priority=1)
    second = allowance(id="second", amount=20, priority=2)
    third = allowance(id="third", amount=5, priority=3, when_used_up=WhenUsedUp.BLOCK)
    bill = bill_of(catalog_of(plan_of(allowances=(first, second))), (MEXICO, 100))
    assert bill.charges[0].paid_seconds == 10
    blocked = bill_of(catalog_of(plan_of(allowances=(first, second, third))), (MEXICO, 100))
    assert blocked.charges[0].outcome is Outcome.BLOCKED
    assert [usage.used for usage in blocked.allowances] == [0, 0, 0]


@pytest.mark.parametrize(
    "given",
    [
        {"amount": 300},
        {"unit": AllowanceUnit.CALLS, "amount": 1},
    ],
)
def test_the_next_allowance_may_take_all_that_is_left(given: dict[str, object]) -> None:
    first, second = allowance(priority=1), allowance(id="second", priority=2, **given)
    bill = bill_of(catalog_of(plan_of(allowances=(first, second))), (MEXICO, 100))
    assert bill.charges[0].paid_seconds == 0


@pytest.mark.parametrize("spent", [{"amount": 0}, {"amount": 5, "remnant": Remnant.FORFEIT}])
def test_a_rest_passes_over_what_can_give_nothing(spent: dict[str, object]) -> None:
    first, second = allowance(priority=1), allowance(id="second", priority=2, **spent)
    third = allowance(id="third", priority=3, amount=300)
    bill = bill_of(catalog_of(plan_of(allowances=(first, second, third))), (MEXICO, 100))
    assert bill.charges[0].paid_seconds == 0
    assert [usage.used for usage in bill.allowances] == [90, 0, 30]


def test_a_forfeit_too_small_for_the_first_increment_may_serve_the_next() -> None:
    small = allowance(amount=30, increment=Increment(60, 6), remnant=Remnant.FORFEIT)
    bill = bill_of(catalog_of(plan_of(allowances=(small,))), (MEXICO, 100))
    (charge,) = bill.charges
    assert (charge.billed_seconds, charge.paid_seconds) == (150, 120)
    assert bill.allowances[0].used == 30


def test_priority_goes_before_what_is_more_specific() -> None:
    wide = allowance(id="wide", amount=600, priority=1)
    narrow = allowance(id="narrow", amount=600, priority=2, to=(parse_selector("MX"),))
    bill = bill_of(catalog_of(plan_of(allowances=(narrow, wide))), (MEXICO, 60))
    assert {usage.maker.id: usage.used for usage in bill.allowances} == {"narrow": 0, "wide": 60}


def test_a_call_that_does_not_fit_a_blocking_allowance_is_refused_whole() -> None:
    plan = plan_of(allowances=(allowance(when_used_up=WhenUsedUp.BLOCK),))
    bill = bill_of(catalog_of(plan), (MEXICO, 100), (MEXICO, 60))
    assert [charge.outcome for charge in bill.charges] == [Outcome.BLOCKED, Outcome.RATED]
    assert bill.charges[0].amount_micros == 0


def test_an_allowance_of_calls_covers_a_call_as_a_whole() -> None:
    plan = plan_of(allowances=(allowance(unit=AllowanceUnit.CALLS, amount=1),))
    bill = bill_of(catalog_of(plan), (MEXICO, 1000), (MEXICO, 60))
    assert [charge.paid_seconds for charge in bill.charges] == [0, 60]


def test_an_allowance_of_money_draws_from_what_calls_cost() -> None:
    plan = plan_of(allowances=(allowance(unit=AllowanceUnit.MICROS, amount=150_000),))
    bill = bill_of(catalog_of(plan), (MEXICO, 60), (MEXICO, 60), (MEXICO, 60))
    assert [charge.amount_micros for charge in bill.charges] == [0, 50_000, 100_000]
    assert sum(line.amount_micros for line in bill.lines) == bill.total_micros == 150_000


def test_a_limit_of_distinct_numbers_keeps_the_numbers_it_admitted() -> None:
    limit = Limit(metric=LimitMetric.NUMBERS, per=Reset.CYCLE, amount=1)
    plan = plan_of(allowances=(allowance(amount=None, limits=Limits(limits=(limit,))),))
    bill = bill_of(catalog_of(plan), (MEXICO, 60), (LONDON, 60), (MEXICO, 60))
    assert [charge.paid_seconds for charge in bill.charges] == [0, 60, 0]


def test_limits_joined_by_all_bite_only_together() -> None:
    numbers = Limit(metric=LimitMetric.NUMBERS, per=Reset.CYCLE, amount=1)
    minutes = Limit(metric=LimitMetric.SECONDS, per=Reset.DAY, amount=60)
    limits = Limits(limits=(numbers, minutes), needs_all=True)
    plan = plan_of(allowances=(allowance(amount=None, limits=limits),))
    bill = bill_of(catalog_of(plan), (MEXICO, 60), (MEXICO, 60), (LONDON, 60))
    assert [charge.paid_seconds for charge in bill.charges] == [0, 0, 60]


def test_a_daily_limit_begins_anew_each_local_day() -> None:
    limit = Limit(metric=LimitMetric.SECONDS, per=Reset.DAY, amount=60)
    plan = plan_of(allowances=(allowance(amount=None, limits=Limits(limits=(limit,))),))
    calls = [Call(MORNING + timedelta(hours=9 * n), MEXICO, 60) for n in range(3)]
    (bill,) = rate(catalog=catalog_of(plan), plan="plan", calls=calls, customer=CUSTOMER)
    assert [charge.paid_seconds for charge in bill.charges] == [0, 60, 0]


@pytest.mark.parametrize(("chosen", "paid"), [("MX", 0), ("GB", 60), ("", 60)])
def test_a_chosen_country_is_included(chosen: str, paid: int) -> None:
    plan = plan_of(allowances=(allowance(to=(parse_selector("chosen"),)),), choose_from=EVERYWHERE)
    call = Call(MORNING, MEXICO, 60)
    customer = replace(CUSTOMER, chosen_country=chosen)
    (bill,) = rate(catalog=catalog_of(plan), plan="plan", calls=[call], customer=customer)
    assert bill.charges[0].paid_seconds == paid


def test_a_choice_by_line_covers_a_number_of_unknown_line_only_if_both_are_meant() -> None:
    plan = plan_of(
        allowances=(allowance(to=(parse_selector("chosen/mobile"),)),),
        choose_from=(parse_selector("MX"), parse_selector("GB")),
    )
    catalog = catalog_of(plan)
    for country, number, paid in (("MX", MEXICO, 60), ("GB", MOBILE, 0), ("GB", LONDON, 60)):
        customer = replace(CUSTOMER, chosen_country=country)
        calls = [Call(MORNING, number, 60)]
        (bill,) = rate(catalog=catalog, plan="plan", calls=calls, customer=customer)
        assert bill.charges[0].paid_seconds == paid, number


def test_premium_numbers_are_reached_only_where_they_are_named() -> None:
    premium = "+19005550100"
    assert bill_of(catalog_of(plan_of()), (premium, 60)).charges[0].outcome is Outcome.UNCOVERED
    named = catalog_of(plan_of(), entry("default"), entry("premium"))
    assert bill_of(named, (premium, 60)).charges[0].outcome is Outcome.RATED
    members = ZoneMembers(members=(parse_selector("US"),))
    zones = {"home": Zone(id="home", name="Home", members=Dated.always(members))}
    by_zone = catalog_of(plan_of(), entry("home/premium"), zones=zones)
    assert bill_of(by_zone, (premium, 60)).charges[0].outcome is Outcome.RATED
    assert bill_of(by_zone, ("+12125550100", 60)).charges[0].outcome is Outcome.UNCOVERED


def test_a_refused_call_names_the_restriction_and_costs_nothing() -> None:
    restriction = Restriction(
        id="no-mexico", kind=RestrictionKind.BLOCK, to=(parse_selector("MX"),), reason="No."
    )
    bill = bill_of(catalog_of(plan_of(restrictions=(restriction,))), (MEXICO, 60))
    (line,) = [line for line in bill.lines if line.outcome is Outcome.BLOCKED]
    assert (line.maker.id, line.maker.reason, line.amount_micros) == ("no-mexico", "No.", 0)
    assert line.span == restriction.span


def test_a_gap_between_bands_leaves_a_call_unrated() -> None:
    band = TimeBand(id="night", start=0, end=3600)
    row = RateEntry(
        selector=parse_selector("default"),
        terms=Dated.always(RateTerms(increment=MINUTE)),
        by_band=(("night", Dated.always(RateTerms(price=1))),),
    )
    table = RateTable(id="table", entries=(row,), bands="hours")
    bands = {"hours": BandSet(id="hours", bands=(band,))}
    catalog = catalog_of(plan_of(), rate_tables={"table": table}, band_sets=bands)
    bill = bill_of(catalog, (MEXICO, 60))
    assert bill.charges[0].outcome is Outcome.UNRATED
    assert bill.lines[0].maker.id == "unrated"


@pytest.mark.parametrize(
    ("included", "net", "gross"), [(False, 100_000, 110_000), (True, 90_000, 100_000)]
)
def test_tax_is_rounded_apart_from_the_exact_net(*, included: bool, net: int, gross: int) -> None:
    tax = Tax(usage=Fraction(1, 10), fee=Fraction(0), included=included)
    bill = bill_of(catalog_of(plan_of(), tax=tax), (MEXICO, 60))
    line = bill.lines[0]
    assert (line.net_micros, line.gross_micros) == (net, gross)
    assert line.tax_micros == gross - net
    assert (bill.net_micros, bill.total) == (net, Money(gross, "USD"))


def tiers(model: VolumeModel, **given: object) -> Volume:
    rows = (VolumeTier(up_to=2, price=100_000, flat=50_000), VolumeTier(up_to=None, price=10_000))
    settings: dict[str, object] = {
        "id": "volume",
        "to": EVERYWHERE,
        "model": model,
        "tiers": rows,
        "package_size": 2,
        "package_price": 300_000,
    }
    return Volume(**{**settings, **given})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("volume", "minutes", "micros"),
    [
        (tiers(VolumeModel.GRADUATED), 3, 50_000 + 200_000 + 10_000),
        (tiers(VolumeModel.GRADUATED), 2, 250_000),
        (tiers(VolumeModel.GRADUATED, free=3), 3, 0),
        (tiers(VolumeModel.WHOLE_VOLUME), 3, 30_000),
        (tiers(VolumeModel.WHOLE_VOLUME), 2, 250_000),
        (tiers(VolumeModel.WHOLE_VOLUME, free=2), 2, 0),
        (tiers(VolumeModel.PACKAGE), 3, 600_000),
        (tiers(VolumeModel.GRADUATED, unit=VolumeUnit.CALLS), 3, 150_000),
    ],
)
def test_a_volume_is_priced_when_the_cycle_settles(
    volume: Volume, minutes: int, micros: int
) -> None:
    bill = bill_of(catalog_of(plan_of(volumes=(volume,))), (MEXICO, 60 * minutes))
    assert bill.total_micros == micros
    assert bill.usage_micros == 0


@pytest.mark.parametrize(
    "given",
    [
        {"tiers": ()},
        {"tiers": (VolumeTier(up_to=2, price=0),)},
        {"tiers": (VolumeTier(up_to=None, price=0), VolumeTier(up_to=None, price=0))},
        {
            "tiers": tuple(VolumeTier(up_to=end, price=0) for end in (3, 2, None)),
        },
    ],
)
def test_tiers_ascend_to_an_open_end(given: dict[str, object]) -> None:
    with pytest.raises(InvalidValue):
        tiers(VolumeModel.GRADUATED, **given)


def test_a_package_holds_something() -> None:
    with pytest.raises(InvalidValue):
        tiers(VolumeModel.PACKAGE, package_size=0)


def test_minimum_spend_absorbs_calls_and_the_intro_fee_ends() -> None:
    plan = plan_of(
        fee=Dated.always(9_000_000),
        intro=Intro(cycles=1, fee=1_000_000),
        billing=Billing(minimum_spend=Dated.always(500_000)),
    )
    calls = [Call(MORNING, MEXICO, 60), Call(MORNING + timedelta(days=30), MEXICO, 1200)]
    customer = replace(CUSTOMER, since=date(2026, 1, 31))
    first, second = rate(catalog=catalog_of(plan), plan="plan", calls=calls, customer=customer)
    assert first.total_micros == 500_000 + 1_000_000
    assert second.total_micros == 2_000_000 + 9_000_000
    assert (first.fee_micros, second.fee_micros) == (1_000_000, 9_000_000)
    assert {line.maker.kind for line in first.lines} >= {MakerKind.INTRO_FEE}
    book = tariff_book(catalog_of(plan))
    steady = resettled(first, book, terms_on=date(2026, 2, 1), intro_cycle=None)
    assert steady.total_micros == 500_000 + 9_000_000


def test_no_calls_make_no_bill_and_calendar_cycles_start_on_the_first() -> None:
    plan = plan_of(billing=Billing(calendar=True))
    catalog = catalog_of(plan)
    assert rate(catalog=catalog, plan="plan", calls=[], customer=CUSTOMER) == ()
    assert bill_of(catalog, (MEXICO, 60)).cycle.start == date(2026, 2, 1)


def test_an_unknown_plan_is_misuse() -> None:
    with pytest.raises(UnknownId) as refused:
        rate(catalog=catalog_of(plan_of()), plan="plam", calls=[], customer=CUSTOMER)
    assert refused.value.value == "plam"
    assert "plan" in refused.value.closest


def test_history_can_be_priced_on_the_values_of_another_day() -> None:
    terms = Dated(((None, TEN_CENTS), (date(2026, 7, 1), RateTerms(price=1, increment=MINUTE))))
    row = RateEntry(selector=parse_selector("default"), terms=terms)
    book = compile_catalog(catalog_of(plan_of(), row))
    call = Call(MORNING, MEXICO, 60)
    (today,) = place_calls(book, [call], zone="UTC")
    (later,) = place_calls(book, [call], zone="UTC", values_on=date(2026, 8, 1))
    assert (today.epoch_index, later.epoch_index) == (0, 1)


def test_a_plan_is_monotone_unless_its_terms_break_it() -> None:
    inside = (InsidePrice(selector=parse_selector("default"), price=1),)
    dearer = Surcharge(id="s", to=(parse_selector("default"),), per_minute=1)
    broken = [
        plan_of(volumes=(tiers(VolumeModel.PACKAGE),)),
        plan_of(allowances=(allowance(when_used_up=WhenUsedUp.BLOCK),)),
        plan_of(allowances=(allowance(remnant=Remnant.FORFEIT),)),
        plan_of(allowances=(allowance(prices=inside),)),
        plan_of(allowances=(allowance(),), surcharges=(dearer,)),
        plan_of(allowances=(allowance(),), rates=""),
    ]
    blocked = Restriction(
        id="r", kind=RestrictionKind.BLOCK, to=(parse_selector("default"),), reason="no"
    )
    sure = [
        plan_of(volumes=(tiers(VolumeModel.GRADUATED),)),
        plan_of(allowances=(allowance(),)),
        plan_of(restrictions=(blocked,)),
    ]
    for plan in (*sure, *broken):
        tariff = compile_catalog(catalog_of(plan)).plan("plan")
        assert is_monotone(tariff) is (plan in sure), plan


def test_a_tax_rounded_coarsely_never_runs_against_its_line() -> None:
    cent = Rounding(step_micros=10_000)
    for included in (False, True):
        tax = Tax(usage=Fraction(19, 100), fee=Fraction(0), included=included, rounding=cent)
        row = RateEntry(
            selector=parse_selector("default"),
            terms=Dated.always(RateTerms(price=12_500, increment=Increment(1, 1))),
        )
        bill = bill_of(replace(catalog_of(plan_of(), row), tax=tax), (MEXICO, 100))
        assert all(line.net_micros <= line.gross_micros for line in bill.lines)
        assert bill.net_micros <= bill.total_micros


def test_a_clock_that_falls_back_over_midnight_loses_no_call() -> None:
    # In Newfoundland it fell, on 7 November 2010, from 00:01 to 23:01 of the day before.
    customer = replace(CUSTOMER, zone="America/St_Johns", anchor=date(2010, 11, 7))
    found = plan_of()
    start = datetime(2010, 11, 7, 2, 30, 30, tzinfo=UTC)
    calls = [
        Call(start=start + timedelta(minutes=minutes), number=LONDON, seconds=60)
        for minutes in (-30, 0, 30, 90)
    ]
    bills = rate(catalog=catalog_of(found), plan=found.id, calls=calls, customer=customer)
    assert [len(bill.charges) for bill in bills] == [2, 2]
    assert [bill.cycle.start for bill in bills] == [date(2010, 10, 7), date(2010, 11, 7)]
