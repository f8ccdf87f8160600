from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from plan_rules.assessment.eligibility import Eligibility, Reason, Requirement
from plan_rules.errors import InvalidValue
from plan_rules.journey.journey import (
    FIELDS,
    Journey,
    NotPresented,
    OtherSubscription,
    OutOfOrder,
    Presented,
    Step,
)
from plan_rules.journey.keeping import journey_document, read_journey
from plan_rules.journey.needs import NeededDestination, StatedNeeds
from plan_rules.journey.steps import (
    agree_to_terms,
    confirmed,
    discuss_needs,
    open_journey,
    present_options,
    quote_option,
    review_plan,
    schedule_follow_ups,
)
from plan_rules.rules.effect import ProofKind
from plan_rules.switching import MissingConsent, SwitchRefusal
from plan_rules.switching.documents import parsed_document
from plan_rules.switching.json_form import DamagedDocument
from plan_rules.switching.refusal import WhyRefused
from plan_rules.testing import CUSTOMER
from tests.unit.journey.ways import (
    CALLS,
    CATALOG,
    TODAY,
    asked,
    basic,
    confirmation,
    opened,
    way_to,
)
from tests.unit.switching.subscribers import catalog_of, noon, plan_of, subscriber

ORDER = list(Step)
ENDS: list[Step | None] = [*ORDER, None]


def take(step: Step, journey: Journey) -> Journey:  # noqa: PLR0911  one for each step
    """Take a step with everything it needs."""
    subscription = basic()
    everything: dict[str, Any] = {
        "catalog": CATALOG,
        "subscription": subscription,
        "calls": CALLS,
        "as_of": noon(TODAY),
    }
    match step:
        case Step.REVIEW:
            return review_plan(journey, **everything)[0]
        case Step.NEEDS:
            return discuss_needs(journey, needs=StatedNeeds(note="again"))
        case Step.OPTIONS:
            return present_options(journey, customer=CUSTOMER, **everything)
        case Step.QUOTE:
            quoted = quote_option(journey, customer=CUSTOMER, to="dear", **everything)
            assert isinstance(quoted, Journey)
            return quoted
        case Step.TERMS:
            return agree_to_terms(journey, as_of=noon(TODAY))
        case Step.CONFIRM:
            done = confirmation(way_to(Step.CONFIRM))
            return confirmed(journey, done, as_of=noon(TODAY))
        case Step.FOLLOW_UP:
            return schedule_follow_ups(journey, subscription=subscription, as_of=noon(TODAY))


@pytest.mark.parametrize("step", ENDS)
def test_the_steps_follow_one_another(step: Step | None) -> None:
    journey = way_to(step)
    assert journey.next_step is step
    assert journey.is_confirmed == (step in {Step.FOLLOW_UP, None})


@pytest.mark.parametrize("done", ENDS)
@pytest.mark.parametrize("step", ORDER)
def test_a_step_is_taken_in_its_turn_or_refused(done: Step | None, step: Step) -> None:
    journey = way_to(done)
    allowed = (
        step is Step.FOLLOW_UP
        if journey.is_confirmed
        else ORDER.index(step) <= ORDER.index(done or Step.FOLLOW_UP)
    )
    if allowed:
        after = take(step, journey)
        next_steps = [*ORDER, None]
        assert after.next_step is next_steps[ORDER.index(step) + 1]
        return
    with pytest.raises(OutOfOrder) as caught:
        take(step, journey)
    assert (caught.value.step, caught.value.first) == (step, done)


@pytest.mark.parametrize("step", ORDER[:5])
def test_what_is_said_anew_takes_back_what_rested_on_it(step: Step) -> None:
    after = take(step, way_to(Step.CONFIRM))
    for each in ORDER:
        is_there = getattr(after, FIELDS[each]) is not None
        assert is_there == (ORDER.index(each) <= ORDER.index(step))


def test_a_step_never_changes_the_journey_it_was_given() -> None:
    journey = way_to(Step.NEEDS)
    before = journey_document(journey)
    discuss_needs(journey, needs=StatedNeeds(note="other"))
    assert journey_document(journey) == before


def test_the_review_tells_what_the_present_plan_came_to() -> None:
    journey, report = review_plan(
        opened(basic()),
        catalog=CATALOG,
        subscription=basic(),
        calls=CALLS,
        as_of=noon(TODAY),
    )
    assert journey.reviewed is not None
    assert [each.total_micros for each in journey.reviewed.cycles] == [
        each.total.micros for each in report.cycles
    ]
    assert [(each.start, each.calls) for each in journey.reviewed.cycles] == [
        (date(2026, 1, 31), 1),
        (date(2026, 2, 28), 2),
    ]
    assert journey.reviewed.plan_id == "basic"
    assert journey.reviewed.subscription_version == basic().version


def test_the_options_are_those_of_the_recommendation() -> None:
    presented = way_to(Step.QUOTE).presented
    assert presented is not None
    assert [(each.plan_id, each.stay, each.is_advised) for each in presented.options] == [
        ("basic", True, True),
        ("dear", False, False),
    ]


def test_a_plan_that_was_not_presented_is_not_quoted() -> None:
    with pytest.raises(NotPresented) as caught:
        asked(way_to(Step.QUOTE), to="basics")
    assert (caught.value.plan_id, caught.value.presented) == ("basics", ("basic", "dear"))


def test_a_customer_who_may_not_switch_is_told_why() -> None:
    verdict = Eligibility(excluded=(Reason(rule="no", text="Only for students."),))
    refused = quote_option(
        way_to(Step.QUOTE),
        catalog=CATALOG,
        subscription=basic(),
        customer=CUSTOMER,
        calls=(),
        to="dear",
        as_of=noon(TODAY),
        eligibility=verdict,
    )
    assert isinstance(refused, SwitchRefusal)
    assert [each.why for each in refused.refusals] == [WhyRefused.EXCLUDED]


def test_terms_are_agreed_with_every_consent_the_quote_demands() -> None:
    needed = Requirement(
        id="recording",
        kind=ProofKind.CONSENT,
        reason=Reason(rule="asks", text="We record calls."),
    )
    journey = quote_option(
        way_to(Step.QUOTE),
        catalog=CATALOG,
        subscription=basic(),
        customer=CUSTOMER,
        calls=(),
        to="dear",
        as_of=noon(TODAY),
        eligibility=Eligibility(required=(needed,)),
    )
    assert isinstance(journey, Journey)
    with pytest.raises(MissingConsent) as caught:
        agree_to_terms(journey, as_of=noon(TODAY), consents=["other"])
    assert caught.value.missing == ("recording",)

    agreed = agree_to_terms(journey, as_of=noon(TODAY), consents=["recording", "other"]).agreed
    assert agreed is not None
    assert agreed.consents == ("other", "recording")
    assert journey.quote is not None
    assert agreed.quote_id == journey.quote.id


def test_the_receipt_says_what_the_confirmation_did() -> None:
    journey = way_to(Step.FOLLOW_UP)
    done = confirmation(way_to(Step.CONFIRM))
    receipt = journey.receipt
    assert receipt is not None
    assert (receipt.from_plan, receipt.to, receipt.effective) == ("basic", "dear", TODAY)
    assert receipt.gross_micros == sum(line.gross_micros for line in done.lines)
    assert (receipt.key, receipt.version) == ("decision-1", basic().version + 1)
    assert receipt.due_micros == done.settlement.due_micros > 0
    assert not receipt.is_scheduled


def test_a_confirmation_of_another_quote_is_refused() -> None:
    other = replace(confirmation(way_to(Step.CONFIRM)), quote_id="quote-other")
    with pytest.raises(InvalidValue) as caught:
        confirmed(way_to(Step.CONFIRM), other, as_of=noon(TODAY))
    assert caught.value.name == "quote_id"


def test_follow_ups_may_be_asked_for_again() -> None:
    journey = way_to(None)
    assert journey.follow_ups
    later = TODAY + timedelta(days=15)
    again = schedule_follow_ups(
        journey, subscription=confirmation(way_to(Step.CONFIRM)).subscription, as_of=noon(later)
    )
    assert again.follow_ups is not None
    assert all(each.until >= later for each in again.follow_ups)


Act = Callable[[Journey], object]


@pytest.mark.parametrize(
    ("field", "act"),
    [
        (
            "subscription",
            lambda journey: review_plan(
                journey,
                catalog=CATALOG,
                subscription=replace(basic(), id="sub-2"),
                calls=(),
                as_of=noon(TODAY),
            ),
        ),
        (
            "subscription.customer_id",
            lambda journey: review_plan(
                journey,
                catalog=CATALOG,
                subscription=replace(basic(), customer_id="bob"),
                calls=(),
                as_of=noon(TODAY),
            ),
        ),
        (
            "customer",
            lambda journey: present_options(
                discuss_needs(take(Step.REVIEW, journey), needs=StatedNeeds()),
                catalog=CATALOG,
                subscription=basic(),
                customer=replace(CUSTOMER, id="bob"),
                calls=(),
                as_of=noon(TODAY),
            ),
        ),
    ],
)
def test_a_step_with_somebody_elses_data_is_refused(field: str, act: Act) -> None:
    with pytest.raises(OtherSubscription) as caught:
        act(way_to(Step.REVIEW))
    assert caught.value.field == field


@pytest.mark.parametrize("step", ENDS)
def test_a_journey_is_json_both_ways(step: Step | None) -> None:
    journey = way_to(step)
    text = json.dumps(journey_document(journey))
    assert read_journey(parsed_document(text)) == journey
    assert read_journey(json.loads(text)).next_step is step


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"version": 2}, "version"),
        ({"version": True}, "version"),
        ({"reviewed": None}, "reviewed"),
        ({"opened": "2026-03-10T12:00:00"}, "opened"),
        ({"agent": 7}, "agent"),
        ({"surprise": 1}, "surprise"),
        ({"presented": {"as_of": "2026-03-10T12:00:00+00:00", "options": []}}, "presented.options"),
    ],
)
def test_a_journey_that_was_damaged_is_refused_by_its_place(
    change: dict[str, object], field: str
) -> None:
    document = {**journey_document(way_to(Step.QUOTE)), **change}
    with pytest.raises(DamagedDocument) as caught:
        read_journey(json.loads(json.dumps(document)))
    assert caught.value.field == field


@pytest.mark.parametrize("document", [None, [], "journey", {}, {"version": 1}])
def test_what_is_no_journey_is_refused(document: object) -> None:
    with pytest.raises(DamagedDocument):
        read_journey(document)


def test_needs_that_cannot_be_are_refused() -> None:
    mexico = NeededDestination(country="MX")
    for name, given in (
        ("budget_micros", {"budget_micros": -1}),
        ("destinations", {"destinations": (mexico, mexico)}),
        ("note", {"note": "x" * 2001}),
    ):
        with pytest.raises(InvalidValue) as caught:
            StatedNeeds(**given)
        assert caught.value.name == name
    with pytest.raises(InvalidValue) as caught:
        NeededDestination(country="Mexico")
    assert caught.value.name == "country"


def test_nothing_can_be_opened_without_a_zone_or_presented_without_a_plan() -> None:
    naive = noon(TODAY).replace(tzinfo=None)
    with pytest.raises(InvalidValue):
        open_journey(id="journey-1", subscription=basic(), agent="eve", as_of=naive)
    with pytest.raises(InvalidValue):
        Presented(as_of=noon(TODAY), options=())


def test_a_new_customer_is_shown_plans_by_their_fee() -> None:
    catalog = catalog_of(plan_of("dear", 31_000_000), plan_of("basic", 10_000_000))
    subscription = subscriber(catalog, "basic", TODAY)
    journey, _ = review_plan(
        opened(subscription),
        catalog=catalog,
        subscription=subscription,
        calls=(),
        as_of=noon(TODAY),
    )
    shown = present_options(
        discuss_needs(journey, needs=StatedNeeds(budget_micros=1)),
        catalog=catalog,
        subscription=subscription,
        customer=CUSTOMER,
        calls=(),
        as_of=noon(TODAY),
    ).presented
    assert shown is not None
    assert [(each.plan_id, each.stay, each.monthly_micros) for each in shown.options] == [
        ("basic", True, None),
        ("dear", False, None),
    ]
    assert not any(each.is_advised or each.misfits for each in shown.options)
