"""What happened to a subscription, in order: facts that are added and never changed.

An `Event` is an envelope (its place in the order, the day it takes effect, the instant it was
recorded) around one `Change`. Replaying the events gives the subscription; nothing is kept
beside them. What must live here: the facts. How a subscription changes by them is said in
`subscription`, how they come about in `commands` and `confirming`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from plan_rules.catalog.plan import EarlyTermination
from plan_rules.errors import InvalidValue
from plan_rules.periods import Cycle, CycleLength, epoch_seconds
from plan_rules.switching.counter import Counter, Spent
from plan_rules.switching.line import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """An introductory price as it was promised: `fee_micros` for `cycles` cycles, `used` so far."""

    fee_micros: int
    cycles: int
    used: int = 0

    def __post_init__(self) -> None:
        """Refuse a promise of nothing, and more cycles used than promised."""
        if self.fee_micros < 0 or self.cycles < 1:
            raise InvalidValue(
                name="cycles", value=self.cycles, expected="at least 1, a fee of 0 up"
            )
        if not 0 <= self.used <= self.cycles:
            raise InvalidValue(name="used", value=self.used, expected=f"0 to {self.cycles}")

    @property
    def left(self) -> int:
        """Cycles that the promotion still lasts."""
        return self.cycles - self.used


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A minimum term: from `start` to `end` (exclusive), and what leaving before costs.

    `cycles` is how long it was agreed for, `early_termination` the formula, with the
    `amount_micros` it reads or the device's `device_micros`, which falls to 0 in
    `device_months` steps.
    """

    start: date
    end: date
    cycles: int
    early_termination: EarlyTermination = EarlyTermination.NONE
    amount_micros: int | None = None
    device_micros: int | None = None
    device_months: int | None = None

    def __post_init__(self) -> None:
        """Refuse a term that holds no day."""
        if self.end <= self.start or self.cycles < 1:
            raise InvalidValue(
                name="end", value=self.end.isoformat(), expected=f"a date after {self.start}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class OnPlan:
    """Being on a plan: since when, with which country chosen, promotion and minimum term."""

    plan_id: str
    since: date
    chosen_country: str = ""
    promotion: Promotion | None = None
    term: Term | None = None

    @property
    def promotion_left(self) -> int:
        """Cycles that the introductory price still lasts."""
        return 0 if self.promotion is None else self.promotion.left


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """What billing cycles are cut from: the customer's `anchor`, a `length`, or the calendar."""

    anchor: date
    length: CycleLength = field(default_factory=CycleLength)
    calendar: bool = False

    @property
    def origin(self) -> date:
        """The day that cycles are counted from: the anchor, or the first of its month."""
        return self.anchor.replace(day=1) if self.calendar else self.anchor


@dataclass(frozen=True, slots=True, kw_only=True)
class Activated:
    """The subscription began, on its first plan; the first charge is an event of its own."""

    subscription_id: str
    customer_id: str
    currency: str
    zone: str
    on_plan: OnPlan
    grid: Grid
    cycle: Cycle
    counters: tuple[Counter, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """A cycle, or the first part of one, was charged.

    `counters` are those of a cycle that begins; they are empty of use.
    """

    cycle: Cycle
    lines: tuple[Line, ...]
    counters: tuple[Counter, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Switched:
    """The plan changed, with the lines that the quote had pinned.

    `key` is the idempotency key it was confirmed with, `quote_id` the quote. `undoes` is the
    sequence of the switch that this one undoes on its own day, or 0. `spent` are the allowances
    of all earlier plans of the cycle.
    """

    on_plan: OnPlan
    grid: Grid
    cycle: Cycle
    lines: tuple[Line, ...]
    counters: tuple[Counter, ...] = ()
    spent: tuple[Spent, ...] = ()
    quote_id: str = ""
    key: str = ""
    undoes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """A switch was agreed for a later day, `on`; it replaces one that was agreed before.

    `lines` are what the quote pinned: its charges are charged as they stand, what is given
    back is counted again on that day by what was paid by then.
    """

    on: date
    on_plan: OnPlan
    grid: Grid
    cycle: Cycle
    policy: str
    lines: tuple[Line, ...]
    quote_id: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleCancelled:
    """The switch that was agreed for a later day will not take place."""

    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    """Service stopped; the unused days that were paid for are given back by `lines`."""

    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """Service goes on; the minimum term, if any, is longer by the days of the pause."""

    cycle: Cycle
    lines: tuple[Line, ...] = ()
    counters: tuple[Counter, ...] = ()
    spent: tuple[Spent, ...] = ()
    term: Term | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """The subscription ends on the day the event takes effect, which is not served any more."""

    lines: tuple[Line, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credited:
    """The account was credited `gross_micros`, above 0, outside of any plan."""

    gross_micros: int
    reason: str

    def __post_init__(self) -> None:
        """Refuse to credit nothing."""
        if self.gross_micros < 1:
            raise InvalidValue(name="gross_micros", value=self.gross_micros, expected="above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageCounted:
    """How far the current cycle's allowances were used, by all calls before `until`.

    The counters are whole, not steps: counting twice does no harm. `usage_micros` is what the
    calls of the current plan in this cycle cost beyond its fee, net as priced.
    """

    until: datetime
    counters: tuple[Counter, ...]
    calls: int = 0
    usage_micros: int = 0

    def __post_init__(self) -> None:
        """Refuse a naive instant."""
        epoch_seconds(self.until)


Change = (
    Activated
    | Charged
    | Switched
    | Scheduled
    | ScheduleCancelled
    | Paused
    | Resumed
    | Cancelled
    | Credited
    | UsageCounted
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One change: `sequence` counts from 1 without gaps, `effective` is a local day.

    `recorded` is the aware instant it was written down, passed in by the host.
    """

    sequence: int
    effective: date
    recorded: datetime
    change: Change

    def __post_init__(self) -> None:
        """Refuse a place below the first, and a naive instant."""
        if self.sequence < 1:
            raise InvalidValue(name="sequence", value=self.sequence, expected="1 or more")
        if self.recorded.utcoffset() is None:
            raise InvalidValue(
                name="recorded",
                value=self.recorded.isoformat(),
                expected="a timestamp with a time zone or UTC offset",
            )


def lines_of(change: Change) -> tuple[Line, ...]:
    """Return the lines that a change moves money by; a switch agreed for later moves none."""
    match change:
        case Charged() | Switched() | Paused() | Resumed() | Cancelled():
            return change.lines
        case Activated() | Scheduled() | ScheduleCancelled() | Credited() | UsageCounted():
            return ()
