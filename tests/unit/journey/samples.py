"""A small catalog, customer and calls for tests of the journey."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from plan_rules.catalog import (
    Allowance,
    AllowanceUnit,
    Catalog,
    Dated,
    Increment,
    Plan,
    PlanKind,
    RateEntry,
    RateTable,
    RateTerms,
)
from plan_rules.destinations import parse_selector
from plan_rules.testing import CUSTOMER, UNIVERSE
from plan_rules.usage import Call

MEXICO, LONDON, MOBILE, NOWHERE = "+523312345678", "+442079460000", "+447700900000", "+99912345"
SATELLITE = "+870773111111"
EVERYWHERE = (parse_selector("default"),)
MINUTE = Increment(60, 60)
ADA = replace(CUSTOMER, id="ada", anchor=date(2026, 1, 1), plan="plan", since=date(2026, 1, 1))


def included(**given: object) -> Allowance:
    """Return an allowance of ten minutes everywhere."""
    settings: dict[str, object] = {
        "id": "included",
        "unit": AllowanceUnit.SECONDS,
        "amount": 600,
        "to": EVERYWHERE,
        "increment": MINUTE,
    }
    return Allowance(**{**settings, **given})  # type: ignore[arg-type]


def plan_of(*allowances: Allowance, **given: object) -> Plan:
    """Return a plan of 5.00 a month with allowances, at ten cents a minute beyond them."""
    settings: dict[str, object] = {
        "id": "plan",
        "name": "The <Plan> & more",
        "kind": PlanKind.PAY_PER_MINUTE,
        "summary": "",
        "fee": Dated.always(5_000_000),
        "rates": "table",
        "allowances": allowances,
    }
    return Plan(**{**settings, **given})  # type: ignore[arg-type]


def catalog_of(*plans: Plan, **given: object) -> Catalog:
    """Return a catalog in which a minute costs ten cents wherever it can be called."""
    terms = RateTerms(price=100_000, increment=MINUTE)
    entry = RateEntry(selector=EVERYWHERE[0], terms=Dated.always(terms))
    settings: dict[str, object] = {
        "id": "test",
        "currency": "USD",
        "zone": "UTC",
        "plans": {plan.id: plan for plan in plans},
        "rate_tables": {"table": RateTable(id="table", entries=(entry,))},
        "base_numbering": UNIVERSE,
    }
    return Catalog(**{**settings, **given})  # type: ignore[arg-type]


def call_on(day: str, seconds: int, number: str = MEXICO, *, hour: int = 18) -> Call:
    """Return a call at an hour of UTC; 18:00 is noon or one o'clock in New York."""
    start = datetime.combine(date.fromisoformat(day), datetime.min.time(), tzinfo=UTC)
    return Call(start + timedelta(hours=hour), number, seconds)
