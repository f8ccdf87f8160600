"""The catalog: everything an operator sells, as one immutable value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from plan_rules.catalog.plan import Plan
from plan_rules.catalog.rate import RateTable
from plan_rules.catalog.zone import Zone
from plan_rules.destinations.plan import Destination, NumberingPlan
from plan_rules.errors import NOWHERE, Span, UnknownId
from plan_rules.money import MICROS, Rounding
from plan_rules.periods import BandSet

NUMBERING = "numbering-plan"


class EitherPolicy(StrEnum):
    """How a number is priced whose digits do not tell a fixed line from a mobile."""

    DEARER = "dearer"
    CHEAPER = "cheaper"
    FIXED = "fixed"
    MOBILE = "mobile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """A tax in percent of usage and of fees; `included` says prices already hold it.

    Net and gross are each rounded from the exact value; tax is their difference.
    """

    usage: Fraction
    fee: Fraction
    included: bool = False
    rounding: Rounding = field(default_factory=lambda: Rounding(step_micros=MICROS // 100))
    name: str = "tax"
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """Plans and all they refer to. `zone` is the IANA time zone of dates and bands of prices.

    Mappings are by id, in the order of ids. Built by `plan_rules.loading` from files, or in
    Python by hosts and tests.
    """

    id: str
    currency: str
    zone: str
    plans: Mapping[str, Plan]
    rate_tables: Mapping[str, RateTable] = field(default_factory=dict)
    zones: Mapping[str, Zone] = field(default_factory=dict)
    band_sets: Mapping[str, BandSet] = field(default_factory=dict)
    either: EitherPolicy = EitherPolicy.DEARER
    tax: Tax | None = None
    numbering: Mapping[str, Destination] = field(default_factory=dict)
    base_numbering: NumberingPlan | None = None
    span: Span = NOWHERE
    memo: dict[str, object] = field(default_factory=dict, init=False, compare=False, repr=False)
    """What was derived from this immutable value once and need not be derived again."""

    def __post_init__(self) -> None:
        """Freeze the mappings, ordered by id."""
        for name in ("plans", "rate_tables", "zones", "band_sets", "numbering"):
            frozen = MappingProxyType(dict(sorted(getattr(self, name).items())))
            object.__setattr__(self, name, frozen)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the values, without what was derived from them."""
        given = {each.name: getattr(self, each.name) for each in fields(self) if each.init}
        plain = {
            name: dict(value) if isinstance(value, MappingProxyType) else value
            for name, value in given.items()
        }
        return _restored, (plain,)

    def plan(self, plan_id: str) -> Plan:
        """Return the plan of that id; raise `UnknownId` with the closest known ids."""
        try:
            return self.plans[plan_id]
        except KeyError:
            raise UnknownId(kind="plan", value=plan_id, known=self.plans) from None

    def numbering_plan(self) -> NumberingPlan:
        """Return the standard numbering plan with the catalog's own prefixes laid over it."""
        known = self.memo.get(NUMBERING)
        if not isinstance(known, NumberingPlan):
            base = self.base_numbering or NumberingPlan.standard()
            known = base.with_overrides(self.numbering) if self.numbering else base
            self.memo[NUMBERING] = known
        return known


def _restored(values: dict[str, Any]) -> Catalog:
    return Catalog(**values)
