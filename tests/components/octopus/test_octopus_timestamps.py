from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitr.adapters.octopus.timestamps import OVERLAP, modified_since
from monitr.domain.brussels import BRUSSELS, next_midnight

epoch, far = datetime(1990, 1, 1), datetime(2090, 1, 1)  # noqa: DTZ001 - hypothesis adds the zone
instants = st.datetimes(epoch, far, timezones=st.just(UTC))


def test_an_instant_is_asked_for_in_brussels_time_less_the_overlap() -> None:
    assert modified_since(datetime(2026, 7, 1, 12, 0, 0, 123999, UTC)) == "2026-07-01 11:00:00.123"
    assert modified_since(datetime(2026, 12, 1, 12, tzinfo=UTC)) == "2026-12-01 10:00:00.000"


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (datetime(2026, 3, 29, 3, 30, tzinfo=UTC), "2026-03-29 01:30:00.000"),  # from 02:00 the clocks show 03:00
        (datetime(2026, 3, 29, 4, 30, tzinfo=UTC), "2026-03-29 03:30:00.000"),
        (datetime(2026, 10, 25, 3, 30, tzinfo=UTC), "2026-10-25 02:30:00.000"),  # first time
        (datetime(2026, 10, 25, 4, 30, tzinfo=UTC), "2026-10-25 02:30:00.000"),  # second time
    ],
)
def test_the_overlap_is_three_true_hours_when_the_clocks_change(instant: datetime, text: str) -> None:
    assert modified_since(instant) == text


@given(instants)
def test_what_is_asked_for_is_never_later_than_the_instant_in_either_zone(instant: datetime) -> None:
    """The server may read the text as Brussels time (either fold) or as UTC: nothing may be missed."""
    asked = datetime.strptime(modified_since(instant) + "000", "%Y-%m-%d %H:%M:%S.%f")  # noqa: DTZ007

    latest = max(asked.replace(tzinfo=zone, fold=fold).astimezone(UTC) for zone in (BRUSSELS, UTC) for fold in (0, 1))

    assert latest <= instant
    assert instant - OVERLAP >= asked.replace(tzinfo=BRUSSELS).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "midnight"),
    [
        (datetime(2026, 11, 22, 22, 59, tzinfo=UTC), datetime(2026, 11, 22, 23, 0, tzinfo=UTC)),
        (datetime(2026, 11, 22, 23, 0, tzinfo=UTC), datetime(2026, 11, 23, 23, 0, tzinfo=UTC)),
        (datetime(2026, 3, 28, 23, 30, tzinfo=UTC), datetime(2026, 3, 29, 22, 0, tzinfo=UTC)),
        (datetime(2026, 10, 24, 22, 30, tzinfo=UTC), datetime(2026, 10, 25, 23, 0, tzinfo=UTC)),
    ],
)
def test_a_day_of_quota_ends_at_midnight_in_brussels(now: datetime, midnight: datetime) -> None:
    assert next_midnight(now) == midnight
