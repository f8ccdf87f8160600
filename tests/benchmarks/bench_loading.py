"""How long reading a large catalog takes, against YAML's own C loader on the same files.

Run `python tests/benchmarks/bench_loading.py`. Everything is measured in one run, and what
was read is compared before a ratio is printed: absolute times depend on the machine.
"""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import Any

import yaml

from plan_rules.destinations import NumberingPlan, countries
from plan_rules.loading import check_catalog
from plan_rules.loading.reader import read_yaml

TABLES = 4
ROWS = 4_600
PLANS = 60
ROUNDS = 5


def write_catalog(folder: Path) -> int:
    """Write a catalog of about 21,000 lines and return how many it has."""
    files = {"catalog.yaml": "catalog: bench\ncurrency: USD\nzone: America/New_York\n"}
    codes = [code for code in countries() if code.isalpha()]
    zones = [codes[start : start + 40] for start in range(0, len(codes), 40)]
    for index, members in enumerate(zones):
        listed = "".join(f"  - {code}\n" for code in members)
        files[f"zones/zone-{index}.yaml"] = f"zone: zone-{index}\nmembers:\n{listed}"
    prefixes = sorted(NumberingPlan.standard().prefixes)[:: max(1, 8_000 // ROWS)][:ROWS]
    for index in range(TABLES):
        rows = "".join(
            f"  +{prefix}: {0.01 + (number * 7 + index) % 40 / 1000:.4f}\n"
            for number, prefix in enumerate(prefixes)
        )
        files[f"rates/table-{index}.yaml"] = (
            f"rate-table: table-{index}\ndefaults: {{increment: 60/60}}\nrates:\n"
            f"  default: 0.50\n  US/mobile: {{price: 0.02, increment: 30/6}}\n{rows}"
        )
    for index in range(PLANS):
        files[f"plans/plan-{index}.yaml"] = _plan(index, len(zones))
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return sum(text.count("\n") for text in files.values())


def _plan(index: int, zones: int) -> str:
    lines = [
        f"plan: plan-{index}",
        f"name: Plan {index}",
        "kind: region-specific",
        "summary: A plan among many.",
        "fee: {2026-01-01: 15.00, 2026-07-01: 16.00}",
        f"rates: table-{index % TABLES}",
        "allowances:",
    ]
    for number in range(5):
        lines += [
            f"  - id: allowance-{number}",
            f"    minutes: {100 * (number + 1)}",
            f"    to: [zone-{(index + number) % zones}]",
            f"    priority: {number}",
            "    increment: 60/60",
            "    limits:",
            "      any:",
            "        - minutes-per-day: 360",
        ]
    lines += [
        "overrides:",
        "  MX/mobile: 0.04",
        "restrictions:",
        "  - id: no-satellite",
        "    block: [satellite, premium]",
        "    reason: Satellite and premium numbers are not part of this plan.",
    ]
    return "\n".join(lines) + "\n"


def best(action: Callable[[], object]) -> float:
    """Return the seconds of the quickest of some rounds, after one to warm up."""
    action()
    times = []
    for _ in range(ROUNDS):
        gc.collect()
        start = perf_counter()
        action()
        times.append(perf_counter() - start)
    return min(times)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "catalog"
        lines = write_catalog(folder)
        texts = {path: path.read_bytes() for path in sorted(folder.rglob("*.yaml"))}
        loaded = check_catalog(folder)
        errors = [issue for issue in loaded.issues if issue.is_error]
        if loaded.catalog is None or errors:
            raise SystemExit(f"the generated catalog is broken: {errors[:3]}")
        _compare(texts)
        theirs = best(lambda: [_rival(text) for text in texts.values()])
        reader = best(lambda: [read_yaml(text, file=str(path)) for path, text in texts.items()])
        whole = best(lambda: check_catalog(folder))
    rates = sum(len(table.entries) for table in loaded.catalog.rate_tables.values())
    print(f"{lines:,} lines, {len(texts)} files, {rates:,} rates, {PLANS} plans")
    print(f"yaml.load(CSafeLoader)  {theirs * 1e3:8.1f} ms   1.00x")
    print(f"strict reader           {reader * 1e3:8.1f} ms   {reader / theirs:.2f}x")
    print(f"check_catalog           {whole * 1e3:8.1f} ms   {whole / theirs:.2f}x")


def _rival(text: bytes) -> Any:
    return yaml.load(text, Loader=yaml.CSafeLoader)


def _compare(texts: dict[Path, bytes]) -> None:
    """Compare the prices both read: the rival's as floats, rounded."""
    for path, text in texts.items():
        if path.parent.name != "rates":
            continue
        document, _ = read_yaml(text, file=str(path))
        assert document is not None
        assert isinstance(document.value, dict)
        ours = document.value["rates"]
        theirs = _rival(text)["rates"]
        assert isinstance(ours, dict)
        plain = {key: each for key, each in ours.items() if isinstance(each, Decimal)}
        found = {str(key).removeprefix("+"): each for key, each in theirs.items()}
        for key, price in plain.items():
            assert round(Decimal(found[key.removeprefix("+")]), 6) == price


if __name__ == "__main__":
    main()
