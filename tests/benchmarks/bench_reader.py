"""Reading YAML strictly, with positions, beside PyYAML's own fast loader.

Both read the same catalog-like text of about 21,000 lines; repeats are interleaved in one
run. Before anything is timed the values are compared, where the fast loader's floats are
compared by their text.
"""

from __future__ import annotations

import itertools
import statistics
import string
import sys
import time
from decimal import Decimal
from typing import Any

import yaml

from plan_rules.loading.reader import PARSER, read_yaml

PLANS = 30
COUNTRIES = 230
REPEATS = 15
AIM = 1.0


def catalog_text() -> bytes:
    """Return rates of 30 plans for 230 countries, landline and mobile, as block YAML."""
    pairs = itertools.product(string.ascii_uppercase, repeat=2)
    # NO is text here and false there; it is left out, so that the values can be compared.
    codes = [code for code in map("".join, pairs) if code not in {"NO", "ON"}][:COUNTRIES]
    lines = []
    for plan in range(PLANS):
        lines += [f"plan-{plan:02d}:", f"  name: Plan {plan}", "  fee: 15.25", "  rates:"]
        for index, code in enumerate(codes):
            fixed, mobile = (index * 7 + plan) % 1000, (index * 13 + plan) % 1000
            lines += [
                f"    {code}:",
                f"      fixed: 0.{fixed:03d}1",
                f"      mobile: 0.{mobile:03d}1",
            ]
    return "\n".join([*lines, ""]).encode()


def as_text(value: Any) -> Any:
    """Return the same structure with every number as its text."""
    if isinstance(value, dict):
        return {str(key): as_text(each) for key, each in value.items()}
    if isinstance(value, Decimal | float):
        return str(Decimal(str(value)).normalize())
    return value


def seconds(read: Any) -> float:
    """Return how long one reading takes; the result is freed outside the measured time."""
    begun = time.perf_counter()
    result = read()
    taken = time.perf_counter() - begun
    del result
    return taken


def main() -> int:
    """Print the medians and their ratio; return 1 if the aim is missed."""
    text = catalog_text()
    document, issues = read_yaml(text, file="bench.yaml")
    fast = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    def rival() -> Any:
        return yaml.load(text, Loader=fast)  # noqa: S506  # the rival it is measured against

    if document is None or issues or as_text(document.value) != as_text(rival()):
        sys.stdout.write("the values differ\n")
        return 1
    ours, theirs = [], []
    for _ in range(REPEATS):
        ours.append(seconds(lambda: read_yaml(text, file="bench.yaml")))
        theirs.append(seconds(rival))
    ratio = statistics.median(ours) / statistics.median(theirs)
    lines = text.count(b"\n")
    sys.stdout.write(
        f"{lines} lines, {len(text)} bytes, values equal, {REPEATS} interleaved repeats, medians\n"
        f"read_yaml with positions ({PARSER.__name__} events)  {statistics.median(ours):7.4f} s\n"
        f"yaml.load with {fast.__name__}                   {statistics.median(theirs):7.4f} s\n"
        f"ratio {ratio:.2f} (at most {AIM:.2f})\n"
    )
    return 0 if ratio <= AIM else 1


if __name__ == "__main__":
    sys.exit(main())
