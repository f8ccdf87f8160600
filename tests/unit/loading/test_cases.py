from __future__ import annotations

from pathlib import Path

import pytest

from plan_rules.catalog.catalog import Catalog
from plan_rules.errors import CatalogInvalid
from plan_rules.loading.cases import NoCases, check_cases, read_cases
from plan_rules.loading.loader import load_catalog
from plan_rules.loading.places import sample_catalog_path
from plan_rules.rules.fact import AS_OF

TEXT = """\
rules: [winter-offer, autopay-discount]
plan: business-world
facts: {customer.home: US, as-of: 2026-07-01}
cases:
  - case: winter is not in summer
    facts: {as-of: 2026-07-02, customer.services: [mobile, television]}
    fires: [winter-offer]
  - case: autopay
    facts: {customer.autopay: true}
    plan: world-400
    unknown: [customer.segment]
    fires: []
"""


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(sample_catalog_path())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cases.yaml"


def test_a_case_says_more_than_its_file(catalog: Catalog, path: Path) -> None:
    path.write_text(TEXT, "utf-8")
    winter, autopay = read_cases(path, catalog=catalog)
    vocabulary = catalog.rules.vocabulary
    assert (winter.name, winter.fires) == ("winter is not in summer", ("winter-offer",))
    assert winter.about == autopay.about == ("winter-offer", "autopay-discount")
    assert (winter.plan, autopay.plan) == ("business-world", "world-400")
    assert winter.codes[AS_OF] == vocabulary[AS_OF].code("2026-07-02")
    assert winter.codes["customer.services"] == 0b101
    assert autopay.codes == {
        "customer.home": vocabulary["customer.home"].code("US"),
        AS_OF: vocabulary[AS_OF].code("2026-07-01"),
        "customer.autopay": 1,
        "customer.segment": None,
    }
    assert (winter.span.line, winter.span.column) == (5, 11)


def test_a_folder_holds_the_cases_of_its_files_in_order(catalog: Catalog, tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(TEXT, "utf-8")
    (tmp_path / "a.yaml").write_text("cases: [{case: one, fires: []}]\n", "utf-8")
    (tmp_path / "notes.txt").write_text("not read", "utf-8")
    names = [case.name for case in read_cases(tmp_path, catalog=catalog)]
    assert names == ["one", "winter is not in summer", "autopay"]


def test_where_there_is_no_case_that_is_told(catalog: Catalog, tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere.yaml"):
        with pytest.raises(NoCases) as refused:
            read_cases(place, catalog=catalog)
        assert refused.value.path == place


@pytest.mark.parametrize(
    ("before", "after", "code", "line"),
    [
        ("customer.autopay: true", "customer.autopya: true", "unknown-fact", 9),
        ("customer.autopay: true", "customer.autopay: perhaps", "wrong-type", 9),
        ("customer.autopay: true", "tags: [heavy-caller]", "unknown-fact", 9),
        ("customer.autopay: true", "customer.autopay: null", "empty-value", 9),
        ("customer.autopay: true", "customer.late-payments: 13", "out-of-range", 9),
        ("[mobile, television]", "[mobile, telly]", "unknown-value", 6),
        ("fires: [winter-offer]", "fires: [winter-ofer]", "unknown-rule", 7),
        ("fires: [winter-offer]", "fires: [missed-calls]", "unknown-rule", 7),
        ("rules: [winter-offer", "rules: [winter", "unknown-rule", 1),
        ("plan: business-world", "plan: business-word", "unknown-value", 2),
        ("plan: world-400", "plan: world-401", "unknown-value", 10),
        ("customer.home: US", "customer.home: USA", "unknown-value", 3),
        ("case: autopay", "case: winter is not in summer", "duplicate-id", 8),
        ("fires: []", "fired: []", "unknown-key", 12),
        ("[customer.segment]", "[plan.kind]", "unknown-value", 11),
        ("[customer.segment]", "[plan.kimd]", "unknown-fact", 11),
        ("fires: []", "fires: []\n  - one", "wrong-type", 13),
        ("as-of: 2026-07-01", "as-of: 2026-07-32", "bad-date", 3),
    ],
)
def test_what_is_misspelt_is_told_where_it_is(
    before: str, after: str, code: str, line: int, catalog: Catalog, path: Path
) -> None:
    assert before in TEXT
    path.write_text(TEXT.replace(before, after, 1), "utf-8")
    with pytest.raises(CatalogInvalid) as refused:
        read_cases(path, catalog=catalog)
    assert (code, line) in {(issue.code, issue.span.line) for issue in refused.value.issues}


def test_checking_tells_what_reading_refuses(catalog: Catalog, tmp_path: Path) -> None:
    assert check_cases(tmp_path / "none", catalog=catalog) == ()
    assert check_cases(tmp_path, catalog=catalog) == ()
    (tmp_path / "a.yaml").write_text(TEXT, "utf-8")
    assert check_cases(tmp_path, catalog=catalog) == ()
    (tmp_path / "b.yaml").write_text(TEXT.replace("business-world", "no-such-plan"), "utf-8")
    (issue,) = check_cases(tmp_path, catalog=catalog)
    assert (issue.code, issue.span.line, issue.is_error) == ("unknown-value", 2, True)
    assert issue.span.file.endswith("b.yaml")
