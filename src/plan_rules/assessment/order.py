"""The order of plans: coverage first, then cost, then id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from plan_rules.assessment.assessment import Assessment, missed
from plan_rules.usage.call import Call


def missed_calls(assessments: Iterable[Assessment]) -> Mapping[str, frozenset[Call]]:
    """Return, by plan, the calls it misses though some other of these plans carries them.

    A call that none of the plans can carry counts against none of them.
    """
    found = {
        each.plan_id: (
            frozenset(charge.call for charge in each.charges() if not missed(charge)),
            frozenset(charge.call for charge in each.charges() if missed(charge)),
        )
        for each in assessments
    }
    carried = frozenset().union(*(calls for calls, _ in found.values()))
    return {plan_id: lost & carried for plan_id, (_, lost) in found.items()}


def covers(assessment: Assessment, missing: Mapping[str, frozenset[Call]]) -> bool:
    """Whether a plan carries every call that any of the compared plans carries."""
    return not missing[assessment.plan_id]


def plan_order(
    assessment: Assessment, missing: Mapping[str, frozenset[Call]]
) -> tuple[int, int, int, str]:
    """Return the key that ranks plans.

    Plans that cover the customer's calls come first. They are ordered by expected cost; the
    others by how many calls they miss, then by cost. Ties go by id.
    """
    lost = len(missing[assessment.plan_id])
    return (int(lost > 0), lost, assessment.monthly_micros, assessment.plan_id)
