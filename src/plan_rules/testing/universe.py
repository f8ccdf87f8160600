"""The small world that generated catalogs, customers and calls live in.

A few countries with fixed, mobile, undecided, premium and satellite numbers and nested prefixes,
so that examples shrink to one plan, one call and round numbers.
"""

from __future__ import annotations

from datetime import date

from plan_rules.destinations.line_type import LineType
from plan_rules.destinations.plan import Destination, NumberingPlan
from plan_rules.destinations.selector import parse_selector
from plan_rules.usage.customer import Customer

UNIVERSE = NumberingPlan.from_prefixes(
    {
        "1": Destination("US", LineType.EITHER),
        "1900": Destination("US", LineType.PREMIUM),
        "44": Destination("GB", LineType.FIXED),
        "447": Destination("GB", LineType.MOBILE),
        "49": Destination("DE", LineType.FIXED),
        "491": Destination("DE", LineType.MOBILE),
        "52": Destination("MX", LineType.EITHER),
        "5255": Destination("MX", LineType.FIXED),
        "870": Destination("001", LineType.SATELLITE),
    }
)
"""The numbering plan of generated catalogs."""

NUMBERS = (
    "+12125550100",
    "+19005550100",
    "+442079460000",
    "+447700900000",
    "+4930901820",
    "+491510000000",
    "+525512345678",
    "+523312345678",
    "+870773111111",
    "+99912345",
)
"""A number of every destination of the universe, and one outside of it."""


CUSTOMER = Customer(id="generated", home="US", zone="America/New_York", anchor=date(2026, 1, 31))

SIMPLE = ("US", "GB", "DE", "MX", "GB/mobile", "DE/mobile", "MX/fixed", "MX/mobile", "US/either")
SELECTORS = (*SIMPLE, "+5255", "+447", "+4420", "+52551", "+999", "premium", "mobile", "default")
EVERYWHERE = parse_selector("default")
CHANGES = (date(2026, 2, 10), date(2026, 3, 5))
SMALL_ZONES = (("west", ("US", "MX", "MX/mobile", "+5255")), ("east", ("GB", "DE", "DE/fixed")))
