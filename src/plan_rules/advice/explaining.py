"""Why and why not, plan by plan and rule by rule, for a recommendation already made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plan_rules.advice.recommendation import Option, Recommendation, Rejection
from plan_rules.assessment.assessment import Assessment
from plan_rules.catalog.catalog import Catalog
from plan_rules.catalog.plan import Plan
from plan_rules.catalog.vocabulary import FactName
from plan_rules.rules.explanation import RuleExplanation, explain_rule, nearness
from plan_rules.rules.fact import AS_OF, Facts, Stage
from plan_rules.rules.normal import Alternatives, normal_forms
from plan_rules.rules.rule import Rule

OF_PLANS = "plan."
OF_USE = frozenset({FactName.UNCOVERED_SHARE, FactName.INCLUDED_SHARE})
"""The facts of plans that the customer's calls decide; all others are as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleAnswer:
    """One rule about one plan.

    An eligibility rule is asked once, a billing rule for each historic cycle: it fired in
    `fired` of `asked`. `explanation` is that of a cycle in which it fired, the first one, or
    of the cycle in which it came nearest to firing.
    """

    explanation: RuleExplanation
    fired: int
    asked: int

    @property
    def rule(self) -> Rule:
        """The rule."""
        return self.explanation.rule

    @property
    def is_about_others(self) -> bool:
        """Whether nothing but another plan or another day would make the rule fire."""
        needs = self.explanation.needs
        names = [need.fact.name for need in needs if need.fact.name not in OF_USE]
        fixed = any(name.startswith(OF_PLANS) or name == AS_OF for name in names)
        return not self.fired and (not self.explanation.can_fire or fixed)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAnswer:
    """One plan, answered: as an option with its rank, or as rejected; and every rule about it.

    Of a plan that is not for sale no rule is asked.
    """

    plan: Plan
    option: Option | None
    rejection: Rejection | None
    rules: tuple[RuleAnswer, ...]

    @property
    def assessment(self) -> Assessment | None:
        """What the plan would have cost, where it was judged."""
        answer = self.option or self.rejection
        return None if answer is None else answer.assessment


def explain(*, catalog: Catalog, advice: Recommendation) -> tuple[PlanAnswer, ...]:
    """Return every plan of a recommendation with every rule: options by rank, then rejected.

    `catalog` is the one that the recommendation was made from.
    """
    forms = normal_forms(catalog.rules)
    options = [
        PlanAnswer(
            plan=each.plan,
            option=each,
            rejection=None,
            rules=tuple(_answers(catalog, forms, each.assessment)),
        )
        for each in advice.options
    ]
    rejected = [
        PlanAnswer(
            plan=each.plan,
            option=None,
            rejection=each,
            rules=()
            if each.assessment is None
            else tuple(_answers(catalog, forms, each.assessment)),
        )
        for each in advice.rejected
    ]
    return (*options, *rejected)


def _answers(
    catalog: Catalog, forms: tuple[Alternatives, ...], assessment: Assessment
) -> Iterator[RuleAnswer]:
    """Yield the answer of every rule about an assessed plan, in the order of the catalog."""
    eligible = assessment.eligibility.decision
    billed = [each.decision.facts for each in assessment.adjusted if each.decision is not None]
    asked = {Stage.ELIGIBILITY: [eligible.facts] if eligible else [], Stage.BILLING: billed}
    for rule, alternatives in zip(catalog.rules, forms, strict=True):
        if asked[rule.stage]:
            yield _answer(catalog, rule, alternatives, asked[rule.stage])


def _answer(
    catalog: Catalog, rule: Rule, alternatives: Alternatives, asked: list[Facts]
) -> RuleAnswer:
    vocabulary = catalog.rules.vocabulary
    found = [
        explain_rule(rule=rule, vocabulary=vocabulary, facts=facts, alternatives=alternatives)
        for facts in asked
    ]
    fired = [each for each in found if each.fired]
    shown = fired[0] if fired else min(found, key=lambda each: nearness(each.needs))
    return RuleAnswer(explanation=shown, fired=len(fired), asked=len(found))
