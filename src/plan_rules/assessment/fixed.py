"""What plans always are, whoever asks and on whatever day."""

from __future__ import annotations

from plan_rules.catalog.catalog import Catalog
from plan_rules.catalog.plan import Plan
from plan_rules.catalog.vocabulary import FactName

Codes = dict[str, int]
"""Codes of facts by name."""


def fixed_facts(catalog: Catalog) -> tuple[Codes, ...]:
    """Return, for each plan, the codes of those of its facts that no day and customer changes."""
    if not catalog.rules.rules:
        return ()
    return tuple(facts_as_written(catalog, plan) for plan in catalog.plans.values())


def facts_as_written(catalog: Catalog, plan: Plan) -> Codes:
    """Return the codes of those facts of a plan that its file alone decides."""
    vocabulary = catalog.rules.vocabulary
    codes: Codes = {
        FactName.PLAN: vocabulary[FactName.PLAN].code(plan.id),
        FactName.KIND: vocabulary[FactName.KIND].code(plan.kind.value),
        FactName.ONE_TIME: sum(amount for _, amount in plan.one_time),
        FactName.COMMITMENT: 0 if plan.commitment is None else plan.commitment.cycles,
        FactName.HAS_INTRO: int(plan.intro is not None),
        FactName.PREPAID: int(plan.billing.usage_in_advance),
    }
    if FactName.LABELS in vocabulary:
        codes[FactName.LABELS] = vocabulary[FactName.LABELS].code(plan.labels)
    return codes
