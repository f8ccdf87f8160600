"""Files become a catalog: the only place that knows YAML and JSON Schema.

The one idea: every stage returns what it has and the issues it found; no content of a file
makes it raise, and all issues come at once. Importing this package imports neither yaml nor
jsonschema: yaml comes with the first catalog, jsonschema with the first faulty file.
"""

from plan_rules.loading.codes import CODES
from plan_rules.loading.loader import (
    Loaded,
    NoCatalog,
    check_catalog,
    load_catalog,
    read_customer,
)
from plan_rules.loading.places import sample_catalog_path, schemas_path
from plan_rules.loading.rendering import issues_as_json, render_issue

__all__ = [
    "CODES",
    "Loaded",
    "NoCatalog",
    "check_catalog",
    "issues_as_json",
    "load_catalog",
    "read_customer",
    "render_issue",
    "sample_catalog_path",
    "schemas_path",
]
