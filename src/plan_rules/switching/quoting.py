"""Quoting a switch: one day chosen, its lines pinned, all other days beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction

from plan_rules.assessment.eligibility import Eligibility
from plan_rules.catalog.catalog import Catalog
from plan_rules.catalog.plan import Plan
from plan_rules.errors import InvalidValue
from plan_rules.periods import epoch_seconds, midnight, time_zone
from plan_rules.switching.asking import rules_of
from plan_rules.switching.cheapest_day import Days, compare_days
from plan_rules.switching.demands import demand_charged, demand_currency, demand_day
from plan_rules.switching.documents import quote_digest
from plan_rules.switching.expected_bill import next_bill, steady_bill
from plan_rules.switching.fee_adjustment import FeeAdjustment
from plan_rules.switching.forecast import UsageForecast
from plan_rules.switching.move import Wish, counters_after
from plan_rules.switching.payment import Settlement
from plan_rules.switching.policy import IMMEDIATELY, SwitchPolicy, policy_named
from plan_rules.switching.quote import (
    Direction,
    Moment,
    SwitchQuote,
)
from plan_rules.switching.refusal import Refusal, SwitchRefusal, WhyRefused, WrongCustomer
from plan_rules.switching.subscription import Status, Subscription
from plan_rules.switching.terms import spoken_terms
from plan_rules.switching.warning import warnings_of
from plan_rules.tariff.compiling import tariff_book
from plan_rules.usage.call import Call
from plan_rules.usage.customer import Customer

ID_DIGITS = 20


def quote_switch(
    *,
    catalog: Catalog,
    subscription: Subscription,
    to: str,
    as_of: datetime,
    on: date | None = None,
    at: Moment | None = None,
    policy: str | None = None,
    customer: Customer | None = None,
    calls: Iterable[Call] = (),
    chosen_country: str = "",
    eligibility: Eligibility | None = None,
    adjustments: Iterable[FeeAdjustment] | None = None,
    present_adjustments: Iterable[FeeAdjustment] | None = None,
    valid_until: datetime | None = None,
) -> SwitchQuote | SwitchRefusal:
    """Return what it costs to switch to a plan, or every reason why the customer may not.

    The switch takes effect `on` a day or `at` a named moment; if neither is said, as the
    present plan's switch policy has it. `policy` names another one. `calls` are the history
    that usage is forecast from. The catalog's rules are asked about the customer on the new plan
    and on the present one; a host that decides otherwise hands in whether they may have the new
    plan (`eligibility`), and the discounts and surcharges on the fee of the new plan
    (`adjustments`) and of the present one (`present_adjustments`): what is not handed in is
    asked. The quote is valid until the end of its effective day, or until an earlier
    `valid_until`.

    Raises `UnknownId` for an unknown plan, policy or convention, `InvalidValue` for a naive
    `as_of`, a day before the activation, both `on` and `at`, and a `valid_until` that is too
    late or past, `CurrencyMismatch` for a catalog of another currency, `WrongCustomer` for
    another customer, `CommandRefused` for a subscription that was not charged up to today. Where
    the catalog has rules, they have to be asked about somebody: without a customer, and without
    all three of these, `InvalidValue`; and by the fact's name for facts that the catalog refuses.
    """
    epoch_seconds(as_of)
    plan = catalog.plan(to)
    made = tuple(calls)
    demand_currency(catalog, subscription)
    _demand_customer(customer, subscription)
    _demand_dates(subscription, on, at)
    if subscription.status is Status.ACTIVE:
        demand_day(subscription, subscription.day_of(as_of), command="quote a switch")
        demand_charged(subscription, subscription.day_of(as_of), command="quote a switch")
    today = subscription.day_of(as_of)
    direction = direction_of(catalog, subscription, plan, on=today)
    if eligibility is None or adjustments is None:
        answer = rules_of(catalog, subscription, customer, plan_id=to, on=today, calls=made)
        eligibility = answer.eligibility if eligibility is None else eligibility
        adjustments = answer.adjustments if adjustments is None else adjustments
    if present_adjustments is None:
        present_adjustments = _present_adjustments(
            catalog, subscription, customer, on=today, calls=made
        )
    wish = Wish(
        plan=plan,
        policy=_policy(catalog, subscription, plan, direction, policy),
        eligibility=eligibility,
        adjustments=tuple(adjustments),
        present_adjustments=tuple(present_adjustments),
        chosen_country=chosen_country,
    )
    book = tariff_book(catalog)
    days = Days(
        catalog=catalog,
        subscription=subscription,
        wish=wish,
        as_of=as_of,
        forecast=UsageForecast.of(
            book=book,
            zone=subscription.zone,
            anchor=subscription.grid.anchor,
            calls=made,
            as_of=today,
        ),
    )
    refusals = tuple(_refusals(days))
    if refusals:
        return _refused(subscription, to, refusals)
    effective = _effective(days, on, at)
    if isinstance(effective, Refusal):
        return _refused(subscription, to, (effective,))
    return _quote(days, effective, direction, catalog_digest=book.digest, limit=valid_until)


def direction_of(catalog: Catalog, base: Subscription, plan: Plan, *, on: date) -> Direction:
    """Return which plan has the higher fee a year, by the fees in force on a day.

    Promotions and discounts do not count. A plan that the catalog no longer has is compared by
    what was billed for its cycle.
    """
    present = catalog.plans.get(base.plan_id)
    if present is not None:
        fee = Fraction(present.fee.at(on) or 0) * Fraction(*present.billing.length.cycles_per_year)
    else:
        last = base.payments[-1].price_micros if base.payments else 0
        fee = last * Fraction(*base.grid.length.cycles_per_year)
    new = Fraction(plan.fee.at(on) or 0) * Fraction(*plan.billing.length.cycles_per_year)
    if new == fee:
        return Direction.CROSSGRADE
    return Direction.UPGRADE if new > fee else Direction.DOWNGRADE


def _policy(
    catalog: Catalog, base: Subscription, plan: Plan, direction: Direction, name: str | None
) -> SwitchPolicy:
    if name is not None:
        return policy_named(name)
    present = catalog.plans.get(base.plan_id)
    if present is None or plan.id == base.plan_id:
        return IMMEDIATELY
    switching = present.switching
    return policy_named(
        switching.downgrade if direction is Direction.DOWNGRADE else switching.upgrade
    )


def _present_adjustments(
    catalog: Catalog,
    subscription: Subscription,
    customer: Customer | None,
    *,
    on: date,
    calls: tuple[Call, ...],
) -> tuple[FeeAdjustment, ...]:
    """Return what the rules adjust on the present plan; nothing if it is gone from the catalog."""
    present = subscription.plan_id
    if present not in catalog.plans:
        return ()
    return rules_of(
        catalog, subscription, customer, plan_id=present, on=on, calls=calls
    ).adjustments


def _demand_customer(customer: Customer | None, subscription: Subscription) -> None:
    if customer is not None and customer.id != subscription.customer_id:
        raise WrongCustomer(field="customer", quoted=subscription.customer_id, given=customer.id)


def _demand_dates(subscription: Subscription, on: date | None, at: Moment | None) -> None:
    if on is not None and at is not None:
        raise InvalidValue(name="at", value=at.value, expected="`on` or `at`, one of the two")
    if on is not None and (isinstance(on, datetime) or on < subscription.activated):
        raise InvalidValue(
            name="on",
            value=on.isoformat(),
            expected=f"a date, {subscription.activated} (the activation) or later",
        )


def _refusals(days: Days) -> Iterator[Refusal]:
    """Yield every reason against the plan, whatever the day."""
    base, plan = days.subscription, days.wish.plan
    if base.status is Status.PAUSED:
        yield Refusal(
            why=WhyRefused.PAUSED,
            field="subscription",
            reason=f"the subscription is paused since {base.paused_on}",
            remedy="resume it first",
        )
    if base.status is Status.CANCELLED:
        yield Refusal(
            why=WhyRefused.CANCELLED,
            field="subscription",
            reason=f"the subscription ended on {base.ended_on}",
            remedy="activate a new one",
        )
    for reason in days.wish.eligibility.excluded:
        yield Refusal(
            why=WhyRefused.EXCLUDED,
            field="to",
            reason=reason.text,
            remedy="choose a plan that the customer may have",
            rule=reason.rule,
            span=reason.span,
        )
    active = base.status is Status.ACTIVE
    keeps = plan.id == base.plan_id or (active and days.undoes_today)
    if not plan.is_sold(days.today) and not keeps:
        yield Refusal(
            why=WhyRefused.NOT_FOR_SALE,
            field="to",
            reason=f"`{plan.id}` is not sold on {days.today}",
            remedy="choose a plan that is sold",
            span=plan.span,
        )
    chosen = days.wish.chosen_country or (base.on_plan.chosen_country if keeps else "")
    if plan.choose_from and not chosen and not keeps:
        yield Refusal(
            why=WhyRefused.NO_COUNTRY,
            field="chosen_country",
            reason=f"`{plan.id}` holds for one country that the customer chooses",
            remedy="pass the country",
            span=plan.span,
        )


def _refused(base: Subscription, to: str, refusals: tuple[Refusal, ...]) -> SwitchRefusal:
    return SwitchRefusal(customer_id=base.customer_id, to=to, refusals=refusals)


def _effective(days: Days, on: date | None, at: Moment | None) -> date | Refusal:
    """Return the day the switch takes effect on, or why it cannot be the one asked for."""
    asked = on or days.by_policy if at is None else _named(days, at)
    if asked == days.today and not days.allows(asked) and days.allows(days.begun) and at:
        asked = days.begun
    if days.allows(asked):
        return asked
    near = days.first_allowed(max(asked, days.today)) or days.by_policy
    return Refusal(
        why=WhyRefused.OUTSIDE_POLICY,
        field="on" if at is None else "at",
        reason=f"the policy `{days.wish.policy.id}` does not allow a switch on {asked}",
        remedy=f"choose {near}, or name another policy, such as `immediately`",
    )


def _named(days: Days, at: Moment) -> date:
    match at:
        case Moment.NOW:
            return days.today
        case Moment.NEXT_CYCLE:
            return days.next_cycle
        case Moment.END_OF_COMMITMENT:
            return days.end_of_commitment
        case Moment.CHEAPEST_DAY:
            best = compare_days(days, chosen=days.next_cycle).cheapest
            return days.next_cycle if best is None else best.on


def _quote(
    days: Days,
    effective: date,
    direction: Direction,
    *,
    catalog_digest: str,
    limit: datetime | None,
) -> SwitchQuote:
    base, plan = days.subscription, days.wish.plan
    step = days.move(effective)
    stands = days.base_for(effective)
    counters, _ = counters_after(days.catalog, stands, step)
    quote = SwitchQuote(
        id="",
        digest="",
        customer_id=base.customer_id,
        subscription_id=base.id,
        subscription_version=base.pinned_version,
        catalog_digest=catalog_digest,
        currency=base.currency,
        quoted=days.as_of,
        valid_until=_valid_until(days, effective, limit),
        effective=effective,
        policy=days.wish.policy.id,
        direction=direction,
        from_plan=base.plan_id,
        on_plan=step.on_plan,
        grid=step.grid,
        cycle=step.cycle,
        share=step.share,
        lines=step.lines,
        settlement=Settlement.of(step.lines, credit_micros=stands.credit_micros),
        counters=counters,
        next_bill=next_bill(days, step),
        steady_bill=steady_bill(days, step),
        comparison=compare_days(days, chosen=effective),
        requirements=days.wish.eligibility.required,
        warnings=tuple(warnings_of(days, step, counters)),
        terms=spoken_terms(days.catalog, plan, on=effective, on_plan=step.on_plan),
        undoes=step.undoes,
    )
    digest = quote_digest(quote)
    return replace(quote, id=f"quote-{digest[:ID_DIGITS]}", digest=digest)


def _valid_until(days: Days, effective: date, limit: datetime | None) -> datetime:
    last_day = max(effective, days.today)
    last = midnight(last_day + timedelta(days=1), zone=time_zone(days.subscription.zone))
    if limit is None:
        return last
    if not epoch_seconds(days.as_of) < epoch_seconds(limit) <= epoch_seconds(last):
        raise InvalidValue(
            name="valid_until",
            value=limit.isoformat(),
            expected=f"after {days.as_of.isoformat()}, at the latest {last.isoformat()}",
        )
    return limit
