from __future__ import annotations

import os

from hypothesis import settings

# Absolute times are never a test, so no profile has a deadline. `ci` draws the same examples on
# every run: a change is judged by what it changed. `nightly` searches.
settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("nightly", deadline=None, max_examples=5_000, print_blob=True)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev")
)
