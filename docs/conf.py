"""How Sphinx builds this documentation: MyST pages, the furo theme, docstrings by autodoc."""

from __future__ import annotations

from importlib.metadata import version as version_of

project = "plan_rules"
author = "The plan_rules authors"
project_copyright = "the plan_rules authors; Apache License 2.0"
release = version_of("plan-rules")
version = release

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["examples/**", "changes/**"]
nitpicky = False
# The page of issues shows files that are no YAML.
suppress_warnings = ["misc.highlighting_failure"]

# No colon fences: the tests find the examples of a page by its backticks.
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3

autodoc_default_options = {"members": True, "show-inheritance": True}
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
# Docstrings say names of code in single backticks, as Markdown does.
default_role = "code"

html_theme = "furo"
html_title = f"plan_rules {release}"
html_show_sphinx = False
