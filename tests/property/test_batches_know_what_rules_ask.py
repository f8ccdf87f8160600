"""What batches tell rules of customers and plans is what `assessment` tells of each single one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plan_rules.assessment.facts import facts_of_customer, facts_of_usage
from plan_rules.assessment.history import History
from plan_rules.batch.book import BatchBook
from plan_rules.batch.columns import CallColumns, CustomerColumns, day_number
from plan_rules.batch.cycles import MONTH_STARTS
from plan_rules.batch.placing import place
from plan_rules.batch.rules.rulebook import RuleBook
from plan_rules.batch.rules.subjects import subject_columns
from plan_rules.batch.rules.usage import PLACES, Subjects, count_usage
from plan_rules.catalog import Catalog, Dated, Zone, ZoneMembers, vocabulary_of
from plan_rules.catalog.vocabulary import MINUTES_TO, FactName
from plan_rules.destinations import parse_selector
from plan_rules.rules.condition import AnyOf, Comparison, Operator
from plan_rules.rules.effect import Exclude
from plan_rules.rules.fact import Stage
from plan_rules.rules.rule import Rule, RuleSet
from plan_rules.tariff import tariff_book
from plan_rules.testing import calls, catalogs
from plan_rules.usage import Call, Customer

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
ZONES = ("America/New_York", "America/Havana", "Asia/Beirut", "Pacific/Auckland", "UTC")
ANCHORS = (date(2026, 1, 31), date(2026, 2, 10), date(2024, 2, 29), date(2026, 11, 1))
TO_AUTUMN = timedelta(days=280)
"""From early in 2026 to when clocks go back over midnight."""

FIRST, LAST = date(2025, 12, 1), date(2026, 6, 1)
ASKED = (
    *(name for name in FactName if name.startswith("usage.")),
    *(MINUTES_TO + place for place in ("US", "MX", "GB", "here", "east")),
    FactName.TENURE,
    FactName.CUSTOMER_PLAN,
    FactName.HOME,
)


def asking(catalog: Catalog, names: Sequence[str]) -> Catalog:
    """A catalog with a rule that asks for facts, whatever the answer."""
    when = AnyOf(
        conditions=tuple(
            Comparison(fact=name, operator=Operator.KNOWN, operands=(1,)) for name in names
        )
    )
    rule = Rule(
        id="asks", stage=Stage.ELIGIBILITY, when=when, effects=(Exclude(reason="Because."),)
    )
    known = vocabulary_of(plans=catalog.plans.values(), rules=[rule])
    return replace(catalog, rules=RuleSet(rules=(rule,), vocabulary=known))


@st.composite
def asked(draw: st.DrawFn) -> Catalog:
    """A catalog with zones that change, of prefixes among others, which no plan has to know."""
    catalog = draw(catalogs(max_plans=2))
    first = draw(st.sampled_from([("US", "MX"), ("MX/mobile", "+5255"), ("premium", "GB")]))
    then = draw(st.sampled_from([("DE",), ("US/mobile", "+4420"), ("US", "+447", "+1212555")]))

    def members(words: Sequence[str]) -> ZoneMembers:
        return ZoneMembers(members=tuple(map(parse_selector, words)), without=())

    zone = Zone(
        id="here",
        name="Here",
        members=Dated(((date.min, members(first)), (date(2026, 3, 1), members(then)))),
    )
    zones = {
        "east": Zone(id="east", name="East", members=Dated(((date.min, members(["GB", "DE"])),)))
    }
    return asking(replace(catalog, zones={**zones, **catalog.zones, "here": zone}), ASKED)


@st.composite
def callers(draw: st.DrawFn, plan_ids: Sequence[str]) -> tuple[Customer, list[Call]]:
    who = Customer(
        id="generated",
        home=draw(st.sampled_from(["US", "DE", "MX"])),
        zone=draw(st.sampled_from(ZONES)),
        anchor=draw(st.sampled_from(ANCHORS)),
        plan=draw(st.sampled_from(["", *plan_ids])),
        since=draw(st.none() | st.dates(date(1990, 1, 1), date(2027, 1, 1))),
    )
    made = draw(calls(max_size=24))
    later = draw(st.sampled_from([timedelta(), timedelta(), TO_AUTUMN]))
    return who, [replace(call, start=call.start + later) for call in made]


@settings(suppress_health_check=SLOW, deadline=None)
@given(st.data())
def test_facts_of_customers_and_usage(data: st.DataObject) -> None:
    catalog = data.draw(asked())
    book = BatchBook.of(catalog)
    rules = book.rules
    assert isinstance(rules, RuleBook)
    assert rules.places is not None
    people = data.draw(st.lists(callers(book.plan_ids), min_size=1, max_size=3))
    who = [each for each, _ in people]
    days = [
        sorted(data.draw(st.lists(st.dates(FIRST, LAST + timedelta(days=330)), max_size=4)))
        for _ in people
    ]
    columns = CustomerColumns.of(who, plan_ids=book.plan_ids, rules=catalog.rules)
    placed = place(book, columns, CallColumns.of([made for _, made in people]))
    day = np.array([day_number(day) for each in days for day in each], np.int64)
    first = np.cumsum([0, *map(len, days)]).astype(np.int64)
    subjects = Subjects(first, day, rules.places.version_at(day))
    found = np.full((PLACES + len(rules.places.names), len(day)), 99, np.int64)
    count_usage(
        placed.records, placed.first, placed.days, book.place_country, rules.places.line,
        rules.places.within, len(book.countries), columns.anchor, MONTH_STARTS, subjects, found,
    )  # fmt: skip
    customer = np.repeat(np.arange(len(people)), np.diff(first))
    told = subject_columns(
        rules, columns, who=customer, day=day, countries=book.countries, usage=found
    )
    compiled = tariff_book(catalog)
    subject = 0
    for (each, made), asked_on in zip(people, days, strict=True):
        for on in asked_on:
            history = History.of(book=compiled, customer=each, calls=made, as_of=on)
            expected = {
                **facts_of_customer(catalog, each, as_of=on),
                **facts_of_usage(catalog, compiled, history),
            }
            for name in ASKED:
                known, codes = told[name].known, told[name].codes
                assert not isinstance(known, bool)
                assert not isinstance(codes, int)
                answer = int(codes[subject]) if known[subject] else None
                assert (name, answer) == (name, expected.get(name))
            subject += 1
