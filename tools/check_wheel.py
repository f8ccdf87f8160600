"""Check that the wheel holds the package, its schemas and its sample catalog, and no more.

Run `python tools/check_wheel.py` with the development dependencies installed. The wheel is
built into a folder that is thrown away. Exits with 1 and names the files that are missing from
the wheel, or in it without reason.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[1]
PLACES = {
    "src/plan_rules": "plan_rules",
    "catalog": "plan_rules/_catalog",
    "schemas": "plan_rules/_schemas",
}


def wanted() -> Iterator[str]:
    """Yield the places in the wheel of all files that belong there."""
    for folder, place in PLACES.items():
        for each in (ROOT / folder).rglob("*"):
            if each.is_file() and "__pycache__" not in each.parts:
                yield f"{place}/{each.relative_to(ROOT / folder).as_posix()}"


def packed() -> Iterator[str]:
    """Build the wheel and yield the places in it, but for the metadata of the distribution."""
    with tempfile.TemporaryDirectory() as folder:
        for wheel in WheelBuilder(str(ROOT)).build(directory=folder, versions=["standard"]):
            with ZipFile(wheel) as archive:
                names = archive.namelist()
            yield from (name for name in names if ".dist-info/" not in name)


def main() -> int:
    """Compare what should be in the wheel with what is."""
    should, have = set(wanted()), set(packed())
    for place in sorted(should - have):
        print(f"missing from the wheel: {place}")
    for place in sorted(have - should):
        print(f"in the wheel without reason: {place}")
    if should != have:
        return 1
    print(f"the wheel holds all {len(have)} files of the package, its schemas and its catalog")
    return 0


if __name__ == "__main__":
    sys.exit(main())
