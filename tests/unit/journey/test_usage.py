from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from plan_rules.catalog import (
    AllowanceUnit,
    Catalog,
    Hours,
    Intro,
    Limit,
    LimitMetric,
    Limits,
    Reset,
    Share,
    WhenUsedUp,
)
from plan_rules.destinations import parse_selector
from plan_rules.errors import InvalidValue, UnknownId
from plan_rules.journey.standing import AllowanceStanding
from plan_rules.journey.usage import UsageReport, review_usage
from plan_rules.periods import BandSet, TimeBand
from plan_rules.rating import rate
from plan_rules.usage import Call, Customer
from tests.unit.journey.samples import (
    ADA,
    LONDON,
    MEXICO,
    MOBILE,
    NOWHERE,
    SATELLITE,
    call_on,
    catalog_of,
    included,
    plan_of,
)

NOON = datetime(2026, 3, 15, 16, tzinfo=UTC)
BRITAIN = (parse_selector("GB"),)


def report(
    catalog: Catalog, *calls: Call, as_of: datetime = NOON, customer: Customer = ADA
) -> UsageReport:
    return review_usage(catalog=catalog, customer=customer, calls=calls, as_of=as_of)


def standing(catalog: Catalog, *calls: Call, as_of: datetime = NOON) -> AllowanceStanding:
    (found,) = report(catalog, *calls, as_of=as_of).current.allowances
    return found


def test_every_cycle_since_the_plan_began_has_its_bill() -> None:
    catalog = catalog_of(plan_of())
    found = report(catalog, call_on("2026-02-03", 61), call_on("2026-03-03", 60))

    assert [each.cycle.start.month for each in found.cycles] == [1, 2, 3]
    assert [each.total.micros for each in found.cycles] == [5_000_000, 5_200_000, 5_100_000]
    assert [each.is_over for each in found.cycles] == [True, True, False]
    assert [each.cycle.start.month for each in found.billing_history] == [1, 2]
    assert found.current is found.cycles[-1]
    assert (found.currency, found.plan.name) == ("USD", "The <Plan> & more")


def test_bills_are_those_of_rating() -> None:
    catalog = catalog_of(plan_of(included()))
    calls = [call_on("2026-01-03", 700), call_on("2026-02-03", 61), call_on("2026-03-03", 60)]

    rated = rate(catalog=catalog, plan="plan", calls=calls, customer=ADA)

    assert tuple(each.bill for each in report(catalog, *calls).cycles) == rated


def test_an_introductory_price_counts_from_the_first_cycle() -> None:
    catalog = catalog_of(plan_of(intro=Intro(cycles=2, fee=1_000_000)))
    found = report(catalog)
    assert [each.total.micros for each in found.cycles] == [1_000_000, 1_000_000, 5_000_000]


def test_without_a_first_day_cycles_begin_with_the_first_call() -> None:
    customer = replace(ADA, since=None)
    catalog = catalog_of(plan_of())
    found = report(catalog, call_on("2026-02-03", 61), customer=customer)
    assert [each.cycle.start.month for each in found.cycles] == [2, 3]
    assert len(report(catalog, customer=customer).cycles) == 1


def test_every_call_is_counted_in_a_cycle_or_said_to_be_outside() -> None:
    found = report(
        catalog_of(plan_of()),
        call_on("2025-12-31", 60),
        call_on("2026-01-01", 60),
        call_on("2026-03-15", 60, hour=15),
        call_on("2026-03-15", 60, hour=16),
        call_on("2026-03-16", 60),
    )
    assert (found.unserved_calls, found.later_calls) == (1, 2)
    assert [each.calls for each in found.cycles] == [1, 0, 1]


def test_cycles_are_cut_by_the_customers_clock() -> None:
    late = Call(datetime(2026, 3, 1, 4, 59, tzinfo=UTC), MEXICO, 60)
    early = Call(datetime(2026, 3, 1, 5, 0, tzinfo=UTC), MEXICO, 60)
    found = report(catalog_of(plan_of()), late, early)
    assert [each.calls for each in found.cycles] == [0, 1, 1]


def test_destinations_are_told_by_country_and_line() -> None:
    catalog = catalog_of(plan_of(included(to=BRITAIN, amount=120)))
    found = report(
        catalog,
        call_on("2026-03-02", 90, LONDON),
        call_on("2026-03-03", 100, LONDON),
        call_on("2026-03-04", 30, MOBILE),
        call_on("2026-03-05", 500, MEXICO),
        call_on("2026-03-06", 40, SATELLITE),
        call_on("2026-03-07", 30, NOWHERE),
        call_on("2026-03-08", 0, MEXICO),
    ).current

    assert [(each.country, each.line, each.calls, each.seconds) for each in found.destinations] == [
        ("MX", "either", 1, 500),
        ("GB", "fixed", 2, 190),
        ("001", "satellite", 1, 40),
        ("", None, 1, 30),
        ("GB", "mobile", 1, 30),
    ]
    london = found.destinations[1]
    assert (london.included_seconds, london.paid_seconds, london.amount_micros) == (
        120,
        120,
        200_000,
    )
    assert [each.refused_calls for each in found.destinations] == [0, 0, 1, 1, 0]
    assert (found.calls, found.seconds, found.unanswered, found.refused_calls) == (6, 790, 1, 2)


def test_an_allowance_says_what_is_used_and_left() -> None:
    found = standing(catalog_of(plan_of(included())), call_on("2026-03-02", 61))
    assert (found.id, found.unit, found.limit) == ("included", "seconds", 600)
    assert (found.used, found.left, found.overage, found.refused_calls) == (120, 480, 0, 0)
    assert found.used_up_on is None


def test_what_goes_beyond_an_allowance_is_its_overage() -> None:
    found = standing(
        catalog_of(plan_of(included())), call_on("2026-03-02", 570), call_on("2026-03-03", 120)
    )
    assert (found.used, found.left, found.overage) == (600, 0, 120)
    assert found.used_up_on == date(2026, 3, 2)


def test_calls_that_an_allowance_does_not_reach_are_no_overage() -> None:
    catalog = catalog_of(plan_of(included(to=BRITAIN)))
    found = standing(catalog, call_on("2026-03-02", 900, MEXICO), call_on("2026-03-03", 60, LONDON))
    assert (found.used, found.overage) == (60, 0)


def test_overage_counts_once_with_the_last_allowance_that_serves() -> None:
    catalog = catalog_of(
        plan_of(
            included(id="first", amount=60, priority=1),
            included(id="second", amount=120, priority=2),
        )
    )
    first, second = report(catalog, call_on("2026-03-02", 300)).current.allowances
    assert (first.id, first.used, first.overage) == ("first", 60, 0)
    assert (second.id, second.used, second.overage) == ("second", 120, 120)


def test_an_allowance_of_calls_counts_calls() -> None:
    catalog = catalog_of(plan_of(included(unit=AllowanceUnit.CALLS, amount=2)))
    found = standing(catalog, *(call_on(f"2026-03-0{day}", 600) for day in range(1, 6)))
    assert (found.unit, found.used, found.left, found.overage) == ("calls", 2, 0, 3)


def test_an_allowance_of_money_counts_what_was_charged_beyond_it() -> None:
    catalog = catalog_of(plan_of(included(unit=AllowanceUnit.MICROS, amount=250_000)))
    found = standing(catalog, call_on("2026-03-02", 120), call_on("2026-03-03", 120))
    assert (found.unit, found.used, found.left, found.overage) == ("micros", 250_000, 0, 150_000)


def test_an_unlimited_allowance_has_neither_a_limit_nor_a_rest() -> None:
    catalog = catalog_of(plan_of(included(amount=None)))
    found = standing(catalog, call_on("2026-03-02", 6_000))
    assert (found.limit, found.left, found.used, found.overage) == (None, None, 6_000, 0)


def test_what_a_fair_use_limit_keeps_out_is_overage_though_something_is_left() -> None:
    daily = Limits(limits=(Limit(metric=LimitMetric.SECONDS, per=Reset.DAY, amount=120),))
    found = standing(catalog_of(plan_of(included(limits=daily))), call_on("2026-03-02", 300))
    assert (found.used, found.left, found.overage) == (120, 480, 180)
    assert found.used_up_on is None


def test_calls_refused_because_an_allowance_is_used_up_are_counted() -> None:
    catalog = catalog_of(plan_of(included(when_used_up=WhenUsedUp.BLOCK)))
    found = standing(catalog, call_on("2026-03-02", 600), call_on("2026-03-03", 60))
    assert (found.used, found.overage, found.refused_calls) == (600, 0, 1)


def test_each_country_may_have_an_allowance_of_its_own() -> None:
    catalog = catalog_of(
        plan_of(included(share=Share.EACH_COUNTRY, to=(*BRITAIN, parse_selector("MX"))))
    )
    found = report(catalog, call_on("2026-03-02", 660, MEXICO), call_on("2026-03-03", 60, LONDON))
    by_country = {each.country: each for each in found.current.allowances}
    assert (by_country["MX"].used, by_country["MX"].overage) == (600, 60)
    assert (by_country["GB"].used, by_country["GB"].overage) == (60, 0)


def test_an_allowance_for_a_chosen_country_has_no_overage_elsewhere() -> None:
    anywhere = (parse_selector("GB"), parse_selector("MX"))
    chosen = included(to=(parse_selector("chosen"),), amount=60)
    catalog = catalog_of(plan_of(chosen, choose_from=anywhere))
    ada = replace(ADA, chosen_country="GB")
    calls = (call_on("2026-03-02", 600, MEXICO), call_on("2026-03-03", 120, LONDON))
    (found,) = report(catalog, *calls, customer=ada).current.allowances
    assert (found.used, found.overage) == (60, 60)


def test_calls_outside_of_an_allowances_hours_are_no_overage() -> None:
    evening = BandSet(id="clock", bands=(TimeBand(id="evening", start=19 * 3600),))
    hours = Hours(bands="clock", within=("evening",))
    catalog = catalog_of(plan_of(included(amount=60, hours=hours)), band_sets={"clock": evening})
    by_day, by_night = call_on("2026-03-02", 600), call_on("2026-03-03", 120, hour=20)
    found = standing(catalog, by_day, by_night)
    assert (found.used, found.overage) == (60, 60)


def test_the_rest_of_the_cycle_repeats_the_last_four_weeks() -> None:
    catalog = catalog_of(plan_of(included()))
    weekly = [f"2026-02-{day:02}" for day in (3, 10, 17, 24)] + ["2026-03-03", "2026-03-10"]
    found = report(catalog, *(call_on(day, 180) for day in weekly))

    assert found.repeated_weeks == 4
    (allowance,) = found.current.allowances
    assert (allowance.used, allowance.projected, allowance.projected_overage) == (360, 900, 300)
    assert allowance.used_up_on == date(2026, 3, 24)
    assert found.current.projected_total is not None
    assert found.current.projected_total.micros == 5_000_000 + 5 * 100_000
    assert all(each.projected_total is None for each in found.billing_history)


def test_with_less_than_a_week_of_calls_nothing_is_projected() -> None:
    found = report(catalog_of(plan_of(included())), call_on("2026-03-10", 180))
    (allowance,) = found.current.allowances
    assert found.repeated_weeks == 0
    assert found.current.projected_total is None
    assert (allowance.projected, allowance.projected_overage) == (None, None)


def test_calls_on_an_earlier_plan_tell_what_is_to_come_too() -> None:
    ada = replace(ADA, since=date(2026, 3, 14))
    calls = [call_on(f"2026-03-{day:02}", 60) for day in (2, 9)]
    found = report(catalog_of(plan_of()), *calls, customer=ada)
    assert (found.unserved_calls, found.repeated_weeks) == (2, 1)
    assert found.current.projected is not None
    assert [charge.placed.day.day for charge in found.current.projected.charges] == [16, 23, 30]


@pytest.mark.parametrize(
    ("name", "customer", "as_of"),
    [
        ("plan", replace(ADA, plan=""), NOON),
        ("moment", ADA, NOON.replace(tzinfo=None)),
        ("as_of", ADA, datetime(2025, 12, 31, tzinfo=UTC)),
    ],
)
def test_what_cannot_be_reviewed_is_refused(name: str, customer: Customer, as_of: datetime) -> None:
    with pytest.raises(InvalidValue) as caught:
        report(catalog_of(plan_of()), customer=customer, as_of=as_of)
    assert caught.value.name == name


def test_a_plan_the_catalog_does_not_have_is_refused() -> None:
    with pytest.raises(UnknownId):
        report(catalog_of(plan_of()), customer=replace(ADA, plan="plans"))
