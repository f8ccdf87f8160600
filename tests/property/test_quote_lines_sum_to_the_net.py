"""The lines of a quote sum to what is charged; each says what it is a share of."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from plan_rules.catalog import Catalog
from plan_rules.money import Money
from plan_rules.switching import LineKind, credit_account
from tests.property.plans_to_switch import DAYS, catalogs, later, plans
from tests.unit.switching.subscribers import charged, noon, quoted, subscriber


@given(catalogs(plans("old"), plans("new")), DAYS, DAYS, st.integers(0, 70), st.integers(1, 30_000))
def test_lines_sum_to_the_net(
    catalog: Catalog, start: date, anchor: date, days: int, cents: int
) -> None:
    today = later(start, days)
    before = charged(catalog, subscriber(catalog, "old", start, anchor=anchor), today)
    amount = Money(cents * 10_000, "USD")
    before = before.after(
        credit_account(subscription=before, amount=amount, reason="sorry", as_of=noon(today))
    )
    quote = quoted(catalog, before, "new", today)
    assert quote.net_micros == sum(line.net_micros for line in quote.lines)
    gross = sum(line.net_micros + line.tax_micros for line in quote.lines)
    paid = quote.settlement
    assert gross == paid.gross_micros == quote.gross_micros
    assert paid.due_micros >= 0
    assert paid.credit_after_micros >= 0
    assert paid.due_micros - (paid.credit_after_micros - before.credit_micros) == gross
    for line in quote.lines:
        assert line.derivation
        whole = line.price_micros if line.kind is not LineKind.CREDIT else -line.price_micros
        if line.kind in {LineKind.FEE, LineKind.INTRO_FEE}:
            assert abs(line.amount_micros - whole * line.share) <= 5_000
        assert abs(line.tax_micros) <= abs(line.gross_micros)
