"""A dialed number becomes a destination.

The one idea: prefixes decide, the longest first. The numbering plan says which country and
line a number leads to; selectors are how authors name sets of destinations. Nothing here
knows a price or a plan.
"""

from plan_rules.destinations.countries import (
    GLOBAL,
    Country,
    countries,
    country,
    country_name,
    find_country,
)
from plan_rules.destinations.line_type import ORDINARY, LineType
from plan_rules.destinations.number import is_e164, normalise_number, prefix_range, sort_key
from plan_rules.destinations.plan import Destination, NumberingPlan
from plan_rules.destinations.selector import Selector, SelectorKind, parse_selector

__all__ = [
    "GLOBAL",
    "ORDINARY",
    "Country",
    "Destination",
    "LineType",
    "NumberingPlan",
    "Selector",
    "SelectorKind",
    "countries",
    "country",
    "country_name",
    "find_country",
    "is_e164",
    "normalise_number",
    "parse_selector",
    "prefix_range",
    "sort_key",
]
