"""Long tests have a small, seeded form for every day; MONITR_SOAK=1 asks for the full one (decisions.md, section 7)."""

import os

from hypothesis import Phase

SOAK = os.environ.get("MONITR_SOAK") == "1"


def examples(*, ordinarily: int, in_a_soak: int) -> int:
    return in_a_soak if SOAK else ordinarily


def phases() -> tuple[Phase, ...]:
    """Shrinking a history takes minutes, so that only a soak does it; the seed of a failure is printed."""
    return (*(phase for phase in Phase if phase is not Phase.shrink), *((Phase.shrink,) if SOAK else ()))
