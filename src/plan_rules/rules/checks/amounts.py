"""Amounts that stand against each other, and amounts that are never taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeGuard

from plan_rules.rules.boxes import Box, Numbers
from plan_rules.rules.checks.rivals import (
    all_fire,
    are_versions,
    outdoes,
    place_of,
)
from plan_rules.rules.effect import (
    WHOLE,
    Adjust,
    AdjustmentKind,
    Base,
    Effect,
    Stack,
)
from plan_rules.rules.finding import Finding, FindingCode
from plan_rules.rules.inclusion import Inclusions
from plan_rules.rules.regions import Boxes
from plan_rules.rules.rule import Rule
from plan_rules.rules.witness import Witness

BASE_FACTS = {Base.FEE: "bill.fee", Base.USAGE: "bill.usage", Base.BILL: "bill.total"}
"""The facts that hold what an amount is taken of."""


def exclusive_overlaps(inclusions: Inclusions) -> Iterator[Finding]:
    """Yield pairs of exclusive amounts of one kind and base that one customer can get both of.

    Not where one of them is never the larger: that one is shadowed.
    """
    groups: dict[tuple[AdjustmentKind, Base], list[tuple[Rule, Adjust]]] = {}
    for rule in inclusions.regions.rules:
        for effect in rule.effects:
            if isinstance(effect, Adjust) and effect.stack is Stack.EXCLUSIVE:
                groups.setdefault((effect.kind, effect.on), []).append((rule, effect))
    for group in groups.values():
        for place, later in enumerate(group):
            for earlier in group[:place]:
                box = _overlap(inclusions, earlier, later)
                if box is not None:
                    yield _exclusive_overlap(inclusions, earlier, later, box)


def _overlap(
    inclusions: Inclusions, earlier: tuple[Rule, Adjust], later: tuple[Rule, Adjust]
) -> Box | None:
    (one, ours), (other, theirs) = earlier, later
    if are_versions(one, other):
        return None
    box = inclusions.together(one, other)
    if box is None or one is other:
        return box
    is_told = (outdoes(theirs, ours) and inclusions.whenever(one, other)) or (
        outdoes(ours, theirs) and inclusions.whenever(other, one)
    )
    return None if is_told else box


def _exclusive_overlap(
    inclusions: Inclusions, earlier: tuple[Rule, Adjust], later: tuple[Rule, Adjust], box: Box
) -> Finding:
    (one, ours), (other, theirs) = earlier, later
    what = f"exclusive {ours.kind} on the {ours.on}"
    ids = tuple(dict.fromkeys((other.id, one.id)))
    who = (
        f"rule `{one.id}` gives two {what}s"
        if one is other
        else f"rules `{one.id}` and `{other.id}` can both give an {what}"
    )
    return Finding(
        code=FindingCode.EXCLUSIVE_OVERLAP,
        rules=ids,
        spans=(place_of(other, theirs), place_of(one, ours)),
        message=f"{who}, of which only the larger counts",
        hint="let one of them leave out the customers of the other, or say `stack: largest`",
        witness=Witness.of(box, vocabulary=inclusions.regions.rules.vocabulary, fires=ids),
    )


def never_bites(inclusions: Inclusions) -> Iterator[Finding]:
    """Yield amounts that always come to nothing: of a base of 0, or beside the whole base."""
    takers = [
        (rule, effect)
        for rule in inclusions.regions.rules
        for effect in rule.effects
        if _takes_all(effect)
    ]
    for rule in inclusions.regions.rules:
        fires = inclusions.fires(rule)
        for effect in rule.effects:
            if not fires or not isinstance(effect, Adjust):
                continue
            if _is_of_nothing(inclusions, fires, effect):
                yield _of_nothing(inclusions, rule, effect, fires)
            elif effect.kind is AdjustmentKind.DISCOUNT and effect.stack is not Stack.EXCLUSIVE:
                yield from _beside_the_whole(inclusions, rule, effect, takers)


def _is_of_nothing(inclusions: Inclusions, fires: Boxes, effect: Adjust) -> bool:
    """Whether the base is 0 wherever the rule fires, and so is the amount."""
    name = BASE_FACTS[effect.on]
    if name not in inclusions.regions.rules.vocabulary or (
        effect.kind is AdjustmentKind.SURCHARGE and effect.percent is None
    ):
        return False
    cells = [box.cells.get(name) for box in fires]
    return all(
        isinstance(cell, Numbers) and not cell.unknown and cell.ranges[-1][1] <= 0 for cell in cells
    )


def _of_nothing(inclusions: Inclusions, rule: Rule, effect: Adjust, fires: Boxes) -> Finding:
    name = BASE_FACTS[effect.on]
    return Finding(
        code=FindingCode.NEVER_BITES,
        rules=(rule.id,),
        spans=(place_of(rule, effect), rule.when.span),
        message=f"the {effect.kind} of rule `{rule.id}` is always 0: it fires only where "
        f"`{name}` is 0",
        hint="change the condition, or what it is taken of with `on`",
        witness=Witness.of(
            fires[0], vocabulary=inclusions.regions.rules.vocabulary, fires=(rule.id,)
        ),
    )


def _beside_the_whole(
    inclusions: Inclusions, rule: Rule, effect: Adjust, takers: list[tuple[Rule, Adjust]]
) -> Iterator[Finding]:
    for other, whole in takers:
        if other is rule or are_versions(rule, other) or whole.on is not effect.on:
            continue
        if outdoes(whole, effect) or not inclusions.whenever(rule, other):
            continue  # what outdoes it shadows it
        if effect.percent == WHOLE and inclusions.whenever(other, rule):
            continue  # each takes all: neither is the one too many
        yield Finding(
            code=FindingCode.NEVER_BITES,
            rules=(rule.id, other.id),
            spans=(place_of(rule, effect), place_of(other, whole)),
            message=f"the discount of rule `{rule.id}` takes nothing off: wherever it fires, rule "
            f"`{other.id}` takes off all of the {effect.on}",
            hint=f"remove it, or make `{other.id}` narrower",
            witness=all_fire(inclusions, rule, other),
        )
        return


def _takes_all(effect: Effect) -> TypeGuard[Adjust]:
    return (
        isinstance(effect, Adjust)
        and effect.kind is AdjustmentKind.DISCOUNT
        and effect.percent == WHOLE
    )
