"""Rules written for durable_rules: small rule sets of single conditions, and facts as flat JSON.

durable_rules identifies fields by a 32-bit hash, runs a rule once for each true branch of an
`$or`, never returns from some lists, and has fixed limits that crash. What is written here stays
clear of all of that: one durable rule for each alternative, conditions of one key, a marker that
only our facts have as the first of them, at most `MOST_RULES` rules and `MOST_FIELDS` fields in a
set, names whose hashes differ, and whole numbers. Choices among many codes or words become one
field that is there where the value is among them.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count, product
from string import ascii_lowercase

from plan_rules.errors import PlanRulesError
from plan_rules.rules.fact import Facts, FactSpec
from plan_rules.rules.literal import Among, Literal, Members, Unknown, without
from plan_rules.rules.normal import Alternative
from plan_rules.rules.rule import RuleSet

MOST_RULES = 60
"""The most durable rules of a set: a fact that matches more than 64 is an error."""

MOST_FIELDS = 200
"""The most fields of a fact: beyond 252 none can be read."""

MOST_EXCEPTIONS = 4
"""Up to so many single codes left out are compared one by one."""

MOST_KEPT = 1_024
"""The most codes of a fact whose text is kept."""

UNKNOWN_SHARE = 0.2
"""How often a fact is taken to be unknown when conditions are put in order."""

LARGEST_LONG: int = 2 ** (8 * struct.calcsize("l") - 1) - 1
"""The largest number that a condition can hold: C's `long`, which is short on Windows."""

MARKER, WARMING = "k", "w"
"""The fields that tell a fact of ours, and the one that only warms a set up."""

WARM_RULE = "ww"
"""The durable rule that fires for `WARMING` alone; as every name of a rule two letters long."""

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
    for length in count(1):
        for letters in product(ascii_lowercase, repeat=length):
            name = "".join(letters)
            if hashed(name) not in taken:
                taken.add(hashed(name))
                yield name


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """What a field of a JSON fact says of a known fact; of an unknown one it says nothing.

    Without `literal` it holds the code. With it, it is there, and 1, where the literal holds.
    """

    fact: str
    literal: Literal | None = None

    def text(self, name: str, code: int) -> str:
        """Return the field under a name, a comma before it, or nothing where it is not there."""
        if self.literal is None:
            return f',"{name}":{code:d}'
        return f',"{name}":1' if self.literal.holds(code) else ""


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


def tests_of(literal: Literal, spec: FactSpec) -> tuple[Test, ...]:
    """Return single conditions that together say what a literal does."""
    code = Field(fact=literal.fact)
    if isinstance(literal, Unknown):
        return (Test(field=code, operator="$nex"),)
    if literal == Members(fact=literal.fact):
        return (Test(field=code, operator="$ex"),)
    among = _compared(literal, spec) if isinstance(literal, Among) else None
    if among is None:
        return (Test(field=Field(fact=literal.fact, literal=literal), operator="$eq"),)
    return tuple(Test(field=code, operator=sign, operand=operand) for sign, operand in among)


def _compared(literal: Among, spec: FactSpec) -> tuple[tuple[str, int], ...] | None:
    """Return the comparisons of a code that say it all, or `None` if it takes too many."""
    gaps = without(literal.ranges, low=spec.low, high=spec.high)
    low, high = literal.ranges[0][0], literal.ranges[-1][1]
    if not gaps:
        return (("$ex", 1),)
    if low == high:
        return (("$eq", low),)
    if len(literal.ranges) == 1:
        return (
            *((("$gte", low),) if low > spec.low else ()),
            *((("$lte", high),) if high < spec.high else ()),
        )
    if len(gaps) <= MOST_EXCEPTIONS and all(start == end for start, end in gaps):
        return tuple(("$neq", start) for start, _ in gaps)
    return None


def share(literal: Literal, spec: FactSpec) -> float:
    """Return about which share of all sheets a literal lets through, to ask the hardest first."""
    match literal:
        case Unknown():
            return UNKNOWN_SHARE
        case Among():
            codes = sum(high - low + 1 for low, high in literal.ranges)
            return codes / (spec.high - spec.low + 1)
        case Members():
            single = (literal.has | literal.lacks).bit_count()
            return 0.5**single * 0.75 ** len(literal.some)


class Fragments(dict[int, str]):
    """What a sheet says of one fact, by its code; kept for the first codes that are met."""

    def __init__(self, fields: Iterable[tuple[str, Field]]) -> None:
        """Take the fields of one fact with their names."""
        super().__init__()
        self._fields = tuple(fields)

    def __missing__(self, code: int) -> str:
        """Write the fields."""
        text = "".join(field.text(name, code) for name, field in self._fields)
        if len(self) < MOST_KEPT:
            self[code] = text
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """One durable rule set: its definition, the rules its firings stand for, and its facts.

    `rules` has the index of the rule that a durable rule, by its name, stands for.
    """

    definition: str
    rules: Mapping[str, int]
    fragments: tuple[tuple[str, Fragments], ...]

    def sheet(self, facts: Facts, *, number: int) -> str:
        """Return the facts that the set reads, as one JSON object with the id `number`."""
        codes = facts.codes
        parts = [f'{{"id":{number},"{MARKER}":1']
        for fact, fragments in self.fragments:
            code = codes.get(fact)
            if code is not None:
                parts.append(fragments[code])
        parts.append("}")
        return "".join(parts)


class _Draft:
    """A shard in the making."""

    def __init__(self) -> None:
        self.rules: list[int] = []
        self.tests: list[tuple[Test, ...]] = []
        self.fields: dict[Field, None] = {}

    def takes(self, index: int, tests: tuple[Test, ...]) -> bool:
        """Add an alternative, unless it would be one rule or one field too many."""
        fields = self.fields | dict.fromkeys(test.field for test in tests)
        if len(self.rules) == MOST_RULES or len(fields) > MOST_FIELDS:
            return False
        self.rules.append(index)
        self.tests.append(tests)
        self.fields = fields
        return True

    def shard(self) -> Shard:
        """Return what was gathered."""
        names = dict(zip(self.fields, field_names(), strict=False))
        rules = {
            f"{number:02}": _rule(
                [{MARKER: 1}, *(test.written(names[test.field]) for test in tests)]
            )
            for number, tests in enumerate(self.tests)
        }
        facts = sorted({field.fact for field in self.fields})
        return Shard(
            definition=json.dumps({WARM_RULE: _rule([{WARMING: 1}]), **rules}),
            rules={f"{number:02}": index for number, index in enumerate(self.rules)},
            fragments=tuple(
                (fact, Fragments((names[each], each) for each in self.fields if each.fact == fact))
                for fact in facts
            ),
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
        specs = {each.fact: rules.vocabulary[each.fact] for each in alternative.literals}
        hardest = sorted(alternative.literals, key=lambda each: share(each, specs[each.fact]))
        tests = tuple(test for each in hardest for test in tests_of(each, specs[each.fact]))
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
