from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction

import pytest

from plan_rules.catalog import (
    AllowanceMode,
    Billing,
    Commitment,
    EarlyTermination,
    Intro,
    Switching,
)
from plan_rules.errors import CurrencyMismatch, InvalidValue, UnknownId
from plan_rules.money import Money, RoundingMode
from plan_rules.periods import CycleLength, CycleUnit, Period
from plan_rules.switching import (
    CommandRefused,
    Eligibility,
    FeeAdjustment,
    Moment,
    Reason,
    Status,
    Subscription,
    activate,
    cancel,
    cancel_schedule,
    charge_cycle,
    count_usage,
    credit_account,
    pause,
    resume,
)
from plan_rules.testing import CUSTOMER
from plan_rules.usage import Customer
from tests.unit.switching.subscribers import (
    AT_ONCE,
    EVERYWHERE,
    call_on,
    catalog_of,
    charged,
    confirmed,
    minutes,
    noon,
    plan_of,
    quoted,
    subscriber,
    switched_to,
    tax_of,
)

MAY, MID_MAY, JUNE = date(2026, 5, 1), date(2026, 5, 16), date(2026, 6, 1)
FIXED = Commitment(cycles=3, early_termination=EarlyTermination.FIXED, amount=30_000_000)
CATALOG = catalog_of(
    plan_of("small", 10_000_000, allowances=(minutes("all", 310),)),
    plan_of("bound", 31_000_000, commitment=FIXED, one_time=(("card", 2_000_000),)),
)
SMALL = subscriber(CATALOG, "small", MAY)


def customer(anchor: date) -> Customer:
    return replace(CUSTOMER, anchor=anchor)


def paused(known: Subscription, day: date) -> Subscription:
    return known.after(pause(catalog=CATALOG, subscription=known, as_of=noon(day)))


def resumed(known: Subscription, day: date) -> Subscription:
    return known.after(resume(catalog=CATALOG, subscription=known, as_of=noon(day)))


def counted(known: Subscription, day: date, *calls: tuple[date, int]) -> Subscription:
    return known.after(
        count_usage(
            catalog=CATALOG,
            subscription=known,
            calls=[call_on(on, length) for on, length in calls],
            as_of=noon(day),
        )
    )


# -- activation ----------------------------------------------------------------------------


def test_a_whole_cycle_is_charged_on_the_anchor_and_its_share_in_between() -> None:
    assert SMALL.due_micros == 10_000_000
    part = subscriber(CATALOG, "small", MID_MAY, anchor=MAY)
    assert part.due_micros == 5_160_000
    assert part.counters[0].limit == 60 * 160
    assert (part.cycle.start, part.segment_start) == (MAY, MID_MAY)


def test_fees_due_once_are_charged_with_the_first_cycle() -> None:
    known = subscriber(CATALOG, "bound", MAY)

    assert known.due_micros == 33_000_000
    assert known.term is not None
    assert (known.term.start, known.term.end) == (MAY, date(2026, 8, 1))


def test_a_cycle_of_months_counts_from_the_first_day() -> None:
    quarterly = Billing(length=CycleLength(unit=CycleUnit.MONTH, count=3))
    catalog = catalog_of(plan_of("long", 30_000_000, billing=quarterly))
    known = subscriber(catalog, "long", MID_MAY, anchor=date(2025, 1, 31))

    assert (known.cycle.start, known.cycle.end) == (date(2026, 2, 28), date(2026, 5, 31))
    later = charged(catalog, known, date(2026, 9, 1))
    assert (later.cycle.start, later.cycle.end) == (date(2026, 8, 31), date(2026, 11, 30))


def test_rules_decide_the_first_price() -> None:
    catalog = catalog_of(plan_of("lured", 20_000_000, intro=Intro(cycles=2, fee=1_000_000)))
    events = activate(
        catalog=catalog,
        customer=customer(MAY),
        plan="lured",
        as_of=noon(MAY),
        eligibility=Eligibility(intro_denied=(Reason(rule="once", text="given before"),)),
        adjustments=(FeeAdjustment(rule="half", reason="half", share=Fraction(-1, 2)),),
    )

    known = Subscription.replay(events)
    assert (known.due_micros, known.promotion) == (10_000_000, None)


def test_an_activation_that_may_not_be_is_refused() -> None:
    gone = plan_of("gone", 1, sold=Period(end=date(2026, 1, 1)))
    mine = plan_of("mine", 1, choose_from=EVERYWHERE)
    catalog = catalog_of(gone, mine)
    rules = Eligibility(excluded=(Reason(rule="no", text="No."),))
    given: dict[str, object] = {"catalog": catalog, "customer": customer(MAY), "as_of": noon(MAY)}

    for more, field in (
        ({"plan": "gone"}, "plan"),
        ({"plan": "mine"}, "chosen_country"),
        ({"plan": "mine", "chosen_country": "GB", "eligibility": rules}, "plan"),
    ):
        with pytest.raises(CommandRefused) as caught:
            activate(**{**given, **more})  # type: ignore[arg-type]
        assert (caught.value.command, caught.value.field) == ("activate", field)
    with pytest.raises(UnknownId):
        activate(catalog=catalog, customer=customer(MAY), plan="mime", as_of=noon(MAY))
    with pytest.raises(InvalidValue):
        activate(
            catalog=CATALOG,
            customer=customer(MAY),
            plan="small",
            as_of=datetime(2026, 5, 1),  # noqa: DTZ001
        )


# -- cycles --------------------------------------------------------------------------------


def test_every_cycle_that_began_is_charged_once() -> None:
    known = charged(CATALOG, SMALL, date(2026, 8, 20))

    assert known.due_micros == 40_000_000
    assert known.cycle.start == date(2026, 8, 1)
    assert charge_cycle(catalog=CATALOG, subscription=known, as_of=noon(date(2026, 8, 20))) == ()


def test_the_31st_stays_the_31st() -> None:
    known = subscriber(CATALOG, "small", date(2026, 1, 31))
    starts = [
        charged(CATALOG, known, day).cycle.start
        for day in (date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31))
    ]

    assert starts == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)]


def test_a_promotion_lasts_for_its_cycles() -> None:
    catalog = catalog_of(plan_of("lured", 20_000_000, intro=Intro(cycles=2, fee=1_000_000)))
    known = subscriber(catalog, "lured", MAY)

    paid = [
        charged(catalog, known, day).payments[-1].paid_micros
        for day in (MAY, JUNE, date(2026, 7, 1))
    ]
    assert paid == [1_000_000, 1_000_000, 20_000_000]


def test_discounts_of_the_day_come_off_the_fee() -> None:
    events = charge_cycle(
        catalog=CATALOG,
        subscription=SMALL,
        as_of=noon(JUNE),
        adjustments=[FeeAdjustment(rule="minus", reason="minus", micros=-99_000_000)],
    )

    assert SMALL.after(events).payments[-1].paid_micros == 0


def test_account_credit_is_used_first() -> None:
    gift = Money(13_000_000, "USD")
    known = SMALL.after(
        credit_account(subscription=SMALL, amount=gift, reason="sorry", as_of=noon(MID_MAY))
    )
    known = charged(CATALOG, known, date(2026, 7, 1))

    assert (known.credit_micros, known.due_micros) == (0, 10_000_000 + 7_000_000)


def test_only_amounts_with_a_reason_are_credited() -> None:
    for amount, reason, error in (
        (Money(1, "EUR"), "why", CurrencyMismatch),
        (Money(0, "USD"), "why", InvalidValue),
        (Money(1, "USD"), "", InvalidValue),
    ):
        with pytest.raises(error):
            credit_account(subscription=SMALL, amount=amount, reason=reason, as_of=noon(MID_MAY))


def test_another_currency_is_refused_by_every_command() -> None:
    euros = catalog_of(plan_of("small", 1), currency="EUR")
    for command in (charge_cycle, pause, resume, cancel):
        with pytest.raises(CurrencyMismatch):
            command(catalog=euros, subscription=SMALL, as_of=noon(MID_MAY))
    with pytest.raises(CurrencyMismatch):
        count_usage(catalog=euros, subscription=SMALL, calls=[], as_of=noon(MID_MAY))


# -- pauses --------------------------------------------------------------------------------


def test_days_of_a_pause_are_not_paid_and_include_nothing() -> None:
    known = paused(SMALL, date(2026, 5, 11))
    assert (known.status, known.credit_micros) == (Status.PAUSED, 6_770_000)
    known = resumed(known, date(2026, 5, 21))

    assert known.status is Status.ACTIVE
    assert known.due_micros - known.credit_micros == 10_000_000 - 6_770_000 + 3_550_000
    assert known.counters[0].limit == 60 * 310 * 21 // 31


def test_nothing_is_charged_while_it_is_paused_and_the_term_grows_longer() -> None:
    known = paused(subscriber(CATALOG, "bound", MAY), date(2026, 5, 11))
    assert charge_cycle(catalog=CATALOG, subscription=known, as_of=noon(date(2026, 8, 1))) == ()
    known = resumed(known, date(2026, 7, 12))

    assert (known.cycle.start, known.cycle.end) == (date(2026, 7, 1), date(2026, 8, 1))
    assert known.payments[-1].paid_micros == 20_000_000
    assert known.term is not None
    assert known.term.end == date(2026, 10, 2)


def test_a_pause_and_a_return_on_one_day_cost_nothing() -> None:
    known = resumed(paused(SMALL, MID_MAY), MID_MAY)

    assert known.due_micros - known.credit_micros == SMALL.due_micros
    assert known.counters[0].limit == SMALL.counters[0].limit


def test_fees_billed_afterwards_leave_the_pause_out() -> None:
    afterwards = Billing(fee_in_advance=False)
    catalog = catalog_of(plan_of("late", 31_000_000, billing=afterwards))
    known = subscriber(catalog, "late", MAY)
    away = noon(date(2026, 5, 11))
    known = known.after(pause(catalog=catalog, subscription=known, as_of=away))
    assert known.due_micros == 10_000_000
    back = noon(date(2026, 5, 21))
    known = known.after(resume(catalog=catalog, subscription=known, as_of=back))

    assert charged(catalog, known, JUNE).due_micros == 21_000_000
    over = known.after(cancel(catalog=catalog, subscription=known, as_of=noon(date(2026, 5, 26))))
    assert over.due_micros == 15_000_000


def test_a_pause_is_refused_where_it_cannot_be() -> None:
    quote = quoted(CATALOG, SMALL, "bound", MID_MAY, at=Moment.NEXT_CYCLE)
    agreed = confirmed(CATALOG, SMALL, quote, MID_MAY).subscription
    away = paused(SMALL, MID_MAY)
    for known, day, field in (
        (agreed, MID_MAY, "scheduled"),
        (away, MID_MAY, "status"),
        (SMALL, JUNE, "as_of"),
        (resumed(away, date(2026, 5, 20)), date(2026, 5, 19), "as_of"),
    ):
        with pytest.raises(CommandRefused) as caught:
            paused(known, day)
        assert caught.value.field == field
        assert caught.value.remedy
    with pytest.raises(CommandRefused):
        resumed(SMALL, MID_MAY)
    with pytest.raises(CommandRefused):
        cancel_schedule(subscription=SMALL, as_of=noon(MID_MAY))


# -- the end -------------------------------------------------------------------------------


def test_the_end_gives_back_what_was_not_served() -> None:
    events = cancel(catalog=CATALOG, subscription=SMALL, as_of=noon(MID_MAY), reason="moves")
    known = SMALL.after(events)

    assert (known.status, known.ended_on, known.credit_micros) == (
        Status.CANCELLED,
        MID_MAY,
        5_160_000,
    )
    assert not known.is_served(MID_MAY)
    assert known.is_served(date(2026, 5, 15))
    assert not known.is_served(date(2026, 4, 30))
    assert charge_cycle(catalog=CATALOG, subscription=known, as_of=noon(JUNE)) == ()


def test_the_end_may_be_a_later_day_of_the_cycle() -> None:
    events = cancel(catalog=CATALOG, subscription=SMALL, as_of=noon(MID_MAY), on=JUNE)
    known = SMALL.after(events)

    assert (known.ended_on, known.credit_micros) == (JUNE, 0)
    for wrong in (date(2026, 5, 15), date(2026, 6, 2)):
        with pytest.raises(InvalidValue) as caught:
            cancel(catalog=CATALOG, subscription=SMALL, as_of=noon(MID_MAY), on=wrong)
        assert caught.value.name == "on"


def test_leaving_a_term_costs_its_fee_also_during_a_pause() -> None:
    known = subscriber(CATALOG, "bound", MAY)
    away = paused(known, MID_MAY)
    away = away.after(cancel(catalog=CATALOG, subscription=away, as_of=noon(date(2026, 5, 20))))

    assert away.due_micros - away.credit_micros == 33_000_000 - 16_000_000 + 30_000_000


def test_leaving_after_cycles_of_a_pause_costs_the_fees_that_are_left_then() -> None:
    bound = Commitment(cycles=3, early_termination=EarlyTermination.REMAINING_FEES)
    catalog = catalog_of(plan_of("bound", 31_000_000, commitment=bound))
    known = subscriber(catalog, "bound", MAY)
    known = known.after(pause(catalog=catalog, subscription=known, as_of=noon(MAY)))
    late = noon(date(2026, 7, 22))
    known = known.after(cancel(catalog=catalog, subscription=known, as_of=late))

    assert known.due_micros == 31_000_000
    assert known.credit_micros == 31_000_000 - 10_000_000


def test_after_the_end_nothing_can_be_done() -> None:
    known = SMALL.after(cancel(catalog=CATALOG, subscription=SMALL, as_of=noon(MID_MAY)))

    for command in (cancel, pause, resume):
        with pytest.raises(CommandRefused) as caught:
            command(catalog=CATALOG, subscription=known, as_of=noon(MID_MAY))
        assert caught.value.field == "status"


# -- usage ---------------------------------------------------------------------------------


def test_usage_is_counted_whole_so_that_counting_twice_does_no_harm() -> None:
    calls = ((date(2026, 5, 3), 100), (date(2026, 5, 9), 250), (date(2026, 4, 30), 50))
    known = counted(SMALL, MID_MAY, *calls)

    (counter,) = known.counters
    assert (counter.used, counter.left) == (60 * 310, 0)
    assert known.usage_micros == 40 * 100_000
    again = counted(known, MID_MAY, *calls)
    assert again.counters == known.counters
    assert counted(SMALL, date(2026, 5, 5), *calls).counters[0].used == 6_000


def test_usage_before_a_switch_is_not_counted_again_for_the_new_plan() -> None:
    catalog = catalog_of(
        plan_of("small", 10_000_000, allowances=(minutes("all", 310),)),
        plan_of("big", 20_000_000, allowances=(minutes("all", 620),)),
    )
    calls = [call_on(MID_MAY, 30), call_on(date(2026, 5, 17), 5)]
    known = subscriber(catalog, "small", MAY)
    known = known.after(
        count_usage(catalog=catalog, subscription=known, calls=calls, as_of=noon(MID_MAY))
    )
    known = switched_to(catalog, known, "big", MID_MAY)
    known = known.after(
        count_usage(catalog=catalog, subscription=known, calls=calls, as_of=noon(date(2026, 5, 18)))
    )

    assert [each.used for each in known.counters] == [60 * 35]


@pytest.mark.parametrize(
    ("mode", "limit", "used"),
    [
        (AllowanceMode.PRORATED, 60 * (150 + 320), 6_000),
        (AllowanceMode.FULL, 60 * 620, 6_000),
        (AllowanceMode.RESET, 60 * 620, 0),
        (AllowanceMode.SUM, 60 * (150 + 620), 6_000),
    ],
)
def test_each_mode_of_allowances(mode: AllowanceMode, limit: int, used: int) -> None:
    switching = Switching(upgrade="immediately", downgrade="immediately", allowance=mode)
    catalog = catalog_of(
        plan_of("small", 10_000_000, allowances=(minutes("all", 310),)),
        plan_of("big", 20_000_000, allowances=(minutes("all", 620),), switching=switching),
    )
    known = subscriber(catalog, "small", MAY)
    known = known.after(
        count_usage(
            catalog=catalog,
            subscription=known,
            calls=[call_on(date(2026, 5, 3), 100)],
            as_of=noon(MID_MAY),
        )
    )
    (counter,) = switched_to(catalog, known, "big", MID_MAY).counters

    assert (counter.limit, counter.used) == (limit, used)


def test_parts_of_allowances_are_rounded_as_the_plan_says() -> None:
    limits = []
    for mode in (RoundingMode.DOWN, RoundingMode.HALF_UP):
        switching = replace(AT_ONCE, allowance_rounding=mode)
        catalog = catalog_of(
            plan_of("odd", 1, allowances=(minutes("all", 1),), switching=switching)
        )
        known = subscriber(catalog, "odd", date(2026, 5, 2), anchor=MAY)
        limits.append(known.counters[0].limit)

    assert limits == [58, 58]
    catalog = catalog_of(
        plan_of(
            "odd",
            1,
            allowances=(minutes("all", 1),),
            switching=replace(AT_ONCE, allowance_rounding=RoundingMode.HALF_UP),
        )
    )
    assert subscriber(catalog, "odd", date(2026, 5, 3), anchor=MAY).counters[0].limit == 56


def test_use_of_unlimited_calls_counts_against_no_limit() -> None:
    catalog = catalog_of(
        plan_of("endless", 30_000_000, allowances=(minutes("all", None),)),
        plan_of("small", 10_000_000, allowances=(minutes("some", 310),)),
    )
    known = subscriber(catalog, "endless", MAY)
    known = known.after(
        count_usage(
            catalog=catalog,
            subscription=known,
            calls=[call_on(date(2026, 5, 3), 900)],
            as_of=noon(MID_MAY),
        )
    )
    assert known.counters[0].used == 54_000
    (counter,) = switched_to(catalog, known, "small", MID_MAY).counters

    assert (counter.limit, counter.used) == (60 * 160, 0)


def test_tax_that_was_paid_comes_back() -> None:
    catalog = catalog_of(plan_of("small", 9_990_000), tax=tax_of(7))
    known = subscriber(catalog, "small", MAY)
    known = known.after(cancel(catalog=catalog, subscription=known, as_of=noon(MAY)))

    assert known.credit_micros == known.due_micros == 10_690_000
