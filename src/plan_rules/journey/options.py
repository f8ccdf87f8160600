"""Plan options as an agent presents them: cost, rates where the customer calls, restrictions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from plan_rules.advice.recommendation import Option, Rejection, recommend
from plan_rules.assessment.eligibility import OPEN, Eligibility
from plan_rules.assessment.history import NotEnoughHistory
from plan_rules.catalog.catalog import Catalog
from plan_rules.catalog.plan import Plan
from plan_rules.destinations.line_type import ORDINARY, LineType
from plan_rules.journey.needs import NeededDestination, StatedNeeds
from plan_rules.switching.asking import ask_rules
from plan_rules.switching.dues import term_from
from plan_rules.switching.events import OnPlan, Promotion
from plan_rules.switching.quote import SpokenTerm
from plan_rules.switching.terms import spoken_terms
from plan_rules.tariff.book import PlanTariff, TariffBook
from plan_rules.tariff.compiling import tariff_book
from plan_rules.usage.call import Call
from plan_rules.usage.customer import Customer


class Misfit(StrEnum):
    """Why an option does not fit what the customer said; it may still be the best there is."""

    OVER_BUDGET = "over-budget"
    COMMITMENT = "commitment"
    NOT_CALLABLE = "not-callable"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRange:
    """What a minute to a destination costs on a plan, by the dearest and cheapest number and hour.

    `lowest_micros` and `highest_micros` are prices per minute without allowances, `None` where
    no number of the destination has one. `is_included` says whether an allowance serves any of
    its numbers, `is_callable` whether any number can be called at all.
    """

    country: str
    line: LineType
    lowest_micros: int | None
    highest_micros: int | None
    is_included: bool
    is_callable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentedOption:
    """One plan as it is presented; the present plan is among them, with `stay`.

    `rank` counts from 1. `monthly_micros` is what a month is expected to cost, `saving_micros`
    what that saves against the present plan, both `None` where there is not a whole cycle of
    calls to judge by. `is_advised` marks the recommendation. `missed_calls` could not be made
    on it. `terms` are the sentences to read aloud, `misfits` what speaks against it by the
    customer's own words, `excluded` the reasons of rules that keep the plan from them.
    """

    rank: int
    plan_id: str
    name: str
    stay: bool
    is_advised: bool
    monthly_micros: int | None
    saving_micros: int | None
    missed_calls: int
    rates: tuple[RateRange, ...]
    terms: tuple[SpokenTerm, ...]
    misfits: tuple[Misfit, ...]
    excluded: tuple[str, ...] = ()


def options_for(
    *,
    catalog: Catalog,
    customer: Customer,
    calls: Iterable[Call],
    needs: StatedNeeds,
    as_of: date,
    eligibility: Mapping[str, Eligibility] | None = None,
) -> tuple[PresentedOption, ...]:
    """Return every plan the customer could be on, in order of rank, then those they may not have.

    Options are ranked by `plan_rules.recommend` on the customer's calls, by the policy among
    their needs. Without a whole cycle of calls they come in the order of their fees, and nothing
    is advised. Plans that the catalog's rules keep from the customer come last, with the reasons.
    `eligibility` is what others say, by plan; where they say nothing a plan is open.
    Rates are told for the destinations that were called and those that the needs name.
    """
    made = tuple(calls)
    book = tariff_book(catalog)
    wanted = _destinations(book, made, needs)
    try:
        advice = recommend(
            catalog=catalog, calls=made, customer=customer, as_of=as_of, policy=needs.policy
        )
        ranked = [_Ranked.of(option) for option in advice.options]
        ranked += [_Ranked.excluded_by_rules(rejection) for rejection in advice.excluded]
    except NotEnoughHistory:
        ranked = _by_fee(catalog, customer, as_of)
    return tuple(
        _presented(
            each,
            rank=rank,
            catalog=catalog,
            needs=needs,
            as_of=as_of,
            rates=tuple(
                rate_range(book, each.plan.id, country=place, line=line, on=as_of)
                for place, line in wanted
            ),
            verdict=(eligibility or {}).get(each.plan.id, OPEN),
        )
        for rank, each in enumerate(ranked, start=1)
    )


@dataclass(frozen=True, slots=True)
class _Ranked:
    """A plan in its rank, with what the recommendation says of it, if there is one."""

    plan: Plan
    stay: bool
    advised: bool = False
    monthly: int | None = None
    saving: int | None = None
    missed: int = 0
    excluded: tuple[str, ...] = ()
    intro_denied: bool = False

    @classmethod
    def of(cls, option: Option) -> _Ranked:
        return cls(
            plan=option.plan,
            stay=option.stay,
            advised=option.why_not is None,
            monthly=option.monthly.micros,
            saving=None if option.saving is None else option.saving.micros,
            missed=option.missed,
            intro_denied=bool(option.assessment.eligibility.intro_denied),
        )

    @classmethod
    def excluded_by_rules(cls, rejection: Rejection) -> _Ranked:
        reasons = tuple(reason.text for reason in rejection.eligibility.excluded)
        return cls(plan=rejection.plan, stay=False, excluded=reasons)


def _by_fee(catalog: Catalog, customer: Customer, as_of: date) -> list[_Ranked]:
    """Return the plans in the order of their fees, those that rules exclude behind the others."""
    plans = [
        plan for plan in catalog.plans.values() if plan.is_sold(as_of) or plan.id == customer.plan
    ]
    found = []
    for plan in plans:
        answer = ask_rules(catalog=catalog, customer=customer, plan_id=plan.id, on=as_of)
        verdict = answer.eligibility
        excluded = tuple(reason.text for reason in verdict.excluded)
        found.append(
            _Ranked(
                plan,
                plan.id == customer.plan,
                excluded=excluded,
                intro_denied=bool(verdict.intro_denied),
            )
        )
    return sorted(
        found, key=lambda each: (bool(each.excluded), each.plan.fee.at(as_of) or 0, each.plan.id)
    )


def _presented(
    each: _Ranked,
    *,
    rank: int,
    catalog: Catalog,
    needs: StatedNeeds,
    as_of: date,
    rates: tuple[RateRange, ...],
    verdict: Eligibility,
) -> PresentedOption:
    denied = each.stay or each.intro_denied or bool(verdict.intro_denied)
    intro = None if denied else each.plan.intro
    on_plan = OnPlan(
        plan_id=each.plan.id,
        since=as_of,
        promotion=None if intro is None else Promotion(fee_micros=intro.fee, cycles=intro.cycles),
        term=None if each.stay else term_from(each.plan, as_of),
    )
    return PresentedOption(
        rank=rank,
        plan_id=each.plan.id,
        name=each.plan.name,
        stay=each.stay,
        is_advised=each.advised,
        monthly_micros=each.monthly,
        saving_micros=each.saving,
        missed_calls=each.missed,
        rates=rates,
        terms=spoken_terms(catalog, each.plan, on=as_of, on_plan=on_plan),
        misfits=tuple(_misfits(each, needs, rates, verdict)),
        excluded=(*each.excluded, *(reason.text for reason in verdict.excluded)),
    )


def _misfits(
    each: _Ranked, needs: StatedNeeds, rates: tuple[RateRange, ...], verdict: Eligibility
) -> Iterator[Misfit]:
    if needs.budget_micros is not None and (each.monthly or 0) > needs.budget_micros:
        yield Misfit.OVER_BUDGET
    if not needs.accepts_commitment and each.plan.commitment is not None and not each.stay:
        yield Misfit.COMMITMENT
    if any(not _reaches(wanted, rates) for wanted in needs.destinations):
        yield Misfit.NOT_CALLABLE
    if each.excluded or verdict.excluded:
        yield Misfit.EXCLUDED


def _reaches(wanted: NeededDestination, rates: tuple[RateRange, ...]) -> bool:
    return any(
        rate.is_callable
        for rate in rates
        if rate.country == wanted.country and wanted.line in {None, rate.line}
    )


def _destinations(
    book: TariffBook, calls: Iterable[Call], needs: StatedNeeds
) -> tuple[tuple[str, LineType], ...]:
    """Return where the customer called or wants to call, in order of country and line."""
    called = {
        (place.destination.country, place.destination.line)
        for place in (book.place(call.number) for call in calls if call.seconds)
        if place.destination is not None
    }
    known = {
        (place.destination.country, place.destination.line)
        for place in book.places
        if place.destination is not None
    }
    wanted = {
        (country, line)
        for country, line in known
        for each in needs.destinations
        if each.country == country and _is_meant(line, each.line)
    }
    return tuple(sorted(called | wanted))


def _is_meant(line: LineType, wanted: LineType | None) -> bool:
    return line in ORDINARY if wanted is None else line is wanted


def rate_range(
    book: TariffBook, plan_id: str, *, country: str, line: LineType, on: date
) -> RateRange:
    """Return what a minute to a destination costs on a plan, on a day, whatever the number.

    A class of numbers is one that the plan treats alike; the range runs over all classes that
    the destination has numbers in, and over the hours of each.
    """
    tariff = book.plan(plan_id)
    epoch = book.epoch_index(on)
    classes = {
        place.class_index
        for place in book.places
        if place.destination is not None
        and (place.destination.country, place.destination.line) == (country, line)
    }
    prices: set[int] = set()
    included = callable_ = False
    for index in classes:
        treatment = tariff.rows[epoch][index]
        if treatment.refused_by >= 0 or treatment.outside_of >= 0:
            continue
        served = bool(tariff.terms[epoch].chains[index])
        found = _prices(tariff, epoch, index)
        included = included or served
        callable_ = callable_ or served or bool(found) or treatment.volume >= 0
        prices |= found
    return RateRange(
        country=country,
        line=line,
        lowest_micros=min(prices, default=None),
        highest_micros=max(prices, default=None),
        is_included=included,
        is_callable=callable_,
    )


def _prices(tariff: PlanTariff, epoch: int, index: int) -> set[int]:
    schedule = tariff.rows[epoch][index].schedule
    rates = () if schedule is None else schedule.rates
    known = [rate for rate in rates if rate is not None]
    first = {price for rate in known for price in (rate.first_price, rate.price)}
    return first | {tier.price for rate in known for tier in rate.tiers}
