"""Rating across a date on which prices change equals rating the parts before and after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings

from plan_rules.catalog import Catalog, Dated, RateEntry, RateTerms
from plan_rules.rating import rate
from plan_rules.tariff import compile_catalog
from plan_rules.testing import CUSTOMER, calls, catalogs
from plan_rules.usage import Call


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(catalogs(), calls())
def test_each_call_is_priced_as_if_its_own_day_had_always_been(
    catalog: Catalog, made: list[Call]
) -> None:
    """Rates in force on a call's day price it, whatever was or comes: seen one call at a time."""
    zone = ZoneInfo(catalog.zone)
    for plan_id in catalog.plans:
        for call in made:
            day = datetime.fromtimestamp(call.start.timestamp(), zone).date()
            frozen = _as_of(catalog, day)
            bills = [
                rate(catalog=each, plan=plan_id, calls=[call], customer=CUSTOMER)
                for each in (catalog, frozen)
            ]
            found, expected = ([charge for bill in row for charge in bill.charges] for row in bills)
            assert [each.amount_micros for each in found] == [
                each.amount_micros for each in expected
            ]
            assert [each.outcome for each in found] == [each.outcome for each in expected]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(catalogs(), calls())
def test_epochs_are_the_days_on_which_something_changes(catalog: Catalog, made: list[Call]) -> None:
    book = compile_catalog(catalog)
    assert book.epochs[0] == date.min
    assert list(book.epochs) == sorted(set(book.epochs))
    for call in made:
        day = call.start.date()
        index = book.epoch_index(day)
        assert book.epochs[index] <= day
        assert index + 1 == len(book.epochs) or day < book.epochs[index + 1]


def _as_of(catalog: Catalog, day: date) -> Catalog:
    """Return a catalog in which the prices of a day hold since ever; zones keep their dates."""
    tables = {
        table.id: replace(table, entries=_entries(table.entries, day))
        for table in catalog.rate_tables.values()
    }
    plans = {
        plan.id: replace(plan, overrides=_entries(plan.overrides, day))
        for plan in catalog.plans.values()
    }
    return replace(catalog, rate_tables=tables, plans=plans)


def _entries(entries: tuple[RateEntry, ...], day: date) -> tuple[RateEntry, ...]:
    return tuple(
        replace(
            entry,
            terms=_always(entry.terms, day),
            by_band=tuple((band, _always(dated, day)) for band, dated in entry.by_band),
        )
        for entry in entries
    )


def _always(value: Dated[RateTerms], day: date) -> Dated[RateTerms]:
    return Dated.always(value.at(day) or RateTerms())
