"""Every model of the published cases with how it is run, and the verdict of a case."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.conformance.proration_amounts import (
    run_allowance_30,
    run_allowance_second,
    run_annualised,
    run_arrears_anniversary,
    run_cap,
    run_credit_note,
    run_days,
    run_discount,
    run_doc_days,
    run_doc_invoice,
    run_downgrade,
    run_duration,
    run_end_235959,
    run_first_bill,
    run_fixed_30,
    run_fixed_30_allowance,
    run_fixed_30_arrears,
    run_half_even,
    run_months,
    run_nominal,
    run_one_time,
    run_repair,
    run_repair_capped,
    run_second_based,
    run_stub,
    run_switch_by_day,
    run_switch_of_components,
    run_terminate,
    run_trial,
    run_upgrades,
    run_value_to_days,
    run_weekly,
)
from tests.conformance.proration_cycles import (
    run_advance,
    run_aligned,
    run_aligned_to_next,
    run_anniversary,
    run_billed_items,
    run_billing_day,
    run_billing_interval,
    run_calendar_period,
    run_containing,
    run_day_count,
    run_elapsed,
    run_inclusive_day_count,
    run_invoice_in_advance,
    run_invoice_in_arrears,
    run_new_billing_day,
    run_next_billing_date,
    run_recurrence,
    run_whole_periods,
)
from tests.conformance.proration_shares import (
    run_factor,
    run_fixed_month_days,
    run_fraction,
    run_three_conventions,
)
from tests.conformance.proration_values import (
    Case,
    Found,
    Refused,
)


@dataclass(frozen=True)
class Verdict:
    """What became of a case: `passed`, `failed` or `refused`, and why."""

    case_id: str
    model: str
    outcome: str
    why: str = ""


def refuse(reason: str) -> Callable[[Case], Found]:
    def run(_: Case) -> Found:
        raise Refused(reason)

    return run


MODELS: dict[str, Callable[[Case], Found]] = {
    "allowance-30-day": run_allowance_30,
    "allowance-second-based": run_allowance_second,
    "annualised-daily-rate": run_annualised,
    "billing-day-from-instant": run_billing_day,
    "chargebee-day-based": run_switch_by_day,
    "credit-cap": run_cap,
    "discount-before-proration": run_discount,
    "docs-example": run_doc_invoice,
    "effective-date-for-new-billing-day": run_new_billing_day,
    "elapsed-cycles": run_elapsed,
    "first-bill": run_first_bill,
    "fixed-30-day": run_fixed_30,
    "fixed-30-day-allowance": run_fixed_30_allowance,
    "fixed-30-day-arrears": run_fixed_30_arrears,
    "flexprice-day-based-inclusive": run_switch_by_day,
    "flexprice-day-count": run_day_count,
    "killbill-advance-n-periods": run_advance,
    "killbill-bcd-align": run_aligned,
    "killbill-bcd-align-to-next": run_aligned_to_next,
    "killbill-billing-interval": run_billing_interval,
    "killbill-billing-interval-greedy": run_billing_interval,
    "killbill-days-between-fixed-month": run_fixed_month_days,
    "killbill-in-advance-annual": run_billed_items,
    "killbill-in-advance-items": run_billed_items,
    "killbill-in-advance-monthly": run_billed_items,
    "killbill-in-advance-quarterly": run_billed_items,
    "killbill-in-arrear-monthly": run_billed_items,
    "killbill-leading-fraction": run_fraction,
    "killbill-repair-credit": run_repair,
    "killbill-repair-credit-capped": run_repair_capped,
    "killbill-stub": run_stub,
    "killbill-trailing-biennial": run_stub,
    "killbill-trailing-fraction": run_fraction,
    "killbill-whole-periods": run_whole_periods,
    "lago-anniversary-period": run_anniversary,
    "lago-arrears-anniversary": run_arrears_anniversary,
    "lago-calendar-period-timezone": run_calendar_period,
    "lago-downgrade-cadence-change": run_downgrade,
    "lago-float-artefact": run_days,
    "lago-in-advance-multiple-upgrade": run_upgrades,
    "lago-in-advance-terminate": run_terminate,
    "lago-in-advance-trial": run_trial,
    "lago-in-advance-weekly-calendar": run_weekly,
    "lago-inclusive-day-count": run_inclusive_day_count,
    "lago-prorated-fee": run_days,
    "lago-recurring-usage-prorated": run_days,
    "lago-subscription-fee": run_days,
    "lago-termination-credit": run_days,
    "lago-termination-credit-note": run_credit_note,
    "lago-termination-refund-split": refuse("what is paid back of a credit is the host's to say"),
    "lago-trial": run_days,
    "lago-trial-upgrade": run_days,
    "lago-upgrade-arrears": run_days,
    "lago-upgrade-cadence-change": run_days,
    "lago-upgrade-credit": run_days,
    "lago-upgrade-in-advance": run_days,
    "lago-upgrade-quarterly": run_days,
    "meteroid-advance-period": run_invoice_in_advance,
    "meteroid-arrear-period": run_invoice_in_arrears,
    "meteroid-change-half-open": run_switch_of_components,
    "meteroid-factor": run_factor,
    "months-method": run_months,
    "next-billing-date-from-anchor": run_next_billing_date,
    "nominal-period-proration": run_nominal,
    "one-time-fee": run_one_time,
    "openmeter-duration-ratio": run_duration,
    "period-containing-date": run_containing,
    "polar-doc-example": run_doc_days,
    "polar-second-based-half-even": run_half_even,
    "quantity-delta-truncated": refuse("a plan has one fee and no number of seats"),
    "recurrence-from-anchor": run_recurrence,
    "remaining-value-to-days": run_value_to_days,
    "second-based-end-235959": run_end_235959,
    "stripe-second-based": run_second_based,
    "stripe-upcoming-invoice": refuse("its lines and taxes are given; nothing is prorated"),
    "zuora-three-conventions": run_three_conventions,
}


def verdict(case: Case) -> Verdict:
    """Return what became of one case."""
    refused = not_for_us(case)
    if refused:
        return Verdict(case["id"], case["model"], "refused", refused)
    try:
        compared = list(MODELS[case["model"]](case))
    except Refused as reason:
        return Verdict(case["id"], case["model"], "refused", str(reason))
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        return Verdict(case["id"], case["model"], "failed", f"{type(error).__name__}: {error}")
    wrong = [
        f"{what}: expected {expected}, found {found}"
        for what, expected, found in compared
        if expected != found
    ]
    if not compared:
        wrong = ["nothing was compared"]
    return Verdict(case["id"], case["model"], "failed" if wrong else "passed", "; ".join(wrong))


def not_for_us(case: Case) -> str:
    """Return why a case is no test of anyone's convention, or an empty text."""
    if case["kind"] == "bug-report":
        return "a bug report and no convention"
    if not case.get("verified"):
        return "not verified by its source"
    if "quirk" in case["tags"]:
        return "a quirk of its source that contradicts its own rule"
    return "" if case["model"] in MODELS else f"unknown model {case['model']}"


def run(path: Path) -> list[Verdict]:
    """Return the verdict of every case of a file."""
    return [verdict(case) for case in json.loads(path.read_text("utf-8"))]
