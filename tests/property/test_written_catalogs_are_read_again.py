"""YAML to values to YAML to values is the identity, places in files aside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, event, given, settings

from plan_rules.catalog import Catalog, Dated, Limits, RateEntry, RateTable, RateTerms
from plan_rules.catalog.allowance import Allowance, AllowanceUnit, LimitMetric
from plan_rules.catalog.plan import Volume, VolumeModel
from plan_rules.errors import InvalidValue
from plan_rules.loading import check_catalog, sample_catalog_path
from plan_rules.loading.bands import build_bands
from plan_rules.loading.decks import DeckPlace
from plan_rules.loading.page import Page
from plan_rules.loading.plans import build_plan
from plan_rules.loading.rates import build_rate_table
from plan_rules.loading.reader import DEFAULT_LIMITS, read_yaml
from plan_rules.loading.root import build_root
from plan_rules.loading.schema import judge
from plan_rules.loading.writing import catalog_files, write_catalog
from plan_rules.loading.zones import build_zone
from plan_rules.tariff import catalog_digest
from plan_rules.tariff.digest import canonical_text
from plan_rules.testing import catalogs

T = TypeVar("T")


def _table(page: Page) -> RateTable:
    place = DeckPlace(folder=Path(), shown_as="rates/table.yaml", limits=DEFAULT_LIMITS)
    return build_rate_table(page, place)


BUILDERS: dict[str, tuple[str, Callable[[Page], Any]]] = {
    "zones": ("zone", build_zone),
    "bands": ("bands", build_bands),
    "rates": ("rates", _table),
    "plans": ("plan", build_plan),
}


def test_the_sample_catalog_is_read_again(tmp_path: Path) -> None:
    first = check_catalog(sample_catalog_path()).catalog
    assert first is not None
    write_catalog(first, tmp_path)
    again = check_catalog(tmp_path)
    assert again.issues == ()
    assert again.catalog is not None
    assert catalog_digest(again.catalog) == catalog_digest(first)


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(catalogs(taxed=True))
def test_generated_catalogs_are_read_again(generated: Catalog) -> None:
    sayable = _sayable(generated)
    try:
        written = catalog_files(sayable)
    except InvalidValue:
        event("cannot be said in files")
        return
    event("written")
    first = _read(written)
    assert canonical_text(first) == canonical_text(sayable)
    assert catalog_digest(first) == catalog_digest(sayable)
    assert catalog_files(first) == written


def _read(files: Any) -> Catalog:
    """Build every file by itself: generated catalogs have faults across files."""
    found: dict[str, dict[str, Any]] = {folder: {} for folder in BUILDERS}
    root: Any = None
    for name, text in files.items():
        document, issues = read_yaml(text.encode(), file=name)
        assert document is not None, issues
        assert issues == ()
        folder = name.partition("/")[0]
        kind, build = BUILDERS.get(folder, ("catalog", build_root))
        assert judge(document, kind).issues == (), text
        value = build(Page(document))
        if folder in found:
            found[folder][value.id] = value
        else:
            root = value
    return Catalog(
        id=root.id,
        currency=root.currency,
        zone=root.zone,
        plans=found["plans"],
        rate_tables=found["rates"],
        zones=found["zones"],
        band_sets=found["bands"],
        either=root.either,
        tax=root.tax,
        numbering=root.numbering,
    )


def _sayable(catalog: Catalog) -> Catalog:
    """Return a catalog with whole minutes, finite money, dates that files can say."""
    plans = {
        plan.id: replace(
            plan,
            fee=_from_dates(plan.fee),
            billing=replace(plan.billing, minimum_spend=_from_dates(plan.billing.minimum_spend)),
            allowances=tuple(map(_whole, plan.allowances)),
            overrides=tuple(map(_entry, plan.overrides)),
            volumes=tuple(map(_volume, plan.volumes)),
        )
        for plan in catalog.plans.values()
    }
    tables = {
        table.id: replace(table, entries=tuple(map(_entry, table.entries)))
        for table in catalog.rate_tables.values()
    }
    zones = {
        zone.id: replace(zone, members=_from_dates(zone.members)) for zone in catalog.zones.values()
    }
    return replace(catalog, plans=plans, rate_tables=tables, zones=zones, base_numbering=None)


def _volume(volume: Volume) -> Volume:
    """Return a volume without what means nothing for its model."""
    if volume.model is VolumeModel.PACKAGE:
        return replace(volume, tiers=())
    return replace(volume, package_size=0, package_price=0)


def _from_dates(value: Dated[T]) -> Dated[T]:
    return Dated(value.entries[1:]) if len(value.entries) > 1 and not value.entries[0][0] else value


def _entry(entry: RateEntry) -> RateEntry:
    """Return a row that says something in each place, and loses no field on a later date."""
    kept = entry.terms.entries[0][1]
    terms = Dated(tuple((start, _said(each.over(kept))) for start, each in entry.terms.entries))
    bands = tuple(
        (band, _from_dates(Dated(tuple((start, _said(each)) for start, each in dated.entries))))
        for band, dated in entry.by_band
    )
    return replace(entry, terms=terms, by_band=bands)


def _said(terms: RateTerms) -> RateTerms:
    return terms if terms != RateTerms() else RateTerms(cap=1)


def _whole(allowance: Allowance) -> Allowance:
    limits = Limits(
        limits=tuple(
            replace(
                each,
                amount=max(1, each.amount) * (60 if each.metric is LimitMetric.SECONDS else 1),
            )
            for each in allowance.limits.limits
        ),
        needs_all=allowance.limits.needs_all and bool(allowance.limits.limits),
    )
    amount = 1 if allowance.amount == 0 else allowance.amount
    if allowance.unit is AllowanceUnit.SECONDS and amount is not None:
        amount *= 60
    if allowance.unit is AllowanceUnit.MICROS and amount is None:
        amount = 5_000_000
    plain = replace(allowance, amount=amount, limits=limits)
    if allowance.unit is AllowanceUnit.CALLS:
        return Allowance(
            id=plain.id,
            unit=plain.unit,
            amount=plain.amount,
            to=plain.to,
            without=plain.without,
            priority=plain.priority,
            when_used_up=plain.when_used_up,
            share=plain.share,
            prices=plain.prices,
            limits=plain.limits,
        )
    return plain
