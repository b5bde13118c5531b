"""Open items on past days, over random documents and matchings, against the contract's own words."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitr.domain.accounting.open_items_at import (
    OpenPart,
    OutstandingBasis,
    Settlement,
    basis_of,
    in_currency,
    open_items_at,
    open_sums_at,
)
from monitr.domain.accounting.outstanding_items import (
    OutstandingItem,
    ageing_buckets,
    largest_relations,
    outstanding_totals,
)
from tests.unit.domain.open_items import TODAY, Books, Matching, amounts, an_item

FIRST = date(2026, 1, 1)
DAYS = st.integers(0, 59).map(lambda days: FIRST + timedelta(days=days))
MATCHED = date(2026, 3, 10)


@st.composite
def books(draw: st.DrawFn) -> Books:
    left = draw(st.lists(st.integers(-5, 5).filter(bool), min_size=1, max_size=8))
    items = [
        an_item(number, document_date=draw(DAYS), amount=Decimal(each), amount_outstanding=Decimal(each))
        for number, each in enumerate(left)
    ]
    matchings = list[Matching]()
    for _ in range(draw(st.integers(0, 8))):
        pairs = [(i, p) for i, one in enumerate(left) for p, other in enumerate(left) if one > 0 > other]
        if pairs:
            invoice, payment = draw(st.sampled_from(pairs))
            matched = draw(st.integers(1, min(left[invoice], -left[payment])))
            left[invoice] -= matched
            left[payment] += matched
            matchings.append(Matching(invoice, payment, Decimal(matched)))
    return Books(items, matchings)


@given(books(), DAYS)
def test_what_stood_open_is_what_was_booked_by_then_less_what_was_matched_by_then(books: Books, day: date) -> None:
    found = open_items_at(day, books.report(), books.settlements())
    assert amounts(found) == amounts(books.standing(day))


@given(books())
def test_on_its_own_day_the_report_is_what_is_rebuilt(books: Books) -> None:
    assert open_items_at(FIRST + timedelta(days=59), books.report(), books.settlements()) == books.report()


def parts_of(items: list[OutstandingItem], settlements: list[Settlement]) -> list[OpenPart]:
    given = [*((item, None) for item in items), *settlements]
    return [
        OpenPart(item.key, item.relation, item.due, item.document_date, on, item.amount_outstanding)
        for item, on in given
    ]


@given(books(), st.sets(DAYS, min_size=1, max_size=6), st.data())
def test_sums_of_many_days_are_those_of_their_items(books: Books, days: set[date], data: st.DataObject) -> None:
    """Whichever relations and due dates the parts of an item name, and whenever they come."""
    told = [(None, None), (5, None), (6, FIRST + timedelta(days=40))]

    def varied(item: OutstandingItem) -> OutstandingItem:
        relation, due = data.draw(st.sampled_from(told))
        return replace(item, relation=relation, due_date=due, document_date=data.draw(DAYS))

    listed = [varied(item) for item in books.report()]
    settlements = [Settlement(varied(item), on) for item, on in books.settlements()]
    in_order, parts, buckets = sorted(days), parts_of(listed, settlements), ageing_buckets([1, 30])
    totals = open_sums_at(in_order, parts, by_relation=False)
    relations = open_sums_at(in_order, parts, by_relation=True)
    for day in days:
        items = open_items_at(day, listed, settlements)
        assert outstanding_totals(totals[day], day, buckets) == outstanding_totals(items, day, buckets)
        assert largest_relations(relations[day], day, buckets, 3) == largest_relations(items, day, buckets, 3)


@given(books(), DAYS)
def test_an_item_keeps_its_amount_however_much_of_it_is_settled(books: Books, day: date) -> None:
    booked = {item.key: item.amount for item in books.items}
    found = open_items_at(day, books.report(), books.settlements())
    assert {item.key: item.amount for item in found} == {item.key: booked[item.key] for item in found}


def settled(by: str, on: date = MATCHED, **changes: object) -> Settlement:
    return Settlement(an_item(1, amount_outstanding=Decimal(by), **changes), on)


def test_a_document_that_is_not_known_was_booked_for_what_was_taken_off_it_at_least() -> None:
    parts = [settled("40.00", amount=Decimal("40.00")), settled("60.00", amount=Decimal("60.00"))]
    assert [item.amount for item in open_items_at(TODAY - timedelta(days=300), [], parts)] == [Decimal("100.00")]


def test_what_the_report_takes_back_without_a_matching_cancels_what_a_matching_took_off() -> None:
    """A correction may be negative: what the report leaves open beyond what matchings leave."""
    parts = [settled("40.00"), settled("-40.00")]
    assert open_items_at(MATCHED - timedelta(days=1), [], parts) == []


@pytest.mark.parametrize(
    ("outstanding", "amount", "currency_amount", "found"),
    [("100", "100", "110", "110"), ("40", "100", "110", None), ("40", "100", "100", "40"), ("40", "100", None, None)],
    ids=["the whole", "a part in another currency", "a part in the books' own", "not known"],
)
def test_a_part_of_a_document_in_another_currency_is_not_known_in_it(
    outstanding: str, amount: str, currency_amount: str | None, found: str | None
) -> None:
    given = Decimal(currency_amount) if currency_amount else None
    assert in_currency(Decimal(outstanding), Decimal(amount), given) == (found and Decimal(found))


def test_what_was_settled_stands_open_beside_the_rest() -> None:
    rest = an_item(1, amount_outstanding=Decimal("30.00"), currency_amount=Decimal("110.00"), due_date=MATCHED)
    (item,) = open_items_at(MATCHED - timedelta(days=1), [rest], [settled("70.00")])
    whole = Decimal("100.00")
    assert item == replace(rest, amount_outstanding=whole, currency_amount_outstanding=Decimal("110.00"))


@pytest.mark.parametrize(
    ("days_ago", "basis"),
    [
        (-1, OutstandingBasis.CURRENT),
        (0, OutstandingBasis.CURRENT),
        (1, OutstandingBasis.SNAPSHOT),
        (2, OutstandingBasis.REBUILT),
    ],
)
def test_a_past_day_is_rebuilt_where_no_import_found_it(days_ago: int, basis: OutstandingBasis) -> None:
    assert basis_of(TODAY - timedelta(days=days_ago), TODAY, {TODAY - timedelta(days=1)}) is basis
