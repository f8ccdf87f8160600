"""Call files: every row becomes a call or a reported row; nothing is dropped in silence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from zoneinfo import ZoneInfo

from plan_rules.destinations.number import normalise_number
from plan_rules.errors import InvalidValue, PlanRulesError
from plan_rules.periods import epoch_seconds, local_moment, time_zone
from plan_rules.usage.call import Call, whole_seconds
from plan_rules.usage.readers.presets import FIELDS, Preset, preset_named
from plan_rules.usage.readers.rows import Row, rows_of

RAW_SHOWN = 120
MAX_SECONDS = 31 * 86_400
"""The longest call believed, in seconds: a month. Longer is a fault of the file."""

PROGRESS_EVERY = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRow:
    """A row that could not be read: its place, a stable code, and a reason with the remedy.

    `line` counts from 1; for a JSON array it counts the items.
    """

    file: str
    line: int
    code: str
    reason: str
    raw: str

    def __str__(self) -> str:
        """Return `file:line: reason`."""
        return f"{self.file}:{self.line}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFile:
    """What a call file holds: `rows` is the number of calls plus the number of rejected rows.

    Calls of 0 seconds, which nobody answered, are among the calls and counted in `unanswered`.
    """

    calls: tuple[Call, ...]
    rejected: tuple[RejectedRow, ...]

    @property
    def rows(self) -> int:
        """Rows read."""
        return len(self.calls) + len(self.rejected)

    @property
    def unanswered(self) -> int:
        """Calls of 0 seconds."""
        return sum(call.seconds == 0 for call in self.calls)


class CallsRejected(PlanRulesError, ValueError):
    """A file with rows that cannot be read was to be read strictly; `rejected` holds them all."""

    def __init__(self, rejected: Iterable[RejectedRow]) -> None:
        """Keep every rejected row."""
        self.rejected = tuple(rejected)
        super().__init__(f"{len(self.rejected)} row(s) cannot be read; first: {self.rejected[0]}")


class UnreadableFile(PlanRulesError, OSError):
    """A file that is not there, is a folder, or may not be read."""

    def __init__(self, *, path: Path, reason: str) -> None:
        """Keep the path and the system's word for it."""
        self.path = path
        self.reason = reason
        super().__init__(f"cannot read {path}: {reason}")


@dataclass(frozen=True, slots=True)
class _Refused(Exception):
    code: str
    reason: str


def read_calls(
    path: Path | str,
    *,
    preset: str = "generic",
    columns: Mapping[str, str] | None = None,
    home: str | None = None,
    zone: str | None = None,
    strict: bool = False,
    progress: Callable[[int], None] | None = None,
) -> CallFile:
    """Return the calls of a file (CSV, JSON array, JSON lines; also gzipped).

    `preset` names the dialect; `columns` maps fields (`start`, `number`, `seconds`,
    `customer_id`) to other column names. Numbers are completed to E.164 as dialed in the
    country `home`. A timestamp without an offset is taken in `zone`; of an hour that the clock
    repeats in autumn the first is meant, an hour that it skips in spring is a fault. Durations
    with a fraction are rounded up to a second. `progress` is told the number of rows so far.

    Raises `UnreadableFile`, `UnknownId` for an unknown preset, `InvalidValue` for an unknown
    field, home or zone, and if a needed column is missing; with `strict`, `CallsRejected` if
    any row cannot be read.
    """
    dialect = _with_columns(preset_named(preset), columns)
    local = time_zone(zone) if zone else None
    place = Path(path)
    calls: list[Call] = []
    rejected: list[RejectedRow] = []
    try:
        for count, row in enumerate(rows_of(place, dialect), start=1):
            try:
                calls.append(_call(row, dialect, home=home, zone=local))
            except _Refused as fault:
                rejected.append(
                    RejectedRow(
                        file=str(path),
                        line=row.line,
                        code=fault.code,
                        reason=fault.reason,
                        raw=row.raw[:RAW_SHOWN],
                    )
                )
            if progress is not None and count % PROGRESS_EVERY == 0:
                progress(count)
    except OSError as error:
        raise UnreadableFile(path=place, reason=error.strerror or str(error)) from error
    if strict and rejected:
        raise CallsRejected(rejected)
    return CallFile(calls=tuple(calls), rejected=tuple(rejected))


def _with_columns(preset: Preset, columns: Mapping[str, str] | None) -> Preset:
    for name in columns or ():
        if name not in FIELDS:
            raise InvalidValue(name="columns", value=name, expected=f"one of {', '.join(FIELDS)}")
    mapped = {name: (column,) for name, column in (columns or {}).items()}
    return replace(preset, columns={**preset.columns, **mapped}) if mapped else preset


def _call(row: Row, preset: Preset, *, home: str | None, zone: ZoneInfo | None) -> Call:
    if row.fault:
        raise _Refused(row.code, row.fault)
    seconds = _seconds(_field(row, preset, "seconds"))
    start_text = _field(row, preset, "start", needed=not preset.fallback_start)
    if preset.answered is not None:
        column, value = preset.answered
        if row.columns.get(column, "") != value:
            seconds = 0
    if not start_text:
        start_text = row.columns.get(preset.fallback_start, "")
    start = _start(start_text, zone)
    dialed = _field(row, preset, "number")
    try:
        number = normalise_number(dialed, home=home)
    except InvalidValue as fault:
        if fault.name == "home":
            raise
        raise _Refused("bad-number", f"number `{dialed}`: expected {fault.expected}") from None
    return Call(start, number, seconds, _field(row, preset, "customer_id", needed=False))


def _field(row: Row, preset: Preset, name: str, *, needed: bool = True) -> str:
    for column in preset.columns.get(name, ()):
        if column in row.columns:
            value = row.columns[column].strip()
            if value or not needed:
                return value
    if needed:
        raise _Refused("missing-field", f"the row has no {name}; every call needs one")
    return ""


def _seconds(text: str) -> int:
    try:
        seconds = whole_seconds(Decimal(text))
    except (InvalidOperation, InvalidValue):
        reason = f"duration `{text[:40]}`: expected a number of seconds, 0 or more"
        raise _Refused("bad-duration", reason) from None
    if seconds > MAX_SECONDS:
        reason = f"duration `{text[:40]}`: longer than a month; is it in milliseconds?"
        raise _Refused("bad-duration", reason)
    return seconds


def _start(text: str, zone: ZoneInfo | None) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        reason = f"start `{text[:40]}`: expected a timestamp such as 2026-03-01T18:30:00-05:00"
        raise _Refused("bad-start", reason) from None
    if moment.tzinfo is not None:
        return moment
    if zone is None:
        reason = f"start `{text}` has no offset; declare the time zone of the file"
        raise _Refused("naive-start", reason)
    aware = moment.replace(tzinfo=zone)
    if local_moment(epoch_seconds(aware), zone=zone).replace(tzinfo=None) != moment.replace(
        microsecond=0
    ):
        reason = f"start `{text}`: the clock of {zone.key} skipped this hour"
        raise _Refused("skipped-hour", reason)
    return aware
