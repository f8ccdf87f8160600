"""Results in the words of a support agent: tables and sentences for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.table import Table

from plan_rules.advice.recommendation import Option, Recommendation, Rejection, WhyNot
from plan_rules.assessment.bites import Bite, BiteKind
from plan_rules.assessment.coverage import CountryCoverage
from plan_rules.destinations.countries import country_name
from plan_rules.money import MICROS, RoundingMode, format_micros, round_ratio
from plan_rules.rating.bill import NO_PRICE, Bill, BillLine
from plan_rules.rating.charge import Charge, Outcome
from plan_rules.tariff.book import Maker, MakerKind

CENT = MICROS // 100
WHOLE = 100
NAMED = 2
"""How many of many countries a cell names."""
KIND_WORDS = {
    MakerKind.RATE: "calls at the rate for",
    MakerKind.CONNECTION_FEE: "connection fees,",
    MakerKind.MINIMUM: "minimum charge,",
    MakerKind.CAP: "price cap,",
    MakerKind.SURCHARGE: "surcharge",
    MakerKind.ALLOWANCE: "allowance",
    MakerKind.VOLUME: "volume price",
    MakerKind.RESTRICTION: "refused by",
    MakerKind.COVERAGE: "not covered",
    MakerKind.MINIMUM_SPEND: "minimum spend",
    MakerKind.FEE: "fee of the plan",
    MakerKind.INTRO_FEE: "introductory fee",
    MakerKind.DISCOUNT: "discount",
}
SAID_ALONE = {
    MakerKind.COVERAGE,
    MakerKind.MINIMUM_SPEND,
    MakerKind.FEE,
    MakerKind.INTRO_FEE,
}


def cents(micros: int) -> str:
    """Return an amount in whole cents, half-up, as people read it aloud."""
    whole = round_ratio(numerator=micros, denominator=CENT, mode=RoundingMode.HALF_UP)
    return format_micros(whole * CENT)


def minutes(seconds: int) -> str:
    """Return seconds as minutes and seconds, `12:05`."""
    return f"{seconds // 60}:{seconds % 60:02d}"


def percent(part: int, total: int) -> str:
    """Return a share in whole percent; a little is never told as nothing, nor most as all."""
    whole = round_ratio(numerator=WHOLE * part, denominator=total, mode=RoundingMode.HALF_UP)
    if part and whole == 0:
        return "under 1 %"
    return "over 99 %" if part < total and whole == WHOLE else f"{whole} %"


def maker_words(maker: Maker) -> str:
    """Return what made a line, in words."""
    if maker == NO_PRICE:
        return "no price in force"
    words = KIND_WORDS[maker.kind]
    return words if maker.kind in SAID_ALONE else f"{words} {maker.id}"


def bill_table(bill: Bill) -> Table:
    """Return a bill as a table: one row a line, then the total."""
    table = Table(title=f"{bill.tariff.plan.name}, {bill.cycle}", title_justify="left")
    table.add_column("line")
    table.add_column("calls", justify="right")
    table.add_column("minutes", justify="right")
    table.add_column(bill.currency, justify="right")
    table.add_column("written at")
    for line in bill.lines:
        table.add_row(*_line_cells(line))
    table.add_section()
    table.add_row("total", "", "", format_micros(bill.total_micros), "")
    return table


def _line_cells(line: BillLine) -> tuple[str, ...]:
    refused = "" if line.outcome is Outcome.RATED else f"{line.outcome}: "
    return (
        refused + maker_words(line.maker),
        str(line.calls) if line.calls else "",
        minutes(line.seconds) if line.seconds else "",
        format_micros(line.gross_micros),
        str(line.span) if line.span.line else "",
    )


def call_table(bill: Bill) -> Table:
    """Return every call of a bill as a table, with what made its price."""
    table = Table(title=f"calls of {bill.cycle}", title_justify="left")
    table.add_column("start")
    table.add_column("number")
    table.add_column("to")
    table.add_column("minutes", justify="right")
    table.add_column(bill.currency, justify="right")
    table.add_column("why")
    for charge in bill.charges:
        table.add_row(*_charge_cells(bill, charge))
    return table


def _charge_cells(bill: Bill, charge: Charge) -> tuple[str, ...]:
    destination = charge.placed.destination
    return (
        f"{charge.call.start:%Y-%m-%d %H:%M}",
        charge.call.number,
        "" if destination is None else str(destination),
        minutes(charge.call.seconds),
        format_micros(charge.amount_micros),
        "; ".join(_whys(bill, charge)),
    )


def _whys(bill: Bill, charge: Charge) -> Iterator[str]:
    if not charge.call.seconds:
        yield "not answered"
    elif charge.outcome is not Outcome.RATED:
        maker = bill.tariff.makers[charge.reason] if charge.reason >= 0 else None
        yield charge.outcome + (f", {maker.id} at {maker.span}" if maker is not None else "")
    for maker, seconds, micros in bill.parts_of(charge):
        billed = f"{minutes(seconds)} billed, " if seconds else ""
        yield f"{maker_words(maker)}: {billed}{format_micros(micros)} ({maker.span})"


def recommendation_table(advice: Recommendation, *, top: int) -> Table:
    """Return the first options, and the present plan, as a table an agent can read aloud."""
    table = Table(show_lines=True)
    table.add_column("#", justify="right")
    table.add_column("plan")
    table.add_column(f"{advice.currency} a month", justify="right")
    table.add_column("saving", justify="right")
    table.add_column("covered")
    table.add_column("what bites")
    table.add_column("why not")
    for option in advice.options:
        if option.rank > top and not option.stay:
            continue
        chosen = option.assessment.chosen
        name = option.plan.name + (f" ({country_name(chosen)})" if chosen else "")
        table.add_row(
            str(option.rank),
            name + (" (present plan)" if option.stay else ""),
            cents(option.monthly.micros),
            "" if option.saving is None else cents(option.saving.micros),
            coverage_words(option),
            bite_words(option.assessment.bites),
            why_not_words(option),
            style="bold" if option.why_not is None else None,
        )
    return table


def coverage_words(option: Option) -> str:
    """Return what a plan makes of the calls, in shares of the minutes."""
    rows = option.assessment.coverage
    total = sum(row.seconds for row in rows)
    if not total:
        return "no calls"
    shares = (
        ("included", sum(row.included_seconds for row in rows)),
        ("paid extra", sum(row.paid_seconds for row in rows)),
        ("not possible", sum(row.missed_seconds for row in rows)),
    )
    return ", ".join(f"{percent(part, total)} {word}" for word, part in shares if part)


def bite_words(bites: tuple[Bite, ...]) -> str:
    """Return the restriction that bites most, in words."""
    if not bites:
        return "nothing"
    bite = bites[0]
    match bite.kind:
        case BiteKind.USED_UP:
            return f"allowance {bite.maker.id} used up in {bite.cycles} cycle(s)"
        case BiteKind.BLOCKED:
            return f"{bite.calls} call(s) refused: {bite.maker.reason or bite.maker.id}"
        case BiteKind.UNCOVERED:
            return f"{bite.calls} call(s) not covered"
        case BiteKind.UNRATED:
            return f"{bite.calls} call(s) without a price in force"


def why_not_words(option: Option) -> str:
    """Return why an option is not the one advised."""
    match option.why_not:
        case None:
            return "advised"
        case WhyNot.DOES_NOT_COVER:
            return f"does not carry {option.missed} call(s): {_some(option.missed_countries)}"
        case WhyNot.MARGIN:
            return "saves too little to change"
        case WhyNot.DEARER:
            dearer = 0 if option.dearer_by is None else option.dearer_by.micros
            return f"{cents(dearer)} dearer a month"
        case WhyNot.NOT_FOR_SALE:
            return "not for sale"
        case WhyNot.EXCLUDED:
            return "not for this customer"


def _some(countries: tuple[str, ...]) -> str:
    names = [country_name(each) or "unknown numbers" for each in countries[:NAMED]]
    more = len(countries) - NAMED
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")


def names(rejections: Iterable[Rejection]) -> str:
    """Return the names of rejected plans as a list."""
    return ", ".join(each.plan.name for each in rejections)


def coverage_table(rows: tuple[CountryCoverage, ...], *, plan: str) -> Table:
    """Return coverage by country as a table."""
    table = Table(title=f"By country, on {plan}", title_justify="left")
    table.add_column("country")
    for name in ("calls", "minutes", "included", "paid extra", "not possible"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(
            country_name(row.country) or "unknown numbers",
            str(row.calls),
            minutes(row.seconds),
            minutes(row.included_seconds),
            minutes(row.paid_seconds),
            minutes(row.missed_seconds),
        )
    return table


def advice_sentences(advice: Recommendation) -> Iterator[str]:
    """Yield the recommendation in sentences."""
    best = advice.advised
    if best is None:
        yield "Advice: none. There is no plan that this customer may have."
        return
    monthly = f"about {cents(best.monthly.micros)} {advice.currency} a month"
    yield (
        f"{advice.calls} calls in {advice.cycles} complete cycles before {advice.as_of}; "
        f"confidence {advice.confidence}."
    )
    if best.stay:
        yield f"Advice: stay on {best.plan.name}, {monthly}."
        return
    saving = "" if best.saving is None else f", {cents(best.saving.micros)} less than now"
    yield f"Advice: {best.plan.name}, {monthly}{saving}."
    yield best.plan.summary
    for each in best.plan.restrictions:
        yield f"Please note: {each.reason}"
