"""Facts of subjects, customers on a day each, as columns of codes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.columns import NO_DAY, CustomerColumns, Int32s, Int64s
from plan_rules.batch.compiled import compiled, wide
from plan_rules.batch.cycles import MONTH_STARTS, month_of
from plan_rules.batch.rules.plans import ABROAD
from plan_rules.batch.rules.rulebook import RuleBook
from plan_rules.batch.rules.usage import (
    CALLS,
    COUNTRIES,
    CYCLES,
    MINUTES,
    MOBILE_SHARE,
    PLACES,
    PREMIUM_CALLS,
    PREMIUM_MINUTES,
    TOP_COUNTRY,
    TOP_COUNTRY_SHARE,
)
from plan_rules.catalog.vocabulary import FactName, declared_facts
from plan_rules.errors import InvalidValue
from plan_rules.rules.columns import Column
from plan_rules.rules.fact import FactSpec

USAGE_ROWS: Mapping[str, int] = {
    FactName.CYCLES: CYCLES,
    FactName.CALLS: CALLS,
    FactName.MINUTES: MINUTES,
    FactName.COUNTRIES: COUNTRIES,
    FactName.TOP_COUNTRY_SHARE: TOP_COUNTRY_SHARE,
    FactName.MOBILE_SHARE: MOBILE_SHARE,
    FactName.PREMIUM_MINUTES: PREMIUM_MINUTES,
    FactName.PREMIUM_CALLS: PREMIUM_CALLS,
}
"""Where the facts of usage that are counts stand among those found."""

UNKNOWN_CODE = -1


def demand_facts(rules: RuleBook, customers: CustomerColumns) -> None:
    """Raise `InvalidValue` for customers without what the rules ask of them."""
    own = {spec.name for spec in declared_facts(rules.rules)}.intersection(rules.subject)
    given = () if customers.facts is None else customers.facts.names
    home = FactName.HOME in rules.subject or rules.plans.highest is not None
    if (home and customers.home is None) or not own <= set(given):
        raise InvalidValue(
            name="customers",
            value=", ".join(given) or "columns without facts",
            expected="homes and facts for the rules of the catalog: give `rules` to what made them",
        )


def subject_columns(
    rules: RuleBook,
    customers: CustomerColumns,
    *,
    who: Int64s | Int32s,
    day: Int64s,
    countries: tuple[str, ...],
    usage: Int64s | None,
) -> dict[str, Column]:
    """Return the facts that rules read of some customers, each on a day.

    `usage` is what `count_usage` found of them, its countries being those of `countries`; it
    may be `None` where no rule asks. Codes lie in the ranges of their facts.
    """
    found = {}
    for name in rules.subject:
        spec = rules.rules.vocabulary[name]
        codes, known = _codes(rules, customers, spec, who, day, countries, usage)
        known_everywhere = isinstance(known, bool)
        found[name] = Column(
            codes=np.clip(codes, spec.low, spec.high),
            known=np.full(len(who), known) if known_everywhere else known,
        )
    return found


def home_groups(rules: RuleBook, customers: CustomerColumns, who: Int64s | Int32s) -> Int64s:
    """Return the group that the homes of some customers belong to, as facts of plans see them.

    A home that is not known is taken to lie outside the EEA.
    """
    if customers.home is None or rules.plans.highest is None:
        return np.zeros(len(who), np.int64)
    groups = rules.plans.group_of
    homes = (*customers.homes, ABROAD)
    known = np.array([groups.get(home, groups[ABROAD]) for home in homes], np.int64)
    return known[customers.home[who]]


def _codes(
    rules: RuleBook,
    customers: CustomerColumns,
    spec: FactSpec,
    who: Int64s | Int32s,
    day: Int64s,
    countries: tuple[str, ...],
    usage: Int64s | None,
) -> tuple[Int64s, NDArray[np.bool_] | bool]:
    name = spec.name
    if usage is not None and name in USAGE_ROWS:
        return usage[USAGE_ROWS[name]], True
    if usage is not None and name == FactName.TOP_COUNTRY:
        places = _places(countries, spec)[usage[TOP_COUNTRY]]
        return places, places != UNKNOWN_CODE
    if usage is not None and rules.places is not None and name in rules.places.names:
        return usage[PLACES + rules.places.names.index(name)], True
    if name == FactName.HOME and customers.home is not None:
        homes = _places(customers.homes, spec)[customers.home[who]]
        return homes, homes != UNKNOWN_CODE
    if name == FactName.CUSTOMER_PLAN:
        plan = customers.plan[who]
        return rules.plan_codes[np.maximum(plan, 0)], plan >= 0
    if name == FactName.TENURE:
        since = customers.since[who]
        return months_between(since, day, MONTH_STARTS), since != NO_DAY
    if customers.facts is not None and name in customers.facts.names:
        at = customers.facts.names.index(name)
        return customers.facts.codes[at][who], customers.facts.known[at][who]
    raise InvalidValue(name="customers", value=name, expected="what the rules of the catalog ask")


def _places(words: tuple[str, ...], spec: FactSpec) -> Int64s:
    """Return the code of each word, and last the code of none."""
    known = {word: code for code, word in enumerate(spec.values)}
    return np.array([*(known.get(word, UNKNOWN_CODE) for word in words), UNKNOWN_CODE], np.int64)


@compiled
def months_between(
    since: NDArray[np.int32], day: NDArray[np.int64], month_starts: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the whole months from one day to another, 0 where it comes first or is not known."""
    found = np.zeros(len(since), np.int64)
    for index in range(len(since)):
        start, end = wide(since[index]), day[index]
        if start > end or start < month_starts[0]:
            continue
        first, last = month_of(start, month_starts), month_of(end, month_starts)
        length = month_starts[last + 1] - month_starts[last]
        clamped = min(start - month_starts[first], length - 1)
        found[index] = last - first - (clamped > end - month_starts[last])
    return found
