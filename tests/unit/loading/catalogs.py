"""Small catalogs as files, for the tests of loading."""

from __future__ import annotations

from pathlib import Path

FILES = {
    "catalog.yaml": "catalog: quickconnect\ncurrency: USD\nzone: America/New_York\n",
    "rates/standard.yaml": (
        "rate-table: standard\ndefaults: {increment: 60/60}\nrates: {default: 0.10}\n"
    ),
    "plans/basic.yaml": (
        "plan: basic\nname: Basic\nkind: pay-per-minute\nfee: 0\nrates: standard\n"
    ),
}
"""A catalog without issues."""


def write(folder: Path, **more: str) -> Path:
    """Write the small catalog, `more` files added or replaced: `plans_basic` is `plans/basic`."""
    files = dict(FILES)
    for name, text in more.items():
        files[f"{name.replace('_', '/', 1)}.yaml"] = text
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder
