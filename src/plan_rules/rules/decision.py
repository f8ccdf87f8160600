"""What comes of asking the rules: which fired, which tags were set, which engine decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from plan_rules.rules.effect import Effect
from plan_rules.rules.fact import TAGS, Facts, Stage
from plan_rules.rules.rule import Rule, RuleSet


class Engine(Protocol):
    """Whatever tells which rules fire; every engine gives the same answer."""

    @property
    def name(self) -> str:
        """The name that outcomes carry: `durable-rules`, `interpreter` or `columns`."""
        ...

    def fired(self, layer: tuple[int, ...], facts: Facts) -> frozenset[int]:
        """Return the indexes of those rules of a layer whose condition is true.

        `layer` is one of `RuleSet.strata`; `facts` hold the day asked about and the tags set so
        far.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The rules of one stage that fired, in the order of the catalog, and all tags set so far."""

    stage: Stage
    fired: tuple[Rule, ...]
    tags: tuple[str, ...]
    engine: str
    facts: Facts

    def effects(self) -> Iterator[tuple[Rule, Effect]]:
        """Yield every effect with the rule it belongs to, in order."""
        for rule in self.fired:
            for effect in rule.effects:
                yield rule, effect


def decide(*, rules: RuleSet, engine: Engine, stage: Stage, facts: Facts) -> Decision:
    """Return which rules of a stage fire for these facts.

    Layers are asked in order, each with the tags of those before it; tags that `facts` already
    hold (of an earlier stage) stay. Without the fact `tags` none is set yet.
    """
    tags = facts.get(TAGS) or 0
    found: set[int] = set()
    words = rules.tags
    for layer in rules.strata(stage):
        current = facts.with_codes({TAGS: tags}) if words else facts
        fired = engine.fired(layer, current)
        found |= fired
        for index in fired:
            for tag in rules.rules[index].sets:
                tags |= 1 << words.index(tag)
    known = facts.with_codes({TAGS: tags}) if words else facts
    return Decision(
        stage=stage,
        fired=tuple(rules.rules[index] for index in sorted(found)),
        tags=tuple(word for bit, word in enumerate(words) if tags >> bit & 1),
        engine=engine.name,
        facts=known,
    )
