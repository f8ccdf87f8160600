"""What the catalog's rules say of many customers at once: who may have what, what bills become.

The one idea: rules see little of a customer. Whoever looks alike to every comparison of every
rule is asked about once, by `plan_rules.rules.columns`; everyone else looks the answer up. What
a rule brings in money is then whole numbers, or fractions where those would not fit, as
`assessment.adjusting` has them. Rules that only tell something decide nothing here.
"""
