"""Conditions of rules: trees of `all`, `any` and `not` over comparisons of facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from plan_rules.catalog.vocabulary import MINUTES_TO, OWN, FactName
from plan_rules.destinations.countries import GLOBAL, countries, find_country
from plan_rules.errors import Severity, Span, did_you_mean
from plan_rules.loading.operands import operand
from plan_rules.loading.page import Page
from plan_rules.loading.reader import Steps
from plan_rules.loading.selectors import COUNTRY_CODES
from plan_rules.rules.condition import (
    LISTED,
    All,
    AnyOf,
    Comparison,
    Condition,
    Not,
    Operator,
    operators_of,
)
from plan_rules.rules.fact import AS_OF, TAGS, FactSpec, FactType, Stage, Vocabulary

ENDS = 2
"""Values that `between` takes."""

JUNCTIONS = frozenset({"all", "any", "not"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What rules may name: facts, and the zones of the catalog.

    `unsure` are beginnings of facts of which files that could not be read may say more; what
    is not known of them is no issue.
    """

    vocabulary: Vocabulary
    zones: frozenset[str] = frozenset()
    unsure: tuple[str, ...] = ()

    def is_unsure(self, name: str) -> bool:
        """Whether a fact may be all right although it is not known."""
        return name.startswith(self.unsure)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionReader:
    """Reads the conditions of one rule of a page."""

    page: Page
    known: Known
    stage: Stage
    denials: dict[Span, Steps] = field(default_factory=dict)
    """Where each `not` that was read stands."""

    def read(self, value: Mapping[str, Any], path: Steps) -> Condition | None:
        """Return the condition of a mapping, all of which has to be true; `None` with an issue."""
        parts: list[Condition | None] = []
        for key, each in value.items():
            here = (*path, key)
            match key:
                case "all" | "any":
                    parts.append(self._junction(key, each, here))
                case "not":
                    inner = self.read(each, here)
                    span = self.page.key_span(here)
                    self.denials[span] = here
                    parts.append(None if inner is None else Not(condition=inner, span=span))
                case _:
                    parts += self._comparisons(key, each, here)
        found = [part for part in parts if part is not None]
        if len(found) < len(parts):
            return None
        if len(found) == 1:
            return found[0]
        return All(conditions=tuple(found), span=self.page.span(path))

    def _junction(self, word: str, rows: list[Mapping[str, Any]], path: Steps) -> Condition | None:
        read = [self.read(each, (*path, index)) for index, each in enumerate(rows)]
        found = tuple(each for each in read if each is not None)
        if len(found) < len(read):
            return None
        kind = All if word == "all" else AnyOf
        return kind(conditions=found, span=self.page.key_span(path))

    def _comparisons(self, name: str, value: Any, path: Steps) -> Iterator[Comparison | None]:
        spec = self._spec(name, path)
        if spec is None:
            yield None
        elif isinstance(value, dict):
            for word, each in value.items():
                yield self._compared(spec, word, each, (*path, word))
        else:
            short = Operator.HAS if spec.type is FactType.SET else Operator.EQ
            code = operand(self.page, spec, value, path)
            yield None if code is None else self._comparison(spec, short, (code,), path)

    def _compared(self, spec: FactSpec, word: str, value: Any, path: Steps) -> Comparison | None:
        """Return one operator with its operands; of a word that is no operator the schema tells."""
        operator = next((each for each in Operator if each.value == word), None)
        if operator is None:
            return None
        fitting = operators_of(spec.type)
        if operator not in fitting:
            listed = ", ".join(f"`{each}`" for each in fitting)
            message = f"`{word}` asks nothing of `{spec.name}`, which is of type `{spec.type}`"
            hint = f"write one of {listed}"
            self.page.note("unknown-operator", path, message, hint=hint, at_key=True)
            return None
        codes = self._operands(spec, operator, value, path)
        return None if codes is None else self._comparison(spec, operator, codes, path)

    def _comparison(
        self, spec: FactSpec, operator: Operator, codes: tuple[int, ...], path: Steps
    ) -> Comparison:
        span = self.page.key_span(path)
        return Comparison(fact=spec.name, operator=operator, operands=codes, span=span)

    def _operands(
        self, spec: FactSpec, operator: Operator, value: Any, path: Steps
    ) -> tuple[int, ...] | None:
        if operator is Operator.KNOWN:
            return (int(value),)
        if operator is not Operator.BETWEEN and operator not in LISTED:
            code = operand(self.page, spec, value, path)
            return None if code is None else (code,)
        read = [operand(self.page, spec, each, (*path, i)) for i, each in enumerate(value)]
        codes = [code for code in read if code is not None]
        if len(codes) < len(read):
            return None
        if operator is Operator.BETWEEN:
            return self._ends(spec, codes, path)
        for index, code in enumerate(codes):
            if code in codes[:index]:
                message, hint = f"`{value[index]}` is listed twice", "take one of them out"
                severity = Severity.WARNING
                self.page.note(
                    "listed-twice", (*path, index), message, hint=hint, severity=severity
                )
        return tuple(sorted(set(codes)))

    def _ends(self, spec: FactSpec, codes: list[int], path: Steps) -> tuple[int, ...] | None:
        if len(codes) != ENDS:
            message = f"`between` has {len(codes)} values; expected two"
            hint = "write the lowest and the highest that belong; for single values, `in`"
            self.page.note("wrong-type", path, message, hint=hint)
            return None
        low, high = codes
        if low > high:
            message = f"the range runs from {spec.words(low)} down to {spec.words(high)}"
            hint = f"exchange the ends: `between: [{spec.words(high)}, {spec.words(low)}]`"
            self.page.note("reversed-range", path, message, hint=hint)
            return None
        return (low, high)

    def _spec(self, name: str, path: Steps) -> FactSpec | None:
        """Return the fact of a name, or `None`, with an issue unless it may be all right."""
        vocabulary = self.known.vocabulary
        if name not in vocabulary or name == AS_OF:
            if not self.known.is_unsure(name):
                code, message, hint = self._unknown(name)
                self.page.note(code, path, message, hint=hint, at_key=True)
            return None
        spec = vocabulary[name]
        if self.known.is_unsure(name) and spec.type is FactType.SET:
            return None
        if spec.stage is Stage.BILLING and self.stage is Stage.ELIGIBILITY:
            message = f"`{name}` is known once there is a bill; this rule is asked before"
            hint = "add `stage: billing` to the rule"
            self.page.note("late-fact", path, message, hint=hint, at_key=True)
            return None
        return spec

    def _unknown(self, name: str) -> tuple[str, str, str]:
        """Return code, message and hint for a fact that is not known."""
        if name.startswith(MINUTES_TO) and name != MINUTES_TO:
            return self._unknown_place(name.removeprefix(MINUTES_TO))
        if name == TAGS:
            return "unknown-tag", "no rule sets a tag", "set one by the effect `tag`"
        if name == FactName.LABELS.value:
            return "unknown-value", "no plan has a label", "add `labels: [...]` to a plan"
        if name == AS_OF:
            hint = "say when the rule is in force by `valid: {start: ..., end: ...}`"
            return "unknown-fact", f"`{AS_OF}` is not for rules to ask for", hint
        return "unknown-fact", f"unknown fact `{name}`", self._hint(name)

    def _hint(self, name: str) -> str:
        known = [each.name for each in self.known.vocabulary if each.name != AS_OF]
        group, _, rest = name.rpartition(".")
        if f"{OWN}{name}" in known:
            return f"did you mean `{OWN}{name}`?"
        if rest in JUNCTIONS:
            return f"did you mean `{rest}`?"
        near = get_close_matches(rest, [each.removeprefix(f"{group}.") for each in known], n=1)
        meant = [each for each in (f"{group}.{word}" for word in near) if each in known]
        if meant:
            return f"did you mean `{meant[0]}`?"
        if name.startswith(OWN):
            return f"declare it in facts.yaml: `{rest}: {{type: ..., meaning: ...}}`"
        return did_you_mean(name, known) or "the reference lists all facts"

    def _unknown_place(self, place: str) -> tuple[str, str, str]:
        country = find_country(place)
        if country is not None and country.code != GLOBAL:
            hint = f"did you mean `{MINUTES_TO}{country.code}` ({country.name})?"
            return "unknown-country", f"unknown country `{place}`", hint
        hint = did_you_mean(place, self.known.zones)
        if place.isupper() or place == GLOBAL:
            return "unknown-country", f"unknown country `{place}`", hint or COUNTRY_CODES
        return "unknown-zone", f"`{MINUTES_TO}{place}` names unknown zone `{place}`", hint


def places_named(value: Mapping[str, Any], zones: frozenset[str]) -> Iterator[str]:
    """Yield the countries and zones that a condition asks the minutes to, unknown ones left out."""
    for key, each in value.items():
        if key in JUNCTIONS:
            for row in [each] if key == "not" else each:
                yield from places_named(row, zones)
        elif key.startswith(MINUTES_TO):
            place = key.removeprefix(MINUTES_TO)
            if place in zones or (place in countries() and place != GLOBAL):
                yield place
