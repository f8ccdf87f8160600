"""What rules do, and which effects are rivals: of one kind, or against each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from plan_rules.errors import Span
from plan_rules.rules.effect import (
    Adjust,
    DenyIntro,
    Effect,
    Exclude,
    Note,
    Require,
    SetTag,
    Stack,
    Warn,
)
from plan_rules.rules.inclusion import Inclusions
from plan_rules.rules.regions import EVERYWHERE
from plan_rules.rules.rule import Rule
from plan_rules.rules.witness import Witness

Key = tuple[str, ...]


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


def all_fire(inclusions: Inclusions, rule: Rule, *others: Rule) -> Witness:
    """Return a customer for whom a rule fires, and with it the others, which always do."""
    boxes = inclusions.fires(rule) or EVERYWHERE
    return Witness.of(
        boxes[0],
        vocabulary=inclusions.regions.rules.vocabulary,
        fires=tuple(each.id for each in (rule, *others)),
    )


def place_of(rule: Rule, effect: Effect) -> Span:
    """Return where an effect is written, or its rule."""
    return effect.span if effect.span.line else rule.span
