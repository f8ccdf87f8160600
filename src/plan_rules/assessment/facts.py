"""What rules may know of a customer, their usage, a plan and a bill, as codes of facts.

Each function returns codes by the names of `catalog.vocabulary`. What cannot be told is left
out, and so is unknown. Means and shares are rounded half-up to a whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from plan_rules.assessment.coverage import CountryCoverage
from plan_rules.assessment.eu_rates import HighestRates
from plan_rules.assessment.fixed import Codes, facts_as_written
from plan_rules.assessment.history import History, cycle_of
from plan_rules.catalog.catalog import Catalog
from plan_rules.catalog.vocabulary import MINUTES_TO, FactName, customer_facts
from plan_rules.destinations.line_type import LineType
from plan_rules.destinations.selector import parse_selector
from plan_rules.money import RoundingMode, round_ratio
from plan_rules.periods import CycleLength, add_months, cycles_between, local_moment, time_zone
from plan_rules.rating.bill import Bill
from plan_rules.rating.charge import Outcome
from plan_rules.rules.fact import Vocabulary
from plan_rules.tariff.book import PlanTariff, TariffBook
from plan_rules.tariff.matching import ZoneMap, targets_of, zone_prefixes
from plan_rules.usage.call import Call
from plan_rules.usage.customer import Customer

MINUTE = 60
PERCENT = 100
MONTHS_PER_YEAR = 12


def facts_of_customer(catalog: Catalog, customer: Customer, *, as_of: date) -> Codes:
    """Return the facts of a customer, the operator's own included.

    Raises as `catalog.vocabulary.customer_facts` does, by the fact's name.
    """
    vocabulary = catalog.rules.vocabulary
    codes = {**customer_facts(rules=catalog.rules, given=customer.facts)}
    codes[FactName.HOME] = vocabulary[FactName.HOME].code(customer.home)
    if customer.plan:
        codes[FactName.CUSTOMER_PLAN] = vocabulary[FactName.CUSTOMER_PLAN].code(customer.plan)
    if customer.since is not None:
        codes[FactName.TENURE] = max(0, months_between(customer.since, as_of))
    return codes


def months_between(start: date, end: date) -> int:
    """Return the whole months from `start` to `end`; below 0 where `end` comes first.

    A month is whole on its day, clamped: 31 January to 28 February is one.
    """
    months = (end.year - start.year) * MONTHS_PER_YEAR + end.month - start.month
    return months - int(add_months(start, months) > end)


def facts_of_usage(catalog: Catalog, book: TariffBook, history: History | None) -> Codes:
    """Return the facts of the calls in the complete monthly cycles of a history.

    A cycle is a month from the customer's anchor. Without a history, and without a complete
    month, nothing was called: all is 0 and there is no top country.
    """
    vocabulary = catalog.rules.vocabulary
    months = _months(history) if history is not None else ()
    calls = [call for month in months for call in month]
    seconds: Counter[str] = Counter()
    mobile = premium = premium_calls = 0
    for call in calls:
        destination = book.place(call.number).destination
        if destination is None:
            continue
        seconds[destination.country] += call.seconds
        mobile += call.seconds * (destination.line is LineType.MOBILE)
        premium += call.seconds * (destination.line is LineType.PREMIUM)
        premium_calls += destination.line is LineType.PREMIUM
    total = sum(call.seconds for call in calls)
    count = len(months)
    top = min(seconds, key=lambda code: (-seconds[code], code), default="")
    codes: Codes = {
        FactName.CYCLES: count,
        FactName.CALLS: _mean(len(calls), count),
        FactName.MINUTES: _mean(total, count * MINUTE),
        FactName.COUNTRIES: _mean(sum(_countries(book, month) for month in months), count),
        FactName.TOP_COUNTRY_SHARE: _mean(PERCENT * seconds[top], total),
        FactName.MOBILE_SHARE: _mean(PERCENT * mobile, total),
        FactName.PREMIUM_MINUTES: _mean(premium, count * MINUTE),
        FactName.PREMIUM_CALLS: _mean(premium_calls, count),
    }
    if top in vocabulary[FactName.TOP_COUNTRY].values:
        codes[FactName.TOP_COUNTRY] = vocabulary[FactName.TOP_COUNTRY].word_code(top)
    places = [name for name in _names(vocabulary) if name.startswith(MINUTES_TO)]
    if places and history is not None:
        zones = ZoneMap(catalog, history.as_of)
        for name in places:
            spent = _seconds_to(catalog, zones, calls, place=name.removeprefix(MINUTES_TO))
            codes[name] = _mean(spent, count * MINUTE)
    else:
        codes |= dict.fromkeys(places, 0)
    return codes


def facts_of_plan(
    catalog: Catalog,
    book: TariffBook,
    tariff: PlanTariff,
    *,
    customer: Customer,
    on: date,
    eea: frozenset[int],
    coverage: Iterable[CountryCoverage] = (),
) -> Codes:
    """Return the facts of a plan for a customer, with the values in force on `on`.

    `coverage` is what the plan makes of the customer's calls; without calls both shares are 0.
    `eea` are the classes that the highest rate to the EU is asked of.
    """
    plan = tariff.plan
    terms = tariff.terms[book.epoch_index(on)]
    rows = tuple(coverage)
    total = sum(row.seconds for row in rows)
    codes: Codes = {
        **facts_as_written(catalog, plan),
        FactName.FEE: terms.fee,
        FactName.MINIMUM_SPEND: terms.minimum_spend,
        FactName.ON_SALE: int(plan.is_sold(on)),
        FactName.IS_CURRENT: int(plan.id == customer.plan),
        FactName.UNCOVERED_SHARE: _mean(PERCENT * sum(row.missed_seconds for row in rows), total),
        FactName.INCLUDED_SHARE: _mean(PERCENT * sum(row.included_seconds for row in rows), total),
    }
    highest = HighestRates(book).of(tariff, classes=eea, on=on)
    if highest is not None:
        codes[FactName.HIGHEST_RATE_EU] = highest
    return codes


def facts_of_bill(bill: Bill) -> Codes:
    """Return the facts of a bill as it was priced, before adjustments and tax."""
    carried = [
        charge for charge in bill.charges if charge.outcome is Outcome.RATED and charge.call.seconds
    ]
    missed = [charge for charge in bill.charges if charge.outcome is not Outcome.RATED]
    priced, fee = bill.priced_micros, bill.fee_micros
    return {
        FactName.BILL_TOTAL: priced,
        FactName.BILL_USAGE: priced - fee,
        FactName.BILL_FEE: fee,
        FactName.BILL_CALLS: len(carried),
        FactName.BILL_MINUTES: _mean(sum(each.call.seconds for each in carried), MINUTE),
        FactName.BILL_PAID_MINUTES: _mean(sum(each.paid_seconds for each in carried), MINUTE),
        FactName.BILL_MISSED_CALLS: len(missed),
    }


def _names(vocabulary: Vocabulary) -> list[str]:
    return [spec.name for spec in vocabulary]


def _months(history: History) -> tuple[list[Call], ...]:
    """Return the answered calls of each complete monthly cycle."""
    anchor = history.customer.anchor
    zone = time_zone(history.customer.zone)
    found: dict[date, list[Call]] = {}
    cycles = [
        cycle
        for cycle in cycles_between(
            history.start, history.as_of, anchor=anchor, length=CycleLength()
        )
        if history.start <= cycle.start and cycle.end <= history.as_of
    ]
    for cycle in cycles:
        found[cycle.start] = []
    for call in history.calls:
        month = cycle_of(local_moment(call.epoch, zone=zone).date(), cycles)
        if call.seconds and month is not None:
            found[month.start].append(call)
    return tuple(found.values())


def _countries(book: TariffBook, calls: Iterable[Call]) -> int:
    places = (book.place(call.number).destination for call in calls)
    return len({place.country for place in places if place is not None})


def _seconds_to(catalog: Catalog, zones: ZoneMap, calls: Iterable[Call], *, place: str) -> int:
    """Return the seconds to the ordinary lines of a country or a zone.

    A number whose digits do not tell its line counts if both readings lie in the place.
    """
    selector = parse_selector(place)
    prefixes = frozenset[str]().union(*map(zone_prefixes, catalog.zones.values()))
    numbering = catalog.numbering_plan()
    known: dict[str, bool] = {}
    total = 0
    for call in calls:
        if call.number not in known:
            digits = call.number[1:]
            begun = (digits[:length] for length in range(len(digits), 0, -1))
            kept = tuple(prefix for prefix in begun if prefix in prefixes)
            targets = targets_of(numbering.lookup(call.number), kept)
            known[call.number] = all(zones.matches(selector, target) for target in targets)
        total += call.seconds * known[call.number]
    return total


def _mean(total: int, count: int) -> int:
    if count == 0:
        return 0
    return round_ratio(numerator=total, denominator=count, mode=RoundingMode.HALF_UP)
