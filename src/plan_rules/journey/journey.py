"""The state of an agent's way with a customer: a frozen value that a host can store anywhere.

What must live here: the seven steps of the guide, their order, and what each leaves behind. A
step that was taken is a field that is not `None`; the next step is the first one that is. The
functions that take the steps are in `steps`, how the state is kept in `keeping`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from plan_rules.errors import InvalidValue, PlanRulesError
from plan_rules.journey.needs import StatedNeeds
from plan_rules.journey.options import PresentedOption
from plan_rules.switching.follow_up import FollowUp
from plan_rules.switching.quote import SwitchQuote
from plan_rules.tariff.meters import MeterKind


class Step(StrEnum):
    """The steps of the guide, in order; opening the journey is its first, access the account.

    Presenting options and quoting one of them are both the guide's fourth step, and its fifth,
    updating the plan, is where the terms are explained and agreed to.
    """

    REVIEW = "review"
    NEEDS = "needs"
    OPTIONS = "options"
    QUOTE = "quote"
    TERMS = "terms"
    CONFIRM = "confirm"
    FOLLOW_UP = "follow-up"


class OutOfOrder(PlanRulesError):
    """A step was to be taken before the one that comes first, or after the switch is confirmed.

    `step` is the one asked for, `first` the one to take instead, `None` if nothing is left.
    """

    def __init__(self, *, step: Step, first: Step | None) -> None:
        """Keep the step and what comes first."""
        self.step = step
        self.first = first
        remedy = "open a new journey" if first is None else f"take the step `{first}` first"
        super().__init__(f"the step `{step}` cannot be taken now; {remedy}")


class NotPresented(PlanRulesError, LookupError):
    """A plan was to be quoted that is not among the options presented."""

    def __init__(self, *, plan_id: str, presented: tuple[str, ...]) -> None:
        """Keep the plan and what was presented."""
        self.plan_id = plan_id
        self.presented = presented
        super().__init__(
            f"plan `{plan_id}` was not presented; present the options again, or choose one of "
            f"{', '.join(presented)}"
        )


class OtherSubscription(PlanRulesError, ValueError):
    """A step was given another subscription or customer than the journey is about."""

    def __init__(self, *, field: str, expected: str, given: str) -> None:
        """Keep whom the journey is about and who was given."""
        self.field = field
        self.expected = expected
        self.given = given
        super().__init__(f"`{field}` is {given!r}; the journey is about {expected!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedCycle:
    """A cycle the agent looked at, or a part of one: its calls, and what it came to with tax."""

    plan_id: str
    start: date
    end: date
    is_over: bool
    calls: int
    seconds: int
    total_micros: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedAllowance:
    """How an allowance of the open cycle stood: amounts in `unit`, `None` where unlimited."""

    id: str
    unit: MeterKind
    used: int
    left: int | None
    overage: int
    projected: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """The present plan with its usage and billing history, as it stood at `as_of`."""

    as_of: datetime
    plan_id: str
    subscription_version: int
    cycles: tuple[ReviewedCycle, ...]
    allowances: tuple[ReviewedAllowance, ...]
    projected_total_micros: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """The options as they were presented at `as_of`, in order of rank."""

    as_of: datetime
    options: tuple[PresentedOption, ...]

    def __post_init__(self) -> None:
        """Refuse to present nothing."""
        if not self.options:
            raise InvalidValue(name="options", value=(), expected="at least one plan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """The customer heard the terms of a quote and agreed; `consents` are the ids they gave."""

    as_of: datetime
    quote_id: str
    consents: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the customer is told once the switch is confirmed.

    `effective` is the day the plan changes; `is_scheduled` says that it is still to come. What
    the pro-rated lines come to with tax is `gross_micros`; `due_micros` of it is to pay and
    `credit_after_micros` stands on the account afterwards. `version` is the subscription's.
    """

    quote_id: str
    key: str
    subscription_id: str
    version: int
    from_plan: str
    to: str
    currency: str
    effective: date
    is_scheduled: bool
    gross_micros: int
    due_micros: int
    credit_after_micros: int
    confirmed: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """One way with one customer. `revision` counts how often it was kept, from 0.

    `opened` is when the account was accessed, `agent` who did. Every field after that belongs
    to one step and is `None` until it is taken; `follow_ups` is empty where nothing is to do.
    """

    id: str
    subscription_id: str
    customer_id: str
    agent: str
    opened: datetime
    revision: int = 0
    reviewed: Reviewed | None = None
    needs: StatedNeeds | None = None
    presented: Presented | None = None
    quote: SwitchQuote | None = None
    agreed: Agreed | None = None
    receipt: Receipt | None = None
    follow_ups: tuple[FollowUp, ...] | None = None

    def __post_init__(self) -> None:
        """Refuse a naive instant, and a step that stands without the one before it."""
        if self.opened.utcoffset() is None:
            raise InvalidValue(
                name="opened",
                value=self.opened.isoformat(),
                expected="a timestamp with a time zone or UTC offset",
            )
        taken = [value is not None for value in self._left_behind()]
        if taken != sorted(taken, reverse=True):
            step = list(Step)[taken.index(False)]
            raise InvalidValue(
                name=FIELDS[step], value=None, expected="the step before a later one"
            )

    def _left_behind(self) -> tuple[object, ...]:
        return tuple(getattr(self, FIELDS[step]) for step in Step)

    @property
    def next_step(self) -> Step | None:
        """The step to take next; `None` at the end of the way."""
        for step, value in zip(Step, self._left_behind(), strict=True):
            if value is None:
                return step
        return None

    @property
    def is_confirmed(self) -> bool:
        """Whether the switch is confirmed: no step before can be taken again."""
        return self.receipt is not None


FIELDS = {
    Step.REVIEW: "reviewed",
    Step.NEEDS: "needs",
    Step.OPTIONS: "presented",
    Step.QUOTE: "quote",
    Step.TERMS: "agreed",
    Step.CONFIRM: "receipt",
    Step.FOLLOW_UP: "follow_ups",
}
"""The field of a journey that each step fills."""
