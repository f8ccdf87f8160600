"""What can be said of a customer, a plan or a bill: declared, typed facts and their values.

Every value of a fact has one exact integer, its *code*, and engines compare nothing else: an
integer is itself, an amount its micros, a date its ordinal, false and true are 0 and 1, a word
of an enum is its place in the list, and a set of words has one bit for each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from types import MappingProxyType

from plan_rules.errors import NOWHERE, InvalidValue, PlanRulesError, Span, UnknownId, did_you_mean
from plan_rules.money import format_micros, parse_micros

FactValue = str | int | bool | Decimal | date | tuple[str, ...] | frozenset[str]
"""A value as hosts give it; `Decimal` for amounts in major units, never a float."""

LARGEST = 2**53 - 1
"""The largest size of a code: beyond it some engines no longer tell neighbours apart."""

MOST_WORDS = 52
"""The most words a set may have: one bit of a code for each."""

MOST_DIGITS = 20
"""Digits before or behind the point beyond which no amount is a fact."""

ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

AS_OF = "as-of"
"""The fact that holds the day asked about; `valid` of a rule is a condition on it."""

TAGS = "tags"
"""The fact that holds the tags set by the rules that have fired so far."""


class FactType(StrEnum):
    """What values a fact has; `enum` is one word of a list, `set` any number of them."""

    INTEGER = "integer"
    MONEY = "money"
    DATE = "date"
    BOOLEAN = "boolean"
    ENUM = "enum"
    SET = "set"


class Stage(StrEnum):
    """When a rule is asked, and from when a fact is known: facts of `billing` need a bill."""

    ELIGIBILITY = "eligibility"
    BILLING = "billing"


class InvalidFact(InvalidValue):
    """A value that a fact cannot have; `name` is the fact's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactSpec:
    """One declared fact.

    `low` and `high` bound the codes, both inclusive. `values` are the words of an enum or a
    set, in their order. `unit` is what an integer counts, such as `minutes`. `optional` says
    whether the value may be unknown. `stage` is the earliest stage whose rules may ask for it.

    Raises `InvalidValue` for a range or words that the type does not have.
    """

    name: str
    type: FactType
    meaning: str
    unit: str = ""
    low: int = 0
    high: int = LARGEST
    values: tuple[str, ...] = ()
    optional: bool = True
    stage: Stage = Stage.ELIGIBILITY
    span: Span = NOWHERE

    def __post_init__(self) -> None:
        """Derive the bounds of what has words, and refuse what no fact can be."""
        worded = self.type in {FactType.ENUM, FactType.SET}
        if worded != bool(self.values) or len(set(self.values)) != len(self.values):
            raise InvalidValue(
                name="values", value=self.values, expected="words, each once, of an enum or a set"
            )
        bounds = (self.low, self.high)
        match self.type:
            case FactType.BOOLEAN:
                bounds = (0, 1)
            case FactType.ENUM:
                bounds = (0, len(self.values) - 1)
            case FactType.SET:
                if len(self.values) > MOST_WORDS:
                    raise InvalidValue(
                        name="values", value=len(self.values), expected=f"at most {MOST_WORDS}"
                    )
                bounds = (0, 2 ** len(self.values) - 1)
            case FactType.DATE if self.high > date.max.toordinal():
                bounds = (max(self.low, 1), date.max.toordinal())
            case FactType.INTEGER | FactType.MONEY | FactType.DATE:
                pass
        object.__setattr__(self, "low", bounds[0])
        object.__setattr__(self, "high", bounds[1])
        if not -LARGEST <= self.low <= self.high <= LARGEST:
            raise InvalidValue(
                name="range", value=(self.low, self.high), expected="a low end below the high one"
            )

    def code(self, value: object) -> int:
        """Return the code of a value as hosts and files give it.

        Raises `InvalidFact` naming the fact for a value of another type or outside its range.
        """
        code = self._code(value)
        if code is None:
            raise InvalidFact(name=self.name, value=value, expected=self.expected)
        return code

    def nearest(self, code: int) -> int:
        """Return the code, or the end of the range that it lies beyond."""
        return min(max(code, self.low), self.high)

    def word_code(self, word: object) -> int:
        """Return the place of a word of an enum or a set; raise `InvalidFact` for any other."""
        if not isinstance(word, str) or word not in self.values:
            hint = did_you_mean(str(word), self.values)
            expected = f"one of {', '.join(self.values)}" + (f"; {hint}" if hint else "")
            raise InvalidFact(name=self.name, value=word, expected=expected)
        return self.values.index(word)

    @property
    def expected(self) -> str:
        """What a value of the fact is, in words, for messages."""
        match self.type:
            case FactType.BOOLEAN:
                return "true or false"
            case FactType.ENUM:
                return f"one of {', '.join(self.values)}"
            case FactType.SET:
                return f"a list of {', '.join(self.values)}"
            case FactType.DATE:
                return f"a date from {self.words(self.low)} to {self.words(self.high)}"
            case FactType.MONEY:
                return f"an amount from {self.words(self.low)} to {self.words(self.high)}"
            case FactType.INTEGER:
                unit = f" {self.unit}" if self.unit else ""
                return f"a whole number from {self.low} to {self.high}{unit}"

    def words(self, code: int) -> str:
        """Return a value, given by its code, as an author would write it."""
        match self.type:
            case FactType.BOOLEAN:
                return "true" if code else "false"
            case FactType.ENUM:
                return self.values[code]
            case FactType.SET:
                members = [word for bit, word in enumerate(self.values) if code >> bit & 1]
                return f"[{', '.join(members)}]"
            case FactType.DATE:
                return date.fromordinal(code).isoformat()
            case FactType.MONEY:
                return format_micros(code)
            case FactType.INTEGER:
                return str(code)

    def _code(self, value: object) -> int | None:
        """Return the code, or `None` for what the fact cannot be."""
        code: int | None = None
        match self.type:
            case FactType.BOOLEAN:
                return int(value) if isinstance(value, bool) else None
            case FactType.INTEGER:
                code = value if type(value) is int else None
            case FactType.MONEY:
                code = _micros(value)
            case FactType.DATE:
                code = _ordinal(value)
            case FactType.ENUM:
                return self.word_code(value)
            case FactType.SET:
                if not isinstance(value, tuple | list | frozenset | set):
                    return None
                return sum(1 << bit for bit in {self.word_code(word) for word in value})
        return code if code is not None and self.low <= code <= self.high else None


def _micros(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    try:
        number = Decimal(value)
        if not number.is_finite() or abs(number.adjusted()) > MOST_DIGITS:
            return None
        return parse_micros(number)
    except (InvalidOperation, InvalidValue):
        return None


def _ordinal(value: object) -> int | None:
    if isinstance(value, str) and ISO_DATE.fullmatch(value):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.toordinal()
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Every fact that rules may ask for, by name, in the order of names."""

    specs: Mapping[str, FactSpec]

    def __post_init__(self) -> None:
        """Freeze the mapping."""
        object.__setattr__(self, "specs", MappingProxyType(dict(sorted(self.specs.items()))))

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the plain mapping."""
        return _vocabulary, (dict(self.specs),)

    def __getitem__(self, name: str) -> FactSpec:
        """Return a fact; raise `UnknownId` with the closest known names."""
        try:
            return self.specs[name]
        except KeyError:
            raise UnknownId(kind="fact", value=name, known=self.specs) from None

    def __contains__(self, name: str) -> bool:
        """Whether a fact of that name is declared."""
        return name in self.specs

    def __iter__(self) -> Iterator[FactSpec]:
        """Yield every fact in the order of names."""
        return iter(self.specs.values())


def _vocabulary(specs: dict[str, FactSpec]) -> Vocabulary:
    return Vocabulary(specs=specs)


class MissingFact(PlanRulesError, LookupError):
    """A fact that is always known was not given; `name` is the fact's name."""

    def __init__(self, *, name: str) -> None:
        """Keep the name."""
        self.name = name
        super().__init__(f"the fact `{name}` is needed and was not given")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known: a code for each known fact, and nothing for the others."""

    codes: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, values: Mapping[str, object], *, vocabulary: Vocabulary) -> Facts:
        """Return the facts with these values; a value of `None` is unknown.

        Raises `UnknownId` for a name nobody declared, `InvalidFact` for a value outside a
        fact's range, `None` of a fact that is always known included.
        """
        codes = {}
        for name, value in values.items():
            spec = vocabulary[name]
            if value is None and spec.optional:
                continue
            codes[name] = spec.code(value)
        return cls(MappingProxyType(codes))

    def get(self, name: str) -> int | None:
        """Return the code of a fact, or `None` if it is not known."""
        return self.codes.get(name)

    def require(self, names: frozenset[str]) -> None:
        """Raise `MissingFact`, naming the first in order, unless all these facts are known."""
        if not names <= self.codes.keys():
            raise MissingFact(name=min(names - self.codes.keys()))

    def with_codes(self, codes: Mapping[str, int]) -> Facts:
        """Return these facts with others added or replaced."""
        return Facts(MappingProxyType({**self.codes, **codes}))
