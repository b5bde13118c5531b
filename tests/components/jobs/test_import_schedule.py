"""The schedule: Brussels time, its two odd nights, and the spread over administrations."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitr.adapters.jobs.schedule import LONGEST_JITTER, ImportSchedule
from monitr.domain.organisation import AdministrationId

DEFAULT = ImportSchedule("5 0,5 * * *")
INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # zone: left
SCHEDULES = st.sampled_from(["5 0,5 * * *", "30 2 * * *", "*/15 * * * *", "0 6 * * 1-5", "0 0 1 * *"]).map(
    ImportSchedule
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "tick"),
    [
        ("2026-11-22T12:00", "2026-11-22T04:05"),  # winter: an hour before Brussels
        ("2026-07-01T12:00", "2026-07-01T03:05"),  # summer: two
        ("2026-11-22T04:05", "2026-11-22T04:05"),  # the tick itself
        ("2026-11-22T04:04:59", "2026-11-21T23:05"),
    ],
)
def test_ticks_are_read_in_brussels(now: str, tick: str) -> None:
    assert DEFAULT.last_tick(utc(now)) == utc(tick)


def test_a_tick_in_the_hour_that_summer_time_skips_fires_at_its_end() -> None:
    ticks = islice(ImportSchedule("30 2 * * *").ticks_after(utc("2026-03-28T12:00")), 2)

    assert list(ticks) == [utc("2026-03-29T01:00"), utc("2026-03-30T00:30")]


def test_a_tick_in_the_hour_that_comes_twice_fires_once() -> None:
    ticks = islice(ImportSchedule("30 2 * * *").ticks_after(utc("2026-10-24T12:00")), 2)

    assert list(ticks) == [utc("2026-10-25T00:30"), utc("2026-10-26T01:30")]


@pytest.mark.parametrize(
    ("night", "ticks"),
    [
        # the clock goes from two to three: 00:05 is still winter time, 05:05 summer time
        ("2026-03-28T12:00", ["2026-03-28T23:05", "2026-03-29T03:05", "2026-03-29T22:05"]),
        # the clock goes from three back to two
        ("2026-10-24T12:00", ["2026-10-24T22:05", "2026-10-25T04:05", "2026-10-25T23:05"]),
    ],
)
def test_on_both_days_of_the_clock_change_it_ticks_twice_at_the_hours_of_brussels(night: str, ticks: list[str]) -> None:
    assert list(islice(DEFAULT.ticks_after(utc(night)), 3)) == [utc(tick) for tick in ticks]
    assert [DEFAULT.last_tick(utc(tick) + timedelta(minutes=59)) for tick in ticks] == [utc(tick) for tick in ticks]


@given(SCHEDULES, INSTANTS)
def test_no_tick_lies_between_the_last_and_the_next(schedule: ImportSchedule, now: datetime) -> None:
    last, following = schedule.last_tick(now), next(schedule.ticks_after(now))

    assert last <= now < following
    assert next(schedule.ticks_after(last)) == following


@given(SCHEDULES, INSTANTS, st.uuids())
def test_an_import_is_due_after_its_tick_and_before_the_next_one(
    schedule: ImportSchedule, now: datetime, administration: UUID
) -> None:
    tick = schedule.last_tick(now)
    due = schedule.due_at(tick, AdministrationId(administration))

    assert tick <= due <= tick + LONGEST_JITTER
    assert due < next(schedule.ticks_after(tick))


def test_imports_of_one_tick_are_spread() -> None:
    tick = DEFAULT.last_tick(utc("2026-11-22T12:00"))
    minutes = {int((DEFAULT.due_at(tick, AdministrationId(uuid4())) - tick).total_seconds() // 60) for _ in range(500)}

    assert minutes == set(range(10))


@given(SCHEDULES, INSTANTS, st.uuids())
def test_the_next_import_is_ahead_and_of_the_last_or_the_next_tick(
    schedule: ImportSchedule, now: datetime, administration: UUID
) -> None:
    id = AdministrationId(administration)
    ticks = (schedule.last_tick(now), next(schedule.ticks_after(now)))

    following = schedule.next_import(now, id)

    assert following > now
    assert following in [schedule.due_at(tick, id) for tick in ticks]


def test_two_intervals_are_the_longest_that_the_schedule_has() -> None:
    now = utc("2026-11-22T12:00")

    assert DEFAULT.two_intervals(now) == timedelta(hours=24) + LONGEST_JITTER
    assert ImportSchedule("0 6 * * 1-5").two_intervals(now) == timedelta(days=4) + LONGEST_JITTER
