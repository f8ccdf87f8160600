"""What leaving a plan before the end of its minimum term costs, as a line."""

from __future__ import annotations

from datetime import date

from plan_rules.catalog.catalog import Catalog
from plan_rules.switching.line import Line
from plan_rules.switching.pricing import Pricer
from plan_rules.switching.subscription import Subscription


def termination_lines(
    catalog: Catalog, base: Subscription, *, on: date, pricer: Pricer
) -> tuple[Line, ...]:
    """Return the line of the early-termination fee, none from the end of the term on."""
    return ()
