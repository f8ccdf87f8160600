"""What is found in rules, and, as much, what is not: rules as their authors write them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from plan_rules.errors import NOWHERE
from plan_rules.loading.loader import check_catalog
from plan_rules.periods import Period
from plan_rules.rules import analysis
from plan_rules.rules.analysis import WitnessRefuted, analyse, fires_for
from plan_rules.rules.boxes import TAGGED_ON
from plan_rules.rules.condition import All, AnyOf, Comparison, Operator
from plan_rules.rules.effect import Note, SetTag
from plan_rules.rules.fact import AS_OF, TAGS, FactSpec, FactType, Stage, Vocabulary
from plan_rules.rules.finding import Finding, FindingCode, Gravity
from plan_rules.rules.rule import Rule, RuleSet
from plan_rules.rules.witness import Witness

BASE = Path(__file__).parents[2] / "findings" / "base"
Read = Callable[[str], RuleSet]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return the rules of a text, as a catalog with the facts of the gallery reads them."""

    def rules(text: str) -> RuleSet:
        folder = tmp_path / "catalog"
        shutil.copytree(BASE, folder)
        (folder / "rules").mkdir()
        (folder / "rules" / "rules.yaml").write_text(f"rules:\n{text}", "utf-8")
        loaded = check_catalog(folder)
        assert loaded.catalog is not None, loaded.issues
        return loaded.catalog.rules

    return rules


def rule(name: str, when: str, *effects: str, more: str = "") -> str:
    billing = any(word in "".join(effects) for word in ("discount", "surcharge"))
    stage = "billing" if billing or "bill." in when else "eligibility"
    then = "".join(f"    - {effect}\n" for effect in effects)
    return f"  - id: {name}\n    stage: {stage}\n    when: {when}\n{more}    then:\n{then}"


def discount(size: str, stack: str, on: str = "fee", kind: str = "discount") -> str:
    return f"{kind}: {{{size}, on: {on}, stack: {stack}, reason: A reason.}}"


EXCLUDE = "exclude: It is not for you."
CONSENT = "require: {consent: parents, reason: Please ask.}"
WARN = "warn: Mind the price."
NOTE = "note: It is blue."
INTRO = "deny-intro: You had it."
YOUNG, CHILD, OLD = (
    "{customer.age: {lt: 18}}",
    "{customer.age: {lt: 14}}",
    "{customer.age: {gte: 65}}",
)
NOBODY = "{customer.age: {lt: 18}, all: [{customer.age: {gt: 20}}]}"
HALF, FIFTH, TENTH = "percent: 50", "percent: 20", "percent: 10"

FOUND = {
    "numbers that clash": (
        rule("a", NOBODY, NOTE),
        {("never-fires", "a")},
    ),
    "words that clash": (
        rule("a", "{plan.kind: unlimited, all: [{plan.kind: pay-per-minute}]}", NOTE),
        {("never-fires", "a")},
    ),
    "a word of a set that has to be there and not": (
        rule(
            "a",
            "{customer.services: mobile, not: {customer.services: {has-any: [mobile, broadband]}}}",
            NOTE,
        ),
        {("never-fires", "a")},
    ),
    "clauses of a set that clash only together": (
        rule(
            "a",
            "{customer.services: {has-any: [mobile, broadband]}, not: {any: ["
            "{customer.services: mobile}, {customer.services: broadband}]}}",
            NOTE,
        ),
        {("never-fires", "a")},
    ),
    "known and not known": (
        rule("a", "{customer.age: {known: false}, all: [{customer.age: {gt: 20}}]}", NOTE),
        {("never-fires", "a")},
    ),
    "a tag whose rule asks for the opposite": (
        rule("t", YOUNG, "tag: young") + rule("a", "{tags: young, customer.age: {gte: 18}}", NOTE),
        {("never-fires", "a")},
    ),
    "a tag of a tag": (
        rule("t", YOUNG, "tag: young")
        + rule("u", "{tags: young}", "tag: small")
        + rule("a", "{tags: small, customer.age: {gte: 18}}", NOTE),
        {("never-fires", "a")},
    ),
    "a tag that is not set where its rule fires": (
        rule("t", YOUNG, "tag: young")
        + rule("a", "{not: {tags: young}, customer.age: {lt: 18}}", NOTE),
        {("never-fires", "a")},
    ),
    "alternatives that leave nobody out": (
        rule("a", "{any: [{usage.calls: {gt: 5}}, {usage.calls: {lte: 5}}]}", NOTE),
        {("always-fires", "a")},
    ),
    "days on which everybody is meant": (
        rule("a", "{usage.calls: {gte: 0}}", NOTE, more="    valid: {start: 2026-01-01}\n"),
        {("always-fires", "a")},
    ),
    "an alternative within an alternative": (
        rule(
            "a",
            "{customer.age: {gte: 30}, any: [{plan.kind: unlimited}, "
            "{any: [{customer.autopay: true}, {customer.age: {lt: 20}}]}]}",
            NOTE,
        ),
        {("dead-branch", "a")},
    ),
    "the same exclusion with another reason": (
        rule("a", YOUNG, EXCLUDE) + rule("b", YOUNG, "exclude: You are too young."),
        {("duplicate-rule", "b", "a")},
    ),
    "the same customers in other words": (
        rule("a", YOUNG, WARN) + rule("b", "{customer.age: {between: [0, 17]}}", WARN),
        {("duplicate-rule", "b", "a")},
    ),
    "three times the same": (
        "".join(rule(name, YOUNG, WARN) for name in "abc"),
        {("duplicate-rule", "b", "a"), ("duplicate-rule", "c", "a")},
    ),
    "an exclusion within a wider one": (
        rule("a", CHILD, EXCLUDE) + rule("b", YOUNG, EXCLUDE),
        {("shadowed", "a", "b")},
    ),
    "the same warning within a wider one": (
        rule("a", CHILD, WARN) + rule("b", YOUNG, WARN),
        {("shadowed", "a", "b")},
    ),
    "a tag that another rule sets anyway": (
        rule("a", CHILD, "tag: young")
        + rule("b", YOUNG, "tag: young")
        + rule("c", "{tags: young}", NOTE),
        {("shadowed", "a", "b")},
    ),
    "one of two effects": (
        rule("a", CHILD, WARN, NOTE) + rule("b", YOUNG, WARN),
        {("shadowed", "a", "b")},
    ),
    "an effect that two rules have for the same customers": (
        rule("a", YOUNG, EXCLUDE, NOTE) + rule("b", YOUNG, EXCLUDE, WARN),
        {("shadowed", "b", "a")},
    ),
    "each effect by another rule": (
        rule("a", CHILD, WARN, NOTE) + rule("b", YOUNG, WARN) + rule("c", YOUNG, NOTE),
        {("shadowed", "a", "b", "c")},
    ),
    "a smaller one of the largest": (
        rule("a", CHILD, discount(TENTH, "largest")) + rule("b", YOUNG, discount(FIFTH, "largest")),
        {("shadowed", "a", "b")},
    ),
    "an additive one beside an exclusive one": (
        rule("a", CHILD, discount(HALF, "additive"))
        + rule("b", YOUNG, discount(TENTH, "exclusive")),
        {("shadowed", "a", "b")},
    ),
    "a smaller exclusive one": (
        rule("a", CHILD, discount("amount: 1.00", "exclusive"))
        + rule("b", YOUNG, discount("amount: 1.50", "exclusive")),
        {("shadowed", "a", "b")},
    ),
    "a consent for a plan that is excluded": (
        rule("a", CHILD, CONSENT) + rule("b", YOUNG, EXCLUDE),
        {("contradiction", "a", "b")},
    ),
    "a consent and an exclusion in one rule": (
        rule("a", CHILD, CONSENT, EXCLUDE),
        {("contradiction", "a")},
    ),
    "exclusive amounts that meet": (
        rule("a", YOUNG, discount(TENTH, "exclusive"))
        + rule("b", "{customer.autopay: true}", discount(FIFTH, "exclusive")),
        {("exclusive-overlap", "b", "a")},
    ),
    "a larger exclusive one for some": (
        rule("a", CHILD, discount(FIFTH, "exclusive"))
        + rule("b", YOUNG, discount(TENTH, "exclusive")),
        {("exclusive-overlap", "b", "a")},
    ),
    "two exclusive amounts in one rule": (
        rule("a", YOUNG, discount(TENTH, "exclusive"), discount(FIFTH, "exclusive")),
        {("exclusive-overlap", "a")},
    ),
    "a percentage of nothing": (
        rule("a", "{bill.total: 0.00}", discount(TENTH, "additive", "bill")),
        {("never-bites", "a")},
    ),
    "an amount off nothing": (
        rule("a", "{bill.fee: {lte: 0}}", discount("amount: 2.00", "additive")),
        {("never-bites", "a")},
    ),
    "a discount beside the whole": (
        rule("a", CHILD, discount(TENTH, "additive"))
        + rule("b", YOUNG, discount("percent: 100", "largest")),
        {("never-bites", "a", "b")},
    ),
    "a gap between versions": (
        rule("a", YOUNG, WARN, more="    valid: {end: 2026-01-01}\n")
        + rule("b", YOUNG, WARN, more="    valid: {start: 2026-01-02}\n    replaces: a\n"),
        {("version-gap", "b", "a")},
    ),
    "a tag nobody asks for": (
        rule("a", YOUNG, "tag: young", "tag: small") + rule("b", "{tags: small}", NOTE),
        {("unread-tag", "a")},
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_is_found(name: str, read: Read) -> None:
    text, expected = FOUND[name]
    findings = analyse(rules=read(text)).findings
    assert {(each.code.value, *each.rules) for each in findings} == expected
    for each in findings:
        assert each.message
        assert each.hint
        assert each.span.file.endswith("rules.yaml")
        assert each.witness is not None


FINE = {
    "additive discounts together": rule("a", CHILD, discount(TENTH, "additive"))
    + rule("b", YOUNG, discount(FIFTH, "additive")),
    "additive twice the same, for two reasons": rule(
        "a", CHILD, "discount: {percent: 5, on: fee, stack: additive, reason: One.}"
    )
    + rule("b", CHILD, "discount: {percent: 5, on: fee, stack: additive, reason: Two.}"),
    "a larger one for some": rule("a", CHILD, discount(FIFTH, "largest"))
    + rule("b", YOUNG, discount(TENTH, "largest")),
    "an amount and a percentage": rule("a", CHILD, discount("amount: 1.00", "largest"))
    + rule("b", YOUNG, discount(TENTH, "largest")),
    "a larger amount within a smaller one": rule("a", CHILD, discount("amount: 2.00", "largest"))
    + rule("b", YOUNG, discount("amount: 1.00", "largest")),
    "amounts on two bases": rule("a", CHILD, discount(TENTH, "exclusive"))
    + rule("b", YOUNG, discount(FIFTH, "exclusive", "usage")),
    "a discount and a surcharge": rule("a", CHILD, discount(TENTH, "exclusive"))
    + rule("b", YOUNG, discount(FIFTH, "exclusive", kind="surcharge")),
    "exclusive amounts that never meet": rule("a", YOUNG, discount(TENTH, "exclusive"))
    + rule("b", OLD, discount(FIFTH, "exclusive")),
    "a surcharge on nothing that is an amount": rule(
        "a", "{bill.fee: 0.00}", discount("amount: 2.00", "additive", kind="surcharge")
    ),
    "a discount on a fee that may be 0": rule(
        "a", "{bill.fee: {lt: 10.00}}", discount(TENTH, "additive")
    ),
    "a discount on nothing, or else on something": rule(
        "a", "{any: [{bill.fee: 0.00}, {customer.autopay: true}]}", discount(TENTH, "additive")
    ),
    "the whole for fewer": rule("a", YOUNG, discount(TENTH, "additive"))
    + rule("b", CHILD, discount("percent: 100", "largest")),
    "the whole of another base": rule("a", CHILD, discount(TENTH, "additive"))
    + rule("b", YOUNG, discount("percent: 100", "largest", "usage")),
    "two warnings": rule("a", CHILD, WARN) + rule("b", YOUNG, "warn: Mind the road."),
    "a warning and an exclusion": rule("a", CHILD, WARN) + rule("b", YOUNG, EXCLUDE),
    "a note and an exclusion": rule("a", CHILD, EXCLUDE) + rule("b", YOUNG, NOTE),
    "who keeps an excluded plan may be denied its intro": rule("a", CHILD, INTRO)
    + rule("b", YOUNG, EXCLUDE),
    "exclusions that only meet": rule("a", YOUNG, EXCLUDE)
    + rule("b", "{customer.autopay: false}", EXCLUDE),
    "a consent for more than are excluded": rule("a", YOUNG, CONSENT) + rule("b", CHILD, EXCLUDE),
    "two consents": rule("a", CHILD, CONSENT)
    + rule("b", YOUNG, "require: {consent: school, reason: Please ask.}"),
    "a wider rule of which some are not known": rule(
        "a", "{not: {customer.age: {gte: 18}}}", EXCLUDE
    )
    + rule("b", YOUNG, WARN),
    "customers of whom something is not known": rule("a", "{customer.age: {known: false}}", WARN)
    + rule("b", "{customer.age: {gte: 0}}", WARN),
    "versions one after the other": rule("a", YOUNG, WARN, more="    valid: {end: 2026-01-01}\n")
    + rule("b", YOUNG, WARN, more="    valid: {start: 2026-01-01}\n    replaces: a\n"),
    "alternatives that overlap": rule(
        "a", "{any: [{customer.age: {lt: 18}}, {customer.age: {lt: 14}}]}", NOTE
    ),
    "a set with all of its words": rule(
        "a", "{customer.services: {has-all: [mobile, broadband, television]}}", NOTE
    ),
    "some of a set, but not all": rule(
        "a",
        "{customer.services: {has-any: [mobile, broadband]}, "
        "not: {customer.services: {has-all: [mobile, broadband]}}}",
        NOTE,
    ),
}


@pytest.mark.parametrize("name", FINE)
def test_what_is_left_in_peace(name: str, read: Read) -> None:
    assert analyse(rules=read(FINE[name])).findings == ()


def test_conditions_that_clash_are_named_where_they_are_written(read: Read) -> None:
    (finding,) = analyse(rules=read(rule("a", NOBODY, NOTE))).findings
    places = [(span.line, span.column) for span in finding.spans]
    assert [line for line, _ in places] == [2, 4, 4]
    assert len(set(places)) == 3
    assert finding.witness is not None
    assert str(finding.witness) == "customer.age: 17 years"
    assert finding.witness.silent == ("a",)


def test_a_witness_says_units_words_sets_dates_and_amounts(read: Read) -> None:
    when = (
        "{usage.minutes: {gt: 300}, plan.kind: {ne: pay-per-minute}, bill.fee: {lt: 10.00},"
        " customer.services: {has-all: [mobile, television]}, customer.age: {known: false},"
        " customer.autopay: false, plan.fee: {gt: 5.00}}"
    )
    days = "    valid: {end: 2026-07-01}\n"
    text = "".join(rule(name, when, WARN, more=days) for name in "ab")
    (finding,) = analyse(rules=read(text)).findings
    assert finding.code is FindingCode.DUPLICATE
    assert finding.witness is not None
    assert {each.fact.name: each.value for each in finding.witness} == {
        "as-of": "2026-06-30",
        "bill.fee": "9.99",
        "customer.age": "unknown",
        "customer.autopay": "false",
        "customer.services": "[mobile, television]",
        "plan.fee": "5.01",
        "plan.kind": "unlimited",
        "usage.minutes": "301",
    }
    assert "usage.minutes: 301 minutes" in str(finding.witness)


def test_gravity_decides_what_is_clean(read: Read) -> None:
    noted = analyse(rules=read(rule("a", YOUNG, "tag: young")))
    assert noted.is_clean
    assert len(noted.of(Gravity.NOTE)) == 1
    assert noted.rules == 1


def test_an_error_is_not_clean(read: Read) -> None:
    found = analyse(rules=read(rule("a", NOBODY, NOTE)))
    assert not found.is_clean
    assert len(found.of(Gravity.ERROR)) == 1
    assert found.of(Gravity.WARNING) == ()


OFFERS = rule("a", "{plan.kind: unlimited}", discount(TENTH, "exclusive")) + rule(
    "b", "{plan.id: basic, customer.autopay: true}", discount(FIFTH, "exclusive")
)


def test_offers_that_meet_on_no_plan_of_the_catalog_are_left_in_peace(read: Read) -> None:
    rules = read(OFFERS)
    basic = {"plan.id": 0, "plan.kind": rules.vocabulary["plan.kind"].code("pay-per-minute")}
    other = {"plan.id": 0, "plan.kind": rules.vocabulary["plan.kind"].code("unlimited")}
    assert [each.code for each in analyse(rules=rules).findings] == [FindingCode.EXCLUSIVE_OVERLAP]
    assert analyse(rules=rules, plans=[basic]).findings == ()
    (finding,) = analyse(rules=rules, plans=[basic, other]).findings
    assert str(finding.witness) == "customer.autopay: true, plan.id: basic, plan.kind: unlimited"


def test_a_witness_names_a_plan_that_there_is(read: Read) -> None:
    rules = read(
        rule("a", "{plan.kind: pay-per-minute}", discount(TENTH, "exclusive"))
        + rule("b", YOUNG, discount(FIFTH, "exclusive"))
        + rule("c", YOUNG, discount(TENTH, "exclusive", "usage"))
        + rule("d", CHILD, discount(FIFTH, "exclusive", "usage"))
    )
    basic = {"plan.id": 0, "plan.kind": rules.vocabulary["plan.kind"].code("pay-per-minute")}
    first, second = analyse(rules=rules, plans=[basic]).findings
    assert str(first.witness) == (
        "customer.age: 17 years, plan.id: basic, plan.kind: pay-per-minute"
    )
    assert str(second.witness) == "customer.age: 13 years"


# -- rules made in Python ----------------------------------------------------------------------


def made(*rules: Rule, tags: tuple[str, ...] = ("t",), count: int = 24) -> RuleSet:
    specs = [
        FactSpec(name=f"n{place}", type=FactType.INTEGER, meaning="number", high=9)
        for place in range(count)
    ]
    late = FactSpec(
        name="late", type=FactType.INTEGER, meaning="of a bill", high=9, stage=Stage.BILLING
    )
    specs.append(late)
    specs.append(FactSpec(name=AS_OF, type=FactType.DATE, meaning="day", optional=False))
    specs.append(FactSpec(name=TAGS, type=FactType.SET, meaning="t", values=tags, optional=False))
    return RuleSet(rules=rules, vocabulary=Vocabulary(specs={spec.name: spec for spec in specs}))


def is_(fact: str, code: int, operator: Operator = Operator.EQ) -> Comparison:
    return Comparison(fact=fact, operator=operator, operands=(code,))


def _both(*conditions: Comparison) -> All:
    return All(conditions=conditions)


HAS_T = Comparison(fact=TAGS, operator=Operator.HAS, operands=(0,))
PLAIN = Rule(id="plain", stage=Stage.ELIGIBILITY, when=HAS_T, effects=(Note(reason="noted"),))


def test_a_tag_that_no_rule_sets_is_told_once() -> None:
    found = analyse(rules=made(PLAIN, replace(PLAIN, id="other"))).findings
    unset = [each for each in found if each.code is FindingCode.UNSET_TAG]
    assert [each.rules for each in unset] == [("plain",)]
    assert {each.rules[0] for each in found if each.code is FindingCode.NEVER_FIRES} == {
        "plain",
        "other",
    }


def test_versions_that_both_hold_are_told() -> None:
    first = replace(PLAIN, when=is_("n0", 3))
    then = replace(first, id="then", replaces="plain")
    (finding,) = analyse(rules=made(first, then)).findings
    assert finding.code is FindingCode.VERSION_OVERLAP
    assert finding.spans == (NOWHERE, NOWHERE)


def test_what_comes_to_too_many_cases_is_left_out_and_said() -> None:
    setters = tuple(
        Rule(
            id=f"set{place}",
            stage=Stage.ELIGIBILITY,
            when=AnyOf(conditions=(is_(f"n{place}", 1), is_(f"n{place + 12}", 2))),
            effects=(SetTag(tag=f"t{place}"),),
        )
        for place in range(12)
    )
    all_tags = Comparison(fact=TAGS, operator=Operator.HAS_ALL, operands=tuple(range(12)))
    greedy = Rule(
        id="greedy", stage=Stage.ELIGIBILITY, when=all_tags, effects=(Note(reason="noted"),)
    )
    rules = made(*setters, greedy, tags=tuple(f"t{place}" for place in range(12)))
    analysis_ = analyse(rules=rules)
    assert analysis_.left_out == (greedy,)
    assert all("greedy" not in each.rules for each in analysis_.findings)


def test_what_cannot_be_turned_round_hides_nothing() -> None:
    """Where it does not fire comes to 625 cases: that others lie in it is not claimed."""
    wide = replace(
        PLAIN,
        id="wide",
        when=AnyOf(
            conditions=tuple(
                _both(*(is_(f"n{5 * branch + place}", 1) for place in range(5)))
                for branch in range(4)
            )
        ),
    )
    narrow = replace(PLAIN, id="narrow", when=_both(*(is_(f"n{place}", 1) for place in range(6))))
    found = analyse(rules=made(wide, narrow))
    assert found.findings == ()
    assert found.left_out == (wide,)


MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (Period(end=JULY), Period(start=JUNE), FindingCode.VERSION_OVERLAP),
        (Period(), Period(start=JUNE), FindingCode.VERSION_OVERLAP),
        (Period(end=JULY), Period(), FindingCode.VERSION_OVERLAP),
        (Period(end=JUNE), Period(start=JULY), FindingCode.VERSION_GAP),
        (Period(start=JULY), Period(end=JUNE), FindingCode.VERSION_GAP),
        (Period(end=JUNE), Period(start=date(2026, 6, 2)), FindingCode.VERSION_GAP),
        (Period(end=JUNE), Period(start=JUNE), None),
        (Period(start=JUNE), Period(end=JUNE), None),
    ],
)
def test_versions_are_told_with_a_day_on_which_it_shows(
    before: Period, after: Period, code: FindingCode | None
) -> None:
    first = replace(PLAIN, when=is_("n0", 3), valid=before)
    then = replace(first, id="then", valid=after, replaces="plain")
    findings = analyse(rules=made(first, then)).findings
    assert [each.code for each in findings] == ([] if code is None else [code])
    for each in findings:
        assert each.rules == ("then", "plain")
        assert each.witness is not None
        days = [said.code for said in each.witness if said.fact.name == AS_OF]
        held = [
            period
            for period in (before, after)
            if not days or date.fromordinal(days[0] or 0) in period
        ]
        assert len(held) == (2 if code is FindingCode.VERSION_OVERLAP else 0)


def test_a_gap_ends_on_the_day_on_which_the_later_version_starts() -> None:
    on_that_day = is_(AS_OF, JULY.toordinal())
    first = replace(PLAIN, when=on_that_day, valid=Period(end=JUNE))
    then = replace(first, id="then", valid=Period(start=JULY), replaces="plain")
    (finding,) = analyse(rules=made(first, then)).findings
    assert (finding.code, finding.rules) == (FindingCode.NEVER_FIRES, ("plain",))


def test_versions_that_concern_other_customers_may_hold_together() -> None:
    first = replace(PLAIN, when=is_("n0", 3))
    then = replace(PLAIN, id="then", when=is_("n0", 4), replaces="plain")
    billed = replace(first, id="billed", stage=Stage.BILLING, replaces="plain")
    gone = replace(first, id="gone", when=is_("n0", 5), replaces="nothing")
    assert analyse(rules=made(first, then, billed, gone)).findings == ()


def test_a_fact_of_bills_is_not_known_before_there_is_one() -> None:
    rules = made(
        replace(PLAIN, id="late", when=is_("late", 3)),
        replace(PLAIN, id="early", when=is_("late", 0, Operator.KNOWN)),
        replace(PLAIN, id="billed", stage=Stage.BILLING, when=is_("late", 3)),
    )
    findings = analyse(rules=rules).findings
    assert {(each.code, each.rules) for each in findings} == {
        (FindingCode.NEVER_FIRES, ("late",)),
        (FindingCode.ALWAYS_FIRES, ("early",)),
    }


def test_a_bill_may_be_of_a_later_day_than_its_tags() -> None:
    """Tags that are set until a day hold for bills of later days, but not the other way round."""
    tagged = replace(
        PLAIN,
        id="tagged",
        when=is_(AS_OF, 100, Operator.LT),
        effects=(SetTag(tag="t"),),
    )
    late = replace(PLAIN, id="late", stage=Stage.BILLING)
    later = replace(late, when=_both(HAS_T, is_(AS_OF, 200)))
    findings = analyse(rules=made(tagged, later)).findings
    assert findings == ()
    early = replace(tagged, when=is_(AS_OF, 100, Operator.GTE))
    before = replace(late, when=_both(HAS_T, is_(AS_OF, 50)))
    (finding,) = analyse(rules=made(early, before)).findings
    assert (finding.code, finding.rules) == (FindingCode.NEVER_FIRES, ("late",))


def test_both_days_are_said_where_both_matter() -> None:
    tagged = replace(
        PLAIN, id="tagged", when=is_(AS_OF, 100, Operator.LT), effects=(SetTag(tag="t"),)
    )
    bills = tuple(
        replace(
            PLAIN,
            id=name,
            stage=Stage.BILLING,
            when=_both(HAS_T, is_(AS_OF, 200, Operator.GTE)),
        )
        for name in ("one", "two")
    )
    (finding,) = analyse(rules=made(tagged, *bills)).findings
    assert finding.witness is not None
    said = {each.fact.name: each.code for each in finding.witness}
    assert said == {TAGGED_ON: 99, AS_OF: 200}


def test_a_witness_that_the_interpreter_denies_is_never_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rules = made(replace(PLAIN, when=is_("n0", 3)))
    wrong = Finding(
        code=FindingCode.ALWAYS_FIRES,
        rules=("plain",),
        spans=(NOWHERE,),
        message="wrong",
        hint="none",
        witness=Witness(fires=("plain",)),
    )
    monkeypatch.setattr(analysis, "CHECKS", (lambda _: iter([wrong]),))
    with pytest.raises(WitnessRefuted) as refuted:
        analyse(rules=rules)
    assert refuted.value.finding is wrong
    assert fires_for(Witness(), rules, asked=("plain",)) == frozenset()


def test_no_rules_are_clean() -> None:
    found = analyse(rules=made())
    assert (found.rules, found.findings, found.left_out) == (0, (), ())
