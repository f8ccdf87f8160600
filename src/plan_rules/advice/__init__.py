"""Which plan a customer should be on, and why the others not.

The one idea: every plan gets an answer. A recommendation ranks the plans a customer may
choose, says what each would cost and cover by their own history, keeps "stay" among the
options, and gives every other plan a reason. Nothing here knows how a call is priced.
"""

from plan_rules.advice.explaining import PlanAnswer, RuleAnswer, explain
from plan_rules.advice.policy import Policy
from plan_rules.advice.recommendation import (
    Confidence,
    Option,
    Recommendation,
    Rejection,
    WhyNot,
    recommend,
)

__all__ = [
    "Confidence",
    "Option",
    "PlanAnswer",
    "Policy",
    "Recommendation",
    "Rejection",
    "RuleAnswer",
    "WhyNot",
    "explain",
    "recommend",
]
