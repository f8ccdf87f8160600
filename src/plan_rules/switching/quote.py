"""A switch quote: what a switch costs on a day, pinned line by line, and what to compare it to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from plan_rules.assessment.eligibility import Reason, Requirement
from plan_rules.money import Money
from plan_rules.periods import Cycle
from plan_rules.switching.counter import Counter
from plan_rules.switching.events import Grid, OnPlan
from plan_rules.switching.line import Line
from plan_rules.switching.payment import Settlement
from plan_rules.switching.share import Share


class Moment(StrEnum):
    """The named days a switch can be asked for: today, the next cycle, the end of the commitment.

    `cheapest-day` is the day, among those the policy allows, with the lowest total.
    """

    NOW = "now"
    NEXT_CYCLE = "next-cycle"
    END_OF_COMMITMENT = "end-of-commitment"
    CHEAPEST_DAY = "cheapest-day"


class Direction(StrEnum):
    """Which plan has the higher fee a year: the new one, the present one, or neither."""

    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"
    CROSSGRADE = "crossgrade"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOption:
    """A day the switch could take effect on.

    `moments` are its names, none for a day without one. `lines_micros` is what the switch moves
    on that day, tax included. `total_micros` is what the customer pays from the day of the
    quote to the end of the comparison: fees of both plans, the lines of the switch and expected
    usage, tax included, rounded half up once. `is_allowed` says whether the switch policy
    allows the day.
    """

    on: date
    moments: tuple[Moment, ...]
    lines_micros: int
    total_micros: int
    is_allowed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Days to switch on, compared by all that is paid from `start` to `end` (exclusive).

    `options` are the day of the quote and the named moments, in the order of days; `cheapest`
    is the day with the lowest total among all allowed days up to `searched_until` (inclusive),
    the earliest of equals, `None` if the policy allows none. `stay_micros` is the total without
    a switch. `history_cycles` counts the cycles of the new plan that the usage forecast rests
    on: 0 means that no usage is in it.
    """

    start: date
    end: date
    searched_until: date
    options: tuple[DayOption, ...]
    cheapest: DayOption | None
    stay_micros: int
    history_cycles: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedBill:
    """The bill of a `cycle` to come, tax included: its fee, and the usage that is expected."""

    cycle: Cycle
    fee_micros: int
    usage_micros: int

    @property
    def total_micros(self) -> int:
        """Fee and expected usage."""
        return self.fee_micros + self.usage_micros


class WarningKind(StrEnum):
    """What a customer should know before a switch."""

    CANNOT_COME_BACK = "cannot-come-back"
    COMMITMENT_STARTS = "commitment-starts"
    COMMITMENT_LEFT = "commitment-left-early"
    INTRO_LOST = "intro-price-lost"
    INTRO_DENIED = "intro-price-denied"
    ALLOWANCE_OVER = "allowance-used-up"
    SCHEDULE_REPLACED = "scheduled-switch-replaced"
    CYCLE_MOVES = "cycle-moves"
    RULE = "rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchWarning:
    """One warning, in plain words; `reason` says which rule speaks, if one does."""

    kind: WarningKind
    text: str
    reason: Reason | None = None


class TermKind(StrEnum):
    """What a sentence of the terms is about."""

    FEE = "fee"
    INTRO = "intro"
    ONE_TIME = "one-time"
    CYCLE = "cycle"
    COMMITMENT = "commitment"
    ALLOWANCE = "allowance"
    FAIR_USE = "fair-use"
    OVERAGE = "overage"
    RESTRICTION = "restriction"
    SURCHARGE = "surcharge"
    VOLUME = "volume"
    MINIMUM_SPEND = "minimum-spend"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenTerm:
    """One sentence to read aloud before the switch is confirmed."""

    kind: TermKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchQuote:
    """What one customer pays to switch on one day, pinned until `valid_until`.

    `lines` are what will be charged and given back on `effective`, no matter what was
    forecast; `settlement` says how they are paid: that is the first bill. `next_bill` is the
    one after it, `steady_bill` that of a whole cycle once promotions are past. `on_plan`,
    `grid` and `cycle` are where the customer stands afterwards, `share` is what is left of that
    cycle, `counters` say how much of each allowance it then includes and what of it was used
    before. `catalog_digest` and `subscription_version` are what the quote was made from (events
    that only count usage do not count); `digest` covers everything said, and the `id` is made
    from it.
    """

    id: str
    digest: str
    customer_id: str
    subscription_id: str
    subscription_version: int
    catalog_digest: str
    currency: str
    quoted: datetime
    valid_until: datetime
    effective: date
    policy: str
    direction: Direction
    on_plan: OnPlan
    grid: Grid
    cycle: Cycle
    share: Share
    lines: tuple[Line, ...]
    settlement: Settlement
    counters: tuple[Counter, ...]
    next_bill: ExpectedBill
    steady_bill: ExpectedBill
    comparison: Comparison
    requirements: tuple[Requirement, ...] = ()
    warnings: tuple[SwitchWarning, ...] = ()
    terms: tuple[SpokenTerm, ...] = ()
    undoes: int = 0
    from_plan: str

    @property
    def to(self) -> str:
        """The id of the new plan."""
        return self.on_plan.plan_id

    @property
    def net_micros(self) -> int:
        """The sum of the lines without tax."""
        return sum(line.net_micros for line in self.lines)

    @property
    def gross_micros(self) -> int:
        """The sum of the lines with tax; below 0 it becomes account credit."""
        return self.settlement.gross_micros

    @property
    def due(self) -> Money:
        """What the customer pays on the effective day beyond their account credit."""
        return Money(self.settlement.due_micros, self.currency)
