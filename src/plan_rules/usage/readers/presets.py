"""The dialects of call files: which column means what. Tables first, code second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from plan_rules.errors import UnknownId

FIELDS = ("start", "number", "seconds", "customer_id")
"""What a call file can tell of a call; the first three are needed."""

NEEDED = FIELDS[:3]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One dialect.

    `columns` gives, for each field, the column names that may hold it, in order of preference.
    `header` lists the columns of a file that has no header line; the columns from position
    `optional_from` on may be missing. `answered` names a column and its one value for a call
    that was answered; any other value makes it a call of 0 seconds. `fallback_start` names the
    column used where the start is empty, as for a call nobody answered.
    """

    id: str
    columns: Mapping[str, tuple[str, ...]]
    header: tuple[str, ...] = ()
    optional_from: int = 0
    answered: tuple[str, str] | None = None
    fallback_start: str = ""
    meaning: str = ""
    known: frozenset[str] = field(default_factory=frozenset)


GENERIC = Preset(
    id="generic",
    meaning="A header line (or JSON keys) with start, number, seconds and, if wanted, customer_id.",
    columns=MappingProxyType(
        {
            "start": ("start", "answer_time", "answered_at"),
            "number": ("number", "destination", "called_number"),
            "seconds": ("seconds", "duration_seconds", "billsec"),
            "customer_id": ("customer_id",),
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
    answered=("disposition", "ANSWERED"),
    fallback_start="start",
)

PRESETS: Mapping[str, Preset] = MappingProxyType(
    {preset.id: preset for preset in (GENERIC, ASTERISK)}
)


def preset_named(preset_id: str) -> Preset:
    """Return a preset; raise `UnknownId` with the closest known ids."""
    try:
        return PRESETS[preset_id]
    except KeyError:
        raise UnknownId(kind="preset", value=preset_id, known=PRESETS) from None
