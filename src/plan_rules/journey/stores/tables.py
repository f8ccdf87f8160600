"""The tables of an SQL store, and the triggers that keep events and answers from being changed."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    insert,
    inspect,
    select,
    text,
)

from plan_rules.journey.stores.store import LONGEST_ID, StoreUnavailable

TABLES_VERSION = 1
"""Of the tables below; a store made by another version is not touched."""

LOCK = 7_223_316_901
"""The PostgreSQL advisory lock under which tables are made, so that two hosts make them once."""

metadata = MetaData()

made = Table("plan_rules_store", metadata, Column("version", Integer, primary_key=True))

events = Table(
    "plan_rules_events",
    metadata,
    Column("subscription_id", String(LONGEST_ID), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    PrimaryKeyConstraint("subscription_id", "sequence"),
)
"""Two commits from one version want the same sequence: the key lets one of them in."""

answers = Table(
    "plan_rules_answers",
    metadata,
    Column("subscription_id", String(LONGEST_ID), nullable=False),
    Column("key", String(LONGEST_ID), nullable=False),
    Column("request", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("result", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    PrimaryKeyConstraint("subscription_id", "key"),
)

journeys = Table(
    "plan_rules_journeys",
    metadata,
    Column("id", String(LONGEST_ID), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("digest", String(64), nullable=False),
)

NEVER_CHANGED = (events, answers)

POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION plan_rules_never_changed() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'rows of this table are never changed'; END $$
"""
POSTGRES_TRIGGER = """
CREATE TRIGGER {table}_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION plan_rules_never_changed()
"""
SQLITE_TRIGGER = """
CREATE TRIGGER {table}_never_{act} BEFORE {act} ON {table}
BEGIN SELECT RAISE(ABORT, 'rows of this table are never changed'); END
"""


def prepare(connection: Connection) -> None:
    """Make the tables within the connection's transaction, if they are not there yet."""
    is_postgres = connection.dialect.name == "postgresql"
    if is_postgres:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    if not inspect(connection).has_table(made.name):
        metadata.create_all(connection)
        for statement in _triggers(is_postgres=is_postgres):
            connection.execute(text(statement))
        connection.execute(insert(made).values(version=TABLES_VERSION))
    found = connection.execute(select(made.c.version)).scalar()
    if found != TABLES_VERSION:
        raise StoreUnavailable(
            reason=f"its tables are of version {found}, not {TABLES_VERSION}",
            remedy="use the version of plan_rules that made it, or another database",
        )


def _triggers(*, is_postgres: bool) -> list[str]:
    if is_postgres:
        each = [POSTGRES_TRIGGER.format(table=table.name) for table in NEVER_CHANGED]
        return [POSTGRES_FUNCTION, *each]
    return [
        SQLITE_TRIGGER.format(table=table.name, act=act)
        for table in NEVER_CHANGED
        for act in ("update", "delete")
    ]
