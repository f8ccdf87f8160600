"""From the texts of a row to a call; what cannot be read is refused with its remedy."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

from plan_rules.destinations.number import normalise_number
from plan_rules.errors import InvalidValue
from plan_rules.periods import epoch_seconds, local_moment
from plan_rules.usage.call import LAST_EPOCH, Call, whole_seconds
from plan_rules.usage.readers.presets import Preset
from plan_rules.usage.readers.row import Row

MAX_SECONDS = 31 * 86_400
"""The longest call believed, in seconds: a month. Longer is a fault of the file."""

SHOWN = 40
SECONDS = re.compile(r"\d{1,15}(\.\d{0,15})?", re.ASCII)
ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) ?(Z|z|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII,
)
RFC_2822 = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d:\d\d:\d\d) (GMT|UTC|[+-]\d{4})",
    re.ASCII,
)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Refused(Exception):
    """A row that is no call: a stable `code` and the `reason` with its remedy."""

    def __init__(self, code: str, reason: str) -> None:
        """Keep both."""
        self.code = code
        self.reason = reason
        super().__init__(reason)


def call_of(row: Row, preset: Preset, *, home: str | None, zone: ZoneInfo | None) -> Call:
    """Return the call that a row describes; raise `Refused` if it describes none."""
    if row.code:
        raise Refused(row.code, row.fault)
    _outgoing(row, preset)
    answered = _is_answered(row, preset)
    seconds = _seconds(_text(row, preset, "seconds")) if answered else 0
    start = _text(row, preset, "start", needed=not preset.fallback_start)
    if not start and preset.fallback_start:
        start = row.columns.get(preset.fallback_start, "").strip()
    number = _number(_text(row, preset, "number"), home)
    customer = _text(row, preset, "customer_id", needed="customer_id" in preset.needed)
    return Call(start=_start(start, zone), number=number, seconds=seconds, customer_id=customer)


def shown(text: str, *, limit: int = SHOWN) -> str:
    """Return the beginning of a text, without what could disturb a terminal."""
    cut = text if len(text) <= limit else text[: limit - 1] + "\u2026"
    return "".join(each if each.isprintable() else "\ufffd" for each in cut)


def _text(row: Row, preset: Preset, name: str, *, needed: bool = True) -> str:
    """Return the text of a field, from the first of its columns that the row has."""
    columns = preset.columns.get(name, ())
    text = ""
    for column in columns:
        if column in row.columns:
            text = row.columns[column].strip()
            break
    if needed and not text:
        given = [column for column in columns if column in row.columns][:1] or columns
        wanted = " or ".join(f"`{column}`" for column in given)
        raise Refused("missing-field", f"`{name}` is empty; give every call a value in {wanted}")
    return text


def _outgoing(row: Row, preset: Preset) -> None:
    if not preset.direction:
        return
    word = row.columns.get(preset.direction, "").strip()
    if not word:
        reason = f"`{preset.direction}` is empty; it says whether the customer made the call"
        raise Refused("missing-field", reason)
    if word.lower() in preset.incoming:
        reason = f"`{preset.direction}` is `{word}`: the customer received the call; leave it out"
        raise Refused("incoming-call", reason)


def _is_answered(row: Row, preset: Preset) -> bool:
    """Whether the row's seconds count. A word nobody knows is refused: 0 would be a guess."""
    if preset.status is None:
        return True
    status = preset.status
    word = row.columns.get(status.column, "").strip()
    if word.lower() in status.answered | status.unanswered:
        return word.lower() in status.answered
    if word.lower() in status.unfinished:
        reason = f"`{status.column}` is `{word}`: the call goes on; export it when it has ended"
        raise Refused("unfinished-call", reason)
    known = ", ".join(sorted(status.answered | status.unanswered))
    reason = f"`{status.column}` is `{shown(word)}`; expected one of {known}"
    raise Refused("unknown-status", reason)


def _number(dialed: str, home: str | None) -> str:
    try:
        return normalise_number(dialed, home=home)
    except InvalidValue as fault:
        reason = f"`number` is `{shown(dialed)}`; expected {fault.expected}"
        raise Refused("bad-number", reason) from None


def _seconds(text: str) -> int:
    if not SECONDS.fullmatch(text):
        reason = f"`seconds` is `{shown(text)}`; expected a number of seconds such as 95 or 95.2"
        raise Refused("bad-seconds", reason)
    seconds = whole_seconds(min(Decimal(text), Decimal(MAX_SECONDS + 1)))
    if seconds > MAX_SECONDS:
        reason = f"`seconds` is `{shown(text)}`, more than a month; convert milliseconds to seconds"
        raise Refused("bad-seconds", reason)
    return seconds


def _start(text: str, zone: ZoneInfo | None) -> datetime:
    """Return an aware moment of the years 1970 to 2199, exact to the microsecond."""
    try:
        moment = _parsed(text)
    except ValueError:
        moment = None
    if moment is None or not 1970 <= moment.year <= 2199:  # noqa: PLR2004  said in the reason
        reason = (
            f"`start` is `{shown(text)}`; expected a timestamp from 1970 to 2199 such as "
            "2026-03-01T18:30:00-05:00"
        )
        raise Refused("bad-start", reason)
    if moment.tzinfo is None:
        moment = _in_zone(moment, text, zone)
    if not 0 <= epoch_seconds(moment) < LAST_EPOCH:
        raise Refused("bad-start", f"`start` is `{text}`; expected 1970 to 2199 in UTC")
    return moment


def _in_zone(moment: datetime, text: str, zone: ZoneInfo | None) -> datetime:
    """Return a wall clock of `zone`: the first of a repeated hour, none of a skipped one."""
    if zone is None:
        reason = f"`start` is `{text}`, without an offset; declare the file's time zone (--zone)"
        raise Refused("naive-start", reason)
    aware = moment.replace(tzinfo=zone)
    wall = local_moment(epoch_seconds(aware), zone=zone)
    if wall.replace(tzinfo=None) != moment.replace(microsecond=0):
        reason = (
            f"`start` is `{text}`, an hour that the clock of {zone.key} skipped; "
            "check the file's time zone (--zone)"
        )
        raise Refused("skipped-hour", reason)
    return aware


def _parsed(text: str) -> datetime | None:
    """Return the moment of an ISO 8601 or RFC 2822 timestamp; `ValueError` if there is no such."""
    iso = ISO.fullmatch(text)
    if iso:
        day, clock, offset = iso.groups()
        whole, _, fraction = clock.partition(".")
        moment = datetime.fromisoformat(f"{day}T{whole}")
        moment = moment.replace(microsecond=int(fraction[:6].ljust(6, "0")))
        return moment.replace(tzinfo=_offset(offset)) if offset else moment
    mail = RFC_2822.fullmatch(text)
    if mail:
        day, month, year, clock, offset = mail.groups()
        number = MONTHS.index(month) + 1
        moment = datetime.fromisoformat(f"{year}-{number:02}-{int(day):02}T{clock}")
        return moment.replace(tzinfo=_offset(offset))
    return None


def _offset(text: str) -> timezone:
    digits = text[1:].replace(":", "").ljust(4, "0")
    if not digits.isdigit() or text[0] not in "+-":
        return UTC
    hours, minutes = int(digits[:2]), int(digits[2:])
    if minutes > 59:  # noqa: PLR2004  minutes of an hour
        raise ValueError(text)
    away = timedelta(hours=hours, minutes=minutes)
    return timezone(-away if text[0] == "-" else away)
