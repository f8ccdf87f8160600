"""What a change of the catalog does, in words: tables for a terminal, Markdown for a review."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from rich.console import JustifyMethod
from rich.table import Table

from plan_rules.batch.impact.comparing import Impact
from plan_rules.batch.impact.conditions import Condition
from plan_rules.batch.impact.document import best_moves, percent_of
from plan_rules.batch.impact.drawing import range_words
from plan_rules.batch.impact.explaining import LineChange, LineSum
from plan_rules.batch.impact.figures import (
    figures_of,
    per_bill,
    relative_basis_points,
    share,
)
from plan_rules.batch.impact.histogram import RANGES
from plan_rules.batch.impact.hurt import Hurt
from plan_rules.batch.impact.present import CycleSums
from plan_rules.batch.impact.spread import BASIS_POINTS
from plan_rules.batch.impact.sums import Amounts, Changes
from plan_rules.cli.words import KIND_WORDS, SAID_ALONE, minutes
from plan_rules.money import format_micros
from plan_rules.rating.charge import Outcome

MOVES_SHOWN = 20
"""How many changes of the best plan a report shows; JSON has them all."""

UNKNOWN = "nobody can tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table before it is drawn: names of columns, which of them hold words, and rows."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: tuple[int, ...] = (0,)


def sheets(impact: Impact) -> Iterator[Sheet]:
    """Yield the tables of a report in their order, those without rows left out."""
    for sheet in (_totals(impact), _spread(impact), _ranges(impact), _months(impact)):
        if sheet.rows:
            yield sheet
    for sheet in (_plans(impact), _best(impact), _hurt(impact)):
        if sheet.rows:
            yield sheet


def as_table(sheet: Sheet) -> Table:
    """Return a sheet as a table for a terminal."""
    table = Table(title=sheet.title, title_justify="left")
    for place, name in enumerate(sheet.columns):
        justify: JustifyMethod = "left" if place in sheet.words else "right"
        table.add_column(name, justify=justify, overflow="fold")
    for row in sheet.rows:
        table.add_row(*row)
    return table


def as_markdown(impact: Impact, conditions: Sequence[Condition]) -> str:
    """Return the whole report as Markdown, to be put into a review."""
    parts = ["## What the change does to customers", _paragraph(sentences(impact))]
    if conditions:
        parts.append("\n".join(f"- {each}" for each in verdicts(impact, conditions)))
    parts += [f"### {sheet.title}\n\n{_markdown(sheet)}" for sheet in sheets(impact)]
    return "\n\n".join(parts) + "\n"


def sentences(impact: Impact) -> Iterator[str]:
    """Yield what matters most, and who was not compared."""
    every, apart = impact.sums.all, impact.sums.apart
    yield (
        f"{every.compared:,} of {impact.sums.customers:,} customers compared on their present "
        f"plan, by their own calls and the prices of {impact.values_on}: "
        f"{_people(every.up, every)} pay more, {_people(every.down, every)} less, "
        f"{_people(every.same, every)} the same."
    )
    yield (
        f"{_people(every.up_5pct, every)} pay more than 5 % more, "
        f"{_people(every.down_5pct, every)} more than 5 % less."
    )
    for count, words in (
        (every.idle, "of them made no call; their fee alone is compared"),
        (every.from_zero, "of them paid nothing before and now pay"),
        (impact.assumed, "on no plan are taken to be on the plan named for such"),
    ):
        if count:
            yield f"{count:,} {words}."
    for count, words in (
        (apart.without_plan, "are on no plan"),
        (apart.only_in_old.total(), "are on a plan that the new catalog does not have"),
        (apart.only_in_new.total(), "are on a plan that the old catalog does not have"),
    ):
        if count:
            yield f"Not compared: {count:,} {words}."
    best = impact.sums.best
    yield (
        f"{best.changed:,} of {best.compared:,} customers are advised another plan than before"
        + (f"; {best.undecided:,} made too few calls to tell." if best.undecided else ".")
    )


def verdicts(impact: Impact, conditions: Iterable[Condition]) -> Iterator[str]:
    """Yield what became of each condition, with the figure it asks about."""
    figures = figures_of(impact)
    for each in conditions:
        value = figures[each.figure]
        told = f"{percent_of(value)} %" if isinstance(value, Fraction) else value
        match each.holds(figures):
            case None:
                yield f"fails: {each.text} cannot be told, since nobody is there to ask about"
            case True:
                yield f"fails: {each.text} holds, {each.figure} is {told}"
            case False:
                yield f"fine: {each.text} does not hold, {each.figure} is {told}"


def signed(micros: int | None) -> str:
    """Return a difference with its sign, `+0.50`."""
    if micros is None:
        return UNKNOWN
    return f"{'+' if micros > 0 else ''}{format_micros(micros)}"


def signed_percent(basis_points: int | None) -> str:
    """Return basis points as percent with the sign, `+7.68 %`."""
    if basis_points is None:
        return UNKNOWN
    sign = "+" if basis_points > 0 else ""
    return f"{sign}{percent_of(Fraction(basis_points, BASIS_POINTS))} %"


def _people(count: int, changes: Changes) -> str:
    part = share(count, changes.compared)
    return f"{count:,}" if part is None else f"{count:,} ({percent_of(part)} %)"


def _totals(impact: Impact) -> Sheet:
    every = impact.sums.all
    mean = per_bill(every)
    rows = [("all bills", every.total), ("a month", every.month)]
    if mean is not None:
        rows.append(("mean bill of a cycle", mean))
    return Sheet(
        title=f"Totals in {impact.currency}",
        columns=("", "old", "new", "difference", "in percent"),
        rows=tuple((name, *_amounts(amounts)) for name, amounts in rows),
    )


def _amounts(amounts: Amounts) -> tuple[str, str, str, str]:
    points = relative_basis_points(amounts)
    return (
        format_micros(amounts.old),
        format_micros(amounts.new),
        signed(amounts.difference),
        "" if points is None else signed_percent(points),
    )


def _spread(impact: Impact) -> Sheet:
    money, relative = impact.money, impact.relative
    names = ("least", "median", "95 of 100 at most", "greatest")
    amounts = (money.least, money.p50, money.p95, money.greatest)
    points = (relative.least, relative.p50, relative.p95, relative.greatest)
    return Sheet(
        title="How a customer's month changes",
        columns=("", impact.currency, "in percent of their old month"),
        rows=tuple(
            (name, signed(micros), signed_percent(each))
            for name, micros, each in zip(names, amounts, points, strict=True)
        ),
    )


def _ranges(impact: Impact) -> Sheet:
    every = impact.sums.all
    return Sheet(
        title="Customers by the change of their month",
        columns=("change", "customers"),
        rows=tuple(
            (range_words(each), _people(count, every))
            for each, count in zip(RANGES, impact.sums.ranges, strict=True)
            if count
        ),
    )


def _months(impact: Impact) -> Sheet:
    old, new = impact.sums.old_months, impact.sums.new_months
    rows = []
    for month in sorted({*old, *new}):
        before, after = old.get(month, CycleSums()), new.get(month, CycleSums())
        bills = f"{before.bills:,}"
        if before.bills != after.bills:
            bills += f" / {after.bills:,}"
        rows.append((month, bills, *_amounts(Amounts(old=before.micros, new=after.micros))))
    return Sheet(
        title="Bills by the month their cycle starts in",
        columns=("month", "bills", "old", "new", "difference", "in percent"),
        rows=tuple(rows),
    )


def _plans(impact: Impact) -> Sheet:
    """Return the plans whose customers' months change, and sum up the others."""
    apart = impact.sums.apart
    rows, same, names = [], Changes(), 0
    for plan in impact.plan_ids:
        changes = impact.sums.plans.get(plan)
        left_out = apart.only_in_old[plan] + apart.only_in_new[plan]
        if left_out:
            side = "old" if plan in impact.old_plans else "new"
            rows.append((f"{plan} (only in {side}, {left_out:,} not compared)", *[""] * 8))
        elif changes is not None and changes.same < changes.compared:
            rows.append((plan, *_plan_cells(changes)))
        elif changes is not None:
            same, names = same + changes, names + 1
    if names:
        rows.append((f"{names} plan(s) without a change", *_plan_cells(same)))
    return Sheet(
        title="A month by present plan",
        columns=("plan", "customers", "up", "down", "up over 5 %", "old", "new", "difference", "%"),
        rows=tuple(rows),
    )


def _plan_cells(changes: Changes) -> tuple[str, ...]:
    counts = (changes.compared, changes.up, changes.down, changes.up_5pct)
    return (*(f"{each:,}" for each in counts), *_amounts(changes.month))


def _best(impact: Impact) -> Sheet:
    moves = best_moves(impact)
    rows = [(before, after, f"{count:,}") for (before, after), count in moves[:MOVES_SHOWN]]
    more = sum(count for _, count in moves[MOVES_SHOWN:])
    if more:
        rows.append(("others", "", f"{more:,}"))
    return Sheet(
        title="Best plans that change",
        columns=("from", "to", "customers"),
        rows=tuple(rows),
        words=(0, 1),
    )


def _hurt(impact: Impact) -> Sheet:
    rows: list[tuple[str, ...]] = []
    for each in impact.hurt:
        rows.append((_who(each), *_amounts(each.month), ""))
        rows += [_line_cells(line) for line in each.lines]
    return Sheet(
        title="Who pays most more: a month, and the lines of all their bills that differ",
        columns=("customer, plan; lines", "old", "new", "difference", "in percent", "written at"),
        rows=tuple(rows),
        words=(0, 5),
    )


def _who(hurt: Hurt) -> str:
    bills = (
        f"{hurt.bills_old} bills"
        if hurt.bills_old == hurt.bills_new
        else f"{hurt.bills_old} and {hurt.bills_new} bills"
    )
    return f"{hurt.customer_id}, {hurt.plan}, {'fee alone' if hurt.is_idle else bills}"


def _line_cells(line: LineChange) -> tuple[str, ...]:
    words = KIND_WORDS[line.kind]
    made_by = words if line.kind in SAID_ALONE else f"{words} {line.id}"
    refused = "" if line.outcome is Outcome.RATED else f"{line.outcome}: "
    return (
        f"- {refused}{made_by}{_usage(line)}",
        format_micros(line.old.micros),
        format_micros(line.new.micros),
        signed(line.difference_micros),
        "",
        _written(line),
    )


def _usage(line: LineChange) -> str:
    if line.old.seconds == line.new.seconds:
        return f", {minutes(line.old.seconds)} min" if line.old.seconds else ""
    return f", {minutes(line.old.seconds)} to {minutes(line.new.seconds)} min"


def _written(line: LineChange) -> str:
    return f"{_spans(line.old)} -> {_spans(line.new)}"


def _spans(line: LineSum) -> str:
    return ", ".join(f"{span.file}:{span.line}" for span in line.spans) or "nowhere"


def _paragraph(told: Iterable[str]) -> str:
    return "\n".join(told)


def _markdown(sheet: Sheet) -> str:
    places = range(len(sheet.columns))
    rule = ["---" if place in sheet.words else "---:" for place in places]
    rows = [sheet.columns, tuple(rule), *sheet.rows]
    return "\n".join(f"| {' | '.join(map(_cell, row))} |" for row in rows)


def _cell(text: str) -> str:
    """Return a text that stays in its cell: what Markdown would read as a mark is escaped."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
