"""What goes in: tables of calls and customers, checked at the door.

The one idea: columns are looked at as columns, so that ten million sound rows cost next to
nothing, and a row that cannot be read is told with its place, its reason and its remedy. It
must not know plans or prices.
"""
