"""Looking a number up equals trying all of its prefixes, the longest first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from plan_rules.destinations import Destination, LineType, NumberingPlan

PLACES = st.builds(
    Destination, country=st.sampled_from(["US", "MX", "GB"]), line=st.sampled_from(LineType)
)
DIGITS = st.text("0123456789", min_size=1, max_size=9).filter(lambda text: text[0] != "0")
PREFIXES = st.dictionaries(DIGITS, PLACES, max_size=25)
NUMBERS = st.text("0123456789", min_size=5, max_size=15).filter(lambda text: text[0] != "0")


def brute_force(plan: NumberingPlan, digits: str) -> Destination | None:
    for length in range(len(digits), 0, -1):
        if digits[:length] in plan.prefixes:
            return plan.prefixes[digits[:length]]
    return None


@given(PREFIXES, st.lists(NUMBERS, max_size=20), DIGITS)
def test_generated_plans(prefixes: dict[str, Destination], numbers: list[str], near: str) -> None:
    plan = NumberingPlan.from_prefixes(prefixes)
    nearby = [prefix.ljust(7, digit) for prefix in (*prefixes, near) for digit in "059"]
    shorter = [prefix.rstrip("0").ljust(5, "0") for prefix in prefixes]
    for digits in (*numbers, *nearby, *shorter):
        expected = brute_force(plan, digits)
        assert plan.lookup("+" + digits) == expected
        assert (plan.matching_prefix("+" + digits) == "") is (expected is None)


@given(st.lists(NUMBERS, min_size=1, max_size=50))
def test_the_plan_of_the_whole_world(numbers: list[str]) -> None:
    plan = NumberingPlan.standard()
    for digits in numbers:
        assert plan.lookup("+" + digits) == brute_force(plan, digits)


@given(PREFIXES, PREFIXES, NUMBERS)
def test_overrides_lie_over_the_plan(
    base: dict[str, Destination], own: dict[str, Destination], digits: str
) -> None:
    over = NumberingPlan.from_prefixes(base).with_overrides(own)
    of_own = brute_force(NumberingPlan.from_prefixes(own), digits)
    of_base = brute_force(NumberingPlan.from_prefixes(base), digits)
    assert over.lookup("+" + digits) == (of_own or of_base)
