"""The catalog: everything an operator sells, as one immutable value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from plan_rules.catalog.plan import Plan
from plan_rules.catalog.rate import RateTable
from plan_rules.catalog.vocabulary import FactName
from plan_rules.catalog.zone import Zone
from plan_rules.destinations.plan import Destination, NumberingPlan
from plan_rules.destinations.selector import Selector
from plan_rules.errors import NOWHERE, InvalidValue, Span, UnknownId
from plan_rules.money import MICROS, Rounding
from plan_rules.periods import BandSet
from plan_rules.rules.fact import Vocabulary
from plan_rules.rules.rule import RuleSet

NUMBERING = "numbering-plan"
NO_RULES = RuleSet(vocabulary=Vocabulary(specs={}))
"""Of a catalog that has neither rules nor facts of its own."""


class EitherPolicy(StrEnum):
    """How a number is priced whose digits do not tell a fixed line from a mobile."""

    DEARER = "dearer"
    CHEAPER = "cheaper"
    FIXED = "fixed"
    MOBILE = "mobile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """A tax in percent of usage and of fees; `included` says prices already hold it.

    Net and gross are each rounded from the exact value; tax is their difference. It never runs
    against its line: where its rounding is coarser than the line's amount, it may be 0.
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
    Python by hosts and tests. `rules` hold the facts that they may ask for; in Python, see
    `vocabulary_of`.

    Raises `UnknownId` for a zone, rate table or band set that is named and not there, and
    `InvalidValue` for a zone that holds itself, and for a plan that the rules do not know.
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
    rules: RuleSet = NO_RULES
    base_numbering: NumberingPlan | None = None
    span: Span = NOWHERE
    memo: dict[str, object] = field(default_factory=dict, init=False, compare=False, repr=False)
    """What was derived from this immutable value once and need not be derived again."""

    def __post_init__(self) -> None:
        """Freeze the mappings, ordered by id, and see that what is named is there."""
        for name in ("plans", "rate_tables", "zones", "band_sets", "numbering"):
            frozen = MappingProxyType(dict(sorted(getattr(self, name).items())))
            object.__setattr__(self, name, frozen)
        for table in self.rate_tables.values():
            if table.bands and table.bands not in self.band_sets:
                raise UnknownId(kind="band set", value=table.bands, known=self.band_sets)
        for plan in self.plans.values():
            self._demand_hours(plan)
            if plan.rates and plan.rates not in self.rate_tables:
                raise UnknownId(kind="rate table", value=plan.rates, known=self.rate_tables)
        for zone in {each.zone for each in self.selectors()} - {"", *self.zones}:
            raise UnknownId(kind="zone", value=zone, known=self.zones)
        self._refuse_circles()
        self._demand_known_plans()

    def _demand_known_plans(self) -> None:
        """Refuse plans and labels for which the rules have no word."""
        vocabulary = self.rules.vocabulary
        labels = {label for plan in self.plans.values() for label in plan.labels}
        for name, words in ((FactName.PLAN, set(self.plans)), (FactName.LABELS, labels)):
            known = vocabulary[name].values if name in vocabulary else ()
            if vocabulary.specs and not words <= set(known):
                unknown = ", ".join(sorted(words - set(known)))
                raise InvalidValue(name=name, value=unknown, expected="what the rules know")

    def _demand_hours(self, plan: Plan) -> None:
        for hours in (each.hours for each in plan.allowances if each.hours is not None):
            if hours.bands not in self.band_sets:
                raise UnknownId(kind="band set", value=hours.bands, known=self.band_sets)
            known = [band.id for band in self.band_sets[hours.bands].bands]
            for band in hours.within:
                if band not in known:
                    raise UnknownId(kind="band", value=band, known=known)

    def _refuse_circles(self) -> None:
        """Refuse a zone that holds itself: take away zones whose members are all settled."""
        open_zones = {
            zone.id: {each.zone for each in zone.selectors()} - {""} for zone in self.zones.values()
        }
        while open_zones:
            settled = [zone for zone, named in open_zones.items() if not named & open_zones.keys()]
            if not settled:
                circle = ", ".join(sorted(open_zones))
                raise InvalidValue(name="zones", value=circle, expected="no zone within itself")
            for zone in settled:
                del open_zones[zone]

    def selectors(self) -> Iterator[Selector]:
        """Yield every selector that anything in the catalog names."""
        for zone in self.zones.values():
            yield from zone.selectors()
        for table in self.rate_tables.values():
            yield from (entry.selector for entry in table.entries)
        for plan in self.plans.values():
            yield from (selector for selector, _ in plan.selectors())

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
