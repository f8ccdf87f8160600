"""A ledger of one subscriber, kept day by day, in whole cents and plain integers.

It knows nothing of `plan_rules`: the days of months, the share of a cycle and its rounding are
written out here once more, so that what both agree on was computed twice.
"""

from __future__ import annotations

import calendar
import copy
import math
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction

MOST_BOUGHT = 366
"""The days that the value left of a plan buys at most."""


@dataclass(frozen=True)
class Offer:
    """A plan as the ledger knows it: cents, cycles and minutes."""

    fee: int
    minutes: int = 0
    intro: tuple[int, int] | None = None
    once: int = 0
    bound: tuple[int, int] | None = None


def half_up(amount: int, part: int, whole: int) -> int:
    """Return `amount` x `part` / `whole` to the nearest cent, a half upwards."""
    return (2 * amount * part + whole) // (2 * whole)


def month_day(anchor: date, months: int) -> date:
    """Return the anchor's day so many months later, or the last day of that month."""
    year, month = anchor.year, anchor.month + months
    while month > 12:
        year, month = year + 1, month - 12
    return date(year, month, min(anchor.day, calendar.monthrange(year, month)[1]))


@dataclass
class Paid:
    """What was paid for days of a cycle and what of it came back."""

    plan: str
    price: int
    first: date
    start: date
    end: date
    paid: int
    back: int = 0

    def share(self, amount: int, day: date) -> int:
        """Return the part of an amount for the days of the cycle from a day on."""
        return half_up(amount, (self.end - day).days, (self.end - self.start).days)


@dataclass
class Stand:
    """Where the subscriber stands."""

    plan: str
    anchor: date
    start: date
    end: date
    paid: list[Paid] = field(default_factory=list)
    intro: tuple[int, int] | None = None
    term: tuple[date, int] | None = None


@dataclass
class Ledger:
    """Everything that happened to the money and the minutes of one subscriber.

    `daily` is what each single day costs, exactly; `moved` are the fees that were charged less
    what came back, in `lines` rounded amounts. The two can differ by half a cent a line.
    """

    offers: dict[str, Offer]
    prices: dict[str, list[tuple[date, int]]]
    today: date
    stand: Stand
    credit: int = 0
    due: int = 0
    moved: int = 0
    lines: int = 0
    daily: dict[date, Fraction] = field(default_factory=dict)
    served: dict[date, str] = field(default_factory=dict)
    unbroken: date = date.min
    used: int = 0
    carried: int = 0
    pending: list[int] = field(default_factory=list)
    had_intro: set[str] = field(default_factory=set)
    agreed: tuple[str, date, int] | None = None
    paused: date | None = None
    ended: date | None = None
    exactly_back: Fraction = Fraction(0)
    way_back: tuple[Ledger, int] | None = None

    # -- money ---------------------------------------------------------------------------

    def pay(self, amount: int) -> None:
        """Move an amount: credit is used first, what is below 0 becomes credit."""
        from_credit = min(self.credit, max(0, amount))
        self.credit += max(0, -amount) - from_credit
        self.due += max(0, amount) - from_credit

    def listed(self, plan: str, day: date) -> int:
        """Return the fee in force on a day."""
        return [fee for start, fee in self.prices[plan] if start <= day][-1]

    def price(self, plan: str, day: date) -> int:
        """Return the price of a full cycle: billed before, introductory, or listed."""
        for paid in reversed(self.stand.paid):
            same = (paid.start, paid.end) == (self.stand.start, self.stand.end)
            if same and paid.plan == plan:
                return paid.price
        if self.stand.intro and self.stand.intro[0]:
            return self.stand.intro[1]
        return self.listed(plan, day)

    def buy(self, plan: str, day: date, price: int, *, whole: bool = False) -> int:
        """Pay for the days of the running cycle from a day on; return the amount."""
        paid = Paid(plan, price, day, self.stand.start, self.stand.end, price)
        if not whole:
            paid.paid = paid.share(price, day)
        self.stand.paid.append(paid)
        self.lines += 1
        self.moved += paid.paid
        self._cost_from(day, Fraction(price, (paid.end - paid.start).days))
        return paid.paid

    def _cost_from(self, day: date, amount: Fraction) -> None:
        for known in [each for each in self.daily if each >= day]:
            del self.daily[known]
        while day < self.stand.end:
            self.daily[day] = amount
            day += timedelta(days=1)

    def give_back(self, day: date) -> int:
        """Give back what was paid for days from a day on; return the amount."""
        total, self.exactly_back = 0, Fraction(0)
        for paid in self.stand.paid:
            if paid.end > day:
                back = paid.paid - paid.back
                if day >= paid.first:
                    back = max(0, min(back, paid.share(paid.price, day) - paid.back))
                exact = Fraction(paid.price * (paid.end - day).days, (paid.end - paid.start).days)
                near = abs(exact - back) <= Fraction(1, 2)
                self.exactly_back += exact if near and not paid.back else back
                paid.back += back
                total += back
                self.lines += 1
        self.moved -= total
        self._cost_from(day, Fraction(0))
        return total

    def leaving(self, day: date) -> int:
        """Return what leaving the minimum term costs on a day."""
        return self.stand.term[1] if self.stand.term and day < self.stand.term[0] else 0

    # -- days ----------------------------------------------------------------------------

    def begin(self, plan: str) -> None:
        """Begin with a whole cycle."""
        self.unbroken = self.today
        self._join(plan, self.today)
        self.pay(self.offers[plan].once + self._first(plan, whole=True))

    def live(self, days: int) -> None:
        """Let days go by, one after the other."""
        for _ in range(days):
            if not self.paused and not self.ended:
                self.served[self.today] = self.stand.plan
            self.today += timedelta(days=1)
            self.way_back = None
            self.arrive()

    def arrive(self) -> None:
        """Do what falls due today: the switch that was agreed, or the next cycle."""
        if self.paused or self.ended:
            return
        if self.agreed and self.agreed[1] == self.today:
            self._take_place(*self.agreed)
        elif self.today == self.stand.end:
            self._next_cycle()
            self.pay(self._first(self.stand.plan, whole=True))

    def _first(self, plan: str, *, whole: bool) -> int:
        """Pay for a cycle, or the rest of one, that a promotion may hold for."""
        amount = self.buy(plan, self.today, self.price(plan, self.today), whole=whole)
        self._use_promotion()
        return amount

    def _use_promotion(self) -> None:
        if self.stand.intro and self.stand.intro[0]:
            self.stand.intro = (self.stand.intro[0] - 1, self.stand.intro[1])

    def _join(self, plan: str, day: date) -> None:
        offer = self.offers[plan]
        self.stand.plan, self.stand.intro, self.stand.term = plan, None, None
        if offer.intro and plan not in self.had_intro:
            self.stand.intro = offer.intro
            self.had_intro.add(plan)
        if offer.bound:
            self.stand.term = (month_day(day, offer.bound[0]), offer.bound[1])

    def _next_cycle(self) -> None:
        months = 0
        while month_day(self.stand.anchor, months + 1) <= self.today:
            months += 1
        self.stand.start = month_day(self.stand.anchor, months)
        self.stand.end = month_day(self.stand.anchor, months + 1)
        self.stand.paid = []
        self._forget_usage()

    def _take_place(self, plan: str, day: date, pinned: int) -> None:
        before = copy.deepcopy(self)
        fee, boundary = self.leaving(day), day == self.stand.end
        back = 0 if boundary else self.give_back(day)
        if boundary:
            self._next_cycle()
        self._join(plan, day)
        amount = self.buy(plan, day, pinned, whole=boundary)
        self._use_promotion()
        total = amount - back + self.offers[plan].once + fee
        self.pay(total)
        self.agreed = None
        self._carry()
        self.way_back = (before, total)

    # -- what a subscriber decides --------------------------------------------------------

    def switch(self, plan: str, mode: str) -> int:
        """Switch today; return what moved."""
        self.agreed = None
        if plan == self.stand.plan:
            return self._stay()
        if self.way_back and self.way_back[0].stand.plan == plan:
            return self._undo(*self.way_back)
        before = copy.deepcopy(self)
        day = self.today
        if mode == "back-dated":
            day = max(self.stand.start, self.unbroken)
        fee = self.leaving(day)
        back = 0 if mode == "none" else self.give_back(day)
        self._join(plan, day)
        amount = 0
        if mode in {"full-price", "value-to-days"}:
            amount = self._new_cycle(plan, back if mode == "value-to-days" else 0)
        elif mode != "none":
            amount = self.buy(plan, day, self.price(plan, day))
            self._use_promotion()
        total = amount - back + self.offers[plan].once + fee
        self.pay(total)
        while day < self.today:
            self.served[day] = plan
            day += timedelta(days=1)
        self._carry()
        is_today = mode != "back-dated" or before.stand.start == self.today
        self.way_back = (before, total) if is_today or self.unbroken == self.today else None
        return total

    def _new_cycle(self, plan: str, value: int) -> int:
        old = (self.stand.start, self.stand.end)
        self.stand.anchor = self.stand.start = self.today
        self.stand.end = month_day(self.today, 1)
        days = (self.stand.end - self.stand.start).days
        price = self.price(plan, self.today)
        bought = math.ceil(self.exactly_back * days / price) if price and value else 0
        if 0 < bought <= MOST_BOUGHT:
            self.stand.end = self.stand.anchor = self.today + timedelta(days=bought)
        if (self.stand.start, self.stand.end) != old:
            self._forget_usage()
        if not 0 < bought <= MOST_BOUGHT:
            return self._first(plan, whole=True)
        return self.buy(f"days of {plan}", self.today, value, whole=True)

    def _stay(self) -> int:
        """Stay: what comes back is paid again, as another payment for the same days."""
        for paid in list(self.stand.paid):
            back = paid.share(paid.price, self.today) - paid.back if paid.end > self.today else 0
            back = min(back, paid.paid - paid.back)
            if paid.end > self.today and (back > 0 or not paid.back):
                paid.back += max(0, back)
                self.stand.paid.append(replace(paid, first=self.today, paid=back, back=0))
                self.lines += 2
        self._carry()
        self.way_back = None
        return 0

    def _undo(self, before: Ledger, moved: int) -> int:
        """Go back to where the day began, with all that moved moved back."""
        boundary = before.stand.end == self.today
        gone = self.stand.paid[0 if boundary else len(before.stand.paid) :]
        if (before.stand.start, before.stand.end) != (self.stand.start, self.stand.end):
            self.used = before.used
        self.stand, self.had_intro = before.stand, before.had_intro
        self.daily, self.moved = before.daily, before.moved
        for each in gone:
            each.back = each.paid
            self.stand.paid.append(each)
        self.pay(-moved)
        self._carry()
        self.way_back = None
        return -moved

    def pause(self) -> None:
        """Stop service today."""
        self.pay(-self.give_back(self.today))
        self.paused = self.today
        self.way_back = None

    def resume(self) -> None:
        """Take service up again today."""
        away = self.today - (self.paused or self.today)
        self.paused, self.way_back, self.unbroken = None, None, self.today
        if self.stand.term:
            self.stand.term = (self.stand.term[0] + away, self.stand.term[1])
        if self.today < self.stand.end:
            plan = self.stand.plan
            billed = [
                paid
                for paid in self.stand.paid
                if paid.plan in {plan, f"days of {plan}"}
                and (paid.start, paid.end) == (self.stand.start, self.stand.end)
            ]
            name, price = plan, self.price(plan, self.today)
            if billed:
                name, price = billed[-1].plan, billed[-1].price
            self.pay(self.buy(name, self.today, price))
            self._carry()
        else:
            self._next_cycle()
            self.pay(self._first(self.stand.plan, whole=self.today == self.stand.start))

    def cancel(self) -> None:
        """End service today."""
        back = 0 if self.paused else self.give_back(self.today)
        self.pay(self.leaving(self.today) - back)
        self.paused, self.ended, self.agreed = None, self.today, None

    # -- minutes -------------------------------------------------------------------------

    def _carry(self) -> None:
        self.carried, self.pending = self.used, []

    def _forget_usage(self) -> None:
        self.used = self.carried = 0
        self.pending = []

    def included(self) -> int:
        """Return the seconds that the running cycle includes, summed day by day."""
        total, day = 0, self.stand.start
        while day < self.stand.end:
            plan = self.served.get(day, "") if day < self.today else self.stand.plan
            total += 60 * self.offers[plan].minutes if plan else 0
            day += timedelta(days=1)
        return total // (self.stand.end - self.stand.start).days

    def count(self) -> None:
        """Count the calls since the plan began against what is included."""
        if self.offers[self.stand.plan].minutes:
            room = max(0, self.included() - self.carried)
            self.used = self.carried + min(60 * sum(self.pending), room)
