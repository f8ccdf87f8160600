"""What the calls of a cycle cost where the plan changed in it: each stay on its own plan.

Meters belong to a plan. Whoever comes back to a plan within a cycle, or switches from a plan to
itself, goes on with its meters: the limits of fair use and the units of a volume price count all
that was called on that plan in the cycle, and neither is pro-rated. A minimum spend and the fee
are, by the share of the cycle that the plan held.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from plan_rules.catalog.plan import Plan
from plan_rules.periods import Cycle, Period, time_zone
from plan_rules.rating.bill import Bill
from plan_rules.rating.charge import Charge
from plan_rules.rating.placing import place_calls
from plan_rules.rating.rating import CycleInputs, rate_cycle
from plan_rules.rating.settling import Settlement, settle_cycle
from plan_rules.switching.carrying import allowance_meters
from plan_rules.switching.convention import convention_named
from plan_rules.switching.line import PAYS_FOR_DAYS, LineKind
from plan_rules.switching.proration import share_of
from plan_rules.switching.stays import Stay
from plan_rules.tariff.book import CycleTerms, PlanTariff, TariffBook
from plan_rules.tariff.meters import CycleState
from plan_rules.usage.call import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedStays:
    """The stays of one cycle on one plan, rated.

    `bills` are one for each stay, which sum to `whole`: the bill of all of them, of the cycle.
    `share` is how much of the cycle they are; `terms` are those that settled them, fee and
    minimum spend pro-rated.
    """

    bills: tuple[Bill, ...]
    whole: Bill
    share: Fraction
    terms: CycleTerms


def rate_stays(
    book: TariffBook, stays: Sequence[Stay], calls: Sequence[Sequence[Call]]
) -> RatedStays:
    """Return what the calls of each stay cost, of one or more on one plan in one cycle, in order.

    Allowances are those that the subscription counted with: pro-rated, and with what was used
    of them before. Calls are priced by the values in force on their own dates, fee, allowances
    and minimum spend by those of the first day of each stay.
    """
    tariff = book.plan(stays[0].plan_id)
    state = CycleState.fresh(tariff.meters)
    minimum, fee, share = Fraction(0), Fraction(0), Fraction(0)
    terms = tariff.terms[book.epoch_index(stays[0].start)]
    charges: tuple[Charge, ...] = ()
    before: tuple[Settlement, ...] = ()
    bills = []
    for stay, own in zip(stays, calls, strict=True):
        bill = _rated(book, tariff, stay, own, state)
        state = bill.state
        charges += bill.charges
        in_force = tariff.terms[book.epoch_index(stay.start)]
        part = share_of_cycle(tariff.plan, stay)
        share += part
        minimum += in_force.minimum_spend * part
        fee += _fee(tariff.plan, in_force, stay) * part
        terms = replace(
            in_force,
            fee=_rounded(tariff.plan, fee),
            minimum_spend=_rounded(tariff.plan, minimum),
        )
        settled = settle_cycle(tariff, terms, charges=charges, state=state, intro_cycle=None)
        bills.append(replace(bill, settlements=_since(before, settled)))
        before = settled
    last = bills[-1]
    whole = replace(last, cycle=stays[0].cycle, charges=charges, settlements=before)
    return RatedStays(bills=tuple(bills), whole=whole, share=share, terms=terms)


def share_of_cycle(plan: Plan, stay: Stay) -> Fraction:
    """Return how much of its cycle a stay is, as its plan counts parts of a cycle."""
    if stay.is_whole:
        return Fraction(1)
    return share_of(
        part=Period(start=stay.start, end=stay.end),
        cycle=stay.cycle,
        convention=convention_named(plan.switching.proration),
        zone=time_zone(stay.subscription.zone),
    ).fraction


def _rated(
    book: TariffBook, tariff: PlanTariff, stay: Stay, calls: Sequence[Call], state: CycleState
) -> Bill:
    """Rate the calls of a stay with the allowances it was given and what was used before."""
    known = stay.subscription
    counters = {(each.allowance, each.country): each for each in known.counters}
    meters = state.copy()
    limits = {}
    for meter, maker in allowance_meters(tariff):
        counter = counters.get((maker.id, tariff.meters[meter].country))
        if counter is not None:
            meters.used[meter] = counter.carried
            if counter.limit is not None:
                limits[meter] = counter.limit
    return rate_cycle(
        book,
        tariff,
        cycle=Cycle(
            start=stay.start, end=stay.end, index=stay.cycle.index, length=stay.cycle.length
        ),
        placed=place_calls(book, calls, zone=known.zone),
        inputs=CycleInputs(chosen=known.on_plan.chosen_country, limits=limits, carried=meters),
        terms_on=stay.start,
    )


def _fee(plan: Plan, terms: CycleTerms, stay: Stay) -> int:
    """Return the fee of a full cycle that a stay is charged, before rules change it.

    A policy may let a plan begin without a fee for the rest of a cycle.
    """
    on_plan = stay.subscription.on_plan
    if not plan.billing.fee_in_advance:
        promotion = on_plan.promotion if on_plan.promotion_left else None
        return terms.fee if promotion is None else promotion.fee_micros
    kinds = {each.kind for each in stay.lines if each.plan_id == plan.id}
    if LineKind.INTRO_FEE in kinds and on_plan.promotion is not None:
        return on_plan.promotion.fee_micros
    return terms.fee if kinds & PAYS_FOR_DAYS else 0


def _rounded(plan: Plan, exact: Fraction) -> int:
    return plan.rounding.apply(numerator=exact.numerator, denominator=exact.denominator)


def _since(before: Sequence[Settlement], settled: Sequence[Settlement]) -> tuple[Settlement, ...]:
    """Return what settles more, or less, than an earlier part of the cycle did."""
    known = {each.maker: each for each in before}
    found = []
    for each in settled:
        earlier = known.get(each.maker, Settlement(each.maker, 0, 0))
        found.append(
            Settlement(
                each.maker,
                each.sixtieths - earlier.sixtieths,
                each.amount_micros - earlier.amount_micros,
            )
        )
    return tuple(found)
