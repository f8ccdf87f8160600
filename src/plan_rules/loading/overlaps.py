"""Selectors held against one another: zones that hold nothing, ties, and rows never used."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from plan_rules.catalog.plan import Plan
from plan_rules.catalog.rate import RateEntry
from plan_rules.catalog.zone import Zone
from plan_rules.destinations.selector import RANKS, Selector, SelectorKind
from plan_rules.errors import Severity
from plan_rules.loading.page import Page
from plan_rules.loading.reader import Steps
from plan_rules.loading.sheets import Sheets
from plan_rules.tariff.atlas import Atlas


def note_empty_zone(page: Page, zone: Zone, atlas: Atlas) -> None:
    """Note a zone that holds no destination on a day on which it is in force."""
    whole = Selector(kind=SelectorKind.ZONE, zone=zone.id)
    named = [
        atlas.mask(Selector(kind=SelectorKind.ZONE_LINE, zone=zone.id, line=line))
        for line in atlas.world.lines
    ]
    if zone.members.dates and atlas.mask(whole) == 0 and zone.members.at(atlas.day) is None:
        return
    has_prefix = any(
        each.kind is SelectorKind.PREFIX
        for version in zone.members.values
        for each in version.members
    )
    if atlas.mask(whole) == 0 and not any(named) and not has_prefix:
        message = f"zone `{zone.id}` holds no destination"
        hint = "check `without`, and whether the members' numbers are known"
        page.note("zone-empty", ("zone",), message, hint=hint)


def note_ambiguous(page: Page, entries: Sequence[RateEntry], path: Steps, atlas: Atlas) -> None:
    """Note zones of equal rank that share a destination: neither is more specific."""
    zoned = [entry for entry in entries if entry.selector.zone]
    for first, later in combinations(zoned, 2):
        same = (first.terms, first.by_band) == (later.terms, later.by_band)
        _note_shared(page, first.selector, later.selector, path, atlas, are_equal=same)


def note_ambiguous_insides(page: Page, plan: Plan, atlas: Atlas) -> None:
    """Note zones of equal rank among the prices inside an allowance."""
    for index, allowance in enumerate(plan.allowances):
        path: Steps = ("allowances", index, "prices")
        zoned = [price for price in allowance.prices if price.selector.zone]
        for first, later in combinations(zoned, 2):
            same = first.price == later.price
            _note_shared(page, first.selector, later.selector, path, atlas, are_equal=same)


def _note_shared(
    page: Page, first: Selector, later: Selector, path: Steps, atlas: Atlas, *, are_equal: bool
) -> None:
    masks = atlas.mask(first), atlas.mask(later)
    if first.line is not later.line or masks[0] is None or masks[1] is None:
        return
    shared = masks[0] & masks[1]
    if shared:
        names = atlas.world.names(shared)
        page.note(
            "ambiguous-selector",
            (*path, str(later)),
            f"`{first}` and `{later}` both hold for {names}, and neither is more specific",
            hint="name these destinations by themselves, or take them out of one zone",
            severity=Severity.WARNING if are_equal else Severity.ERROR,
            at_key=True,
        )


def note_unused(sheets: Sheets, atlases: Sequence[Atlas]) -> None:
    """Warn of rows that never hold, because more specific ones take all they name."""
    for table in sheets.rates:
        if table.page is not None and table.value is not None:
            _note_unused_rows(table.page, table.value.entries, ("rates",), atlases)
    for plan in sheets.plans:
        if plan.page is not None and plan.value is not None:
            _note_unused_rows(plan.page, plan.value.overrides, ("overrides",), atlases)


def _note_unused_rows(
    page: Page, entries: Sequence[RateEntry], path: Steps, atlases: Sequence[Atlas]
) -> None:
    unused: set[Selector] | None = None
    for atlas in atlases:
        found = _unused(entries, atlas)
        unused = found if unused is None else unused & found
    for selector in sorted(unused or (), key=str):
        page.note(
            "unused-rate",
            (*path, str(selector)),
            f"the rate `{selector}` never holds: more specific ones take all it names",
            hint="take it out, or one of the others",
            severity=Severity.WARNING,
            at_key=True,
        )


def _unused(entries: Sequence[RateEntry], atlas: Atlas) -> set[Selector]:
    """Return the selectors that name something on a day of which nothing is left to them.

    Prefixes are left out: what they leave of a destination is not asked.
    """
    others = [each.selector for each in entries if each.selector.kind is not SelectorKind.PREFIX]
    found: set[Selector] = set()
    taken, pending, rank = 0, 0, -1
    for selector in sorted(others, key=lambda each: RANKS[each.kind]):
        if RANKS[selector.kind] != rank:
            taken, rank = taken | pending, RANKS[selector.kind]
        mask = atlas.mask(selector)
        if mask is None:
            return set()
        if mask and not mask & ~taken:
            found.add(selector)
        pending |= mask
    return found
