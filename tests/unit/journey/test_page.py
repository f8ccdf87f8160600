from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from plan_rules.catalog import (
    AllowanceUnit,
    Billing,
    Catalog,
    Dated,
    Restriction,
    RestrictionKind,
    Tax,
)
from plan_rules.destinations import parse_selector
from plan_rules.journey.page import calls_page
from plan_rules.journey.subscription_usage import review_subscription
from plan_rules.journey.usage import review_usage
from plan_rules.rules.effect import Base
from plan_rules.usage import Call
from tests.unit.assessment import rule_catalogs
from tests.unit.assessment.rule_catalogs import discount
from tests.unit.journey.samples import (
    ADA,
    LONDON,
    MEXICO,
    NOWHERE,
    SATELLITE,
    call_on,
    catalog_of,
    included,
    plan_of,
)
from tests.unit.journey.ways import CATALOG, basic
from tests.unit.switching.subscribers import noon

NOON = datetime(2026, 3, 15, 16, tzinfo=UTC)
EVIL = '<script>alert("Mexico & more")</script>'
BLOCK = Restriction(
    id="no-mexico", kind=RestrictionKind.BLOCK, to=(parse_selector("MX"),), reason=EVIL
)
VOID = {"meta"}
CALLS = (
    call_on("2026-02-28", 60, MEXICO),
    call_on("2026-03-02", 90, LONDON),
    call_on("2026-03-03", 30, NOWHERE),
    call_on("2026-03-04", 0, LONDON),
    call_on("2026-03-05", 60, LONDON),
)


class Page(HTMLParser):
    """Reads a page strictly: every element is closed in its turn; texts are kept by element."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.rows: list[list[str]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts.append((self.open[-1], data))
            if self.open[-1] in {"td", "th"}:
                self.rows[-1][-1] += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def text_of(self, tag: str) -> list[str]:
        return [text for name, text in self.texts if name == tag]


def catalog(**given: Any) -> Catalog:
    plan = plan_of(included(amount=60), restrictions=(BLOCK,))
    return catalog_of(plan, **given)


def page(*calls: Call, text: bool = False, **given: Any) -> Any:
    ada = replace(ADA, id="<ada>")
    report = review_usage(catalog=catalog(**given), customer=ada, calls=calls or CALLS, as_of=NOON)
    written = calls_page(report)
    return written if text else Page(written)


def test_every_word_from_outside_is_escaped() -> None:
    written = page(text=True)
    assert "<script" not in written
    assert "<ada>" not in written
    assert "<Plan>" not in written
    read = Page(written)
    assert read.all("script") == []
    assert any(EVIL in cell for row in read.rows for cell in row)
    assert read.text_of("h1") == ["Calls of <ada>"]


def test_the_page_needs_nothing_else_and_may_load_nothing() -> None:
    read = page()
    assert {tag for tag, _ in read.elements}.isdisjoint(
        {"a", "audio", "embed", "form", "iframe", "img", "link", "object", "script", "svg", "video"}
    )
    for _, attributes in read.elements:
        assert attributes.keys().isdisjoint({"src", "href", "style", "onclick", "onload"})
    (style,) = read.text_of("style")
    assert not re.search(r"url\(|@import|expression", style)
    policy = next(each for each in read.all("meta") if "http-equiv" in each)
    assert policy["content"] == "default-src 'none'; style-src 'unsafe-inline'"


def test_a_screen_reader_can_tell_what_a_figure_means() -> None:
    read = page()
    assert read.all("html") == [{"lang": "en"}]
    assert len(read.text_of("title")) == len(read.text_of("h1")) == 1
    assert len(read.all("caption")) == len(read.all("table")) > 3
    assert all(each["scope"] in {"col", "row"} for each in read.all("th"))
    assert read.text_of("caption") == [each["aria-label"] for each in read.all("div")]
    assert all(each["tabindex"] == "0" and each["role"] == "region" for each in read.all("div"))
    assert len(read.all("main")) == 1


def test_the_page_can_be_printed() -> None:
    (style,) = page().text_of("style")
    _, _, printed = style.partition("@media print")
    assert "table-header-group" in printed
    assert "break-inside: avoid" in printed


def test_each_table_has_as_many_cells_as_heads() -> None:
    read = page()
    widths = [len(row) for row in read.rows]
    assert len(set(widths)) > 1
    heads = 0
    for row, width in zip(read.rows, widths, strict=True):
        if row[0] in {"Cycle", "Allowance", "Destination", "Start", "For"}:
            heads = width
        assert width == heads


def test_the_page_tells_bills_calls_and_what_became_of_them() -> None:
    read = page()
    rows = read.rows
    assert ["2026-03-01 to 2026-03-31 (so far)", "The <Plan> & more", "3", "3:00", "5.20"] in rows
    assert ["2026-02-01 to 2026-02-28", "The <Plan> & more", "1", "1:00", "5.00"] in rows
    becomes = [row[3] for row in rows if len(row) == 6 and row[0].startswith("2026-")]
    assert becomes == [
        "included 1:00, paid 1:00",
        "uncovered",
        "not answered",
        "paid",
        f"blocked: {BLOCK.reason}",
    ]
    assert ["included", "minutes", "1:00", "0:00", "2:00", "8:00"] in rows
    assert any("If calls go on as in the last 2 weeks" in text for text in read.text_of("p"))
    assert "No calls." in read.text_of("p")


def test_types_of_line_have_the_words_of_customers() -> None:
    rows = page().rows
    told = {row[1] for row in rows if len(row) == 5 and row[0] in {"Mexico", "United Kingdom"}}
    assert told <= {"landline", "mobile", "landline or mobile"}
    called = {row[2] for row in rows if len(row) == 6 and row[0].startswith("2026-")}
    assert told
    assert not any("either" in place or "fixed" in place for place in called)


def test_what_was_charged_names_the_plan() -> None:
    report = review_subscription(
        catalog=CATALOG, subscription=basic(), calls=(), as_of=noon(date(2026, 3, 10))
    )
    named = replace(report.cycles[-1].plan, name="The Basic One")
    (*_, last) = report.cycles
    tariff = replace(last.bill.tariff, plan=named)
    cycle = replace(last, bill=replace(last.bill, tariff=tariff))
    rows = Page(calls_page(replace(report, cycles=(cycle,)))).rows
    assert [row[:2] for row in rows if row[0] == "fee"] == [["fee", "The Basic One"]]


def test_what_no_single_call_makes_has_a_table() -> None:
    tenth = discount("tenth", percent="10", on=Base.BILL)
    billing = Billing(minimum_spend=Dated.always(4_000_000))
    report = review_usage(
        catalog=rule_catalogs.catalog(tenth, billing=billing),
        customer=rule_catalogs.customer(plan="plain", since=date(2026, 3, 1)),
        calls=(),
        as_of=NOON,
    )
    rows = Page(calls_page(report)).rows
    start = rows.index(["For", "Why", "Amount, USD"])
    assert rows[start + 1 : start + 4] == [
        ["minimum spend", "", "4.00"],
        ["fee", "", "10.00"],
        ["discount", "The reason of tenth.", "-1.40"],
    ]


@pytest.mark.parametrize(
    ("unit", "amount", "shown"),
    [
        (AllowanceUnit.CALLS, 2, ["included", "calls", "1", "1", "0", "not known"]),
        (AllowanceUnit.MICROS, 50_000, ["included", "money", "0.05", "0.00", "0.05", "not known"]),
        (
            AllowanceUnit.SECONDS,
            None,
            ["included", "minutes", "1:00", "unlimited", "0:00", "not known"],
        ),
    ],
)
def test_an_allowance_is_told_in_its_unit(
    unit: AllowanceUnit, amount: int | None, shown: list[str]
) -> None:
    plan = plan_of(included(unit=unit, amount=amount))
    report = review_usage(
        catalog=catalog_of(plan), customer=ADA, calls=[call_on("2026-03-10", 60)], as_of=NOON
    )
    assert shown in Page(calls_page(report)).rows


def test_a_bill_with_tax_says_so() -> None:
    assert "tax included" in page(text=True, tax=Tax(usage=0, fee=0))  # type: ignore[arg-type]
    assert "tax included" not in page(text=True)


def test_equal_reports_give_equal_bytes() -> None:
    assert page(text=True) == page(text=True)
    assert page(call_on("2026-03-02", 60, SATELLITE), text=True).endswith("</html>\n")
