"""What `import plan_rules` costs: milliseconds over bare Python, and modules it brings."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

REPEATS = 9
STATEMENTS = {
    "import plan_rules": "import plan_rules",
    "  and rate, recommend": "import plan_rules; plan_rules.rate; plan_rules.recommend",
    "  and load_catalog": "import plan_rules; plan_rules.load_catalog",
    "import jsonschema": "import jsonschema",
}


def seconds(statement: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True)  # noqa: S603  our own words
    return time.perf_counter() - start


def modules(statement: str) -> int:
    count = (
        f"import sys; before = set(sys.modules); {statement}; print(len(set(sys.modules) - before))"
    )
    done = subprocess.run(  # noqa: S603  our own words
        [sys.executable, "-c", count], check=True, capture_output=True, text=True
    )
    return int(done.stdout)


def main() -> None:
    rounds = [
        (seconds("pass"), *(seconds(each) for each in STATEMENTS.values())) for _ in range(REPEATS)
    ]
    bare = statistics.median(row[0] for row in rounds)
    print(f"{'bare Python':<26}{bare * 1000:>8.1f} ms")
    for index, (name, statement) in enumerate(STATEMENTS.items(), start=1):
        over = statistics.median(row[index] - row[0] for row in rounds)
        print(f"{name:<26}{over * 1000:>+8.1f} ms{modules(statement):>6} modules")


if __name__ == "__main__":
    main()
