"""The command line: translate in, call one library function, translate out.

The one idea: no rule, no price and no date arithmetic lives here. Faults of files become
exit code 1, misuse becomes exit code 2, messages go to standard error, results to standard
output as text for people or JSON for programs.
"""

import plan_rules.cli.switching  # noqa: F401  adds its commands
from plan_rules.cli.main import commands, main
from plan_rules.cli.rules import rules

commands.add_command(rules)

__all__ = ["main"]
