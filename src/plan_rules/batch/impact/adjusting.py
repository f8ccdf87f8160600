"""The bills of one customer with what rules bring to them, by the readable engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from plan_rules.assessment.coverage import coverage_by_country
from plan_rules.assessment.eu_rates import classes_in_eea
from plan_rules.assessment.facts import facts_of_usage, months_between
from plan_rules.assessment.history import History
from plan_rules.assessment.inquiry import Inquiry, rule_engine
from plan_rules.batch.columns import FactColumns
from plan_rules.batch.impact.explaining import Caller
from plan_rules.batch.impact.sides import Side
from plan_rules.batch.rules.needs import deciding_rules
from plan_rules.catalog.catalog import Catalog
from plan_rules.catalog.vocabulary import FactName
from plan_rules.rating.bill import Bill

MEMO = "catalog of deciding rules"


def adjusted_bills(
    side: Side, bills: Sequence[Bill], caller: Caller, *, values_on: date
) -> tuple[Bill, ...]:
    """Return bills with the adjustments of a catalog's rules, asked on one day.

    Of the usage, rules know the calls before the cycle of each bill.
    """
    if not side.batch_book.adjusts:
        return tuple(bills)
    book = side.book
    catalog = _deciding(side.catalog)
    who, codes = caller.customer, dict(caller.codes[side.number])
    vocabulary = catalog.rules.vocabulary
    if who.plan:
        codes[FactName.CUSTOMER_PLAN] = vocabulary[FactName.CUSTOMER_PLAN].code(who.plan)
    if who.since is not None:
        codes[FactName.TENURE] = max(0, months_between(who.since, values_on))
    home = who.home if FactName.HOME in codes else ""
    found: list[Bill] = []
    for bill in bills:
        history = History.of(book=book, customer=who, calls=caller.calls, as_of=bill.cycle.start)
        inquiry = Inquiry(
            catalog=catalog,
            book=book,
            engine=rule_engine(catalog),
            customer=who,
            codes={**codes, **facts_of_usage(catalog, book, history)},
            eea=classes_in_eea(book, home=home),
        )
        coverage = coverage_by_country(charge for each in found for charge in each.charges)
        eligibility = inquiry.eligibility(bill.tariff, on=values_on, coverage=coverage)
        found.append(inquiry.adjusted(bill, eligibility, on=values_on).bill)
    return tuple(found)


def _deciding(catalog: Catalog) -> Catalog:
    """Return a catalog with those of its rules alone that decide; it is kept with the catalog."""
    known = catalog.memo.get(MEMO)
    if not isinstance(known, Catalog):
        known = catalog.memo[MEMO] = replace(catalog, rules=deciding_rules(catalog.rules))
    return known


def known_codes(side: Side, facts: FactColumns | None, row: int, home: str) -> Mapping[str, int]:
    """Return the codes of a customer's home and own facts, as far as they are known."""
    codes: dict[str, int] = {}
    vocabulary = side.catalog.rules.vocabulary
    if home and FactName.HOME in vocabulary:
        codes[FactName.HOME] = vocabulary[FactName.HOME].code(home)
    if facts is not None:
        for at, name in enumerate(facts.names):
            if facts.known[at, row]:
                codes[name] = int(facts.codes[at, row])
    return codes
