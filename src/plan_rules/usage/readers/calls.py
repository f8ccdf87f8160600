"""Call files: every row becomes a call or a reported row; nothing is dropped in silence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from plan_rules.destinations.countries import countries, country
from plan_rules.errors import InvalidValue, PlanRulesError, did_you_mean
from plan_rules.periods import time_zone
from plan_rules.usage.call import Call
from plan_rules.usage.readers.fields import Refused, call_of, shown
from plan_rules.usage.readers.lines import NotReadable, opened
from plan_rules.usage.readers.presets import preset_named
from plan_rules.usage.readers.rows import rows_of

RAW_SHOWN = 120
PROGRESS_EVERY = 1000
RATING_ORDER = attrgetter("epoch", "number", "seconds", "customer_id")
"""The order of `Call`; as a key it sorts faster than by comparing calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRow:
    """A row that could not be read: its place, a stable code, and a reason with the remedy.

    `line` is the line of the file, counted from 1; `raw` is the beginning of the row.
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
    """What a call file holds: `calls` in the order they are rated, and the rows that are none.

    Calls of 0 seconds, which nobody answered, are among the calls.
    """

    calls: tuple[Call, ...]
    rejected: tuple[RejectedRow, ...]

    @property
    def rows(self) -> int:
        """Rows of the file: its calls and its rejected rows."""
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
    """A file that is not there, may not be read, is empty, or is damaged beyond its rows."""

    def __init__(self, *, path: Path, reason: str) -> None:
        """Keep the path and why it cannot be read."""
        self.path = path
        self.reason = reason
        super().__init__(f"cannot read {path}: {reason}")


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
    """Return the calls of a file: CSV, a JSON array, or JSON lines; also gzipped.

    `preset` names the dialect (see `PRESETS`); `columns` maps fields (`start`, `number`,
    `seconds`, `customer_id`) to columns of other names. Numbers are completed to E.164 as
    dialed in the country `home`. A timestamp without an offset is taken in `zone`; of an hour
    that the clock repeats in autumn the first is meant, an hour that it skips in spring is a
    fault. Durations with a fraction are rounded up to a second. The order of the rows does not
    matter, and rows that are equal are so many calls. `progress` is told the number of rows so
    far, now and then and at the end.

    Raises `UnreadableFile`; `UnknownId` for an unknown preset; `InvalidValue` for an unknown
    field, home or zone, and for a header without a needed column; with `strict`,
    `CallsRejected` if any row cannot be read.
    """
    dialect = preset_named(preset).with_columns(columns or {})
    local = None if zone is None else time_zone(zone)
    if home is not None and country(home) is None:
        hint = did_you_mean(home, countries()) or "such as US"
        raise InvalidValue(name="home", value=home, expected=f"an ISO country code; {hint}")
    place = Path(path)
    calls: list[Call] = []
    rejected: list[RejectedRow] = []
    count = 0
    try:
        with opened(place) as stream:
            for count, row in enumerate(rows_of(stream, name=place.name, preset=dialect), start=1):
                try:
                    calls.append(call_of(row, dialect, home=home, zone=local))
                except Refused as fault:
                    rejected.append(
                        RejectedRow(
                            file=str(path),
                            line=row.line,
                            code=fault.code,
                            reason=fault.reason,
                            raw=shown(row.raw, limit=RAW_SHOWN),
                        )
                    )
                if progress is not None and count % PROGRESS_EVERY == 0:
                    progress(count)
    except NotReadable as error:
        raise UnreadableFile(path=place, reason=error.reason) from error
    except OSError as error:
        raise UnreadableFile(path=place, reason=error.strerror or str(error)) from error
    if progress is not None:
        progress(count)
    if strict and rejected:
        raise CallsRejected(rejected)
    return CallFile(calls=tuple(sorted(calls, key=RATING_ORDER)), rejected=tuple(rejected))
