from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import ANY

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitr.domain.accounting.outstanding_items import (
    Bucket,
    OutstandingItem,
    OutstandingSum,
    ageing_buckets,
    bucket_starts,
    largest_relations,
    outstanding_amount,
    outstanding_totals,
)
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
    buckets = ageing_buckets(bounds)
    totals, by_relation = outstanding_totals(items, TODAY, buckets), largest_relations(items, TODAY, buckets, 9)

    for relation, ageing in [(ANY, totals.ageing), *by_relation]:
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
    assert {relation for relation, _ in by_relation} == {item.relation for item in items}


def summed(
    items: list[OutstandingItem], bounds: list[int], part: Callable[[OutstandingItem], dict[str, Any]]
) -> list[OutstandingSum]:
    """Of each part and bucket one sum."""
    parts: dict[object, list[OutstandingItem]] = defaultdict(list)
    for item in items:
        overdue = (TODAY - item.due).days
        place = sum(bound < overdue for bound in (0, *bounds))
        parts[place, item.amount_outstanding < 0, *part(item).values()].append(item)
    return [
        OutstandingSum(
            **{"relation": None, "journal_key": "", **part(its[0])},
            due=min(item.due for item in its),
            amount_outstanding=sum((item.amount_outstanding for item in its), Decimal(0)),
            count=len(its),
        )
        for its in parts.values()
    ]


@MODERATE
@given(BOUNDS, ITEMS)
def test_sums_tell_what_their_items_tell(bounds: list[int], items: list[OutstandingItem]) -> None:
    buckets = ageing_buckets(bounds)

    by_journal = summed(items, bounds, lambda item: {"journal_key": item.journal_key})
    assert outstanding_totals(by_journal, TODAY, buckets) == outstanding_totals(items, TODAY, buckets)
    assert outstanding_amount(by_journal) == outstanding_amount(items)

    by_relation = summed(items, bounds, lambda item: {"relation": item.relation})
    assert largest_relations(by_relation, TODAY, buckets, 2) == largest_relations(items, TODAY, buckets, 2)


@MODERATE
@given(BOUNDS, st.integers(-10, 500), st.integers(-10, 500))
def test_what_lies_between_the_same_starts_is_in_the_same_bucket(bounds: list[int], one: int, other: int) -> None:
    buckets = ageing_buckets(bounds)
    items = [due(one), due(other)]
    passed = [sum(start <= days for start in bucket_starts(buckets)) for days in (one, other)]
    counted = {row.count for row in outstanding_totals(items, TODAY, buckets).ageing.buckets}
    assert passed[0] != passed[1] or 2 in counted


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
    largest = largest_relations(items, TODAY, ageing_buckets([30]), 9)
    assert [relation for relation, _ in largest] == [5, 2, 9, None]
    assert largest_relations(items, TODAY, ageing_buckets([30]), 2) == largest[:2]


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
