"""What plans reach: nothing ambiguous, nothing promised without a price, nothing in vain."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from plan_rules.catalog.allowance import Allowance, AllowanceUnit, WhenUsedUp
from plan_rules.catalog.plan import Plan, RestrictionKind
from plan_rules.catalog.rate import RateEntry, RateTable
from plan_rules.catalog.zone import Zone
from plan_rules.destinations.plan import NumberingPlan
from plan_rules.destinations.selector import Selector, SelectorKind
from plan_rules.errors import Severity
from plan_rules.loading.overlaps import (
    note_ambiguous,
    note_ambiguous_insides,
    note_empty_zone,
    note_unused,
)
from plan_rules.loading.page import Page
from plan_rules.loading.reader import Steps
from plan_rules.loading.sheets import Sheets, sound
from plan_rules.tariff.atlas import Atlas, World

CHOSEN = frozenset({SelectorKind.CHOSEN, SelectorKind.CHOSEN_LINE})


def note_reach(sheets: Sheets) -> None:
    """Note what only shows once zones are laid out: on each day on which one of them changes."""
    zones = sound(sheets.zones)
    plans = sound(sheets.plans)
    world = World(_numbering(sheets), _prefixes(zones.values(), plans.values()))
    days = {date.min}.union(*(zone.members.dates for zone in zones.values()))
    atlases = [Atlas(world, zones, day) for day in sorted(days)]
    note_unused(sheets, atlases)
    for atlas in atlases:
        tables = _Tables(atlas)
        for sheet in sheets.zones:
            if sheet.page is not None and sheet.value is not None:
                note_empty_zone(sheet.page, sheet.value, atlas)
        for table in sheets.rates:
            if table.page is not None and table.value is not None:
                note_ambiguous(table.page, table.value.entries, ("rates",), atlas)
        known = sound(sheets.rates)
        for plan in sheets.plans:
            if plan.page is None or plan.value is None:
                continue
            note_ambiguous(plan.page, plan.value.overrides, ("overrides",), atlas)
            note_ambiguous_insides(plan.page, plan.value, atlas)
            if not plan.value.rates or plan.value.rates in known:
                table_value = known.get(plan.value.rates)
                _PlanReach(plan.page, plan.value, table_value, tables).note()


def _numbering(sheets: Sheets) -> NumberingPlan:
    base = NumberingPlan.standard()
    root = sheets.root.value if sheets.root else None
    return base.with_overrides(root.numbering) if root is not None and root.numbering else base


def _prefixes(zones: Iterable[Zone], plans: Iterable[Plan]) -> set[str]:
    selectors: list[Selector] = []
    for zone in zones:
        for version in zone.members.values:
            selectors += (*version.members, *version.without)
    for plan in plans:
        selectors += (*plan.choose_from, *(plan.coverage or ()))
        selectors += (entry.selector for entry in plan.overrides)
        for allowance in plan.allowances:
            selectors += (*allowance.to, *allowance.without)
        for restriction in plan.restrictions:
            selectors += restriction.to
        for surcharge in plan.surcharges:
            selectors += surcharge.to
        for volume in plan.volumes:
            selectors += volume.to
    return {each.prefix for each in selectors if each.kind is SelectorKind.PREFIX}


class _Tables:
    """What rate tables reach on one day."""

    def __init__(self, atlas: Atlas) -> None:
        """Keep the day's atlas."""
        self.atlas = atlas
        self._whole: dict[str, int | None] = {}
        self._partly: dict[str, int] = {}

    def whole(self, table: RateTable | None) -> int | None:
        """Return the destinations all of whose numbers the table reaches."""
        if table is None:
            return 0
        if table.id not in self._whole:
            self._whole[table.id] = _reached(table.entries, self.atlas)
        return self._whole[table.id]

    def partly(self, table: RateTable | None) -> int:
        """Return the destinations some of whose numbers a prefix of the table reaches."""
        if table is None:
            return 0
        if table.id not in self._partly:
            self._partly[table.id] = _touched(table.entries, self.atlas)
        return self._partly[table.id]


def _reached(entries: Iterable[RateEntry], atlas: Atlas) -> int | None:
    prefixes = frozenset(each.selector.prefix for each in entries if each.selector.prefix)
    others = atlas.union(each.selector for each in entries if not each.selector.prefix)
    return None if others is None else others | atlas.world.prefixed(prefixes)


def _touched(entries: Iterable[RateEntry], atlas: Atlas) -> int:
    return atlas.world.touched(each.selector.prefix for each in entries if each.selector.prefix)


class _PlanReach:
    """One plan on one day: what it reaches, and what it promises."""

    def __init__(self, page: Page, plan: Plan, table: RateTable | None, tables: _Tables) -> None:
        """Lay out what the plan's parts reach."""
        self._page = page
        self._plan = plan
        self._table = table
        self._tables = tables
        self._atlas = tables.atlas
        self._world = tables.atlas.world

    def note(self) -> None:
        """Note everything, unless a zone cannot be known."""
        table = self._tables.whole(self._table)
        own = _reached(self._plan.overrides, self._atlas)
        allowances = [self._covered(each) for each in self._plan.allowances]
        permitted = self._permitted()
        known = [each for each in allowances if each is not None]
        if table is None or own is None or permitted is None or len(known) < len(allowances):
            return
        rated = table | own
        drawn = 0
        for allowance, mask in zip(self._plan.allowances, known, strict=True):
            if allowance.unit is not AllowanceUnit.MICROS:
                drawn |= mask
        self._note_overrides(table)
        if not rated | drawn and not self._has_prefixes():
            message = f"plan `{self._plan.id}` reaches nothing: it has neither rates nor allowances"
            self._page.note("no-rate", ("plan",), message, hint="add `rates` or `allowances`")
            return
        self._note_lists(rated, rated | drawn, permitted)
        self._note_used_up(known, rated, permitted)
        self._note_unreachable(known)

    def _has_prefixes(self) -> bool:
        entries = (*self._plan.overrides, *(self._table.entries if self._table else ()))
        return any(entry.selector.prefix for entry in entries)

    def _covered(self, allowance: Allowance) -> int | None:
        to: list[Selector] = []
        for each in allowance.to:
            if each.kind not in CHOSEN:
                to.append(each)
                continue
            to += (_narrowed(other, each) for other in self._plan.choose_from)
        covered, taken = self._atlas.union(to), self._atlas.union(allowance.without)
        if covered is None or taken is None:
            return None
        return self._world.both_readings(covered & ~taken)

    def _permitted(self) -> int | None:
        permitted = self._world.all
        allowed: int | None = None
        for each in self._plan.restrictions:
            mask = self._atlas.union(each.to)
            if mask is None:
                return None
            if each.kind is RestrictionKind.BLOCK:
                permitted &= ~mask
            elif each.kind is RestrictionKind.ALLOW:
                allowed = mask if allowed is None else allowed & mask
        if allowed is not None:
            permitted &= allowed
        if self._plan.coverage is not None:
            covered = self._atlas.union(self._plan.coverage)
            return None if covered is None else permitted & covered
        return permitted

    def _missing(self, wanted: int, reached: int) -> int:
        """Return what is wanted and not reached, not even in part."""
        missing = wanted & ~reached
        if missing:
            missing &= ~self._tables.partly(self._table)
            missing &= ~_touched(self._plan.overrides, self._atlas)
        return missing

    def _note_overrides(self, table: int) -> None:
        """Note overrides that leave out price or increment and have no rate beneath them."""
        defaults = self._table.defaults if self._table is not None else None
        for entry in self._plan.overrides:
            mask = self._atlas.mask(entry.selector) or 0
            if self._table is not None and not self._missing_beneath(entry, mask, table):
                continue
            path: Steps = ("overrides", str(entry.selector))
            terms = [entry.terms, *(dated for _, dated in entry.by_band)]
            given = [each for dated in terms for each in dated.values]
            if all(each.price is None for each in given):
                message = f"the override `{entry.selector}` has no price and no rate beneath it"
                hint = "add `price`"
                self._page.note("rate-without-price", path, message, hint=hint, at_key=True)
            elif all(each.increment is None for each in given) and (
                defaults is None or defaults.increment is None
            ):
                message = f"the override `{entry.selector}` has no increment and no rate beneath"
                hint = "add `increment: 60/60`, or name a rate table"
                self._page.note("rate-without-increment", path, message, hint=hint, at_key=True)

    def _missing_beneath(self, entry: RateEntry, mask: int, table: int) -> int:
        if entry.selector.prefix:
            touched = self._world.touched([entry.selector.prefix])
            return 0 if touched & (table | self._tables.partly(self._table)) else 1
        return mask & ~table & ~self._tables.partly(self._table)

    def _note_lists(self, rated: int, reached: int, permitted: int) -> None:
        plan = self._plan
        for index, each in enumerate(plan.coverage or ()):
            self._note_list(("coverage", index), each, reached, permitted, "rate or allowance")
        for number, volume in enumerate(plan.volumes):
            for index, each in enumerate(volume.to):
                path: Steps = ("volumes", number, "to", index)
                self._note_list(path, each, rated, permitted, "rate to take the increment from")
        for number, surcharge in enumerate(plan.surcharges):
            for index, each in enumerate(surcharge.to):
                mask = self._atlas.mask(each) or 0
                if mask & permitted and not mask & reached and self._missing(mask, reached) == mask:
                    message = f"`{each}` has a surcharge, but the plan does not reach it"
                    hint = "add a rate or an allowance for it, or take it out"
                    self._page.note(
                        "no-rate", ("surcharges", number, "to", index), message, hint=hint
                    )

    def _note_list(
        self, path: Steps, selector: Selector, reached: int, permitted: int, need: str
    ) -> None:
        mask = self._atlas.mask(selector) or 0
        missing = self._missing(mask & permitted, reached)
        if selector.kind is SelectorKind.DEFAULT and missing != mask & permitted:
            return
        if missing:
            names = self._world.names(missing)
            message = f"`{selector}` names {names} without a {need}"
            if names == f"`{selector}`":
                message = f"{names} has no {need}"
            hint = "add a rate, `default` for all others, or take it out"
            self._page.note("no-rate", path, message, hint=hint)

    def _note_used_up(self, covered: list[int], rated: int, permitted: int) -> None:
        """Note allowances after which a call has no price and is not blocked either."""
        safe = rated
        for allowance, mask in zip(self._plan.allowances, covered, strict=True):
            blocks = allowance.when_used_up is WhenUsedUp.BLOCK and allowance.hours is None
            if allowance.unit is not AllowanceUnit.MICROS and (blocks or not _ends(allowance)):
                safe |= mask
        for index, (allowance, mask) in enumerate(zip(self._plan.allowances, covered, strict=True)):
            missing = self._missing(mask & permitted, safe)
            if missing:
                names = self._world.names(missing)
                message = f"allowance `{allowance.id}` covers {names}, where no rate follows it"
                hint = "add a rate, or write `when-used-up: block`"
                if allowance.unit is AllowanceUnit.MICROS:
                    message = f"allowance `{allowance.id}` pays for {names}, which has no rate"
                    hint = "add a rate, or take it out"
                path: Steps = ("allowances", index, "to")
                self._page.note("allowance-without-rate", path, message, hint=hint, at_key=True)

    def _note_unreachable(self, covered: list[int]) -> None:
        """Note allowances to which others of an earlier priority leave nothing.

        An unlimited one leaves nothing, nor does one that blocks when it is used up.
        """
        rows = list(zip(self._plan.allowances, covered, strict=True))
        for index, (allowance, mask) in enumerate(rows):
            earlier = [
                (other, its)
                for other, its in rows
                if other.priority < allowance.priority
                and (not _ends(other) or other.when_used_up is WhenUsedUp.BLOCK)
                and other.hours is None
                and other.unit is not AllowanceUnit.MICROS
                and not any(each.kind in CHOSEN for each in other.to)
            ]
            before = 0
            for _, its in earlier:
                before |= its
            if mask and not mask & ~before:
                names = " and ".join(
                    f"`{other.id}`, which {'blocks' if _ends(other) else 'is unlimited'},"
                    for other, its in earlier
                    if its & mask
                )
                message = f"allowance `{allowance.id}` is never used: {names} comes first"
                hint = "give it a lower `priority`, or take it out"
                path: Steps = ("allowances", index, "id")
                severity = Severity.WARNING
                self._page.note(
                    "unreachable-allowance", path, message, hint=hint, severity=severity
                )


def _ends(allowance: Allowance) -> bool:
    is_bound = allowance.amount is not None or bool(allowance.limits.limits)
    return is_bound or allowance.hours is not None


def _narrowed(choice: Selector, chosen: Selector) -> Selector:
    """Return a choice with the line of `chosen/mobile`, if it has no line of its own."""
    if chosen.line is None or choice.line is not None:
        return choice
    match choice.kind:
        case SelectorKind.COUNTRY:
            kind = SelectorKind.COUNTRY_LINE
        case SelectorKind.ZONE:
            kind = SelectorKind.ZONE_LINE
        case _:
            return choice
    return Selector(kind=kind, country=choice.country, zone=choice.zone, line=chosen.line)
