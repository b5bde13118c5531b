from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import ANY

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitr.domain.accounting.outstanding_items import Bucket, OutstandingItem, ageing_buckets, outstanding_totals
from tests.unit.domain.open_items import TODAY, an_item

MODERATE = settings(max_examples=30, deadline=None)
BOUNDS = st.lists(st.integers(1, 400), unique=True, max_size=8).map(sorted)


def test_the_default_buckets_are_those_of_the_dashboard() -> None:
    assert ageing_buckets([30, 60, 90]) == [
        Bucket(None, 0),
        Bucket(1, 30),
        Bucket(31, 60),
        Bucket(61, 90),
        Bucket(91, None),
    ]


def due(days_ago: int, amount: str = "1.00", **changes: Any) -> OutstandingItem:
    return an_item(due_date=TODAY - timedelta(days=days_ago), amount_outstanding=Decimal(amount), **changes)


ITEMS = st.lists(
    st.builds(
        due,
        st.sampled_from([-10, 0, 1, 2, 29, 30, 31, 60, 400]),
        st.integers(-20_000, 20_000).map(lambda cents: str(Decimal(cents).scaleb(-2))),
        relation=st.sampled_from([None, 5, 6]),
        journal_key=st.sampled_from(["V1", "A2", "F1", "D1"]),
    ),
    max_size=12,
)


@MODERATE
@given(BOUNDS, ITEMS)
def test_every_item_is_in_the_bucket_of_its_days_whole_and_by_relation(
    bounds: list[int], items: list[OutstandingItem]
) -> None:
    totals = outstanding_totals(items, TODAY, ageing_buckets(bounds))

    for relation, ageing in [(ANY, totals.ageing), *totals.by_relation]:
        own = [item for item in items if item.relation == relation]
        assert ageing.amount == sum(item.amount_outstanding for item in own)
        assert ageing.overdue == sum(item.amount_outstanding for item in own if item.due < TODAY)
        assert ageing.oldest_due_date == min((item.due for item in own), default=None)
        for row in ageing.buckets:
            least, most = row.bucket.from_days, row.bucket.to_days
            days = [max((TODAY - item.due).days, 0) for item in own]
            in_it = [(least is None or least <= each) and (most is None or each <= most) for each in days]
            assert row.count == sum(in_it)
            assert row.amount == sum(item.amount_outstanding for item, there in zip(own, in_it, strict=True) if there)
    assert {relation for relation, _ in totals.by_relation} == {item.relation for item in items}


@MODERATE
@given(ITEMS)
def test_invoices_credit_notes_and_unmatched_payments_make_the_total(items: list[OutstandingItem]) -> None:
    totals = outstanding_totals(items, TODAY, ageing_buckets([]))

    negative = [item for item in items if item.amount_outstanding < 0]
    assert totals.invoices == sum(item.amount_outstanding for item in items if item.amount_outstanding > 0)
    assert totals.credit_notes == sum(item.amount_outstanding for item in negative if item.journal_key[0] in "AV")
    assert totals.unmatched_payments == sum(item.amount_outstanding for item in negative if item.journal_key[0] in "FD")
    assert totals.invoices + totals.credit_notes + totals.unmatched_payments == totals.ageing.amount


def test_the_relation_with_the_largest_amount_comes_first_and_none_behind_its_equals() -> None:
    items = [due(1, "5.00", relation=9), due(1, "5.00", relation=None), due(1, "5.00", relation=2), due(1, "7.00")]
    assert [relation for relation, _ in outstanding_totals(items, TODAY, ageing_buckets([30])).by_relation] == [
        5,
        2,
        9,
        None,
    ]


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
    assert an_item(document_date=TODAY - timedelta(days=3), due_date=None).days_overdue(TODAY) == 3
