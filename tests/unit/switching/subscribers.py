"""Plans, catalogs and a subscriber for tests of switches; everything is told by keyword."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

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
    Switching,
    Tax,
)
from plan_rules.destinations import parse_selector
from plan_rules.switching import (
    Confirmation,
    Subscription,
    SwitchQuote,
    SwitchRefusal,
    activate,
    charge_cycle,
    confirm_switch,
    quote_switch,
)
from plan_rules.testing import CUSTOMER, UNIVERSE
from plan_rules.usage import Call

ZONE = ZoneInfo("America/New_York")
MEXICO, LONDON = "+523312345678", "+442079460000"
EVERYWHERE = (parse_selector("default"),)
AT_ONCE = Switching(upgrade="immediately", downgrade="immediately")
TEN_CENTS = RateTerms(price=100_000, increment=Increment(60, 60))


def plan_of(plan_id: str, fee: int, **given: object) -> Plan:
    """Return a plan whose fee is in micros, which lets one switch from it at once."""
    settings: dict[str, object] = {
        "id": plan_id,
        "name": plan_id,
        "kind": PlanKind.PAY_PER_MINUTE,
        "summary": "",
        "fee": Dated.always(fee),
        "rates": "table",
        "switching": AT_ONCE,
    }
    return Plan(**{**settings, **given})  # type: ignore[arg-type]


def minutes(allowance_id: str, amount: int | None, *to: str) -> Allowance:
    """Return an allowance of minutes to some destinations, everywhere if none is named."""
    return Allowance(
        id=allowance_id,
        unit=AllowanceUnit.SECONDS,
        amount=None if amount is None else 60 * amount,
        to=tuple(parse_selector(each) for each in to) or EVERYWHERE,
    )


def catalog_of(*plans: Plan, tax: Tax | None = None, currency: str = "USD") -> Catalog:
    """Return a catalog in which a minute costs ten cents wherever it is not included."""
    entry = RateEntry(selector=EVERYWHERE[0], terms=Dated.always(TEN_CENTS))
    return Catalog(
        id="switches",
        currency=currency,
        zone="America/New_York",
        plans={plan.id: plan for plan in plans},
        rate_tables={"table": RateTable(id="table", entries=(entry,))},
        base_numbering=UNIVERSE,
        tax=tax,
    )


def tax_of(percent: int, *, included: bool = False) -> Tax:
    """Return a tax on everything."""
    rate = Fraction(percent, 100)
    return Tax(usage=rate, fee=rate, included=included)


def noon(day: date) -> datetime:
    """Return noon in the subscriber's zone."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=ZONE)


def call_on(day: date, minutes_called: int, number: str = MEXICO) -> Call:
    """Return a call at ten in the morning."""
    start = noon(day) - timedelta(hours=2)
    return Call(start=start, number=number, seconds=60 * minutes_called)


def subscriber(
    catalog: Catalog, plan: str, on: date, *, anchor: date | None = None, country: str = ""
) -> Subscription:
    """Return a subscription that begins on a day, its anchor unless another is said."""
    customer = replace(CUSTOMER, anchor=anchor or on)
    return Subscription.replay(
        activate(
            catalog=catalog, customer=customer, plan=plan, as_of=noon(on), chosen_country=country
        )
    )


def charged(catalog: Catalog, subscription: Subscription, on: date) -> Subscription:
    """Return the subscription with all cycles up to a day charged."""
    return subscription.after(
        charge_cycle(catalog=catalog, subscription=subscription, as_of=noon(on))
    )


def asked(
    catalog: Catalog, subscription: Subscription, to: str, today: date, **given: object
) -> SwitchQuote | SwitchRefusal:
    """Return the answer to a customer who asks, at noon, to switch."""
    return quote_switch(
        catalog=catalog,
        subscription=subscription,
        to=to,
        as_of=noon(today),
        **given,  # type: ignore[arg-type]
    )


def quoted(
    catalog: Catalog, subscription: Subscription, to: str, today: date, **given: object
) -> SwitchQuote:
    """Return the quote of a switch that is known to be possible."""
    quote = asked(catalog, subscription, to, today, **given)
    assert isinstance(quote, SwitchQuote), quote
    return quote


def confirmed(
    catalog: Catalog,
    subscription: Subscription,
    quote: SwitchQuote,
    today: date,
    *,
    key: str = "",
    consents: Iterable[str] = (),
) -> Confirmation:
    """Return the confirmation of a quote at noon; the key is the quote's id unless said."""
    return confirm_switch(
        quote=quote,
        subscription=subscription,
        catalog=catalog,
        as_of=noon(today),
        key=key or quote.id,
        consents=consents,
    )


def switched_to(
    catalog: Catalog, subscription: Subscription, to: str, today: date, **given: object
) -> Subscription:
    """Return the subscription after a switch was quoted and confirmed at noon."""
    quote = quoted(catalog, subscription, to, today, **given)
    return confirmed(catalog, subscription, quote, today).subscription


def net(quote: SwitchQuote) -> int:
    """Return what the lines of a quote come to as priced."""
    return sum(line.amount_micros for line in quote.lines)
