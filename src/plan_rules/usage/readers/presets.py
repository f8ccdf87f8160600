"""The dialects of call files: which column means what. Tables first, code second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from plan_rules.errors import InvalidValue, UnknownId, did_you_mean

FIELDS = ("start", "number", "seconds", "customer_id")
"""What a call file can tell of a call; the first three are needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A column that says what became of a call, by the words it may hold, in lower case.

    A call is as long as its row says if the word is in `answered`, 0 seconds long if it is in
    `unanswered`, and not yet to be priced if it is in `unfinished`.
    """

    column: str
    answered: frozenset[str]
    unanswered: frozenset[str]
    unfinished: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One dialect.

    `columns` gives, for each field, the column names that may hold it, in order of preference;
    the fields in `needed` must be in every row. `header` lists the columns of a file that has
    no header line; those from position `optional_from` on may be missing. `fallback_start`
    names the column used where the start is empty, as for a call nobody answered. A row whose
    column `direction` holds a word in `incoming` is a call the customer received.
    """

    id: str
    meaning: str
    columns: Mapping[str, tuple[str, ...]]
    needed: tuple[str, ...] = FIELDS[:3]
    header: tuple[str, ...] = ()
    optional_from: int = 0
    status: Status | None = None
    fallback_start: str = ""
    direction: str = ""
    incoming: frozenset[str] = frozenset()

    def with_columns(self, columns: Mapping[str, str]) -> Preset:
        """Return the dialect with fields in other columns; each of these must then be there.

        Raises `InvalidValue` for a field that calls do not have.
        """
        for name in columns:
            if name not in FIELDS:
                hint = did_you_mean(name, FIELDS)
                expected = f"a field: {', '.join(FIELDS)}" + (f"; {hint}" if hint else "")
                raise InvalidValue(name="columns", value=name, expected=expected)
        named = {name: (column_name(column),) for name, column in columns.items()}
        return replace(
            self,
            columns=MappingProxyType({**self.columns, **named}),
            needed=tuple(dict.fromkeys((*self.needed, *named))),
        )


def column_name(text: str) -> str:
    """Return the name of a column as it is compared: `Customer ID` is `customer_id`."""
    return "_".join(text.lower().replace("-", " ").replace("_", " ").split())


GENERIC = Preset(
    id="generic",
    meaning="A header line (or JSON keys) with start, number, seconds and, if wanted, customer_id.",
    columns=MappingProxyType(
        {
            "start": ("start", "start_time", "answered_at", "answer_time", "answer"),
            "number": ("number", "destination", "dst", "called_number", "to"),
            "seconds": ("seconds", "billsec", "duration_seconds", "duration"),
            "customer_id": ("customer_id", "customer"),
        }
    ),
)

ASTERISK = Preset(
    id="asterisk",
    meaning=(
        "Asterisk's Master.csv (module cdr_csv): no header, 16 columns, then up to five that "
        "cdr.conf may add. Times are the server's local time unless cdr.conf says usegmtime."
    ),
    header=(
        "accountcode",
        "src",
        "dst",
        "dcontext",
        "clid",
        "channel",
        "dstchannel",
        "lastapp",
        "lastdata",
        "start",
        "answer",
        "end",
        "duration",
        "billsec",
        "disposition",
        "amaflags",
        "uniqueid",
        "userfield",
        "peeraccount",
        "linkedid",
        "sequence",
    ),
    optional_from=16,
    columns=MappingProxyType({"start": ("answer",), "number": ("dst",), "seconds": ("billsec",)}),
    status=Status(
        column="disposition",
        answered=frozenset({"answered"}),
        unanswered=frozenset({"no answer", "busy", "failed", "congestion", "unknown"}),
    ),
    fallback_start="start",
)

FREESWITCH = Preset(
    id="freeswitch",
    meaning=(
        "FreeSWITCH's Master.csv (module mod_cdr_csv) in its templates example, snom or linksys: "
        "no header, 15 to 20 columns. Times are the server's local time."
    ),
    header=(
        "caller_id_name",
        "caller_id_number",
        "destination_number",
        "context",
        "start_stamp",
        "answer_stamp",
        "end_stamp",
        "duration",
        "billsec",
        "hangup_cause",
        "uuid",
        "bleg_uuid",
        "accountcode",
        "read_codec",
        "write_codec",
        "sip_user_agent",
        "more_1",
        "more_2",
        "more_3",
        "more_4",
    ),
    optional_from=15,
    columns=MappingProxyType(
        {
            "start": ("answer_stamp",),
            "number": ("destination_number",),
            "seconds": ("billsec",),
        }
    ),
    fallback_start="start_stamp",
)

TWILIO = Preset(
    id="twilio",
    meaning=(
        "Call resources of Twilio's REST API as JSON: a page of the list, an array, or one "
        "resource a line. Calls the customer received are rejected rows."
    ),
    columns=MappingProxyType(
        {"start": ("start_time",), "number": ("to",), "seconds": ("duration",)}
    ),
    status=Status(
        column="status",
        answered=frozenset({"completed"}),
        unanswered=frozenset({"busy", "failed", "no-answer", "canceled"}),
        unfinished=frozenset({"queued", "initiated", "ringing", "in-progress"}),
    ),
    fallback_start="date_created",
    direction="direction",
    incoming=frozenset({"inbound", "trunking-originating"}),
)

PRESETS: Mapping[str, Preset] = MappingProxyType(
    {preset.id: preset for preset in (GENERIC, ASTERISK, FREESWITCH, TWILIO)}
)
"""Every dialect by its id."""


def preset_named(preset_id: str) -> Preset:
    """Return a preset; raise `UnknownId` with the closest known ids."""
    try:
        return PRESETS[preset_id]
    except KeyError:
        raise UnknownId(kind="preset", value=preset_id, known=PRESETS) from None
