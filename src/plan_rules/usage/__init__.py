"""Calls, customers and profiles: what a customer did, without any plan.

The one idea: a row of a call file becomes a `Call` or a reported row, never nothing. Only
the readers touch files; this package knows neither plans nor prices.
"""

from plan_rules.usage.call import Call, whole_seconds
from plan_rules.usage.customer import Customer, Fact, customer_from_mapping
from plan_rules.usage.profile import CycleUsage, DestinationUsage, Profile, profile
from plan_rules.usage.readers import (
    PRESETS,
    CallFile,
    CallsRejected,
    RejectedRow,
    UnreadableFile,
    read_calls,
    read_customer,
)

__all__ = [
    "PRESETS",
    "Call",
    "CallFile",
    "CallsRejected",
    "Customer",
    "CycleUsage",
    "DestinationUsage",
    "Fact",
    "Profile",
    "RejectedRow",
    "UnreadableFile",
    "customer_from_mapping",
    "profile",
    "read_calls",
    "read_customer",
    "whole_seconds",
]
