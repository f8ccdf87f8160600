"""Tags that are asked for and never set, or set and never asked for."""

from __future__ import annotations

from collections.abc import Iterator

from plan_rules.rules.condition import Operator, comparisons
from plan_rules.rules.effect import SetTag
from plan_rules.rules.fact import TAGS
from plan_rules.rules.finding import Finding, FindingCode
from plan_rules.rules.inclusion import Inclusions
from plan_rules.rules.witness import Witness


def unset_tags(inclusions: Inclusions) -> Iterator[Finding]:
    """Yield the first place at which a tag is asked for that no rule sets."""
    rules = inclusions.regions.rules
    told: set[str] = set()
    for rule in rules:
        for each in comparisons(rule.when):
            if each.fact != TAGS or each.operator is Operator.KNOWN:
                continue
            for tag in (rules.tags[word] for word in each.operands):
                if tag not in told and not inclusions.regions.setters(tag):
                    told.add(tag)
                    yield Finding(
                        code=FindingCode.UNSET_TAG,
                        rules=(rule.id,),
                        spans=(each.span if each.span.line else rule.span,),
                        message=f"rule `{rule.id}` asks for the tag `{tag}`, which no rule sets",
                        hint="write a rule that sets it, or ask for another",
                    )


def unread_tags(inclusions: Inclusions) -> Iterator[Finding]:
    """Yield the first place at which a tag is set that no rule asks for."""
    rules = inclusions.regions.rules
    read = {rules.tags[word] for rule in rules for word in rule.reads_tags}
    told: set[str] = set()
    for rule in rules:
        for effect in rule.effects:
            if isinstance(effect, SetTag) and effect.tag not in read | told:
                told.add(effect.tag)
                fires = inclusions.fires(rule)
                yield Finding(
                    code=FindingCode.UNREAD_TAG,
                    rules=(rule.id,),
                    spans=(effect.span if effect.span.line else rule.span,),
                    message=f"rule `{rule.id}` sets the tag `{effect.tag}`, which no rule asks for",
                    hint="keep it if a host reads it; otherwise remove it",
                    witness=Witness.of(fires[0], vocabulary=rules.vocabulary, fires=(rule.id,))
                    if fires
                    else None,
                )
