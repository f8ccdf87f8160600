"""Rules that follow one another in time: days on which neither holds, or both do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from plan_rules.periods import Period
from plan_rules.rules.boxes import Box, Numbers, TooIntricate
from plan_rules.rules.fact import AS_OF
from plan_rules.rules.finding import Finding, FindingCode
from plan_rules.rules.inclusion import Inclusions
from plan_rules.rules.regions import Boxes, meet
from plan_rules.rules.rule import Rule
from plan_rules.rules.witness import Witness


def versions(inclusions: Inclusions) -> Iterator[Finding]:
    """Yield each gap between a rule and the one it replaces, and days on which both can fire."""
    by_id = {rule.id: rule for rule in inclusions.regions.rules}
    for rule in inclusions.regions.rules:
        before = by_id.get(rule.replaces)
        if before is None or before.stage is not rule.stage:
            continue
        if before.valid.overlaps(rule.valid):
            yield from _both_hold(inclusions, before, rule)
        else:
            yield from _neither_holds(inclusions, before, rule)


def _both_hold(inclusions: Inclusions, before: Rule, rule: Rule) -> Iterator[Finding]:
    box = inclusions.together(before, rule)
    if box is None:
        return
    starts = [each for each in (before.valid.start, rule.valid.start) if each is not None]
    ends = [each for each in (before.valid.end, rule.valid.end) if each is not None]
    days = _days(max(starts, default=None), min(ends, default=None))
    yield Finding(
        code=FindingCode.VERSION_OVERLAP,
        rules=(rule.id, before.id),
        spans=(rule.span, before.span),
        message=f"rule `{rule.id}` replaces rule `{before.id}`, but {days} both hold",
        hint=f"let `{before.id}` end on the day on which `{rule.id}` starts",
        witness=Witness.of(
            box,
            vocabulary=inclusions.regions.rules.vocabulary,
            fires=(rule.id, before.id),
        ),
    )


def _neither_holds(inclusions: Inclusions, before: Rule, rule: Rule) -> Iterator[Finding]:
    first, second = sorted((before.valid, rule.valid), key=lambda each: each.end or date.max)
    if first.end is None or second.start is None or first.end == second.start:
        return
    gap = Period(start=first.end, end=second.start)
    box = _asked_in(inclusions, gap, before, rule)
    if box is None:
        return
    yield Finding(
        code=FindingCode.VERSION_GAP,
        rules=(rule.id, before.id),
        spans=(rule.span, before.span),
        message=f"rule `{rule.id}` replaces rule `{before.id}`, but "
        f"{_days(gap.start, gap.end)} neither holds",
        hint=f"let `{before.id}` end on the day on which `{rule.id}` starts",
        witness=Witness.of(
            box,
            vocabulary=inclusions.regions.rules.vocabulary,
            silent=(rule.id, before.id),
        ),
    )


def _asked_in(inclusions: Inclusions, gap: Period, before: Rule, rule: Rule) -> Box | None:
    """Return customers who meet the conditions, if not the dates, on a day of the gap.

    Those of both rules if there are such customers, or else of the earlier rule.
    """
    if gap.start is None or gap.end is None:
        return None
    days = Numbers(unknown=False, ranges=((gap.start.toordinal(), gap.end.toordinal() - 1),))
    in_gap: Boxes = (Box({AS_OF: days}),)
    regions = inclusions.regions
    try:
        ours = regions.where(before.when, stage=before.stage, holds=True)
        theirs = regions.where(rule.when, stage=rule.stage, holds=True)
        both = meet(ours, theirs)
        found = meet((both,), in_gap) if both is not None else None
        return found if found is not None else meet(ours, in_gap)
    except TooIntricate:
        inclusions.intricate[rule.id] = rule
        return None


def _days(start: date | None, end: date | None) -> str:
    """Return a period in words, its last day included."""
    if start is None and end is None:
        return "on all days"
    if end is None:
        return f"from {start} on"
    last = date.fromordinal(end.toordinal() - 1)
    if start is None:
        return f"up to {last}"
    return f"on {start}" if start == last else f"from {start} to {last}"
