from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from plan_rules.catalog import Catalog, Dated, FactName, Plan, PlanKind, customer_facts
from plan_rules.catalog.vocabulary import (
    BUILT_IN,
    OWN,
    declared_facts,
    minutes_to,
    vocabulary,
    vocabulary_of,
)
from plan_rules.errors import InvalidValue, UnknownId
from plan_rules.rules.condition import Comparison, Operator
from plan_rules.rules.effect import Note, SetTag
from plan_rules.rules.fact import (
    AS_OF,
    LARGEST,
    TAGS,
    FactSpec,
    FactType,
    InvalidFact,
    MissingFact,
    Stage,
)
from plan_rules.rules.rule import Rule, RuleSet
from plan_rules.tariff import catalog_digest

PLAN = Plan(
    id="basic",
    name="Basic",
    kind=PlanKind.UNLIMITED,
    summary="",
    fee=Dated.always(0),
    labels=("home", "cheap"),
)


def own(name: str, kind: FactType, **more: Any) -> FactSpec:
    return FactSpec(name=f"{OWN}{name}", type=kind, meaning="Of the test.", **more)


DECLARED = (
    own("segment", FactType.ENUM, values=("home", "office"), optional=False),
    own("late", FactType.INTEGER, high=12, unit="payments"),
    own("limit", FactType.MONEY),
    own("born", FactType.DATE),
    own("autopay", FactType.BOOLEAN),
    own("services", FactType.SET, values=("mobile", "broadband")),
)
RULES = RuleSet(vocabulary=vocabulary_of(plans=[PLAN], declared=DECLARED))


def given(**facts: object) -> Mapping[str, int]:
    return customer_facts(rules=RULES, given={"segment": "home", **facts})


def test_every_name_has_one_row() -> None:
    assert sorted(row.name for row in BUILT_IN) == sorted(FactName)


def test_facts_of_bills_are_those_of_the_billing_stage() -> None:
    for row in BUILT_IN:
        assert (row.stage is Stage.BILLING) == row.name.startswith("bill.")


def test_words_come_from_the_catalog() -> None:
    known = RULES.vocabulary
    assert known[FactName.PLAN].values == ("basic",)
    assert known[FactName.LABELS].values == ("cheap", "home")
    assert known[FactName.KIND].values == ("unlimited", "pay-per-minute", "region-specific")
    assert "US" in known[FactName.HOME].values


def test_nobody_lives_in_the_world_and_calls_may_go_there() -> None:
    known = RULES.vocabulary
    assert "001" not in known[FactName.HOME].values
    assert "001" in known[FactName.TOP_COUNTRY].values


def test_a_fact_without_words_is_left_out() -> None:
    known = vocabulary(plans=["basic"])
    assert FactName.LABELS not in known
    assert TAGS not in known
    assert FactName.PLAN not in vocabulary(plans=[])


def test_tags_and_places_are_those_of_the_rules() -> None:
    asks = Comparison(fact="usage.minutes-to.MX", operator=Operator.GT, operands=(5,))
    rule = Rule(
        id="a",
        stage=Stage.ELIGIBILITY,
        when=asks,
        effects=(SetTag(tag="b"), SetTag(tag="a"), Note(reason="So.")),
    )
    known = vocabulary_of(plans=[PLAN], rules=[rule])
    assert known[TAGS].values == ("a", "b")
    assert known["usage.minutes-to.MX"] == minutes_to("MX")
    assert known[AS_OF].type is FactType.DATE


@pytest.mark.parametrize("name", ["customer.home", "usage.calls", "age"])
def test_own_facts_are_named_apart_from_those_built_in(name: str) -> None:
    spec = replace(DECLARED[1], name=name)
    with pytest.raises(InvalidValue) as caught:
        vocabulary(plans=[], declared=[spec])
    assert caught.value.value == name


def test_declared_facts_are_the_operators_own() -> None:
    assert {each.name for each in declared_facts(RULES)} == {each.name for each in DECLARED}


# -- in a catalog ---------------------------------------------------------------------------------


def catalog(rules: RuleSet | None = None) -> Catalog:
    plain = Catalog(id="a", currency="USD", zone="UTC", plans={"basic": PLAN})
    return plain if rules is None else replace(plain, rules=rules)


def test_a_catalog_has_no_rules_unless_given() -> None:
    assert len(catalog().rules) == 0
    assert catalog().rules.vocabulary.specs == {}


def test_plans_are_those_that_the_rules_know() -> None:
    other = replace(PLAN, id="other")
    with pytest.raises(InvalidValue) as caught:
        replace(catalog(RULES), plans={"basic": PLAN, "other": other})
    assert (caught.value.name, caught.value.value) == (FactName.PLAN, "other")


def test_labels_are_those_that_the_rules_know() -> None:
    with pytest.raises(InvalidValue) as caught:
        replace(catalog(RULES), plans={"basic": replace(PLAN, labels=("new",))})
    assert (caught.value.name, caught.value.value) == (FactName.LABELS, "new")


def test_rules_are_part_of_what_a_catalog_means() -> None:
    digests = {catalog_digest(catalog(rules)) for rules in (None, RULES)}
    assert len(digests) == 2


def test_explanations_of_facts_are_not() -> None:
    told = tuple(replace(each, meaning="Told otherwise.") for each in DECLARED)
    other = RuleSet(vocabulary=vocabulary_of(plans=[PLAN], declared=told))
    assert catalog_digest(catalog(other)) == catalog_digest(catalog(RULES))


def test_a_catalog_with_rules_is_pickled() -> None:
    first = catalog(RULES)
    again = pickle.loads(pickle.dumps(first))  # noqa: S301  our own
    assert again == first
    assert again.rules.vocabulary[FactName.PLAN].values == ("basic",)


# -- facts about one customer ---------------------------------------------------------------------


def test_facts_become_codes_by_full_names() -> None:
    found = given(
        late=3,
        limit=Decimal("12.50"),
        born="2000-02-29",
        autopay=True,
        services=("broadband",),
    )
    assert found == {
        "customer.segment": 0,
        "customer.late": 3,
        "customer.limit": 12_500_000,
        "customer.born": date(2000, 2, 29).toordinal(),
        "customer.autopay": 1,
        "customer.services": 2,
    }


def test_nothing_and_none_are_unknown() -> None:
    assert given(late=None) == {"customer.segment": 0}


def test_no_service_is_known_to_be_none() -> None:
    assert given(services=())["customer.services"] == 0


def test_a_fact_that_must_be_known_is_asked_for() -> None:
    for facts in ({}, {"segment": None}):
        with pytest.raises(MissingFact) as caught:
            customer_facts(rules=RULES, given=facts)
        assert caught.value.name == "segment"


def test_a_name_that_nobody_declares_is_refused_with_the_closest() -> None:
    with pytest.raises(UnknownId) as caught:
        given(autopai=True)
    assert caught.value.value == "autopai"
    assert "`autopay`" in caught.value.closest


def test_without_a_vocabulary_nothing_is_asked() -> None:
    assert customer_facts(rules=catalog().rules, given={"whatever": 1.5}) == {}


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("late", 2.0, "floats are not exact"),
        ("late", float("nan"), "floats are not exact"),
        ("late", True, "true and false are no numbers"),
        ("late", "3", "the number itself"),
        ("late", Decimal(3), ""),
        ("late", 13, ""),
        ("late", -1, ""),
        pytest.param("late", 10**5000, "", id="a number of 5001 digits"),
        ("late", LARGEST + 1, ""),
        ("limit", 1.5, "floats are not exact"),
        ("limit", Decimal("NaN"), ""),
        ("limit", Decimal("Infinity"), ""),
        ("limit", Decimal("1E+999999999"), ""),
        ("limit", Decimal("1E-999999999"), ""),
        ("limit", Decimal("0.1234567"), ""),
        ("limit", "dear", ""),
        ("autopay", 1, ""),
        ("autopay", "yes", ""),
        ("born", "20000229", ""),
        ("born", "2000-02-30", ""),
        ("segment", "hom", "did you mean `home`?"),
        ("segment", "hom\N{FULLWIDTH LATIN SMALL LETTER E}", "only looks like `home`"),
        ("segment", " home", "only looks like `home`"),
        ("segment", "h\N{CYRILLIC SMALL LETTER O}me", ""),
        ("segment", ("home",), ""),
        ("services", "mobile", "a list of words"),
        ("services", ("mobile", "tv"), ""),
        ("services", [["mobile"]], ""),
    ],
)
def test_a_value_that_a_fact_cannot_have_is_refused_by_name(
    name: str, value: object, remedy: str
) -> None:
    with pytest.raises(InvalidFact) as caught:
        given(**{name: value})
    assert caught.value.name == name
    assert remedy in caught.value.expected


def test_a_range_holds_what_lies_beyond_it() -> None:
    spec = DECLARED[1]
    assert [spec.nearest(code) for code in (-1, 0, 7, 12, 13)] == [0, 0, 7, 12, 12]
