"""The readable engine: one call, one cycle, one bill. Right by definition.

The one idea: a call is walked through one row of the compiled tariff, a cycle keeps nothing
but meters, and a bill gathers charges into lines by what made them. Pricing with and without
an explanation is one code path. This package reads no file and no clock, and does not know
how plans are compared.
"""

from plan_rules.rating.bill import AllowanceUsage, Bill, BillLine
from plan_rules.rating.charge import Charge, Draw, Outcome, Part
from plan_rules.rating.placing import PlacedCall, place_calls, rating_order
from plan_rules.rating.rating import CycleInputs, billing_anchor, rate, rate_cycle, resettled

__all__ = [
    "AllowanceUsage",
    "Bill",
    "BillLine",
    "Charge",
    "CycleInputs",
    "Draw",
    "Outcome",
    "Part",
    "PlacedCall",
    "billing_anchor",
    "place_calls",
    "rate",
    "rate_cycle",
    "rating_order",
    "resettled",
]
