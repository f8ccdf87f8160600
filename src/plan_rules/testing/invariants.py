"""What holds for every bill, as functions that raise `AssertionError` where it does not."""

from __future__ import annotations

from plan_rules.rating.bill import Bill
from plan_rules.rating.charge import Outcome
from plan_rules.tariff.meters import MeterKind


def check_bill(bill: Bill) -> None:
    """Check every invariant of a bill."""
    check_lines_sum(bill)
    check_billed_seconds(bill)
    check_no_overdraw(bill)
    check_nothing_lost(bill)


def check_lines_sum(bill: Bill) -> None:
    """Check that lines sum to the total, and the parts of each charge to its amount."""
    assert sum(line.gross_micros for line in bill.lines) == bill.total_micros
    assert sum(line.net_micros for line in bill.lines) == bill.net_micros
    assert all(line.tax_micros * line.amount_micros >= 0 for line in bill.lines)
    for charge in bill.charges:
        assert sum(micros for _, _, micros in bill.parts_of(charge)) == charge.amount_micros


def check_billed_seconds(bill: Bill) -> None:
    """Check that a rated call bills at least its seconds, and any other bills nothing."""
    for charge in bill.charges:
        drawn_calls = any(
            bill.tariff.meters[draw.meter].kind is MeterKind.CALLS for draw in charge.draws
        )
        if charge.outcome is not Outcome.RATED or charge.call.seconds == 0:
            assert charge.billed_seconds == 0
            assert charge.amount_micros == 0
            assert not charge.draws
        else:
            assert charge.billed_seconds >= charge.call.seconds or drawn_calls


def check_no_overdraw(bill: Bill) -> None:
    """Check that no allowance with a limit is used beyond it."""
    for usage in bill.allowances:
        assert usage.limit is None or usage.used <= usage.limit


def check_nothing_lost(bill: Bill) -> None:
    """Check that each call has one outcome, and that the meters counted what was drawn."""
    by_outcome = sum(len(bill.calls_with(outcome)) for outcome in Outcome)
    assert by_outcome == len(bill.charges)
    drawn: dict[int, int] = {}
    for charge in bill.charges:
        for draw in charge.draws:
            drawn[draw.meter] = drawn.get(draw.meter, 0) + draw.amount
    for meter, amount in drawn.items():
        assert bill.state.used[meter] == amount
