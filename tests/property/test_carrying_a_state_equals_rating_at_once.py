"""Splitting a cycle's calls and carrying the meters over equals rating them at once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from plan_rules.catalog import Catalog
from plan_rules.periods import cycle_at
from plan_rules.rating import CycleInputs, billing_anchor, place_calls, rate_cycle
from plan_rules.tariff import compile_catalog
from plan_rules.testing import CUSTOMER, calls, catalogs
from plan_rules.usage import Call


@given(catalogs(), calls(), st.integers(0, 12))
def test_a_cycle_may_be_split_anywhere(catalog: Catalog, made: list[Call], at: int) -> None:
    book = compile_catalog(catalog)
    for plan_id, tariff in book.plans.items():
        placed = place_calls(book, made, zone=CUSTOMER.zone)
        if not placed:
            continue
        anchor = billing_anchor(tariff, CUSTOMER.anchor)
        length = tariff.plan.billing.length
        cycle = cycle_at(placed[0].day, anchor=anchor, length=length)
        whole = rate_cycle(book, tariff, cycle=cycle, placed=placed)
        first = rate_cycle(book, tariff, cycle=cycle, placed=placed[:at])
        second = rate_cycle(
            book,
            tariff,
            cycle=cycle,
            placed=placed[at:],
            inputs=CycleInputs(carried=first.state),
        )
        assert first.charges + second.charges == whole.charges
        assert second.state == whole.state
        assert first.plan_id == plan_id
