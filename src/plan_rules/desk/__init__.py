"""The web desk of agents and the portal of customers.

The one idea: translate in, call one library function, translate out. Outcomes become pages and
failures become HTTP codes here and nowhere deeper; like the command line, the desk may read
the clock and pass it on. It must hold no rule, no price and no date arithmetic, and nothing
below may import it.

Nothing is in it yet: this version serves no page.
"""
