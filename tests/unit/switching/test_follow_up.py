from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar

from plan_rules.catalog import Commitment, Intro
from plan_rules.errors import InvalidValue, MissingExtra
from plan_rules.switching.ending import cancel
from plan_rules.switching.follow_up import (
    CHANNELS,
    FollowUp,
    FollowUpKind,
    follow_up_calendar,
    follow_ups,
)
from plan_rules.switching.subscription import Subscription
from tests.unit.switching.subscribers import (
    catalog_of,
    charged,
    noon,
    plan_of,
    subscriber,
    switched_to,
)

START, SWITCH = date(2026, 1, 31), date(2026, 3, 10)
DEAR = plan_of(
    "dear",
    20_000_000,
    intro=Intro(cycles=3, fee=9_990_000),
    commitment=Commitment(cycles=12),
)
CATALOG = catalog_of(plan_of("basic", 10_000_000), DEAR)
STAMP = datetime(2026, 3, 10, 12, 30, 15, 999, tzinfo=UTC)


def basic(on: date = SWITCH) -> Subscription:
    return charged(CATALOG, subscriber(CATALOG, "basic", START), on)


def after_switch(**given: object) -> Subscription:
    return switched_to(CATALOG, basic(), "dear", SWITCH, **given)


def on_of(subscription: Subscription, as_of: date = SWITCH) -> dict[str, FollowUp]:
    return {each.kind.value: each for each in follow_ups(subscription, as_of=as_of)}


def test_a_switch_proposes_everything_the_guide_and_the_regulators_ask_for() -> None:
    found = on_of(after_switch())

    assert {kind: (each.on, each.about) for kind, each in found.items()} == {
        "next-bill": (date(2026, 3, 31), date(2026, 3, 31)),
        "satisfaction": (date(2026, 4, 9), SWITCH),
        "intro-end": (date(2026, 5, 21), date(2026, 5, 31)),
        "term-end": (date(2027, 1, 29), date(2027, 3, 10)),
        "best-tariff": (date(2027, 3, 10), date(2027, 3, 10)),
    }
    assert {each.plan_id for each in found.values()} == {"dear"}
    assert {each.since for each in found.values()} == {SWITCH}


def test_an_end_of_contract_notice_is_due_from_40_to_10_days_before() -> None:
    notice = on_of(after_switch())["term-end"]
    assert (notice.about - notice.on).days == 40
    assert (notice.about - notice.until).days == 10


def test_follow_ups_come_by_date() -> None:
    found = follow_ups(after_switch(), as_of=SWITCH)
    assert [each.on for each in found] == sorted(each.on for each in found)


def test_a_plan_without_promise_or_term_has_nothing_to_end() -> None:
    begun = subscriber(CATALOG, "basic", START)
    assert set(on_of(begun, START)) == {"next-bill", "satisfaction", "best-tariff"}


def test_the_full_price_begins_after_the_cycles_promised() -> None:
    subscription = after_switch()
    for month, day in ((4, 1), (5, 1)):
        later = charged(CATALOG, subscription, date(2026, month, day))
        assert on_of(later, date(2026, month, day))["intro-end"].about == date(2026, 5, 31)
    last = charged(CATALOG, subscription, date(2026, 5, 30))
    assert on_of(last, date(2026, 5, 30))["intro-end"].on == date(2026, 5, 30)
    over = charged(CATALOG, subscription, date(2026, 6, 1))
    assert "intro-end" not in on_of(over, date(2026, 6, 1))


def test_a_switch_agreed_for_later_counts_from_its_day() -> None:
    later = date(2026, 3, 31)
    found = on_of(after_switch(on=later))
    assert found["next-bill"].on == date(2026, 4, 30)
    assert found["satisfaction"].on == date(2026, 4, 30)
    assert found["intro-end"].about == date(2026, 6, 30)
    assert found["term-end"].about == date(2027, 3, 31)


def test_windows_that_have_begun_start_today_and_those_over_are_left_out() -> None:
    subscription = charged(CATALOG, after_switch(), date(2027, 2, 15))
    found = on_of(subscription, date(2027, 2, 15))
    assert set(found) == {"term-end", "best-tariff"}
    assert found["term-end"].on == date(2027, 2, 15)
    assert "term-end" not in on_of(subscription, date(2027, 3, 1))


def test_a_best_tariff_check_comes_every_year() -> None:
    subscription = charged(CATALOG, after_switch(), date(2027, 3, 11))
    assert on_of(subscription, date(2027, 3, 10))["best-tariff"].on == date(2027, 3, 10)
    assert on_of(subscription, date(2027, 3, 11))["best-tariff"].on == date(2028, 3, 10)
    assert on_of(subscription, date(2030, 1, 1))["best-tariff"].on == date(2030, 3, 10)


def test_who_has_left_is_left_alone() -> None:
    ended = basic().after(
        cancel(catalog=CATALOG, subscription=basic(), as_of=noon(SWITCH), on=SWITCH)
    )
    assert follow_ups(ended, as_of=SWITCH) == ()


def test_every_kind_has_a_channel_and_a_reason_that_names_its_day() -> None:
    assert set(CHANNELS) == set(FollowUpKind)
    for each in on_of(after_switch()).values():
        assert each.channel in {"call", "message"}
        assert each.reason.endswith(".")
        if each.kind is not FollowUpKind.BEST_TARIFF:
            assert str(each.about) in each.reason


def test_a_window_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(InvalidValue) as caught:
        FollowUp(
            kind=FollowUpKind.TERM_END,
            on=SWITCH,
            until=START,
            about=SWITCH,
            plan_id="dear",
            since=START,
        )
    assert caught.value.name == "until"


def calendar(subscription: Subscription, *, stamped: datetime = STAMP) -> bytes:
    items = follow_ups(subscription, as_of=SWITCH)
    return follow_up_calendar(items, subscription_id="süb-1;,", stamped=stamped)


def test_the_calendar_is_read_back_as_it_was_meant() -> None:
    written = calendar(after_switch())
    read = Calendar.from_ical(written)
    events = list(read.walk("VEVENT"))

    assert read["VERSION"] == "2.0"
    assert len(events) == 5
    for event, item in zip(events, follow_ups(after_switch(), as_of=SWITCH), strict=True):
        assert event.decoded("DTSTART") == item.on
        assert event.decoded("DTEND") == item.on + timedelta(days=1)
        assert event.decoded("DTSTAMP") == datetime(2026, 3, 10, 12, 30, 15, tzinfo=UTC)
        assert str(event["SUMMARY"]).startswith("süb-1;,: ")
        assert item.reason in str(event["DESCRIPTION"])
        assert str(item.until) in str(event["DESCRIPTION"])
        assert event["TRANSP"] == "TRANSPARENT"
        assert event.errors == []
    assert read.errors == []


def test_the_file_keeps_the_form_that_calendars_demand() -> None:
    lines = calendar(after_switch()).split(b"\r\n")
    assert lines[0] == b"BEGIN:VCALENDAR"
    assert lines[-2:] == [b"END:VCALENDAR", b""]
    assert all(len(line) <= 75 for line in lines)
    assert b"\n" not in b"".join(lines)


def test_the_same_follow_ups_give_the_same_bytes_and_lasting_ids() -> None:
    assert calendar(after_switch()) == calendar(after_switch())

    def uids(written: bytes) -> list[str]:
        return [str(event["UID"]) for event in Calendar.from_ical(written).walk("VEVENT")]

    later = STAMP + timedelta(days=1)
    assert uids(calendar(after_switch())) == uids(calendar(after_switch(), stamped=later))
    assert len(set(uids(calendar(after_switch())))) == 5
    other = follow_up_calendar(
        follow_ups(after_switch(), as_of=SWITCH), subscription_id="sub-2", stamped=STAMP
    )
    assert set(uids(other)).isdisjoint(uids(calendar(after_switch())))


def test_a_calendar_needs_an_instant_with_its_zone() -> None:
    with pytest.raises(InvalidValue) as caught:
        calendar(after_switch(), stamped=STAMP.replace(tzinfo=None))
    assert caught.value.name == "stamped"


def test_without_the_extra_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "icalendar", None)
    with pytest.raises(MissingExtra) as caught:
        calendar(after_switch())
    assert (caught.value.extra, caught.value.package) == ("follow-up", "icalendar")
