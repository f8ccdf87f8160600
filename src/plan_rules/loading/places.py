"""Where the schemas and the sample catalog are: in the installed package, or in the checkout."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
CHECKOUT = PACKAGE.parent.parent


def schemas_path() -> Path:
    """Return the folder of the JSON Schemas; raise `FileNotFoundError` if it is nowhere."""
    return _found(PACKAGE / "_schemas", CHECKOUT / "schemas")


def sample_catalog_path() -> Path:
    """Return the folder of the sample catalog; raise `FileNotFoundError` if it is nowhere."""
    return _found(PACKAGE / "_catalog", CHECKOUT / "catalog")


def _found(installed: Path, checked_out: Path) -> Path:
    for folder in (installed, checked_out):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"neither {installed} nor {checked_out} is a folder")
