"""For test authors: strategies, an oracle and invariants, to be used with pytest and Hypothesis.

The one idea: what the library promises can be checked by anyone, on catalogs of their own. The
strategies make legal values near the boundaries where raters fail; the oracle prices calls
slowly and plainly from catalog values alone; the invariants are plain functions that raise
`AssertionError`. Nothing outside this package imports it.
"""

from plan_rules.testing.faults import InvalidCatalog, invalid_catalogs, read_files
from plan_rules.testing.invariants import (
    check_bill,
    check_billed_seconds,
    check_lines_sum,
    check_no_overdraw,
    check_nothing_lost,
)
from plan_rules.testing.oracle import OracleBill, OracleCall, oracle_bills
from plan_rules.testing.rate_strategies import (
    band_sets,
    increments,
    prices,
    rate_tables,
    rate_terms,
    roundings,
    selectors,
    zones,
)
from plan_rules.testing.rule_strategies import RuleCase, rule_cases, rule_sets
from plan_rules.testing.strategies import calls, catalogs, plans
from plan_rules.testing.universe import CUSTOMER, UNIVERSE

__all__ = [
    "CUSTOMER",
    "UNIVERSE",
    "InvalidCatalog",
    "OracleBill",
    "OracleCall",
    "RuleCase",
    "band_sets",
    "calls",
    "catalogs",
    "check_bill",
    "check_billed_seconds",
    "check_lines_sum",
    "check_no_overdraw",
    "check_nothing_lost",
    "increments",
    "invalid_catalogs",
    "oracle_bills",
    "plans",
    "prices",
    "rate_tables",
    "rate_terms",
    "read_files",
    "roundings",
    "rule_cases",
    "rule_sets",
    "selectors",
    "zones",
]
