"""Rules to YAML to rules is the identity, places in files aside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from plan_rules.catalog import Catalog, Dated, Plan, PlanKind, Zone, ZoneMembers
from plan_rules.catalog.vocabulary import OWN, vocabulary_of
from plan_rules.destinations.selector import parse_selector
from plan_rules.errors import InvalidValue
from plan_rules.loading import check_catalog, sample_catalog_path
from plan_rules.loading.facts import build_facts
from plan_rules.loading.page import Page
from plan_rules.loading.plans import build_plan
from plan_rules.loading.reader import read_yaml
from plan_rules.loading.rule_writing import rule_documents
from plan_rules.loading.rules import build_rules, read_rules
from plan_rules.loading.schema import judge
from plan_rules.loading.sheets import Sheet, Sheets
from plan_rules.loading.writing import _text, catalog_files
from plan_rules.loading.zones import build_zone
from plan_rules.rules.condition import Comparison, Operator
from plan_rules.rules.effect import Note
from plan_rules.rules.fact import FactSpec, FactType, Stage
from plan_rules.rules.rule import Rule, RuleSet
from plan_rules.tariff.digest import canonical_text
from plan_rules.testing.catalog_rules import ruled_catalogs

T = TypeVar("T")

PLAIN = Catalog(
    id="generated",
    currency="USD",
    zone="UTC",
    plans={
        name: Plan(id=name, name=name, kind=PlanKind.UNLIMITED, summary="", fee=Dated.always(0))
        for name in ("plan-0", "plan-1")
    },
    zones={
        "west": Zone(
            id="west",
            name="West",
            members=Dated.always(ZoneMembers(members=(parse_selector("MX"),))),
        )
    },
)
"""What rules name; nothing else of a catalog matters to how they are written."""


def sheet(text: str, kind: str, name: str, build: Callable[[Page], T]) -> Sheet[T]:
    document, issues = read_yaml(text.encode(), file=name)
    assert document is not None, issues
    assert issues == ()
    assert judge(document, kind).issues == (), text
    page = Page(document)
    value = build(page)
    return Sheet(id=name.rpartition("/")[2].removesuffix(".yaml"), page=page, value=value)


def read(catalog: Catalog, documents: Mapping[str, str]) -> RuleSet:
    """Read the files of rules beside the plans and zones of the catalog they belong to."""
    sheets = Sheets()
    for plan in catalog.plans.values():
        text = f"plan: {plan.id}\nname: A\nkind: unlimited\nfee: 0\n"
        if plan.labels:
            text += f"labels: [{', '.join(plan.labels)}]\n"
        sheets.plans.append(sheet(text, "plan", f"{plan.id}.yaml", build_plan))
    for zone in catalog.zones:
        text = f"zone: {zone}\nmembers: [MX]\n"
        sheets.zones.append(sheet(text, "zone", f"{zone}.yaml", build_zone))
    for name, text in documents.items():
        if name == "facts.yaml":
            sheets.facts = sheet(text, "facts", name, build_facts)
        else:
            sheets.rules.append(sheet(text, "rules", name, build_rules))
    found = read_rules(sheets)
    assert [each for each in sheets.issues() if each.is_error] == []
    return found


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(ruled_catalogs(st.just(PLAIN)))
def test_generated_rules_are_read_again(catalog: Catalog) -> None:
    event(f"{len(catalog.rules)} rules")
    written = {name: _text(each) for name, each in rule_documents(catalog).items()}
    again = read(catalog, written)
    assert canonical_text(again) == canonical_text(catalog.rules)
    rewritten = rule_documents(replace(catalog, rules=again))
    assert {name: _text(each) for name, each in rewritten.items()} == written


def test_the_sample_rules_are_read_again() -> None:
    catalog = check_catalog(sample_catalog_path()).catalog
    assert catalog is not None
    written = {name: _text(each) for name, each in rule_documents(catalog).items()}
    assert canonical_text(read(catalog, written)) == canonical_text(catalog.rules)


def test_a_catalog_without_rules_has_no_files_of_them() -> None:
    catalog = Catalog(id="a", currency="USD", zone="UTC", plans={})
    assert list(catalog_files(catalog)) == ["catalog.yaml"]


def rules_of(**changes: Any) -> RuleSet:
    own = FactSpec(name=f"{OWN}late", type=FactType.INTEGER, meaning="Late.", high=9)
    spec = replace(own, **changes.pop("spec", {}))
    when = Comparison(fact=spec.name, operator=Operator.EQ, operands=(1,))
    rule = Rule(
        id="a",
        stage=Stage.ELIGIBILITY,
        when=replace(when, **changes),
        effects=(Note(reason="So."),),
    )
    return RuleSet(
        rules=(rule,), vocabulary=vocabulary_of(plans=(), rules=(rule,), declared=(spec,))
    )


@pytest.mark.parametrize(
    "rules",
    [
        rules_of(operands=(10,)),
        rules_of(operator=Operator.IN, operands=(2, 1)),
        rules_of(operator=Operator.IN, operands=(1, 1)),
        rules_of(spec={"unit": "euros", "type": FactType.MONEY}),
        RuleSet(vocabulary=vocabulary_of(plans=())),
    ],
    ids=["beyond the range", "descending", "repeated", "unit of an amount", "facts for nothing"],
)
def test_what_files_cannot_say_is_refused(rules: RuleSet) -> None:
    catalog = Catalog(id="a", currency="USD", zone="UTC", plans={}, rules=rules)
    with pytest.raises(InvalidValue):
        catalog_files(catalog)
