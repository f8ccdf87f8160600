"""What it costs to move from one plan to another, on a given day.

The one idea: a quote is a tuple of lines with their derivation, each share an exact fraction of
the cycle rounded once, so that a switch from a plan to itself costs exactly nothing. A quote
pins what it was made from, and a stale or expired one is refused. This package must not know
how plans are ranked, where a subscription is stored, or what time it is.

Nothing is in it yet: no switch is quoted or confirmed in this version.
"""
