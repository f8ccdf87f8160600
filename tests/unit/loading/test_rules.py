from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from plan_rules.loading import check_catalog, load_catalog
from plan_rules.periods import Period
from plan_rules.rules.condition import All, AnyOf, Comparison, Condition, Not, Operator
from plan_rules.rules.effect import (
    Adjust,
    AdjustmentKind,
    Base,
    DenyIntro,
    Exclude,
    Note,
    ProofKind,
    Require,
    SetTag,
    Stack,
    Warn,
)
from plan_rules.rules.fact import FactType, Stage
from plan_rules.rules.rule import Rule, RuleSet
from tests.unit.loading.catalogs import write

FACTS = """\
facts:
  autopay: {type: boolean, meaning: Whether bills are paid automatically.}
  segment: {type: enum, values: [home, office], meaning: Who calls., optional: false}
  late: {type: integer, unit: payments, high: 12, meaning: Late payments.}
  limit: {type: money, low: -5, meaning: The credit limit.}
  born: {type: date, low: 1900-01-01, high: 2026-12-31, meaning: The birthday.}
  services: {type: set, values: [mobile, broadband], meaning: What else is bought.}
"""
NOTE = "    then: [{note: This is so.}]\n"


def rules_of(folder: Path, *whens: str, **more: str) -> RuleSet:
    rows = [f"  - id: rule-{n}\n    when: {when}\n{NOTE}" for n, when in enumerate(whens)]
    files = {"rules_some": "rules:\n" + "".join(rows), "facts": FACTS, **more}
    return load_catalog(write(folder, **files)).rules


def condition(folder: Path, when: str, **more: str) -> Condition:
    (rule,) = rules_of(folder, when, **more)
    return rule.when


def only(folder: Path, when: str, **more: str) -> tuple[str, Operator, tuple[str, ...]]:
    """Return the one comparison of a condition, its operands in words."""
    found = rules_of(folder, when, **more)
    when_read = found.rules[0].when
    assert isinstance(when_read, Comparison)
    spec = found.vocabulary[when_read.fact]
    is_set = spec.type is FactType.SET
    words = tuple(spec.values[code] if is_set else spec.words(code) for code in when_read.operands)
    return when_read.fact, when_read.operator, words


def codes(folder: Path, **files: str) -> list[str]:
    loaded = check_catalog(write(folder, **files))
    return [issue.code for issue in loaded.issues]


def issues_of(folder: Path, when: str, **more: str) -> list[str]:
    text = f"rules:\n  - id: a\n    when: {when}\n{NOTE}"
    return codes(folder, **{"rules_some": text, "facts": FACTS, **more})


@pytest.mark.parametrize(
    ("when", "fact", "operator", "words"),
    [
        ("{customer.segment: home}", "customer.segment", Operator.EQ, ("home",)),
        ("{customer.services: mobile}", "customer.services", Operator.HAS, ("mobile",)),
        ("{customer.autopay: false}", "customer.autopay", Operator.EQ, ("false",)),
        ("{customer.late: {gte: 3}}", "customer.late", Operator.GTE, ("3",)),
        ("{customer.limit: {lt: 12.50}}", "customer.limit", Operator.LT, ("12.50",)),
        ("{customer.limit: {gt: -2}}", "customer.limit", Operator.GT, ("-2.00",)),
        ("{customer.born: {lte: 2008-02-29}}", "customer.born", Operator.LTE, ("2008-02-29",)),
        (
            "{customer.home: {in: [US, CA, MX]}}",
            "customer.home",
            Operator.IN,
            ("CA", "MX", "US"),
        ),
        (
            "{customer.late: {between: [2, 2]}}",
            "customer.late",
            Operator.BETWEEN,
            ("2", "2"),
        ),
        (
            "{customer.services: {has-all: [broadband, mobile]}}",
            "customer.services",
            Operator.HAS_ALL,
            ("mobile", "broadband"),
        ),
        ("{usage.minutes-to.MX: {gt: 5}}", "usage.minutes-to.MX", Operator.GT, ("5",)),
    ],
)
def test_a_comparison_is_read(
    tmp_path: Path, when: str, fact: str, operator: Operator, words: tuple[str, ...]
) -> None:
    assert only(tmp_path, when) == (fact, operator, words)


def test_whether_a_fact_is_known_is_a_comparison(tmp_path: Path) -> None:
    found = condition(tmp_path, "{customer.late: {known: false}}")
    assert isinstance(found, Comparison)
    assert (found.operator, found.operands) == (Operator.KNOWN, (0,))


def test_minutes_to_a_zone_of_the_catalog(tmp_path: Path) -> None:
    zone = "zone: nordic\nmembers: [SE, DK]\n"
    name = "usage.minutes-to.nordic"
    assert only(tmp_path, f"{{{name}: {{lt: 5}}}}", zones_nordic=zone)[0] == name


def test_all_that_one_mapping_says_has_to_be_true(tmp_path: Path) -> None:
    found = condition(
        tmp_path, "{plan.fee: {gt: 1, lt: 5}, any: [{plan.prepaid: true}], not: {plan.fee: 2}}"
    )
    assert isinstance(found, All)
    kinds = [type(each) for each in found.conditions]
    assert kinds == [Comparison, Comparison, AnyOf, Not]


def test_a_list_of_one_stays_a_list(tmp_path: Path) -> None:
    found = condition(tmp_path, "{all: [{any: [{plan.fee: 0}]}]}")
    assert isinstance(found, All)
    assert isinstance(found.conditions[0], AnyOf)


def test_a_comparison_knows_where_it_is_written(tmp_path: Path) -> None:
    found = condition(tmp_path, "{plan.fee: {gt: 1}}")
    assert isinstance(found, Comparison)
    assert Path(found.span.file) == tmp_path / "rules" / "some.yaml"
    assert (found.span.line, found.span.column) == (3, 23)


EFFECTS = """\
rules:
  - id: before
    when: {plan.fee: 0}
    then:
      - exclude: Not for you.
      - require: {consent: premium-calls, reason: Agree first.}
      - require: {document: passport, reason: Show it.}
      - deny-intro: Not again.
      - warn: Beware.
      - note: By the way.
      - tag: watched
    valid: {start: 2026-01-01, end: 2027-01-01}
  - id: each-month
    stage: billing
    when: {bill.total: {gt: 5}}
    then:
      - discount: {percent: 7.5, on: fee, stack: largest, reason: You are loyal.}
      - surcharge: {amount: 0.25, on: bill, stack: exclusive, reason: You are late.}
"""


def rule(folder: Path, rule_id: str) -> Rule:
    found = load_catalog(write(folder, rules_some=EFFECTS)).rules
    return next(each for each in found if each.id == rule_id)


def test_effects_before_a_plan_is_chosen(tmp_path: Path) -> None:
    found = rule(tmp_path, "before")
    assert [type(each) for each in found.effects] == [
        Exclude, Require, Require, DenyIntro, Warn, Note, SetTag,
    ]  # fmt: skip
    assert found.valid == Period(start=date(2026, 1, 1), end=date(2027, 1, 1))
    assert found.sets == ("watched",)
    proofs = [each for each in found.effects if isinstance(each, Require)]
    assert [(each.kind, each.id, each.reason) for each in proofs] == [
        (ProofKind.CONSENT, "premium-calls", "Agree first."),
        (ProofKind.DOCUMENT, "passport", "Show it."),
    ]


def test_effects_on_a_bill(tmp_path: Path) -> None:
    found = rule(tmp_path, "each-month")
    assert found.stage is Stage.BILLING
    discount, surcharge = found.effects
    assert isinstance(discount, Adjust)
    assert isinstance(surcharge, Adjust)
    assert (discount.kind, discount.percent, discount.on, discount.stack) == (
        AdjustmentKind.DISCOUNT,
        Fraction(15, 2),
        Base.FEE,
        Stack.LARGEST,
    )
    assert (surcharge.kind, surcharge.amount_micros, surcharge.percent) == (
        AdjustmentKind.SURCHARGE,
        250_000,
        None,
    )


def test_rules_stand_in_the_order_of_files_and_lines(tmp_path: Path) -> None:
    row = "  - id: {}\n    when: {{plan.fee: 0}}\n" + NOTE.replace("{", "{{").replace("}", "}}")
    first = "rules:\n" + row.format("z") + row.format("w")
    found = load_catalog(write(tmp_path, rules_a=first, rules_b="rules:\n" + row.format("x")))
    assert [each.id for each in found.rules] == ["z", "w", "x"]


def test_a_catalog_without_rules_and_facts_has_no_vocabulary(tmp_path: Path) -> None:
    found = load_catalog(write(tmp_path))
    assert len(found.rules) == 0
    assert found.rules.vocabulary.specs == {}


def test_facts_of_the_operators_are_read(tmp_path: Path) -> None:
    known = load_catalog(write(tmp_path, facts=FACTS)).rules.vocabulary
    late, limit, born = (known[f"customer.{name}"] for name in ("late", "limit", "born"))
    assert (late.low, late.high, late.unit, late.optional) == (0, 12, "payments", True)
    assert limit.low == -5_000_000
    assert born.words(born.low) == "1900-01-01"
    assert known["customer.segment"].optional is False
    assert known["customer.segment"].values == ("home", "office")
    assert late.span.line == 4


def test_labels_of_plans_are_words_of_a_fact(tmp_path: Path) -> None:
    plan = (
        "plan: basic\nname: Basic\nkind: pay-per-minute\nfee: 0\nrates: standard\n"
        "labels: [home, cheap]\n"
    )
    found = load_catalog(write(tmp_path, plans_basic=plan, facts=FACTS))
    assert found.plan("basic").labels == ("home", "cheap")
    assert found.rules.vocabulary["plan.labels"].values == ("cheap", "home")


# -- what is not held against an author ----------------------------------------------------------


def test_facts_of_a_faulty_file_are_not_held_against_rules(tmp_path: Path) -> None:
    assert issues_of(tmp_path, "{customer.whoever: 3}", facts="facts: [1]\n") == ["wrong-type"]


def test_labels_of_a_faulty_plan_are_not_held_against_rules(tmp_path: Path) -> None:
    basic = (
        "plan: basic\nname: Basic\nkind: pay-per-minute\nfee: 0\nrates: standard\nlabels: [home]\n"
    )
    for plans in ({}, {"plans_basic": basic}):
        folder = tmp_path / str(len(plans))
        found = issues_of(folder, "{plan.labels: business}", plans_other="plan: [1]\n", **plans)
        assert "wrong-type" in found
        assert "unknown-value" not in found


def test_tags_of_a_faulty_file_are_not_held_against_rules(tmp_path: Path) -> None:
    found = issues_of(tmp_path, "{tags: heavy}", rules_other="rules: 5\n")
    assert found == ["wrong-type"]


def test_a_rule_of_a_faulty_file_may_be_replaced(tmp_path: Path) -> None:
    text = (
        "rules:\n  - id: a\n    replaces: b\n    when: {plan.fee: 0}\n"
        "    then: [{note: So.}]\n    valid: {start: 2026-01-01}\n"
    )
    assert codes(tmp_path, rules_some=text, rules_other="rules: 5\n") == ["wrong-type"]


# -- `not` and what is not known -----------------------------------------------------------------


ALL_OF = "{{all: [{}, {{not: {{customer.late: 3}}}}]}}"


@pytest.mark.parametrize(
    "when",
    [
        "{not: {customer.autopay: true}}",
        "{not: {all: [{plan.fee: 0}, {customer.autopay: true}]}}",
        "{any: [{plan.fee: 0}, {not: {customer.autopay: true}}]}",
        "{customer.late: 3, not: {customer.autopay: true}}",
        "{not: {any: [{customer.late: 3}, {customer.autopay: true}]}}",
        "{not: {not: {not: {customer.autopay: true}}}}",
        "{any: [{customer.autopay: true}, {not: {customer.autopay: false}}]}",
        "{not: {all: [{not: {customer.late: {gt: 1}}}, {customer.late: 3}]}}",
        "{not: {customer.late: 3}, any: [{customer.late: {gt: 1}}, {plan.fee: 1}]}",
        ALL_OF.format("{not: {all: [{not: {customer.late: 2}}, {plan.fee: 1}]}}"),
    ],
)
def test_a_not_that_is_true_for_want_of_a_fact_is_told(tmp_path: Path, when: str) -> None:
    assert set(issues_of(tmp_path, when)) == {"not-of-unknown"}


@pytest.mark.parametrize(
    "when",
    [
        "{not: {customer.segment: home}}",
        "{not: {customer.autopay: {known: true}}}",
        "{customer.autopay: {known: true}, not: {customer.autopay: true}}",
        "{any: [{customer.autopay: {known: false}}, {not: {customer.autopay: true}}]}",
        "{customer.late: {gt: 1}, not: {customer.late: 3}}",
        "{not: {not: {customer.autopay: true}}}",
        "{all: [{customer.late: {lt: 9}}, {any: [{plan.fee: 0}, {not: {customer.late: 3}}]}]}",
        "{not: {any: [{not: {plan.fee: 1}}, {customer.late: 3}]}, customer.late: {lt: 9}}",
        "{not: {any: [{not: {customer.late: {gt: 1}}}, {customer.late: 3}]}}",
        ALL_OF.format("{not: {any: [{not: {customer.late: 2}}, {plan.fee: 1}]}}"),
        "{not: {plan.labels: home}}",
    ],
)
def test_a_not_that_is_safe_is_not_told(tmp_path: Path, when: str) -> None:
    plan = (
        "plan: basic\nname: Basic\nkind: pay-per-minute\nfee: 0\nrates: standard\nlabels: [home]\n"
    )
    assert issues_of(tmp_path, when, plans_basic=plan) == []


# -- rules together ------------------------------------------------------------------------------


def versions(first: str, second: str) -> str:
    return (
        f"rules:\n  - id: a\n    when: {{plan.fee: 0}}\n{NOTE}{first}"
        f"  - id: b\n    replaces: a\n    when: {{plan.fee: 0}}\n{NOTE}{second}"
    )


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("    valid: {end: 2026-01-01}\n", "    valid: {start: 2026-01-01}\n", []),
        ("    valid: {end: 2026-01-01}\n", "    valid: {start: 2026-02-01}\n", []),
        (
            "    valid: {end: 2026-01-02}\n",
            "    valid: {start: 2026-01-01}\n",
            ["overlapping-rules"],
        ),
        ("", "    valid: {start: 2026-01-01}\n", ["overlapping-rules"]),
        ("    valid: {end: 2026-01-01}\n", "", ["overlapping-rules"]),
    ],
)
def test_a_rule_starts_when_the_one_it_replaces_ends(
    tmp_path: Path, first: str, second: str, expected: list[str]
) -> None:
    assert codes(tmp_path, rules_some=versions(first, second)) == expected


def test_a_rule_does_not_replace_itself(tmp_path: Path) -> None:
    text = versions("", "").replace("replaces: a", "replaces: b")
    assert codes(tmp_path, rules_some=text) == ["overlapping-rules"]


def test_ids_are_unique_among_files(tmp_path: Path) -> None:
    text = f"rules:\n  - id: a\n    when: {{plan.fee: 0}}\n{NOTE}"
    found = check_catalog(write(tmp_path, rules_x=text, rules_y=text)).issues
    assert [(each.code, Path(each.span.file).stem) for each in found] == [("duplicate-id", "y")]


def test_a_rule_that_reads_the_tag_it_sets_is_a_circle(tmp_path: Path) -> None:
    text = "rules:\n  - id: a\n    when: {tags: x}\n    then: [{tag: x}]\n"
    assert codes(tmp_path, rules_some=text) == ["tag-cycle"]


def test_a_circle_is_told_once(tmp_path: Path) -> None:
    text = (
        "rules:\n  - id: a\n    when: {tags: x}\n    then: [{tag: z}]\n"
        "  - id: b\n    when: {tags: z}\n    then: [{tag: x}]\n"
        "  - id: c\n    when: {tags: z}\n    then: [{note: So.}]\n"
    )
    assert codes(tmp_path, rules_some=text) == ["tag-cycle"]


def test_whether_tags_are_known_reads_none_of_them(tmp_path: Path) -> None:
    text = "rules:\n  - id: a\n    when: {tags: {known: true}}\n    then: [{tag: x}]\n"
    assert codes(tmp_path, rules_some=text) == []


def test_rules_of_bills_read_tags_set_before(tmp_path: Path) -> None:
    text = (
        "rules:\n  - id: a\n    stage: billing\n    when: {tags: x}\n    then: [{note: So.}]\n"
        "  - id: b\n    when: {plan.fee: 0}\n    then: [{tag: x}]\n"
    )
    assert codes(tmp_path, rules_some=text) == []


def test_fifty_two_tags_and_no_more(tmp_path: Path) -> None:
    row = "  - id: a-{0}\n    when: {{plan.fee: 0}}\n    then: [{{tag: t-{0}}}]\n"
    many = "".join(row.format(number) for number in range(53))
    assert codes(tmp_path / "few", rules_some="rules:\n" + many[: many.index("  - id: a-52")]) == []
    assert codes(tmp_path / "many", rules_some="rules:\n" + many) == ["too-many-words"]


def test_fifty_three_labels_are_too_many(tmp_path: Path) -> None:
    labels = ", ".join(f"l-{number}" for number in range(53))
    plan = (
        "plan: basic\nname: Basic\nkind: pay-per-minute\nfee: 0\nrates: standard\n"
        f"labels: [{labels}]\n"
    )
    assert codes(tmp_path, plans_basic=plan, facts=FACTS) == ["too-many-words"]


# -- single faults -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("{tags: heavy}", "unknown-tag"),
        ("{plan.labels: home}", "unknown-value"),
        ("{as-of: 2026-01-01}", "unknown-fact"),
        ("{late: 3}", "unknown-fact"),
        ("{usage.minutes-to.: 3}", "unknown-fact"),
        ("{usage.minutes-to.001: 3}", "unknown-country"),
        ("{usage.minutes-to.nowhere: 3}", "unknown-zone"),
        ("{customer.late: 13}", "out-of-range"),
        ("{customer.late: {in: [1, 13]}}", "out-of-range"),
        ("{customer.limit: 1.1234567}", "too-many-decimals"),
        ("{customer.born: {gt: 2026-02-30}}", "bad-date"),
        ("{customer.born: {gt: soon}}", "wrong-type"),
        ("{customer.late: true}", "wrong-type"),
        ("{customer.late: 2.0}", "wrong-type"),
        ("{customer.autopay: 1}", "wrong-type"),
        ("{customer.limit: true}", "wrong-type"),
        ("{customer.late: {between: [1]}}", "empty-value"),
        ("{customer.late: {between: [1, 2, 3]}}", "wrong-type"),
        ("{customer.late: {has: 3}}", "unknown-operator"),
        ("{customer.services: {eq: mobile}}", "unknown-operator"),
        ("{customer.autopay: {lt: true}}", "unknown-operator"),
        ("{customer.late: {}}", "empty-value"),
        ("{customer.late: {known: 1}}", "wrong-type"),
        ("{usage.all: [1]}", "wrong-type"),
        ("{bill.calls: 0}", "late-fact"),
    ],
)
def test_a_faulty_condition_has_one_issue(tmp_path: Path, when: str, expected: str) -> None:
    assert issues_of(tmp_path, when) == [expected]


def test_every_fault_of_a_rule_is_told_at_once(tmp_path: Path) -> None:
    text = """\
rules:
  - id: a
    when: {customer.home: {in: [UK, QQ]}, usage.minutes: {gt: many}, weather: fine}
    then:
      - discount: {percent: 5, on: fee, stack: additive, reason: So.}
      - require: {reason: So.}
    valid: {start: 2026-02-01, end: 2026-01-01}
    replaces: nobody
"""
    assert sorted(codes(tmp_path, rules_some=text)) == [
        "empty-period",
        "misplaced-effect",
        "missing-key",
        "unknown-fact",
        "unknown-rule",
        "unknown-value",
        "unknown-value",
        "wrong-type",
    ]


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        ("{type: integer, low: 5, high: 4, meaning: A.}", "reversed-range"),
        ("{type: integer, high: -1, meaning: A.}", "reversed-range"),
        ("{type: integer, low: 1.5, meaning: A.}", "wrong-type"),
        ("{type: integer, high: 9007199254740992, meaning: A.}", "out-of-range"),
        ("{type: money, low: cheap, meaning: A.}", "wrong-type"),
        ("{type: date, low: 5, meaning: A.}", "wrong-type"),
        ("{type: date, values: [a], meaning: A.}", "pointless-key"),
        ("{type: money, unit: dollars, meaning: A.}", "pointless-key"),
        ("{type: set, low: 1, values: [a], meaning: A.}", "pointless-key"),
        ("{type: set, meaning: A.}", "missing-key"),
        ("{type: boolean}", "missing-key"),
        ("{type: set, values: [A b], meaning: A.}", "bad-id"),
    ],
)
def test_a_faulty_fact_has_one_issue(tmp_path: Path, fact: str, expected: str) -> None:
    assert codes(tmp_path, facts=f"facts:\n  some: {fact}\n") == [expected]


def test_a_fact_is_not_called_like_a_built_in_one(tmp_path: Path) -> None:
    text = "facts:\n  tenure-months: {type: boolean, meaning: A.}\n"
    assert codes(tmp_path, facts=text) == ["reserved-fact"]
