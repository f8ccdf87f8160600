"""What rules say together: ids, tags that wait for themselves, rules that follow others in time.

And two things of a single rule that only show when it is read: a `not` that is true for want
of a fact, and a condition that says more at once than engines can carry.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from plan_rules.errors import Severity, Span, did_you_mean
from plan_rules.loading.page import Page
from plan_rules.loading.reader import Steps
from plan_rules.rules.condition import (
    All,
    AnyOf,
    Comparison,
    Condition,
    Not,
    Operator,
    comparisons,
)
from plan_rules.rules.fact import TAGS, Stage, Vocabulary
from plan_rules.rules.normal import MOST_ALTERNATIVES, TooManyAlternatives, normal_form
from plan_rules.rules.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A rule and where it is written; `rule` is `None` if it has errors of its own.

    `denials` are the places of each `not` in its condition.
    """

    id: str
    replaces: str
    page: Page
    path: Steps
    rule: Rule | None
    denials: Mapping[Span, Steps]

    def span(self) -> Span:
        """Return the place of the id."""
        return self.page.span((*self.path, "id"))


def note_rules(placed: Sequence[Placed], vocabulary: Vocabulary, *, is_whole: bool) -> None:
    """Note what is wrong with rules together. `is_whole` says that every rule file was read."""
    _note_duplicates(placed)
    by_id = {each.id: each for each in reversed(placed)}
    for each in placed:
        if each.replaces:
            _note_replaced(each, by_id, is_whole=is_whole)
        if each.rule is not None:
            _note_unknowns(each, each.rule, vocabulary)
            _note_alternatives(each, each.rule, vocabulary)
    _note_circles([each for each in placed if each.rule is not None], vocabulary)


def _note_duplicates(placed: Sequence[Placed]) -> None:
    seen: dict[str, Placed] = {}
    for each in placed:
        first = seen.setdefault(each.id, each)
        if first is not each:
            message = f"two rules have the id `{each.id}`"
            hint = f"the other is at {first.span()}; rename one of them"
            each.page.note("duplicate-id", (*each.path, "id"), message, hint=hint)


# -- rules that follow others in time ----------------------------------------------------------


def _note_replaced(each: Placed, by_id: Mapping[str, Placed], *, is_whole: bool) -> None:
    path = (*each.path, "replaces")
    other = by_id.get(each.replaces)
    if other is None:
        if is_whole:
            others = by_id.keys() - {each.id}
            hint = did_you_mean(each.replaces, others) or "take it out, or write that rule"
            message = f"`{each.id}` replaces the unknown rule `{each.replaces}`"
            each.page.note("unknown-rule", path, message, hint=hint)
        return
    if each.rule is None or other.rule is None:
        return
    start, end = each.rule.valid.start, other.rule.valid.end
    if start is None:
        message = f"`{each.id}` replaces `{other.id}`, but has no first day"
        hint = "say from when it holds: `valid: {start: ...}`"
        each.page.note("overlapping-rules", path, message, hint=hint)
    elif end is None or end > start:
        message = f"`{each.id}` replaces `{other.id}`, which is still in force on {start}"
        hint = f"add `valid: {{end: {start}}}` to the rule at {other.span()}"
        each.page.note("overlapping-rules", path, message, hint=hint)


# -- tags --------------------------------------------------------------------------------------


def _note_circles(placed: Sequence[Placed], vocabulary: Vocabulary) -> None:
    """Note each circle of rules of which each one reads a tag of the one before, once."""
    rules = {each.id: each for each in placed if each.rule and each.rule.stage is Stage.ELIGIBILITY}
    waits = {each.id: _waits_for(each, rules, vocabulary) for each in rules.values()}
    told: set[frozenset[str]] = set()
    for start in waits:
        circle = _circle(start, waits)
        if circle and frozenset(circle) not in told:
            told.add(frozenset(circle))
            way = " > ".join((*circle, start))
            message = f"`{start}` reads a tag that depends on itself: {way}"
            hint = "let one of these rules do without the tag"
            rules[start].page.note("tag-cycle", (*rules[start].path, "id"), message, hint=hint)


def _waits_for(
    each: Placed, rules: Mapping[str, Placed], vocabulary: Vocabulary
) -> tuple[str, ...]:
    """Return the ids of the rules that set a tag this one reads."""
    if each.rule is None or not each.rule.reads_tags:
        return ()
    words = vocabulary[TAGS].values
    read = {words[place] for place in each.rule.reads_tags}
    return tuple(other.id for other in rules.values() if other.rule and read & set(other.rule.sets))


def _circle(start: str, waits: Mapping[str, Sequence[str]]) -> list[str]:
    """Return a way of rules from `start` back to it, or nothing."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for following in waits.get(way[-1], ()):
            if following == start:
                return way
            if following not in seen:
                seen.add(following)
                ways.append([*way, following])
    return []


# -- single rules ------------------------------------------------------------------------------


def _note_alternatives(each: Placed, rule: Rule, vocabulary: Vocabulary) -> None:
    try:
        normal_form(rule=rule, vocabulary=vocabulary)
    except TooManyAlternatives as error:
        most = f"at most {MOST_ALTERNATIVES} are possible"
        message = f"the condition comes to {error.count} alternatives; {most}"
        hint = "make several rules of it, or list values by `in`"
        path = (*each.path, "when")
        each.page.note("too-many-alternatives", path, message, hint=hint, at_key=True)


def _note_unknowns(each: Placed, rule: Rule, vocabulary: Vocabulary) -> None:
    """Warn of each `not` that is true where a fact is not known and nothing asks whether it is."""
    asked = {one.fact for one in comparisons(rule.when) if one.operator is Operator.KNOWN}
    told: set[tuple[Span, str]] = set()
    for outer, fact in _denied(rule.when, None, frozenset()):
        if fact in asked or not vocabulary[fact].optional or (outer.span, fact) in told:
            continue
        told.add((outer.span, fact))
        message = f"this `not` is true, too, where `{fact}` is not known"
        hint = (
            f"add `{fact}: {{known: true}}` beside it; if the unknown ones are meant, "
            f"write `any` of it and `{fact}: {{known: false}}`"
        )
        each.page.note(
            "not-of-unknown",
            each.denials[outer.span],
            message,
            hint=hint,
            severity=Severity.WARNING,
            at_key=True,
        )


def _denied(
    condition: Condition, outer: Not | None, assured: frozenset[str]
) -> Iterator[tuple[Not, str]]:
    """Yield each comparison that has to be false, with the `not` around it.

    `assured` are facts known wherever the condition counts, because something beside it that
    has to be true compares them.
    """
    match condition:
        case Comparison():
            if outer is not None and condition.fact not in assured:
                yield outer, condition.fact
        case Not():
            yield from _denied(condition.condition, None if outer else condition, assured)
        case All() | AnyOf():
            if isinstance(condition, All) == (outer is None):
                assured |= {fact for part in condition.conditions for fact in _needs(part, outer)}
            for part in condition.conditions:
                yield from _denied(part, outer, assured)


def _needs(part: Condition, outer: Not | None) -> Iterator[str]:
    """Yield the facts that have to be known where a part counts."""
    match part:
        case Comparison():
            if outer is None:
                yield part.fact
        case Not():
            yield from _needs(part.condition, None if outer else part)
        case All() | AnyOf():
            if isinstance(part, All) == (outer is None):
                for each in part.conditions:
                    yield from _needs(each, outer)
