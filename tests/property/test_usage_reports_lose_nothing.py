"""A usage report loses no call and no second, and what is projected only adds to what is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from plan_rules.catalog import Catalog
from plan_rules.journey.call_report import reported_calls
from plan_rules.journey.usage import CycleSummary, review_usage
from plan_rules.tariff.meters import MeterKind
from plan_rules.testing import CUSTOMER, calls, catalogs
from plan_rules.usage import Call

AS_OF = st.sampled_from(
    [
        datetime(2026, 2, 9, 23, tzinfo=UTC),
        datetime(2026, 3, 2, 7, tzinfo=UTC),
        datetime(2026, 3, 31, 3, 59, tzinfo=UTC),
        datetime(2026, 5, 1, tzinfo=UTC),
    ]
)
SINCE = st.sampled_from([None, date(2026, 1, 31), date(2026, 2, 9)])


@given(catalogs(taxed=True), calls(), AS_OF, SINCE)
def test_every_call_and_second_is_told_once(
    catalog: Catalog, made: list[Call], as_of: datetime, since: date | None
) -> None:
    customer = replace(CUSTOMER, plan="plan-0", since=since)
    report = review_usage(catalog=catalog, customer=customer, calls=made, as_of=as_of)

    told = sum(each.calls + each.unanswered for each in report.cycles)
    assert told + report.unserved_calls + report.later_calls == len(made)
    for before, after in zip(report.cycles, report.cycles[1:], strict=False):
        assert before.cycle.end == after.cycle.start
    for each in report.cycles:
        demand_accounts(each)
        assert len(reported_calls(report, each)) == each.calls + each.unanswered


def demand_accounts(summary: CycleSummary) -> None:
    charges = summary.bill.charges
    rows = summary.destinations
    assert sum(row.amount_micros for row in rows) == summary.bill.usage_micros
    assert sum(row.paid_seconds for row in rows) == sum(each.paid_seconds for each in charges)
    assert sum(row.included_seconds + row.paid_seconds for row in rows) == sum(
        each.billed_seconds for each in charges
    )
    seconds = [each for each in summary.allowances if each.unit is MeterKind.SECONDS]
    assert sum(each.overage for each in seconds) <= sum(each.paid_seconds for each in charges)
    for each in summary.allowances:
        assert each.used >= 0
        assert each.overage >= 0
        assert each.left is None or each.left + each.used == each.limit
        if each.projected is not None and each.projected_overage is not None:
            assert each.projected >= each.used + each.overage
            assert each.projected_overage >= each.overage
        if each.used_up_on is not None:
            assert summary.cycle.start <= each.used_up_on < summary.cycle.end
    if summary.projected is not None:
        known = len(charges)
        assert summary.projected.charges[:known] == charges
