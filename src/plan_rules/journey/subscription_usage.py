"""The usage of a subscription: each cycle on the plan of its time, with what was charged for it.

A cycle in which the plan changed is told stay by stay. The fee of a stay is what the events say
was charged, so that a credit and a pro-rated fee are told as they were.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from plan_rules.catalog.catalog import Catalog
from plan_rules.journey.projection import calls_to_come, repeated_weeks
from plan_rules.journey.usage import CycleSummary, UsageReport, cycle_summary
from plan_rules.periods import epoch_seconds, time_zone
from plan_rules.rating.bill import Bill
from plan_rules.switching.demands import demand_charged, demand_currency
from plan_rules.switching.stay_rating import rate_stays
from plan_rules.switching.stays import Stay, calls_by_stay, stays
from plan_rules.switching.subscription import Status, Subscription
from plan_rules.switching.usage_bill import adjustments_due_later, demand_asked
from plan_rules.tariff.book import TariffBook
from plan_rules.tariff.compiling import tariff_book
from plan_rules.usage.call import Call
from plan_rules.usage.customer import Customer


def review_subscription(
    *,
    catalog: Catalog,
    subscription: Subscription,
    calls: Iterable[Call],
    as_of: datetime,
    customer: Customer | None = None,
) -> UsageReport:
    """Return a subscription's usage since it began, as `review_usage` does for a customer.

    Each stay is rated on its own plan by the values in force on its days, as `bill_usage` does; a
    minimum spend is asked for the share of the cycle. The catalog's rules are asked about
    `customer`; what they bring beside the fee stands with the last stay on a plan in a cycle.

    Raises `CommandRefused` if cycles up to `as_of` were not charged yet, `CurrencyMismatch` for
    a catalog of another currency, `UnknownId` if a plan of the past is gone from the catalog,
    `InvalidValue` for a naive `as_of`, and where the catalog has rules and there is no customer
    to ask them about.
    """
    demand_currency(catalog, subscription)
    demand_asked(catalog, customer)
    until = epoch_seconds(as_of)
    today = subscription.day_of(as_of)
    if subscription.status is Status.ACTIVE:
        demand_charged(subscription, today, command="review usage")
    zone = time_zone(subscription.zone)
    book = tariff_book(catalog)
    given = tuple(sorted(calls))
    known = tuple(call for call in given if call.epoch < until)
    all_stays = tuple(each for each in stays(subscription) if each.start <= today)
    by_stay, unserved = calls_by_stay(all_stays, known, zone=subscription.zone)
    weeks = repeated_weeks(known, as_of=as_of, zone=zone)
    coming = None
    if weeks and all_stays[-1].end > today and subscription.is_served(today):
        coming = calls_to_come(known, as_of=as_of, end=all_stays[-1].end, zone=zone)
    return UsageReport(
        customer_id=subscription.customer_id,
        zone=subscription.zone,
        as_of=as_of,
        cycles=tuple(
            _summaries(
                _Ground(catalog, book, customer, known), all_stays, by_stay, coming, today=today
            )
        ),
        repeated_weeks=weeks,
        unserved_calls=unserved,
        later_calls=len(given) - len(known),
    )


@dataclass(frozen=True, slots=True)
class _Ground:
    """What every summary looks at."""

    catalog: Catalog
    book: TariffBook
    customer: Customer | None
    calls: tuple[Call, ...]

    def bill(
        self, stays: Sequence[Stay], calls: Sequence[Sequence[Call]], *, is_last: bool
    ) -> Bill:
        """Return the bill of the last of some stays on one plan in one cycle.

        What rules bring to all of them stands on that of the last one in its cycle.
        """
        rated = rate_stays(self.book, stays, calls)
        if not is_last:
            return rated.bills[-1]
        brought = adjustments_due_later(self.catalog, self.customer, stays[0], rated, self.calls)
        return replace(rated.bills[-1], adjustments=brought)


def _summaries(
    ground: _Ground,
    known: Sequence[Stay],
    by_stay: Sequence[Sequence[Call]],
    coming: Sequence[Call] | None,
    *,
    today: date,
) -> Iterator[CycleSummary]:
    """Yield the summary of each stay; `coming` are calls still to come in the last one."""
    for place, stay in enumerate(known):
        own = [other for other in range(place + 1) if known[other].goes_on(stay)]
        is_last = not any(stay.goes_on(other) for other in known[place + 1 :])
        same, calls = [known[other] for other in own], [by_stay[other] for other in own]
        projected = None
        if coming is not None and place == len(known) - 1:
            later = [*calls[:-1], (*calls[-1], *coming)]
            projected = ground.bill(same, later, is_last=True)
        bill = ground.bill(same, calls, is_last=is_last)
        yield cycle_summary(
            bill,
            bill.tariff.terms[ground.book.epoch_index(stay.start)],
            chosen=stay.subscription.on_plan.chosen_country,
            projected=projected,
            is_over=stay.end <= today,
            charged=stay.lines,
        )
