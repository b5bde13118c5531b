"""How long Octopus asks to wait, and which of its refusals speak of the day."""

from datetime import UTC, datetime, timedelta

import pytest

from monitr.adapters.octopus.operations import Operation
from monitr.adapters.octopus.refusals import Refusal
from monitr.adapters.octopus.retries import Retries
from monitr.adapters.octopus.retry_after import LONGEST, retry_after
from monitr.domain.import_run import OUTAGE_WAITS

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
AT_NOON = "Sun, 22 Nov 2026 12:00:00 GMT"
A_MINUTE_LATER = "Sun, 22 Nov 2026 12:01:00 GMT"


@pytest.mark.parametrize(
    ("header", "seconds"), [("1", 1), ("2", 2), (" 120 ", 120), ("900", 900), (A_MINUTE_LATER, 60), ("007", 7)]
)
def test_seconds_and_a_moment_are_understood(header: str, seconds: int) -> None:
    assert retry_after(header, None, NOON) == timedelta(seconds=seconds)


@pytest.mark.parametrize("header", ["901", "86400", "9" * 5000, "Mon, 23 Nov 2026 12:00:00 GMT"])
def test_nobody_waits_for_more_than_a_quarter_of_an_hour(header: str) -> None:
    assert retry_after(header, None, NOON) == LONGEST == timedelta(minutes=15)


@pytest.mark.parametrize(
    "header",
    [None, "", " ", "0", "-1", "+5", "1.5", "1e3", "soon", "2 seconds", "\u0662", AT_NOON, "Sat, 99 Foo 2026", "\x00"],
)
def test_nonsense_and_what_is_over_count_as_none(header: str | None) -> None:
    assert retry_after(header, None, NOON) is None


def test_a_moment_is_understood_by_the_clock_of_the_answer() -> None:
    ours = NOON + timedelta(hours=3)

    assert retry_after(A_MINUTE_LATER, AT_NOON, ours) == timedelta(minutes=1)
    assert retry_after(A_MINUTE_LATER, "nonsense", NOON) == timedelta(minutes=1)


@pytest.mark.parametrize(
    "text",
    [
        "Daily limit reached",
        "No more than 48 calls per day",
        "try again tomorrow",
        "Dagelijks maximum overschreden",
        "Maximaal 24 keer per dag",
        "limite par jour",
        "pro Tag",
        "Tägliches Limit überschritten",
    ],
)
def test_a_limit_that_speaks_of_the_day_is_over_for_the_day(text: str) -> None:
    assert Refusal(429, None, text, is_empty=False).is_quota


@pytest.mark.parametrize("status", [400, 403, 429])
@pytest.mark.parametrize("text", ["rate limit exceeded", "too many requests", "limiet overschreden", "limite dépassée"])
def test_a_limit_that_does_not_may_pass(status: int, text: str) -> None:
    refusal = Refusal(status, None, text, is_empty=False)

    assert (refusal.is_quota, refusal.is_throttle) == (False, True)


def test_too_many_connections_pass() -> None:
    assert Refusal(403, -51, "maximum number of connections reached", is_empty=False).is_transient


@pytest.mark.parametrize("operation", Operation)
def test_a_run_is_patient_for_three_minutes_at_every_call_and_a_day_survives_it(operation: Operation) -> None:
    attempts = Retries().of_a_run(operation)
    pauses = list(attempts.pauses)

    assert 180 < sum(pauses) < 240
    assert operation.daily_maximum <= 2 or (1 + len(pauses)) * (1 + len(OUTAGE_WAITS)) <= operation.daily_maximum
