"""One plan for one profile: what it would have cost, what it covers, and the order of plans.

The one idea: every complete cycle of history is rated on the plan as a whole, then averaged;
the average is never rated. This package knows neither policies nor wording; advice and batch
both stand on it, so that they rank alike.
"""

from plan_rules.assessment.assessment import (
    Assessment,
    CycleCost,
    assess_plan,
)
from plan_rules.assessment.bites import Bite, BiteKind, bites_of
from plan_rules.assessment.coverage import CountryCoverage, coverage_by_country
from plan_rules.assessment.history import History, NotEnoughHistory, called_countries
from plan_rules.assessment.order import covers, missed_calls, plan_order

__all__ = [
    "Assessment",
    "Bite",
    "BiteKind",
    "CountryCoverage",
    "CycleCost",
    "History",
    "NotEnoughHistory",
    "assess_plan",
    "bites_of",
    "called_countries",
    "coverage_by_country",
    "covers",
    "missed_calls",
    "plan_order",
]
