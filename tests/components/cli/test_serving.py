"""What the API's process does once, before it answers."""

import gc
from datetime import timedelta

import pytest

from monitr.entrypoints.cli.serving import leave_out_what_stays, longest_pause
from monitr.settings import Settings


def test_what_stays_is_not_looked_through_for_garbage_again_and_again() -> None:
    before = len(gc.get_objects())
    leave_out_what_stays()
    try:
        assert len(gc.get_objects()) < before / 10
    finally:
        gc.unfreeze()


@pytest.mark.parametrize("deadline", [10, 600])
def test_a_transaction_may_pause_until_the_deadline(deadline: int) -> None:
    assert longest_pause(Settings(request_deadline=deadline)) > timedelta(seconds=deadline + 10)
