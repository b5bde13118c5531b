"""The long tests: run where ``make soak`` runs, or with ``MONITR_SOAK=1``."""

import os

import pytest

SOAKING = "1" in (os.environ.get("MONITR_SOAK"), os.environ.get("MONITR_TEST_SOAK"))
SOAK = pytest.mark.skipif(not SOAKING, reason="a long one: MONITR_SOAK=1 runs it")
