"""From calls to bills as the customer gets them: rated, then adjusted by the billing rules."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from plan_rules.assessment.coverage import coverage_by_country
from plan_rules.assessment.history import History
from plan_rules.assessment.inquiry import Inquiry
from plan_rules.catalog.catalog import Catalog
from plan_rules.rating import rating
from plan_rules.rating.bill import Bill
from plan_rules.tariff.compiling import tariff_book
from plan_rules.usage.call import Call
from plan_rules.usage.customer import Customer


def rate(
    *, catalog: Catalog, plan: str, calls: Iterable[Call], customer: Customer
) -> tuple[Bill, ...]:
    """Return what the calls cost a customer on a plan: one bill for each billing cycle.

    Every call is priced by the values in force on its own date. Cycles are the customer's
    (anchor date, time zone) of the plan's length, from that of the first call to that of the
    last; a cycle between them without calls has its bill too, with the fee. The intro price
    holds from `customer.since` if that is their plan's start.

    Discounts and surcharges of the catalog's billing rules are lines of each bill. Rules are
    asked as of the first day of the cycle, and what they know of the usage are the calls before.

    Raises `UnknownId` for a plan the catalog does not have and, by the fact's name, for facts
    of the customer that the catalog does not declare, that are missing or out of range.
    """
    given = tuple(calls)
    bills = rating.rate(catalog=catalog, plan=plan, calls=given, customer=customer)
    return adjusted_bills(catalog=catalog, customer=customer, bills=bills, calls=given)


def adjusted_bills(
    *, catalog: Catalog, customer: Customer, bills: Iterable[Bill], calls: Iterable[Call]
) -> tuple[Bill, ...]:
    """Return the bills of cycles in order, each with what the rules take off it or put on it.

    `calls` are all that were made: what rules know of the usage are those before a cycle.
    """
    given = tuple(calls)
    found: list[Bill] = []
    for bill in bills:
        found.append(
            adjusted_bill(catalog=catalog, customer=customer, bill=bill, before=found, calls=given)
        )
    return tuple(found)


def adjusted_bill(
    *,
    catalog: Catalog,
    customer: Customer,
    bill: Bill,
    before: Iterable[Bill],
    calls: Iterable[Call],
) -> Bill:
    """Return one bill as `adjusted_bills` does; those `before` it are of earlier cycles."""
    if not catalog.rules.rules:
        return bill
    start, book = bill.cycle.start, tariff_book(catalog)
    inquiry = Inquiry.of(
        catalog=catalog,
        customer=customer,
        as_of=start,
        history=History.of(book=book, customer=customer, calls=calls, as_of=start),
    )
    covered = coverage_by_country(chain.from_iterable(each.charges for each in before))
    eligibility = inquiry.eligibility(bill.tariff, on=start, coverage=covered)
    return inquiry.adjusted(bill, eligibility, on=start).bill
