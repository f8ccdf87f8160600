from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from plan_rules.assessment.eligibility import Eligibility, Reason
from plan_rules.catalog import (
    Catalog,
    Commitment,
    Dated,
    Increment,
    Intro,
    Plan,
    RateEntry,
    RateTable,
    RateTerms,
    Restriction,
    RestrictionKind,
)
from plan_rules.destinations import parse_selector
from plan_rules.destinations.line_type import LineType
from plan_rules.journey.needs import NeededDestination, StatedNeeds
from plan_rules.journey.options import Misfit, PresentedOption, options_for
from plan_rules.switching.quote import TermKind
from plan_rules.usage import Call
from tests.unit.journey.samples import (
    ADA,
    LONDON,
    MEXICO,
    call_on,
    catalog_of,
    included,
    plan_of,
)

AS_OF = date(2026, 3, 1)
CALLS = (call_on("2026-01-05", 600, MEXICO), call_on("2026-02-05", 600, LONDON))
NO_MEXICO = Restriction(
    id="no-mexico",
    kind=RestrictionKind.BLOCK,
    to=(parse_selector("MX"),),
    reason="Mexico is not part of this plan.",
)
BRITAIN = (parse_selector("GB"),)


def entry(selector: str, price: int) -> RateEntry:
    terms = RateTerms(price=price, increment=Increment(60, 60))
    return RateEntry(selector=parse_selector(selector), terms=Dated.always(terms))


TABLE = RateTable(
    id="table",
    entries=(
        entry("GB", 20_000),
        entry("+447", 90_000),
        entry("MX", 50_000),
        entry("+5255", 30_000),
    ),
)
PRESENT = plan_of()
WORLD = plan_of(included(amount=None), id="world", name="World", fee=Dated.always(4_000_000))
BOUND = plan_of(
    included(to=BRITAIN),
    id="bound",
    name="Bound",
    restrictions=(NO_MEXICO,),
    commitment=Commitment(cycles=12),
    intro=Intro(cycles=2, fee=1_000_000),
    fee=Dated.always(9_000_000),
)


def catalog(*plans: Plan) -> Catalog:
    return catalog_of(*plans, rate_tables={"table": TABLE})


def options(
    *plans: Plan,
    calls: tuple[Call, ...] = CALLS,
    needs: StatedNeeds | None = None,
    eligibility: dict[str, Eligibility] | None = None,
) -> dict[str, PresentedOption]:
    found = options_for(
        catalog=catalog(*(plans or (PRESENT, WORLD, BOUND))),
        customer=ADA,
        calls=calls,
        needs=needs or StatedNeeds(),
        as_of=AS_OF,
        eligibility=eligibility,
    )
    assert [each.rank for each in found] == list(range(1, len(found) + 1))
    return {each.plan_id: each for each in found}


def test_options_come_with_cost_saving_and_advice() -> None:
    found = options()
    assert list(found) == ["world", "plan", "bound"]
    assert [each.stay for each in found.values()] == [False, True, False]
    assert [each.is_advised for each in found.values()] == [True, False, False]
    assert found["world"].monthly_micros == 4_000_000
    assert found["plan"].monthly_micros == 5_350_000
    assert found["world"].saving_micros == 1_350_000
    assert found["bound"].missed_calls == 1


def test_rates_are_told_where_the_customer_calls_and_wants_to_call() -> None:
    rates = options()["plan"].rates
    assert [(each.country, each.line) for each in rates] == [("GB", "fixed"), ("MX", "either")]

    wanted = StatedNeeds(destinations=(NeededDestination(country="DE"),))
    rates = options(needs=wanted)["plan"].rates
    assert {(each.country, each.line) for each in rates} == {
        ("DE", "fixed"),
        ("DE", "mobile"),
        ("GB", "fixed"),
        ("MX", "either"),
    }

    satellite = NeededDestination(country="001", line=LineType.SATELLITE)
    rates = options(needs=StatedNeeds(destinations=(satellite,)))["plan"].rates
    assert rates[0].line == "satellite"
    assert not rates[0].is_callable


def test_a_rate_runs_from_the_cheapest_to_the_dearest_number() -> None:
    wanted = StatedNeeds(
        destinations=(
            NeededDestination(country="GB", line=LineType.MOBILE),
            NeededDestination(country="MX", line=LineType.FIXED),
        )
    )
    rates = {(each.country, each.line): each for each in options(needs=wanted)["plan"].rates}
    assert rates["GB", LineType.MOBILE].lowest_micros == 90_000
    assert rates["GB", LineType.FIXED].highest_micros == 20_000
    assert rates["MX", LineType.FIXED].lowest_micros == 30_000
    assert rates["MX", LineType.EITHER].lowest_micros == 50_000

    overridden = replace(PRESENT, overrides=(entry("+4420", 70_000),))
    ranged = {(each.country, each.line): each for each in options(overridden)["plan"].rates}
    london = ranged["GB", LineType.FIXED]
    assert (london.lowest_micros, london.highest_micros) == (20_000, 70_000)


def test_a_rate_says_what_is_included_and_what_cannot_be_called() -> None:
    found = options()
    world = {each.country: each for each in found["world"].rates}
    bound = {each.country: each for each in found["bound"].rates}
    assert (world["MX"].is_included, world["MX"].is_callable) == (True, True)
    assert (bound["GB"].is_included, bound["GB"].is_callable) == (True, True)
    assert (bound["MX"].is_included, bound["MX"].is_callable) == (False, False)
    assert (bound["MX"].lowest_micros, bound["MX"].highest_micros) == (None, None)


def test_restrictions_and_commitments_are_among_the_terms() -> None:
    kinds = [term.kind for term in options()["bound"].terms]
    assert TermKind.RESTRICTION in kinds
    assert TermKind.COMMITMENT in kinds
    assert TermKind.INTRO in kinds
    assert any(NO_MEXICO.reason in term.text for term in options()["bound"].terms)


def test_who_stays_begins_no_term_and_no_introductory_price() -> None:
    staying = replace(BOUND, id="plan", restrictions=())
    kinds = [term.kind for term in options(staying)["plan"].terms]
    assert TermKind.COMMITMENT not in kinds
    assert TermKind.INTRO not in kinds


@pytest.mark.parametrize(
    ("needs", "misfits"),
    [
        (StatedNeeds(), {}),
        (
            StatedNeeds(budget_micros=5_000_000),
            {"plan": [Misfit.OVER_BUDGET], "bound": [Misfit.OVER_BUDGET]},
        ),
        (StatedNeeds(accepts_commitment=False), {"bound": [Misfit.COMMITMENT]}),
        (
            StatedNeeds(destinations=(NeededDestination(country="MX"),)),
            {"bound": [Misfit.NOT_CALLABLE]},
        ),
        (
            StatedNeeds(destinations=(NeededDestination(country="GB", line=LineType.PREMIUM),)),
            {name: [Misfit.NOT_CALLABLE] for name in ("plan", "world", "bound")},
        ),
    ],
)
def test_what_speaks_against_an_option_is_said(
    needs: StatedNeeds, misfits: dict[str, list[Misfit]]
) -> None:
    found = options(needs=needs)
    assert {name: list(each.misfits) for name, each in found.items() if each.misfits} == misfits


def test_a_plan_that_rules_exclude_says_why() -> None:
    verdict = Eligibility(excluded=(Reason(rule="students", text="Only for students."),))
    found = options(eligibility={"world": verdict})["world"]
    assert found.misfits == (Misfit.EXCLUDED,)
    assert found.excluded == ("Only for students.",)


def test_a_denied_introductory_price_is_not_told() -> None:
    denied = Eligibility(intro_denied=(Reason(rule="once", text="Given before."),))
    found = options(eligibility={"bound": denied})["bound"]
    assert TermKind.INTRO not in [term.kind for term in found.terms]
