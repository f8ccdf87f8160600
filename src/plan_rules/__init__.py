"""Which international calling plan fits a customer, what it costs, and why.

The public names are below; each is loaded when it is first asked for, so that importing the
package costs next to nothing and neither YAML nor JSON Schema is imported until a catalog is
read from files. `plan_rules.testing` holds strategies and invariants for test authors.
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plan_rules.advice.recommendation import Recommendation, recommend
    from plan_rules.assessment.billing import rate
    from plan_rules.catalog.catalog import Catalog
    from plan_rules.catalog.plan import Plan
    from plan_rules.errors import CatalogInvalid, Issue, PlanRulesError
    from plan_rules.loading.loader import check_catalog, load_catalog, read_customer
    from plan_rules.money import Money
    from plan_rules.rating.bill import Bill
    from plan_rules.switching.activation import activate
    from plan_rules.switching.charging import charge_cycle
    from plan_rules.switching.confirming import confirm_switch
    from plan_rules.switching.quote import SwitchQuote
    from plan_rules.switching.quoting import quote_switch
    from plan_rules.switching.refusal import QuoteNotConfirmed, SwitchRefusal
    from plan_rules.switching.subscription import Subscription
    from plan_rules.switching.usage_bill import bill_usage
    from plan_rules.usage.call import Call
    from plan_rules.usage.customer import Customer
    from plan_rules.usage.profile import Profile, profile
    from plan_rules.usage.readers.calls import read_calls

__all__ = [
    "Bill",
    "Call",
    "Catalog",
    "CatalogInvalid",
    "Customer",
    "Issue",
    "Money",
    "Plan",
    "PlanRulesError",
    "Profile",
    "QuoteNotConfirmed",
    "Recommendation",
    "Subscription",
    "SwitchQuote",
    "SwitchRefusal",
    "activate",
    "bill_usage",
    "charge_cycle",
    "check_catalog",
    "confirm_switch",
    "load_catalog",
    "profile",
    "quote_switch",
    "rate",
    "read_calls",
    "read_customer",
    "recommend",
]

HOMES = {
    "Bill": "rating.bill",
    "Call": "usage.call",
    "Catalog": "catalog.catalog",
    "CatalogInvalid": "errors",
    "Customer": "usage.customer",
    "Issue": "errors",
    "Money": "money",
    "Plan": "catalog.plan",
    "PlanRulesError": "errors",
    "Profile": "usage.profile",
    "QuoteNotConfirmed": "switching.refusal",
    "Recommendation": "advice.recommendation",
    "Subscription": "switching.subscription",
    "SwitchQuote": "switching.quote",
    "SwitchRefusal": "switching.refusal",
    "activate": "switching.activation",
    "bill_usage": "switching.usage_bill",
    "charge_cycle": "switching.charging",
    "check_catalog": "loading.loader",
    "confirm_switch": "switching.confirming",
    "load_catalog": "loading.loader",
    "profile": "usage.profile",
    "quote_switch": "switching.quoting",
    "rate": "assessment.billing",
    "read_calls": "usage.readers.calls",
    "read_customer": "loading.loader",
    "recommend": "advice.recommendation",
}
"""The module below `plan_rules` that each public name is defined in."""

logging.getLogger("plan_rules").addHandler(logging.NullHandler())


if not TYPE_CHECKING:  # a type checker would believe in any name

    def __getattr__(name: str) -> object:
        """Load a public name when it is first asked for."""
        if name not in HOMES:
            message = f"module 'plan_rules' has no attribute {name!r}"
            raise AttributeError(message)
        value = getattr(import_module(f"plan_rules.{HOMES[name]}"), name)
        globals()[name] = value
        return value
