"""Customers and calls as columns: NumPy arrays of one length, in the words of the fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from plan_rules.catalog.catalog import NO_RULES
from plan_rules.catalog.vocabulary import customer_facts, declared_facts
from plan_rules.errors import InvalidValue
from plan_rules.rules.rule import RuleSet
from plan_rules.usage.call import Call
from plan_rules.usage.customer import Customer

Int16s = NDArray[np.int16]
Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
Bools = NDArray[np.bool_]

FIRST_DATE = date(1970, 1, 1)
"""Day 0 of columns that hold dates."""

NO_DAY = -(2**31)
"""The day of a date that is not given."""

LONGEST_CALL = 2**31 - 1
"""Seconds that a column of calls can hold."""


def day_number(day: date) -> int:
    """Return the days from 1970-01-01 to `day`, below 0 before it."""
    return (day - FIRST_DATE).days


def day_of(number: int) -> date:
    """Return the date so many days after 1970-01-01."""
    return FIRST_DATE + timedelta(days=number)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactColumns:
    """The operator's own facts about customers: one row a fact, one column a customer.

    `names` are full, as in `customer.segment`. `codes` are those of the fact's declaration;
    where a fact is not `known` its code may be anything.
    """

    names: tuple[str, ...]
    codes: Int64s
    known: Bools

    def __post_init__(self) -> None:
        """Refuse arrays of another shape."""
        shape = (len(self.names), *self.codes.shape[1:])
        for name, array, kind in (("codes", self.codes, np.int64), ("known", self.known, np.bool_)):
            if array.dtype != kind or array.ndim != 2 or array.shape != shape:  # noqa: PLR2004
                raise InvalidValue(
                    name=f"facts.{name}",
                    value=f"{array.dtype} of shape {array.shape}",
                    expected=f"{np.dtype(kind)} of a row for each fact",
                )

    @classmethod
    def nothing(cls, names: Sequence[str], customers: int) -> FactColumns:
        """Return that nothing is known of so many customers."""
        shape = (len(names), customers)
        return cls(
            names=tuple(names), codes=np.zeros(shape, np.int64), known=np.zeros(shape, np.bool_)
        )

    @property
    def nbytes(self) -> int:
        """Return how many bytes the arrays take."""
        return self.codes.nbytes + self.known.nbytes

    def between(self, start: int, end: int) -> FactColumns:
        """Return the facts of the customers from `start` to `end` (exclusive)."""
        return self.taken(slice(start, end))

    def taken(self, which: slice | Int64s) -> FactColumns:
        """Return the facts of some customers."""
        return replace(self, codes=self.codes[:, which], known=self.known[:, which])

    @classmethod
    def of(cls, customers: Iterable[Customer], *, rules: RuleSet) -> FactColumns:
        """Return the facts that the rules declare; raises as `customer_facts` does."""
        rows = [customer_facts(rules=rules, given=each.facts) for each in customers]
        names = tuple(spec.name for spec in declared_facts(rules))
        shape = (len(names), len(rows))
        codes = [[row.get(name, 0) for row in rows] for name in names]
        known = [[name in row for row in rows] for name in names]
        return cls(
            names=names,
            codes=np.array(codes, np.int64).reshape(shape),
            known=np.array(known, np.bool_).reshape(shape),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerColumns:
    """Customers, one an index from 0; every array has one entry for each.

    `zone` indexes `zones` (IANA names). `anchor` and `since` are days since 1970-01-01 (`since`
    may be `NO_DAY`). `plan` indexes the plans of the book the customers are priced with, -1 for
    none. `chosen` indexes `countries` (ISO codes), -1 for none.

    `home`, which indexes `homes` (ISO codes, -1 where it is not known), and `facts` are what
    rules may ask for beside. They may be `None` for a catalog without rules; numbers are complete
    when they come here.
    """

    zones: tuple[str, ...]
    zone: Int32s
    anchor: Int32s
    plan: Int32s
    since: Int32s
    countries: tuple[str, ...]
    chosen: Int32s
    homes: tuple[str, ...] = ()
    home: Int32s | None = None
    facts: FactColumns | None = None

    def __post_init__(self) -> None:
        """Refuse arrays of other types or lengths, and codes that name nothing."""
        for name in ("zone", "anchor", "plan", "since", "chosen"):
            _demand(name, getattr(self, name), np.int32, len(self.zone))
        _demand_codes("zone", self.zone, least=0, below=len(self.zones))
        _demand_codes("chosen", self.chosen, least=-1, below=len(self.countries))
        if self.home is not None:
            _demand("home", self.home, np.int32, len(self.zone))
            _demand_codes("home", self.home, least=-1, below=len(self.homes))
        if self.facts is not None and self.facts.codes.shape[1] != len(self.zone):
            raise InvalidValue(
                name="facts", value=self.facts.codes.shape, expected=f"{len(self.zone)} customers"
            )

    def __len__(self) -> int:
        """Return the number of customers."""
        return len(self.zone)

    @property
    def nbytes(self) -> int:
        """Return how many bytes the arrays take."""
        arrays = [self.zone, self.anchor, self.plan, self.since, self.chosen]
        arrays += [] if self.home is None else [self.home]
        own = 0 if self.facts is None else self.facts.nbytes
        return own + sum(each.nbytes for each in arrays)

    def between(self, start: int, end: int) -> CustomerColumns:
        """Return the customers from `start` to `end` (exclusive)."""
        return self.taken(slice(start, end))

    def taken(self, which: slice | Int64s) -> CustomerColumns:
        """Return some of the customers."""
        return replace(
            self,
            zone=self.zone[which],
            anchor=self.anchor[which],
            plan=self.plan[which],
            since=self.since[which],
            chosen=self.chosen[which],
            home=None if self.home is None else self.home[which],
            facts=None if self.facts is None else self.facts.taken(which),
        )

    @classmethod
    def of(
        cls,
        customers: Iterable[Customer],
        *,
        plan_ids: Sequence[str],
        rules: RuleSet = NO_RULES,
    ) -> CustomerColumns:
        """Return customers as columns; `plan_ids` are those of the book, in its order.

        `rules` are those of the catalog; without any, facts are not looked at. A present plan
        that the book does not have raises `InvalidValue`, and facts raise, by their names, as
        `customer_facts` says.
        """
        rows = tuple(customers)
        homes = tuple(dict.fromkeys(each.home for each in rows))
        zones = tuple(dict.fromkeys(each.zone for each in rows))
        countries = tuple(dict.fromkeys(c for each in rows if (c := each.chosen_country)))
        numbered = {plan_id: index for index, plan_id in enumerate(plan_ids)} | {"": -1}
        for each in rows:
            if each.plan not in numbered:
                raise InvalidValue(name="plan", value=each.plan, expected="a plan of the book")
        since = [NO_DAY if each.since is None else day_number(each.since) for each in rows]
        chosen = [
            countries.index(each.chosen_country) if each.chosen_country else -1 for each in rows
        ]
        return cls(
            zones=zones,
            zone=np.array([zones.index(each.zone) for each in rows], np.int32),
            anchor=np.array([day_number(each.anchor) for each in rows], np.int32),
            plan=np.array([numbered[each.plan] for each in rows], np.int32),
            since=np.array(since, np.int32),
            countries=countries,
            chosen=np.array(chosen, np.int32),
            homes=homes,
            home=np.array([homes.index(each.home) for each in rows], np.int32),
            facts=FactColumns.of(rows, rules=rules) if rules.rules else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CallColumns:
    """Calls of many customers, in any order; ordered by start they are priced fastest.

    `customer` indexes the customers. `start` is seconds since 1970-01-01 UTC, below
    `LAST_EPOCH`. `number` holds the digits of an E.164 number as one integer (5 to 15 digits,
    none of which leads with 0, so that nothing is lost). `seconds` are whole seconds, a started
    one counted whole, 0 for a call nobody answered.
    """

    customer: Int32s
    start: Int64s
    number: Int64s
    seconds: Int32s

    def __post_init__(self) -> None:
        """Refuse arrays of other types or lengths; the values are looked at while pricing."""
        _demand("customer", self.customer, np.int32, len(self.customer))
        _demand("start", self.start, np.int64, len(self.customer))
        _demand("number", self.number, np.int64, len(self.customer))
        _demand("seconds", self.seconds, np.int32, len(self.customer))

    def __len__(self) -> int:
        """Return the number of calls."""
        return len(self.customer)

    def between(self, start: int, end: int) -> CallColumns:
        """Return the calls from `start` to `end` (exclusive)."""
        return self.where(slice(start, end))

    def where(self, kept: slice | NDArray[np.bool_]) -> CallColumns:
        """Return some of the calls."""
        return CallColumns(
            customer=self.customer[kept],
            start=self.start[kept],
            number=self.number[kept],
            seconds=self.seconds[kept],
        )

    @classmethod
    def joined(cls, pieces: Sequence[CallColumns]) -> CallColumns:
        """Return calls behind one another."""
        if not pieces:
            none = np.zeros(0, np.int64)
            few = none.astype(np.int32)
            return cls(customer=few, start=none, number=none, seconds=few)
        return cls(
            customer=np.concatenate([each.customer for each in pieces]),
            start=np.concatenate([each.start for each in pieces]),
            number=np.concatenate([each.number for each in pieces]),
            seconds=np.concatenate([each.seconds for each in pieces]),
        )

    @classmethod
    def of(cls, histories: Sequence[Iterable[Call]]) -> CallColumns:
        """Return the calls of customers as columns, one iterable for each customer in order.

        Raises `InvalidValue` for a call too long for a column, of more than 68 years.
        """
        rows = [(index, call) for index, calls in enumerate(histories) for call in calls]
        for _, call in rows:
            if call.seconds > LONGEST_CALL:
                raise InvalidValue(
                    name="seconds", value=call.seconds, expected=f"at most {LONGEST_CALL} seconds"
                )
        return cls(
            customer=np.array([index for index, _ in rows], np.int32),
            start=np.array([call.epoch for _, call in rows], np.int64),
            number=np.array([int(call.number[1:]) for _, call in rows], np.int64),
            seconds=np.array([call.seconds for _, call in rows], np.int32),
        )


def _demand(name: str, array: NDArray[np.generic], kind: type[np.generic], length: int) -> None:
    if array.dtype != kind or array.shape != (length,):
        raise InvalidValue(
            name=name,
            value=f"{array.dtype} of shape {array.shape}",
            expected=f"{np.dtype(kind)} of shape ({length},)",
        )


def _demand_codes(name: str, codes: Int32s, *, least: int, below: int) -> None:
    if len(codes) and not (codes.min() >= least and codes.max() < below):
        raise InvalidValue(
            name=name,
            value=(int(codes.min()), int(codes.max())),
            expected=f"{least} to {below - 1}",
        )
