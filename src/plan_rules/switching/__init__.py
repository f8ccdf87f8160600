"""What it costs to move from one plan to another, on a given day.

The one idea: a quote is a tuple of lines with their derivation, each share an exact fraction of
the cycle rounded once, so that a switch from a plan to itself costs exactly nothing. A quote
pins what it was made from, and a stale or expired one is refused. A subscription is the replay
of its events: commands return events, and nothing is changed in place. This package must not
know how plans are ranked, where a subscription is stored, or what time it is.
"""

from plan_rules.assessment.eligibility import OPEN, Eligibility, Reason, Requirement
from plan_rules.switching.account import cancel_schedule, credit_account
from plan_rules.switching.activation import activate
from plan_rules.switching.charging import charge_cycle
from plan_rules.switching.confirming import Confirmation, confirm_switch
from plan_rules.switching.counter import Counter
from plan_rules.switching.documents import (
    parsed_document,
    quote_document,
    read_quote,
    read_subscription,
    subscription_document,
)
from plan_rules.switching.ending import cancel
from plan_rules.switching.events import (
    Activated,
    Cancelled,
    Change,
    Charged,
    Credited,
    Event,
    Grid,
    OnPlan,
    Paused,
    Promotion,
    Resumed,
    ScheduleCancelled,
    Scheduled,
    Switched,
    Term,
    UsageCounted,
)
from plan_rules.switching.fee_adjustment import FeeAdjustment
from plan_rules.switching.interruption import pause, resume
from plan_rules.switching.json_form import DamagedDocument
from plan_rules.switching.line import Line, LineKind
from plan_rules.switching.payment import Payment, Settlement
from plan_rules.switching.quote import (
    Comparison,
    DayOption,
    Direction,
    Moment,
    SwitchQuote,
    SwitchWarning,
    TermKind,
    WarningKind,
)
from plan_rules.switching.quoting import quote_switch
from plan_rules.switching.refusal import (
    CommandRefused,
    ExpiredQuote,
    KeyInUse,
    MissingConsent,
    QuoteNotConfirmed,
    Refusal,
    StaleQuote,
    SwitchRefusal,
    WhyRefused,
    WrongCustomer,
)
from plan_rules.switching.subscription import Status, Subscription
from plan_rules.switching.usage_bill import bill_usage
from plan_rules.switching.usage_count import count_usage

__all__ = [
    "OPEN",
    "Activated",
    "Cancelled",
    "Change",
    "Charged",
    "CommandRefused",
    "Comparison",
    "Confirmation",
    "Counter",
    "Credited",
    "DamagedDocument",
    "DayOption",
    "Direction",
    "Eligibility",
    "Event",
    "ExpiredQuote",
    "FeeAdjustment",
    "Grid",
    "KeyInUse",
    "Line",
    "LineKind",
    "MissingConsent",
    "Moment",
    "OnPlan",
    "Paused",
    "Payment",
    "Promotion",
    "QuoteNotConfirmed",
    "Reason",
    "Refusal",
    "Requirement",
    "Resumed",
    "ScheduleCancelled",
    "Scheduled",
    "Settlement",
    "StaleQuote",
    "Status",
    "Subscription",
    "SwitchQuote",
    "SwitchRefusal",
    "SwitchWarning",
    "Switched",
    "Term",
    "TermKind",
    "UsageCounted",
    "WarningKind",
    "WhyRefused",
    "WrongCustomer",
    "activate",
    "bill_usage",
    "cancel",
    "cancel_schedule",
    "charge_cycle",
    "confirm_switch",
    "count_usage",
    "credit_account",
    "parsed_document",
    "pause",
    "quote_document",
    "quote_switch",
    "read_quote",
    "read_subscription",
    "resume",
    "subscription_document",
]
