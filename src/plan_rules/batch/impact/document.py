"""A comparison as JSON, schema `impact.schema.json`."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from plan_rules.batch.impact.comparing import Impact
from plan_rules.batch.impact.conditions import Condition
from plan_rules.batch.impact.explaining import LineChange, LineSum
from plan_rules.batch.impact.figures import Value, figures_of
from plan_rules.batch.impact.histogram import RANGES
from plan_rules.batch.impact.hurt import Hurt
from plan_rules.batch.impact.present import CycleSums
from plan_rules.batch.impact.sums import Amounts, Changes
from plan_rules.money import RoundingMode, round_ratio

VERSION = 1
HUNDREDTHS = 10_000
"""Hundredths of a percent in a whole."""


def impact_document(impact: Impact, conditions: Sequence[Condition] = ()) -> dict[str, Any]:
    """Return a comparison as JSON, with what became of conditions on its figures."""
    figures = figures_of(impact)
    sums = impact.sums
    return {
        "version": VERSION,
        "currency": impact.currency,
        "old_digest": impact.old_digest,
        "new_digest": impact.new_digest,
        "as_of": impact.as_of.isoformat(),
        "values_on": impact.values_on.isoformat(),
        "customers": {
            "rows": sums.customers + impact.customers_rejected.rows,
            "read": sums.customers,
            "rejected": impact.customers_rejected.rows,
        },
        "calls": {
            "rows": impact.rows,
            "priced": impact.calls,
            "seconds": impact.seconds,
            "rejected": impact.rejected.rows,
        },
        "figures": {name: _value(value) for name, value in figures.items()},
        "conditions": [
            {"condition": each.text, "figure": each.figure, "holds": each.holds(figures)}
            for each in conditions
        ],
        "months": _months(impact),
        "plans": [_plan(impact, plan) for plan in impact.plan_ids],
        "best_changes": [
            {"from": before, "to": after, "customers": count}
            for (before, after), count in best_moves(impact)
        ],
        "ranges": [
            {
                "over_percent": each.over,
                "up_to_percent": each.up_to,
                "from_zero": each.from_zero,
                "customers": count,
            }
            for each, count in zip(RANGES, sums.ranges, strict=True)
        ],
        "hurt": [_hurt(each) for each in impact.hurt],
        "rejected": {
            "by_code": dict(
                sorted((impact.rejected.counts + impact.customers_rejected.counts).items())
            ),
            "first": [*impact.customers_rejected.first, *impact.rejected.first],
        },
    }


def best_moves(impact: Impact) -> list[tuple[tuple[str, str], int]]:
    """Return who is advised another plan: from, to, and how many; the most first."""
    moves = [each for each in impact.sums.best.moves.items() if each[0][0] != each[0][1]]
    return sorted(moves, key=lambda each: (-each[1], each[0]))


def percent_of(share: Fraction) -> str:
    """Return a share in percent with two decimals, rounded half-up."""
    mode = RoundingMode.HALF_UP
    rounded = round_ratio(
        numerator=share.numerator * HUNDREDTHS, denominator=share.denominator, mode=mode
    )
    whole, rest = divmod(abs(rounded), 100)
    return f"{'-' if rounded < 0 else ''}{whole}.{rest:02d}"


def _value(value: Value) -> int | dict[str, int | str] | None:
    if not isinstance(value, Fraction):
        return value
    return {
        "numerator": value.numerator,
        "denominator": value.denominator,
        "percent": percent_of(value),
    }


def _amounts(name: str, amounts: Amounts) -> dict[str, int]:
    return {
        f"old_{name}": amounts.old,
        f"new_{name}": amounts.new,
        f"difference_{name}": amounts.difference,
    }


def _months(impact: Impact) -> list[dict[str, Any]]:
    old, new = impact.sums.old_months, impact.sums.new_months
    rows = []
    for month in sorted({*old, *new}):
        before, after = old.get(month, CycleSums()), new.get(month, CycleSums())
        rows.append(
            {
                "month": month,
                "old_bills": before.bills,
                "new_bills": after.bills,
                **_amounts("micros", Amounts(old=before.micros, new=after.micros)),
            }
        )
    return rows


def _plan(impact: Impact, plan: str) -> dict[str, Any]:
    changes = impact.sums.plans.get(plan, Changes())
    apart = impact.sums.apart
    return {
        "plan": plan,
        "in_old": plan in impact.old_plans,
        "in_new": plan in impact.new_plans,
        "apart": apart.only_in_old[plan] + apart.only_in_new[plan],
        "compared": changes.compared,
        "idle": changes.idle,
        "up": changes.up,
        "down": changes.down,
        "same": changes.same,
        "up_5pct": changes.up_5pct,
        "down_5pct": changes.down_5pct,
        "from_zero": changes.from_zero,
        "old_bills": changes.bills_old,
        "new_bills": changes.bills_new,
        **_amounts("micros", changes.total),
        **_amounts("month_micros", changes.month),
    }


def _hurt(hurt: Hurt) -> dict[str, Any]:
    return {
        "customer_id": hurt.customer_id,
        "plan": hurt.plan,
        "is_idle": hurt.is_idle,
        "old_bills": hurt.bills_old,
        "new_bills": hurt.bills_new,
        **_amounts("micros", hurt.total),
        **_amounts("month_micros", hurt.month),
        "lines": [_line(each) for each in hurt.lines],
    }


def _line(line: LineChange) -> dict[str, Any]:
    return {
        "kind": line.kind,
        "id": line.id,
        "outcome": line.outcome,
        **_amounts("micros", Amounts(old=line.old.micros, new=line.new.micros)),
        **_side("old", line.old),
        **_side("new", line.new),
    }


def _side(side: str, line: LineSum) -> dict[str, Any]:
    return {
        f"{side}_calls": line.calls,
        f"{side}_seconds": line.seconds,
        f"{side}_written": [str(span) for span in line.spans],
    }
