"""What product managers write, as values.

The one idea: a catalog is data. Each noun of the grammar is a frozen value that remembers
where it was written; nothing here computes a price, reads a file or knows a customer.
"""

from plan_rules.catalog.allowance import (
    Allowance,
    AllowanceUnit,
    Hours,
    InsidePrice,
    Limit,
    LimitMetric,
    Limits,
    Remnant,
    Reset,
    Share,
    WhenUsedUp,
)
from plan_rules.catalog.catalog import Catalog, EitherPolicy, Tax
from plan_rules.catalog.dated import Dated
from plan_rules.catalog.plan import (
    AllowanceMode,
    Billing,
    Commitment,
    Device,
    EarlyTermination,
    Intro,
    Plan,
    PlanKind,
    Restriction,
    RestrictionKind,
    Surcharge,
    Switching,
    Volume,
    VolumeModel,
    VolumeTier,
    VolumeUnit,
)
from plan_rules.catalog.rate import (
    Increment,
    Rate,
    RateEntry,
    RateTable,
    RateTerms,
    RateTier,
)
from plan_rules.catalog.vocabulary import FactName, customer_facts, vocabulary_of
from plan_rules.catalog.zone import Zone, ZoneMembers

__all__ = [
    "Allowance",
    "AllowanceMode",
    "AllowanceUnit",
    "Billing",
    "Catalog",
    "Commitment",
    "Dated",
    "Device",
    "EarlyTermination",
    "EitherPolicy",
    "FactName",
    "Hours",
    "Increment",
    "InsidePrice",
    "Intro",
    "Limit",
    "LimitMetric",
    "Limits",
    "Plan",
    "PlanKind",
    "Rate",
    "RateEntry",
    "RateTable",
    "RateTerms",
    "RateTier",
    "Remnant",
    "Reset",
    "Restriction",
    "RestrictionKind",
    "Share",
    "Surcharge",
    "Switching",
    "Tax",
    "Volume",
    "VolumeModel",
    "VolumeTier",
    "VolumeUnit",
    "WhenUsedUp",
    "Zone",
    "ZoneMembers",
    "customer_facts",
    "vocabulary_of",
]
