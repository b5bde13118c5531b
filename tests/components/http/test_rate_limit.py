from uuid import UUID

from monitr.domain.organisation import OrganisationId
from monitr.domain.roles import Principal, Role
from monitr.entrypoints.http.rate_limit import RateLimit


def a_user(subject: str = "anna", organisation: int = 1) -> Principal:
    return Principal(OrganisationId(UUID(int=organisation)), subject, frozenset(Role))


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_as_many_requests_as_the_limit_may_come_at_once_and_the_next_waits() -> None:
    limit = RateLimit(60, Seconds())
    assert [limit.wait(a_user()) for _ in range(61)] == [None] * 60 + [1]


def test_the_allowance_comes_back_evenly() -> None:
    seconds = Seconds()
    limit = RateLimit(6, seconds)
    assert [limit.wait(a_user()) for _ in range(7)][-1] == 10
    seconds.now = 9.0
    assert limit.wait(a_user()) == 1
    seconds.now = 10.5
    assert limit.wait(a_user()) is None
    assert limit.wait(a_user()) is not None


def test_users_do_not_take_from_each_other_nor_does_the_same_name_elsewhere() -> None:
    limit = RateLimit(1, Seconds())
    assert limit.wait(a_user("anna")) is None
    assert limit.wait(a_user("bert")) is None
    assert limit.wait(a_user("anna", organisation=2)) is None
    assert limit.wait(a_user("anna")) is not None


def test_off_means_without_limit() -> None:
    limit = RateLimit(None)
    assert {limit.wait(a_user()) for _ in range(10_000)} == {None}


def test_ten_thousand_idle_users_are_forgotten_and_the_busy_ones_are_not() -> None:
    seconds = Seconds()
    limit = RateLimit(1, seconds)
    for number in range(10_000):
        limit.wait(a_user(str(number)))
    seconds.now = 59.0
    limit.wait(a_user("busy"))  # the 10,001st
    seconds.now = 61.0
    limit.wait(a_user("one more"))
    assert len(limit._buckets) == 2
    assert limit.wait(a_user("busy")) is not None
