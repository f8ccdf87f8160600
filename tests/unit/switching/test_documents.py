from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from plan_rules.catalog import Commitment, EarlyTermination, Intro
from plan_rules.loading import schemas_path
from plan_rules.money import Money
from plan_rules.rules.effect import ProofKind
from plan_rules.switching import (
    DamagedDocument,
    Eligibility,
    Moment,
    Reason,
    Requirement,
    Subscription,
    cancel,
    cancel_schedule,
    count_usage,
    credit_account,
    parsed_document,
    pause,
    quote_document,
    read_quote,
    read_subscription,
    resume,
    subscription_document,
)
from tests.unit.switching.subscribers import (
    call_on,
    catalog_of,
    charged,
    confirmed,
    minutes,
    noon,
    plan_of,
    quoted,
    subscriber,
    tax_of,
)

MAY = date(2026, 5, 1)
FIXED = Commitment(cycles=6, early_termination=EarlyTermination.FIXED, amount=30_000_000)
CATALOG = catalog_of(
    plan_of(
        "small",
        10_000_000,
        allowances=(minutes("all", 100),),
        intro=Intro(cycles=2, fee=4_990_000),
        commitment=FIXED,
    ),
    plan_of("big", 25_990_000, one_time=(("activation", 5_000_000),)),
    tax=tax_of(10),
)


def schema(name: str) -> Draft202012Validator:
    text = (schemas_path() / f"{name}.schema.json").read_text("utf-8")
    return Draft202012Validator(json.loads(text))


def lived() -> Subscription:
    """Return a subscription to which everything has happened that can."""
    known = subscriber(CATALOG, "small", MAY)
    known = known.after(
        count_usage(
            catalog=CATALOG,
            subscription=known,
            calls=[call_on(date(2026, 5, 3), 30)],
            as_of=noon(date(2026, 5, 10)),
        )
    )
    known = known.after(
        credit_account(
            subscription=known,
            amount=Money(5_000_000, "USD"),
            reason="sorry",
            as_of=noon(date(2026, 5, 10)),
        )
    )
    known = known.after(pause(catalog=CATALOG, subscription=known, as_of=noon(date(2026, 5, 11))))
    known = known.after(resume(catalog=CATALOG, subscription=known, as_of=noon(date(2026, 5, 13))))
    later = quoted(CATALOG, known, "big", date(2026, 5, 14), at=Moment.NEXT_CYCLE)
    known = confirmed(CATALOG, known, later, date(2026, 5, 14), key="later").subscription
    known = known.after(cancel_schedule(subscription=known, as_of=noon(date(2026, 5, 15))))
    now = quoted(CATALOG, known, "big", date(2026, 5, 16))
    known = confirmed(CATALOG, known, now, date(2026, 5, 16), key="now").subscription
    known = charged(CATALOG, known, date(2026, 6, 1))
    later = quoted(CATALOG, known, "small", date(2026, 6, 2), at=Moment.NEXT_CYCLE)
    return confirmed(CATALOG, known, later, date(2026, 6, 2), key="again").subscription


def ended() -> Subscription:
    known = lived()
    return known.after(
        cancel(catalog=CATALOG, subscription=known, as_of=noon(date(2026, 6, 10)), reason="moves")
    )


LIVED = lived()
ENDED = ended()


def written(subscription: Subscription) -> Any:
    return json.loads(json.dumps(subscription_document(subscription)))


@pytest.mark.parametrize("subscription", [LIVED, ENDED], ids=["lived", "ended"])
def test_a_subscription_follows_its_schema_and_is_read_again(subscription: Subscription) -> None:
    document = written(subscription)

    schema("subscription").validate(document)
    assert read_subscription(document) == subscription


def test_every_kind_of_event_is_written() -> None:
    kinds = {event["change"]["kind"] for event in written(ENDED)["events"]}

    assert len(kinds) == 10


def test_every_version_on_the_way_is_read_again() -> None:
    for count in range(1, ENDED.version + 1):
        known = Subscription.replay(ENDED.events[:count])
        assert read_subscription(written(known)) == known


def test_a_quote_follows_its_schema_and_is_read_again() -> None:
    rules = Eligibility(
        required=(
            Requirement(
                id="autopay",
                kind=ProofKind.CONSENT,
                reason=Reason(rule="asks", text="automatic payment"),
            ),
        ),
        warnings=(Reason(rule="homes", text="for homes"),),
    )
    before = replace(LIVED)
    quote = quoted(
        CATALOG,
        before,
        "small",
        date(2026, 6, 3),
        calls=[call_on(date(2026, 3, 1), 10), call_on(date(2026, 5, 20), 10)],
        eligibility=rules,
    )
    document = json.loads(json.dumps(quote_document(quote)))

    schema("switch-quote").validate(document)
    assert read_quote(document) == quote


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of every single value of a document."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from places(each, (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from places(each, (*path, index))
    else:
        yield path


def spoiled(document: Any, path: tuple[str | int, ...], change: Callable[[Any], Any]) -> Any:
    """Return a copy with one value changed."""
    copy = json.loads(json.dumps(document))
    inside = copy
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = change(inside[path[-1]])
    return copy


def other(value: Any) -> Any:
    """Return a value of the same type that is another one."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case str() if value[:4].isdigit() and "T" not in value and value.count("-") == 2:
            return (date.fromisoformat(value) + timedelta(days=1)).isoformat()
        case str():
            return f"{value}1"
        case _:
            return "something"


PATHS = tuple(places(written(ENDED)))


def test_no_single_value_can_be_changed_without_being_noticed() -> None:
    document = written(ENDED)

    assert [path for path in PATHS if _is_read(spoiled(document, path, other))] == []


def _is_read(document: object) -> bool:
    try:
        read_subscription(document)
    except DamagedDocument as error:
        return not (error.field and error.expected and error.remedy)
    return True


def test_no_value_can_be_of_another_type() -> None:
    document = written(ENDED)
    for path in PATHS[:: max(1, len(PATHS) // 300)]:
        with pytest.raises(DamagedDocument):
            read_subscription(spoiled(document, path, lambda _: [1.5]))


@pytest.mark.parametrize("cut", [1, 2, 100, 5000])
def test_a_text_that_is_cut_off_is_refused(cut: int) -> None:
    text = json.dumps(written(LIVED))

    with pytest.raises(DamagedDocument) as caught:
        parsed_document(text[:-cut])

    assert caught.value.field == "$"


def test_a_key_written_twice_is_refused() -> None:
    with pytest.raises(DamagedDocument):
        parsed_document('{"version": 1, "version": 1}')


def test_events_that_are_lost_are_missed() -> None:
    document = written(LIVED)
    document["events"] = document["events"][:-1]

    with pytest.raises(DamagedDocument) as caught:
        read_subscription(document)

    assert caught.value.field == "events"


def test_a_gap_in_the_events_is_named() -> None:
    document = written(LIVED)
    del document["events"][3]

    with pytest.raises(DamagedDocument) as caught:
        read_subscription(document)

    assert caught.value.field == "events[4].sequence"


def test_events_out_of_order_are_named() -> None:
    document = written(LIVED)
    events = document["events"]
    events[2], events[3] = events[3], events[2]

    with pytest.raises(DamagedDocument) as caught:
        read_subscription(document)

    assert caught.value.field == "events[3].sequence"


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("version", 2, "version"),
        ("events", [], "events"),
        ("events", None, "events"),
        ("surplus", 1, "surplus"),
    ],
)
def test_the_outside_of_a_document_is_checked(name: str, value: object, field: str) -> None:
    document = {**written(LIVED), name: value}

    with pytest.raises(DamagedDocument) as caught:
        read_subscription(document)

    assert caught.value.field == field


@pytest.mark.parametrize("value", [None, [], "text", 1])
def test_what_is_no_object_is_refused(value: object) -> None:
    with pytest.raises(DamagedDocument):
        read_subscription(value)
    with pytest.raises(DamagedDocument):
        read_quote(value)


def test_a_quote_that_was_changed_is_refused() -> None:
    quote = quoted(CATALOG, LIVED, "small", date(2026, 6, 3))
    document = json.loads(json.dumps(quote_document(quote)))
    document["lines"][0]["gross"] = "0.01"

    with pytest.raises(DamagedDocument) as caught:
        read_quote(document)

    assert caught.value.field == "digest"


def test_unknown_kinds_of_events_are_refused() -> None:
    document = written(LIVED)
    document["events"][0]["change"]["kind"] = "abolished"

    with pytest.raises(DamagedDocument) as caught:
        read_subscription(document)

    assert caught.value.field == "events[1].change.kind"
