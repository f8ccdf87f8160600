"""A store in an SQL database: SQLite in a file, or PostgreSQL.

Every call is one transaction. A commit checks the key and the version, and the primary keys of
the tables check them again: whatever two hosts see, the database lets one of them in. On SQLite
a writing transaction takes the file's write lock at its beginning, so that it waits instead of
failing at its end.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    Executable,
    create_engine,
    event,
    func,
    insert,
    make_url,
    select,
    update,
)
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DBAPIError,
    IntegrityError,
    OperationalError,
    ProgrammingError,
)

from plan_rules.errors import InvalidValue, MissingExtra
from plan_rules.journey.stores import tables
from plan_rules.journey.stores.rows import (
    AnswerRow,
    DraftRow,
    EventRow,
    answer_of,
    answer_row,
    draft_of,
    draft_row,
    event_rows,
    events_of,
)
from plan_rules.journey.stores.store import (
    Commit,
    Committed,
    DamagedState,
    Draft,
    KeyReused,
    StaleVersion,
    StoreUnavailable,
)
from plan_rules.switching.events import Event

WRITES = "plan_rules_writes"
WAIT_SECONDS = 30
"""How long a writer waits for another one before the store counts as unavailable."""

PAUSE_SECONDS = 0.01
"""How long between two looks at a new file that another host is making."""

TRIES = 3
"""A commit that another one overtook looks again; then it knows what to answer."""


class SqlStore:
    """A `Store` in a database, opened by `SqlStore.open`."""

    def __init__(self, engine: Engine) -> None:
        """Keep an engine whose database has the tables."""
        self._engine = engine

    @classmethod
    def open(cls, url: str) -> SqlStore:
        """Return the store of a database URL, with its tables made if they are not there."""
        store = cls(_engine(_known_url(url)))
        try:
            with store._transaction(writes=True) as connection:
                tables.prepare(connection)
        except BaseException:
            store.close()
            raise
        return store

    def close(self) -> None:
        """Close every connection; the store may be used again and opens new ones."""
        self._engine.dispose()

    def events(self, subscription_id: str) -> tuple[Event, ...]:
        """Return all events of a subscription in order, none if it is not known."""
        kept, given = tables.events.c, tables.answers.c
        with self._transaction() as connection:
            # The answers first: a commit between the two reads adds events, and never takes any.
            answered = connection.execute(
                select(func.max(given.version)).where(given.subscription_id == subscription_id)
            ).scalar()
            found = connection.execute(
                select(kept.sequence, kept.text, kept.digest)
                .where(kept.subscription_id == subscription_id)
                .order_by(kept.sequence)
            ).all()
        rows = [EventRow(*row) for row in found]
        return events_of(subscription_id, rows, answered=answered or 0)

    def answer(self, subscription_id: str, key: str) -> Committed | None:
        """Return what a key was answered with, or `None`."""
        with self._transaction() as connection:
            row = _answer(connection, subscription_id, key)
        return None if row is None else answer_of(subscription_id, row, is_repeated=True)

    def commit(self, commit: Commit) -> Committed:
        """Keep all of a commit and return it, or return what its key was answered with before."""
        for _ in range(TRIES):
            try:
                with self._transaction(writes=True) as connection:
                    return _commit(connection, commit)
            except _Overtaken:
                continue
        raise StoreUnavailable(reason="it is too busy", remedy="try again")

    def save(self, draft: Draft) -> Draft:
        """Keep a journey alone, and return it with its new revision."""
        for _ in range(TRIES):
            try:
                with self._transaction(writes=True) as connection:
                    _save(connection, draft)
                return replace(draft, revision=draft.revision + 1)
            except _Overtaken:
                continue
        raise StoreUnavailable(reason="it is too busy", remedy="try again")

    def saved(self, id: str) -> Draft | None:  # noqa: A002  the id of what is saved
        """Return a journey as it was saved last, or `None`."""
        kept = tables.journeys.c
        query = select(kept.id, kept.revision, kept.text, kept.digest).where(kept.id == id)
        with self._transaction() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else draft_of(DraftRow(*row))

    @contextmanager
    def _transaction(self, *, writes: bool = False) -> Iterator[Connection]:
        """Give a connection within one transaction; faults of the database become our own."""
        name = self._engine.url.render_as_string(hide_password=True)
        try:
            with self._engine.execution_options(**{WRITES: writes}).begin() as connection:
                yield connection
        except IntegrityError as error:
            raise _Overtaken from error
        except (OperationalError, ProgrammingError) as error:
            raise _unavailable(name, error) from error
        except DatabaseError as error:
            raise DamagedState(place=f"database {name}", fact=str(error.orig)) from error
        except DBAPIError as error:
            raise _unavailable(name, error) from error


class _Overtaken(Exception):
    """Another transaction kept a row of the same key first; nothing of this one is kept."""


def _commit(connection: Connection, commit: Commit) -> Committed:
    owner = commit.subscription_id
    kept = tables.events.c
    last = connection.execute(
        select(kept.sequence, kept.digest)
        .where(kept.subscription_id == owner)
        .order_by(kept.sequence.desc())
        .limit(1)
    ).one_or_none()
    version, before = (0, "") if last is None else (last.sequence, last.digest)
    # The key after the version: whoever moved the version on may have answered this key.
    known = _answer(connection, owner, commit.key)
    if known is not None:
        if known.request != commit.request:
            raise KeyReused(subscription_id=owner, key=commit.key)
        return answer_of(owner, known, is_repeated=True)
    if version != commit.version:
        raise StaleVersion(kind="subscription", id=owner, expected=commit.version, found=version)
    answer = answer_row(commit)
    _add(connection, insert(tables.answers), [{"subscription_id": owner, **asdict(answer)}])
    rows = event_rows(commit, before=before)
    _add(
        connection,
        insert(tables.events),
        [{"subscription_id": owner, **asdict(row)} for row in rows],
    )
    if commit.draft is not None:
        _save(connection, commit.draft)
    return answer_of(owner, answer, is_repeated=False)


def _add(connection: Connection, statement: Executable, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(statement, rows)


def _answer(connection: Connection, subscription_id: str, key: str) -> AnswerRow | None:
    given = tables.answers.c
    row = connection.execute(
        select(given.key, given.request, given.version, given.result, given.digest)
        .where(given.subscription_id == subscription_id)
        .where(given.key == key)
    ).one_or_none()
    return None if row is None else AnswerRow(*row)


def _save(connection: Connection, draft: Draft) -> None:
    row = asdict(draft_row(draft))
    kept = tables.journeys.c
    if draft.revision:
        moved = connection.execute(
            update(tables.journeys)
            .where(kept.id == draft.id)
            .where(kept.revision == draft.revision)
            .values(**row)
        ).rowcount
        if moved:
            return
    found = connection.execute(select(kept.revision).where(kept.id == draft.id)).scalar()
    if draft.revision or found is not None:
        raise StaleVersion(kind="journey", id=draft.id, expected=draft.revision, found=found or 0)
    connection.execute(insert(tables.journeys).values(**row))


def _known_url(url: str) -> URL:
    try:
        known = make_url(url)
    except ArgumentError:
        known = None
    if known is not None and known.drivername == "postgresql":
        known = known.set(drivername="postgresql+psycopg")
    dialects = {"sqlite", "postgresql+psycopg"}
    if known is None or known.drivername not in dialects or not known.database:
        shown = "(not shown)" if "@" in url else url
        raise InvalidValue(
            name="url",
            value=shown,
            expected="sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE",
        )
    return known


def _engine(url: URL) -> Engine:
    is_file = url.get_backend_name() == "sqlite"
    try:
        engine = create_engine(
            url,
            pool_pre_ping=not is_file,
            connect_args={"timeout": WAIT_SECONDS} if is_file else {},
        )
    except ImportError as error:
        raise MissingExtra(extra="store", package="psycopg") from error
    if is_file:
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
    """Let transactions begin where we say, and be on the disk when they end."""
    connection.isolation_level = None
    _write_ahead(connection)
    connection.execute("PRAGMA synchronous = FULL")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Let readers go on beside a writer: a log of writes, which the file keeps once it has it.

    Only one connection can give it to a new file, and SQLite tells the others at once that the
    file is locked, without the wait that it keeps for every other statement.
    """
    last = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > last:
                raise
            time.sleep(PAUSE_SECONDS)
        else:
            return


def _on_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _unavailable(name: str, error: DBAPIError) -> StoreUnavailable:
    return StoreUnavailable(
        reason=f"{name}: {str(error.orig).strip()}",
        remedy="see that the database is there, has its tables, and is not locked",
    )
