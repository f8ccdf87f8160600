"""Rules written for durable_rules: small rule sets of single conditions, and facts as flat JSON.

durable_rules identifies fields by a 32-bit hash, runs a rule once for each true branch of an
`$or`, never returns from some lists, and has fixed limits that crash. What is written here stays
clear of all of that: one durable rule for each alternative, conditions of one key, a marker that
only our facts have as the first of them, at most `MOST_RULES` rules and `MOST_FIELDS` fields in a
set, names whose hashes differ, and whole numbers. Choices among many codes or words become one
field that says whether the value is among them.
"""

from __future__ import annotations

import json
import struct
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import count, groupby

from plan_rules.errors import PlanRulesError
from plan_rules.rules.fact import Facts, FactSpec
from plan_rules.rules.literal import Among, Literal, Members, Ranges, Unknown, without
from plan_rules.rules.normal import Alternative
from plan_rules.rules.rule import RuleSet

MOST_RULES = 60
"""The most durable rules of a set: a fact that matches more than 64 is an error."""

MOST_FIELDS = 200
"""The most fields of a fact: beyond 252 none can be read."""

MOST_EXCEPTIONS = 4
"""Up to so many single codes left out are compared one by one."""

LARGEST_LONG: int = 2 ** (8 * struct.calcsize("l") - 1) - 1
"""The largest number that a condition can hold: C's `long`, which is short on Windows."""

MARKER, WARMING = "k", "w"
"""The fields that tell a fact of ours, and the one that only warms a set up."""

WARM_RULE = "w"
"""The durable rule that fires for `WARMING` alone."""

RESERVED = (
    *("id", "sid", "$s", MARKER, WARMING),
    *("all", "any", "count", "cap", "pri", "dist", "run", "name", "$forward"),
    *("$and", "$or", "$not", "$all", "$any", "$ex", "$nex", "$iall", "$iany", "$mt", "$imt"),
    *(
        "$eq",
        "$neq",
        "$lt",
        "$lte",
        "$gt",
        "$gte",
        "$m",
        "$add",
        "$sub",
        "$mul",
        "$div",
        "$l",
        "$r",
    ),
)
"""Names that mean something to durable_rules or to this module."""


class CannotCarry(PlanRulesError, ValueError):
    """Rules that durable_rules cannot decide; `rule` is the id of the first, or empty."""

    def __init__(self, *, rule: str, why: str) -> None:
        """Keep the facts; the sentence is made from them."""
        self.rule = rule
        self.why = why
        what = f"the rule `{rule}`" if rule else "these rules"
        super().__init__(f"durable_rules cannot decide {what}: {why}")


def name_hash(name: str) -> int:
    """Return what durable_rules knows a name by: its 32-bit FNV-1a hash."""
    value = 2166136261
    for byte in name.encode():
        value = (value ^ byte) * 16777619 & 0xFFFFFFFF
    return value


def field_names(hashed: Callable[[str], int] = name_hash) -> Iterator[str]:
    """Yield short names without end, no two of one hash and none of a reserved name's."""
    taken = {hashed(name) for name in RESERVED}
    for number in count():
        name = f"f{number}"
        if hashed(name) not in taken:
            taken.add(hashed(name))
            yield name


Writer = Callable[[int], str]
"""Writes one field, with the comma before it, for the code of a known fact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """What a field of a JSON fact says of a known fact, and nothing of an unknown one.

    With `mask`, 1 or 0: whether the set has one of those words. With `ranges`, 1 or 0: whether
    the code is in them. Otherwise the code.
    """

    fact: str
    mask: int = 0
    ranges: Ranges = ()

    def writer(self, name: str) -> Writer:
        """Return what writes the field under a name."""
        yes, no = f',"{name}":1', f',"{name}":0'
        if self.mask:
            mask = self.mask
            return lambda code: yes if code & mask else no
        if self.ranges:
            edges = [edge for low, high in self.ranges for edge in (low, high + 1)]
            return lambda code: yes if bisect_right(edges, code) & 1 else no
        return f',"{name}":%d'.__mod__


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """A condition of one key: a field compared with a number, which `$ex` and `$nex` ignore."""

    field: Field
    operator: str
    operand: int = 1

    def written(self, name: str) -> dict[str, object]:
        """Return the condition as durable_rules reads it."""
        compared: dict[str, object] = {name: self.operand}
        return compared if self.operator == "$eq" else {self.operator: compared}


def tests_of(literal: Literal, spec: FactSpec) -> Iterator[Test]:
    """Yield single conditions that together say what a literal does."""
    code = Field(fact=literal.fact)
    match literal:
        case Unknown():
            yield Test(field=code, operator="$nex")
        case Among():
            yield from _tests_among(literal, spec)
        case Members(has=0, lacks=0, some=()):
            yield Test(field=code, operator="$ex")
        case Members():
            for bit in range(literal.has.bit_length()):
                if literal.has >> bit & 1:
                    yield Test(field=Field(fact=literal.fact, mask=1 << bit), operator="$eq")
            for mask in literal.some:
                yield Test(field=Field(fact=literal.fact, mask=mask), operator="$eq")
            if literal.lacks:
                field = Field(fact=literal.fact, mask=literal.lacks)
                yield Test(field=field, operator="$eq", operand=0)


def _tests_among(literal: Among, spec: FactSpec) -> Iterator[Test]:
    code = Field(fact=literal.fact)
    gaps = without(literal.ranges, low=spec.low, high=spec.high)
    low, high = literal.ranges[0][0], literal.ranges[-1][1]
    if not gaps:
        yield Test(field=code, operator="$ex")
    elif low == high:
        yield Test(field=code, operator="$eq", operand=low)
    elif len(literal.ranges) == 1:
        if low > spec.low:
            yield Test(field=code, operator="$gte", operand=low)
        if high < spec.high:
            yield Test(field=code, operator="$lte", operand=high)
    elif len(gaps) <= MOST_EXCEPTIONS and all(start == end for start, end in gaps):
        for start, _ in gaps:
            yield Test(field=code, operator="$neq", operand=start)
    else:
        yield Test(field=Field(fact=literal.fact, ranges=literal.ranges), operator="$eq")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """One durable rule set: its definition, the rules its firings stand for, and its facts.

    The durable rule named `0` stands for the rule whose index is `rules[0]`, and so on.
    """

    definition: str
    rules: tuple[int, ...]
    writers: tuple[tuple[str, tuple[Writer, ...]], ...]

    def sheet(self, facts: Facts, *, number: int) -> str:
        """Return the facts that the set reads, as one JSON object with the id `number`."""
        codes = facts.codes
        parts = [f'{{"id":{number},"{MARKER}":1']
        for fact, writers in self.writers:
            code = codes.get(fact)
            if code is not None:
                parts += [write(code) for write in writers]
        parts.append("}")
        return "".join(parts)


class _Draft:
    """A shard in the making."""

    def __init__(self) -> None:
        self.rules: list[int] = []
        self.tests: list[tuple[Test, ...]] = []
        self.fields: set[Field] = set()

    def takes(self, index: int, tests: tuple[Test, ...]) -> bool:
        """Add an alternative, unless it would be one rule or one field too many."""
        fields = self.fields | {test.field for test in tests}
        if len(self.rules) == MOST_RULES or len(fields) > MOST_FIELDS:
            return False
        self.rules.append(index)
        self.tests.append(tests)
        self.fields = fields
        return True

    def shard(self) -> Shard:
        """Return what was gathered."""
        order = sorted(self.fields, key=lambda each: (each.fact, each.mask, each.ranges))
        names = dict(zip(order, field_names(), strict=False))
        rules = {
            str(number): _rule([{MARKER: 1}, *(test.written(names[test.field]) for test in tests)])
            for number, tests in enumerate(self.tests)
        }
        writers = {
            fact: tuple(field.writer(names[field]) for field in fields)
            for fact, fields in groupby(order, key=lambda each: each.fact)
        }
        return Shard(
            definition=json.dumps({WARM_RULE: _rule([{WARMING: 1}]), **rules}),
            rules=tuple(self.rules),
            writers=tuple(writers.items()),
        )


def _rule(conditions: list[dict[str, object]]) -> dict[str, object]:
    return {"all": [{"m": {"$and": conditions}}]}


def shards(alternatives: Iterable[tuple[int, Alternative]], *, rules: RuleSet) -> tuple[Shard, ...]:
    """Return rule sets for alternatives, each of which comes with the index of its rule.

    Raises `CannotCarry` for more fields or larger numbers than there can be.
    """
    found: list[Shard] = []
    draft = _Draft()
    for index, alternative in alternatives:
        tests = tuple(
            test
            for literal in alternative.literals
            for test in tests_of(literal, rules.vocabulary[literal.fact])
        )
        _check(tests, rule=rules.rules[index].id)
        if not draft.takes(index, tests):
            found.append(draft.shard())
            draft = _Draft()
            draft.takes(index, tests)
    return (*found, draft.shard()) if draft.rules else tuple(found)


def _check(tests: tuple[Test, ...], *, rule: str) -> None:
    """Refuse what no shard can hold."""
    fields = {test.field for test in tests}
    if len(fields) > MOST_FIELDS:
        raise CannotCarry(rule=rule, why=f"it asks for {len(fields)} fields, beyond {MOST_FIELDS}")
    for test in tests:
        if abs(test.operand) > LARGEST_LONG:
            raise CannotCarry(rule=rule, why=f"{test.operand} is beyond a C long of this machine")
