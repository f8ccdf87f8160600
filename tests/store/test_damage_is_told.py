"""What was damaged behind a store's back is refused by name, and never read as something else."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy

from plan_rules.errors import InvalidValue
from plan_rules.journey.stores import (
    DamagedState,
    Draft,
    Store,
    StoreUnavailable,
    open_store,
)
from tests.store.subscriptions import beginning, credit

Vandal = Callable[[str], None]


@pytest.fixture
def vandal(url: str) -> Vandal:
    """Return somebody who takes the triggers away and does as they like."""
    engine = sqlalchemy.create_engine(url)

    def run(statement: str) -> None:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                for table in ("plan_rules_events", "plan_rules_answers"):
                    each = f"ALTER TABLE {table} DISABLE TRIGGER USER"
                    connection.execute(sqlalchemy.text(each))
            else:
                found = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
                for (name,) in connection.execute(sqlalchemy.text(found)).all():
                    connection.execute(sqlalchemy.text(f"DROP TRIGGER {name}"))
            assert connection.execute(sqlalchemy.text(statement)).rowcount
        engine.dispose()

    return run


@pytest.fixture
def filled(url: str) -> Iterator[Store]:
    store = open_store(url)
    store.commit(beginning())
    draft = Draft(id="journey-1", revision=0, text='{"step": "review"}')
    store.commit(credit(1, key="two", count=2, draft=draft))
    store.commit(credit(3, key="four"))
    store.close()
    yield store
    store.close()


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("DELETE FROM plan_rules_events WHERE sequence = 1", "event 1 of"),
        ("DELETE FROM plan_rules_events WHERE sequence = 2", "event 2 of"),
        ("DELETE FROM plan_rules_events WHERE sequence = 4", "event 4 of"),
        ("DELETE FROM plan_rules_events", "event 1 of"),
        ("UPDATE plan_rules_events SET text = '' WHERE sequence = 3", "event 3 of"),
        (
            "UPDATE plan_rules_events SET text = substr(text, 1, 40) WHERE sequence = 2",
            "event 2 of",
        ),
        (
            (
                "UPDATE plan_rules_events SET text = replace(text, '1.00', '9.00') "
                "WHERE sequence = 4"
            ),
            "event 4 of",
        ),
        (
            (
                "UPDATE plan_rules_events SET text = (SELECT text FROM plan_rules_events AS other "
                "WHERE other.sequence = 2) WHERE sequence = 3"
            ),
            "event 3 of",
        ),
    ],
)
def test_damaged_events_are_named(
    filled: Store, vandal: Vandal, statement: str, place: str
) -> None:
    vandal(statement)

    with pytest.raises(DamagedState) as caught:
        filled.events("sub-1")

    assert caught.value.place.startswith(place)
    assert "sub-1" in caught.value.place
    assert "backup" in caught.value.remedy


def test_a_damaged_answer_is_named(filled: Store, vandal: Vandal) -> None:
    vandal("UPDATE plan_rules_answers SET result = 'free of charge' WHERE key = 'two'")

    with pytest.raises(DamagedState) as caught:
        filled.answer("sub-1", "two")
    assert "two" in caught.value.place
    with pytest.raises(DamagedState):
        filled.commit(credit(1, key="two", count=2))


def test_a_damaged_journey_is_named(filled: Store, vandal: Vandal) -> None:
    vandal("UPDATE plan_rules_journeys SET text = substr(text, 1, 5)")

    with pytest.raises(DamagedState) as caught:
        filled.saved("journey-1")
    assert caught.value.place == "journey 'journey-1'"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE plan_rules_events SET text = 'x'",
        "DELETE FROM plan_rules_events",
        "UPDATE plan_rules_answers SET result = 'x'",
        "DELETE FROM plan_rules_answers",
    ],
)
def test_events_and_answers_are_never_changed(filled: Store, url: str, statement: str) -> None:
    engine = sqlalchemy.create_engine(url)
    with pytest.raises(sqlalchemy.exc.DBAPIError), engine.begin() as connection:
        connection.execute(sqlalchemy.text(statement))
    engine.dispose()

    assert len(filled.events("sub-1")) == 4


def test_a_store_of_another_version_is_not_touched(filled: Store, url: str, vandal: Vandal) -> None:
    vandal("UPDATE plan_rules_store SET version = 99")

    with pytest.raises(StoreUnavailable) as caught:
        open_store(url)
    assert "99" in caught.value.reason
    assert filled.events("sub-1")


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear Ada,\n" * 100, "utf-8")

    with pytest.raises(DamagedState) as caught:
        open_store(f"sqlite:///{file}")
    assert "letter.txt" in caught.value.place
    assert file.read_text("utf-8").startswith("Dear")


def test_a_database_cut_short_is_told(sqlite_url: str, tmp_path: Path) -> None:
    store = open_store(sqlite_url)
    store.commit(beginning())
    for version in range(1, 40):
        store.commit(credit(version, key=f"key-{version}"))
    store.close()
    file = tmp_path / "store.db"
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])

    with pytest.raises((DamagedState, StoreUnavailable)), closing(open_store(sqlite_url)) as cut:
        cut.events("sub-1")


def test_a_database_that_cannot_be_reached_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        open_store(f"sqlite:///{tmp_path / 'nowhere' / 'store.db'}")
    assert "database" in caught.value.remedy

    with pytest.raises(StoreUnavailable) as caught:
        open_store("postgresql://ada:secret@127.0.0.1:1/plans")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://ada:secret@localhost/plans", "sqlite://", "postgresql://"]
)
def test_a_url_of_no_store_is_refused(url: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        open_store(url)
    assert caught.value.name == "url"
    assert "secret" not in str(caught.value)
