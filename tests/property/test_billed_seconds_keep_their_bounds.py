"""An increment bills at least the call and less than one step more."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from plan_rules.catalog import Increment


@given(st.integers(1, 10**6), st.integers(1, 3600), st.integers(1, 3600))
def test_first_and_next(seconds: int, first: int, following: int) -> None:
    billed = Increment(first, following).billed(seconds)
    assert seconds <= billed < seconds + max(first, following)
    assert billed == first or (billed - first) % following == 0


@given(st.integers(1, 3600), st.integers(1, 3600))
def test_no_call_bills_nothing(first: int, following: int) -> None:
    assert Increment(first, following).billed(0) == 0
