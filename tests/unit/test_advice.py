from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from plan_rules.advice import Confidence, Option, Policy, Recommendation, WhyNot, recommend
from plan_rules.assessment import BiteKind, NotEnoughHistory
from plan_rules.catalog import (
    Allowance,
    AllowanceUnit,
    Billing,
    Catalog,
    Dated,
    Increment,
    Intro,
    Plan,
    PlanKind,
    RateEntry,
    RateTable,
    RateTerms,
    Restriction,
    RestrictionKind,
)
from plan_rules.destinations import parse_selector
from plan_rules.errors import CurrencyMismatch, InvalidValue, UnknownId
from plan_rules.money import Money
from plan_rules.periods import CycleLength, CycleUnit, Period
from plan_rules.testing import CUSTOMER, UNIVERSE
from plan_rules.usage import Call

AS_OF = date(2026, 7, 1)
ANYONE = replace(CUSTOMER, anchor=date(2026, 1, 1))
MEXICO, LONDON = "+525512345678", "+442079460000"
EVERYWHERE = (parse_selector("default"),)
TEN_CENTS = RateTerms(price=100_000, increment=Increment(60, 60))
TABLE = RateTable(
    id="table",
    entries=(RateEntry(selector=EVERYWHERE[0], terms=Dated.always(TEN_CENTS)),),
)


def plan_of(plan_id: str, **given: object) -> Plan:
    settings: dict[str, object] = {
        "id": plan_id,
        "name": plan_id,
        "kind": PlanKind.PAY_PER_MINUTE,
        "summary": "",
        "fee": Dated.always(0),
        "rates": "table",
    }
    return Plan(**{**settings, **given})  # type: ignore[arg-type]


METERED = plan_of("metered")


def advise(
    *plans: Plan, minutes: int = 60, months: int = 6, number: str = MEXICO, **given: object
) -> Recommendation:
    """Advise somebody who makes one call of so many minutes in each of so many months."""
    catalog = Catalog(
        id="c",
        currency="USD",
        zone="UTC",
        plans={plan.id: plan for plan in plans},
        rate_tables={"table": TABLE},
        base_numbering=UNIVERSE,
    )
    calls = [
        Call(datetime(2026, 7 - month, 5, 12, tzinfo=UTC), number, 60 * minutes)
        for month in range(1, months + 1)
    ]
    settings: dict[str, object] = {"customer": ANYONE, "as_of": AS_OF, **given}
    return recommend(catalog=catalog, calls=calls, **settings)  # type: ignore[arg-type]


def unlimited(fee: int, **given: object) -> Plan:
    allowance = Allowance(id="all", unit=AllowanceUnit.SECONDS, amount=None, to=EVERYWHERE)
    return plan_of("flat", fee=Dated.always(fee), allowances=(allowance,), **given)


def advised(advice: Recommendation) -> Option:
    assert advice.advised is not None
    return advice.advised


def test_the_cheaper_plan_is_advised_and_the_dearer_told_by_how_much() -> None:
    advice = advise(METERED, unlimited(4_000_000))
    assert advised(advice).plan.id == "flat"
    assert [option.monthly for option in advice.options] == [
        Money(4_000_000, "USD"),
        Money(6_000_000, "USD"),
    ]
    other = advice.options[1]
    assert (other.why_not, other.dearer_by) == (WhyNot.DEARER, Money(2_000_000, "USD"))
    assert advice.confidence is Confidence.HIGH
    assert advice.stay is None


def test_staying_is_an_option_and_a_change_needs_a_margin() -> None:
    present = replace(ANYONE, plan="metered")
    advice = advise(METERED, unlimited(5_500_000), customer=present)
    assert advised(advice).stay
    assert advised(advice) is advice.stay
    assert advice.options[0].why_not is WhyNot.MARGIN
    assert advice.options[0].saving == Money(500_000, "USD")
    eager = advise(METERED, unlimited(5_500_000), customer=present, margin=Money(1, "USD"))
    assert advised(eager).plan.id == "flat"


def test_a_plan_that_carries_fewer_calls_is_never_cheaper_for_it() -> None:
    block = Restriction(
        id="no-mexico", kind=RestrictionKind.BLOCK, to=(parse_selector("MX"),), reason="No."
    )
    blocking = plan_of("blocking", restrictions=(block,))
    bare = plan_of("bare", rates="")
    advice = advise(METERED, blocking, bare)
    assert [option.plan.id for option in advice.options] == ["metered", "bare", "blocking"]
    refused = advice.options[2]
    assert (refused.covers, refused.missed, refused.why_not) == (False, 6, WhyNot.DOES_NOT_COVER)
    assert refused.missed_countries == ("MX",)
    (bite,) = refused.assessment.bites
    assert (bite.kind, bite.maker.id, bite.cycles, bite.calls) == (
        BiteKind.BLOCKED,
        "no-mexico",
        6,
        6,
    )
    assert advice.options[1].assessment.bites[0].kind is BiteKind.UNCOVERED


def test_a_call_that_no_plan_carries_counts_against_none() -> None:
    advice = advise(METERED, plan_of("other"), number="+19005550100")
    assert all(option.covers for option in advice.options)


def test_a_plan_not_on_sale_is_rejected_but_may_be_kept() -> None:
    retired = plan_of("retired", sold=Period(end=date(2026, 1, 1)))
    advice = advise(METERED, retired)
    assert [(each.plan.id, each.why_not) for each in advice.rejected] == [
        ("retired", WhyNot.NOT_FOR_SALE)
    ]
    kept = advise(METERED, retired, customer=replace(ANYONE, plan="retired"))
    assert kept.rejected == ()
    assert kept.stay is not None


def test_intro_fees_one_time_fees_and_published_changes_count_over_the_horizon() -> None:
    fee = Dated(((None, 12_000_000), (date(2027, 1, 1), 24_000_000)))
    plan = unlimited(0, intro=Intro(cycles=3, fee=0), one_time=(("activation", 12_000_000),))
    advice = advise(replace(plan, fee=fee))
    # 3 cycles free, 3 at 12, 6 at 24, and 12 once: 192 over 12 months
    assert advised(advice).monthly == Money(16_000_000, "USD")
    assert advised(advice).assessment.one_time_micros == 12_000_000
    assert advised(advice).assessment.steady_micros == 12_000_000
    present = replace(ANYONE, plan="flat", since=date(2026, 6, 1))
    # already in the second of three introductory cycles, nothing to activate
    staying = advise(replace(plan, fee=fee), customer=present)
    assert advised(staying).monthly == Money((4 * 12_000_000 + 6 * 24_000_000) // 12, "USD")


def test_cycles_of_another_length_compare_by_the_year() -> None:
    weeks = Billing(length=CycleLength(unit=CycleUnit.DAY, count=28))
    advice = advise(unlimited(28_000_000, billing=weeks))
    assert advised(advice).monthly.micros == 365 * 1_000_000 // 12 + 1


def test_the_cheapest_country_is_chosen_for_the_customer() -> None:
    allowance = Allowance(
        id="mine", unit=AllowanceUnit.SECONDS, amount=None, to=(parse_selector("chosen"),)
    )
    plan = plan_of("choose", allowances=(allowance,), choose_from=EVERYWHERE)
    assert advised(advise(plan)).assessment.chosen == "MX"
    assert advised(advise(plan)).monthly.micros == 0
    settled = replace(ANYONE, plan="choose", chosen_country="GB")
    assert advised(advise(plan, customer=settled)).assessment.chosen == "GB"


def test_a_policy_ranks_by_the_dearest_cycle() -> None:
    advice = advise(METERED, unlimited(5_000_000), policy=Policy.LOW_SURPRISE)
    assert advice.options[0].plan.id == "flat"
    assert advice.policy is Policy.LOW_SURPRISE


@pytest.mark.parametrize(
    ("months", "confidence"), [(1, Confidence.LOW), (3, Confidence.MEDIUM), (6, Confidence.HIGH)]
)
def test_confidence_grows_with_complete_cycles(months: int, confidence: Confidence) -> None:
    advice = advise(METERED, months=months)
    assert (advice.cycles, advice.confidence) == (months, confidence)


def test_misuse_and_too_little_history_are_exceptions() -> None:
    with pytest.raises(UnknownId):
        advise(METERED, customer=replace(ANYONE, plan="meterd"))
    with pytest.raises(InvalidValue):
        advise(METERED, horizon_cycles=0)
    with pytest.raises(CurrencyMismatch):
        advise(METERED, margin=Money(1, "EUR"))
    with pytest.raises(NotEnoughHistory) as short:
        advise(METERED, as_of=date(2026, 6, 20), months=1)
    assert short.value.start == date(2026, 6, 1)
    with pytest.raises(NotEnoughHistory):
        advise(METERED, months=0)
