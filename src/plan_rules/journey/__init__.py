"""An agent's way with a customer, from opening the account to the follow-up.

The one idea: seven steps over a stored state (access the account, review the current plan,
discuss needs, present options, update the plan, confirm, follow up), each of which hands its
question to the packages below and stores the answer. Only stores know how state is kept. This
package must hold no price, no rule and no date arithmetic of its own, and does not read the
clock.

Nothing is in it yet: no step is taken and nothing is stored in this version.
"""
