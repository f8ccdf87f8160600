from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from plan_rules.errors import InvalidValue
from plan_rules.money import Money
from plan_rules.rules.effect import ProofKind
from plan_rules.switching import (
    Eligibility,
    ExpiredQuote,
    KeyInUse,
    LineKind,
    MissingConsent,
    Moment,
    QuoteNotConfirmed,
    Reason,
    Requirement,
    Scheduled,
    StaleQuote,
    Subscription,
    Switched,
    SwitchQuote,
    WrongCustomer,
    cancel_schedule,
    confirm_switch,
    count_usage,
    credit_account,
    pause,
    resume,
)
from tests.unit.switching.subscribers import (
    AT_ONCE,
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
ALL = (minutes("all", 310),)
CATALOG = catalog_of(
    plan_of("small", 10_000_000, allowances=ALL),
    plan_of("big", 25_990_000),
    plan_of("third", 15_000_000),
)
SMALL = subscriber(CATALOG, "small", MAY)
QUOTE = quoted(CATALOG, SMALL, "big", MID_MAY)


def refused(error: type[QuoteNotConfirmed], **given: object) -> QuoteNotConfirmed:
    """Confirm with something changed; return the refusal, and see that nothing changed."""
    subscription = given.get("subscription", SMALL)
    assert isinstance(subscription, Subscription)
    before = Subscription.replay(subscription.events)
    settings: dict[str, object] = {
        "quote": QUOTE,
        "subscription": SMALL,
        "catalog": CATALOG,
        "as_of": noon(MID_MAY),
        "key": "key",
    }
    with pytest.raises(error) as caught:
        confirm_switch(**{**settings, **given})  # type: ignore[arg-type]
    assert subscription == before
    assert caught.value.remedy
    return caught.value


def test_a_switch_of_today_takes_place_at_once() -> None:
    done = confirmed(CATALOG, SMALL, QUOTE, MID_MAY)

    (event,) = done.events
    assert isinstance(event.change, Switched)
    assert (event.effective, event.recorded) == (MID_MAY, noon(MID_MAY))
    assert done.subscription.plan_id == "big"
    assert (done.effective, done.is_scheduled) == (MID_MAY, False)
    assert done.lines == QUOTE.lines
    assert done.subscription.due_micros == 10_000_000 + 8_250_000


def test_a_switch_of_a_later_day_is_agreed_and_takes_place_then() -> None:
    quote = quoted(CATALOG, SMALL, "big", MID_MAY, on=date(2026, 5, 20))
    done = confirmed(CATALOG, SMALL, quote, MID_MAY)

    assert isinstance(done.events[0].change, Scheduled)
    assert done.is_scheduled
    assert done.subscription.plan_id == "small"
    assert charged(CATALOG, done.subscription, date(2026, 5, 19)).plan_id == "small"
    then = charged(CATALOG, done.subscription, date(2026, 5, 20))
    assert then.plan_id == "big"
    assert then.due_micros == done.subscription.due_micros + quote.gross_micros
    assert then.scheduled is None


def test_charges_agreed_for_later_hold_against_a_new_price() -> None:
    quote = quoted(CATALOG, SMALL, "big", MID_MAY, at=Moment.NEXT_CYCLE)
    agreed = confirmed(CATALOG, SMALL, quote, MID_MAY).subscription
    dearer = catalog_of(plan_of("small", 10_000_000, allowances=ALL), plan_of("big", 40_000_000))

    then = charged(dearer, agreed, JUNE)

    assert [each.paid_micros for each in then.payments] == [25_990_000]
    assert charged(dearer, then, date(2026, 7, 1)).payments[-1].paid_micros == 40_000_000


def test_what_comes_back_later_is_counted_by_what_was_paid_by_then() -> None:
    quote = quoted(CATALOG, SMALL, "big", MID_MAY, on=date(2026, 6, 16))
    agreed = confirmed(CATALOG, SMALL, quote, MID_MAY).subscription
    cheaper = catalog_of(plan_of("small", 6_000_000, allowances=ALL), plan_of("big", 25_990_000))

    then = charged(cheaper, agreed, date(2026, 6, 16))

    change = then.events[-1].change
    assert isinstance(change, Switched)
    back = next(line for line in change.lines if line.kind is LineKind.CREDIT)
    assert (back.price_micros, back.amount_micros) == (6_000_000, -3_000_000)


def test_a_switch_agreed_for_later_is_replaced_by_the_next_one() -> None:
    first = quoted(CATALOG, SMALL, "big", MID_MAY, at=Moment.NEXT_CYCLE)
    known = confirmed(CATALOG, SMALL, first, MID_MAY).subscription
    second = quoted(CATALOG, known, "third", MID_MAY, at=Moment.NEXT_CYCLE)
    known = confirmed(CATALOG, known, second, MID_MAY).subscription

    assert charged(CATALOG, known, JUNE).plan_id == "third"


def test_a_switch_at_once_replaces_the_one_agreed_for_later() -> None:
    first = quoted(CATALOG, SMALL, "big", MID_MAY, at=Moment.NEXT_CYCLE)
    known = confirmed(CATALOG, SMALL, first, MID_MAY).subscription

    known = switched_to(CATALOG, known, "third", MID_MAY)

    assert known.scheduled is None
    assert charged(CATALOG, known, JUNE).plan_id == "third"


def test_a_switch_agreed_for_later_can_be_called_off() -> None:
    quote = quoted(CATALOG, SMALL, "big", MID_MAY, at=Moment.NEXT_CYCLE)
    known = confirmed(CATALOG, SMALL, quote, MID_MAY).subscription
    known = known.after(cancel_schedule(subscription=known, as_of=noon(MID_MAY)))

    assert charged(CATALOG, known, JUNE).plan_id == "small"


def test_the_same_key_gives_the_first_result_whatever_happened_since() -> None:
    first = confirmed(CATALOG, SMALL, QUOTE, MID_MAY, key="once")
    later = charged(CATALOG, first.subscription, JUNE)
    later = switched_to(CATALOG, later, "third", JUNE)

    again = confirm_switch(
        quote=QUOTE, subscription=later, catalog=catalog_of(), as_of=noon(JUNE), key="once"
    )

    assert again == first


def test_a_key_is_of_one_quote() -> None:
    known = confirmed(CATALOG, SMALL, QUOTE, MID_MAY, key="once").subscription
    other = quoted(CATALOG, known, "third", MID_MAY)

    found = refused(KeyInUse, quote=other, subscription=known, key="once")
    assert found.field == "key"


def test_a_changed_catalog_makes_a_quote_stale() -> None:
    dearer = catalog_of(plan_of("small", 10_000_000, allowances=ALL), plan_of("big", 30_000_000))
    found = refused(StaleQuote, catalog=dearer)

    assert isinstance(found, StaleQuote)
    assert (found.field, found.pinned) == ("catalog", QUOTE.catalog_digest)


def test_a_changed_subscription_makes_a_quote_stale() -> None:
    gift = Money(1_000_000, "USD")
    known = SMALL.after(
        credit_account(subscription=SMALL, amount=gift, reason="sorry", as_of=noon(MID_MAY))
    )
    found = refused(StaleQuote, subscription=known)

    assert isinstance(found, StaleQuote)
    assert (found.field, found.pinned, found.found) == ("subscription", 2, 3)


def test_counting_usage_does_not_make_a_quote_stale() -> None:
    known = SMALL.after(
        count_usage(
            catalog=CATALOG,
            subscription=SMALL,
            calls=[call_on(date(2026, 5, 3), 7)],
            as_of=noon(MID_MAY),
        )
    )
    done = confirmed(CATALOG, known, QUOTE, MID_MAY)

    assert done.lines == QUOTE.lines
    assert [each.used for each in done.subscription.spent] == [420]


@pytest.mark.parametrize("late", [timedelta(), timedelta(seconds=1), timedelta(days=9)])
def test_an_expired_quote_is_refused(late: timedelta) -> None:
    found = refused(ExpiredQuote, as_of=QUOTE.valid_until + late)

    assert isinstance(found, ExpiredQuote)
    assert (found.field, found.valid_until) == (
        "as_of",
        datetime.fromisoformat("2026-05-17T00:00-04:00"),
    )


def test_the_last_second_is_not_too_late() -> None:
    done = confirm_switch(
        quote=QUOTE,
        subscription=SMALL,
        catalog=CATALOG,
        as_of=QUOTE.valid_until - timedelta(seconds=1),
        key="late",
    )

    assert done.effective == MID_MAY


def test_the_quote_of_another_customer_is_refused() -> None:
    other = replace(SMALL, customer_id="other")
    with pytest.raises(WrongCustomer) as quoted_for:
        confirm_switch(
            quote=QUOTE, subscription=other, catalog=CATALOG, as_of=noon(MID_MAY), key="key"
        )
    assert (quoted_for.value.field, quoted_for.value.quoted) == ("customer", SMALL.customer_id)
    assert refused(WrongCustomer, customer="other").field == "customer"
    moved = replace(SMALL, id="second line")
    with pytest.raises(WrongCustomer) as caught:
        confirm_switch(
            quote=QUOTE, subscription=moved, catalog=CATALOG, as_of=noon(MID_MAY), key="key"
        )
    assert caught.value.field == "subscription.id"


def test_consents_and_documents_are_demanded() -> None:
    rules = Eligibility(
        required=(
            Requirement(
                id="autopay",
                kind=ProofKind.CONSENT,
                reason=Reason(rule="asks", text="automatic payment"),
            ),
            Requirement(
                id="id-card",
                kind=ProofKind.DOCUMENT,
                reason=Reason(rule="asks", text="students"),
            ),
        )
    )
    quote = quoted(CATALOG, SMALL, "big", MID_MAY, eligibility=rules)
    found = refused(MissingConsent, quote=quote, consents=["autopay", "more"])

    assert isinstance(found, MissingConsent)
    assert (found.field, found.missing) == ("consents", ("id-card",))
    done = confirmed(CATALOG, SMALL, quote, MID_MAY, consents=["id-card", "autopay"])
    assert done.subscription.plan_id == "big"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"key": ""}, "key"),
        ({"as_of": datetime(2026, 5, 16, 12)}, "moment"),  # noqa: DTZ001
        ({"as_of": noon(MID_MAY) - timedelta(hours=1)}, "as_of"),
        ({"quote": replace(QUOTE, lines=())}, "quote.digest"),
        ({"quote": replace(QUOTE, valid_until=noon(JUNE))}, "quote.digest"),
    ],
)
def test_misuse_is_told_by_its_field(given: dict[str, object], name: str) -> None:
    settings: dict[str, object] = {
        "quote": QUOTE,
        "subscription": SMALL,
        "catalog": CATALOG,
        "as_of": noon(MID_MAY),
        "key": "key",
    }
    with pytest.raises(InvalidValue) as caught:
        confirm_switch(**{**settings, **given})  # type: ignore[arg-type]

    assert caught.value.name == name


def test_three_switches_in_a_cycle_forget_no_credit() -> None:
    known = switched_to(CATALOG, SMALL, "big", date(2026, 5, 11))
    known = switched_to(CATALOG, known, "third", date(2026, 5, 21))
    known = switched_to(CATALOG, known, "small", date(2026, 5, 26))

    paid = 10_000_000 - 6_770_000 + 17_610_000 - 9_220_000 + 5_320_000 - 2_900_000 + 1_940_000
    assert known.due_micros - known.credit_micros == paid
    exact = (10 * 10 + 10 * 25.99 + 5 * 15 + 6 * 10) / 31
    assert abs(paid / 1_000_000 - exact) < 0.035


def test_there_and_back_on_one_day_undoes_what_was_charged_once() -> None:
    catalog = catalog_of(
        plan_of("small", 10_000_000), plan_of("big", 25_990_000, one_time=(("card", 5_000_000),))
    )
    known = subscriber(catalog, "small", MAY)
    there = switched_to(catalog, known, "big", MID_MAY)
    back = quoted(catalog, there, "small", MID_MAY)

    assert back.undoes == 3
    assert {line.kind for line in back.lines} == {LineKind.REVERSAL}
    assert back.gross_micros == -(8_250_000 + 5_000_000)
    then = confirmed(catalog, there, back, MID_MAY).subscription
    assert then.on_plan == known.on_plan
    assert then.due_micros - then.credit_micros == known.due_micros


def test_what_was_used_is_not_forgotten_by_a_new_cycle_that_is_undone() -> None:
    calls = [call_on(date(2026, 5, 3), 100)]
    known = SMALL.after(
        count_usage(catalog=CATALOG, subscription=SMALL, calls=calls, as_of=noon(MID_MAY))
    )
    there = switched_to(CATALOG, known, "big", MID_MAY, policy="full-price")
    back = switched_to(CATALOG, there, "small", MID_MAY)
    assert [(each.used, each.limit) for each in back.counters] == [(6_000, 60 * 310)]
    away = back.after(pause(catalog=CATALOG, subscription=back, as_of=noon(MID_MAY)))
    again = away.after(resume(catalog=CATALOG, subscription=away, as_of=noon(MID_MAY)))

    assert [(each.used, each.limit) for each in again.counters] == [(6_000, 60 * 310)]


def test_what_was_undone_can_be_done_again() -> None:
    there = switched_to(CATALOG, SMALL, "big", MID_MAY)
    back = switched_to(CATALOG, there, "small", MID_MAY)
    again = quoted(CATALOG, back, "big", MID_MAY)

    assert (again.undoes, again.gross_micros) == (0, QUOTE.gross_micros)


def test_the_next_day_is_too_late_to_undo() -> None:
    catalog = catalog_of(
        plan_of("small", 10_000_000), plan_of("big", 25_990_000, one_time=(("card", 5_000_000),))
    )
    there = switched_to(catalog, subscriber(catalog, "small", MAY), "big", MID_MAY)
    back = quoted(catalog, there, "small", date(2026, 5, 17))

    assert back.undoes == 0
    assert all(line.kind is not LineKind.REVERSAL for line in back.lines)


def test_a_way_back_that_the_policy_would_put_off_may_still_be_taken_today() -> None:
    later = replace(AT_ONCE, downgrade="cycle-end")
    catalog = catalog_of(plan_of("small", 10_000_000), plan_of("big", 25_990_000, switching=later))
    there = switched_to(catalog, subscriber(catalog, "small", MAY), "big", MID_MAY)

    assert quoted(catalog, there, "small", MID_MAY).effective == MID_MAY


def test_a_back_dated_switch_counts_from_the_start_of_the_cycle() -> None:
    known = switched_to(CATALOG, SMALL, "big", date(2026, 5, 11))
    quote: SwitchQuote = quoted(CATALOG, known, "third", MID_MAY, policy="back-dated")

    assert quote.effective == MAY
    assert quote.gross_micros == 15_000_000 - (10_000_000 - 6_770_000) - 17_610_000
    then = confirmed(CATALOG, known, quote, MID_MAY).subscription
    assert (then.on_plan.since, then.cycle.start) == (MAY, MAY)
    assert then.events[-1].effective == MAY
    assert then.due_micros - then.credit_micros == 15_000_000


def test_a_switch_dated_back_to_the_day_of_another_one_does_not_undo_it() -> None:
    catalog = catalog_of(plan_of("small", 10_000_000), plan_of("big", 25_990_000))
    there = switched_to(catalog, subscriber(catalog, "small", MAY), "big", MAY)
    quote = quoted(catalog, there, "small", MID_MAY, policy="back-dated")

    assert (quote.effective, quote.undoes) == (MAY, 0)
    assert [line.kind for line in quote.lines] == [LineKind.CREDIT, LineKind.FEE]


@pytest.mark.parametrize("cents", [908, 912, 950, 999, 1234, 1999])
def test_what_comes_back_in_parts_comes_back_with_all_of_its_tax(cents: int) -> None:
    catalog = catalog_of(
        plan_of("small", 10_000 * cents),
        plan_of("big", 25_990_000),
        plan_of("third", 15_000_000),
        tax=tax_of(7),
    )
    known = switched_to(catalog, subscriber(catalog, "small", MAY), "big", date(2026, 5, 9))
    known = switched_to(catalog, known, "third", MID_MAY, policy="back-dated")

    assert [each.left_gross_micros for each in known.payments[:2]] == [0, 0]


def test_a_back_dated_plan_takes_the_days_of_the_others_for_good() -> None:
    catalog = catalog_of(
        plan_of("small", 10_000_000, allowances=(minutes("all", 310),)),
        plan_of("big", 20_000_000, allowances=(minutes("all", 620),)),
        plan_of("third", 15_000_000, allowances=(minutes("all", 155),)),
    )
    known = switched_to(catalog, subscriber(catalog, "small", MAY), "big", date(2026, 5, 9))
    known = switched_to(catalog, known, "third", MID_MAY, policy="back-dated")
    assert [each.limit for each in known.counters] == [60 * 155]
    away = known.after(pause(catalog=catalog, subscription=known, as_of=noon(MID_MAY)))
    again = away.after(resume(catalog=catalog, subscription=away, as_of=noon(MID_MAY)))

    assert [each.limit for each in again.counters] == [60 * 155]
