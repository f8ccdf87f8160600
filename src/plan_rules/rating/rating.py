"""From calls to bills: one bill for each billing cycle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from plan_rules.catalog.catalog import Catalog
from plan_rules.periods import Cycle, cycle_at, cycles_between
from plan_rules.rating.bill import Bill
from plan_rules.rating.placing import PlacedCall, place_calls
from plan_rules.rating.settling import settle_cycle
from plan_rules.rating.walk import Meters, rate_call
from plan_rules.tariff.book import PlanTariff, TariffBook
from plan_rules.tariff.compiling import tariff_book
from plan_rules.tariff.meters import CycleState
from plan_rules.usage.call import Call
from plan_rules.usage.customer import Customer


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleInputs:
    """What a cycle starts with that no call decides.

    `limits` replace the limit of single meters (a prorated allowance), `carried` are meters
    carried in from before a switch, `chosen` is the country the customer chose, `intro_cycle`
    counts the customer's cycles on the plan from 0 (`None`: no intro price).
    """

    chosen: str = ""
    intro_cycle: int | None = None
    limits: Mapping[int, int] = field(default_factory=dict)
    carried: CycleState | None = None


NOTHING = CycleInputs()


def rate(
    *, catalog: Catalog, plan: str, calls: Iterable[Call], customer: Customer
) -> tuple[Bill, ...]:
    """Return what the calls cost a customer on a plan: one bill for each billing cycle.

    Every call is priced by the values in force on its own date. Cycles are the customer's
    (anchor date, time zone) of the plan's length, from that of the first call to that of the
    last; a cycle between them without calls has its bill too, with the fee. The intro price
    holds from `customer.since` if that is their plan's start.

    Raises `UnknownId` for a plan the catalog does not have.
    """
    book = tariff_book(catalog)
    tariff = book.plan(plan)
    placed = place_calls(book, calls, zone=customer.zone)
    if not placed:
        return ()
    length = tariff.plan.billing.length
    anchor = billing_anchor(tariff, customer.anchor)
    joined = None
    if customer.since is not None and customer.plan in {"", plan}:
        joined = cycle_at(customer.since, anchor=anchor, length=length).index
    by_cycle: dict[Cycle, list[PlacedCall]] = {}
    for each in placed:
        # Where a clock falls back over midnight, a later call belongs to an earlier day.
        cycle = cycle_at(each.day, anchor=anchor, length=length)
        by_cycle.setdefault(cycle, []).append(each)
    first, last = min(by_cycle), max(by_cycle)
    return tuple(
        rate_cycle(
            book,
            tariff,
            cycle=cycle,
            placed=tuple(by_cycle.get(cycle, ())),
            inputs=CycleInputs(
                chosen=customer.chosen_country,
                intro_cycle=None if joined is None else cycle.index - joined,
            ),
        )
        for cycle in cycles_between(first.start, last.end, anchor=anchor, length=length)
    )


def billing_anchor(tariff: PlanTariff, anchor: date) -> date:
    """Return the date a plan's cycles are cut from: the customer's, or the first of its month."""
    return anchor.replace(day=1) if tariff.plan.billing.calendar else anchor


def rate_cycle(
    book: TariffBook,
    tariff: PlanTariff,
    *,
    cycle: Cycle,
    placed: tuple[PlacedCall, ...],
    inputs: CycleInputs = NOTHING,
    terms_on: date | None = None,
) -> Bill:
    """Return the bill of one cycle of one plan for calls already in their place and order.

    Fee, allowances and minimum spend are those in force at the cycle's start, or on
    `terms_on` where history is priced on the values of another day.
    """
    terms = tariff.terms[book.epoch_index(terms_on or cycle.start)]
    limits = (
        tuple(inputs.limits.get(meter, limit) for meter, limit in enumerate(terms.limits))
        if inputs.limits
        else terms.limits
    )
    state = CycleState.fresh(tariff.meters) if inputs.carried is None else inputs.carried.copy()
    meters = Meters(
        specs=tariff.meters, limits=limits, volumes=tariff.volumes, chosen=inputs.chosen
    )
    rows, chains, rounding = tariff.rows, terms.chains, tariff.plan.rounding
    charges = []
    for each in placed:
        if tariff.daily:
            state.roll(each.day.toordinal(), daily=tariff.daily)
        charges.append(
            rate_call(
                each,
                rows[each.epoch_index][each.class_index],
                chains[each.class_index],
                meters=meters,
                state=state,
                rounding=rounding,
            )
        )
    rated = tuple(charges)
    return Bill(
        plan_id=tariff.plan.id,
        cycle=cycle,
        currency=book.currency,
        charges=rated,
        settlements=settle_cycle(
            tariff, terms, charges=rated, state=state, intro_cycle=inputs.intro_cycle
        ),
        state=state,
        limits=limits,
        tariff=tariff,
        tax=book.tax,
    )


def resettled(bill: Bill, book: TariffBook, *, terms_on: date, intro_cycle: int | None) -> Bill:
    """Return the same cycle with the fee and minimum spend of another day, its calls unchanged."""
    tariff = bill.tariff
    settlements = settle_cycle(
        tariff,
        tariff.terms[book.epoch_index(terms_on)],
        charges=bill.charges,
        state=bill.state,
        intro_cycle=intro_cycle,
    )
    return replace(bill, settlements=settlements)
