"""An agent's way with a customer, from opening the account to the follow-up.

The one idea: seven steps over a stored state (access the account, review the current plan,
discuss needs, present options, update the plan, confirm, follow up), each of which hands its
question to the packages below and keeps the answer. Only stores know how state is kept. This
package must hold no price and no rule of its own, and does not read the clock.
"""

from plan_rules.journey.call_report import ReportedCall, calls_csv, reported_calls
from plan_rules.journey.journey import (
    Agreed,
    Journey,
    NotPresented,
    OtherSubscription,
    OutOfOrder,
    Presented,
    Receipt,
    Reviewed,
    Step,
)
from plan_rules.journey.keeping import (
    confirm,
    journey_document,
    keep_events,
    keep_journey,
    load_journey,
    load_subscription,
    read_journey,
)
from plan_rules.journey.needs import NeededDestination, StatedNeeds
from plan_rules.journey.options import Misfit, PresentedOption, RateRange, options_for
from plan_rules.journey.page import calls_page
from plan_rules.journey.standing import AllowanceStanding
from plan_rules.journey.steps import (
    agree_to_terms,
    confirmed,
    discuss_needs,
    open_journey,
    present_options,
    quote_option,
    review_plan,
    schedule_follow_ups,
)
from plan_rules.journey.stores import (
    Commit,
    Committed,
    DamagedState,
    Draft,
    KeyReused,
    MemoryStore,
    StaleVersion,
    Store,
    StoreUnavailable,
    open_store,
)
from plan_rules.journey.subscription_usage import review_subscription
from plan_rules.journey.usage import CycleSummary, DestinationSummary, UsageReport, review_usage
from plan_rules.journey.usage_document import usage_document

__all__ = [
    "Agreed",
    "AllowanceStanding",
    "Commit",
    "Committed",
    "CycleSummary",
    "DamagedState",
    "DestinationSummary",
    "Draft",
    "Journey",
    "KeyReused",
    "MemoryStore",
    "Misfit",
    "NeededDestination",
    "NotPresented",
    "OtherSubscription",
    "OutOfOrder",
    "Presented",
    "PresentedOption",
    "RateRange",
    "Receipt",
    "ReportedCall",
    "Reviewed",
    "StaleVersion",
    "StatedNeeds",
    "Step",
    "Store",
    "StoreUnavailable",
    "UsageReport",
    "agree_to_terms",
    "calls_csv",
    "calls_page",
    "confirm",
    "confirmed",
    "discuss_needs",
    "journey_document",
    "keep_events",
    "keep_journey",
    "load_journey",
    "load_subscription",
    "open_journey",
    "open_store",
    "options_for",
    "present_options",
    "quote_option",
    "read_journey",
    "reported_calls",
    "review_plan",
    "review_subscription",
    "review_usage",
    "schedule_follow_ups",
    "usage_document",
]
