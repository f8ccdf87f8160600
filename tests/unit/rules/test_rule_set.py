from __future__ import annotations

import pytest

from plan_rules.errors import InvalidValue
from plan_rules.rules.condition import Comparison, Operator
from plan_rules.rules.fact import LARGEST
from tests.unit.rules.sample_rules import CALLED, HOME, X, compared, rule_set


@pytest.mark.parametrize(
    "comparison",
    [
        compared("home", Operator.LT, 1),
        compared("x", Operator.HAS, 1),
        compared("called", Operator.EQ, 1),
        compared("called", Operator.HAS, 4),
        compared("called", Operator.HAS_ANY, -1, 2),
        compared("x", Operator.GT, LARGEST + 1),
    ],
)
def test_comparisons_that_no_fact_of_the_type_has_are_refused(comparison: Comparison) -> None:
    with pytest.raises(InvalidValue) as refused:
        rule_set((X, HOME, CALLED), comparison)
    assert refused.value.name == comparison.fact
