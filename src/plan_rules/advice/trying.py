"""Which rules the customers of recommendations have tried."""

from __future__ import annotations

from plan_rules.advice.recommendation import Option, Recommendation, Rejection
from plan_rules.rules.coverage import Coverage, Known
from plan_rules.rules.fact import Stage
from plan_rules.rules.rule import RuleSet


def tried_by(
    advice: Recommendation, *, rules: RuleSet, coverage: Coverage | None = None
) -> Coverage:
    """Return `coverage` and what a recommendation has tried besides.

    Eligibility rules are asked once about each plan on sale and the present one, billing rules
    once for each historic cycle on each of these plans. `rules` are those of the catalog that
    the recommendation was made from.
    """
    found = coverage or Coverage()
    known: Known = {}
    answers: tuple[Option | Rejection, ...] = (*advice.options, *advice.rejected)
    for answered in answers:
        assessment = answered.assessment
        if assessment is None or assessment.eligibility.decision is None:
            continue
        sheet = f"{advice.customer_id} on {answered.plan.id}"
        found = found.with_sheet(
            rules=rules,
            stage=Stage.ELIGIBILITY,
            facts=assessment.eligibility.decision.facts,
            sheet=sheet,
            known=known,
        )
        for each in assessment.adjusted:
            if each.decision is not None:
                found = found.with_sheet(
                    rules=rules,
                    stage=Stage.BILLING,
                    facts=each.decision.facts,
                    sheet=f"{sheet}, {each.bill.cycle}",
                    known=known,
                )
    return found
