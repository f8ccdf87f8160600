from __future__ import annotations

import subprocess
import sys
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from plan_rules.catalog import (
    AllowanceUnit,
    Dated,
    EitherPolicy,
    Increment,
    RateEntry,
    RateTerms,
    RestrictionKind,
    VolumeModel,
)
from plan_rules.destinations import Destination, LineType, parse_selector
from plan_rules.errors import CatalogInvalid, Issue
from plan_rules.loading import NoCatalog, check_catalog, load_catalog, sample_catalog_path
from plan_rules.money import Rounding
from plan_rules.periods import CycleLength, CycleUnit, Period
from plan_rules.tariff import tariff_book
from tests.unit.loading.catalogs import write

BASIC = "plan: basic\nname: Basic\nkind: pay-per-minute\nfee: 0\nrates: standard\n"
HEAD = "rate-table: standard\ndefaults: {increment: 60/60}\n"


def codes(folder: Path) -> list[str]:
    return [issue.code for issue in check_catalog(folder).issues]


def rates(folder: Path, body: str) -> dict[str, RateEntry]:
    catalog = load_catalog(write(folder, rates_standard=HEAD + body))
    return {str(entry.selector): entry for entry in catalog.rate_tables["standard"].entries}


def test_the_sample_catalog_has_no_issues_and_compiles() -> None:
    loaded = check_catalog(sample_catalog_path())

    assert loaded.issues == ()
    assert loaded.catalog is not None
    assert set(tariff_book(loaded.catalog).plans) == set(loaded.catalog.plans)


def test_a_folder_that_is_not_there_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(NoCatalog) as error:
        check_catalog(tmp_path / "gone")

    assert error.value.path == tmp_path / "gone"


def test_loading_raises_with_every_issue_warnings_included(tmp_path: Path) -> None:
    write(
        tmp_path,
        plans_basic=BASIC.replace("standard", "standrad"),
        plans_other=BASIC.replace("basic", "other") + "intro: {cycles: 1, fee: 5}\n",
    )

    with pytest.raises(CatalogInvalid) as error:
        load_catalog(tmp_path)

    assert [issue.code for issue in error.value.issues] == ["unknown-rate-table", "intro-above-fee"]


def test_warnings_alone_leave_the_catalog_usable(tmp_path: Path) -> None:
    write(tmp_path, plans_basic=BASIC + "intro: {cycles: 1, fee: 5}\n")

    loaded = check_catalog(tmp_path)

    assert [issue.is_error for issue in loaded.issues] == [False]
    assert loaded.catalog is not None


def test_issues_come_in_the_order_of_their_places(tmp_path: Path) -> None:
    write(tmp_path, plans_basic="plan: Basic\nkind: none\nfee: -1\n", rates_standard=HEAD)

    issues = check_catalog(tmp_path).issues

    assert [issue.span for issue in issues] == sorted(issue.span for issue in issues)
    assert len(issues) >= 4


def test_a_broken_file_hides_nothing_in_other_files_and_adds_no_noise(tmp_path: Path) -> None:
    write(
        tmp_path,
        zones_europe="zone: europe\nmembers: DE\n",
        plans_basic=BASIC + "coverage: [europe]\n",
        plans_other=BASIC.replace("basic", "other") + "coverage: [eurpoe]\n",
    )

    assert codes(tmp_path) == ["unknown-zone", "wrong-type"]


def test_a_file_of_no_yaml_is_known_by_its_name(tmp_path: Path) -> None:
    write(tmp_path, zones_europe="zone: [\n", plans_basic=BASIC + "coverage: [europe]\n")

    assert codes(tmp_path) == ["yaml-syntax"]


def test_an_issue_points_at_the_word(tmp_path: Path) -> None:
    write(tmp_path, plans_basic=BASIC + "coverage: [US, Columbia]\n")

    (issue,) = check_catalog(tmp_path).issues

    assert (issue.code, issue.path) == ("unknown-country", "coverage[1]")
    assert issue.source[issue.span.column - 1 :].startswith("Columbia")
    assert "`CO`" in issue.hint


def test_a_misspelt_required_key_is_one_issue(tmp_path: Path) -> None:
    write(tmp_path, plans_basic=BASIC.replace("fee:", "fees:"))

    (issue,) = check_catalog(tmp_path).issues

    assert (issue.code, issue.path) == ("unknown-key", "fees")
    assert "`fee`" in issue.hint


def test_wrong_values_do_not_hide_wrong_names(tmp_path: Path) -> None:
    write(tmp_path, plans_basic=BASIC + "one-time: {activation: -1}\ncoverage: [nordics]\n")

    assert codes(tmp_path) == ["negative-price", "unknown-zone"]


def test_the_root_says_what_holds_for_all(tmp_path: Path) -> None:
    catalog = load_catalog(
        write(
            tmp_path,
            catalog=(
                "catalog: q\ncurrency: EUR\nzone: Europe/Berlin\neither: cheaper\n"
                "tax: {usage: 10, fee: 7.5, prices: including, name: VAT, rounding: {to: 0.05}}\n"
                'numbering: {"+37744": XK/mobile}\n'
            ),
        )
    )

    assert (catalog.id, catalog.currency, catalog.zone) == ("q", "EUR", "Europe/Berlin")
    assert catalog.either is EitherPolicy.CHEAPER
    assert catalog.tax is not None
    assert (catalog.tax.usage, catalog.tax.fee) == (Fraction(1, 10), Fraction(3, 40))
    assert (catalog.tax.included, catalog.tax.name) == (True, "VAT")
    assert catalog.tax.rounding == Rounding(step_micros=50_000)
    assert catalog.numbering == {"37744": Destination("XK", LineType.MOBILE)}


def test_a_zone_may_be_dated_and_exclude(tmp_path: Path) -> None:
    text = (
        "zone: europe\nname: EU\nwithout: [FR/mobile]\n"
        "members: {2026-07-01: [DE, FR], 2026-01-01: [DE]}\n"
    )
    zone = load_catalog(write(tmp_path, zones_europe=text)).zones["europe"]

    assert zone.name == "EU"
    assert zone.members.dates == (date(2026, 1, 1), date(2026, 7, 1))
    assert [str(each) for each in zone.members.values[1].members] == ["DE", "FR"]
    assert {str(*version.without) for version in zone.members.values} == {"FR/mobile"}


def test_bands_are_windows_of_the_clock(tmp_path: Path) -> None:
    text = (
        "bands: hours\nlist:\n"
        '  - {id: peak, weekdays: [mon, fri], start: "08:00", end: "19:30", precedence: 10}\n'
        "  - {id: holiday, precedence: 20,"
        " dates: [2026-12-25, {start: 2026-12-31, end: 2027-01-02}]}\n"
        "  - {id: off-peak}\n"
    )
    catalog = load_catalog(write(tmp_path, bands_hours=text))
    peak, holiday, off_peak = catalog.band_sets["hours"].bands

    assert (peak.start, peak.end, peak.precedence) == (28_800, 70_200, 10)
    assert peak.weekdays == {1, 5}
    assert holiday.dates == (
        Period(start=date(2026, 12, 25), end=date(2026, 12, 26)),
        Period(start=date(2026, 12, 31), end=date(2027, 1, 2)),
    )
    assert (off_peak.start, off_peak.end, len(off_peak.weekdays)) == (0, 86_400, 7)


def test_prices_are_exact_to_the_micro(tmp_path: Path) -> None:
    found = rates(tmp_path, "rates: {default: 0.123456, MX: 1, US: 0}\n")

    assert [found[key].terms.values[0].price for key in ("default", "MX", "US")] == [
        123_456,
        1_000_000,
        0,
    ]


def test_a_price_may_be_dated(tmp_path: Path) -> None:
    found = rates(tmp_path, "rates: {default: {2026-07-01: 0.03, 2026-01-01: 0.02}}\n")

    assert found["default"].terms == Dated(
        (
            (date(2026, 1, 1), RateTerms(price=20_000)),
            (date(2026, 7, 1), RateTerms(price=30_000)),
        )
    )


def test_one_amount_of_a_rate_may_be_dated_while_others_last(tmp_path: Path) -> None:
    body = "rates: {default: {price: {2026-01-01: 0.02}, cap: {2026-07-01: 5}, increment: 30/6}}\n"
    terms = rates(tmp_path, body)["default"].terms

    assert terms.entries[0] == (None, RateTerms(increment=Increment(30, 6)))
    assert terms.at(date(2026, 8, 1)) == RateTerms(
        price=20_000, cap=5_000_000, increment=Increment(30, 6)
    )
    assert terms.at(date(2026, 2, 1)) == RateTerms(price=20_000, increment=Increment(30, 6))


def test_whole_terms_may_be_dated_beside_common_ones(tmp_path: Path) -> None:
    body = (
        "rates:\n  default:\n    minimum: 0.02\n"
        "    dated: {2026-01-01: {price: 0.02, increment: 1/1}, 2026-06-01: 0.03}\n"
    )
    terms = rates(tmp_path, body)["default"].terms

    assert terms.at(date(2026, 3, 1)) == RateTerms(
        price=20_000, increment=Increment(1, 1), minimum=20_000
    )
    assert terms.at(date(2026, 6, 1)) == RateTerms(price=30_000, minimum=20_000)


def test_bands_have_terms_of_their_own(tmp_path: Path) -> None:
    hours = "bands: hours\nlist: [{id: peak, start: '08:00', precedence: 1}, {id: off-peak}]\n"
    write(tmp_path, bands_hours=hours)
    body = (
        "bands: hours\nrates:\n  default:\n    increment: 6/6\n"
        "    bands: {peak: 0.05, off-peak: {price: 0.03, increment: 60/1}}\n"
    )
    entry = rates(tmp_path, body)["default"]

    assert entry.terms == Dated.always(RateTerms(increment=Increment(6, 6)))
    assert dict(entry.by_band) == {
        "peak": Dated.always(RateTerms(price=50_000)),
        "off-peak": Dated.always(RateTerms(price=30_000, increment=Increment(60, 1))),
    }


def test_a_rate_remembers_where_it_was_written(tmp_path: Path) -> None:
    found = rates(tmp_path, "rates:\n  default: 0.10\n  +5255: 0.02\n")

    span = found["+5255"].span
    assert (span.line, span.column) == (5, 3)
    assert span.file.endswith("rates/standard.yaml")


def test_a_plan_says_all_it_can_say(tmp_path: Path) -> None:
    write(tmp_path, zones_europe="zone: europe\nmembers: [DE, FR]\n")
    text = """plan: basic
name: Basic
kind: region-specific
summary: All there is.
sold: {start: 2026-01-01, end: 2027-01-01}
fee: {2026-01-01: 15.00, 2026-07-01: 16.00}
one-time: {activation: 5.00}
intro: {cycles: 3, fee: 9.99}
billing: {cycle: 28 days, fee: in-arrears, usage: in-advance, minimum-spend: 2.50}
switching: {proration: second, allowance: full, upgrade: cycle-end, downgrade: none}
allowances:
  - id: favourite
    minutes: unlimited
    to: [chosen/mobile]
    limits: {all: [{minutes-per-day: 360}]}
  - {id: texts, calls: 10, to: [US]}
  - {id: credit, money: 2.50, to: [default]}
choose: [europe]
rates: standard
overrides: {MX/mobile: 0.04}
coverage: [default]
restrictions:
  - {id: closed, block: [satellite], reason: Not served.}
surcharges:
  - {id: cuba, to: [CU], per-minute: 0.20, per-call: 0.10, reason: Extra.}
volumes:
  - id: bulk
    to: [IN]
    model: graduated
    free: 5
    tiers: [{up-to: 100, price: 0.02}, {price: 0.01, flat: 1}]
  - {id: packs, to: [CN], model: package, unit: calls, package: {size: 10, price: 1.00}}
commitment: {cycles: 12, early-termination: remaining-fees}
rounding: {each: call, to: 0.0001, mode: up}
"""
    plan = load_catalog(write(tmp_path, plans_basic=text)).plan("basic")

    assert plan.fee.at(date(2026, 8, 1)) == 16_000_000
    assert plan.sold == Period(start=date(2026, 1, 1), end=date(2027, 1, 1))
    assert plan.one_time == (("activation", 5_000_000),)
    assert plan.intro is not None
    assert (plan.intro.cycles, plan.intro.fee) == (3, 9_990_000)
    assert plan.billing.length == CycleLength(unit=CycleUnit.DAY, count=28)
    assert (plan.billing.fee_in_advance, plan.billing.usage_in_advance) == (False, True)
    assert plan.billing.minimum_spend == Dated.always(2_500_000)
    assert (plan.switching.proration, plan.switching.downgrade) == ("second", "none")
    assert [(each.unit, each.amount) for each in plan.allowances] == [
        (AllowanceUnit.SECONDS, None),
        (AllowanceUnit.CALLS, 10),
        (AllowanceUnit.MICROS, 2_500_000),
    ]
    assert plan.allowances[0].limits.needs_all
    assert plan.allowances[0].limits.limits[0].amount == 21_600
    assert plan.choose_from == (parse_selector("europe"),)
    assert plan.overrides[0].terms == Dated.always(RateTerms(price=40_000))
    assert plan.coverage == (parse_selector("default"),)
    assert plan.restrictions[0].kind is RestrictionKind.BLOCK
    assert (plan.surcharges[0].per_minute, plan.surcharges[0].per_call) == (200_000, 100_000)
    assert plan.volumes[0].tiers[1].up_to is None
    assert (plan.volumes[1].model, plan.volumes[1].package_size) == (VolumeModel.PACKAGE, 10)
    assert plan.commitment is not None
    assert plan.commitment.early_termination == "remaining-fees"
    assert plan.rounding.step_micros == 100


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("restrictions: [{id: a, block: [CU], reason: No.}]\ncoverage: [US, CU]\n", []),
        ("coverage: [+5255]\n", ["no-rate"]),
        ("coverage: [US]\nsurcharges: [{id: a, to: [US], per-call: 1}]\n", []),
        ("surcharges: [{id: a, to: [CU], per-call: 1}]\n", ["no-rate"]),
        ("overrides: {CU: {cap: 1}}\n", ["rate-without-price"]),
        ("overrides: {US: {cap: 1}, CU: 0.5}\n", []),
        ("allowances: [{id: a, minutes: 9, to: [CU]}]\n", ["allowance-without-rate"]),
        ("allowances: [{id: a, minutes: unlimited, to: [CU]}]\n", []),
        ("allowances: [{id: a, money: 9, to: [CU]}]\n", ["allowance-without-rate"]),
    ],
)
def test_what_a_plan_promises_has_a_price(tmp_path: Path, more: str, expected: list[str]) -> None:
    write(tmp_path, rates_standard=HEAD + "rates: {US: 0.01}\n", plans_basic=BASIC + more)

    assert codes(tmp_path) == expected


def test_a_deck_of_prefixes_reaches_the_countries_they_lead_to(tmp_path: Path) -> None:
    write(
        tmp_path,
        rates_standard=HEAD + "rates: {+52: 0.02, +5255: 0.03}\n",
        plans_basic=BASIC + "coverage: [MX, +525555]\n",
    )

    assert codes(tmp_path) == []


def test_zones_that_overlap_later_are_ambiguous(tmp_path: Path) -> None:
    write(
        tmp_path,
        zones_one="zone: one\nmembers: [DE]\n",
        zones_two="zone: two\nmembers: {2026-01-01: [FR], 2027-01-01: [FR, DE]}\n",
        rates_standard=HEAD + "rates: {default: 1, one: 0.02, two: 0.03, DE/fixed: 0.01}\n",
    )

    assert "ambiguous-selector" in codes(tmp_path)


def test_a_line_of_a_zone_is_more_specific_than_another_zone(tmp_path: Path) -> None:
    write(
        tmp_path,
        zones_one="zone: one\nmembers: [DE]\n",
        zones_two="zone: two\nmembers: [FR, DE]\n",
        rates_standard=HEAD + "rates: {default: 1, one/mobile: 0.02, two: 0.03}\n",
    )

    assert codes(tmp_path) == []


def test_files_may_be_called_other_than_their_ids(tmp_path: Path) -> None:
    write(tmp_path, plans_renamed=BASIC.replace("basic", "other"))

    assert set(load_catalog(tmp_path).plans) == {"basic", "other"}


def test_importing_the_library_imports_no_yaml_and_no_schema() -> None:
    script = (
        "import sys, plan_rules, plan_rules.loading;"
        "print(sorted({'yaml', 'jsonschema', 'referencing'} & set(sys.modules)))"
    )

    done = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    )

    assert done.stdout.strip() == "[]"


def test_a_catalog_without_faults_needs_no_jsonschema() -> None:
    script = (
        "import sys; from plan_rules.loading import *;"
        "load_catalog(sample_catalog_path()); print('jsonschema' in sys.modules)"
    )

    done = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    )

    assert done.stdout.strip() == "False"


def test_an_issue_is_told_once(tmp_path: Path) -> None:
    write(tmp_path, zones_a="zone: a\nmembers: {2026-01-01: [DE], 2027-01-01: [FR]}\n")
    write(tmp_path, plans_basic=BASIC.replace("rates: standard\n", ""))

    issues: tuple[Issue, ...] = check_catalog(tmp_path).issues

    assert len({(each.span, each.code) for each in issues}) == len(issues)
    assert "no-rate" in {each.code for each in issues}


def test_an_allowance_behind_one_that_blocks_is_never_used(tmp_path: Path) -> None:
    plan = (
        "plan: basic\nname: Basic\nkind: pay-per-minute\nfee: 0\nrates: standard\nallowances:\n"
        "  - {id: first, minutes: 10, to: [DE], priority: 1, when-used-up: block}\n"
        "  - {id: second, minutes: 100, to: [DE], priority: 2}\n"
    )
    loaded = check_catalog(write(tmp_path, plans_basic=plan))
    assert [(each.code, each.span.line) for each in loaded.issues] == [("unreachable-allowance", 8)]


BANDS = (
    "bands: clock\nlist:\n"
    "  - {id: day, start: '08:00', end: '18:00', precedence: 1}\n  - {id: rest}\n"
)
TIMED = (
    "plan: basic\nname: Basic\nkind: pay-per-minute\nfee: 0\nrates: standard\nallowances:\n"
    "  - {id: some, minutes: 10, to: [DE], hours: {bands: NAMED, within: [WITHIN]}}\n"
)


@pytest.mark.parametrize(
    ("bands", "within", "codes"),
    [
        ("clock", "rest", []),
        ("clocks", "rest", ["unknown-bands"]),
        ("clock", "rests", ["unknown-band"]),
    ],
)
def test_hours_of_an_allowance_are_looked_up(
    tmp_path: Path, bands: str, within: str, codes: list[str]
) -> None:
    plan = TIMED.replace("NAMED", bands).replace("WITHIN", within)
    loaded = check_catalog(write(tmp_path, plans_basic=plan, bands_clock=BANDS))
    assert [each.code for each in loaded.issues] == codes


def test_an_allowance_with_hours_needs_a_rate_for_the_others(tmp_path: Path) -> None:
    plan = (
        TIMED.replace("NAMED", "clock").replace("WITHIN", "rest").replace("rates: standard\n", "")
    )
    plan = plan.replace("minutes: 10", "minutes: unlimited")
    loaded = check_catalog(write(tmp_path, plans_basic=plan, bands_clock=BANDS))
    assert "allowance-without-rate" in [each.code for each in loaded.issues]
