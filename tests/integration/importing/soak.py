"""Long tests have a small, seeded form for every day; MONITR_SOAK=1 asks for the full one (DESIGN, section 7)."""

import os

SOAK = os.environ.get("MONITR_SOAK") == "1"


def examples(*, ordinarily: int, in_a_soak: int) -> int:
    return in_a_soak if SOAK else ordinarily
