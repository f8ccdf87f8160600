"""A new database that another host is making is waited for, and not for ever."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from plan_rules.journey.stores import StoreUnavailable, open_store, sql


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def maker(path: Path) -> Iterator[sqlite3.Connection]:
    """Return a connection that writes: nobody else may give the file a log meanwhile."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("CREATE TABLE made (id INTEGER)")
    yield connection
    connection.close()


def test_a_file_is_opened_when_its_maker_is_done(path: Path, maker: sqlite3.Connection) -> None:
    done = threading.Timer(0.2, maker.execute, ["COMMIT"])
    done.start()
    store = open_store(f"sqlite:///{path}")
    done.join()
    assert store.events("sub-1") == ()
    store.close()
    assert sqlite3.connect(path).execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.usefixtures("maker")
def test_a_file_that_stays_locked_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "WAIT_SECONDS", 0.05)
    with pytest.raises(StoreUnavailable, match="locked"):
        open_store(f"sqlite:///{path}")
