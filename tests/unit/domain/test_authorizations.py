from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitr.domain.authorization import AUTHORIZATION_LIFETIME, digest, leeway
from tests.unit.fakes import NOON, an_authorization, some_tokens


@pytest.mark.parametrize(
    ("after", "is_open"),
    [
        (timedelta(), True),
        (timedelta(minutes=10, microseconds=-1), True),
        (timedelta(minutes=10), False),
        (timedelta(days=1), False),
    ],
)
def test_a_round_is_open_for_ten_minutes(after: timedelta, is_open: bool) -> None:
    assert an_authorization(expires_at=NOON + AUTHORIZATION_LIFETIME).is_open(NOON + after) is is_open


def test_a_used_round_is_not_open() -> None:
    assert not an_authorization().consumed(NOON).is_open(NOON)


def test_a_round_that_no_browser_opened_belongs_to_none() -> None:
    assert not an_authorization().belongs_to("anna's browser")
    assert not an_authorization().belongs_to(None)


def test_a_round_belongs_to_the_browser_that_opened_it() -> None:
    begun = an_authorization().started("anna's browser", "state", "verifier")

    assert begun.belongs_to("anna's browser")
    assert not begun.belongs_to("another browser")
    assert not begun.belongs_to("")
    assert not begun.belongs_to(None)


def test_a_round_keeps_no_secret_that_comes_back_with_the_browser() -> None:
    begun = an_authorization("the-ticket").started("the-browser", "the-state", None)

    assert (begun.ticket, begun.state) == (digest("the-ticket"), digest("the-state"))
    assert not [secret for secret in ("the-ticket", "the-browser", "the-state") if secret in repr(begun)]


def test_a_round_that_begins_anew_forgets_its_former_state() -> None:
    again = an_authorization().started("browser", "first", "one").started("browser", "second", "two")

    assert (again.state, again.verifier) == (digest("second"), "two")


def test_tokens_are_not_in_their_repr() -> None:
    shown = repr(some_tokens(access_token="s3cret-access", refresh_token="s3cret-refresh"))

    assert "s3cret" not in shown


@given(st.timedeltas(timedelta(seconds=1), timedelta(days=60)))
def test_a_token_is_renewed_a_minute_or_a_tenth_of_its_life_before_its_end(life: timedelta) -> None:
    early = leeway(life)

    assert timedelta() < early <= timedelta(minutes=1)
    assert abs(early - life / 10) <= timedelta(microseconds=1) or life > timedelta(minutes=10)


def test_a_token_of_a_few_seconds_is_not_due_when_it_arrives() -> None:
    assert leeway(timedelta(seconds=5)) == timedelta(seconds=0.5)
