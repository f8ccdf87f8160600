"""The Arrow tables that go in and come out, and what their columns may be.

Incoming columns may be of several types each; `accepted` says which. Outgoing columns have
one. The words are those of the call files and of the JSON documents.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pyarrow as pa

from plan_rules.batch.intake.buffers import is_text
from plan_rules.errors import PlanRulesError, did_you_mean

types = pa.types


class WrongSchema(PlanRulesError, ValueError):
    """A table lacks a needed column, or one has a type that cannot be read.

    `table` names the table, `column` the column, `given` its type (empty: it is not there),
    `expected` what would have been right.
    """

    def __init__(self, *, table: str, column: str, given: str, expected: str) -> None:
        """Keep the facts; the sentence is made from them."""
        self.table = table
        self.column = column
        self.given = given
        self.expected = expected
        found = f"is {given}" if given else "is missing"
        super().__init__(f"{table}: column `{column}` {found}; expected {expected}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What a column may be: `is_fine` says whether it can be read, `words` which types can.

    `kind` is the type that is read fastest. A column that is not `needed` may be left out.
    """

    kind: pa.DataType
    is_fine: Callable[[pa.DataType], bool]
    words: str
    meaning: str
    needed: bool = True


def _is_integer_or_text(kind: pa.DataType) -> bool:
    return bool(types.is_integer(kind)) or is_text(kind)


def _is_date_or_text(kind: pa.DataType) -> bool:
    return bool(types.is_date(kind)) or is_text(kind)


def _is_instant(kind: pa.DataType) -> bool:
    return is_text(kind) or bool(types.is_timestamp(kind) and kind.tz)


def _is_duration(kind: pa.DataType) -> bool:
    is_number = types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind)
    return bool(is_number or types.is_duration(kind)) or is_text(kind)


CALLS: Mapping[str, Accepted] = {
    "customer_id": Accepted(
        kind=pa.int64(),
        is_fine=_is_integer_or_text,
        words="whole numbers or texts",
        meaning="whose call it is; an id of the customers table",
    ),
    "start": Accepted(
        kind=pa.timestamp("s", "UTC"),
        is_fine=_is_instant,
        words="timestamps with a time zone, of any unit, or texts in ISO 8601 with an offset",
        meaning="when it was answered, 1970 to 2199; less than a second is cut off",
    ),
    "number": Accepted(
        kind=pa.int64(),
        is_fine=_is_integer_or_text,
        words="whole numbers (the digits) or texts such as +525512345678",
        meaning="the number dialed, E.164: 5 to 15 digits, country code first",
    ),
    "seconds": Accepted(
        kind=pa.int32(),
        is_fine=_is_duration,
        words="numbers of seconds, durations of any unit, or texts such as 95.2",
        meaning="how long it lasted, up to 31 days; a started second counts as a whole one",
    ),
}
"""The columns of calls; others are not read."""

CUSTOMERS: Mapping[str, Accepted] = {
    "customer_id": Accepted(
        kind=pa.int64(),
        is_fine=_is_integer_or_text,
        words="whole numbers or texts",
        meaning="the operator's id of the customer, each once",
    ),
    "home": Accepted(
        kind=pa.string(), is_fine=is_text, words="texts", meaning="an ISO country code"
    ),
    "zone": Accepted(
        kind=pa.string(),
        is_fine=is_text,
        words="texts",
        meaning="the IANA time zone in which days and cycles are counted",
    ),
    "anchor": Accepted(
        kind=pa.date32(),
        is_fine=_is_date_or_text,
        words="dates or texts such as 2026-01-31",
        meaning="the date billing cycles are cut from, 1900 to 2199",
    ),
    "plan": Accepted(
        kind=pa.string(),
        is_fine=is_text,
        words="texts",
        meaning="the id of the present plan, or empty",
        needed=False,
    ),
    "since": Accepted(
        kind=pa.date32(),
        is_fine=_is_date_or_text,
        words="dates or texts such as 2026-01-31",
        meaning="the day the present plan began",
        needed=False,
    ),
    "chosen_country": Accepted(
        kind=pa.string(),
        is_fine=is_text,
        words="texts",
        meaning="the country chosen, where the plan asks for one, or empty",
        needed=False,
    ),
}
"""The columns of customers. Columns named `facts.NAME` hold the operator's own facts; any other
column is refused, so that a misspelt one is not lost."""

FACTS = "facts."

REJECTED = pa.schema(
    [
        pa.field("table", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("row_group", pa.int32(), nullable=False),
        pa.field("row", pa.int64(), nullable=False),
        pa.field("code", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("customer_id", pa.string()),
        pa.field("value", pa.string()),
        pa.field("seconds", pa.int64()),
    ]
)
"""Rows that could not be read: `table` is `calls` or `customers`, `source` the file or
`stream`, `row_group` and `row` count from 0 (in a file without row groups all rows are in group
0), `value` is the beginning of what is at fault, `seconds` the duration where it can be read."""


def check_columns(
    found: pa.Schema, expected: Mapping[str, Accepted], *, table: str, others: bool
) -> None:
    """Refuse a table without a needed column, or with one that cannot be read.

    Where there may be no `others`, a column that is none of the expected is refused too, save
    facts. Raises `WrongSchema`.
    """
    for name, accepted in expected.items():
        index = found.get_all_field_indices(name)
        if not index and not accepted.needed:
            continue
        given = str(found.field(index[0]).type) if len(index) == 1 else "there twice"
        if not index:
            near = did_you_mean(name, found.names)
            words = accepted.words + (f"; {near}" if near else "")
            raise WrongSchema(table=table, column=name, given="", expected=words)
        if len(index) > 1 or not accepted.is_fine(_plain(found.field(index[0]).type)):
            raise WrongSchema(table=table, column=name, given=given, expected=accepted.words)
    for name in () if others else found.names:
        if name not in expected and not name.startswith(FACTS):
            near = did_you_mean(name, (*expected, FACTS))
            words = f"one of {', '.join(expected)}, or {FACTS}NAME" + (f"; {near}" if near else "")
            raise WrongSchema(table=table, column=name, given="not known", expected=words)


def _plain(kind: pa.DataType) -> pa.DataType:
    """Return the type of the values of a dictionary or run-end encoded column."""
    if types.is_dictionary(kind) or types.is_run_end_encoded(kind):
        return kind.value_type
    return kind
