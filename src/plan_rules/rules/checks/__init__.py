"""The checks that make up the analysis of rules, each a function from rules to findings.

The one idea: a finding is only made where it is certain, and only where it matters for what the
rules do. Amounts that add up may overlap, two warnings may stand together; what is reported
depends on the effects of the rules and how they stack.
"""
