"""Decks: rates by prefix in CSV beside the YAML of their table."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from plan_rules.catalog import Increment, RateEntry
from plan_rules.loading import Loaded, check_catalog
from plan_rules.loading import decks as decks_module

TABLE = "rate-table: wholesale\ndefaults: {increment: 60/60}\ncsv: {file: wholesale.csv}\n"


def check(folder: Path, deck: str | bytes, table: str = TABLE) -> Loaded:
    files: dict[str, str | bytes] = {
        "catalog.yaml": "catalog: decks\ncurrency: USD\nzone: UTC\n",
        "plans/one.yaml": "plan: one\nname: One\nkind: pay-per-minute\nfee: 0\nrates: wholesale\n",
        "rates/wholesale.yaml": table,
        "rates/wholesale.csv": deck,
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return check_catalog(folder)


def rates(loaded: Loaded) -> dict[str, RateEntry]:
    assert loaded.catalog is not None, loaded.issues
    entries = loaded.catalog.rate_tables["wholesale"].entries
    return {str(entry.selector): entry for entry in entries}


def codes(loaded: Loaded) -> list[str]:
    return [issue.code for issue in loaded.issues]


def test_every_term_of_a_rate_can_be_a_column(tmp_path: Path) -> None:
    deck = (
        "prefix,price,first-price,connection-fee,minimum,cap,increment,note\n"
        '+5255,0.05,0.08,0.01,0.02,5,30/6,"Mexico, the city"\n'
        "52,0.06,,,,,,\n"
    )
    found = rates(check(tmp_path, deck))
    terms = found["+5255"].terms.at(date.min)
    assert terms is not None
    assert (terms.price, terms.first_price, terms.connection_fee) == (50_000, 80_000, 10_000)
    assert (terms.minimum, terms.cap, terms.increment) == (20_000, 5_000_000, Increment(30, 6))
    assert found["+5255"].note == "Mexico, the city"
    assert found["+5255"].span.line == 2
    bare = found["+52"].terms.at(date.min)
    assert bare is not None
    assert (bare.price, bare.first_price, bare.increment) == (60_000, None, None)


def test_a_foreign_deck_says_what_its_columns_mean(tmp_path: Path) -> None:
    table = (
        "rate-table: wholesale\n"
        "csv:\n  file: wholesale.csv\n  decimal: comma\n"
        "  columns: {prefix: dst, price: per minute, first: i1, next: iN}\n"
    )
    deck = "dst;vendor;per minute;i1;iN\n49;x;0,0125;60;1\n"
    loaded = check(tmp_path, deck, table)
    terms = rates(loaded)["+49"].terms.at(date.min)
    assert codes(loaded) == []
    assert terms is not None
    assert (terms.price, terms.increment) == (12_500, Increment(60, 1))


def test_rows_of_one_prefix_may_start_on_different_days(tmp_path: Path) -> None:
    deck = "prefix,price,start\n52,0.04,2026-07-01\n52,0.05,\n"
    entry = rates(check(tmp_path, deck))["+52"]
    assert entry.terms.dates == (date(2026, 7, 1),)
    assert [terms.price for terms in entry.terms.values] == [50_000, 40_000]


def test_rates_stand_beside_a_deck(tmp_path: Path) -> None:
    found = rates(check(tmp_path, "prefix,price\n52,0.05\n", TABLE + "rates: {default: 1}\n"))
    assert set(found) == {"+52", "default"}


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("052,0.05,60", "bad-cell", 1),
        ("+,0.05,60", "bad-cell", 1),
        ("5212345678901234,0.05,60", "bad-cell", 1),
        ("52,-1,60", "bad-cell", 4),
        ("52,1e3,60", "bad-cell", 4),
        ("52,NaN,60", "bad-cell", 4),
        ("52,1 000,60", "bad-cell", 4),
        ("52,٣,60", "bad-cell", 4),
        ("52,0.0000001,60", "bad-cell", 4),
        ("52,,60", "bad-cell", 4),
        ("52,0.05,0", "bad-cell", 9),
        ("52,0.05,60/0", "bad-cell", 9),
        ("52,0.05,100000", "bad-cell", 9),
        ("52,0.05", "bad-row", 1),
        ("52,0.05,60,1", "bad-row", 1),
        ('"52,0.05,60', "bad-row", 1),
        ("52,0.05,6\0", "bad-row", 1),
    ],
)
def test_a_row_that_cannot_be_read_is_told_with_its_place(
    tmp_path: Path, row: str, code: str, column: int
) -> None:
    loaded = check(tmp_path, f"prefix,price,increment\n49,0.01,6\n{row}\n")
    assert loaded.catalog is None
    [issue] = loaded.issues
    assert (issue.code, issue.span.line, issue.span.column) == (code, 3, column)


def test_a_deck_that_is_not_utf8_is_told_by_line(tmp_path: Path) -> None:
    loaded = check(tmp_path, b"prefix,price,note\n52,0.05,M\xe9xico\n")
    assert [(each.code, each.span.line) for each in loaded.issues] == [("bad-row", 2)]


def test_a_header_of_ten_million_columns_is_refused(tmp_path: Path) -> None:
    loaded = check(tmp_path, "a," * 10_000_000 + "\n52,0.05\n")
    assert codes(loaded) == ["bad-row"]
    assert len(loaded.issues[0].source) < 100_000


def test_a_row_of_ten_million_columns_is_refused(tmp_path: Path) -> None:
    loaded = check(tmp_path, "prefix,price\n" + "1," * 10_000_000 + "\n52,0.05\n")
    assert [(each.code, each.span.line) for each in loaded.issues] == [("bad-row", 2)]


def test_a_deck_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decks_module, "DECK_BYTES", 20)
    assert codes(check(tmp_path, "prefix,price\n52,0.05\n53,0.06\n")) == ["too-large"]


def test_reading_ends_after_too_many_faults(tmp_path: Path) -> None:
    loaded = check(tmp_path, "prefix,price\n" + "x,0.05\n" * 5_000)
    assert codes(loaded).count("bad-cell") < 1_100
    assert "too-many-issues" in codes(loaded)


@pytest.mark.parametrize("deck", ["", "\n\n", "prefix,price\n"])
def test_a_deck_without_rows_is_empty(tmp_path: Path, deck: str) -> None:
    assert codes(check(tmp_path, deck)) == ["empty-file"]


def test_a_deck_that_is_not_there_is_told_at_its_name(tmp_path: Path) -> None:
    table = TABLE.replace("wholesale.csv", "wholesales.csv")
    loaded = check(tmp_path, "prefix,price\n52,0.05\n", table)
    assert ("missing-file", 3) in [(each.code, each.span.line) for each in loaded.issues]
    assert "wholesale.csv" in next(e.hint for e in loaded.issues if e.code == "missing-file")


def test_a_link_out_of_the_catalog_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text("prefix,price\n52,0.05\n")
    folder = tmp_path / "catalog"
    check(folder, "prefix,price\n52,0.05\n")
    deck = folder / "rates" / "wholesale.csv"
    deck.unlink()
    deck.symlink_to(outside)
    assert "link-outside" in codes(check_catalog(folder))


def test_a_deck_without_increments_needs_them_from_the_table(tmp_path: Path) -> None:
    table = "rate-table: wholesale\ncsv: {file: wholesale.csv}\n"
    loaded = check(tmp_path, "prefix,price\n52,0.05\n53,0.05\n", table)
    assert codes(loaded) == ["rate-without-increment"]


def test_a_table_has_rates_or_a_deck(tmp_path: Path) -> None:
    loaded = check(tmp_path, "prefix,price\n52,0.05\n", "rate-table: wholesale\n")
    assert "missing-key" in codes(loaded)


@pytest.mark.parametrize("name", ["../outside.csv", "/etc/passwd", "a/b.csv", ".csv", "deck.txt"])
def test_a_deck_lies_beside_its_table(tmp_path: Path, name: str) -> None:
    loaded = check(tmp_path, "prefix,price\n52,0.05\n", TABLE.replace("wholesale.csv", name))
    assert loaded.catalog is None
    assert all(each.code != "missing-file" for each in loaded.issues)
