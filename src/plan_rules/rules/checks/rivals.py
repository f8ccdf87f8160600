"""Effects that never matter beside others, and effects that stand against each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeGuard

from plan_rules.errors import Span
from plan_rules.rules.boxes import Box, Numbers
from plan_rules.rules.effect import (
    WHOLE,
    Adjust,
    AdjustmentKind,
    Base,
    DenyIntro,
    Effect,
    Exclude,
    Note,
    Require,
    SetTag,
    Stack,
    Warn,
)
from plan_rules.rules.finding import Finding, FindingCode
from plan_rules.rules.inclusion import Inclusions
from plan_rules.rules.regions import EVERYWHERE, Boxes
from plan_rules.rules.rule import Rule
from plan_rules.rules.witness import Witness

Key = tuple[str, ...]
BASE_FACTS = {Base.FEE: "bill.fee", Base.USAGE: "bill.usage", Base.BILL: "bill.total"}
"""The facts that hold what an amount is taken of."""


def told(effect: Effect) -> str:
    """Return what a rule does by an effect, in words that follow its name."""
    match effect:
        case Require():
            return f"requires the {effect.kind} `{effect.id}`"
        case SetTag():
            return f"sets the tag `{effect.tag}`"
        case Adjust():
            article = "a" if effect.stack is Stack.LARGEST else "an"
            return f"gives {article} {effect.stack} {effect.kind} on the {effect.on}"
        case Exclude() | DenyIntro() | Warn() | Note():
            return PLAIN[type(effect)]


PLAIN: Mapping[type[Effect], str] = MappingProxyType(
    {
        Exclude: "excludes the plan",
        DenyIntro: "denies the intro price",
        Warn: "says the same warning",
        Note: "says the same note",
    }
)


def kind_of(rule: Rule, effect: Effect) -> Key:
    """Return what an effect competes by: those of one key may make each other pointless."""
    name = type(effect).__name__
    match effect:
        case Exclude() | DenyIntro():
            return (name,)
        case Require():
            return (name, effect.kind, effect.id)
        case Warn() | Note():
            return (name, rule.stage, effect.reason)
        case SetTag():
            return (name, effect.tag)
        case Adjust():
            return (name, effect.kind, effect.on)


def outdoes(stronger: Effect, effect: Effect) -> bool:
    """Whether an effect never matters where a stronger one, of a rival key, holds as well."""
    match effect, stronger:
        case ((Exclude() | Require() | DenyIntro()), Exclude()):
            return True
        case Adjust(), Adjust():
            if stronger.stack is Stack.EXCLUSIVE and effect.stack is not Stack.EXCLUSIVE:
                return True
            return (
                stronger.stack is effect.stack
                and effect.stack is not Stack.ADDITIVE
                and _is_as_large(stronger, effect)
            )
        case _:
            return type(stronger) is type(effect)


def _is_as_large(one: Adjust, other: Adjust) -> bool:
    if one.percent is not None and other.percent is not None:
        return one.percent >= other.percent
    if one.amount_micros is not None and other.amount_micros is not None:
        return one.amount_micros >= other.amount_micros
    return False


@dataclass(frozen=True, slots=True)
class Rivals:
    """The effects of a rule set by what they compete by, in the order of rules."""

    inclusions: Inclusions
    by_kind: dict[Key, list[tuple[Rule, Effect]]] = field(default_factory=dict)
    order: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Sort the effects."""
        for place, rule in enumerate(self.inclusions.regions.rules):
            self.order[rule.id] = place
            for effect in rule.effects:
                self.by_kind.setdefault(kind_of(rule, effect), []).append((rule, effect))

    def better(self, rule: Rule, effect: Effect) -> Rule | None:
        """Return the first rule that makes an effect pointless, or `None`.

        Where two rules make each other pointless, the first of them is spared.
        """
        keys = [kind_of(rule, effect)]
        if isinstance(effect, Require):
            keys.append((Exclude.__name__,))
        for key in keys:
            for other, stronger in self.by_kind.get(key, ()):
                if other is rule or are_versions(rule, other) or not outdoes(stronger, effect):
                    continue
                if self.inclusions.whenever(rule, other) and not (
                    self.order[rule.id] < self.order[other.id]
                    and outdoes(effect, stronger)
                    and self.inclusions.whenever(other, rule)
                ):
                    return other
        return None


def are_versions(one: Rule, other: Rule) -> bool:
    """Whether one of two rules follows the other in time."""
    return one.id == other.replaces or other.id == one.replaces


def duplicates(inclusions: Inclusions) -> Iterator[Finding]:
    """Yield the rules that do what another one does, for the same customers."""
    for rule, first in twins(inclusions):
        yield Finding(
            code=FindingCode.DUPLICATE,
            rules=(rule.id, first.id),
            spans=(rule.span, first.span),
            message=f"rule `{rule.id}` does the same as rule `{first.id}` for the same customers",
            hint="remove one of them",
            witness=_all_fire(inclusions, rule, first),
        )


def twins(inclusions: Inclusions) -> Iterator[tuple[Rule, Rule]]:
    """Yield each rule that says what one before it says, with the first such rule."""
    groups: dict[tuple[str, tuple[Key, ...]], list[Rule]] = {}
    for rule in inclusions.regions.rules:
        key = (rule.stage.value, tuple(sorted(_same(effect) for effect in rule.effects)))
        group = groups.setdefault(key, [])
        first = next((other for other in group if _are_equal(inclusions, rule, other)), None)
        if first is None:
            group.append(rule)
        else:
            yield rule, first


def _are_equal(inclusions: Inclusions, one: Rule, other: Rule) -> bool:
    return (
        not are_versions(one, other)
        and inclusions.whenever(one, other)
        and inclusions.whenever(other, one)
    )


def _same(effect: Effect) -> Key:
    """Return what two effects have to share to be one; reasons tell apart what adds up."""
    match effect:
        case Exclude() | DenyIntro():
            return (type(effect).__name__,)
        case Require():
            return (type(effect).__name__, effect.kind, effect.id)
        case Warn() | Note():
            return (type(effect).__name__, effect.reason)
        case SetTag():
            return (type(effect).__name__, effect.tag)
        case Adjust():
            reason = effect.reason if effect.stack is Stack.ADDITIVE else ""
            size = f"{effect.percent} {effect.amount_micros}"
            return (type(effect).__name__, effect.kind, effect.on, effect.stack, size, reason)


def shadowed(inclusions: Inclusions) -> Iterator[Finding]:
    """Yield rules, or single effects of rules, that never matter because others always do.

    A requirement that nothing but an exclusion makes pointless is a contradiction.
    """
    rivals = Rivals(inclusions)
    same = {(rule.id, first.id) for rule, first in twins(inclusions)}
    for rule in inclusions.regions.rules:
        if not inclusions.fires(rule):
            continue
        yield from _contradicts_itself(inclusions, rule)
        found = ((effect, rivals.better(rule, effect)) for effect in rule.effects)
        beaten = [
            (effect, other)
            for effect, other in found
            if other is not None and (rule.id, other.id) not in same
        ]
        vain = [(effect, other) for effect, other in beaten if _is_vain(effect, other)]
        beaten = [pair for pair in beaten if pair not in vain]
        for effect, other in vain:
            yield _contradiction(inclusions, rule, effect, other)
        if len(beaten) == len(rule.effects):
            yield _shadowed_rule(inclusions, rule, beaten)
        else:
            for effect, other in beaten:
                yield _shadowed_effect(inclusions, rule, effect, other)


def _is_vain(effect: Effect, other: Rule) -> bool:
    """Whether an effect that another rule beats is a requirement beaten by an exclusion."""
    return isinstance(effect, Require) and not any(
        isinstance(each, Require) and (each.kind, each.id) == (effect.kind, effect.id)
        for each in other.effects
    )


def _contradicts_itself(inclusions: Inclusions, rule: Rule) -> Iterator[Finding]:
    vocabulary = inclusions.regions.rules.vocabulary
    exclude = next((each for each in rule.effects if isinstance(each, Exclude)), None)
    require = next((each for each in rule.effects if isinstance(each, Require)), None)
    fires = inclusions.fires(rule)
    if exclude is not None and require is not None and fires:
        yield Finding(
            code=FindingCode.CONTRADICTION,
            rules=(rule.id,),
            spans=(_place(rule, require), _place(rule, exclude)),
            message=f"rule `{rule.id}` {told(require)} for a plan that it excludes",
            hint="exclude the plan, or require something for it, but not both",
            witness=Witness.of(fires[0], vocabulary=vocabulary, fires=(rule.id,)),
        )


def _contradiction(inclusions: Inclusions, rule: Rule, effect: Effect, other: Rule) -> Finding:
    exclude = next(each for each in other.effects if isinstance(each, Exclude))
    return Finding(
        code=FindingCode.CONTRADICTION,
        rules=(rule.id, other.id),
        spans=(_place(rule, effect), _place(other, exclude)),
        message=f"rule `{rule.id}` {told(effect)} only where rule `{other.id}` excludes the plan",
        hint=f"leave these customers out of `{other.id}`, or require nothing of them",
        witness=_all_fire(inclusions, rule, other),
    )


def _shadowed_rule(
    inclusions: Inclusions, rule: Rule, beaten: list[tuple[Effect, Rule]]
) -> Finding:
    others = list({other.id: other for _, other in beaten}.values())
    named = " and ".join(f"`{other.id}`" for other in others)
    does = " and ".join(_beats(effect, rule, other) for effect, other in beaten)
    return Finding(
        code=FindingCode.SHADOWED,
        rules=(rule.id, *(other.id for other in others)),
        spans=(rule.span, *(other.span for other in others)),
        message=f"rule `{rule.id}` never matters: wherever it fires, {does}",
        hint=f"remove it, or make it or {named} narrower",
        witness=_all_fire(inclusions, rule, *others),
    )


def _shadowed_effect(inclusions: Inclusions, rule: Rule, effect: Effect, other: Rule) -> Finding:
    return Finding(
        code=FindingCode.SHADOWED,
        rules=(rule.id, other.id),
        spans=(_place(rule, effect), other.span),
        message=f"it never matters that rule `{rule.id}` {told(effect)}: wherever it fires, "
        f"{_beats(effect, rule, other)}",
        hint=f"remove the effect, or make `{other.id}` narrower",
        witness=_all_fire(inclusions, rule, other),
    )


def _beats(effect: Effect, rule: Rule, other: Rule) -> str:
    """Return what another rule does that makes an effect pointless, in words."""
    key = kind_of(rule, effect)
    rivals = [each for each in other.effects if outdoes(each, effect)]
    same = [each for each in rivals if kind_of(other, each) == key]
    exclusions = [each for each in rivals if isinstance(each, Exclude)]
    return f"rule `{other.id}` {told((same + exclusions)[0])} too"


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
        spans=(_place(other, theirs), _place(one, ours)),
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
        spans=(_place(rule, effect), rule.when.span),
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
            spans=(_place(rule, effect), _place(other, whole)),
            message=f"the discount of rule `{rule.id}` takes nothing off: wherever it fires, rule "
            f"`{other.id}` takes off all of the {effect.on}",
            hint=f"remove it, or make `{other.id}` narrower",
            witness=_all_fire(inclusions, rule, other),
        )
        return


def _takes_all(effect: Effect) -> TypeGuard[Adjust]:
    return (
        isinstance(effect, Adjust)
        and effect.kind is AdjustmentKind.DISCOUNT
        and effect.percent == WHOLE
    )


def _all_fire(inclusions: Inclusions, rule: Rule, *others: Rule) -> Witness:
    """Return a customer for whom a rule fires, and with it the others, which always do."""
    boxes = inclusions.fires(rule) or EVERYWHERE
    return Witness.of(
        boxes[0],
        vocabulary=inclusions.regions.rules.vocabulary,
        fires=tuple(each.id for each in (rule, *others)),
    )


def _place(rule: Rule, effect: Effect) -> Span:
    return effect.span if effect.span.line else rule.span
