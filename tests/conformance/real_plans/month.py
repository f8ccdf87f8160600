"""A month of calls for every plan: made by plain loops, the same whenever they are made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from plan_rules.catalog import Allowance, AllowanceUnit, Catalog, LimitMetric, Plan, WhenUsedUp
from plan_rules.destinations import ORDINARY, Destination, Selector, SelectorKind
from plan_rules.usage import Call
from tests.conformance.real_plans.reading import cases, catalog

EDGES = (0, 1, 29, 30, 59, 60, 61, 90, 119, 120, 121, 599, 600, 1621, 1681)
"""Durations at the edges of increments and tiers, in seconds."""

LONG = 10_800
FILLING = ((3_600, 3), (600, 6), (60, 10))
"""Durations and counts of calls that fill what calls of three hours leave of an allowance that
refuses what does not fit."""

ABROAD = frozenset({"BR", "CH", "JP", "001"})
"""Countries that few of the plans name, so that calls beyond a plan occur."""


def month_of(name: str, plan: Plan, *, start: date, chosen: str) -> tuple[Call, ...]:
    """Return calls of the month from `start`, and some of the month before and after.

    Short calls reach every kind of number the catalog tells apart, at all hours. Long ones to
    what an allowance holds for use it up, one allowance after the other. More people are
    called than any limit of the plan allows.
    """
    whole = catalog(name)
    zone = ZoneInfo(whole.zone)
    midnight = datetime.combine(start, datetime.min.time(), zone)
    numbers = _numbers(name)
    calls = [
        Call(
            start=midnight + timedelta(days=day, seconds=(25_200 + 3_571 * index) % 86_400),
            number=number,
            seconds=EDGES[(index + day) % len(EDGES)],
        )
        for index, number in enumerate(numbers)
        for day in ((index % 28, index % 60 - 29) if index % 3 else (index % 28,))
    ]
    moment = midnight
    for allowance in plan.allowances:
        held = _held(whole, allowance, numbers, chosen)
        lengths = [LONG] * (1 + _seconds(allowance) // LONG)
        if allowance.when_used_up is WhenUsedUp.BLOCK:
            lengths += [length for length, count in FILLING for _ in range(count)]
        for index, length in enumerate(lengths):
            calls.append(Call(start=moment, number=held[index % len(held)], seconds=length))
            moment += timedelta(seconds=length + 61)
        calls += [
            Call(
                start=midnight + timedelta(days=20, minutes=2 * index),
                number=f"+{int(held[0][1:]) + index}",
                seconds=30 + index % 60,
            )
            for index in range(_people(allowance))
        ]
    return tuple(calls)


def _seconds(allowance: Allowance) -> int:
    """Return the seconds after which an allowance has ended."""
    counted = [limit for limit in allowance.limits.limits if limit.metric is LimitMetric.SECONDS]
    amounts = [limit.amount for limit in counted]
    if allowance.unit is AllowanceUnit.SECONDS and allowance.amount is not None:
        amounts.append(allowance.amount)
    return max(amounts, default=LONG)


def _people(allowance: Allowance) -> int:
    """Return a fifth more people than a limit of the allowance admits."""
    counted = [limit for limit in allowance.limits.limits if limit.metric is LimitMetric.NUMBERS]
    return max((limit.amount for limit in counted), default=0) * 6 // 5


@cache
def _numbers(name: str) -> tuple[str, ...]:
    """Return a number of every destination and prefix that a catalog or its cases name."""
    whole = catalog(name)
    numbering = whole.numbering_plan()
    selectors = list(_selectors(whole))
    dialed = {
        each.call.number for case in cases() if case.catalog == name for each in case.calls[:20]
    }
    countries = {each.country for each in selectors} | ABROAD
    countries |= {each.country for each in map(numbering.lookup, dialed) if each}
    first: dict[Destination, str] = {}
    for prefix, destination in numbering.prefixes.items():
        if destination.country in countries:
            first.setdefault(destination, prefix)
    prefixes = {each.prefix for each in selectors if each.prefix} | set(first.values())
    made = {f"+{each}{'5550000000'[: max(4, 11 - len(each))]}" for each in prefixes}
    return tuple(sorted(dialed | made))


def _selectors(whole: Catalog) -> Iterator[Selector]:
    for plan in whole.plans.values():
        yield from (selector for selector, _ in plan.selectors())
    for table in whole.rate_tables.values():
        yield from (entry.selector for entry in table.entries)
    for zone in whole.zones.values():
        for version in zone.members.values:
            yield from version.members


def _held(
    whole: Catalog, allowance: Allowance, numbers: tuple[str, ...], chosen: str
) -> tuple[str, ...]:
    """Return the numbers an allowance holds for; of one with a share for each country, one."""
    numbering = whole.numbering_plan()
    selectors = [part for each in allowance.to for part in _parts(whole, each)]
    found = []
    for number in numbers:
        where = numbering.lookup(number)
        if where is None or any(number[1:].startswith(each.prefix) for each in allowance.without):
            continue
        if any(_names(each, where, chosen) for each in selectors):
            found.append(number)
    return tuple(found[:1] if allowance.share == "each-country" else found)


def _names(selector: Selector, where: Destination, chosen: str) -> bool:
    if selector.kind is SelectorKind.DEFAULT:
        return where.line in ORDINARY
    country = chosen if selector.kind is SelectorKind.CHOSEN else selector.country
    lines = ORDINARY if selector.line is None else {selector.line}
    return where.country == country and where.line in lines


def _parts(whole: Catalog, selector: Selector) -> Iterator[Selector]:
    """Yield a selector, or the members of the zone it names."""
    if not selector.zone:
        yield selector
        return
    for version in whole.zones[selector.zone].members.values:
        for each in version.members:
            yield from _parts(whole, each)
