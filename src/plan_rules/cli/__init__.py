"""The command line: translate in, call one library function, translate out.

The one idea: no rule, no price and no date arithmetic lives here. Faults of files become
exit code 1, misuse becomes exit code 2, messages go to standard error, results to standard
output as text for people or JSON for programs.
"""

from plan_rules.cli.main import main

__all__ = ["main"]
