"""Options as the catalog's own rules leave them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from plan_rules.journey.needs import StatedNeeds
from plan_rules.journey.options import Misfit, PresentedOption, options_for
from plan_rules.rules.effect import DenyIntro, Exclude
from plan_rules.switching import TermKind
from plan_rules.usage import Call
from tests.unit.assessment.rule_catalogs import AS_OF, calls, catalog, customer, is_, rule

NO_PLAIN = rule("no-plain", Exclude(reason="Closed."), when=is_("plan.id", "eq", 1))
ONCE = rule("once", DenyIntro(reason="Once per customer."))


def presented(made: Sequence[Call]) -> tuple[PresentedOption, ...]:
    return options_for(
        catalog=catalog(NO_PLAIN, ONCE),
        customer=customer(),
        calls=made,
        needs=StatedNeeds(),
        as_of=AS_OF,
    )


@pytest.mark.parametrize("made", [calls(10), ()], ids=["calls", "no calls"])
def test_what_rules_exclude_comes_last_with_its_reasons(made: tuple[Call, ...]) -> None:
    first, last = presented(made)
    assert (first.plan_id, first.excluded) == ("intro", ())
    assert (last.plan_id, last.rank, last.excluded) == ("plain", 2, ("Closed.",))
    assert last.misfits == (Misfit.EXCLUDED,)
    assert not last.is_advised


@pytest.mark.parametrize("made", [calls(10), ()], ids=["calls", "no calls"])
def test_an_introductory_price_that_rules_deny_is_not_told(made: tuple[Call, ...]) -> None:
    first, _ = presented(made)
    assert TermKind.INTRO not in {term.kind for term in first.terms}
