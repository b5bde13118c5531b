"""The long tests: run where ``make soak`` runs, or with ``MONITR_SOAK=1``."""

import os
from collections.abc import Iterable

import pytest

SOAKING = "1" in (os.environ.get("MONITR_SOAK"), os.environ.get("MONITR_TEST_SOAK"))
SOAK = pytest.mark.skipif(not SOAKING, reason="a long one: MONITR_SOAK=1 runs it")


def some(cases: Iterable[object], always: int) -> list[object]:
    """The first ``always`` cases every time, the others in the long run."""
    return [case if n < always else pytest.param(case, marks=SOAK) for n, case in enumerate(cases)]
