"""Files become a catalog: the only place that knows YAML and JSON Schema.

The one idea: every stage returns what it has and the issues it found; no content of a file
makes it raise, and all issues come at once. Nothing outside this package imports yaml or
jsonschema.
"""

from plan_rules.loading.loader import (
    Loaded,
    NoCatalog,
    check_catalog,
    load_catalog,
    read_customer,
)
from plan_rules.loading.rendering import issues_as_json, render_issue
from plan_rules.loading.schemas import shipped

__all__ = [
    "Loaded",
    "NoCatalog",
    "check_catalog",
    "issues_as_json",
    "load_catalog",
    "read_customer",
    "render_issue",
    "shipped",
]
