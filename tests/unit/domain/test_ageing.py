from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitr.domain.accounting.outstanding_items import Bucket, OutstandingItem, OutstandingItemType, ageing_buckets

MODERATE = settings(max_examples=30, deadline=None)
BOUNDS = st.lists(st.integers(1, 400), unique=True, max_size=8).map(sorted)
TODAY = date(2026, 11, 22)


def an_item(document_date: date = TODAY, due_date: date | None = None) -> OutstandingItem:
    return OutstandingItem(
        type=OutstandingItemType.RECEIVABLE,
        bookyear=1,
        journal_key="V1",
        document_number=1,
        line_sequence=0,
        relation=None,
        document_date=document_date,
        due_date=due_date,
        amount=Decimal("100.00"),
        amount_outstanding=Decimal("100.00"),
        currency="EUR",
        currency_amount=None,
        currency_amount_outstanding=None,
        description=None,
        reference=None,
    )


def test_the_default_buckets_are_those_of_the_dashboard() -> None:
    assert ageing_buckets([30, 60, 90]) == [
        Bucket(None, 0),
        Bucket(1, 30),
        Bucket(31, 60),
        Bucket(61, 90),
        Bucket(91, None),
    ]


@MODERATE
@given(BOUNDS, st.integers(-50, 500))
def test_every_number_of_days_is_in_exactly_one_bucket(bounds: list[int], days: int) -> None:
    assert sum(bucket.holds(days) for bucket in ageing_buckets(bounds)) == 1


@MODERATE
@given(BOUNDS)
def test_a_bucket_ends_on_each_bound_asked_for(bounds: list[int]) -> None:
    assert [bucket.to_days for bucket in ageing_buckets(bounds)] == [0, *bounds, None]


def test_a_bucket_of_one_day_is_labelled_by_that_day() -> None:
    assert [str(bucket.label) for bucket in ageing_buckets([1, 2])] == ["not due", "1", "2", ">2"]


def test_without_bounds_there_is_due_and_not_due() -> None:
    assert [str(bucket.label) for bucket in ageing_buckets([])] == ["not due", "overdue"]


@pytest.mark.parametrize("bounds", [[0, 30], [-1], [30, 30], [60, 30]])
def test_bounds_that_are_not_positive_and_rising_are_refused(bounds: list[int]) -> None:
    with pytest.raises(ValueError, match="positive and rising"):
        ageing_buckets(bounds)


@pytest.mark.parametrize(("due_in", "overdue"), [(1, 0), (0, 0), (-1, 1), (-31, 31)])
def test_an_item_is_overdue_from_the_day_after_its_due_date(due_in: int, overdue: int) -> None:
    assert an_item(due_date=TODAY + timedelta(days=due_in)).days_overdue(TODAY) == overdue


def test_an_item_without_due_date_is_due_on_its_date() -> None:
    assert an_item(document_date=TODAY - timedelta(days=3)).days_overdue(TODAY) == 3
