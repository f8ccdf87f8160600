from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from plan_rules.catalog import (
    Billing,
    Catalog,
    Dated,
    Limit,
    LimitMetric,
    Limits,
    Reset,
    Volume,
    VolumeModel,
    VolumeTier,
)
from plan_rules.errors import CurrencyMismatch, InvalidValue
from plan_rules.periods import Period
from plan_rules.rating import Bill
from plan_rules.rules.effect import AdjustmentKind, Base
from plan_rules.switching import (
    Subscription,
    activate,
    bill_usage,
    cancel,
    charge_cycle,
    pause,
    quote_switch,
    resume,
)
from plan_rules.tariff.book import MakerKind
from plan_rules.usage import Call, Customer
from tests.unit.assessment import rule_catalogs
from tests.unit.assessment.rule_catalogs import DOLLAR, discount, is_
from tests.unit.switching.subscribers import (
    EVERYWHERE,
    LONDON,
    MEXICO,
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
)

JUNE = date(2026, 6, 1)
FIFTEENTH = date(2026, 6, 16)  # 15 of 30 days are left


def used(catalog: Catalog, known: Subscription, *calls: Call) -> list[Bill]:
    return list(bill_usage(catalog=catalog, subscription=known, calls=calls, on=JUNE))


def lines(bill: Bill) -> dict[MakerKind, int]:
    return {line.maker.kind: line.net_micros for line in bill.lines}


def test_each_plan_of_a_cycle_has_its_bill_without_a_fee() -> None:
    catalog = catalog_of(plan_of("one", 30 * DOLLAR), plan_of("two", 60 * DOLLAR))
    known = switched_to(catalog, subscriber(catalog, "one", JUNE), "two", FIFTEENTH)
    calls = [call_on(date(2026, 6, day), day) for day in (3, 15, 16, 30)]

    one, two = used(catalog, known, *calls)

    assert [(each.plan_id, len(each.charges)) for each in (one, two)] == [("one", 2), ("two", 2)]
    assert (one.total_micros, two.total_micros) == (18 * DOLLAR // 10, 46 * DOLLAR // 10)
    assert one.cycle == two.cycle == known.cycle
    assert MakerKind.FEE not in lines(one) | lines(two)


def test_a_minimum_spend_is_asked_for_the_share_of_the_cycle() -> None:
    catalog = catalog_of(
        plan_of("one", 0, billing=Billing(minimum_spend=Dated.always(6 * DOLLAR))),
        plan_of("two", 0, billing=Billing(minimum_spend=Dated.always(10 * DOLLAR))),
    )
    known = switched_to(catalog, subscriber(catalog, "one", JUNE), "two", FIFTEENTH)

    one, two = used(catalog, known, call_on(JUNE, 10), call_on(FIFTEENTH, 60))

    assert lines(one)[MakerKind.MINIMUM_SPEND] == 2 * DOLLAR
    assert lines(two)[MakerKind.MINIMUM_SPEND] == 0
    assert (one.total_micros, two.total_micros) == (3 * DOLLAR, 6 * DOLLAR)


def test_each_plan_counts_volume_from_nothing_and_whole_tiers() -> None:
    tiers = (VolumeTier(up_to=30, price=100_000), VolumeTier(up_to=None, price=50_000))
    volume = Volume(id="much", to=EVERYWHERE, model=VolumeModel.GRADUATED, tiers=tiers)
    catalog = catalog_of(plan_of("one", 0, volumes=(volume,)), plan_of("two", 0, volumes=(volume,)))
    known = switched_to(catalog, subscriber(catalog, "one", JUNE), "two", FIFTEENTH)

    one, two = used(catalog, known, call_on(JUNE, 30), call_on(FIFTEENTH, 40))

    assert (one.total_micros, two.total_micros) == (3 * DOLLAR, 3_500_000)


@pytest.mark.parametrize(
    ("metric", "amount", "numbers"),
    [(LimitMetric.SECONDS, 600, (MEXICO, MEXICO)), (LimitMetric.NUMBERS, 1, (MEXICO, LONDON))],
)
def test_fair_use_goes_on_where_a_plan_is_come_back_to(
    metric: LimitMetric, amount: int, numbers: tuple[str, str]
) -> None:
    fair = Limits(limits=(Limit(metric=metric, per=Reset.CYCLE, amount=amount),))
    world = replace(minutes("world", None), limits=fair)
    catalog = catalog_of(
        plan_of("one", 0, allowances=(world,)), plan_of("two", 0, allowances=(world,))
    )
    first = subscriber(catalog, "one", JUNE)
    there = switched_to(catalog, first, "two", date(2026, 6, 11))
    back = switched_to(catalog, there, "one", date(2026, 6, 21))
    before, between, after = (
        call_on(date(2026, 6, day), 10, number)
        for day, number in ((5, numbers[0]), (15, numbers[1]), (25, numbers[1]))
    )

    one, two = used(catalog, back, before, between, after)

    assert [charge.amount_micros for charge in one.charges] == [0, DOLLAR]
    assert two.total_micros == 0


def test_a_part_of_a_cycle_bears_its_part_of_an_amount() -> None:
    found = rule_catalogs.catalog(
        discount("calls", amount=4 * DOLLAR, on=Base.USAGE),
        discount("bill", amount=2 * DOLLAR, on=Base.BILL, kind=AdjustmentKind.SURCHARGE),
        discount("tenth", percent="10", on=Base.USAGE),
    )
    who = rule_catalogs.customer()
    known = begun(found, who, date(2026, 6, 16))
    made = rule_catalogs.calls(100, months=[6])
    (bill,) = bill_usage(
        catalog=found, subscription=known, calls=late(made), on=FIFTEENTH, customer=who
    )

    assert [(each.maker.id, each.amount_micros) for each in bill.adjustments] == [
        ("calls", -2 * DOLLAR),
        ("tenth", -1 * DOLLAR),
        ("bill", 1 * DOLLAR),
    ]
    assert bill.total_micros == 8 * DOLLAR


def late(calls: tuple[Call, ...]) -> tuple[Call, ...]:
    return tuple(Call(each.start.replace(day=20), each.number, each.seconds) for each in calls)


def begun(catalog: Catalog, who: Customer, on: date, plan: str = "plain") -> Subscription:
    return Subscription.replay(
        activate(catalog=catalog, customer=who, plan=plan, as_of=noon(on), on=on)
    )


@pytest.mark.parametrize(
    ("when", "minutes_called", "kinds"),
    [
        (is_("bill.calls", "gt", 0), 50, [(MakerKind.DISCOUNT, -5 * DOLLAR)]),
        (is_("bill.calls", "gt", 0), 0, []),
        (is_("bill.calls", "eq", 0), 50, [(MakerKind.DISCOUNT, 5 * DOLLAR)]),
        (is_("bill.calls", "eq", 0), 0, []),
    ],
)
def test_what_calls_change_of_the_fee_is_due_with_them(
    when: object, minutes_called: int, kinds: list[tuple[MakerKind, int]]
) -> None:
    found = rule_catalogs.catalog(discount("half", percent="50", when=when))  # type: ignore[arg-type]
    who = rule_catalogs.customer()
    made = rule_catalogs.calls(minutes_called, months=[6]) if minutes_called else ()
    (bill,) = bill_usage(
        catalog=found, subscription=begun(found, who, JUNE), calls=made, on=JUNE, customer=who
    )
    assert [(each.maker.kind, each.amount_micros) for each in bill.adjustments] == kinds


def test_rules_have_to_be_asked_about_somebody() -> None:
    found = rule_catalogs.catalog(discount("half", percent="50", on=Base.USAGE))
    known = begun(found, rule_catalogs.customer(), JUNE)
    with pytest.raises(InvalidValue) as unasked:
        bill_usage(catalog=found, subscription=known, calls=(), on=JUNE)
    assert unasked.value.name == "customer"
    with pytest.raises(CurrencyMismatch):
        bill_usage(catalog=replace(found, currency="EUR"), subscription=known, calls=(), on=JUNE)


def test_a_day_without_service_has_no_bill_and_a_past_cycle_has_its_own() -> None:
    catalog = catalog_of(plan_of("one", DOLLAR))
    known = subscriber(catalog, "one", JUNE)
    later = charged(catalog, known, date(2026, 8, 1))
    calls = [call_on(date(2026, 7, 4), 7), call_on(date(2026, 8, 4), 9)]

    def of(on: date) -> list[int]:
        found = bill_usage(catalog=catalog, subscription=later, calls=calls, on=on)
        return [each.total_micros for each in found]

    assert of(date(2026, 5, 31)) == []
    assert of(date(2026, 6, 30)) == [0]
    assert of(date(2026, 7, 1)) == [700_000]
    assert of(date(2026, 9, 1)) == []


def test_a_policy_that_charges_no_fee_leaves_none_to_adjust() -> None:
    found = rule_catalogs.catalog(discount("tenth", percent="10", on=Base.BILL))
    who = rule_catalogs.customer()
    known = begun(found, who, JUNE, "intro")

    def tenth_of(policy: str) -> list[int]:
        quote = quoted(found, known, "plain", FIFTEENTH, policy=policy, customer=who)
        after = confirmed(found, known, quote, FIFTEENTH).subscription
        bills = bill_usage(catalog=found, subscription=after, calls=(), on=JUNE, customer=who)
        return [sum(each.amount_micros for each in bill.adjustments) for bill in bills]

    assert tenth_of("immediately") == [-50_000, -500_000]
    assert tenth_of("none") == [-50_000, 0]


AFTERWARDS = Billing(fee_in_advance=False)


def test_a_fee_due_afterwards_is_adjusted_wherever_it_falls_due() -> None:
    found = rule_catalogs.catalog(discount("half", percent="50"), billing=AFTERWARDS)
    who = rule_catalogs.customer()
    known = begun(found, who, JUNE)

    def due(events: object) -> int:
        return known.after(events).due_micros  # type: ignore[arg-type]

    given = {"catalog": found, "subscription": known, "customer": who}
    july = datetime(2026, 7, 1, 16, tzinfo=UTC)
    middle = datetime(2026, 6, 16, 16, tzinfo=UTC)
    assert due(charge_cycle(**given, as_of=july)) == 5 * DOLLAR  # type: ignore[arg-type]
    assert due(pause(**given, as_of=middle)) == 2_500_000  # type: ignore[arg-type]
    assert due(cancel(**given, as_of=middle)) == 2_500_000  # type: ignore[arg-type]
    quote = quote_switch(**given, to="intro", as_of=middle, policy="immediately")  # type: ignore[arg-type]
    assert [line.amount_micros for line in quote.lines if line.plan_id == "plain"] == [2_500_000]  # type: ignore[union-attr]
    for command in (pause, cancel):
        with pytest.raises(InvalidValue) as unasked:
            command(catalog=found, subscription=known, as_of=middle)
        assert unasked.value.name == "customer"


def test_a_fee_due_afterwards_is_adjusted_by_the_rules_of_its_days() -> None:
    june = replace(discount("june", percent="50"), valid=Period(end=date(2026, 7, 1)))
    july = replace(discount("july", percent="90"), valid=Period(start=date(2026, 7, 1)))
    found = rule_catalogs.catalog(june, july, billing=AFTERWARDS)
    who = rule_catalogs.customer()
    known = begun(found, who, JUNE)
    first = datetime(2026, 7, 1, 16, tzinfo=UTC)
    after = known.after(charge_cycle(catalog=found, subscription=known, customer=who, as_of=first))
    assert after.due_micros == 5 * DOLLAR


def test_a_new_cycle_after_a_pause_is_adjusted() -> None:
    found = rule_catalogs.catalog(discount("half", percent="50"))
    who = rule_catalogs.customer()
    known = begun(found, who, JUNE)
    middle = datetime(2026, 6, 16, 16, tzinfo=UTC)
    august = datetime(2026, 8, 1, 16, tzinfo=UTC)
    away = known.after(pause(catalog=found, subscription=known, as_of=middle))
    back = away.after(resume(catalog=found, subscription=away, as_of=august, customer=who))
    assert [each.paid_micros for each in back.payments] == [5 * DOLLAR]
    with pytest.raises(InvalidValue):
        resume(catalog=found, subscription=away, as_of=august)
    soon = away.after(resume(catalog=found, subscription=away, as_of=middle))
    assert soon.payments[-1].price_micros == 5 * DOLLAR
