"""Checks across files: what no file can see of itself.

Each check has one signature: a catalog in, issues out. A kind of file of which some could
not be built is not asked for ids, so that one fault is one issue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from plan_rules.catalog.allowance import Allowance, WhenUsedUp
from plan_rules.catalog.catalog import Catalog
from plan_rules.catalog.plan import Plan
from plan_rules.catalog.rate import RateEntry, RateTable, RateTerms
from plan_rules.destinations.countries import find_country
from plan_rules.destinations.line_type import LineType
from plan_rules.destinations.plan import Destination
from plan_rules.destinations.selector import Selector, SelectorKind
from plan_rules.errors import Issue, Severity, Span, did_you_mean
from plan_rules.tariff.matching import SelectorMap, ZoneMap, specificity, targets_of

SHOWN = 3
"""How many of many destinations a message names."""

Check = Callable[["Scene"], Iterator[Issue]]


@dataclass(frozen=True, slots=True)
class Scene:
    """A catalog as far as it could be built, and the kinds of file some of which could not."""

    catalog: Catalog
    broken: frozenset[str]

    def is_whole(self, *kinds: str) -> bool:
        """Whether every file of these kinds could be built."""
        return not self.broken.intersection(kinds)


def cross_issues(catalog: Catalog, *, broken: frozenset[str]) -> Iterator[Issue]:
    """Yield every issue that only shows across files."""
    scene = Scene(catalog, broken)
    for check in CHECKS:
        yield from check(scene)


def _issue(code: str, span: Span, message: str, hint: str = "", *, warn: bool = False) -> Issue:
    severity = Severity.WARNING if warn else Severity.ERROR
    return Issue(code=code, span=span, message=message, hint=hint, severity=severity)


def _no_plans(scene: Scene) -> Iterator[Issue]:
    if not scene.catalog.plans and scene.is_whole("plans"):
        span = scene.catalog.span
        yield _issue("no-plans", span, "the catalog has no plan", "write one in plans/")


def _unknown_zones(scene: Scene) -> Iterator[Issue]:
    """Every zone that is named exists; a word that is a country's name is told so."""
    if not scene.is_whole("zones"):
        return
    zones = scene.catalog.zones
    for owner, selector, span in _named(scene.catalog):
        if selector.zone and selector.zone not in zones:
            meant = find_country(selector.zone)
            hint = did_you_mean(selector.zone, zones)
            if not hint and meant is not None:
                hint = f"did you mean the country `{meant.code}`?"
            message = f"{owner} names unknown zone `{selector.zone}`"
            yield _issue("unknown-zone", span, message, hint or "define it in zones/")


def _named(catalog: Catalog) -> Iterator[tuple[str, Selector, Span]]:
    """Yield every selector with who names it and the nearest place that is known."""
    for zone in catalog.zones.values():
        for version in zone.members.values:
            for selector in (*version.members, *version.without):
                yield f"zone `{zone.id}`", selector, zone.span
    for table in catalog.rate_tables.values():
        for entry in table.entries:
            yield f"rate table `{table.id}`", entry.selector, entry.span
    for plan in catalog.plans.values():
        for selector, span in plan.selectors():
            yield f"plan `{plan.id}`", selector, span


def _zone_cycles(scene: Scene) -> Iterator[Issue]:
    """No zone holds itself, at whatever distance."""
    zones = scene.catalog.zones
    inside = {
        zone_id: {
            selector.zone
            for version in zone.members.values
            for selector in version.members
            if selector.zone in zones
        }
        for zone_id, zone in zones.items()
    }
    for zone_id, zone in zones.items():
        reached: set[str] = set()
        upcoming = set(inside[zone_id])
        while upcoming:
            each = upcoming.pop()
            reached.add(each)
            upcoming |= inside[each] - reached
        if zone_id in reached:
            message = f"zone `{zone_id}` holds itself"
            yield _issue("zone-cycle", zone.span, message, "take one of the zones out of the other")


def _unknown_tables_and_bands(scene: Scene) -> Iterator[Issue]:
    catalog = scene.catalog
    for plan in catalog.plans.values():
        if plan.rates and plan.rates not in catalog.rate_tables and scene.is_whole("rates"):
            hint = did_you_mean(plan.rates, catalog.rate_tables) or "define it in rates/"
            message = f"plan `{plan.id}` names unknown rate table `{plan.rates}`"
            yield _issue("unknown-rate-table", plan.span, message, hint)
        table = catalog.rate_tables.get(plan.rates)
        if table is not None or not plan.rates:
            yield from _unknown_bands(scene, plan.overrides, table.bands if table else "")
    for table in catalog.rate_tables.values():
        if table.bands and table.bands not in catalog.band_sets and scene.is_whole("bands"):
            hint = did_you_mean(table.bands, catalog.band_sets) or "define it in bands/"
            message = f"rate table `{table.id}` names unknown bands `{table.bands}`"
            yield _issue("unknown-bands", table.span, message, hint)
        yield from _unknown_bands(scene, table.entries, table.bands)


def _unknown_bands(scene: Scene, entries: Iterable[RateEntry], band_set: str) -> Iterator[Issue]:
    bands = scene.catalog.band_sets.get(band_set)
    if band_set and bands is None:
        return
    known = [band.id for band in bands.bands] if bands else []
    for entry in entries:
        for band, _ in entry.by_band:
            if band not in known:
                message = f"`{entry.selector}` names unknown band `{band}`"
                hint = did_you_mean(band, known) or (
                    f"known: {', '.join(known)}" if known else "give the rate table its `bands:`"
                )
                yield _issue("unknown-band", entry.span, message, hint)


def _ambiguous(scene: Scene) -> Iterator[Issue]:
    """Two selectors of equal rank never hold for one destination."""
    if not scene.is_whole("zones"):
        return
    for table in scene.catalog.rate_tables.values():
        yield from _ambiguous_entries(scene.catalog, table.entries)
    for plan in scene.catalog.plans.values():
        yield from _ambiguous_entries(scene.catalog, plan.overrides)


def _ambiguous_entries(catalog: Catalog, entries: tuple[RateEntry, ...]) -> Iterator[Issue]:
    zoned = [entry for entry in entries if entry.selector.zone]
    seen: set[tuple[Selector, Selector]] = set()
    days = {date.min}.union(*(zone.members.dates for zone in catalog.zones.values()))
    for day in sorted(days):
        zones = ZoneMap(catalog, day)
        for destination in _destinations(catalog) if len(zoned) > 1 else ():
            for target in targets_of(destination, ()):
                holding = [each for each in zoned if zones.matches(each.selector, target)]
                for index, later in enumerate(holding):
                    for first in holding[:index]:
                        pair = (first.selector, later.selector)
                        same_rank = specificity(pair[0], target) == specificity(pair[1], target)
                        if same_rank and pair not in seen:
                            seen.add(pair)
                            yield _ambiguity(first, later, destination)


def _ambiguity(first: RateEntry, later: RateEntry, destination: Destination) -> Issue:
    alike = (first.terms, first.by_band) == (later.terms, later.by_band)
    message = (
        f"`{later.selector}` and `{first.selector}` both hold for {destination}, "
        "and neither is more specific"
    )
    hint = f"the other is at {first.span}; name {destination.country} itself"
    return _issue("ambiguous-selector", later.span, message, hint, warn=alike)


def _destinations(catalog: Catalog) -> tuple[Destination, ...]:
    """Return every destination numbers can lead to, in order."""
    found = catalog.memo.get("destinations")
    if isinstance(found, tuple):
        return found
    numbering = catalog.numbering_plan()
    places = tuple(sorted(set(numbering.prefixes.values())))
    catalog.memo["destinations"] = places
    return places


def _allowances_have_rates(scene: Scene) -> Iterator[Issue]:
    """Find allowances after which a call has no price and is not blocked either."""
    catalog = scene.catalog
    if not scene.is_whole("rates", "zones", "bands"):
        return
    zones = ZoneMap(catalog, date.max)
    for plan in catalog.plans.values():
        table = catalog.rate_tables.get(plan.rates)
        if plan.rates and table is None:
            continue
        rates = _rated_targets(plan, table)
        for allowance in plan.allowances:
            if not _can_end(allowance) or allowance.when_used_up is WhenUsedUp.BLOCK:
                continue
            bare = [
                str(destination)
                for destination in _destinations(catalog)
                if _covers(allowance, plan, destination, zones)
                and not _is_blocked(plan, destination, zones)
                and any(rates.find(t, zones) is None for t in targets_of(destination, ()))
            ]
            if bare:
                message = (
                    f"allowance `{allowance.id}` covers {_some(bare)} without a rate for after it"
                )
                hint = "give a rate, or write `when-used-up: block`"
                yield _issue("allowance-without-rate", allowance.span, message, hint)


def _some(words: list[str]) -> str:
    more = len(words) - SHOWN
    return ", ".join(words[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def _rated_targets(plan: Plan, table: RateTable | None) -> SelectorMap[RateEntry]:
    rows = (*plan.overrides, *(table.entries if table else ()))
    return SelectorMap((row.selector, row) for row in rows)


def _can_end(allowance: Allowance) -> bool:
    return allowance.amount is not None or bool(allowance.limits.limits)


def _covers(allowance: Allowance, plan: Plan, destination: Destination, zones: ZoneMap) -> bool:
    chosen = {SelectorKind.CHOSEN, SelectorKind.CHOSEN_LINE}
    to = list(allowance.to)
    if any(each.kind in chosen for each in to):
        to += plan.choose_from
    return all(
        any(zones.matches(each, target) for each in to)
        and not any(zones.matches(each, target) for each in allowance.without)
        for target in targets_of(destination, ())
    )


def _is_blocked(plan: Plan, destination: Destination, zones: ZoneMap) -> bool:
    targets = targets_of(destination, ())
    for each in plan.restrictions:
        named = any(zones.matches(s, t) for s in each.to for t in targets)
        if (each.kind == "block" and named) or (each.kind == "allow" and not named):
            return True
    if plan.coverage is None:
        return False
    return not any(zones.matches(s, t) for s in plan.coverage for t in targets)


def _prices_are_complete(scene: Scene) -> Iterator[Issue]:
    """Find rows without a price in some band, or without an increment."""
    for table in scene.catalog.rate_tables.values():
        bands = scene.catalog.band_sets.get(table.bands)
        names = [band.id for band in bands.bands] if bands else []
        for entry in table.entries:
            yield from _incomplete(entry, table.defaults, names)


def _incomplete(entry: RateEntry, defaults: RateTerms, names: list[str]) -> Iterator[Issue]:
    for terms in entry.terms.values:
        common = terms.over(defaults)
        if common.increment is None and not all(
            each.increment for _, dated in entry.by_band for each in dated.values
        ):
            message = f"`{entry.selector}` has no increment"
            yield _issue(
                "no-increment", entry.span, message, "write `increment:` here or in `defaults:`"
            )
        if common.price is not None:
            continue
        if not entry.by_band:
            message = f"`{entry.selector}` has no price"
            yield _issue("no-price", entry.span, message, "write `price:`")
            continue
        given = {band for band, _ in entry.by_band}
        missing = [name for name in names if name not in given]
        if missing:
            message = (
                f"`{entry.selector}` has no price in {', '.join(missing)}: calls then stay unrated"
            )
            hint = "write `price:` beside `bands:` for all other hours"
            yield _issue("band-gap", entry.span, message, hint, warn=True)


def _uneven_increments(scene: Scene) -> Iterator[Issue]:
    """Find next increments that do not divide the first: they bill odd totals."""
    for table in scene.catalog.rate_tables.values():
        for entry in table.entries:
            for terms in entry.terms.values:
                step = terms.increment
                if step is not None and step.first % step.next:
                    message = (
                        f"`{entry.selector}` bills {step}: {step.next} does not divide {step.first}"
                    )
                    yield _issue(
                        "uneven-increment", entry.span, message, "check the increment", warn=True
                    )


def _missing_mobiles(scene: Scene) -> Iterator[Issue]:
    """Find countries with a price for fixed lines alone: a wider row has their mobiles, or none."""
    for table in scene.catalog.rate_tables.values():
        lines: dict[str, dict[LineType | None, RateEntry]] = {}
        for entry in table.entries:
            if entry.selector.country:
                lines.setdefault(entry.selector.country, {})[entry.selector.line] = entry
        for code, rows in lines.items():
            if LineType.FIXED in rows and LineType.MOBILE not in rows and None not in rows:
                message = f"{code} has a price for fixed lines and none for mobiles"
                hint = f"write `{code}/mobile:`"
                yield _issue("missing-mobile", rows[LineType.FIXED].span, message, hint, warn=True)


def _unused(scene: Scene) -> Iterator[Issue]:
    used = {plan.rates for plan in scene.catalog.plans.values()}
    if not scene.is_whole("plans"):
        return
    for table in scene.catalog.rate_tables.values():
        if table.id not in used:
            message = f"no plan uses the rate table `{table.id}`"
            yield _issue(
                "unused-rate-table",
                table.span,
                message,
                "take it out, or name it in a plan",
                warn=True,
            )


def _unreachable_allowances(scene: Scene) -> Iterator[Issue]:
    """Find allowances never drawn, as an unlimited one of an earlier priority holds there too."""
    if not scene.is_whole("zones"):
        return
    zones = ZoneMap(scene.catalog, date.max)
    for plan in scene.catalog.plans.values():
        for allowance in plan.allowances:
            ahead = [
                each
                for each in plan.allowances
                if each.priority < allowance.priority and not _can_end(each)
            ]
            covered = [
                destination
                for destination in (_destinations(scene.catalog) if ahead else ())
                if _covers(allowance, plan, destination, zones)
            ]
            if covered and all(
                any(_covers(each, plan, destination, zones) for each in ahead)
                for destination in covered
            ):
                first = ahead[0].id
                message = f"allowance `{allowance.id}` is never drawn: `{first}` comes first"
                yield _issue(
                    "unreachable-allowance",
                    allowance.span,
                    message,
                    "give it an earlier priority",
                    warn=True,
                )


def _choices(scene: Scene) -> Iterator[Issue]:
    """`choose` and `chosen` come together, and `chosen` only in allowances."""
    kinds = {SelectorKind.CHOSEN, SelectorKind.CHOSEN_LINE}
    for plan in scene.catalog.plans.values():
        uses = [
            each for allowance in plan.allowances for each in allowance.to if each.kind in kinds
        ]
        elsewhere = sum(each.kind in kinds for each, _ in plan.selectors()) - len(uses)
        if uses and not plan.choose_from:
            message = f"plan `{plan.id}` has a chosen country but nothing to choose from"
            yield _issue("nothing-to-choose", plan.span, message, "write `choose: [default]`")
        if plan.choose_from and not uses:
            message = f"plan `{plan.id}` lets a country be chosen that no allowance uses"
            yield _issue(
                "unused-choice", plan.span, message, "write `to: [chosen]` in an allowance"
            )
        if elsewhere:
            message = f"plan `{plan.id}` uses `chosen` outside `to:` of an allowance"
            yield _issue("misplaced-chosen", plan.span, message, "name the destinations there")


def _volumes_have_rates(scene: Scene) -> Iterator[Issue]:
    """Find volume prices without a rate, whose increments they need."""
    for plan in scene.catalog.plans.values():
        if plan.volumes and not plan.rates:
            volume = plan.volumes[0]
            message = f"volume `{volume.id}` has no rate table to take increments from"
            yield _issue("volume-without-rate", volume.span, message, "write `rates:` in the plan")


def _plan_oddities(scene: Scene) -> Iterator[Issue]:
    for plan in scene.catalog.plans.values():
        if plan.intro is not None and plan.intro.fee >= max(plan.fee.values):
            message = f"the intro fee of plan `{plan.id}` is not below its fee"
            yield _issue("intro-above-fee", plan.intro.span, message, "check both", warn=True)
        if not plan.rates and not plan.overrides and not plan.allowances:
            message = f"plan `{plan.id}` reaches nothing: it has neither rates nor allowances"
            yield _issue("no-rate", plan.span, message, "write `rates:` or `allowances:`")


CHECKS: tuple[Check, ...] = (
    _no_plans,
    _unknown_zones,
    _zone_cycles,
    _unknown_tables_and_bands,
    _ambiguous,
    _allowances_have_rates,
    _prices_are_complete,
    _uneven_increments,
    _missing_mobiles,
    _unused,
    _unreachable_allowances,
    _choices,
    _volumes_have_rates,
    _plan_oddities,
)
"""Every check, in the order they run."""
