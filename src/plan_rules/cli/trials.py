"""What has tried the rules, in the words of a product manager; and calls that try them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from plan_rules.advice.recommendation import recommend
from plan_rules.advice.trying import tried_by
from plan_rules.assessment.cases import CaseAnswer
from plan_rules.assessment.history import NotEnoughHistory
from plan_rules.catalog.catalog import Catalog
from plan_rules.cli.edge import read_given, today
from plan_rules.cli.words import percent
from plan_rules.loading.customers import read_customers
from plan_rules.rules.coverage import Coverage
from plan_rules.rules.fact import Vocabulary
from plan_rules.rules.gaps import CoverageReport, Gap, LeafReport, RuleReport
from plan_rules.rules.written import as_written
from plan_rules.usage.call import Call
from plan_rules.usage.customer import Customer
from plan_rules.usage.readers.calls import CallFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What the calls of customers have tried, the file of the calls, and who was left out."""

    coverage: Coverage
    calls: CallFile
    left_out: tuple[str, ...] = ()


def coverage_by_calls(catalog: Catalog, given: dict[str, Any], *, as_of: datetime | None) -> Trial:
    """Return what one customer's calls try, or those of each customer of a file of many."""
    if given["customers_path"] is None:
        customer, calls = read_given(catalog, given)
        coverage = _tried(catalog, customer, calls.calls, as_of, Coverage())
        return Trial(coverage=coverage, calls=calls)
    return _trial_of_many(catalog, given, as_of)


def _trial_of_many(catalog: Catalog, given: dict[str, Any], as_of: datetime | None) -> Trial:
    """Return what many customers try; those without a complete cycle are left out and told."""
    files: dict[tuple[str, str], CallFile] = {}
    coverage, left_out = Coverage(), list[str]()
    customers = read_customers(given["customers_path"])
    for customer in customers:
        read_as = (customer.home, customer.zone)
        if read_as not in files:
            alike = {**given, "customer_path": None, "home": customer.home}
            alike["zone"] = given["zone"] or customer.zone
            files[read_as] = read_given(catalog, alike)[1]
        calls = [each for each in files[read_as].calls if each.customer_id == customer.id]
        try:
            coverage = _tried(catalog, customer, calls, as_of, coverage)
        except NotEnoughHistory as missing:
            left_out.append(f"customer `{customer.id}` is left out: {missing}")
    return Trial(coverage=coverage, calls=next(iter(files.values())), left_out=tuple(left_out))


def _tried(
    catalog: Catalog,
    customer: Customer,
    calls: Iterable[Call],
    as_of: datetime | None,
    coverage: Coverage,
) -> Coverage:
    on = as_of.date() if as_of is not None else today(customer)
    advice = recommend(catalog=catalog, calls=calls, customer=customer, as_of=on)
    return tried_by(advice, rules=catalog.rules, coverage=coverage)


def answer_lines(answers: Iterable[CaseAnswer]) -> Iterator[str]:
    """Yield what is wrong with cases that did not come out as expected, then a count."""
    count = failed = 0
    for answer in answers:
        count += 1
        if answer.is_passed:
            continue
        failed += 1
        yield f"{answer.case.span}: failed: {answer.case.name}"
        for name in answer.unsaid:
            yield f"  say `{name}`: it is always known, and a rule asks for it"
        for explanation in answer.missing:
            rule = explanation.rule
            yield f"  `{rule.id}` was to fire and did not, rule at {rule.span}"
            yield from (f"      {need.words()}" for need in explanation.needs)
        for rule in answer.surplus:
            yield f"  `{rule.id}` fired and was not expected, rule at {rule.span}"
    if count:
        yield f"{count - failed} of {count} cases passed"


def coverage_lines(report: CoverageReport, vocabulary: Vocabulary) -> Iterator[str]:
    """Yield what was not tried of each rule and what would be needed, then the sums."""
    for rule in report.rules:
        if not rule.is_complete:
            yield from _rule_lines(rule, vocabulary)
    yield f"{report.fired} of {len(report.rules)} rules fired"
    yield (
        f"{report.seen} of {report.possible} outcomes of comparisons were seen "
        f"({percent(report.seen, report.possible) if report.possible else 'nothing to see'})"
    )


def _rule_lines(report: RuleReport, vocabulary: Vocabulary) -> Iterator[str]:
    tried = report.tried
    yield f"{report.rule.span}: {report.rule.id}: {_times(report)}"
    if not tried.fired:
        if report.needed is not None:
            yield f"  fires for: {report.needed}"
        if tried.near is not None:
            yield f"  nearest: {tried.near.sheet}"
            yield from (f"      {need.words()}" for need in tried.near.needs)
    for leaf in report.leaves:
        for gap in leaf.gaps:
            yield from _gap_lines(leaf, gap, vocabulary)


def _times(report: RuleReport) -> str:
    tried = report.tried
    if not tried.asked:
        return "never asked"
    if not tried.in_force:
        return f"asked {tried.asked} times, never on a day on which it is valid"
    fired = f"fired {tried.fired}" if tried.fired else "never fired"
    return f"{fired} of {tried.asked} times asked"


def _gap_lines(leaf: LeafReport, gap: Gap, vocabulary: Vocabulary) -> Iterator[str]:
    decided = leaf.decided
    seen = "never" if decided.true or decided.false else "not decided, so never"
    outcome = "true" if gap.outcome else "false"
    condition = as_written(leaf.comparison, vocabulary=vocabulary)
    if not gap.is_possible:
        yield f"  {leaf.comparison.span}: can never be {outcome}: {condition}"
        return
    yield f"  {leaf.comparison.span}: {seen} {outcome}: {condition}"
    if gap.needed is not None:
        yield f"      {outcome} for: {gap.needed}"
