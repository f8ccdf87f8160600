"""The facts that rules may ask for: one table of those built in, and the operator's own.

What a fact is called, what values it has, from which stage it is known and what it means
stand in `BUILT_IN` and nowhere else: rules are checked against it, the reference is made from
it, and whoever computes facts names them by `FactName`. Values that depend on a catalog, such
as the ids of its plans, are filled in by `vocabulary_of`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from plan_rules.catalog.plan import Plan, PlanKind
from plan_rules.destinations.countries import GLOBAL, countries, country_name
from plan_rules.errors import InvalidValue, UnknownId
from plan_rules.rules.condition import comparisons
from plan_rules.rules.fact import (
    AS_OF,
    LARGEST,
    TAGS,
    FactSpec,
    FactType,
    InvalidFact,
    MissingFact,
    Stage,
    Vocabulary,
)
from plan_rules.rules.rule import Rule, RuleSet

OWN = "customer."
"""What the name of each of the operator's own facts begins with."""

MINUTES_TO = "usage.minutes-to."
"""What the names of a family of facts begin with; a country or a zone follows."""

WHOLE_PERCENT = 100
MOST_MONTHS = 3600
"""The months from the first day a customer can have to the last."""


class FactName(StrEnum):
    """The names of the built-in facts."""

    HOME = "customer.home"
    CUSTOMER_PLAN = "customer.plan"
    TENURE = "customer.tenure-months"
    CYCLES = "usage.cycles"
    CALLS = "usage.calls"
    MINUTES = "usage.minutes"
    COUNTRIES = "usage.countries"
    TOP_COUNTRY = "usage.top-country"
    TOP_COUNTRY_SHARE = "usage.top-country-share"
    MOBILE_SHARE = "usage.mobile-share"
    PREMIUM_MINUTES = "usage.premium-minutes"
    PREMIUM_CALLS = "usage.premium-calls"
    PLAN = "plan.id"
    KIND = "plan.kind"
    LABELS = "plan.labels"
    FEE = "plan.fee"
    ONE_TIME = "plan.one-time"
    MINIMUM_SPEND = "plan.minimum-spend"
    COMMITMENT = "plan.commitment-cycles"
    HAS_INTRO = "plan.has-intro"
    PREPAID = "plan.prepaid"
    ON_SALE = "plan.on-sale"
    IS_CURRENT = "plan.is-current"
    HIGHEST_RATE_EU = "plan.highest-rate-eu"
    UNCOVERED_SHARE = "plan.uncovered-share"
    INCLUDED_SHARE = "plan.included-share"
    BILL_TOTAL = "bill.total"
    BILL_USAGE = "bill.usage"
    BILL_FEE = "bill.fee"
    BILL_CALLS = "bill.calls"
    BILL_MINUTES = "bill.minutes"
    BILL_PAID_MINUTES = "bill.paid-minutes"
    BILL_MISSED_CALLS = "bill.missed-calls"


class Words(StrEnum):
    """Where the words of a built-in enum or set come from."""

    COUNTRIES = "the countries, by their ISO codes"
    PLANS = "the ids of the catalog's plans"
    KINDS = "the kinds of plans"
    LABELS = "the labels that the catalog's plans have"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltIn:
    """A row of the table: a fact as every catalog has it, `words` aside."""

    name: FactName
    type: FactType
    meaning: str
    unit: str = ""
    high: int = LARGEST
    words: Words | None = None
    optional: bool = False
    stage: Stage = Stage.ELIGIBILITY


def _count(name: FactName, unit: str, meaning: str, *, high: int = LARGEST) -> BuiltIn:
    return BuiltIn(name=name, type=FactType.INTEGER, unit=unit, meaning=meaning, high=high)


def _share(name: FactName, meaning: str) -> BuiltIn:
    return _count(name, "percent", meaning, high=WHOLE_PERCENT)


def _amount(name: FactName, meaning: str, *, optional: bool = False) -> BuiltIn:
    return BuiltIn(name=name, type=FactType.MONEY, meaning=meaning, optional=optional)


def _is(name: FactName, meaning: str) -> BuiltIn:
    return BuiltIn(name=name, type=FactType.BOOLEAN, meaning=meaning)


def _word(name: FactName, words: Words, meaning: str, *, optional: bool = False) -> BuiltIn:
    return BuiltIn(name=name, type=FactType.ENUM, words=words, meaning=meaning, optional=optional)


def _billed(name: FactName, kind: FactType, unit: str, meaning: str) -> BuiltIn:
    return BuiltIn(name=name, type=kind, unit=unit, meaning=meaning, stage=Stage.BILLING)


BUILT_IN: tuple[BuiltIn, ...] = (
    _word(FactName.HOME, Words.COUNTRIES, "The country the customer calls from."),
    _word(
        FactName.CUSTOMER_PLAN,
        Words.PLANS,
        "The plan the customer is on; unknown for a new customer.",
        optional=True,
    ),
    BuiltIn(
        name=FactName.TENURE,
        type=FactType.INTEGER,
        unit="months",
        high=MOST_MONTHS,
        meaning="Whole months since the present plan began; unknown if it is not known when.",
        optional=True,
    ),
    _count(
        FactName.CYCLES,
        "cycles",
        "Complete monthly cycles of the history at hand; 0 where there is none.",
        high=MOST_MONTHS,
    ),
    _count(FactName.CALLS, "calls", "Answered calls in a monthly cycle, on average."),
    _count(FactName.MINUTES, "minutes", "Minutes called in a monthly cycle, on average."),
    _count(
        FactName.COUNTRIES,
        "countries",
        "Different countries called in a monthly cycle, on average.",
        high=len(countries()),
    ),
    _word(
        FactName.TOP_COUNTRY,
        Words.COUNTRIES,
        "The country with most minutes; unknown if nothing was called.",
        optional=True,
    ),
    _share(FactName.TOP_COUNTRY_SHARE, "Share of the minutes that go to the top country."),
    _share(FactName.MOBILE_SHARE, "Share of the minutes that go to mobiles."),
    _count(
        FactName.PREMIUM_MINUTES,
        "minutes",
        "Minutes to premium numbers in a monthly cycle, on average.",
    ),
    _count(
        FactName.PREMIUM_CALLS,
        "calls",
        "Calls to premium numbers in a monthly cycle, on average.",
    ),
    _word(FactName.PLAN, Words.PLANS, "The plan that is asked about."),
    _word(FactName.KIND, Words.KINDS, "The kind of the plan."),
    BuiltIn(
        name=FactName.LABELS,
        type=FactType.SET,
        words=Words.LABELS,
        meaning="The labels that the plan's file gives it.",
    ),
    _amount(FactName.FEE, "The usual fee of a cycle, before tax; not the intro price."),
    _amount(FactName.ONE_TIME, "The fees that are due once, together, before tax."),
    _amount(FactName.MINIMUM_SPEND, "The least that usage costs in a cycle, before tax."),
    _count(
        FactName.COMMITMENT,
        "cycles",
        "The cycles that a customer is bound for; 0 without a commitment.",
    ),
    _is(FactName.HAS_INTRO, "Whether the first cycles have an intro price."),
    _is(FactName.PREPAID, "Whether usage is billed in advance."),
    _is(FactName.ON_SALE, "Whether a customer may choose the plan on the day asked about."),
    _is(FactName.IS_CURRENT, "Whether it is the plan the customer is on."),
    _amount(
        FactName.HIGHEST_RATE_EU,
        "The dearest price per minute, before tax, of an ordinary call to a state of the EU or "
        "the EEA; unknown if the plan reaches none.",
        optional=True,
    ),
    _share(
        FactName.UNCOVERED_SHARE, "Share of the customer's minutes that the plan does not carry."
    ),
    _share(FactName.INCLUDED_SHARE, "Share of the customer's minutes that the fee includes."),
    _billed(
        FactName.BILL_TOTAL,
        FactType.MONEY,
        "",
        "What the cycle costs, before adjustments by rules and before tax.",
    ),
    _billed(FactName.BILL_USAGE, FactType.MONEY, "", "The part of the total for calls."),
    _billed(FactName.BILL_FEE, FactType.MONEY, "", "The fee of the cycle, the intro price if due."),
    _billed(FactName.BILL_CALLS, FactType.INTEGER, "calls", "Calls that the bill rates."),
    _billed(FactName.BILL_MINUTES, FactType.INTEGER, "minutes", "Minutes that the bill rates."),
    _billed(
        FactName.BILL_PAID_MINUTES,
        FactType.INTEGER,
        "minutes",
        "Minutes that are paid by rate and not included.",
    ),
    _billed(
        FactName.BILL_MISSED_CALLS,
        FactType.INTEGER,
        "calls",
        "Calls that the plan blocks, does not reach or has no price for.",
    ),
)
"""Every built-in fact, the family `usage.minutes-to.*` aside, in the order of the reference."""


def minutes_to(place: str) -> FactSpec:
    """Return the fact that counts the minutes to a country or a zone."""
    return FactSpec(
        name=f"{MINUTES_TO}{place}",
        type=FactType.INTEGER,
        unit="minutes",
        meaning=f"Minutes to {country_name(place)} in a monthly cycle, on average.",
        optional=False,
    )


def vocabulary_of(
    *,
    plans: Iterable[Plan],
    rules: Iterable[Rule] = (),
    declared: Iterable[FactSpec] = (),
) -> Vocabulary:
    """Return the facts that the rules of a catalog may ask for.

    `declared` are the operator's own, each named `customer.<name>`. Of the minutes to countries
    and zones those are in it that `rules` ask for. A fact of words is left out where there is
    no word: of labels without a label, of tags without a tag.

    Raises `InvalidValue` for a declared fact that is named otherwise or as a built-in one.
    """
    sold, asked = tuple(plans), tuple(rules)
    named = {each.fact for rule in asked for each in comparisons(rule.when)}
    return vocabulary(
        plans=(plan.id for plan in sold),
        labels=(label for plan in sold for label in plan.labels),
        tags=(tag for rule in asked for tag in rule.sets),
        places=(name.removeprefix(MINUTES_TO) for name in named if name.startswith(MINUTES_TO)),
        declared=declared,
    )


def vocabulary(
    *,
    plans: Iterable[str],
    labels: Iterable[str] = (),
    tags: Iterable[str] = (),
    places: Iterable[str] = (),
    declared: Iterable[FactSpec] = (),
) -> Vocabulary:
    """Return the facts for ids of plans, labels, tags, and places that minutes are counted to.

    Words may come in any order and repeated. Raises `InvalidValue` as `vocabulary_of` does, and
    for more labels or tags than a set may have.
    """
    words: Mapping[Words, tuple[str, ...]] = {
        Words.COUNTRIES: tuple(countries()),
        Words.PLANS: tuple(sorted(set(plans))),
        Words.KINDS: tuple(kind.value for kind in PlanKind),
        Words.LABELS: tuple(sorted(set(labels))),
    }
    found = [*(_spec(row, words) for row in BUILT_IN), *map(minutes_to, sorted(set(places)))]
    found += [_day_asked_about(), _tags(tuple(sorted(set(tags))))]
    specs = {spec.name: spec for spec in found if spec is not None}
    for own in declared:
        if not own.name.startswith(OWN) or own.name in specs:
            raise InvalidValue(name="fact", value=own.name, expected="a new name after `customer.`")
        specs[own.name] = own
    return Vocabulary(specs=specs)


def _day_asked_about() -> FactSpec:
    return FactSpec(name=AS_OF, type=FactType.DATE, meaning="The day asked about.", optional=False)


def _tags(words: tuple[str, ...]) -> FactSpec | None:
    meaning = "The tags that rules have set so far."
    if not words:
        return None
    return FactSpec(name=TAGS, type=FactType.SET, values=words, meaning=meaning, optional=False)


def _spec(row: BuiltIn, words: Mapping[Words, tuple[str, ...]]) -> FactSpec | None:
    values = words[row.words] if row.words is not None else ()
    if row.name is FactName.HOME:
        values = tuple(code for code in values if code != GLOBAL)
    if row.words is not None and not values:
        return None
    return FactSpec(
        name=row.name.value,
        type=row.type,
        meaning=row.meaning,
        unit=row.unit,
        high=row.high,
        values=values,
        optional=row.optional,
        stage=row.stage,
    )


def declared_facts(rules: RuleSet) -> tuple[FactSpec, ...]:
    """Return the operator's own facts of a rule set, in the order of names."""
    built_in = {row.name.value for row in BUILT_IN}
    return tuple(
        spec for spec in rules.vocabulary if spec.name.startswith(OWN) and spec.name not in built_in
    )


def customer_facts(*, rules: RuleSet, given: Mapping[str, object]) -> Mapping[str, int]:
    """Return the codes of the operator's own facts about one customer, by full names.

    `given` are values by the names of `facts.yaml`, without `customer.`; `None` is unknown.
    Texts are compared as they are: nothing is folded or normalized, so that two spellings
    never mean one word. An empty vocabulary, of a catalog without rules and facts, asks for
    nothing.

    Raises `UnknownId` for a name that is not declared, `InvalidFact` naming the fact for a
    value that it cannot have (no float, no number too large, no look-alike of a word), and
    `MissingFact` for one that must be known and is not.
    """
    if not rules.vocabulary.specs:
        return MappingProxyType({})
    declared = {spec.name.removeprefix(OWN): spec for spec in declared_facts(rules)}
    for name in given:
        if name not in declared:
            raise UnknownId(kind="fact of customers", value=name, known=declared)
    codes: dict[str, int] = {}
    for name, spec in declared.items():
        value = given.get(name)
        if value is not None:
            codes[spec.name] = _code(spec, value)
        elif not spec.optional:
            raise MissingFact(name=name)
    return MappingProxyType(codes)


def _code(spec: FactSpec, value: object) -> int:
    """Return the code of a value, with a remedy for what looks like it and is not."""
    name = spec.name.removeprefix(OWN)
    if type(value) is int and abs(value) > LARGEST:
        shown = f"a number of {value.bit_length()} bits"
        raise InvalidFact(name=name, value=shown, expected=spec.expected)
    try:
        return spec.code(value)
    except InvalidFact as error:
        hint = _remedy(spec, value)
        raise InvalidFact(
            name=name,
            value=value,
            expected=f"{error.expected}{f'; {hint}' if hint else ''}",
        ) from None


def _remedy(spec: FactSpec, value: object) -> str:
    match value:
        case float():
            return "give a whole number or a Decimal, floats are not exact"
        case str() if spec.type is FactType.SET:
            return "give a list of words"
        case str() if (plain := unicodedata.normalize("NFKC", value).strip()) in spec.values:
            return f"the text only looks like `{plain}`"
        case bool() if spec.type is FactType.INTEGER:
            return "true and false are no numbers"
        case str() if spec.type is FactType.INTEGER:
            return "give the number itself, not a text"
        case _:
            return ""


__all__ = [
    "BUILT_IN",
    "MINUTES_TO",
    "OWN",
    "BuiltIn",
    "FactName",
    "Words",
    "customer_facts",
    "declared_facts",
    "minutes_to",
    "vocabulary",
    "vocabulary_of",
]
