from datetime import UTC, date, datetime

import pytest

from monitr.domain.brussels import brussels_day, next_midnight


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 1, 31, 22, 59, tzinfo=UTC), date(2026, 1, 31)),
        (datetime(2026, 1, 31, 23, 0, tzinfo=UTC), date(2026, 2, 1)),
        (datetime(2026, 7, 31, 22, 0, tzinfo=UTC), date(2026, 8, 1)),
    ],
)
def test_a_day_begins_in_brussels(instant: datetime, day: date) -> None:
    assert brussels_day(instant) == day


@pytest.mark.parametrize(
    ("instant", "midnight"),
    [
        (datetime(2026, 1, 31, 22, 59, tzinfo=UTC), datetime(2026, 1, 31, 23, tzinfo=UTC)),
        (datetime(2026, 1, 31, 23, 0, tzinfo=UTC), datetime(2026, 2, 1, 23, tzinfo=UTC)),
        (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC)),  # summer time begins
    ],
)
def test_the_next_midnight_is_that_of_brussels_said_in_utc(instant: datetime, midnight: datetime) -> None:
    found = next_midnight(instant)

    assert found == midnight
    assert found.tzinfo is UTC
