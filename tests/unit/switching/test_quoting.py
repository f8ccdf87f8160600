from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest

from plan_rules.catalog import (
    Allowance,
    Billing,
    Commitment,
    Dated,
    EarlyTermination,
    Intro,
    Switching,
)
from plan_rules.destinations import parse_selector
from plan_rules.errors import CurrencyMismatch, InvalidValue, UnknownId
from plan_rules.periods import CycleLength, CycleUnit, Period
from plan_rules.rating import rate
from plan_rules.rules.effect import ProofKind
from plan_rules.switching import (
    CommandRefused,
    Direction,
    Eligibility,
    FeeAdjustment,
    LineKind,
    Moment,
    Reason,
    Refusal,
    Requirement,
    Subscription,
    SwitchQuote,
    SwitchRefusal,
    TermKind,
    WarningKind,
    WhyRefused,
    WrongCustomer,
    cancel,
    count_usage,
    pause,
    quote_switch,
)
from plan_rules.testing import CUSTOMER
from tests.unit.switching.subscribers import (
    LONDON,
    ZONE,
    asked,
    call_on,
    catalog_of,
    charged,
    confirmed,
    minutes,
    net,
    noon,
    plan_of,
    quoted,
    subscriber,
    switched_to,
    tax_of,
)

MAY, MID_MAY, JUNE = date(2026, 5, 1), date(2026, 5, 16), date(2026, 6, 1)
LATER = Switching(upgrade="immediately", downgrade="cycle-end")
CATALOG = catalog_of(
    plan_of("small", 10_000_000, switching=LATER),
    plan_of("big", 25_990_000, switching=LATER),
)
SMALL, BIG = subscriber(CATALOG, "small", MAY), subscriber(CATALOG, "big", MAY)


def refused(answer: SwitchQuote | SwitchRefusal) -> Refusal:
    assert isinstance(answer, SwitchRefusal)
    (only,) = answer.refusals
    assert only.remedy
    return only


def test_a_dearer_plan_begins_at_once_and_each_line_says_its_share() -> None:
    quote = quoted(CATALOG, SMALL, "big", MID_MAY)

    assert (quote.effective, quote.policy, quote.direction) == (
        MID_MAY,
        "immediately",
        Direction.UPGRADE,
    )
    back, due = quote.lines
    assert (back.kind, back.amount_micros) == (LineKind.CREDIT, -5_160_000)
    assert (due.kind, due.amount_micros) == (LineKind.FEE, 13_410_000)
    assert back.share == due.share == Fraction(16, 31)
    assert due.derivation == "16 of 31 days left, 25.99 x 16/31 = 13.41"
    assert (due.start, due.end) == (MID_MAY, JUNE)
    assert quote.gross_micros == 8_250_000
    assert quote.due.micros == 8_250_000


def test_a_cheaper_plan_begins_with_the_next_cycle_and_costs_nothing_before() -> None:
    quote = quoted(CATALOG, BIG, "small", MID_MAY)

    assert (quote.effective, quote.policy, quote.direction) == (
        JUNE,
        "cycle-end",
        Direction.DOWNGRADE,
    )
    (due,) = quote.lines
    assert (due.amount_micros, due.start, due.end) == (10_000_000, JUNE, date(2026, 7, 1))


def test_direction_is_by_the_fee_of_a_year() -> None:
    weekly = Billing(length=CycleLength(unit=CycleUnit.WEEK))
    catalog = catalog_of(plan_of("month", 10_000_000), plan_of("week", 2_400_000, billing=weekly))
    known = subscriber(catalog, "month", MAY)

    assert quoted(catalog, known, "week", MID_MAY).direction is Direction.UPGRADE
    same = catalog_of(plan_of("month", 10_000_000), plan_of("other", 10_000_000))
    known = subscriber(same, "month", MAY)
    quote = quoted(same, known, "other", MID_MAY)
    assert (quote.direction, quote.policy) == (Direction.CROSSGRADE, "immediately")


@pytest.mark.parametrize(
    ("policy", "effective", "amounts"),
    [
        ("immediately", MID_MAY, (-5_160_000, 13_410_000)),
        ("full-price", MID_MAY, (-5_160_000, 25_990_000)),
        ("none", MID_MAY, ()),
        ("back-dated", MAY, (-10_000_000, 25_990_000)),
        ("cycle-end", JUNE, (25_990_000,)),
        ("deferred", JUNE, (25_990_000,)),
        ("value-to-days", MID_MAY, (-5_160_000, 5_160_000)),
    ],
)
def test_each_policy_moves_its_own_money(
    policy: str, effective: date, amounts: tuple[int, ...]
) -> None:
    quote = quoted(CATALOG, SMALL, "big", MID_MAY, policy=policy)

    assert quote.effective == effective
    assert tuple(line.amount_micros for line in quote.lines) == amounts


@pytest.mark.parametrize(
    ("proration", "amounts"),
    [
        ("calendar-day", (-5_160_000, 16_000_000)),
        ("calendar-day-old-plan", (-4_840_000, 15_000_000)),
        ("second", (-5_000_000, 15_500_000)),
        ("fixed-30", (-5_000_000, 15_500_000)),
        ("none", (0, 0)),
    ],
)
def test_the_present_plan_says_how_a_part_is_counted_for_both(
    proration: str, amounts: tuple[int, int]
) -> None:
    counted = Switching(upgrade="immediately", proration=proration)
    catalog = catalog_of(
        plan_of("small", 10_000_000, switching=counted), plan_of("big", 31_000_000)
    )
    quote = quoted(catalog, subscriber(catalog, "small", MAY), "big", MID_MAY)

    assert tuple(line.amount_micros for line in quote.lines) == amounts


def test_a_day_on_which_the_clock_changes_is_a_day() -> None:
    known = subscriber(CATALOG, "small", date(2026, 3, 1))
    quote = quoted(CATALOG, known, "big", date(2026, 3, 8))

    assert quote.lines[0].share == Fraction(24, 31)
    assert quote.valid_until == datetime(2026, 3, 9, tzinfo=ZONE)


def test_a_new_cycle_begins_with_the_full_price() -> None:
    after = switched_to(CATALOG, SMALL, "big", MID_MAY, policy="full-price")

    assert (after.cycle.start, after.cycle.end) == (MID_MAY, date(2026, 6, 16))
    assert charged(CATALOG, after, date(2026, 6, 16)).cycle.start == date(2026, 6, 16)


def test_the_value_left_buys_days_and_a_begun_day_is_whole() -> None:
    quote = quoted(CATALOG, SMALL, "big", MID_MAY, policy="value-to-days")

    assert (quote.cycle.start, quote.cycle.end) == (MID_MAY, MID_MAY + timedelta(days=7))
    assert quote.gross_micros == 0
    after = confirmed(CATALOG, SMALL, quote, MID_MAY).subscription
    then = charged(CATALOG, after, date(2026, 5, 23))
    assert then.payments[-1].paid_micros == 25_990_000
    assert (then.cycle.start, then.cycle.end) == (date(2026, 5, 23), date(2026, 6, 23))


def test_value_that_buys_nothing_becomes_account_credit() -> None:
    catalog = catalog_of(plan_of("small", 10_000_000), plan_of("free", 0), plan_of("dime", 10_000))
    known = subscriber(catalog, "small", MAY)

    for plan in ("free", "dime"):
        quote = quoted(catalog, known, plan, MID_MAY, policy="value-to-days")
        assert all(line.kind is not LineKind.DAYS_BOUGHT for line in quote.lines)
        assert quote.settlement.credit_after_micros == -net(quote)


def test_one_time_fees_are_never_prorated() -> None:
    catalog = catalog_of(
        plan_of("small", 10_000_000),
        plan_of("big", 25_990_000, one_time=(("activation", 5_000_000), ("card", 1_500_000))),
    )
    quote = quoted(catalog, subscriber(catalog, "small", MAY), "big", MID_MAY)

    once = {line.id: line.amount_micros for line in quote.lines if line.kind is LineKind.ONE_TIME}
    assert once == {"activation": 5_000_000, "card": 1_500_000}


def test_tax_is_added_to_each_line() -> None:
    catalog = catalog_of(plan_of("small", 10_000_000), plan_of("big", 25_990_000), tax=tax_of(19))
    quote = quoted(catalog, subscriber(catalog, "small", MAY), "big", MID_MAY)

    assert [line.gross_micros for line in quote.lines] == [-6_140_000, 15_960_000]
    assert quote.net_micros == 8_250_000
    assert quote.gross_micros == 9_820_000


def test_prices_that_hold_their_tax_are_charged_as_they_are() -> None:
    tax = tax_of(19, included=True)
    catalog = catalog_of(plan_of("small", 10_000_000), plan_of("big", 25_990_000), tax=tax)
    quote = quoted(catalog, subscriber(catalog, "small", MAY), "big", MID_MAY)

    assert [line.gross_micros for line in quote.lines] == [-5_160_000, 13_410_000]
    assert [line.net_micros for line in quote.lines] == [-4_340_000, 11_270_000]


def test_whole_fees_are_taxed_as_a_bill_taxes_them() -> None:
    catalog = catalog_of(plan_of("odd", 12_345_000), tax=tax_of(7))
    (paid,) = subscriber(catalog, "odd", MAY).payments
    (bill,) = rate(catalog=catalog, plan="odd", calls=[call_on(MID_MAY, 0)], customer=CUSTOMER)
    fee = next(line for line in bill.lines if line.maker.kind.value == "fee")

    assert (paid.paid_gross_micros + 5_000) // 10_000 == (fee.gross_micros + 5_000) // 10_000


def test_a_promotion_comes_before_the_share_and_is_given_once() -> None:
    catalog = catalog_of(
        plan_of("small", 10_000_000),
        plan_of("lured", 20_000_000, intro=Intro(cycles=2, fee=3_100_000)),
    )
    quote = quoted(catalog, subscriber(catalog, "small", MAY), "lured", MID_MAY)
    due = quote.lines[1]

    assert (due.kind, due.amount_micros, due.price_micros) == (
        LineKind.INTRO_FEE,
        1_600_000,
        3_100_000,
    )
    assert quote.on_plan.promotion is not None
    assert quote.on_plan.promotion.left == 1
    assert quote.next_bill.fee_micros == 3_100_000
    assert quote.steady_bill.fee_micros == 20_000_000
    assert quote.steady_bill.cycle.start == date(2026, 7, 1)

    there = confirmed(catalog, subscriber(catalog, "small", MAY), quote, MID_MAY).subscription
    back = switched_to(catalog, there, "small", date(2026, 5, 20))
    again = quoted(catalog, charged(catalog, back, JUNE), "lured", date(2026, 6, 3))
    assert again.on_plan.promotion is None
    assert WarningKind.INTRO_DENIED in {each.kind for each in again.warnings}


def test_a_price_billed_in_a_cycle_holds_for_that_cycle() -> None:
    before = catalog_of(plan_of("small", 10_000_000), plan_of("big", 25_990_000))
    known = switched_to(before, subscriber(before, "small", MAY), "big", date(2026, 5, 10))
    dearer = catalog_of(plan_of("small", 13_000_000), plan_of("big", 25_990_000))

    quote = quoted(dearer, known, "small", date(2026, 5, 20), policy="immediately")

    assert quote.lines[-1].price_micros == 10_000_000


def test_a_published_price_counts_from_its_day() -> None:
    fee = Dated(((None, 25_990_000), (date(2026, 5, 20), 30_000_000)))
    big = replace(plan_of("big", 0), fee=fee)
    catalog = catalog_of(plan_of("small", 10_000_000), big)
    known = subscriber(catalog, "small", MAY)

    assert quoted(catalog, known, "big", date(2026, 5, 19)).lines[1].price_micros == 25_990_000
    assert quoted(catalog, known, "big", date(2026, 5, 20)).lines[1].price_micros == 30_000_000


def test_leaving_a_commitment_costs_what_was_agreed() -> None:
    bound = Commitment(cycles=3, early_termination=EarlyTermination.REMAINING_FEES)
    catalog = catalog_of(plan_of("bound", 10_000_000, commitment=bound), plan_of("big", 25_990_000))
    known = subscriber(catalog, "bound", MAY)
    quote = quoted(catalog, known, "big", MID_MAY)

    fee = next(line for line in quote.lines if line.kind is LineKind.EARLY_TERMINATION)
    assert fee.amount_micros == 5_160_000 + 2 * 10_000_000
    assert WarningKind.COMMITMENT_LEFT in {each.kind for each in quote.warnings}
    known = charged(catalog, known, date(2026, 8, 1))
    free = quoted(catalog, known, "big", date(2026, 8, 1))
    assert all(line.kind is not LineKind.EARLY_TERMINATION for line in free.lines)


def test_fees_left_are_at_the_promotion_while_it_lasts() -> None:
    bound = Commitment(cycles=4, early_termination=EarlyTermination.REMAINING_FEES)
    lured = plan_of("lured", 10_000_000, commitment=bound, intro=Intro(cycles=2, fee=4_000_000))
    catalog = catalog_of(lured, plan_of("big", 25_990_000))
    quote = quoted(catalog, subscriber(catalog, "lured", MAY), "big", MID_MAY)
    fee = next(line for line in quote.lines if line.kind is LineKind.EARLY_TERMINATION)

    assert fee.amount_micros == 2_060_000 + 4_000_000 + 2 * 10_000_000
    assert WarningKind.INTRO_LOST in {each.kind for each in quote.warnings}


def test_named_moments_are_in_every_quote() -> None:
    bound = Commitment(cycles=3, early_termination=EarlyTermination.REMAINING_FEES)
    catalog = catalog_of(plan_of("bound", 10_000_000, commitment=bound), plan_of("big", 25_990_000))
    shown = quoted(catalog, subscriber(catalog, "bound", MAY), "big", MID_MAY).comparison

    named = {moment: option.on for option in shown.options for moment in option.moments}
    assert named[Moment.NOW] == MID_MAY
    assert named[Moment.NEXT_CYCLE] == JUNE
    assert named[Moment.END_OF_COMMITMENT] == date(2026, 8, 1)
    assert shown.cheapest is not None
    assert named[Moment.CHEAPEST_DAY] == shown.cheapest.on
    assert shown.searched_until == date(2026, 8, 1)
    assert shown.end == date(2027, 5, 16)


def test_the_search_ends_after_two_years() -> None:
    bound = Commitment(cycles=60, early_termination=EarlyTermination.FIXED, amount=1_000_000)
    catalog = catalog_of(plan_of("bound", 10_000_000, commitment=bound), plan_of("big", 25_990_000))
    shown = quoted(catalog, subscriber(catalog, "bound", MAY), "big", MID_MAY).comparison

    assert shown.searched_until == date(2028, 5, 16)


def test_a_total_ends_within_a_cycle_on_the_last_day_compared() -> None:
    long = Billing(length=CycleLength(unit=CycleUnit.MONTH, count=18))
    catalog = catalog_of(
        plan_of("small", 10_000_000),
        plan_of("big", 25_990_000),
        plan_of("long", 549_000_000, billing=long),
    )
    known = subscriber(catalog, "small", MAY)
    monthly = quoted(catalog, known, "big", MID_MAY).comparison
    yearly = quoted(catalog, known, "long", MID_MAY).comparison

    assert monthly.end == yearly.end == date(2027, 5, 16)
    paid = 8_250_000 + 11 * 25_990_000 + Fraction(25_990_000 * 15, 31)
    assert abs(monthly.options[0].total_micros - paid) < 1
    assert yearly.options[0].total_micros == 365_000_000 - 5_160_000


def test_the_earliest_of_equal_days_is_the_cheapest() -> None:
    catalog = catalog_of(plan_of("free", 0), plan_of("also-free", 0))
    shown = quoted(catalog, subscriber(catalog, "free", MAY), "also-free", MID_MAY).comparison

    assert shown.cheapest is not None
    assert (shown.cheapest.on, shown.cheapest.total_micros) == (MID_MAY, 0)


def test_a_day_that_the_policy_does_not_allow_is_shown_and_not_chosen() -> None:
    quote = quoted(CATALOG, BIG, "small", MID_MAY)
    now = quote.comparison.options[0]

    assert (now.on, now.is_allowed) == (MID_MAY, False)
    assert now.lines_micros == 5_160_000 - 13_410_000
    assert quote.comparison.cheapest is not None
    assert quote.comparison.cheapest.on == JUNE


def test_expected_usage_is_in_the_totals() -> None:
    calls = [call_on(date(2026, month, 10), 31) for month in (2, 3, 4)]
    catalog = catalog_of(
        plan_of("metered", 0), plan_of("all", 5_000_000, allowances=(minutes("all", None),))
    )
    quote = quoted(catalog, subscriber(catalog, "metered", MAY), "all", MID_MAY, calls=calls)
    without = quoted(catalog, subscriber(catalog, "metered", MAY), "all", MID_MAY)

    days = (date(2026, 5, 1) - date(2026, 2, 1)).days
    year = (date(2027, 5, 16) - MID_MAY).days
    assert quote.comparison.history_cycles == 3
    assert without.comparison.history_cycles == 0
    expected = Fraction(3 * 3_100_000 * year, days)
    assert abs(quote.comparison.stay_micros - expected) < 1
    assert without.comparison.stay_micros == 0
    assert quote.next_bill.usage_micros == 0
    assert quote.comparison.options[0].total_micros == without.comparison.options[0].total_micros
    assert quote.lines == without.lines


def test_allowances_shrink_by_the_share_and_the_counter_goes_on() -> None:
    catalog = catalog_of(
        plan_of("small", 10_000_000, allowances=(minutes("all", 310),)),
        plan_of("big", 25_990_000, allowances=(minutes("more", 620),)),
        plan_of("metered", 0),
    )
    known = subscriber(catalog, "small", MAY)
    known = known.after(
        count_usage(
            catalog=catalog,
            subscription=known,
            calls=[call_on(date(2026, 5, 5), 200)],
            as_of=noon(date(2026, 5, 15)),
        )
    )
    (counter,) = quoted(catalog, known, "big", MID_MAY).counters

    assert counter.limit == 60 * (150 + 320)
    assert (counter.used, counter.left, counter.over) == (12_000, 60 * 270, 0)
    fresh = quoted(catalog, subscriber(catalog, "metered", MAY), "big", MID_MAY)
    assert (fresh.counters[0].limit, fresh.counters[0].used) == (60 * 320, 0)


def test_more_used_than_is_included_is_said() -> None:
    switching = replace(LATER, upgrade="immediately")
    catalog = catalog_of(
        plan_of("big", 25_990_000, allowances=(minutes("all", 620),), switching=switching),
        plan_of("tiny", 1_000_000, allowances=(minutes("few", 31),)),
    )
    known = subscriber(catalog, "big", MAY)
    known = known.after(
        count_usage(
            catalog=catalog,
            subscription=known,
            calls=[call_on(date(2026, 5, 2), 600)],
            as_of=noon(date(2026, 5, 3)),
        )
    )
    quote = quoted(catalog, known, "tiny", date(2026, 5, 4), policy="immediately")
    (counter,) = quote.counters

    assert counter.limit == 60 * (60 + 28)
    assert (counter.used, counter.left, counter.over) == (36_000, 0, 36_000 - 60 * 88)
    assert WarningKind.ALLOWANCE_OVER in {each.kind for each in quote.warnings}


def test_allowances_that_serve_other_places_are_not_mixed() -> None:
    catalog = catalog_of(
        plan_of("mexico", 10_000_000, allowances=(minutes("mx", 310, "MX"),)),
        plan_of("britain", 10_000_000, allowances=(minutes("gb", 310, "GB"),)),
    )
    known = subscriber(catalog, "mexico", MAY)
    known = known.after(
        count_usage(
            catalog=catalog,
            subscription=known,
            calls=[call_on(date(2026, 5, 5), 200)],
            as_of=noon(date(2026, 5, 15)),
        )
    )
    there = switched_to(catalog, known, "britain", MID_MAY)
    assert [(each.used, each.limit) for each in there.counters] == [(0, 60 * 160)]
    back = switched_to(catalog, there, "mexico", date(2026, 5, 17))
    assert [each.used for each in back.counters] == [12_000]


def test_rules_exclude_with_their_reason() -> None:
    rules = Eligibility(excluded=(Reason(rule="homes-only", text="For homes."),))
    found = refused(asked(CATALOG, SMALL, "big", MID_MAY, eligibility=rules))

    assert (found.why, found.field, found.rule, found.reason) == (
        WhyRefused.EXCLUDED,
        "to",
        "homes-only",
        "For homes.",
    )


def test_rules_warn_demand_deny_and_adjust() -> None:
    catalog = catalog_of(
        plan_of("small", 10_000_000),
        plan_of("lured", 20_000_000, intro=Intro(cycles=2, fee=3_100_000)),
    )
    rules = Eligibility(
        required=(
            Requirement(
                id="id",
                kind=ProofKind.DOCUMENT,
                reason=Reason(rule="asks", text="who"),
            ),
        ),
        warnings=(Reason(rule="note", text="mind this"),),
        intro_denied=(Reason(rule="once", text="given before"),),
    )
    adjustments = (
        FeeAdjustment(rule="post", reason="paper bill", micros=1_000_000),
        FeeAdjustment(rule="student", reason="students", share=Fraction(-1, 10)),
    )
    known = subscriber(catalog, "small", MAY)
    quote = quoted(catalog, known, "lured", MID_MAY, eligibility=rules, adjustments=adjustments)

    assert quote.lines[1].price_micros == 19_000_000
    assert quote.lines[1].kind is LineKind.FEE
    assert [each.id for each in quote.requirements] == ["id"]
    kinds = [each.kind for each in quote.warnings]
    assert kinds == [WarningKind.INTRO_DENIED, WarningKind.RULE]
    assert quote.steady_bill.fee_micros == 19_000_000


def test_discounts_on_either_plan_are_in_the_totals() -> None:
    half = (FeeAdjustment(rule="half", reason="half", share=Fraction(-1, 2)),)
    bare = quoted(CATALOG, SMALL, "big", MID_MAY, on=JUNE).comparison
    here = quoted(CATALOG, SMALL, "big", MID_MAY, on=JUNE, present_adjustments=half).comparison
    there = quoted(CATALOG, SMALL, "big", MID_MAY, on=JUNE, adjustments=half).comparison

    assert 2 * here.stay_micros == bare.stay_micros == there.stay_micros
    assert here.options[-1].total_micros == bare.options[-1].total_micros
    assert abs(2 * there.options[-1].total_micros - bare.options[-1].total_micros) < 200_000


def test_a_plan_that_is_not_sold_is_refused() -> None:
    gone = plan_of("gone", 1_000_000, sold=Period(end=date(2026, 1, 1)))
    catalog = catalog_of(plan_of("small", 10_000_000), gone)
    found = refused(asked(catalog, subscriber(catalog, "small", MAY), "gone", MID_MAY))

    assert (found.why, found.field) == (WhyRefused.NOT_FOR_SALE, "to")


def test_there_is_no_way_back_to_a_retired_plan_but_on_the_same_day() -> None:
    retired = plan_of("old", 10_000_000, sold=Period(end=date(2026, 5, 10)))
    catalog = catalog_of(retired, plan_of("big", 25_990_000))
    known = subscriber(catalog, "old", MAY)
    quote = quoted(catalog, known, "big", MID_MAY)
    there = confirmed(catalog, known, quote, MID_MAY).subscription

    assert WarningKind.CANNOT_COME_BACK in {each.kind for each in quote.warnings}
    assert quoted(catalog, there, "old", MID_MAY).gross_micros == -quote.gross_micros
    late = refused(asked(catalog, there, "old", date(2026, 5, 17)))
    assert late.why is WhyRefused.NOT_FOR_SALE


def test_a_day_outside_the_policy_is_refused_with_the_next_one() -> None:
    found = refused(asked(CATALOG, BIG, "small", MID_MAY, at=Moment.NOW))

    assert (found.why, found.field) == (WhyRefused.OUTSIDE_POLICY, "at")
    assert "2026-06-01" in found.remedy
    found = refused(asked(CATALOG, BIG, "small", MID_MAY, on=date(2026, 5, 20)))
    assert (found.why, found.field) == (WhyRefused.OUTSIDE_POLICY, "on")
    past = refused(asked(CATALOG, SMALL, "big", MID_MAY, on=date(2026, 5, 10)))
    assert (past.why, past.field) == (WhyRefused.OUTSIDE_POLICY, "on")


def test_any_day_to_come_can_be_asked_for() -> None:
    quote = quoted(CATALOG, SMALL, "big", MID_MAY, on=date(2026, 6, 11))

    assert quote.effective == date(2026, 6, 11)
    assert [line.amount_micros for line in quote.lines] == [-6_670_000, 17_330_000]
    assert quote.valid_until == datetime(2026, 6, 12, tzinfo=ZONE)


def test_a_country_has_to_be_chosen() -> None:
    chosen = Allowance(
        id="chosen",
        unit=minutes("any", 1).unit,
        amount=None,
        to=(parse_selector("chosen"),),
    )
    mine = plan_of(
        "mine",
        9_000_000,
        choose_from=(parse_selector("GB"), parse_selector("MX")),
        allowances=(chosen,),
    )
    catalog = catalog_of(plan_of("small", 10_000_000), mine)
    known = subscriber(catalog, "small", MAY)

    assert refused(asked(catalog, known, "mine", MID_MAY)).why is WhyRefused.NO_COUNTRY
    quote = quoted(
        catalog,
        known,
        "mine",
        MID_MAY,
        chosen_country="GB",
        policy="immediately",
        calls=[call_on(date(2026, 3, 5), 10, LONDON), call_on(date(2026, 4, 5), 10, LONDON)],
    )
    assert quote.on_plan.chosen_country == "GB"
    assert quote.next_bill.usage_micros == 0
    there = confirmed(catalog, known, quote, MID_MAY).subscription
    other = quoted(catalog, there, "mine", MID_MAY, chosen_country="MX")
    assert (other.on_plan.chosen_country, other.gross_micros) == ("MX", 0)


def test_what_is_not_served_cannot_be_switched() -> None:
    paused = SMALL.after(pause(catalog=CATALOG, subscription=SMALL, as_of=noon(MID_MAY)))
    ended = SMALL.after(cancel(catalog=CATALOG, subscription=SMALL, as_of=noon(MID_MAY)))

    assert refused(asked(CATALOG, paused, "big", MID_MAY)).why is WhyRefused.PAUSED
    assert refused(asked(CATALOG, ended, "big", MID_MAY)).why is WhyRefused.CANCELLED


def test_cycles_of_another_length_begin_anew() -> None:
    four_weeks = Billing(length=CycleLength(unit=CycleUnit.DAY, count=28))
    catalog = catalog_of(
        plan_of("small", 10_000_000), plan_of("four", 9_000_000, billing=four_weeks)
    )
    quote = quoted(catalog, subscriber(catalog, "small", MAY), "four", MID_MAY)

    assert (quote.cycle.start, quote.cycle.days) == (MID_MAY, 28)
    assert quote.lines[1].amount_micros == 9_000_000
    assert WarningKind.CYCLE_MOVES in {each.kind for each in quote.warnings}


def test_a_calendar_plan_begins_with_the_rest_of_the_month() -> None:
    catalog = catalog_of(
        plan_of("small", 10_000_000), plan_of("month", 31_000_000, billing=Billing(calendar=True))
    )
    known = subscriber(catalog, "small", date(2026, 5, 10))
    quote = quoted(catalog, known, "month", date(2026, 5, 22))

    assert (quote.cycle.start, quote.cycle.end) == (MAY, JUNE)
    assert quote.lines[1].amount_micros == 10_000_000
    assert quote.lines[0].share == Fraction(19, 31)


def test_fees_billed_afterwards_are_due_for_the_days_served() -> None:
    after = Billing(fee_in_advance=False)
    catalog = catalog_of(
        plan_of("late", 31_000_000, billing=after), plan_of("big", 62_000_000, billing=after)
    )
    known = subscriber(catalog, "late", MAY)
    quote = quoted(catalog, known, "big", MID_MAY)

    assert [line.amount_micros for line in quote.lines] == [15_000_000]
    there = confirmed(catalog, known, quote, MID_MAY).subscription
    then = charged(catalog, there, JUNE)
    assert then.due_micros == 15_000_000 + 32_000_000


def test_fees_of_a_cycle_that_is_over_do_not_come_back() -> None:
    after = Billing(fee_in_advance=False)
    catalog = catalog_of(
        plan_of("late", 31_000_000, billing=after), plan_of("big", 62_000_000, billing=after)
    )
    known = charged(catalog, subscriber(catalog, "late", MAY), JUNE)

    assert quoted(catalog, known, "big", JUNE).lines == ()


def test_a_price_of_an_earlier_cycle_does_not_hold_for_the_next() -> None:
    known = switched_to(CATALOG, SMALL, "big", MID_MAY, policy="full-price")
    dearer = catalog_of(plan_of("small", 13_000_000), plan_of("big", 25_990_000))

    quote = quoted(dearer, known, "small", date(2026, 5, 20), policy="immediately")

    assert quote.lines[-1].price_micros == 13_000_000


def test_terms_are_read_aloud() -> None:
    bound = Commitment(cycles=3, early_termination=EarlyTermination.FIXED, amount=1_000_000)
    catalog = catalog_of(
        plan_of("small", 10_000_000),
        plan_of("big", 25_990_000, commitment=bound, allowances=(minutes("all", 620),)),
    )
    quote = quoted(catalog, subscriber(catalog, "small", MAY), "big", MID_MAY)
    kinds = [term.kind for term in quote.terms]

    assert kinds == [
        TermKind.FEE,
        TermKind.CYCLE,
        TermKind.COMMITMENT,
        TermKind.ALLOWANCE,
        TermKind.OVERAGE,
    ]
    assert WarningKind.COMMITMENT_STARTS in {each.kind for each in quote.warnings}


def test_same_inputs_same_quote() -> None:
    quote = quoted(CATALOG, SMALL, "big", MID_MAY)

    assert quoted(CATALOG, SMALL, "big", MID_MAY) == quote
    assert quote.id == f"quote-{quote.digest[:20]}"


def test_a_quote_is_valid_until_the_end_of_its_day_or_earlier() -> None:
    end = datetime(2026, 5, 17, tzinfo=ZONE)
    early = datetime(2026, 5, 16, 15, tzinfo=ZONE)

    assert quoted(CATALOG, SMALL, "big", MID_MAY).valid_until == end
    assert quoted(CATALOG, SMALL, "big", MID_MAY, valid_until=early).valid_until == early
    for wrong in (noon(MID_MAY), end + timedelta(seconds=1)):
        with pytest.raises(InvalidValue) as caught:
            quoted(CATALOG, SMALL, "big", MID_MAY, valid_until=wrong)
        assert caught.value.name == "valid_until"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"on": date(2026, 4, 30)}, "on"),
        ({"on": datetime(2026, 5, 20, tzinfo=ZONE)}, "on"),
        ({"on": MID_MAY, "at": Moment.NOW}, "at"),
    ],
)
def test_dates_that_cannot_be_meant_are_misuse(given: dict[str, object], name: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        asked(CATALOG, SMALL, "big", MID_MAY, **given)

    assert caught.value.name == name


def test_other_misuse_is_told_by_its_field() -> None:
    with pytest.raises(InvalidValue) as naive:
        quote_switch(
            catalog=CATALOG,
            subscription=SMALL,
            to="big",
            as_of=datetime(2026, 5, 16, 12),  # noqa: DTZ001
        )
    assert naive.value.name == "moment"
    with pytest.raises(UnknownId):
        asked(CATALOG, SMALL, "bigg", MID_MAY)
    with pytest.raises(UnknownId):
        asked(CATALOG, SMALL, "big", MID_MAY, policy="at once")
    with pytest.raises(WrongCustomer):
        asked(CATALOG, SMALL, "big", MID_MAY, customer=replace(CUSTOMER, id="other"))
    euros = catalog_of(plan_of("small", 10_000_000), plan_of("big", 1), currency="EUR")
    with pytest.raises(CurrencyMismatch):
        asked(euros, SMALL, "big", MID_MAY)
    with pytest.raises(CommandRefused) as late:
        asked(CATALOG, SMALL, "big", JUNE)
    assert late.value.field == "as_of"
    there = switched_to(CATALOG, SMALL, "big", MID_MAY)
    with pytest.raises(CommandRefused):
        asked(CATALOG, there, "small", date(2026, 5, 10))


def test_the_present_plan_may_be_gone_from_the_catalog() -> None:
    only = catalog_of(plan_of("big", 25_990_000))
    quote = quoted(only, SMALL, "big", MID_MAY)

    assert [line.amount_micros for line in quote.lines] == [-5_160_000, 13_410_000]
    assert quote.direction is Direction.UPGRADE
    assert WarningKind.CANNOT_COME_BACK in {each.kind for each in quote.warnings}


def test_yen_are_whole() -> None:
    catalog = catalog_of(
        plan_of("small", 1_000_000_000), plan_of("big", 2_500_000_000), currency="JPY"
    )
    quote = quoted(catalog, subscriber(catalog, "small", MAY), "big", MID_MAY)

    assert [line.amount_micros for line in quote.lines] == [-516_000_000, 1_290_000_000]


def test_a_subscription_is_not_changed_by_a_quote() -> None:
    before = Subscription.replay(SMALL.events)
    quoted(CATALOG, SMALL, "big", MID_MAY)

    assert before == SMALL
