"""Published cases about amounts: charges, credits, allowances and days that money buys."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from plan_rules.money import MICROS, Rounding, RoundingMode
from plan_rules.periods import (
    CycleLength,
    CycleUnit,
    Interval,
    Period,
    add_months,
    cycle_at,
    local_day,
    time_zone,
)
from plan_rules.switching.allowances import prorate_allowance
from plan_rules.switching.billed_fee import BilledFee
from plan_rules.switching.billing import BilledPeriod
from plan_rules.switching.convention import (
    CALENDAR_DAY,
    CONVENTIONS,
    FOREIGN_CONVENTIONS,
)
from plan_rules.switching.discount import Discount
from plan_rules.switching.policy import POLICIES, Portion
from plan_rules.switching.proration import (
    capped,
    credit,
    days_bought,
    prorate,
    share_left,
    share_of,
)
from plan_rules.switching.share import WHOLE
from tests.conformance.proration_shares import (
    fixed_days,
    stub,
)
from tests.conformance.proration_values import (
    CENT,
    CENTS,
    MONTH,
    OLD_PLAN,
    THIRTY_DAYS,
    Case,
    Found,
    cents,
    day,
    days_of,
    every,
    gross,
    half_open,
    in_cents,
    in_units,
    inclusive,
    left_of_30,
    moment,
    money,
    swap,
)


def run_annualised(case: Case) -> Found:
    inputs = case["inputs"]
    cycle = cycle_at(date(2023, 1, 1), anchor=date(2023, 1, 1), length=MONTH)
    part = Period(start=cycle.start, end=cycle.start + timedelta(days=inputs["days"]))
    share = share_of(part=part, cycle=cycle, convention=CONVENTIONS["annualised-365"])
    found = prorate(micros=money(inputs["monthly"]), share=share, rounding=CENTS)
    yield from in_units(case["expected"], {"amount": found})


def run_fixed_30(case: Case) -> Found:
    """Compare credit, charge and net; a source that writes credits below 0 is read so."""
    inputs, expected = case["inputs"], case["expected"]
    left = inputs["days_left"] if "days_left" in inputs else 30 - inputs["days_used"]
    old, new = money(inputs["old"]), money(inputs["new"])
    back, charge = swap(old, new, left_of_30(left))
    sign = -1 if str(expected.get("credit", "")).startswith("-") else 1
    found = {
        "credit": sign * back,
        "charge": charge,
        "exact_charge_half_up": charge,
        "net": charge - back,
        "next_full": new,
    }
    yield from in_units(expected, found)


def run_fixed_30_arrears(case: Case) -> Found:
    inputs = case["inputs"]
    on = THIRTY_DAYS.start + timedelta(days=inputs["days_used"])
    share = share_left(cycle=THIRTY_DAYS, on=on, convention=CONVENTIONS["fixed-30"])
    found = {
        "old_part": prorate(micros=money(inputs["old"]), share=share.rest, rounding=CENTS),
        "new_part": prorate(micros=money(inputs["new"]), share=share, rounding=CENTS),
    }
    yield from in_units(case["expected"], found)


def run_fixed_30_allowance(case: Case) -> Found:
    inputs = case["inputs"]
    share = left_of_30(inputs["days_left"])
    old, new = inputs["old"], inputs["new"]
    back, charge = swap(money(old["price"]), money(new["price"]), share)
    minutes = {
        key: prorate_allowance(units=money(plan["minutes"]), share=part, step=CENT)
        for key, plan, part in (("old_minutes", old, share.rest), ("new_minutes", new, share))
    }
    found = {"credit": -back, "charge": charge, **minutes, "total_minutes": sum(minutes.values())}
    yield from in_units(case["expected"], found)


def run_allowance_30(case: Case) -> Found:
    inputs = case["inputs"]
    units = prorate_allowance(units=money(inputs["minutes"]), share=left_of_30(inputs["days"]))
    yield from in_units(case["expected"], {"minutes_granted": units})


def run_allowance_second(case: Case) -> Found:
    """Count in the last decimal the source keeps; a grant after the period is of nothing."""
    inputs = case["inputs"]
    whole = Interval(start=moment(inputs["period_start"]), end=moment(inputs["period_end"]))
    at = min(max(moment(inputs["grant_from"]), whole.start), whole.end)
    unit = 10 ** inputs["decimals"]
    share = share_left(cycle=whole, at=at, convention=CONVENTIONS["second"])
    units = inputs["full_allowance"] * unit
    found = prorate_allowance(units=units, share=share, mode=RoundingMode.HALF_UP)
    yield "granted", Fraction(case["expected"]["granted"]), Fraction(found, unit)


def run_switch_by_day(case: Case) -> Found:
    """Compare credit, charge and net; a source that writes credits below 0 is read so."""
    inputs, expected = case["inputs"], case["expected"]
    if "period" in inputs:
        cycle, on = half_open(inputs["period"]), inputs["change"]
        old, new = inputs["old"], inputs["new"]
    else:
        cycle = inclusive(inputs["period_start"], inputs["period_end_inclusive"])
        on, old, new = inputs["change_date"], inputs["old_total"], inputs["new_total"]
    share = share_left(cycle=cycle, on=day(on), convention=CALENDAR_DAY)
    back, charge = swap(money(old), money(new), share)
    sign = -1 if str(expected["credit"]).startswith("-") else 1
    found = {"credit": sign * back, "charge": charge, "net": charge - back}
    yield from in_units(expected, found)


def run_switch_of_components(case: Case) -> Found:
    inputs, expected = case["inputs"], case["expected"]
    on = day(inputs["change_date"])
    share = share_left(cycle=half_open(inputs["period"]), on=on, convention=CALENDAR_DAY)
    backs = [swap(cents(old), 0, share)[0] for old in inputs["old_components_cents"]]
    charges = [swap(0, cents(new), share)[1] for new in inputs["new_components_cents"]]
    lines = [line for line in [*(-back for back in backs), *charges] if line]
    yield "lines", [cents(line) for line in expected["lines"]], lines
    yield "net", cents(expected["net_cents"]), sum(lines)


def run_one_time(case: Case) -> Found:
    amount = cents(case["inputs"]["amount_cents"])
    found = prorate(micros=amount, share=WHOLE, rounding=CENTS)
    yield from in_cents(case["expected"], {"amount_cents": found})


def run_first_bill(case: Case) -> Found:
    inputs = case["inputs"]
    part = Fraction(inputs["first_part"])
    share = days_of(part.numerator, part.denominator)
    lines = {
        "prorated": prorate(micros=money(inputs["monthly"]), share=share, rounding=CENTS),
        "advance": prorate(micros=money(inputs["monthly"]), share=WHOLE, rounding=CENTS),
        "activation": prorate(micros=money(inputs["activation"]), share=WHOLE, rounding=CENTS),
    }
    tax = sum(gross(line, inputs["tax_percent"]) - line for line in lines.values())
    found = {**lines, "tax": tax}
    if "minutes" in inputs:
        found["minutes_granted"] = prorate_allowance(units=money(inputs["minutes"]), share=share)
    told = {key: value for key, value in case["expected"].items() if key in found}
    yield from in_units(told, found)


def run_cap(case: Case) -> Found:
    inputs = case["inputs"]
    found = capped(
        micros=money(inputs["potential_credit"]),
        paid_micros=money(inputs["amount_paid"]),
        credited_micros=money(inputs["previous_credits"]),
    )
    yield from in_units(case["expected"], {"credit": found})


def run_end_235959(case: Case) -> Found:
    inputs = case["inputs"]
    whole = Interval(start=moment(inputs["period_start"]), end=moment(inputs["period_end"]))
    at = moment(inputs["effective"])
    share = share_left(cycle=whole, at=at, convention=CONVENTIONS["second"])
    found = prorate(micros=money(inputs["price"]), share=share, rounding=CENTS)
    yield from in_units(case["expected"], {"charge": found})


def run_stub(case: Case) -> Found:
    inputs = case["inputs"]
    leading = inputs.get("stub") == "leading"
    share = stub(inputs, inputs["start_date"], inputs["end_date"], leading=leading)
    found = prorate(micros=money(inputs["plan_price"]), share=share, rounding=CENTS)
    yield from in_units(case["expected"], {"amount": found})


def repaired(inputs: Case) -> tuple[BilledFee, Period]:
    """Return the item that was charged, which is its own full period, and the days credited."""
    item = inputs["charged_item"]
    cycle = half_open([item["start_date"], item["end_date"]])
    amount = money(item["amount"])
    fee = BilledFee(
        period=BilledPeriod(start=cycle.start, end=cycle.end, cycle=cycle),
        full_micros=amount,
        charged_micros=amount,
        credited_micros=-money(inputs.get("prior_adjustments", "0")),
    )
    return fee, Period(start=day(inputs["credited_from"]), end=day(inputs["credited_to"]))


def run_repair(case: Case) -> Found:
    fee, part = repaired(case["inputs"])
    convention = fixed_days(case["inputs"])
    found = -fee.credit(part=part, convention=convention, rounding=CENTS)
    yield from in_units(case["expected"], {"credit_amount": found})


def run_repair_capped(case: Case) -> Found:
    inputs = case["inputs"]
    fee, part = repaired(inputs)
    convention = fixed_days(inputs)
    share = fee.share(part=part, convention=convention)
    found = {
        "uncapped": prorate(micros=fee.charged_micros, share=share, rounding=CENTS),
        "credit_amount": -fee.credit(part=part, convention=convention, rounding=CENTS),
    }
    if "new_plan_price" in inputs:
        new = money(inputs["new_plan_price"])
        found["new_charge"] = prorate(micros=new, share=share, rounding=CENTS)
    yield from in_units(case["expected"], found)


def run_days(case: Case) -> Found:
    """Price so many days of so many; the days are checked against a date where one is told."""
    inputs, expected = case["inputs"], case["expected"]
    whole = inputs.get("days_in_period", inputs.get("days_in_month"))
    share = days_of(inputs.get("days_billed", inputs.get("days_credited")), whole)
    if "billed_from" in inputs:
        on = day(inputs["billed_from"])
        cycle = cycle_at(on, anchor=on.replace(day=1), length=MONTH)
        yield "share", share, share_left(cycle=cycle, on=on, convention=CALENDAR_DAY)
    amount = prorate(micros=cents(inputs["plan_cents"]), share=share, rounding=CENTS)
    if "tax_percent" in inputs:
        amount = gross(amount, inputs["tax_percent"])
    unit = 10**9
    fine = prorate(micros=inputs["plan_cents"] * unit, share=share, rounding=Rounding())
    for key, value in expected.items():
        if key in {"amount_cents", "exact_half_up_cents"}:
            yield key, cents(value), amount
        elif not key.startswith("published_"):
            yield key, Fraction(value), Fraction(fine, unit)


def run_nominal(case: Case) -> Found:
    inputs = case["inputs"]
    share = days_of(inputs["days_covered"], inputs["nominal_days"])
    found = prorate(micros=cents(inputs["price_cents"]), share=share, rounding=CENTS)
    yield from in_cents(case["expected"], {"amount_cents": found})


def run_credit_note(case: Case) -> Found:
    """Take what was credited before off what is left of the fee, then add the tax."""
    inputs = case["inputs"]
    share = days_of(inputs["days_credited"], inputs["days_in_month"])
    due = prorate(micros=cents(inputs["plan_cents"]), share=share, rounding=CENTS)
    item = capped(micros=due, paid_micros=due, credited_micros=cents(inputs["prior_credit_cents"]))
    found = {"item_cents": item, "total_cents": gross(item, inputs["tax_percent"])}
    yield from in_cents(case["expected"], found)


def run_arrears_anniversary(case: Case) -> Found:
    inputs = case["inputs"]
    used = inclusive(inputs["local_start"], inputs["local_end"])
    share = share_of(
        part=Period(start=used.start, end=used.end),
        cycle=inclusive(*inputs["period_inclusive"]),
        convention=CALENDAR_DAY,
    )
    found = prorate(micros=cents(inputs["plan_cents"]), share=share, rounding=CENTS)
    yield from in_cents(case["expected"], {"amount_cents": found})


def run_terminate(case: Case) -> Found:
    """Bill from the local day of the start; the day of the termination stays with the customer."""
    inputs = case["inputs"]
    zone = time_zone(inputs["customer_timezone"])
    at = moment(inputs["created_and_terminated_at"])
    cycle = inclusive(*inputs["period_inclusive"])
    price, percent = cents(inputs["plan_cents"]), inputs["tax_percent"]
    yield "local date", inputs["local_date"], local_day(at, zone=zone).isoformat()
    begun = share_left(cycle=cycle, at=at, convention=CALENDAR_DAY, zone=zone)
    left = share_left(cycle=cycle, at=at, convention=OLD_PLAN, zone=zone)
    fee = prorate(micros=price, share=begun, rounding=CENTS)
    back = credit(billed_micros=price, share=left, paid_micros=fee, rounding=CENTS)
    found = {"invoice_total_cents": gross(fee, percent), "credit_total_cents": gross(back, percent)}
    yield from in_cents(case["expected"], found)


def run_trial(case: Case) -> Found:
    """Bill from the end of the trial, and credit the whole of it again on that day."""
    inputs = case["inputs"]
    on, price = day(inputs["trial_end"]), cents(inputs["plan_cents"])
    yield "trial end", on, moment(inputs["start"]).date() + timedelta(days=inputs["trial_days"])
    cycle = cycle_at(on, anchor=on.replace(day=1), length=MONTH)
    share = share_left(cycle=cycle, on=on, convention=CALENDAR_DAY)
    fee = prorate(micros=price, share=share, rounding=CENTS)
    back = credit(billed_micros=price, share=share, paid_micros=fee, rounding=CENTS)
    found = {"fee_cents": fee, "credit_cents": back, "resubscribe_fee_cents": fee}
    yield from in_cents(case["expected"], found)


def run_weekly(case: Case) -> Found:
    inputs = case["inputs"]
    zone = time_zone(inputs["customer_timezone"])
    at = moment(inputs["created_at"])
    yield "local date", inputs["local_date"], local_day(at, zone=zone).isoformat()
    monday = date(2001, 1, 1)
    week = CycleLength(unit=CycleUnit.WEEK)
    cycle = cycle_at(local_day(at, zone=zone), anchor=monday, length=week)
    yield "week", inputs["week_inclusive"], [str(cycle.start), str(cycle.end - timedelta(days=1))]
    share = share_left(cycle=cycle, at=at, convention=CALENDAR_DAY, zone=zone)
    found = prorate(micros=cents(inputs["plan_cents"]), share=share, rounding=CENTS)
    yield from in_cents(case["expected"], {"amount_cents": found})


def run_upgrades(case: Case) -> Found:
    """Follow two upgrades: each credits what is left of the fee before, tax included."""
    inputs = case["inputs"]
    ons = [moment(inputs[key]).date() for key in ("start", "change_1", "change_2")]
    anchor = ons[0] if inputs["billing_time"] == "anniversary" else ons[0].replace(day=1)
    cycle = cycle_at(ons[0], anchor=anchor, length=MONTH)
    found, paid, billed_at = {}, 0, 0
    for number, (on, plan) in enumerate(zip(ons, inputs["plans_cents"], strict=True), start=1):
        share = share_left(cycle=cycle, on=on, convention=CALENDAR_DAY)
        if number > 1:
            back = credit(billed_micros=billed_at, share=share, paid_micros=paid, rounding=CENTS)
            found[f"credit_{number - 1}"] = gross(back, inputs["tax_percent"])
        billed_at = cents(plan)
        paid = found[f"fee_{number}"] = prorate(micros=billed_at, share=share, rounding=CENTS)
    yield from in_cents(case["expected"], found)


def run_downgrade(case: Case) -> Found:
    inputs, expected = case["inputs"], case["expected"]
    cycle = inclusive(*inputs["period_inclusive"])
    share = share_left(cycle=cycle, on=day(inputs["effective"]), convention=CALENDAR_DAY)
    price = cents(int(inputs["new_plan"].split()[1]))
    found = prorate(micros=price, share=share, rounding=CENTS)
    yield "amount", cents(expected["amount_cents"]), found
    days = expected["days"], expected["days_in_period"]
    yield "share", days, (share.numerator, share.denominator)


def run_duration(case: Case) -> Found:
    """Take a service that outlasts the full period for all of it."""
    inputs = case["inputs"]
    full = Interval(start=moment(inputs["full_from"]), end=moment(inputs["full_to"]))
    part = Interval(
        start=max(moment(inputs["service_from"]), full.start),
        end=min(moment(inputs["service_to"]), full.end),
    )
    second = CONVENTIONS["second"]
    share = share_of(part=part, cycle=full, convention=second)
    rounding = second.rounding_to(MICROS // 10 ** inputs["currency_decimals"])
    found = prorate(micros=money(inputs["amount"]), share=share, rounding=rounding)
    yield from in_units(case["expected"], {"amount": found})


def run_half_even(case: Case) -> Found:
    inputs = case["inputs"]
    convention = FOREIGN_CONVENTIONS["second-half-even"]
    whole = Interval(start=moment(inputs["period_start"]), end=moment(inputs["period_end"]))
    share = share_left(cycle=whole, at=moment(inputs["change"]), convention=convention)
    policy = POLICIES["full-price" if inputs["interval_change"] else "immediately"]
    rounding = convention.rounding_to(CENT)
    old, new = cents(inputs["old_cents"]), cents(inputs["new_cents"])
    found = {
        "credit_cents": swap(old, 0, share, rounding)[0],
        "charge_cents": prorate(
            micros=new, share=WHOLE if policy.charge is Portion.FULL else share, rounding=rounding
        ),
    }
    yield from in_cents(case["expected"], found)


def discounted(price: int, discount: list[Any] | None) -> int:
    kind, value = discount or ("pct", 0)
    off = (
        Discount(percent=Fraction(str(value)) / 100)
        if kind == "pct"
        else Discount(micros=cents(value))
    )
    return off.net_of(micros=price, rounding=CENTS)


def run_discount(case: Case) -> Found:
    inputs = case["inputs"]
    old = discounted(cents(inputs["old_cents"]), inputs["old_discount"])
    new = discounted(cents(inputs["new_cents"]), inputs["new_discount"])
    back, charge = swap(old, new, days_of(inputs["days_left"], inputs["days_in_period"]))
    yield from in_cents(case["expected"], {"credit_cents": back, "charge_cents": charge})


def run_doc_days(case: Case) -> Found:
    inputs = case["inputs"]
    share = days_of(inputs["days_left"], inputs["days_in_period"])
    back, charge = swap(money(inputs["old"]), money(inputs["new"]), share)
    found = {"credit": back, "charge": charge, "net": charge - back}
    yield from in_units(case["expected"], found)


def run_doc_invoice(case: Case) -> Found:
    inputs = case["inputs"]
    part = Fraction(inputs["remaining"].split()[0])
    share = days_of(part.numerator, part.denominator)
    back, charge = swap(money(inputs["old"]), money(inputs["new"]), share)
    found = {"next_invoice": sum((-back, charge, money(inputs["next_full"])))}
    yield from in_units(case["expected"], found)


def run_second_based(case: Case) -> Found:
    inputs, expected = case["inputs"], case["expected"]
    whole = Interval(start=moment(inputs["period_start"]), end=moment(inputs["period_end"]))
    at = moment(inputs["proration_date"])
    share = share_left(cycle=whole, at=at, convention=CONVENTIONS["second"])
    if "fraction" in expected:
        yield "fraction", Fraction(expected["fraction"]), share.fraction
    off = ["pct", inputs.get("discount_percent", "0")]
    old, new = (discounted(cents(inputs[key]), off) for key in ("old_cents", "new_cents"))
    back, charge = swap(old, new, share)
    percent = inputs.get("tax_percent", "0")
    found = {
        "credit_cents": -back,
        "charge_cents": charge,
        "credit_tax_cents": gross(-back, percent) + back,
        "charge_tax_cents": gross(charge, percent) - charge,
    }
    told = {key: value for key, value in expected.items() if key != "fraction"}
    yield from in_cents(told, found)


def run_value_to_days(case: Case) -> Found:
    inputs, expected = case["inputs"], case["expected"]
    whole = inputs["days_in_month"]
    share = days_of(inputs["old_remaining_days"], whole)
    old, new = money(inputs["old"]), money(inputs["new"])
    days = days_bought(billed_micros=old, share=share, price_micros=new, cycle_days=whole)
    back, charge = swap(old, new, share)
    found = {
        "extra_days": days,
        "next_bill": str(day(inputs["change"]) + timedelta(days=days)),
        "prorated_charge": charge - back,
    }
    told = dict(expected)
    if "prorated_charge" in told:
        told["prorated_charge"] = money(told["prorated_charge"])
    yield from every(told, found)


def run_months(case: Case) -> Found:
    """Prorate a price and its discount apart, each from itself."""
    inputs = case["inputs"]
    start = date(2023, 1, 1)
    cycle = cycle_at(start, anchor=start, length=CycleLength(count=12))
    on = add_months(start, int(inputs["removed_after_months"]))
    share = share_left(cycle=cycle, on=on, convention=CONVENTIONS["months-first"])
    price = money(inputs["annual"])
    off = Discount(percent=Fraction(inputs.get("discount_percent", "0")) / 100)
    less = off.off(micros=price, rounding=CENTS)
    found = {
        "credit": prorate(micros=price, share=share, rounding=CENTS),
        "discount_credit": prorate(micros=less, share=share, rounding=CENTS),
    }
    yield from in_units(case["expected"], found)
