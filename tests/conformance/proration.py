"""Published proration cases through our cycles, conventions and tax: an adapter that translates.

`python tests/conformance/proration.py FILE` runs every case of a file, prints a line for each
that fails or is refused, then the counts of each model and of all, and exits with 1 on a
failure. The models and what they are mapped to stand beside this file in `proration_models`.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
OUTCOMES = ("passed", "failed", "refused")


def main() -> int:
    from tests.conformance.proration_models import run  # noqa: PLC0415  found once ROOT is known

    verdicts = run(Path(sys.argv[1]))
    for each in verdicts:
        if each.outcome != "passed":
            print(f"{each.outcome} {each.case_id}: {each.why}")  # noqa: T201
    counts = Counter((each.model, each.outcome) for each in verdicts)
    for model in sorted({each.model for each in verdicts}):
        found = [(counts[model, outcome], outcome) for outcome in OUTCOMES]
        told = ", ".join(f"{count} {outcome}" for count, outcome in found if count)
        print(f"{model}: {told}")  # noqa: T201
    totals = [sum(each.outcome == outcome for each in verdicts) for outcome in OUTCOMES]
    print("{} passed, {} failed, {} refused".format(*totals))  # noqa: T201
    return 1 if totals[1] else 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
