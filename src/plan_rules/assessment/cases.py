"""Cases of rules, answered: what fires for the facts of each, and what was expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from plan_rules.assessment.eu_rates import classes_in_eea
from plan_rules.assessment.facts import facts_of_plan, facts_of_usage
from plan_rules.assessment.fixed import Codes
from plan_rules.catalog.catalog import Catalog
from plan_rules.catalog.vocabulary import FactName
from plan_rules.rules.case import RuleCase
from plan_rules.rules.coverage import Coverage
from plan_rules.rules.decision import decide
from plan_rules.rules.explanation import RuleExplanation, explain_rule
from plan_rules.rules.fact import AS_OF, TAGS, Facts, Stage
from plan_rules.rules.interpreter import Interpreter
from plan_rules.rules.rule import Rule, RuleSet
from plan_rules.tariff.compiling import tariff_book
from plan_rules.usage.customer import Customer

OF_PLAN = (AS_OF, FactName.HOME.value)
"""What a case has to say for the catalog to say the facts of its plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAnswer:
    """What the rules that a case is about said.

    `missing` are rules that were to fire and did not, each with the nearest way in which it
    would; `surplus` are rules that fired and were not to. `unsaid` are facts that are always
    known, that some rule asks for, and that the case does not say: then nothing was asked.
    `coverage` is what the case has tried.
    """

    case: RuleCase
    fired: tuple[str, ...] = ()
    missing: tuple[RuleExplanation, ...] = ()
    surplus: tuple[Rule, ...] = ()
    unsaid: tuple[str, ...] = ()
    coverage: Coverage

    @property
    def is_passed(self) -> bool:
        """Whether exactly the expected rules fired."""
        return not (self.missing or self.surplus or self.unsaid)


def answer_case(*, catalog: Catalog, case: RuleCase) -> CaseAnswer:
    """Return what the rules say of a case, as the interpreter decides.

    Without a word on usage the customer has not called. Of a plan the values in force on the
    day (`as-of`) hold, its shares of the customer's calls aside, which are 0 unless said.
    Billing rules are asked where the case says something of a bill or expects one to fire.
    Raises `UnknownId` for a plan the catalog does not have.
    """
    rules = _about(catalog.rules, case)
    codes, unsaid = _codes(catalog, case)
    stages = _stages(catalog.rules, case)
    unsaid |= {
        name
        for stage in stages
        for layer in rules.strata(stage)
        for name in rules.needs(layer)
        if name not in codes and name != TAGS
    }
    if unsaid:
        return CaseAnswer(case=case, unsaid=tuple(sorted(unsaid)), coverage=Coverage())
    return _asked(rules, case, Facts(codes), stages)


def _asked(rules: RuleSet, case: RuleCase, facts: Facts, stages: tuple[Stage, ...]) -> CaseAnswer:
    engine = Interpreter(rules)
    about = frozenset(case.about)
    fired: dict[str, Rule] = {}
    coverage = Coverage()
    for stage in stages:
        decision = decide(rules=rules, engine=engine, stage=stage, facts=facts)
        facts = decision.facts
        fired |= {rule.id: rule for rule in decision.fired if not about or rule.id in about}
        coverage = coverage.with_sheet(rules=rules, stage=stage, facts=facts, sheet=case.name)
    by_id = {rule.id: rule for rule in rules}
    return CaseAnswer(
        case=case,
        fired=tuple(fired),
        missing=tuple(
            explain_rule(rule=by_id[name], vocabulary=rules.vocabulary, facts=facts)
            for name in case.fires
            if name not in fired
        ),
        surplus=tuple(rule for name, rule in fired.items() if name not in case.fires),
        coverage=coverage,
    )


def _about(rules: RuleSet, case: RuleCase) -> RuleSet:
    """Return the rules a case is about, and those that set tags which they ask for."""
    if not case.about:
        return rules
    kept = frozenset(case.about)
    while True:
        read = {rules.tags[word] for rule in rules if rule.id in kept for word in rule.reads_tags}
        more = kept | {rule.id for rule in rules if read.intersection(rule.sets)}
        if more == kept:
            return replace(rules, rules=tuple(rule for rule in rules if rule.id in kept))
        kept = more


def _stages(rules: RuleSet, case: RuleCase) -> tuple[Stage, ...]:
    """Return the stages that a case asks."""
    billing = {rule.id for rule in rules if rule.stage is Stage.BILLING}
    of_bill = any(rules.vocabulary[name].stage is Stage.BILLING for name in case.codes)
    if of_bill or billing.intersection(case.fires):
        return (Stage.ELIGIBILITY, Stage.BILLING)
    return (Stage.ELIGIBILITY,)


def _codes(catalog: Catalog, case: RuleCase) -> tuple[Codes, set[str]]:
    """Return the facts of a case, and the names of those that it would have to say first."""
    book = tariff_book(catalog)
    codes: Codes = {**facts_of_usage(catalog, book, None)}
    unsaid: set[str] = set()
    if case.plan:
        unsaid = {name for name in OF_PLAN if case.codes.get(name) is None}
        if not unsaid:
            codes |= _plan_codes(catalog, case)
    for name, code in case.codes.items():
        codes.pop(name, None)
        if code is not None:
            codes[name] = code
    return codes, unsaid


def _plan_codes(catalog: Catalog, case: RuleCase) -> Codes:
    """Return the facts of a case's plan on its day, for a customer of its home."""
    book = tariff_book(catalog)
    on = date.fromordinal(case.codes[AS_OF] or 0)
    customer = Customer(
        id=case.name,
        home=_word(catalog, case.codes, FactName.HOME),
        zone=catalog.zone,
        anchor=on,
        plan=_word(catalog, case.codes, FactName.CUSTOMER_PLAN),
    )
    eea = classes_in_eea(book, home=customer.home)
    return facts_of_plan(catalog, book, book.plan(case.plan), customer=customer, on=on, eea=eea)


def _word(catalog: Catalog, codes: Mapping[str, int | None], name: FactName) -> str:
    code = codes.get(name)
    return "" if code is None else catalog.rules.vocabulary[name].values[code]
