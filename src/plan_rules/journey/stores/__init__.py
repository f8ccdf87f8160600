"""Where subscriptions and journeys are kept: one protocol, in memory or in an SQL database.

The one idea: what belongs together is kept in one act or not at all. A store knows no plan and
no price; it keeps events, answers to idempotency keys, and the text of journeys, and it notices
when what it kept was damaged. SQLAlchemy comes with the extra `store` and is imported only when
a database is opened.
"""

from plan_rules.errors import MissingExtra
from plan_rules.journey.stores.memory import MemoryStore
from plan_rules.journey.stores.store import (
    Commit,
    Committed,
    DamagedState,
    Draft,
    KeyReused,
    StaleVersion,
    Store,
    StoreUnavailable,
)

DEFAULT_URL = "sqlite:///plan-rules.db"
"""A file in the working directory."""


def open_store(url: str = DEFAULT_URL) -> Store:
    """Return the store in a database, with its tables made if they are not there yet.

    `url` is `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/DATABASE`.

    Raises `MissingExtra` without the extra `store`, `InvalidValue` for another URL,
    `StoreUnavailable` for a database that cannot be reached or was made by another version.
    """
    try:
        from plan_rules.journey.stores.sql import SqlStore  # noqa: PLC0415  brings SQLAlchemy
    except ImportError as error:
        raise MissingExtra(extra="store", package="SQLAlchemy") from error
    return SqlStore.open(url)


__all__ = [
    "DEFAULT_URL",
    "Commit",
    "Committed",
    "DamagedState",
    "Draft",
    "KeyReused",
    "MemoryStore",
    "StaleVersion",
    "Store",
    "StoreUnavailable",
    "open_store",
]
