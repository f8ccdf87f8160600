"""Who may have what: facts of a customer, conditions over them, and the effects they bring.

The one idea: a rule is a small record, a tree of conditions over declared and typed facts, and
each of its effects carries a reason for the customer in plain words. A fact that is not known
makes a comparison false and never fails. Conditions know no arithmetic: what has to be
computed is a fact before a rule asks for it. Three engines give one answer: durable_rules
decides about one customer, the interpreter is right by definition and explains, columns decide
about many. This package must not know plans, calls, bills or files; it sits beside
`destinations` and is handed its facts by those above.
"""
