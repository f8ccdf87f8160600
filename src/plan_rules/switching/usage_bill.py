"""What is due when a cycle is over, beside the fees that the subscription was charged.

Fees are charged as they fall due, before anybody knows what will be called; so is what rules
take off them or put on them. All the rest is due with the usage: calls, volume prices, minimum
spend, and what rules bring `on: usage` and `on: bill`. Where a rule changes the fee by what was
called, the difference is due then, too. So both together are the bill that `rate` makes of the
cycle, and nothing is charged twice or dropped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from plan_rules.catalog.catalog import Catalog
from plan_rules.errors import InvalidValue
from plan_rules.rating.adjustment import Adjustment
from plan_rules.rating.bill import FEES, Bill
from plan_rules.rating.settling import settle_cycle
from plan_rules.rules.effect import Base
from plan_rules.switching.asking import inquire
from plan_rules.switching.demands import demand_currency
from plan_rules.switching.stay_rating import RatedStays, rate_stays
from plan_rules.switching.stays import Stay, calls_by_stay, stays
from plan_rules.switching.subscription import Subscription
from plan_rules.tariff.compiling import tariff_book
from plan_rules.tariff.meters import CycleState
from plan_rules.usage.call import Call
from plan_rules.usage.customer import Customer


def bill_usage(
    *,
    catalog: Catalog,
    subscription: Subscription,
    calls: Iterable[Call],
    on: date,
    customer: Customer | None = None,
) -> tuple[Bill, ...]:
    """Return what is due for the usage of the cycle that `on` lies in: a bill for each plan in it.

    Bills come in the order in which the plans began and have no fee: the subscription was
    charged it. `calls` are all that were made, of earlier cycles too, where rules ask about
    usage before. The rules are asked about `customer` on the first day of each plan in the
    cycle. Amounts that rules name for a cycle (`amount`) are pro-rated with the fee. A difference
    of the fee is a line of its rule; it is the other way round where a discount that was given
    in advance does not hold after all.

    A cycle that goes on is billed by the calls so far, so bill one when it is over. A day
    without service has no bill.

    Raises `UnknownId` if a plan of the cycle is gone from the catalog, `CurrencyMismatch` for a
    catalog of another currency, and `InvalidValue` where the catalog has rules and there is no
    customer to ask them about.
    """
    demand_currency(catalog, subscription)
    demand_asked(catalog, customer)
    made = tuple(calls)
    book = tariff_book(catalog)
    known = stays(subscription)
    own, _ = calls_by_stay(known, made, zone=subscription.zone)
    cycles = [each.cycle for each in known if each.start <= on < each.end]
    found = []
    for places in _by_plan(known):
        if known[places[0]].cycle not in cycles:
            continue
        group = [known[place] for place in places]
        rated = rate_stays(book, group, [own[place] for place in places])
        found.append(_without_fee(catalog, customer, group[0], rated, made))
    return tuple(found)


def demand_asked(catalog: Catalog, customer: Customer | None) -> None:
    """Refuse to leave rules unasked where there are any."""
    if catalog.rules.rules and customer is None:
        raise InvalidValue(
            name="customer", value=None, expected="the customer whom the catalog's rules ask about"
        )


def _by_plan(known: tuple[Stay, ...]) -> list[list[int]]:
    """Return the places of the stays on each plan of each cycle, in the order of their first."""
    found: list[list[int]] = []
    for place, stay in enumerate(known):
        group = next((each for each in found if known[each[0]].goes_on(stay)), None)
        if group is None:
            found.append([place])
        else:
            group.append(place)
    return found


def _without_fee(
    catalog: Catalog,
    customer: Customer | None,
    first: Stay,
    rated: RatedStays,
    calls: tuple[Call, ...],
) -> Bill:
    bill = rated.whole
    adjustments = adjustments_due_later(catalog, customer, first, rated, calls)
    makers = bill.tariff.makers
    settled = tuple(each for each in bill.settlements if makers[each.maker].kind not in FEES)
    return replace(bill, settlements=settled, adjustments=adjustments)


def adjustments_due_later(
    catalog: Catalog,
    customer: Customer | None,
    first: Stay,
    rated: RatedStays,
    calls: tuple[Call, ...],
) -> tuple[Adjustment, ...]:
    """Return what rules bring to the bill of stays, without what came with its fee."""
    if customer is None or not catalog.rules.rules:
        return ()
    day, bill, present = first.start, rated.whole, first.subscription.on_plan
    on_plan = replace(
        customer,
        plan=present.plan_id,
        since=present.since,
        chosen_country=present.chosen_country,
    )
    inquiry, eligibility = inquire(
        catalog=catalog, customer=on_plan, plan_id=bill.plan_id, on=day, calls=calls
    )
    silent = CycleState.fresh(bill.tariff.meters)
    unused = replace(
        bill,
        charges=(),
        state=silent,
        settlements=settle_cycle(
            bill.tariff, rated.terms, charges=(), state=silent, intro_cycle=None
        ),
    )

    def brought(to: Bill, *bases: Base) -> Counter[Adjustment]:
        found = inquiry.adjusted(to, eligibility, on=day, share=rated.share, bases=bases)
        return Counter(found.bill.adjustments)

    due, charged = brought(bill, *Base), brought(unused, Base.FEE)
    return (
        *(due - charged).elements(),
        *(_taken_back(each) for each in (charged - due).elements()),
    )


def _taken_back(each: Adjustment) -> Adjustment:
    return replace(each, amount_micros=-each.amount_micros, exact=-each.exact)
