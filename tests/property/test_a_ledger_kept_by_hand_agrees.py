"""A subscriber lives: calls, days, switches in every mode, pauses, new prices, the end.

After each step the subscription agrees, to the cent and the second, with a ledger that is kept
day by day beside it and knows nothing of `plan_rules`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from plan_rules.catalog import Catalog, Commitment, Dated, EarlyTermination, Intro, Plan
from plan_rules.money import Money
from plan_rules.switching import (
    Confirmation,
    StaleQuote,
    Status,
    Subscription,
    SwitchQuote,
    activate,
    cancel,
    cancel_schedule,
    charge_cycle,
    confirm_switch,
    count_usage,
    credit_account,
    pause,
    quote_switch,
    read_subscription,
    resume,
    subscription_document,
)
from plan_rules.testing import CUSTOMER
from plan_rules.usage import Call
from tests.property.ledger import Ledger, Offer, Stand, month_day
from tests.unit.switching.subscribers import MEXICO, ZONE, catalog_of, minutes, plan_of

CENT = 10_000
OFFERS = {
    "small": Offer(fee=1000, minutes=100),
    "big": Offer(fee=2599, minutes=301),
    "free": Offer(fee=0),
    "lured": Offer(fee=1234, minutes=77, intro=(3, 499)),
    "bound": Offer(fee=800, once=500, bound=(4, 3000)),
}
IDS = st.sampled_from(sorted(OFFERS))
MODES = ("immediately", "full-price", "none", "value-to-days", "back-dated")


def plan_for(plan_id: str, prices: list[tuple[date, int]]) -> Plan:
    """Return an offer as a plan."""
    offer = OFFERS[plan_id]
    given: dict[str, object] = {"fee": Dated(tuple((day, fee * CENT) for day, fee in prices))}
    if offer.minutes:
        given["allowances"] = (minutes("all", offer.minutes),)
    if offer.intro:
        given["intro"] = Intro(cycles=offer.intro[0], fee=offer.intro[1] * CENT)
    if offer.once:
        given["one_time"] = (("activation", offer.once * CENT),)
    if offer.bound:
        cycles, fee = offer.bound
        fixed = EarlyTermination.FIXED
        given["commitment"] = Commitment(cycles=cycles, early_termination=fixed, amount=fee * CENT)
    return replace(plan_of(plan_id, 0), **given)  # type: ignore[arg-type]


class Subscriber(RuleBasedStateMachine):
    """One subscription and its ledger, with a clock of minutes within each day."""

    @initialize(start=st.dates(date(2024, 1, 1), date(2026, 12, 31)), plan=IDS)
    def activated(self, start: date, plan: str) -> None:
        self.prices = {each: [(date(2000, 1, 1), offer.fee)] for each, offer in OFFERS.items()}
        self.minute, self.calls, self.key = 0, list[Call](), 0
        self.ledger = Ledger(
            offers=OFFERS,
            prices=self.prices,
            today=start,
            stand=Stand(plan=plan, anchor=start, start=start, end=month_day(start, 1)),
        )
        self.ledger.begin(plan)
        self.catalog = self.made_catalog()
        customer = replace(CUSTOMER, anchor=start)
        self.known = Subscription.replay(
            activate(catalog=self.catalog, customer=customer, plan=plan, as_of=self.now())
        )

    def made_catalog(self) -> Catalog:
        return catalog_of(*(plan_for(each, prices) for each, prices in self.prices.items()))

    def now(self) -> datetime:
        self.minute += 1
        start = datetime.combine(self.ledger.today, datetime.min.time(), ZONE)
        return start.replace(hour=9 + self.minute // 60, minute=self.minute % 60)

    def sync(self) -> None:
        """Charge what is due, as a host does every day."""
        events = charge_cycle(catalog=self.catalog, subscription=self.known, as_of=self.now())
        self.known = self.known.after(events)

    @property
    def is_active(self) -> bool:
        return self.ledger.paused is None and self.ledger.ended is None

    @rule(days=st.integers(1, 40))
    def days_pass(self, days: int) -> None:
        self.minute = 0
        for _ in range(days):
            self.ledger.live(1)
            self.sync()

    @precondition(lambda self: self.is_active)
    @rule(length=st.integers(1, 120))
    def a_call(self, length: int) -> None:
        self.calls.append(Call(start=self.now(), number=MEXICO, seconds=60 * length))
        self.ledger.pending.append(length)
        self.usage_is_counted()

    def usage_is_counted(self) -> None:
        events = count_usage(
            catalog=self.catalog, subscription=self.known, calls=self.calls, as_of=self.now()
        )
        self.known = self.known.after(events)
        self.ledger.count()

    def quote(self, to: str, **given: object) -> SwitchQuote | None:
        quote = quote_switch(
            catalog=self.catalog,
            subscription=self.known,
            to=to,
            as_of=self.now(),
            **given,  # type: ignore[arg-type]
        )
        return quote if isinstance(quote, SwitchQuote) else None

    def confirm(self, quote: SwitchQuote) -> Confirmation:
        self.key += 1
        done = confirm_switch(
            quote=quote,
            subscription=self.known,
            catalog=self.catalog,
            as_of=self.now(),
            key=f"key {self.key}",
        )
        self.known = done.subscription
        again = confirm_switch(
            quote=quote,
            subscription=self.known,
            catalog=self.catalog,
            as_of=self.now() + timedelta(days=400),
            key=f"key {self.key}",
        )
        assert again == done
        return done

    @precondition(lambda self: self.is_active)
    @rule(to=IDS, mode=st.sampled_from(MODES))
    def a_switch_today(self, to: str, mode: str) -> None:
        self.usage_is_counted()
        quote = self.quote(to, policy=mode)
        assert quote is not None
        moved = self.ledger.switch(to, mode)
        assert quote.gross_micros == moved * CENT, quote.lines
        assert self.confirm(quote).lines == quote.lines
        self.ledger.arrive()
        self.sync()

    @precondition(lambda self: self.is_active)
    @rule(to=IDS, data=st.data())
    def a_switch_is_agreed(self, to: str, data: st.DataObject) -> None:
        stand = self.ledger.stand
        soon = self.ledger.today + timedelta(days=1)
        if to == stand.plan:
            return
        day = data.draw(st.dates(soon, stand.end)) if soon < stand.end else stand.end
        quote = self.quote(to, policy="immediately", on=day)
        assert quote is not None
        self.ledger.agreed = (to, day, self.pinned(to, day))
        self.confirm(quote)

    def pinned(self, to: str, day: date) -> int:
        """Return the price of a full cycle that a switch on a later day is agreed at."""
        offer, ledger = OFFERS[to], self.ledger
        billed = [
            paid.price
            for paid in ledger.stand.paid
            if paid.plan == to and (paid.start, paid.end) == (ledger.stand.start, ledger.stand.end)
        ]
        if billed and day < ledger.stand.end:
            return billed[-1]
        if offer.intro and to not in ledger.had_intro:
            return offer.intro[1]
        return ledger.listed(to, day)

    @precondition(lambda self: self.is_active and self.ledger.agreed is not None)
    @rule()
    def the_agreed_switch_is_called_off(self) -> None:
        self.known = self.known.after(
            cancel_schedule(subscription=self.known, as_of=self.now(), reason="no more")
        )
        self.ledger.agreed = None

    @precondition(lambda self: self.is_active and self.ledger.agreed is None)
    @rule()
    def a_pause(self) -> None:
        self.usage_is_counted()
        self.known = self.known.after(
            pause(catalog=self.catalog, subscription=self.known, as_of=self.now())
        )
        self.ledger.pause()

    @precondition(lambda self: self.ledger.paused is not None)
    @rule()
    def a_return(self) -> None:
        self.known = self.known.after(
            resume(catalog=self.catalog, subscription=self.known, as_of=self.now())
        )
        self.ledger.resume()

    @rule(plan=IDS, ahead=st.integers(0, 60), fee=st.integers(0, 4000))
    def a_new_price_is_published(self, plan: str, ahead: int, fee: int) -> None:
        day = self.ledger.today + timedelta(days=ahead)
        old = None
        if self.is_active and plan != self.ledger.stand.plan:
            old = self.quote(plan, policy="immediately")
        before = self.catalog
        entries = dict(self.prices[plan])
        entries[day] = fee
        self.prices[plan] = sorted(entries.items())
        self.ledger.prices = self.prices
        self.catalog = self.made_catalog()
        if old is not None and self.catalog != before:
            with pytest.raises(StaleQuote) as caught:
                self.confirm(old)
            assert caught.value.field == "catalog"

    @rule(cents=st.integers(1, 5000))
    def a_gift(self, cents: int) -> None:
        self.known = self.known.after(
            credit_account(
                subscription=self.known,
                amount=Money(cents * CENT, "USD"),
                reason="sorry",
                as_of=self.now(),
            )
        )
        self.ledger.credit += cents

    @precondition(lambda self: self.ledger.ended is None and self.key > 4)
    @rule()
    def the_end(self) -> None:
        self.known = self.known.after(
            cancel(catalog=self.catalog, subscription=self.known, as_of=self.now())
        )
        self.ledger.cancel()

    @invariant()
    def money_agrees(self) -> None:
        assert self.known.credit_micros == self.ledger.credit * CENT
        assert self.known.due_micros == self.ledger.due * CENT
        cost = sum(self.ledger.daily.values(), Fraction(0))
        assert abs(self.ledger.moved - cost) <= Fraction(self.ledger.lines, 2)

    @invariant()
    def plan_and_cycle_agree(self) -> None:
        stand = self.ledger.stand
        assert self.known.plan_id == stand.plan
        assert (self.known.cycle.start, self.known.cycle.end) == (stand.start, stand.end)
        assert self.known.on_plan.promotion_left == (stand.intro[0] if stand.intro else 0)
        ends = None if self.known.term is None else self.known.term.end
        assert ends == (stand.term[0] if stand.term else None)
        expected = Status.CANCELLED if self.ledger.ended else Status.ACTIVE
        assert self.known.status is (Status.PAUSED if self.ledger.paused else expected)

    @invariant()
    def minutes_agree(self) -> None:
        if self.is_active and OFFERS[self.ledger.stand.plan].minutes:
            (counter,) = self.known.counters
            assert counter.limit == self.ledger.included()
            assert counter.used == self.ledger.used

    def teardown(self) -> None:
        if hasattr(self, "known"):
            assert Subscription.replay(self.known.events) == self.known
            assert read_subscription(subscription_document(self.known)) == self.known


TestSubscriber = Subscriber.TestCase
TestSubscriber.settings = settings(stateful_step_count=25, suppress_health_check=list(HealthCheck))
