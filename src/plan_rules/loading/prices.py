"""Whether rates are complete: a price and an increment for every hour, landline and mobile."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from plan_rules.catalog.rate import RateEntry, RateTable, RateTerms
from plan_rules.destinations.line_type import LineType
from plan_rules.destinations.selector import Selector, SelectorKind
from plan_rules.errors import Severity
from plan_rules.loading.bands import has_gap
from plan_rules.loading.page import Page
from plan_rules.loading.reader import Steps
from plan_rules.loading.sheets import Sheets, sound
from plan_rules.periods import BandSet

NOTHING = RateTerms()


def note_prices(sheets: Sheets) -> None:
    """Note rates that would leave a reached call without a price."""
    band_sets = sound(sheets.bands)
    for sheet in sheets.rates:
        if sheet.page is None or sheet.value is None:
            continue
        table = sheet.value
        bands = band_sets.get(table.bands)
        gap = bands is not None and has_gap(bands)
        complete: set[int] = set()
        written = [entry for entry in table.entries if entry.span.file == sheet.page.document.file]
        _note_deck(sheet.page, table, len(written))
        for entry in written:
            if not entry.by_band and id(entry.terms) in complete:
                continue  # equal plain prices share one value, which was judged already
            path: Steps = ("rates", str(entry.selector))
            if not entry.by_band:
                if _is_complete(sheet.page, path, entry, table):
                    complete.add(id(entry.terms))
            elif bands is not None:
                _note_banded(sheet.page, path, entry, table, bands, gap=gap)
        _note_mobiles(sheet.page, table)


def _note_deck(page: Page, table: RateTable, written: int) -> None:
    """Note a deck whose rows have no increment; that they have prices its reader has seen to."""
    lacking = [
        entry
        for entry in table.entries[written:]
        if any(terms.over(table.defaults).increment is None for terms in entry.terms.values)
    ]
    if lacking:
        message = (
            f"{len(lacking)} rates of the deck have no increment, `{lacking[0].selector}` first"
        )
        hint = "add `defaults: {increment: 60/60}` to the table, or a column `increment`"
        page.note("rate-without-increment", ("csv",), message, hint=hint, at_key=True)


def _is_complete(page: Page, path: Steps, entry: RateEntry, table: RateTable) -> bool:
    """Note what a rate without bands lacks; whether it lacks nothing."""
    noted = len(page.issues)
    versions = [(start, terms.over(table.defaults)) for start, terms in entry.terms.entries]
    if all(terms.price is None for _, terms in versions):
        _note_no_price(page, path, entry)
        return False
    for (_, before), (start, after) in pairwise(versions):
        if before.price is not None and after.price is None:
            message = f"the rate `{entry.selector}` has no price from `{start}` on"
            page.note("rate-without-price", path, message, hint="add `price`", at_key=True)
    if any(terms.price is not None and terms.increment is None for _, terms in versions):
        _note_no_increment(page, path, entry)
    return len(page.issues) == noted


def _note_banded(
    page: Page, path: Steps, entry: RateEntry, table: RateTable, bands: BandSet, *, gap: bool
) -> None:
    """Judge a rate with bands by what is in force on its last date."""
    by_band = dict(entry.by_band)
    day = max((each for each in entry.dates), default=date.min)
    common = (entry.terms.at(day) or NOTHING).over(table.defaults)
    merged = {
        band.id: (by_band[band.id].at(day) or NOTHING).over(common)
        if band.id in by_band
        else common
        for band in bands.bands
    }
    lacking = [name for name, terms in merged.items() if terms.price is None]
    if len(lacking) == len(merged):
        _note_no_price(page, path, entry)
        return
    if any(each.price is not None and each.increment is None for each in merged.values()):
        _note_no_increment(page, path, entry)
    if common.price is None and (lacking or gap):
        hours = " and ".join(f"in `{name}`" for name in lacking)
        if gap:
            hours = f"{hours} and " if hours else ""
            hours += f"outside the bands of `{bands.id}`"
        page.note(
            "band-gap",
            path,
            f"the rate `{entry.selector}` has no price {hours}; such calls stay unrated",
            hint="add a `price` beside `bands`, which holds at all other hours",
            severity=Severity.WARNING,
            at_key=True,
        )


def _note_no_price(page: Page, path: Steps, entry: RateEntry) -> None:
    message = f"the rate `{entry.selector}` has no price"
    page.note("rate-without-price", path, message, hint="add `price`", at_key=True)


def _note_no_increment(page: Page, path: Steps, entry: RateEntry) -> None:
    message = f"the rate `{entry.selector}` has no increment"
    hint = "add `defaults: {increment: 60/60}` to the table, or `increment` to the rate"
    page.note("rate-without-increment", path, message, hint=hint, at_key=True)


def _note_mobiles(page: Page, table: RateTable) -> None:
    """Warn of a fixed price whose mobiles would fall through to a far wider rate."""
    written = {entry.selector for entry in table.entries}
    for selector in written:
        if selector.line is not LineType.FIXED or selector.kind is SelectorKind.LINE:
            continue
        whole = Selector(
            kind=SelectorKind.COUNTRY if selector.country else SelectorKind.ZONE,
            country=selector.country,
            zone=selector.zone,
        )
        mobile = Selector(
            kind=selector.kind,
            country=selector.country,
            zone=selector.zone,
            line=LineType.MOBILE,
        )
        if not {whole, mobile} & written:
            page.note(
                "missing-mobile",
                ("rates", str(selector)),
                f"`{selector}` has a rate, and `{mobile}` has none of its own",
                hint=f"add `{mobile}`, or write `{whole}` for both",
                severity=Severity.WARNING,
                at_key=True,
            )
