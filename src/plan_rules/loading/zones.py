"""Zone files."""

from __future__ import annotations

from plan_rules.catalog.zone import Zone, ZoneMembers
from plan_rules.destinations.line_type import LineType
from plan_rules.loading.page import Page
from plan_rules.loading.reader import Steps
from plan_rules.loading.scalars import dated
from plan_rules.loading.selectors import selectors

RESERVED = frozenset({line.value for line in LineType} | {"default", "chosen"})
"""Words that mean something else in a selector."""


def build_zone(page: Page) -> Zone:
    """Return the zone of a file. Whether nested zones exist is asked when all are read."""
    value = page.value
    zone_id = value["zone"]
    if zone_id in RESERVED:
        message = f"no zone can be called `{zone_id}`, which has a meaning of its own in selectors"
        page.note("reserved-id", ("zone",), message, hint="choose another id")
    without = selectors(page, value.get("without", []), ("without",))

    def version(page: Page, members: list[str], path: Steps) -> ZoneMembers:
        return ZoneMembers(members=selectors(page, members, path), without=without)

    return Zone(
        id=zone_id,
        name=value.get("name", zone_id),
        members=dated(page, value["members"], ("members",), version),
        span=page.span(("zone",)),
    )
