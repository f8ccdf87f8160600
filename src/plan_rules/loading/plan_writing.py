"""Plans as the files of their authors: the way back from `plans` and `allowances`."""

from __future__ import annotations

from typing import Any

from plan_rules.catalog.allowance import Allowance, AllowanceUnit, Limit, LimitMetric
from plan_rules.catalog.plan import (
    Commitment,
    Plan,
    Restriction,
    Surcharge,
    Volume,
    VolumeModel,
    VolumeTier,
)
from plan_rules.errors import InvalidValue
from plan_rules.loading.allowances import SECONDS_PER_MINUTE, UNITS
from plan_rules.loading.rate_writing import rates_document
from plan_rules.loading.written_values import (
    Document,
    written_amount,
    written_dated,
    written_period,
    written_rounding,
    written_selectors,
)
from plan_rules.periods import CycleLength, Period


def plan_document(plan: Plan) -> Document:
    """Return a plan as its file says it."""
    document: Document = {"plan": plan.id, "name": plan.name, "kind": plan.kind.value}
    if plan.summary:
        document["summary"] = plan.summary
    if plan.labels:
        document["labels"] = list(plan.labels)
    if plan.sold != Period():
        document["sold"] = written_period(plan.sold)
    document["fee"] = written_dated(plan.fee, written_amount)
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
        "choose": written_selectors(plan.choose_from),
        "allowances": [_allowance(each) for each in plan.allowances],
    }
    if plan.rates:
        document["rates"] = plan.rates
    if plan.overrides:
        document["overrides"] = rates_document(plan.overrides)
    if plan.coverage is not None:
        document["coverage"] = written_selectors(plan.coverage)
    lists |= {
        "restrictions": [_restriction(each) for each in plan.restrictions],
        "surcharges": [_surcharge(each) for each in plan.surcharges],
        "volumes": [_volume(each) for each in plan.volumes],
    }
    document |= {key: rows for key, rows in lists.items() if rows}
    if plan.commitment is not None:
        document["commitment"] = _commitment(plan.commitment)
    return document | {"rounding": {"each": "call", **written_rounding(plan.rounding)}}


def _length(length: CycleLength) -> str:
    if length.count == 1:
        return length.unit.value
    return f"{length.count} {length.unit.value}s"


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
        "minimum-spend": written_dated(billing.minimum_spend, written_amount),
    } | ({"calendar": True} if billing.calendar else {})


def _allowance(allowance: Allowance) -> Document:
    key = next(word for word, unit in UNITS.items() if unit is allowance.unit)
    document: Document = {"id": allowance.id, key: _given(allowance)}
    document["to"] = written_selectors(allowance.to)
    if allowance.without:
        document["without"] = written_selectors(allowance.without)
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
    return {"id": each.id, each.kind.value: written_selectors(each.to), "reason": each.reason}


def _surcharge(each: Surcharge) -> Document:
    document: Document = {
        "id": each.id,
        "to": written_selectors(each.to),
        "per-minute": written_amount(each.per_minute),
        "per-call": written_amount(each.per_call),
    }
    return document | ({"reason": each.reason} if each.reason else {})


def _volume(each: Volume) -> Document:
    document: Document = {
        "id": each.id,
        "to": written_selectors(each.to),
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
