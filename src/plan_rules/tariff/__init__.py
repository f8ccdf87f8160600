"""The compiled tariff: what both engines read.

The one idea: a dialed number becomes a destination class once, and everything a plan says
is then a column over classes. Compiling resolves every selector, zone, date and policy, so
that an engine only looks up, counts and adds. This package knows no call, no customer and
no file; it keeps the index of the `Span` behind every entry, so that an explanation costs
nothing until someone asks.
"""

from plan_rules.tariff.book import (
    AllowanceUse,
    CycleTerms,
    Maker,
    MakerKind,
    PlanTariff,
    Schedule,
    SurchargeUse,
    TariffBook,
    Treatment,
)
from plan_rules.tariff.compiling import compile_catalog, tariff_book
from plan_rules.tariff.digest import SCHEMA_VERSION, catalog_digest
from plan_rules.tariff.meters import UNLIMITED, CycleState, MeterKind, MeterSpec
from plan_rules.tariff.monotone import is_monotone

__all__ = [
    "SCHEMA_VERSION",
    "UNLIMITED",
    "AllowanceUse",
    "CycleState",
    "CycleTerms",
    "Maker",
    "MakerKind",
    "MeterKind",
    "MeterSpec",
    "PlanTariff",
    "Schedule",
    "SurchargeUse",
    "TariffBook",
    "Treatment",
    "catalog_digest",
    "compile_catalog",
    "is_monotone",
    "tariff_book",
]
