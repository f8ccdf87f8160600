"""How customers' months change, drawn as one SVG that needs nothing beside itself."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

from plan_rules.batch.impact.comparing import Impact
from plan_rules.batch.impact.figures import share
from plan_rules.batch.impact.histogram import RANGES, Range
from plan_rules.money import RoundingMode, format_micros, round_ratio

WIDTH, LABELS, COUNTS = 760, 190, 130
"""Width of the picture, of the names at the left, and of the counts at the right, in pixels."""

TOP, ROW, BAR, MARGIN, GAP = 102, 28, 20, 16, 8
ROOM = WIDTH - LABELS - COUNTS - 2 * MARGIN
LESS, NO_CHANGE, MORE, INK, QUIET = "#2166ac", "#767676", "#b35806", "#1a1a1a", "#555555"
"""Colours that people tell apart however they see colours; each is legible on white."""

FONT = "font-family='system-ui, sans-serif'"


def range_words(each: Range) -> str:
    """Return a range of changes in words, such as `5 to 10 % more`."""
    if each.from_zero:
        return "paid nothing before"
    if each.over is None:
        return f"over {-(each.up_to or 0)} % less"
    if each.up_to is None:
        return f"over {each.over} % more"
    if each.over == each.up_to:
        return "no change"
    if each.up_to <= 0:
        return f"{_span(-each.up_to, -each.over)} % less"
    return f"{_span(each.over, each.up_to)} % more"


def _span(low: int, high: int) -> str:
    return f"{low} to {high}" if low else f"up to {high}"


def impact_drawing(impact: Impact) -> str:
    """Return the changes of customers' months as SVG: a bar for each range of percent.

    A screen reader is told the title and every count; texts are texts.
    """
    counts = impact.sums.ranges
    height = TOP + ROW * len(RANGES) + MARGIN
    size = f"viewBox='0 0 {WIDTH} {height}' width='{WIDTH}' height='{height}'"
    title, quiet = escape(_title(impact)), f"font-size='13' fill='{QUIET}'"
    lines = [
        f"<svg xmlns='http://www.w3.org/2000/svg' {size} role='img' aria-labelledby='title desc'>",
        f"<title id='title'>{title}</title>",
        f"<desc id='desc'>{escape(_described(counts))}</desc>",
        f"<rect width='{WIDTH}' height='{height}' fill='#ffffff'/>",
        _text(title, x=MARGIN, y=32, style=f"font-size='18' font-weight='600' fill='{INK}'"),
        *(_text(escape(words), x=MARGIN, y=y, style=quiet) for y, words in _subtitles(impact)),
        *_bars(counts),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _text(words: str, *, x: int, y: int, style: str) -> str:
    return f"<text x='{x}' y='{y}' {FONT} {style}>{words}</text>"


def _title(impact: Impact) -> str:
    return f"How the month of {impact.sums.all.compared:,} customers changes"


def _subtitles(impact: Impact) -> Iterator[tuple[int, str]]:
    """Yield two lines, each with its height, so that amounts of billions have room."""
    month = impact.sums.all.month
    sign = "+" if month.difference > 0 else ""
    together = (
        f"All of them together: {format_micros(month.old)} before, {format_micros(month.new)} "
        f"after, {sign}{format_micros(month.difference)} {impact.currency} a month"
    )
    yield 56, together
    yield 74, f"Prices of {impact.values_on}"


def _described(counts: tuple[int, ...]) -> str:
    told = (
        f"{range_words(each)}: {count:,}"
        for each, count in zip(RANGES, counts, strict=True)
        if count
    )
    return f"Customers by the change of their month. {'; '.join(told) or 'There are none'}."


def _bars(counts: tuple[int, ...]) -> Iterator[str]:
    most, total = max(counts), sum(counts)
    left, style = MARGIN + LABELS, f"font-size='13' fill='{INK}'"
    for place, (each, count) in enumerate(zip(RANGES, counts, strict=True)):
        top = TOP + ROW * place
        baseline = top + BAR - 5
        width = max(_whole(ROOM * count, most), 1) if count else 0
        name, number = escape(range_words(each)), f"{count:,}{_percent(count, total)}"
        yield _text(name, x=left - GAP, y=baseline, style=f"{style} text-anchor='end'")
        yield f"<rect x='{left}' y='{top}' width='{width}' height='{BAR}' fill='{_colour(each)}'/>"
        yield _text(number, x=left + width + GAP, y=baseline, style=style)


def _percent(count: int, total: int) -> str:
    part = share(count, total)
    if not part:
        return ""
    tenths = _whole(1_000 * part.numerator, part.denominator)
    return f" ({tenths // 10}.{tenths % 10} %)" if tenths else " (under 0.1 %)"


def _colour(each: Range) -> str:
    if each.up_to is None:
        return MORE
    if each.over == each.up_to:
        return NO_CHANGE
    return LESS if each.up_to <= 0 else MORE


def _whole(numerator: int, denominator: int) -> int:
    return round_ratio(numerator=numerator, denominator=denominator, mode=RoundingMode.HALF_UP)
