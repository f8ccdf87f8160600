"""A catalog as the files its author would write: the way back from values to YAML.

Reading what is written gives the same catalog again, places in files aside; a property holds
that. A deck comes back as rates in the YAML of its table. Comments are not values and are lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

from plan_rules.catalog.allowance import Allowance, AllowanceUnit, Limit, LimitMetric
from plan_rules.catalog.catalog import Catalog, Tax
from plan_rules.catalog.dated import Dated
from plan_rules.catalog.plan import (
    Commitment,
    Plan,
    Restriction,
    Surcharge,
    Volume,
    VolumeModel,
    VolumeTier,
)
from plan_rules.catalog.rate import RateEntry, RateTable, RateTerms
from plan_rules.catalog.zone import Zone
from plan_rules.destinations.selector import Selector
from plan_rules.errors import InvalidValue
from plan_rules.loading.allowances import SECONDS_PER_MINUTE, UNITS
from plan_rules.loading.bands import WEEKDAYS
from plan_rules.loading.rates import AMOUNTS
from plan_rules.loading.reader import WORDS
from plan_rules.loading.rule_writing import rule_documents
from plan_rules.loading.scalars import PERCENT
from plan_rules.loading.written_values import written_amount, written_number, written_period
from plan_rules.money import Rounding
from plan_rules.periods import ALL_WEEKDAYS, DAY_SECONDS, BandSet, CycleLength, Period, TimeBand

PLAIN = re.compile(r"[a-z][a-z-]*", re.ASCII)
"""Texts that no reader takes for anything else, some words aside; all others are quoted."""

ONE_LINE = 1_000_000
"""Characters of a line at most: texts are not folded."""

T = TypeVar("T")
Document = dict[str, Any]


def write_catalog(catalog: Catalog, folder: Path | str) -> None:
    """Write the files of a catalog into a folder, which is made if need be.

    Files that are there already are replaced; others are left alone. Raises `InvalidValue` as
    `catalog_files` does, before anything is written.
    """
    place = Path(folder)
    for name, text in catalog_files(catalog).items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def catalog_files(catalog: Catalog) -> Mapping[str, str]:
    """Return the text of each file of a catalog, by its path within the catalog's folder.

    Raises `InvalidValue` for the few values that Python can hold and the files cannot say: an
    allowance of nothing or of broken minutes, a table or terms of nothing, terms of a band that
    change from a first value without a date, terms that lose a field on a later date, a
    numbering plan of one's own, and facts or operands that no rule file has.
    """
    if catalog.base_numbering is not None:
        raise InvalidValue(name="base_numbering", value="a plan", expected="the standard one")
    documents: dict[str, Document] = {"catalog.yaml": _root(catalog)}
    for zone in catalog.zones.values():
        documents[f"zones/{zone.id}.yaml"] = _zone(zone)
    for bands in catalog.band_sets.values():
        documents[f"bands/{bands.id}.yaml"] = _bands(bands)
    for table in catalog.rate_tables.values():
        documents[f"rates/{table.id}.yaml"] = _table(table)
    for plan in catalog.plans.values():
        documents[f"plans/{plan.id}.yaml"] = _plan(plan)
    documents |= rule_documents(catalog)
    return {name: _text(document) for name, document in documents.items()}


def _text(document: Document) -> str:
    import yaml  # noqa: PLC0415  slow to import

    class Dumper(yaml.SafeDumper):
        """Writes decimals exactly, texts in quotes, and repeats what stands in two places."""

        def ignore_aliases(self, _: object) -> bool:
            return True

    def decimal(dumper: Dumper, value: Decimal) -> yaml.Node:
        return dumper.represent_scalar("tag:yaml.org,2002:float", f"{value:f}")

    def words(dumper: Dumper, value: str) -> yaml.Node:
        style = None if PLAIN.fullmatch(value) and value not in WORDS else '"'
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(Decimal, decimal)
    Dumper.add_representer(str, words)
    text: str = yaml.dump(
        document, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=ONE_LINE
    )
    return text


# -- single values -----------------------------------------------------------------------------


def _percent(share: Fraction) -> int | Decimal:
    return written_number(share * PERCENT)


def _selectors(found: Iterable[Selector]) -> list[str]:
    return [str(each) for each in found]


def _dated(value: Dated[T], of: Callable[[T], Any]) -> Any:
    first, only = value.entries[0]
    if first is None and len(value.entries) == 1:
        return of(only)
    if first is None:
        raise InvalidValue(name="dated", value=str(only), expected="a date for the first value")
    return {start.isoformat(): of(each) for start, each in value.entries if start is not None}


def _rounding(rounding: Rounding) -> Document:
    return {"to": written_amount(rounding.step_micros), "mode": rounding.mode.value}


def _clock(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    return f"{hours:02d}:{rest // 60:02d}"


def _length(length: CycleLength) -> str:
    if length.count == 1:
        return length.unit.value
    return f"{length.count} {length.unit.value}s"


# -- files -------------------------------------------------------------------------------------


def _root(catalog: Catalog) -> Document:
    document: Document = {
        "catalog": catalog.id,
        "currency": catalog.currency,
        "zone": catalog.zone,
        "either": catalog.either.value,
    }
    if catalog.tax is not None:
        document["tax"] = _tax(catalog.tax)
    if catalog.numbering:
        document["numbering"] = {f"+{key}": str(to) for key, to in catalog.numbering.items()}
    return document


def _tax(tax: Tax) -> Document:
    return {
        "name": tax.name,
        "usage": _percent(tax.usage),
        "fee": _percent(tax.fee),
        "prices": "including" if tax.included else "excluding",
        "rounding": _rounding(tax.rounding),
    }


def _zone(zone: Zone) -> Document:
    without = {version.without for version in zone.members.values}
    if len(without) > 1:
        raise InvalidValue(name="without", value=zone.id, expected="the same on every date")
    document: Document = {
        "zone": zone.id,
        "name": zone.name,
        "members": _dated(zone.members, lambda version: _selectors(version.members)),
    }
    (taken,) = without
    return document | ({"without": _selectors(taken)} if taken else {})


def _bands(bands: BandSet) -> Document:
    return {"bands": bands.id, "list": [_band(band) for band in bands.bands]}


def _band(band: TimeBand) -> Document:
    document: Document = {"id": band.id}
    if band.weekdays != ALL_WEEKDAYS:
        document["weekdays"] = [name for name, day in WEEKDAYS.items() if day in band.weekdays]
    if band.start:
        document["start"] = _clock(band.start)
    if band.end != DAY_SECONDS:
        document["end"] = _clock(band.end)
    if band.dates:
        document["dates"] = [written_period(days) for days in band.dates]
    return document | {"precedence": band.precedence}


def _table(table: RateTable) -> Document:
    document: Document = {"rate-table": table.id}
    if table.bands:
        document["bands"] = table.bands
    if table.defaults != RateTerms():
        document["defaults"] = _terms(table.defaults)
    return document | {"rates": _filled(_rates(table.entries), table.id)}


def _rates(entries: Iterable[RateEntry]) -> Document:
    return {str(entry.selector): _rate(entry) for entry in entries}


def _rate(entry: RateEntry) -> Document:
    (first, always), *later = entry.terms.entries
    common = _terms(always) if first is None else {}
    versions = later if first is None else list(entry.terms.entries)
    document: Document = dict(common)
    if versions:
        written = {str(start): _filled(_terms(terms), "terms") for start, terms in versions}
        if any(common.keys() - each.keys() for each in written.values()):
            raise InvalidValue(name="terms", value=str(entry.selector), expected="no field lost")
        document["dated"] = written
    if entry.by_band:
        document["bands"] = {band: _band_terms(terms) for band, terms in entry.by_band}
    if entry.note:
        document["note"] = entry.note
    return _filled(document, str(entry.selector))


def _filled(document: Document, name: str) -> Document:
    if not document:
        raise InvalidValue(name=name, value=None, expected="something to write")
    return document


def _band_terms(terms: Dated[RateTerms]) -> Document:
    found: Document = _dated(terms, lambda each: _filled(_terms(each), "bands"))
    return found


def _terms(terms: RateTerms) -> Document:
    document: Document = {
        key: written_amount(amount)
        for key, name in AMOUNTS.items()
        if (amount := getattr(terms, name)) is not None
    }
    if terms.increment is not None:
        document["increment"] = str(terms.increment)
    if terms.tiers:
        document["tiers"] = [
            {"after": tier.after, "price": written_amount(tier.price)}
            | ({} if tier.increment is None else {"increment": tier.increment})
            for tier in terms.tiers
        ]
    return document


# -- plans -------------------------------------------------------------------------------------


def _plan(plan: Plan) -> Document:
    document: Document = {"plan": plan.id, "name": plan.name, "kind": plan.kind.value}
    if plan.summary:
        document["summary"] = plan.summary
    if plan.labels:
        document["labels"] = list(plan.labels)
    if plan.sold != Period():
        document["sold"] = written_period(plan.sold)
    document["fee"] = _dated(plan.fee, written_amount)
    if plan.one_time:
        document["one-time"] = {name: written_amount(amount) for name, amount in plan.one_time}
    if plan.intro is not None:
        document["intro"] = {"cycles": plan.intro.cycles, "fee": written_amount(plan.intro.fee)}
    document["billing"] = _billing(plan)
    document["switching"] = {
        "proration": plan.switching.proration,
        "allowance": plan.switching.allowance.value,
        "allowance-rounding": plan.switching.allowance_rounding.value,
        "upgrade": plan.switching.upgrade,
        "downgrade": plan.switching.downgrade,
    }
    lists: dict[str, list[Any]] = {
        "choose": _selectors(plan.choose_from),
        "allowances": [_allowance(each) for each in plan.allowances],
    }
    if plan.rates:
        document["rates"] = plan.rates
    if plan.overrides:
        document["overrides"] = _rates(plan.overrides)
    if plan.coverage is not None:
        document["coverage"] = _selectors(plan.coverage)
    lists |= {
        "restrictions": [_restriction(each) for each in plan.restrictions],
        "surcharges": [_surcharge(each) for each in plan.surcharges],
        "volumes": [_volume(each) for each in plan.volumes],
    }
    document |= {key: rows for key, rows in lists.items() if rows}
    if plan.commitment is not None:
        document["commitment"] = _commitment(plan.commitment)
    return document | {"rounding": {"each": "call", **_rounding(plan.rounding)}}


def _commitment(commitment: Commitment) -> Document:
    document: Document = {
        "cycles": commitment.cycles,
        "early-termination": commitment.early_termination.value,
    }
    if commitment.amount is not None:
        document["amount"] = written_amount(commitment.amount)
    if commitment.device is not None:
        device = commitment.device
        document["device"] = {"value": written_amount(device.value), "months": device.months}
    return document


def _billing(plan: Plan) -> Document:
    billing = plan.billing
    return {
        "cycle": _length(billing.length),
        "fee": "in-advance" if billing.fee_in_advance else "in-arrears",
        "usage": "in-advance" if billing.usage_in_advance else "in-arrears",
        "minimum-spend": _dated(billing.minimum_spend, written_amount),
    } | ({"calendar": True} if billing.calendar else {})


def _allowance(allowance: Allowance) -> Document:
    key = next(word for word, unit in UNITS.items() if unit is allowance.unit)
    document: Document = {"id": allowance.id, key: _given(allowance)}
    document["to"] = _selectors(allowance.to)
    if allowance.without:
        document["without"] = _selectors(allowance.without)
    document["priority"] = allowance.priority
    document["share"] = allowance.share.value
    if allowance.hours is not None:
        hours = allowance.hours
        document["hours"] = {"bands": hours.bands, "within": list(hours.within)}
    if allowance.unit is AllowanceUnit.MICROS:
        return document
    if allowance.unit is AllowanceUnit.SECONDS:
        document["increment"] = str(allowance.increment)
        document["remnant"] = allowance.remnant.value
    document["when-used-up"] = allowance.when_used_up.value
    if allowance.prices:
        document["prices"] = {
            str(each.selector): written_amount(each.price) for each in allowance.prices
        }
    if allowance.limits.limits:
        word = "all" if allowance.limits.needs_all else "any"
        document["limits"] = {word: [_limit(each) for each in allowance.limits.limits]}
    return document


def _given(allowance: Allowance) -> Any:
    if allowance.amount is None:
        if allowance.unit is AllowanceUnit.MICROS:
            raise InvalidValue(name=allowance.id, value="unlimited money", expected="an amount")
        return "unlimited"
    if not allowance.amount:
        raise InvalidValue(name=allowance.id, value=0, expected="more than nothing")
    if allowance.unit is AllowanceUnit.MICROS:
        return written_amount(allowance.amount)
    return (
        _minutes(allowance.amount) if allowance.unit is AllowanceUnit.SECONDS else allowance.amount
    )


def _minutes(seconds: int) -> int:
    minutes, rest = divmod(seconds, SECONDS_PER_MINUTE)
    if rest:
        raise InvalidValue(name="minutes", value=f"{seconds} seconds", expected="whole minutes")
    return minutes


def _limit(limit: Limit) -> Document:
    if not limit.amount:
        raise InvalidValue(name="limit", value=0, expected="more than nothing")
    amount = _minutes(limit.amount) if limit.metric is LimitMetric.SECONDS else limit.amount
    return {f"{limit.metric.value}-per-{limit.per.value}": amount}


def _restriction(each: Restriction) -> Document:
    return {"id": each.id, each.kind.value: _selectors(each.to), "reason": each.reason}


def _surcharge(each: Surcharge) -> Document:
    document: Document = {
        "id": each.id,
        "to": _selectors(each.to),
        "per-minute": written_amount(each.per_minute),
        "per-call": written_amount(each.per_call),
    }
    return document | ({"reason": each.reason} if each.reason else {})


def _volume(each: Volume) -> Document:
    document: Document = {
        "id": each.id,
        "to": _selectors(each.to),
        "model": each.model.value,
        "unit": each.unit.value,
        "free": each.free,
    }
    if each.model is VolumeModel.PACKAGE:
        price = written_amount(each.package_price)
        return document | {"package": {"size": each.package_size, "price": price}}
    return document | {"tiers": [_tier(tier) for tier in each.tiers]}


def _tier(tier: VolumeTier) -> Document:
    document: Document = {} if tier.up_to is None else {"up-to": tier.up_to}
    return document | {"price": written_amount(tier.price), "flat": written_amount(tier.flat)}


__all__ = ["catalog_files", "write_catalog"]
